//! What the keys and codes of the shipped rulebooks are called: nothing may be left without a Chinese name.

use std::path::PathBuf;

use jiesu_domain::rulebook::labels::{code, key, section};
use toml::{Table, Value};

use super::support::{read, root, toml_files};

/// Keys whose text is a name inside the file, not for people.
const NAMES: [&str; 6] = ["id", "over", "assume", "closed_as", "not_updated", "wrong"];

fn shipped() -> Vec<(String, Table)> {
    let is_book = |f: &PathBuf| {
        let name = f.file_name().unwrap().to_string_lossy().into_owned();
        !name.contains("-catalogue") && !name.contains("-units")
    };
    let files = toml_files(&root().join("rulebooks")).into_iter().filter(is_book);
    files.map(|f| (f.display().to_string(), toml::from_str(&read(&f)).unwrap())).collect()
}

fn is_code(s: &str) -> bool {
    s.bytes().all(|b| b.is_ascii_lowercase() || b == b'-')
}

/// What is unnamed in a value below `section`.
fn unnamed(section: &str, under: &str, value: &Value, out: &mut Vec<String>) {
    match value {
        Value::Table(_) if under == "by_kind" => {}
        Value::Table(table) => {
            for (k, v) in table.iter().filter(|(k, _)| !["id", "article", "assume"].contains(&k.as_str())) {
                if key(section, k).is_none() {
                    out.push(format!("[{section}] {k}"));
                }
                unnamed(section, k, v, out);
            }
        }
        Value::Array(items) => items.iter().for_each(|v| unnamed(section, under, v, out)),
        Value::String(s) if is_code(s) && !NAMES.contains(&under) && code(under, s).is_none() => {
            out.push(format!("[{section}] {under} = {s}"));
        }
        _ => {}
    }
}

#[test]
fn everything_shipped_has_a_chinese_name() {
    let shipped = shipped();
    assert!(!shipped.is_empty());
    let mut out = Vec::new();
    for (file, book) in &shipped {
        for (name, value) in book.iter().filter(|(k, _)| !["rulebook", "assume", "not_encoded"].contains(&k.as_str())) {
            if section(name) == name {
                out.push(format!("{file}: [{name}]"));
            }
            unnamed(name, "", value, &mut out);
        }
    }
    assert!(out.is_empty(), "name these in labels.rs: {out:#?}");
}

#[test]
fn what_has_no_name_is_found() {
    let book: Table = toml::from_str("[reply]\nbogus = 1\n[limit]\nfrom = \"nowhere\"\nid = \"x\"\n").unwrap();
    let mut out = Vec::new();
    book.iter().for_each(|(k, v)| unnamed(k, "", v, &mut out));
    assert_eq!(out, ["[limit] from = nowhere", "[reply] bogus"]);
    assert_eq!((section("bogus"), key("reply", "bogus"), code("from", "nowhere")), ("bogus", None, None));
}

#[test]
fn a_key_is_named_by_its_section_first() {
    assert_eq!(key("extension", "times").map(|k| k.1), Some("最多延期次数"));
    assert_eq!(key("anything", "times").map(|k| k.1), Some("次数"));
    assert_eq!((code("by", "review"), code("by", "town")), (Some("热线中心审核"), Some("镇街")));
}
