//! Several processes on one database: one chain, no number twice and none left out, no message twice.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use jiesu_store::{Outcome, Store, StoreError, StoreOptions};
use jiesu_testkit::{Kind, TestDb, on_both};
use tokio::task::JoinSet;

use crate::fixture::{BJ, fixture, new_job, next_job, number, open};

const PROCESSES: usize = 4;
const EACH: usize = 60;
const ROUNDS: usize = 10;

async fn new_tickets_of_many_processes_have_each_number_once(kind: Kind) {
    let f = fixture(kind).await;
    let mut tasks = JoinSet::new();
    for _ in 0..PROCESSES {
        let store = f.open().await;
        for _ in 0..EACH {
            let store = store.clone();
            tasks.spawn(async move {
                loop {
                    match store.append(new_job(BJ, |_| {})).await {
                        Ok(Outcome::Done { ticket, .. }) => return ticket,
                        Err(StoreError::Busy { .. }) => {}
                        other => panic!("{other:?}"),
                    }
                }
            });
        }
    }
    let numbers: BTreeSet<String> = tasks.join_all().await.into_iter().collect();
    let wanted: BTreeSet<String> = (1..=u32::try_from(PROCESSES * EACH).unwrap()).map(number).collect();
    assert_eq!(numbers, wanted);
    let report = f.store.verify_chain(BJ, |_, _| {}).await.unwrap();
    assert_eq!((report.entries, report.fault), (wanted.len() as u64, None));
}

/// All decide on the same version; one is first, and the others are told.
async fn of_many_that_decide_on_one_version_one_is_first(kind: Kind) {
    let f = fixture(kind).await;
    let ticket = f.new_ticket(|_| {}).await;
    for version in 1..=10 {
        let mut tasks = JoinSet::new();
        for _ in 0..PROCESSES {
            let (store, ticket) = (f.open().await, ticket.clone());
            tasks.spawn(async move { store.append(next_job(&ticket, version, |_| {})).await.unwrap() });
        }
        let outcomes = tasks.join_all().await;
        let done = outcomes.iter().filter(|o| matches!(o, Outcome::Done { .. })).count();
        let late = outcomes.iter().filter(|o| **o == Outcome::Conflict { current_version: version + 1 }).count();
        assert_eq!((done, late), (1, PROCESSES - 1), "{outcomes:?}");
    }
    assert_eq!(f.store.journal(BJ, &ticket).await.unwrap().len(), 11);
}

/// A double click that reaches two processes.
async fn one_key_in_many_processes_counts_once(kind: Kind) {
    let f = fixture(kind).await;
    let mut tasks = JoinSet::new();
    for _ in 0..PROCESSES {
        let store = f.open().await;
        tasks.spawn(async move {
            let mut job = new_job(BJ, |_| {});
            job.idempotency = Some(("web".into(), "click".into()));
            store.append(job).await.unwrap()
        });
    }
    let outcomes = tasks.join_all().await;
    assert_eq!(outcomes.iter().filter(|o| matches!(o, Outcome::Done { .. })).count(), 1);
    let echo = Outcome::Replayed { ticket: number(1), version: 1 };
    assert_eq!(outcomes.iter().filter(|o| **o == echo).count(), PROCESSES - 1);
}

async fn what_another_process_did_is_seen(kind: Kind) {
    let f = fixture(kind).await;
    let other = f.open().await;
    let before = f.store.marks(BJ).await.unwrap();
    assert_eq!((before.seq, before.organisation), (0, 0));
    let (one, two) = (f.new_ticket(|_| {}).await, f.new_ticket(|_| {}).await);
    f.next(&one, 1, |_| {}).await;
    let unit = jiesu_store::Unit {
        unit: "a".into(),
        name: "甲".into(),
        kind: "department".into(),
        parent: None,
        active: true,
    };
    f.store.units_put(BJ, &[unit]).await.unwrap();
    let after = other.marks(BJ).await.unwrap();
    assert_eq!((after.seq, after.organisation), (3, 1));
    assert_eq!(other.tickets_changed(BJ, 0, after.seq).await.unwrap(), [two, one.clone()]);
    assert_eq!(other.tickets_changed(BJ, 2, after.seq).await.unwrap(), [one]);
    assert_eq!(other.marks("sh").await.unwrap(), jiesu_store::Marks::default());
}

/// A new database is made by one while others open it, look it over and find tables in it that were not there a moment before.
async fn many_open_a_database_that_is_being_made(kind: Kind) {
    for _ in 0..ROUNDS {
        let db = TestDb::new(kind).await;
        let made = Arc::new(AtomicBool::new(false));
        let mut tasks = JoinSet::new();
        for _ in 1..PROCESSES {
            let (location, made) = (db.location().to_owned(), Arc::clone(&made));
            tasks.spawn(async move {
                while !made.load(Ordering::Relaxed) {
                    let options = StoreOptions::with_key(jiesu_testkit::MASTER);
                    Store::open(&location, options).await.unwrap().close().await.unwrap();
                }
            });
        }
        let store = open(&db).await;
        store.migrate().await.unwrap();
        made.store(true, Ordering::Relaxed);
        tasks.join_all().await;
        assert_eq!(store.schema_version().await.unwrap(), Store::SCHEMA);
    }
}

on_both! {
    many_open_a_database_that_is_being_made,
    what_another_process_did_is_seen,
    new_tickets_of_many_processes_have_each_number_once,
    of_many_that_decide_on_one_version_one_is_first,
    one_key_in_many_processes_counts_once,
}
