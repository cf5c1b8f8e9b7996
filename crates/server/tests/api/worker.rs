//! What time brings: expiry, the archive, messages, and a holiday notice that comes out late.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicUsize, Ordering},
};

use jiesu_channels::sms::{Sms, SmsError, SmsGateway};
use jiesu_server::worker;
use jiesu_store::{OutboxFilter, OutboxState};
use serde_json::json;

use super::harness::{Centre, PLACE, action, changed_law, clock};

#[derive(Default)]
pub struct Gateway {
    pub sent: Mutex<Vec<(i64, String, String)>>,
    failures: AtomicUsize,
}

impl SmsGateway for Gateway {
    fn send(&self, sms: &Sms<'_>) -> Result<String, SmsError> {
        if self.failures.load(Ordering::SeqCst) > 0 {
            self.failures.fetch_sub(1, Ordering::SeqCst);
            return Err(SmsError::Retry("忙".into()));
        }
        self.sent.lock().unwrap().push((sms.id, sms.to.to_owned(), sms.text.to_owned()));
        Ok("ok".into())
    }
}

#[tokio::test]
async fn an_overdue_ticket_is_proposed_for_supervision_at_its_very_instant() {
    let c = Centre::at("2026-04-30 09:00").await;
    let n = c.in_hand(json!({})).await;
    c.until("2026-05-11 23:59").await;
    let t = c.get("supervisor", &format!("/api/v1/tickets/{n}")).await.ok();
    assert_eq!((t["overdue"].clone(), action(&t, "open-supervision")["allowed"].clone()), (json!(false), json!(false)));
    // The clock leaps over the due instant; what happened carries its own time.
    c.until("2026-05-20 08:00").await;
    let t = c.get("supervisor", &format!("/api/v1/tickets/{n}")).await.ok();
    assert_eq!((t["overdue"].clone(), clock(&t, "handle")["late"].clone()), (json!(true), json!(true)));
    assert_eq!(t["supervision"][0]["at"], "2026-05-11T16:00:00Z");
    assert_eq!(t["supervision"][0]["basis"]["article"], "第十三条（五）");
    let because = "5月12日，城市管理局因“在规定时限内未办结”";
    assert_eq!(t["supervision"][0]["why"], format!("{because}列为督办线索，待判断；依据第十三条（五）"));
    let t = c.give("supervisor", &n, json!({ "do": "open-supervision", "no": 1, "fault": "无故未办" })).await.ok();
    assert_eq!(t["supervised"], true);
    assert_eq!(t["supervision"][0]["why"], format!("{because}列入督办台账（无故未办）；依据第十三条（五）"));
}

#[tokio::test]
async fn messages_go_out_once_and_a_busy_gateway_is_tried_again() {
    let c = Centre::at("2026-04-30 09:00").await;
    let gateway = Arc::new(Gateway::default());
    let body = json!({ "kind": "help", "title": "标题", "content": "内容", "channel": "phone", "appellant": { "phone": "13900001234" } });
    let made = c.post("seat", "/api/v1/tickets", body).await.ok();
    gateway.failures.store(1, Ordering::SeqCst);
    worker::pass(&c.app, gateway.clone()).await.unwrap();
    assert!(gateway.sent.lock().unwrap().is_empty());
    c.until("2026-04-30 09:10").await;
    worker::pass(&c.app, gateway.clone()).await.unwrap();
    worker::pass(&c.app, gateway.clone()).await.unwrap();
    let sent = gateway.sent.lock().unwrap().clone();
    assert_eq!(sent.len(), 1);
    assert_eq!(sent[0].1, "13900001234");
    let (number, code) = (made["number"].as_str().unwrap(), made["query_code"].as_str().unwrap());
    assert!(sent[0].2.contains(number) && sent[0].2.contains(code), "{}", sent[0].2);
}

#[tokio::test]
async fn an_appellant_without_a_number_is_given_up_and_shown_as_such() {
    let c = Centre::at("2026-04-30 09:00").await;
    let body = json!({ "kind": "help", "title": "标题", "content": "内容", "channel": "letter" });
    c.post("seat", "/api/v1/tickets", body).await.ok();
    worker::pass(&c.app, Arc::new(Gateway::default())).await.unwrap();
    let page = c.app.store.outbox(PLACE, &OutboxFilter::default(), None, 10).await.unwrap();
    assert_eq!(page.items[0].state, OutboxState::Failed);
    assert_eq!(page.items[0].error.as_deref(), Some("短信不能发送：诉求人没有留号码"));
}

