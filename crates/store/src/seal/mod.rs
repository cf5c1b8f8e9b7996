//! What is personal is stored sealed: SM4 (GB/T 32907-2016) in GCM (RFC 8998), found again by HMAC-SM3 of its tidied form.
//!
//! Three kinds of key, each wrapped by the one above it:
//! * a **master key**, outside the database, behind [`MasterKeys`];
//! * **data keys**, a row of `data_key` for each version in each jurisdiction: they seal the personal columns (see `columns.rs`) as
//!   `version.base64(nonce, text, tag)`;
//! * a **ticket's key**, in the ticket's row, sealed under the data key: it seals what people wrote about the ticket (journal payloads,
//!   the folded body, payloads of messages) as `~base64(nonce, pressed text, tag)`. When it is emptied, nobody can read them any
//!   more, wherever they stand; the chain is over what is stored and stays whole.
//!
//! With every text goes where it stands: jurisdiction, table, row, column and version of the key. Moved elsewhere it does not open.

mod cipher;
#[cfg(test)]
mod costs;
mod master;
mod pressed;
mod ring;
mod rotate;

pub(crate) use cipher::{DataKey, Spot, TicketKey};
pub use master::{LocalKeys, MasterKeys};
pub(crate) use ring::{Ring, Rings, TicketKeys, fresh_ticket_key, key_of_ticket};
pub use rotate::{KeyState, Resealing};

/// A key that is not there, or a text that does not open under it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// The database was opened without a master key.
    #[error("the store was opened without a master key")]
    NoMaster,
    /// The jurisdiction has no data key, or not this one.
    #[error("there is no data key of version {version}")]
    NoDataKey {
        /// Its version; 0 for any.
        version: i64,
    },
    /// The data keys were wrapped by another master key.
    #[error("the data keys were wrapped by the master key {id}, which is not here")]
    OtherMaster {
        /// Its name, a digest that tells nothing of the key.
        id: String,
    },
    /// What is stored was changed, moved, or sealed by another key.
    #[error("a sealed text does not open: it was changed or moved")]
    Damaged,
    /// The ticket was erased: its key is gone.
    #[error("the ticket was erased")]
    Erased,
    /// The provider of master keys failed.
    #[error("{0}")]
    Provider(String),
}
