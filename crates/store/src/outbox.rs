//! Messages to be sent after their commit: leased, sent, settled. A message may be sent twice (a sender that dies after
//! sending), never lost: the receiver gets the message's id to recognise the second one.

use jiff::Timestamp;

use crate::db::{Row, query};
use crate::error::{Named, StoreError};
use crate::list::{Page, page_length};
use crate::rows::{time, time_opt, us, us_opt};
use crate::seal::{Ring, Spot, TicketKeys, key_of_ticket};
use crate::store::Store;

/// Where a message stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OutboxState {
    /// To be sent, now or later.
    Pending,
    /// Sent and acknowledged.
    Sent,
    /// Given up.
    Failed,
}

impl OutboxState {
    /// The word in the column.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Sent => "sent",
            Self::Failed => "failed",
        }
    }
}

/// A message as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutboxRow {
    /// Position in the jurisdiction's outbox, from 1.
    pub id: i64,
    /// The ticket it is about.
    pub ticket: String,
    /// The appeal whose appellant gets it.
    pub appeal: Option<String>,
    /// Message template.
    pub kind: String,
    /// JSON without personal data.
    pub payload: String,
    /// Where it stands.
    pub state: OutboxState,
    /// How often it has been leased; pass it back when settling, it says whose lease is meant.
    pub attempts: i64,
    /// Not before this time.
    pub next_at: Timestamp,
    /// Until then one sender has it for itself.
    pub leased_until: Option<Timestamp>,
    /// When it was sent or given up.
    pub done_at: Option<Timestamp>,
    /// What went wrong last.
    pub error: Option<String>,
    /// What the vendor answered, e.g. its message id.
    pub result: Option<String>,
}

/// For how long a sender has a message for itself, by the clock of the machine: a centre's clock that runs fast, or is moved, must not
/// end what a sender is just doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OutboxLease {
    /// Now.
    pub from: Timestamp,
    /// When anybody may take it.
    pub until: Timestamp,
}

/// What to do after a failed attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AfterFailure {
    /// Try again, not before this time.
    RetryAt(Timestamp),
    /// Never again.
    GiveUp,
}

/// Which messages a viewer wants. `Default` asks for all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OutboxFilter {
    /// About this ticket.
    pub ticket: Option<String>,
    /// Standing so.
    pub state: Option<OutboxState>,
}

const OPEN: &str = "outbox";

/// Numbers of messages.
pub(crate) const COUNTER: &str = "outbox";

/// A table of messages that wait to be sent.
pub(crate) struct Queue {
    pub(crate) table: &'static str,
    /// What else is set when a message was sent.
    pub(crate) sent: &'static str,
}

const QUEUE: Queue = Queue { table: "outbox", sent: "" };

const COLUMNS: &str =
    "id, ticket, appeal, kind, payload, state, attempts, next_at, leased_until, done_at, error, result";

/// Where a message's payload stands.
pub(crate) fn payload_spot<'a>(jurisdiction: &'a str, id: &'a [&'a str]) -> Spot<'a> {
    Spot { jurisdiction, table: "outbox", row: id, column: "payload" }
}

/// The columns of [`message`].
fn columns() -> String {
    format!("{COLUMNS}, {}", key_of_ticket("outbox"))
}

/// Of an erased ticket nothing is left to say.
fn opened(keys: &mut TicketKeys<'_>, row: &Row) -> Result<OutboxRow, StoreError> {
    let mut message = message(row).op(OPEN)?;
    let (id, secret): (String, Option<String>) = (message.id.to_string(), row.get("secret").op(OPEN)?);
    let payload = keys.open(("outbox", &[&id], "payload"), &message.ticket, secret.as_deref(), &message.payload);
    let payload = payload.map_err(|source| StoreError::Key { op: OPEN, source })?;
    message.payload = payload.unwrap_or_else(|| "{}".into());
    Ok(message)
}

