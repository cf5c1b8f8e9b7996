//! Rulebooks and scenarios damaged at random: reading them never panics, an error names a line of the file and is in Chinese, and what is
//! read in spite of the damage can be lived. Runs for a few seconds with the other tests; for longer:
//!
//! `FUZZ_SECONDS=600 cargo test -p jiesu-domain --test fuzz -- --nocapture`, with `FUZZ_SEED=…` to see one run again.
#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::disallowed_macros,
    reason = "a test reads files, looks at the clock and tells its seed"
)]

mod damage;

use std::path::Path;

use damage::{Dice, damaged, in_chinese};
use jiesu_domain::{
    Calendar, Rulebook,
    calendar::Notice,
    rehearse::{self, Scenario},
    rulebook::parse_toml,
};

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

fn calendar() -> Calendar {
    let notices: Vec<Notice> = texts("calendars").iter().map(|t| parse_toml("calendar", t).unwrap()).collect();
    Calendar::new(&notices).unwrap()
}

fn books() -> Vec<String> {
    let is_book = |t: &String| t.contains("\n[rulebook]") || t.starts_with("[rulebook]");
    let mut books: Vec<String> = texts("rulebooks").into_iter().filter(is_book).collect();
    books.push(std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/xinghai.toml")).unwrap());
    books
}

#[test]
fn damaged_rulebooks() {
    let (mut dice, mut run) = Dice::from_env();
    let books = books();
    let whole: Vec<Scenario> = texts("conformance").iter().filter_map(|t| rehearse::parse("story", t).ok()).collect();
    let calendar = calendar();
    let (mut read, mut refused) = (0u64, 0u64);
    while run.goes_on() {
        let text = damaged(&mut dice, &books);
        match Rulebook::parse("办法.toml", &text) {
            Ok(book) => {
                read += 1;
                // A sound rulebook, whatever it says, must not bring a ticket to grief: it holds or differs, and never panics.
                let _ = rehearse::run(dice.pick(&whole), &book, &calendar);
            }
            Err(errors) => {
                refused += 1;
                let lines = text.lines().count().max(1);
                for error in &errors.0 {
                    assert!((1..=lines + 1).contains(&error.line), "line {} of {lines}: {error}", error.line);
                    assert!(in_chinese(&error.message), "not Chinese: {error}");
                }
            }
        }
    }
    println!("{refused} refused, {read} read and lived");
    assert!(refused > 20 && read > 5, "the damage is too small or too great: {refused} refused, {read} read");
}

#[test]
fn damaged_scenarios() {
    let (mut dice, mut run) = Dice::from_env();
    let books: Vec<Rulebook> = books().iter().filter_map(|t| Rulebook::parse("办法.toml", t).ok()).collect();
    let (stories, calendar) = (texts("conformance"), calendar());
    let (mut told, mut refused) = (0u64, 0u64);
    while run.goes_on() {
        let text = damaged(&mut dice, &stories);
        match rehearse::parse("情景.toml", &text) {
            Ok(story) => {
                told += 1;
                let own = books.iter().find(|b| b.rulebook.id == story.rulebook).unwrap_or(&books[0]);
                let _ = rehearse::run(&story, own, &calendar);
            }
            Err(error) => {
                refused += 1;
                assert!(in_chinese(&error.message), "not Chinese: {error}");
            }
        }
    }
    println!("{refused} refused, {told} told");
    assert!(refused > 20 && told > 5, "the damage is too small or too great: {refused} refused, {told} told");
}
