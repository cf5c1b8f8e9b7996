//! Tickets one by one, their journal, and the streams that the worker and the checks walk along.

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::db::{Row, all, query};
use crate::error::{Named, StoreError};
use crate::model::{JournalEntry, StoredTicket, TicketWithBody};
use crate::rows::{TICKET_COLUMNS, stored_ticket, time, us};
use crate::seal::{KeyError, Ring, TicketKeys, key_of_ticket};
use crate::store::Store;

const OPEN: &str = "ticket";

/// The columns of [`with_body`].
pub(crate) fn columns() -> String {
    format!("{TICKET_COLUMNS}, t.body, t.secret")
}

pub(crate) fn with_body(keys: &mut TicketKeys<'_>, row: &Row) -> Result<TicketWithBody, StoreError> {
    let head = stored_ticket(row).op(OPEN)?;
    let (body, secret): (String, Option<String>) = (row.get("body").op(OPEN)?, row.get("secret").op(OPEN)?);
    // What is left of an erased ticket is plain.
    let body = match keys.open(("ticket", &[&head.ticket], "body"), &head.ticket, secret.as_deref(), &body) {
        Ok(Some(body)) => body,
        Ok(None) => return Err(StoreError::Key { op: OPEN, source: KeyError::Erased }),
        Err(source) => return Err(StoreError::Key { op: OPEN, source }),
    };
    Ok(TicketWithBody { head, body })
}

/// The columns of [`journal_entry`].
pub(crate) fn journal_columns() -> String {
    format!("seq, ticket, version, at, actor, kind, payload, hash, {}", key_of_ticket("journal"))
}

fn journal() -> String {
    format!("SELECT {} FROM journal", journal_columns())
}

pub(crate) fn journal_entry(keys: &mut TicketKeys<'_>, row: &Row) -> Result<JournalEntry, StoreError> {
    const OP: &str = "journal";
    let (ticket, version): (String, i64) = (row.get("ticket").op(OP)?, row.get("version").op(OP)?);
    let (payload, secret): (String, Option<String>) = (row.get("payload").op(OP)?, row.get("secret").op(OP)?);
    let place = version.to_string();
    let payload = keys.open(("journal", &[&ticket, &place], "payload"), &ticket, secret.as_deref(), &payload);
    Ok(JournalEntry {
        seq: row.get("seq").op(OP)?,
        version,
        at: time(row, "at").op(OP)?,
        actor: row.get("actor").op(OP)?,
        kind: row.get("kind").op(OP)?,
        payload: payload.map_err(|source| StoreError::Key { op: OP, source })?,
        hash: row.get("hash").op(OP)?,
        ticket,
    })
}

impl Store {
    /// A ticket with its folded aggregate.
    pub async fn ticket(&self, jurisdiction: &str, ticket: &str) -> Result<Option<TicketWithBody>, StoreError> {
        const OP: &str = "ticket";
        let sql = format!("SELECT {} FROM ticket t WHERE t.jurisdiction = $1 AND t.ticket = $2", columns());
        let rows = query(sql).bind(jurisdiction).bind(ticket).fetch_all(self.read()).await.op(OP)?;
        Ok(self.rows_of(jurisdiction, &rows, with_body).await?.into_iter().next())
    }

    /// Opens rows with what stands under tickets' keys.
    pub(crate) async fn rows_of<T>(
        &self,
        jurisdiction: &str,
        rows: &[Row],
        read: impl Fn(&mut TicketKeys<'_>, &Row) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        let all = |ring: &Ring| {
            let mut keys = TicketKeys::new(ring);
            rows.iter().map(|row| read(&mut keys, row)).collect()
        };
        self.opening(OPEN, jurisdiction, all).await
    }

    /// Units of a ticket with their parts, by unit.
    pub async fn ticket_units(&self, jurisdiction: &str, ticket: &str) -> Result<Vec<(String, String)>, StoreError> {
        const OP: &str = "ticket_units";
        let rows =
            query("SELECT unit, part FROM ticket_unit WHERE jurisdiction = $1 AND ticket = $2 ORDER BY unit, part")
                .bind(jurisdiction)
                .bind(ticket)
                .fetch_all(self.read())
                .await
                .op(OP)?;
        all(&rows, |row| Ok((row.at(0)?, row.at(1)?))).op(OP)
    }

