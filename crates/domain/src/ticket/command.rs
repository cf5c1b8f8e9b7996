//! What people, channels and the worker ask for. `do` names the command; see `docs/api.md`.

use serde::{Deserialize, Serialize};

use super::state::{Finding, Help, Imported, LongTerm};
use crate::{
    Amount, Channel, Instant, Kind,
    words::{Contact, Satisfaction},
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
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Dispatch {
    /// Unit id of the lead.
    pub lead: String,
    /// Unit ids of the assists.
    #[serde(default)]
    pub assists: Vec<String>,
    /// Id of the catalogue's entry it goes by; without one it goes by duty, which the note says.
    #[serde(default)]
    pub entry: Option<String>,
    #[serde(default)]
    pub note: String,
    /// Suggested sub-office of the lead.
    #[serde(default)]
    pub office: Option<String>,
    /// What the appeal asks, point by point; the reply answers each.
    #[serde(default)]
    pub points: Vec<String>,
    /// The assists deliver within this, not within the rulebook's limit.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schema(value_type = Option<String>, example = "3 working days"))]
    pub assists_within: Option<Amount>,
    #[serde(default)]
    pub special: Option<SpecialLimit>,
    /// The call to the unit; an emergency ticket needs it.
    #[serde(default)]
    pub call: Option<Call>,
    /// What is new, where an earlier ticket on the same fact and reason is settled.
    #[serde(default)]
    pub new_facts: Option<String>,
}

/// A rating by the appellant, or told to the follow-up clerk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Rate {
    /// Whose appeal; left out where there is one only.
    #[serde(default)]
    pub appeal: Option<u32>,
    pub result: Satisfaction,
    #[serde(default)]
    pub attitude: Option<Satisfaction>,
    #[serde(default)]
    pub solved: Option<bool>,
    #[serde(default)]
    pub comment: String,
}

