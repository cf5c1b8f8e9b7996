//! What is read off a ticket: its state by name, its clocks, its counts, who has to do with it.

use super::{deciding::subject, state::*};
use crate::{
    Amount, Instant, Rulebook,
    clock::{Clock, ClockKind, ClockStatus},
    limit::Measure,
    rulebook::ExtensionDays,
};

impl Ticket {
    /// The state's name.
    pub fn state(&self) -> StateName {
        match &self.stage {
            Stage::Registered(w) if w.referral.is_some() => StateName::Referred,
            Stage::Registered(w) if w.consultation.is_some() => StateName::Consulting,
            Stage::Registered(w) if w.opinion.as_ref().is_some_and(|o| o.approved.is_none()) => {
                StateName::AwaitingApproval
            }
            Stage::Registered { .. } if !self.returned_by.is_empty() => StateName::AwaitingRedispatch,
            Stage::Registered { .. } => StateName::Registered,
            Stage::Refused(_) => StateName::Refused,
            Stage::Answered(_) => StateName::Answered,
            Stage::PassedOn(_) => StateName::PassedOn,
            Stage::Working(work) => work.state(),
            Stage::Closed(_) => StateName::Closed,
            Stage::Checking(_) => StateName::Checking,
            Stage::Concluded(closed) if closed.tracking => StateName::Tracking,
            Stage::Concluded(_) => StateName::Concluded,
            Stage::Joined { .. } => StateName::Joined,
            Stage::Withdrawn { .. } => StateName::Withdrawn,
            Stage::Transferred { result: None, .. } => StateName::Transferred,
            Stage::Transferred { .. } => StateName::TransferEnded,
            Stage::Imported(_) => StateName::Imported,
            Stage::Archived { .. } => StateName::Archived,
        }
    }

    /// The stage, looking through the archive.
    pub fn stage_in_archive(&self) -> &Stage {
        match &self.stage {
            Stage::Archived { from, .. } => from,
            stage => stage,
        }
    }

    /// The handling, while it goes on or after it ended.
    pub fn work(&self) -> Option<&Work> {
        match self.stage_in_archive() {
            Stage::Working(work) => Some(work),
            Stage::Closed(closed) | Stage::Checking(closed) | Stage::Concluded(closed) => Some(&closed.work),
            _ => None,
        }
    }

    /// The closure and the asking afterwards.
    pub fn closed(&self) -> Option<&Closed> {
        match self.stage_in_archive() {
            Stage::Closed(closed) | Stage::Checking(closed) | Stage::Concluded(closed) => Some(closed),
            _ => None,
        }
    }

    /// The open clock of a kind, for a unit where it is a unit's.
    pub fn open_clock(&self, kind: ClockKind, unit: Option<&str>) -> Option<&Clock> {
        self.clocks.iter().rev().find(|c| c.kind == kind && c.open() && (unit.is_none() || c.unit.as_deref() == unit))
    }

    /// The clock a person should see first: the earliest open duty.
    pub fn next_due(&self) -> Option<&Clock> {
        // What is held or stands still waits for somebody else, whose own clock runs.
        let pressing = |c: &&Clock| c.status == ClockStatus::Running && c.kind.is_duty();
        self.clocks.iter().filter(pressing).min_by_key(|c| (c.due, c.id))
    }

    /// When the worker must look at the ticket next; `None` once nothing runs.
    pub fn next_wakeup(&self) -> Option<Instant> {
        self.clocks.iter().filter_map(Clock::wakes_at).min()
    }

    /// Whether an open duty is past its due instant, as the journal knows it.
    pub fn overdue(&self) -> bool {
        self.clocks.iter().any(|c| c.open() && c.expired && c.kind.is_duty())
    }

    /// An entry of the ledger is open.
    pub fn supervised(&self) -> bool {
        self.supervision.iter().any(|e| matches!(e.state, LedgerState::Open { .. } | LedgerState::Measured { .. }))
    }

