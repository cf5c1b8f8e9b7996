//! Short messages that came in: each kept once, with what became of it.

use jiff::Timestamp;

use crate::admin::next_number;
use crate::db::{Tx, query};
use crate::error::{Named, StoreError};
use crate::model::PersonRow;
use crate::outbox::payload_spot;
use crate::persons::put_person;
use crate::rows::us;
use crate::seal::{KeyError, Ring, Spot};
use crate::store::Store;
use crate::writer::NewOutbox;

/// A message that came in.
#[derive(Clone, PartialEq, Eq)]
pub struct Incoming {
    /// The gateway's id.
    pub id: String,
    /// When it came.
    pub at: Timestamp,
    /// The ticket it was about, where that is known.
    pub ticket: Option<String>,
    /// Who sent it, where that must be kept.
    pub person: Option<PersonRow>,
    /// What it says.
    pub text: String,
    /// What became of it, in the caller's vocabulary.
    pub outcome: String,
}

impl std::fmt::Debug for Incoming {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Incoming").field("id", &self.id).field("outcome", &self.outcome).finish_non_exhaustive()
    }
}

impl Store {
    /// What became of a message, if it has come in before.
    pub async fn incoming(&self, jurisdiction: &str, id: &str) -> Result<Option<String>, StoreError> {
        query("SELECT outcome FROM inbox WHERE jurisdiction = $1 AND id = $2")
            .bind(jurisdiction)
            .bind(id)
            .scalar_optional(self.read())
            .await
            .op("incoming")
    }

    /// How many messages ended so.
    pub async fn incoming_count(&self, jurisdiction: &str, outcome: &str) -> Result<i64, StoreError> {
        query("SELECT COUNT(*) FROM inbox WHERE jurisdiction = $1 AND outcome = $2")
            .bind(jurisdiction)
            .bind(outcome)
            .scalar(self.read())
            .await
            .op("incoming_count")
    }

    /// Keeps a message, and with it the answer that goes out for a ticket, in one transaction. `false` if it was there already: then
    /// nothing is written.
    pub async fn incoming_put(
        &self,
        jurisdiction: &str,
        message: &Incoming,
        answer: Option<(&str, &NewOutbox)>,
    ) -> Result<bool, StoreError> {
        const OP: &str = "incoming_put";
        let mut write = self.write(OP).await?;
        let mut tx = write.begin().await.op(OP)?;
        // First of all, as the writer takes it before persons: two that wait for each other would both fail.
        let id = match answer {
            Some(_) => next_number(&mut tx, jurisdiction, "outbox").await.op(OP)?,
            None => 0,
        };
        let ring = self.rings().for_writing(&mut tx, OP, jurisdiction).await?;
        if let Some(person) = &message.person {
            put_person(&mut tx, OP, jurisdiction, &ring, person).await?;
        }
        let kept = keep(&mut tx, jurisdiction, &ring, message).await.op(OP)?;
        if !kept {
            tx.rollback().await.op(OP)?;
            return Ok(false);
        }
        if let Some((ticket, answer)) = answer {
            send(&mut tx, OP, &ring, (jurisdiction, id, ticket), answer).await?;
        }
        tx.commit().await.op(OP)?;
        Ok(true)
    }
}

async fn keep(tx: &mut Tx<'_>, jurisdiction: &str, ring: &Ring, m: &Incoming) -> Result<bool, sqlx::Error> {
    let spot = Spot { jurisdiction, table: "inbox", row: &[&m.id], column: "text" };
    let done = query(
        "INSERT INTO inbox (jurisdiction, id, at, ticket, person, text, outcome) VALUES ($1, $2, $3, $4, $5, $6, $7) \
         ON CONFLICT (jurisdiction, id) DO NOTHING",
    )
    .bind(jurisdiction)
    .bind(&m.id)
    .bind(us(m.at))
    .bind(&m.ticket)
    .bind(m.person.as_ref().map(|p| p.person.clone()))
    .bind(ring.newest().seal(&spot, &m.text))
    .bind(&m.outcome)
    .execute(tx)
    .await?;
    Ok(done == 1)
}

/// A message's payload under its ticket's key.
async fn sealed_payload(
    tx: &mut Tx<'_>,
    op: &'static str,
    ring: &Ring,
    (jurisdiction, id, ticket): (&str, i64, &str),
    payload: &str,
) -> Result<String, StoreError> {
    let secret = query("SELECT COALESCE(secret, '') FROM ticket WHERE jurisdiction = $1 AND ticket = $2")
        .bind(jurisdiction)
        .bind(ticket)
        .scalar_optional::<String>(tx)
        .await
        .op(op)?;
    match ring.ticket_key(ticket, secret.as_deref().unwrap_or_default()) {
        // A ticket that has no key (yet).
        Err(KeyError::Erased) => Ok(payload.to_owned()),
        Err(source) => Err(StoreError::Key { op, source }),
        Ok(key) => Ok(key.seal(&payload_spot(jurisdiction, &[&id.to_string()]), payload)),
    }
}

/// One entry of the outbox beside the writer's: the number is taken from the same counter, in this transaction.
pub(crate) async fn send(
    tx: &mut Tx<'_>,
    op: &'static str,
    ring: &Ring,
    place: (&str, i64, &str),
    o: &NewOutbox,
) -> Result<(), StoreError> {
    let payload = sealed_payload(tx, op, ring, place, &o.payload).await?;
    let (jurisdiction, id, ticket) = place;
    let mut query = query("INSERT INTO outbox (jurisdiction, id, ticket, appeal, kind, payload, state, next_at) ");
    query.push_values([o], |row, o| {
        row.bind(jurisdiction)
            .bind(id)
            .bind(ticket)
            .bind(&o.appeal)
            .bind(&o.kind)
            .bind(&payload)
            .bind("pending")
            .bind(us(o.next_at));
    });
    query.execute(tx).await.op(op).map(drop)
}
