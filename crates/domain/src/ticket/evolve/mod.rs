//! Folding events into a ticket. No rule is judged here: what an event says has been decided.

mod watch;
mod work;

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
        standing: Default::default(),
        difficult: None,
        major: None,
        handovers: Vec::new(),
        rulebook: None,
        catalogue: None,
        dispatches: 0,
        points: Vec::new(),
        supplements: Vec::new(),
        stage: Stage::waiting(),
        clocks: Vec::new(),
        ratings: Vec::new(),
        redos: 0,
        supervision: Vec::new(),
        returned_by: Vec::new(),
        copies: Vec::new(),
        malicious: Vec::new(),
        risks: Vec::new(),
        instructions: Vec::new(),
        media: Vec::new(),
        urgings: Vec::new(),
        conducts: Vec::new(),
        exclusions: Vec::new(),
        settled: None,
        hold: None,
        files: Vec::new(),
        erased: None,
    }
}

impl Stage {
    fn waiting() -> Stage {
        Stage::Registered(Box::default())
    }
}

impl Ticket {
    fn working_mut(&mut self) -> Option<&mut Work> {
        if let Stage::Working(work) = &mut self.stage { Some(work) } else { None }
    }

    fn waiting_mut(&mut self) -> Option<&mut Waiting> {
        if let Stage::Registered(waiting) = &mut self.stage { Some(waiting) } else { None }
    }

    fn closed_mut(&mut self) -> Option<&mut Closed> {
        match &mut self.stage {
            Stage::Closed(closed) | Stage::Checking(closed) | Stage::Concluded(closed) => Some(closed),
            _ => None,
        }
    }

    /// Events of the ticket's own life. `false`: not one of them, or it does not fit.
    fn apply(&mut self, meta: &Meta, event: &Event) -> bool {
        match event {
            Event::Held { reason } => self.hold = Some(reason.clone()),
            Event::HoldLifted { .. } => self.hold = None,
            Event::Erased(erased) => {
                *self = self.forgotten();
                self.erased = Some(erased.clone());
            }
            _ if matches!(self.stage, Stage::Archived { .. }) => return false,
            Event::Archived => {
                let from = std::mem::replace(&mut self.stage, Stage::waiting());
                self.stage = Stage::Archived { from: Box::new(from), at: meta.at };
            }
            _ => {
                return self.apply_marks(event)
                    || self.apply_intake(event)
                    || self.apply_work(meta, event)
                    || self.apply_outcome(meta, event);
            }
        }
        true
    }

    /// What is noted on a ticket at whatever stage.
    fn apply_marks(&mut self, event: &Event) -> bool {
        match event {
            Event::AppealAttached { appeal } => self.appeals.push(appeal.clone()),
            Event::EarlierLinked { number, standing, .. } => {
                if !self.earlier.contains(number) {
                    self.earlier.push(number.clone());
                }
                if let Some(standing) = standing {
                    self.standing.insert(number.clone(), standing.clone());
                }
            }
            Event::MarkedDifficult { reason } => self.difficult = Some(reason.clone()),
            Event::MarkedMajor { reason } => self.major = Some(reason.clone()),
            Event::HandedOver(call) => self.handovers.push(call.clone()),
            Event::AppealWithdrawn { appeal, .. } => {
                let Some(found) = self.appeals.iter_mut().find(|a| a.no == *appeal) else { return false };
                found.withdrawn = true;
            }
            Event::MaliciousRecorded(found) => self.malicious.push(found.clone()),
            Event::MaliciousReferred { no, to, .. } => {
                let Some(found) = self.malicious.iter_mut().find(|m| m.no == *no) else { return false };
                found.referred = Some(to.clone());
            }
            Event::RiskReported(told) => self.risks.push(told.clone()),
            Event::FileAttached(file) => self.files.push(file.clone()),
            Event::Copied(copy) => self.copies.push(copy.clone()),
            _ => return false,
        }
        true
    }

    fn apply_intake(&mut self, event: &Event) -> bool {
        if let Stage::Transferred { to, result: None } = &self.stage {
            self.stage = match event {
                Event::TakenBack { .. } => Stage::waiting(),
                Event::TransferEnded { result } => Stage::Transferred { to: to.clone(), result: Some(result.clone()) },
                Event::Withdrawn { reason } => Stage::Withdrawn { reason: reason.clone() },
                _ => return false,
            };
            return true;
        }
        if let Event::Withdrawn { reason } = event {
            let open = matches!(self.stage, Stage::Registered { .. } | Stage::Working(_));
            self.stage = if open { Stage::Withdrawn { reason: reason.clone() } } else { return false };
            return true;
        }
        let Some(waiting) = self.waiting_mut() else { return false };
        match event {
            Event::ReferredUp { to, question } => {
                waiting.referral = Some(Referral { to: *to, question: question.clone() });
            }
            Event::Accepted { .. } => waiting.referral = None,
            Event::ConsultationAsked(asked) => waiting.consultation = Some(asked.clone()),
            Event::ConsultationConcluded(named) => {
                waiting.consultation = None;
                // What was approved for another unit is overtaken.
                waiting.opinion = waiting.opinion.take().filter(|o| o.lead == named.lead);
                waiting.named = Some(named.clone());
            }
            Event::OpinionSubmitted(opinion) => waiting.opinion = Some(opinion.clone()),
            Event::OpinionApproved { note } => {
                let Some(opinion) = &mut waiting.opinion else { return false };
                opinion.approved = Some(note.clone());
            }
            Event::OpinionRefused { .. } => waiting.opinion = None,
            Event::Refused(refused) => self.stage = Stage::Refused(refused.clone()),
            Event::AnsweredAtOnce(answer) => self.stage = Stage::Answered(answer.clone()),
            Event::PassedOn(call) => self.stage = Stage::PassedOn(call.clone()),
            Event::JoinedTo { number, .. } => self.stage = Stage::Joined { number: number.clone() },
            Event::Transferred { to, .. } => self.stage = Stage::Transferred { to: to.clone(), result: None },
            Event::Imported(history) => self.stage = Stage::Imported(history.clone()),
            _ => return false,
        }
        true
    }

