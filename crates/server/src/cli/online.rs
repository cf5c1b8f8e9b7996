//! Subcommands that work on a centre's database.

use std::{
    error::Error,
    io::Write,
    net::{SocketAddr, TcpListener},
    path::Path,
    process::ExitCode,
    sync::Arc,
    time::Duration,
};

use clap::Args;
use indicatif::{ProgressBar, ProgressState, ProgressStyle};
use jiesu_channels::sms::FileSms;
use jiesu_domain::calendar::Day;
use jiesu_store::{ArchiveOptions, Store, StoreOptions};

use super::{failure::in_words, terminal::unless_gone};
use crate::{
    app::{App, OpenError, VerifyReport, verify},
    clock::{Clock, STEP_MOST},
    config::{Given, Settings},
    law::Law,
    serve,
    worker::{self, Sender, Sending},
};

/// Where a settable clock was left; a demo goes on from there.
pub const CLOCK_SETTING: &str = "clock";

#[derive(Debug, Args)]
pub struct PlaceArgs {
    /// 地区（即办法的编号）
    #[arg(long, default_value = "shangrao", value_name = "地区")]
    pub place: String,
}

/// Runs an async command on a runtime of its own.
///
/// # Errors
/// What the command says.
pub fn block_on<T>(future: impl Future<Output = Result<T, Box<dyn Error>>>) -> Result<T, Box<dyn Error>> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let done = runtime.block_on(future);
    // A call into a gateway that never comes back must not keep the process from ending.
    runtime.shutdown_timeout(Duration::from_secs(1));
    done
}

/// Opens the database that the settings name.
///
/// # Errors
/// It cannot be opened, or is of a kind we do not have.
pub async fn open_store(settings: &Settings) -> Result<Store, Box<dyn Error>> {
    let location = location(settings)?;
    if settings.database.is_none() {
        std::fs::create_dir_all(&settings.data)
            .map_err(|e| format!("不能建立数据目录 {}：{e}", settings.data.display()))?;
    }
    // Whoever opens an archived database leaves its log to the archive.
    Ok(Store::open(&location, StoreOptions { archived: settings.backup.is_some(), ..StoreOptions::default() }).await?)
}

fn location(settings: &Settings) -> Result<String, &'static str> {
    match &settings.database {
        Some(url) if !["sqlite:", "postgres://", "postgresql://"].iter().any(|known| url.starts_with(known)) => {
            Err("数据库地址应为 sqlite:文件 或 postgres://用户@主机/库名")
        }
        Some(url) => Ok(url.clone()),
        None => Ok(settings.data.display().to_string()),
    }
}

/// Opens the database that the settings name, only to look at it; `None` if none is named and the data folder has none.
///
/// # Errors
/// It cannot be opened, or its tables are not those of this program.
pub async fn open_to_read(settings: &Settings) -> Result<Option<Store>, Box<dyn Error>> {
    if settings.database.is_none() && !settings.data.join("jiesu.db").exists() {
        return Ok(None);
    }
    let store = Store::open_read_only(&location(settings)?, StoreOptions::default()).await?;
    match store.schema_version().await? {
        0 => Ok(None),
        Store::SCHEMA => Ok(Some(store)),
        older if older < Store::SCHEMA => {
            Err(format!("数据库结构是第{older}版，本程序为第{}版；请先运行 jiesu migrate", Store::SCHEMA).into())
        }
        newer => Err(format!("数据库结构是第{newer}版，由更新的程序建立；请使用不低于它的版本").into()),
    }
}

