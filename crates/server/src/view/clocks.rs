//! A clock with its whole ground: counting day by day, sentence, article, readings.

use jiesu_domain::{
    Calendar, Instant, Rulebook,
    calendar::Day,
    clock::{Clock, ClockKind, ClockStatus, Extension},
    describe,
    limit::{self, CountedDay, Counting, DayRole, Pause},
    ticket::Units,
};
use serde::Serialize;
use utoipa::ToSchema;

/// A reading a due instant rests on.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ReadingView {
    pub id: String,
    pub question: String,
    pub answer: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub like: Option<String>,
    /// It fills in a number that the text leaves open.
    pub default: bool,
}

/// A day of the counting.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct DayView {
    #[schema(format = Date)]
    pub date: String,
    pub weekday: &'static str,
    /// `start`, `counted`, `weekend`, `holiday`, `make-up` or `paused`.
    pub role: &'static str,
    /// Which counted day it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub n: Option<u32>,
    /// The holiday's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// A clock as the ticket page shows it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ClockView {
    pub id: u32,
    pub kind: ClockKind,
    pub name: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit_name: Option<String>,
    #[schema(value_type = String, format = DateTime)]
    pub from: Instant,
    /// `10个工作日`.
    pub amount: String,
    #[schema(value_type = String, format = DateTime)]
    pub due: Instant,
    pub due_words: String,
    /// Empty once the duty has ended.
    pub left: String,
    /// `running`, `held`, `paused`, `met`, `void`, or `closed`: a window or date that has passed and was nobody's duty.
    pub status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub ended_at: Option<Instant>,
    pub late: bool,
    pub provisional: bool,
    /// The whole ground in one sentence.
    pub sentence: String,
    pub article: String,
    pub readings: Vec<ReadingView>,
    /// Day by day; empty for limits in hours and minutes.
    pub days: Vec<DayView>,
    pub extensions: Vec<Extension>,
    pub pauses: Vec<Pause>,
}

pub fn clock_view(clock: &Clock, book: &Rulebook, cal: &Calendar, units: &Units, now: Instant) -> ClockView {
    let (status, ended_at) = match clock.status {
        ClockStatus::Running => ("running", None),
        ClockStatus::Held => ("held", None),
        ClockStatus::Paused { .. } => ("paused", None),
        ClockStatus::Met { at } => ("met", Some(at)),
        ClockStatus::Void { at } => ("void", Some(at)),
    };
    let closed = !clock.kind.is_duty() && clock.late(now) && status != "met";
    let (status, ended_at) = if closed { ("closed", Some(clock.due)) } else { (status, ended_at) };
    ClockView {
        id: clock.id,
        kind: clock.kind,
        name: clock.kind.zh(),
        unit: clock.unit.clone(),
        unit_name: clock.unit.as_ref().map(|u| units.get(u).map_or_else(|| u.clone(), |i| i.name.clone())),
        from: clock.from,
        amount: clock.amount.to_string(),
        due: clock.due,
        due_words: describe::due_words(clock.due),
        left: if ended_at.is_none() { describe::left_words(now, clock.due) } else { String::new() },
        status,
        ended_at,
        late: clock.kind.is_duty() && clock.late(now),
        provisional: clock.provisional,
        // A clock that can no longer be explained (another calendar was loaded since) still shows what was frozen with it.
        sentence: describe::sentence(cal, book, clock).unwrap_or_else(|e| e.to_string()),
        article: clock.basis.article.clone(),
        readings: readings(clock, book),
        days: days(clock, book, cal),
        extensions: clock.extensions.clone(),
        pauses: clock.pauses.clone(),
    }
}

fn readings(clock: &Clock, book: &Rulebook) -> Vec<ReadingView> {
    let of_extensions = clock.extensions.iter().flat_map(|e| &e.basis.readings);
    let mut ids: Vec<&String> = clock.basis.readings.iter().chain(of_extensions).collect();
    let mut seen = std::collections::BTreeSet::new();
    ids.retain(|id| seen.insert(*id));
    let view = |id: &String| {
        let a = book.reading(id)?;
        Some(ReadingView {
            id: a.id.clone(),
            question: a.question.clone(),
            answer: a.answer.clone(),
            like: a.like.clone(),
            default: a.default,
        })
    };
    ids.into_iter().filter_map(view).collect()
}

/// The days of the limit and, numbered on, those of its extensions.
fn days(clock: &Clock, book: &Rulebook, cal: &Calendar) -> Vec<DayView> {
    let counting = book.counting();
    let count =
        |from, amount, counting| limit::count_days(cal, counting, from, amount, &clock.pauses).unwrap_or_default();
    let mut days: Vec<DayView> =
        count(clock.from, clock.amount, counting).into_iter().map(|d| day_view(d, 0)).collect();
    if days.is_empty() {
        return days;
    }
    for extension in &clock.extensions {
        let before = days.iter().filter_map(|d| d.n).max().unwrap_or_default();
        // Counted from the due day, which is left out whatever the reading says of the first one.
        let (from, counting) =
            (Day::of_due(extension.due_before).start(), Counting { start_day_counts: false, ..counting });
        let more = count(from, extension.amount(), counting);
        days.extend(more.into_iter().skip(1).map(|d| day_view(d, before)));
    }
    days
}

fn day_view(counted: CountedDay, before: u32) -> DayView {
    let (role, n, note) = match counted.role {
        DayRole::Start => ("start", None, None),
        DayRole::Counted(n, None) => ("counted", Some(before + n), None),
        DayRole::Counted(n, holiday) => ("make-up", Some(before + n), holiday),
        DayRole::Weekend => ("weekend", None, None),
        DayRole::Holiday(name) => ("holiday", None, Some(name)),
        DayRole::Paused => ("paused", None, None),
    };
    DayView { date: counted.day.date().to_string(), weekday: counted.day.weekday_zh(), role, n, note }
}
