//! Folding what those who watch did.

use super::super::{
    event::{Event, Meta},
    state::*,
};

impl Ticket {
    pub(super) fn apply_supervision(&mut self, meta: &Meta, event: &Event) -> bool {
        match event {
            Event::SupervisionProposed(entry) => self.supervision.push(entry.clone()),
            Event::Urged(urging) => self.urgings.push(urging.clone()),
            Event::UrgingAnswered { no, text } => {
                let Some(urging) = self.urgings.iter_mut().find(|u| u.no == *no) else { return false };
                urging.answer = Some(text.clone());
            }
            Event::InstructionRecorded(told) => {
                self.instructions.push(told.clone());
                if let Some(work) = self.working_mut() {
                    work.reported_up = None;
                }
            }
            Event::MediaMarked { outlet, note } => {
                self.media.push(Told { who: outlet.clone(), text: note.clone(), at: meta.at });
            }
            _ => return self.apply_ledger(event) || self.apply_conduct(event) || self.apply_exclusion(meta, event),
        }
        true
    }

    fn apply_ledger(&mut self, event: &Event) -> bool {
        let (no, state) = match event {
            Event::SupervisionOpened { no, fault } => (no, LedgerState::Open { fault: fault.clone() }),
            Event::SupervisionDismissed { no, reason } => (no, LedgerState::Dismissed { reason: reason.clone() }),
            Event::SupervisionMeasured { no, measure, name, notice, clock } => {
                let (measure, name, notice, clock) = (measure.clone(), name.clone(), notice.clone(), *clock);
                (no, LedgerState::Measured { measure, name, notice, rectification: None, clock })
            }
            Event::SupervisionEnded { no, result } => (no, LedgerState::Ended { result: result.clone() }),
            Event::RectificationReported { no, text } => {
                let entry = self.supervision.iter_mut().find(|e| e.no == *no);
                let Some(LedgerState::Measured { rectification, .. }) = entry.map(|e| &mut e.state) else {
                    return false;
                };
                *rectification = Some(text.clone());
                return true;
            }
            _ => return false,
        };
        let Some(entry) = self.supervision.iter_mut().find(|e| e.no == *no) else { return false };
        entry.state = state;
        true
    }

    fn apply_conduct(&mut self, event: &Event) -> bool {
        let (no, state) = match event {
            Event::ConductFound(conduct) => {
                self.conducts.push(conduct.clone());
                return true;
            }
            Event::ConductConfirmed { no, .. } => (no, ConductState::Recorded),
            Event::ConductDismissed { no, .. } => (no, ConductState::Dismissed),
            _ => return false,
        };
        let Some(conduct) = self.conducts.iter_mut().find(|c| c.no == *no) else { return false };
        conduct.state = state;
        true
    }

    fn apply_exclusion(&mut self, meta: &Meta, event: &Event) -> bool {
        use ExclusionState as S;
        let (no, state, said) = match event {
            Event::ExclusionAsked(exclusion) => {
                self.exclusions.push(exclusion.clone());
                return true;
            }
            Event::ExclusionReviewed { no, approved, note } => {
                (no, if *approved { S::Approved } else { S::Refused }, note)
            }
            Event::ExclusionAppealed { no, reason } => (no, S::Appealed, reason),
            Event::ExclusionDecided { no, approved, note } => {
                (no, if *approved { S::Approved } else { S::Final }, note)
            }
            _ => return false,
        };
        let Some(exclusion) = self.exclusions.iter_mut().find(|e| e.no == *no) else { return false };
        exclusion.state = state;
        exclusion.note.clone_from(said);
        if matches!(event, Event::ExclusionReviewed { .. }) {
            exclusion.reviewed_by = Some(meta.by.clone());
        }
        true
    }
}
