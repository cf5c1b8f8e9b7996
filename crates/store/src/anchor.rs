//! The daily anchors: a text over the heads of both chains, made by the caller, kept here beside them.

use jiff::Timestamp;

use crate::audit::{self, Head, NewAudit};
use crate::chain::GENESIS;
use crate::db::{Row, Tx, all, query};
use crate::error::{Named, StoreError};
use crate::rows::{time, us};
use crate::store::Store;

/// An anchor as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Anchor {
    /// The day it was made on, `2026-11-22`.
    pub day: String,
    /// When.
    pub at: Timestamp,
    /// The whole text, with its signature.
    pub content: String,
}

/// The ends of both chains of a jurisdiction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heads {
    /// Of the tickets' journal.
    pub journal: Head,
    /// Of the audit journal.
    pub audit: Head,
}

/// One of the two chains.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Chain {
    /// What happened to tickets.
    Journal,
    /// Everything else that was done.
    Audit,
}

impl Chain {
    fn table(self) -> &'static str {
        match self {
            Self::Journal => "journal",
            Self::Audit => "audit",
        }
    }
}

fn anchor(row: &Row) -> Result<Anchor, sqlx::Error> {
    Ok(Anchor { day: row.get("day")?, at: time(row, "at")?, content: row.get("content")? })
}

impl Store {
    /// Makes the anchor of a day, with an audit entry for it that it covers: `content` gets the heads and the anchor before. `None` if that
    /// day or a later one has one already, whoever made it.
    pub async fn anchor_make(
        &self,
        jurisdiction: &str,
        day: &str,
        entry: &NewAudit,
        content: impl FnOnce(&Heads, Option<&Anchor>) -> String + Send,
    ) -> Result<Option<Anchor>, StoreError> {
        const OP: &str = "anchor_make";
        let mut write = self.write(OP).await?;
        let mut tx = write.begin().await.op(OP)?;
        // Holds the audit chain until the end: of two processes the second one finds what the first has made.
        audit::append(&mut tx, jurisdiction, std::slice::from_ref(entry)).await.op(OP)?;
        let before = last(&mut tx, jurisdiction).await.op(OP)?;
        if before.as_ref().is_some_and(|before| before.day.as_str() >= day) {
            tx.rollback().await.op(OP)?;
            return Ok(None);
        }
        let heads = Heads {
            journal: journal_head(&mut tx, jurisdiction).await.op(OP)?,
            audit: audit::head(&mut tx, jurisdiction).await.op(OP)?,
        };
        let made = Anchor { day: day.to_owned(), at: entry.at, content: content(&heads, before.as_ref()) };
        query("INSERT INTO anchor (jurisdiction, day, at, content) VALUES ($1, $2, $3, $4)")
            .bind(jurisdiction)
            .bind(&made.day)
            .bind(us(made.at))
            .bind(&made.content)
            .execute(&mut tx)
            .await
            .op(OP)?;
        tx.commit().await.op(OP)?;
        Ok(Some(made))
    }

    /// All anchors, oldest first: one a day.
    pub async fn anchors(&self, jurisdiction: &str) -> Result<Vec<Anchor>, StoreError> {
        const OP: &str = "anchors";
        let rows = query("SELECT day, at, content FROM anchor WHERE jurisdiction = $1 ORDER BY day")
            .bind(jurisdiction)
            .fetch_all(self.read())
            .await
            .op(OP)?;
        all(&rows, anchor).op(OP)
    }

    /// The anchor of a day, or the last one.
    pub async fn anchor(&self, jurisdiction: &str, day: Option<&str>) -> Result<Option<Anchor>, StoreError> {
        const OP: &str = "anchor";
        let mut query = query("SELECT day, at, content FROM anchor WHERE jurisdiction = ");
        query.push_bind(jurisdiction);
        if let Some(day) = day {
            query.push(" AND day = ").push_bind(day);
        }
        query.push(" ORDER BY day DESC LIMIT 1");
        query.fetch_optional(self.read()).await.op(OP)?.as_ref().map(anchor).transpose().op(OP)
    }

    /// The hash of an entry as it is stored; [`GENESIS`] before the first one, `None` if there is no such entry. Of an audit entry that was
    /// pruned, where pruning ended with it.
    pub async fn hash_at(&self, jurisdiction: &str, chain: Chain, seq: i64) -> Result<Option<String>, StoreError> {
        const OP: &str = "hash_at";
        if seq == 0 {
            return Ok(Some(GENESIS.into()));
        }
        let mut tables = vec![chain.table()];
        if chain == Chain::Audit {
            tables.push("audit_pruned");
        }
        for table in tables {
            let hash = query(format!("SELECT hash FROM {table} WHERE jurisdiction = $1 AND seq = $2"))
                .bind(jurisdiction)
                .bind(seq)
                .scalar_optional(self.read())
                .await
                .op(OP)?;
            if hash.is_some() {
                return Ok(hash);
            }
        }
        Ok(None)
    }
}

async fn last(tx: &mut Tx<'_>, jurisdiction: &str) -> Result<Option<Anchor>, sqlx::Error> {
    let row = query("SELECT day, at, content FROM anchor WHERE jurisdiction = $1 ORDER BY day DESC LIMIT 1")
        .bind(jurisdiction)
        .fetch_optional(tx)
        .await?;
    row.as_ref().map(anchor).transpose()
}

async fn journal_head(tx: &mut Tx<'_>, jurisdiction: &str) -> Result<Head, sqlx::Error> {
    let row = query("SELECT seq, hash FROM journal WHERE jurisdiction = $1 ORDER BY seq DESC LIMIT 1")
        .bind(jurisdiction)
        .fetch_optional(tx)
        .await?;
    row.map_or_else(|| Ok(Head { seq: 0, hash: GENESIS.into() }), |row| Ok(Head { seq: row.at(0)?, hash: row.at(1)? }))
}
