//! How many tickets there are, by day of registration, lead unit, kind and state: triggers keep it with every change of a ticket (migration
//! 11), so that a dashboard over a million tickets reads some thousand cells.

use jiff::Timestamp;

use crate::db::{Row, all, query};
use crate::error::{Named, StoreError};
use crate::rows::us;
use crate::store::Store;

/// China has one time, UTC+8, and no summer time since 1991.
const CHINA: i64 = 8 * 3_600 * 1_000_000;
const DAY: i64 = 24 * 3_600 * 1_000_000;

/// What a ticket is counted under.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cell {
    /// Day of the registration, in days since 1970-01-01.
    pub day: i64,
    /// The lead unit; empty for none.
    pub unit: String,
    /// Kind of appeal.
    pub kind: String,
    /// State.
    pub state: String,
}

/// Days since 1970-01-01 in China.
pub fn day(at: Timestamp) -> i64 {
    (us(at) + CHINA).div_euclid(DAY)
}

/// Whether a day begins here, in China.
pub(crate) fn begins_day(at: Timestamp) -> bool {
    (us(at) + CHINA).rem_euclid(DAY) == 0
}

/// What the cells are added up by; each one that is named makes a column of the answer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct By {
    /// By day.
    pub day: bool,
    /// By lead unit.
    pub unit: bool,
    /// By kind.
    pub kind: bool,
    /// By state.
    pub state: bool,
}

/// A sum. What it is not by is empty (0 for the day).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sum {
    /// What was added up.
    pub cell: Cell,
    /// How many tickets.
    pub tickets: i64,
}

/// The whole of the cells, computed from the tickets.
const RECOUNT: &str = "SELECT jurisdiction, (registered_at + 28800000000) / 86400000000 AS day, COALESCE(lead, '') AS unit, kind, \
     state, COUNT(*) AS tickets FROM ticket WHERE jurisdiction = $1 GROUP BY 1, 2, 3, 4, 5";

impl Store {
    /// Tickets registered from one day up to and without another, added up. In the order of what they are by.
    pub async fn tally(&self, jurisdiction: &str, from: i64, to: i64, by: By) -> Result<Vec<Sum>, StoreError> {
        const OP: &str = "tally";
        let column = |wanted, name, none| if wanted { name } else { none };
        let sql = format!(
            "SELECT {} AS day, {} AS unit, {} AS kind, {} AS state, CAST(SUM(tickets) AS BIGINT) AS tickets FROM tally \
             WHERE jurisdiction = $1 AND day >= $2 AND day < $3 GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4",
            column(by.day, "day", "CAST(0 AS BIGINT)"),
            column(by.unit, "unit", "''"),
            column(by.kind, "kind", "''"),
            column(by.state, "state", "''"),
        );
        let rows = query(sql).bind(jurisdiction).bind(from).bind(to).fetch_all(self.read()).await.op(OP)?;
        all(&rows, sum).op(OP)
    }

    /// Counts everything anew: after somebody wrote past the triggers.
    pub async fn tally_recount(&self, jurisdiction: &str) -> Result<(), StoreError> {
        const OP: &str = "tally_recount";
        let mut write = self.write(OP).await?;
        let mut tx = write.begin().await.op(OP)?;
        query("DELETE FROM tally WHERE jurisdiction = $1").bind(jurisdiction).execute(&mut tx).await.op(OP)?;
        let sql = format!("INSERT INTO tally (jurisdiction, day, unit, kind, state, tickets) {RECOUNT}");
        query(sql).bind(jurisdiction).execute(&mut tx).await.op(OP)?;
        tx.commit().await.op(OP)
    }

    /// Cells that are not what a full count of the tickets gives: none, unless somebody changed the database.
    pub async fn tally_faults(&self, jurisdiction: &str) -> Result<Vec<Cell>, StoreError> {
        const OP: &str = "tally_faults";
        let kept = "SELECT jurisdiction, day, unit, kind, state, tickets FROM tally WHERE jurisdiction = $1";
        let sql = format!(
            "SELECT day, unit, kind, state, tickets FROM (SELECT * FROM ({kept}) AS k EXCEPT SELECT * FROM ({RECOUNT}) AS r) AS x \
             UNION SELECT day, unit, kind, state, tickets FROM (SELECT * FROM ({RECOUNT}) AS r EXCEPT SELECT * FROM ({kept}) AS k) \
             AS y ORDER BY 1, 2, 3, 4"
        );
        let rows = query(sql).bind(jurisdiction).fetch_all(self.read()).await.op(OP)?;
        let mut cells: Vec<Cell> = all(&rows, |row| Ok(sum(row)?.cell)).op(OP)?;
        cells.dedup();
        Ok(cells)
    }
}

fn sum(row: &Row) -> Result<Sum, sqlx::Error> {
    let cell = Cell { day: row.get("day")?, unit: row.get("unit")?, kind: row.get("kind")?, state: row.get("state")? };
    Ok(Sum { cell, tickets: row.get("tickets")? })
}
