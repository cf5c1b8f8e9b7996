//! `limit::due` against a slow, obvious reference that walks day by day and minute by minute and knows no tables.
#![allow(clippy::disallowed_types, reason = "a set of dates for the reference")]

use std::collections::BTreeMap;

use jiesu_domain::{
    Amount, Calendar, Instant,
    calendar::{Day, Notice},
    limit::{Counting, DayRole, EndOfDay, Measure, Pause, count_days, due, extended},
};
use jiff::civil::Date;
use proptest::prelude::*;

use super::support::{at, calendar, minutes, notice, notices};

const MINUTE: i64 = 60;

/// The reference's own idea of the calendar: the notices' dates, and Monday to Friday.
struct Dates(BTreeMap<Date, bool>);

impl Dates {
    fn of(notices: &[Notice]) -> Dates {
        let mut dates = BTreeMap::new();
        for holiday in notices.iter().flat_map(|n| &n.holiday) {
            dates.extend(holiday.off.iter().map(|d| (*d, false)));
            dates.extend(holiday.work.iter().map(|d| (*d, true)));
        }
        Dates(dates)
    }

    fn works(&self, date: Date) -> bool {
        self.0.get(&date).copied().unwrap_or(!matches!(date.weekday().to_monday_one_offset(), 6 | 7))
    }
}

fn shanghai(t: Instant) -> jiff::civil::DateTime {
    jiff::tz::Offset::constant(8).to_datetime(t)
}

fn instant(date: Date, second: i64) -> Instant {
    let midnight = jiff::tz::Offset::constant(8).to_timestamp(date.at(0, 0, 0, 0)).unwrap();
    midnight + jiff::SignedDuration::from_secs(second)
}

fn slow_due(dates: &Dates, counting: Counting, from: Instant, amount: Amount, pauses: &[Pause]) -> Instant {
    match amount.measure {
        Measure::WorkingDays => by_days(dates, counting, from, amount.n, pauses, true),
        Measure::CalendarDays => by_days(dates, counting, from, amount.n, pauses, false),
        Measure::Hours => by_minutes(dates, from, amount.n * 60, pauses, false),
        Measure::Minutes => by_minutes(dates, from, amount.n, pauses, false),
        Measure::WorkingHours => by_minutes(dates, from, amount.n * 60, pauses, true),
    }
}

fn by_days(dates: &Dates, counting: Counting, from: Instant, n: u32, pauses: &[Pause], working: bool) -> Instant {
    let start = shanghai(from).date();
    let mut date = start;
    let mut counted = 0;
    loop {
        let end = match counting.end_of_day {
            EndOfDay::Midnight => instant(date, 86_400),
            EndOfDay::At(second) => instant(date, second),
            EndOfDay::SameClockTime => {
                let t = shanghai(from).time();
                instant(date, i64::from(t.hour()) * 3600 + i64::from(t.minute()) * 60 + i64::from(t.second()))
            }
        };
        let may_count = if date == start { counting.start_day_counts && from < end } else { true };
        let works = !working || dates.works(date);
        let stood_still = pauses.iter().any(|p| p.from < end && end <= p.to);
        if may_count && works && !stood_still {
            counted += 1;
            if counted == n {
                return end;
            }
        }
        date = date.tomorrow().unwrap();
    }
}

fn by_minutes(dates: &Dates, from: Instant, n: u32, pauses: &[Pause], working: bool) -> Instant {
    let mut t = from;
    let mut left = n;
    while left > 0 {
        let stands_still = pauses.iter().any(|p| p.from <= t && t < p.to);
        let day_off = working && !dates.works(shanghai(t).date());
        if !stands_still && !day_off {
            left -= 1;
        }
        t += minutes(1);
    }
    t
}

fn any_counting() -> impl Strategy<Value = Counting> {
    let end = prop_oneof![
        3 => Just(EndOfDay::Midnight),
        1 => (1i64..=24 * 60).prop_map(|m| EndOfDay::At(m * MINUTE)),
        1 => Just(EndOfDay::SameClockTime),
    ];
    (any::<bool>(), end).prop_map(|(start_day_counts, end_of_day)| Counting { start_day_counts, end_of_day })
}

