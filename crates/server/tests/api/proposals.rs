//! What is proposed while registering and dispatching, what people do with it, and what the centre learns from its closed tickets.

use jiesu_domain::{Kind, calendar::Day};
use jiesu_server::app::proposals::learning::{Report, Taught, Verdict, version};
use serde_json::{Value, json};
use tokio::sync::watch;

use super::harness::{Centre, instant};

const TIME: &str = "2026-04-30 09:00"; // Thursday
const BASE: &str = "/api/v1/proposals";

async fn proposed(c: &Centre, who: &str, asked: Value) -> Vec<Value> {
    c.post(who, BASE, asked).await.ok().as_array().unwrap().clone()
}

fn of<'v>(proposals: &'v [Value], field: &str) -> Option<&'v Value> {
    proposals.iter().find(|p| p["field"] == field)
}

/// The words that a proposal rests on.
fn words(proposal: &Value, asked: &Value) -> Vec<String> {
    let words = proposal["words"].as_array().unwrap().iter();
    let word = |w: &Value| {
        let text = asked[w["text"].as_str().unwrap()].as_str().unwrap();
        let (start, length) = (w["start"].as_u64().unwrap() as usize, w["length"].as_u64().unwrap() as usize);
        text.chars().skip(start).take(length).collect()
    };
    words.map(word).collect()
}

/// Appeals of three sorts, each said in many ways, each with the unit that answers; the newest first.
fn taught(appeals: usize) -> Vec<Taught> {
    let sorts = [
        ("城市管理/路灯照明", "chengguan", "路灯", ["路灯不亮", "路灯坏了", "街上路灯时亮时灭", "路灯杆歪了"]),
        ("人社/劳动报酬", "renshe", "工资", ["老板拖欠工资", "工资没有发", "干了活不给工资", "工资少发了一半"]),
        ("公共服务/供水", "shuiwu", "停水", ["家里停水", "又停水了", "停水没有通知", "小区停水三天"]),
    ];
    let of = |n: usize| {
        let (category, unit, _, said) = &sorts[n % sorts.len()];
        Taught {
            title: said[n / sorts.len() % said.len()].to_owned(),
            content: format!("诉求人第{n}次反映：{}，希望处理。", said[n / 7 % said.len()]),
            place: None,
            kind: Some(if n % 3 == 1 { Kind::Complaint } else { Kind::Help }),
            category: Some((*category).to_owned()),
            unit: Some((*unit).to_owned()),
            urgent: false,
        }
    };
    (0..appeals).map(of).collect()
}

async fn learn(c: &Centre, time: &str, taught: Vec<Taught>) -> Report {
    let (day, now) = (Day::of(instant(time)), instant(time));
    assert!(c.app.store.learning_begin("shangrao", i64::from(day.0), now, now).await.unwrap());
    let (_going_on, stop) = watch::channel(false);
    c.app.learn(day, taught, false, stop).await.unwrap().unwrap()
}

fn count(figures: &Value, field: &str, outcome: &str) -> i64 {
    let fields = figures["fields"].as_array().unwrap();
    let field = fields.iter().find(|f| f["field"] == field).unwrap();
    field["counts"].as_array().unwrap().iter().map(|c| c[outcome].as_i64().unwrap()).sum()
}

#[tokio::test]
async fn words_propose_without_anything_learnt() {
    let c = Centre::at(TIME).await;
    let asked =
        json!({ "title": "我要投诉工地", "content": "信州区东市街道解放路12号旁边燃气泄漏，请不要透露我的姓名" });
    let proposals = proposed(&c, "seat", asked.clone()).await;
    let urgent = of(&proposals, "urgent").unwrap();
    assert_eq!(words(urgent, &asked), ["燃气泄漏"]);
    assert!(urgent["why"].as_str().unwrap().contains("上饶第十五条"), "{urgent}");
    assert_eq!(words(of(&proposals, "confidential").unwrap(), &asked), ["不要透露"]);
    let kind = of(&proposals, "kind").unwrap();
    assert_eq!(
        (&kind["value"], &kind["source"], &kind["confidence"]),
        (&json!("complaint"), &json!("words"), &json!(null))
    );
    assert!(of(&proposals, "category").is_none(), "nothing was learnt");
    let place = of(&proposals, "place").unwrap();
    assert!(place["value"].as_str().unwrap().starts_with("信州区"), "{place}");
    assert_eq!(proposed(&c, "outsourced-seat", json!({ "title": "", "content": "" })).await, Vec::<Value>::new());
    c.post("chengguan", BASE, asked).await.problem(403);
}

