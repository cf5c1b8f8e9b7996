//! Scenarios: stories with times, people and outcomes that a clerk can read and a centre can rehearse before it changes a rulebook.
//! The format is documented in `docs/scenario-format.md`.

//!
//! And the tickets a centre has: what another version of the rulebook would change for each ([`under`]).

mod compare;
mod run;
mod script;
mod staff;
pub mod under;

pub use run::{Report, StepReport, run};
pub use script::{Scenario, Step, Then, parse};
pub use staff::StaffAct;
