//! One life through the API, with weeks in between.

use serde_json::json;

use super::harness::{Centre, action, clock};

#[tokio::test]
async fn from_the_call_to_the_archive() {
    // Thursday before the May holiday.
    let c = Centre::at("2026-04-30 09:00").await;
    let n = c.registered(json!({})).await;
    assert_eq!(n, "SR-20260430-000001-4");
    let t =
        c.give("dispatcher", &n, json!({ "do": "dispatch", "lead": "chengguan", "assists": ["gongan"] })).await.ok();
    assert_eq!((t["state"].clone(), t["lead_name"].clone()), (json!("dispatched"), json!("城市管理局")));
    // 5 working days: 6, 7, 8, 9 (make-up Saturday) and 11 May.
    assert_eq!(clock(&t, "handle")["due_words"], "5月11日24时");
    assert!(clock(&t, "handle")["sentence"].as_str().unwrap().contains("劳动节放假不计"));
    assert_eq!(clock(&t, "handle")["article"], "第十四条");

    c.give("chengguan", &n, json!({ "do": "sign" })).await.ok();
    c.give("gongan", &n, json!({ "do": "sign" })).await.ok();
    c.until("2026-05-11 23:59").await;
    let p =
        c.give("chengguan", &n, json!({ "do": "ask-extension", "days": 6, "reason": "等待配件" })).await.problem(422);
    assert_eq!((p["rule"].clone(), p["article"].clone()), (json!("longer-than-original-limit"), json!("第十六条")));
    assert_eq!(t["extension_unit"], "个工作日");
    // One sentence that can be printed, with the readings in words.
    let why = p["why"].as_str().unwrap();
    assert!(
        why.starts_with("不予办理：延期不得超过原办理时限5个工作日（最多5个工作日）；依据第十六条；我们的理解："),
        "{why}"
    );
    assert!(why.contains("自原到期日的次日起计算N个工作日"), "{why}");
    let t = c.give("chengguan", &n, json!({ "do": "ask-extension", "days": 5, "reason": "等待配件" })).await.ok();
    assert_eq!(action(&t, "ask-extension")["allowed"], false);
    let t = c.give("reviewer", &n, json!({ "do": "review-extension", "approve": true, "note": "同意" })).await.ok();
    assert_eq!(clock(&t, "handle")["due_words"], "5月18日24时");

    let p = c.give("chengguan", &n, json!({ "do": "audit-reply" })).await.problem(403);
    assert_eq!(p["rule"], "not-permitted");
    c.give("chengguan", &n, json!({ "do": "draft-reply", "text": "路灯已修好" })).await.ok();
    let p = c.give("chengguan-leader", &n, json!({ "do": "audit-reply" })).await.problem(422);
    assert_eq!(p["rule"], "assists-first");
    c.give("gongan", &n, json!({ "do": "deliver-assist", "text": "现场已维持秩序" })).await.ok();
    c.give("chengguan-leader", &n, json!({ "do": "audit-reply" })).await.ok();
    c.give("chengguan", &n, json!({ "do": "ask-closure", "ground": "done", "statement": "已修复" })).await.ok();
    // The review comes after the due day; the application was in time, so nobody is late.
    c.until("2026-05-19 10:00").await;
    let t = c.give("reviewer", &n, json!({ "do": "review-closure", "approve": true, "note": "" })).await.ok();
    assert_eq!((t["state"].clone(), clock(&t, "handle")["late"].clone()), (json!("closed"), json!(false)));
    let t = c
        .give(
            "follow-up-clerk",
            &n,
            json!({ "do": "follow-up", "by": "phone", "reached": true, "rating": { "result": "basically" } }),
        )
        .await
        .ok();
    assert_eq!(t["state"], "concluded");
    c.until("2026-05-21 00:01").await;
    let t = c.get("seat", &format!("/api/v1/tickets/{n}")).await.ok();
    assert_eq!(t["state"], "archived");
    assert!(
        t["actions"].as_array().unwrap().iter().all(|a| a["allowed"] == false),
        "nothing is open on an archived ticket"
    );
    let report = jiesu_server::app::verify(&c.app.store, super::harness::PLACE, |_, _| {}).await.unwrap();
    assert!(report.holds(), "{report:?}");
}

