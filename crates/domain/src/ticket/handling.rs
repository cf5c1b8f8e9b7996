//! In hand: contact with the appellant, results of the assists, the reply and its audit (13.4, 20, 23).

use super::{
    Action, Ctx, Event, Refusal, Reply, Ticket, Work,
    decide::{Deciding, signed_lead, text, unit_of, working},
};
use crate::{Role, clock::ClockKind, words::Contact};

const REPLY_MOST: usize = 5_000;

pub(super) fn ready(ticket: &Ticket, action: Action, ctx: &Ctx<'_>) -> Result<(), Refusal> {
    let book = ctx.rulebook;
    if action == Action::DeliverAssist {
        let unit = unit_of(ctx)?;
        let Some(assist) = working(ticket)?.assists.iter().find(|a| a.unit == unit) else {
            return Err(Refusal::not_now("not-an-assist", "本单位不是协办单位"));
        };
        return match (&assist.signed_at, &assist.result) {
            (None, _) => Err(Refusal::not_now("not-signed", "请先签收工单")),
            (_, Some(_)) => Err(Refusal::not_now("already-delivered", "已提交协办结果")),
            _ => Ok(()),
        };
    }
    if action == Action::RecordContact && ctx.actor.role == Role::FollowUpClerk {
        return for_the_unit(ticket, ctx);
    }
    let work = signed_lead(ticket, ctx)?;
    match action {
        Action::RecordContact if ticket.confidential && !book.confidential.unit_may_contact => {
            Err(Refusal::rule("confidential", "保密工单由热线中心回访员与诉求人联系", book, &book.confidential))
        }
        Action::RecordContact => Ok(()),
        _ if work.closing.is_some() => Err(Refusal::not_now("closure-pending", "办结申请正在审核")),
        _ if work.returning.is_some() => Err(Refusal::not_now("return-pending", "退单申请正在审核，先不要答复")),
        Action::DraftReply if matches!(work.reply, Reply::Audited { .. }) => {
            Err(Refusal::not_now("reply-locked", "答复已审定并发出；如须更正，请先“重新起草”"))
        }
        Action::DraftReply => Ok(()),
        Action::AuditReply => match work.reply {
            Reply::Draft { .. } => assists_done_or_late(ticket, work, ctx),
            Reply::None => Err(Refusal::not_now("no-draft", "还没有答复稿")),
            Reply::Audited { .. } => Err(Refusal::not_now("reply-locked", "答复已审定并发出")),
        },
        _ => match work.reply {
            Reply::Audited { .. } => Ok(()),
            _ => Err(Refusal::not_now("nothing-audited", "答复尚未审定，可以直接修改")),
        },
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

pub(super) fn deliver(d: &mut Deciding<'_>, result: &str) -> Result<(), Refusal> {
    let text = text("text", "协办结果", result, REPLY_MOST)?;
    let unit = d.unit()?.to_owned();
    d.met(ClockKind::Assist, Some(&unit))?;
    d.push(Event::AssistDelivered { unit, text })
}

pub(super) fn draft(d: &mut Deciding<'_>, reply: &str) -> Result<(), Refusal> {
    let text = text("text", "答复内容", reply, REPLY_MOST)?;
    d.push(Event::ReplyDrafted { text })
}

/// Locks the reply; from here on it is what the appellant was told.
pub(super) fn audit(d: &mut Deciding<'_>, without_assists: Option<&str>) -> Result<(), Refusal> {
    let Reply::Draft { text: reply } = d.work()?.reply.clone() else {
        return Err(Refusal::not_now("no-draft", "还没有答复稿"));
    };
    let without_assists = waited_for_assists(d, without_assists)?;
    let unit = d.unit()?.to_owned();
    d.push(Event::ReplyAudited { unit, text: reply, without_assists })
}

/// The names of the assists that the lead must wait for, if any.
fn waiting_for(work: &Work, ctx: &Ctx<'_>) -> Option<String> {
    let names: Vec<&str> = work.assists_outstanding().map(|a| ctx.unit_name(&a.unit)).collect();
    (ctx.rulebook.dispatch.lead_waits && !names.is_empty()).then(|| names.join("、"))
}

fn assists_done_or_late(ticket: &Ticket, work: &Work, ctx: &Ctx<'_>) -> Result<(), Refusal> {
    let Some(names) = waiting_for(work, ctx) else { return Ok(()) };
    let late = |unit: &str| ticket.open_clock(ClockKind::Assist, Some(unit)).is_some_and(|c| c.late(ctx.now));
    if work.assists_outstanding().all(|a| late(&a.unit)) {
        return Ok(());
    }
    let message = format!("{names}尚未提交协办结果，须一并答复");
    Err(Refusal::rule("assists-first", message, ctx.rulebook, &ctx.rulebook.dispatch))
}

/// 第二十条: one reply for all. The lead waits for its assists, and goes on without those that are late only with an explanation.
fn waited_for_assists(d: &Deciding<'_>, why: Option<&str>) -> Result<Option<String>, Refusal> {
    let rule = &d.ctx.rulebook.dispatch;
    let Some(names) = waiting_for(d.work()?, d.ctx) else { return Ok(None) };
    match why {
        Some(why) => {
            Ok(Some(format!("{names}逾期未提交协办结果：{}", text("without_assists", "先行答复的说明", why, 500)?)))
        }
        None => d.refuse("assists-first", format!("{names}逾期未提交协办结果；先行答复的，请说明"), rule),
    }
}

pub(super) fn reopen(d: &mut Deciding<'_>, reason: &str) -> Result<(), Refusal> {
    let reason = text("reason", "重新起草的理由", reason, 500)?;
    d.push(Event::ReplyReopened { reason })
}
