//! A centre on an empty database, and a browser without scripts before it.

use std::sync::Arc;

use axum::{
    Router,
    body::{Body, to_bytes},
    http::{Request, Response, StatusCode, header},
};
use jiesu_domain::{Actor, Instant, Role, ticket::Command, words::Contact};
use jiesu_server::{
    app::{App, Appellant},
    clock::Clock,
    config::ClockSetting,
    files::Files,
    law::Law,
    limits::Limits,
    serve,
};
use jiesu_store::{ListFilter, Sort, Store, StoreOptions};
use jiesu_testkit::{Kind, TestDb};
use serde_json::{Value, json};
use tower::ServiceExt;

pub const PLACE: &str = "shangrao";
pub const CHENGGUAN: &str = "chengguan";
/// A name and a phone that must never be in an address.
pub const NAME: &str = "欧阳明月";
pub const PHONE: &str = "13900001234";

pub struct Portal {
    pub app: Arc<App>,
    router: Router,
    db: TestDb,
}

pub struct Page {
    pub status: StatusCode,
    pub headers: axum::http::HeaderMap,
    pub text: String,
}

impl Page {
    #[track_caller]
    pub fn has(&self, words: &str) -> &Page {
        assert!(self.text.contains(words), "no “{words}” in\n{}", self.text);
        self
    }

    #[track_caller]
    pub fn has_not(&self, words: &str) -> &Page {
        assert!(!self.text.contains(words), "“{words}” in\n{}", self.text);
        self
    }

    /// The value of the hidden or visible field of that name.
    #[track_caller]
    pub fn field(&self, name: &str) -> String {
        let (_, rest) = self.text.split_once(&format!("name=\"{name}\" value=\"")).expect(name);
        rest.split('"').next().unwrap().to_owned()
    }
}

pub fn at(s: &str) -> Instant {
    s.parse().unwrap()
}

pub fn command(json: Value) -> Command {
    serde_json::from_value(json).unwrap()
}

pub fn encoded(fields: &[(&str, &str)]) -> String {
    let escape = |s: &str| s.bytes().map(|b| format!("%{b:02X}")).collect::<String>();
    fields.iter().map(|(k, v)| format!("{k}={}", escape(v))).collect::<Vec<_>>().join("&")
}

impl Portal {
    /// The newest code that goes out by text message.
    pub async fn sent_code(&self) -> String {
        let rows = self.app.store.outbox(PLACE, &Default::default(), None, 100).await.unwrap().items;
        let row = rows.iter().find(|row| row.kind == "one-time-code").unwrap();
        let letter = jiesu_server::worker::letter(&self.app, row).await.unwrap();
        assert_eq!(letter.phone.as_deref(), Some(PHONE));
        assert!(letter.text.contains(&letter.code) && letter.text.contains("5分钟内有效"), "{}", letter.text);
        letter.code
    }

    /// Everything that stands in a table, but times: six digits in a row are in many of them.
    pub async fn dump(&self, table: &str) -> String {
        let columns = match table {
            "outbox" => "payload",
            "sent_code" => "purpose_hash || ' ' || code_hash",
            "journal" => "payload",
            "ticket" => "body",
            _ => "subject || reason || detail",
        };
        self.db.rows(&format!("SELECT {columns} FROM {table}")).await.concat()
    }

    pub async fn new() -> Portal {
        let db = TestDb::new(Kind::chosen()).await;
        let store = Store::open(db.location(), StoreOptions::with_key(jiesu_testkit::MASTER)).await.unwrap();
        store.migrate().await.unwrap();
        let law = Law::load(None).unwrap();
        App::seed(&store, PLACE, "上饶市", law.units(PLACE)).await.unwrap();
        // A Thursday before a long holiday.
        let clock = Clock::new(ClockSetting::Fixed(at("2026-04-30T09:00:00+08:00")));
        let app = App::open(store, law, clock, PLACE).await.unwrap();
        let limits = Limits { portal_file: 2000, portal_files: 2, ..Limits::default() };
        app.limit(limits);
        app.keep_files(Files::in_folder(&db.dir().join("attachments"), None).unwrap());
        Portal { router: serve::router(app.clone()), app, db }
    }

    pub fn files(&self) -> std::path::PathBuf {
        self.db.dir().join("attachments")
    }

    /// From now on no second file of one kind can be attached: it fails when its entry is written.
    pub async fn break_second_file(&self) {
        self.db.run("CREATE UNIQUE INDEX no_second ON attachment (jurisdiction, media)").await.unwrap();
    }

    /// Sends a form as browsers do where it has a chooser of files.
    pub async fn post_files(&self, fields: &[(&str, &str)], files: &[(&str, &[u8])]) -> Page {
        let mut body = Vec::new();
        for (name, value) in fields {
            body.extend(
                format!("--X\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n").into_bytes(),
            );
        }
        for (name, content) in files {
            let head = format!(
                "--X\r\nContent-Disposition: form-data; name=\"files\"; filename=\"{name}\"\r\nContent-Type: image/png\r\n\r\n"
            );
            body.extend(head.into_bytes());
            body.extend_from_slice(content);
            body.extend_from_slice(b"\r\n");
        }
        body.extend_from_slice(b"--X--\r\n");
        let request = Request::post("/submit").header(header::CONTENT_TYPE, "multipart/form-data; boundary=X");
        self.send(request.body(Body::from(body)).unwrap()).await
    }

