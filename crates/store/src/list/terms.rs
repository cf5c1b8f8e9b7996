//! Words in a list's query: the condition that finds the tickets that have them in each database's full-text index.
//!
//! Besides a ticket's own words its entry has those of its title once more with a mark, one word for each span of hours in which it was
//! registered (of 1, 4, 16 … hours), one for each unit that has a part in it, one if something of it is due, and those that the caller gives
//! it for where it stands ([`standing_word`]). A search asks for these together with its words, so that it never gathers more tickets than
//! it is about to show. They only narrow a search: the ticket's row is asked as well.

use super::ListFilter;
use crate::db::{Dialect, Query};

/// Words of which a ticket must have one: those of a span of hours, of units, of where it stands.
pub(super) type Any = Vec<String>;

/// Whether the words have to stand in the title too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tier {
    /// In the title or not.
    All,
    /// All of them in the title.
    Title,
    /// Not all of them.
    Rest,
}

/// What a search asks of a ticket's entry: all of `terms`, and one of each of `among`.
pub(super) struct Asked<'a> {
    pub(super) terms: &'a [String],
    pub(super) tier: Tier,
    pub(super) among: &'a [Any],
}

/// The condition on the terms, in a statement where their table is `m`.
pub(super) fn matches(query: &mut Query, dialect: Dialect, jurisdiction: &str, asked: &Asked<'_>) {
    match dialect {
        Dialect::Sqlite => {
            query.push("m.ticket_terms MATCH ").push_bind(asked.in_one(&FTS5));
        }
        Dialect::Postgres => {
            query.push("m.jurisdiction = ").push_bind(jurisdiction);
            for part in asked.in_parts(&TSQUERY) {
                query.push(" AND m.terms @@ ").push_bind(part).push("::tsquery");
            }
        }
    }
}

/// How a database writes what is asked of its index.
struct Grammar {
    quote: char,
    and: &'static str,
    or: &'static str,
    /// Between what must be and what must not.
    not: &'static str,
}

const FTS5: Grammar = Grammar { quote: '"', and: " AND ", or: " OR ", not: " NOT " };
/// As one text to be cast.
const TSQUERY: Grammar = Grammar { quote: '\'', and: " & ", or: " | ", not: " & !" };

impl Grammar {
    fn quoted(&self, word: &str) -> String {
        format!("{0}{word}{0}", self.quote)
    }

    fn any(&self, any: &Any) -> String {
        let words: Vec<String> = any.iter().map(|word| self.quoted(&clean(word))).collect();
        format!("({})", words.join(self.or))
    }

    /// All of these, and not all of those.
    fn all(&self, these: &[String], those: &[String]) -> String {
        let (these, those) = (these.join(self.and), those.join(self.and));
        if those.is_empty() { these } else { format!("({these}){}({those})", self.not) }
    }
}

impl Asked<'_> {
    fn in_one(&self, grammar: &Grammar) -> String {
        let Some((mut these, those)) = self.words(grammar) else { return nowhere(grammar) };
        these.extend(self.among.iter().map(|any| grammar.any(any)));
        grammar.all(&these, &those)
    }

    /// Each of `among`, then the words. Asked in one part, PostgreSQL walks along the list of the rarest word from end to end; in several, it
    /// leaps over what another part has not, so that a span of hours costs no more than stands in it. The words come last, as of them alone
    /// most of what is met does not match, and each time it begins anew with the first part.
    fn in_parts(&self, grammar: &Grammar) -> Vec<String> {
        let Some((these, those)) = self.words(grammar) else { return vec![nowhere(grammar)] };
        let among = self.among.iter().map(|any| grammar.any(any));
        among.chain([grammar.all(&these, &those)]).collect()
    }

    /// The words that must all be there, and those that must not; `None` if nothing is left of what is looked for.
    fn words(&self, grammar: &Grammar) -> Option<(Vec<String>, Vec<String>)> {
        let terms: Vec<String> = self.terms.iter().map(|term| clean(term)).filter(|term| !term.is_empty()).collect();
        if terms.is_empty() {
            return None;
        }
        let words = || terms.iter().map(|term| grammar.quoted(term)).collect();
        let titles = || terms.iter().map(|term| grammar.quoted(&title_word(term))).collect();
        Some(match self.tier {
            Tier::All => (words(), Vec::new()),
            Tier::Title => (titles(), Vec::new()),
            Tier::Rest => (words(), titles()),
        })
    }
}

/// What no entry has.
fn nowhere(grammar: &Grammar) -> String {
    grammar.quoted(&PLACE.to_string())
}

/// A token without what no token of the index has, so that nothing in it is an operator.
fn clean(word: &str) -> String {
    word.chars().filter(|c| !c.is_ascii() || c.is_ascii_alphanumeric()).collect()
}

/// Units by which a search is narrowed; with more it hardly would be.
const MOST_UNITS: usize = 8;

