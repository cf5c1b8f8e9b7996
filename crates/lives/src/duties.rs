//! Whose turn it is: what a ticket waits for, from whom, and how long that takes on average. Read off the ticket, without asking `ready`.

use jiesu_domain::{
    Instant, Role, Rulebook,
    clock::ClockKind,
    rulebook::Again,
    ticket::{Action, Assist, ConductState, ExclusionState, LedgerState, Reply, Stage, Ticket, Work},
};

use crate::city::{Character, City};

/// Something somebody should do.
#[derive(Debug)]
pub struct Duty<'t> {
    pub action: Action,
    pub role: Role,
    pub unit: Option<&'t str>,
    /// Mean seconds until it is done.
    pub takes: u64,
    /// Nothing has to come of it.
    pub spare: bool,
}

const MINUTE: u64 = 60;
const HOUR: u64 = 3_600;
const DAY: u64 = 86_400;
/// What is done so seldom may also be left.
const SPARE: u64 = 4 * DAY;

struct Duties<'t> {
    ticket: &'t Ticket,
    city: &'t City,
    book: &'t Rulebook,
    now: Instant,
    all: Vec<Duty<'t>>,
}

/// What the ticket waits for.
pub fn duties<'t>(ticket: &'t Ticket, city: &'t City, now: Instant) -> Vec<Duty<'t>> {
    let mut found = Duties { ticket, city, book: city.law(Some(ticket), now), now, all: Vec::with_capacity(8) };
    match &ticket.stage {
        Stage::Registered(_) => found.at_desk(),
        Stage::Working(work) => found.in_hand(work),
        Stage::Closed(_) | Stage::Checking(_) | Stage::Concluded(_) => found.afterwards(),
        Stage::Transferred { result: None, .. } => {
            found.centre(Action::EndTransfer, Role::Dispatcher, 3 * DAY);
            found.centre(Action::TakeBack, Role::Dispatcher, 30 * DAY);
        }
        Stage::Archived { .. } => return Vec::new(),
        _ => {}
    }
    found.watched();
    found.all
}

impl<'t> Duties<'t> {
    fn centre(&mut self, action: Action, role: Role, takes: u64) {
        self.all.push(Duty { action, role, unit: None, takes, spare: takes >= SPARE });
    }

    /// A unit's duty: at its pace.
    fn unit(&mut self, action: Action, unit: &'t str, takes: u64) {
        let role = if action == Action::AuditReply { Role::UnitLeader } else { Role::Handler };
        let spare = takes >= SPARE;
        // A day's work takes a day, of which the office is open a third.
        let takes = takes / 3;
        let takes = match self.city.character(unit) {
            Character::Punctual | Character::Returns => takes,
            Character::Extends => takes * 2,
            Character::Late => takes * 4,
            // Until somebody reminds it.
            Character::Forgets if self.pressed(unit) => takes,
            Character::Forgets => takes * 15,
        };
        self.all.push(Duty { action, role, unit: Some(unit), takes, spare });
    }

    fn pressed(&self, unit: &str) -> bool {
        let lately = |at: Instant| self.now.duration_since(at).as_hours() < 5 * 24;
        self.ticket.supervised() || self.ticket.urgings.iter().any(|u| u.unit == unit && lately(u.at))
    }

    fn at_desk(&mut self) {
        let Stage::Registered(waiting) = &self.ticket.stage else { return };
        if let Some(referral) = &waiting.referral {
            self.centre(Action::Accept, referral.to, 40 * MINUTE);
            self.centre(Action::Refuse, referral.to, 3 * HOUR);
            if self.book.referral.levels.last() != Some(&referral.to) {
                self.centre(Action::ReferUp, referral.to, 4 * HOUR);
            }
        } else if waiting.consultation.is_some() {
            self.consulted();
        } else if waiting.opinion.as_ref().is_some_and(|o| o.approved.is_none()) {
            self.centre(Action::ReviewOpinion, Role::Leader, 8 * HOUR);
        } else {
            let quick = if self.ticket.urgent { 2 * MINUTE } else { 12 * MINUTE };
            let needed = waiting.opinion.is_none() && self.needs_approval();
            self.centre(if needed { Action::SubmitOpinion } else { Action::Dispatch }, Role::Dispatcher, quick);
            if waiting.opinion.is_none() {
                self.centre(Action::SubmitOpinion, Role::Dispatcher, quick * 60);
            }
            if self.book.consultation.as_ref().is_some_and(|c| c.before_dispatch) && waiting.named.is_none() {
                let disputed = self.ticket.returned_by.len() > 1;
                self.centre(Action::Consult, Role::Dispatcher, quick * if disputed { 1 } else { 200 });
            }
            self.first_look(quick);
        }
    }

