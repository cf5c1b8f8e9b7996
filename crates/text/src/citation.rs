//! Numbers and titles of documents as a text cites them, and what is wrong with how they are written: GB/T 9704-2012, 7.2.5 (发文字号:
//! 〔year in four digits〕, the number without 第 and without leading noughts, 号) and GB/T 15834-2011 (《 and 》 in pairs).

use std::ops::Range;

use crate::is_han;

/// Brackets that are typed around the year, and those that belong there. The small ones of some fonts are taken for the right ones.
const OPEN: &str = "〔﹝[［(（【";
const CLOSE: &str = "〕﹞]］)）】";
const RIGHT: usize = 2;
/// Behind these an office's abbreviation ends, before a year that stands in no brackets: 国办发2016〔5〕号 is none.
const ENDINGS: &str = "发函字规通办令";
/// The first year from which documents are cited.
const FIRST: u32 = 1949;

/// What is wrong with a number, in the order in which it is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wrong {
    /// The year stands in other brackets than 〔〕, or in none.
    Brackets,
    /// The year has two digits, or is one of the future or before 1949.
    Year,
    /// 第 before the number, or noughts.
    Number,
    /// 号 is missing.
    Sign,
}

/// Numbers of documents that are not written as they should be, in bytes, each with what is wrong. `year`: the present one.
pub fn numbers(text: &str, year: u32) -> Vec<(Range<usize>, Wrong)> {
    let chars: Vec<(usize, char)> = text.char_indices().collect();
    let mut found = Vec::new();
    let mut at = 0;
    while at < chars.len() {
        let read = bracketed(&chars, at, year).or_else(|| bare(&chars, at, year));
        let Some((until, wrong)) = read else {
            at += 1;
            continue;
        };
        if let Some(wrong) = wrong {
            let end = chars.get(until).map_or(text.len(), |(byte, _)| *byte);
            found.push((chars[before(&chars, at)].0..end, wrong));
        }
        at = until;
    }
    found
}

/// `〔2018〕12号` from its bracket on: the place behind it, and what is wrong.
fn bracketed(chars: &[(usize, char)], at: usize, now: u32) -> Option<(usize, Option<Wrong>)> {
    let open = place(OPEN, chars[at].1)?;
    // Before it stands who wrote it; a year behind a blank or a stop is something else.
    if at == 0 || !is_han(chars[at - 1].1) {
        return None;
    }
    let (year, digits, next) = digits(chars, blanks(chars, at + 1));
    let next = blanks(chars, next);
    let close = place(CLOSE, chars.get(next)?.1)?;
    if !matches!(digits, 2 | 4) {
        return None;
    }
    let right = open < RIGHT && close < RIGHT;
    let numbered = numbered(chars, next + 1)?;
    // 停违字〔2017〕第049号: notices, permits and reports of tests are numbered so, and are no documents of that standard.
    if chars[at - 1].1 == '字' && numbered.ordinal {
        return None;
    }
    // A number in round brackets alone may be a year or a count: only the whole of it is a document's.
    if !right && (!numbered.sign || digits == 2) {
        return None;
    }
    let wrong = if !right {
        Some(Wrong::Brackets)
    } else if digits != 4 || !(FIRST..=now).contains(&year) {
        Some(Wrong::Year)
    } else {
        numbered.wrong()
    };
    Some((numbered.until, wrong))
}

/// `国办发2018 12号`: no brackets at all.
fn bare(chars: &[(usize, char)], at: usize, now: u32) -> Option<(usize, Option<Wrong>)> {
    if at < 2 || !ENDINGS.contains(chars[at - 1].1) || !is_han(chars[at - 2].1) {
        return None;
    }
    let (year, digits, next) = digits(chars, at);
    if digits != 4 || !(FIRST..=now).contains(&year) {
        return None;
    }
    let gap = next;
    let next = blanks(chars, next);
    let next = if chars.get(next).is_some_and(|(_, c)| "-－—".contains(*c)) { next + 1 } else { next };
    let numbered = numbered(chars, next).filter(|n| n.sign && (next > gap || n.ordinal))?;
    Some((numbered.until, Some(Wrong::Brackets)))
}

/// What stands behind the year.
struct Numbered {
    /// With 第.
    ordinal: bool,
    nought: bool,
    sign: bool,
    until: usize,
}

impl Numbered {
    fn wrong(&self) -> Option<Wrong> {
        if self.ordinal || self.nought {
            return Some(Wrong::Number);
        }
        (!self.sign).then_some(Wrong::Sign)
    }
}

fn numbered(chars: &[(usize, char)], at: usize) -> Option<Numbered> {
    let at = blanks(chars, at);
    let ordinal = chars.get(at)?.1 == '第';
    let at = if ordinal { blanks(chars, at + 1) } else { at };
    let nought = place("0０", chars.get(at)?.1).is_some();
    let (_, count, next) = digits(chars, at);
    if !(1..=5).contains(&count) {
        return None;
    }
    let behind = blanks(chars, next);
    let sign = chars.get(behind).is_some_and(|(_, c)| *c == '号');
    // 〔2018〕第30期, 〔2018〕3至5: another series, or more of them.
    let other = |c: char| is_han(c) && c != '文' || "-－—~～.．/、".contains(c);
    if !sign && chars.get(behind).is_some_and(|(_, c)| other(*c)) {
        return None;
    }
    let until = if sign { behind + 1 } else { next };
    Some(Numbered { ordinal, nought, sign, until })
}

