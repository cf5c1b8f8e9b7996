//! People hear of changes to their own accounts: each kind, the old phone when it changes, nobody without a phone, and nothing that helps a thief.

use std::sync::{Arc, Mutex};

use jiesu_channels::sms::{Sms, SmsError, SmsGateway};
use jiesu_server::{
    app::{Told, told_text},
    demo, worker,
};
use serde_json::{Value, json};

use super::{
    harness::{Centre, PLACE},
    log_in::enrol,
};

const TIME: &str = "2026-04-30 09:00";
const PHONE: &str = "13900001234";

/// Takes everything, and keeps it.
#[derive(Default)]
struct Taken(Mutex<Vec<(String, String)>>);

impl SmsGateway for Taken {
    fn send(&self, sms: &Sms<'_>) -> Result<String, SmsError> {
        self.0.lock().unwrap().push((sms.to.to_owned(), sms.text.to_owned()));
        Ok(format!("taken {}", sms.id))
    }
}

async fn centre() -> Centre {
    let c = Centre::at(TIME).await;
    call(&c, "seat", PHONE).await;
    c
}

async fn call(c: &Centre, account: &str, phone: &str) {
    let path = format!("/api/v1/security/log-ins/{account}/phone");
    let set = c.call(Some("security-admin"), "PUT", &path, Some(json!({ "phone": phone })), &[]).await;
    assert_eq!(set.status, 204, "{}", set.text);
}

/// What waits for an account's owner: kind and number of each.
async fn waiting(c: &Centre, account: &str) -> Vec<(String, Option<String>)> {
    let all = c.app.store.notices(PLACE, account).await.unwrap();
    all.into_iter().map(|n| (n.kind, n.phone)).collect()
}

async fn kinds(c: &Centre, account: &str) -> Vec<String> {
    waiting(c, account).await.into_iter().map(|(kind, _)| kind).collect()
}

async fn by(c: &Centre, who: &str, method: &str, path: &str, body: Value) {
    let body = Some(body).filter(|body| !body.is_null());
    let answer = c.call(Some(who), method, path, body, &[]).await;
    assert!(answer.status.is_success(), "{method} {path}: {} {}", answer.status, answer.text);
}

/// Does everything to the seat's account that its owner has to hear of.
async fn everything(c: &Centre) {
    let cookie = c.cookie("seat").await;
    let changed = json!({ "current": demo::PASSWORD, "password": "Lu7mao-Xuq" });
    let changed = c.by(&cookie, "PUT", "/api/v1/account/password", Some(changed)).await;
    assert_eq!(changed.status, 200, "{}", changed.text);
    enrol(c, &changed.cookie(), "Lu7mao-Xuq").await;
    let of = |path: &str| format!("/api/v1/security/log-ins/seat{path}");
    by(c, "security-admin", "DELETE", &of("/second-factor"), Value::Null).await;
    by(c, "security-admin", "DELETE", &of("/sessions"), Value::Null).await;
    for _ in 0..5 {
        c.log_in("seat", "wrong").await;
    }
    by(c, "security-admin", "POST", &of("/password"), Value::Null).await;
    let end = json!({ "reason": "轮岗" });
    by(c, "security-admin", "POST", "/api/v1/organisation/accounts/seat/post/end", end).await;
    let give = json!({ "post": { "role": "reviewer" }, "reason": "轮岗" });
    by(c, "security-admin", "PUT", "/api/v1/organisation/accounts/seat/post", give).await;
    by(c, "system-admin", "PUT", "/api/v1/organisation/accounts/seat", json!({ "name": "张三", "active": false }))
        .await;
}

#[tokio::test]
async fn each_change_is_told_once_to_the_phone_of_the_account() {
    let c = centre().await;
    everything(&c).await;
    let expected = [
        "password-changed",
        "second-factor-set",
        "second-factor-taken",
        "sessions-ended",
        "locked",
        "password-reset",
        "post-changed",
        "post-changed",
        "shut",
    ];
    let told = waiting(&c, "seat").await;
    assert_eq!(told.iter().map(|(kind, _)| kind.as_str()).collect::<Vec<_>>(), expected);
    assert!(told.iter().all(|(_, phone)| phone.as_deref() == Some(PHONE)), "{told:?}");
    // Who has left is not called any more.
    assert_eq!(c.app.store.account_phones(PLACE, Some("seat")).await.unwrap().len(), 0);
}

#[tokio::test]
async fn who_has_no_phone_hears_nothing_and_nobody_else_does() {
    let c = Centre::at(TIME).await;
    call(&c, "dispatcher", PHONE).await;
    everything(&c).await;
    assert_eq!(c.db.rows("SELECT account FROM notice").await, Vec::<String>::new());
}

