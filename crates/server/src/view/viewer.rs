//! Who looks at a ticket, and what of it is not theirs: what is between the centre and somebody else is shown to the centre only.

use std::collections::BTreeSet;

use jiesu_domain::{
    Actor, access,
    access::Right,
    clock::{Clock, ClockKind},
    ticket::{Conduct, Event, Exclusion, FilePurpose, Ticket, Urging},
};

use crate::app::App;

/// A viewer: the centre, or people of a unit with the units they see for.
#[derive(Clone, Debug)]
pub struct Viewer {
    centre: bool,
    reach: BTreeSet<String>,
}

impl Viewer {
    pub fn of(app: &App, actor: &Actor) -> Viewer {
        Viewer { centre: access::has(actor.role, Right::ViewAll), reach: app.reach(actor) }
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
