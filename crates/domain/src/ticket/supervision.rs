//! Supervision (13.5): what the system finds is proposed; a person judges the unit's fault; measures have a limit and a result.

use super::{
    Action, Ctx, Event, LedgerEntry, LedgerState, Refusal, Ticket,
    decide::{Deciding, text, unit_of},
};
use crate::{
    Amount, Basis,
    clock::{Clock, ClockKind, ClockStatus},
    rulebook::{SuperviseGround, SuperviseRule, SupervisionMeasure},
};

pub(super) fn ready(ticket: &Ticket, action: Action, ctx: &Ctx<'_>) -> Result<(), Refusal> {
    let any = |is: fn(&LedgerState) -> bool| ticket.supervision.iter().any(|e| is(&e.state));
    let proposed = any(|s| *s == LedgerState::Proposed);
    let (possible, why) = match action {
        Action::ProposeSupervision => {
            return some_ground(ticket, ctx);
        }
        Action::OpenSupervision | Action::DismissSupervision => (proposed, "没有待判断的督办线索"),
        Action::TakeMeasure => (ticket.supervised(), "台账中没有待采取措施的事项"),
        Action::ReportRectification => {
            let unit = unit_of(ctx)?;
            (ticket.supervision.iter().any(|e| owes_report(e, unit)), "没有要求本单位限期整改的督办事项")
        }
        _ => (ticket.supervised(), "没有未销号的督办事项"),
    };
    if possible { Ok(()) } else { Err(Refusal::not_now("nothing-to-supervise", why)) }
}

/// The unit that was told to put it right, which need not have the ticket any more.
fn owes_report(entry: &LedgerEntry, unit: &str) -> bool {
    entry.unit.as_deref() == Some(unit) && matches!(entry.state, LedgerState::Measured { rectification: None, .. })
}

fn rule<'b>(ctx: &Ctx<'b>, ground: SuperviseGround) -> Option<&'b SuperviseRule> {
    ctx.rulebook.supervise.iter().find(|r| r.ground == ground)
}

/// Whether any ground of the rulebook can be put forward; if not, why none.
fn some_ground(ticket: &Ticket, ctx: &Ctx<'_>) -> Result<(), Refusal> {
    let mut reasons: Vec<String> = Vec::new();
    for rule in &ctx.rulebook.supervise {
        match may_propose(ticket, rule, ctx) {
            Ok(()) => return Ok(()),
            Err(refusal) if reasons.contains(&refusal.message) => {}
            Err(refusal) => reasons.push(refusal.message),
        }
    }
    let message = if reasons.is_empty() { "本办法没有规定督办事由".to_owned() } else { reasons.join("；") };
    Err(match ctx.rulebook.supervise.first() {
        Some(rule) => Refusal::rule("no-ground", message, ctx.rulebook, rule),
        None => Refusal::not_now("no-ground", message),
    })
}

/// Puts a ground before a person, once for each open ground and unit.
pub(super) fn found(d: &mut Deciding<'_>, ground: SuperviseGround) -> Result<(), Refusal> {
    let Some(rule) = rule(d.ctx, ground) else { return Ok(()) };
    if open_entry(d.ticket()?, ground).is_some() {
        return Ok(());
    }
    add_under(d, rule, String::new())
}

/// The entry that is open already on this ground for the unit that leads now.
fn open_entry(ticket: &Ticket, ground: SuperviseGround) -> Option<&LedgerEntry> {
    let unit = ticket.work().map(|w| &w.lead.unit);
    ticket.supervision.iter().rev().find(|e| {
        let open = !matches!(e.state, LedgerState::Ended { .. } | LedgerState::Dismissed { .. });
        open && e.ground == ground && e.unit.as_ref() == unit
    })
}

