//! Keys change while everybody goes on working. A new master key wraps the same data keys. A new data key seals from its first moment on;
//! what stands under older ones is sealed anew in small steps, each of which says how far it came: whoever goes on begins there.

use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::cipher::version;
use super::ring::{make, rewrapped};
use super::{KeyError, Ring, Spot};
use crate::columns::{Declared, FOUND, sealed};
use crate::db::{Dialect, Row, Tx, Value, query};
use crate::error::{Named, StoreError};
use crate::persons::tidy;
use crate::rows::{time, time_opt, us};
use crate::schema::Table;
use crate::store::Store;
use crate::writer::lock;

const OP: &str = "keys";

/// The setting that says that rows wait to be sealed anew, and how far it has come.
const SETTING: &str = "resealing";

/// Rows of a step while nobody else works on the database yet.
const AT_ONCE: u32 = 500;

/// A data key, as an operator hears of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyState {
    /// From 1; the last one seals.
    pub version: i64,
    /// Name of the master key that wraps it.
    pub master: String,
    /// When it was made.
    pub made_at: Timestamp,
    /// When the last row under it had been sealed anew.
    pub retired_at: Option<Timestamp>,
}

/// Rows that are being sealed anew.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resealing {
    /// The key that they go under.
    pub to: i64,
    /// The table that it has come to; none: it has yet to begin.
    pub table: Option<String>,
    /// Rows looked at so far.
    pub rows: u64,
    /// The last row's key in it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    after: Vec<Key>,
    /// What is not sealed is sealed too: the database is from before anything was.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    plain: bool,
}

/// A value of a key column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
enum Key {
    Number(i64),
    Text(String),
}

impl Key {
    fn text(&self) -> String {
        match self {
            Key::Number(n) => n.to_string(),
            Key::Text(text) => text.clone(),
        }
    }
}

impl From<&Key> for Value {
    fn from(key: &Key) -> Self {
        match key {
            Key::Number(n) => (*n).into(),
            Key::Text(text) => text.into(),
        }
    }
}

fn key_error(source: KeyError) -> StoreError {
    StoreError::Key { op: OP, source }
}

/// Keys live by the wall clock, whatever the centre's says.
#[expect(clippy::disallowed_methods, reason = "keys live by the wall clock")]
fn now() -> i64 {
    us(Timestamp::now())
}

impl Store {
    /// Whether anything was ever sealed here: then a master key that is missing is lost, and none may be made instead.
    pub async fn has_keys(&self) -> Result<bool, StoreError> {
        if self.schema_version().await? < 16 {
            return Ok(false);
        }
        let keys: i64 = query("SELECT COUNT(*) FROM data_key").scalar(self.read()).await.op(OP)?;
        Ok(keys > 0)
    }

    /// Unwraps every data key, before anything is written.
    ///
    /// # Errors
    /// One does not open: the master key is missing or another one.
    pub async fn unlock(&self) -> Result<(), StoreError> {
        if !self.has_keys().await? {
            return Ok(());
        }
        let rows = query("SELECT DISTINCT jurisdiction FROM data_key").fetch_all(self.read()).await.op(OP)?;
        for row in rows {
            self.rings().load(self.read(), OP, &row.at::<String>(0).op(OP)?).await?;
        }
        Ok(())
    }

    /// The data keys of a jurisdiction, oldest first.
    pub async fn keys(&self, jurisdiction: &str) -> Result<Vec<KeyState>, StoreError> {
        let rows =
            query("SELECT version, master, made_at, retired_at FROM data_key WHERE jurisdiction = $1 ORDER BY version")
                .bind(jurisdiction)
                .fetch_all(self.read())
                .await
                .op(OP)?;
        let state = |row: &Row| {
            Ok(KeyState {
                version: row.get("version")?,
                master: row.get("master")?,
                made_at: time(row, "made_at")?,
                retired_at: time_opt(row, "retired_at")?,
            })
        };
        rows.iter().map(state).collect::<Result<_, sqlx::Error>>().op(OP)
    }

