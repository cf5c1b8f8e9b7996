//! One unit can never learn of another's ticket, by any route. What is asked of a ticket of others is answered like what is asked of one
//! that is not there: in the same words, with the same statements to the database (so that no clock can tell them apart either).

use std::sync::LazyLock;

use axum::http::header;
use jiesu_domain::Actor;
use jiesu_server::{
    app::{App, ticket_number},
    clock::Clock,
    config::ClockSetting,
    law::Law,
    serve, telemetry,
};
use jiesu_store::{Session, statements};
use serde_json::{Value, json};

use super::{
    harness::{Answer, Centre, PLACE},
    visibility::COPIES,
};

/// A number as it should be, that is given to nobody.
static NOBODYS: LazyLock<String> = LazyLock::new(|| ticket_number("SR", "20260430", 99));

/// Everything that can be asked with the number of a ticket: method, path and body.
fn questions(number: &str) -> Vec<(&'static str, String, Option<Value>)> {
    let ticket = format!("/api/v1/tickets/{number}");
    let commands = format!("{ticket}/commands");
    let text = "核实情况";
    let mut all = vec![
        ("GET", ticket.clone(), None),
        ("GET", format!("/api/v1/commands?ticket={number}"), None),
        ("GET", format!("/api/v1/tickets?q={number}"), None),
        ("GET", format!("/api/v1/tickets/counts?q={number}"), None),
        ("GET", format!("{ticket}/files/1"), None),
        ("POST", format!("{ticket}/appeals/1/reveal"), Some(json!({ "reason": text }))),
        ("POST", format!("{ticket}/appeals"), Some(json!({ "channel": "phone", "follow_up_by": "phone" }))),
        (
            "POST",
            format!("{ticket}/files"),
            Some(json!({ "name": "a.txt", "purpose": "proof", "size": 1, "sm3": "ab".repeat(32) })),
        ),
    ];
    for command in [
        json!({ "do": "sign" }),
        json!({ "do": "ask-return", "reason": text, "basis": text }),
        json!({ "do": "ask-extension", "days": 3, "reason": text }),
        json!({ "do": "record-contact", "by": "phone", "reached": true, "note": text }),
        json!({ "do": "draft-reply", "text": text }),
        json!({ "do": "deliver-assist", "text": text }),
        json!({ "do": "urge", "note": text }),
        json!({ "do": "join-to", "number": *NOBODYS, "reason": text }),
        // What this role may never do on any ticket.
        json!({ "do": "dispatch", "lead": "gongan" }),
        // What is no command, and what is none of a sort.
        json!({ "do": "fly" }),
        json!({ "do": "sign", "more": 1 }),
    ] {
        all.push(("POST", commands.clone(), Some(command)));
    }
    all
}

/// Statements so far, with those that write down what was refused.
async fn written(c: &Centre) -> u64 {
    c.app.audit_settled().await;
    statements()
}

/// Without what each request has for itself: its name, and the number it asked with.
fn told(answer: &Answer, number: &str) -> (u16, Option<String>, String) {
    let mut body = answer.body.clone();
    if let Some(fields) = body.as_object_mut() {
        fields.remove("request");
    }
    let kind = answer.headers.get(header::CONTENT_TYPE).map(|v| v.to_str().unwrap().to_owned());
    (answer.status.as_u16(), kind, body.to_string().replace(number, "…"))
}

