//! One ticket under another version of its rulebook: what would be due when, what could be done, and what the other version does not know.
//!
//! A rehearsal and nothing more: a ticket keeps the version of its dispatch. What has happened stays as it is: starts, extensions and
//! pauses, the catalogue's entry, who handles it.

mod due;
mod unknown;

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    Actor, Instant, Role, access,
    calendar::Day,
    clock::{Clock, ClockKind, ClockStatus},
    describe,
    ticket::{Action, Ctx, Ticket, ready},
    words::words,
};

words! {
    /// What becomes of a limit.
    Effect, "时限变化" {
        Earlier = "earlier" "提前",
        Later = "later" "推后",
        NewlyOverdue = "newly-overdue" "变为超期",
        NoLongerOverdue = "no-longer-overdue" "不再超期",
        Falls = "falls" "不再计时",
    }
}

/// One thing that would be different.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Difference {
    Due {
        kind: ClockKind,
        /// Whose duty it is; `None`: the centre's.
        unit: Option<String>,
        now: Instant,
        /// `None`: the other version sets no such limit, or it has not begun there.
        then: Option<Instant>,
        effect: Effect,
    },
    Action {
        action: Action,
        /// Open there and not here, or the other way round.
        opens: bool,
        roles: BTreeSet<Role>,
        /// On which the closed door rests.
        article: Option<String>,
    },
    /// The ticket stands on something that the other version does not have.
    Unknown(String),
}

impl Difference {
    /// In Chinese, without anything a person wrote.
    pub fn words(&self, ctx: &Ctx<'_>) -> String {
        match self {
            Difference::Due { kind, unit, now, then, effect } => {
                let whose = match kind {
                    ClockKind::Sign | ClockKind::Assist | ClockKind::ReportIn | ClockKind::Urging => unit.as_deref(),
                    _ => None,
                };
                let whose = whose.map_or_else(String::new, |unit| ctx.unit_name(unit).to_owned());
                let name = if *kind == ClockKind::Return { kind.to_string() } else { format!("{kind}时限") };
                match then {
                    None => format!("{whose}{name}{effect}（现为{}）", due_words(*now, ctx.now)),
                    Some(then) => {
                        format!("{whose}{name}{}→{}（{effect}）", due_words(*now, ctx.now), due_words(*then, ctx.now))
                    }
                }
            }
            Difference::Action { action, opens, roles, article } => {
                let verb = if *opens { "可以" } else { "不能" };
                let roles: Vec<&str> = roles.iter().map(|r| r.zh()).collect();
                let article = article.as_ref().map_or_else(String::new, |a| format!("；{a}"));
                format!("{verb}“{action}”（{}{article}）", roles.join("、"))
            }
            Difference::Unknown(what) => what.clone(),
        }
    }
}

/// `5月11日24时`; with the year where it is not this one.
fn due_words(due: Instant, now: Instant) -> String {
    let year = Day::of_due(due).date().year();
    let words = describe::due_words(due);
    if year == Day::of(now).date().year() { words } else { format!("{year}年{words}") }
}

/// What would be different for a ticket if it went by `other` instead of `own`: its limits, what can be done, and what it stands on that
/// is not there. Both are of the same instant, with the same calendar, catalogue and units; who acts does not matter.
pub fn under(ticket: &Ticket, own: &Ctx<'_>, other: &Ctx<'_>) -> Vec<Difference> {
    let mut found = Vec::new();
    let mut moved = ticket.clone();
    for clock in moved.clocks.iter_mut().filter(|c| c.open()) {
        match due::under(ticket, clock, own, other) {
            Ok(then) => found.extend(moves(clock, then, own.now)),
            Err(unknown) => found.push(Difference::Unknown(unknown)),
        }
    }
    found.extend(actions(ticket, own, &moved, other));
    found.extend(unknown::of(ticket, other).into_iter().map(Difference::Unknown));
    found
}

/// Puts a clock to where it would stand; what that means, if it is not where it stood.
fn moves(clock: &mut Clock, then: Option<Instant>, now: Instant) -> Option<Difference> {
    let (was, late) = (clock.due, clock.late(now));
    if then == Some(was) {
        return None;
    }
    match then {
        None => clock.status = ClockStatus::Void { at: now },
        Some(then) => {
            clock.due = then;
            clock.expired &= now >= then;
        }
    }
    let effect = match (then, clock.kind.is_duty() && late, clock.kind.is_duty() && clock.late(now)) {
        (None, ..) => Effect::Falls,
        (_, true, false) => Effect::NoLongerOverdue,
        (_, false, true) => Effect::NewlyOverdue,
        (Some(then), ..) if then < was => Effect::Earlier,
        _ => Effect::Later,
    };
    Some(Difference::Due { kind: clock.kind, unit: clock.unit.clone(), now: was, then, effect })
}

/// What opens and what closes, for somebody of each role.
fn actions(ticket: &Ticket, own: &Ctx<'_>, moved: &Ticket, other: &Ctx<'_>) -> Vec<Difference> {
    let mut found: BTreeMap<(bool, Action), (BTreeSet<Role>, Option<String>)> = BTreeMap::new();
    for actor in people(ticket) {
        let (own, other) = (Ctx { actor: &actor, ..*own }, Ctx { actor: &actor, ..*other });
        let known = |a: &&Action| **a != Action::Register && !a.of_system() && access::may(actor.role, **a);
        for action in Action::ALL.iter().filter(known) {
            let (here, there) = (ready(ticket, *action, &own), ready(moved, *action, &other));
            if here.is_ok() == there.is_ok() {
                continue;
            }
            let (roles, article) = found.entry((there.is_ok(), *action)).or_default();
            roles.insert(actor.role);
            *article = there.err().and_then(|r| r.article().map(str::to_owned));
        }
    }
    let difference = |((opens, action), (roles, article))| Difference::Action { action, opens, roles, article };
    found.into_iter().map(difference).collect()
}

/// Somebody of each role that does anything with tickets: of a unit's roles, one in each unit that has to do with this one.
fn people(ticket: &Ticket) -> Vec<Actor> {
    let mut people = Vec::new();
    let parts = access::parts(ticket);
    for role in Role::ALL.iter().filter(|r| Action::ALL.iter().any(|a| !a.of_system() && access::may(**r, *a))) {
        let actor =
            |unit: Option<&str>| Actor { id: role.code().to_owned(), role: *role, unit: unit.map(str::to_owned) };
        if role.of_unit() {
            people.extend(parts.iter().map(|(unit, _)| actor(Some(unit))));
        } else if *role != Role::System {
            people.push(actor(None));
        }
    }
    people
}
