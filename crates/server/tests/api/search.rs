//! Looking for tickets by their words.

use serde_json::{Value, json};

use crate::harness::{Answer, Centre, law_with};

fn numbers(page: Answer) -> Vec<String> {
    let page = page.ok();
    page["items"].as_array().unwrap().iter().map(|t| t["number"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_unit_finds_what_it_has_to_do_with_and_nothing_else() {
    let c = Centre::at("2026-04-30 09:00").await;
    let number = c.registered(json!({})).await;
    let find = "/api/v1/tickets?q=路灯";
    assert_eq!(numbers(c.get("seat", find).await), [number.as_str()]);
    assert!(numbers(c.get("chengguan", find).await).is_empty(), "not dispatched yet");
    c.give("dispatcher", &number, json!({ "do": "dispatch", "lead": "chengguan" })).await.ok();
    assert_eq!(numbers(c.get("chengguan", find).await), [number.as_str()]);
    assert!(numbers(c.get("gongan", find).await).is_empty());
    c.give("chengguan", &number, json!({ "do": "sign" })).await.ok();
    let back = json!({ "do": "ask-return", "reason": "不属于本单位职责", "basis": "三定方案" });
    c.give("chengguan", &number, back).await.ok();
    c.give("reviewer", &number, json!({ "do": "review-return", "approve": true, "note": "同意" })).await.ok();
    c.give("dispatcher", &number, json!({ "do": "dispatch", "lead": "gongan" })).await.ok();
    assert_eq!(numbers(c.get("gongan", find).await), [number.as_str()]);
    let seen = c.get("chengguan", &format!("/api/v1/tickets/{number}")).await.status.is_success();
    assert_eq!(numbers(c.get("chengguan", find).await).len(), usize::from(seen), "the list shows what the page does");
}

#[tokio::test]
async fn what_has_words_comes_newest_first_unless_asked_otherwise() {
    let c = Centre::at("2025-03-03 09:00").await;
    let mut made = Vec::new();
    for day in ["2025-03-03", "2025-06-10", "2026-04-29", "2026-04-30"] {
        c.until(&format!("{day} 09:00")).await;
        made.push(c.registered(json!({})).await);
    }
    let newest: Vec<&String> = made.iter().rev().collect();
    assert_eq!(
        numbers(c.get("seat", "/api/v1/tickets?q=路灯").await),
        newest.iter().map(|n| n.as_str()).collect::<Vec<_>>()
    );
    let mut from = String::new();
    for number in newest {
        let page = c.get("seat", &format!("/api/v1/tickets?q=路灯&limit=1{from}")).await.ok();
        assert_eq!(page["items"][0]["number"], number.as_str());
        from = page["next"].as_str().map(|next| format!("&cursor={next}")).unwrap_or_default();
    }
    assert!(from.is_empty(), "four pages");
    assert_eq!(numbers(c.get("seat", "/api/v1/tickets?q=路灯&sort=urgency").await).len(), 4);
    assert_eq!(
        numbers(c.get("seat", "/api/v1/tickets?q=路灯&from=2025-06-10&to=2026-04-29").await),
        [&*made[2], &*made[1]]
    );
}

/// The index knows on which shelf a ticket stands; each step of a life takes it along.
#[tokio::test]
async fn a_ticket_is_found_where_it_stands_all_its_life() {
    let c = Centre::at("2026-04-30 09:00").await;
    let n = c.registered(json!({})).await;
    let found = async |asked: &str| numbers(c.get("supervisor", &format!("/api/v1/tickets?q=路灯{asked}")).await);
    let stands = async |state: &str, overdue: bool| {
        assert_eq!(found(&format!("&state={state}")).await, [n.as_str()], "{state}");
        assert_eq!(found(&format!("&state={state},dispatched,archived")).await, [n.as_str()], "{state}");
        for other in ["registered", "in-hand", "closed", "archived"].into_iter().filter(|other| *other != state) {
            assert!(found(&format!("&state={other}")).await.is_empty(), "{other} instead of {state}");
        }
        assert_eq!(found("&overdue=true").await.len(), usize::from(overdue), "{state}");
        let counts = c.get("supervisor", &format!("/api/v1/tickets/counts?q=路灯&state={state}")).await.ok();
        assert_eq!((&counts["total"], &counts["overdue"]), (&json!(1), &json!(usize::from(overdue))), "{state}");
    };
    stands("registered", false).await;
    c.give("dispatcher", &n, json!({ "do": "dispatch", "lead": "chengguan" })).await.ok();
    c.give("chengguan", &n, json!({ "do": "sign" })).await.ok();
    stands("in-hand", false).await;
    c.until("2026-05-12 00:01").await;
    stands("in-hand", true).await;
    assert!(found("&supervised=true").await.is_empty());
    c.give("supervisor", &n, json!({ "do": "open-supervision", "no": 1, "fault": "无故未办" })).await.ok();
    assert_eq!(found("&supervised=true").await, [n.as_str()]);
    c.give("chengguan", &n, json!({ "do": "draft-reply", "text": "已修好" })).await.ok();
    c.give("chengguan-leader", &n, json!({ "do": "audit-reply" })).await.ok();
    c.give("chengguan", &n, json!({ "do": "ask-closure", "ground": "done", "statement": "已修复" })).await.ok();
    c.give("reviewer", &n, json!({ "do": "review-closure", "approve": true, "note": "" })).await.ok();
    stands("closed", false).await;
}

#[tokio::test]
async fn words_that_another_program_cut_are_cut_anew_when_the_centre_opens() {
    let c = Centre::at("2026-04-30 09:00").await;
    let number = c.registered(json!({})).await;
    c.app.store.reindex("shangrao", &|_| Some("别的".into()), |_| {}).await.unwrap();
    assert!(numbers(c.get("seat", "/api/v1/tickets?q=路灯").await).is_empty());
    c.app.store.setting_put("shangrao", "cut", "2").await.unwrap();
    let c = c.reopened(law_with("")).await;
    assert_eq!(numbers(c.get("seat", "/api/v1/tickets?q=路灯").await), [number]);
}

/// What is marked in a text, by the positions that are told.
fn marked(text: &Value, marks: &Value) -> Vec<String> {
    let chars: Vec<char> = text.as_str().unwrap().chars().collect();
    let at = |mark: &Value, end: &str| mark[end].as_u64().unwrap() as usize;
    marks.as_array().unwrap().iter().map(|m| chars[at(m, "from")..at(m, "to")].iter().collect()).collect()
}

#[tokio::test]
async fn what_is_found_is_marked_where_it_stands() {
    let c = Centre::at("2026-04-30 09:00").await;
    let content = format!("{}門口路灯坏了😀，请打13900001234，坏了三天。", "小区".repeat(60));
    let number = c.registered(json!({ "title": "路燈不亮", "content": content })).await;
    let line =
        c.get("seat", "/api/v1/tickets?q=%E8%B7%AF%E7%81%AF%20%E5%9D%8F%E4%BA%86").await.ok()["items"][0].clone();
    assert_eq!(line["number"], number.as_str());
    assert_eq!(marked(&line["title"], &line["found"]["title"]), ["路燈"]);
    let piece = &line["found"]["piece"];
    assert_eq!(piece["label"], "诉求内容");
    assert_eq!(marked(&piece["text"], &piece["marks"]), ["路灯坏了", "坏了"]);
    let text = piece["text"].as_str().unwrap();
    assert!(text.starts_with('…') && text.contains("😀") && !text.contains("1390000"), "{text}");
    let line = c.get("seat", "/api/v1/tickets?q=不亮").await.ok()["items"][0].clone();
    assert!(line["found"]["piece"].is_null(), "the title alone has it");
    assert!(numbers(c.get("seat", "/api/v1/tickets?q=1390000").await).is_empty(), "who called is no word");
    assert!(c.get("seat", "/api/v1/tickets").await.ok()["items"][0]["found"].is_null(), "nothing was looked for");
}

#[tokio::test]
async fn replies_answers_and_closing_notes_are_found_once_they_stand() {
    let c = Centre::at("2026-04-30 09:00").await;
    let number = c.in_hand(json!({})).await;
    let find = async |q: &str| numbers(c.get("seat", &format!("/api/v1/tickets?q={q}")).await);
    c.give(
        "chengguan",
        &number,
        json!({ "do": "record-contact", "by": "phone", "reached": true, "note": "已联系诉求人" }),
    )
    .await
    .ok();
    let reply = json!({ "do": "draft-reply", "text": "经现场核查，灯杆电缆被挖断，已接通恢复照明。" });
    c.give("chengguan", &number, reply).await.ok();
    assert!(find("电缆被挖").await.is_empty(), "a draft is nobody else's");
    c.give("chengguan-leader", &number, json!({ "do": "audit-reply" })).await.ok();
    assert_eq!(find("电缆被挖").await, [number.as_str()]);
    let line = c.get("seat", "/api/v1/tickets?q=电缆").await.ok()["items"][0].clone();
    assert_eq!(line["found"]["piece"]["label"], "答复");
    let ask = json!({ "do": "ask-closure", "ground": "done", "statement": "灯杆已复位并回访" });
    c.give("chengguan", &number, ask).await.ok();
    assert!(find("灯杆已复位").await.is_empty(), "not closed yet");
    c.give("reviewer", &number, json!({ "do": "review-closure", "approve": true, "note": "同意" })).await.ok();
    assert_eq!(find("灯杆已复位").await, [number.as_str()]);
}

#[tokio::test]
async fn the_best_have_all_words_in_the_title() {
    let c = Centre::at("2026-04-01 09:00").await;
    let mut made = Vec::new();
    for (day, title) in
        [("02", "路灯不亮"), ("03", "小区路灯"), ("09", "不亮"), ("20", "夜间路灯长期不亮"), ("29", "别的")]
    {
        c.until(&format!("2026-04-{day} 09:00")).await;
        made.push(c.registered(json!({ "title": title })).await);
    }
    c.registered(json!({ "title": "停水", "content": "全楼停水" })).await;
    let best = "/api/v1/tickets?sort=best&q=%E8%B7%AF%E7%81%AF%20%E4%B8%8D%E4%BA%AE";
    let expected: Vec<&str> = [3, 0, 4, 2, 1].into_iter().map(|n: usize| &*made[n]).collect();
    assert_eq!(numbers(c.get("seat", best).await), expected);
    let (mut from, mut paged) = (String::new(), Vec::new());
    loop {
        let page = c.get("seat", &format!("{best}&limit=1{from}")).await.ok();
        paged.extend(page["items"].as_array().unwrap().iter().map(|t| t["number"].as_str().unwrap().to_owned()));
        let Some(next) = page["next"].as_str() else { break };
        from = format!("&cursor={next}");
    }
    assert_eq!(paged, expected, "page by page");
    c.get("seat", "/api/v1/tickets?sort=rank&q=%E8%B7%AF").await.problem(400);
}

#[tokio::test]
async fn initials_of_units_and_places_are_told_beside_a_search() {
    let c = Centre::at("2026-04-30 09:00").await;
    let number = c.registered(json!({ "title": "hfx路口路灯不亮" })).await;
    let page = c.get("seat", "/api/v1/tickets?q=hfx").await.ok();
    let names = |page: &Value| {
        let meant = page["meant"].as_array().cloned().unwrap_or_default();
        meant.iter().map(|m| (m["name"].as_str().unwrap().to_owned(), m["unit"].is_string())).collect::<Vec<_>>()
    };
    assert_eq!(page["items"][0]["number"], number.as_str(), "letters are words too");
    let (place, unit) = c
        .app
        .units()
        .values()
        .find_map(|u| Some((u.name.strip_suffix("人民政府")?.to_owned(), u.name.clone())))
        .unwrap();
    let letters: String = jiesu_text::initials::initials(&place).iter().filter_map(|l| l.chars().next()).collect();
    let meant = names(&c.get("seat", &format!("/api/v1/tickets?q={letters}")).await.ok());
    assert!(meant.contains(&(place, false)) && meant.contains(&(unit, true)), "{letters}: {meant:?}");
    assert!(
        names(&c.get("chengguan", "/api/v1/tickets?q=hfx").await.ok()).is_empty(),
        "a unit has no other units' tickets"
    );
    for q in ["h", "h1", "路灯", "hfx+lk"] {
        assert!(names(&c.get("seat", &format!("/api/v1/tickets?q={q}")).await.ok()).is_empty(), "{q}");
    }
    let units = c.get("seat", "/api/v1/units").await.ok();
    let of = units.as_array().unwrap().iter().find(|u| u["id"] == "chengguan").unwrap();
    assert_eq!(of["initials"].as_array().unwrap().len(), of["name"].as_str().unwrap().chars().count());
}
