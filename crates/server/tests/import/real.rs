//! The real tables, where they are: `JIESU_DATA_FOLDER`, or `../shared/data` beside the repository. Nothing of them is in the project.

use std::path::PathBuf;

use crate::kit::Bench;

fn folder() -> Option<PathBuf> {
    let beside = || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data"));
    Some(std::env::var_os("JIESU_DATA_FOLDER").map_or_else(beside, PathBuf::from)).filter(|f| f.is_dir())
}

#[test]
fn the_real_tables_go_in_whole_and_once() {
    let Some(folder) = folder() else {
        println!("skipped: no real data (set JIESU_DATA_FOLDER, or put it into ../shared/data)");
        return;
    };
    let bench = Bench::new();
    let tables = [
        ("messages/hot.xlsx", "hot", 4326),
        ("messages/replies.xlsx", "replies", 2816),
        ("sichuan/complaints.jsonl", "sichuan", 733),
    ];
    for (again, (file, map, rows)) in [false, true].into_iter().flat_map(|again| tables.map(|table| (again, table))) {
        let file = folder.join(file);
        let map = format!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../imports/{}.toml"), map);
        let ran = bench.jiesu(&["import", file.to_str().unwrap(), "--map", &map, "--rejects", "list.csv"]);
        let (new, known) = if again { (0, rows) } else { (rows, 0) };
        assert_eq!(ran.summary(), format!("读取 {rows}，新登记 {new}，已存在 {known}，退回 0"), "{}", ran.err);
        assert_eq!(ran.code, 0);
        println!("{map}: {}", ran.err.trim());
    }
    assert_eq!(bench.number("SELECT COUNT(*) FROM ticket"), 7875);
    // 2,816 with a reply and 723 whose state is handled; five more of these are thanks, only recorded.
    assert_eq!(bench.number("SELECT COUNT(*) FROM ticket WHERE state = 'archived'"), 2816 + 723);
    assert_eq!(bench.number("SELECT COUNT(*) FROM ticket WHERE state = 'registered'"), 4326 + 5);
    assert_eq!(bench.number("SELECT COUNT(*) FROM ticket WHERE state = 'answered'"), 5);
    assert_eq!(bench.number("SELECT COUNT(*) FROM outbox"), 0);
    bench.verify();
}
