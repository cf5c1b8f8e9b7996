//! `jiesu restore`: the embedded database as it stood at an instant, from its archive.

use std::{error::Error, path::PathBuf, process::ExitCode};

use clap::Args;
use jiesu_domain::Instant;
use jiesu_store::{Store, StoreError, StoreOptions, restore};

use super::online::{block_on, files_hold};
use crate::{app::verify, config::Given, keys::Keys};

#[derive(Debug, Args)]
#[command(after_help = "\
例：jiesu restore --from /backup/jiesu --at 2026-11-22T14:32:00+08:00 --data /var/lib/jiesu-restored
恢复到一个新的数据目录，不覆盖任何已有的数据库，也不改动备份；恢复后自动核对。确认无误后停止服务，用恢复的目录启动。
恢复点之后发出的短信已经发出，收不回来。附件不在数据库备份里：附件目录要另行备份，恢复后把它复制到新的数据目录，
再用 jiesu verify 核对。PostgreSQL 请用它自己的备份（见 docs/operating.md）。")]
pub struct RestoreArgs {
    /// 备份目录
    #[arg(long, value_name = "目录")]
    from: PathBuf,
    /// 恢复到这一时刻（含）；不写则恢复到备份的末尾
    #[arg(long, value_name = "时刻")]
    at: Option<Instant>,
}

/// `jiesu restore`.
///
/// # Errors
/// There is a database already, the archive does not reach back so far, or it cannot be read.
pub fn run(given: &Given, args: &RestoreArgs) -> Result<ExitCode, Box<dyn Error>> {
    let settings = given.settle()?;
    let file = settings.data.join("jiesu.db");
    if file.exists() {
        return Err(format!("{} 已有数据库，没有恢复；请用 --data 指定一个新的目录", settings.data.display()).into());
    }
    if !args.from.is_dir() {
        return Err(format!("没有备份目录 {}", args.from.display()).into());
    }
    std::fs::create_dir_all(&settings.data)
        .map_err(|e| format!("不能建立数据目录 {}：{e}", settings.data.display()))?;
    block_on(async {
        let restored = match restore(&args.from, args.at, &file).await {
            Err(StoreError::Invalid { .. }) => return Err("备份没有那么早，没有恢复；请指定较晚的时刻".into()),
            restored => restored?,
        };
        println!(
            "已恢复到 {}：{}",
            restored.at.to_zoned(jiff::tz::TimeZone::fixed(jiff::tz::offset(8))).datetime(),
            file.display()
        );
        let options = StoreOptions { master: Some(Keys::of(&settings)?.provider()), ..StoreOptions::default() };
        let store = Store::open(&settings.data.to_string_lossy(), options).await?;
        if let Err(error) = store.unlock().await {
            let file = settings.key_file.display();
            println!("没有打开加密内容的主密钥，只恢复，没有核对：{}", super::in_words(&error));
            println!("请把主密钥文件放到 {file}（或用 key_file 写明位置），再运行 jiesu verify 核对");
            store.close().await?;
            return Ok(ExitCode::FAILURE);
        }
        let mut holds = true;
        for jurisdiction in store.jurisdictions().await? {
            let report = verify(&store, &jurisdiction.jurisdiction, |_, _| {}).await?;
            let mark = if report.holds() { "✓ 核对无误" } else { "✗ 核对不符，请改用较早的时刻" };
            println!("{}：日志{}条，工单{}件 {mark}", jurisdiction.name, report.chain.entries, report.tickets);
            holds &= report.holds();
            if !files_hold(&store, &jurisdiction.jurisdiction, &settings).await? {
                println!(
                    "  附件不在数据库备份里：请把附件目录也恢复到 {}，再用 jiesu verify 核对",
                    settings.files.display()
                );
            }
        }
        store.close().await?;
        Ok(if holds { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    })
}
