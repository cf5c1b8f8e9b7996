//! A linear support vector machine, trained by dual coordinate descent (Hsieh and others, "A Dual Coordinate Descent Method for Large-scale
//! Linear SVM", ICML 2008, algorithm 3: squared hinge loss, shrinking).

use super::{BLOCKS, factors, grams::Count, often};

/// Bits of a run's number, of how often the title has it and of how often the detail has it: what is said more often than fits is taken to
/// be said as often as fits.
pub(super) const GRAM_BITS: u32 = 15;
const TITLE_BITS: u32 = 6;
const DETAIL_BITS: u32 = 11;

/// Messages as rows of features and values. Only the runs are kept, four bytes each: the values, which would take five times as much, are
/// computed anew each time, as quickly as they would be fetched.
pub(super) struct Rows {
    /// Apart, as one long list would be copied whenever it grows.
    messages: Vec<Box<[u32]>>,
    /// By run and block, as a model has it.
    rarity: Vec<[f32; BLOCKS]>,
    /// By how often it is said, what its rarity is multiplied with.
    often: Vec<f32>,
    /// By message and block, likewise.
    factors: Vec<[f32; BLOCKS]>,
}

impl Rows {
    pub fn new(messages: impl Iterator<Item = impl Iterator<Item = Count>>) -> Rows {
        let run = |c: Count| {
            let (title, detail) = (c.title.min((1 << TITLE_BITS) - 1), c.detail.min((1 << DETAIL_BITS) - 1));
            (c.gram << TITLE_BITS | title) << DETAIL_BITS | detail
        };
        let messages: Vec<Box<[u32]>> = messages.map(|message| message.map(run).collect()).collect();
        let most = (1 << TITLE_BITS) + (1 << DETAIL_BITS);
        let often = (0..most).map(|times| if times == 0 { 0.0 } else { often(times) }).collect();
        let factors = vec![[1.0; BLOCKS]; messages.len()];
        Rows { messages, rarity: Vec::new(), often, factors }
    }

    /// Says how rare each feature is.
    pub fn weigh(&mut self, rarity: &[f32]) {
        self.rarity = rarity.as_chunks::<BLOCKS>().0.to_vec();
        for no in 0..self.len() {
            let mut squares = [0.0; BLOCKS];
            self.each(no, |_, values| (0..BLOCKS).for_each(|b| squares[b] += values[b] * values[b]));
            self.factors[no] = factors(squares);
        }
    }

    pub fn len(&self) -> usize {
        self.messages.len()
    }

    /// The runs of a row, by number.
    pub fn row(&self, no: usize) -> impl Iterator<Item = Count> {
        self.messages[no].iter().map(|run| Count {
            gram: run >> (TITLE_BITS + DETAIL_BITS),
            title: run >> DETAIL_BITS & ((1 << TITLE_BITS) - 1),
            detail: run & ((1 << DETAIL_BITS) - 1),
        })
    }

    /// Gives each run of a row, in their order, with its value in each block; 0 where it is not said there or says nothing.
    #[inline]
    fn each(&self, no: usize, mut give: impl FnMut(usize, [f32; BLOCKS])) {
        let factors = self.factors[no];
        for Count { gram, title, detail } in self.row(no) {
            let rarity = &self.rarity[gram as usize];
            let often = [title, detail, title + detail].map(|times| self.often[times as usize]);
            give(gram as usize, std::array::from_fn(|b| rarity[b] * often[b] * factors[b]));
        }
    }

    /// What makes each message, as a label that has features so unevenly weighs it, as long as any other.
    pub fn factors(&self, ratios: &[[f32; BLOCKS]]) -> Vec<f32> {
        let length = |no| {
            let mut sum = 0.0_f32;
            self.each(no, |run, values| (0..BLOCKS).for_each(|b| sum += ratios[run][b] * values[b] * values[b]));
            sum.sqrt()
        };
        (0..self.len()).map(length).map(|length| if length > 0.0 { 1.0 / length } else { 0.0 }).collect()
    }
}

/// One class against all others.
pub(super) struct Problem<'a> {
    pub rows: &'a Rows,
    pub is: &'a [bool],
    /// What each feature's value is multiplied with, squared.
    pub scale: &'a [[f32; BLOCKS]],
    /// What all values of a message are multiplied with.
    pub factors: &'a [f32],
    /// What an error costs.
    pub cost: f64,
}

