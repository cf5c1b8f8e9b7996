//! Ended in the middle, begun again, and not alone.

use std::{
    fmt::Write,
    process::Child,
    thread::sleep,
    time::{Duration, Instant},
};

use crate::kit::{Bench, MAP};

const ROWS: usize = 4000;
const WAIT: Duration = Duration::from_secs(120);

fn table(from: usize, rows: usize) -> String {
    let mut csv = String::from("编号,标题,内容,时间,来源,用户,答复,答复时间,满意\n");
    for id in from..from + rows {
        let reply = if id % 3 == 0 { "已修好,2026/9/20" } else { "," };
        let _ = writeln!(
            csv,
            "{id},第{id}盏路灯不亮,北门第{id}盏路灯不亮已有三天，请派人来修。,2026/9/{},WEB,U{id},{reply},",
            id % 9 + 1
        );
    }
    csv
}

/// How many tickets are in, seen from outside; 0 until there is a database.
fn tickets(bench: &Bench) -> i64 {
    let there = bench.exists("data/jiesu.db-wal") || bench.exists("data/jiesu.db");
    let table = "SELECT COUNT(*) FROM sqlite_master WHERE name = 'ticket'";
    if there && bench.number(table) == 1 { bench.number("SELECT COUNT(*) FROM ticket") } else { 0 }
}

fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let began = Instant::now();
    while !holds() {
        assert!(began.elapsed() < WAIT, "{what}: not within {WAIT:?}");
        sleep(Duration::from_millis(5));
    }
}

fn ended(child: Child) -> String {
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{said}");
    String::from_utf8(output.stdout).unwrap()
}

/// The second number of a summary: what was registered anew.
fn registered(summary: &str) -> usize {
    summary.split("新登记 ").nth(1).and_then(|s| s.split('，').next()).and_then(|n| n.parse().ok()).unwrap()
}

#[test]
fn killed_in_the_middle_it_goes_on_where_it_stopped() {
    let bench = Bench::new();
    bench.write("m.csv", table(0, ROWS));
    bench.write("map.toml", MAP);
    let mut killed = 0;
    for part in [1, 2] {
        let before = tickets(&bench);
        let mut child = bench.start(&["import", "m.csv", "--map", "map.toml"]);
        until("a part is in", || tickets(&bench) > before.max(300 * part));
        child.kill().unwrap(); // SIGKILL
        child.wait().unwrap();
        let after = tickets(&bench);
        assert!(after > before);
        killed += usize::from((after as usize) < ROWS);
        bench.verify();
    }
    assert!(killed >= 1, "the file must be long enough to be caught in the middle");
    let there = tickets(&bench) as usize;
    let ran = bench.jiesu(&["import", "m.csv", "--map", "map.toml"]);
    assert_eq!((ran.code, ran.summary()), (0, format!("读取 {ROWS}，新登记 {}，已存在 {there}，退回 0", ROWS - there)));
    assert_eq!(tickets(&bench) as usize, ROWS);
    assert_eq!(bench.number("SELECT COUNT(DISTINCT source_id) FROM appeal") as usize, ROWS);
    assert_eq!(bench.number("SELECT COUNT(*) FROM ticket WHERE state = 'archived'") as usize, ROWS.div_ceil(3));
    bench.verify();
}

#[test]
fn two_processes_write_at_once() {
    let bench = Bench::new();
    bench.write("map.toml", MAP);
    bench.write("a.csv", table(0, 1500));
    bench.write("b.csv", table(1000, 1500));
    // Rows 1000 to 1499 are in both files: whoever comes second finds them there.
    let a = bench.start(&["import", "a.csv", "--map", "map.toml"]);
    let b = bench.start(&["import", "b.csv", "--map", "map.toml"]);
    let (a, b) = (ended(a), ended(b));
    assert_eq!(registered(&a) + registered(&b), 2500, "{a}{b}");
    assert_eq!(tickets(&bench), 2500);
    assert_eq!(bench.number("SELECT COUNT(DISTINCT source_id) FROM appeal"), 2500);
    bench.verify();
}

#[test]
fn a_running_server_does_not_hinder_it() {
    let bench = Bench::new();
    bench.write("map.toml", MAP);
    bench.write("a.csv", table(0, 600));
    let mut server = bench.start(&["serve", "--listen", "127.0.0.1:0"]);
    until("the server has its database", || tickets(&bench) == 0 && bench.exists("data/jiesu.db"));
    let ran = bench.jiesu(&["import", "a.csv", "--map", "map.toml"]);
    let still = server.try_wait().unwrap();
    server.kill().unwrap();
    server.wait().unwrap();
    assert_eq!((ran.code, ran.summary()), (0, "读取 600，新登记 600，已存在 0，退回 0".into()), "{ran:?}");
    assert_eq!(still, None, "the server runs on");
    bench.verify();
}

#[test]
fn numbers_of_a_day_follow_the_file() {
    let bench = Bench::new();
    bench.import("m.csv", table(0, 900), MAP);
    let out_of_order = "SELECT COUNT(*) FROM appeal a JOIN appeal b ON substr(a.ticket, 1, 11) = substr(b.ticket, 1, 11) \
         AND a.ticket < b.ticket AND CAST(a.source_id AS INTEGER) > CAST(b.source_id AS INTEGER)";
    assert_eq!(bench.number(out_of_order), 0);
}