    /// What the archive waits for: a code and its words; `None`: nothing.
    pub fn unsettled(&self) -> Option<(&'static str, &'static str)> {
        let open = |e: &LedgerEntry| !matches!(e.state, LedgerState::Ended { .. } | LedgerState::Dismissed { .. });
        let asked = |e: &Exclusion| matches!(e.state, ExclusionState::Asked | ExclusionState::Appealed);
        let closed = self.closed();
        [
            (self.supervised(), ("under-supervision", "督办尚未销号")),
            (self.supervision.iter().any(open), ("supervision-proposed", "督办线索尚未判断")),
            (closed.is_some_and(|c| c.tracking), ("tracking", "跟踪督办尚未结束")),
            (closed.is_some_and(|c| c.settlement.is_some()), ("settlement-pending", "定案申请尚未审核")),
            (self.exclusions.iter().any(asked), ("exclusion-pending", "不纳入考核的申请尚未审定")),
            (self.conducts.iter().any(|c| c.state == ConductState::Found), ("conduct-found", "问责情形尚未认定")),
        ]
        .into_iter()
        .find_map(|(is, why)| is.then_some(why))
    }

    /// Units that take no part any more but still owe a rectification from when they did.
    pub fn owing(&self) -> Vec<&str> {
        let open = |e: &&LedgerEntry| matches!(e.state, LedgerState::Open { .. } | LedgerState::Measured { .. });
        let units = self.units();
        let mut owing: Vec<&str> = self.supervision.iter().filter(open).filter_map(|e| e.unit.as_deref()).collect();
        owing.retain(|u| !units.contains(u));
        owing.sort_unstable();
        owing.dedup();
        owing
    }

    /// Whether a unit has to do with this ticket: it takes part now, or it owes a rectification from when it did.
    pub fn concerns(&self, unit: &str) -> bool {
        self.units().contains(&unit) || self.owing().contains(&unit)
    }

    /// An open clock was counted into a year without a notice.
    pub fn provisional(&self) -> bool {
        self.clocks.iter().any(|c| c.open() && c.provisional)
    }

    /// Contacts on this matter: the appeals here and the earlier tickets a person confirmed.
    pub fn contacts(&self) -> u32 {
        (self.appeals.len() + self.earlier.len()) as u32
    }

    /// Persons who brought this matter: calls of the same person count once.
    pub fn persons(&self) -> u32 {
        self.appeals.iter().filter(|a| a.same_as.is_none()).count() as u32
    }

    /// Appeals whose appellant still wants to know.
    pub fn standing_appeals(&self) -> impl Iterator<Item = &Appeal> {
        self.appeals.iter().filter(|a| !a.withdrawn)
    }

    /// Handlings over the ticket's life that somebody found unsatisfactory (exempt ratings left out): two persons unsatisfied with
    /// one handling are one failure, not two.
    pub fn unsatisfied(&self) -> u32 {
        let counts =
            |r: &&Rating| !r.result.is_satisfied() && r.verdict.as_ref().is_none_or(|v| v.finding != Finding::Exempt);
        let rounds: std::collections::BTreeSet<u32> = self.ratings.iter().filter(counts).map(|r| r.round).collect();
        rounds.len() as u32
    }

