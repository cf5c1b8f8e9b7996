//! The daily anchor: made once a day, kept outside, and what it finds that the chains alone cannot.

use jiesu_server::{
    app::verify,
    evidence::{AnchorText, Daily, Evidence, Found, SigningKey, check},
};
use serde_json::json;

use super::{
    harness::{Centre, PLACE, instant},
    tamper::{force, recomputed, without_ticket},
};

/// A centre that signs, at this time.
async fn signing(time: &str) -> Centre {
    let c = Centre::at(time).await;
    let key = SigningKey::make(&c.db.dir().join("anchor.key")).unwrap();
    c.app.keep_evidence(Evidence { key, folder: Some(c.db.dir().join("anchors")) });
    c
}

async fn anchored(c: &Centre) {
    Daily::default().look(&c.app).await;
}

/// What an outsider fetches.
async fn fetched(c: &Centre, day: &str) -> String {
    let answer = c.call(None, "GET", &format!("/anchors/{day}"), None, &[]).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.text
}

async fn found(c: &Centre, kept: &str) -> Found {
    check(&c.app.store, &AnchorText::read(kept).unwrap(), kept).await.unwrap()
}

async fn holds(c: &Centre) -> bool {
    let report = verify(&c.app.store, PLACE, |_, _| {}).await.unwrap();
    if !report.holds() {
        println!("{report:?}");
    }
    report.holds()
}

#[tokio::test]
async fn one_is_made_each_day_and_lies_where_outsiders_find_it() {
    let c = signing("2026-04-30 23:59").await;
    c.registered(json!({})).await;
    let mut daily = Daily::default();
    daily.look(&c.app).await;
    daily.look(&c.app).await;
    assert_eq!(c.app.store.anchors(PLACE).await.unwrap().len(), 1);
    c.app.clock.set(instant("2026-05-01 00:00"));
    daily.look(&c.app).await;
    anchored(&c).await; // another process
    let days: Vec<String> = c.app.store.anchors(PLACE).await.unwrap().into_iter().map(|a| a.day).collect();
    assert_eq!(days, ["2026-04-30", "2026-05-01"]);

    let latest = fetched(&c, "latest").await;
    assert_eq!(latest, fetched(&c, "2026-05-01").await);
    let said = AnchorText::read(&latest).unwrap();
    let entries = c.app.store.journal_after(PLACE, 0, 100).await.unwrap();
    assert_eq!((said.jurisdiction.as_str(), &said.heads.journal.hash), (PLACE, &entries.last().unwrap().hash));
    let laid = std::fs::read_to_string(c.db.dir().join("anchors/shangrao-2026-05-01.anchor")).unwrap();
    assert_eq!(laid, latest);
    let list = c.call(None, "GET", "/anchors", None, &[]).await.text;
    assert_eq!(list.lines().count(), 2, "{list}");
    assert_eq!(c.call(None, "GET", "/anchors/2026-05-02", None, &[]).await.status, 404);
    assert!(holds(&c).await);
    assert_eq!(found(&c, &latest).await, Found::Fits);
}

#[tokio::test]
async fn a_clock_that_was_put_back_makes_no_second_anchor() {
    let c = signing("2026-05-01 09:00").await;
    anchored(&c).await;
    c.app.clock.set(instant("2026-04-30 09:00"));
    anchored(&c).await;
    assert_eq!(c.app.store.anchors(PLACE).await.unwrap().len(), 1);
    assert!(holds(&c).await);
}

/// The chain of what is left is whole, and the rows fit it: only who kept the anchor knows that there was more.
#[tokio::test]
async fn a_cut_end_is_found_with_an_anchor_that_was_kept() {
    let c = signing("2026-04-30 09:00").await;
    c.in_hand(json!({})).await;
    anchored(&c).await;
    let before = fetched(&c, "latest").await;
    let audit = AnchorText::read(&before).unwrap().heads.audit.seq;
    c.app.clock.set(instant("2026-05-01 09:00"));
    let gone = c.registered(json!({})).await;
    anchored(&c).await;
    let kept = fetched(&c, "latest").await;

    without_ticket(&c.db, &gone).await;
    force(&c.db, &format!("DELETE FROM audit WHERE seq > {audit}; DELETE FROM anchor WHERE day = '2026-05-01'")).await;
    assert!(holds(&c).await, "nothing here tells that something is missing");
    assert_eq!(found(&c, &before).await, Found::Fits);
    let Found::Differs(what) = found(&c, &kept).await else { panic!("the cut was not found") };
    assert!(what.contains("没有这一天的存证"), "{what}");

    // Whoever also puts the old anchor back has the chain against him.
    force(&c.db, &format!("INSERT INTO anchor VALUES ('{PLACE}', '2026-05-01', 1, '{kept}')")).await;
    let Found::Differs(what) = found(&c, &kept).await else { panic!("the cut was not found") };
    assert!(what.contains("末尾被截去"), "{what}");
}

