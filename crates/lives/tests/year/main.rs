//! A seeded year of cities, one for each rulebook: a hundred thousand tickets, people with habits, a worker that sleeps, a server that
//! dies between its steps, messages that are lost or come twice. The same seed is the same year.
//!
//! `YEAR_SEED`, `YEAR_TICKETS` (of all cities together) and `YEAR_CITY` (one of them alone) choose another one.
#![allow(clippy::unwrap_used, reason = "helpers of tests may panic as the tests do")]
#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_macros,
    reason = "the test reads files and settings, measures and prints; the library itself never does"
)]

mod check;
mod city;
#[path = "../../../domain/tests/it/oracle.rs"]
mod oracle;
mod phone;
#[path = "../support/places.rs"]
mod places;
mod report;
#[allow(dead_code, reason = "shared with the domain's tests, which use more of it")]
#[path = "../../../domain/tests/it/sample.rs"]
mod sample;
mod server;
mod store;
mod stray;
#[allow(dead_code, reason = "shared with the domain's tests, which use more of it")]
#[path = "../../../domain/tests/it/support.rs"]
mod support;
mod turns;
mod world;

use std::sync::{
    Mutex,
    atomic::{AtomicUsize, Ordering},
};

use city::{Scene, cities};
use report::{Settings, Year, live};
use store::Flaw;

const SEED: u64 = 20_260_101;
const TICKETS: usize = 100_000;

/// Every city's year, as many at a time as there are processors.
fn years(cities: &[Scene], settings: &Settings) -> Vec<Result<Year, String>> {
    let next = AtomicUsize::new(0);
    let done = Mutex::new(Vec::new());
    let threads = std::thread::available_parallelism().map_or(2, usize::from).min(cities.len());
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some(city) = cities.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let year = live(city, settings, Flaw::None);
                    done.lock().unwrap().push((city.city.id(), year));
                }
            });
        }
    });
    let mut done = done.into_inner().unwrap();
    done.sort_by_key(|(id, _)| *id);
    done.into_iter().map(|(_, year)| year).collect()
}

#[test]
fn a_year_of_every_city() {
    let settings = Settings::from_env(SEED, TICKETS);
    let started = std::time::Instant::now();
    let all = cities(settings.seed);
    let per_city = settings.tickets / all.len();
    let chosen: Vec<Scene> =
        all.into_iter().filter(|c| settings.city.as_ref().is_none_or(|id| id == c.city.id())).collect();
    let years = years(&chosen, &Settings { per_city, ..settings.clone() });
    let faults: Vec<&String> = years.iter().filter_map(|y| y.as_ref().err()).collect();
    assert!(faults.is_empty(), "{}", faults.iter().map(|f| f.as_str()).collect::<Vec<_>>().join("\n\n"));
    let years: Vec<Year> = years.into_iter().filter_map(Result::ok).collect();
    report::summary(&settings, &years, started.elapsed());
    // A year in which something never happens shows nothing about it.
    if settings.tickets >= TICKETS && settings.city.is_none() {
        let never = report::never(&years);
        assert!(never.is_empty(), "never carried out in a whole year: {never:?}");
    }
}

#[test]
fn the_same_seed_is_the_same_year() {
    let digests = |seed| {
        let settings = Settings { seed, tickets: 600, per_city: 100, city: None };
        let years = years(&cities(seed), &settings);
        years.into_iter().map(|y| y.unwrap_or_else(|fault| panic!("{fault}")).digest).collect::<Vec<u64>>()
    };
    let first = digests(1);
    assert_eq!(first, digests(1));
    let other = digests(2);
    assert!(first.iter().zip(&other).all(|(a, b)| a != b), "another seed, and the same year");
}

/// The checks are worth something only if they can fail.
#[test]
fn a_broken_store_is_caught() {
    let settings = Settings { seed: 7, tickets: 60, per_city: 60, city: None };
    let cities = cities(settings.seed);
    let flaws = [
        Flaw::LosesAppends,
        Flaw::ForgetsKeys,
        Flaw::IgnoresVersions,
        Flaw::TearsWrites,
        Flaw::LosesLetters,
        Flaw::ReadsLettersTwice,
    ];
    live(&cities[0], &settings, Flaw::None).unwrap_or_else(|fault| panic!("{fault}"));
    for flaw in flaws {
        let caught = live(&cities[0], &settings, flaw);
        let Err(report) = caught else { panic!("{flaw:?} was not seen") };
        assert!(report.contains("YEAR_SEED=7"), "no way to see it again: {report}");
    }
}
