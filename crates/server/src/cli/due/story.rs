//! A due instant in full: what, why, and day by day.

use std::{
    error::Error,
    io::{self, Write},
};

use jiesu_domain::{Calendar, Rulebook, calendar::Day, clock::Clock, describe, limit, rulebook::Assume};

use super::Answer;
use crate::{cli::terminal::padded, law::Law};

const LABEL: usize = 10;

/// Writes it all.
///
/// # Errors
/// Writing fails, or the counting leaves the calendar.
pub(super) fn tell(out: &mut impl Write, law: &Law, answer: &Answer<'_>) -> Result<(), Box<dyn Error>> {
    let Answer { book, clock } = answer;
    let cal = law.calendar();
    let mut line = |label: &str, text: &str| writeln!(out, "{}{text}", padded(label, LABEL));
    line("到期时刻", &format!("{}（{}）", describe::shanghai(clock.due), describe::due_words(clock.due)))?;
    line("起算时刻", &format!("{}（{}）", describe::shanghai(clock.from), Day::of(clock.from).weekday_zh()))?;
    line("时限", &format!("{} {}", clock.kind, clock.amount))?;
    line("依据", &ground(book, clock))?;
    line("说明", &describe::sentence(cal, book, clock)?)?;
    if clock.provisional {
        line("暂定", "数到的年份尚无放假通知，暂按周一至周五计算；通知公布后重新计算")?;
    }
    counting(out, cal, book, clock)?;
    readings(out, book, clock)?;
    notices(out, cal, clock)?;
    Ok(())
}

fn ground(book: &Rulebook, clock: &Clock) -> String {
    let head = &book.rulebook;
    let article = if clock.basis.article.is_empty() { "条文未规定" } else { clock.basis.article.as_str() };
    let status = head.status.as_ref().map_or_else(String::new, |s| format!("（{s}）"));
    format!("{article}　《{}》{status}，{} 第{}版，规则 {}", head.name, head.id, head.version, clock.basis.rule)
}

fn counting(out: &mut impl Write, cal: &Calendar, book: &Rulebook, clock: &Clock) -> Result<(), Box<dyn Error>> {
    let days = limit::count_days(cal, book.counting(), clock.from, clock.amount, &clock.pauses)?;
    writeln!(out, "\n逐日计算")?;
    if days.is_empty() {
        writeln!(out, "  不按日计算，自起算时刻起连续计 {}", clock.amount)?;
    }
    for line in describe::counting_lines(&days) {
        writeln!(out, "  {line}")?;
    }
    Ok(())
}

fn readings(out: &mut impl Write, book: &Rulebook, clock: &Clock) -> io::Result<()> {
    let found: Vec<&Assume> = clock.basis.readings.iter().filter_map(|id| book.reading(id)).collect();
    if found.is_empty() {
        return writeln!(out, "\n不依据任何理解，全部出自条文");
    }
    writeln!(out, "\n所依据的理解（条文没有写明之处，热线中心可以更改）")?;
    for reading in found {
        let default = if reading.default { "　〔默认值，不是条文〕" } else { "" };
        let like = reading.like.as_ref().map_or_else(String::new, |l| format!("（参照{l}）"));
        writeln!(out, "  {}{default}", reading.id)?;
        writeln!(out, "    问：{}", reading.question)?;
        writeln!(out, "    答：{}{like}", reading.answer)?;
    }
    Ok(())
}

/// The holiday notices of the years that the counting touched.
fn notices(out: &mut impl Write, cal: &Calendar, clock: &Clock) -> io::Result<()> {
    writeln!(out, "\n放假通知（日历 {}）", clock.calendar)?;
    let (first, last) = (Day::of(clock.from).date().year(), Day::of_due(clock.due).date().year());
    for year in first..=last.max(first) {
        match cal.source(year) {
            Some((title, places)) => writeln!(out, "  {year}年　{title}　{}", places.join(" "))?,
            None => writeln!(out, "  {year}年　尚无通知，暂按周一至周五计算")?,
        }
    }
    Ok(())
}
