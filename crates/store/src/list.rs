//! The ticket lists: filter, sort, keyset page, counts for the tabs.

use jiff::Timestamp;
use sqlx::{QueryBuilder, Row, Sqlite};

use crate::chain::{hex, unhex};
use crate::error::{Named, StoreError};
use crate::model::StoredTicket;
use crate::rows::{TICKET_COLUMNS, stored_ticket, us, us_opt};
use crate::store::Store;

/// Most tickets on one page.
const MOST: u32 = 100;

/// Which tickets. Every given condition must hold; `Default` asks for all of the jurisdiction.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListFilter {
    /// Any of these states; empty: all.
    pub states: Vec<String>,
    /// Any of these kinds; empty: all.
    pub kinds: Vec<String>,
    /// This lead unit.
    pub lead: Option<String>,
    /// Only tickets in which one of these units has a part. `Some` of an empty list finds nothing: a viewer without
    /// units sees no ticket.
    pub units: Option<Vec<String>>,
    /// Only by these parts of the units; empty: by any.
    pub parts: Vec<String>,
    /// Urgent or not.
    pub urgent: Option<bool>,
    /// Overdue or not.
    pub overdue: Option<bool>,
    /// Under supervision or not.
    pub supervised: Option<bool>,
    /// Confidential or not.
    pub confidential: Option<bool>,
    /// This channel.
    pub channel: Option<String>,
    /// All of these tokens occur in the ticket's terms.
    pub terms: Vec<Term>,
    /// Registered at or after.
    pub registered_from: Option<Timestamp>,
    /// Registered before.
    pub registered_to: Option<Timestamp>,
}

/// A token of a search, cut like the terms of the tickets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Term {
    /// The token itself.
    Word(String),
    /// Any token that begins so: for a query of one character, where the terms are pairs.
    Prefix(String),
}

/// The order of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sort {
    /// Nearest due time first, those without one last; ties by number.
    MostUrgent,
    /// Latest registration first; ties by number, descending.
    Newest,
}

/// One page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// The rows.
    pub items: Vec<T>,
    /// Pass it back for the next page; `None` at the end. Opaque to everybody else.
    pub next: Option<String>,
}

impl<T> Page<T> {
    /// Takes `limit` of the `limit + 1` rows that were asked for; the extra one says that there is a next page.
    pub(crate) fn cut(mut items: Vec<T>, limit: u32, cursor: impl Fn(&T) -> String) -> Self {
        let limit = limit as usize;
        let more = items.len() > limit;
        items.truncate(limit);
        let next = if more { items.last().map(cursor) } else { None };
        Self { items, next }
    }
}

/// A page's length, within what is allowed.
pub(crate) fn page_length(limit: u32) -> u32 {
    limit.clamp(1, MOST)
}

impl Store {
    /// One page of tickets; `cursor` is the `next` of the page before, of the same sort. `limit` is held to 1–100.
    pub async fn tickets(
        &self,
        jurisdiction: &str,
        filter: &ListFilter,
        sort: Sort,
        cursor: Option<&str>,
        limit: u32,
    ) -> Result<Page<StoredTicket>, StoreError> {
        const OP: &str = "tickets";
        let limit = page_length(limit);
        let mut query = QueryBuilder::<Sqlite>::new("SELECT ");
        query.push(TICKET_COLUMNS).push(", t.due_order");
        from(&mut query, jurisdiction, filter, self.matching(filter).await.op(OP)?);
        any_of(&mut query, " AND t.state", &filter.states);
        let (keyset, order) = match sort {
            Sort::MostUrgent => (" AND (t.due_order, t.ticket) > (", " ORDER BY t.due_order, t.ticket"),
            Sort::Newest => (" AND (t.registered_at, t.ticket) < (", " ORDER BY t.registered_at DESC, t.ticket DESC"),
        };
        if let Some(cursor) = cursor {
            let (value, ticket) =
                parse(sort, cursor).ok_or_else(|| StoreError::invalid(OP, "not a cursor of this list"))?;
            query.push(keyset).push_bind(value).push(", ").push_bind(ticket).push(")");
        }
        query.push(order).push(" LIMIT ").push_bind(i64::from(limit) + 1);
        let rows = query.build().persistent(false).fetch_all(self.read()).await.op(OP)?;
        let found = rows.iter().map(|row| Ok((stored_ticket(row)?, row.try_get("due_order")?)));
        let found: Vec<(StoredTicket, i64)> = found.collect::<Result<_, sqlx::Error>>().op(OP)?;
        let page = Page::cut(found, limit, |(t, due)| match sort {
            Sort::MostUrgent => format_cursor(sort, *due, &t.ticket),
            Sort::Newest => format_cursor(sort, us(t.row.registered_at), &t.ticket),
        });
        Ok(Page { items: page.items.into_iter().map(|(ticket, _)| ticket).collect(), next: page.next })
    }

