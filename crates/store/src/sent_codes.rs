//! Codes that go out by text message: kept as digests, each good for one purpose, a few minutes and a few tries.

use jiff::Timestamp;

use crate::admin::next_number;
use crate::db::query;
use crate::error::{Named, StoreError};
use crate::inbox::send;
use crate::rows::us;
use crate::store::Store;
use crate::writer::NewOutbox;

impl Store {
    /// Keeps a code with the message about a ticket that carries it, in one transaction. The one before for the same purpose is void.
    pub async fn sent_code_put(
        &self,
        jurisdiction: &str,
        purpose_hash: &str,
        code_hash: &str,
        expires_at: Timestamp,
        message: (&str, &NewOutbox),
    ) -> Result<(), StoreError> {
        const OP: &str = "sent_code_put";
        let (ticket, message) = message;
        let mut write = self.write(OP).await?;
        let mut tx = write.begin().await.op(OP)?;
        let ring = self.rings().for_writing(&mut tx, OP, jurisdiction).await?;
        let id = next_number(&mut tx, jurisdiction, "outbox").await.op(OP)?;
        query(
            "INSERT INTO sent_code (jurisdiction, purpose_hash, code_hash, expires_at, tries) VALUES ($1, $2, $3, $4, 0) \
             ON CONFLICT (jurisdiction, purpose_hash) DO UPDATE SET \
             code_hash = excluded.code_hash, expires_at = excluded.expires_at, tries = 0",
        )
        .bind(jurisdiction)
        .bind(purpose_hash)
        .bind(code_hash)
        .bind(us(expires_at))
        .execute(&mut tx)
        .await
        .op(OP)?;
        send(&mut tx, OP, &ring, (jurisdiction, id, ticket), message).await?;
        tx.commit().await.op(OP)
    }

    /// Tries a code, of which it bears `most` tries until it ends; the right one is good once.
    pub async fn sent_code_try(
        &self,
        jurisdiction: &str,
        purpose_hash: &str,
        code_hash: &str,
        now: Timestamp,
        most: u32,
    ) -> Result<bool, StoreError> {
        const OP: &str = "sent_code_try";
        let tried = query(
            "UPDATE sent_code SET tries = tries + 1 WHERE jurisdiction = $1 AND purpose_hash = $2 AND expires_at > $3 \
             AND tries < $4 RETURNING code_hash",
        );
        let tried = tried.bind(jurisdiction).bind(purpose_hash).bind(us(now)).bind(i64::from(most));
        let kept: Option<String> = tried.scalar_optional(&mut self.write(OP).await?).await.op(OP)?;
        if kept.as_deref() != Some(code_hash) {
            return Ok(false);
        }
        let used = query("DELETE FROM sent_code WHERE jurisdiction = $1 AND purpose_hash = $2 AND code_hash = $3");
        let used = used.bind(jurisdiction).bind(purpose_hash).bind(code_hash);
        Ok(used.execute(&mut self.write(OP).await?).await.op(OP)? == 1)
    }

    /// Removes codes that have ended at `now`; returns how many.
    pub async fn sent_codes_purge(&self, jurisdiction: &str, now: Timestamp) -> Result<u64, StoreError> {
        const OP: &str = "sent_codes_purge";
        let query = query("DELETE FROM sent_code WHERE jurisdiction = $1 AND expires_at <= $2");
        query.bind(jurisdiction).bind(us(now)).execute(&mut self.write(OP).await?).await.op(OP)
    }
}
