//! Who else takes part while it is in hand: units called in and reporting in, who does it inside a unit, and the level above.

use super::{
    Action, Ctx, Event, Refusal, Ticket,
    deciding::{Deciding, led_by, optional, text, unit_of, working},
    dispatch, timers,
};
use crate::{
    clock::{Clock, ClockKind},
    rulebook::Cited,
};

const UNITS_MOST: usize = 20;

pub(super) fn ready(ticket: &Ticket, action: Action, ctx: &Ctx<'_>) -> Result<(), Refusal> {
    let book = ctx.rulebook;
    match action {
        Action::AssignInside => {
            let unit = unit_of(ctx)?;
            working(ticket)?;
            if ticket.units().contains(&unit) {
                Ok(())
            } else {
                Err(Refusal::not_now("not-ours", "工单没有派给本单位"))
            }
        }
        Action::ReportIn => {
            let unit = unit_of(ctx)?;
            let assist = working(ticket)?.assists.iter().find(|a| a.unit == unit && a.whistle.is_some());
            match assist {
                None => Err(Refusal::not_now("not-whistled", "没有单位请本单位报到")),
                Some(a) if a.signed_at.is_some() => Err(Refusal::not_now("already-reported-in", "本单位已报到")),
                Some(_) => Ok(()),
            }
        }
        Action::Raise => may_raise(ticket, ctx),
        _ => {
            let Some(rule) = &book.whistle else {
                return Err(Refusal::not_now("not-in-this-rulebook", "本办法没有规定主办单位请其他单位协办"));
            };
            let work = led_by(ticket, ctx)?;
            if work.lead.signed_at.is_none() {
                return Err(Refusal::not_now("not-signed", "请先签收工单"));
            }
            let kind = ctx.units.get(&work.lead.unit).map(|u| u.kind);
            let whistles = rule.by.is_empty() || kind.is_some_and(|k| rule.by.contains(&k));
            if !whistles && (rule.others.is_none() || action == Action::JudgeWhistle) {
                let who: Vec<&str> = rule.by.iter().map(|k| k.zh()).collect();
                let message = format!("“{}”由{}发起", rule.name, who.join("、"));
                return Err(Refusal::rule("not-a-whistler", message, book, rule));
            }
            if action == Action::Whistle {
                return match (&work.closing, &work.returning) {
                    (Some(_), _) => Err(Refusal::not_now("closure-pending", "办结申请正在审核")),
                    (_, Some(_)) => Err(Refusal::not_now("return-pending", "退单申请正在审核")),
                    _ => Ok(()),
                };
            }
            let judged = |a: &super::Assist| a.whistle.as_ref().is_some_and(|w| w.judged.is_none());
            match (rule.judged, work.assists.iter().any(judged)) {
                (true, true) => Ok(()),
                (false, _) => Err(Refusal::not_now("not-in-this-rulebook", "本办法没有规定评议报到单位")),
                _ => Err(Refusal::not_now("nothing-to-judge", "没有待评议的报到单位")),
            }
        }
    }
}

/// A ticket stalls when its handling limit has run out; then the level above can take it.
fn may_raise(ticket: &Ticket, ctx: &Ctx<'_>) -> Result<(), Refusal> {
    let Some(rule) = &ctx.rulebook.raise else {
        return Err(Refusal::not_now("not-in-this-rulebook", "本办法没有规定提级办理"));
    };
    let work = working(ticket)?;
    if work.closing.is_some() {
        return Err(Refusal::not_now("closure-pending", "办结申请正在审核"));
    }
    let late = |c: &Clock| c.kind == ClockKind::Handle && c.late(ctx.now);
    if ticket.open_clock(ClockKind::Handle, None).is_some_and(late) || ticket.supervised() {
        return Ok(());
    }
    Err(Refusal::rule("not-stalled", "工单没有超期，也没有在督办，不能提级", ctx.rulebook, rule))
}

pub(super) fn assign_inside(d: &mut Deciding<'_>, office: &str, handler: &str) -> Result<(), Refusal> {
    let office = text("office", "承办科室", office, 100)?;
    let handler = optional("handler", "经办人", handler, 100)?;
    let unit = d.unit()?.to_owned();
    d.push(Event::AssignedInside { unit, office, handler })
}

