//! Chinese text: how it is folded and cut into terms for search, what in it is personal, what a message is about, which messages are about one
//! matter, what an auditor may look at in a reply. No SQL, no HTTP.
//!
//! Terms are single characters and character bigrams of Chinese runs, and whole Latin words and numbers, so that any substring of a
//! Chinese text is found by the terms of the query (`docs/adr`). The same function cuts texts and queries.

pub mod classify;
pub mod matter;
pub mod personal;
pub mod propose;
pub mod ranked;
pub mod reply;

use std::collections::BTreeSet;

use unicode_normalization::UnicodeNormalization;

/// Full-width forms, compatibility characters and letter case folded (NFKC, lower case).
pub fn fold(text: &str) -> String {
    text.nfkc().flat_map(char::to_lowercase).collect()
}

/// Terms of a text to be indexed: every Chinese character and every pair of neighbours, every Latin word and number; each once.
pub fn index_terms(text: &str) -> BTreeSet<String> {
    cut(text, true)
}

/// Terms that a document must all have for the query to be in it: bigrams, or the single character where a run has only one.
pub fn query_terms(query: &str) -> BTreeSet<String> {
    cut(query, false)
}

fn cut(text: &str, singles: bool) -> BTreeSet<String> {
    let folded = fold(text);
    let mut terms = BTreeSet::new();
    for word in folded.split(|c: char| !c.is_alphanumeric()) {
        let chars: Vec<char> = word.chars().collect();
        let mut rest = chars.as_slice();
        while let Some(first) = rest.first() {
            let han = is_han(*first);
            let len = rest.iter().take_while(|c| is_han(**c) == han).count();
            let (run, after) = rest.split_at(len);
            rest = after;
            if !han {
                terms.insert(run.iter().collect());
                continue;
            }
            if singles || run.len() == 1 {
                terms.extend(run.iter().map(char::to_string));
            }
            terms.extend(run.windows(2).map(|pair| pair.iter().collect::<String>()));
        }
    }
    terms
}

fn is_han(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{323af}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_chinese_substring_is_found_by_its_terms() {
        let text = "县城北门菜市场旁每天停水，电话０７９３－１２３４，ABC小区";
        let have = index_terms(text);
        let chars: Vec<char> = text.chars().filter(|c| is_han(*c)).collect();
        for start in 0..chars.len() {
            for end in start + 1..=chars.len() {
                let query: String = chars[start..end].iter().collect();
                if text.contains(&query) {
                    assert!(query_terms(&query).is_subset(&have), "{query}");
                }
            }
        }
        assert!(query_terms("停水").is_subset(&have));
        assert!(query_terms("0793").is_subset(&have), "full-width digits fold");
        assert!(query_terms("abc小区").is_subset(&have));
        assert!(!query_terms("停电").is_subset(&have));
    }

    #[test]
    fn punctuation_and_blanks_give_nothing() {
        assert!(query_terms(" ，。\"*():^ ").is_empty());
    }
}
