//! The ticket lists: filter, sort, keyset page, counts for the tabs.

use jiff::Timestamp;

use crate::chain::{hex, unhex};
use crate::db::{Dialect, Query, Value, all, query};
use crate::error::{Named, StoreError};
use crate::model::{StoredTicket, TicketRow};
use crate::rows::{TICKET_COLUMNS, due_order, stored_ticket, us, us_opt};
use crate::store::Store;

mod counts;
mod search;
mod terms;

pub use counts::Counted;
pub use search::Found;
pub(crate) use terms::place_words;
use terms::{Any, Asked, Tier, matches};
pub use terms::{standing_word, title_word};

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
    /// All of these stand among the ticket's terms.
    pub terms: Vec<String>,
    /// With terms: the ticket's entry has [`standing_word`] of one code of each of these. Only narrows what the
    /// filter's other fields ask for, so that few tickets with a frequent word are found without looking through all that have it.
    pub standing: Vec<Vec<String>>,
    /// With terms: only few tickets at a time stand where [`ListFilter::standing`] says, so that all of them may be looked at.
    pub few: bool,
    /// Registered at or after.
    pub registered_from: Option<Timestamp>,
    /// Registered before.
    pub registered_to: Option<Timestamp>,
}

/// The order of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sort {
    /// Nearest due time first, ties by number; then those of which nothing is due, the newest first.
    MostUrgent,
    /// Latest registration first; ties by number, descending.
    Newest,
    /// Of a search: those that have all words in the title, then the others; the newest of each first. Without words like `Newest`.
    Best,
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
        if !filter.terms.is_empty() {
            let Page { items, next } = self.search(jurisdiction, filter, sort, cursor, limit, |_| Some(())).await?;
            return Ok(Page { items: items.into_iter().map(|(ticket, ())| ticket).collect(), next });
        }
        let sort = if sort == Sort::Best { Sort::Newest } else { sort };
        let limit = page_length(limit);
        if filter.units.as_ref().is_some_and(Vec::is_empty) {
            return Ok(Page { items: Vec::new(), next: None });
        }
        let refused = || StoreError::invalid(OP, "not a cursor of this list");
        let after = cursor.map(|cursor| parse(sort, cursor).ok_or_else(refused)).transpose()?;
        let (tier, after) = after.map_or((Tier::All, None), |(tier, at, ticket)| (tier, Some((at, ticket))));
        let rows = i64::from(limit) + 1;
        let page = Wanted { jurisdiction, filter, sort, after, rows, due: None };
        let found = match sort {
            Sort::MostUrgent => self.due_then_newest(page, tier == Tier::Rest).await,
            Sort::Newest | Sort::Best => self.listed(&page).await,
        };
        Ok(Page::cut(found.op(OP)?, limit, |ticket| sort.behind(ticket)))
    }

    /// Few tickets have a due time at once, and an index has them in its order; all the others are found like the newest. So neither part is
    /// sorted, whatever the filter.
    async fn due_then_newest(&self, page: Wanted<'_>, only_rest: bool) -> Result<Vec<StoredTicket>, sqlx::Error> {
        let (mut found, mut after) = (Vec::new(), page.after);
        if !only_rest {
            let due = Wanted { after: after.take(), due: Some(true), ..page };
            found = self.listed(&due).await?;
        }
        let left = page.rows - found.len() as i64;
        if left > 0 {
            let rest = Wanted { sort: Sort::Newest, after, rows: left, due: Some(false), ..page };
            found.extend(self.listed(&rest).await?);
        }
        Ok(found)
    }

    async fn listed(&self, page: &Wanted<'_>) -> Result<Vec<StoredTicket>, sqlx::Error> {
        let query = match page.branches() {
            Some(branches) => page.merged(&branches),
            None => page.among(self.dialect(), TICKET_COLUMNS, Tier::All, &[], None),
        };
        all(&query.once().fetch_all(self.read()).await?, stored_ticket)
    }
}

