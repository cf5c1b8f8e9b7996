//! Reads a jurisdiction's whole chains and computes them again.
//!
//! It finds any change to any column of an entry, and any entry that was taken out, put in or moved. What a chain alone cannot show is that
//! its end was cut off, so the ticket rows are held against the journal: each must stand at the version of its last entry. Somebody who cuts
//! the end *and* rewrites the rows, or computes all hashes again, is found by an anchor that was kept elsewhere (docs/adr/0013).
//!
//! It runs beside a centre at work: the chain is read piece by piece, as nothing in it changes, and only its end and the versions of the
//! tickets are read in one snapshot, so that no long transaction holds up the folding of SQLite's log or PostgreSQL's cleaning.

use std::collections::HashMap;

use crate::chain::{AuditLink, GENESIS, Link};
use crate::db::{Dialect, On, Row, Tx, all, query};
use crate::error::{Named, StoreError};
use crate::schema::TABLES;
use crate::store::Store;

const JOURNAL_COLUMNS: &str = "seq, ticket, version, at, actor, kind, payload, hash";

/// The same of the knowledge base: an entry stands where a ticket does.
const KNOWLEDGE_COLUMNS: &str = "seq, entry AS ticket, version, at, actor, kind, payload, hash";

/// Entries read at once.
const CHUNK: i64 = 2000;

const AUDIT_COLUMNS: &str = "seq, at, who, role, kind, subject, outcome, reason, detail, origin, hash";

/// The result of [`Store::verify_chain`] and [`Store::verify_audit`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChainReport {
    /// Entries that were read and, up to the fault, found right.
    pub entries: u64,
    /// Hash of the last right entry; [`GENESIS`] if there is none.
    pub head: String,
    /// The first thing that is wrong.
    pub fault: Option<Fault>,
}

/// Something wrong with the chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The entry at which it shows.
    pub seq: i64,
    /// What is wrong, in words for an operator; without payloads.
    pub what: String,
}

impl Fault {
    fn new(seq: i64, what: impl Into<String>) -> Self {
        Self { seq, what: what.into() }
    }
}

/// A chain as far as it has been walked.
struct Walk {
    jurisdiction: String,
    table: &'static str,
    columns: &'static str,
    entries: u64,
    seq: i64,
    head: String,
    /// Last version of each ticket; nothing for the audit journal.
    versions: HashMap<String, i64>,
}

impl Store {
    /// Verifies the journal as it stands when the call ends. `progress` is called with entries done and entries in all. Keeps each ticket's
    /// version in memory (about 100 bytes a ticket). An error means that the database could not be read, a fault that it could and is wrong.
    pub async fn verify_chain(
        &self,
        jurisdiction: &str,
        progress: impl FnMut(u64, u64) + Send,
    ) -> Result<ChainReport, StoreError> {
        let walk = Walk::new(jurisdiction, "journal", JOURNAL_COLUMNS);
        self.walk("verify_chain", walk, Walk::entry, progress).await
    }

    /// Verifies the audit journal in the same way, from where it was pruned.
    pub async fn verify_audit(
        &self,
        jurisdiction: &str,
        progress: impl FnMut(u64, u64) + Send,
    ) -> Result<ChainReport, StoreError> {
        const OP: &str = "verify_audit";
        let mut walk = Walk::new(jurisdiction, "audit", AUDIT_COLUMNS);
        if let Some(pruned) = self.audit_pruned(jurisdiction).await? {
            (walk.seq, walk.head) = (pruned.seq, pruned.hash);
        }
        self.walk(OP, walk, Walk::audited, progress).await
    }

    /// Verifies the journal of the knowledge base in the same way.
    pub async fn verify_knowledge(&self, jurisdiction: &str) -> Result<ChainReport, StoreError> {
        let walk = Walk::new(jurisdiction, "knowledge_journal", KNOWLEDGE_COLUMNS);
        self.walk("verify_knowledge", walk, Walk::entry, |_, _| {}).await
    }

