//! Short messages from appellants: the rating of one ticket, asked again where it is not clear which, never guessed.

use std::sync::Arc;

use jiesu_server::worker;
use serde_json::{Value, json};

use super::{
    harness::{Answer, Centre, PLACE},
    worker::Gateway,
};

const PHONE: &str = "13900001234";

async fn centre() -> Centre {
    Centre::at("2026-04-30 09:00").await
}

async fn sms(c: &Centre, from: &str, text: &str, id: &str) -> Answer {
    let body = json!({ "from": from, "text": text, "id": id });
    let key = c.key("短信网关", &["rate-by-text"]).await;
    c.keyed(&key, "POST", "/api/v1/sms/incoming", Some(body)).await
}

async fn outcome(c: &Centre, from: &str, text: &str, id: &str) -> Value {
    sms(c, from, text, id).await.ok()["outcome"].clone()
}

/// A ticket that waits for ratings.
async fn closed(c: &Centre) -> String {
    let n = c.in_hand(json!({})).await;
    close(c, &n).await;
    n
}

async fn close(c: &Centre, n: &str) {
    c.give("chengguan", n, json!({ "do": "draft-reply", "text": "路灯已修好" })).await.ok();
    c.give("chengguan-leader", n, json!({ "do": "audit-reply" })).await.ok();
    c.give("chengguan", n, json!({ "do": "ask-closure", "ground": "done", "statement": "已修复" })).await.ok();
    c.give("reviewer", n, json!({ "do": "review-closure", "approve": true, "note": "" })).await.ok();
}

async fn page(c: &Centre, n: &str) -> Value {
    c.get("seat", &format!("/api/v1/tickets/{n}")).await.ok()
}

#[tokio::test]
async fn only_the_gateway_brings_messages() {
    let c = centre().await;
    let body = || Some(json!({ "from": PHONE, "text": "1", "id": "m-1" }));
    let path = "/api/v1/sms/incoming";
    c.call(None, "POST", path, body(), &[]).await.problem(401);
    c.keyed("something-else-altogether", "POST", path, body()).await.problem(401);
    c.call(Some("centre-manager"), "POST", path, body(), &[]).await.problem(403);
    let other = c.key("省平台", &["register"]).await;
    c.keyed(&other, "POST", path, body()).await.problem(403);
    let key = c.key("短信网关", &["rate-by-text"]).await;
    c.keyed(&key, "POST", path, body()).await.ok();
}

#[tokio::test]
async fn the_one_ticket_that_waits_is_rated_once() {
    let c = centre().await;
    let n = closed(&c).await;
    assert_eq!(outcome(&c, "+86 139-0000-1234", "１", "m-1").await, "taken");
    let t = page(&c, &n).await;
    assert_eq!((t["ratings"][0]["result"].clone(), t["ratings"][0]["by"].clone()), (json!("satisfied"), json!("sms")));
    assert_eq!(t["state"], "concluded");
    // Brought again by the gateway: nothing more. Another answer: kept beside the first, which counts.
    assert_eq!(outcome(&c, PHONE, "１", "m-1").await, "taken");
    assert_eq!(page(&c, &n).await["version"], t["version"]);
    assert_eq!(outcome(&c, PHONE, "不满意", "m-2").await, "taken");
    let t = page(&c, &n).await;
    assert_eq!(t["ratings"].as_array().unwrap().len(), 1);
    let kept = t["timeline"].as_array().unwrap().iter().find(|m| m["label"] == "后续评价留存").unwrap();
    assert_eq!(kept["who"], "短信");
}

#[tokio::test]
async fn several_tickets_are_asked_about_in_one_message() {
    let c = centre().await;
    let (a, b) = (closed(&c).await, closed(&c).await);
    let gateway = Arc::new(Gateway::default());
    worker::pass(&c.app, gateway.clone()).await.unwrap();
    gateway.sent.lock().unwrap().clear();
    assert_eq!(outcome(&c, PHONE, "3", "m-1").await, "asked-which");
    assert_eq!(outcome(&c, PHONE, "3", "m-1").await, "asked-which");
    for n in [&a, &b] {
        assert_eq!(page(&c, n).await["ratings"], json!([]), "never guessed");
    }
    worker::pass(&c.app, gateway.clone()).await.unwrap();
    {
        let sent = gateway.sent.lock().unwrap();
        assert_eq!(sent.len(), 1, "{sent:?}");
        let (_, to, text) = &sent[0];
        assert_eq!(to, PHONE);
        assert!(
            text.contains(&a) && text.contains(&b) && text.contains("网上评价") && text.contains("【上饶12345】"),
            "{text}"
        );
    }
    let shown = c.get("shift-leader", "/api/v1/outbox").await.ok();
    assert_eq!(shown["items"][0]["label"], "询问评价哪一件");
    let shown = page(&c, &b).await;
    assert!(shown["messages"].as_array().unwrap().iter().all(|m| !m["label"].as_str().unwrap().contains("which")));

    assert_eq!(outcome(&c, PHONE, &format!("{} 2", a.replace('-', " ")), "m-2").await, "taken");
    assert_eq!(page(&c, &a).await["ratings"][0]["result"], "basically");
    // Now one is left, and a plain answer is clear.
    assert_eq!(outcome(&c, PHONE, "3", "m-3").await, "taken");
    assert_eq!(page(&c, &b).await["ratings"][0]["result"], "unsatisfied");
}

#[tokio::test]
async fn what_belongs_to_no_ticket_is_kept_for_a_person() {
    let c = centre().await;
    let n = c.in_hand(json!({})).await;
    assert_eq!(outcome(&c, PHONE, "1", "m-1").await, "unmatched", "nothing waits for a rating yet");
    assert_eq!(outcome(&c, "13999999999", "你们什么时候上班", "m-2").await, "unmatched");
    assert_eq!(outcome(&c, "13999999999", "你们什么时候上班", "m-2").await, "unmatched");
    assert_eq!(c.app.store.incoming_count(PLACE, "unmatched").await.unwrap(), 2);
    assert_eq!(page(&c, &n).await["ratings"], json!([]));
    sms(&c, PHONE, "1", " ").await.problem(422);
}

/// A neighbour's phone rates the neighbour's appeal; the other appellant is still asked.
#[tokio::test]
async fn each_phone_rates_its_own_appeal() {
    let c = centre().await;
    let n = c.in_hand(json!({})).await;
    let neighbour = json!({ "channel": "phone", "follow_up_by": "sms", "appellant": { "phone": "13700007777" } });
    c.post("seat", &format!("/api/v1/tickets/{n}/appeals"), neighbour).await.ok();
    close(&c, &n).await;
    assert_eq!(outcome(&c, "13700007777", "满意", "m-1").await, "taken");
    let t = page(&c, &n).await;
    assert_eq!((t["ratings"].as_array().unwrap().len(), t["ratings"][0]["appeal"].clone()), (1, json!(2)));
    assert_eq!(t["appeals"][1]["first_rating"]["result"], "satisfied");
    assert!(t["appeals"][0].get("first_rating").is_none());
    assert_eq!(t["state"], "closed", "the first is still to be asked");
}
