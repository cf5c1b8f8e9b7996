//! From a workbook to a catalogue. Columns are found by their heads, in any order; whatever is wrong is told at once, each with its sheet,
//! row and column, and then there is no catalogue.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    str::FromStr,
};

use jiesu_domain::{
    Amount, Catalogue, Kind, Rulebook,
    catalogue::{Entry, Fault, Head, Place},
    ticket::Units,
};

use super::{ENTRIES, PLACES, SEPARATORS, SHEETS};
use crate::{
    import::Book,
    workbook::{Cells, Row, Wrong, rows, yes_or_no},
};

/// What a catalogue is held against.
#[derive(Clone, Copy, Debug)]
pub struct Against<'a> {
    pub units: &'a Units,
    pub book: Option<&'a Rulebook>,
}

/// Reads a workbook into a catalogue with this head.
///
/// # Errors
/// All that is wrong, in Chinese, in the order of the rows.
pub fn read(path: &Path, head: Head, against: &Against<'_>) -> Result<Catalogue, Vec<String>> {
    let file = |message: String| vec![format!("{}：{message}", path.display())];
    let mut book = Book::open(path).map_err(file)?;
    let entries = rows(&mut book, &ENTRIES)
        .map_err(file)?
        .ok_or_else(|| file(format!("没有工作表“{}”；文件中的工作表：{}", ENTRIES.name, book.sheets().join("、"))))?;
    let places = rows(&mut book, &PLACES).map_err(file)?.unwrap_or_default();
    if entries.is_empty() {
        return Err(file(format!("工作表“{}”没有事项", ENTRIES.name)));
    }
    let mut draft = Draft::new(against.units);
    entries.into_iter().for_each(|row| draft.entry(row));
    places.into_iter().for_each(|row| draft.place(row));
    draft.finish(head, against)
}

/// A catalogue as its rows are read.
struct Draft<'a> {
    units: &'a Units,
    entries: Vec<Entry>,
    /// The row of each entry.
    at: Vec<u64>,
    /// Entries of which something could not be read: what is judged of them would mislead.
    broken: BTreeSet<usize>,
    /// The row of each entry's place.
    places: BTreeMap<(usize, String), u64>,
    wrong: Vec<Wrong>,
}

impl<'a> Draft<'a> {
    fn new(units: &'a Units) -> Draft<'a> {
        let (entries, at, wrong) = Default::default();
        Draft { units, entries, at, broken: BTreeSet::new(), places: BTreeMap::new(), wrong }
    }

    fn entry(&mut self, row: Row) {
        let before = self.wrong.len();
        let mut cells = Cells { sheets: SHEETS, sheet: 0, row: &row, wrong: &mut self.wrong };
        let entry = Entry {
            id: cells.text("id"),
            matter: cells.text("matter"),
            kind: cells.parsed("kind", Kind::from_str),
            law: cells.maybe("law"),
            lead: unit(self.units, cells.text("lead")),
            assists: listed(self.units, &cells.text("assists")),
            limit: cells.parsed("limit", Amount::in_words),
            assist_limit: cells.parsed("assist_limit", Amount::in_words),
            office: cells.maybe("office"),
            not_to_towns: cells.parsed("not_to_towns", yes_or_no).unwrap_or_default(),
            emergency: cells.parsed("emergency", yes_or_no).unwrap_or_default(),
            note: cells.maybe("note"),
            by_place: BTreeMap::new(),
        };
        if self.wrong.len() > before {
            self.broken.insert(self.entries.len());
        }
        self.entries.push(entry);
        self.at.push(row.number);
    }

    fn place(&mut self, row: Row) {
        let before = self.wrong.len();
        let mut cells = Cells { sheets: SHEETS, sheet: 1, row: &row, wrong: &mut self.wrong };
        let (id, key) = (cells.text("id"), unit(self.units, cells.text("place")));
        let lead = cells.maybe("lead").map(|lead| unit(self.units, lead));
        let there = Place { lead, assists: listed(self.units, &cells.text("assists")), office: cells.maybe("office") };
        let entry = self.entries.iter().position(|e| e.id == id);
        if entry.is_none() && !id.is_empty() {
            cells.add("id", format!("工作表“{}”中没有编号“{id}”", ENTRIES.name));
        }
        if let Some(earlier) = entry.and_then(|at| self.places.get(&(at, key.clone()))) {
            cells.add("place", format!("编号“{id}”的这个地区与第{earlier}行重复"));
        }
        if let Some(at) = entry.filter(|_| self.wrong.len() == before) {
            self.entries[at].by_place.insert(key.clone(), there);
            self.places.insert((at, key), row.number);
        }
    }

    fn finish(mut self, head: Head, against: &Against<'_>) -> Result<Catalogue, Vec<String>> {
        let catalogue = Catalogue { catalogue: head, entry: std::mem::take(&mut self.entries) };
        let mut faults = catalogue.faults();
        faults.extend(catalogue.faults_against(against.units, against.book));
        let found: Vec<Wrong> = faults.iter().filter_map(|f| self.found(f)).collect();
        self.wrong.extend(found);
        if self.wrong.is_empty() {
            return Ok(catalogue);
        }
        self.wrong.sort();
        Err(self.wrong.iter().map(|w| w.told(SHEETS)).collect())
    }

    /// Where the value stands that a fault is about. Nothing for a row that is broken anyhow.
    fn found(&self, fault: &Fault) -> Option<Wrong> {
        let path: Vec<&str> = fault.path.iter().map(String::as_str).collect();
        let ["entry", entry, key, rest @ ..] = path.as_slice() else { return None };
        let entry: usize = entry.parse().ok()?;
        if self.broken.contains(&entry) {
            return None;
        }
        let wrong = |sheet, row, column| Wrong { sheet, row, column, message: fault.message.clone() };
        match rest {
            [place, of @ ..] => {
                let row = *self.places.get(&(entry, (*place).to_owned()))?;
                let column = PLACES.columns.iter().position(|c| of.first().unwrap_or(&"place") == &c.key)?;
                Some(wrong(1, row, column))
            }
            [] => Some(wrong(0, *self.at.get(entry)?, ENTRIES.columns.iter().position(|c| c.key == *key)?)),
        }
    }
}

/// A unit's id, by id or by name. What is neither stays as it is: the check tells that there is no such unit.
fn unit(units: &Units, written: String) -> String {
    if units.contains_key(&written) {
        return written;
    }
    let by_name = units.iter().find(|(_, unit)| unit.name.trim() == written).map(|(id, _)| id.clone());
    by_name.unwrap_or(written)
}

fn listed(units: &Units, written: &str) -> Vec<String> {
    let parts = written.split(SEPARATORS).map(str::trim).filter(|part| !part.is_empty());
    parts.map(|part| unit(units, part.to_owned())).collect()
}
