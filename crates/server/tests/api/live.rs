//! Server-sent events: everybody hears of what they may see, whichever process did it, and of nothing else.

use std::{sync::Arc, time::Duration};

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

    /// Everything that is heard in the next moments.
    async fn heard(&mut self) -> Vec<String> {
        let mut heard = Vec::new();
        while let Ok(Some(event)) = tokio::time::timeout(Duration::from_millis(900), self.next()).await {
            heard.push(event);
        }
        heard
    }
}

fn ticket(number: &str) -> String {
    format!("event: ticket\ndata: {number}\n\n")
}

/// A second process on the same database.
async fn another(c: &Centre) -> (Arc<App>, Router) {
    let store = Store::open(c.db.location(), StoreOptions::default()).await.unwrap();
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
    let mut ears = Vec::new();
    for who in ["seat", "chengguan", "renshe"] {
        let cookie = c.cookie(who).await;
        ears.push((who, listen(&c.router, &cookie).await, listen(&elsewhere, &cookie).await));
    }
    tokio::time::sleep(Duration::from_millis(400)).await; // both know where the journal stands
    let number = c.registered(json!({})).await;
    for (who, here, there) in &mut ears {
        let wanted = if *who == "seat" { vec![ticket(&number)] } else { vec![] };
        assert_eq!((here.heard().await, there.heard().await), (wanted.clone(), wanted), "{who}");
    }
    c.give("dispatcher", &number, json!({ "do": "dispatch", "lead": "chengguan", "note": "按职责派发" })).await.ok();
    for (who, here, there) in &mut ears {
        let wanted = if *who == "renshe" { vec![] } else { vec![ticket(&number)] };
        assert_eq!((here.heard().await, there.heard().await), (wanted.clone(), wanted), "{who}");
    }
}

#[tokio::test]
async fn a_stream_ends_with_its_session_and_with_the_process() {
    let c = Centre::at("2026-04-30 09:00").await;
    let (one, two) = (c.cookie("seat").await, c.cookie("dispatcher").await);
    let (mut leaves, mut stays) = (listen(&c.router, &one).await, listen(&c.router, &two).await);
    c.call(Some("seat"), "DELETE", "/api/v1/session", None, &[]).await;
    tokio::time::pause();
    let ended = tokio::spawn(async move { (leaves.next().await, leaves.next().await) });
    let still = tokio::time::timeout(Duration::from_secs(70), stays.next()).await;
    assert!(still.is_err(), "{still:?}");
    let (said, over) = ended.await.unwrap();
    tokio::time::resume();
    assert_eq!((said.as_deref(), over), (Some("event: end\ndata: session\n\n"), None));
    c.app.live.end();
    assert_eq!(stays.next().await, None);
}

#[tokio::test]
async fn accounts_changed_by_another_process_are_known() {
    let c = Centre::at("2026-04-30 09:00").await;
    let (other, _) = another(&c).await;
    tokio::time::sleep(Duration::from_millis(400)).await;
    let mut account = c.app.store.account(PLACE, "seat").await.unwrap().unwrap();
    account.name = "改了名字".into();
    c.app.store.account_put(PLACE, &account).await.unwrap();
    for _ in 0..30 {
        tokio::time::sleep(Duration::from_millis(100)).await;
        if other.account_name("seat") == "改了名字" {
            return;
        }
    }
    panic!("never noticed");
}
