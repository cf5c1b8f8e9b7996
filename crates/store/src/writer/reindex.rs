//! The words of all tickets, cut anew: when how they are cut has changed.

use std::collections::HashMap;

use super::sql::{self, Writing, forget_terms, write_terms};
use crate::db::{Dialect, On, Tx, query};
use crate::error::{Named, StoreError};
use crate::list::place_words;
use crate::model::TicketWithBody;
use crate::rows::us;
use crate::schema::TABLES;
use crate::seal::{Ring, TicketKeys};
use crate::store::Store;
use crate::tickets;

const OP: &str = "reindex";

/// The search terms of a ticket, from its stored body.
pub type Terms<'a> = &'a (dyn Fn(&str) -> Option<String> + Sync);

/// A command to SQLite's full-text table as a whole.
const TELL_INDEX: &str = "INSERT INTO ticket_terms (ticket_terms) VALUES ($1)";

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
        // SQLite marks each entry that is written anew as gone, and looks every word up among the marks when it merges: of a million
        // tickets that took longer and longer.
        if self.dialect() == Dialect::Sqlite && self.is_alone(jurisdiction).await? {
            query(TELL_INDEX).bind("delete-all").execute(&mut self.write(OP).await?).await.op(OP)?;
        }
        let (mut after, mut done) = (String::new(), 0);
        loop {
            let mut write = self.write(OP).await?;
            let mut tx = write.begin().await.op(OP)?;
            let Some((last, tickets)) = self.cut_anew(&mut tx, jurisdiction, &after, terms).await? else {
                break;
            };
            tx.commit().await.op(OP)?;
            (after, done) = (last, done + tickets);
            progress(done);
        }
        settle(self.dialect(), &mut self.write(OP).await?).await.op(OP)?;
        Ok(done)
    }

    /// Whether no other jurisdiction has entries in the index.
    async fn is_alone(&self, jurisdiction: &str) -> Result<bool, StoreError> {
        // By the few jurisdictions: asked of the tickets, it would read the key of every one.
        let others = query(
            "SELECT 1 FROM jurisdiction j WHERE j.jurisdiction <> $1 \
             AND EXISTS (SELECT 1 FROM ticket t WHERE t.jurisdiction = j.jurisdiction) LIMIT 1",
        )
        .bind(jurisdiction);
        Ok(others.fetch_optional(self.read()).await.op(OP)?.is_none())
    }

    /// Returns the last ticket, and how many there were.
    async fn cut_anew(
        &self,
        tx: &mut Tx<'_>,
        jurisdiction: &str,
        after: &str,
        terms: Terms<'_>,
    ) -> Result<Option<(String, u64)>, StoreError> {
        // Nobody changes a ticket between its being read and its words being written.
        sql::lock(tx, &[jurisdiction.to_owned()]).await.op(OP)?;
        let sql = format!(
            "SELECT {} FROM ticket t WHERE t.jurisdiction = $1 AND t.ticket > $2 ORDER BY t.ticket LIMIT $3",
            tickets::columns()
        );
        let rows = query(sql).bind(jurisdiction).bind(after).bind(CHUNK).fetch_all(&mut *tx).await.op(OP)?;
        if rows.is_empty() {
            return Ok(None);
        }
        let open = |ring: &Ring| {
            let mut keys = TicketKeys::new(ring);
            rows.iter().map(|row| tickets::with_body(&mut keys, row)).collect::<Result<Vec<_>, _>>()
        };
        let tickets = self.opening(OP, jurisdiction, open).await?;
        let (Some(first), Some(last)) = (tickets.first(), tickets.last()) else { return Ok(None) };
        let (first, last) = (first.head.ticket.clone(), last.head.ticket.clone());
        let units = units_between(tx, (jurisdiction, &first), (jurisdiction, &last)).await.op(OP)?;
        let count = tickets.len() as u64;
        let mut entries = Vec::new();
        for TicketWithBody { head, body } in tickets {
            let Some(words) = terms(&body) else { continue };
            let key = (jurisdiction.to_owned(), head.ticket);
            let of_ticket = units.get(&key).into_iter().flatten().map(String::as_str);
            let words = words + &place_words(us(head.row.registered_at), head.row.next_due.is_some(), of_ticket);
            entries.push((key.0, key.1, head.doc, words));
        }
        let docs: Vec<i64> = entries.iter().map(|(.., doc, _)| *doc).collect();
        let mut to = Writing::new(tx);
        forget_terms(&mut to, &docs).await.op(OP)?;
        write_terms(&mut to, &entries).await.op(OP)?;
        to.done().await.op(OP)?;
        Ok(Some((last, count)))
    }
}

/// What a database does by itself in time, done at once after many rows were written: SQLite's index of words in one piece, as a search asks
/// each of its pieces; PostgreSQL's look at its tables, without which it plans as if they were empty. Some seconds for a million tickets.
pub(crate) async fn settle<'c>(dialect: Dialect, on: impl Into<On<'c>>) -> Result<(), sqlx::Error> {
    if dialect == Dialect::Sqlite {
        return query(TELL_INDEX).bind("optimize").execute(on).await.map(drop);
    }
    let tables = TABLES.iter().map(|table| table.name).chain(["ticket_terms", "tally"]).collect::<Vec<_>>();
    query(format!("ANALYZE {}", tables.join(", "))).execute(on).await.map(drop)
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
