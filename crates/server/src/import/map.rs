//! The map: which column of a table is what. A TOML file beside the table or in `imports/`; see `docs/import.md`.

use std::{collections::BTreeMap, path::Path};

use jiesu_domain::{
    Channel, Kind,
    rulebook::{RulebookError, line_of, parse_toml},
    words::Satisfaction,
};
use serde::Deserialize;

use super::time;

/// A map that cannot be used; in Chinese, naming file and line.
#[derive(Debug, thiserror::Error)]
pub enum MapError {
    #[error("读不到对照表 {path}：{source}")]
    Read { path: String, source: std::io::Error },
    #[error("对照表 {0}")]
    Wrong(#[from] RulebookError),
}

/// A checked map.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Map {
    /// Name of the source: with the id it tells a row again that was imported before.
    pub source: String,
    /// Sheet of a workbook; without it the first.
    #[serde(default)]
    pub sheet: Option<String>,
    pub columns: Columns,
    pub time: TimeRule,
    pub channel: Choice<Channel>,
    pub kind: KindRule,
    #[serde(default)]
    pub person: PersonColumns,
    #[serde(default)]
    pub history: Option<HistoryRule>,
}

/// Columns by name, as in the head of the table or the keys of the lines.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Columns {
    #[serde(default)]
    pub id: Option<String>,
    pub title: String,
    pub content: String,
    pub received: String,
    #[serde(default)]
    pub place: Option<String>,
    #[serde(default)]
    pub category: Option<String>,
}

/// How times are written, for all columns of the map.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TimeRule {
    /// strftime patterns, `rfc3339`, `excel`; the first that fits holds.
    pub formats: Vec<String>,
}

/// A value by the codes of a column, or one for all.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Choice<T> {
    #[serde(default)]
    pub column: Option<String>,
    #[serde(default = "BTreeMap::new")]
    pub values: BTreeMap<String, T>,
    /// For a row whose code is not listed; without it such a row is rejected.
    #[serde(default = "none")]
    pub default: Option<T>,
}

fn none<T>() -> Option<T> {
    None
}

/// The kind: by codes, by words, or one for all.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KindRule {
    #[serde(default)]
    pub column: Option<String>,
    #[serde(default)]
    pub values: BTreeMap<String, Kind>,
    #[serde(default)]
    pub default: Option<Kind>,
    /// Tried in their order; the first that has a word in the text holds.
    #[serde(default)]
    pub words: Vec<WordRule>,
}

/// Words that make a kind. A rule of the map, and no classifier.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WordRule {
    pub kind: Kind,
    pub any: Vec<String>,
    /// Where the words are looked for; by default the title.
    #[serde(default)]
    pub within: Within,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Within {
    #[default]
    Title,
    Content,
    Both,
}

/// Who appealed. Nothing here is guessed: a column that is not named stays empty.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PersonColumns {
    /// The person's id at the platform.
    #[serde(default)]
    pub id: Option<String>,
    /// Whose ids they are: two tables of one platform share it. By default the source.
    #[serde(default)]
    pub platform: Option<String>,
    #[serde(default)]
    pub name: Option<String>,
    #[serde(default)]
    pub phone: Option<String>,
    #[serde(default)]
    pub email: Option<String>,
    #[serde(default)]
    pub address: Option<String>,
}

/// What the other system did with it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HistoryRule {
    /// Handled by its state, reply or not.
    #[serde(default)]
    pub handled: Option<HandledRule>,
    /// A row with a reply is handled.
    #[serde(default)]
    pub reply: Option<String>,
    #[serde(default)]
    pub replied_at: Option<String>,
    #[serde(default)]
    pub unit: Option<String>,
    /// Names for the unit's codes.
    #[serde(default)]
    pub units: Option<NamesFile>,
    #[serde(default)]
    pub assigned_at: Option<String>,
    #[serde(default)]
    pub deadline: Option<String>,
    #[serde(default)]
    pub satisfaction: Option<SatisfactionRule>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HandledRule {
    pub column: String,
    pub values: Vec<String>,
    /// States that are not handled. If given, any other state is rejected.
    #[serde(default)]
    pub open: Vec<String>,
}

/// A JSON file with a list of objects, in the folder of the table.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NamesFile {
    pub file: String,
    /// Key of the code in each object.
    pub id: String,
    /// Key of the name.
    pub name: String,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SatisfactionRule {
    pub column: String,
    pub values: BTreeMap<String, Satisfaction>,
    /// Codes that mean: not rated.
    #[serde(default)]
    pub none: Vec<String>,
}

impl Map {
    /// Reads and checks a map.
    ///
    /// # Errors
    /// It cannot be read, is no TOML, has keys or values that are not known, or leaves a question open.
    pub fn load(path: &Path) -> Result<Map, MapError> {
        let name = path.display().to_string();
        let text = std::fs::read_to_string(path).map_err(|source| MapError::Read { path: name.clone(), source })?;
        Ok(Map::parse(&name, &text)?)
    }

    /// Checks a map's text; `file` is only named in errors.
    ///
    /// # Errors
    /// As [`Map::load`].
    pub fn parse(file: &str, text: &str) -> Result<Map, RulebookError> {
        let map: Map = parse_toml(file, text)?;
        let fault = map.faults().into_iter().next();
        match fault {
            None => Ok(map),
            Some((path, message)) => {
                let path: Vec<String> = path.iter().map(|p| (*p).to_owned()).collect();
                Err(RulebookError { file: file.to_owned(), line: line_of(text, &path), message })
            }
        }
    }

