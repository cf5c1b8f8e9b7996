//! Whose turn it is and when: the duties of a ticket weighed against each other. The offices of the units have hours and holidays, the
//! centre has none.

use jiesu_domain::{Actor, Instant, Role, ticket::Action, ticket::Ticket};

use crate::{
    after,
    city::{self, City},
    duties::{Duty, duties},
    rng::Rng,
};

/// How much happens that need not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Temper {
    /// What may be done or left is done often: everything shows in a year.
    Lively,
    /// As in a well-run centre: what may be left is mostly left.
    Ordinary,
    /// Nothing but duties, each within a day.
    Careful,
}

/// Where everybody is careful, nobody takes longer than this.
const SOON: u64 = 8 * 3_600;
/// An ordinary centre leaves so many times as often what may be left.
const LEFT: u64 = 6;
/// Weights are turns in so many seconds.
const AGE: u64 = 1 << 30;
/// Nobody waits longer for chance.
const LONGEST: i64 = 30 * 86_400;

fn weight(duty: &Duty<'_>, temper: Temper, open: bool) -> u64 {
    let takes = match temper {
        Temper::Lively => duty.takes,
        Temper::Ordinary => ordinarily(duty),
        Temper::Careful if duty.spare => return 0,
        Temper::Careful => duty.takes.min(SOON),
    };
    // Somebody is on duty at night who signs, though not at once.
    let watch = temper == Temper::Ordinary && duty.action == Action::Sign;
    match open || duty.unit.is_none() {
        true => AGE / takes.max(1),
        false if watch => AGE / (takes * 3),
        false => 0,
    }
}

/// How long it takes, or takes to come, in an ordinary centre.
fn ordinarily(duty: &Duty<'_>) -> u64 {
    match duty.action {
        Action::AnswerAtOnce => duty.takes / 3,
        Action::AskReturn | Action::Sign => duty.takes / 2,
        Action::AskExtension => duty.takes * 2,
        _ if duty.spare => duty.takes * LEFT,
        _ => duty.takes,
    }
}

/// When somebody acts next, if anybody should: then it is decided who.
pub fn next(ticket: &Ticket, city: &City, now: Instant, temper: Temper, rng: &mut Rng) -> Option<Instant> {
    let open = city.office(now);
    let all = duties(ticket, city, now);
    let by_now: u64 = all.iter().map(|d| weight(d, temper, open)).sum();
    let with_units: u64 = all.iter().map(|d| weight(d, temper, true)).sum();
    if with_units == 0 {
        return None;
    }
    let mut at = after(city.opens(now), rng.wait(AGE / with_units).min(LONGEST));
    if let Some(mean) = AGE.checked_div(by_now) {
        let soon = after(now, rng.wait(mean).clamp(20, LONGEST));
        at = if open { soon } else { at.min(soon) };
    }
    Some(at)
}

/// What somebody does now whose turn it is.
pub fn whose(ticket: &Ticket, city: &City, now: Instant, temper: Temper, rng: &mut Rng) -> Option<(Actor, Action)> {
    let all = duties(ticket, city, now);
    let open = city.office(now);
    let weights: Vec<u64> = all.iter().map(|d| weight(d, temper, open)).collect();
    if weights.iter().sum::<u64>() == 0 {
        return None;
    }
    let duty = &all[rng.weighted(&weights)];
    Some((somebody(duty.role, duty.unit.map(str::to_owned), rng), duty.action))
}

/// Somebody with this role.
pub fn somebody(role: Role, unit: Option<String>, rng: &mut Rng) -> Actor {
    let id = match &unit {
        Some(unit) => city::of_unit(role, unit),
        None => city::clerk(role, rng.below(city::CLERKS)),
    };
    Actor { id, role, unit }
}
