//! What a rulebook answers: how days are counted, which limit holds for a ticket, and the ground of a decision.

use super::{Assume, Cited, ExtensionRule, LimitRule, Rulebook, StartDay, When, check};
use crate::{
    Amount, Basis, Kind,
    clock::ClockKind,
    limit::{Counting, EndOfDay, Measure},
};

/// What a limit is asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Subject {
    pub kind: Option<Kind>,
    pub urgent: bool,
    pub difficult: bool,
    /// Contacts on the same matter, this one included.
    pub contacts: u32,
    /// Handling once more after a verified unsatisfied rating.
    pub redo: bool,
}

impl When {
    pub(super) fn holds(&self, s: &Subject) -> bool {
        self.contacts_at_least.is_none_or(|n| s.contacts >= n)
            && self.difficult.is_none_or(|d| d == s.difficult)
            && self.urgent.is_none_or(|u| u == s.urgent)
            && self.redo.is_none_or(|r| r == s.redo)
            && (self.kinds.is_empty() || s.kind.is_some_and(|k| self.kinds.contains(&k)))
    }
}

impl LimitRule {
    pub(super) fn amount(&self, s: &Subject) -> Option<Amount> {
        if !self.when.holds(s) {
            return None;
        }
        match self.is {
            Some(amount) => Some(amount),
            None => s.kind.and_then(|k| self.by_kind.get(&k).copied()),
        }
    }
}

impl Rulebook {
    /// How days are counted here.
    pub fn counting(&self) -> Counting {
        let end_of_day = match self.counting.end_of_day.as_deref() {
            Some("same clock time") => EndOfDay::SameClockTime,
            Some(time) => check::second_of_day(time).map_or(EndOfDay::Midnight, EndOfDay::At),
            None => EndOfDay::Midnight,
        };
        Counting { start_day_counts: self.counting.start_day == StartDay::Counted, end_of_day }
    }

    /// The one rule that answers, and its amount: rules that apply, less those another one takes the place of. `None` where this
    /// rulebook sets no such limit. That never more than one is left is checked when the file is loaded.
    pub fn limit(&self, clock: ClockKind, subject: &Subject) -> Option<(&LimitRule, Amount)> {
        let applies: Vec<(&LimitRule, Amount)> =
            self.limit.iter().filter(|r| r.clock == clock).filter_map(|r| r.amount(subject).map(|a| (r, a))).collect();
        applies.iter().find(|(rule, _)| !applies.iter().any(|(other, _)| other.over.contains(&rule.id))).copied()
    }

    /// The extension rule for such a ticket, likewise; `None` where the rulebook knows no extension of it.
    pub fn extension_for(&self, subject: &Subject) -> Option<&ExtensionRule> {
        let applies: Vec<&ExtensionRule> = self.extension.iter().filter(|r| r.when.holds(subject)).collect();
        applies.iter().find(|rule| !applies.iter().any(|other| other.over.contains(&rule.id))).copied()
    }

    /// The frozen ground of a decision under `rule`.
    pub fn basis(&self, rule: &(impl Cited + ?Sized)) -> Basis {
        Basis {
            rulebook: self.rulebook.id.clone(),
            version: self.rulebook.version,
            rule: rule.id().to_owned(),
            article: rule.article().to_owned(),
            readings: rule.readings().to_vec(),
            law: None,
            catalogue: None,
        }
    }

    /// Like [`Rulebook::basis`] for a limit in days: the readings of counting belong to it.
    pub fn limit_basis(&self, rule: &LimitRule, amount: Amount) -> Basis {
        let mut basis = self.basis(rule);
        if matches!(amount.measure, Measure::WorkingDays | Measure::WorkingHours | Measure::CalendarDays) {
            basis.readings.extend(self.counting.assume.iter().cloned());
        }
        basis
    }

    /// A reading by its id.
    pub fn reading(&self, id: &str) -> Option<&Assume> {
        self.assume.iter().find(|a| a.id == id)
    }
}
