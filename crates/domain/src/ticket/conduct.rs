//! Conduct for which somebody may be held to account: the system puts forward what it sees, a person confirms, and nobody here judges.
//! And the way by which a ticket is left out of a unit's assessment: application, review, one appeal.

use super::{
    Action, Conduct, ConductState, Ctx, Event, Exclusion, ExclusionState, Refusal, Ticket,
    deciding::{Deciding, text, unit_of},
    follow_up, supervision,
};
use crate::{
    Instant,
    clock::ClockKind,
    rulebook::{ConductRule, Trigger, choices, chosen},
};

pub(super) fn ready(ticket: &Ticket, action: Action, ctx: &Ctx<'_>) -> Result<(), Refusal> {
    match action {
        Action::RecordConduct if ctx.rulebook.conduct.is_empty() => {
            Err(Refusal::not_now("not-in-this-rulebook", "本办法没有列明问责情形"))
        }
        Action::RecordConduct if ticket.work().is_none() && ticket.returned_by.is_empty() => {
            Err(Refusal::not_now("not-dispatched", "没有承办本工单的单位"))
        }
        Action::RecordConduct => Ok(()),
        Action::ConfirmConduct | Action::DismissConduct => {
            if ticket.conducts.iter().any(|c| c.state == ConductState::Found) {
                return Ok(());
            }
            Err(Refusal::not_now("nothing-found", "没有待认定的问责情形"))
        }
        Action::AskExclusion => may_ask(ticket, ctx),
        Action::AppealExclusion => {
            let unit = unit_of(ctx)?;
            exists(ticket, |e| e.unit == unit && e.state == ExclusionState::Refused, "没有可申诉的申请")
        }
        Action::ReviewExclusion => exists(ticket, |e| e.state == ExclusionState::Asked, "没有待审核的不纳入考核申请"),
        _ => exists(ticket, |e| e.state == ExclusionState::Appealed, "没有待裁定的申诉"),
    }
}

fn exists(ticket: &Ticket, is: impl Fn(&Exclusion) -> bool, why: &str) -> Result<(), Refusal> {
    if ticket.exclusions.iter().any(is) { Ok(()) } else { Err(Refusal::not_now("no-exclusion", why)) }
}

/// Puts each ground of conduct that looks for this before a person, once for each ground and unit and fact.
pub(super) fn found(d: &mut Deciding<'_>, trigger: Trigger, unit: Option<&str>) -> Result<(), Refusal> {
    for rule in d.ctx.rulebook.conduct.iter().filter(|r| r.found_by == Some(trigger)) {
        let ticket = d.ticket()?;
        let Some(work) = ticket.work() else { return Ok(()) };
        let unit = unit.unwrap_or(&work.lead.unit).to_owned();
        let holds = match trigger {
            Trigger::Urgings => rule.times.is_some_and(|t| ticket.missed_urgings(&unit) >= t),
            trigger => supervision::holds(ticket, d.ctx, trigger, rule.times),
        };
        let known =
            |c: &Conduct| c.conduct == rule.id && c.unit.as_ref() == Some(&unit) && c.state != ConductState::Dismissed;
        if !holds || ticket.conducts.iter().any(known) {
            continue;
        }
        let evidence = format!("系统发现：{}", seen(ticket, trigger, &unit));
        add(d, rule, unit, evidence, ConductState::Found)?;
    }
    Ok(())
}

/// What the system saw, in words.
fn seen(ticket: &Ticket, trigger: Trigger, unit: &str) -> String {
    match trigger {
        Trigger::Redos => format!("发回重办{}次", ticket.redos),
        Trigger::Contacts => format!("同一事项反映{}次", ticket.contacts()),
        Trigger::Unsatisfied => format!("{}次办理评价不满意", ticket.unsatisfied()),
        Trigger::Urgings => format!("{}次催办未答复", ticket.missed_urgings(unit)),
        trigger => trigger.zh().to_owned(),
    }
}

fn add(
    d: &mut Deciding<'_>,
    rule: &ConductRule,
    unit: String,
    evidence: String,
    state: ConductState,
) -> Result<(), Refusal> {
    let no = d.ticket()?.conducts.len() as u32 + 1;
    let (conduct, name, basis) = (rule.id.clone(), rule.name.clone(), d.ctx.rulebook.basis(rule));
    let (unit, at) = (Some(unit), d.ctx.now);
    d.push(Event::ConductFound(Conduct { no, conduct, name, unit, evidence, basis, at, state }))
}

pub(super) fn record(d: &mut Deciding<'_>, conduct: &str, unit: Option<&str>, evidence: &str) -> Result<(), Refusal> {
    let Some(rule) = chosen(&d.ctx.rulebook.conduct, conduct) else {
        let message = format!("本办法列明的情形：{}", choices(&d.ctx.rulebook.conduct));
        return Err(Refusal::input("conduct", message));
    };
    let evidence = text("evidence", "事实和证据", evidence, 5_000)?;
    let ticket = d.ticket()?;
    let lead = ticket.work().map(|w| w.lead.unit.as_str()).or(ticket.returned_by.last().map(|r| r.unit.as_str()));
    let Some(unit) = unit.or(lead) else {
        return Err(Refusal::input("unit", "请写明单位"));
    };
    if !ticket.concerns(unit) && !ticket.returned_by.iter().any(|r| r.unit == unit) {
        return Err(Refusal::input("unit", "该单位没有承办过本工单"));
    }
    let unit = unit.to_owned();
    add(d, rule, unit, evidence, ConductState::Recorded)
}

