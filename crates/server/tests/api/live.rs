//! Server-sent events: everybody hears of what they may see, whichever process did it, and of nothing else.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use axum::{
    Router,
    body::{Body, BodyDataStream},
    http::{Request, header},
};
use futures_util::StreamExt;
use jiesu_server::{app::App, clock::Clock, config::ClockSetting, law::Law, live::follow, serve};
use jiesu_store::{Store, StoreOptions};
use serde_json::json;
use tower::ServiceExt;

use super::harness::{Centre, PLACE};

/// Longer than the slowest machine takes; only a failure waits for it.
const PATIENCE: Duration = Duration::from_secs(60);

struct Stream(BodyDataStream);

/// Listens, and has heard the first `reset`.
async fn listen(router: &Router, cookie: &str) -> Stream {
    let request = Request::get("/api/v1/events").header(header::COOKIE, cookie).body(Body::empty()).unwrap();
    let response = router.clone().oneshot(request).await.unwrap();
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()[header::CONTENT_TYPE], "text/event-stream");
    let mut stream = Stream(response.into_body().into_data_stream());
    assert_eq!(stream.next().await.as_deref(), Some("event: reset\ndata: all\n\n"));
    stream
}

impl Stream {
    /// The next event; comments only keep the connection alive.
    async fn next(&mut self) -> Option<String> {
        loop {
            let bytes = self.0.next().await?.unwrap();
            let text = String::from_utf8(bytes.to_vec()).unwrap();
            if !text.starts_with(':') {
                return Some(text);
            }
        }
    }

    /// The next thing heard is this ticket: so nothing else was before it.
    async fn hears(&mut self, number: &str, who: &str) {
        let heard = tokio::time::timeout(PATIENCE, self.next())
            .await
            .unwrap_or_else(|_| panic!("{who} never heard of {number}"));
        assert_eq!(heard.as_deref(), Some(format!("event: ticket\ndata: {number}\n\n").as_str()), "{who}");
    }
}

/// A second process on the same database.
async fn another(c: &Centre) -> (Arc<App>, Router) {
    let store = Store::open(c.db.location(), StoreOptions::with_key(jiesu_testkit::MASTER)).await.unwrap();
    let clock = Clock::new(ClockSetting::Fixed(c.app.clock.now()));
    let app = App::open(store, Law::load(None).unwrap(), clock, PLACE).await.unwrap();
    tokio::spawn(follow(app.clone()));
    (app.clone(), serve::router(app))
}

#[tokio::test]
async fn everybody_hears_of_their_own_tickets() {
    let c = Centre::at("2026-04-30 09:00").await;
    tokio::spawn(follow(c.app.clone()));
    let (_, elsewhere) = another(&c).await;
    let mut ears = BTreeMap::new();
    for who in ["seat", "chengguan", "renshe"] {
        let cookie = c.cookie(who).await;
        ears.insert(who, [listen(&c.router, &cookie).await, listen(&elsewhere, &cookie).await]);
    }
    // Each unit hears of its second ticket right after its first: of nobody else's in between.
    for unit in ["chengguan", "renshe", "chengguan", "renshe"] {
        let number = c.registered(json!({})).await;
        all_hear(&mut ears, "seat", &number).await;
        c.give("dispatcher", &number, json!({ "do": "dispatch", "lead": unit, "note": "按职责派发" })).await.ok();
        all_hear(&mut ears, "seat", &number).await;
        all_hear(&mut ears, unit, &number).await;
    }
}

async fn all_hear(ears: &mut BTreeMap<&str, [Stream; 2]>, who: &str, number: &str) {
    for stream in ears.get_mut(who).unwrap() {
        stream.hears(number, who).await;
    }
}

#[tokio::test]
async fn a_stream_ends_with_its_session_and_with_the_process() {
    let c = Centre::at("2026-04-30 09:00").await;
    let (one, two) = (c.cookie("seat").await, c.cookie("dispatcher").await);
    let (mut leaves, mut stays) = (listen(&c.router, &one).await, listen(&c.router, &two).await);
    c.call(Some("seat"), "DELETE", "/api/v1/session", None, &[]).await;
    // A minute goes by at once, but the database answers in real time.
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(61)).await;
    tokio::time::resume();
    let said = tokio::time::timeout(PATIENCE, leaves.next()).await.expect("the session is over");
    assert_eq!(said.as_deref(), Some("event: end\ndata: session\n\n"));
    assert_eq!(leaves.next().await, None);
    let still = tokio::time::timeout(Duration::from_millis(500), stays.next()).await;
    assert!(still.is_err(), "{still:?}");
    c.app.live.end();
    assert_eq!(stays.next().await, None);
}

#[tokio::test]
async fn accounts_changed_by_another_process_are_known() {
    let c = Centre::at("2026-04-30 09:00").await;
    let (other, _) = another(&c).await;
    // Perhaps before the other begins to follow: it must learn of it all the same.
    let mut account = c.app.store.account(PLACE, "seat").await.unwrap().unwrap();
    account.name = "改了名字".into();
    c.app.store.account_put(PLACE, &account).await.unwrap();
    let known = async {
        while other.account_name("seat") != "改了名字" {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(PATIENCE, known).await.expect("never noticed");
}
