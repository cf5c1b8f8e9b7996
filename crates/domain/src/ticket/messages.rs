//! What is sent to appellants, decided with the events. An entry names a template and an appeal; who that is and the text with it come
//! together only when it is sent, so that no personal data waits in an outbox.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Ctx, Event, Stage, Ticket};
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
        let on = occasions(ticket, event);
        for rule in ctx.rulebook.message.iter().filter(|m| on.contains(&m.on)) {
            // What a further appeal brings about is told to the one who made it; everything else to everybody whose appeal hangs here.
            let to = ticket.appeals.iter().filter(|a| match event {
                Event::AppealAttached { appeal } => a.no == appeal.no,
                _ => true,
            });
            out.extend(to.map(|a| Outgoing {
                template: rule.id.clone(),
                appeal: a.no,
                values: values(ticket, event, ctx),
            }));
        }
    }
    out
}

fn occasions(ticket: &Ticket, event: &Event) -> Vec<MessageOn> {
    match event {
        // Who calls after the dispatch is owed the same acceptance message as who called before.
        Event::AppealAttached { .. } if matches!(ticket.stage, Stage::Working(_)) => {
            vec![MessageOn::Registered, MessageOn::Dispatched]
        }
        Event::Registered(_) | Event::AppealAttached { .. } => vec![MessageOn::Registered],
        Event::Refused(_) => vec![MessageOn::Refused],
        Event::Dispatched { .. } => vec![MessageOn::Dispatched],
        Event::ExtensionGranted { .. } => vec![MessageOn::ExtensionGranted],
        Event::ReplyAudited { .. } => vec![MessageOn::ReplyAudited],
        Event::Closed(_) => vec![MessageOn::Closed],
        Event::Redone { .. } => vec![MessageOn::Redo],
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
    match event {
        Event::ReplyAudited { text, .. } => set("reply", text.clone()),
        Event::ExtensionGranted { days, .. } => set("days", days.to_string()),
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
