//! The entry: folded from its events, which nothing but [`evolve`] does.

use serde::{Deserialize, Serialize};

use super::{Content, EntryState, Event, Notice, Reminder, Section};
use crate::{
    Basis, Instant,
    calendar::Day,
    clock::{Clock, ClockKind, ClockStatus},
    ticket::Meta,
};

/// What the entry was asked for with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema), schema(as = KnowledgeQuestion))]
pub struct Question {
    pub text: String,
    pub urgent: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reminded: Option<Reminder>,
    /// The ticket whose dispatch asked for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ticket: Option<String>,
    pub by: String,
    #[cfg_attr(feature = "schema", schema(value_type = String, format = DateTime))]
    pub at: Instant,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schema(value_type = Option<String>, format = DateTime))]
    pub answered_at: Option<Instant>,
}

/// A version that waits for its reviewer, or was given back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema), schema(as = PendingVersion))]
pub struct Pending {
    pub content: Content,
    pub by: String,
    #[cfg_attr(feature = "schema", schema(value_type = String, format = DateTime))]
    pub at: Instant,
    /// Why it was given back, if it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub returned: Option<String>,
}

/// The version that is said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema), schema(as = PublishedVersion))]
pub struct Published {
    /// 1, 2, 3 …
    pub version: u32,
    pub content: Content,
    /// Who submitted it.
    pub submitted_by: String,
    /// Who published it.
    pub by: String,
    #[cfg_attr(feature = "schema", schema(value_type = String, format = DateTime))]
    pub at: Instant,
    /// In an emergency: only for the hotline's staff, until a reviewer has published it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub script: bool,
}

/// What became of a report of an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema), schema(as = EntryErrorState))]
pub enum ErrorState {
    Reported,
    Confirmed,
    Dismissed,
    /// A version was published since it was confirmed.
    Corrected,
}

/// Somebody found it wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema), schema(as = EntryErrorReport))]
pub struct ErrorReport {
    /// From 1.
    pub no: u32,
    pub what: String,
    pub by: String,
    #[cfg_attr(feature = "schema", schema(value_type = String, format = DateTime))]
    pub at: Instant,
    pub state: ErrorState,
    /// What was found when it was looked at.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
}

/// What a sampled check found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema), schema(as = CheckedEntry))]
pub struct Checked {
    pub sample: i64,
    pub version: u32,
    pub right: bool,
    pub note: String,
    pub by: String,
    #[cfg_attr(feature = "schema", schema(value_type = String, format = DateTime))]
    pub at: Instant,
}

/// Conduct for which a unit can be held to account (HY-23, QD-4): found with its ground, judged by people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema), schema(as = FoundConduct))]
pub struct Found {
    /// Id of the rulebook's rule.
    pub conduct: String,
    pub name: String,
    pub basis: Basis,
}

/// An entry of the knowledge base.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Events so far.
    pub version: u64,
    /// Who provides it and answers for it; `None`: the centre.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub question: Option<Question>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pending: Option<Pending>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub current: Option<Published>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub withdrawn: Option<String>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub expired: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notice: Option<Notice>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<ErrorReport>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub checks: Vec<Checked>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub clocks: Vec<Clock>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub found: Vec<Found>,
    /// When the unit last said that it holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub renewed_at: Option<Instant>,
}

impl Entry {
    pub fn state(&self) -> EntryState {
        if self.withdrawn.is_some() {
            return EntryState::Withdrawn;
        }
        // What people say now goes before what comes next; a list of what waits for review asks for that by itself.
        if self.current.is_some() {
            return if self.expired { EntryState::Expired } else { EntryState::Published };
        }
        match (&self.pending, &self.question) {
            (Some(Pending { returned: None, .. }), _) => EntryState::Review,
            (Some(_), _) => EntryState::Returned,
            (None, Some(q)) if q.answer.is_none() && q.ticket.is_none() => EntryState::Asked,
            (None, _) => EntryState::Owed,
        }
    }

    /// The title of what is said, else of what is to be said.
    pub fn title(&self) -> &str {
        let content = self.content().map(|c| c.title.as_str());
        content.or(self.question.as_ref().map(|q| q.text.as_str())).unwrap_or_default()
    }