#[tokio::test]
async fn a_ticket_of_others_is_one_that_is_not_there() {
    let c = Centre::at("2026-04-30 09:00").await;
    let theirs = c.in_hand(json!({})).await;
    let conditions: [&[(&str, &str)]; 4] = [
        &[],
        &[("if-match", "\"1\"")],
        &[("if-match", "\"99\""), ("idempotency-key", "key-of-another-click")],
        &[("range", "bytes=0-1")],
    ];
    for who in ["renshe", "renshe-leader", "superior-unit", "discipline-office"] {
        c.cookie(who).await;
        for headers in conditions {
            for ((method, path, body), (_, nowhere, _)) in questions(&theirs).into_iter().zip(questions(&NOBODYS)) {
                let before = written(&c).await;
                let answer = c.call(Some(who), method, &path, body.clone(), headers).await;
                let between = written(&c).await;
                let none = c.call(Some(who), method, &nowhere, body.clone(), headers).await;
                let after = written(&c).await;
                let what = format!("{who}: {method} {path} {body:?} {headers:?}");
                assert_eq!(told(&answer, &theirs), told(&none, &NOBODYS), "{what}");
                assert_eq!(between - before, after - between, "{what}: other statements");
                let list = path.starts_with("/api/v1/tickets?") || path.contains("counts");
                assert!(list || answer.status.is_client_error(), "{what}: {}", answer.status);
            }
        }
    }
    let ticket = c.app.load(&theirs, &Actor::system()).await.unwrap();
    assert!(ticket.urgings.is_empty() && ticket.files.is_empty(), "and nothing came of it");
}

/// The numbers and code of an appellant are the key; a guesser is not told which of the two was wrong, by no word and no statement.
#[tokio::test]
async fn a_guessers_numbers_all_look_alike() {
    let c = Centre::at("2026-04-30 09:00").await;
    let theirs = c.registered(json!({})).await;
    let ask = async |number: &str| {
        let before = statements();
        let form = format!("number={number}&code=00000000");
        let request = axum::http::Request::post("/progress")
            .header("content-type", "application/x-www-form-urlencoded")
            .body(axum::body::Body::from(form))
            .unwrap();
        let answer = c.raw(request).await;
        (answer.status, answer.text.replace(number, "…"), statements() - before)
    };
    assert_eq!(ask(&theirs).await, ask(&NOBODYS).await);
}

/// An `Idempotency-Key` is the caller's own: it opens nothing of others, and nothing is said of where it was used.
#[tokio::test]
async fn a_key_used_elsewhere_tells_nothing() {
    let c = Centre::at("2026-04-30 09:00").await;
    let (mine, theirs) = (c.registered(json!({})).await, c.in_hand(json!({})).await);
    c.give("dispatcher", &mine, json!({ "do": "dispatch", "lead": "renshe" })).await.ok();
    let key = [("idempotency-key", "one-key-for-all")];
    let sign = async |who: &str, number: &str| {
        let path = format!("/api/v1/tickets/{number}/commands");
        c.call(Some(who), "POST", &path, Some(json!({ "do": "sign" })), &key).await
    };
    sign("renshe", &mine).await.ok();
    // The same key in the hands of a unit that does not see the ticket it was used for, and for a ticket that they do not see.
    assert_eq!(told(&sign("chengguan", &mine).await, &mine), told(&sign("chengguan", &NOBODYS).await, &NOBODYS));
    assert_eq!(told(&sign("renshe", &theirs).await, &theirs), told(&sign("renshe", &NOBODYS).await, &NOBODYS));
}

