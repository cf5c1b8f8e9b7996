//! What closed tickets taught the program: the nights on which it learnt, the models in use, and how often people followed a proposal.

use jiff::Timestamp;

use crate::db::{Row, all, query};
use crate::error::{Named, StoreError};
use crate::model::TicketWithBody;
use crate::rows::{time_opt, us};
use crate::store::Store;
use crate::tickets::{columns, with_body};

/// A night on which it was learnt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Learning {
    /// Days since 1970-01-01.
    pub day: i64,
    /// When it had ended; `None`: it is under way, or was broken off.
    pub done_at: Option<Timestamp>,
    /// What came of it, in the caller's form.
    pub result: Option<String>,
}

/// A model as it is kept. `Debug` does not show it: it holds pieces of tickets.
#[derive(Clone, PartialEq, Eq)]
pub struct LearnedPart {
    /// The label that it is learnt inside of; empty: the first level.
    pub part: String,
    /// The model, as text.
    pub body: String,
}

impl std::fmt::Debug for LearnedPart {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LearnedPart").field("part", &self.part).finish_non_exhaustive()
    }
}

/// How often something came of a proposal.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ProposalCount {
    /// Days since 1970-01-01.
    pub day: i64,
    /// What was proposed.
    pub field: String,
    /// By which model; 0: by none.
    pub version: i64,
    /// What came of it, in the caller's vocabulary.
    pub outcome: String,
    /// How often.
    pub times: i64,
}

fn learning(row: &Row) -> Result<Learning, sqlx::Error> {
    Ok(Learning { day: row.get("day")?, done_at: time_opt(row, "done_at")?, result: row.get("result")? })
}

fn count(row: &Row) -> Result<ProposalCount, sqlx::Error> {
    Ok(ProposalCount {
        day: row.get("day")?,
        field: row.get("field")?,
        version: row.get("version")?,
        outcome: row.get("outcome")?,
        times: row.get("times")?,
    })
}

