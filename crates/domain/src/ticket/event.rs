//! What happened: the only thing that is stored. Names and fields are a lasting format; add, never change.

use serde::{Deserialize, Serialize};

use super::state::{Answered, Appeal, ClosureRequest, Finding, HandOver, Imported, LedgerEntry, Refused, Verdict};
use crate::{
    Basis, Instant, Kind, Role,
    clock::{Clock, Extension},
    rulebook::SupervisionMeasure,
    words::{Contact, Satisfaction},
};

/// One event. When and by whom is kept beside it in the journal ([`Meta`]).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Event {
    Registered(Box<Registered>),
    /// A further appeal on the same matter hangs on this ticket.
    AppealAttached {
        appeal: Appeal,
    },
    MarkedDifficult {
        reason: String,
    },
    ReferredUp {
        to: Role,
        question: String,
    },
    /// The judgement that had been asked for: it is ours to take.
    Accepted {
        note: String,
    },
    Refused(Refused),
    AnsweredAtOnce(Answered),
    HandedOver(HandOver),
    /// An emergency line took it for good.
    PassedOn(HandOver),

    Dispatched {
        lead: String,
        assists: Vec<String>,
        note: String,
        rulebook: (String, u32),
        call: Option<HandOver>,
    },
    Signed {
        unit: String,
    },
    ReturnAsked {
        reason: String,
        basis: Option<String>,
        redirect: Option<String>,
    },
    ReturnOpened {
        reason: String,
    },
    ReturnApproved {
        note: String,
    },
    ReturnRefused {
        reason: String,
        basis: Basis,
    },
    ExtensionAsked {
        days: u32,
        reason: String,
    },
    ExtensionGranted {
        days: u32,
        note: String,
    },
    ExtensionRefused {
        reason: String,
    },
    ContactRecorded {
        by: Contact,
        reached: bool,
        explained: bool,
        note: String,
        unit: String,
    },
    AssistDelivered {
        unit: String,
        text: String,
    },
    ReplyDrafted {
        text: String,
    },
    ReplyAudited {
        unit: String,
        text: String,
        /// Why the lead replied without assists that were late.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        without_assists: Option<String>,
    },
    ReplyReopened {
        reason: String,
    },
    ClosureAsked(ClosureRequest),
    ClosureRefused {
        reason: String,
    },
    Closed(ClosureRequest),

    FollowUpTried {
        by: Contact,
        reached: bool,
        note: String,
    },
    Rated {
        result: Satisfaction,
        attitude: Option<Satisfaction>,
        solved: Option<bool>,
        comment: String,
        by: Contact,
    },
    RatingVerified {
        verdict: Verdict,
        basis: Basis,
    },
    Redone {
        reason: String,
    },
    FollowUpEnded {
        finding: Option<Finding>,
        rated: bool,
    },
    Archived,
    Imported(Imported),

    SupervisionProposed(LedgerEntry),
    SupervisionOpened {
        no: u32,
        fault: String,
    },
    SupervisionDismissed {
        no: u32,
        reason: String,
    },
    SupervisionMeasured {
        no: u32,
        measure: SupervisionMeasure,
        notice: String,
        /// The clock of the rectification it sets a limit for.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        clock: Option<u32>,
    },
    RectificationReported {
        no: u32,
        text: String,
    },
    SupervisionEnded {
        no: u32,
        result: String,
    },

    ClockStarted(Clock),
    /// Done at `at`: not always the moment of the event, because a closure counts from its application.
    ClockMet {
        clock: u32,
        at: Instant,
    },
    ClockVoid {
        clock: u32,
    },
    ClockHeld {
        clock: u32,
    },
    ClockReleased {
        clock: u32,
    },
    ClockPaused {
        clock: u32,
    },
    ClockResumed {
        clock: u32,
        due: Instant,
        provisional: bool,
    },
    ClockExtended {
        clock: u32,
        due: Instant,
        provisional: bool,
        extension: Extension,
    },
    /// The due instant passed while the clock ran.
    ClockExpired {
        clock: u32,
    },
    /// A year's notice came out: the provisional due instant was counted anew.
    ClockRecounted {
        clock: u32,
        due: Instant,
        provisional: bool,
        calendar: String,
    },
}

/// What a registration holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Registered {
    pub number: String,
    pub kind: Kind,
    pub urgent: bool,
    pub confidential: bool,
    pub title: String,
    pub content: String,
    pub place: Option<String>,
    pub category: Option<String>,
    pub appeal: Appeal,
    pub earlier: Vec<String>,
}