    /// How many tickets of each state the filter finds, whatever states it names: the numbers on the tabs. By state.
    pub async fn count_by_state(
        &self,
        jurisdiction: &str,
        filter: &ListFilter,
    ) -> Result<Vec<(String, i64)>, StoreError> {
        let matching = if filter.terms.is_empty() { Matching::Nothing } else { Matching::First };
        let mut query = QueryBuilder::<Sqlite>::new("SELECT t.state, COUNT(*)");
        from(&mut query, jurisdiction, filter, matching);
        query.push(" GROUP BY t.state ORDER BY t.state");
        query.build_query_as().persistent(false).fetch_all(self.read()).await.op("count_by_state")
    }
}

/// Where the full-text index stands in the statement. SQLite cannot know how many rows a `MATCH` has, and takes 200 ms
/// (300k tickets) instead of a tenth when it walks a list's index to meet a handful of them.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Matching {
    /// There is nothing to match.
    Nothing,
    /// Few tickets match: fetch them, then filter and sort.
    First,
    /// Many match: walk the list in its order and skip those that do not.
    Along,
}

/// Fewer matches than this are fetched and sorted.
const FEW: i64 = 2000;

impl Store {
    async fn matching(&self, filter: &ListFilter) -> Result<Matching, sqlx::Error> {
        if filter.terms.is_empty() {
            return Ok(Matching::Nothing);
        }
        let matches: i64 = sqlx::query_scalar(
            "SELECT COUNT(*) FROM (SELECT rowid FROM ticket_terms WHERE ticket_terms MATCH $1 LIMIT $2)",
        )
        .bind(match_expression(&filter.terms))
        .bind(FEW)
        .fetch_one(self.read())
        .await?;
        Ok(if matches < FEW { Matching::First } else { Matching::Along })
    }
}

