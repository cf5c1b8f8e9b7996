//! What was kept long enough goes on the word of two people, the second of whom shows who they are once more; what goes cannot be read again
//! by anybody, and the chain stays whole.

use jiesu_server::{app::verify, demo};
use jiesu_store::AuditFilter;
use serde_json::{Value, json};

use super::{
    harness::{Centre, PLACE},
    log_in::{app_code, enrol},
};

const PATH: &str = "/api/v1/privacy/erasures";
/// Three years after the ticket was archived, on the 21st of May 2026, and the last moment before.
const OVER: &str = "2029-05-22 00:00";
const NOT_YET: &str = "2029-05-21 23:59";

/// A ticket that is archived on the 21st of May 2026.
async fn archived(c: &Centre) -> String {
    let n = c.in_hand(json!({})).await;
    c.give("chengguan", &n, json!({ "do": "draft-reply", "text": "路灯已修好" })).await.ok();
    c.give("chengguan-leader", &n, json!({ "do": "audit-reply" })).await.ok();
    c.give("chengguan", &n, json!({ "do": "ask-closure", "ground": "done", "statement": "已修复" })).await.ok();
    c.until("2026-05-19 10:00").await;
    c.give("reviewer", &n, json!({ "do": "review-closure", "approve": true, "note": "" })).await.ok();
    let rated = json!({ "do": "follow-up", "by": "phone", "reached": true, "rating": { "result": "basically" } });
    c.give("follow-up-clerk", &n, rated).await.ok();
    c.until("2026-05-21 12:00").await;
    assert_eq!(c.get("seat", &format!("/api/v1/tickets/{n}")).await.ok()["state"], "archived");
    n
}

/// Somebody sets a second factor up; their codes from now on.
async fn with_second_factor(c: &Centre, who: &str) -> String {
    let cookie = c.cookie(who).await;
    let enrolled = enrol(c, &cookie, demo::PASSWORD).await;
    c.cookies.lock().unwrap().insert(who.to_owned(), enrolled.cookie);
    enrolled.secret
}

fn decision(id: &Value) -> String {
    format!("{PATH}/{id}/decision")
}

#[tokio::test]
async fn two_people_erase_what_is_due() {
    let c = Centre::at("2026-04-30 09:00").await;
    let n = archived(&c).await;
    c.until(NOT_YET).await;
    assert_eq!(c.get("centre-manager", PATH).await.ok()["due"], json!([]), "a minute is missing");
    c.post("centre-manager", PATH, json!({ "note": "保存期满，按规定销毁" })).await.problem(422);
    c.until(OVER).await;
    let shown = c.get("centre-manager", PATH).await.ok();
    assert_eq!((&shown["due"], &shown["more"], &shown["may_ask"]), (&json!([n]), &json!(false), &json!(true)));
    assert_eq!(shown["least"], json!({ "ticket_years": 3, "audit_days": 180 }));

    for who in ["leader", "security-admin"] {
        assert_eq!(c.get(who, PATH).await.ok()["may_ask"], false);
        c.post(who, PATH, json!({ "note": "保存期满" })).await.problem(403);
    }
    for who in ["seat", "analyst", "audit-admin", "system-admin", "chengguan-leader"] {
        c.get(who, PATH).await.problem(403);
        c.post(who, PATH, json!({ "note": "保存期满" })).await.problem(403);
    }
    c.post("centre-manager", PATH, json!({ "note": "销" })).await.problem(422);
    let asked = c.post("centre-manager", PATH, json!({ "note": "按规定销毁" })).await.ok();
    assert_eq!((&asked["tickets"], &asked["may_decide"]), (&json!([n]), &json!(false)));
    let at = decision(&asked["id"]);

    // Not alone, not without the second factor, not with a wrong or an old code.
    let agree = |code: &str| json!({ "agreed": true, "code": code });
    c.post("centre-manager", &at, agree("123456")).await.problem(403);
    let none = c.post("security-admin", &at, agree("123456")).await.problem(403);
    assert!(none["detail"].as_str().unwrap().contains("第二因素"), "{none}");
    let secret = with_second_factor(&c, "security-admin").await;
    c.post("security-admin", &at, agree("")).await.problem(422);
    c.post("security-admin", &at, agree(&app_code(&secret, 0))).await.problem(422);
    assert!(c.get("seat", &format!("/api/v1/tickets/{n}")).await.text.contains("小区门口路灯一周不亮"));
    assert_eq!(c.get("security-admin", PATH).await.ok()["asked"][0]["may_decide"], true);

    let code = app_code(&secret, 1);
    assert_eq!(c.post("security-admin", &at, agree(&code)).await.ok(), json!({ "erased": 1 }));
    let page = c.get("seat", &format!("/api/v1/tickets/{n}")).await;
    for gone in ["小区门口路灯一周不亮", "路灯已修好", "139****", "测**"] {
        assert!(!page.text.contains(gone), "{gone}: {}", page.text);
    }
    assert_eq!(page.ok()["state"], "archived", "what is counted is left");
    assert_eq!(c.get("seat", "/api/v1/tickets?q=路灯").await.ok()["items"], json!([]), "nothing finds it by its words");
    let report = verify(&c.app.store, PLACE, |_, _| {}).await.unwrap();
    assert!(report.holds(), "{report:?}");

    let left = c.get("leader", PATH).await.ok();
    assert_eq!((&left["due"], &left["asked"][0]["agreed"]), (&json!([]), &json!(true)));
    let filter = AuditFilter { kind: Some("erased".into()), ..AuditFilter::default() };
    let found = c.app.store.audit(PLACE, &filter, None, 10).await.unwrap().items;
    let detail: Value = serde_json::from_str(&found[0].entry.detail).unwrap();
    let by = ("centre-manager", "security-admin");
    assert_eq!((detail["proposed_by"].as_str().unwrap(), detail["approved_by"].as_str().unwrap()), by);
    assert_eq!(
        (found[0].entry.who.as_str(), found[0].entry.reason.as_str()),
        ("security-admin", "保存期满：按规定销毁")
    );
    // Once: the answer stands.
    c.post("leader", &at, agree("123456")).await.problem(404);
}

