//! What stays after a closure: matters the centre goes on looking after, and matters settled for good, whose repeats are answered from
//! the closing opinion.

use super::{
    Action, Ctx, Event, Refusal, Reply, Settled, Settlement, Stage, Ticket,
    deciding::{Deciding, text, unit_of},
    supervision,
};
use crate::{
    clock::ClockKind,
    rulebook::{choices, chosen},
};

pub(super) fn ready(ticket: &Ticket, action: Action, ctx: &Ctx<'_>) -> Result<(), Refusal> {
    let book = ctx.rulebook;
    match action {
        Action::EndTracking => match ticket.closed() {
            Some(closed) if closed.tracking => Ok(()),
            _ => Err(Refusal::not_now("not-tracked", "工单不在跟踪督办中")),
        },
        Action::ReviewSettlement => match ticket.closed() {
            Some(closed) if closed.settlement.is_some() => Ok(()),
            _ => Err(Refusal::not_now("no-settlement-asked", "没有待审的定案申请")),
        },
        _ => {
            let Some(rule) = book.settled.as_ref().filter(|s| s.by_proof) else {
                return Err(Refusal::not_now("not-in-this-rulebook", "本办法没有规定凭定案证明办结"));
            };
            let (Stage::Checking(closed) | Stage::Concluded(closed)) = &ticket.stage else {
                return Err(Refusal::not_now("not-unsatisfied", "回访不满意的工单才能申请定案"));
            };
            if closed.work.lead.unit != unit_of(ctx)? {
                return Err(Refusal::not_now("not-the-lead", "本单位不是主办单位"));
            }
            if ticket.settled.is_some() || closed.settlement.is_some() {
                return Err(Refusal::not_now("settlement-pending", "已定案，或定案申请正在审核"));
            }
            if !ticket.ratings.iter().any(|r| r.round == closed.work.round && !r.result.is_satisfied()) {
                return Err(Refusal::rule("not-unsatisfied", "回访不满意的工单才能申请定案", book, rule));
            }
            Ok(())
        }
    }
}

pub(super) fn ask(d: &mut Deciding<'_>, ground: &str, proof: &str, opinion: &str) -> Result<(), Refusal> {
    let book = d.ctx.rulebook;
    let Some(rule) = chosen(&book.no_redo, ground).filter(|g| g.settles) else {
        let settles: Vec<_> = book.no_redo.iter().filter(|g| g.settles).cloned().collect();
        return Err(Refusal::input("ground", format!("请选择定案的情形：{}", choices(&settles))));
    };
    let proof = text("proof", "定案证明材料", proof, 5_000)?;
    let opinion = text("opinion", "办结意见（用于答复重复诉求）", opinion, 5_000)?;
    d.push(Event::SettlementAsked(Settlement { ground: rule.id.clone(), proof, opinion }))?;
    d.start(ClockKind::Settle, None)
}

pub(super) fn review(d: &mut Deciding<'_>, approve: bool, note: &str) -> Result<(), Refusal> {
    let note = text("note", if approve { "审核意见" } else { "不同意定案的理由" }, note, 2_000)?;
    d.met(ClockKind::Settle, None)?;
    if !approve {
        d.push(Event::SettlementRefused { reason: note })?;
        return supervision::archive_again(d);
    }
    let asked = d.ticket()?.closed().and_then(|c| c.settlement.clone());
    let rule = asked.as_ref().and_then(|a| d.ctx.rulebook.no_redo.iter().find(|g| g.id == a.ground));
    let (Some(asked), Some(rule)) = (&asked, rule) else {
        return Err(Refusal::not_now("no-settlement-asked", "没有待审的定案申请"));
    };
    let (opinion, basis, at) = (asked.opinion.clone(), d.ctx.rulebook.basis(rule), d.ctx.now);
    d.push(Event::Settled(Settled { opinion, basis, at }))?;
    supervision::archive_again(d)
}

/// A supervised redo that the centre has confirmed settles the matter, where the text says so (Heyuan 14).
pub(super) fn after_redo(d: &mut Deciding<'_>) -> Result<(), Refusal> {
    let Some(rule) = d.ctx.rulebook.settled.as_ref().filter(|s| s.after_redo) else { return Ok(()) };
    let ticket = d.ticket()?;
    let supervised = ticket
        .supervision
        .iter()
        .any(|e| !matches!(e.state, super::LedgerState::Proposed | super::LedgerState::Dismissed { .. }));
    let Some(work) = ticket.work().filter(|w| w.round > 1) else { return Ok(()) };
    let Reply::Audited { text, .. } = &work.reply else { return Ok(()) };
    if !supervised || ticket.settled.is_some() {
        return Ok(());
    }
    let (opinion, basis, at) = (text.clone(), d.ctx.rulebook.basis(rule), d.ctx.now);
    d.push(Event::Settled(Settled { opinion, basis, at }))
}

pub(super) fn end_tracking(d: &mut Deciding<'_>, solved: bool, note: &str) -> Result<(), Refusal> {
    let note = text("note", "跟踪结果", note, 2_000)?;
    d.met(ClockKind::Track, None)?;
    d.push(Event::TrackingEnded { solved, note })?;
    supervision::archive_again(d)
}
