//! To the units: lead and assists (13.2, 20), limits from the dispatch (14), signing.

use super::{
    Action, Ctx, Dispatch, Event, Refusal, SpecialLimit, Stage, Ticket,
    decide::{Deciding, optional, text, unit_of, working},
    intake,
};
use crate::{
    Amount, Basis,
    clock::ClockKind,
    rulebook::{Cited, Start, UnitKind},
};

pub(super) fn ready(ticket: &Ticket, action: Action, ctx: &Ctx<'_>) -> Result<(), Refusal> {
    if action == Action::Sign {
        let work = working(ticket)?;
        let unit = unit_of(ctx)?;
        let signed = if work.lead.unit == unit {
            work.lead.signed_at
        } else {
            let assist = work.assists.iter().find(|a| a.unit == unit);
            assist.ok_or_else(|| Refusal::not_now("not-ours", "工单没有派给本单位"))?.signed_at
        };
        return if signed.is_some() { Err(Refusal::not_now("already-signed", "本单位已签收")) } else { Ok(()) };
    }
    match &ticket.stage {
        Stage::Registered { referral: Some(r) } => {
            let message = format!("已逐级汇报，等待{}认定是否受理", r.to);
            Err(Refusal::rule("referral-pending", message, ctx.rulebook, &ctx.rulebook.referral))
        }
        Stage::Registered { .. } => Ok(()),
        Stage::Working(_) => Err(Refusal::not_now("already-dispatched", "工单已派单；须先退单才能重新派单")),
        _ => Err(Refusal::not_now("past-intake", format!("工单现为“{}”，不能派单", ticket.state()))),
    }
}

pub(super) fn dispatch(d: &mut Deciding<'_>, to: &Dispatch) -> Result<(), Refusal> {
    let ctx = d.ctx;
    let book = ctx.rulebook;
    checked_units(ctx, to)?;
    let call = to.call.as_ref().map(|c| intake::recorded(d, c)).transpose()?;
    if d.ticket()?.urgent && book.emergency.call_recorded && call.is_none() {
        let message = "突发事件工单须同时电话通知承办单位，请记录通话对象和情况";
        return Err(Refusal { field: Some("call"), ..Refusal::rule("emergency-call", message, book, &book.emergency) });
    }
    let special = to.special.as_ref().map(|s| special_limit(ctx, s)).transpose()?;
    let note = optional("note", "派单说明", &to.note, 2_000)?;
    d.met(ClockKind::Dispatch, None)?;
    let rulebook = (book.rulebook.id.clone(), book.rulebook.version);
    d.push(Event::Dispatched { lead: to.lead.clone(), assists: to.assists.clone(), note, rulebook, call })?;
    start_limits(d, to, special)
}

/// A limit of another law, with the law named in its ground.
fn special_limit(ctx: &Ctx<'_>, special: &SpecialLimit) -> Result<(Amount, Basis), Refusal> {
    let Some(rule) = &ctx.rulebook.special_law else {
        return Err(Refusal::input("special", "本办法没有规定可以另定时限"));
    };
    let law = text("special", "另定时限的依据", &special.law, 200)?;
    let mut basis = ctx.rulebook.basis(rule);
    basis.readings.extend(ctx.rulebook.counting.assume.iter().cloned());
    basis.law = Some(law);
    Ok((special.limit, basis))
}

/// The clocks that a dispatch starts, for the lead and each assist. What another law sets for the ticket holds for all who handle it.
fn start_limits(d: &mut Deciding<'_>, to: &Dispatch, special: Option<(Amount, Basis)>) -> Result<(), Refusal> {
    d.start(ClockKind::Sign, Some(&to.lead))?;
    if returns_from(d, Start::Dispatch) {
        d.start(ClockKind::Return, Some(&to.lead))?;
    }
    let units = std::iter::once((ClockKind::Handle, &to.lead)).chain(to.assists.iter().map(|a| (ClockKind::Assist, a)));
    for (kind, unit) in units {
        if kind == ClockKind::Assist {
            d.start(ClockKind::Sign, Some(unit))?;
        }
        match &special {
            Some((limit, basis)) => d.start_with(kind, Some(unit), *limit, basis.clone())?,
            None => d.start(kind, Some(unit))?,
        }
    }
    Ok(())
}

