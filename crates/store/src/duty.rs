//! Who is down for which shift, and what people on duty said of themselves.

use jiff::Timestamp;

use crate::db::{Row, all, query};
use crate::deed::Deed;
use crate::error::{Named, StoreError};
use crate::rows::{time, time_opt, us};
use crate::store::Store;

/// Somebody down for a shift of a day.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct OnRoster {
    /// Days since 1970-01-01.
    pub day: i32,
    /// The shift, in the caller's vocabulary.
    pub shift: String,
    /// Whose turn it is.
    pub account: String,
}

/// A state that somebody on duty was in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stay {
    /// Who.
    pub account: String,
    /// Since when.
    pub from: Timestamp,
    /// The state, in the caller's vocabulary.
    pub state: String,
    /// Until when; `None`: still.
    pub until: Option<Timestamp>,
}

fn on_roster(row: &Row) -> Result<OnRoster, sqlx::Error> {
    let day: i64 = row.get("day")?;
    let day = i32::try_from(day).map_err(|e| sqlx::Error::Decode(Box::new(e)))?;
    Ok(OnRoster { day, shift: row.get("shift")?, account: row.get("account")? })
}

fn stay(row: &Row) -> Result<Stay, sqlx::Error> {
    Ok(Stay {
        account: row.get("account")?,
        from: time(row, "from_at")?,
        state: row.get("state")?,
        until: time_opt(row, "until_at")?,
    })
}

impl Store {
    /// Who is down from one day to another, both in, by day, shift and account.
    pub async fn roster(&self, jurisdiction: &str, from: i32, to: i32) -> Result<Vec<OnRoster>, StoreError> {
        const OP: &str = "roster";
        let rows = query(
            "SELECT day, shift, account FROM roster WHERE jurisdiction = $1 AND day >= $2 AND day <= $3 \
             ORDER BY day, shift, account",
        )
        .bind(jurisdiction)
        .bind(i64::from(from))
        .bind(i64::from(to))
        .fetch_all(self.read())
        .await
        .op(OP)?;
        all(&rows, on_roster).op(OP)
    }

    /// What everybody is now who ever said so, by account.
    pub async fn presences(&self, jurisdiction: &str) -> Result<Vec<Stay>, StoreError> {
        const OP: &str = "presences";
        let rows = query("SELECT * FROM presence WHERE jurisdiction = $1 AND until_at IS NULL ORDER BY account")
            .bind(jurisdiction)
            .fetch_all(self.read())
            .await
            .op(OP)?;
        all(&rows, stay).op(OP)
    }

    /// The states that began in a span, by account and beginning.
    pub async fn stays(&self, jurisdiction: &str, from: Timestamp, until: Timestamp) -> Result<Vec<Stay>, StoreError> {
        const OP: &str = "stays";
        let rows = query(
            "SELECT * FROM presence WHERE jurisdiction = $1 AND from_at >= $2 AND from_at < $3 ORDER BY account, from_at",
        )
        .bind(jurisdiction)
        .bind(us(from))
        .bind(us(until))
        .fetch_all(self.read())
        .await
        .op(OP)?;
        all(&rows, stay).op(OP)
    }
}

impl Deed {
    /// Puts these people, and nobody else, down for a shift of a day.
    pub async fn roster_put(&mut self, day: i32, shift: &str, accounts: &[String]) -> Result<(), StoreError> {
        const OP: &str = "roster_put";
        let (tx, jurisdiction) = self.at();
        let day = i64::from(day);
        query("DELETE FROM roster WHERE jurisdiction = $1 AND day = $2 AND shift = $3")
            .bind(jurisdiction)
            .bind(day)
            .bind(shift)
            .execute(&mut *tx)
            .await
            .op(OP)?;
        if !accounts.is_empty() {
            let mut query = query("INSERT INTO roster (jurisdiction, day, shift, account) ");
            query.push_values(accounts, |row, account| {
                row.bind(jurisdiction).bind(day).bind(shift).bind(account);
            });
            // Two who save at once: what both named stands once.
            query.push(" ON CONFLICT DO NOTHING");
            query.execute(&mut *tx).await.op(OP)?;
        }
        Ok(())
    }

    /// What an account is from now on; what it was ends. `false` if it is that already.
    pub async fn presence_put(&mut self, account: &str, state: &str, at: Timestamp) -> Result<bool, StoreError> {
        const OP: &str = "presence_put";
        let (tx, jurisdiction) = self.at();
        let now: Option<String> =
            query("SELECT state FROM presence WHERE jurisdiction = $1 AND account = $2 AND until_at IS NULL")
                .bind(jurisdiction)
                .bind(account)
                .scalar_optional(&mut *tx)
                .await
                .op(OP)?;
        if now.as_deref() == Some(state) {
            return Ok(false);
        }
        query("UPDATE presence SET until_at = $3 WHERE jurisdiction = $1 AND account = $2 AND until_at IS NULL")
            .bind(jurisdiction)
            .bind(account)
            .bind(us(at))
            .execute(&mut *tx)
            .await
            .op(OP)?;
        // Of two in one microsecond the later one holds.
        query(
            "INSERT INTO presence (jurisdiction, account, from_at, state) VALUES ($1, $2, $3, $4) \
             ON CONFLICT (jurisdiction, account, from_at) DO UPDATE SET state = excluded.state, until_at = NULL",
        )
        .bind(jurisdiction)
        .bind(account)
        .bind(us(at))
        .bind(state)
        .execute(&mut *tx)
        .await
        .op(OP)?;
        Ok(true)
    }
}
