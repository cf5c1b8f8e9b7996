//! What goes wrong on the command line is told in Chinese, with what to do next, and nothing is left behind.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use std::{fs, path::Path, process::Command};

fn jiesu(data: &Path, args: &[&str]) -> (i32, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_jiesu")).arg("--data").arg(data).args(args).output().unwrap();
    let text = String::from_utf8(output.stderr).unwrap() + &String::from_utf8(output.stdout).unwrap();
    (output.status.code().unwrap(), text)
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
        let mut command = Command::new(env!("CARGO_BIN_EXE_jiesu"));
        command.arg("--data").arg(dir.path()).args(["account", "add", "--name", "张三"]).args(args);
        command
            .stdin(std::process::Stdio::piped())
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::piped());
        let mut child = command.spawn().unwrap();
        std::io::Write::write_all(&mut child.stdin.take().unwrap(), format!("{password}\n").as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        (output.status.success(), String::from_utf8(output.stderr).unwrap())
    };
    let wrong = [
        (&["--login", "a", "--role", "seat"][..], "short1", "密码至少10位"),
        (&["--login", "a", "--role", "seat"], "only-letters-here", "密码至少10位"),
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
