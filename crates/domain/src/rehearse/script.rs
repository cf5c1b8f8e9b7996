//! The scenario file.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::staff::StaffAct;
use crate::{
    Actor, Instant, Role,
    calendar::Day,
    catalogue::{Catalogue, Entry, Head},
    clock::ClockKind,
    knowledge::{self, EntryState},
    organisation::SeatKind,
    rulebook::{RulebookError, parse_toml},
    ticket::{Action, Standing, StateName, Units},
};

/// A story about one ticket.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    pub title: String,
    /// Obligation ids it shows, e.g. `SR-14`.
    pub covers: Vec<String>,
    /// Rulebook id.
    pub rulebook: String,
    /// Units beyond the ones every scenario has (see `docs/scenario-format.md`).
    #[serde(default)]
    pub units: Units,
    /// Entries of the dispatch catalogue of this story.
    #[serde(default)]
    pub catalogue: Vec<Entry>,
    /// How other tickets stand that the story names, by number. Without any, nobody looks whether a named ticket is there.
    #[serde(default)]
    pub earlier: BTreeMap<String, Standing>,
    /// Years whose notices are taken as not published yet.
    #[serde(default)]
    pub without_notices: Vec<i16>,
    pub step: Vec<Step>,
}

impl Scenario {
    /// The story's own dispatch catalogue, if it has one.
    pub(super) fn catalogue(&self, rulebook: &str) -> Option<Catalogue> {
        if self.catalogue.is_empty() {
            return None;
        }
        let head = Head {
            rulebook: rulebook.to_owned(),
            version: 1,
            in_force: jiff::civil::date(2000, 1, 1),
            default: true,
            note: None,
        };
        Some(Catalogue { catalogue: head, entry: self.catalogue.clone() })
    }
}

/// One thing that is done (or only looked at) and what must follow.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    pub at: Moment,
    /// A role, by code or Chinese name; with `@unit id` for a unit's roles. Left out where time alone acts.
    #[serde(default)]
    pub who: Option<Who>,
    /// A command; left out where only time passes.
    #[serde(default, rename = "do")]
    pub act: Option<Action>,
    /// In place of `do`: what is done to the story's entry of the knowledge base.
    #[serde(default)]
    pub knowledge: Option<knowledge::Act>,
    /// In place of `do`: what is done to units, posts and rosters.
    #[serde(default)]
    pub organisation: Option<StaffAct>,
    /// The command's fields, as in the API.
    #[serde(default)]
    pub with: toml::Table,
    #[serde(default)]
    pub then: Then,
}

/// What must hold after the step; what is left out is not looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Then {
    #[serde(default)]
    pub state: Option<StateName>,
    /// Due instants of open clocks by kind, the lead's where several units have one; `""` means that none is open.
    #[serde(default)]
    pub due: BTreeMap<ClockKind, DueText>,
    /// The same for a unit, by its id.
    #[serde(default)]
    pub due_of: BTreeMap<String, BTreeMap<ClockKind, DueText>>,
    /// Clocks, by kind, whose duty was done in time or still can be.
    #[serde(default)]
    pub on_time: Vec<ClockKind>,
    /// Clocks, by kind, whose duty was not done in time.
    #[serde(default)]
    pub late: Vec<ClockKind>,
    /// Templates of the messages that go out in this step, in any order; an empty list means none.
    #[serde(default)]
    pub sends: Option<Vec<String>>,
    /// A piece of the text of such a message, by its template.
    #[serde(default)]
    pub says: BTreeMap<String, String>,
    /// Code of the rule that refuses.
    #[serde(default)]
    pub refused: Option<String>,
    /// A piece of what the person is told who is refused.
    #[serde(default)]
    pub reason: Option<String>,
    /// Article that the refusal, else the due instant looked at, else one of the things decided in this step rests on.
    #[serde(default)]
    pub article: Option<String>,
    /// Readings that the due instant looked at rests on, among others.
    #[serde(default)]
    pub readings: Vec<String>,
    /// The other law that the due instant looked at rests on.
    #[serde(default)]
    pub law: Option<String>,
    /// The lead's unit id.
    #[serde(default)]
    pub lead: Option<String>,
    /// Contacts on the matter: appeals here and earlier tickets.
    #[serde(default)]
    pub contacts: Option<u32>,
    /// Which handling it is: 1 the first, 2 the first redo.
    #[serde(default)]
    pub round: Option<u32>,
    /// Unsatisfied ratings that count.
    #[serde(default)]
    pub unsatisfied: Option<u32>,
    /// How many units gave the ticket back.
    #[serde(default)]
    pub returned: Option<usize>,
    #[serde(default)]
    pub overdue: Option<bool>,
    /// Open entries of the supervision ledger.
    #[serde(default)]
    pub ledger: Option<usize>,
    /// Proposed entries.
    #[serde(default)]
    pub proposed: Option<usize>,
    /// Ids of conduct found by the system or recorded by a person, and not dismissed.
    #[serde(default)]
    pub conducts: Option<Vec<String>>,
    /// Repeats of this matter are answered from its closing opinion.
    #[serde(default)]
    pub settled: Option<bool>,
    /// Whether its recordings may be destroyed now.
    #[serde(default)]
    pub destroyable: Option<bool>,
    #[serde(default)]
    pub provisional: Option<bool>,
    /// Events that must be among those of this step (time that passed before it included).
    #[serde(default)]
    pub events: Vec<String>,
    /// Actions that must be open to the same person now.
    #[serde(default)]
    pub open: Vec<Action>,
    /// Actions that must be closed to the same person now.
    #[serde(default)]
    pub shut: Vec<Action>,
    /// Whether the last rating counts in the assessment.
    #[serde(default)]
    pub assessed: Option<bool>,
    /// Where the entry of the knowledge base stands.
    #[serde(default)]
    pub entry: Option<EntryState>,
    /// Who finds the entry in a search; `诉求人`: on the portal.
    #[serde(default)]
    pub found_by: Vec<Who>,
    /// Who does not.
    #[serde(default)]
    pub hidden_from: Vec<Who>,
    /// Whether the new policy was announced within its days.
    #[serde(default)]
    pub announced_in_time: Option<bool>,
    /// Names of the files that go with what the entry says now, in their order.
    #[serde(default)]
    pub files: Option<Vec<String>>,
    /// What units have to name and have not, by unit id, in words.
    #[serde(default)]
    pub missing: BTreeMap<String, Vec<String>>,
    /// People who hold seats, by sort.
    #[serde(default)]
    pub seats: BTreeMap<SeatKind, usize>,
    /// When nobody is down for duty: `["00:00—08:00"]`.
    #[serde(default)]
    pub gaps: Option<Vec<String>>,
}

