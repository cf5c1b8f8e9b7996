//! A unit gives the ticket back: in its window, with what the text asks for; the centre, or a consultation, decides.

use super::{
    Action, Ctx, Event, Refusal, Reply, Ticket, Work, consult,
    deciding::{Deciding, given, led_by, signed_lead, text, working},
    dispatch, supervision,
};
use crate::{
    clock::{Clock, ClockKind},
    rulebook::{Again, Late, LimitRule, Pending, ReturnNeed, Start, Trigger},
};

pub(super) fn ready(ticket: &Ticket, action: Action, ctx: &Ctx<'_>) -> Result<(), Refusal> {
    match action {
        Action::AskReturn => may_ask(ticket, ctx),
        Action::ReviewReturn => {
            let work = working(ticket)?;
            match (&work.returning, &work.consultation) {
                (_, Some(_)) => Err(consult::pending(ctx)),
                (Some(_), None) => Ok(()),
                (None, None) => Err(Refusal::not_now("no-return-asked", "没有待审的退单申请")),
            }
        }
        _ => may_open(ticket, ctx),
    }
}

/// What the centre can open: a window that has closed, or a second application after a refusal.
fn may_open(ticket: &Ticket, ctx: &Ctx<'_>) -> Result<(), Refusal> {
    let (book, work) = (ctx.rulebook, working(ticket)?);
    if work.return_opened.is_some() || (needs_signing(ctx) && work.lead.signed_at.is_none()) {
        return Err(Refusal::not_now("nothing-to-open", "此时无须开放退单申请"));
    }
    returnable(work, ctx)?;
    let second = work.returns_refused > 0;
    if second && book.returns.again == Again::Never {
        return Err(no_second(ctx));
    }
    if second && book.returns.again == Again::Opened {
        return Ok(());
    }
    if window_open(ticket, work, ctx) {
        return Err(Refusal::not_now("window-open", "退单申请期限未过，承办单位可以直接申请"));
    }
    if book.returns.late == Late::Accepted {
        return Err(Refusal::rule("counts-as-accepted", "超过退回时限，视为受理", book, &book.returns));
    }
    Ok(())
}

fn needs_signing(ctx: &Ctx<'_>) -> bool {
    window_rule(ctx).is_some_and(|r| r.from == Start::Sign)
}

fn may_ask(ticket: &Ticket, ctx: &Ctx<'_>) -> Result<(), Refusal> {
    let work = if needs_signing(ctx) { signed_lead(ticket, ctx)? } else { led_by(ticket, ctx)? };
    returnable(work, ctx)?;
    let again = ctx.rulebook.returns.again;
    if work.returns_refused > 0 && work.return_opened.is_none() && again != Again::Free {
        return Err(no_second(ctx));
    }
    in_window(ticket, work, ctx)
}

fn no_second(ctx: &Ctx<'_>) -> Refusal {
    let message = match ctx.rulebook.returns.again {
        Again::Opened => "退单申请已被驳回，原则上不能再次申请；确有理由的，请热线中心说明理由后开放",
        _ => "退单申请已被驳回，不能再次申请",
    };
    Refusal::rule("no-second-return", message, ctx.rulebook, &ctx.rulebook.returns)
}