impl ListFilter {
    /// Asks for what only few tickets are at a time.
    fn is_rare(&self) -> bool {
        self.overdue == Some(true) || self.supervised == Some(true)
    }
}

/// `FROM`, and `WHERE` with the condition on the words. Where there are words, the tickets that have them come first:
/// neither database can tell how many those are.
fn from(query: &mut Query, dialect: Dialect, jurisdiction: &str, filter: &ListFilter, tier: Tier, among: &[Any]) {
    let (first, joined) = match dialect {
        // SQLite keeps the order of a CROSS JOIN.
        Dialect::Sqlite => {
            (" FROM ticket_terms m CROSS JOIN ticket t WHERE ", " AND t.doc = m.rowid AND t.jurisdiction = ")
        }
        // Its planner knows little of the newest hours and would look for the words once for each of their tickets. It cannot where it is
        // told to look for the words first, and then for each ticket by its key.
        Dialect::Postgres => (
            " FROM ticket_terms m CROSS JOIN LATERAL (SELECT t.* FROM ticket t WHERE t.jurisdiction = m.jurisdiction \
             AND t.ticket = m.ticket OFFSET 0) AS t WHERE ",
            " AND t.jurisdiction = ",
        ),
    };
    if !filter.terms.is_empty() {
        query.push(first);
        matches(query, dialect, jurisdiction, &Asked { terms: &filter.terms, tier, among });
        query.push(joined);
    } else if filter.is_rare() {
        query.push(few(filter));
    } else {
        query.push(" FROM ticket t WHERE t.jurisdiction = ");
    }
    query.push_bind(jurisdiction);
}

/// What only few tickets are at a time is found by its own small index, whatever the order of the list. SQLite takes that index only where
/// nothing else seems as good: here it has all that is asked of `o`.
fn few(filter: &ListFilter) -> &'static str {
    if filter.overdue == Some(true) {
        " FROM ticket o CROSS JOIN ticket t WHERE o.overdue = 1 AND o.jurisdiction = t.jurisdiction AND o.ticket = t.ticket AND o.jurisdiction = "
    } else {
        " FROM ticket o CROSS JOIN ticket t WHERE o.supervised = 1 AND o.jurisdiction = t.jurisdiction AND o.ticket = t.ticket AND o.jurisdiction = "
    }
}

/// The conditions that only the ticket's own row can tell, but for those on the state and the units.
fn conditions(query: &mut Query, filter: &ListFilter) {
    any_of(query, " AND t.kind", &filter.kinds);
    equal(query, " AND t.lead = ", filter.lead.clone());
    equal(query, " AND t.channel = ", filter.channel.clone());
    equal(query, " AND t.urgent = ", filter.urgent.map(i64::from));
    // In so many letters: an index of the few for which it holds is not found behind a value.
    query.push(said(filter.overdue, " AND t.overdue = 1", " AND t.overdue = 0"));
    query.push(said(filter.supervised, " AND t.supervised = 1", " AND t.supervised = 0"));
    equal(query, " AND t.confidential = ", filter.confidential.map(i64::from));
    equal(query, " AND t.registered_at >= ", us_opt(filter.registered_from));
    equal(query, " AND t.registered_at < ", us_opt(filter.registered_to));
}

/// Whether something is due, in so many letters as the index of what is due has it.
fn due_is(query: &mut Query, table: &str, due: Option<bool>) {
    let Some(due) = due else { return };
    query.push(&format!(" AND {table}.due_order {} {}", if due { "<" } else { "=" }, i64::MAX));
}

fn said(flag: Option<bool>, yes: &'static str, no: &'static str) -> &'static str {
    flag.map_or("", |flag| if flag { yes } else { no })
}

/// One of the units has a part in the ticket: all of these are found first. To count by.
fn within(query: &mut Query, jurisdiction: &str, filter: &ListFilter) {
    let Some(units) = filter.units.as_deref() else { return };
    query.push(" AND t.ticket IN (SELECT u.ticket FROM ticket_unit u WHERE u.jurisdiction = ");
    query.push_bind(jurisdiction);
    one_of(query, " AND u.unit", units);
    any_of(query, " AND u.part", &filter.parts);
    query.push(")");
}

