//! The closure, the asking afterwards, and what stays.

use serde::{Deserialize, Serialize};

use super::Work;
use crate::{
    Instant,
    words::{Contact, Satisfaction, words},
};

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
