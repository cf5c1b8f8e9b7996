//! `jiesu text classify`: learns from sorted messages and counts how often it is right on others.

use std::{
    error::Error,
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
    process::ExitCode,
    time::{Duration, Instant},
};

use clap::Args;
use jiesu_text::classify::{Model, SURE, Sample, Tally, folds, train};

use super::table::{Names, read};
use crate::cli::terminal::{padded, unless_gone};

/// Messages are dealt to the folds by this.
const SEED: u64 = 42;
const LABEL: Names = &["label", "类别", "一级标签", "一级分类"];
const TITLE: Names = &["title", "标题", "主题", "留言主题"];
const DETAIL: Names = &["detail", "内容", "详情", "留言详情"];

#[derive(Debug, Args)]
#[command(after_help = "\
例：
  jiesu text classify --train 已分类.jsonl --eval 待衡量.jsonl
  jiesu text classify --train 已分类.jsonl --folds 5          # 分层打乱（种子42），轮流留出一份来衡量
  jiesu text classify --train 已分类.xlsx --save 类别.model   # 只学习，保存模型
  jiesu text classify --model 类别.model --eval 待衡量.jsonl

文件可以是 .jsonl、.csv 或 .xlsx，有 label（类别）、title（留言主题）、detail（留言详情）三列，其他列不看。
衡量的留言不参加学习。同样的文件和程序得到同样的结果。")]
pub struct ClassifyArgs {
    /// 已分类的留言，用来学习
    #[arg(long, value_name = "文件", required_unless_present = "model")]
    train: Option<PathBuf>,
    /// 已分类的留言，用来衡量
    #[arg(long, value_name = "文件")]
    eval: Option<PathBuf>,
    /// 把 --train 的文件分成几份，轮流留出一份来衡量
    #[arg(long, value_name = "份数", value_parser = clap::value_parser!(u8).range(2..=20), conflicts_with = "model")]
    folds: Option<u8>,
    /// 把学到的模型保存到这个文件
    #[arg(long, value_name = "文件", conflicts_with = "model")]
    save: Option<PathBuf>,
    /// 不学习，用保存的模型
    #[arg(long, value_name = "文件", conflicts_with = "train", requires = "eval")]
    model: Option<PathBuf>,
}

/// What was counted.
#[derive(Default)]
struct Figures {
    tally: Tally,
    /// Guesses that are sure enough to be shown, and how many of them were right.
    sure: u64,
    sure_right: u64,
    training: Vec<Duration>,
    guessing: Duration,
    bytes: usize,
}

