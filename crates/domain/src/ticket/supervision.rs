//! Supervision: what the system finds is proposed; a person judges the unit's fault; measures have a limit and a result.

use super::{
    Action, Ctx, Event, LedgerEntry, LedgerState, Refusal, Ticket,
    deciding::{Deciding, text, unit_of},
};
use crate::{
    Amount, Basis,
    clock::{Clock, ClockKind, ClockStatus},
    rulebook::{SuperviseRule, Trigger, choices, chosen},
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

/// Something happened that a ground of supervision, or of conduct, may look for: puts each such ground before a person, once for each
/// open ground and unit. `unit` is whose doing it is, where that is not the lead's.
pub(super) fn found(d: &mut Deciding<'_>, trigger: Trigger, unit: Option<&str>) -> Result<(), Refusal> {
    for rule in d.ctx.rulebook.supervise.iter().filter(|r| r.found_by == Some(trigger)) {
        let ticket = d.ticket()?;
        if ticket.work().is_none() || !holds(ticket, d.ctx, trigger, rule.times) {
            continue;
        }
        let unit = unit.map(str::to_owned).or_else(|| lead(ticket));
        if open_entry(ticket, &rule.id, unit.as_deref()).is_none() {
            let note = if trigger == Trigger::Persons { several_tickets(ticket, d.ctx) } else { String::new() };
            add_under(d, rule, unit, note)?;
        }
    }
    super::conduct::found(d, trigger, unit)
}

/// Whether a ticket is where a trigger points. What is an event of its own (an expiry, an instruction) holds by happening.
pub(super) fn holds(ticket: &Ticket, ctx: &Ctx<'_>, trigger: Trigger, times: Option<u32>) -> bool {
    let enough = |n: u32| times.is_some_and(|t| n >= t);
    let replied =
        |w: &super::Work| matches!(&w.reply, super::Reply::Audited { text, .. } if ticket.is_return_reason(text));
    match trigger {
        Trigger::Unsatisfied => enough(ticket.unsatisfied()),
        Trigger::Returns => enough(ticket.units_that_returned()),
        Trigger::Repeated => {
            let handled = ticket.standing.values().filter(|s| s.dispatched).count().max(ticket.earlier.len());
            enough(ticket.dispatches + handled as u32) && ticket.unsatisfied() > 0
        }
        Trigger::Persons => enough(ticket.persons() + persons_elsewhere(ticket, ctx)),
        Trigger::Contacts => enough(ticket.contacts()),
        Trigger::Redos => enough(ticket.redos),
        Trigger::Urgings => true,
        Trigger::ReturnReason => ticket.work().is_some_and(replied),
        Trigger::Instruction => !ticket.instructions.is_empty(),
        Trigger::Media => !ticket.media.is_empty(),
        Trigger::Overdue | Trigger::AssistOverdue | Trigger::RectifyOverdue | Trigger::Disputed => true,
    }
}

/// Persons on the tickets that were confirmed to be this matter, who are not on this one: each counts once.
fn persons_elsewhere(ticket: &Ticket, ctx: &Ctx<'_>) -> u32 {
    let others =
        |number: &String| ctx.standing.and_then(|known| known.get(number)).map_or(0, |standing| standing.others);
    ticket.earlier.iter().map(others).sum()
}

/// On what the count rests, where this ticket alone does not show it.
fn several_tickets(ticket: &Ticket, ctx: &Ctx<'_>) -> String {
    match persons_elsewhere(ticket, ctx) {
        0 => String::new(),
        more => format!("本工单和经认定为同一事项的工单，共{}人反映", ticket.persons() + more),
    }
}

fn lead(ticket: &Ticket) -> Option<String> {
    ticket.work().map(|w| w.lead.unit.clone())
}

/// The entry that is open already on this ground for a unit.
fn open_entry<'t>(ticket: &'t Ticket, ground: &str, unit: Option<&str>) -> Option<&'t LedgerEntry> {
    ticket.supervision.iter().rev().find(|e| {
        let open = !matches!(e.state, LedgerState::Ended { .. } | LedgerState::Dismissed { .. });
        open && e.ground == ground && e.unit.as_deref() == unit
    })
}

/// An entry under a rule; where the rule asks for no fault it stands in the ledger at once.
fn add_under(d: &mut Deciding<'_>, rule: &SuperviseRule, unit: Option<String>, note: String) -> Result<(), Refusal> {
    let fault = if note.is_empty() { rule.name.clone() } else { note.clone() };
    let basis = d.ctx.rulebook.basis(rule);
    let no = add(d, (&rule.id, &rule.name), unit, basis, note)?;
    if rule.fault_needed { Ok(()) } else { d.push(Event::SupervisionOpened { no, fault }) }
}

fn add(
    d: &mut Deciding<'_>,
    (ground, name): (&str, &str),
    unit: Option<String>,
    basis: Basis,
    note: String,
) -> Result<u32, Refusal> {
    let no = d.ticket()?.supervision.len() as u32 + 1;
    let (at, state) = (d.ctx.now, LedgerState::Proposed);
    let (ground, name) = (ground.to_owned(), name.to_owned());
    d.push(Event::SupervisionProposed(LedgerEntry { no, ground, name, unit, at, basis, note, state }))?;
    Ok(no)
}

