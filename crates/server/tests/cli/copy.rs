//! `jiesu copy`: from the embedded database to PostgreSQL and back, by the program itself.

use jiesu_testkit::{Kind, TestDb};

use crate::run::{Ran, jiesu, ran};

/// On a database: a folder, or the address of a server.
fn at(location: &str, args: &[&str]) -> Ran {
    let setting = if location.starts_with("postgres:") { "JIESU_DATABASE" } else { "JIESU_DATA" };
    ran(jiesu(args).env(setting, location).env("JIESU_CLOCK", "2026-04-30T09:00:00+08:00"))
}

fn ok(location: &str, args: &[&str]) -> String {
    at(location, args).ok()
}

#[tokio::test(flavor = "multi_thread")]
async fn there_and_back_the_chain_is_the_same() {
    let [file, server, back] =
        [TestDb::new(Kind::Sqlite).await, TestDb::new(Kind::Postgres).await, TestDb::new(Kind::Sqlite).await];
    let here = file.location();
    let import = import(&file);
    let import: Vec<&str> = import.iter().map(String::as_str).collect();
    ok(here, &import);
    let head = ok(here, &["verify"]);
    assert!(head.contains('✓'), "{head}");

    let said = ok(here, &["copy", "--to", server.location()]);
    assert!(said.contains("工单2件"), "{said}");
    assert_eq!(ok(server.location(), &["verify"]), head);
    let twice = at(here, &["copy", "--to", server.location()]);
    assert!(twice.code != 0 && twice.err.contains("目标数据库里已有内容"), "{}", twice.err);

    ok(server.location(), &["copy", "--to", back.location()]);
    assert_eq!(ok(back.location(), &["verify"]), head);
    // Nothing is taken a second time: the copy knows what was imported.
    let again = ok(back.location(), &import);
    assert!(again.contains("新登记 0"), "{again}");
    let chain = |said: &str| said.lines().take(2).map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(
        chain(&ok(back.location(), &["verify"])),
        chain(&head),
        "that it was tried stands in the audit journal alone"
    );
}

const TABLE: &str = "编号,标题,内容,时间,用户,答复,答复时间\n\
     1,小区停水,已停水三天,2026/3/2 09:00:00,u1,已修复供水管道,2026/3/4 10:00:00\n\
     2,路灯不亮,解放路路灯不亮,2026/4/2 09:00:00,u2,,\n";
const MAP: &str = r#"
source = "信箱"
[columns]
id = "编号"
title = "标题"
content = "内容"
received = "时间"
[person]
id = "用户"
platform = "site"
[time]
formats = ["%Y/%m/%d %H:%M:%S"]
[channel]
default = "web"
[history]
reply = "答复"
replied_at = "答复时间"
[kind]
default = "help"
"#;

/// The arguments of an import of two old messages, one of them answered.
fn import(beside: &TestDb) -> Vec<String> {
    let write = |name: &str, text: &str| {
        let path = beside.dir().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let (table, map) = (write("old.csv", TABLE), write("map.toml", MAP));
    vec!["import".into(), table, "--map".into(), map]
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_there_is_said_in_chinese() {
    let none = TestDb::new(Kind::Sqlite).await;
    let to = TestDb::new(Kind::Sqlite).await;
    let ran = at(none.location(), &["copy", "--to", to.location()]);
    assert!(ran.code != 0 && ran.err.contains("还没有内容"), "{}", ran.err);
    let ran = at(none.location(), &["copy", "--to", "mysql://x/y"]);
    assert!(ran.code != 0, "{}", ran.out);
}
