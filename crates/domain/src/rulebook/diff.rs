//! What a new version of a rulebook changes, in Chinese: for the legal office that adopts it.
//!
//! Rules are compared as values, by section and id, so that a key added to the format is compared without a change here. Names of
//! sections, keys and codes are in [`super::labels`].

mod rule;
mod said;
mod title;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use toml::{Table, Value};

use super::{Assume, Head, NotEncoded, Rulebook, labels, source};
use crate::words::words;
use said::{flag, from_to, quoted};
use title::Titles;

words! {
    /// What became of a rule.
    ChangeKind, "办法变动" {
        Added = "added" "新增",
        Removed = "removed" "删除",
        Changed = "changed" "变更",
    }
}

/// One thing that is not as it was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// As the file names it: `limit`; `rulebook` for the head, `assume` for a reading.
    pub section: String,
    /// The rule's id; empty where a section has only one.
    pub id: String,
    /// Of the new version, or of the old one for what is gone; empty where only readings carry it.
    pub article: String,
    pub kind: ChangeKind,
    /// The whole change as a sentence.
    pub text: String,
}

/// What is new, gone or changed from `old` to `new`: the head, the rules in the order of the text (those it does not know at the end), our
/// readings, and what is not encoded. The order of rules and of the items of a list is a change only where it means something.
pub fn changes(old: &Rulebook, new: &Rulebook) -> Vec<Change> {
    let mut found = head(&old.rulebook, &new.rulebook);
    found.extend(rules(old, new));
    found.extend(readings(&old.assume, &new.assume));
    found.extend(not_encoded(&old.not_encoded, &new.not_encoded));
    found
}

fn head(old: &Head, new: &Head) -> Vec<Change> {
    let date = |d: jiff::civil::Date| format!("{}年{}月{}日", d.year(), d.month(), d.day());
    let version = |n: u32| format!("第{n}版");
    let parts = [
        from_to("办法编号", Some(quoted(&old.id)), Some(quoted(&new.id))),
        from_to("版本", Some(version(old.version)), Some(version(new.version))),
        from_to("施行日期", Some(date(old.in_force)), Some(date(new.in_force))),
        from_to("办法名称", Some(quoted(&old.name)), Some(quoted(&new.name))),
        from_to("文件状态", old.status.as_deref().map(quoted), new.status.as_deref().map(quoted)),
        from_to("地区", Some(quoted(&old.place)), Some(quoted(&new.place))),
        from_to("工单编号的前缀", Some(&old.prefix), Some(&new.prefix)),
        from_to("最近核对日期", Some(date(old.confirmed)), Some(date(new.confirmed))),
    ];
    parts.into_iter().flatten().map(|text| changed("rulebook", "", "", text)).collect()
}

fn changed(section: &str, id: &str, article: &str, text: String) -> Change {
    Change {
        section: section.to_owned(),
        id: id.to_owned(),
        article: article.to_owned(),
        kind: ChangeKind::Changed,
        text,
    }
}

/// One rule as a value, and where it stands.
struct Rule {
    section: String,
    id: String,
    /// Its place among the rules of its section.
    at: usize,
    table: Table,
}

impl Rule {
    fn article(&self) -> &str {
        self.table.get("article").and_then(Value::as_str).unwrap_or_default().trim()
    }

    /// By article; then headlines; then what the text does not know. Beside each other as the sections are.
    fn order(&self) -> (u8, Vec<u32>, usize, usize) {
        let order = source::order(self.article());
        let group = if self.article().is_empty() { 2 } else { u8::from(order.is_none()) };
        (group, order.unwrap_or_default(), labels::section_place(&self.section), self.at)
    }
}

/// Every rule by section, id, and how often the id was met before.
type Rules = BTreeMap<(String, String, usize), Rule>;