pub(super) fn whistle(d: &mut Deciding<'_>, units: &[String], matter: &str) -> Result<(), Refusal> {
    let matter = text("matter", "需要协办的事项", matter, 2_000)?;
    if units.is_empty() || units.len() > UNITS_MOST {
        return Err(Refusal::input("units", format!("请写明请哪些单位，1至{UNITS_MOST}个")));
    }
    for (i, unit) in units.iter().enumerate() {
        let found = dispatch::known_unit(d.ctx, "units", unit)?;
        if d.ticket()?.units().contains(&unit.as_str()) || units[..i].contains(unit) {
            return Err(Refusal::input("units", format!("{}已在承办", found.name)));
        }
    }
    let by = d.unit()?.to_owned();
    d.push(Event::Whistled { by, units: units.to_vec(), matter })?;
    for unit in units {
        d.start(ClockKind::ReportIn, Some(unit))?;
        if let Some((amount, basis)) = dispatch::whole_limit(d, ClockKind::Assist)? {
            d.start_with(ClockKind::Assist, Some(unit), amount, basis)?;
        }
    }
    Ok(())
}

pub(super) fn report_in(d: &mut Deciding<'_>) -> Result<(), Refusal> {
    let unit = d.unit()?.to_owned();
    d.met(ClockKind::ReportIn, Some(&unit))?;
    d.push(Event::ReportedIn { unit })
}

pub(super) fn judge(d: &mut Deciding<'_>, unit: &str, answered: bool, note: &str) -> Result<(), Refusal> {
    let note = text("note", "评议意见", note, 2_000)?;
    let of_unit = |a: &super::Assist| a.unit == unit && a.whistle.as_ref().is_some_and(|w| w.judged.is_none());
    if !d.work()?.assists.iter().any(of_unit) {
        return Err(Refusal::input("unit", "该单位不是应请报到的单位，或已评议"));
    }
    d.push(Event::WhistleJudged { unit: unit.to_owned(), answered, note })
}

/// The level above takes the lead; who had it goes on as an assist. The new lead's time begins now, what was late stays late.
pub(super) fn raise(d: &mut Deciding<'_>, to: &str, reason: &str) -> Result<(), Refusal> {
    let reason = text("reason", "提级办理的理由", reason, 2_000)?;
    dispatch::checked_units(d.ctx, to, &[])?;
    let from = d.work()?.lead.unit.clone();
    if to == from {
        return Err(Refusal::input("to", "工单已由该单位主办"));
    }
    let Some(rule) = &d.ctx.rulebook.raise else {
        return Err(Refusal::not_now("not-in-this-rulebook", "本办法没有规定提级办理"));
    };
    let basis = d.ctx.rulebook.basis(rule);
    let of_lead = |c: &Clock| {
        let theirs = [from.as_str(), to].iter().any(|u| c.unit.as_deref() == Some(u));
        let pending = matches!(
            c.kind,
            ClockKind::ReturnReview | ClockKind::ExtensionReview | ClockKind::Consultation | ClockKind::Relay
        );
        // Who was called in and takes the lead has nobody to report to any more.
        let duty = matches!(
            c.kind,
            ClockKind::Sign | ClockKind::Return | ClockKind::Handle | ClockKind::Assist | ClockKind::ReportIn
        );
        c.open() && (pending || (theirs && duty))
    };
    let open: Vec<u32> = d.ticket()?.clocks.iter().filter(|c| of_lead(c)).map(|c| c.id).collect();
    open.into_iter().try_for_each(|clock| d.void_clock(clock))?;
    d.push(Event::Raised { from: from.clone(), to: to.to_owned(), reason, basis })?;
    // A return under review had stopped the other assists; nobody reviews it any more.
    timers::resume(d)?;
    d.start(ClockKind::Sign, Some(to))?;
    for (kind, unit) in [(ClockKind::Handle, to), (ClockKind::Assist, from.as_str())] {
        if let Some((amount, mut basis)) = dispatch::whole_limit(d, kind)? {
            basis.readings.extend(rule.readings().iter().cloned());
            d.start_with(kind, Some(unit), amount, basis)?;
        }
    }
    Ok(())
}
