//! Text on a terminal: columns that hold Chinese, and readers that go away.

use std::io::{self, ErrorKind};

/// Columns a text takes on a terminal: Chinese characters and full-width signs take two.
pub fn width(text: &str) -> usize {
    text.chars().map(|c| if is_wide(c) { 2 } else { 1 }).sum()
}

fn is_wide(c: char) -> bool {
    matches!(c, '\u{1100}'..='\u{115f}' | '\u{2e80}'..='\u{a4cf}' | '\u{ac00}'..='\u{d7a3}' | '\u{f900}'..='\u{faff}'
        | '\u{fe30}'..='\u{fe4f}' | '\u{ff00}'..='\u{ff60}' | '\u{ffe0}'..='\u{ffe6}' | '\u{20000}'..='\u{3fffd}')
        // Ambiguous in Unicode, but every Chinese font draws them full width.
        || matches!(c, '“' | '”' | '‘' | '’' | '…' | '—')
}

/// The text, filled with spaces up to `columns`.
pub fn padded(text: &str, columns: usize) -> String {
    format!("{text}{}", " ".repeat(columns.saturating_sub(width(text))))
}

/// A reader that has seen enough (`| head`) is no error.
///
/// # Errors
/// Any other failure to write.
pub fn unless_gone(result: io::Result<()>) -> io::Result<()> {
    match result {
        Err(e) if e.kind() == ErrorKind::BrokenPipe => Ok(()),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chinese_takes_two_columns() {
        assert_eq!(width("a派单，1"), 8);
        assert_eq!(padded("派单", 6), "派单  ");
        assert_eq!(padded("派单", 3), "派单");
    }
}
