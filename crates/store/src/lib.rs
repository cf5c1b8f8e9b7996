//! `jiesu-store`: all SQL of the system, and nothing else. It knows tables, transactions, keys and the hash chain; it
//! knows no rule, no limit, no role and no protocol. What lives here never decides anything about an appeal.
//!
//! * [`Store`] is a concrete struct, not a trait: there is one body of SQL for SQLite and PostgreSQL 15, and callers name one type. A trait
//!   would buy mocks; tests here run the real databases instead (each test on both).
//! * Writes of tickets go through [`Store::append`]: a group-committing writer task that owns the order of the journal
//!   (see [`Append`]). Several processes may each have one on the same PostgreSQL: the chain's lock is taken for the length of a group.
//!   Everything else is one statement, or a small transaction, beside it.
//! * Reads use a pool of connections and see committed data only.
//! * Every key begins with the jurisdiction, every list is paged by keyset, times are [`jiff::Timestamp`] and are
//!   stored as microseconds.
//! * What is personal is sealed on the way in and opened on the way out (`seal`); `columns` says of each column what it holds.
//! * Columns are BIGINT or TEXT, so that the layer over the drivers (`db`) is small. The exceptions to one text of SQL, counted by a test:
//!   1. full-text: SQLite has an FTS5 table found by `doc`, PostgreSQL lexemes under GIN found by the ticket's key. Hence the two
//!      `0002` and `0025` migrations, the condition (`list/terms.rs`) and the joins (`list.rs`) of a list, the writing of terms (`writer/sql.rs`, twice), and
//!      whose counter `doc` comes from (`writer/plan.rs`), and what each is told when words are cut
//!      anew or many rows were written (`writer/reindex.rs`, twice);
//!   2. locks: SQLite has one writer at a time; PostgreSQL locks the chain (`writer/sql.rs`), counters (`writer/sql.rs`), and skips
//!      messages that another sender is just taking (`outbox.rs`);
//!   3. a group's rows: one statement for each table on SQLite, all gathered into one on PostgreSQL (`writer/sql.rs`);
//!   4. triggers: those that keep the tally, with how PostgreSQL stores long texts (the two `0011` migrations), and those that keep the
//!      audit journal (the two `0014`) and that of the knowledge base (the two `0020`); and where the tally's rows stand (the two `0028`);
//!   5. the sync of a fill (`writer/fill.rs`), which waits for the disk at its end only, and on SQLite keeps more pages;
//!   6. a key that is replaced is locked on PostgreSQL (`seal/ring.rs`, `seal/rotate.rs`);
//!   7. the catalogue of tables, asked by [`Store::schema_version`] (`store.rs`);
//!   8. roles, which a file does not have (`roles.rs`, three times);
//!   9. rows held against the indices of a file that others can write to (`verify.rs`).

pub mod chain;

mod accounts;
mod admin;
mod anchor;
mod api_keys;
mod archive;
mod attachments;
mod attempts;
mod audit;
mod columns;
mod copy;
mod credentials;
mod damage;
mod db;
mod deed;
mod duty;
mod error;
mod figures;
mod follow;
mod identities;
mod inbox;
mod knowledge;
mod learned;
mod list;
mod location;
mod matters;
mod model;
mod notices;
mod organisation;
mod outbox;
mod persons;
mod roles;
mod rows;
mod schema;
mod seal;
mod sent_codes;
mod sessions;
mod store;
mod tally;
mod tickets;
mod verify;
mod whole;
mod writer;

pub use anchor::{Anchor, Chain, Heads};
pub use api_keys::ApiKey;
pub use archive::{ArchiveOptions, Restored, restore};
pub use attempts::{Attempts, Bearing};
pub use audit::{AuditEntry, AuditFilter, Head, NewAudit};
pub use copy::Copied;
pub use credentials::{Credential, Standing};
pub use db::statements;
pub use deed::Deed;
pub use duty::{OnRoster, Stay};
pub use error::StoreError;
pub use figures::{Connections, WRITTEN, Waiting, Written};
pub use follow::Marks;
pub use identities::Identity;
pub use inbox::Incoming;
pub use knowledge::{
    KnowledgeCommit, KnowledgeEvent, KnowledgeFileRow, KnowledgeFilter, KnowledgeRow, KnowledgeSort, Mark, NamedBy,
    NamedFiles, Sample, Saved, StoredEntry, Told, UnitKnowledge, Uses,
};
pub use learned::{LearnedPart, Learning, ProposalCount};
pub use list::{Counted, Found, ListFilter, Page, Sort, standing_word, title_word};
pub use matters::{HintCount, HotIssue, HotRun, OfAppellant};
pub use model::{
    Account, AppealRow, AttachmentRow, JournalEntry, Jurisdiction, PARTS, PersonRow, StoredTicket, TicketRow,
    TicketWithBody, Unit,
};
pub use notices::Notice;
pub use organisation::{Ended, Handover, HeldPost, UnitDuties};
pub use outbox::{AfterFailure, OutboxFilter, OutboxLease, OutboxRow, OutboxState};
pub use seal::{KeyError, KeyState, LocalKeys, MasterKeys, Resealing};
pub use sessions::{Session, SignedIn};
pub use store::{Store, StoreOptions};
pub use tally::{By, Cell, Sum, day};
pub use verify::{ChainReport, Fault};
pub use whole::{WholeFile, WholeTicket};
pub use writer::fill::{Fill, Filled, Group, Lived, Sent};
pub use writer::{Append, Build, Commit, NewEvent, NewOutbox, Numbered, Outcome, Target, Terms};
