//! `jiesu bench` runs and says where; how fast is nobody's test.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use std::{fs, process::Command};

#[test]
fn every_bench_runs_and_leaves_nothing() {
    let dir = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_jiesu"))
        .env_remove("JIESU_CLOCK")
        .args(["bench", "all", "--seconds", "1", "--data", dir.path().to_str().unwrap()])
        .output()
        .unwrap();
    let out = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{out}{}", String::from_utf8_lossy(&output.stderr));
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
    ] {
        assert!(out.contains(word), "{word}\n{out}");
    }
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0, "the bench's own folder is gone");
}
