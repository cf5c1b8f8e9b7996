//! What must hold at every step, when a ticket is over, and at the end. The oracle asks whether an event may follow; here is the rest.

use jiesu_domain::{
    Actor, Instant, Role, Rulebook, describe,
    rulebook::{MessageOn, MessageRule},
    ticket::{Event, Outgoing, Stage, Ticket, fold, ready},
};

use jiesu_lives::City;

use super::{
    oracle,
    store::{Digest, Row},
};

type Check = Result<(), String>;

pub fn must(holds: bool, what: impl FnOnce() -> String) -> Check {
    if holds { Ok(()) } else { Err(what()) }
}

/// The due instants before a step.
pub struct Before(Vec<Instant>);

impl Before {
    pub fn of(ticket: Option<&Ticket>) -> Before {
        Before(ticket.map_or_else(Vec::new, |t| t.clocks.iter().map(|c| c.due).collect()))
    }

    /// A due instant never moves back, unless a holiday notice that came out says so.
    pub fn still(&self, after: &Ticket, events: &[Event]) -> Check {
        let recounted =
            |id: u32| events.iter().any(|e| matches!(e, Event::ClockRecounted { clock, .. } if *clock == id));
        let back = self.0.iter().zip(&after.clocks).find(|(due, clock)| clock.due < **due && !recounted(clock.id));
        must(back.is_none(), || format!("a due instant moved back: {back:?}"))
    }
}

/// After every step, on the ticket as it now is.
pub fn after(ticket: &Ticket, now: Instant, book: &Rulebook) -> Check {
    oracle::pauses_only_by_rule(ticket, book)?;
    must(ticket.next_wakeup().is_none_or(|w| w > now), || "what is due by now was left undone".into())?;
    let due = ticket.clocks.iter().all(|c| c.due > c.from && c.extensions.iter().all(|e| c.due > e.due_before));
    must(due, || "a clock that is due before it begins, or was extended to before".into())?;
    if matches!(ticket.stage, Stage::Archived { .. }) {
        return must(ticket.unsettled().is_none(), || "archived with something unsettled".into());
    }
    oracle::clocks_fit_the_stage(ticket)?;
    oracle::clocks_fit_the_units(ticket)
}

/// From its first dispatch on everything follows from the same version of the rulebook, whatever is in force by now.
pub fn keeps_its_rulebook(ticket: &Ticket, events: &[Event], book: &Rulebook) -> Check {
    let Some((_, own)) = &ticket.rulebook else { return Ok(()) };
    for event in events {
        let version = match event {
            Event::Dispatched { rulebook, .. } => rulebook.1,
            Event::ClockStarted(clock) => clock.basis.version,
            Event::ClockExtended { extension, .. } => extension.basis.version,
            Event::SupervisionProposed(entry) => entry.basis.version,
            Event::ConductFound(conduct) => conduct.basis.version,
            _ => continue,
        };
        let kept = version == *own && version == book.rulebook.version;
        must(kept, || format!("{} under version {version}, the ticket's own is {own}", event.name()))?;
    }
    Ok(())
}

/// Every word that a text leaves open is known when it is sent, and who took it back hears nothing more but that.
pub fn letters(ticket: &Ticket, letters: &[Outgoing], book: &Rulebook) -> Check {
    for (i, letter) in letters.iter().enumerate() {
        let same = |l: &&Outgoing| l.template == letter.template && l.appeal == letter.appeal;
        must(!letters[..i].iter().any(|l| same(&l)), || format!("{} twice at once", letter.template))?;
        let gone = ticket.appeals.iter().any(|a| a.no == letter.appeal && a.withdrawn);
        let last = rule(book, letter).is_some_and(|r| r.on == MessageOn::Withdrawn);
        must(!gone || last, || format!("{} to somebody who took it back", letter.template))?;
        let Some(rule) = rule(book, letter) else { return Err(format!("no text {}", letter.template)) };
        let open = rule.text.split('{').skip(1).filter_map(|after| after.split_once('}').map(|(name, _)| name));
        for name in open.filter(|name| *name != "code") {
            let known = letter.values.get(name).is_some_and(|v| !v.is_empty());
            must(known, || format!("{} is sent without {{{name}}}", letter.template))?;
        }
    }
    Ok(())
}

pub fn rule<'b>(book: &'b Rulebook, letter: &Outgoing) -> Option<&'b MessageRule> {
    book.message.iter().find(|r| r.id == letter.template)
}

/// The journal, folded from nothing, is the ticket.
pub fn is_its_journal(row: &Row) -> Check {
    let folded = fold(row.journal.iter().map(|(m, e)| (m, e))).map_err(|e| e.to_string())?;
    must(folded == row.ticket, || "the snapshot is not what the journal folds to".into())?;
    let ordered = row.journal.is_sorted_by_key(|(meta, _)| meta.at);
    must(ordered, || "the journal goes back in time".into())
}

