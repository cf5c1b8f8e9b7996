//! Asking every appellant, rating, verification, redo, and the way to the archive.

use super::{
    Action, Ctx, Event, Finding, Rate, Refusal, Stage, StateName, Ticket, Verdict, Work, conduct,
    deciding::{Deciding, optional, text},
    dispatch,
    leaving::which_appeal,
    rating_text, reply, supervision,
};
use crate::{
    clock::ClockKind,
    rulebook::{Asked, Cited, ExemptRule, Listed, RateFrom, Trigger, choices, chosen},
    words::Contact,
};

pub(super) fn ready(ticket: &Ticket, action: Action, ctx: &Ctx<'_>) -> Result<(), Refusal> {
    match (action, &ticket.stage) {
        (Action::FollowUp | Action::Rate, Stage::Closed(_) | Stage::Checking(_)) => match to_ask(ticket, ctx).next() {
            Some(_) => Ok(()),
            None => Err(Refusal::not_now("already-rated", "已经评价或回访已结束，以首次有效评价为准")),
        },
        (Action::FollowUp | Action::Rate, Stage::Concluded(_)) => {
            Err(Refusal::not_now("already-rated", "已经评价或回访已结束，以首次有效评价为准"))
        }
        (Action::Rate, Stage::Working(_)) if rated_early(ticket, ctx) => match to_ask(ticket, ctx).next() {
            Some(_) => Ok(()),
            None => Err(Refusal::not_now("already-rated", "已经评价，以首次有效评价为准")),
        },
        (Action::RateByText, Stage::Closed(_) | Stage::Checking(_) | Stage::Concluded(_)) => Ok(()),
        (Action::RateByText, Stage::Working(_)) if rated_early(ticket, ctx) => Ok(()),
        (Action::FollowUp | Action::Rate | Action::RateByText, _) => {
            Err(Refusal::not_now("not-closed", "工单办结后才能回访和评价"))
        }
        (Action::VerifyRating, Stage::Checking(_)) => Ok(()),
        (Action::VerifyRating, _) => Err(Refusal::not_now("nothing-to-verify", "没有待核实的不满意评价")),
        (Action::Hold, _) if ticket.hold.is_some() => Err(Refusal::not_now("already-held", "已限制销毁")),
        (Action::LiftHold, _) if ticket.hold.is_none() => Err(Refusal::not_now("not-held", "没有限制销毁")),
        (Action::Hold | Action::LiftHold, _) => Ok(()),
        _ => may_archive(ticket),
    }
}

/// Where the reply itself asks for a rating, it can come before the closure: once the appellant has the reply, which on a confidential
/// ticket the centre's clerk brings.
fn rated_early(ticket: &Ticket, ctx: &Ctx<'_>) -> bool {
    let book = ctx.rulebook;
    let by_clerk = ticket.confidential && book.confidential.clerk_replies;
    let told =
        |w: &Work| w.reply.audited_at().is_some() && (!by_clerk || w.relay_done(reply::calls(book.contact.as_ref())));
    book.follow_up.from == RateFrom::Reply && ticket.work().is_some_and(told)
}

fn may_archive(ticket: &Ticket) -> Result<(), Refusal> {
    let over = match &ticket.stage {
        Stage::Transferred { result, .. } => result.is_some(),
        Stage::Concluded(_)
        | Stage::Refused(_)
        | Stage::Answered(_)
        | Stage::PassedOn(_)
        | Stage::Joined { .. }
        | Stage::Withdrawn { .. }
        | Stage::Imported(_) => true,
        _ => false,
    };
    match ticket.unsettled() {
        _ if !over => Err(Refusal::not_now("not-concluded", "工单尚未结束，不能归档")),
        Some((code, why)) => Err(Refusal::not_now(code, format!("{why}，不能归档"))),
        None => Ok(()),
    }
}

/// Appellants who have neither rated what stands nor been tried in vain as often as the rulebook says.
pub(super) fn to_ask<'t>(ticket: &'t Ticket, ctx: &Ctx<'_>) -> impl Iterator<Item = u32> + use<'t> {
    let most = ctx.rulebook.follow_up.attempts;
    let tried = move |no: u32| ticket.closed().map_or(0, |c| c.attempts.iter().filter(|a| a.appeal == no).count());
    ticket
        .standing_appeals()
        .map(|a| a.no)
        .filter(move |no| ticket.rating_now(*no).is_none() && tried(*no) < most as usize)
}

