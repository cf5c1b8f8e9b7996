//! The one clock of the process. Real, or settable for demos and tests so that weeks pass in a minute.

mod steady;

use std::sync::Mutex;

use jiesu_domain::Instant;

use crate::config::ClockSetting;

use steady::Steady;
pub use steady::{Machine, STANDS, STEP_MOST, ThisMachine};

/// Where the time comes from.
#[derive(Debug)]
pub struct Clock {
    steady: Steady,
    mode: Mutex<Mode>,
    settable: bool,
}

#[derive(Debug, Clone, Copy)]
enum Mode {
    Real,
    Fixed(Instant),
    /// Runs `factor` times as fast as real time since `real`, when it showed `shown`.
    Scaled {
        real: Instant,
        shown: Instant,
        factor: f64,
    },
}

impl Clock {
    /// A clock as set; anything but the real one can be moved later.
    pub fn new(setting: ClockSetting) -> Clock {
        Clock::on(Box::new(ThisMachine::default()), setting)
    }

    /// The clock on a machine whose own clock a test can set.
    pub fn on(machine: Box<dyn Machine>, setting: ClockSetting) -> Clock {
        let steady = Steady::new(machine);
        let mode = match setting {
            ClockSetting::Real => Mode::Real,
            ClockSetting::Fixed(at) => Mode::Fixed(at),
            ClockSetting::Scale(factor) => Mode::Scaled { real: steady.now(), shown: steady.now(), factor },
        };
        Clock { steady, mode: Mutex::new(mode), settable: setting != ClockSetting::Real }
    }

    /// The people's time, whatever the centre's clock was set to: sessions and log-ins go by it.
    pub fn wall(&self) -> Instant {
        self.steady.now()
    }

    /// Now, to the millisecond: what is stored and folded again must be equal.
    pub fn now(&self) -> Instant {
        let at = match *self.lock() {
            Mode::Real => self.wall(),
            Mode::Fixed(at) => at,
            Mode::Scaled { real, shown, factor } => {
                let run = self.wall().duration_since(real).as_millis() as f64 * factor;
                shown.checked_add(jiff::SignedDuration::from_millis(run as i64)).unwrap_or(shown)
            }
        };
        Instant::from_millisecond(at.as_millisecond()).unwrap_or(at)
    }

    /// Moves a settable clock; `false` for the real one. Time does not go back: what happened would come before its cause.
    pub fn set(&self, to: Instant) -> bool {
        if !self.settable || to < self.now() {
            return false;
        }
        let mut mode = self.lock();
        *mode = match *mode {
            Mode::Scaled { factor, .. } => Mode::Scaled { real: self.wall(), shown: to, factor },
            _ => Mode::Fixed(to),
        };
        true
    }

    pub fn settable(&self) -> bool {
        self.settable
    }

    /// `real`, `fixed` or `scaled`.
    pub fn kind(&self) -> &'static str {
        match *self.lock() {
            Mode::Real => "real",
            Mode::Fixed(_) => "fixed",
            Mode::Scaled { .. } => "scaled",
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Mode> {
        // A panic while holding it leaves a whole value behind.
        self.mode.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_clock_stands_and_only_goes_forward() {
        let at = |s: &str| s.parse::<Instant>().unwrap();
        let clock = Clock::new(ClockSetting::Fixed(at("2026-04-30T01:00:00Z")));
        assert_eq!(clock.now(), at("2026-04-30T01:00:00Z"));
        assert!(clock.set(at("2026-05-01T00:00:00Z")));
        assert!(!clock.set(at("2026-04-30T00:00:00Z")), "what happened would come before its cause");
        assert_eq!(clock.now(), at("2026-05-01T00:00:00Z"));
    }

    #[test]
    fn the_real_clock_cannot_be_set() {
        let clock = Clock::new(ClockSetting::Real);
        assert!(!clock.settable());
        assert!(!clock.set(Instant::MAX));
    }

    #[test]
    fn time_is_told_to_the_millisecond() {
        assert_eq!(Clock::new(ClockSetting::Real).now().as_nanosecond() % 1_000_000, 0);
    }
}
