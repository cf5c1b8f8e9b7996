//! `verify` sees what was changed behind the program's back.

use jiesu_server::app::{Content, VerifyReport, verify};
use jiesu_testkit::Kind;
use serde_json::json;

use super::harness::{Centre, PLACE};

async fn tampered(sql: &'static str) -> VerifyReport {
    let c = Centre::at("2026-04-30 09:00").await;
    c.in_hand(json!({})).await;
    assert!(verify(&c.app.store, PLACE, |_, _| {}).await.unwrap().holds());
    let unguarded = match c.db.kind {
        Kind::Sqlite => "DROP TRIGGER journal_no_update",
        Kind::Postgres => "SET session_replication_role = replica",
    };
    let changed = c.db.run(&format!("{unguarded}; {sql}")).await.unwrap();
    assert!(changed > 0, "{sql}");
    verify(&c.app.store, PLACE, |_, _| {}).await.unwrap()
}

#[tokio::test]
async fn a_changed_row_is_found_though_the_chain_is_whole() {
    for (sql, what) in [
        ("UPDATE ticket SET lead = 'gongan'", "工单列表各栏"),
        ("UPDATE ticket SET next_due = next_due + 86400000000", "工单列表各栏"),
        ("UPDATE ticket SET body = substr(body, 1, 20) || 'A' || substr(body, 23) || 'B'", "工单内容打不开"),
        ("UPDATE ticket SET body = '{}'", "工单内容"),
        ("UPDATE ticket SET secret = NULL", "打不开"),
        ("UPDATE ticket SET secret = ''", "打不开"),
        ("UPDATE ticket_unit SET due_order = due_order + 1", "承办单位的列表各栏"),
        ("UPDATE ticket_unit SET state = 'closed'", "承办单位的列表各栏"),
        ("UPDATE ticket_unit SET unit = 'gongan'", "承办单位"),
    ] {
        let report = tampered(sql).await;
        assert!(report.chain.fault.is_none(), "{sql}");
        assert!(report.faults.iter().any(|f| f.contains(what)), "{sql}: {:?}", report.faults);
        assert!(report.faults.iter().all(|f| !f.contains("路灯")), "a report names columns, never contents");
    }
}

/// The digest of a file is proved by the journal.
#[tokio::test]
async fn a_file_whose_row_was_changed_is_found() {
    let c = Centre::at("2026-04-30 09:00").await;
    let n = c.registered(json!({})).await;
    let path = c.db.dir().join("a.txt");
    std::fs::write(&path, "甲").unwrap();
    let kind = jiesu_server::files::kind_of(&path, "a.txt").unwrap();
    let (key, sm3, purpose) = ("0".repeat(32), "a".repeat(64), jiesu_domain::ticket::FilePurpose::Appeal);
    let content = Content { key: &key, path: &path, name: "a.txt", purpose, kind, size: 3, sm3: &sm3 };
    c.app.attach_at_once(&jiesu_domain::Actor::citizen(), &n, content).await.unwrap();
    assert!(verify(&c.app.store, PLACE, |_, _| {}).await.unwrap().holds());
    c.db.run("UPDATE attachment SET sm3 = 'b', state = 'clean'").await.unwrap();
    let report = verify(&c.app.store, PLACE, |_, _| {}).await.unwrap();
    assert_eq!(report.faults, [format!("{n}：附件与日志推得的不一致")]);
}

#[tokio::test]
async fn a_changed_entry_breaks_the_chain_where_it_stands() {
    let report = tampered("UPDATE journal SET actor = 'somebody' WHERE seq = 3").await;
    assert_eq!(report.chain.fault.map(|f| f.seq), Some(3));
}
