//! The knowledge base: entries with their chained journal, how often they are used, and the samples by which they are checked. Each write is
//! a small transaction of its own: some hundred in a day.

use jiff::Timestamp;

use crate::admin::next_number;
use crate::audit::{self, Head, NewAudit};
use crate::chain::{GENESIS, Link};
use crate::db::{Query, Row, Tx, all, query};
use crate::error::{Named, StoreError};
use crate::list::{Page, page_length};
use crate::rows::{time, time_opt, us, us_opt};
use crate::store::Store;
use crate::tally::day;
use crate::writer::NewEvent;

/// Its counter: the row that a process holds while it appends to the chain.
const COUNTER: &str = "knowledge";
/// Numbers of entries.
const NUMBERS: &str = "knowledge-entry";
/// Most entries of a sample: six variables each.
const MOST_DRAWN: usize = 2000;

const COLUMNS: &str = "k.entry, k.version, k.updated_at, k.unit, k.section, k.state, k.title, k.ticket, k.review, k.published_at, \
     k.renewed_at, k.wake_at, k.next_due, k.next_due_clock, k.overdue, k.wrong, k.found, k.body";

/// What is listed of an entry; the words are the caller's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnowledgeRow {
    /// Who answers for it; `None`: the centre.
    pub unit: Option<String>,
    /// The column of the knowledge base.
    pub section: String,
    /// Where it stands.
    pub state: String,
    /// Its title, or the question that waits for an answer.
    pub title: String,
    /// The ticket whose dispatch asked for it.
    pub ticket: Option<String>,
    /// A version waits for its reviewer.
    pub review: bool,
    /// When its version was published.
    pub published_at: Option<Timestamp>,
    /// When the unit last said that it holds.
    pub renewed_at: Option<Timestamp>,
    /// When time next does something to it.
    pub wake_at: Option<Timestamp>,
    /// The clock that ends first.
    pub next_due: Option<Timestamp>,
    /// Its kind.
    pub next_due_clock: Option<String>,
    /// Something owed is late.
    pub overdue: bool,
    /// An error was confirmed and is not corrected.
    pub wrong: bool,
    /// How often conduct was found on it.
    pub found: i64,
}

/// An entry as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredEntry {
    /// `K-000123`.
    pub entry: String,
    /// Events so far.
    pub version: i64,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// What is listed.
    pub row: KnowledgeRow,
    /// The folded entry.
    pub body: String,
}

/// An event of an entry's journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnowledgeEvent {
    /// Position within the entry, from 1.
    pub version: i64,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub actor: String,
    /// The kind.
    pub kind: String,
    /// JSON.
    pub payload: String,
}

/// What the audit journal is told of a change: given the entry and the end of the chain.
pub type Told = Box<dyn FnOnce(&str, &Head) -> NewAudit + Send + Sync>;

/// A change of an entry.
pub struct KnowledgeCommit {
    /// The entry and the version it was decided on; `None`: a new one.
    pub entry: Option<(String, i64)>,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub actor: String,
    /// What happened, at least one.
    pub events: Vec<NewEvent>,
    /// What is listed from now on.
    pub row: KnowledgeRow,
    /// The folded entry.
    pub body: String,
    /// For the audit journal.
    pub audit: Option<Told>,
    /// The sample in which it was looked at, and whether it was right.
    pub mark: Option<(i64, bool)>,
}

impl std::fmt::Debug for KnowledgeCommit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("KnowledgeCommit")
            .field("entry", &self.entry)
            .field("events", &self.events)
            .finish_non_exhaustive()
    }
}

/// What became of a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Saved {
    /// It is on disk.
    Done {
        /// The entry.
        entry: String,
        /// Its version now.
        version: i64,
    },
    /// Somebody else changed it meanwhile.
    Conflict {
        /// Its version now.
        current: i64,
    },
    /// There is no such entry, or no such mark.
    Missing,
}

/// In which order a list stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum KnowledgeSort {
    /// Last changed first.
    #[default]
    Changed,
    /// Due first, of what is owed.
    Due,
}

/// Which entries are wanted; what is not said is not asked.
#[derive(Debug, Clone, Default)]
pub struct KnowledgeFilter {
    /// Of these units; `""`: the centre's.
    pub units: Option<Vec<String>>,
    /// In one of these states.
    pub states: Vec<String>,
    /// Of one of these columns.
    pub sections: Vec<String>,
    /// Whose next version waits for its reviewer.
    pub review: bool,
    /// On which something is late.
    pub overdue: bool,
    /// On which an error stands.
    pub wrong: bool,
    /// On which something is owed.
    pub owed: bool,
    /// That a ticket's dispatch asked for.
    pub ticket: Option<String>,
    /// Published, and not confirmed since this time.
    pub stale_before: Option<Timestamp>,
    /// Published before this time and never used since.
    pub unused_before: Option<Timestamp>,
    /// The order.
    pub sort: KnowledgeSort,
}

