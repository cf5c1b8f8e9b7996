//! `jiesu catalogue`: the dispatch catalogue as a workbook and back, and what a new version changes.

mod compare;
mod table;

use std::{
    error::Error,
    io::{self, Write},
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::{Args, Subcommand};
use jiesu_domain::Catalogue;
use jiff::civil::Date;

use super::{rulebook::check, terminal::unless_gone};
use crate::law::Law;

#[derive(Debug, Args)]
pub struct CatalogueArgs {
    #[command(subcommand)]
    command: CatalogueCommand,
}

#[derive(Debug, Subcommand)]
enum CatalogueCommand {
    /// 把一版目录导出为 .xlsx 表格，供各单位核对、修改
    Export {
        #[arg(value_name = "办法", help = "办法编号，如 shangrao")]
        rulebook: String,
        /// 第几版；不写则为最新一版
        #[arg(long = "version", value_name = "版")]
        number: Option<u32>,
        /// 写到哪个文件；已存在的不覆盖
        #[arg(long, value_name = "文件.xlsx")]
        out: PathBuf,
    },
    /// 把表格导入为新的一版；有一处不对就什么也不写
    #[command(after_help = "\
列：编号、事项、类别、法律依据、主办单位、协办单位、办理期限、协办期限、建议承办机构、不派镇街、突发事件、备注；
另一张表“分地区”写各地不同的承办单位。单位写名称或编号，期限写“5个工作日”“2小时”“7日”。
新的一版写到数据目录的 rulebooks/ 中，旧版不动；正在运行的服务重新启动后生效。

退出码：0 已写入，或与最新一版相同；1 表格有误。")]
    Import(table::ImportArgs),
    /// 比较两版：新增、删除、变更了哪些事项
    Diff {
        #[arg(
            value_name = "办法 旧版 新版 | 旧文件 新文件",
            num_args = 2..=3,
            required = true,
            help = "如 shangrao 1 2，或两个目录文件"
        )]
        what: Vec<String>,
    },
    /// 检查目录文件（.toml）或表格（.xlsx），不写入任何内容
    Check(table::CheckArgs),
}

pub fn run(args: &CatalogueArgs, data: &Path) -> Result<ExitCode, Box<dyn Error>> {
    let law = Law::load(Some(data))?;
    let mut out = Vec::new();
    let sound = match &args.command {
        CatalogueCommand::Export { rulebook, number, out: file } => {
            table::export(&mut out, &law, find(&law, rulebook, *number)?, file)?;
            true
        }
        CatalogueCommand::Import(args) => table::import(&mut out, &law, data, args)?,
        CatalogueCommand::Diff { what } => {
            compare::diff(&mut out, &law, what)?;
            true
        }
        CatalogueCommand::Check(args) => match &args.rulebook {
            Some(rulebook) => table::check(&mut out, &law, &args.file, rulebook)?,
            None if table::is_workbook(&args.file) => {
                return Err("检查表格须用 --rulebook 写明是哪部办法的目录".into());
            }
            None => check::check(&mut out, &law, std::slice::from_ref(&args.file))?,
        },
    };
    unless_gone(io::stdout().lock().write_all(&out))?;
    Ok(ExitCode::from(u8::from(!sound)))
}

/// One version of a rulebook's catalogue; the newest if none is named.
fn find<'l>(law: &'l Law, rulebook: &str, number: Option<u32>) -> Result<&'l Catalogue, String> {
    if law.versions(rulebook).is_empty() {
        return Err(law.unknown(rulebook));
    }
    let latest = law.catalogue(rulebook).ok_or_else(|| format!("办法“{rulebook}”还没有派单目录"))?;
    match number {
        None => Ok(latest),
        Some(n) => law.catalogue_version(rulebook, n).ok_or_else(|| {
            let known: Vec<String> = law.catalogues(rulebook).iter().map(|c| c.catalogue.version.to_string()).collect();
            format!("“{rulebook}”派单目录没有第{n}版；现有：{}", known.join("、"))
        }),
    }
}

fn day(text: &str) -> Result<Date, String> {
    let date = if text.len() == 10 { text.parse().ok() } else { None };
    date.ok_or_else(|| "应写作 2026-07-01".to_owned())
}
