//! Times as tables write them. Whatever names no zone is Shanghai time; whole milliseconds, because that is what is stored.

use jiesu_domain::{
    Instant,
    calendar::{Day, SHANGHAI_OFFSET},
};
use jiff::{Timestamp, civil::DateTime, fmt::strtime::BrokenDownTime, tz::Offset};

use super::read::Cell;

/// The word in a map for RFC 3339, e.g. `2026-09-29T16:30:00+08:00`.
const RFC3339: &str = "rfc3339";
/// The word in a map for Excel's serial days in cells that are not formatted as dates, e.g. `45564.6875`.
const EXCEL: &str = "excel";
/// 2000-01-01 and 2100-01-01 as Excel's serials: the calendar's years.
const EXCEL_DAYS: std::ops::Range<f64> = 36_526.0..73_051.0;
/// Excel's day 0, as days since 1970: two days early, because its 1900 has a 29th of February that never was.
const EXCEL_ZERO: f64 = 25_569.0;
const DAY_MS: f64 = 86_400_000.0;

/// The first day that a message can be of: the working-day calendar begins with it, and a year like 0019 is a slip.
pub fn earliest() -> Instant {
    Day::from_date(jiff::civil::date(2000, 1, 1)).start()
}

/// Reads a cell by the map's formats, the first that fits. `None`: it is in none of them.
pub fn read(cell: &Cell, formats: &[String]) -> Option<Instant> {
    match cell {
        Cell::Empty => None,
        Cell::Moment(at) => shanghai(*at),
        Cell::Number(serial) => formats.iter().any(|f| f == EXCEL).then(|| from_excel(*serial))?,
        Cell::Text(text) => formats.iter().find_map(|format| from_text(text.trim(), format)),
    }
}

fn from_text(text: &str, format: &str) -> Option<Instant> {
    match format {
        RFC3339 => text.parse().ok().and_then(whole),
        EXCEL => from_excel(text.parse().ok()?),
        _ => {
            let parsed = BrokenDownTime::parse(format, text).ok()?;
            let at = parsed.to_datetime().ok()?;
            match parsed.offset() {
                Some(offset) => offset.to_timestamp(at).ok().and_then(whole),
                None => shanghai(at),
            }
        }
    }
}

fn from_excel(serial: f64) -> Option<Instant> {
    if !EXCEL_DAYS.contains(&serial) {
        return None;
    }
    let ms = ((serial - EXCEL_ZERO) * DAY_MS).round() as i64 - SHANGHAI_OFFSET * 1000;
    Timestamp::from_millisecond(ms).ok()
}

fn shanghai(at: DateTime) -> Option<Instant> {
    let offset = Offset::from_seconds(i32::try_from(SHANGHAI_OFFSET).ok()?).ok()?;
    offset.to_timestamp(at).ok().and_then(whole)
}

fn whole(at: Timestamp) -> Option<Instant> {
    Timestamp::from_millisecond(at.as_millisecond()).ok()
}

/// Whether a map's format can be used: it must bring back the day that it wrote.
pub fn check(format: &str) -> Result<(), String> {
    if matches!(format, RFC3339 | EXCEL) {
        return Ok(());
    }
    let sample = jiff::civil::date(2026, 9, 29).at(16, 30, 15, 0);
    let zoned = sample.to_zoned(jiff::tz::TimeZone::fixed(Offset::UTC)).map_err(|e| e.to_string())?;
    let written = jiff::fmt::strtime::format(format, &zoned)
        .map_err(|_| format!("时间格式“{format}”读不懂；例：%Y/%m/%d %H:%M:%S、%Y年%m月%d日、rfc3339、excel"))?;
    let back = BrokenDownTime::parse(format, &written).ok().and_then(|t| t.to_datetime().ok());
    match back {
        Some(back) if back.date() == sample.date() => Ok(()),
        _ => Err(format!("时间格式“{format}”不全：至少要有年、月、日（%Y、%m、%d），有分须有时，有秒须有分")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(s: &str, format: &str) -> Option<String> {
        read(&Cell::Text(s.into()), &[format.into()]).map(|t| t.to_string())
    }

    #[test]
    fn every_form_is_read() {
        let at = Some("2019-02-28T03:25:05Z".to_owned()); // Thursday
        assert_eq!(text("2019/2/28 11:25:05", "%Y/%m/%d %H:%M:%S"), at);
        assert_eq!(text(" 2019-02-28 11:25:05 ", "%Y-%m-%d %H:%M:%S"), at);
        assert_eq!(text("2019年2月28日11时25分05秒", "%Y年%m月%d日%H时%M分%S秒"), at);
        assert_eq!(text("2019-02-28T03:25:05Z", "rfc3339"), at);
        assert_eq!(text("2019-02-28 04:25:05 +0100", "%Y-%m-%d %H:%M:%S %z"), at);
        assert_eq!(text("43524.47575231481", "excel"), at);
        assert_eq!(read(&Cell::Number(43_524.475_752_314_81), &["excel".into()]).map(|t| t.to_string()), at);
        let moment = Cell::Moment(jiff::civil::date(2019, 2, 28).at(11, 25, 5, 0));
        assert_eq!(read(&moment, &[]).map(|t| t.to_string()), at);
        assert_eq!(text("2025-03-03 15:49:18.789", "%Y-%m-%d %H:%M:%S%.f"), Some("2025-03-03T07:49:18.789Z".into()));
        assert_eq!(text("2018/4/24", "%Y/%m/%d"), Some("2018-04-23T16:00:00Z".into()));
    }

    #[test]
    fn anything_else_is_not() {
        for (s, format) in [
            ("昨天", "%Y/%m/%d"),
            ("2019/2/30", "%Y/%m/%d"),
            ("2019/2/28 11:25", "%Y/%m/%d"),
            ("2019-02-28", "%Y/%m/%d"),
            ("12", "excel"),
            ("", "excel"),
            ("NaN", "excel"),
        ] {
            assert_eq!(text(s, format), None, "{s}");
        }
        assert_eq!(
            read(&Cell::Number(43_524.0), &["%Y/%m/%d".into()]),
            None,
            "a bare number is a date only if the map says so"
        );
    }

    #[test]
    fn formats_are_checked() {
        for good in ["%Y/%m/%d %H:%M:%S", "%Y-%m-%d", "%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%d %H:%M %z", "rfc3339", "excel"] {
            assert_eq!(check(good), Ok(()));
        }
        for bad in ["%Y/%m", "YYYY/M/D", "%Q!", "", "%H:%M:%S", "%Y/%m/%d %S"] {
            assert!(check(bad).is_err(), "{bad}");
        }
    }
}
