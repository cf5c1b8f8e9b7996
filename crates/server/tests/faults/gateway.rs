//! Gateways as they are: slow, failing, answering late, saying the same thing twice and out of turn.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use jiesu_channels::sms::{Sms, SmsError, SmsGateway};
use jiesu_domain::{Actor, ticket::Register};
use jiesu_server::{
    app::{App, Appellant, NewTicket},
    clock::Clock,
    config::ClockSetting,
    law::Law,
    worker::{self, Sender, Sending},
};
use jiesu_store::{OutboxFilter, OutboxRow, OutboxState, Store, StoreOptions};
use jiesu_testkit::{Kind, on_both};
use serde_json::json;
use tokio::{sync::watch, task::JoinHandle};

use crate::kit::{Centre, PATIENCE, PLACE};

type Answer = Result<String, SmsError>;
/// What it does with the n-th delivery of a message, from 1.
type Manner = Box<dyn Fn(i64, usize) -> Answer + Send + Sync>;

/// A gateway with manners.
struct Gateway {
    manner: Manner,
    /// When each message was delivered.
    heard: Mutex<HashMap<i64, Vec<Instant>>>,
}

impl Gateway {
    fn new(manner: impl Fn(i64, usize) -> Answer + Send + Sync + 'static) -> Arc<Self> {
        Arc::new(Self { manner: Box::new(manner), heard: Mutex::default() })
    }

    fn deliveries(&self) -> BTreeMap<i64, usize> {
        self.heard.lock().unwrap().iter().map(|(id, times)| (*id, times.len())).collect()
    }
}

impl SmsGateway for Gateway {
    fn send(&self, sms: &Sms<'_>) -> Answer {
        let nth = {
            let mut heard = self.heard.lock().unwrap();
            let times = heard.entry(sms.id).or_default();
            times.push(Instant::now());
            times.len()
        };
        (self.manner)(sms.id, nth)
    }
}

/// A worker on a centre, in this process: a gateway cannot be handed to another one.
struct Office {
    app: Arc<App>,
    stop: watch::Sender<bool>,
    running: Vec<JoinHandle<()>>,
    _centre: Centre,
}

impl Office {
    async fn at(kind: Kind, time: &str) -> Self {
        let centre = tokio::task::spawn_blocking(move || Centre::new(kind)).await.unwrap();
        let store = Store::open(centre.db.location(), StoreOptions::with_key(jiesu_testkit::MASTER)).await.unwrap();
        let clock = Clock::new(ClockSetting::Fixed(time.parse().unwrap()));
        let app = App::open(store, Law::load(None).unwrap(), clock, PLACE).await.unwrap();
        Self { app, stop: watch::channel(false).0, running: Vec::new(), _centre: centre }
    }

    fn works(&mut self, gateway: &Arc<Gateway>, how: Sending) {
        let sender = Sender::new(gateway.clone(), how);
        self.running.push(tokio::spawn(worker::run(self.app.clone(), sender, self.stop.subscribe())));
    }

    async fn register(&self, n: usize) -> String {
        let register: Register = serde_json::from_value(
            json!({ "kind": "help", "title": format!("路灯{n}"), "content": "不亮", "channel": "phone" }),
        )
        .unwrap();
        let appellant: Appellant = serde_json::from_value(json!({ "phone": format!("139{n:08}") })).unwrap();
        let new = NewTicket { register, appellant, received_at: None, source: None, history: None };
        let seat = Actor { id: "seat".into(), role: jiesu_domain::Role::Seat, unit: None };
        self.app.register(&seat, &new, None).await.unwrap().ticket
    }

    async fn outbox(&self) -> Vec<OutboxRow> {
        self.app.store.outbox(PLACE, &OutboxFilter::default(), None, 100).await.unwrap().items
    }

    async fn count(&self, state: OutboxState) -> usize {
        self.outbox().await.iter().filter(|m| m.state == state).count()
    }

