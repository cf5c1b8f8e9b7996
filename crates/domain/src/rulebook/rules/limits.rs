//! Limits and what changes them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::rules;
use crate::{Amount, Kind, clock::ClockKind};

/// From where a limit runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Start {
    Registration,
    Referral,
    Dispatch,
    Sign,
    Request,
    Reply,
    Closure,
    Rating,
    Conclusion,
    /// The day on which a new policy is published.
    Publication,
}

/// When a limit rule applies; all that is said must hold.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct When {
    #[serde(default)]
    pub kinds: Vec<Kind>,
    #[serde(default)]
    pub contacts_at_least: Option<u32>,
    #[serde(default)]
    pub difficult: Option<bool>,
    #[serde(default)]
    pub urgent: Option<bool>,
    #[serde(default)]
    pub redo: Option<bool>,
}

/// How long one extension may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AtMost {
    /// Not longer than the ticket's original limit.
    OriginalLimit,
    /// Days, of the sort the rule counts in.
    Days(u32),
}

impl Serialize for AtMost {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        match self {
            AtMost::OriginalLimit => s.serialize_str("original-limit"),
            AtMost::Days(n) => s.serialize_u32(*n),
        }
    }
}

impl<'de> Deserialize<'de> for AtMost {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Raw {
            Days(u32),
            Word(String),
        }
        let wrong = || serde::de::Error::custom("at_most 应为天数，或 \"original-limit\"（不超过原时限）");
        match Raw::deserialize(d).map_err(|_| wrong())? {
            Raw::Days(n) if n > 0 => Ok(AtMost::Days(n)),
            Raw::Word(word) if word == "original-limit" => Ok(AtMost::OriginalLimit),
            _ => Err(wrong()),
        }
    }
}

/// Which days an extension is counted in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ExtensionDays {
    #[default]
    Working,
    Calendar,
}

/// Who has to agree to an extension.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ExtensionBy {
    /// The centre reviews the application.
    #[default]
    Review,
    /// The unit explains it to the appellant and notifies the centre.
    Notice,
}

/// What an application for an extension must hold besides its reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ExtensionNeed {
    /// What it rests on.
    Basis,
    /// What the appellant was told.
    Told,
    /// It is declared that the cause is beyond anybody's control.
    ForceMajeure,
}

rules! {
    /// A limit: one rule for one clock.
    LimitRule |r| &r.id => {
        id: String,
        clock: ClockKind,
        from: Start,
        #[serde(default)]
        is: Option<Amount>,
        #[serde(default)]
        by_kind: BTreeMap<Kind, Amount>,
        /// The dispatch catalogue may set another one for a matter.
        #[serde(default)]
        by_catalogue: bool,
        #[serde(default)]
        when: When,
        /// Ids of rules whose place this one takes where both apply.
        #[serde(default)]
        over: Vec<String>,
    }

    /// Limits of other laws go before.
    SpecialLawRule |_| "special-law" => {
    }

    /// Extension of the handling limit, for the tickets it applies to.
    ExtensionRule |r| &r.id => {
        id: String,
        #[serde(default)]
        when: When,
        /// Ids of rules whose place this one takes where both apply.
        #[serde(default)]
        over: Vec<String>,
        /// How often in one handling; 0: never.
        times: u32,
        at_most: AtMost,
        #[serde(default)]
        days: ExtensionDays,
        #[serde(default)]
        by: ExtensionBy,
        #[serde(default)]
        needs: Vec<ExtensionNeed>,
    }

    /// A longer limit that the unit takes by declaring it, with a reason, before the first one ends.
    LongerRule |_| "longer" => {
        kinds: Vec<Kind>,
        is: Amount,
    }
}
