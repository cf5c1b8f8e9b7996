//! More time: asked before expiry, by kind so often and so long as the text allows; a longer limit taken by declaring it.

use super::{
    Action, Ctx, Event, LedgerState, Refusal, Ticket,
    deciding::{Deciding, given, out_of_calendar, signed_lead, subject, text, working},
};
use crate::{
    Calendar,
    calendar::Day,
    clock::{Clock, ClockKind, Extension},
    limit::{self, Measure},
    rulebook::{AtMost, ExtensionBy, ExtensionDays, ExtensionNeed, ExtensionRule, Trigger},
};

pub(super) fn ready(ticket: &Ticket, action: Action, ctx: &Ctx<'_>) -> Result<(), Refusal> {
    match action {
        Action::ReviewExtension => match working(ticket)?.extension {
            Some(_) => Ok(()),
            None => Err(Refusal::not_now("no-extension-asked", "没有待审的延期申请")),
        },
        Action::DeclareLonger => may_declare(ticket, ctx),
        _ => may_ask(ticket, ctx),
    }
}

fn may_ask(ticket: &Ticket, ctx: &Ctx<'_>) -> Result<(), Refusal> {
    let book = ctx.rulebook;
    let work = signed_lead(ticket, ctx)?;
    if work.extension.is_some() {
        return Err(Refusal::not_now("extension-pending", "延期申请正在审核"));
    }
    if work.closing.is_some() {
        return Err(Refusal::not_now("closure-pending", "已申请办结，无须延期"));
    }
    let rule = rule(ticket, ctx)?;
    if work.extensions >= rule.times {
        let message = match rule.times {
            0 => "这类工单不能延期".to_owned(),
            times => format!("只能延期{times}次，已延期{}次", work.extensions),
        };
        return Err(Refusal::rule("no-more-extensions", message, book, rule));
    }
    match handle(ticket) {
        Some(clock) if !clock.passed(ctx.now) => match most(ctx.calendar, clock, rule)? {
            0 => {
                let message = format!("原办理时限为{}，所延期限不得超过原时限，不能按日延期", clock.amount);
                Err(Refusal::rule("longer-than-original-limit", message, book, rule))
            }
            _ => Ok(()),
        },
        Some(_) => Err(Refusal::rule("after-expiry", "办理时限已到期，延期须在到期前申请", book, rule)),
        None => Err(Refusal::not_now("no-limit", "没有正在计算的办理时限")),
    }
}

fn may_declare(ticket: &Ticket, ctx: &Ctx<'_>) -> Result<(), Refusal> {
    let book = ctx.rulebook;
    let Some(rule) = book.longer.as_ref() else {
        return Err(Refusal::not_now("not-in-this-rulebook", "本办法没有规定声明延长办理时限"));
    };
    let work = signed_lead(ticket, ctx)?;
    if !rule.kinds.contains(&ticket.kind) {
        let kinds: Vec<&str> = rule.kinds.iter().map(|k| k.zh()).collect();
        let message = format!("只有{}类工单可以声明延长", kinds.join("、"));
        return Err(Refusal::rule("not-this-kind", message, book, rule));
    }
    if work.longer {
        return Err(Refusal::rule("already-longer", "已声明延长", book, rule));
    }
    if work.closing.is_some() {
        return Err(Refusal::not_now("closure-pending", "已申请办结，无须延长"));
    }
    match handle(ticket) {
        Some(clock) if clock.passed(ctx.now) => {
            Err(Refusal::rule("after-expiry", "办理时限已到期，须在到期前声明", book, rule))
        }
        Some(clock) if !clock.extensions.is_empty() => {
            Err(Refusal::rule("already-extended", "已经延期，不再适用声明延长", book, rule))
        }
        Some(clock) if clock.basis.law.is_some() || clock.basis.catalogue.is_some() => {
            Err(Refusal::rule("special-limit", "另定时限的工单不适用声明延长", book, rule))
        }
        Some(_) => Ok(()),
        None => Err(Refusal::not_now("no-limit", "没有正在计算的办理时限")),
    }
}

fn handle(ticket: &Ticket) -> Option<&Clock> {
    ticket.open_clock(ClockKind::Handle, None)
}