/// Whose appeal is meant: the named one, or the only one that is left to ask.
fn whom(d: &Deciding<'_>, named: Option<u32>) -> Result<u32, Refusal> {
    let left: Vec<u32> = to_ask(d.ticket()?, d.ctx).collect();
    match (named, left.as_slice()) {
        (None, [only]) => Ok(*only),
        (None, _) => which_appeal(d.ticket()?, None),
        (Some(no), left) => {
            which_appeal(d.ticket()?, Some(no))?;
            if left.contains(&no) {
                return Ok(no);
            }
            Err(Refusal::not_now("already-rated", "这位诉求人已经评价或回访已结束，以首次有效评价为准"))
        }
    }
}

/// An attempt of the clerk, as its command says it.
pub(super) struct Attempted<'c> {
    pub appeal: Option<u32>,
    pub by: Contact,
    pub reached: bool,
    pub note: &'c str,
    pub rating: Option<&'c Rate>,
}

pub(super) fn attempt(d: &mut Deciding<'_>, tried: &Attempted<'_>) -> Result<(), Refusal> {
    if tried.rating.is_some() && !tried.reached {
        return Err(Refusal::input("reached", "没有联系上诉求人，不能记录评价"));
    }
    let note = optional("note", "回访情况", tried.note, 2_000)?;
    let appeal = whom(d, tried.appeal.or(tried.rating.and_then(|r| r.appeal)))?;
    by_the_chosen_way(d, appeal, tried.by)?;
    if let Some(rating) = tried.rating {
        asked_everything(d, rating)?;
    }
    d.push(Event::FollowUpTried { by: tried.by, reached: tried.reached, note, appeal })?;
    if let Some(rating) = tried.rating {
        return rate_for(d, appeal, rating, tried.by);
    }
    nobody_left(d)
}

/// Zhongshan 23: the appellant chooses; another way is for when that one did not reach them.
fn by_the_chosen_way(d: &Deciding<'_>, appeal: u32, by: Contact) -> Result<(), Refusal> {
    let rule = &d.ctx.rulebook.follow_up;
    let ticket = d.ticket()?;
    let Some(chosen) = ticket.appeals.iter().find(|a| a.no == appeal).map(|a| a.follow_up_by) else { return Ok(()) };
    let tried = ticket.closed().is_some_and(|c| c.attempts.iter().any(|a| a.appeal == appeal && a.by == chosen));
    if !rule.chosen_way || tried || by == chosen {
        return Ok(());
    }
    let message = format!("诉求人选择以“{chosen}”方式回访；该方式联系不上的，再用其他方式");
    Err(Refusal { field: Some("by"), ..Refusal::rule("chosen-way", message, d.ctx.rulebook, rule) })
}

/// A clerk who has the appellant on the line asks everything that the text asks.
fn asked_everything(d: &Deciding<'_>, rating: &Rate) -> Result<(), Refusal> {
    let rule = &d.ctx.rulebook.follow_up;
    for asked in &rule.asks {
        let (missing, message) = match asked {
            Asked::Attitude => (rating.attitude.is_none(), "回访须询问对服务态度是否满意"),
            Asked::Solved => (rating.solved.is_none(), "回访须询问问题是否解决"),
        };
        if missing {
            return Err(Refusal {
                field: Some("rating"),
                ..Refusal::rule("ask-everything", message, d.ctx.rulebook, rule)
            });
        }
    }
    Ok(())
}

/// The appellant's judgement, given by themselves.
pub(super) fn rate(d: &mut Deciding<'_>, r: &Rate, by: Contact) -> Result<(), Refusal> {
    let appeal = whom(d, r.appeal)?;
    rate_for(d, appeal, r, by)
}

