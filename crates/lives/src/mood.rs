//! How appellants take what was done, and what they write back.

use jiesu_domain::{
    Actor, Role, Rulebook,
    rulebook::{MessageOn, RateFrom},
    ticket::{Command, Rate, Ticket},
    words::Satisfaction,
};

use crate::{
    city::hash,
    rng::{Rng, mix},
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

    /// A rating in the words of a form.
    pub fn rating(self, rng: &mut Rng, ticket: &Ticket, appeal: u32) -> Rate {
        let result = self.rates(rng, ticket.redos);
        let attitude = Some(if result.is_satisfied() { Satisfaction::Satisfied } else { result });
        let comment = if result.is_satisfied() { String::new() } else { (*rng.pick(&WHY)).to_owned() };
        Rate { appeal: Some(appeal), result, attitude, solved: Some(result.is_satisfied()), comment }
    }
}

const GOOD: [&str; 6] = ["1", "满意", "２。", "1 满意", "基本满意！", "①"];
const BAD: [&str; 5] = ["3", "不满意", "非常不满意！", "（3）", "３"];
const NOISE: [&str; 6] = ["还行吧", "谢谢", "TD", "13", "路灯还是不亮", "什么时候来修？"];
const WHY: [&str; 5] = ["问题没有解决", "只是打了个电话，没有人到现场", "说已处理，实际没有变化", "时间太长", ""];

/// How many in ten thousand answer a message.
pub fn answers(on: MessageOn, book: &Rulebook) -> usize {
    match on {
        MessageOn::Closed => 4_000,
        MessageOn::ReplyAudited if book.follow_up.from == RateFrom::Reply => 1_500,
        MessageOn::AskAgain => 6_000,
        _ => 0,
    }
}

/// An answer on the portal.
pub fn on_portal(ticket: &Ticket, appeal: u32, mood: Mood, rng: &mut Rng) -> (Actor, Command) {
    (Actor::citizen(), Command::Rate(mood.rating(rng, ticket, appeal)))
}

/// An answer by text, read by the machine or brought by a platform; so many in ten thousand say something else.
pub fn by_text(ticket: &Ticket, appeal: u32, mood: Mood, noise: usize, rng: &mut Rng) -> (Actor, Command) {
    let good = mood.rates(rng, ticket.redos).is_satisfied();
    let noise = rng.odds(noise);
    let said = *rng.pick(if noise {
        &NOISE[..]
    } else if good {
        &GOOD[..]
    } else {
        &BAD[..]
    });
    let role = *rng.pick(&[Role::Citizen, Role::System, Role::Platform]);
    let actor = Actor { id: role.code().into(), role, unit: None };
    (actor, Command::RateByText { appeal: Some(appeal), text: said.into() })
}
