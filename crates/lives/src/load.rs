//! What comes in: when, and as what. Fewer on days off, more in summer and winter, storms on some days, nothing much at night.

use jiesu_domain::{Channel, Instant, Kind, calendar::Day, ticket::Register, words::Contact};

use crate::{
    after,
    city::City,
    matter,
    rng::{Rng, mix},
};

const BY_HOUR: [u64; 24] = [2, 1, 1, 1, 1, 2, 4, 8, 20, 26, 24, 18, 12, 16, 22, 22, 20, 16, 12, 11, 10, 8, 5, 3];
/// January first.
const BY_MONTH: [u64; 12] = [100, 80, 100, 100, 105, 115, 130, 125, 105, 95, 105, 115];
/// One day in so many has a storm.
const STORMS: u64 = 120;

/// So many registrations, spread over days: which comes on which day, without laying all of them out.
#[derive(Clone, Debug)]
pub struct Load {
    seed: u64,
    first: i32,
    /// How many come before each day, and in all.
    before: Vec<u64>,
    to: Instant,
}

impl Load {
    /// So many from the beginning of the day of `from` until `to`.
    pub fn new(city: &City, from: Instant, to: Instant, tickets: u64, seed: u64) -> Load {
        let (first, last) = (Day::of(from).0, Day::of(to).0);
        let mut weights: Vec<u64> = (first..=last).map(|day| weight(city, Day(day), seed)).collect();
        // Of the last day only what has passed of it.
        if let Some(last) = weights.last_mut() {
            *last = *last * passed(Day::second_of_day(to)) / passed(86_400);
        }
        let total = weights.iter().sum::<u64>().max(1);
        let mut before = vec![0];
        let mut sum = 0;
        for weight in weights {
            sum += weight;
            before.push((u128::from(tickets) * u128::from(sum) / u128::from(total)) as u64);
        }
        Load { seed, first, before, to }
    }

    pub fn tickets(&self) -> u64 {
        self.before.last().copied().unwrap_or(0)
    }

    pub fn days(&self) -> usize {
        self.before.len() - 1
    }

    /// The registrations of one of the days, by number.
    pub fn of_day(&self, day: usize) -> std::ops::Range<u64> {
        self.before[day]..self.before[day + 1]
    }

    /// Which of the days a registration comes on.
    pub fn day_of(&self, no: u64) -> usize {
        self.before.partition_point(|before| *before <= no) - 1
    }

    pub fn day(&self, day: usize) -> Day {
        Day(self.first + day as i32)
    }

    /// When a registration comes: those of a day in order, each at a chance instant of its own share of the day.
    pub fn arrival(&self, no: u64) -> Instant {
        let day = self.day_of(no);
        let (of_day, start) = (self.of_day(day), self.day(day).start());
        let end = self.to.duration_since(start).as_secs().clamp(1, 86_400);
        let part = (mix(self.seed ^ mix(no ^ 0xa441)) >> 44) as u128;
        let share = (u128::from(no - of_day.start) << 20) + part;
        let of_all = u128::from(of_day.end - of_day.start) << 20;
        after(start, second(passed(end), share, of_all).min(end - 1))
    }
}

/// How much of a day's load comes before this second of it, in hours' weights times seconds.
fn passed(second: i64) -> u64 {
    (0..24).map(|h| BY_HOUR[h as usize] * (second - h * 3_600).clamp(0, 3_600) as u64).sum()
}

/// The second at which this share of the load of `whole` has come.
fn second(whole: u64, share: u128, of_all: u128) -> i64 {
    let mut left = (u128::from(whole) * share / of_all) as u64;
    for (hour, weight) in (0..).zip(BY_HOUR) {
        if left < weight * 3_600 {
            return hour * 3_600 + (left / weight) as i64;
        }
        left -= weight * 3_600;
    }
    86_399
}

fn weight(city: &City, day: Day, seed: u64) -> u64 {
    let month = BY_MONTH[(day.date().month() - 1) as usize];
    let of_week = match (city.works(day), day.weekday()) {
        (false, _) => 55,
        (true, 1) => 115,
        _ => 100,
    };
    let chance = mix(seed ^ mix(day.0 as u64 ^ 0x5707));
    let storm = if chance.is_multiple_of(STORMS) { 3 } else { 1 };
    month * of_week * (90 + chance / STORMS % 21) * storm
}

/// What somebody says who calls.
pub fn form(city: &City, now: Instant, rng: &mut Rng, earlier: Vec<String>) -> Register {
    let book = city.law(None, now);
    let kind = match rng.below(100) {
        0..=1 => Kind::Thanks,
        2 => *rng.pick(&[Kind::Withdrawal, Kind::Harassment, Kind::Invalid]),
        _ => {
            let weights: Vec<u64> = book.accept.kinds.iter().map(|k| by_kind(*k)).collect();
            book.accept.kinds[rng.weighted(&weights)]
        }
    };
    let told = matter::told(kind, city, now, rng);
    Register {
        kind,
        urgent: book.emergency.kinds.contains(&kind) && rng.odds(if told.urgent { 1_500 } else { 60 }),
        confidential: rng.odds(if kind == Kind::Report { 2_500 } else { 250 }),
        title: told.title,
        content: told.content,
        place: told.place,
        category: told.category,
        channel: channel(rng),
        follow_up_by: way(rng),
        earlier,
    }
}

pub fn channel(rng: &mut Rng) -> Channel {
    const REST: [u64; 9] = [0, 26, 8, 30, 18, 3, 2, 3, 10];
    if rng.odds(6_500) { Channel::Phone } else { Channel::ALL[rng.weighted(&REST)] }
}

pub fn way(rng: &mut Rng) -> Contact {
    if rng.odds(7_000) { Contact::Phone } else { *rng.pick(Contact::ALL) }
}

fn by_kind(kind: Kind) -> u64 {
    match kind {
        Kind::Consultation => 30,
        Kind::Help => 30,
        Kind::Complaint => 25,
        Kind::Report => 8,
        _ => 4,
    }
}
