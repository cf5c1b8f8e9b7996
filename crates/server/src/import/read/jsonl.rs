//! One JSON object a line, read as it streams by. A line that is none is a rejected row, and no more.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs::File,
    io::{BufRead, BufReader},
    path::Path,
};

use serde::de::IgnoredAny;
use serde_json::Value;

use super::{Cell, Read1, Row, Table, Unreadable, in_chinese, not_utf8, text_file};

pub(super) fn open(path: &Path) -> Result<Table, String> {
    let (columns, length) = walk(path)?;
    let at: BTreeMap<String, usize> = columns.iter().cloned().zip(0..).collect();
    Ok(Table { columns, length, rows: Box::new(Rows { lines: text_file(path)?, at, number: 0 }) })
}

/// The keys of all lines, and how many lines there are.
fn walk(path: &Path) -> Result<(Vec<String>, u64), String> {
    let mut file = text_file(path)?;
    let (mut keys, mut length, mut readable) = (BTreeSet::new(), 0, false);
    let mut line = Vec::new();
    while next_line(&mut file, &mut line)? {
        if line.trim_ascii().is_empty() {
            continue;
        }
        length += 1;
        readable |= std::str::from_utf8(&line).is_ok();
        if let Ok(object) = serde_json::from_slice::<BTreeMap<String, IgnoredAny>>(&line) {
            keys.extend(object.into_keys());
        }
    }
    if length > 0 && !readable {
        return Err(not_utf8(path));
    }
    Ok((keys.into_iter().collect(), length))
}

fn next_line(file: &mut impl BufRead, line: &mut Vec<u8>) -> Result<bool, String> {
    line.clear();
    file.read_until(b'\n', line).map(|n| n > 0).map_err(|e| in_chinese(&e))
}

struct Rows {
    lines: BufReader<File>,
    at: BTreeMap<String, usize>,
    number: u64,
}

impl Iterator for Rows {
    type Item = Read1;

    fn next(&mut self) -> Option<Read1> {
        let mut line = Vec::new();
        loop {
            match next_line(&mut self.lines, &mut line) {
                Ok(false) => return None,
                Err(e) => return Some(Err(Unreadable::File(e))),
                Ok(true) => self.number += 1,
            }
            if !line.trim_ascii().is_empty() {
                return Some(self.row(&line));
            }
        }
    }
}

impl Rows {
    fn row(&self, line: &[u8]) -> Read1 {
        let bad = |reason: &str| Err(Unreadable::Row { number: self.number, reason: reason.into() });
        let Ok(line) = std::str::from_utf8(line) else { return bad("这一行不是 UTF-8 编码") };
        let object = match serde_json::from_str(line) {
            Ok(Value::Object(object)) => object,
            Ok(_) => return bad("这一行不是 JSON 对象"),
            Err(_) => return bad("这一行不是 JSON"),
        };
        let mut cells = vec![Cell::Empty; self.at.len()];
        for (key, value) in object {
            if let Some(cell) = self.at.get(&key).and_then(|at| cells.get_mut(*at)) {
                *cell = cell_of(value);
            }
        }
        Ok(Row { number: self.number, cells })
    }
}

/// Whole numbers as they stand, beyond what a float can hold; lists and objects as their JSON.
fn cell_of(value: Value) -> Cell {
    match value {
        Value::Null => Cell::Empty,
        Value::String(text) => Cell::Text(text),
        Value::Number(n) if n.is_f64() => n.as_f64().map_or(Cell::Empty, Cell::Number),
        other => Cell::Text(other.to_string()),
    }
}
