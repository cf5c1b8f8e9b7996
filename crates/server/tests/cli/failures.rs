//! What goes wrong on the command line is told in Chinese, with what to do next, and nothing is left behind.

use std::{fs, path::Path};

use crate::run;

fn jiesu(data: &Path, args: &[&str]) -> (i32, String) {
    let ran = run::ran(run::jiesu(args).env("JIESU_DATA", data));
    (ran.code, ran.said())
}

#[test]
fn a_damaged_database_says_what_to_do() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("jiesu.db"), "not a database, ".repeat(300)).unwrap();
    for command in [&["serve", "--listen", "127.0.0.1:0"][..], &["verify"], &["migrate"]] {
        let (code, text) = jiesu(dir.path(), command);
        assert_eq!(code, 2, "{text}");
        assert!(text.contains("已损坏") && text.contains("备份"), "{text}");
    }
}

#[test]
fn what_is_not_there_is_said_and_not_made() {
    let dir = tempfile::tempdir().unwrap();
    let (code, text) = jiesu(&dir.path().join("none"), &["verify"]);
    assert!(code != 0 && text.contains("还没有数据库"), "{text}");
    assert!(!dir.path().join("none").exists());
    let (code, text) = jiesu(&dir.path().join("place"), &["serve", "--place", "atlantis"]);
    assert!(code != 0 && text.contains("没有办法“atlantis”") && text.contains("shangrao"), "{text}");
    let (code, text) = jiesu(dir.path(), &["--database", "mysql://localhost/jiesu", "migrate"]);
    assert!(code != 0 && text.contains("postgres://"), "{text}");
    let (code, text) = jiesu(dir.path(), &["--database", "postgres://a@localhost/jiesu?host=/nowhere", "migrate"]);
    assert!(code != 0 && text.contains("连不上数据库") && text.contains("是否在运行"), "{text}");
}

#[test]
fn accounts_are_checked_before_they_are_made() {
    let dir = tempfile::tempdir().unwrap();
    let add = |args: &[&str], password: &str| {
        let args = [&["account", "add", "--name", "张三"], args].concat();
        let ran = run::told(run::jiesu(&args).env("JIESU_DATA", dir.path()), format!("{password}\n").as_bytes());
        (ran.code == 0, ran.err)
    };
    let wrong = [
        (&["--login", "a", "--role", "seat"][..], "short1", "密码应为10至128个字符"),
        (&["--login", "a", "--role", "seat"], "only-letters-here", "其他字符中的3种"),
        (&["--login", "a b", "--role", "seat"], "long-enough-1", "登录名"),
        (&["--login", "a", "--role", "handler"], "long-enough-1", "所属单位"),
        (&["--login", "a", "--role", "handler", "--unit", "nowhere"], "long-enough-1", "没有编号为“nowhere”的单位"),
        (&["--login", "a", "--role", "seat", "--unit", "chengguan"], "long-enough-1", "不写 --unit"),
        (&["--login", "a", "--role", "citizen"], "long-enough-1", "不是工作人员的角色"),
    ];
    for (args, password, why) in wrong {
        let (ok, text) = add(args, password);
        assert!(!ok && text.contains(why) && !text.contains(password), "{args:?}: {text}");
    }
    assert!(!jiesu(dir.path(), &["account", "list"]).1.contains("张三"));
    let (ok, text) = add(&["--login", "li", "--role", "承办人", "--unit", "chengguan"], "long-enough-1");
    assert!(ok, "{text}");
    let listed = jiesu(dir.path(), &["account", "list"]).1;
    assert!(listed.contains("li\t张三\t承办人\tchengguan\t在用"), "{listed}");
    assert_eq!(jiesu(dir.path(), &["account", "disable", "--login", "li"]).0, 0);
    assert!(jiesu(dir.path(), &["account", "list"]).1.contains("停用"));
}
