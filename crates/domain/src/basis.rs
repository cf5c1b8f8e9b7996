//! Why something is so: the rule, its article and the readings it rests on.

use serde::{Deserialize, Serialize};

/// The ground of a due instant, a refusal or an entry: frozen with the decision, shown wherever its result is shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Basis {
    /// Rulebook id, e.g. `shangrao`.
    pub rulebook: String,
    /// Rulebook version in force at the decision.
    pub version: u32,
    /// The rule's id in the rulebook, e.g. `handle`.
    pub rule: String,
    /// Article as the text names it, e.g. `第十四条`; empty where the rule is a reading or a default and no article says it.
    pub article: String,
    /// Ids of the readings (`[[assume]]`) it rests on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub readings: Vec<String>,
    /// Another law that takes precedence, in words, where a special limit was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub law: Option<String>,
    /// The entry of the dispatch catalogue that set the limit, with its version: `派单目录第2版 CG-012`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub catalogue: Option<String>,
}