fn rules_of(book: &Rulebook) -> Rules {
    let sections = Table::try_from(book).expect("a rulebook is plain data");
    let mut found = Rules::new();
    for (section, value) in sections {
        let tables = match value {
            _ if ["rulebook", "assume", "not_encoded"].contains(&section.as_str()) => continue,
            Value::Table(table) => vec![table],
            Value::Array(items) => items.into_iter().filter_map(|i| i.try_into().ok()).collect(),
            _ => continue,
        };
        for (at, table) in tables.into_iter().enumerate() {
            let id = table.get("id").and_then(Value::as_str).unwrap_or_default().to_owned();
            let met = found.range((section.clone(), id.clone(), 0)..=(section.clone(), id.clone(), at)).count();
            let rule = Rule { section: section.clone(), id: id.clone(), at, table: said::clean(table) };
            found.insert((section.clone(), id, met), rule);
        }
    }
    found
}

fn rules(old: &Rulebook, new: &Rulebook) -> Vec<Change> {
    let (was, is) = (rules_of(old), rules_of(new));
    let titles = Titles::of(was.values().chain(is.values()));
    let desk = rule::Desk { old, new, was: &was, is: &is, titles: &titles };
    let mut found: Vec<(_, Vec<Change>)> = Vec::new();
    for (key, rule) in &is {
        let changes = match was.get(key) {
            Some(before) => desk.differences(before, rule),
            None => vec![desk.whole(rule, ChangeKind::Added)],
        };
        found.push((rule.order(), changes));
    }
    for (_, rule) in was.iter().filter(|(key, _)| !is.contains_key(*key)) {
        found.push((rule.order(), vec![desk.whole(rule, ChangeKind::Removed)]));
    }
    found.sort_by(|(a, _), (b, _)| a.cmp(b));
    found.into_iter().flat_map(|(_, changes)| changes).collect()
}

fn readings(old: &[Assume], new: &[Assume]) -> Vec<Change> {
    let one = |id: &str, kind, text| Change { kind, ..changed("assume", id, "", text) };
    let mut found = Vec::new();
    for reading in new {
        let (id, question) = (&reading.id, quoted(&reading.question));
        let Some(was) = old.iter().find(|a| a.id == *id) else {
            let default = if reading.default { "（默认值）" } else { "" };
            let text = format!("新增理解{question}：{}{default}", reading.answer);
            found.push(one(id, ChangeKind::Added, text));
            continue;
        };
        let name = format!("理解{}", quoted(&was.question));
        let parts = [
            from_to(&format!("{name}的问题"), Some(quoted(&was.question)), Some(question)),
            from_to(&name, Some(quoted(&was.answer)), Some(quoted(&reading.answer))),
            from_to(&format!("{name}参照的规定"), was.like.as_ref(), reading.like.as_ref()),
            flag(was.default, reading.default, &format!("{name}改为默认值"), &format!("{name}不再是默认值")),
        ];
        found.extend(parts.into_iter().flatten().map(|text| changed("assume", id, "", text)));
    }
    for gone in old.iter().filter(|a| !new.iter().any(|n| n.id == a.id)) {
        let text = format!("删除理解{}（原为{}）", quoted(&gone.question), quoted(&gone.answer));
        found.push(one(&gone.id, ChangeKind::Removed, text));
    }
    found
}

fn not_encoded(old: &[NotEncoded], new: &[NotEncoded]) -> Vec<Change> {
    let mut found: Vec<Change> = Vec::new();
    let mut add = |article: &str, kind, text: String| {
        found.push(Change { kind, ..changed("not_encoded", "", article, text) });
    };
    for entry in new {
        let article = &entry.article;
        match old.iter().find(|e| e.article == *article) {
            None => add(article, ChangeKind::Added, format!("未编入的条文增加{article}：{}", entry.reason)),
            Some(was) if was.reason != entry.reason => {
                let (was, is) = (quoted(&was.reason), quoted(&entry.reason));
                add(article, ChangeKind::Changed, format!("未编入{article}的理由由{was}改为{is}"));
            }
            Some(_) => {}
        }
    }
    for gone in old.iter().filter(|e| !new.iter().any(|n| n.article == e.article)) {
        let text = format!("未编入的条文删去{}（原理由为{}）", gone.article, quoted(&gone.reason));
        add(&gone.article, ChangeKind::Removed, text);
    }
    found.sort_by_key(|c| source::order(&c.article));
    found
}
