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
--show 每隔若干件列出一对（不挑选），供人核对是否真是同一事项。
--missed 把没有提示的留言各与此前最像的一件配对，按相似程度从高到低、由密到疏列出，供人核对漏掉了多少。")]
pub struct MattersArgs {
    /// 留言表
    #[arg(long, value_name = "文件")]
    messages: PathBuf,
    /// 列出几对
    #[arg(long, value_name = "对数", default_value_t = 0)]
    show: usize,
    /// 列出几对没有提示的
    #[arg(long, value_name = "对数", default_value_t = 0)]
    missed: usize,
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
    let (proposed, unsaid, mut took) = proposed(&messages);
    took.sort();
    unless_gone(print(&mut io::stdout().lock(), args.show, &messages, &proposed, &took))?;
    unless_gone(print_unsaid(&mut io::stdout().lock(), args.missed, &messages, unsaid))?;
    Ok(ExitCode::SUCCESS)
}

/// What is told, what is not, and how long each took.
fn proposed(messages: &[Message]) -> (Vec<Proposed>, Vec<Proposed>, Vec<Duration>) {
    let (mut index, mut persons) = (Index::default(), std::collections::HashMap::new());
    let (mut proposed, mut unsaid, mut took) = (Vec::new(), Vec::new(), Vec::with_capacity(messages.len()));
    for (no, message) in messages.iter().enumerate() {
        let next = persons.len() as u64;
        let person = *persons.entry(message.user.as_str()).or_insert(next);
        let began = Instant::now();
        let found = index.alike(person, &message.title, &message.detail);
        took.push(began.elapsed());
        if found.is_empty() {
            let nearest = index.nearest(person, &message.title, &message.detail);
            unsaid.extend(nearest.map(|alike| Proposed { message: no, alike }));
        }
        proposed.extend(found.into_iter().next().map(|alike| Proposed { message: no, alike }));
        index.add(person, &message.title, &message.detail);
    }
    (proposed, unsaid, took)
}

/// Bands of likeness of what is not told: from where on, each with as many pairs as the others.
const BANDS: [f32; 4] = [0.35, 0.25, 0.15, 0.0];

fn print_unsaid(out: &mut impl Write, show: usize, messages: &[Message], mut unsaid: Vec<Proposed>) -> io::Result<()> {
    if show == 0 {
        return Ok(());
    }
    unsaid.sort_by(|a, b| b.alike.alike.total_cmp(&a.alike.alike));
    let mut rest = &unsaid[..];
    for from in BANDS {
        let (band, below) = rest.split_at(rest.iter().take_while(|p| p.alike.alike >= from).count());
        rest = below;
        writeln!(out, "\n没有提示、与此前最像的相似程度不低于 {from:.2} 的 {} 件：", band.len())?;
        let most = show.div_ceil(BANDS.len()).min(band.len());
        for no in 0..most {
            pair(out, no + 1, messages, &band[no * band.len() / most])?;
        }
    }
    Ok(())
}

fn pair(out: &mut impl Write, no: usize, messages: &[Message], p: &Proposed) -> io::Result<()> {
    let (new, old) = (&messages[p.message], &messages[p.alike.message as usize]);
    let place = if p.alike.same_place { "，同一地点" } else { "" };
    writeln!(out, "\n{no:>3}  {:?} {:.2}{place}", p.alike.relation, p.alike.alike)?;
    for m in [old, new] {
        let beginning: String = m.detail.chars().filter(|c| !c.is_whitespace()).take(110).collect();
        writeln!(out, "     [{}] {} {}", m.id, m.title, beginning)?;
    }
    Ok(())
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
        pair(out, no, messages, p)?;
    }
    Ok(())
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}