/// An entry under a rule; where the rule asks for no fault it stands in the ledger at once.
fn add_under(d: &mut Deciding<'_>, rule: &SuperviseRule, note: String) -> Result<(), Refusal> {
    let fault = if note.is_empty() { rule.ground.zh().to_owned() } else { note.clone() };
    let no = add(d, rule.ground, d.ctx.rulebook.basis(rule), note)?;
    if rule.fault_needed { Ok(()) } else { d.push(Event::SupervisionOpened { no, fault }) }
}

fn add(d: &mut Deciding<'_>, ground: SuperviseGround, basis: Basis, note: String) -> Result<u32, Refusal> {
    let ticket = d.ticket()?;
    let no = ticket.supervision.len() as u32 + 1;
    let unit = ticket.work().map(|w| w.lead.unit.clone());
    let (at, state) = (d.ctx.now, LedgerState::Proposed);
    d.push(Event::SupervisionProposed(LedgerEntry { no, ground, unit, at, basis, note, state }))?;
    Ok(no)
}

/// Straight into the ledger: the fault has just been verified (13.7). What a person had proposed meanwhile is that same matter.
pub(super) fn enter(d: &mut Deciding<'_>, fault: &str) -> Result<(), Refusal> {
    let ground = SuperviseGround::Unsatisfied;
    let proposed = open_entry(d.ticket()?, ground).filter(|e| e.state == LedgerState::Proposed).map(|e| e.no);
    let basis = match rule(d.ctx, ground) {
        Some(rule) => d.ctx.rulebook.basis(rule),
        None => d.ctx.rulebook.basis(&d.ctx.rulebook.redo),
    };
    let no = match proposed {
        Some(no) => no,
        None => add(d, ground, basis, String::new())?,
    };
    d.push(Event::SupervisionOpened { no, fault: fault.to_owned() })
}

/// Whether a person may put this ground forward now.
fn may_propose(ticket: &Ticket, rule: &SuperviseRule, ctx: &Ctx<'_>) -> Result<(), Refusal> {
    let refuse = |code, message: String| Err(Refusal::rule(code, message, ctx.rulebook, rule));
    if ticket.work().is_none() {
        return Err(Refusal::not_now("nothing-to-supervise", "工单尚未派给承办单位"));
    }
    if open_entry(ticket, rule.ground).is_some() {
        return Err(Refusal::not_now("already-proposed", format!("“{}”已列为督办线索或已在台账", rule.ground)));
    }
    // The unit's own limit: that the centre is late with a review is no ground against the unit.
    let late =
        |c: &Clock| c.kind == ClockKind::Handle && !matches!(c.status, ClockStatus::Void { .. }) && c.late(ctx.now);
    if rule.ground == SuperviseGround::Overdue && !ticket.clocks.iter().any(late) {
        return refuse("not-overdue", "工单没有超期".to_owned());
    }
    let times = rule.times.unwrap_or(0);
    if rule.ground == SuperviseGround::Unsatisfied && ticket.unsatisfied() < times {
        return refuse("not-often-enough", format!("不满意评价未达{times}次"));
    }
    Ok(())
}

pub(super) fn propose(d: &mut Deciding<'_>, ground: SuperviseGround, note: &str) -> Result<(), Refusal> {
    let note = text("note", "提出督办的理由", note, 2_000)?;
    let Some(rule) = rule(d.ctx, ground) else {
        let known: Vec<&str> = d.ctx.rulebook.supervise.iter().map(|r| r.ground.zh()).collect();
        return Err(Refusal::input("ground", format!("本办法规定的督办事由：{}", known.join("、"))));
    };
    may_propose(d.ticket()?, rule, d.ctx)?;
    add_under(d, rule, note)
}

fn entry<'d>(
    d: &'d Deciding<'_>,
    no: u32,
    is: fn(&LedgerState) -> bool,
    why: &str,
) -> Result<&'d LedgerEntry, Refusal> {
    let found = d.ticket()?.supervision.iter().find(|e| e.no == no).filter(|e| is(&e.state));
    found.ok_or_else(|| Refusal::input("no", why.to_owned()))
}

