//! Folding events into a ticket. No rule is judged here: what an event says has been decided.

use super::{
    event::{Event, Meta, Registered},
    state::*,
};
use crate::clock::{Clock, ClockStatus};

/// An event that does not fit the ticket it is in: the journal was damaged or written by other code.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("event {event} does not fit a ticket in state {state}")]
pub struct FoldError {
    pub event: &'static str,
    pub state: &'static str,
}

/// The ticket after one more event.
///
/// # Errors
/// The event does not fit (see [`FoldError`]).
pub fn evolve(ticket: Option<Ticket>, meta: &Meta, event: &Event) -> Result<Ticket, FoldError> {
    let mut ticket = match (ticket, event) {
        (None, Event::Registered(r)) => return Ok(registered(meta, r)),
        (Some(t), e) if !matches!(e, Event::Registered(_)) => t,
        (t, e) => return Err(FoldError { event: e.name(), state: t.map_or("none", |t| t.state().code()) }),
    };
    let fits = ticket.apply(meta, event) || ticket.apply_supervision(meta, event) || ticket.apply_clock(meta, event);
    if !fits {
        return Err(FoldError { event: event.name(), state: ticket.state().code() });
    }
    ticket.version += 1;
    Ok(ticket)
}

/// Folds a whole journal.
///
/// # Errors
/// An event does not fit.
pub fn fold<'a>(events: impl IntoIterator<Item = (&'a Meta, &'a Event)>) -> Result<Option<Ticket>, FoldError> {
    events.into_iter().try_fold(None, |ticket, (meta, event)| evolve(ticket, meta, event).map(Some))
}

fn registered(meta: &Meta, r: &Registered) -> Ticket {
    Ticket {
        number: r.number.clone(),
        version: 1,
        registered_at: meta.at,
        kind: r.kind,
        urgent: r.urgent,
        confidential: r.confidential,
        title: r.title.clone(),
        content: r.content.clone(),
        place: r.place.clone(),
        category: r.category.clone(),
        appeals: vec![r.appeal.clone()],
        earlier: r.earlier.clone(),
        difficult: None,
        handovers: Vec::new(),
        rulebook: None,
        stage: Stage::Registered { referral: None },
        clocks: Vec::new(),
        ratings: Vec::new(),
        redos: 0,
        supervision: Vec::new(),
        returned_by: Vec::new(),
    }
}

impl Ticket {
    fn working_mut(&mut self) -> Option<&mut Work> {
        if let Stage::Working(work) = &mut self.stage { Some(work) } else { None }
    }

    /// Events of the ticket's own life. `false`: not one of them, or it does not fit.
    fn apply(&mut self, meta: &Meta, event: &Event) -> bool {
        match event {
            _ if matches!(self.stage, Stage::Archived { .. }) => return false,
            Event::AppealAttached { appeal } => self.appeals.push(appeal.clone()),
            Event::MarkedDifficult { reason } => self.difficult = Some(reason.clone()),
            Event::HandedOver(call) => self.handovers.push(call.clone()),
            Event::Archived => {
                let from = std::mem::replace(&mut self.stage, Stage::Registered { referral: None });
                self.stage = Stage::Archived { from: Box::new(from), at: meta.at };
            }
            Event::Imported(history) => {
                if !matches!(self.stage, Stage::Registered { .. }) {
                    return false;
                }
                self.stage = Stage::Imported(history.clone());
            }
            _ => return self.apply_intake(event) || self.apply_work(meta, event) || self.apply_follow_up(meta, event),
        }
        true
    }

    fn apply_intake(&mut self, event: &Event) -> bool {
        if !matches!(self.stage, Stage::Registered { .. }) {
            return false;
        }
        self.stage = match event {
            Event::ReferredUp { to, question } => {
                Stage::Registered { referral: Some(Referral { to: *to, question: question.clone() }) }
            }
            Event::Accepted { .. } => Stage::Registered { referral: None },
            Event::Refused(refused) => Stage::Refused(refused.clone()),
            Event::AnsweredAtOnce(answer) => Stage::Answered(answer.clone()),
            Event::PassedOn(call) => Stage::PassedOn(call.clone()),
            _ => return false,
        };
        true
    }

