//! A whole database from one place to another, of the same kind or not: every row as it is, so that the chain stays what it was. One
//! transaction there and one state here: a copy is complete or it is not there.

use std::collections::BTreeMap;

use crate::db::{Dialect, Query, Row, Tuple, Tx, Value, query};
use crate::error::{Named, StoreError};
use crate::list::place_words;
use crate::schema::{TABLES, Table};
use crate::seal::{Ring, TicketKeys};
use crate::store::Store;
use crate::writer::{Terms, Units, Writing, settle, units_between, write_terms};

const OP: &str = "copy";

/// Rows carried at once: of the widest table 12,000 values, below what a statement of either database takes.
const CHUNK: i64 = 500;

/// What was carried over.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Copied {
    /// Rows by table.
    pub rows: BTreeMap<&'static str, u64>,
}

impl Store {
    /// Copies everything to another database that is migrated and holds nothing yet. It may be in use: what is written here after the
    /// call began is not copied. `progress` hears the table and its rows so far.
    ///
    /// # Errors
    /// `Invalid` if there is something there already; then, and after any other error, nothing has been written.
    pub async fn copy_to(
        &self,
        to: &Store,
        terms: Terms<'_>,
        mut progress: impl FnMut(&'static str, u64) + Send,
    ) -> Result<Copied, StoreError> {
        let mut from = self.read().snapshot().await.op(OP)?;
        let mut write = to.write(OP).await?;
        let mut into = write.begin().await.op(OP)?;
        let there: i64 = query("SELECT COUNT(*) FROM jurisdiction").scalar(&mut into).await.op(OP)?;
        if there > 0 {
            return Err(StoreError::invalid(OP, "the database to copy to is not empty"));
        }
        let mut copied = Copied::default();
        let mut docs = Docs { dialect: to.dialect(), last: BTreeMap::new() };
        for table in TABLES {
            let mut after: Option<Vec<Value>> = None;
            let done = copied.rows.entry(table.name).or_default();
            loop {
                let mut rows = read(&mut from, table, after.as_deref()).await.op(OP)?;
                let Some(last) = rows.last() else { break };
                after = Some(last[..table.key].to_vec());
                *done += rows.len() as u64;
                rows.retain(|row| table.name != "counter" || !Docs::counts(row));
                docs.number(table, &mut rows);
                write_rows(&mut into, table, &rows).await.op(OP)?;
                if table.name == "ticket" {
                    // A full-text table without contents cannot give its words back.
                    let units = units_of(&mut from, &rows).await.op(OP)?;
                    index(&mut into, table, &self.bodies(table, &rows).await?, &units, terms).await.op(OP)?;
                }
                progress(table.name, *done);
            }
        }
        docs.write(&mut into).await.op(OP)?;
        settle(to.dialect(), &mut into).await.op(OP)?;
        into.commit().await.op(OP)?;
        Ok(copied)
    }

    /// The same rows of tickets, their bodies opened: rows are copied as they are, under the same keys, but what is searched for is not
    /// sealed.
    async fn bodies(&self, table: &Table, rows: &[Vec<Value>]) -> Result<Vec<Vec<Value>>, StoreError> {
        let (Some(body), Some(secret)) = (table.place("body"), table.place("secret")) else { return Ok(Vec::new()) };
        let mut opened = Vec::with_capacity(rows.len());
        for row in rows {
            let mut row = row.clone();
            if let [Value::Text(Some(jurisdiction)), Value::Text(Some(ticket))] = &row[..2]
                && let (Value::Text(Some(stored)), Value::Text(secret)) = (&row[body], &row[secret])
            {
                let open = |ring: &Ring| {
                    let place = ("ticket", &[ticket.as_str()][..], "body");
                    let opened = TicketKeys::new(ring).open(place, ticket, secret.as_deref(), stored);
                    opened.map_err(|source| StoreError::Key { op: OP, source })
                };
                let body_is = self.opening(OP, jurisdiction, open).await?;
                row[body] = Value::Text(body_is);
            }
            opened.push(row);
        }
        Ok(opened)
    }
}

async fn read(from: &mut Tx<'_>, table: &Table, after: Option<&[Value]>) -> Result<Vec<Vec<Value>>, sqlx::Error> {
    let names: Vec<&str> = table.names().collect();
    let key = names[..table.key].join(", ");
    let mut query = query(format!("SELECT {} FROM {}", names.join(", "), table.name));
    if let Some(after) = after {
        query.push(&format!(" WHERE ({key}) > (")).push_list(after.to_vec()).push(")");
    }
    query.push(&format!(" ORDER BY {key} LIMIT ")).push_bind(CHUNK);
    let rows = query.fetch_all(from).await?;
    rows.iter().map(|row| values(table, row)).collect()
}

fn values(table: &Table, row: &Row) -> Result<Vec<Value>, sqlx::Error> {
    let value =
        |place| Ok(if table.is_number(place) { Value::Number(row.at(place)?) } else { Value::Text(row.at(place)?) });
    (0..table.columns.len()).map(value).collect()
}

async fn write_rows(into: &mut Tx<'_>, table: &Table, rows: &[Vec<Value>]) -> Result<(), sqlx::Error> {
    if rows.is_empty() {
        return Ok(());
    }
    let names: Vec<&str> = table.names().collect();
    let mut query: Query = query(format!("INSERT INTO {} ({}) ", table.name, names.join(", ")));
    query.push_values(rows, |tuple: &mut Tuple<'_>, row| {
        row.iter().for_each(|value| {
            tuple.bind(value.clone());
        });
    });
    query.kept(rows.len() as i64 == CHUNK).execute(into).await.map(drop)
}

