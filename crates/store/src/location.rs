//! What a database's address says: a directory, a file, a server.

use std::path::Path;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};

use crate::damage;
use crate::db::{Options, Pool};
use crate::error::{Named, StoreError};
use crate::store::StoreOptions;

const OP: &str = "open";

/// Texts of statements that a connection keeps prepared: one for each power of two of rows, for each table (see `writer::sql`).
const KEPT: usize = 256;

/// A process that stands still in the middle of a transaction keeps everybody else from writing no longer than this.
const STANDSTILL: Duration = Duration::from_secs(30);

/// How a connection that writes is made. Makes the directory.
pub(crate) fn to_write(location: &str, options: &StoreOptions) -> Result<Options, StoreError> {
    if is_server(location) {
        return Ok(Options::Postgres(server(location, options)?));
    }
    // First the address, then the directory: one that cannot be opened leaves no folder with a password for its name.
    let connect = file(location)?;
    if !location.starts_with("sqlite:") {
        std::fs::create_dir_all(location).map_err(|e| StoreError::Io { op: OP, source: Arc::new(e) })?;
    }
    let connect = connect
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(options.busy_timeout)
        .pragma("cache_size", WRITERS_PAGES)
        // 64 MB of log between checkpoints instead of 4: a group of 32 dirties hundreds of pages, many of them the
        // same each time, and a checkpoint waits for the disk twice.
        .pragma("wal_autocheckpoint", if options.archived { "0" } else { "16384" })
        .statement_cache_capacity(KEPT);
    Ok(Options::Sqlite(connect))
}

/// What the one that writes keeps of the file, in the words of `PRAGMA cache_size`: 16 MB, as the operating system keeps its pages as well.
pub(crate) const WRITERS_PAGES: &str = "-16384";

/// How a connection that only looks is made. As a file's journal mode stands in the file, it is not asked for: that would be a write.
pub(crate) fn to_read(location: &str, options: &StoreOptions) -> Result<Options, StoreError> {
    if is_server(location) {
        return Ok(Options::Postgres(server(location, options)?.options([("default_transaction_read_only", "on")])));
    }
    let connect = file(location)?.create_if_missing(false).read_only(true).busy_timeout(options.busy_timeout);
    Ok(Options::Sqlite(connect))
}

/// The connections to read from.
pub(crate) async fn pool(connect: Options, options: &StoreOptions) -> Result<Pool, StoreError> {
    let readers = options.readers.max(1);
    Ok(match connect {
        Options::Sqlite(connect) => {
            let pool = SqlitePoolOptions::new().max_connections(readers);
            // Less than the writer has, as there are several: the operating system keeps the file's pages as well.
            let connect = connect.read_only(true).pragma("cache_size", "-4096");
            damage::look_at_schema(&connect).await?;
            Pool::Sqlite(pool.connect_with(connect).await.op(OP)?)
        }
        Options::Postgres(connect) => {
            let pool = PgPoolOptions::new().max_connections(readers).acquire_timeout(options.busy_timeout);
            Pool::Postgres(pool.connect_with(connect).await.op(OP)?)
        }
    })
}

fn is_server(location: &str) -> bool {
    location.starts_with("postgres://") || location.starts_with("postgresql://")
}

fn server(location: &str, options: &StoreOptions) -> Result<PgConnectOptions, StoreError> {
    // What the URL says may hold a password: it is not repeated in the error.
    let url = PgConnectOptions::from_str(location)
        .map_err(|_| StoreError::invalid(OP, "the postgres:// URL cannot be understood"))?;
    let millis = |d: Duration| d.as_millis().to_string();
    Ok(url.application_name("jiesu").statement_cache_capacity(KEPT).options([
        ("lock_timeout", millis(options.busy_timeout)),
        ("idle_in_transaction_session_timeout", millis(STANDSTILL)),
        // It knows little of how many tickets have a word, and would compile a statement of a few milliseconds for as long again.
        ("jit", "off".into()),
        // A client whose machine is gone is noticed in a minute, not in two hours.
        ("tcp_keepalives_idle", "30".into()),
        ("tcp_keepalives_interval", "10".into()),
        ("tcp_keepalives_count", "3".into()),
    ]))
}

/// The file that a location names, whether it is there or not.
fn file(location: &str) -> Result<SqliteConnectOptions, StoreError> {
    if location.starts_with("sqlite:") {
        return location.parse().op(OP);
    }
    if location.contains("://") {
        return Err(StoreError::invalid(OP, "only a directory, a sqlite: URL or a postgres:// URL can be opened"));
    }
    Ok(SqliteConnectOptions::new().filename(Path::new(location).join("jiesu.db")))
}
