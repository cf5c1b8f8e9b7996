//! The handling by units.

use serde::{Deserialize, Serialize};

use super::{Attempt, Consultation, Told};
use crate::{Instant, words::Contact};

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
