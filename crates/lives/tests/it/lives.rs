use std::collections::{BTreeMap, BTreeSet};

use jiesu_domain::{
    Calendar, Catalogue, Instant, Rulebook,
    calendar::Day,
    ticket::{Event, Meta, Stage, Ticket, fold},
};
use jiesu_lives::{Centre, Character, City, Law, Life, Load, Step};

use super::{
    places::{Place, places},
    support::{at, calendar},
};

struct Fixed {
    book: Rulebook,
    catalogue: Option<Catalogue>,
    calendar: Calendar,
}

impl Law for Fixed {
    fn book(&self, _: Option<&Ticket>, _: Instant) -> &Rulebook {
        &self.book
    }
    fn catalogue(&self, _: Option<&Ticket>, _: Instant) -> Option<&Catalogue> {
        self.catalogue.as_ref()
    }
    fn calendar(&self, _: Instant) -> &Calendar {
        &self.calendar
    }
}

const NOW: &str = "2026-11-20 10:30";

/// Invented numbers, which the caller forms.
fn number(prefix: &str, day: &str, serial: u32) -> String {
    format!("{prefix}-{day}-{serial:06}-{}", serial % 10)
}

/// The places that have units of their own.
fn centres(tickets: u64, seed: u64) -> Vec<Centre> {
    let real = places().into_iter().filter(|p| !p.units.is_empty());
    real.map(|Place { book, catalogue, units }| {
        let (from, until) = (at("2025-11-20 00:00"), at(NOW));
        let law = Box::new(Fixed { book, catalogue, calendar: calendar() });
        let city = City::new(law, units, from, seed, &Character::ORDINARY);
        let load = Load::new(&city, from, until, tickets, seed);
        Centre { city, load, seed, until, number }
    })
    .collect()
}

fn all(centre: &Centre) -> impl Iterator<Item = (Vec<Step>, Ticket, u32)> {
    (0..centre.load.tickets()).map(|no| {
        let mut life = Life::new(centre, no);
        let steps: Vec<Step> = life.by_ref().collect();
        let refused = life.refused;
        (steps, life.into_ticket().unwrap_or_else(|| panic!("{}: {no} was not registered", centre.city.id())), refused)
    })
}

#[test]
fn what_comes_in_is_spread_over_the_days() {
    let centre = &centres(20_000, 3)[0];
    let load = &centre.load;
    assert_eq!(load.tickets(), 20_000);
    let arrivals: Vec<Instant> = (0..load.tickets()).map(|no| load.arrival(no)).collect();
    assert!(arrivals.is_sorted());
    assert!(arrivals.first().is_some_and(|first| *first < at("2025-11-20 16:00")));
    assert!(arrivals.last().is_some_and(|last| (at("2026-11-20 08:00")..at(NOW)).contains(last)));
    let on = |is: &dyn Fn(Instant) -> bool| arrivals.iter().filter(|at| is(**at)).count();
    let hour = |h: i64| on(&|at| Day::second_of_day(at) / 3_600 == h);
    assert!(hour(10) > 10 * hour(3), "{} {}", hour(10), hour(3));
    let days_off = on(&|at| !centre.city.works(Day::of(at)));
    assert!((3_000..5_500).contains(&days_off), "{days_off}");
    for no in [0, 1, 777, 19_999] {
        let (day, serial) = centre.day_and_serial(no);
        assert_eq!(day, Day::of(load.arrival(no)).date().strftime("%Y%m%d").to_string());
        assert!(serial == 1 || centre.day_and_serial(no - 1) == (day, serial - 1));
    }
}

#[test]
fn the_same_seed_is_the_same_lives() {
    let told = |seed| {
        let centre = centres(300, seed).remove(0);
        all(&centre).map(|(steps, ticket, _)| format!("{steps:?}{ticket:?}")).collect::<Vec<String>>()
    };
    let first = told(1);
    assert!(first == told(1), "the same seed, and other lives");
    assert!(first.iter().zip(&told(2)).all(|(a, b)| a != b), "another seed, and the same lives");
}

