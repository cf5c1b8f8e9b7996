//! `jiesu organisation`: units and people out and in again as a workbook, and the official divisions as units.

use std::{fs, path::PathBuf};

use calamine::{Reader, Xlsx, open_workbook};
use rust_xlsxwriter::Workbook;

use crate::run::{Ran, jiesu, ran};

/// A centre of its own.
struct Place(tempfile::TempDir);

impl Place {
    fn new() -> Place {
        Place(tempfile::tempdir().unwrap())
    }

    fn jiesu(&self, place: &str, args: &[&str]) -> Ran {
        let mut all = vec!["organisation", "--place", place];
        all.extend(args);
        ran(jiesu(&all).env("JIESU_DATA", self.0.path().join("data")).current_dir(self.0.path()))
    }

    /// Writes a workbook of these sheets.
    fn workbook(&self, name: &str, sheets: &[(&str, &[&[&str]])]) {
        let mut book = Workbook::new();
        for (name, rows) in sheets {
            let sheet = book.add_worksheet().set_name(*name).unwrap();
            for (row, cells) in rows.iter().enumerate() {
                for (at, cell) in cells.iter().enumerate() {
                    sheet.write_string(row as u32, at as u16, *cell).unwrap();
                }
            }
        }
        book.save(self.0.path().join(name)).unwrap();
    }

    /// The rows of a sheet of an exported workbook.
    fn rows(&self, file: &str, sheet: &str) -> Vec<Vec<String>> {
        let mut book: Xlsx<_> = open_workbook(self.0.path().join(file)).unwrap();
        let range = book.worksheet_range(sheet).unwrap();
        range.rows().skip(1).map(|cells| cells.iter().map(ToString::to_string).collect()).collect()
    }
}

const UNITS: &[&str] = &["编号", "名称", "类别", "上级单位", "责任科室", "信息员", "值守电话", "停用"];
const PHONES: &[&str] = &["登录名", "姓名", "角色", "单位", "坐席类别", "手机"];
const PEOPLE: &[&str] = &["登录名", "姓名", "角色", "单位", "坐席类别"];

#[test]
fn units_and_people_survive_their_workbook() {
    let c = Place::new();
    c.workbook(
        "in.xlsx",
        &[
            (
                "单位",
                &[
                    UNITS,
                    &["xinranqi", "某某燃气公司", "公共服务企事业单位", "", "客服中心", "rq2", "0793-0000000", ""],
                    &["zhan", "某某燃气抢修站", "授权组织", "某某燃气公司", "", "", "", ""],
                ],
            ),
            (
                "人员",
                &[
                    PEOPLE,
                    &["rq1", "甲", "分管领导", "某某燃气公司", ""],
                    &["rq2", "乙", "承办人", "xinranqi", ""],
                    &["zx1", "丙", "话务员", "", "涉企坐席"],
                    &["nobody", "丁", "", "", ""],
                ],
            ),
        ],
    );
    let said = c.jiesu("shangrao", &["import", "in.xlsx", "--check"]).ok();
    assert!(said.contains("新增2个") && said.contains("新建4个") && said.contains("没有写入"), "{said}");
    assert!(c.jiesu("shangrao", &["import", "in.xlsx"]).ok().contains("授予岗位3个"));
    // The same once more changes nothing, and so does what was exported.
    let nothing = "单位：新增0个，更改0个；账户：新建0个，授予岗位0个，登记手机0个\n";
    assert_eq!(c.jiesu("shangrao", &["import", "in.xlsx"]).ok(), nothing);
    c.jiesu("shangrao", &["export", "--out", "out.xlsx"]).ok();
    assert_eq!(c.jiesu("shangrao", &["import", "out.xlsx"]).ok(), nothing);
    let units = c.rows("out.xlsx", "单位");
    let xinranqi = units.iter().find(|r| r[0] == "xinranqi").unwrap();
    assert_eq!(xinranqi[1..7], ["某某燃气公司", "公共服务企事业单位", "", "客服中心", "rq2", "0793-0000000"]);
    assert_eq!(units.iter().find(|r| r[0] == "zhan").unwrap()[3], "xinranqi");
    let people = c.rows("out.xlsx", "人员");
    assert_eq!(people.iter().find(|r| r[0] == "zx1").unwrap()[1..5], ["丙", "话务员", "", "涉企坐席"]);
    assert_eq!(people.iter().find(|r| r[0] == "rq2").unwrap()[2..4], ["承办人", "xinranqi"]);
    assert_eq!(c.jiesu("shangrao", &["export", "--out", "out.xlsx"]).code, 2, "nothing is overwritten");
}

