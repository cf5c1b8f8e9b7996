//! Durable appends a second with 32 concurrent clients, against bare one-by-one commits of the same statements.
//!
//! `cargo run --release -p jiesu-store --example throughput [seconds] [clients]`
//!
//! Every append is one event on an existing ticket: a journal entry, the ticket's row, its unit, its clock and an outbox
//! message, on disk (`synchronous=FULL`) before it is answered. The bare run does the same with sqlx on one connection,
//! one transaction for each append. The runs alternate, because a shared disk drifts.

use std::error::Error;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use jiesu_store::chain::{GENESIS, Link};
use jiesu_store::{
    Append, ClockRow, Commit, Jurisdiction, NewEvent, NewOutbox, Numbered, Outcome, Store, StoreOptions, Target,
    TicketRow,
};
use jiff::Timestamp;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection};

type Anything = Box<dyn Error + Send + Sync>;

const TICKETS: usize = 2000;
const PAYLOAD: &str =
    r#"{"unit":"water","at":"2026-04-30T09:00:00+08:00","text":"已联系诉求人，约定明日上午上门检修供水管道。"}"#;

#[tokio::main]
async fn main() -> Result<(), Anything> {
    let mut args = std::env::args().skip(1);
    let seconds: u64 = args.next().map_or(Ok(4), |a| a.parse())?;
    let clients: usize = args.next().map_or(Ok(32), |a| a.parse())?;
    let time = Duration::from_secs(seconds);
    for round in 1..=3 {
        let dir = tempfile::tempdir_in(".")?;
        let (numbers, store) = prepare(dir.path()).await?;
        let grouped = grouped(&store, &numbers, clients, time).await?;
        let lone = self::grouped(&store, &numbers, 1, time).await?;
        let began = Instant::now();
        let report = store.verify_chain("bj", |_, _| {}).await?;
        let verified = report.entries as f64 / began.elapsed().as_secs_f64();
        if let Some(fault) = report.fault {
            return Err(format!("the chain is wrong: {fault:?}").into());
        }
        store.close().await?;
        let bare = bare(dir.path(), &numbers, time).await?;
        println!("verified {} entries, {verified:.0}/s", report.entries);
        println!(
            "round {round}: {clients} clients {:.0}/s (p50 {:.2} ms, p99 {:.2} ms), 1 client {:.0}/s (p50 {:.2} ms), \
             bare {bare:.0}/s; {clients} clients : bare = {:.2}",
            grouped.rate,
            grouped.p50,
            grouped.p99,
            lone.rate,
            lone.p50,
            grouped.rate / bare
        );
    }
    Ok(())
}

async fn prepare(dir: &std::path::Path) -> Result<(Vec<String>, Store), Anything> {
    let store = Store::open(&dir.to_string_lossy(), StoreOptions::default()).await?;
    store.migrate().await?;
    store.jurisdiction_put(&Jurisdiction { jurisdiction: "bj".into(), name: "北京市".into(), parent: None }).await?;
    let mut numbers = Vec::new();
    for _ in 0..TICKETS {
        let target = Target::New { number_day: "20260430".into() };
        let build = Box::new(|n: Numbered| commit(format!("BJ20260430{:05}", n.serial)));
        match store.append(Append { jurisdiction: "bj".into(), target, idempotency: None, build }).await? {
            Outcome::Done { ticket, .. } => numbers.push(ticket),
            other => return Err(format!("{other:?}").into()),
        }
    }
    Ok((numbers, store))
}

/// A time that moves on with every append.
fn tick() -> Timestamp {
    static MICROSECONDS: AtomicI64 = AtomicI64::new(1_777_510_800_000_000); // 2026-04-30T09:00:00+08:00
    Timestamp::from_microsecond(MICROSECONDS.fetch_add(1_000, Ordering::Relaxed)).unwrap_or_default()
}

fn commit(ticket: String) -> Commit {
    let now = tick();
    Commit {
        ticket,
        at: now,
        actor: "handler-7".into(),
        events: vec![NewEvent { kind: "progress_noted".into(), payload: PAYLOAD.into() }],
        row: row(now),
        body: format!("{{\"history\":[{}]}}", [PAYLOAD; 8].join(",")),
        units: vec![("water".into(), "lead".into())],
        clocks: vec![ClockRow {
            clock_id: "handle-1".into(),
            clock: "handle".into(),
            unit: Some("water".into()),
            due: Some(now),
            status: "running".into(),
            provisional: false,
        }],
        appeals: vec![],
        persons: vec![],
        outbox: vec![NewOutbox { appeal: None, kind: "progress".into(), payload: "{}".into(), next_at: now }],
        terms: None,
    }
}

