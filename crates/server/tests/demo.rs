//! `jiesu demo` for every rulebook that is built in: its tickets are made, and nothing of it is refused.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use jiesu_channels::sms::{Sms, SmsError, SmsGateway};
use jiesu_server::{app::App, app::verify, clock::Clock, config::ClockSetting, demo, law::Law};
use jiesu_store::{ListFilter, Store, StoreOptions};
use jiesu_testkit::{Kind, TestDb};

struct Quiet;

impl SmsGateway for Quiet {
    fn send(&self, _: &Sms<'_>) -> Result<String, SmsError> {
        Ok("ok".into())
    }
}

#[tokio::test]
async fn every_place_has_a_demo() {
    let law = Law::load(None).unwrap();
    for place in law.ids() {
        let db = TestDb::new(Kind::chosen()).await;
        let store = Store::open(db.location(), StoreOptions::with_key(jiesu_testkit::MASTER)).await.unwrap();
        store.migrate().await.unwrap();
        App::seed(&store, place, place, law.units(place)).await.unwrap();
        // A Friday afternoon in weeks without holidays.
        let now = "2026-03-20T16:30:00+08:00".parse().unwrap();
        let app = App::open(store, law.clone(), Clock::new(ClockSetting::Fixed(now)), place).await.unwrap();
        demo::seed(&app, std::sync::Arc::new(Quiet)).await.unwrap_or_else(|e| panic!("{place}: {e}"));
        let states = app.store.count_by_state(place, &ListFilter::default()).await.unwrap();
        let tickets: i64 = states.iter().map(|(_, n)| n).sum();
        let kinds = app.rulebook().accept.kinds.len() as i64;
        assert!(tickets >= kinds, "{place}: {states:?}");
        if !app.units().is_empty() {
            assert!(states.len() >= 4, "{place}: {states:?}");
        }
        let report = verify(&app.store, place, |_, _| {}).await.unwrap();
        assert!(report.holds(), "{place}: {report:?}");
    }
}
