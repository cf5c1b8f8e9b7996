//! The bulk path held against the ordinary one: the same lives by both, and every row the same.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use std::collections::BTreeSet;

use jiesu_domain::{Actor, Channel, Kind as Asked, Role, ticket::StateName};
use jiesu_lives::Life;
use jiesu_store::{
    Append, Commit, ListFilter, OutboxLease, Outcome, PersonRow, Sent, Sort, Store, StoreOptions, Target,
};
use jiesu_testkit::{Kind, TestDb, on_both};

use super::*;
use crate::{
    app::{NewTicket, OpenError, project, standing, verify},
    clock::Clock,
    config::ClockSetting,
};

const PLACE: &str = "shangrao";
const WANTED: Wanted = Wanted { tickets: 400, seed: 9 };

async fn opened(db: &TestDb) -> Result<Arc<App>, OpenError> {
    let law = Law::load(None).unwrap();
    let store = Store::open(db.location(), StoreOptions::with_key(jiesu_testkit::MASTER)).await.unwrap();
    store.migrate().await.unwrap();
    App::seed(&store, PLACE, "上饶市", law.units(PLACE)).await.unwrap();
    let now = "2026-11-20T15:30:00.25+08:00".parse().unwrap();
    App::open(store, law, Clock::new(ClockSetting::Fixed(now)), PLACE).await
}

/// A command of a life, as the ordinary path writes it.
struct Told {
    place: (Instant, u64, usize),
    before: i64,
    day: String,
    commit: Commit,
    sent: Vec<Option<Sent>>,
}

fn told(centre: &Centre, no: u64) -> Vec<Told> {
    let (mut life, mut all, mut before, mut known) =
        (Life::new(centre, no), Vec::new(), 0, project::Indexed::default());
    while let Some(step) = life.next() {
        let ticket = life.ticket().unwrap();
        let terms = project::terms(&known, ticket);
        let lived = rows::done(ticket, before, step, centre.until);
        let (outbox, sent) = lived.outbox.into_iter().unzip();
        let commit = Commit {
            actor: lived.actor,
            events: lived.events,
            appeals: lived.appeal.into_iter().collect(),
            persons: lived.person.into_iter().collect(),
            outbox,
            ..rows::stands(ticket, lived.at, terms)
        };
        let (place, day) = ((lived.at, no, all.len()), centre.day_and_serial(no).0);
        all.push(Told { place, before, day, commit, sent });
        (before, known) = (i64::from(ticket.version), project::indexed(ticket));
    }
    all
}

/// The same lives through [`Store::append`], one command after the other, and the worker's sending.
async fn by_the_ordinary_path(app: &App, wanted: Wanted) {
    let centre = centre(app, wanted);
    let mut all: Vec<Told> = (0..wanted.tickets).flat_map(|no| told(&centre, no)).collect();
    all.sort_by_key(|told| told.place);
    let mut letters = Vec::new();
    for Told { before, day, commit, sent, .. } in all {
        letters.extend(sent);
        let (ticket, expected_version) = (commit.ticket.clone(), before);
        let target = match before {
            0 => Target::New { number_day: day },
            _ => Target::Existing { ticket, expected_version },
        };
        let build = Box::new(move |_| commit);
        let job = Append { jurisdiction: PLACE.into(), target, idempotency: None, build };
        assert!(matches!(app.store.append(job).await.unwrap(), Outcome::Done { .. }));
    }
    send(app, &letters).await;
}

async fn send(app: &App, letters: &[Option<Sent>]) {
    let until = app.clock.now();
    loop {
        let lease = OutboxLease { from: jiesu_lives::after(until, -6), until };
        let leased = app.store.outbox_lease(PLACE, lease.from, lease, 100).await.unwrap();
        if leased.is_empty() {
            return;
        }
        for row in leased {
            let sent = letters[row.id as usize - 1].as_ref().unwrap();
            assert!(app.store.outbox_sent(PLACE, row.id, row.attempts, sent.at, Some(&sent.result)).await.unwrap());
        }
    }
}

