//! What people ask to be done to an entry.

use serde::{Deserialize, Serialize};

use super::{Act, Content, Reminder};
use crate::Instant;

/// A command on an entry. The first three make a new one; `submit` also brings a new version of one that is there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "kebab-case", deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema), schema(as = EntryCommand))]
pub enum Command {
    /// 我要提问: the centre asks a unit what it should answer.
    Ask {
        unit: String,
        question: String,
        /// Somebody waits for the answer (a test call, an emergency).
        #[serde(default)]
        urgent: bool,
        #[serde(default)]
        reminded: Option<Reminder>,
    },
    /// The note of a dispatch asks the unit for an entry.
    Demand {
        unit: String,
        ticket: String,
        question: String,
    },
    /// A new entry, or a new version of one.
    Submit {
        content: Box<Content>,
        /// The unit has checked that nothing in it is secret (SR-18).
        #[serde(default)]
        secrecy_checked: bool,
        /// What to say in an emergency: the hotline's staff have it at once, before any review (ZS-34).
        #[serde(default)]
        script: bool,
    },
    /// 我要答复.
    Answer {
        text: String,
        #[serde(default)]
        secrecy_checked: bool,
    },
    Return {
        reason: String,
    },
    Publish {
        #[serde(default)]
        note: String,
    },
    Withdraw {
        reason: String,
    },
    Renew {},
    ReportError {
        what: String,
    },
    ConfirmError {
        no: u32,
        #[serde(default)]
        note: String,
    },
    DismissError {
        no: u32,
        reason: String,
    },
    /// What a sampled check found.
    Check {
        sample: i64,
        right: bool,
        #[serde(default)]
        note: String,
    },
    /// The ticket whose dispatch asked for the entry was replied to at this instant.
    TicketReplied {
        #[cfg_attr(feature = "schema", schema(value_type = String, format = DateTime))]
        at: Instant,
    },
    TimePassed,
}

impl Command {
    pub const fn act(&self) -> Act {
        match self {
            Command::Ask { .. } => Act::Ask,
            Command::Demand { .. } => Act::Demand,
            Command::Submit { .. } => Act::Submit,
            Command::Answer { .. } => Act::Answer,
            Command::Return { .. } => Act::Return,
            Command::Publish { .. } => Act::Publish,
            Command::Withdraw { .. } => Act::Withdraw,
            Command::Renew {} => Act::Renew,
            Command::ReportError { .. } => Act::ReportError,
            Command::ConfirmError { .. } => Act::ConfirmError,
            Command::DismissError { .. } => Act::DismissError,
            Command::Check { .. } => Act::Check,
            Command::TicketReplied { .. } => Act::TicketReplied,
            Command::TimePassed => Act::TimePassed,
        }
    }
}
