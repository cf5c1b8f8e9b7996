//! Files of entries. Which version has which file stands in the journal; here stands what is known of each, and whether any version still
//! names it. Contents are never in the database.

use jiff::Timestamp;

use crate::db::{Query, Row, Tx, all, query};
use crate::error::{Named, StoreError};
use crate::rows::{time, us};
use crate::store::Store;

const SELECT: &str = "SELECT content, entry, name, media, size, sm3, account, at, state, named FROM knowledge_file";

/// A file of the knowledge base.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnowledgeFileRow {
    /// Key in the file store.
    pub content: String,
    /// `None`: it was not submitted with an entry yet.
    pub entry: Option<String>,
    /// With its extension.
    pub name: String,
    /// By the content.
    pub media: String,
    /// Bytes.
    pub size: i64,
    /// Of the content, as in the journal.
    pub sm3: String,
    /// Who sent it in.
    pub account: String,
    /// When.
    pub at: Timestamp,
    /// What the virus scan says, in the caller's words.
    pub state: String,
    /// By what it is named.
    pub by: NamedBy,
}

/// What names a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum NamedBy {
    /// It is being removed.
    Going = -1,
    /// No version.
    Nothing = 0,
    /// What waits for its reviewer, or was given back.
    Pending = 1,
    /// A version that was published, now or once: kept as long as the entry.
    Published = 2,
}

/// The files that an entry's versions name after a change, by their keys.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NamedFiles {
    /// By what waits for its reviewer.
    pub pending: Vec<String>,
    /// By what is said.
    pub published: Vec<String>,
}

fn file(row: &Row) -> Result<KnowledgeFileRow, sqlx::Error> {
    let by = match row.get::<i64>("named")? {
        -1 => NamedBy::Going,
        0 => NamedBy::Nothing,
        1 => NamedBy::Pending,
        2 => NamedBy::Published,
        n => return Err(sqlx::Error::Decode(format!("named is {n}").into())),
    };
    Ok(KnowledgeFileRow {
        content: row.get("content")?,
        entry: row.get("entry")?,
        name: row.get("name")?,
        media: row.get("media")?,
        size: row.get("size")?,
        sm3: row.get("sm3")?,
        account: row.get("account")?,
        at: time(row, "at")?,
        state: row.get("state")?,
        by,
    })
}

impl Store {
    /// Keeps what is known of a file that has come; `false` if one of that content key is there already.
    pub async fn knowledge_file_new(&self, jurisdiction: &str, row: &KnowledgeFileRow) -> Result<bool, StoreError> {
        const OP: &str = "knowledge_file_new";
        let query = query(
            "INSERT INTO knowledge_file (jurisdiction, content, name, media, size, sm3, account, at, state, named, since) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0, $10) ON CONFLICT (jurisdiction, content) DO NOTHING",
        )
        .bind(jurisdiction)
        .bind(&row.content)
        .bind(&row.name)
        .bind(&row.media)
        .bind(row.size)
        .bind(&row.sm3)
        .bind(&row.account)
        .bind(us(row.at))
        .bind(&row.state)
        .bind(us(row.at));
        Ok(query.execute(&mut self.write(OP).await?).await.op(OP)? == 1)
    }

    async fn knowledge_files_by(&self, query: Query) -> Result<Vec<KnowledgeFileRow>, StoreError> {
        const OP: &str = "knowledge_files";
        all(&query.fetch_all(self.read()).await.op(OP)?, file).op(OP)
    }

    /// A file by its key.
    pub async fn knowledge_file(
        &self,
        jurisdiction: &str,
        content: &str,
    ) -> Result<Option<KnowledgeFileRow>, StoreError> {
        let sql = format!("{SELECT} WHERE jurisdiction = $1 AND content = $2");
        let files = self.knowledge_files_by(query(sql).bind(jurisdiction).bind(content)).await?;
        Ok(files.into_iter().next())
    }

    /// The files that an entry has or had, by key.
    pub async fn knowledge_files(&self, jurisdiction: &str, entry: &str) -> Result<Vec<KnowledgeFileRow>, StoreError> {
        let sql = format!("{SELECT} WHERE jurisdiction = $1 AND entry = $2 ORDER BY content");
        self.knowledge_files_by(query(sql).bind(jurisdiction).bind(entry)).await
    }

    /// How many files an account has sent in that no version names.
    pub async fn knowledge_files_loose(&self, jurisdiction: &str, account: &str) -> Result<i64, StoreError> {
        query("SELECT COUNT(*) FROM knowledge_file WHERE jurisdiction = $1 AND named = 0 AND account = $2")
            .bind(jurisdiction)
            .bind(account)
            .scalar(self.read())
            .await
            .op("knowledge_files_loose")
    }

