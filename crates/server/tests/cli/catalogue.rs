//! `jiesu catalogue`: a workbook out, a new version in, and what it changes.

use std::{
    fs,
    path::{Path, PathBuf},
};

use calamine::{Data, Reader, Xlsx, open_workbook};
use jiesu_domain::Catalogue;
use rust_xlsxwriter::Workbook;

use crate::run::{Ran, jiesu, ran};

/// A data folder of its own.
struct Place(tempfile::TempDir);

impl Place {
    fn new() -> Place {
        Place(tempfile::tempdir().unwrap())
    }

    fn jiesu(&self, args: &[&str]) -> Ran {
        ran(jiesu(args).env("JIESU_DATA", self.0.path().join("data")).current_dir(self.0.path()))
    }

    #[track_caller]
    fn ok(&self, args: &[&str]) -> String {
        self.jiesu(args).ok()
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// The rulebooks folder: nothing of a failed import may be in it.
    fn written(&self) -> Vec<String> {
        let Ok(files) = fs::read_dir(self.path("data/rulebooks")) else { return Vec::new() };
        let mut names: Vec<String> = files.map(|f| f.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    fn import(&self, file: &str, day: &str) -> Ran {
        self.jiesu(&["catalogue", "import", file, "--rulebook", "shangrao", "--in-force", day])
    }

    /// The exported table with some cells changed, by the entry's code and the column's name; `None` leaves the row out.
    fn changed(&self, from: &str, to: &str, changes: &[(&str, &str, Option<&str>)]) {
        let mut book: Xlsx<_> = open_workbook(self.path(from)).unwrap();
        let mut new = Workbook::new();
        for name in book.sheet_names() {
            let range = book.worksheet_range(&name).unwrap();
            let sheet = new.add_worksheet().set_name(&name).unwrap();
            let head: Vec<String> = range.rows().next().unwrap().iter().map(ToString::to_string).collect();
            let gone = |cells: &[Data]| {
                changes.iter().any(|(id, column, to)| column.is_empty() && to.is_none() && cells[0] == *id)
            };
            for (row, cells) in range.rows().filter(|cells| !gone(cells)).enumerate() {
                for (at, cell) in cells.iter().enumerate() {
                    let change = changes.iter().find(|(id, column, _)| cells[0] == *id && head[at] == *column);
                    let text = change.and_then(|(_, _, to)| *to).map_or_else(|| cell.to_string(), str::to_owned);
                    sheet.write_string(row as u32, at as u16, text).unwrap();
                }
            }
        }
        new.save(self.path(to)).unwrap();
    }
}

fn shipped() -> Catalogue {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../rulebooks/shangrao-catalogue.toml");
    Catalogue::parse("shipped", &fs::read_to_string(path).unwrap()).unwrap()
}

#[test]
fn what_is_exported_comes_back_as_it_was() {
    let p = Place::new();
    let out = p.ok(&["catalogue", "export", "shangrao", "--out", "a.xlsx"]);
    assert!(out.contains("派单目录 shangrao 第1版，") && out.contains("已写入 a.xlsx"), "{out}");
    let out = p.ok(&["catalogue", "import", "a.xlsx", "--rulebook", "shangrao", "--in-force", "2026-07-01"]);
    assert!(
        out.contains("派单目录 shangrao 第2版，2026-07-01起施行") && out.contains("与第1版相比：没有变动"),
        "{out}"
    );
    assert!(out.contains("shangrao-catalogue-2.toml；正在运行的服务重新启动后生效"), "{out}");
    assert_eq!(p.written(), ["shangrao-catalogue-2.toml"]);
    let text = fs::read_to_string(p.path("data/rulebooks/shangrao-catalogue-2.toml")).unwrap();
    let read = Catalogue::parse("new", &text).unwrap();
    assert_eq!(read.entry, shipped().entry);
    assert_eq!((read.catalogue.version, read.catalogue.default), (2, false));

    let again = p.import("a.xlsx", "2026-08-01");
    assert!(again.code == 0 && again.out.contains("与第2版相同，没有写入"), "{}{}", again.out, again.err);
    assert_eq!(p.written().len(), 1, "the same table once more is no new version");
    let ran = p.jiesu(&["catalogue", "export", "shangrao", "--out", "a.xlsx"]);
    assert!(ran.code == 2 && ran.err.contains("a.xlsx 已存在，没有覆盖"), "{}", ran.err);
}

#[test]
fn a_changed_table_is_the_next_version_and_says_what_it_changes() {
    let p = Place::new();
    p.ok(&["catalogue", "export", "shangrao", "--out", "a.xlsx"]);
    let changes = [
        ("CG-002", "主办单位", Some("住房和城乡建设局")),
        ("CG-002", "办理期限", Some("3个工作日")),
        ("CG-002", "法律依据", Some("某条例")),
        ("GY-002", "", None),
    ];
    p.changed("a.xlsx", "b.xlsx", &changes);
    let check = p.ok(&["catalogue", "check", "b.xlsx", "--rulebook", "shangrao"]);
    assert!(check.contains("✓ b.xlsx") && p.written().is_empty(), "a check writes nothing: {check}");
    let ran = p.import("b.xlsx", "2026-07-01");
    let told = "新增0个，删除1个，变更1个\n  路灯故障：法律依据定为某条例；主办单位由城市管理局改为住房和城乡建设局；\
                办理期限定为3个工作日\n  删除事项电费与用电报装（GY-002）\n";
    assert!(ran.code == 0 && ran.out.contains(told), "{}{}", ran.out, ran.err);
    assert!(p.ok(&["catalogue", "diff", "shangrao", "1", "2"]).ends_with(told));
    let file = p.path("data/rulebooks/shangrao-catalogue-2.toml");
    let old = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../rulebooks/shangrao-catalogue.toml");
    let (old, new) = (old.to_str().unwrap(), file.to_str().unwrap());
    assert!(p.ok(&["catalogue", "diff", old, new]).ends_with(told));
    assert!(p.ok(&["catalogue", "diff", old, old]).ends_with("没有变动\n"));
    p.ok(&["catalogue", "export", "shangrao", "--version", "2", "--out", "c.xlsx"]);
    assert!(p.ok(&["catalogue", "check", new]).contains("第2版"));

    let early = p.import("a.xlsx", "2026-06-30");
    assert!(early.code == 2 && early.err.contains("第2版自2026-07-01起施行，新的一版不能早于它"), "{}", early.err);
    p.changed("b.xlsx", "d.xlsx", &[("CG-003", "事项", Some("垃圾清运"))]);
    assert_eq!(p.import("d.xlsx", "2026-07-01").code, 0, "on the same day it takes its place");
    assert_eq!(p.written(), ["shangrao-catalogue-2.toml", "shangrao-catalogue-3.toml"]);
}

#[test]
fn a_row_that_is_wrong_writes_nothing() {
    let p = Place::new();
    p.ok(&["catalogue", "export", "shangrao", "--out", "a.xlsx"]);
    let changes = [("CG-002", "主办单位", Some("没有的局")), ("CG-003", "办理期限", Some("五天"))];
    p.changed("a.xlsx", "b.xlsx", &changes);
    for ran in [p.import("b.xlsx", "2026-07-01"), p.jiesu(&["catalogue", "check", "b.xlsx", "--rulebook", "shangrao"])]
    {
        assert_eq!(ran.code, 1, "{}{}", ran.out, ran.err);
        assert!(ran.out.contains("✗ b.xlsx：2处有误，没有写入任何内容"), "{}", ran.out);
        assert!(ran.out.contains("工作表“派单目录”第3行“主办单位”：单位名录中没有“没有的局”"), "{}", ran.out);
        assert!(ran.out.contains("工作表“派单目录”第4行“办理期限”：“五天”不是时限"), "{}", ran.out);
    }
    assert!(p.written().is_empty());
}

#[test]
fn what_is_mistyped_is_told_in_chinese() {
    let p = Place::new();
    let err = |args: &[&str]| {
        let ran = p.jiesu(args);
        assert_eq!(ran.code, 2, "{args:?}\n{}", ran.out);
        ran.err
    };
    assert!(err(&["catalogue", "export", "nowhere", "--out", "a.xlsx"]).contains("没有办法“nowhere”"));
    assert!(
        err(&["catalogue", "export", "shangrao", "--version", "7", "--out", "a.xlsx"]).contains("没有第7版；现有：1")
    );
    assert!(err(&["catalogue", "export", "shangrao", "--out", "a.xls"]).contains("文件名须以 .xlsx 结尾"));
    assert!(err(&["catalogue", "export", "shangrao", "--out", "no/a.xlsx"]).contains("写不进 no/a.xlsx"));
    assert!(err(&["catalogue", "diff", "shangrao", "1", "二"]).contains("“二”不是版号"));
    assert!(err(&["catalogue", "diff", "gone.toml", "gone.toml"]).contains("gone.toml：文件不存在"));
    assert!(err(&["catalogue", "diff", "shangrao"]).contains("个数不对"));
    assert!(err(&["catalogue", "check", "a.xlsx"]).contains("须用 --rulebook 写明"));
    let day = err(&["catalogue", "import", "a.xlsx", "--rulebook", "shangrao", "--in-force", "2026-7-1"]);
    assert!(day.contains("应写作 2026-07-01"), "{day}");
    let gone = p.import("gone.xlsx", "2026-07-01");
    assert!(gone.code == 1 && gone.out.contains("gone.xlsx：文件不存在"), "{}", gone.out);
    for sub in ["export", "import", "diff", "check"] {
        assert!(p.ok(&["catalogue", sub, "--help"]).contains("用法："));
    }
}
