//! People at work: who acts next on a ticket and when. The offices of the units have hours and holidays, the centre has none.

use jiesu_domain::{
    Actor, Role,
    ticket::{Action, Command, actions, ready},
};

use jiesu_lives::{
    Temper,
    say::Speaker,
    turns::{self, somebody},
};

use super::{
    sample,
    server::{Answer, Request, What},
    world::{Happening, No, World},
};

/// Forms of ten thousand filled in without care.
const CARELESS: usize = 400;

impl World<'_> {
    fn temper(&self) -> Temper {
        if self.careless { Temper::Lively } else { Temper::Careful }
    }

    /// When somebody acts next, if anybody should: then it is decided who.
    pub fn plan(&mut self, no: No) {
        let temper = self.temper();
        let case = &mut self.cases[no as usize];
        case.plan += 1;
        let (plan, now, city) = (case.plan, self.now, self.city);
        let Some(ticket) = &self.cases[no as usize].row.ticket else { return };
        if let Some(at) = turns::next(ticket, city, now, temper, &mut self.rng) {
            self.push(at, Happening::Turn(no, plan));
        }
    }

    pub fn turn(&mut self, no: No) -> Result<(), String> {
        if self.ticket(no).is_none() {
            return Ok(());
        }
        let plan = self.case(no).plan;
        let request = if self.careless && self.rng.odds(800) { self.anything(no) } else { self.next_act(no)? };
        if let Some(request) = request {
            let action = request.what.action();
            if let Answer::Refused(refusal) = self.ask(request)? {
                *self.stats.surprises.entry((action, refusal.rule)).or_default() += 1;
            }
        }
        if self.case(no).plan == plan {
            self.plan(no);
        }
        Ok(())
    }

    /// What somebody does next whose turn it is.
    pub fn next_act(&mut self, no: No) -> Result<Option<Request>, String> {
        let (city, now, temper) = (self.city, self.now, self.temper());
        let Some(ticket) = self.cases[no as usize].row.ticket.as_ref() else { return Ok(None) };
        let Some((actor, action)) = turns::whose(ticket, city, now, temper, &mut self.rng) else { return Ok(None) };
        Ok(self.act(no, actor, action))
    }

    /// An action that is open to somebody, with words that fit; `None`: it is closed.
    pub fn act(&mut self, no: No, actor: Actor, action: Action) -> Option<Request> {
        let names = matches!(action, Action::LinkEarlier | Action::JoinTo);
        let near = if names { Some(self.a_number_near(no)?) } else { None };
        let (city, now) = (self.city, self.now);
        let ticket = self.cases[no as usize].row.ticket.as_ref()?;
        let ctx = city.ctx(Some(ticket), &actor, now, None);
        ready(ticket, action, &ctx).ok()?;
        // Now and then somebody fills in the form without care.
        let command = if self.rng.odds(CARELESS) && !names {
            let inputs = sample::inputs(action, ticket, &ctx);
            self.rng.pick(&inputs).clone()
        } else {
            Speaker { city, rng: &mut self.rng, ticket, ctx: &ctx, near }.say(action)?
        };
        Some(self.request(no, actor, command))
    }

    pub fn request(&mut self, no: No, actor: Actor, command: Command) -> Request {
        let key = self.key();
        // Screens send the version they showed; channels and machines do not.
        let person = actor.role.of_staff() && self.rng.odds(6_000);
        let expected = person.then(|| self.case(no).row.version());
        Request { no, actor, what: What::Command(command), key, expected, written: false }
    }

    pub fn clerk(&mut self, role: Role) -> Actor {
        somebody(role, None, &mut self.rng)
    }

    /// Somebody does something else: one of what is open to them, or anything at all.
    pub fn anything(&mut self, no: No) -> Option<Request> {
        let role = *self.rng.pick(Role::ALL);
        if role == Role::System {
            return None;
        }
        let unit = role.of_unit().then(|| self.a_unit(no)).flatten();
        let actor = somebody(role, unit, &mut self.rng);
        let sensible = self.rng.odds(8_000);
        let ticket = self.cases[no as usize].row.ticket.as_ref()?;
        let ctx = self.city.ctx(Some(ticket), &actor, self.now, None);
        let action = if sensible {
            let shown = actions(ticket, &ctx);
            let open: Vec<Action> = shown.iter().filter(|a| a.allowed).map(|a| a.name).collect();
            if open.is_empty() {
                return None;
            }
            *self.rng.pick(&open)
        } else {
            *self.rng.pick(Action::ALL)
        };
        // Joining goes in steps; it has its own happening.
        if matches!(action, Action::JoinTo | Action::Register) {
            return None;
        }
        let inputs = sample::inputs(action, ticket, &ctx);
        let command = self.rng.pick(&inputs).clone();
        Some(self.request(no, actor, command))
    }

    /// A unit that has to do with the ticket, or any.
    fn a_unit(&mut self, no: No) -> Option<String> {
        let ticket = self.cases[no as usize].row.ticket.as_ref()?;
        let mut units: Vec<&str> = ticket.units();
        units.extend(ticket.owing());
        units.extend(ticket.returned_by.iter().map(|r| r.unit.as_str()));
        units.extend(ticket.copies.iter().map(|c| c.unit.as_str()));
        if units.is_empty() || self.rng.odds(1_000) {
            return Some(self.rng.pick(&self.city.leads).clone());
        }
        Some((*self.rng.pick(&units)).to_owned())
    }
}
