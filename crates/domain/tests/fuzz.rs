//! Rulebooks and scenarios damaged at random: reading them never panics, an error names a line of the file and is in Chinese, and what is
//! read in spite of the damage can be lived. Runs for a few seconds with the other tests; for longer:
//!
//! `FUZZ_SECONDS=600 cargo test --release -p jiesu-domain --test fuzz -- --nocapture`, with `FUZZ_SEED=…` to see one run again.
#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::disallowed_macros,
    reason = "a test reads files, looks at the clock and tells its seed"
)]

use std::{
    path::Path,
    time::{Duration, Instant},
};

use jiesu_domain::{
    Calendar, Rulebook,
    calendar::Notice,
    rehearse::{self, Scenario},
    rulebook::parse_toml,
};

/// splitmix64: small, good enough to break text with.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn below(&mut self, n: usize) -> usize {
        (self.next() % n.max(1) as u64) as usize
    }
}

fn texts(folder: &str) -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(folder);
    let mut found = Vec::new();
    for entry in std::fs::read_dir(root).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(texts(&format!("{folder}/{}", path.file_name().unwrap().to_string_lossy())));
        } else if path.extension().is_some_and(|e| e == "toml") {
            found.push(std::fs::read_to_string(path).unwrap());
        }
    }
    found
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

fn damaged(dice: &mut Dice, texts: &[String]) -> String {
    let mut text = texts[dice.below(texts.len())].clone();
    for _ in 0..=dice.below(6) {
        let lines: Vec<&str> = text.lines().collect();
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
                let strange: Vec<&str> = from.lines().collect();
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

fn calendar() -> Calendar {
    let notices: Vec<Notice> = texts("calendars").iter().map(|t| parse_toml("calendar", t).unwrap()).collect();
    Calendar::new(&notices).unwrap()
}

#[test]
fn damaged_rulebooks_and_scenarios() {
    let seconds = std::env::var("FUZZ_SECONDS").ok().and_then(|s| s.parse().ok()).unwrap_or(5);
    let seed = std::env::var("FUZZ_SEED").ok().and_then(|s| s.parse().ok()).unwrap_or(20_260_101);
    println!("seed {seed}, {seconds} s");
    let is_book = |t: &String| t.contains("\n[rulebook]") || t.starts_with("[rulebook]");
    let mut books: Vec<String> = texts("rulebooks").into_iter().filter(is_book).collect();
    books.push(std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/xinghai.toml")).unwrap());
    let stories = texts("conformance");
    let whole: Vec<Scenario> = stories.iter().filter_map(|t| rehearse::parse("story", t).ok()).collect();
    let calendar = calendar();
    let mut dice = Dice(seed);
    let begun = Instant::now();
    let (mut read, mut refused, mut lived) = (0u64, 0u64, 0u64);
    while begun.elapsed() < Duration::from_secs(seconds) {
        let text = damaged(&mut dice, &books);
        match Rulebook::parse("办法.toml", &text) {
            Ok(book) => {
                read += 1;
                // A sound rulebook, whatever it says, must not bring a ticket to grief: it holds or differs, and never panics.
                let story = &whole[dice.below(whole.len())];
                let _ = rehearse::run(story, &book, &calendar);
                lived += 1;
            }
            Err(errors) => {
                refused += 1;
                let lines = text.lines().count().max(1);
                for error in &errors.0 {
                    assert!((1..=lines + 1).contains(&error.line), "line {} of {lines}: {error}", error.line);
                    assert!(!error.message.trim().is_empty());
                    assert!(error.message.chars().any(|c| c >= '\u{2E80}'), "not Chinese: {error}");
                }
            }
        }
        let story = damaged(&mut dice, &stories);
        if let Err(error) = rehearse::parse("情景.toml", &story) {
            assert!(error.message.chars().any(|c| c >= '\u{2E80}'), "not Chinese: {error}");
        }
    }
    println!("{refused} refused, {read} read, {lived} lived");
    assert!(refused > 20 && read > 5, "the damage is too small or too great: {refused} refused, {read} read");
}
