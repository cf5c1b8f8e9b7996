//! From a folded ticket to the rows that the store keeps of it. Used for every write and by `verify`, which folds the journal and
//! compares.

use jiesu_domain::{
    Instant, access,
    ticket::{Event, Outgoing, Reply, Ticket},
};
use jiesu_store::{NewEvent, NewOutbox, TicketRow};
use jiesu_text::personal::mask_numbers;

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

/// Search terms of everything a person may look for, if these events changed any of it, or the units that it had before: the index knows a
/// ticket by those too.
pub fn terms(before: &[(String, String)], ticket: &Ticket, events: &[Event]) -> Option<String> {
    (changes_terms(events) || before != units(ticket)).then(|| all_terms(ticket))
}

/// Whether these events changed what a person may look for.
pub fn changes_terms(events: &[Event]) -> bool {
    let changed = |e: &Event| {
        matches!(
            e,
            Event::Registered(_)
                | Event::AppealAttached { .. }
                | Event::ReplyAudited { .. }
                | Event::Imported(_)
                | Event::Erased(_)
        )
    };
    events.iter().any(changed)
}

/// The search terms of a ticket as it stands.
pub fn all_terms(ticket: &Ticket) -> String {
    cut(&searchable(ticket))
}

/// The same from its stored body.
pub fn terms_of_body(body: &str) -> Option<String> {
    serde_json::from_str::<Ticket>(body).ok().map(|ticket| all_terms(&ticket))
}

/// The terms of a text, as the index takes them: without numbers that tell who somebody is, as the index is not sealed. Who called is found
/// by the phone itself.
pub fn cut(text: &str) -> String {
    let terms: Vec<String> = jiesu_text::index_terms(&mask_numbers(text)).into_iter().collect();
    terms.join(" ")
}

/// The text in which a person may look for a ticket.
pub fn searchable(ticket: &Ticket) -> String {
    let mut text = format!("{}\n{}", ticket.title, ticket.content);
    let mut add = |s: Option<&str>| s.into_iter().for_each(|s| text.extend(["\n", s]));
    add(ticket.place.as_deref());
    add(ticket.category.as_deref());
    ticket.appeals.iter().for_each(|a| add(a.note.as_deref()));
    if let Some(Reply::Audited { text, .. }) = ticket.work().map(|w| &w.reply) {
        add(Some(text));
    }
    if let jiesu_domain::ticket::Stage::Imported(history) = ticket.stage_in_archive() {
        add(history.reply.as_deref());
    }
    text
}
