//! Nothing is open by default: every route that the program answers is called without a session, with a forged one, and by every role.

use std::collections::{BTreeMap, BTreeSet};

use axum::{body::Body, http::Request};
use jiesu_domain::Role;
use jiesu_server::{api, telemetry};
use serde_json::{Value, json};
use tower::ServiceExt;

use super::{
    files::{picture, upload},
    harness::Centre,
    knowledge::{lamp, published},
    routes::{self, golden},
};

/// The routes that need no session, each with its reason; everything else answers a stranger with 401.
const PUBLIC: &str = "public-routes.txt";

/// What is a sound request to a route: the answer then is the role's and not the input's.
fn sound(route: &str, file: &str) -> Value {
    let sm3 = "ab".repeat(32);
    match route {
        "POST /api/v1/session" => json!({ "login": "seat", "password": "falsch" }),
        "POST /api/v1/tickets" => {
            json!({ "kind": "help", "title": "标题", "content": "内容", "channel": "phone", "appellant": {} })
        }
        // What a handler does; the matrix of roles and commands is the domain's.
        "POST /api/v1/tickets/{number}/commands" => json!({ "do": "sign" }),
        "POST /api/v1/tickets/{number}/appeals" => json!({ "channel": "phone", "follow_up_by": "phone" }),
        "POST /api/v1/tickets/{number}/appeals/{no}/reveal" => json!({ "field": "phone", "purpose": "verify" }),
        "POST /api/v1/privacy/erasures" => json!({ "ticket": "SR-20260430-000001-4", "note": "核实情况" }),
        "POST /api/v1/privacy/erasures/{id}/decision" => json!({ "agreed": false, "note": "核实情况" }),
        "PUT /api/v1/privacy/retention" => json!({ "ticket_years": 3, "audit_days": 180 }),
        "POST /api/v1/exports" => json!({ "purpose": "analysis", "note": "季度分析" }),
        "POST /api/v1/callers" => json!({ "phone": "13900001234" }),
        "POST /api/v1/clock" => json!({ "to": "2026-04-30T09:00:00+08:00" }),
        "POST /api/v1/sms/incoming" => json!({ "from": "13900001234", "text": "1", "id": "1" }),
        "POST /api/v1/tickets/{number}/files" => {
            json!({ "name": "a.txt", "purpose": file, "size": 1, "sm3": sm3 })
        }
        "PUT /api/v1/organisation/units/{unit}" => {
            json!({ "name": "城市管理局", "kind": "department", "active": true })
        }
        "PUT /api/v1/duty/days/{day}/{shift}" => json!({ "people": [] }),
        "PUT /api/v1/duty/shifts" => {
            json!({ "shifts": [{ "id": "early", "name": "早班", "from": "08:00", "until": "16:00" }] })
        }
        "PUT /api/v1/duty/own" => json!({ "state": "present" }),
        // Of an account that is nobody's: nothing is changed for the next one who asks.
        "POST /api/v1/organisation/accounts" => json!({ "login": "!", "name": "某人" }),
        "PUT /api/v1/organisation/accounts/{account}" => json!({ "name": "某人", "active": true }),
        "PUT /api/v1/organisation/accounts/{account}/post" => {
            json!({ "post": { "role": "seat" }, "reason": "核实情况" })
        }
        "POST /api/v1/organisation/accounts/{account}/post/end" => json!({ "reason": "核实情况" }),
        "POST /api/v1/session/second-factor" | "PUT /api/v1/account/second-factor" => json!({ "code": "123456" }),
        // A wrong one: nobody's password is changed for the next one who asks.
        "PUT /api/v1/account/password" => json!({ "current": "falsch", "password": "falsch" }),
        "PUT /api/v1/account/phone" => json!({ "current": "falsch", "phone": "" }),
        "PUT /api/v1/security/log-ins/{account}/phone" => json!({ "phone": "" }),
        "POST /api/v1/account/password/strength" => json!({ "password": "falsch" }),
        "POST /api/v1/account/second-factor" => json!({ "current": "falsch" }),
        "PUT /api/v1/security/policy" => json!({}),
        "PUT /api/v1/security/log-ins/{account}/identity" => json!({ "subject": "u-1" }),
        "POST /api/v1/security/keys" => json!({ "name": "省平台", "scopes": ["register"], "rate": 1, "days": 1 }),
        "POST /api/v1/security/keys/{id}/rotation" => json!({ "overlap_hours": 1, "days": 1 }),
        "POST /api/v1/security/log-ins/{account}/password" => Value::Null,
        "POST /api/v1/knowledge" => json!({ "do": "ask", "unit": "chengguan", "question": "路灯不亮找谁修" }),
        "POST /api/v1/knowledge/{entry}/commands" => {
            json!({ "command": { "do": "report-error", "what": "窗口已经搬走" } })
        }
        "POST /api/v1/proposals" => json!({ "title": "路灯不亮", "content": "" }),
        "PUT /api/v1/proposals/switches" => json!({ "field": "place", "on": true }),
        "POST /api/v1/knowledge/files" => json!({ "name": "a.txt", "size": 1, "sm3": sm3 }),
        "POST /api/v1/knowledge/files/{id}/finish" => Value::Null,
        "POST /api/v1/knowledge/search" => json!({ "q": "路灯" }),
        "POST /api/v1/knowledge/{entry}/cited" => Value::Null,
        // None is drawn: there is nothing else to check for the next one who asks.
        "POST /api/v1/knowledge/samples" => json!({ "word": "", "size": 1 }),
        "POST /api/v1/matters/similar" => json!({ "title": "路灯不亮", "content": "小区门口路灯不亮" }),
        // Of a ticket that is nobody's: nothing is written down for the next one who asks.
        "POST /api/v1/tickets/{number}/not-one-matter" => json!({ "other": "SR-20260430-000077-1" }),
        "POST /api/v1/tickets/{number}/hints" => json!({ "text": "您的来电已收悉，感谢您的支持" }),
        "PUT /api/v1/hints" => json!({ "about": "unrelated", "on": false }),
        "POST /api/v1/hot/export" => json!({ "purpose": "analysis", "note": "季度分析" }),
        "POST /api/v1/audit/export" => json!({ "reason": "核实情况" }),
        _ if route.starts_with("GET ") || route.starts_with("DELETE ") => Value::Null,
        _ if route.contains("/uploads/") => Value::Null,
        other => panic!("{other} is new: say here what a sound request to it is"),
    }
}