    fn apply_work(&mut self, meta: &Meta, event: &Event) -> bool {
        if let Event::Dispatched { lead, assists, note, rulebook, call } = event {
            if !matches!(self.stage, Stage::Registered { .. }) {
                return false;
            }
            self.rulebook.get_or_insert_with(|| rulebook.clone());
            self.handovers.extend(call.clone());
            self.stage = Stage::Working(Box::new(Work::new(meta, lead, assists, note)));
            return true;
        }
        if let Event::ReturnApproved { .. } = event {
            let Some(work) = self.working_mut() else { return false };
            let Some(asked) = work.returning.take() else { return false };
            let unit = work.lead.unit.clone();
            self.returned_by.push(Returned { unit, at: meta.at, reason: asked.reason, redirect: asked.redirect });
            self.stage = Stage::Registered { referral: None };
            return true;
        }
        if let Event::Closed(request) = event {
            let Stage::Working(work) = &self.stage else { return false };
            let mut work = (**work).clone();
            work.closing = None;
            let (ground, statement) = (request.ground, request.statement.clone());
            self.stage = Stage::Closed(Box::new(Closed {
                work,
                ground,
                statement,
                at: meta.at,
                attempts: Vec::new(),
                end: None,
            }));
            return true;
        }
        self.working_mut().is_some_and(|work| work.apply(meta, event))
    }

    fn apply_follow_up(&mut self, meta: &Meta, event: &Event) -> bool {
        match event {
            Event::FollowUpTried { by, reached, note } => {
                let Stage::Closed(closed) = &mut self.stage else { return false };
                closed.attempts.push(Attempt { by: *by, reached: *reached, note: note.clone(), at: meta.at });
            }
            Event::Rated { result, attitude, solved, comment, by } => {
                let Stage::Closed(closed) = &self.stage else { return false };
                let round = closed.work.round;
                let (comment, by) = (comment.clone(), *by);
                let (result, attitude, solved) = (*result, *attitude, *solved);
                self.ratings.push(Rating { result, attitude, solved, comment, by, at: meta.at, round, verdict: None });
                if !result.is_satisfied() {
                    self.stage = Stage::Checking(closed.clone());
                }
            }
            Event::RatingVerified { verdict, .. } => {
                let (Stage::Checking(_), Some(rating)) = (&self.stage, self.ratings.last_mut()) else { return false };
                rating.verdict = Some(verdict.clone());
            }
            Event::Redone { .. } => {
                let Stage::Checking(closed) = &self.stage else { return false };
                let work = closed.work.again(meta);
                self.redos += 1;
                self.stage = Stage::Working(Box::new(work));
            }
            Event::FollowUpEnded { finding, rated } => {
                let (Stage::Closed(closed) | Stage::Checking(closed)) = &self.stage else { return false };
                let mut closed = closed.clone();
                closed.end = Some(match (finding, rated) {
                    (Some(_), _) => FollowUpEnd::Verified,
                    (None, true) => FollowUpEnd::Rated,
                    (None, false) => FollowUpEnd::Unrated,
                });
                self.stage = Stage::Concluded(closed);
            }
            _ => return false,
        }
        true
    }

