//! `jiesu audit`: the audit journal in signed files, and old entries out of the database.

use std::{error::Error, path::PathBuf, process::ExitCode};

use clap::{Args, Subcommand};
use jiesu_domain::audit::ActKind;
use serde_json::json;

use super::online::{PlaceArgs, block_on, open_app};
use crate::{
    app::{Act, Who},
    clock::Clock,
    config::Given,
    evidence::{PublicKey, prune, read_back, write_out},
};

#[derive(Debug, Args)]
pub struct AuditArgs {
    #[command(flatten)]
    pub place: PlaceArgs,
    #[command(subcommand)]
    pub command: AuditCommand,
}

#[derive(Debug, Subcommand)]
pub enum AuditCommand {
    /// 把审计日志全部导出到一个签名的文件
    Export {
        /// 新文件，不能已经存在
        file: PathBuf,
        /// 导出的理由，会记入审计日志
        #[arg(long, value_name = "理由")]
        reason: String,
    },
    /// 把180天以前的审计日志写进一个签名的文件，再从数据库中取出；PostgreSQL 上须以属主角色运行
    Prune {
        /// 新文件，不能已经存在；须长期保存
        file: PathBuf,
    },
    /// 核对导出或归档的文件：签名属实，日志链完整
    Check {
        /// 导出或归档的文件
        file: PathBuf,
        /// 自己保存的公钥文件（PEM）
        #[arg(long, value_name = "文件")]
        public_key: Option<PathBuf>,
    },
}

/// Runs it.
///
/// # Errors
/// What the user should read.
pub fn run(given: &Given, args: &AuditArgs) -> Result<ExitCode, Box<dyn Error>> {
    if let AuditCommand::Check { file, public_key } = &args.command {
        return check(file, public_key.as_ref());
    }
    let settings = given.settle()?;
    block_on(async {
        let app = open_app(&settings, args.place.of(&settings), Clock::new(settings.clock)).await?;
        let none = "还没有签署用的密钥；请先运行 jiesu anchor key，并在配置文件写明 evidence.key";
        let key = &app.evidence().ok_or(none)?.key;
        match &args.command {
            AuditCommand::Export { file, reason } => {
                if reason.trim().chars().count() < 2 {
                    return Err("请写明导出的理由".into());
                }
                let act = Act::done(ActKind::Exported, "audit").because(reason.trim()).with(json!({ "all": true }));
                app.audit(Who::CommandLine, act.begun()).await?;
                let written = write_out(&app.store, &app.jurisdiction, None, key, file).await;
                app.audit(Who::CommandLine, act.ended(written.is_ok())).await?;
                let (last, _) = written?;
                println!("已导出到第{}条：{}", last.seq, file.display());
            }
            AuditCommand::Prune { file } => {
                let days = app.retention().await?.audit_days;
                let kept = prune(&app.store, &app.jurisdiction, app.clock.now(), days, key, file).await?;
                println!("已归档第{}至{}条：{}；请长期保存这个文件", kept.first, kept.last.seq, file.display());
            }
            AuditCommand::Check { .. } => {}
        }
        app.store.close().await?;
        Ok(ExitCode::SUCCESS)
    })
}

fn check(file: &PathBuf, public_key: Option<&PathBuf>) -> Result<ExitCode, Box<dyn Error>> {
    let text = std::fs::read_to_string(file).map_err(|e| format!("{}：{e}", file.display()))?;
    let kept = read_back(&text)?;
    if let Some(trusted) = public_key
        && PublicKey::load(trusted)? != kept.key
    {
        return Err(format!("不是用这把公钥签的（文件中写的是 {}）", kept.key.name()).into());
    }
    println!(
        "✓ {}：第{}至{}条，签名属实（公钥 {}），日志链完整",
        kept.jurisdiction,
        kept.first,
        kept.last.seq,
        kept.key.name()
    );
    println!("  接上之前的归档，链尾 {}", kept.last.hash);
    Ok(ExitCode::SUCCESS)
}
