//! Supervision, urging, and conduct that is recorded for others to judge.

use super::rules;
use crate::words::words;

words! {
    /// What the system can see by itself; everything else is put forward by a person.
    Trigger, "触发条件" {
        Overdue = "overdue" "办理超期",
        AssistOverdue = "assist-overdue" "协办超期",
        RectifyOverdue = "rectify-overdue" "整改超期",
        Unsatisfied = "unsatisfied" "不满意评价达到次数",
        Disputed = "disputed" "对办理结果有异议",
        Returns = "returns" "多个单位退回",
        Repeated = "repeated" "多次交办仍不满意",
        Persons = "persons" "多人反映同一事项",
        Contacts = "contacts" "多次反映未解决",
        Redos = "redos" "多次发回重办",
        Urgings = "urgings" "多次催办未答复",
        ReturnReason = "return-reason" "以退单理由作为答复",
        Instruction = "instruction" "上级交办",
        Media = "media" "媒体曝光",
    }
}

impl Trigger {
    /// Whether it counts something, so that the rule must say how many.
    pub const fn counts(self) -> bool {
        use Trigger as T;
        matches!(self, T::Unsatisfied | T::Returns | T::Repeated | T::Persons | T::Contacts | T::Redos | T::Urgings)
    }
}

rules! {
    /// One ground of supervision.
    SuperviseRule |r| &r.id => {
        id: String,
        name: String,
        /// Left out: only a person can put it forward.
        #[serde(default)]
        found_by: Option<Trigger>,
        /// How many, for what counts.
        #[serde(default)]
        times: Option<u32>,
        /// The unit's fault must be found before an entry is made.
        #[serde(default)]
        fault_needed: bool,
    }

    /// What supervision can do.
    MeasureRule |r| &r.id => {
        id: String,
        name: String,
    }

    /// Pressing for an answer, by the centre or a superior unit. The limit of the answer is the limit rule with `clock = "urging"`.
    UrgingRule |_| "urging" => {
    }

    /// Conduct for which a unit or a person can be held to account: recorded with its evidence, never judged by the machine.
    ConductRule |r| &r.id => {
        id: String,
        name: String,
        #[serde(default)]
        found_by: Option<Trigger>,
        #[serde(default)]
        times: Option<u32>,
    }
}
