//! Supervision (13.5): what the system finds is proposed; a person judges the unit's fault; measures have a limit and a result.

use super::{
    Action, Ctx, Event, LedgerEntry, LedgerState, Refusal, Ticket,
    decide::{Deciding, text, unit_of},
};
use crate::{
    Amount, Basis,
    clock::ClockKind,
    rulebook::{SuperviseGround, SuperviseRule, SupervisionMeasure},
};

pub(super) fn ready(ticket: &Ticket, action: Action, ctx: &Ctx<'_>) -> Result<(), Refusal> {
    let any = |is: fn(&LedgerState) -> bool| ticket.supervision.iter().any(|e| is(&e.state));
    let proposed = any(|s| *s == LedgerState::Proposed);
    let (possible, why) = match action {
        Action::ProposeSupervision => (ticket.work().is_some(), "工单尚未派给承办单位"),
        Action::OpenSupervision | Action::DismissSupervision => (proposed, "没有待判断的督办线索"),
        Action::TakeMeasure => (any(|s| matches!(s, LedgerState::Open { .. })), "台账中没有待采取措施的事项"),
        Action::ReportRectification => {
            let lead = ticket.work().is_some_and(|w| unit_of(ctx).is_ok_and(|u| u == w.lead.unit));
            (lead && any(|s| matches!(s, LedgerState::Measured { rectification: None, .. })), "没有限期整改的督办事项")
        }
        _ => (ticket.supervised(), "没有未销号的督办事项"),
    };
    if possible { Ok(()) } else { Err(Refusal::not_now("nothing-to-supervise", why)) }
}

fn rule<'b>(ctx: &Ctx<'b>, ground: SuperviseGround) -> Option<&'b SuperviseRule> {
    ctx.rulebook.supervise.iter().find(|r| r.ground == ground)
}

/// Puts a ground before a person, once for each open ground.
pub(super) fn found(d: &mut Deciding<'_>, ground: SuperviseGround) -> Result<(), Refusal> {
    let Some(rule) = rule(d.ctx, ground) else { return Ok(()) };
    let open = |e: &LedgerEntry| {
        e.ground == ground && !matches!(e.state, LedgerState::Ended { .. } | LedgerState::Dismissed { .. })
    };
    if d.ticket()?.supervision.iter().any(open) {
        return Ok(());
    }
    add(d, ground, d.ctx.rulebook.basis(rule)).map(|_| ())
}

fn add(d: &mut Deciding<'_>, ground: SuperviseGround, basis: Basis) -> Result<u32, Refusal> {
    let ticket = d.ticket()?;
    let no = ticket.supervision.len() as u32 + 1;
    let unit = ticket.work().map(|w| w.lead.unit.clone());
    d.push(Event::SupervisionProposed(LedgerEntry {
        no,
        ground,
        unit,
        at: d.ctx.now,
        basis,
        state: LedgerState::Proposed,
    }))?;
    Ok(no)
}

/// Straight into the ledger: the fault has just been verified (13.7).
pub(super) fn enter(d: &mut Deciding<'_>, fault: &str) -> Result<(), Refusal> {
    let basis = match rule(d.ctx, SuperviseGround::Unsatisfied) {
        Some(rule) => d.ctx.rulebook.basis(rule),
        None => d.ctx.rulebook.basis(&d.ctx.rulebook.redo),
    };
    let no = add(d, SuperviseGround::Unsatisfied, basis)?;
    d.push(Event::SupervisionOpened { no, fault: fault.to_owned() })
}

pub(super) fn propose(d: &mut Deciding<'_>, ground: SuperviseGround, note: &str) -> Result<(), Refusal> {
    text("note", "提出督办的理由", note, 2_000)?;
    let Some(rule) = rule(d.ctx, ground) else {
        let known: Vec<&str> = d.ctx.rulebook.supervise.iter().map(|r| r.ground.zh()).collect();
        return Err(Refusal::input("ground", format!("本办法规定的督办事由：{}", known.join("、"))));
    };
    if ground == SuperviseGround::Overdue && !d.ticket()?.overdue() {
        return d.refuse("not-overdue", "工单没有超期", rule);
    }
    let times = rule.times.unwrap_or(0);
    if ground == SuperviseGround::Unsatisfied && d.ticket()?.unsatisfied() < times {
        return d.refuse("not-often-enough", format!("不满意评价未达{times}次"), rule);
    }
    found(d, ground)
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
    d.push(Event::SupervisionDismissed { no, reason })
}

pub(super) fn measure(
    d: &mut Deciding<'_>,
    no: u32,
    measure: SupervisionMeasure,
    notice: &str,
    within: Amount,
) -> Result<(), Refusal> {
    let book = d.ctx.rulebook;
    let entry = entry(d, no, |s| matches!(s, LedgerState::Open { .. }), "台账中没有这一待采取措施的事项")?;
    let unit = entry.unit.clone();
    let notice = text("notice", "督办内容", notice, 5_000)?;
    if !book.measures.may.contains(&measure) {
        return d.refuse("measure-not-there", format!("本办法没有“{measure}”"), &book.measures);
    }
    d.push(Event::SupervisionMeasured { no, measure, notice })?;
    let mut basis = book.basis(&book.measures);
    basis.readings.extend(book.counting.assume.iter().cloned());
    d.start_with(ClockKind::Rectify, unit.as_deref(), within, basis)
}

pub(super) fn report(d: &mut Deciding<'_>, no: u32, result: &str) -> Result<(), Refusal> {
    entry(d, no, |s| matches!(s, LedgerState::Measured { .. }), "没有这一限期整改的督办事项")?;
    let text = text("text", "整改情况", result, 5_000)?;
    let unit = d.unit()?;
    d.met(ClockKind::Rectify, Some(unit))?;
    d.push(Event::RectificationReported { no, text })
}

pub(super) fn end(d: &mut Deciding<'_>, no: u32, result: &str) -> Result<(), Refusal> {
    let is_open: fn(&LedgerState) -> bool = |s| matches!(s, LedgerState::Open { .. } | LedgerState::Measured { .. });
    entry(d, no, is_open, "台账中没有这一未销号的事项")?;
    let result = text("result", "督办结果", result, 2_000)?;
    d.void(&[ClockKind::Rectify])?;
    d.push(Event::SupervisionEnded { no, result })?;
    // The archive had waited for the ledger: its clock runs anew.
    let waited = d.ticket()?.open_clock(ClockKind::Archive, None).is_some_and(|c| c.expired);
    if waited && !d.ticket()?.supervised() {
        d.void(&[ClockKind::Archive])?;
        d.start(ClockKind::Archive, None)?;
    }
    Ok(())
}
