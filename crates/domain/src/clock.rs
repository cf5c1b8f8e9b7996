//! The clocks that run beside a ticket: each says whose duty runs out when, and why.

use serde::{Deserialize, Serialize};

use crate::{
    Amount, Basis, Calendar, Instant,
    calendar::CalendarError,
    limit::{self, Counting, Due, Measure, Pause},
    words::words,
};

words! {
    /// What a clock measures.
    ClockKind, "时限类别" {
        Referral = "referral" "认定",
        Dispatch = "dispatch" "派单",
        Sign = "sign" "签收",
        Return = "return" "退单窗口",
        ReturnReview = "return-review" "退单审核",
        Handle = "handle" "办理",
        Assist = "assist" "协办",
        ExtensionReview = "extension-review" "延期审核",
        ClosureReview = "closure-review" "办结审核",
        FollowUp = "follow-up" "回访",
        Verify = "verify" "核实",
        Rectify = "rectify" "整改",
        Archive = "archive" "归档",
        Consultation = "consultation" "会商",
        Approval = "approval" "审定",
        Transfer = "transfer" "外转办理",
        ReportIn = "report-in" "报到",
        Supplement = "supplement" "补充核实",
        Opinion = "opinion" "研处",
        Relay = "relay" "代为答复",
        Track = "track" "跟踪督办",
        Settle = "settle" "定案审核",
        Urging = "urging" "催办答复",
        Exclusion = "exclusion" "不纳入考核审核",
        // Of the knowledge base; none of these runs beside a ticket.
        Question = "question" "我要答复",
        Knowledge = "knowledge" "知识录入",
        Correction = "correction" "知识纠错",
        PolicyText = "policy-text" "正式文件上传",
    }
}

impl ClockKind {
    /// Whether it runs on an entry of the knowledge base, never on a ticket.
    pub const fn of_knowledge(self) -> bool {
        matches!(self, ClockKind::Question | ClockKind::Knowledge | ClockKind::Correction | ClockKind::PolicyText)
    }

    /// Whether missing it is a failure of somebody. A return window that closes and an archive date that comes are not.
    pub const fn is_duty(self) -> bool {
        !matches!(self, ClockKind::Return | ClockKind::Archive)
    }
}

/// Where a clock stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "is")]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub enum ClockStatus {
    Running,
    /// Nobody is late while somebody else decides (a closure applied for in time and under review); the due instant stays.
    Held,
    /// Standing still; what is left goes on later.
    Paused {
        #[cfg_attr(feature = "schema", schema(value_type = String, format = DateTime))]
        since: Instant,
    },
    /// The duty was done at this instant (perhaps late).
    Met {
        #[cfg_attr(feature = "schema", schema(value_type = String, format = DateTime))]
        at: Instant,
    },
    /// The duty fell away.
    Void {
        #[cfg_attr(feature = "schema", schema(value_type = String, format = DateTime))]
        at: Instant,
    },
}

/// One extension of a clock.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Extension {
    /// Days counted from the due day before: working days, or days of the calendar.
    pub days: u32,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub calendar_days: bool,
    #[cfg_attr(feature = "schema", schema(value_type = String, format = DateTime))]
    pub due_before: Instant,
    pub basis: Basis,
}

impl Extension {
    /// The days with the sort they were counted in: `5个工作日`, `15日`.
    pub fn amount(&self) -> Amount {
        let measure = if self.calendar_days { Measure::CalendarDays } else { Measure::WorkingDays };
        Amount { n: self.days, measure }
    }
}

/// A clock, with everything its due instant was computed from frozen in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Clock {
    /// Serial within the ticket, from 1.
    pub id: u32,
    pub kind: ClockKind,
    /// The unit whose duty it is; `None` = the centre.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    #[cfg_attr(feature = "schema", schema(value_type = String, format = DateTime))]
    pub from: Instant,
    /// The limit as the rule says it, e.g. `10 working days`.
    #[cfg_attr(feature = "schema", schema(value_type = String))]
    pub amount: Amount,
    #[cfg_attr(feature = "schema", schema(value_type = String, format = DateTime))]
    pub due: Instant,
    /// Counted into a year whose holiday notice is not out yet.
    pub provisional: bool,
    /// Version of the calendar it was counted with.
    pub calendar: String,
    pub basis: Basis,
    pub status: ClockStatus,
    /// Running past its due instant was noted in the journal.
    pub expired: bool,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub extensions: Vec<Extension>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pauses: Vec<Pause>,
}

impl Clock {
    /// Whether the duty is still open (running, held or paused).
    pub fn open(&self) -> bool {
        !matches!(self.status, ClockStatus::Met { .. } | ClockStatus::Void { .. })
    }

    /// The instant at which the worker must look: running and its expiry not noted yet.
    pub fn wakes_at(&self) -> Option<Instant> {
        (self.status == ClockStatus::Running && !self.expired).then_some(self.due)
    }

    /// Whether the time is up. In time is strictly before the due instant: 24:00 is already the next day. A clock that is held or stands
    /// still runs out only when it goes on.
    pub fn passed(&self, now: Instant) -> bool {
        self.expired || (self.status == ClockStatus::Running && now >= self.due)
    }

    /// Whether the duty was not done in time, as far as is known at `now`.
    pub fn late(&self, now: Instant) -> bool {
        match self.status {
            ClockStatus::Met { at } => at >= self.due,
            ClockStatus::Running => now >= self.due,
            ClockStatus::Held | ClockStatus::Paused { .. } => self.expired,
            ClockStatus::Void { .. } => self.expired,
        }
    }

    /// Due instant with a further pause, extensions kept ("pauses kept when something else changes").
    ///
    /// # Errors
    /// The answer lies outside the calendar.
    pub fn due_with(&self, cal: &Calendar, counting: Counting, pauses: &[Pause]) -> Result<Due, CalendarError> {
        let mut due = limit::due(cal, counting, self.from, self.amount, pauses)?;
        for extension in &self.extensions {
            let provisional = due.provisional;
            due = limit::extended(cal, counting, due.at, extension.days, !extension.calendar_days, pauses)?;
            due.provisional |= provisional;
        }
        Ok(due)
    }
}