/// Each table with its columns that are not sealed: what is looks different each time.
const TABLES: [(&str, &str); 8] = [
    ("journal", "seq, ticket, version, at, actor, kind"),
    (
        "ticket",
        "ticket, version, state, kind, title, channel, urgent, confidential, lead, place, registered_at, next_due, next_due_clock, \
         next_due_unit, next_due_article, wake_at, overdue, supervised, provisional, updated_at, doc",
    ),
    ("ticket_unit", "*"),
    ("appeal", "ticket, appeal, person, channel, received_at, source, source_id"),
    ("person", "person, name IS NULL, phone IS NULL, phone_find IS NULL, email IS NULL, address IS NULL"),
    ("outbox", "id, ticket, appeal, kind, state, attempts, next_at, leased_until, done_at, error, result"),
    ("counter", "*"),
    ("tally", "*"),
];

async fn rows_of(db: &TestDb, table: &str, columns: &str) -> Vec<String> {
    // How often the accounts were changed is not of the lives: only the filled centre has all of them.
    let of_lives = if table == "counter" { "WHERE name NOT IN ('organisation', 'post')" } else { "" };
    let mut rows = db.rows(&format!("SELECT {columns} FROM {table} {of_lives}")).await;
    rows.sort_unstable();
    rows
}

/// What is sealed, opened.
async fn opened_rows(store: &Store) -> Vec<String> {
    let mut all = Vec::new();
    for entry in store.journal_after(PLACE, 0, 1_000_000).await.unwrap() {
        all.push(format!("{} {}", entry.seq, entry.payload.unwrap()));
    }
    for ticket in store.tickets_stream(PLACE, None, 10_000).await.unwrap() {
        for appeal in store.appeals(PLACE, &ticket.head.ticket).await.unwrap() {
            let person = store.person(PLACE, &appeal.person).await.unwrap().unwrap();
            let PersonRow { name, phone, email, address, .. } = person;
            all.push(format!("{} {} {name:?} {phone:?} {email:?} {address:?}", appeal.appeal, appeal.query_code));
        }
        all.push(ticket.body);
    }
    let mut cursor = None;
    loop {
        let page = store.outbox(PLACE, &Default::default(), cursor.as_deref(), 100).await.unwrap();
        all.extend(page.items.into_iter().map(|m| format!("{} {}", m.id, m.payload)));
        cursor = page.next;
        if cursor.is_none() {
            return all;
        }
    }
}

/// Which ticket has which word.
async fn words(db: &TestDb) -> Vec<String> {
    let sql = match db.kind {
        Kind::Sqlite => {
            "CREATE VIRTUAL TABLE temp.words USING fts5vocab(main, ticket_terms, instance); \
             SELECT t.ticket, w.term FROM temp.words w JOIN ticket t ON t.doc = w.doc ORDER BY 1, 2"
        }
        Kind::Postgres => "SELECT ticket, unnest(tsvector_to_array(terms)) AS term FROM ticket_terms ORDER BY 1, 2",
    };
    db.rows(sql).await
}

/// Narrowed by where tickets stand, the index gives those that it gives without, for every state and mark; and in the order of a list that
/// does not ask it.
async fn narrowed_is_the_same(store: &Store) {
    let found = async |filter: &ListFilter, sort| {
        let (mut all, mut cursor) = (Vec::new(), None);
        loop {
            let page = store.tickets(PLACE, filter, sort, cursor.as_deref(), 100).await.unwrap();
            all.extend(page.items.into_iter().map(|ticket| ticket.ticket));
            cursor = page.next;
            if cursor.is_none() {
                return all;
            }
        }
    };
    let frequent = ListFilter { terms: vec!["的".into()], ..ListFilter::default() };
    let mut filters: Vec<ListFilter> =
        StateName::ALL.iter().map(|s| ListFilter { states: vec![s.code().into()], ..frequent.clone() }).collect();
    filters.push(ListFilter { states: vec!["in-hand".into(), "closed".into()], ..frequent.clone() });
    filters.push(ListFilter { overdue: Some(true), ..frequent.clone() });
    filters.push(ListFilter { supervised: Some(true), ..frequent.clone() });
    filters.push(ListFilter { urgent: Some(true), ..frequent.clone() });
    filters.push(ListFilter { confidential: Some(true), ..frequent.clone() });
    filters.extend(Asked::ALL.iter().map(|k| ListFilter { kinds: vec![k.code().into()], ..frequent.clone() }));
    filters.extend(Channel::ALL.iter().map(|c| ListFilter { channel: Some(c.code().into()), ..frequent.clone() }));
    filters.push(ListFilter { kinds: vec!["help".into(), "report".into()], urgent: Some(true), ..frequent });
    for sort in [Sort::Newest, Sort::MostUrgent] {
        let mut seen = 0;
        for filter in &filters {
            let narrowed = standing::narrowed(filter.clone());
            assert!(!narrowed.standing.is_empty());
            let all = found(filter, sort).await;
            seen += usize::from(!all.is_empty());
            assert_eq!(found(&narrowed, sort).await, all, "{filter:?} {sort:?}");
            let mut listed = found(&ListFilter { terms: Vec::new(), ..filter.clone() }, sort).await;
            let words: BTreeSet<&String> = all.iter().collect();
            listed.retain(|ticket| words.contains(ticket));
            assert_eq!(listed, all, "{filter:?} {sort:?}");
        }
        assert!(seen > 20, "{seen} kinds of place are taken");
    }
}

