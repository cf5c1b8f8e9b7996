//! A unit list (单位名录) as a file: for the demo, for rehearsals, and for a centre's first start.

use std::collections::BTreeMap;

use jiesu_domain::{
    catalogue::Fault,
    rulebook::{RulebookError, RulebookErrors, line_of, parse_toml},
    ticket::Units,
};
use serde::Deserialize;

/// A unit list, `…-units.toml`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UnitsFile {
    pub units: UnitsHead,
    /// By id.
    pub unit: Units,
}

/// Which list this is.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UnitsHead {
    /// Id of the rulebook it goes with.
    pub rulebook: String,
    /// Written by us for a start, not a list of real units.
    #[serde(default)]
    pub default: bool,
    #[serde(default)]
    pub note: Option<String>,
}

impl UnitsFile {
    /// Reads and checks a unit list.
    ///
    /// # Errors
    /// All that is wrong, with lines.
    pub fn parse(file: &str, text: &str) -> Result<UnitsFile, RulebookErrors> {
        let list: UnitsFile = parse_toml(file, text).map_err(|e: RulebookError| RulebookErrors(vec![e]))?;
        let error =
            |f: Fault| RulebookError { file: file.to_owned(), line: line_of(text, &f.path), message: f.message };
        let mut errors: Vec<RulebookError> = list.faults().into_iter().map(error).collect();
        errors.sort_by_key(|e| e.line);
        if errors.is_empty() { Ok(list) } else { Err(RulebookErrors(errors)) }
    }

    fn faults(&self) -> Vec<Fault> {
        let mut faults = Vec::new();
        let mut names: BTreeMap<&str, &str> = BTreeMap::new();
        for (id, unit) in &self.unit {
            let mut add = |key: &str, message: String| {
                faults.push(Fault { path: vec!["unit".to_owned(), id.clone(), key.to_owned()], message });
            };
            if id.is_empty() || !id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-') {
                add("name", format!("单位编号“{id}”只用小写字母、数字与连字符"));
            }
            if unit.name.trim().is_empty() {
                add("name", "单位名称为空".into());
            } else if let Some(other) = names.insert(unit.name.trim(), id) {
                add("name", format!("单位名称“{}”与“{other}”相同", unit.name));
            }
            match unit.parent.as_deref() {
                Some(parent) if !self.unit.contains_key(parent) => {
                    add("parent", format!("单位名录中没有上级单位“{parent}”"));
                }
                Some(_) if self.above_itself(id) => add("parent", "上级单位绕成了一圈".into()),
                _ => {}
            }
        }
        faults
    }

    fn above_itself(&self, id: &str) -> bool {
        let mut at = id;
        for _ in 0..self.unit.len() {
            match self.unit.get(at).and_then(|u| u.parent.as_deref()) {
                None => return false,
                Some(parent) if parent == id => return true,
                Some(parent) => at = parent,
            }
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(units: &str) -> String {
        let text = format!("[units]\nrulebook = \"shangrao\"\n{units}");
        UnitsFile::parse("u.toml", &text).unwrap_err().to_string()
    }

    #[test]
    fn faults_have_lines() {
        let a = "[unit.a]\nname = \"甲\"\nkind = \"town\"\n";
        assert!(faults(&format!("{a}parent = \"b\"\n")).contains("u.toml 第6行：单位名录中没有上级单位“b”"));
        assert!(faults(&format!("{a}parent = \"a\"\n")).contains("绕成了一圈"));
        assert!(faults(&format!("{a}[unit.b]\nname = \"甲\"\nkind = \"town\"\n")).contains("第7行：单位名称“甲”"));
        assert!(faults(&format!("{a}{a}")).contains("第"));
        assert!(faults("[unit.a]\nname = \"甲\"\nkind = \"village\"\n").contains("不认识的值“village”"));
    }
}
