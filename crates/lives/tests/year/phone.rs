//! The appellants: messages reach them once, twice or late, and what they answer depends on their mood.

use jiesu_domain::{
    rulebook::MessageOn,
    ticket::{Action, Command, ready},
};
use jiesu_lives::{
    after,
    mood::{self, Mood},
};

use super::{
    check,
    server::Answer,
    store::Flaw,
    world::{Happening, No, World},
};

impl World<'_> {
    /// The outbox is looked at: what did not arrive is sent again, and what arrived without a receipt arrives twice.
    pub fn sends(&mut self, no: No) -> Result<(), String> {
        self.current = no;
        let (careless, flaw) = (self.careless, self.flaw);
        let mut reactions = Vec::new();
        let mut more = false;
        let case = &mut self.cases[no as usize];
        for letter in case.row.outbox.iter_mut().filter(|l| !l.done) {
            if careless && self.rng.odds(300) {
                more = true;
                continue;
            }
            letter.arrived += 1;
            self.stats.letters += 1;
            // An appellant's phone knows a message by its id.
            if letter.noticed == 0 || flaw == Flaw::ReadsLettersTwice {
                letter.noticed += 1;
                let on = check::rule(self.city.law(None, self.now), &letter.out).map(|r| r.on);
                reactions.extend(on.map(|on| (on, letter.out.appeal)));
            } else {
                self.stats.letters_twice += 1;
            }
            letter.done = !(careless && self.rng.odds(250));
            more |= !letter.done;
        }
        if more {
            let wait = self.rng.between(60, 7_200);
            self.push(after(self.now, wait), Happening::Sends(no));
        }
        for (on, appeal) in reactions {
            self.reacts(no, on, appeal);
        }
        Ok(())
    }

    fn reacts(&mut self, no: No, on: MessageOn, appeal: u32) {
        let book = self.city.law(None, self.now);
        if self.rng.odds(mood::answers(on, book)) {
            let wait = self.rng.wait(20_000) + 30;
            self.push(after(self.now, wait), Happening::Answers(no, appeal));
        }
    }

    /// By text, read by the machine or brought by a platform, or on the portal.
    pub fn answers(&mut self, no: No, appeal: u32) -> Result<(), String> {
        let Some(ticket) = self.cases[no as usize].row.ticket.as_ref() else { return Ok(()) };
        let mood = Mood::of(ticket, appeal);
        if mood == Mood::Away {
            return Ok(());
        }
        let (actor, command) = if self.rng.odds(2_000) {
            mood::on_portal(ticket, appeal, mood, &mut self.rng)
        } else {
            mood::by_text(ticket, appeal, mood, 1_500, &mut self.rng)
        };
        if matches!(command, Command::Rate(_)) {
            let ctx = self.city.ctx(Some(ticket), &actor, self.now, None);
            if ready(ticket, Action::Rate, &ctx).is_err() {
                return Ok(());
            }
        }
        let request = self.request(no, actor, command);
        if let Answer::Done = self.ask(request)?
            && self.rng.odds(500)
        {
            // Some say it twice, or think again.
            let wait = self.rng.wait(30_000) + 5;
            self.push(after(self.now, wait), Happening::Answers(no, appeal));
        }
        Ok(())
    }
}
