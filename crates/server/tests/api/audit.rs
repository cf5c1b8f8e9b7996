//! What is written into the audit journal, and what happens when it cannot be.

use axum::{body::Body, http::Request};
use jiesu_store::{AuditEntry, AuditFilter};
use serde_json::json;

use super::harness::{Centre, PLACE};

const TIME: &str = "2026-04-30 09:00";

/// Every entry but log-ins, in order, as `who kind subject outcome detail`.
async fn said(c: &Centre) -> Vec<String> {
    all(c).await.iter().map(line).filter(|l| !l.contains(" log-in ")).collect()
}

async fn all(c: &Centre) -> Vec<AuditEntry> {
    c.app.audit_settled().await;
    c.app.store.audit_after(PLACE, 0, 1000).await.unwrap()
}

fn line(e: &AuditEntry) -> String {
    let e = &e.entry;
    format!("{} {} {} {} {}", e.who, e.kind, e.subject, e.outcome, e.detail)
}

#[tokio::test]
async fn logging_in_and_out_is_written_down_and_so_is_who_was_refused() {
    let c = Centre::at(TIME).await;
    c.cookie("seat").await;
    let log_in = |login: &str| json!({ "login": login, "password": "not the password" });
    c.call(None, "POST", "/api/v1/session", Some(log_in("seat")), &[]).await.problem(401);
    c.call(None, "POST", "/api/v1/session", Some(log_in("my-own-password")), &[]).await.problem(401);
    c.call(Some("seat"), "DELETE", "/api/v1/session", None, &[]).await;
    let lines: Vec<String> = all(&c).await.iter().map(line).collect();
    for wanted in [
        "seat log-in seat done {}",
        "seat log-out seat done {}",
        " log-in-refused seat refused {\"why\":\"password\"}",
        " log-in-refused  refused {\"why\":\"password\"}",
    ] {
        assert!(lines.iter().any(|l| l == wanted), "{wanted}: {lines:?}");
    }
    assert!(!format!("{lines:?}").contains("my-own-password"), "what was typed as a name may be a password");
}

#[tokio::test]
async fn what_a_signed_in_person_is_refused_is_written_down_whatever_the_route() {
    let c = Centre::at(TIME).await;
    let n = c.registered(json!({})).await;
    c.get("chengguan", &format!("/api/v1/tickets/{n}")).await.problem(404);
    c.get("chengguan", "/api/v1/tickets/20260430-99999").await.problem(404);
    c.get("chengguan", "/api/v1/outbox").await.problem(403);
    c.give("analyst", &n, json!({ "do": "archive" })).await.problem(403);
    c.call(None, "GET", "/api/v1/outbox", None, &[]).await.problem(401);
    let lines = said(&c).await;
    assert_eq!(
        lines,
        [
            format!("chengguan out-of-sight /api/v1/tickets/{n} refused {{\"method\":\"GET\"}}"),
            "chengguan out-of-sight /api/v1/tickets/20260430-99999 refused {\"method\":\"GET\"}".to_owned(),
            "chengguan forbidden /api/v1/outbox refused {\"method\":\"GET\"}".to_owned(),
            format!("analyst forbidden /api/v1/tickets/{n}/commands refused {{\"method\":\"POST\"}}"),
        ]
    );
}

/// Somebody who tries all numbers leaves a few entries and one with a count, not a million.
#[tokio::test]
async fn a_flood_of_refused_attempts_is_told_as_one() {
    let c = Centre::at(TIME).await;
    for n in 0..100 {
        c.get("chengguan", &format!("/api/v1/tickets/20260430-{n:05}")).await.problem(404);
    }
    let lines = said(&c).await;
    assert_eq!(lines.len(), 6, "{lines:?}");
    let last = lines.last().unwrap();
    assert!(last.contains("20260430-00099") && last.contains("\"repeats\":95"), "{last}");
}

#[tokio::test]
async fn what_cannot_be_written_down_does_not_happen() {
    let c = Centre::at(TIME).await;
    let n = c.registered(json!({})).await;
    c.cookie("seat").await;
    let refuse = match c.db.kind {
        jiesu_testkit::Kind::Sqlite => {
            "CREATE TRIGGER full BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'full'); END"
        }
        jiesu_testkit::Kind::Postgres => "ALTER TABLE audit ADD CONSTRAINT full_ CHECK (seq < 0) NOT VALID",
    };
    c.db.run(refuse).await.unwrap();
    let answer = c.post("seat", &format!("/api/v1/tickets/{n}/appeals/1/reveal"), json!({ "reason": "核实" })).await;
    assert!(answer.status.is_server_error() && !answer.text.contains("13900001234"), "{}", answer.text);
    let given = json!({ "login": "dispatcher", "password": jiesu_server::demo::PASSWORD });
    let answer = c.call(None, "POST", "/api/v1/session", Some(given), &[]).await;
    assert!(answer.status.is_server_error() && answer.headers.get("set-cookie").is_none(), "{}", answer.text);
}