pub(super) fn judge(d: &mut Deciding<'_>, no: u32, confirmed: bool, said: &str) -> Result<(), Refusal> {
    if !d.ticket()?.conducts.iter().any(|c| c.no == no && c.state == ConductState::Found) {
        return Err(Refusal::input("no", "没有这一待认定的情形"));
    }
    if confirmed {
        let note = text("note", "认定意见", said, 2_000)?;
        d.push(Event::ConductConfirmed { no, note })?;
    } else {
        let reason = text("reason", "排除的理由", said, 2_000)?;
        d.push(Event::ConductDismissed { no, reason })?;
    }
    supervision::archive_again(d)
}

/// What was put forward because of a due day that has moved on falls away.
pub(super) fn not_overdue_after_all(d: &mut Deciding<'_>, from: Instant, reason: &str) -> Result<(), Refusal> {
    let book = d.ctx.rulebook;
    let overdue = |id: &str| book.conduct.iter().any(|r| r.id == id && r.found_by == Some(Trigger::Overdue));
    let of_this_limit = |c: &&Conduct| overdue(&c.conduct) && c.state == ConductState::Found && c.at >= from;
    let open: Vec<u32> = d.ticket()?.conducts.iter().filter(of_this_limit).map(|c| c.no).collect();
    open.into_iter().try_for_each(|no| d.push(Event::ConductDismissed { no, reason: reason.to_owned() }))
}

fn may_ask(ticket: &Ticket, ctx: &Ctx<'_>) -> Result<(), Refusal> {
    if ctx.rulebook.exclusion.is_none() {
        return Err(Refusal::not_now("not-in-this-rulebook", "本办法没有规定申请不纳入考核"));
    }
    let unit = unit_of(ctx)?;
    if ticket.closed().is_none_or(|c| c.work.lead.unit != unit) {
        return Err(Refusal::not_now("not-closed", "工单办结后，由主办单位申请"));
    }
    let mine = |e: &Exclusion| e.unit == unit && matches!(e.state, ExclusionState::Asked | ExclusionState::Appealed);
    if ticket.exclusions.iter().any(mine) || ticket.excluded() {
        return Err(Refusal::not_now("exclusion-pending", "申请正在审核，或已不纳入考核"));
    }
    Ok(())
}

pub(super) fn ask_exclusion(d: &mut Deciding<'_>, ground: &str, why: &str, evidence: &str) -> Result<(), Refusal> {
    let rule = follow_up::exemption(d.ticket()?, Some(ground), d.ctx)
        .map_err(|r| Refusal { field: r.field.map(|_| "ground"), ..r })?;
    let refused =
        |e: &Exclusion| e.ground == rule.id && matches!(e.state, ExclusionState::Refused | ExclusionState::Final);
    if d.ticket()?.exclusions.iter().any(refused) {
        return Err(Refusal::input("ground", "这一情形已审核未获同意；不服的可以申诉一次"));
    }
    let reason = text("reason", "申请理由", why, 2_000)?;
    let evidence = text("evidence", "证据", evidence, 5_000)?;
    let no = d.ticket()?.exclusions.len() as u32 + 1;
    let (ground, name, unit) = (rule.id.clone(), rule.name.clone(), d.unit()?.to_owned());
    let (basis, state) = (d.ctx.rulebook.basis(rule), ExclusionState::Asked);
    let asked =
        Exclusion { no, ground, name, unit, reason, evidence, basis, state, note: String::new(), reviewed_by: None };
    d.push(Event::ExclusionAsked(asked))?;
    d.start(ClockKind::Exclusion, None)
}

fn exclusion(ticket: &Ticket, no: u32, state: ExclusionState) -> Result<&Exclusion, Refusal> {
    let found = ticket.exclusions.iter().find(|e| e.no == no && e.state == state);
    found.ok_or_else(|| Refusal::input("no", "没有这一申请，或不在这一环节"))
}

pub(super) fn review_exclusion(d: &mut Deciding<'_>, no: u32, approved: bool, said: &str) -> Result<(), Refusal> {
    exclusion(d.ticket()?, no, ExclusionState::Asked)?;
    let note = text("note", "审核意见", said, 2_000)?;
    d.met(ClockKind::Exclusion, None)?;
    d.push(Event::ExclusionReviewed { no, approved, note })?;
    supervision::archive_again(d)
}

pub(super) fn appeal_exclusion(d: &mut Deciding<'_>, no: u32, why: &str) -> Result<(), Refusal> {
    let unit = d.unit()?;
    if exclusion(d.ticket()?, no, ExclusionState::Refused)?.unit != unit {
        return Err(Refusal::input("no", "不是本单位的申请"));
    }
    let reason = text("reason", "申诉理由", why, 2_000)?;
    d.push(Event::ExclusionAppealed { no, reason })?;
    d.start(ClockKind::Exclusion, None)
}

/// By somebody other than the one who had reviewed it.
pub(super) fn decide_exclusion(d: &mut Deciding<'_>, no: u32, approved: bool, said: &str) -> Result<(), Refusal> {
    let before = exclusion(d.ticket()?, no, ExclusionState::Appealed)?.reviewed_by.as_deref();
    if before == Some(d.ctx.actor.id.as_str()) {
        return Err(Refusal::not_now("same-reviewer", "申诉须由原审核人以外的人裁定"));
    }
    let note = text("note", "裁定意见", said, 2_000)?;
    d.met(ClockKind::Exclusion, None)?;
    d.push(Event::ExclusionDecided { no, approved, note })?;
    supervision::archive_again(d)
}