/// How a unit's entries stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnitKnowledge {
    /// The unit; `None`: the centre.
    pub unit: Option<String>,
    /// Published.
    pub published: i64,
    /// Of these, not confirmed since the time asked for.
    pub stale: i64,
    /// Of these, published before the time asked for and never used.
    pub unused: i64,
    /// Waiting for their reviewer.
    pub review: i64,
    /// On which something is owed.
    pub owed: i64,
    /// On which something is late.
    pub overdue: i64,
    /// On which an error stands.
    pub wrong: i64,
    /// Conduct found on them.
    pub found: i64,
}

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

fn unit_of(row: &Row) -> Result<Option<String>, sqlx::Error> {
    Ok(Some(row.get::<String>("unit")?).filter(|unit| !unit.is_empty()))
}

/// A flag; what is neither 0 nor 1 nobody wrote who knows it.
fn yes(row: &Row, column: &str) -> Result<bool, sqlx::Error> {
    match row.get::<i64>(column)? {
        0 => Ok(false),
        1 => Ok(true),
        n => Err(sqlx::Error::Decode(format!("{column} is {n}").into())),
    }
}

fn stored(row: &Row) -> Result<StoredEntry, sqlx::Error> {
    Ok(StoredEntry {
        entry: row.get("entry")?,
        version: row.get("version")?,
        updated_at: time(row, "updated_at")?,
        row: KnowledgeRow {
            unit: unit_of(row)?,
            section: row.get("section")?,
            state: row.get("state")?,
            title: row.get("title")?,
            ticket: row.get("ticket")?,
            review: yes(row, "review")?,
            published_at: time_opt(row, "published_at")?,
            renewed_at: time_opt(row, "renewed_at")?,
            wake_at: time_opt(row, "wake_at")?,
            next_due: time_opt(row, "next_due")?,
            next_due_clock: row.get("next_due_clock")?,
            overdue: yes(row, "overdue")?,
            wrong: yes(row, "wrong")?,
            found: row.get("found")?,
        },
        body: row.get("body")?,
    })
}

fn event(row: &Row) -> Result<KnowledgeEvent, sqlx::Error> {
    Ok(KnowledgeEvent {
        version: row.get("version")?,
        at: time(row, "at")?,
        actor: row.get("actor")?,
        kind: row.get("kind")?,
        payload: row.get("payload")?,
    })
}

impl Store {
    /// Writes a change of an entry: its events into the chain, its row, its mark in a sample, and what the audit journal is told, all or
    /// none.
    pub async fn knowledge_save(&self, jurisdiction: &str, commit: KnowledgeCommit) -> Result<Saved, StoreError> {
        const OP: &str = "knowledge_save";
        if commit.events.is_empty() {
            return Err(StoreError::invalid(OP, "nothing happened"));
        }
        let mut write = self.write(OP).await?;
        let mut tx = write.begin().await.op(OP)?;
        // Held until the end of the transaction: nobody else appends meanwhile.
        next_number(&mut tx, jurisdiction, COUNTER).await.op(OP)?;
        let (entry, before) = match commit.entry.clone() {
            None => {
                let number = next_number(&mut tx, jurisdiction, NUMBERS).await.op(OP)?;
                (format!("K-{number:06}"), 0)
            }
            Some((entry, expected)) => {
                match version(&mut tx, jurisdiction, &entry).await.op(OP)? {
                    None => return Ok(Saved::Missing),
                    Some(current) if current != expected => return Ok(Saved::Conflict { current }),
                    Some(_) => {}
                }
                (entry, expected)
            }
        };
        let head = chain(&mut tx, jurisdiction, &entry, before, &commit).await.op(OP)?;
        let version = before + commit.events.len() as i64;
        put(&mut tx, jurisdiction, &entry, version, &commit).await.op(OP)?;
        if let Some((sample, correct)) = commit.mark
            && !mark(&mut tx, jurisdiction, &entry, sample, correct, &commit).await.op(OP)?
        {
            return Ok(Saved::Missing);
        }
        if let Some(told) = commit.audit {
            audit::append(&mut tx, jurisdiction, &[told(&entry, &head)]).await.op(OP)?;
        }
        tx.commit().await.op(OP)?;
        Ok(Saved::Done { entry, version })
    }

