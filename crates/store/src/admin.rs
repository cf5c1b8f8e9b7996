//! Jurisdictions, units, settings, and the record of who opened what.

use sqlx::sqlite::SqliteRow;
use sqlx::{QueryBuilder, Row, Sqlite};

use crate::error::{Named, StoreError};
use crate::list::{Page, page_length};
use crate::model::{Access, Jurisdiction, Unit};
use crate::rows::{all, flag, time, us};
use crate::store::Store;

/// Most units in one call: six variables each, below SQLite's 32766.
const MOST_UNITS: usize = 5000;

/// A line of the access record with its position.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoggedAccess {
    /// From 1, without a gap.
    pub id: i64,
    /// The line.
    pub access: Access,
}

fn jurisdiction(row: &SqliteRow) -> Result<Jurisdiction, sqlx::Error> {
    Ok(Jurisdiction {
        jurisdiction: row.try_get("jurisdiction")?,
        name: row.try_get("name")?,
        parent: row.try_get("parent")?,
    })
}

fn unit(row: &SqliteRow) -> Result<Unit, sqlx::Error> {
    Ok(Unit {
        unit: row.try_get("unit")?,
        name: row.try_get("name")?,
        kind: row.try_get("kind")?,
        parent: row.try_get("parent")?,
        active: flag(row, "active")?,
    })
}

fn logged(row: &SqliteRow) -> Result<LoggedAccess, sqlx::Error> {
    let access = Access {
        at: time(row, "at")?,
        account: row.try_get("account")?,
        ticket: row.try_get("ticket")?,
        what: row.try_get("what")?,
        reason: row.try_get("reason")?,
    };
    Ok(LoggedAccess { id: row.try_get("id")?, access })
}

impl Store {
    /// Inserts or replaces a jurisdiction. Nothing can be written for one that is not here.
    pub async fn jurisdiction_put(&self, j: &Jurisdiction) -> Result<(), StoreError> {
        const OP: &str = "jurisdiction_put";
        let query = sqlx::query(
            "INSERT INTO jurisdiction (jurisdiction, name, parent) VALUES ($1, $2, $3) \
             ON CONFLICT (jurisdiction) DO UPDATE SET name = excluded.name, parent = excluded.parent",
        )
        .bind(j.jurisdiction.clone())
        .bind(j.name.clone())
        .bind(j.parent.clone());
        query.execute(&mut *self.write(OP).await?).await.op(OP)?;
        Ok(())
    }

    /// All jurisdictions, by key.
    pub async fn jurisdictions(&self) -> Result<Vec<Jurisdiction>, StoreError> {
        const OP: &str = "jurisdictions";
        let rows =
            sqlx::query("SELECT * FROM jurisdiction ORDER BY jurisdiction").fetch_all(self.read()).await.op(OP)?;
        all(&rows, jurisdiction).op(OP)
    }

    /// Inserts or replaces units, all or none, at most 5000. Units that are not named stay as they are.
    pub async fn units_put(&self, jurisdiction: &str, units: &[Unit]) -> Result<(), StoreError> {
        const OP: &str = "units_put";
        if units.is_empty() {
            return Ok(());
        }
        if units.len() > MOST_UNITS {
            return Err(StoreError::invalid(OP, "more than 5000 units at once"));
        }
        let mut query =
            QueryBuilder::<Sqlite>::new("INSERT INTO unit (jurisdiction, unit, name, kind, parent, active) ");
        query.push_values(units, |mut row, u| {
            row.push_bind(jurisdiction.to_owned())
                .push_bind(u.unit.clone())
                .push_bind(u.name.clone())
                .push_bind(u.kind.clone())
                .push_bind(u.parent.clone())
                .push_bind(i64::from(u.active));
        });
        query.push(
            " ON CONFLICT (jurisdiction, unit) DO UPDATE SET name = excluded.name, kind = excluded.kind, \
             parent = excluded.parent, active = excluded.active",
        );
        query.build().persistent(false).execute(&mut *self.write(OP).await?).await.op(OP)?;
        Ok(())
    }

    /// All units, active or not, by key.
    pub async fn units(&self, jurisdiction: &str) -> Result<Vec<Unit>, StoreError> {
        const OP: &str = "units";
        let rows = sqlx::query("SELECT * FROM unit WHERE jurisdiction = $1 ORDER BY unit")
            .bind(jurisdiction.to_owned())
            .fetch_all(self.read())
            .await
            .op(OP)?;
        all(&rows, unit).op(OP)
    }

