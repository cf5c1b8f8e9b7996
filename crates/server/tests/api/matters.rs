//! Which tickets are one matter: proposed while registering and on a ticket's page, accepted or refused by a person, counted by persons, and
//! hot when many come.

use jiesu_server::app::App;
use serde_json::{Value, json};

use super::harness::{Centre, PLACE};

const OILY: (&str, &str) =
    ("翠竹园小区楼下烧烤店油烟太大", "东市街道翠竹园小区楼下的烧烤店每天晚上油烟直排，家里不敢开窗，噪音到凌晨");
const AGAIN: (&str, &str) =
    ("投诉翠竹园烧烤店油烟扰民", "翠竹园小区楼下烧烤店油烟直排，家里不敢开窗，噪音到凌晨，请尽快处理");
const OTHER: (&str, &str) = ("碧水湾小区电梯三天两头坏", "碧水湾五栋电梯经常困人，物业说没有维修资金");

fn phone(n: u32) -> String {
    format!("139{n:08}")
}

async fn registered(c: &Centre, (title, content): (&str, &str), n: u32, more: Value) -> String {
    let mut body = json!({ "title": title, "content": content, "appellant": { "phone": phone(n) } });
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    c.registered(body).await
}

async fn said(c: &Centre, who: &str, (title, content): (&str, &str), n: u32) -> Vec<Value> {
    let body = json!({ "title": title, "content": content, "phone": phone(n) });
    let found = c.post(who, "/api/v1/matters/similar", body).await.ok();
    assert_eq!(found["complete"], true);
    found["items"].as_array().unwrap().clone()
}

async fn similar_to(c: &Centre, who: &str, number: &str) -> Vec<String> {
    let found = c.get(who, &format!("/api/v1/tickets/{number}/similar")).await.ok();
    found["items"].as_array().unwrap().iter().map(|i| i["ticket"]["number"].as_str().unwrap().to_owned()).collect()
}

async fn attach(c: &Centre, number: &str, n: u32) -> Value {
    let body = json!({ "channel": "phone", "follow_up_by": "phone", "appellant": { "phone": phone(n) } });
    c.post("seat", &format!("/api/v1/tickets/{number}/appeals"), body).await.ok()
}

async fn hot(c: &Centre, query: &str) -> Value {
    assert!(c.app.look_for_hot(c.app.clock.now()).await.unwrap());
    c.get("leader", &format!("/api/v1/hot{query}")).await.ok()
}

/// Two citizens complain of one matter: the second registration shows the first, they are joined, both count, and the matter is hot.
#[tokio::test]
async fn a_matter_of_two_is_found_joined_counted_and_hot() {
    let c = Centre::at("2026-04-30 09:00").await;
    let other = registered(&c, OTHER, 9, json!({})).await;
    let first = registered(&c, OILY, 1, json!({ "place": "信州区东市街道翠竹园小区" })).await;
    let found = said(&c, "seat", AGAIN, 2).await;
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!((&found[0]["ticket"]["number"], &found[0]["relation"]), (&json!(first), &json!("other-person")));
    assert_eq!(
        (&found[0]["open"], &found[0]["persons"], &found[0]["same_place"]),
        (&json!(true), &json!(1), &json!(true))
    );
    assert_eq!(said(&c, "seat", AGAIN, 1).await[0]["relation"], "same-person");
    assert_eq!(said(&c, "seat", OILY, 1).await[0]["relation"], "again");
    assert_eq!(said(&c, "seat", OTHER, 1).await[0]["ticket"]["number"], other);

    let second = registered(&c, AGAIN, 2, json!({})).await;
    assert_eq!(similar_to(&c, "seat", &second).await, [first.as_str()]);
    let reason = "同一家烧烤店";
    c.give("seat", &second, json!({ "do": "join-to", "number": first, "reason": reason })).await.ok();
    let t = c.get("seat", &format!("/api/v1/tickets/{first}")).await.ok();
    assert_eq!((t["persons"].clone(), t["contacts"].clone()), (json!(2), json!(2)));
    // What was decided is not proposed again; and who says it a third time is led to the ticket that goes on.
    assert!(similar_to(&c, "seat", &second).await.is_empty());
    assert!(similar_to(&c, "seat", &first).await.is_empty());
    let third = said(&c, "seat", AGAIN, 3).await;
    assert_eq!(third.iter().map(|i| i["ticket"]["number"].clone()).collect::<Vec<_>>(), [json!(first)]);

    attach(&c, &first, 2).await;
    let page = hot(&c, "?days=7").await;
    let items = page["items"].as_array().unwrap();
    assert_eq!(items.len(), 1, "what one person brought once is no issue: {page}");
    let issue = &items[0];
    assert_eq!((&issue["rank"], &issue["ticket"]["number"]), (&json!(1), &json!(first)));
    assert_eq!((&issue["persons"], &issue["contacts"], &issue["tickets"]), (&json!(2), &json!(3), &json!(2)));
    // Two persons, and one of them came once more.
    assert_eq!(issue["heat"], 3.0);
    assert_eq!(
        issue["trend"].as_array().unwrap().iter().map(|n| n.as_i64().unwrap()).collect::<Vec<_>>(),
        [0, 0, 0, 0, 0, 0, 3]
    );
    assert_eq!(page["places"][0]["name"], "信州区人民政府");
    assert_eq!(page["places"][0]["streets"][0]["name"], "东市街道办事处");
    let tickets = c.get("supervisor", &format!("/api/v1/hot/{second}?days=7")).await.ok();
    let numbers: Vec<&str> =
        tickets["tickets"].as_array().unwrap().iter().map(|t| t["number"].as_str().unwrap()).collect();
    assert_eq!(numbers, [second.as_str(), first.as_str()]);
    c.get("leader", &format!("/api/v1/hot/{other}")).await.problem(404);
}