    /// An entry.
    pub async fn knowledge(&self, jurisdiction: &str, entry: &str) -> Result<Option<StoredEntry>, StoreError> {
        const OP: &str = "knowledge";
        let sql = format!("SELECT {COLUMNS} FROM knowledge k WHERE k.jurisdiction = $1 AND k.entry = $2");
        let row = query(sql).bind(jurisdiction).bind(entry).fetch_optional(self.read()).await.op(OP)?;
        row.as_ref().map(stored).transpose().op(OP)
    }

    /// An entry's journal, in order.
    pub async fn knowledge_events(&self, jurisdiction: &str, entry: &str) -> Result<Vec<KnowledgeEvent>, StoreError> {
        const OP: &str = "knowledge_events";
        let rows = query(
            "SELECT version, at, actor, kind, payload FROM knowledge_journal WHERE jurisdiction = $1 AND entry = $2 \
             ORDER BY version",
        )
        .bind(jurisdiction)
        .bind(entry)
        .fetch_all(self.read())
        .await
        .op(OP)?;
        all(&rows, event).op(OP)
    }

    /// A page of entries. `limit` is held to 1–100.
    pub async fn knowledge_list(
        &self,
        jurisdiction: &str,
        filter: &KnowledgeFilter,
        cursor: Option<&str>,
        limit: u32,
    ) -> Result<Page<StoredEntry>, StoreError> {
        const OP: &str = "knowledge_list";
        let limit = page_length(limit);
        let mut query = query(format!("SELECT {COLUMNS} FROM knowledge k WHERE k.jurisdiction = "));
        query.push_bind(jurisdiction);
        narrow(&mut query, filter);
        let (key, after, order) = match filter.sort {
            KnowledgeSort::Changed => ("k.updated_at", "<", "DESC"),
            KnowledgeSort::Due => ("k.next_due", ">", "ASC"),
        };
        if let Some(cursor) = cursor {
            let wrong = || StoreError::invalid(OP, "not a cursor of this list");
            let (at, entry) = cursor.split_once('.').ok_or_else(wrong)?;
            let at: i64 = at.parse().map_err(|_| wrong())?;
            query.push(&format!(" AND ({key}, k.entry) {after} ("));
            query.push_bind(at).push(", ").push_bind(entry).push(")");
        }
        query.push(&format!(" ORDER BY {key} {order}, k.entry {order} LIMIT ")).push_bind(i64::from(limit) + 1);
        let rows = query.once().fetch_all(self.read()).await.op(OP)?;
        let place = |e: &StoredEntry| match filter.sort {
            KnowledgeSort::Changed => us(e.updated_at),
            KnowledgeSort::Due => e.row.next_due.map_or(0, us),
        };
        Ok(Page::cut(all(&rows, stored).op(OP)?, limit, |e| format!("{}.{}", place(e), e.entry)))
    }

    /// How many entries there are of that sort.
    pub async fn knowledge_count(&self, jurisdiction: &str, filter: &KnowledgeFilter) -> Result<i64, StoreError> {
        let mut query = query("SELECT COUNT(*) FROM knowledge k WHERE k.jurisdiction = ");
        query.push_bind(jurisdiction);
        narrow(&mut query, filter);
        query.once().scalar(self.read()).await.op("knowledge_count")
    }

    /// How every unit's entries stand, by unit.
    pub async fn knowledge_by_unit(
        &self,
        jurisdiction: &str,
        stale_before: Timestamp,
        unused_before: Timestamp,
    ) -> Result<Vec<UnitKnowledge>, StoreError> {
        const OP: &str = "knowledge_by_unit";
        let rows = query(
            "SELECT k.unit, COUNT(CASE WHEN k.state = 'published' THEN 1 END) AS published, \
             COUNT(CASE WHEN k.state = 'published' AND k.renewed_at < $2 THEN 1 END) AS stale, \
             COUNT(CASE WHEN k.state = 'published' AND k.published_at < $3 AND NOT EXISTS (SELECT 1 FROM knowledge_use u \
               WHERE u.jurisdiction = k.jurisdiction AND u.entry = k.entry) THEN 1 END) AS unused, \
             COUNT(CASE WHEN k.review = 1 THEN 1 END) AS review, COUNT(k.next_due) AS owed, \
             COUNT(CASE WHEN k.overdue = 1 THEN 1 END) AS overdue, COUNT(CASE WHEN k.wrong = 1 THEN 1 END) AS wrong, \
             CAST(SUM(k.found) AS BIGINT) AS found \
             FROM knowledge k WHERE k.jurisdiction = $1 GROUP BY k.unit ORDER BY k.unit",
        )
        .bind(jurisdiction)
        .bind(us(stale_before))
        .bind(us(unused_before))
        .fetch_all(self.read())
        .await
        .op(OP)?;
        all(&rows, |row| {
            Ok(UnitKnowledge {
                unit: unit_of(row)?,
                published: row.get("published")?,
                stale: row.get("stale")?,
                unused: row.get("unused")?,
                review: row.get("review")?,
                owed: row.get("owed")?,
                overdue: row.get("overdue")?,
                wrong: row.get("wrong")?,
                found: row.get("found")?,
            })
        })
        .op(OP)
    }

