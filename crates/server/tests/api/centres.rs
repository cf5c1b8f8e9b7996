//! The tree of centres: one sees the counts of those below it, and nothing of those beside and above.

use std::sync::Arc;

use jiesu_server::{app::App, clock::Clock, config::ClockSetting, law::Law, serve};
use jiesu_store::{Account, Jurisdiction, Session};
use serde_json::{Value, json};

use super::harness::{Centre, PLACE};

const CENTRES: &str = "/api/v1/centres";

/// Another centre in the same database, with somebody of this role signed in under `token`.
async fn beside(c: &Centre, place: &str, role: &str, token: &str) -> Arc<App> {
    let (store, law) = (c.app.store.clone(), Law::load(None).unwrap());
    App::seed(&store, place, place, law.units(place)).await.unwrap();
    let account: Account = store.account(PLACE, role).await.unwrap().unwrap();
    store.account_put(place, &account).await.unwrap();
    let session = Session::open(jiesu_server::app::digest(token), account.account, c.app.clock.wall(), 1);
    store.session_put(place, &session, 1).await.unwrap();
    let clock = Clock::new(ClockSetting::Fixed(c.app.clock.now()));
    App::open(store, law, clock, place).await.unwrap()
}

async fn seen(c: &Centre, app: Arc<App>, token: &str) -> Value {
    let request = axum::http::Request::get(CENTRES).header("cookie", format!("jiesu_session={token}"));
    let response =
        tower::ServiceExt::oneshot(serve::router(app), request.body(axum::body::Body::empty()).unwrap()).await.unwrap();
    assert_eq!(response.status(), 200);
    let _ = c;
    serde_json::from_slice(&axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap()).unwrap()
}

fn counts(view: &Value) -> Vec<(String, i64, i64, i64)> {
    let number = |line: &Value, key: &str| line[key].as_i64().unwrap();
    let line = |l: &Value| {
        (l["centre"].as_str().unwrap().to_owned(), number(l, "level"), number(l, "open"), number(l, "overdue"))
    };
    view["centres"].as_array().unwrap().iter().map(line).collect()
}

#[tokio::test]
async fn a_centre_sees_the_counts_of_those_below_it_only() {
    let c = Centre::at("2026-04-30 09:00").await;
    c.in_hand(json!({})).await;
    c.registered(json!({})).await;
    let above = beside(&c, "heyuan", "leader", "above").await;
    let other = beside(&c, "zhongshan", "leader", "beside").await;
    let own = c.get("leader", CENTRES).await.ok();
    assert_eq!(counts(&own), [(PLACE.into(), 0, 2, 0)], "alone");
    assert_eq!(
        counts(&seen(&c, above.clone(), "above").await),
        [("heyuan".into(), 0, 0, 0)],
        "nothing before it is said"
    );
    c.app.stand_under(Some("heyuan")).await.unwrap();
    other.stand_under(Some("heyuan")).await.unwrap();
    c.until("2026-07-01 09:00").await;
    let view = seen(&c, above.clone(), "above").await;
    let overdue = counts(&view)[1].3;
    assert!(overdue > 0, "{view}");
    assert_eq!(
        counts(&view),
        [("heyuan".into(), 0, 0, 0), (PLACE.into(), 1, 2, overdue), ("zhongshan".into(), 1, 0, 0),]
    );
    for (app, token) in [(&other, "beside")] {
        let view = seen(&c, app.clone(), token).await;
        assert_eq!(counts(&view), [("zhongshan".into(), 0, 0, 0)]);
        assert_eq!(view["above"], json!(["heyuan"]));
    }
    for who in ["seat", "chengguan", "supervisor", "system-admin", "discipline-watcher"] {
        c.get(who, CENTRES).await.problem(403);
    }
    // What is below cannot be above, and both are written down.
    let refused = above.stand_under(Some(PLACE)).await.unwrap_err();
    assert!(format!("{refused}").contains("下级"), "{refused}");
    c.app.stand_under(None).await.unwrap();
    assert_eq!(counts(&seen(&c, above, "above").await).len(), 2);
    let written =
        format!("SELECT detail FROM audit WHERE jurisdiction = '{PLACE}' AND subject = 'centre' ORDER BY seq");
    let written = c.db.rows(&written).await;
    assert_eq!(written.len(), 2, "{written:?}");
    assert!(written[0].contains("heyuan") && written[1].contains("heyuan"), "{written:?}");
    // A restart leaves it where it is, and its tree is in no other's hands.
    let rows: Vec<Jurisdiction> = c.app.store.jurisdictions().await.unwrap();
    assert_eq!(rows.iter().filter(|j| j.parent.is_some()).count(), 1);
}