/// The rule for this sort of ticket.
fn rule<'b>(ticket: &Ticket, ctx: &Ctx<'b>) -> Result<&'b ExtensionRule, Refusal> {
    let rule = ctx.rulebook.extension_for(&subject(ticket));
    rule.ok_or_else(|| Refusal::not_now("not-in-this-rulebook", "本办法没有规定这类工单的延期"))
}

/// The most days an extension of this clock may have, of the sort the rule counts in. By the original limit: no more than fit into a
/// second one of the same length.
fn most(cal: &Calendar, clock: &Clock, rule: &ExtensionRule) -> Result<u32, Refusal> {
    if let AtMost::Days(days) = rule.at_most {
        return Ok(days);
    }
    let n = clock.amount.n;
    let calendar_days = match clock.amount.measure {
        Measure::WorkingDays => return Ok(n),
        Measure::WorkingHours => return Ok(n / 24),
        Measure::CalendarDays => n,
        Measure::Hours => n / 24,
        Measure::Minutes => n / (24 * 60),
    };
    if rule.days == ExtensionDays::Calendar {
        return Ok(calendar_days);
    }
    let day = Day::of_due(clock.due);
    let working = cal.workdays_between(day, Day(day.0 + calendar_days as i32)).map_err(out_of_calendar)?;
    Ok(u32::try_from(working).unwrap_or(0))
}

/// An application, as its command says it.
pub(super) struct Asked<'c> {
    pub days: u32,
    pub reason: &'c str,
    pub basis: Option<&'c str>,
    pub told: Option<&'c str>,
    pub force_majeure: bool,
}

pub(super) fn ask(d: &mut Deciding<'_>, asked: &Asked<'_>) -> Result<(), Refusal> {
    let book = d.ctx.rulebook;
    let reason = text("reason", "延期理由", asked.reason, 2_000)?;
    let basis = given("basis", "延期依据", asked.basis, 2_000)?;
    let told = given("told", "与诉求人解释沟通的情况", asked.told, 2_000)?;
    let days = asked.days;
    if days == 0 {
        return Err(Refusal::input("days", "请填写延期的天数"));
    }
    let rule = rule(d.ticket()?, d.ctx)?;
    let needs = |field: &'static str, message: &str| {
        Err(Refusal { field: Some(field), ..Refusal::rule("extension-needs", message, book, rule) })
    };
    for need in &rule.needs {
        match need {
            ExtensionNeed::Basis if basis.is_none() => return needs("basis", "申请延期须写明依据"),
            ExtensionNeed::Told if told.is_none() => return needs("told", "须写明与诉求人解释沟通的情况"),
            ExtensionNeed::ForceMajeure if !asked.force_majeure => {
                return needs("force_majeure", "只有不可抗拒等客观原因才能延期，请确认");
            }
            _ => {}
        }
    }
    let Some(clock) = handle(d.ticket()?) else {
        return Err(Refusal::not_now("no-limit", "没有正在计算的办理时限"));
    };
    let most = most(d.ctx.calendar, clock, rule)?;
    if days > most {
        let unit = if rule.days == ExtensionDays::Working { "个工作日" } else { "日" };
        let (code, message) = match rule.at_most {
            AtMost::OriginalLimit => {
                ("longer-than-original-limit", format!("延期不得超过原办理时限{}（最多{most}{unit}）", clock.amount))
            }
            AtMost::Days(_) => ("longer-than-allowed", format!("每次延期最多{most}{unit}")),
        };
        return Err(Refusal { field: Some("days"), ..Refusal::rule(code, message, book, rule) });
    }
    let by = rule.by;
    d.push(Event::ExtensionAsked { days, reason, basis, told, force_majeure: asked.force_majeure })?;
    match by {
        ExtensionBy::Review => d.start(ClockKind::ExtensionReview, None),
        ExtensionBy::Notice => grant(d, "已向诉求人说明理由并通报热线中心".to_owned()),
    }
}

