//! Ordinary lives: the same from the same seed, sound, and in the proportions of an ordinary centre.
#![allow(clippy::unwrap_used, reason = "helpers of tests may panic as the tests do")]
#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_macros,
    reason = "the tests read files, measure and print; the library itself never does"
)]

mod lives;
#[path = "../support/places.rs"]
mod places;
#[allow(dead_code, reason = "shared with the domain's tests, which use more of it")]
#[path = "../../../domain/tests/it/support.rs"]
mod support;