#[tokio::test]
async fn what_closed_tickets_teach_is_proposed_with_its_words_and_its_measure() {
    let c = Centre::at(TIME).await;
    let report = learn(&c, TIME, taught(360)).await;
    assert_eq!((report.tickets, report.held_out), (360, 36));
    assert!(report.fields.iter().all(|f| f.adopted && f.why == Verdict::First), "{report:?}");
    let asked = json!({ "title": "路灯不亮", "content": "门口路灯坏了好几天" });
    let proposals = proposed(&c, "seat", asked.clone()).await;
    let category = of(&proposals, "category").unwrap();
    assert_eq!((&category["value"], &category["source"]), (&json!("城市管理/路灯照明"), &json!("learned")));
    assert_eq!(category["version"], version(Day::of(instant(TIME))));
    assert!(category["confidence"].as_f64().unwrap() >= 0.6);
    assert!(words(category, &asked).iter().any(|w| w.contains("路灯")), "{category}");
    // The unit by what was done before; by the catalogue where the category names its entry.
    let unit = of(&proposals, "department").unwrap();
    assert_eq!((&unit["value"], &unit["source"]), (&json!("chengguan"), &json!("learned")));
    let named = json!({ "title": "路灯不亮", "content": "路灯坏了", "category": "看病就医" });
    let unit = proposed(&c, "dispatcher", named).await;
    let unit = of(&unit, "department").unwrap();
    assert_eq!((&unit["value"], &unit["source"]), (&json!("weijian"), &json!("catalogue")));
    assert!(unit["entry"].is_string() && unit["confidence"].is_null(), "{unit}");
    // What nobody could know is not proposed.
    let strange = proposed(&c, "seat", json!({ "title": "ぁぃぅぇぉ", "content": "" })).await;
    assert_eq!(strange, Vec::<Value>::new());
}

#[tokio::test]
async fn a_worse_model_is_not_taken_into_use_unless_something_was_erased() {
    let c = Centre::at(TIME).await;
    learn(&c, TIME, taught(360)).await;
    // The same newest tickets, and older ones that were sorted at random.
    let mut muddled = taught(360);
    for (n, taught) in muddled.iter_mut().enumerate().skip(36) {
        taught.category = Some(["城市管理/路灯照明", "人社/劳动报酬", "公共服务/供水"][n * n / 5 % 3].to_owned());
    }
    let category = |report: &Report| report.fields.iter().find(|f| f.field.code() == "category").cloned().unwrap();
    let night = category(&learn(&c, "2026-05-01 03:00", muddled.clone()).await);
    assert_eq!((night.adopted, night.why), (false, Verdict::Worse));
    let before = night.before.unwrap();
    assert_eq!(before.version, 20260430);
    assert!(night.new.unwrap().first.right < before.figures.first.right, "both figures are kept");
    let held = c.app.store.learned_versions("shangrao").await.unwrap();
    assert!(held.contains(&("category".to_owned(), 20260430)), "{held:?}");
    c.app.store.next_erasure("shangrao").await.unwrap();
    let night = category(&learn(&c, "2026-05-02 03:00", muddled).await);
    assert_eq!((night.adopted, night.why), (true, Verdict::Erased));
    // Nothing is left to learn from: what must go goes all the same.
    c.app.store.next_erasure("shangrao").await.unwrap();
    let night = category(&learn(&c, "2026-05-03 03:00", taught(60)).await);
    assert_eq!((night.adopted, night.why), (false, Verdict::Erased));
    assert_eq!(c.app.store.learned_versions("shangrao").await.unwrap(), []);
    let proposals = proposed(&c, "seat", json!({ "title": "路灯不亮", "content": "门口路灯坏了" })).await;
    assert!(of(&proposals, "category").is_none(), "{proposals:?}");
}

#[tokio::test]
async fn a_model_that_is_right_too_rarely_is_not_taken_into_use_however_sure_it_is() {
    let c = Centre::at(TIME).await;
    let mut changed = taught(400);
    // Of late another unit answers what these three did.
    changed.iter_mut().take(40).for_each(|taught| taught.unit = Some("jiaoyu".to_owned()));
    let report = learn(&c, TIME, changed).await;
    let verdict = |code: &str| report.fields.iter().find(|f| f.field.code() == code).unwrap().why;
    assert_eq!((verdict("department"), verdict("category")), (Verdict::Unsure, Verdict::First));
    let proposals = proposed(&c, "seat", json!({ "title": "路灯不亮", "content": "门口路灯坏了好几天" })).await;
    assert!(of(&proposals, "category").is_some());
    assert!(of(&proposals, "department").is_none_or(|unit| unit["source"] == "catalogue"), "{proposals:?}");
}

#[tokio::test]
async fn few_tickets_teach_nothing_and_it_says_so() {
    let c = Centre::at(TIME).await;
    let report = learn(&c, TIME, taught(60)).await;
    assert!(report.fields.iter().all(|f| !f.adopted && f.why == Verdict::Few));
    let figures = c.get("centre-manager", &format!("{BASE}/figures")).await.ok();
    assert_eq!(figures["nights"][0]["fields"][0]["verdict"], "已办结的工单太少，没有学习");
    assert_eq!(c.app.store.learned_versions("shangrao").await.unwrap(), []);
}

