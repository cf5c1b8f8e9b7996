//! What two messages are compared by: their pairs and triples of characters, the rarer in all messages the more, those of the title more than
//! those of the detail; and the names of places and bodies.

use super::names;
use crate::classify::characters;

/// A pair in the title counts as so many in the detail.
const TITLE: f32 = 3.0;
/// What counts of a pair within a name: places have many problems.
const NAME: f32 = 0.7;
/// And within the name of a whole town.
const WIDE: f32 = 0.2;
/// Characters of a detail that are looked at; what a message is about is said by then.
pub(super) const DETAIL_MOST: usize = 600;
/// Pairs that are kept of a message: the weightiest.
const KEPT: usize = 64;
/// Names that are kept of a message.
const NAMES_KEPT: usize = 12;

/// A run of characters and what it weighs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Gram {
    pub number: u32,
    pub weight: f32,
    /// It is said within a name.
    pub is_name: bool,
}

impl Gram {
    /// Only the weightiest, by number.
    pub fn keep(grams: &mut Vec<Gram>, most: usize) {
        if grams.len() > most {
            let heavier = |a: &Gram, b: &Gram| b.weight.total_cmp(&a.weight).then(a.number.cmp(&b.number));
            grams.select_nth_unstable_by(most, heavier);
            grams.truncate(most);
            grams.sort_unstable_by_key(|g| g.number);
        }
    }
}

/// A message as far as it is compared. All lists are by number, each number once.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Features {
    /// As said: how often. As compared: the squares of the weights add up to 1.
    pub grams: Vec<Gram>,
    /// Names in the title.
    pub titled: Vec<u32>,
    /// All names.
    pub named: Vec<u32>,
}

impl Features {
    /// The names alone.
    pub fn names(&self) -> Features {
        Features { grams: Vec::new(), titled: self.titled.clone(), named: self.named.clone() }
    }
}

/// How many messages have a gram: a table of fixed size, in which few grams share a place. What more than 65,535 have counts as had by so many,
/// which is more than are compared with each other anywhere but in benches.
#[derive(Debug, Clone)]
pub(super) struct Rarity {
    counts: Vec<u16>,
    messages: u32,
}

const PLACES: usize = 1 << 22;
/// So many messages that have none of the grams are reckoned with, so that among few messages what some have in common is not taken as common.
const BACKGROUND: u32 = 1000;

impl Default for Rarity {
    fn default() -> Self {
        Rarity { counts: vec![0; PLACES], messages: 0 }
    }
}

impl Rarity {
    pub fn count(&mut self, said: &Features) {
        self.messages += 1;
        for gram in &said.grams {
            let count = &mut self.counts[gram.number as usize % PLACES];
            *count = count.saturating_add(1);
        }
    }

    pub fn bytes(&self) -> usize {
        self.counts.capacity() * size_of::<u16>()
    }

    /// How much a gram says: nothing if all messages have it.
    fn of(&self, number: u32) -> f32 {
        let have = self.counts[number as usize % PLACES].max(1);
        ((BACKGROUND + self.messages) as f32 / have as f32).ln().max(0.0)
    }
}

/// What a message says: every gram with how often, and its names.
pub(super) fn said(title: &str, detail: &str) -> Features {
    let title: Vec<char> = characters(title).map(|(c, _)| c).collect();
    let detail: Vec<char> = characters(detail).map(|(c, _)| c).take(DETAIL_MOST).collect();
    let mut all: Vec<Gram> = Vec::with_capacity(title.len() * 2 + detail.len());
    let titled = count(&mut all, &title, 3, TITLE);
    let mut named = titled.clone();
    named.extend(count(&mut all, &detail, 2, 1.0));
    all.sort_unstable_by_key(|g| g.number);
    let mut features = Features { grams: Vec::with_capacity(all.len()), titled, named };
    for gram in all {
        match features.grams.last_mut() {
            Some(last) if last.number == gram.number => {
                last.weight += gram.weight;
                last.is_name |= gram.is_name;
            }
            _ => features.grams.push(gram),
        }
    }
    for names in [&mut features.titled, &mut features.named] {
        names.truncate(NAMES_KEPT);
        names.sort_unstable();
        names.dedup();
    }
    features
}

/// Adds the runs of two to `longest` characters, each as often as `times`, and tells the names.
fn count(all: &mut Vec<Gram>, text: &[char], longest: usize, times: f32) -> Vec<u32> {
    let names = names::find(text);
    let mut passed = 0;
    for at in 0..text.len() {
        passed += names[passed..].iter().take_while(|n| n.end <= at).count();
        for length in 2..=longest {
            let Some(run) = text.get(at..at + length) else { break };
            if !run.iter().all(|c| c.is_alphanumeric()) {
                break;
            }
            let within = names.get(passed).filter(|n| n.start <= at && at + length <= n.end);
            let share = within.map_or(1.0, |n| if n.wide { WIDE } else { NAME });
            all.push(Gram { number: number(run), weight: times * share, is_name: within.is_some() });
        }
    }
    names.into_iter().filter(|n| !n.wide).map(|n| number(&text[n.key..n.end])).collect()
}

/// The message as it is compared, where grams are as rare as now.
pub(super) fn weighed(said: &Features, rarity: &Rarity) -> Features {
    let weigh = |g: &Gram| Gram { weight: rarity.of(g.number) * (1.0 + g.weight).log2(), ..*g };
    let mut grams: Vec<Gram> = said.grams.iter().map(weigh).filter(|g| g.weight > 0.0).collect();
    Gram::keep(&mut grams, KEPT);
    grams.shrink_to_fit();
    let length = length(&grams).max(f32::MIN_POSITIVE);
    grams.iter_mut().for_each(|g| g.weight /= length);
    Features { grams, ..said.names() }
}

/// A run of characters as a number (FNV-1a, its halves mixed).
fn number(run: &[char]) -> u32 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for c in run {
        hash = (hash ^ u64::from(u32::from(*c))).wrapping_mul(0x0100_0000_01b3);
    }
    (hash ^ (hash >> 32)) as u32
}

pub(super) fn length(grams: &[Gram]) -> f32 {
    grams.iter().map(|g| g.weight * g.weight).sum::<f32>().sqrt()
}

/// The sum over shared grams of both weights; of whole messages, 1 for the same and 0 for nothing in common. Both by number.
pub(super) fn cosine(a: &[Gram], b: &[Gram]) -> f32 {
    let (mut i, mut j, mut sum) = (0, 0, 0.0);
    while let (Some(x), Some(y)) = (a.get(i), b.get(j)) {
        if x.number == y.number {
            sum += x.weight * y.weight;
        }
        i += usize::from(x.number <= y.number);
        j += usize::from(y.number <= x.number);
    }
    sum
}

/// One names in its title a place that the other names too.
pub(super) fn same_place(a: &Features, b: &Features) -> bool {
    let names = |title: &Features, of: &Features| title.titled.iter().any(|n| of.named.binary_search(n).is_ok());
    names(a, b) || names(b, a)
}

/// The titles name different places: each names one, and neither is named anywhere in the other message.
pub(super) fn elsewhere(a: &Features, b: &Features) -> bool {
    !a.titled.is_empty() && !b.titled.is_empty() && !same_place(a, b)
}
