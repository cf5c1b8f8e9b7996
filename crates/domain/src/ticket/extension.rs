//! More time (16): asked before expiry, in principle once, not longer than the original limit.

use super::{
    Action, Ctx, Event, LedgerState, Refusal, Ticket,
    decide::{Deciding, out_of_calendar, signed_lead, text, working},
};
use crate::{
    Calendar,
    calendar::Day,
    clock::{Clock, ClockKind, Extension},
    limit::{self, Measure},
    rulebook::{AtMost, SuperviseGround},
};

pub(super) fn ready(ticket: &Ticket, action: Action, ctx: &Ctx<'_>) -> Result<(), Refusal> {
    let book = ctx.rulebook;
    if action == Action::ReviewExtension {
        return match working(ticket)?.extension {
            Some(_) => Ok(()),
            None => Err(Refusal::not_now("no-extension-asked", "没有待审的延期申请")),
        };
    }
    let work = signed_lead(ticket, ctx)?;
    if work.extension.is_some() {
        return Err(Refusal::not_now("extension-pending", "延期申请正在审核"));
    }
    if work.closing.is_some() {
        return Err(Refusal::not_now("closure-pending", "已申请办结，无须延期"));
    }
    if work.extensions >= book.extension.times {
        let message = format!("只能延期{}次，已延期{}次", book.extension.times, work.extensions);
        return Err(Refusal::rule("no-more-extensions", message, book, &book.extension));
    }
    match handle(ticket) {
        Some(clock) if !clock.passed(ctx.now) => match most(ctx.calendar, clock, book.extension.at_most)? {
            0 => {
                let message = format!("原办理时限为{}，所延期限不得超过原时限，不能按工作日延期", clock.amount);
                Err(Refusal::rule("longer-than-original-limit", message, book, &book.extension))
            }
            _ => Ok(()),
        },
        Some(_) => Err(Refusal::rule("after-expiry", "办理时限已到期，延期须在到期前申请", book, &book.extension)),
        None => Err(Refusal::not_now("no-limit", "没有正在计算的办理时限")),
    }
}

fn handle(ticket: &Ticket) -> Option<&Clock> {
    ticket.open_clock(ClockKind::Handle, None)
}

/// The most working days an extension of this clock may have: no more than fit into a second limit of the same length.
fn most(cal: &Calendar, clock: &Clock, at_most: AtMost) -> Result<u32, Refusal> {
    let AtMost::OriginalLimit = at_most;
    let n = clock.amount.n;
    let days = match clock.amount.measure {
        Measure::WorkingDays => return Ok(n),
        Measure::WorkingHours => return Ok(n / 24),
        Measure::CalendarDays => n,
        Measure::Hours => n / 24,
        Measure::Minutes => n / (24 * 60),
    };
    let day = Day::of_due(clock.due);
    let working = cal.workdays_between(day, Day(day.0 + days as i32)).map_err(out_of_calendar)?;
    Ok(u32::try_from(working).unwrap_or(0))
}

pub(super) fn ask(d: &mut Deciding<'_>, days: u32, reason: &str) -> Result<(), Refusal> {
    let book = d.ctx.rulebook;
    let reason = text("reason", "延期理由", reason, 2_000)?;
    if days == 0 {
        return Err(Refusal::input("days", "请填写延期的工作日数"));
    }
    let Some(clock) = handle(d.ticket()?) else {
        return Err(Refusal::not_now("no-limit", "没有正在计算的办理时限"));
    };
    let most = most(d.ctx.calendar, clock, book.extension.at_most)?;
    if days > most {
        let message = format!("延期不得超过原办理时限{}（最多{most}个工作日）", clock.amount);
        return Err(Refusal {
            field: Some("days"),
            ..Refusal::rule("longer-than-original-limit", message, book, &book.extension)
        });
    }
    d.push(Event::ExtensionAsked { days, reason })?;
    d.start(ClockKind::ExtensionReview, None)
}

pub(super) fn review(d: &mut Deciding<'_>, approve: bool, note: &str) -> Result<(), Refusal> {
    let note = text("note", if approve { "审核意见" } else { "不同意延期的理由" }, note, 2_000)?;
    d.met(ClockKind::ExtensionReview, None)?;
    if !approve {
        return d.push(Event::ExtensionRefused { reason: note });
    }
    let asked = d.work()?.extension.clone();
    let Some(days) = asked.map(|e| e.days) else {
        return Err(Refusal::not_now("no-extension-asked", "没有待审的延期申请"));
    };
    d.push(Event::ExtensionGranted { days, note })?;
    let open: Vec<Clock> =
        d.ticket()?.clocks.iter().filter(|c| c.open() && c.kind == ClockKind::Handle).cloned().collect();
    for clock in open {
        let due = limit::extended(d.ctx.calendar, d.ctx.rulebook.counting(), clock.due, days, &clock.pauses)
            .map_err(out_of_calendar)?;
        let mut basis = d.ctx.rulebook.basis(&d.ctx.rulebook.extension);
        basis.readings.extend(d.ctx.rulebook.counting.assume.iter().cloned());
        let extension = Extension { days, due_before: clock.due, basis };
        d.push(Event::ClockExtended {
            clock: clock.id,
            due: due.at,
            provisional: due.provisional || clock.provisional,
            extension,
        })?;
    }
    not_overdue_after_all(d, "延期在到期前申请，已获同意")
}

/// The due day has moved on after it had passed (an extension asked in time, a notice that came out): what was proposed because of
/// that day falls away.
pub(super) fn not_overdue_after_all(d: &mut Deciding<'_>, reason: &str) -> Result<(), Refusal> {
    let Some(from) = handle(d.ticket()?).filter(|c| !c.passed(d.ctx.now)).map(|c| c.from) else { return Ok(()) };
    let of_this_limit = |e: &&super::LedgerEntry| {
        e.ground == SuperviseGround::Overdue && e.state == LedgerState::Proposed && e.at >= from
    };
    let open: Vec<u32> = d.ticket()?.supervision.iter().filter(of_this_limit).map(|e| e.no).collect();
    open.into_iter().try_for_each(|no| d.push(Event::SupervisionDismissed { no, reason: reason.to_owned() }))
}
