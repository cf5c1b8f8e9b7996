//! What is read off a ticket: its state by name, its clocks, its counts, who has to do with it.

use super::state::*;
use crate::{
    Instant,
    clock::{Clock, ClockKind, ClockStatus},
};

impl Ticket {
    /// The state's name.
    pub fn state(&self) -> StateName {
        match &self.stage {
            Stage::Registered { referral: Some(_) } => StateName::Referred,
            Stage::Registered { .. } if !self.returned_by.is_empty() => StateName::AwaitingRedispatch,
            Stage::Registered { .. } => StateName::Registered,
            Stage::Refused(_) => StateName::Refused,
            Stage::Answered(_) => StateName::Answered,
            Stage::PassedOn(_) => StateName::PassedOn,
            Stage::Working(work) => work.state(),
            Stage::Closed(_) => StateName::Closed,
            Stage::Checking(_) => StateName::Checking,
            Stage::Concluded(_) => StateName::Concluded,
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

    /// An entry of the ledger, or a proposal of one, is not settled: the archive waits for it.
    pub fn unsettled(&self) -> bool {
        self.supervision.iter().any(|e| !matches!(e.state, LedgerState::Ended { .. } | LedgerState::Dismissed { .. }))
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

    /// Unsatisfied ratings over the ticket's life that count (not those exempt under the rulebook).
    pub fn unsatisfied(&self) -> u32 {
        let counts =
            |r: &&Rating| !r.result.is_satisfied() && r.verdict.as_ref().is_none_or(|v| v.finding != Finding::Exempt);
        self.ratings.iter().filter(counts).count() as u32
    }

    /// Every unit that takes part now, the lead first.
    pub fn units(&self) -> Vec<&str> {
        self.work().map_or_else(Vec::new, |w| {
            std::iter::once(w.lead.unit.as_str()).chain(w.assists.iter().map(|a| a.unit.as_str())).collect()
        })
    }
}

impl Work {
    fn state(&self) -> StateName {
        if self.closing.is_some() {
            StateName::ClosureAsked
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

    /// Assists that have not delivered.
    pub fn assists_outstanding(&self) -> impl Iterator<Item = &Assist> {
        self.assists.iter().filter(|a| a.result.is_none())
    }
}
