//! Where people hear of changes to their own accounts, and what waits to be told them.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::admin::next_number;
use crate::db::{Row, query};
use crate::deed::Deed;
use crate::error::{Named, StoreError};
use crate::outbox::{self, AfterFailure, OutboxLease, Queue};
use crate::rows::us;
use crate::seal::{Ring, Spot};
use crate::store::Store;

/// A message to somebody about their own account.
#[derive(Clone, PartialEq, Eq)]
pub struct Notice {
    /// Its number among all messages of the jurisdiction.
    pub id: i64,
    /// Whose account it is about.
    pub account: String,
    /// What happened, in the caller's vocabulary.
    pub kind: String,
    /// JSON without personal data.
    pub payload: String,
    /// Where it goes; `None` once it was sent.
    pub phone: Option<String>,
    /// How often it has been leased; pass it back when settling.
    pub attempts: i64,
}

impl std::fmt::Debug for Notice {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Notice").field("id", &self.id).field("kind", &self.kind).finish_non_exhaustive()
    }
}

const COLUMNS: &str = "id, account, kind, payload, phone, attempts, next_at";

/// How the queue of the notices is called. What was sent leaves no number behind.
const QUEUE: Queue = Queue { table: "notice", sent: ", phone = NULL" };

fn phone_of<'a>(jurisdiction: &'a str, account: &'a [&'a str]) -> Spot<'a> {
    Spot { jurisdiction, table: "account_phone", row: account, column: "phone" }
}

fn phone_in<'a>(jurisdiction: &'a str, id: &'a [&'a str]) -> Spot<'a> {
    Spot { jurisdiction, table: "notice", row: id, column: "phone" }
}

fn notice(ring: &Ring, jurisdiction: &str, row: &Row) -> Result<Notice, StoreError> {
    const OP: &str = "notice";
    let id: i64 = row.get("id").op(OP)?;
    let sealed: Option<String> = row.get("phone").op(OP)?;
    let phone = sealed.map(|sealed| ring.open(&phone_in(jurisdiction, &[&id.to_string()]), &sealed)).transpose();
    Ok(Notice {
        id,
        account: row.get("account").op(OP)?,
        kind: row.get("kind").op(OP)?,
        payload: row.get("payload").op(OP)?,
        phone: phone.map_err(|source| StoreError::Key { op: OP, source })?,
        attempts: row.get("attempts").op(OP)?,
    })
}

impl Deed {
    /// Sets where somebody hears of their account, or takes it away; `false` if there was nothing to take.
    pub async fn phone_put(&mut self, account: &str, phone: Option<&str>) -> Result<bool, StoreError> {
        const OP: &str = "phone_put";
        let rings = self.rings.clone();
        let (tx, jurisdiction) = self.at();
        let Some(phone) = phone else {
            let gone = query("DELETE FROM account_phone WHERE jurisdiction = $1 AND account = $2");
            return Ok(gone.bind(jurisdiction).bind(account).execute(tx).await.op(OP)? == 1);
        };
        let ring = rings.for_writing(tx, OP, jurisdiction).await?;
        query(
            "INSERT INTO account_phone (jurisdiction, account, phone) VALUES ($1, $2, $3) \
             ON CONFLICT (jurisdiction, account) DO UPDATE SET phone = excluded.phone",
        )
        .bind(jurisdiction)
        .bind(account)
        .bind(ring.newest().seal(&phone_of(jurisdiction, &[account]), phone))
        .execute(tx)
        .await
        .op(OP)?;
        Ok(true)
    }

    /// Lets the owner of an account know: a message to the number that stands now, if one does. `false`: there is none, or they were told
    /// `most` times of the same since `since`. `next_at` is when it may go out.
    pub async fn tell(
        &mut self,
        account: &str,
        (kind, payload): (&str, &str),
        (at, next_at): (Timestamp, Timestamp),
        (most, since): (i64, Timestamp),
    ) -> Result<bool, StoreError> {
        const OP: &str = "tell";
        let rings = self.rings.clone();
        let (tx, jurisdiction) = self.at();
        let sealed: Option<String> = query("SELECT phone FROM account_phone WHERE jurisdiction = $1 AND account = $2")
            .bind(jurisdiction)
            .bind(account)
            .scalar_optional(&mut *tx)
            .await
            .op(OP)?;
        let Some(sealed) = sealed else { return Ok(false) };
        let told: i64 = query(
            "SELECT COUNT(*) FROM notice WHERE jurisdiction = $1 AND account = $2 AND kind = $3 AND made_at > $4",
        )
        .bind(jurisdiction)
        .bind(account)
        .bind(kind)
        .bind(us(since))
        .scalar(&mut *tx)
        .await
        .op(OP)?;
        if told >= most {
            return Ok(false);
        }
        let ring = rings.for_writing(&mut *tx, OP, jurisdiction).await?;
        let phone = ring.open(&phone_of(jurisdiction, &[account]), &sealed);
        let phone = phone.map_err(|source| StoreError::Key { op: OP, source })?;
        let id = next_number(&mut *tx, jurisdiction, outbox::COUNTER).await.op(OP)?;
        query(
            "INSERT INTO notice (jurisdiction, id, account, kind, payload, phone, made_at, state, next_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, 'pending', $8)",
        )
        .bind(jurisdiction)
        .bind(id)
        .bind(account)
        .bind(kind)
        .bind(payload)
        .bind(ring.newest().seal(&phone_in(jurisdiction, &[&id.to_string()]), &phone))
        .bind(us(at))
        .bind(us(next_at))
        .execute(tx)
        .await
        .op(OP)?;
        Ok(true)
    }
}

