//! `jiesu rehearse`: scenario files played in memory and told as stories.

use std::{
    error::Error,
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::Args;
use jiesu_domain::{
    Rulebook,
    calendar::Day,
    rehearse::{self, Report, Scenario},
    rulebook::line_of,
};

use super::terminal::{padded, unless_gone, width};
use crate::law::{Law, read_text};

#[derive(Debug, Args)]
#[command(after_help = "\
例：
  jiesu rehearse conformance/
  jiesu rehearse --rulebook 修改稿.toml conformance/shangrao

每一步一行：时间、谁、做什么，✓ 符合、✗ 不符；不符的写明应为什么、实为什么。
最后一行为合计：N passed, N failed。退出码：0 全部符合；1 有不符合或读不懂的；2 参数或办法文件有误。")]
pub struct RehearseArgs {
    /// 场景文件，或存放场景的目录（连同子目录中的全部 .toml）
    #[arg(value_name = "文件或目录", required = true)]
    paths: Vec<PathBuf>,
    /// 改用这个办法文件来演练（修改办法之前先试）；只换编号相同的办法
    #[arg(long, value_name = "文件")]
    rulebook: Option<PathBuf>,
    /// 只显示不符合的场景与合计
    #[arg(long, short)]
    quiet: bool,
}

/// What came of a file: a story, or why there is none.
enum Outcome<'a> {
    Played { scenario: Box<Scenario>, book: &'a Rulebook, report: Report },
    Unreadable(String),
}

impl Outcome<'_> {
    fn holds(&self) -> bool {
        matches!(self, Outcome::Played { report, .. } if report.holds())
    }
}

pub fn run(args: &RehearseArgs, data: &Path) -> Result<ExitCode, Box<dyn Error>> {
    let law = Law::load(Some(data))?;
    let planned = args.rulebook.as_deref().map(read_rulebook).transpose()?;
    let mut out = Vec::new();
    let (mut passed, mut failed, mut replaced) = (0, Vec::new(), 0);
    for (name, found) in scenario_files(&args.paths) {
        let outcome = match found {
            Ok(path) => play(&path, &law, planned.as_ref()),
            Err(reason) => Outcome::Unreadable(reason),
        };
        if let (Outcome::Played { scenario, .. }, Some(planned)) = (&outcome, &planned) {
            replaced += usize::from(scenario.rulebook == planned.rulebook.id);
        }
        if !args.quiet || !outcome.holds() {
            tell(&mut out, &name, &outcome)?;
            // Story by story, so that a long rehearsal is seen to move.
            unless_gone(io::stdout().lock().write_all(&out))?;
            out.clear();
        }
        if outcome.holds() { passed += 1 } else { failed.push(name) }
    }
    if let Some(planned) = planned.filter(|_| replaced == 0) {
        eprintln!("提示：没有场景使用办法“{}”，--rulebook 未起作用", planned.rulebook.id);
    }
    sum_up(&mut out, passed, &failed)?;
    unless_gone(io::stdout().lock().write_all(&out))?;
    Ok(ExitCode::from(u8::from(!failed.is_empty() || passed == 0)))
}

fn read_rulebook(path: &Path) -> Result<Rulebook, Box<dyn Error>> {
    let text = read_text(path)?;
    Ok(Rulebook::parse(&path.display().to_string(), &text)?)
}

/// Every scenario file under the paths in order, with its name; a path that cannot be read stands in the list as such.
fn scenario_files(paths: &[PathBuf]) -> Vec<(String, Result<PathBuf, String>)> {
    let mut files = Vec::new();
    for path in paths {
        if path.is_dir() {
            let before = files.len();
            walk(path, &mut files);
            if files.len() == before {
                let name = path.display().to_string();
                files.push((name.clone(), Err(format!("{name}：目录中没有场景文件（.toml）"))));
            }
        } else {
            files.push((path.display().to_string(), Ok(path.clone())));
        }
    }
    files
}

fn walk(dir: &Path, files: &mut Vec<(String, Result<PathBuf, String>)>) {
    let entries = match fs::read_dir(dir) {
        Ok(entries) => entries,
        Err(e) => {
            let name = dir.display().to_string();
            return files.push((name.clone(), Err(format!("{name}：目录读不了（{e}）"))));
        }
    };
    let mut paths: Vec<PathBuf> = entries.filter_map(|e| e.ok().map(|e| e.path())).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            walk(&path, files);
        } else if path.extension().is_some_and(|e| e == "toml") {
            files.push((path.display().to_string(), Ok(path)));
        }
    }
}

fn play<'a>(path: &Path, law: &'a Law, planned: Option<&'a Rulebook>) -> Outcome<'a> {
    match try_play(path, law, planned) {
        Ok(outcome) => outcome,
        Err(reason) => Outcome::Unreadable(reason),
    }
}

fn try_play<'a>(path: &Path, law: &'a Law, planned: Option<&'a Rulebook>) -> Result<Outcome<'a>, String> {
    let file = path.display().to_string();
    let text = read_text(path)?;
    let scenario = rehearse::parse(&file, &text).map_err(|e| e.to_string())?;
    let at = |key: &str, message: String| {
        let line = line_of(&text, &[key.to_owned()]);
        format!("{file} 第{line}行：{message}")
    };
    let Some(first) = scenario.step.first() else {
        return Err(at("step", "场景没有任何一步（[[step]]）".into()));
    };
    let book = match planned.filter(|b| b.rulebook.id == scenario.rulebook) {
        Some(planned) => planned,
        None => law
            .in_force(&scenario.rulebook, Day::of(first.at.0).date())
            .ok_or_else(|| at("rulebook", law.unknown(&scenario.rulebook)))?,
    };
    let report = if scenario.without_notices.is_empty() {
        rehearse::run(&scenario, book, law.calendar())
    } else {
        let calendar =
            law.calendar_without(&scenario.without_notices).map_err(|e| at("without_notices", e.to_string()))?;
        rehearse::run(&scenario, book, &calendar)
    };
    Ok(Outcome::Played { scenario: Box::new(scenario), book, report })
}

fn tell(out: &mut impl Write, name: &str, outcome: &Outcome<'_>) -> io::Result<()> {
    let (scenario, book, report) = match outcome {
        Outcome::Unreadable(reason) => return writeln!(out, "✗ {reason}\n"),
        Outcome::Played { scenario, book, report } => (scenario, book, report),
    };
    let mark = if report.holds() { "✓" } else { "✗" };
    let head = &book.rulebook;
    writeln!(out, "{mark} {}", report.title)?;
    writeln!(out, "  {name} · {} · {} 第{}版", scenario.covers.join("、"), head.id, head.version)?;
    let column = report.steps.iter().map(|s| width(s.line.trim_end())).max().unwrap_or_default().min(64);
    for step in &report.steps {
        let mark = if step.differs.is_empty() { "✓" } else { "✗" };
        writeln!(out, "  {}  {mark} {}", padded(step.line.trim_end(), column), step.outcome)?;
        for differs in &step.differs {
            writeln!(out, "      ✗ {differs}")?;
        }
    }
    writeln!(out)
}

fn sum_up(out: &mut impl Write, passed: usize, failed: &[String]) -> io::Result<()> {
    if !failed.is_empty() {
        writeln!(out, "不符合的场景：")?;
        failed.iter().try_for_each(|name| writeln!(out, "  {name}"))?;
    }
    writeln!(out, "{passed} passed, {} failed", failed.len())
}
