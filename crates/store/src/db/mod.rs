//! The thin layer over the two databases. Every column of the schema is BIGINT or TEXT, so that one kind of value goes in and one kind of
//! row comes out, and one text of SQL runs on SQLite and on PostgreSQL. Whatever cannot be one text asks [`Dialect`]; those places are
//! counted in the head of the crate, and a test counts them again.

mod conn;
mod query;
mod row;

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

pub(crate) use conn::{Connection, Held, On, Options, Pool, Tx};
pub(crate) use query::{Query, Tuple, Value, query};
pub(crate) use row::{Row, all};

/// Longest that a server is waited for: a statement that waits for a lock gives up long before. A network that swallows everything looks
/// like this, and the kernel would go on hoping for a quarter of an hour.
const PATIENCE: Duration = Duration::from_secs(15);

/// What a server does, or the error of a connection that is dead. A file is waited for as long as it takes.
async fn in_time<T>(work: impl Future<Output = Result<T, sqlx::Error>>) -> Result<T, sqlx::Error> {
    match tokio::time::timeout(PATIENCE, work).await {
        Ok(done) => done,
        Err(_) => Err(sqlx::Error::Io(std::io::Error::from(std::io::ErrorKind::TimedOut))),
    }
}

/// Statements that this process has sent.
static SENT: AtomicU64 = AtomicU64::new(0);

fn count() {
    SENT.fetch_add(1, Ordering::Relaxed);
}

/// How many statements this process has sent to databases, without `BEGIN` and `COMMIT`.
pub fn statements() -> u64 {
    SENT.load(Ordering::Relaxed)
}

/// Which of the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialect {
    Sqlite,
    Postgres,
}

impl Dialect {
    /// The text for this database.
    pub(crate) const fn pick(self, sqlite: &'static str, postgres: &'static str) -> &'static str {
        match self {
            Self::Sqlite => sqlite,
            Self::Postgres => postgres,
        }
    }
}
