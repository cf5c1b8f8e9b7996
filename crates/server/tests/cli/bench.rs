//! `jiesu bench` runs and says where; how fast is nobody's test.

use std::fs;

use crate::run::{jiesu, ran};

#[test]
fn every_bench_runs_and_leaves_nothing() {
    let dir = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let out = ran(&mut jiesu(&["bench", "all", "--seconds", "1", "--data", dir.path().to_str().unwrap()])).ok();
    for word in [
        "机器：",
        "平均负载",
        "时限计算 deadlines：每秒",
        "校验和",
        "办理判断 decisions：每秒",
        "持久写入 commands：每秒",
        "倍",
        "登记工单 SQLite：每件",
        "32个客户端：每秒",
        "登记工单 SQLite：每件",
        "32个客户端：每秒",
    ] {
        assert!(out.contains(word), "{word}\n{out}");
    }
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0, "the bench's own folder is gone");
}

/// Every listener hears of every command that it may hear of, or the bench ends with an error.
#[test]
fn listeners_on_both_databases_hear_everything() {
    let dir = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let args = ["bench", "listeners", "--clients", "40", "--seconds", "1", "--data", dir.path().to_str().unwrap()];
    let out = ran(&mut jiesu(&[&args[..], &["--postgres", jiesu_testkit::cluster()]].concat())).ok();
    let said = |words: &str| out.matches(words).count();
    assert_eq!((said("自请求发出到收听者收到"), said("内存：无人时")), (3, 4), "{out}");
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0, "the bench's own folder is gone");
}
