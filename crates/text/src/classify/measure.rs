//! How good guesses are: counted against what people said.

use std::collections::BTreeMap;

use super::solve::Random;

/// Guesses beside the truth.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    /// (truth, guess) → messages.
    pairs: BTreeMap<(String, String), u64>,
}

/// One label's figures. Shares are 0 to 1; 0 where there is nothing to divide by, as scikit-learn has it.
#[derive(Debug, Clone, PartialEq)]
pub struct Score {
    pub label: String,
    /// Messages that are of this label.
    pub messages: u64,
    /// Of those guessed so, the share that are.
    pub precision: f64,
    /// Of those that are, the share guessed so.
    pub recall: f64,
    /// The harmonic mean of both.
    pub f1: f64,
}

impl Tally {
    pub fn count(&mut self, truth: &str, guess: &str) {
        *self.pairs.entry((truth.to_owned(), guess.to_owned())).or_default() += 1;
    }

    pub fn add(&mut self, other: &Tally) {
        other.pairs.iter().for_each(|(pair, n)| *self.pairs.entry(pair.clone()).or_default() += n);
    }

    /// Messages of a label that were guessed to be of another, or of itself.
    pub fn pair(&self, truth: &str, guess: &str) -> u64 {
        self.sum(|t, g| t == truth && g == guess)
    }

    fn sum(&self, of: impl Fn(&str, &str) -> bool) -> u64 {
        self.pairs.iter().filter(|((truth, guess), _)| of(truth, guess)).map(|(_, n)| n).sum()
    }

    /// All messages.
    pub fn messages(&self) -> u64 {
        self.sum(|_, _| true)
    }

    /// The share that was right.
    pub fn accuracy(&self) -> f64 {
        share(self.sum(|truth, guess| truth == guess), self.messages())
    }

    /// Every label that is or was guessed, by code point.
    pub fn scores(&self) -> Vec<Score> {
        let mut labels: Vec<&str> = self.pairs.keys().flat_map(|(a, b)| [a.as_str(), b.as_str()]).collect();
        labels.sort_unstable();
        labels.dedup();
        let score = |label: &str| {
            let right = self.sum(|truth, guess| truth == label && guess == label);
            let messages = self.sum(|truth, _| truth == label);
            let guessed = self.sum(|_, guess| guess == label);
            let f1 = share(2 * right, messages + guessed);
            let (precision, recall) = (share(right, guessed), share(right, messages));
            Score { label: label.to_owned(), messages, precision, recall, f1 }
        };
        labels.into_iter().map(score).collect()
    }

    /// The mean of the labels' F1: each label counts the same, however few messages it has.
    pub fn macro_f1(&self) -> f64 {
        let scores = self.scores();
        if scores.is_empty() { 0.0 } else { scores.iter().map(|s| s.f1).sum::<f64>() / scores.len() as f64 }
    }
}

fn share(of: u64, all: u64) -> f64 {
    if all == 0 { 0.0 } else { of as f64 / all as f64 }
}

/// For each message the part it falls into, 0 to `parts`: shuffled by the seed, each label spread evenly over the parts.
///
/// # Panics
/// `parts` is 0.
pub fn folds(labels: &[&str], parts: usize, seed: u64) -> Vec<usize> {
    let mut order: Vec<usize> = (0..labels.len()).collect();
    Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1).shuffle(&mut order);
    let mut next: BTreeMap<&str, usize> = BTreeMap::new();
    let mut part = vec![0; labels.len()];
    for (i, no) in order.into_iter().enumerate() {
        // Labels begin with different parts, so that small ones do not all end in the first.
        let next = next.entry(labels[no]).or_insert(i);
        part[no] = *next % parts;
        *next += 1;
    }
    part
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_those_of_the_book() {
        let mut tally = Tally::default();
        for (truth, guess, n) in [("a", "a", 8), ("a", "b", 2), ("b", "b", 3), ("b", "a", 1)] {
            (0..n).for_each(|_| tally.count(truth, guess));
        }
        let scores = tally.scores();
        let close = |a: f64, b: f64| assert!((a - b).abs() < 1e-12, "{a} {b}");
        close(scores[0].precision, 8.0 / 9.0);
        close(scores[0].recall, 0.8);
        close(scores[1].f1, 2.0 * 3.0 / 9.0);
        close(tally.accuracy(), 11.0 / 14.0);
        close(tally.macro_f1(), (16.0 / 19.0 + 6.0 / 9.0) / 2.0);
    }

    #[test]
    fn a_label_never_guessed_and_a_guess_never_true_count_as_nothing() {
        let mut tally = Tally::default();
        tally.count("a", "b");
        assert_eq!(tally.macro_f1(), 0.0);
        assert_eq!(Tally::default().macro_f1(), 0.0);
    }

    #[test]
    fn folds_hold_each_label_evenly() {
        let labels: Vec<&str> = (0..103).map(|i| if i % 10 == 0 { "few" } else { "many" }).collect();
        let parts = folds(&labels, 5, 42);
        for part in 0..5 {
            let of = |label: &str| labels.iter().zip(&parts).filter(|(l, p)| **l == label && **p == part).count();
            assert!((2..=3).contains(&of("few")) && (18..=19).contains(&of("many")), "{part}");
        }
        assert_eq!(parts, folds(&labels, 5, 42));
        assert_ne!(parts, folds(&labels, 5, 43));
    }
}
