//! At the desk: registration, what hangs together, judgement of what is ours, answers at once, emergencies.

use super::{
    Action, Answered, Appeal, Call, Ctx, Event, HandOver, Help, HelpKind, Imported, Refusal, Refused, Register,
    Registered, Stage, Standing, Ticket,
    deciding::{Deciding, given, optional, text},
    supervision,
};
use crate::{
    Channel, Instant, Role,
    clock::ClockKind,
    rulebook::{Rulebook, Trigger, choices, chosen},
    words::Contact,
};

const TITLE_MOST: usize = 200;
const CONTENT_MOST: usize = 20_000;
pub(super) const NOTE_MOST: usize = 2_000;
pub(super) const PLACE_MOST: usize = 200;
/// Earlier tickets that one ticket may name.
const EARLIER_MOST: usize = 50;
const NUMBER_MOST: usize = 40;

pub(super) fn ready(ticket: &Ticket, action: Action, ctx: &Ctx<'_>) -> Result<(), Refusal> {
    match (action, &ticket.stage) {
        (
            Action::AttachAppeal,
            Stage::Registered { .. } | Stage::Working(_) | Stage::Closed(_) | Stage::Checking(_),
        ) => Ok(()),
        (Action::AttachAppeal, _) => {
            Err(Refusal::not_now("no-longer-open", "工单已结束，请登记新的诉求并注明原工单编号"))
        }
        (Action::MarkDifficult, _) if ticket.difficult.is_some() => {
            Err(Refusal::not_now("already-difficult", "工单已标为疑难、复杂"))
        }
        (Action::MarkMajor, _) if ticket.major.is_some() => Err(Refusal::not_now("already-major", "工单已标为重大")),
        (
            Action::MarkDifficult | Action::MarkMajor | Action::HandOver | Action::LinkEarlier,
            Stage::Registered { .. } | Stage::Working(_),
        ) => Ok(()),
        (Action::TakeHistory, Stage::Registered { .. }) if ticket.rulebook.is_some() => {
            Err(Refusal::not_now("handled-here", "工单已在本中心办理，不能再导入历史"))
        }
        (Action::TakeHistory, Stage::Registered { .. }) => Ok(()),
        _ => at_desk(ticket, action, ctx),
    }
}

/// What is open only while the ticket waits at the desk, and to whom while its acceptance is being judged.
pub(super) fn at_desk(ticket: &Ticket, action: Action, ctx: &Ctx<'_>) -> Result<(), Refusal> {
    let Stage::Registered(waiting) = &ticket.stage else {
        return Err(Refusal::not_now("past-intake", format!("工单现为“{}”，受理环节已结束", ticket.state())));
    };
    match (action, &waiting.referral) {
        (Action::ReferUp, Some(r)) if r.to != ctx.actor.role => Err(awaiting(r.to, ctx.rulebook)),
        (Action::ReferUp, _) if next_level(ctx.rulebook, ctx.actor.role).is_none() => {
            Err(Refusal::rule("top-level", "已是最后一级，请作出认定", ctx.rulebook, &ctx.rulebook.referral))
        }
        (Action::ReferUp, _) if waiting.consultation.is_some() => {
            Err(Refusal::not_now("consultation-pending", "正在会商，不再逐级汇报"))
        }
        (Action::ReferUp, _) if waiting.opinion.as_ref().is_some_and(|o| o.approved.is_none()) => {
            Err(Refusal::not_now("approval-pending", "拟办意见正在报请审定，不再逐级汇报"))
        }
        (Action::ReferUp, _) => Ok(()),
        (Action::Accept, None) => Err(Refusal::not_now("nothing-referred", "没有待认定的汇报")),
        (_, Some(r)) if r.to != ctx.actor.role => Err(awaiting(r.to, ctx.rulebook)),
        _ => Ok(()),
    }
}

fn awaiting(role: Role, book: &Rulebook) -> Refusal {
    Refusal::rule("referral-pending", format!("已逐级汇报，等待{role}认定"), book, &book.referral)
}

/// The level above a role; the first level for roles that are none.
fn next_level(book: &Rulebook, role: Role) -> Option<Role> {
    let levels = &book.referral.levels;
    match levels.iter().position(|l| *l == role) {
        Some(i) => levels.get(i + 1).copied(),
        None => levels.first().copied(),
    }
}

