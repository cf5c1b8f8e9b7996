//! Durable commands a second: 32 clients through the store's group commit, against bare SQLite that commits one by one.
//!
//! Every command is one event on an existing ticket: a journal entry, the ticket's row and an outbox message,
//! on disk before it is answered. The bare run (see `bare`) writes the same rows. They alternate, because a shared disk drifts.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant as Stopwatch},
};

use jiesu_domain::{Instant, calendar::Day};
use jiesu_store::{
    Append, Commit, Jurisdiction, NewEvent, NewOutbox, Numbered, Outcome, Store, StoreOptions, Target, TicketRow,
};
use jiff::civil::date;

use super::{Anything, bare, grouped};

/// Key of the bench's own jurisdiction.
pub(super) const PLACE: &str = "bench";
const TICKETS: usize = 2_000;
pub(super) const CLIENTS: usize = 32;
pub(super) const ROUNDS: u32 = 3;
/// A contact record, as long as they are.
pub(super) const PAYLOAD: &str = r#"{"event":"contact-recorded","by":"phone","reached":true,"explained":false,"note":"已联系诉求人，约定明日上午上门检修供水管道。","unit":"shuiwu"}"#;

/// How the clients go about it.
#[derive(Clone, Copy)]
pub(super) struct Way {
    clients: usize,
    /// Each command reads its ticket first, as one that is decided does; else the client knows the version from before.
    loads: bool,
}

pub(super) const WAYS: [Way; 3] =
    [Way { clients: CLIENTS, loads: false }, Way { clients: CLIENTS, loads: true }, Way { clients: 1, loads: false }];

pub(super) async fn run(beside: &Path, time: Duration) -> Result<(), Anything> {
    let mut rates = [const { Vec::new() }; WAYS.len()];
    let mut bare = Vec::new();
    let share = time / (ROUNDS * (WAYS.len() as u32 + 1));
    for _ in 0..ROUNDS {
        let folder = Folder::new(beside)?;
        let (numbers, store) = prepare(&folder.0.to_string_lossy()).await?;
        for (way, rates) in WAYS.iter().zip(&mut rates) {
            rates.push(through_store(&store, &numbers, *way, share).await?);
        }
        store.close().await?;
        bare.push(bare::run(&folder.0, &numbers, share).await?);
    }
    let [together, loading, alone] = rates.map(middle);
    let bare = middle(bare);
    println!(
        "持久写入 commands：每秒 {} 条（{CLIENTS}个客户端；连同先读出工单 {}）、{} 条（1个客户端）；SQLite 逐条提交每秒 {} 条；\
         {CLIENTS}个客户端为逐条提交的 {:.2} 倍（{ROUNDS}轮的中位数，在 {} 目录所在的磁盘上）",
        grouped(together),
        grouped(loading),
        grouped(alone),
        grouped(bare),
        together / bare,
        beside.display(),
    );
    Ok(())
}

/// A folder of our own on the disk of the data, removed at the end.
pub(super) struct Folder(pub(super) PathBuf);

impl Folder {
    pub(super) fn new(beside: &Path) -> Result<Folder, String> {
        let path = beside.join(format!(".jiesu-bench-{}", std::process::id()));
        fs::create_dir_all(&path).map_err(|e| format!("建不了临时目录 {}（{e}）", path.display()))?;
        Ok(Folder(path))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if let Err(e) = fs::remove_dir_all(&self.0) {
            eprintln!("临时目录 {} 没有删掉（{e}），可以手工删除", self.0.display());
        }
    }
}

/// The rate in the middle.
pub(super) fn middle(mut rates: Vec<f64>) -> f64 {
    rates.sort_by(f64::total_cmp);
    rates[rates.len() / 2]
}

