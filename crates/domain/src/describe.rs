//! Instants, limits and their grounds in Chinese, for screens, messages and the command line. No rule is here.

use crate::{
    Calendar, Instant, Rulebook,
    calendar::{CalendarError, Day},
    clock::{Clock, ClockKind},
    explain,
    limit::{self, CountedDay, DayRole, Measure},
};

/// `5月11日`.
pub fn date_words(day: Day) -> String {
    let date = day.date();
    format!("{}月{}日", date.month(), date.day())
}

/// A due instant: `5月11日24时`, or `5月11日17时30分` where it is not the end of a day.
pub fn due_words(due: Instant) -> String {
    let day = Day::of_due(due);
    let second = due.as_second() - day.start().as_second();
    let (h, m) = (second / 3600, second % 3600 / 60);
    let minutes = if m == 0 { String::new() } else { format!("{m}分") };
    format!("{}{h}时{minutes}", date_words(day))
}

/// A moment: `2026年5月11日 09:30`.
pub fn instant_words(at: Instant) -> String {
    let day = Day::of(at);
    let second = Day::second_of_day(at);
    format!("{}年{} {:02}:{:02}", day.date().year(), date_words(day), second / 3600, second % 3600 / 60)
}

/// RFC 3339 in Shanghai time, to the second: `2026-10-20T00:00:00+08:00`.
pub fn shanghai(at: Instant) -> String {
    let second = Day::second_of_day(at);
    format!("{}T{:02}:{:02}:{:02}+08:00", Day::of(at).date(), second / 3600, second % 3600 / 60, second % 60)
}

/// What is left, or by how much it is late: `还剩1天6小时`, `已超期3小时`.
pub fn left_words(now: Instant, due: Instant) -> String {
    let seconds = due.as_second() - now.as_second();
    let (word, s) = if seconds > 0 { ("还剩", seconds) } else { ("已超期", -seconds) };
    let (d, h, m) = (s / 86_400, s % 86_400 / 3600, s % 3600 / 60);
    let span = match (d, h) {
        (0, 0) => format!("{m}分钟"),
        (0, h) => format!("{h}小时"),
        (d, 0) => format!("{d}天"),
        (d, h) => format!("{d}天{h}小时"),
    };
    format!("{word}{span}")
}

/// Working days that have ended between two instants: what a citizen reads as "已等待 3 个工作日".
///
/// # Errors
/// An instant lies outside the calendar.
pub fn workdays_waited(cal: &Calendar, from: Instant, now: Instant) -> Result<i64, CalendarError> {
    cal.workdays_between(Day::of(from), Day(Day::of(now).0 - 1).max(Day::of(from)))
}

/// What starts a clock, as a verb.
fn started(kind: ClockKind) -> &'static str {
    match kind {
        ClockKind::Referral => "汇报",
        ClockKind::Dispatch => "受理",
        ClockKind::Sign | ClockKind::Handle | ClockKind::Assist => "派发",
        ClockKind::Return => "签收",
        ClockKind::ReturnReview
        | ClockKind::ExtensionReview
        | ClockKind::ClosureReview
        | ClockKind::Settle
        | ClockKind::Exclusion => "申请",
        ClockKind::Consultation => "提请会商",
        ClockKind::Approval | ClockKind::Opinion => "报请",
        ClockKind::Transfer => "转办",
        ClockKind::ReportIn => "吹哨",
        ClockKind::Supplement => "要求补充",
        ClockKind::Relay => "答复审定",
        ClockKind::Track => "办结",
        ClockKind::Urging => "催办",
        ClockKind::FollowUp => "办结",
        ClockKind::Verify => "评价",
        ClockKind::Rectify => "督办",
        ClockKind::Archive => "办理结束",
        ClockKind::Question => "提问",
        ClockKind::Knowledge => "要求录入",
        ClockKind::Correction => "核实有误",
        ClockKind::PolicyText => "政策发布前一日",
    }
}

/// The whole ground of a due instant as one sentence:
/// `自9月29日派发，次日起算，国庆节放假不计、10月10日补班计入，第10个工作日为10月19日24时；依据第十四条`.
///
/// # Errors
/// The counting leaves the calendar.
pub fn sentence(cal: &Calendar, book: &Rulebook, clock: &Clock) -> Result<String, CalendarError> {
    let counting = book.counting();
    let days = limit::count_days(cal, counting, clock.from, clock.amount, &clock.pauses)?;
    let mut s = format!("自{}{}", date_words(Day::of(clock.from)), started(clock.kind));
    let unextended = match clock.extensions.first() {
        None => clock.due,
        // Not as it stood when it was extended: a pause or a notice may have moved it since.
        Some(_) => limit::due(cal, counting, clock.from, clock.amount, &clock.pauses)?.at,
    };
    if days.is_empty() {
        s.push_str(&format!("起{}，至{}", clock.amount, due_words(unextended)));
    } else {
        s.push_str(if days[0].role == DayRole::Start { "，次日起算" } else { "，当日起算" });
        s.push_str(&exceptions(&days));
        let unit = if clock.amount.measure == Measure::WorkingDays { "个工作日" } else { "日" };
        s.push_str(&format!("，第{}{unit}为{}", clock.amount.n, due_words(unextended)));
    }
    for extension in &clock.extensions {
        let ground = match extension.basis.article.as_str() {
            "" => "条文未规定，依我们的理解",
            article => article,
        };
        s.push_str(&format!("；延期{}（{ground}）", extension.amount()));
    }
    if !clock.extensions.is_empty() {
        s.push_str(&format!("，至{}", due_words(clock.due)));
    }
    s.push_str(&grounds(clock));
    Ok(s)
}

fn grounds(clock: &Clock) -> String {
    let provisional = if clock.provisional { "；涉及年份的放假通知尚未公布，为暂定" } else { "" };
    format!("；{}{provisional}", explain::ground(&clock.basis))
}

/// Days that did not count though one might think so, and days that did though one might not.
fn exceptions(days: &[CountedDay]) -> String {
    let mut parts: Vec<String> = Vec::new();
    for day in days {
        let part = match &day.role {
            DayRole::Holiday(name) => format!("{name}放假不计"),
            DayRole::Counted(_, Some(_)) => format!("{}补班计入", date_words(day.day)),
            DayRole::Paused => "审核期间不计".to_owned(),
            _ => continue,
        };
        if !parts.contains(&part) {
            parts.push(part);
        }
    }
    if parts.is_empty() { String::new() } else { format!("，{}", parts.join("、")) }
}

/// The day-by-day counting as lines: `10月10日 周六 补班（国庆节） 第4日`.
pub fn counting_lines(days: &[CountedDay]) -> Vec<String> {
    days.iter()
        .map(|d| {
            let role = match &d.role {
                DayRole::Start => "起始日，不计入".to_owned(),
                DayRole::Counted(n, None) => format!("第{n}日"),
                DayRole::Counted(n, Some(name)) => format!("第{n}日（{name}补班）"),
                DayRole::Weekend => "周末，不计".to_owned(),
                DayRole::Holiday(name) => format!("{name}放假，不计"),
                DayRole::Paused => "暂停计时，不计".to_owned(),
            };
            format!("{} {} {role}", d.day.date(), d.day.weekday_zh())
        })
        .collect()
}
