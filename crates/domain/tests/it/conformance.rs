//! Plays every scenario of `conformance/`; what differs is told step by step.

use std::collections::{BTreeMap, BTreeSet};

use jiesu_domain::rehearse::{self, Report};

use super::support::*;

#[test]
fn every_scenario_holds() {
    let folder = root().join("conformance");
    let mut failed = Vec::new();
    let files = toml_files(&folder);
    for file in &files {
        let name = file.strip_prefix(&folder).unwrap().display().to_string();
        match play(&name, &read(file)) {
            Ok(report) if report.holds() => {}
            Ok(report) => failed.push(story(&name, &report)),
            Err(error) => failed.push(error),
        }
    }
    assert!(!files.is_empty());
    assert!(failed.is_empty(), "\n{}\n{} of {} scenarios differ", failed.join("\n"), failed.len(), files.len());
}

fn play(name: &str, text: &str) -> Result<Report, String> {
    let scenario = rehearse::parse(name, text).map_err(|e| e.to_string())?;
    let book = read(root().join(format!("rulebooks/{}.toml", scenario.rulebook)));
    let book = jiesu_domain::Rulebook::parse(&scenario.rulebook, &book).map_err(|e| e.to_string())?;
    Ok(rehearse::run(&scenario, &book, &calendar_without(&scenario.without_notices)))
}

fn story(name: &str, report: &Report) -> String {
    let mut text = format!("✗ {name}  {}\n", report.title);
    for step in &report.steps {
        let mark = if step.differs.is_empty() { "✓" } else { "✗" };
        text.push_str(&format!("  {mark} {}\n      {}\n", step.line, step.outcome));
        step.differs.iter().for_each(|d| text.push_str(&format!("      ≠ {d}\n")));
    }
    text
}

/// A row of `docs/obligations.toml`.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    id: String,
    says: String,
    /// Where the row, or the rest of it, belongs if it is not (only) about the handling of tickets.
    #[serde(default)]
    later: Option<String>,
    /// Tests that hold what of it no scenario can show: `crates/server/tests/api/matters.rs a_test`.
    #[serde(default)]
    held: Vec<String>,
}

#[derive(serde::Deserialize)]
struct Rows {
    row: Vec<Row>,
}

fn rows() -> Vec<Row> {
    let path = root().join("docs/obligations.toml");
    jiesu_domain::rulebook::parse_toml::<Rows>("docs/obligations.toml", &read(path)).unwrap().row
}

/// Scenarios by the rows they cover, each with whether it holds.
fn by_row() -> BTreeMap<String, Vec<(String, bool)>> {
    let folder = root().join("conformance");
    let mut found: BTreeMap<String, Vec<(String, bool)>> = BTreeMap::new();
    for file in toml_files(&folder) {
        let name = file.strip_prefix(&folder).unwrap().display().to_string();
        let text = read(&file);
        let scenario = rehearse::parse(&name, &text).unwrap();
        let holds = play(&name, &text).is_ok_and(|r| r.holds());
        assert!(name.starts_with(&format!("{}/", scenario.rulebook)), "{name} is not in the folder of its place");
        for row in scenario.covers {
            found.entry(row).or_default().push((name.clone(), holds));
        }
    }
    found
}