fn any_amount() -> impl Strategy<Value = Amount> {
    let of = |n: std::ops::RangeInclusive<u32>, measure| n.prop_map(move |n| Amount { n, measure });
    prop_oneof![
        4 => of(1..=40, Measure::WorkingDays),
        1 => of(1..=60, Measure::CalendarDays),
        1 => of(1..=100, Measure::Hours),
        1 => of(1..=3_000, Measure::Minutes),
        1 => of(1..=100, Measure::WorkingHours),
        1 => (1u32..=5).prop_map(|days| Amount { n: days * 24, measure: Measure::WorkingHours }),
    ]
}

/// From 2017-12-01 to 2027-06-30, on whole minutes, often just before, at or after midnight.
fn any_from() -> impl Strategy<Value = Instant> {
    let day = 0i64..3_498;
    let minute = prop_oneof![3 => 0i64..1_440, 1 => Just(0), 1 => Just(1_439)];
    (day, minute).prop_map(|(day, minute)| at("2017-12-01 00:00") + minutes(day * 1_440 + minute))
}

/// Up to three pauses, some beginning before the start, some touching midnight.
fn pauses_near(from: Instant) -> impl Strategy<Value = Vec<Pause>> {
    let gap = prop_oneof![2 => 0i64..4_000, 1 => Just(1_440)];
    let length = prop_oneof![3 => 1i64..6_000, 1 => Just(1_440)];
    let midnights = any::<bool>();
    (prop::collection::vec((gap, length), 0..=3), -2_000i64..1_000, midnights).prop_map(
        move |(spans, shift, midnights)| {
            let start = if midnights { Day::of(from).start() } else { from + minutes(shift) };
            let mut t = start;
            spans
                .into_iter()
                .map(|(gap, length)| {
                    let pause = Pause { from: t + minutes(gap), to: t + minutes(gap + length) };
                    t = pause.to;
                    pause
                })
                .collect()
        },
    )
}

fn any_case() -> impl Strategy<Value = (Counting, Instant, Amount, Vec<Pause>)> {
    (any_counting(), any_from(), any_amount())
        .prop_flat_map(|(counting, from, amount)| (Just(counting), Just(from), Just(amount), pauses_near(from)))
}

