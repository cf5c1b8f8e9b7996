//! A life full of marks: every name, phone, address and text that somebody could have typed, in every place where it can be typed.

use std::time::Duration;

use serde_json::{Value, json};

use crate::kit::{Centre, Server, until};

/// What must not be found anywhere. Each is one that no program would make by chance.
pub const MARKS: [&str; 12] = [
    "欧阳明月",
    "13912345678",
    "13812345678",
    "万寿街七弄",
    "夜半歌声",
    "锣鼓喧天",
    "青梅煮酒",
    "曲径通幽",
    "petrichor",
    "春风化雨",
    "密码是芝麻",
    "沧海一粟",
];

/// A centre whose clock stands on a Thursday before a long holiday, and whose figures can be asked for.
pub fn marked(centre: &Centre, more: &[(&str, &str)]) -> Server {
    let mut command = centre.jiesu(&["serve"]);
    command
        .env("JIESU_CLOCK", "2026-04-30T09:00:00+08:00")
        .env("JIESU_METRICS", "127.0.0.1:0")
        .envs(more.iter().copied());
    Server::start(command)
}

/// Where a process offers its figures.
pub fn metrics(server: &Server) -> String {
    let mut found = String::new();
    until("it says where its figures are", || {
        let said = server.said();
        let address = said.split("指标：http://").nth(1).and_then(|rest| rest.split_once("/metrics"));
        found = address.map_or_else(String::new, |(address, _)| address.to_owned());
        !found.is_empty()
    });
    found
}

/// Somebody at a screen, or a gateway.
pub struct Screen<'s> {
    pub address: &'s str,
    agent: ureq::Agent,
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub text: String,
    pub request: String,
}

impl Answer {
    #[track_caller]
    pub fn ok(self) -> Value {
        assert!(self.status < 300, "{self:?}");
        serde_json::from_str(&self.text).unwrap_or(Value::Null)
    }

    /// The value of a field of a page.
    #[track_caller]
    pub fn field(&self, name: &str) -> String {
        let (_, rest) = self.text.split_once(&format!("name=\"{name}\" value=\"")).expect(name);
        rest.split('"').next().unwrap().to_owned()
    }
}

impl<'s> Screen<'s> {
    pub fn new(address: &'s str) -> Self {
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .allow_non_standard_methods(true)
            .timeout_global(Some(Duration::from_secs(60)))
            .build();
        Self { address, agent: config.into() }
    }