/// The digits from here on: their value, how many, and the place behind them.
fn digits(chars: &[(usize, char)], at: usize) -> (u32, usize, usize) {
    let digit = |c: char| match c {
        '０'..='９' => Some(c as u32 - '０' as u32),
        _ => c.to_digit(10),
    };
    let all = chars[at.min(chars.len())..].iter().map_while(|(_, c)| digit(*c));
    let (value, count) = all.fold((0_u32, 0), |(value, n), d| (value.saturating_mul(10).saturating_add(d), n + 1));
    (value, count, at + count)
}

fn blanks(chars: &[(usize, char)], at: usize) -> usize {
    let blank = |(_, c): &&(usize, char)| matches!(c, ' ' | '\u{a0}' | '\u{3000}');
    at + chars[at.min(chars.len())..].iter().take_while(blank).count()
}

fn place(of: &str, c: char) -> Option<usize> {
    of.chars().position(|one| one == c)
}

/// Where the office's abbreviation begins that stands before a year.
fn before(chars: &[(usize, char)], at: usize) -> usize {
    let office = |(_, c): &&(usize, char)| is_han(*c) && !"和及与按据照的依了为以到".contains(*c);
    at - chars[..at].iter().rev().take_while(office).take(8).count()
}

/// Each 《 that is never closed and each 》 that was never opened, in bytes. Titles within titles are in pairs too.
pub fn unpaired(text: &str) -> Vec<Range<usize>> {
    let (mut open, mut alone) = (Vec::new(), Vec::new());
    for (at, c) in text.char_indices() {
        match c {
            '《' => open.push(at),
            '》' if open.pop().is_none() => alone.push(at),
            _ => {}
        }
    }
    alone.extend(open);
    alone.sort_unstable();
    alone.into_iter().map(|at| at..at + '《'.len_utf8()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrong(text: &str) -> Vec<(&str, Wrong)> {
        numbers(text, 2026).into_iter().map(|(at, wrong)| (&text[at], wrong)).collect()
    }

    #[test]
    fn a_number_as_it_should_be_is_not_spoken_of() {
        for right in [
            "依据赣府发〔2024〕3号文件办理",
            "赣府发﹝2024﹞3号",
            "赣府发〔 2024 〕 13 号",
            "国办发〔1949〕1号",
            "国办发〔2026〕1号",
            "民法典（2020）第1条",
            "合同总价（2018）万元",
            "二期（2018）于3月开工",
            "（2018）湘01民终123号判决",
            "见注[12]和图（3）",
            "涉新舆情〔2016〕第30期",
            "路政停违字〔2017〕第049号、检字【2018】第119号",
            "赣府发〔2024〕3至5号",
            "赣府发〔2024〕3、5号",
            "电话（0793）8234567",
            "我局发2018年12号楼的通知",
            "2018年3月12日",
            "字2018",
        ] {
            assert_eq!(wrong(right), [], "{right}");
        }
    }

    #[test]
    fn what_is_wrong_is_named_with_the_office() {
        for (text, number, what) in [
            ("根据赣府发[2024]3号", "赣府发[2024]3号", Wrong::Brackets),
            ("根据赣府发（2024）3号文件", "赣府发（2024）3号", Wrong::Brackets),
            ("根据赣府发【2024】3号", "赣府发【2024】3号", Wrong::Brackets),
            ("根据赣府发〔2024]3号", "赣府发〔2024]3号", Wrong::Brackets),
            ("根据赣府发2024 3号", "赣府发2024 3号", Wrong::Brackets),
            ("根据赣府发2024第3号", "赣府发2024第3号", Wrong::Brackets),
            ("赣府发〔2027〕3号", "赣府发〔2027〕3号", Wrong::Year),
            ("赣府发〔1948〕3号", "赣府发〔1948〕3号", Wrong::Year),
            ("赣府发〔24〕3号", "赣府发〔24〕3号", Wrong::Year),
            ("赣府发〔2024〕第3号", "赣府发〔2024〕第3号", Wrong::Number),
            ("赣府发〔2024〕03号", "赣府发〔2024〕03号", Wrong::Number),
            ("（赣府发〔2024〕3）", "赣府发〔2024〕3", Wrong::Sign),
            ("赣府发〔２０２４〕３", "赣府发〔２０２４〕３", Wrong::Sign),
        ] {
            assert_eq!(wrong(text), [(number, what)], "{text}");
        }
        let two = "赣府发(2024)3号、饶府办字〔2025〕11号、饶城管字[2025]7号";
        let numbers: Vec<&str> = wrong(two).into_iter().map(|(number, _)| number).collect();
        assert_eq!(numbers, ["赣府发(2024)3号", "饶城管字[2025]7号"]);
    }

    #[test]
    fn marks_of_titles_are_in_pairs() {
        let alone = |text: &str| unpaired(text).into_iter().map(|at| at.start).collect::<Vec<_>>();
        assert_eq!(alone("《城市绿化条例》第九条、《关于印发《办法》的通知》"), [0; 0]);
        assert_eq!(alone("依据《城市绿化条例第九条"), [6]);
        assert_eq!(alone("依据城市绿化条例》第九条"), [24]);
        assert_eq!(alone("《甲》和《乙"), [12]);
        assert_eq!(alone(""), [0; 0]);
    }

    /// Nothing that somebody types takes it out of its depth.
    #[test]
    fn any_text_is_read_to_its_end() {
        for text in
            ["〔", "发〔", "发〔2024", "发〔2024〕", "发〔2024〕第", "发〔99999999999999999999〕9", "字2024", "字2024-"]
        {
            assert_eq!(wrong(text), [], "{text}");
        }
    }
}