pub(super) fn open(d: &mut Deciding<'_>, no: u32, fault: &str) -> Result<(), Refusal> {
    entry(d, no, |s| *s == LedgerState::Proposed, "没有这一待判断的督办线索")?;
    let fault = text("fault", "责任部门办理不力的情况", fault, 2_000)?;
    d.push(Event::SupervisionOpened { no, fault })
}

pub(super) fn dismiss(d: &mut Deciding<'_>, no: u32, reason: &str) -> Result<(), Refusal> {
    entry(d, no, |s| *s == LedgerState::Proposed, "没有这一待判断的督办线索")?;
    let reason = text("reason", "不予督办的理由", reason, 2_000)?;
    d.push(Event::SupervisionDismissed { no, reason })?;
    archive_again(d)
}

/// 督查专报、整改通知、督查建议、约谈提醒: one after the other where the first did not help; each sets its limit.
pub(super) fn measure(
    d: &mut Deciding<'_>,
    no: u32,
    measure: SupervisionMeasure,
    notice: &str,
    within: Amount,
) -> Result<(), Refusal> {
    let book = d.ctx.rulebook;
    let entry = entry(d, no, in_ledger, "台账中没有这一待采取措施的事项")?;
    let unit = entry.unit.clone();
    let before = clock_of(entry);
    let notice = text("notice", "督办内容", notice, 5_000)?;
    if !book.measures.may.contains(&measure) {
        return d.refuse("measure-not-there", format!("本办法没有“{measure}”"), &book.measures);
    }
    if let Some(clock) = before {
        d.void_clock(clock)?;
    }
    let mut basis = book.basis(&book.measures);
    basis.readings.extend(book.counting.assume.iter().cloned());
    let clock = d.ticket()?.clocks.len() as u32 + 1;
    d.start_with(ClockKind::Rectify, unit.as_deref(), within, basis)?;
    d.push(Event::SupervisionMeasured { no, measure, notice, clock: Some(clock) })
}

fn in_ledger(state: &LedgerState) -> bool {
    matches!(state, LedgerState::Open { .. } | LedgerState::Measured { .. })
}

fn clock_of(entry: &LedgerEntry) -> Option<u32> {
    if let LedgerState::Measured { clock, .. } = entry.state { clock } else { None }
}

pub(super) fn report(d: &mut Deciding<'_>, no: u32, result: &str) -> Result<(), Refusal> {
    let unit = d.unit()?;
    let entry = d.ticket()?.supervision.iter().find(|e| e.no == no && owes_report(e, unit));
    let Some(clock) = entry.map(clock_of) else {
        return Err(Refusal::input("no", "没有这一要求本单位限期整改的督办事项"));
    };
    let text = text("text", "整改情况", result, 5_000)?;
    if let Some(clock) = clock
        && d.ticket()?.clocks.iter().any(|c| c.id == clock && c.open())
    {
        d.push(Event::ClockMet { clock, at: d.ctx.now })?;
    }
    d.push(Event::RectificationReported { no, text })
}

pub(super) fn end(d: &mut Deciding<'_>, no: u32, result: &str) -> Result<(), Refusal> {
    let clock = clock_of(entry(d, no, in_ledger, "台账中没有这一未销号的事项")?);
    let result = text("result", "督办结果", result, 2_000)?;
    if let Some(clock) = clock {
        d.void_clock(clock)?;
    }
    d.push(Event::SupervisionEnded { no, result })?;
    archive_again(d)
}

/// The archive had waited for the ledger: its clock runs anew once nothing is left open there.
fn archive_again(d: &mut Deciding<'_>) -> Result<(), Refusal> {
    let ticket = d.ticket()?;
    if ticket.unsettled() || !ticket.open_clock(ClockKind::Archive, None).is_some_and(|c| c.expired) {
        return Ok(());
    }
    d.void(&[ClockKind::Archive])?;
    d.start(ClockKind::Archive, None)
}