/// A notice for the year that has none, contrary to Monday-to-Friday wherever it speaks.
fn with_2027() -> Calendar {
    let days = |from: i8, to: i8, works: bool| {
        let dates = (from..=to).map(|d| jiff::civil::date(2027, 1, d));
        let wanted = dates.filter(|d| (d.weekday().to_monday_one_offset() > 5) == works);
        wanted.map(|d| format!("\"{d}\"")).collect::<Vec<_>>().join(", ")
    };
    let off = days(1, 31, false);
    let work = days(1, 31, true);
    let toml =
        format!("year = 2027\ntitle = \"t\"\nsource = []\n[[holiday]]\nname = \"n\"\noff = [{off}]\nwork = [{work}]\n");
    let mut all = notices();
    all.push(notice(&toml));
    Calendar::new(&all).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn agrees_with_the_reference((counting, from, amount, pauses) in any_case()) {
        let fast = due(calendar_once(), counting, from, amount, &pauses).unwrap().at;
        let slow = slow_due(dates_once(), counting, from, amount, &pauses);
        prop_assert_eq!(shanghai(fast), shanghai(slow));
        prop_assert!(fast > from);
    }

    #[test]
    fn a_pause_never_shortens((counting, from, amount, pauses) in any_case()) {
        let cal = calendar_once();
        let without = due(cal, counting, from, amount, &[]).unwrap().at;
        for most in 0..=pauses.len() {
            let with = due(cal, counting, from, amount, &pauses[..most]).unwrap().at;
            prop_assert!(with >= without, "{} < {}", shanghai(with), shanghai(without));
        }
    }

    #[test]
    fn more_is_never_earlier((counting, from, amount, pauses) in any_case(), more in 1u32..20) {
        let cal = calendar_once();
        let longer = Amount { n: amount.n + more, ..amount };
        prop_assert!(due(cal, counting, from, longer, &pauses).unwrap().at > due(cal, counting, from, amount, &pauses).unwrap().at);
    }

    /// Not for "same clock time": there a start on a day off at noon ends at noon, and one on the evening before ends in the evening.
    #[test]
    fn later_is_never_earlier((counting, from, amount, pauses) in any_case(), later in 0i64..10_000) {
        prop_assume!(counting.end_of_day != EndOfDay::SameClockTime);
        let cal = calendar_once();
        let second = due(cal, counting, from + minutes(later), amount, &pauses).unwrap().at;
        prop_assert!(second >= due(cal, counting, from, amount, &pauses).unwrap().at);
    }

    /// N days and then M days more is N + M days: an extension hides no day and gives none away.
    #[test]
    fn an_extension_goes_on_where_the_limit_ended(
        (counting, from, amount, pauses) in any_case(), more in 1u32..20
    ) {
        let amount = Amount::working_days(amount.n);
        let cal = calendar_once();
        let first = due(cal, counting, from, amount, &pauses).unwrap();
        let both = due(cal, counting, from, Amount { n: amount.n + more, ..amount }, &pauses).unwrap();
        prop_assert_eq!(extended(cal, counting, first.at, more, true, &pauses).unwrap().at, both.at);
    }

    #[test]
    fn the_explanation_counts_the_same_days((counting, from, amount, pauses) in any_case()) {
        let cal = calendar_once();
        let days = count_days(cal, counting, from, amount, &pauses).unwrap();
        if !matches!(amount.measure, Measure::WorkingDays | Measure::CalendarDays) {
            prop_assert!(days.is_empty());
            return Ok(());
        }
        let counted: Vec<u32> = days.iter().filter_map(|d| if let DayRole::Counted(n, _) = d.role { Some(n) } else { None }).collect();
        prop_assert_eq!(&counted, &(1..=amount.n).collect::<Vec<_>>());
        let consecutive = days.windows(2).all(|w| w[0].day.next() == w[1].day);
        prop_assert!(consecutive && days[0].day == Day::of(from));
        let last = days.last().unwrap().day;
        let due = due(cal, counting, from, amount, &pauses).unwrap().at;
        let falls_on = if counting.end_of_day == EndOfDay::SameClockTime { Day::of(due) } else { Day::of_due(due) };
        prop_assert_eq!(last, falls_on);
    }

    /// What is not marked provisional stays when the missing notice comes out, whatever it says about its year.
    #[test]
    fn only_what_is_provisional_can_change(
        counting in any_counting(), from_day in 0i64..150, minute in 0i64..1_440, amount in any_amount()
    ) {
        let from = at("2026-10-01 00:00") + minutes(from_day * 1_440 + minute);
        let before = due(calendar_once(), counting, from, amount, &[]).unwrap();
        if !before.provisional {
            prop_assert_eq!(due(with_2027_once(), counting, from, amount, &[]).unwrap().at, before.at);
        }
    }
}

use once::{calendar_once, dates_once, with_2027_once};

/// Laid out once for all cases.
mod once {
    use std::sync::OnceLock;

    use super::*;

    pub fn calendar_once() -> &'static Calendar {
        static CALENDAR: OnceLock<Calendar> = OnceLock::new();
        CALENDAR.get_or_init(calendar)
    }

    pub fn with_2027_once() -> &'static Calendar {
        static CALENDAR: OnceLock<Calendar> = OnceLock::new();
        CALENDAR.get_or_init(with_2027)
    }

    pub fn dates_once() -> &'static Dates {
        static DATES: OnceLock<Dates> = OnceLock::new();
        DATES.get_or_init(|| Dates::of(&notices()))
    }
}

/// What each amount means from one Friday afternoon.
#[test]
fn each_measure_on_one_start() {
    let cal = calendar();
    // 2026-11-20 is 周五, an ordinary week follows.
    let from = at("2026-11-20 16:30");
    for (amount, due_at) in [
        ("1 working day", "2026-11-23 24:00"),    // 周一
        ("24 working hours", "2026-11-23 16:30"), // 7.5 h on 周五, the weekend skipped whole, 16.5 h on 周一
        ("24 hours", "2026-11-21 16:30"),
        ("20 minutes", "2026-11-20 16:50"),
        ("1 day", "2026-11-21 24:00"),
    ] {
        let due = due(&cal, Counting::default(), from, amount.parse().unwrap(), &[]).unwrap().at;
        assert_eq!(due, at(due_at), "{amount}");
    }
    // Used up with the end of a Friday, they end there and not after the weekend.
    let friday = due(&cal, Counting::default(), at("2026-11-20 00:00"), "24 working hours".parse().unwrap(), &[]);
    assert_eq!(friday.unwrap().at, at("2026-11-20 24:00"));
    // On a day off, working hours begin with the next working day: 24 of them are that whole day.
    let saturday =
        due(&cal, Counting::default(), at("2026-11-21 10:00"), "24 working hours".parse().unwrap(), &[]).unwrap();
    assert_eq!(saturday.at, at("2026-11-23 24:00"));
}

