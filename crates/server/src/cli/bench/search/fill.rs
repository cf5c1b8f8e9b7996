//! A centre of made up texts: tickets that were lived to their end once, each with texts of its own, by the store's bulk path. Of the last
//! something is due as if they were not at their end.

use std::{sync::mpsc::sync_channel, thread};

use jiesu_domain::{
    calendar::Day,
    ticket::{Reply, Stage, Ticket, Work},
};
use jiesu_store::{Commit, Fill, Filled, Group, Jurisdiction, Store};
use jiff::{SignedDuration, Timestamp, civil::date};
use tokio::sync::mpsc::Sender;

use super::{
    super::{Anything, commands::PLACE},
    texts::Language,
};
use crate::app::{all_terms, ticket_row};

/// Days over which they came in, up to this one.
const DAYS: i64 = 730;
const LAST: jiff::civil::Date = date(2026, 3, 9);
/// Units that handle them.
const UNITS: u64 = 60;
/// Of the last of so many something is due, in five days: about as many as of the lives that `jiesu demo` makes.
const DUE_ONE_OF: u64 = 300;
/// Tickets of one transaction, made by one thread.
const GROUP: u64 = 1_000;

/// Fills the store; `told` hears how many are written.
pub(super) async fn fill(store: &Store, documents: u64, base: &Ticket, told: impl Fn(u64)) -> Result<(), Anything> {
    let place = Jurisdiction { jurisdiction: PLACE.into(), name: "测速".into(), parent: None };
    store.jurisdiction_put(&place).await?;
    let filling = store.fill(PLACE).await?;
    let (send, mut groups) = tokio::sync::mpsc::channel(2);
    let base = base.clone();
    let made = tokio::task::spawn_blocking(move || groups_of(documents, &base, filling, &send));
    let mut written = 0;
    while let Some(group) = groups.recv().await {
        store.fill_write(&group).await?;
        written = documents.min(written + GROUP);
        told(written);
    }
    made.await?;
    Ok(store.fill_end(PLACE).await?)
}

fn groups_of(documents: u64, base: &Ticket, mut fill: Fill, send: &Sender<Group>) {
    let threads = thread::available_parallelism().map_or(1, usize::from) as u64;
    let language = Language::new();
    let chunks = documents.div_ceil(GROUP);
    thread::scope(|scope| {
        let hands: Vec<_> = (0..threads)
            .map(|thread| {
                let (hand, over) = sync_channel(1);
                let language = &language;
                scope.spawn(move || {
                    for chunk in (thread..chunks).step_by(threads as usize) {
                        let of = chunk * GROUP..documents.min((chunk + 1) * GROUP);
                        let tickets: Vec<Filled> = of.map(|no| filled(language, base, no, documents)).collect();
                        if hand.send(tickets).is_err() {
                            return; // nobody wants them any more
                        }
                    }
                });
                over
            })
            .collect();
        for chunk in 0..chunks {
            let Ok(tickets) = hands[(chunk % threads) as usize].recv() else { return };
            if send.blocking_send(fill.group(tickets, Vec::new())).is_err() {
                return; // the writer failed, and says so itself
            }
        }
    });
}

/// When a ticket came in: evenly over the days, between eight and twenty o'clock.
fn registered_at(no: u64, documents: u64) -> Timestamp {
    let seconds = (no as i128 * i128::from(DAYS) * 43_200 / i128::from(documents)) as i64;
    let (day, second) = (seconds / 43_200, seconds % 43_200);
    Day(Day::from_date(LAST).0 - DAYS as i32 + day as i32).start() + SignedDuration::from_secs(8 * 3_600 + second)
}

/// When the last one came in.
pub(super) fn last() -> Timestamp {
    Day::from_date(LAST).start()
}

fn filled(language: &Language, base: &Ticket, no: u64, documents: u64) -> Filled {
    let texts = language.texts(no);
    let at = registered_at(no, documents);
    let mut ticket = base.clone();
    let day = Day::of(at).date().strftime("%Y%m%d").to_string();
    ticket.number = format!("XX-{day}-{no:07}");
    (ticket.title, ticket.content, ticket.place) = (texts.title, texts.content, Some(texts.place));
    ticket.registered_at = at;
    ticket.appeals.iter_mut().for_each(|appeal| appeal.received_at = at);
    if let Some(work) = work_of(&mut ticket.stage) {
        work.lead.unit = unit(no);
        if let Reply::Audited { text, .. } = &mut work.reply {
            *text = texts.reply;
        }
    }
    let mut row = ticket_row(&ticket);
    row.next_due = (no >= documents - documents / DUE_ONE_OF).then(|| at + SignedDuration::from_hours(5 * 24));
    let last = Commit {
        ticket: ticket.number.clone(),
        at,
        actor: String::new(),
        events: Vec::new(),
        row,
        body: serde_json::to_string(&ticket).expect("a ticket is plain data"),
        units: vec![(unit(no), "lead".into())],
        appeals: Vec::new(),
        persons: Vec::new(),
        attachments: Vec::new(),
        outbox: Vec::new(),
        terms: Some(all_terms(&ticket)),
        forget: false,
    };
    Filled { number_day: day, version: i64::from(ticket.version), last }
}

/// The unit of a ticket: the first ones have most to do.
fn unit(no: u64) -> String {
    let at = no.wrapping_mul(2_654_435_761) % (UNITS * UNITS);
    format!("u{}", (at as f64).sqrt() as u64)
}

fn work_of(stage: &mut Stage) -> Option<&mut Work> {
    match stage {
        Stage::Archived { from, .. } => work_of(from),
        Stage::Working(work) => Some(work),
        Stage::Closed(closed) | Stage::Checking(closed) | Stage::Concluded(closed) => Some(&mut closed.work),
        _ => None,
    }
}
