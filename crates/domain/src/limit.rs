//! Legal limits: an amount of working days, hours or calendar days, and the instant at which it ends.
//!
//! The readings of `docs/rulebook-format.md` ("Counting") are carried out here: the start day is left out, the N-th working day is in,
//! the period ends at 24:00; hours and minutes run from the moment; "hours of working days" skip days off whole; a working day is
//! consumed when its end passes while the clock runs, so a pause takes out exactly the working days whose end lies in it.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::{
    Instant,
    calendar::{Calendar, CalendarError, Day, DayKind},
};

/// What an amount counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure {
    WorkingDays,
    /// Hours that run only on working days, around the clock ("工作日24小时内").
    WorkingHours,
    Hours,
    Minutes,
    CalendarDays,
}

/// A length of time as the regulations say it. Written `2 working days`, `24 working hours`, `20 minutes`, `7 days`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Amount {
    pub n: u32,
    pub measure: Measure,
}

impl Amount {
    pub const fn working_days(n: u32) -> Amount {
        Amount { n, measure: Measure::WorkingDays }
    }

    /// As people write it in a table, `5个工作日`, `2小时`, `7日`, `20分钟`, `24个工作日小时` (as [`Amount`] is shown), or as a
    /// rulebook does.
    ///
    /// # Errors
    /// What is wrong and how to write it, in Chinese.
    pub fn in_words(written: &str) -> Result<Amount, String> {
        let wrong = || format!("“{written}”不是时限；应写作“5个工作日”“2小时”“20分钟”或“7日”");
        let half = |c: char| if ('０'..='９').contains(&c) { ascii(c) } else { c };
        let text: String = written.chars().filter(|c| !c.is_whitespace()).map(half).collect();
        let digits = text.bytes().take_while(u8::is_ascii_digit).count();
        let (n, measure) = text.split_at(digits);
        let measure = match measure.trim_start_matches('个').trim_end_matches(['以', '内']) {
            "工作日" => Measure::WorkingDays,
            "工作日小时" => Measure::WorkingHours,
            "小时" => Measure::Hours,
            "分钟" => Measure::Minutes,
            "日" | "天" | "自然日" => Measure::CalendarDays,
            _ if written.is_ascii() => return written.parse().map_err(|_| wrong()),
            _ => return Err(wrong()),
        };
        let n = n.parse().map_err(|_| wrong())?;
        if n == 0 || n > MOST {
            return Err(format!("“{written}”：数目须在1至{MOST}之间"));
        }
        Ok(Amount { n, measure })
    }
}

/// The half-width form of a full-width sign.
fn ascii(full: char) -> char {
    u32::from(full).checked_sub(0xfee0).and_then(char::from_u32).unwrap_or(full)
}

/// The longest amount a rulebook may name: 9,999 of anything.
const MOST: u32 = 9_999;

impl FromStr for Amount {
    type Err = String;

    fn from_str(s: &str) -> Result<Self, String> {
        let wrong =
            || format!("“{s}”不是时限；应写作“2 working days”“24 working hours”“2 hours”“20 minutes”或“7 days”");
        let (n, measure) = s.trim().split_once(' ').ok_or_else(wrong)?;
        let n: u32 = n.parse().map_err(|_| wrong())?;
        let measure = match measure.trim() {
            "working day" | "working days" => Measure::WorkingDays,
            "working hour" | "working hours" => Measure::WorkingHours,
            "hour" | "hours" => Measure::Hours,
            "minute" | "minutes" => Measure::Minutes,
            "day" | "days" => Measure::CalendarDays,
            _ => return Err(wrong()),
        };
        if n == 0 || n > MOST {
            return Err(format!("“{s}”：数目须在1至{MOST}之间"));
        }
        Ok(Amount { n, measure })
    }
}

impl fmt::Display for Amount {
    /// Chinese, for people: `10个工作日`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let n = self.n;
        match self.measure {
            Measure::WorkingDays => write!(f, "{n}个工作日"),
            Measure::WorkingHours => write!(f, "{n}个工作日小时"),
            Measure::Hours => write!(f, "{n}小时"),
            Measure::Minutes => write!(f, "{n}分钟"),
            Measure::CalendarDays => write!(f, "{n}日"),
        }
    }
}

impl Serialize for Amount {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        let n = self.n;
        let plural = if n == 1 { "" } else { "s" };
        let measure = match self.measure {
            Measure::WorkingDays => "working day",
            Measure::WorkingHours => "working hour",
            Measure::Hours => "hour",
            Measure::Minutes => "minute",
            Measure::CalendarDays => "day",
        };
        s.collect_str(&format_args!("{n} {measure}{plural}"))
    }
}

