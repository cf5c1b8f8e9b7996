//! What time alone brings: expiry, proposals of supervision, the archive, and recounting when a holiday notice comes out.

use super::{
    Event, Refusal, Stage,
    deciding::{Deciding, out_of_calendar},
    returning, supervision,
};
use crate::{
    clock::{Clock, ClockKind, ClockStatus},
    limit::Pause,
    rulebook::{Pending, Trigger},
};

/// Everything whose time has come. Nothing to do is not an error: a timer may fire twice.
pub(super) fn time_passed(d: &mut Deciding<'_>) -> Result<(), Refusal> {
    expire(d)
}

/// Notes each clock that ran past its due instant, in the order of the instants, and what follows from it.
pub(super) fn expire(d: &mut Deciding<'_>) -> Result<(), Refusal> {
    let now = d.ctx.now;
    let mut due: Vec<Clock> =
        d.ticket()?.clocks.iter().filter(|c| c.wakes_at().is_some_and(|at| at <= now)).cloned().collect();
    due.sort_by_key(|c| (c.due, c.id));
    for clock in due {
        if clock.kind == ClockKind::Archive {
            archive(d, clock.id)?;
            continue;
        }
        d.push(Event::ClockExpired { clock: clock.id })?;
        let unit = clock.unit.as_deref();
        match clock.kind {
            ClockKind::Handle => supervision::found(d, Trigger::Overdue, None)?,
            ClockKind::Assist => supervision::found(d, Trigger::AssistOverdue, unit)?,
            ClockKind::Rectify => supervision::found(d, Trigger::RectifyOverdue, unit)?,
            ClockKind::Urging => supervision::found(d, Trigger::Urgings, unit)?,
            ClockKind::Return => returning::deemed_accepted(d, unit)?,
            _ => {}
        }
    }
    Ok(())
}

fn archive(d: &mut Deciding<'_>, clock: u32) -> Result<(), Refusal> {
    if d.ticket()?.unsettled().is_some() {
        // The archive waits for the ledger: its clock runs anew when the last entry is settled.
        return d.push(Event::ClockExpired { clock });
    }
    d.push(Event::ClockMet { clock, at: d.ctx.now })?;
    if matches!(d.ticket()?.stage, Stage::Archived { .. }) { Ok(()) } else { d.push(Event::Archived) }
}

/// Clocks that stood still go on; what is left is counted from the pauses.
pub(super) fn resume(d: &mut Deciding<'_>) -> Result<(), Refusal> {
    let now = d.ctx.now;
    let book = d.ctx.rulebook;
    let work = d.ticket()?.work();
    let reviewing = work.is_some_and(|w| w.returning.is_some()) && book.returns.pending == Pending::Paused;
    let asking = work.is_some_and(|w| w.supplement.is_some())
        && book.supplement.as_ref().is_some_and(|s| s.pending == Pending::Paused);
    if reviewing || asking {
        return Ok(());
    }
    for clock in d.ticket()?.clocks.clone() {
        let ClockStatus::Paused { since } = clock.status else { continue };
        let mut pauses = clock.pauses.clone();
        pauses.push(Pause { from: since, to: now });
        let due = clock.due_with(d.ctx.calendar, d.ctx.rulebook.counting(), &pauses).map_err(out_of_calendar)?;
        d.push(Event::ClockResumed { clock: clock.id, due: due.at, provisional: due.provisional })?;
    }
    Ok(())
}

/// Counts open clocks anew under the calendar now loaded: provisional ones, and those that an amended notice moves. An event of its own,
/// never a silent change.
pub(super) fn recount(d: &mut Deciding<'_>) -> Result<(), Refusal> {
    let ctx = d.ctx;
    let version = ctx.calendar.version();
    for clock in d.ticket()?.clocks.clone() {
        if !clock.open() || clock.calendar == version {
            continue;
        }
        let due = clock.due_with(ctx.calendar, ctx.rulebook.counting(), &clock.pauses).map_err(out_of_calendar)?;
        if !clock.provisional && due.at == clock.due {
            continue;
        }
        let calendar = version.to_owned();
        d.push(Event::ClockRecounted { clock: clock.id, due: due.at, provisional: due.provisional, calendar })?;
    }
    super::extension::not_overdue_after_all(d, "按放假通知重新计算后没有超期")?;
    expire(d)
}