    /// What else the first who see an appeal may do with it.
    fn first_look(&mut self, quick: u64) {
        let t = self.ticket;
        if t.standing.values().any(|s| s.settled.is_some()) {
            self.centre(Action::AnswerAtOnce, Role::Seat, quick);
        }
        if t.dispatches > 0 {
            return;
        }
        let known = if t.kind == jiesu_domain::Kind::Consultation { 2 } else { 30 };
        self.centre(Action::AnswerAtOnce, Role::Seat, quick * known);
        self.centre(Action::Refuse, Role::Seat, quick * 20);
        self.centre(Action::ReferUp, Role::Seat, quick * 50);
        if self.book.transfer.is_some() {
            self.centre(Action::Transfer, Role::CentreManager, quick * 80);
        }
        if t.urgent && t.handovers.is_empty() {
            self.centre(Action::HandOver, Role::Seat, quick);
        }
    }

    fn needs_approval(&self) -> bool {
        let t = self.ticket;
        self.book.approval.as_ref().is_some_and(|rule| {
            let has = |m: &jiesu_domain::rulebook::Marks| {
                (!m.major || t.major.is_some()) && (!m.difficult || t.difficult.is_some()) && !m.several_units
            };
            rule.when.iter().any(has)
        })
    }

    fn consulted(&mut self) {
        self.centre(Action::ConcludeConsultation, Role::Reviewer, DAY);
    }

    fn in_hand(&mut self, work: &'t Work) {
        self.requests(work);
        work.assists.iter().for_each(|assist| self.assist(work, assist));
        let late = self.ticket.overdue();
        if self.book.raise.is_some() && work.closing.is_none() && (late || self.ticket.supervised()) {
            self.centre(Action::Raise, Role::Supervisor, 60 * DAY);
        }
        if late && self.book.urging.is_some() {
            let asked = self.ticket.urgings.iter().any(|u| u.answer.is_none());
            self.centre(Action::Urge, Role::Supervisor, if asked { 15 * DAY } else { 4 * DAY });
        }
        let lead = work.lead.unit.as_str();
        if work.lead.signed_at.is_none() {
            self.unit(Action::Sign, lead, 2 * HOUR);
        } else if work.returning.is_none() && work.closing.is_none() {
            self.lead(work, lead);
            self.lead_asks(work, lead);
        }
    }

    /// Applications that wait for the centre.
    fn requests(&mut self, work: &'t Work) {
        let book = self.book;
        if work.consultation.is_some() {
            self.consulted();
        } else if work.returning.is_some() {
            self.centre(Action::ReviewReturn, Role::Reviewer, 3 * HOUR);
            if book.consultation.as_ref().is_some_and(|c| c.on_return) && !self.ticket.returned_by.is_empty() {
                self.centre(Action::Consult, Role::Reviewer, 3 * HOUR);
            }
        }
        if work.extension.is_some() {
            self.centre(Action::ReviewExtension, Role::Reviewer, 4 * HOUR);
        }
        if work.supplement.is_some() {
            self.centre(Action::Supplement, Role::Seat, 3 * HOUR);
        }
        if self.ticket.open_clock(ClockKind::Opinion, None).is_some() {
            self.centre(Action::RecordInstruction, Role::Leader, 3 * DAY);
        }
        let by_clerk = self.ticket.confidential && book.confidential.clerk_replies;
        let calls = book.contact.as_ref().map_or(2, |c| c.calls);
        let relay = by_clerk && work.reply.audited_at().is_some() && !work.relay_done(calls);
        if relay {
            self.centre(Action::RelayReply, Role::FollowUpClerk, 3 * HOUR);
        }
        if work.closing.is_some() {
            self.centre(Action::ReviewClosure, Role::Reviewer, if relay { 10 * DAY } else { 5 * HOUR });
        }
    }

