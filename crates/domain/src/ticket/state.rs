//! What a ticket is at a moment: a fold of its events. Each stage holds exactly what exists in it.

use serde::{Deserialize, Serialize};

use crate::{
    Channel, Instant, Kind, Role,
    clock::Clock,
    rulebook::{ClosureGround, ExemptGround, SuperviseGround, SupervisionMeasure},
    words::{Contact, Satisfaction, words},
};

/// A ticket, folded from its journal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ticket {
    pub number: String,
    /// Events folded so far.
    pub version: u32,
    pub registered_at: Instant,
    pub kind: Kind,
    pub urgent: bool,
    pub confidential: bool,
    pub title: String,
    pub content: String,
    pub place: Option<String>,
    /// Category of the matter, as the centre's list names it.
    pub category: Option<String>,
    pub appeals: Vec<Appeal>,
    /// Earlier tickets on the same matter, confirmed by a person.
    pub earlier: Vec<String>,
    /// Marked difficult, with the reason.
    pub difficult: Option<String>,
    pub handovers: Vec<HandOver>,
    /// Frozen at the first dispatch; an open ticket keeps it.
    pub rulebook: Option<(String, u32)>,
    pub stage: Stage,
    pub clocks: Vec<Clock>,
    pub ratings: Vec<Rating>,
    pub redos: u32,
    pub supervision: Vec<LedgerEntry>,
    pub returned_by: Vec<Returned>,
}

/// One contact by one person. Who it was is kept apart, under `(ticket, no)`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Appeal {
    /// From 1.
    pub no: u32,
    pub channel: Channel,
    #[cfg_attr(feature = "schema", schema(value_type = String, format = DateTime))]
    pub received_at: Instant,
    /// How the appellant wants to be asked afterwards.
    pub follow_up_by: Contact,
    /// Anything this appellant added to what the ticket already says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// An emergency handed over by a call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct HandOver {
    /// The line or unit that was called.
    pub to: String,
    #[cfg_attr(feature = "schema", schema(value_type = String, format = DateTime))]
    pub at: Instant,
    /// Who took it there and what was said.
    pub note: String,
}

/// A unit that gave the ticket back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Returned {
    pub unit: String,
    #[cfg_attr(feature = "schema", schema(value_type = String, format = DateTime))]
    pub at: Instant,
    pub reason: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub redirect: Option<String>,
}

/// The stage, with what exists only in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "kebab-case")]
pub enum Stage {
    /// Waiting for the centre: to be accepted, answered, refused or dispatched (again).
    Registered {
        referral: Option<Referral>,
    },
    Refused(Refused),
    Answered(Answered),
    /// Handed to an emergency line for good.
    PassedOn(HandOver),
    Working(Box<Work>),
    Closed(Box<Closed>),
    /// An unsatisfied rating is being verified.
    Checking(Box<Closed>),
    /// Nothing more to do; waits for the archive.
    Concluded(Box<Closed>),
    /// Came in as history from another system.
    Imported(Imported),
    Archived {
        from: Box<Stage>,
        at: Instant,
    },
}

/// What the first agent could not judge, on its way up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Referral {
    /// The role whose judgement is awaited.
    pub to: Role,
    pub question: String,
}

/// Not accepted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Refused {
    /// Class id of the rulebook.
    pub class: String,
    pub explanation: String,
    /// Where the appellant was sent: a transfer, or the contact of the right place.
    pub help: Help,
}

words! {
    /// What was done for an appellant whose appeal was not taken.
    HelpKind, "帮助方式" {
        Transferred = "transferred" "已帮助转接",
        Contact = "contact" "已告知联系方式",
        Explained = "explained" "已作解释",
    }
}

/// What was done for an appellant whose appeal was not taken (SR-12).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Help {
    pub by: HelpKind,
    /// Place and number; must be given for a transfer or a contact.
    #[serde(default)]
    pub to: String,
}

/// Answered from the knowledge base on the spot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Answered {
    pub answer: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entry: Option<String>,
}

/// The handling by units.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Work {
    pub lead: Assigned,
    pub assists: Vec<Assist>,
    pub dispatched_at: Instant,
    pub note: String,
    /// 1 = the first handling, 2 = the first redo, …
    pub round: u32,
    pub returning: Option<ReturnRequest>,
    /// The centre opened the return window after it had closed, with this reason.
    pub return_opened: Option<String>,
    pub returns_refused: u32,
    pub extension: Option<ExtensionRequest>,
    pub extensions: u32,
    pub contacts: Vec<ContactRecord>,
    pub reply: Reply,
    pub closing: Option<ClosureRequest>,
    pub closures_refused: u32,
}

/// A unit and when it signed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Assigned {
    pub unit: String,
    #[cfg_attr(feature = "schema", schema(value_type = Option<String>, format = DateTime))]
    pub signed_at: Option<Instant>,
}

/// An assisting unit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Assist {
    pub unit: String,
    #[cfg_attr(feature = "schema", schema(value_type = Option<String>, format = DateTime))]
    pub signed_at: Option<Instant>,
    pub result: Option<AssistResult>,
}

/// What an assisting unit delivered to the lead.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct AssistResult {
    pub text: String,
    #[cfg_attr(feature = "schema", schema(value_type = String, format = DateTime))]
    pub at: Instant,
}