/// Each life is its journal in order of time, nothing is due that was left, and who joined another one hangs there.
#[test]
fn lives_are_sound() {
    for centre in centres(1_500, 5) {
        let mut tickets = BTreeMap::new();
        let (mut commands, mut refused) = (0, 0);
        for (steps, ticket, vain) in all(&centre) {
            assert!(steps.is_sorted_by_key(|s| s.at) && steps.iter().all(|s| s.at <= centre.until));
            let metas: Vec<(Meta, &Event)> = steps
                .iter()
                .flat_map(|s| s.events.iter().map(|e| (Meta { at: s.at, by: s.actor.clone() }, e)))
                .collect();
            let folded = fold(metas.iter().map(|(m, e)| (m, *e))).unwrap();
            assert_eq!(folded.as_ref(), Some(&ticket));
            let left = ticket.next_wakeup().filter(|at| jiesu_lives::after(*at, 3) < centre.until);
            assert_eq!(left, None, "{}", ticket.number);
            let appeals = steps.iter().filter(|s| s.brings.is_some()).count();
            assert_eq!(appeals, ticket.appeals.len(), "each appeal is somebody's");
            commands += steps.len() as u32;
            refused += vain;
            tickets.insert(ticket.number.clone(), ticket);
        }
        assert_eq!(tickets.len(), 1_500, "numbers are of one ticket each");
        assert!(refused * 50 < commands, "{}: {refused} refused of {commands}", centre.city.id());
        let joined = tickets.values().filter_map(|t| match t.stage_in_archive() {
            Stage::Joined { number } => Some((format!("{}#1", t.number), &tickets[number])),
            _ => None,
        });
        let joined: Vec<_> = joined.collect();
        assert!(joined.len() > 5, "{}: {} joined", centre.city.id(), joined.len());
        for (from, there) in joined {
            assert_eq!(there.appeals.iter().filter(|a| a.from.as_ref() == Some(&from)).count(), 1, "{from}");
        }
    }
}

/// What happens to how many of a hundred tickets: at least and at most, in any place.
const ORDINARY: &[(&str, f64, f64)] = &[
    ("answered-at-once", 15.0, 40.0),
    ("refused", 1.0, 7.0),
    ("dispatched", 50.0, 85.0),
    ("closed", 50.0, 85.0),
    ("rated", 40.0, 80.0),
    ("redone", 2.0, 12.0),
    ("return-asked", 1.0, 12.0),
    ("extension-asked", 0.1, 8.0),
    ("supervision-opened", 0.5, 15.0),
    ("urged", 0.2, 10.0),
    ("appeal-attached", 2.0, 10.0),
    ("withdrawn", 0.2, 3.0),
    ("joined-to", 0.5, 3.0),
    ("earlier-linked", 2.0, 7.0),
    ("marked-difficult", 0.2, 3.0),
    ("assist-delivered", 3.0, 30.0),
    ("confidential", 2.0, 10.0),
    ("late handle", 0.5, 12.0),
    ("archived", 85.0, 99.8),
];

/// What is usual is usual, and what is rare is rare.
#[test]
fn the_proportions_are_ordinary() {
    for centre in centres(4_000, 7) {
        let (mut counts, mut lengths, mut contents) = (BTreeMap::new(), Vec::new(), BTreeSet::new());
        for (steps, ticket, _) in all(&centre) {
            lengths.push(steps.len());
            contents.insert(ticket.content.clone());
            for what in happened(&steps, &ticket) {
                *counts.entry(what).or_insert(0.0) += 100.0 / 4_000.0;
            }
        }
        let place = centre.city.id();
        for (what, least, most) in ORDINARY {
            let found = counts.get(*what).copied().unwrap_or(0.0);
            assert!((*least..=*most).contains(&found), "{place}: {what} {found:.1} of a hundred; all: {counts:#?}");
        }
        lengths.sort_unstable();
        assert!((10..=16).contains(&lengths[2_000]), "{place}: {} commands in the usual life", lengths[2_000]);
        assert!(contents.len() > 3_500, "{place}: only {} different texts", contents.len());
    }
}

/// Names of what happened to a ticket, each once.
fn happened(steps: &[Step], ticket: &Ticket) -> BTreeSet<String> {
    let names = steps.iter().flat_map(|s| s.events.iter().map(|e| e.name().to_owned()));
    let late = ticket.clocks.iter().filter(|c| c.expired).map(|c| format!("late {}", c.kind.code()));
    let confidential = ticket.confidential.then(|| "confidential".to_owned());
    names.chain(late).chain(confidential).collect()
}

/// In the last weeks tickets stand in every state that people work on.
#[test]
fn the_last_weeks_are_open() {
    let mut states = BTreeSet::new();
    for centre in centres(60_000, 11) {
        let tickets = centre.load.tickets();
        for no in tickets - 2_000..tickets {
            let mut life = Life::new(&centre, no);
            while life.next().is_some() {}
            states.extend(life.into_ticket().map(|t| t.state().code()));
        }
    }
    let open = ["registered", "dispatched", "in-hand", "replied", "closure-asked", "closed", "checking", "concluded"];
    for state in open {
        assert!(states.contains(state), "{state} is in none of {states:?}");
    }
}

#[test]
#[ignore = "a measurement: run it alone, in release"]
fn how_fast_lives_are_lived() {
    for centre in centres(20_000, 1) {
        let started = std::time::Instant::now();
        let (mut events, mut steps) = (0, 0);
        for no in 0..centre.load.tickets() {
            let mut life = Life::new(&centre, no);
            for step in life.by_ref() {
                events += step.events.len();
                steps += 1;
            }
        }
        let seconds = started.elapsed().as_secs_f64();
        println!(
            "{}: {:.0} tickets a minute, {:.1} steps and {:.1} events each",
            centre.city.id(),
            20_000.0 / seconds * 60.0,
            f64::from(steps) / 20_000.0,
            events as f64 / 20_000.0
        );
    }
}
