//! A city: its law, its units with their characters, and the days on which they work.

use std::collections::BTreeMap;

use jiesu_domain::{
    Actor, Calendar, Catalogue, Instant, Role, Rulebook,
    calendar::Day,
    rulebook::UnitKind,
    ticket::{Ctx, Standing, Ticket, Units},
};

use crate::{
    matter,
    rng::{Rng, mix},
};

/// The law that holds for a ticket at an instant. A trait, because a centre keeps its versions in its own way.
pub trait Law: Send + Sync {
    /// The ticket's own version once it was dispatched, else the one in force.
    fn book(&self, ticket: Option<&Ticket>, now: Instant) -> &Rulebook;
    fn catalogue(&self, ticket: Option<&Ticket>, now: Instant) -> Option<&Catalogue>;
    /// As it is known at that time.
    fn calendar(&self, now: Instant) -> &Calendar;
}

/// How a unit does its work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Character {
    Punctual,
    Late,
    /// Gives back whatever it gets, and names its neighbour, which does the same.
    Returns,
    Forgets,
    /// Asks for more time on the last day.
    Extends,
}

impl Character {
    const ALL: [Character; 5] =
        [Character::Punctual, Character::Late, Character::Returns, Character::Forgets, Character::Extends];
    /// Of a hundred units, in the order above.
    pub const LIVELY: [u64; 5] = [54, 20, 10, 8, 8];
    pub const ORDINARY: [u64; 5] = [86, 4, 3, 1, 6];
}

/// Days before the first one that the calendar is laid out for, and days in all.
const BEFORE: i32 = 40;
const LAID_OUT: usize = 4_400;

pub struct City {
    law: Box<dyn Law>,
    id: String,
    pub units: Units,
    /// Units that may lead.
    pub leads: Vec<String>,
    pub superiors: Vec<String>,
    characters: BTreeMap<String, Character>,
    returners: Vec<String>,
    /// By matter: those that may lead and whose business it is by their name.
    whose: Vec<Vec<String>>,
    /// Names of districts and towns, as people say where they live.
    pub places: Vec<String>,
    /// Whether people work, by day from `first`.
    works: Vec<bool>,
    first: i32,
}

impl std::fmt::Debug for City {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("City").field("id", &self.id).finish_non_exhaustive()
    }
}

impl City {
    /// A city from `from` on; `characters` says of a hundred units how many are of which.
    pub fn new(law: Box<dyn Law>, units: Units, from: Instant, seed: u64, characters: &[u64; 5]) -> City {
        let book = law.book(None, from);
        let id = book.rulebook.id.clone();
        let active = |kinds: &[UnitKind], is: bool| -> Vec<String> {
            let of = |u: &&jiesu_domain::ticket::UnitInfo| {
                u.active && u.kind != UnitKind::Centre && kinds.contains(&u.kind) == is
            };
            units.iter().filter(|(_, u)| of(u)).map(|(id, _)| id.clone()).collect()
        };
        let leads = active(&book.dispatch.never_lead, false);
        let superiors = active(&[UnitKind::District], true);
        let mut rng = Rng::new(mix(seed) ^ hash(&id));
        let characters: BTreeMap<String, Character> =
            units.keys().map(|u| (u.clone(), Character::ALL[rng.weighted(characters)])).collect();
        let returners = leads.iter().filter(|u| characters[*u] == Character::Returns).cloned().collect();
        let whose = matter::all().iter().map(|m| leads.iter().filter(|u| m.is_of(&units[*u].name)).cloned().collect());
        let whose = whose.collect();
        let named = units.values().filter(|u| u.active && matches!(u.kind, UnitKind::Town | UnitKind::District));
        let places = named.map(|u| said(&u.name)).collect();
        let (first, calendar) = (Day::of(from).0 - BEFORE, law.calendar(Instant::MAX));
        let works = (0..LAID_OUT as i32).map_while(|d| calendar.works(Day(first + d)).ok()).collect();
        City { id, units, leads, superiors, characters, returners, whose, places, works, first, law }
    }

    pub fn id(&self) -> &str {
        &self.id
    }

    pub fn calendar(&self, now: Instant) -> &Calendar {
        self.law.calendar(now)
    }

    /// The rulebook that holds for a ticket: its own once it was dispatched, else the one in force.
    pub fn law(&self, ticket: Option<&Ticket>, now: Instant) -> &Rulebook {
        self.law.book(ticket, now)
    }

    pub fn catalogue(&self, ticket: Option<&Ticket>, now: Instant) -> Option<&Catalogue> {
        self.law.catalogue(ticket, now)
    }

    pub fn ctx<'c>(
        &'c self,
        ticket: Option<&Ticket>,
        actor: &'c Actor,
        now: Instant,
        standing: Option<&'c BTreeMap<String, Standing>>,
    ) -> Ctx<'c> {
        Ctx {
            rulebook: self.law(ticket, now),
            calendar: self.calendar(now),
            catalogue: self.catalogue(ticket, now),
            units: &self.units,
            standing,
            now,
            actor,
        }
    }

    pub fn character(&self, unit: &str) -> Character {
        self.characters.get(unit).copied().unwrap_or(Character::Punctual)
    }

    /// To whom a unit that gives everything back points: its neighbour among those that do.
    pub fn neighbour(&self, unit: &str) -> &str {
        let at = self.returners.iter().position(|u| u == unit).unwrap_or(0);
        self.returners.get(at ^ 1).map_or(self.leads[0].as_str(), String::as_str)
    }

    /// Those whose business a matter is.
    pub fn whose(&self, matter: usize) -> &[String] {
        self.whose.get(matter).map_or(&[], Vec::as_slice)
    }

    pub fn works(&self, day: Day) -> bool {
        self.works.get((day.0 - self.first) as usize).copied().unwrap_or(true)
    }

    /// Whether the units' offices are open.
    pub fn office(&self, now: Instant) -> bool {
        (9 * 3_600..17 * 3_600 + 1_800).contains(&Day::second_of_day(now)) && self.works(Day::of(now))
    }

    /// When they open next.
    pub fn opens(&self, now: Instant) -> Instant {
        let nine = jiff::SignedDuration::from_hours(9);
        let mut day = Day::of(now);
        while !self.works(day) || day.start() + nine <= now {
            day = day.next();
        }
        day.start() + nine
    }
}

/// People of the centre who share a role.
pub const CLERKS: usize = 4;

/// The account of somebody of the centre.
pub fn clerk(role: Role, n: usize) -> String {
    format!("{}-{}", role.code(), n + 1)
}

/// The account of somebody of a unit: its handler goes by its name.
pub fn of_unit(role: Role, unit: &str) -> String {
    match role {
        Role::Handler => unit.to_owned(),
        Role::UnitLeader => format!("{unit}-leader"),
        role => format!("{unit}-{}", role.code()),
    }
}

/// A place as it is said: without the words of its government.
fn said(unit: &str) -> String {
    let end = ["人民政府", "办事处", "管理委员会", "管委会"];
    let short = end.iter().find_map(|e| unit.strip_suffix(e)).unwrap_or(unit);
    short.to_owned()
}

/// A stable number for a name.
pub fn hash(name: &str) -> u64 {
    name.bytes().fold(0xcbf2_9ce4_8422_2325, |h, b| (h ^ u64::from(b)).wrapping_mul(0x100_0000_01b3))
}
