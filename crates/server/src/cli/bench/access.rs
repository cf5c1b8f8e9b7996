//! Access decisions a second: may this person do this to this ticket, for every role, a colleague and a stranger of each unit, every action and
//! tickets at every step of their lives. One core. Beside it the bare lookup of role and action in an array: what no decision can be quicker than.

use std::{
    error::Error,
    hint::black_box,
    time::{Duration, Instant as Stopwatch},
};

use jiesu_domain::{
    Actor, Role, access,
    ticket::{Action, Ticket, Units},
};

use super::{decisions::steps, grouped};
use crate::law::Law;

pub(super) fn run(law: &Law, time: Duration) -> Result<(), Box<dyn Error>> {
    let (tickets, units) = steps(law)?;
    let people = people(&tickets, units);
    let round = (people.len() * Action::ALL.len() * tickets.len()) as u64;
    let (decided, allowed, took) = repeated(time, || decide(&people, &tickets, units));
    let bare = bare();
    let (looked, _, bare_took) = repeated(time, || look(&bare, &people, tickets.len()));
    let rate = |rounds: u64, took: Duration| (rounds * round) as f64 / took.as_secs_f64();
    println!(
        "访问判断 access：每秒 {} 次，单核（{}人×{}项操作×{}件不同进度的工单，每轮许可{}次）；对照：只查角色与操作的数组，每秒 {} 次",
        grouped(rate(decided, took)),
        people.len(),
        Action::ALL.len(),
        tickets.len(),
        allowed,
        grouped(rate(looked, bare_took)),
    );
    Ok(())
}

/// Rounds within the time, what the last one counted, and how long they took.
fn repeated(time: Duration, mut round: impl FnMut() -> u64) -> (u64, u64, Duration) {
    let (mut rounds, mut counted, began) = (0, 0, Stopwatch::now());
    while rounds == 0 || began.elapsed() < time {
        counted = black_box(round());
        rounds += 1;
    }
    (rounds, counted, began.elapsed())
}

/// Each role at the centre or at the unit that has the ticket, and each role of units at one that has not.
fn people(tickets: &[Ticket], units: &Units) -> Vec<Actor> {
    let has: Vec<String> = tickets.iter().flat_map(access::parts).map(|(unit, _)| unit).collect();
    let other = units.keys().find(|unit| !has.contains(unit)).cloned();
    let mut people = Vec::new();
    for role in Role::ALL {
        let id = role.code().to_owned();
        let at = if role.of_unit() { has.first().cloned() } else { None };
        people.push(Actor { id: id.clone(), role: *role, unit: at });
        if role.of_unit() {
            people.push(Actor { id, role: *role, unit: other.clone() });
        }
    }
    people
}

/// As a request decides: the table of roles, then whether the ticket is in sight.
fn decide(people: &[Actor], tickets: &[Ticket], units: &Units) -> u64 {
    let mut allowed = 0;
    for person in people {
        for action in Action::ALL {
            for ticket in tickets {
                let may = access::may(black_box(person.role), black_box(*action));
                allowed += u64::from(may && access::sees(black_box(person), black_box(ticket), units));
            }
        }
    }
    allowed
}

fn bare() -> Vec<Vec<bool>> {
    let row = |role: &Role| Action::ALL.iter().map(|action| access::may(*role, *action)).collect();
    Role::ALL.iter().map(row).collect()
}

fn look(bare: &[Vec<bool>], people: &[Actor], tickets: usize) -> u64 {
    let mut allowed = 0;
    for person in people {
        for action in 0..Action::ALL.len() {
            for _ in 0..tickets {
                allowed += u64::from(bare[black_box(person.role as usize)][black_box(action)]);
            }
        }
    }
    allowed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strangers_are_refused_what_colleagues_may_and_the_array_is_the_table() {
        let law = Law::load(None).unwrap();
        let (tickets, units) = steps(&law).unwrap();
        let people = people(&tickets, units);
        let of = |role: Role| people.iter().filter(|p| p.role == role).cloned().collect::<Vec<_>>();
        let [colleague, stranger] = of(Role::Handler).try_into().unwrap();
        assert!(decide(&[colleague], &tickets, units) > 0);
        assert_eq!(decide(&[stranger], &tickets, units), 0);
        let bare = bare();
        for role in Role::ALL {
            for (n, action) in Action::ALL.iter().enumerate() {
                assert_eq!(bare[*role as usize][n], access::may(*role, *action), "{role:?} {action:?}");
            }
        }
    }
}