/// What a ticket names of others (linked before, joined to it) is named to who sees those.
#[tokio::test]
async fn other_tickets_are_named_to_who_sees_them() {
    let c = Centre::at("2026-04-30 09:00").await;
    let theirs = c.in_hand(json!({ "title": "井盖破损" })).await;
    let mine = c.registered(json!({})).await;
    c.give("seat", &mine, json!({ "do": "link-earlier", "number": theirs, "note": "同一路口，见城管的那件" }))
        .await
        .ok();
    let joined = c.registered(json!({})).await;
    c.give("dispatcher", &mine, json!({ "do": "dispatch", "lead": "renshe" })).await.ok();
    c.give("dispatcher", &joined, json!({ "do": "join-to", "number": mine, "reason": "同一盏路灯" })).await.ok();

    let path = format!("/api/v1/tickets/{mine}");
    let centre = c.get("dispatcher", &path).await;
    assert!(centre.text.contains(&theirs) && centre.text.contains(&joined), "the centre is told");
    c.give("renshe", &mine, json!({ "do": "sign" })).await.ok();
    for path in [path.clone(), format!("/api/v1/commands?ticket={mine}"), "/api/v1/tickets".into()] {
        let seen = c.get("renshe", &path).await;
        assert!(seen.status.is_success());
        for secret in [&theirs, &joined, "井盖", "城管的那件"] {
            assert!(!seen.text.contains(secret), "{secret} in {path}: {}", seen.text);
        }
    }
    // That something was joined is told without its number; and a unit that sees both tickets is told both.
    let page = c.get("renshe", &path).await.ok();
    let labels: Vec<&str> = page["timeline"].as_array().unwrap().iter().map(|m| m["text"].as_str().unwrap()).collect();
    assert!(labels.iter().any(|text| text.contains("与另一工单为同一事项")), "{labels:?}");
    c.give("renshe", &mine, json!({ "do": "ask-return", "reason": "不是我们的职责", "basis": "三定方案" })).await.ok();
    c.give("reviewer", &mine, json!({ "do": "review-return", "approve": true, "note": "同意" })).await.ok();
    c.give("dispatcher", &mine, json!({ "do": "dispatch", "lead": "chengguan" })).await.ok();
    let page = c.get("chengguan", &path).await;
    assert!(page.text.contains(&theirs) && !page.text.contains(&joined), "{}", page.text);
}

/// On a confidential ticket no role of a unit is told anything of who appeals, by any part of any answer.
#[tokio::test]
async fn a_confidential_appellant_is_nobody_to_every_unit() {
    let c = Centre::under("2026-04-30 09:00", COPIES).await;
    let n = c
        .registered(json!({
            "kind": "report", "confidential": true,
            "appellant": { "name": "欧阳明月", "phone": "13900005678", "address": "信州区某某里2号" },
        }))
        .await;
    let again = json!({
        "channel": "phone", "follow_up_by": "phone", "note": "住在出事楼上的那位",
        "appellant": { "name": "欧阳明月", "phone": "13900005678" },
    });
    c.post("seat", &format!("/api/v1/tickets/{n}/appeals"), again).await.ok();
    crate::files::upload(&c, "seat", &n, "appeal", "欧阳明月的身份证.png", &crate::files::picture(100)).await.ok();
    let sm3 = c.app.load(&n, &Actor::system()).await.unwrap().files[0].sm3.clone();
    c.give("dispatcher", &n, json!({ "do": "dispatch", "lead": "dongshi", "assists": ["chengguan"] })).await.ok();

    let secrets = ["欧阳", "13900005678", "5678", "某某里", "楼上的那位", "身份证", "image/png", &sm3, "\"same_as\""];
    for who in ["chengguan", "chengguan-leader", "superior-unit"] {
        for path in [format!("/api/v1/tickets/{n}"), format!("/api/v1/commands?ticket={n}"), "/api/v1/tickets".into()] {
            let seen = c.get(who, &path).await;
            assert!(seen.status.is_success(), "{who} {path}: {}", seen.text);
            for secret in secrets {
                assert!(!seen.text.contains(secret), "{who} reads {secret} in {path}");
            }
        }
        let page = c.get(who, &format!("/api/v1/tickets/{n}")).await.ok();
        assert_eq!(
            page["files"],
            json!([{ "no": 1, "purpose": "appeal", "purpose_name": "诉求材料", "hidden": true }])
        );
        c.get(who, &format!("/api/v1/tickets/{n}/files/1")).await.problem(404);
        c.post(who, &format!("/api/v1/tickets/{n}/appeals/1/reveal"), json!({ "reason": "核实情况" }))
            .await
            .problem(403);
    }
    // Who judges reads what was redacted; who may open the appellant does.
    for (who, hidden) in [("reviewer", true), ("discipline-watcher", true), ("dispatcher", false)] {
        let page = c.get(who, &format!("/api/v1/tickets/{n}")).await.ok();
        assert_eq!(page["files"][0]["hidden"], hidden, "{who}");
    }
}

