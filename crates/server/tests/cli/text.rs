//! `jiesu text`: learning from a table and measuring, and hot issues as a workbook. The sentences are made up.

use std::{fs, path::PathBuf};

use calamine::{Data, Reader, Xlsx, open_workbook};
use rust_xlsxwriter::Workbook;

use crate::run::{Ran, jiesu, ran};

struct Place(tempfile::TempDir);

impl Place {
    fn new() -> Place {
        Place(tempfile::tempdir().unwrap())
    }

    fn text(&self, args: &[&str]) -> Ran {
        let mut all = vec!["text"];
        all.extend(args);
        ran(jiesu(&all).current_dir(self.0.path()))
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.0.path().join(name), text).unwrap();
    }

    fn rows(&self, file: &str, sheet: &str) -> Vec<Vec<Data>> {
        let mut book: Xlsx<_> = open_workbook(self.0.path().join(file)).unwrap();
        book.worksheet_range(sheet).unwrap().rows().map(<[Data]>::to_vec).collect()
    }
}

/// Messages of two labels that a child could tell apart, and one that was sorted wrongly.
fn sorted() -> String {
    let water = ["家里停水", "水管爆裂漏水", "自来水发黄", "水压太低没有水"];
    let wages = ["老板拖欠工资", "工地工资没有结清", "加班工资不发", "工资拖了三个月"];
    let mut lines = String::from("label,title,detail\n");
    for n in 0..10 {
        for (label, titles) in [("水务", water), ("劳动", wages)] {
            let title = titles[n % 4];
            lines += &format!("{label},{title}{n},反映{title}的问题，请处理\n");
        }
    }
    lines + "劳动,家里停水,家里停水没有人管\n"
}

#[test]
fn learns_measures_and_keeps_the_model() {
    let place = Place::new();
    place.write("sorted.csv", &sorted());
    let said = place.text(&["classify", "--train", "sorted.csv", "--folds", "5"]).ok();
    for part in ["第1份", "第5份", "5份合计：21 件留言", "宏平均F1 0.9", "微秒", "水务", "劳动", "混淆"]
    {
        assert!(said.contains(part), "{part} in {said}");
    }
    place.text(&["classify", "--train", "sorted.csv", "--save", "kept.model"]).ok();
    let again = place.text(&["classify", "--model", "kept.model", "--eval", "sorted.csv"]).ok();
    let learnt = place.text(&["classify", "--train", "sorted.csv", "--eval", "sorted.csv"]).ok();
    let figures = |said: &str| said.lines().filter(|l| l.contains("F1") || l.contains("混淆")).collect::<String>();
    assert_eq!(figures(&again), figures(&learnt), "a kept model says the same");

    let mut bytes = fs::read(place.0.path().join("kept.model")).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(place.0.path().join("broken.model"), bytes).unwrap();
    let broken = place.text(&["classify", "--model", "broken.model", "--eval", "sorted.csv"]);
    assert!(broken.code == 2 && broken.err.contains("已损坏"), "{broken:?}");
}

#[test]
fn what_cannot_be_learnt_is_said_in_chinese() {
    let place = Place::new();
    place.write("other.csv", "a,b\n1,2\n");
    let said = place.text(&["classify", "--train", "other.csv", "--folds", "2"]);
    assert!(said.code == 2 && said.err.contains("没有“label”"), "{said:?}");
    let said = place.text(&["classify", "--train", "other.csv"]);
    assert!(said.code == 2 && said.err.contains("--eval"), "{said:?}");
    let said = place.text(&["hot", "--messages", "none.xlsx"]);
    assert!(said.code == 2 && said.err.contains("文件不存在"), "{said:?}");
}

#[test]
fn hot_issues_are_written_as_the_contest_asked() {
    let place = Place::new();
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    let heads = ["留言编号", "留言用户", "留言主题", "留言时间", "留言详情", "反对数", "点赞数"];
    heads.iter().enumerate().for_each(|(at, head)| _ = sheet.write_string(0, at as u16, *head).unwrap());
    let messages = [
        (1, "u1", "翠竹园楼下烧烤油烟扰民", "2026/3/2 9:00:00", 0, 1),
        (2, "u2", "投诉翠竹园楼下烧烤店油烟扰民", "2026-03-05 10:00:00", 0, 3),
        (3, "u3", "公园路灯坏了半个月", "2026/3/3 9:00:00", 1, 0),
        (4, "u4", "希望图书馆延长开放时间", "2026/3/4 9:00:00", 0, 400),
        (5, "u1", "翠竹园楼下烧烤油烟扰民何时解决", "2026/3/1 0:00:00", 0, 0),
    ];
    for (row, (id, user, title, at, against, likes)) in (1..).zip(messages) {
        sheet.write_number(row, 0, id).unwrap();
        for (column, text) in [(1, user), (2, title), (3, at), (4, title)] {
            sheet.write_string(row, column, text).unwrap();
        }
        sheet.write_number(row, 5, against).unwrap();
        sheet.write_number(row, 6, likes).unwrap();
    }
    book.save(place.0.path().join("in.xlsx")).unwrap();
    let said = place.text(&["hot", "--messages", "in.xlsx", "--out", "out.xlsx", "--least", "2"]).ok();
    assert!(said.contains("5 件留言，3 个热点问题") && said.contains("【翠竹园】"), "{said}");

    let issues = place.rows("out.xlsx", "热点问题表");
    let text = |cell: &Data| cell.to_string();
    assert_eq!(
        issues[0].iter().map(text).collect::<Vec<_>>(),
        ["热度排名", "问题ID", "热度指数", "时间范围", "地点/人群", "问题描述"]
    );
    assert_eq!(issues.len(), 4);
    assert_eq!((&issues[1][0], &issues[1][2]), (&Data::Float(1.0), &Data::Float(21.0)), "one person and 400 likes");
    assert_eq!(
        (&issues[2][2], text(&issues[2][3])),
        (&Data::Float(4.0), "2026/03/01至2026/03/05".to_owned()),
        "two persons, four likes"
    );
    let messages = place.rows("out.xlsx", "热点问题留言明细表");
    let of_second: Vec<String> = messages.iter().filter(|r| r[0] == Data::Float(2.0)).map(|r| text(&r[1])).collect();
    assert_eq!(of_second, ["5", "1", "2"], "the earliest first");

    let twice = place.text(&["hot", "--messages", "in.xlsx", "--out", "out.xlsx"]);
    assert!(twice.code == 2 && twice.err.contains("还不存在的文件名"), "{twice:?}");
}

