//! The model check. For each rulebook every reachable state of a ticket is visited, by everybody doing everything that is open and by time
//! passing to the next instant the ticket asked for; tickets that differ only in texts and instants are one state. It is shown that
//!
//! - from every state somebody can act or a clock runs, and the archive can be reached;
//! - no rule is got round by another order of commands ([`oracle`]), and no command panics;
//! - the order in which clocks run out is part of the state, so that early and late are both tried everywhere.
//!
//! The whole product of all machines would be too large; eight slices are taken, each with its own commands and the way to them, so that
//! every machine is visited with those it shares rules with. What is bounded says [`within`].
//!
//! Why not stateright: it has no "from every state … can be reached" (AG EF), which is the point here (ADR 0008).

#![allow(clippy::disallowed_macros, reason = "a test tells how far it searched")]

use std::collections::{BTreeMap, VecDeque};

use jiesu_domain::{
    Actor, Instant, Role, Rulebook, access,
    clock::ClockStatus,
    ticket::{Action, Command, Meta, Reply, Stage, Ticket, decide, evolve, ready},
    words::Contact,
};

mod slices;

use slices::{SLICES, Slice};

use super::{oracle, sample, support::*};
use Action as A;

/// What the search leaves out: further rounds of the same.
fn within(t: &Ticket) -> bool {
    let work = t.work();
    t.redos <= 1
        && t.returned_by.len() <= 2
        && t.appeals.len() <= 2
        && t.supervision.len() <= 2
        && t.urgings.len() <= 2
        && t.conducts.iter().filter(|c| c.state == jiesu_domain::ticket::ConductState::Found).count() <= 1
        && t.conducts.len() <= 2
        && t.exclusions.len() <= 1
        && t.instructions.len() <= 1
        && t.media.len() <= 1
        && t.handovers.len() <= 1
        && t.supplements.len() <= 1
        && t.dispatches <= 3
        && work.is_none_or(|w| {
            w.returns_refused <= 2
                && w.closures_refused <= 1
                && w.contacts.len() <= 3
                && w.assists.len() <= 1
                && w.relayed.len() <= 2
        })
}

/// The state: everything of a ticket on which a decision can depend, without texts and instants. Of instants only their order is kept.
fn abstraction(t: &Ticket, now: Instant) -> String {
    let mut open: Vec<_> = t.clocks.iter().filter(|c| c.open()).collect();
    open.sort_by_key(|c| (c.due, c.id));
    let clocks: Vec<String> = open
        .iter()
        .map(|c| {
            let status = match c.status {
                ClockStatus::Running => "r",
                ClockStatus::Held => "h",
                _ => "p",
            };
            let past = now >= c.due;
            format!("{}@{}{status}{}{past}", c.kind.code(), c.unit.as_deref().unwrap_or(""), c.expired)
        })
        .collect();
    let late: Vec<bool> = t.clocks.iter().filter(|c| !c.open() && c.kind.is_duty()).map(|c| c.late(now)).collect();
    let marks = (
        t.difficult.is_some(),
        t.major.is_some(),
        t.redos,
        t.dispatches.min(3),
        t.settled.is_some(),
        late.contains(&true),
    );
    let appeals: Vec<_> = t
        .appeals
        .iter()
        .map(|a| (a.withdrawn, t.rating_now(a.no).map(|r| (r.result.is_satisfied(), r.verdict.is_some()))))
        .collect();
    let supervision: Vec<_> = t
        .supervision
        .iter()
        .map(|e| format!("{}{:?}{}", e.ground, std::mem::discriminant(&e.state), e.unit.as_deref().unwrap_or("")))
        .collect();
    let urgings: Vec<_> = t.urgings.iter().map(|u| (&u.unit, u.answer.is_some(), u.missed)).collect();
    let conducts: Vec<_> = t.conducts.iter().map(|c| (&c.conduct, c.state)).collect();
    let exclusions: Vec<_> = t.exclusions.iter().map(|e| (&e.ground, e.state)).collect();
    let returned: Vec<_> = t.returned_by.iter().map(|r| &r.unit).collect();
    let told = (t.instructions.len(), t.media.len(), t.supplements.len(), t.handovers.len(), t.unsatisfied());
    let stage = stage(t, now);
    format!(
        "{stage}|{clocks:?}|{marks:?}|{appeals:?}|{supervision:?}|{urgings:?}|{conducts:?}|{exclusions:?}|{returned:?}|{told:?}"
    )
}

