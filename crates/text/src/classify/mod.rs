//! What a message is about, learnt from messages that people have sorted: one linear support vector machine for each label, over runs of
//! one to three characters of the title, of the detail and of both, each weighted by how unevenly the label has it (Wang and Manning,
//! "Baselines and Bigrams", ACL 2012, with the root of their ratio). The same messages in the same order give the same model.
//!
//! A guess says how sure it is (as often as such guesses were right on messages that were held back) and which words it rests on.

mod grams;
mod measure;
mod reasons;
mod said;
mod save;
mod solve;
mod stack;
mod train;
pub mod tree;

use grams::{Count, Grams, counts};
pub(crate) use grams::{Mixed, characters};
pub use measure::{Score, Tally, folds};
pub use save::ModelError;
use stack::Stack;
pub use train::{MOST_LABELS, TrainError, train};

/// Where a run of characters counts by itself: in the title, in the detail, in both together.
const BLOCKS: usize = 3;
/// How much each counts.
const BLOCK_WEIGHTS: [f32; BLOCKS] = [1.0, 1.3, 1.3];
/// Labels that are added up at once.
const LANES: usize = 8;

/// Below this confidence a proposal is better not shown: of such guesses every third or more is wrong.
pub const SURE: f32 = 0.6;

/// A message that somebody has sorted.
#[derive(Debug, Clone, Copy)]
pub struct Sample<'a> {
    pub title: &'a str,
    pub detail: &'a str,
    pub label: &'a str,
}

/// What has been learnt.
#[derive(Debug, Clone, PartialEq)]
pub struct Model {
    labels: Vec<String>,
    grams: Grams,
    /// How rare each run is in each block, 0 where it is too rare to say anything: `gram * BLOCKS + block`.
    rarity: Vec<f32>,
    /// For each of these, for every [`LANES`] labels, how much it speaks for them.
    weights: Vec<Weights>,
    /// What one step of the weights and of the ratios is.
    steps: Steps,
    biases: Vec<f32>,
    stack: Stack,
}

/// Of one feature for some labels, in steps: a byte each, as the table has to stay in the processor's cache.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Weights {
    weight: [i8; LANES],
    /// The squared ratio: what it adds to the length of the message as the label weighs it.
    ratio: [u8; LANES],
}

#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct Steps {
    weight: f32,
    ratio: f32,
}

/// What a message may be about.
#[derive(Debug, Clone, PartialEq)]
pub struct Guess<'m> {
    /// The likeliest label.
    pub label: &'m str,
    /// How often such guesses are right, 0 to 1.
    pub confidence: f32,
    /// All labels with how likely each is, the likeliest first; together 1.
    pub ranked: Vec<(&'m str, f32)>,
}

impl Guess<'_> {
    /// Whether it is worth showing.
    pub fn is_sure(&self) -> bool {
        self.confidence >= SURE
    }
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

    /// What a message is about. Of a message without any known character every label is as likely as the others.
    pub fn guess(&self, title: &str, detail: &str) -> Guess<'_> {
        let counts = counts(&self.grams, title, detail);
        let likely = match counts.is_empty() {
            true => vec![1.0 / self.labels.len() as f32; self.labels.len()],
            false => self.stack.likely(&self.margins(&counts)),
        };
        let named = self.labels.iter().map(String::as_str).zip(likely);
        let mut ranked: Vec<(&str, f32)> = named.collect();
        ranked.sort_by(|a, b| b.1.total_cmp(&a.1));
        Guess { label: ranked[0].0, confidence: ranked[0].1, ranked }
    }

    /// How far the message is from each label's line: above 0 it would be taken alone.
    fn margins(&self, counts: &[Count]) -> Vec<f32> {
        let groups = self.labels.len().div_ceil(LANES);
        let mut sums = vec![([0.0_f32; LANES], [0.0_f32; LANES]); groups];
        for (feature, value) in seen(counts, &self.rarity) {
            let (by, squared) = (value * self.steps.weight, value * value * self.steps.ratio);
            let weights = &self.weights[feature as usize * groups..][..groups];
            for ((sum, length), weights) in sums.iter_mut().zip(weights) {
                for lane in 0..LANES {
                    sum[lane] += f32::from(weights.weight[lane]) * by;
                    length[lane] += f32::from(weights.ratio[lane]) * squared;
                }
            }
        }
        let of_label = |(no, bias): (usize, &f32)| {
            let (sum, length) = &sums[no / LANES];
            let length = length[no % LANES];
            if length > 0.0 { sum[no % LANES] / length.sqrt() + bias } else { *bias }
        };
        self.biases.iter().enumerate().map(of_label).collect()
    }

    /// A feature's weight for each label.
    fn weights_of(&self, feature: usize) -> impl Iterator<Item = f32> + '_ {
        let groups = self.labels.len().div_ceil(LANES);
        let all = self.weights[feature * groups..][..groups].iter().flat_map(|w| w.weight);
        all.take(self.labels.len()).map(|w| f32::from(w) * self.steps.weight)
    }
}

