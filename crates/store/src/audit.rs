//! The audit journal: what was done in the system besides acts on tickets. Gap-free and chained as the journal is, by whichever process
//! writes; never changed. Each append is a small transaction of its own: these are log-ins, exports and refusals, a few in a second.

use jiff::Timestamp;

use crate::admin::next_number;
use crate::chain::{AuditLink, GENESIS};
use crate::db::{Connection, On, Row, Tx, all, query};
use crate::error::{Named, StoreError};
use crate::list::{Page, page_length};
use crate::rows::{time, us};
use crate::store::Store;

/// Its counter: the row that a process holds while it appends.
const COUNTER: &str = "audit";
/// Entries of one call: twelve variables each, below SQLite's 32766.
const MOST: usize = 2000;

/// What is to be written. The words are the caller's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewAudit {
    /// When.
    pub at: Timestamp,
    /// The account; empty for somebody who is not signed in.
    pub who: String,
    /// Its role at that time; empty where there is none.
    pub role: String,
    /// What was done or tried.
    pub kind: String,
    /// On what.
    pub subject: String,
    /// Whether it was done.
    pub outcome: String,
    /// Why; empty where no reason is asked for.
    pub reason: String,
    /// JSON of codes and counts, without personal data.
    pub detail: String,
    /// The address it came from; empty for a command.
    pub origin: String,
}

/// An entry as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEntry {
    /// Position in the jurisdiction's chain, from 1.
    pub seq: i64,
    /// What it says.
    pub entry: NewAudit,
    /// Its hash, over that of the entry before (see [`crate::chain`]).
    pub hash: String,
}

/// Which entries are wanted; what is `None` is not asked.
#[derive(Debug, Clone, Default)]
pub struct AuditFilter {
    /// From this time on.
    pub from: Option<Timestamp>,
    /// Before this time.
    pub to: Option<Timestamp>,
    /// Of this account.
    pub who: Option<String>,
    /// Of this kind.
    pub kind: Option<String>,
    /// On this subject.
    pub subject: Option<String>,
}

/// The end of a chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// Position of the last entry, 0 for none.
    pub seq: i64,
    /// Its hash; [`GENESIS`] for none.
    pub hash: String,
}

impl AuditEntry {
    /// What is hashed, given the hash of the entry before.
    pub fn link<'a>(&'a self, jurisdiction: &'a str, prev: &'a str) -> AuditLink<'a> {
        link(&self.entry, jurisdiction, self.seq, prev)
    }
}

fn link<'a>(e: &'a NewAudit, jurisdiction: &'a str, seq: i64, prev: &'a str) -> AuditLink<'a> {
    let texts = [&e.who, &e.role, &e.kind, &e.subject, &e.outcome, &e.reason, &e.detail, &e.origin];
    AuditLink { prev, jurisdiction, seq, at: us(e.at), texts: texts.map(String::as_str) }
}

pub(crate) fn entry(row: &Row) -> Result<AuditEntry, sqlx::Error> {
    let entry = NewAudit {
        at: time(row, "at")?,
        who: row.get("who")?,
        role: row.get("role")?,
        kind: row.get("kind")?,
        subject: row.get("subject")?,
        outcome: row.get("outcome")?,
        reason: row.get("reason")?,
        detail: row.get("detail")?,
        origin: row.get("origin")?,
    };
    Ok(AuditEntry { seq: row.get("seq")?, entry, hash: row.get("hash")? })
}

impl Store {
    /// Appends entries, all or none, at most 2000; returns the position of the last one. Returns after they are on disk, so that nothing
    /// is done that was not written down.
    pub async fn audit_append(&self, jurisdiction: &str, entries: &[NewAudit]) -> Result<i64, StoreError> {
        const OP: &str = "audit_append";
        if entries.is_empty() || entries.len() > MOST {
            return Err(StoreError::invalid(OP, "between 1 and 2000 entries at once"));
        }
        let mut write = self.write(OP).await?;
        let mut tx = write.begin().await.op(OP)?;
        let seq = append(&mut tx, jurisdiction, entries).await.op(OP)?;
        tx.commit().await.op(OP)?;
        Ok(seq)
    }

