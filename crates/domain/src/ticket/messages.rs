//! What is sent to appellants, decided with the events. An entry names a template and an appeal; who that is and the text with it come
//! together only when it is sent, so that no personal data waits in an outbox.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Appeal, Ctx, Event, Stage, Ticket};
use crate::{
    clock::ClockKind,
    describe,
    rulebook::{MessageOn, MessageRule},
};

/// One message to one appellant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outgoing {
    /// Template id of the rulebook, e.g. `acceptance-sms`.
    pub template: String,
    pub appeal: u32,
    /// Values of the template's placeholders, except `code`, which is filled in when it is sent.
    pub values: BTreeMap<String, String>,
}

/// The messages that follow from `events`; `ticket` is the ticket after them.
pub fn outgoing(ticket: &Ticket, events: &[Event], ctx: &Ctx<'_>) -> Vec<Outgoing> {
    let mut out = Vec::new();
    for event in events {
        let on = occasions(ticket, event, ctx);
        for rule in ctx.rulebook.message.iter().filter(|m| on.contains(&m.on)) {
            out.extend(told(ticket, event).map(|a| Outgoing {
                template: rule.id.clone(),
                appeal: a.no,
                values: values(ticket, event, ctx),
            }));
        }
    }
    out
}

/// Who is told: what one appellant did or is asked is told to them; everything else to everybody whose appeal still hangs here.
fn told<'t>(ticket: &'t Ticket, event: &Event) -> impl Iterator<Item = &'t Appeal> + use<'t> {
    let only = match event {
        Event::AppealAttached { appeal } => Some(appeal.no),
        Event::AppealWithdrawn { appeal, .. } | Event::RatingUnclear { appeal, .. } => Some(*appeal),
        _ => None,
    };
    let rated = matches!(event, Event::Closed(_));
    ticket.appeals.iter().filter(move |a| match only {
        Some(no) => a.no == no,
        // Who has rated the reply is not asked again.
        None => !(a.withdrawn || rated && ticket.rating_now(a.no).is_some()),
    })
}

fn occasions(ticket: &Ticket, event: &Event, ctx: &Ctx<'_>) -> Vec<MessageOn> {
    use MessageOn as M;
    let by_clerk = ticket.confidential && ctx.rulebook.confidential.clerk_replies;
    match event {
        // Who calls later is owed what the others were told before.
        Event::AppealAttached { .. } => match &ticket.stage {
            Stage::Working(work) if work.reply.audited_at().is_some() && !by_clerk => {
                vec![M::Registered, M::Dispatched, M::ReplyAudited]
            }
            Stage::Working(_) => vec![M::Registered, M::Dispatched],
            Stage::Closed(_) | Stage::Checking(_) if by_clerk => vec![M::Registered, M::Closed],
            Stage::Closed(_) | Stage::Checking(_) => vec![M::Registered, M::ReplyAudited, M::Closed],
            _ => vec![M::Registered],
        },
        Event::Registered(_) => vec![M::Registered],
        Event::Refused(_) => vec![M::Refused],
        Event::AnsweredAtOnce(_) if ticket.kind.dispatchable() => vec![M::Answered],
        Event::Transferred { .. } => vec![M::Transferred],
        Event::TransferEnded { .. } => vec![M::TransferEnded],
        Event::JoinedTo { .. } => vec![M::Joined],
        Event::AppealWithdrawn { .. } => vec![M::Withdrawn],
        Event::Dispatched { .. } => vec![M::Dispatched],
        Event::ExtensionGranted { .. } => vec![M::ExtensionGranted],
        // On these the centre's clerk speaks.
        Event::ReplyAudited { .. } if by_clerk => Vec::new(),
        Event::ReplyAudited { .. } => vec![M::ReplyAudited],
        Event::Closed(_) => vec![M::Closed],
        Event::RatingUnclear { .. } => vec![M::AskAgain],
        Event::Redone { .. } => vec![M::Redo],
        Event::TrackingEnded { .. } => vec![M::Tracked],
        _ => Vec::new(),
    }
}

fn values(ticket: &Ticket, event: &Event, ctx: &Ctx<'_>) -> BTreeMap<String, String> {
    let mut v = BTreeMap::new();
    let mut set = |k: &str, s: String| v.insert(k.to_owned(), s);
    set("place", ctx.rulebook.rulebook.place.trim_end_matches('市').to_owned());
    set("number", ticket.number.clone());
    if let Some(work) = ticket.work() {
        set("unit", ctx.unit_name(&work.lead.unit).to_owned());
    }
    if let Some(clock) = ticket.open_clock(ClockKind::Handle, None) {
        set("due", describe::due_words(clock.due));
    }
    if let Some(super::Reply::Audited { text, .. }) = ticket.work().map(|w| &w.reply) {
        set("reply", text.clone());
    }
    match event {
        Event::ReplyAudited { text, .. } => set("reply", text.clone()),
        Event::ExtensionGranted { days, reason, .. } => {
            set("days", ticket.extension_days(*days, ctx.rulebook).to_string());
            set("reason", reason.clone())
        }
        Event::AnsweredAtOnce(answered) => set("answer", answered.answer.clone()),
        Event::Transferred { to, .. } => set("to", to.clone()),
        Event::TransferEnded { result } => set("result", result.clone()),
        Event::TrackingEnded { note, .. } => set("result", note.clone()),
        Event::JoinedTo { number, .. } => set("to", number.clone()),
        Event::Refused(refused) => {
            let to = if refused.help.to.is_empty() { String::new() } else { format!("（{}）", refused.help.to) };
            set("advice", format!("{}{to}", refused.explanation))
        }
        _ => None,
    };
    v
}

/// A template with its values; a placeholder without a value stays empty.
pub fn render(rule: &MessageRule, values: &BTreeMap<String, String>) -> String {
    let mut out = String::new();
    let mut rest = rule.text.as_str();
    while let Some((before, name, after)) = next_placeholder(rest) {
        out.push_str(before);
        out.push_str(values.get(name).map_or("", String::as_str));
        rest = after;
    }
    out.push_str(rest);
    out
}

/// The text before the first `{name}`, the name, and the text after it.
fn next_placeholder(text: &str) -> Option<(&str, &str, &str)> {
    let (before, after) = text.split_once('{')?;
    let (name, after) = after.split_once('}')?;
    Some((before, name, after))
}
