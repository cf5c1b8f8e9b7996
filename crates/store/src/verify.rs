//! Reads a jurisdiction's whole chain and computes it again.
//!
//! It finds any change to any column of an entry, and any entry that was taken out, put in or moved. What a chain alone
//! cannot show is that its end was cut off, so the ticket rows are held against it: each must stand at the version of
//! its last entry. Somebody who cuts the end *and* rewrites the rows, or computes all hashes again, is found only by a
//! head that was kept elsewhere ([`ChainReport::head`]): print it, send it to the superior platform, every day.

use std::collections::HashMap;

use crate::chain::{GENESIS, Link};
use crate::db::{Row, Tx, all, query};
use crate::error::{Named, StoreError};
use crate::store::Store;

const OP: &str = "verify_chain";

const JOURNAL_COLUMNS: &str = "seq, ticket, version, at, actor, kind, payload, hash";

/// Entries read at once.
const CHUNK: i64 = 2000;

/// The result of [`Store::verify_chain`].
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

/// The chain as far as it has been walked.
struct Walk {
    jurisdiction: String,
    entries: u64,
    seq: i64,
    head: String,
    versions: HashMap<String, i64>,
}

impl Store {
    /// Verifies the chain as it stands when the call begins; entries appended meanwhile are not looked at. `progress`
    /// is called with entries done and entries in all. Keeps each ticket's version in memory (about 100 bytes a
    /// ticket). An error means that the database could not be read, a fault that it could and is wrong.
    pub async fn verify_chain(
        &self,
        jurisdiction: &str,
        mut progress: impl FnMut(u64, u64) + Send,
    ) -> Result<ChainReport, StoreError> {
        let mut tx = self.read().snapshot().await.op(OP)?; // one snapshot for the chain and the rows
        let total: i64 = query("SELECT COUNT(*) FROM journal WHERE jurisdiction = $1")
            .bind(jurisdiction)
            .scalar(&mut tx)
            .await
            .op(OP)?;
        let mut walk = Walk {
            jurisdiction: jurisdiction.to_owned(),
            entries: 0,
            seq: 0,
            head: GENESIS.into(),
            versions: HashMap::new(),
        };
        let sql =
            format!("SELECT {JOURNAL_COLUMNS} FROM journal WHERE jurisdiction = $1 AND seq > $2 ORDER BY seq LIMIT $3");
        // A sequence that begins below 1 would otherwise be passed over.
        let mut after = i64::MIN;
        let mut fault = None;
        while fault.is_none() {
            let rows = query(sql.clone()).bind(jurisdiction).bind(after).bind(CHUNK).fetch_all(&mut tx).await.op(OP)?;
            if rows.is_empty() {
                break;
            }
            fault = rows.iter().find_map(|row| walk.step(row).err());
            after = walk.seq;
            progress(walk.entries, u64::try_from(total).unwrap_or_default());
        }
        if fault.is_none() {
            fault = walk.outside(&mut tx, total).await.op(OP)?;
        }
        if fault.is_none() {
            fault = walk.rows(&mut tx).await.op(OP)?;
        }
        Ok(ChainReport { entries: walk.entries, head: walk.head, fault })
    }
}

impl Walk {
    fn step(&mut self, row: &Row) -> Result<(), Fault> {
        let expected = self.seq + 1;
        let unreadable = |column: &str| Fault::new(expected, format!("column {column} cannot be read"));
        let number = |column: &str| row.get::<i64>(column).map_err(|_| unreadable(column));
        let text = |column: &str| row.get::<String>(column).map_err(|_| unreadable(column));
        let seq = number("seq")?;
        if seq != expected {
            return Err(Fault::new(expected, format!("entry is missing: the next one has seq {seq}")));
        }
        let (ticket, version, at) = (text("ticket")?, number("version")?, number("at")?);
        let (actor, kind, payload) = (text("actor")?, text("kind")?, text("payload")?);
        let hash = text("hash")?;
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
        if link.hash() != hash {
            return Err(Fault::new(seq, "hash does not fit the entry's columns and the hash of the entry before"));
        }
        let last = self.versions.entry(ticket).or_insert(0);
        if version != *last + 1 {
            return Err(Fault::new(seq, format!("ticket goes from version {last} to {version}")));
        }
        *last = version;
        self.seq = seq;
        self.entries += 1;
        self.head = hash;
        Ok(())
    }

    /// Entries that the walk in order of `seq` did not meet: a `seq` that is no number, or the smallest one.
    async fn outside(&self, tx: &mut Tx<'_>, total: i64) -> Result<Option<Fault>, sqlx::Error> {
        let walked = i64::try_from(self.entries).unwrap_or(i64::MAX);
        if walked != total {
            let what = format!("{} entries stand outside the chain", total - walked);
            return Ok(Some(Fault::new(self.seq + 1, what)));
        }
        let strays: i64 =
            query("SELECT COUNT(*) FROM journal WHERE jurisdiction NOT IN (SELECT jurisdiction FROM jurisdiction)")
                .scalar(tx)
                .await?;
        let what = || format!("{strays} entries belong to no jurisdiction");
        Ok((strays > 0).then(|| Fault::new(self.seq + 1, what())))
    }

    /// Each ticket's row stands at the version of its last entry, and each ticket with entries has a row.
    async fn rows(&mut self, tx: &mut Tx<'_>) -> Result<Option<Fault>, sqlx::Error> {
        let mut after = String::new();
        loop {
            let rows = query(
                "SELECT ticket, version FROM ticket WHERE jurisdiction = $1 AND ticket > $2 ORDER BY ticket LIMIT $3",
            )
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
