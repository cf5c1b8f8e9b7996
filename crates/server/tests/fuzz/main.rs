//! What comes from outside, damaged at random: tables and maps of an import, the workbook of a catalogue, requests to the API, names
//! and contents of files. Nothing panics, everything that is refused is refused in Chinese and leaves nothing behind. Runs for a few
//! seconds with the other tests; for longer, and with another seed:
//!
//! `FUZZ_SECONDS=600 FUZZ_SEED=7 cargo test -p jiesu-server --test fuzz -- --nocapture`
//!
//! Rulebooks and scenarios are broken in `crates/domain/tests/fuzz`. What was found once is a test by its own name in `found`.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where")]

mod api;
mod body;
mod catalogue;
#[path = "../../../domain/tests/fuzz/damage.rs"]
mod damage;
mod files;
mod found;
#[allow(dead_code, reason = "it serves the tests of the API, which need more of it")]
#[path = "../api/harness.rs"]
mod harness;
mod import;
mod workbook;
