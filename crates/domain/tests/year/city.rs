//! A city: its rulebook, its catalogue, some hundred units with characters, and the days on which they work.

use std::collections::BTreeMap;

use jiesu_domain::{
    Actor, Calendar, Catalogue, Instant, Rulebook,
    calendar::Day,
    rulebook::{UnitKind, parse_toml},
    ticket::{Ctx, Standing, Ticket, UnitInfo, Units},
};
use serde::Deserialize;

use super::{
    rng::{Rng, mix},
    sample,
    support::{at, calendar, calendar_without, read, root, rulebooks},
};

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

pub struct City {
    /// The rulebook at the beginning of the year.
    pub book: Rulebook,
    /// Its next version, in force from [`NEXT_VERSION`] on; what was dispatched before keeps its own.
    next: Rulebook,
    pub catalogue: Option<Catalogue>,
    pub units: Units,
    /// Units that may lead.
    pub leads: Vec<String>,
    pub superiors: Vec<String>,
    characters: BTreeMap<String, Character>,
    returners: Vec<String>,
    before_notice: Calendar,
    calendar: Calendar,
    /// Whether people work, by day from `first`.
    works: Vec<bool>,
    first: i32,
    /// When the worker lies still.
    pub asleep: Vec<(Instant, Instant)>,
}

/// The year: its first instant and the first after it.
pub const FROM: &str = "2025-10-01 00:00";
pub const TO: &str = "2026-10-01 00:00";
/// When these centres get round to loading the State Council's notice for 2026, which came out in November: what was counted into the
/// new year until then is counted anew.
pub const NOTICE: &str = "2025-12-23 10:00";

const NEXT_VERSION: &str = "2026-04-01 00:00";

const UNITS: usize = 100;

#[derive(Deserialize)]
struct UnitsFile {
    #[serde(rename = "units")]
    _head: toml::Value,
    unit: Units,
}

/// Every city whose rulebook is in the repository, with chance from `seed`.
pub fn cities(seed: u64) -> Vec<City> {
    rulebooks().into_iter().map(|book| City::new(book, seed)).collect()
}

impl City {
    fn new(book: Rulebook, seed: u64) -> City {
        let id = book.rulebook.id.clone();
        let file = |what: &str| {
            let path = root().join(format!("rulebooks/{id}-{what}.toml"));
            path.exists().then(|| read(path))
        };
        let catalogue = file("catalogue").map(|text| Catalogue::parse(&id, &text).unwrap_or_else(|e| panic!("{e}")));
        let mut units = sample::units();
        if let Some(text) = file("units") {
            units.extend(parse_toml::<UnitsFile>(&id, &text).unwrap_or_else(|e| panic!("{e}")).unit);
        }
        invent(&mut units);
        let active = |kinds: &[UnitKind], is: bool| -> Vec<String> {
            let of = |u: &&UnitInfo| u.active && u.kind != UnitKind::Centre && kinds.contains(&u.kind) == is;
            units.iter().filter(|(_, u)| of(u)).map(|(id, _)| id.clone()).collect()
        };
        let leads = active(&book.dispatch.never_lead, false);
        let superiors = active(&[UnitKind::District], true);
        let mut rng = Rng::new(mix(seed) ^ hash(&id));
        let characters: BTreeMap<String, Character> = units.keys().map(|u| (u.clone(), character(&mut rng))).collect();
        let returners = leads.iter().filter(|u| characters[*u] == Character::Returns).cloned().collect();
        let asleep = (0..4).map(|_| nap(&mut rng)).collect();
        let (before_notice, calendar) = (calendar_without(&[2026]), calendar());
        let first = Day::of(at(FROM)).0 - 400;
        let works = (0..1_500).map(|d| calendar.works(Day(first + d)).unwrap()).collect();
        let next = amended(&book);
        City {
            book,
            next,
            catalogue,
            units,
            leads,
            superiors,
            characters,
            returners,
            before_notice,
            calendar,
            works,
            first,
            asleep,
        }
    }

    pub fn id(&self) -> &str {
        &self.book.rulebook.id
    }

    /// The calendar as it is known at that time.
    pub fn calendar(&self, now: Instant) -> &Calendar {
        if now < at(NOTICE) { &self.before_notice } else { &self.calendar }
    }

    /// The rulebook that holds for a ticket: its own once it was dispatched, else the one in force.
    pub fn law(&self, ticket: Option<&Ticket>, now: Instant) -> &Rulebook {
        let own = ticket.and_then(|t| t.rulebook.as_ref()).map(|(_, version)| *version);
        let first = own.map_or_else(|| now < at(NEXT_VERSION), |version| version == self.book.rulebook.version);
        if first { &self.book } else { &self.next }
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
            catalogue: self.catalogue.as_ref(),
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

/// The same text with other numbers.
fn amended(book: &Rulebook) -> Rulebook {
    let mut next = book.clone();
    next.rulebook.version += 1;
    for limit in &mut next.limit {
        limit.is.iter_mut().chain(limit.by_kind.values_mut()).for_each(|amount| amount.n += 1);
    }
    next.follow_up.attempts += 1;
    next.redo.ledger_from += 1;
    next
}

/// A stable number for a name.
pub fn hash(name: &str) -> u64 {
    name.bytes().fold(0xcbf2_9ce4_8422_2325, |h, b| (h ^ u64::from(b)).wrapping_mul(0x100_0000_01b3))
}

/// Fills the list up: districts, towns below them, departments, companies, committees below the towns.
fn invent(units: &mut Units) {
    let missing = UNITS.saturating_sub(units.len());
    for i in 0..missing {
        let (kind, name, parent) = match i % 10 {
            0 => (UnitKind::District, "区政府", None),
            1..=4 => (UnitKind::Town, "镇政府", Some(format!("u{:03}", i / 10 * 10))),
            5..=7 => (UnitKind::Department, "局", Some("zhengfu".to_owned())),
            8 => (UnitKind::Enterprise, "公司", None),
            _ => (UnitKind::Committee, "居委会", Some(format!("u{:03}", i / 10 * 10 + 1))),
        };
        units.insert(format!("u{i:03}"), UnitInfo { name: format!("第{i}{name}"), kind, parent, active: true });
    }
}

fn character(rng: &mut Rng) -> Character {
    use Character as C;
    match rng.weighted(&[54, 20, 10, 8, 8]) {
        0 => C::Punctual,
        1 => C::Late,
        2 => C::Returns,
        3 => C::Forgets,
        _ => C::Extends,
    }
}

/// Some hours or days in which nobody looks at the clocks.
fn nap(rng: &mut Rng) -> (Instant, Instant) {
    let from = at(FROM) + jiff::SignedDuration::from_hours(rng.between(200, 8_000));
    (from, from + jiff::SignedDuration::from_hours(rng.between(3, 60)))
}
