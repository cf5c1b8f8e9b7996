//! Supervision, urging, conduct, and what is left out of an assessment.

use serde::{Deserialize, Serialize};

use crate::{Instant, words::words};

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
