//! Composes the house: HTTP API, console files, citizen portal, accounts, worker, imports and the command line of the binary `jiesu`.
//! Rules are never written here: they are in `jiesu-domain`; SQL is in `jiesu-store`.

pub mod api;
pub mod app;
mod aside;
pub mod catalogue;
pub mod cli;
pub mod clock;
pub mod config;
pub mod demo;
pub mod directory;
pub mod evidence;
mod export;
pub mod files;
pub mod import;
pub mod keys;
pub mod law;
pub mod limits;
pub mod live;
pub mod login;
pub mod portal;
pub mod rate;
pub mod serve;
pub mod sheet;
pub mod telemetry;
pub mod view;
mod workbook;
pub mod worker;
