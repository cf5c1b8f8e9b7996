//! What whoever runs the system can see of it: figures, readiness, logs, traces. Nothing here knows a person, a text or a ticket's number:
//! labels are words of the program, and what is logged are codes.

pub mod figures;
pub mod log;
#[cfg(feature = "otel")]
mod otel;
mod process;
mod ready;
mod requests;
mod watched;

pub use ready::not_ready;
pub use requests::{HEADER, named, request_id};
pub use watched::{health, watched};
