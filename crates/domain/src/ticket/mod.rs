//! The life of a ticket: `decide` says what follows from a command, `evolve` folds what happened, `next_wakeup` says when to look again.
//!
//! The machines (intake, dispatch, return, extension, handling, closure, follow-up, supervision, timers) each have a file; they share
//! one journal. A rule is judged in `decide` and nowhere else.

mod action;
mod attaching;
mod closure;
mod command;
mod conduct;
mod consult;
mod decide;
mod deciding;
mod dispatch;
mod event;
mod event_name;
mod evolve;
mod extension;
mod follow_up;
mod forget;
mod handling;
mod intake;
mod leaving;
mod messages;
mod pressing;
pub mod rating_text;
mod refusal;
mod reply;
mod returning;
mod settle;
mod state;
mod supervision;
mod timers;
mod view;
mod whistle;

pub use action::Action;
pub use command::{AttachFile, Call, Command, Dispatch, Rate, Register, SpecialLimit};
pub use decide::{ActionState, Ctx, UnitInfo, Units, actions, decide, ready, register};
pub(crate) use deciding::subject;
pub use event::{Event, Meta, Registered};
pub use evolve::{FoldError, evolve, fold};
pub use forget::{ERASED_TITLE, Erased, Why, erasable, erase, two_people};
pub use messages::{Outgoing, outgoing, render};
pub use refusal::{Refusal, RefusalKind};
pub use reply::not_plain;
pub use state::*;
