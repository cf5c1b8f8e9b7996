//! People at work: who acts next on a ticket and when. The offices of the units have hours and holidays, the centre has none.

use jiesu_domain::{
    Actor, Role,
    ticket::{Action, Command, actions, ready},
};

use super::{
    duties::{Duty, duties},
    sample,
    say::Speaker,
    server::{Answer, Request, What},
    world::{Happening, No, World, after},
};

/// Where everybody is careful, nobody takes longer than this.
const SOON: u64 = 8 * 3_600;
/// Weights are turns in so many seconds.
const AGE: u64 = 1 << 30;

impl World<'_> {
    fn weight(&self, duty: &Duty<'_>, open: bool) -> u64 {
        let takes = if self.careless { duty.takes } else { duty.takes.min(SOON) };
        let left = duty.spare && !self.careless;
        if !left && (open || duty.unit.is_none()) { AGE / takes.max(1) } else { 0 }
    }

    /// When somebody acts next, if anybody should: then it is decided who.
    pub fn plan(&mut self, no: No) {
        let case = &mut self.cases[no as usize];
        case.plan += 1;
        let (plan, now, city) = (case.plan, self.now, self.city);
        let Some(ticket) = &self.cases[no as usize].row.ticket else { return };
        let open = city.office(now);
        let all = duties(ticket, city, now);
        let by_now: u64 = all.iter().map(|d| self.weight(d, open)).sum();
        let with_units: u64 = all.iter().map(|d| self.weight(d, true)).sum();
        if with_units == 0 {
            return;
        }
        let opens = city.opens(now);
        let mut at = after(opens, self.rng.wait(AGE / with_units).min(30 * 86_400));
        if let Some(mean) = AGE.checked_div(by_now) {
            let wait = self.rng.wait(mean).min(30 * 86_400);
            let soon = after(now, wait.max(20));
            at = if open { soon } else { at.min(soon) };
        }
        self.push(at, Happening::Turn(no, plan));
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
        let (city, now) = (self.city, self.now);
        let Some(ticket) = self.cases[no as usize].row.ticket.as_ref() else { return Ok(None) };
        let all = duties(ticket, city, now);
        let open = city.office(now);
        let weights: Vec<u64> = all.iter().map(|d| self.weight(d, open)).collect();
        if weights.iter().sum::<u64>() == 0 {
            return Ok(None);
        }
        let duty = &all[self.rng.weighted(&weights)];
        let (action, role, unit) = (duty.action, duty.role, duty.unit.map(str::to_owned));
        let actor = self.somebody(role, unit);
        Ok(self.act(no, actor, action))
    }

    /// An action that is open to somebody, with words that fit; `None`: it is closed.
    pub fn act(&mut self, no: No, actor: Actor, action: Action) -> Option<Request> {
        let near = match action {
            Action::LinkEarlier | Action::JoinTo => Some(self.a_number_near(no)?),
            _ => None,
        };
        let ticket = self.cases[no as usize].row.ticket.as_ref()?;
        let ctx = self.city.ctx(Some(ticket), &actor, self.now, None);
        ready(ticket, action, &ctx).ok()?;
        let command = Speaker { city: self.city, rng: &mut self.rng, ticket, ctx: &ctx, near }.say(action)?;
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
        self.somebody(role, None)
    }

    fn somebody(&mut self, role: Role, unit: Option<String>) -> Actor {
        let id = match &unit {
            Some(unit) => format!("{}@{unit}", role.code()),
            None => format!("{}-{}", role.code(), self.rng.below(4)),
        };
        Actor { id, role, unit }
    }

    /// Somebody does something else: one of what is open to them, or anything at all.
    pub fn anything(&mut self, no: No) -> Option<Request> {
        let role = *self.rng.pick(Role::ALL);
        if role == Role::System {
            return None;
        }
        let unit = role.of_unit().then(|| self.a_unit(no)).flatten();
        let actor = self.somebody(role, unit);
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
