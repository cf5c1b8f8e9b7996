//! What the words of an appeal say by themselves, without a model: where it is, whether it is an emergency, whether the caller must not be
//! named, what kind of appeal it is. Everything names the words that it rests on, and says nothing where it is not sure.

mod place;
mod signs;

pub use place::{Division, Found, Gazetteer};
pub use signs::{Sign, confidential, kind, urgent};

/// Characters of a text that are looked at: who writes more has said where and what long before.
pub const LOOKED_AT: usize = 2000;

/// Some words of a text: where they begin and how many they are, in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    pub start: usize,
    pub length: usize,
}

impl Span {
    fn end(self) -> usize {
        self.start + self.length
    }

    /// The words themselves.
    pub fn of(self, text: &str) -> String {
        text.chars().skip(self.start).take(self.length).collect()
    }
}

/// The spans of some words of a text, each place where one stands once; a word that stands in a longer one is not told apart.
pub fn spans(text: &str, words: &[&str]) -> Vec<Span> {
    let text = characters(text);
    let mut found: Vec<Span> = Vec::new();
    for word in words {
        let word = characters(word);
        found.extend(places(&text, &word).map(|start| Span { start, length: word.len() }));
    }
    outermost(found)
}

/// One character for one, so that a place in them is a place in the text: full-width forms and letter case are folded.
fn characters(text: &str) -> Vec<char> {
    let folded = |c: char| match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(c as u32 - 0xfee0).unwrap_or(c).to_ascii_lowercase(),
        c => c.to_ascii_lowercase(),
    };
    text.chars().take(LOOKED_AT).map(folded).collect()
}

/// Where a word stands.
fn places<'a>(text: &'a [char], word: &'a [char]) -> impl Iterator<Item = usize> + 'a {
    let last = if word.is_empty() { 0 } else { (text.len() + 1).saturating_sub(word.len()) };
    (0..last).filter(move |at| text[*at..].starts_with(word))
}

/// Without those that lie within another one; in their order.
fn outermost(mut spans: Vec<Span>) -> Vec<Span> {
    spans.sort_by_key(|s| (s.start, std::cmp::Reverse(s.length)));
    spans.dedup();
    let mut kept: Vec<Span> = Vec::new();
    for span in spans {
        if kept.last().is_none_or(|last| span.end() > last.end()) {
            kept.push(span);
        }
    }
    kept
}

/// Whether a clause ends here.
fn ends_clause(c: char) -> bool {
    // Full-width forms were folded.
    matches!(c, ',' | '。' | '!' | '?' | ';' | '、' | '\n' | ':' | '…')
}

/// From where to where the clause goes in which this place is.
fn clause(text: &[char], at: usize) -> (usize, usize) {
    let start = text[..at].iter().rposition(|c| ends_clause(*c)).map_or(0, |i| i + 1);
    let end = text[at..].iter().position(|c| ends_clause(*c)).map_or(text.len(), |i| at + i);
    (start, end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_where_they_stand() {
        let text = "Ａ小区停水，停水三天";
        let found = spans(text, &["停水", "停水三天", "a小区", "没有"]);
        assert_eq!(found.iter().map(|s| s.of(text)).collect::<Vec<_>>(), ["Ａ小区", "停水", "停水三天"]);
        assert_eq!(found[1], Span { start: 3, length: 2 });
        assert_eq!(spans(text, &[""]), []);
        assert_eq!(spans("", &["停水"]), []);
    }
}
