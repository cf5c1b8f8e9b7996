//! How often entries are used, and the samples by which they are checked.

use jiff::Timestamp;

use super::{COLUMNS, KnowledgeCommit, StoredEntry, stored, unit_of};
use crate::admin::next_number;
use crate::audit::{self, NewAudit};
use crate::db::{Tx, all, query};
use crate::error::{Named, StoreError};
use crate::rows::{time, time_opt, us};
use crate::store::Store;
use crate::tally::day;

/// Most entries of a sample: six variables each.
const MOST_DRAWN: usize = 2000;

/// How often something was used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Uses {
    /// The caller's word.
    pub sort: String,
    /// How often.
    pub uses: i64,
}

/// A sample by which entries are checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sample {
    /// From 1.
    pub sample: i64,
    /// When it was drawn.
    pub at: Timestamp,
    /// By whom.
    pub account: String,
    /// With which word.
    pub word: String,
    /// Out of how many.
    pub entries: i64,
    /// How many were drawn.
    pub drawn: i64,
    /// How many were looked at.
    pub marked: i64,
    /// How many of these were right.
    pub right: i64,
}

/// An entry in a sample.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    /// The entry.
    pub entry: String,
    /// Its title now.
    pub title: String,
    /// Who answers for it; `None`: the centre.
    pub unit: Option<String>,
    /// The published version that was drawn.
    pub revision: i64,
    /// Whether it was right; `None`: not looked at yet.
    pub correct: Option<bool>,
    /// When it was looked at.
    pub at: Option<Timestamp>,
    /// By whom.
    pub account: Option<String>,
}

impl Store {
    /// Counts a use of an entry; one that is not there is not counted.
    pub async fn knowledge_used(
        &self,
        jurisdiction: &str,
        entry: &str,
        at: Timestamp,
        sort: &str,
    ) -> Result<(), StoreError> {
        const OP: &str = "knowledge_used";
        let query = query(
            "INSERT INTO knowledge_use (jurisdiction, entry, day, sort, uses) \
             SELECT k.jurisdiction, k.entry, CAST($1 AS BIGINT), CAST($2 AS TEXT), 1 FROM knowledge k \
             WHERE k.jurisdiction = $3 AND k.entry = $4 \
             ON CONFLICT (jurisdiction, entry, day, sort) DO UPDATE SET uses = knowledge_use.uses + 1",
        )
        .bind(day(at))
        .bind(sort)
        .bind(jurisdiction)
        .bind(entry);
        query.execute(&mut self.write(OP).await?).await.op(OP).map(drop)
    }

    /// How often an entry, or any, was used from one day up to and without another.
    pub async fn knowledge_uses(
        &self,
        jurisdiction: &str,
        entry: Option<&str>,
        (from, to): (i64, i64),
    ) -> Result<Vec<Uses>, StoreError> {
        const OP: &str = "knowledge_uses";
        let mut query =
            query("SELECT sort, CAST(SUM(uses) AS BIGINT) AS uses FROM knowledge_use WHERE jurisdiction = ");
        query.push_bind(jurisdiction);
        query.push(" AND day >= ").push_bind(from).push(" AND day < ").push_bind(to);
        if let Some(entry) = entry {
            query.push(" AND entry = ").push_bind(entry);
        }
        query.push(" GROUP BY sort ORDER BY sort");
        let rows = query.once().fetch_all(self.read()).await.op(OP)?;
        all(&rows, |row| Ok(Uses { sort: row.get("sort")?, uses: row.get("uses")? })).op(OP)
    }

    /// Tickets of these kinds that were answered at once in a span of time.
    pub async fn answered_at_once(
        &self,
        jurisdiction: &str,
        kinds: &[&str],
        (from, to): (Timestamp, Timestamp),
    ) -> Result<i64, StoreError> {
        let mut query = query(
            "SELECT COUNT(*) FROM journal j JOIN ticket t ON t.jurisdiction = j.jurisdiction AND t.ticket = j.ticket \
             WHERE j.kind = 'answered-at-once' AND j.jurisdiction = ",
        );
        query.push_bind(jurisdiction);
        query.push(" AND j.at >= ").push_bind(us(from)).push(" AND j.at < ").push_bind(us(to));
        query.push(" AND t.kind IN (").push_list(kinds.iter().map(|k| (*k).to_owned())).push(")");
        query.once().scalar(self.read()).await.op("answered_at_once")
    }
}

impl Store {
    /// Published entries with the version that is said, by name: what a sample is drawn from.
    pub async fn knowledge_published(
        &self,
        jurisdiction: &str,
        unit: Option<&str>,
    ) -> Result<Vec<StoredEntry>, StoreError> {
        const OP: &str = "knowledge_published";
        let mut query =
            query(format!("SELECT {COLUMNS} FROM knowledge k WHERE k.state = 'published' AND k.jurisdiction = "));
        query.push_bind(jurisdiction);
        if let Some(unit) = unit {
            query.push(" AND k.unit = ").push_bind(unit);
        }
        query.push(" ORDER BY k.entry");
        all(&query.once().fetch_all(self.read()).await.op(OP)?, stored).op(OP)
    }

