//! What people say when they act: the command for an action, with what the rules ask for.

mod after;
mod desk;
mod unit;
mod watch;

use std::collections::BTreeMap;

use jiesu_domain::{
    Actor, Instant, Role,
    calendar::Day,
    ticket::{Action, Command, Ctx, Standing, Ticket, ready},
};

use crate::{city::City, matter, rng::Rng};

/// Somebody about to say something on a ticket.
pub struct Speaker<'s> {
    pub city: &'s City,
    pub rng: &'s mut Rng,
    pub ticket: &'s Ticket,
    pub ctx: &'s Ctx<'s>,
    /// Another ticket's number.
    pub near: Option<String>,
}

impl std::fmt::Debug for Speaker<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Speaker").field("ticket", &self.ticket.number).finish_non_exhaustive()
    }
}

/// What a part of the speakers makes of an action.
enum Said {
    This(Box<Command>),
    /// Nothing waits for it.
    Nothing,
    /// Another part knows.
    NotMine,
}

impl From<Option<Command>> for Said {
    fn from(said: Option<Command>) -> Said {
        said.map_or(Said::Nothing, |command| Said::This(Box::new(command)))
    }
}

impl Speaker<'_> {
    /// The command for an action; `None`: nothing to say, or not by a person.
    pub fn say(&mut self, action: Action) -> Option<Command> {
        for part in [Self::at_desk, Self::of_unit, Self::afterwards, Self::watching, Self::judging] {
            match part(self, action) {
                Said::This(command) => return Some(*command),
                Said::Nothing => return None,
                Said::NotMine => {}
            }
        }
        None
    }

    fn one(&mut self, of: &[&str]) -> String {
        (*self.rng.pick(of)).to_owned()
    }

    /// What is noted where nothing special is to be said.
    fn note(&mut self) -> String {
        self.one(&["情况属实", "经核实，情况属实", "已核实", "按规定办理", "同意", "已与相关单位沟通"])
    }

    /// What came of the matter.
    fn result(&mut self) -> String {
        matter::result(self.ticket, self.rng).to_owned()
    }

    /// `5月6日`.
    fn today(&self) -> String {
        let date = Day::of(self.ctx.now).date();
        format!("{}月{}日", date.month(), date.day())
    }
}

/// An action that is open to somebody, in words that fit; `None`: it is closed, or nothing is to be said.
pub fn act(
    city: &City,
    ticket: &Ticket,
    actor: &Actor,
    action: Action,
    now: Instant,
    near: Option<(String, Standing)>,
    rng: &mut Rng,
) -> Option<Command> {
    let (near, standing) = match near {
        Some((number, standing)) => (Some(number.clone()), BTreeMap::from([(number, standing)])),
        None => (None, BTreeMap::new()),
    };
    let ctx = city.ctx(Some(ticket), actor, now, Some(&standing));
    ready(ticket, action, &ctx).ok()?;
    Speaker { city, rng, ticket, ctx: &ctx, near }.say(action)
}

/// Whether this is the clerk's, not the unit's.
fn of_centre(actor: &Actor) -> bool {
    actor.unit.is_none() && actor.role != Role::Citizen
}
