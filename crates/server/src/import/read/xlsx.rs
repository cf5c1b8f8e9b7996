//! A sheet of an Excel workbook. The first row that is not empty is the head.

use std::{
    collections::BTreeMap,
    fs::File,
    io::{BufReader, Read as _, Seek as _},
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
};

use calamine::{Data, DataRef, ExcelDateTime, Reader, Xlsx, XlsxError};
use zip::ZipArchive;

use super::{Cell, Row, Table, in_chinese};

/// Rows and columns that a sheet of Excel has at most.
const ROWS_MOST: u32 = 1_048_576;
const COLUMNS_MOST: u32 = 16_384;
/// Cells that are held at most, empty ones before the last of each row included: some 500 MB.
const CELLS_MOST: usize = 20_000_000;

/// Of a part, where its first tag is looked for: 64 kB.
const HEAD_MOST: u64 = 1 << 16;

pub(super) fn open(path: &Path, sheet: Option<&str>) -> Result<Table, String> {
    let mut book = Book::open(path)?;
    let sheets = book.sheets();
    let name = match sheet {
        Some(name) if sheets.iter().any(|s| s == name) => name.to_owned(),
        Some(name) => return Err(format!("没有工作表“{name}”；文件中的工作表：{}", sheets.join("、"))),
        None => sheets.first().cloned().ok_or("文件中没有工作表")?,
    };
    let rows = book.rows(&name)?;
    let row = |(number, cells): &(u64, Vec<Data>)| Row { number: *number, cells: cells.iter().map(cell).collect() };
    // Rows that only have a format are not rows.
    let mut rows: Vec<Row> = rows.iter().map(row).filter(|row| row.cells.iter().any(|c| !c.is_empty())).collect();
    if rows.is_empty() {
        return Err(format!("工作表“{name}”是空的"));
    }
    let columns = rows.remove(0).cells.iter().map(|c| c.text().trim().to_owned()).collect();
    Ok(Table { columns, length: rows.len() as u64, rows: Box::new(rows.into_iter().map(Ok)) })
}

/// A workbook; errors are in Chinese.
pub(crate) struct Book(Xlsx<BufReader<File>>);

impl Book {
    pub(crate) fn open(path: &Path) -> Result<Book, String> {
        let mut file = File::open(path).map_err(|e| in_chinese(&e))?;
        if strings_said(&file).is_some_and(|said| said > CELLS_MOST as u64) {
            return Err(told(&XlsxError::Unexpected("too many strings")));
        }
        file.rewind().map_err(|e| in_chinese(&e))?;
        Ok(Book(guarded(|| Xlsx::new(BufReader::new(file)))?))
    }

    pub(crate) fn sheets(&self) -> Vec<String> {
        self.0.sheet_names()
    }

    /// The rows of a sheet that hold anything: the number that a table program shows, and the cells from the sheet's first used column
    /// to the row's last one.
    pub(crate) fn rows(&mut self, sheet: &str) -> Result<Vec<(u64, Vec<Data>)>, String> {
        let cells = guarded(|| cells(&mut self.0, sheet))?;
        let first = cells.keys().map(|(_, column)| *column).min().unwrap_or_default();
        let mut rows: Vec<(u64, Vec<Data>)> = Vec::new();
        let mut held = 0;
        for ((row, column), data) in cells {
            let number = u64::from(row) + 1;
            if rows.last().is_none_or(|(last, _)| *last != number) {
                rows.push((number, Vec::new()));
            }
            let Some((_, row)) = rows.last_mut() else { continue };
            let at = (column - first) as usize;
            held += at + 1 - row.len();
            if held > CELLS_MOST {
                return Err(format!("工作表“{sheet}”过大；请删去右边多余的列，或分成几个文件"));
            }
            row.resize(at, Data::Empty);
            row.push(data);
        }
        Ok(rows)
    }
}

/// How many strings the workbook says it has. calamine sets memory aside for so many before it reads one, and where there is not so much
/// the process would end.
fn strings_said(file: &File) -> Option<u64> {
    let mut zip = ZipArchive::new(BufReader::new(file)).ok()?;
    let name = zip.file_names().find(|name| name.to_lowercase().ends_with("sharedstrings.xml"))?.to_owned();
    let mut head = Vec::new();
    // A part that breaks off is read as far as it goes.
    let _ = zip.by_name(&name).ok()?.take(HEAD_MOST).read_to_end(&mut head);
    let head = String::from_utf8_lossy(&head);
    let (_, said) = head.split_once("uniqueCount")?;
    let digits = said.trim_start_matches(|c: char| !c.is_ascii_digit());
    let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
    // A number that is too long for us is too many.
    Some(digits[..end].parse().unwrap_or(u64::MAX))
}

/// The cells that hold something, by row and column. Not as a rectangle, as calamine would make it: two cells in far corners would need
/// more memory than there is.
fn cells(book: &mut Xlsx<BufReader<File>>, sheet: &str) -> Result<BTreeMap<(u32, u32), Data>, XlsxError> {
    let mut reader = match book.worksheet_cells_reader(sheet) {
        // A sheet of charts has no cells.
        Err(XlsxError::NotAWorksheet(_)) => return Ok(BTreeMap::new()),
        reader => reader?,
    };
    let mut cells = BTreeMap::new();
    while let Some(cell) = reader.next_cell()? {
        let (row, column) = cell.get_position();
        if row >= ROWS_MOST || column >= COLUMNS_MOST {
            return Err(XlsxError::Unexpected("a cell outside of the sheet"));
        }
        if *cell.get_value() != DataRef::Empty {
            cells.insert((row, column), Data::from(cell.get_value().clone()));
        }
    }
    Ok(cells)
}

/// Damage that calamine did not reckon with makes it panic; to whoever brings the file it is the same as any other damage.
fn guarded<T>(read: impl FnOnce() -> Result<T, XlsxError>) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(read)).unwrap_or(Err(XlsxError::Unexpected("a panic"))).map_err(|e| told(&e))
}

fn cell(data: &Data) -> Cell {
    match data {
        Data::Int(n) => Cell::Text(n.to_string()),
        Data::Float(n) => Cell::Number(*n),
        Data::String(text) | Data::DurationIso(text) => Cell::Text(text.clone()),
        Data::DateTimeIso(text) => text.parse().map_or_else(|_| Cell::Text(text.clone()), Cell::Moment),
        Data::Bool(yes) => Cell::Text(yes.to_string()),
        Data::DateTime(at) => moment(at).map_or(Cell::Number(at.as_f64()), Cell::Moment),
        Data::Error(_) | Data::Empty => Cell::Empty,
    }
}

/// The civil time of a serial, in the workbook's own date system (1900 or 1904).
fn moment(at: &ExcelDateTime) -> Option<jiff::civil::DateTime> {
    if !at.is_datetime() {
        return None;
    }
    let (year, month, day, hour, minute, second, ms) = at.to_ymd_hms_milli();
    let small = |n: u8| i8::try_from(n).ok();
    let date = jiff::civil::Date::new(i16::try_from(year).ok()?, small(month)?, small(day)?).ok()?;
    let time = jiff::civil::Time::new(small(hour)?, small(minute)?, small(second)?, i32::from(ms) * 1_000_000).ok()?;
    Some(date.to_datetime(time))
}

fn told(error: &XlsxError) -> String {
    match error {
        XlsxError::Io(e) => in_chinese(e),
        XlsxError::Password => "文件有打开密码；请先在 Excel 中去掉密码再保存".into(),
        _ => "不是可读的 .xlsx 文件（可能损坏，或是旧的 .xls 改了名）；请在 Excel 中另存为 .xlsx".into(),
    }
}
