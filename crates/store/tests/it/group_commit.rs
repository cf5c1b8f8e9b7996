//! The writer: no lost update, no double, no gap, and a wrong job harms nobody else.

use std::collections::BTreeSet;

use jiesu_store::{Outcome, StoreError};
use sqlx::Connection;
use tokio::task::JoinSet;

use jiesu_testkit::{Kind, on_both};

use crate::fixture::{BJ, appeal, at, done, fixture, message, new_job, next_job, number};

async fn sixty_four_tasks_on_their_own_tickets(kind: Kind) {
    let f = fixture(kind).await;
    let mut tasks = JoinSet::new();
    for _ in 0..64 {
        let store = f.store.clone();
        tasks.spawn(async move {
            let (ticket, mut version, _) = done(store.append(new_job(BJ, |c| c.outbox.push(message(1)))).await);
            for _ in 0..5 {
                version = done(store.append(next_job(&ticket, version, |_| {})).await).1;
            }
            (ticket, version)
        });
    }
    let results = tasks.join_all().await;
    let numbers: BTreeSet<String> = results.iter().map(|(ticket, _)| ticket.clone()).collect();
    assert_eq!(numbers, (1..=64).map(number).collect(), "numbers without gap or double");
    assert!(results.iter().all(|(_, version)| *version == 6));
    let report = f.store.verify_chain(BJ, |_, _| {}).await.unwrap();
    assert_eq!((report.entries, report.fault), (64 * 6, None));
    let messages =
        f.store.outbox_lease(BJ, at(2), jiesu_store::OutboxLease { from: at(2), until: at(3) }, 100).await.unwrap();
    assert_eq!(messages.iter().map(|m| m.id).collect::<BTreeSet<_>>(), (1..=64).collect());
}

async fn sixty_four_tasks_on_one_ticket_lose_no_update(kind: Kind) {
    let f = fixture(kind).await;
    let ticket = f.new_ticket(|c| c.body = "[]".into()).await;
    let mut tasks = JoinSet::new();
    for n in 0..64 {
        let (store, ticket) = (f.store.clone(), ticket.clone());
        tasks.spawn(async move {
            loop {
                let seen = store.ticket(BJ, &ticket).await.unwrap().unwrap();
                let mut notes: Vec<u32> = serde_json::from_str(&seen.body).unwrap();
                notes.push(n);
                let body = serde_json::to_string(&notes).unwrap();
                let job = next_job(&ticket, seen.head.version, move |c| c.body = body);
                match store.append(job).await.unwrap() {
                    Outcome::Done { .. } => return,
                    Outcome::Conflict { current_version } => assert!(current_version > seen.head.version),
                    other => panic!("{other:?}"),
                }
            }
        });
    }
    tasks.join_all().await;
    let last = f.store.ticket(BJ, &ticket).await.unwrap().unwrap();
    let mut notes: Vec<u32> = serde_json::from_str(&last.body).unwrap();
    notes.sort_unstable();
    assert_eq!(notes, (0..64).collect::<Vec<_>>());
    assert_eq!(last.head.version, 65);
    assert_eq!(f.store.verify_chain(BJ, |_, _| {}).await.unwrap().fault, None);
}

