//! From the first contact to the dispatch: registration, judgement of what is ours (10 to 12), answers at once (14), emergencies (15).

use super::{
    Action, Answered, Appeal, Call, Ctx, Event, HandOver, Help, HelpKind, Imported, Refusal, Refused, Register,
    Registered, Stage, Ticket,
    decide::{Deciding, given, optional, text},
};
use crate::{Channel, Instant, Role, clock::ClockKind, rulebook::Rulebook, words::Contact};

const TITLE_MOST: usize = 200;
const CONTENT_MOST: usize = 20_000;
const NOTE_MOST: usize = 2_000;
const PLACE_MOST: usize = 200;
/// Earlier tickets that one registration may name.
const EARLIER_MOST: usize = 50;

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
        (Action::MarkDifficult, Stage::Registered { .. } | Stage::Working(_)) => Ok(()),
        (Action::HandOver, Stage::Registered { .. } | Stage::Working(_)) => Ok(()),
        (Action::TakeHistory, Stage::Registered { .. }) if ticket.rulebook.is_some() => {
            Err(Refusal::not_now("handled-here", "工单已在本中心办理，不能再导入历史"))
        }
        (Action::TakeHistory, Stage::Registered { .. }) => Ok(()),
        (_, Stage::Registered { referral }) => match (action, referral) {
            (Action::ReferUp, Some(r)) if r.to != ctx.actor.role => Err(awaiting(r.to, ctx.rulebook)),
            (Action::ReferUp, _) if next_level(ctx.rulebook, ctx.actor.role).is_none() => {
                Err(Refusal::rule("top-level", "已是最后一级，请作出认定", ctx.rulebook, &ctx.rulebook.referral))
            }
            (Action::ReferUp, _) => Ok(()),
            (Action::Accept, None) => Err(Refusal::not_now("nothing-referred", "没有待认定的汇报")),
            (_, Some(r)) if r.to != ctx.actor.role => Err(awaiting(r.to, ctx.rulebook)),
            _ => Ok(()),
        },
        _ => Err(Refusal::not_now("past-intake", format!("工单现为“{}”，受理环节已结束", ticket.state()))),
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
    let book = d.ctx.rulebook;
    if r.kind.dispatchable() && !book.accept.kinds.contains(&r.kind) {
        let kinds: Vec<&str> = book.accept.kinds.iter().map(|k| k.zh()).collect();
        let message = format!("本热线不受理“{}”类诉求；受理：{}", r.kind, kinds.join("、"));
        return Err(Refusal { field: Some("kind"), ..Refusal::rule("kind-not-taken", message, book, &book.accept) });
    }
    if r.urgent && !book.emergency.kinds.contains(&r.kind) {
        let kinds: Vec<&str> = book.emergency.kinds.iter().map(|k| k.zh()).collect();
        let message = format!("突发事件工单限于{}类诉求", kinds.join("、"));
        return Err(Refusal {
            field: Some("urgent"),
            ..Refusal::rule("emergency-kind", message, book, &book.emergency)
        });
    }
    let content = text("content", "诉求内容", &r.content, CONTENT_MOST)?;
    let title = text("title", "标题", &r.title, TITLE_MOST)?;
    let place = given("place", "地点", r.place.as_deref(), PLACE_MOST)?;
    let category = given("category", "事项类别", r.category.as_deref(), PLACE_MOST)?;
    let earlier = named_earlier(&r.earlier)?;
    let appeal = Appeal { no: 1, channel: r.channel, received_at, follow_up_by: r.follow_up_by, note: None };
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
        earlier,
    })))?;
    if r.kind.dispatchable() {
        return d.start(ClockKind::Dispatch, None);
    }
    // Thanks, withdrawals, harassment and wrong calls are kept and never dispatched.
    d.push(Event::AnsweredAtOnce(Answered { answer: format!("{}：只作记录，不派单", r.kind), entry: None }))?;
    d.start(ClockKind::Archive, None)
}