fn stage(t: &Ticket, now: Instant) -> String {
    let waiting = match &t.stage {
        Stage::Registered(w) => format!(
            "{:?}{}{:?}{:?}",
            w.referral.as_ref().map(|r| r.to),
            w.consultation.is_some(),
            w.named.as_ref().map(|n| &n.lead),
            w.opinion.as_ref().map(|o| (&o.lead, &o.assists, o.approved.is_some()))
        ),
        _ => String::new(),
    };
    let work = t.work().map(|w| {
        let now_only = || w.contacts.iter().filter(|c| c.at >= w.dispatched_at);
        let in_vain = now_only().filter(|c| !c.reached && c.by == Contact::Phone).count().min(2);
        let contacts = (now_only().any(|c| c.reached), in_vain, w.contacts.iter().any(|c| c.explained));
        let assists: Vec<_> = w
            .assists
            .iter()
            .map(|a| (&a.unit, a.signed_at.is_some(), a.result.is_some(), a.whistle.is_some(), a.progress.is_empty()))
            .collect();
        let reply = match w.reply {
            Reply::None => 0,
            Reply::Draft { .. } => 1,
            Reply::Audited { .. } => 2,
        };
        let window = t.clocks.iter().rev().find(|c| c.kind == jiesu_domain::clock::ClockKind::Return);
        let window = window.is_some_and(|c| c.from >= w.dispatched_at && now < c.due);
        let asked = (
            w.returning.is_some(),
            w.return_opened.is_some(),
            w.returns_refused,
            w.bound,
            window,
            w.consultation.is_some(),
        );
        let time = (w.extension.is_some(), w.extensions, w.longer, w.supplement.is_some(), w.reported_up.is_some());
        let answer =
            (reply, w.long_term.is_some(), w.answers.len(), w.relayed.iter().map(|a| a.reached).collect::<Vec<_>>());
        let closing = w.closing.as_ref().map(|c| &c.ground);
        format!(
            "{}{}{assists:?}{contacts:?}{asked:?}{time:?}{answer:?}{closing:?}{}",
            w.lead.unit,
            w.lead.signed_at.is_some(),
            w.closures_refused
        )
    });
    let closed = t.closed().map(|c| {
        let mut tried: Vec<_> = c.attempts.iter().map(|a| (a.appeal, a.by)).collect();
        tried.sort_unstable();
        (&c.ground, c.tracking, c.settlement.is_some(), tried)
    });
    format!("{}{waiting}{work:?}{closed:?}", t.state().code())
}

struct Node {
    ticket: Ticket,
    now: Instant,
    /// Where it was first come from, to tell the story of a failure.
    from: Option<(usize, String)>,
    next: Vec<usize>,
}

struct Search<'s> {
    book: &'s Rulebook,
    slice: &'s Slice,
    desk: Desk,
    nodes: Vec<Node>,
    known: BTreeMap<String, usize>,
    queue: VecDeque<usize>,
}

