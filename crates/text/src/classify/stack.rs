//! From how far a message is from each label's line to how likely each label is: a second, small model, learnt from messages that the
//! first one did not see. It knows which labels are taken for which, and how often a guess so sure was right.

/// How much the likelihood of labels with few messages is raised before one is chosen: the power of their share that is divided by. Which
/// one is best is tried out on the messages that were held back.
pub(super) const RAISED: [f32; 7] = [0.0, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4];
/// Steps down the slope, and how long each is.
const STEPS: usize = 400;
const PACE: f64 = 0.5;
/// What holds the weights to where they began, as messages.
const HELD: f64 = 20.0;

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Stack {
    /// `labels × (labels + 1)`: for each label its weight of each margin, and what is added.
    weights: Vec<f32>,
    labels: usize,
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
    pub fn learn(labels: usize, seen: &[(Vec<f32>, usize)], full: bool) -> Stack {
        let width = labels + 1;
        let own = |i: usize| if i / width == i % width { 3.0 } else { 0.0 };
        let first: Vec<f64> = (0..labels * width).map(own).collect();
        let mut weights = first.clone();
        let mut stack = Stack { weights: weights.iter().map(|w| *w as f32).collect(), labels };
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
            for (i, weight) in weights.iter_mut().enumerate() {
                let is_free = full || i / width == i % width || i % width == labels;
                if is_free {
                    let held = HELD * (*weight - first[i]) / 100.0;
                    *weight -= PACE * (slope[i] + held) / seen.len() as f64 * labels as f64;
                }
            }
            stack.weights = weights.iter().map(|w| *w as f32).collect();
        }
        stack
    }
}

fn sum(row: &[f32], margins: &[f32]) -> f32 {
    row.iter().zip(margins).map(|(w, m)| w * m).sum::<f32>() + row[margins.len()]
}