/// One of the units has a part in the ticket: asked of each ticket that is met, as neither database turns this form into another. The
/// empty strings keep their indices at the ticket: units are compared one by one, not looked up.
fn met(query: &mut Query, filter: &ListFilter) {
    let Some(units) = filter.units.as_deref() else { return };
    query.push(" AND (SELECT 1 FROM ticket_unit u WHERE u.jurisdiction = t.jurisdiction AND u.ticket = t.ticket");
    one_of(query, " AND u.unit || ''", units);
    any_of(query, " AND u.part || ''", &filter.parts);
    query.push(" LIMIT 1) = 1");
}

/// Units and states in which a page is looked for one by one, and what is found merged: beyond that the list of all is walked.
const MOST_BRANCHES: usize = 40;
/// Units for which this is done. With more, most tickets are theirs, or nearly none; both are met on a walk.
const MOST_UNITS: usize = 8;

/// A page that is asked for.
struct Wanted<'a> {
    jurisdiction: &'a str,
    filter: &'a ListFilter,
    sort: Sort,
    after: Option<(i64, String)>,
    rows: i64,
    /// Only tickets of which something is due, or only those of which nothing is.
    due: Option<bool>,
}

/// Where a part of the page is looked for: an index of `ticket_unit` has it in order.
struct Branch<'a> {
    unit: &'a str,
    state: Option<&'a str>,
}