#[tokio::test]
async fn what_somebody_found_to_be_two_matters_is_not_proposed_again() {
    let c = Centre::at("2026-04-30 09:00").await;
    let first = registered(&c, OILY, 1, json!({})).await;
    let second = registered(&c, AGAIN, 2, json!({})).await;
    assert_eq!(similar_to(&c, "dispatcher", &first).await, [second.as_str()]);
    let path = format!("/api/v1/tickets/{second}/not-one-matter");
    c.post("analyst", &path, json!({ "other": first })).await.problem(403);
    assert_eq!(c.post("dispatcher", &path, json!({ "other": second })).await.problem(422)["field"], "other");
    assert_eq!(
        c.post("dispatcher", &path, json!({ "other": "SR-20260430-000077-1" })).await.problem(422)["field"],
        "other"
    );
    for _ in 0..2 {
        c.post("dispatcher", &path, json!({ "other": first.to_lowercase() })).await.ok();
    }
    assert!(similar_to(&c, "dispatcher", &first).await.is_empty());
    assert!(similar_to(&c, "dispatcher", &second).await.is_empty());
    // A third call may be on either.
    assert_eq!(said(&c, "seat", AGAIN, 3).await.len(), 2);
}

/// A unit hears only of tickets that it may open, never of a confidential one, and not who appealed on what it does not handle.
#[tokio::test]
async fn a_unit_is_told_nothing_of_what_is_not_its_own() {
    let c = Centre::at("2026-04-30 09:00").await;
    let own = registered(&c, OILY, 1, json!({})).await;
    let of_others = registered(&c, AGAIN, 2, json!({})).await;
    let secret = registered(&c, AGAIN, 3, json!({ "confidential": true })).await;
    for (number, unit) in [(&own, "chengguan"), (&of_others, "renshe"), (&secret, "chengguan")] {
        c.give("dispatcher", number, json!({ "do": "dispatch", "lead": unit })).await.ok();
    }
    assert_eq!(similar_to(&c, "dispatcher", &own).await.len(), 2);
    assert!(similar_to(&c, "chengguan", &own).await.is_empty());
    assert!(similar_to(&c, "chengguan", &secret).await.is_empty(), "not even its own words are used");
    c.get("chengguan", &format!("/api/v1/tickets/{of_others}/similar")).await.problem(404);
    let words = json!({ "title": OILY.0, "content": OILY.1 });
    for who in ["chengguan", "outsourced-seat", "reviewer"] {
        c.post(who, "/api/v1/matters/similar", words.clone()).await.problem(403);
    }
    // A second ticket of its own is told, and by whom, as it handles both.
    let more = registered(&c, AGAIN, 1, json!({})).await;
    c.give("dispatcher", &more, json!({ "do": "dispatch", "lead": "chengguan" })).await.ok();
    let found = c.get("chengguan", &format!("/api/v1/tickets/{own}/similar")).await.ok();
    assert_eq!(
        (&found["items"][0]["ticket"]["number"], &found["items"][0]["relation"]),
        (&json!(more), &json!("same-person"))
    );
    // Who must not know the appellant is not told that two are one either.
    let found = c.get("supervisor", &format!("/api/v1/tickets/{own}/similar")).await.ok();
    let relations: Vec<&Value> = found["items"].as_array().unwrap().iter().map(|i| &i["relation"]).collect();
    assert!(relations.len() == 3 && relations.iter().all(|r| *r == "same-fact"), "{found}");
}

/// What another process registered is found by this one too.
#[tokio::test]
async fn several_processes_find_the_same() {
    let c = Centre::at("2026-04-30 09:00").await;
    registered(&c, OILY, 1, json!({})).await;
    assert_eq!(said(&c, "seat", AGAIN, 2).await.len(), 1);
    let law = jiesu_server::law::Law::load(None).unwrap();
    let clock = jiesu_server::clock::Clock::new(jiesu_server::config::ClockSetting::Fixed(c.app.clock.now()));
    let beside = App::open(c.app.store.clone(), law, clock, PLACE).await.unwrap();
    let beside = Centre {
        router: jiesu_server::serve::router(beside.clone()),
        app: beside,
        cookies: Default::default(),
        db: c.db,
    };
    let second = registered(&beside, AGAIN, 2, json!({})).await;
    let first = Centre { router: c.router, app: c.app, cookies: Default::default(), db: beside.db };
    assert_eq!(said(&first, "seat", AGAIN, 2).await[0]["ticket"]["number"], second);
}

