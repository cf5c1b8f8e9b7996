//! What is not in the usual course of a ticket: people who call again or take it back, somebody who presses, what a clerk notices.

use jiesu_domain::{
    Actor, Role,
    ticket::{Action, Command, Stage, Ticket},
};

use crate::{city::City, load, rng::Rng, turns::somebody};

#[derive(Clone, Copy, Debug)]
pub enum Stray {
    /// The same person calls again.
    CallsAgain,
    /// Somebody else has the same trouble.
    OneMore,
    TakesBack,
    /// An act by somebody of this role, whose turn it is not.
    By(Role, Action),
}

/// How often in ten thousand tickets, and within how many days (mean; 0: minutes).
pub type Often<S> = (usize, u64, S);

/// What happens in an ordinary centre.
pub const ORDINARY: &[Often<Stray>] = &[
    (500, 3, Stray::CallsAgain),
    (60, 9, Stray::CallsAgain),
    (150, 2, Stray::OneMore),
    (120, 2, Stray::TakesBack),
    (120, 0, Stray::By(Role::Seat, Action::MarkDifficult)),
    (25, 0, Stray::By(Role::Dispatcher, Action::MarkMajor)),
    (15, 1, Stray::By(Role::Seat, Action::RecordMalicious)),
    (10, 1, Stray::By(Role::Supervisor, Action::ReportRisk)),
    (60, 4, Stray::By(Role::Supervisor, Action::Urge)),
    (20, 3, Stray::By(Role::SuperiorUnit, Action::Urge)),
    (25, 3, Stray::By(Role::Dispatcher, Action::RecordInstruction)),
    (12, 4, Stray::By(Role::Supervisor, Action::MarkMedia)),
    (15, 6, Stray::By(Role::Supervisor, Action::RecordConduct)),
    (15, 5, Stray::By(Role::Supervisor, Action::ProposeSupervision)),
    (4, 9, Stray::By(Role::CentreManager, Action::Hold)),
];

const DAY: u64 = 86_400;

/// Which of these will happen to a new ticket, and after how many seconds.
pub fn drawn<S: Copy>(from: &[Often<S>], rng: &mut Rng) -> Vec<(i64, S)> {
    let mut all = Vec::new();
    for (often, days, stray) in from {
        if rng.odds(*often) {
            let mean = if *days == 0 { 300 } else { days * DAY };
            all.push((rng.wait(mean) + 60, *stray));
        }
    }
    all
}

/// Another call about the same ticket, while it is open; seldom later.
pub fn another_call(ticket: &Ticket, same_as: Option<u32>, rng: &mut Rng) -> Option<(Actor, Command)> {
    let actor = somebody(Role::Seat, None, rng);
    let (channel, follow_up_by) = (load::channel(rng), load::way(rng));
    let note = rng.odds(3_000).then(|| "还是没有人来".to_owned());
    let command = Command::AttachAppeal { channel, follow_up_by, note, same_as, from: None };
    let open = matches!(ticket.stage, Stage::Registered(_) | Stage::Working(_) | Stage::Closed(_) | Stage::Checking(_));
    (open || rng.odds(500)).then_some((actor, command))
}

/// A clerk, or for a superior unit and a discipline office one that was sent a copy.
pub fn someone(ticket: &Ticket, city: &City, role: Role, rng: &mut Rng) -> Actor {
    if !role.of_unit() {
        return somebody(role, None, rng);
    }
    let copy = ticket.copies.first().map(|c| c.unit.clone());
    let above = || city.units.get(*ticket.units().first()?)?.parent.clone();
    somebody(role, copy.or_else(above).or_else(|| Some("zhengfu".to_owned())), rng)
}

/// Who takes it back: on the portal, or by another call.
pub fn takes_back(rng: &mut Rng) -> Actor {
    if rng.odds(5_000) { Actor::citizen() } else { somebody(Role::Seat, None, rng) }
}
