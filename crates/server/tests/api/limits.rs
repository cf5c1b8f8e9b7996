//! Bad input: a clear answer in Chinese, and nothing changed.

use axum::{
    body::Body,
    http::{Request, header},
};
use jiesu_server::{limits::Limits, login::Policy};
use serde_json::{Value, json};

use super::harness::{Centre, PLACE};

async fn total(c: &Centre) -> Value {
    c.get("seat", "/api/v1/tickets/counts").await.ok()["total"].clone()
}

#[tokio::test]
async fn a_bad_registration_names_its_field_and_makes_nothing() {
    let c = Centre::at("2026-04-30 09:00").await;
    let base = json!({ "kind": "help", "title": "标题", "content": "内容", "channel": "phone" });
    let cases = [
        (json!({ "title": "  " }), "title"),
        (json!({ "content": "" }), "content"),
        (json!({ "title": "长".repeat(201) }), "title"),
        (json!({ "content": "长".repeat(20_001) }), "content"),
        (json!({ "kind": "criticism" }), "kind"),
        (json!({ "kind": "suggestion", "urgent": true }), "urgent"),
        (json!({ "earlier": ["SR-20200101-000001-1"] }), "earlier"),
    ];
    for (wrong, field) in cases {
        let mut body = base.clone();
        body.as_object_mut().unwrap().extend(wrong.as_object().unwrap().clone());
        let p = c.post("seat", "/api/v1/tickets", body).await.problem(422);
        assert_eq!(p["field"], field, "{p}");
    }
    assert_eq!(total(&c).await, 0);
    // At the limit it is taken.
    let mut body = base;
    body["title"] = "长".repeat(200).into();
    body["content"] = "长".repeat(20_000).into();
    c.post("seat", "/api/v1/tickets", body).await.ok();
}

#[tokio::test]
async fn words_we_do_not_know_are_not_echoed() {
    let c = Centre::at("2026-04-30 09:00").await;
    let body = json!({ "kind": "13900001234", "title": "标题", "content": "内容", "channel": "phone" });
    let answer = c.post("seat", "/api/v1/tickets", body).await;
    assert!(!answer.text.contains("13900001234"), "{}", answer.text);
    answer.problem(422);
    let n = c.registered(json!({})).await;
    c.give("dispatcher", &n, json!({ "do": "fly" })).await.problem(422);
    c.give("dispatcher", &n, json!({ "do": "dispatch" })).await.problem(422);
    c.give("dispatcher", &n, json!({ "do": "dispatch", "lead": "chengguan", "extra": 1 })).await.problem(422);
}

#[tokio::test]
async fn broken_requests_get_problems() {
    let c = Centre::at("2026-04-30 09:00").await;
    let cookie = c.cookie("seat").await;
    let post = |body: Vec<u8>, kind: &str| {
        Request::post("/api/v1/tickets")
            .header(header::COOKIE, &cookie)
            .header(header::CONTENT_TYPE, kind)
            .body(Body::from(body))
            .unwrap()
    };
    c.raw(post(b"{".to_vec(), "application/json")).await.problem(400);
    c.raw(post(b"{}".to_vec(), "text/plain")).await.problem(400);
    c.raw(post(vec![b' '; 1024 * 1024], "application/json")).await.problem(400);
    assert_eq!(c.raw(post(vec![b' '; 1024 * 1024 + 1], "application/json")).await.problem(413)["limit"], "body");
    c.get("seat", "/api/v1/nothing").await.problem(404);
    for query in ["state=nowhere", "kind=x", "sort=x", "from=yesterday", "urgent=perhaps", "cursor=xyz", "unknown=1"] {
        c.get("seat", &format!("/api/v1/tickets?{query}")).await.problem(400);
    }
    c.get("seat", "/api/v1/tickets?limit=100").await.ok();
    for wrong in ["limit=101", "limit=0"] {
        assert_eq!(c.get("seat", &format!("/api/v1/tickets?{wrong}")).await.problem(422)["limit"], "page");
    }
    c.get("seat", &format!("/api/v1/tickets?q={}", "a".repeat(100))).await.ok();
    assert_eq!(c.get("seat", &format!("/api/v1/tickets?q={}", "a".repeat(101))).await.problem(422)["limit"], "q");
    c.call(Some("seat"), "POST", "/api/v1/tickets", Some(json!({})), &[("idempotency-key", "short")])
        .await
        .problem(422);
}

