//! Accounts and their sessions.

use jiff::Timestamp;

use crate::db::{Row, all, query};
use crate::error::{Named, StoreError};
use crate::model::{Account, Session};
use crate::rows::{flag, time, us};
use crate::store::Store;

fn account(row: &Row) -> Result<Account, sqlx::Error> {
    Ok(Account {
        account: row.get("account")?,
        login: row.get("login")?,
        name: row.get("name")?,
        role: row.get("role")?,
        unit: row.get("unit")?,
        password_hash: row.get("password_hash")?,
        active: flag(row, "active")?,
    })
}

/// A session and whose it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedIn {
    /// The session.
    pub session: Session,
    /// The account, which is active.
    pub account: Account,
}

impl Store {
    /// Inserts an account or replaces it by its key. A login that another account has is a `Constraint`.
    pub async fn account_put(&self, jurisdiction: &str, a: &Account) -> Result<(), StoreError> {
        const OP: &str = "account_put";
        let query = query(
            "INSERT INTO account (jurisdiction, account, login, name, role, unit, password_hash, active) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (jurisdiction, account) DO UPDATE SET \
             login = excluded.login, name = excluded.name, role = excluded.role, unit = excluded.unit, \
             password_hash = excluded.password_hash, active = excluded.active",
        )
        .bind(jurisdiction)
        .bind(&a.account)
        .bind(&a.login)
        .bind(&a.name)
        .bind(&a.role)
        .bind(&a.unit)
        .bind(&a.password_hash)
        .bind(a.active);
        self.organise(OP, jurisdiction, query).await.map(drop)
    }

    /// An account by key.
    pub async fn account(&self, jurisdiction: &str, key: &str) -> Result<Option<Account>, StoreError> {
        const OP: &str = "account";
        let row = query("SELECT * FROM account WHERE jurisdiction = $1 AND account = $2")
            .bind(jurisdiction)
            .bind(key)
            .fetch_optional(self.read())
            .await
            .op(OP)?;
        row.as_ref().map(account).transpose().op(OP)
    }

    /// An account by what is typed at the sign-in, active or not.
    pub async fn account_by_login(&self, jurisdiction: &str, login: &str) -> Result<Option<Account>, StoreError> {
        const OP: &str = "account_by_login";
        let row = query("SELECT * FROM account WHERE jurisdiction = $1 AND login = $2")
            .bind(jurisdiction)
            .bind(login)
            .fetch_optional(self.read())
            .await
            .op(OP)?;
        row.as_ref().map(account).transpose().op(OP)
    }

    /// All accounts, by login.
    pub async fn accounts(&self, jurisdiction: &str) -> Result<Vec<Account>, StoreError> {
        const OP: &str = "accounts";
        let rows = query("SELECT * FROM account WHERE jurisdiction = $1 ORDER BY login")
            .bind(jurisdiction)
            .fetch_all(self.read())
            .await
            .op(OP)?;
        all(&rows, account).op(OP)
    }

    /// Removes an account and its sessions; `false` if there was none. An account that ever acted is better made
    /// inactive: its key stays in the journal.
    pub async fn account_delete(&self, jurisdiction: &str, key: &str) -> Result<bool, StoreError> {
        const OP: &str = "account_delete";
        self.sessions_end(jurisdiction, key).await?;
        let query = query("DELETE FROM account WHERE jurisdiction = $1 AND account = $2").bind(jurisdiction).bind(key);
        Ok(self.organise(OP, jurisdiction, query).await? == 1)
    }

    /// Begins a session.
    pub async fn session_put(&self, jurisdiction: &str, s: &Session) -> Result<(), StoreError> {
        const OP: &str = "session_put";
        let query = query(
            "INSERT INTO session (jurisdiction, token_hash, account, created_at, seen_at, expires_at) \
             VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(jurisdiction)
        .bind(&s.token_hash)
        .bind(&s.account)
        .bind(us(s.created_at))
        .bind(us(s.seen_at))
        .bind(us(s.expires_at));
        query.execute(&mut self.write(OP).await?).await.op(OP)?;
        Ok(())
    }

    /// The session of a token, if it has not expired at `now` and its account is active.
    pub async fn session(
        &self,
        jurisdiction: &str,
        token_hash: &str,
        now: Timestamp,
    ) -> Result<Option<SignedIn>, StoreError> {
        const OP: &str = "session";
        let row = query(
            "SELECT a.*, s.token_hash, s.created_at, s.seen_at, s.expires_at FROM session s \
             JOIN account a ON a.jurisdiction = s.jurisdiction AND a.account = s.account \
             WHERE s.jurisdiction = $1 AND s.token_hash = $2 AND s.expires_at > $3 AND a.active = 1",
        )
        .bind(jurisdiction)
        .bind(token_hash)
        .bind(us(now))
        .fetch_optional(self.read())
        .await
        .op(OP)?;
        row.as_ref().map(signed_in).transpose().op(OP)
    }

    /// Notes that a session was used and moves its end; `false` if there is none. Call it once in a while, not on every
    /// request: each call is a write.
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

    /// Ends a session; `false` if there was none.
    pub async fn session_delete(&self, jurisdiction: &str, token_hash: &str) -> Result<bool, StoreError> {
        const OP: &str = "session_delete";
        let query = query("DELETE FROM session WHERE jurisdiction = $1 AND token_hash = $2")
            .bind(jurisdiction)
            .bind(token_hash);
        Ok(query.execute(&mut self.write(OP).await?).await.op(OP)? == 1)
    }

    /// Ends all sessions of an account (password changed, role taken away); returns how many.
    pub async fn sessions_end(&self, jurisdiction: &str, account: &str) -> Result<u64, StoreError> {
        const OP: &str = "sessions_end";
        let query =
            query("DELETE FROM session WHERE jurisdiction = $1 AND account = $2").bind(jurisdiction).bind(account);
        query.execute(&mut self.write(OP).await?).await.op(OP)
    }

    /// Removes sessions that have expired at `now`; returns how many.
    pub async fn sessions_purge(&self, jurisdiction: &str, now: Timestamp) -> Result<u64, StoreError> {
        const OP: &str = "sessions_purge";
        let query =
            query("DELETE FROM session WHERE jurisdiction = $1 AND expires_at <= $2").bind(jurisdiction).bind(us(now));
        query.execute(&mut self.write(OP).await?).await.op(OP)
    }
}

fn signed_in(row: &Row) -> Result<SignedIn, sqlx::Error> {
    let session = Session {
        token_hash: row.get("token_hash")?,
        account: row.get("account")?,
        created_at: time(row, "created_at")?,
        seen_at: time(row, "seen_at")?,
        expires_at: time(row, "expires_at")?,
    };
    Ok(SignedIn { session, account: account(row)? })
}
