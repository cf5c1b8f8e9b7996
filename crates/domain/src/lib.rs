//! The law and life of a ticket, and nothing else.
//!
//! Everything here is a pure function of its arguments: calendar and limits, the rulebook, the ticket (`decide` / `evolve`), who may do
//! what, and the rehearsal of scenarios. There is no async, I/O, ambient time, randomness, SQL or HTTP in this crate, and a lint and a
//! test hold that. Time comes in as a [`jiff::Timestamp`]; whoever calls has a clock.
//!
//! Start reading at [`ticket`], then [`rulebook`], then [`limit`].

pub mod access;
pub mod audit;
pub mod basis;
pub mod calendar;
pub mod catalogue;
pub mod clock;
pub mod describe;
pub mod duty;
pub mod explain;
pub mod knowledge;
pub mod limit;
pub mod organisation;
pub mod persons;
pub mod privacy;
pub mod rehearse;
pub mod rulebook;
pub mod ticket;
pub mod words;

pub use basis::Basis;
pub use calendar::Calendar;
pub use catalogue::Catalogue;
pub use limit::Amount;
pub use rulebook::Rulebook;
pub use words::{Actor, Channel, Kind, Role};

/// An instant. Stored and compared in UTC, shown in Asia/Shanghai (+08:00, fixed since 1991).
pub type Instant = jiff::Timestamp;
