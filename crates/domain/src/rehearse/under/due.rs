//! When an open limit would end under another version.

use crate::{
    Amount, Instant,
    clock::{Clock, ClockKind},
    rulebook::{Cited, Start, Subject},
    ticket::{Ctx, Ticket, subject},
};

/// The due instant of this clock under `other`; `None` where it would not run. Where it would be counted to the same length in the same way
/// it is the one it has, whatever has become of the calendar since.
///
/// # Errors
/// The limit rests on something that the other version does not know, in words.
pub(super) fn under(ticket: &Ticket, clock: &Clock, own: &Ctx<'_>, other: &Ctx<'_>) -> Result<Option<Instant>, String> {
    let Some(amount) = amount(ticket, clock, own, other)? else { return Ok(None) };
    let Some(from) = start(ticket, clock, own, other) else { return Ok(None) };
    let moved = Clock { amount, from, ..clock.clone() };
    let due = |clock: &Clock, ctx: &Ctx<'_>| {
        let due = clock.due_with(ctx.calendar, ctx.rulebook.counting(), &clock.pauses);
        due.map(|due| due.at).map_err(|e| format!("{}时限无法计算：{e}", clock.kind))
    };
    let then = due(&moved, other)?;
    Ok(Some(if due(clock, own)? == then { clock.due } else { then }))
}

/// How long it would be.
fn amount(ticket: &Ticket, clock: &Clock, own: &Ctx<'_>, other: &Ctx<'_>) -> Result<Option<Amount>, String> {
    let (here, there) = (own.rulebook, other.rulebook);
    let basis = &clock.basis;
    let declared = clock.kind == ClockKind::Handle && ticket.work().is_some_and(|w| w.longer);
    let of_dispatcher = clock.kind == ClockKind::Assist && basis.rule == here.dispatch.id();
    // Set by a person with the measure, or with the dispatch.
    if clock.kind == ClockKind::Rectify || of_dispatcher {
        return Ok(Some(clock.amount));
    }
    if basis.law.is_some() {
        return match there.special_law {
            Some(_) => Ok(Some(clock.amount)),
            None => Err(format!("{}时限依特别规定另定，新版没有规定可以另定时限", clock.kind)),
        };
    }
    if declared && here.longer.as_ref().is_some_and(|rule| rule.id() == basis.rule) {
        let rule = there.longer.as_ref().filter(|rule| rule.kinds.contains(&ticket.kind));
        let unknown = || format!("办理时限已声明延长，新版没有规定{}类工单可以声明延长", ticket.kind);
        return rule.map(|rule| Some(rule.is)).ok_or_else(unknown);
    }
    let Some((rule, amount)) = there.limit(clock.kind, &subject_then(ticket, clock, own)) else { return Ok(None) };
    let by_catalogue = if basis.catalogue.is_some() { Some(clock.amount) } else { by_catalogue(ticket, clock, other) };
    Ok(Some(by_catalogue.filter(|_| rule.by_catalogue).unwrap_or(amount)))
}

/// What the catalogue's entry says that the ticket was dispatched by.
fn by_catalogue(ticket: &Ticket, clock: &Clock, other: &Ctx<'_>) -> Option<Amount> {
    let entry = other.catalogue?.entry(ticket.work()?.entry.as_deref()?)?;
    match clock.kind {
        ClockKind::Handle => entry.limit,
        ClockKind::Assist => entry.assist_limit.or(entry.limit),
        _ => None,
    }
}

/// From when it would run: the window for returns may begin elsewhere. `None`: it has not begun there.
fn start(ticket: &Ticket, clock: &Clock, own: &Ctx<'_>, other: &Ctx<'_>) -> Option<Instant> {
    let from = |ctx: &Ctx<'_>| ctx.rulebook.limit.iter().find(|r| r.clock == clock.kind).map(|r| r.from);
    let (here, there) = (from(own), from(other));
    if clock.kind != ClockKind::Return || here == there {
        return Some(clock.from);
    }
    let work = ticket.work()?;
    if there == Some(Start::Sign) { work.lead.signed_at } else { Some(work.dispatched_at) }
}

/// What the limit was asked for when it began. Since then the ticket may have been marked difficult or brought up once more, which moves no
/// limit that runs; so of all that it can have been, the first by which its own version gives the limit it has.
fn subject_then(ticket: &Ticket, clock: &Clock, own: &Ctx<'_>) -> Subject {
    let now = subject(ticket);
    let fits = |s: &Subject| {
        let rule = own.rulebook.limit(clock.kind, s);
        rule.is_some_and(|(rule, amount)| {
            rule.id == clock.basis.rule && (amount == clock.amount || clock.basis.catalogue.is_some())
        })
    };
    let counted = own.rulebook.limit.iter().filter_map(|rule| rule.when.contacts_at_least);
    let fewer = counted.flat_map(|n| [n, n.saturating_sub(1)]).filter(|n| (1..now.contacts).contains(n));
    let contacts = std::iter::once(now.contacts).chain(fewer);
    let with_marks = contacts.flat_map(|contacts| {
        [now.difficult, false].into_iter().map(move |difficult| Subject { contacts, difficult, ..now })
    });
    with_marks.into_iter().find(fits).unwrap_or(now)
}
