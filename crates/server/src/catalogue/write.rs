//! From a catalogue to a workbook: units by name, limits as people write them.

use jiesu_domain::{
    Catalogue, Kind,
    catalogue::{Entry, Place},
    ticket::Units,
};
use rust_xlsxwriter::{DataValidation, Workbook, Worksheet, XlsxError};

use super::{ENTRIES, PLACES, SEPARATORS};
use crate::workbook::table;

/// How many rows below the last one still offer their choices.
const SPARE: u32 = 500;

/// The bytes of a workbook that [`super::read`] takes back.
///
/// # Errors
/// A text is longer than a cell can hold (32,767 characters); in Chinese.
pub fn workbook(catalogue: &Catalogue, units: &Units) -> Result<Vec<u8>, String> {
    whole(catalogue, units).map_err(|e| match e {
        XlsxError::MaxStringLengthExceeded => "有文字超过32767个字，放不进表格的一格".to_owned(),
        e => format!("写不成 .xlsx 文件（{e}）"),
    })
}

fn whole(catalogue: &Catalogue, units: &Units) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    let rows: Vec<Vec<String>> = catalogue.entry.iter().map(|e| entry(e, units)).collect();
    let sheet = table(&mut book, &ENTRIES, &rows)?;
    let last = rows.len() as u32 + SPARE;
    let kinds: Vec<&str> = Kind::ALL.iter().filter(|k| k.dispatchable()).map(|k| k.zh()).collect();
    choices(sheet, "kind", last, &kinds)?;
    choices(sheet, "not_to_towns", last, &["是"])?;
    choices(sheet, "emergency", last, &["是"])?;
    let places = catalogue.entry.iter().flat_map(|e| e.by_place.iter().map(|(key, there)| (&e.id, key, there)));
    let rows: Vec<Vec<String>> = places.map(|(id, key, there)| place(id, key, there, units)).collect();
    table(&mut book, &PLACES, &rows)?;
    explained(&mut book, catalogue)?;
    book.save_to_buffer()
}

/// The cells of an entry, in the order of the columns.
fn entry(e: &Entry, units: &Units) -> Vec<String> {
    let yes = |flag: bool| if flag { "是".to_owned() } else { String::new() };
    let cell = |key: &str| match key {
        "id" => e.id.clone(),
        "matter" => e.matter.clone(),
        "kind" => e.kind.map(|k| k.zh().to_owned()).unwrap_or_default(),
        "law" => e.law.clone().unwrap_or_default(),
        "lead" => named(&e.lead, units),
        "assists" => listed(&e.assists, units),
        "limit" => e.limit.map(|l| l.to_string()).unwrap_or_default(),
        "assist_limit" => e.assist_limit.map(|l| l.to_string()).unwrap_or_default(),
        "office" => e.office.clone().unwrap_or_default(),
        "not_to_towns" => yes(e.not_to_towns),
        "emergency" => yes(e.emergency),
        _ => e.note.clone().unwrap_or_default(),
    };
    ENTRIES.columns.iter().map(|c| cell(c.key)).collect()
}

fn place(id: &str, key: &str, there: &Place, units: &Units) -> Vec<String> {
    let cell = |column: &str| match column {
        "id" => id.to_owned(),
        "place" => named(key, units),
        "lead" => there.lead.as_ref().map(|lead| named(lead, units)).unwrap_or_default(),
        "assists" => listed(&there.assists, units),
        _ => there.office.clone().unwrap_or_default(),
    };
    PLACES.columns.iter().map(|c| cell(c.key)).collect()
}

/// A unit's name; its id where it is not known, or where the name would be read as several, or as another unit's id.
fn named(id: &str, units: &Units) -> String {
    let readable = |name: &&str| *name == name.trim() && !name.contains(SEPARATORS) && !units.contains_key(*name);
    units.get(id).map(|u| u.name.as_str()).filter(readable).unwrap_or(id).to_owned()
}

fn listed(ids: &[String], units: &Units) -> String {
    ids.iter().map(|id| named(id, units)).collect::<Vec<_>>().join("、")
}

fn choices(sheet: &mut Worksheet, key: &str, last: u32, words: &[&str]) -> Result<(), XlsxError> {
    let Some(at) = ENTRIES.columns.iter().position(|c| c.key == key) else { return Ok(()) };
    let list = DataValidation::new().allow_list_strings(words)?;
    sheet.add_data_validation(1, at as u16, last, at as u16, &list)?;
    Ok(())
}

/// A last sheet for whoever fills the table in; it is not read.
fn explained(book: &mut Workbook, catalogue: &Catalogue) -> Result<(), XlsxError> {
    let head = &catalogue.catalogue;
    let default = if head.default { "（默认目录，不是法定目录）" } else { "" };
    let lines = [
        format!("派单目录 {} 第{}版{default}，{}起施行", head.rulebook, head.version, head.in_force),
        head.note.clone().unwrap_or_default(),
        "一行一个事项。编号、事项、主办单位必填；编号各版不变，改动按编号比较。".into(),
        "单位写名称或单位编号；协办单位有几个的用“、”隔开。".into(),
        "类别不写的，各类诉求通用；同一事项按类别分几行写。".into(),
        "期限写“5个工作日”“2小时”“20分钟”“7日”；不写的按办法所定。另定期限的，须写明法律依据，或在备注中说明来由。"
            .into(),
        "不派镇街、突发事件：写“是”，或留空。".into(),
        "各地承办单位不同的，写在“分地区”表：编号同上，地区写单位名称、单位编号或地名，其余只写与各处不同的。".into(),
        "改好后导入为新的一版：jiesu catalogue import 文件.xlsx --rulebook 编号 --in-force 施行日期".into(),
    ];
    let sheet = book.add_worksheet().set_name("说明")?;
    sheet.set_column_width(0, 100)?;
    for (row, line) in lines.iter().enumerate() {
        sheet.write_string(row as u32, 0, line)?;
    }
    Ok(())
}
