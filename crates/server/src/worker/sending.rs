//! Sends what waits in the outbox. Each message is leased first, handed to the gateway outside of any transaction, and settled by what
//! the gateway says. A gateway may be slow, fail, answer late and out of turn: every message is settled by itself.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use jiesu_channels::sms::{Sms, SmsError, SmsGateway};
use jiesu_domain::Instant;
use jiesu_store::{AfterFailure, Notice, OutboxLease, OutboxRow, StoreError};
use tokio::{
    sync::{Semaphore, watch},
    task::{JoinHandle, JoinSet},
};

use super::{PAUSE, letter};
use crate::{
    app::{App, told_text},
    telemetry::figures,
};

/// How messages are sent.
#[derive(Debug, Clone, Copy)]
pub struct Sending {
    /// Attempts after which a message is given up.
    pub attempts: i64,
    /// How long the gateway has for one message; then the attempt has failed. Its answer counts even later.
    pub patience: Duration,
    /// Messages on their way at once.
    pub at_once: usize,
}

impl Default for Sending {
    fn default() -> Self {
        Self { attempts: 5, patience: Duration::from_secs(30), at_once: 8 }
    }
}

/// A lease outlives the patience by this much: time to write down what the gateway said.
const LEASE_MORE: Duration = Duration::from_secs(30);
/// First pause after a failure; each further one is twice as long.
const FIRST_PAUSE_SECONDS: i64 = 60;
/// Doublings after which the pause stays (8½ hours).
const DOUBLINGS: i64 = 9;
/// Calls that never came back and are put up with; beyond that nothing is sent until one does.
const STUCK_MOST: usize = 64;
/// Messages that end within so much of each other are followed by one look for the next ones.
const TOGETHER: Duration = Duration::from_millis(20);
/// Between two tries to read what a message is made of, or to write down what the gateway said.
const SETTLE_PAUSE: Duration = Duration::from_secs(1);

type Answer = Result<String, SmsError>;

/// The gateway with how it is spoken to.
pub struct Sender {
    gateway: Arc<dyn SmsGateway>,
    how: Sending,
    calls: Arc<Semaphore>,
}

impl std::fmt::Debug for Sender {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sender").field("how", &self.how).finish_non_exhaustive()
    }
}

/// What is to be sent: about a ticket to an appellant, or about an account to its owner.
#[derive(Clone)]
enum Leased {
    Ticket(OutboxRow),
    Account(Notice),
}

impl Leased {
    fn id(&self) -> i64 {
        match self {
            Leased::Ticket(row) => row.id,
            Leased::Account(notice) => notice.id,
        }
    }

    fn attempts(&self) -> i64 {
        match self {
            Leased::Ticket(row) => row.attempts,
            Leased::Account(notice) => notice.attempts,
        }
    }

    /// What is of one lane is sent one after the other.
    fn lane(&self) -> (bool, &str) {
        match self {
            Leased::Ticket(row) => (false, &row.ticket),
            Leased::Account(notice) => (true, &notice.account),
        }
    }

    /// Where it goes, and what it says.
    async fn put_together(&self, app: &App) -> Result<(Option<String>, String), StoreError> {
        Ok(match self {
            Leased::Ticket(row) => {
                let letter = letter(app, row).await?;
                (letter.phone, letter.text)
            }
            Leased::Account(notice) => (notice.phone.clone(), told_text(app.rulebook(), notice)),
        })
    }

    async fn sent(&self, app: &App, receipt: &str) -> Result<bool, StoreError> {
        let (store, j, now) = (&app.store, &app.jurisdiction, app.clock.now());
        match self {
            Leased::Ticket(row) => store.outbox_sent(j, row.id, row.attempts, now, Some(receipt)).await,
            Leased::Account(notice) => store.notice_sent(j, notice.id, notice.attempts, now, Some(receipt)).await,
        }
    }

    async fn failed(&self, app: &App, now: Instant, error: &str, then: AfterFailure) -> Result<bool, StoreError> {
        let (store, j) = (&app.store, &app.jurisdiction);
        match self {
            Leased::Ticket(row) => store.outbox_failed(j, row.id, row.attempts, now, error, then).await,
            Leased::Account(notice) => store.notice_failed(j, notice.id, notice.attempts, now, error, then).await,
        }
    }
}