/// The address with what stands for something in it, and a query where one is needed.
fn address(template: &str, number: &str, upload: &str) -> String {
    let path = template.replace("{number}", number).replace("{no}", "1").replace("{id}", upload);
    let path = path.replace("{*path}", "index.html").replace("{unit}", "chengguan").replace("{account}", "nobody");
    let path = path.replace("{day}", "2026-05-01").replace("{shift}", "early");
    let path = path.replace("{entry}", "K-000001").replace("{sample}", "1").replace("{file}", upload);
    if path.ends_with("/catalogue/changes") { format!("{path}?from=1&to=1") } else { path }
}

fn split(route: &str) -> (&str, &str) {
    route.split_once(' ').unwrap()
}

fn public() -> BTreeMap<String, String> {
    let text =
        std::fs::read_to_string(std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(PUBLIC));
    let text = text.unwrap_or_default();
    let lines = text.lines().filter(|l| !l.is_empty() && !l.starts_with('#'));
    lines
        .map(|line| {
            let (route, reason) = line.split_once('|').unwrap_or_else(|| panic!("no reason is given: {line}"));
            assert!(!reason.trim().is_empty(), "{line}");
            (route.trim().to_owned(), reason.trim().to_owned())
        })
        .collect()
}

#[tokio::test]
async fn a_stranger_gets_nowhere_but_where_it_is_said() {
    let centre = Centre::at("2026-04-30 09:00").await;
    let number = centre.in_hand(json!({})).await;
    let all = routes::of(&centre.router);
    assert!(all.len() >= 40, "the router lost its routes: {all:?}");
    let (public, mut open) = (public(), BTreeSet::new());
    for route in &all {
        let (method, template) = split(route);
        let path = address(template, &number, &"0".repeat(32));
        for forged in [None, Some(("cookie", "jiesu_session=0123456789abcdef"))] {
            let body = template.starts_with("/api/").then(|| sound(route, "appeal")).filter(|b| !b.is_null());
            let answer = centre.call(None, method, &path, body, forged.as_slice()).await;
            assert!(!answer.text.contains("测试诉求人") && !answer.text.contains("13900001234"), "{route}");
            if public.contains_key(route) {
                open.insert(route.clone());
            } else if method == "HEAD" {
                assert_eq!(answer.status, 401, "{route}");
            } else {
                answer.problem(401);
            }
        }
    }
    let gone: Vec<&String> = public.keys().filter(|route| !open.contains(*route)).collect();
    let elsewhere: BTreeSet<String> =
        routes::of(&telemetry::watched(centre.app.clone())).into_iter().map(|r| format!("metrics {r}")).collect();
    let (figures, gone): (Vec<_>, Vec<_>) = gone.into_iter().partition(|route| elsewhere.contains(*route));
    assert_eq!(figures.len(), elsewhere.len(), "the address of the figures answers {elsewhere:?}");
    assert!(gone.is_empty(), "these are not there any more: {gone:?}");
    // How much a centre has to do is not for everybody.
    assert!(!all.contains("GET /metrics"), "{all:?}");
}

