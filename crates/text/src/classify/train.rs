//! From sorted messages to a model.

use std::collections::BTreeSet;

use super::{
    BLOCKS, LANES, Model, Sample, Steps, Weights, folds,
    grams::{Count, Grams, counts, known, numbered},
    seen,
    solve::{Problem, Rows, solve},
    stack::Stack,
};

/// A run of characters that fewer messages have says nothing; of few messages each counts.
const LEAST: usize = 3;
/// For so many messages, one more.
const FEW: usize = 1000;
/// And in a block of its own, with fewer than these.
const LEAST_IN_BLOCK: u32 = 2;
/// Runs that are kept: those that labels have most unevenly. Twice or five times as many are no better and take twice as long.
const MOST: usize = 1 << 15;
/// What an error costs.
const COST: f64 = 1.0;
/// Of so many messages one is held back to see how sure a guess may be.
const HELD_BACK: usize = 4;
/// A message that so surely is of another label, by a model that did not see it, was sorted wrongly: it is not learnt from.
const WRONG: f32 = 0.02;
/// More labels than this are a tree: they are to be learnt level by level.
pub const MOST_LABELS: usize = 64;

/// Nothing can be learnt from these messages.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum TrainError {
    #[error("至少要有两种类别的已分类留言，这里只有{0}种")]
    TooFewLabels(usize),
    #[error("类别太多：一次最多学习{MOST_LABELS}种，这里有{0}种；请先按一级类别学习，再在每个一级类别内学习下一级")]
    TooManyLabels(usize),
    #[error("已分类的留言太少：至少要有{least}件，这里只有{0}件", least = HELD_BACK * 2)]
    TooFewSamples(usize),
}

