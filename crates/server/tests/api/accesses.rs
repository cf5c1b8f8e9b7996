//! The month's look at who opened what: everything is counted, the unusual stands first, and no appellant is in it.

use serde_json::{Value, json};

use super::harness::Centre;

const PATH: &str = "/api/v1/privacy/accesses";

async fn opened(c: &Centre, who: &str, number: &str, field: &str) {
    let path = format!("/api/v1/tickets/{number}/appeals/1/reveal");
    c.post(who, &path, json!({ "field": field, "purpose": "contact" })).await.ok();
}

fn codes(item: &Value) -> Vec<&str> {
    item["unusual"].as_array().unwrap().iter().map(|u| u["code"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_month_is_counted_with_the_unusual_first() {
    let c = Centre::at("2026-04-30 09:00").await;
    let n = c.in_hand(json!({})).await;
    opened(&c, "chengguan", &n, "phone").await;
    opened(&c, "chengguan", &n, "name").await;
    // The follow-up clerk never did anything on it.
    opened(&c, "follow-up-clerk", &n, "phone").await;
    c.until("2026-04-30 22:00").await;
    opened(&c, "seat", &n, "address").await;
    c.post("centre-manager", "/api/v1/exports", json!({ "purpose": "inspection", "note": "检查", "personal": true }))
        .await;
    c.post("centre-manager", "/api/v1/exports", json!({ "purpose": "inspection", "note": "检查" })).await;
    c.until("2026-05-01 08:00").await;
    opened(&c, "seat", &n, "phone").await;

    let answer = c.get("audit-admin", &format!("{PATH}?month=2026-04")).await;
    for secret in ["13900001234", "测试诉求人", "测试路"] {
        assert!(!answer.text.contains(secret), "{secret}");
    }
    let april = answer.ok();
    assert_eq!((&april["month"], &april["total"], &april["unusual"]), (&json!("2026-04"), &json!(5), &json!(3)));
    let items = april["items"].as_array().unwrap();
    let told: Vec<(&str, &str, Vec<&str>)> =
        items.iter().map(|i| (i["who"].as_str().unwrap(), i["what"].as_str().unwrap(), codes(i))).collect();
    assert_eq!(
        told,
        [
            ("centre-manager", "导出1件", vec!["night"]),
            ("seat", "地址", vec!["night"]),
            ("follow-up-clerk", "电话", vec!["unhandled"]),
            ("chengguan", "姓名", vec![]),
            ("chengguan", "电话", vec![]),
        ],
        "the seat registered it and the handler signed it"
    );
    let people = april["people"].as_array().unwrap();
    let handler = people.iter().find(|p| p["key"] == "chengguan").unwrap();
    assert_eq!((&handler["accesses"], &handler["tickets"], &handler["unusual"]), (&json!(2), &json!(1), &json!(0)));
    assert!(handler["of"].as_str().unwrap().starts_with("承办人 · "), "{handler}");
    assert_eq!((&april["hours"][9], &april["hours"][22]), (&json!(3), &json!(2)));
    let unit = april["units"].as_array().unwrap().iter().find(|u| u["key"] == "chengguan").unwrap().clone();
    assert_eq!(unit["accesses"], 2);

    let own = c.get("centre-manager", &format!("{PATH}?month=2026-04&who=chengguan")).await.ok();
    assert_eq!((own["items"].as_array().unwrap().len(), &own["total"]), (2, &json!(5)));
    let may = c.get("centre-manager", PATH).await.ok();
    assert_eq!((&may["month"], &may["total"]), (&json!("2026-05"), &json!(1)));
    for who in ["security-admin", "system-admin", "seat", "analyst", "chengguan-leader"] {
        c.get(who, PATH).await.problem(403);
    }
    c.get("audit-admin", &format!("{PATH}?month=gestern")).await.problem(400);
}