    /// Every file after one of them, by key; only those in a state of the virus scan where one is given.
    pub async fn knowledge_files_stream(
        &self,
        jurisdiction: &str,
        state: Option<&str>,
        after: &str,
        limit: u32,
    ) -> Result<Vec<KnowledgeFileRow>, StoreError> {
        let mut query = query(format!("{SELECT} WHERE jurisdiction = "));
        query.push_bind(jurisdiction).push(" AND named >= 0 AND content > ").push_bind(after);
        if let Some(state) = state {
            query.push(" AND state = ").push_bind(state);
        }
        query.push(" ORDER BY content LIMIT ").push_bind(i64::from(limit));
        self.knowledge_files_by(query.once()).await
    }

    /// Moves a file from one state of the virus scan to another; `false` if somebody else moved it first.
    pub async fn knowledge_file_state(
        &self,
        jurisdiction: &str,
        content: &str,
        from: &str,
        to: &str,
    ) -> Result<bool, StoreError> {
        const OP: &str = "knowledge_file_state";
        let query =
            query("UPDATE knowledge_file SET state = $4 WHERE jurisdiction = $1 AND content = $2 AND state = $3")
                .bind(jurisdiction)
                .bind(content)
                .bind(from)
                .bind(to);
        Ok(query.execute(&mut self.write(OP).await?).await.op(OP)? == 1)
    }

    /// Keys of files that no version has named since a time, from now on being removed: no version can name them any more. Whoever removes a
    /// content says so with [`Store::knowledge_file_gone`]; until then it is told again.
    pub async fn knowledge_files_to_remove(
        &self,
        jurisdiction: &str,
        unnamed_since: Timestamp,
        limit: u32,
    ) -> Result<Vec<String>, StoreError> {
        const OP: &str = "knowledge_files_to_remove";
        let mark = "UPDATE knowledge_file SET named = -1 WHERE jurisdiction = $1 AND named = 0 AND since <= $2";
        query(mark).bind(jurisdiction).bind(us(unnamed_since)).execute(&mut self.write(OP).await?).await.op(OP)?;
        let sql = format!("{SELECT} WHERE jurisdiction = $1 AND named = -1 ORDER BY since LIMIT $2");
        let files = self.knowledge_files_by(query(sql).bind(jurisdiction).bind(i64::from(limit))).await?;
        Ok(files.into_iter().map(|file| file.content).collect())
    }

    /// The content is removed.
    pub async fn knowledge_file_gone(&self, jurisdiction: &str, content: &str) -> Result<(), StoreError> {
        const OP: &str = "knowledge_file_gone";
        let sql = "DELETE FROM knowledge_file WHERE jurisdiction = $1 AND content = $2 AND named = -1";
        let query = query(sql).bind(jurisdiction).bind(content);
        query.execute(&mut self.write(OP).await?).await.op(OP).map(drop)
    }
}

/// Writes which files the entry's versions name from now on. `false` if one of them is not there, was sent in by somebody else and not
/// submitted, or is another entry's.
pub(super) async fn name(
    tx: &mut Tx<'_>,
    jurisdiction: &str,
    entry: &str,
    actor: &str,
    at: Timestamp,
    files: &NamedFiles,
) -> Result<bool, sqlx::Error> {
    let mut dropped = query("UPDATE knowledge_file SET named = 0, since = ");
    dropped.push_bind(us(at)).push(" WHERE jurisdiction = ").push_bind(jurisdiction);
    dropped.push(" AND named = 1 AND entry = ").push_bind(entry);
    if !files.pending.is_empty() {
        dropped.push(" AND content NOT IN (").push_list(files.pending.clone()).push(")");
    }
    dropped.once().execute(&mut *tx).await?;
    let published = files.published.iter().map(|content| (content, NamedBy::Published));
    for (content, by) in files.pending.iter().map(|content| (content, NamedBy::Pending)).chain(published) {
        let named = query(
            "UPDATE knowledge_file SET entry = $1, since = CASE WHEN named < $2 THEN $3 ELSE since END, \
             named = CASE WHEN named < $4 THEN $5 ELSE named END \
             WHERE jurisdiction = $6 AND content = $7 AND named >= 0 AND (entry = $8 OR (entry IS NULL AND account = $9))",
        )
        .bind(entry)
        .bind(by as i64)
        .bind(us(at))
        .bind(by as i64)
        .bind(by as i64)
        .bind(jurisdiction)
        .bind(content)
        .bind(entry)
        .bind(actor)
        .execute(&mut *tx)
        .await?;
        if named != 1 {
            return Ok(false);
        }
    }
    Ok(true)
}