impl<'a> Wanted<'a> {
    /// The parts of which the page can be merged, if it is about few units.
    fn branches(&self) -> Option<Vec<Branch<'a>>> {
        let filter = self.filter;
        let units = match (&filter.lead, filter.units.as_deref()) {
            (Some(lead), _) => std::slice::from_ref(lead),
            (None, Some(units)) => units,
            (None, None) => return None,
        };
        if units.is_empty() || units.len() > MOST_UNITS || filter.is_rare() || !filter.terms.is_empty() {
            return None;
        }
        let states = &filter.states;
        let apart = self.sort == Sort::MostUrgent && !states.is_empty() && units.len() * states.len() <= MOST_BRANCHES;
        let of_unit = |unit: &'a String| {
            let one_by_one = states.iter().filter(|_| apart).map(move |state| Branch { unit, state: Some(state) });
            one_by_one.chain((!apart).then_some(Branch { unit, state: None }))
        };
        Some(units.iter().flat_map(of_unit).collect())
    }

    /// Whether only the tickets' own rows can tell which are meant.
    fn asks_tickets(&self) -> bool {
        let ListFilter { states, kinds, units, parts, lead, .. } = self.filter.clone();
        let of_unit =
            ListFilter { states, kinds, parts, lead: lead.clone(), units: units.clone(), ..ListFilter::default() };
        *self.filter != of_unit || (lead.is_some() && units.is_some())
    }

    /// Column, comparison and direction of the order.
    fn order(&self) -> (&'static str, &'static str, &'static str) {
        match self.sort {
            Sort::MostUrgent => ("due_order", " > ", ""),
            Sort::Newest | Sort::Best => ("registered_at", " < ", " DESC"),
        }
    }

    /// Where a ticket stands in the order.
    fn spot(&self, row: &TicketRow) -> i64 {
        match self.sort {
            Sort::MostUrgent => due_order(row),
            Sort::Newest | Sort::Best => us(row.registered_at),
        }
    }

    /// The page, as the first of what each branch has first.
    fn merged(&self, branches: &[Branch<'_>]) -> Query {
        let (_, _, direction) = self.order();
        let mut query = query("SELECT ");
        query.push(TICKET_COLUMNS).push(" FROM (SELECT DISTINCT spot, ticket FROM (");
        for (i, branch) in branches.iter().enumerate() {
            query.push(if i == 0 { "SELECT * FROM (" } else { " UNION ALL SELECT * FROM (" });
            self.branch(&mut query, branch);
            query.push(&format!(") AS b{i}"));
        }
        query.push(&format!(") AS found ORDER BY spot{direction}, ticket{direction} LIMIT ")).push_bind(self.rows);
        self.rows_of_page(&mut query);
        query
    }

    fn branch(&self, query: &mut Query, branch: &Branch<'_>) {
        let (column, comparison, direction) = self.order();
        query.push(&format!("SELECT DISTINCT u.{column} AS spot, u.ticket FROM ticket_unit u"));
        let asks = self.asks_tickets();
        query.push(if asks { " CROSS JOIN ticket t" } else { "" });
        query.push(" WHERE u.jurisdiction = ").push_bind(self.jurisdiction);
        query.push(" AND u.unit = ").push_bind(branch.unit);
        match branch.state {
            Some(state) => {
                query.push(" AND u.state = ").push_bind(state);
            }
            None => any_of(query, " AND u.state", &self.filter.states),
        }
        any_of(query, " AND u.kind", &self.filter.kinds);
        if self.filter.lead.is_some() {
            query.push(" AND u.part = 'lead'");
        } else {
            any_of(query, " AND u.part", &self.filter.parts);
        }
        due_is(query, "u", self.due);
        if let Some((place, ticket)) = &self.after {
            query.push(&format!(" AND (u.{column}, u.ticket){comparison}("));
            query.push_bind(*place).push(", ").push_bind(ticket).push(")");
        }
        if asks {
            query.push(" AND t.jurisdiction = u.jurisdiction AND t.ticket = u.ticket");
            conditions(query, self.filter);
            if self.filter.lead.is_some() {
                met(query, self.filter);
            }
        }
        query.push(&format!(" ORDER BY u.{column}{direction}, u.ticket{direction} LIMIT ")).push_bind(self.rows);
    }

    /// The page, along the list of all tickets, or from those that have the words, one of each of `among`, and were registered in this span
    /// of microseconds.
    fn among(&self, dialect: Dialect, columns: &str, tier: Tier, among: &[Any], span: Option<(i64, i64)>) -> Query {
        let (column, comparison, direction) = self.order();
        // First which, then their rows: what has to be sorted is narrow, and often stands in an index.
        let mut query = query("SELECT ");
        query.push(columns);
        query.push(&format!(" FROM (SELECT t.ticket, t.{column} AS spot"));
        from(&mut query, dialect, self.jurisdiction, self.filter, tier, among);
        conditions(&mut query, self.filter);
        due_is(&mut query, "t", self.due);
        equal(&mut query, " AND t.registered_at >= ", span.map(|s| s.0));
        equal(&mut query, " AND t.registered_at < ", span.map(|s| s.1));
        any_of(&mut query, " AND t.state", &self.filter.states);
        met(&mut query, self.filter);
        if let Some((place, ticket)) = &self.after {
            query.push(&format!(" AND (t.{column}, t.ticket){comparison}("));
            query.push_bind(*place).push(", ").push_bind(ticket).push(")");
        }
        query.push(&format!(" ORDER BY t.{column}{direction}, t.ticket{direction} LIMIT ")).push_bind(self.rows);
        self.rows_of_page(&mut query);
        query
    }

    /// How many of those that have words, one of each of `among` and were registered in this span, by state, overdue and supervised.
    fn counts(&self, dialect: Dialect, among: &[Any], (from_at, until): (i64, i64)) -> Query {
        let mut query = query("SELECT t.state, t.overdue, t.supervised, COUNT(*)");
        from(&mut query, dialect, self.jurisdiction, self.filter, Tier::All, among);
        conditions(&mut query, self.filter);
        equal(&mut query, " AND t.registered_at >= ", Some(from_at));
        equal(&mut query, " AND t.registered_at < ", Some(until));
        met(&mut query, self.filter);
        query.push(" GROUP BY t.state, t.overdue, t.supervised");
        query
    }

    /// The page stands in brackets: the tickets' rows, in its order.
    fn rows_of_page(&self, query: &mut Query) {
        let (column, _, direction) = self.order();
        query.push(") AS page CROSS JOIN ticket t WHERE t.jurisdiction = ").push_bind(self.jurisdiction);
        // With the spot an index of this order may be enough, where only what stands in it is asked for: what is behind a body is far away.
        query.push(&format!(" AND t.{column} = page.spot AND t.ticket = page.ticket"));
        query.push(&format!(" ORDER BY page.spot{direction}, page.ticket{direction}"));
    }
}

