//! A sixth jurisdiction is a file and no code: an invented one, with every power and every number set otherwise than in the five, is read,
//! lived and checked like them. (Random lives and the model check take it along: see `support::rulebooks`.)
#![allow(clippy::disallowed_methods, reason = "a test reads the code")]

use jiesu_domain::{Rulebook, rehearse};

use super::support::*;

#[test]
fn a_sixth_jurisdiction_is_a_file() {
    let folder = root().join("crates/domain/tests/data");
    let book = Rulebook::parse("xinghai.toml", &read(folder.join("xinghai.toml"))).unwrap_or_else(|e| panic!("{e}"));
    let story = rehearse::parse("xinghai-story.toml", &read(folder.join("xinghai-story.toml"))).unwrap();
    let report = rehearse::run(&story, &book, &calendar());
    let differs: Vec<_> = report.steps.iter().filter(|s| !s.differs.is_empty()).collect();
    assert!(report.holds(), "{differs:#?}");
}

/// Nothing of a place is in the code: no name of the five, and no id of their rulebooks.
#[test]
fn no_city_is_in_the_code() {
    let mut found = Vec::new();
    for file in rust_files(&root().join("crates/domain/src")) {
        for (n, line) in read(&file).lines().enumerate() {
            let code = line.split("//").next().unwrap_or_default();
            let names =
                ["shangrao", "zhongshan", "heyuan", "qidong", "beijing", "上饶", "中山", "河源", "祁东", "北京"];
            if names.iter().any(|name| code.contains(name)) {
                found.push(format!("{}:{}: {}", file.display(), n + 1, line.trim()));
            }
        }
    }
    assert!(found.is_empty(), "a city in the code:\n{}", found.join("\n"));
}

fn rust_files(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(rust_files(&path));
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path);
        }
    }
    found
}
