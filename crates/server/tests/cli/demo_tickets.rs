//! `jiesu demo --tickets`: a centre of any size by the program itself; killed in the middle it says so.

use std::{
    path::Path,
    process::{Command, Stdio},
    time::Duration,
};

use jiesu_store::{Store, StoreOptions};

use crate::run;

fn jiesu(dir: &Path, args: &[&str]) -> Command {
    let mut command = run::jiesu(args);
    command.env("JIESU_CLOCK", "2026-11-20T15:30:00+08:00").env("JIESU_DATA", dir);
    command
}

fn ran(dir: &Path, args: &[&str]) -> (bool, String) {
    let ran = run::ran(&mut jiesu(dir, args));
    (ran.code == 0, ran.said())
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap()
}

#[test]
fn the_same_seed_is_the_same_centre() {
    let chain = |seed: &str| {
        let dir = folder();
        let (done, said) = ran(dir.path(), &["demo", "--tickets", "150", "--seed", seed, "--place", "beijing"]);
        assert!(done && said.contains("已生成150件") && said.contains("数据库约占磁盘"), "{said}");
        let (holds, said) = ran(dir.path(), &["verify"]);
        assert!(holds && said.contains("工单150件"), "{said}");
        // Sealed anew each time, so that the chains differ: what they say is the same.
        told(dir.path())
    };
    let first = chain("3");
    assert_eq!(first, chain("3"));
    assert_ne!(first, chain("4"));
}

/// Everything that the journal says.
fn told(dir: &Path) -> String {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
        let options = StoreOptions::with_key(jiesu_testkit::MASTER);
        let store = Store::open_read_only(dir.to_str().unwrap(), options).await.unwrap();
        let entries = store.journal_after("beijing", 0, 100_000).await.unwrap();
        entries.iter().map(|e| format!("{} {} {} {}\n", e.ticket, e.at, e.actor, e.payload.as_ref().unwrap())).collect()
    })
}

/// Killed at any time the next start says what happened and what to do; thrown away, it can be begun anew.
#[test]
fn killed_in_the_middle_it_says_so() {
    let dir = folder();
    let mut filling =
        jiesu(dir.path(), &["demo", "--tickets", "40000"]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let log = dir.path().join("jiesu.db-wal");
    while std::fs::metadata(&log).map_or(0, |m| m.len()) < 8_000_000 {
        assert!(filling.try_wait().unwrap().is_none(), "it ended before it was killed");
        std::thread::sleep(Duration::from_millis(20));
    }
    filling.kill().unwrap();
    filling.wait().unwrap();
    for args in [&["serve"][..], &["demo"], &["demo", "--tickets", "10"]] {
        let (done, said) = ran(dir.path(), args);
        assert!(!done && said.contains("没有生成完") && said.contains("请删除"), "{args:?}: {said}");
    }
    for entry in std::fs::read_dir(dir.path()).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { std::fs::remove_dir_all(path) } else { std::fs::remove_file(path) }.unwrap();
    }
    let (done, said) = ran(dir.path(), &["demo", "--tickets", "10"]);
    assert!(done, "{said}");
    let (again, said) = ran(dir.path(), &["demo", "--tickets", "10"]);
    assert!(!again && said.contains("已有工单"), "{said}");
}