/// An unsatisfied rating is verified before anything follows from it.
fn rate_for(d: &mut Deciding<'_>, appeal: u32, r: &Rate, by: Contact) -> Result<(), Refusal> {
    let comment = optional("comment", "意见", &r.comment, 2_000)?;
    let (result, attitude, solved) = (r.result, r.attitude, r.solved);
    d.push(Event::Rated { result, attitude, solved, comment, by, appeal })?;
    if !result.is_satisfied() {
        supervision::found(d, Trigger::Disputed, None)?;
        supervision::found(d, Trigger::Repeated, None)?;
    }
    if d.ticket()?.state() == StateName::Checking && d.ticket()?.open_clock(ClockKind::Verify, None).is_none() {
        d.start(ClockKind::Verify, None)?;
    }
    nobody_left(d)
}

/// 「第一次有效评价」 counts; what says nothing we can read is asked again, what comes later is kept.
pub(super) fn rate_by_text(d: &mut Deciding<'_>, appeal: Option<u32>, said: &str) -> Result<(), Refusal> {
    let text = text("text", "短信内容", said, 500)?;
    let appeal = which_appeal(d.ticket()?, appeal)?;
    let open = to_ask(d.ticket()?, d.ctx).any(|no| no == appeal);
    if d.ticket()?.rating_now(appeal).is_some() || !open {
        return d.push(Event::RatingKept { appeal, text });
    }
    let Some(result) = rating_text::read(&text) else {
        return d.push(Event::RatingUnclear { appeal, text });
    };
    let rating = Rate { appeal: Some(appeal), result, attitude: None, solved: None, comment: String::new() };
    rate_for(d, appeal, &rating, Contact::Sms)
}

/// Once nobody is left to ask, the clerk's duty is done; and if nothing is to be verified either, so is the ticket.
pub(super) fn nobody_left(d: &mut Deciding<'_>) -> Result<(), Refusal> {
    let asking = matches!(d.ticket()?.stage, Stage::Closed(_) | Stage::Checking(_));
    if !asking || to_ask(d.ticket()?, d.ctx).next().is_some() {
        return Ok(());
    }
    d.met(ClockKind::FollowUp, None)?;
    if let Stage::Closed(closed) = &d.ticket()?.stage {
        let now = d.ticket()?.ratings_now(&closed.work);
        let (mut rated, mut finding) = (false, None);
        for rating in now {
            rated = true;
            finding = rating.verdict.as_ref().map(|v| v.finding).or(finding);
        }
        d.push(Event::FollowUpEnded { finding, rated })?;
        d.start(ClockKind::Archive, None)?;
    }
    Ok(())
}

/// What the centre found about an unsatisfied rating, as its command says it.
pub(super) struct Found<'c> {
    pub appeal: Option<u32>,
    pub finding: Finding,
    pub ground: Option<&'c str>,
    pub exempt: Option<&'c str>,
    pub reason: &'c str,
}

pub(super) fn verify(d: &mut Deciding<'_>, found: &Found<'_>) -> Result<(), Refusal> {
    let book = d.ctx.rulebook;
    let reason = text("reason", "核实情况", found.reason, 2_000)?;
    let appeal = unverified(d.ticket()?, found.appeal)?;
    let ((basis, ground), exempt) = match found.finding {
        Finding::Exempt => {
            let rule = exemption(d.ticket()?, found.exempt, d.ctx)?;
            if rule.on_application {
                let message = "这一情形须由承办单位申请、审核后认定";
                return Err(Refusal { field: Some("exempt"), ..Refusal::rule("on-application", message, book, rule) });
            }
            ((book.basis(rule), None), Some(rule.id.clone()))
        }
        _ if found.exempt.is_some() => return Err(Refusal::input("exempt", "只有“不纳入考核”须选择情形")),
        Finding::UnitFault => (grounded(d, found.ground, &book.redo_ground, "重办情形")?, None),
        Finding::NoFault => (grounded(d, found.ground, &book.no_redo, "不再重办的情形")?, None),
    };
    let finding = found.finding;
    let verdict = Verdict { finding, ground, exempt, reason: reason.clone(), assessed: finding != Finding::Exempt };
    d.push(Event::RatingVerified { verdict, basis, appeal })?;
    if finding != Finding::UnitFault {
        if !matches!(d.ticket()?.stage, Stage::Checking(_)) {
            d.met(ClockKind::Verify, None)?;
        }
        return nobody_left(d);
    }
    d.met(ClockKind::Verify, None)?;
    redo(d, reason)
}

