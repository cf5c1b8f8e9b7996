//! The statements of a group commit: one for each table, whatever the size of the group. Every statement wakes the
//! connection's thread and waits for it, which costs more than preparing a long one, so that only the texts that come
//! back (a power of two of rows: a lone job, a full round of clients) are kept prepared.

use std::collections::{BTreeMap, HashMap};

use super::plan::{Plan, Stands, Written};
use crate::chain::GENESIS;
use crate::db::{Dialect, Row, Tuple, Tx, query};
use crate::persons;
use crate::rows::{time, us, us_opt};
use crate::tally::{Cell, day};

/// Jurisdiction and a name in it.
pub(super) type Key = (String, String);

/// Most rows in one statement: the widest has 23 columns, and SQLite takes 32766 variables.
const MOST_ROWS: usize = 1024;

/// `head VALUES … tail` for all rows.
async fn values<T>(
    tx: &mut Tx<'_>,
    head: &'static str,
    rows: &[T],
    tail: &str,
    bind: impl Fn(&mut Tuple<'_>, &T),
) -> Result<(), sqlx::Error> {
    for piece in rows.chunks(MOST_ROWS) {
        let mut query = query(head);
        query.push_values(piece, &bind).push(tail);
        query.kept(piece.len().is_power_of_two()).execute(&mut *tx).await?;
    }
    Ok(())
}

/// `head IN (VALUES …) tail` for all keys; the list is padded with its last key to a power of two.
async fn select<T>(
    tx: &mut Tx<'_>,
    head: &'static str,
    mut keys: Vec<T>,
    tail: &str,
    bind: impl Fn(&mut Tuple<'_>, &T),
) -> Result<Vec<Row>, sqlx::Error>
where
    T: Clone,
{
    let Some(last) = keys.last().cloned() else { return Ok(Vec::new()) };
    keys.resize(keys.len().next_power_of_two(), last);
    let mut found = Vec::new();
    for piece in keys.chunks(MOST_ROWS) {
        let mut query = query(head);
        query.push(" IN (").push_values(piece, &bind).push(")").push(tail);
        found.extend(query.fetch_all(&mut *tx).await?);
    }
    Ok(found)
}

/// From here to the commit nobody else appends to these chains. SQLite has given us its one lock already; PostgreSQL locks the
/// jurisdictions' rows, in one order, in a way that lets others refer to them.
pub(super) async fn lock(tx: &mut Tx<'_>, jurisdictions: &[String]) -> Result<(), sqlx::Error> {
    if tx.dialect() == Dialect::Sqlite {
        return Ok(());
    }
    let mut query = query("SELECT jurisdiction FROM jurisdiction WHERE jurisdiction IN (");
    query.push_list(jurisdictions).push(") ORDER BY jurisdiction FOR NO KEY UPDATE");
    query.fetch_all(tx).await.map(drop)
}

/// Last `seq` and `hash` of each jurisdiction that exists. Read every time: another process may have written.
pub(super) async fn heads(
    tx: &mut Tx<'_>,
    jurisdictions: Vec<String>,
) -> Result<HashMap<String, (i64, String)>, sqlx::Error> {
    const SQL: &str = "SELECT x.jurisdiction, j.seq, j.hash FROM jurisdiction x \
         LEFT JOIN journal j ON j.jurisdiction = x.jurisdiction \
           AND j.seq = (SELECT MAX(k.seq) FROM journal k WHERE k.jurisdiction = x.jurisdiction) \
         WHERE x.jurisdiction";
    let rows = select(tx, SQL, jurisdictions, "", |row, jurisdiction| {
        row.bind(jurisdiction);
    })
    .await?;
    rows.iter()
        .map(|row| {
            let seq: Option<i64> = row.get("seq")?;
            let hash: Option<String> = row.get("hash")?;
            Ok((row.get("jurisdiction")?, (seq.unwrap_or(0), hash.unwrap_or_else(|| GENESIS.into()))))
        })
        .collect()
}

/// What the idempotency keys already stand for.
pub(super) async fn keys(
    tx: &mut Tx<'_>,
    keys: Vec<(String, String, String)>,
) -> Result<HashMap<(String, String, String), (String, i64)>, sqlx::Error> {
    const SQL: &str =
        "SELECT jurisdiction, scope, key, ticket, version FROM idempotency WHERE (jurisdiction, scope, key)";
    let rows = select(tx, SQL, keys, "", |row, (jurisdiction, scope, key)| {
        row.bind(jurisdiction).bind(scope).bind(key);
    })
    .await?;
    rows.iter()
        .map(|row| {
            let key = (row.get("jurisdiction")?, row.get("scope")?, row.get("key")?);
            Ok((key, (row.get("ticket")?, row.get("version")?)))
        })
        .collect()
}

/// How the tickets stand that exist.
pub(super) async fn tickets(tx: &mut Tx<'_>, tickets: Vec<Key>) -> Result<HashMap<Key, Stands>, sqlx::Error> {
    const SQL: &str = "SELECT jurisdiction, ticket, version, doc, registered_at, lead, kind, state FROM ticket \
         WHERE (jurisdiction, ticket)";
    let rows = select(tx, SQL, tickets, "", pair).await?;
    rows.iter()
        .map(|row| {
            let key = (row.get("jurisdiction")?, row.get("ticket")?);
            let cell = Cell {
                day: day(time(row, "registered_at")?),
                unit: row.get::<Option<String>>("lead")?.unwrap_or_default(),
                kind: row.get("kind")?,
                state: row.get("state")?,
            };
            Ok((key, Stands { version: row.get("version")?, doc: row.get("doc")?, cell }))
        })
        .collect()
}

/// The counters that exist, none of them moved yet.
pub(super) async fn counters(tx: &mut Tx<'_>, counters: Vec<Key>) -> Result<BTreeMap<Key, (i64, bool)>, sqlx::Error> {
    const SQL: &str = "SELECT jurisdiction, name, value FROM counter WHERE (jurisdiction, name)";
    // An answer to a short message takes a number of the outbox without the chain's lock.
    let hold = tx.dialect().pick("", " FOR UPDATE");
    let rows = select(tx, SQL, counters, hold, pair).await?;
    rows.iter()
        .map(|row| {
            let key = (row.get("jurisdiction")?, row.get("name")?);
            Ok((key, (row.get("value")?, false)))
        })
        .collect()
}

fn pair(row: &mut Tuple<'_>, key: &Key) {
    row.bind(&key.0).bind(&key.1);
}

/// Writes a plan. Parents before children, as the foreign keys ask.
pub(super) async fn write(tx: &mut Tx<'_>, plan: &Plan) -> Result<(), sqlx::Error> {
    journal(tx, plan).await?;
    ticket_rows(tx, plan).await?;
    parts(tx, plan).await?;
    terms(tx, plan).await?;
    people(tx, plan).await?;
    attachments(tx, plan).await?;
    messages(tx, plan).await?;
    tally(tx, plan).await?;
    let counters = plan.counters();
    const COUNTER: &str = "INSERT INTO counter (jurisdiction, name, value) ";
    const MOVED: &str = " ON CONFLICT (jurisdiction, name) DO UPDATE SET value = excluded.value";
    values(tx, COUNTER, &counters, MOVED, |row, (key, value)| {
        row.bind(&key.0).bind(&key.1).bind(*value);
    })
    .await
}

async fn journal(tx: &mut Tx<'_>, plan: &Plan) -> Result<(), sqlx::Error> {
    const SQL: &str = "INSERT INTO journal (jurisdiction, seq, ticket, version, at, actor, kind, payload, prev, hash) ";
    values(tx, SQL, &plan.journal, "", |row, e| {
        row.bind(&e.jurisdiction)
            .bind(e.seq)
            .bind(&e.ticket)
            .bind(e.version)
            .bind(e.at)
            .bind(&e.actor)
            .bind(&e.kind)
            .bind(&e.payload)
            .bind(&e.prev)
            .bind(&e.hash);
    })
    .await?;
    const KEYS: &str = "INSERT INTO idempotency (jurisdiction, scope, key, ticket, version, at) ";
    values(tx, KEYS, &plan.keys, "", |row, (jurisdiction, scope, key, ticket, version, at)| {
        row.bind(jurisdiction).bind(scope).bind(key).bind(ticket).bind(*version).bind(*at);
    })
    .await
}

async fn ticket_rows(tx: &mut Tx<'_>, plan: &Plan) -> Result<(), sqlx::Error> {
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
    values(tx, SQL, &plan.tickets, CHANGED, ticket_row).await
}

fn ticket_row(values: &mut Tuple<'_>, written: &Written) {
    let (commit, row) = (&written.commit, &written.commit.row);
    values
        .bind(&written.jurisdiction)
        .bind(&commit.ticket)
        .bind(written.version)
        .bind(&row.state)
        .bind(&row.kind)
        .bind(&row.title)
        .bind(&row.channel)
        .bind(row.urgent)
        .bind(row.confidential)
        .bind(&row.lead)
        .bind(&row.place)
        .bind(us(row.registered_at))
        .bind(us_opt(row.next_due))
        .bind(&row.next_due_clock)
        .bind(&row.next_due_unit)
        .bind(&row.next_due_article)
        .bind(us_opt(row.wake_at))
        .bind(row.overdue)
        .bind(row.supervised)
        .bind(row.provisional)
        .bind(us(commit.at))
        .bind(written.doc)
        .bind(&commit.body);
}

/// Units and clocks are few, and are replaced as a whole.
async fn parts(tx: &mut Tx<'_>, plan: &Plan) -> Result<(), sqlx::Error> {
    let old: Vec<&Written> = plan.tickets.iter().filter(|w| !w.fresh).collect();
    let key = |row: &mut Tuple<'_>, w: &&Written| {
        row.bind(&w.jurisdiction).bind(&w.commit.ticket);
    };
    values(tx, "DELETE FROM ticket_unit WHERE (jurisdiction, ticket) IN (", &old, ")", key).await?;
    values(tx, "DELETE FROM clock WHERE (jurisdiction, ticket) IN (", &old, ")", key).await?;
    let units: Vec<_> = plan.tickets.iter().flat_map(|w| w.commit.units.iter().map(move |u| (w, u))).collect();
    const UNIT: &str = "INSERT INTO ticket_unit (jurisdiction, ticket, unit, part) ";
    values(tx, UNIT, &units, "", |row, (w, (unit, part))| {
        row.bind(&w.jurisdiction).bind(&w.commit.ticket).bind(unit).bind(part);
    })
    .await?;
    let clocks: Vec<_> = plan.tickets.iter().flat_map(|w| w.commit.clocks.iter().map(move |c| (w, c))).collect();
    const CLOCK: &str = "INSERT INTO clock (jurisdiction, ticket, clock_id, clock, unit, due, status, provisional) ";
    values(tx, CLOCK, &clocks, "", |row, (w, clock)| {
        row.bind(&w.jurisdiction)
            .bind(&w.commit.ticket)
            .bind(&clock.clock_id)
            .bind(&clock.clock)
            .bind(&clock.unit)
            .bind(us_opt(clock.due))
            .bind(&clock.status)
            .bind(clock.provisional);
    })
    .await
}

async fn terms(tx: &mut Tx<'_>, plan: &Plan) -> Result<(), sqlx::Error> {
    let changed: Vec<&Written> = plan.tickets.iter().filter(|w| w.terms.is_some()).collect();
    let old: Vec<i64> = changed.iter().filter(|w| !w.fresh).map(|w| w.doc).collect();
    if tx.dialect() == Dialect::Sqlite {
        values(tx, "DELETE FROM ticket_terms WHERE rowid IN (", &old, ")", |row, doc| {
            row.bind(*doc);
        })
        .await?;
    }
    let new =
        |w: &Written| (w.jurisdiction.clone(), w.commit.ticket.clone(), w.doc, w.terms.clone().unwrap_or_default());
    write_terms(tx, &changed.into_iter().map(new).collect::<Vec<_>>()).await
}

/// The terms of tickets, by jurisdiction, ticket and `doc`: a full-text table that knows a ticket by its `doc` and has none for it yet,
/// or lexemes beside the ticket's key.
pub(crate) async fn write_terms(tx: &mut Tx<'_>, terms: &[(String, String, i64, String)]) -> Result<(), sqlx::Error> {
    if tx.dialect() == Dialect::Sqlite {
        return values(tx, "INSERT INTO ticket_terms (rowid, terms) ", terms, "", |row, (_, _, doc, terms)| {
            row.bind(*doc).bind(terms);
        })
        .await;
    }
    const SQL: &str = "INSERT INTO ticket_terms (jurisdiction, ticket, terms) \
         SELECT v.jurisdiction, v.ticket, array_to_tsvector(array_remove(string_to_array(v.terms, ' '), '')) FROM (";
    const CHANGED: &str = ") AS v (jurisdiction, ticket, terms) \
         ON CONFLICT (jurisdiction, ticket) DO UPDATE SET terms = excluded.terms";
    values(tx, SQL, terms, CHANGED, |row, (jurisdiction, ticket, _, terms)| {
        row.bind(jurisdiction).bind(ticket).bind(terms);
    })
    .await
}

async fn people(tx: &mut Tx<'_>, plan: &Plan) -> Result<(), sqlx::Error> {
    let persons: Vec<_> = plan.persons.iter().collect();
    values(tx, persons::INSERT, &persons, persons::CHANGED, |row, ((jurisdiction, _), p)| {
        persons::bind(row, jurisdiction, p);
    })
    .await?;
    const APPEAL: &str = "INSERT INTO appeal (jurisdiction, ticket, appeal, person, channel, received_at, query_code, \
         source, source_id) ";
    values(tx, APPEAL, &plan.appeals, "", |row, (jurisdiction, ticket, a)| {
        row.bind(jurisdiction)
            .bind(ticket)
            .bind(&a.appeal)
            .bind(&a.person)
            .bind(&a.channel)
            .bind(us(a.received_at))
            .bind(&a.query_code)
            .bind(&a.source)
            .bind(&a.source_id);
    })
    .await
}

async fn attachments(tx: &mut Tx<'_>, plan: &Plan) -> Result<(), sqlx::Error> {
    const SQL: &str =
        "INSERT INTO attachment (jurisdiction, ticket, file, content, name, media, size, sm3, account, at, state) ";
    values(tx, SQL, &plan.attachments, "", |row, (jurisdiction, ticket, a)| {
        row.bind(jurisdiction)
            .bind(ticket)
            .bind(a.file)
            .bind(&a.content)
            .bind(&a.name)
            .bind(&a.media)
            .bind(a.size)
            .bind(&a.sm3)
            .bind(&a.account)
            .bind(us(a.at))
            .bind(&a.state);
    })
    .await
}

async fn messages(tx: &mut Tx<'_>, plan: &Plan) -> Result<(), sqlx::Error> {
    const SQL: &str = "INSERT INTO outbox (jurisdiction, id, ticket, appeal, kind, payload, state, attempts, next_at, \
         done_at, result) ";
    values(tx, SQL, &plan.outbox, "", |row, letter| {
        let (new, sent) = (&letter.new, letter.sent.as_ref());
        row.bind(&letter.jurisdiction)
            .bind(letter.id)
            .bind(&letter.ticket)
            .bind(&new.appeal)
            .bind(&new.kind)
            .bind(&new.payload)
            .bind(if sent.is_some() { "sent" } else { "pending" })
            .bind(sent.is_some())
            .bind(us(new.next_at))
            .bind(us_opt(sent.map(|s| s.at)))
            .bind(sent.map(|s| s.result.as_str()));
    })
    .await
}

async fn tally(tx: &mut Tx<'_>, plan: &Plan) -> Result<(), sqlx::Error> {
    const SQL: &str = "INSERT INTO tally (jurisdiction, day, unit, kind, state, tickets) ";
    const ADDED: &str = " ON CONFLICT (jurisdiction, day, unit, kind, state) \
         DO UPDATE SET tickets = tally.tickets + excluded.tickets";
    const EMPTY: &str = "DELETE FROM tally WHERE tickets = 0 AND (jurisdiction, day, unit, kind, state) IN (";
    let counted = plan.counted();
    let key = |row: &mut Tuple<'_>, place: &String, cell: &Cell| {
        row.bind(place).bind(cell.day).bind(&cell.unit).bind(&cell.kind).bind(&cell.state);
    };
    values(tx, SQL, &counted, ADDED, |row, (place, cell, by)| {
        key(row, place, cell);
        row.bind(*by);
    })
    .await?;
    let fewer: Vec<_> = counted.into_iter().filter(|(.., by)| *by < 0).collect();
    values(tx, EMPTY, &fewer, ")", |row, (place, cell, _)| key(row, place, cell)).await
}