/// A number comes in by the table, leaves masked unless somebody says why, and what is masked changes nothing.
#[test]
fn phones_come_in_and_leave_masked() {
    let c = Place::new();
    let with = |rows: &[&[&str]]| c.workbook("in.xlsx", &[("人员", &[&[PHONES], rows].concat())]);
    with(&[&["lisi", "李四", "话务员", "", "", "139 0000 1234"], &["wu", "吴五", "", "", "", ""]]);
    let said = c.jiesu("shangrao", &["import", "in.xlsx"]).ok();
    assert!(said.contains("新建2个，授予岗位1个，登记手机1个"), "{said}");
    c.jiesu("shangrao", &["export", "--out", "masked.xlsx"]).ok();
    let phone = |file: &str| c.rows(file, "人员").iter().find(|r| r[0] == "lisi").unwrap()[5].clone();
    assert_eq!(phone("masked.xlsx"), "139****1234");
    assert!(c.jiesu("shangrao", &["import", "masked.xlsx"]).ok().contains("登记手机0个"));
    let why = c.jiesu("shangrao", &["export", "--out", "whole.xlsx", "--phones", " "]);
    assert!(why.code == 2 && why.said().contains("理由"), "{}", why.said());
    c.jiesu("shangrao", &["export", "--out", "whole.xlsx", "--phones", "核对通讯录"]).ok();
    assert_eq!(phone("whole.xlsx"), "13900001234");
    with(&[&["lisi", "李四", "话务员", "", "", "0793-8123456"]]);
    let wrong = c.jiesu("shangrao", &["import", "in.xlsx"]);
    assert!(wrong.code == 1 && wrong.said().contains("第2行“手机”：请填写11位手机号码"), "{}", wrong.said());
    assert!(!wrong.said().contains("8123456"), "no number is repeated");
    with(&[&["lisi", "李四", "话务员", "", "", "13900005678"]]);
    assert!(c.jiesu("shangrao", &["import", "in.xlsx"]).ok().contains("新建0个，授予岗位0个，登记手机1个"));
}

#[test]
fn a_wrong_row_writes_nothing_and_says_its_cell() {
    let c = Place::new();
    c.workbook(
        "in.xlsx",
        &[
            (
                "单位",
                &[
                    UNITS,
                    &["good", "某某公司", "公共服务企事业单位", "", "", "", "", ""],
                    &["bad", "另一公司", "宇宙单位", "", "", "", "", ""],
                    &["BAD", "第三公司", "授权组织", "nowhere", "", "", "", ""],
                    &["loop", "第四公司", "授权组织", "loop", "", "", "", ""],
                    &["clerk", "第五公司", "授权组织", "", "", "somebody", "", ""],
                ],
            ),
            (
                "人员",
                &[
                    PEOPLE,
                    &["a", "甲", "承办人", "", ""],
                    &["b", "乙", "诉求人", "", ""],
                    &["c", "丙", "审核员", "", "涉企坐席"],
                    &["c", "", "", "", ""],
                ],
            ),
        ],
    );
    let ran = c.jiesu("shangrao", &["import", "in.xlsx"]);
    assert_eq!(ran.code, 1);
    for told in [
        "工作表“单位”第3行“类别”：",
        "工作表“单位”第4行“编号”：",
        "工作表“单位”第5行“上级单位”：",
        "工作表“单位”第6行“信息员”：",
        "工作表“人员”第2行“单位”：",
        "工作表“人员”第3行“角色”：",
        "工作表“人员”第4行“坐席类别”：",
        "工作表“人员”第5行“登录名”：",
        "工作表“人员”第5行“姓名”：没有填写",
        "什么也没有写入",
    ] {
        assert!(ran.out.contains(told), "{told}\n{}", ran.out);
    }
    c.jiesu("shangrao", &["export", "--out", "out.xlsx"]).ok();
    assert!(!c.rows("out.xlsx", "单位").iter().any(|r| r[0] == "good"));
    assert!(c.rows("out.xlsx", "人员").is_empty());
    // A post that is held is not changed by a table.
    c.workbook("one.xlsx", &[("人员", &[PEOPLE, &["a", "甲", "话务员", "", ""]])]);
    c.jiesu("shangrao", &["import", "one.xlsx"]).ok();
    c.workbook("two.xlsx", &[("人员", &[PEOPLE, &["a", "甲", "中心主任", "", ""]])]);
    let ran = c.jiesu("shangrao", &["import", "two.xlsx"]);
    assert!(ran.code == 1 && ran.out.contains("第2行“角色”：现任话务员"), "{}", ran.out);
}