/// The bound of what is compared in time: of several processes one looks, and not again before its time.
#[tokio::test]
async fn hot_issues_are_looked_for_by_one_now_and_then() {
    let c = Centre::at("2026-04-30 09:00").await;
    assert!(c.get("leader", "/api/v1/hot").await.ok()["made_at"].is_null());
    assert!(c.app.look_for_hot(c.app.clock.now()).await.unwrap());
    assert!(!c.app.look_for_hot(c.app.clock.now()).await.unwrap());
    c.until("2026-04-30 09:09").await;
    assert!(!c.app.look_for_hot(c.app.clock.now()).await.unwrap());
    c.until("2026-04-30 09:10").await;
    assert!(c.app.look_for_hot(c.app.clock.now()).await.unwrap());
    let page = c.get("discipline-watcher", "/api/v1/hot?days=90").await.ok();
    assert_eq!((page["items"].clone(), page["total"].clone()), (json!([]), json!(0)));
    for who in ["chengguan", "chengguan-leader", "seat", "system-admin"] {
        c.get(who, "/api/v1/hot").await.problem(403);
    }
    c.get("leader", "/api/v1/hot?days=8").await.problem(400);
}

/// Persons over several tickets that somebody confirmed to be one matter: nine are no ground, ten are; who calls again, and who is on two
/// of the tickets, is one.
#[tokio::test]
async fn ten_persons_over_confirmed_tickets_give_supervision_its_cause() {
    let rule = "\n[[supervise]]\nid = \"ten\"\nname = \"多人反映\"\nfound_by = \"persons\"\ntimes = 10\narticle = \"第二十八条\"\n";
    let c = Centre::under("2026-04-30 09:00", rule).await;
    let first = c.in_hand(json!({ "title": OILY.0, "content": OILY.1, "appellant": { "phone": phone(1) } })).await;
    let second = registered(&c, AGAIN, 1, json!({})).await;
    let third = registered(&c, AGAIN, 4, json!({})).await;
    // The first has 1, 2, 3; the second 1 (again), 3 (again), 5, 6, 7; the third 4, 8, and 4 once more.
    for n in [2, 3, 2, 2, 1] {
        attach(&c, &first, n).await;
    }
    for n in [3, 5, 6, 7, 7] {
        attach(&c, &second, n).await;
    }
    for n in [8, 4, 4, 4, 4, 4, 4, 4] {
        attach(&c, &third, n).await;
    }
    let link = |number: &str| json!({ "do": "link-earlier", "number": number, "note": "同一家店" });
    let ledger = |t: &Value| t["supervision"].as_array().unwrap().len();
    c.give("dispatcher", &first, link(&second)).await.ok();
    let t = c.give("dispatcher", &first, link(&third)).await.ok();
    assert_eq!((t["persons"].clone(), ledger(&t)), (json!(3), 0), "eight persons over the three");
    let t = attach(&c, &first, 9).await;
    assert_eq!(ledger(&t), 0, "nine");
    for again in [9, 8, 5, 1] {
        assert_eq!(ledger(&attach(&c, &first, again).await), 0, "still nine");
    }
    let t = attach(&c, &first, 10).await;
    assert_eq!(ledger(&t), 1, "ten");
    let entry = &t["supervision"][0];
    assert_eq!(
        (&entry["ground"], &entry["note"]),
        (&json!("ten"), &json!("本工单和经认定为同一事项的工单，共10人反映"))
    );
    // Ten persons on the page as well, and it says that somebody was told.
    let issue = hot(&c, "?days=7").await["items"][0].clone();
    assert_eq!((&issue["persons"], &issue["tickets"]), (&json!(10), &json!(3)));
    assert_eq!((&issue["ground"]["persons"], &issue["ground"]["raised"]), (&json!(10), &json!(true)));
}

/// A person is a phone or an identity number, never a name; the same one ten times is one.
#[tokio::test]
async fn the_same_person_calling_ten_times_is_one() {
    let c = Centre::at("2026-04-30 09:00").await;
    let number = c
        .registered(
            json!({ "appellant": { "name": "测试诉求人", "phone": phone(1), "id_number": "110101199003070070" } }),
        )
        .await;
    let call = |appellant: Value| json!({ "channel": "phone", "follow_up_by": "phone", "appellant": appellant });
    let path = format!("/api/v1/tickets/{number}/appeals");
    for _ in 0..5 {
        c.post("seat", &path, call(json!({ "phone": "139-0000-0001" }))).await.ok();
        c.post("seat", &path, call(json!({ "phone": phone(77), "id_number": "110101199003070070" }))).await.ok();
    }
    let t = c.post("seat", &path, call(json!({ "name": "测试诉求人", "phone": phone(2) }))).await.ok();
    assert_eq!(
        (t["contacts"].clone(), t["persons"].clone()),
        (json!(12), json!(2)),
        "another phone of that name is another person"
    );
}