impl<'de> Deserialize<'de> for Amount {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        String::deserialize(d)?.parse().map_err(serde::de::Error::custom)
    }
}

/// Where a day ends for counting: a reading of the rulebook (`end_of_day`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndOfDay {
    /// 24:00, the default.
    Midnight,
    /// At this second of the day (close of office).
    At(i64),
    /// At the clock time of the start.
    SameClockTime,
}

/// The readings that counting rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counting {
    /// Whether the start day, if it works and has not ended yet, is day 1. The default leaves it out (民法典第二百零一条).
    pub start_day_counts: bool,
    pub end_of_day: EndOfDay,
}

impl Default for Counting {
    fn default() -> Self {
        Counting { start_day_counts: false, end_of_day: EndOfDay::Midnight }
    }
}

/// A stretch in which the clock stood still: from `from` to `to`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Pause {
    #[cfg_attr(feature = "schema", schema(value_type = String, format = DateTime))]
    pub from: Instant,
    #[cfg_attr(feature = "schema", schema(value_type = String, format = DateTime))]
    pub to: Instant,
}

impl Pause {
    /// A pause takes out the days whose end lies in it. One that begins with the end of a day leaves that day alone; one that lasts until
    /// the end of a day takes it out.
    fn takes_out(&self, end: Instant) -> bool {
        self.from < end && end <= self.to
    }
}

/// When a limit ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Due {
    pub at: Instant,
    /// The counting reached into a year without a notice.
    pub provisional: bool,
}

/// The instant at which `amount` from `from` ends, the clock having stood still during `pauses` (ascending, not overlapping).
///
/// # Errors
/// The answer lies outside the calendar.
pub fn due(
    cal: &Calendar,
    counting: Counting,
    from: Instant,
    amount: Amount,
    pauses: &[Pause],
) -> Result<Due, CalendarError> {
    let start = Day::of(from);
    let days = |working| {
        let days = Days { cal, working, pauses, ends: |day| end_of(counting, from, day) };
        // Each day that counts before the first one is a day less to go.
        let counted = u32::from(starts_with(counting, from) && days.count(start)?);
        Ok(end_of(counting, from, days.nth_after(start, amount.n.saturating_sub(counted))?))
    };
    let at = match amount.measure {
        Measure::WorkingDays => days(true)?,
        Measure::CalendarDays => days(false)?,
        Measure::Hours => run_on(from, i64::from(amount.n) * 3600, pauses),
        Measure::Minutes => run_on(from, i64::from(amount.n) * 60, pauses),
        Measure::WorkingHours => working_hours(cal, from, i64::from(amount.n) * 3600, pauses)?,
    };
    // Only what asks the calendar can change when a notice comes out.
    let before_first = match amount.measure {
        Measure::WorkingDays if !counting.start_day_counts => Some(start),
        Measure::WorkingDays | Measure::WorkingHours => Some(Day(start.0 - 1)),
        _ => None,
    };
    let provisional = before_first.is_some_and(|day| cal.provisional(day, Day::of_due(at).max(start)));
    Ok(Due { at, provisional })
}

/// `n` more days (`working` days or those of the calendar) counted from the day on which `due` falls (how extensions are read), ending
/// as that day ended.
///
/// # Errors
/// The answer lies outside the calendar.
pub fn extended(
    cal: &Calendar,
    counting: Counting,
    due: Instant,
    n: u32,
    working: bool,
    pauses: &[Pause],
) -> Result<Due, CalendarError> {
    // By the clock time of the start, midnight belongs to the day it begins; by the end of the day, to the one it ends.
    let day = if counting.end_of_day == EndOfDay::SameClockTime { Day::of(due) } else { Day::of_due(due) };
    let in_day = due.duration_since(day.start());
    let ends = |day: Day| day.start().checked_add(in_day).unwrap_or(Instant::MAX);
    let last = Days { cal, working, pauses, ends }.nth_after(day, n)?;
    Ok(Due { at: ends(last), provisional: working && cal.provisional(day, last) })
}

fn end_of(counting: Counting, from: Instant, day: Day) -> Instant {
    match counting.end_of_day {
        EndOfDay::Midnight => day.end(),
        EndOfDay::At(second) => add(day.start(), second),
        EndOfDay::SameClockTime => add(day.start(), Day::second_of_day(from)),
    }
}

fn add(at: Instant, seconds: i64) -> Instant {
    at.checked_add(jiff::SignedDuration::from_secs(seconds)).unwrap_or(Instant::MAX)
}

/// Whether the start day may be day 1: the reading says so, and it does not end before it has begun to be used.
fn starts_with(counting: Counting, from: Instant) -> bool {
    counting.start_day_counts && end_of(counting, from, Day::of(from)) > from
}