/// When and by whom; beside each event in the journal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Meta {
    pub at: Instant,
    /// Account id.
    pub by: String,
}

impl Event {
    /// The event's name as stored.
    pub fn name(&self) -> &'static str {
        self.names().0
    }

    /// The event's name for people.
    pub fn zh(&self) -> &'static str {
        self.names().1
    }

    fn names(&self) -> (&'static str, &'static str) {
        match self {
            Event::Registered(_) => ("registered", "登记"),
            Event::AppealAttached { .. } => ("appeal-attached", "并入诉求"),
            Event::MarkedDifficult { .. } => ("marked-difficult", "标为疑难"),
            Event::ReferredUp { .. } => ("referred-up", "逐级汇报"),
            Event::Accepted { .. } => ("accepted", "认定受理"),
            Event::Refused(_) => ("refused", "不予受理"),
            Event::AnsweredAtOnce(_) => ("answered-at-once", "即时答复"),
            Event::HandedOver(_) => ("handed-over", "电话转办"),
            Event::PassedOn(_) => ("passed-on", "转紧急专线"),
            Event::Dispatched { .. } => ("dispatched", "派单"),
            Event::Signed { .. } => ("signed", "签收"),
            Event::ReturnAsked { .. } => ("return-asked", "申请退单"),
            Event::ReturnOpened { .. } => ("return-opened", "开放退单"),
            Event::ReturnApproved { .. } => ("return-approved", "同意退单"),
            Event::ReturnRefused { .. } => ("return-refused", "不同意退单"),
            Event::ExtensionAsked { .. } => ("extension-asked", "申请延期"),
            Event::ExtensionGranted { .. } => ("extension-granted", "同意延期"),
            Event::ExtensionRefused { .. } => ("extension-refused", "不同意延期"),
            Event::ContactRecorded { .. } => ("contact-recorded", "联系诉求人"),
            Event::AssistDelivered { .. } => ("assist-delivered", "提交协办结果"),
            Event::ReplyDrafted { .. } => ("reply-drafted", "起草答复"),
            Event::ReplyAudited { .. } => ("reply-audited", "审定答复"),
            Event::ReplyReopened { .. } => ("reply-reopened", "重新起草答复"),
            Event::ClosureAsked(_) => ("closure-asked", "申请办结"),
            Event::ClosureRefused { .. } => ("closure-refused", "不同意办结"),
            Event::Closed(_) => ("closed", "办结"),
            Event::FollowUpTried { .. } => ("follow-up-tried", "回访"),
            Event::Rated { .. } => ("rated", "评价"),
            Event::RatingVerified { .. } => ("rating-verified", "核实评价"),
            Event::Redone { .. } => ("redone", "发回重办"),
            Event::FollowUpEnded { .. } => ("follow-up-ended", "回访结束"),
            Event::Archived => ("archived", "归档"),
            Event::Imported(_) => ("imported", "历史导入"),
            Event::SupervisionProposed(_) => ("supervision-proposed", "列为督办线索"),
            Event::SupervisionOpened { .. } => ("supervision-opened", "列入督办台账"),
            Event::SupervisionDismissed { .. } => ("supervision-dismissed", "不予督办"),
            Event::SupervisionMeasured { .. } => ("supervision-measured", "督办"),
            Event::RectificationReported { .. } => ("rectification-reported", "报告整改"),
            Event::SupervisionEnded { .. } => ("supervision-ended", "督办销号"),
            Event::ClockStarted(_) => ("clock-started", "开始计时"),
            Event::ClockMet { .. } => ("clock-met", "完成"),
            Event::ClockVoid { .. } => ("clock-void", "计时终止"),
            Event::ClockHeld { .. } => ("clock-held", "审核中不计逾期"),
            Event::ClockReleased { .. } => ("clock-released", "恢复计时"),
            Event::ClockPaused { .. } => ("clock-paused", "暂停计时"),
            Event::ClockResumed { .. } => ("clock-resumed", "继续计时"),
            Event::ClockExtended { .. } => ("clock-extended", "延长时限"),
            Event::ClockExpired { .. } => ("clock-expired", "到期"),
            Event::ClockRecounted { .. } => ("clock-recounted", "按放假通知重新计算"),
        }
    }
}
