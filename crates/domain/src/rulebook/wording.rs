//! What the TOML reader and serde have to say, in Chinese; and dates, which TOML and JSON write in two ways.

use std::fmt;

use jiff::civil::Date;
use serde::{Deserialize, Deserializer, de};

/// How the TOML reader's messages begin, and what a person is told. The first that fits holds.
const SYNTAX: &[(&str, &str)] = &[
    ("duplicate key", "键重复：同一处写了两次"),
    ("cannot extend value", "键重复：同一处写了两次"),
    ("string values must be quoted", "“=”后缺少值，或文本没有加引号"),
    ("missing value", "“=”后缺少值"),
    ("key with no value", "键后缺少“=”和值；注释以“#”开头"),
    ("missing assignment", "键与值之间缺少“=”"),
    ("extra assignment", "多了“=”"),
    ("extra `=`", "多了“=”"),
    ("unclosed array table", "“[[”没有以“]]”结束"),
    ("unclosed table", "表名的“[”没有以“]”结束"),
    ("unclosed array", "列表的“[”没有以“]”结束"),
    ("unclosed inline table", "“{”没有以“}”结束"),
    ("missing comma", "各项之间缺少逗号，或括号没有结束"),
    ("extra comma", "多了逗号"),
    ("unquoted keys cannot be empty", "“=”前缺少键名"),
    ("missing key", "“=”前缺少键名"),
    ("invalid unquoted key", "键名不对：只用字母、数字、“-”和“_”，中文键名须加引号"),
    ("unexpected leading zero", "数字不对：不能以0开头"),
    ("unexpected sign", "数字不对"),
    ("unexpected", "此处多了内容：一行只写一项"),
    ("missing escaped value", "文本中“\\”后的字符不对；要写“\\”本身须写两个"),
    ("invalid escape", "文本中“\\”后的字符不对；要写“\\”本身须写两个"),
    ("invalid basic string", "文本的引号没有结束"),
    ("invalid literal string", "文本的引号没有结束"),
    ("invalid multi-line", "文本的引号没有结束"),
    ("invalid boolean", "应为 true 或 false"),
    ("invalid float", "值不对：文本须加引号，是非写作 true 或 false"),
    ("invalid integer", "值不对：文本须加引号，数字只用0至9"),
    ("`_` may only", "数字不对"),
    ("integer number overflowed", "数字过大"),
    ("invalid date", "日期不对；应写作 2022-01-01"),
    ("invalid time", "时间不对"),
    ("wanted string or table", "类型不对：应为文本"),
    ("expected table, found", "类型不对：应为文本"),
];

/// Serde and the TOML reader speak English. What is not known here is passed on as it is, so that nothing is lost.
pub(crate) fn in_chinese(message: &str) -> String {
    let message = message.lines().next().unwrap_or(message);
    let expected = |rest: &str| {
        let (got, expected) = rest.split_once(", expected ").unwrap_or((rest, ""));
        (got.to_owned(), expected.trim_start_matches("one of ").to_owned())
    };
    if let Some(rest) = message.strip_prefix("unknown field ") {
        let (key, known) = expected(rest);
        return format!("不认识的键{}；此处可用：{}", quoted(&key), quoted(&known));
    }
    if let Some(rest) = message.strip_prefix("unknown variant ") {
        let (got, known) = expected(rest);
        return format!("不认识的值{}；可用：{}", quoted(&got), quoted(&known));
    }
    if let Some(key) = message.strip_prefix("missing field ") {
        return format!("缺少键{}", quoted(key));
    }
    if let Some(rest) = message.strip_prefix("invalid type: ").or_else(|| message.strip_prefix("invalid value: ")) {
        let (got, wanted) = expected(rest);
        return format!("类型不对：得到{}，应为{}", thing(&got), thing(&wanted));
    }
    if let Some((_, known)) = SYNTAX.iter().find(|(begins, _)| message.starts_with(begins)) {
        return (*known).to_owned();
    }
    if message.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c)) {
        return message.to_owned();
    }
    format!("格式有误（{message}）")
}

/// Names between backticks, listed as Chinese lists them.
fn quoted(names: &str) -> String {
    let names: Vec<String> = names.split('`').skip(1).step_by(2).map(|name| format!("“{name}”")).collect();
    names.join("、")
}

/// Serde's name of a value or a type.
fn thing(name: &str) -> String {
    // Very large numbers come with their type behind them.
    let number = name.split("` as ").next().unwrap_or(name);
    let value = |prefix: &str| number.strip_prefix(prefix).map(|v| v.trim_matches(['`', '"']));
    if let Some(v) = value("string ") {
        return format!("文本“{v}”");
    }
    if let Some(v) = value("integer ").or_else(|| value("boolean ")).or_else(|| value("floating point ")) {
        return v.to_owned();
    }
    match name {
        "a string" | "string" => "文本".to_owned(),
        "a boolean" => "“true”或“false”".to_owned(),
        "u8" | "u16" | "u32" | "u64" | "usize" => "不小于0的整数".to_owned(),
        "i8" | "i16" | "i32" | "i64" => "整数".to_owned(),
        "a sequence" | "sequence" => "列表（[…]）".to_owned(),
        "a map" => "表（{…}）".to_owned(),
        // The TOML reader hands a date over as a table.
        "map" => "表或日期".to_owned(),
        _ if name.starts_with("struct ") => "表（{…}）".to_owned(),
        _ => name.to_owned(),
    }
}

/// A date as TOML writes it (`2022-01-01`) or as text (`"2022-01-01"`).
struct Day(Date);

impl<'de> Deserialize<'de> for Day {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        d.deserialize_any(DayVisitor)
    }
}

struct DayVisitor;

impl<'de> de::Visitor<'de> for DayVisitor {
    type Value = Day;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("日期（2022-01-01）")
    }

    fn visit_str<E: de::Error>(self, s: &str) -> Result<Day, E> {
        let wrong = || E::custom(format!("“{s}”不是日期；应写作 2022-01-01"));
        // A date and nothing after it.
        if s.len() == 10 { s.parse().map(Day).map_err(|_| wrong()) } else { Err(wrong()) }
    }

    fn visit_map<A: de::MapAccess<'de>>(self, map: A) -> Result<Day, A::Error> {
        let wrong = |_| de::Error::custom("不是日期；应写作 2022-01-01");
        let date = toml::value::Datetime::deserialize(de::value::MapAccessDeserializer::new(map)).map_err(wrong)?;
        self.visit_str(&date.to_string())
    }
}

/// For `#[serde(deserialize_with)]`: a date.
pub(crate) fn date<'de, D: Deserializer<'de>>(d: D) -> Result<Date, D::Error> {
    Day::deserialize(d).map(|day| day.0)
}

/// For `#[serde(deserialize_with)]`: a list of dates.
pub(crate) fn dates<'de, D: Deserializer<'de>>(d: D) -> Result<Vec<Date>, D::Error> {
    Vec::<Day>::deserialize(d).map(|days| days.into_iter().map(|day| day.0).collect())
}
