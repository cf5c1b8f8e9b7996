//! Who sees which entries, and who may do what to them. Who holds which right stands in `permissions.toml`.

use super::{Act, Entry, Section};
use crate::{
    Actor, Instant, Role,
    access::{Right, has},
};

/// For whom entries are searched. What one of them must not see is never among what is found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Audience {
    /// The hotline's own staff.
    Centre,
    /// People of a unit.
    Unit(String),
    /// Citizens, at this instant.
    Public(Instant),
}

impl Audience {
    /// What somebody searches as; `None`: not at all.
    pub fn of(actor: &Actor) -> Option<Audience> {
        if !has(actor.role, Right::SearchKnowledge) {
            return None;
        }
        if !actor.role.of_unit() {
            return Some(Audience::Centre);
        }
        actor.unit.clone().map(Audience::Unit)
    }

    /// Whether an entry is published, and for them.
    pub fn finds(&self, entry: &Entry) -> bool {
        Sight::of(entry).is_some_and(|sight| self.may_find(&sight))
    }

    /// The same of what is kept of an entry in an index.
    pub fn may_find(&self, sight: &Sight) -> bool {
        match self {
            Audience::Centre => true,
            Audience::Unit(unit) => sight.unit.as_ref() == Some(unit) || !sight.inner,
            Audience::Public(now) => sight.open_from.is_some_and(|from| from <= *now),
        }
    }
}

/// What decides who finds an entry that is published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sight {
    unit: Option<String>,
    /// Only for the hotline's own staff, and its unit.
    inner: bool,
    open_from: Option<Instant>,
}

impl Sight {
    /// `None`: it is not published.
    pub fn of(entry: &Entry) -> Option<Sight> {
        let current = entry.current.as_ref().filter(|_| entry.live())?;
        let inner = current.script || current.content.section == Section::Hotline;
        Some(Sight { unit: entry.unit.clone(), inner, open_from: entry.open_from() })
    }
}

/// Whether somebody may open an entry: what they would find, and what is under way to who works on it.
pub fn sees(actor: &Actor, entry: &Entry) -> bool {
    if Audience::of(actor).is_some_and(|audience| audience.finds(entry)) {
        return true;
    }
    actor.role == Role::System || works_on(actor, entry)
}

/// Whether somebody works on an entry, beyond reading what is said: they see what waits for review, what was said before, and its history.
pub fn works_on(actor: &Actor, entry: &Entry) -> bool {
    if actor.role.of_unit() {
        return has(actor.role, Right::ProvideKnowledge) && actor.unit.is_some() && actor.unit == entry.unit;
    }
    let rights = [Right::ProvideKnowledge, Right::AskKnowledge, Right::ReviewKnowledge, Right::CheckKnowledge];
    rights.iter().any(|right| has(actor.role, *right))
}

/// Whether this role may ever do it.
pub fn may(role: Role, act: Act) -> bool {
    let right = match act {
        Act::Submit | Act::Answer | Act::Renew => Right::ProvideKnowledge,
        Act::Ask | Act::Demand => Right::AskKnowledge,
        Act::Return | Act::Publish => Right::ReviewKnowledge,
        Act::Withdraw => return has(role, Right::ReviewKnowledge) || has(role, Right::ProvideKnowledge),
        Act::ReportError => Right::SearchKnowledge,
        Act::ConfirmError | Act::DismissError | Act::Check => Right::CheckKnowledge,
        Act::TicketReplied | Act::TimePassed => return role == Role::System,
    };
    has(role, right)
}
