//! Deadlines a second: the rulebook is asked and the days are counted, a million times a round, on one core.

use std::{
    error::Error,
    hint::black_box,
    time::{Duration, Instant as Stopwatch},
};

use jiesu_domain::{
    Instant, Kind, Rulebook,
    calendar::{CalendarError, Day},
    clock::ClockKind,
    limit,
    rulebook::Subject,
};
use jiff::civil::date;

use super::{Numbers, grouped, some_book};
use crate::law::Law;

const ROUND: usize = 1_000_000;
const CLOCKS: [ClockKind; 4] = [ClockKind::Handle, ClockKind::Sign, ClockKind::Return, ClockKind::FollowUp];

struct Case {
    clock: ClockKind,
    subject: Subject,
    from: Instant,
}

pub(super) fn run(law: &Law, time: Duration) -> Result<(), Box<dyn Error>> {
    let book = some_book(law)?;
    let cases = cases(book);
    let mut rounds = Vec::new();
    let began = Stopwatch::now();
    let mut checksum = 0;
    while rounds.is_empty() || began.elapsed() < time {
        let round = Stopwatch::now();
        checksum = black_box(compute(law, book, &cases)?);
        rounds.push(round.elapsed().as_secs_f64());
    }
    rounds.sort_by(f64::total_cmp);
    let (best, middle) = (rounds[0], rounds[rounds.len() / 2]);
    println!(
        "时限计算 deadlines：每秒 {} 次（一百万次 {middle:.3} 秒；{}轮的中位数，最快 {best:.3} 秒；校验和 {checksum:016x}）",
        grouped(ROUND as f64 / middle),
        rounds.len(),
    );
    Ok(())
}

/// Every kind the rulebook takes, four clocks, starts at any second of the years with notices, some difficult third contacts.
fn cases(book: &Rulebook) -> Vec<Case> {
    let first = Day::from_date(date(2018, 1, 1)).start().as_second();
    let span = Day::from_date(date(2026, 12, 1)).start().as_second() - first;
    let kinds: &[Kind] = &book.accept.kinds;
    let mut numbers = Numbers(2026);
    let mut below = |n: usize| numbers.below(n as u64) as usize;
    (0..ROUND)
        .map(|_| Case {
            clock: CLOCKS[below(CLOCKS.len())],
            subject: Subject {
                kind: kinds.get(below(kinds.len().max(1))).copied(),
                urgent: below(20) == 0,
                difficult: below(10) == 0,
                contacts: 1 + below(4) as u32,
                redo: false,
            },
            from: Instant::from_second(first + below(span as usize) as i64).unwrap_or(Instant::UNIX_EPOCH),
        })
        .collect()
}

/// All due instants, folded into one number so that none can be left out.
fn compute(law: &Law, book: &Rulebook, cases: &[Case]) -> Result<u64, CalendarError> {
    let (cal, counting) = (law.calendar(), book.counting());
    let mut sum = 0_u64;
    for case in cases {
        let Some((_, amount)) = book.limit(case.clock, &case.subject) else { continue };
        let due = limit::due(cal, counting, case.from, amount, &[])?;
        sum = sum.rotate_left(1) ^ (due.at.as_second() as u64) ^ u64::from(due.provisional);
    }
    Ok(sum)
}
