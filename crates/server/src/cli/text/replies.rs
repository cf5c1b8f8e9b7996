//! `jiesu text replies`: what would be hinted at in replies, counted by kind, and some of each to be read by hand.

use std::{
    collections::BTreeMap,
    error::Error,
    io::{self, Write},
    path::PathBuf,
    process::ExitCode,
};

use clap::Args;
use jiesu_domain::calendar::Day;
use jiesu_text::reply::{Appeal, Hint, hints};

use super::table::{Names, read};
use crate::{app::hints::About, cli::terminal::unless_gone, clock::Clock, config::ClockSetting};

const COLUMNS: [Names; 4] =
    [&["留言编号", "编号"], &["留言主题", "主题", "标题"], &["留言详情", "详情", "内容"], &["答复意见", "答复"]];

#[derive(Debug, Args)]
#[command(after_help = "\
例：
  jiesu text replies --messages 留言和答复.xlsx
  jiesu text replies --messages 留言和答复.xlsx --about number --show 50

表中要有“留言编号、留言主题、留言详情、答复意见”四列。
--show 每隔若干件列出一件（不挑选）：标出的字、所在的一句，供人核对提示是否正确。")]
pub struct RepliesArgs {
    /// 留言和答复的表
    #[arg(long, value_name = "文件")]
    messages: PathBuf,
    /// 只列这一类：empty、only-passed-on、return-reason、unnamed、number、marks、personal、unrelated
    #[arg(long, value_name = "类别", value_parser = about)]
    about: Option<About>,
    /// 每类列出几件
    #[arg(long, value_name = "件数", default_value_t = 0)]
    show: usize,
}

fn about(code: &str) -> Result<About, String> {
    let known = About::ALL.into_iter().find(|about| about.code() == code);
    known.ok_or_else(|| format!("没有“{code}”这一类提示；见 jiesu text replies --help"))
}

/// Runs it.
///
/// # Errors
/// What the user should read.
pub fn run(args: &RepliesArgs) -> Result<ExitCode, Box<dyn Error>> {
    let rows = read(&args.messages, COLUMNS)?;
    let rows: Vec<[String; 4]> = rows.into_iter().map(|row| row.map(|cell| cell.text().trim().to_owned())).collect();
    let today = Day::of(Clock::new(ClockSetting::Real).now()).date();
    let year = u32::try_from(today.year()).unwrap_or_default();
    let mut found: BTreeMap<About, Vec<(usize, Hint)>> = BTreeMap::new();
    for (no, [_, title, detail, reply]) in rows.iter().enumerate() {
        for hint in hints(Appeal { title, detail, own: &[], year }, reply) {
            found.entry(hint.kind.into()).or_default().push((no, hint));
        }
    }
    found.retain(|kind, _| args.about.is_none_or(|about| about == *kind));
    unless_gone(print(&mut io::stdout().lock(), args.show, &rows, &found))?;
    Ok(ExitCode::SUCCESS)
}

fn print(
    out: &mut impl Write,
    show: usize,
    rows: &[[String; 4]],
    found: &BTreeMap<About, Vec<(usize, Hint)>>,
) -> io::Result<()> {
    writeln!(out, "{} 件答复", rows.len())?;
    for (kind, hints) in found {
        let mut replies: Vec<usize> = hints.iter().map(|(no, _)| *no).collect();
        replies.dedup();
        writeln!(out, "{}（{}）：{} 件答复，{} 处", kind.zh(), kind.code(), replies.len(), hints.len())?;
        let step = (hints.len() / show.max(1)).max(1);
        for (no, (row, hint)) in (1..=show).zip(hints.iter().step_by(step)) {
            let [id, title, _, reply] = &rows[*row];
            writeln!(
                out,
                "\n{no:>3}  [{id}] {title}\n     标出：{}\n     {}",
                hint.words,
                reply[hint.at.clone()].trim()
            )?;
        }
    }
    Ok(())
}
