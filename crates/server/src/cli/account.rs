//! `jiesu account`: who may log in.

use std::{
    error::Error,
    io::{BufRead, IsTerminal, Write},
    process::ExitCode,
};

use clap::{Args, Subcommand};
use jiesu_domain::{Role, audit::ActKind};
use jiesu_store::Account;
use serde_json::json;

use super::online::{PlaceArgs, block_on, open_app};
use crate::{
    app::{Act, App, Told, Who},
    clock::Clock,
    config::Given,
    login::{Secret, fits},
};

#[derive(Debug, Args)]
pub struct AccountArgs {
    #[command(flatten)]
    pub place: PlaceArgs,
    #[command(subcommand)]
    pub command: AccountCommand,
}

#[derive(Debug, Subcommand)]
pub enum AccountCommand {
    /// 新建账户，或更改已有账户（密码从标准输入读取，不出现在命令行里；首次登录时须由本人更换）
    Add(AddArgs),
    /// 停用账户；已登录的立即失效
    Disable {
        /// 登录名
        #[arg(long)]
        login: String,
    },
    /// 列出账户
    List,
}

#[derive(Debug, Args)]
pub struct AddArgs {
    /// 登录名
    #[arg(long)]
    pub login: String,
    /// 姓名
    #[arg(long)]
    pub name: String,
    /// 角色（代码或中文，如 dispatcher 或 派单员）
    #[arg(long)]
    pub role: Role,
    /// 所属单位编号（承办人、分管领导、上级单位必填）
    #[arg(long)]
    pub unit: Option<String>,
}

/// Runs it.
///
/// # Errors
/// The database cannot be opened, or the input is wrong; nothing has changed then.
pub fn run(given: &Given, args: &AccountArgs) -> Result<ExitCode, Box<dyn Error>> {
    let settings = given.settle()?;
    block_on(async {
        let app = open_app(&settings, args.place.of(&settings), Clock::new(settings.clock)).await?;
        match &args.command {
            AccountCommand::Add(add) => self::add(&app, add).await?,
            AccountCommand::Disable { login } => disable(&app, login).await?,
            AccountCommand::List => list(&app).await?,
        }
        app.store.close().await?;
        Ok(ExitCode::SUCCESS)
    })
}

async fn add(app: &App, new: &AddArgs) -> Result<(), Box<dyn Error>> {
    let login = new.login.trim();
    if login.is_empty() || login.contains(char::is_whitespace) {
        return Err("登录名不能为空，也不能有空格".into());
    }
    if !new.role.of_staff() {
        return Err(format!("“{}”不是工作人员的角色", new.role).into());
    }
    match (&new.unit, new.role.of_unit()) {
        (None, true) => return Err(format!("{}须用 --unit 写明所属单位", new.role).into()),
        (Some(_), false) => return Err(format!("{}属热线中心，不写 --unit", new.role).into()),
        (Some(unit), true) if !app.units().contains_key(unit) => return Err(format!("没有编号为“{unit}”的单位").into()),
        _ => {}
    }
    let password = read_password()?;
    let policy = app.log_in_policy().await?;
    fits(&policy, &password, login)?;
    let before = app.store.account_by_login(&app.jurisdiction, login).await?;
    let key = before.as_ref().map_or_else(|| login.to_owned(), |a| a.account.clone());
    let account = Account {
        account: key.clone(),
        login: login.to_owned(),
        name: new.name.trim().to_owned(),
        role: new.role.code().to_owned(),
        unit: new.unit.clone(),
        active: true,
    };
    let kind = if before.is_some() { ActKind::AccountChanged } else { ActKind::AccountCreated };
    let act = Act::done(kind, &key).with(json!({ "role": new.role.code(), "unit": new.unit }));
    let (hash, now) = (app.hashing.hash(password).await, app.clock.wall());
    let mut deed = app.deed().await?;
    deed.account_put(&account).await?;
    // Somebody else has typed it: it opens one log-in, which changes it.
    deed.password_put(&key, &hash, now, true, policy.password_past).await?;
    if before.as_ref().is_none_or(|b| (&b.role, &b.unit) != (&account.role, &account.unit)) {
        deed.post_known(&app.post_as_it_stands(&account)).await?;
    }
    // A changed password or role ends whatever was signed in before.
    deed.sessions_end(&key).await?;
    app.tell(&mut deed, &key, Told::PasswordReset).await?;
    app.done(deed, Who::CommandLine, act).await?;
    println!("{}账户“{login}”：{}", if before.is_some() { "已更改" } else { "已建立" }, new.role);
    Ok(())
}

/// From the terminal without a prompt in pipes; never from the command line, which other users of the machine can see.
fn read_password() -> Result<Secret, Box<dyn Error>> {
    let stdin = std::io::stdin();
    if stdin.is_terminal() {
        eprint!("密码（输入可见，请避开他人）：");
        std::io::stderr().flush()?;
    }
    let mut line = Secret::default();
    stdin.lock().read_line(&mut line)?;
    Ok(Secret::new(line.trim_end_matches(['\r', '\n']).to_owned()))
}

async fn disable(app: &App, login: &str) -> Result<(), Box<dyn Error>> {
    let found = app.store.account_by_login(&app.jurisdiction, login).await?;
    let mut account = found.ok_or_else(|| format!("没有登录名为“{login}”的账户"))?;
    account.active = false;
    let act = Act::done(ActKind::AccountChanged, &account.account).with(json!({ "active": false }));
    let mut deed = app.deed().await?;
    deed.account_put(&account).await?;
    deed.sessions_end(&account.account).await?;
    app.tell(&mut deed, &account.account, Told::Shut).await?;
    deed.phone_put(&account.account, None).await?;
    app.done(deed, Who::CommandLine, act).await?;
    println!("已停用“{login}”");
    Ok(())
}

async fn list(app: &App) -> Result<(), Box<dyn Error>> {
    for a in app.store.accounts(&app.jurisdiction).await? {
        let role = a.role.parse().map_or_else(|_| a.role.clone(), |r: Role| r.zh().to_owned());
        let unit = a.unit.as_deref().unwrap_or("热线中心");
        println!("{}\t{}\t{role}\t{unit}\t{}", a.login, a.name, if a.active { "在用" } else { "停用" });
    }
    Ok(())
}
