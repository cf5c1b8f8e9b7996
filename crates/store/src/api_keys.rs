//! Keys of platforms and gateways. The key itself is never stored.

use jiff::Timestamp;

use crate::db::{Row, all, query};
use crate::deed::Deed;
use crate::error::{Named, StoreError};
use crate::follow::organised;
use crate::rows::{time, time_opt, us};
use crate::store::Store;

/// A key.
#[derive(Clone, PartialEq, Eq)]
pub struct ApiKey {
    /// By what people name it; not secret.
    pub key_id: String,
    /// Digest of the key.
    pub key_hash: String,
    /// The platform's name.
    pub name: String,
    /// Codes of actions, in the caller's vocabulary.
    pub scopes: Vec<String>,
    /// Requests a minute.
    pub rate: u32,
    /// When it was made.
    pub created_at: Timestamp,
    /// By which account.
    pub created_by: String,
    /// When it ends.
    pub expires_at: Timestamp,
    /// When it was last used.
    pub used_at: Option<Timestamp>,
}

impl std::fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ApiKey").field("key_id", &self.key_id).field("name", &self.name).finish_non_exhaustive()
    }
}

fn api_key(row: &Row) -> Result<ApiKey, sqlx::Error> {
    Ok(ApiKey {
        key_id: row.get("key_id")?,
        key_hash: row.get("key_hash")?,
        name: row.get("name")?,
        scopes: row.get::<String>("scopes")?.split_whitespace().map(str::to_owned).collect(),
        rate: u32::try_from(row.get::<i64>("rate")?).unwrap_or(1),
        created_at: time(row, "created_at")?,
        created_by: row.get("created_by")?,
        expires_at: time(row, "expires_at")?,
        used_at: time_opt(row, "used_at")?,
    })
}

impl Store {
    /// The key with this digest, if it has not ended at `now`.
    pub async fn api_key(
        &self,
        jurisdiction: &str,
        key_hash: &str,
        now: Timestamp,
    ) -> Result<Option<ApiKey>, StoreError> {
        const OP: &str = "api_key";
        let row = query("SELECT * FROM api_key WHERE jurisdiction = $1 AND key_hash = $2 AND expires_at > $3")
            .bind(jurisdiction)
            .bind(key_hash)
            .bind(us(now))
            .fetch_optional(self.read())
            .await
            .op(OP)?;
        row.as_ref().map(api_key).transpose().op(OP)
    }

    /// All keys, ended ones too, newest first.
    pub async fn api_keys(&self, jurisdiction: &str) -> Result<Vec<ApiKey>, StoreError> {
        const OP: &str = "api_keys";
        let rows = query("SELECT * FROM api_key WHERE jurisdiction = $1 ORDER BY created_at DESC, key_id")
            .bind(jurisdiction)
            .fetch_all(self.read())
            .await
            .op(OP)?;
        all(&rows, api_key).op(OP)
    }

    /// Notes that a key was used. Call it once in a while: each call is a write.
    pub async fn api_key_touch(&self, jurisdiction: &str, key_id: &str, at: Timestamp) -> Result<(), StoreError> {
        const OP: &str = "api_key_touch";
        let query = query("UPDATE api_key SET used_at = $1 WHERE jurisdiction = $2 AND key_id = $3")
            .bind(us(at))
            .bind(jurisdiction)
            .bind(key_id);
        query.execute(&mut self.write(OP).await?).await.op(OP).map(drop)
    }
}

impl Deed {
    /// Makes a key.
    pub async fn api_key_put(&mut self, key: &ApiKey) -> Result<(), StoreError> {
        const OP: &str = "api_key_put";
        let (tx, jurisdiction) = self.at();
        let query = query(
            "INSERT INTO api_key (jurisdiction, key_id, key_hash, name, scopes, rate, created_at, created_by, expires_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        )
        .bind(jurisdiction)
        .bind(&key.key_id)
        .bind(&key.key_hash)
        .bind(&key.name)
        .bind(key.scopes.join(" "))
        .bind(i64::from(key.rate))
        .bind(us(key.created_at))
        .bind(&key.created_by)
        .bind(us(key.expires_at));
        organised(tx, OP, jurisdiction, query).await.map(drop)
    }

    /// Lets a key end at an instant, not later than it would anyway; `false` if there is none that goes on for longer.
    pub async fn api_key_end(&mut self, key_id: &str, at: Timestamp) -> Result<bool, StoreError> {
        const OP: &str = "api_key_end";
        let (tx, jurisdiction) = self.at();
        let query =
            query("UPDATE api_key SET expires_at = $1 WHERE jurisdiction = $2 AND key_id = $3 AND expires_at > $1")
                .bind(us(at))
                .bind(jurisdiction)
                .bind(key_id);
        Ok(query.execute(tx).await.op(OP)? == 1)
    }
}