/// Whether the ticket can still be given back at all, in the window or in one that the centre opens.
fn returnable(work: &Work, ctx: &Ctx<'_>) -> Result<(), Refusal> {
    let book = ctx.rulebook;
    if work.returning.is_some() {
        return Err(Refusal::not_now("return-pending", "退单申请正在审核"));
    }
    if work.bound {
        let message = "经会商确定由本单位承办，不得再次申请退单";
        return Err(match book.consultation.as_ref().filter(|c| c.binding) {
            Some(rule) => Refusal::rule("bound-by-consultation", message, book, rule),
            None => Refusal::not_now("bound-by-consultation", message),
        });
    }
    if work.closing.is_some() || work.reply.audited_at().is_some() {
        return Err(Refusal::not_now("already-replied", "已答复诉求人，不能再申请退单"));
    }
    if work.round > 1 {
        return Err(Refusal::rule("redo-stays", "重办工单的责任已经核实，不能退单", book, &book.redo));
    }
    if work.supplement.is_some() {
        return Err(Refusal::not_now("supplement-pending", "已请热线中心补充核实，等核实后再申请"));
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
            let rule = window_rule(ctx);
            let limit = rule.and_then(|r| r.is).map_or_else(String::new, |a| a.to_string());
            let from = if needs_signing(ctx) { "签收" } else { "收到工单" };
            format!("已过{from}后{limit}的退单期限；确有理由的，请热线中心说明理由后开放申请")
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

/// An application, as its command says it.
pub(super) struct Asked<'c> {
    pub reason: &'c str,
    pub basis: Option<&'c str>,
    pub redirect: Option<&'c str>,
    pub leader_sheet: Option<&'c str>,
}

pub(super) fn ask(d: &mut Deciding<'_>, asked: &Asked<'_>) -> Result<(), Refusal> {
    let book = d.ctx.rulebook;
    let rule = &book.returns;
    let reason = text("reason", "退单理由", asked.reason, 2_000)?;
    let basis = given("basis", "退单依据", asked.basis, 2_000)?;
    let redirect = given("redirect", "改派意见", asked.redirect, 500)?;
    let leader_sheet = given("leader_sheet", "领导签署意见的附件", asked.leader_sheet, 200)?;
    let has = |need: &ReturnNeed| match need {
        ReturnNeed::Basis => basis.is_some(),
        ReturnNeed::Redirect => redirect.is_some(),
        ReturnNeed::LeaderSheet => leader_sheet.is_some(),
    };
    if let Some(need) = rule.needs.iter().find(|need| !has(need)) {
        let message = format!("申请退单须提供{need}");
        return Err(Refusal { field: Some(field_of(*need)), ..Refusal::rule("return-needs", message, book, rule) });
    }
    if !rule.needs_one_of.is_empty() && !rule.needs_one_of.iter().any(has) {
        let names: Vec<&str> = rule.needs_one_of.iter().map(|n| n.zh()).collect();
        let message = format!("申请退单须提供{}", names.join("或"));
        let field = Some(field_of(rule.needs_one_of[0]));
        return Err(Refusal { field, ..Refusal::rule("return-needs", message, book, rule) });
    }
    let unit = d.unit()?;
    // Who gives it back has received it.
    if d.work()?.lead.signed_at.is_none() {
        dispatch::sign(d)?;
    }
    d.met(ClockKind::Return, Some(unit))?;
    d.push(Event::ReturnAsked { reason, basis, redirect, leader_sheet })?;
    if rule.pending == Pending::Paused {
        d.pause()?;
    }
    d.start(ClockKind::ReturnReview, None)?;
    supervision::found(d, Trigger::Returns, None)
}

fn field_of(need: ReturnNeed) -> &'static str {
    match need {
        ReturnNeed::Basis => "basis",
        ReturnNeed::Redirect => "redirect",
        ReturnNeed::LeaderSheet => "leader_sheet",
    }
}

pub(super) fn open(d: &mut Deciding<'_>, reason: &str) -> Result<(), Refusal> {
    let reason = text("reason", "开放退单申请的理由", reason, 2_000)?;
    d.push(Event::ReturnOpened { reason })
}

pub(super) fn review(d: &mut Deciding<'_>, approve: bool, note: &str) -> Result<(), Refusal> {
    let note = text("note", if approve { "审核意见" } else { "不同意退单的理由" }, note, 2_000)?;
    d.met(ClockKind::ReturnReview, None)?;
    if approve {
        give_back(d, note)?;
        return d.start(ClockKind::Dispatch, None);
    }
    let basis = d.ctx.rulebook.basis(&d.ctx.rulebook.returns);
    d.push(Event::ReturnRefused { reason: note, basis })?;
    super::timers::resume(d)
}

/// What the units owed falls away with their duty; the dispatch that follows starts everything anew.
pub(super) fn give_back(d: &mut Deciding<'_>, note: String) -> Result<(), Refusal> {
    d.void(&[
        ClockKind::Sign,
        ClockKind::Return,
        ClockKind::Handle,
        ClockKind::Assist,
        ClockKind::ReportIn,
        ClockKind::ExtensionReview,
        ClockKind::Opinion,
        ClockKind::Supplement,
        ClockKind::Urging,
    ])?;
    d.push(Event::ReturnApproved { note })
}

/// The window closed and was not used; where the text says so, that is an acceptance.
pub(super) fn deemed_accepted(d: &mut Deciding<'_>, unit: Option<&str>) -> Result<(), Refusal> {
    let book = d.ctx.rulebook;
    let leads = d
        .ticket()?
        .work()
        .is_some_and(|w| Some(w.lead.unit.as_str()) == unit && matches!(w.reply, Reply::None | Reply::Draft { .. }));
    match unit {
        Some(unit) if book.returns.late == Late::Accepted && leads => {
            d.push(Event::DeemedAccepted { unit: unit.to_owned(), basis: book.basis(&book.returns) })
        }
        _ => Ok(()),
    }
}
