//! Whom an identity service knows as which account. A link is made by a person, never by logging in.

use jiff::Timestamp;

use crate::accounts::account;
use crate::db::{Row, all, query};
use crate::deed::Deed;
use crate::error::{Named, StoreError};
use crate::model::Account;
use crate::rows::us;
use crate::store::Store;

/// A link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The service.
    pub issuer: String,
    /// Whom it means.
    pub subject: String,
    /// The account here.
    pub account: String,
}

fn identity(row: &Row) -> Result<Identity, sqlx::Error> {
    Ok(Identity { issuer: row.get("issuer")?, subject: row.get("subject")?, account: row.get("account")? })
}

impl Store {
    /// All links.
    pub async fn identities(&self, jurisdiction: &str) -> Result<Vec<Identity>, StoreError> {
        const OP: &str = "identities";
        let rows = query("SELECT issuer, subject, account FROM identity WHERE jurisdiction = $1 ORDER BY account")
            .bind(jurisdiction)
            .fetch_all(self.read())
            .await
            .op(OP)?;
        all(&rows, identity).op(OP)
    }

    /// The account, active or not, that a service's subject is linked to.
    pub async fn account_by_identity(
        &self,
        jurisdiction: &str,
        issuer: &str,
        subject: &str,
    ) -> Result<Option<Account>, StoreError> {
        const OP: &str = "account_by_identity";
        let row = query(
            "SELECT a.* FROM identity i JOIN account a ON a.jurisdiction = i.jurisdiction AND a.account = i.account \
             WHERE i.jurisdiction = $1 AND i.issuer = $2 AND i.subject = $3",
        )
        .bind(jurisdiction)
        .bind(issuer)
        .bind(subject)
        .fetch_optional(self.read())
        .await
        .op(OP)?;
        row.as_ref().map(account).transpose().op(OP)
    }
}

impl Deed {
    /// Links an account; a subject that is linked already is a `Constraint`. What the account was linked to at this service before goes.
    pub async fn identity_put(&mut self, link: &Identity, at: Timestamp, by: &str) -> Result<(), StoreError> {
        const OP: &str = "identity_put";
        let (tx, jurisdiction) = self.at();
        query("DELETE FROM identity WHERE jurisdiction = $1 AND issuer = $2 AND account = $3")
            .bind(jurisdiction)
            .bind(&link.issuer)
            .bind(&link.account)
            .execute(&mut *tx)
            .await
            .op(OP)?;
        query(
            "INSERT INTO identity (jurisdiction, issuer, subject, account, linked_at, linked_by) VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(jurisdiction)
        .bind(&link.issuer)
        .bind(&link.subject)
        .bind(&link.account)
        .bind(us(at))
        .bind(by)
        .execute(&mut *tx)
        .await
        .op(OP)?;
        Ok(())
    }

    /// Unlinks an account from every service; `false` if it was linked to none.
    pub async fn identity_delete(&mut self, account: &str) -> Result<bool, StoreError> {
        const OP: &str = "identity_delete";
        let (tx, jurisdiction) = self.at();
        let query = query("DELETE FROM identity WHERE jurisdiction = $1 AND account = $2");
        let query = query.bind(jurisdiction).bind(account);
        Ok(query.execute(tx).await.op(OP)? > 0)
    }
}
