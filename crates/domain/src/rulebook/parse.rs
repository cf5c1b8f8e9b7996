//! From TOML text to a checked [`Rulebook`], with errors in Chinese that name file, line and what is wrong.

use std::fmt;

use serde::de::DeserializeOwned;
use toml::{Spanned, de::DeTable, de::DeValue};

use super::{Rulebook, check, wording::in_chinese};

/// One thing wrong in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RulebookError {
    pub file: String,
    /// From 1.
    pub line: usize,
    pub message: String,
}

impl fmt::Display for RulebookError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} 第{}行：{}", self.file, self.line, self.message)
    }
}

impl std::error::Error for RulebookError {}

/// Everything wrong in a file, in the order of its lines.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct RulebookErrors(pub Vec<RulebookError>);

impl fmt::Display for RulebookErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, e) in self.0.iter().enumerate() {
            write!(f, "{}{e}", if i == 0 { "" } else { "\n" })?;
        }
        Ok(())
    }
}

impl Rulebook {
    /// Reads and checks a rulebook. `file` is only named in errors.
    ///
    /// # Errors
    /// Everything that is wrong: unknown keys, unreadable values, rules without a source, two rules on one question, and so on.
    pub fn parse(file: &str, text: &str) -> Result<Rulebook, RulebookErrors> {
        let book: Rulebook = parse_toml(file, text).map_err(|e| RulebookErrors(vec![e]))?;
        let found = check::faults(&book);
        if found.is_empty() {
            return Ok(book);
        }
        let mut errors: Vec<RulebookError> = found
            .into_iter()
            .map(|f| RulebookError { file: file.to_owned(), line: line_of(text, &f.path), message: f.message })
            .collect();
        errors.sort_by_key(|e| e.line);
        Err(RulebookErrors(errors))
    }
}

/// Reads any of our TOML files into its type; the error names the line and says in Chinese what is wrong.
///
/// # Errors
/// The text is not TOML, or does not fit the type.
pub fn parse_toml<T: DeserializeOwned>(file: &str, text: &str) -> Result<T, RulebookError> {
    toml::from_str(text).map_err(|e| RulebookError {
        file: file.to_owned(),
        line: e.span().map_or(1, |s| line_at(text, s.start)),
        message: in_chinese(e.message()),
    })
}

fn line_at(text: &str, offset: usize) -> usize {
    text.as_bytes()[..offset.min(text.len())].iter().filter(|b| **b == b'\n').count() + 1
}

/// The line on which the value at `path` stands: table names, keys and indices of arrays of tables, e.g. `["limit", "3", "over"]`.
/// As far as the path can be followed.
pub fn line_of(text: &str, path: &[String]) -> usize {
    let Ok(root) = DeTable::parse(text) else { return 1 };
    let mut span = 0..0;
    let mut table = Some(root.get_ref());
    let mut array: Option<&[Spanned<DeValue<'_>>]> = None;
    for part in path {
        let value = match (table, array) {
            (Some(t), _) => t.iter().find(|(k, _)| k.get_ref() == part).map(|(k, v)| (k.span(), v)),
            (None, Some(items)) => part.parse().ok().and_then(|i: usize| items.get(i)).map(|v| (v.span(), v)),
            (None, None) => None,
        };
        let Some((at, value)) = value else { break };
        // The key of a table stands where the table begins; an array's key would point at its first item.
        span = if matches!(value.get_ref(), DeValue::Table(_)) { value.span() } else { at };
        table = None;
        array = None;
        match value.get_ref() {
            DeValue::Table(t) => table = Some(t),
            DeValue::Array(a) => array = Some(a),
            _ => {}
        }
    }
    line_at(text, span.start)
}
