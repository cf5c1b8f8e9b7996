//! The API as a client sees it: the real router on a real database, with a clock that the test moves.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where")]

mod audit;
mod catalogue;
mod contract;
mod costs;
mod files;
mod forms;
mod harness;
mod isolation;
mod joining;
mod life;
mod limits;
mod live;
mod organisation;
mod privacy;
mod routes;
mod scope;
mod sms;
mod sweep;
mod verify;
mod versions;
mod visibility;
mod worker;
