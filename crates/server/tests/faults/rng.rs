//! Chance that can be had again: a failure prints the seed.

/// SplitMix64.
#[derive(Debug, Clone)]
pub struct Rng(u64);

impl Rng {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// `SEED`, or another one each time; printed, so that a failing test shows it.
    pub fn from_env(test: &str) -> Self {
        let time = std::time::UNIX_EPOCH.elapsed().unwrap();
        let seed = number("SEED").unwrap_or(u64::from(time.subsec_nanos()));
        println!("{test}: SEED={seed}");
        Self(seed)
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// From 0 up to `below`.
    pub fn below(&mut self, below: u64) -> u64 {
        self.next() % below
    }
}

/// A number in the environment.
pub fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|n| n.parse().unwrap_or_else(|_| panic!("{name} is a number, not {n:?}")))
}
