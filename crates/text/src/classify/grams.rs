//! What a model sees of a message: which runs of one to three characters its title and its detail have, and how often.

use std::{
    collections::HashMap,
    hash::{BuildHasherDefault, Hasher},
};

use crate::fold;

/// Longest run of characters that is looked at.
const LONGEST: usize = 3;
/// Bits of a character.
const BITS: u32 = 21;

/// Runs of characters, by number.
pub(super) type Grams = HashMap<u64, u32, BuildHasherDefault<Mixed>>;

/// The keys are numbers already; one multiplication spreads them.
#[derive(Default)]
pub(super) struct Mixed(u64);

impl Hasher for Mixed {
    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|b| self.write_u64(u64::from(*b)));
    }

    fn write_u64(&mut self, key: u64) {
        let mixed = (self.0 ^ key).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        self.0 = mixed ^ (mixed >> 29);
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

/// The characters of a text as they are counted: folded, each run of blanks one blank.
pub(super) fn characters(text: &str) -> Vec<char> {
    let mut blank = true;
    let mut kept = Vec::new();
    for c in fold(text).chars() {
        let is_blank = c.is_whitespace() || c.is_control();
        if !(is_blank && blank) {
            kept.push(if is_blank { ' ' } else { c });
        }
        blank = is_blank;
    }
    if blank {
        kept.pop();
    }
    kept
}

/// Every run of one to [`LONGEST`] characters, with where it begins and how long it is. A key is the run itself.
pub(super) fn runs(characters: &[char]) -> impl Iterator<Item = (u64, usize, usize)> + '_ {
    (0..characters.len()).flat_map(|start| {
        let mut key = 0;
        characters[start..].iter().take(LONGEST).enumerate().map(move |(i, c)| {
            key |= u64::from(u32::from(*c)) << (BITS * i as u32);
            (key, start, i + 1)
        })
    })
}

/// A run's place in a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Count {
    /// Its number in the dictionary.
    pub gram: u32,
    pub title: u32,
    pub detail: u32,
}

/// The known runs of a message, each once, by number.
pub(super) fn counts(known: &Grams, title: &str, detail: &str) -> Vec<Count> {
    let found = |text: &str, is_title: u64| {
        let characters = characters(text);
        let grams = runs(&characters).filter_map(|(key, ..)| known.get(&key));
        grams.map(|gram| u64::from(*gram) << 1 | is_title).collect::<Vec<u64>>()
    };
    let mut all = found(title, 1);
    all.extend(found(detail, 0));
    all.sort_unstable();
    let mut counts: Vec<Count> = Vec::with_capacity(all.len());
    for one in all {
        let gram = (one >> 1) as u32;
        if counts.last().is_none_or(|last| last.gram != gram) {
            counts.push(Count { gram, title: 0, detail: 0 });
        }
        if let Some(last) = counts.last_mut() {
            *if one & 1 == 1 { &mut last.title } else { &mut last.detail } += 1;
        }
    }
    counts
}

/// The runs that at least `least` of the messages have, numbered by how they are written.
pub(super) fn known<'a>(messages: impl Iterator<Item = (&'a str, &'a str)>, least: u32) -> Grams {
    let mut seen: HashMap<u64, (u32, u32), BuildHasherDefault<Mixed>> = HashMap::default();
    for (no, (title, detail)) in (1u32..).zip(messages) {
        for text in [title, detail] {
            for (key, ..) in runs(&characters(text)) {
                let (last, count) = seen.entry(key).or_insert((0, 0));
                if *last != no {
                    (*last, *count) = (no, *count + 1);
                }
            }
        }
    }
    let mut keys: Vec<u64> = seen.into_iter().filter(|(_, (_, count))| *count >= least).map(|(key, _)| key).collect();
    keys.sort_unstable();
    keys.into_iter().zip(0..).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_are_counted_where_they_stand() {
        let known = known([("停水停水", "停 水")].into_iter(), 1);
        let counts = counts(&known, "停水停水", "停\n\t 水");
        let both = known[&runs(&['停', '水']).nth(1).unwrap().0];
        assert!(counts.contains(&Count { gram: both, title: 2, detail: 0 }));
        let one = known[&runs(&['水']).next().unwrap().0];
        assert!(counts.contains(&Count { gram: one, title: 2, detail: 1 }));
        assert!(counts.is_sorted_by_key(|c| c.gram));
    }

    #[test]
    fn a_run_is_told_from_every_other() {
        let keys: Vec<u64> = runs(&['\u{10ffff}', '\u{10fffe}', 'a']).map(|(key, ..)| key).collect();
        let mut once = keys.clone();
        once.sort_unstable();
        once.dedup();
        assert_eq!((keys.len(), once.len()), (6, 6));
    }
}