#[tokio::test]
async fn a_closed_action_says_why_and_is_refused_in_the_same_words() {
    let c = Centre::at("2026-04-30 09:00").await;
    let n = c.in_hand(json!({})).await;
    let t = c.get("chengguan", &format!("/api/v1/tickets/{n}")).await.ok();
    let closure = action(&t, "ask-closure");
    assert_eq!(closure["allowed"], false);
    let p = c
        .give("chengguan", &n, json!({ "do": "ask-closure", "ground": "done", "statement": "已办" }))
        .await
        .problem(422);
    assert_eq!((p["detail"].clone(), p["article"].clone()), (closure["reason"].clone(), closure["article"].clone()));
}

#[tokio::test]
async fn a_double_click_makes_one_ticket_and_one_command() {
    let c = Centre::at("2026-04-30 09:00").await;
    let body = json!({ "kind": "help", "title": "标题", "content": "内容", "channel": "phone", "appellant": { "phone": "13900001234" } });
    let key = [("idempotency-key", "form-0001")];
    let (a, b) = tokio::join!(
        c.call(Some("seat"), "POST", "/api/v1/tickets", Some(body.clone()), &key),
        c.call(Some("seat"), "POST", "/api/v1/tickets", Some(body), &key)
    );
    let (a, b) = (a.ok(), b.ok());
    assert_eq!(a, b, "number, version and query code are the same");
    let n = a["number"].as_str().unwrap();
    let path = format!("/api/v1/tickets/{n}/commands");
    let dispatch = json!({ "do": "dispatch", "lead": "chengguan" });
    let headers = [("idempotency-key", "click-001"), ("if-match", "\"2\"")];
    let (a, b) = tokio::join!(
        c.call(Some("dispatcher"), "POST", &path, Some(dispatch.clone()), &headers),
        c.call(Some("dispatcher"), "POST", &path, Some(dispatch), &headers)
    );
    assert_eq!(a.ok()["version"], b.ok()["version"]);
    assert_eq!(c.get("dispatcher", "/api/v1/tickets/counts").await.ok()["total"], 1);
}

/// The second click of a pair comes after the first was carried out, when the action itself is closed already.
#[tokio::test]
async fn a_late_second_click_is_answered_like_the_first() {
    let c = Centre::at("2026-04-30 09:00").await;
    let n = c.registered(json!({})).await;
    c.give("dispatcher", &n, json!({ "do": "dispatch", "lead": "chengguan" })).await.ok();
    let sign = |n: &str| format!("/api/v1/tickets/{n}/commands");
    let key = [("idempotency-key", "sign-0001")];
    let first = c.call(Some("chengguan"), "POST", &sign(&n), Some(json!({ "do": "sign" })), &key).await.ok();
    let second = c.call(Some("chengguan"), "POST", &sign(&n), Some(json!({ "do": "sign" })), &key).await.ok();
    assert_eq!(first["version"], second["version"]);
    // Without the key it is what it is: signed already.
    c.give("chengguan", &n, json!({ "do": "sign" })).await.problem(409);
    // The key of one ticket's click does not pass for another's.
    let other = c.registered(json!({})).await;
    c.give("dispatcher", &other, json!({ "do": "dispatch", "lead": "chengguan" })).await.ok();
    let p = c.call(Some("chengguan"), "POST", &sign(&other), Some(json!({ "do": "sign" })), &key).await.problem(422);
    assert_eq!(p["field"], "Idempotency-Key");
    assert_eq!(c.get("chengguan", &format!("/api/v1/tickets/{other}")).await.ok()["state"], "dispatched");
}

#[tokio::test]
async fn the_second_of_two_editors_is_told_and_nothing_is_lost() {
    let c = Centre::at("2026-04-30 09:00").await;
    let n = c.in_hand(json!({})).await;
    let version = c.get("chengguan", &format!("/api/v1/tickets/{n}")).await.ok()["version"].to_string();
    let path = format!("/api/v1/tickets/{n}/commands");
    let draft = |text: &str| json!({ "do": "draft-reply", "text": text });
    let first = c.call(Some("chengguan"), "POST", &path, Some(draft("第一稿")), &[("if-match", &version)]).await.ok();
    let p = c
        .call(Some("chengguan-leader"), "POST", &path, Some(draft("第二稿")), &[("if-match", &version)])
        .await
        .problem(409);
    assert_eq!(
        (p["type"].clone(), p["version"].clone()),
        (json!("/problems/changed-meanwhile"), first["version"].clone())
    );
    let now = c.get("chengguan", &format!("/api/v1/tickets/{n}")).await.ok();
    assert_eq!(now["work"]["reply"]["text"], "第一稿");
}

