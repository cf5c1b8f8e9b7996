//! Folding what the units did.

use super::super::{
    event::{Event, Meta},
    state::*,
};

impl Closed {
    pub(super) fn new(meta: &Meta, work: &Work, request: &ClosureRequest) -> Box<Closed> {
        let work = Work { closing: None, ..work.clone() };
        Box::new(Closed {
            work,
            ground: request.ground.clone(),
            name: request.name.clone(),
            statement: request.statement.clone(),
            at: meta.at,
            attempts: Vec::new(),
            end: None,
            tracking: false,
            settlement: None,
        })
    }
}

impl Assist {
    fn new(unit: &str) -> Assist {
        let unit = unit.to_owned();
        Assist { unit, signed_at: None, result: None, inside: None, whistle: None, progress: Vec::new() }
    }
}

impl Work {
    fn new(meta: &Meta, lead: &str, assists: &[String], note: &str) -> Work {
        Work {
            lead: Assigned { unit: lead.to_owned(), signed_at: None, inside: None },
            assists: assists.iter().map(|unit| Assist::new(unit)).collect(),
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
            office: None,
            entry: None,
            bound: false,
            refused_reasons: Vec::new(),
            consultation: None,
            supplement: None,
            reported_up: None,
            longer: false,
            answers: Vec::new(),
            long_term: None,
            relayed: Vec::new(),
        }
    }

    pub(super) fn dispatched(meta: &Meta, event: &Event) -> Option<Work> {
        let Event::Dispatched { lead, assists, note, office, entry, bound, .. } = event else { return None };
        let (office, entry) = (office.clone(), entry.clone());
        Some(Work { office, entry, bound: *bound, ..Work::new(meta, lead, assists, note) })
    }

    /// The same units handle it once more.
    pub(super) fn again(&self, meta: &Meta) -> Work {
        let assists: Vec<String> = self.assists.iter().map(|a| a.unit.clone()).collect();
        Work {
            round: self.round + 1,
            contacts: self.contacts.clone(),
            office: self.office.clone(),
            entry: self.entry.clone(),
            bound: self.bound,
            ..Work::new(meta, &self.lead.unit, &assists, &self.note)
        }
    }

    fn assist(&mut self, unit: &str) -> Option<&mut Assist> {
        self.assists.iter_mut().find(|a| a.unit == unit)
    }

    pub(super) fn apply(&mut self, meta: &Meta, event: &Event) -> bool {
        self.apply_units(meta, event)
            .unwrap_or_else(|| self.apply_requests(meta, event) || self.apply_reply(meta, event))
    }

    /// Who takes part and what they deliver; `None`: not such an event.
    fn apply_units(&mut self, meta: &Meta, event: &Event) -> Option<bool> {
        let at = meta.at;
        match event {
            Event::Signed { unit } if *unit == self.lead.unit => self.lead.signed_at = Some(at),
            Event::AssignedInside { unit, office, handler } => {
                let inside = Some(Inside { office: office.clone(), handler: handler.clone() });
                match self.assist(unit) {
                    Some(assist) => assist.inside = inside,
                    None => self.lead.inside = inside,
                }
            }
            Event::Whistled { by, units, matter } => {
                for unit in units {
                    let (by, matter) = (by.clone(), matter.clone());
                    self.assists
                        .push(Assist { whistle: Some(Whistle { by, matter, at, judged: None }), ..Assist::new(unit) });
                }
            }
            Event::Raised { to, .. } => {
                let from =
                    std::mem::replace(&mut self.lead, Assigned { unit: to.clone(), signed_at: None, inside: None });
                self.assists.retain(|a| a.unit != *to);
                self.assists.push(Assist { signed_at: from.signed_at, inside: from.inside, ..Assist::new(&from.unit) });
                (self.returning, self.extension, self.closing) = (None, None, None);
                // Who had it may have replied; the new lead answers for itself.
                (self.consultation, self.reply) = (None, Reply::None);
                (self.answers, self.long_term, self.relayed) = (Vec::new(), None, Vec::new());
            }
            Event::Signed { unit } | Event::ReportedIn { unit } => match self.assist(unit) {
                Some(assist) => assist.signed_at = Some(at),
                None => return Some(false),
            },
            Event::WhistleJudged { unit, answered, note } => {
                let whistle = self.assist(unit).and_then(|a| a.whistle.as_mut());
                let Some(whistle) = whistle else { return Some(false) };
                whistle.judged = Some(Judged { answered: *answered, note: note.clone() });
            }
            Event::ProgressReported { unit, text, reason } => {
                let Some(assist) = self.assist(unit) else { return Some(false) };
                assist.progress.push(Progress { text: text.clone(), reason: reason.clone(), at });
            }
            Event::AssistDelivered { unit, text, explanation } => {
                let Some(assist) = self.assist(unit) else { return Some(false) };
                assist.result = Some(AssistResult { text: text.clone(), at, explanation: explanation.clone() });
            }
            _ => return None,
        }
        Some(true)
    }

