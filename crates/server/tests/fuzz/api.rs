//! Requests that no client of ours would send, through the real router on a real database: never a server error, always a problem document
//! in Chinese, and a refused request leaves the journal as it was.

use axum::{
    body::Body,
    http::{Request, header},
};
use jiesu_server::{app::verify, limits::Limits};
use serde_json::{Value, json};

use crate::{
    body::{hurt, made},
    damage::{Dice, in_chinese},
    harness::{Answer, Centre, PLACE},
};

const PEOPLE: &[&str] = &[
    "seat",
    "shift-leader",
    "dispatcher",
    "chengguan",
    "chengguan-leader",
    "gongan",
    "reviewer",
    "follow-up-clerk",
    "supervisor",
    "centre-manager",
    "leader",
    "analyst",
    "superior-unit",
];

const METHODS: &[&str] = &["DELETE", "PUT", "PATCH", "POST"];

/// Whatever is asked for, in paths and queries.
const TAILS: &[&str] = &[
    "?limit=0",
    "?limit=4294967296",
    "?q=%00",
    "?q=%FF%FE",
    "?q=路灯",
    "?q=%E8%B7%AF%20AND%20*%22",
    "?state=in-hand,,registered",
    "?from=0000-00-00",
    "?from=-9999-01-01&to=9999-12-31",
    "?cursor=eyJ9",
    "?cursor=%25",
    "?urgent=1",
    "?lead=%27%3B--",
    "?sort=newest&sort=urgency",
    "?ticket=SR-20260430-000001-4",
    "/%00",
    "/%FF",
    "/..%2f..",
    "/commands",
    "/appeals/99999999999999999999/reveal",
    "/appeals/x/reveal",
    "/appeals/-1/reveal",
];

struct Asked {
    method: &'static str,
    path: String,
    body: Option<Vec<u8>>,
}

/// The commands of the API's own description, by name.
struct Commands {
    document: Value,
}

impl Commands {
    fn new() -> Commands {
        Commands { document: serde_json::to_value(jiesu_server::api::openapi()).unwrap() }
    }

    /// A body for one of these commands, or for any.
    fn body(&self, dice: &mut Dice, open: &[String]) -> Value {
        let schemas = &self.document["components"]["schemas"]["Command"]["oneOf"];
        let all = schemas.as_array().unwrap();
        let named = |schema: &&Value| {
            let name = schema["properties"]["do"]["enum"][0].as_str().unwrap_or_default();
            open.iter().any(|action| action == name)
        };
        let fitting: Vec<&Value> = all.iter().filter(named).collect();
        let schema = if fitting.is_empty() { dice.pick(all) } else { *dice.pick(&fitting) };
        made(dice, &self.document, schema)
    }

    fn of(&self, dice: &mut Dice, schema: &str) -> Value {
        made(dice, &self.document, &self.document["components"]["schemas"][schema])
    }
}

/// What this person may do now with a ticket.
async fn open_actions(c: &Centre, who: &str, number: &str) -> Vec<String> {
    let page = c.get(who, &format!("/api/v1/tickets/{number}")).await;
    let actions = page.body["actions"].as_array().cloned().unwrap_or_default();
    actions.iter().filter(|a| a["allowed"] == true).filter_map(|a| a["name"].as_str().map(str::to_owned)).collect()
}

async fn request(c: &Centre, dice: &mut Dice, commands: &Commands, who: &str, number: &str) -> Asked {
    let post = |path: String, body| Asked { method: "POST", path, body: Some(body) };
    match dice.below(12) {
        0 => post("/api/v1/tickets".into(), {
            let body = commands.of(dice, "RegisterTicket");
            hurt(dice, body)
        }),
        1 => post(format!("/api/v1/tickets/{number}/appeals"), {
            let body = commands.of(dice, "NewAppeal");
            hurt(dice, body)
        }),
        2 => post(format!("/api/v1/tickets/{number}/appeals/{}/reveal", dice.below(3)), {
            let body = commands.of(dice, "Reason");
            hurt(dice, body)
        }),
        3 => post("/api/v1/callers".into(), {
            let body = commands.of(dice, "Caller");
            hurt(dice, body)
        }),
        4 => post("/api/v1/sms/incoming".into(), {
            let body = commands.of(dice, "IncomingSms");
            hurt(dice, body)
        }),
        5 => {
            let base = dice.pick(&["/api/v1/tickets", "/api/v1/outbox", "/api/v1/catalogue/changes", "/api/v1"]);
            Asked { method: "GET", path: format!("{base}{}", dice.pick(TAILS)), body: None }
        }
        6 => {
            let method = *dice.pick(METHODS);
            let path = format!("/api/v1/tickets/{number}{}", dice.pick(&["", "/commands", "/appeals", "/nothing"]));
            Asked { method, path, body: None }
        }
        _ => {
            let open = if dice.below(3) > 0 { open_actions(c, who, number).await } else { Vec::new() };
            let body = commands.body(dice, &open);
            post(format!("/api/v1/tickets/{number}/commands"), hurt(dice, body))
        }
    }
}

