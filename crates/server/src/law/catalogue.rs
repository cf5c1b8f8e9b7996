//! The dispatch catalogue (派单目录): which unit leads on which matter. What ships with a rulebook is a default, not law.

use std::collections::BTreeSet;

use jiesu_domain::{
    Amount, Kind, Rulebook,
    rulebook::{RulebookError, RulebookErrors, UnitKind, line_of, parse_toml},
    ticket::Units,
};
use serde::{Deserialize, Serialize};

/// A catalogue file, `…-catalogue.toml`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CatalogueFile {
    pub catalogue: CatalogueHead,
    #[serde(default)]
    pub entry: Vec<CatalogueEntry>,
}

/// Which catalogue this is.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CatalogueHead {
    /// Id of the rulebook it goes with.
    pub rulebook: String,
    /// A ticket keeps the version it was dispatched under.
    pub version: u32,
    /// Written by us for a start, not issued by an authority.
    #[serde(default)]
    pub default: bool,
    #[serde(default)]
    pub note: Option<String>,
}

/// One matter and who handles it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CatalogueEntry {
    pub matter: String,
    /// Only for appeals of this kind; left out = for all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<Kind>,
    /// The law on which the duty, or the limit, rests.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub law: Option<String>,
    /// Unit id.
    pub lead: String,
    /// Unit ids.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub assists: Vec<String>,
    /// Goes before the rulebook's handling limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "7 working days")]
    pub limit: Option<Amount>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// A fault and the path of the value it is about.
pub(super) type At = (Vec<String>, String);

/// Faults as errors of a file, by line.
pub(super) fn errors(file: &str, text: &str, faults: Vec<At>) -> Vec<RulebookError> {
    let error = |(path, message): At| RulebookError { file: file.to_owned(), line: line_of(text, &path), message };
    let mut errors: Vec<RulebookError> = faults.into_iter().map(error).collect();
    errors.sort_by_key(|e| e.line);
    errors
}

impl CatalogueFile {
    /// Reads a catalogue and checks what can be checked without the units.
    ///
    /// # Errors
    /// All that is wrong, with lines.
    pub fn parse(file: &str, text: &str) -> Result<CatalogueFile, RulebookErrors> {
        let catalogue: CatalogueFile = parse_toml(file, text).map_err(|e| RulebookErrors(vec![e]))?;
        let faults = errors(file, text, catalogue.faults());
        if faults.is_empty() { Ok(catalogue) } else { Err(RulebookErrors(faults)) }
    }

    /// What is wrong in the light of the units and the rulebook, with lines.
    pub fn check(&self, file: &str, text: &str, units: &Units, book: Option<&Rulebook>) -> Vec<RulebookError> {
        errors(file, text, self.faults_against(units, book))
    }

    fn faults(&self) -> Vec<At> {
        let mut faults = Vec::new();
        if self.catalogue.version == 0 {
            faults.push((vec!["catalogue".into(), "version".into()], "version 从1起".to_owned()));
        }
        for (i, entry) in self.entry.iter().enumerate() {
            let mut add = |key: &str, message: String| faults.push((at(i, key), message));
            if entry.matter.trim().is_empty() {
                add("matter", "事项名称为空".into());
            }
            if let Some(kind) = entry.kind.filter(|k| !k.dispatchable()) {
                add("kind", format!("“{kind}”类只作记录，不派单"));
            }
            // A number has a source, or says that it is only ours.
            if entry.limit.is_some() && entry.law.is_none() && entry.note.is_none() {
                add("limit", "另定时限须写明出处：依据写 law，默认值写 note".into());
            }
            let same = |e: &&CatalogueEntry| {
                e.matter.trim() == entry.matter.trim()
                    && (e.kind.is_none() || entry.kind.is_none() || e.kind == entry.kind)
            };
            if self.entry[..i].iter().any(|e| same(&e)) {
                add("matter", format!("事项“{}”与前面的条目回答同一问题，须用 kind 分开", entry.matter));
            }
            let mut seen = BTreeSet::from([entry.lead.as_str()]);
            for unit in entry.assists.iter().filter(|unit| !seen.insert(unit)) {
                add("assists", format!("单位“{unit}”列了两次"));
            }
        }
        faults
    }

    /// Leads and assists exist and may be that; kinds are taken by the rulebook.
    pub(super) fn faults_against(&self, units: &Units, book: Option<&Rulebook>) -> Vec<At> {
        let mut faults = Vec::new();
        for (i, entry) in self.entry.iter().enumerate() {
            let never_lead = book.map_or(&[][..], |b| b.dispatch.never_lead.as_slice());
            if let Some(message) = unit_fault(units, &entry.lead, never_lead) {
                faults.push((at(i, "lead"), message));
            }
            for message in entry.assists.iter().filter_map(|a| unit_fault(units, a, &[])) {
                faults.push((at(i, "assists"), message));
            }
            if let (Some(kind), Some(book)) = (entry.kind, book)
                && !book.accept.kinds.contains(&kind)
            {
                faults.push((at(i, "kind"), format!("本办法不受理“{kind}”类诉求")));
            }
        }
        faults
    }
}

fn at(entry: usize, key: &str) -> Vec<String> {
    vec!["entry".into(), entry.to_string(), key.into()]
}

fn unit_fault(units: &Units, id: &str, never: &[UnitKind]) -> Option<String> {
    match units.get(id) {
        None => Some(format!("单位名录中没有“{id}”")),
        Some(unit) if !unit.active => Some(format!("{}（{id}）已停用", unit.name)),
        Some(unit) if unit.kind == UnitKind::Centre => Some("热线中心不是承办单位".to_owned()),
        Some(unit) if never.contains(&unit.kind) => Some(format!("{}不能作为主办单位", unit.kind)),
        Some(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "[catalogue]\nrulebook = \"shangrao\"\nversion = 1\n";

    fn faults(entries: &str) -> String {
        CatalogueFile::parse("c.toml", &format!("{HEAD}{entries}")).unwrap_err().to_string()
    }

    #[test]
    fn format_faults_have_lines() {
        let one = "[[entry]]\nmatter = \"路灯\"\nlead = \"chengguan\"\n";
        assert!(faults(&format!("{one}{one}")).contains("c.toml 第8行：事项“路灯”"));
        assert!(faults(&format!("{one}limit = \"2 days\"\n")).contains("第7行：另定时限须写明出处"));
        assert!(faults(&format!("{one}assists = [\"a\", \"a\"]\n")).contains("第7行：单位“a”列了两次"));
        assert!(faults(&format!("{one}kind = \"感谢\"\n")).contains("只作记录"));
        assert!(faults(&format!("{one}until = 3\n")).contains("第7行：不认识的键“until”"));
        assert!(faults(&format!("{one}limit = \"soon\"\n")).contains("不是时限"));
    }

    #[test]
    fn kinds_keep_entries_apart() {
        let entries = "[[entry]]\nmatter = \"路灯\"\nkind = \"help\"\nlead = \"a\"\n\
                       [[entry]]\nmatter = \"路灯\"\nkind = \"投诉\"\nlead = \"b\"\n";
        assert!(CatalogueFile::parse("c.toml", &format!("{HEAD}{entries}")).is_ok());
    }
}