/// Every row has its scenarios or says where it belongs, no scenario claims a row that is not there, and the table says so.
#[test]
fn obligations() {
    let found = by_row();
    let rows = rows();
    let known: BTreeSet<&str> = rows.iter().map(|r| r.id.as_str()).collect();
    let unknown: Vec<&String> = found.keys().filter(|id| !known.contains(id.as_str())).collect();
    assert!(unknown.is_empty(), "not rows: {unknown:?}");
    let bare = |r: &&Row| r.later.is_none() && !found.contains_key(&r.id);
    let bare: Vec<&str> = rows.iter().filter(bare).map(|r| r.id.as_str()).collect();
    assert!(bare.is_empty(), "rows without a scenario that do not say where they belong: {bare:?}");
    let mut table = String::from(
        "# Obligations and the scenarios that show them\n\nWritten from `docs/obligations.toml` and `conformance/` by \
         `UPDATE_GOLDEN=1 cargo nextest run -p jiesu-domain obligations`; do not edit.\n\n\
         | row | the system must | scenarios | result | later |\n|---|---|---|---|---|\n",
    );
    for row in &rows {
        let stories = found.get(&row.id).map_or(&[][..], Vec::as_slice);
        let links: Vec<String> = stories
            .iter()
            .map(|(name, _)| {
                let short = name.split_once('/').map_or(name.as_str(), |(_, f)| f).trim_end_matches(".toml");
                format!("[{short}](../conformance/{name})")
            })
            .collect();
        let result = match stories {
            [] => "",
            all if all.iter().all(|(_, holds)| *holds) => "holds",
            _ => "**differs**",
        };
        let later = row.later.as_deref().unwrap_or_default();
        let held: Vec<String> = row.held.iter().map(|test| held_by(&row.id, test)).collect();
        let later = if held.is_empty() { later.to_owned() } else { format!("{later}; tests: {}", held.join(" · ")) };
        table += &format!("| {} | {} | {} | {result} | {later} |\n", row.id, row.says, links.join(" · "));
    }
    document("docs/obligations.md", &table);
}

/// A test as the table names it. It must be there.
fn held_by(row: &str, test: &str) -> String {
    let (file, name) = test.split_once(' ').unwrap_or_else(|| panic!("{row}: `{test}` is no file and test"));
    let there = read(root().join(file)).contains(&format!("fn {name}("));
    assert!(there, "{row}: there is no test `{name}` in {file}");
    format!("[{name}](../{file})")
}

/// Every kind of event happens in some story: what no scenario shows nobody has thought through.
#[test]
fn every_kind_of_event_is_shown() {
    let (mut seen, mut of_entries) = (BTreeSet::new(), BTreeSet::new());
    for file in toml_files(&root().join("conformance")) {
        let scenario = rehearse::parse(&file.display().to_string(), &read(&file)).unwrap();
        let book = rulebook_of(&scenario.rulebook);
        let calendar = calendar_without(&scenario.without_notices);
        let report = rehearse::run(&scenario, &book, &calendar);
        seen.extend(report.events);
        of_entries.extend(report.entry_events);
    }
    let missing: Vec<&str> =
        jiesu_domain::knowledge::Event::NAMES.iter().map(|(n, _)| *n).filter(|n| !of_entries.contains(n)).collect();
    assert!(missing.is_empty(), "of the knowledge base, shown by no scenario: {missing:?}");
    // A history comes from an import, never from a person; what is erased is erased from a list, years later; a notice that comes out while a ticket is open is in `silent.rs`.
    let missing: Vec<&str> = jiesu_domain::ticket::Event::NAMES
        .iter()
        .map(|(n, _)| *n)
        .filter(|n| !matches!(*n, "imported" | "erased" | "clock-recounted") && !seen.contains(*n))
        .collect();
    assert!(missing.is_empty(), "shown by no scenario: {missing:?}");
}

fn rulebook_of(id: &str) -> jiesu_domain::Rulebook {
    let file = root().join(format!("rulebooks/{id}.toml"));
    jiesu_domain::Rulebook::parse(id, &read(file)).unwrap_or_else(|e| panic!("{e}"))
}

/// Dates are easier to trust with their weekday beside them: every step says it, and says it right.
#[test]
fn the_weekday_beside_each_step_is_right() {
    for file in toml_files(&root().join("conformance")) {
        for (n, line) in read(&file).lines().enumerate().filter(|(_, l)| l.starts_with("at ")) {
            let date = line.split('"').nth(1).and_then(|at| at.get(..10)).unwrap_or_default();
            let day = jiesu_domain::calendar::Day::from_date(date.parse().unwrap());
            let comment = line.split_once('#').map_or("", |(_, c)| c).trim();
            assert!(
                comment.starts_with(day.weekday_zh()),
                "{}:{}: {date} is {}",
                file.display(),
                n + 1,
                day.weekday_zh()
            );
        }
    }
}
