//! Words in a list's query: how many tickets have them, and the condition that finds these in each database's full-text index.
//!
//! Besides a ticket's own words its entry has one for each span of days in which it was registered (of 1, 4, 16 … days) and one for each
//! unit that has a part in it. A search asks for them together with its words, so that it never gathers more tickets than it is about
//! to show. They only narrow a search: the ticket's row is asked as well.

use super::ListFilter;
use crate::db::{Dialect, Query, query};
use crate::store::Store;

/// A token of a search, cut like the terms of the tickets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Term {
    /// The token itself.
    Word(String),
    /// Any token that begins so: for a query of one character, where the terms are pairs.
    Prefix(String),
}

/// Where the full-text index stands in the statement. SQLite cannot know how many rows a `MATCH` has, and takes 200 ms
/// (300k tickets) instead of a tenth when it walks a list's index to meet a handful of them.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Matching {
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
    /// How the words of a filter are best met: a look at the index, no further than needed.
    pub(super) async fn matching(&self, jurisdiction: &str, filter: &ListFilter) -> Result<Matching, sqlx::Error> {
        if filter.terms.is_empty() {
            return Ok(Matching::Nothing);
        }
        let mut query = query("SELECT COUNT(*) FROM (SELECT 1 FROM ticket_terms m WHERE ");
        matches(&mut query, self.dialect(), jurisdiction, &filter.terms, &among(filter));
        query.push(" LIMIT ").push_bind(FEW).push(") AS few");
        let found: i64 = query.once().scalar(self.read()).await?;
        Ok(if found < FEW { Matching::First } else { Matching::Along })
    }
}

/// Words of which a ticket must have one: those of a span of days, of units.
pub(super) type Any = Vec<String>;

/// The condition on the terms, in a statement where their table is `m`: all of `terms`, and one of each of `among`.
pub(super) fn matches(query: &mut Query, dialect: Dialect, jurisdiction: &str, terms: &[Term], among: &[Any]) {
    match dialect {
        Dialect::Sqlite => query.push("m.ticket_terms MATCH ").push_bind(match_expression(terms, among)),
        Dialect::Postgres => query
            .push("m.jurisdiction = ")
            .push_bind(jurisdiction)
            .push(" AND m.terms @@ ")
            .push_bind(lexeme_expression(terms, among))
            .push("::tsquery"),
    };
}

/// Units by which a search is narrowed; with more it hardly would be.
const MOST_UNITS: usize = 8;

/// What narrows every search by this filter.
pub(super) fn among(filter: &ListFilter) -> Vec<Any> {
    let of = |units: &[String]| units.iter().map(|unit| unit_word(unit)).collect::<Any>();
    let units = filter.units.as_deref().filter(|units| !units.is_empty() && units.len() <= MOST_UNITS);
    let lead = filter.lead.as_ref().map(std::slice::from_ref);
    [units, lead].into_iter().flatten().map(of).collect()
}

/// Spans of 4⁰, 4¹ … 4⁵ days: the longest is nearly three years.
pub(super) const LEVELS: u32 = 6;
const DAY: i64 = 86_400_000_000;

/// The day of a time in microseconds, counted from the epoch. Days only cut time into pieces here: which hours they end at is all the same.
pub(super) fn day_of(us: i64) -> i64 {
    us.div_euclid(DAY)
}

/// The first microsecond of a day.
pub(super) fn start_of(day: i64) -> i64 {
    day.saturating_mul(DAY)
}

/// Days of a span.
pub(super) fn days_of(level: u32) -> i64 {
    1 << (2 * level)
}

/// The word of the span that begins on `day`, or of the one in which it lies. Letters and digits only, as FTS5 splits at all else.
pub(super) fn span_word(level: u32, day: i64) -> String {
    format!("t{level}x{}", day.div_euclid(days_of(level))).replace('-', "n")
}

fn unit_word(unit: &str) -> String {
    let kept: String = unit.chars().filter(|c| c.is_ascii_alphanumeric()).collect();
    format!("u0x{}", kept.to_ascii_lowercase())
}

/// What stands in a ticket's entry besides its own words, each after a space.
pub(crate) fn place_words<'a>(registered_at: i64, units: impl Iterator<Item = &'a str>) -> String {
    let day = day_of(registered_at);
    let mut words: Vec<String> = (0..LEVELS).map(|level| span_word(level, day)).chain(units.map(unit_word)).collect();
    words.sort_unstable();
    words.dedup();
    words.iter().flat_map(|word| [" ", word]).collect()
}

/// FTS5's query: every token as a string of its own, so that nothing in it is an operator.
fn match_expression(terms: &[Term], among: &[Any]) -> String {
    let terms = terms.iter().map(|term| match term {
        Term::Word(word) => quote(word),
        Term::Prefix(word) => quote(word) + " *",
    });
    let among = among.iter().map(|any| any.iter().map(|word| quote(word)).collect::<Vec<_>>());
    terms.chain(among.map(|any| format!("({})", any.join(" OR ")))).collect::<Vec<_>>().join(" AND ")
}

/// PostgreSQL's query of lexemes, each quoted, as one text to be cast. A lexeme has at least one character.
fn lexeme_expression(terms: &[Term], among: &[Any]) -> String {
    let terms = terms.iter().filter(|term| !matches!(term, Term::Word(word) | Term::Prefix(word) if word.is_empty()));
    let terms = terms.map(|term| match term {
        Term::Word(word) => quote_lexeme(word),
        Term::Prefix(word) => quote_lexeme(word) + ":*",
    });
    let among = among.iter().map(|any| any.iter().map(|word| quote_lexeme(word)).collect::<Vec<_>>());
    terms.chain(among.map(|any| format!("({})", any.join(" | ")))).collect::<Vec<_>>().join(" & ")
}

fn quote_lexeme(word: &str) -> String {
    format!("'{}'", word.replace('\0', " ").replace('\\', "\\\\").replace('\'', "''"))
}

fn quote(word: &str) -> String {
    format!("\"{}\"", word.replace('\0', " ").replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_never_operators() {
        let among = [vec!["t0x1".to_owned(), "t0x2".to_owned()]];
        let terms = [Term::Word("停水".into()), Term::Word("a\" OR \"b".into()), Term::Prefix("暖".into())];
        let expected = "\"停水\" AND \"a\"\" OR \"\"b\" AND \"暖\" * AND (\"t0x1\" OR \"t0x2\")";
        assert_eq!(match_expression(&terms, &among), expected);
        let terms = [Term::Word("a' | 'b\\".into()), Term::Prefix("暖".into())];
        assert_eq!(lexeme_expression(&terms, &among), r"'a'' | ''b\\' & '暖':* & ('t0x1' | 't0x2')");
    }

    #[test]
    fn a_ticket_has_a_word_of_each_span_and_each_unit() {
        let day = 20_412;
        let words = place_words(start_of(day) + 5, ["SR:a-1", "SR:a-1", "b"].into_iter());
        assert_eq!(words, " t0x20412 t1x5103 t2x1275 t3x318 t4x79 t5x19 u0xb u0xsra1");
        assert_eq!(span_word(1, -1), "t1xn1");
    }
}
