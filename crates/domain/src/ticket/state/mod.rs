//! What a ticket is at a moment: a fold of its events. Each stage holds exactly what exists in it.

mod after;
mod desk;
mod files;
mod watch;
mod work;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use after::*;
pub use desk::*;
pub use files::*;
pub use watch::*;
pub use work::*;

use super::forget::Erased;
use crate::{
    Channel, Instant, Kind,
    clock::Clock,
    words::{Contact, words},
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
    /// How those stood when they were confirmed, where the system knew them.
    #[serde(default)]
    pub standing: BTreeMap<String, Standing>,
    /// Marked difficult, with the reason.
    pub difficult: Option<String>,
    /// Marked a major matter, with the reason.
    #[serde(default)]
    pub major: Option<String>,
    pub handovers: Vec<HandOver>,
    /// Frozen at the first dispatch; an open ticket keeps it.
    pub rulebook: Option<(String, u32)>,
    /// Version of the dispatch catalogue, frozen likewise.
    #[serde(default)]
    pub catalogue: Option<u32>,
    /// Dispatches and redos so far.
    #[serde(default)]
    pub dispatches: u32,
    /// What the appeal asks, point by point.
    #[serde(default)]
    pub points: Vec<String>,
    /// Added by the desk on a unit's question.
    #[serde(default)]
    pub supplements: Vec<String>,
    pub stage: Stage,
    pub clocks: Vec<Clock>,
    pub ratings: Vec<Rating>,
    pub redos: u32,
    pub supervision: Vec<LedgerEntry>,
    pub returned_by: Vec<Returned>,
    #[serde(default)]
    pub copies: Vec<CopySent>,
    #[serde(default)]
    pub malicious: Vec<Malicious>,
    #[serde(default)]
    pub risks: Vec<Told>,
    #[serde(default)]
    pub instructions: Vec<Told>,
    #[serde(default)]
    pub media: Vec<Told>,
    #[serde(default)]
    pub urgings: Vec<Urging>,
    #[serde(default)]
    pub conducts: Vec<Conduct>,
    #[serde(default)]
    pub exclusions: Vec<Exclusion>,
    #[serde(default)]
    pub settled: Option<Settled>,
    /// Not to be destroyed, with the reason.
    #[serde(default)]
    pub hold: Option<String>,
    /// What was attached, in its order. Names and contents are elsewhere.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<Attached>,
    /// Its texts were destroyed, and by whom.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub erased: Option<Erased>,
}

/// One contact by one person. Who it was is kept apart, under `(ticket, no)`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Appeal {
    /// From 1.
    pub no: u32,
    pub channel: Channel,
    /// When the appellant made it, also where it came here later with a ticket that was joined.
    #[cfg_attr(feature = "schema", schema(value_type = String, format = DateTime))]
    pub received_at: Instant,
    /// How the appellant wants to be asked afterwards.
    pub follow_up_by: Contact,
    /// Anything this appellant added to what the ticket already says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// The earlier appeal of this ticket by the same person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub same_as: Option<u32>,
    /// The ticket it came from when that was joined to this one, with its number there: `SR-20260430-000123-7#2`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub withdrawn: bool,
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
    Registered(Box<Waiting>),
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
    /// Its appellants went to another ticket.
    Joined {
        number: String,
    },
    /// Taken back by everybody who had made it.
    Withdrawn {
        reason: String,
    },
    /// With another city or level.
    Transferred {
        to: String,
        /// What came of it there; with it nothing is left to do here.
        result: Option<String>,
    },
    Archived {
        from: Box<Stage>,
        at: Instant,
    },
}

/// How another ticket stands: what the desk must know of it to link, join or answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Standing {
    pub state: StateName,
    /// The unit's reply was given.
    #[serde(default)]
    pub replied: bool,
    /// It is still being handled or asked about.
    #[serde(default)]
    pub open: bool,
    /// The closing opinion, where the matter is settled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settled: Option<String>,
    /// It went to a unit.
    #[serde(default)]
    pub dispatched: bool,
    /// When each of its appeals was received, from the first on: an appeal that is taken elsewhere keeps its instant. Needed only while
    /// a command is decided; the journal of the other ticket does not repeat it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "schema", schema(ignore))]
    pub received: Vec<Instant>,
    /// Persons on it who are neither on the ticket that names it nor on one that this names before. Needed only while a command is decided.
    #[serde(default, skip_serializing_if = "is_zero")]
    #[cfg_attr(feature = "schema", schema(ignore))]
    pub others: u32,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
fn is_zero(n: &u32) -> bool {
    *n == 0
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
        Consulting = "consulting" "会商中",
        AwaitingApproval = "awaiting-approval" "拟办待审定",
        ReturnConsulting = "return-consulting" "退单会商中",
        Joined = "joined" "已并入其他工单",
        Withdrawn = "withdrawn" "诉求已撤回",
        Transferred = "transferred" "已转其他地区",
        TransferEnded = "transfer-ended" "外转已办结",
        Tracking = "tracking" "跟踪督办中",
        Imported = "imported" "历史导入",
        Archived = "archived" "已归档",
    }
}

impl StateName {
    /// Whether the appeal still waits for an answer: neither answered, refused, ended nor gone elsewhere.
    pub fn is_in_work(self) -> bool {
        use StateName as S;
        match self {
            S::Registered
            | S::Referred
            | S::AwaitingRedispatch
            | S::AwaitingApproval
            | S::Dispatched
            | S::InHand
            | S::ReturnAsked
            | S::Replied
            | S::ClosureAsked
            | S::Consulting
            | S::ReturnConsulting => true,
            S::Refused
            | S::Answered
            | S::PassedOn
            | S::Closed
            | S::Checking
            | S::Concluded
            | S::Joined
            | S::Withdrawn
            | S::Transferred
            | S::TransferEnded
            | S::Tracking
            | S::Imported
            | S::Archived => false,
        }
    }
}
