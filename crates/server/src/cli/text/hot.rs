//! `jiesu text hot`: the hot issues among messages, in the two tables that the Taidi Cup (8th, problem C) asked for.

use std::{
    error::Error,
    fs::File,
    io::{self, Write},
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::Args;
use jiesu_text::matter::{Issue, Posted, hot};
use jiff::civil::DateTime;
use rust_xlsxwriter::{Workbook, Worksheet, XlsxError};

use super::table::{Names, read};
use crate::{
    cli::terminal::unless_gone,
    import::Cell,
    workbook::{Sheet, column, table},
};

const COLUMNS: [Names; 7] = [
    &["留言编号", "编号", "id"],
    &["留言用户", "用户", "user"],
    &["留言主题", "主题", "title"],
    &["留言时间", "时间", "time"],
    &["留言详情", "详情", "detail"],
    &["反对数", "dislikes"],
    &["点赞数", "likes"],
];

const ISSUES: Sheet = Sheet {
    name: "热点问题表",
    columns: &[
        column("热度排名", "rank", true, 9.0),
        column("问题ID", "issue", true, 8.0),
        column("热度指数", "heat", true, 9.0),
        column("时间范围", "span", true, 25.0),
        column("地点/人群", "place", false, 28.0),
        column("问题描述", "problem", true, 60.0),
    ],
};

const MESSAGES: Sheet = Sheet {
    name: "热点问题留言明细表",
    columns: &[
        column("问题ID", "issue", true, 8.0),
        column("留言编号", "id", true, 10.0),
        column("留言用户", "user", true, 14.0),
        column("留言主题", "title", true, 40.0),
        column("留言时间", "time", true, 20.0),
        column("留言详情", "detail", true, 80.0),
        column("反对数", "dislikes", true, 8.0),
        column("点赞数", "likes", true, 8.0),
    ],
};

#[derive(Debug, Args)]
#[command(after_help = "\
例：
  jiesu text hot --messages 留言.xlsx --out 热点问题.xlsx
  jiesu text hot --messages 留言.xlsx --top 5

文件（.xlsx、.csv 或 .jsonl）有七列：留言编号、留言用户、留言主题、留言时间、留言详情、反对数、点赞数。
热度指数＝反映的人数＋√(点赞数＋反对数)；同一人多次留言只计一人。只有热度不低于 --least 的才列出。
--out 写出一个工作簿，内有“热点问题表”和“热点问题留言明细表”；不写则只在屏幕上列出。
分组是程序的建议，写出前请人核对。")]
pub struct HotArgs {
    /// 留言表
    #[arg(long, value_name = "文件")]
    messages: PathBuf,
    /// 写到这个 .xlsx 文件，不能已经存在
    #[arg(long, value_name = "文件")]
    out: Option<PathBuf>,
    /// 最多列出几个问题
    #[arg(long, value_name = "个数", default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..))]
    top: u32,
    /// 热度低于此数的不列
    #[arg(long, value_name = "热度", default_value_t = 8.0)]
    least: f64,
}

/// A message as it was read.
pub(super) struct Message {
    pub id: String,
    pub user: String,
    pub title: String,
    pub detail: String,
    pub at: DateTime,
    dislikes: u64,
    likes: u64,
}

/// Runs it.
///
/// # Errors
/// What the user should read.
pub fn run(args: &HotArgs) -> Result<ExitCode, Box<dyn Error>> {
    let messages = messages(&args.messages)?;
    let posted: Vec<Posted<'_>> = messages.iter().map(posted).collect();
    let mut issues = hot(&posted);
    issues.retain(|issue| issue.heat >= args.least);
    issues.truncate(args.top as usize);
    if let Some(path) = &args.out {
        write(path, &issues, &messages)?;
    }
    unless_gone(print(&mut io::stdout().lock(), &issues, &messages))?;
    Ok(ExitCode::SUCCESS)
}

pub(super) fn messages(path: &Path) -> Result<Vec<Message>, String> {
    let rows = read(path, COLUMNS)?;
    let message = |(no, cells): (usize, [Cell; 7])| {
        let wrong = |column: usize| format!("{}：第{}件留言的“{}”看不明白", path.display(), no + 1, COLUMNS[column][0]);
        let at = time(&cells[3]).ok_or_else(|| wrong(3))?;
        let count = |column: usize| match cells[column].text().trim() {
            "" => Ok(0),
            text => text.parse().map_err(|_| wrong(column)),
        };
        let text = |column: usize| cells[column].text().trim().to_owned();
        let (dislikes, likes) = (count(5)?, count(6)?);
        Ok(Message { id: text(0), user: text(1), title: text(2), detail: text(4), at, dislikes, likes })
    };
    rows.into_iter().enumerate().map(message).collect()
}

fn time(cell: &Cell) -> Option<DateTime> {
    const FORMATS: [&str; 5] = ["%Y/%m/%d %H:%M:%S", "%Y-%m-%d %H:%M:%S", "%Y/%m/%d %H:%M", "%Y-%m-%d", "%Y/%m/%d"];
    match cell {
        Cell::Moment(at) => Some(*at),
        Cell::Text(text) => {
            let text = text.trim();
            let civil = |format: &&str| {
                DateTime::strptime(format, text)
                    .or_else(|_| jiff::civil::Date::strptime(format, text).map(DateTime::from))
                    .ok()
            };
            FORMATS.iter().find_map(civil)
        }
        _ => None,
    }
}

fn posted(message: &Message) -> Posted<'_> {
    // Only the order counts; no zone is said.
    let at = jiff::tz::Offset::UTC.to_timestamp(message.at).map_or(0, |t| t.as_second());
    let Message { user, title, detail, likes, dislikes, .. } = message;
    Posted { user, title, detail, at, likes: *likes, dislikes: *dislikes }
}