/// Everything that can be asked of an existing ticket.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "kebab-case", deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub enum Command {
    // ── intake ──
    AttachAppeal {
        channel: Channel,
        #[serde(default = "by_phone")]
        follow_up_by: Contact,
        #[serde(default)]
        note: Option<String>,
        /// The appeal of this ticket that the same person made before: persons are counted, not calls.
        #[serde(default)]
        same_as: Option<u32>,
        /// The ticket that was joined to this one, if the appeal comes with it, and its number there: `SR-20260430-000123-7#2`.
        #[serde(default)]
        from: Option<String>,
    },
    /// Confirms that an earlier ticket states the same fact and reason.
    LinkEarlier {
        number: String,
        #[serde(default)]
        note: String,
    },
    MarkDifficult {
        reason: String,
    },
    MarkMajor {
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
        /// Knowledge entry it comes from.
        #[serde(default)]
        entry: Option<String>,
        /// The settled earlier ticket whose closing opinion answers it.
        #[serde(default)]
        by_opinion_of: Option<String>,
    },
    /// Record an emergency call; `ends` = the line took it for good and nothing is left for us.
    HandOver {
        call: Call,
        #[serde(default)]
        ends: bool,
    },
    /// This ticket states what another open one states already: its appellants go there.
    JoinTo {
        number: String,
        reason: String,
    },
    Withdraw {
        /// Whose appeal; left out where there is one only.
        #[serde(default)]
        appeal: Option<u32>,
        reason: String,
    },
    RecordMalicious {
        /// Id of the rulebook.
        conduct: String,
        note: String,
        /// Recordings, call records, texts: what shows it.
        evidence: Vec<String>,
    },
    ReferMalicious {
        no: u32,
        /// The police station or other authority.
        to: String,
        note: String,
    },
    ReportRisk {
        to: String,
        text: String,
    },
    Transfer {
        to: String,
        reason: String,
    },
    /// The other place gave it back.
    TakeBack {
        reason: String,
    },
    EndTransfer {
        result: String,
    },

    // ── dispatch ──
    Consult {
        level: String,
        question: String,
    },
    ConcludeConsultation {
        lead: String,
        #[serde(default)]
        assists: Vec<String>,
        opinion: String,
    },
    SubmitOpinion {
        opinion: String,
        lead: String,
        #[serde(default)]
        assists: Vec<String>,
    },
    ReviewOpinion {
        approve: bool,
        note: String,
    },
    Dispatch(Dispatch),
    Sign {},
    /// Inside a unit: which office and which handler.
    AssignInside {
        office: String,
        #[serde(default)]
        handler: String,
    },
    Whistle {
        units: Vec<String>,
        matter: String,
    },
    ReportIn {},
    JudgeWhistle {
        unit: String,
        answered: bool,
        note: String,
    },
    Raise {
        to: String,
        reason: String,
    },

    // ── return and extension ──
    AskReturn {
        reason: String,
        #[serde(default)]
        basis: Option<String>,
        #[serde(default)]
        redirect: Option<String>,
        /// The attached sheet: its file number or name, signed by whom.
        #[serde(default)]
        leader_sheet: Option<String>,
    },
    /// The centre opens a return window that has closed, or a second application.
    OpenReturn {
        reason: String,
    },
    ReviewReturn {
        approve: bool,
        note: String,
    },
    AskExtension {
        /// Days beyond the current due day.
        days: u32,
        reason: String,
        #[serde(default)]
        basis: Option<String>,
        /// What the appellant was told about it.
        #[serde(default)]
        told: Option<String>,
        #[serde(default)]
        force_majeure: bool,
    },
    ReviewExtension {
        approve: bool,
        note: String,
    },
    DeclareLonger {
        reason: String,
    },

    // ── handling, reply, closure ──
    RecordContact {
        by: Contact,
        reached: bool,
        #[serde(default)]
        explained: bool,
        note: String,
    },
    AskSupplement {
        what: String,
    },
    Supplement {
        text: String,
    },
    ReportUp {
        to: String,
        text: String,
    },
    ReportProgress {
        text: String,
        /// Why it takes longer.
        reason: String,
    },
    DeliverAssist {
        text: String,
        /// Why it comes late, where it does.
        #[serde(default)]
        explanation: Option<String>,
    },
    DraftReply {
        text: String,
        /// To each point of the ticket, in its order.
        #[serde(default)]
        answers: Vec<String>,
        #[serde(default)]
        long_term: Option<LongTerm>,
    },
    AuditReply {
        #[serde(default)]
        without_assists: Option<String>,
    },
    /// Before closure was asked, or after it was refused: write the reply anew.
    ReopenReply {
        reason: String,
    },
    /// The centre's clerk gives the unit's reply on a confidential ticket.
    RelayReply {
        by: Contact,
        reached: bool,
        note: String,
    },
    AskClosure {
        /// Id of the rulebook.
        ground: String,
        statement: String,
    },
    ReviewClosure {
        approve: bool,
        note: String,
    },

    // ── follow-up ──
    FollowUp {
        #[serde(default)]
        appeal: Option<u32>,
        by: Contact,
        reached: bool,
        #[serde(default)]
        note: String,
        /// Where reached and willing to rate.
        #[serde(default)]
        rating: Option<Rate>,
    },
    Rate(Rate),
    /// The text of a short message that answers a rating request.
    RateByText {
        #[serde(default)]
        appeal: Option<u32>,
        text: String,
    },
    VerifyRating {
        #[serde(default)]
        appeal: Option<u32>,
        finding: Finding,
        /// The redo ground or no-redo ground of the rulebook, where it names them.
        #[serde(default)]
        ground: Option<String>,
        #[serde(default)]
        exempt: Option<String>,
        reason: String,
    },
    AskSettlement {
        /// The no-redo ground it rests on.
        ground: String,
        proof: String,
        /// What repeats will be answered.
        opinion: String,
    },
    ReviewSettlement {
        approve: bool,
        note: String,
    },
    EndTracking {
        solved: bool,
        note: String,
    },
    Archive {},
    /// Keeps the file from being destroyed, whatever its age.
    Hold {
        reason: String,
    },
    LiftHold {
        reason: String,
    },

    // ── supervision ──
    /// Propose or open supervision on a ground of the rulebook that the system cannot see by itself.
    ProposeSupervision {
        ground: String,
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
        /// Id of the rulebook.
        measure: String,
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
    Urge {
        /// Unit id; left out: the lead.
        #[serde(default)]
        unit: Option<String>,
        note: String,
    },
    AnswerUrging {
        no: u32,
        text: String,
    },
    RecordInstruction {
        /// Who gave it.
        from: String,
        text: String,
    },
    MarkMedia {
        outlet: String,
        note: String,
    },
    RecordConduct {
        /// Id of the rulebook.
        conduct: String,
        #[serde(default)]
        unit: Option<String>,
        evidence: String,
    },
    ConfirmConduct {
        no: u32,
        note: String,
    },
    DismissConduct {
        no: u32,
        reason: String,
    },
    AskExclusion {
        /// Id of an exemption of the rulebook.
        ground: String,
        reason: String,
        evidence: String,
    },
    ReviewExclusion {
        no: u32,
        approve: bool,
        note: String,
    },
    AppealExclusion {
        no: u32,
        reason: String,
    },
    DecideExclusion {
        no: u32,
        approve: bool,
        note: String,
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
