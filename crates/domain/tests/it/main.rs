//! The domain held against the text of the regulations, a slow reference, and a hostile reader. One binary, so that it links once.
#![allow(clippy::unwrap_used, reason = "helpers of tests may panic as the tests do")]

mod calendar;
mod catalogue;
mod conformance;
mod crates;
mod diff;
mod every_number;
mod explain;
mod forget;
mod glossary;
mod hostile;
mod joining;
mod journal;
mod labels;
mod ledger;
mod life;
mod limits;
mod model;
mod numbers;
mod oracle;
mod rehearsal;
mod roles;
mod rulebook;
mod sample;
mod silent;
mod sixth;
mod source;
mod support;
mod under;
