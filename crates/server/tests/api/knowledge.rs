//! The knowledge base as its people use it: submitted, reviewed, found, used, asked for, found wrong, checked (QD-2, SR-18, ZS-34, SR-14).

use jiesu_domain::knowledge::Audience;
use jiesu_server::app::{App, verify};
use serde_json::{Value, json};

use super::harness::{Answer, Centre, PLACE, clock, instant};

const TIME: &str = "2026-05-11 09:00"; // Monday
const BASE: &str = "/api/v1/knowledge";

/// An entry of 城管局 to be submitted.
pub fn lamp(more: Value) -> Value {
    let mut content = json!({
        "section": "daily", "title": "路灯不亮找谁修？", "text": "由城市管理局维修，请告知路名和灯杆编号。", "open": true,
    });
    content.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    json!({ "do": "submit", "content": content, "secrecy_checked": true })
}

async fn told(c: &Centre, who: &str, entry: &str, command: Value) -> Answer {
    c.post(who, &format!("{BASE}/{entry}/commands"), json!({ "command": command })).await
}

/// An entry that 城管局 submitted and a reviewer published.
pub async fn published(c: &Centre, command: Value) -> String {
    let entry = c.post("chengguan", BASE, command).await.ok()["entry"].as_str().unwrap().to_owned();
    told(c, "reviewer", &entry, json!({ "do": "publish" })).await.ok();
    entry
}

async fn found(c: &Centre, who: &str, words: &str) -> Vec<String> {
    let hits = c.post(who, &format!("{BASE}/search"), json!({ "q": words })).await.ok();
    hits.as_array().unwrap().iter().map(|hit| hit["entry"].as_str().unwrap().to_owned()).collect()
}

async fn listed(c: &Centre, who: &str, query: &str) -> Vec<String> {
    let page = c.get(who, &format!("{BASE}?{query}")).await.ok();
    let items = page["items"].as_array().unwrap();
    assert_eq!(page["total"], items.len());
    items.iter().map(|line| line["entry"].as_str().unwrap().to_owned()).collect()
}

fn allowed(entry: &Value) -> Vec<&str> {
    let actions = entry["actions"].as_array().unwrap();
    actions.iter().filter(|a| a["allowed"] == true).map(|a| a["do"].as_str().unwrap()).collect()
}

/// What nobody has reviewed nobody finds; what was, everybody who answers does, outsourced seats too. Who provides is responsible.
#[tokio::test]
async fn what_is_said_was_reviewed_by_somebody_else() {
    let c = Centre::at(TIME).await;
    let refused = c.post("chengguan", BASE, json!({ "do": "submit", "content": lamp(json!({}))["content"] })).await;
    let refused = refused.problem(422);
    assert_eq!((&refused["rule"], &refused["article"]), (&json!("secrecy-not-checked"), &json!("第十九条")));
    c.post("seat", BASE, lamp(json!({}))).await.problem(403);
    let made = c.post("chengguan", BASE, lamp(json!({}))).await.ok();
    assert_eq!(
        (&made["state"], &made["live"], &made["unit_name"]),
        (&json!("review"), &json!(false), &json!("城市管理局"))
    );
    let entry = made["entry"].as_str().unwrap();
    assert!(found(&c, "seat", "路灯坏了").await.is_empty());
    for who in ["seat", "gongan", "outsourced-seat"] {
        c.get(who, &format!("{BASE}/{entry}")).await.problem(404);
    }
    assert_eq!(listed(&c, "reviewer", "list=review").await, [entry]);
    told(&c, "chengguan", entry, json!({ "do": "publish" })).await.problem(403);
    let seen = c.get("reviewer", &format!("{BASE}/{entry}")).await.ok();
    assert!(allowed(&seen).contains(&"publish"));
    told(&c, "reviewer", entry, json!({ "do": "publish" })).await.ok();
    for who in ["seat", "outsourced-seat", "gongan", "chengguan", "knowledge-clerk"] {
        assert_eq!(found(&c, who, "家门口的路灯坏了好几天").await, [entry], "{who}");
    }
    let other = told(&c, "gongan", entry, lamp(json!({ "text": "不归我们管。" }))).await.problem(422);
    assert_eq!(other["rule"], "not-the-provider");
    // A second version: the first one is said until the second is published.
    let next = told(&c, "chengguan", entry, lamp(json!({ "text": "请拨打照明中心电话。" }))).await.ok();
    assert_eq!((&next["state"], &next["current"]["version"]), (&json!("published"), &json!(1)));
    let two = told(&c, "reviewer", entry, json!({ "do": "publish" })).await.ok();
    assert_eq!((&two["current"]["version"], two["versions"].as_array().unwrap().len()), (&json!(2), 2));
    assert_eq!(found(&c, "seat", "照明中心").await, [entry]);
    // Somebody else was quicker.
    let late = json!({ "version": 2, "command": { "do": "withdraw", "reason": "不再适用" } });
    c.post("reviewer", &format!("{BASE}/{entry}/commands"), late).await.problem(409);
    told(&c, "reviewer", entry, json!({ "do": "withdraw", "reason": "不再适用" })).await.ok();
    assert!(found(&c, "seat", "照明中心").await.is_empty());
    c.get("seat", &format!("{BASE}/{entry}")).await.problem(404);
    let report = verify(&c.app.store, PLACE, |_, _| {}).await.unwrap();
    assert!(report.holds() && report.knowledge.entries >= 5, "{report:?}");
    let written = c.app.store.audit_after(PLACE, 0, 1000).await.unwrap();
    let told: Vec<_> = written.iter().filter(|e| e.entry.kind == "knowledge-changed").map(|e| &*e.entry.who).collect();
    assert_eq!(told, ["reviewer"; 3]);
}

