//! Chinese text: how it is folded and cut into terms for search, what in it is personal, what a message is about, which messages are about one
//! matter, what an auditor may look at in a reply. No SQL, no HTTP.
//!
//! Whatever compares texts folds them first ([`fold`]); what search makes of them is in [`search`].

mod citation;
pub mod classify;
pub mod initials;
pub mod matter;
pub mod personal;
pub mod propose;
pub mod ranked;
pub mod reply;
pub mod search;
mod simplified;

use unicode_normalization::{UnicodeNormalization, char::canonical_combining_class};

use simplified::simplified;

/// Full-width forms, compatibility characters and letter case folded (NFKC, lower case), traditional characters made simplified ones.
pub fn fold(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    folded(text, |c, _, _| out.push(c));
    out
}

/// Each folded character, with the characters of the text that it comes from: the first, and the one after the last. What belongs together
/// (a letter and its accents) is folded together.
fn folded(text: &str, mut each: impl FnMut(char, usize, usize)) {
    let mut chars = text.chars().enumerate().peekable();
    while let Some((at, c)) = chars.next() {
        let accent = |c: char| c >= '\u{300}' && !is_common_han(c) && canonical_combining_class(c) != 0;
        if chars.peek().is_none_or(|(_, next)| !accent(*next)) {
            match c {
                '\0'..='\x7f' => each(c.to_ascii_lowercase(), at, at + 1),
                c if is_common_han(c) => each(simplified(c), at, at + 1),
                _ => c.nfkc().flat_map(char::to_lowercase).for_each(|c| each(simplified(c), at, at + 1)),
            }
            continue;
        }
        let (mut together, mut end) = (String::from(c), at + 1);
        while let Some((at, c)) = chars.next_if(|(_, next)| accent(*next)) {
            together.push(c);
            end = at + 1;
        }
        together.nfkc().flat_map(char::to_lowercase).for_each(|c| each(simplified(c), at, end));
    }
}

/// The block that nearly all Chinese text is of: what is costly to ask of a character is not asked of these.
fn is_common_han(c: char) -> bool {
    matches!(c, '\u{4e00}'..='\u{9fff}')
}

fn is_han(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{323af}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn width_case_accents_and_traditional_characters_are_folded() {
        assert_eq!(fold("ＡＢＣ１２３，縣城　㎡"), "abc123,县城 m2");
        assert_eq!(fold("e\u{301}É"), "éé");
        let mut from = Vec::new();
        folded("ae\u{301}㎡b", |c, first, end| from.push((c, first, end)));
        assert_eq!(from, [('a', 0, 1), ('é', 1, 3), ('m', 3, 4), ('2', 3, 4), ('b', 4, 5)]);
    }
}