    /// Gives a jurisdiction its first key, in the transaction that makes the jurisdiction; `false` if it has one.
    pub(crate) async fn first_key(&self, tx: &mut Tx<'_>, jurisdiction: &str) -> Result<bool, StoreError> {
        let there: i64 = query("SELECT COUNT(*) FROM data_key WHERE jurisdiction = $1")
            .bind(jurisdiction)
            .scalar(&mut *tx)
            .await
            .op(OP)?;
        if there > 0 {
            return Ok(false);
        }
        make(self.rings(), tx, OP, jurisdiction, 1).await?;
        Ok(true)
    }

    /// Makes a new data key. From the end of this call on every process seals by it; what stands under older ones is left to
    /// [`Store::reseal`]. Its version.
    ///
    /// # Errors
    /// The last rotation has not come to its end, or there is no master key.
    pub async fn rotate(&self, jurisdiction: &str) -> Result<i64, StoreError> {
        if self.resealing(jurisdiction).await?.is_some() {
            return Err(StoreError::invalid(OP, "rows still wait to be sealed by the last key"));
        }
        // The old ones must open, or nothing that was sealed could be sealed anew.
        self.rings().load(self.read(), OP, jurisdiction).await?;
        let mut write = self.write(OP).await?;
        let mut tx = write.begin().await.op(OP)?;
        // Nobody is in the middle of sealing by the old one.
        lock(&mut tx, &[jurisdiction.to_owned()]).await.op(OP)?;
        if tx.dialect() == Dialect::Postgres {
            let held = query("SELECT version FROM data_key WHERE jurisdiction = $1 ORDER BY version FOR UPDATE");
            held.bind(jurisdiction).fetch_all(&mut tx).await.op(OP)?;
        }
        let last: i64 = query("SELECT COALESCE(MAX(version), 0) FROM data_key WHERE jurisdiction = $1")
            .bind(jurisdiction)
            .scalar(&mut tx)
            .await
            .op(OP)?;
        let to = last + 1;
        make(self.rings(), &mut tx, OP, jurisdiction, to).await?;
        note(&mut tx, jurisdiction, &Resealing { to, table: None, rows: 0, after: Vec::new(), plain: false }).await?;
        tx.commit().await.op(OP)?;
        drop(write);
        self.rings().load(self.read(), OP, jurisdiction).await?;
        Ok(to)
    }

    /// Wraps every data key by the current master key, all or none. How many were not yet.
    ///
    /// # Errors
    /// One does not open, or there is no master key.
    pub async fn rewrap(&self) -> Result<u64, StoreError> {
        let master = self.rings().master().map_err(key_error)?;
        let mut write = self.write(OP).await?;
        let mut tx = write.begin().await.op(OP)?;
        let rows = query("SELECT jurisdiction, version, secret, master FROM data_key ORDER BY jurisdiction, version")
            .fetch_all(&mut tx)
            .await
            .op(OP)?;
        let mut changed = 0;
        for row in rows {
            let (jurisdiction, version): (String, i64) = (row.at(0).op(OP)?, row.at(1).op(OP)?);
            let (secret, id): (String, String) = (row.at(2).op(OP)?, row.at(3).op(OP)?);
            let anew = rewrapped(master, &jurisdiction, version, (&id, &secret)).map_err(key_error)?;
            let Some((id, wrapped)) = anew else { continue };
            changed += query("UPDATE data_key SET secret = $1, master = $2 WHERE jurisdiction = $3 AND version = $4")
                .bind(wrapped)
                .bind(id)
                .bind(jurisdiction)
                .bind(version)
                .execute(&mut tx)
                .await
                .op(OP)?;
        }
        tx.commit().await.op(OP)?;
        Ok(changed)
    }

    /// What waits to be sealed anew; `None`: nothing.
    pub async fn resealing(&self, jurisdiction: &str) -> Result<Option<Resealing>, StoreError> {
        let setting = self.setting(jurisdiction, SETTING).await?;
        let unreadable = |_| StoreError::invalid(OP, "the setting of the resealing cannot be read");
        setting.map(|text| serde_json::from_str(&text).map_err(unreadable)).transpose()
    }