    /// Keeps a sample: the entries with the versions that were drawn, at most 2000. Returns its number. What the audit journal is told of it
    /// stands there with it.
    pub async fn knowledge_sample_new(
        &self,
        jurisdiction: &str,
        sample: &Sample,
        drawn: &[(String, i64)],
        entry: &NewAudit,
    ) -> Result<i64, StoreError> {
        const OP: &str = "knowledge_sample_new";
        if drawn.is_empty() || drawn.len() > MOST_DRAWN {
            return Err(StoreError::invalid(OP, "between 1 and 2000 entries in a sample"));
        }
        let mut write = self.write(OP).await?;
        let mut tx = write.begin().await.op(OP)?;
        let number = next_number(&mut tx, jurisdiction, "knowledge-sample").await.op(OP)?;
        query(
            "INSERT INTO knowledge_sample (jurisdiction, sample, at, account, word, entries) \
             VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(jurisdiction)
        .bind(number)
        .bind(us(sample.at))
        .bind(&sample.account)
        .bind(&sample.word)
        .bind(sample.entries)
        .execute(&mut tx)
        .await
        .op(OP)?;
        let mut marks = query("INSERT INTO knowledge_mark (jurisdiction, sample, entry, revision) ");
        marks.push_values(drawn, |row, (entry, revision)| {
            row.bind(jurisdiction).bind(number).bind(entry).bind(*revision);
        });
        marks.once().execute(&mut tx).await.op(OP)?;
        audit::append(&mut tx, jurisdiction, std::slice::from_ref(entry)).await.op(OP)?;
        tx.commit().await.op(OP)?;
        Ok(number)
    }

    /// All samples, the newest first.
    pub async fn knowledge_samples(&self, jurisdiction: &str) -> Result<Vec<Sample>, StoreError> {
        const OP: &str = "knowledge_samples";
        let rows = query(
            "SELECT s.sample, s.at, s.account, s.word, s.entries, COUNT(m.entry) AS drawn, COUNT(m.correct) AS marked, \
             COUNT(CASE WHEN m.correct = 1 THEN 1 END) AS is_right \
             FROM knowledge_sample s JOIN knowledge_mark m ON m.jurisdiction = s.jurisdiction AND m.sample = s.sample \
             WHERE s.jurisdiction = $1 GROUP BY s.sample, s.at, s.account, s.word, s.entries ORDER BY s.sample DESC",
        )
        .bind(jurisdiction)
        .fetch_all(self.read())
        .await
        .op(OP)?;
        all(&rows, |row| {
            Ok(Sample {
                sample: row.get("sample")?,
                at: time(row, "at")?,
                account: row.get("account")?,
                word: row.get("word")?,
                entries: row.get("entries")?,
                drawn: row.get("drawn")?,
                marked: row.get("marked")?,
                right: row.get("is_right")?,
            })
        })
        .op(OP)
    }

    /// The entries of a sample, by name.
    pub async fn knowledge_marks(&self, jurisdiction: &str, sample: i64) -> Result<Vec<Mark>, StoreError> {
        const OP: &str = "knowledge_marks";
        let rows = query(
            "SELECT m.entry, k.title, k.unit, m.revision, m.correct, m.at, m.account FROM knowledge_mark m \
             JOIN knowledge k ON k.jurisdiction = m.jurisdiction AND k.entry = m.entry \
             WHERE m.jurisdiction = $1 AND m.sample = $2 ORDER BY m.entry",
        )
        .bind(jurisdiction)
        .bind(sample)
        .fetch_all(self.read())
        .await
        .op(OP)?;
        all(&rows, |row| {
            Ok(Mark {
                entry: row.get("entry")?,
                title: row.get("title")?,
                unit: unit_of(row)?,
                revision: row.get("revision")?,
                correct: row.get::<Option<i64>>("correct")?.map(|n| n != 0),
                at: time_opt(row, "at")?,
                account: row.get("account")?,
            })
        })
        .op(OP)
    }
}

/// Whether there was such a mark to be made.
pub(super) async fn mark(
    tx: &mut Tx<'_>,
    jurisdiction: &str,
    entry: &str,
    sample: i64,
    correct: bool,
    commit: &KnowledgeCommit,
) -> Result<bool, sqlx::Error> {
    let marked = query(
        "UPDATE knowledge_mark SET correct = $1, at = $2, account = $3 \
         WHERE jurisdiction = $4 AND sample = $5 AND entry = $6 AND correct IS NULL",
    )
    .bind(i64::from(correct))
    .bind(us(commit.at))
    .bind(&commit.actor)
    .bind(jurisdiction)
    .bind(sample)
    .bind(entry)
    .execute(tx)
    .await?;
    Ok(marked == 1)
}
