//! What auditors ask the time of, in a centre of its own that is filled with simulated lives: log-ins by password, a list of 10,000 tickets taken out,
//! and a month of accesses to personal data reviewed. Through HTTP, of a real server process.

use std::{
    path::Path,
    sync::Arc,
    time::{Duration, Instant as Stopwatch},
};

use jiesu_domain::{Role, audit::ActKind, calendar::Day};
use jiesu_store::{Account, NewAudit, Store, StoreOptions};
use jiff::SignedDuration;
use serde_json::{Value, json};

use super::{
    Anything, Numbers,
    commands::Folder,
    grouped,
    server::{Client, KEY, Server, Times, sign_in},
};
use crate::{
    app::App,
    clock::Clock,
    config::ClockSetting,
    demo::{self, Wanted},
    law::Law,
    login::hash_password,
};

const PLACE: &str = "shangrao";
const MANAGER: &str = "bench-manager";
/// Who logs in again and again: beyond a few sessions the oldest end.
const SEAT: &str = "bench-seat";
const PASSWORD: &str = "Lu7mao-Xuq-bench";
/// Accesses of the month that is reviewed: what two hundred people open who open ten fields a day.
const ACCESSES: usize = 40_000;
/// Tickets, all of which are taken out: as many as an export may hold.
const TICKETS: u64 = 10_000;
/// Exports and reviews.
const TIMES: usize = 5;
/// Log-ins before anything is counted.
const WARM: usize = 5;

pub(super) async fn run(beside: &Path, time: Duration) -> Result<(), Anything> {
    let folder = Folder::new(beside)?;
    let (store, month) = centre(&folder.0).await?;
    let token = sign_in(&store, PLACE, MANAGER).await?;
    let raw = raw(&store).await?;
    store.close().await?;
    let server = Server::start(PLACE, &folder.0, None, None)?;
    println!(
        "登录、导出、核查 office：SQLite，{}件模拟工单，{}次查阅",
        grouped(TICKETS as f64),
        grouped(ACCESSES as f64)
    );
    log_ins(&server, time)?;
    let mut client = Client::new(&server.address, &token)?;
    export(&mut client)?;
    let mut times = Times::default();
    for _ in 0..TIMES {
        let (took, answer) = client.get(&format!("/api/v1/privacy/accesses?month={month}"))?;
        times.push(took);
        let said: Value = serde_json::from_str(&answer)?;
        if said["total"] != json!(ACCESSES) {
            return Err(format!("核查的件数不对：{}", said["total"]).into());
        }
    }
    println!("  核查一个月的查阅（{month}）：{times}；对照：只从库中读出这些日志 {raw:.0} 毫秒");
    Ok(())
}

/// A centre that is filled, with a manager, and a month in which people opened what they may.
async fn centre(data: &Path) -> Result<(Store, String), Anything> {
    let law = Law::load(None).map_err(|e| e.to_string())?;
    let store = Store::open(&data.to_string_lossy(), StoreOptions::with_key(KEY)).await?;
    store.migrate().await?;
    App::seed(&store, PLACE, "测速", law.units(PLACE)).await?;
    let app = App::open(store.clone(), law, Clock::new(ClockSetting::Real), PLACE).await?;
    demo::fill(&app, Wanted { tickets: TICKETS, seed: 1 }, |_| {}).await.map_err(|e| e.to_string())?;
    for (login, role) in [(MANAGER, Role::CentreManager), (SEAT, Role::Seat)] {
        let (role, unit) = (role.code().into(), None);
        let account =
            Account { account: login.into(), login: login.into(), name: "测速".into(), role, unit, active: true };
        store.account_put(PLACE, &account).await?;
    }
    store.password_put(PLACE, SEAT, &hash_password(PASSWORD), app.clock.wall(), false, 1).await?;
    let policy = crate::login::Policy { second_factor: Vec::new(), ..app.log_in_policy().await? };
    app.set_log_in_policy(&policy).await?;
    let month = opened(&app).await?;
    Ok((store, month))
}

/// Accesses all over the last whole month; its name.
async fn opened(app: &Arc<App>) -> Result<String, Anything> {
    let today = Day::of(app.clock.now()).date();
    let first = today.first_of_month().saturating_sub(jiff::Span::new().months(1));
    let days = i64::from(first.days_in_month());
    let (start, mut numbers) = (Day::from_date(first).start(), Numbers(1));
    let (mut tickets, mut after) = (Vec::new(), None::<String>);
    loop {
        let some = app.store.tickets_stream(PLACE, after.as_deref(), 500).await?;
        let Some(last) = some.last() else { break };
        after = Some(last.head.ticket.clone());
        tickets.extend(some.into_iter().map(|t| t.head.ticket));
    }
    let step = days * 86_400 / ACCESSES as i64;
    for part in (0..ACCESSES).collect::<Vec<_>>().chunks(2_000) {
        let entries: Vec<NewAudit> = part
            .iter()
            .map(|n| NewAudit {
                at: start + SignedDuration::from_secs(*n as i64 * step),
                who: format!("bench-{}", numbers.below(200)),
                role: Role::Dispatcher.code().into(),
                kind: ActKind::Revealed.code().into(),
                subject: tickets[numbers.below(tickets.len() as u64) as usize].clone(),
                outcome: "done".into(),
                reason: "回访".into(),
                detail: json!({ "appeal": 1, "field": "phone", "purpose": "follow-up" }).to_string(),
                origin: "10.0.0.1".into(),
            })
            .collect();
        app.store.audit_append(PLACE, &entries).await?;
    }
    Ok(first.strftime("%Y-%m").to_string())
}

/// Milliseconds in which the entries of the month are read, and nothing is made of them.
async fn raw(store: &Store) -> Result<f64, Anything> {
    let (began, mut after) = (Stopwatch::now(), 0);
    loop {
        let page = store.audit_after(PLACE, after, 2_000).await?;
        let Some(last) = page.last() else { break };
        after = last.seq;
    }
    Ok(began.elapsed().as_secs_f64() * 1_000.0)
}

fn log_ins(server: &Server, time: Duration) -> Result<(), Anything> {
    let mut client = Client::new(&server.address, "")?;
    let body = json!({ "login": SEAT, "password": PASSWORD }).to_string();
    for n in 0..WARM {
        client.post("/api/v1/session", &format!("warm-{n}"), &body)?;
    }
    let (mut times, cpu, began) = (Times::default(), server.cpu(), Stopwatch::now());
    while times.len() == 0 || began.elapsed() < time {
        times.push(client.post("/api/v1/session", &format!("in-{}", times.len()), &body)?.0);
    }
    let each = (server.cpu() - cpu).as_secs_f64() * 1_000.0 / times.len() as f64;
    // The same work without a server: what Argon2id asks.
    let (bare, hash) = (Stopwatch::now(), hash_password(PASSWORD));
    let bare = bare.elapsed().as_secs_f64() * 1_000.0;
    drop(hash);
    println!("  用密码登录，1个客户端：{times}；每次用处理器 {each:.1} 毫秒；对照：只算一次 Argon2id {bare:.1} 毫秒");
    Ok(())
}

fn export(client: &mut Client) -> Result<(), Anything> {
    let wanted = json!({ "purpose": "inspection", "note": "测速导出" }).to_string();
    let (mut times, mut size) = (Times::default(), 0);
    for _ in 0..TIMES {
        let (took, bytes) = client.post_for_file("/api/v1/exports", &wanted)?;
        times.push(took);
        size = bytes;
    }
    println!("  导出{}件工单：{times}；文件 {} 字节", grouped(TICKETS as f64), grouped(size as f64));
    Ok(())
}