#[tokio::test]
async fn where_somebody_came_from_is_written_down() {
    let c = Centre::at(TIME).await;
    let mut request = Request::post("/api/v1/session")
        .header("content-type", "application/json")
        .body(Body::from(json!({ "login": "seat", "password": jiesu_server::demo::PASSWORD }).to_string()))
        .unwrap();
    let peer = jiesu_server::serve::Peer("203.0.113.9:4711".parse().unwrap());
    request.extensions_mut().insert(axum::extract::ConnectInfo(peer));
    assert_eq!(c.raw(request).await.status, 200);
    let filter = AuditFilter { kind: Some("log-in".into()), ..AuditFilter::default() };
    let found = c.app.store.audit(PLACE, &filter, None, 1).await.unwrap().items;
    assert_eq!(found[0].entry.origin, "203.0.113.9");
}

#[tokio::test]
async fn only_the_audit_administrator_reads_and_exports_it() {
    let c = Centre::at(TIME).await;
    let n = c.registered(json!({})).await;
    c.post("seat", &format!("/api/v1/tickets/{n}/appeals/1/reveal"), json!({ "reason": "=1+1" })).await.ok();
    for role in ["system-admin", "security-admin", "centre-manager", "discipline-watcher", "leader"] {
        c.get(role, "/api/v1/audit").await.problem(403);
    }
    let page = c.get("audit-admin", "/api/v1/audit?kind=revealed").await.ok();
    let item = &page["items"][0];
    assert_eq!(page["items"].as_array().unwrap().len(), 1);
    assert_eq!((item["who"].as_str(), item["kind_name"].as_str()), (Some("seat"), Some("查看诉求人信息")));
    assert_eq!((item["subject"].as_str(), item["role_name"].as_str()), (Some(n.as_str()), Some("话务员")));
    let none = c.get("audit-admin", "/api/v1/audit?to=2026-04-30T00:00:00%2B08:00").await.ok();
    assert_eq!(none["items"], json!([]));
    c.get("audit-admin", "/api/v1/audit?kind=nonsense").await.problem(400);

    let wanted = |reason: &str| json!({ "filter": { "kind": "revealed" }, "reason": reason });
    c.post("audit-admin", "/api/v1/audit/export", wanted(" ")).await.problem(422);
    let table = c.post("audit-admin", "/api/v1/audit/export", wanted("季度检查")).await;
    assert_eq!(table.headers["content-disposition"], "attachment; filename=\"audit.csv\"");
    let lines: Vec<&str> = table.text.trim_start_matches('\u{feff}').lines().collect();
    assert_eq!(lines.len(), 2, "{lines:?}");
    assert!(lines[1].contains(&n) && lines[1].contains(",'=1+1,"), "no formula of a reason: {}", lines[1]);
    let filter = AuditFilter { kind: Some("exported".into()), ..AuditFilter::default() };
    let found = c.app.store.audit(PLACE, &filter, None, 10).await.unwrap().items;
    assert_eq!(
        (found.len(), found[0].entry.reason.as_str(), found[0].entry.subject.as_str()),
        (1, "季度检查", "audit")
    );
}

#[tokio::test]
async fn no_route_changes_or_deletes_an_entry() {
    let c = Centre::at(TIME).await;
    c.cookie("audit-admin").await;
    for method in ["DELETE", "PUT", "PATCH", "POST"] {
        for path in ["/api/v1/audit", "/api/v1/audit/1", "/anchors", "/anchors/latest"] {
            let answer = c.call(Some("audit-admin"), method, path, Some(json!({})), &[]).await;
            assert!([404, 405].contains(&answer.status.as_u16()), "{method} {path}: {}", answer.status);
        }
    }
    let document = serde_json::to_value(jiesu_server::api::openapi()).unwrap();
    let changing = document["paths"].as_object().unwrap().iter().filter(|(path, _)| path.contains("audit"));
    let methods: Vec<String> =
        changing.flat_map(|(p, item)| item.as_object().unwrap().keys().map(move |m| format!("{m} {p}"))).collect();
    assert_eq!(methods, ["get /api/v1/audit", "post /api/v1/audit/export"]);
}
