//! What a ticket is at a moment: a fold of its events. Each stage holds exactly what exists in it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{
    Channel, Instant, Kind, Role,
    clock::Clock,
    rulebook::CopyTo,
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
    /// The earlier appeal of this ticket by the same person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub same_as: Option<u32>,
    /// The ticket it came from when that was joined to this one.
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

/// What a ticket at the desk waits for, and what has been settled about it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waiting {
    pub referral: Option<Referral>,
    #[serde(default)]
    pub consultation: Option<Consultation>,
    /// The consultation's answer, which binds the dispatch.
    #[serde(default)]
    pub named: Option<Named>,
    #[serde(default)]
    pub opinion: Option<Opinion>,
}

/// Who should handle it is being asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Consultation {
    pub level: String,
    pub question: String,
}

/// Whom a consultation named.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Named {
    pub lead: String,
    pub assists: Vec<String>,
    pub opinion: String,
    pub basis: crate::Basis,
}

/// How the centre proposes to have it handled.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Opinion {
    pub text: String,
    pub lead: String,
    pub assists: Vec<String>,
    /// The leader's words, once there is approval.
    #[serde(default)]
    pub approved: Option<String>,
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
        Progress = "progress" "已告知办理进度或结果",
        Persuaded = "persuaded" "已劝导并告知法律后果",
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
    /// The settled ticket whose closing opinion it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by_opinion_of: Option<String>,
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
    #[serde(default)]
    pub office: Option<String>,
    /// The catalogue's entry it was dispatched by.
    #[serde(default)]
    pub entry: Option<String>,
    /// Named by a consultation: there is nothing to give back.
    #[serde(default)]
    pub bound: bool,
    /// Why it wanted to give the ticket back, where that was refused.
    #[serde(default)]
    pub refused_reasons: Vec<String>,
    /// The return is being decided by a consultation.
    #[serde(default)]
    pub consultation: Option<Consultation>,
    /// What the unit asked the desk to find out.
    #[serde(default)]
    pub supplement: Option<String>,
    /// Put before a higher level, waiting for its word.
    #[serde(default)]
    pub reported_up: Option<Told>,
    #[serde(default)]
    pub longer: bool,
    #[serde(default)]
    pub answers: Vec<String>,
    #[serde(default)]
    pub long_term: Option<LongTerm>,
    /// Attempts of the centre's clerk to give the reply in the unit's place.
    #[serde(default)]
    pub relayed: Vec<Attempt>,
}

/// A unit and when it signed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Assigned {
    pub unit: String,
    #[cfg_attr(feature = "schema", schema(value_type = Option<String>, format = DateTime))]
    pub signed_at: Option<Instant>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inside: Option<Inside>,
}

/// Who does it inside a unit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Inside {
    pub office: String,
    pub handler: String,
}

/// An assisting unit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Assist {
    pub unit: String,
    #[cfg_attr(feature = "schema", schema(value_type = Option<String>, format = DateTime))]
    pub signed_at: Option<Instant>,
    pub result: Option<AssistResult>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inside: Option<Inside>,
    /// It was whistled for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub whistle: Option<Whistle>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub progress: Vec<Progress>,
}

/// A call for another unit, and how it was answered: both sides are assessed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Whistle {
    pub by: String,
    pub matter: String,
    #[cfg_attr(feature = "schema", schema(value_type = String, format = DateTime))]
    pub at: Instant,
    #[serde(default)]
    pub judged: Option<Judged>,
}

/// The whistler's judgement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Judged {
    pub answered: bool,
    pub note: String,
}

/// How far an assist has come, and why not further.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Progress {
    pub text: String,
    pub reason: String,
    #[cfg_attr(feature = "schema", schema(value_type = String, format = DateTime))]
    pub at: Instant,
}

/// What an assisting unit delivered to the lead.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct AssistResult {
    pub text: String,
    #[cfg_attr(feature = "schema", schema(value_type = String, format = DateTime))]
    pub at: Instant,
    /// Why it came late.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub explanation: Option<String>,
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
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub leader_sheet: Option<String>,
    #[cfg_attr(feature = "schema", schema(value_type = String, format = DateTime))]
    pub at: Instant,
}

/// A unit asks for more time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct ExtensionRequest {
    /// Days beyond the current due day, of the sort the rule counts in.
    pub days: u32,
    pub reason: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub basis: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub told: Option<String>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub force_majeure: bool,
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

/// What is done about a matter that takes long.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct LongTerm {
    pub measures: String,
    /// The day by which it should be done.
    #[cfg_attr(feature = "schema", schema(value_type = String, format = Date))]
    pub expected: jiff::civil::Date,
}

