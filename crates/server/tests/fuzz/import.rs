//! Tables and maps of an import: refused as a whole before anything is written, or row by row; no word of a row in a reason; and after all
//! of it the database is sound.

use std::{path::Path, sync::Arc};

use jiesu_server::{
    app::{App, verify},
    import::{Failed, Rejects, Source, import},
};
use rust_xlsxwriter::{ExcelDateTime, Format, Workbook};

use crate::{
    damage::{self, Dice, in_chinese},
    harness::{Centre, PLACE},
    workbook,
};

/// Whom nothing that is told may name.
const NAME: &str = "欧阳诉求";
const PHONE: &str = "13900009876";

const HEAD: [&str; 9] = ["编号", "标题", "内容", "时间", "来源", "姓名", "电话", "答复", "答复时间"];
const ROWS: [[&str; 9]; 4] = [
    ["1", "路灯不亮", "北门的路灯不亮已有三天", "2026/4/1 08:30:00", "WEB", NAME, PHONE, "已修好", "2026/4/3"],
    ["2", "建议增加班次", "早高峰等车太久，\n建议增加", "2026/4/2", "APP", NAME, PHONE, "", ""],
    ["3", "噪声扰民", "夜里施工，\"请处理\"", "2026/4/2 23:59:59", "WEB", "", PHONE, "", ""],
    ["", "请问社保怎么转", "请问", "2026/4/3", "WEB", NAME, "", "", ""],
];

const MAP: &str = r#"
source = "信箱"
[columns]
id = "编号"
title = "标题"
content = "内容"
received = "时间"
[person]
id = "姓名"
name = "姓名"
phone = "电话"
[time]
formats = ["%Y/%m/%d %H:%M:%S", "%Y/%m/%d", "excel"]
[channel]
column = "来源"
values = { WEB = "web", APP = "移动应用" }
[history]
reply = "答复"
replied_at = "答复时间"
[kind]
default = "help"
[[kind.words]]
kind = "咨询"
any = ["请问"]
[[kind.words]]
kind = "suggestion"
any = ["建议"]
"#;

fn csv() -> String {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(HEAD).unwrap();
    ROWS.iter().for_each(|row| writer.write_record(row).unwrap());
    String::from_utf8(writer.into_inner().unwrap()).unwrap()
}

fn jsonl() -> String {
    let line = |row: &[&str; 9]| {
        let object: serde_json::Map<_, _> =
            HEAD.iter().zip(row).map(|(key, value)| ((*key).to_owned(), (*value).into())).collect();
        serde_json::Value::Object(object).to_string() + "\n"
    };
    ROWS.iter().map(line).collect()
}

fn xlsx() -> Vec<u8> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    let date = Format::new().set_num_format("yyyy/m/d hh:mm:ss");
    sheet.write_row(0, 0, HEAD).unwrap();
    for (at, row) in (1..).zip(ROWS) {
        sheet.write_row(at, 0, row).unwrap();
        sheet.write_number(at, 0, f64::from(at)).unwrap();
        let moment = ExcelDateTime::from_ymd(2026, 4, at as u8).unwrap().and_hms(8, 30, 0).unwrap();
        sheet.write_datetime_with_format(at, 3, moment, &date).unwrap();
    }
    book.save_to_buffer().unwrap()
}

/// Bytes of a table, and the ending of its name.
fn table(dice: &mut Dice, seeds: &(Vec<String>, Vec<String>, Vec<u8>)) -> (&'static str, Vec<u8>) {
    let (name, text) = match dice.below(3) {
        0 => return ("m.xlsx", workbook::damaged(dice, &seeds.2)),
        1 => ("m.csv", damage::damaged(dice, &seeds.0)),
        _ => ("m.jsonl", damage::damaged(dice, &seeds.1)),
    };
    let bytes = text.into_bytes();
    (name, if dice.below(4) == 0 { workbook::bytes(dice, bytes) } else { bytes })
}

#[tokio::test]
async fn damaged_tables_and_maps() {
    let (mut dice, mut run) = Dice::from_env();
    workbook::quiet();
    let c = Centre::at("2026-04-30 09:00").await;
    let folder = tempfile::tempdir().unwrap();
    let seeds = (vec![csv()], vec![jsonl()], xlsx());
    let maps = vec![MAP.to_owned()];
    let (mut refused, mut read, mut taken, mut rejected) = (0u64, 0u64, 0u64, 0u64);
    while run.goes_on() {
        let (name, bytes) = table(&mut dice, &seeds);
        let map = if dice.below(4) == 0 { damage::damaged(&mut dice, &maps) } else { MAP.to_owned() };
        std::fs::write(folder.path().join(name), bytes).unwrap();
        std::fs::write(folder.path().join("map.toml"), map).unwrap();
        match Source::open(&folder.path().join(name), &folder.path().join("map.toml")) {
            Err(error) => {
                refused += 1;
                assert!(in_chinese(&error.to_string()), "not Chinese: {error}");
            }
            Ok(source) => {
                let tally = taken_over(&c.app, source, &folder.path().join("rejects.csv")).await;
                read += tally[0];
                taken += tally[1];
                rejected += tally[2];
            }
        }
    }
    println!("{refused} files refused; of the others {read} rows: {taken} taken, {rejected} rejected");
    assert!(refused > 5 && taken > 5 && rejected > 5, "{refused} {taken} {rejected}");
    let report = verify(&c.app.store, PLACE, |_, _| {}).await.unwrap();
    assert!(report.holds(), "{report:?}");
}

/// Every row is accounted for, and what is said of those that were not taken names nobody.
async fn taken_over(app: &Arc<App>, source: Source, list: &Path) -> [u64; 3] {
    let mut rejects = Rejects::at(Some(list.to_owned())).unwrap();
    let tally = match import(app, source, &mut rejects, |_| {}).await {
        Ok(tally) => tally,
        // The file breaks off behind its head.
        Err(Failed::File(what)) => {
            assert!(in_chinese(&what), "not Chinese: {what}");
            return [0; 3];
        }
        Err(other) => panic!("{other}: {other:?}"),
    };
    assert_eq!(tally.read, tally.new + tally.known + tally.rejected, "{tally:?}");
    if let Some(list) = rejects.finish().unwrap() {
        let text = std::fs::read_to_string(list).unwrap();
        let mut reader = csv::Reader::from_reader(text.trim_start_matches('\u{feff}').as_bytes());
        for row in reader.records() {
            let row = row.unwrap();
            let reason = row.get(2).unwrap();
            assert!(in_chinese(reason), "not Chinese: {reason}");
            assert!(!reason.contains(NAME) && !reason.contains(PHONE), "a row's own words: {reason}");
        }
    }
    [tally.read, tally.new, tally.rejected]
}
