//! Logging in: passwords, second factors, what is done against guessing, sessions.

use axum::http::header;
use jiesu_server::{
    app::{App, digest},
    clock::Clock,
    config::ClockSetting,
    demo,
    law::Law,
    login::{Policy, totp_code},
    serve,
};
use jiesu_store::{AuditFilter, statements};
use serde_json::{Value, json};

use super::harness::{Answer, Centre, PLACE};

const TIME: &str = "2026-04-30 09:00";
const NEW: &str = "Lu7mao-Xuq";

/// A centre under the rules that a real one has.
async fn strict() -> Centre {
    let c = Centre::at(TIME).await;
    c.app.set_log_in_policy(&Policy::default()).await.unwrap();
    c
}

/// What an authenticator app makes of the secret as it is shown.
pub fn app_code(secret: &str, steps_ahead: i64) -> String {
    let bits: Vec<u8> = secret.bytes().flat_map(|c| (0..5).rev().map(move |i| five(c) >> i & 1)).collect();
    let key: Vec<u8> = bits.chunks_exact(8).map(|byte| byte.iter().fold(0, |n, bit| n << 1 | bit)).collect();
    let now = Clock::new(ClockSetting::Real).wall().as_second();
    format!("{:06}", totp_code(&key, now / 30 + steps_ahead))
}

fn five(c: u8) -> u8 {
    if c.is_ascii_uppercase() { c - b'A' } else { c - b'2' + 26 }
}

fn stage(answer: &Answer) -> &Value {
    &answer.body["stage"]
}

/// A second factor that was set up.
pub struct Enrolled {
    /// The session that goes on.
    pub cookie: String,
    pub secret: String,
    recovery: Vec<String>,
    /// The code that was shown, as it was shown.
    used: String,
}

/// Sets up a second factor from a session that is on its way or open.
pub async fn enrol(c: &Centre, cookie: &str, password: &str) -> Enrolled {
    let offer = c.by(cookie, "POST", "/api/v1/account/second-factor", Some(json!({ "current": password }))).await.ok();
    let secret = offer["secret"].as_str().unwrap().to_owned();
    assert!(offer["uri"].as_str().unwrap().contains(&secret) && offer["svg"].as_str().unwrap().contains("<svg"));
    let used = app_code(&secret, 0);
    let set = c.by(cookie, "PUT", "/api/v1/account/second-factor", Some(json!({ "code": used }))).await;
    let cookie = set.cookie();
    let recovery = serde_json::from_value(set.ok()["recovery_codes"].clone()).unwrap();
    Enrolled { cookie, secret, recovery, used }
}

async fn show(c: &Centre, cookie: &str, code: &str) -> Answer {
    c.by(cookie, "POST", "/api/v1/session/second-factor", Some(json!({ "code": code }))).await
}

async fn audited(c: &Centre, kind: &str) -> Vec<(String, String, String)> {
    c.app.audit_settled().await;
    let filter = AuditFilter { kind: Some(kind.into()), ..AuditFilter::default() };
    let found = c.app.store.audit(PLACE, &filter, None, 100).await.unwrap().items;
    found.into_iter().map(|e| (e.entry.who, e.entry.subject, e.entry.detail)).collect()
}

#[tokio::test]
async fn a_role_that_needs_a_second_factor_opens_nothing_without_one() {
    let c = strict().await;
    assert_eq!(stage(&c.log_in("seat", demo::PASSWORD).await), "open");
    let first = c.log_in("reviewer", demo::PASSWORD).await;
    assert_eq!(stage(&first), "enrol");
    assert!(first.body.get("me").is_none());
    let early = first.cookie();
    for (method, path) in [("GET", "/api/v1/session"), ("GET", "/api/v1/tickets"), ("GET", "/api/v1/account/sessions")]
    {
        c.by(&early, method, path, None).await.problem(401);
    }
    let wrong = json!({ "current": "not the password" });
    c.by(&early, "POST", "/api/v1/account/second-factor", Some(wrong)).await.problem(422);
    let Enrolled { cookie: open, secret, recovery: codes, used } = enrol(&c, &early, demo::PASSWORD).await;
    assert_eq!(codes.len(), 10);
    c.by(&open, "GET", "/api/v1/tickets", None).await.ok();
    c.by(&early, "GET", "/api/v1/account", None).await.problem(401);
    assert_eq!(audited(&c, "second-factor-set").await[0].1, "reviewer");

    // From now on it is asked for, and each code is good once.
    let half = c.log_in("reviewer", demo::PASSWORD).await;
    assert_eq!(stage(&half), "second-factor");
    let half = half.cookie();
    c.by(&half, "GET", "/api/v1/tickets", None).await.problem(401);
    c.by(&half, "GET", "/api/v1/account", None).await.problem(401);
    c.by(&half, "POST", "/api/v1/account/second-factor", Some(json!({ "current": demo::PASSWORD }))).await.problem(401);
    show(&c, &half, &used).await.problem(422);
    let code = app_code(&secret, 1);
    let opened = show(&c, &half, &code).await;
    assert_eq!(stage(&opened), "open");
    assert_eq!(opened.body["me"]["role"], "reviewer");
    show(&c, &half, &code).await.problem(401);
    let half = c.log_in("reviewer", demo::PASSWORD).await.cookie();
    show(&c, &half, &code).await.problem(422);

    // The device is lost.
    assert_eq!(stage(&show(&c, &half, &codes[0].to_lowercase()).await), "open");
    let half = c.log_in("reviewer", demo::PASSWORD).await.cookie();
    show(&c, &half, &codes[0]).await.problem(422);
    assert_eq!(stage(&show(&c, &half, &codes[1]).await), "open");
}

