//! Which days work: dated examples, and every day from 2018 to 2026 against data from elsewhere.
#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_macros,
    clippy::disallowed_types,
    reason = "reads an optional folder and says so when it is not there"
)]

use std::{collections::BTreeMap, path::PathBuf};

use jiesu_domain::{
    Amount, Calendar,
    calendar::{CalendarError, Day, DayKind},
    limit::{self, Counting},
};
use jiff::civil::Date;

use super::support::{at, calendar, calendar_without, notice, root};

fn day(s: &str) -> Day {
    Day::from_date(s.parse().unwrap())
}

#[test]
fn days_that_are_not_what_their_weekday_says() {
    let cal = calendar();
    for (date, weekday, works, why) in [
        ("2018-12-29", "周六", true, "made up under next year's notice"),
        ("2018-12-31", "周一", false, "New Year under next year's notice"),
        ("2020-01-19", "周日", true, "made up before Spring Festival"),
        ("2020-01-24", "周五", false, "New Year's Eve"),
        ("2020-01-31", "周五", false, "the notice that prolonged the festival"),
        ("2020-02-01", "周六", false, "would have been made up; prolonged instead"),
        ("2020-02-02", "周日", false, "last day of the prolonged festival"),
        ("2020-02-03", "周一", true, "listed as worked though a Monday"),
        ("2022-12-31", "周六", false, "New Year under next year's notice"),
        ("2023-01-02", "周一", false, "New Year"),
        ("2023-12-30", "周六", false, "New Year 2024 begins on its weekend"),
        ("2026-01-04", "周日", true, "made up after New Year"),
        ("2026-02-14", "周六", true, "made up before Spring Festival"),
        ("2026-02-16", "周一", false, "Spring Festival"),
        ("2026-02-28", "周六", true, "made up after Spring Festival"),
        ("2026-05-09", "周六", true, "made up after Labour Day"),
        ("2026-09-20", "周日", true, "made up before National Day"),
        ("2026-09-25", "周五", false, "Mid-Autumn"),
        ("2026-10-07", "周三", false, "National Day"),
        ("2026-10-10", "周六", true, "made up after National Day"),
        ("2026-10-11", "周日", false, "an ordinary Sunday"),
    ] {
        assert_eq!(day(date).weekday_zh(), weekday, "{date}");
        assert_eq!(cal.works(day(date)).unwrap(), works, "{date} {weekday}: {why}");
    }
}

#[test]
fn a_day_says_what_it_is() {
    let cal = calendar();
    assert_eq!(cal.kind(day("2026-10-10")).unwrap(), DayKind::MakeUp("国庆节")); // 周六
    assert_eq!(cal.kind(day("2026-10-01")).unwrap(), DayKind::Holiday("国庆节")); // 周四
    assert_eq!(cal.kind(day("2026-10-03")).unwrap(), DayKind::Holiday("国庆节")); // 周六 within the holiday
    assert_eq!(cal.kind(day("2026-10-11")).unwrap(), DayKind::Weekend); // 周日
    assert_eq!(cal.kind(day("2026-10-12")).unwrap(), DayKind::Workday); // 周一
    assert_eq!(cal.kind(day("2020-02-03")).unwrap(), DayKind::Workday); // 周一: a Monday that is listed is no make-up day
}

/// `n` working days from `from` end at 24:00 of `last`.
#[test]
fn dated_deadlines() {
    let cal = calendar();
    for (n, from, last, why) in [
        (1, "2026-11-18 09:00", "2026-11-19", "周三 to 周四"),
        (1, "2026-11-20 09:00", "2026-11-23", "周五 to 周一"),
        (2, "2026-11-20 23:59:59", "2026-11-24", "the last second of 周五: 周一, 周二"),
        (2, "2026-11-21 00:00:00", "2026-11-24", "the first second of 周六: still 周一, 周二"),
        (1, "2026-11-22 23:59:59", "2026-11-23", "the last second of 周日: 周一"),
        (1, "2026-11-23 00:00:00", "2026-11-24", "the first second of 周一 is 周一, which is left out"),
        (10, "2026-09-29 16:30", "2026-10-19", "周二 over National Day: 9/30, 10/8-10, 10/12-16, 10/19"),
        (5, "2026-10-01 10:00", "2026-10-13", "on a holiday 周四: 10/8, 9, 10 (made up), 12, 13"),
        (2, "2026-09-19 09:00", "2026-09-21", "周六 before a worked Sunday: 9/20, 9/21"),
        (5, "2026-04-30 09:00", "2026-05-11", "周四 over Labour Day: 5/6, 7, 8, 9 (made up), 11"),
        (1, "2020-01-23 17:00", "2020-02-03", "周四 before the prolonged festival: the Monday after it"),
        (2, "2020-01-31 12:00", "2020-02-04", "within the prolonged festival"),
        (1, "2018-12-28 09:00", "2018-12-29", "周五: the Saturday is made up under the notice of 2019"),
        (2, "2018-12-29 09:00", "2019-01-03", "worked 周六 left out; 1/2, 1/3"),
        (3, "2025-12-31 09:00", "2026-01-06", "周三 into the next year: 1/4 (worked 周日), 5, 6"),
        (15, "2026-02-12 09:00", "2026-03-11", "周四 over Spring Festival: 2/13, 14 (worked 周六), 24-28, 3/2-6, 9-11"),
    ] {
        let due = limit::due(&cal, Counting::default(), at(from), Amount::working_days(n), &[]).unwrap();
        assert_eq!(due.at, at(&format!("{last} 24:00")), "{n} working days from {from}: {why}");
        assert!(!due.provisional, "{from}");
    }
}

