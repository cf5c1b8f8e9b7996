//! In hand: contact with the appellant, what is missing or beyond the unit, and what the assists deliver.

use super::{
    Action, Ctx, Event, Refusal, Stage, Ticket,
    deciding::{Deciding, given, signed_lead, text, unit_of, working},
    timers,
};
use crate::{Role, clock::ClockKind, rulebook::Pending, words::Contact};

pub(super) const RESULT_MOST: usize = 5_000;

pub(super) fn ready(ticket: &Ticket, action: Action, ctx: &Ctx<'_>) -> Result<(), Refusal> {
    let book = ctx.rulebook;
    let unknown = |what: &str| Err(Refusal::not_now("not-in-this-rulebook", format!("本办法没有规定{what}")));
    match action {
        Action::DeliverAssist | Action::ReportProgress => assisting(ticket, ctx),
        Action::RecordContact if ctx.actor.role == Role::FollowUpClerk => for_the_unit(ticket, ctx),
        Action::RecordContact => {
            signed_lead(ticket, ctx)?;
            if ticket.confidential && !book.confidential.unit_may_contact {
                let message = "保密工单由热线中心回访员与诉求人联系";
                return Err(Refusal::rule("confidential", message, book, &book.confidential));
            }
            Ok(())
        }
        Action::Supplement => match &ticket.stage {
            Stage::Registered { .. } => Ok(()),
            Stage::Working(work) if work.supplement.is_some() => Ok(()),
            _ => Err(Refusal::not_now("nothing-asked", "没有承办单位要求补充内容")),
        },
        Action::AskSupplement if book.supplement.is_none() => unknown("要求补充诉求内容"),
        Action::ReportUp if book.report_up.is_none() => unknown("报请上级协调"),
        _ => {
            let work = signed_lead(ticket, ctx)?;
            let (pending, what) = match action {
                Action::AskSupplement => (work.supplement.is_some(), "已请热线中心补充核实"),
                _ => (work.reported_up.is_some(), "已报请协调，等待处理意见"),
            };
            if pending {
                return Err(Refusal::not_now("already-asked", what));
            }
            if work.returning.is_some() {
                return Err(Refusal::not_now("return-pending", "退单申请正在审核"));
            }
            if work.closing.is_some() {
                return Err(Refusal::not_now("closure-pending", "办结申请正在审核"));
            }
            Ok(())
        }
    }
}

fn assisting(ticket: &Ticket, ctx: &Ctx<'_>) -> Result<(), Refusal> {
    let unit = unit_of(ctx)?;
    let Some(assist) = working(ticket)?.assists.iter().find(|a| a.unit == unit) else {
        return Err(Refusal::not_now("not-an-assist", "本单位不是协办单位"));
    };
    match (&assist.signed_at, &assist.result) {
        (None, _) if assist.whistle.is_some() => Err(Refusal::not_now("not-reported-in", "请先报到")),
        (None, _) => Err(Refusal::not_now("not-signed", "请先签收工单")),
        (_, Some(_)) => Err(Refusal::not_now("already-delivered", "已提交协办结果")),
        _ => Ok(()),
    }
}

/// On a confidential ticket the centre's clerk speaks with the appellant in the unit's place, and the explanation counts as the unit's.
fn for_the_unit(ticket: &Ticket, ctx: &Ctx<'_>) -> Result<(), Refusal> {
    working(ticket)?;
    if ticket.confidential && !ctx.rulebook.confidential.unit_may_contact {
        return Ok(());
    }
    Err(Refusal::not_now("unit-contacts", "不是保密工单，由承办单位与诉求人联系"))
}

pub(super) fn contact(
    d: &mut Deciding<'_>,
    by: Contact,
    reached: bool,
    explained: bool,
    note: &str,
) -> Result<(), Refusal> {
    let note = text("note", "联系情况", note, 2_000)?;
    if explained && !reached {
        return Err(Refusal::input("explained", "没有联系上诉求人，不能记为已解释"));
    }
    let unit = match &d.ctx.actor.unit {
        Some(unit) => unit.clone(),
        None => d.work()?.lead.unit.clone(),
    };
    d.push(Event::ContactRecorded { by, reached, explained, note, unit })
}

pub(super) fn ask_supplement(d: &mut Deciding<'_>, what: &str) -> Result<(), Refusal> {
    let what = text("what", "需要补充核实的内容", what, 2_000)?;
    let unit = d.unit()?.to_owned();
    d.push(Event::SupplementAsked { unit, what })?;
    if d.ctx.rulebook.supplement.as_ref().is_some_and(|r| r.pending == Pending::Paused) {
        d.pause()?;
    }
    d.start(ClockKind::Supplement, None)
}

pub(super) fn supplement(d: &mut Deciding<'_>, what: &str) -> Result<(), Refusal> {
    let text = text("text", "补充的内容", what, 10_000)?;
    d.met(ClockKind::Supplement, None)?;
    d.push(Event::Supplemented { text })?;
    timers::resume(d)
}

pub(super) fn report_up(d: &mut Deciding<'_>, to: &str, what: &str) -> Result<(), Refusal> {
    let known = d.ctx.rulebook.report_up.as_ref().map_or(&[][..], |r| r.to.as_slice());
    if !known.iter().any(|k| k == to.trim()) {
        return Err(Refusal::input("to", format!("请选择报请的对象：{}", known.join("、"))));
    }
    let text = text("text", "难以协调解决的情况", what, RESULT_MOST)?;
    let unit = d.unit()?.to_owned();
    d.push(Event::ReportedUp { unit, to: to.trim().to_owned(), text })?;
    d.start(ClockKind::Opinion, None)
}

pub(super) fn progress(d: &mut Deciding<'_>, done: &str, why: &str) -> Result<(), Refusal> {
    let text_done = text("text", "阶段性工作情况", done, RESULT_MOST)?;
    let reason = text("reason", "不能按期办结的理由", why, 2_000)?;
    let unit = d.unit()?.to_owned();
    d.push(Event::ProgressReported { unit, text: text_done, reason })
}

pub(super) fn deliver(d: &mut Deciding<'_>, result: &str, explanation: Option<&str>) -> Result<(), Refusal> {
    let text = text("text", "协办结果", result, RESULT_MOST)?;
    let explanation = given("explanation", "逾期的理由", explanation, 2_000)?;
    let unit = d.unit()?.to_owned();
    let late = d.ticket()?.open_clock(ClockKind::Assist, Some(&unit)).is_some_and(|c| c.late(d.ctx.now));
    let explained = explanation.is_some() || d.work()?.assists.iter().any(|a| a.unit == unit && !a.progress.is_empty());
    let rule = &d.ctx.rulebook.dispatch;
    if late && rule.late_assists_explain && !explained {
        let message = "已超过协办时限，请说明理由";
        let refusal = Refusal::rule("explain-lateness", message, d.ctx.rulebook, rule);
        return Err(Refusal { field: Some("explanation"), ..refusal });
    }
    d.met(ClockKind::Assist, Some(&unit))?;
    d.push(Event::AssistDelivered { unit, text, explanation })
}
