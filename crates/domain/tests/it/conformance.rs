//! Plays every scenario of `conformance/`; what differs is told step by step.

use std::collections::BTreeSet;

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

/// Each row has several stories, and no story claims a row that is not there.
#[test]
fn every_row_is_shown_by_several_scenarios() {
    let folder = root().join("conformance/shangrao");
    let mut covers = Vec::new();
    for file in toml_files(&folder) {
        let scenario = rehearse::parse(&file.display().to_string(), &read(&file)).unwrap();
        assert_eq!(scenario.rulebook, "shangrao", "{}", file.display());
        covers.extend(scenario.covers);
    }
    for row in SHANGRAO {
        let stories = covers.iter().filter(|c| c == row).count();
        assert!(stories >= 2, "{row}: {stories} scenario(s)");
    }
    let unknown: BTreeSet<&String> = covers.iter().filter(|c| !SHANGRAO.contains(&c.as_str())).collect();
    assert!(unknown.is_empty(), "not rows of these articles: {unknown:?}");
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
