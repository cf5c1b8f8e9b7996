//! Who is on duty: the shifts of a day, who is down for which, and what people say of themselves. Shangrao's hotline is answered by people
//! round the clock (SR-2); what was worked goes into the yearly budget (QD-0).

use serde::{Deserialize, Serialize};

use jiff::SignedDuration;

use crate::{
    Instant, Role,
    access::{self, Right},
    calendar::Day,
    ticket::Refusal,
    words::words,
};

words! {
    /// Whether somebody on duty takes calls now, as they say themselves.
    Presence, "在岗状态" {
        Present = "present" "在岗",
        Break = "break" "小休",
        Off = "off" "离岗",
    }
}

/// Minutes of a day.
const DAY: u16 = 24 * 60;
const SHIFTS_MOST: usize = 12;
const NAME_MOST: usize = 20;
/// People of one shift.
const PEOPLE_MOST: usize = 500;
/// How far ahead people are put down.
const DAYS_AHEAD: i32 = 366;
/// A state that nobody ended counts for no longer than this: who forgot to say that they left did not work for days.
const STATE_MOST: SignedDuration = SignedDuration::from_hours(16);

/// A shift, the same every day. One that ends at or before its beginning ends on the next day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Shift {
    /// Small letters, digits and `-`; stays when it is renamed.
    pub id: String,
    pub name: String,
    /// `08:00`.
    pub from: TimeOfDay,
    /// `16:00`; `24:00` is the end of the day.
    pub until: TimeOfDay,
}

/// A time of day to the minute, written `HH:MM`, to `24:00`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TimeOfDay(u16);

#[cfg(feature = "schema")]
impl utoipa::PartialSchema for TimeOfDay {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        let text = utoipa::openapi::ObjectBuilder::new().schema_type(utoipa::openapi::Type::String);
        text.pattern(Some("^([01][0-9]|2[0-3]):[0-5][0-9]$|^24:00$")).into()
    }
}

#[cfg(feature = "schema")]
impl utoipa::ToSchema for TimeOfDay {}

impl TryFrom<String> for TimeOfDay {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let wrong = || format!("时间“{}”应写作 08:00，最晚 24:00", text.chars().take(10).collect::<String>());
        let two = |s: &str| (s.len() == 2 && s.bytes().all(|b| b.is_ascii_digit())).then(|| s.parse::<u16>().ok());
        let (hours, minutes) = text.split_once(':').ok_or_else(wrong)?;
        match (two(hours).flatten(), two(minutes).flatten()) {
            (Some(h), Some(m)) if m < 60 && h * 60 + m <= DAY => Ok(TimeOfDay(h * 60 + m)),
            _ => Err(wrong()),
        }
    }
}

impl From<TimeOfDay> for String {
    fn from(time: TimeOfDay) -> String {
        time.to_string()
    }
}

impl std::fmt::Display for TimeOfDay {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:02}:{:02}", self.0 / 60, self.0 % 60)
    }
}

impl Shift {
    /// Whether it ends on the day after.
    fn runs_over(&self) -> bool {
        self.until <= self.from
    }
}

/// Three shifts of eight hours: a default, not law.
pub fn usual() -> Vec<Shift> {
    let shift = |id: &str, name: &str, from: u16, until: u16| Shift {
        id: id.into(),
        name: name.into(),
        from: TimeOfDay(from * 60),
        until: TimeOfDay(until * 60),
    };
    vec![shift("early", "早班", 8, 16), shift("late", "晚班", 16, 24), shift("night", "夜班", 0, 8)]
}

