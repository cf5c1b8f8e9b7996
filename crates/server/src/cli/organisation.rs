//! `jiesu organisation`: units and people as a workbook and back, and the official divisions as units.

use std::{
    error::Error,
    io::{self, Write},
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::{Args, Subcommand};
use jiesu_domain::audit::ActKind;
use serde_json::json;

use super::{
    online::{PlaceArgs, block_on, open_app},
    terminal::unless_gone,
};
use crate::{
    app::{Act, App, Who},
    clock::Clock,
    config::Given,
    directory::{Plan, Standing, divisions, read, workbook},
};

#[derive(Debug, Args)]
pub struct OrganisationArgs {
    #[command(flatten)]
    pub place: PlaceArgs,
    #[command(subcommand)]
    pub command: OrganisationCommand,
}

#[derive(Debug, Subcommand)]
pub enum OrganisationCommand {
    /// 把单位和在用人员导出为 .xlsx 表格，供核对、补充
    Export {
        /// 写到哪个文件；已存在的不覆盖
        #[arg(long, value_name = "文件.xlsx")]
        out: PathBuf,
        /// 写出完整的手机号码（不写的，号码中间隐去）；须写明理由，记入审计日志
        #[arg(long, value_name = "理由")]
        phones: Option<String>,
    },
    /// 导入单位和人员（.xlsx），或行政区划（.csv）；有一处不对就什么也不写
    #[command(after_help = "\
表格有两张：“单位”（编号、名称、类别、上级单位、责任科室、信息员、值守电话、行政区划代码、停用）和“人员”（登录名、姓名、角色、单位、
坐席类别、手机）。手机用来通知本人账户的变动，留空或带*的不作改动，换成别的号码的，原号码会收到通知。单位按编号对应，人员按登录名对应；新的人员建立账户并授予岗位，没有密码，须另行设置后才能登录。已有岗位的人员不由表格改任：
在办工单要移交，请在“账户与岗位”中办理。

行政区划的列为 level、code、name、area_code：县区成为县区政府，街道、乡镇成为其下的镇街；名称相同的单位保留编号，只补上代码。

退出码：0 已写入，或没有改动；1 文件有误。")]
    Import {
        #[arg(value_name = "文件", help = "单位和人员的 .xlsx 表格，或行政区划的 .csv")]
        file: PathBuf,
        /// 只检查、列出会有的改动，不写入
        #[arg(long)]
        check: bool,
    },
}

/// Runs it.
///
/// # Errors
/// The database cannot be opened, or a file not be written.
pub fn run(given: &Given, args: &OrganisationArgs) -> Result<ExitCode, Box<dyn Error>> {
    let settings = given.settle()?;
    block_on(async {
        let app = open_app(&settings, args.place.of(&settings), Clock::new(settings.clock)).await?;
        let done = match &args.command {
            OrganisationCommand::Export { out, phones } => export(&app, out, phones.as_deref()).await,
            OrganisationCommand::Import { file, check } => import(&app, file, *check).await,
        };
        app.store.close().await?;
        done
    })
}

async fn export(app: &App, out: &Path, phones: Option<&str>) -> Result<ExitCode, Box<dyn Error>> {
    let standing = Standing::of(&app.store, &app.jurisdiction).await?;
    let bytes = workbook(&standing, phones.is_some())?;
    if let Some(reason) = phones.map(str::trim) {
        if reason.chars().count() < 2 {
            return Err("请写明导出手机号码的理由".into());
        }
        let detail = json!({ "phones": standing.phones.len() });
        app.audit(Who::CommandLine, Act::done(ActKind::Exported, "organisation").because(reason).with(detail)).await?;
    }
    let file = std::fs::OpenOptions::new().write(true).create_new(true).open(out);
    file.and_then(|mut f| f.write_all(&bytes)).map_err(|e| format!("不能写入 {}：{e}", out.display()))?;
    println!("已导出{}个单位、{}个账户：{}", standing.units.len(), standing.accounts.len(), out.display());
    Ok(ExitCode::SUCCESS)
}

async fn import(app: &App, file: &Path, check: bool) -> Result<ExitCode, Box<dyn Error>> {
    let standing = Standing::of(&app.store, &app.jurisdiction).await?;
    let table = file.extension().is_some_and(|e| e.eq_ignore_ascii_case("csv"));
    let read = if table { divisions(file, &standing) } else { read(file, &standing) };
    let mut out = Vec::new();
    let sound = match read {
        Ok(plan) => {
            tell(&mut out, &plan, &standing)?;
            if check {
                writeln!(out, "只是检查，没有写入")?;
            } else {
                app.take_directory(&plan).await?;
            }
            true
        }
        Err(wrong) => {
            wrong.iter().try_for_each(|line| writeln!(out, "{line}"))?;
            writeln!(out, "共{}处有误，什么也没有写入；改正后重新导入", wrong.len())?;
            false
        }
    };
    unless_gone(io::stdout().lock().write_all(&out))?;
    Ok(ExitCode::from(u8::from(!sound)))
}

fn tell(out: &mut impl Write, plan: &Plan, standing: &Standing) -> io::Result<()> {
    let new = plan.units.iter().filter(|(u, _)| !standing.units.contains_key(&u.unit)).count();
    let (people, posts) = (plan.people.iter().filter(|p| p.new), plan.people.iter().filter(|p| p.post.is_some()));
    let phones = plan.people.iter().filter(|p| p.phone.is_some());
    writeln!(
        out,
        "单位：新增{new}个，更改{}个；账户：新建{}个，授予岗位{}个，登记手机{}个",
        plan.units.len() - new,
        people.count(),
        posts.count(),
        phones.count()
    )
}