#[tokio::test]
async fn another_sites_page_changes_nothing() {
    let c = Centre::at("2026-04-30 09:00").await;
    let body = json!({ "kind": "help", "title": "标题", "content": "内容", "channel": "phone" });
    let foreign = [("origin", "https://evil.example"), ("host", "hotline.example")];
    c.call(Some("seat"), "POST", "/api/v1/tickets", Some(body.clone()), &foreign).await.problem(403);
    let own = [("origin", "https://hotline.example"), ("host", "hotline.example")];
    c.call(Some("seat"), "POST", "/api/v1/tickets", Some(body.clone()), &own).await.ok();
    assert_eq!(total(&c).await, 1);
    // What browsers say of themselves goes before names, which a proxy may rewrite.
    for (site, status) in [("cross-site", 403), ("same-site", 403), ("same-origin", 201), ("none", 201)] {
        let headers = [("sec-fetch-site", site), ("origin", "https://hotline.example"), ("host", "10.0.0.7:8080")];
        let answer = c.call(Some("seat"), "POST", "/api/v1/tickets", Some(body.clone()), &headers).await;
        assert_eq!(answer.status, status, "{site}");
    }
    // A page in a sandbox names no origin.
    let sandbox = [("origin", "null"), ("host", "hotline.example")];
    c.call(Some("seat"), "POST", "/api/v1/tickets", Some(body), &sandbox).await.problem(403);
    assert_eq!(total(&c).await, 3);
}

#[tokio::test]
async fn after_logging_out_the_cookie_is_worth_nothing() {
    let c = Centre::at("2026-04-30 09:00").await;
    assert_eq!(c.get("seat", "/api/v1/session").await.ok()["role"], "seat");
    assert_eq!(c.call(Some("seat"), "DELETE", "/api/v1/session", None, &[]).await.status, 204);
    c.get("seat", "/api/v1/session").await.problem(401);
}

#[tokio::test]
async fn an_account_that_was_shut_is_out_at_once() {
    let c = Centre::at("2026-04-30 09:00").await;
    c.get("seat", "/api/v1/session").await.ok();
    let mut account = c.app.store.account(PLACE, "seat").await.unwrap().unwrap();
    account.active = false;
    c.app.store.account_put(PLACE, &account).await.unwrap();
    c.get("seat", "/api/v1/session").await.problem(401);
}

/// Half an hour without use, twelve hours in all. Sessions live by the wall clock, so the test ages the session, not the time.
#[tokio::test]
async fn an_idle_or_old_session_is_worth_nothing() {
    let c = Centre::at("2026-04-30 09:00").await;
    c.app.set_log_in_policy(&Policy { second_factor: vec![], ..Policy::default() }).await.unwrap();
    let cookie = c.cookie("seat").await;
    let hash = jiesu_server::app::digest(cookie.split_once('=').unwrap().1);
    let found = c.app.store.session(PLACE, &hash, jiff::Timestamp::UNIX_EPOCH).await.unwrap().unwrap();
    let aged = |minutes: i64| found.session.seen_at.checked_sub(jiff::SignedDuration::from_mins(minutes)).unwrap();
    let (seen, ends) = (found.session.seen_at, found.session.expires_at);
    assert_eq!(ends.duration_since(seen), jiff::SignedDuration::from_hours(12));
    c.app.store.session_touch(PLACE, &hash, aged(29), ends).await.unwrap();
    c.get("seat", "/api/v1/session").await.ok();
    c.app.store.session_touch(PLACE, &hash, aged(30), ends).await.unwrap();
    c.get("seat", "/api/v1/session").await.problem(401);
    c.app.store.session_touch(PLACE, &hash, seen, ends).await.unwrap();
    c.get("seat", "/api/v1/session").await.ok();
    c.app.store.session_touch(PLACE, &hash, seen, aged(0)).await.unwrap();
    c.get("seat", "/api/v1/session").await.problem(401);
}

/// Nobody logs in as a citizen or as the worker, who see every ticket.
#[tokio::test]
async fn a_role_that_is_not_staffs_cannot_log_in() {
    let c = Centre::at("2026-04-30 09:00").await;
    for role in ["citizen", "system", "platform", "nonsense"] {
        let mut account = c.app.store.account(PLACE, "seat").await.unwrap().unwrap();
        account.role = role.into();
        c.app.store.account_put(PLACE, &account).await.unwrap();
        let given = json!({ "login": "seat", "password": jiesu_server::demo::PASSWORD });
        c.call(None, "POST", "/api/v1/session", Some(given), &[]).await.problem(403);
    }
}