    /// Takes out every entry up to one that is kept elsewhere, and writes down that it was done and with which file. On PostgreSQL only the
    /// owner of the tables can. The database refuses what is younger than 180 days by its own clock.
    pub async fn audit_prune(
        &self,
        jurisdiction: &str,
        until: &Head,
        file: &str,
        entry: &NewAudit,
    ) -> Result<(), StoreError> {
        const OP: &str = "audit_prune";
        let mut write = self.write(OP).await?;
        let mut tx = write.begin().await.op(OP)?;
        append(&mut tx, jurisdiction, std::slice::from_ref(entry)).await.op(OP)?;
        query("INSERT INTO audit_pruned (jurisdiction, seq, at, hash, file) VALUES ($1, $2, $3, $4, $5)")
            .bind(jurisdiction)
            .bind(until.seq)
            .bind(us(entry.at))
            .bind(&until.hash)
            .bind(file)
            .execute(&mut tx)
            .await
            .op(OP)?;
        query("DELETE FROM audit WHERE jurisdiction = $1 AND seq <= $2")
            .bind(jurisdiction)
            .bind(until.seq)
            .execute(&mut tx)
            .await
            .op(OP)?;
        tx.commit().await.op(OP)
    }

    /// One page of the audit journal, newest first. `limit` is held to 1–100.
    pub async fn audit(
        &self,
        jurisdiction: &str,
        filter: &AuditFilter,
        cursor: Option<&str>,
        limit: u32,
    ) -> Result<Page<AuditEntry>, StoreError> {
        const OP: &str = "audit";
        let limit = page_length(limit);
        let mut query = query("SELECT * FROM audit WHERE jurisdiction = ");
        query.push_bind(jurisdiction);
        if let Some(from) = filter.from {
            query.push(" AND at >= ").push_bind(us(from));
        }
        if let Some(to) = filter.to {
            query.push(" AND at < ").push_bind(us(to));
        }
        for (column, wanted) in [("who", &filter.who), ("kind", &filter.kind), ("subject", &filter.subject)] {
            if let Some(wanted) = wanted {
                query.push(" AND ").push(column).push(" = ").push_bind(wanted);
            }
        }
        if let Some(cursor) = cursor {
            let before: i64 = cursor.parse().map_err(|_| StoreError::invalid(OP, "not a cursor of this list"))?;
            query.push(" AND seq < ").push_bind(before);
        }
        query.push(" ORDER BY seq DESC LIMIT ").push_bind(i64::from(limit) + 1);
        let rows = query.once().fetch_all(self.read()).await.op(OP)?;
        Ok(Page::cut(all(&rows, entry).op(OP)?, limit, |e| e.seq.to_string()))
    }

    /// The last entry that was written to a file and taken out, if any was.
    pub async fn audit_pruned(&self, jurisdiction: &str) -> Result<Option<Head>, StoreError> {
        pruned(self.read(), jurisdiction).await.op("audit_pruned")
    }

    /// Entries after a position, in order, at most `limit`.
    pub async fn audit_after(&self, jurisdiction: &str, after: i64, limit: u32) -> Result<Vec<AuditEntry>, StoreError> {
        const OP: &str = "audit_after";
        let rows = query("SELECT * FROM audit WHERE jurisdiction = $1 AND seq > $2 ORDER BY seq LIMIT $3")
            .bind(jurisdiction)
            .bind(after)
            .bind(i64::from(limit))
            .fetch_all(self.read())
            .await
            .op(OP)?;
        all(&rows, entry).op(OP)
    }
}

/// Up to where a jurisdiction's audit journal was written to files and taken out.
pub(crate) async fn pruned<'c>(on: impl Into<On<'c>>, jurisdiction: &str) -> Result<Option<Head>, sqlx::Error> {
    let row = query("SELECT seq, hash FROM audit_pruned WHERE jurisdiction = $1 ORDER BY seq DESC LIMIT 1")
        .bind(jurisdiction)
        .fetch_optional(on)
        .await?;
    row.map(|row| Ok(Head { seq: row.at(0)?, hash: row.at(1)? })).transpose()
}

