//! Sessions: what an account was given after it proved itself.

use jiff::{SignedDuration, Timestamp};

use crate::accounts::account;
use crate::db::{Row, all, query};
use crate::deed::Deed;
use crate::error::{Named, StoreError};
use crate::model::Account;
use crate::rows::{time, us};
use crate::store::Store;

/// Characters of a token's digest by which its owner names a session.
const HANDLE: usize = 16;

/// A session. The token itself is never stored.
#[derive(Clone, PartialEq, Eq)]
pub struct Session {
    /// Hash of the token in the cookie.
    pub token_hash: String,
    /// Whose it is.
    pub account: String,
    /// When it began.
    pub created_at: Timestamp,
    /// When it was last used.
    pub seen_at: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
    /// What is still to be done before it opens anything, in the caller's vocabulary.
    pub stage: String,
    /// It ends after this long without use.
    pub idle: SignedDuration,
    /// Where it was begun from.
    pub address: String,
    /// With what, in words.
    pub device: String,
}

impl Session {
    /// An open session of an account, from `now` for so many hours, whether it is used or not: for tools that measure and test.
    pub fn open(token_hash: String, account: String, now: Timestamp, hours: i64) -> Session {
        let idle = SignedDuration::from_hours(hours);
        let expires_at = now.checked_add(idle).unwrap_or(now);
        let (stage, address, device) = ("open".into(), String::new(), String::new());
        Session { token_hash, account, created_at: now, seen_at: now, expires_at, stage, idle, address, device }
    }

    /// By what its owner names it: part of the digest, of no use to anybody.
    pub fn handle(&self) -> &str {
        self.token_hash.get(..HANDLE).unwrap_or(&self.token_hash)
    }
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session")
            .field("account", &self.account)
            .field("stage", &self.stage)
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

/// A session and whose it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedIn {
    /// The session.
    pub session: Session,
    /// The account, which is active.
    pub account: Account,
}

const COLUMNS: &str =
    "s.token_hash, s.account, s.created_at, s.seen_at, s.expires_at, s.stage, s.idle, s.address, s.device";

fn session(row: &Row) -> Result<Session, sqlx::Error> {
    Ok(Session {
        token_hash: row.get("token_hash")?,
        account: row.get("account")?,
        created_at: time(row, "created_at")?,
        seen_at: time(row, "seen_at")?,
        expires_at: time(row, "expires_at")?,
        stage: row.get("stage")?,
        idle: SignedDuration::from_micros(row.get("idle")?),
        address: row.get("address")?,
        device: row.get("device")?,
    })
}

fn signed_in(row: &Row) -> Result<SignedIn, sqlx::Error> {
    Ok(SignedIn { session: session(row)?, account: account(row)? })
}

impl Store {
    /// The session of a token, if it has not expired at `now` and its account is active. Whether it stood idle for too long is the
    /// caller's to say.
    pub async fn session(
        &self,
        jurisdiction: &str,
        token_hash: &str,
        now: Timestamp,
    ) -> Result<Option<SignedIn>, StoreError> {
        const OP: &str = "session";
        let sql = format!(
            "SELECT a.login, a.name, a.role, a.unit, a.active, {COLUMNS} FROM session s \
             JOIN account a ON a.jurisdiction = s.jurisdiction AND a.account = s.account \
             WHERE s.jurisdiction = $1 AND s.token_hash = $2 AND s.expires_at > $3 AND a.active = 1"
        );
        let row = query(sql).bind(jurisdiction).bind(token_hash).bind(us(now));
        let row = row.fetch_optional(self.read()).await.op(OP)?;
        row.as_ref().map(signed_in).transpose().op(OP)
    }

    /// The sessions of an account that have not expired at `now`, last used first.
    pub async fn sessions(
        &self,
        jurisdiction: &str,
        account: &str,
        now: Timestamp,
    ) -> Result<Vec<Session>, StoreError> {
        const OP: &str = "sessions";
        let sql = format!(
            "SELECT {COLUMNS} FROM session s WHERE s.jurisdiction = $1 AND s.account = $2 AND s.expires_at > $3 \
             ORDER BY s.seen_at DESC, s.token_hash"
        );
        let rows = query(sql).bind(jurisdiction).bind(account).bind(us(now)).fetch_all(self.read()).await.op(OP)?;
        all(&rows, session).op(OP)
    }

