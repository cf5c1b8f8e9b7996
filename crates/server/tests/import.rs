//! `jiesu import`, as an operator runs it: the binary, files, and what is in the database afterwards.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on must stop")]

#[path = "import/kit.rs"]
mod kit;
#[path = "import/reading.rs"]
mod reading;
#[path = "import/real.rs"]
mod real;
#[path = "import/robust.rs"]
mod robust;
#[allow(dead_code, reason = "the tests of the command line need more of it")]
#[path = "cli/run.rs"]
mod run;

use kit::{Bench, MAP};

const CSV: &str = "\
编号,标题,内容,时间,来源,用户,答复,答复时间,满意\n\
1,路灯不亮,\"\n\t\t北门路灯\0不亮。\n\t\t\n\t\t请修。\n\t\",2026/9/1 8:05:09,WEB,U1,,,\n\
2,请问医保何时报销,\t怎样报销？\t,2026/9/2,APP,U2,已答复：\t本月报销。,2026/9/10 17:00:00,好\n\
3,建议加一班车,,2026/9/3 12:00:00,WEB,,,,-\n";

#[test]
fn rows_become_tickets_open_or_handled() {
    let bench = Bench::new();
    let ran = bench.import("m.csv", CSV, MAP);
    assert_eq!((ran.code, ran.summary()), (0, "读取 3，新登记 3，已存在 0，退回 0".into()), "{ran:?}");
    assert_eq!(
        bench.text(
            "SELECT group_concat(state || ':' || kind || ':' || channel) FROM (SELECT * FROM ticket ORDER BY ticket)"
        ),
        "registered:help:web,archived:consultation:app,registered:suggestion:web"
    );
    assert_eq!(
        bench.text("SELECT group_concat(ticket) FROM (SELECT ticket FROM ticket ORDER BY ticket)"),
        "SR-20260901-000001-2,SR-20260902-000001-6,SR-20260903-000001-0"
    );
    // 2026-09-01T00:05:09Z
    assert_eq!(bench.number("SELECT received_at FROM appeal WHERE source_id = '1'"), 1_788_221_109_000_000);
    let body = bench.body("SELECT ticket FROM ticket WHERE title = '路灯不亮'");
    assert!(body.contains(r#""content":"北门路灯不亮。\n\n请修。""#), "{body}");
    let body = bench.body("SELECT ticket FROM ticket WHERE kind = 'consultation'");
    for part in
        [r#""reply":"已答复：\t本月报销。""#, r#""replied_at":"2026-09-10T09:00:00Z""#, r#""satisfaction":"satisfied""#]
    {
        assert!(body.contains(part), "no {part} in {body}");
    }
    let body = bench.body("SELECT ticket FROM ticket WHERE kind = 'suggestion'");
    assert!(body.contains(r#""content":"建议加一班车""#), "without a content the title is it: {body}");
    assert_eq!(bench.text("SELECT group_concat(actor) FROM (SELECT DISTINCT actor FROM journal)"), "import");
    assert_eq!(bench.number("SELECT COUNT(*) FROM outbox"), 0, "nobody is told of what is long done");
    bench.verify();
}

#[test]
fn of_a_person_only_what_the_source_gives_is_kept() {
    let bench = Bench::new();
    bench.import("m.csv", CSV, MAP);
    // With its colon: two letters and digits alone stand in one of fifty sealed texts by chance.
    assert!(!bench.text("SELECT group_concat(external_id) FROM person").contains(":U"), "sealed");
    let mut known = bench.external_ids("SELECT group_concat(person) FROM person");
    known.sort();
    assert_eq!(known, [None, Some("site:U1".into()), Some("site:U2".into())]);
    assert_eq!(bench.number("SELECT COUNT(*) FROM person"), 3);
    assert_eq!(bench.number("SELECT COUNT(*) FROM person WHERE COALESCE(name, phone, email, address) IS NOT NULL"), 0);
}

#[test]
fn the_same_again_changes_nothing() {
    let bench = Bench::new();
    bench.import("m.csv", CSV, MAP);
    let before = bench.text("SELECT hash FROM journal ORDER BY seq DESC LIMIT 1");
    let ran = bench.import("m.csv", CSV, MAP);
    assert_eq!((ran.code, ran.summary()), (0, "读取 3，新登记 0，已存在 3，退回 0".into()));
    assert_eq!(bench.text("SELECT hash FROM journal ORDER BY seq DESC LIMIT 1"), before);
    let more = format!("{CSV}4,井盖不见了,南街,2026/9/4,WEB,,,,\n");
    assert_eq!(bench.import("more.csv", &more, MAP).summary(), "读取 4，新登记 1，已存在 3，退回 0");
    let other = MAP.replace("source = \"信箱\"", "source = \"另一信箱\"");
    assert_eq!(
        bench.import("m.csv", CSV, &other).summary(),
        "读取 3，新登记 3，已存在 0，退回 0",
        "ids belong to their source"
    );
    bench.verify();
}

#[test]
fn rows_that_cannot_be_taken_are_listed_with_their_reason() {
    let bench = Bench::new();
    let csv = "\
编号,标题,内容,时间,来源,用户,答复,答复时间,满意\n\
1,张三的秘密,\"两\n行\",去年某天,WEB,,,,\n\
2,路灯,不亮,2026/9/30,WEB,,,,\n\
3,路灯,不亮,0026/9/1,WEB,,,,\n\
4,路灯,不亮,,WEB,,,,\n\
5,\t,\" \",2026/9/1,WEB,,,,\n\
6,路灯,不亮,2026/9/1,FAX,,,,\n\
7,路灯,不亮,2026/9/2,WEB,,修了,2026/9/1,\n\
8,路灯,不亮,2026/9/2,WEB,,修了,2026/9/3,很好\n\
9,路灯,不亮,2026/9/2,WEB,,,,\n\
9,井盖,不见,2026/9/2,WEB,,,,\n\
9,路灯,不亮,2026/9/2,WEB,,,,\n";
    let ran = bench.import("m.csv", csv, MAP);
    assert_eq!((ran.code, ran.summary()), (1, "读取 11，新登记 1，已存在 1，退回 9".into()), "{ran:?}");
    let expected = "\u{feff}行号,编号,原因\n\
2,1,收到时间读不懂：不合对照表中的时间格式\n\
3,2,收到时间晚于现在\n\
4,3,收到时间早于2000年\n\
5,4,收到时间为空\n\
6,5,标题和内容都为空\n\
7,6,渠道的值不在对照表中\n\
8,7,答复时间早于收到时间\n\
9,8,满意度的值不在对照表中\n\
11,9,编号与第10行相同，内容不同\n";
    assert_eq!(bench.read("m.csv.rejects.csv"), expected);
    assert!(ran.out.contains("m.csv.rejects.csv"), "{ran:?}");
    assert!(!format!("{ran:?}").contains("张三"), "no word of a row is told");

    // Put right, the rejected rows go in and the list is gone.
    let right = csv.replace("去年某天", "2026/9/1").replace("2026/9/30", "2026/9/3").replace("0026", "2026");
    let right: Vec<&str> = right.lines().take(5).collect();
    assert_eq!(bench.import("m.csv", right.join("\n"), MAP).summary(), "读取 3，新登记 3，已存在 0，退回 0");
    assert!(!bench.exists("m.csv.rejects.csv"));
    bench.verify();
}

#[test]
fn the_list_of_rejects_overwrites_nothing_else() {
    let bench = Bench::new();
    bench.write("notes.csv", "我的笔记");
    let ran = bench.import_with("m.csv", CSV, MAP, &["--rejects", &bench.path("notes.csv")]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("已存在，且不是退回清单"), "{ran:?}");
    assert_eq!(bench.read("notes.csv"), "我的笔记");
    assert!(!bench.exists("data"), "said before anything was written");
}

#[test]
fn a_rulebook_that_refuses_a_row_is_quoted() {
    let bench = Bench::new();
    let ran = bench.import("m.csv", CSV, &MAP.replace("default = \"help\"", "default = \"criticism\""));
    assert_eq!((ran.code, ran.summary()), (1, "读取 3，新登记 2，已存在 0，退回 1".into()), "{ran:?}");
    assert!(bench.read("m.csv.rejects.csv").contains("2,1,本热线不受理“批评”类诉求"));
}

#[test]
fn a_long_title_is_cut_and_kept_whole() {
    let bench = Bench::new();
    let long = "长".repeat(201);
    let csv = format!(
        "编号,标题,内容,时间,来源,用户,答复,答复时间,满意\n1,{long},内容,2026/9/1,WEB,,,,\n2,{},内容,2026/9/1,WEB,,,,\n",
        "短".repeat(200)
    );
    assert_eq!(bench.import("m.csv", &csv, MAP).code, 0);
    assert_eq!(bench.text("SELECT title FROM ticket WHERE title LIKE '长%'"), format!("{}…", "长".repeat(199)));
    assert!(
        bench
            .body("SELECT ticket FROM ticket WHERE title LIKE '长%'")
            .contains(&format!(r#""content":"{long}\n\n内容""#))
    );
    assert_eq!(bench.text("SELECT title FROM ticket WHERE title LIKE '短%'"), "短".repeat(200));
}

#[test]
fn rows_without_an_id_are_known_by_what_they_hold() {
    let bench = Bench::new();
    let csv = "编号,标题,内容,时间,来源,用户,答复,答复时间,满意\n,路灯,不亮,2026/9/1,WEB,,,,\n,井盖,不见,2026/9/1,WEB,,,,\n,路灯,不亮,2026/9/1,WEB,,,,\n";
    assert_eq!(bench.import("m.csv", csv, MAP).summary(), "读取 3，新登记 2，已存在 1，退回 0");
    assert_eq!(bench.import("m.csv", csv, MAP).summary(), "读取 3，新登记 0，已存在 3，退回 0");
    assert_eq!(bench.number("SELECT COUNT(*) FROM idempotency WHERE scope = 'import:信箱' AND key LIKE 'row:%'"), 2);
}

#[test]
fn a_dry_run_writes_nothing() {
    let bench = Bench::new();
    let csv = format!("{CSV}4,路灯,不亮,某天,WEB,,,,\n");
    let ran = bench.import_with("m.csv", &csv, MAP, &["--dry-run"]);
    assert_eq!(ran.code, 1);
    assert!(ran.out.contains("试运行：读取 4，可登记 3，重复 0，退回 1"), "{ran:?}");
    assert!(!bench.exists("data") && !bench.exists("m.csv.rejects.csv"));
    bench.import_with("m.csv", &csv, MAP, &["--dry-run", "--rejects", &bench.path("list.csv")]);
    assert!(bench.read("list.csv").contains("5,4,收到时间读不懂"));
    assert!(!bench.exists("data"));
}