/// Opens a centre: database migrated, units of the place there, law read.
///
/// # Errors
/// Any of it fails.
pub async fn open_app(settings: &Settings, place: &str, clock: Clock) -> Result<Arc<App>, Box<dyn Error>> {
    let law = Law::load(Some(&settings.data))?;
    // Before anything is made: a mistyped place must leave nothing behind.
    let Some(book) = law.in_force(place, Day::of(clock.now()).date()) else { return Err(law.unknown(place).into()) };
    let store = open_store(settings).await?;
    store.migrate().await?;
    if store.units(place).await?.is_empty() {
        App::seed(&store, place, &book.rulebook.place, law.units(place)).await?;
    }
    if let Some(left) = store.setting(place, CLOCK_SETTING).await?.and_then(|s| s.parse().ok()) {
        clock.set(left);
    }
    if let Some(last) = store.last_entry_at(place).await?
        && last.as_second() - clock.now().as_second() > STEP_MOST.as_secs() as i64
    {
        tracing::warn!(%last, "the clock is behind the last entry of the journal: is it right?");
    }
    let app = App::open(store, law, clock, place).await?;
    if let Some(secret) = &settings.sms_secret {
        app.take_sms(secret);
    }
    Ok(app)
}

/// Starts logging: to standard error, by `RUST_LOG`, default `info`.
pub fn start_logging() {
    let filter = tracing_subscriber::EnvFilter::try_from_default_env().unwrap_or_else(|_| "info,sqlx=warn".into());
    let _ = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).try_init();
}

/// `jiesu serve`.
///
/// # Errors
/// The centre cannot be opened, or the address cannot be had.
pub fn serve(given: &Given, args: &PlaceArgs) -> Result<ExitCode, Box<dyn Error>> {
    start_logging();
    let settings = given.settle()?;
    let handed_over = handed_over()?;
    block_on(async {
        let app = open_app(&settings, &args.place, Clock::new(settings.clock)).await?;
        if app.store.accounts(&app.jurisdiction).await?.is_empty() {
            eprintln!("还没有账户：请先运行 jiesu account add 建立账户，或运行 jiesu demo 体验演示中心");
        }
        run_server(app, &settings, handed_over, |address| {
            eprintln!("接诉已启动：控制台 http://{address}/console/ · 门户 http://{address}/")
        })
        .await?;
        Ok(ExitCode::SUCCESS)
    })
}

/// The socket that systemd handed over, if it did. To be asked before there are threads.
///
/// # Errors
/// It is none that can be listened on.
pub fn handed_over() -> Result<Option<TcpListener>, Box<dyn Error>> {
    Ok(serve::handed_over()
        .map_err(|e| format!("systemd 交来的套接字不能监听：{e}；请检查 .socket 单元的 ListenStream"))?)
}

/// Serves an opened centre until it is told to stop, on the socket that was handed over or on the address of the settings.
///
/// # Errors
/// The address cannot be had, or the message file cannot be opened.
pub async fn run_server(
    app: Arc<App>,
    settings: &Settings,
    handed_over: Option<TcpListener>,
    ready: impl FnOnce(SocketAddr),
) -> Result<(), Box<dyn Error>> {
    serve::as_many_files_as_granted();
    let sender = sender(settings)?;
    if let Some(folder) = &settings.backup {
        let kept = app.store.archive(ArchiveOptions::new(folder)).await;
        kept.map_err(|e| format!("备份目录 {} 用不了，没有启动：{}", folder.display(), in_words(&e)))?;
    }
    let address = settings.listen;
    let listener = handed_over.map_or_else(|| TcpListener::bind(address), Ok);
    let taken = |e| format!("不能监听 {address}：{e}；请换一个 --listen 地址");
    serve::serve(app, sender, listener.map_err(taken)?, ready).await.map_err(taken)?;
    Ok(())
}

fn sender(settings: &Settings) -> Result<Arc<Sender>, Box<dyn Error>> {
    let how = Sending { attempts: settings.sms_attempts.into(), ..Sending::default() };
    Ok(Sender::new(Arc::new(sms_file(&settings.data)?), how))
}

fn sms_file(data: &Path) -> Result<FileSms, Box<dyn Error>> {
    std::fs::create_dir_all(data)?;
    Ok(FileSms::open(&data.join("sms.jsonl"))?)
}

