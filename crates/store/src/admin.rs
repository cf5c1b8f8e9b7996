//! Jurisdictions, units and settings.

use crate::db::{Row, Tx, all, query};
use crate::deed::Deed;
use crate::error::{Named, StoreError};
use crate::model::{Jurisdiction, Unit};
use crate::rows::flag;
use crate::store::Store;

/// Most units in one call: six variables each, below SQLite's 32766.
const MOST_UNITS: usize = 5000;

fn jurisdiction(row: &Row) -> Result<Jurisdiction, sqlx::Error> {
    Ok(Jurisdiction { jurisdiction: row.get("jurisdiction")?, name: row.get("name")?, parent: row.get("parent")? })
}

fn unit(row: &Row) -> Result<Unit, sqlx::Error> {
    Ok(Unit {
        unit: row.get("unit")?,
        name: row.get("name")?,
        kind: row.get("kind")?,
        parent: row.get("parent")?,
        active: flag(row, "active")?,
    })
}

impl Store {
    /// Inserts or replaces a jurisdiction, with its first data key. Nothing can be written for one that is not here.
    pub async fn jurisdiction_put(&self, j: &Jurisdiction) -> Result<(), StoreError> {
        const OP: &str = "jurisdiction_put";
        let mut write = self.write(OP).await?;
        let mut tx = write.begin().await.op(OP)?;
        let query = query(
            "INSERT INTO jurisdiction (jurisdiction, name, parent) VALUES ($1, $2, $3) \
             ON CONFLICT (jurisdiction) DO UPDATE SET name = excluded.name, parent = excluded.parent",
        )
        .bind(&j.jurisdiction)
        .bind(&j.name)
        .bind(&j.parent);
        query.execute(&mut tx).await.op(OP)?;
        self.first_key(&mut tx, &j.jurisdiction).await?;
        tx.commit().await.op(OP)
    }

    /// All jurisdictions, by key.
    pub async fn jurisdictions(&self) -> Result<Vec<Jurisdiction>, StoreError> {
        const OP: &str = "jurisdictions";
        let rows = query("SELECT * FROM jurisdiction ORDER BY jurisdiction").fetch_all(self.read()).await.op(OP)?;
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
        let mut query = query("INSERT INTO unit (jurisdiction, unit, name, kind, parent, active) ");
        query.push_values(units, |row, u| {
            row.bind(jurisdiction).bind(&u.unit).bind(&u.name).bind(&u.kind).bind(&u.parent).bind(i64::from(u.active));
        });
        query.push(
            " ON CONFLICT (jurisdiction, unit) DO UPDATE SET name = excluded.name, kind = excluded.kind, \
             parent = excluded.parent, active = excluded.active",
        );
        self.organise(OP, jurisdiction, query.once()).await.map(drop)
    }

    /// All units, active or not, by key.
    pub async fn units(&self, jurisdiction: &str) -> Result<Vec<Unit>, StoreError> {
        const OP: &str = "units";
        let rows = query("SELECT * FROM unit WHERE jurisdiction = $1 ORDER BY unit")
            .bind(jurisdiction)
            .fetch_all(self.read())
            .await
            .op(OP)?;
        all(&rows, unit).op(OP)
    }

    /// Removes a setting; one that is not there is no error.
    pub async fn setting_delete(&self, jurisdiction: &str, name: &str) -> Result<(), StoreError> {
        const OP: &str = "setting_delete";
        let query = query("DELETE FROM setting WHERE jurisdiction = $1 AND name = $2").bind(jurisdiction).bind(name);
        query.execute(&mut self.write(OP).await?).await.op(OP)?;
        Ok(())
    }

    /// A setting's value.
    pub async fn setting(&self, jurisdiction: &str, name: &str) -> Result<Option<String>, StoreError> {
        query("SELECT value FROM setting WHERE jurisdiction = $1 AND name = $2")
            .bind(jurisdiction)
            .bind(name)
            .scalar_optional(self.read())
            .await
            .op("setting")
    }

    /// All settings, by name.
    pub async fn settings(&self, jurisdiction: &str) -> Result<Vec<(String, String)>, StoreError> {
        const OP: &str = "settings";
        let rows = query("SELECT name, value FROM setting WHERE jurisdiction = $1 ORDER BY name")
            .bind(jurisdiction)
            .fetch_all(self.read())
            .await
            .op(OP)?;
        all(&rows, |row| Ok((row.at(0)?, row.at(1)?))).op(OP)
    }
}

impl Deed {
    /// Puts the jurisdiction under another, or under none.
    pub async fn stand_under(&mut self, parent: Option<&str>) -> Result<(), StoreError> {
        let (tx, jurisdiction) = self.at();
        let query =
            query("UPDATE jurisdiction SET parent = $2 WHERE jurisdiction = $1").bind(jurisdiction).bind(parent);
        query.execute(tx).await.op("stand_under").map(drop)
    }

    /// Inserts or replaces a setting.
    pub async fn setting_put(&mut self, name: &str, value: &str) -> Result<(), StoreError> {
        const OP: &str = "setting_put";
        let (tx, jurisdiction) = self.at();
        let query = query(
            "INSERT INTO setting (jurisdiction, name, value) VALUES ($1, $2, $3) \
             ON CONFLICT (jurisdiction, name) DO UPDATE SET value = excluded.value",
        )
        .bind(jurisdiction)
        .bind(name)
        .bind(value);
        query.execute(tx).await.op(OP)?;
        Ok(())
    }
}

impl Store {
    /// The number of the next list of tickets that are erased together.
    pub async fn next_erasure(&self, jurisdiction: &str) -> Result<i64, StoreError> {
        const OP: &str = "next_erasure";
        let mut write = self.write(OP).await?;
        let mut tx = write.begin().await.op(OP)?;
        let number = next_number(&mut tx, jurisdiction, "erasure").await.op(OP)?;
        tx.commit().await.op(OP)?;
        Ok(number)
    }
}

/// The next number of a counter, from 1 without a gap: it is given out with the transaction or not at all.
pub(crate) async fn next_number(tx: &mut Tx<'_>, jurisdiction: &str, counter: &str) -> Result<i64, sqlx::Error> {
    query(
        "INSERT INTO counter (jurisdiction, name, value) VALUES ($1, $2, 1) \
         ON CONFLICT (jurisdiction, name) DO UPDATE SET value = counter.value + 1 RETURNING value",
    )
    .bind(jurisdiction)
    .bind(counter)
    .scalar(tx)
    .await
}
