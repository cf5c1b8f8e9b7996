//! The API as a client sees it: the real router on a real database, with a clock that the test moves.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where")]

mod accesses;
mod anchor;
mod asvs;
mod audit;
mod catalogue;
mod centres;
mod contract;
mod costs;
mod duty;
mod erasures;
mod exports;
mod files;
mod flips;
mod forms;
mod harness;
mod headers;
mod hints;
mod isolation;
mod joining;
mod keys;
mod knowledge;
mod knowledge_files;
mod life;
mod limits;
mod live;
mod log_in;
mod matters;
mod organisation;
mod privacy;
mod proposals;
mod pruned;
mod routes;
mod scope;
mod search;
mod sms;
mod substrings;
mod sweep;
mod tamper;
mod tls;
mod verify;
mod versions;
mod visibility;
mod worker;
