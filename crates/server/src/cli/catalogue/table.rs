//! The workbook: out, in, and looked at.

use std::{
    error::Error,
    fs::File,
    io::{self, ErrorKind, Write},
    path::{Path, PathBuf},
};

use clap::Args;
use jiesu_domain::{Catalogue, catalogue::Head, ticket::Units};
use jiff::civil::Date;

use super::{check::told, compare, day};
use crate::{
    catalogue::{Against, read, save, workbook},
    law::Law,
};

#[derive(Debug, Args)]
pub(super) struct ImportArgs {
    #[arg(value_name = "文件.xlsx", help = "要导入的表格")]
    file: PathBuf,
    /// 是哪部办法的目录：办法编号，如 shangrao
    #[arg(long, value_name = "办法")]
    rulebook: String,
    /// 自哪一天起施行，如 2026-07-01；不能早于上一版
    #[arg(long, value_name = "日期", value_parser = day)]
    in_force: Date,
    /// 说明，如批准文号
    #[arg(long, value_name = "文字")]
    note: Option<String>,
}

#[derive(Debug, Args)]
pub(super) struct CheckArgs {
    #[arg(value_name = "文件", help = "目录文件（.toml）或表格（.xlsx）")]
    pub(super) file: PathBuf,
    /// 检查表格时：是哪部办法的目录，如 shangrao
    #[arg(long, value_name = "办法")]
    pub(super) rulebook: Option<String>,
}

pub(super) fn is_workbook(path: &Path) -> bool {
    path.extension().is_some_and(|e| e.eq_ignore_ascii_case("xlsx"))
}

/// Writes one version as a workbook; a table somebody has begun to change is never overwritten.
pub(super) fn export(
    out: &mut impl Write,
    law: &Law,
    catalogue: &Catalogue,
    path: &Path,
) -> Result<(), Box<dyn Error>> {
    if !is_workbook(path) {
        return Err(format!("{}：文件名须以 .xlsx 结尾", path.display()).into());
    }
    let head = &catalogue.catalogue;
    let bytes = workbook(catalogue, law.units(&head.rulebook))?;
    File::create_new(path).and_then(|mut file| file.write_all(&bytes)).map_err(|e| match e.kind() {
        ErrorKind::AlreadyExists => format!("{} 已存在，没有覆盖；请换一个文件名", path.display()),
        _ => format!("写不进 {}（{e}）", path.display()),
    })?;
    let (entries, path) = (catalogue.entry.len(), path.display());
    writeln!(out, "派单目录 {} 第{}版，{entries}个事项，已写入 {path}", head.rulebook, head.version)?;
    Ok(())
}

/// Reads a workbook and holds it against the units and the rulebook. What is wrong is told; then there is nothing.
fn checked(out: &mut impl Write, law: &Law, path: &Path, head: Head) -> Result<Option<Catalogue>, Box<dyn Error>> {
    let (units, book) = (units(law, &head.rulebook)?, law.versions(&head.rulebook).last());
    match read(path, head, &Against { units, book }) {
        Ok(catalogue) => Ok(Some(catalogue)),
        Err(wrong) => {
            writeln!(out, "✗ {}：{}处有误，没有写入任何内容", path.display(), wrong.len())?;
            wrong.iter().try_for_each(|w| writeln!(out, "  {w}"))?;
            Ok(None)
        }
    }
}

fn units<'l>(law: &'l Law, rulebook: &str) -> Result<&'l Units, String> {
    if law.versions(rulebook).is_empty() {
        return Err(law.unknown(rulebook));
    }
    let units = law.units(rulebook);
    if units.is_empty() {
        return Err(format!("没有单位名录 {rulebook}-units.toml，无法核对主办、协办单位"));
    }
    Ok(units)
}

/// What a workbook would be as the next version.
pub(super) fn check(out: &mut impl Write, law: &Law, path: &Path, rulebook: &str) -> Result<bool, Box<dyn Error>> {
    let in_force = law.catalogue(rulebook).map_or(Date::constant(2000, 1, 1), |c| c.catalogue.in_force);
    let head = next(law, rulebook, in_force, None);
    let Some(catalogue) = checked(out, law, path, head)? else { return Ok(false) };
    writeln!(out, "✓ {}：{}", path.display(), told(&catalogue, law.units(rulebook), "单位名录"))?;
    against_latest(out, law, &catalogue)?;
    Ok(true)
}

/// Writes a workbook as the next version; true unless something is wrong in it.
pub(super) fn import(out: &mut impl Write, law: &Law, data: &Path, args: &ImportArgs) -> Result<bool, Box<dyn Error>> {
    let latest = law.catalogue(&args.rulebook);
    if let Some(before) = latest.map(|c| &c.catalogue).filter(|c| c.in_force > args.in_force) {
        let (version, day) = (before.version, before.in_force);
        return Err(format!("第{version}版自{day}起施行，新的一版不能早于它").into());
    }
    let head = next(law, &args.rulebook, args.in_force, args.note.clone());
    let Some(catalogue) = checked(out, law, &args.file, head)? else { return Ok(false) };
    // A default that a centre adopts as it is becomes its own all the same.
    if let Some(same) = latest.filter(|c| !c.catalogue.default && c.entry == catalogue.entry) {
        writeln!(out, "与第{}版相同，没有写入新的一版", same.catalogue.version)?;
        return Ok(true);
    }
    let name = args.file.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    let path = save(data, &catalogue, &format!("由 jiesu catalogue import 自表格“{name}”写成"))?;
    let head = &catalogue.catalogue;
    let (version, day, entries) = (head.version, head.in_force, catalogue.entry.len());
    writeln!(out, "派单目录 {} 第{version}版，{day}起施行，{entries}个事项", head.rulebook)?;
    against_latest(out, law, &catalogue)?;
    writeln!(out, "已写入 {}；正在运行的服务重新启动后生效", path.display())?;
    Ok(true)
}

fn next(law: &Law, rulebook: &str, in_force: Date, note: Option<String>) -> Head {
    let version = law.catalogue(rulebook).map_or(1, |c| c.catalogue.version.saturating_add(1));
    Head {
        rulebook: rulebook.to_owned(),
        version,
        in_force,
        default: false,
        note: note.filter(|n| !n.trim().is_empty()),
    }
}

fn against_latest(out: &mut impl Write, law: &Law, new: &Catalogue) -> io::Result<()> {
    let Some(old) = law.catalogue(&new.catalogue.rulebook) else { return Ok(()) };
    write!(out, "与第{}版相比：", old.catalogue.version)?;
    compare::list(out, &compare::between(law, old, new))
}
