//! The statements of a group commit: one for each table, whatever the size of the group. Every statement wakes the
//! connection's thread and waits for it, which costs more than preparing a long one, so that only the texts that come
//! back (a power of two of rows: a lone job, a full round of clients) are kept prepared.

use std::collections::{BTreeMap, HashMap};

use sqlx::query_builder::{QueryBuilder, Separated};
use sqlx::sqlite::SqliteConnection;
use sqlx::{Row, Sqlite};

use super::plan::{Plan, Written};
use crate::chain::GENESIS;
use crate::rows::{us, us_opt};

/// Jurisdiction and a name in it.
pub(super) type Key = (String, String);

type Values<'a> = Separated<'a, Sqlite, &'static str>;

/// Most rows in one statement: the widest has 23 columns, and SQLite takes 32766 variables.
const MOST_ROWS: usize = 1024;

/// `head (VALUES …) tail` for all rows.
async fn values<T>(
    conn: &mut SqliteConnection,
    head: &str,
    rows: &[T],
    tail: &str,
    bind: impl Fn(&mut Values<'_>, &T),
) -> Result<(), sqlx::Error> {
    for piece in rows.chunks(MOST_ROWS) {
        let mut query = QueryBuilder::<Sqlite>::new(head);
        query.push_values(piece, |mut row, item| bind(&mut row, item));
        query.push(tail);
        query.build().persistent(piece.len().is_power_of_two()).execute(&mut *conn).await?;
    }
    Ok(())
}

/// `SELECT … IN (VALUES …)` for all keys; the list is padded with its last key to a power of two.
async fn select<T>(
    conn: &mut SqliteConnection,
    head: &str,
    mut keys: Vec<T>,
    bind: impl Fn(&mut Values<'_>, &T),
) -> Result<Vec<sqlx::sqlite::SqliteRow>, sqlx::Error>
where
    T: Clone,
{
    let Some(last) = keys.last().cloned() else { return Ok(Vec::new()) };
    keys.resize(keys.len().next_power_of_two(), last);
    let mut found = Vec::new();
    for piece in keys.chunks(MOST_ROWS) {
        let mut query = QueryBuilder::<Sqlite>::new(head);
        query.push(" IN (").push_values(piece, |mut row, item| bind(&mut row, item)).push(")");
        found.extend(query.build().fetch_all(&mut *conn).await?);
    }
    Ok(found)
}

/// Last `seq` and `hash` of each jurisdiction that exists. Read every time: another process may have written.
pub(super) async fn heads(
    conn: &mut SqliteConnection,
    jurisdictions: Vec<String>,
) -> Result<HashMap<String, (i64, String)>, sqlx::Error> {
    const SQL: &str = "SELECT x.jurisdiction, j.seq, j.hash FROM jurisdiction x \
         LEFT JOIN journal j ON j.jurisdiction = x.jurisdiction \
           AND j.seq = (SELECT MAX(k.seq) FROM journal k WHERE k.jurisdiction = x.jurisdiction) \
         WHERE x.jurisdiction";
    let rows = select(conn, SQL, jurisdictions, |row, jurisdiction| {
        row.push_bind(jurisdiction.clone());
    })
    .await?;
    rows.iter()
        .map(|row| {
            let seq: Option<i64> = row.try_get("seq")?;
            let hash: Option<String> = row.try_get("hash")?;
            Ok((row.try_get("jurisdiction")?, (seq.unwrap_or(0), hash.unwrap_or_else(|| GENESIS.into()))))
        })
        .collect()
}

/// What the idempotency keys already stand for.
pub(super) async fn keys(
    conn: &mut SqliteConnection,
    keys: Vec<(String, String, String)>,
) -> Result<HashMap<(String, String, String), (String, i64)>, sqlx::Error> {
    const SQL: &str =
        "SELECT jurisdiction, scope, key, ticket, version FROM idempotency WHERE (jurisdiction, scope, key)";
    let rows = select(conn, SQL, keys, |row, (jurisdiction, scope, key)| {
        row.push_bind(jurisdiction.clone()).push_bind(scope.clone()).push_bind(key.clone());
    })
    .await?;
    rows.iter()
        .map(|row| {
            let key = (row.try_get("jurisdiction")?, row.try_get("scope")?, row.try_get("key")?);
            Ok((key, (row.try_get("ticket")?, row.try_get("version")?)))
        })
        .collect()
}

/// Version and index row of the tickets that exist.
pub(super) async fn tickets(
    conn: &mut SqliteConnection,
    tickets: Vec<Key>,
) -> Result<HashMap<Key, (i64, i64)>, sqlx::Error> {
    const SQL: &str = "SELECT jurisdiction, ticket, version, doc FROM ticket WHERE (jurisdiction, ticket)";
    let rows = select(conn, SQL, tickets, pair).await?;
    rows.iter()
        .map(|row| {
            let key = (row.try_get("jurisdiction")?, row.try_get("ticket")?);
            Ok((key, (row.try_get("version")?, row.try_get("doc")?)))
        })
        .collect()
}

/// The counters that exist, none of them moved yet. (On PostgreSQL: `FOR UPDATE`.)
pub(super) async fn counters(
    conn: &mut SqliteConnection,
    counters: Vec<Key>,
) -> Result<BTreeMap<Key, (i64, bool)>, sqlx::Error> {
    const SQL: &str = "SELECT jurisdiction, name, value FROM counter WHERE (jurisdiction, name)";
    let rows = select(conn, SQL, counters, pair).await?;
    rows.iter()
        .map(|row| {
            let key = (row.try_get("jurisdiction")?, row.try_get("name")?);
            Ok((key, (row.try_get("value")?, false)))
        })
        .collect()
}

fn pair(row: &mut Values<'_>, key: &Key) {
    row.push_bind(key.0.clone()).push_bind(key.1.clone());
}

/// Writes a plan. Parents before children, as the foreign keys ask.
pub(super) async fn write(conn: &mut SqliteConnection, plan: &Plan) -> Result<(), sqlx::Error> {
    journal(conn, plan).await?;
    ticket_rows(conn, plan).await?;
    parts(conn, plan).await?;
    terms(conn, plan).await?;
    people(conn, plan).await?;
    messages(conn, plan).await?;
    let counters = plan.counters();
    const COUNTER: &str = "INSERT INTO counter (jurisdiction, name, value) ";
    const MOVED: &str = " ON CONFLICT (jurisdiction, name) DO UPDATE SET value = excluded.value";
    values(conn, COUNTER, &counters, MOVED, |row, (key, value)| {
        row.push_bind(key.0.clone()).push_bind(key.1.clone()).push_bind(*value);
    })
    .await
}

async fn journal(conn: &mut SqliteConnection, plan: &Plan) -> Result<(), sqlx::Error> {
    const SQL: &str = "INSERT INTO journal (jurisdiction, seq, ticket, version, at, actor, kind, payload, prev, hash) ";
    values(conn, SQL, &plan.journal, "", |row, e| {
        row.push_bind(e.jurisdiction.clone())
            .push_bind(e.seq)
            .push_bind(e.ticket.clone())
            .push_bind(e.version)
            .push_bind(e.at)
            .push_bind(e.actor.clone())
            .push_bind(e.kind.clone())
            .push_bind(e.payload.clone())
            .push_bind(e.prev.clone())
            .push_bind(e.hash.clone());
    })
    .await?;
    const KEYS: &str = "INSERT INTO idempotency (jurisdiction, scope, key, ticket, version, at) ";
    values(conn, KEYS, &plan.keys, "", |row, (jurisdiction, scope, key, ticket, version, at)| {
        row.push_bind(jurisdiction.clone())
            .push_bind(scope.clone())
            .push_bind(key.clone())
            .push_bind(ticket.clone())
            .push_bind(*version)
            .push_bind(*at);
    })
    .await
}

async fn ticket_rows(conn: &mut SqliteConnection, plan: &Plan) -> Result<(), sqlx::Error> {
    const SQL: &str = "INSERT INTO ticket (jurisdiction, ticket, version, state, kind, title, channel, urgent, \
         confidential, lead, place, registered_at, next_due, next_due_clock, next_due_unit, next_due_article, wake_at, overdue, supervised, provisional, \
         updated_at, doc, body) ";
    const CHANGED: &str = " ON CONFLICT (jurisdiction, ticket) DO UPDATE SET version = excluded.version, \
         state = excluded.state, kind = excluded.kind, title = excluded.title, channel = excluded.channel, \
         urgent = excluded.urgent, confidential = excluded.confidential, lead = excluded.lead, place = excluded.place, \
         registered_at = excluded.registered_at, next_due = excluded.next_due, \
         next_due_clock = excluded.next_due_clock, next_due_unit = excluded.next_due_unit, \
         next_due_article = excluded.next_due_article, wake_at = excluded.wake_at, overdue = excluded.overdue, \
         supervised = excluded.supervised, provisional = excluded.provisional, \
         updated_at = excluded.updated_at, body = excluded.body";
    values(conn, SQL, &plan.tickets, CHANGED, ticket_row).await
}

fn ticket_row(values: &mut Values<'_>, written: &Written) {
    let (commit, row) = (&written.commit, &written.commit.row);
    values
        .push_bind(written.jurisdiction.clone())
        .push_bind(commit.ticket.clone())
        .push_bind(written.version)
        .push_bind(row.state.clone())
        .push_bind(row.kind.clone())
        .push_bind(row.title.clone())
        .push_bind(row.channel.clone())
        .push_bind(i64::from(row.urgent))
        .push_bind(i64::from(row.confidential))
        .push_bind(row.lead.clone())
        .push_bind(row.place.clone())
        .push_bind(us(row.registered_at))
        .push_bind(us_opt(row.next_due))
        .push_bind(row.next_due_clock.clone())
        .push_bind(row.next_due_unit.clone())
        .push_bind(row.next_due_article.clone())
        .push_bind(us_opt(row.wake_at))
        .push_bind(i64::from(row.overdue))
        .push_bind(i64::from(row.supervised))
        .push_bind(i64::from(row.provisional))
        .push_bind(us(commit.at))
        .push_bind(written.doc)
        .push_bind(commit.body.clone());
}

/// Units and clocks are few, and are replaced as a whole.
async fn parts(conn: &mut SqliteConnection, plan: &Plan) -> Result<(), sqlx::Error> {
    let old: Vec<&Written> = plan.tickets.iter().filter(|w| !w.fresh).collect();
    let key = |row: &mut Values<'_>, w: &&Written| {
        row.push_bind(w.jurisdiction.clone()).push_bind(w.commit.ticket.clone());
    };
    values(conn, "DELETE FROM ticket_unit WHERE (jurisdiction, ticket) IN (", &old, ")", key).await?;
    values(conn, "DELETE FROM clock WHERE (jurisdiction, ticket) IN (", &old, ")", key).await?;
    let units: Vec<_> = plan.tickets.iter().flat_map(|w| w.commit.units.iter().map(move |u| (w, u))).collect();
    const UNIT: &str = "INSERT INTO ticket_unit (jurisdiction, ticket, unit, part) ";
    values(conn, UNIT, &units, "", |row, (w, (unit, part))| {
        row.push_bind(w.jurisdiction.clone())
            .push_bind(w.commit.ticket.clone())
            .push_bind(unit.clone())
            .push_bind(part.clone());
    })
    .await?;
    let clocks: Vec<_> = plan.tickets.iter().flat_map(|w| w.commit.clocks.iter().map(move |c| (w, c))).collect();
    const CLOCK: &str = "INSERT INTO clock (jurisdiction, ticket, clock_id, clock, unit, due, status, provisional) ";
    values(conn, CLOCK, &clocks, "", |row, (w, clock)| {
        row.push_bind(w.jurisdiction.clone())
            .push_bind(w.commit.ticket.clone())
            .push_bind(clock.clock_id.clone())
            .push_bind(clock.clock.clone())
            .push_bind(clock.unit.clone())
            .push_bind(us_opt(clock.due))
            .push_bind(clock.status.clone())
            .push_bind(i64::from(clock.provisional));
    })
    .await
}

/// The full-text table. SQLite only.
async fn terms(conn: &mut SqliteConnection, plan: &Plan) -> Result<(), sqlx::Error> {
    let changed: Vec<(&Written, &String)> =
        plan.tickets.iter().filter_map(|w| w.terms.as_ref().map(|terms| (w, terms))).collect();
    let old: Vec<i64> = changed.iter().filter(|(w, _)| !w.fresh).map(|(w, _)| w.doc).collect();
    values(conn, "DELETE FROM ticket_terms WHERE rowid IN (", &old, ")", |row, doc| {
        row.push_bind(*doc);
    })
    .await?;
    values(conn, "INSERT INTO ticket_terms (rowid, terms) ", &changed, "", |row, (w, terms)| {
        row.push_bind(w.doc).push_bind((*terms).clone());
    })
    .await
}

async fn people(conn: &mut SqliteConnection, plan: &Plan) -> Result<(), sqlx::Error> {
    let persons: Vec<_> = plan.persons.iter().collect();
    values(conn, crate::persons::INSERT, &persons, crate::persons::CHANGED, |row, ((jurisdiction, _), p)| {
        row.push_bind(jurisdiction.clone())
            .push_bind(p.person.clone())
            .push_bind(p.name.clone())
            .push_bind(p.sex.clone())
            .push_bind(p.organisation.clone())
            .push_bind(p.phone.clone())
            .push_bind(p.contact_phone.clone())
            .push_bind(p.email.clone())
            .push_bind(p.address.clone())
            .push_bind(p.external_id.clone());
    })
    .await?;
    const APPEAL: &str = "INSERT INTO appeal (jurisdiction, ticket, appeal, person, channel, received_at, query_code, \
         source, source_id) ";
    values(conn, APPEAL, &plan.appeals, "", |row, (jurisdiction, ticket, a)| {
        row.push_bind(jurisdiction.clone())
            .push_bind(ticket.clone())
            .push_bind(a.appeal.clone())
            .push_bind(a.person.clone())
            .push_bind(a.channel.clone())
            .push_bind(us(a.received_at))
            .push_bind(a.query_code.clone())
            .push_bind(a.source.clone())
            .push_bind(a.source_id.clone());
    })
    .await
}

async fn messages(conn: &mut SqliteConnection, plan: &Plan) -> Result<(), sqlx::Error> {
    const SQL: &str = "INSERT INTO outbox (jurisdiction, id, ticket, appeal, kind, payload, state, next_at) ";
    values(conn, SQL, &plan.outbox, "", |row, (jurisdiction, id, ticket, o)| {
        row.push_bind(jurisdiction.clone())
            .push_bind(*id)
            .push_bind(ticket.clone())
            .push_bind(o.appeal.clone())
            .push_bind(o.kind.clone())
            .push_bind(o.payload.clone())
            .push_bind("pending")
            .push_bind(us(o.next_at));
    })
    .await
}