#[tokio::test]
async fn nothing_of_a_second_factor_can_be_read_again() {
    let c = strict().await;
    let early = c.log_in("reviewer", demo::PASSWORD).await.cookie();
    let Enrolled { cookie: open, secret, recovery: codes, .. } = enrol(&c, &early, demo::PASSWORD).await;
    let own = c.by(&open, "GET", "/api/v1/account", None).await;
    assert_eq!(own.body["recovery_left"], 10);
    assert!(!own.text.contains(&secret));
    let stored = c.db.rows("SELECT totp FROM credential WHERE account = 'reviewer'").await.concat();
    let kept = c.db.rows("SELECT code_hash FROM recovery_code").await.concat();
    assert!(stored.len() > 40 && !stored.contains(&secret) && !kept.contains(&codes[0]));
    // A secret that is moved to another account opens nothing there: somebody was at the database.
    c.db.run(&format!("UPDATE credential SET totp = '{stored}' WHERE account = 'dispatcher'")).await.unwrap();
    let half = c.log_in("dispatcher", demo::PASSWORD).await.cookie();
    show(&c, &half, &app_code(&secret, 0)).await.problem(500);
    c.by(&half, "GET", "/api/v1/tickets", None).await.problem(401);
}

/// Who knows the password and guesses the second factor is shut out, whichever of their log-ins they guess in.
#[tokio::test]
async fn guessing_the_second_factor_shuts_the_account() {
    let c = strict().await;
    let early = c.log_in("reviewer", demo::PASSWORD).await.cookie();
    let secret = enrol(&c, &early, demo::PASSWORD).await.secret;
    for n in 0..5 {
        let half = c.log_in("reviewer", demo::PASSWORD).await.cookie();
        show(&c, &half, &format!("00000{n}")).await.problem(422);
    }
    let half = c.log_in("reviewer", demo::PASSWORD).await.cookie();
    show(&c, &half, &app_code(&secret, 1)).await.problem(429);
    assert_eq!(audited(&c, "account-locked").await[0].1, "reviewer");
    c.app.set_log_in_policy(&Policy::of_demo()).await.unwrap();
    let unlocked = c.call(Some("security-admin"), "DELETE", "/api/v1/security/log-ins/reviewer/shut", None, &[]).await;
    assert_eq!(unlocked.status, 204, "{}", unlocked.text);
    assert_eq!(stage(&show(&c, &half, &app_code(&secret, 1)).await), "open");
}

#[tokio::test]
async fn five_wrong_passwords_shut_a_name_whether_anybody_has_it_or_not() {
    let c = Centre::at(TIME).await;
    let mut said = Vec::new();
    for login in ["seat", "nobody-at-all"] {
        for _ in 0..5 {
            c.log_in(login, "wrong").await.problem(401);
        }
        let mut shut = c.log_in(login, demo::PASSWORD).await.problem(429);
        shut.as_object_mut().unwrap().remove("request");
        said.push(shut);
    }
    assert_eq!(said[0], said[1], "the answers tell nobody which of the names there is");
    c.log_in("SEAT", demo::PASSWORD).await.problem(429);
    assert_eq!(stage(&c.log_in("dispatcher", demo::PASSWORD).await), "open");

    let seen = c.get("security-admin", "/api/v1/security/log-ins").await.ok();
    let of = |login: &str| seen["items"].as_array().unwrap().iter().find(|a| a["login"] == login).unwrap().clone();
    assert!(of("seat")["shut_until"].is_string() && of("dispatcher").get("shut_until").is_none());
    assert_eq!(seen["unknown_shut"], 1);
    let path = "/api/v1/security/log-ins/seat/shut";
    assert_eq!(c.call(Some("security-admin"), "DELETE", path, None, &[]).await.status, 204);
    assert_eq!(stage(&c.log_in("seat", demo::PASSWORD).await), "open");
    let locked: Vec<String> = audited(&c, "account-locked").await.into_iter().map(|(_, subject, _)| subject).collect();
    assert_eq!(locked, ["", "seat"], "what was typed as a name that nobody has is not written down");
    assert_eq!(audited(&c, "account-unlocked").await[0].0, "security-admin");
    assert!(!c.db.rows("SELECT key_hash FROM attempt").await.concat().contains("nobody-at-all"));
}