/// More of them than the worker looks at in one go, all due before the one that can be woken.
#[tokio::test]
async fn tickets_that_cannot_be_woken_keep_no_other_waiting() {
    let c = Centre::at("2026-04-30 09:00").await;
    let n = c.in_hand(json!({})).await;
    for _ in 0..120 {
        c.registered(json!({})).await;
    }
    let broken = format!("UPDATE ticket SET body = '{{}}', wake_at = 0 WHERE ticket <> '{n}'");
    c.db.run(&broken).await.unwrap();
    c.app.clock.set(super::harness::instant("2026-05-20 08:00"));
    worker::pass(&c.app, Arc::new(Gateway::default())).await.unwrap();
    let t = c.get("supervisor", &format!("/api/v1/tickets/{n}")).await.ok();
    assert_eq!(t["overdue"], true);
}

/// A passing of the worker over nothing changes nothing.
#[tokio::test]
async fn the_worker_may_run_as_often_as_it_likes() {
    let c = Centre::at("2026-04-30 09:00").await;
    let n = c.in_hand(json!({})).await;
    let before = c.app.store.ticket(PLACE, &n).await.unwrap().unwrap();
    let gateway = Arc::new(Gateway::default());
    for _ in 0..3 {
        worker::pass(&c.app, gateway.clone()).await.unwrap();
    }
    let after = c.app.store.ticket(PLACE, &n).await.unwrap().unwrap();
    assert_eq!(before.head.version, after.head.version);
}

/// 10 working days from 29 December reach into a year whose notice is not out; when it comes, the limit moves by an event of its own.
#[tokio::test]
async fn a_notice_that_comes_out_moves_what_was_provisional() {
    let c = Centre::at("2026-12-29 09:00").await;
    let n = c.in_hand(json!({ "kind": "complaint" })).await;
    let t = c.get("seat", &format!("/api/v1/tickets/{n}")).await.ok();
    // Monday to Friday: 30, 31 December, 1, 4, 5, 6, 7, 8, 11, 12 January.
    assert_eq!(
        (t["provisional"].clone(), clock(&t, "handle")["due_words"].clone()),
        (json!(true), json!("1月12日24时"))
    );

    let own = tempfile::tempdir().unwrap();
    std::fs::create_dir(own.path().join("calendars")).unwrap();
    let notice = "year = 2027\ntitle = \"测试用通知\"\nsource = []\n[[holiday]]\nname = \"元旦\"\noff = [\"2027-01-01\"]\nwork = []\n";
    std::fs::write(own.path().join("calendars/2027.toml"), notice).unwrap();
    let again = c.reopened(jiesu_server::law::Law::load(Some(own.path())).unwrap()).await;
    worker::recount(&again.app).await.unwrap();
    worker::recount(&again.app).await.unwrap();
    let t = again.get("seat", &format!("/api/v1/tickets/{n}")).await.ok();
    // 1 January is off, so the tenth day is the 13th.
    assert_eq!(
        (t["provisional"].clone(), clock(&t, "handle")["due_words"].clone()),
        (json!(false), json!("1月13日24时"))
    );
    let told = t["timeline"].as_array().unwrap().iter().filter(|m| m["label"] == "按放假通知重新计算").count();
    assert_eq!(told, 1, "{}", t["timeline"]);
}

/// What a ticket is told is in the words of the version it was dispatched under, whatever came into force since.
#[tokio::test]
async fn messages_speak_in_the_tickets_own_version() {
    let c = Centre::at("2026-04-30 09:00").await;
    let gateway = Arc::new(Gateway::default());
    let n = c.in_hand(json!({})).await;
    worker::pass(&c.app, gateway.clone()).await.unwrap();
    let later = |text: String| {
        text.replace("version   = 1", "version   = 2")
            .replace("in_force  = 2022-01-01", "in_force  = 2026-05-01")
            .replace("答复如下", "新的说法")
    };
    let c = c.reopened(changed_law(later)).await;
    c.until("2026-05-06 09:00").await;
    assert_eq!(c.app.rulebook().rulebook.version, 2);
    c.give("chengguan", &n, json!({ "do": "draft-reply", "text": "路灯已修好" })).await.ok();
    c.give("chengguan-leader", &n, json!({ "do": "audit-reply" })).await.ok();
    worker::pass(&c.app, gateway.clone()).await.unwrap();
    let sent = gateway.sent.lock().unwrap();
    let (_, _, text) = sent.last().unwrap();
    assert!(text.contains("答复如下：路灯已修好"), "{text}");
}
