//! Time that a wrong system clock does not carry away. The system clock is followed as long as it agrees with how long the machine has
//! been running; where it leaps, our own count goes on, and the new time is believed only when it has stood for a while. Until then an
//! operator can put it back and nothing has happened: no timer has fired early, no limit was counted from a day that is not.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use jiesu_domain::Instant;

/// A step up to this long is followed at once: what a time server corrects, or a machine that was moved while it ran.
pub const STEP_MOST: Duration = Duration::from_secs(60);
/// A longer one is believed when it has stood for this long.
pub const STANDS: Duration = Duration::from_secs(600);

/// Two readings of the machine. A test has one of its own, to set its clock.
pub trait Machine: Send + Sync + std::fmt::Debug {
    /// What the system clock shows. It may leap, forward and back.
    fn shows(&self) -> Instant;
    /// How long it has been running; never goes back.
    fn ran(&self) -> Duration;
}

/// The real one.
#[derive(Debug)]
pub struct ThisMachine {
    since: std::time::Instant,
}

impl Default for ThisMachine {
    fn default() -> Self {
        Self { since: std::time::Instant::now() }
    }
}

impl Machine for ThisMachine {
    #[allow(clippy::disallowed_methods, reason = "the one reader of the wall clock")]
    fn shows(&self) -> Instant {
        jiff::Timestamp::now()
    }

    fn ran(&self) -> Duration {
        self.since.elapsed()
    }
}

/// See the head of this file.
#[derive(Debug)]
pub struct Steady {
    machine: Box<dyn Machine>,
    kept: Mutex<Kept>,
}

#[derive(Debug)]
struct Kept {
    /// What the system clock showed when it was last followed, and how long the machine had run then.
    shown: Instant,
    ran: Duration,
    /// Last told: while a small step back is caught up with, time stands still.
    told: Instant,
    leap: Option<Leap>,
}

/// A step that is not believed yet.
#[derive(Debug, Clone, Copy)]
struct Leap {
    /// Milliseconds between the system clock and our count.
    by: i64,
    /// How long the machine had run when it was first seen.
    seen: Duration,
}

impl Steady {
    /// Begins with what the machine shows: a restart is how an operator says that the clock is right.
    pub fn new(machine: Box<dyn Machine>) -> Self {
        let (shown, ran) = (machine.shows(), machine.ran());
        Self { machine, kept: Mutex::new(Kept { shown, ran, told: shown, leap: None }) }
    }

    /// Now.
    pub fn now(&self) -> Instant {
        // A panic while holding it leaves a whole value behind.
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        // Read under the lock: two readings in the wrong order would look like a step back.
        let (shows, ran) = (self.machine.shows(), self.machine.ran());
        let ours = plus(kept.shown, ran.saturating_sub(kept.ran));
        let by = shows.as_millisecond() - ours.as_millisecond();
        if within(by, STEP_MOST) {
            if kept.leap.take().is_some() {
                tracing::warn!("the system clock is back in step");
            }
            kept.follow(shows, ran);
            kept.told = kept.told.max(shows);
        } else if kept.stands(by, ran) {
            tracing::error!(
                by_seconds = by / 1000,
                "the system clock has stood since its leap; it is believed from now on"
            );
            kept.follow(shows, ran);
            kept.told = shows;
        } else {
            kept.told = kept.told.max(ours);
        }
        kept.told
    }
}

impl Kept {
    fn follow(&mut self, shows: Instant, ran: Duration) {
        (self.shown, self.ran, self.leap) = (shows, ran, None);
    }

    /// Whether a leap has stood long enough. One that is new, or has become another one, is noted and has not.
    fn stands(&mut self, by: i64, ran: Duration) -> bool {
        if let Some(leap) = self.leap
            && within(by - leap.by, STEP_MOST)
        {
            return ran.saturating_sub(leap.seen) >= STANDS;
        }
        tracing::error!(
            by_seconds = by / 1000,
            believed_after_seconds = STANDS.as_secs(),
            "the system clock has leapt and is not followed; put it right, or restart if it is right"
        );
        self.leap = Some(Leap { by, seen: ran });
        false
    }
}

fn within(millis: i64, most: Duration) -> bool {
    u128::from(millis.unsigned_abs()) <= most.as_millis()
}

fn plus(at: Instant, by: Duration) -> Instant {
    at.checked_add(by).unwrap_or(at)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::sync::Arc;

    use super::*;

    /// A machine whose clock a test sets.
    #[derive(Debug, Clone, Default)]
    struct Bench(Arc<Mutex<(i64, u64)>>);

    impl Machine for Bench {
        fn shows(&self) -> Instant {
            Instant::from_second(1_800_000_000 + self.0.lock().unwrap().0).unwrap()
        }
        fn ran(&self) -> Duration {
            Duration::from_secs(self.0.lock().unwrap().1)
        }
    }

    impl Bench {
        fn runs(&self, seconds: u64) {
            let mut both = self.0.lock().unwrap();
            both.0 += seconds as i64;
            both.1 += seconds;
        }
        fn leaps(&self, seconds: i64) {
            self.0.lock().unwrap().0 += seconds;
        }
    }

    /// Seconds since the beginning.
    fn told(steady: &Steady) -> i64 {
        steady.now().as_second() - 1_800_000_000
    }

    fn begun() -> (Bench, Steady) {
        let bench = Bench::default();
        (bench.clone(), Steady::new(Box::new(bench)))
    }

    #[test]
    fn a_step_at_the_limit_is_followed_and_one_past_it_is_not() {
        let (bench, steady) = begun();
        bench.leaps(60);
        assert_eq!(told(&steady), 60);
        bench.leaps(61);
        assert_eq!(told(&steady), 60);
        bench.runs(5);
        assert_eq!(told(&steady), 65);
        bench.leaps(-61);
        assert_eq!(told(&steady), 65, "put back in time: nothing has happened");
    }

    #[test]
    fn time_stands_still_while_a_small_step_back_is_caught_up_with() {
        let (bench, steady) = begun();
        bench.runs(100);
        assert_eq!(told(&steady), 100);
        bench.leaps(-30);
        assert_eq!(told(&steady), 100);
        bench.runs(29);
        assert_eq!(told(&steady), 100);
        bench.runs(2);
        assert_eq!(told(&steady), 101);
    }

    #[test]
    fn what_stands_is_believed_both_ways() {
        const YEAR: i64 = 365 * 86_400;
        let (bench, steady) = begun();
        bench.leaps(YEAR);
        assert_eq!(told(&steady), 0);
        bench.runs(599);
        assert_eq!(told(&steady), 599);
        bench.runs(1);
        assert_eq!(told(&steady), YEAR + 600);
        bench.leaps(-YEAR);
        assert_eq!(told(&steady), YEAR + 600);
        bench.runs(600);
        assert_eq!(told(&steady), 1200);
    }

    #[test]
    fn a_clock_that_leaps_about_is_never_believed() {
        let (bench, steady) = begun();
        for n in 0..20 {
            bench.leaps(if n % 2 == 0 { 86_400 } else { -86_400 - 3600 * n });
            bench.runs(300);
            assert_eq!(told(&steady), 300 * (n + 1));
        }
    }
}