#[test]
fn the_readings_of_the_day() {
    let cal = calendar();
    let one = Amount::working_days(1);
    let reading = |start_day_counts, end_of_day| Counting { start_day_counts, end_of_day };
    let office = EndOfDay::At(17 * 3600 + 30 * 60);
    for (counting, from, due_at) in [
        (reading(false, office), "2026-11-18 09:00", "2026-11-19 17:30"), // 周三 to 周四
        (reading(false, office), "2026-11-20 20:00", "2026-11-23 17:30"), // 周五 evening to 周一
        (reading(true, office), "2026-11-18 09:00", "2026-11-18 17:30"),
        (reading(true, office), "2026-11-18 17:30", "2026-11-19 17:30"), // the day is over: it cannot be day 1
        (reading(true, EndOfDay::Midnight), "2026-11-18 23:59", "2026-11-18 24:00"),
        (reading(true, EndOfDay::Midnight), "2026-11-21 09:00", "2026-11-23 24:00"), // 周六 does not work
        (reading(false, EndOfDay::SameClockTime), "2026-11-20 09:15", "2026-11-23 09:15"),
        (reading(true, EndOfDay::SameClockTime), "2026-11-20 09:15", "2026-11-23 09:15"), // would be no time at all
    ] {
        assert_eq!(due(&cal, counting, at(from), one, &[]).unwrap().at, at(due_at), "{from} {counting:?}");
    }
}

#[test]
fn a_pause_takes_out_the_days_whose_end_lies_in_it() {
    let cal = calendar();
    // Two working days from 2026-11-16 周一 end on 周三.
    let two = |from: &str, to: &str| {
        let pause = Pause { from: at(from), to: at(to) };
        due(&cal, Counting::default(), at("2026-11-16 09:00"), Amount::working_days(2), &[pause]).unwrap().at
    };
    assert_eq!(two("2026-11-17 09:00", "2026-11-17 18:00"), at("2026-11-18 24:00")); // within one day
    assert_eq!(two("2026-11-17 09:00", "2026-11-18 09:00"), at("2026-11-19 24:00")); // over one midnight
    assert_eq!(two("2026-11-17 09:00", "2026-11-17 24:00"), at("2026-11-19 24:00")); // until midnight: the end lies in it
    assert_eq!(two("2026-11-17 24:00", "2026-11-18 18:00"), at("2026-11-18 24:00")); // from midnight: 周二 was consumed
    assert_eq!(two("2026-11-20 09:00", "2026-11-23 09:00"), at("2026-11-18 24:00")); // after it ended
    assert_eq!(two("2026-11-14 09:00", "2026-11-16 12:00"), at("2026-11-18 24:00")); // before and into the start day
}

#[test]
fn amounts_are_read_and_written() {
    for (text, zh) in [
        ("1 working day", "1个工作日"),
        ("24 working hours", "24个工作日小时"),
        ("2 hours", "2小时"),
        ("20 minutes", "20分钟"),
        ("7 days", "7日"),
    ] {
        let amount: Amount = text.parse().unwrap();
        assert_eq!(amount.to_string(), zh);
        assert_eq!(serde_json::to_string(&amount).unwrap(), format!("\"{text}\""));
    }
    for wrong in ["", "5", "five days", "0 days", "-1 days", "1.5 hours", "10000 days", "5 weeks", "5  ", "５ days"] {
        assert!(wrong.parse::<Amount>().is_err(), "{wrong:?}");
    }
    assert!("9999 days".parse::<Amount>().is_ok());
}
