//! Keys of platforms: shown once, good for what they are made for, until they end.

use serde_json::json;

use super::harness::{Centre, PLACE};

const TIME: &str = "2026-04-30 09:00";

fn appeal(source_id: &str) -> serde_json::Value {
    json!({ "kind": "help", "title": "路灯不亮", "content": "小区门口路灯一周不亮", "channel": "platform",
        "appellant": { "phone": "13900001234" }, "source_id": source_id })
}

#[tokio::test]
async fn a_key_registers_under_its_platforms_name_and_nothing_more() {
    let c = Centre::at(TIME).await;
    let key = c.key("省平台", &["register"]).await;
    let made = c.keyed(&key, "POST", "/api/v1/tickets", Some(appeal("P-1"))).await.ok();
    let number = made["number"].as_str().unwrap();
    assert_eq!(c.db.rows("SELECT source, source_id FROM appeal").await, ["省平台|P-1"]);
    let page = c.get("seat", &format!("/api/v1/tickets/{number}")).await.ok();
    assert_eq!(page["timeline"][0]["who"], "省平台");
    for path in ["/api/v1/tickets", "/api/v1/tickets/counts", "/api/v1/outbox", "/api/v1/security/keys"] {
        c.keyed(&key, "GET", path, None).await.problem(403);
    }
    c.keyed(&key, "GET", &format!("/api/v1/tickets/{number}"), None).await.problem(404);
    c.keyed(&key, "POST", "/api/v1/sms/incoming", Some(json!({ "from": "1", "text": "1", "id": "1" })))
        .await
        .problem(403);
    // What is an account's own is nobody's with a key.
    c.keyed(&key, "GET", "/api/v1/account/sessions", None).await.problem(401);
    // A bad key does not fall back to the cookie beside it.
    let cookie = c.cookie("seat").await;
    let both = [("authorization", "Bearer jk_00000000_0"), ("cookie", cookie.as_str())];
    c.call(None, "GET", "/api/v1/session", None, &both).await.problem(401);
    let other = c.key("市平台", &["take-back"]).await;
    c.keyed(&other, "POST", "/api/v1/tickets", Some(appeal("P-2"))).await.problem(403);
}

/// A platform sees what was passed on to its name, while it has it.
#[tokio::test]
async fn a_platform_gives_back_what_was_passed_on_to_it() {
    let c = Centre::under(TIME, TRANSFER).await;
    let (ours, theirs) =
        (c.key("南昌12345", &["take-back", "end-transfer"]).await, c.key("九江12345", &["take-back"]).await);
    let n = c.registered(json!({})).await;
    let path = format!("/api/v1/tickets/{n}");
    let take_back = || Some(json!({ "do": "take-back", "reason": "不在本市" }));
    let commands = format!("{path}/commands");
    c.keyed(&ours, "POST", &commands, take_back()).await.problem(404);
    c.give("dispatcher", &n, json!({ "do": "transfer", "to": "南昌12345", "reason": "诉求地在南昌" })).await.ok();
    c.keyed(&theirs, "POST", &commands, take_back()).await.problem(404);
    let page = c.keyed(&ours, "GET", &path, None).await;
    assert!(page.status.is_success() && !page.text.contains("13900001234"), "{}", page.text);
    assert_eq!(c.keyed(&ours, "POST", &commands, take_back()).await.status, 204);
    c.keyed(&ours, "GET", &path, None).await.problem(404);
}

const TRANSFER: &str = r#"
[transfer]
to      = ["南昌12345", "九江12345"]
article = "第十条"

[[limit]]
id      = "transfer"
clock   = "transfer"
from    = "request"
is      = "10 working days"
article = "第十条"
"#;

#[tokio::test]
async fn a_key_is_replaced_with_both_good_for_a_while_and_ended_at_once() {
    let c = Centre::at(TIME).await;
    let old = c.key("省平台", &["register"]).await;
    let id = old.split('_').nth(1).unwrap();
    let path = format!("/api/v1/security/keys/{id}");
    let rotation = json!({ "overlap_hours": 24, "days": 90 });
    let made = c.post("security-admin", &format!("{path}/rotation"), rotation).await.ok();
    let new = made["secret"].as_str().unwrap();
    assert_eq!(made["key"]["name"], "省平台");
    for key in [old.as_str(), new] {
        c.keyed(key, "GET", "/api/v1/session", None).await.ok();
    }
    let hours = |n: i64| jiff::SignedDuration::from_hours(n);
    let stored = c.app.store.api_keys(PLACE).await.unwrap();
    let old_ends = stored.iter().find(|k| k.key_id == id).unwrap().expires_at.duration_since(c.app.clock.wall());
    assert!(old_ends <= hours(24) && old_ends > hours(23));
    assert!(!format!("{:?}", c.db.rows("SELECT key_hash FROM api_key").await).contains(new));
    // A day passes for the old one.
    let past = c.app.clock.wall().as_microsecond();
    c.db.run(&format!("UPDATE api_key SET expires_at = {past} WHERE key_id = '{id}'")).await.unwrap();
    c.keyed(&old, "GET", "/api/v1/session", None).await.problem(401);
    c.keyed(new, "GET", "/api/v1/session", None).await.ok();
    let list = c.get("security-admin", "/api/v1/security/keys").await;
    assert!(!list.text.contains(new), "it is shown once");
    assert!(list.body["items"][0]["used_at"].is_string());
    let revoke = format!("/api/v1/security/keys/{}", new.split('_').nth(1).unwrap());
    assert_eq!(c.call(Some("security-admin"), "DELETE", &revoke, None, &[]).await.status, 204);
    c.keyed(new, "GET", "/api/v1/session", None).await.problem(401);
    c.call(Some("security-admin"), "DELETE", &revoke, None, &[]).await.problem(404);
    let kinds = c.db.rows("SELECT kind FROM audit WHERE kind LIKE 'key-%' ORDER BY seq").await;
    assert_eq!(kinds, ["key-made", "key-rotated", "key-revoked"]);
}

#[tokio::test]
async fn a_key_has_a_rate_and_limits_of_its_own() {
    let c = Centre::at(TIME).await;
    let form = |rate: u32, days: u32, scopes: &[&str]| json!({ "name": "省平台", "scopes": scopes, "rate": rate, "days": days });
    let make = async |body| c.post("security-admin", "/api/v1/security/keys", body).await;
    assert_eq!(make(form(0, 30, &["register"])).await.problem(422)["field"], "rate");
    assert_eq!(make(form(60, 366, &["register"])).await.problem(422)["field"], "days");
    assert_eq!(make(form(60, 30, &[])).await.problem(422)["field"], "scopes");
    assert_eq!(make(form(60, 30, &["dispatch"])).await.problem(422)["field"], "scopes");
    let key = make(form(3, 365, &["register"])).await.ok()["secret"].as_str().unwrap().to_owned();
    for _ in 0..3 {
        c.keyed(&key, "GET", "/api/v1/session", None).await.ok();
    }
    assert_eq!(c.keyed(&key, "GET", "/api/v1/session", None).await.problem(429)["limit"], "key");
}
