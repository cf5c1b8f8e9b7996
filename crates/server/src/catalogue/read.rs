//! From a workbook to a catalogue. Columns are found by their heads, in any order; whatever is wrong is told at once, each with its sheet,
//! row and column, and then there is no catalogue.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    str::FromStr,
};

use calamine::Data;
use jiesu_domain::{
    Amount, Catalogue, Kind, Rulebook,
    catalogue::{Entry, Fault, Head, Place},
    ticket::Units,
};

use super::{ENTRIES, PLACES, SEPARATORS, Sheet};
use crate::import::Book;

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

/// One row: its number as a table program shows it, and a cell for each of the sheet's columns.
struct Row {
    number: u64,
    cells: BTreeMap<&'static str, Result<String, String>>,
}

/// The rows of a sheet below its head; nothing if there is no such sheet.
fn rows(book: &mut Book, of: &Sheet) -> Result<Option<Vec<Row>>, String> {
    if !book.sheets().iter().any(|name| name == of.name) {
        return Ok(None);
    }
    let mut rows = book.rows(of.name)?.into_iter();
    let Some((_, names)) = rows.find(|(_, cells)| !blank(cells)) else { return Ok(Some(Vec::new())) };
    let columns = columns(of, &names)?;
    let row = |(number, cells): (u64, Vec<Data>)| Row {
        number,
        cells: columns.iter().map(|(key, at)| (*key, cells.get(*at).map_or(Ok(String::new()), text))).collect(),
    };
    Ok(Some(rows.filter(|(_, cells)| !blank(cells)).map(row).collect()))
}

fn blank(cells: &[Data]) -> bool {
    cells.iter().all(|c| matches!(text(c), Ok(text) if text.is_empty()))
}

/// Where each column stands. A head that is not known is an error: a mistyped one would lose its column in silence.
fn columns(of: &Sheet, names: &[Data]) -> Result<BTreeMap<&'static str, usize>, String> {
    let mut found = BTreeMap::new();
    for (at, name) in names.iter().enumerate() {
        let name = text(name)?;
        if name.is_empty() {
            continue;
        }
        let known = of.columns.iter().find(|c| c.name == name).ok_or_else(|| {
            let known: Vec<&str> = of.columns.iter().map(|c| c.name).collect();
            format!("工作表“{}”有不认识的列“{name}”；可用：{}", of.name, known.join("、"))
        })?;
        if found.insert(known.key, at).is_some() {
            return Err(format!("工作表“{}”有两列“{name}”", of.name));
        }
    }
    match of.columns.iter().find(|c| c.needed && !found.contains_key(c.key)) {
        Some(missing) => Err(format!("工作表“{}”缺少列“{}”", of.name, missing.name)),
        None => Ok(found),
    }
}

/// A cell as text, without blanks around it.
fn text(cell: &Data) -> Result<String, String> {
    match cell {
        Data::Empty => Ok(String::new()),
        Data::String(text) => Ok(text.trim().to_owned()),
        Data::Int(n) => Ok(n.to_string()),
        Data::Float(n) => Ok(n.to_string()),
        Data::Bool(yes) => Ok(if *yes { "是" } else { "否" }.to_owned()),
        // Silently empty would lose what a broken formula was to say.
        Data::Error(e) => Err(format!("公式出错（{e}）；请改正，或改写为文字")),
        _ => Err("是日期或时间；请把这一格设为文本，再重新填写".to_owned()),
    }
}

/// A fault where a person finds it.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Wrong {
    /// 0 the entries, 1 the places.
    sheet: usize,
    row: u64,
    column: usize,
    message: String,
}

impl std::fmt::Display for Wrong {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let sheet = [&ENTRIES, &PLACES][self.sheet];
        let column = sheet.columns[self.column].name;
        write!(f, "工作表“{}”第{}行“{column}”：{}", sheet.name, self.row, self.message)
    }
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
        let mut cells = Cells { sheet: 0, row: &row, wrong: &mut self.wrong };
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
        let mut cells = Cells { sheet: 1, row: &row, wrong: &mut self.wrong };
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
        Err(self.wrong.iter().map(ToString::to_string).collect())
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

/// The cells of one row, as they are asked for.
struct Cells<'a> {
    sheet: usize,
    row: &'a Row,
    wrong: &'a mut Vec<Wrong>,
}

impl Cells<'_> {
    fn add(&mut self, key: &str, message: String) {
        let columns = [&ENTRIES, &PLACES][self.sheet].columns;
        let column = columns.iter().position(|c| c.key == key).unwrap_or_default();
        self.wrong.push(Wrong { sheet: self.sheet, row: self.row.number, column, message });
    }

    fn text(&mut self, key: &str) -> String {
        let columns = [&ENTRIES, &PLACES][self.sheet].columns;
        match self.row.cells.get(key) {
            Some(Ok(text)) if text.is_empty() && columns.iter().any(|c| c.key == key && c.needed) => {
                self.add(key, "没有填写".into());
                String::new()
            }
            Some(Ok(text)) => text.clone(),
            Some(Err(message)) => {
                self.add(key, message.clone());
                String::new()
            }
            None => String::new(),
        }
    }

    fn maybe(&mut self, key: &str) -> Option<String> {
        Some(self.text(key)).filter(|text| !text.is_empty())
    }

    fn parsed<T, E: ToString>(&mut self, key: &str, parse: impl Fn(&str) -> Result<T, E>) -> Option<T> {
        let text = self.maybe(key)?;
        parse(&text).map_err(|e| self.add(key, e.to_string())).ok()
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

fn yes_or_no(text: &str) -> Result<bool, String> {
    match text {
        "是" | "√" | "✓" | "1" => Ok(true),
        "否" | "×" | "0" => Ok(false),
        _ => Err(format!("“{text}”看不明白；写“是”，或留空")),
    }
}
