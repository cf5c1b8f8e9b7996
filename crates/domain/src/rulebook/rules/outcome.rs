//! Asking afterwards, redo, and what counts.

use super::rules;
use crate::{Kind, words::words};

words! {
    /// What is asked besides satisfaction with the result.
    Asked, "回访内容" {
        Attitude = "attitude" "服务态度",
        Solved = "solved" "是否解决",
    }
}

words! {
    /// From when the appellant can rate.
    RateFrom, "可评价时间" {
        Closure = "closure" "办结后",
        Reply = "reply" "答复后",
    }
}

words! {
    /// When a message to the appellant goes out.
    MessageOn, "短信时机" {
        Registered = "registered" "登记",
        Refused = "refused" "不予受理",
        Answered = "answered" "即时答复",
        Transferred = "transferred" "转其他地区",
        TransferEnded = "transfer-ended" "转办结果",
        Joined = "joined" "并入工单",
        Withdrawn = "withdrawn" "撤回",
        Dispatched = "dispatched" "派单",
        ExtensionGranted = "extension-granted" "同意延期",
        ReplyAudited = "reply-audited" "答复审定",
        Closed = "closed" "办结",
        AskAgain = "ask-again" "评价不明",
        Redo = "redo" "重办",
        Tracked = "tracked" "跟踪结果",
    }
}

rules! {
    /// Asking the appellant afterwards.
    FollowUpRule |_| "follow-up" => {
        /// Attempts without an answer after which the follow-up of an appellant ends unrated.
        attempts: u32,
        /// The first attempt must be by the way the appellant chose.
        #[serde(default)]
        chosen_way: bool,
        /// What a clerk has to ask besides satisfaction with the result.
        #[serde(default)]
        asks: Vec<Asked>,
        #[serde(default = "from_closure")]
        from: RateFrom,
    }

    /// Handling once more after an unsatisfied rating that was verified.
    RedoRule |_| "redo" => {
        /// The unsatisfied rating (counted over the ticket's life) from which on a redo goes with an entry in the supervision ledger.
        ledger_from: u32,
    }

    /// A verified fault for which a ticket goes back. Without any, every fault of the unit's does.
    RedoGround |r| &r.id => {
        id: String,
        name: String,
    }

    /// A ground on which an unsatisfied rating brings no redo.
    NoRedoGround |r| &r.id => {
        id: String,
        name: String,
        /// With the unit's proof the matter can be settled: repeats are answered from its closing opinion.
        #[serde(default)]
        settles: bool,
    }

    /// When the same fact and reason are not taken (dispatched) again.
    SettledRule |_| "settled" => {
        /// Closed after a supervised redo and confirmed by the centre.
        #[serde(default)]
        after_redo: bool,
        /// Closed on the unit's proof, reviewed by the centre.
        #[serde(default)]
        by_proof: bool,
    }

    /// A ground on which a rating is left out of the assessment.
    ExemptRule |r| &r.id => {
        id: String,
        name: String,
        /// Only for appeals of these kinds; empty: any.
        #[serde(default)]
        kinds: Vec<Kind>,
        /// Only where the ticket was closed on this ground.
        #[serde(default)]
        closed_as: Option<String>,
        /// Only where the appellant was spoken to and it was explained.
        #[serde(default)]
        explained: bool,
        /// Only on application with evidence, not by the clerk who verifies a rating.
        #[serde(default)]
        on_application: bool,
    }

    /// Exclusion from assessment as a procedure: application, review, and one appeal against it.
    ExclusionRule |_| "exclusion" => {
    }

    /// Archive and retention.
    ArchiveRule |_| "archive" => {
        keeps: Vec<String>,
        /// Years recordings are kept at least.
        recordings_years: u32,
    }

    /// A text to the appellant. Placeholders: see `docs/rulebook-format.md`.
    MessageRule |r| &r.id => {
        id: String,
        on: MessageOn,
        text: String,
    }
}

fn from_closure() -> RateFrom {
    RateFrom::Closure
}
