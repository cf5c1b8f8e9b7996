//! The yardstick: the same rows written by plain sqlx on one SQLite connection, one transaction for each command.
//!
//! The one place outside `jiesu-store` with SQL: a yardstick that went through the store would measure the store against itself.

use std::{
    path::Path,
    time::{Duration, Instant as Stopwatch},
};

use jiesu_store::{
    Commit,
    chain::{GENESIS, Link},
};
use sqlx::{
    ConnectOptions, Connection,
    sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqliteSynchronous},
};

use super::{
    Anything,
    commands::{PAYLOAD, PLACE, commit},
};

/// Commands a second.
pub(super) async fn run(dir: &Path, numbers: &[String], time: Duration) -> Result<f64, Anything> {
    let mut conn = SqliteConnectOptions::new()
        .filename(dir.join("jiesu.db"))
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .pragma("cache_size", "-65536")
        .connect()
        .await?;
    let began = Stopwatch::now();
    let mut done = 0_usize;
    while began.elapsed() < time {
        one(&mut conn, &numbers[done % numbers.len()]).await?;
        done += 1;
    }
    let rate = done as f64 / began.elapsed().as_secs_f64();
    conn.close().await?;
    Ok(rate)
}

/// Read head, version and counter; chain, write, commit.
async fn one(conn: &mut SqliteConnection, ticket: &str) -> Result<(), Anything> {
    let commit = commit(ticket.to_owned());
    let now = commit.at.as_microsecond();
    let mut tx = conn.begin_with("BEGIN IMMEDIATE").await?;
    let head: Option<(i64, String)> =
        sqlx::query_as("SELECT seq, hash FROM journal WHERE jurisdiction = $1 ORDER BY seq DESC LIMIT 1")
            .bind(PLACE)
            .fetch_optional(&mut *tx)
            .await?;
    let (seq, prev) = head.unwrap_or((0, GENESIS.into()));
    let version: i64 = sqlx::query_scalar("SELECT version FROM ticket WHERE jurisdiction = $1 AND ticket = $2")
        .bind(PLACE)
        .bind(ticket)
        .fetch_one(&mut *tx)
        .await?;
    let outbox: i64 = sqlx::query_scalar("SELECT value FROM counter WHERE jurisdiction = $1 AND name = 'outbox'")
        .bind(PLACE)
        .fetch_one(&mut *tx)
        .await?;
    let link = Link {
        prev: &prev,
        jurisdiction: PLACE,
        seq: seq + 1,
        ticket,
        version: version + 1,
        at: now,
        actor: &commit.actor,
        kind: &commit.events[0].kind,
        payload: PAYLOAD,
    };
    journal(&mut tx, &link).await?;
    row(&mut tx, &commit, link.version, now).await?;
    rest(&mut tx, &commit, now, outbox + 1).await?;
    tx.commit().await?;
    Ok(())
}

async fn journal(conn: &mut SqliteConnection, link: &Link<'_>) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO journal (jurisdiction, seq, ticket, version, at, actor, kind, payload, hash) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    )
    .bind(link.jurisdiction)
    .bind(link.seq)
    .bind(link.ticket)
    .bind(link.version)
    .bind(link.at)
    .bind(link.actor)
    .bind(link.kind)
    .bind(link.payload)
    .bind(link.hash())
    .execute(conn)
    .await?;
    Ok(())
}

async fn row(conn: &mut SqliteConnection, commit: &Commit, version: i64, now: i64) -> Result<(), sqlx::Error> {
    let row = &commit.row;
    sqlx::query(
        "UPDATE ticket SET version = $3, state = $4, kind = $5, title = $6, channel = $7, urgent = 0, confidential = 0, \
         lead = $8, place = $9, registered_at = $10, next_due = $10, next_due_clock = $11, next_due_unit = $13, next_due_article = $14, wake_at = $10, overdue = 0, \
         supervised = 0, provisional = 0, updated_at = $10, body = $12 \
         WHERE jurisdiction = $1 AND ticket = $2",
    )
    .bind(PLACE)
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
    .bind(&commit.body)
    .bind(&row.next_due_unit)
    .bind(&row.next_due_article)
    .execute(conn)
    .await?;
    Ok(())
}

async fn rest(conn: &mut SqliteConnection, commit: &Commit, now: i64, outbox: i64) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO outbox (jurisdiction, id, ticket, appeal, kind, payload, state, next_at) \
         VALUES ($1, $2, $3, NULL, 'progress', '{}', 'pending', $4)",
    )
    .bind(PLACE)
    .bind(outbox)
    .bind(&commit.ticket)
    .bind(now)
    .execute(&mut *conn)
    .await?;
    sqlx::query("UPDATE counter SET value = $2 WHERE jurisdiction = $1 AND name = 'outbox'")
        .bind(PLACE)
        .bind(outbox)
        .execute(conn)
        .await?;
    Ok(())
}
