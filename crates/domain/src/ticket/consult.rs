//! Who shall handle it, where that is disputed, complex or weighty: consultation, whose answer binds; the leader's approval.

use super::{
    Action, Consultation, Ctx, Event, Named, Opinion, Refusal, Stage, Ticket, Waiting,
    deciding::{Deciding, text},
    dispatch, intake, returning, timers,
};
use crate::{
    Basis,
    clock::ClockKind,
    rulebook::{ApprovalRule, Marks},
};

pub(super) fn ready(ticket: &Ticket, action: Action, ctx: &Ctx<'_>) -> Result<(), Refusal> {
    match action {
        Action::Consult => may_consult(ticket, ctx),
        Action::ConcludeConsultation => match asked(ticket) {
            Some(_) => Ok(()),
            None => Err(Refusal::not_now("nothing-consulted", "没有正在进行的会商")),
        },
        Action::SubmitOpinion => {
            if ctx.rulebook.approval.is_none() {
                return Err(Refusal::not_now("not-in-this-rulebook", "本办法没有规定拟办意见的审定"));
            }
            intake::at_desk(ticket, action, ctx)?;
            match waiting(ticket) {
                Some(Waiting { consultation: Some(_), .. }) => Err(pending(ctx)),
                Some(Waiting { opinion: Some(o), .. }) if o.approved.is_none() => {
                    Err(Refusal::not_now("approval-pending", "拟办意见正在报请审定"))
                }
                _ => Ok(()),
            }
        }
        _ => match waiting(ticket).and_then(|w| w.opinion.as_ref()) {
            Some(opinion) if opinion.approved.is_none() => Ok(()),
            _ => Err(Refusal::not_now("no-opinion", "没有待审定的拟办意见")),
        },
    }
}

fn waiting(ticket: &Ticket) -> Option<&Waiting> {
    if let Stage::Registered(waiting) = &ticket.stage { Some(waiting) } else { None }
}

fn asked(ticket: &Ticket) -> Option<&Consultation> {
    match &ticket.stage {
        Stage::Registered(waiting) => waiting.consultation.as_ref(),
        Stage::Working(work) => work.consultation.as_ref(),
        _ => None,
    }
}

fn may_consult(ticket: &Ticket, ctx: &Ctx<'_>) -> Result<(), Refusal> {
    let Some(rule) = &ctx.rulebook.consultation else {
        return Err(Refusal::not_now("not-in-this-rulebook", "本办法没有规定会商"));
    };
    if asked(ticket).is_some() {
        return Err(pending(ctx));
    }
    match &ticket.stage {
        Stage::Registered(waiting) if rule.before_dispatch => match &waiting.opinion {
            Some(o) if o.approved.is_none() => Err(Refusal::not_now("approval-pending", "拟办意见正在报请审定")),
            _ => intake::at_desk(ticket, Action::Consult, ctx),
        },
        Stage::Working(work) if rule.on_return && work.returning.is_some() => Ok(()),
        Stage::Working(_) if rule.on_return => {
            Err(Refusal::not_now("no-return-asked", "派单后只有退单有争议的才提请会商"))
        }
        _ => Err(Refusal::not_now("nothing-to-consult", "此时不能提请会商")),
    }
}

/// A consultation is going on: nobody decides before it has.
pub(super) fn pending(ctx: &Ctx<'_>) -> Refusal {
    match &ctx.rulebook.consultation {
        Some(rule) => Refusal::rule("consultation-pending", "正在会商，等待会商定论", ctx.rulebook, rule),
        None => Refusal::not_now("consultation-pending", "正在会商，等待会商定论"),
    }
}

pub(super) fn consult(d: &mut Deciding<'_>, level: &str, question: &str) -> Result<(), Refusal> {
    let levels = d.ctx.rulebook.consultation.as_ref().map_or(&[][..], |r| r.levels.as_slice());
    if !levels.iter().any(|l| l == level.trim()) {
        return Err(Refusal::input("level", format!("请选择会商机制：{}", levels.join("、"))));
    }
    let question = text("question", "会商的问题", question, 2_000)?;
    // The time for the dispatch, or for the review, begins anew with the answer.
    d.void(&[ClockKind::Dispatch, ClockKind::ReturnReview])?;
    d.push(Event::ConsultationAsked(Consultation { level: level.trim().to_owned(), question }))?;
    d.start(ClockKind::Consultation, None)
}

pub(super) fn conclude(d: &mut Deciding<'_>, lead: &str, assists: &[String], opinion: &str) -> Result<(), Refusal> {
    let opinion = text("opinion", "会商意见", opinion, 5_000)?;
    dispatch::checked_units(d.ctx, lead, assists)?;
    let Some(rule) = &d.ctx.rulebook.consultation else {
        return Err(Refusal::not_now("not-in-this-rulebook", "本办法没有规定会商"));
    };
    let basis = d.ctx.rulebook.basis(rule);
    let named = Named { lead: lead.to_owned(), assists: assists.to_vec(), opinion, basis };
    d.met(ClockKind::Consultation, None)?;
    if let Stage::Registered { .. } = d.ticket()?.stage {
        d.push(Event::ConsultationConcluded(named))?;
        return d.start(ClockKind::Dispatch, None);
    }
    returned_or_stays(d, named)
}

/// The consultation decides the disputed return: the unit it names has the ticket, and keeps it.
fn returned_or_stays(d: &mut Deciding<'_>, named: Named) -> Result<(), Refusal> {
    if d.work()?.lead.unit == named.lead {
        let (reason, basis): (String, Basis) = (named.opinion.clone(), named.basis.clone());
        d.push(Event::ConsultationConcluded(named))?;
        d.push(Event::ReturnRefused { reason, basis })?;
        return timers::resume(d);
    }
    returning::give_back(d, named.opinion.clone())?;
    d.push(Event::ConsultationConcluded(named))?;
    d.start(ClockKind::Dispatch, None)
}

/// Whether this ticket, going to these units, needs a leader's approval; if so, under which rule.
pub(super) fn approval_needed<'b>(ticket: &Ticket, units: usize, ctx: &Ctx<'b>) -> Option<&'b ApprovalRule> {
    let has = |m: &Marks| {
        (!m.major || ticket.major.is_some())
            && (!m.difficult || ticket.difficult.is_some())
            && (!m.several_units || units > 1)
    };
    ctx.rulebook.approval.as_ref().filter(|rule| rule.when.iter().any(has))
}

pub(super) fn submit(d: &mut Deciding<'_>, opinion: &str, lead: &str, assists: &[String]) -> Result<(), Refusal> {
    let text = text("opinion", "拟办意见", opinion, 5_000)?;
    dispatch::checked_units(d.ctx, lead, assists)?;
    dispatch::as_named(d, lead, assists)?;
    let (lead, assists) = (lead.to_owned(), assists.to_vec());
    d.void(&[ClockKind::Dispatch])?;
    d.push(Event::OpinionSubmitted(Opinion { text, lead, assists, approved: None }))?;
    d.start(ClockKind::Approval, None)
}

pub(super) fn review(d: &mut Deciding<'_>, approve: bool, note: &str) -> Result<(), Refusal> {
    let note = text("note", if approve { "审定意见" } else { "退回的理由" }, note, 2_000)?;
    d.met(ClockKind::Approval, None)?;
    d.push(if approve { Event::OpinionApproved { note } } else { Event::OpinionRefused { reason: note } })?;
    d.start(ClockKind::Dispatch, None)
}
