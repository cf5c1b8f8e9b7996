//! Closing (13.6): on application of the unit, by review of the centre.

use super::{
    Action, ClosureRequest, Ctx, Event, Refusal, Reply, Ticket,
    decide::{Deciding, optional, signed_lead, text, working},
};
use crate::{clock::ClockKind, rulebook::ClosureGround};

pub(super) fn ready(ticket: &Ticket, action: Action, ctx: &Ctx<'_>) -> Result<(), Refusal> {
    if action == Action::ReviewClosure {
        return match working(ticket)?.closing {
            Some(_) => Ok(()),
            None => Err(Refusal::not_now("no-closure-asked", "没有待审的办结申请")),
        };
    }
    let work = signed_lead(ticket, ctx)?;
    let book = ctx.rulebook;
    if work.closing.is_some() {
        return Err(Refusal::not_now("closure-pending", "办结申请正在审核"));
    }
    if work.returning.is_some() {
        return Err(Refusal::not_now("return-pending", "退单申请正在审核"));
    }
    if !matches!(work.reply, Reply::Audited { .. }) {
        return Err(Refusal::rule("reply-first", "须先将办理结果答复诉求人（答复审定后自动发送）", book, &book.reply));
    }
    Ok(())
}

pub(super) fn ask(d: &mut Deciding<'_>, ground: ClosureGround, statement: &str) -> Result<(), Refusal> {
    let book = d.ctx.rulebook;
    let statement = text("statement", "办理情况说明", statement, 5_000)?;
    if !book.closure.grounds.contains(&ground) {
        let message = format!("本办法没有“{ground}”的办结理由");
        return Err(Refusal {
            field: Some("ground"),
            ..Refusal::rule("ground-not-there", message, book, &book.closure)
        });
    }
    // A request for more time falls away with the application to close.
    d.void(&[ClockKind::ExtensionReview])?;
    d.push(Event::ClosureAsked(ClosureRequest { ground, statement, at: d.ctx.now }))?;
    d.hold(ClockKind::Handle)?;
    d.start(ClockKind::ClosureReview, None)
}

pub(super) fn review(d: &mut Deciding<'_>, approve: bool, note: &str) -> Result<(), Refusal> {
    d.met(ClockKind::ClosureReview, None)?;
    if approve {
        optional("note", "审核意见", note, 2_000)?;
    } else {
        let reason = text("note", "不同意办结的理由", note, 2_000)?;
        d.push(Event::ClosureRefused { reason })?;
        return d.release(ClockKind::Handle);
    }
    let Some(request) = d.work()?.closing.clone() else {
        return Err(Refusal::not_now("no-closure-asked", "没有待审的办结申请"));
    };
    // On time is judged by the application: the centre's review is not the unit's delay.
    d.met_at(ClockKind::Handle, None, request.at)?;
    d.void(&[ClockKind::Return, ClockKind::Assist, ClockKind::Sign])?;
    d.push(Event::Closed(request))?;
    d.start(ClockKind::FollowUp, None)
}
