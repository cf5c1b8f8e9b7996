//! What a rule is called in a sentence: `办理时限`, `短信“办结时”`, `督办“在规定时限内未办结”`.

use std::collections::BTreeMap;

use toml::{Table, Value};

use super::Rule;
use crate::rulebook::{labels, parameters};

/// Of a longer name the beginning is enough to know it by.
const LONGEST_NAME: usize = 16;

/// The titles of all rules of both versions.
pub(super) struct Titles {
    /// By section, then title with conditions: the ids that are called so.
    known: BTreeMap<(String, String), Vec<String>>,
}

impl Titles {
    pub fn of<'r>(rules: impl Iterator<Item = &'r Rule>) -> Titles {
        let mut known: BTreeMap<(String, String), Vec<String>> = BTreeMap::new();
        for rule in rules {
            let ids = known.entry((rule.section.clone(), plain(rule, &[]))).or_default();
            if !ids.contains(&rule.id) {
                ids.push(rule.id.clone());
            }
        }
        Titles { known }
    }

    /// The title, with the cases it is for behind it; two rules that would be called alike carry their ids.
    pub fn with(&self, rule: &Rule, cases: &[String]) -> String {
        let twice = self.known.get(&(rule.section.clone(), plain(rule, &[]))).is_some_and(|ids| ids.len() > 1);
        let title = plain(rule, cases);
        if twice { format!("{title}〔{}〕", rule.id) } else { title }
    }

    pub fn title(&self, rule: &Rule) -> String {
        self.with(rule, &[])
    }
}

fn plain(rule: &Rule, cases: &[String]) -> String {
    let when = rule.table.get("when").and_then(Value::as_table);
    let when = when.map(|when| parameters::conditions(&rule.section, when));
    let cases: Vec<String> = when.into_iter().chain(cases.iter().cloned()).collect();
    let cases = if cases.is_empty() { String::new() } else { format!("（{}）", cases.join("；")) };
    format!("{}{cases}", name(&rule.section, &rule.id, &rule.table))
}

fn name(section: &str, id: &str, rule: &Table) -> String {
    let label = labels::section(section);
    let said = |key: &str| rule.get(key).and_then(Value::as_str);
    let coded = |key: &str| said(key).map(|code| labels::code(key, code).unwrap_or(code)).unwrap_or_default();
    match section {
        "limit" => format!("{}时限", coded("clock")),
        "message" => format!("{label}“{}时”", coded("on")),
        // What stands alone in its section needs no name.
        _ if id.is_empty() => label.to_owned(),
        _ => said("name").map_or_else(|| label.to_owned(), |name| format!("{label}“{}”", shortened(name))),
    }
}

fn shortened(name: &str) -> String {
    let cut: String = name.chars().take(LONGEST_NAME).collect();
    if cut.len() == name.len() { cut } else { format!("{cut}…") }
}