    fn apply_work(&mut self, meta: &Meta, event: &Event) -> bool {
        match event {
            Event::Dispatched { rulebook, catalogue, call, points, .. } => {
                if !matches!(self.stage, Stage::Registered { .. }) {
                    return false;
                }
                self.rulebook.get_or_insert_with(|| rulebook.clone());
                self.catalogue = self.catalogue.or(*catalogue);
                self.handovers.extend(call.clone());
                self.dispatches += 1;
                if !points.is_empty() {
                    self.points.clone_from(points);
                }
                let Some(work) = Work::dispatched(meta, event) else { return false };
                self.stage = Stage::Working(Box::new(work));
            }
            Event::ReturnApproved { .. } => {
                let Some(work) = self.working_mut() else { return false };
                let Some(asked) = work.returning.take() else { return false };
                let unit = work.lead.unit.clone();
                self.returned_by.push(Returned { unit, at: meta.at, reason: asked.reason, redirect: asked.redirect });
                self.stage = Stage::waiting();
            }
            Event::Supplemented { text } => {
                self.supplements.push(text.clone());
                if let Some(work) = self.working_mut() {
                    work.supplement = None;
                }
            }
            Event::Closed(request) => {
                let Stage::Working(work) = &self.stage else { return false };
                let closed = Closed::new(meta, work, request);
                // Who had rated the reply already is not asked once more.
                let unsatisfied = self.ratings_now(work).any(|r| !r.result.is_satisfied() && r.verdict.is_none());
                self.stage = if unsatisfied { Stage::Checking(closed) } else { Stage::Closed(closed) };
            }
            _ => return self.working_mut().is_some_and(|work| work.apply(meta, event)),
        }
        true
    }

    fn apply_outcome(&mut self, meta: &Meta, event: &Event) -> bool {
        match event {
            Event::FollowUpTried { by, reached, note, appeal } => {
                let (Stage::Closed(closed) | Stage::Checking(closed)) = &mut self.stage else { return false };
                let (by, reached, note, appeal) = (*by, *reached, note.clone(), *appeal);
                closed.attempts.push(Attempt { by, reached, note, appeal, at: meta.at });
            }
            Event::Rated { result, attitude, solved, comment, by, appeal } => {
                let Some(round) = self.work().map(|w| w.round) else { return false };
                let (comment, by, appeal) = (comment.clone(), *by, *appeal);
                let (result, attitude, solved, at) = (*result, *attitude, *solved, meta.at);
                let rating = Rating { result, attitude, solved, comment, by, at, round, appeal, verdict: None };
                self.ratings.push(rating);
                if let (Stage::Closed(closed), false) = (&self.stage, result.is_satisfied()) {
                    self.stage = Stage::Checking(closed.clone());
                }
            }
            Event::RatingKept { .. } | Event::RatingUnclear { .. } => {}
            Event::RatingVerified { verdict, appeal, .. } => return self.verified(verdict, *appeal),
            Event::Redone { .. } => {
                let Stage::Checking(closed) = &self.stage else { return false };
                let work = closed.work.again(meta);
                self.redos += 1;
                self.dispatches += 1;
                // What is handled once more is open again: nothing is answered from the opinion that did not hold.
                self.settled = None;
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
            Event::TrackingStarted | Event::TrackingEnded { .. } => {
                let Some(closed) = self.closed_mut() else { return false };
                closed.tracking = *event == Event::TrackingStarted;
            }
            Event::SettlementAsked(asked) => {
                let Some(closed) = self.closed_mut() else { return false };
                closed.settlement = Some(asked.clone());
            }
            Event::SettlementRefused { .. } => {
                let Some(closed) = self.closed_mut() else { return false };
                closed.settlement = None;
            }
            Event::Settled(settled) => {
                self.settled = Some(settled.clone());
                if let Some(closed) = self.closed_mut() {
                    closed.settlement = None;
                }
            }
            _ => return false,
        }
        true
    }

    /// The verdict belongs to the appellant's rating of this round; with the last of them the check is over.
    fn verified(&mut self, verdict: &Verdict, appeal: u32) -> bool {
        let Stage::Checking(closed) = &self.stage else { return false };
        let closed = closed.clone();
        let of = |r: &&mut Rating| r.appeal == appeal && r.round == closed.work.round && r.verdict.is_none();
        let Some(rating) = self.ratings.iter_mut().rev().find(of) else { return false };
        rating.verdict = Some(verdict.clone());
        let more = self.ratings_now(&closed.work).any(|r| !r.result.is_satisfied() && r.verdict.is_none());
        // Where the unit is at fault the redo follows, from here.
        if !more && verdict.finding != Finding::UnitFault {
            self.stage = Stage::Closed(closed);
        }
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
            | Event::ClockLengthened { clock, .. }
            | Event::ClockRecounted { clock, .. } => *clock,
            _ => return false,
        };
        if let Event::ClockExpired { .. } = event
            && let Some(urging) = self.urgings.iter_mut().find(|u| u.clock == Some(id) && u.answer.is_none())
        {
            urging.missed = true;
        }
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
            Event::ClockLengthened { amount, due, provisional, basis, .. } => {
                self.amount = *amount;
                self.basis = basis.clone();
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
