//! Chinese working days, as the State Council's yearly notices set them.
//!
//! Weekends are off and weekdays work unless a notice says otherwise; notices are merged by date, because the end of December can fall
//! under the next year's notice. A year without a notice is counted Monday to Friday and whatever reaches into it is *provisional*.
//! The whole table (2000 to 2099) is laid out once, so that counting days is two array look-ups (ADR 0003).

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use serde::Deserialize;

use crate::Instant;

/// Seconds that Asia/Shanghai is ahead of UTC: fixed since 1991-09-15, and the table starts in 2000.
pub const SHANGHAI_OFFSET: i64 = 8 * 3600;
const DAY: i64 = 86_400;
const FIRST_YEAR: i16 = 2000;
/// The last year that a day of the calendar can be in.
pub const LAST_YEAR: i16 = 2099;

/// A civil day in Shanghai, as days since 1970-01-01.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(pub i32);

impl Day {
    /// The Shanghai day that contains the instant.
    pub fn of(at: Instant) -> Day {
        Day((at.as_second() + SHANGHAI_OFFSET).div_euclid(DAY) as i32)
    }

    /// The day whose end is `at` if `at` is midnight, else the day that contains it: the day a due instant "falls on".
    pub fn of_due(due: Instant) -> Day {
        Day((due.as_nanosecond() - 1 + i128::from(SHANGHAI_OFFSET) * 1_000_000_000)
            .div_euclid(i128::from(DAY) * 1_000_000_000) as i32)
    }

    /// From a civil date.
    pub fn from_date(date: Date) -> Day {
        let secs = jiff::tz::Offset::UTC.to_timestamp(date.at(0, 0, 0, 0)).map(|t| t.as_second()).unwrap_or(0);
        Day(secs.div_euclid(DAY) as i32)
    }

    /// 00:00 of the day, Shanghai time.
    pub fn start(self) -> Instant {
        let secs = i64::from(self.0) * DAY - SHANGHAI_OFFSET;
        Instant::from_second(secs).unwrap_or(Instant::MAX)
    }

    /// 24:00 of the day, Shanghai time (00:00 of the next).
    pub fn end(self) -> Instant {
        self.next().start()
    }

    pub fn next(self) -> Day {
        Day(self.0 + 1)
    }

    /// Seconds since 00:00 of the day at `at`.
    pub fn second_of_day(at: Instant) -> i64 {
        (at.as_second() + SHANGHAI_OFFSET).rem_euclid(DAY)
    }

    pub fn date(self) -> Date {
        jiff::tz::Offset::UTC.to_datetime(Instant::from_second(i64::from(self.0) * DAY).unwrap_or(Instant::MAX)).date()
    }

    /// 0 = Monday … 6 = Sunday.
    pub fn weekday(self) -> u8 {
        (self.0 + 3).rem_euclid(7) as u8
    }

    /// `周一` … `周日`.
    pub fn weekday_zh(self) -> &'static str {
        ["周一", "周二", "周三", "周四", "周五", "周六", "周日"][usize::from(self.weekday())]
    }
}

/// One year's notice of the State Council, as in `calendars/YYYY.toml`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Notice {
    pub year: i16,
    pub title: String,
    /// Where the notice was published.
    pub source: Vec<String>,
    pub holiday: Vec<Holiday>,
}

/// A holiday of a notice: the days off, and the weekend days worked for it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Holiday {
    pub name: String,
    #[serde(deserialize_with = "crate::rulebook::dates")]
    pub off: Vec<Date>,
    #[serde(deserialize_with = "crate::rulebook::dates")]
    pub work: Vec<Date>,
}

/// What a day is, for counting and for saying why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DayKind<'a> {
    Workday,
    Weekend,
    /// A day off by a notice, with the holiday's name.
    Holiday(&'a str),
    /// A weekend day that a notice makes a working day, with the holiday's name.
    MakeUp(&'a str),
}

impl DayKind<'_> {
    pub fn works(self) -> bool {
        matches!(self, DayKind::Workday | DayKind::MakeUp(_))
    }
}