/// The hotline's own column is for the hotline and the unit that fills it; what is not open is not for citizens.
#[tokio::test]
async fn an_audience_finds_what_is_meant_for_it() {
    let c = Centre::at(TIME).await;
    let inner = json!({ "section": "hotline", "title": "城管局热线对接人员", "text": "分管领导和承办人的值班安排。", "open": false });
    let inner = published(&c, lamp(inner)).await;
    let closed = published(&c, lamp(json!({ "title": "值班路灯怎样报修？", "open": false }))).await;
    let open = published(&c, lamp(json!({}))).await;
    for (who, words, wanted) in [
        ("seat", "热线对接人员", vec![&inner]),
        ("chengguan", "热线对接人员", vec![&inner]),
        ("gongan", "热线对接人员", vec![]),
        ("gongan", "路灯", vec![&closed, &open]),
    ] {
        let mut got = found(&c, who, words).await;
        got.sort();
        assert_eq!(got.iter().collect::<Vec<_>>(), wanted, "{who} {words}");
    }
    c.get("gongan", &format!("{BASE}/{inner}")).await.problem(404);
    let now = c.app.clock.now();
    let citizen = c.app.search_knowledge(&Audience::Public(now), "路灯 热线", 9, None).await.unwrap();
    assert_eq!(citizen.iter().map(|card| &card.entry).collect::<Vec<_>>(), [&open]);
    // Another process finds what this one wrote.
    let law = jiesu_server::law::Law::load(None).unwrap();
    let clock = jiesu_server::clock::Clock::new(jiesu_server::config::ClockSetting::Fixed(now));
    let other = App::open(c.app.store.clone(), law, clock, PLACE).await.unwrap();
    assert_eq!(other.search_knowledge(&Audience::Public(now), "路灯", 9, None).await.unwrap().len(), 1);
    published(&c, lamp(json!({ "title": "路灯太亮找谁？" }))).await;
    assert_eq!(other.search_knowledge(&Audience::Public(now), "路灯", 9, None).await.unwrap().len(), 2);
}

/// 我要提问, 我要答复: the unit's working day, and what the list says when it is over.
#[tokio::test]
async fn a_question_is_answered_within_its_limit() {
    let c = Centre::at(TIME).await;
    let ask = json!({ "do": "ask", "unit": "chengguan", "question": "流动摊贩占道怎样反映", "reminded": "phone" });
    c.post("seat", BASE, ask.clone()).await.problem(403);
    let asked = c.post("knowledge-clerk", BASE, ask).await.ok();
    assert_eq!(clock(&asked, "question")["due"], "2026-05-12T16:00:00Z");
    let entry = asked["entry"].as_str().unwrap().to_owned();
    assert_eq!(listed(&c, "chengguan", "list=owed").await, std::slice::from_ref(&entry));
    assert!(listed(&c, "gongan", "list=owed").await.is_empty());
    c.get("gongan", &format!("{BASE}/{entry}")).await.problem(404);
    c.until("2026-05-12 23:59").await;
    assert!(listed(&c, "knowledge-clerk", "list=late").await.is_empty());
    c.until("2026-05-13 00:00").await;
    assert_eq!(listed(&c, "knowledge-clerk", "list=late").await, std::slice::from_ref(&entry));
    let answer = json!({ "do": "answer", "text": "请告知地点和时段，我局到现场处理。", "secrecy_checked": true });
    let answered = told(&c, "chengguan", &entry, answer).await.ok();
    assert_eq!((&answered["state"], &clock(&answered, "question")["late"]), (&json!("review"), &json!(true)));
    told(&c, "reviewer", &entry, json!({ "do": "publish" })).await.ok();
    assert_eq!(found(&c, "seat", "有流动摊贩占道").await, [entry]);
}