/// `FROM` and `WHERE` with all conditions but those on the state. What is SQLite's only is the full-text table; on
/// PostgreSQL the terms are one more condition on a tsvector column of `ticket`.
fn from(query: &mut QueryBuilder<Sqlite>, jurisdiction: &str, filter: &ListFilter, matching: Matching) {
    match matching {
        Matching::Nothing => query.push(" FROM ticket t WHERE t.jurisdiction = "),
        // SQLite keeps the order of a CROSS JOIN.
        Matching::First => query
            .push(" FROM ticket_terms m CROSS JOIN ticket t WHERE m.ticket_terms MATCH ")
            .push_bind(match_expression(&filter.terms))
            .push(" AND t.doc = m.rowid AND t.jurisdiction = "),
        Matching::Along => query
            .push(" FROM ticket t WHERE t.doc IN (SELECT rowid FROM ticket_terms WHERE ticket_terms MATCH ")
            .push_bind(match_expression(&filter.terms))
            .push(") AND t.jurisdiction = "),
    };
    query.push_bind(jurisdiction.to_owned());
    any_of(query, " AND t.kind", &filter.kinds);
    equal(query, " AND t.lead = ", filter.lead.clone());
    equal(query, " AND t.channel = ", filter.channel.clone());
    equal(query, " AND t.urgent = ", filter.urgent.map(i64::from));
    equal(query, " AND t.overdue = ", filter.overdue.map(i64::from));
    equal(query, " AND t.supervised = ", filter.supervised.map(i64::from));
    equal(query, " AND t.confidential = ", filter.confidential.map(i64::from));
    equal(query, " AND t.registered_at >= ", us_opt(filter.registered_from));
    equal(query, " AND t.registered_at < ", us_opt(filter.registered_to));
    match filter.units.as_deref() {
        None => {}
        Some([]) => {
            query.push(" AND 1 = 0");
        }
        Some(units) => {
            query.push(" AND t.ticket IN (SELECT u.ticket FROM ticket_unit u WHERE u.jurisdiction = ");
            query.push_bind(jurisdiction.to_owned());
            any_of(query, " AND u.unit", units);
            any_of(query, " AND u.part", &filter.parts);
            query.push(")");
        }
    }
}

fn equal<T>(query: &mut QueryBuilder<Sqlite>, condition: &str, value: Option<T>)
where
    T: for<'q> sqlx::Encode<'q, Sqlite> + sqlx::Type<Sqlite>,
{
    if let Some(value) = value {
        query.push(condition).push_bind(value);
    }
}

/// `condition = $n` or `condition IN ($n, …)`; nothing for an empty list.
fn any_of(query: &mut QueryBuilder<Sqlite>, condition: &str, values: &[String]) {
    match values {
        [] => {}
        [value] => {
            query.push(condition).push(" = ").push_bind(value.clone());
        }
        values => {
            query.push(condition).push(" IN (");
            let mut list = query.separated(", ");
            for value in values {
                list.push_bind(value.clone());
            }
            query.push(")");
        }
    }
}

/// FTS5's query: every token as a string of its own, so that nothing in it is an operator; strings side by side are AND.
fn match_expression(terms: &[Term]) -> String {
    let quoted = terms.iter().map(|term| match term {
        Term::Word(word) => quote(word),
        Term::Prefix(word) => quote(word) + " *",
    });
    quoted.collect::<Vec<_>>().join(" ")
}

fn quote(word: &str) -> String {
    format!("\"{}\"", word.replace('\0', " ").replace('"', "\"\""))
}

fn format_cursor(sort: Sort, value: i64, ticket: &str) -> String {
    let tag = match sort {
        Sort::MostUrgent => 'u',
        Sort::Newest => 'n',
    };
    hex(format!("{tag}{value}:{ticket}").as_bytes())
}

fn parse(sort: Sort, cursor: &str) -> Option<(i64, String)> {
    let text = String::from_utf8(unhex(cursor)?).ok()?;
    let rest = match sort {
        Sort::MostUrgent => text.strip_prefix('u')?,
        Sort::Newest => text.strip_prefix('n')?,
    };
    let (value, ticket) = rest.split_once(':')?;
    Some((value.parse().ok()?, ticket.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cursors_round_trip_and_belong_to_their_sort() {
        let cursor = format_cursor(Sort::MostUrgent, i64::MAX, "BJ:1");
        assert_eq!(parse(Sort::MostUrgent, &cursor), Some((i64::MAX, "BJ:1".into())));
        assert_eq!(parse(Sort::Newest, &cursor), None);
        assert_eq!(parse(Sort::Newest, "xyz"), None);
    }

    #[test]
    fn tokens_are_never_operators() {
        let terms = [Term::Word("停水".into()), Term::Word("a\" OR \"b".into()), Term::Prefix("暖".into())];
        assert_eq!(match_expression(&terms), "\"停水\" \"a\"\" OR \"\"b\" \"暖\" *");
    }
}
