//! A sheet of an Excel workbook. The first row that is not empty is the head.

use std::{fs::File, io::BufReader, path::Path};

use calamine::{Data, ExcelDateTime, Reader, Xlsx, XlsxError};

use super::{Cell, Row, Table, in_chinese};

pub(super) fn open(path: &Path, sheet: Option<&str>) -> Result<Table, String> {
    let mut book = workbook(path)?;
    let sheets = book.sheet_names();
    let name = match sheet {
        Some(name) if sheets.iter().any(|s| s == name) => name.to_owned(),
        Some(name) => return Err(format!("没有工作表“{name}”；文件中的工作表：{}", sheets.join("、"))),
        None => sheets.first().cloned().ok_or("文件中没有工作表")?,
    };
    let range = book.worksheet_range(&name).map_err(|e| told(&e))?;
    let first = range.start().map_or(0, |(row, _)| row);
    let mut rows: Vec<Row> = range
        .rows()
        .enumerate()
        .map(|(i, cells)| Row { number: u64::from(first) + i as u64 + 1, cells: cells.iter().map(cell).collect() })
        // Rows that only have a format are not rows.
        .filter(|row| row.cells.iter().any(|c| !c.is_empty()))
        .collect();
    if rows.is_empty() {
        return Err(format!("工作表“{name}”是空的"));
    }
    let columns = rows.remove(0).cells.iter().map(|c| c.text().trim().to_owned()).collect();
    Ok(Table { columns, length: rows.len() as u64, rows: Box::new(rows.into_iter().map(Ok)) })
}

/// Opens a workbook; the error is in Chinese.
pub(crate) fn workbook(path: &Path) -> Result<Xlsx<BufReader<File>>, String> {
    let file = File::open(path).map_err(|e| in_chinese(&e))?;
    Xlsx::new(BufReader::new(file)).map_err(|e| told(&e))
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

pub(crate) fn told(error: &XlsxError) -> String {
    match error {
        XlsxError::Io(e) => in_chinese(e),
        XlsxError::Password => "文件有打开密码；请先在 Excel 中去掉密码再保存".into(),
        _ => "不是可读的 .xlsx 文件（可能损坏，或是旧的 .xls 改了名）；请在 Excel 中另存为 .xlsx".into(),
    }
}
