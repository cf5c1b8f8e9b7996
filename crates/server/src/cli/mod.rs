//! The command line, in plain Chinese.

mod account;
mod anchor;
mod audit;
mod bench;
mod catalogue;
mod centre;
mod chinese;
mod copy;
mod demo;
mod due;
mod erase;
mod failure;
mod import;
mod keys;
mod online;
mod organisation;
mod ready;
mod rehearse;
mod restore;
mod rulebook;
mod terminal;
mod text;

use std::{error::Error, path::PathBuf, process::ExitCode};

pub use chinese::parse;
pub use failure::in_words;
pub use online::CLOCK_SETTING;

use clap::{Parser, Subcommand};

use crate::config::{ConfigError, Given};

/// 接诉：12345政务服务便民热线系统
#[derive(Debug, Parser)]
#[command(name = "jiesu", version, disable_help_subcommand = true)]
pub struct Cli {
    #[command(flatten)]
    pub given: Given,
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// 计算办理时限：逐日写明怎样数、依据哪一条、依据我们的哪些理解
    Due(due::DueArgs),
    /// 演练场景文件：逐步重演工单的经过，核对每一步的状态、时限、拒绝与短信
    Rehearse(rehearse::RehearseArgs),
    /// 办法文件（rulebook）：检查、核对表、比较两版并演练在办工单、逐条列出
    Rulebook(rulebook::RulebookArgs),
    /// 派单目录：导出为表格、导入为新的一版、比较两版、检查
    Catalogue(catalogue::CatalogueArgs),
    /// 启动热线中心：控制台、门户、接口与定时处理，都在一个进程里
    Serve(online::PlaceArgs),
    /// 启动演示中心：各种角色的账户、各种状态的样例工单，时钟可以拨动；写明 --tickets 则只生成数据库
    Demo(demo::DemoArgs),
    /// 只启动定时处理与短信发送（serve 里已包含）
    Worker(online::PlaceArgs),
    /// 询问本机的服务是否就绪；未就绪时说明原因，退出码为1
    Ready,
    /// 组织机构：单位和人员导出为表格、由表格导入，行政区划导入为单位
    Organisation(organisation::OrganisationArgs),
    /// 各级热线：列出本库中的热线及其上下级，写明本热线的上级
    Centre(centre::CentreArgs),
    /// 管理账户
    Account(account::AccountArgs),
    /// 每日存证：生成签署的密钥；核对保存下来的存证
    Anchor(anchor::AnchorArgs),
    /// 审计日志：导出到签名的文件，归档180天以前的，核对文件
    Audit(audit::AuditArgs),
    /// 把数据库结构升级到本版本
    Migrate(online::MigrateArgs),
    /// 导入其他系统的数据：按对照表把 .xlsx、.csv、.jsonl 的每一行登记为工单；可重复运行，不会重复登记
    Import(import::ImportArgs),
    /// 把整个数据库复制到另一个数据库（SQLite 与 PostgreSQL 之间，或同类之间），日志链不变
    Copy(copy::CopyArgs),
    /// 从备份目录恢复嵌入式数据库，可指定恢复到哪一秒
    Restore(restore::RestoreArgs),
    /// 核对：日志链是否完整，工单各栏是否与日志推得的一致，附件是否都在
    Verify(online::VerifyArgs),
    /// 到期销毁：列出保存期满的工单，由两个人批准后销毁其内容
    Erase(erase::EraseArgs),
    /// 加密用的密钥：查看、更换数据密钥、更换主密钥
    Keys(keys::KeysArgs),
    /// 中文留言的识别：在文件上试用和衡量，不读写数据库
    Text(text::TextArgs),
    /// 输出接口说明（OpenAPI，JSON）
    Openapi,
    /// 测速：时限计算、办理判断、持久写入、登记、查看
    Bench(bench::BenchArgs),
}

/// Runs a subcommand.
///
/// # Errors
/// What the user should read.
pub fn run(cli: Cli) -> Result<ExitCode, Box<dyn Error>> {
    no_secret(std::env::args())?;
    match cli.command {
        Command::Due(args) => due::run(&args, &data_dir(&cli.given)?),
        Command::Rehearse(args) => rehearse::run(&args, &data_dir(&cli.given)?),
        Command::Rulebook(args) => rulebook::run(&args, &cli.given),
        Command::Catalogue(args) => catalogue::run(&args, &data_dir(&cli.given)?),
        Command::Serve(args) => online::serve(&cli.given, &args),
        Command::Demo(args) => demo::run(&cli.given, &args),
        Command::Worker(args) => online::worker(&cli.given, &args),
        Command::Ready => ready::run(&cli.given),
        Command::Organisation(args) => organisation::run(&cli.given, &args),
        Command::Centre(args) => centre::run(&cli.given, &args),
        Command::Account(args) => account::run(&cli.given, &args),
        Command::Anchor(args) => anchor::run(&cli.given, &args),
        Command::Audit(args) => audit::run(&cli.given, &args),
        Command::Migrate(args) => online::migrate(&cli.given, &args),
        Command::Import(args) => import::run(&cli.given, &args),
        Command::Copy(args) => copy::run(&cli.given, &args),
        Command::Restore(args) => restore::run(&cli.given, &args),
        Command::Verify(args) => online::verify_all(&cli.given, &args),
        Command::Erase(args) => erase::run(&cli.given, &args),
        Command::Keys(args) => keys::run(&cli.given, &args),
        Command::Text(args) => text::run(&args),
        Command::Openapi => {
            println!("{}", crate::api::openapi().to_pretty_json()?);
            Ok(ExitCode::SUCCESS)
        }
        Command::Bench(args) => bench::run(&args, &cli.given.settle()?),
    }
}

/// Everybody on the machine can read a command line.
fn no_secret(args: impl Iterator<Item = String>) -> Result<(), String> {
    for arg in args {
        let with_password = arg.split_once("://").and_then(|(_, rest)| rest.split('/').next()?.split_once('@'));
        if with_password.is_some_and(|(account, _)| account.contains(':')) {
            return Err(
                "命令行中有口令，本机其他用户看得到；请改用环境变量 JIESU_DATABASE 或配置文件，并更换这个口令".into()
            );
        }
    }
    Ok(())
}

/// The data folder in force, as `serve` has it: its `rulebooks/` and `calendars/` go before the built-in ones.
fn data_dir(given: &Given) -> Result<PathBuf, ConfigError> {
    Ok(given.settle()?.data)
}
