//! From a life to the rows that the store keeps of it: the same functions that form the rows of every write.

use jiesu_domain::{Instant, ticket::Ticket};
use jiesu_lives::{Brings, Centre, Life, Step, after};
use jiesu_store::{AppealRow, Commit, Filled, Lived, PersonRow, Sent};

use crate::app::{project, tidy_phone};

/// A whole life: the ticket as it stands at the end, and what was done to it on the way.
pub(super) struct Whole {
    pub filled: Filled,
    pub lived: Vec<Lived>,
}

/// Lives a ticket's life.
///
/// # Errors
/// The rules refuse its registration, which would leave a gap in the numbers.
pub(super) fn whole(centre: &Centre, no: u64) -> Result<Whole, String> {
    let mut life = Life::new(centre, no);
    let (mut lived, mut version) = (Vec::new(), 0);
    while let Some(step) = life.next() {
        let Some(ticket) = life.ticket() else { break };
        lived.push(done(ticket, version, step, centre.until));
        version = i64::from(ticket.version);
    }
    let Some((ticket, last)) = life.into_ticket().zip(lived.last()) else {
        return Err(format!("第{no}件工单不能登记"));
    };
    let terms = Some(project::all_terms(&ticket));
    let filled = Filled { number_day: centre.day_and_serial(no).0, version, last: stands(&ticket, last.at, terms) };
    Ok(Whole { filled, lived })
}

/// A ticket's rows, as a commit that changes nothing else.
pub(super) fn stands(ticket: &Ticket, at: Instant, terms: Option<String>) -> Commit {
    Commit {
        ticket: ticket.number.clone(),
        at,
        actor: String::new(),
        events: Vec::new(),
        row: project::row(ticket),
        body: project::body(ticket),
        units: project::units(ticket),
        appeals: Vec::new(),
        persons: Vec::new(),
        attachments: Vec::new(),
        outbox: Vec::new(),
        terms,
        forget: false,
    }
}

/// `ticket` is the ticket after the step, `before` its version before it.
pub(super) fn done(ticket: &Ticket, before: i64, step: Step, until: Instant) -> Lived {
    let Step { at, actor, events, messages, brings } = step;
    let outbox = project::outbox(messages, at).into_iter().map(|new| (new, sent(at, until)));
    let (appeal, person) = brings.map(|b| brought(b, ticket.appeals.len())).unzip();
    Lived {
        ticket: ticket.number.clone(),
        before,
        at,
        actor,
        events: project::new_events(&events),
        appeal,
        person: person.flatten(),
        outbox: outbox.collect(),
    }
}

/// Messages go out within seconds; the last ones are left to the worker.
fn sent(at: Instant, until: Instant) -> Option<Sent> {
    let sent = Sent { at: after(at, 1 + at.as_second() % 5), result: "demo".into() };
    Some(sent).filter(|sent| sent.at <= until)
}

fn brought(brings: Brings, appeal: usize) -> (AppealRow, Option<PersonRow>) {
    let Brings { key, code, person, channel, received_at } = brings;
    let row = AppealRow {
        appeal: appeal.to_string(),
        person: key.clone(),
        channel: channel.code().into(),
        received_at,
        query_code: code,
        source: None,
        source_id: None,
    };
    let person = person.map(|p| PersonRow {
        person: key,
        name: Some(p.name),
        phone: Some(tidy_phone(&p.phone)),
        email: p.email,
        address: p.address,
        ..PersonRow::default()
    });
    (row, person)
}
