//! Asking the appellant, rating, verification, redo (13.7, 13.8, 27) and the way to the archive (13.9).

use super::{
    Action, Ctx, Event, Finding, Rate, Refusal, Stage, StateName, Ticket, Verdict,
    decide::{Deciding, optional, text},
    dispatch, supervision,
};
use crate::{
    Kind,
    clock::ClockKind,
    rulebook::{ClosureGround, ExemptGround},
    words::Contact,
};

pub(super) fn ready(ticket: &Ticket, action: Action, _ctx: &Ctx<'_>) -> Result<(), Refusal> {
    match (action, &ticket.stage) {
        (Action::FollowUp | Action::Rate, Stage::Closed(_)) => Ok(()),
        (Action::FollowUp | Action::Rate, Stage::Checking(_) | Stage::Concluded(_)) => {
            Err(Refusal::not_now("already-rated", "已经评价或回访已结束，以首次有效评价为准"))
        }
        (Action::FollowUp | Action::Rate, _) => Err(Refusal::not_now("not-closed", "工单办结后才能回访和评价")),
        (Action::VerifyRating, Stage::Checking(_)) => Ok(()),
        (Action::VerifyRating, _) => Err(Refusal::not_now("nothing-to-verify", "没有待核实的不满意评价")),
        (_, Stage::Concluded(_) | Stage::Refused(_) | Stage::Answered(_) | Stage::PassedOn(_) | Stage::Imported(_)) => {
            if ticket.supervised() {
                return Err(Refusal::not_now("under-supervision", "督办尚未销号，不能归档"));
            }
            if ticket.unsettled() {
                return Err(Refusal::not_now("supervision-proposed", "督办线索尚未判断，不能归档"));
            }
            Ok(())
        }
        _ => Err(Refusal::not_now("not-concluded", "工单尚未结束，不能归档")),
    }
}

pub(super) fn attempt(
    d: &mut Deciding<'_>,
    by: Contact,
    reached: bool,
    note: &str,
    rating: Option<&Rate>,
) -> Result<(), Refusal> {
    if rating.is_some() && !reached {
        return Err(Refusal::input("reached", "没有联系上诉求人，不能记录评价"));
    }
    let note = optional("note", "回访情况", note, 2_000)?;
    d.push(Event::FollowUpTried { by, reached, note })?;
    if let Some(rating) = rating {
        return rate(d, rating, by);
    }
    let most = d.ctx.rulebook.follow_up.attempts;
    let tried = d.ticket()?.closed().map_or(0, |c| c.attempts.len());
    if tried >= most as usize {
        d.met(ClockKind::FollowUp, None)?;
        return end(d, None, false);
    }
    Ok(())
}

/// The appellant's judgement; an unsatisfied one is verified before anything follows from it.
pub(super) fn rate(d: &mut Deciding<'_>, r: &Rate, by: Contact) -> Result<(), Refusal> {
    let comment = optional("comment", "意见", &r.comment, 2_000)?;
    d.met(ClockKind::FollowUp, None)?;
    d.push(Event::Rated { result: r.result, attitude: r.attitude, solved: r.solved, comment, by })?;
    if d.ticket()?.state() == StateName::Checking {
        return d.start(ClockKind::Verify, None);
    }
    end(d, None, true)
}

/// 第十三条（七）、第二十七条: whose responsibility the dissatisfaction is, and whether it counts.
pub(super) fn verify(
    d: &mut Deciding<'_>,
    finding: Finding,
    exempt: Option<ExemptGround>,
    reason: &str,
) -> Result<(), Refusal> {
    let book = d.ctx.rulebook;
    let reason = text("reason", "核实情况", reason, 2_000)?;
    let basis = match (finding, exempt) {
        (Finding::Exempt, Some(ground)) => {
            let Some(rule) = book.exempt.iter().find(|e| e.ground == ground) else {
                return Err(Refusal::input("exempt", "本办法没有这一情形"));
            };
            exempt_holds(d, ground)?;
            book.basis(rule)
        }
        (Finding::Exempt, None) => return Err(Refusal::input("exempt", "请选择不纳入考核的情形")),
        (_, Some(_)) => return Err(Refusal::input("exempt", "只有“不纳入考核”须选择情形")),
        (_, None) => book.basis(&book.redo),
    };
    d.met(ClockKind::Verify, None)?;
    let assessed = finding != Finding::Exempt;
    let verdict = Verdict { finding, exempt, reason: reason.clone(), assessed };
    d.push(Event::RatingVerified { verdict, basis })?;
    if finding != Finding::UnitFault {
        return end(d, Some(finding), true);
    }
    let into_ledger = d.ticket()?.unsatisfied() >= book.redo.ledger_from;
    d.push(Event::Redone { reason: reason.clone() })?;
    dispatch::restart(d)?;
    if into_ledger { supervision::enter(d, &reason) } else { Ok(()) }
}

/// What article 27 asks for each ground.
fn exempt_holds(d: &Deciding<'_>, ground: ExemptGround) -> Result<(), Refusal> {
    let ticket = d.ticket()?;
    let message = match ground {
        ExemptGround::SuggestionNotAdopted if ticket.kind != Kind::Suggestion => "只适用于建议类诉求",
        ExemptGround::NoPolicyBasis => {
            let closed = ticket.closed();
            let without_basis = closed.is_some_and(|c| c.ground == ClosureGround::NoPolicyBasis);
            let explained = closed.is_some_and(|c| c.work.contacts.iter().any(|c| c.explained));
            match (without_basis, explained) {
                (false, _) => "办结理由不是“诉求无政策法规依据”",
                (_, false) => "承办单位没有向诉求人解释的联系记录",
                _ => return Ok(()),
            }
        }
        ExemptGround::SuggestionNotAdopted => return Ok(()),
    };
    let rule = d.ctx.rulebook.exempt.iter().find(|e| e.ground == ground);
    match rule {
        Some(rule) => {
            Err(Refusal { field: Some("exempt"), ..Refusal::rule("exempt-not-met", message, d.ctx.rulebook, rule) })
        }
        None => Err(Refusal::input("exempt", message)),
    }
}

fn end(d: &mut Deciding<'_>, finding: Option<Finding>, rated: bool) -> Result<(), Refusal> {
    d.push(Event::FollowUpEnded { finding, rated })?;
    d.start(ClockKind::Archive, None)
}

/// 第十三条（九）, by hand: the date that the system had set is kept.
pub(super) fn archive(d: &mut Deciding<'_>) -> Result<(), Refusal> {
    d.met(ClockKind::Archive, None)?;
    d.push(Event::Archived)
}
