//! `jiesu anchor`: the key that the daily anchors are signed with, and the check of anchors that somebody has kept.

use std::{error::Error, path::PathBuf, process::ExitCode};

use clap::{Args, Subcommand};
use jiesu_domain::audit::ActKind;
use jiesu_store::Store;
use serde_json::json;

use super::online::{PlaceArgs, block_on, open_app, open_to_read};
use crate::{
    app::{Act, Who},
    clock::Clock,
    config::Given,
    evidence::{AnchorText, Found, PublicKey, SigningKey, check},
};

#[derive(Debug, Args)]
pub struct AnchorArgs {
    #[command(subcommand)]
    pub command: AnchorCommand,
}

#[derive(Debug, Subcommand)]
pub enum AnchorCommand {
    /// 生成签署存证的密钥（SM2），只有本用户能读；公钥另存为同名的 .pub，请发给监督者保存
    Key(KeyArgs),
    /// 核对保存下来的存证：签名是否属实；写明数据库的，再核对日志是否仍与签名时一致
    Check(CheckArgs),
}

#[derive(Debug, Args)]
pub struct KeyArgs {
    #[command(flatten)]
    pub place: PlaceArgs,
    /// 密钥文件，不能已经存在
    #[arg(value_name = "文件")]
    pub file: PathBuf,
}

#[derive(Debug, Args)]
#[command(after_help = "\
存证每天从 /anchors/latest 取一份保存即可。核对时用 --data 或 --database 指明要核对的数据库（只读打开）；
不指明、当前目录也没有数据库的，只核对签名。请始终用自己早先保存的公钥核对：能改数据库的人也能换一把密钥。")]
pub struct CheckArgs {
    /// 存证文件，可以写几个
    #[arg(value_name = "存证", required = true)]
    pub files: Vec<PathBuf>,
    /// 自己保存的公钥文件（PEM）
    #[arg(long, value_name = "文件")]
    pub public_key: Option<PathBuf>,
}

/// Runs it.
///
/// # Errors
/// A file or the database cannot be read, or the key cannot be made; what does not fit is printed and gives exit code 1.
pub fn run(given: &Given, args: &AnchorArgs) -> Result<ExitCode, Box<dyn Error>> {
    match &args.command {
        AnchorCommand::Key(args) => make(given, args),
        AnchorCommand::Check(args) => check_all(given, args),
    }
}

fn make(given: &Given, args: &KeyArgs) -> Result<ExitCode, Box<dyn Error>> {
    let settings = given.settle()?;
    block_on(async {
        let app = open_app(&settings, args.place.of(&settings), Clock::new(settings.clock)).await?;
        let key = SigningKey::make(&args.file)?;
        let name = key.public().name();
        let act = Act::done(ActKind::KeyMade, "anchor").with(json!({ "key": name }));
        if let Err(error) = app.audit(Who::CommandLine, act).await {
            // A key that nothing tells of must not be.
            let _ = std::fs::remove_file(&args.file);
            return Err(error.into());
        }
        app.store.close().await?;
        let file = args.file.display();
        println!("已生成密钥 {name}：{file}（私钥，只有本用户能读）、{file}.pub（公钥，请发给监督者保存）");
        println!("请在配置文件的 [evidence] 中写明 key = \"{file}\"，再重新启动");
        Ok(ExitCode::SUCCESS)
    })
}

fn check_all(given: &Given, args: &CheckArgs) -> Result<ExitCode, Box<dyn Error>> {
    let settings = given.settle()?;
    let trusted = args.public_key.as_deref().map(PublicKey::load).transpose()?;
    block_on(async {
        let store = open_to_read(&settings).await?;
        let mut holds = true;
        let mut walked = std::collections::BTreeSet::new();
        for path in &args.files {
            let file = path.display();
            let text = std::fs::read_to_string(path).map_err(|e| format!("{file}：{e}"))?;
            let said = match AnchorText::read(&text) {
                Ok(said) => said,
                Err(damaged) => {
                    println!("✗ {file}：{damaged}");
                    holds = false;
                    continue;
                }
            };
            if trusted.as_ref().is_some_and(|key| *key != said.key) {
                println!("✗ {file}：不是用这把公钥签的（存证中写的是 {}）", said.key.name());
                holds = false;
                continue;
            }
            let journal = &said.heads.journal;
            println!("✓ {file}：签名属实，公钥 {}；{}，工单日志{}条", said.key.name(), said.day, journal.seq);
            let Some(store) = &store else { continue };
            if walked.insert(said.jurisdiction.clone()) {
                holds &= chains_hold(store, &said.jurisdiction).await?;
            }
            holds &= match check(store, &said, &text).await? {
                Found::Fits => {
                    println!("  ✓ 数据库中的两条日志链都经过存证所记的位置");
                    true
                }
                Found::FitsPruned => {
                    println!("  ✓ 工单日志链经过存证所记的位置；那时的审计日志已归档，请另外核对归档文件");
                    true
                }
                Found::Differs(what) => {
                    println!("  ✗ {what}");
                    false
                }
            };
        }
        if trusted.is_none() {
            println!("没有写明 --public-key：只核对了签名与存证中写的公钥相符，请与您保存的公钥比对");
        }
        if store.is_none() {
            println!("没有数据库可核对：请用 --data 或 --database 指明");
        }
        Ok(if holds { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    })
}

/// A head in the right place proves nothing of what stands before it unless the chain is whole.
async fn chains_hold(store: &Store, jurisdiction: &str) -> Result<bool, Box<dyn Error>> {
    let mut holds = true;
    let silent = |_, _| {};
    let chains = [
        ("工单日志", store.verify_chain(jurisdiction, silent).await?),
        ("审计日志", store.verify_audit(jurisdiction, silent).await?),
    ];
    for (name, report) in chains {
        if let Some(fault) = report.fault {
            println!("✗ {jurisdiction} 的{name}链在第{}条断开：{}", fault.seq, fault.what);
            holds = false;
        }
    }
    Ok(holds)
}
