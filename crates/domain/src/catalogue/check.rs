//! What is wrong in a catalogue: alone, and in the light of the units and the rulebook.

use std::collections::BTreeSet;

use super::{Catalogue, Entry, Place, is_id};
use crate::{
    Amount, Rulebook,
    rulebook::{RulebookError, UnitKind, line_of},
    ticket::Units,
};

/// The longest item code: longer ones do not fit where a ticket prints it.
const ID_MOST: usize = 40;

/// One thing wrong, and the path of the value it is about, e.g. `["entry", "3", "lead"]` or `["entry", "3", "by_place", "dongshi", "lead"]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    pub path: Vec<String>,
    pub message: String,
}

/// Faults as errors of a file, by line.
pub(super) fn errors(file: &str, text: &str, faults: Vec<Fault>) -> Vec<RulebookError> {
    let error = |f: Fault| RulebookError { file: file.to_owned(), line: line_of(text, &f.path), message: f.message };
    let mut errors: Vec<RulebookError> = faults.into_iter().map(error).collect();
    errors.sort_by_key(|e| e.line);
    errors
}

/// Faults of one entry, as they are found.
struct Found<'a> {
    entry: usize,
    faults: &'a mut Vec<Fault>,
}

impl Found<'_> {
    fn add(&mut self, path: &[&str], message: impl Into<String>) {
        let head = ["entry".to_owned(), self.entry.to_string()];
        let path = head.into_iter().chain(path.iter().map(|p| (*p).to_owned())).collect();
        self.faults.push(Fault { path, message: message.into() });
    }
}

impl Catalogue {
    /// What is wrong in the light of the units and the rulebook, with lines. Where the rulebook asks for it (`town_needs_office`), a town
    /// that leads must be given the office that should handle it.
    pub fn check(&self, file: &str, text: &str, units: &Units, book: Option<&Rulebook>) -> Vec<RulebookError> {
        errors(file, text, self.faults_against(units, book))
    }

    /// What is wrong whoever the units are.
    pub fn faults(&self) -> Vec<Fault> {
        let mut faults = Vec::new();
        if self.catalogue.version == 0 {
            faults
                .push(Fault {
                    path: vec!["catalogue".into(), "version".into()], message: "version 从1起".to_owned()
                });
        }
        for (i, entry) in self.entry.iter().enumerate() {
            let mut found = Found { entry: i, faults: &mut faults };
            alone(entry, &mut found);
            beside(entry, &self.entry[..i], &mut found);
        }
        faults
    }

    /// What is wrong in the light of the units and the rulebook; see [`Catalogue::check`].
    pub fn faults_against(&self, units: &Units, book: Option<&Rulebook>) -> Vec<Fault> {
        let never_lead = book.map_or(&[][..], |b| b.dispatch.never_lead.as_slice());
        let town_needs_office = book.is_some_and(|b| b.dispatch.town_needs_office);
        let against = Against { units, never_lead, town_needs_office };
        let mut faults = Vec::new();
        for (i, entry) in self.entry.iter().enumerate() {
            let mut found = Found { entry: i, faults: &mut faults };
            against.entry(entry, &mut found);
            if let (Some(kind), Some(book)) = (entry.kind, book) {
                if !book.accept.kinds.contains(&kind) {
                    found.add(&["kind"], format!("本办法不受理“{kind}”类诉求"));
                } else if entry.emergency && !book.emergency.kinds.contains(&kind) {
                    found.add(&["emergency"], format!("本办法的突发事件工单不含“{kind}”类诉求"));
                }
            }
        }
        faults
    }
}

/// One entry for itself.
fn alone(entry: &Entry, found: &mut Found<'_>) {
    let sayable = |c: char| c.is_alphanumeric() || "-._".contains(c);
    if entry.id.is_empty() || entry.id.chars().count() > ID_MOST || !entry.id.chars().all(sayable) {
        found.add(&["id"], format!("编号“{}”须为1至{ID_MOST}个字，只用文字、数字、“-”、“.”和“_”", entry.id));
    }
    if entry.matter.trim().is_empty() {
        found.add(&["matter"], "事项名称为空");
    }
    if let Some(kind) = entry.kind.filter(|k| !k.dispatchable()) {
        found.add(&["kind"], format!("“{kind}”类只作记录，不派单"));
    }
    // A number has a source, or says that it is only ours.
    let sourced = said(&entry.law) || said(&entry.note);
    let mut number = |key: &str, limit: Option<Amount>| {
        if limit.is_some() && !sourced {
            found.add(&[key], "另定时限须写明出处：依据写 law（法律依据），默认值写 note（备注）");
        }
    };
    number("limit", entry.limit);
    number("assist_limit", entry.assist_limit);
    twice(&entry.lead, &entry.assists, |message| found.add(&["assists"], message));
    for (key, there) in &entry.by_place {
        if key.trim() != key || key.is_empty() {
            found.add(&["by_place", key], format!("地区“{key}”为空，或前后有空格"));
        }
        if *there == Place::default() {
            found.add(&["by_place", key], format!("地区“{key}”没有写明与各处不同的单位"));
        }
        let lead = there.lead.as_ref().unwrap_or(&entry.lead);
        twice(lead, &there.assists, |message| found.add(&["by_place", key, "assists"], message));
    }
}

