//! A rulebook held against the text of its regulation.

use std::{
    error::Error,
    io::Write,
    path::{Path, PathBuf},
};

use jiesu_domain::{
    Rulebook,
    rulebook::{
        RulebookError, line_of,
        source::{Checked, Shape, Source, check as hold, citations},
    },
};

use super::check::rulebook;
use crate::law::{FileKind, read_text};

/// Tells what is wrong with the file itself and with what it cites, in the order of its lines; true if nothing is.
pub(super) fn check(out: &mut impl Write, files: &[PathBuf], text: &Path) -> Result<bool, Box<dyn Error>> {
    let [path] = files else { return Err("与原文核对（--source）时，只能写一个办法文件".into()) };
    if FileKind::of(path) != FileKind::Rulebook {
        return Err(format!("{}：只有办法文件能与原文核对", path.display()).into());
    }
    let file = path.display().to_string();
    let book_text = read_text(path)?;
    let source = Source::parse(&read_text(text)?);

    let parsed = Rulebook::parse(&file, &book_text);
    let mut errors = parsed.as_ref().err().map(|e| e.0.clone()).unwrap_or_default();
    // What is no TOML at all cites nothing, and has been told already.
    let checked = toml::from_str(&book_text).ok().map(|table| {
        let (cited, listed) = citations(&table);
        hold(&source, &cited, &listed)
    });
    let at = |path: &[String], message: &str| RulebookError {
        file: file.clone(),
        line: line_of(&book_text, path),
        message: message.to_owned(),
    };
    errors.extend(checked.iter().flat_map(Checked::errors).map(|f| at(&f.path, &f.message)));
    errors.sort_by_key(|e| e.line);

    match &parsed {
        Ok(book) if errors.is_empty() => writeln!(out, "✓ {file}：{}", rulebook(book))?,
        _ => writeln!(out, "✗ {file}：{}处有误", errors.len())?,
    }
    errors.iter().try_for_each(|e| writeln!(out, "  {e}"))?;
    let Some(checked) = checked else { return Ok(false) };
    for note in checked.notes() {
        writeln!(out, "  提示：{}", note.message)?;
    }
    let unit = match source.shape {
        Shape::Articles => "条",
        Shape::Parts => "节",
        Shape::Headlines => "个小标题",
    };
    let left = checked.units - checked.cited - checked.listed;
    let left = if left == 0 { String::new() } else { format!("，遗漏{left}") };
    writeln!(
        out,
        "与原文 {} 核对：共{}{unit}，规则引用{}，列为未编入{}{left}",
        text.display(),
        checked.units,
        checked.cited,
        checked.listed,
    )?;
    Ok(errors.is_empty())
}
