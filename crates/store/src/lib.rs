//! `jiesu-store`: all SQL of the system, and nothing else. It knows tables, transactions, keys and the hash chain; it
//! knows no rule, no limit, no role and no protocol. What lives here never decides anything about an appeal.
//!
//! * [`Store`] is a concrete struct, not a trait: there is one body of SQL, written to run on SQLite and on PostgreSQL
//!   15 (row-value keysets, `ON CONFLICT`, no dialect functions), so a second database is an inner enum over the
//!   connections, and callers keep naming one type. A trait would buy mocks; tests here run the real database instead.
//! * Writes of tickets go through [`Store::append`]: a group-committing writer task that owns the order of the journal
//!   (see [`Append`]). Everything else is one statement on the same write connection.
//! * Reads use a pool of read-only connections and see committed data only.
//! * Every key begins with the jurisdiction, every list is paged by keyset, times are [`jiff::Timestamp`] and are
//!   stored as microseconds.
//! * The counted exceptions to portable SQL: `migrations/0002_sqlite.sql` (full-text table, append-only triggers), the
//!   `MATCH` behind [`ListFilter::terms`], the two statements of the writer that keep that table, and the question
//!   to `sqlite_master` in [`Store::schema_version`].

pub mod chain;

mod accounts;
mod admin;
mod error;
mod inbox;
mod list;
mod model;
mod outbox;
mod persons;
mod rows;
mod store;
mod tickets;
mod verify;
mod writer;

pub use accounts::SignedIn;
pub use admin::LoggedAccess;
pub use error::StoreError;
pub use inbox::Incoming;
pub use list::{ListFilter, Page, Sort, Term};
pub use model::{
    Access, Account, AppealRow, ClockRow, JournalEntry, Jurisdiction, PARTS, PersonRow, Session, StoredTicket,
    TicketRow, TicketWithBody, Unit,
};
pub use outbox::{AfterFailure, OutboxFilter, OutboxRow, OutboxState};
pub use store::{Store, StoreOptions};
pub use verify::{ChainReport, Fault};
pub use writer::{Append, Build, Commit, NewEvent, NewOutbox, Numbered, Outcome, Target};
