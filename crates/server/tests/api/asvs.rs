//! `docs/asvs.md` tells the truth about itself: each point once, every test that it names exists, its numbers are right.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

const LIST: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/asvs.md"));
const STATES: [&str; 4] = ["test", "design", "n/a", "open"];

struct Point {
    id: String,
    state: String,
    by: String,
}

fn points() -> Vec<Point> {
    let rows = LIST.lines().filter(|l| l.starts_with("| ") && l.as_bytes()[2].is_ascii_digit());
    rows.map(|row| {
        let cells: Vec<&str> = row.trim_matches('|').split('|').map(str::trim).collect();
        assert_eq!(cells.len(), 4, "{row}");
        assert!(cells.iter().all(|c| !c.is_empty()), "{row}");
        Point { id: cells[0].into(), state: cells[2].into(), by: cells[3].into() }
    })
    .collect()
}

#[test]
fn each_point_is_there_once_and_in_order() {
    let number = |id: &str| id.split('.').map(|part| part.parse::<u32>().unwrap()).collect::<Vec<_>>();
    let ids: Vec<Vec<u32>> = points().iter().map(|p| number(&p.id)).collect();
    assert!(ids.is_sorted_by(|a, b| a < b), "twice or out of order");
    let chapters: BTreeSet<u32> = ids.iter().map(|id| id[0]).collect();
    assert_eq!(chapters, (1..=14).collect());
    assert!(ids.iter().all(|id| id.len() == 3));
}

#[test]
fn the_numbers_are_right() {
    let mut counted = BTreeMap::new();
    for point in points() {
        assert!(STATES.contains(&point.state.as_str()), "{}: {}", point.id, point.state);
        *counted.entry(point.state).or_insert(0) += 1;
    }
    let told = LIST.lines().find(|l| l.contains(" points: ")).unwrap();
    for state in STATES {
        assert!(told.contains(&format!(" {} {state}", counted[state])), "{state} is {}: {told}", counted[state]);
    }
    assert!(told.starts_with(&format!("{} points: ", counted.values().sum::<i32>())), "{told}");
}

#[test]
fn every_test_that_is_named_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut named = 0;
    for point in points().into_iter().filter(|p| p.state == "test") {
        for test in point.by.split("; ") {
            let (file, function) =
                test.trim_matches('`').split_once("::").unwrap_or_else(|| panic!("{}: {test}", point.id));
            let text = std::fs::read_to_string(root.join(file)).unwrap_or_else(|e| panic!("{}: {file}: {e}", point.id));
            assert!(text.contains(&format!("fn {function}(")), "{}: {file} has no {function}", point.id);
            named += 1;
        }
    }
    assert!(named > 100);
}

/// The threat model names tests in the same way.
#[test]
fn every_test_of_the_threat_model_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let text = std::fs::read_to_string(root.join("SECURITY.md")).unwrap();
    let quoted = text.split('`').skip(1).step_by(2).filter(|q| q.contains(".rs"));
    let mut named = 0;
    for test in quoted {
        let (file, function) = test.split_once("::").unwrap_or((test, ""));
        let source = std::fs::read_to_string(root.join(file)).unwrap_or_else(|e| panic!("{file}: {e}"));
        assert!(function.is_empty() || source.contains(&format!("fn {function}(")), "{file} has no {function}");
        named += 1;
    }
    assert!(named > 20, "only {named}");
}
