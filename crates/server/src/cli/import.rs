//! `jiesu import`: a table of another system becomes tickets.

use std::{
    error::Error,
    io::{self, Write},
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
    time::{Duration, Instant},
};

use clap::Args;
use jiesu_domain::audit::ActKind;
use jiesu_store::StoreError;
use serde_json::json;

use super::{
    online::{bar, block_on, open_app},
    terminal::unless_gone,
};
use crate::{
    app::{Act, App, Who},
    clock::Clock,
    config::{Given, Settings},
    import::{Rejects, Source, Tally, import, rehearse},
    law::Law,
};

/// Tries to open a database that another process is just changing.
const TRIES: u32 = 10;

#[derive(Debug, Args)]
pub struct ImportArgs {
    /// 要导入的表：.xlsx、.csv（UTF-8）或 .jsonl（每行一个 JSON 对象）
    #[arg(value_name = "文件")]
    pub file: PathBuf,
    /// 对照表：哪一列是什么（TOML，见 docs/import.md 和 imports/）
    #[arg(long, value_name = "对照表.toml")]
    pub map: PathBuf,
    /// 地区（即办法的编号）
    #[arg(long, default_value = "shangrao", value_name = "地区")]
    pub place: String,
    /// 退回清单写到哪里；不写则写到“文件名.rejects.csv”
    #[arg(long, value_name = "文件")]
    pub rejects: Option<PathBuf>,
    /// 试运行：只读只查，不登记；写明 --rejects 才写退回清单
    #[arg(long)]
    pub dry_run: bool,
}

/// Runs it: exit code 0 if every row was taken, 1 if some were rejected.
///
/// # Errors
/// The table or the map cannot be read or do not fit (nothing is written then), or the database failed (what is in stays in).
pub fn run(given: &Given, args: &ImportArgs) -> Result<ExitCode, Box<dyn Error>> {
    let settings = given.settle()?;
    let source = Source::open(&args.file, &args.map)?;
    let list = match (&args.rejects, args.dry_run) {
        (Some(path), _) => Some(path.clone()),
        (None, true) => None,
        (None, false) => Some(beside(&args.file)),
    };
    let mut rejects = Rejects::at(list)?;
    let began = Instant::now();
    let bar = bar(source.table.length);
    bar.set_message(args.file.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default());
    let result = if args.dry_run {
        dry(&settings, args, source, &mut rejects, |done| bar.set_position(done))
    } else {
        write(&settings, args, source, &mut rejects, |done| bar.set_position(done))
    };
    bar.finish_and_clear();
    let list = rejects.finish()?;
    let tally = result?;
    report(&tally, list.as_deref(), args.dry_run, began.elapsed())?;
    Ok(ExitCode::from(u8::from(tally.rejected > 0)))
}

fn beside(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".rejects.csv");
    name.into()
}

fn dry(
    settings: &Settings,
    args: &ImportArgs,
    source: Source,
    rejects: &mut Rejects,
    progress: impl FnMut(u64),
) -> Result<Tally, Box<dyn Error>> {
    let law = Law::load(Some(&settings.data))?;
    Ok(rehearse(&law, &args.place, Clock::new(settings.clock).now(), source, rejects, progress)?)
}

fn write(
    settings: &Settings,
    args: &ImportArgs,
    source: Source,
    rejects: &mut Rejects,
    progress: impl FnMut(u64),
) -> Result<Tally, Box<dyn Error>> {
    block_on(async {
        let app = open(settings, &args.place).await?;
        let act = Act::done(ActKind::Imported, source.shape.map().source.clone())
            .with(json!({ "rows": source.table.length }));
        app.audit(Who::CommandLine, act.begun()).await?;
        let result = import(&app, source, rejects, progress).await;
        app.audit(Who::CommandLine, counted(act, &result)).await?;
        app.store.close().await?;
        result.map_err(|e| format!("{e}\n已登记的保留；排除故障后照原样再运行一次即可接着导入，不会重复").into())
    })
}

/// How the import ended, with its counts.
fn counted<E>(act: Act, result: &Result<Tally, E>) -> Act {
    match result {
        Ok(Tally { read, new, known, rejected, .. }) => {
            act.with(json!({ "rows": read, "new": new, "known": known, "rejected": rejected }))
        }
        Err(_) => act.ended(false),
    }
}

/// Opens the centre. A running server may hold the database for a moment, or another process may be setting up the same new one.
async fn open(settings: &Settings, place: &str) -> Result<Arc<App>, Box<dyn Error>> {
    let passing = |e: &StoreError| e.is_retryable() || matches!(e, StoreError::Migrate { .. });
    let mut tries = 1;
    loop {
        match open_app(settings, place, Clock::new(settings.clock)).await {
            Err(e) if tries < TRIES && e.downcast_ref().is_some_and(passing) => {
                tries += 1;
                tokio::time::sleep(Duration::from_millis(200)).await;
            }
            opened => return opened,
        }
    }
}

/// The counts, for people and for scripts; the rate goes to standard error, so that the same run prints the same.
fn report(tally: &Tally, list: Option<&Path>, dry: bool, took: Duration) -> io::Result<()> {
    let Tally { read, new, known, rejected, history_left } = tally;
    let mut said = if dry {
        format!(
            "试运行：读取 {read}，可登记 {new}，重复 {known}，退回 {rejected}（没有登记，也没有查对哪些以前已导入）\n"
        )
    } else {
        format!("读取 {read}，新登记 {new}，已存在 {known}，退回 {rejected}\n")
    };
    if *history_left > 0 {
        said.push_str(&format!("其中 {history_left} 件属只作记录的类别（如感谢），原系统的办理情况没有带入\n"));
    }
    if let Some(list) = list {
        said.push_str(&format!("退回的行和原因见 {}\n", list.display()));
    }
    let seconds = took.as_secs_f64().max(0.001);
    eprintln!("用时 {seconds:.1} 秒，每秒 {:.0} 行", *read as f64 / seconds);
    unless_gone(io::stdout().write_all(said.as_bytes()))
}