/// Learns from the messages, and how sure its guesses may be from models that each did not see a fourth of them.
///
/// # Errors
/// Fewer than two labels, more than can be learnt at once, or hardly any message.
pub fn train(samples: &[Sample<'_>]) -> Result<Model, TrainError> {
    let labels: BTreeSet<&str> = samples.iter().map(|s| s.label).collect();
    if labels.len() < 2 {
        return Err(TrainError::TooFewLabels(labels.len()));
    }
    if labels.len() > MOST_LABELS {
        return Err(TrainError::TooManyLabels(labels.len()));
    }
    if samples.len() < HELD_BACK * 2 {
        return Err(TrainError::TooFewSamples(samples.len()));
    }
    let labels: Vec<String> = labels.into_iter().map(str::to_owned).collect();
    let held = held_back(&labels, samples);
    let stack = Stack::learn(labels.len(), &held);
    let is_plausible = |(margins, is): &(Vec<f32>, usize)| stack.likely(margins)[*is] > WRONG;
    let kept = samples.iter().zip(&held).filter(|(_, held)| is_plausible(held)).map(|(sample, _)| *sample);
    let kept: Vec<Sample<'_>> = kept.collect();
    Ok(Model { stack, ..learn(labels, &kept) })
}

/// How far each message is from every label's line, by a model that did not see it, and the number of its own label.
fn held_back(labels: &[String], samples: &[Sample<'_>]) -> Vec<(Vec<f32>, usize)> {
    let names: Vec<&str> = samples.iter().map(|s| s.label).collect();
    let parts = folds(&names, HELD_BACK, 1);
    let mut seen = vec![(Vec::new(), 0); samples.len()];
    for part in 0..HELD_BACK {
        let kept: Vec<Sample<'_>> = samples.iter().zip(&parts).filter(|(_, p)| **p != part).map(|(s, _)| *s).collect();
        let model = learn(labels.to_vec(), &kept);
        for (no, sample) in samples.iter().enumerate().filter(|(no, _)| parts[*no] == part) {
            let label = labels.partition_point(|l| l.as_str() < sample.label);
            seen[no] = (model.margins(&counts(&model.grams, sample.title, sample.detail)), label);
        }
    }
    seen
}

/// A model that does not know yet how sure it may be.
fn learn(labels: Vec<String>, samples: &[Sample<'_>]) -> Model {
    let is_of: Vec<usize> = samples.iter().map(|s| labels.partition_point(|l| l.as_str() < s.label)).collect();
    let (grams, all) = telling(samples, &is_of, labels.len());
    let features = grams.len() * BLOCKS;
    let rarity = rarity(&all, features, least(samples.len()).min(LEAST_IN_BLOCK));
    let mut rows = Rows::default();
    all.iter().for_each(|counts| rows.push(seen(counts, &rarity).into_iter()));
    drop(all);
    let mut biases = Vec::new();
    let mut solved = Vec::new();
    for label in 0..labels.len() {
        let is: Vec<bool> = is_of.iter().map(|of| *of == label).collect();
        let ratios = ratios(&rows, &is, features);
        let factors = factors(&rows, &ratios);
        let problem = Problem { rows: &rows, is: &is, scale: &ratios, factors: &factors, cost: COST };
        let (weights, bias) = solve(&problem);
        biases.push(bias);
        solved.push((weights, ratios));
    }
    let (weights, steps) = in_steps(&solved, features);
    Model { labels, grams, rarity, weights, steps, biases, stack: Stack::default() }
}

fn least(samples: usize) -> u32 {
    (samples / FEW + 1).min(LEAST) as u32
}

/// The runs that tell labels apart, and how often each message has them. A run tells the more, the further the messages that have it are
/// from the shares that labels have of all (Pearson's chi-squared).
fn telling(samples: &[Sample<'_>], is_of: &[usize], labels: usize) -> (Grams, Vec<Vec<Count>>) {
    let texts = || samples.iter().map(|s| (s.title, s.detail));
    let grams = known(texts(), least(samples.len()));
    let mut of_label = vec![0.0_f32; labels];
    let mut have = vec![0.0_f32; grams.len() * labels];
    let mut all: Vec<Vec<Count>> = texts().map(|(title, detail)| counts(&grams, title, detail)).collect();
    for (counts, label) in all.iter().zip(is_of) {
        of_label[*label] += 1.0;
        counts.iter().for_each(|c| have[c.gram as usize * labels + label] += 1.0);
    }
    let tells = |gram: u32| {
        let have = &have[gram as usize * labels..][..labels];
        let messages: f32 = have.iter().sum();
        let far = |(have, of_label): (&f32, &f32)| {
            let expected = messages * of_label / samples.len() as f32;
            if expected > 0.0 { (have - expected).powi(2) / expected } else { 0.0 }
        };
        have.iter().zip(&of_label).map(far).sum::<f32>()
    };
    let mut keys: Vec<(u64, f32)> = grams.iter().map(|(key, gram)| (*key, tells(*gram))).collect();
    keys.sort_unstable_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    keys.truncate(MOST);
    let kept = numbered(keys.into_iter().map(|(key, _)| key).collect());
    let mut renumbered = vec![None; grams.len()];
    kept.iter().for_each(|(key, new)| renumbered[grams[key] as usize] = Some(*new));
    for counts in &mut all {
        // Both dictionaries are numbered in the same order, so the counts stay sorted.
        counts.retain_mut(|c| renumbered[c.gram as usize].inspect(|new| c.gram = *new).is_some());
    }
    (kept, all)
}

/// The fewer messages have a run in a block, the more it says (inverse document frequency, smoothed).
fn rarity(all: &[Vec<Count>], features: usize, least: u32) -> Vec<f32> {
    let mut messages = vec![0_u32; features];
    for count in all.iter().flatten() {
        let feature = count.gram as usize * BLOCKS;
        messages[feature] += u32::from(count.title > 0);
        messages[feature + 1] += u32::from(count.detail > 0);
        messages[feature + 2] += 1;
    }
    let of = |messages: u32| ((1 + all.len()) as f32 / (1 + messages) as f32).ln() + 1.0;
    messages.into_iter().map(|m| if m < least { 0.0 } else { of(m) }).collect()
}

/// How unevenly a label has each feature: the logarithm of the ratio of its shares inside and outside. It is the square of what values are
/// multiplied with.
fn ratios(rows: &Rows, is: &[bool], features: usize) -> Vec<f32> {
    let (mut inside, mut outside) = (vec![1.0_f32; features], vec![1.0_f32; features]);
    for (no, is) in is.iter().enumerate() {
        let counted = if *is { &mut inside } else { &mut outside };
        rows.row(no).for_each(|(feature, _)| counted[feature] += 1.0);
    }
    let of_label = is.iter().filter(|is| **is).count().max(1) as f32;
    let of_others = (is.len() as f32 - of_label).max(1.0);
    inside.into_iter().zip(outside).map(|(a, b)| ((a / of_label) / (b / of_others)).ln().abs()).collect()
}

/// What makes each message, as a label weighs it, as long as any other.
fn factors(rows: &Rows, ratios: &[f32]) -> Vec<f32> {
    let length = |no| rows.row(no).map(|(feature, value)| ratios[feature] * value * value).sum::<f32>().sqrt();
    (0..rows.len()).map(length).map(|length| if length > 0.0 { 1.0 / length } else { 0.0 }).collect()
}

/// Weights and ratios rounded to bytes, all in the same steps.
fn in_steps(solved: &[(Vec<f32>, Vec<f32>)], features: usize) -> (Vec<Weights>, Steps) {
    let largest = |of: &mut dyn Iterator<Item = f32>| of.fold(f32::MIN_POSITIVE, |most, w| most.max(w.abs()));
    let weight = largest(&mut solved.iter().flat_map(|(weights, _)| weights.iter().copied()));
    let ratio = largest(&mut solved.iter().flat_map(|(_, ratios)| ratios.iter().copied()));
    let steps = Steps { weight: weight / f32::from(i8::MAX), ratio: ratio / f32::from(u8::MAX) };
    let groups = solved.len().div_ceil(LANES);
    let mut weights = vec![Weights::default(); features * groups];
    for (label, (solved, ratios)) in solved.iter().enumerate() {
        let places = weights[label / LANES..].iter_mut().step_by(groups);
        for ((to, weight), ratio) in places.zip(solved).zip(ratios) {
            to.weight[label % LANES] = (weight / steps.weight).round() as i8;
            to.ratio[label % LANES] = (ratio / steps.ratio).round() as u8;
        }
    }
    (weights, steps)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_learnt_is_said() {
        let of = |label: &'static str| Sample { title: "停水", detail: "家里停水", label };
        assert_eq!(train(&[of("水"), of("水")]), Err(TrainError::TooFewLabels(1)));
        assert_eq!(train(&[of("水"), of("电")]), Err(TrainError::TooFewSamples(2)));
        let labels: Vec<String> = (0..=MOST_LABELS).map(|n| n.to_string()).collect();
        let many: Vec<Sample<'_>> = labels.iter().map(|label| Sample { label, ..of("水") }).collect();
        assert_eq!(train(&many), Err(TrainError::TooManyLabels(MOST_LABELS + 1)));
    }
}