/// Depth and entries of JSON, at the limit and one past it: said before anything is built of it.
#[tokio::test]
async fn json_that_is_too_deep_or_too_long_names_its_limit() {
    let c = Centre::at("2026-04-30 09:00").await;
    let nested = |n: usize| (1..n).fold(json!([]), |inner, _| json!([inner]));
    let earlier = |n: usize| {
        let numbers = vec!["SR-20200101-000001-1"; n];
        json!({ "kind": "help", "title": "标题", "content": "内容", "channel": "phone", "earlier": numbers })
    };
    let send = |body: Value| c.post("seat", "/api/v1/tickets", body);
    assert_eq!(send(nested(16)).await.problem(422)["type"], "/problems/invalid-input");
    assert_eq!(send(nested(17)).await.problem(422)["limit"], "json_depth");
    assert_eq!(send(earlier(200)).await.problem(422)["field"], "earlier");
    assert_eq!(send(earlier(201)).await.problem(422)["limit"], "json_entries");
    assert_eq!(total(&c).await, 0);
}

fn from(address: &str, request: Request<Body>) -> Request<Body> {
    let mut request = request;
    let address: std::net::SocketAddr = format!("{address}:1000").parse().unwrap();
    request.extensions_mut().insert(axum::extract::ConnectInfo(jiesu_server::serve::Peer(address)));
    request
}

/// An account's own bucket, and the address's beside it: the last one that fits is served, the next one hears for how long.
#[tokio::test]
async fn who_asks_too_often_is_told_for_how_long() {
    let limits = Limits { account: 12, address: 15, portal: 6, portal_forms: 2, ..Limits::default() };
    let c = Centre::with("2026-04-30 09:00", limits, None).await;
    let cookie = c.cookie("seat").await;
    let ask = || Request::get("/api/v1/session").header(header::COOKIE, &cookie).body(Body::empty()).unwrap();
    for left in (0..12).rev() {
        let answer = c.raw(ask()).await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.headers["ratelimit"], format!("\"account\";r={left};t=0"));
        assert_eq!(answer.headers["ratelimit-policy"], "\"account\";q=12;w=60");
    }
    let answer = c.raw(ask()).await;
    let wait: u64 = answer.headers[header::RETRY_AFTER].to_str().unwrap().parse().unwrap();
    assert!((1..=5).contains(&wait), "{wait}");
    assert_eq!(answer.problem(429)["limit"], "account");
    c.get("dispatcher", "/api/v1/session").await.ok();

    let stranger = || Request::get("/api/v1/session").body(Body::empty()).unwrap();
    for _ in 0..15 {
        c.raw(from("203.0.113.9", stranger())).await.problem(401);
    }
    assert_eq!(c.raw(from("203.0.113.9", stranger())).await.problem(429)["limit"], "address");
    c.raw(from("203.0.113.10", stranger())).await.problem(401);
    for _ in 0..20 {
        c.raw(from("10.0.0.1", stranger())).await.problem(401); // an office or a proxy, not one person
    }
}

#[tokio::test]
async fn the_portal_is_stricter_and_its_forms_strictest() {
    let limits = Limits { portal: 6, portal_forms: 2, ..Limits::default() };
    let c = Centre::with("2026-04-30 09:00", limits, None).await;
    let form = || {
        let form = Request::post("/progress").header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        from("203.0.113.9", form.body(Body::from("number=x&code=y")).unwrap())
    };
    for _ in 0..2 {
        assert_ne!(c.raw(form()).await.status, 429);
    }
    let answer = c.raw(form()).await;
    assert_eq!(answer.status, 429);
    assert!(answer.text.contains("秒后再试") && answer.headers.contains_key(header::RETRY_AFTER), "{}", answer.text);
    let page = || from("203.0.113.9", Request::get("/").body(Body::empty()).unwrap());
    for _ in 0..4 {
        assert_eq!(c.raw(page()).await.status, 200, "two of six went to forms");
    }
    assert_eq!(c.raw(page()).await.status, 429);
    // Of the staff's API another count is kept.
    let staff = Request::get("/api/v1/session").body(Body::empty()).unwrap();
    c.raw(from("203.0.113.9", staff)).await.problem(401);
}
