//! `jiesu rulebook`: is a file of law sound, and what does a rulebook say.

mod against;
pub(super) mod check;
mod diff;
mod rules;
mod sheet;

use std::{
    error::Error,
    io::{self, Write},
    path::PathBuf,
    process::ExitCode,
};

use clap::{Args, Subcommand};
use jiesu_domain::Rulebook;

use super::terminal::{padded, unless_gone, width};
use crate::{config::Given, law::Law};
use rules::{Row, rows};

#[derive(Debug, Args)]
pub struct RulebookArgs {
    #[command(subcommand)]
    command: RulebookCommand,
}

#[derive(Debug, Subcommand)]
enum RulebookCommand {
    /// 检查办法、派单目录、单位名录、放假通知文件，逐一写明错在哪一行
    #[command(after_help = "\
按文件名识别：…-catalogue.toml 为派单目录，…-units.toml 为单位名录，四位年份如 2026.toml 为放假通知，其余为办法。
派单目录中的单位，与同一目录下的单位名录核对；没有的与内置名录核对。
写明 --source 的，另将办法与原文逐条核对：引用的条文须在原文之中，原文的每一条须有规则引用或列入 [[not_encoded]]。

退出码：0 全部无误；1 有误。")]
    Check {
        #[arg(value_name = "文件", required = true, help = "要检查的文件，可以写多个")]
        files: Vec<PathBuf>,
        /// 办法的原文（UTF-8 纯文本）；此时只能检查一部办法
        #[arg(long, value_name = "原文")]
        source: Option<PathBuf>,
    },
    /// 生成规则核对表：条、规则、参数、算例、我们的理解，供法制机构对照原文
    #[command(after_help = "\
不写 --out 的，在当前目录生成网页（.html）和 Word（.docx）各一份；写目录的，生成在该目录；写文件名的，按后缀只生成一份。
网页不含脚本，不引用外部文件，可以直接打印（A4横向）。

退出码：0 已生成；1 办法文件有误。")]
    Sheet {
        #[arg(value_name = "文件", help = "办法文件")]
        file: PathBuf,
        /// 目录，或以 .html、.docx 结尾的文件名
        #[arg(long, value_name = "目录或文件")]
        out: Option<PathBuf>,
    },
    /// 比较两版办法：逐条写明改了什么；有数据库的，另将在办工单改按新版演练（只读）
    Diff(diff::DiffArgs),
    /// 逐条列出一部办法：条、规则、参数、我们的理解
    Show {
        #[arg(value_name = "编号", help = "办法编号，如 shangrao")]
        id: String,
        /// 第几版；不写则为最新一版
        #[arg(long = "version", value_name = "版")]
        number: Option<u32>,
    },
}

pub fn run(args: &RulebookArgs, given: &Given) -> Result<ExitCode, Box<dyn Error>> {
    let settings = given.settle()?;
    let law = Law::load(Some(&settings.data))?;
    let mut out = Vec::new();
    let sound = match &args.command {
        RulebookCommand::Check { files, source: None } => check::check(&mut out, &law, files)?,
        RulebookCommand::Check { files, source: Some(source) } => against::check(&mut out, files, source)?,
        RulebookCommand::Sheet { file, out: to } => sheet::write(&mut out, law.calendar(), file, to.as_deref())?,
        RulebookCommand::Diff(args) => {
            diff::diff(&law, &settings, args)?;
            true
        }
        RulebookCommand::Show { id, number } => {
            show(&mut out, find(&law, id, *number)?)?;
            true
        }
    };
    unless_gone(io::stdout().lock().write_all(&out))?;
    Ok(ExitCode::from(u8::from(!sound)))
}

fn find<'l>(law: &'l Law, id: &str, number: Option<u32>) -> Result<&'l Rulebook, String> {
    let latest = law.versions(id).last().ok_or_else(|| law.unknown(id))?;
    match number {
        None => Ok(latest),
        Some(n) => law.book(id, n).ok_or_else(|| {
            let known: Vec<String> = law.versions(id).iter().map(|b| b.rulebook.version.to_string()).collect();
            format!("办法“{id}”没有第{n}版；现有：{}", known.join("、"))
        }),
    }
}

fn show(out: &mut impl Write, book: &Rulebook) -> io::Result<()> {
    let head = &book.rulebook;
    let status = head.status.as_ref().map_or_else(String::new, |s| format!("（{s}）"));
    writeln!(out, "{}{status}", head.name)?;
    writeln!(out, "{} 第{}版，{}起施行，{}核对\n", head.id, head.version, head.in_force, head.confirmed)?;
    let rows = rows(book);
    let column = |text: fn(&Row) -> &str| rows.iter().map(|r| width(text(r))).max().unwrap_or_default();
    let (article, rule) = (column(|r| &r.article).max(2), column(|r| &r.rule).max(4));
    let mut line =
        |a: &str, r: &str, p: &str, m: &str| writeln!(out, "{} | {} | {p} | {m}", padded(a, article), padded(r, rule));
    line("条", "规则", "参数", "我们的理解")?;
    for row in &rows {
        let numbers: Vec<String> = row.readings.iter().filter_map(|id| number_of(book, id)).collect();
        line(&row.article, &row.rule, &row.parameters, &numbers.join("、"))?;
    }
    writeln!(out, "\n我们的理解（条文没有写明之处，热线中心可以更改）")?;
    for (i, reading) in book.assume.iter().enumerate() {
        let default = if reading.default { "　〔默认值，不是条文〕" } else { "" };
        let like = reading.like.as_ref().map_or_else(String::new, |l| format!("（参照{l}）"));
        writeln!(out, "理解{}　{}{default}", i + 1, reading.id)?;
        writeln!(out, "    问：{}\n    答：{}{like}", reading.question, reading.answer)?;
    }
    Ok(())
}

fn number_of(book: &Rulebook, reading: &str) -> Option<String> {
    book.assume.iter().position(|a| a.id == reading).map(|i| format!("理解{}", i + 1))
}