    fn assist(&mut self, work: &'t Work, assist: &'t Assist) {
        let unit = assist.unit.as_str();
        match (&assist.signed_at, &assist.result, &assist.whistle) {
            (None, _, Some(_)) => self.unit(Action::ReportIn, unit, 3 * HOUR),
            (None, _, None) => self.unit(Action::Sign, unit, 4 * HOUR),
            (Some(_), None, _) => {
                self.unit(Action::DeliverAssist, unit, DAY);
                self.unit(Action::ReportProgress, unit, 10 * DAY);
            }
            _ => {}
        }
        let whistle = assist.whistle.as_ref().filter(|w| w.judged.is_none());
        let judged = self.book.whistle.as_ref().is_some_and(|w| w.judged);
        if whistle.is_some() && judged && assist.result.is_some() {
            self.unit(Action::JudgeWhistle, &work.lead.unit, DAY);
        }
    }

    /// The way from signing to closure.
    fn lead(&mut self, work: &'t Work, lead: &'t str) {
        let (t, book) = (self.ticket, self.book);
        let spoken = work.contacts.iter().any(|c| c.at >= work.dispatched_at && c.reached);
        let speaks = !t.confidential || book.confidential.unit_may_contact;
        match (&work.reply, speaks) {
            _ if spoken => {}
            (Reply::None | Reply::Draft { .. }, true) => self.unit(Action::RecordContact, lead, 8 * HOUR),
            (Reply::None | Reply::Draft { .. }, false) => {
                self.centre(Action::RecordContact, Role::FollowUpClerk, 2 * DAY);
            }
            _ => {}
        }
        match &work.reply {
            Reply::None => {
                let days = if t.kind == jiesu_domain::Kind::Consultation { 1 } else { 2 };
                self.unit(Action::DraftReply, lead, if t.urgent { 4 * HOUR } else { days * 12 * HOUR });
            }
            Reply::Draft { .. } => {
                self.unit(Action::AuditReply, lead, 4 * HOUR);
                self.unit(Action::DraftReply, lead, 6 * DAY);
            }
            Reply::Audited { .. } => {
                self.unit(Action::AskClosure, lead, 4 * HOUR);
                self.unit(Action::ReopenReply, lead, 12 * DAY);
            }
        }
    }

    /// What a lead may ask of others meanwhile.
    fn lead_asks(&mut self, work: &'t Work, lead: &'t str) {
        let (book, character) = (self.book, self.city.character(lead));
        let fresh = work.round == 1 && work.reply.audited_at().is_none() && !work.bound;
        let again = work.returns_refused == 0 || work.return_opened.is_some() || book.returns.again == Again::Free;
        if fresh && again {
            self.unit(Action::AskReturn, lead, if character == Character::Returns { 2 * HOUR } else { 25 * DAY });
        }
        if fresh && character == Character::Returns && work.return_opened.is_none() && work.returns_refused > 0 {
            self.centre(Action::OpenReturn, Role::Reviewer, 6 * DAY);
        }
        let handle = self.ticket.open_clock(ClockKind::Handle, None);
        let soon = handle.is_some_and(|c| !c.expired && c.due.duration_since(self.now).as_hours() < 28);
        if work.extension.is_none() && soon && !book.extension.is_empty() {
            self.unit(Action::AskExtension, lead, if character == Character::Extends { HOUR } else { 5 * DAY });
        }
        let rare = |known: bool| known && work.reply.audited_at().is_none();
        if rare(book.longer.is_some()) && !work.longer && soon {
            self.unit(Action::DeclareLonger, lead, DAY);
        }
        if rare(book.supplement.is_some()) && work.supplement.is_none() {
            self.unit(Action::AskSupplement, lead, 20 * DAY);
        }
        if rare(book.report_up.is_some()) && work.reported_up.is_none() {
            self.unit(Action::ReportUp, lead, 30 * DAY);
        }
        if rare(book.whistle.is_some()) && work.assists.len() < 4 {
            self.unit(Action::Whistle, lead, 15 * DAY);
        }
        if rare(work.lead.inside.is_none()) {
            self.unit(Action::AssignInside, lead, 4 * DAY);
        }
    }

