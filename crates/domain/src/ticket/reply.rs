//! The reply: drafted, checked, locked and sent; on a confidential ticket given by the centre's clerk.

use super::{
    Action, Ctx, Event, LongTerm, Refusal, Reply, Ticket, Work,
    deciding::{Deciding, signed_lead, text, working},
    handling::RESULT_MOST,
    supervision,
};
use crate::{
    clock::ClockKind,
    rulebook::{ContactRule, Trigger},
    words::Contact,
};

/// Calls nobody answered after which a clerk may write, where the text sets no number.
const CALLS_BEFORE_WRITING: u32 = 2;

pub(super) fn ready(ticket: &Ticket, action: Action, ctx: &Ctx<'_>) -> Result<(), Refusal> {
    if action == Action::RelayReply {
        return may_relay(ticket, ctx);
    }
    let work = signed_lead(ticket, ctx)?;
    if work.closing.is_some() {
        return Err(Refusal::not_now("closure-pending", "办结申请正在审核"));
    }
    if work.returning.is_some() {
        return Err(Refusal::not_now("return-pending", "退单申请正在审核，先不要答复"));
    }
    let audited = work.reply.audited_at().is_some();
    match action {
        Action::DraftReply if audited => {
            Err(Refusal::not_now("reply-locked", "答复已审定并发出；如须更正，请先“重新起草”"))
        }
        Action::DraftReply => Ok(()),
        Action::AuditReply => match work.reply {
            Reply::Draft { .. } => {
                contacted(ticket, work, ctx)?;
                assists_done_or_late(ticket, work, ctx)
            }
            Reply::None => Err(Refusal::not_now("no-draft", "还没有答复稿")),
            Reply::Audited { .. } => Err(Refusal::not_now("reply-locked", "答复已审定并发出")),
        },
        _ if audited => Ok(()),
        _ => Err(Refusal::not_now("nothing-audited", "答复尚未审定，可以直接修改")),
    }
}

fn may_relay(ticket: &Ticket, ctx: &Ctx<'_>) -> Result<(), Refusal> {
    let work = working(ticket)?;
    if !ticket.confidential || !ctx.rulebook.confidential.clerk_replies {
        return Err(Refusal::not_now("unit-replies", "不是由热线中心代为答复的工单"));
    }
    if work.reply.audited_at().is_none() {
        return Err(Refusal::not_now("nothing-audited", "承办单位的答复尚未审定"));
    }
    if work.relayed.iter().any(|a| a.reached) {
        return Err(Refusal::not_now("already-relayed", "已代为答复"));
    }
    Ok(())
}

/// The appellant was spoken to in this handling, or called so often that writing is enough.
fn contacted(ticket: &Ticket, work: &Work, ctx: &Ctx<'_>) -> Result<(), Refusal> {
    let Some(rule) = ctx.rulebook.contact.as_ref().filter(|r| r.before_reply) else { return Ok(()) };
    if ticket.confidential && !ctx.rulebook.confidential.unit_may_contact {
        return Ok(());
    }
    let now: Vec<_> = work.contacts.iter().filter(|c| c.at >= work.dispatched_at).collect();
    let in_vain = now.iter().filter(|c| c.by == Contact::Phone && !c.reached).count();
    if now.iter().any(|c| c.reached) || in_vain >= rule.calls as usize {
        return Ok(());
    }
    let message = match in_vain {
        0 => "答复前须联系诉求人，了解具体情况，请先记录联系".to_owned(),
        n => format!("电话无人接听的须拨打{}次，已拨打{n}次；再拨打后可以短信答复", rule.calls),
    };
    Err(Refusal::rule("contact-first", message, ctx.rulebook, rule))
}

pub(super) fn draft(
    d: &mut Deciding<'_>,
    reply: &str,
    answers: &[String],
    long_term: Option<&LongTerm>,
) -> Result<(), Refusal> {
    let text_given = text("text", "答复内容", reply, RESULT_MOST)?;
    checked(d, &text_given)?;
    let answers: Vec<String> = answers.iter().map(|a| a.trim().to_owned()).collect();
    if answers.iter().any(|a| a.chars().count() > RESULT_MOST) {
        return Err(Refusal::input("answers", format!("逐项答复过长，每项最多{RESULT_MOST}字")));
    }
    every_point(d, &answers)?;
    if let Some(long_term) = long_term {
        text("long_term", "工作措施", &long_term.measures, RESULT_MOST)?;
        if crate::calendar::Day::from_date(long_term.expected).end() <= d.ctx.now {
            return Err(Refusal::input("long_term", "预计完成日期不能早于今天"));
        }
    }
    d.push(Event::ReplyDrafted { text: text_given, answers, long_term: long_term.cloned() })
}

