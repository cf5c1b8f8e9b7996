//! The system clock leaps, forward and back. What is right is written in docs/operating.md.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{body::Body, http::Request};
use jiesu_domain::{
    Actor, Instant, Role,
    ticket::{Command, Register},
};
use jiesu_server::{
    app::{App, Appellant, NewTicket, digest},
    clock::{Clock, Machine, STANDS},
    config::ClockSetting,
    law::Law,
    serve, worker,
};
use jiesu_store::{OutboxLease, Session, Store, StoreOptions};
use jiesu_testkit::{Kind, on_both};
use serde_json::json;
use tower::ServiceExt;

use crate::kit::{Centre, PLACE};

/// A machine whose clock somebody sets.
#[derive(Debug, Clone)]
struct Bench(Arc<Mutex<(Instant, Duration)>>);

impl Machine for Bench {
    fn shows(&self) -> Instant {
        self.0.lock().unwrap().0
    }
    fn ran(&self) -> Duration {
        self.0.lock().unwrap().1
    }
}

const MORNING: &str = "2026-04-30T09:00:00+08:00";
const YEAR: i64 = 365 * 86_400;

impl Bench {
    fn at(time: &str) -> Self {
        Self(Arc::new(Mutex::new((time.parse().unwrap(), Duration::ZERO))))
    }

    fn leaps(&self, seconds: i64) {
        let mut both = self.0.lock().unwrap();
        both.0 = both.0.checked_add(jiff::SignedDuration::from_secs(seconds)).unwrap();
    }

    fn runs(&self, by: Duration) {
        let mut both = self.0.lock().unwrap();
        *both = (both.0.checked_add(by).unwrap(), both.1 + by);
    }
}

async fn centre(kind: Kind) -> Centre {
    tokio::task::spawn_blocking(move || Centre::new(kind)).await.unwrap()
}

/// A server of that centre on that machine.
async fn app(centre: &Centre, bench: &Bench) -> Arc<App> {
    let store = Store::open(centre.db.location(), StoreOptions::with_key(jiesu_testkit::MASTER)).await.unwrap();
    let clock = Clock::on(Box::new(bench.clone()), ClockSetting::Real);
    App::open(store, Law::load(None).unwrap(), clock, PLACE).await.unwrap()
}

async fn register(app: &Arc<App>) -> String {
    let register: Register =
        serde_json::from_value(json!({ "kind": "help", "title": "路灯", "content": "不亮", "channel": "phone" }))
            .unwrap();
    let appellant: Appellant = serde_json::from_value(json!({ "phone": "13900001234" })).unwrap();
    let new = NewTicket { register, appellant, received_at: None, source: None, history: None };
    app.register(&actor("seat", Role::Seat, None), &new, None).await.unwrap().ticket
}

fn actor(id: &str, role: Role, unit: Option<&str>) -> Actor {
    Actor { id: id.into(), role, unit: unit.map(str::to_owned) }
}

async fn give(app: &App, who: &Actor, ticket: &str, command: serde_json::Value) {
    let command: Command = serde_json::from_value(command).unwrap();
    app.execute(who, ticket, &command, None, None, None).await.unwrap();
}

async fn dispatch(app: &App, ticket: &str) {
    let dispatcher = actor("dispatcher", Role::Dispatcher, None);
    give(app, &dispatcher, ticket, json!({ "do": "dispatch", "lead": "chengguan" })).await;
}

async fn sign(app: &App, ticket: &str) {
    give(app, &actor("chengguan", Role::Handler, Some("chengguan")), ticket, json!({ "do": "sign" })).await;
}

/// When each thing happened to a ticket; never before the thing before.
async fn history(app: &App, ticket: &str) -> Vec<Instant> {
    let times: Vec<Instant> = app.store.journal(PLACE, ticket).await.unwrap().iter().map(|e| e.at).collect();
    assert!(times.is_sorted(), "{times:?}");
    times
}

/// One look of the worker at the tickets; how many entries it brought.
async fn looks(app: &Arc<App>) -> usize {
    let before = app.store.journal_after(PLACE, 0, 1000).await.unwrap().len();
    worker::pass(app, Arc::new(Deaf)).await.unwrap();
    app.store.journal_after(PLACE, 0, 1000).await.unwrap().len() - before
}

struct Deaf;

impl jiesu_channels::sms::SmsGateway for Deaf {
    fn send(&self, _: &jiesu_channels::sms::Sms<'_>) -> Result<String, jiesu_channels::sms::SmsError> {
        Ok("taken".into())
    }
}

/// Two servers whose clocks differ by ten minutes.
async fn two_servers_that_do_not_agree(kind: Kind) {
    let centre = centre(kind).await;
    let (ahead, behind) = (Bench::at("2026-04-30T09:10:00+08:00"), Bench::at(MORNING));
    let (ahead, behind) = (app(&centre, &ahead).await, app(&centre, &behind).await);
    let ticket = register(&ahead).await;
    dispatch(&behind, &ticket).await;
    sign(&ahead, &ticket).await;
    let times = history(&ahead, &ticket).await;
    assert_eq!(times.first(), times.last(), "the one behind took the time of what happened last");
}

