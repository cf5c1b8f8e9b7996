//! A centre in a temporary folder, and clients that are signed in to it.

use std::{collections::BTreeMap, sync::Arc};

use axum::{
    Router,
    body::Body,
    http::{Request, StatusCode, header},
};
use jiesu_domain::Instant;
use jiesu_server::{
    app::App,
    clock::Clock,
    config::ClockSetting,
    demo,
    files::{Files, Scanner},
    law::Law,
    limits::Limits,
    login::{Policy, hash_password},
    serve, worker,
};
use jiesu_store::{Account, Store, StoreOptions};
use jiesu_testkit::{Kind, TestDb};
use serde_json::{Value, json};
use tower::ServiceExt;

pub const PLACE: &str = "shangrao";

pub struct Centre {
    pub app: Arc<App>,
    pub router: Router,
    pub cookies: std::sync::Mutex<BTreeMap<String, String>>,
    pub db: TestDb,
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub body: Value,
    pub text: String,
    pub headers: axum::http::HeaderMap,
}

impl Answer {
    #[track_caller]
    pub fn ok(self) -> Value {
        assert!(self.status.is_success(), "{} {}", self.status, self.text);
        self.body
    }

    /// The session's cookie that came with it, as it goes back.
    #[track_caller]
    pub fn cookie(&self) -> String {
        self.headers[header::SET_COOKIE].to_str().unwrap().split(';').next().unwrap().to_owned()
    }

    /// A problem document with this status; its detail is Chinese.
    #[track_caller]
    pub fn problem(self, status: u16) -> Value {
        assert_eq!(self.status.as_u16(), status, "{}", self.text);
        assert_eq!(self.headers[header::CONTENT_TYPE], "application/problem+json");
        assert_eq!(self.body["status"], status);
        let detail = self.body["detail"].as_str().unwrap_or_default();
        assert!(detail.chars().any(|c| c > '\u{4dff}'), "not in Chinese: {detail}");
        self.body
    }
}

impl Centre {
    /// A centre with the demo's accounts and no tickets, at this time (Shanghai).
    pub async fn at(time: &str) -> Centre {
        Centre::with(time, Limits::default(), None).await
    }

    /// A centre with limits of its own and somebody who looks at files.
    pub async fn with(time: &str, limits: Limits, scanner: Option<Scanner>) -> Centre {
        let db = TestDb::new(Kind::chosen()).await;
        let law = Law::load(None).unwrap();
        let store = Store::open(db.location(), StoreOptions::with_key(jiesu_testkit::MASTER)).await.unwrap();
        store.migrate().await.unwrap();
        App::seed(&store, PLACE, "上饶市", law.units(PLACE)).await.unwrap();
        let (password_hash, now) = (hash_password(demo::PASSWORD), Clock::new(ClockSetting::Real).wall());
        for a in demo::accounts(PLACE, law.units(PLACE)) {
            let (account, role) = (a.login.clone(), a.role.code().to_owned());
            let row = Account { account, login: a.login, name: a.name, role, unit: a.unit, active: true };
            store.account_put(PLACE, &row).await.unwrap();
            store.password_put(PLACE, &row.account, &password_hash, now, false, 0).await.unwrap();
        }
        let clock = Clock::new(ClockSetting::Fixed(instant(time)));
        let app = App::open(store, law, clock, PLACE).await.unwrap();
        app.set_log_in_policy(&Policy::of_demo()).await.unwrap();
        app.limit(limits);
        app.keep_files(Files::in_folder(&db.dir().join("attachments"), scanner).unwrap());
        let router = serve::router(app.clone());
        Centre { app, router, cookies: Default::default(), db }
    }

    /// A centre whose rulebook says more than the one that is built in.
    pub async fn under(time: &str, more: &str) -> Centre {
        Centre::at(time).await.reopened(law_with(more)).await
    }

    /// The same centre after a restart under other law.
    pub async fn reopened(self, law: Law) -> Centre {
        let clock = Clock::new(ClockSetting::Fixed(self.app.clock.now()));
        let app = App::open(self.app.store.clone(), law, clock, PLACE).await.unwrap();
        app.limit(self.app.limits().clone());
        app.keep_files(Files::in_folder(&self.db.dir().join("attachments"), None).unwrap());
        Centre { router: serve::router(app.clone()), app, ..self }
    }

    /// Lets time pass as the worker would.
    pub async fn until(&self, time: &str) {
        worker::advance(&self.app, instant(time)).await.unwrap();
    }

    pub async fn raw(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = axum::body::to_bytes(body, usize::MAX).await.unwrap();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let body = serde_json::from_str(&text).unwrap_or(Value::Null);
        Answer { status: parts.status, body, text, headers: parts.headers }
    }

    /// Status, headers and the body as it is.
    pub async fn bytes(&self, request: Request<Body>) -> (u16, axum::http::HeaderMap, Vec<u8>) {
        let (parts, body) = self.router.clone().oneshot(request).await.unwrap().into_parts();
        let bytes = axum::body::to_bytes(body, usize::MAX).await.unwrap();
        (parts.status.as_u16(), parts.headers, bytes.to_vec())
    }

