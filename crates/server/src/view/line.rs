//! A ticket as a line of a list.

use jiesu_domain::{
    Channel, Instant, Kind, Rulebook,
    calendar::Day,
    clock::ClockKind,
    describe,
    ticket::{StateName, Units},
};
use jiesu_store::StoredTicket;
use serde::Serialize;
use utoipa::ToSchema;

/// How pressing a due instant is. Screens show it by colour and by words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Tone {
    Ok,
    /// Due today or tomorrow.
    Soon,
    Late,
}

/// The next duty.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct DueView {
    pub clock: ClockKind,
    pub clock_name: &'static str,
    #[schema(value_type = String, format = DateTime)]
    pub at: Instant,
    /// `5月11日24时`.
    pub words: String,
    /// `还剩1天6小时`, `已超期3小时`.
    pub left: String,
    /// Article of the limit, where an article says it.
    pub article: String,
    pub tone: Tone,
}

/// A ticket as a line of a list.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TicketLine {
    pub number: String,
    pub version: i64,
    pub kind: Kind,
    pub kind_name: &'static str,
    pub title: String,
    pub state: StateName,
    pub state_name: &'static str,
    pub urgent: bool,
    pub confidential: bool,
    pub overdue: bool,
    pub supervised: bool,
    /// A due instant rests on a year whose holiday notice is not out yet.
    pub provisional: bool,
    pub channel: Channel,
    pub channel_name: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lead: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lead_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
    #[schema(value_type = String, format = DateTime)]
    pub registered_at: Instant,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub due: Option<DueView>,
}

/// How pressing: late, due by the end of tomorrow, or later.
pub fn tone(now: Instant, due: Instant) -> Tone {
    if now >= due {
        Tone::Late
    } else if due <= Day::of(now).next().end() {
        Tone::Soon
    } else {
        Tone::Ok
    }
}

pub fn due_view(book: &Rulebook, clock: ClockKind, at: Instant, now: Instant) -> DueView {
    let article = book.limit.iter().find(|r| r.clock == clock).and_then(|r| r.article.clone()).unwrap_or_default();
    DueView {
        clock,
        clock_name: clock.zh(),
        at,
        words: describe::due_words(at),
        left: describe::left_words(now, at),
        article,
        tone: tone(now, at),
    }
}

/// A stored row as a line. `None` for a row whose words this version does not know; `verify` tells more.
pub fn line(t: &StoredTicket, book: &Rulebook, units: &Units, now: Instant) -> Option<TicketLine> {
    let (kind, state): (Kind, StateName) = (t.row.kind.parse().ok()?, t.row.state.parse().ok()?);
    let channel: Channel = t.row.channel.parse().ok()?;
    let due = t.row.next_due.zip(t.row.next_due_clock.as_deref());
    Some(TicketLine {
        number: t.ticket.clone(),
        version: t.version,
        kind,
        kind_name: kind.zh(),
        title: t.row.title.clone(),
        state,
        state_name: state.zh(),
        urgent: t.row.urgent,
        confidential: t.row.confidential,
        overdue: t.row.overdue,
        supervised: t.row.supervised,
        provisional: t.row.provisional,
        channel,
        channel_name: channel.zh(),
        lead_name: t.row.lead.as_ref().map(|u| units.get(u).map_or_else(|| u.clone(), |i| i.name.clone())),
        lead: t.row.lead.clone(),
        place: t.row.place.clone(),
        registered_at: t.row.registered_at,
        due: due.and_then(|(at, clock)| Some(due_view(book, clock.parse().ok()?, at, now))),
    })
}