#[tokio::test]
async fn who_does_not_agree_says_why_and_nothing_is_gone() {
    let c = Centre::at("2026-04-30 09:00").await;
    let n = c.in_hand(json!({})).await;
    let wanted = |appeal: u32| json!({ "ticket": n, "appeal": appeal, "note": "本人来电要求删除13900001234" });
    c.post("centre-manager", PATH, wanted(2)).await.problem(404);
    c.post("centre-manager", PATH, json!({ "ticket": "SR-20260430-000099-9", "note": "要求" })).await.problem(404);
    let first = c.post("centre-manager", PATH, wanted(1)).await.ok();
    assert_eq!(first["reason"], "诉求人要求删除：本人来电要求删除[电话]");
    c.post("leader", &decision(&first["id"]), json!({ "agreed": false, "note": "" })).await.problem(422);
    let refused = json!({ "agreed": false, "note": "尚在办理" });
    assert_eq!(c.post("leader", &decision(&first["id"]), refused).await.ok(), json!({ "erased": 0 }));
    let page = c.get("seat", &format!("/api/v1/tickets/{n}")).await.ok();
    assert_eq!(page["appeals"][0]["appellant"]["name"], "测**");
    assert_eq!(c.get("leader", PATH).await.ok()["asked"][0]["agreed"], false);

    // Asked once more, and granted: who appealed is gone, the ticket stays.
    let second = c.post("centre-manager", PATH, wanted(1)).await.ok();
    let secret = with_second_factor(&c, "leader").await;
    let agreed = json!({ "agreed": true, "code": app_code(&secret, 1) });
    assert_eq!(c.post("leader", &decision(&second["id"]), agreed).await.ok(), json!({ "erased": 1 }));
    let page = c.get("seat", &format!("/api/v1/tickets/{n}")).await.ok();
    assert_eq!(
        (&page["appeals"][0]["appellant"]["name"], &page["content"]),
        (&json!(""), &json!("小区门口路灯一周不亮"))
    );
    let history = c.post("seat", "/api/v1/callers", json!({ "phone": "13900001234" })).await.ok();
    assert_eq!(history["tickets"], json!([]), "nor is it found by its number");
}

#[tokio::test]
async fn what_nobody_answers_for_a_month_is_asked_anew() {
    let c = Centre::at("2026-04-30 09:00").await;
    let n = c.registered(json!({})).await;
    let asked = c.post("centre-manager", PATH, json!({ "ticket": n, "note": "本人要求" })).await.ok();
    c.until("2026-05-30 09:00").await;
    assert_eq!(c.get("leader", PATH).await.ok()["asked"][0]["may_decide"], true);
    c.until("2026-05-30 09:01").await;
    assert_eq!(c.get("leader", PATH).await.ok()["asked"], json!([]));
    c.post("leader", &decision(&asked["id"]), json!({ "agreed": false, "note": "太晚" })).await.problem(404);
}

/// A centre may keep longer than the law asks, and never shorter.
#[tokio::test]
async fn a_centre_keeps_longer_and_never_shorter() {
    let c = Centre::at("2026-04-30 09:00").await;
    archived(&c).await;
    let keep = |years: u32, days: u32| json!({ "ticket_years": years, "audit_days": days });
    let put =
        async |who: &str, body: Value| c.call(Some(who), "PUT", "/api/v1/privacy/retention", Some(body), &[]).await;
    assert_eq!(put("centre-manager", keep(2, 180)).await.problem(422)["field"], "ticket_years");
    assert_eq!(put("centre-manager", keep(3, 179)).await.problem(422)["field"], "audit_days");
    put("security-admin", keep(3, 180)).await.problem(403);
    put("centre-manager", keep(4, 365)).await.ok();
    c.until(OVER).await;
    let shown = c.get("centre-manager", PATH).await.ok();
    assert_eq!((&shown["due"], &shown["retention"]), (&json!([]), &keep(4, 365)));
    c.until("2030-05-22 00:00").await;
    assert_eq!(c.get("centre-manager", PATH).await.ok()["due"].as_array().unwrap().len(), 1);
    let filter = AuditFilter { kind: Some("setting-changed".into()), ..AuditFilter::default() };
    let found = c.app.store.audit(PLACE, &filter, None, 10).await.unwrap().items;
    assert_eq!((found.len(), found[0].entry.detail.as_str()), (1, r#"{"audit_days":[180,365],"ticket_years":[3,4]}"#));
}