/// The end of the chain; where everything was pruned, the end of what was.
pub(crate) async fn head(tx: &mut Tx<'_>, jurisdiction: &str) -> Result<Head, sqlx::Error> {
    let row = query(
        "SELECT seq, hash FROM (SELECT seq, hash FROM audit WHERE jurisdiction = $1 \
           AND seq = (SELECT MAX(a.seq) FROM audit a WHERE a.jurisdiction = $1) \
         UNION ALL SELECT seq, hash FROM audit_pruned WHERE jurisdiction = $1) AS x ORDER BY seq DESC LIMIT 1",
    )
    .bind(jurisdiction)
    .fetch_optional(tx)
    .await?;
    row.map_or_else(|| Ok(Head { seq: 0, hash: GENESIS.into() }), |row| Ok(Head { seq: row.at(0)?, hash: row.at(1)? }))
}

/// Chains and writes entries. The counter's row is held until the end of the transaction: nobody else appends meanwhile.
pub(crate) async fn append(tx: &mut Tx<'_>, jurisdiction: &str, entries: &[NewAudit]) -> Result<i64, sqlx::Error> {
    next_number(tx, jurisdiction, COUNTER).await?;
    let mut last = head(tx, jurisdiction).await?;
    let mut chained = Vec::with_capacity(entries.len());
    for entry in entries {
        let seq = last.seq + 1;
        last = Head { seq, hash: link(entry, jurisdiction, seq, &last.hash).hash() };
        chained.push((entry, last.clone()));
    }
    let mut insert = query(
        "INSERT INTO audit (jurisdiction, seq, at, who, role, kind, subject, outcome, reason, detail, origin, hash) ",
    );
    insert.push_values(&chained, |row, (e, at)| {
        row.bind(jurisdiction).bind(at.seq).bind(us(e.at)).bind(&e.who).bind(&e.role).bind(&e.kind);
        row.bind(&e.subject).bind(&e.outcome).bind(&e.reason).bind(&e.detail).bind(&e.origin).bind(&at.hash);
    });
    insert.kept(entries.len() == 1).execute(tx).await?;
    Ok(last.seq)
}

/// Carries what the old record of who opened what holds over into the audit journal. Safe to repeat, and for two processes at once.
pub(crate) async fn carry_over(conn: &mut Connection) -> Result<(), sqlx::Error> {
    let mut tx = conn.begin().await?;
    let of = query("SELECT DISTINCT jurisdiction FROM access_log ORDER BY jurisdiction").fetch_all(&mut tx).await?;
    for jurisdiction in all(&of, |row| row.at::<String>(0))? {
        next_number(&mut tx, &jurisdiction, COUNTER).await?; // whoever comes second finds nothing
        loop {
            let rows = query(
                "SELECT id, at, account, ticket, what, reason FROM access_log WHERE jurisdiction = $1 ORDER BY id LIMIT $2",
            )
            .bind(&jurisdiction)
            .bind(MOST as i64)
            .fetch_all(&mut tx)
            .await?;
            let Some(last) = rows.last() else { break };
            let done: i64 = last.at(0)?;
            append(&mut tx, &jurisdiction, &all(&rows, old)?).await?;
            query("DELETE FROM access_log WHERE jurisdiction = $1 AND id <= $2")
                .bind(&jurisdiction)
                .bind(done)
                .execute(&mut tx)
                .await?;
        }
    }
    tx.commit().await
}

fn old(row: &Row) -> Result<NewAudit, sqlx::Error> {
    let what: String = row.get("what")?;
    let kind = if what.starts_with("file:") { "file-read" } else { "revealed" };
    Ok(NewAudit {
        at: time(row, "at")?,
        who: row.get("account")?,
        role: String::new(),
        kind: kind.into(),
        subject: row.get::<Option<String>>("ticket")?.unwrap_or_default(),
        outcome: "done".into(),
        reason: row.get("reason")?,
        detail: serde_json::json!({ "what": what }).to_string(),
        origin: String::new(),
    })
}