    async fn until(&self, what: &str, state: OutboxState, count: usize) {
        let began = Instant::now();
        while self.count(state).await != count {
            assert!(began.elapsed() < PATIENCE, "{what}: {:?}", self.outbox().await);
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// The clock goes on.
    fn passes(&self, seconds: i64) {
        let to = self.app.clock.now().checked_add(jiff::SignedDuration::from_secs(seconds)).unwrap();
        assert!(self.app.clock.set(to));
    }

    async fn closes(self) {
        let _ = self.stop.send(true);
        for running in self.running {
            tokio::time::timeout(PATIENCE, running).await.unwrap().unwrap();
        }
        self.app.store.close().await.unwrap();
    }
}

const MORNING: &str = "2026-04-30T09:00:00+08:00";

fn impatient() -> Sending {
    Sending { patience: Duration::from_millis(300), ..Sending::default() }
}

/// One message that hangs keeps neither the other messages waiting nor the limits of tickets.
async fn a_slow_one_holds_up_nobody(kind: Kind) {
    let mut office = Office::at(kind, MORNING).await;
    for n in 0..12 {
        office.register(n).await;
    }
    let hangs = Arc::new(AtomicBool::new(true));
    let still = hangs.clone();
    let gateway = Gateway::new(move |id, _| {
        while id <= 3 && still.load(Ordering::SeqCst) {
            std::thread::sleep(Duration::from_millis(10));
        }
        Ok("ok".into())
    });
    office.works(&gateway, Sending::default());
    let began = Instant::now();
    office.until("the quick ones are sent", OutboxState::Sent, 9).await;
    // Meanwhile time passes for tickets: their limits of the first days run out.
    office.passes(400 * 86_400);
    let far = office.app.clock.now();
    while !office.app.store.tickets_to_wake(PLACE, far, None, 1).await.unwrap().is_empty() {
        assert!(began.elapsed() < PATIENCE, "timers wait for the gateway");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    hangs.store(false, Ordering::SeqCst);
    office.closes().await;
}

/// A gateway that answers when nobody listens any more has taken the message all the same: it is not sent again.
async fn a_late_yes_counts(kind: Kind) {
    let mut office = Office::at(kind, MORNING).await;
    office.register(1).await;
    let gateway = Gateway::new(|_, _| {
        std::thread::sleep(Duration::from_millis(900));
        Ok("late".into())
    });
    office.works(&gateway, impatient());
    office.until("the late answer is written down", OutboxState::Sent, 1).await;
    office.passes(3600);
    tokio::time::sleep(Duration::from_millis(1200)).await;
    assert_eq!(gateway.deliveries().values().collect::<Vec<_>>(), [&1]);
    assert_eq!(office.outbox().await[0].result.as_deref(), Some("late"));
    office.closes().await;
}

/// Pauses grow, the end is where the settings say, and it can be seen.
async fn a_failing_one_is_given_up(kind: Kind) {
    let mut office = Office::at(kind, MORNING).await;
    office.register(1).await;
    let gateway = Gateway::new(|_, _| Err(SmsError::Retry("网关繁忙".into())));
    office.works(&gateway, Sending { attempts: 4, ..impatient() });
    let mut pauses = Vec::new();
    for attempt in 1..=3 {
        let began = Instant::now();
        let next = loop {
            let message = office.outbox().await.remove(0);
            if message.attempts == attempt && message.leased_until.is_none() {
                break message.next_at;
            }
            assert!(began.elapsed() < PATIENCE, "{message:?}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        };
        let pause = next.as_second() - office.app.clock.now().as_second();
        pauses.push(pause);
        office.passes(pause - 1);
        tokio::time::sleep(Duration::from_millis(700)).await;
        assert_eq!(gateway.deliveries()[&1], attempt as usize, "not before its time");
        office.passes(1);
    }
    assert_eq!(pauses, [60, 120, 240]);
    office.until("it is given up", OutboxState::Failed, 1).await;
    let message = office.outbox().await.remove(0);
    assert_eq!((message.attempts, message.error.as_deref()), (4, Some("短信网关暂时不可用：网关繁忙")));
    office.passes(86_400);
    tokio::time::sleep(Duration::from_millis(700)).await;
    assert_eq!(gateway.deliveries()[&1], 4, "given up is given up");
    office.closes().await;
}

/// Two workers, a gateway that answers out of turn, fails now and then and repeats itself: each message is taken once.
async fn out_of_turn_and_with_two_workers(kind: Kind) {
    let mut office = Office::at(kind, MORNING).await;
    for n in 0..30 {
        office.register(n).await;
    }
    let gateway = Gateway::new(|id, nth| {
        // Later messages are answered sooner.
        std::thread::sleep(Duration::from_millis(5 * (40 - id as u64)));
        if id % 5 == 0 && nth == 1 { Err(SmsError::Retry("再试".into())) } else { Ok("the same receipt".into()) }
    });
    office.works(&gateway, Sending::default());
    office.works(&gateway, Sending::default());
    office.until("those it took", OutboxState::Sent, 24).await;
    office.passes(61);
    office.until("the rest", OutboxState::Sent, 30).await;
    tokio::time::sleep(Duration::from_millis(700)).await;
    for (id, times) in gateway.deliveries() {
        assert_eq!(times, if id % 5 == 0 { 2 } else { 1 }, "message {id}");
    }
    office.closes().await;
}

on_both! {
    a_slow_one_holds_up_nobody,
    a_late_yes_counts,
    a_failing_one_is_given_up,
    out_of_turn_and_with_two_workers,
}
