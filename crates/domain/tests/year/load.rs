//! What comes in over the year: when, and as what. Fewer on days off, more in summer and winter, storms on some days, nothing much at night.

use jiesu_domain::{Channel, Instant, Kind, calendar::Day, ticket::Register, words::Contact};

use super::{
    city::{City, FROM, TO},
    rng::Rng,
    support::at,
};

const BY_HOUR: [u64; 24] = [2, 1, 1, 1, 1, 2, 4, 8, 20, 26, 24, 18, 12, 16, 22, 22, 20, 16, 12, 11, 10, 8, 5, 3];
/// January first.
const BY_MONTH: [u64; 12] = [100, 80, 100, 100, 105, 115, 130, 125, 105, 95, 105, 115];

/// The instants of so many registrations, in order.
pub fn arrivals(city: &City, tickets: usize, rng: &mut Rng) -> Vec<Instant> {
    let (first, last) = (Day::of(at(FROM)).0, Day::of(at(TO)).0);
    let storms: Vec<i32> = (0..3).map(|_| first + rng.below((last - first) as usize) as i32).collect();
    let weight = |day: i32| {
        let month = BY_MONTH[(Day(day).date().month() - 1) as usize];
        let of_week = match (city.works(Day(day)), Day(day).weekday()) {
            (false, _) => 55,
            (true, 1) => 115,
            _ => 100,
        };
        month * of_week * if storms.contains(&day) { 3 } else { 1 }
    };
    let days: Vec<u64> = (first..last).map(weight).collect();
    let mut all: Vec<Instant> = (0..tickets)
        .map(|_| {
            let day = Day(first + rng.weighted(&days) as i32);
            let second = rng.weighted(&BY_HOUR) as i64 * 3_600 + rng.between(0, 3_599);
            day.start() + jiff::SignedDuration::from_secs(second)
        })
        .collect();
    all.sort_unstable();
    all
}

/// What somebody says who calls.
pub fn form(city: &City, rng: &mut Rng, earlier: Vec<String>) -> Register {
    let book = &city.book;
    let kind = match rng.below(100) {
        0..=2 => Kind::Thanks,
        3 => *rng.pick(&[Kind::Withdrawal, Kind::Harassment, Kind::Invalid]),
        4 => *rng.pick(Kind::ALL),
        _ => {
            let weights: Vec<u64> = book.accept.kinds.iter().map(|k| by_kind(*k)).collect();
            book.accept.kinds[rng.weighted(&weights)]
        }
    };
    let (title, content) = *rng.pick(&MATTERS);
    Register {
        kind,
        urgent: book.emergency.kinds.contains(&kind) && rng.odds(400),
        confidential: rng.odds(400),
        title: title.into(),
        content: content.into(),
        place: rng.odds(3_000).then(|| rng.pick(&city.leads).clone()),
        category: None,
        channel: channel(rng),
        follow_up_by: way(rng),
        earlier,
    }
}

pub fn channel(rng: &mut Rng) -> Channel {
    if rng.odds(6_500) { Channel::Phone } else { *rng.pick(Channel::ALL) }
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

const MATTERS: [(&str, &str); 6] = [
    ("路灯不亮", "小区门口的路灯已经三天不亮，夜间出行不便。"),
    ("占道经营", "菜市场门口摊贩占道，早晚高峰车辆无法通行。"),
    ("拖欠工资", "工地拖欠工人三个月工资，项目部一直推脱。"),
    ("停水", "凌晨起整栋楼停水，没有通知。"),
    ("噪声扰民", "楼下工地夜间施工到十二点。"),
    ("社保转移", "请问外省社保怎样转入本市？"),
];