fn row(now: Timestamp) -> TicketRow {
    TicketRow {
        state: "in_hand".into(),
        kind: "complaint".into(),
        title: "小区连续三日停水".into(),
        channel: "phone".into(),
        urgent: false,
        confidential: false,
        lead: Some("water".into()),
        place: Some("110105".into()),
        registered_at: now,
        next_due: Some(now),
        next_due_clock: Some("handle".into()),
        wake_at: Some(now),
        overdue: false,
        supervised: false,
        provisional: false,
        calendar_version: Some("2026.1".into()),
    }
}

struct Measured {
    rate: f64,
    p50: f64,
    p99: f64,
}

/// Each client has its own share of the tickets, so there are no conflicts to slow or speed things.
async fn grouped(store: &Store, numbers: &[String], clients: usize, time: Duration) -> Result<Measured, Anything> {
    let stop = Arc::new(AtomicBool::new(false));
    let done = Arc::new(AtomicU64::new(0));
    let waits = Arc::new(Mutex::new(Vec::new()));
    let began = Instant::now();
    let mut tasks = Vec::new();
    for share in numbers.chunks(numbers.len().div_ceil(clients)) {
        let (store, share, stop) = (store.clone(), share.to_vec(), Arc::clone(&stop));
        let (done, waits) = (Arc::clone(&done), Arc::clone(&waits));
        tasks.push(tokio::spawn(async move {
            let mut versions = Vec::new();
            for ticket in &share {
                versions.push(store.ticket("bj", ticket).await?.map_or(0, |t| t.head.version));
            }
            let mut mine = Vec::new();
            let mut at = 0;
            while !stop.load(Ordering::Relaxed) {
                let ticket = share[at].clone();
                let target = Target::Existing { ticket: ticket.clone(), expected_version: versions[at] };
                let build = Box::new(|_: Numbered| commit(ticket));
                let sent = Instant::now();
                match store.append(Append { jurisdiction: "bj".into(), target, idempotency: None, build }).await? {
                    Outcome::Done { version, .. } => versions[at] = version,
                    other => return Err(format!("{other:?}").into()),
                }
                mine.push(sent.elapsed().as_secs_f64() * 1e3);
                done.fetch_add(1, Ordering::Relaxed);
                at = (at + 1) % share.len();
            }
            if let Ok(mut waits) = waits.lock() {
                waits.extend(mine);
            }
            Ok::<(), Anything>(())
        }));
    }
    tokio::time::sleep(time).await;
    stop.store(true, Ordering::Relaxed);
    for task in tasks {
        task.await??;
    }
    let elapsed = began.elapsed().as_secs_f64();
    let mut waits = waits.lock().map_err(|_| "a client panicked")?;
    waits.sort_by(f64::total_cmp);
    let at = |share: f64| waits.get((waits.len() as f64 * share) as usize).copied().unwrap_or_default();
    Ok(Measured { rate: done.load(Ordering::Relaxed) as f64 / elapsed, p50: at(0.5), p99: at(0.99) })
}

/// The same appends without the store: read head and version, chain, write, commit.
async fn bare(dir: &std::path::Path, numbers: &[String], time: Duration) -> Result<f64, Anything> {
    let mut conn = SqliteConnectOptions::new()
        .filename(dir.join("jiesu.db"))
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .pragma("cache_size", "-65536")
        .pragma("wal_autocheckpoint", "16384")
        .connect()
        .await?;
    let began = Instant::now();
    let mut done = 0_u64;
    while began.elapsed() < time {
        bare_one(&mut conn, &numbers[done as usize % numbers.len()]).await?;
        done += 1;
    }
    let rate = done as f64 / began.elapsed().as_secs_f64();
    conn.close().await?;
    Ok(rate)
}