/// Runs it.
///
/// # Errors
/// What the user should read.
pub fn run(args: &ClassifyArgs) -> Result<ExitCode, Box<dyn Error>> {
    if args.train.is_some() && args.eval.is_none() && args.folds.is_none() && args.save.is_none() {
        return Err("没有说明要做什么：用 --eval 或 --folds 衡量，或用 --save 保存模型".into());
    }
    let mut out = io::stdout().lock();
    let known = args.train.as_deref().map(messages).transpose()?.unwrap_or_default();
    let samples: Vec<Sample<'_>> = known.iter().map(sample).collect();
    if let Some(parts) = args.folds {
        let figures = in_folds(&samples, usize::from(parts), &mut out)?;
        unless_gone(write(&mut out, &format!("{parts}份合计"), &figures))?;
    }
    if args.eval.is_none() && args.save.is_none() {
        return Ok(ExitCode::SUCCESS);
    }
    let mut figures = Figures::default();
    let model = match &args.model {
        Some(path) => {
            let bytes = fs::read(path).map_err(|e| format!("读不了 {}：{e}", path.display()))?;
            figures.bytes = bytes.len();
            Model::from_bytes(&bytes).map_err(|e| format!("{}：{e}", path.display()))?
        }
        None => learn(&samples, &mut figures)?,
    };
    if let Some(path) = &args.save {
        fs::write(path, model.to_bytes()).map_err(|e| format!("写不了 {}：{e}", path.display()))?;
        unless_gone(writeln!(out, "模型已保存：{}，{} 字节", path.display(), figures.bytes))?;
    }
    if let Some(path) = &args.eval {
        let others = messages(path)?;
        count(&model, &others.iter().map(sample).collect::<Vec<_>>(), &mut figures);
        unless_gone(write(&mut out, &path.display().to_string(), &figures))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn messages(path: &Path) -> Result<Vec<[String; 3]>, String> {
    let rows = read(path, [LABEL, TITLE, DETAIL])?;
    let rows: Vec<[String; 3]> = rows.into_iter().map(|row| row.map(|c| c.text())).collect();
    match rows.iter().position(|[label, ..]| label.trim().is_empty()) {
        Some(at) => Err(format!("{}：第{}件留言没有类别", path.display(), at + 1)),
        None => Ok(rows),
    }
}

fn sample([label, title, detail]: &[String; 3]) -> Sample<'_> {
    Sample { title, detail, label: label.trim() }
}

fn in_folds(samples: &[Sample<'_>], parts: usize, out: &mut impl Write) -> Result<Figures, Box<dyn Error>> {
    let labels: Vec<&str> = samples.iter().map(|s| s.label).collect();
    let fold_of = folds(&labels, parts, SEED);
    let mut all = Figures::default();
    for part in 0..parts {
        let of = |held: bool| -> Vec<Sample<'_>> {
            samples.iter().zip(&fold_of).filter(|(_, p)| (**p == part) == held).map(|(s, _)| *s).collect()
        };
        let mut figures = Figures::default();
        let model = learn(&of(false), &mut figures)?;
        count(&model, &of(true), &mut figures);
        unless_gone(writeln!(
            out,
            "第{}份：宏平均F1 {:.4}，准确率 {:.4}，学习 {:.1} 秒",
            part + 1,
            figures.tally.macro_f1(),
            figures.tally.accuracy(),
            figures.training[0].as_secs_f64()
        ))?;
        all.add(figures);
    }
    Ok(all)
}

fn learn(samples: &[Sample<'_>], figures: &mut Figures) -> Result<Model, Box<dyn Error>> {
    let begun = Instant::now();
    let model = train(samples)?;
    figures.training.push(begun.elapsed());
    figures.bytes = model.to_bytes().len();
    Ok(model)
}

fn count(model: &Model, samples: &[Sample<'_>], figures: &mut Figures) {
    let begun = Instant::now();
    let guesses: Vec<_> = samples.iter().map(|s| model.guess(s.title, s.detail)).collect();
    figures.guessing += begun.elapsed();
    for (sample, guess) in samples.iter().zip(guesses) {
        figures.tally.count(sample.label, guess.label);
        figures.sure += u64::from(guess.is_sure());
        figures.sure_right += u64::from(guess.is_sure() && guess.label == sample.label);
    }
}

impl Figures {
    fn add(&mut self, other: Figures) {
        self.tally.add(&other.tally);
        self.sure += other.sure;
        self.sure_right += other.sure_right;
        self.training.extend(other.training);
        self.guessing += other.guessing;
        self.bytes = self.bytes.max(other.bytes);
    }
}

fn write(out: &mut impl Write, of: &str, figures: &Figures) -> io::Result<()> {
    let Figures { tally, sure, sure_right, training, guessing, bytes } = figures;
    let messages = tally.messages();
    let share = |part: u64, of: u64| if of == 0 { 0.0 } else { part as f64 / of as f64 };
    writeln!(out, "{of}：{messages} 件留言")?;
    writeln!(out, "宏平均F1 {:.4}，准确率 {:.4}", tally.macro_f1(), tally.accuracy())?;
    writeln!(
        out,
        "把握不低于 {SURE} 才提出：提出 {:.1}%，其中 {:.1}% 正确",
        100.0 * share(*sure, messages),
        100.0 * share(*sure_right, *sure)
    )?;
    let micros = guessing.as_secs_f64() * 1e6 / messages.max(1) as f64;
    let slowest = training.iter().max().map(|t| format!("，学习 {:.1} 秒", t.as_secs_f64()));
    writeln!(out, "每件 {micros:.0} 微秒{}，模型 {bytes} 字节", slowest.unwrap_or_default())?;
    let scores = tally.scores();
    writeln!(out, "\n{}    件数   精确率  召回率      F1", padded("类别", 18))?;
    for s in &scores {
        let (p, r, f1) = (s.precision, s.recall, s.f1);
        writeln!(out, "{} {:>7}   {p:.4}  {r:.4}  {f1:.4}", padded(&s.label, 18), s.messages)?;
    }
    writeln!(out, "\n混淆：每行是真实类别，各列依次是判为上表第几类")?;
    writeln!(out, "{}{}", padded("", 18), (1..=scores.len()).map(|n| format!("{n:>6}")).collect::<String>())?;
    for truth in &scores {
        let row: String = scores.iter().map(|guess| format!("{:>6}", tally.pair(&truth.label, &guess.label))).collect();
        writeln!(out, "{}{row}", padded(&truth.label, 18))?;
    }
    Ok(())
}
