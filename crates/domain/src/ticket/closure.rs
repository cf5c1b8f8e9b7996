//! Closing: on application of the unit, by review of the centre.

use super::{
    Action, ClosureRequest, Ctx, Event, Refusal, Stage, Ticket,
    deciding::{Deciding, optional, signed_lead, text, working},
    follow_up, reply, settle, timers,
};
use crate::{
    clock::ClockKind,
    rulebook::{ClosureGround, choices, chosen},
};

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
    if work.reply.audited_at().is_none() {
        return Err(Refusal::rule("reply-first", "须先将办理结果答复诉求人（答复审定后自动发送）", book, &book.reply));
    }
    Ok(())
}

pub(super) fn ask(d: &mut Deciding<'_>, ground: &str, statement: &str) -> Result<(), Refusal> {
    let book = d.ctx.rulebook;
    let statement = text("statement", "办理情况说明", statement, 5_000)?;
    let Some(rule) = chosen(&book.closure_ground, ground) else {
        let message = format!("本办法没有这一办结理由；可用：{}", choices(&book.closure_ground));
        return Err(Refusal {
            field: Some("ground"),
            ..Refusal::rule("ground-not-there", message, book, &book.closure)
        });
    };
    ground_holds(d, rule)?;
    // A request for more time, or for a word from above, falls away with the application to close.
    d.void(&[ClockKind::ExtensionReview, ClockKind::Opinion, ClockKind::Supplement])?;
    let (ground, name) = (rule.id.clone(), rule.name.clone());
    d.push(Event::ClosureAsked(ClosureRequest { ground, name, statement, at: d.ctx.now }))?;
    timers::resume(d)?;
    d.hold(ClockKind::Handle)?;
    d.start(ClockKind::ClosureReview, None)
}

/// What the ground itself asks for.
fn ground_holds(d: &Deciding<'_>, rule: &ClosureGround) -> Result<(), Refusal> {
    let work = d.work()?;
    let refuse = |code, message: &str| {
        Err(Refusal { field: Some("ground"), ..Refusal::rule(code, message, d.ctx.rulebook, rule) })
    };
    if rule.long_term && work.long_term.is_none() {
        return refuse("tell-the-measures", "须在答复中告知诉求人工作措施和预计完成日期（请重新起草答复并填写）");
    }
    if rule.explained && !work.contacts.iter().any(|c| c.explained) {
        return refuse("explain-first", "须先联系诉求人并作出解释，请在联系记录中注明");
    }
    Ok(())
}

pub(super) fn review(d: &mut Deciding<'_>, approve: bool, note: &str) -> Result<(), Refusal> {
    let book = d.ctx.rulebook;
    let reason = if approve {
        optional("note", "审核意见", note, 2_000)?
    } else {
        text("note", "不同意办结的理由", note, 2_000)?
    };
    let Some(request) = d.work()?.closing.clone() else {
        return Err(Refusal::not_now("no-closure-asked", "没有待审的办结申请"));
    };
    if !approve {
        d.met(ClockKind::ClosureReview, None)?;
        d.push(Event::ClosureRefused { reason })?;
        return d.release(ClockKind::Handle);
    }
    let by_clerk = d.ticket()?.confidential && book.confidential.clerk_replies;
    if by_clerk && !d.work()?.relay_done(reply::calls(book.contact.as_ref())) {
        return d.refuse("relay-first", "保密工单须先由回访员代为答复诉求人", &book.confidential);
    }
    d.met(ClockKind::ClosureReview, None)?;
    // On time is judged by the application: the centre's review is not the unit's delay.
    d.met_at(ClockKind::Handle, None, request.at)?;
    // Nor is anybody pressed any more for what is done.
    d.void(&[
        ClockKind::Return,
        ClockKind::Assist,
        ClockKind::Sign,
        ClockKind::ReportIn,
        ClockKind::Relay,
        ClockKind::Urging,
    ])?;
    let tracked = book.closure_ground.iter().any(|g| g.id == request.ground && g.tracked);
    d.push(Event::Closed(request))?;
    if tracked {
        d.push(Event::TrackingStarted)?;
        d.start(ClockKind::Track, None)?;
    }
    settle::after_redo(d)?;
    d.start(ClockKind::FollowUp, None)?;
    if matches!(d.ticket()?.stage, Stage::Checking(_)) {
        d.start(ClockKind::Verify, None)?;
    }
    follow_up::nobody_left(d)
}
