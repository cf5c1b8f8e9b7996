//! Tables that people keep in a workbook: columns are found by their heads, in any order; whatever is wrong is told at once, each with its
//! sheet, row and column. Written so that a table program does not make a date of `7日` or `1-2`.

use std::collections::BTreeMap;

use calamine::Data;
use rust_xlsxwriter::{Format, FormatAlign, Workbook, Worksheet, XlsxError};

use crate::import::Book;

/// A column of a sheet: its head, and the key that it holds.
#[derive(Debug, PartialEq)]
pub(crate) struct Column {
    pub name: &'static str,
    pub key: &'static str,
    /// Every row must have it.
    pub needed: bool,
    /// In characters, for reading it on a screen.
    pub width: f64,
}

pub(crate) const fn column(name: &'static str, key: &'static str, needed: bool, width: f64) -> Column {
    Column { name, key, needed, width }
}

/// A sheet of a workbook.
#[derive(Debug, PartialEq)]
pub(crate) struct Sheet {
    pub name: &'static str,
    pub columns: &'static [Column],
}

impl Sheet {
    /// The place of a column.
    pub fn place(&self, key: &str) -> Option<usize> {
        self.columns.iter().position(|c| c.key == key)
    }
}

/// One row: its number as a table program shows it, and a cell for each of the sheet's columns.
pub(crate) struct Row {
    pub number: u64,
    pub cells: BTreeMap<&'static str, Result<String, String>>,
}

/// The rows of a sheet below its head; nothing if there is no such sheet.
pub(crate) fn rows(book: &mut Book, of: &Sheet) -> Result<Option<Vec<Row>>, String> {
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

/// A fault where a person finds it: the sheet by its place among those that are read, the row, the column by its place.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Wrong {
    pub sheet: usize,
    pub row: u64,
    pub column: usize,
    pub message: String,
}

impl Wrong {
    /// In words.
    pub fn told(&self, sheets: &[&Sheet]) -> String {
        let sheet = sheets[self.sheet];
        format!("工作表“{}”第{}行“{}”：{}", sheet.name, self.row, sheet.columns[self.column].name, self.message)
    }
}

/// The cells of one row, as they are asked for.
pub(crate) struct Cells<'a> {
    pub sheets: &'a [&'a Sheet],
    pub sheet: usize,
    pub row: &'a Row,
    pub wrong: &'a mut Vec<Wrong>,
}

impl Cells<'_> {
    pub fn add(&mut self, key: &str, message: String) {
        let column = self.sheets[self.sheet].place(key).unwrap_or_default();
        self.wrong.push(Wrong { sheet: self.sheet, row: self.row.number, column, message });
    }

    pub fn text(&mut self, key: &str) -> String {
        let columns = self.sheets[self.sheet].columns;
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

    pub fn maybe(&mut self, key: &str) -> Option<String> {
        Some(self.text(key)).filter(|text| !text.is_empty())
    }

    pub fn parsed<T, E: ToString>(&mut self, key: &str, parse: impl Fn(&str) -> Result<T, E>) -> Option<T> {
        let text = self.maybe(key)?;
        parse(&text).map_err(|e| self.add(key, e.to_string())).ok()
    }
}

pub(crate) fn yes_or_no(text: &str) -> Result<bool, String> {
    match text {
        "是" | "√" | "✓" | "1" => Ok(true),
        "否" | "×" | "0" => Ok(false),
        _ => Err(format!("“{text}”看不明白；写“是”，或留空")),
    }
}

/// Writes a sheet with its head; every column is text.
pub(crate) fn table<'b>(
    book: &'b mut Workbook,
    of: &Sheet,
    rows: &[Vec<String>],
) -> Result<&'b mut Worksheet, XlsxError> {
    let head = Format::new().set_bold().set_background_color("#E8EEF7").set_align(FormatAlign::VerticalCenter);
    let text = Format::new().set_num_format("@").set_text_wrap().set_align(FormatAlign::Top);
    let sheet = book.add_worksheet().set_name(of.name)?;
    for (at, column) in of.columns.iter().enumerate() {
        let at = at as u16;
        sheet.set_column_width(at, column.width)?.set_column_format(at, &text)?;
        sheet.write_string_with_format(0, at, column.name, &head)?;
    }
    for (row, cells) in rows.iter().enumerate() {
        for (at, cell) in cells.iter().enumerate().filter(|(_, cell)| !cell.is_empty()) {
            sheet.write_string_with_format(row as u32 + 1, at as u16, cell, &text)?;
        }
    }
    sheet.set_freeze_panes(1, 2)?.autofilter(0, 0, rows.len() as u32, of.columns.len() as u16 - 1)?;
    Ok(sheet)
}
