//! The dispatch catalogue (派单目录) as people keep it: an Excel workbook that is written from a catalogue and read back into one, and the
//! file in the data folder that a new version becomes. What a catalogue means is in `jiesu_domain::catalogue`; nothing is judged here.

mod read;
mod save;
mod write;

use crate::workbook::{Sheet, column};

pub use read::{Against, read};
pub use save::save;
pub use write::workbook;

/// One row an entry.
const ENTRIES: Sheet = Sheet {
    name: "派单目录",
    columns: &[
        column("编号", "id", true, 12.0),
        column("事项", "matter", true, 28.0),
        column("类别", "kind", false, 10.0),
        column("法律依据", "law", false, 32.0),
        column("主办单位", "lead", true, 24.0),
        column("协办单位", "assists", false, 32.0),
        column("办理期限", "limit", false, 14.0),
        column("协办期限", "assist_limit", false, 14.0),
        column("建议承办机构", "office", false, 20.0),
        column("不派镇街", "not_to_towns", false, 10.0),
        column("突发事件", "emergency", false, 10.0),
        column("备注", "note", false, 40.0),
    ],
};

/// One row a place in which other units handle an entry.
const PLACES: Sheet = Sheet {
    name: "分地区",
    columns: &[
        column("编号", "id", true, 12.0),
        column("地区", "place", true, 28.0),
        column("主办单位", "lead", false, 24.0),
        column("协办单位", "assists", false, 32.0),
        column("建议承办机构", "office", false, 20.0),
    ],
};

/// The sheets that are read.
const SHEETS: &[&Sheet] = &[&ENTRIES, &PLACES];

/// Between the units of a cell; the first is what is written.
const SEPARATORS: &[char] = &['、', '，', ',', '；', ';', '\n'];

#[cfg(test)]
mod tests;