/// A calendar that cannot be laid out, or a date outside of it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CalendarError {
    #[error("日期 {0} 超出日历范围（{FIRST_YEAR}至{LAST_YEAR}年）")]
    OutOfRange(String),
    #[error("{year}年的放假通知载入了两次")]
    Twice { year: i16 },
    #[error("{year}年的放假通知中，{date} 既列为放假又列为上班")]
    Contradiction { year: i16, date: Date },
    /// A slip of the pen: a notice speaks of its year and of the December before.
    #[error("{year}年的放假通知中，{date} 不在该年及上一年12月之内")]
    OtherYear { year: i16, date: Date },
}

/// The merged calendar. Build it once; it is immutable.
#[derive(Clone, Debug)]
pub struct Calendar {
    /// `works[i]`: does the i-th day of the table work?
    works: Vec<bool>,
    /// `rank[i]`: number of working days before the i-th day.
    rank: Vec<u32>,
    /// `nth[k]`: table index of the k-th working day (from 0).
    nth: Vec<u32>,
    named: BTreeMap<i32, (bool, String)>,
    years: BTreeSet<i16>,
    sources: BTreeMap<i16, (String, Vec<String>)>,
    version: String,
}

impl Calendar {
    fn first() -> Day {
        Day::from_date(jiff::civil::date(FIRST_YEAR, 1, 1))
    }

    /// Lays out the table. Notices may come in any order; where two speak of one date the later year's notice holds.
    ///
    /// # Errors
    /// A notice twice, a date both on and off in one notice, a date of another year, or one outside 2000 to 2099.
    pub fn new(notices: &[Notice]) -> Result<Calendar, CalendarError> {
        let mut sorted: Vec<&Notice> = notices.iter().collect();
        sorted.sort_by_key(|n| n.year);
        let mut years = BTreeSet::new();
        let mut named = BTreeMap::new();
        let mut sources = BTreeMap::new();
        for notice in sorted {
            if !years.insert(notice.year) {
                return Err(CalendarError::Twice { year: notice.year });
            }
            sources.insert(notice.year, (notice.title.clone(), notice.source.clone()));
            Self::merge(notice, &mut named)?;
        }
        let (first, end) = (Self::first(), Day::from_date(jiff::civil::date(LAST_YEAR + 1, 1, 1)));
        let len = (end.0 - first.0) as usize;
        let (mut works, mut rank, mut nth) =
            (Vec::with_capacity(len), Vec::with_capacity(len), Vec::with_capacity(len));
        for i in 0..len as i32 {
            let day = Day(first.0 + i);
            let on = named.get(&day.0).map_or(day.weekday() < 5, |(work, _): &(bool, String)| *work);
            rank.push(nth.len() as u32);
            if on {
                nth.push(i as u32);
            }
            works.push(on);
        }
        let version = Self::fingerprint(&years, &named);
        Ok(Calendar { works, rank, nth, named, years, sources, version })
    }

    fn merge(notice: &Notice, named: &mut BTreeMap<i32, (bool, String)>) -> Result<(), CalendarError> {
        let mut here: BTreeMap<i32, bool> = BTreeMap::new();
        for holiday in &notice.holiday {
            let off = holiday.off.iter().map(|d| (*d, false));
            for (date, work) in off.chain(holiday.work.iter().map(|d| (*d, true))) {
                if date.year() < FIRST_YEAR || date.year() > LAST_YEAR {
                    return Err(CalendarError::OutOfRange(date.to_string()));
                }
                if date.year() != notice.year && (date.year(), date.month()) != (notice.year - 1, 12) {
                    return Err(CalendarError::OtherYear { year: notice.year, date });
                }
                let day = Day::from_date(date);
                if here.insert(day.0, work).is_some_and(|before| before != work) {
                    return Err(CalendarError::Contradiction { year: notice.year, date });
                }
                named.insert(day.0, (work, holiday.name.clone()));
            }
        }
        Ok(())
    }

