//! Counts failures by key (a log-in name, a ticket number) and shuts for a while when there are too many. In memory: a restart forgives.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use jiesu_domain::Instant;

/// Failures within [`WINDOW_SECONDS`] after which the key is shut.
const MOST: usize = 5;
const WINDOW_SECONDS: i64 = 15 * 60;
/// Keys kept; beyond that the ones without recent failures go.
const KEYS: usize = 10_000;

#[derive(Debug, Default)]
pub struct Throttle {
    failures: Mutex<HashMap<String, Vec<Instant>>>,
}

impl Throttle {
    /// Minutes until the key opens again; `None` = open.
    pub fn shut(&self, key: &str, now: Instant) -> Option<i64> {
        self.shut_after(key, MOST, now)
    }

    /// Like [`Throttle::shut`] with another number of failures: for keys that many people share.
    pub fn shut_after(&self, key: &str, most: usize, now: Instant) -> Option<i64> {
        let map = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        let left: Vec<i64> =
            map.get(key)?.iter().filter(|at| recent(now, **at)).map(|at| WINDOW_SECONDS - age(now, *at)).collect();
        if left.len() < most { None } else { left.iter().min().map(|left| left / 60 + 1) }
    }

    pub fn failed(&self, key: &str, now: Instant) {
        let mut map = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        if map.len() >= KEYS {
            map.retain(|_, at| at.last().is_some_and(|at| recent(now, *at)));
        }
        // Somebody is inventing keys: those that are shut stay shut, the rest start anew. Memory stays bounded whatever comes.
        if map.len() >= KEYS {
            map.retain(|_, at| at.len() >= MOST);
        }
        if map.len() >= KEYS {
            map.clear();
        }
        let list = map.entry(key.to_owned()).or_default();
        list.retain(|at| recent(now, *at));
        list.push(now);
    }

    pub fn succeeded(&self, key: &str) {
        self.failures.lock().unwrap_or_else(PoisonError::into_inner).remove(key);
    }
}

/// Within the window. What lies ahead was noted under a clock that has been put back since: it shuts nobody out.
fn recent(now: Instant, at: Instant) -> bool {
    (0..WINDOW_SECONDS).contains(&age(now, at))
}

fn age(now: Instant, at: Instant) -> i64 {
    now.as_second() - at.as_second()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shuts_at_the_fifth_failure_and_opens_after_the_window() {
        let t = Throttle::default();
        let start = Instant::from_second(1_000_000).unwrap();
        for _ in 0..4 {
            t.failed("a", start);
        }
        assert_eq!(t.shut("a", start), None);
        t.failed("a", start);
        assert!(t.shut("a", start).is_some());
        assert_eq!(t.shut("b", start), None);
        let later = Instant::from_second(1_000_000 + WINDOW_SECONDS).unwrap();
        assert_eq!(t.shut("a", later), None);
        t.failed("a", start);
        t.succeeded("a");
        assert_eq!(t.shut("a", start), None);
    }

    #[test]
    fn a_clock_put_back_by_a_year_shuts_nobody_out_for_a_year() {
        let t = Throttle::default();
        let at = |second| Instant::from_second(second).unwrap();
        (0..MOST).for_each(|_| t.failed("a", at(100_000_000)));
        assert_eq!(t.shut("a", at(60_000_000)), None);
    }

    #[test]
    fn invented_keys_neither_fill_the_memory_nor_open_what_is_shut() {
        let t = Throttle::default();
        let start = Instant::from_second(1_000_000).unwrap();
        (0..MOST).for_each(|_| t.failed("shut", start));
        (0..2 * KEYS + 5).for_each(|i| t.failed(&i.to_string(), start));
        assert!(t.failures.lock().unwrap().len() <= KEYS);
        assert!(t.shut("shut", start).is_some());
    }
}