fn span(issue: &Issue, messages: &[Message]) -> String {
    let day = |no: Option<&usize>| no.map_or(String::new(), |m| messages[*m].at.strftime("%Y/%m/%d").to_string());
    format!("{}至{}", day(issue.messages.first()), day(issue.messages.last()))
}

fn print(out: &mut impl Write, issues: &[Issue], messages: &[Message]) -> io::Result<()> {
    writeln!(out, "{} 件留言，{} 个热点问题", messages.len(), issues.len())?;
    for (no, issue) in (1..).zip(issues) {
        let Issue { heat, persons, likes, dislikes, place, problem, .. } = issue;
        let place = if place.is_empty() { "" } else { &format!("【{place}】") };
        writeln!(out, "{no:>3}  热度 {heat:.1}  {place}{problem}")?;
        writeln!(
            out,
            "     {} 件，{persons} 人，点赞 {likes}，反对 {dislikes}，{}",
            issue.messages.len(),
            span(issue, messages)
        )?;
    }
    Ok(())
}

fn write(path: &Path, issues: &[Issue], messages: &[Message]) -> Result<(), Box<dyn Error>> {
    let (mut of_issues, mut of_messages) = (Vec::new(), Vec::new());
    for (no, issue) in (1..).zip(issues) {
        let heat = format!("{:.1}", issue.heat);
        let (place, problem) = (issue.place.clone(), issue.problem.clone());
        of_issues.push(vec![no.to_string(), no.to_string(), heat, span(issue, messages), place, problem]);
        for message in issue.messages.iter().map(|m| &messages[*m]) {
            of_messages.push(vec![
                no.to_string(),
                message.id.clone(),
                message.user.clone(),
                message.title.clone(),
                message.at.strftime("%Y/%m/%d %H:%M:%S").to_string(),
                message.detail.clone(),
                message.dislikes.to_string(),
                message.likes.to_string(),
            ]);
        }
    }
    let mut book = Workbook::new();
    numbers(table(&mut book, &ISSUES, &of_issues)?, &of_issues, &[0, 1, 2])?;
    numbers(table(&mut book, &MESSAGES, &of_messages)?, &of_messages, &[0, 1, 6, 7])?;
    // Made before it is filled, so that nobody's file is overwritten.
    let file = File::create_new(path).map_err(|e| match e.kind() {
        io::ErrorKind::AlreadyExists => format!("{} 已经存在；请换一个还不存在的文件名", path.display()),
        _ => format!("写不了 {}：{e}", path.display()),
    })?;
    book.save_to_writer(file)?;
    Ok(())
}

/// Writes the cells of some columns as numbers, where they are some and begin with no zero.
fn numbers(sheet: &mut Worksheet, rows: &[Vec<String>], columns: &[u16]) -> Result<(), XlsxError> {
    for (row, cells) in (1..).zip(rows) {
        for column in columns {
            let cell = &cells[usize::from(*column)];
            if let Ok(number) = cell.parse::<f64>()
                && (!cell.starts_with('0') || cell.len() == 1)
            {
                sheet.write_number(row, *column, number)?;
            }
        }
    }
    Ok(())
}