    /// What is said, else what is to be said.
    pub fn content(&self) -> Option<&Content> {
        self.current.as_ref().map(|c| &c.content).or(self.pending.as_ref().map(|p| &p.content))
    }

    /// The files of what waits for review or was given back, and of what is said: their keys.
    pub fn files(&self) -> (Vec<String>, Vec<String>) {
        let keys = |content: Option<&Content>| {
            content.map_or_else(Vec::new, |c| c.files.iter().map(|f| f.file.clone()).collect())
        };
        (keys(self.pending.as_ref().map(|p| &p.content)), keys(self.current.as_ref().map(|c| &c.content)))
    }

    pub fn section(&self) -> Section {
        self.content().map_or(Section::Daily, |c| c.section)
    }

    /// Whether it waits for a reviewer.
    pub fn in_review(&self) -> bool {
        self.withdrawn.is_none() && self.pending.as_ref().is_some_and(|p| p.returned.is_none())
    }

    /// Whether seats find it.
    pub fn live(&self) -> bool {
        self.state() == EntryState::Published
    }

    /// Whether an error was confirmed and not corrected yet.
    pub fn wrong(&self) -> bool {
        self.errors.iter().any(|e| e.state == ErrorState::Confirmed)
    }

    /// Whether a report of an error waits to be looked at.
    pub fn reported(&self) -> bool {
        self.withdrawn.is_none() && self.errors.iter().any(|e| e.state == ErrorState::Reported)
    }

    /// From when citizens may read it; `None`: never, as it stands.
    pub fn open_from(&self) -> Option<Instant> {
        let current = self.current.as_ref().filter(|c| self.live() && !c.script && !self.wrong())?;
        let content = &current.content;
        if !content.open || content.section == Section::Hotline {
            return None;
        }
        let days = [content.effective_on, content.policy.as_ref().map(|p| p.public_on)];
        let from = days.into_iter().flatten().max().map(|date| Day::from_date(date).start());
        Some(from.map_or(current.at, |from| from.max(current.at)))
    }

    /// The newest open clock of a kind.
    pub fn open_clock(&self, kind: ClockKind) -> Option<&Clock> {
        self.clocks.iter().rev().find(|c| c.kind == kind && c.open())
    }

    /// When time next does something to it.
    pub fn next_wakeup(&self) -> Option<Instant> {
        self.clocks.iter().filter_map(Clock::wakes_at).chain(self.expires_at()).min()
    }

    /// The end of the last day on which it holds, while it is said.
    pub fn expires_at(&self) -> Option<Instant> {
        let current = self.current.as_ref().filter(|_| self.live())?;
        current.content.expires_on.map(|date| Day::from_date(date).end())
    }

    /// The open clock that ends first.
    pub fn next_due(&self) -> Option<&Clock> {
        self.clocks.iter().filter(|c| c.open()).min_by_key(|c| c.due)
    }

    /// Whether something that is still owed is late.
    pub fn overdue(&self) -> bool {
        self.clocks.iter().any(|c| c.open() && c.expired)
    }
}

/// An event that does not fit what it is said of: the journal was damaged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the event does not fit the entry")]
pub struct Misfit;

/// The entry after an event.
///
/// # Errors
/// The event does not fit.
pub fn evolve(before: Option<Entry>, meta: &Meta, event: &Event) -> Result<Entry, Misfit> {
    let mut entry = match (before, event) {
        (Some(entry), Event::Asked { .. } | Event::Demanded { .. }) => return Err(misfit(&entry)),
        (Some(entry), _) => entry,
        (None, Event::Asked { unit, .. } | Event::Demanded { unit, .. }) => new(Some(unit.clone())),
        (None, Event::Submitted { unit, .. }) => new(unit.clone()),
        (None, _) => return Err(Misfit),
    };
    entry.version += 1;
    entry.fold(meta, event)?;
    Ok(entry)
}

fn misfit(_: &Entry) -> Misfit {
    Misfit
}

