//! What comes from outside, damaged at random. Nothing panics, and everything that is refused is refused in Chinese. Runs for a few
//! seconds with the other tests; for longer, and with another seed:
//!
//! `FUZZ_SECONDS=600 FUZZ_SEED=7 cargo nextest run -p jiesu-server -E 'binary(fuzz)' --no-capture`

#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where")]

#[allow(dead_code, reason = "it serves other crates too")]
#[path = "../../../domain/tests/fuzz/damage.rs"]
mod damage;
mod files;