/// The units of these tickets, which stand in the order of their keys.
async fn units_of(from: &mut Tx<'_>, rows: &[Vec<Value>]) -> Result<Units, sqlx::Error> {
    let key = |row: &Vec<Value>| match &row[..2] {
        [Value::Text(Some(jurisdiction)), Value::Text(Some(ticket))] => Some((jurisdiction.clone(), ticket.clone())),
        _ => None,
    };
    match (rows.first().and_then(key), rows.last().and_then(key)) {
        (Some(first), Some(last)) => units_between(from, (&first.0, &first.1), (&last.0, &last.1)).await,
        _ => Ok(Units::new()),
    }
}

async fn index(
    into: &mut Tx<'_>,
    table: &Table,
    rows: &[Vec<Value>],
    units: &Units,
    terms: Terms<'_>,
) -> Result<(), sqlx::Error> {
    let column = |row: &[Value], name| table.place(name).map(|place| row[place].clone());
    let mut found = Vec::new();
    for row in rows {
        let [Some(Value::Text(Some(jurisdiction))), Some(Value::Text(Some(ticket)))] =
            [column(row, "jurisdiction"), column(row, "ticket")]
        else {
            continue;
        };
        if let [Some(Value::Number(Some(doc))), Some(Value::Number(Some(at))), Some(Value::Number(due))] =
            [column(row, "doc"), column(row, "registered_at"), column(row, "next_due")]
            && let Some(Value::Text(Some(body))) = column(row, "body")
            && let Some(terms) = terms(&body)
        {
            let key = (jurisdiction, ticket);
            let of_ticket = units.get(&key).into_iter().flatten().map(String::as_str);
            let terms = terms + &place_words(at, due.is_some(), of_ticket);
            found.push((key.0, key.1, doc, terms));
        }
    }
    let mut to = Writing::new(into);
    write_terms(&mut to, &found).await?;
    to.done().await
}

/// Numbers for the rows of the full-text index are given anew: the two databases count them over different ranges.
struct Docs {
    dialect: Dialect,
    /// The last one given, by whose counter it is.
    last: BTreeMap<String, i64>,
}

impl Docs {
    /// Whether a row of `counter` is one of theirs.
    fn counts(row: &[Value]) -> bool {
        matches!(&row[1], Value::Text(Some(name)) if name == "doc")
    }

    fn number(&mut self, table: &Table, rows: &mut [Vec<Value>]) {
        let Some(doc) = table.place("doc") else { return };
        for row in rows {
            let jurisdiction = match (&row[0], self.dialect) {
                (Value::Text(Some(jurisdiction)), Dialect::Postgres) => jurisdiction.clone(),
                _ => String::new(),
            };
            let last = self.last.entry(jurisdiction).or_default();
            *last += 1;
            row[doc] = Value::Number(Some(*last));
        }
    }

    async fn write(self, into: &mut Tx<'_>) -> Result<(), sqlx::Error> {
        for (jurisdiction, last) in self.last {
            query("INSERT INTO counter (jurisdiction, name, value) VALUES ($1, 'doc', $2)")
                .bind(jurisdiction)
                .bind(last)
                .execute(&mut *into)
                .await?;
        }
        Ok(())
    }
}