pub(super) fn review(d: &mut Deciding<'_>, approve: bool, note: &str) -> Result<(), Refusal> {
    let note = text("note", if approve { "审核意见" } else { "不同意延期的理由" }, note, 2_000)?;
    d.met(ClockKind::ExtensionReview, None)?;
    if approve { grant(d, note) } else { d.push(Event::ExtensionRefused { reason: note }) }
}

fn grant(d: &mut Deciding<'_>, note: String) -> Result<(), Refusal> {
    let Some(asked) = d.work()?.extension.clone() else {
        return Err(Refusal::not_now("no-extension-asked", "没有待审的延期申请"));
    };
    let rule = rule(d.ticket()?, d.ctx)?;
    let days = asked.days;
    d.push(Event::ExtensionGranted { days, note, reason: asked.reason })?;
    let open: Vec<Clock> =
        d.ticket()?.clocks.iter().filter(|c| c.open() && c.kind == ClockKind::Handle).cloned().collect();
    let calendar_days = rule.days == ExtensionDays::Calendar;
    for clock in open {
        let counting = d.ctx.rulebook.counting();
        let due = limit::extended(d.ctx.calendar, counting, clock.due, days, !calendar_days, &clock.pauses)
            .map_err(out_of_calendar)?;
        let mut basis = d.ctx.rulebook.basis(rule);
        basis.readings.extend(d.ctx.rulebook.counting.assume.iter().cloned());
        let extension = Extension { days, calendar_days, due_before: clock.due, basis };
        d.push(Event::ClockExtended {
            clock: clock.id,
            due: due.at,
            provisional: due.provisional || clock.provisional,
            extension,
        })?;
    }
    not_overdue_after_all(d, "延期在到期前申请，已获同意")
}

/// The longer limit takes the place of the first, from the same start.
pub(super) fn declare_longer(d: &mut Deciding<'_>, reason: &str) -> Result<(), Refusal> {
    let reason = text("reason", "不能按期办结的理由", reason, 2_000)?;
    let Some(rule) = &d.ctx.rulebook.longer else {
        return Err(Refusal::not_now("not-in-this-rulebook", "本办法没有规定声明延长办理时限"));
    };
    let mut basis = d.ctx.rulebook.basis(rule);
    basis.readings.extend(d.ctx.rulebook.counting.assume.iter().cloned());
    d.push(Event::LongerDeclared { reason })?;
    let open: Vec<Clock> =
        d.ticket()?.clocks.iter().filter(|c| c.open() && c.kind == ClockKind::Handle).cloned().collect();
    for clock in open {
        let longer = Clock { amount: rule.is, ..clock };
        let due =
            longer.due_with(d.ctx.calendar, d.ctx.rulebook.counting(), &longer.pauses).map_err(out_of_calendar)?;
        let (clock, amount, basis) = (longer.id, rule.is, basis.clone());
        d.push(Event::ClockLengthened { clock, amount, due: due.at, provisional: due.provisional, basis })?;
    }
    Ok(())
}

/// The due day has moved on after it had passed (an extension asked in time, a notice that came out): what was proposed because of
/// that day falls away.
pub(super) fn not_overdue_after_all(d: &mut Deciding<'_>, reason: &str) -> Result<(), Refusal> {
    let Some(from) = handle(d.ticket()?).filter(|c| !c.passed(d.ctx.now)).map(|c| c.from) else { return Ok(()) };
    let book = d.ctx.rulebook;
    // What a person has judged to be a fault stays; what stands in the ledger by the date alone goes with the date.
    let falls = |e: &super::LedgerEntry| {
        let rule = book.supervise.iter().find(|r| r.id == e.ground && r.found_by == Some(Trigger::Overdue));
        rule.is_some_and(|r| match e.state {
            LedgerState::Proposed => true,
            LedgerState::Open { .. } => !r.fault_needed,
            _ => false,
        })
    };
    let of_this_limit = |e: &&super::LedgerEntry| falls(e) && e.at >= from;
    let open: Vec<u32> = d.ticket()?.supervision.iter().filter(of_this_limit).map(|e| e.no).collect();
    open.into_iter().try_for_each(|no| d.push(Event::SupervisionDismissed { no, reason: reason.to_owned() }))?;
    super::conduct::not_overdue_after_all(d, from, reason)
}
