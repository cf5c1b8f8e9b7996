//! Who looks at a ticket, and what of it is not theirs: what is between the centre and somebody else is shown to the centre only.

use std::collections::BTreeSet;

use jiesu_domain::{
    Actor, access,
    access::Sees,
    clock::{Clock, ClockKind},
    ticket::{Answered, Appeal, Conduct, Event, Exclusion, FilePurpose, Ticket, Urging},
};

use crate::app::{App, number_joined};

/// In the place of a number that is not told.
const OTHER: &str = "另一工单";

/// A viewer: the centre, or people of a unit with the units they see for.
#[derive(Clone, Debug)]
pub struct Viewer {
    centre: bool,
    reach: BTreeSet<String>,
    /// They may not know who appeals on this ticket, being of a unit and the ticket confidential.
    apart: bool,
    /// Other tickets that this one names and they do not see.
    foreign: BTreeSet<String>,
}

impl Viewer {
    pub fn of(app: &App, actor: &Actor) -> Viewer {
        let centre = access::sees_of(actor.role) == Sees::All;
        Viewer { centre, reach: app.reach(actor), apart: false, foreign: BTreeSet::new() }
    }

    /// The same before one ticket.
    pub fn on(app: &App, actor: &Actor, ticket: &Ticket, foreign: &BTreeSet<String>) -> Viewer {
        let apart = actor.role.of_unit() && ticket.confidential;
        Viewer { apart, foreign: foreign.clone(), ..Viewer::of(app, actor) }
    }

    /// Whether they may be told of another ticket by its number.
    pub fn knows(&self, number: &str) -> bool {
        !self.foreign.contains(number)
    }

    /// What they may be told of an appeal: not where it came from if that is not theirs, and nothing of who it is on a confidential ticket.
    pub fn appeal(&self, appeal: &Appeal) -> Appeal {
        let mut told = appeal.clone();
        told.from = told.from.filter(|from| self.knows(number_joined(from)));
        if self.apart {
            (told.note, told.same_as) = (None, None);
        }
        told
    }

    /// A line of the journal without the numbers of tickets that are not theirs.
    pub fn told(&self, event: Event) -> Event {
        match event {
            Event::AppealAttached { appeal } => Event::AppealAttached { appeal: self.appeal(&appeal) },
            Event::EarlierLinked { number, .. } if !self.knows(&number) => {
                Event::EarlierLinked { number: OTHER.into(), note: String::new(), standing: None }
            }
            Event::JoinedTo { number, .. } if !self.knows(&number) => {
                Event::JoinedTo { number: OTHER.into(), reason: "同一事项".into() }
            }
            Event::AnsweredAtOnce(answered) => Event::AnsweredAtOnce(self.answered(&answered)),
            other => other,
        }
    }

    pub fn answered(&self, answered: &Answered) -> Answered {
        let by_opinion_of = answered.by_opinion_of.clone().filter(|number| self.knows(number));
        Answered { by_opinion_of, ..answered.clone() }
    }

    /// Callers' conduct, risks reported upward and orders to keep a file are the centre's own business.
    pub fn of_centre(&self) -> bool {
        self.centre
    }

    /// What concerns one unit is shown to that unit and those above it.
    pub fn answers_for(&self, unit: &str) -> bool {
        self.centre || self.reach.contains(unit)
    }

    pub fn conduct(&self, conduct: &Conduct) -> bool {
        self.centre || conduct.unit.as_deref().is_some_and(|u| self.answers_for(u))
    }

    pub fn exclusion(&self, exclusion: &Exclusion) -> bool {
        self.answers_for(&exclusion.unit)
    }

    pub fn urging(&self, urging: &Urging) -> bool {
        self.answers_for(&urging.unit)
    }

    /// The clocks of what they do not see are not theirs either.
    pub fn clock(&self, clock: &Clock, ticket: &Ticket) -> bool {
        match clock.kind {
            ClockKind::Urging => clock.unit.as_deref().is_some_and(|u| self.answers_for(u)),
            ClockKind::Exclusion => self.centre || ticket.exclusions.iter().any(|e| self.exclusion(e)),
            _ => true,
        }
    }

    /// Whether a line of the journal is theirs to read; the same rule as for the fields of the page.
    pub fn may_read(&self, event: &Event, ticket: &Ticket) -> bool {
        if self.centre {
            return true;
        }
        let conduct = |no: &u32| ticket.conducts.iter().any(|c| c.no == *no && self.conduct(c));
        let exclusion = |no: &u32| ticket.exclusions.iter().any(|e| e.no == *no && self.exclusion(e));
        match event {
            Event::MaliciousRecorded(_)
            | Event::MaliciousReferred { .. }
            | Event::RiskReported(_)
            | Event::Held { .. }
            | Event::HoldLifted { .. } => false,
            Event::FileAttached(f) if f.purpose.of_appellant() && self.apart => false,
            // Evidence is between the centre and the unit that brings it.
            Event::FileAttached(f) if f.purpose == FilePurpose::Evidence => {
                f.unit.as_deref().is_some_and(|u| self.answers_for(u))
            }
            Event::ConductFound(c) => self.conduct(c),
            Event::ConductConfirmed { no, .. } | Event::ConductDismissed { no, .. } => conduct(no),
            Event::ExclusionAsked(e) => self.exclusion(e),
            Event::ExclusionReviewed { no, .. }
            | Event::ExclusionAppealed { no, .. }
            | Event::ExclusionDecided { no, .. } => exclusion(no),
            Event::Urged(u) => self.urging(u),
            Event::UrgingAnswered { no, .. } => ticket.urgings.iter().any(|u| u.no == *no && self.urging(u)),
            _ => true,
        }
    }
}