    /// Tickets whose place in the order of due times is not that of their due time, and those that a list of a unit shows elsewhere than they stand, at most `limit`: none, unless somebody changed the database.
    pub async fn tickets_listed_otherwise(&self, jurisdiction: &str, limit: u32) -> Result<Vec<String>, StoreError> {
        const OP: &str = "tickets_listed_otherwise";
        let rows = query(
            "SELECT DISTINCT u.ticket FROM ticket_unit u JOIN ticket t ON t.jurisdiction = u.jurisdiction AND t.ticket = u.ticket \
             WHERE u.jurisdiction = $1 AND (u.state, u.due_order, u.registered_at, u.kind) <> (t.state, t.due_order, t.registered_at, t.kind) \
             UNION SELECT ticket FROM ticket WHERE jurisdiction = $1 AND due_order <> COALESCE(next_due, 9223372036854775807) \
             ORDER BY 1 LIMIT $2",
        )
        .bind(jurisdiction)
        .bind(i64::from(limit))
        .fetch_all(self.read())
        .await
        .op(OP)?;
        all(&rows, |row| row.at(0)).op(OP)
    }

    /// The whole history of a ticket, oldest first.
    pub async fn journal(&self, jurisdiction: &str, ticket: &str) -> Result<Vec<JournalEntry>, StoreError> {
        const OP: &str = "journal";
        let sql = format!("{} WHERE jurisdiction = $1 AND ticket = $2 ORDER BY version", journal());
        let rows = query(sql).bind(jurisdiction).bind(ticket).fetch_all(self.read()).await.op(OP)?;
        self.rows_of(jurisdiction, &rows, journal_entry).await
    }

    /// Entries of the chain with `seq > after`, at most `limit`: for replay, export and followers.
    pub async fn journal_after(
        &self,
        jurisdiction: &str,
        after: i64,
        limit: u32,
    ) -> Result<Vec<JournalEntry>, StoreError> {
        const OP: &str = "journal_after";
        let sql = format!("{} WHERE jurisdiction = $1 AND seq > $2 ORDER BY seq LIMIT $3", journal());
        let rows =
            query(sql).bind(jurisdiction).bind(after).bind(i64::from(limit)).fetch_all(self.read()).await.op(OP)?;
        self.rows_of(jurisdiction, &rows, journal_entry).await
    }

    /// When the last entry of the chain was written, by the clock of whoever wrote it.
    pub async fn last_entry_at(&self, jurisdiction: &str) -> Result<Option<Timestamp>, StoreError> {
        const OP: &str = "last_entry_at";
        let row = query("SELECT at FROM journal WHERE jurisdiction = $1 ORDER BY seq DESC LIMIT 1")
            .bind(jurisdiction)
            .fetch_optional(self.read())
            .await
            .op(OP)?;
        row.as_ref().map(|row| time(row, "at")).transpose().op(OP)
    }

    /// Who has an entry in the journals of these tickets, at most some hundred: pairs of ticket and actor.
    pub async fn actors_of(
        &self,
        jurisdiction: &str,
        tickets: &[String],
    ) -> Result<BTreeSet<(String, String)>, StoreError> {
        const OP: &str = "actors_of";
        if tickets.is_empty() {
            return Ok(BTreeSet::new());
        }
        let mut query = query("SELECT DISTINCT ticket, actor FROM journal WHERE jurisdiction = ");
        query.push_bind(jurisdiction).push(" AND ticket IN (").push_list(tickets.iter().cloned()).push(")");
        let rows = query.once().fetch_all(self.read()).await.op(OP)?;
        Ok(all(&rows, |row| Ok((row.at(0)?, row.at(1)?))).op(OP)?.into_iter().collect())
    }

