//! The program on the command line, as an operator runs it.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where")]

mod bench;
mod catalogue;
mod copy;
mod demo_tickets;
mod due;
mod erase;
mod failures;
mod files;
mod keys;
mod organisation;
mod rehearse;
mod restore;
mod rulebook;
mod rulebook_diff;
mod run;
mod secrets;
mod text;