    /// Ratings of the reply that stands: what was rated before it was rewritten or redone is history.
    pub(super) fn ratings_now<'t>(&'t self, work: &Work) -> impl Iterator<Item = &'t Rating> + use<'t> {
        let (round, since) = (work.round, work.reply.audited_at());
        self.ratings.iter().filter(move |r| r.round == round && since.is_some_and(|at| r.at >= at))
    }

    /// The rating of an appellant that counts for the reply that stands.
    pub fn rating_now(&self, appeal: u32) -> Option<&Rating> {
        self.ratings_now(self.work()?).find(|r| r.appeal == appeal)
    }

    /// First and last rating of an appellant over the ticket's life.
    pub fn first_and_final(&self, appeal: u32) -> Option<(&Rating, &Rating)> {
        let mut of = self.ratings.iter().filter(|r| r.appeal == appeal);
        let first = of.next()?;
        Some((first, of.next_back().unwrap_or(first)))
    }

    /// How this ticket stands, for the desk at which another one names it.
    pub fn standing(&self) -> Standing {
        let open =
            matches!(self.stage, Stage::Registered { .. } | Stage::Working(_) | Stage::Closed(_) | Stage::Checking(_));
        Standing {
            state: self.state(),
            replied: self.work().is_some_and(|w| w.reply.audited_at().is_some()),
            open,
            settled: self.settled.as_ref().map(|s| s.opinion.clone()),
            dispatched: self.dispatches > 0,
            received: self.appeals.iter().map(|a| a.received_at).collect(),
            others: 0,
        }
    }

    /// Units that gave it back, with the one that is asking to.
    pub fn units_that_returned(&self) -> u32 {
        let asking = self.work().filter(|w| w.returning.is_some()).map(|w| w.lead.unit.as_str());
        let units: std::collections::BTreeSet<&str> =
            self.returned_by.iter().map(|r| r.unit.as_str()).chain(asking).collect();
        units.len() as u32
    }

    /// Urgings of a unit whose time ran out unanswered.
    pub fn missed_urgings(&self, unit: &str) -> u32 {
        self.urgings.iter().filter(|u| u.unit == unit && u.missed && u.answer.is_none()).count() as u32
    }

    /// Whether a reply says what a unit had said to give the ticket back.
    pub fn is_return_reason(&self, reply: &str) -> bool {
        let bare = |s: &str| s.chars().filter(|c| c.is_alphanumeric()).collect::<String>();
        let reply = bare(reply);
        let refused = self.work().map_or(&[][..], |w| w.refused_reasons.as_slice());
        let said = self.returned_by.iter().map(|r| &r.reason).chain(refused);
        // A word or two that happen to be the same are no reason used again.
        said.map(|reason| bare(reason)).any(|reason| reason.chars().count() >= 8 && reply.contains(&reason))
    }

    /// Days of an extension with the sort they are counted in, as the last one was granted; before the first, as the rule has it.
    pub fn extension_days(&self, n: u32, book: &Rulebook) -> Amount {
        let granted = self.clocks.iter().rev().find_map(|c| c.extensions.last());
        let calendar = granted.map_or_else(
            || book.extension_for(&subject(self)).is_some_and(|rule| rule.days == ExtensionDays::Calendar),
            |extension| extension.calendar_days,
        );
        Amount { n, measure: if calendar { Measure::CalendarDays } else { Measure::WorkingDays } }
    }

    /// Until when its recordings and papers must be kept, at least; `None` while it is not archived.
    pub fn keep_until(&self, years: u32) -> Option<Instant> {
        let Stage::Archived { at, .. } = &self.stage else { return None };
        let day = crate::calendar::Day::of(*at).date();
        let years = jiff::Span::new().try_years(i64::from(years)).ok()?;
        let last = day.checked_add(years).ok()?;
        Some(crate::calendar::Day::from_date(last).end())
    }

    /// Whether its recordings may be destroyed: archived, old enough, and nobody holds it.
    pub fn may_destroy(&self, years: u32, now: Instant) -> bool {
        self.hold.is_none() && self.keep_until(years).is_some_and(|until| now >= until)
    }

    /// Whether a rating counts in the assessment of its unit: no verdict and no approved exclusion leaves it out.
    pub fn assessed(&self, rating: &Rating) -> bool {
        rating.verdict.as_ref().is_none_or(|v| v.assessed) && !self.excluded()
    }

    /// An application to leave the ticket out of the assessment was granted.
    pub fn excluded(&self) -> bool {
        self.exclusions.iter().any(|e| e.state == ExclusionState::Approved)
    }

    /// Every unit that takes part now, the lead first.
    pub fn units(&self) -> Vec<&str> {
        self.work().map_or_else(Vec::new, |w| {
            std::iter::once(w.lead.unit.as_str()).chain(w.assists.iter().map(|a| a.unit.as_str())).collect()
        })
    }
}

impl Reply {
    /// When it was locked and sent.
    pub fn audited_at(&self) -> Option<Instant> {
        if let Reply::Audited { at, .. } = self { Some(*at) } else { None }
    }
}

impl Work {
    fn state(&self) -> StateName {
        if self.closing.is_some() {
            StateName::ClosureAsked
        } else if self.consultation.is_some() {
            StateName::ReturnConsulting
        } else if self.returning.is_some() {
            StateName::ReturnAsked
        } else if matches!(self.reply, Reply::Audited { .. }) {
            StateName::Replied
        } else if self.lead.signed_at.is_some() {
            StateName::InHand
        } else {
            StateName::Dispatched
        }
    }

    /// What the centre must do before the unit's reply counts as given: nothing, unless a clerk gives it and has not.
    pub fn relay_done(&self, calls: u32) -> bool {
        self.relayed.iter().any(|a| a.reached) || self.relayed.iter().filter(|a| !a.reached).count() >= calls as usize
    }

    /// Assists that have not delivered.
    pub fn assists_outstanding(&self) -> impl Iterator<Item = &Assist> {
        self.assists.iter().filter(|a| a.result.is_none())
    }
}