/// The description and the router know the same routes, so that the client, schemathesis and this sweep see all of them.
#[tokio::test]
async fn the_api_is_the_one_that_is_described() {
    let centre = Centre::at("2026-04-30 09:00").await;
    let document = serde_json::to_value(api::openapi()).unwrap();
    let mut described = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        let methods = item.as_object().unwrap().keys().map(|m| m.to_uppercase());
        described.extend(methods.map(|method| format!("{method} {path}")));
    }
    let answered: BTreeSet<String> =
        routes::of(&centre.router).into_iter().filter(|route| route.contains(" /api/")).collect();
    assert_eq!(answered, described);
}

/// Who may call what, as a file: for each route the roles that get through, that are refused (403), and to whom it is not there (404).
#[tokio::test]
async fn every_role_at_every_route() {
    let centre = Centre::at("2026-04-30 09:00").await;
    let number = centre.in_hand(json!({})).await;
    upload(&centre, "seat", &number, "appeal", "路灯.png", &picture(100)).await.ok();
    published(&centre, lamp(json!({}))).await;
    let public = public();
    // Those who log out do it last.
    let mut all: Vec<String> =
        routes::of(&centre.router).into_iter().filter(|r| r.contains(" /api/") && !public.contains_key(r)).collect();
    all.sort_by_key(|route| (route == "DELETE /api/v1/session", split(route).1.to_owned(), split(route).0.to_owned()));
    let mut people: Vec<(String, String)> =
        Role::ALL.iter().filter(|r| r.of_staff() && !r.of_unit()).map(|r| login(r.code(), r.zh())).collect();
    people.extend([
        login("chengguan", "承办人"),
        login("chengguan-leader", "分管领导"),
        login("superior-unit", "上级单位（非其下级的工单）"),
        login("discipline-office", "单位纪检（未抄送的工单）"),
        login("renshe", "其他单位承办人"),
    ]);
    let mut out = String::from(
        "# 每个接口由哪些角色调用得通：由测试写出（UPDATE_GOLDEN=1），评审后提交。工单为城市管理局办理中的一件普通工单。\n",
    );
    for route in &all {
        let (method, template) = split(route);
        let mut answers: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (who, name) in &people {
            let purpose = if who.starts_with("chengguan") { "proof" } else { "appeal" };
            let body = Some(sound(route, purpose)).filter(|b| !b.is_null());
            let path = address(template, &number, &"0".repeat(32));
            let request = Request::builder().method(method).uri(&path).header("cookie", centre.cookie(who).await);
            let request = request.header("content-type", "application/json");
            let request = request.body(body.map_or_else(Body::empty, |b| Body::from(b.to_string()))).unwrap();
            // The stream of events never ends: only its head is looked at.
            let response = centre.router.clone().oneshot(request).await.unwrap();
            let answer = match response.status().as_u16() {
                401 => "401",
                403 => "403",
                404 => "404",
                500.. => panic!("{route} as {who}: {}", response.status()),
                _ => "通",
            };
            answers.entry(answer).or_default().push(name);
        }
        out += &format!("\n{route}\n");
        for (answer, people) in answers.iter().rev() {
            let whom = if answers.len() == 1 { "全部".to_owned() } else { people.join("、") };
            out += &format!("  {answer}：{whom}\n");
        }
    }
    golden("role-routes.txt", &out);
}

fn login(login: &str, name: &str) -> (String, String) {
    (login.to_owned(), name.to_owned())
}
