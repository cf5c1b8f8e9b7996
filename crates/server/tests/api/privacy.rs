//! Who an appellant is: masked, opened by a logged act with a reason, never shown to a unit on a confidential ticket.

use jiesu_store::AuditFilter;
use serde_json::json;

use super::harness::{Centre, PLACE};

#[tokio::test]
async fn masked_for_all_and_opened_with_a_reason() {
    let c = Centre::at("2026-04-30 09:00").await;
    let n = c.in_hand(json!({})).await;
    let page = c.get("chengguan", &format!("/api/v1/tickets/{n}")).await;
    assert!(
        !page.text.contains("13900001234") && !page.text.contains("测试诉求人") && !page.text.contains("测试路1号")
    );
    assert_eq!(
        page.ok()["appeals"][0]["appellant"],
        json!({ "name": "测**", "phone": "139****1234", "address": "信州区测试路…" })
    );

    let path = format!("/api/v1/tickets/{n}/appeals/1/reveal");
    c.post("chengguan", &path, json!({ "reason": " " })).await.problem(422);
    let opened = AuditFilter { kind: Some("revealed".into()), ..AuditFilter::default() };
    let log = c.app.store.audit(PLACE, &opened, None, 10).await.unwrap().items;
    assert!(log.is_empty(), "nothing was shown, nothing is logged");
    let open = c.post("chengguan", &path, json!({ "reason": "电话核实地址" })).await.ok();
    assert_eq!((open["name"].clone(), open["phone"].clone()), (json!("测试诉求人"), json!("13900001234")));
    let log = c.app.store.audit(PLACE, &opened, None, 10).await.unwrap().items;
    assert_eq!(log.len(), 1);
    let said = &log[0].entry;
    assert_eq!((said.who.as_str(), said.role.as_str(), said.reason.as_str()), ("chengguan", "handler", "电话核实地址"));
    assert_eq!((said.subject.as_str(), said.detail.as_str()), (n.as_str(), "{\"appeal\":1}"));
}

#[tokio::test]
async fn a_unit_never_learns_who_brought_a_confidential_ticket() {
    let c = Centre::at("2026-04-30 09:00").await;
    let n = c.in_hand(json!({ "confidential": true })).await;
    let page = c.get("chengguan", &format!("/api/v1/tickets/{n}")).await.ok();
    assert!(page["appeals"][0].get("appellant").is_none());
    c.post("chengguan", &format!("/api/v1/tickets/{n}/appeals/1/reveal"), json!({ "reason": "想联系诉求人" }))
        .await
        .problem(403);
    let contact = json!({ "do": "record-contact", "by": "phone", "reached": true, "note": "联系" });
    assert_eq!(c.give("chengguan", &n, contact).await.problem(422)["rule"], "confidential");
    // The centre's follow-up clerk answers instead, and may know.
    c.post("follow-up-clerk", &format!("/api/v1/tickets/{n}/appeals/1/reveal"), json!({ "reason": "回访" })).await.ok();
}

#[tokio::test]
async fn the_outbox_viewer_hides_numbers_and_codes() {
    let c = Centre::at("2026-04-30 09:00").await;
    let body = json!({ "kind": "help", "title": "标题", "content": "内容", "channel": "phone", "appellant": { "phone": "13900001234" } });
    let made = c.post("seat", "/api/v1/tickets", body).await.ok();
    let code = made["query_code"].as_str().unwrap();
    let outbox = c.get("shift-leader", "/api/v1/outbox").await;
    assert!(!outbox.text.contains("13900001234") && !outbox.text.contains(code));
    let item = &outbox.ok()["items"][0];
    assert_eq!(item["to"], "139****1234");
    assert!(item["text"].as_str().unwrap().contains("********"), "{item}");
}

/// The database holds who appeals in one table only: neither journal, ticket, outbox nor search terms know it.
#[tokio::test]
async fn personal_data_stands_in_one_table_only() {
    let c = Centre::at("2026-04-30 09:00").await;
    let n = c.in_hand(json!({})).await;
    let stored = c.app.store.ticket(PLACE, &n).await.unwrap().unwrap();
    let journal = c.app.store.journal(PLACE, &n).await.unwrap();
    let outbox = c.app.store.outbox(PLACE, &Default::default(), None, 100).await.unwrap();
    let everything = format!("{stored:?}{journal:?}{outbox:?}");
    for secret in ["13900001234", "测试诉求人", "测试路1号"] {
        assert!(!everything.contains(secret), "{secret}");
    }
    let appeals = c.app.store.appeals(PLACE, &n).await.unwrap();
    let person = c.app.store.person(PLACE, &appeals[0].person).await.unwrap().unwrap();
    assert_eq!(person.phone.as_deref(), Some("13900001234"));
    assert!(!format!("{person:?}").contains("13900001234"), "nor does it reach a log by Debug");
}

#[tokio::test]
async fn a_callers_history_is_for_the_centre() {
    let c = Centre::at("2026-04-30 09:00").await;
    let n = c.registered(json!({})).await;
    let history = c.post("seat", "/api/v1/callers", json!({ "phone": "139 0000-1234" })).await.ok();
    assert_eq!(history["tickets"][0]["number"], json!(n));
    assert_eq!(c.post("seat", "/api/v1/callers", json!({ "phone": "13900009999" })).await.ok()["tickets"], json!([]));
    c.post("outsourced-seat", "/api/v1/callers", json!({ "phone": "13900001234" })).await.problem(403);
}
