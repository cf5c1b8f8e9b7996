//! From sorted messages to a model.

use std::collections::BTreeSet;

use super::{
    BLOCKS, LANES, Model, Sample, Steps, Weights, folds,
    grams::{Count, counts, known, numbered},
    said::Said,
    solve::{GRAM_BITS, Problem, Rows, solve},
    stack::Stack,
};

/// A run of characters that fewer messages have says nothing; of few messages each counts.
const LEAST: usize = 3;
/// For so many messages, one more.
const FEW: usize = 1000;
/// And in a block of its own, with fewer than these.
const LEAST_IN_BLOCK: u32 = 2;
/// Runs that are kept: those that labels have most unevenly. Twice or five times as many are no better and take twice as long.
const MOST: usize = 1 << GRAM_BITS;
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
    let names: Vec<&str> = samples.iter().map(|s| s.label).collect();
    let parts = folds(&names, HELD_BACK, 1);
    let fewest = samples.len() - (0..HELD_BACK).map(|part| held(&parts, part).count()).max().unwrap_or_default();
    let mut lessons = Lessons::of(&labels, samples, least(fewest));
    let held_back = held_back(&labels, &lessons, &parts);
    let stack = Stack::learn(labels.len(), &held_back);
    let is_plausible = |(margins, is): &(Vec<f32>, usize)| stack.likely(margins)[*is] > WRONG;
    let kept: Vec<usize> = (0..samples.len()).filter(|no| is_plausible(&held_back[*no])).collect();
    drop(held_back);
    if least(kept.len()) < lessons.least {
        lessons = Lessons::of(&labels, samples, least(kept.len()));
    }
    Ok(Model { stack, ..learn(labels, &lessons, &kept).0 })
}

/// What a label's messages say: every run that enough of them have.
struct Lessons {
    /// The runs, in order: each is known by its place.
    keys: Vec<u64>,
    said: Said,
    /// The number of each message's label.
    is_of: Vec<usize>,
    /// So many messages have each run at least.
    least: u32,
}