async fn bare_one(conn: &mut SqliteConnection, ticket: &str) -> Result<(), Anything> {
    let now = tick().as_microsecond();
    let commit = commit(ticket.to_owned());
    let mut tx = conn.begin_with("BEGIN IMMEDIATE").await?;
    let head: Option<(i64, String)> =
        sqlx::query_as("SELECT seq, hash FROM journal WHERE jurisdiction = $1 ORDER BY seq DESC LIMIT 1")
            .bind("bj")
            .fetch_optional(&mut *tx)
            .await?;
    let (seq, prev) = head.unwrap_or((0, GENESIS.into()));
    let version: i64 = sqlx::query_scalar("SELECT version FROM ticket WHERE jurisdiction = $1 AND ticket = $2")
        .bind("bj")
        .bind(ticket)
        .fetch_one(&mut *tx)
        .await?;
    let outbox: i64 = sqlx::query_scalar("SELECT value FROM counter WHERE jurisdiction = $1 AND name = 'outbox'")
        .bind("bj")
        .fetch_one(&mut *tx)
        .await?;
    let link = Link {
        prev: &prev,
        jurisdiction: "bj",
        seq: seq + 1,
        ticket,
        version: version + 1,
        at: now,
        actor: &commit.actor,
        kind: &commit.events[0].kind,
        payload: PAYLOAD,
    };
    sqlx::query(
        "INSERT INTO journal (jurisdiction, seq, ticket, version, at, actor, kind, payload, prev, hash) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
    )
    .bind("bj")
    .bind(link.seq)
    .bind(ticket)
    .bind(link.version)
    .bind(now)
    .bind(link.actor)
    .bind(link.kind)
    .bind(PAYLOAD)
    .bind(&prev)
    .bind(link.hash())
    .execute(&mut *tx)
    .await?;
    bare_rows(&mut tx, &commit, link.version, now, outbox + 1).await?;
    tx.commit().await?;
    Ok(())
}

async fn bare_rows(
    conn: &mut SqliteConnection,
    commit: &Commit,
    version: i64,
    now: i64,
    outbox: i64,
) -> Result<(), sqlx::Error> {
    let row = &commit.row;
    sqlx::query(
        "UPDATE ticket SET version = $3, state = $4, kind = $5, title = $6, channel = $7, urgent = 0, confidential = 0, \
         lead = $8, place = $9, registered_at = $10, next_due = $10, next_due_clock = $11, wake_at = $10, overdue = 0, \
         supervised = 0, provisional = 0, calendar_version = $12, updated_at = $10, body = $13 \
         WHERE jurisdiction = $1 AND ticket = $2",
    )
    .bind("bj")
    .bind(&commit.ticket)
    .bind(version)
    .bind(&row.state)
    .bind(&row.kind)
    .bind(&row.title)
    .bind(&row.channel)
    .bind(&row.lead)
    .bind(&row.place)
    .bind(now)
    .bind(&row.next_due_clock)
    .bind(&row.calendar_version)
    .bind(&commit.body)
    .execute(&mut *conn)
    .await?;
    for sql in [
        "DELETE FROM ticket_unit WHERE jurisdiction = $1 AND ticket = $2",
        "DELETE FROM clock WHERE jurisdiction = $1 AND ticket = $2",
        "INSERT INTO ticket_unit (jurisdiction, ticket, unit, part) VALUES ($1, $2, 'water', 'lead')",
    ] {
        sqlx::query(sql).bind("bj").bind(&commit.ticket).execute(&mut *conn).await?;
    }
    sqlx::query(
        "INSERT INTO clock (jurisdiction, ticket, clock_id, clock, unit, due, status, provisional) \
         VALUES ($1, $2, 'handle-1', 'handle', 'water', $3, 'running', 0)",
    )
    .bind("bj")
    .bind(&commit.ticket)
    .bind(now)
    .execute(&mut *conn)
    .await?;
    sqlx::query(
        "INSERT INTO outbox (jurisdiction, id, ticket, appeal, kind, payload, state, next_at) \
         VALUES ($1, $2, $3, NULL, 'progress', '{}', 'pending', $4)",
    )
    .bind("bj")
    .bind(outbox)
    .bind(&commit.ticket)
    .bind(now)
    .execute(&mut *conn)
    .await?;
    sqlx::query("UPDATE counter SET value = $3 WHERE jurisdiction = $1 AND name = $2")
        .bind("bj")
        .bind("outbox")
        .bind(outbox)
        .execute(&mut *conn)
        .await?;
    Ok(())
}
