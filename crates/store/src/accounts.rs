//! Accounts: who there is. How they prove it is in `credentials.rs`, what they were given for it in `sessions.rs`.

use crate::db::{Row, all, query};
use crate::deed::Deed;
use crate::error::{Named, StoreError};
use crate::follow::organised;
use crate::model::Account;
use crate::rows::flag;
use crate::store::Store;

pub(crate) fn account(row: &Row) -> Result<Account, sqlx::Error> {
    Ok(Account {
        account: row.get("account")?,
        login: row.get("login")?,
        name: row.get("name")?,
        role: row.get("role")?,
        unit: row.get("unit")?,
        active: flag(row, "active")?,
    })
}

impl Store {
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

    /// Removes an account with its sessions and secrets; `false` if there was none. An account that ever acted is better made
    /// inactive: its key stays in the journal.
    pub async fn account_delete(&self, jurisdiction: &str, key: &str) -> Result<bool, StoreError> {
        const OP: &str = "account_delete";
        self.sessions_end(jurisdiction, key).await?;
        self.credential_delete(jurisdiction, key).await?;
        let query = query("DELETE FROM account WHERE jurisdiction = $1 AND account = $2").bind(jurisdiction).bind(key);
        Ok(self.organise(OP, jurisdiction, query).await? == 1)
    }
}

impl Deed {
    /// Inserts an account or replaces it by its key. A login that another account has is a `Constraint`.
    pub async fn account_put(&mut self, a: &Account) -> Result<(), StoreError> {
        const OP: &str = "account_put";
        let (tx, jurisdiction) = self.at();
        let query = query(
            "INSERT INTO account (jurisdiction, account, login, name, role, unit, active) \
             VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (jurisdiction, account) DO UPDATE SET \
             login = excluded.login, name = excluded.name, role = excluded.role, unit = excluded.unit, \
             active = excluded.active",
        )
        .bind(jurisdiction)
        .bind(&a.account)
        .bind(&a.login)
        .bind(&a.name)
        .bind(&a.role)
        .bind(&a.unit)
        .bind(a.active);
        organised(tx, OP, jurisdiction, query).await.map(drop)
    }
}
