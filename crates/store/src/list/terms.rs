//! Words in a list's query: how many tickets have them, and the condition that finds these in each database's full-text index.

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
        matches(&mut query, self.dialect(), jurisdiction, &filter.terms);
        query.push(" LIMIT ").push_bind(FEW).push(") AS few");
        let found: i64 = query.once().scalar(self.read()).await?;
        Ok(if found < FEW { Matching::First } else { Matching::Along })
    }
}

/// The condition on the terms, in a statement where their table is `m`.
pub(super) fn matches(query: &mut Query, dialect: Dialect, jurisdiction: &str, terms: &[Term]) {
    match dialect {
        Dialect::Sqlite => query.push("m.ticket_terms MATCH ").push_bind(match_expression(terms)),
        Dialect::Postgres => query
            .push("m.jurisdiction = ")
            .push_bind(jurisdiction)
            .push(" AND m.terms @@ ")
            .push_bind(lexeme_expression(terms))
            .push("::tsquery"),
    };
}

/// FTS5's query: every token as a string of its own, so that nothing in it is an operator; strings side by side are AND.
fn match_expression(terms: &[Term]) -> String {
    let quoted = terms.iter().map(|term| match term {
        Term::Word(word) => quote(word),
        Term::Prefix(word) => quote(word) + " *",
    });
    quoted.collect::<Vec<_>>().join(" ")
}

/// PostgreSQL's query of lexemes, each quoted, as one text to be cast. A lexeme has at least one character.
fn lexeme_expression(terms: &[Term]) -> String {
    let terms = terms.iter().filter(|term| !matches!(term, Term::Word(word) | Term::Prefix(word) if word.is_empty()));
    let quoted = terms.map(|term| match term {
        Term::Word(word) => quote_lexeme(word),
        Term::Prefix(word) => quote_lexeme(word) + ":*",
    });
    quoted.collect::<Vec<_>>().join(" & ")
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
        let terms = [Term::Word("停水".into()), Term::Word("a\" OR \"b".into()), Term::Prefix("暖".into())];
        assert_eq!(match_expression(&terms), "\"停水\" \"a\"\" OR \"\"b\" \"暖\" *");
        let terms = [Term::Word("a' | 'b\\".into()), Term::Prefix("暖".into())];
        assert_eq!(lexeme_expression(&terms), r"'a'' | ''b\\' & '暖':*");
    }
}
