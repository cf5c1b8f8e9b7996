//! The cities of the year: each with its rulebook and the next version of it, a notice that comes late, and a worker that lies still.

use jiesu_domain::{
    Calendar, Catalogue, Instant, Rulebook,
    calendar::Day,
    rulebook::UnitKind,
    ticket::{Ticket, UnitInfo, Units},
};
use jiesu_lives::{Character, City, Law, Rng, city::hash, rng::mix};

use super::{
    places::{Place, places},
    sample,
    support::{at, calendar, calendar_without},
};

/// The year: its first instant and the first after it.
pub const FROM: &str = "2025-10-01 00:00";
pub const TO: &str = "2026-10-01 00:00";
/// When these centres get round to loading the State Council's notice for 2026, which came out in November: what was counted into the
/// new year until then is counted anew.
pub const NOTICE: &str = "2025-12-23 10:00";

const NEXT_VERSION: &str = "2026-04-01 00:00";

const UNITS: usize = 100;

/// A city in its year.
pub struct Scene {
    pub city: City,
    /// When the worker lies still.
    pub asleep: Vec<(Instant, Instant)>,
}

/// A rulebook at the beginning of the year, and its next version, in force from [`NEXT_VERSION`] on; what was dispatched before keeps its
/// own.
struct TwoVersions {
    book: Rulebook,
    next: Rulebook,
    catalogue: Option<Catalogue>,
    before_notice: Calendar,
    calendar: Calendar,
}

impl Law for TwoVersions {
    fn book(&self, ticket: Option<&Ticket>, now: Instant) -> &Rulebook {
        let own = ticket.and_then(|t| t.rulebook.as_ref()).map(|(_, version)| *version);
        let first = own.map_or_else(|| now < at(NEXT_VERSION), |version| version == self.book.rulebook.version);
        if first { &self.book } else { &self.next }
    }

    fn catalogue(&self, _: Option<&Ticket>, _: Instant) -> Option<&Catalogue> {
        self.catalogue.as_ref()
    }

    fn calendar(&self, now: Instant) -> &Calendar {
        if now < at(NOTICE) { &self.before_notice } else { &self.calendar }
    }
}

/// Every city whose rulebook is in the repository, with chance from `seed`.
pub fn cities(seed: u64) -> Vec<Scene> {
    places().into_iter().map(|place| scene(place, seed)).collect()
}

fn scene(place: Place, seed: u64) -> Scene {
    let Place { book, catalogue, units: known } = place;
    let mut rng = Rng::new(mix(seed) ^ mix(hash(&book.rulebook.id)));
    let mut units = sample::units();
    units.extend(known);
    invent(&mut units);
    let (before_notice, calendar) = (calendar_without(&[2026]), calendar());
    let law = Box::new(TwoVersions { next: amended(&book), book, catalogue, before_notice, calendar });
    let from = Instant::from_second(Day(Day::of(at(FROM)).0 - 400).start().as_second()).unwrap();
    let city = City::new(law, units, from, seed, &Character::LIVELY);
    Scene { city, asleep: (0..4).map(|_| nap(&mut rng)).collect() }
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

/// Some hours or days in which nobody looks at the clocks.
fn nap(rng: &mut Rng) -> (Instant, Instant) {
    let from = at(FROM) + jiff::SignedDuration::from_hours(rng.between(200, 8_000));
    (from, from + jiff::SignedDuration::from_hours(rng.between(3, 60)))
}