/// Each earlier ticket once: the third contact must not be reached by naming one ticket twice.
fn named_earlier(numbers: &[String]) -> Result<Vec<String>, Refusal> {
    let mut named: Vec<String> = Vec::new();
    for number in numbers {
        let number = optional("earlier", "原工单编号", number, 40)?;
        if !number.is_empty() && !named.contains(&number) {
            named.push(number);
        }
    }
    if named.len() > EARLIER_MOST {
        return Err(Refusal::input("earlier", format!("最多关联{EARLIER_MOST}个原工单")));
    }
    Ok(named)
}

pub(super) fn attach(
    d: &mut Deciding<'_>,
    channel: Channel,
    follow_up_by: Contact,
    note: Option<&str>,
) -> Result<(), Refusal> {
    let note = given("note", "补充内容", note, NOTE_MOST)?;
    let no = d.ticket()?.appeals.len() as u32 + 1;
    d.push(Event::AppealAttached { appeal: Appeal { no, channel, received_at: d.ctx.now, follow_up_by, note } })
}

pub(super) fn mark_difficult(d: &mut Deciding<'_>, reason: &str) -> Result<(), Refusal> {
    let reason = text("reason", "疑难、复杂的理由", reason, NOTE_MOST)?;
    d.push(Event::MarkedDifficult { reason })
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

/// 第十一条、第十二条: a class, an explanation, and where the appellant was sent.
pub(super) fn refuse(d: &mut Deciding<'_>, class: &str, explanation: &str, help: &Help) -> Result<(), Refusal> {
    let book = d.ctx.rulebook;
    let Some(found) = book.refusal.iter().find(|c| c.id == class) else {
        let known: Vec<&str> = book.refusal.iter().map(|c| c.id.as_str()).collect();
        return Err(Refusal::input("class", format!("请选择不予受理的情形（{}）", known.join("、"))));
    };
    let explanation = text("explanation", "向诉求人所作的解释", explanation, NOTE_MOST)?;
    if help.by != HelpKind::Explained && help.to.trim().is_empty() {
        let message = format!("{}：须写明转接去向或办理部门的联系方式，并告知诉求人", help.by);
        return Err(Refusal { field: Some("help"), ..Refusal::rule("say-where-to", message, book, &book.referral) });
    }
    if found.names_earlier && d.ticket()?.earlier.is_empty() {
        return Err(Refusal {
            field: Some("class"), ..Refusal::rule("name-earlier", "须注明原工单编号", book, found)
        });
    }
    let help = Help { by: help.by, to: optional("help", "转接去向或联系方式", &help.to, PLACE_MOST)? };
    d.met(ClockKind::Referral, None)?;
    d.met(ClockKind::Dispatch, None)?;
    d.push(Event::Refused(Refused { class: class.to_owned(), explanation, help }))?;
    d.start(ClockKind::Archive, None)
}

pub(super) fn answer(d: &mut Deciding<'_>, answer: &str, entry: Option<&str>) -> Result<(), Refusal> {
    let answer = text("answer", "答复内容", answer, CONTENT_MOST)?;
    let entry = given("entry", "知识条目编号", entry, PLACE_MOST)?;
    d.met(ClockKind::Referral, None)?;
    d.met(ClockKind::Dispatch, None)?;
    d.push(Event::AnsweredAtOnce(Answered { answer, entry }))?;
    d.start(ClockKind::Archive, None)
}

/// 第十五条: an emergency is passed on by a call at once; `ends` when the line took it for good.
pub(super) fn hand_over(d: &mut Deciding<'_>, call: &Call, ends: bool) -> Result<(), Refusal> {
    let call = recorded(d, call)?;
    if !ends {
        return d.push(Event::HandedOver(call));
    }
    if !matches!(d.ticket()?.stage, Stage::Registered { .. }) {
        return Err(Refusal::not_now("already-dispatched", "工单已派单，只能记录通话，不能以转专线结束"));
    }
    d.met(ClockKind::Dispatch, None)?;
    d.void(&[ClockKind::Referral])?;
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
    d.void(&[ClockKind::Dispatch, ClockKind::Referral])?;
    d.push(Event::Imported(history.clone()))?;
    d.push(Event::Archived)
}
