//! What a new version of a catalogue changes, in Chinese: for the officer who adopts it, and for the units it concerns.

use std::{collections::BTreeSet, fmt::Display};

use serde::{Deserialize, Serialize};

use super::{Catalogue, Entry, Place};
use crate::words::words;

words! {
    /// What became of an entry.
    ChangeKind, "目录变动" {
        Added = "added" "新增",
        Removed = "removed" "删除",
        Changed = "changed" "变更",
    }
}

/// One entry that is not as it was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema), schema(as = CatalogueChange))]
pub struct Change {
    /// The entry's code.
    pub id: String,
    pub kind: ChangeKind,
    /// The whole change as a sentence.
    pub text: String,
}

/// What is new, gone or changed from `old` to `new`, entry by entry by code: in the order of `new`, what is gone at the end. The order of
/// entries and of assists is no change.
pub fn changes(old: &Catalogue, new: &Catalogue, unit_name: impl Fn(&str) -> String) -> Vec<Change> {
    let words = Words { unit_name: &unit_name };
    let mut found: Vec<Change> = new.entry.iter().filter_map(|e| words.change(old.entry(&e.id), e)).collect();
    let gone = old.entry.iter().filter(|e| new.entry(&e.id).is_none());
    found.extend(gone.map(|e| Change {
        id: e.id.clone(),
        kind: ChangeKind::Removed,
        text: format!("删除事项{}（{}）", e.title(), e.id),
    }));
    found
}

struct Words<'a> {
    unit_name: &'a dyn Fn(&str) -> String,
}

impl Words<'_> {
    fn change(&self, old: Option<&Entry>, new: &Entry) -> Option<Change> {
        let id = new.id.clone();
        let Some(old) = old else {
            let text = format!("新增事项{}（{}）：{}", new.title(), new.id, self.whole(new).join("；"));
            return Some(Change { id, kind: ChangeKind::Added, text });
        };
        let parts = self.differences(old, new);
        let text = format!("{}：{}", old.title(), parts.join("；"));
        (!parts.is_empty()).then_some(Change { id, kind: ChangeKind::Changed, text })
    }

    fn differences(&self, old: &Entry, new: &Entry) -> Vec<String> {
        let mut parts = Vec::new();
        let mut add = |part: Option<String>| parts.extend(part);
        add(from_to("事项名称", Some(&old.matter), Some(&new.matter)));
        add(from_to("诉求类别", old.kind, new.kind));
        add(from_to("法律依据", old.law.as_ref(), new.law.as_ref()));
        add(self.lead(Some(&old.lead), Some(&new.lead)));
        add(self.assists(&old.assists, &new.assists));
        add(from_to("办理期限", old.limit, new.limit));
        add(from_to("协办期限", old.assist_limit, new.assist_limit));
        add(from_to("建议承办机构", old.office.as_ref(), new.office.as_ref()));
        add(flag(old.not_to_towns, new.not_to_towns, "改为不派镇街", "不再限制派镇街"));
        add(flag(old.emergency, new.emergency, "改为突发事件", "不再作为突发事件"));
        add(from_to("备注", old.note.as_ref(), new.note.as_ref()));
        for (key, there) in &new.by_place {
            add(self.place(key, old.by_place.get(key), there));
        }
        for key in old.by_place.keys().filter(|key| !new.by_place.contains_key(*key)) {
            add(Some(format!("删除分地区“{}”", (self.unit_name)(key))));
        }
        parts
    }

    fn place(&self, key: &str, old: Option<&Place>, new: &Place) -> Option<String> {
        let name = (self.unit_name)(key);
        let Some(old) = old else { return Some(format!("新增分地区“{name}”{}", self.place_said(new))) };
        let parts: Vec<String> = [
            self.lead(old.lead.as_ref(), new.lead.as_ref()),
            self.assists(&old.assists, &new.assists),
            from_to("建议承办机构", old.office.as_ref(), new.office.as_ref()),
        ]
        .into_iter()
        .flatten()
        .collect();
        (!parts.is_empty()).then(|| format!("分地区“{name}”{}", parts.join("、")))
    }

    /// All that a new entry says of who and by when.
    fn whole(&self, entry: &Entry) -> Vec<String> {
        let mut parts = vec![format!("主办单位{}", (self.unit_name)(&entry.lead))];
        let mut add = |what: &str, value: Option<String>| parts.extend(value.map(|v| format!("{what}{v}")));
        add("协办单位", self.listed(&entry.assists));
        add("办理期限", entry.limit.map(|l| l.to_string()));
        add("协办期限", entry.assist_limit.map(|l| l.to_string()));
        add("建议承办机构", entry.office.clone());
        add("依据", entry.law.clone());
        add("不派镇街", entry.not_to_towns.then(String::new));
        add("突发事件", entry.emergency.then(String::new));
        for (key, there) in &entry.by_place {
            parts.push(format!("分地区“{}”{}", (self.unit_name)(key), self.place_said(there)));
        }
        parts
    }

    fn place_said(&self, there: &Place) -> String {
        let lead = there.lead.as_ref().map(|id| format!("主办单位{}", (self.unit_name)(id)));
        let assists = self.listed(&there.assists).map(|a| format!("协办单位{a}"));
        let office = there.office.as_ref().map(|o| format!("建议承办机构{o}"));
        [lead, assists, office].into_iter().flatten().collect::<Vec<_>>().join("、")
    }

    /// Units are compared by id: two may be called alike.
    fn lead(&self, old: Option<&String>, new: Option<&String>) -> Option<String> {
        let unit = |id: &String| (self.unit_name)(id);
        if old == new { None } else { said("主办单位", old.map(unit), new.map(unit)) }
    }

    fn assists(&self, old: &[String], new: &[String]) -> Option<String> {
        let set = |units: &[String]| units.iter().cloned().collect::<BTreeSet<_>>();
        if set(old) == set(new) { None } else { said("协办单位", self.listed(old), self.listed(new)) }
    }

    fn listed(&self, units: &[String]) -> Option<String> {
        let names: Vec<String> = units.iter().map(|id| (self.unit_name)(id)).collect();
        (!names.is_empty()).then(|| names.join("、"))
    }
}

fn from_to<T: PartialEq + Display>(what: &str, old: Option<T>, new: Option<T>) -> Option<String> {
    if old == new { None } else { said(what, old, new) }
}

fn said<T: Display>(what: &str, old: Option<T>, new: Option<T>) -> Option<String> {
    match (old, new) {
        (None, None) => None,
        (Some(old), Some(new)) => Some(format!("{what}由{old}改为{new}")),
        (None, Some(new)) => Some(format!("{what}定为{new}")),
        (Some(old), None) => Some(format!("取消{what}（原为{old}）")),
    }
}

fn flag(old: bool, new: bool, on: &str, off: &str) -> Option<String> {
    (old != new).then(|| if new { on.to_owned() } else { off.to_owned() })
}
