//! What happened: the only thing that is stored. Names and fields are a lasting format; add, never change.

use serde::{Deserialize, Serialize};

use super::{forget::Erased, state::*};
use crate::{
    Amount, Basis, Instant, Kind, Role,
    clock::{Clock, Extension},
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
    /// A person confirmed that an earlier ticket states the same fact and reason.
    EarlierLinked {
        number: String,
        #[serde(default)]
        note: String,
        /// How that ticket stood at that moment.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        standing: Option<Standing>,
    },
    MarkedDifficult {
        reason: String,
    },
    MarkedMajor {
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
    /// Its appellants went to another ticket.
    JoinedTo {
        number: String,
        reason: String,
    },
    AppealWithdrawn {
        appeal: u32,
        reason: String,
    },
    /// Nobody is left who wants it.
    Withdrawn {
        reason: String,
    },
    MaliciousRecorded(Malicious),
    MaliciousReferred {
        no: u32,
        to: String,
        note: String,
    },
    RiskReported(Told),
    Transferred {
        to: String,
        reason: String,
    },
    TakenBack {
        reason: String,
    },
    TransferEnded {
        result: String,
    },

    ConsultationAsked(Consultation),
    ConsultationConcluded(Named),
    OpinionSubmitted(Opinion),
    OpinionApproved {
        note: String,
    },
    OpinionRefused {
        reason: String,
    },
    Dispatched {
        lead: String,
        assists: Vec<String>,
        note: String,
        rulebook: (String, u32),
        call: Option<HandOver>,
        /// Version of the dispatch catalogue in force, and the entry it went by.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        catalogue: Option<u32>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        entry: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        office: Option<String>,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        points: Vec<String>,
        /// The unit was named by a consultation and cannot give it back.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        bound: bool,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        new_facts: Option<String>,
    },
    Copied(CopySent),
    Signed {
        unit: String,
    },
    AssignedInside {
        unit: String,
        office: String,
        handler: String,
    },
    Whistled {
        by: String,
        units: Vec<String>,
        matter: String,
    },
    ReportedIn {
        unit: String,
    },
    WhistleJudged {
        unit: String,
        answered: bool,
        note: String,
    },
    Raised {
        from: String,
        to: String,
        reason: String,
        basis: Basis,
    },
    ReturnAsked {
        reason: String,
        basis: Option<String>,
        redirect: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        leader_sheet: Option<String>,
    },
    /// The window closed unused: the unit counts as having accepted.
    DeemedAccepted {
        unit: String,
        basis: Basis,
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
        #[serde(default, skip_serializing_if = "Option::is_none")]
        basis: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        told: Option<String>,
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        force_majeure: bool,
    },
    ExtensionGranted {
        days: u32,
        note: String,
        /// What the appellant is told it is for.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        reason: String,
    },
    ExtensionRefused {
        reason: String,
    },
    LongerDeclared {
        reason: String,
    },
    ContactRecorded {
        by: Contact,
        reached: bool,
        explained: bool,
        note: String,
        unit: String,
    },
    SupplementAsked {
        unit: String,
        what: String,
    },
    Supplemented {
        text: String,
    },
    ReportedUp {
        unit: String,
        to: String,
        text: String,
    },
    ProgressReported {
        unit: String,
        text: String,
        reason: String,
    },
    AssistDelivered {
        unit: String,
        text: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        explanation: Option<String>,
    },
    ReplyDrafted {
        text: String,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        answers: Vec<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        long_term: Option<LongTerm>,
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
    ReplyRelayed {
        by: Contact,
        reached: bool,
        note: String,
    },
    ClosureAsked(ClosureRequest),
    ClosureRefused {
        reason: String,
    },
    Closed(ClosureRequest),
    /// The centre goes on looking after a matter that could not be solved.
    TrackingStarted,
    TrackingEnded {
        solved: bool,
        note: String,
    },

    FollowUpTried {
        by: Contact,
        reached: bool,
        note: String,
        #[serde(default = "one")]
        appeal: u32,
    },
    Rated {
        result: Satisfaction,
        attitude: Option<Satisfaction>,
        solved: Option<bool>,
        comment: String,
        by: Contact,
        #[serde(default = "one")]
        appeal: u32,
    },
    /// A further answer of somebody who had rated: kept, not counted.
    RatingKept {
        appeal: u32,
        text: String,
    },
    /// An answer that says nothing we can read as a rating.
    RatingUnclear {
        appeal: u32,
        text: String,
    },
    RatingVerified {
        verdict: Verdict,
        basis: Basis,
        #[serde(default = "one")]
        appeal: u32,
    },
    Redone {
        reason: String,
    },
    FollowUpEnded {
        finding: Option<Finding>,
        rated: bool,
    },
    SettlementAsked(Settlement),
    SettlementRefused {
        reason: String,
    },
    /// The same fact and reason are answered from here and handled no more.
    Settled(Settled),
    Archived,
    Held {
        reason: String,
    },
    HoldLifted {
        reason: String,
    },
    FileAttached(Attached),
    Imported(Imported),
    /// Everything that was written about it before was destroyed.
    Erased(Erased),

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
        measure: String,
        #[serde(default, skip_serializing_if = "String::is_empty")]
        name: String,
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
    Urged(Urging),
    UrgingAnswered {
        no: u32,
        text: String,
    },
    InstructionRecorded(Told),
    MediaMarked {
        outlet: String,
        note: String,
    },
    ConductFound(Conduct),
    ConductConfirmed {
        no: u32,
        note: String,
    },
    ConductDismissed {
        no: u32,
        reason: String,
    },
    ExclusionAsked(Exclusion),
    ExclusionReviewed {
        no: u32,
        approved: bool,
        note: String,
    },
    ExclusionAppealed {
        no: u32,
        reason: String,
    },
    ExclusionDecided {
        no: u32,
        approved: bool,
        note: String,
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
    /// Another limit took the place of the first, counted from the same instant.
    ClockLengthened {
        clock: u32,
        amount: Amount,
        due: Instant,
        provisional: bool,
        basis: Basis,
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

/// Journals from before appeals were asked one by one speak of the first.
fn one() -> u32 {
    1
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
}
