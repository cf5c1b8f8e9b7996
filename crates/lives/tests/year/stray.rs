//! What is not in the usual course of a ticket: people who call again, somebody who presses, what a clerk notices, tickets that turn out
//! to be the same.

use jiesu_domain::{
    Role,
    ticket::{Action, Command, Stage, Ticket},
};
use jiesu_lives::{
    after,
    stray::{Often, Stray as Usual, another_call, drawn, someone, takes_back},
};

use super::{
    check::must,
    server::{Answer, Request},
    world::{Happening, No, World},
};

#[derive(Clone, Copy, Debug)]
pub enum Stray {
    /// What happens in any centre.
    Usual(Usual),
    /// It is another open ticket's matter.
    Joins,
    /// Anything at all.
    Anything,
}

/// How often in ten thousand tickets, and within how many days (mean).
const STRAYS: &[Often<Stray>] = &[
    (900, 3, Stray::Usual(Usual::CallsAgain)),
    (250, 9, Stray::Usual(Usual::CallsAgain)),
    (500, 2, Stray::Usual(Usual::OneMore)),
    (150, 8, Stray::Usual(Usual::OneMore)),
    (200, 2, Stray::Usual(Usual::TakesBack)),
    (500, 0, Stray::Joins),
    (150, 0, Stray::Usual(Usual::By(Role::Seat, Action::LinkEarlier))),
    (250, 0, Stray::Usual(Usual::By(Role::Seat, Action::MarkDifficult))),
    (80, 0, Stray::Usual(Usual::By(Role::Dispatcher, Action::MarkMajor))),
    (60, 1, Stray::Usual(Usual::By(Role::Seat, Action::RecordMalicious))),
    (40, 1, Stray::Usual(Usual::By(Role::Supervisor, Action::ReportRisk))),
    (300, 4, Stray::Usual(Usual::By(Role::Supervisor, Action::Urge))),
    (120, 3, Stray::Usual(Usual::By(Role::SuperiorUnit, Action::Urge))),
    (40, 3, Stray::Usual(Usual::By(Role::DisciplineOffice, Action::Urge))),
    (100, 3, Stray::Usual(Usual::By(Role::Dispatcher, Action::RecordInstruction))),
    (50, 4, Stray::Usual(Usual::By(Role::Supervisor, Action::MarkMedia))),
    (60, 6, Stray::Usual(Usual::By(Role::Supervisor, Action::RecordConduct))),
    (80, 5, Stray::Usual(Usual::By(Role::Supervisor, Action::ProposeSupervision))),
    (40, 9, Stray::Usual(Usual::By(Role::CentreManager, Action::Hold))),
    (30, 12, Stray::Usual(Usual::By(Role::CentreManager, Action::LiftHold))),
    (300, 6, Stray::Anything),
];

impl World<'_> {
    pub fn stray_later(&mut self, no: No) {
        for (wait, stray) in drawn(STRAYS, &mut self.rng) {
            self.push(after(self.now, wait), Happening::Strays(no, stray));
        }
    }

    pub fn strays(&mut self, no: No, stray: Stray) -> Result<(), String> {
        if !self.careless || self.ticket(no).is_none() {
            return Ok(());
        }
        let request = match stray {
            Stray::Usual(usual) => self.usual(no, usual),
            Stray::Joins => {
                let to = self.a_number_near(no).and_then(|number| self.numbered(&number));
                return to.map_or(Ok(()), |to| self.joins(no, to));
            }
            Stray::Anything => self.anything(no),
        };
        match request {
            Some(request) => self.ask(request).map(|_| ()),
            None => Ok(()),
        }
    }

    fn usual(&mut self, no: No, usual: Usual) -> Option<Request> {
        let ticket = self.cases[no as usize].row.ticket.as_ref()?;
        match usual {
            Usual::CallsAgain | Usual::OneMore => {
                let same_as = matches!(usual, Usual::CallsAgain).then_some(1);
                let (actor, command) = another_call(ticket, same_as, &mut self.rng)?;
                Some(self.request(no, actor, command))
            }
            Usual::TakesBack => {
                let actor = takes_back(&mut self.rng);
                self.act(no, actor, Action::Withdraw)
            }
            Usual::By(role, action) => {
                let actor = someone(ticket, self.city, role, &mut self.rng);
                self.act(no, actor, action)
            }
        }
    }

    /// One ticket joins another: its appellants are hung on that one first, and it ends afterwards. Whatever dies in between, the rest
    /// is done later, and nobody is lost and nobody hung there twice.
    pub fn joins(&mut self, no: No, to: No) -> Result<(), String> {
        let at_desk = |t: &Ticket| matches!(&t.stage, Stage::Registered(w) if w.referral.is_none());
        if no == to || !self.ticket(no).is_some_and(at_desk) || !self.standing(to).is_some_and(|s| s.open) {
            return Ok(());
        }
        let clerk = self.clerk(Role::Dispatcher);
        let number = self.case(no).number.clone();
        // Who attaches one more appeal meanwhile makes the joining begin anew.
        let expected = Some(self.case(no).row.version());
        let appeals: Vec<_> = self.ticket(no).map(|t| t.standing_appeals().cloned().collect()).unwrap_or_default();
        for appeal in appeals {
            let from = Some(format!("{number}#{}", appeal.no));
            if self.hangs(to, &from) {
                continue;
            }
            let (channel, follow_up_by) = (appeal.channel, appeal.follow_up_by);
            let attach = Command::AttachAppeal { channel, follow_up_by, note: None, same_as: None, from };
            let request = self.request(to, clerk.clone(), attach);
            let dies = match self.submit(Request { expected: None, ..request }, true)? {
                Answer::Done | Answer::Replayed => self.careless && self.rng.odds(300),
                Answer::Silence => true,
                // The other one takes no appeals any more: this one goes on by itself.
                _ => return Ok(()),
            };
            if dies {
                self.push(after(self.now, 100), Happening::Joins(no, to));
                return Ok(());
            }
        }
        let reason = "反映同一问题".to_owned();
        let request = self.request(no, clerk, Command::JoinTo { number: self.case(to).number.clone(), reason });
        match self.submit(Request { expected, ..request }, true)? {
            Answer::Silence | Answer::Conflict => {
                self.push(after(self.now, 100), Happening::Joins(no, to));
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn hangs(&self, to: No, from: &Option<String>) -> bool {
        self.ticket(to).is_some_and(|t| t.appeals.iter().any(|a| a.from == *from))
    }

    /// Everybody of a ticket that joined another one hangs there, once.
    pub fn came_along(&self, ticket: &Ticket) -> Result<(), String> {
        let Stage::Joined { number } = ticket.stage_in_archive() else { return Ok(()) };
        let Some(to) = self.numbered(number) else { return Err(format!("joined to {number}, which is not there")) };
        let came: Vec<&String> = match (&self.case(to).sealed, self.ticket(to)) {
            (Some(sealed), _) => sealed.came.iter().collect(),
            (None, Some(there)) => there.appeals.iter().filter_map(|a| a.from.as_ref()).collect(),
            (None, None) => Vec::new(),
        };
        for appeal in ticket.standing_appeals() {
            let from = format!("{}#{}", ticket.number, appeal.no);
            let times = came.iter().filter(|f| ***f == from).count();
            must(times == 1, || format!("appeal {} hangs {times} times on {number}", appeal.no))?;
        }
        Ok(())
    }
}
