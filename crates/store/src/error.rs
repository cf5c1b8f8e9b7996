//! One error for every operation of the store: which operation, what went wrong in the caller's terms, and the source.

use std::sync::Arc;

use sqlx::postgres::PgDatabaseError;

use crate::seal::KeyError;

/// What failed. `op` names the operation of this crate. Clonable because one failed group commit answers many callers.
#[derive(Debug, Clone, thiserror::Error)]
pub enum StoreError {
    /// Another process holds the write lock for longer than the busy timeout, or is just changing the tables. Nothing was written; try
    /// again.
    #[error("{op}: the database is busy")]
    Busy {
        /// The operation.
        op: &'static str,
        /// The database's words.
        #[source]
        source: Arc<sqlx::Error>,
    },
    /// The disk (or the quota) is full. Nothing was written.
    #[error("{op}: no space left for the database")]
    Full {
        /// The operation.
        op: &'static str,
        /// The database's words.
        #[source]
        source: Arc<sqlx::Error>,
    },
    /// The disk, the file or the database takes no writes. Nothing was written; an operator has to look.
    #[error("{op}: the database cannot be written to")]
    ReadOnly {
        /// The operation.
        op: &'static str,
        /// The database's words.
        #[source]
        source: Arc<sqlx::Error>,
    },
    /// The database server cannot be reached, or is just starting or stopping. Nothing was appended; try again. A single statement beside
    /// the journal (a session, a setting) may have been carried out without our hearing of it: each can be repeated.
    #[error("{op}: the database cannot be reached")]
    Unavailable {
        /// The operation.
        op: &'static str,
        /// The driver's words.
        #[source]
        source: Arc<sqlx::Error>,
    },
    /// The database went away in the middle of a commit and did not come back to be asked. The job was written or not: ask again with
    /// the same idempotency key, which tells.
    #[error("{op}: the database went away before it said whether the commit stands")]
    Unsure {
        /// The operation.
        op: &'static str,
    },
    /// The file is damaged or is not a database. Stop, and restore from a backup.
    #[error("{op}: the database file is damaged")]
    Corrupt {
        /// The operation.
        op: &'static str,
        /// The database's words.
        #[source]
        source: Arc<sqlx::Error>,
    },
    /// A key, a reference or a check of the schema refuses the row. For an append: this job alone; others went through.
    #[error("{op}: a constraint refuses the row: {source}")]
    Constraint {
        /// The operation.
        op: &'static str,
        /// The database's words.
        #[source]
        source: Arc<sqlx::Error>,
    },
    /// What was addressed does not exist.
    #[error("{op}: {what} not found")]
    NotFound {
        /// The operation.
        op: &'static str,
        /// What was looked for, without personal data.
        what: String,
    },
    /// The caller passed something that cannot be stored or understood (a foreign cursor, a payload that is no JSON).
    #[error("{op}: {what}")]
    Invalid {
        /// The operation.
        op: &'static str,
        /// Why.
        what: String,
    },
    /// The job could not keep its number because an earlier one of the same group was refused. Nothing of it was
    /// written; send it again.
    #[error("{op}: aborted together with an earlier job, send it again")]
    Aborted {
        /// The operation.
        op: &'static str,
    },
    /// The store has been closed.
    #[error("{op}: the store is closed")]
    Closed {
        /// The operation.
        op: &'static str,
    },
    /// Migrations could not be applied, or the database is newer than this binary.
    #[error("{op}: {source}")]
    Migrate {
        /// The operation.
        op: &'static str,
        /// What the migrator says.
        #[source]
        source: Arc<sqlx::migrate::MigrateError>,
    },
    /// The tables are of another version than this program's, and this role may not change them.
    #[error("{op}: the tables are of version {version}, and this role does not own them")]
    NotOwner {
        /// The operation.
        op: &'static str,
        /// Version of the tables.
        version: i64,
    },
    /// A key is missing, or a sealed text does not open. Nothing was written.
    #[error("{op}: {source}")]
    Key {
        /// The operation.
        op: &'static str,
        /// Which, and why.
        #[source]
        source: KeyError,
    },
    /// The data directory cannot be used.
    #[error("{op}: {source}")]
    Io {
        /// The operation.
        op: &'static str,
        /// The operating system's words.
        #[source]
        source: Arc<std::io::Error>,
    },
    /// Any other failure of the database.
    #[error("{op}: {source}")]
    Database {
        /// The operation.
        op: &'static str,
        /// The driver's words.
        #[source]
        source: Arc<sqlx::Error>,
    },
}