impl Store {
    /// Takes a day's learning on, until `until`; `false` if somebody else has, or it is done. One that was broken off is taken on anew
    /// once its time is over.
    pub async fn learning_begin(
        &self,
        jurisdiction: &str,
        day: i64,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<bool, StoreError> {
        const OP: &str = "learning_begin";
        let query = query(
            "INSERT INTO learning (jurisdiction, day, leased_until) VALUES ($1, $2, $3) \
             ON CONFLICT (jurisdiction, day) DO UPDATE SET leased_until = excluded.leased_until \
             WHERE learning.done_at IS NULL AND learning.leased_until <= $4",
        )
        .bind(jurisdiction)
        .bind(day)
        .bind(us(until))
        .bind(us(now));
        Ok(query.execute(&mut self.write(OP).await?).await.op(OP)? == 1)
    }

    /// The day's learning has come to its end.
    pub async fn learning_done(
        &self,
        jurisdiction: &str,
        day: i64,
        at: Timestamp,
        result: &str,
    ) -> Result<(), StoreError> {
        const OP: &str = "learning_done";
        let query = query("UPDATE learning SET done_at = $3, result = $4 WHERE jurisdiction = $1 AND day = $2")
            .bind(jurisdiction)
            .bind(day)
            .bind(us(at))
            .bind(result);
        query.execute(&mut self.write(OP).await?).await.op(OP).map(drop)
    }

    /// The newest nights, at most `limit`, the newest first.
    pub async fn learnings(&self, jurisdiction: &str, limit: u32) -> Result<Vec<Learning>, StoreError> {
        const OP: &str = "learnings";
        let rows =
            query("SELECT day, done_at, result FROM learning WHERE jurisdiction = $1 ORDER BY day DESC LIMIT $2")
                .bind(jurisdiction)
                .bind(i64::from(limit))
                .fetch_all(self.read())
                .await
                .op(OP)?;
        all(&rows, learning).op(OP)
    }

    /// Replaces the model of a field, all of its parts or none; no parts: there is none from then on. What was in use before is gone.
    pub async fn learned_put(
        &self,
        jurisdiction: &str,
        field: &str,
        version: i64,
        parts: &[LearnedPart],
    ) -> Result<(), StoreError> {
        const OP: &str = "learned_put";
        let mut sealed = Vec::with_capacity(parts.len());
        for LearnedPart { part, body } in parts {
            sealed.push((part, self.seal(jurisdiction, ("learned", &[field, part], "body"), body).await?));
        }
        let mut write = self.write(OP).await?;
        let mut tx = write.begin().await.op(OP)?;
        query("DELETE FROM learned WHERE jurisdiction = $1 AND field = $2")
            .bind(jurisdiction)
            .bind(field)
            .execute(&mut tx)
            .await
            .op(OP)?;
        for (part, body) in sealed {
            query("INSERT INTO learned (jurisdiction, field, part, version, body) VALUES ($1, $2, $3, $4, $5)")
                .bind(jurisdiction)
                .bind(field)
                .bind(part)
                .bind(version)
                .bind(body)
                .execute(&mut tx)
                .await
                .op(OP)?;
        }
        tx.commit().await.op(OP)
    }

    /// The fields that have a model, with the version in use.
    pub async fn learned_versions(&self, jurisdiction: &str) -> Result<Vec<(String, i64)>, StoreError> {
        const OP: &str = "learned_versions";
        let rows =
            query("SELECT field, version FROM learned WHERE jurisdiction = $1 AND part = '' ORDER BY field, version")
                .bind(jurisdiction)
                .fetch_all(self.read())
                .await
                .op(OP)?;
        all(&rows, |row| Ok((row.at(0)?, row.at(1)?))).op(OP)
    }

    /// The model of a field with its version; `None`: there is none.
    ///
    /// # Errors
    /// It does not open.
    pub async fn learned(
        &self,
        jurisdiction: &str,
        field: &str,
    ) -> Result<Option<(i64, Vec<LearnedPart>)>, StoreError> {
        const OP: &str = "learned";
        let rows =
            query("SELECT part, version, body FROM learned WHERE jurisdiction = $1 AND field = $2 ORDER BY part")
                .bind(jurisdiction)
                .bind(field)
                .fetch_all(self.read())
                .await
                .op(OP)?;
        let mut parts = Vec::with_capacity(rows.len());
        let mut version = None;
        for row in &rows {
            let part: String = row.get("part").op(OP)?;
            let body: String = row.get("body").op(OP)?;
            version = Some(row.get("version").op(OP)?);
            let body = self.unseal(jurisdiction, ("learned", &[field, &part], "body"), &body).await?;
            parts.push(LearnedPart { part, body });
        }
        Ok(version.map(|version| (version, parts)))
    }

    /// Tickets to learn from: in one of these states, not confidential, registered before `before`, newest first, at most `limit`. Erased
    /// ones are among them, without their texts.
    pub async fn tickets_to_learn(
        &self,
        jurisdiction: &str,
        states: &[&str],
        before: Option<(Timestamp, &str)>,
        limit: u32,
    ) -> Result<Vec<TicketWithBody>, StoreError> {
        const OP: &str = "tickets_to_learn";
        let mut query = query(format!("SELECT {} FROM ticket t WHERE t.jurisdiction = ", columns()));
        query.push_bind(jurisdiction).push(" AND t.confidential = 0 AND t.state IN (");
        query.push_list(states.iter().map(|s| (*s).to_owned()).collect::<Vec<_>>()).push(")");
        if let Some((at, ticket)) = before {
            query.push(" AND (t.registered_at, t.ticket) < (").push_bind(us(at)).push(", ").push_bind(ticket).push(")");
        }
        query.push(" ORDER BY t.registered_at DESC, t.ticket DESC LIMIT ").push_bind(i64::from(limit));
        let rows = query.fetch_all(self.read()).await.op(OP)?;
        self.rows_of(jurisdiction, &rows, with_body).await
    }

    /// Adds to what was counted.
    pub async fn proposals_counted(&self, jurisdiction: &str, counts: &[ProposalCount]) -> Result<(), StoreError> {
        const OP: &str = "proposals_counted";
        if counts.is_empty() {
            return Ok(());
        }
        let mut query = query("INSERT INTO proposal_count (jurisdiction, day, field, version, outcome, times) ");
        query.push_values(counts, |row, c| {
            row.bind(jurisdiction).bind(c.day).bind(&c.field).bind(c.version).bind(&c.outcome).bind(c.times);
        });
        query.push(
            " ON CONFLICT (jurisdiction, day, field, version, outcome) DO UPDATE SET \
             times = proposal_count.times + excluded.times",
        );
        query.once().execute(&mut self.write(OP).await?).await.op(OP).map(drop)
    }

    /// What was counted from one day up to and without another.
    pub async fn proposal_counts(
        &self,
        jurisdiction: &str,
        (from, to): (i64, i64),
    ) -> Result<Vec<ProposalCount>, StoreError> {
        const OP: &str = "proposal_counts";
        let rows = query(
            "SELECT day, field, version, outcome, times FROM proposal_count \
             WHERE jurisdiction = $1 AND day >= $2 AND day < $3 ORDER BY day, field, version, outcome",
        )
        .bind(jurisdiction)
        .bind(from)
        .bind(to)
        .fetch_all(self.read())
        .await
        .op(OP)?;
        all(&rows, count).op(OP)
    }

    /// How many lists of tickets were erased so far: what was learnt before the last of them may hold pieces of what is gone.
    pub async fn erasures(&self, jurisdiction: &str) -> Result<i64, StoreError> {
        let value = query("SELECT value FROM counter WHERE jurisdiction = $1 AND name = 'erasure'")
            .bind(jurisdiction)
            .scalar_optional(self.read())
            .await
            .op("erasures")?;
        Ok(value.unwrap_or_default())
    }
}