/// Which days count.
struct Days<'a, E> {
    cal: &'a Calendar,
    working: bool,
    pauses: &'a [Pause],
    /// The instant at which a day ends.
    ends: E,
}

impl<E: Fn(Day) -> Instant> Days<'_, E> {
    fn paused(&self, day: Day) -> bool {
        !self.pauses.is_empty() && self.pauses.iter().any(|p| p.takes_out((self.ends)(day)))
    }

    fn count(&self, day: Day) -> Result<bool, CalendarError> {
        Ok((!self.working || self.cal.works(day)?) && !self.paused(day))
    }

    /// The n-th day that counts after `start`. By table; with pauses, day by day.
    fn nth_after(&self, start: Day, n: u32) -> Result<Day, CalendarError> {
        if self.pauses.is_empty() {
            return if self.working {
                self.cal.nth_workday_after(start, n)
            } else {
                in_range(self.cal, Day(start.0 + n as i32))
            };
        }
        let mut left = n;
        let mut day = start;
        while left > 0 {
            day = in_range(self.cal, day.next())?;
            left -= u32::from(self.count(day)?);
        }
        Ok(day)
    }
}

fn in_range(cal: &Calendar, day: Day) -> Result<Day, CalendarError> {
    cal.works(day).map(|_| day)
}

/// Plain elapsed time, pauses taken out to the second.
fn run_on(from: Instant, seconds: i64, pauses: &[Pause]) -> Instant {
    let mut end = add(from, seconds);
    for pause in pauses {
        let begins = pause.from.max(from);
        if begins < end && pause.to > begins {
            end = end.checked_add(pause.to.duration_since(begins)).unwrap_or(Instant::MAX);
        }
    }
    end
}

/// Elapsed time on working days only; days off and pauses are skipped. Ends at the first instant at which the time is used up.
fn working_hours(cal: &Calendar, from: Instant, seconds: i64, pauses: &[Pause]) -> Result<Instant, CalendarError> {
    let mut left = jiff::SignedDuration::from_secs(seconds);
    let mut day = Day::of(from);
    let mut at = from;
    loop {
        if cal.works(day)? {
            for (begin, end) in running_parts(at, day.end(), pauses) {
                let part = end.duration_since(begin);
                if part >= left {
                    return Ok(begin.checked_add(left).unwrap_or(Instant::MAX));
                }
                left -= part;
            }
        }
        day = day.next();
        at = day.start();
    }
}

/// What remains of `[begin, end]` when the pauses are cut out.
fn running_parts(begin: Instant, end: Instant, pauses: &[Pause]) -> Vec<(Instant, Instant)> {
    let mut parts = Vec::with_capacity(1);
    let mut at = begin;
    for pause in pauses.iter().filter(|p| p.to > begin && p.from < end) {
        if pause.from > at {
            parts.push((at, pause.from));
        }
        at = at.max(pause.to);
    }
    if at < end {
        parts.push((at, end));
    }
    parts
}

/// What one day contributed to a deadline: a line of the day-by-day counting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CountedDay {
    pub day: Day,
    pub role: DayRole,
}

/// Why a day counted or did not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DayRole {
    /// The start day, left out.
    Start,
    /// The n-th counted day; `Some(holiday)` where it is a make-up working day.
    Counted(u32, Option<String>),
    Weekend,
    Holiday(String),
    /// Its end lies in a pause.
    Paused,
}

/// The day-by-day counting behind [`due`] for amounts counted in days; empty for hours and minutes.
///
/// # Errors
/// The counting leaves the calendar.
pub fn count_days(
    cal: &Calendar,
    counting: Counting,
    from: Instant,
    amount: Amount,
    pauses: &[Pause],
) -> Result<Vec<CountedDay>, CalendarError> {
    let working = match amount.measure {
        Measure::WorkingDays => true,
        Measure::CalendarDays => false,
        _ => return Ok(Vec::new()),
    };
    let days = Days { cal, working, pauses, ends: |day| end_of(counting, from, day) };
    let mut lines = Vec::new();
    let mut day = Day::of(from);
    let mut n = 0;
    if !starts_with(counting, from) {
        lines.push(CountedDay { day, role: DayRole::Start });
        day = day.next();
    }
    while n < amount.n {
        let kind = cal.kind(day)?;
        let role = if working && !kind.works() {
            match kind {
                DayKind::Holiday(name) => DayRole::Holiday(name.to_owned()),
                _ => DayRole::Weekend,
            }
        } else if days.paused(day) {
            DayRole::Paused
        } else {
            n += 1;
            DayRole::Counted(
                n,
                match kind {
                    DayKind::MakeUp(name) => Some(name.to_owned()),
                    _ => None,
                },
            )
        };
        lines.push(CountedDay { day, role });
        day = day.next();
    }
    Ok(lines)
}
