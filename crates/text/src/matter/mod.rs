//! Which messages are about one matter: one place or group, and one problem. It is told by what messages have in common and how rare that is,
//! without any list of places or problems; so it is a proposal, and people decide. Where it doubts, it says nothing: a wrong merge leaves
//! somebody without an answer.

mod features;
mod group;
mod hot;
mod index;
mod names;

pub use hot::{Issue, Posted, heat, hot};
pub use index::{Alike, Index, Person, Relation, SAME_TEXT};