fn new(unit: Option<String>) -> Entry {
    Entry {
        version: 0,
        unit,
        question: None,
        pending: None,
        current: None,
        withdrawn: None,
        expired: false,
        notice: None,
        errors: Vec::new(),
        checks: Vec::new(),
        clocks: Vec::new(),
        found: Vec::new(),
        renewed_at: None,
    }
}

impl Entry {
    fn fold(&mut self, meta: &Meta, event: &Event) -> Result<(), Misfit> {
        let asked = |text: &String, urgent, reminded, ticket| {
            let (by, at) = (meta.by.clone(), meta.at);
            Some(Question { text: text.clone(), urgent, reminded, ticket, by, at, answer: None, answered_at: None })
        };
        match event {
            Event::Asked { question, urgent, reminded, .. } => {
                self.question = asked(question, *urgent, *reminded, None);
            }
            Event::Demanded { ticket, question, .. } => {
                self.question = asked(question, false, None, Some(ticket.clone()));
            }
            Event::Submitted { content, notice, .. } => {
                let content = (**content).clone();
                self.pending = Some(Pending { content, by: meta.by.clone(), at: meta.at, returned: None });
                if notice.is_some() {
                    self.notice.clone_from(notice);
                }
            }
            Event::Answered { text } => {
                let question = self.question.as_mut().ok_or(Misfit)?;
                (question.answer, question.answered_at) = (Some(text.clone()), Some(meta.at));
            }
            Event::Returned { reason } => self.pending.as_mut().ok_or(Misfit)?.returned = Some(reason.clone()),
            Event::Published { version, script, .. } => self.publish(meta, *version, *script)?,
            Event::Withdrawn { reason } => self.withdrawn = Some(reason.clone()),
            Event::Renewed => self.renewed_at = Some(meta.at),
            Event::ErrorReported { what } => self.errors.push(ErrorReport {
                no: self.errors.len() as u32 + 1,
                what: what.clone(),
                by: meta.by.clone(),
                at: meta.at,
                state: ErrorState::Reported,
                note: String::new(),
            }),
            Event::ErrorConfirmed { no, note, found } => {
                self.judge(*no, ErrorState::Confirmed, note)?;
                self.found.extend(found.clone());
            }
            Event::ErrorDismissed { no, reason } => self.judge(*no, ErrorState::Dismissed, reason)?,
            Event::Checked { sample, right, note } => self.checks.push(Checked {
                sample: *sample,
                version: self.current.as_ref().map_or(0, |c| c.version),
                right: *right,
                note: note.clone(),
                by: meta.by.clone(),
                at: meta.at,
            }),
            Event::ClockStarted(clock) => self.clocks.push(clock.clone()),
            Event::ClockMet { clock, at } => self.clock(*clock)?.status = ClockStatus::Met { at: *at },
            Event::ClockVoid { clock } => self.clock(*clock)?.status = ClockStatus::Void { at: meta.at },
            Event::ClockExpired { clock, found } => {
                self.clock(*clock)?.expired = true;
                self.found.extend(found.clone());
            }
            Event::Expired => self.expired = true,
        }
        Ok(())
    }

    fn publish(&mut self, meta: &Meta, version: u32, script: bool) -> Result<(), Misfit> {
        // A script that goes out at once still waits for its reviewer.
        let pending = if script { self.pending.clone() } else { self.pending.take() }.ok_or(Misfit)?;
        self.current = Some(Published {
            version,
            content: pending.content,
            submitted_by: pending.by,
            by: meta.by.clone(),
            at: meta.at,
            script,
        });
        (self.withdrawn, self.expired, self.renewed_at) = (None, false, Some(meta.at));
        for error in self.errors.iter_mut().filter(|e| e.state == ErrorState::Confirmed && !script) {
            error.state = ErrorState::Corrected;
        }
        Ok(())
    }

    fn judge(&mut self, no: u32, state: ErrorState, note: &str) -> Result<(), Misfit> {
        let error = self.errors.iter_mut().find(|e| e.no == no).ok_or(Misfit)?;
        (error.state, error.note) = (state, note.to_owned());
        Ok(())
    }

    fn clock(&mut self, id: u32) -> Result<&mut Clock, Misfit> {
        self.clocks.iter_mut().find(|c| c.id == id).ok_or(Misfit)
    }
}