/// A unit asks to close.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct ClosureRequest {
    /// Id of the rulebook.
    pub ground: String,
    /// The ground in words.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
    pub statement: String,
    #[cfg_attr(feature = "schema", schema(value_type = String, format = DateTime))]
    pub at: Instant,
}

/// A closed ticket and the asking afterwards.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Closed {
    pub work: Work,
    pub ground: String,
    #[serde(default)]
    pub name: String,
    pub statement: String,
    pub at: Instant,
    pub attempts: Vec<Attempt>,
    /// How the follow-up ended, once it has.
    pub end: Option<FollowUpEnd>,
    /// The centre goes on looking after it.
    #[serde(default)]
    pub tracking: bool,
    #[serde(default)]
    pub settlement: Option<Settlement>,
}

/// One attempt to reach the appellant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Attempt {
    pub by: Contact,
    pub reached: bool,
    #[serde(default)]
    pub note: String,
    /// Whose appeal.
    #[serde(default = "one")]
    pub appeal: u32,
    #[cfg_attr(feature = "schema", schema(value_type = String, format = DateTime))]
    pub at: Instant,
}

fn one() -> u32 {
    1
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
    /// Whose appeal.
    #[serde(default = "one")]
    pub appeal: u32,
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
    /// The redo ground or no-redo ground of the rulebook.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ground: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exempt: Option<String>,
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
}

/// Something said by or to somebody outside, with who it was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Told {
    pub who: String,
    pub text: String,
    #[cfg_attr(feature = "schema", schema(value_type = String, format = DateTime))]
    pub at: Instant,
}

/// A copy that went out with the dispatch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct CopySent {
    /// The unit that gets it, or whose own discipline office does.
    pub unit: String,
    pub to: CopyTo,
    pub name: String,
    pub basis: crate::Basis,
}

/// Conduct of a caller, with what shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Malicious {
    pub no: u32,
    /// Id of the rulebook.
    pub conduct: String,
    pub name: String,
    pub note: String,
    pub evidence: Vec<String>,
    pub basis: crate::Basis,
    /// To whom it was referred.
    #[serde(default)]
    pub referred: Option<String>,
}

/// A unit asks that a matter be settled for good.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Settlement {
    /// Id of the no-redo ground.
    pub ground: String,
    pub proof: String,
    pub opinion: String,
}

/// The same fact and reason are answered from here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Settled {
    /// What repeats are answered.
    pub opinion: String,
    pub basis: crate::Basis,
    #[cfg_attr(feature = "schema", schema(value_type = String, format = DateTime))]
    pub at: Instant,
}

/// Pressing for an answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Urging {
    pub no: u32,
    pub unit: String,
    pub note: String,
    #[cfg_attr(feature = "schema", schema(value_type = String, format = DateTime))]
    pub at: Instant,
    #[serde(default)]
    pub answer: Option<String>,
    /// Its time ran out without an answer.
    #[serde(default)]
    pub missed: bool,
    #[serde(default)]
    pub clock: Option<u32>,
}

/// Conduct for which somebody may be held to account. Whether anybody is, others decide.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Conduct {
    pub no: u32,
    /// Id of the rulebook.
    pub conduct: String,
    pub name: String,
    pub unit: Option<String>,
    pub evidence: String,
    pub basis: crate::Basis,
    #[cfg_attr(feature = "schema", schema(value_type = String, format = DateTime))]
    pub at: Instant,
    pub state: ConductState,
}

words! {
    ConductState, "问责情形状态" {
        Found = "found" "系统发现，待认定",
        Recorded = "recorded" "已记录",
        Dismissed = "dismissed" "已排除",
    }
}

/// An application to leave this ticket out of a unit's assessment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Exclusion {
    pub no: u32,
    /// Id of the exemption in the rulebook.
    pub ground: String,
    pub name: String,
    pub unit: String,
    pub reason: String,
    pub evidence: String,
    pub basis: crate::Basis,
    pub state: ExclusionState,
    /// What was said at the last step.
    #[serde(default)]
    pub note: String,
    /// Who reviewed it first: the appeal is decided by somebody else.
    #[serde(default)]
    pub reviewed_by: Option<String>,
}

words! {
    ExclusionState, "不纳入考核申请状态" {
        Asked = "asked" "待审核",
        Approved = "approved" "不纳入考核",
        Refused = "refused" "未获同意",
        Appealed = "appealed" "申诉待裁定",
        Final = "final" "维持纳入考核",
    }
}

/// An entry of the supervision ledger (SR-13.5).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct LedgerEntry {
    /// Serial within the ticket, from 1.
    pub no: u32,
    /// Id of the rulebook.
    pub ground: String,
    /// The ground in words.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
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
        measure: String,
        #[serde(default, skip_serializing_if = "String::is_empty")]
        name: String,
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