fn equal<T: Into<Value>>(query: &mut Query, condition: &str, value: Option<T>) {
    if let Some(value) = value {
        query.push(condition).push_bind(value);
    }
}

/// `condition = $n` or `condition IN ($n, …)`; nothing for an empty list.
fn any_of(query: &mut Query, condition: &str, values: &[String]) {
    match values {
        [] => {}
        [value] => {
            query.push(condition).push(" = ").push_bind(value);
        }
        values => {
            query.push(condition).push(" IN (").push_list(values).push(")");
        }
    }
}

/// Like [`any_of`], where an empty list lets nothing through.
fn one_of(query: &mut Query, condition: &str, values: &[String]) {
    if values.is_empty() {
        query.push(" AND 1 = 0");
    }
    any_of(query, condition, values);
}

impl Sort {
    /// The cursor behind a ticket with this number and this due time or, by [`Sort::Newest`], time of registration in microseconds.
    pub fn cursor(self, at: i64, ticket: &str) -> String {
        self.cursor_in(Tier::All, at, ticket)
    }

    /// Likewise behind a ticket, but for the tiers of [`Sort::Best`].
    pub fn behind(self, ticket: &StoredTicket) -> String {
        let registered = us(ticket.row.registered_at);
        match (self, ticket.row.next_due) {
            (Sort::MostUrgent, Some(due)) => self.cursor(us(due), &ticket.ticket),
            (Sort::MostUrgent, None) => self.cursor_in(Tier::Rest, registered, &ticket.ticket),
            (Sort::Newest | Sort::Best, _) => self.cursor(registered, &ticket.ticket),
        }
    }

    fn cursor_in(self, tier: Tier, at: i64, ticket: &str) -> String {
        let tag = match (self, tier) {
            (Sort::MostUrgent, Tier::Rest) => 'v',
            (Sort::MostUrgent, _) => 'u',
            (Sort::Best, Tier::Title) => 't',
            (Sort::Best, Tier::Rest) => 'r',
            (Sort::Newest | Sort::Best, _) => 'n',
        };
        hex(format!("{tag}{at}:{ticket}").as_bytes())
    }
}