/// Hints on replies are counted by kind, and shown with what they mark; of pairs that are not told the nearest are shown.
#[test]
fn replies_and_what_is_not_told_can_be_read() {
    let place = Place::new();
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    let heads = ["留言编号", "留言用户", "留言主题", "留言时间", "留言详情", "答复意见"];
    let replies = [
        "经查，路灯已修复。依据饶府办字[2025]11号文件，每月巡查一次。",
        "经查，井盖已更换，详见《城市道路管理条例》第二十三条。",
    ];
    for (at, head) in heads.iter().enumerate() {
        sheet.write_string(0, at as u16, *head).unwrap();
    }
    for (n, reply) in replies.iter().enumerate() {
        let cells = [&format!("{n}"), "甲", "路灯不亮", "2026/4/30", "解放路路灯不亮一周", reply];
        for (at, cell) in cells.iter().enumerate() {
            sheet.write_string(n as u32 + 1, at as u16, *cell).unwrap();
        }
    }
    book.save(place.0.path().join("replies.xlsx")).unwrap();
    let said = place.text(&["replies", "--messages", "replies.xlsx", "--show", "5"]).ok();
    assert!(said.contains("2 件答复") && said.contains("（number）：1 件答复，1 处"), "{said}");
    assert!(said.contains("标出：饶府办字[2025]11号"), "{said}");
    let none = place.text(&["replies", "--messages", "replies.xlsx", "--about", "marks"]).ok();
    assert!(none.contains("2 件答复") && !none.contains("number"), "{none}");
    let wrong = place.text(&["replies", "--messages", "replies.xlsx", "--about", "nothing"]);
    assert!(wrong.code != 0 && wrong.said().contains("没有“nothing”这一类提示"), "{}", wrong.said());

    let csv = "留言编号,留言用户,留言主题,留言时间,留言详情,反对数,点赞数\n\
               1,甲,翠竹园小区楼下烧烤店油烟太大,2026/4/1,翠竹园小区楼下的烧烤店油烟直排家里不敢开窗,0,0\n\
               2,乙,翠竹园小区电梯三天两头坏,2026/4/2,翠竹园五栋电梯经常困人物业说没有维修资金,0,0\n";
    place.write("messages.csv", csv);
    let said = place.text(&["matters", "--messages", "messages.csv", "--missed", "8"]).ok();
    assert!(said.contains("其中 0 件提示") && said.contains("相似程度不低于"), "{said}");
    assert!(said.contains("[1] 翠竹园小区楼下烧烤店") && said.contains("[2] 翠竹园小区电梯"), "{said}");
}

/// A file of the real messages, where they are.
fn real(file: &str) -> Option<PathBuf> {
    let beside = || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data"));
    let folder = std::env::var_os("JIESU_DATA_FOLDER").map_or_else(beside, PathBuf::from);
    let file = folder.join("messages").join(file);
    if file.is_file() {
        return Some(file);
    }
    println!("skipped: no real data (set JIESU_DATA_FOLDER, or put it into ../shared/data)");
    None
}

/// One fifth of the real messages by a model of the others; docs/text.md has the figures of all five.
#[test]
fn real_messages_are_mostly_sorted_right() {
    let Some(file) = real("labelled.jsonl") else { return };
    let place = Place::new();
    let text = fs::read_to_string(file).unwrap();
    let part = |held: bool| -> String {
        text.lines().enumerate().filter(|(n, _)| (n % 5 == 0) == held).map(|(_, line)| format!("{line}\n")).collect()
    };
    place.write("train.jsonl", &part(false));
    place.write("eval.jsonl", &part(true));
    let said = place.text(&["classify", "--train", "train.jsonl", "--eval", "eval.jsonl"]).ok();
    println!("{said}");
    let figure = said.split("宏平均F1 ").nth(1).unwrap();
    assert!(figure[..6].parse::<f64>().unwrap() > 0.9, "{said}");
}

/// The real hot issues, where the data is: every one that hundreds moved is there, and is of one place.
#[test]
fn the_real_hot_issues_are_found() {
    let Some(file) = real("hot.xlsx") else { return };
    let place = Place::new();
    let said = place.text(&["hot", "--messages", file.to_str().unwrap(), "--out", "out.xlsx", "--top", "10"]).ok();
    println!("{said}");
    let issues = place.rows("out.xlsx", "热点问题表");
    assert_eq!(issues.len(), 11);
    let rows = place.rows("out.xlsx", "热点问题留言明细表");
    let counted =
        (1..=10).map(|n| rows.iter().filter(|r| r[0] == Data::Float(f64::from(n))).count()).collect::<Vec<_>>();
    assert!(counted.iter().filter(|n| **n >= 40).count() >= 2, "the two that most wrote about: {counted:?}");
    assert!(counted.contains(&1), "one that is carried by likes alone: {counted:?}");
}
