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
        json!({ "name": "测**", "phone": "139****1234", "email": "", "address": "信州区测试路…", "id_number": "" })
    );

    let path = format!("/api/v1/tickets/{n}/appeals/1/reveal");
    let ask = |field: &str, purpose: &str, note: &str| json!({ "field": field, "purpose": purpose, "note": note });
    c.post("chengguan", &path, ask("phone", "other", " ")).await.problem(422);
    c.post("chengguan", &path, ask("phone", "other", "查")).await.problem(422);
    c.post("chengguan", &path, ask("phone", "verify", &"长".repeat(201))).await.problem(422);
    c.post("chengguan", &path, ask("everything", "verify", "")).await.problem(422);
    c.post("chengguan", &path, ask("email", "verify", "")).await.problem(404);
    let opened = AuditFilter { kind: Some("revealed".into()), ..AuditFilter::default() };
    let log = c.app.store.audit(PLACE, &opened, None, 10).await.unwrap().items;
    assert!(log.is_empty(), "nothing was shown, nothing is logged");

    let open = c.post("chengguan", &path, ask("phone", "verify", "")).await;
    assert!(!open.text.contains("测试诉求人") && !open.text.contains("测试路"), "one field and no other");
    assert_eq!(open.ok(), json!({ "field": "phone", "value": "13900001234" }));
    let open = c.post("chengguan", &path, ask("name", "other", "与13900001234核对登记表")).await.ok();
    assert_eq!(open["value"], "测试诉求人");
    let log = c.app.store.audit(PLACE, &opened, None, 10).await.unwrap().items;
    let said: Vec<(&str, &str)> = log.iter().map(|e| (e.entry.reason.as_str(), e.entry.detail.as_str())).collect();
    assert_eq!(
        said,
        [
            ("其他：与[电话]核对登记表", r#"{"appeal":1,"field":"name","purpose":"other"}"#),
            ("核实情况", r#"{"appeal":1,"field":"phone","purpose":"verify"}"#),
        ],
        "which field and for what, never what it says"
    );
    assert!(log.iter().all(|e| (e.entry.who.as_str(), e.entry.subject.as_str()) == ("chengguan", n.as_str())));
}

/// An identity number is taken where it can be one, sealed, masked but for its ends, found exactly, opened like a phone.
#[tokio::test]
async fn an_identity_number_is_checked_masked_found_and_opened() {
    let c = Centre::at("2026-04-30 09:00").await;
    let with = |id: &str| json!({ "appellant": { "name": "测试诉求人", "id_number": id } });
    for wrong in ["110105194912310021", "1101051949123100", "110101200102290015"] {
        let mut body = with(wrong);
        let rest = json!({ "kind": "help", "title": "标题", "content": "内容", "channel": "phone" });
        body.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
        let problem = c.post("seat", "/api/v1/tickets", body).await.problem(422);
        assert_eq!(problem["field"], "appellant.id_number");
        assert!(!problem.to_string().contains(wrong), "a wrong number is not repeated");
    }
    let n = c.registered(with("１１０１０５ 19491231 002x")).await;
    let page = c.get("seat", &format!("/api/v1/tickets/{n}")).await;
    assert!(!page.text.contains("002X"));
    assert_eq!(page.ok()["appeals"][0]["appellant"]["id_number"], "1****************X");
    let path = format!("/api/v1/tickets/{n}/appeals/1/reveal");
    let open = c.post("seat", &path, json!({ "field": "id-number", "purpose": "verify" })).await.ok();
    assert_eq!(open["value"], "11010519491231002X");
    for (asked, found) in [("11010519491231002X", 1), ("11010519491231002x", 1), ("440524188001010014", 0), ("1101", 0)]
    {
        let history = c.post("seat", "/api/v1/callers", json!({ "id_number": asked })).await.ok();
        assert_eq!(history["tickets"].as_array().unwrap().len(), found, "{asked}");
    }
    let attach = json!({ "channel": "phone", "follow_up_by": "phone", "appellant": { "id_number": "123" } });
    c.post("seat", &format!("/api/v1/tickets/{n}/appeals"), attach).await.problem(422);
}

/// People say who they are in what they tell: the unit of a confidential ticket reads it masked, wherever it reads it.
#[tokio::test]
async fn a_unit_reads_a_confidential_tickets_texts_masked() {
    const TELLING: [&str; 6] =
        ["13900001234", "测试诉求人", "11010519491231002X", "赣E12345", "zs@example.com", "李大爷"];
    let c = Centre::at("2026-04-30 09:00").await;
    let words = TELLING.join("，");
    let told = json!({
        "title": format!("{}投诉城管", TELLING[1]), "content": format!("我是{words}，路灯不亮"), "confidential": true,
    });
    let n = c.registered(told.clone()).await;
    let note = format!("请联系{words}");
    c.give("dispatcher", &n, json!({ "do": "dispatch", "lead": "chengguan", "note": note, "points": [note] }))
        .await
        .ok();
    c.give("chengguan", &n, json!({ "do": "sign" })).await.ok();
    c.give("centre-manager", &n, json!({ "do": "record-instruction", "from": "市长", "text": note })).await.ok();
    let paths = [
        format!("/api/v1/tickets/{n}"),
        format!("/api/v1/commands?ticket={n}"),
        "/api/v1/tickets".into(),
        format!("/api/v1/tickets?q={n}"),
    ];
    for path in paths {
        for who in ["chengguan", "chengguan-leader"] {
            let page = c.get(who, &path).await;
            assert!(page.status == 200 && page.text.contains("城市管理局"), "{path} as {who}");
            for secret in TELLING {
                assert!(!page.text.contains(secret), "{secret} in {path} as {who}: {}", page.text);
            }
        }
    }
    // Nor does trying names tell whose ticket it is; the centre finds it.
    for (who, found) in [("chengguan", 0), ("chengguan-leader", 0), ("seat", 1)] {
        for path in ["/api/v1/tickets?q=测试诉求人", "/api/v1/tickets?q=测试诉求人&confidential=true"] {
            let listed = c.get(who, path).await.ok();
            assert_eq!(listed["items"].as_array().unwrap().len(), found, "{path} as {who}");
            let counts = c.get(who, &path.replace("tickets?", "tickets/counts?")).await.ok();
            assert_eq!(counts["total"], found, "{path} as {who}");
        }
    }
    let page = c.get("chengguan", &format!("/api/v1/tickets/{n}")).await.ok();
    assert!(
        page["content"].as_str().unwrap().contains("[电话]") && page["content"].as_str().unwrap().ends_with("路灯不亮")
    );
    let page = c.get("dispatcher", &format!("/api/v1/tickets/{n}")).await;
    assert!(page.text.contains(&words), "the centre reads what was said");
    let open = c.in_hand(json!({ "title": told["title"], "content": told["content"] })).await;
    let page = c.get("chengguan", &format!("/api/v1/tickets/{open}")).await;
    assert!(page.text.contains(&words), "of a ticket that is not confidential the unit reads all");
}

#[tokio::test]
async fn a_unit_never_learns_who_brought_a_confidential_ticket() {
    let c = Centre::at("2026-04-30 09:00").await;
    let n = c.in_hand(json!({ "confidential": true })).await;
    let page = c.get("chengguan", &format!("/api/v1/tickets/{n}")).await.ok();
    assert!(page["appeals"][0].get("appellant").is_none());
    c.post(
        "chengguan",
        &format!("/api/v1/tickets/{n}/appeals/1/reveal"),
        json!({ "field": "phone", "purpose": "verify" }),
    )
    .await
    .problem(403);
    let contact = json!({ "do": "record-contact", "by": "phone", "reached": true, "note": "联系" });
    assert_eq!(c.give("chengguan", &n, contact).await.problem(422)["rule"], "confidential");
    // The centre's follow-up clerk answers instead, and may know.
    c.post(
        "follow-up-clerk",
        &format!("/api/v1/tickets/{n}/appeals/1/reveal"),
        json!({ "field": "phone", "purpose": "follow-up" }),
    )
    .await
    .ok();
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
