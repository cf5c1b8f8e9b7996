//! The words of all tickets, cut anew: when how they are cut has changed.

use std::collections::HashMap;

use super::sql::{self, Writing, forget_terms, write_terms};
use crate::db::{Tx, all, query};
use crate::error::{Named, StoreError};
use crate::list::place_words;
use crate::store::Store;

const OP: &str = "reindex";

/// The search terms of a ticket, from its stored body.
pub type Terms<'a> = &'a (dyn Fn(&str) -> Option<String> + Sync);

/// Tickets of one transaction.
const CHUNK: i64 = 200;

/// What a ticket's entry is made of besides its words: time of registration, and units.
pub(crate) type Units = HashMap<(String, String), Vec<String>>;

impl Store {
    /// Cuts the words of every ticket of a jurisdiction anew, some hundred tickets at a time; others may write meanwhile. `progress` hears
    /// how many are done. Returns how many there were. Broken off, it can be begun again.
    pub async fn reindex(
        &self,
        jurisdiction: &str,
        terms: Terms<'_>,
        mut progress: impl FnMut(u64) + Send,
    ) -> Result<u64, StoreError> {
        let (mut after, mut done) = (String::new(), 0);
        loop {
            let mut write = self.write(OP).await?;
            let mut tx = write.begin().await.op(OP)?;
            let Some((last, tickets)) = chunk(&mut tx, jurisdiction, &after, terms).await.op(OP)? else {
                return Ok(done);
            };
            tx.commit().await.op(OP)?;
            (after, done) = (last, done + tickets);
            progress(done);
        }
    }
}

/// Returns the last ticket, and how many there were.
async fn chunk(
    tx: &mut Tx<'_>,
    jurisdiction: &str,
    after: &str,
    terms: Terms<'_>,
) -> Result<Option<(String, u64)>, sqlx::Error> {
    // Nobody changes a ticket between its being read and its words being written.
    sql::lock(tx, &[jurisdiction.to_owned()]).await?;
    let rows = query(
        "SELECT ticket, doc, registered_at, body FROM ticket WHERE jurisdiction = $1 AND ticket > $2 ORDER BY ticket LIMIT $3",
    )
    .bind(jurisdiction)
    .bind(after)
    .bind(CHUNK)
    .fetch_all(&mut *tx)
    .await?;
    type Row = (String, i64, i64, String);
    let rows: Vec<Row> = all(&rows, |row| Ok((row.at(0)?, row.at(1)?, row.at(2)?, row.at(3)?)))?;
    let (Some(first), Some(last)) = (rows.first(), rows.last()) else { return Ok(None) };
    let last = last.0.clone();
    let units = units_between(tx, (jurisdiction, &first.0), (jurisdiction, &last)).await?;
    let count = rows.len() as u64;
    let mut entries = Vec::new();
    for (ticket, doc, at, body) in rows {
        let Some(words) = terms(&body) else { continue };
        let key = (jurisdiction.to_owned(), ticket);
        let words = words + &place_words(at, units.get(&key).into_iter().flatten().map(String::as_str));
        entries.push((key.0, key.1, doc, words));
    }
    let docs: Vec<i64> = entries.iter().map(|(.., doc, _)| *doc).collect();
    let mut to = Writing::new(tx);
    forget_terms(&mut to, &docs).await?;
    write_terms(&mut to, &entries).await?;
    to.done().await?;
    Ok(Some((last, count)))
}

/// The units of all tickets from one to another, both by jurisdiction and ticket.
pub(crate) async fn units_between(
    tx: &mut Tx<'_>,
    first: (&str, &str),
    last: (&str, &str),
) -> Result<Units, sqlx::Error> {
    let rows = query(
        "SELECT jurisdiction, ticket, unit FROM ticket_unit \
         WHERE (jurisdiction, ticket) >= ($1, $2) AND (jurisdiction, ticket) <= ($3, $4)",
    )
    .bind(first.0)
    .bind(first.1)
    .bind(last.0)
    .bind(last.1)
    .fetch_all(tx)
    .await?;
    let mut units = Units::new();
    for row in &rows {
        units.entry((row.at(0)?, row.at(1)?)).or_default().push(row.at(2)?);
    }
    Ok(units)
}
