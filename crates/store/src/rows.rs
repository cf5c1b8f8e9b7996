//! Between columns and plain data: microseconds and timestamps, 0/1 and flags, rows and structs.

use jiff::Timestamp;

use crate::db::Row;
use crate::model::{StoredTicket, TicketRow};

/// The columns of [`stored_ticket`], for a table aliased `t`.
pub(crate) const TICKET_COLUMNS: &str = "t.ticket, t.version, t.doc, t.updated_at, t.state, t.kind, t.title, t.channel, \
     t.urgent, t.confidential, t.lead, t.place, t.registered_at, t.next_due, t.next_due_clock, t.next_due_unit, t.next_due_article, t.wake_at, t.overdue, \
     t.supervised, t.provisional";

/// Microseconds since the epoch, as stored. Anything finer is cut off.
pub(crate) fn us(at: Timestamp) -> i64 {
    at.as_microsecond()
}

/// Microseconds or NULL.
pub(crate) fn us_opt(at: Option<Timestamp>) -> Option<i64> {
    at.map(us)
}

/// A ticket's place in the order of due times, as the column `due_order` has it: those without one last.
pub(crate) fn due_order(row: &TicketRow) -> i64 {
    us_opt(row.next_due).unwrap_or(i64::MAX)
}

/// A time column.
pub(crate) fn time(row: &Row, column: &str) -> Result<Timestamp, sqlx::Error> {
    timestamp(row.get(column)?)
}

/// A time column that may be NULL.
pub(crate) fn time_opt(row: &Row, column: &str) -> Result<Option<Timestamp>, sqlx::Error> {
    row.get::<Option<i64>>(column)?.map(timestamp).transpose()
}

fn timestamp(us: i64) -> Result<Timestamp, sqlx::Error> {
    Timestamp::from_microsecond(us).map_err(|e| sqlx::Error::Decode(Box::new(e)))
}

/// A flag column.
pub(crate) fn flag(row: &Row, column: &str) -> Result<bool, sqlx::Error> {
    Ok(row.get::<i64>(column)? != 0)
}

pub(crate) fn stored_ticket(row: &Row) -> Result<StoredTicket, sqlx::Error> {
    Ok(StoredTicket {
        ticket: row.get("ticket")?,
        version: row.get("version")?,
        doc: row.get("doc")?,
        updated_at: time(row, "updated_at")?,
        row: TicketRow {
            state: row.get("state")?,
            kind: row.get("kind")?,
            title: row.get("title")?,
            channel: row.get("channel")?,
            urgent: flag(row, "urgent")?,
            confidential: flag(row, "confidential")?,
            lead: row.get("lead")?,
            place: row.get("place")?,
            registered_at: time(row, "registered_at")?,
            next_due: time_opt(row, "next_due")?,
            next_due_clock: row.get("next_due_clock")?,
            next_due_unit: row.get("next_due_unit")?,
            next_due_article: row.get("next_due_article")?,
            wake_at: time_opt(row, "wake_at")?,
            overdue: flag(row, "overdue")?,
            supervised: flag(row, "supervised")?,
            provisional: flag(row, "provisional")?,
        },
    })
}