/// The values of a message's features, before labels weigh them, each block as one vector of its weight's length: rare runs count more, and
/// a run said thrice not three times as much.
fn seen(counts: &[Count], rarity: &[f32]) -> Vec<(u32, f32)> {
    let mut values = Vec::with_capacity(counts.len() * 2);
    let mut squares = [0.0_f32; BLOCKS];
    for count in counts {
        let times = [count.title, count.detail, count.title + count.detail];
        for (block, times) in times.into_iter().enumerate() {
            let feature = count.gram * BLOCKS as u32 + block as u32;
            let rarity = rarity[feature as usize];
            if times > 0 && rarity > 0.0 {
                let value = rarity * often(times);
                squares[block] += value * value;
                values.push((feature, value));
            }
        }
    }
    let factors = factors(squares);
    values.iter_mut().for_each(|(feature, value)| *value *= factors[*feature as usize % BLOCKS]);
    values
}

/// How much a run counts that is said so often.
fn often(times: u32) -> f32 {
    if times <= 1 { 1.0 } else { 1.0 + (times as f32).ln() }
}

/// What makes each block as long as it weighs; given the squares of how long each is.
fn factors(squares: [f32; BLOCKS]) -> [f32; BLOCKS] {
    std::array::from_fn(|block| BLOCK_WEIGHTS[block] / squares[block].sqrt().max(f32::MIN_POSITIVE))
}

/// Two hundred short messages over ten categories, made up for the demo and for trying: nothing of them was said by anybody.
pub fn demo() -> impl Iterator<Item = Sample<'static>> {
    let lines = include_str!("demo.tsv").lines();
    lines.filter_map(|line| line.split_once('\t')).map(|(label, said)| Sample { title: said, detail: "", label })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn demo_model() -> Model {
        train(&demo().collect::<Vec<_>>()).unwrap()
    }

    #[test]
    fn the_demo_knows_its_ten_categories() {
        let (samples, model) = (demo().collect::<Vec<_>>(), demo_model());
        assert_eq!((samples.len(), model.labels().len()), (200, 10));
        let unseen = [
            ("楼下烧烤油烟呛人，噪音到半夜", "环境保护"),
            ("工资被拖欠，老板找不到人", "劳动社保"),
            ("公交车等了半小时", "交通出行"),
            ("物业电梯坏了不修", "住房物业"),
            ("自来水停了没有通知", "水电气暖"),
            ("买到过期食品，超市不赔", "市场监管"),
        ];
        for (said, label) in unseen {
            assert_eq!(model.guess(said, "").label, label, "{said}");
        }
        let all = model.guess("楼下烧烤油烟呛人", "").ranked.iter().map(|(_, likely)| likely).sum::<f32>();
        assert!((all - 1.0).abs() < 1e-4, "likelihoods are shares: {all}");
    }

    #[test]
    fn held_back_messages_of_the_demo_are_mostly_right() {
        let samples: Vec<Sample<'_>> = demo().collect();
        let labels: Vec<&str> = samples.iter().map(|s| s.label).collect();
        let mut tally = Tally::default();
        let parts = folds(&labels, 5, 42);
        for part in 0..5 {
            let seen: Vec<Sample<'_>> =
                samples.iter().zip(&parts).filter(|(_, p)| **p != part).map(|(s, _)| *s).collect();
            let model = train(&seen).unwrap();
            for (sample, _) in samples.iter().zip(&parts).filter(|(_, p)| **p == part) {
                tally.count(sample.label, model.guess(sample.title, sample.detail).label);
            }
        }
        println!("demo, 5 folds: macro-F1 {:.3}, accuracy {:.3}", tally.macro_f1(), tally.accuracy());
        assert!(tally.accuracy() > 0.4, "ten labels, one in ten by chance: {}", tally.accuracy());
    }

    #[test]
    fn what_nobody_could_know_is_not_proposed() {
        let model = demo_model();
        for said in ["", "，。", "abc", "𠀀𠀁"] {
            assert!(!model.guess(said, said).is_sure(), "{said}");
            assert_eq!(model.reasons(said, said, "水电气暖"), Vec::<&str>::new());
        }
        assert_eq!(model.reasons("停水", "", "没有这一类"), Vec::<&str>::new());
    }

    #[test]
    fn a_guess_rests_on_words_of_the_text() {
        let model = demo_model();
        let (title, detail) = ("　工地老板拖欠工资Ａ", "干了三个月，\n工资没有发");
        let words = model.reasons(title, detail, "劳动社保");
        assert!(words.iter().any(|w| w.contains("工资")), "{words:?}");
        assert!(words.iter().all(|w| title.contains(w) || detail.contains(w)), "{words:?}");
    }

    #[test]
    fn a_model_comes_back_as_it_was_and_damage_is_found() {
        let model = demo_model();
        assert_eq!(demo_model(), model, "the same messages give the same model");
        let bytes = model.to_bytes();
        assert_eq!(Model::from_bytes(&bytes).unwrap(), model);
        for at in (0..bytes.len()).step_by(bytes.len() / 97) {
            let mut damaged = bytes.clone();
            damaged[at] ^= 0x10;
            assert!(Model::from_bytes(&damaged).is_err(), "byte {at}");
            assert!(Model::from_bytes(&bytes[..at]).is_err(), "cut at {at}");
        }
        let mut newer = bytes.clone();
        newer[7] = 2;
        assert_eq!(Model::from_bytes(&newer), Err(ModelError::Version(2)));
        assert_eq!(
            Model::from_bytes(b"PK\x03\x04 something else that is long enough to be a file"),
            Err(ModelError::NotAModel)
        );
    }
}
