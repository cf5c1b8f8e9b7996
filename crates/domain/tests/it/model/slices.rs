//! Which commands are tried together, from where, and where another slice goes on.

use jiesu_domain::{
    Kind,
    ticket::{Action, Stage, Ticket},
};

/// The commands of a slice.
pub struct Slice {
    pub name: &'static str,
    pub actions: &'static [Action],
    /// The kind of appeal, if the slice needs one.
    pub kinds: &'static [Kind],
    pub urgent: bool,
    pub confidential: bool,
    /// Where the slice begins: what is done before, once, in this order.
    pub before: &'static [Action],
    /// Where another slice goes on: from here that one shows that the archive can be reached.
    pub until: fn(&Ticket) -> bool,
}

/// From here `time` and `together` go on.
fn signed(t: &Ticket) -> bool {
    matches!(&t.stage, Stage::Working(w) if w.lead.signed_at.is_some())
}

/// From here `asking` and `settling` go on.
fn closed(t: &Ticket) -> bool {
    t.closed().is_some()
}

/// Back in hand, where `time` and `together` go on.
fn redone(t: &Ticket) -> bool {
    matches!(&t.stage, Stage::Working(w) if w.round > 1)
}

fn never(_: &Ticket) -> bool {
    false
}

use Action as A;

pub const SLICES: &[Slice] = &[
    Slice {
        name: "desk",
        actions: &[
            A::ReferUp,
            A::Accept,
            A::Refuse,
            A::AnswerAtOnce,
            A::HandOver,
            A::JoinTo,
            A::Withdraw,
            A::Transfer,
            A::TakeBack,
            A::EndTransfer,
            A::MarkDifficult,
            A::MarkMajor,
            A::Consult,
            A::ConcludeConsultation,
            A::SubmitOpinion,
            A::ReviewOpinion,
            A::Dispatch,
            A::Sign,
            A::AskReturn,
            A::OpenReturn,
            A::ReviewReturn,
            A::DismissSupervision,
            A::EndSupervision,
            A::DismissConduct,
            A::Archive,
        ],
        kinds: &[],
        urgent: false,
        confidential: false,
        before: &[],
        until: signed,
    },
    Slice {
        name: "time",
        actions: &[
            A::Sign,
            A::AskExtension,
            A::ReviewExtension,
            A::DeclareLonger,
            A::RecordContact,
            A::AskSupplement,
            A::Supplement,
            A::DraftReply,
            A::AuditReply,
            A::AskClosure,
            A::ReviewClosure,
        ],
        kinds: &[Kind::Help, Kind::Complaint],
        urgent: false,
        confidential: false,
        before: &[A::Dispatch],
        until: closed,
    },
    Slice {
        name: "asked",
        actions: &[
            A::Sign,
            A::RecordContact,
            A::AskSupplement,
            A::Supplement,
            A::ReportUp,
            A::RecordInstruction,
            A::DraftReply,
            A::AuditReply,
            A::AskClosure,
            A::ReviewClosure,
        ],
        kinds: &[Kind::Complaint],
        urgent: false,
        confidential: false,
        before: &[A::Dispatch],
        until: closed,
    },
    Slice {
        name: "together",
        actions: &[
            A::Sign,
            A::RecordContact,
            A::Whistle,
            A::ReportIn,
            A::ReportProgress,
            A::DeliverAssist,
            A::DraftReply,
            A::AuditReply,
            A::ReopenReply,
            A::AskClosure,
            A::ReviewClosure,
            A::Raise,
        ],
        kinds: &[Kind::Complaint],
        urgent: false,
        confidential: false,
        before: &[A::Dispatch],
        until: closed,
    },
    Slice {
        name: "asking",
        actions: &[
            A::FollowUp,
            A::Rate,
            A::RateByText,
            A::VerifyRating,
            A::ConfirmConduct,
            A::OpenSupervision,
            A::DismissSupervision,
            A::EndSupervision,
            A::Archive,
        ],
        kinds: &[],
        urgent: false,
        confidential: false,
        before: &[
            A::Dispatch,
            A::AttachAppeal,
            A::Sign,
            A::RecordContact,
            A::DraftReply,
            A::AuditReply,
            A::AskClosure,
            A::ReviewClosure,
        ],
        until: redone,
    },
    Slice {
        name: "settling",
        actions: &[
            A::Rate,
            A::VerifyRating,
            A::AskSettlement,
            A::ReviewSettlement,
            A::EndTracking,
            A::AskExclusion,
            A::ReviewExclusion,
            A::AppealExclusion,
            A::DecideExclusion,
            A::ConfirmConduct,
            A::DismissConduct,
            A::DismissSupervision,
            A::OpenSupervision,
            A::EndSupervision,
            A::Archive,
        ],
        kinds: &[Kind::Suggestion],
        urgent: false,
        confidential: false,
        before: &[
            A::Dispatch,
            A::Sign,
            A::RecordContact,
            A::DraftReply,
            A::AuditReply,
            A::AskClosure,
            A::ReviewClosure,
        ],
        until: redone,
    },
    Slice {
        name: "watched",
        actions: &[
            A::RecordInstruction,
            A::MarkMedia,
            A::ProposeSupervision,
            A::OpenSupervision,
            A::DismissSupervision,
            A::TakeMeasure,
            A::ReportRectification,
            A::EndSupervision,
            A::DismissConduct,
            A::Withdraw,
            A::Archive,
        ],
        kinds: &[],
        urgent: true,
        confidential: true,
        before: &[A::Dispatch],
        until: never,
    },
    Slice {
        name: "pressed",
        actions: &[
            A::Urge,
            A::AnswerUrging,
            A::ConfirmConduct,
            A::DismissConduct,
            A::DismissSupervision,
            A::EndSupervision,
            A::Withdraw,
            A::Archive,
        ],
        kinds: &[],
        urgent: true,
        confidential: true,
        before: &[A::Dispatch],
        until: never,
    },
];