/// When the limits of a ticket run out.
async fn limits(app: &Arc<App>, ticket: &str) -> Vec<(String, Instant)> {
    let ticket = app.load(ticket, &Actor::system()).await.unwrap();
    ticket.clocks.iter().map(|c| (c.id.to_string(), c.due)).collect()
}

/// A year forward and back again before anybody believed it: nothing has happened.
async fn a_leap_that_is_put_right(kind: Kind) {
    let centre = centre(kind).await;
    let bench = Bench::at(MORNING);
    let app = app(&centre, &bench).await;
    let ticket = register(&app).await;
    dispatch(&app, &ticket).await;
    sign(&app, &ticket).await;
    let before = limits(&app, &ticket).await;
    bench.leaps(YEAR);
    bench.runs(STANDS - Duration::from_secs(1));
    assert_eq!(looks(&app).await, 0, "no timer fires early");
    let other = register(&app).await;
    dispatch(&app, &other).await;
    bench.leaps(-YEAR);
    assert_eq!(looks(&app).await, 0);
    assert_eq!(limits(&app, &ticket).await, before, "no limit moved");
    let times = history(&app, &other).await;
    let registered: Instant = "2026-04-30T09:09:59+08:00".parse().unwrap();
    assert!(times.iter().all(|at| *at == registered), "counted from the day that it was: {times:?}");
}

/// A leap that stands is believed. What falls due then falls due once, also when the clock is put back afterwards.
async fn a_leap_that_stands(kind: Kind) {
    let centre = centre(kind).await;
    let bench = Bench::at(MORNING);
    let app = app(&centre, &bench).await;
    let ticket = register(&app).await;
    dispatch(&app, &ticket).await;
    sign(&app, &ticket).await;
    let before = limits(&app, &ticket).await;
    bench.leaps(YEAR);
    assert_eq!(looks(&app).await, 0);
    bench.runs(STANDS);
    assert!(looks(&app).await > 0, "what fell due has happened");
    assert_eq!(looks(&app).await, 0, "once");
    bench.leaps(-YEAR);
    assert_eq!(looks(&app).await, 0);
    bench.runs(STANDS);
    assert_eq!(looks(&app).await, 0, "and not again");
    history(&app, &ticket).await;
    let after = limits(&app, &ticket).await;
    assert!(before.iter().all(|limit| after.contains(limit)), "no limit moved: {before:?} {after:?}");
    // Whatever is done next does not come before what has happened.
    let chengguan = actor("chengguan", Role::Handler, Some("chengguan"));
    let contact = json!({ "do": "record-contact", "by": "phone", "reached": true, "note": "已联系" });
    give(&app, &chengguan, &ticket, contact).await;
    history(&app, &ticket).await;
}

/// A sender died holding a message, under a clock that was a year ahead. The message is not held for a year.
async fn a_lease_from_next_year(kind: Kind) {
    let centre = centre(kind).await;
    let bench = Bench::at(MORNING);
    let app = app(&centre, &bench).await;
    register(&app).await;
    let later = |seconds| app.clock.now().checked_add(jiff::SignedDuration::from_secs(seconds)).unwrap();
    let lease = |from| {
        let lease = OutboxLease { from: later(from), until: later(from + 60) };
        app.store.outbox_lease(PLACE, later(from), lease, 10)
    };
    assert_eq!(lease(YEAR).await.unwrap().len(), 1);
    assert_eq!(lease(0).await.unwrap().len(), 1, "it goes out");
    assert!(lease(0).await.unwrap().is_empty(), "to one sender");
}

/// A session begun under a clock that was ahead would outlive its hours by as much.
async fn a_session_from_next_year(kind: Kind) {
    let centre = centre(kind).await;
    let bench = Bench::at(MORNING);
    let app = app(&centre, &bench).await;
    let asks = |token: &'static str| {
        let router = serve::router(app.clone());
        let request = Request::get("/api/v1/tickets").header("cookie", format!("jiesu_session={token}"));
        async move { router.oneshot(request.body(Body::empty()).unwrap()).await.unwrap().status().as_u16() }
    };
    for (token, ahead) in [("of-now", 0), ("a-little-ahead", 500), ("of-next-year", YEAR)] {
        let at = app.clock.wall().checked_add(jiff::SignedDuration::from_secs(ahead)).unwrap();
        let session = Session::open(digest(token), "seat".into(), at, 12);
        app.store.session_put(PLACE, &session, 5).await.unwrap();
    }
    assert_eq!((asks("of-now").await, asks("a-little-ahead").await, asks("of-next-year").await), (200, 200, 401));
    // A leap signs nobody out as long as it is not believed.
    bench.leaps(YEAR);
    assert_eq!(asks("of-now").await, 200);
    bench.leaps(-YEAR);
    assert_eq!(asks("of-now").await, 200);
}

on_both! {
    two_servers_that_do_not_agree,
    a_leap_that_is_put_right,
    a_leap_that_stands,
    a_lease_from_next_year,
    a_session_from_next_year,
}