/// What narrows every search by this filter.
pub(super) fn among(filter: &ListFilter) -> Vec<Any> {
    let of = |units: &[String]| units.iter().map(|unit| unit_word(unit)).collect::<Any>();
    let units = filter.units.as_deref().filter(|units| !units.is_empty() && units.len() <= MOST_UNITS);
    let lead = filter.lead.as_ref().map(std::slice::from_ref);
    let standing = filter.standing.iter().map(|any| any.iter().map(|of| standing_word(of)).collect());
    [units, lead].into_iter().flatten().map(of).chain(standing).collect()
}

/// What narrows a search to tickets of which something is due.
pub(super) fn due() -> Any {
    vec![due_word()]
}

/// Marks a word of the title, and words that are none of a text: no text has them as letters of a word. Both are more than ASCII, of which
/// FTS5 is told to take letters and digits only.
const TITLE: char = '¦';
const PLACE: char = '¬';

/// A word of a ticket's title, as its entry has it besides the word itself.
pub fn title_word(term: &str) -> String {
    format!("{TITLE}{term}")
}

/// Spans of 4⁰, 4¹ … 4⁸ hours: the longest is seven years.
pub(super) const LEVELS: u32 = 9;
const HOUR: i64 = 3_600_000_000;

/// The hour of a time in microseconds, counted from the epoch.
pub(super) fn hour_of(us: i64) -> i64 {
    us.div_euclid(HOUR)
}

/// The first microsecond of an hour.
pub(super) fn start_of(hour: i64) -> i64 {
    hour.saturating_mul(HOUR)
}

/// Hours of a span.
pub(super) fn hours_of(level: u32) -> i64 {
    1 << (2 * level)
}

/// The word of the span that begins at `hour`, or of the one in which it lies.
pub(super) fn span_word(level: u32, hour: i64) -> String {
    format!("{PLACE}t{level}x{}", hour.div_euclid(hours_of(level))).replace('-', "n")
}

/// A word of where a ticket stands, from a code of ASCII letters and digits: to be among the words of its entry, and asked for by
/// [`ListFilter::standing`].
pub fn standing_word(code: &str) -> String {
    format!("{PLACE}s{code}")
}

fn unit_word(unit: &str) -> String {
    let kept: String = unit.chars().filter(|c| c.is_ascii_alphanumeric()).collect();
    format!("{PLACE}u{}", kept.to_ascii_lowercase())
}

fn due_word() -> String {
    format!("{PLACE}d")
}

/// What stands in a ticket's entry besides its own words, each after a space: when it was registered, whether something of it is `due`, whose it
/// is.
pub(crate) fn place_words<'a>(registered_at: i64, due: bool, units: impl Iterator<Item = &'a str>) -> String {
    let hour = hour_of(registered_at);
    let spans = (0..LEVELS).map(|level| span_word(level, hour));
    let mut words: Vec<String> = spans.chain(due.then(due_word)).chain(units.map(unit_word)).collect();
    words.sort_unstable();
    words.dedup();
    words.iter().flat_map(|word| [" ", word]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_never_operators() {
        let among = [vec!["¬t0x1".to_owned(), "¬t0x2".to_owned()]];
        let terms = ["停水".to_owned(), "a\" OR \"b' | '\0".to_owned(), String::new()];
        let asked = |tier| Asked { terms: &terms, tier, among: &among };
        assert_eq!(asked(Tier::All).in_one(&FTS5), "\"停水\" AND \"aORb\" AND (\"¬t0x1\" OR \"¬t0x2\")");
        let rest = "(\"停水\" AND \"aORb\" AND (\"¬t0x1\" OR \"¬t0x2\")) NOT (\"¦停水\" AND \"¦aORb\")";
        assert_eq!(asked(Tier::Rest).in_one(&FTS5), rest);
        assert_eq!(asked(Tier::Title).in_parts(&TSQUERY), ["('¬t0x1' | '¬t0x2')", "'¦停水' & '¦aORb'"]);
        let rest = ["('¬t0x1' | '¬t0x2')", "('停水' & 'aORb') & !('¦停水' & '¦aORb')"];
        assert_eq!(asked(Tier::Rest).in_parts(&TSQUERY), rest);
        for tier in [Tier::All, Tier::Title, Tier::Rest] {
            let nothing = Asked { terms: &["*".to_owned(), String::new()], tier, among: &among };
            assert_eq!(nothing.in_one(&FTS5), "\"¬\"");
            assert_eq!(nothing.in_parts(&TSQUERY), ["'¬'"]);
        }
    }

    #[test]
    fn a_ticket_has_a_word_of_each_span_of_each_unit_and_of_what_is_due() {
        let hour = 489_891;
        let words = |due| place_words(start_of(hour) + 5, due, ["SR:a-1", "SR:a-1", "b"].into_iter());
        let spans = " ¬t0x489891 ¬t1x122472 ¬t2x30618 ¬t3x7654 ¬t4x1913 ¬t5x478 ¬t6x119 ¬t7x29 ¬t8x7";
        assert_eq!(words(false), format!("{spans} ¬ub ¬usra1"));
        assert_eq!(words(true), format!(" ¬d{spans} ¬ub ¬usra1"));
        assert_eq!(span_word(1, -1), "¬t1xn1");
    }
}
