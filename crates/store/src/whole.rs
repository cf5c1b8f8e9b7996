//! Tickets with everything that is kept of them, some hundred at a time: to compare the rows with what the journal folds to.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::db::{Row, Tx, query};
use crate::error::{Named, StoreError};
use crate::model::{JournalEntry, StoredTicket};
use crate::rows::{stored_ticket, time};
use crate::seal::{KeyError, Ring, TicketKeys};
use crate::store::Store;
use crate::tickets;

/// A ticket with all its rows, in one state of the database.
#[derive(Debug, Clone)]
pub struct WholeTicket {
    /// The row.
    pub head: StoredTicket,
    /// The folded aggregate; `None` where it does not open: it was changed or moved, or its key was.
    pub body: Option<String>,
    /// Its history, oldest first; `None` where an entry does not open.
    pub journal: Option<Vec<JournalEntry>>,
    /// Units and parts.
    pub units: Vec<(String, String)>,
    /// Files, in their order.
    pub files: Vec<WholeFile>,
    /// Appeals: key, channel, and when they were received.
    pub appeals: Vec<(String, String, Timestamp)>,
}

/// Of a file's row, what the journal says too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WholeFile {
    /// From 1 within the ticket.
    pub file: i64,
    /// Media type.
    pub media: String,
    /// Bytes.
    pub size: i64,
    /// SM3 of the content.
    pub sm3: String,
}

/// Rows of one table, by ticket.
type ByTicket<T> = BTreeMap<String, Vec<T>>;

impl Store {
    /// Tickets in the order of their numbers, after `after`, at most `limit`, with all that is kept of them: five statements, however many
    /// tickets they are.
    pub async fn tickets_whole(
        &self,
        jurisdiction: &str,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Vec<WholeTicket>, StoreError> {
        const OP: &str = "tickets_whole";
        let mut tx = self.read().snapshot().await.op(OP)?;
        let sql = format!(
            "SELECT {} FROM ticket t WHERE t.jurisdiction = $1 AND t.ticket > $2 ORDER BY t.ticket LIMIT $3",
            tickets::columns()
        );
        let from = after.unwrap_or_default();
        let rows = query(sql).bind(jurisdiction).bind(from).bind(i64::from(limit)).fetch_all(&mut tx).await.op(OP)?;
        let Some(last) = rows.last() else { return Ok(Vec::new()) };
        let last: String = last.get("ticket").op(OP)?;
        let range = Range { jurisdiction, from, to: &last };
        let columns = tickets::journal_columns();
        let journal = range.read(&mut tx, "journal", &columns, "ticket, version", Ok).await.op(OP)?;
        let unit = |row: Row| Ok((row.get("unit")?, row.get("part")?));
        let mut units =
            range.read(&mut tx, "ticket_unit", "ticket, unit, part", "ticket, unit, part", unit).await.op(OP)?;
        let file = |row: Row| {
            let (media, sm3) = (row.get("media")?, row.get("sm3")?);
            Ok(WholeFile { file: row.get("file")?, media, size: row.get("size")?, sm3 })
        };
        let columns = "ticket, file, media, size, sm3";
        let mut files = range.read(&mut tx, "attachment", columns, "ticket, file", file).await.op(OP)?;
        let appeal = |row: Row| Ok((row.get("appeal")?, row.get("channel")?, time(&row, "received_at")?));
        let columns = "ticket, appeal, channel, received_at";
        let mut appeals = range.read(&mut tx, "appeal", columns, "ticket, appeal", appeal).await.op(OP)?;
        let open = |ring: &Ring| {
            let mut keys = TicketKeys::new(ring);
            let one = |row| opened(&mut keys, row, &journal);
            rows.iter().map(one).collect::<Result<Vec<_>, StoreError>>()
        };
        let opened = self.opening(OP, jurisdiction, open).await?;
        let whole = |(head, body, journal): Opened| WholeTicket {
            units: units.remove(&head.ticket).unwrap_or_default(),
            files: files.remove(&head.ticket).unwrap_or_default(),
            appeals: appeals.remove(&head.ticket).unwrap_or_default(),
            head,
            body,
            journal,
        };
        Ok(opened.into_iter().map(whole).collect())
    }
}

type Opened = (StoredTicket, Option<String>, Option<Vec<JournalEntry>>);

/// A ticket's row, and its body and journal where they open.
fn opened(keys: &mut TicketKeys<'_>, row: &Row, journal: &ByTicket<Row>) -> Result<Opened, StoreError> {
    let head = stored_ticket(row).op("tickets_whole")?;
    let body = if_it_opens(tickets::with_body(keys, row))?.map(|ticket| ticket.body);
    let entries = journal.get(&head.ticket).into_iter().flatten();
    let journal = entries.map(|row| tickets::journal_entry(keys, row)).collect();
    Ok((head, body, if_it_opens(journal)?))
}

fn if_it_opens<T>(read: Result<T, StoreError>) -> Result<Option<T>, StoreError> {
    match read {
        Ok(read) => Ok(Some(read)),
        Err(StoreError::Key { source: KeyError::Damaged | KeyError::Erased, .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Tickets after one number up to and with another.
struct Range<'a> {
    jurisdiction: &'a str,
    from: &'a str,
    to: &'a str,
}

impl Range<'_> {
    async fn read<T>(
        &self,
        tx: &mut Tx<'_>,
        table: &str,
        columns: &str,
        order: &str,
        of: impl Fn(Row) -> Result<T, sqlx::Error>,
    ) -> Result<ByTicket<T>, sqlx::Error> {
        let sql = format!(
            "SELECT {columns} FROM {table} WHERE jurisdiction = $1 AND ticket > $2 AND ticket <= $3 ORDER BY {order}"
        );
        let rows = query(sql).bind(self.jurisdiction).bind(self.from).bind(self.to).fetch_all(tx).await?;
        let mut found = ByTicket::new();
        for row in rows {
            found.entry(row.get("ticket")?).or_default().push(of(row)?);
        }
        Ok(found)
    }
}