/// A demand goes with a ticket: the unit's time begins with the reply, also where that could not be written at once.
#[tokio::test]
async fn an_entry_that_a_dispatch_asks_for_is_due_after_the_reply() {
    let c = Centre::at(TIME).await;
    let n = c.in_hand(json!({})).await;
    let demand = |unit: &str, ticket: &str| json!({ "do": "demand", "unit": unit, "ticket": ticket, "question": "路灯不亮找谁修？" });
    assert_eq!(c.post("dispatcher", BASE, demand("gongan", &n)).await.problem(422)["field"], "unit");
    assert_eq!(c.post("dispatcher", BASE, demand("chengguan", "SR-0")).await.problem(422)["field"], "ticket");
    let owed = c.post("dispatcher", BASE, demand("chengguan", &n)).await.ok();
    assert_eq!((&owed["state"], owed["clocks"].as_array().unwrap().len()), (&json!("owed"), 0));
    c.post("dispatcher", BASE, demand("chengguan", &n)).await.problem(409);
    let entry = owed["entry"].as_str().unwrap().to_owned();
    assert_eq!(listed(&c, "chengguan", &format!("ticket={n}")).await, std::slice::from_ref(&entry));
    c.give("chengguan", &n, json!({ "do": "record-contact", "by": "phone", "reached": true, "note": "已联系" }))
        .await
        .ok();
    c.give("chengguan", &n, json!({ "do": "draft-reply", "text": "路灯已修好" })).await.ok();
    c.give("chengguan-leader", &n, json!({ "do": "audit-reply" })).await.ok();
    let due = c.get("chengguan", &format!("{BASE}/{entry}")).await.ok();
    assert_eq!(clock(&due, "knowledge")["due"], "2026-05-12T16:00:00Z");
    c.app.complete_knowledge().await.unwrap();
    let again = c.get("chengguan", &format!("{BASE}/{entry}")).await.ok();
    assert_eq!(again["version"], due["version"], "once only");
    let entered = told(&c, "chengguan", &entry, lamp(json!({}))).await.ok();
    assert_eq!((&entered["state"], &clock(&entered, "knowledge")["status"]), (&json!("review"), &json!("met")));
}