/// Who judges a reply reads what the appellant sent, under a plain name, and it is recorded; on the ordinary ticket only.
#[tokio::test]
async fn who_judges_reads_the_material_and_not_its_name() {
    let c = Centre::at("2026-04-30 09:00").await;
    let n = c.in_hand(json!({})).await;
    let content = crate::files::picture(100);
    crate::files::upload(&c, "seat", &n, "appeal", "欧阳明月的路灯.png", &content).await.ok();
    for who in ["reviewer", "supervisor", "discipline-watcher"] {
        let page = c.get(who, &format!("/api/v1/tickets/{n}")).await;
        assert!(!page.text.contains("欧阳"), "{who}");
        assert_eq!(page.ok()["files"][0]["known"]["name"], "诉求材料1.png");
        let request = axum::http::Request::get(format!("/api/v1/tickets/{n}/files/1"))
            .header(header::COOKIE, c.cookie(who).await)
            .body(axum::body::Body::empty())
            .unwrap();
        let (status, headers, bytes) = c.bytes(request).await;
        assert_eq!((status, bytes), (200, content.clone()));
        // 欧 in UTF-8, percent-encoded.
        assert!(!headers[header::CONTENT_DISPOSITION].to_str().unwrap().contains("%E6%AC%A7"), "{headers:?}");
        let entries = c.app.store.audit_after(PLACE, 0, 1000).await.unwrap();
        let opened =
            entries.iter().map(|e| &e.entry).filter(|e| e.who == who && e.kind == "file-read" && e.subject == n);
        assert_eq!(opened.count(), 1, "{who} was recorded");
        c.post(who, &format!("/api/v1/tickets/{n}/appeals/1/reveal"), json!({ "reason": "想知道" })).await.problem(403);
    }
    for who in ["analyst", "leader"] {
        let page = c.get(who, &format!("/api/v1/tickets/{n}")).await.ok();
        assert_eq!(page["files"][0]["hidden"], true, "{who}");
        c.get(who, &format!("/api/v1/tickets/{n}/files/1")).await.problem(404);
    }
}

/// Who only got a copy presses and contacts nobody: it need not know who appeals, though its role may elsewhere.
#[tokio::test]
async fn a_copy_shows_no_appellant() {
    let c = Centre::under("2026-04-30 09:00", COPIES).await;
    let n = c.registered(json!({})).await;
    c.give("dispatcher", &n, json!({ "do": "dispatch", "lead": "dongshi" })).await.ok();
    // 信州区 gets the copy; its handler is one that may open appellants of its own tickets.
    let mut account = c.app.store.account(PLACE, "renshe").await.unwrap().unwrap();
    account.unit = Some("xinzhou".into());
    c.app.store.account_put(PLACE, &account).await.unwrap();
    let page = c.get("renshe", &format!("/api/v1/tickets/{n}")).await.ok();
    assert!(page["appeals"][0].get("appellant").is_none(), "{page}");
    c.post("renshe", &format!("/api/v1/tickets/{n}/appeals/1/reveal"), json!({ "reason": "核实情况" }))
        .await
        .problem(403);
}

