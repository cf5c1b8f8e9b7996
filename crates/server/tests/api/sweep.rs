//! Nothing is open by default: every route of the OpenAPI document is hit without a session and with a role that may not use it.

use axum::http::Method;
use jiesu_server::api;
use serde_json::{Value, json};

use super::harness::Centre;

/// Routes that need no session. Everything else does.
const PUBLIC: &[&str] = &["POST /api/v1/session"];

/// Routes that every signed-in person may use: who am I, what time is it, what is on the forms.
const FOR_ALL: &[&str] = &[
    "GET /api/v1/session",
    "DELETE /api/v1/session",
    "GET /api/v1/clock",
    "POST /api/v1/clock",
    "GET /api/v1/units",
    "GET /api/v1/catalogue",
    "GET /api/v1/catalogue/versions",
    "GET /api/v1/catalogue/changes",
    "GET /api/v1/rulebook",
    "GET /api/v1/commands",
    // Tells of what the listener may see and of nothing else: `live.rs`.
    "GET /api/v1/events",
];

/// For each other route somebody who may not use it, and the status they get. 404 where even that the ticket is there must not be told.
fn wrong_role(route: &str) -> (&'static str, Value, u16) {
    match route {
        "GET /api/v1/tickets" | "GET /api/v1/tickets/counts" => ("security-admin", Value::Null, 403),
        "POST /api/v1/tickets" => (
            "chengguan",
            json!({ "kind": "help", "title": "标题", "content": "内容", "channel": "phone", "appellant": {} }),
            403,
        ),
        "GET /api/v1/tickets/{number}" => ("renshe", Value::Null, 404),
        "POST /api/v1/tickets/{number}/commands" => ("analyst", json!({ "do": "sign" }), 403),
        "POST /api/v1/tickets/{number}/appeals" => {
            ("analyst", json!({ "channel": "phone", "follow_up_by": "phone" }), 403)
        }
        "POST /api/v1/tickets/{number}/appeals/{no}/reveal" => ("analyst", json!({ "reason": "好奇看看" }), 403),
        "POST /api/v1/callers" => ("chengguan", json!({ "phone": "13900001234" }), 403),
        "GET /api/v1/outbox" => ("seat", Value::Null, 403),
        // A session opens nothing here; only the gateway's secret does.
        "POST /api/v1/sms/incoming" => ("seat", json!({ "from": "13900001234", "text": "1", "id": "1" }), 401),
        "POST /api/v1/tickets/{number}/files" => {
            ("analyst", json!({ "name": "a.txt", "purpose": "appeal", "size": 1, "sm3": "ab".repeat(32) }), 403)
        }
        "GET /api/v1/tickets/{number}/files/{no}" => ("renshe", Value::Null, 404),
        // Of others there is none.
        "PATCH /api/v1/uploads/{id}" => ("seat", Value::Null, 400),
        "DELETE /api/v1/uploads/{id}" => ("seat", Value::Null, 404),
        "POST /api/v1/uploads/{id}/finish" => ("seat", Value::Null, 404),
        other => panic!("{other} is new: say here who may not use it"),
    }
}

fn routes() -> Vec<(String, String)> {
    let document = serde_json::to_value(api::openapi()).unwrap();
    let mut routes = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for method in
            item.as_object().unwrap().keys().filter(|k| Method::from_bytes(k.to_uppercase().as_bytes()).is_ok())
        {
            if ["get", "post", "put", "patch", "delete"].contains(&method.as_str()) {
                routes.push((method.to_uppercase(), path.clone()));
            }
        }
    }
    assert!(routes.len() >= 16, "the document lost its routes");
    routes
}

