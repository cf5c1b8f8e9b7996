//! Lists of entries: by what has to be done with them, by unit, by when time acts, by what changed.

use jiff::Timestamp;

use super::{COLUMNS, StoredEntry, stored, unit_of};
use crate::db::{Query, all, query};
use crate::error::{Named, StoreError};
use crate::list::{Page, page_length};
use crate::rows::{time_opt, us};
use crate::store::Store;

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
    /// On which a report of an error waits to be looked at.
    pub reported: bool,
    /// On which something is owed.
    pub owed: bool,
    /// That a ticket's dispatch asked for.
    pub ticket: Option<String>,
    /// Published, and not confirmed since this time.
    pub stale_before: Option<Timestamp>,
    /// Published before this time and never used since.
    pub unused_before: Option<Timestamp>,
    /// In which each of these stands: words as [`KnowledgeRow::said`](super::KnowledgeRow::said) is folded, without blanks and punctuation.
    pub words: Vec<String>,
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

impl Store {
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

    /// Entries whose words an earlier program did not write.
    pub async fn knowledge_unsaid(&self, jurisdiction: &str, limit: u32) -> Result<Vec<StoredEntry>, StoreError> {
        const OP: &str = "knowledge_unsaid";
        let sql = format!("SELECT {COLUMNS} FROM knowledge k WHERE k.jurisdiction = $1 AND k.said = '' LIMIT $2");
        let rows = query(sql).bind(jurisdiction).bind(i64::from(limit));
        all(&rows.fetch_all(self.read()).await.op(OP)?, stored).op(OP)
    }

    /// Writes the words of an entry that has none, if it is still of that version.
    pub async fn knowledge_say(
        &self,
        jurisdiction: &str,
        (entry, version): (&str, i64),
        said: &str,
    ) -> Result<(), StoreError> {
        const OP: &str = "knowledge_say";
        let sql =
            "UPDATE knowledge SET said = $4 WHERE jurisdiction = $1 AND entry = $2 AND version = $3 AND said = ''";
        let query = query(sql).bind(jurisdiction).bind(entry).bind(version).bind(said);
        query.execute(&mut self.write(OP).await?).await.op(OP).map(drop)
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
    let flags = [
        (filter.review, "review"),
        (filter.overdue, "overdue"),
        (filter.wrong, "wrong"),
        (filter.reported, "reported"),
    ];
    for (wanted, column) in flags {
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
    for word in &filter.words {
        let word = format!("%{word}%");
        query.push(" AND (k.said LIKE ").push_bind(word.clone());
        query.push(" OR REPLACE(LOWER(k.entry), '-', ' ') LIKE ").push_bind(word).push(")");
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