pub(super) fn register(d: &mut Deciding<'_>, r: &Register, number: &str, received_at: Instant) -> Result<(), Refusal> {
    kind_is_taken(d.ctx.rulebook, r)?;
    let content = text("content", "诉求内容", &r.content, CONTENT_MOST)?;
    let title = text("title", "标题", &r.title, TITLE_MOST)?;
    let place = given("place", "地点", r.place.as_deref(), PLACE_MOST)?;
    let category = given("category", "事项类别", r.category.as_deref(), PLACE_MOST)?;
    let earlier = named_earlier(&r.earlier)?;
    let (channel, follow_up_by) = (r.channel, r.follow_up_by);
    let appeal =
        Appeal { no: 1, channel, received_at, follow_up_by, note: None, same_as: None, from: None, withdrawn: false };
    d.push(Event::Registered(Box::new(Registered {
        number: number.to_owned(),
        kind: r.kind,
        urgent: r.urgent,
        confidential: r.confidential,
        title,
        content,
        place,
        category,
        appeal,
        earlier: earlier.clone(),
    })))?;
    for number in earlier {
        if let Some(standing) = standing_of(d.ctx, "earlier", &number)? {
            d.push(Event::EarlierLinked { number, note: String::new(), standing: Some(standing) })?;
        }
    }
    if r.kind.dispatchable() {
        return d.start(ClockKind::Dispatch, None);
    }
    // Thanks, withdrawals, harassment and wrong calls are kept and never dispatched.
    let answer = format!("{}：只作记录，不派单", r.kind);
    d.push(Event::AnsweredAtOnce(Answered { answer, entry: None, by_opinion_of: None }))?;
    d.start(ClockKind::Archive, None)
}

fn kind_is_taken(book: &Rulebook, r: &Register) -> Result<(), Refusal> {
    let names = |kinds: &[crate::Kind]| kinds.iter().map(|k| k.zh()).collect::<Vec<_>>().join("、");
    if r.kind.dispatchable() && !book.accept.kinds.contains(&r.kind) {
        let message = format!("本热线不受理“{}”类诉求；受理：{}", r.kind, names(&book.accept.kinds));
        return Err(Refusal { field: Some("kind"), ..Refusal::rule("kind-not-taken", message, book, &book.accept) });
    }
    if r.urgent && !book.emergency.kinds.contains(&r.kind) {
        let message = format!("突发事件工单限于{}类诉求", names(&book.emergency.kinds));
        let refusal = Refusal::rule("emergency-kind", message, book, &book.emergency);
        return Err(Refusal { field: Some("urgent"), ..refusal });
    }
    Ok(())
}

/// Each earlier ticket once: the third contact must not be reached by naming one ticket twice.
fn named_earlier(numbers: &[String]) -> Result<Vec<String>, Refusal> {
    let mut named: Vec<String> = Vec::new();
    for number in numbers {
        let number = optional("earlier", "原工单编号", number, NUMBER_MOST)?;
        if !number.is_empty() && !named.contains(&number) {
            named.push(number);
        }
    }
    if named.len() > EARLIER_MOST {
        return Err(Refusal::input("earlier", format!("最多关联{EARLIER_MOST}个原工单")));
    }
    Ok(named)
}

/// How another ticket stands; `None` where whoever decides does not know other tickets (a rehearsal, an import).
fn standing_of(ctx: &Ctx<'_>, field: &'static str, number: &str) -> Result<Option<Standing>, Refusal> {
    let Some(known) = ctx.standing else { return Ok(None) };
    match known.get(number) {
        Some(standing) => Ok(Some(Standing { received: Vec::new(), others: 0, ..standing.clone() })),
        None => Err(Refusal::input(field, format!("没有编号为{number}的工单，请核对"))),
    }
}

/// When an appeal was received that comes with a joined ticket: it was made there, not now. Whoever decides without knowing other tickets
/// has only now.
fn received_there(ctx: &Ctx<'_>, from: &str) -> Result<Instant, Refusal> {
    let (number, appeal) = from.split_once('#').unwrap_or((from, "1"));
    standing_of(ctx, "from", number)?;
    let there = ctx.standing.and_then(|known| known.get(number)).map_or(&[][..], |standing| &standing.received);
    if there.is_empty() {
        return Ok(ctx.now);
    }
    let no: Option<usize> = appeal.parse().ok();
    let received = no.and_then(|no| there.get(no.checked_sub(1)?));
    received.copied().ok_or_else(|| Refusal::input("from", format!("工单{number}没有这一诉求，请核对")))
}

pub(super) fn link_earlier(d: &mut Deciding<'_>, number: &str, note: &str) -> Result<(), Refusal> {
    let number = text("number", "原工单编号", number, NUMBER_MOST)?;
    let note = optional("note", "认定说明", note, NOTE_MOST)?;
    let ticket = d.ticket()?;
    if number == ticket.number {
        return Err(Refusal::input("number", "不能与本工单自身关联"));
    }
    if ticket.earlier.contains(&number) {
        return Err(Refusal::input("number", "已认定与该工单为同一事项"));
    }
    if ticket.earlier.len() >= EARLIER_MOST {
        return Err(Refusal::input("number", format!("最多关联{EARLIER_MOST}个原工单")));
    }
    let standing = standing_of(d.ctx, "number", &number)?;
    d.push(Event::EarlierLinked { number, note, standing })?;
    supervision::found(d, Trigger::Persons, None)?;
    supervision::found(d, Trigger::Contacts, None)
}

