//! One rule before and after, key by key.

use std::collections::BTreeMap;

use toml::{Table, Value};

use super::{
    Change, ChangeKind, Rule, Rules, changed,
    said::{from_to, quoted, value},
    title::Titles,
};
use crate::{
    Amount, Kind,
    rulebook::{Rulebook, labels, parameters},
};

/// Both versions, for what one rule says of others.
pub(super) struct Desk<'a> {
    pub old: &'a Rulebook,
    pub new: &'a Rulebook,
    pub was: &'a Rules,
    pub is: &'a Rules,
    pub titles: &'a Titles,
}

impl Desk<'_> {
    /// A rule that is new or gone, with all it says.
    pub fn whole(&self, rule: &Rule, kind: ChangeKind) -> Change {
        let not_said = |v: &Value| v.as_bool() == Some(false);
        let mut said: Table =
            rule.table.iter().filter(|(_, v)| !not_said(v)).map(|(k, v)| (k.clone(), v.clone())).collect();
        said.remove("when"); // in the title
        let gone = kind == ChangeKind::Removed;
        for key in ["over", "closed_as"] {
            let name = |v: Value| self.named(&rule.section, key, &v, gone).map_or(v, Value::String);
            match said.remove(key) {
                Some(Value::Array(list)) => {
                    said.insert(key.to_owned(), list.into_iter().map(name).collect::<Vec<_>>().into())
                }
                Some(one) => said.insert(key.to_owned(), name(one)),
                None => None,
            };
        }
        let list = parameters::parameters(&rule.section, &said, self.named_by(rule));
        let mut parts: Vec<String> = list.iter().map(|p| format!("{}{}", p.label, separated(&p.value))).collect();
        if let [only] = list.as_slice()
            && rule.section == "limit"
        {
            parts = vec![only.value.clone()];
        }
        let title = self.titles.title(rule);
        let (article, what) = (cited(rule.article()), parts.join("；"));
        let text = match (kind, what.is_empty()) {
            (ChangeKind::Removed, true) => format!("删除{title}{article}"),
            (ChangeKind::Removed, false) => format!("删除{title}{article}，原规定为：{what}"),
            (_, true) => format!("新增{title}{article}"),
            (_, false) => format!("新增{title}{article}：{what}"),
        };
        Change { kind, ..changed(&rule.section, &rule.id, rule.article(), text) }
    }

    /// Keys that the title says already.
    fn named_by(&self, rule: &Rule) -> &'static [&'static str] {
        let short = |name: &str| name.chars().count() <= 16;
        match rule.section.as_str() {
            "limit" => &["clock"],
            "message" => &["on"],
            _ if rule.id.is_empty() => &[],
            _ if rule.table.get("name").and_then(Value::as_str).is_some_and(short) => &["name"],
            _ => &[],
        }
    }

    /// What differs between two versions of a rule, each part a change of its own.
    pub fn differences(&self, old: &Rule, new: &Rule) -> Vec<Change> {
        let mut keys: Vec<&String> = old.table.keys().chain(new.table.keys()).collect();
        keys.sort();
        keys.dedup();
        keys.sort_by_key(|key| labels::key(&new.section, key).map_or(usize::MAX, |(at, _)| at));
        let mut texts = Vec::new();
        for key in keys.into_iter().filter(|k| !parameters::ELSEWHERE.contains(&k.as_str())) {
            let (before, after) = (old.table.get(key), new.table.get(key));
            if before != after {
                texts.extend(self.key(key, old, new, before, after));
            }
        }
        let cited = cited(new.article());
        let mut texts: Vec<String> = texts.into_iter().map(|t| format!("{t}{cited}")).collect();
        texts.extend(self.sources(old, new));
        texts.into_iter().map(|text| changed(&new.section, &new.id, new.article(), text)).collect()
    }

    fn key(&self, key: &str, old: &Rule, new: &Rule, before: Option<&Value>, after: Option<&Value>) -> Vec<String> {
        let section = new.section.as_str();
        let title = self.titles.title(new);
        let label = labels::key(section, key).map_or(key, |(_, zh)| zh);
        let what = format!("{title}：{label}");
        let words = |value_of: Option<&Value>, rule: &Rule| {
            let gone = std::ptr::eq(rule, old);
            value_of.map(|v| self.named(section, key, v, gone).unwrap_or_else(|| value(section, key, v, &rule.table)))
        };
        let whole = |what: &str| from_to(what, words(before, old), words(after, new)).into_iter().collect();
        let list = |v: Option<&Value>| v.is_none_or(|v| v.as_array().is_some_and(|l| !l.iter().any(Value::is_table)));
        let table = |v: Option<&Value>| v.is_none_or(Value::is_table);
        match (before, after) {
            _ if key == "by_kind" && table(before) && table(after) => self.by_kind(new, before, after),
            _ if key == "when" => {
                let said = |v: Option<&Value>| {
                    v.map_or_else(|| "所有情形".to_owned(), |v| words(Some(v), new).unwrap_or_default())
                };
                let name = if new.id.is_empty() { String::new() } else { format!("〔{}〕", new.id) };
                vec![format!("{}{name}的适用情形由{}改为{}", bare(&title), said(before), said(after))]
            }
            _ if key == "over" => self.items(&what, before, after, false, |v, gone| {
                self.named(section, key, v, gone).unwrap_or_else(|| text(v))
            }),
            (None | Some(Value::Boolean(_)), None | Some(Value::Boolean(_))) => {
                let said = |v: Option<&Value>| {
                    if v.and_then(Value::as_bool) == Some(true) { "“是”" } else { "“否”" }
                };
                from_to(&format!("{title}：{}", quoted(label)), Some(said(before)), Some(said(after)))
                    .into_iter()
                    .collect()
            }
            _ if list(before) && list(after) => self.items(&what, before, after, key == "levels", |v, _| match v {
                Value::String(s) => labels::code(key, s).unwrap_or(s).to_owned(),
                other => parameters::value_words(section, key, other),
            }),
            // What a limit is, is the limit itself.
            _ if key == "is" && section == "limit" => whole(&title),
            (None, Some(_)) => vec![format!("{title}：增加{}{}", quoted(label), words(after, new).unwrap_or_default())],
            (Some(_), None) => {
                vec![format!("{title}：取消{}（原为{}）", quoted(label), words(before, old).unwrap_or_default())]
            }
            _ => whole(&what),
        }
    }

    /// What is called by its id in the file, by its name: a rule that is gone, by its name in the old version.
    fn named(&self, section: &str, key: &str, v: &Value, gone: bool) -> Option<String> {
        let section = match key {
            "over" => section,
            "closed_as" => "closure_ground",
            _ => return None,
        };
        let rules = if gone { self.was } else { self.is };
        rules.get(&(section.to_owned(), text(v), 0)).map(|rule| self.titles.title(rule))
    }

    /// The kinds that went from one amount to the same other one are said together.
    fn by_kind(&self, rule: &Rule, before: Option<&Value>, after: Option<&Value>) -> Vec<String> {
        let amounts = |v: Option<&Value>| -> BTreeMap<Kind, Amount> {
            let table = v.and_then(Value::as_table).into_iter().flatten();
            table.filter_map(|(kind, amount)| Some((kind.parse().ok()?, amount.as_str()?.parse().ok()?))).collect()
        };
        let (before, after) = (amounts(before), amounts(after));
        let mut groups: Vec<(Option<Amount>, Option<Amount>, Vec<Kind>)> = Vec::new();
        for kind in Kind::ALL {
            let (old, new) = (before.get(kind).copied(), after.get(kind).copied());
            match groups.iter_mut().find(|(o, n, _)| (*o, *n) == (old, new)) {
                Some((_, _, kinds)) => kinds.push(*kind),
                None => groups.push((old, new, vec![*kind])),
            }
        }
        let said = |(old, new, kinds): (Option<Amount>, Option<Amount>, Vec<Kind>)| {
            from_to(&self.titles.with(rule, &[parameters::kinds_words(&kinds)]), old, new)
        };
        groups.into_iter().filter_map(said).collect()
    }

    /// A list: what came in and what went out; the same items in another order.
    fn items(
        &self,
        what: &str,
        before: Option<&Value>,
        after: Option<&Value>,
        ordered: bool,
        words: impl Fn(&Value, bool) -> String,
    ) -> Vec<String> {
        let list = |v: Option<&Value>| v.and_then(Value::as_array).cloned().unwrap_or_default();
        let (before, after) = (list(before), list(after));
        let only = |list: &[Value], other: &[Value], gone: bool| -> Vec<String> {
            list.iter().filter(|v| !other.contains(v)).map(|v| words(v, gone)).collect()
        };
        let (came, went) = (only(&after, &before, false), only(&before, &after, true));
        let said = |verb: &str, list: &[String]| (!list.is_empty()).then(|| format!("{verb}{}", list.join("、")));
        let parts: Vec<String> = [said("增加", &came), said("删去", &went)].into_iter().flatten().collect();
        // Only who is asked after whom means something.
        if parts.is_empty() && !ordered {
            return Vec::new();
        }
        if parts.is_empty() {
            let all = |list: &[Value], gone| list.iter().map(|v| words(v, gone)).collect::<Vec<_>>().join("、");
            return vec![format!("{what}的顺序由{}改为{}", all(&before, true), all(&after, false))];
        }
        vec![format!("{what}{}", parts.join("，"))]
    }

    /// Article and readings.
    fn sources(&self, old: &Rule, new: &Rule) -> Vec<String> {
        let title = self.titles.title(new);
        let article = |rule: &Rule| Some(rule.article().to_owned()).filter(|a| !a.is_empty());
        let mut texts: Vec<String> =
            from_to(&format!("{title}依据的条文"), article(old), article(new)).into_iter().collect();
        let (before, after) = (old.table.get("assume"), new.table.get("assume"));
        if before != after {
            texts.extend(self.items(&format!("{title}所依的理解"), before, after, false, |v, gone| {
                let book = if gone { self.old } else { self.new };
                quoted(&book.reading(&text(v)).map_or_else(|| text(v), |a| a.question.clone()))
            }));
        }
        texts
    }
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// Without the conditions, where those are what changed.
fn bare(title: &str) -> &str {
    title.split_once('（').map_or(title, |(name, _)| name)
}

fn separated(value: &str) -> String {
    if value == "是" { String::new() } else { format!("：{value}") }
}

fn cited(article: &str) -> String {
    if article.is_empty() { "（条文未规定）".to_owned() } else { format!("（{article}）") }
}