#[tokio::test]
async fn what_people_do_with_proposals_is_counted() {
    let c = Centre::at(TIME).await;
    learn(&c, TIME, taught(360)).await;
    let told = json!({ "title": "路灯不亮", "content": "门口路灯坏了", "category": "城市管理/路灯照明" });
    let number = c.registered(told).await;
    c.registered(json!({ "title": "家里停水", "content": "小区停水三天", "category": "教育" })).await;
    c.registered(json!({ "title": "老板拖欠工资", "content": "工资没有发", "kind": "complaint" })).await;
    c.give("dispatcher", &number, json!({ "do": "dispatch", "lead": "chengguan" })).await.ok();
    let figures = c.get("leader", &format!("{BASE}/figures")).await.ok();
    let counted = |field, outcome| count(&figures, field, outcome);
    assert_eq!((counted("category", "same"), counted("category", "other"), counted("category", "left")), (1, 1, 1));
    assert_eq!((counted("department", "same"), counted("department", "returned")), (1, 0));
    assert_eq!(figures["may_switch"], false);
    // The unit gives it back: what was proposed did not hold.
    c.give("chengguan", &number, json!({ "do": "sign" })).await.ok();
    let back = json!({ "do": "ask-return", "reason": "不属本单位职责", "basis": "三定方案", "redirect": "zhujian" });
    c.give("chengguan", &number, back).await.ok();
    c.give("reviewer", &number, json!({ "do": "review-return", "approve": true, "note": "同意" })).await.ok();
    let figures = c.get("leader", &format!("{BASE}/figures")).await.ok();
    assert_eq!(count(&figures, "department", "returned"), 1);
    // No text is kept beside the counts.
    let rows = c.db.rows("SELECT field, outcome FROM proposal_count").await;
    assert!(rows.iter().all(|row| !row.contains("路灯")), "{rows:?}");
}

#[tokio::test]
async fn each_field_is_switched_off_by_who_may_and_it_is_written_down() {
    let c = Centre::at(TIME).await;
    let asked = json!({ "title": "燃气泄漏", "content": "我要投诉" });
    assert!(of(&proposed(&c, "seat", asked.clone()).await, "urgent").is_some());
    let off = json!({ "field": "urgent", "on": false });
    c.call(Some("leader"), "PUT", &format!("{BASE}/switches"), Some(off.clone()), &[]).await.problem(403);
    c.call(Some("centre-manager"), "PUT", &format!("{BASE}/switches"), Some(off), &[]).await.ok();
    let proposals = proposed(&c, "seat", asked.clone()).await;
    assert!(of(&proposals, "urgent").is_none() && of(&proposals, "kind").is_some(), "{proposals:?}");
    let figures = c.get("centre-manager", &format!("{BASE}/figures")).await.ok();
    let urgent = figures["fields"].as_array().unwrap().iter().find(|f| f["field"] == "urgent").unwrap();
    assert_eq!((&urgent["on"], &figures["may_switch"]), (&json!(false), &json!(true)));
    let page = c.get("audit-admin", "/api/v1/audit?kind=setting-changed").await.ok();
    assert_eq!(page["items"][0]["subject"], "proposals-off");
    let on = json!({ "field": "urgent", "on": true });
    c.call(Some("centre-manager"), "PUT", &format!("{BASE}/switches"), Some(on), &[]).await.ok();
    assert!(of(&proposed(&c, "seat", asked).await, "urgent").is_some());
}

#[tokio::test]
async fn closed_tickets_are_learnt_from_as_the_centre_last_had_them() {
    let c = Centre::at(TIME).await;
    let number = c.in_hand(json!({ "category": "城市管理／路灯照明" })).await;
    c.give(
        "chengguan",
        &number,
        json!({ "do": "draft-reply", "text": "已于4月30日修好，电话0793-8000000，结果：已办结" }),
    )
    .await
    .ok();
    c.give("chengguan-leader", &number, json!({ "do": "audit-reply" })).await.ok();
    assert_eq!(c.app.closed_tickets().await.unwrap().len(), 0, "it is not closed yet");
    c.give("chengguan", &number, json!({ "do": "ask-closure", "ground": "done", "statement": "已修复" })).await.ok();
    c.give("reviewer", &number, json!({ "do": "review-closure", "approve": true, "note": "" })).await.ok();
    let taught = c.app.closed_tickets().await.unwrap();
    assert_eq!(taught.len(), 1);
    assert_eq!(
        (taught[0].category.as_deref(), taught[0].unit.as_deref()),
        (Some("城市管理/路灯照明"), Some("chengguan"))
    );
}
