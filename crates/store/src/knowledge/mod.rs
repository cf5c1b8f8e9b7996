//! The knowledge base: entries with their chained journal, how often they are used, and the samples by which they are checked. Each write is
//! a small transaction of its own: some hundred in a day.

mod checks;
mod files;
mod lists;

use jiff::Timestamp;

use crate::admin::next_number;
use crate::audit::{self, Head, NewAudit};
use crate::chain::{GENESIS, Link};
use crate::db::{Row, Tx, all, query};
use crate::error::{Named, StoreError};
use crate::rows::{time, time_opt, us, us_opt};
use crate::store::Store;
use crate::writer::NewEvent;

pub use checks::{Mark, Sample, Uses};
pub use files::{KnowledgeFileRow, NamedBy, NamedFiles};
pub use lists::{KnowledgeFilter, KnowledgeSort, UnitKnowledge};

/// Its counter: the row that a process holds while it appends to the chain.
const COUNTER: &str = "knowledge";
/// Numbers of entries.
const NUMBERS: &str = "knowledge-entry";
const COLUMNS: &str = "k.entry, k.version, k.updated_at, k.unit, k.section, k.state, k.title, k.ticket, k.review, k.published_at, \
     k.renewed_at, k.wake_at, k.next_due, k.next_due_clock, k.overdue, k.wrong, k.reported, k.found, k.body, k.said";

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
    /// A report of an error waits to be looked at.
    pub reported: bool,
    /// How often conduct was found on it.
    pub found: i64,
    /// Everything it says, folded: what the lists are searched by. `""`: an earlier program wrote it.
    pub said: String,
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
    /// The files that its versions name from now on; `None`: as before.
    pub files: Option<NamedFiles>,
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
    /// A file that is named is not there, or is not this entry's to name.
    NoFile,
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
            reported: yes(row, "reported")?,
            found: row.get("found")?,
            said: row.get("said")?,
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
        if let Some(files) = &commit.files
            && !files::name(&mut tx, jurisdiction, &entry, &commit.actor, commit.at, files).await.op(OP)?
        {
            return Ok(Saved::NoFile);
        }
        if let Some((sample, correct)) = commit.mark
            && !checks::mark(&mut tx, jurisdiction, &entry, sample, correct, &commit).await.op(OP)?
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
         renewed_at, wake_at, next_due, next_due_clock, overdue, wrong, reported, found, updated_at, body, said) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21) \
         ON CONFLICT (jurisdiction, entry) DO UPDATE SET version = excluded.version, unit = excluded.unit, \
         section = excluded.section, state = excluded.state, title = excluded.title, ticket = excluded.ticket, \
         review = excluded.review, published_at = excluded.published_at, renewed_at = excluded.renewed_at, \
         wake_at = excluded.wake_at, next_due = excluded.next_due, next_due_clock = excluded.next_due_clock, \
         overdue = excluded.overdue, wrong = excluded.wrong, reported = excluded.reported, found = excluded.found, updated_at = excluded.updated_at, \
         body = excluded.body, said = excluded.said",
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
    .bind(i64::from(row.reported))
    .bind(row.found)
    .bind(us(commit.at))
    .bind(&commit.body)
    .bind(&row.said)
    .execute(tx)
    .await
    .map(drop)
}
