//! Pressing for an answer, instructions from above, and what the media bring up.

use super::{
    Action, Ctx, Event, Refusal, Ticket, Told, Urging,
    deciding::{Deciding, text, unit_of, working},
    supervision,
};
use crate::{
    Role, access,
    clock::ClockKind,
    rulebook::{CopyTo, Trigger},
};

pub(super) fn ready(ticket: &Ticket, action: Action, ctx: &Ctx<'_>) -> Result<(), Refusal> {
    match action {
        Action::Urge => {
            if ctx.rulebook.urging.is_none() {
                return Err(Refusal::not_now("not-in-this-rulebook", "本办法没有规定催办"));
            }
            working(ticket)?;
            match pressed_by(ticket, ctx) {
                Some(units) if units.is_empty() => Err(Refusal::not_now("not-below", "工单的承办单位不归本单位督促")),
                _ => Ok(()),
            }
        }
        Action::AnswerUrging => {
            let unit = unit_of(ctx)?;
            if ticket.urgings.iter().any(|u| u.unit == unit && u.answer.is_none()) {
                return Ok(());
            }
            Err(Refusal::not_now("nothing-to-answer", "没有待本单位答复的催办"))
        }
        _ => Ok(()),
    }
}

/// The units a person of a unit may press: those below a superior unit, or the own one for its discipline office. `None`: the centre
/// presses whom it will.
fn pressed_by<'t>(ticket: &'t Ticket, ctx: &Ctx<'_>) -> Option<Vec<&'t str>> {
    let own = ctx.actor.unit.as_deref()?;
    let units = ticket.units();
    match ctx.actor.role {
        Role::SuperiorUnit => {
            let below = access::reach(Role::SuperiorUnit, own, ctx.units);
            Some(units.into_iter().filter(|u| *u != own && below.contains(*u)).collect())
        }
        Role::DisciplineOffice => {
            let copied = ticket.copies.iter().any(|c| c.to == CopyTo::Discipline && c.unit == own);
            Some(units.into_iter().filter(|u| copied && *u == own).collect())
        }
        _ => None,
    }
}

pub(super) fn urge(d: &mut Deciding<'_>, unit: Option<&str>, note: &str) -> Result<(), Refusal> {
    let note = text("note", "催办内容", note, 2_000)?;
    let may = pressed_by(d.ticket()?, d.ctx);
    let lead = d.work()?.lead.unit.clone();
    let unit = match (unit, &may) {
        (Some(unit), _) => unit.to_owned(),
        (None, Some(units)) => units.first().map_or(lead, |u| (*u).to_owned()),
        (None, None) => lead,
    };
    if !d.ticket()?.units().contains(&unit.as_str()) {
        return Err(Refusal::input("unit", "该单位不承办本工单"));
    }
    if may.is_some_and(|units| !units.contains(&unit.as_str())) {
        return Err(Refusal::input("unit", "该单位不归本单位督促"));
    }
    let clocks = d.ticket()?.clocks.len() as u32;
    d.start(ClockKind::Urging, Some(&unit))?;
    let clock = (d.ticket()?.clocks.len() as u32 > clocks).then_some(clocks + 1);
    let no = d.ticket()?.urgings.len() as u32 + 1;
    let at = d.ctx.now;
    d.push(Event::Urged(Urging { no, unit, note, at, answer: None, missed: false, clock }))
}

pub(super) fn answer(d: &mut Deciding<'_>, no: u32, said: &str) -> Result<(), Refusal> {
    let unit = d.unit()?;
    let Some(urging) = d.ticket()?.urgings.iter().find(|u| u.no == no && u.unit == unit && u.answer.is_none()) else {
        return Err(Refusal::input("no", "没有这一待本单位答复的催办"));
    };
    let clock = urging.clock;
    let text = text("text", "办理情况或理由", said, 5_000)?;
    if let Some(clock) = clock
        && d.ticket()?.clocks.iter().any(|c| c.id == clock && c.open())
    {
        d.push(Event::ClockMet { clock, at: d.ctx.now })?;
    }
    d.push(Event::UrgingAnswered { no, text })
}

pub(super) fn instruct(d: &mut Deciding<'_>, from: &str, said: &str) -> Result<(), Refusal> {
    let from = text("from", "批示、交办的领导或机关", from, 100)?;
    let text = text("text", "批示内容", said, 5_000)?;
    d.met(ClockKind::Opinion, None)?;
    d.push(Event::InstructionRecorded(Told { who: from, text, at: d.ctx.now }))?;
    supervision::found(d, Trigger::Instruction, None)
}

pub(super) fn media(d: &mut Deciding<'_>, outlet: &str, note: &str) -> Result<(), Refusal> {
    let outlet = text("outlet", "媒体", outlet, 100)?;
    let note = text("note", "曝光情况", note, 2_000)?;
    d.push(Event::MediaMarked { outlet, note })?;
    supervision::found(d, Trigger::Media, None)
}
