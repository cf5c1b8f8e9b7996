//! Text as it should be stored: what other systems leave around it is removed, what was written stays.

/// Characters that are no text: controls but the line feed and the tab, and marks of no width. The joiners of scripts and emoji stay.
fn is_noise(c: char) -> bool {
    (c.is_control() && c != '\n' && c != '\t') || matches!(c, '\u{200b}' | '\u{2060}' | '\u{feff}')
}

/// One line: every run of blanks, tabs and line breaks is one space.
pub fn line(raw: &str) -> String {
    let mut out = String::with_capacity(raw.len());
    for word in raw.split(char::is_whitespace).filter(|w| !w.is_empty()) {
        let before = out.len();
        out.extend(word.chars().filter(|c| !is_noise(*c)));
        if before > 0 && out.len() > before {
            out.insert(before, ' ');
        }
    }
    out
}

/// Several lines: each without the blanks around it, at most one empty line in a row, none at the ends. Inner breaks stay.
pub fn text(raw: &str) -> String {
    let unified = raw.replace("\r\n", "\n").replace(['\r', '\u{2028}', '\u{2029}', '\u{b}', '\u{c}', '\u{85}'], "\n");
    let mut out = String::with_capacity(unified.len());
    let mut empty = 0;
    for line in unified.split('\n') {
        let line: String = line.chars().filter(|c| !is_noise(*c)).collect();
        let line = line.trim();
        if line.is_empty() {
            empty += 1;
            continue;
        }
        if !out.is_empty() {
            out.push_str(if empty > 0 { "\n\n" } else { "\n" });
        }
        empty = 0;
        out.push_str(line);
    }
    out
}

/// The first `most` characters, the last of them an ellipsis if there was more.
pub fn cut(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    text.chars().take(most - 1).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lies_around_a_text_goes_and_its_lines_stay() {
        assert_eq!(
            text("\n\t\t\t\n\t\t\t路灯不亮。\r\n\t已有三天。\n\t\t\n\t\t\n请修。\n\t\t"),
            "路灯不亮。\n已有三天。\n\n请修。"
        );
        assert_eq!(text("\u{3000}\u{3000}尊敬的\u{a0}领导：\u{a0}"), "尊敬的\u{a0}领导：");
        assert_eq!(text("路\0灯\u{7}不\u{200b}亮\u{feff}"), "路灯不亮");
        assert_eq!(text("路灯\t不亮"), "路灯\t不亮");
        assert_eq!(text(" \n\t\0"), "");
    }

    #[test]
    fn a_line_is_one_line() {
        assert_eq!(line(" 路灯\n\t不亮 \u{200b} \0"), "路灯 不亮");
        assert_eq!(line("\u{200b} 路灯"), "路灯");
        assert_eq!(line("\t"), "");
    }

    #[test]
    fn a_cut_shows() {
        assert_eq!(cut("一二三", 3), "一二三");
        assert_eq!(cut("一二三四", 3), "一二…");
    }
}