async fn answered(c: &Centre, dice: &mut Dice, who: &str, asked: &Asked) -> Answer {
    let uri: String = asked
        .path
        .chars()
        .map(
            |c| if c.is_ascii() { c.to_string() } else { c.to_string().bytes().map(|b| format!("%{b:02X}")).collect() },
        )
        .collect();
    let mut request = Request::builder().method(asked.method).uri(uri);
    request = match asked.path.contains("/sms/") {
        true => {
            let key = c.key("短信网关", &["rate-by-text"]).await;
            request.header(header::AUTHORIZATION, format!("Bearer {key}"))
        }
        false => request.header(header::COOKIE, c.cookie(who).await),
    };
    let kind = if dice.below(20) == 0 { "text/plain" } else { "application/json" };
    request = request.header(header::CONTENT_TYPE, kind);
    if dice.below(6) == 0 {
        request = request.header("if-match", *dice.pick(&["\"1\"", "7", "x", "", "99999999999999999999", "W/\"2\""]));
    }
    if dice.below(6) == 0 {
        request = request.header("idempotency-key", *dice.pick(&["short", "fuzz-key-0001", "fuzz-key-0002", ""]));
    }
    c.raw(request.body(asked.body.clone().map_or_else(Body::empty, Body::from)).unwrap()).await
}

#[tokio::test]
async fn damaged_requests() {
    let (mut dice, mut run) = Dice::from_env();
    // As often as they like: what is asked is looked at, not how often.
    let c = Centre::with("2026-04-30 09:00", Limits { account: u32::MAX, ..Limits::default() }, None).await;
    let commands = Commands::new();
    let mut numbers = Vec::new();
    for _ in 0..4 {
        numbers.push(c.registered(json!({})).await);
        numbers.push(c.in_hand(json!({})).await);
    }
    let (mut done, mut refused) = (0u64, 0u64);
    while run.goes_on() {
        let (who, number) = (*dice.pick(PEOPLE), dice.pick(&numbers).clone());
        let asked = request(&c, &mut dice, &commands, who, &number).await;
        let before = c.app.store.marks(PLACE).await.unwrap();
        let answer = answered(&c, &mut dice, who, &asked).await;
        let told = || {
            let body = asked.body.as_deref().map(String::from_utf8_lossy).unwrap_or_default();
            format!("{who} {} {} {body}\n{} {}", asked.method, asked.path, answer.status, answer.text)
        };
        assert!(answer.status.as_u16() < 500, "{}", told());
        if answer.status.is_success() {
            done += 1;
            // Whatever was taken can be shown.
            let page = c.get("seat", &format!("/api/v1/tickets/{number}")).await;
            assert_eq!(page.status, 200, "{}\n{}", told(), page.text);
        } else {
            refused += 1;
            assert_eq!(answer.headers.get(header::CONTENT_TYPE).unwrap(), "application/problem+json", "{}", told());
            assert_eq!(answer.body["status"], answer.status.as_u16(), "{}", told());
            assert!(in_chinese(answer.body["detail"].as_str().unwrap_or_default()), "not Chinese: {}", told());
            assert_eq!(c.app.store.marks(PLACE).await.unwrap().seq, before.seq, "written all the same: {}", told());
        }
        if (done + refused).is_multiple_of(500) {
            let at = dice.below(numbers.len());
            numbers[at] = if at.is_multiple_of(2) { c.registered(json!({})).await } else { c.in_hand(json!({})).await };
        }
    }
    println!("{done} done, {refused} refused");
    assert!(done > 5 && refused > 20, "too tame or too wild: {done} done, {refused} refused");
    let report = verify(&c.app.store, PLACE, |_, _| {}).await.unwrap();
    assert!(report.holds(), "{report:?}");
}