/// Whether a centre can work by these shifts.
///
/// # Errors
/// Names the field that is wrong.
pub fn check(shifts: &[Shift]) -> Result<(), Refusal> {
    let wrong = |message: String| Err(Refusal::input("shifts", message));
    if shifts.is_empty() || shifts.len() > SHIFTS_MOST {
        return wrong(format!("班次应有1至{SHIFTS_MOST}个"));
    }
    for (n, shift) in shifts.iter().enumerate() {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if shift.id.is_empty() || shift.id.len() > NAME_MOST || !shift.id.chars().all(plain) {
            return wrong(format!("班次编号用小写字母、数字和“-”，1至{NAME_MOST}位"));
        }
        let length = shift.name.trim().chars().count();
        if length == 0 || length > NAME_MOST {
            return wrong(format!("请写明班次名称，最多{NAME_MOST}字"));
        }
        if shifts[..n].iter().any(|s| s.id == shift.id || s.name.trim() == shift.name.trim()) {
            return wrong(format!("“{}”写了两次；班次的编号和名称须能区分", shift.name.trim()));
        }
        if shift.from.0 == DAY {
            return wrong(format!("“{}”从24:00开始，请写作00:00", shift.name.trim()));
        }
    }
    Ok(())
}

/// Whether people of a role are put down for shifts and say whether they take calls.
pub fn takes_duty(role: Role) -> bool {
    access::has(role, Right::TakeDuty)
}

/// Whether these people can be put down for a shift of a day; `None` for somebody who holds no post any more.
///
/// # Errors
/// Names the field that is wrong.
pub fn may_put_down(
    (day, today): (Day, Day),
    (shift, shifts): (&str, &[Shift]),
    people: &[Option<Role>],
) -> Result<(), Refusal> {
    if day < today || day.0 > today.0 + DAYS_AHEAD {
        return Err(Refusal::input("day", "只能排今天及以后一年内的班；过去的排班不能更改"));
    }
    if !shifts.iter().any(|s| s.id == shift) {
        return Err(Refusal::input("shift", "没有这个班次；请刷新后重新选择"));
    }
    if people.len() > PEOPLE_MOST {
        return Err(Refusal::input("people", format!("一个班次最多{PEOPLE_MOST}人")));
    }
    if !people.iter().all(|role| role.is_some_and(takes_duty)) {
        return Err(Refusal::input("people", "有人已离任或不值班；请刷新后重新选择"));
    }
    Ok(())
}

/// Whether a state that began then and that nobody ended still holds.
pub fn holds(since: Instant, now: Instant) -> bool {
    now.duration_since(since) < STATE_MOST
}

/// How long a state counts; `None`: nobody has ended it.
pub fn lasted(since: Instant, until: Option<Instant>, now: Instant) -> SignedDuration {
    until.unwrap_or(now).duration_since(since).clamp(SignedDuration::ZERO, STATE_MOST)
}

