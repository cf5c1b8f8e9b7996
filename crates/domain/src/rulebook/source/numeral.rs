//! Chinese numerals as regulations number their articles: `一`, `二十七`, `一百零五`.

const DIGITS: &str = "一二三四五六七八九";

/// The number of a Chinese numeral up to 999, or of Arabic digits; `None` if it is neither.
pub(super) fn read(s: &str) -> Option<u32> {
    if !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit()) {
        return s.parse().ok();
    }
    let (mut total, mut digit): (u32, Option<u32>) = (0, None);
    for c in s.chars() {
        match c {
            '百' if total == 0 => total += digit.take()? * 100,
            '十' if total % 100 == 0 => total += digit.take().unwrap_or(1) * 10,
            '零' | '〇' if digit.is_none() => {}
            // Two digits side by side are no numeral.
            c => {
                let n = DIGITS.chars().position(|d| d == c)?;
                if digit.replace(n as u32 + 1).is_some() {
                    return None;
                }
            }
        }
    }
    Some(total + digit.unwrap_or(0)).filter(|n| *n > 0)
}

/// How regulations write a number from 1 to 999; Arabic beyond.
pub(super) fn write(n: u32) -> String {
    let digit = |n: u32| DIGITS.chars().nth(n.saturating_sub(1) as usize).map(String::from).unwrap_or_default();
    let ones = |n: u32| if n == 0 { String::new() } else { digit(n) };
    match n {
        1..=9 => digit(n),
        10..=19 => format!("十{}", ones(n % 10)),
        20..=99 => format!("{}十{}", digit(n / 10), ones(n % 10)),
        100..=999 => {
            let rest = match n % 100 {
                0 => String::new(),
                r @ 1..=9 => format!("零{}", digit(r)),
                r => format!("{}十{}", digit(r / 10), ones(r % 10)),
            };
            format!("{}百{rest}", digit(n / 100))
        }
        _ => n.to_string(),
    }
}

/// Whether a character may stand in a number of an article.
pub(super) fn is_part(c: char) -> bool {
    c.is_ascii_digit() || "零〇十百".contains(c) || DIGITS.contains(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_come_back() {
        for n in 1..=999 {
            assert_eq!(read(&write(n)), Some(n), "{}", write(n));
        }
        assert_eq!([10, 14, 20, 33, 105, 110].map(write), ["十", "十四", "二十", "三十三", "一百零五", "一百一十"]);
        assert_eq!([read("12"), read("十"), read("一百一十")], [Some(12), Some(10), Some(110)]);
        assert_eq!([read(""), read("零"), read("一二"), read("第一"), read("百")], [None; 5]);
    }
}
