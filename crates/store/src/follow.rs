//! What other processes have done meanwhile.

use crate::admin::next_number;
use crate::db::{Query, Tx, all, query};
use crate::error::{Named, StoreError};
use crate::store::Store;

/// Counts the changes of units and accounts.
pub(crate) const ORGANISATION: &str = "organisation";

/// How far things have gone.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Marks {
    /// Position of the last journal entry, 0 for none.
    pub seq: i64,
    /// Changes of units and accounts so far.
    pub organisation: i64,
}

impl Store {
    /// How far things have gone, in one quick question.
    pub async fn marks(&self, jurisdiction: &str) -> Result<Marks, StoreError> {
        const OP: &str = "marks";
        let row = query(
            "SELECT COALESCE((SELECT MAX(seq) FROM journal WHERE jurisdiction = $1), 0), \
             COALESCE((SELECT value FROM counter WHERE jurisdiction = $1 AND name = $2), 0)",
        )
        .bind(jurisdiction)
        .bind(ORGANISATION)
        .fetch_optional(self.read())
        .await
        .op(OP)?
        .ok_or_else(|| StoreError::not_found(OP, "row"))?;
        Ok(Marks { seq: row.at(0).op(OP)?, organisation: row.at(1).op(OP)? })
    }

    /// Tickets of the entries after one position up to and with another, each once, by the order of its last entry.
    pub async fn tickets_changed(&self, jurisdiction: &str, after: i64, to: i64) -> Result<Vec<String>, StoreError> {
        const OP: &str = "tickets_changed";
        let rows = query(
            "SELECT ticket, MAX(seq) FROM journal WHERE jurisdiction = $1 AND seq > $2 AND seq <= $3 \
             GROUP BY ticket ORDER BY 2",
        )
        .bind(jurisdiction)
        .bind(after)
        .bind(to)
        .fetch_all(self.read())
        .await
        .op(OP)?;
        all(&rows, |row| row.at(0)).op(OP)
    }

    /// [`organised`], by itself.
    pub(crate) async fn organise(
        &self,
        op: &'static str,
        jurisdiction: &str,
        change: Query,
    ) -> Result<u64, StoreError> {
        let mut write = self.write(op).await?;
        let mut tx = write.begin().await.op(op)?;
        let rows = organised(&mut tx, op, jurisdiction, change).await?;
        tx.commit().await.op(op)?;
        Ok(rows)
    }
}

/// Changes units or accounts, and counts it: by this, processes that know them by heart learn that they changed.
pub(crate) async fn organised(
    tx: &mut Tx<'_>,
    op: &'static str,
    jurisdiction: &str,
    change: Query,
) -> Result<u64, StoreError> {
    let rows = change.execute(&mut *tx).await.op(op)?;
    next_number(tx, jurisdiction, ORGANISATION).await.op(op)?;
    Ok(rows)
}
