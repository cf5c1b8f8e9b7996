//! The journal is kept for good: names and fields of events are a lasting format. One event of each kind stands in
//! `tests/golden/journal.jsonl` with every field it can have; a line or a field may be added, none may change. `journal-1.jsonl` is what
//! the first version wrote.
#![allow(clippy::disallowed_methods, reason = "tests read the repository's files")]

use std::collections::BTreeSet;

use jiesu_domain::ticket::{Event, Meta};

use super::support::{at, golden, read};

fn lines(name: &str) -> Vec<String> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/").to_owned() + name;
    read(path).lines().map(str::to_owned).collect()
}

fn event(line: &str) -> Event {
    serde_json::from_str(line).unwrap_or_else(|e| panic!("{line}: {e}"))
}

#[test]
fn one_event_of_each_kind_is_written_as_it_always_was() {
    let written: Vec<String> =
        lines("journal.jsonl").iter().map(|l| serde_json::to_string(&event(l)).unwrap()).collect();
    golden("journal.jsonl", &(written.join("\n") + "\n"));
}

#[test]
fn no_kind_of_event_is_missing_and_each_is_called_what_it_is() {
    let mut seen = BTreeSet::new();
    for line in lines("journal.jsonl") {
        let stored: serde_json::Value = serde_json::from_str(&line).unwrap();
        assert_eq!(stored["event"], event(&line).name(), "the stored kind is the name that lists and rows use");
        seen.insert(event(&line).name());
    }
    let all: BTreeSet<&str> = Event::NAMES.iter().map(|(code, _)| *code).collect();
    assert_eq!(all.len(), Event::NAMES.len(), "no name twice");
    assert_eq!(seen, all, "add a line for each new kind of event");
}

/// What earlier versions wrote is read as it was meant; what they did not know has its default.
#[test]
fn older_lines_are_still_read() {
    let older = lines("journal-1.jsonl");
    assert_eq!(older.len(), 49);
    for line in older {
        let event = event(&line);
        let was: serde_json::Value = serde_json::from_str(&line).unwrap();
        let now = serde_json::to_value(&event).unwrap();
        assert!(holds(&was, &now), "{line}\nis now\n{now}");
    }
}

/// Everything that was said is still said.
fn holds(was: &serde_json::Value, now: &serde_json::Value) -> bool {
    match (was, now) {
        (serde_json::Value::Object(was), serde_json::Value::Object(now)) => {
            was.iter().all(|(key, value)| now.get(key).is_some_and(|n| holds(value, n)))
        }
        (serde_json::Value::Array(was), serde_json::Value::Array(now)) => {
            was.len() == now.len() && was.iter().zip(now).all(|(w, n)| holds(w, n))
        }
        (was, now) => was == now,
    }
}

#[test]
fn when_and_by_whom() {
    let meta = Meta { at: at("2026-04-30 09:00"), by: "u-17".to_owned() };
    let json = r#"{"at":"2026-04-30T01:00:00Z","by":"u-17"}"#;
    assert_eq!(serde_json::to_string(&meta).unwrap(), json);
    assert_eq!(serde_json::from_str::<Meta>(json).unwrap(), meta);
}
