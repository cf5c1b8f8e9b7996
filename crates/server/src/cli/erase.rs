//! `jiesu erase`: what was kept as long as the rulebook asks is destroyed, on the word of two people.

use std::{
    collections::BTreeSet,
    error::Error,
    io::{BufRead, IsTerminal, Write},
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::{Args, Subcommand};
use jiesu_domain::{
    Role,
    access::{Right, has},
    audit::ActKind,
    ticket::{Why, two_people},
};
use serde_json::json;

use super::online::{PlaceArgs, bar, block_on, open_app};
use crate::{
    app::{Act, App, Who, tidy_number},
    clock::Clock,
    config::Given,
    login::{Key, Secret},
};

/// Characters of a reason.
const REASON_LEAST: usize = 4;

#[derive(Debug, Args)]
#[command(after_help = "\
归档满办法规定年数（[archive] recordings_years）、又没有被限制销毁的工单，到期可以销毁内容：
工单自己的密钥删除后，日志、工单、短信和附件中写过的一切都再也打不开，诉求人的资料（没有别的工单时）和附件一并删除；
留下类别、单位、时间、评价等统计所需的项目，日志链仍然完整，jiesu verify 照样核对。销毁不能恢复。
须由两个人批准：一人提出（中心主任），另一人批准（领导、安全管理员或另一位中心主任），各自输入密码，都记入日志。
数据库的备份里还有销毁前的密钥，过了备份的保留期才彻底无法恢复。")]
pub struct EraseArgs {
    #[command(flatten)]
    pub place: PlaceArgs,
    #[command(subcommand)]
    pub command: EraseCommand,
}

#[derive(Debug, Subcommand)]
pub enum EraseCommand {
    /// 列出到期可以销毁的工单，不改动任何内容
    Due,
    /// 销毁到期的全部工单（密码依次从标准输入读取：先提出人，后批准人）
    Run {
        /// 提出人的登录名
        #[arg(long, value_name = "登录名")]
        proposer: String,
        /// 批准人的登录名
        #[arg(long, value_name = "登录名")]
        approver: String,
        /// 理由，永久保留，不要写个人信息
        #[arg(long)]
        reason: String,
    },
    /// 应诉求人要求（个人信息保护法第四十七条）删除其姓名、电话、地址等资料，工单保留（密码从标准输入读取）
    #[command(after_help = "\
可以一次办理多位：重复写 --ticket，或用 --list 指明名单文件。名单每行一位，写工单编号，或“编号,序号”（第几位诉求人，不写为 --appeal 所写的）；
空行和 # 开头的行不看。名单有一行写得不对就什么也不删。每位单独办理：要么资料全部删除并记入审计日志，要么原样不动；
不能删除的逐一说明，其余照常办理。

退出码：0 全部已删除；1 有没有删除的。")]
    Person {
        /// 工单编号；可以写几个
        #[arg(long, value_name = "编号", required_unless_present = "list")]
        ticket: Vec<String>,
        /// 名单文件，每行一位
        #[arg(long, value_name = "文件")]
        list: Option<PathBuf>,
        /// 第几位诉求人（名单中没有另外写明的）
        #[arg(long, value_name = "序号", default_value_t = 1)]
        appeal: u32,
        /// 经办人的登录名（中心主任）
        #[arg(long, value_name = "登录名")]
        by: String,
        /// 理由，永久保留，不要写个人信息
        #[arg(long)]
        reason: String,
    },
}

/// Runs it.
///
/// # Errors
/// The centre cannot be opened, or one of the two may not; nothing is erased then. A ticket that could not be erased stops the run.
pub fn run(given: &Given, args: &EraseArgs) -> Result<ExitCode, Box<dyn Error>> {
    let settings = given.settle()?;
    block_on(async {
        let app = open_app(&settings, args.place.of(&settings), Clock::new(settings.clock)).await?;
        match &args.command {
            EraseCommand::Due => {
                let due = due(&app).await?;
                due.iter().for_each(|number| println!("{number}"));
                println!("到期可以销毁的工单{}件", due.len());
            }
            EraseCommand::Person { ticket, list, appeal, by, reason } => {
                let reason = stated(reason)?;
                let persons = persons(ticket, list.as_deref(), *appeal)?;
                let by = somebody(&app, by, Right::ProposeErasure, "提出").await?;
                let left = erase_persons(&app, &persons, &by, reason).await;
                app.store.close().await?;
                return Ok(ExitCode::from(u8::from(left > 0)));
            }
            EraseCommand::Run { proposer, approver, reason } => erase(&app, proposer, approver, reason).await?,
        }
        app.store.close().await?;
        Ok(ExitCode::SUCCESS)
    })
}

/// Who is meant: ticket and appeal, each once, in the order in which they are named.
///
/// # Errors
/// The file cannot be read, or a line of it names nobody; all such lines are told.
fn persons(tickets: &[String], list: Option<&Path>, appeal: u32) -> Result<Vec<(String, u32)>, Box<dyn Error>> {
    let mut named: Vec<(String, u32)> = tickets.iter().map(|ticket| (tidy_number(ticket), appeal)).collect();
    if let Some(path) = list {
        let text = std::fs::read_to_string(path).map_err(|e| format!("名单 {} 读不出来：{e}", path.display()))?;
        let mut wrong = Vec::new();
        for (n, line) in text.trim_start_matches('\u{feff}').lines().map(str::trim).enumerate() {
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            match person(line, appeal) {
                Some(person) => named.push(person),
                None => wrong.push(format!("第{}行", n + 1)),
            }
        }
        if !wrong.is_empty() {
            let lines = wrong.join("、");
            return Err(format!("名单{lines}应写工单编号，或“编号,序号”；什么也没有删除，改正后再运行").into());
        }
    }
    let mut seen = BTreeSet::new();
    named.retain(|person| seen.insert(person.clone()));
    if named.is_empty() {
        return Err("名单里一位诉求人也没有".into());
    }
    Ok(named)
}

fn person(line: &str, appeal: u32) -> Option<(String, u32)> {
    let (number, no) = match line.split_once([',', '，', '\t']) {
        Some((number, no)) => (number, no.trim().parse().ok().filter(|no| *no > 0)?),
        None => (line, appeal),
    };
    let number = tidy_number(number);
    (!number.is_empty() && !number.contains(char::is_whitespace)).then_some((number, no))
}

/// Each by itself, whatever becomes of the others; how many were not erased.
async fn erase_persons(app: &App, persons: &[(String, u32)], by: &str, reason: &str) -> usize {
    let mut left = 0;
    for (number, appeal) in persons {
        let detail = json!({ "appeal": appeal, "by": by });
        let act = Act::done(ActKind::Erased, number.clone()).because(reason).with(detail);
        match app.erase_person(number, *appeal, Who::CommandLine, act).await {
            Ok(true) => println!("✓ {number}：第{appeal}位诉求人的资料已删除，工单保留"),
            Ok(false) => {
                left += 1;
                println!("✗ {number}：没有这张工单，或工单没有第{appeal}位诉求人；请核对");
            }
            Err(error) => {
                left += 1;
                println!("✗ {number}：第{appeal}位诉求人的资料没有删除（{error}）；排除故障后可以再运行");
            }
        }
    }
    println!("已删除{}位，没有删除{left}位；备份里的要过了保留期才没有", persons.len() - left);
    left
}

async fn due(app: &App) -> Result<Vec<String>, Box<dyn Error>> {
    let bar = bar(0);
    bar.set_message("查看工单");
    let due = app.due_for_erasure(|looked| bar.set_position(looked)).await?;
    bar.finish_and_clear();
    Ok(due)
}

async fn erase(app: &App, proposer: &str, approver: &str, reason: &str) -> Result<(), Box<dyn Error>> {
    let reason = stated(reason)?;
    let proposed_by = somebody(app, proposer, Right::ProposeErasure, "提出").await?;
    let approved_by = somebody(app, approver, Right::ApproveErasure, "批准").await?;
    two_people(&proposed_by, &approved_by).map_err(|refusal| refusal.message)?;
    let due = due(app).await?;
    if due.is_empty() {
        println!("没有到期可以销毁的工单");
        return Ok(());
    }
    let list = app.erasure_list().await?;
    let detail = json!({ "list": list, "tickets": due.len(), "proposed_by": proposed_by, "approved_by": approved_by });
    let act = Act::done(ActKind::Erased, format!("list:{list}")).because(reason).with(detail);
    app.audit(Who::CommandLine, act.begun()).await?;
    let why = Why { reason, proposed_by: &proposed_by, approved_by: &approved_by };
    let bar = bar(due.len() as u64);
    bar.set_message("销毁");
    for (erased, number) in due.iter().enumerate() {
        if let Err(error) = app.erase(number, list, &why).await {
            let broken_off = act.with(json!({ "list": list, "tickets": due.len(), "erased": erased })).ended(false);
            app.audit(Who::CommandLine, broken_off).await?;
            return Err(format!("{number}：{error}；之前的已经销毁，改正后可以再运行").into());
        }
        bar.inc(1);
    }
    app.audit(Who::CommandLine, act).await?;
    bar.finish_and_clear();
    println!("已销毁工单{}件的内容，销毁清单第{list}号", due.len());
    Ok(())
}

fn stated(reason: &str) -> Result<&str, String> {
    let reason = reason.trim();
    if reason.chars().count() < REASON_LEAST {
        return Err(format!("请写明理由，至少{REASON_LEAST}个字"));
    }
    Ok(reason)
}

/// An account that has this right and whose owner is there: the account's id.
async fn somebody(app: &App, login: &str, right: Right, what: &str) -> Result<String, Box<dyn Error>> {
    let password = password(login)?;
    let login = login.trim();
    let bearing = app.log_in_policy().await?.bearing();
    if let Err(minutes) = app.attempt(Key::Login(login), bearing).await? {
        return Err(format!("“{login}”的密码错得太多，请{minutes}分钟后再试").into());
    }
    let known = app.store.log_in(&app.jurisdiction, login).await?.filter(|(account, _)| account.active);
    let hash = known.as_ref().and_then(|(_, credential)| Some(credential.as_ref()?.password_hash.clone()));
    let proved = app.hashing.compare(password, hash).await.matches;
    let (account, _) = known.filter(|_| proved).ok_or_else(|| format!("“{login}”的登录名或密码不对"))?;
    app.attempt_was_right(Key::Login(login)).await?;
    let role: Option<Role> = account.role.parse().ok();
    if !role.is_some_and(|role| has(role, right)) {
        return Err(format!("“{login}”不能{what}销毁；提出由中心主任，批准由领导、安全管理员或另一位中心主任").into());
    }
    Ok(account.account)
}

fn password(login: &str) -> Result<Secret, Box<dyn Error>> {
    let stdin = std::io::stdin();
    if stdin.is_terminal() {
        eprint!("{login} 的密码（输入可见，请避开他人）：");
        std::io::stderr().flush()?;
    }
    let mut line = Secret::default();
    stdin.lock().read_line(&mut line)?;
    Ok(Secret::new(line.trim_end_matches(['\r', '\n']).to_owned()))
}