/// What a driver's error comes to, whichever database it is from.
enum Class {
    Busy,
    Full,
    ReadOnly,
    Unavailable,
    Corrupt,
    Constraint,
    Unstorable,
    Other,
}

/// SQLite's primary result codes; an extended code carries them in its low byte.
fn of_sqlite(code: &str) -> Class {
    let code = code.parse::<i64>();
    // IOERR_WRITE, IOERR_FSYNC, IOERR_DIR_FSYNC, IOERR_TRUNCATE: what a disk says in the moment in which it breaks.
    if matches!(code, Ok(778 | 1034 | 1290 | 1546)) {
        return Class::ReadOnly;
    }
    match code.map(|code| code & 0xff) {
        Ok(5 | 6 | 17) => Class::Busy, // BUSY, LOCKED, SCHEMA: another process is changing the tables at this moment
        Ok(8) => Class::ReadOnly,      // READONLY
        Ok(11 | 26) => Class::Corrupt, // CORRUPT, NOTADB
        Ok(13) => Class::Full,         // FULL
        Ok(14) => Class::Unavailable,  // CANTOPEN
        Ok(19) => Class::Constraint,   // CONSTRAINT
        _ => Class::Other,
    }
}

/// PostgreSQL's SQLSTATE, appendix A of its documentation.
fn of_postgres(state: &str) -> Class {
    match state {
        // serialization_failure, deadlock_detected, lock_not_available, query_canceled by a lock's time-out
        "40001" | "40P01" | "55P03" => Class::Busy,
        "53100" => Class::Full,
        "25006" => Class::ReadOnly,
        // admin_shutdown, crash_shutdown, cannot_connect_now, too_many_connections, idle_in_transaction_session_timeout
        "57P01" | "57P02" | "57P03" | "53300" | "25P03" => Class::Unavailable,
        "XX001" | "XX002" => Class::Corrupt,
        // character_not_in_repertoire: a text with U+0000 in it, which PostgreSQL does not store
        "22021" => Class::Unstorable,
        _ if state.starts_with("08") => Class::Unavailable,
        _ if state.starts_with("23") => Class::Constraint,
        _ => Class::Other,
    }
}

fn class(error: &sqlx::Error) -> Class {
    match error {
        sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut | sqlx::Error::Tls(_) | sqlx::Error::Protocol(_) => {
            Class::Unavailable
        }
        sqlx::Error::Database(e) => match e.try_downcast_ref::<PgDatabaseError>() {
            Some(e) => of_postgres(e.code()),
            None => e.code().map_or(Class::Other, |code| of_sqlite(&code)),
        },
        _ => Class::Other,
    }
}

impl StoreError {
    /// Sorts a driver's error by what its database calls it.
    pub(crate) fn from_sqlx(op: &'static str, error: sqlx::Error) -> Self {
        match error {
            sqlx::Error::RowNotFound => return Self::NotFound { op, what: "row".into() },
            sqlx::Error::PoolClosed => return Self::Closed { op },
            _ => {}
        }
        let class = class(&error);
        let source = Arc::new(error);
        match class {
            Class::Busy => Self::Busy { op, source },
            Class::Full => Self::Full { op, source },
            Class::ReadOnly => Self::ReadOnly { op, source },
            Class::Unavailable => Self::Unavailable { op, source },
            Class::Corrupt => Self::Corrupt { op, source },
            Class::Constraint => Self::Constraint { op, source },
            Class::Unstorable => Self::invalid(op, "a character that cannot be stored"),
            Class::Other => Self::Database { op, source },
        }
    }

    pub(crate) fn invalid(op: &'static str, what: impl Into<String>) -> Self {
        Self::Invalid { op, what: what.into() }
    }

    pub(crate) fn not_found(op: &'static str, what: impl Into<String>) -> Self {
        Self::NotFound { op, what: what.into() }
    }

    /// The caller passed something that cannot be, e.g. a cursor of another list.
    pub fn is_invalid(&self) -> bool {
        matches!(self, Self::Invalid { .. })
    }

    /// Whether the same call may succeed when it is simply made again.
    pub fn is_retryable(&self) -> bool {
        matches!(self, Self::Busy { .. } | Self::Aborted { .. } | Self::Unavailable { .. })
    }
}

/// Names the operation on a driver's result: `query.await.op("ticket")?`.
pub(crate) trait Named<T> {
    fn op(self, op: &'static str) -> Result<T, StoreError>;
}

impl<T> Named<T> for Result<T, sqlx::Error> {
    fn op(self, op: &'static str) -> Result<T, StoreError> {
        self.map_err(|e| StoreError::from_sqlx(op, e))
    }
}