pub(super) fn join_to(d: &mut Deciding<'_>, number: &str, reason: &str) -> Result<(), Refusal> {
    let number = text("number", "并入的工单编号", number, NUMBER_MOST)?;
    let reason = text("reason", "并入的理由", reason, NOTE_MOST)?;
    if number == d.ticket()?.number {
        return Err(Refusal::input("number", "不能并入本工单自身"));
    }
    if standing_of(d.ctx, "number", &number)?.is_some_and(|s| !s.open) {
        return Err(Refusal::input("number", "该工单已结束，不能并入；可以认定为同一事项"));
    }
    d.void(&[ClockKind::Dispatch, ClockKind::Referral, ClockKind::Consultation, ClockKind::Approval])?;
    d.push(Event::JoinedTo { number, reason })?;
    d.start(ClockKind::Archive, None)
}

/// A further appeal, as its command says it.
pub(super) struct Further<'c> {
    pub channel: Channel,
    pub follow_up_by: Contact,
    pub note: Option<&'c str>,
    pub same_as: Option<u32>,
    pub from: Option<&'c str>,
}

pub(super) fn attach(d: &mut Deciding<'_>, further: &Further<'_>) -> Result<(), Refusal> {
    let note = given("note", "补充内容", further.note, NOTE_MOST)?;
    let from = given("from", "并入的工单编号", further.from, NUMBER_MOST)?;
    let ticket = d.ticket()?;
    if let Some(same) = further.same_as
        && !ticket.appeals.iter().any(|a| a.no == same)
    {
        return Err(Refusal::input("same_as", "本工单没有这一诉求"));
    }
    if from.is_some() && ticket.appeals.iter().any(|a| a.from == from) {
        return Err(Refusal::input("from", "该工单已并入本工单"));
    }
    let no = ticket.appeals.len() as u32 + 1;
    let (channel, follow_up_by, same_as) = (further.channel, further.follow_up_by, further.same_as);
    let received_at = match &from {
        Some(from) => received_there(d.ctx, from)?,
        None => d.ctx.now,
    };
    d.push(Event::AppealAttached {
        appeal: Appeal { no, channel, received_at, follow_up_by, note, same_as, from, withdrawn: false },
    })?;
    // Somebody more is to be asked.
    let asking = matches!(d.ticket()?.stage, Stage::Closed(_) | Stage::Checking(_));
    if asking && d.ticket()?.open_clock(ClockKind::FollowUp, None).is_none() {
        d.start(ClockKind::FollowUp, None)?;
    }
    supervision::found(d, Trigger::Persons, None)?;
    supervision::found(d, Trigger::Contacts, None)
}

pub(super) fn mark_difficult(d: &mut Deciding<'_>, reason: &str) -> Result<(), Refusal> {
    let reason = text("reason", "疑难、复杂的理由", reason, NOTE_MOST)?;
    d.push(Event::MarkedDifficult { reason })
}

pub(super) fn mark_major(d: &mut Deciding<'_>, reason: &str) -> Result<(), Refusal> {
    let reason = text("reason", "列为重大的理由", reason, NOTE_MOST)?;
    d.push(Event::MarkedMajor { reason })
}

pub(super) fn refer_up(d: &mut Deciding<'_>, question: &str) -> Result<(), Refusal> {
    let question = text("question", "需要认定的问题", question, NOTE_MOST)?;
    let Some(to) = next_level(d.ctx.rulebook, d.ctx.actor.role) else {
        return d.refuse("top-level", "已是最后一级，请作出认定", &d.ctx.rulebook.referral);
    };
    // Whether there is anything to dispatch is what is being asked: the time for it begins with the answer.
    d.void(&[ClockKind::Referral, ClockKind::Dispatch])?;
    d.push(Event::ReferredUp { to, question })?;
    d.start(ClockKind::Referral, None)
}

pub(super) fn accept(d: &mut Deciding<'_>, note: &str) -> Result<(), Refusal> {
    let note = optional("note", "认定意见", note, NOTE_MOST)?;
    d.met(ClockKind::Referral, None)?;
    d.push(Event::Accepted { note })?;
    d.start(ClockKind::Dispatch, None)
}