/// `jiesu worker`.
///
/// # Errors
/// The centre cannot be opened.
pub fn worker(given: &Given, args: &PlaceArgs) -> Result<ExitCode, Box<dyn Error>> {
    start_logging();
    let settings = given.settle()?;
    block_on(async {
        let app = open_app(&settings, &args.place, Clock::new(settings.clock)).await?;
        let sender = sender(&settings)?;
        let (stop, stopped) = tokio::sync::watch::channel(false);
        let running = tokio::spawn(worker::run(app.clone(), sender, stopped));
        eprintln!("定时处理与短信发送已启动，按 Ctrl-C 结束");
        serve::Signals::new()?.next().await;
        let _ = stop.send(true);
        running.await?;
        app.store.close().await?;
        Ok(ExitCode::SUCCESS)
    })
}

/// `jiesu migrate`.
///
/// # Errors
/// The database cannot be opened or brought up to date.
pub fn migrate(given: &Given) -> Result<ExitCode, Box<dyn Error>> {
    let settings = given.settle()?;
    block_on(async {
        let store = open_store(&settings).await?;
        let before = store.schema_version().await?;
        store.migrate().await?;
        let after = store.schema_version().await?;
        println!("数据库结构：第{before}版 → 第{after}版");
        store.close().await?;
        Ok(ExitCode::SUCCESS)
    })
}

/// `jiesu verify`.
///
/// # Errors
/// The database cannot be read; what is found wrong is printed and gives exit code 1.
pub fn verify_all(given: &Given) -> Result<ExitCode, Box<dyn Error>> {
    let settings = given.settle()?;
    let none = || format!("{} 中还没有数据库", settings.data.display());
    if settings.database.is_none() && !settings.data.join("jiesu.db").exists() {
        return Err(none().into()); // opening would make one
    }
    block_on(async {
        let store = open_store(&settings).await?;
        if store.schema_version().await? == 0 {
            return Err(none().into());
        }
        let mut holds = true;
        for jurisdiction in store.jurisdictions().await? {
            if store.unfinished(&jurisdiction.jurisdiction).await? {
                return Err(OpenError::Unfinished.into());
            }
            let bar = bar(0);
            bar.set_message(format!("核对{}", jurisdiction.name));
            let report = verify(&store, &jurisdiction.jurisdiction, |done, all| {
                if all > 0 {
                    bar.set_length(all);
                }
                bar.set_position(done);
            })
            .await?;
            bar.finish_and_clear();
            unless_gone(write!(std::io::stdout(), "{}", told(&jurisdiction.name, &report)))?;
            holds &= report.holds();
        }
        store.close().await?;
        Ok(if holds { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    })
}

fn told(place: &str, report: &VerifyReport) -> String {
    let mut out =
        format!("{place}：日志{}条，工单{}件\n  链尾 {}\n", report.chain.entries, report.tickets, report.chain.head);
    if let Some(fault) = &report.chain.fault {
        out += &format!("  ✗ 日志链在第{}条断开：{}\n", fault.seq, fault.what);
    }
    report.faults.iter().for_each(|f| out += &format!("  ✗ {f}\n"));
    if report.holds() {
        out += "  ✓ 日志链完整，工单各栏与日志推得的一致\n";
    }
    out
}

/// A progress bar that is silent where nobody looks.
pub fn bar(length: u64) -> ProgressBar {
    let rate = |state: &ProgressState, out: &mut dyn std::fmt::Write| {
        let _ = write!(out, "每秒{:.0}", state.per_sec());
    };
    let style = ProgressStyle::with_template("{msg} [{bar:40}] {pos}/{len} {rate} 剩余{eta}");
    let bar = ProgressBar::new(length);
    if let Ok(style) = style { bar.with_style(style.with_key("rate", rate)) } else { bar }
}
