//! What people, channels and the worker ask for. `do` names the command; see `docs/api.md`.

use serde::{Deserialize, Serialize};

use super::state::{Finding, Help, Imported};
use crate::{
    Amount, Channel, Instant, Kind,
    rulebook::{ClosureGround, ExemptGround, SuperviseGround, SupervisionMeasure},
    words::{Contact, Satisfaction, words},
};

/// A new ticket. Who the appellant is travels beside it and never enters the journal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Register {
    pub kind: Kind,
    /// An emergency ticket (SR-15).
    #[serde(default)]
    pub urgent: bool,
    /// The appellant asks that units do not learn who they are.
    #[serde(default)]
    pub confidential: bool,
    pub title: String,
    pub content: String,
    #[serde(default)]
    pub place: Option<String>,
    #[serde(default)]
    pub category: Option<String>,
    pub channel: Channel,
    #[serde(default = "by_phone")]
    pub follow_up_by: Contact,
    /// Earlier tickets on the same matter, confirmed by the person who registers.
    #[serde(default)]
    pub earlier: Vec<String>,
}

fn by_phone() -> Contact {
    Contact::Phone
}

/// A call made to hand something over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Call {
    /// The line or unit called.
    pub to: String,
    /// Who took it there and what was said.
    pub note: String,
}

/// A limit of another law that goes before the rulebook's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct SpecialLimit {
    #[cfg_attr(feature = "schema", schema(value_type = String, example = "20 working days"))]
    pub limit: Amount,
    /// The law and article.
    pub law: String,
}

/// Where a ticket goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Dispatch {
    /// Unit id of the lead.
    pub lead: String,
    /// Unit ids of the assists.
    #[serde(default)]
    pub assists: Vec<String>,
    #[serde(default)]
    pub note: String,
    #[serde(default)]
    pub special: Option<SpecialLimit>,
    /// The call to the unit; an emergency ticket needs it.
    #[serde(default)]
    pub call: Option<Call>,
}

/// Everything that can be asked of an existing ticket.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "kebab-case", deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub enum Command {
    AttachAppeal {
        channel: Channel,
        #[serde(default = "by_phone")]
        follow_up_by: Contact,
        #[serde(default)]
        note: Option<String>,
    },
    MarkDifficult {
        reason: String,
    },
    ReferUp {
        question: String,
    },
    Accept {
        #[serde(default)]
        note: String,
    },
    Refuse {
        /// Class id of the rulebook.
        class: String,
        explanation: String,
        help: Help,
    },
    AnswerAtOnce {
        answer: String,
        #[serde(default)]
        entry: Option<String>,
    },
    /// Record an emergency call; `ends` = the line took it for good and nothing is left for us.
    HandOver {
        call: Call,
        #[serde(default)]
        ends: bool,
    },
    Dispatch(Dispatch),
    Sign {},
    AskReturn {
        reason: String,
        #[serde(default)]
        basis: Option<String>,
        #[serde(default)]
        redirect: Option<String>,
    },
    /// The centre opens a return window that has closed.
    OpenReturn {
        reason: String,
    },
    ReviewReturn {
        approve: bool,
        note: String,
    },
    AskExtension {
        /// Working days beyond the current due day.
        days: u32,
        reason: String,
    },
    ReviewExtension {
        approve: bool,
        note: String,
    },
    RecordContact {
        by: Contact,
        reached: bool,
        #[serde(default)]
        explained: bool,
        note: String,
    },
    DeliverAssist {
        text: String,
    },
    DraftReply {
        text: String,
    },
    /// Locks the reply and sends it. `without_assists` explains why the lead does not wait for late assists.
    AuditReply {
        #[serde(default)]
        without_assists: Option<String>,
    },
    /// Before closure was asked, or after it was refused: write the reply anew.
    ReopenReply {
        reason: String,
    },
    AskClosure {
        ground: ClosureGround,
        statement: String,
    },
    ReviewClosure {
        approve: bool,
        note: String,
    },
    FollowUp {
        by: Contact,
        reached: bool,
        #[serde(default)]
        note: String,
        /// Where reached and willing to rate.
        #[serde(default)]
        rating: Option<Rate>,
    },
    Rate(Rate),
    VerifyRating {
        finding: Finding,
        #[serde(default)]
        exempt: Option<ExemptGround>,
        reason: String,
    },
    Archive {},
    /// Propose or open supervision on a ground of the rulebook that the system cannot see by itself.
    ProposeSupervision {
        ground: SuperviseGround,
        note: String,
    },
    OpenSupervision {
        no: u32,
        /// How the unit is at fault.
        fault: String,
    },
    DismissSupervision {
        no: u32,
        reason: String,
    },
    TakeMeasure {
        no: u32,
        measure: SupervisionMeasure,
        notice: String,
        #[cfg_attr(feature = "schema", schema(value_type = String, example = "5 working days"))]
        rectify_within: Amount,
    },
    ReportRectification {
        no: u32,
        text: String,
    },
    EndSupervision {
        no: u32,
        result: String,
    },

    /// From the worker: look at the clocks.
    #[serde(skip)]
    TimePassed,
    /// From the worker: a notice came out, count provisional clocks anew.
    #[serde(skip)]
    Recount,
    /// From an import: the history of a ticket handled elsewhere.
    #[serde(skip)]
    TakeHistory {
        received_at: Instant,
        history: Option<Imported>,
    },
}