    /// What the types cannot say, with the path of the key it is about.
    fn faults(&self) -> Vec<(Vec<&'static str>, String)> {
        let mut faults = Vec::new();
        let mut fault = |path: &[&'static str], message: &str| faults.push((path.to_vec(), message.to_owned()));
        if self.source.trim().is_empty() || self.source.chars().count() > 100 {
            fault(&["source"], "来源名须为1至100字");
        }
        if self.time.formats.is_empty() {
            fault(&["time", "formats"], "至少写一种时间格式");
        }
        for message in self.time.formats.iter().filter_map(|f| time::check(f).err()) {
            fault(&["time", "formats"], &message);
        }
        let channel = &self.channel;
        coded(&mut fault, "channel", channel.column.is_some(), channel.values.is_empty(), channel.default.is_some());
        let kind = &self.kind;
        if kind.words.is_empty() {
            coded(&mut fault, "kind", kind.column.is_some(), kind.values.is_empty(), kind.default.is_some());
        } else if kind.column.is_some() || !kind.values.is_empty() {
            fault(&["kind"], "kind 或按列（column、values），或按词（words），不能两样都写");
        } else if kind.default.is_none() {
            fault(&["kind"], "按词（words）定类别时须写 default：没有这些词的归哪一类");
        }
        if kind.words.iter().any(|w| w.any.is_empty() || w.any.iter().any(|word| word.trim().is_empty())) {
            fault(&["kind", "words"], "words 的 any 不能为空，其中的词也不能为空");
        }
        if self.person.platform.is_some() && self.person.id.is_none() {
            fault(&["person"], "写了 platform 就要写 id：平台用户编号在哪一列");
        }
        if let Some(history) = &self.history {
            if history.reply.is_none() && history.handled.is_none() {
                fault(&["history"], "须写 reply（答复内容的列）或 handled（哪些状态算办结），否则分不出哪些已办结");
            }
            if history.units.is_some() && history.unit.is_none() {
                fault(&["history", "units"], "写了 units 就要写 unit：单位编号在哪一列");
            }
        }
        faults
    }

    /// Every column the map names.
    pub fn named(&self) -> Vec<&str> {
        let (c, p) = (&self.columns, &self.person);
        let mut named = vec![Some(&c.title), Some(&c.content), Some(&c.received), c.id.as_ref(), c.place.as_ref()];
        named.extend([c.category.as_ref(), self.channel.column.as_ref(), self.kind.column.as_ref()]);
        named.extend([&p.id, &p.name, &p.phone, &p.email, &p.address].map(Option::as_ref));
        if let Some(h) = &self.history {
            named.extend([&h.reply, &h.replied_at, &h.unit, &h.assigned_at, &h.deadline].map(Option::as_ref));
            named.extend([h.handled.as_ref().map(|r| &r.column), h.satisfaction.as_ref().map(|r| &r.column)]);
        }
        named.into_iter().flatten().map(String::as_str).collect()
    }
}

/// A table of codes needs its column, and the other way round; without either there must be a default.
fn coded(fault: &mut impl FnMut(&[&'static str], &str), key: &'static str, column: bool, empty: bool, default: bool) {
    if column == empty {
        fault(&[key], "column 和 values 要一起写");
    } else if !column && !default {
        fault(&[key], "须写 default，或者 column 和 values");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"source = "信箱"
[columns]
title = "标题"
content = "内容"
received = "时间"
[time]
formats = ["%Y/%m/%d"]
[channel]
default = "网站"
[kind]
default = "help"
"#;

    fn wrong(from: &str, to: &str) -> String {
        assert!(GOOD.contains(from), "{from}");
        Map::parse("x.toml", &GOOD.replace(from, to)).unwrap_err().to_string()
    }

    #[test]
    fn a_map_is_read() {
        let map = Map::parse("x.toml", GOOD).unwrap();
        assert_eq!(map.channel.default, Some(Channel::Web));
        assert_eq!(map.named(), ["标题", "内容", "时间"]);
    }

    #[test]
    fn errors_name_the_line_and_what_is_wrong() {
        let cases = [
            ("title = ", "titel = ", "第3行：不认识的键“titel”"),
            ("default = \"help\"", "default = \"求助信\"", "第11行：不认识的值“求助信”"),
            ("content = \"内容\"\n", "", "第2行：缺少键“content”"),
            ("\"%Y/%m/%d\"", "\"%Y/%m\"", "第7行：时间格式“%Y/%m”不全"),
            ("default = \"网站\"", "column = \"来源\"", "第8行：column 和 values 要一起写"),
            (
                "default = \"help\"",
                "[[kind.words]]\nkind = \"咨询\"\nany = [\"请问\"]",
                "第10行：按词（words）定类别时须写 default",
            ),
            ("source = \"信箱\"", "source = \"\"", "第1行：来源名"),
            ("default = \"help\"", "default = \"help\"\n[history]\nunit = \"单位\"", "第12行：须写 reply"),
        ];
        for (from, to, expected) in cases {
            let error = wrong(from, to);
            assert!(error.contains(expected), "{error}\n没有：{expected}");
        }
    }
}
