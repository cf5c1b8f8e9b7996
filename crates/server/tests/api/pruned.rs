//! Old entries of the audit journal go into a signed file and out of the database: never young ones, never unseen, and the chain goes on.

use jiesu_server::{
    app::verify,
    evidence::{AnchorText, Daily, Evidence, Found, KeptError, SigningKey, check, prune, read_back},
};
use jiesu_testkit::Kind;
use serde_json::json;

use super::harness::{Centre, PLACE, instant};

/// A centre that worked for two days long ago, with an anchor of each, and works today.
async fn old() -> (Centre, SigningKey) {
    let c = Centre::at("2025-01-06 09:00").await;
    let key = || SigningKey::load(&c.db.dir().join("anchor.key")).unwrap();
    SigningKey::make(&c.db.dir().join("anchor.key")).unwrap();
    c.app.keep_evidence(Evidence { key: key(), folder: None });
    for day in ["2025-01-06", "2025-01-07"] {
        c.app.clock.set(instant(&format!("{day} 09:00")));
        let n = c.registered(json!({})).await;
        c.post("seat", &format!("/api/v1/tickets/{n}/appeals/1/reveal"), json!({ "reason": "核实" })).await.ok();
        Daily::default().look(&c.app).await;
    }
    let key = key();
    (c, key)
}

#[tokio::test]
async fn old_entries_are_kept_in_a_file_and_the_chain_goes_on() {
    let (c, key) = old().await;
    let anchors = c.app.store.anchors(PLACE).await.unwrap();
    let last = AnchorText::read(&anchors[1].content).unwrap().heads.audit.seq;
    // To the day 180 days later it may not go, one second on it may.
    let file = c.db.dir().join("old.jsonl");
    let at = |extra: i64| {
        let second = anchors[0].at.as_second() + 180 * 86_400 + extra;
        jiesu_domain::Instant::from_second(second).unwrap()
    };
    let early = prune(&c.app.store, PLACE, at(0), &key, &file).await;
    assert!(matches!(early, Err(KeptError::NothingOld)) && !file.exists(), "{early:?}");
    let first = prune(&c.app.store, PLACE, at(1), &key, &file).await.unwrap();
    assert_eq!(first.first, 1);
    assert!(first.last.seq < last, "the second day stays");

    let kept = read_back(&std::fs::read_to_string(&file).unwrap()).unwrap();
    assert_eq!((kept.first, &kept.last), (1, &first.last));
    let left = c.app.store.audit_after(PLACE, 0, 1000).await.unwrap();
    assert_eq!(left[0].seq, first.last.seq + 1);
    assert_eq!(left.last().unwrap().entry.kind, "audit-pruned");
    assert!(verify(&c.app.store, PLACE, |_, _| {}).await.unwrap().holds());

    let second = prune(&c.app.store, PLACE, at(86_401), &key, &c.db.dir().join("older.jsonl")).await.unwrap();
    assert_eq!((second.first, second.last.seq), (first.last.seq + 1, last));
    let report = verify(&c.app.store, PLACE, |_, _| {}).await.unwrap();
    assert!(report.holds(), "{report:?}");
    assert_eq!(found(&c, 0).await, Found::Fits);
    assert_eq!(found(&c, 1).await, Found::Fits);
}

/// What an anchor that was kept says now.
async fn found(c: &Centre, anchor: usize) -> Found {
    let text = c.app.store.anchors(PLACE).await.unwrap().remove(anchor).content;
    check(&c.app.store, &AnchorText::read(&text).unwrap(), &text).await.unwrap()
}

#[tokio::test]
async fn a_changed_file_is_found() {
    let (c, key) = old().await;
    let file = c.db.dir().join("old.jsonl");
    prune(&c.app.store, PLACE, instant("2026-01-01 09:00"), &key, &file).await.unwrap();
    assert_eq!(found(&c, 0).await, Found::FitsPruned, "its place is in the file");
    assert_eq!(found(&c, 1).await, Found::Fits);
    let text = std::fs::read_to_string(&file).unwrap();
    assert!(read_back(&text).is_ok());
    let lines: Vec<&str> = text.lines().collect();
    let without = |gone: usize| {
        lines.iter().enumerate().filter(|(i, _)| *i != gone).map(|(_, l)| format!("{l}\n")).collect::<String>()
    };
    for damaged in
        [text.replace("核实", "核查"), without(1), without(lines.len() - 1), text.trim_end().to_owned(), String::new()]
    {
        assert!(matches!(read_back(&damaged), Err(KeptError::Damaged(_))));
    }
}

/// Somebody at the database itself may take out what was written to a file and is old, and nothing else.
#[tokio::test]
async fn the_database_gives_up_no_young_entry() {
    let c = Centre::at("2026-04-30 09:00").await;
    c.registered(json!({})).await;
    let entry = jiesu_store::NewAudit {
        at: "2999-01-01T00:00:00Z".parse().unwrap(),
        who: "seat".into(),
        role: "seat".into(),
        kind: "log-in".into(),
        subject: "seat".into(),
        outcome: "done".into(),
        reason: String::new(),
        detail: "{}".into(),
        origin: String::new(),
    };
    let young = c.app.store.audit_append(PLACE, &[entry]).await.unwrap();
    c.db.run(&format!("INSERT INTO audit_pruned VALUES ('{PLACE}', {young}, 1, 'x', 'y')")).await.unwrap();
    let refused = c.db.run(&format!("DELETE FROM audit WHERE seq = {young}")).await.unwrap_err();
    assert!(refused.to_string().contains("append only"), "{refused}");
    if c.db.kind == Kind::Sqlite {
        let refused = c.db.run("INSERT OR REPLACE INTO audit SELECT * FROM audit").await.unwrap_err();
        assert!(refused.to_string().contains("append only"), "{refused}");
    }
}
