//! `jiesu text matters`: which messages would be proposed as one matter with an earlier one, as they come one after the other.

use std::{
    error::Error,
    io::{self, Write},
    path::PathBuf,
    process::ExitCode,
    time::{Duration, Instant},
};

use clap::Args;
use jiesu_text::matter::{Alike, Index, Relation};

use super::hot::{Message, messages};
use crate::cli::terminal::unless_gone;

#[derive(Debug, Args)]
#[command(after_help = "\
例：
  jiesu text matters --messages 留言.xlsx
  jiesu text matters --messages 留言.xlsx --show 100

文件与 jiesu text hot 的相同。留言按时间先后逐件读入，每件只与此前的比对，正如登记时所提示的。
--show 每隔若干件列出一对（不挑选），供人核对是否真是同一事项。")]
pub struct MattersArgs {
    /// 留言表
    #[arg(long, value_name = "文件")]
    messages: PathBuf,
    /// 列出几对
    #[arg(long, value_name = "对数", default_value_t = 0)]
    show: usize,
}

/// A message with the earlier one that is proposed first.
struct Proposed {
    message: usize,
    alike: Alike,
}

/// Runs it.
///
/// # Errors
/// What the user should read.
pub fn run(args: &MattersArgs) -> Result<ExitCode, Box<dyn Error>> {
    let mut messages = messages(&args.messages)?;
    messages.sort_by(|a, b| a.at.cmp(&b.at).then_with(|| a.id.cmp(&b.id)));
    let (proposed, mut took) = proposed(&messages);
    took.sort();
    unless_gone(print(&mut io::stdout().lock(), args.show, &messages, &proposed, &took))?;
    Ok(ExitCode::SUCCESS)
}

fn proposed(messages: &[Message]) -> (Vec<Proposed>, Vec<Duration>) {
    let (mut index, mut persons) = (Index::default(), std::collections::HashMap::new());
    let (mut proposed, mut took) = (Vec::new(), Vec::with_capacity(messages.len()));
    for (no, message) in messages.iter().enumerate() {
        let next = persons.len() as u64;
        let person = *persons.entry(message.user.as_str()).or_insert(next);
        let began = Instant::now();
        let found = index.alike(person, &message.title, &message.detail);
        took.push(began.elapsed());
        proposed.extend(found.into_iter().next().map(|alike| Proposed { message: no, alike }));
        index.add(person, &message.title, &message.detail);
    }
    (proposed, took)
}

fn print(
    out: &mut impl Write,
    show: usize,
    messages: &[Message],
    proposed: &[Proposed],
    took: &[Duration],
) -> io::Result<()> {
    let of = |relation: Relation| proposed.iter().filter(|p| p.alike.relation == relation).count();
    writeln!(out, "{} 件留言，其中 {} 件提示此前有同一事项：", messages.len(), proposed.len())?;
    writeln!(
        out,
        "  同一人重复提交 {}，同一人反映同一事实 {}，他人反映同一事实 {}",
        of(Relation::Again),
        of(Relation::SamePerson),
        of(Relation::OtherPerson)
    )?;
    let at = |share: usize| took.get((took.len() * share / 100).min(took.len().saturating_sub(1))).copied();
    if let (Some(half), Some(most)) = (at(50), at(99)) {
        writeln!(out, "  查一件：中位 {:.2} 毫秒，p99 {:.2} 毫秒", ms(half), ms(most))?;
    }
    let step = (proposed.len() / show.max(1)).max(1);
    for (no, p) in (1..=show).zip(proposed.iter().step_by(step)) {
        let (new, old) = (&messages[p.message], &messages[p.alike.message as usize]);
        let place = if p.alike.same_place { "，同一地点" } else { "" };
        writeln!(out, "\n{no:>3}  {:?} {:.2}{place}", p.alike.relation, p.alike.alike)?;
        for m in [old, new] {
            let beginning: String = m.detail.chars().filter(|c| !c.is_whitespace()).take(110).collect();
            writeln!(out, "     [{}] {} {}", m.id, m.title, beginning)?;
        }
    }
    Ok(())
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}