/// Found wrong: the unit's limit runs, citizens do not read it any more, and a sample says how much is right.
#[tokio::test]
async fn an_error_is_corrected_and_counted() {
    let c = Centre::at(TIME).await;
    let entry = published(&c, lamp(json!({}))).await;
    let other = published(&c, lamp(json!({ "title": "井盖丢了找谁？" }))).await;
    told(&c, "outsourced-seat", &entry, json!({ "do": "report-error", "what": "照明中心已改电话" })).await.ok();
    assert_eq!(listed(&c, "knowledge-clerk", "list=reported").await, std::slice::from_ref(&entry));
    told(&c, "seat", &entry, json!({ "do": "confirm-error", "no": 1 })).await.problem(403);
    let wrong = told(&c, "knowledge-clerk", &entry, json!({ "do": "confirm-error", "no": 1 })).await.ok();
    assert_eq!((&wrong["wrong"], &wrong["open_from"]), (&json!(true), &Value::Null));
    assert_eq!(clock(&wrong, "correction")["due"], "2026-05-14T16:00:00Z");
    assert_eq!(wrong["found"][0]["conduct"], "wrong-knowledge");
    let hit = c.post("seat", &format!("{BASE}/search"), json!({ "q": "路灯" })).await.ok();
    assert_eq!(hit[0]["wrong"], true, "a seat is warned: {hit}");
    told(&c, "chengguan", &entry, lamp(json!({ "text": "请拨打照明中心新的电话。" }))).await.ok();
    let right = told(&c, "reviewer", &entry, json!({ "do": "publish" })).await.ok();
    assert_eq!((&right["wrong"], &right["errors"][0]["state"]), (&json!(false), &json!("corrected")));

    let samples = format!("{BASE}/samples");
    c.post("chengguan", &samples, json!({ "word": "5月", "size": 9 })).await.problem(403);
    assert_eq!(c.post("reviewer", &samples, json!({ "word": " ", "size": 9 })).await.problem(422)["field"], "word");
    let drawn = c.post("reviewer", &samples, json!({ "word": "2026年5月", "size": 9 })).await.ok();
    assert_eq!((&drawn["sample"]["drawn"], &drawn["sample"]["accuracy"]["percent"]), (&json!(2), &Value::Null));
    let check = |right: bool| json!({ "do": "check", "sample": 1, "right": right, "note": "拨打核对" });
    told(&c, "reviewer", &entry, check(true)).await.ok();
    told(&c, "reviewer", &entry, check(true)).await.problem(409);
    let at = c.get("knowledge-clerk", &format!("{BASE}/figures")).await.ok();
    assert_eq!(at["accuracy"], json!({ "part": 1, "base": 1, "percent": 100.0 }));
    assert_eq!(at["unmarked"], 1);
    told(&c, "knowledge-clerk", &other, check(false)).await.ok();
    let at = c.get("knowledge-clerk", &format!("{BASE}/figures")).await.ok();
    assert_eq!(at["accuracy"], json!({ "part": 1, "base": 2, "percent": 50.0 }));
    assert_eq!(listed(&c, "reviewer", "list=wrong").await, [other]);
    c.get("seat", &format!("{BASE}/figures")).await.problem(403);
}

/// Answered from the knowledge base: the ticket names the entry, the use is counted, and the rate has its base.
#[tokio::test]
async fn an_answer_at_once_is_counted_for_its_entry() {
    let c = Centre::at(TIME).await;
    let entry = published(&c, lamp(json!({}))).await;
    let unused = published(&c, lamp(json!({ "title": "井盖丢了找谁？" }))).await;
    for _ in 0..3 {
        c.registered(json!({ "kind": "consultation" })).await;
    }
    let n = c.registered(json!({ "kind": "consultation" })).await;
    c.give("seat", &n, json!({ "do": "answer-at-once", "answer": "由城市管理局维修。", "entry": entry })).await.ok();
    c.get("seat", &format!("{BASE}/{entry}")).await.ok();
    c.post("seat", &format!("{BASE}/{entry}/cited"), json!({})).await.ok();
    let seen = c.get("chengguan", &format!("{BASE}/{entry}")).await.ok();
    assert_eq!(seen["uses"], json!({ "answered": 1, "opened": 1, "cited": 1 }));
    let at = c.get("centre-manager", &format!("{BASE}/figures")).await.ok();
    assert_eq!(at["at_once"], json!({ "part": 1, "base": 4, "percent": 25.0 }));
    assert_eq!((&at["answered"], &at["opened"]), (&json!(1), &json!(1)));
    // Never used, and not confirmed for a year: the lists, and the counts by unit.
    assert!(listed(&c, "chengguan", "list=unused").await.is_empty(), "it is new");
    c.app.clock.set(instant("2026-06-12 09:00"));
    assert_eq!(listed(&c, "chengguan", "list=unused").await, std::slice::from_ref(&unused));
    c.app.clock.set(instant("2027-05-11 09:00"));
    assert!(listed(&c, "chengguan", "list=stale").await.is_empty(), "the 365th day");
    c.app.clock.set(instant("2027-05-13 09:00"));
    assert_eq!(listed(&c, "chengguan", "list=stale").await.len(), 2);
    told(&c, "chengguan", &unused, json!({ "do": "renew" })).await.ok();
    assert_eq!(listed(&c, "chengguan", "list=stale").await, [entry]);
    let at = c.get("centre-manager", &format!("{BASE}/figures")).await.ok();
    let unit = &at["units"][0];
    assert_eq!((&unit["published"], &unit["stale"], &unit["unused"]), (&json!(2), &json!(1), &json!(1)));
    assert_eq!(at["at_once"]["percent"], Value::Null, "nothing was registered in these days");
}
