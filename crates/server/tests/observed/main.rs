//! What whoever runs the system can see of a process, asked of the real binary: figures, readiness, log. None of it knows a person.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where")]

mod figures;
mod health;
#[path = "../faults/kit.rs"]
#[allow(dead_code, reason = "the faults use more of it")]
mod kit;
mod life;
mod log;
#[cfg(feature = "otel")]
mod traces;
