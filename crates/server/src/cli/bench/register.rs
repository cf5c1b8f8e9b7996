//! Registering tickets through HTTP: what it costs the server in processor time, what it asks of the database, how long a seat waits.

use std::{
    path::Path,
    sync::Arc,
    time::{Duration, Instant as Stopwatch},
};

use axum::{body::Body, http::Request};
use jiesu_domain::Role;
use jiesu_store::{Account, Store, StoreOptions, statements};
use tower::ServiceExt;

use super::{
    Anything,
    commands::Folder,
    grouped,
    postgres::{drop_schema, fresh_schema, look_at_tables},
    server::{Client, KEY, Server, Times, cpu_of_all, sign_in},
};
use crate::{app::App, clock::Clock, config::ClockSetting, law::Law, serve};

const PLACE: &str = "shangrao";
const CLIENTS: [usize; 2] = [1, 32];
const SEAT: &str = "bench-seat";
/// Registrations before anything is counted: so many that PostgreSQL's plans are those of a centre.
const WARM: usize = 3_000;

pub(super) async fn on_sqlite(beside: &Path, time: Duration) -> Result<(), Anything> {
    let folder = Folder::new(beside)?;
    run("SQLite", &folder.0, None, time).await
}

pub(super) async fn on_postgres(beside: &Path, url: &str, time: Duration) -> Result<(), Anything> {
    let folder = Folder::new(beside)?;
    let there = fresh_schema(url).await?;
    run("PostgreSQL", &folder.0, Some(&there), time).await?;
    drop_schema(url).await
}

async fn run(name: &str, data: &Path, database: Option<&str>, time: Duration) -> Result<(), Anything> {
    let location = database.map_or_else(|| data.to_string_lossy().into_owned(), str::to_owned);
    let (store, app) = centre(&location).await?;
    let token = sign_in(&store, PLACE, SEAT).await?;
    let asked = statements_of_one(&app, &token).await?;
    store.close().await?;
    drop(app);
    println!("登记工单 {name}：每件 {asked} 条 SQL（另有 BEGIN 与 COMMIT）");
    let server = Server::start(PLACE, data, database, None)?;
    clients(&server.address, &token, 4, WARM, Duration::ZERO, 0)?;
    if let Some(there) = database {
        look_at_tables(there).await?;
    }
    for (run, number) in CLIENTS.into_iter().enumerate() {
        // Messages of the warming up, and of the run before, are out of the way.
        std::thread::sleep(Duration::from_secs(2));
        let (before, of_database, began) = (server.cpu(), cpu_of_all("postgres"), Stopwatch::now());
        let times = clients(&server.address, &token, number, 0, time / CLIENTS.len() as u32, run + 1)?;
        let (took, requests) = (began.elapsed().as_secs_f64(), times.len() as f64);
        let each = |cpu: Duration| cpu.as_secs_f64() * 1_000.0 / requests;
        let of_server = each(server.cpu() - before);
        let of_database = match database {
            Some(_) => format!("，数据库 {:.2} 毫秒", each(cpu_of_all("postgres").saturating_sub(of_database))),
            None => String::new(),
        };
        println!(
            "  {number}个客户端：每秒 {} 件；每件用处理器 {of_server:.2} 毫秒（服务进程{of_database}）；{times}",
            grouped(requests / took)
        );
    }
    Ok(())
}

/// A centre with one seat.
async fn centre(location: &str) -> Result<(Store, Arc<App>), Anything> {
    let law = Law::load(None).map_err(|e| e.to_string())?;
    let store = Store::open(location, StoreOptions::with_key(KEY)).await?;
    store.migrate().await?;
    App::seed(&store, PLACE, "测速", law.units(PLACE)).await?;
    let account = Account {
        account: SEAT.into(),
        login: SEAT.into(),
        name: "测速".into(),
        role: Role::Seat.code().into(),
        unit: None,
        active: true,
    };
    store.account_put(PLACE, &account).await?;
    let app = App::open(store.clone(), law, Clock::new(ClockSetting::Real), PLACE).await?;
    Ok((store, app))
}

/// Statements of one registration, from the request to the answer, with nobody else about.
async fn statements_of_one(app: &Arc<App>, token: &str) -> Result<u64, Anything> {
    let router = serve::router(app.clone());
    let mut most = 0;
    for n in 0..8 {
        let request = Request::post("/api/v1/tickets")
            .header("content-type", "application/json")
            .header("cookie", format!("jiesu_session={token}"))
            .header("idempotency-key", format!("statements-{n}"))
            .body(Body::from(appeal(n)))?;
        let before = statements();
        let answer = router.clone().oneshot(request).await?;
        if !answer.status().is_success() {
            return Err(format!("登记被拒绝：{}", answer.status()).into());
        }
        most = most.max(statements() - before);
    }
    Ok(most)
}

/// So many clients, each one registration after the other, for some time but no fewer than `least` in all.
fn clients(
    address: &str,
    token: &str,
    number: usize,
    least: usize,
    time: Duration,
    run: usize,
) -> Result<Times, Anything> {
    let end = Stopwatch::now() + time;
    let each = |first: usize| -> Result<Times, Anything> {
        let mut client = Client::new(address, token)?;
        let mut times = Times::default();
        while times.len() * number < least || Stopwatch::now() < end {
            let n = first + times.len() * number;
            times.push(client.post("/api/v1/tickets", &format!("register-{run}-{n}"), &appeal(n))?.0);
        }
        Ok(times)
    };
    std::thread::scope(|scope| {
        let each = &each;
        let all: Vec<_> = (0..number).map(|i| scope.spawn(move || each(i))).collect();
        let mut times = Times::default();
        for one in all {
            times.extend(one.join().map_err(|_| "a client panicked")??);
        }
        Ok(times)
    })
}

/// What a seat writes down.
fn appeal(n: usize) -> String {
    format!(
        r#"{{"kind":"complaint","title":"锦绣小区{n}栋连续三日停水","content":"诉求人反映：信州区锦绣小区{n}栋从前天起停水，已向物业反映，没有结果，请尽快解决并回电。","place":"信州区锦绣小区{n}栋","channel":"phone","follow_up_by":"phone","appellant":{{"name":"测试","phone":"139{:08}"}}}}"#,
        n % 100_000_000
    )
}
