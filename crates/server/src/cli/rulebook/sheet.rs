//! Where the sheet of a rulebook is put.

use std::{
    error::Error,
    fs,
    io::Write,
    path::{Path, PathBuf},
};

use jiesu_domain::{Calendar, Rulebook};

use crate::{
    law::{FileKind, read_text},
    sheet::{Sheet, docx, html},
};

/// Writes the sheet; false, with what is wrong, if the rulebook is not sound.
pub(super) fn write(
    out: &mut impl Write,
    cal: &Calendar,
    path: &Path,
    to: Option<&Path>,
) -> Result<bool, Box<dyn Error>> {
    if FileKind::of(path) != FileKind::Rulebook {
        return Err(format!("{}：不是办法文件，不能生成核对表", path.display()).into());
    }
    let text = read_text(path)?;
    let book = match Rulebook::parse(&path.display().to_string(), &text) {
        Ok(book) => book,
        Err(errors) => {
            writeln!(out, "✗ {}：{}处有误，没有生成核对表", path.display(), errors.0.len())?;
            errors.0.iter().try_for_each(|e| writeln!(out, "  {e}"))?;
            return Ok(false);
        }
    };
    let sheet = Sheet::of(&book, &text, cal)?;
    let head = &book.rulebook;
    for target in targets(to, &format!("{}-第{}版-核对表", head.id, head.version))? {
        let bytes = if has_suffix(&target, "html") { html(&sheet)?.into_bytes() } else { docx(&sheet)? };
        fs::write(&target, bytes).map_err(|e| format!("{}：写入失败（{e}）", target.display()))?;
        writeln!(out, "已生成 {}", target.display())?;
    }
    let (rules, left, limits) = (sheet.rules.len(), sheet.not_encoded.len(), sheet.boundaries.len());
    writeln!(out, "{rules}条规则，{left}处未编入的条文，{limits}个边界算例")?;
    Ok(true)
}

/// The files to write. A folder that is not there is a mistyped one, and is not made.
fn targets(to: Option<&Path>, name: &str) -> Result<Vec<PathBuf>, String> {
    let folder = match to {
        Some(file) if has_suffix(file, "html") || has_suffix(file, "docx") => return Ok(vec![file.to_owned()]),
        Some(folder) if folder.is_dir() => folder,
        Some(other) => return Err(format!("{}：没有这个目录；文件名须以 .html 或 .docx 结尾", other.display())),
        None => Path::new(""),
    };
    Ok(["html", "docx"].map(|suffix| folder.join(format!("{name}.{suffix}"))).to_vec())
}

fn has_suffix(path: &Path, suffix: &str) -> bool {
    path.extension().is_some_and(|e| e.eq_ignore_ascii_case(suffix))
}