/// Straight into the ledger: the fault has just been verified. What a person had proposed meanwhile is that same matter.
pub(super) fn enter(d: &mut Deciding<'_>, fault: &str) -> Result<(), Refusal> {
    let book = d.ctx.rulebook;
    let seen_as = |trigger| book.supervise.iter().find(|r| r.found_by == Some(trigger));
    let rule = seen_as(Trigger::Unsatisfied).or_else(|| seen_as(Trigger::Disputed));
    let (ground, name, basis) = match rule {
        Some(rule) => (rule.id.as_str(), rule.name.as_str(), book.basis(rule)),
        None => ("redo", "多次重办仍不满意", book.basis(&book.redo)),
    };
    let unit = lead(d.ticket()?);
    let no = match open_entry(d.ticket()?, ground, unit.as_deref()) {
        Some(entry) if entry.state == LedgerState::Proposed => entry.no,
        // Where the rating itself is a ground, it stands in the ledger already.
        Some(_) if rule.is_some_and(|r| r.found_by == Some(Trigger::Disputed)) => return Ok(()),
        _ => add(d, (ground, name), unit, basis, String::new())?,
    };
    d.push(Event::SupervisionOpened { no, fault: fault.to_owned() })
}

/// Whether a person may put this ground forward now.
fn may_propose(ticket: &Ticket, rule: &SuperviseRule, ctx: &Ctx<'_>) -> Result<(), Refusal> {
    let refuse = |code, message: String| Err(Refusal::rule(code, message, ctx.rulebook, rule));
    let Some(work) = ticket.work() else {
        return Err(Refusal::not_now("nothing-to-supervise", "工单尚未派给承办单位"));
    };
    if open_entry(ticket, &rule.id, Some(&work.lead.unit)).is_some() {
        return Err(Refusal::not_now("already-proposed", format!("“{}”已列为督办线索或已在台账", rule.name)));
    }
    // The unit's own limit: that the centre is late with a review is no ground against the unit.
    let late = |kind: ClockKind| {
        let late = |c: &Clock| c.kind == kind && !matches!(c.status, ClockStatus::Void { .. }) && c.late(ctx.now);
        ticket.clocks.iter().any(late)
    };
    match rule.found_by {
        Some(Trigger::Overdue) if !late(ClockKind::Handle) => refuse("not-overdue", "工单没有超期".to_owned()),
        Some(Trigger::AssistOverdue) if !late(ClockKind::Assist) => refuse("not-overdue", "协办没有超期".to_owned()),
        Some(Trigger::RectifyOverdue) if !late(ClockKind::Rectify) => refuse("not-overdue", "整改没有超期".to_owned()),
        Some(trigger) if trigger.counts() && !holds(ticket, ctx, trigger, rule.times) => {
            refuse("not-often-enough", format!("“{}”未达{}次", trigger, rule.times.unwrap_or(0)))
        }
        _ => Ok(()),
    }
}

pub(super) fn propose(d: &mut Deciding<'_>, ground: &str, note: &str) -> Result<(), Refusal> {
    let note = text("note", "提出督办的理由", note, 2_000)?;
    let Some(rule) = chosen(&d.ctx.rulebook.supervise, ground) else {
        let message = format!("本办法规定的督办事由：{}", choices(&d.ctx.rulebook.supervise));
        return Err(Refusal::input("ground", message));
    };
    may_propose(d.ticket()?, rule, d.ctx)?;
    let unit = lead(d.ticket()?);
    add_under(d, rule, unit, note)
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

/// One measure after the other where the first did not help; each sets its limit.
pub(super) fn measure(
    d: &mut Deciding<'_>,
    no: u32,
    measure: &str,
    notice: &str,
    within: Amount,
) -> Result<(), Refusal> {
    let book = d.ctx.rulebook;
    let entry = entry(d, no, in_ledger, "台账中没有这一待采取措施的事项")?;
    let unit = entry.unit.clone();
    let before = clock_of(entry);
    let notice = text("notice", "督办内容", notice, 5_000)?;
    let Some(rule) = chosen(&book.measure, measure) else {
        return Err(Refusal {
            rule: "measure-not-there",
            ..Refusal::input("measure", format!("本办法规定的督办方式：{}", choices(&book.measure)))
        });
    };
    if let Some(clock) = before {
        d.void_clock(clock)?;
    }
    let mut basis = book.basis(rule);
    basis.readings.extend(book.counting.assume.iter().cloned());
    let clock = d.ticket()?.clocks.len() as u32 + 1;
    d.start_with(ClockKind::Rectify, unit.as_deref(), within, basis)?;
    let (measure, name) = (rule.id.clone(), rule.name.clone());
    d.push(Event::SupervisionMeasured { no, measure, name, notice, clock: Some(clock) })
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

/// The archive had waited for something unsettled: its clock runs anew once nothing is left open.
pub(super) fn archive_again(d: &mut Deciding<'_>) -> Result<(), Refusal> {
    let ticket = d.ticket()?;
    if ticket.unsettled().is_some() || !ticket.open_clock(ClockKind::Archive, None).is_some_and(|c| c.expired) {
        return Ok(());
    }
    d.void(&[ClockKind::Archive])?;
    d.start(ClockKind::Archive, None)
}
