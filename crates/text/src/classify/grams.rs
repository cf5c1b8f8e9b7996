//! What a model sees of a message: which runs of one to three characters its title and its detail have, and how often.

use std::{
    collections::HashMap,
    hash::{BuildHasherDefault, Hasher},
};

use unicode_normalization::char::decompose_compatible;

use crate::is_han;

/// Longest run of characters that is looked at.
const LONGEST: usize = 3;
/// Bits of a character.
const BITS: u32 = 21;
/// Places of the table by which rare runs are told, at most.
const PLACES: usize = 1 << 24;

/// Runs of characters, by number.
pub(super) type Grams = HashMap<u64, u32, BuildHasherDefault<Mixed>>;

/// The keys are numbers already; one multiplication spreads them.
#[derive(Default)]
pub(crate) struct Mixed(u64);

impl Hasher for Mixed {
    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|b| self.write_u64(u64::from(*b)));
    }

    fn write_u32(&mut self, key: u32) {
        self.write_u64(u64::from(key));
    }

    fn write_u64(&mut self, key: u64) {
        let mixed = (self.0 ^ key).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        self.0 = mixed ^ (mixed >> 29);
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

/// The characters of a text as they are counted, each with the byte of the text where it stands: compatibility characters and letter case
/// folded, each run of blanks one blank, none at the ends.
pub(crate) fn characters(text: &str) -> impl Iterator<Item = (char, usize)> + '_ {
    let mut blank = true;
    let mut waiting = None;
    folded(text)
        .flat_map(move |(c, at)| {
            let is_blank = c.is_whitespace() || c.is_control();
            let before = waiting.take();
            if is_blank {
                waiting = if blank { before } else { Some((' ', at)) };
                blank = true;
                return [None, None];
            }
            blank = false;
            [before, Some((c, at))]
        })
        .flatten()
}

/// Chinese characters and plain ASCII, which nearly every text is made of, go without the tables. Of a sign that stands for more than four
/// characters, four are counted.
fn folded(text: &str) -> impl Iterator<Item = (char, usize)> + '_ {
    text.char_indices().flat_map(|(at, c)| {
        let mut out = [None; 4];
        if c.is_ascii() {
            out[0] = Some((c.to_ascii_lowercase(), at));
        } else if is_han(c) && !('\u{f900}'..='\u{faff}').contains(&c) {
            out[0] = Some((c, at));
        } else {
            let mut next = 0;
            decompose_compatible(c, |c| {
                for c in c.to_lowercase() {
                    if let Some(place) = out.get_mut(next) {
                        *place = Some((c, at));
                        next += 1;
                    }
                }
            });
        }
        out.into_iter().flatten()
    })
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

/// How often a message has a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Count {
    /// Its number in the dictionary.
    pub gram: u32,
    pub title: u32,
    pub detail: u32,
}

/// The known runs of a message, each once, by number.
pub(super) fn counts(known: &Grams, title: &str, detail: &str) -> Vec<Count> {
    let mut all = Vec::with_capacity(title.len() + detail.len());
    let mut characters_of = Vec::with_capacity(title.len().max(detail.len()) / 2);
    for (text, is_title) in [(title, 1), (detail, 0)] {
        characters_of.clear();
        characters_of.extend(characters(text).map(|(c, _)| c));
        let grams = runs(&characters_of).filter_map(|(key, ..)| known.get(&key));
        all.extend(grams.map(|gram| gram << 1 | is_title));
    }
    all.sort_unstable();
    let mut counts: Vec<Count> = Vec::with_capacity(all.len());
    for one in all {
        let gram = one >> 1;
        if counts.last().is_none_or(|last| last.gram != gram) {
            counts.push(Count { gram, title: 0, detail: 0 });
        }
        if let Some(last) = counts.last_mut() {
            *if one & 1 == 1 { &mut last.title } else { &mut last.detail } += 1;
        }
    }
    counts
}

/// The runs that at least `least` of the messages have, up to 255 of them, numbered by how they are written.
pub(super) fn known<'a>(messages: impl Iterator<Item = (&'a str, &'a str)> + Clone, least: u32) -> Grams {
    let mut said = Vec::new();
    let mut each = |text: &str, give: &mut dyn FnMut(u64)| {
        said.clear();
        said.extend(characters(text).map(|(c, _)| c));
        runs(&said).for_each(|(key, ..)| give(key));
    };
    // Most runs are said once or twice in all. They are told by a table of small numbers, where several runs share a place, so that only
    // few of them are counted one by one.
    let bytes: usize = messages.clone().map(|(title, detail)| title.len() + detail.len()).sum();
    let mut often = vec![0_u8; bytes.next_power_of_two().min(PLACES)];
    let places = often.len();
    for (title, detail) in messages.clone() {
        for text in [title, detail] {
            each(text, &mut |key| {
                let often = &mut often[place(key, places)];
                *often = often.saturating_add(1);
            });
        }
    }
    let mut seen: HashMap<u64, (u32, u32), BuildHasherDefault<Mixed>> = HashMap::default();
    for (no, (title, detail)) in (1u32..).zip(messages) {
        for text in [title, detail] {
            each(text, &mut |key| {
                if u32::from(often[place(key, places)]) >= least {
                    let (last, count) = seen.entry(key).or_insert((0, 0));
                    if *last != no {
                        (*last, *count) = (no, *count + 1);
                    }
                }
            });
        }
    }
    drop(often);
    seen.retain(|_, (_, count)| *count >= least);
    numbered(seen.into_keys().collect())
}

fn place(key: u64, places: usize) -> usize {
    let mut mixed = Mixed::default();
    mixed.write_u64(key);
    // The upper bits are mixed best.
    (mixed.finish() >> 32) as usize & (places - 1)
}

pub(super) fn numbered(mut keys: Vec<u64>) -> Grams {
    keys.sort_unstable();
    keys.into_iter().zip(0..).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folded_whole(text: &str) -> String {
        characters(text).map(|(c, _)| c).collect()
    }

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
    fn a_run_that_too_few_messages_have_is_not_known() {
        let messages = [("停水", "停水停水"), ("停电", "停车"), ("", "停水")];
        for (least, runs) in [(1, 10), (2, 3), (3, 1), (4, 0)] {
            assert_eq!(known(messages.into_iter(), least).len(), runs, "{least}");
        }
    }

    #[test]
    fn a_run_is_told_from_every_other() {
        let keys: Vec<u64> = runs(&['\u{10ffff}', '\u{10fffe}', 'a']).map(|(key, ..)| key).collect();
        let mut once = keys.clone();
        once.sort_unstable();
        once.dedup();
        assert_eq!((keys.len(), once.len()), (6, 6));
    }

    #[test]
    fn characters_are_folded_and_blanks_are_one() {
        assert_eq!(folded_whole(" \n Ａ1，\t\u{3000} 停 水 \r\n"), "a1, 停 水");
        assert_eq!(folded_whole("㎡ﬁ½"), "m2fi1\u{2044}2");
        assert_eq!(folded_whole(" \n"), "");
        let text = " Ｂ停\n水";
        let places: Vec<&str> = characters(text).map(|(_, at)| &text[at..]).collect();
        assert_eq!(places, ["Ｂ停\n水", "停\n水", "\n水", "水"]);
    }
}
