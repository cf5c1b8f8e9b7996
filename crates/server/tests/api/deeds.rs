//! What is done and its entry in the audit journal: both or neither, whichever of the two fails.

use jiesu_testkit::Kind;
use serde_json::{Value, json};

use super::harness::{Centre, PLACE};

const TIME: &str = "2026-04-30 09:00";

/// Who does what, and the table that it changes.
type Deed = (&'static str, &'static str, &'static str, Value, &'static str);

fn deeds() -> Vec<Deed> {
    let log_ins = "/api/v1/security/log-ins/seat";
    let at = |path: &str| -> &'static str { format!("{log_ins}{path}").leak() };
    let strong = "Lu7mao-Xuq";
    vec![
        (
            "seat",
            "PUT",
            "/api/v1/account/password",
            json!({ "current": "jiesu-demo", "password": strong }),
            "credential",
        ),
        (
            "seat",
            "PUT",
            "/api/v1/account/phone",
            json!({ "current": "jiesu-demo", "phone": "13900005678" }),
            "account_phone",
        ),
        ("security-admin", "POST", at("/password"), Value::Null, "credential"),
        ("security-admin", "DELETE", at("/sessions"), Value::Null, "session"),
        ("security-admin", "PUT", at("/phone"), json!({ "phone": "13900009999" }), "account_phone"),
        ("security-admin", "PUT", "/api/v1/security/policy", policy(), "setting"),
        ("security-admin", "POST", "/api/v1/security/keys", key(), "api_key"),
        (
            "system-admin",
            "POST",
            "/api/v1/organisation/accounts",
            json!({ "login": "wangwu", "name": "王五" }),
            "account",
        ),
        (
            "system-admin",
            "PUT",
            "/api/v1/organisation/accounts/seat",
            json!({ "name": "改名", "active": true }),
            "account",
        ),
        ("system-admin", "PUT", "/api/v1/organisation/units/new", unit(), "unit"),
        (
            "security-admin",
            "POST",
            "/api/v1/organisation/accounts/analyst/post/end",
            json!({ "reason": "轮岗" }),
            "account",
        ),
        ("security-admin", "PUT", "/api/v1/organisation/accounts/spare/post", post(), "post"),
        ("shift-leader", "PUT", "/api/v1/duty/shifts", shifts(), "setting"),
        (
            "centre-manager",
            "PUT",
            "/api/v1/privacy/retention",
            json!({ "ticket_years": 9, "audit_days": 999 }),
            "setting",
        ),
        ("centre-manager", "PUT", "/api/v1/hints", json!({ "about": "unnamed", "on": false }), "setting"),
        ("centre-manager", "PUT", "/api/v1/proposals/switches", json!({ "field": "place", "on": false }), "setting"),
        ("seat", "DELETE", "/api/v1/session", Value::Null, "session"),
    ]
}

fn policy() -> Value {
    let policy = jiesu_server::login::Policy { failures: 4, ..jiesu_server::login::Policy::default() };
    json!(policy)
}

fn key() -> Value {
    json!({ "name": "省平台", "scopes": ["register"], "rate": 60, "days": 30 })
}

fn unit() -> Value {
    json!({ "name": "新单位", "kind": "department", "active": true })
}

fn post() -> Value {
    json!({ "post": { "role": "reviewer" }, "reason": "人社函〔2026〕1号" })
}

fn shifts() -> Value {
    json!({ "shifts": [{ "id": "day", "name": "白班", "from": "08:00", "until": "20:00" }, { "id": "night", "name": "夜班", "from": "20:00", "until": "08:00" }] })
}

/// Lets every change of a table fail, in the middle of whatever changes it.
async fn stuck(c: &Centre, table: &str) {
    let sql = match c.db.kind {
        Kind::Sqlite => ["INSERT", "UPDATE", "DELETE"].map(|what| {
            format!("CREATE TRIGGER stuck_{what} BEFORE {what} ON {table} BEGIN SELECT RAISE(ABORT, 'stuck'); END;")
        }),
        Kind::Postgres => [
            "CREATE OR REPLACE FUNCTION stuck() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'stuck'; END $$;".into(),
            format!("CREATE TRIGGER stuck BEFORE INSERT OR UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION stuck();"),
            String::new(),
        ],
    };
    c.db.run(&sql.concat()).await.unwrap();
}

