//! Between columns and plain data: microseconds and timestamps, 0/1 and flags, rows and structs.

use jiff::Timestamp;
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use crate::model::{AppealRow, ClockRow, JournalEntry, StoredTicket, TicketRow};

/// The columns of [`stored_ticket`], for a table aliased `t`.
pub(crate) const TICKET_COLUMNS: &str = "t.ticket, t.version, t.doc, t.updated_at, t.state, t.kind, t.title, t.channel, \
     t.urgent, t.confidential, t.lead, t.place, t.registered_at, t.next_due, t.next_due_clock, t.next_due_unit, t.next_due_article, t.wake_at, t.overdue, \
     t.supervised, t.provisional";

/// The columns of [`journal_entry`].
pub(crate) const JOURNAL_COLUMNS: &str = "seq, ticket, version, at, actor, kind, payload, prev, hash";

/// Microseconds since the epoch, as stored. Anything finer is cut off.
pub(crate) fn us(at: Timestamp) -> i64 {
    at.as_microsecond()
}

/// Microseconds or NULL.
pub(crate) fn us_opt(at: Option<Timestamp>) -> Option<i64> {
    at.map(us)
}

/// A time column.
pub(crate) fn time(row: &SqliteRow, column: &str) -> Result<Timestamp, sqlx::Error> {
    timestamp(row.try_get(column)?)
}

/// A time column that may be NULL.
pub(crate) fn time_opt(row: &SqliteRow, column: &str) -> Result<Option<Timestamp>, sqlx::Error> {
    row.try_get::<Option<i64>, _>(column)?.map(timestamp).transpose()
}

fn timestamp(us: i64) -> Result<Timestamp, sqlx::Error> {
    Timestamp::from_microsecond(us).map_err(|e| sqlx::Error::Decode(Box::new(e)))
}

/// A flag column.
pub(crate) fn flag(row: &SqliteRow, column: &str) -> Result<bool, sqlx::Error> {
    Ok(row.try_get::<i64, _>(column)? != 0)
}

pub(crate) fn stored_ticket(row: &SqliteRow) -> Result<StoredTicket, sqlx::Error> {
    Ok(StoredTicket {
        ticket: row.try_get("ticket")?,
        version: row.try_get("version")?,
        doc: row.try_get("doc")?,
        updated_at: time(row, "updated_at")?,
        row: TicketRow {
            state: row.try_get("state")?,
            kind: row.try_get("kind")?,
            title: row.try_get("title")?,
            channel: row.try_get("channel")?,
            urgent: flag(row, "urgent")?,
            confidential: flag(row, "confidential")?,
            lead: row.try_get("lead")?,
            place: row.try_get("place")?,
            registered_at: time(row, "registered_at")?,
            next_due: time_opt(row, "next_due")?,
            next_due_clock: row.try_get("next_due_clock")?,
            next_due_unit: row.try_get("next_due_unit")?,
            next_due_article: row.try_get("next_due_article")?,
            wake_at: time_opt(row, "wake_at")?,
            overdue: flag(row, "overdue")?,
            supervised: flag(row, "supervised")?,
            provisional: flag(row, "provisional")?,
        },
    })
}

pub(crate) fn journal_entry(row: &SqliteRow) -> Result<JournalEntry, sqlx::Error> {
    Ok(JournalEntry {
        seq: row.try_get("seq")?,
        ticket: row.try_get("ticket")?,
        version: row.try_get("version")?,
        at: time(row, "at")?,
        actor: row.try_get("actor")?,
        kind: row.try_get("kind")?,
        payload: row.try_get("payload")?,
        prev: row.try_get("prev")?,
        hash: row.try_get("hash")?,
    })
}

pub(crate) fn appeal(row: &SqliteRow) -> Result<AppealRow, sqlx::Error> {
    Ok(AppealRow {
        appeal: row.try_get("appeal")?,
        person: row.try_get("person")?,
        channel: row.try_get("channel")?,
        received_at: time(row, "received_at")?,
        query_code: row.try_get("query_code")?,
        source: row.try_get("source")?,
        source_id: row.try_get("source_id")?,
    })
}

pub(crate) fn clock(row: &SqliteRow) -> Result<ClockRow, sqlx::Error> {
    Ok(ClockRow {
        clock_id: row.try_get("clock_id")?,
        clock: row.try_get("clock")?,
        unit: row.try_get("unit")?,
        due: time_opt(row, "due")?,
        status: row.try_get("status")?,
        provisional: flag(row, "provisional")?,
    })
}

/// Maps all rows, stopping at the first that cannot be read.
pub(crate) fn all<T>(
    rows: &[SqliteRow],
    read: fn(&SqliteRow) -> Result<T, sqlx::Error>,
) -> Result<Vec<T>, sqlx::Error> {
    rows.iter().map(read).collect()
}