/// The parts of a day in which nobody is down for duty: `manned` are the shifts with somebody on them that begin on the day, `before` those
/// of the day before.
pub fn gaps(manned: &[&Shift], before: &[&Shift]) -> Vec<(TimeOfDay, TimeOfDay)> {
    let mut spans: Vec<(u16, u16)> = Vec::new();
    for shift in manned {
        spans.push((shift.from.0, if shift.runs_over() { DAY } else { shift.until.0 }));
    }
    for shift in before.iter().filter(|shift| shift.runs_over()) {
        spans.push((0, shift.until.0));
    }
    spans.sort_unstable();
    let (mut gaps, mut reached) = (Vec::new(), 0);
    for (from, until) in spans {
        if from > reached {
            gaps.push((TimeOfDay(reached), TimeOfDay(from)));
        }
        reached = reached.max(until);
    }
    if reached < DAY {
        gaps.push((TimeOfDay(reached), TimeOfDay(DAY)));
    }
    gaps
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time(text: &str) -> TimeOfDay {
        text.to_owned().try_into().unwrap()
    }

    fn shift(name: &str, from: &str, until: &str) -> Shift {
        Shift { id: name.into(), name: name.into(), from: time(from), until: time(until) }
    }

    fn told(manned: &[&Shift], before: &[&Shift]) -> Vec<String> {
        gaps(manned, before).iter().map(|(from, until)| format!("{from}-{until}")).collect()
    }

    /// SR-2: round the clock, to the minute.
    #[test]
    fn what_nobody_is_down_for_is_said() {
        let usual = usual();
        let all: Vec<&Shift> = usual.iter().collect();
        assert_eq!(told(&all, &[]), [""; 0]);
        assert_eq!(told(&[], &[]), ["00:00-24:00"]);
        assert_eq!(told(&[&usual[0]], &[]), ["00:00-08:00", "16:00-24:00"]);
        let (night, day) = (shift("n", "20:00", "08:00"), shift("d", "08:01", "20:00"));
        assert_eq!(told(&[&day, &night], &[&night]), ["08:00-08:01"]);
        assert_eq!(told(&[&day, &night], &[]), ["00:00-08:01"], "last night's shift is yesterday's");
        let (whole, inner) = (shift("w", "08:00", "08:00"), shift("i", "09:00", "10:00"));
        assert_eq!(told(&[&whole], &[]), ["00:00-08:00"]);
        assert_eq!(told(&[&whole, &inner], &[&whole]), [""; 0]);
    }

    #[test]
    fn who_is_put_down_and_when_holds_at_its_edges() {
        let (today, usual) = (Day(20_000), usual());
        let field = |day: i32, shift: &str, people: &[Option<Role>]| {
            let asked = may_put_down((Day(day), today), (shift, &usual), people);
            asked.err().and_then(|refusal| refusal.field)
        };
        let seats = |n: usize| vec![Some(Role::Seat); n];
        assert_eq!(field(20_000, "early", &seats(PEOPLE_MOST)), None);
        assert_eq!(field(20_000 + DAYS_AHEAD, "early", &[]), None);
        assert_eq!(field(19_999, "early", &[]), Some("day"));
        assert_eq!(field(20_001 + DAYS_AHEAD, "early", &[]), Some("day"));
        assert_eq!(field(20_000, "noon", &[]), Some("shift"));
        assert_eq!(field(20_000, "early", &seats(PEOPLE_MOST + 1)), Some("people"));
        assert_eq!(field(20_000, "early", &[Some(Role::Seat), None]), Some("people"));
        assert_eq!(field(20_000, "early", &[Some(Role::CentreManager)]), Some("people"));
    }

    #[test]
    fn a_state_that_nobody_ends_counts_for_sixteen_hours() {
        let at = |seconds: i64| Instant::from_second(1_700_000_000 + seconds).unwrap();
        let most = 16 * 3600;
        assert!(holds(at(0), at(most - 1)) && !holds(at(0), at(most)));
        for (until, seconds) in [(Some(60), 60), (Some(-5), 0), (Some(most + 1), most), (None, most)] {
            assert_eq!(lasted(at(0), until.map(at), at(2 * most)).as_secs(), seconds, "{until:?}");
        }
    }

    #[test]
    fn times_and_shifts_hold_at_their_edges() {
        for good in ["00:00", "23:59", "24:00"] {
            assert_eq!(time(good).to_string(), good);
        }
        for bad in ["24:01", "12:60", "8:00", "", "0800", "-1:00", "+1:00", "08:00:00", "０８:00"] {
            assert!(TimeOfDay::try_from(bad.to_owned()).is_err(), "{bad}");
        }
        assert_eq!(check(&usual()), Ok(()));
        let many = |n: usize| (0..n).map(|i| shift(&format!("s{i}"), "08:00", "16:00")).collect::<Vec<_>>();
        assert_eq!(check(&many(SHIFTS_MOST)), Ok(()));
        for bad in [
            vec![],
            many(SHIFTS_MOST + 1),
            vec![shift("a", "08:00", "09:00"), shift("a", "10:00", "11:00")],
            vec![shift("A", "08:00", "09:00")],
            vec![shift("a", "24:00", "09:00")],
            vec![shift(&"a".repeat(NAME_MOST + 1), "08:00", "09:00")],
        ] {
            assert_eq!(check(&bad).unwrap_err().field, Some("shifts"), "{bad:?}");
        }
        assert_eq!(check(&[shift(&"a".repeat(NAME_MOST), "08:00", "09:00")]), Ok(()));
    }
}
