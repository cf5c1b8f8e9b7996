//! `jiesu keys`: what protects personal data, and how it is changed while everybody works.

use std::{error::Error, process::ExitCode, time::Duration};

use clap::{Args, Subcommand};
use jiesu_domain::audit::ActKind;
use jiesu_store::{KeyState, Store};

use super::online::{block_on, open_store};
use crate::{
    app::Act,
    clock::Clock,
    config::{Given, Settings},
    keys::Keys,
};

/// Between two steps: those who work go first.
const PAUSE: Duration = Duration::from_millis(20);

#[derive(Debug, Args)]
#[command(after_help = "\
主密钥（文件或环境变量，不在数据库里）保护各地区的数据密钥，数据密钥加密个人信息和每件工单自己的密钥。
换数据密钥用 rotate：新写入的立即用新密钥，旧的由定时处理（serve、worker）在后台分小步重新加密，可以随时中断。
换主密钥用 rewrap：只重新保护数据密钥，立即完成，不必停止服务；换后请把新的主密钥文件另抄一份保存。")]
pub struct KeysArgs {
    #[command(subcommand)]
    pub command: KeysCommand,
}

#[derive(Debug, Subcommand)]
pub enum KeysCommand {
    /// 列出各地区的数据密钥、由哪个主密钥保护、还有多少没有重新加密
    Status,
    /// 换数据密钥
    Rotate {
        /// 不等后台，现在就全部重新加密
        #[arg(long)]
        now: bool,
    },
    /// 换主密钥
    Rewrap {
        /// 不生成新的主密钥，只换成现用的（文件或环境变量中的第一个）
        #[arg(long)]
        only: bool,
    },
}

/// Runs it.
///
/// # Errors
/// The database cannot be opened or its keys not unwrapped; keys are then as they were.
pub fn run(given: &Given, args: &KeysArgs) -> Result<ExitCode, Box<dyn Error>> {
    let settings = given.settle()?;
    block_on(async {
        let store = open_store(&settings).await?;
        let clock = Clock::new(settings.clock);
        if store.schema_version().await? < Store::SCHEMA {
            return Err("数据库还没有升级到本版本；请先运行 jiesu migrate".into());
        }
        match &args.command {
            KeysCommand::Status => {}
            KeysCommand::Rotate { now } => rotate(&store, &clock, *now).await?,
            KeysCommand::Rewrap { only } => rewrap(&store, &settings, &clock, *only).await?,
        }
        status(&store).await?;
        store.close().await?;
        Ok(ExitCode::SUCCESS)
    })
}

async fn rotate(store: &Store, clock: &Clock, now: bool) -> Result<(), Box<dyn Error>> {
    for jurisdiction in store.jurisdictions().await? {
        let name = &jurisdiction.jurisdiction;
        if store.resealing(name).await?.is_some() {
            println!("{}：上一次还没有全部重新加密，先不换新的", jurisdiction.name);
        } else {
            let act = Act::done(ActKind::KeyRotated, "data-key");
            store.audit_append(name, &[act.begun().by_command(clock.wall())]).await?;
            let rotated = store.rotate(name).await;
            store.audit_append(name, &[act.ended(rotated.is_ok()).by_command(clock.wall())]).await?;
            let version = rotated?;
            println!("{}：新的数据密钥是第{version}把，从现在起写入的都用它", jurisdiction.name);
        }
        if now {
            store.reseal_all(name, PAUSE).await?;
        }
    }
    Ok(())
}

async fn rewrap(store: &Store, settings: &Settings, clock: &Clock, only: bool) -> Result<(), Box<dyn Error>> {
    let keys = Keys::of(settings)?;
    let act = Act::done(ActKind::KeyRotated, "master-key");
    say(store, clock, act.begun()).await?;
    let changed = match if only { Ok(()) } else { keys.renew() } {
        Ok(()) => store.rewrap().await.map_err(Box::<dyn Error>::from),
        Err(error) => Err(error.into()),
    };
    say(store, clock, act.ended(changed.is_ok())).await?;
    let changed = changed?;
    println!("已用现用的主密钥重新保护{changed}把数据密钥");
    // From the environment the operator takes the old one away.
    if let Keys::File(path) = &keys {
        keys.drop_old()?;
        println!("主密钥文件 {} 中只留下现用的一把；请另抄一份保存，旧的备份仍要用旧的主密钥打开", path.display());
    }
    Ok(())
}

/// In every centre's audit journal.
async fn say(store: &Store, clock: &Clock, act: Act) -> Result<(), Box<dyn Error>> {
    for jurisdiction in store.jurisdictions().await? {
        store.audit_append(&jurisdiction.jurisdiction, &[act.clone().by_command(clock.wall())]).await?;
    }
    Ok(())
}

async fn status(store: &Store) -> Result<(), Box<dyn Error>> {
    for jurisdiction in store.jurisdictions().await? {
        let keys = store.keys(&jurisdiction.jurisdiction).await?;
        println!("{}", jurisdiction.name);
        let last = keys.last().map(|key| key.version);
        for key in &keys {
            println!("  {}", line(key, last == Some(key.version)));
        }
        match store.resealing(&jurisdiction.jurisdiction).await? {
            Some(state) => {
                println!("  正在重新加密：已处理{}行，到 {}", state.rows, state.table.as_deref().unwrap_or("开头"))
            }
            None => println!("  全部内容都用第{}把", last.unwrap_or_default()),
        }
    }
    Ok(())
}

fn line(key: &KeyState, current: bool) -> String {
    let day = |at: jiff::Timestamp| at.to_zoned(jiff::tz::TimeZone::fixed(jiff::tz::offset(8))).date().to_string();
    let state = match key.retired_at {
        _ if current => "现用".into(),
        Some(at) => format!("{}起不再有内容用它", day(at)),
        None => "还有内容用它".into(),
    };
    format!("第{}把，{}建立，主密钥 {}，{state}", key.version, day(key.made_at), key.master)
}
