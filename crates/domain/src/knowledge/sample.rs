//! Which entries a sampled check takes: anybody who has the list and the word it was drawn with draws the same ones again.

/// `n` of the entries, in the order drawn. The list's own order does not matter.
pub fn drawn<'e>(entries: impl Iterator<Item = &'e str>, word: &str, n: usize) -> Vec<&'e str> {
    let mut all: Vec<(u64, &str)> = entries.map(|entry| (number(word, entry), entry)).collect();
    all.sort_unstable();
    all.truncate(n);
    all.into_iter().map(|(_, entry)| entry).collect()
}

/// FNV-1a over both, stirred once more so that neighbours in the alphabet are none in the draw.
fn number(word: &str, entry: &str) -> u64 {
    let bytes = word.bytes().chain([b'\n']).chain(entry.bytes());
    let mut hash = bytes.fold(0xcbf2_9ce4_8422_2325_u64, |h, b| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3));
    hash ^= hash >> 30;
    hash = hash.wrapping_mul(0xbf58_476d_1ce4_e5b9);
    hash ^= hash >> 27;
    hash = hash.wrapping_mul(0x94d0_49bb_1331_11eb);
    hash ^ (hash >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_word_draws_the_same_entries_and_every_entry_has_its_chance() {
        let ids: Vec<String> = (1..=200).map(|n| format!("K-{n:06}")).collect();
        let list = || ids.iter().map(String::as_str);
        let first = drawn(list(), "2026-05", 20);
        assert_eq!(first, drawn(list().rev(), "2026-05", 20));
        assert_ne!(first, drawn(list(), "2026-06", 20));
        assert_eq!(drawn(list(), "2026-05", 500).len(), 200);
        let mut times = std::collections::BTreeMap::new();
        for month in 0..400 {
            for entry in drawn(list(), &month.to_string(), 20) {
                *times.entry(entry).or_insert(0) += 1;
            }
        }
        // 40 expected of each; six standard deviations either way.
        assert_eq!(times.len(), 200);
        assert!(times.values().all(|n| (4..=76).contains(n)), "{times:?}");
    }
}