fn message(row: &Row) -> Result<OutboxRow, sqlx::Error> {
    let state = match row.get::<String>("state")?.as_str() {
        "pending" => OutboxState::Pending,
        "sent" => OutboxState::Sent,
        "failed" => OutboxState::Failed,
        other => return Err(sqlx::Error::Decode(format!("unknown outbox state {other:?}").into())),
    };
    Ok(OutboxRow {
        id: row.get("id")?,
        ticket: row.get("ticket")?,
        appeal: row.get("appeal")?,
        kind: row.get("kind")?,
        payload: row.get("payload")?,
        state,
        attempts: row.get("attempts")?,
        next_at: time(row, "next_at")?,
        leased_until: time_opt(row, "leased_until")?,
        done_at: time_opt(row, "done_at")?,
        error: row.get("error")?,
        result: row.get("result")?,
    })
}

impl Store {
    /// Takes up to `limit` (≤ 100) messages that are due at `now`, by the centre's clock, and that nobody holds. One statement, so
    /// two senders never get the same message. Oldest due first. A lease counts as an attempt, so that a message whose
    /// sender dies each time does not live for ever. A lease that ends much later than any taken now was taken under a
    /// clock that was wrong: it holds nobody.
    pub async fn outbox_lease(
        &self,
        jurisdiction: &str,
        now: Timestamp,
        lease: OutboxLease,
        limit: u32,
    ) -> Result<Vec<OutboxRow>, StoreError> {
        let rows = self.leased("outbox_lease", &QUEUE, &columns(), jurisdiction, (now, lease), limit).await?;
        let mut messages = self.messages_of(jurisdiction, &rows).await?;
        messages.sort_by_key(|m| (m.next_at, m.id)); // RETURNING promises no order
        Ok(messages)
    }

    /// Settles a leased message as sent. `false` if the lease (`attempts` as leased) is no longer the caller's.
    pub async fn outbox_sent(
        &self,
        jurisdiction: &str,
        id: i64,
        attempts: i64,
        now: Timestamp,
        result: Option<&str>,
    ) -> Result<bool, StoreError> {
        self.settled_sent("outbox_sent", &QUEUE, jurisdiction, (id, attempts), now, result).await
    }

    /// Settles a leased message as not sent this time, or as given up. `false` if the lease is no longer the caller's.
    pub async fn outbox_failed(
        &self,
        jurisdiction: &str,
        id: i64,
        attempts: i64,
        now: Timestamp,
        error: &str,
        then: AfterFailure,
    ) -> Result<bool, StoreError> {
        self.settled_failed("outbox_failed", &QUEUE, jurisdiction, (id, attempts), (now, error), then).await
    }

    /// Puts a message that was given up back, to be sent from `now` on. `false` if it is not a failed one.
    pub async fn outbox_requeue(&self, jurisdiction: &str, id: i64, now: Timestamp) -> Result<bool, StoreError> {
        const OP: &str = "outbox_requeue";
        let query = query(
            "UPDATE outbox SET state = 'pending', next_at = $3, done_at = NULL, leased_until = NULL \
             WHERE jurisdiction = $1 AND id = $2 AND state = 'failed'",
        )
        .bind(jurisdiction)
        .bind(id)
        .bind(us(now));
        let done = query.execute(&mut self.write(OP).await?).await.op(OP)?;
        Ok(done == 1)
    }

    /// One page of messages, newest first. `cursor` is the `next` of the page before; `limit` is held to 1–100.
    pub async fn outbox(
        &self,
        jurisdiction: &str,
        filter: &OutboxFilter,
        cursor: Option<&str>,
        limit: u32,
    ) -> Result<Page<OutboxRow>, StoreError> {
        const OP: &str = "outbox";
        let limit = page_length(limit);
        let mut query = query("SELECT ");
        query.push(&columns()).push(" FROM outbox WHERE jurisdiction = ").push_bind(jurisdiction);
        if let Some(ticket) = &filter.ticket {
            query.push(" AND ticket = ").push_bind(ticket);
        }
        if let Some(state) = filter.state {
            query.push(" AND state = ").push_bind(state.as_str());
        }
        if let Some(cursor) = cursor {
            let before: i64 = cursor.parse().map_err(|_| StoreError::invalid(OP, "not a cursor of this list"))?;
            query.push(" AND id < ").push_bind(before);
        }
        query.push(" ORDER BY id DESC LIMIT ").push_bind(i64::from(limit) + 1);
        let rows = query.fetch_all(self.read()).await.op(OP)?;
        Ok(Page::cut(self.messages_of(jurisdiction, &rows).await?, limit, |m| m.id.to_string()))
    }