async fn loose(c: &Centre, table: &str) {
    let sql = match c.db.kind {
        Kind::Sqlite => ["INSERT", "UPDATE", "DELETE"].map(|what| format!("DROP TRIGGER stuck_{what};")).concat(),
        Kind::Postgres => format!("DROP TRIGGER stuck ON {table};"),
    };
    c.db.run(&sql).await.unwrap();
}

/// The entries that say that something was done, but for log-ins.
async fn said(c: &Centre) -> Vec<String> {
    c.db.rows("SELECT kind, subject FROM audit WHERE outcome <> 'refused' AND kind <> 'log-in' ORDER BY seq").await
}

async fn rows(c: &Centre, table: &str) -> Vec<String> {
    // When a session was last used is no part of any deed.
    let columns = if table == "session" { "token_hash, account".to_owned() } else { columns(c, table).await };
    c.db.rows(&format!("SELECT {columns} FROM {table} ORDER BY 1, 2")).await
}

/// Each as text, as the helper reads nothing else.
async fn columns(c: &Centre, table: &str) -> String {
    let names = match c.db.kind {
        Kind::Sqlite => format!("SELECT name FROM pragma_table_info('{table}')"),
        Kind::Postgres => format!(
            "SELECT column_name FROM information_schema.columns WHERE table_schema = current_schema() AND table_name = '{table}'"
        ),
    };
    let names = c.db.rows(&names).await;
    names.iter().map(|name| format!("CAST({name} AS TEXT)")).collect::<Vec<_>>().join(", ")
}

async fn done(c: &Centre, (who, method, path, body, _): &Deed) -> super::harness::Answer {
    let body = Some(body.clone()).filter(|body| !body.is_null());
    c.call(Some(who), method, path, body, &[]).await
}

/// A centre with somebody who has no post, and a phone that hears.
async fn centre() -> Centre {
    let c = Centre::at(TIME).await;
    c.app.store.account_new(PLACE, "spare", "备用").await.unwrap();
    c.app.store.phone_put(PLACE, "seat", Some("13900001234")).await.unwrap();
    c
}

#[tokio::test]
async fn an_act_that_fails_leaves_no_entry_that_it_was_done() {
    let c = centre().await;
    for deed in deeds() {
        let (who, method, path, _, table) = &deed;
        c.cookies.lock().unwrap().clear();
        for login in ["seat", who] {
            c.cookie(login).await;
        }
        let (before, waiting) = (said(&c).await, rows(&c, "notice").await);
        stuck(&c, table).await;
        let answer = done(&c, &deed).await;
        loose(&c, table).await;
        assert!(answer.status.is_server_error(), "{method} {path}: {} {}", answer.status, answer.text);
        assert_eq!(said(&c).await, before, "{method} {path}");
        assert_eq!(rows(&c, "notice").await, waiting, "{method} {path}: nobody hears of what did not happen");
    }
}

#[tokio::test]
async fn what_cannot_be_written_down_leaves_no_change() {
    let c = centre().await;
    for deed in deeds() {
        let (who, method, path, _, table) = &deed;
        c.cookies.lock().unwrap().clear();
        for login in ["seat", who] {
            c.cookie(login).await;
        }
        let (before, waiting) = (rows(&c, table).await, rows(&c, "notice").await);
        stuck(&c, "audit").await;
        let answer = done(&c, &deed).await;
        loose(&c, "audit").await;
        assert!(answer.status.is_server_error(), "{method} {path}: {} {}", answer.status, answer.text);
        assert_eq!(rows(&c, table).await, before, "{method} {path}");
        assert_eq!(rows(&c, "notice").await, waiting, "{method} {path}");
    }
}

#[tokio::test]
async fn each_of_them_is_done_and_said_when_nothing_fails() {
    for deed in deeds() {
        let c = centre().await;
        c.cookie("seat").await;
        let (before, there) = (said(&c).await.len(), rows(&c, deed.4).await);
        let answer = done(&c, &deed).await;
        assert!(answer.status.is_success(), "{} {}: {} {}", deed.1, deed.2, answer.status, answer.text);
        assert_eq!(said(&c).await.len(), before + 1, "{} {}", deed.1, deed.2);
        assert_ne!(rows(&c, deed.4).await, there, "{} {}", deed.1, deed.2);
    }
}
