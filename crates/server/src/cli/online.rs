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
use jiesu_store::{ArchiveOptions, Store, StoreError, StoreOptions};

use super::{failure::in_words, terminal::unless_gone};
use crate::{
    app::{App, FilesReport, OpenError, VerifyReport, check_files, verify},
    clock::{Clock, STEP_MOST},
    config::{Given, Settings},
    evidence::{Evidence, SigningKey},
    files::{Contents, Files},
    keys::Keys,
    law::Law,
    login::Oidc,
    serve::{self, Door, Tls},
    telemetry::{self, log},
    worker::{self, Sender, Sending},
};

/// Where a settable clock was left; a demo goes on from there.
pub const CLOCK_SETTING: &str = "clock";

#[derive(Debug, Args)]
pub struct PlaceArgs {
    /// 地区（即办法的编号）〔默认 shangrao〕
    #[arg(long, env = "JIESU_PLACE", value_name = "地区")]
    pub place: Option<String>,
}

impl PlaceArgs {
    /// The place that is meant.
    pub fn of<'a>(&'a self, settings: &'a Settings) -> &'a str {
        self.place.as_deref().unwrap_or(&settings.place)
    }
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
    let keys = Keys::of(settings)?;
    // Whoever opens an archived database leaves its log to the archive.
    let archived = settings.backup.is_some();
    let options = StoreOptions { archived, master: Some(keys.provider()), ..StoreOptions::default() };
    let store = Store::open(&location, options).await?;
    // Before anything is written: what cannot be opened must not be mixed with what another key seals.
    if store.has_keys().await? {
        store.unlock().await?;
    } else {
        keys.ensure()?;
    }
    Ok(store)
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
    let options = StoreOptions { master: Some(Keys::of(settings)?.provider()), ..StoreOptions::default() };
    let store = Store::open_read_only(&location(settings)?, options).await?;
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
    if place.is_empty() {
        return Err(format!("没有写明地区，请在配置文件写明 place；{}", law.unknown(place)).into());
    }
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
    app.note_law().await?;
    let wrong = |(name, message): (&str, &str)| format!("配置文件中的 oidc.{name}：{message}，请改正后再启动");
    if let Some(oidc) = Oidc::new(&settings.oidc).map_err(wrong)? {
        app.identify_by(oidc);
    }
    if settings.https {
        app.behind_tls();
    }
    app.limit(settings.limits.clone());
    app.keep_files(files(settings)?);
    if let Some(key) = &settings.evidence.key {
        app.keep_evidence(Evidence { key: SigningKey::load(key)?, folder: settings.evidence.folder.clone() });
    }
    Ok(app)
}

fn files(settings: &Settings) -> Result<Files, Box<dyn Error>> {
    let folder = &settings.files;
    let files = Files::with(folder, contents(settings)?, settings.scanner.clone());
    Ok(files.map_err(|e| format!("附件目录 {} 用不了：{e}", folder.display()))?)
}

/// Where the contents of attached files are, by the settings.
fn contents(settings: &Settings) -> Result<Contents, Box<dyn Error>> {
    match &settings.bucket {
        None => Ok(Contents::Local(settings.files.clone())),
        #[cfg(feature = "s3")]
        Some(bucket) => {
            let opened = crate::files::Bucket::open(bucket).map_err(|e| format!("附件存储桶 {bucket} 用不了：{e}"))?;
            Ok(Contents::Bucket(opened))
        }
        #[cfg(not(feature = "s3"))]
        Some(_) => Err("本程序编译时没有带对象存储，attachments.bucket 不能用；请改用目录，或换用带 s3 的程序".into()),
    }
}