    fn afterwards(&mut self) {
        let Some(closed) = self.ticket.closed() else { return };
        let (t, book, lead) = (self.ticket, self.book, closed.work.lead.unit.as_str());
        if !matches!(t.stage, Stage::Concluded(_)) && to_ask(t, book).next().is_some() {
            self.centre(Action::FollowUp, Role::FollowUpClerk, DAY);
        }
        if matches!(t.stage, Stage::Checking(_)) {
            self.centre(Action::VerifyRating, Role::Reviewer, DAY);
        }
        if closed.tracking {
            self.centre(Action::EndTracking, Role::FollowUpClerk, 3 * DAY);
        }
        let disputed = t.ratings.iter().any(|r| r.round == closed.work.round && !r.result.is_satisfied());
        if closed.settlement.is_some() {
            self.centre(Action::ReviewSettlement, Role::Reviewer, DAY);
        } else if disputed && t.settled.is_none() && book.settled.as_ref().is_some_and(|s| s.by_proof) {
            self.unit(Action::AskSettlement, lead, 6 * DAY);
        }
        if disputed && book.exclusion.is_some() && t.exclusions.len() < 3 && !t.excluded() {
            self.unit(Action::AskExclusion, lead, 4 * DAY);
        }
        if matches!(t.stage, Stage::Concluded(_)) && t.unsettled().is_none() {
            self.centre(Action::Archive, Role::CentreManager, 20 * DAY);
        }
    }

    /// The ledger, urgings, conduct and what is left out of assessments.
    fn watched(&mut self) {
        let t = self.ticket;
        for entry in &t.supervision {
            match &entry.state {
                LedgerState::Proposed => {
                    self.centre(Action::OpenSupervision, Role::Supervisor, 3 * DAY);
                    self.centre(Action::DismissSupervision, Role::Supervisor, 5 * DAY);
                }
                LedgerState::Open { .. } => {
                    self.centre(Action::TakeMeasure, Role::Supervisor, DAY);
                    self.centre(Action::EndSupervision, Role::Supervisor, 9 * DAY);
                }
                LedgerState::Measured { rectification: None, .. } => {
                    entry.unit.iter().for_each(|unit| self.unit(Action::ReportRectification, unit, 2 * DAY));
                    self.centre(Action::TakeMeasure, Role::Supervisor, 20 * DAY);
                    self.centre(Action::EndSupervision, Role::Supervisor, 3 * DAY);
                }
                LedgerState::Measured { .. } => self.centre(Action::EndSupervision, Role::Supervisor, 2 * DAY),
                LedgerState::Ended { .. } | LedgerState::Dismissed { .. } => {}
            }
        }
        for urging in t.urgings.iter().filter(|u| u.answer.is_none()) {
            self.unit(Action::AnswerUrging, &urging.unit, 10 * HOUR);
        }
        if t.conducts.iter().any(|c| c.state == ConductState::Found) {
            self.centre(Action::ConfirmConduct, Role::Supervisor, 3 * DAY);
            self.centre(Action::DismissConduct, Role::Supervisor, 3 * DAY);
        }
        for exclusion in &t.exclusions {
            match exclusion.state {
                ExclusionState::Asked => self.centre(Action::ReviewExclusion, Role::Reviewer, 2 * DAY),
                ExclusionState::Refused => {
                    self.unit(Action::AppealExclusion, &exclusion.unit, 3 * DAY);
                    self.all.iter_mut().filter(|d| d.action == Action::AppealExclusion).for_each(|d| {
                        d.role = Role::UnitLeader;
                    });
                }
                ExclusionState::Appealed => self.centre(Action::DecideExclusion, Role::CentreManager, 2 * DAY),
                ExclusionState::Approved | ExclusionState::Final => {}
            }
        }
        let refers = |m: &jiesu_domain::ticket::Malicious| {
            m.referred.is_none() && self.book.malicious.iter().any(|r| r.id == m.conduct && r.refer)
        };
        if t.malicious.iter().any(refers) {
            self.centre(Action::ReferMalicious, Role::ShiftLeader, DAY);
        }
    }
}

/// Appellants who are still to be asked.
pub fn to_ask<'t>(ticket: &'t Ticket, book: &Rulebook) -> impl Iterator<Item = u32> + use<'t> {
    let most = book.follow_up.attempts as usize;
    let tried = move |no: u32| ticket.closed().map_or(0, |c| c.attempts.iter().filter(|a| a.appeal == no).count());
    let standing = ticket.standing_appeals().map(|a| a.no);
    standing.filter(move |no| ticket.rating_now(*no).is_none() && tried(*no) < most)
}
