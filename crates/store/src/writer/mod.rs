//! The write path: one task, one write connection, one transaction for all the jobs that wait.
//!
//! The task takes whatever is in the queue (it never waits for more), so a lone job commits at once and the group
//! grows by itself while a commit is on its way to the disk. The number of statements of a group does not grow with
//! its jobs (see `sql`).
//!
//! What happens when something is wrong:
//! * a `build` that panics, or returns something that cannot be a commit (no event, text that is not JSON, another
//!   ticket's number), is answered with an error; nothing else in the group notices, and its number goes to the next.
//! * a row that a constraint of the schema refuses (a number or an appeal that exists, a person that does not) undoes
//!   the group, which is then written again job by job: the wrong job is answered with `Constraint`, the others go
//!   through. New tickets of the same jurisdiction and day behind it had already formed their numbers and are answered
//!   with `Aborted`, to be sent again: otherwise the numbers would have a gap.
//! * anything else (disk full, lock not obtained) is answered to every job, and nothing is written.

mod batch;
pub(crate) mod fill;
mod plan;
mod reindex;
mod sql;

pub use reindex::Terms;
pub(crate) use reindex::{Units, settle, units_between};
pub(crate) use sql::{Writing, lock, write_terms};

use std::sync::Arc;

use jiff::Timestamp;
use tokio::sync::{mpsc, oneshot};

use crate::error::StoreError;
use crate::model::{AppealRow, AttachmentRow, PersonRow, TicketRow};
use crate::seal::Rings;
use crate::store::WriteConnection;
use batch::Pending;

/// One decided command on one ticket.
pub struct Append {
    /// The chain it goes to.
    pub jurisdiction: String,
    /// Which ticket.
    pub target: Target,
    /// Scope and key. The same pair again is answered with [`Outcome::Replayed`] and writes nothing.
    pub idempotency: Option<(String, String)>,
    /// Called at most once, inside the transaction. Pure and quick.
    pub build: Build,
}

impl std::fmt::Debug for Append {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Append")
            .field("jurisdiction", &self.jurisdiction)
            .field("target", &self.target)
            .finish_non_exhaustive()
    }
}

/// Forms the commit once the number is known.
pub type Build = Box<dyn FnOnce(Numbered) -> Commit + Send>;

/// Which ticket a job is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// A ticket at the version on which the decision was made.
    Existing {
        /// Its number.
        ticket: String,
        /// [`crate::StoredTicket::version`] as it was read.
        expected_version: i64,
    },
    /// A ticket to be numbered: serials count from 1 without a gap within jurisdiction and `number_day`.
    New {
        /// Any text, e.g. `20260430`.
        number_day: String,
    },
}

/// What the writer tells `build`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Numbered {
    /// The serial of a new ticket within its day; 0 for an existing one.
    pub serial: u32,
    /// Version that the first event of this commit will have.
    pub first_version: i64,
}

/// Everything that changes with one command, written together or not at all.
#[derive(Debug, Clone)]
pub struct Commit {
    /// The ticket's number.
    pub ticket: String,
    /// When it happened.
    pub at: Timestamp,
    /// Who did it.
    pub actor: String,
    /// At least one; each raises the version by one.
    pub events: Vec<NewEvent>,
    /// The ticket's columns after the events.
    pub row: TicketRow,
    /// The folded aggregate after the events, JSON.
    pub body: String,
    /// All units with their parts (see [`crate::PARTS`]); replaces what was there.
    pub units: Vec<(String, String)>,
    /// Appeals that are new.
    pub appeals: Vec<AppealRow>,
    /// Persons that are new or changed.
    pub persons: Vec<PersonRow>,
    /// Files that are new.
    pub attachments: Vec<AttachmentRow>,
    /// Messages to be sent after the commit.
    pub outbox: Vec<NewOutbox>,
    /// All tokens of the ticket's text, separated by spaces; `None` leaves the index as it is, which must not be where units change.
    pub terms: Option<String>,
    /// The ticket is erased: its key goes, and with it everything that was written about it before; names of files and texts of messages
    /// too. What these events say, and `body`, stays readable for ever.
    pub forget: bool,
}

/// An event to be appended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewEvent {
    /// The kind of event.
    pub kind: String,
    /// JSON.
    pub payload: String,
}

/// A message to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewOutbox {
    /// The appeal whose appellant gets it.
    pub appeal: Option<String>,
    /// Message template.
    pub kind: String,
    /// JSON without personal data.
    pub payload: String,
    /// Not before this time.
    pub next_at: Timestamp,
}

/// How a job ended, if the database did its part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Written and on disk.
    Done {
        /// The ticket's number.
        ticket: String,
        /// Its version now.
        version: i64,
        /// Position in the chain of the last event.
        seq: i64,
    },
    /// The idempotency key was used before; this is what was done then.
    Replayed {
        /// The ticket's number.
        ticket: String,
        /// Its version after that command.
        version: i64,
    },
    /// Somebody else was first: load again, decide again.
    Conflict {
        /// The ticket's version now.
        current_version: i64,
    },
    /// There is no such ticket.
    NotFound,
}

pub(crate) type Reply = oneshot::Sender<Result<Outcome, StoreError>>;

pub(crate) enum Message {
    Append(Append, Reply),
    Close(oneshot::Sender<()>),
}

/// The writer task.
pub(crate) struct Writer {
    write: Arc<WriteConnection>,
    rings: Rings,
    batch: usize,
}

impl Writer {
    pub(crate) fn new(write: Arc<WriteConnection>, rings: Rings, batch: usize) -> Self {
        Self { write, rings, batch }
    }

    /// Runs until every sender is gone or a `Close` arrives; either way the jobs already queued are written first.
    pub(crate) async fn run(self, mut queue: mpsc::Receiver<Message>) {
        let mut messages = Vec::with_capacity(self.batch);
        let mut closing = Vec::new();
        while queue.recv_many(&mut messages, self.batch).await > 0 {
            let mut group = Vec::with_capacity(messages.len());
            for message in messages.drain(..) {
                match message {
                    Message::Append(job, reply) => group.push((Pending::new(job), reply)),
                    Message::Close(done) => {
                        queue.close();
                        closing.push(done);
                    }
                }
            }
            batch::commit(&self.write, &self.rings, group).await;
            // Lets those just answered send their next job before the next group is taken: groups stay large.
            tokio::task::yield_now().await;
        }
        for done in closing {
            let _ = done.send(()); // nobody waits any more: fine
        }
    }
}
