//! The knowledge base.

use super::rules;
use crate::Amount;

rules! {
    /// How units keep up the knowledge base. Its limits are limit rules with the clocks `question`, `knowledge`, `correction` and
    /// `policy-text`.
    KnowledgeRule |_| "knowledge" => {
        /// An entry that nobody has confirmed for longer than this is stale.
        stale_after: Amount,
        /// A new policy is announced between so many and so many working days before its publication.
        #[serde(default)]
        announced_at_least: Option<Amount>,
        #[serde(default)]
        announced_at_most: Option<Amount>,
        /// Id of the conduct that is found where one of these limits ends.
        #[serde(default)]
        not_updated: Option<String>,
        /// Id of the conduct that is found where an error is confirmed.
        #[serde(default)]
        wrong: Option<String>,
    }
}
