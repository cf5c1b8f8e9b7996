//! Evidence that outsiders can keep: every day a signed text over the heads of both chains (docs/adr/0013), and the check of it against a
//! database. What lives here signs and compares; it never changes an entry.

mod check;
mod daily;
mod kept;
mod key;
mod public;
mod text;

use std::path::PathBuf;

pub use check::{Found, Held, check, hold};
pub use daily::Daily;
pub use kept::{KEPT_DAYS, KeptError, KeptFile, prune, read_back, write_out};
pub use key::{KeyError, PublicKey, SigningKey};
pub use public::router;
pub use text::{AnchorText, Damaged};

/// What a process signs with, and where it lays the anchors out.
#[derive(Debug)]
pub struct Evidence {
    pub key: SigningKey,
    /// A folder that is carried out of the house; beside the database and the public address.
    pub folder: Option<PathBuf>,
}
