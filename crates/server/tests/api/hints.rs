//! Hints on replies: what to look at, never a bar; switched by kind, counted by what became of them.

use serde_json::{Value, json};

use super::harness::Centre;

const VAGUE: &str = "经查，根据有关规定，路灯由市政所负责维护，已于5月6日修复，现场已恢复照明。";
const EMPTY: &str = "您好！您的来电已收悉，感谢您对我们工作的理解与支持！";
const SOUND: &str = "经查，路灯线路老化，已于5月6日更换并恢复照明，如再熄灭请拨打本单位值班电话。";

async fn hints(c: &Centre, who: &str, number: &str, text: &str) -> Vec<Value> {
    let found = c.post(who, &format!("/api/v1/tickets/{number}/hints"), json!({ "text": text })).await.ok();
    found.as_array().unwrap().clone()
}

async fn kind(c: &Centre, about: &str) -> Value {
    let all = c.get("centre-manager", "/api/v1/hints").await.ok();
    all.as_array().unwrap().iter().find(|k| k["about"] == about).unwrap().clone()
}

async fn draft(c: &Centre, number: &str, text: &str) {
    c.give("chengguan", number, json!({ "do": "draft-reply", "text": text })).await.ok();
}

#[tokio::test]
async fn a_sentence_is_marked_and_nothing_is_hindered() {
    let c = Centre::at("2026-04-30 09:00").await;
    let n = c.in_hand(json!({})).await;
    let found = hints(&c, "chengguan", &n, &format!("您好！{VAGUE}")).await;
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!((&found[0]["about"], &found[0]["sentence"]), (&json!("unnamed"), &json!(VAGUE)));
    assert_eq!((&found[0]["from"], &found[0]["until"]), (&json!(3), &json!(3 + VAGUE.chars().count())));
    assert!(hints(&c, "chengguan", &n, SOUND).await.is_empty());
    c.post("renshe", &format!("/api/v1/tickets/{n}/hints"), json!({ "text": EMPTY })).await.problem(404);

    c.give("chengguan", &n, json!({ "do": "record-contact", "by": "phone", "reached": true, "note": "已联系" }))
        .await
        .ok();
    draft(&c, &n, EMPTY).await;
    draft(&c, &n, VAGUE).await;
    c.give("chengguan-leader", &n, json!({ "do": "audit-reply" })).await.ok();
    let (empty, unnamed) = (kind(&c, "empty").await, kind(&c, "unnamed").await);
    assert_eq!((&empty["rewritten"], &empty["stood"]), (&json!(1), &json!(0)));
    assert_eq!((&unnamed["stood"], &unnamed["rewritten"], &unnamed["reopened"]), (&json!(1), &json!(0), &json!(0)));
    c.give("chengguan-leader", &n, json!({ "do": "reopen-reply", "reason": "依据要写明" })).await.ok();
    draft(&c, &n, SOUND).await;
    let unnamed = kind(&c, "unnamed").await;
    assert_eq!((&unnamed["stood"], &unnamed["reopened"]), (&json!(1), &json!(1)));
}

#[tokio::test]
async fn a_kind_is_switched_for_everybody_and_written_down() {
    let c = Centre::at("2026-04-30 09:00").await;
    let n = c.in_hand(json!({})).await;
    assert_eq!(kind(&c, "unrelated").await["on"], false, "10 of 18 were right");
    let off = json!({ "about": "unnamed", "on": false });
    for who in ["leader", "chengguan", "seat"] {
        c.call(Some(who), "PUT", "/api/v1/hints", Some(off.clone()), &[]).await.problem(403);
    }
    c.call(Some("centre-manager"), "PUT", "/api/v1/hints", Some(off), &[]).await.ok();
    assert_eq!(kind(&c, "unnamed").await["on"], false);
    assert!(hints(&c, "chengguan", &n, VAGUE).await.is_empty());
    let told = c.get("audit-admin", "/api/v1/audit?kind=setting-changed").await.ok();
    assert!(told["items"].as_array().unwrap().iter().any(|i| i["subject"] == "hints-off"), "{told}");
    c.get("seat", "/api/v1/hints").await.problem(403);
}

/// The appellant may be named in the reply to them; who must not know who that is cannot find it out by trying names.
#[tokio::test]
async fn a_hint_does_not_tell_who_the_appellant_is() {
    let c = Centre::at("2026-04-30 09:00").await;
    let appellant = json!({ "name": "王大力", "phone": "13900001234" });
    let reply = "经查，当事人王大力反映的路灯已于5月6日修复，电话13900001234已告知。";
    let open = c.in_hand(json!({ "appellant": appellant })).await;
    assert!(hints(&c, "chengguan", &open, reply).await.is_empty());
    let secret = c.in_hand(json!({ "appellant": appellant, "confidential": true })).await;
    for name in ["王大力", "李小红"] {
        let found = hints(&c, "chengguan", &secret, &reply.replace("王大力", name)).await;
        assert!(found.iter().any(|h| h["about"] == "personal"), "{name}: {found:?}");
    }
}