    /// Notes that a session was used; `false` if there is none. Call it once in a while, not on every request: each call is a write.
    pub async fn session_touch(
        &self,
        jurisdiction: &str,
        token_hash: &str,
        seen_at: Timestamp,
        expires_at: Timestamp,
    ) -> Result<bool, StoreError> {
        const OP: &str = "session_touch";
        let query =
            query("UPDATE session SET seen_at = $3, expires_at = $4 WHERE jurisdiction = $1 AND token_hash = $2")
                .bind(jurisdiction)
                .bind(token_hash)
                .bind(us(seen_at))
                .bind(us(expires_at));
        Ok(query.execute(&mut self.write(OP).await?).await.op(OP)? == 1)
    }

    /// Removes sessions that have expired at `now`; returns how many.
    pub async fn sessions_purge(&self, jurisdiction: &str, now: Timestamp) -> Result<u64, StoreError> {
        const OP: &str = "sessions_purge";
        let query =
            query("DELETE FROM session WHERE jurisdiction = $1 AND expires_at <= $2").bind(jurisdiction).bind(us(now));
        query.execute(&mut self.write(OP).await?).await.op(OP)
    }
}

impl Deed {
    /// Begins a session. Beyond `most` of the account's sessions the oldest end.
    pub async fn session_put(&mut self, s: &Session, most: u32) -> Result<(), StoreError> {
        const OP: &str = "session_put";
        let (tx, jurisdiction) = self.at();
        query(
            "INSERT INTO session (jurisdiction, token_hash, account, created_at, seen_at, expires_at, stage, idle, address, \
             device) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        )
        .bind(jurisdiction)
        .bind(&s.token_hash)
        .bind(&s.account)
        .bind(us(s.created_at))
        .bind(us(s.seen_at))
        .bind(us(s.expires_at))
        .bind(&s.stage)
        .bind(i64::try_from(s.idle.as_micros()).unwrap_or(i64::MAX))
        .bind(&s.address)
        .bind(&s.device)
        .execute(&mut *tx)
        .await
        .op(OP)?;
        query(
            "DELETE FROM session WHERE jurisdiction = $1 AND account = $2 AND token_hash NOT IN (SELECT token_hash FROM session \
             WHERE jurisdiction = $1 AND account = $2 ORDER BY created_at DESC, token_hash LIMIT $3)",
        )
        .bind(jurisdiction)
        .bind(&s.account)
        .bind(i64::from(most))
        .execute(&mut *tx)
        .await
        .op(OP)?;
        Ok(())
    }

    /// Ends a session; `false` if there was none.
    pub async fn session_delete(&mut self, token_hash: &str) -> Result<bool, StoreError> {
        const OP: &str = "session_delete";
        let (tx, jurisdiction) = self.at();
        let query = query("DELETE FROM session WHERE jurisdiction = $1 AND token_hash = $2")
            .bind(jurisdiction)
            .bind(token_hash);
        Ok(query.execute(tx).await.op(OP)? == 1)
    }

    /// Ends a session of an account by its handle ([`Session::handle`]); `false` if there was none.
    pub async fn session_revoke(&mut self, account: &str, handle: &str) -> Result<bool, StoreError> {
        const OP: &str = "session_revoke";
        let (tx, jurisdiction) = self.at();
        let query =
            query("DELETE FROM session WHERE jurisdiction = $1 AND account = $2 AND SUBSTR(token_hash, 1, 16) = $3");
        let query = query.bind(jurisdiction).bind(account).bind(handle);
        Ok(query.execute(tx).await.op(OP)? > 0)
    }

    /// Ends all sessions of an account (password changed, role taken away); returns how many.
    pub async fn sessions_end(&mut self, account: &str) -> Result<u64, StoreError> {
        const OP: &str = "sessions_end";
        let (tx, jurisdiction) = self.at();
        let query =
            query("DELETE FROM session WHERE jurisdiction = $1 AND account = $2").bind(jurisdiction).bind(account);
        query.execute(tx).await.op(OP)
    }
}
