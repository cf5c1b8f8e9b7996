//! What is known of other tickets: earlier ones named, tickets joined, persons counted.

use jiesu_domain::{Actor, Role};
use jiesu_server::{
    app::{Join, joined_from},
    worker,
};
use jiesu_store::OutboxFilter;
use serde_json::{Value, json};

use super::harness::{Centre, PLACE};

struct NoGateway;

impl jiesu_channels::sms::SmsGateway for NoGateway {
    fn send(&self, _: &jiesu_channels::sms::Sms<'_>) -> Result<String, jiesu_channels::sms::SmsError> {
        Ok("ok".into())
    }
}

async fn page(c: &Centre, n: &str) -> Value {
    c.get("dispatcher", &format!("/api/v1/tickets/{n}")).await.ok()
}

/// Registers a ticket of this phone; its number and query code.
async fn of_phone(c: &Centre, phone: &str) -> (String, String) {
    let body = json!({
        "kind": "help", "title": "路灯不亮", "content": "小区门口路灯一周不亮", "channel": "phone",
        "appellant": { "name": "测试诉求人", "phone": phone },
    });
    let made = c.post("seat", "/api/v1/tickets", body).await.ok();
    (made["number"].as_str().unwrap().into(), made["query_code"].as_str().unwrap().into())
}

async fn code_of(c: &Centre, n: &str, appeal: &str) -> String {
    let rows = c.app.store.appeals(PLACE, n).await.unwrap();
    rows.into_iter().find(|r| r.appeal == appeal).unwrap().query_code
}

#[tokio::test]
async fn an_earlier_ticket_must_be_there_and_its_standing_is_kept() {
    let c = Centre::at("2026-04-30 09:00").await;
    let first = c.in_hand(json!({})).await;
    let body = |earlier: &str| json!({ "kind": "help", "title": "路灯不亮", "content": "还是不亮", "channel": "phone", "earlier": [earlier] });
    let p = c.post("seat", "/api/v1/tickets", body("SR-20260430-000077-1")).await.problem(422);
    assert_eq!(p["field"], "earlier");
    let made = c.post("seat", "/api/v1/tickets", body(&first.to_lowercase())).await.ok();
    let t = page(&c, made["number"].as_str().unwrap()).await;
    assert_eq!(t["earlier"], json!([first]));
    assert_eq!(t["standing"][&first]["state"], "in-hand");
    assert_eq!(t["standing"][&first]["open"], true);

    let other = c.registered(json!({})).await;
    let link = |number: &str| json!({ "do": "link-earlier", "number": number });
    let p = c.give("seat", &other, link("SR-20260430-000077-1")).await.problem(422);
    assert_eq!(p["field"], "number");
    let t = c.give("seat", &other, link(&first)).await.ok();
    assert_eq!(t["standing"][&first]["dispatched"], true);
    // The unit that handles it is told nothing of a ticket of others, not even that it is there.
    c.give("dispatcher", &other, json!({ "do": "dispatch", "lead": "renshe" })).await.ok();
    let t = c.get("renshe", &format!("/api/v1/tickets/{other}")).await.ok();
    assert_eq!((t["earlier"].clone(), t["standing"].clone()), (json!([]), json!({})));
}

#[tokio::test]
async fn a_second_call_of_the_same_phone_is_the_same_person() {
    let c = Centre::at("2026-04-30 09:00").await;
    let (n, _) = of_phone(&c, "13900001234").await;
    let call = |phone: &str| json!({ "channel": "phone", "follow_up_by": "phone", "appellant": { "phone": phone } });
    let path = format!("/api/v1/tickets/{n}/appeals");
    let t = c.post("seat", &path, call("139 0000-1234")).await.ok();
    assert_eq!((t["contacts"].clone(), t["persons"].clone()), (json!(2), json!(1)));
    assert_eq!(t["appeals"][1]["same_as"], 1);
    let t = c.post("seat", &path, call("13900009999")).await.ok();
    assert_eq!((t["contacts"].clone(), t["persons"].clone()), (json!(3), json!(2)));
    // Somebody who leaves no number is somebody else.
    let t = c.post("seat", &path, call("")).await.ok();
    assert_eq!(t["persons"], 3);
}

