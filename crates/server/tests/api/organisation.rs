//! Units, accounts and posts: who may change what, who is missing, and what goes over when people change (SR-9, QD-3, QD-0).

use jiesu_domain::Actor;
use jiesu_store::AuditEntry;
use serde_json::{Value, json};

use super::harness::{Centre, PLACE};

const TIME: &str = "2026-04-30 09:00";
const ORGANISATION: &str = "/api/v1/organisation";

fn path(rest: &str) -> String {
    format!("{ORGANISATION}/{rest}")
}

async fn put(c: &Centre, who: &str, at: &str, body: Value) -> super::harness::Answer {
    c.call(Some(who), "PUT", &path(at), Some(body), &[]).await
}

async fn account(c: &Centre, login: &str) -> Value {
    let all = c.get("system-admin", &path("accounts")).await.ok();
    all["accounts"].as_array().unwrap().iter().find(|a| a["login"] == login).unwrap().clone()
}

async fn unit(c: &Centre, id: &str) -> Value {
    let all = c.get("system-admin", ORGANISATION).await.ok();
    all["units"].as_array().unwrap().iter().find(|u| u["id"] == id).unwrap().clone()
}

/// Kind and subject of what was done to the organisation, in order.
async fn written(c: &Centre) -> Vec<String> {
    c.app.audit_settled().await;
    let all = c.app.store.audit_after(PLACE, 0, 1000).await.unwrap();
    let about = |e: &&AuditEntry| {
        ["units-changed", "account-created", "account-changed", "post-given", "post-handed-over"]
            .contains(&e.entry.kind.as_str())
    };
    all.iter().filter(about).map(|e| format!("{} {} {}", e.entry.who, e.entry.kind, e.entry.subject)).collect()
}

/// The system administrator makes what has no power, the security administrator gives it, and neither can do the other's.
#[tokio::test]
async fn who_makes_accounts_gives_no_posts() {
    let c = Centre::at(TIME).await;
    let new = json!({ "login": "wangwu", "name": "王五" });
    for who in ["security-admin", "audit-admin", "centre-manager", "seat", "chengguan-leader"] {
        c.post(who, &path("accounts"), new.clone()).await.problem(403);
    }
    let made = c.post("system-admin", &path("accounts"), new.clone()).await.ok();
    assert_eq!((&made["post"], &made["active"]), (&Value::Null, &json!(true)));
    c.post("system-admin", &path("accounts"), new).await.problem(422);

    let give = json!({ "post": { "role": "reviewer" }, "reason": "人社函〔2026〕1号" });
    for who in ["system-admin", "audit-admin", "centre-manager", "reviewer"] {
        put(&c, who, "accounts/wangwu/post", give.clone()).await.problem(403);
    }
    let given = put(&c, "security-admin", "accounts/wangwu/post", give.clone()).await.ok();
    assert_eq!((&given["post"]["role"], &given["post"]["given_by"]), (&json!("reviewer"), &json!("演示安全管理员")));
    // One post at a time, and never without a reason.
    put(&c, "security-admin", "accounts/wangwu/post", give).await.problem(409);
    let end = json!({ "reason": "" });
    c.post("security-admin", &path("accounts/wangwu/post/end"), end).await.problem(422);
    let ended = c.post("security-admin", &path("accounts/wangwu/post/end"), json!({ "reason": "轮岗" })).await.ok();
    assert_eq!((&ended["account"]["post"], &ended["handover"]), (&Value::Null, &Value::Null));
    let held = c.get("audit-admin", &path("accounts/wangwu/posts")).await.ok();
    assert_eq!((held.as_array().unwrap().len(), held[0]["until"].is_string()), (1, true));
    assert_eq!(
        written(&c).await,
        [
            "system-admin account-created wangwu",
            "security-admin post-given wangwu",
            "security-admin post-handed-over wangwu",
        ]
    );
}

#[tokio::test]
async fn nobody_grants_themselves_anything_and_the_last_who_can_grant_stays() {
    let c = Centre::at(TIME).await;
    let give = json!({ "post": { "role": "centre-manager" }, "reason": "自己给自己" });
    put(&c, "security-admin", "accounts/security-admin/post", give).await.problem(403);
    c.post("security-admin", &path("accounts/security-admin/post/end"), json!({ "reason": "不干了" }))
        .await
        .problem(403);
    assert!(!account(&c, "security-admin").await["may_grant"].as_bool().unwrap());
    let shut = json!({ "name": "演示安全管理员", "active": false });
    let refused = put(&c, "system-admin", "accounts/security-admin", shut.clone()).await.problem(409);
    assert_eq!(refused["rule"], "last-security-admin");
    put(&c, "system-admin", "accounts/system-admin", json!({ "name": "我", "active": false })).await.problem(403);
    // With a second one the first can go.
    c.post("system-admin", &path("accounts"), json!({ "login": "second", "name": "赵六" })).await.ok();
    let give = json!({ "post": { "role": "security-admin" }, "reason": "增设一人" });
    put(&c, "security-admin", "accounts/second/post", give).await.ok();
    put(&c, "system-admin", "accounts/security-admin", shut).await.ok();
    c.get("security-admin", ORGANISATION).await.problem(401);
}