#[test]
fn a_year_without_a_notice_is_counted_monday_to_friday_and_provisional() {
    let cal = calendar();
    assert!(!cal.knows(2027));
    let due = |n, from| limit::due(&cal, Counting::default(), at(from), Amount::working_days(n), &[]).unwrap();
    // 2026-12-29 周二: 30, 31 are the last days of a year that is known.
    assert_eq!(due(2, "2026-12-29 09:00").at, at("2026-12-31 24:00"));
    assert!(!due(2, "2026-12-29 09:00").provisional);
    // 2027-01-01 is a Friday: without a notice it counts.
    assert_eq!(due(3, "2026-12-29 09:00").at, at("2027-01-01 24:00"));
    assert!(due(3, "2026-12-29 09:00").provisional);
    assert_eq!(due(4, "2026-12-29 09:00").at, at("2027-01-04 24:00"));
    // Hours and minutes ask no calendar: nothing about them can change.
    let half_an_hour =
        limit::due(&cal, Counting::default(), at("2027-03-01 09:00"), "30 minutes".parse().unwrap(), &[]);
    assert!(!half_an_hour.unwrap().provisional);
    // A start day that counts is looked at as well: 2025-12-31 周三, of a year that is not known, is day 1 here.
    let counted = Counting { start_day_counts: true, ..Counting::default() };
    let day_one = |counting| {
        limit::due(&calendar_without(&[2025]), counting, at("2025-12-31 09:00"), Amount::working_days(2), &[])
    };
    assert!(day_one(counted).unwrap().provisional);
    assert!(!day_one(Counting::default()).unwrap().provisional);
    // Working hours on a day of an unknown year do.
    let day = limit::due(&cal, Counting::default(), at("2027-03-01 09:00"), "1 working hour".parse().unwrap(), &[]);
    assert!(day.unwrap().provisional);
}

#[test]
fn december_under_next_years_notice_counts_only_once_that_notice_is_loaded() {
    // 2018-12-31 周一 is off under the notice of 2019.
    let due =
        |cal: &Calendar| limit::due(cal, Counting::default(), at("2018-12-28 09:00"), Amount::working_days(2), &[]);
    assert_eq!(due(&calendar_without(&[2019])).unwrap().at, at("2019-01-01 24:00")); // 12/31, then an unknown 1/1 周二
    assert_eq!(due(&calendar()).unwrap().at, at("2019-01-02 24:00")); // 12/29 (worked 周六), 1/2
}

#[test]
fn a_calendar_that_contradicts_itself_is_refused() {
    let of = |year: i16, off: &str, work: &str| {
        notice(&format!(
            "year = {year}\ntitle = \"t\"\nsource = []\n[[holiday]]\nname = \"n\"\noff = [{off}]\nwork = [{work}]\n"
        ))
    };
    let date: Date = "2026-05-01".parse().unwrap();
    let refused = |notices: &[_]| Calendar::new(notices).unwrap_err();
    assert_eq!(refused(&[of(2026, "2026-05-01", "2026-05-01")]), CalendarError::Contradiction { year: 2026, date });
    assert_eq!(refused(&[of(2026, "", ""), of(2026, "", "")]), CalendarError::Twice { year: 2026 });
    assert_eq!(refused(&[of(2025, "2026-05-01", "")]), CalendarError::OtherYear { year: 2025, date });
    assert!(Calendar::new(&[of(2026, "2025-12-31", "")]).is_ok());
    assert!(matches!(refused(&[of(2100, "2100-01-01", "")]), CalendarError::OutOfRange(_)));
}

#[test]
fn the_edges_of_the_table_are_errors_and_not_panics() {
    let cal = calendar();
    assert!(cal.works(day("1999-12-31")).is_err());
    assert!(cal.works(day("2000-01-01")).is_ok());
    assert!(cal.works(day("2099-12-31")).is_ok());
    assert!(cal.works(day("2100-01-01")).is_err());
    let due = |from, amount: &str| limit::due(&cal, Counting::default(), at(from), amount.parse().unwrap(), &[]);
    assert!(due("2099-12-31 09:00", "1 working day").is_err());
    assert!(due("2099-12-31 09:00", "24 working hours").is_err());
    assert!(due("2099-12-31 09:00", "1 day").is_err());
    assert!(due("2095-01-01 09:00", "9999 working days").is_err());
}

/// Every day of nine years against the notices as another project has them.
#[test]
fn every_day_from_2018_to_2026_agrees_with_the_data_folder() {
    let folder = std::env::var("JIESU_DATA_FOLDER").map_or_else(|_| root().join("../shared/data"), PathBuf::from);
    let folder = folder.join("calendar");
    if !folder.is_dir() {
        println!("skipped: no data folder {} (set JIESU_DATA_FOLDER)", folder.display());
        return;
    }
    let mut named: BTreeMap<String, bool> = BTreeMap::new();
    for year in 2018..=2026 {
        let text = std::fs::read_to_string(folder.join(format!("holiday-cn-{year}.json"))).unwrap();
        let notice: serde_json::Value = serde_json::from_str(&text).unwrap();
        for day in notice["days"].as_array().unwrap() {
            named.insert(day["date"].as_str().unwrap().to_owned(), day["isOffDay"].as_bool().unwrap());
        }
    }
    let cal = calendar();
    let (first, last) = (day("2018-01-01"), day("2026-12-31"));
    for n in first.0..=last.0 {
        let day = Day(n);
        let weekday = matches!(day.date().weekday().to_monday_one_offset(), 1..=5);
        let works = named.get(&day.date().to_string()).map_or(weekday, |off| !off);
        assert_eq!(cal.works(day).unwrap(), works, "{} {}", day.date(), day.weekday_zh());
    }
    println!("{} days agree", last.0 - first.0 + 1);
}
