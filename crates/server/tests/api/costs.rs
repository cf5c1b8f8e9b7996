//! What a request asks of the database. Counts, not times.

use jiesu_store::statements;
use serde_json::json;

use crate::harness::Centre;

/// The strongest open peers take 45 to 222.
const MOST: u64 = 10;

#[tokio::test]
async fn a_registration_takes_ten_statements_at_most() {
    let c = Centre::at("2026-04-30 09:00").await;
    let body = json!({
        "kind": "complaint", "title": "路灯不亮", "content": "小区门口路灯一周不亮", "place": "信州区测试路", "channel": "phone",
        "appellant": { "name": "测试诉求人", "phone": "13900001234", "address": "信州区测试路1号" },
    });
    c.cookie("seat").await;
    for n in 0..3 {
        let key = format!("costs-{n}-{n}");
        let before = statements();
        let made =
            c.call(Some("seat"), "POST", "/api/v1/tickets", Some(body.clone()), &[("idempotency-key", &key)]).await;
        let took = statements() - before;
        assert_eq!(made.status, 201, "{}", made.text);
        assert!(took <= MOST, "{took} statements");
        let number = made.body["number"].as_str().unwrap();
        let messages = c.app.store.outbox("shangrao", &Default::default(), None, 100).await.unwrap().items;
        assert!(messages.iter().any(|m| m.ticket == number), "with its message to the appellant");
    }
}
