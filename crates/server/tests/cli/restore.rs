//! `jiesu restore`: what the running program put aside comes back as it stood.

#![allow(clippy::disallowed_methods, reason = "an archive is about the machine's own time")]

use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
    time::Duration,
};

use crate::run::{self, Ran};

fn jiesu(dir: &Path, args: &[&str]) -> Command {
    let mut command = run::jiesu(args);
    command.env("JIESU_BACKUP", dir.join("backup")).env("JIESU_LISTEN", "127.0.0.1:0").current_dir(dir);
    command
}

fn ran(dir: &Path, args: &[&str]) -> Ran {
    run::ran(&mut jiesu(dir, args))
}

/// A running centre; waits until it listens.
fn serve(dir: &Path) -> Child {
    let mut child = jiesu(dir, &["serve", "--place", "shangrao"]).stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    assert!(lines.any(|line| line.unwrap().contains("接诉已启动")), "it did not start");
    std::thread::spawn(move || lines.for_each(drop)); // a pipe that nobody reads fills
    child
}

fn accounts(dir: &Path, data: &str) -> usize {
    let listed = ran(dir, &["account", "list", "--data", data]);
    assert_eq!(listed.code, 0, "{}", listed.err);
    listed.out.lines().filter(|l| l.contains("seat")).count()
}

fn add(dir: &Path, login: &str) {
    let args = ["account", "add", "--login", login, "--name", "张三", "--role", "seat"];
    run::told(&mut jiesu(dir, &args), b"Correct-Horse-9\n").ok();
}

/// Waits until the running server has put so many accounts into its back-up.
fn backed_up(dir: &Path, wanted: usize) {
    for attempt in 0..60 {
        let probe = format!("probe-{wanted}-{attempt}");
        let restored = ran(dir, &["restore", "--from", "backup", "--data", &probe]);
        if restored.code == 0 && accounts(dir, &probe) == wanted {
            return;
        }
        std::thread::sleep(Duration::from_millis(500));
    }
    panic!("{wanted} accounts never reached the back-up");
}

#[test]
fn what_was_written_while_it_ran_comes_back_as_of_any_second() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    let mut server = serve(dir);
    add(dir, "seat-one");
    backed_up(dir, 1);
    let between = jiff::Timestamp::now().to_string();
    add(dir, "seat-two");
    backed_up(dir, 2);
    server.kill().unwrap(); // kill -9
    server.wait().unwrap();

    let restored = ran(dir, &["restore", "--from", "backup", "--at", &between, "--data", "then"]);
    assert_eq!(restored.code, 0, "{}", restored.err);
    assert!(restored.out.contains("核对无误"), "{}", restored.out);
    let all = ran(dir, &["restore", "--from", "backup", "--data", "end"]);
    assert_eq!(all.code, 0, "{}", all.err);
    assert_eq!((accounts(dir, "then"), accounts(dir, "end"), accounts(dir, "data")), (1, 2, 2));

    let over = ran(dir, &["restore", "--from", "backup", "--data", "end"]);
    assert!(over.code != 0 && over.err.contains("已有数据库"), "{}", over.err);
    let early = ran(dir, &["restore", "--from", "backup", "--at", "2020-01-01T00:00:00+08:00", "--data", "x"]);
    assert!(early.code != 0 && early.err.contains("备份没有那么早"), "{}", early.err);
    let none = ran(dir, &["restore", "--from", "nowhere", "--data", "y"]);
    assert!(none.code != 0 && none.err.contains("没有备份目录"), "{}", none.err);
}

#[test]
fn a_folder_that_cannot_be_written_keeps_the_server_from_starting() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("backup"), "a file").unwrap();
    let refused = ran(dir.path(), &["serve", "--place", "shangrao"]);
    assert!(refused.code != 0 && refused.err.contains("备份目录"), "{}", refused.err);
}
