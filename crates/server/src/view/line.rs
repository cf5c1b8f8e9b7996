//! A ticket as a line of a list.

use jiesu_domain::{
    Channel, Instant, Kind,
    calendar::Day,
    clock::ClockKind,
    describe,
    ticket::{StateName, Units},
};
use jiesu_store::TicketRow;
use jiesu_text::personal;
use serde::Serialize;
use utoipa::ToSchema;

use super::found::FoundView;

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
    /// Whose duty it is; absent where it is the centre's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit_name: Option<String>,
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
    /// Of a search by words: where they stand.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub found: Option<FoundView>,
}

impl TicketLine {
    /// For who must not know the appellant, of whom this is known: the title does not tell either.
    pub fn mask(&mut self, known: &[String]) {
        let known: Vec<&str> = known.iter().map(String::as_str).collect();
        self.title = personal::mask(&self.title, &known);
        self.place = self.place.as_deref().map(|place| personal::mask(place, &known));
    }
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

fn due_view(row: &TicketRow, units: &Units, now: Instant) -> Option<DueView> {
    let (at, clock): (Instant, ClockKind) = (row.next_due?, row.next_due_clock.as_deref()?.parse().ok()?);
    Some(DueView {
        clock,
        clock_name: clock.zh(),
        at,
        words: describe::due_words(at),
        left: describe::left_words(now, at),
        article: row.next_due_article.clone().unwrap_or_default(),
        unit: row.next_due_unit.clone(),
        unit_name: row.next_due_unit.as_deref().map(|u| unit_name(units, u)),
        tone: tone(now, at),
    })
}

/// A unit's name, or its id where it is not known any more.
pub fn unit_name(units: &Units, id: &str) -> String {
    units.get(id).map_or_else(|| id.to_owned(), |u| u.name.clone())
}

/// A ticket's row as a line. `None` for a row whose words this version does not know; `verify` tells more.
pub fn line(number: &str, version: i64, row: &TicketRow, units: &Units, now: Instant) -> Option<TicketLine> {
    let (kind, state): (Kind, StateName) = (row.kind.parse().ok()?, row.state.parse().ok()?);
    let channel: Channel = row.channel.parse().ok()?;
    Some(TicketLine {
        number: number.to_owned(),
        version,
        kind,
        kind_name: kind.zh(),
        title: row.title.clone(),
        state,
        state_name: state.zh(),
        urgent: row.urgent,
        confidential: row.confidential,
        overdue: row.overdue,
        supervised: row.supervised,
        provisional: row.provisional,
        channel,
        channel_name: channel.zh(),
        lead_name: row.lead.as_deref().map(|u| unit_name(units, u)),
        lead: row.lead.clone(),
        place: row.place.clone(),
        registered_at: row.registered_at,
        due: due_view(row, units, now),
        found: None,
    })
}