/// Whether the return window begins there (the text differs: Shangrao at signing, others at receipt).
fn returns_from(d: &Deciding<'_>, start: Start) -> bool {
    d.ctx.rulebook.limit.iter().any(|r| r.clock == ClockKind::Return && r.from == start)
}

fn checked_units(ctx: &Ctx<'_>, to: &Dispatch) -> Result<(), Refusal> {
    let book = ctx.rulebook;
    let known = |field: &'static str, id: &str| match ctx.units.get(id) {
        None => Err(Refusal::input(field, format!("没有编号为“{id}”的单位，请从名录中选择"))),
        Some(unit) if !unit.active => {
            Err(Refusal::input(field, format!("{}已停用，请选择承接其职责的单位", unit.name)))
        }
        Some(unit) if unit.kind == UnitKind::Centre => Err(Refusal::input(field, "热线中心不是承办单位")),
        Some(unit) => Ok(unit),
    };
    if to.lead.trim().is_empty() {
        return Err(Refusal::rule("name-a-lead", "请指定主办单位", book, &book.dispatch))
            .map_err(|r| Refusal { field: Some("lead"), ..r });
    }
    let lead = known("lead", &to.lead)?;
    if book.dispatch.never_lead.contains(&lead.kind) {
        let message = format!("{}不能作为主办单位，可以协办", lead.kind);
        return Err(Refusal { field: Some("lead"), ..Refusal::rule("never-lead", message, book, &book.dispatch) });
    }
    for (i, assist) in to.assists.iter().enumerate() {
        known("assists", assist)?;
        if *assist == to.lead || to.assists[..i].contains(assist) {
            return Err(Refusal::input("assists", format!("{}列了两次", ctx.unit_name(assist))));
        }
    }
    Ok(())
}

pub(super) fn sign(d: &mut Deciding<'_>) -> Result<(), Refusal> {
    let unit = d.unit()?.to_owned();
    d.met(ClockKind::Sign, Some(&unit))?;
    d.push(Event::Signed { unit: unit.clone() })?;
    let work = d.work()?;
    // A redo goes back to the unit whose duty it was found to be: there is nothing to return.
    let first_lead = work.lead.unit == unit && work.round == 1;
    if first_lead && returns_from(d, Start::Sign) {
        d.start(ClockKind::Return, Some(&unit))?;
    }
    Ok(())
}

/// What a redo starts anew for the same units: the whole limit of the matter, which may be another law's.
pub(super) fn restart(d: &mut Deciding<'_>) -> Result<(), Refusal> {
    let book = d.ctx.rulebook;
    let units: Vec<String> = d.ticket()?.units().iter().map(|u| (*u).to_owned()).collect();
    let last = d.ticket()?.clocks.iter().rev().find(|c| c.kind == ClockKind::Handle);
    let special = last.filter(|c| c.basis.law.is_some()).map(|c| (c.amount, c.basis.clone()));
    for (i, unit) in units.iter().enumerate() {
        d.start(ClockKind::Sign, Some(unit))?;
        let kind = if i == 0 { ClockKind::Handle } else { ClockKind::Assist };
        let subject = d.subject()?;
        let rule = || book.limit(kind, &subject).map(|(rule, amount)| (amount, book.limit_basis(rule, amount)));
        if let Some((amount, mut basis)) = special.clone().or_else(rule) {
            // That a redo has the whole limit anew is a reading of the redo rule.
            let readings = book.redo.readings().iter().filter(|r| !basis.readings.contains(*r)).cloned();
            let readings: Vec<String> = readings.collect();
            basis.readings.extend(readings);
            d.start_with(kind, Some(unit), amount, basis)?;
        }
    }
    Ok(())
}