/// A class, an explanation, and what was done for the appellant.
pub(super) fn refuse(d: &mut Deciding<'_>, class: &str, explanation: &str, help: &Help) -> Result<(), Refusal> {
    let book = d.ctx.rulebook;
    let Some(found) = chosen(&book.refusal, class) else {
        let message = format!("请选择不予受理的情形：{}", choices(&book.refusal));
        return Err(Refusal::input("class", message));
    };
    let explanation = text("explanation", "向诉求人所作的解释", explanation, NOTE_MOST)?;
    if !found.help.is_empty() && !found.help.contains(&help.by) {
        let may: Vec<&str> = found.help.iter().map(|h| h.zh()).collect();
        let message = format!("这类诉求须“{}”", may.join("”或“"));
        return Err(Refusal { field: Some("help"), ..Refusal::rule("help-needed", message, book, found) });
    }
    let names_place = matches!(help.by, HelpKind::Transferred | HelpKind::Contact);
    if names_place && help.to.trim().is_empty() {
        let message = format!("{}：须写明转接去向或办理部门的联系方式，并告知诉求人", help.by);
        let refusal = match found.help.as_slice() {
            [] => Refusal::rule("say-where-to", message, book, &book.referral),
            _ => Refusal::rule("say-where-to", message, book, found),
        };
        return Err(Refusal { field: Some("help"), ..refusal });
    }
    if found.names_earlier && d.ticket()?.earlier.is_empty() {
        return Err(Refusal {
            field: Some("class"), ..Refusal::rule("name-earlier", "须注明原工单编号", book, found)
        });
    }
    if found.settled && !d.ticket()?.standing.values().any(|s| s.settled.is_some()) {
        let message = "原工单尚未定案，不能以同一事实和理由为由不予受理";
        return Err(Refusal { field: Some("class"), ..Refusal::rule("not-settled", message, book, found) });
    }
    let help = Help { by: help.by, to: optional("help", "转接去向或联系方式", &help.to, PLACE_MOST)? };
    off_the_desk(d)?;
    d.push(Event::Refused(Refused { class: found.id.clone(), explanation, help }))?;
    d.start(ClockKind::Archive, None)
}

/// What the desk owed is done.
fn off_the_desk(d: &mut Deciding<'_>) -> Result<(), Refusal> {
    d.met(ClockKind::Referral, None)?;
    d.met(ClockKind::Dispatch, None)?;
    d.void(&[ClockKind::Consultation, ClockKind::Approval])
}

pub(super) fn answer(
    d: &mut Deciding<'_>,
    answer: &str,
    entry: Option<&str>,
    by_opinion_of: Option<&str>,
) -> Result<(), Refusal> {
    let answer = text("answer", "答复内容", answer, CONTENT_MOST)?;
    let entry = given("entry", "知识条目编号", entry, PLACE_MOST)?;
    let by_opinion_of = given("by_opinion_of", "原工单编号", by_opinion_of, NUMBER_MOST)?;
    if let Some(number) = &by_opinion_of {
        let settled = d.ticket()?.standing.get(number).is_some_and(|s| s.settled.is_some());
        if !settled {
            return Err(Refusal::input("by_opinion_of", "该工单没有定案，或尚未认定与本工单为同一事项"));
        }
    }
    off_the_desk(d)?;
    d.push(Event::AnsweredAtOnce(Answered { answer, entry, by_opinion_of }))?;
    d.start(ClockKind::Archive, None)
}

/// An emergency is passed on by a call at once; `ends` when the line took it for good.
pub(super) fn hand_over(d: &mut Deciding<'_>, call: &Call, ends: bool) -> Result<(), Refusal> {
    let call = recorded(d, call)?;
    if !ends {
        return d.push(Event::HandedOver(call));
    }
    if !matches!(d.ticket()?.stage, Stage::Registered { .. }) {
        return Err(Refusal::not_now("already-dispatched", "工单已派单，只能记录通话，不能以转专线结束"));
    }
    d.met(ClockKind::Dispatch, None)?;
    d.void(&[ClockKind::Referral, ClockKind::Consultation, ClockKind::Approval])?;
    d.push(Event::PassedOn(call))?;
    d.start(ClockKind::Archive, None)
}

pub(super) fn recorded(d: &Deciding<'_>, call: &Call) -> Result<HandOver, Refusal> {
    let to = text("call", "通话对象", &call.to, 100)?;
    let note = text("call", "通话情况", &call.note, NOTE_MOST)?;
    Ok(HandOver { to, at: d.ctx.now, note })
}

/// Takes over what another system did; a ticket without a reply stays to be handled here.
pub(super) fn take_history(d: &mut Deciding<'_>, history: Option<&Imported>) -> Result<(), Refusal> {
    let Some(history) = history else { return Ok(()) };
    d.void(&[ClockKind::Dispatch, ClockKind::Referral, ClockKind::Consultation, ClockKind::Approval])?;
    d.push(Event::Imported(history.clone()))?;
    d.push(Event::Archived)
}