fn redo(d: &mut Deciding<'_>, reason: String) -> Result<(), Refusal> {
    d.void(&[ClockKind::FollowUp, ClockKind::Track, ClockKind::Settle])?;
    let into_ledger = d.ticket()?.unsatisfied() >= d.ctx.rulebook.redo.ledger_from;
    d.push(Event::Redone { reason: reason.clone() })?;
    dispatch::restart(d)?;
    if into_ledger {
        supervision::enter(d, &reason)?;
    }
    conduct::found(d, Trigger::Redos, None)?;
    conduct::found(d, Trigger::Unsatisfied, None)
}

/// The appellant whose unsatisfied rating waits for its verification.
fn unverified(ticket: &Ticket, named: Option<u32>) -> Result<u32, Refusal> {
    let Some(closed) = ticket.closed() else {
        return Err(Refusal::not_now("nothing-to-verify", "没有待核实的不满意评价"));
    };
    let mut waiting = ticket.ratings_now(&closed.work).filter(|r| !r.result.is_satisfied() && r.verdict.is_none());
    let found = waiting.find(|r| named.is_none_or(|no| no == r.appeal)).map(|r| r.appeal);
    found.ok_or_else(|| Refusal::input("appeal", "这位诉求人没有待核实的不满意评价"))
}

/// The ground that the rulebook names for a finding, with its id; where it names none, the redo rule itself.
fn grounded<G: Cited + Listed>(
    d: &Deciding<'_>,
    named: Option<&str>,
    grounds: &[G],
    what: &str,
) -> Result<(crate::Basis, Option<String>), Refusal> {
    let book = d.ctx.rulebook;
    match (named, grounds) {
        (None, []) => Ok((book.basis(&book.redo), None)),
        (Some(_), []) => Err(Refusal::input("ground", format!("本办法没有列明{what}"))),
        (named, grounds) => match named.and_then(|said| chosen(grounds, said)) {
            Some(ground) => Ok((book.basis(ground), Some(Listed::id(ground).to_owned()))),
            None => {
                let message = format!("请选择经核实的{what}：{}", choices(grounds));
                let refusal = Refusal::rule("ground-needed", message, book, &book.redo);
                Err(Refusal { field: Some("ground"), ..refusal })
            }
        },
    }
}

/// An exemption of the rulebook whose conditions hold for this ticket.
pub(super) fn exemption<'b>(ticket: &Ticket, id: Option<&str>, ctx: &Ctx<'b>) -> Result<&'b ExemptRule, Refusal> {
    let book = ctx.rulebook;
    let Some(rule) = id.and_then(|id| chosen(&book.exempt, id)) else {
        return Err(Refusal::input("exempt", format!("请选择不纳入考核的情形：{}", choices(&book.exempt))));
    };
    let closed = ticket.closed();
    let closed_as = |g: &String| closed.is_some_and(|c| &c.ground == g);
    let explained = closed.is_some_and(|c| c.work.contacts.iter().any(|c| c.explained));
    let message = if !rule.kinds.is_empty() && !rule.kinds.contains(&ticket.kind) {
        let kinds: Vec<&str> = rule.kinds.iter().map(|k| k.zh()).collect();
        format!("只适用于{}类诉求", kinds.join("、"))
    } else if let Some(ground) = rule.closed_as.as_ref().filter(|g| !closed_as(g)) {
        let name = book.closure_ground.iter().find(|g| &g.id == ground).map_or(ground.as_str(), |g| &g.name);
        format!("办结理由不是“{name}”")
    } else if rule.explained && !explained {
        "承办单位没有向诉求人解释的联系记录".to_owned()
    } else {
        return Ok(rule);
    };
    Err(Refusal { field: Some("exempt"), ..Refusal::rule("exempt-not-met", message, book, rule) })
}

/// By hand: the date that the system had set is kept.
pub(super) fn archive(d: &mut Deciding<'_>) -> Result<(), Refusal> {
    d.met(ClockKind::Archive, None)?;
    d.push(Event::Archived)
}

pub(super) fn hold(d: &mut Deciding<'_>, reason: &str, on: bool) -> Result<(), Refusal> {
    let reason = text("reason", if on { "限制销毁的理由" } else { "解除限制的理由" }, reason, 2_000)?;
    d.push(if on { Event::Held { reason } } else { Event::HoldLifted { reason } })
}