#[tokio::test]
async fn the_old_number_hears_that_it_is_not_called_any_more() {
    let c = centre().await;
    assert_eq!(kinds(&c, "seat").await, Vec::<String>::new(), "the first number replaces none");
    let own = |phone: &str| json!({ "current": demo::PASSWORD, "phone": phone });
    let put = async |body: Value| c.call(Some("seat"), "PUT", "/api/v1/account/phone", Some(body), &[]).await;
    put(json!({ "current": "wrong", "phone": "13900005678" })).await.problem(422);
    assert_eq!(put(own("139 0000 5678")).await.status, 204);
    assert_eq!(put(own("13900005678")).await.status, 204, "the same once more is no change");
    assert_eq!(waiting(&c, "seat").await, [("phone-changed".to_owned(), Some(PHONE.to_owned()))]);
    assert_eq!(c.get("seat", "/api/v1/account").await.ok()["phone"], "139****5678");
    assert_eq!(put(own("")).await.status, 204);
    let gone = ("phone-changed".to_owned(), Some("13900005678".to_owned()));
    assert_eq!(waiting(&c, "seat").await[1..], [gone]);
    assert!(c.get("seat", "/api/v1/account").await.ok().get("phone").is_none());
    for wrong in ["0793-8123456", "1390000567", "139000056789", "139****5678"] {
        assert_eq!(put(own(wrong)).await.problem(422)["field"], "phone", "{wrong}");
    }
    // The entries say that it was changed, and no number.
    let said = c.db.rows("SELECT detail FROM audit WHERE kind = 'account-changed' ORDER BY seq").await;
    assert_eq!(said, [r#"{"phone":"set"}"#, r#"{"phone":"changed"}"#, r#"{"phone":"removed"}"#]);
}

#[tokio::test]
async fn numbers_are_masked_for_who_looks_after_log_ins_and_refused_to_others() {
    let c = centre().await;
    let shown = c.get("security-admin", "/api/v1/security/log-ins").await;
    assert!(!shown.text.contains(PHONE), "{}", shown.text);
    let items = shown.ok()["items"].clone();
    let seat = items.as_array().unwrap().iter().find(|of| of["account"] == "seat").unwrap().clone();
    assert_eq!(seat["phone"], "139****1234");
    let path = "/api/v1/security/log-ins/seat/phone";
    for who in ["system-admin", "audit-admin", "centre-manager", "seat"] {
        c.call(Some(who), "PUT", path, Some(json!({ "phone": PHONE })), &[]).await.problem(403);
    }
    let nobody = "/api/v1/security/log-ins/nobody/phone";
    c.call(Some("security-admin"), "PUT", nobody, Some(json!({ "phone": PHONE })), &[]).await.problem(404);
}

#[tokio::test]
async fn they_go_out_by_the_gateway_say_no_secret_and_leave_no_number_behind() {
    let c = centre().await;
    everything(&c).await;
    let notices = c.app.store.notices(PLACE, "seat").await.unwrap();
    let taken = Arc::new(Taken::default());
    worker::pass(&c.app, taken.clone()).await.unwrap();
    let taken = taken.0.lock().unwrap().clone();
    assert_eq!(taken.len(), notices.len());
    for ((to, text), notice) in taken.iter().zip(&notices) {
        assert_eq!((to.as_str(), text), (PHONE, &told_text(c.app.rulebook(), notice)));
        assert!(text.starts_with("【上饶12345】4月30日9时0分，您的工作账户"), "{text}");
        for secret in ["http", "Lu7mao", "seat", PHONE, "验证码是"] {
            assert!(!text.contains(secret), "{text}");
        }
    }
    assert!(waiting(&c, "seat").await.iter().all(|(_, phone)| phone.is_none()), "sent: the number is gone");
    assert_eq!(c.db.rows("SELECT DISTINCT state FROM notice").await, ["sent"]);
    // Nothing of it stands in the list of messages to appellants.
    assert_eq!(c.get("centre-manager", "/api/v1/outbox").await.ok()["items"], json!([]));
}

#[tokio::test]
async fn whoever_guesses_rings_no_phone_all_night() {
    let c = centre().await;
    for _ in 0..5 {
        for _ in 0..5 {
            c.log_in("seat", "wrong").await;
        }
        let path = "/api/v1/security/log-ins/seat/shut";
        assert_eq!(c.call(Some("security-admin"), "DELETE", path, None, &[]).await.status, 204);
    }
    assert_eq!(kinds(&c, "seat").await, ["locked"; 3]);
    assert_eq!(Told::ALL.len(), 11);
}

#[tokio::test]
async fn a_name_that_nobody_has_tells_nobody() {
    let c = centre().await;
    for _ in 0..5 {
        c.log_in("nobody", "wrong").await;
    }
    assert_eq!(c.db.rows("SELECT account FROM notice").await, Vec::<String>::new());
}