/// 「不得漏答」: as many answers as there are points, none of them empty.
fn every_point(d: &Deciding<'_>, answers: &[String]) -> Result<(), Refusal> {
    let rule = &d.ctx.rulebook.reply;
    let points = &d.ticket()?.points;
    if answers.len() > points.len() {
        return Err(Refusal::input("answers", format!("诉求要点共{}项，逐项答复不能多于此", points.len())));
    }
    if !rule.every_point {
        return Ok(());
    }
    let missing = (0..points.len()).find(|i| answers.get(*i).is_none_or(|a| a.is_empty()));
    match missing {
        None => Ok(()),
        Some(i) => {
            let message = format!("第{}项诉求“{}”没有答复，不得漏答", i + 1, points[i]);
            Err(Refusal { field: Some("answers"), ..Refusal::rule("every-point", message, d.ctx.rulebook, rule) })
        }
    }
}

/// The form that the text asks of a reply.
fn checked(d: &Deciding<'_>, reply: &str) -> Result<(), Refusal> {
    let book = d.ctx.rulebook;
    let refuse =
        |code, message: String| Err(Refusal { field: Some("text"), ..Refusal::rule(code, message, book, &book.reply) });
    if book.reply.plain
        && let Some(fault) = not_plain(reply)
    {
        return refuse("plain-text", fault);
    }
    let unit_speaks = !d.ticket()?.confidential || book.confidential.unit_may_contact;
    if book.reply.names_contact && unit_speaks && !names_contact(reply) {
        return refuse(
            "name-the-contact",
            "答复须写明何日通过哪个电话联系诉求人（如“5月6日通过0734-12345678联系您”）".into(),
        );
    }
    Ok(())
}

/// Blanks and special characters that a reply must not hold; the first one found, in words.
pub fn not_plain(reply: &str) -> Option<String> {
    const ALLOWED: &str = "，。、；：？！“”‘’（）《》〈〉【】—…·-－.,;:?!()\"'/%％℃㎡~～+";
    reply.char_indices().find_map(|(at, c)| {
        let n = reply[..at].chars().count() + 1;
        if c.is_whitespace() {
            return Some(format!("答复内容第{n}字处有空格或换行，请删去"));
        }
        let fine = c.is_ascii_alphanumeric() || is_han(c) || ALLOWED.contains(c) || ('０'..='９').contains(&c);
        (!fine).then(|| format!("答复内容第{n}字“{c}”是特殊符号，请改用文字"))
    })
}

fn is_han(c: char) -> bool {
    matches!(c, '\u{4E00}'..='\u{9FFF}' | '\u{3400}'..='\u{4DBF}' | '\u{20000}'..='\u{323AF}' | '〇' | '々')
}

/// Whether a text names a day and a telephone number.
fn names_contact(reply: &str) -> bool {
    let folded: String = reply
        .chars()
        .map(|c| if ('０'..='９').contains(&c) { char::from(b'0' + (c as u32 - '０' as u32) as u8) } else { c })
        .collect();
    let number_before = |at: usize| folded[..at].ends_with(|c: char| c.is_ascii_digit());
    let day = folded.match_indices('月').any(|(at, _)| {
        let after: String = folded[at + '月'.len_utf8()..].chars().take_while(char::is_ascii_digit).collect();
        number_before(at)
            && (1..=2).contains(&after.len())
            && folded[at + '月'.len_utf8() + after.len()..].starts_with(['日', '号'])
    });
    let digits = |s: &str| s.chars().filter(char::is_ascii_digit).count();
    day && folded.split(|c: char| !c.is_ascii_digit() && c != '-').any(|run| (5..=13).contains(&digits(run)))
}

/// Locks the reply; from here on it is what the appellant was told.
pub(super) fn audit(d: &mut Deciding<'_>, without_assists: Option<&str>) -> Result<(), Refusal> {
    let Reply::Draft { text: reply } = d.work()?.reply.clone() else {
        return Err(Refusal::not_now("no-draft", "还没有答复稿"));
    };
    let without_assists = waited_for_assists(d, without_assists)?;
    let unit = d.unit()?.to_owned();
    d.push(Event::ReplyAudited { unit, text: reply, without_assists })?;
    if d.ticket()?.confidential && d.ctx.rulebook.confidential.clerk_replies {
        d.void(&[ClockKind::Relay])?;
        d.start(ClockKind::Relay, None)?;
    }
    supervision::found(d, Trigger::ReturnReason, None)
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

/// One reply for all: the lead waits for its assists, and goes on without those that are late only with an explanation.
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
    d.void(&[ClockKind::Relay])?;
    d.push(Event::ReplyReopened { reason })
}

pub(super) fn relay(d: &mut Deciding<'_>, by: Contact, reached: bool, note: &str) -> Result<(), Refusal> {
    let note = text("note", "答复情况", note, 2_000)?;
    d.push(Event::ReplyRelayed { by, reached, note })?;
    let calls = calls(d.ctx.rulebook.contact.as_ref());
    if d.work()?.relay_done(calls) { d.met(ClockKind::Relay, None) } else { Ok(()) }
}

/// Calls nobody answered after which writing is enough.
pub(super) fn calls(rule: Option<&ContactRule>) -> u32 {
    rule.map_or(CALLS_BEFORE_WRITING, |r| r.calls)
}