    /// The tables in whose file the rows and the indices that lead to them say different things: what is read by an index is not what
    /// stands in the row. Only of the embedded database, whose file others can write to.
    pub async fn verify_indices(&self) -> Result<Vec<&'static str>, StoreError> {
        const OP: &str = "verify_indices";
        if self.dialect() == Dialect::Postgres {
            return Ok(Vec::new());
        }
        let mut wrong = Vec::new();
        // The tally is recounted and not copied; its recount reads the index where that has what it asks for.
        for table in TABLES.iter().map(|table| table.name).chain(["tally"]) {
            let check = query(format!("PRAGMA integrity_check({table})"));
            let found: String = check.scalar(self.read()).await.op(OP)?;
            if found != "ok" {
                wrong.push(table);
            }
        }
        Ok(wrong)
    }

    async fn walk(
        &self,
        op: &'static str,
        mut walk: Walk,
        step: fn(&mut Walk, &Row) -> Result<(), Fault>,
        mut progress: impl FnMut(u64, u64) + Send,
    ) -> Result<ChainReport, StoreError> {
        let total = walk.count(self.read()).await.op(op)?;
        // A sequence that begins below 1 would otherwise be passed over.
        let (mut after, mut fault) = (i64::MIN, None);
        let mut on = |walk: &mut Walk, rows: &[Row]| {
            let found = rows.iter().find_map(|row| step(walk, row).err());
            if !rows.is_empty() {
                progress(walk.entries, u64::try_from(total).unwrap_or_default().max(walk.entries));
            }
            found
        };
        while fault.is_none() {
            let rows = walk.next(after).fetch_all(self.read()).await.op(op)?;
            if rows.is_empty() {
                break;
            }
            fault = on(&mut walk, &rows);
            after = walk.seq;
        }
        // Its end, and what must fit it, in one state of the database.
        let mut tx = self.read().snapshot().await.op(op)?;
        while fault.is_none() {
            let rows = walk.next(after).fetch_all(&mut tx).await.op(op)?;
            if rows.is_empty() {
                break;
            }
            fault = on(&mut walk, &rows);
            after = walk.seq;
        }
        if fault.is_none() {
            fault = walk.outside(&mut tx).await.op(op)?;
        }
        let of = match walk.table {
            "journal" => Some(("ticket", "ticket")),
            "knowledge_journal" => Some(("knowledge", "entry")),
            _ => None,
        };
        if let Some((table, key)) = of.filter(|_| fault.is_none()) {
            fault = walk.rows(&mut tx, table, key).await.op(op)?;
        }
        Ok(ChainReport { entries: walk.entries, head: walk.head, fault })
    }
}

fn number(row: &Row, column: &str, expected: i64) -> Result<i64, Fault> {
    row.get(column).map_err(|_| Fault::new(expected, format!("column {column} cannot be read")))
}

fn text(row: &Row, column: &str, expected: i64) -> Result<String, Fault> {
    row.get(column).map_err(|_| Fault::new(expected, format!("column {column} cannot be read")))
}

impl Walk {
    fn new(jurisdiction: &str, table: &'static str, columns: &'static str) -> Self {
        let (jurisdiction, head) = (jurisdiction.to_owned(), GENESIS.to_owned());
        Self { jurisdiction, table, columns, entries: 0, seq: 0, head, versions: HashMap::new() }
    }

    fn next(&self, after: i64) -> crate::db::Query {
        let (columns, table) = (self.columns, self.table);
        query(format!("SELECT {columns} FROM {table} WHERE jurisdiction = $1 AND seq > $2 ORDER BY seq LIMIT $3"))
            .bind(&self.jurisdiction)
            .bind(after)
            .bind(CHUNK)
    }

