//! From how far a message is from each label's line to how likely each label is: a second, small model, learnt from messages that the
//! first one did not see. It knows which labels are taken for which, and how often a guess so sure was right.

/// Steps down the slope, and how long each is for each label: the more labels, the flatter it is, up to so many.
const STEPS: usize = 400;
const PACE: f64 = 0.5;
const STEEP: usize = 7;
/// What holds the weights to where they began: so much of a message's slope for each whole one that they are off.
const HELD: f64 = 0.2;
/// A label's weight of its own margin to begin with.
const FIRST: f64 = 3.0;

#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Stack {
    /// `labels × (labels + 1)`: for each label its weight of each margin, and what is added.
    pub weights: Vec<f32>,
    pub labels: usize,
}

impl Stack {
    /// How likely each label is; together 1.
    pub fn likely(&self, margins: &[f32]) -> Vec<f32> {
        let mut likely: Vec<f32> = self.weights.chunks(self.labels + 1).map(|row| sum(row, margins)).collect();
        let most = likely.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        likely.iter_mut().for_each(|l| *l = (*l - most).exp());
        let all: f32 = likely.iter().sum();
        likely.iter_mut().for_each(|l| *l /= all);
        likely
    }

    /// Learns from margins of messages and the numbers of their labels. It begins with each label's own margin alone, and is held to that
    /// the more, the fewer messages there are.
    pub fn learn(labels: usize, seen: &[(Vec<f32>, usize)]) -> Stack {
        let width = labels + 1;
        let first: Vec<f64> = (0..labels * width).map(|i| if i / width == i % width { FIRST } else { 0.0 }).collect();
        let mut weights = first.clone();
        let mut stack = Stack { weights: weights.iter().map(|w| *w as f32).collect(), labels };
        let pace = PACE * labels.min(STEEP) as f64 / seen.len() as f64;
        for _ in 0..STEPS {
            let mut slope = vec![0.0_f64; weights.len()];
            for (margins, is) in seen {
                for (label, likely) in stack.likely(margins).into_iter().enumerate() {
                    let error = f64::from(likely) - f64::from(u8::from(label == *is));
                    let row = &mut slope[label * width..][..width];
                    row.iter_mut().zip(margins).for_each(|(s, m)| *s += error * f64::from(*m));
                    row[labels] += error;
                }
            }
            for ((weight, first), slope) in weights.iter_mut().zip(&first).zip(slope) {
                *weight -= pace * (slope + HELD * (*weight - first));
            }
            stack.weights = weights.iter().map(|w| *w as f32).collect();
        }
        stack
    }
}

fn sum(row: &[f32], margins: &[f32]) -> f32 {
    row.iter().zip(margins).map(|(w, m)| w * m).sum::<f32>() + row[margins.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_margin_that_is_right_two_times_in_three_is_as_sure() {
        let seen: Vec<(Vec<f32>, usize)> = (0..600).map(|i| (vec![0.2, -0.2], usize::from(i % 3 == 0))).collect();
        let likely = Stack::learn(2, &seen).likely(&[0.2, -0.2]);
        assert!((likely[0] - 2.0 / 3.0).abs() < 0.02, "{likely:?}");
        assert!((likely.iter().sum::<f32>() - 1.0).abs() < 1e-5);
    }

    #[test]
    fn what_is_taken_for_another_is_learnt() {
        // A message that is a little of the first and far from the third is of the second.
        let seen: Vec<(Vec<f32>, usize)> = (0..300)
            .map(|i| match i % 3 {
                0 => (vec![0.1, 0.0, -2.0], 1),
                1 => (vec![1.0, -1.0, -1.0], 0),
                _ => (vec![-1.0, -1.0, 1.0], 2),
            })
            .collect();
        let likely = Stack::learn(3, &seen).likely(&[0.1, 0.0, -2.0]);
        assert!(likely[1] > 0.8, "{likely:?}");
    }
}
