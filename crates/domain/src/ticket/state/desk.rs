//! What a ticket at the desk waits for, and how it left the desk.

use serde::{Deserialize, Serialize};

use crate::{
    Instant, Role,
    rulebook::CopyTo,
    words::{Satisfaction, words},
};

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

/// Something said by or to somebody outside, with who it was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Told {
    pub who: String,
    pub text: String,
    #[cfg_attr(feature = "schema", schema(value_type = String, format = DateTime))]
    pub at: Instant,
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