/// On one thread all jobs are queued before the writer runs: they are one group.
async fn later_jobs_of_a_group_see_earlier_ones(kind: Kind) {
    let f = fixture(kind).await;
    let ticket = f.new_ticket(|_| {}).await;
    let job = |version, body: &str| {
        let body = format!("{{\"by\":\"{body}\"}}");
        f.store.append(next_job(&ticket, version, move |c| {
            c.units.push((body.clone().replace(['"', '{', '}', ':'], ""), "lead".into()));
            c.body = body;
        }))
    };
    let (first, lost, second, gone) =
        tokio::join!(job(1, "a"), job(1, "b"), job(2, "c"), f.store.append(next_job("nowhere", 1, |_| {})));
    assert_eq!(done(first), (ticket.clone(), 2, 2));
    assert_eq!(lost.unwrap(), Outcome::Conflict { current_version: 2 });
    assert_eq!(done(second), (ticket.clone(), 3, 3));
    assert_eq!(gone.unwrap(), Outcome::NotFound);
    let stored = f.store.ticket(BJ, &ticket).await.unwrap().unwrap();
    assert_eq!((stored.head.version, stored.body.as_str()), (3, r#"{"by":"c"}"#));
    assert_eq!(
        f.store.ticket_units(BJ, &ticket).await.unwrap(),
        [("byc".into(), "lead".into())],
        "replaced, not added"
    );
}

async fn an_idempotency_key_counts_once_in_and_across_groups(kind: Kind) {
    let f = fixture(kind).await;
    let job = |scope: &str, key: &str| {
        let mut job = new_job(BJ, |_| {});
        job.idempotency = Some((scope.into(), key.into()));
        f.store.append(job)
    };
    let (first, again, other) = tokio::join!(job("web", "k1"), job("web", "k1"), job("sms", "k1"));
    assert_eq!(done(first).0, number(1));
    assert_eq!(again.unwrap(), Outcome::Replayed { ticket: number(1), version: 1 });
    assert_eq!(done(other).0, number(2), "another scope is another key");
    assert_eq!(job("web", "k1").await.unwrap(), Outcome::Replayed { ticket: number(1), version: 1 });
    let mut elsewhere = new_job("sh", |_| {});
    elsewhere.idempotency = Some(("web".into(), "k1".into()));
    assert_eq!(done(f.store.append(elsewhere).await).0, number(1), "another jurisdiction is another key");
    f.store.close().await.unwrap();
    let reopened = f.open().await;
    let mut job = new_job(BJ, |_| {});
    job.idempotency = Some(("web".into(), "k1".into()));
    assert_eq!(reopened.append(job).await.unwrap(), Outcome::Replayed { ticket: number(1), version: 1 });
}

async fn what_cannot_be_a_commit_is_refused_alone_and_takes_no_number(kind: Kind) {
    let f = fixture(kind).await;
    let send = |job| f.store.append(job);
    let (a, panics, no_event, no_json, bad_part, b, unknown) = tokio::join!(
        send(new_job(BJ, |_| {})),
        send(new_job(BJ, |_| panic!("in build"))),
        send(new_job(BJ, |c| c.events.clear())),
        send(new_job(BJ, |c| c.events[0].payload = "{".into())),
        send(new_job(BJ, |c| c.units.push(("u".into(), "boss".into())))),
        send(new_job(BJ, |_| {})),
        send(new_job("nowhere", |_| {})),
    );
    assert_eq!((done(a).0, done(b).0), (number(1), number(2)));
    for refused in [panics, no_event, no_json, bad_part] {
        assert!(matches!(refused, Err(StoreError::Invalid { .. })), "{refused:?}");
    }
    assert!(matches!(unknown, Err(StoreError::NotFound { .. })));
    let other = f.store.append(next_job(&number(1), 1, |c| c.ticket = number(2))).await;
    assert!(matches!(other, Err(StoreError::Invalid { .. })));
}

async fn a_row_that_a_constraint_refuses_does_not_take_the_others_along(kind: Kind) {
    let f = fixture(kind).await;
    let ticket = f.new_ticket(|_| {}).await;
    let send = |job| f.store.append(job);
    let (before, wrong, behind, other_day, existing) = tokio::join!(
        send(new_job(BJ, |c| c.body = r#"{"n":"before"}"#.into())),
        send(new_job(BJ, |c| c.appeals.push(appeal("a", "nobody", "c")))),
        send(new_job(BJ, |_| {})),
        send(new_job("sh", |_| {})),
        send(next_job(&ticket, 1, |_| {})),
    );
    assert_eq!(done(before).0, number(2));
    assert!(matches!(wrong, Err(StoreError::Constraint { .. })), "{wrong:?}");
    let behind = behind.unwrap_err();
    assert!(behind.is_retryable(), "{behind:?}");
    assert_eq!(done(other_day).0, number(1));
    assert_eq!(done(existing).1, 2);
    assert_eq!(f.new_ticket(|_| {}).await, number(3), "no gap");
    let report = f.store.verify_chain(BJ, |_, _| {}).await.unwrap();
    assert_eq!((report.entries, report.fault), (4, None));
}

async fn a_number_that_exists_is_refused(kind: Kind) {
    let f = fixture(kind).await;
    f.new_ticket(|c| c.ticket = "x".into()).await;
    let twice = f.store.append(new_job(BJ, |c| c.ticket = "x".into())).await;
    assert!(matches!(twice, Err(StoreError::Constraint { .. })), "{twice:?}");
    let (a, b) = tokio::join!(
        f.store.append(new_job(BJ, |c| c.ticket = "y".into())),
        f.store.append(new_job(BJ, |c| c.ticket = "y".into()))
    );
    assert_eq!(done(a).0, "y");
    // In the same group, or in the next one.
    assert!(matches!(b, Err(StoreError::Invalid { .. } | StoreError::Constraint { .. })), "{b:?}");
    assert_eq!(f.store.ticket(BJ, "x").await.unwrap().unwrap().head.version, 1);
}

async fn numbers_go_on_after_a_restart_and_count_by_day_and_jurisdiction(kind: Kind) {
    let f = fixture(kind).await;
    assert_eq!(f.new_ticket(|_| {}).await, number(1));
    f.store.close().await.unwrap();
    let store = f.open().await;
    assert_eq!(done(store.append(new_job(BJ, |_| {})).await).0, number(2));
    let mut tomorrow = new_job(BJ, |c| c.ticket = format!("next-{}", c.ticket));
    tomorrow.target = jiesu_store::Target::New { number_day: "20260501".into() };
    assert_eq!(done(store.append(tomorrow).await).0, format!("next-{}", number(1)));
    assert_eq!(done(store.append(new_job("sh", |_| {})).await), (number(1), 1, 1));
}

async fn two_processes_share_one_chain(kind: Kind) {
    let f = fixture(kind).await;
    let other = f.open().await;
    for round in 0..5 {
        f.new_ticket(|_| {}).await;
        assert_eq!(done(other.append(new_job(BJ, |_| {})).await).0, number(2 * round + 2));
    }
    assert_eq!(other.verify_chain(BJ, |_, _| {}).await.unwrap().fault, None);
}

#[tokio::test]
async fn a_lock_held_elsewhere_is_busy_and_passes() {
    let f = fixture(Kind::Sqlite).await;
    f.store.close().await.unwrap();
    let options = jiesu_store::StoreOptions {
        busy_timeout: std::time::Duration::from_millis(50),
        ..jiesu_store::StoreOptions::with_key(jiesu_testkit::MASTER)
    };
    let store = jiesu_store::Store::open(f.db.location(), options).await.unwrap();
    let mut raw = sqlx::SqliteConnection::connect(f.db.file().to_str().unwrap()).await.unwrap();
    sqlx::raw_sql("BEGIN IMMEDIATE").execute(&mut raw).await.unwrap();
    let busy = store.append(new_job(BJ, |_| {})).await;
    assert!(matches!(busy, Err(StoreError::Busy { .. })), "{busy:?}");
    sqlx::raw_sql("ROLLBACK").execute(&mut raw).await.unwrap();
    assert_eq!(done(store.append(new_job(BJ, |_| {})).await).0, number(1));
}

async fn a_closed_store_says_so_and_a_dropped_one_reopens(kind: Kind) {
    let f = fixture(kind).await;
    f.new_ticket(|_| {}).await;
    f.store.close().await.unwrap();
    assert!(matches!(f.store.append(new_job(BJ, |_| {})).await, Err(StoreError::Closed { .. })));
    assert!(matches!(f.store.setting_put(BJ, "a", "b").await, Err(StoreError::Closed { .. })));
    assert!(matches!(f.store.ticket(BJ, "x").await, Err(StoreError::Closed { .. })));
    let store = f.open().await;
    drop(store);
    let store = f.open().await;
    assert_eq!(store.ticket(BJ, &number(1)).await.unwrap().unwrap().head.version, 1);
    assert_eq!(done(store.append(new_job(BJ, |_| {})).await).0, number(2));
}

/// More rows than one statement may have variables, in one group.
async fn a_group_larger_than_a_statement(kind: Kind) {
    let f = fixture(kind).await;
    let jobs = (0..600).map(|n| {
        let mut job = new_job(BJ, |c| {
            c.events = vec![c.events[0].clone(); 7];
            c.terms = Some("小区 停水".into());
        });
        job.idempotency = Some(("web".into(), n.to_string()));
        let store = f.store.clone();
        async move { done(store.append(job).await).0 }
    });
    let mut tasks = JoinSet::new();
    jobs.for_each(|job| {
        tasks.spawn(job);
    });
    let numbers: BTreeSet<String> = tasks.join_all().await.into_iter().collect();
    assert_eq!(numbers, (1..=600).map(number).collect());
    let report = f.store.verify_chain(BJ, |_, _| {}).await.unwrap();
    assert_eq!((report.entries, report.fault), (4200, None));
    assert_eq!(f.store.journal(BJ, &number(600)).await.unwrap().len(), 7);
}

on_both! {
    sixty_four_tasks_on_their_own_tickets,
    sixty_four_tasks_on_one_ticket_lose_no_update,
    later_jobs_of_a_group_see_earlier_ones,
    an_idempotency_key_counts_once_in_and_across_groups,
    what_cannot_be_a_commit_is_refused_alone_and_takes_no_number,
    a_row_that_a_constraint_refuses_does_not_take_the_others_along,
    a_number_that_exists_is_refused,
    numbers_go_on_after_a_restart_and_count_by_day_and_jurisdiction,
    two_processes_share_one_chain,
    a_closed_store_says_so_and_a_dropped_one_reopens,
    a_group_larger_than_a_statement,
}
