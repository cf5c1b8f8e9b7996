//! What a message is about, learnt from messages that people have sorted: one linear support vector machine for each label, over runs of
//! one to three characters of the title, of the detail and of both, each weighted by how unevenly the label has it (Wang and Manning,
//! "Baselines and Bigrams", ACL 2012, with the root of their ratio). The same messages in the same order give the same model.
//!
//! A guess says how sure it is (as often as such guesses were right on messages that were held back) and which words it rests on.

mod grams;
mod measure;
mod solve;
mod stack;
mod train;

use grams::{Count, Grams, characters, counts, runs};
pub use measure::{Score, Tally, folds};
use stack::Stack;
pub use train::{TrainError, train};

/// Where a run of characters counts by itself: in the title, in the detail, in both together.
const BLOCKS: usize = 3;
/// How much each counts.
pub(crate) static BW: std::sync::LazyLock<[f32;3]> = std::sync::LazyLock::new(|| { let v = std::env::var("CLS_BW").unwrap_or("1,1.3,1.3".into()); let v: Vec<f32> = v.split(",").map(|x| x.parse().unwrap()).collect(); [v[0],v[1],v[2]] });
/// Words that a guess names at most.
const REASONS: usize = 5;

/// A message that somebody has sorted.
#[derive(Debug, Clone, Copy)]
pub struct Sample<'a> {
    pub title: &'a str,
    pub detail: &'a str,
    pub label: &'a str,
}

/// What has been learnt.
#[derive(Debug, Clone)]
pub struct Model {
    labels: Vec<String>,
    grams: Grams,
    /// How rare each run is in each block, 0 where it is too rare to say anything: `gram * BLOCKS + block`.
    rarity: Vec<f32>,
    /// For each of these and each label: weight, and squared ratio of the label.
    weights: Vec<Weight>,
    biases: Vec<f32>,
    stack: Stack,
    /// What each label's likelihood is multiplied with before one is chosen.
    raised: Vec<f32>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Weight {
    weight: f32,
    ratio: f32,
}

/// What a message may be about.
#[derive(Debug, Clone, PartialEq)]
pub struct Guess<'m> {
    /// The likeliest label.
    pub label: &'m str,
    /// The share of such guesses that were right, 0 to 1.
    pub confidence: f32,
    /// All labels, the likeliest first, with how far each is from the line: above 0 it would be taken alone.
    pub ranked: Vec<(&'m str, f32)>,
}

/// The values of a message's runs, before labels weigh them.
struct Seen {
    /// Number of run and block, and value.
    values: Vec<(u32, f32)>,
}

impl Model {
    /// The labels, in their order by code point.
    pub fn labels(&self) -> &[String] {
        &self.labels
    }

    /// Different runs of characters that it knows.
    pub fn size(&self) -> usize {
        self.grams.len()
    }

    /// What a message is about. A message without any known character is the label with the largest base, and not sure.
    pub fn guess(&self, title: &str, detail: &str) -> Guess<'_> {
        let margins = self.margins(&self.seen(&counts(&self.grams, title, detail)));
        let likely = self.stack.likely(&margins);
        let mut ranked: Vec<(usize, f32)> = likely.iter().copied().enumerate().collect();
        let by = |(label, likely): (usize, f32)| likely * self.raised[label];
        ranked.sort_by(|a, b| by(*b).total_cmp(&by(*a)));
        let confidence = ranked[0].1;
        let ranked: Vec<(&str, f32)> = ranked.into_iter().map(|(l, p)| (self.labels[l].as_str(), p)).collect();
        Guess { label: ranked[0].0, confidence, ranked }
    }

    /// The words of a message that speak most for a label against the others, the strongest first.
    pub fn reasons(&self, title: &str, detail: &str, label: &str) -> Vec<String> {
        let Some(label) = self.labels.iter().position(|l| l == label) else { return Vec::new() };
        let mut found: Vec<(f32, String)> = Vec::new();
        for (text, block) in [(title, 0), (detail, 1)] {
            let characters = characters(text);
            let mut heat = vec![0.0_f32; characters.len()];
            for (key, start, len) in runs(&characters) {
                let Some(gram) = self.grams.get(&key) else { continue };
                let speaks = self.speaks(*gram as usize, block, label) / len as f32;
                heat[start..start + len].iter_mut().for_each(|h| *h += speaks);
            }
            found.extend(words(&characters, &heat));
        }
        found.sort_by(|a, b| b.0.total_cmp(&a.0));
        let mut names: Vec<String> = Vec::new();
        for (_, word) in found {
            if names.len() < REASONS && !names.contains(&word) {
                names.push(word);
            }
        }
        names
    }

    /// How much one run speaks for a label: its weights there, less the mean of all.
    fn speaks(&self, gram: usize, block: usize, label: usize) -> f32 {
        let of = |block: usize| {
            let feature = gram * BLOCKS + block;
            let weights = &self.weights[feature * self.labels.len()..][..self.labels.len()];
            let mean = weights.iter().map(|w| w.weight).sum::<f32>() / weights.len() as f32;
            (weights[label].weight - mean) * self.rarity[feature] * BW[block]
        };
        of(block) + of(BLOCKS - 1)
    }

    fn seen(&self, counts: &[Count]) -> Seen {
        seen(counts, &self.rarity)
    }

    fn margins(&self, seen: &Seen) -> Vec<f32> {
        let labels = self.labels.len();
        let mut sums = vec![Weight::default(); labels];
        for (feature, value) in &seen.values {
            let weights = &self.weights[*feature as usize * labels..][..labels];
            for (sum, weight) in sums.iter_mut().zip(weights) {
                sum.weight += weight.weight * value;
                sum.ratio += weight.ratio * value * value;
            }
        }
        let each = sums.iter().zip(&self.biases);
        each.map(|(sum, bias)| if sum.ratio > 0.0 { sum.weight / sum.ratio.sqrt() + bias } else { *bias }).collect()
    }
}

/// Each block's values as one vector of its weight's length: rare runs count more, and a run said thrice not three times as much.
fn seen(counts: &[Count], rarity: &[f32]) -> Seen {
    let mut values = Vec::with_capacity(counts.len() * 2);
    let mut squares = [0.0_f32; BLOCKS];
    for count in counts {
        let times = [count.title, count.detail, count.title + count.detail];
        for (block, times) in times.into_iter().enumerate() {
            let feature = count.gram * BLOCKS as u32 + block as u32;
            let rarity = rarity[feature as usize];
            if times > 0 && rarity > 0.0 {
                let value = rarity * (1.0 + (times as f32).ln());
                squares[block] += value * value;
                values.push((feature, value));
            }
        }
    }
    let factors: [f32; BLOCKS] = std::array::from_fn(|b| BW[b] / squares[b].sqrt().max(f32::MIN_POSITIVE));
    values.iter_mut().for_each(|(feature, value)| *value *= factors[*feature as usize % BLOCKS]);
    Seen { values }
}

/// Neighbouring characters that speak for it, as words with their strength; a single character is none, and at a blank a word ends.
fn words(characters: &[char], heat: &[f32]) -> Vec<(f32, String)> {
    let enough = heat.iter().copied().fold(0.0, f32::max) / 3.0;
    let mut words = Vec::new();
    let mut start = 0;
    for end in 0..=characters.len() {
        let goes_on = end < characters.len() && heat[end] > enough && characters[end].is_alphanumeric();
        if goes_on {
            continue;
        }
        if end - start > 1 {
            words.push((heat[start..end].iter().sum(), characters[start..end].iter().collect()));
        }
        start = end + 1;
    }
    words
}
