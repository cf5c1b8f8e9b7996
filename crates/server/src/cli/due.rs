//! `jiesu due`: one limit with its whole ground, or a table of them.

mod cases;
mod moment;
mod story;

use std::{
    error::Error,
    io::{self, Write},
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::Args;
use jiesu_domain::{
    Instant, Kind, Rulebook,
    calendar::Day,
    clock::{Clock, ClockKind, ClockStatus},
    limit,
    rulebook::Subject,
};

use super::terminal::unless_gone;
use crate::law::Law;

#[derive(Debug, Args)]
#[command(after_help = "\
例：
  jiesu due --rulebook shangrao --kind complaint --from 2026-09-29T16:30:00+08:00
  jiesu due --cases 待算.csv --out 已算.csv

批量计算的表须为 UTF-8 编码，有表头，至少有 rulebook、kind、from 三列，可有 urgent 列；列序不限，其他列照抄。
结果在每行之后加 due、basis 两列：到期时刻（24时写作次日00:00），以及条文与所依据的理解，如
  第十四条;readings=from-dispatch,count-days
涉及放假通知尚未公布的年份的，后面再加 ;provisional（暂定）。有误的行 due 为空，basis 写明原因，其余各行照算。

退出码：0 全部算出；1 有算不出的；2 参数或文件有误。")]
pub struct DueArgs {
    /// 办法编号，如 shangrao
    #[arg(long, value_name = "编号", required_unless_present = "cases")]
    rulebook: Option<String>,
    /// 诉求类别：代码或中文，如 complaint 或 投诉
    #[arg(long, value_name = "类别", required_unless_present = "cases")]
    kind: Option<Kind>,
    /// 突发事件工单
    #[arg(long)]
    urgent: bool,
    /// 起算时刻，如 2026-09-29T16:30:00+08:00 或 "2026-09-29 16:30"（北京时间）
    #[arg(long, value_name = "时刻", value_parser = moment::parse, required_unless_present = "cases")]
    from: Option<Instant>,
    /// 算哪一种时限：handle 办理、sign 签收、return 退单窗口、assist 协办、follow-up 回访等
    #[arg(long, value_name = "时限", default_value = "handle")]
    limit: ClockKind,
    /// 同一事项第几次诉求
    #[arg(long, value_name = "次数", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    contacts: u32,
    /// 工单已标为疑难、复杂
    #[arg(long)]
    difficult: bool,
    /// 批量计算：读入 CSV 文件
    #[arg(long, value_name = "文件", conflicts_with_all = ["rulebook", "kind", "urgent", "from"])]
    cases: Option<PathBuf>,
    /// 批量计算的结果写入此文件；不写则输出到屏幕
    #[arg(long, value_name = "文件", requires = "cases")]
    out: Option<PathBuf>,
}

/// What is asked for.
struct Question<'a> {
    rulebook: &'a str,
    kind: Kind,
    urgent: bool,
    limit: ClockKind,
    contacts: u32,
    difficult: bool,
    from: Instant,
}

/// The limit as the ticket would hold it, and the rulebook it comes from.
struct Answer<'a> {
    book: &'a Rulebook,
    clock: Clock,
}

pub fn run(args: &DueArgs, data: &Path) -> Result<ExitCode, Box<dyn Error>> {
    let law = Law::load(Some(data))?;
    if let Some(file) = &args.cases {
        return cases::run(&law, args, file);
    }
    let (Some(rulebook), Some(kind), Some(from)) = (&args.rulebook, args.kind, args.from) else {
        return Err("须写明 --rulebook、--kind、--from，或用 --cases 批量计算".into());
    };
    let question = Question {
        rulebook,
        kind,
        urgent: args.urgent,
        limit: args.limit,
        contacts: args.contacts,
        difficult: args.difficult,
        from,
    };
    match answer(&law, &question) {
        Ok(answer) => {
            let mut text = Vec::new();
            story::tell(&mut text, &law, &answer)?;
            unless_gone(io::stdout().lock().write_all(&text))?;
            Ok(ExitCode::SUCCESS)
        }
        Err(reason) => {
            eprintln!("算不出：{reason}");
            Ok(ExitCode::from(1))
        }
    }
}

/// Asks the rulebook in force on the start day, as a dispatch on that day would.
fn answer<'l>(law: &'l Law, q: &Question<'_>) -> Result<Answer<'l>, String> {
    let day = Day::of(q.from);
    let book = law.in_force(q.rulebook, day.date()).ok_or_else(|| law.unknown(q.rulebook))?;
    let subject = Subject {
        kind: Some(q.kind),
        urgent: q.urgent,
        difficult: q.difficult,
        contacts: q.contacts,
        ..Subject::default()
    };
    let Some((rule, amount)) = book.limit(q.limit, &subject) else {
        let kinds: Vec<&str> = book.accept.kinds.iter().map(|k| k.zh()).collect();
        let kinds = kinds.join("、");
        return Err(format!("本办法没有规定{}类诉求的{}时限；受理类别：{kinds}", q.kind, q.limit));
    };
    let cal = law.calendar();
    let due = limit::due(cal, book.counting(), q.from, amount, &[]).map_err(|e| e.to_string())?;
    let clock = Clock {
        id: 1,
        kind: q.limit,
        unit: None,
        from: q.from,
        amount,
        due: due.at,
        provisional: due.provisional,
        calendar: cal.version().to_owned(),
        basis: book.limit_basis(rule, amount),
        status: ClockStatus::Running,
        expired: false,
        extensions: Vec::new(),
        pauses: Vec::new(),
    };
    Ok(Answer { book, clock })
}
