//! Which words of a message a guess rests on.

use super::{BLOCK_WEIGHTS, BLOCKS, Model, characters, grams::runs};

/// Words that a guess names at most.
const MOST: usize = 5;
/// A word is as long as this at most.
const LONGEST: usize = 8;
/// Characters that no word begins or ends with.
const PARTICLES: [char; 16] =
    ['的', '了', '是', '在', '与', '和', '及', '被', '把', '给', '让', '就', '也', '都', '我', '你'];

impl Model {
    /// The words of a message that speak most for a label against the others, the strongest first: pieces of the texts as they are written.
    pub fn reasons<'t>(&self, title: &'t str, detail: &'t str, label: &str) -> Vec<&'t str> {
        let Some(label) = self.labels.iter().position(|l| l == label) else { return Vec::new() };
        let mut found: Vec<(f32, &str)> = Vec::new();
        for (text, block) in [(title, 0), (detail, 1)] {
            let (characters, places): (Vec<char>, Vec<usize>) = characters(text).unzip();
            let mut heat = vec![0.0_f32; characters.len()];
            for (key, start, len) in runs(&characters) {
                let Some(gram) = self.grams.get(&key) else { continue };
                let speaks = self.speaks(*gram as usize, block, label) / len as f32;
                heat[start..start + len].iter_mut().for_each(|h| *h += speaks);
            }
            let end_of = |end: usize| places.get(end).copied().unwrap_or(text.len());
            let of_text = words(&characters, &heat).into_iter();
            found.extend(of_text.map(|(heat, start, end)| (heat, text[places[start]..end_of(end)].trim_end())));
        }
        found.sort_by(|a, b| b.0.total_cmp(&a.0));
        let mut named: Vec<&str> = Vec::new();
        for word in found.into_iter().map(|(_, word)| word.trim_matches(PARTICLES)) {
            let is_said = named.iter().any(|n| n.contains(word) || word.contains(n));
            if named.len() < MOST && word.chars().count() > 1 && !is_said {
                named.push(word);
            }
        }
        named
    }

    /// How much one run speaks for a label: its weights there, less the mean of all.
    fn speaks(&self, gram: usize, block: usize, label: usize) -> f32 {
        let of = |block: usize| {
            let feature = gram * BLOCKS + block;
            let weights: Vec<f32> = self.weights_of(feature).collect();
            let mean = weights.iter().sum::<f32>() / weights.len() as f32;
            (weights[label] - mean) * self.rarity[feature] * BLOCK_WEIGHTS[block]
        };
        of(block) + of(BLOCKS - 1)
    }
}

/// Neighbouring characters that speak for it, as words with their strength, start and end. A word begins where it speaks most and grows as
/// long as its neighbours speak for it too; a single character is none.
fn words(characters: &[char], heat: &[f32]) -> Vec<(f32, usize, usize)> {
    let most = heat.iter().copied().fold(0.0, f32::max);
    let mut order: Vec<usize> = (0..heat.len()).filter(|i| heat[*i] > most / 3.0).collect();
    order.sort_by(|a, b| heat[*b].total_cmp(&heat[*a]));
    let mut taken = vec![false; heat.len()];
    let mut words = Vec::new();
    for seed in order {
        let open =
            |i: usize, taken: &[bool]| characters[i].is_alphanumeric() && !taken[i] && heat[i] > heat[seed] / 6.0;
        if !open(seed, &taken) {
            continue;
        }
        let (mut start, mut end) = (seed, seed + 1);
        while end - start < LONGEST {
            let before = start.checked_sub(1).filter(|i| open(*i, &taken));
            let after = Some(end).filter(|i| *i < heat.len() && open(*i, &taken));
            match (before, after) {
                (Some(b), Some(a)) if heat[b] >= heat[a] => start = b,
                (Some(b), None) => start = b,
                (_, Some(_)) => end += 1,
                (None, None) => break,
            }
        }
        taken[start..end].fill(true);
        if end - start > 1 {
            words.push((heat[start..end].iter().sum(), start, end));
        }
    }
    words
}
