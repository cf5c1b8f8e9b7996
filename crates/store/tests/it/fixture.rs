//! A store with two jurisdictions, and short ways to write tickets into it.

use jiesu_store::{
    AppealRow, Append, Commit, Jurisdiction, NewEvent, NewOutbox, Numbered, Outcome, PersonRow, Store, StoreError,
    StoreOptions, Target, TicketRow,
};
use jiesu_testkit::{Kind, TestDb};
use jiff::Timestamp;

pub const BJ: &str = "bj";
pub const DAY: &str = "20260430";

pub struct Fixture {
    pub store: Store,
    pub db: TestDb,
}

pub async fn fixture(kind: Kind) -> Fixture {
    let db = TestDb::new(kind).await;
    let store = open(&db).await;
    store.migrate().await.unwrap();
    jurisdictions(&store).await;
    Fixture { store, db }
}

/// The two that the tests speak of.
pub async fn jurisdictions(store: &Store) {
    for (jurisdiction, name) in [(BJ, "北京市"), ("sh", "上海市")] {
        let jurisdiction = Jurisdiction { jurisdiction: jurisdiction.into(), name: name.into(), parent: None };
        store.jurisdiction_put(&jurisdiction).await.unwrap();
    }
}

pub async fn open(db: &TestDb) -> Store {
    Store::open(db.location(), StoreOptions::with_key(jiesu_testkit::MASTER)).await.unwrap()
}

/// Second `n` after the epoch.
pub fn at(n: i64) -> Timestamp {
    Timestamp::from_second(n).unwrap()
}

pub fn row(registered_at: i64, next_due: Option<i64>) -> TicketRow {
    TicketRow {
        state: "in_hand".into(),
        kind: "complaint".into(),
        title: "停水".into(),
        channel: "phone".into(),
        urgent: false,
        confidential: false,
        lead: None,
        place: None,
        registered_at: at(registered_at),
        next_due: next_due.map(at),
        next_due_clock: next_due.map(|_| "handle".into()),
        next_due_unit: next_due.map(|_| "a".into()),
        next_due_article: None,
        wake_at: None,
        overdue: false,
        supervised: false,
        provisional: false,
    }
}

/// One event, nothing beside it.
pub fn commit(ticket: &str) -> Commit {
    Commit {
        ticket: ticket.into(),
        at: at(1_000),
        actor: "seat-1".into(),
        events: vec![NewEvent { kind: "noted".into(), payload: r#"{"n":1}"#.into() }],
        row: row(1_000, None),
        body: "{}".into(),
        units: vec![],
        appeals: vec![],
        persons: vec![],
        attachments: vec![],
        outbox: vec![],
        terms: None,
        forget: false,
    }
}

pub fn person(key: &str, phone: &str) -> PersonRow {
    PersonRow { person: key.into(), phone: Some(phone.into()), ..PersonRow::default() }
}

pub fn appeal(key: &str, person: &str, query_code: &str) -> AppealRow {
    AppealRow {
        appeal: key.into(),
        person: person.into(),
        channel: "phone".into(),
        received_at: at(1_000),
        query_code: query_code.into(),
        source: None,
        source_id: None,
    }
}

pub fn message(next_at: i64) -> NewOutbox {
    NewOutbox { appeal: None, kind: "registered".into(), payload: "{}".into(), next_at: at(next_at) }
}

/// The number that the tests form.
pub fn number(serial: u32) -> String {
    format!("{DAY}-{serial:05}")
}

pub fn new_job(jurisdiction: &str, change: impl FnOnce(&mut Commit) + Send + 'static) -> Append {
    Append {
        jurisdiction: jurisdiction.into(),
        target: Target::New { number_day: DAY.into() },
        idempotency: None,
        build: Box::new(move |n: Numbered| {
            let mut commit = commit(&number(n.serial));
            change(&mut commit);
            commit
        }),
    }
}

pub fn next_job(ticket: &str, expected_version: i64, change: impl FnOnce(&mut Commit) + Send + 'static) -> Append {
    let mut commit = commit(ticket);
    Append {
        jurisdiction: BJ.into(),
        target: Target::Existing { ticket: ticket.into(), expected_version },
        idempotency: None,
        build: Box::new(move |_| {
            change(&mut commit);
            commit
        }),
    }
}

impl Fixture {
    /// A new ticket in BJ; returns its number.
    pub async fn new_ticket(&self, change: impl FnOnce(&mut Commit) + Send + 'static) -> String {
        done(self.store.append(new_job(BJ, change)).await).0
    }

    pub async fn next(&self, ticket: &str, version: i64, change: impl FnOnce(&mut Commit) + Send + 'static) -> i64 {
        done(self.store.append(next_job(ticket, version, change)).await).1
    }

    /// The same database once more, as another process would have it.
    pub async fn open(&self) -> Store {
        open(&self.db).await
    }

    /// Changes the database behind the store's back.
    pub async fn tamper(&self, sql: &str) {
        self.db.run(sql).await.unwrap();
    }
}

/// Ticket, version and seq of a job that went through.
pub fn done(outcome: Result<Outcome, StoreError>) -> (String, i64, i64) {
    match outcome.unwrap() {
        Outcome::Done { ticket, version, seq } => (ticket, version, seq),
        other => panic!("expected Done, got {other:?}"),
    }
}