async fn every_row_is_that_of_the_ordinary_path(kind: Kind) {
    let (bulk, ordinary) = (TestDb::new(kind).await, TestDb::new(kind).await);
    let app = opened(&bulk).await.unwrap();
    let mut written = 0;
    fill(&app, WANTED, |n| written = n).await.unwrap();
    assert_eq!(written, WANTED.tickets);
    let other = opened(&ordinary).await.unwrap();
    by_the_ordinary_path(&other, WANTED).await;
    for (table, columns) in TABLES {
        let (filled, appended) = (rows_of(&bulk, table, columns).await, rows_of(&ordinary, table, columns).await);
        assert!(filled.len() > 10, "{table} holds {} rows", filled.len());
        let differs = filled.iter().zip(&appended).find(|(a, b)| a != b);
        assert_eq!(differs, None, "{table}");
        assert_eq!(filled.len(), appended.len(), "{table}");
    }
    let (filled, appended) = (opened_rows(&app.store).await, opened_rows(&other.store).await);
    let differs = filled.iter().zip(&appended).find(|(a, b)| a != b);
    assert!(filled.len() > 10_000 && differs.is_none() && filled.len() == appended.len(), "{differs:?}");
    let filled = words(&bulk).await;
    assert!(filled.len() > 20_000 && filled == words(&ordinary).await, "the search terms differ");
    narrowed_is_the_same(&app.store).await;
    assert!(verify(&app.store, PLACE, |_, _| {}).await.unwrap().holds());
}

/// The centre goes on: the next ticket has the next number, and the chain goes on from its end.
async fn a_filled_centre_runs_on(kind: Kind) {
    let db = TestDb::new(kind).await;
    let app = opened(&db).await.unwrap();
    fill(&app, WANTED, |_| {}).await.unwrap();
    crate::worker::recount(&app).await.unwrap();
    let last = db.rows("SELECT max(ticket) FROM ticket").await.remove(0);
    let form =
        jiesu_lives::load::form(&centre(&app, WANTED).city, app.clock.now(), &mut jiesu_lives::Rng::new(1), vec![]);
    let (appellant, received_at) = (crate::app::Appellant::default(), None);
    let new = NewTicket { register: form, appellant, received_at, source: None, history: None };
    let seat = Actor { id: "seat".into(), role: Role::Seat, unit: None };
    let number = app.register(&seat, &new, None).await.unwrap().ticket;
    let serial = |number: &str| number.split('-').nth(2).unwrap().parse::<u32>().unwrap();
    assert_eq!((&number[..11], serial(&number)), (&last[..11], serial(&last) + 1), "after {last}");
    assert!(verify(&app.store, PLACE, |_, _| {}).await.unwrap().holds());
    let again = fill(&app, WANTED, |_| {}).await.unwrap_err().to_string();
    assert!(again.contains("已有工单"), "{again}");
}

async fn what_was_broken_off_is_not_opened(kind: Kind) {
    let db = TestDb::new(kind).await;
    let app = opened(&db).await.unwrap();
    let mut filling = app.store.fill(PLACE).await.unwrap();
    let rows::Whole { filled, lived } = rows::whole(&centre(&app, WANTED), 0).unwrap();
    app.store.fill_write(&filling.group(vec![filled], lived)).await.unwrap();
    app.store.close().await.unwrap();
    let refused = opened(&db).await.unwrap_err();
    assert!(matches!(refused, OpenError::Unfinished), "{refused}");
}

on_both! {
    every_row_is_that_of_the_ordinary_path,
    a_filled_centre_runs_on,
    what_was_broken_off_is_not_opened,
}