    pub fn ask(&self, who: &str, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        let mut request = ureq::http::Request::builder().method(method).uri(format!("http://{}{path}", self.address));
        if !who.is_empty() {
            request = request.header("cookie", format!("jiesu_session={who}"));
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let mut response = self.agent.run(request.body(body.to_vec()).unwrap()).unwrap();
        let request = response.headers().get("x-request-id").map_or("", |v| v.to_str().unwrap()).to_owned();
        let (status, text) = (response.status().as_u16(), response.body_mut().read_to_string().unwrap());
        Answer { status, text, request }
    }

    pub fn get(&self, who: &str, path: &str) -> Answer {
        self.ask(who, "GET", path, &[], &[])
    }

    pub fn post(&self, who: &str, path: &str, body: &Value) -> Answer {
        self.ask(who, "POST", path, &[("content-type", "application/json")], body.to_string().as_bytes())
    }

    pub fn form(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let body = fields.iter().map(|(k, v)| format!("{k}={}", escaped(v))).collect::<Vec<_>>().join("&");
        self.ask("", "POST", path, &[("content-type", "application/x-www-form-urlencoded")], body.as_bytes())
    }

    pub fn give(&self, who: &str, number: &str, command: &Value) -> Answer {
        self.post(who, &format!("/api/v1/tickets/{number}/commands"), command)
    }

    fn at(&self, time: &str) {
        self.post("system-admin", "/api/v1/clock", &json!({ "to": format!("{time}+08:00") })).ok();
    }
}

fn escaped(text: &str) -> String {
    text.bytes().map(|b| format!("%{b:02X}")).collect()
}

/// Lives it; the numbers of its tickets.
pub fn lived(s: &Screen<'_>) -> Vec<String> {
    let by_phone = from_the_call(s);
    let by_portal = on_the_portal(s);
    what_goes_wrong(s, &by_phone);
    handled(s, &by_phone);
    vec![by_phone, by_portal]
}

fn from_the_call(s: &Screen<'_>) -> String {
    s.post("", "/api/v1/session", &json!({ "login": "欧阳明月", "password": "密码是芝麻" }));
    s.post("seat", "/api/v1/callers", &json!({ "phone": "13912345678" })).ok();
    let body = json!({
        "kind": "help", "title": "万寿街七弄夜半歌声", "content": "欧阳明月反映锣鼓喧天，电话13912345678", "channel": "phone",
        "appellant": { "name": "欧阳明月", "phone": "13912345678", "address": "万寿街七弄1号" },
    });
    let number = s.post("seat", "/api/v1/tickets", &body).ok()["number"].as_str().unwrap().to_owned();
    let appeal = json!({
        "channel": "phone", "follow_up_by": "phone", "note": "春风化雨",
        "appellant": { "name": "欧阳明月", "phone": "13812345678" },
    });
    assert!(s.post("seat", &format!("/api/v1/tickets/{number}/appeals"), &appeal).status < 500);
    for query in ["锣鼓喧天", "13912345678", "欧阳明月", &number] {
        s.get("seat", &format!("/api/v1/tickets?q={}", escaped(query))).ok();
    }
    s.post("seat", &format!("/api/v1/tickets/{number}/appeals/1/reveal"), &json!({ "reason": "春风化雨" })).ok();
    attached(s, &number);
    number
}

fn attached(s: &Screen<'_>, number: &str) {
    let content = "petrichor 沧海一粟".as_bytes();
    let digest = <sm3::Sm3 as sm3::Digest>::digest(content);
    let digest: String = digest.iter().map(|b| format!("{b:02x}")).collect();
    let body = json!({ "name": "青梅煮酒.txt", "purpose": "appeal", "size": content.len(), "sm3": digest });
    let begun = s.post("seat", &format!("/api/v1/tickets/{number}/files"), &body).ok();
    let url = begun["url"].as_str().unwrap();
    let headers = [("content-type", "application/offset+octet-stream"), ("upload-offset", "0")];
    assert_eq!(s.ask("seat", "PATCH", url, &headers, content).status, 204);
    s.ask("seat", "POST", &format!("{url}/finish"), &[], &[]).ok();
}

fn on_the_portal(s: &Screen<'_>) -> String {
    let token = s.get("", "/submit").field("token");
    let fields = [
        ("token", token.as_str()),
        ("kind", "help"),
        ("title", "曲径通幽"),
        ("content", "夜半歌声，青梅煮酒"),
        ("place", "万寿街七弄"),
        ("contact", "phone"),
        ("phone", "13812345678"),
        ("name", "欧阳明月"),
    ];
    let page = s.form("/submit", &fields);
    assert_eq!(page.status, 201, "{}", page.text);
    let (number, code) = (page.field("number"), page.field("code"));
    assert_eq!(s.form("/progress", &[("number", &number), ("code", &code)]).status, 200);
    s.form("/progress", &[("number", &number), ("code", "沧海一粟")]);
    s.form("/progress", &[("number", "13912345678"), ("code", "12345678")]);
    let sms = json!({ "from": "13812345678", "text": "春风化雨", "id": "gateway-1" });
    let form = json!({ "name": "短信网关", "scopes": ["rate-by-text"], "rate": 60, "days": 30 });
    let key = s.post("security-admin", "/api/v1/security/keys", &form).ok()["secret"].as_str().unwrap().to_owned();
    let bearer = format!("Bearer {key}");
    let headers = [("content-type", "application/json"), ("authorization", bearer.as_str())];
    s.ask("", "POST", "/api/v1/sms/incoming", &headers, sms.to_string().as_bytes()).ok();
    number
}

/// What is refused, misunderstood or made up.
fn what_goes_wrong(s: &Screen<'_>, number: &str) {
    let refused = [
        s.give("analyst", number, &json!({ "do": "dispatch", "lead": "chengguan", "note": "春风化雨" })),
        s.give("dispatcher", number, &json!({ "do": "欧阳明月", "note": "春风化雨" })),
        s.give("dispatcher", number, &json!({ "do": "dispatch", "lead": "欧阳明月" })),
        s.give("dispatcher", "13912345678", &json!({ "do": "sign" })),
        s.post("seat", "/api/v1/tickets", &json!({ "kind": "锣鼓喧天", "title": "petrichor" })),
        s.ask("seat", "POST", "/api/v1/tickets", &[("content-type", "application/json")], "{欧阳明月".as_bytes()),
        s.get("seat", &format!("/api/v1/{}/13912345678", escaped("欧阳明月"))),
        s.get("seat", &format!("/{}?phone=13912345678", escaped("欧阳明月"))),
        s.get("petrichor", "/api/v1/tickets"),
        s.ask("seat", "PETRICHOR", "/api/v1/tickets", &[], &[]),
        s.ask("seat", "GET", "/api/v1/tickets?sort=petrichor", &[("x-request-id", "petrichor")], &[]),
    ];
    for answer in refused {
        assert!((400..500).contains(&answer.status), "{answer:?}");
        assert_eq!(answer.request.len(), 16, "{answer:?}");
    }
}

/// On to the archive, with words at every step.
fn handled(s: &Screen<'_>, number: &str) {
    let give = |who: &str, command: Value| drop(s.give(who, number, &command).ok());
    give("dispatcher", json!({ "do": "dispatch", "lead": "chengguan", "note": "沧海一粟" }));
    give("chengguan", json!({ "do": "sign" }));
    give("chengguan", json!({ "do": "record-contact", "by": "phone", "reached": true, "note": "欧阳明月称青梅煮酒" }));
    give("chengguan", json!({ "do": "ask-extension", "days": 5, "reason": "曲径通幽" }));
    give("reviewer", json!({ "do": "review-extension", "approve": true, "note": "春风化雨" }));
    give("supervisor", json!({ "do": "urge", "note": "锣鼓喧天" }));
    give("chengguan", json!({ "do": "draft-reply", "text": "已劝止夜半歌声" }));
    give("chengguan-leader", json!({ "do": "audit-reply" }));
    give("chengguan", json!({ "do": "ask-closure", "ground": "done", "statement": "锣鼓喧天已停" }));
    give("reviewer", json!({ "do": "review-closure", "approve": true, "note": "春风化雨" }));
    for appeal in [1, 2] {
        let rating = json!({ "result": "basically" });
        let body = json!({ "do": "follow-up", "appeal": appeal, "by": "phone", "reached": true, "rating": rating });
        give("follow-up-clerk", body);
    }
    s.at("2026-05-20T00:01:00");
}