#[test]
fn divisions_become_units() {
    let c = Place::new();
    let list = "level,code,name,area_code,city_code,province_code\ncity,9901,某某市,,9901,99\narea,990101,甲区,990101,9901,99\n\
                area,990102,乙县,990102,9901,99\nstreet,990101001,东街道,990101,9901,99\nstreet,990101100,城关镇,990101,9901,99\n\
                street,990102100,城关镇,990102,9901,99\nstreet,990102400,某某农场,990102,9901,99\n";
    fs::write(c.0.path().join("list.csv"), list).unwrap();
    assert!(c.jiesu("shangrao", &["import", "list.csv"]).ok().starts_with("单位：新增6个，更改0个"));
    assert!(c.jiesu("shangrao", &["import", "list.csv"]).ok().starts_with("单位：新增0个，更改0个"));
    c.jiesu("shangrao", &["export", "--out", "out.xlsx"]).ok();
    let units = c.rows("out.xlsx", "单位");
    let unit = |id: &str| units.iter().find(|r| r[0] == id).unwrap()[1..4].to_vec();
    assert_eq!(unit("990101"), ["甲区人民政府", "县区政府", ""]);
    assert_eq!(unit("990101001"), ["东街道办事处", "镇街", "990101"]);
    assert_eq!(unit("990101100"), ["甲区城关镇人民政府", "镇街", "990101"]);
    assert_eq!(unit("990102100"), ["乙县城关镇人民政府", "镇街", "990102"]);
    assert_eq!(unit("990102400"), ["某某农场", "开发区管委会", "990102"]);
    fs::write(c.0.path().join("bad.csv"), list.replace("990102,9901,99\nstreet,990102400", "990109,9901,99\nstreet,x"))
        .unwrap();
    let ran = c.jiesu("shangrao", &["import", "bad.csv"]);
    assert!(ran.code == 1 && ran.out.contains("第8行：“code”"), "{}", ran.out);
}

/// The five places' real districts, streets and towns, where the data is. Nothing of it is in the project.
#[test]
fn the_real_divisions_become_units() {
    let beside = || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data"));
    let folder = std::env::var_os("JIESU_DATA_FOLDER").map_or_else(beside, PathBuf::from).join("divisions");
    if !folder.is_dir() {
        println!("skipped: no real data (set JIESU_DATA_FOLDER, or put it into ../shared/data)");
        return;
    }
    for place in ["beijing", "heyuan", "qidong", "shangrao", "zhongshan"] {
        let c = Place::new();
        let file = folder.join(format!("{place}.csv"));
        let list = fs::read_to_string(&file).unwrap();
        let said = c.jiesu(place, &["import", file.to_str().unwrap()]).ok();
        println!("{place}: {}", said.trim());
        assert!(c.jiesu(place, &["import", file.to_str().unwrap()]).ok().starts_with("单位：新增0个，更改0个"));
        c.jiesu(place, &["export", "--out", "out.xlsx"]).ok();
        let units = c.rows("out.xlsx", "单位");
        let streets = list.lines().filter(|l| l.starts_with("street,")).count();
        let coded = units.iter().filter(|r| r[7].len() == 9).count();
        assert_eq!(coded, streets, "{place}: each street and town is a unit with its code");
        let names: std::collections::BTreeSet<&String> = units.iter().map(|r| &r[1]).collect();
        assert_eq!(names.len(), units.len(), "{place}: no two units of one name");
    }
}
