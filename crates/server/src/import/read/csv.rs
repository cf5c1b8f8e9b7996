//! CSV in UTF-8, with or without a byte order mark. Rows of another length than the head are read as far as they go. A row's number is the
//! one that a table program shows: a cell of several lines is one row.

use std::{fs::File, io::BufReader, path::Path};

use csv::{ByteRecord, Reader, ReaderBuilder};

use super::{Cell, Read1, Row, Table, Unreadable, in_chinese, not_utf8, text_file};

pub(super) fn open(path: &Path) -> Result<Table, String> {
    let mut first = reader(path)?;
    let head = first.byte_headers().map_err(|e| told(&e))?.clone();
    let columns: Option<Vec<String>> =
        head.iter().map(|c| std::str::from_utf8(c).ok().map(|c| c.trim().to_owned())).collect();
    let columns = columns.ok_or_else(|| not_utf8(path))?;
    let length = walk(path, first)?;
    Ok(Table { columns, length, rows: Box::new(Rows { reader: reader(path)?, record: ByteRecord::new(), number: 1 }) })
}

/// Counts the rows and makes sure that all of them are UTF-8: a file in another encoding must not go in half.
fn walk(path: &Path, mut reader: Reader<BufReader<File>>) -> Result<u64, String> {
    let mut record = ByteRecord::new();
    let mut length = 0;
    while reader.read_byte_record(&mut record).map_err(|e| told(&e))? {
        if std::str::from_utf8(record.as_slice()).is_err() {
            return Err(not_utf8(path));
        }
        length += 1;
    }
    Ok(length)
}

fn reader(path: &Path) -> Result<Reader<BufReader<File>>, String> {
    Ok(ReaderBuilder::new().flexible(true).from_reader(text_file(path)?))
}

fn told(error: &csv::Error) -> String {
    match error.kind() {
        csv::ErrorKind::Io(e) => in_chinese(e),
        _ => "不是 CSV".into(),
    }
}

struct Rows {
    reader: Reader<BufReader<File>>,
    record: ByteRecord,
    number: u64,
}

impl Iterator for Rows {
    type Item = Read1;

    fn next(&mut self) -> Option<Read1> {
        match self.reader.read_byte_record(&mut self.record) {
            Ok(false) => None,
            Err(e) => Some(Err(Unreadable::File(told(&e)))),
            Ok(true) => {
                self.number += 1;
                let cell = |field: &[u8]| match String::from_utf8_lossy(field).into_owned() {
                    text if text.is_empty() => Cell::Empty,
                    text => Cell::Text(text),
                };
                Some(Ok(Row { number: self.number, cells: self.record.iter().map(cell).collect() }))
            }
        }
    }
}