    pub async fn send(&self, request: Request<Body>) -> Page {
        let response: Response<Body> = self.router.clone().oneshot(request).await.unwrap();
        let (status, headers) = (response.status(), response.headers().clone());
        let text = String::from_utf8(to_bytes(response.into_body(), 1 << 20).await.unwrap().to_vec()).unwrap();
        // Nothing of anybody is ever put in an address.
        assert!(!headers.contains_key(header::LOCATION) && !headers.contains_key(header::SET_COOKIE), "{headers:?}");
        for address in text.split("href=\"").chain(text.split("action=\"")).skip(1).filter_map(|s| s.split('"').next())
        {
            assert!(!address.contains("SR-") && !address.contains(PHONE) && !address.contains(NAME), "{address}");
        }
        Page { status, headers, text }
    }

    pub async fn get(&self, path: &str) -> Page {
        self.send(Request::get(path).body(Body::empty()).unwrap()).await
    }

    pub async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Page {
        self.post_from(path, fields, "http://12345.example").await
    }

    pub async fn post_from(&self, path: &str, fields: &[(&str, &str)], origin: &str) -> Page {
        let request = Request::post(path)
            .header(header::HOST, "12345.example")
            .header(header::ORIGIN, origin)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.send(request.body(Body::from(encoded(fields))).unwrap()).await
    }

    /// Submits a good form; its number and code.
    pub async fn submitted(&self) -> (String, String) {
        let token = self.get("/submit").await.field("token");
        let page = self.post("/submit", &good(&token)).await;
        assert_eq!(page.status, StatusCode::CREATED, "{}", page.text);
        (page.field("number"), page.field("code"))
    }

    /// Submits another appeal from another phone; its number and code.
    pub async fn submitted_as(&self, title: &str, phone: &str) -> (String, String) {
        let token = self.get("/submit").await.field("token");
        let mut fields = ["title", "phone", "content", "place"].iter().fold(good(&token), |f, name| without(f, name));
        fields.extend([("title", title), ("phone", phone), ("content", "说来话长")]);
        let page = self.post("/submit", &fields).await;
        assert_eq!(page.status, StatusCode::CREATED, "{}", page.text);
        (page.field("number"), page.field("code"))
    }

    /// A neighbour rings about the same; their code.
    pub async fn attached(&self, number: &str) -> String {
        let attach = command(json!({ "do": "attach-appeal", "channel": "phone", "follow_up_by": "phone" }));
        let neighbour = Appellant { phone: Some("13711112222".into()), ..Appellant::default() };
        let seat = Actor { id: "张三丰的账号".into(), role: Role::Seat, unit: None };
        self.app.execute(&seat, number, &attach, None, None, Some(&neighbour)).await.unwrap().query_code.unwrap()
    }

    pub async fn progress(&self, key: &(String, String)) -> Page {
        let page = self.post("/progress", &[("number", &key.0), ("code", &key.1)]).await;
        assert_eq!(page.status, StatusCode::OK, "{}", page.text);
        page
    }

    pub async fn tickets(&self) -> usize {
        let all = self.app.store.tickets(PLACE, &ListFilter::default(), Sort::Newest, None, 50).await.unwrap();
        all.items.len()
    }

    pub async fn staff(&self, role: Role, unit: Option<&str>, number: &str, command: Command) {
        let actor = Actor { id: "张三丰的账号".into(), role, unit: unit.map(str::to_owned) };
        self.app.execute(&actor, number, &command, None, None, None).await.unwrap();
    }

    pub fn clock(&self, to: &str) {
        assert!(self.app.clock.set(at(to)));
    }

    pub async fn dispatched(&self, number: &str) {
        self.staff(
            Role::Dispatcher,
            None,
            number,
            command(json!({ "do": "dispatch", "lead": CHENGGUAN, "note": "内部批注" })),
        )
        .await;
    }

    pub async fn handled(&self, number: &str) {
        let lead = Some(CHENGGUAN);
        self.staff(Role::Handler, lead, number, Command::Sign {}).await;
        let note = "李四说了很多内部情况".to_owned();
        let contact = Command::RecordContact { by: Contact::Phone, reached: true, explained: false, note };
        self.staff(Role::Handler, lead, number, contact).await;
        self.staff(
            Role::Handler,
            lead,
            number,
            command(json!({ "do": "draft-reply", "text": "已劝离摊贩，\n恢复人行道通行。" })),
        )
        .await;
        self.staff(Role::UnitLeader, lead, number, Command::AuditReply { without_assists: None }).await;
    }

    pub async fn closed(&self, number: &str) {
        let statement = "内部办结说明".to_owned();
        let ask = Command::AskClosure { ground: "done".into(), statement };
        self.staff(Role::Handler, Some(CHENGGUAN), number, ask).await;
        let review = Command::ReviewClosure { approve: true, note: "内部审核意见".into() };
        self.staff(Role::Reviewer, None, number, review).await;
    }
}

pub fn good(token: &str) -> Vec<(&'static str, &str)> {
    vec![
        ("token", token),
        ("kind", "help"),
        ("title", "万寿街夜间占道经营<script>alert(1)</script>"),
        ("content", "每天晚上八点以后\r\n摊贩占满人行道，\"行人\"走不了。"),
        ("place", "信州区万寿街南段"),
        ("contact", "phone"),
        ("phone", PHONE),
        ("name", NAME),
    ]
}

pub fn without<'a>(fields: Vec<(&'static str, &'a str)>, name: &str) -> Vec<(&'static str, &'a str)> {
    fields.into_iter().filter(|(k, _)| *k != name).collect()
}