/// Blanks say nothing.
fn said(text: &Option<String>) -> bool {
    text.as_ref().is_some_and(|t| !t.trim().is_empty())
}

fn twice(lead: &str, assists: &[String], mut add: impl FnMut(String)) {
    let mut seen = BTreeSet::from([lead]);
    for unit in assists.iter().filter(|unit| !seen.insert(unit)) {
        add(format!("单位“{unit}”列了两次"));
    }
}

/// One entry beside those before it.
fn beside(entry: &Entry, before: &[Entry], found: &mut Found<'_>) {
    if before.iter().any(|e| e.id == entry.id) {
        found.add(&["id"], format!("编号“{}”与前面的条目相同", entry.id));
    }
    let same = |e: &&Entry| {
        e.matter.trim() == entry.matter.trim() && (e.kind.is_none() || entry.kind.is_none() || e.kind == entry.kind)
    };
    if before.iter().any(|e| same(&e)) {
        found.add(&["matter"], format!("事项“{}”与前面的条目回答同一问题，须用 kind（类别）分开", entry.matter));
    }
}

/// The units and what may be done with them.
struct Against<'a> {
    units: &'a Units,
    never_lead: &'a [UnitKind],
    town_needs_office: bool,
}

impl Against<'_> {
    fn entry(&self, entry: &Entry, found: &mut Found<'_>) {
        self.lead(entry, &entry.lead, said(&entry.office), |message| found.add(&["lead"], message));
        for message in entry.assists.iter().filter_map(|a| self.fault(a, &[])) {
            found.add(&["assists"], message);
        }
        for (key, there) in &entry.by_place {
            self.place(key, |message| found.add(&["by_place", key], message));
            // The entry's own lead was judged above.
            if let Some(lead) = there.lead.as_ref().filter(|lead| **lead != entry.lead) {
                let office = said(&there.office);
                self.lead(entry, lead, office, |message| found.add(&["by_place", key, "lead"], message));
            }
            for message in there.assists.iter().filter_map(|a| self.fault(a, &[])) {
                found.add(&["by_place", key, "assists"], message);
            }
        }
    }

    /// A key is a unit's id, or the name of a place that is no unit.
    fn place(&self, key: &str, mut add: impl FnMut(String)) {
        if self.units.contains_key(key) {
            return;
        }
        // One place, one way to write it: otherwise two keys could answer for one unit.
        if let Some((id, _)) = self.units.iter().find(|(_, unit)| unit.name == key) {
            add(format!("“{key}”是单位，须写单位编号“{id}”"));
        } else if is_id(key) {
            add(format!("单位名录中没有“{key}”；不是单位的，写地名"));
        }
    }

    fn lead(&self, entry: &Entry, lead: &str, office: bool, mut add: impl FnMut(String)) {
        if let Some(message) = self.fault(lead, self.never_lead) {
            return add(message);
        }
        let Some(town) = self.units.get(lead).filter(|u| u.kind == UnitKind::Town) else { return };
        if entry.not_to_towns {
            add(format!("本事项不派镇街，主办单位不能是{}", town.name));
        } else if self.town_needs_office && !office {
            add(format!("主办单位{}是镇街，还应列明建议承办的所属工作机构（office）", town.name));
        }
    }

    fn fault(&self, id: &str, never: &[UnitKind]) -> Option<String> {
        match self.units.get(id) {
            None => Some(format!("单位名录中没有“{id}”")),
            Some(unit) if !unit.active => Some(format!("{}（{id}）已停用", unit.name)),
            Some(unit) if unit.kind == UnitKind::Centre => Some("热线中心不是承办单位".to_owned()),
            Some(unit) if never.contains(&unit.kind) => Some(format!("{}不能作为主办单位", unit.kind)),
            Some(_) => None,
        }
    }
}
