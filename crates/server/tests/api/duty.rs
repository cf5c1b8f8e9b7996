//! Duty: rosters, the gaps in them (SR-2), who takes calls, and the figures of seats and staff (QD-0).

use serde_json::{Value, json};

use super::harness::{Answer, Centre};

/// Thursday.
const TIME: &str = "2026-04-30 09:00";
const DUTY: &str = "/api/v1/duty";

async fn down(c: &Centre, who: &str, day: &str, shift: &str, people: &[&str]) -> Answer {
    let path = format!("{DUTY}/days/{day}/{shift}");
    c.call(Some(who), "PUT", &path, Some(json!({ "people": people })), &[]).await
}

async fn say(c: &Centre, who: &str, state: &str) -> Answer {
    c.call(Some(who), "PUT", &format!("{DUTY}/own"), Some(json!({ "state": state })), &[]).await
}

async fn day(c: &Centre, day: &str) -> Value {
    c.get("shift-leader", &format!("{DUTY}?day={day}")).await.ok()
}

#[tokio::test]
async fn a_day_says_when_nobody_is_down() {
    let c = Centre::at(TIME).await;
    let bare = c.get("shift-leader", DUTY).await.ok();
    assert_eq!((&bare["day"], &bare["gaps"]), (&json!("2026-04-30"), &json!(["00:00—24:00"])));
    assert!(bare["gaps_basis"].as_str().unwrap().contains("上饶第二条"));
    down(&c, "shift-leader", "2026-05-01", "early", &["seat", "dispatcher"]).await.ok();
    let after = down(&c, "centre-manager", "2026-05-01", "late", &["outsourced-seat"]).await.ok();
    assert_eq!(after["gaps"], json!(["00:00—08:00"]));
    let names: Vec<_> = after["shifts"][0]["people"].as_array().unwrap().iter().map(|p| &p["account"]).collect();
    assert_eq!(names, ["dispatcher", "seat"]);
    // Whoever has no duty is nobody's seat, and the past is past.
    assert_eq!(
        down(&c, "shift-leader", "2026-05-01", "early", &["centre-manager"]).await.problem(422)["field"],
        "people"
    );
    assert_eq!(down(&c, "shift-leader", "2026-04-29", "early", &["seat"]).await.problem(422)["field"], "day");
    assert_eq!(down(&c, "shift-leader", "2027-05-02", "early", &["seat"]).await.problem(422)["field"], "day");
    down(&c, "shift-leader", "2027-05-01", "early", &["seat"]).await.ok();
    assert_eq!(down(&c, "shift-leader", "2026-05-01", "noon", &["seat"]).await.problem(422)["field"], "shift");
    down(&c, "shift-leader", "tomorrow", "early", &[]).await.problem(400);
    for who in ["seat", "chengguan", "system-admin", "analyst"] {
        down(&c, who, "2026-05-01", "early", &[]).await.problem(403);
    }
    assert_eq!(day(&c, "2026-05-01").await["gaps"], json!(["00:00—08:00"]), "what was refused changed nothing");
    assert_eq!(c.get("analyst", DUTY).await.ok()["choices"], json!([]));
    let written = c.db.rows("SELECT subject FROM audit WHERE kind = 'roster-changed' ORDER BY seq").await;
    assert_eq!(written, ["2026-05-01 early", "2026-05-01 late", "2027-05-01 early"]);
}

#[tokio::test]
async fn shifts_are_the_centres_own() {
    let c = Centre::at(TIME).await;
    let path = format!("{DUTY}/shifts");
    let put =
        async |who: &str, shifts: Value| c.call(Some(who), "PUT", &path, Some(json!({ "shifts": shifts })), &[]).await;
    let two = json!([
        { "id": "day", "name": "白班", "from": "08:00", "until": "20:00" },
        { "id": "night", "name": "夜班", "from": "20:00", "until": "08:00" },
    ]);
    put("seat", two.clone()).await.problem(403);
    put("shift-leader", json!([])).await.problem(422);
    put("shift-leader", json!([{ "id": "day", "name": "白班", "from": "8点", "until": "20:00" }])).await.problem(422);
    let set = put("shift-leader", two).await.ok();
    assert_eq!(set["shifts"][1]["until"], "08:00");
    down(&c, "shift-leader", "2026-04-30", "night", &["seat"]).await.ok();
    down(&c, "shift-leader", "2026-05-01", "day", &["seat"]).await.ok();
    assert_eq!(day(&c, "2026-05-01").await["gaps"], json!(["20:00—24:00"]), "last night's shift ends this morning");
    assert_eq!(c.db.rows("SELECT COUNT(*) FROM audit WHERE kind = 'setting-changed'").await, ["1"]);
}

#[tokio::test]
async fn who_takes_calls_says_so_and_the_hours_are_counted() {
    let c = Centre::at(TIME).await;
    down(&c, "shift-leader", "2026-04-30", "early", &["seat"]).await.ok();
    let own = c.get("seat", &format!("{DUTY}/own")).await.ok();
    assert_eq!((&own["state"], &own["today"]), (&json!("off"), &json!(["早班 08:00—16:00"])));
    assert_eq!(say(&c, "seat", "present").await.status, 204);
    assert_eq!(say(&c, "seat", "present").await.status, 204, "a double click");
    assert_eq!(say(&c, "outsourced-seat", "present").await.status, 204);
    say(&c, "seat", "asleep").await.problem(422);
    say(&c, "chengguan", "present").await.problem(403);
    c.until("2026-04-30 11:00").await;
    say(&c, "seat", "break").await;
    c.until("2026-04-30 11:30").await;
    say(&c, "seat", "present").await;
    let now = day(&c, "2026-04-30").await["now"].clone();
    let told: Vec<_> = now.as_array().unwrap().iter().map(|p| (&p["account"], &p["state"])).collect();
    assert_eq!(told, [(&json!("outsourced-seat"), &json!("present")), (&json!("seat"), &json!("present"))]);
    c.until("2026-04-30 12:00").await;
    // Logging out is leaving; who forgets to is counted for sixteen hours and no longer.
    c.call(Some("seat"), "DELETE", "/api/v1/session", None, &[]).await;
    c.cookies.lock().unwrap().clear();
    c.until("2026-05-01 00:59").await;
    assert_eq!(day(&c, "2026-05-01").await["now"].as_array().unwrap().len(), 1);
    c.until("2026-05-01 01:00").await;
    assert_eq!(day(&c, "2026-05-01").await["now"], json!([]));
    c.until("2026-05-03 09:00").await;
    let figures = c.get("analyst", &format!("{DUTY}/figures?month=2026-04")).await.ok();
    let of = |account: &str| {
        let line = figures["people"].as_array().unwrap().iter().find(|p| p["account"] == account).unwrap().clone();
        ["shifts", "present_minutes", "break_minutes"].map(|k| line[k].as_i64().unwrap())
    };
    assert_eq!(of("seat"), [1, 150, 30]);
    assert_eq!(of("outsourced-seat"), [0, 16 * 60, 0]);
    let seats = figures["seats"].as_array().unwrap();
    let ordinary = seats.iter().find(|s| s["seat_name"] == "普通坐席").unwrap();
    assert_eq!((&ordinary["people"], &ordinary["present_minutes"]), (&json!(1), &json!(150)));
    let next = c.get("analyst", &format!("{DUTY}/figures?month=2026-05")).await.ok();
    assert!(next["people"].as_array().unwrap().iter().all(|p| p["present_minutes"] == 0));
    c.get("analyst", &format!("{DUTY}/figures?month=May")).await.problem(400);
    c.get("seat", &format!("{DUTY}/figures")).await.problem(403);
}