/// Messages of one ticket or one account, in the order in which they fell due: they are sent one after the other.
type Row = Vec<Leased>;

impl Sender {
    pub fn new(gateway: Arc<dyn SmsGateway>, how: Sending) -> Arc<Self> {
        let calls = Arc::new(Semaphore::new(how.at_once.saturating_add(STUCK_MOST)));
        Arc::new(Self { gateway, how, calls })
    }

    /// Sends until `stop` changes, then waits for what is on its way.
    pub(super) async fn run(self: &Arc<Self>, app: &Arc<App>, mut stop: watch::Receiver<bool>) {
        let mut under_way = JoinSet::new();
        while !*stop.borrow() {
            match self.begin(app, &mut under_way).await {
                // Perhaps there is more.
                Ok(begun) if begun > 0 && under_way.len() < self.how.at_once => continue,
                Ok(_) => {}
                Err(error) => tracing::error!(%error, "looking for messages failed; trying again"),
            }
            tokio::select! {
                () = tokio::time::sleep(PAUSE) => {}
                Some(_) = under_way.join_next() => {
                    let half = self.how.at_once / 2;
                    let others = async { while under_way.len() > half && under_way.join_next().await.is_some() {} };
                    let _ = tokio::time::timeout(TOGETHER, others).await;
                }
                _ = stop.changed() => {}
            }
        }
        while under_way.join_next().await.is_some() {}
    }

    /// Sends everything that is due.
    pub(super) async fn drain(self: &Arc<Self>, app: &Arc<App>) -> Result<(), StoreError> {
        let mut under_way = JoinSet::new();
        loop {
            let begun = self.begin(app, &mut under_way).await?;
            if under_way.join_next().await.is_none() && begun == 0 {
                return Ok(());
            }
        }
    }

    /// Leases as many messages as there are hands free, and sets out with them; how many.
    async fn begin(self: &Arc<Self>, app: &Arc<App>, under_way: &mut JoinSet<()>) -> Result<usize, StoreError> {
        while under_way.try_join_next().is_some() {}
        let free = self.how.at_once.saturating_sub(under_way.len()).min(self.calls.available_permits());
        let Some(free) = u32::try_from(free).ok().filter(|n| *n > 0) else { return Ok(0) };
        let (from, length) = (app.clock.wall(), self.how.patience + LEASE_MORE);
        let lease_ends = tokio::time::Instant::now() + length;
        let lease = OutboxLease { from, until: from.checked_add(length).unwrap_or(from) };
        let (store, j, now) = (&app.store, &app.jurisdiction, app.clock.now());
        // What happens to somebody's account is told first: there is little of it, and it cannot wait.
        let mut leased: Vec<Leased> =
            store.notice_lease(j, now, lease, free).await?.into_iter().map(Leased::Account).collect();
        let left = free.saturating_sub(u32::try_from(leased.len()).unwrap_or(free));
        if left > 0 {
            leased.extend(store.outbox_lease(j, now, lease, left).await?.into_iter().map(Leased::Ticket));
        }
        let begun = leased.len();
        for row in in_rows(leased) {
            let (sender, app) = (Arc::clone(self), Arc::clone(app));
            under_way.spawn(async move { sender.one_after_the_other(app, row, lease_ends).await });
        }
        Ok(begun)
    }

    async fn one_after_the_other(self: Arc<Self>, app: Arc<App>, row: Row, lease_ends: tokio::time::Instant) {
        for message in row {
            // Held up by the one before: left to whoever leases it next.
            if tokio::time::Instant::now() + self.how.patience > lease_ends {
                return;
            }
            while let Err(error) = self.send(&app, &message, lease_ends).await {
                if tokio::time::Instant::now() + self.how.patience > lease_ends {
                    tracing::error!(message = message.id(), %error, "a message could not be put together; its lease runs out");
                    break;
                }
                tokio::time::sleep(SETTLE_PAUSE).await;
            }
        }
    }

