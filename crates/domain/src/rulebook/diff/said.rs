//! Values of a rule in words, and how a change of one is said.

use std::fmt::Display;

use toml::{Table, Value};

use crate::{
    Amount,
    rulebook::{labels, parameters},
};

pub(super) fn quoted(text: &str) -> String {
    format!("“{}”", text.trim())
}

pub(super) fn from_to<T: PartialEq + Display>(what: &str, old: Option<T>, new: Option<T>) -> Option<String> {
    match (old, new) {
        (old, new) if old == new => None,
        (Some(old), Some(new)) => Some(format!("{what}由{old}改为{new}")),
        (None, Some(new)) => Some(format!("{what}定为{new}")),
        (Some(old), None) => Some(format!("取消{what}（原为{old}）")),
        (None, None) => None,
    }
}

pub(super) fn flag(old: bool, new: bool, on: &str, off: &str) -> Option<String> {
    (old != new).then(|| if new { on.to_owned() } else { off.to_owned() })
}

/// Without what says nothing: empty lists and tables, and, in a list of conditions, a mark that is not asked for.
pub(super) fn clean(table: Table) -> Table {
    table.into_iter().filter_map(|(key, value)| Some((key, cleaned(value)?))).collect()
}

fn cleaned(value: Value) -> Option<Value> {
    let marks = |value: Value| match value {
        Value::Table(table) => Value::Table(table.into_iter().filter(|(_, v)| v.as_bool() != Some(false)).collect()),
        other => other,
    };
    match value {
        Value::Table(table) => Some(clean(table)).filter(|t| !t.is_empty()).map(Value::Table),
        Value::Array(items) if items.is_empty() => None,
        Value::Array(items) => Some(Value::Array(items.into_iter().map(marks).collect())),
        other => Some(other),
    }
}

/// One value of a rule: a code by its name, a number with what it counts, a text in quotation marks.
pub(super) fn value(section: &str, key: &str, value: &Value, rule: &Table) -> String {
    match value {
        Value::Integer(n) => number(key, *n, rule),
        Value::String(s) if labels::code(key, s).is_none() && s.parse::<Amount>().is_err() => quoted(s),
        other => parameters::value_words(section, key, other),
    }
}

fn number(key: &str, n: i64, rule: &Table) -> String {
    match key {
        "at_most" if rule.get("days").and_then(Value::as_str) == Some("calendar") => format!("{n}日"),
        "at_most" => format!("{n}个工作日"),
        "ledger_from" => format!("第{n}次"),
        "recordings_years" => format!("{n}年"),
        "times" | "attempts" | "calls" => format!("{n}次"),
        _ => n.to_string(),
    }
}
