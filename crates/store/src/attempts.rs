//! Failures by key, for all processes on one database: of log-ins, of query codes, of codes that were sent.

use jiff::{SignedDuration, Timestamp};

use crate::db::{Row, all, query};
use crate::deed::Deed;
use crate::error::{Named, StoreError};
use crate::rows::{time, us};
use crate::store::Store;

/// How many failures a key bears, and for how long it is shut after the last of them. Failures further apart than that do not add up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bearing {
    /// The failure with this number shuts the key.
    pub most: u32,
    /// For how long.
    pub shut: SignedDuration,
}

/// How a key stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attempts {
    /// Failures that count.
    pub failures: i64,
    /// The last that counted.
    pub at: Timestamp,
}

fn attempts(row: &Row) -> Result<Attempts, sqlx::Error> {
    Ok(Attempts { failures: row.get("failures")?, at: time(row, "at")? })
}

impl Store {
    /// Takes one attempt out of what a key bears, before it is known how it ends: many at once cannot get past the limit, whichever
    /// processes they come to. An attempt that succeeds is given back ([`Store::attempt_forget`]).
    ///
    /// `Err(until)`: the key is shut until then and nothing was counted. `Ok(left)`: so many are left after this one.
    pub async fn attempt(
        &self,
        jurisdiction: &str,
        key_hash: &str,
        now: Timestamp,
        bearing: Bearing,
    ) -> Result<Result<i64, Timestamp>, StoreError> {
        const OP: &str = "attempt";
        let most = i64::from(bearing.most);
        let stale = now.checked_sub(bearing.shut).unwrap_or(now);
        // What lies ahead was noted under a clock that has been put back since: it shuts nobody out.
        let query = query(
            "INSERT INTO attempt (jurisdiction, key_hash, failures, at) VALUES ($1, $2, 1, $3) \
             ON CONFLICT (jurisdiction, key_hash) DO UPDATE SET \
             failures = CASE WHEN attempt.at <= $4 OR attempt.at > $3 THEN 1 \
                 WHEN attempt.failures > $5 THEN attempt.failures ELSE attempt.failures + 1 END, \
             at = CASE WHEN attempt.at <= $4 OR attempt.at > $3 OR attempt.failures < $5 THEN $3 ELSE attempt.at END \
             RETURNING failures, at",
        );
        let query = query.bind(jurisdiction).bind(key_hash).bind(us(now)).bind(us(stale)).bind(most);
        let row = query.fetch_optional(&mut self.write(OP).await?).await.op(OP)?;
        let stands = row.as_ref().map(attempts).transpose().op(OP)?.ok_or(sqlx::Error::RowNotFound).op(OP)?;
        if stands.failures > most {
            return Ok(Err(stands.at.checked_add(bearing.shut).unwrap_or(stands.at)));
        }
        Ok(Ok(most - stands.failures))
    }

    /// The keys that are shut at `now`, with the instant at which each opens.
    pub async fn attempts_shut(
        &self,
        jurisdiction: &str,
        now: Timestamp,
        bearing: Bearing,
    ) -> Result<Vec<(String, Timestamp)>, StoreError> {
        const OP: &str = "attempts_shut";
        let stale = now.checked_sub(bearing.shut).unwrap_or(now);
        let rows = query(
            "SELECT key_hash, failures, at FROM attempt WHERE jurisdiction = $1 AND failures >= $2 AND at > $3 AND at <= $4",
        )
        .bind(jurisdiction)
        .bind(i64::from(bearing.most))
        .bind(us(stale))
        .bind(us(now))
        .fetch_all(self.read())
        .await
        .op(OP)?;
        let until = |at: Timestamp| at.checked_add(bearing.shut).unwrap_or(at);
        all(&rows, |row| Ok((row.get("key_hash")?, until(time(row, "at")?)))).op(OP)
    }

    /// Removes failures from before `before`; returns how many keys.
    pub async fn attempts_purge(&self, jurisdiction: &str, before: Timestamp) -> Result<u64, StoreError> {
        const OP: &str = "attempts_purge";
        let query =
            query("DELETE FROM attempt WHERE jurisdiction = $1 AND at < $2").bind(jurisdiction).bind(us(before));
        query.execute(&mut self.write(OP).await?).await.op(OP)
    }
}

impl Deed {
    /// Forgets the failures of a key, or only the last of them; `false` if there are none.
    pub async fn attempt_forget(&mut self, key_hash: &str, all: bool) -> Result<bool, StoreError> {
        const OP: &str = "attempt_forget";
        let (tx, jurisdiction) = self.at();
        let query = if all {
            query("DELETE FROM attempt WHERE jurisdiction = $1 AND key_hash = $2")
        } else {
            query(
                "UPDATE attempt SET failures = failures - 1 WHERE jurisdiction = $1 AND key_hash = $2 AND failures > 0",
            )
        };
        let query = query.bind(jurisdiction).bind(key_hash);
        Ok(query.execute(tx).await.op(OP)? == 1)
    }
}