#[tokio::test]
async fn a_chain_that_was_computed_again_is_found_with_an_anchor_that_was_kept() {
    for change in [
        "UPDATE journal SET kind = 'something-else' WHERE seq = 2",
        "UPDATE audit SET who = 'somebody-else' WHERE seq = 1",
    ] {
        let c = signing("2026-04-30 09:00").await;
        c.in_hand(json!({})).await;
        anchored(&c).await;
        let kept = fetched(&c, "latest").await;
        c.app.clock.set(instant("2026-05-01 09:00"));
        c.in_hand(json!({})).await;
        assert_eq!(found(&c, &kept).await, Found::Fits, "it goes on, and still fits");

        force(&c.db, change).await;
        recomputed(&c.db, &c.app.store).await;
        assert!(!holds(&c).await, "the anchors of the database itself speak against it");
        let Found::Differs(what) = found(&c, &kept).await else { panic!("{change} was not found") };
        assert!(what.contains("重新计算过"), "{what}");

        // So the intruder takes them out, or signs new ones with a key of his own: what was kept still tells.
        force(&c.db, "DELETE FROM anchor").await;
        assert!(holds(&c).await);
        assert!(matches!(found(&c, &kept).await, Found::Differs(_)));
        let other = Centre { app: c.app.clone(), router: c.router.clone(), ..c };
        let (heads, key) = (AnchorText::read(&kept).unwrap(), SigningKey::make(&other.db.dir().join("own")).unwrap());
        let mut forged = heads.heads.clone();
        forged.journal.hash = hash(&other, "journal", forged.journal.seq).await;
        forged.audit.hash = hash(&other, "audit", forged.audit.seq).await;
        let text = AnchorText::sign(&key, PLACE, "2026-04-30", heads.at, &forged, None);
        let at = heads.at.as_microsecond();
        force(&other.db, &format!("INSERT INTO anchor VALUES ('{PLACE}', '2026-04-30', {at}, '{text}')")).await;
        assert!(holds(&other).await);
        assert!(matches!(found(&other, &kept).await, Found::Differs(_)), "another key's signature is another text");
    }
}

async fn hash(c: &Centre, table: &str, seq: i64) -> String {
    c.db.rows(&format!("SELECT hash FROM {table} WHERE seq = {seq}")).await.remove(0)
}

#[tokio::test]
async fn an_anchor_that_was_changed_removed_or_put_in_is_found() {
    let c = signing("2026-04-30 09:00").await;
    for day in ["2026-04-30", "2026-05-01", "2026-05-02"] {
        c.app.clock.set(instant(&format!("{day} 09:00")));
        c.registered(json!({})).await;
        anchored(&c).await;
    }
    assert!(holds(&c).await);
    let rows = c.app.store.anchors(PLACE).await.unwrap();
    let middle = &rows[1];
    for change in [
        "UPDATE anchor SET at = at + 1 WHERE day = '2026-05-01'".to_owned(),
        "UPDATE anchor SET content = content || 'x' WHERE day = '2026-05-01'".to_owned(),
        "UPDATE anchor SET content = replace(content, 'journal: ', 'journal: 1') WHERE day = '2026-05-01'".to_owned(),
        "UPDATE anchor SET day = '2026-05-03' WHERE day = '2026-05-02'".to_owned(),
        "DELETE FROM anchor WHERE day = '2026-04-30'".to_owned(),
        "DELETE FROM anchor WHERE day = '2026-05-01'".to_owned(),
        format!("INSERT INTO anchor VALUES ('{PLACE}', '2026-05-04', 1, '{}')", middle.content),
    ] {
        force(&c.db, &change).await;
        let report = verify(&c.app.store, PLACE, |_, _| {}).await.unwrap();
        assert!(!report.anchors.faults.is_empty(), "{change}");
        force(&c.db, "DELETE FROM anchor").await;
        for a in &rows {
            let (day, at, content) = (&a.day, a.at.as_microsecond(), &a.content);
            force(&c.db, &format!("INSERT INTO anchor VALUES ('{PLACE}', '{day}', {at}, '{content}')")).await;
        }
        assert!(holds(&c).await, "restored after {change}");
    }
}