    /// Inserts or replaces a setting.
    pub async fn setting_put(&self, jurisdiction: &str, name: &str, value: &str) -> Result<(), StoreError> {
        const OP: &str = "setting_put";
        let query = sqlx::query(
            "INSERT INTO setting (jurisdiction, name, value) VALUES ($1, $2, $3) \
             ON CONFLICT (jurisdiction, name) DO UPDATE SET value = excluded.value",
        )
        .bind(jurisdiction.to_owned())
        .bind(name.to_owned())
        .bind(value.to_owned());
        query.execute(&mut *self.write(OP).await?).await.op(OP)?;
        Ok(())
    }

    /// Removes a setting; one that is not there is no error.
    pub async fn setting_delete(&self, jurisdiction: &str, name: &str) -> Result<(), StoreError> {
        const OP: &str = "setting_delete";
        let query = sqlx::query("DELETE FROM setting WHERE jurisdiction = $1 AND name = $2")
            .bind(jurisdiction.to_owned())
            .bind(name.to_owned());
        query.execute(&mut *self.write(OP).await?).await.op(OP)?;
        Ok(())
    }

    /// A setting's value.
    pub async fn setting(&self, jurisdiction: &str, name: &str) -> Result<Option<String>, StoreError> {
        sqlx::query_scalar("SELECT value FROM setting WHERE jurisdiction = $1 AND name = $2")
            .bind(jurisdiction.to_owned())
            .bind(name.to_owned())
            .fetch_optional(self.read())
            .await
            .op("setting")
    }

    /// All settings, by name.
    pub async fn settings(&self, jurisdiction: &str) -> Result<Vec<(String, String)>, StoreError> {
        sqlx::query_as("SELECT name, value FROM setting WHERE jurisdiction = $1 ORDER BY name")
            .bind(jurisdiction.to_owned())
            .fetch_all(self.read())
            .await
            .op("settings")
    }

    /// Appends to the record of who opened what; returns the line's id. Returns after it is on disk, so that nothing is
    /// shown that was not recorded.
    pub async fn access_append(&self, jurisdiction: &str, a: &Access) -> Result<i64, StoreError> {
        const OP: &str = "access_append";
        let query = sqlx::query_scalar(
            "INSERT INTO access_log (jurisdiction, id, at, account, ticket, what, reason) \
             SELECT $1, COALESCE(MAX(l.id), 0) + 1, $2, $3, $4, $5, $6 FROM access_log l WHERE l.jurisdiction = $1 \
             RETURNING id",
        )
        .bind(jurisdiction.to_owned())
        .bind(us(a.at))
        .bind(a.account.clone())
        .bind(a.ticket.clone())
        .bind(a.what.clone())
        .bind(a.reason.clone());
        query.fetch_one(&mut *self.write(OP).await?).await.op(OP)
    }

    /// One page of the access record, newest first, of a ticket and of an account if given. `limit` is held to 1–100.
    pub async fn accesses(
        &self,
        jurisdiction: &str,
        ticket: Option<&str>,
        account: Option<&str>,
        cursor: Option<&str>,
        limit: u32,
    ) -> Result<Page<LoggedAccess>, StoreError> {
        const OP: &str = "accesses";
        let limit = page_length(limit);
        let mut query = QueryBuilder::<Sqlite>::new("SELECT * FROM access_log WHERE jurisdiction = ");
        query.push_bind(jurisdiction.to_owned());
        if let Some(ticket) = ticket {
            query.push(" AND ticket = ").push_bind(ticket.to_owned());
        }
        if let Some(account) = account {
            query.push(" AND account = ").push_bind(account.to_owned());
        }
        if let Some(cursor) = cursor {
            let before: i64 = cursor.parse().map_err(|_| StoreError::invalid(OP, "not a cursor of this list"))?;
            query.push(" AND id < ").push_bind(before);
        }
        query.push(" ORDER BY id DESC LIMIT ").push_bind(i64::from(limit) + 1);
        let rows = query.build().fetch_all(self.read()).await.op(OP)?;
        Ok(Page::cut(all(&rows, logged).op(OP)?, limit, |l| l.id.to_string()))
    }
}
