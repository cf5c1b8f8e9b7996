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

    /// Whether an entry that is published is for them.
    pub fn finds(&self, entry: &Entry) -> bool {
        if !entry.live() {
            return false;
        }
        let current = entry.current.as_ref();
        match self {
            Audience::Centre => true,
            Audience::Unit(unit) if entry.unit.as_ref() == Some(unit) => true,
            Audience::Unit(_) => current.is_some_and(|c| !c.script && c.content.section != Section::Hotline),
            Audience::Public(now) => entry.open_from().is_some_and(|from| from <= *now),
        }
    }
}

/// Whether somebody may open an entry: what they would find, and what is under way to who works on it.
pub fn sees(actor: &Actor, entry: &Entry) -> bool {
    if Audience::of(actor).is_some_and(|audience| audience.finds(entry)) {
        return true;
    }
    if actor.role.of_unit() {
        return has(actor.role, Right::ProvideKnowledge) && actor.unit.is_some() && actor.unit == entry.unit;
    }
    let rights = [Right::ProvideKnowledge, Right::AskKnowledge, Right::ReviewKnowledge, Right::CheckKnowledge];
    actor.role == Role::System || rights.iter().any(|right| has(actor.role, *right))
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
