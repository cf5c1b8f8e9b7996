//! From sorted messages to a model.

use std::collections::BTreeSet;

use super::{
    BLOCKS, Model, Sample, Tally, Weight, folds,
    grams::{Count, counts, known},
    seen,
    solve::{Problem, Rows, solve},
    stack::{RAISED, Stack},
};

/// A run of characters that fewer messages have says nothing.
fn least() -> u32 { std::env::var("CLS_LEAST").ok().and_then(|v| v.parse().ok()).unwrap_or(3) }
/// And in a block of its own, with fewer than these.
const LEAST_IN_BLOCK: u32 = 2;
/// What an error costs.
fn cost() -> f64 { std::env::var("CLS_C").ok().and_then(|v| v.parse().ok()).unwrap_or(1.0) }
/// Of so many messages one is held back to see how sure a guess may be.
const HELD_BACK: usize = 4;

/// Nothing can be learnt from these messages.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum TrainError {
    #[error("至少要有两种类别的已分类留言，这里只有{0}种")]
    TooFewLabels(usize),
    #[error("已分类的留言太少：至少要有{least}件，这里只有{0}件", least = HELD_BACK * 2)]
    TooFewSamples(usize),
}

/// Learns from all of the messages; how sure its guesses may be, from a second model that did not see each fifth of them.
///
/// # Errors
/// Fewer than two labels, or hardly any message.
pub fn train(samples: &[Sample<'_>]) -> Result<Model, TrainError> {
    let labels: BTreeSet<&str> = samples.iter().map(|s| s.label).collect();
    if labels.len() < 2 {
        return Err(TrainError::TooFewLabels(labels.len()));
    }
    if samples.len() < HELD_BACK * 2 {
        return Err(TrainError::TooFewSamples(samples.len()));
    }
    let labels: Vec<String> = labels.into_iter().map(str::to_owned).collect();
    let truth: Vec<usize> = samples.iter().map(|s| labels.partition_point(|l| l.as_str() < s.label)).collect();
    let held = held_back(&labels, samples, &truth);
    let env = |n: &str| std::env::var(n).ok().and_then(|v| v.parse::<f64>().ok());
    let stack = Stack::learn(labels.len(), &held, env("CLS_FULL").unwrap_or(1.0) > 0.5);
    let raised = raised(&stack, &held, labels.len());
    let mut kept = samples.to_vec();
    if let Some(most) = env("CLS_CLEAN") {
        let mut no = 0;
        kept.retain(|_| { let l = stack.likely(&held[no].0); let ok = f64::from(l[held[no].1]) > most; no += 1; ok });
    }
    Ok(Model { stack, raised, ..learn(labels, &kept) })
}

/// How far each message is from every label's line, by a model that did not see it.
fn held_back(labels: &[String], samples: &[Sample<'_>], truth: &[usize]) -> Vec<(Vec<f32>, usize)> {
    let names: Vec<&str> = samples.iter().map(|s| s.label).collect();
    let parts = folds(&names, HELD_BACK, 1);
    let mut seen = vec![(Vec::new(), 0); samples.len()];
    for part in 0..HELD_BACK {
        let kept: Vec<Sample<'_>> = samples.iter().zip(&parts).filter(|(_, p)| **p != part).map(|(s, _)| *s).collect();
        let model = learn(labels.to_vec(), &kept);
        for (no, sample) in samples.iter().enumerate().filter(|(no, _)| parts[*no] == part) {
            seen[no] = (model.margins(&model.seen(&counts(&model.grams, sample.title, sample.detail))), truth[no]);
        }
    }
    seen
}

/// What each label's likelihood is multiplied with before one is chosen.
fn raised(stack: &Stack, held: &[(Vec<f32>, usize)], labels: usize) -> Vec<f32> {
    let mut share = vec![0.0_f32; labels];
    held.iter().for_each(|(_, is)| share[*is] += 1.0 / held.len() as f32);
    let by = |power: f32| share.iter().map(|s| s.powf(-power)).collect::<Vec<f32>>();
    let good = |by: &[f32]| {
        let mut tally = Tally::default();
        for (margins, is) in held {
            let chosen = best(stack.likely(margins).iter().zip(by).map(|(a, b)| a * b));
            tally.count(&is.to_string(), &chosen.to_string());
        }
        tally.macro_f1()
    };
    let mut bestp = (0.0, by(0.0));
    for power in RAISED { let g = good(&by(power)); eprint!("{power}:{g:.4} "); if g > bestp.0 { bestp = (g, by(power)); } }
    eprintln!();
    bestp.1
}

fn best(of: impl Iterator<Item = f32>) -> usize {
    of.enumerate().fold((0, f32::MIN), |a, b| if b.1 > a.1 { b } else { a }).0
}

fn learn(labels: Vec<String>, samples: &[Sample<'_>]) -> Model {
    let grams = known(samples.iter().map(|s| (s.title, s.detail)), least());
    let all: Vec<Vec<Count>> = samples.iter().map(|s| counts(&grams, s.title, s.detail)).collect();
    let features = grams.len() * BLOCKS;
    let rarity = rarity(&all, features);
    let mut rows = Rows::default();
    all.iter().for_each(|counts| rows.push(seen(counts, &rarity).values.into_iter()));
    drop(all);
    let mut weights = vec![Weight::default(); features * labels.len()];
    let mut biases = Vec::new();
    for (no, label) in labels.iter().enumerate() {
        let is: Vec<bool> = samples.iter().map(|s| s.label == label).collect();
        let ratios = ratios(&rows, &is, features);
        let factors = factors(&rows, &ratios);
        let problem = Problem { rows: &rows, is: &is, scale: &ratios, factors: &factors, cost: cost() };
        let (solved, bias) = solve(&problem);
        biases.push(bias);
        let of_label = weights[no..].iter_mut().step_by(labels.len());
        for ((to, weight), ratio) in of_label.zip(solved).zip(ratios) {
            *to = Weight { weight, ratio };
        }
    }
    Model { labels, grams, rarity, weights, biases, stack: Stack::learn(0, &[], true), raised: Vec::new() }
}

/// The fewer messages have a run in a block, the more it says (inverse document frequency, smoothed).
fn rarity(all: &[Vec<Count>], features: usize) -> Vec<f32> {
    let mut messages = vec![0_u32; features];
    for count in all.iter().flatten() {
        let feature = count.gram as usize * BLOCKS;
        messages[feature] += u32::from(count.title > 0);
        messages[feature + 1] += u32::from(count.detail > 0);
        messages[feature + 2] += 1;
    }
    let of = |messages: u32| ((1 + all.len()) as f32 / (1 + messages) as f32).ln() + 1.0;
    messages.into_iter().map(|m| if m < LEAST_IN_BLOCK { 0.0 } else { of(m) }).collect()
}

/// How unevenly a label has each feature: the logarithm of the ratio of its shares inside and outside. It is the square of what values are
/// multiplied with.
fn ratios(rows: &Rows, is: &[bool], features: usize) -> Vec<f32> {
    let (mut inside, mut outside) = (vec![1.0_f32; features], vec![1.0_f32; features]);
    for (no, is) in is.iter().enumerate() {
        let counted = if *is { &mut inside } else { &mut outside };
        rows.row(no).for_each(|(feature, _)| counted[feature] += 1.0);
    }
    let of_label = is.iter().filter(|is| **is).count() as f32;
    let of_others = is.len() as f32 - of_label;
    inside.into_iter().zip(outside).map(|(a, b)| ((a / of_label) / (b / of_others)).ln().abs()).collect()
}

/// What makes each message, as a label weighs it, as long as any other.
fn factors(rows: &Rows, ratios: &[f32]) -> Vec<f32> {
    let length = |no| rows.row(no).map(|(feature, value)| ratios[feature] * value * value).sum::<f32>().sqrt();
    (0..rows.len()).map(|no| length(no)).map(|length| if length > 0.0 { 1.0 / length } else { 0.0 }).collect()
}
