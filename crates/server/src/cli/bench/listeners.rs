//! Live updates: thousands of listeners on a real server process, how much memory they take, and how soon each hears of a command. Beside
//! it, in the same run and through the same client, a process that streams the same and does nothing else: what axum and the machine cost.
//!
//! Half of the listeners are the centre's, who hear of every ticket; half belong to units in turn. Each command is a registration or its
//! dispatch to a unit; the time counts from the moment at which the request is sent, so that deciding and committing are in it.

mod bare;
mod client;
mod process;

use std::{
    error::Error,
    path::Path,
    process::ExitCode,
    time::{Duration, Instant},
};

use jiesu_store::{Account, Session, Store, StoreOptions};
use serde_json::{Value, json};

use super::{Anything, commands::Folder, postgres};
use crate::{
    app::{App, digest},
    demo,
    law::Law,
    serve::as_many_files_as_granted,
};
use client::{Ears, ask};
use process::Process;

pub(super) use bare::serve_nothing;

const PLACE: &str = "shangrao";
/// Rounds of one registration and one dispatch.
const ROUNDS: usize = 20;
/// Files beside the connections.
const SPARE: u64 = 200;

pub(super) fn run(
    beside: &Path,
    clients: usize,
    idle: Duration,
    url: Option<&str>,
) -> Result<ExitCode, Box<dyn Error>> {
    if let Some(granted) = as_many_files_as_granted().filter(|granted| *granted < clients as u64 + SPARE) {
        return Err(
            format!("本机只允许每个进程打开 {granted} 个文件；请先提高（ulimit -Hn），或用较小的 --clients").into()
        );
    }
    let runtime = tokio::runtime::Runtime::new()?;
    let done = runtime.block_on(all(beside, clients, idle, url));
    done.map_err(|e| e.to_string())?;
    Ok(ExitCode::SUCCESS)
}

async fn all(beside: &Path, clients: usize, idle: Duration, url: Option<&str>) -> Result<(), Anything> {
    println!(
        "实时推送 listeners：{clients}个收听者，半数在热线中心，半数在各承办单位；每轮一次登记、一次派单，共{ROUNDS}轮"
    );
    bare(clients, idle).await?;
    let folder = Folder::new(beside)?;
    let data = folder.0.to_string_lossy().into_owned();
    let people = centre(&data).await?;
    println!("SQLite，一个进程");
    measured(&folder.0, None, 1, &people, clients, idle).await?;
    let Some(url) = url else { return Ok(()) };
    let there = postgres::fresh_schema(url).await?;
    let people = centre(&there).await?;
    println!("PostgreSQL，两个进程：收听者各连一半，命令都交给第一个");
    measured(&folder.0, Some(&there), 2, &people, clients, idle).await?;
    postgres::drop_schema(url).await
}

/// The streams of nothing.
async fn bare(clients: usize, idle: Duration) -> Result<(), Anything> {
    let process = Process::nothing().await?;
    let before = process.memory()?;
    let mut ears = Ears::new();
    for _ in 0..clients {
        ears.listen(&process.address, None).await?;
    }
    let still = process.rests(idle).await?;
    let mut waits = Vec::new();
    for round in 0..2 * ROUNDS {
        let sent = Instant::now();
        ask(&process.address, None, &format!("/tick/{round}"), &Value::Null).await?;
        waits.extend(ears.hear(&round.to_string(), clients, sent).await?);
    }
    println!("什么也不做的推送服务");
    told(&[still], &[before], &[process.memory()?], clients, waits);
    Ok(())
}

/// Somebody who may listen.
struct Person {
    login: String,
    unit: Option<String>,
}