impl Then {
    /// What only a ticket can fulfil.
    pub(super) fn of_ticket(&self) -> Then {
        let mut then = self.clone();
        then.due.retain(|kind, _| !kind.of_knowledge());
        then.on_time.retain(|kind| !kind.of_knowledge());
        then.late.retain(|kind| !kind.of_knowledge());
        (then.entry, then.announced_in_time, then.files) = (None, None, None);
        (then.missing, then.seats, then.gaps) = (BTreeMap::new(), BTreeMap::new(), None);
        (then.found_by, then.hidden_from) = (Vec::new(), Vec::new());
        then
    }

    /// Whether it says anything that only an entry of the knowledge base can fulfil.
    pub(super) fn looks_at_entry(&self) -> bool {
        let Then { missing, seats, gaps, .. } = self.clone();
        *self != Then { missing, seats, gaps, ..self.of_ticket() }
    }

    /// Whether it says anything that only a ticket can fulfil.
    pub(super) fn looks_at_ticket(&self) -> bool {
        let Then { refused, reason, article, sends, says, .. } = self.clone();
        *self != Then { refused, reason, article, sends, says, ..Then::default() }
    }
}

/// `2026-04-30 09:00`, Shanghai time; `24:00` is the end of the day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment(pub Instant);

/// A due instant in the same form; empty = no open clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DueText(pub Option<Instant>);

fn moment(s: &str) -> Result<Instant, String> {
    let wrong = || format!("“{s}”不是时间；应写作“2026-04-30 09:00”（24:00表示当日结束）");
    let (date, time) = s.trim().split_once([' ', 'T']).ok_or_else(wrong)?;
    let date: jiff::civil::Date = date.parse().map_err(|_| wrong())?;
    let mut parts = time.split(':').map(|p| p.parse::<i64>());
    let mut next = |least: bool| match parts.next() {
        Some(Ok(n)) => Ok(n),
        None if !least => Ok(0),
        _ => Err(wrong()),
    };
    let (h, m, s) = (next(true)?, next(true)?, next(false)?);
    if !(0..=24).contains(&h) || !(0..60).contains(&m) || !(0..60).contains(&s) || h * 3600 + m * 60 + s > 86_400 {
        return Err(wrong());
    }
    Instant::from_second(Day::from_date(date).start().as_second() + h * 3600 + m * 60 + s).map_err(|_| wrong())
}

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        moment(&String::deserialize(d)?).map(Moment).map_err(serde::de::Error::custom)
    }
}

impl<'de> Deserialize<'de> for DueText {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let s = String::deserialize(d)?;
        if s.is_empty() {
            return Ok(DueText(None));
        }
        moment(&s).map(|m| DueText(Some(m))).map_err(serde::de::Error::custom)
    }
}

/// Who acts in a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Who(pub Actor);

impl<'de> Deserialize<'de> for Who {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let s = String::deserialize(d)?;
        let (role, unit) = s.split_once('@').map_or((s.as_str(), None), |(r, u)| (r, Some(u.to_owned())));
        let role: Role = role.parse().map_err(serde::de::Error::custom)?;
        Ok(Who(Actor { id: role.code().to_owned(), role, unit }))
    }
}

/// Reads a scenario; errors name the line.
///
/// # Errors
/// The text is not a scenario.
pub fn parse(file: &str, text: &str) -> Result<Scenario, RulebookError> {
    parse_toml(file, text)
}
