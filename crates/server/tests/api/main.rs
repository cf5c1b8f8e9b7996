//! The API as a client sees it: the real router on a real database, with a clock that the test moves.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where")]

mod audit;
mod catalogue;
mod contract;
mod costs;
mod files;
mod forms;
mod harness;
mod joining;
mod keys;
mod life;
mod limits;
mod live;
mod log_in;
mod privacy;
mod sms;
mod sweep;
mod verify;
mod versions;
mod visibility;
mod worker;