impl Search<'_> {
    fn story(&self, mut at: usize) -> String {
        let mut steps = Vec::new();
        while let Some((from, step)) = &self.nodes[at].from {
            steps.push(step.clone());
            at = *from;
        }
        steps.reverse();
        format!("{} / {}: {}", self.book.rulebook.id, self.slice.name, steps.join(" → "))
    }

    fn add(&mut self, ticket: Ticket, now: Instant, from: Option<(usize, String)>) -> usize {
        let key = abstraction(&ticket, now);
        if let Some(at) = self.known.get(&key) {
            return *at;
        }
        let at = self.nodes.len();
        self.known.insert(key, at);
        self.nodes.push(Node { ticket, now, from, next: Vec::new() });
        self.queue.push_back(at);
        at
    }

    /// Everything that can happen next.
    fn expand(&mut self, at: usize) {
        let (ticket, now) = (self.nodes[at].ticket.clone(), self.nodes[at].now);
        let mut next = Vec::new();
        if let Some(wake) = ticket.next_wakeup() {
            let wake = wake.max(now);
            let step = format!("time to {wake}");
            next.extend(self.step(at, &ticket, &Command::TimePassed, &Actor::system(), wake, step));
        }
        for action in self.slice.actions {
            for actor in actors(*action, &ticket) {
                let ctx = self.desk.ctx(&actor, now);
                if ready(&ticket, *action, &ctx).is_err() {
                    continue;
                }
                let commands = sample::inputs(*action, &ticket, &ctx);
                for command in few(*action, commands) {
                    let step = format!("{} {action}", actor.id);
                    next.extend(self.step(at, &ticket, &command, &actor, now, step));
                }
            }
        }
        next.sort_unstable();
        next.dedup();
        self.nodes[at].next = next;
    }

    fn step(
        &mut self,
        at: usize,
        ticket: &Ticket,
        command: &Command,
        actor: &Actor,
        now: Instant,
        step: String,
    ) -> Option<usize> {
        let events = decide(ticket, command, &self.desk.ctx(actor, now)).ok()?;
        let mut after = ticket.clone();
        let meta = Meta { at: now, by: actor.id.clone() };
        for event in &events {
            // What time had brought is the system's, whoever's command came upon it.
            let scene = oracle::Scene { book: self.book, units: &self.desk.units, actor, now };
            if let Err(fault) = oracle::allows(&after, event, &scene) {
                panic!("{} → {step}: {} ({fault})", self.story(at), event.name());
            }
            after = evolve(Some(after), &meta, event).expect("what decide says folds");
        }
        if let Err(fault) =
            oracle::pauses_only_by_rule(&after, self.book).and_then(|()| oracle::clocks_fit_the_units(&after))
        {
            panic!("{} → {step}: {fault}", self.story(at));
        }
        within(&after).then(|| self.add(after, now, Some((at, step))))
    }

    /// From every state the archive can be reached: walked backwards from the archived ones.
    fn check_ends(&self) {
        let mut back: Vec<Vec<usize>> = vec![Vec::new(); self.nodes.len()];
        for (at, node) in self.nodes.iter().enumerate() {
            node.next.iter().for_each(|n| back[*n].push(at));
        }
        let archived = |n: &Node| matches!(n.ticket.stage, Stage::Archived { .. }) || (self.slice.until)(&n.ticket);
        let mut reached: Vec<bool> = self.nodes.iter().map(archived).collect();
        let mut queue: Vec<usize> = (0..self.nodes.len()).filter(|n| reached[*n]).collect();
        while let Some(at) = queue.pop() {
            for from in &back[at] {
                if !std::mem::replace(&mut reached[*from], true) {
                    queue.push(*from);
                }
            }
        }
        let lost: Vec<usize> = (0..self.nodes.len()).filter(|n| !reached[*n]).collect();
        assert!(
            lost.is_empty(),
            "{} of {} states never reach the archive; first: {}",
            lost.len(),
            self.nodes.len(),
            self.story(lost[0])
        );
    }
}

/// Who may do it and has to do with it.
fn actors(action: Action, ticket: &Ticket) -> Vec<Actor> {
    let mut all = Vec::new();
    for role in Role::ALL.iter().filter(|r| access::may(**r, action)) {
        if role.of_unit() {
            let units = ticket.units().into_iter().chain(ticket.owing()).collect::<std::collections::BTreeSet<_>>();
            match role {
                // Above all others, and pressing below.
                Role::SuperiorUnit => all.push(of_unit(*role, "zhengfu")),
                _ => all.extend(units.into_iter().map(|unit| of_unit(*role, unit))),
            }
        } else if all.is_empty() || matches!(action, Action::ReferUp | Action::Accept | Action::DecideExclusion) {
            all.push(of_centre(*role));
        }
    }
    if matches!(action, Action::DecideExclusion) {
        all.push(Actor { id: "second-manager".into(), ..of_centre(Role::CentreManager) });
    }
    // A leader does what a handler does: one of the two is enough to get everywhere.
    if all.iter().any(|a| a.role == Role::Handler) {
        all.retain(|a| a.role != Role::UnitLeader);
    }
    all
}