    /// One small step: at most so many rows of one table, in one transaction. `false`: nothing waits any more.
    ///
    /// # Errors
    /// The database fails, or a row does not open; it stays as it is.
    pub async fn reseal(&self, jurisdiction: &str, rows: u32) -> Result<bool, StoreError> {
        let Some(mut state) = self.resealing(jurisdiction).await? else { return Ok(false) };
        let ring = self.rings().at_least(self.read(), OP, jurisdiction, state.to).await?;
        let at = sealed().position(|(table, _)| Some(table.name) == state.table.as_deref()).unwrap_or(0);
        let Some((table, declared)) = sealed().nth(at) else { return Ok(false) };
        let found = self.next_rows(jurisdiction, table, declared, &state.after, rows).await.op(OP)?;
        let mut write = self.write(OP).await?;
        let mut tx = write.begin().await.op(OP)?;
        for row in &found {
            let sealing = Anew { ring: &ring, jurisdiction, table, declared, plain: state.plain };
            sealing.row(&mut tx, row).await?;
        }
        state.rows += found.len() as u64;
        let over = found.len() < rows as usize;
        state.after = found.into_iter().next_back().map(|row| row.key).unwrap_or_default();
        state.table = Some(table.name.to_owned());
        let next = sealed().nth(at + 1);
        match (over, next) {
            (true, None) => finish(&mut tx, jurisdiction, state.to).await?,
            (true, Some((next, _))) => {
                (state.table, state.after) = (Some(next.name.to_owned()), Vec::new());
                note(&mut tx, jurisdiction, &state).await?;
            }
            (false, _) => note(&mut tx, jurisdiction, &state).await?,
        }
        tx.commit().await.op(OP)?;
        drop(write);
        let more = !(over && next.is_none());
        if !more {
            self.rings().load(self.read(), OP, jurisdiction).await?;
        }
        Ok(more)
    }

    async fn next_rows(
        &self,
        jurisdiction: &str,
        table: &Table,
        declared: &Declared,
        after: &[Key],
        rows: u32,
    ) -> Result<Vec<Standing>, sqlx::Error> {
        let keys: Vec<&str> = table.names().take(table.key).skip(1).collect();
        let mut query = query(format!("SELECT {}, {} FROM ", keys.join(", "), declared.personal.join(", ")));
        query.push(table.name).push(" WHERE jurisdiction = ").push_bind(jurisdiction);
        if !after.is_empty() {
            query.push(&format!(" AND ({}) > (", keys.join(", "))).push_list(after).push(")");
        }
        query.push(&format!(" ORDER BY {} LIMIT ", keys.join(", "))).push_bind(i64::from(rows));
        let read = |row: &Row| {
            let key =
                |n: usize| Ok(if table.is_number(n + 1) { Key::Number(row.at(n)?) } else { Key::Text(row.at(n)?) });
            Ok(Standing {
                key: (0..keys.len()).map(key).collect::<Result<_, sqlx::Error>>()?,
                values: (0..declared.personal.len()).map(|n| row.at(keys.len() + n)).collect::<Result<_, _>>()?,
            })
        };
        query.fetch_all(self.read()).await?.iter().map(read).collect()
    }

    /// Databases from before anything was sealed: each jurisdiction gets its key, and everything is sealed before anybody works on it.
    pub(crate) async fn seal_what_was_plain(&self) -> Result<(), StoreError> {
        for jurisdiction in self.jurisdictions().await? {
            let name = jurisdiction.jurisdiction;
            let mut write = self.write(OP).await?;
            let mut tx = write.begin().await.op(OP)?;
            if self.first_key(&mut tx, &name).await? {
                let all = Resealing { to: 1, table: None, rows: 0, after: Vec::new(), plain: true };
                note(&mut tx, &name, &all).await?;
            }
            tx.commit().await.op(OP)?;
            drop(write);
            if self.resealing(&name).await?.is_some_and(|state| state.plain) {
                while self.reseal(&name, AT_ONCE).await? {}
            }
        }
        Ok(())
    }

    /// Goes on sealing anew until nothing waits, with a pause after each step.
    ///
    /// # Errors
    /// As [`Store::reseal`].
    pub async fn reseal_all(&self, jurisdiction: &str, pause: Duration) -> Result<(), StoreError> {
        while self.reseal(jurisdiction, AT_ONCE).await? {
            tokio::time::sleep(pause).await;
        }
        Ok(())
    }
}

