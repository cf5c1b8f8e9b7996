//! A unit gives the ticket back (13.3): in its window, with a basis or a redirect; the centre decides.

use super::{
    Action, Ctx, Event, Refusal, Reply, Ticket, Work,
    decide::{Deciding, given, led_by, signed_lead, text, working},
};
use crate::{
    clock::{Clock, ClockKind},
    rulebook::{Late, LimitRule, Pending, Start},
};

pub(super) fn ready(ticket: &Ticket, action: Action, ctx: &Ctx<'_>) -> Result<(), Refusal> {
    match action {
        Action::AskReturn => may_ask(ticket, ctx),
        Action::ReviewReturn => match working(ticket)?.returning {
            Some(_) => Ok(()),
            None => Err(Refusal::not_now("no-return-asked", "没有待审的退单申请")),
        },
        _ => {
            let work = working(ticket)?;
            if window_open(ticket, work, ctx) {
                return Err(Refusal::not_now("window-open", "退单申请期限未过，承办单位可以直接申请"));
            }
            if work.lead.signed_at.is_none() || work.return_opened.is_some() {
                return Err(Refusal::not_now("nothing-to-open", "此时无须开放退单申请"));
            }
            returnable(work, ctx)?;
            if ctx.rulebook.returns.late == Late::Accepted {
                return Err(Refusal::rule(
                    "counts-as-accepted",
                    "超过退回时限，视为受理",
                    ctx.rulebook,
                    &ctx.rulebook.returns,
                ));
            }
            Ok(())
        }
    }
}

fn may_ask(ticket: &Ticket, ctx: &Ctx<'_>) -> Result<(), Refusal> {
    let work = if window_rule(ctx).is_some_and(|r| r.from == Start::Sign) {
        signed_lead(ticket, ctx)?
    } else {
        led_by(ticket, ctx)?
    };
    returnable(work, ctx)?;
    in_window(ticket, work, ctx)
}

/// Whether the ticket can still be given back at all, in the window or in one that the centre opens.
fn returnable(work: &Work, ctx: &Ctx<'_>) -> Result<(), Refusal> {
    let book = ctx.rulebook;
    if work.returning.is_some() {
        return Err(Refusal::not_now("return-pending", "退单申请正在审核"));
    }
    if work.closing.is_some() || matches!(work.reply, Reply::Audited { .. }) {
        return Err(Refusal::not_now("already-replied", "已答复诉求人，不能再申请退单"));
    }
    if work.round > 1 {
        return Err(Refusal::rule("redo-stays", "重办工单的责任已经核实，不能退单", book, &book.redo));
    }
    if work.returns_refused > 0 && !book.returns.again_after_refusal {
        return Err(Refusal::rule("no-second-return", "退单申请已被驳回，不能再次申请", book, &book.returns));
    }
    Ok(())
}

fn in_window(ticket: &Ticket, work: &Work, ctx: &Ctx<'_>) -> Result<(), Refusal> {
    let book = ctx.rulebook;
    if window_open(ticket, work, ctx) || work.return_opened.is_some() {
        return Ok(());
    }
    let message = match book.returns.late {
        Late::Accepted => "超过退回时限，视为受理".to_owned(),
        Late::RefusedUnlessOpened => {
            let limit = window_rule(ctx).and_then(|r| r.is).map_or_else(String::new, |a| a.to_string());
            format!("已过签收后{limit}的退单期限；确有理由的，请热线中心说明理由后开放申请")
        }
    };
    Err(Refusal::rule("return-window-closed", message, book, &book.returns))
}

/// Whether this dispatch's window is still open, used once already or not: a refused application does not shorten it.
fn window_open(ticket: &Ticket, work: &Work, ctx: &Ctx<'_>) -> bool {
    let of_this_dispatch = |c: &&Clock| {
        c.kind == ClockKind::Return && c.unit.as_deref() == Some(&work.lead.unit) && c.from >= work.dispatched_at
    };
    ticket.clocks.iter().rev().find(of_this_dispatch).is_some_and(|c| ctx.now < c.due)
}

fn window_rule<'b>(ctx: &Ctx<'b>) -> Option<&'b LimitRule> {
    ctx.rulebook.limit.iter().find(|r| r.clock == ClockKind::Return)
}

pub(super) fn ask(
    d: &mut Deciding<'_>,
    reason: &str,
    basis: Option<&str>,
    redirect: Option<&str>,
) -> Result<(), Refusal> {
    let book = d.ctx.rulebook;
    let reason = text("reason", "退单理由", reason, 2_000)?;
    let basis = given("basis", "退单依据", basis, 2_000)?;
    let redirect = given("redirect", "改派意见", redirect, 500)?;
    if book.returns.needs_basis_or_redirect && basis.is_none() && redirect.is_none() {
        let message = "申请退单须提供依据或改派意见";
        return Err(Refusal {
            field: Some("basis"),
            ..Refusal::rule("basis-or-redirect", message, book, &book.returns)
        });
    }
    let unit = d.unit()?;
    d.met(ClockKind::Return, Some(unit))?;
    d.push(Event::ReturnAsked { reason, basis, redirect })?;
    if book.returns.pending == Pending::Paused {
        pause(d)?;
    }
    d.start(ClockKind::ReturnReview, None)
}

fn pause(d: &mut Deciding<'_>) -> Result<(), Refusal> {
    let open: Vec<u32> = d
        .ticket()?
        .clocks
        .iter()
        .filter(|c| matches!(c.kind, ClockKind::Handle | ClockKind::Assist) && c.wakes_at().is_some())
        .map(|c| c.id)
        .collect();
    open.into_iter().try_for_each(|clock| d.push(Event::ClockPaused { clock }))
}

pub(super) fn open(d: &mut Deciding<'_>, reason: &str) -> Result<(), Refusal> {
    let reason = text("reason", "开放退单申请的理由", reason, 2_000)?;
    d.push(Event::ReturnOpened { reason })
}

pub(super) fn review(d: &mut Deciding<'_>, approve: bool, note: &str) -> Result<(), Refusal> {
    let note = text("note", if approve { "审核意见" } else { "不同意退单的理由" }, note, 2_000)?;
    d.met(ClockKind::ReturnReview, None)?;
    if approve {
        // What the unit owed falls away with its duty; the dispatch that follows starts everything anew.
        d.void(&[
            ClockKind::Sign,
            ClockKind::Return,
            ClockKind::Handle,
            ClockKind::Assist,
            ClockKind::ExtensionReview,
        ])?;
        d.push(Event::ReturnApproved { note })?;
        return d.start(ClockKind::Dispatch, None);
    }
    let basis = d.ctx.rulebook.basis(&d.ctx.rulebook.returns);
    d.push(Event::ReturnRefused { reason: note, basis })?;
    super::timers::resume(d)
}