    /// `Err`: nothing has been handed to the gateway.
    async fn send(&self, app: &Arc<App>, row: &Leased, lease_ends: tokio::time::Instant) -> Result<(), StoreError> {
        let (phone, text) = row.put_together(app).await?;
        let Some(to) = phone else {
            let answer = Err(SmsError::GiveUp("诉求人没有留号码".into()));
            self.settle(app, row, answer, lease_ends).await;
            return Ok(());
        };
        let mut call = self.call(row.id(), to, text).await;
        match tokio::time::timeout(self.how.patience, &mut call).await {
            Ok(answer) => self.settle(app, row, said(answer), lease_ends).await,
            Err(_) => {
                let late = format!("{}秒内没有答复", self.how.patience.as_secs());
                self.settle(app, row, Err(SmsError::Retry(late)), lease_ends).await;
                listen_on(Arc::clone(app), row.clone(), call);
            }
        }
        Ok(())
    }

    /// The gateway may block, so it is called on a thread for such.
    async fn call(&self, id: i64, to: String, text: String) -> JoinHandle<Answer> {
        let permit = Arc::clone(&self.calls).acquire_owned().await;
        let gateway = Arc::clone(&self.gateway);
        tokio::task::spawn_blocking(move || {
            let answer = gateway.send(&Sms { id, to: &to, text: &text });
            drop(permit);
            answer
        })
    }

    /// Writes down what the gateway said. As long as the lease runs a store that fails is asked again: what the gateway took must not
    /// be handed to it a second time.
    async fn settle(&self, app: &App, row: &Leased, answer: Answer, lease_ends: tokio::time::Instant) {
        while let Err(error) = self.write_down(app, row, &answer).await {
            if tokio::time::Instant::now() >= lease_ends {
                tracing::error!(message = row.id(), %error, "what the gateway said could not be written down; the message goes out again");
                return;
            }
            tokio::time::sleep(SETTLE_PAUSE).await;
        }
    }

    async fn write_down(&self, app: &App, row: &Leased, answer: &Answer) -> Result<(), StoreError> {
        let outcome = match answer {
            Ok(receipt) => {
                row.sent(app, receipt).await?;
                "sent"
            }
            Err(error) => {
                let now = app.clock.now();
                let then = self.after(error, row.attempts(), now);
                if then == AfterFailure::GiveUp {
                    tracing::warn!(message = row.id(), attempts = row.attempts(), "a message was given up");
                }
                row.failed(app, now, &error.to_string(), then).await?;
                if then == AfterFailure::GiveUp { "given-up" } else { "retried" }
            }
        };
        figures::message(outcome);
        Ok(())
    }

    fn after(&self, error: &SmsError, attempts: i64, now: Instant) -> AfterFailure {
        match error {
            SmsError::Retry(_) if attempts < self.how.attempts => {
                let pause = FIRST_PAUSE_SECONDS << (attempts - 1).clamp(0, DOUBLINGS);
                AfterFailure::RetryAt(now.checked_add(jiff::SignedDuration::from_secs(pause)).unwrap_or(now))
            }
            _ => AfterFailure::GiveUp,
        }
    }
}

/// By ticket or account, in the order of the first message of each.
fn in_rows(leased: Vec<Leased>) -> Vec<Row> {
    let mut place = BTreeMap::new();
    let mut rows: Vec<Row> = Vec::new();
    for message in leased {
        let (of_account, of) = message.lane();
        let at = *place.entry((of_account, of.to_owned())).or_insert(rows.len());
        if at == rows.len() {
            rows.push(Vec::new());
        }
        rows[at].push(message);
    }
    rows
}

fn said(answer: Result<Answer, tokio::task::JoinError>) -> Answer {
    answer.unwrap_or_else(|_| Err(SmsError::Retry("网关程序出错".into())))
}

/// A gateway that takes a message after our patience has ended has taken it: it is not sent again, unless that has begun already.
fn listen_on(app: Arc<App>, row: Leased, call: JoinHandle<Answer>) {
    tokio::spawn(async move {
        if let Ok(receipt) = said(call.await) {
            let settled = row.sent(&app, &receipt).await;
            tracing::info!(message = row.id(), settled = ?settled.ok(), "a late answer of the gateway");
        }
    });
}
