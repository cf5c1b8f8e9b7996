//! Looking for tickets by their words.

use serde_json::json;

use crate::harness::{Answer, Centre, law_with};

fn numbers(page: Answer) -> Vec<String> {
    let page = page.ok();
    page["items"].as_array().unwrap().iter().map(|t| t["number"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_unit_finds_what_it_has_to_do_with_and_nothing_else() {
    let c = Centre::at("2026-04-30 09:00").await;
    let number = c.registered(json!({})).await;
    let find = "/api/v1/tickets?q=路灯";
    assert_eq!(numbers(c.get("seat", find).await), [number.as_str()]);
    assert!(numbers(c.get("chengguan", find).await).is_empty(), "not dispatched yet");
    c.give("dispatcher", &number, json!({ "do": "dispatch", "lead": "chengguan" })).await.ok();
    assert_eq!(numbers(c.get("chengguan", find).await), [number.as_str()]);
    assert!(numbers(c.get("gongan", find).await).is_empty());
    c.give("chengguan", &number, json!({ "do": "sign" })).await.ok();
    let back = json!({ "do": "ask-return", "reason": "不属于本单位职责", "basis": "三定方案" });
    c.give("chengguan", &number, back).await.ok();
    c.give("reviewer", &number, json!({ "do": "review-return", "approve": true, "note": "同意" })).await.ok();
    c.give("dispatcher", &number, json!({ "do": "dispatch", "lead": "gongan" })).await.ok();
    assert_eq!(numbers(c.get("gongan", find).await), [number.as_str()]);
    let seen = c.get("chengguan", &format!("/api/v1/tickets/{number}")).await.status.is_success();
    assert_eq!(numbers(c.get("chengguan", find).await).len(), usize::from(seen), "the list shows what the page does");
}

#[tokio::test]
async fn what_has_words_comes_newest_first_unless_asked_otherwise() {
    let c = Centre::at("2025-03-03 09:00").await;
    let mut made = Vec::new();
    for day in ["2025-03-03", "2025-06-10", "2026-04-29", "2026-04-30"] {
        c.until(&format!("{day} 09:00")).await;
        made.push(c.registered(json!({})).await);
    }
    let newest: Vec<&String> = made.iter().rev().collect();
    assert_eq!(
        numbers(c.get("seat", "/api/v1/tickets?q=路灯").await),
        newest.iter().map(|n| n.as_str()).collect::<Vec<_>>()
    );
    let mut from = String::new();
    for number in newest {
        let page = c.get("seat", &format!("/api/v1/tickets?q=路灯&limit=1{from}")).await.ok();
        assert_eq!(page["items"][0]["number"], number.as_str());
        from = page["next"].as_str().map(|next| format!("&cursor={next}")).unwrap_or_default();
    }
    assert!(from.is_empty(), "four pages");
    assert_eq!(numbers(c.get("seat", "/api/v1/tickets?q=路灯&sort=urgency").await).len(), 4);
    assert_eq!(
        numbers(c.get("seat", "/api/v1/tickets?q=路灯&from=2025-06-10&to=2026-04-29").await),
        [&*made[2], &*made[1]]
    );
}

#[tokio::test]
async fn words_that_another_program_cut_are_cut_anew_when_the_centre_opens() {
    let c = Centre::at("2026-04-30 09:00").await;
    let number = c.registered(json!({})).await;
    c.app.store.reindex("shangrao", &|_| Some("别的".into()), |_| {}).await.unwrap();
    assert!(numbers(c.get("seat", "/api/v1/tickets?q=路灯").await).is_empty());
    c.app.store.setting_put("shangrao", "cut", "1").await.unwrap();
    let c = c.reopened(law_with("")).await;
    assert_eq!(numbers(c.get("seat", "/api/v1/tickets?q=路灯").await), [number]);
}