    fn apply_requests(&mut self, meta: &Meta, event: &Event) -> bool {
        match event {
            Event::ReturnAsked { reason, basis, redirect, leader_sheet } => {
                let (reason, basis, redirect) = (reason.clone(), basis.clone(), redirect.clone());
                let leader_sheet = leader_sheet.clone();
                self.returning = Some(ReturnRequest { reason, basis, redirect, leader_sheet, at: meta.at });
            }
            Event::DeemedAccepted { .. } => {}
            Event::ReturnOpened { reason } => self.return_opened = Some(reason.clone()),
            Event::ReturnRefused { .. } => {
                self.refused_reasons.extend(self.returning.take().map(|r| r.reason));
                self.return_opened = None;
                self.returns_refused += 1;
            }
            Event::ConsultationAsked(asked) => self.consultation = Some(asked.clone()),
            Event::ConsultationConcluded(named) => {
                self.consultation = None;
                self.bound |= named.lead == self.lead.unit;
            }
            Event::ExtensionAsked { days, reason, basis, told, force_majeure } => {
                let (days, reason, basis, told) = (*days, reason.clone(), basis.clone(), told.clone());
                let force_majeure = *force_majeure;
                self.extension = Some(ExtensionRequest { days, reason, basis, told, force_majeure, at: meta.at });
            }
            Event::ExtensionGranted { .. } => {
                self.extension = None;
                self.extensions += 1;
            }
            Event::ExtensionRefused { .. } => self.extension = None,
            Event::LongerDeclared { .. } => self.longer = true,
            Event::SupplementAsked { what, .. } => self.supplement = Some(what.clone()),
            Event::ReportedUp { to, text, .. } => {
                self.reported_up = Some(Told { who: to.clone(), text: text.clone(), at: meta.at });
            }
            _ => return false,
        }
        true
    }

    fn apply_reply(&mut self, meta: &Meta, event: &Event) -> bool {
        match event {
            Event::ContactRecorded { by, reached, explained, note, unit } => self.contacts.push(ContactRecord {
                by: *by,
                reached: *reached,
                explained: *explained,
                note: note.clone(),
                unit: unit.clone(),
                at: meta.at,
            }),
            Event::ReplyDrafted { text, answers, long_term } => {
                self.reply = Reply::Draft { text: text.clone() };
                self.answers.clone_from(answers);
                self.long_term.clone_from(long_term);
            }
            Event::ReplyAudited { text, .. } => self.reply = Reply::Audited { text: text.clone(), at: meta.at },
            Event::ReplyReopened { .. } => {
                let Reply::Audited { text, .. } = &self.reply else { return false };
                self.reply = Reply::Draft { text: text.clone() };
                self.relayed.clear();
            }
            Event::ReplyRelayed { by, reached, note } => {
                let (by, reached, note) = (*by, *reached, note.clone());
                self.relayed.push(Attempt { by, reached, note, appeal: 1, at: meta.at });
            }
            Event::ClosureAsked(request) => {
                self.closing = Some(request.clone());
                (self.extension, self.supplement, self.reported_up) = (None, None, None);
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