/// Rounds over all messages at most; liblinear's own limit is a thousand, which these data never came near.
const ROUNDS: usize = 300;
/// How near to the optimum is near enough: the spread of the projected gradient.
const NEAR: f64 = 0.05;

/// The weights of the features as they are (the scale is in them), and what is added to each sum.
pub(super) fn solve(problem: &Problem<'_>) -> (Vec<[f32; BLOCKS]>, f32) {
    let Problem { rows, is, scale, factors, cost } = problem;
    let n = rows.len();
    let diagonal = 0.5 / cost;
    let own = |i| {
        let mut sum = 0.0;
        rows.each(i, |run, values| {
            (0..BLOCKS).for_each(|b| sum += f64::from(scale[run][b]) * f64::from(values[b]) * f64::from(values[b]));
        });
        sum
    };
    let squared = |i: usize| f64::from(factors[i]) * f64::from(factors[i]);
    let squares: Vec<f64> = (0..n).map(|i| own(i) * squared(i) + 1.0 + diagonal).collect();
    let mut alpha = vec![0.0_f64; n];
    let (mut weights, mut bias) = (vec![[0.0_f32; BLOCKS]; scale.len()], 0.0_f64);
    let mut active: Vec<usize> = (0..n).collect();
    let mut random = Random(0x2545_f491_4f6c_dd1d);
    let mut highest = f64::INFINITY;
    for _ in 0..ROUNDS {
        random.shuffle(&mut active);
        let (mut up, mut down) = (f64::NEG_INFINITY, f64::INFINITY);
        active.retain(|&i| {
            let y = if is[i] { 1.0 } else { -1.0 };
            let mut sum = 0.0_f32;
            rows.each(i, |run, values| (0..BLOCKS).for_each(|b| sum += weights[run][b] * values[b]));
            let gradient = y * (f64::from(sum * factors[i]) + bias) - 1.0 + alpha[i] * diagonal;
            if alpha[i] == 0.0 && gradient > highest {
                return false;
            }
            let projected = if alpha[i] == 0.0 { gradient.min(0.0) } else { gradient };
            (up, down) = (up.max(projected), down.min(projected));
            if projected.abs() > 1e-12 {
                let before = alpha[i];
                alpha[i] = (before - gradient / squares[i]).max(0.0);
                let step = (alpha[i] - before) * y;
                let by = step as f32 * factors[i];
                rows.each(i, |run, values| {
                    (0..BLOCKS).for_each(|b| weights[run][b] += by * values[b] * scale[run][b]);
                });
                bias += step;
            }
            true
        });
        if up - down <= NEAR {
            if active.len() == n {
                break;
            }
            active = (0..n).collect();
            highest = f64::INFINITY;
            continue;
        }
        highest = if up <= 0.0 { f64::INFINITY } else { up };
    }
    (weights, bias as f32)
}

/// The same turns every time (xorshift64*).
pub(super) struct Random(pub u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) as usize % end
    }

    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for i in (1..items.len()).rev() {
            items.swap(i, self.below(i + 1));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::{counts, demo, grams::known, seen},
        *,
    };

    #[test]
    fn rows_have_the_values_that_a_guess_is_made_with() {
        let often = "水".repeat(300);
        let mut texts: Vec<(&str, &str)> = demo().map(|sample| (sample.title, "停水停水，路灯不亮")).collect();
        texts.extend([("", ""), ("水水水", often.as_str())]);
        let grams = known(texts.iter().copied(), 1);
        let counts: Vec<Vec<Count>> = texts.iter().map(|(title, detail)| counts(&grams, title, detail)).collect();
        let rarity: Vec<f32> = (0..grams.len() * BLOCKS).map(|feature| (feature % 7) as f32).collect();
        let mut rows = Rows::new(counts.iter().map(|of| of.iter().copied()));
        rows.weigh(&rarity);
        for (no, counts) in counts.iter().enumerate() {
            assert_eq!(rows.row(no).collect::<Vec<_>>(), *counts);
            let mut values = Vec::new();
            rows.each(no, |run, of| values.extend((0..BLOCKS).map(|b| ((run * BLOCKS + b) as u32, of[b]))));
            values.retain(|(_, value)| *value > 0.0);
            assert_eq!(values, seen(counts, &rarity), "{no}");
        }
    }
}
