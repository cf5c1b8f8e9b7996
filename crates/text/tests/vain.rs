//! How much of what the index gives has the words in one piece: what a search looks at beyond that, it looks at in vain.
#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "a test reads files and fails by panicking")]

use std::{
    collections::{BTreeSet, HashMap},
    path::{Path, PathBuf},
};

use jiesu_text::search::{Words, index_terms};

/// Queries of each length.
const QUERIES: usize = 200;

/// Pieces of real messages, looked for among them all. Of most queries nothing is in vain, and of all that is given hardly anything.
#[test]
fn of_real_messages_the_index_gives_little_in_vain() {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    let folder = std::env::var_os("JIESU_DATA_FOLDER").map_or_else(beside, PathBuf::from);
    let Ok(lines) = std::fs::read_to_string(folder.join("messages/labelled.jsonl")) else {
        println!("skipped: no real messages (set JIESU_DATA_FOLDER)");
        return;
    };
    let texts: Vec<&str> = lines.lines().step_by(2).collect();
    let mut having: HashMap<String, BTreeSet<usize>> = HashMap::new();
    for (no, text) in texts.iter().enumerate() {
        for term in index_terms(text) {
            having.entry(term).or_default().insert(no);
        }
    }
    let mut seed = 20_261_123_u64;
    let mut below = |most: usize| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) as usize % most
    };
    for length in [3, 4, 6, 10] {
        let (mut given, mut seen, mut shares) = (0, 0, Vec::new());
        while shares.len() < QUERIES {
            let chars: Vec<char> = texts[below(texts.len())].chars().collect();
            let from = below(chars.len());
            let piece: String = chars[from..chars.len().min(from + length)].iter().collect();
            if piece.chars().count() < length || !piece.chars().all(|c| ('\u{4e00}'..='\u{9fff}').contains(&c)) {
                continue;
            }
            let words = Words::of(&piece);
            let sets: Vec<&BTreeSet<usize>> = words.terms().iter().map(|term| &having[term]).collect();
            let least = sets.iter().min_by_key(|set| set.len()).unwrap();
            let all: Vec<usize> = least.iter().filter(|no| sets.iter().all(|set| set.contains(no))).copied().collect();
            let right = all.iter().filter(|no| words.find(&[texts[**no]]).is_some()).count();
            (given, seen) = (given + all.len(), seen + right);
            shares.push(right as f64 / all.len() as f64);
        }
        shares.sort_by(f64::total_cmp);
        let share = |of: usize| shares[of] * 100.0;
        println!(
            "{length} characters: {given} given, {seen} of them seen; of a query {:.0} % at the median, {:.0} % at the worst tenth, {:.0} % at the worst hundredth",
            share(QUERIES / 2),
            share(QUERIES / 10),
            share(QUERIES / 100)
        );
        assert!(share(QUERIES / 2) > 99.0 && seen * 100 > given * 95, "{length} characters: {seen} of {given}");
    }
}
