//! Columns of a table by any of their usual names.

use std::path::Path;

use crate::import::{Cell, Row, Table};

/// A column, by all of its names.
pub(super) type Names = &'static [&'static str];

/// The asked columns of every row, as text without blanks around it. A row that cannot be read is an error, and so is a missing column;
/// neither names what a row holds.
pub(super) fn read<const N: usize>(path: &Path, columns: [Names; N]) -> Result<Vec<[Cell; N]>, String> {
    let table = Table::open(path, None).map_err(|e| e.to_string())?;
    let place = |names: Names| {
        let found = table.columns.iter().position(|c| names.contains(&c.as_str()));
        found.ok_or_else(|| format!("{}：没有“{}”这一列", path.display(), names.join("”或“")))
    };
    let mut places = [0; N];
    for (place_of, names) in places.iter_mut().zip(columns) {
        *place_of = place(names)?;
    }
    let cells = |mut row: Row| {
        places.map(|at| row.cells.get_mut(at).map_or(Cell::Empty, |c| std::mem::replace(c, Cell::Empty)))
    };
    let row = |row: Result<Row, _>| row.map(cells).map_err(|e: crate::import::Unreadable| e.to_string());
    table.rows.map(row).collect()
}

/// One column of every row by its name.
pub(super) fn column(path: &Path, name: &str) -> Result<Vec<Cell>, String> {
    let table = Table::open(path, None).map_err(|e| e.to_string())?;
    let at = table.columns.iter().position(|c| c == name);
    let at = at.ok_or_else(|| format!("{}：没有“{name}”这一列", path.display()))?;
    let cell = |mut row: Row| row.cells.get_mut(at).map_or(Cell::Empty, |c| std::mem::replace(c, Cell::Empty));
    table.rows.map(|row| row.map(cell).map_err(|e| e.to_string())).collect()
}
