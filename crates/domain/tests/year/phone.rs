//! The appellants: messages reach them once, twice or late, and what they answer depends on their mood.

use jiesu_domain::{
    Actor, Role,
    rulebook::{MessageOn, RateFrom},
    ticket::{Action, Command, Ticket, ready},
    words::Satisfaction,
};

use super::{
    check,
    city::hash,
    rng::{Rng, mix},
    say::Speaker,
    server::Answer,
    store::Flaw,
    world::{Happening, No, World, after},
};

/// How an appellant takes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mood {
    Content,
    /// Unsatisfied with the first handling.
    Once,
    /// Whatever is done.
    Never,
    /// Does not answer.
    Away,
}

impl Mood {
    /// Stays the same over a ticket's life, and need not be kept.
    pub fn of(ticket: &Ticket, appeal: u32) -> Mood {
        match mix(hash(&ticket.number) ^ u64::from(appeal)) % 100 {
            0..=74 => Mood::Content,
            75..=85 => Mood::Once,
            86..=89 => Mood::Never,
            _ => Mood::Away,
        }
    }

    pub fn rates(self, rng: &mut Rng, redos: u32) -> Satisfaction {
        match self {
            Mood::Never => *rng.pick(&[Satisfaction::Unsatisfied, Satisfaction::Very]),
            Mood::Once if redos == 0 => Satisfaction::Unsatisfied,
            _ => *rng.pick(&[Satisfaction::Satisfied, Satisfaction::Satisfied, Satisfaction::Basically]),
        }
    }
}

const GOOD: [&str; 6] = ["1", "满意", "２。", "1 满意", "基本满意！", "①"];
const BAD: [&str; 5] = ["3", "不满意", "非常不满意！", "（3）", "３"];
const NOISE: [&str; 6] = ["还行吧", "谢谢", "TD", "13", "路灯还是不亮", "什么时候来修？"];

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
                let on = check::rule(&self.city.book, &letter.out).map(|r| r.on);
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
        let early = self.city.book.follow_up.from == RateFrom::Reply;
        let in_ten_thousand = match on {
            MessageOn::Closed => 4_000,
            MessageOn::ReplyAudited if early => 1_500,
            MessageOn::AskAgain => 6_000,
            _ => return,
        };
        if self.rng.odds(in_ten_thousand) {
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
        let on_portal = self.rng.odds(2_000);
        let (actor, command) = if on_portal {
            let actor = Actor::citizen();
            let ctx = self.city.ctx(Some(ticket), &actor, self.now, None);
            if ready(ticket, Action::Rate, &ctx).is_err() {
                return Ok(());
            }
            let mut speaker = Speaker { city: self.city, rng: &mut self.rng, ticket, ctx: &ctx, near: None };
            let rate = speaker.rate(appeal, mood);
            (actor, Command::Rate(rate))
        } else {
            let good = mood.rates(&mut self.rng, ticket.redos).is_satisfied();
            let noise = self.rng.odds(1_500);
            let said = *self.rng.pick(if noise {
                &NOISE[..]
            } else if good {
                &GOOD[..]
            } else {
                &BAD[..]
            });
            let role = *self.rng.pick(&[Role::Citizen, Role::System, Role::Platform]);
            (
                Actor { id: role.code().into(), role, unit: None },
                Command::RateByText { appeal: Some(appeal), text: said.into() },
            )
        };
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