    async fn messages_of(&self, jurisdiction: &str, rows: &[Row]) -> Result<Vec<OutboxRow>, StoreError> {
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        let read = |ring: &Ring| {
            let mut keys = TicketKeys::new(ring);
            rows.iter().map(|row| opened(&mut keys, row)).collect()
        };
        self.opening(OPEN, jurisdiction, read).await
    }
}

/// What both queues do alike.
impl Store {
    pub(crate) async fn leased(
        &self,
        op: &'static str,
        queue: &Queue,
        columns: &str,
        jurisdiction: &str,
        (now, lease): (Timestamp, OutboxLease),
        limit: u32,
    ) -> Result<Vec<Row>, StoreError> {
        let table = queue.table;
        // SQLite has one writer at a time: nobody else can be at the same rows.
        let skip = self.dialect().pick("", " FOR UPDATE SKIP LOCKED");
        // Materialized: PostgreSQL may look a plain subquery up again for each row, and each time it skips what it has just locked.
        let sql = format!(
            "WITH due AS MATERIALIZED (SELECT o.id FROM {table} o WHERE o.jurisdiction = $1 AND o.state = 'pending' AND o.next_at <= $2 \
              AND (o.leased_until IS NULL OR o.leased_until <= $5 OR o.leased_until > $6) ORDER BY o.next_at, o.id LIMIT $4{skip}) \
             UPDATE {table} SET leased_until = $3, attempts = attempts + 1 WHERE jurisdiction = $1 AND id IN (SELECT id FROM due) \
             RETURNING {columns}"
        );
        let (from, until) = (us(lease.from), us(lease.until));
        let far = until.saturating_add(10 * (until - from));
        let query = query(sql)
            .bind(jurisdiction)
            .bind(us(now))
            .bind(until)
            .bind(i64::from(page_length(limit)))
            .bind(from)
            .bind(far);
        query.fetch_all(&mut self.write(op).await?).await.op(op)
    }

    pub(crate) async fn settled_sent(
        &self,
        op: &'static str,
        Queue { table, sent }: &Queue,
        jurisdiction: &str,
        (id, attempts): (i64, i64),
        now: Timestamp,
        result: Option<&str>,
    ) -> Result<bool, StoreError> {
        let query = query(format!(
            "UPDATE {table} SET state = 'sent', done_at = $4, result = $5, leased_until = NULL, error = NULL{sent} \
             WHERE jurisdiction = $1 AND id = $2 AND attempts = $3 AND state = 'pending'"
        ))
        .bind(jurisdiction)
        .bind(id)
        .bind(attempts)
        .bind(us(now))
        .bind(result.map(str::to_owned));
        Ok(query.execute(&mut self.write(op).await?).await.op(op)? == 1)
    }

    pub(crate) async fn settled_failed(
        &self,
        op: &'static str,
        queue: &Queue,
        jurisdiction: &str,
        (id, attempts): (i64, i64),
        (now, error): (Timestamp, &str),
        then: AfterFailure,
    ) -> Result<bool, StoreError> {
        let (state, next_at, done_at) = match then {
            AfterFailure::RetryAt(at) => (OutboxState::Pending, Some(at), None),
            AfterFailure::GiveUp => (OutboxState::Failed, None, Some(now)),
        };
        let table = queue.table;
        let query = query(format!(
            "UPDATE {table} SET state = $4, next_at = COALESCE($5, next_at), done_at = $6, error = $7, \
             leased_until = NULL WHERE jurisdiction = $1 AND id = $2 AND attempts = $3 AND state = 'pending'"
        ))
        .bind(jurisdiction)
        .bind(id)
        .bind(attempts)
        .bind(state.as_str())
        .bind(us_opt(next_at))
        .bind(us_opt(done_at))
        .bind(error);
        Ok(query.execute(&mut self.write(op).await?).await.op(op)? == 1)
    }
}
