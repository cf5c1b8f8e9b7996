//! Names by the initials of their pinyin: 「hfx」 is 横峰县. Every reading of a character counts, as names keep old ones (重庆, 厦门).

use pinyin::ToPinyinMulti;

use crate::{fold, is_han};

/// Of each character of a name the letters that its readings may begin with, in order and each once; of anything else the folded character.
/// Blanks and punctuation are left out.
pub fn initials(name: &str) -> Vec<String> {
    fold(name).chars().filter(|c| c.is_alphanumeric()).map(letters).collect()
}

fn letters(c: char) -> String {
    let mut letters: Vec<char> = match c.to_pinyin_multi().filter(|_| is_han(c)) {
        Some(readings) => readings.into_iter().filter_map(|reading| reading.plain().chars().next()).collect(),
        None => vec![c],
    };
    letters.retain(|l| l.is_ascii_alphanumeric() || *l == c);
    letters.sort_unstable();
    letters.dedup();
    letters.into_iter().collect()
}

/// How well letters fit a name; the better one is the greater.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fit {
    /// They stand in this order, and the last is the name's last: sjj for 市场监督管理局.
    Shortened,
    /// They stand side by side somewhere in it.
    Within,
    /// The name begins with them.
    Begins,
    /// They are the whole name.
    Whole,
}

/// How letters fit the initials of a name; `None` if they do not. Folds what was typed; anything but Latin letters fits nothing.
pub fn fit(initials: &[String], typed: &str) -> Option<Fit> {
    let letters = letters_of(typed)?;
    let is = |at: usize, letter: char| initials.get(at).is_some_and(|of| of.contains(letter));
    let here = |start: usize| letters.iter().enumerate().all(|(i, letter)| is(start + i, *letter));
    if here(0) {
        return Some(if letters.len() == initials.len() { Fit::Whole } else { Fit::Begins });
    }
    if (1..initials.len()).any(here) {
        return Some(Fit::Within);
    }
    let (last, before) = letters.split_last()?;
    let mut at = 0;
    for letter in before {
        at += 1 + (at..initials.len()).position(|at| is(at, *letter))?;
    }
    (!before.is_empty() && at < initials.len() && is(initials.len() - 1, *last)).then_some(Fit::Shortened)
}

/// What was typed, if it is Latin letters and nothing else.
pub fn letters_of(typed: &str) -> Option<Vec<char>> {
    let letters: Vec<char> = fold(typed.trim()).chars().collect();
    (!letters.is_empty() && letters.iter().all(char::is_ascii_lowercase)).then_some(letters)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fits(name: &str, typed: &str) -> Option<Fit> {
        fit(&initials(name), typed)
    }

    #[test]
    fn names_are_found_by_their_initials() {
        assert_eq!(fits("横峰县", "hfx"), Some(Fit::Whole));
        assert_eq!(fits("横峰县", "ＨＦ"), Some(Fit::Begins));
        assert_eq!(fits("市监局", "sjj"), Some(Fit::Whole));
        assert_eq!(fits("上饶市市场监督管理局", "scjdglj"), Some(Fit::Within));
        assert_eq!(fits("上饶市市场监督管理局", "sjj"), Some(Fit::Shortened));
        assert_eq!(fits("橫峯縣", "hfx"), Some(Fit::Whole), "traditional characters");
        assert_eq!(fits("12345热线（中心）", "rxzx"), Some(Fit::Within));
        for (name, typed) in [
            ("横峰县", "hx1"),
            ("横峰县", "fh"),
            ("横峰县", "hfxz"),
            ("横峰县", ""),
            ("横峰县", "横峰"),
            ("横峰县", "x y"),
        ] {
            assert_eq!(fits(name, typed), None, "{name} {typed}");
        }
        assert_eq!(fits("横峰县", "hx"), Some(Fit::Shortened));
    }

    #[test]
    fn every_reading_counts() {
        for typed in ["cq", "zq"] {
            assert_eq!(fits("重庆", typed), Some(Fit::Whole), "{typed}");
        }
        for typed in ["xm", "sm"] {
            assert_eq!(fits("厦门", typed), Some(Fit::Whole), "{typed}");
        }
        assert_eq!(fits("六安", "la"), Some(Fit::Whole));
    }
}