fn parse(sort: Sort, cursor: &str) -> Option<(Tier, i64, String)> {
    let text = String::from_utf8(unhex(cursor)?).ok()?;
    let (tag, rest) = text.split_at_checked(1)?;
    let tier = match (sort, tag) {
        (Sort::MostUrgent, "u") | (Sort::Newest, "n") => Tier::All,
        (Sort::Best, "t") => Tier::Title,
        (Sort::Best, "r") | (Sort::MostUrgent, "v") => Tier::Rest,
        _ => return None,
    };
    let (value, ticket) = rest.split_once(':')?;
    Some((tier, value.parse().ok()?, ticket.to_owned()))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test says what it expects by failing")]
mod tests {
    use jiesu_testkit::{Kind, TestDb};

    use super::*;
    use crate::StoreOptions;

    /// Neither part of a list by urgency is sorted, whatever is asked for: each is found in its order. (PostgreSQL knows how few are due.)
    #[tokio::test(flavor = "multi_thread")]
    async fn a_list_by_urgency_is_found_in_its_order() {
        let db = TestDb::new(Kind::Sqlite).await;
        let store = Store::open(db.location(), StoreOptions::with_key(jiesu_testkit::MASTER)).await.unwrap();
        store.migrate().await.unwrap();
        let all = ListFilter::default;
        let of = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
        let units = |n: usize| Some((0..n).map(|n| format!("u{n}")).collect());
        let (from, to) = (Some(Timestamp::UNIX_EPOCH), Some(Timestamp::MAX));
        for filter in [
            all(),
            ListFilter { registered_from: from, ..all() },
            ListFilter { registered_from: from, registered_to: to, ..all() },
            ListFilter { kinds: of(&["help"]), registered_from: from, ..all() },
            ListFilter { states: of(&["closed"]), registered_to: to, ..all() },
            ListFilter { states: of(&["closed", "in-hand"]), kinds: of(&["help", "report"]), ..all() },
            ListFilter { urgent: Some(true), channel: Some("web".into()), ..all() },
            ListFilter { units: units(MOST_UNITS + 1), registered_from: from, ..all() },
            ListFilter { units: units(1), ..all() },
            ListFilter { units: units(2), registered_from: from, registered_to: to, ..all() },
            ListFilter { units: units(1), states: of(&["closed"]), kinds: of(&["help"]), ..all() },
            ListFilter { lead: Some("u1".into()), registered_from: from, ..all() },
        ] {
            for (due, sort) in [(true, Sort::MostUrgent), (false, Sort::Newest)] {
                for after in [None, Some((5, "BJ:1".to_owned()))] {
                    let page = Wanted { jurisdiction: "bj", filter: &filter, sort, after, rows: 51, due: Some(due) };
                    let mut explained = query("EXPLAIN QUERY PLAN ");
                    let orders: &[&str] = match (page.branches(), due) {
                        (Some(_), true) => &["ticket_unit_due ", "ticket_unit_state "],
                        (Some(_), false) => &["ticket_unit_registered "],
                        (None, true) => &["ticket_due "],
                        (None, false) => &["ticket_registered ", "ticket_kind_registered ", "ticket_state_registered "],
                    };
                    explained.append(match page.branches() {
                        Some(branches) => page.merged(&branches),
                        None => page.among(Dialect::Sqlite, TICKET_COLUMNS, Tier::All, &[], None),
                    });
                    let rows = explained.fetch_all(store.read()).await.unwrap();
                    let plan: Vec<String> = rows.iter().map(|row| row.get("detail").unwrap()).collect();
                    let first = plan.iter().find(|step| step.starts_with("SEARCH")).unwrap();
                    assert!(orders.iter().any(|index| first.contains(index)), "{filter:?} {due}: {plan:#?}");
                    let within = plan.iter().take_while(|step| !step.starts_with("SCAN")).collect::<Vec<_>>();
                    let sorted = |step: &&&String| step.contains("B-TREE FOR ORDER BY");
                    assert_eq!(within.iter().find(sorted), None, "{filter:?} {due}: {plan:#?}");
                }
            }
        }
    }

    #[test]
    fn cursors_round_trip_and_belong_to_their_sort() {
        let cursor = Sort::MostUrgent.cursor(i64::MAX, "BJ:1");
        assert_eq!(parse(Sort::MostUrgent, &cursor), Some((Tier::All, i64::MAX, "BJ:1".into())));
        assert_eq!(parse(Sort::Newest, &cursor), None);
        assert_eq!(parse(Sort::Newest, "xyz"), None);
        let rest = Sort::Best.cursor_in(Tier::Rest, 5, "BJ:1");
        assert_eq!(parse(Sort::Best, &rest), Some((Tier::Rest, 5, "BJ:1".into())));
        assert_eq!((parse(Sort::Newest, &rest), parse(Sort::Best, &cursor)), (None, None));
        let not_due = Sort::MostUrgent.cursor_in(Tier::Rest, 5, "BJ:1");
        assert_eq!(parse(Sort::MostUrgent, &not_due), Some((Tier::Rest, 5, "BJ:1".into())));
    }
}
