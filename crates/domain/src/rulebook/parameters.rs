//! A rule's parameters in plain Chinese, from the file as it is written, whatever keys it has.

use toml::{Table, Value};

use super::labels;
use crate::{Amount, Kind};

/// One parameter; the label is empty where the value says all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parameter {
    pub label: String,
    pub value: String,
}

/// Keys that are columns of their own, or only names inside the file.
pub const ELSEWHERE: [&str; 3] = ["id", "article", "assume"];

/// The parameters of a rule in the order of the label table, without the keys in `but`.
pub fn parameters(section: &str, rule: &Table, but: &[&str]) -> Vec<Parameter> {
    let mut keys: Vec<(usize, &String, &Value)> = rule
        .iter()
        .filter(|(key, value)| !ELSEWHERE.contains(&key.as_str()) && !but.contains(&key.as_str()) && !is_rule(value))
        .map(|(key, value)| (labels::key(section, key).map_or(usize::MAX, |(at, _)| at), key, value))
        .collect();
    keys.sort_by_key(|(at, _, _)| *at);
    keys.into_iter()
        .map(|(_, key, value)| Parameter {
            label: label(section, key).to_owned(),
            value: value_words(section, key, value),
        })
        .collect()
}

/// A table that has a source of its own is a rule of its own.
pub fn is_rule(value: &Value) -> bool {
    let sourced = |table: &Table| table.contains_key("article") || table.contains_key("assume");
    match value {
        Value::Table(table) => sourced(table),
        Value::Array(items) => items.iter().any(|i| i.as_table().is_some_and(sourced)),
        _ => false,
    }
}

fn label<'k>(section: &str, key: &'k str) -> &'k str {
    labels::key(section, key).map_or(key, |(_, zh)| zh)
}

pub(super) fn value_words(section: &str, key: &str, value: &Value) -> String {
    match value {
        Value::Boolean(yes) => if *yes { "是" } else { "否" }.to_owned(),
        Value::String(s) => text(key, s),
        Value::Array(items) if items.iter().any(Value::is_table) => {
            items.iter().map(|i| value_words(section, key, i)).collect::<Vec<_>>().join("；或")
        }
        Value::Array(items) => items.iter().map(|i| value_words(section, key, i)).collect::<Vec<_>>().join("、"),
        Value::Table(table) if key == "when" => conditions(section, table),
        Value::Table(table) => match by_kind(table) {
            Some(groups) => {
                let words = |(amount, kinds): (Amount, Vec<Kind>)| format!("{}{amount}", kinds_words(&kinds));
                groups.into_iter().map(words).collect::<Vec<_>>().join("；")
            }
            None => {
                let inner = parameters(section, table, &[]);
                inner.iter().map(|p| format!("{}：{}", p.label, p.value)).collect::<Vec<_>>().join("；")
            }
        },
        other => other.to_string(),
    }
}

/// A code by its name, an amount in words, any other text as it is.
fn text(key: &str, s: &str) -> String {
    let amount = || s.parse::<Amount>().ok().map(|a| a.to_string());
    labels::code(key, s).map(str::to_owned).or_else(amount).unwrap_or_else(|| s.to_owned())
}

/// All that is said must hold.
pub(super) fn conditions(section: &str, when: &Table) -> String {
    let words = |(key, value): (&String, &Value)| match (key.as_str(), value) {
        ("urgent", Value::Boolean(yes)) => if *yes { "突发事件工单" } else { "普通工单" }.to_owned(),
        ("difficult", Value::Boolean(yes)) => if *yes { "疑难、复杂" } else { "非疑难、复杂" }.to_owned(),
        ("redo", Value::Boolean(yes)) => if *yes { "重办" } else { "首次办理" }.to_owned(),
        ("major", Value::Boolean(true)) => "重大事件".to_owned(),
        ("several_units", Value::Boolean(true)) => "涉及多个单位".to_owned(),
        ("contacts_at_least", n) => format!("同一事项反映{n}次及以上"),
        ("kinds", kinds) => format!("{}类", value_words(section, key, kinds)),
        (_, value) => format!("{}：{}", label(section, key), value_words(section, key, value)),
    };
    when.iter().map(words).collect::<Vec<_>>().join("，且")
}

/// Kinds that share an amount, in the order of the kinds; `None` if this is no table of kinds.
pub fn by_kind(table: &Table) -> Option<Vec<(Amount, Vec<Kind>)>> {
    let mut of: Vec<(Kind, Amount)> = Vec::new();
    for (kind, amount) in table {
        of.push((kind.parse().ok()?, amount.as_str()?.parse().ok()?));
    }
    of.sort_by_key(|(kind, _)| *kind);
    let mut groups: Vec<(Amount, Vec<Kind>)> = Vec::new();
    for (kind, amount) in of {
        match groups.iter_mut().find(|(a, _)| *a == amount) {
            Some((_, kinds)) => kinds.push(kind),
            None => groups.push((amount, vec![kind])),
        }
    }
    (!groups.is_empty()).then_some(groups)
}

pub fn kinds_words(kinds: &[Kind]) -> String {
    kinds.iter().map(|k| k.zh()).collect::<Vec<_>>().join("、")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(section: &str, rule: &str) -> Vec<String> {
        let list = parameters(section, &toml::from_str(rule).unwrap(), &["name"]);
        list.iter().map(|p| format!("{}：{}", p.label, p.value)).collect()
    }

    #[test]
    fn parameters_read_as_chinese() {
        let limit = "id = \"x\"\nfrom = \"dispatch\"\nover = [\"a\", \"b\"]\narticle = \"第一条\"\n\
                     by_kind = { report = \"10 working days\", help = \"5 working days\", complaint = \"10 working days\" }\n\
                     when = { urgent = false, contacts_at_least = 3, kinds = [\"help\", \"report\"] }\n";
        let wanted = [
            "起算：派发",
            "期限：求助5个工作日；投诉、举报10个工作日",
            "适用：同一事项反映3次及以上，且求助、举报类，且普通工单",
            "先于规则：a、b",
        ];
        assert_eq!(words("limit", limit), wanted);
        let other = "name = \"甲\"\nlate = \"accepted\"\nneeds = [\"basis\", \"leader-sheet\"]\nis = \"24 working hours\"\n\
                     times = 2\nbogus = \"accepted\"\n";
        let wanted =
            ["期限：24个工作日小时", "须提供：依据、领导签署意见", "逾期申请：视为受理", "次数：2", "bogus：accepted"];
        assert_eq!(words("return", other), wanted);
        let approval = "when = [{ major = true }, { difficult = true, several_units = true }]\n";
        assert_eq!(words("approval", approval), ["适用：重大事件；或疑难、复杂，且涉及多个单位"]);
    }

    #[test]
    fn a_rule_in_a_rule_is_not_a_parameter() {
        assert!(words("reply", "sub = { article = \"第二条\", plain = true }\n").is_empty());
        assert_eq!(words("reply", "sub = { plain = true }\n"), ["sub：不含空格和特殊符号：是"]);
    }
}