    fn apply_supervision(&mut self, _meta: &Meta, event: &Event) -> bool {
        if let Event::SupervisionProposed(entry) = event {
            self.supervision.push(entry.clone());
            return true;
        }
        let (no, state) = match event {
            Event::SupervisionOpened { no, fault } => (no, LedgerState::Open { fault: fault.clone() }),
            Event::SupervisionDismissed { no, reason } => (no, LedgerState::Dismissed { reason: reason.clone() }),
            Event::SupervisionMeasured { no, measure, notice, clock } => {
                let (measure, notice, clock) = (*measure, notice.clone(), *clock);
                (no, LedgerState::Measured { measure, notice, rectification: None, clock })
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

    fn apply_clock(&mut self, meta: &Meta, event: &Event) -> bool {
        if let Event::ClockStarted(clock) = event {
            self.clocks.push(clock.clone());
            return true;
        }
        let id = match event {
            Event::ClockMet { clock, .. }
            | Event::ClockVoid { clock }
            | Event::ClockHeld { clock }
            | Event::ClockReleased { clock }
            | Event::ClockPaused { clock }
            | Event::ClockExpired { clock }
            | Event::ClockResumed { clock, .. }
            | Event::ClockExtended { clock, .. }
            | Event::ClockRecounted { clock, .. } => *clock,
            _ => return false,
        };
        self.clocks.iter_mut().find(|c| c.id == id).is_some_and(|clock| clock.apply(meta, event))
    }
}

impl Clock {
    fn apply(&mut self, meta: &Meta, event: &Event) -> bool {
        match event {
            Event::ClockMet { at, .. } => self.status = ClockStatus::Met { at: *at },
            Event::ClockVoid { .. } => self.status = ClockStatus::Void { at: meta.at },
            Event::ClockHeld { .. } => self.status = ClockStatus::Held,
            Event::ClockReleased { .. } => self.status = ClockStatus::Running,
            Event::ClockPaused { .. } => self.status = ClockStatus::Paused { since: meta.at },
            Event::ClockExpired { .. } => self.expired = true,
            Event::ClockResumed { due, provisional, .. } => {
                let ClockStatus::Paused { since } = self.status else { return false };
                self.pauses.push(crate::limit::Pause { from: since, to: meta.at });
                self.status = ClockStatus::Running;
                self.move_to(meta, *due, *provisional);
            }
            Event::ClockExtended { due, provisional, extension, .. } => {
                self.extensions.push(extension.clone());
                self.move_to(meta, *due, *provisional);
            }
            Event::ClockRecounted { due, provisional, calendar, .. } => {
                self.calendar = calendar.clone();
                self.move_to(meta, *due, *provisional);
            }
            _ => return false,
        }
        true
    }

    /// A due instant that moved into the future is not expired any more.
    fn move_to(&mut self, meta: &Meta, due: crate::Instant, provisional: bool) {
        self.due = due;
        self.provisional = provisional;
        self.expired &= due <= meta.at;
    }
}

impl Work {
    fn new(meta: &Meta, lead: &str, assists: &[String], note: &str) -> Work {
        Work {
            lead: Assigned { unit: lead.to_owned(), signed_at: None },
            assists: assists.iter().map(|unit| Assist { unit: unit.clone(), signed_at: None, result: None }).collect(),
            dispatched_at: meta.at,
            note: note.to_owned(),
            round: 1,
            returning: None,
            return_opened: None,
            returns_refused: 0,
            extension: None,
            extensions: 0,
            contacts: Vec::new(),
            reply: Reply::None,
            closing: None,
            closures_refused: 0,
        }
    }

    /// The same units handle it once more.
    fn again(&self, meta: &Meta) -> Work {
        let assists: Vec<String> = self.assists.iter().map(|a| a.unit.clone()).collect();
        Work {
            round: self.round + 1,
            contacts: self.contacts.clone(),
            ..Work::new(meta, &self.lead.unit, &assists, &self.note)
        }
    }

    fn apply(&mut self, meta: &Meta, event: &Event) -> bool {
        match event {
            Event::Signed { unit } if *unit == self.lead.unit => self.lead.signed_at = Some(meta.at),
            Event::Signed { unit } => {
                let Some(assist) = self.assists.iter_mut().find(|a| a.unit == *unit) else { return false };
                assist.signed_at = Some(meta.at);
            }
            Event::ReturnAsked { reason, basis, redirect } => {
                let (reason, basis, redirect) = (reason.clone(), basis.clone(), redirect.clone());
                self.returning = Some(ReturnRequest { reason, basis, redirect, at: meta.at });
            }
            Event::ReturnOpened { reason } => self.return_opened = Some(reason.clone()),
            Event::ReturnRefused { .. } => {
                self.returning = None;
                self.return_opened = None;
                self.returns_refused += 1;
            }
            Event::ExtensionAsked { days, reason } => {
                self.extension = Some(ExtensionRequest { days: *days, reason: reason.clone(), at: meta.at });
            }
            Event::ExtensionGranted { .. } => {
                self.extension = None;
                self.extensions += 1;
            }
            Event::ExtensionRefused { .. } => self.extension = None,
            Event::ContactRecorded { by, reached, explained, note, unit } => self.contacts.push(ContactRecord {
                by: *by,
                reached: *reached,
                explained: *explained,
                note: note.clone(),
                unit: unit.clone(),
                at: meta.at,
            }),
            Event::AssistDelivered { unit, text } => {
                let Some(assist) = self.assists.iter_mut().find(|a| a.unit == *unit) else { return false };
                assist.result = Some(AssistResult { text: text.clone(), at: meta.at });
            }
            Event::ReplyDrafted { text } => self.reply = Reply::Draft { text: text.clone() },
            Event::ReplyAudited { text, .. } => self.reply = Reply::Audited { text: text.clone(), at: meta.at },
            Event::ReplyReopened { .. } => {
                let Reply::Audited { text, .. } = &self.reply else { return false };
                self.reply = Reply::Draft { text: text.clone() };
            }
            Event::ClosureAsked(request) => {
                self.closing = Some(request.clone());
                self.extension = None;
            }
            Event::ClosureRefused { .. } => {
                self.closing = None;
                self.closures_refused += 1;
            }
            _ => return false,
        }
        true
    }
}