async fn note(tx: &mut Tx<'_>, jurisdiction: &str, state: &Resealing) -> Result<(), StoreError> {
    let text = serde_json::to_string(state).map_err(|_| StoreError::invalid(OP, "a key that is no text"))?;
    query(
        "INSERT INTO setting (jurisdiction, name, value) VALUES ($1, $2, $3) \
         ON CONFLICT (jurisdiction, name) DO UPDATE SET value = excluded.value",
    )
    .bind(jurisdiction)
    .bind(SETTING)
    .bind(text)
    .execute(tx)
    .await
    .op(OP)?;
    Ok(())
}

async fn finish(tx: &mut Tx<'_>, jurisdiction: &str, to: i64) -> Result<(), StoreError> {
    query("UPDATE data_key SET retired_at = $1 WHERE jurisdiction = $2 AND version < $3 AND retired_at IS NULL")
        .bind(now())
        .bind(jurisdiction)
        .bind(to)
        .execute(&mut *tx)
        .await
        .op(OP)?;
    let done = query("DELETE FROM setting WHERE jurisdiction = $1 AND name = $2");
    done.bind(jurisdiction).bind(SETTING).execute(tx).await.op(OP)?;
    Ok(())
}

/// A row as it was read.
struct Standing {
    key: Vec<Key>,
    values: Vec<Option<String>>,
}

/// Seals rows of a table by the newest key.
struct Anew<'a> {
    ring: &'a Ring,
    jurisdiction: &'a str,
    table: &'a Table,
    declared: &'a Declared,
    plain: bool,
}

impl Anew<'_> {
    /// Nothing happens to a row that somebody changed meanwhile: what they wrote is under the newest key.
    async fn row(&self, tx: &mut Tx<'_>, row: &Standing) -> Result<(), StoreError> {
        let texts: Vec<String> = row.key.iter().map(Key::text).collect();
        let names: Vec<&str> = texts.iter().map(String::as_str).collect();
        let mut sets: Vec<(&str, Value)> = Vec::new();
        for (column, stored) in self.declared.personal.iter().zip(&row.values) {
            let Some(stored) = stored.as_deref().filter(|s| !s.is_empty()) else { continue };
            let spot = Spot { jurisdiction: self.jurisdiction, table: self.table.name, row: &names, column };
            let Some(text) = self.to_be_sealed(&spot, stored)? else { continue };
            let newest = self.ring.newest();
            sets.push((*column, newest.seal(&spot, &text).into()));
            let found = FOUND.iter().find(|(table, of, ..)| *table == self.table.name && of == column);
            if let Some((_, _, digest, sort)) = found {
                sets.push((*digest, newest.find(sort, &tidy(&text)).into()));
            }
        }
        if sets.is_empty() {
            return Ok(());
        }
        let mut query = query(format!("UPDATE {} SET ", self.table.name));
        for (n, (column, value)) in sets.into_iter().enumerate() {
            query.push(if n == 0 { "" } else { ", " }).push(column).push(" = ").push_bind(value);
        }
        query.push(" WHERE jurisdiction = ").push_bind(self.jurisdiction);
        for (column, key) in self.table.names().take(self.table.key).skip(1).zip(&row.key) {
            query.push(" AND ").push(column).push(" = ").push_bind(key);
        }
        for (column, stored) in self.declared.personal.iter().zip(&row.values) {
            query.push(" AND ").push(column).push(" IS NOT DISTINCT FROM ").push_bind(stored.clone());
        }
        query.execute(tx).await.op(OP).map(drop)
    }

    /// What a stored text says, if it is not under the newest key.
    fn to_be_sealed(&self, spot: &Spot<'_>, stored: &str) -> Result<Option<String>, StoreError> {
        let newest = self.ring.newest().version;
        match self.ring.open(spot, stored) {
            Ok(_) if version(stored) == Ok(newest) => Ok(None),
            Ok(text) => Ok(Some(text)),
            Err(_) if self.plain => Ok(Some(stored.to_owned())),
            Err(error) => Err(key_error(error)),
        }
    }
}
