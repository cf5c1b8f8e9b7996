//! Files of law, each checked for itself and a catalogue against the units that stand beside it.

use std::{
    io::{self, Write},
    path::{Path, PathBuf},
};

use jiesu_domain::{Catalogue, Rulebook, rulebook::RulebookErrors, ticket::Units};

use super::rules::rows;
use crate::law::{FileKind, Law, UnitsFile, parse_notice, read_text};

/// Tells of each file; true if all are sound.
pub(in crate::cli) fn check(out: &mut impl Write, law: &Law, files: &[PathBuf]) -> io::Result<bool> {
    let mut bad = 0;
    for path in files {
        match one(law, path) {
            Ok(said) => writeln!(out, "✓ {}：{said}", path.display())?,
            Err(errors) => {
                bad += 1;
                writeln!(out, "✗ {}：{}处有误", path.display(), errors.len())?;
                errors.iter().try_for_each(|e| writeln!(out, "  {e}"))?;
            }
        }
    }
    match bad {
        0 => writeln!(out, "{}个文件，全部无误", files.len())?,
        _ => writeln!(out, "{}个文件，{bad}个有误", files.len())?,
    }
    Ok(bad == 0)
}

fn one(law: &Law, path: &Path) -> Result<String, Vec<String>> {
    let file = path.display().to_string();
    let text = read_text(path).map_err(|e| vec![e])?;
    match FileKind::of(path) {
        FileKind::Rulebook => Rulebook::parse(&file, &text).map(|b| rulebook(&b)).map_err(lines),
        FileKind::Units => UnitsFile::parse(&file, &text).map(|u| units(&u)).map_err(lines),
        FileKind::Catalogue => catalogue(law, path, &file, &text),
        FileKind::Notice => {
            let notice = parse_notice(&file, &text).map_err(|e| vec![e.to_string()])?;
            let days = |of: fn(&jiesu_domain::calendar::Holiday) -> usize| notice.holiday.iter().map(of).sum::<usize>();
            Ok(format!("{}，放假{}天，补班{}天", notice.title, days(|h| h.off.len()), days(|h| h.work.len())))
        }
    }
}

fn lines(errors: RulebookErrors) -> Vec<String> {
    errors.0.iter().map(ToString::to_string).collect()
}

pub(super) fn rulebook(book: &Rulebook) -> String {
    let head = &book.rulebook;
    let status = head.status.as_ref().map_or_else(String::new, |s| format!("（{s}）"));
    let defaults = book.assume.iter().filter(|a| a.default).count();
    format!(
        "办法 {} 第{}版《{}》{status}，{}条规则（其中时限{}条、短信{}条），{}条理解（其中默认值{defaults}条）",
        head.id,
        head.version,
        head.name,
        rows(book).len(),
        book.limit.len(),
        book.message.len(),
        book.assume.len(),
    )
}

fn units(list: &UnitsFile) -> String {
    let default = if list.units.default { "（默认，不是法定名录）" } else { "" };
    format!("单位名录 {}{default}，{}个单位", list.units.rulebook, list.unit.len())
}

fn catalogue(law: &Law, path: &Path, file: &str, text: &str) -> Result<String, Vec<String>> {
    let list = Catalogue::parse(file, text).map_err(lines)?;
    let id = &list.catalogue.rulebook;
    let beside = beside(path, id)?;
    let (units, whose) = match &beside {
        Some(beside) => (&beside.unit, "同目录的单位名录"),
        None => (law.units(id), "内置单位名录"),
    };
    if units.is_empty() {
        return Err(vec![format!("{file}：没有单位名录 {id}-units.toml，无法核对主办、协办单位")]);
    }
    let faults = list.check(file, text, units, law.versions(id).last());
    if !faults.is_empty() {
        return Err(faults.iter().map(ToString::to_string).collect());
    }
    Ok(told(&list, units, whose))
}

pub(in crate::cli) fn told(list: &Catalogue, units: &Units, whose: &str) -> String {
    let head = &list.catalogue;
    let default = if head.default { "（默认，不是法定目录）" } else { "" };
    let limits = list.entry.iter().filter(|e| e.limit.is_some()).count();
    format!(
        "派单目录 {} 第{}版{default}，{}个事项（其中另定时限{limits}个），已与{whose}（{}个单位）核对",
        head.rulebook,
        head.version,
        list.entry.len(),
        units.len(),
    )
}

/// The unit list in the same folder, if there is one.
fn beside(path: &Path, id: &str) -> Result<Option<UnitsFile>, Vec<String>> {
    let path = path.with_file_name(format!("{id}-units.toml"));
    if !path.exists() {
        return Ok(None);
    }
    let text = read_text(&path).map_err(|e| vec![e])?;
    UnitsFile::parse(&path.display().to_string(), &text).map(Some).map_err(lines)
}
