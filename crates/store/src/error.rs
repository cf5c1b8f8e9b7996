//! One error for every operation of the store: which operation, what went wrong in the caller's terms, and the source.

use std::sync::Arc;

/// What failed. `op` names the operation of this crate. Clonable because one failed group commit answers many callers.
#[derive(Debug, Clone, thiserror::Error)]
pub enum StoreError {
    /// Another process holds the write lock for longer than the busy timeout. Nothing was written; try again.
    #[error("{op}: the database is busy")]
    Busy {
        /// The operation.
        op: &'static str,
        /// SQLite's words.
        #[source]
        source: Arc<sqlx::Error>,
    },
    /// The disk (or the quota) is full. Nothing was written.
    #[error("{op}: no space left for the database")]
    Full {
        /// The operation.
        op: &'static str,
        /// SQLite's words.
        #[source]
        source: Arc<sqlx::Error>,
    },
    /// The file is damaged or is not a database. Stop, and restore from a backup.
    #[error("{op}: the database file is damaged")]
    Corrupt {
        /// The operation.
        op: &'static str,
        /// SQLite's words.
        #[source]
        source: Arc<sqlx::Error>,
    },
    /// A key, a reference or a check of the schema refuses the row. For an append: this job alone; others went through.
    #[error("{op}: a constraint refuses the row: {source}")]
    Constraint {
        /// The operation.
        op: &'static str,
        /// SQLite's words.
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

/// SQLite's primary result codes; an extended code carries them in its low byte.
const BUSY: i64 = 5;
const LOCKED: i64 = 6;
const CORRUPT: i64 = 11;
const FULL: i64 = 13;
const CONSTRAINT: i64 = 19;
const NOT_A_DATABASE: i64 = 26;

impl StoreError {
    /// Sorts a driver's error by SQLite's result code.
    pub(crate) fn from_sqlx(op: &'static str, error: sqlx::Error) -> Self {
        let code = error.as_database_error().and_then(|e| e.code()).and_then(|c| c.parse::<i64>().ok());
        let missing = matches!(error, sqlx::Error::RowNotFound);
        let closed = matches!(error, sqlx::Error::PoolClosed);
        let source = Arc::new(error);
        match code.map(|c| c & 0xff) {
            Some(BUSY | LOCKED) => Self::Busy { op, source },
            Some(FULL) => Self::Full { op, source },
            Some(CORRUPT | NOT_A_DATABASE) => Self::Corrupt { op, source },
            Some(CONSTRAINT) => Self::Constraint { op, source },
            _ if missing => Self::NotFound { op, what: "row".into() },
            _ if closed => Self::Closed { op },
            _ => Self::Database { op, source },
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
        matches!(self, Self::Busy { .. } | Self::Aborted { .. })
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