impl Lessons {
    fn of(labels: &[String], samples: &[Sample<'_>], least: u32) -> Lessons {
        let texts = samples.iter().map(|s| (s.title, s.detail));
        let grams = known(texts.clone(), least);
        let mut said = Said::default();
        texts.for_each(|(title, detail)| said.push(counts(&grams, title, detail).into_iter()));
        let mut keys: Vec<u64> = grams.into_keys().collect();
        keys.sort_unstable();
        let is_of = samples.iter().map(|s| labels.partition_point(|l| l.as_str() < s.label)).collect();
        Lessons { keys, said, is_of, least }
    }

    /// What a message says, of the runs that have a new number.
    fn renumbered(&self, message: usize, numbers: &[Option<u32>]) -> impl Iterator<Item = Count> {
        // Both are numbered in the same order, so the counts stay sorted.
        self.said.message(message).filter_map(|c| Some(Count { gram: numbers[c.gram as usize]?, ..c }))
    }
}

/// The messages that are held back with a part.
fn held(parts: &[usize], part: usize) -> impl Iterator<Item = usize> {
    (0..parts.len()).filter(move |no| parts[*no] == part)
}

/// How far each message is from every label's line, by a model that did not see it, and the number of its own label.
fn held_back(labels: &[String], lessons: &Lessons, parts: &[usize]) -> Vec<(Vec<f32>, usize)> {
    let mut seen = vec![(Vec::new(), 0); parts.len()];
    for part in 0..HELD_BACK {
        let kept: Vec<usize> = (0..parts.len()).filter(|no| parts[*no] != part).collect();
        let (model, numbers) = learn(labels.to_vec(), lessons, &kept);
        for no in held(parts, part) {
            let counts: Vec<Count> = lessons.renumbered(no, &numbers).collect();
            seen[no] = (model.margins(&counts), lessons.is_of[no]);
        }
    }
    seen
}

/// A model that does not know yet how sure it may be, from some of the messages, and the number that each run has in it.
fn learn(labels: Vec<String>, lessons: &Lessons, messages: &[usize]) -> (Model, Vec<Option<u32>>) {
    let mut of_label = vec![Vec::new(); labels.len()];
    for (row, no) in messages.iter().enumerate() {
        of_label[lessons.is_of[*no]].push(row);
    }
    let numbers = telling(lessons, messages, &of_label);
    let known = lessons.keys.iter().zip(&numbers).filter(|(_, number)| number.is_some());
    let grams = numbered(known.map(|(key, _)| *key).collect());
    let mut rows = Rows::new(messages.iter().map(|no| lessons.renumbered(*no, &numbers)));
    let (rarity, having) = rarity(&rows, grams.len() * BLOCKS, least(messages.len()).min(LEAST_IN_BLOCK));
    rows.weigh(&rarity);
    let mut biases = Vec::new();
    let mut solved = Vec::new();
    let mut most_uneven = f32::MIN_POSITIVE;
    for own in &of_label {
        let mut is = vec![false; messages.len()];
        own.iter().for_each(|row| is[*row] = true);
        let ratios = ratios(&rows, own, &having);
        most_uneven = ratios.as_flattened().iter().fold(most_uneven, |most, ratio| most.max(*ratio));
        let factors = rows.factors(&ratios);
        let problem = Problem { rows: &rows, is: &is, scale: &ratios, factors: &factors, cost: COST };
        let (weights, bias) = solve(&problem);
        biases.push(bias);
        solved.push(weights);
    }
    // The ratios are computed once more, as all of them together take as much as the weights.
    let ratios = of_label.iter().map(|own| ratios(&rows, own, &having));
    let (weights, steps) = in_steps(&solved, ratios, most_uneven);
    (Model { labels, grams, rarity, weights, steps, biases, stack: Stack::default() }, numbers)
}

fn least(samples: usize) -> u32 {
    (samples / FEW + 1).min(LEAST) as u32
}

/// Which runs tell labels apart, each with its number among these; given which of the messages each label has. A run tells the more, the
/// further the messages that have it are from the shares that labels have of all (Pearson's chi-squared).
fn telling(lessons: &Lessons, messages: &[usize], of_label: &[Vec<usize>]) -> Vec<Option<u32>> {
    let having = |rows: &mut dyn Iterator<Item = usize>| {
        let mut having = vec![0_u32; lessons.keys.len()];
        rows.for_each(|no| lessons.said.message(no).for_each(|c| having[c.gram as usize] += 1));
        having
    };
    let all = having(&mut messages.iter().copied());
    let mut tells = vec![0.0_f32; all.len()];
    for own in of_label {
        let having = having(&mut own.iter().map(|row| messages[*row]));
        for ((tells, have), all) in tells.iter_mut().zip(having).zip(&all) {
            let expected = *all as f32 * own.len() as f32 / messages.len() as f32;
            if expected > 0.0 {
                *tells += (have as f32 - expected).powi(2) / expected;
            }
        }
    }
    let least = least(messages.len());
    let mut kept: Vec<u32> = (0..all.len() as u32).filter(|gram| all[*gram as usize] >= least).collect();
    kept.sort_unstable_by(|a, b| tells[*b as usize].total_cmp(&tells[*a as usize]).then(a.cmp(b)));
    kept.truncate(MOST);
    kept.sort_unstable();
    let mut numbers = vec![None; all.len()];
    kept.into_iter().zip(0..).for_each(|(gram, number)| numbers[gram as usize] = Some(number));
    numbers
}

/// The fewer messages have a run in a block, the more it says (inverse document frequency, smoothed); and how many have it, of those runs
/// that say anything.
fn rarity(rows: &Rows, features: usize, least: u32) -> (Vec<f32>, Vec<u32>) {
    let mut messages = vec![0_u32; features];
    (0..rows.len()).for_each(|row| count(&mut messages, rows, row));
    messages.iter_mut().filter(|m| **m < least).for_each(|m| *m = 0);
    let of = |messages: u32| ((1 + rows.len()) as f32 / (1 + messages) as f32).ln() + 1.0;
    (messages.iter().map(|m| if *m == 0 { 0.0 } else { of(*m) }).collect(), messages)
}

/// Counts the features that a row has.
fn count(messages: &mut [u32], rows: &Rows, row: usize) {
    for run in rows.row(row) {
        let feature = run.gram as usize * BLOCKS;
        messages[feature] += u32::from(run.title > 0);
        messages[feature + 1] += u32::from(run.detail > 0);
        messages[feature + 2] += 1;
    }
}

/// How unevenly a label, which has these rows, has each feature, given how many rows have it, of those that say anything: the logarithm of
/// the ratio of its shares inside and outside. It is the square of what values are multiplied with.
fn ratios(rows: &Rows, own: &[usize], having: &[u32]) -> Vec<[f32; BLOCKS]> {
    let mut inside = vec![0_u32; having.len()];
    own.iter().for_each(|row| count(&mut inside, rows, *row));
    let of_label = own.len().max(1) as f32;
    let of_others = (rows.len() as f32 - of_label).max(1.0);
    let of = |inside: u32, all: u32| {
        let inside = inside.min(all);
        let (a, b) = ((1 + inside) as f32, (1 + all - inside) as f32);
        ((a / of_label) / (b / of_others)).ln().abs()
    };
    let (inside, all) = (inside.as_chunks::<BLOCKS>().0, having.as_chunks::<BLOCKS>().0);
    inside.iter().zip(all).map(|(inside, all)| std::array::from_fn(|b| of(inside[b], all[b]))).collect()
}

/// Weights and ratios, of which this is the largest, rounded to bytes, all in the same steps.
fn in_steps(
    solved: &[Vec<[f32; BLOCKS]>],
    ratios: impl Iterator<Item = Vec<[f32; BLOCKS]>>,
    most_uneven: f32,
) -> (Vec<Weights>, Steps) {
    let all = solved.iter().flat_map(|weights| weights.as_flattened());
    let heaviest = all.fold(f32::MIN_POSITIVE, |most, w| most.max(w.abs()));
    let steps = Steps { weight: heaviest / f32::from(i8::MAX), ratio: most_uneven / f32::from(u8::MAX) };
    let groups = solved.len().div_ceil(LANES);
    let mut weights = vec![Weights::default(); solved.first().map_or(0, Vec::len) * BLOCKS * groups];
    for (label, (solved, ratios)) in solved.iter().zip(ratios).enumerate() {
        let places = weights[label / LANES..].iter_mut().step_by(groups);
        for ((to, weight), ratio) in places.zip(solved.as_flattened()).zip(ratios.as_flattened()) {
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

    #[test]
    fn what_else_is_said_does_not_change_a_model() {
        let said: Vec<(String, &str)> = (0..7)
            .flat_map(|n| super::super::demo().map(move |s| (format!("{}，第{n}次", s.title), s.label)))
            .collect();
        let samples: Vec<Sample<'_>> = said.iter().map(|(title, label)| Sample { title, detail: "", label }).collect();
        let labels: BTreeSet<&str> = samples.iter().map(|s| s.label).collect();
        let labels: Vec<String> = labels.into_iter().map(str::to_owned).collect();
        let some: Vec<usize> = (0..samples.len()).filter(|no| no % 7 != 3).collect();
        assert_eq!(least(some.len()), 2);
        let model = |least| learn(labels.clone(), &Lessons::of(&labels, &samples, least), &some).0;
        let own: Vec<Sample<'_>> = some.iter().map(|no| samples[*no]).collect();
        let alone = learn(labels.clone(), &Lessons::of(&labels, &own, 2), &(0..own.len()).collect::<Vec<_>>()).0;
        assert_eq!((model(1) == alone, model(2) == alone), (true, true));
    }
}