#[tokio::test]
async fn the_appellants_of_a_joined_ticket_go_with_it() {
    let c = Centre::at("2026-04-30 09:00").await;
    let (a, _) = of_phone(&c, "13900001111").await;
    let (b, b_code) = of_phone(&c, "13900002222").await;
    let again = json!({ "channel": "web", "follow_up_by": "sms", "appellant": { "phone": "13900003333" } });
    c.post("seat", &format!("/api/v1/tickets/{b}/appeals"), again).await.ok();

    c.until("2026-04-30 09:20").await;
    let join = |to: &str| json!({ "do": "join-to", "number": to, "reason": "同一盏路灯" });
    let p = c.give("dispatcher", &b, join("SR-20260430-000099-9")).await.problem(422);
    assert_eq!(p["field"], "number");
    assert_eq!(page(&c, &b).await["state"], "registered", "nothing has changed");

    let t = c.give("dispatcher", &b, join(&a)).await.ok();
    assert_eq!((t["state"].clone(), t["joined"].clone()), (json!("joined"), json!(a)));
    let t = page(&c, &a).await;
    assert_eq!((t["contacts"].clone(), t["persons"].clone()), (json!(3), json!(3)));
    let froms: Vec<&Value> = t["appeals"].as_array().unwrap().iter().map(|a| &a["from"]).collect();
    assert_eq!(froms, [&Value::Null, &json!(b), &json!(b)]);
    assert_eq!(t["appeals"][2]["channel"], "web");
    assert_eq!(t["appeals"][2]["follow_up_by"], "sms");
    // Made when they were made, not when the tickets were joined; the table of appeals says the same.
    for appeal in t["appeals"].as_array().unwrap() {
        assert_eq!(appeal["received_at"], "2026-04-30T01:00:00Z", "{appeal}");
    }
    let ticket = c.app.load(&a, &Actor::system()).await.unwrap();
    for row in c.app.store.appeals(PLACE, &a).await.unwrap() {
        let of = ticket.appeals.iter().find(|of| of.no.to_string() == row.appeal).unwrap();
        assert_eq!(row.received_at, of.received_at);
    }
    // The same persons, with the codes they hold.
    let (here, there) = (c.app.store.appeals(PLACE, &b).await.unwrap(), c.app.store.appeals(PLACE, &a).await.unwrap());
    assert_eq!(
        here.iter().map(|r| &r.person).collect::<Vec<_>>(),
        there[there.len() - 2..].iter().map(|r| &r.person).collect::<Vec<_>>()
    );
    assert_eq!(code_of(&c, &a, "2").await, b_code);
    let report = jiesu_server::app::verify(&c.app.store, PLACE, |_, _| {}).await.unwrap();
    assert!(report.holds(), "{report:?}");
    assert!(c.app.store.settings(PLACE).await.unwrap().iter().all(|(name, _)| !name.starts_with("joining")));

    // The same click again is the same joining; another one is refused.
    let key = [("idempotency-key", "join-0001")];
    let path = format!("/api/v1/tickets/{b}/commands");
    c.call(Some("dispatcher"), "POST", &path, Some(join(&a)), &key).await.problem(409);
    assert_eq!(page(&c, &a).await["contacts"], 3);
}

#[tokio::test]
async fn a_joining_that_died_halfway_is_completed_and_nobody_is_lost_or_doubled() {
    let c = Centre::at("2026-04-30 09:00").await;
    let (a, _) = of_phone(&c, "13900001111").await;
    let dispatcher = Actor { id: "dispatcher".into(), role: Role::Dispatcher, unit: None };
    let join = |to: &str| Join { actor: dispatcher.clone(), to: to.into(), reason: "同一盏路灯".into() };

    // Died between the halves; the worker completes it.
    let (b, _) = of_phone(&c, "13900002222").await;
    c.app.begin_join(&b, &join(&a)).await.unwrap();
    assert_eq!(page(&c, &b).await["state"], "registered");
    assert_eq!(page(&c, &a).await["contacts"], 2, "nobody is lost: the appellant is there already");
    worker::pass(&c.app, std::sync::Arc::new(NoGateway)).await.unwrap();
    assert_eq!(
        (page(&c, &b).await["state"].clone(), page(&c, &a).await["contacts"].clone()),
        (json!("joined"), json!(2))
    );

    // Died likewise; the same person tries again before the worker has come.
    let (b, code) = of_phone(&c, "13900003333").await;
    c.app.begin_join(&b, &join(&a)).await.unwrap();
    c.give("dispatcher", &b, json!({ "do": "join-to", "number": a, "reason": "同一盏路灯" })).await.ok();
    worker::pass(&c.app, std::sync::Arc::new(NoGateway)).await.unwrap();
    let t = page(&c, &a).await;
    assert_eq!((page(&c, &b).await["state"].clone(), t["contacts"].clone()), (json!("joined"), json!(3)));
    assert_eq!(code_of(&c, &a, "3").await, code);
    let ticket = c.app.load(&a, &Actor::system()).await.unwrap();
    assert_eq!(ticket.appeals[2].from, Some(joined_from(&b, 1)));
    assert!(c.app.store.settings(PLACE).await.unwrap().iter().all(|(name, _)| !name.starts_with("joining")));
}

/// Who rang for both tickets is one person on the one that goes on, and is told once for each appeal of theirs.
#[tokio::test]
async fn persons_are_counted_across_a_joining() {
    let c = Centre::at("2026-04-30 09:00").await;
    let (a, _) = of_phone(&c, "13900001111").await;
    let (b, _) = of_phone(&c, "13900001111").await;
    c.give("dispatcher", &b, json!({ "do": "join-to", "number": a, "reason": "同一盏路灯" })).await.ok();
    let t = page(&c, &a).await;
    assert_eq!((t["contacts"].clone(), t["persons"].clone()), (json!(2), json!(1)));
    let of_a = OutboxFilter { ticket: Some(a.clone()), ..OutboxFilter::default() };
    let appeals: Vec<_> =
        c.app.store.outbox(PLACE, &of_a, None, 50).await.unwrap().items.into_iter().filter_map(|m| m.appeal).collect();
    assert_eq!(appeals, ["2", "1"], "registered, and registered here");
}

/// The same click of the registration, after an older appeal came here: the code of who registered, and never somebody else's.
#[tokio::test]
async fn a_repeated_registration_never_tells_the_code_of_a_joined_appeal() {
    let c = Centre::at("2026-04-30 09:00").await;
    let (older, code_of_older) = of_phone(&c, "13900001111").await;
    c.until("2026-04-30 09:10").await;
    let body = json!({
        "kind": "help", "title": "路灯不亮", "content": "三号楼前路灯不亮", "channel": "phone",
        "appellant": { "phone": "13900002222" },
    });
    let register = async || {
        let key = [("idempotency-key", "register-0001")];
        c.call(Some("seat"), "POST", "/api/v1/tickets", Some(body.clone()), &key).await.ok()
    };
    let first = register().await;
    let join = json!({ "do": "join-to", "number": first["number"], "reason": "同一盏路灯" });
    c.give("dispatcher", &older, join).await.ok();
    let again = register().await;
    assert_eq!(again["number"], first["number"]);
    assert_eq!(again["query_code"], first["query_code"]);
    assert_ne!(again["query_code"], json!(code_of_older));
}
