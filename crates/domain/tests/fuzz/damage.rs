//! Damage to text, from a seed. Used by the fuzz targets of several crates.

use std::time::{Duration, Instant};

/// splitmix64: small, good enough to break text with.
pub struct Dice(u64);

impl Dice {
    /// `FUZZ_SEED`, or always the same; and `FUZZ_SECONDS`, or a few. Both are printed, so that a failure can be seen again.
    pub fn from_env() -> (Dice, Run) {
        let asked = |name: &str| std::env::var(name).ok().and_then(|s| s.parse().ok());
        let (seed, seconds) = (asked("FUZZ_SEED").unwrap_or(20_260_101), asked("FUZZ_SECONDS").unwrap_or(5));
        println!("seed {seed}, {seconds} s");
        (Dice(seed), Run { began: Instant::now(), time: Duration::from_secs(seconds), rounds: 0 })
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, n: usize) -> usize {
        (self.next() % n.max(1) as u64) as usize
    }

    pub fn pick<'t, T>(&mut self, from: &'t [T]) -> &'t T {
        &from[self.below(from.len())]
    }
}

/// How long it goes on.
pub struct Run {
    began: Instant,
    time: Duration,
    rounds: u32,
}

/// Rounds on the slowest machine.
const ROUNDS: u32 = 500;

impl Run {
    /// Once more? Until the time is over and enough has been tried.
    pub fn goes_on(&mut self) -> bool {
        self.rounds += 1;
        self.rounds <= ROUNDS || self.began.elapsed() < self.time
    }
}

/// Pieces that make damage interesting: they are read, or nearly.
const PIECES: &[&str] = &[
    "\"",
    "[[limit]]\n",
    "[",
    "]",
    "{",
    "}",
    "=",
    "\n",
    "#",
    "0",
    "1",
    "-1",
    "99999999999",
    "\"10 working days\"",
    "\"9999 hours\"",
    "\"0 days\"",
    "true",
    "false",
    "\"overdue\"",
    "\"投诉\"",
    "'",
    "\\",
    "\u{0}",
    "\u{feff}",
    "2026-13-40",
    "over = [\"handle\"]\n",
    "times = 0\n",
    "found_by = \"persons\"\n",
    "when = { urgent = true }\n",
    "by_kind = {}\n",
    "{place}",
    "{{",
    "𠮷",
    "\u{202e}",
];

/// One of the texts, hurt in a few places.
pub fn damaged(dice: &mut Dice, texts: &[String]) -> String {
    let mut text = texts[dice.below(texts.len())].clone();
    for _ in 0..=dice.below(6) {
        let lines: Vec<&str> = text.split('\n').collect();
        let line = dice.below(lines.len());
        text = match dice.below(7) {
            // A line gone, doubled, moved, or from elsewhere.
            0 => without(&lines, line),
            1 => [&lines[..=line], &lines[line..]].concat().join("\n"),
            2 => {
                let other = dice.below(lines.len());
                let mut moved = lines.clone();
                moved.swap(line, other);
                moved.join("\n")
            }
            3 => {
                let from = &texts[dice.below(texts.len())];
                let strange: Vec<&str> = from.split('\n').collect();
                let piece = strange[dice.below(strange.len())];
                [&lines[..line], &[piece], &lines[line..]].concat().join("\n")
            }
            // A character gone, another, or a piece in between.
            4 => edited(&text, dice, |_| String::new()),
            5 => edited(&text, dice, |d| PIECES[d.below(PIECES.len())].to_owned()),
            _ => {
                edited(&text, dice, |d| char::from_u32(d.below(0x3_0000) as u32).map_or_else(String::new, String::from))
            }
        };
    }
    text
}

fn without(lines: &[&str], line: usize) -> String {
    lines.iter().enumerate().filter(|(n, _)| *n != line).map(|(_, l)| *l).collect::<Vec<_>>().join("\n")
}

fn edited(text: &str, dice: &mut Dice, new: impl Fn(&mut Dice) -> String) -> String {
    let at: Vec<usize> = text.char_indices().map(|(i, _)| i).collect();
    if at.is_empty() {
        return new(dice);
    }
    let from = at[dice.below(at.len())];
    let to = text[from..].chars().next().map_or(from, |c| from + c.len_utf8());
    format!("{}{}{}", &text[..from], new(dice), &text[to..])
}

/// Whether a person who reads Chinese was told something.
pub fn in_chinese(text: &str) -> bool {
    text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c))
}
