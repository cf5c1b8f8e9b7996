//! One city's year from beginning to end, what is printed of it, and what is printed where it fails.

use std::{
    collections::BTreeMap,
    panic::{AssertUnwindSafe, catch_unwind},
    time::Duration,
};

use jiesu_domain::{describe, ticket::Action};

use super::{
    city::Scene,
    store::Flaw,
    world::{Stats, World},
};

#[derive(Clone, Debug)]
pub struct Settings {
    pub seed: u64,
    /// Of all cities together.
    pub tickets: usize,
    pub per_city: usize,
    pub city: Option<String>,
}

impl Settings {
    pub fn from_env(seed: u64, tickets: usize) -> Settings {
        let number = |name: &str| {
            let said = std::env::var(name).ok()?;
            Some(said.parse::<u64>().unwrap_or_else(|_| panic!("{name}={said} is not a number")))
        };
        let tickets = number("YEAR_TICKETS").map_or(tickets, |n| n as usize);
        Settings {
            seed: number("YEAR_SEED").unwrap_or(seed),
            tickets,
            per_city: tickets,
            city: std::env::var("YEAR_CITY").ok(),
        }
    }
}

/// What came of a city's year.
pub struct Year {
    pub city: String,
    pub stats: Stats,
    pub digest: u64,
}

/// Lives a year; on failure, everything needed to see it again.
pub fn live(scene: &Scene, settings: &Settings, flaw: Flaw) -> Result<Year, String> {
    let mut world = World::new(scene, settings.per_city, settings.seed, flaw);
    let result = catch_unwind(AssertUnwindSafe(|| world.run())).unwrap_or_else(|panic| {
        let said = panic.downcast_ref::<String>().cloned();
        Err(format!("panicked: {}", said.or(panic.downcast_ref::<&str>().map(|s| (*s).to_owned())).unwrap_or_default()))
    });
    match result {
        Ok(()) => Ok(Year { city: scene.city.id().to_owned(), digest: world.digest(), stats: world.stats }),
        Err(fault) => Err(story(&world, settings, &fault)),
    }
}

/// The fault, the ticket's journal in short lines, and the command that shows it again.
fn story(world: &World<'_>, settings: &Settings, fault: &str) -> String {
    let case = &world.cases[world.current as usize];
    let (who, what) = world.last.as_ref().map_or(("nobody", "nothing"), |(who, action)| (who.as_str(), action.code()));
    let mut out = format!(
        "{}, ticket {} ({}), {}: {who}, {what}: {fault}\n",
        world.city.id(),
        world.current,
        case.number,
        describe::shanghai(world.now),
    );
    for (n, (meta, event)) in case.row.journal.iter().enumerate() {
        let said: String = serde_json::to_string(event).unwrap_or_default().chars().take(170).collect();
        out.push_str(&format!("{:4} {} {:24} {said}\n", n + 1, describe::shanghai(meta.at), meta.by));
    }
    let (seed, tickets, city) = (settings.seed, settings.tickets, world.city.id());
    out.push_str(&format!(
        "again: YEAR_SEED={seed} YEAR_TICKETS={tickets} YEAR_CITY={city} cargo nextest run -p jiesu-lives --test year"
    ));
    out
}

/// Actions that nobody ever carried out.
pub fn never(years: &[Year]) -> Vec<Action> {
    let done = |action: &Action| years.iter().any(|y| y.stats.actions.get(action).is_some_and(|(done, _)| *done > 0));
    // A history comes with its registration, in one step.
    Action::ALL.iter().copied().filter(|a| *a != Action::TakeHistory && !done(a)).collect()
}

fn sum(years: &[Year], of: impl Fn(&Stats) -> u64) -> u64 {
    years.iter().map(|y| of(&y.stats)).sum()
}

pub fn summary(settings: &Settings, years: &[Year], took: Duration) {
    let actions = |y: &Stats, of: fn(&(u64, u64)) -> u64| y.actions.values().map(of).sum::<u64>();
    let done = sum(years, |y| actions(y, |(done, _)| *done));
    let refused = sum(years, |y| actions(y, |(_, refused)| *refused));
    let event = |name: &str| sum(years, |y| y.by_event.get(name).copied().unwrap_or(0));
    println!(
        "seed {}: {} tickets, {} archived; {done} commands carried out, {refused} refused, {} events; {} redos (of one at most {}), {} returns (of one at most {}), {} joined; \
         {} crashes, {} echoes, {} conflicts, {} double clicks, {} letters ({} twice); {:.1} s, {:.0} commands a second",
        settings.seed,
        sum(years, |y| y.registered),
        sum(years, |y| y.archived),
        sum(years, |y| y.events),
        event("redone"),
        years.iter().map(|y| y.stats.redos).max().unwrap_or(0),
        event("return-approved"),
        years.iter().map(|y| y.stats.returns).max().unwrap_or(0),
        event("joined-to"),
        sum(years, |y| y.crashes),
        sum(years, |y| y.echoes),
        sum(years, |y| y.conflicts),
        sum(years, |y| y.double_clicks),
        sum(years, |y| y.letters),
        sum(years, |y| y.letters_twice),
        took.as_secs_f64(),
        (done + refused) as f64 / took.as_secs_f64(),
    );
    for year in years {
        println!("  {:10} {:016x} open at the end: {:?}", year.city, year.digest, year.stats.open_at_end);
    }
    if std::env::var("YEAR_VERBOSE").is_ok() {
        verbose(years);
    }
}

/// What was done how often, and which refusals people met who did what was open to them.
fn verbose(years: &[Year]) {
    let mut actions: BTreeMap<Action, (u64, u64)> = BTreeMap::new();
    let mut surprises: BTreeMap<(u64, Action, &str), ()> = BTreeMap::new();
    for year in years {
        for (action, (done, refused)) in &year.stats.actions {
            let all = actions.entry(*action).or_default();
            *all = (all.0 + done, all.1 + refused);
        }
        surprises.extend(year.stats.surprises.iter().map(|((action, rule), n)| ((*n, *action, *rule), ())));
    }
    for (action, (done, refused)) in actions {
        println!("  {:24} {done:9} {refused:9}", action.code());
    }
    for (n, action, rule) in surprises.keys().rev().take(60) {
        println!("  refused {n:7} {} ({rule})", action.code());
    }
    let mut events: BTreeMap<&str, u64> = BTreeMap::new();
    for (name, n) in years.iter().flat_map(|y| &y.stats.by_event) {
        *events.entry(name).or_default() += n;
    }
    println!("  events {events:?}");
}
