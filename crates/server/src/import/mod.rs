//! Takes over what another system recorded: tables of messages become tickets, under a map that says which column is what.
//!
//! Reading, mapping and cleaning are plain functions from a row to a ticket (`read`, `shape`, `clean`, `time`); `run` is the only part
//! that writes, through [`crate::app::App::take_over`]. No rule of the regulation is here: what the domain refuses is handed back as a
//! rejected row. No word of a row is ever logged or put into a reason: a column may be mapped wrongly and hold a name.

mod clean;
mod map;
mod read;
mod rejects;
mod run;
mod shape;
mod time;

pub use map::{Map, MapError};
pub(crate) use read::Book;
pub use read::{Cell, ReadError, Row, Table, Unreadable};
pub use rejects::{Rejects, RejectsError};
pub use run::{Failed, Source, Tally, import, rehearse};
pub use shape::{Entry, Reject, Shape, ShapeError};