/// A centre with the demo's accounts, all signed in: the cookie of each is its log-in name.
async fn centre(location: &str) -> Result<Vec<Person>, Anything> {
    let store = Store::open(location, StoreOptions::with_key(super::server::KEY)).await?;
    store.migrate().await?;
    let law = Law::load(None)?;
    App::seed(&store, PLACE, "测速", law.units(PLACE)).await?;
    let now = crate::clock::Clock::new(crate::config::ClockSetting::Real).wall();
    let mut people = Vec::new();
    for a in demo::accounts(PLACE, law.units(PLACE)) {
        let account = Account {
            account: a.login.clone(),
            login: a.login.clone(),
            name: a.name,
            role: a.role.code().into(),
            unit: a.unit.clone(),
            active: true,
        };
        store.account_put(PLACE, &account).await?;
        let session = Session::open(digest(&a.login), a.login.clone(), now, 12);
        store.session_put(PLACE, &session, 1).await?;
        people.push(Person { login: a.login, unit: a.unit });
    }
    store.close().await?;
    Ok(people)
}

/// Handlers of the units, who hear of what is dispatched to them.
fn handlers(people: &[Person]) -> Vec<(&str, &str)> {
    people
        .iter()
        .filter_map(|p| p.unit.as_deref().filter(|unit| *unit == p.login).map(|unit| (p.login.as_str(), unit)))
        .collect()
}

async fn measured(
    data: &Path,
    url: Option<&str>,
    processes: usize,
    people: &[Person],
    clients: usize,
    idle: Duration,
) -> Result<(), Anything> {
    let mut servers = Vec::new();
    for _ in 0..processes {
        servers.push(Process::serving(data, url).await?);
    }
    let before = servers.iter().map(Process::memory).collect::<Result<Vec<_>, _>>()?;
    let handlers = handlers(people);
    let mut ears = Ears::new();
    for n in 0..clients {
        let who = if n % 2 == 0 { "seat" } else { handlers[n / 2 % handlers.len()].0 };
        ears.listen(&servers[n / 2 % processes].address, Some(who)).await?;
    }
    let mut still = Vec::new();
    for server in &servers {
        still.push(server.rests(idle / processes as u32).await?);
    }
    let of_centre = clients.div_ceil(2);
    let address = &servers[0].address;
    let mut waits = Vec::new();
    for round in 0..ROUNDS {
        let (_, unit) = handlers[round % handlers.len()];
        let theirs = (0..clients).filter(|n| n % 2 == 1 && handlers[n / 2 % handlers.len()].1 == unit).count();
        let ticket =
            json!({ "kind": "help", "title": "路灯不亮", "content": "小区门口路灯一周不亮", "channel": "phone" });
        let sent = Instant::now();
        let made = ask(address, Some("seat"), "/api/v1/tickets", &ticket).await?;
        let number = made["number"].as_str().ok_or("没有登记成")?.to_owned();
        waits.extend(ears.hear(&number, of_centre, sent).await?);
        let dispatch = json!({ "do": "dispatch", "lead": unit });
        let sent = Instant::now();
        ask(address, Some("dispatcher"), &format!("/api/v1/tickets/{number}/commands"), &dispatch).await?;
        waits.extend(ears.hear(&number, of_centre + theirs, sent).await?);
    }
    let after = servers.iter().map(Process::memory).collect::<Result<Vec<_>, _>>()?;
    told(&still, &before, &after, clients / processes, waits);
    Ok(())
}

/// What a process takes while nothing happens: memory in bytes, and the share of one core.
struct Still {
    memory: u64,
    cpu: f64,
}

fn told(still: &[Still], before: &[u64], after: &[u64], clients: usize, mut waits: Vec<Duration>) {
    let mb = |bytes: u64| format!("{:.0}", bytes as f64 / 1e6);
    for ((still, before), after) in still.iter().zip(before).zip(after) {
        let each = still.memory.saturating_sub(*before) as f64 / clients as f64 / 1e3;
        println!(
            "  内存：无人时 {} MB，{clients}个收听者时 {} MB（每个 {each:.1} kB），收到命令后 {} MB；空闲时占一个核的 {:.1}%",
            mb(*before),
            mb(still.memory),
            mb(*after),
            still.cpu * 100.0,
        );
    }
    waits.sort_unstable();
    let at = |share: f64| waits[((waits.len() - 1) as f64 * share) as usize].as_secs_f64() * 1e3;
    println!(
        "  自请求发出到收听者收到：中位 {:.0} ms，99% {:.0} ms，最长 {:.0} ms（{}次收到）",
        at(0.5),
        at(0.99),
        at(1.0),
        waits.len(),
    );
}