/// An outsourced seat gets a receipt, once more with the same key, and nothing else ever.
#[tokio::test]
async fn an_outsourced_seat_gets_a_receipt_and_nothing_else() {
    let c = Centre::at("2026-04-30 09:00").await;
    let body = json!({
        "kind": "help", "title": "路灯不亮", "content": "小区门口路灯一周不亮", "channel": "phone",
        "appellant": { "name": "测试诉求人", "phone": "13900001234" },
    });
    let key = [("idempotency-key", "one-click-twice")];
    let register = async || c.call(Some("outsourced-seat"), "POST", "/api/v1/tickets", Some(body.clone()), &key).await;
    let (first, again) = (register().await.ok(), register().await.ok());
    assert_eq!(first, again);
    let number = first["number"].as_str().unwrap();
    assert_eq!(first.as_object().unwrap().keys().collect::<Vec<_>>(), ["number", "query_code", "version"]);
    for ((method, path, body), (_, nowhere, _)) in questions(number).into_iter().zip(questions(&NOBODYS)) {
        let own = c.call(Some("outsourced-seat"), method, &path, body.clone(), &[]).await;
        let none = c.call(Some("outsourced-seat"), method, &nowhere, body.clone(), &[]).await;
        assert_eq!(told(&own, number), told(&none, &NOBODYS), "{method} {path} {body:?}");
        assert!(own.status.is_client_error(), "{method} {path} {body:?}");
    }
    c.get("outsourced-seat", "/api/v1/tickets").await.problem(403);
    c.get("outsourced-seat", "/api/v1/tickets/counts").await.problem(403);
    c.post("outsourced-seat", "/api/v1/callers", json!({ "phone": "13900001234" })).await.problem(403);
    // Nor can it find out whether a number is somebody's by naming it.
    let earlier = |number: &str| {
        let mut body = body.clone();
        body["earlier"] = json!([number]);
        body
    };
    let theirs = c.registered(json!({})).await;
    let of_theirs = c.post("outsourced-seat", "/api/v1/tickets", earlier(&theirs)).await;
    let of_none = c.post("outsourced-seat", "/api/v1/tickets", earlier(&NOBODYS)).await;
    assert_eq!(told(&of_theirs, &theirs), told(&of_none, &NOBODYS));
    assert_eq!(of_theirs.status, 422);
}

/// Two jurisdictions in one database share neither people nor tickets.
#[tokio::test]
async fn another_jurisdiction_is_another_world() {
    let c = Centre::at("2026-04-30 09:00").await;
    let number = c.in_hand(json!({})).await;
    let (store, law) = (c.app.store.clone(), Law::load(None).unwrap());
    App::seed(&store, "qidong", "祁东县", law.units("qidong")).await.unwrap();
    let mut account = store.account(PLACE, "centre-manager").await.unwrap().unwrap();
    account.account = "elsewhere".into();
    account.login = "elsewhere".into();
    store.account_put("qidong", &account).await.unwrap();
    let app =
        App::open(store.clone(), law, Clock::new(ClockSetting::Fixed(c.app.clock.now())), "qidong").await.unwrap();
    let now = c.app.clock.wall();
    let session = Session::open(jiesu_server::app::digest("token-of-elsewhere"), "elsewhere".into(), now, 1);
    store.session_put("qidong", &session, 1).await.unwrap();
    let there = Centre { router: serve::router(app.clone()), app, ..c };
    let cookie = [("cookie", "jiesu_session=token-of-elsewhere")];
    let ask = async |path: &str| there.call(None, "GET", path, None, &cookie).await;
    assert_eq!(ask("/api/v1/tickets").await.ok()["items"], json!([]));
    assert_eq!(ask("/api/v1/tickets/counts").await.ok()["total"], 0);
    ask(&format!("/api/v1/tickets/{number}")).await.problem(404);
    ask(&format!("/api/v1/tickets/{number}/files/1")).await.problem(404);
    assert_eq!(ask(&format!("/api/v1/tickets?q={number}")).await.ok()["items"], json!([]));
    // Who is signed in at home is a stranger there, and the other way round.
    let home = there.cookie("seat").await;
    there.call(None, "GET", "/api/v1/session", None, &[("cookie", &home)]).await.problem(401);
}

/// The figures are words and numbers; no ticket, unit or person is among them.
#[tokio::test]
async fn the_figures_name_nobody() {
    let c = Centre::at("2026-04-30 09:00").await;
    let number = c.in_hand(json!({})).await;
    c.get("renshe", &format!("/api/v1/tickets/{number}")).await.problem(404);
    let request = axum::http::Request::get("/metrics").body(axum::body::Body::empty()).unwrap();
    let response = tower::ServiceExt::oneshot(telemetry::watched(c.app.clone()), request).await.unwrap();
    let text = axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap();
    let text = String::from_utf8(text.to_vec()).unwrap();
    assert!(text.contains("jiesu_"), "{text}");
    for secret in [number.as_str(), "chengguan", "renshe", "城市管理局", "13900001234"] {
        assert!(!text.contains(secret), "{secret}");
    }
}