/// `jiesu serve`.
///
/// # Errors
/// The centre cannot be opened, or the address cannot be had.
pub fn serve(given: &Given, args: &PlaceArgs) -> Result<ExitCode, Box<dyn Error>> {
    let settings = given.settle()?;
    let _log = log::start(&settings.log)?;
    let handed_over = handed_over()?;
    block_on(async {
        let app = open_app(&settings, args.of(&settings), Clock::new(settings.clock)).await?;
        if app.store.entries_are_kept().await? == Some(false) {
            log::say(
                "提醒：数据库角色是表的属主，数据库本身拦不住它更改日志；请另建一个应用角色（见 docs/operating.md“两个角色”）",
            );
        }
        if app.store.accounts(&app.jurisdiction).await?.is_empty() {
            log::say("还没有账户：请先运行 jiesu account add 建立账户，或运行 jiesu demo 体验演示中心");
        }
        let scheme = if settings.tls.is_some() { "https" } else { "http" };
        run_server(app, &settings, handed_over, |address| {
            log::say(&format!("接诉已启动：控制台 {scheme}://{address}/console/ · 门户 {scheme}://{address}/"))
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
    watch(&app, settings)?;
    let address = settings.listen;
    let tls = settings.tls.clone().map(Tls::new).transpose()?;
    if tls.is_some() {
        app.behind_tls();
    }
    let listener = handed_over.map_or_else(|| TcpListener::bind(address), Ok);
    let taken = |e| format!("不能监听 {address}：{e}；请换一个 --listen 地址");
    serve::serve(app, sender, listener.map_err(taken)?, tls, ready).await.map_err(taken)?;
    Ok(())
}

/// Offers figures and health on the address that the settings name, until the process ends.
fn watch(app: &Arc<App>, settings: &Settings) -> Result<(), Box<dyn Error>> {
    let Some(address) = settings.metrics else { return Ok(()) };
    let taken = |e| format!("不能监听指标地址 {address}：{e}；请换一个 metrics 地址，或删去这一项");
    let listener = TcpListener::bind(address).map_err(taken)?;
    // The settings were refused if there is no certificate and this is an address that others reach.
    let tls = settings.tls.clone().filter(|_| !address.ip().is_loopback()).map(Tls::new).transpose()?;
    let scheme = if tls.is_some() { "https" } else { "http" };
    log::say(&format!("指标：{scheme}://{}/metrics", listener.local_addr()?));
    let open = tokio::sync::watch::channel(false);
    let door = Door::new(listener, tls.clone(), open.1)?;
    let routes = telemetry::watched(app.clone());
    tokio::spawn(async move {
        // Kept: a door that nobody can shut any more is shut.
        let _open = open.0;
        let followed = async {
            match &tls {
                Some(tls) => tls.follow().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            _ = axum::serve(door, routes).into_future() => {}
            () = followed => {}
        }
    });
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
    let settings = given.settle()?;
    let _log = log::start(&settings.log)?;
    block_on(async {
        let app = open_app(&settings, args.of(&settings), Clock::new(settings.clock)).await?;
        let sender = sender(&settings)?;
        let (stop, stopped) = tokio::sync::watch::channel(false);
        let running = tokio::spawn(worker::run(app.clone(), sender, stopped));
        let mut signals = serve::Signals::new()?;
        watch(&app, &settings)?;
        log::say("定时处理与短信发送已启动，按 Ctrl-C 结束");
        serve::tell("READY=1");
        signals.next().await;
        serve::tell("STOPPING=1");
        app.live.end();
        let _ = stop.send(true);
        running.await?;
        app.store.close().await?;
        Ok(ExitCode::SUCCESS)
    })
}

#[derive(Debug, Args)]
pub struct MigrateArgs {
    /// PostgreSQL：授权给运行 jiesu serve 的角色，它只能添加日志，不能更改、删除；授权过的，以后升级时自动再授
    #[arg(long, value_name = "角色")]
    pub application_role: Option<String>,
}

/// `jiesu migrate`.
///
/// # Errors
/// The database cannot be opened or brought up to date.
pub fn migrate(given: &Given, args: &MigrateArgs) -> Result<ExitCode, Box<dyn Error>> {
    let settings = given.settle()?;
    block_on(async {
        let store = open_store(&settings).await?;
        let before = store.schema_version().await?;
        store.migrate().await?;
        let after = store.schema_version().await?;
        println!("数据库结构：第{before}版 → 第{after}版");
        let granted = store.grant_application(args.application_role.as_deref()).await.map_err(|e| match e {
            StoreError::Invalid { .. } => {
                "没有授权：没有这个角色，或它是超级用户、属主的成员，或者这是嵌入式数据库（没有角色）".into()
            }
            other => Box::<dyn Error>::from(other),
        })?;
        for role in granted {
            println!("已授权角色 {role}：只能添加日志，不能更改、删除");
        }
        store.close().await?;
        Ok(ExitCode::SUCCESS)
    })
}

#[derive(Debug, Args)]
#[command(after_help = "\
附件逐个读出全部内容核对摘要，附件多时要按磁盘（或网络）读完它们的时间计；只想核对数据库，请加 --no-files。")]
pub struct VerifyArgs {
    /// 不读附件的内容，只核对数据库
    #[arg(long)]
    no_files: bool,
}

/// `jiesu verify`.
///
/// # Errors
/// The database cannot be read; what is found wrong is printed and gives exit code 1.
pub fn verify_all(given: &Given, args: &VerifyArgs) -> Result<ExitCode, Box<dyn Error>> {
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
            if !args.no_files {
                holds &= files_hold(&store, &jurisdiction.jurisdiction, &settings).await?;
            }
        }
        store.close().await?;
        Ok(if holds { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    })
}

/// Checks the contents of attached files and prints what is found; nothing where there are none.
///
/// # Errors
/// The database or a content cannot be read.
pub async fn files_hold(store: &Store, jurisdiction: &str, settings: &Settings) -> Result<bool, Box<dyn Error>> {
    let bar = bar(0);
    bar.set_message("核对附件");
    let report = check_files(store, jurisdiction, &contents(settings)?, |done| bar.set_position(done)).await?;
    bar.finish_and_clear();
    unless_gone(write!(std::io::stdout(), "{}", files_told(&report)))?;
    Ok(report.holds())
}

fn files_told(report: &FilesReport) -> String {
    let FilesReport { files, missing, changed, faults } = report;
    match (files, report.holds()) {
        (0, _) => String::new(),
        (_, true) => format!("  ✓ 附件{files}个都在，内容与上传时的摘要一致\n"),
        (_, false) => {
            let all = format!("  ✗ 附件{files}个，其中内容缺失{missing}个、与上传时不同{changed}个\n");
            faults.iter().fold(all, |all, fault| all + &format!("  ✗ {fault}\n"))
        }
    }
}

fn told(place: &str, report: &VerifyReport) -> String {
    let VerifyReport { chain, audit, knowledge, anchors, tickets, faults } = report;
    let mut out = format!("{place}：日志{}条，工单{tickets}件\n  链尾 {}\n", chain.entries, chain.head);
    out += &format!("  审计日志{}条，链尾 {}\n", audit.entries, audit.head);
    out += &format!("  知识库日志{}条，链尾 {}\n", knowledge.entries, knowledge.head);
    out += &format!("  每日存证{}份", anchors.anchors);
    out += &match &anchors.keys[..] {
        [] => "：还没有签署存证的密钥，日志整个重算过也发现不了；请运行 jiesu anchor key\n".to_owned(),
        keys => format!("，公钥 {}\n", keys.join("、")),
    };
    for (name, report) in [("日志", chain), ("审计日志", audit), ("知识库日志", knowledge)] {
        if let Some(fault) = &report.fault {
            out += &format!("  ✗ {name}链在第{}条断开：{}\n", fault.seq, fault.what);
        }
    }
    anchors.faults.iter().chain(faults).for_each(|f| out += &format!("  ✗ {f}\n"));
    if report.holds() {
        out += "  ✓ 各条日志链完整，与每日存证一致，工单和知识条目各栏与日志推得的一致\n";
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