/// QD-3: a unit's person changes; what was theirs inside the unit goes over, in the tickets' own journal, and a sheet says what.
#[tokio::test]
async fn open_work_goes_over_when_a_person_leaves() {
    let c = Centre::at(TIME).await;
    let (mine, other) = (c.in_hand(json!({})).await, c.in_hand(json!({})).await);
    let assign = |handler: &str| json!({ "do": "assign-inside", "office": "市政科", "handler": handler });
    let name = c.app.account_name("chengguan");
    c.give("chengguan", &mine, assign(&name)).await.ok();
    c.give("chengguan", &other, assign("他人")).await.ok();

    let end = |to: Option<&str>| json!({ "to": to, "reason": "调离" });
    let at = path("accounts/chengguan/post/end");
    let refused = c.post("security-admin", &at, end(None)).await.problem(422);
    assert_eq!(refused["field"], "to");
    assert!(refused["detail"].as_str().unwrap().contains("1件"), "{refused}");
    // To nobody of another unit, and not to oneself.
    for to in ["renshe", "chengguan", "nobody", "seat"] {
        assert_eq!(c.post("security-admin", &at, end(Some(to))).await.problem(422)["field"], "to");
    }
    c.get("chengguan", "/api/v1/session").await.ok();
    let ended = c.post("security-admin", &at, end(Some("chengguan-leader"))).await;
    assert!(!ended.text.contains(&mine), "who gives posts sees no tickets: {}", ended.text);
    assert_eq!(ended.ok()["handover"]["count"], 1);
    c.get("chengguan", "/api/v1/session").await.problem(401);

    let sheets = c.get("chengguan-leader", &path("handovers")).await.ok();
    assert_eq!((&sheets[0]["tickets"], &sheets[0]["from"]), (&json!([mine]), &json!(name)));
    assert_eq!(c.get("renshe", &path("handovers")).await.ok(), json!([]));
    c.get("seat", &path("handovers")).await.problem(403);
    let handler = async |n: &str| {
        let ticket = c.app.load(n, &Actor::system()).await.unwrap();
        let inside = ticket.work().unwrap().lead.inside.clone().unwrap();
        (inside.office, inside.handler)
    };
    assert_eq!(handler(&mine).await, ("市政科".into(), c.app.account_name("chengguan-leader")));
    assert_eq!(handler(&other).await, ("市政科".into(), "他人".into()));
    let page = c.get("chengguan-leader", &format!("/api/v1/tickets/{mine}")).await.ok();
    let last = page["timeline"].as_array().unwrap().iter().rfind(|m| m["label"] == "内部交办").unwrap();
    assert_eq!(last["who"], "演示安全管理员", "{last}");
    // SR-9: now a handler is missing, and the centre is told.
    assert!(unit(&c, "chengguan").await["missing"].as_array().unwrap().contains(&json!("handler")));
    assert!(c.get("centre-manager", ORGANISATION).await.text.contains("承办人员"));
}

/// SR-9, QD-3: each unit has a leader, an office, a handler and a knowledge clerk; enterprises answer round the clock.
#[tokio::test]
async fn who_is_missing_is_shown_until_they_are_named() {
    let c = Centre::at(TIME).await;
    let form = |more: Value| {
        let mut form = json!({ "name": "某某燃气公司", "kind": "enterprise", "parent": null, "active": true });
        form.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        form
    };
    let all = json!(["leader", "office", "handler", "clerk", "duty"]);
    put(&c, "security-admin", "units/xinranqi", form(json!({}))).await.problem(403);
    assert_eq!(put(&c, "system-admin", "units/xinranqi", form(json!({}))).await.ok()["missing"], all);
    assert_eq!(
        put(&c, "system-admin", "units/xinranqi", form(json!({ "clerk": "renshe" }))).await.problem(422)["field"],
        "clerk"
    );
    for (login, role) in [("rq1", "unit-leader"), ("rq2", "handler")] {
        c.post("system-admin", &path("accounts"), json!({ "login": login, "name": login })).await.ok();
        let give = json!({ "post": { "role": role, "unit": "xinranqi" }, "reason": "单位来函" });
        put(&c, "security-admin", &format!("accounts/{login}/post"), give).await.ok();
    }
    let named = json!({ "office": "客服中心", "clerk": "rq2", "duty_phone": "0793-0000000" });
    let unit = put(&c, "system-admin", "units/xinranqi", form(named)).await.ok();
    assert_eq!((&unit["missing"], &unit["clerk"]["account"]), (&json!([]), &json!("rq2")));
    // Who is in use is not shut away.
    let shut = form(json!({ "active": false }));
    assert_eq!(put(&c, "system-admin", "units/xinranqi", shut).await.problem(409)["rule"], "unit-in-use");
    assert_eq!(
        put(&c, "system-admin", "units/xinranqi", form(json!({ "parent": "xinranqi" }))).await.problem(422)["field"],
        "parent"
    );
}

/// QD-0: seats for deputies and for business beside the ordinary ones; outsourced ones are a role of their own.
#[tokio::test]
async fn a_seat_has_its_sort() {
    let c = Centre::at(TIME).await;
    for (login, seat) in [("zx1", "deputies"), ("zx2", "business")] {
        c.post("system-admin", &path("accounts"), json!({ "login": login, "name": login })).await.ok();
        let give = json!({ "post": { "role": "seat", "seat": seat }, "reason": "专席" });
        assert_eq!(put(&c, "security-admin", &format!("accounts/{login}/post"), give).await.ok()["post"]["seat"], seat);
    }
    c.post("system-admin", &path("accounts"), json!({ "login": "zx3", "name": "zx3" })).await.ok();
    let give = json!({ "post": { "role": "outsourced-seat", "seat": "business" }, "reason": "专席" });
    assert_eq!(put(&c, "security-admin", "accounts/zx3/post", give).await.problem(422)["field"], "seat");
}
