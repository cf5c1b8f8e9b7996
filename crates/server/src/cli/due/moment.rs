//! Instants as people and tables write them.

use jiesu_domain::{Instant, calendar::Day};
use jiff::civil::Date;

/// RFC 3339; or without an offset, as Shanghai time: `2026-09-29 16:30`, seconds or not, `T` or a space, 24:00 allowed, and
/// `2026/9/29 16:30`, which is what Excel makes of it.
///
/// # Errors
/// It is neither; in Chinese.
pub fn parse(s: &str) -> Result<Instant, String> {
    let s = s.trim();
    let wrong = || format!("“{s}”不是时刻；应写作 2026-09-29T16:30:00+08:00 或 2026-09-29 16:30（北京时间）");
    s.parse().ok().or_else(|| shanghai(s)).ok_or_else(wrong)
}

fn shanghai(s: &str) -> Option<Instant> {
    let (date, time) = s.split_once([' ', 'T'])?;
    let mut parts = date.split(['-', '/']);
    let mut next = || parts.next().filter(|p| p.len() <= 4);
    let date = Date::new(next()?.parse().ok()?, next()?.parse().ok()?, next()?.parse().ok()?).ok()?;
    let mut parts = time.trim().split(':').map(|p| p.parse::<u8>().map(i64::from));
    let (h, m) = (parts.next()?.ok()?, parts.next()?.ok()?);
    let second = parts.next().unwrap_or(Ok(0)).ok()?;
    let day = Day::from_date(date);
    let in_day = h * 3600 + m * 60 + second;
    let fits =
        parts.next().is_none() && m < 60 && second < 60 && in_day <= 86_400 && (1900..=2999).contains(&date.year());
    fits.then(|| Instant::from_second(day.start().as_second() + in_day).ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_is_read() {
        let at: Instant = "2026-09-29T08:30:00Z".parse().unwrap();
        for s in [
            "2026-09-29T16:30:00+08:00",
            "2026-09-29T08:30:00Z",
            "2026-09-29 16:30",
            "2026-09-29T16:30:00",
            " 2026-09-29 16:30:00 ",
            "2026/9/29 16:30",
        ] {
            assert_eq!(parse(s), Ok(at), "{s}");
        }
        assert_eq!(parse("2026-09-29 24:00"), parse("2026-09-30 00:00"));
    }

    #[test]
    fn anything_else_is_refused() {
        for s in [
            "",
            "昨天",
            "2026-02-30 08:00",
            "2026-09-29",
            "2026-09-29 25:00",
            "2026-09-29 24:01",
            "2026-09-29 -1:00",
            "2026-09-29 16",
            "26-09-29 16:30",
            "2026-09-29 16:30:00:00",
            "2026-13-01T00:00:00+08:00",
        ] {
            assert!(parse(s).is_err(), "{s}");
        }
    }
}