/// Clients that do not say what they saw are decided on whatever is there; none of their commands is lost.
#[tokio::test]
async fn commands_at_the_same_moment_are_all_kept() {
    let c = Centre::at("2026-04-30 09:00").await;
    let n = c.in_hand(json!({})).await;
    let note = |i: usize| json!({ "do": "record-contact", "by": "phone", "reached": true, "note": format!("第{i}次") });
    let given: Vec<_> = (0..6).map(|i| c.give("chengguan", &n, note(i))).collect();
    let mut all = Vec::new();
    for answer in futures(given).await {
        all.push(answer.ok());
    }
    let t = c.get("chengguan", &format!("/api/v1/tickets/{n}")).await.ok();
    assert_eq!(t["work"]["contacts"].as_array().unwrap().len(), 6);
}

/// Polls all of them together.
async fn futures<F: Future>(list: Vec<F>) -> Vec<F::Output> {
    use std::{pin::Pin, task::Poll};
    let mut pending: Vec<Pin<Box<F>>> = list.into_iter().map(Box::pin).collect();
    let mut done: Vec<Option<F::Output>> = pending.iter().map(|_| None).collect();
    std::future::poll_fn(move |cx| {
        for (future, slot) in pending.iter_mut().zip(&mut done) {
            if slot.is_none()
                && let Poll::Ready(output) = future.as_mut().poll(cx)
            {
                *slot = Some(output);
            }
        }
        if done.iter().all(Option::is_some) {
            Poll::Ready(done.iter_mut().filter_map(Option::take).collect())
        } else {
            Poll::Pending
        }
    })
    .await
}

/// While the centre reviews a closure that was asked in time, the next duty is the centre's.
#[tokio::test]
async fn a_held_limit_is_nobodys_next_duty() {
    let c = Centre::at("2026-04-30 09:00").await;
    let n = c.in_hand(json!({})).await;
    c.give("chengguan", &n, json!({ "do": "draft-reply", "text": "已修好" })).await.ok();
    c.give("chengguan-leader", &n, json!({ "do": "audit-reply" })).await.ok();
    c.until("2026-05-11 20:00").await;
    c.give("chengguan", &n, json!({ "do": "ask-closure", "ground": "done", "statement": "已修复" })).await.ok();
    c.until("2026-05-12 09:00").await;
    let list = c.get("reviewer", "/api/v1/tickets").await.ok();
    assert_eq!(
        (list["items"][0]["due"]["clock"].clone(), list["items"][0]["due"]["tone"].clone()),
        (json!("closure-review"), json!("soon"))
    );
    assert_eq!(list["items"][0]["overdue"], false);
}

/// A list names whose duty comes next, and the article of that very limit: an assist that has not signed is not the lead's delay.
#[tokio::test]
async fn a_line_says_whose_duty_is_next() {
    let c = Centre::at("2026-04-30 09:00").await;
    let n = c.registered(json!({})).await;
    c.give("dispatcher", &n, json!({ "do": "dispatch", "lead": "chengguan", "assists": ["gongan"] })).await.ok();
    c.give("chengguan", &n, json!({ "do": "sign" })).await.ok();
    c.until("2026-05-07 09:00").await;
    let list = c.get("seat", "/api/v1/tickets").await.ok();
    let due = &list["items"][0]["due"];
    assert_eq!(
        (due["clock"].clone(), due["unit"].clone(), due["unit_name"].clone()),
        (json!("sign"), json!("gongan"), json!("公安局"))
    );
    let page = c.get("seat", &format!("/api/v1/tickets/{n}")).await.ok();
    assert_eq!(page["due"], *due, "the page and the list say the same");
}
