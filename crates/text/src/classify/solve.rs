//! A linear support vector machine, trained by dual coordinate descent (Hsieh and others, "A Dual Coordinate Descent Method for Large-scale
//! Linear SVM", ICML 2008, algorithm 3: squared hinge loss, shrinking).

/// Messages as rows of feature and value.
#[derive(Debug, Default)]
pub(super) struct Rows {
    ends: Vec<usize>,
    features: Vec<u32>,
    values: Vec<f32>,
}

impl Rows {
    pub fn push(&mut self, row: impl Iterator<Item = (u32, f32)>) {
        for (feature, value) in row {
            self.features.push(feature);
            self.values.push(value);
        }
        self.ends.push(self.features.len());
    }

    pub fn len(&self) -> usize {
        self.ends.len()
    }

    pub fn row(&self, no: usize) -> impl Iterator<Item = (usize, f32)> + '_ {
        let start = if no == 0 { 0 } else { self.ends[no - 1] };
        let of_row = start..self.ends[no];
        self.features[of_row.clone()].iter().map(|f| *f as usize).zip(self.values[of_row].iter().copied())
    }
}

/// One class against all others.
pub(super) struct Problem<'a> {
    pub rows: &'a Rows,
    pub is: &'a [bool],
    /// What each feature's value is multiplied with, squared.
    pub scale: &'a [f32],
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
pub(super) fn solve(problem: &Problem<'_>) -> (Vec<f32>, f32) {
    let Problem { rows, is, scale, factors, cost } = problem;
    let n = rows.len();
    let diagonal = 0.5 / cost;
    let own = |i| rows.row(i).map(|(f, v)| f64::from(scale[f]) * f64::from(v) * f64::from(v)).sum::<f64>();
    let squared = |i: usize| f64::from(factors[i]) * f64::from(factors[i]);
    let squares: Vec<f64> = (0..n).map(|i| own(i) * squared(i) + 1.0 + diagonal).collect();
    let mut alpha = vec![0.0_f64; n];
    let (mut weights, mut bias) = (vec![0.0_f32; scale.len()], 0.0_f64);
    let mut active: Vec<usize> = (0..n).collect();
    let mut random = Random(0x2545_f491_4f6c_dd1d);
    let mut highest = f64::INFINITY;
    for _ in 0..ROUNDS {
        random.shuffle(&mut active);
        let (mut up, mut down) = (f64::NEG_INFINITY, f64::INFINITY);
        active.retain(|&i| {
            let y = if is[i] { 1.0 } else { -1.0 };
            let sum = rows.row(i).map(|(f, v)| weights[f] * v).sum::<f32>();
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
                rows.row(i).for_each(|(f, v)| weights[f] += by * v * scale[f]);
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