    /// The session cookie of a demo account.
    pub async fn cookie(&self, login: &str) -> String {
        if let Some(cookie) = self.cookies.lock().unwrap().get(login) {
            return cookie.clone();
        }
        let answer = self.log_in(login, demo::PASSWORD).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        let cookie = answer.cookie();
        self.cookies.lock().unwrap().insert(login.to_owned(), cookie.clone());
        cookie
    }

    pub async fn log_in(&self, login: &str, password: &str) -> Answer {
        let given = json!({ "login": login, "password": password });
        self.call(None, "POST", "/api/v1/session", Some(given), &[]).await
    }

    /// With a cookie as it was given out.
    pub async fn by(&self, cookie: &str, method: &str, path: &str, body: Option<Value>) -> Answer {
        self.call(None, method, path, body, &[("cookie", cookie)]).await
    }

    /// With the key of a platform.
    pub async fn keyed(&self, key: &str, method: &str, path: &str, body: Option<Value>) -> Answer {
        self.call(None, method, path, body, &[("authorization", &format!("Bearer {key}"))]).await
    }

    /// The key of a platform, made by the security administrator when it is first asked for.
    pub async fn key(&self, name: &str, scopes: &[&str]) -> String {
        let known = format!("key of {name}");
        if let Some(key) = self.cookies.lock().unwrap().get(&known) {
            return key.clone();
        }
        let form = json!({ "name": name, "scopes": scopes, "rate": 6_000, "days": 30 });
        let made = self.post("security-admin", "/api/v1/security/keys", form).await.ok();
        let key = made["secret"].as_str().unwrap().to_owned();
        self.cookies.lock().unwrap().insert(known, key.clone());
        key
    }

    pub async fn call(
        &self,
        who: Option<&str>,
        method: &str,
        path: &str,
        body: Option<Value>,
        headers: &[(&str, &str)],
    ) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        if let Some(who) = who {
            request = request.header(header::COOKIE, self.cookie_now(who).await);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let body = match body {
            Some(value) => {
                request = request.header(header::CONTENT_TYPE, "application/json");
                Body::from(value.to_string())
            }
            None => Body::empty(),
        };
        self.raw(request.body(body).unwrap()).await
    }

    async fn cookie_now(&self, who: &str) -> String {
        Box::pin(self.cookie(who)).await
    }

    pub async fn get(&self, who: &str, path: &str) -> Answer {
        self.call(Some(who), "GET", path, None, &[]).await
    }

    pub async fn post(&self, who: &str, path: &str, body: Value) -> Answer {
        self.call(Some(who), "POST", path, Some(body), &[]).await
    }

    /// Gives a command.
    pub async fn give(&self, who: &str, number: &str, command: Value) -> Answer {
        self.post(who, &format!("/api/v1/tickets/{number}/commands"), command).await
    }

    /// Registers a ticket; its number.
    pub async fn registered(&self, more: Value) -> String {
        let mut body = json!({
            "kind": "help", "title": "路灯不亮", "content": "小区门口路灯一周不亮", "channel": "phone",
            "appellant": { "name": "测试诉求人", "phone": "13900001234", "address": "信州区测试路1号" },
        });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        self.post("seat", "/api/v1/tickets", body).await.ok()["number"].as_str().unwrap().to_owned()
    }

    /// A ticket dispatched to 城管局 and signed by it.
    pub async fn in_hand(&self, more: Value) -> String {
        let number = self.registered(more).await;
        self.give("dispatcher", &number, json!({ "do": "dispatch", "lead": "chengguan" })).await.ok();
        self.give("chengguan", &number, json!({ "do": "sign" })).await.ok();
        number
    }
}

/// The built-in law with rules added to the place's rulebook.
pub fn law_with(more: &str) -> Law {
    changed_law(|text| format!("{text}\n{more}"))
}

/// The built-in law with the place's rulebook rewritten.
pub fn changed_law(change: impl FnOnce(String) -> String) -> Law {
    let dir = tempfile::tempdir().unwrap();
    let built_in = concat!(env!("CARGO_MANIFEST_DIR"), "/../../rulebooks/shangrao.toml");
    std::fs::create_dir_all(dir.path().join("rulebooks")).unwrap();
    let text = change(std::fs::read_to_string(built_in).unwrap());
    std::fs::write(dir.path().join("rulebooks/own.toml"), text).unwrap();
    Law::load(Some(dir.path())).unwrap()
}

/// `2026-04-30 09:00`, Shanghai time.
pub fn instant(time: &str) -> Instant {
    format!("{}:00+08:00", time.replace(' ', "T")).parse().unwrap()
}

/// The action of that name on a ticket page.
#[track_caller]
pub fn action<'v>(ticket: &'v Value, name: &str) -> &'v Value {
    ticket["actions"]
        .as_array()
        .unwrap()
        .iter()
        .find(|a| a["name"] == name)
        .unwrap_or_else(|| panic!("no action {name}: {}", ticket["actions"]))
}

/// The newest clock of that kind.
#[track_caller]
pub fn clock<'v>(ticket: &'v Value, kind: &str) -> &'v Value {
    ticket["clocks"]
        .as_array()
        .unwrap()
        .iter()
        .rev()
        .find(|c| c["kind"] == kind)
        .unwrap_or_else(|| panic!("no clock {kind}"))
}
