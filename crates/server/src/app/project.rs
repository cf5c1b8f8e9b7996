//! From a folded ticket to the rows that the store keeps of it. Used for every write and by `verify`, which folds the journal and
//! compares.

use std::collections::BTreeSet;

use jiesu_domain::{
    Instant, access,
    ticket::{Event, Outgoing, Reply, Stage, Ticket},
};
use jiesu_store::{NewEvent, NewOutbox, TicketRow, standing_word, title_word};
use jiesu_text::{personal::mask_numbers, search::index_terms};

use super::standing::standing;

/// The columns by which a ticket is listed.
pub fn row(ticket: &Ticket) -> TicketRow {
    let due = ticket.next_due();
    TicketRow {
        state: ticket.state().code().into(),
        kind: ticket.kind.code().into(),
        title: ticket.title.clone(),
        channel: ticket.appeals.first().map_or("", |a| a.channel.code()).into(),
        urgent: ticket.urgent,
        confidential: ticket.confidential,
        lead: ticket.work().map(|w| w.lead.unit.clone()),
        place: ticket.place.clone(),
        // An imported ticket was received long before it was written down here.
        registered_at: ticket.appeals.first().map_or(ticket.registered_at, |a| a.received_at),
        next_due: due.map(|c| c.due),
        next_due_clock: due.map(|c| c.kind.code().into()),
        next_due_unit: due.and_then(|c| c.unit.clone()),
        next_due_article: due.map(|c| c.basis.article.clone()).filter(|a| !a.is_empty()),
        wake_at: ticket.next_wakeup(),
        overdue: ticket.overdue(),
        supervised: ticket.supervised(),
        provisional: ticket.provisional(),
    }
}

/// Who has to do with it, and as what: by these rows lists are filtered, by the same rule as [`access::sees`].
pub fn units(ticket: &Ticket) -> Vec<(String, String)> {
    access::parts(ticket).into_iter().map(|(unit, part)| (unit, part.code().to_owned())).collect()
}

/// The folded ticket as stored.
pub fn body(ticket: &Ticket) -> String {
    serde_json::to_string(ticket).expect("a ticket is plain data")
}

pub fn new_events(events: &[Event]) -> Vec<NewEvent> {
    let payload = |e: &Event| serde_json::to_string(e).expect("an event is plain data");
    events.iter().map(|e| NewEvent { kind: e.name().into(), payload: payload(e) }).collect()
}

/// What is to be sent after events, as the outbox keeps it.
pub fn outbox(messages: Vec<Outgoing>, at: Instant) -> Vec<NewOutbox> {
    let row = |m: Outgoing| NewOutbox {
        appeal: Some(m.appeal.to_string()),
        kind: m.template,
        payload: serde_json::to_string(&m.values).expect("strings"),
        next_at: at,
    };
    messages.into_iter().map(row).collect()
}

/// What the full-text index knows a ticket by.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Indexed {
    said: Vec<Said>,
    units: Vec<(String, String)>,
    standing: Vec<&'static str>,
    due: bool,
}

pub fn indexed(ticket: &Ticket) -> Indexed {
    let due = ticket.next_due().is_some();
    Indexed { said: said(ticket), units: units(ticket), standing: standing(ticket), due }
}

/// The search terms of a ticket, if anything changed by which the index knew it before.
pub fn terms(before: &Indexed, ticket: &Ticket) -> Option<String> {
    let now = indexed(ticket);
    (*before != now).then(|| cut(&now.said, &now.standing))
}

/// The search terms of a ticket as it stands.
pub fn all_terms(ticket: &Ticket) -> String {
    cut(&said(ticket), &standing(ticket))
}

/// The same from its stored body.
pub fn terms_of_body(body: &str) -> Option<String> {
    serde_json::from_str::<Ticket>(body).ok().map(|ticket| all_terms(&ticket))
}

/// A text of a ticket in which a person may look for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// What it is: `标题`, `答复`.
    pub label: &'static str,
    pub text: String,
}

impl Said {
    /// The text without numbers that tell who somebody is, as the index is not sealed. Who called is found by the phone itself.
    pub fn masked(&self) -> String {
        mask_numbers(&self.text)
    }
}

/// Label of the title, which is the first of what is said.
pub const TITLE: &str = "标题";

/// The texts in which a person may look for a ticket, the title first. Whoever sees the ticket may read them all, but for a unit on a
/// confidential ticket, which finds it by its number only.
pub fn said(ticket: &Ticket) -> Vec<Said> {
    let mut all = Vec::new();
    let mut add = |label, text: &str| all.push(Said { label, text: text.to_owned() });
    add(TITLE, &ticket.title);
    add("诉求内容", &ticket.content);
    if let Some(Reply::Audited { text, .. }) = ticket.work().map(|w| &w.reply) {
        add("答复", text);
    }
    if let Some(closed) = ticket.closed() {
        add("办结说明", &closed.statement);
    }
    match ticket.stage_in_archive() {
        Stage::Imported(history) => history.reply.iter().for_each(|reply| add("答复", reply)),
        Stage::Answered(answered) => add("直接答复", &answered.answer),
        _ => {}
    }
    ticket.appeals.iter().filter_map(|a| a.note.as_deref()).for_each(|note| add("补充诉求", note));
    ticket.place.iter().for_each(|place| add("地点", place));
    ticket.category.iter().for_each(|category| add("事项", category));
    all.retain(|said| !said.text.is_empty());
    all
}

/// The terms as the index takes them: of all texts, those of the title once more as such, and where the ticket stands.
fn cut(said: &[Said], standing: &[&str]) -> String {
    let of = |said: &Said| index_terms(&said.masked());
    let mut terms: Vec<String> = said.iter().flat_map(of).collect::<BTreeSet<_>>().into_iter().collect();
    let title = said.iter().filter(|said| said.label == TITLE).flat_map(of);
    terms.extend(title.map(|term| title_word(&term)));
    terms.extend(standing.iter().map(|code| standing_word(code)));
    terms.join(" ")
}