impl Store {
    /// Where people hear of their accounts, by account; with `account` of that one only.
    pub async fn account_phones(
        &self,
        jurisdiction: &str,
        account: Option<&str>,
    ) -> Result<BTreeMap<String, String>, StoreError> {
        const OP: &str = "account_phones";
        let mut query = query("SELECT account, phone FROM account_phone WHERE jurisdiction = ");
        query.push_bind(jurisdiction);
        if let Some(account) = account {
            query.push(" AND account = ").push_bind(account);
        }
        let rows = query.fetch_all(self.read()).await.op(OP)?;
        if rows.is_empty() {
            return Ok(BTreeMap::new());
        }
        let open = |ring: &Ring| {
            let one = |row: &Row| {
                let (account, sealed): (String, String) = (row.at(0).op(OP)?, row.at(1).op(OP)?);
                let phone = ring.open(&phone_of(jurisdiction, &[&account]), &sealed);
                Ok((account, phone.map_err(|source| StoreError::Key { op: OP, source })?))
            };
            rows.iter().map(one).collect()
        };
        self.opening(OP, jurisdiction, open).await
    }

    /// Takes up to `limit` notices that are due, as [`Store::outbox_lease`] does messages.
    pub async fn notice_lease(
        &self,
        jurisdiction: &str,
        now: Timestamp,
        lease: OutboxLease,
        limit: u32,
    ) -> Result<Vec<Notice>, StoreError> {
        let rows = self.leased("notice_lease", &QUEUE, COLUMNS, jurisdiction, (now, lease), limit).await?;
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        let open = |ring: &Ring| rows.iter().map(|row| notice(ring, jurisdiction, row)).collect();
        let mut notices: Vec<Notice> = self.opening("notice_lease", jurisdiction, open).await?;
        notices.sort_by_key(|n| n.id); // RETURNING promises no order
        Ok(notices)
    }

    /// Settles a leased notice as sent, and forgets its number. `false` if the lease is no longer the caller's.
    pub async fn notice_sent(
        &self,
        jurisdiction: &str,
        id: i64,
        attempts: i64,
        now: Timestamp,
        result: Option<&str>,
    ) -> Result<bool, StoreError> {
        self.settled_sent("notice_sent", &QUEUE, jurisdiction, (id, attempts), now, result).await
    }

    /// Settles a leased notice as not sent this time, or as given up. `false` if the lease is no longer the caller's.
    pub async fn notice_failed(
        &self,
        jurisdiction: &str,
        id: i64,
        attempts: i64,
        now: Timestamp,
        error: &str,
        then: AfterFailure,
    ) -> Result<bool, StoreError> {
        self.settled_failed("notice_failed", &QUEUE, jurisdiction, (id, attempts), (now, error), then).await
    }

    /// Everything that was said to somebody of their account, oldest first.
    pub async fn notices(&self, jurisdiction: &str, account: &str) -> Result<Vec<Notice>, StoreError> {
        const OP: &str = "notices";
        let sql = format!("SELECT {COLUMNS} FROM notice WHERE jurisdiction = $1 AND account = $2 ORDER BY id");
        let rows = query(sql).bind(jurisdiction).bind(account).fetch_all(self.read()).await.op(OP)?;
        self.opening(OP, jurisdiction, |ring| rows.iter().map(|row| notice(ring, jurisdiction, row)).collect()).await
    }

    /// Forgets notices from before `before`, sent or not; how many.
    pub async fn notices_purge(&self, jurisdiction: &str, before: Timestamp) -> Result<u64, StoreError> {
        const OP: &str = "notices_purge";
        let query = query("DELETE FROM notice WHERE jurisdiction = $1 AND made_at < $2");
        query.bind(jurisdiction).bind(us(before)).execute(&mut self.write(OP).await?).await.op(OP)
    }
}