/// Enough inputs to get everywhere; what they say in words makes no difference.
fn few(action: Action, commands: Vec<Command>) -> Vec<Command> {
    let most = match action {
        A::Dispatch => 2,
        A::Refuse => 60,
        A::Urge | A::Whistle => 2,
        A::FollowUp => 12,
        A::Rate | A::RateByText => 8,
        A::VerifyRating => 5,
        A::AskExtension => 1,
        A::LinkEarlier => 1,
        _ => 4,
    };
    if action == A::Dispatch {
        let more = commands.iter().skip(11).cloned();
        return commands.iter().take(most).cloned().chain(more).collect();
    }
    if action == A::VerifyRating {
        return commands.into_iter().collect();
    }
    commands.into_iter().take(most).collect()
}

const MOST_STATES: usize = 60_000;

fn search(book: &Rulebook, slice: &Slice) -> usize {
    let mut desk = Desk::with(book.clone(), calendar());
    desk.units = sample::units();
    let kind = slice.kinds.iter().find(|k| book.accept.kinds.contains(k)).unwrap_or(&book.accept.kinds[0]);
    let urgent = slice.urgent && book.emergency.kinds.contains(kind);
    let form = jiesu_domain::ticket::Register { urgent, confidential: slice.confidential, ..form(*kind) };
    let start = at("2026-04-28 09:00");
    let seat = of_centre(Role::Seat);
    let events = jiesu_domain::ticket::register(&form, "SR-20260428-000001-0", None, &desk.ctx(&seat, start)).unwrap();
    desk.fold(&seat, start, events);
    let mut search = Search { book, slice, desk, nodes: Vec::new(), known: BTreeMap::new(), queue: VecDeque::new() };
    let first = prelude(&mut search, start);
    search.add(first, start, None);
    while let Some(at) = search.queue.pop_front() {
        // What another slice goes on with is not gone on with here.
        if (slice.until)(&search.nodes[at].ticket) {
            continue;
        }
        search.expand(at);
        assert!(search.nodes.len() < MOST_STATES, "{} / {}: more states than planned", book.rulebook.id, slice.name);
    }
    search.check_ends();
    for (at, node) in search.nodes.iter().enumerate() {
        let over = matches!(node.ticket.stage, Stage::Archived { .. }) || (slice.until)(&node.ticket);
        let goes_on = node.ticket.next_wakeup().is_some() || !node.next.is_empty();
        assert!(over || goes_on || !within(&node.ticket), "{}: nobody can act and no clock runs", search.story(at));
    }
    search.nodes.len()
}

/// What is done before the slice begins.
fn prelude(search: &mut Search<'_>, now: Instant) -> Ticket {
    let mut ticket = search.desk.ticket().clone();
    for action in search.slice.before {
        let mut done = false;
        for actor in actors(*action, &ticket).into_iter().chain(leaders(&ticket)) {
            let commands = sample::inputs(*action, &ticket, &search.desk.ctx(&actor, now));
            for command in commands {
                let Ok(events) = decide(&ticket, &command, &search.desk.ctx(&actor, now)) else { continue };
                let meta = Meta { at: now, by: actor.id.clone() };
                ticket = events.iter().fold(ticket, |t, e| evolve(Some(t), &meta, e).unwrap());
                done = true;
                break;
            }
            if done {
                break;
            }
        }
        assert!(done, "{} / {}: {action} is not possible", search.book.rulebook.id, search.slice.name);
    }
    ticket
}

fn leaders(ticket: &Ticket) -> Vec<Actor> {
    ticket.units().into_iter().map(|u| of_unit(Role::UnitLeader, u)).collect()
}

fn every_rulebook(slice: &str) {
    let slice = SLICES.iter().find(|s| s.name == slice).unwrap();
    let searched: Vec<String> =
        rulebooks().iter().map(|book| format!("{} {}", book.rulebook.id, search(book, slice))).collect();
    println!("{}: states visited: {}", slice.name, searched.join(", "));
}

#[test]
fn the_desk() {
    every_rulebook("desk");
}

#[test]
fn time() {
    every_rulebook("time");
}

#[test]
fn asked() {
    every_rulebook("asked");
}

#[test]
fn together() {
    every_rulebook("together");
}

#[test]
fn asking() {
    every_rulebook("asking");
}

#[test]
fn settling() {
    every_rulebook("settling");
}

#[test]
fn pressed() {
    every_rulebook("pressed");
}

#[test]
fn watched() {
    every_rulebook("watched");
}