#[tokio::test]
async fn every_route_refuses_strangers_and_the_wrong_role() {
    let centre = Centre::at("2026-04-30 09:00").await;
    let number = centre.in_hand(json!({})).await;
    for (method, template) in routes() {
        let route = format!("{method} {template}");
        let path = template.replace("{number}", &number).replace("{no}", "1").replace("{id}", &"0".repeat(32));
        let body = (method != "GET" && method != "DELETE").then(|| json!({}));
        if !PUBLIC.contains(&route.as_str()) {
            let stranger = centre.call(None, &method, &path, body.clone(), &[]).await;
            stranger.problem(401);
            let forged = centre.call(None, &method, &path, body, &[("cookie", "jiesu_session=0123456789abcdef")]).await;
            forged.problem(401);
            if !FOR_ALL.contains(&route.as_str()) {
                let (who, body, status) = wrong_role(&route);
                let body = (!body.is_null()).then_some(body);
                let answer = centre.call(Some(who), &method, &path, body, &[]).await;
                let text = answer.text.clone();
                answer.problem(status);
                assert!(
                    !text.contains("13900001234") && !text.contains("139****") && !text.contains("测试诉求人"),
                    "{route} tells a stranger who appeals: {text}"
                );
            }
        }
    }
}

/// One unit can never learn of another's ticket: the answers for a ticket that is not theirs and one that is not there are the same.
#[tokio::test]
async fn a_foreign_ticket_looks_like_none() {
    let centre = Centre::at("2026-04-30 09:00").await;
    let number = centre.in_hand(json!({})).await;
    for path in ["", "/commands", "/appeals/1/reveal"] {
        let (method, body) = match path {
            "" => ("GET", None),
            "/commands" => ("POST", Some(json!({ "do": "sign" }))),
            _ => ("POST", Some(json!({ "reason": "核实情况" }))),
        };
        let theirs =
            centre.call(Some("renshe"), method, &format!("/api/v1/tickets/{number}{path}"), body.clone(), &[]).await;
        let none = centre
            .call(Some("renshe"), method, &format!("/api/v1/tickets/SR-20260430-000099-9{path}"), body, &[])
            .await;
        assert_eq!((theirs.status, unnamed(&theirs.body)), (none.status, unnamed(&none.body)), "{path}");
        assert_eq!(theirs.status, 404);
    }
    for query in ["", "?q=路灯", &format!("?q={number}"), "?lead=chengguan"] {
        let list = centre.get("renshe", &format!("/api/v1/tickets{}", encoded(query))).await.ok();
        assert_eq!(list["items"], json!([]), "{query}");
        let own = centre.get("chengguan", &format!("/api/v1/tickets{}", encoded(query))).await.ok();
        assert_eq!(own["items"][0]["number"], json!(number), "{query}");
    }
    assert_eq!(centre.get("renshe", "/api/v1/tickets/counts").await.ok()["total"], 0);
    assert_eq!(centre.get("chengguan", "/api/v1/tickets/counts").await.ok()["total"], 1);
}

/// Without the name of the request, which each has for itself.
fn unnamed(problem: &Value) -> Value {
    let mut problem = problem.clone();
    let name = problem.as_object_mut().and_then(|fields| fields.remove("request"));
    assert!(name.is_some_and(|name| name.is_string()), "{problem}");
    problem
}

fn encoded(query: &str) -> String {
    query
        .chars()
        .map(
            |c| if c.is_ascii() { c.to_string() } else { c.to_string().bytes().map(|b| format!("%{b:02X}")).collect() },
        )
        .collect()
}

/// A superior unit sees what its subordinates handle, and nothing else (SR-9).
#[tokio::test]
async fn a_superior_unit_sees_those_below_it() {
    let centre = Centre::at("2026-04-30 09:00").await;
    let (below, beside) = (centre.registered(json!({})).await, centre.in_hand(json!({})).await);
    centre.give("dispatcher", &below, json!({ "do": "dispatch", "lead": "dongshi" })).await.ok();
    let list = centre.get("superior-unit", "/api/v1/tickets").await.ok();
    let numbers: Vec<&Value> = list["items"].as_array().unwrap().iter().map(|t| &t["number"]).collect();
    assert_eq!(numbers, [&json!(below)]);
    let page = centre.get("superior-unit", &format!("/api/v1/tickets/{below}")).await.ok();
    assert!(page["appeals"][0].get("appellant").is_none(), "it presses; it need not know who appeals");
    centre.get("superior-unit", &format!("/api/v1/tickets/{beside}")).await.problem(404);
}
