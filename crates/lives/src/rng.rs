//! Chance from a seed: xoshiro256** seeded by splitmix64. Whole numbers only, so that a seed means the same year on every machine.

#[derive(Clone, Debug)]
pub struct Rng([u64; 4]);

/// One step of splitmix64: spreads a number over all its bits.
pub fn mix(n: u64) -> u64 {
    let z = n.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

impl Rng {
    pub fn new(seed: u64) -> Rng {
        let one = mix(seed);
        let two = mix(one);
        let three = mix(two);
        Rng([one, two, three, mix(three)])
    }

    pub fn draw(&mut self) -> u64 {
        let s = &mut self.0;
        let result = s[1].wrapping_mul(5).rotate_left(7).wrapping_mul(9);
        let t = s[1] << 17;
        s[2] ^= s[0];
        s[3] ^= s[1];
        s[1] ^= s[2];
        s[0] ^= s[3];
        s[2] ^= t;
        s[3] = s[3].rotate_left(45);
        result
    }

    /// From 0 to below `n`, which is not 0.
    pub fn below(&mut self, n: usize) -> usize {
        ((u128::from(self.draw()) * n as u128) >> 64) as usize
    }

    pub fn between(&mut self, from: i64, to: i64) -> i64 {
        from + self.below((to - from + 1) as usize) as i64
    }

    /// So many times in ten thousand.
    pub fn odds(&mut self, in_ten_thousand: usize) -> bool {
        self.below(10_000) < in_ten_thousand
    }

    pub fn pick<'t, T>(&mut self, from: &'t [T]) -> &'t T {
        &from[self.below(from.len())]
    }

    /// One of these words.
    pub fn word(&mut self, from: &[&'static str]) -> &'static str {
        from[self.below(from.len())]
    }

    /// The index of one of these, the heavier the likelier.
    pub fn weighted(&mut self, weights: &[u64]) -> usize {
        let total: u64 = weights.iter().sum();
        let mut left = self.below(total.max(1) as usize) as u64;
        for (i, weight) in weights.iter().enumerate() {
            if left < *weight {
                return i;
            }
            left -= weight;
        }
        weights.len() - 1
    }

    /// A waiting time with this mean, in the same unit: mostly shorter, sometimes much longer. Exponential but for its logarithm,
    /// which is drawn as straight lines between the powers of two.
    pub fn wait(&mut self, mean: u64) -> i64 {
        let drawn = self.draw();
        let halvings = u64::from(drawn.leading_zeros().min(30));
        let part = 0x1_0000 - ((drawn << (halvings + 1)) >> 48);
        // ln 2 ≈ 45426 / 65536.
        let mean = mean.min(1 << 32);
        ((u128::from(mean) * u128::from((halvings << 16) + part) * 45_426) >> 32) as i64
    }
}