    async fn count<'c>(&self, on: impl Into<On<'c>>) -> Result<i64, sqlx::Error> {
        let sql = format!("SELECT COUNT(*) FROM {} WHERE jurisdiction = $1", self.table);
        query(sql).bind(&self.jurisdiction).scalar(on).await
    }

    /// The position of an entry, which must be the next one.
    fn position(&self, row: &Row) -> Result<i64, Fault> {
        let expected = self.seq + 1;
        match number(row, "seq", expected)? {
            seq if seq == expected => Ok(seq),
            seq => Err(Fault::new(expected, format!("entry is missing: the next one has seq {seq}"))),
        }
    }

    fn is_right(&mut self, seq: i64, stored: String, computed: &str) -> Result<(), Fault> {
        if stored != computed {
            return Err(Fault::new(seq, "hash does not fit the entry's columns and the hash of the entry before"));
        }
        (self.seq, self.head) = (seq, stored);
        self.entries += 1;
        Ok(())
    }

    fn entry(&mut self, row: &Row) -> Result<(), Fault> {
        let seq = self.position(row)?;
        let text = |column| text(row, column, seq);
        let (ticket, version, at) = (text("ticket")?, number(row, "version", seq)?, number(row, "at", seq)?);
        let (actor, kind, payload) = (text("actor")?, text("kind")?, text("payload")?);
        let link = Link {
            prev: &self.head,
            jurisdiction: &self.jurisdiction,
            seq,
            ticket: &ticket,
            version,
            at,
            actor: &actor,
            kind: &kind,
            payload: &payload,
        };
        let computed = link.hash();
        self.is_right(seq, text("hash")?, &computed)?;
        let last = self.versions.entry(ticket).or_insert(0);
        if version != *last + 1 {
            return Err(Fault::new(seq, format!("ticket goes from version {last} to {version}")));
        }
        *last = version;
        Ok(())
    }

    fn audited(&mut self, row: &Row) -> Result<(), Fault> {
        let seq = self.position(row)?;
        let text = |column| text(row, column, seq);
        let at = number(row, "at", seq)?;
        let (who, role, kind, subject) = (text("who")?, text("role")?, text("kind")?, text("subject")?);
        let (outcome, reason, detail, origin) = (text("outcome")?, text("reason")?, text("detail")?, text("origin")?);
        let texts = [&who, &role, &kind, &subject, &outcome, &reason, &detail, &origin].map(String::as_str);
        let link = AuditLink { prev: &self.head, jurisdiction: &self.jurisdiction, seq, at, texts };
        let computed = link.hash();
        self.is_right(seq, text("hash")?, &computed)
    }

    /// Entries that the walk in order of `seq` did not meet: a `seq` that is no number, or the smallest one.
    async fn outside(&self, tx: &mut Tx<'_>) -> Result<Option<Fault>, sqlx::Error> {
        let walked = i64::try_from(self.entries).unwrap_or(i64::MAX);
        let total = self.count(&mut *tx).await?;
        if walked != total {
            let what = format!("{} entries stand outside the chain", total - walked);
            return Ok(Some(Fault::new(self.seq + 1, what)));
        }
        let sql = format!(
            "SELECT COUNT(*) FROM {} WHERE jurisdiction NOT IN (SELECT jurisdiction FROM jurisdiction)",
            self.table
        );
        let strays: i64 = query(sql).scalar(tx).await?;
        let what = || format!("{strays} entries belong to no jurisdiction");
        Ok((strays > 0).then(|| Fault::new(self.seq + 1, what())))
    }

    /// Each row stands at the version of its last entry, and what has entries has a row.
    async fn rows(&mut self, tx: &mut Tx<'_>, table: &str, key: &str) -> Result<Option<Fault>, sqlx::Error> {
        let mut after = String::new();
        loop {
            let rows = query(format!(
                "SELECT {key}, version FROM {table} WHERE jurisdiction = $1 AND {key} > $2 ORDER BY {key} LIMIT $3"
            ))
            .bind(&self.jurisdiction)
            .bind(after)
            .bind(CHUNK)
            .fetch_all(&mut *tx)
            .await?;
            let rows: Vec<(String, i64)> = all(&rows, |row| Ok((row.at(0)?, row.at(1)?)))?;
            let Some((last, _)) = rows.last() else { break };
            after = last.clone();
            for (ticket, version) in rows {
                let journal = self.versions.remove(&ticket).unwrap_or(0);
                if journal != version {
                    let what = format!("ticket {ticket} stands at version {version}, its journal ends at {journal}");
                    return Ok(Some(Fault::new(self.seq, what)));
                }
            }
        }
        let orphan = self.versions.keys().min();
        Ok(orphan.map(|ticket| Fault::new(self.seq, format!("ticket {ticket} has a journal but no row"))))
    }
}