    /// Entries on which time has something to do, by when, after one of them.
    pub async fn knowledge_to_wake(
        &self,
        jurisdiction: &str,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<StoredEntry>, StoreError> {
        const OP: &str = "knowledge_to_wake";
        let sql = format!(
            "SELECT {COLUMNS} FROM knowledge k WHERE k.jurisdiction = $1 AND k.wake_at <= $2 \
             ORDER BY k.wake_at, k.entry LIMIT $3"
        );
        let rows = query(sql).bind(jurisdiction).bind(us(now)).bind(i64::from(limit));
        all(&rows.fetch_all(self.read()).await.op(OP)?, stored).op(OP)
    }

    /// When time next does something to an entry.
    pub async fn knowledge_next_wakeup(&self, jurisdiction: &str) -> Result<Option<Timestamp>, StoreError> {
        const OP: &str = "knowledge_next_wakeup";
        let row =
            query("SELECT MIN(wake_at) AS wake_at FROM knowledge WHERE jurisdiction = $1 AND wake_at IS NOT NULL")
                .bind(jurisdiction)
                .fetch_optional(self.read())
                .await
                .op(OP)?;
        row.map_or(Ok(None), |row| time_opt(&row, "wake_at").op(OP))
    }

    /// The end of the chain: by it a process learns that entries changed.
    pub async fn knowledge_head(&self, jurisdiction: &str) -> Result<i64, StoreError> {
        query("SELECT COALESCE(MAX(seq), 0) FROM knowledge_journal WHERE jurisdiction = $1")
            .bind(jurisdiction)
            .scalar(self.read())
            .await
            .op("knowledge_head")
    }

    /// Entries that changed after one position of the chain up to and with another, in the order of their names, after one of them.
    pub async fn knowledge_changed(
        &self,
        jurisdiction: &str,
        (after, to): (i64, i64),
        last: Option<&str>,
        limit: u32,
    ) -> Result<Vec<StoredEntry>, StoreError> {
        const OP: &str = "knowledge_changed";
        let sql = format!(
            "SELECT {COLUMNS} FROM knowledge k WHERE k.jurisdiction = $1 AND k.entry > $2 AND k.entry IN \
             (SELECT j.entry FROM knowledge_journal j WHERE j.jurisdiction = $3 AND j.seq > $4 AND j.seq <= $5) \
             ORDER BY k.entry LIMIT $6"
        );
        let rows = query(sql)
            .bind(jurisdiction)
            .bind(last.unwrap_or_default())
            .bind(jurisdiction)
            .bind(after)
            .bind(to)
            .bind(i64::from(limit))
            .fetch_all(self.read())
            .await
            .op(OP)?;
        all(&rows, stored).op(OP)
    }

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

fn narrow(query: &mut Query, filter: &KnowledgeFilter) {
    let mut any = |column: &str, values: &[String]| {
        query.push(&format!(" AND k.{column} IN (")).push_list(values.to_vec()).push(")");
    };
    if let Some(units) = &filter.units {
        // Nobody's entries are nobody's.
        let nobody = vec![" ".to_owned()];
        any("unit", if units.is_empty() { &nobody } else { units });
    }
    if !filter.states.is_empty() {
        any("state", &filter.states);
    }
    if !filter.sections.is_empty() {
        any("section", &filter.sections);
    }
    for (wanted, column) in [(filter.review, "review"), (filter.overdue, "overdue"), (filter.wrong, "wrong")] {
        if wanted {
            query.push(&format!(" AND k.{column} = 1"));
        }
    }
    if filter.owed {
        query.push(" AND k.next_due IS NOT NULL");
    }
    if let Some(ticket) = &filter.ticket {
        query.push(" AND k.ticket = ").push_bind(ticket);
    }
    if let Some(before) = filter.stale_before {
        query.push(" AND k.state = 'published' AND k.renewed_at < ").push_bind(us(before));
    }
    if let Some(before) = filter.unused_before {
        query.push(" AND k.state = 'published' AND k.published_at < ").push_bind(us(before));
        query.push(
            " AND NOT EXISTS (SELECT 1 FROM knowledge_use u WHERE u.jurisdiction = k.jurisdiction AND u.entry = k.entry)",
        );
    }
}

async fn version(tx: &mut Tx<'_>, jurisdiction: &str, entry: &str) -> Result<Option<i64>, sqlx::Error> {
    query("SELECT version FROM knowledge WHERE jurisdiction = $1 AND entry = $2")
        .bind(jurisdiction)
        .bind(entry)
        .scalar_optional(tx)
        .await
}

/// Chains the events and writes them; the end of the chain.
async fn chain(
    tx: &mut Tx<'_>,
    jurisdiction: &str,
    entry: &str,
    before: i64,
    commit: &KnowledgeCommit,
) -> Result<Head, sqlx::Error> {
    let last = query("SELECT seq, hash FROM knowledge_journal WHERE jurisdiction = $1 ORDER BY seq DESC LIMIT 1")
        .bind(jurisdiction)
        .fetch_optional(&mut *tx)
        .await?;
    let mut head = match last {
        Some(row) => Head { seq: row.at(0)?, hash: row.at(1)? },
        None => Head { seq: 0, hash: GENESIS.into() },
    };
    let at = us(commit.at);
    let mut chained = Vec::with_capacity(commit.events.len());
    for (event, version) in commit.events.iter().zip(before + 1..) {
        let (seq, actor) = (head.seq + 1, commit.actor.as_str());
        let (kind, payload) = (event.kind.as_str(), event.payload.as_str());
        let link = Link { prev: &head.hash, jurisdiction, seq, ticket: entry, version, at, actor, kind, payload };
        head = Head { seq, hash: link.hash() };
        chained.push((event, version, head.clone()));
    }
    let mut insert =
        query("INSERT INTO knowledge_journal (jurisdiction, seq, entry, version, at, actor, kind, payload, hash) ");
    insert.push_values(&chained, |row, (event, version, head)| {
        row.bind(jurisdiction).bind(head.seq).bind(entry).bind(*version).bind(at).bind(&commit.actor);
        row.bind(&event.kind).bind(&event.payload).bind(&head.hash);
    });
    insert.kept(commit.events.len() == 1).execute(tx).await?;
    Ok(head)
}

async fn put(
    tx: &mut Tx<'_>,
    jurisdiction: &str,
    entry: &str,
    version: i64,
    commit: &KnowledgeCommit,
) -> Result<(), sqlx::Error> {
    let row = &commit.row;
    query(
        "INSERT INTO knowledge (jurisdiction, entry, version, unit, section, state, title, ticket, review, published_at, \
         renewed_at, wake_at, next_due, next_due_clock, overdue, wrong, found, updated_at, body) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19) \
         ON CONFLICT (jurisdiction, entry) DO UPDATE SET version = excluded.version, unit = excluded.unit, \
         section = excluded.section, state = excluded.state, title = excluded.title, ticket = excluded.ticket, \
         review = excluded.review, published_at = excluded.published_at, renewed_at = excluded.renewed_at, \
         wake_at = excluded.wake_at, next_due = excluded.next_due, next_due_clock = excluded.next_due_clock, \
         overdue = excluded.overdue, wrong = excluded.wrong, found = excluded.found, updated_at = excluded.updated_at, \
         body = excluded.body",
    )
    .bind(jurisdiction)
    .bind(entry)
    .bind(version)
    .bind(row.unit.as_deref().unwrap_or_default())
    .bind(&row.section)
    .bind(&row.state)
    .bind(&row.title)
    .bind(&row.ticket)
    .bind(i64::from(row.review))
    .bind(us_opt(row.published_at))
    .bind(us_opt(row.renewed_at))
    .bind(us_opt(row.wake_at))
    .bind(us_opt(row.next_due))
    .bind(&row.next_due_clock)
    .bind(i64::from(row.overdue))
    .bind(i64::from(row.wrong))
    .bind(row.found)
    .bind(us(commit.at))
    .bind(&commit.body)
    .execute(tx)
    .await
    .map(drop)
}

/// Whether there was such a mark to be made.
async fn mark(
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
