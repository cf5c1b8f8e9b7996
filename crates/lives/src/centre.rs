//! A centre that lives are lived in: its city, what comes in, how tickets are numbered, and which of them have to do with each other.

use jiesu_domain::{
    Instant,
    ticket::{Register, Standing, Ticket},
};

use crate::{
    City, Life, Load, after, load,
    person::{Person, caller, person},
    rng::{Rng, mix},
};

/// Tickets of the same hours among which one may be found to be the same as another.
const NEAR: u64 = 6;
/// In ten thousand: are the same as one just before; go back to an earlier one.
const JOIN: u64 = 250;
const REFER: u64 = 450;

/// Chance for different things of the same ticket.
const FORM: u64 = 0x666f_726d;
const TIE: u64 = 0x7469_6573;
const CALLER: u64 = 0x6361_6c6c;

#[derive(Debug)]
pub struct Centre {
    pub city: City,
    pub load: Load,
    pub seed: u64,
    /// Nothing happens after this.
    pub until: Instant,
    /// Forms a number from the place's prefix, the day (`20260430`) and the serial of that day: the caller's business.
    pub number: fn(&str, &str, u32) -> String,
}

/// What a ticket has to do with another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tie {
    None,
    /// The same as that one, found minutes later.
    Joins(u64),
    /// The person names an earlier one.
    Refers(u64),
}

impl Centre {
    /// The day of a ticket as numbers have it, and its serial on that day.
    pub fn day_and_serial(&self, no: u64) -> (String, u32) {
        let day = self.load.day_of(no);
        let serial = (no - self.load.of_day(day).start + 1) as u32;
        (self.load.day(day).date().strftime("%Y%m%d").to_string(), serial)
    }

    pub fn number(&self, no: u64) -> String {
        let (day, serial) = self.day_and_serial(no);
        let book = self.city.law(None, self.load.arrival(no));
        (self.number)(&book.rulebook.prefix, &day, serial)
    }

    /// What is said at the registration.
    pub(crate) fn form(&self, no: u64) -> Register {
        match self.tie(no) {
            Tie::Joins(same) => {
                let (own, same) = (self.own_form(no), self.own_form(same));
                Register {
                    channel: own.channel,
                    follow_up_by: own.follow_up_by,
                    confidential: own.confidential,
                    ..same
                }
            }
            _ => self.own_form(no),
        }
    }

    fn own_form(&self, no: u64) -> Register {
        let mut rng = Rng::new(mix(self.seed ^ FORM) ^ mix(no));
        load::form(&self.city, self.load.arrival(no), &mut rng, Vec::new())
    }

    /// Who calls; `which` tells the appellants of a ticket apart.
    pub(crate) fn caller(&self, no: u64, which: u32) -> Person {
        let mut rng = Rng::new(mix(self.seed ^ CALLER) ^ mix(no ^ u64::from(which) << 48));
        person(self.seed, caller(self.load.tickets(), &mut rng))
    }

    fn drawn(&self, no: u64) -> u64 {
        mix(self.seed ^ mix(no ^ TIE))
    }

    /// What a ticket has to do with another, which itself has to do with none: so nobody has to be looked up twice.
    pub fn tie(&self, no: u64) -> Tie {
        let drawn = self.drawn(no);
        let (which, chance) = (drawn % 10_000, drawn / 10_000);
        let back = match which {
            _ if which < JOIN => 1 + chance % NEAR,
            _ if which < JOIN + REFER => 1 + chance % (self.load.tickets() / 12).max(40),
            _ => return Tie::None,
        };
        let Some(other) = no.checked_sub(back).filter(|o| self.drawn(*o) % 10_000 >= JOIN + REFER) else {
            return Tie::None;
        };
        match which < JOIN {
            true if self.load.day_of(other) == self.load.day_of(no) => Tie::Joins(other),
            true => Tie::None,
            false => Tie::Refers(other),
        }
    }

    /// The tickets that will be found to be the same as this one.
    pub(crate) fn joiners(&self, no: u64) -> impl Iterator<Item = u64> + use<'_> {
        let last = (no + NEAR).min(self.load.tickets().saturating_sub(1));
        (no + 1..=last).filter(move |j| self.tie(*j) == Tie::Joins(no))
    }

    /// When it is found that it is the same as another one.
    pub(crate) fn found_same(&self, no: u64) -> Instant {
        after(self.load.arrival(no), 120 + (self.drawn(no) >> 40) as i64 % 1_200)
    }

    /// A ticket as it is at an instant: its life lived once more until then.
    pub(crate) fn as_at(&self, no: u64, at: Instant) -> Option<Ticket> {
        let mut life = Life::until(self, no, at);
        while life.next().is_some() {}
        life.into_ticket()
    }

    pub(crate) fn standing(&self, no: u64, at: Instant) -> Option<(String, Standing)> {
        self.as_at(no, at).map(|ticket| (ticket.number.clone(), ticket.standing()))
    }
}
