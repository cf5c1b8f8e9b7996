//! What is said about the ledger, urgings, conduct and exclusions: about the entry that waits for it.

use jiesu_domain::{
    Amount,
    ticket::{Action, Command, ConductState, ExclusionState, LedgerEntry, LedgerState},
};

use super::say::Speaker;

fn text() -> String {
    "情况属实".to_owned()
}

fn in_ledger(entry: &LedgerEntry) -> bool {
    matches!(entry.state, LedgerState::Open { .. } | LedgerState::Measured { .. })
}

impl Speaker<'_> {
    /// The command where it is one of these; the outer `None`: nothing waits for it.
    pub fn watching(&mut self, action: Action) -> Option<Option<Command>> {
        use Action as A;
        let t = self.ticket;
        let own = self.ctx.actor.unit.as_deref();
        let entry = |is: fn(&LedgerEntry) -> bool| t.supervision.iter().find(|e| is(e)).map(|e| e.no);
        Some(Some(match action {
            A::OpenSupervision => {
                Command::OpenSupervision { no: entry(|e| e.state == LedgerState::Proposed)?, fault: text() }
            }
            A::DismissSupervision => {
                Command::DismissSupervision { no: entry(|e| e.state == LedgerState::Proposed)?, reason: text() }
            }
            A::TakeMeasure if !self.city.book.measure.is_empty() => Command::TakeMeasure {
                no: entry(|e| matches!(e.state, LedgerState::Open { .. })).or_else(|| entry(in_ledger))?,
                measure: self.rng.pick(&self.city.book.measure).id.clone(),
                notice: text(),
                rectify_within: Amount::working_days(self.rng.between(1, 5) as u32),
            },
            A::EndSupervision => Command::EndSupervision { no: entry(in_ledger)?, result: text() },
            A::ReportRectification => {
                let owes = |e: &&LedgerEntry| {
                    e.unit.as_deref() == own && matches!(e.state, LedgerState::Measured { rectification: None, .. })
                };
                Command::ReportRectification { no: t.supervision.iter().find(owes)?.no, text: text() }
            }
            A::Urge => {
                let units = t.units();
                let unit = (own.is_none() && !units.is_empty()).then(|| (*self.rng.pick(&units)).to_owned());
                Command::Urge { unit, note: text() }
            }
            A::AnswerUrging => {
                let mine = t.urgings.iter().find(|u| Some(u.unit.as_str()) == own && u.answer.is_none())?;
                Command::AnswerUrging { no: mine.no, text: text() }
            }
            action => return self.judging(action),
        }))
    }

    fn judging(&mut self, action: Action) -> Option<Option<Command>> {
        use Action as A;
        let t = self.ticket;
        let conduct = || t.conducts.iter().find(|c| c.state == ConductState::Found).map(|c| c.no);
        let exclusion = |state| t.exclusions.iter().find(|e| e.state == state).map(|e| e.no);
        let approve = self.rng.odds(5_000);
        Some(Some(match action {
            A::ConfirmConduct => Command::ConfirmConduct { no: conduct()?, note: text() },
            A::DismissConduct => Command::DismissConduct { no: conduct()?, reason: text() },
            A::ReviewExclusion => {
                Command::ReviewExclusion { no: exclusion(ExclusionState::Asked)?, approve, note: text() }
            }
            A::AppealExclusion => Command::AppealExclusion { no: exclusion(ExclusionState::Refused)?, reason: text() },
            A::DecideExclusion => {
                Command::DecideExclusion { no: exclusion(ExclusionState::Appealed)?, approve, note: text() }
            }
            _ => return Some(None),
        }))
    }
}