    /// Years and a short fingerprint of the merged days (FNV-1a): changes when a notice is added or amended.
    fn fingerprint(years: &BTreeSet<i16>, named: &BTreeMap<i32, (bool, String)>) -> String {
        let mut h: u64 = 0xcbf2_9ce4_8422_2325;
        let mut eat = |bytes: &[u8]| bytes.iter().for_each(|b| h = (h ^ u64::from(*b)).wrapping_mul(0x0100_0000_01b3));
        years.iter().for_each(|y| eat(&y.to_le_bytes()));
        named.iter().for_each(|(d, (w, _))| eat(&[&d.to_le_bytes()[..], &[u8::from(*w)]].concat()));
        match (years.first(), years.last()) {
            (Some(a), Some(b)) => format!("{a}-{b}#{:08x}", h >> 32),
            _ => "none".into(),
        }
    }

    /// Identifies the merged notices, e.g. `2018-2026#1a2b3c4d`.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// Whether the year's notice is loaded; days of other years are counted Monday to Friday and are provisional.
    pub fn knows(&self, year: i16) -> bool {
        self.years.contains(&year)
    }

    /// Title and published places of a year's notice.
    pub fn source(&self, year: i16) -> Option<(&str, &[String])> {
        self.sources.get(&year).map(|(title, source)| (title.as_str(), source.as_slice()))
    }

    /// Years with a notice, ascending.
    pub fn years(&self) -> impl Iterator<Item = i16> + '_ {
        self.years.iter().copied()
    }

    fn index(&self, day: Day) -> Result<usize, CalendarError> {
        let i = day.0 - Self::first().0;
        if i >= 0 && (i as usize) < self.works.len() {
            Ok(i as usize)
        } else {
            Err(CalendarError::OutOfRange(day.date().to_string()))
        }
    }

    /// # Errors
    /// The day is outside 2000 to 2099.
    pub fn works(&self, day: Day) -> Result<bool, CalendarError> {
        Ok(self.works[self.index(day)?])
    }

    /// # Errors
    /// The day is outside 2000 to 2099.
    pub fn kind(&self, day: Day) -> Result<DayKind<'_>, CalendarError> {
        self.index(day)?;
        let weekend = day.weekday() >= 5;
        Ok(match self.named.get(&day.0) {
            Some((true, name)) if weekend => DayKind::MakeUp(name),
            Some((false, name)) => DayKind::Holiday(name),
            _ if weekend => DayKind::Weekend,
            _ => DayKind::Workday,
        })
    }

    /// The `n`-th working day after `day`, itself left out; `n` = 0 gives `day`.
    ///
    /// # Errors
    /// The answer or the start is outside 2000 to 2099.
    pub fn nth_workday_after(&self, day: Day, n: u32) -> Result<Day, CalendarError> {
        if n == 0 {
            return Ok(day);
        }
        let i = self.index(day)?;
        let before = self.rank[i] + u32::from(self.works[i]);
        let k = before as usize + n as usize - 1;
        let found =
            self.nth.get(k).ok_or_else(|| CalendarError::OutOfRange(format!("{}起第{n}个工作日", day.date())))?;
        Ok(Day(Self::first().0 + *found as i32))
    }

    /// Working days in `(from, to]`: how many have begun to be used up between two days.
    ///
    /// # Errors
    /// A day is outside 2000 to 2099.
    pub fn workdays_between(&self, from: Day, to: Day) -> Result<i64, CalendarError> {
        let upto = |i: usize| i64::from(self.rank[i]) + i64::from(self.works[i]);
        Ok(upto(self.index(to)?) - upto(self.index(from)?))
    }

    /// Whether the days in `(from, to]` touch a year without a notice.
    pub fn provisional(&self, from: Day, to: Day) -> bool {
        let first = from.next().date().year();
        (first.min(to.date().year())..=to.date().year()).any(|y| !self.knows(y))
    }
}
