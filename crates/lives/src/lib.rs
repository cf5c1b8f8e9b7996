//! `jiesu-lives`: people at work on tickets, from a seed. Who acts when on a ticket under any rulebook and what they say; what comes in
//! over the hours, weekdays and holidays; whole ordinary lives, one after another.
//!
//! The same seed is the same lives, on every machine: whole numbers, no clock, no I/O, no store. Nothing is decided here: every act is a
//! command that the domain carries out or refuses. The simulated year (`tests/year`) lives in it with crashes and carelessness; the server
//! fills a demonstration database with [`Life`].
//!
//! Start reading at [`life`], then [`turns`], then [`say`].

pub mod centre;
pub mod city;
pub mod duties;
pub mod life;
pub mod load;
pub mod matter;
pub mod mood;
pub mod person;
pub mod rng;
pub mod say;
pub mod stray;
pub mod turns;

pub use centre::Centre;
pub use city::{Character, City, Law};
pub use life::{Brings, Life, Step};
pub use load::Load;
pub use rng::Rng;
pub use turns::Temper;

use jiesu_domain::Instant;

/// So many seconds later.
pub fn after(at: Instant, seconds: i64) -> Instant {
    at + jiff::SignedDuration::from_secs(seconds)
}
