//! The store against a real database in a temporary directory.

#![allow(clippy::unwrap_used)] // a test says what it expects by failing

mod admin;
mod archive;
mod attachments;
mod audit;
mod copy;
mod deed;
mod duty;
mod fixture;
mod group_commit;
mod knowledge;
mod learned;
mod lists;
mod log_in;
mod matters;
mod organisation;
mod outbox;
mod roles;
mod schema;
mod sealed;
mod tally;
mod tampering;
mod tickets;
mod together;