/// A unit asks to give the ticket back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct ReturnRequest {
    pub reason: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub basis: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub redirect: Option<String>,
    #[cfg_attr(feature = "schema", schema(value_type = String, format = DateTime))]
    pub at: Instant,
}

/// A unit asks for more time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct ExtensionRequest {
    /// Working days beyond the current due day.
    pub days: u32,
    pub reason: String,
    #[cfg_attr(feature = "schema", schema(value_type = String, format = DateTime))]
    pub at: Instant,
}

/// A contact of the unit with the appellant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct ContactRecord {
    pub by: Contact,
    pub reached: bool,
    /// The policy or law was explained (counts for article 27(2)).
    pub explained: bool,
    pub note: String,
    pub unit: String,
    #[cfg_attr(feature = "schema", schema(value_type = String, format = DateTime))]
    pub at: Instant,
}

/// The unit's reply to the appellant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "kebab-case")]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub enum Reply {
    None,
    /// May still be changed.
    Draft {
        text: String,
    },
    /// Locked and sent.
    Audited {
        text: String,
        #[cfg_attr(feature = "schema", schema(value_type = String, format = DateTime))]
        at: Instant,
    },
}

/// A unit asks to close.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct ClosureRequest {
    pub ground: ClosureGround,
    pub statement: String,
    #[cfg_attr(feature = "schema", schema(value_type = String, format = DateTime))]
    pub at: Instant,
}

/// A closed ticket and the asking afterwards.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Closed {
    pub work: Work,
    pub ground: ClosureGround,
    pub statement: String,
    pub at: Instant,
    pub attempts: Vec<Attempt>,
    /// How the follow-up ended, once it has.
    pub end: Option<FollowUpEnd>,
}

/// One attempt to reach the appellant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Attempt {
    pub by: Contact,
    pub reached: bool,
    #[serde(default)]
    pub note: String,
    #[cfg_attr(feature = "schema", schema(value_type = String, format = DateTime))]
    pub at: Instant,
}

/// A rating by the appellant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Rating {
    pub result: Satisfaction,
    /// With the unit's attitude, where asked apart.
    pub attitude: Option<Satisfaction>,
    pub solved: Option<bool>,
    #[serde(default)]
    pub comment: String,
    pub by: Contact,
    #[cfg_attr(feature = "schema", schema(value_type = String, format = DateTime))]
    pub at: Instant,
    /// Which handling was rated.
    pub round: u32,
    /// What the verification found, for an unsatisfied rating.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verdict: Option<Verdict>,
}

words! {
    /// What the verification of an unsatisfied rating finds.
    Finding, "核实结论" {
        UnitFault = "unit-fault" "属承办单位责任，重新办理",
        NoFault = "no-fault" "不属承办单位责任",
        Exempt = "exempt" "不纳入考核",
    }
}

/// What the verification of an unsatisfied rating found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Verdict {
    pub finding: Finding,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exempt: Option<ExemptGround>,
    pub reason: String,
    /// Whether the rating counts in the unit's assessment.
    pub assessed: bool,
}

/// How the asking ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub enum FollowUpEnd {
    /// Satisfied.
    Rated,
    /// Unsatisfied, verified, nothing to redo.
    Verified,
    /// All attempts in vain.
    Unrated,
}

/// History from another system.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Imported {
    /// The unit as the other system named it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schema(value_type = Option<String>, format = DateTime))]
    pub assigned_at: Option<Instant>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schema(value_type = Option<String>, format = DateTime))]
    pub deadline: Option<Instant>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schema(value_type = Option<String>, format = DateTime))]
    pub replied_at: Option<Instant>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub satisfaction: Option<Satisfaction>,
}

/// An entry of the supervision ledger (SR-13.5).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct LedgerEntry {
    /// Serial within the ticket, from 1.
    pub no: u32,
    pub ground: SuperviseGround,
    pub unit: Option<String>,
    #[cfg_attr(feature = "schema", schema(value_type = String, format = DateTime))]
    pub at: Instant,
    pub basis: crate::Basis,
    /// What a person said who proposed it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
    pub state: LedgerState,
}

/// Where an entry stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "kebab-case")]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub enum LedgerState {
    /// Found by the system; a person must judge the unit's fault.
    Proposed,
    /// In the ledger, no measure yet.
    Open {
        fault: String,
    },
    /// A measure with a limit for rectification was taken.
    Measured {
        measure: SupervisionMeasure,
        notice: String,
        rectification: Option<String>,
        /// The clock of its limit.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        clock: Option<u32>,
    },
    Ended {
        result: String,
    },
    /// Judged not to be the unit's fault.
    Dismissed {
        reason: String,
    },
}

words! {
    /// The state by name: what lists and filters show.
    StateName, "状态" {
        Registered = "registered" "已登记",
        Referred = "referred" "逐级汇报",
        AwaitingRedispatch = "awaiting-redispatch" "待重新派单",
        Refused = "refused" "不予受理",
        Answered = "answered" "即时答复",
        PassedOn = "passed-on" "已转紧急专线",
        Dispatched = "dispatched" "已派单待签收",
        InHand = "in-hand" "办理中",
        ReturnAsked = "return-asked" "退单待审",
        Replied = "replied" "已答复待办结",
        ClosureAsked = "closure-asked" "办结待审",
        Closed = "closed" "已办结待回访",
        Checking = "checking" "不满意核实中",
        Concluded = "concluded" "待归档",
        Imported = "imported" "历史导入",
        Archived = "archived" "已归档",
    }
}