/// Two processes on one database count together.
#[tokio::test]
async fn guesses_are_counted_across_processes() {
    let c = Centre::at(TIME).await;
    let clock = Clock::new(ClockSetting::Real);
    let other = App::open(c.app.store.clone(), Law::load(None).unwrap(), clock, PLACE).await.unwrap();
    let other = serve::router(other);
    for n in 0..5 {
        let router = if n % 2 == 0 { &c.router } else { &other };
        let request = axum::http::Request::post("/api/v1/session")
            .header("content-type", "application/json")
            .body(json!({ "login": "seat", "password": "wrong" }).to_string())
            .unwrap();
        let request = request.map(axum::body::Body::from);
        let answer = tower::ServiceExt::oneshot(router.clone(), request).await.unwrap();
        assert_eq!(answer.status(), 401);
    }
    c.log_in("seat", demo::PASSWORD).await.problem(429);
}

/// A right password is not lost because of wrong ones before, and forgets them.
#[tokio::test]
async fn who_remembers_in_time_is_let_in() {
    let c = Centre::at(TIME).await;
    for _ in 0..3 {
        for _ in 0..4 {
            c.log_in("seat", "wrong").await.problem(401);
        }
        assert_eq!(stage(&c.log_in("seat", demo::PASSWORD).await), "open");
    }
}

/// The same work is done for a name that nobody has: as many statements, and a password hashed.
#[tokio::test]
async fn an_unknown_name_costs_the_database_the_same() {
    let c = Centre::at(TIME).await;
    let mut costs = Vec::new();
    for login in ["seat", "nobody-at-all", "dispatcher", "nobody-else"] {
        c.app.audit_settled().await;
        let before = statements();
        c.log_in(login, "wrong").await.problem(401);
        c.app.audit_settled().await;
        costs.push(statements() - before);
    }
    assert!(costs.iter().all(|n| *n == costs[0]), "{costs:?}");
}

#[tokio::test]
async fn a_password_that_was_given_is_changed_before_anything_else() {
    let c = Centre::at(TIME).await;
    let before = c.cookie("dispatcher").await;
    let path = "/api/v1/security/log-ins/dispatcher/password";
    let given = c.post("security-admin", path, json!({})).await.ok()["password"].as_str().unwrap().to_owned();
    c.by(&before, "GET", "/api/v1/session", None).await.problem(401);
    c.log_in("dispatcher", demo::PASSWORD).await.problem(401);
    let early = c.log_in("dispatcher", &given).await;
    assert_eq!(stage(&early), "password");
    let early = early.cookie();
    c.by(&early, "GET", "/api/v1/tickets", None).await.problem(401);
    let change = async |current: &str, password: &str| {
        let body = json!({ "current": current, "password": password });
        c.by(&early, "PUT", "/api/v1/account/password", Some(body)).await
    };
    assert_eq!(change(&given, &given).await.problem(422)["field"], "password");
    assert_eq!(change(&given, demo::PASSWORD).await.problem(422)["field"], "password");
    assert_eq!(change(&given, "dispatcher-A7").await.problem(422)["field"], "password");
    assert_eq!(change("wrong", NEW).await.problem(422)["field"], "current");
    let opened = change(&given, NEW).await;
    assert_eq!(stage(&opened), "open");
    c.by(&opened.cookie(), "GET", "/api/v1/tickets", None).await.ok();
    c.by(&early, "GET", "/api/v1/account", None).await.problem(401);
    assert_eq!(stage(&c.log_in("dispatcher", NEW).await), "open");
    let who: Vec<String> = audited(&c, "password-changed").await.into_iter().map(|(who, ..)| who).collect();
    assert_eq!(who, ["dispatcher", "security-admin"]);
    let text = format!("{:?}", c.app.store.audit_after(PLACE, 0, 1000).await.unwrap());
    assert!(!text.contains(&given) && !text.contains(NEW));
}