    /// Tickets with bodies in the order of their numbers, after `after`, at most `limit`: to compare each row with what
    /// its journal folds to.
    pub async fn tickets_stream(
        &self,
        jurisdiction: &str,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Vec<TicketWithBody>, StoreError> {
        const OP: &str = "tickets_stream";
        let sql = format!(
            "SELECT {} FROM ticket t WHERE t.jurisdiction = $1 AND t.ticket > $2 ORDER BY t.ticket LIMIT $3",
            columns()
        );
        let rows = query(sql)
            .bind(jurisdiction)
            .bind(after.unwrap_or_default().to_owned())
            .bind(i64::from(limit))
            .fetch_all(self.read())
            .await
            .op(OP)?;
        self.rows_of(jurisdiction, &rows, with_body).await
    }

    /// Tickets in a state that were registered before a time and are not called `not_called`, oldest first, after the one that is named,
    /// at most `limit`.
    pub async fn tickets_registered_before(
        &self,
        jurisdiction: &str,
        state: &str,
        before: Timestamp,
        not_called: &str,
        after: Option<&(Timestamp, String)>,
        limit: u32,
    ) -> Result<Vec<TicketWithBody>, StoreError> {
        const OP: &str = "tickets_registered_before";
        let mut query = query(format!("SELECT {} FROM ticket t WHERE t.jurisdiction = ", columns()));
        query.push_bind(jurisdiction).push(" AND t.state = ").push_bind(state).push(" AND t.registered_at < ");
        query.push_bind(us(before)).push(" AND t.title <> ").push_bind(not_called);
        if let Some((at, number)) = after {
            query.push(" AND (t.registered_at, t.ticket) > (");
            query.push_bind(us(*at)).push(", ").push_bind(number).push(")");
        }
        query.push(" ORDER BY t.registered_at, t.ticket LIMIT ").push_bind(i64::from(limit));
        let rows = query.once().fetch_all(self.read()).await.op(OP)?;
        self.rows_of(jurisdiction, &rows, with_body).await
    }

    /// Like [`Store::tickets_stream`], without those in the state `without`: bodies that nobody wants are not read.
    pub async fn tickets_stream_without(
        &self,
        jurisdiction: &str,
        without: &str,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Vec<TicketWithBody>, StoreError> {
        const OP: &str = "tickets_stream_without";
        let sql = format!(
            "SELECT {} FROM ticket t WHERE t.jurisdiction = $1 AND t.ticket > $2 AND t.state <> $3 \
             ORDER BY t.ticket LIMIT $4",
            columns()
        );
        let rows = query(sql)
            .bind(jurisdiction)
            .bind(after.unwrap_or_default().to_owned())
            .bind(without)
            .bind(i64::from(limit))
            .fetch_all(self.read())
            .await
            .op(OP)?;
        self.rows_of(jurisdiction, &rows, with_body).await
    }

    /// What an idempotency key stands for: ticket and its version after that command.
    pub async fn idempotent(
        &self,
        jurisdiction: &str,
        scope: &str,
        key: &str,
    ) -> Result<Option<(String, i64)>, StoreError> {
        const OP: &str = "idempotent";
        let row = query("SELECT ticket, version FROM idempotency WHERE jurisdiction = $1 AND scope = $2 AND key = $3")
            .bind(jurisdiction)
            .bind(scope)
            .bind(key)
            .fetch_optional(self.read())
            .await
            .op(OP)?;
        row.map(|row| Ok((row.at(0)?, row.at(1)?))).transpose().op(OP)
    }

    /// Tickets whose time has come (`wake_at` ≤ `now`), longest waiting first, those behind `after` if it is given.
    pub async fn tickets_to_wake(
        &self,
        jurisdiction: &str,
        now: Timestamp,
        after: Option<&StoredTicket>,
        limit: u32,
    ) -> Result<Vec<StoredTicket>, StoreError> {
        const OP: &str = "tickets_to_wake";
        let sql = format!(
            "SELECT {TICKET_COLUMNS} FROM ticket t WHERE t.jurisdiction = $1 AND t.wake_at <= $2 \
             AND (t.wake_at, t.ticket) > ($3, $4) ORDER BY t.wake_at, t.ticket LIMIT $5"
        );
        let (from, last) = after.map_or((i64::MIN, ""), |t| (t.row.wake_at.map_or(i64::MIN, us), &t.ticket));
        let query = query(sql).bind(jurisdiction).bind(us(now)).bind(from).bind(last).bind(i64::from(limit));
        let rows = query.fetch_all(self.read()).await.op(OP)?;
        all(&rows, stored_ticket).op(OP)
    }
}