/// Each clock can be explained, and the ticket is somebody's business.
pub fn explains(ticket: &Ticket, now: Instant, city: &City) -> Check {
    let book = city.law(Some(ticket), now);
    for clock in &ticket.clocks {
        let said = describe::sentence(city.calendar(now), book, clock).map_err(|e| e.to_string())?;
        must(!said.is_empty(), || format!("no words for clock {}", clock.id))?;
    }
    let over = matches!(ticket.stage, Stage::Archived { .. });
    must(over || somebody_can_act(ticket, now, city), || format!("{}: nobody can act", ticket.state()))
}

/// Stored and read again it is the same.
pub fn stores(ticket: &Ticket) -> Check {
    let text = serde_json::to_string(ticket).map_err(|e| e.to_string())?;
    let read: Ticket = serde_json::from_str(&text).map_err(|e| e.to_string())?;
    must(read == *ticket, || "read from the store it is another ticket".into())
}

/// What clients were told is in the journal: each answer once, nothing between them, nothing lost and nothing doubled. Gives the
/// journal's number.
pub fn as_told(row: &mut Row) -> Result<u64, String> {
    // Where an answer was lost the client heard the echo instead; where it clicked twice, both.
    row.told.sort_by_key(|t| (t.to, t.digest.is_none()));
    row.told.dedup_by_key(|t| (t.to, t.key));
    let mut whole = Digest::new();
    let mut at = 0;
    for told in &row.told {
        let from = told.from.unwrap_or(at);
        must(from == at, || format!("told of {}..{}, but before it the journal stood at {at}", from + 1, told.to))?;
        let Some(events) = row.journal.get(from as usize..told.to as usize) else {
            return Err(format!("told of {}..{}, and the journal ends at {}", from + 1, told.to, row.journal.len()));
        };
        let mut digest = Digest::new();
        events.iter().for_each(|(_, event)| digest.event(event));
        must(told.digest.is_none_or(|d| d == digest.0), || {
            format!("told of other events than the journal has at {}..{}", from + 1, told.to)
        })?;
        whole.0 = (whole.0 ^ digest.0).wrapping_mul(0x100_0000_01b3) ^ u64::from(told.to);
        at = told.to;
    }
    must(at as usize == row.journal.len(), || format!("the journal has {} events, told of {at}", row.journal.len()))?;
    Ok(whole.0)
}

/// Every letter arrived, and was taken for a new one once.
pub fn letters_arrived(row: &Row) -> Check {
    for letter in &row.outbox {
        let name = || format!("{} to appeal {}", letter.out.template, letter.out.appeal);
        must(letter.done && letter.arrived > 0, || format!("never arrived: {}", name()))?;
        must(letter.noticed == 1, || format!("taken {} times for a new one: {}", letter.noticed, name()))?;
    }
    Ok(())
}

/// Everybody who still wants to know was told and asked: rated, or tried as often as the rulebook says.
pub fn everybody_asked(row: &Row, book: &Rulebook) -> Check {
    let Some(ticket) = &row.ticket else { return Err("no ticket".into()) };
    let on = |on: MessageOn| book.message.iter().any(|r| r.on == on);
    let got = |no: u32, on: MessageOn| {
        row.outbox.iter().any(|l| l.out.appeal == no && rule(book, &l.out).is_some_and(|r| r.on == on))
    };
    let imported = matches!(ticket.stage_in_archive(), Stage::Imported(_));
    for appeal in ticket.appeals.iter().filter(|_| !imported) {
        let told = !on(MessageOn::Registered) || got(appeal.no, MessageOn::Registered);
        must(told, || format!("appeal {} was not told of its registration", appeal.no))?;
    }
    let Some(closed) = ticket.closed() else { return Ok(()) };
    for appeal in ticket.standing_appeals() {
        let no = appeal.no;
        let tried = closed.attempts.iter().filter(|a| a.appeal == no).count();
        let asked = ticket.rating_now(no).is_some() || tried >= book.follow_up.attempts as usize;
        must(asked, || format!("appeal {no} was neither rated nor tried {} times", book.follow_up.attempts))?;
        let early = ticket.ratings.iter().any(|r| r.appeal == no && r.at <= closed.at);
        let told = !on(MessageOn::Closed) || early || got(no, MessageOn::Closed);
        must(told, || format!("appeal {no} was not asked to rate the closure"))?;
    }
    Ok(())
}

/// Whether the ticket goes on by itself or somebody can bring it nearer to its end.
pub fn somebody_can_act(ticket: &Ticket, now: Instant, city: &City) -> bool {
    if ticket.next_wakeup().is_some() {
        return true;
    }
    let units: Vec<Option<&str>> = ticket.units().into_iter().chain(ticket.owing()).map(Some).collect();
    Role::ALL.iter().any(|role| {
        let of = if role.of_unit() { units.as_slice() } else { &[None] };
        of.iter().any(|unit| {
            let actor = Actor { id: "anybody".into(), role: *role, unit: unit.map(str::to_owned) };
            let ctx = city.ctx(Some(ticket), &actor, now, None);
            let mut known = jiesu_domain::ticket::Action::ALL.iter().filter(|a| oracle::moves(**a));
            known.any(|action| ready(ticket, *action, &ctx).is_ok())
        })
    })
}