#[tokio::test]
async fn a_password_is_judged_while_it_is_typed() {
    let c = Centre::at(TIME).await;
    let path = "/api/v1/account/password/strength";
    let judge = async |password: &str| c.post("seat", path, json!({ "password": password })).await.ok();
    for (password, strength) in [("", 0), ("password", 0), ("Michael-1990", 2), (NEW, 3)] {
        let said = judge(password).await;
        assert_eq!(said["strength"], strength, "{password} {said}");
        assert_eq!(said["problem"].is_null(), password == NEW, "{said}");
        assert!(password.is_empty() || !said.to_string().contains(password));
    }
    let long = "Lu7mao-Xuq".repeat(13);
    assert_eq!(judge(&long).await["strength"], 0, "130 characters are not looked at");
    c.call(None, "POST", path, Some(json!({ "password": NEW })), &[]).await.problem(401);
    let text = format!("{:?}", c.app.store.audit_after(PLACE, 0, 1000).await.unwrap());
    assert!(!text.contains(NEW) && !text.contains("Michael"));
}

#[tokio::test]
async fn none_of_the_last_five_passwords_comes_back() {
    let c = Centre::at(TIME).await;
    let mut current = demo::PASSWORD.to_owned();
    let mut cookie = c.cookie("seat").await;
    let change = async |cookie: &str, current: &str, password: &str| {
        let body = json!({ "current": current, "password": password });
        c.by(cookie, "PUT", "/api/v1/account/password", Some(body)).await
    };
    let used = ["Lu7mao-Xuq1", "Lu7mao-Xuq2", "Lu7mao-Xuq3", "Lu7mao-Xuq4", "Lu7mao-Xuq5"];
    for new in used {
        let changed = change(&cookie, &current, new).await;
        assert_eq!(stage(&changed), "open", "{new}");
        (cookie, current) = (changed.cookie(), new.to_owned());
    }
    for past in used {
        change(&cookie, &current, past).await.problem(422);
    }
    let sixth = change(&cookie, &current, "Lu7mao-Xuq6").await.cookie();
    assert_eq!(stage(&change(&sixth, "Lu7mao-Xuq6", used[0]).await), "open", "the sixth from the end");
}

#[tokio::test]
async fn an_old_password_must_be_changed() {
    let c = strict().await;
    let days_ago = |n: i64| c.app.clock.wall().checked_sub(jiff::SignedDuration::from_hours(24 * n)).unwrap();
    for (days, wanted) in [(89, "open"), (90, "password")] {
        let at = days_ago(days).as_microsecond();
        c.db.run(&format!("UPDATE credential SET password_at = {at} WHERE account = 'seat'")).await.unwrap();
        assert_eq!(stage(&c.log_in("seat", demo::PASSWORD).await), wanted, "{days} days");
    }
}

