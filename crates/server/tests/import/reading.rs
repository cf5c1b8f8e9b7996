//! The kinds of files, and files and maps that cannot be used: said before anything is written.

use jiesu_server::import::Map;
use rust_xlsxwriter::{ExcelDateTime, Format, Workbook};

use crate::{
    kit::{Bench, MAP},
    run::Ran,
};

const JSON_MAP: &str = r#"
source = "平台"
[columns]
id = "id"
title = "title"
content = "content"
received = "created"
[time]
formats = ["%Y-%m-%d %H:%M:%S%.f", "rfc3339"]
[channel]
default = "platform"
[kind]
column = "sort"
values = { "1" = "complaint", "2" = "thanks" }
[history]
handled = { column = "state", values = ["DONE"], open = ["NEW"] }
reply = "reply"
unit = "unit"
units = { file = "units.json", id = "id", name = "name" }
assigned_at = "assigned"
deadline = "deadline"
"#;

fn refused(bench: &Bench, ran: &Ran, expected: &str) {
    assert_eq!(ran.code, 2, "{ran:?}");
    assert!(ran.err.contains(expected), "no “{expected}” in {ran:?}");
    assert!(!bench.exists("data"), "nothing is written: {expected}");
}

#[test]
fn lines_of_json_are_read_one_by_one() {
    let bench = Bench::new();
    bench.write("units.json", r#"[{"id": 7, "name": "城管局"}, {"id": "8", "name": "水务局"}]"#);
    let jsonl = concat!(
        r#"{"id": 1, "title": "噪声", "content": "夜里\n施工", "created": "2026-09-01 08:00:00.123", "sort": 1, "state": "DONE", "unit": 7, "assigned": "2026-09-01 09:00:00.000", "deadline": "2026-10-08 23:59:59.999", "reply": null}"#,
        "\n\n",
        r#"{"id": 2, "title": "噪声", "content": "夜里", "created": "2026-09-02T08:00:00+08:00", "sort": 1, "state": "NEW", "unit": 7}"#,
        "\n{坏行\n",
        r#"[1]"#,
        "\n",
        r#"{"id": 3, "title": "噪声", "created": "2026-09-02 08:00:00", "sort": 1, "state": "DONE", "unit": 9}"#,
        "\n",
        r#"{"id": 4, "title": "噪声", "created": "2026-09-02 08:00:00", "sort": 1, "state": "LOST", "unit": 7}"#,
        "\n",
        r#"{"id": 5, "title": "感谢", "created": "2026-09-02 08:00:00", "sort": 2, "state": "DONE", "unit": 8}"#,
        "\n",
        r#"{"id": 6, "title": "感谢", "created": "2026-09-02 08:00:00", "sort": 2, "state": "DONE", "reply": "不客气"}"#,
    );
    let ran = bench.import("m.jsonl", jsonl, JSON_MAP);
    assert_eq!((ran.code, ran.summary()), (1, "读取 8，新登记 3，已存在 0，退回 5".into()), "{ran:?}");
    assert!(ran.out.contains("其中 1 件属只作记录的类别"), "{ran:?}");
    let expected = "\u{feff}行号,编号,原因\n\
4,,这一行不是 JSON\n\
5,,这一行不是 JSON 对象\n\
6,3,单位编号在单位名称文件中没有\n\
7,4,办理状态的值不在对照表中\n\
9,6,“感谢”类只作记录，带不进答复；请在对照表中改定类别\n";
    assert_eq!(bench.read("m.jsonl.rejects.csv"), expected);
    let body = bench.body("SELECT ticket FROM ticket WHERE state = 'archived'");
    for part in
        [r#""unit":"城管局""#, r#""assigned_at":"2026-09-01T01:00:00Z""#, r#""deadline":"2026-10-08T15:59:59.999Z""#]
    {
        assert!(body.contains(part), "no {part} in {body}");
    }
    assert_eq!(
        bench.text("SELECT group_concat(state) FROM (SELECT state FROM ticket ORDER BY ticket)"),
        "archived,registered,answered"
    );
    bench.verify();
}

#[test]
fn a_workbook_has_dates_numbers_and_text() {
    let bench = Bench::new();
    let mut book = Workbook::new();
    book.add_worksheet().set_name("说明").unwrap();
    let sheet = book.add_worksheet().set_name("留言").unwrap();
    let head = ["编号", "标题", "内容", "时间", "来源", "用户", "答复", "答复时间", "满意"];
    for (column, name) in (0..).zip(head) {
        sheet.write(1, column, name).unwrap();
    }
    let row = |sheet: &mut rust_xlsxwriter::Worksheet, row: u32, id: f64| {
        sheet.write(row, 0, id).unwrap();
        sheet.write(row, 1, "路灯不亮").unwrap();
        sheet.write(row, 2, "\n\t请修").unwrap();
        sheet.write(row, 4, "WEB").unwrap();
    };
    row(sheet, 2, 188_006.0);
    sheet.write(2, 3, "2026/9/1 8:00:00").unwrap();
    row(sheet, 4, 188_007.0);
    let format = Format::new().set_num_format("yyyy/m/d h:mm:ss");
    let at = ExcelDateTime::from_ymd(2026, 9, 2).unwrap().and_hms(8, 5, 9).unwrap();
    sheet.write_datetime_with_format(4, 3, &at, &format).unwrap();
    row(sheet, 5, 188_008.0);
    sheet.write(5, 3, 46_268.5).unwrap();
    row(sheet, 6, 188_009.0);
    let bytes = book.save_to_buffer().unwrap();

    let map =
        MAP.replace("source = ", "sheet = \"留言\"\nsource = ").replace("\"%Y/%m/%d\"]", "\"%Y/%m/%d\", \"excel\"]");
    let ran = bench.import("m.xlsx", &bytes, &map);
    assert_eq!((ran.code, ran.summary()), (1, "读取 4，新登记 3，已存在 0，退回 1".into()), "{ran:?}");
    assert_eq!(
        bench.read("m.xlsx.rejects.csv"),
        "\u{feff}行号,编号,原因\n7,188009,收到时间为空\n",
        "the sheet's own row number"
    );
    let times = "SELECT group_concat(source_id || ' ' || datetime(received_at / 1000000, 'unixepoch')) FROM (SELECT * FROM appeal ORDER BY source_id)";
    assert_eq!(bench.text(times), "188006 2026-09-01 00:00:00,188007 2026-09-02 00:05:09,188008 2026-09-03 04:00:00");
    bench.verify();

    let bench = Bench::new();
    let ran = bench.import("m.xlsx", &bytes, &map.replace("sheet = \"留言\"", "sheet = \"留言2\""));
    refused(&bench, &ran, "没有工作表“留言2”；文件中的工作表：说明、留言");
    refused(&bench, &bench.import("m.xlsx", &bytes, MAP), "工作表“说明”是空的");
    refused(&bench, &bench.import("m.xlsx", "不是工作簿", MAP), "不是可读的 .xlsx 文件");
}

#[test]
fn a_csv_may_have_a_mark_and_must_be_utf8() {
    let bench = Bench::new();
    let head = "编号,标题,内容,时间,来源,用户,答复,答复时间,满意\r\n";
    let ran = bench.import("m.csv", format!("\u{feff}{head}1,路灯,不亮,2026/9/1,WEB\r\n"), MAP);
    assert_eq!((ran.code, ran.summary()), (0, "读取 1，新登记 1，已存在 0，退回 0".into()), "{ran:?}");

    // 路灯 in GB18030, in the last row.
    let bench = Bench::new();
    let mut gb = format!("{head}1,x,y,2026/9/1,WEB\r\n2,").into_bytes();
    gb.extend(b"\xc2\xb7\xb5\xc6,y,2026/9/1,WEB\r\n");
    refused(&bench, &bench.import("m.csv", gb, MAP), "iconv -f GB18030 -t UTF-8");
}

#[test]
fn files_that_cannot_be_used_are_named() {
    let bench = Bench::new();
    bench.write("map.toml", MAP);
    refused(&bench, &bench.jiesu(&["import", "none.csv", "--map", "map.toml"]), "none.csv：文件不存在");
    refused(&bench, &bench.jiesu(&["import", "map.toml", "--map", "map.toml"]), "可导入 .xlsx、.csv、.jsonl");
    refused(&bench, &bench.jiesu(&["import", "m.csv", "--map", "none.toml"]), "读不到对照表 none.toml");
    let ran = bench.import_with(
        "m.csv",
        "编号,标题,内容,时间,来源,用户,答复,答复时间,满意\n",
        MAP,
        &["--dry-run", "--place", "nowhere"],
    );
    refused(&bench, &ran, "没有“nowhere”的办法");
}

#[test]
fn a_column_that_is_not_there_is_said_with_those_that_are() {
    let bench = Bench::new();
    let ran = bench.import("m.csv", "编号,题目,内容,时间,来源\n1,a,b,2026/9/1,WEB\n", MAP);
    refused(
        &bench,
        &ran,
        "对照表中的列“标题”、“用户”、“答复”、“答复时间”、“满意”在文件中没有；文件中的列：编号、题目、内容、时间、来源",
    );
    let ran = bench.import("m.csv", "编号,标题,标题,内容,时间,来源,用户,答复,答复时间,满意\n", MAP);
    refused(&bench, &ran, "列“标题”在文件中不止一个");
    bench.write("units.json", r#"[{"id": 7}]"#);
    let keys = r#"{"id":1,"title":"a","content":"b","created":"c","sort":1,"state":"NEW","reply":"","unit":7,"assigned":"","deadline":""}"#;
    refused(&bench, &bench.import("m.jsonl", keys, JSON_MAP), "每一项都要有“id”和文本“name”");
}

#[test]
fn a_broken_map_is_said_with_its_line() {
    let bench = Bench::new();
    let cases = [
        ("title = ", "titel = ", "第5行：不认识的键“titel”；此处可用："),
        ("WEB = \"web\"", "WEB = \"互联网\"", "第15行：不认识的值“互联网”"),
        (
            "formats = [\"%Y/%m/%d %H:%M:%S\", \"%Y/%m/%d\"]",
            "formats = [\"yyyy/m/d\"]",
            "第12行：时间格式“yyyy/m/d”不全",
        ),
        ("source = \"信箱\"", "source = 信箱", "第2行："),
    ];
    for (from, to, expected) in cases {
        assert!(MAP.contains(from), "{from}");
        refused(&bench, &bench.import("m.csv", "编号\n", &MAP.replace(from, to)), expected);
    }
}

#[test]
fn the_shipped_maps_can_be_read() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../imports");
    let maps: Vec<_> = std::fs::read_dir(folder).unwrap().map(|f| f.unwrap().path()).collect();
    assert!(maps.len() >= 3);
    maps.iter().for_each(|path| drop(Map::load(path).unwrap()));
}
