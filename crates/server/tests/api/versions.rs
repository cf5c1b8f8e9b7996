//! Which version of the law a ticket goes by: that of its first dispatch, by the clock, without a restart.

use jiesu_domain::{Actor, Instant, ticket::Ticket};
use jiesu_server::{law::Law, worker};
use serde_json::{Value, json};

use super::harness::{Centre, changed_law, clock};

/// A second version that comes into force on Tuesday 12 May 2026, with complaints in seven working days.
fn second() -> Law {
    changed_law(|text| {
        text.replace("version   = 1", "version   = 2")
            .replace("in_force  = 2022-01-01", "in_force  = 2026-05-12")
            .replace("complaint = \"10 working days\"", "complaint = \"7 working days\"")
    })
}

async fn centre() -> Centre {
    Centre::at("2026-05-11 09:00").await.reopened(second()).await
}

async fn until(c: &Centre, at: &str) {
    worker::advance(&c.app, at.parse().unwrap()).await.unwrap();
}

async fn ticket(c: &Centre, number: &str) -> Ticket {
    c.app.load(number, &Actor::system()).await.unwrap()
}

async fn version(c: &Centre, number: &str) -> Option<(String, u32)> {
    ticket(c, number).await.rulebook
}

fn shangrao(version: u32) -> Option<(String, u32)> {
    Some(("shangrao".to_owned(), version))
}

async fn complaint(c: &Centre) -> String {
    c.registered(json!({ "kind": "complaint" })).await
}

fn to(lead: &str) -> Value {
    json!({ "do": "dispatch", "lead": lead })
}

#[tokio::test]
async fn a_version_holds_from_midnight_of_its_day_while_the_program_runs() {
    let c = centre().await;
    let (before, after) = (complaint(&c).await, complaint(&c).await);
    assert_eq!(version(&c, &after).await, None, "registered under the first, dispatched under neither");

    until(&c, "2026-05-11T23:59:59+08:00").await;
    let t = c.give("dispatcher", &before, to("chengguan")).await.ok();
    assert_eq!(version(&c, &before).await, shangrao(1));
    // Ten working days after Monday 11 May.
    assert_eq!(clock(&t, "handle")["due_words"], "5月25日24时");

    until(&c, "2026-05-12T00:00:00+08:00").await;
    let t = c.give("dispatcher", &after, to("chengguan")).await.ok();
    assert_eq!(version(&c, &after).await, shangrao(2), "registered before, dispatched on the instant");
    // Seven working days after Tuesday 12 May.
    assert_eq!(clock(&t, "handle")["due_words"], "5月21日24时");
}

#[tokio::test]
async fn a_dispatch_after_a_return_keeps_the_first_version() {
    let c = centre().await;
    let n = complaint(&c).await;
    until(&c, "2026-05-11T23:59:59+08:00").await;
    c.give("dispatcher", &n, to("chengguan")).await.ok();
    c.give("chengguan", &n, json!({ "do": "sign" })).await.ok();
    c.give("chengguan", &n, json!({ "do": "ask-return", "reason": "不属本单位职责", "basis": "三定方案" })).await.ok();
    until(&c, "2026-05-12T00:00:00+08:00").await;
    c.give("reviewer", &n, json!({ "do": "review-return", "approve": true, "note": "已核对权责清单" })).await.ok();
    let t = c.give("dispatcher", &n, to("gongan")).await.ok();
    assert_eq!((version(&c, &n).await, ticket(&c, &n).await.dispatches), (shangrao(1), 2));
    // Ten working days after Tuesday 12 May.
    assert_eq!(clock(&t, "handle")["due_words"], "5月26日24时");
    let basis = &ticket(&c, &n).await.clocks.last().unwrap().basis.clone();
    assert_eq!(basis.version, 1);
}

/// A decision has one instant: the law of that instant, though midnight passes while it is made.
#[tokio::test]
async fn the_law_is_that_of_the_instant_of_the_decision() {
    let c = centre().await;
    let n = complaint(&c).await;
    let waiting = ticket(&c, &n).await;
    until(&c, "2026-05-12T00:00:00+08:00").await;
    let (units, actor) = (c.app.units(), Actor::system());
    let at = |s: &str| s.parse::<Instant>().unwrap();
    let under = |t: Option<&Ticket>, now| c.app.ctx(t, &units, None, &actor, now).rulebook.rulebook.version;
    for ticket in [None, Some(&waiting)] {
        assert_eq!(under(ticket, at("2026-05-11T23:59:59.999+08:00")), 1);
        assert_eq!(under(ticket, at("2026-05-12T00:00:00+08:00")), 2);
    }
}

/// Where the file of its version is gone, nothing is decided under another one.
#[tokio::test]
async fn a_version_that_is_gone_is_said_and_not_replaced() {
    let c = centre().await;
    let (old, new) = (complaint(&c).await, complaint(&c).await);
    c.give("dispatcher", &old, to("chengguan")).await.ok();
    until(&c, "2026-05-12T09:00:00+08:00").await;
    c.give("dispatcher", &new, to("chengguan")).await.ok();
    let c = c.reopened(Law::load(None).unwrap()).await;
    c.give("chengguan", &old, json!({ "do": "sign" })).await.ok();
    let p = c.give("chengguan", &new, json!({ "do": "sign" })).await.problem(409);
    assert_eq!(p["rule"], "version-missing");
    assert!(p["detail"].as_str().unwrap().contains("“shangrao”第2版"), "{p}");
    let c = c.reopened(second()).await;
    c.give("chengguan", &new, json!({ "do": "sign" })).await.ok();
}