#[tokio::test]
async fn own_sessions_are_listed_and_ended() {
    let c = Centre::at(TIME).await;
    let here = c.cookie("seat").await;
    let login = json!({ "login": "seat", "password": demo::PASSWORD });
    let firefox = [("user-agent", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0")];
    let there = c.call(None, "POST", "/api/v1/session", Some(login), &firefox).await.cookie();
    let list = c.get("seat", "/api/v1/account/sessions").await.ok();
    let list = list.as_array().unwrap();
    assert_eq!(list.len(), 2);
    let other = list.iter().find(|s| s["current"] == false).unwrap();
    assert_eq!(other["device"], "Firefox · Linux");
    let token = there.split_once('=').unwrap().1;
    assert!(!list.iter().any(|s| s["id"].as_str().unwrap().len() > 16 || s["id"] == token));
    // Another's cannot be ended, nor told from one that is not there.
    let path = format!("/api/v1/account/sessions/{}", other["id"].as_str().unwrap());
    c.call(Some("dispatcher"), "DELETE", &path, None, &[]).await.problem(404);
    assert_eq!(c.call(Some("seat"), "DELETE", &path, None, &[]).await.status, 204);
    c.by(&there, "GET", "/api/v1/session", None).await.problem(401);
    c.by(&here, "GET", "/api/v1/session", None).await.ok();
    assert_eq!(audited(&c, "session-revoked").await.len(), 1);
}

#[tokio::test]
async fn the_oldest_session_gives_way_and_all_can_be_ended() {
    let c = Centre::at(TIME).await;
    let mut cookies = Vec::new();
    for _ in 0..6 {
        cookies.push(c.log_in("seat", demo::PASSWORD).await.cookie());
    }
    c.by(&cookies[0], "GET", "/api/v1/session", None).await.problem(401);
    c.by(&cookies[1], "GET", "/api/v1/session", None).await.ok();
    let path = "/api/v1/security/log-ins/seat/sessions";
    assert_eq!(c.call(Some("security-admin"), "DELETE", path, None, &[]).await.status, 204);
    for cookie in &cookies {
        c.by(cookie, "GET", "/api/v1/session", None).await.problem(401);
    }
}

/// A console that polls says for how long nobody has touched it.
#[tokio::test]
async fn polling_keeps_no_session_alive() {
    let c = Centre::at(TIME).await;
    let cookie = c.cookie("seat").await;
    let hash = digest(cookie.split_once('=').unwrap().1);
    let seen = async || c.app.store.session(PLACE, &hash, jiff::Timestamp::UNIX_EPOCH).await.unwrap().unwrap().session;
    let (before, minutes) = (seen().await, |n| jiff::SignedDuration::from_mins(n));
    let ago = before.seen_at.checked_sub(minutes(10)).unwrap();
    c.app.store.session_touch(PLACE, &hash, ago, before.expires_at).await.unwrap();
    let poll = async |idle: &str| {
        c.call(None, "GET", "/api/v1/session", None, &[("cookie", &cookie), ("x-jiesu-idle", idle)]).await.ok();
        seen().await.seen_at.duration_since(ago)
    };
    let stream = [("cookie", cookie.as_str()), ("accept", "text/event-stream")];
    c.call(None, "GET", "/api/v1/session", None, &stream).await.ok();
    assert_eq!(poll("900").await, minutes(0));
    assert!(poll("300").await >= minutes(4), "somebody was there five minutes ago");
    assert!(poll("0").await >= minutes(9));
}

#[tokio::test]
async fn looking_a_session_up_takes_one_statement_and_a_log_in_nine() {
    let c = Centre::at(TIME).await;
    let before = statements();
    c.log_in("dispatcher", demo::PASSWORD).await.ok();
    assert_eq!(statements() - before, 9);
    c.get("seat", "/api/v1/session").await.ok();
    let before = statements();
    c.get("seat", "/api/v1/session").await.ok();
    assert_eq!(statements() - before, 1);
}

#[tokio::test]
async fn over_tls_the_cookie_is_bound_to_the_host() {
    let c = Centre::at(TIME).await;
    let plain = c.log_in("seat", demo::PASSWORD).await;
    let said = plain.headers[header::SET_COOKIE].to_str().unwrap().to_owned();
    assert!(
        said.starts_with("jiesu_session=") && said.contains("; HttpOnly; SameSite=Strict") && !said.contains("Secure")
    );
    c.app.behind_tls();
    let bound = c.log_in("seat", demo::PASSWORD).await;
    let said = bound.headers[header::SET_COOKIE].to_str().unwrap().to_owned();
    assert!(said.starts_with("__Host-jiesu_session=") && said.ends_with("; Secure") && said.contains("; Path=/;"));
    assert!(!said.contains("Domain"));
    c.by(&bound.cookie(), "GET", "/api/v1/session", None).await.ok();
    // A plain cookie, which a page of a neighbouring host could set, opens nothing any more.
    c.by(&plain.cookie(), "GET", "/api/v1/session", None).await.problem(401);
}

#[tokio::test]
async fn the_rules_for_log_ins_are_changed_by_one_role_and_written_down() {
    let c = Centre::at(TIME).await;
    let path = "/api/v1/security/policy";
    let shown = c.get("security-admin", path).await.ok();
    assert_eq!(shown["weak"], true, "the demo's");
    let strict = serde_json::to_value(Policy { idle_minutes: 20, ..Policy::default() }).unwrap();
    let put = async |who: &str, policy: &Value| c.call(Some(who), "PUT", path, Some(policy.clone()), &[]).await;
    put("system-admin", &strict).await.problem(403);
    let mut weak = strict.clone();
    weak["second_factor"] = json!(["security-admin"]);
    assert_eq!(put("security-admin", &weak).await.problem(422)["field"], "second_factor");
    assert_eq!(put("security-admin", &strict).await.ok()["weak"], false);
    let (who, subject, detail) = audited(&c, "setting-changed").await.remove(0);
    assert_eq!((who.as_str(), subject.as_str()), ("security-admin", "log-in-policy"));
    let detail: Value = serde_json::from_str(&detail).unwrap();
    assert_eq!(detail["idle_minutes"], json!([240, 20]));
    assert!(detail.get("failures").is_none(), "only what changed: {detail}");
}