/// A rating by the appellant, or told to the follow-up clerk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Rate {
    pub result: Satisfaction,
    #[serde(default)]
    pub attitude: Option<Satisfaction>,
    #[serde(default)]
    pub solved: Option<bool>,
    #[serde(default)]
    pub comment: String,
}

words! {
    /// Every command by name: what permissions and the list of actions speak of.
    Action, "操作" {
        Register = "register" "登记",
        AttachAppeal = "attach-appeal" "并入诉求",
        MarkDifficult = "mark-difficult" "标为疑难",
        ReferUp = "refer-up" "逐级汇报",
        Accept = "accept" "认定受理",
        Refuse = "refuse" "不予受理",
        AnswerAtOnce = "answer-at-once" "即时答复",
        HandOver = "hand-over" "电话转办",
        Dispatch = "dispatch" "派单",
        Sign = "sign" "签收",
        AskReturn = "ask-return" "申请退单",
        OpenReturn = "open-return" "开放退单",
        ReviewReturn = "review-return" "审核退单",
        AskExtension = "ask-extension" "申请延期",
        ReviewExtension = "review-extension" "审核延期",
        RecordContact = "record-contact" "记录联系",
        DeliverAssist = "deliver-assist" "提交协办结果",
        DraftReply = "draft-reply" "起草答复",
        AuditReply = "audit-reply" "审定答复",
        ReopenReply = "reopen-reply" "重新起草",
        AskClosure = "ask-closure" "申请办结",
        ReviewClosure = "review-closure" "审核办结",
        FollowUp = "follow-up" "回访",
        Rate = "rate" "评价",
        VerifyRating = "verify-rating" "核实评价",
        Archive = "archive" "归档",
        ProposeSupervision = "propose-supervision" "提出督办",
        OpenSupervision = "open-supervision" "列入督办台账",
        DismissSupervision = "dismiss-supervision" "不予督办",
        TakeMeasure = "take-measure" "采取督办措施",
        ReportRectification = "report-rectification" "报告整改",
        EndSupervision = "end-supervision" "督办销号",
        TimePassed = "time-passed" "到时",
        Recount = "recount" "重新计算",
        TakeHistory = "take-history" "历史导入",
    }
}

impl Command {
    /// The command's name.
    pub fn action(&self) -> Action {
        match self {
            Command::AttachAppeal { .. } => Action::AttachAppeal,
            Command::MarkDifficult { .. } => Action::MarkDifficult,
            Command::ReferUp { .. } => Action::ReferUp,
            Command::Accept { .. } => Action::Accept,
            Command::Refuse { .. } => Action::Refuse,
            Command::AnswerAtOnce { .. } => Action::AnswerAtOnce,
            Command::HandOver { .. } => Action::HandOver,
            Command::Dispatch(_) => Action::Dispatch,
            Command::Sign {} => Action::Sign,
            Command::AskReturn { .. } => Action::AskReturn,
            Command::OpenReturn { .. } => Action::OpenReturn,
            Command::ReviewReturn { .. } => Action::ReviewReturn,
            Command::AskExtension { .. } => Action::AskExtension,
            Command::ReviewExtension { .. } => Action::ReviewExtension,
            Command::RecordContact { .. } => Action::RecordContact,
            Command::DeliverAssist { .. } => Action::DeliverAssist,
            Command::DraftReply { .. } => Action::DraftReply,
            Command::AuditReply { .. } => Action::AuditReply,
            Command::ReopenReply { .. } => Action::ReopenReply,
            Command::AskClosure { .. } => Action::AskClosure,
            Command::ReviewClosure { .. } => Action::ReviewClosure,
            Command::FollowUp { .. } => Action::FollowUp,
            Command::Rate(_) => Action::Rate,
            Command::VerifyRating { .. } => Action::VerifyRating,
            Command::Archive {} => Action::Archive,
            Command::ProposeSupervision { .. } => Action::ProposeSupervision,
            Command::OpenSupervision { .. } => Action::OpenSupervision,
            Command::DismissSupervision { .. } => Action::DismissSupervision,
            Command::TakeMeasure { .. } => Action::TakeMeasure,
            Command::ReportRectification { .. } => Action::ReportRectification,
            Command::EndSupervision { .. } => Action::EndSupervision,
            Command::TimePassed => Action::TimePassed,
            Command::Recount => Action::Recount,
            Command::TakeHistory { .. } => Action::TakeHistory,
        }
    }
}