pub(super) async fn prepare(location: &str) -> Result<(Vec<String>, Store), Anything> {
    let store = Store::open(location, StoreOptions::with_key(super::server::KEY)).await?;
    store.migrate().await?;
    let place = Jurisdiction { jurisdiction: PLACE.into(), name: "测速".into(), parent: None };
    store.jurisdiction_put(&place).await?;
    // All at once: the group commit makes quick work of it.
    let mut sent = Vec::new();
    for _ in 0..TICKETS {
        let store = store.clone();
        sent.push(tokio::spawn(async move {
            let target = Target::New { number_day: "20260309".into() };
            let build = Box::new(|n: Numbered| commit(format!("XX-20260309-{:06}", n.serial)));
            store.append(Append { jurisdiction: PLACE.into(), target, idempotency: None, build }).await
        }));
    }
    let mut numbers = Vec::new();
    for task in sent {
        match task.await?? {
            Outcome::Done { ticket, .. } => numbers.push(ticket),
            other => return Err(format!("{other:?}").into()),
        }
    }
    Ok((numbers, store))
}

/// Commands a second. Each client has its own share of the tickets, so there are no conflicts to slow or speed things.
pub(super) async fn through_store(
    store: &Store,
    numbers: &[String],
    way: Way,
    time: Duration,
) -> Result<f64, Anything> {
    let mut clients = Vec::new();
    for share in numbers.chunks(numbers.len().div_ceil(way.clients)) {
        let mut tickets = Vec::new();
        for number in share {
            tickets.push((number.clone(), version(store, number).await?));
        }
        clients.push(tickets);
    }
    let stop = Arc::new(AtomicBool::new(false));
    let began = Stopwatch::now();
    let tasks: Vec<_> = clients
        .into_iter()
        .map(|tickets| tokio::spawn(client(store.clone(), tickets, way.loads, Arc::clone(&stop))))
        .collect();
    tokio::time::sleep(time).await;
    stop.store(true, Ordering::Relaxed);
    let mut done = 0;
    for task in tasks {
        done += task.await??;
    }
    Ok(done as f64 / began.elapsed().as_secs_f64())
}

async fn client(
    store: Store,
    mut tickets: Vec<(String, i64)>,
    loads: bool,
    stop: Arc<AtomicBool>,
) -> Result<usize, Anything> {
    let mut done = 0;
    while !stop.load(Ordering::Relaxed) {
        let at = done % tickets.len();
        let (ticket, known) = &mut tickets[at];
        let expected_version = if loads { version(&store, ticket).await? } else { *known };
        let target = Target::Existing { ticket: ticket.clone(), expected_version };
        let number = ticket.clone();
        let build = Box::new(|_: Numbered| commit(number));
        match store.append(Append { jurisdiction: PLACE.into(), target, idempotency: None, build }).await? {
            Outcome::Done { version, .. } => *known = version,
            other => return Err(format!("{other:?}").into()),
        }
        done += 1;
    }
    Ok(done)
}

async fn version(store: &Store, ticket: &str) -> Result<i64, Anything> {
    let stored = store.ticket(PLACE, ticket).await?;
    stored.map(|t| t.head.version).ok_or_else(|| format!("工单 {ticket} 不见了").into())
}

pub(super) fn commit(ticket: String) -> Commit {
    let now = Day::from_date(date(2026, 3, 9)).start();
    Commit {
        ticket,
        at: now,
        actor: "handler-7".into(),
        events: vec![NewEvent { kind: "contact-recorded".into(), payload: PAYLOAD.into() }],
        row: row(now),
        body: format!("{{\"history\":[{}]}}", [PAYLOAD; 8].join(",")),
        units: vec![("shuiwu".into(), "lead".into())],
        appeals: Vec::new(),
        persons: Vec::new(),
        attachments: Vec::new(),
        outbox: vec![NewOutbox { appeal: None, kind: "progress".into(), payload: "{}".into(), next_at: now }],
        terms: None,
        forget: false,
    }
}

fn row(now: Instant) -> TicketRow {
    TicketRow {
        state: "in-hand".into(),
        kind: "complaint".into(),
        title: "小区连续三日停水".into(),
        channel: "phone".into(),
        urgent: false,
        confidential: false,
        lead: Some("shuiwu".into()),
        place: Some("某小区".into()),
        registered_at: now,
        next_due: Some(now),
        next_due_clock: Some("handle".into()),
        next_due_unit: Some("shuiwu".into()),
        next_due_article: Some("第十四条".into()),
        wake_at: Some(now),
        overdue: false,
        supervised: false,
        provisional: false,
    }
}
