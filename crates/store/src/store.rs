//! Opening, migrating and closing the database; the read pool and the one write connection.

use std::borrow::Cow;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use sqlx::migrate::{MigrateError, Migration, MigrationType, Migrator};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{Connection, SqlSafeStr, SqlitePool};
use tokio::sync::{MappedMutexGuard, Mutex, MutexGuard, mpsc, oneshot};

use crate::error::{Named, StoreError};
use crate::writer::{Append, Message, Outcome, Writer};

/// Embedded by hand, not by `sqlx::migrate!`: the macro would compile sqlx and SQLite a second time for the build host.
/// A test holds that every file of `migrations/` is here.
pub(crate) const MIGRATIONS: &[(i64, &str, &str)] = &[
    (1, "schema", include_str!("../migrations/0001_schema.sql")),
    (2, "sqlite", include_str!("../migrations/0002_sqlite.sql")),
    (3, "parts", include_str!("../migrations/0003_parts.sql")),
    (4, "inbox", include_str!("../migrations/0004_inbox.sql")),
];

/// How the database is opened.
#[derive(Debug, Clone)]
pub struct StoreOptions {
    /// Read-only connections.
    pub readers: u32,
    /// Most jobs that one group commit takes.
    pub batch: usize,
    /// Jobs that may wait for the writer before [`Store::append`] itself waits.
    pub queue: usize,
    /// How long to wait for another process that holds the write lock.
    pub busy_timeout: Duration,
}

impl Default for StoreOptions {
    fn default() -> Self {
        Self { readers: 4, batch: 512, queue: 1024, busy_timeout: Duration::from_secs(5) }
    }
}

/// How often a file that another process is just making is asked for, a tenth of a second apart.
const OPEN_TRIES: u32 = 50;

/// The database of one process. Cheap to clone; all clones share one writer. When the last one is dropped the writer
/// finishes what was sent to it and closes; [`Store::close`] waits for that.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

struct Inner {
    read: SqlitePool,
    write: Arc<WriteConnection>,
    jobs: mpsc::Sender<Message>,
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store").field("file", &self.inner.write.options.get_filename()).finish_non_exhaustive()
    }
}

impl Store {
    /// Opens (and creates) the database. `location` is a directory, in which the file is `jiesu.db`, or a
    /// `sqlite:…` URL. Does not migrate. Must be called within a Tokio runtime, as it starts the writer task.
    pub async fn open(location: &str, options: StoreOptions) -> Result<Self, StoreError> {
        const OP: &str = "open";
        let connect = connect_options(location)?
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(options.busy_timeout)
            .pragma("cache_size", "-65536")
            // 64 MB of log between checkpoints instead of 4: a group of 32 dirties hundreds of pages, many of them the
            // same each time, and a checkpoint waits for the disk twice.
            .pragma("wal_autocheckpoint", "16384")
            // A text for each power of two of rows, for each table (see writer::sql).
            .statement_cache_capacity(256);
        let write = Arc::new(WriteConnection { slot: Mutex::new(None), options: connect.clone() });
        // Creates the file before a reader looks for it. Turning a new file to WAL does not wait for another process that is
        // doing the same, whatever the busy timeout says.
        let mut tries = 0;
        while let Err(error) = write.lock(OP).await.map(drop) {
            tries += 1;
            if tries == OPEN_TRIES || !error.is_retryable() {
                return Err(error);
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        let read = SqlitePoolOptions::new()
            .max_connections(options.readers.max(1))
            .connect_with(connect.read_only(true))
            .await
            .op(OP)?;
        let (jobs, queue) = mpsc::channel(options.queue.max(1));
        tokio::spawn(Writer::new(Arc::clone(&write), options.batch.max(1)).run(queue));
        Ok(Self { inner: Arc::new(Inner { read, write, jobs }) })
    }

    /// Version of the schema that this program reads and writes: that of its last migration.
    pub const SCHEMA: i64 = MIGRATIONS[MIGRATIONS.len() - 1].0;

    /// Opens a database that is there, to look at it and nothing else: no file is made, nothing is migrated, and every write fails with
    /// [`StoreError::Closed`]. It may be in use by another process.
    pub async fn open_read_only(location: &str, options: StoreOptions) -> Result<Self, StoreError> {
        const OP: &str = "open_read_only";
        // As a file's journal mode stands in the file, it is not asked for: that would be a write.
        let connect =
            database_file(location)?.create_if_missing(false).read_only(true).busy_timeout(options.busy_timeout);
        let read = SqlitePoolOptions::new()
            .max_connections(options.readers.max(1))
            .connect_with(connect.clone())
            .await
            .op(OP)?;
        let write = Arc::new(WriteConnection { slot: Mutex::new(None), options: connect });
        let (jobs, _) = mpsc::channel(1); // closed at once: there is no writer
        Ok(Self { inner: Arc::new(Inner { read, write, jobs }) })
    }

    /// Applies the migrations that are missing. Safe to repeat. An applied migration whose text has changed, or one
    /// that this binary does not know, is an error.
    pub async fn migrate(&self) -> Result<(), StoreError> {
        let mut conn = self.write("migrate").await?;
        let mut done = migrator().run_direct(None, &mut *conn, false).await;
        // Two processes that open a new database together see the same gap, and the slower one then finds the tables
        // there. sqlx takes no lock on SQLite; looking again shows what the other has applied.
        for _ in 0..10 {
            if !matches!(done, Err(MigrateError::Execute(_) | MigrateError::ExecuteMigration(..))) {
                break;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
            done = migrator().run_direct(None, &mut *conn, false).await;
        }
        done.map_err(|e| StoreError::Migrate { op: "migrate", source: Arc::new(e) })
    }

    /// Version of the last applied migration, 0 for an empty database.
    pub async fn schema_version(&self) -> Result<i64, StoreError> {
        const OP: &str = "schema_version";
        let known: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM sqlite_master WHERE name = '_sqlx_migrations'")
            .fetch_one(self.read())
            .await
            .op(OP)?;
        if known == 0 {
            return Ok(0);
        }
        sqlx::query_scalar("SELECT COALESCE(MAX(version), 0) FROM _sqlx_migrations WHERE success")
            .fetch_one(self.read())
            .await
            .op(OP)
    }

    /// Decides nothing: appends what `job.build` returns, together with other callers' jobs, in one transaction.
    /// Returns after the commit is on disk. An error means that nothing of this job was written, with one exception
    /// common to all databases: [`StoreError::Closed`] after the process began to stop says nothing about the job.
    pub async fn append(&self, job: Append) -> Result<Outcome, StoreError> {
        const OP: &str = "append";
        let (reply, answer) = oneshot::channel();
        self.inner.jobs.send(Message::Append(job, reply)).await.map_err(|_| StoreError::Closed { op: OP })?;
        answer.await.map_err(|_| StoreError::Closed { op: OP })?
    }

    /// Finishes the jobs already sent, folds the write-ahead log into the database file and closes. Later calls on any
    /// clone fail with [`StoreError::Closed`].
    pub async fn close(&self) -> Result<(), StoreError> {
        let (reply, done) = oneshot::channel();
        if self.inner.jobs.send(Message::Close(reply)).await.is_ok() {
            let _ = done.await; // an error means that the writer is gone already
        }
        self.inner.read.close().await;
        match self.inner.write.slot.lock().await.take() {
            Some(conn) => conn.close().await.op("close"),
            None => Ok(()),
        }
    }

    pub(crate) fn read(&self) -> &SqlitePool {
        &self.inner.read
    }

    /// The write connection, for one autocommitted statement. Callers queue fairly with the group commits.
    pub(crate) async fn write(&self, op: &'static str) -> Result<MappedMutexGuard<'_, SqliteConnection>, StoreError> {
        if self.inner.jobs.is_closed() {
            return Err(StoreError::Closed { op });
        }
        self.inner.write.lock(op).await
    }
}

/// The one write connection. It is opened again after a failed transaction: SQLite rolls back by itself when the disk
/// is full, and sqlx would then believe for ever that it is still inside that transaction.
pub(crate) struct WriteConnection {
    slot: Mutex<Option<SqliteConnection>>,
    options: SqliteConnectOptions,
}

impl WriteConnection {
    pub(crate) async fn lock(&self, op: &'static str) -> Result<MappedMutexGuard<'_, SqliteConnection>, StoreError> {
        let mut slot = self.slot.lock().await;
        let conn = match slot.take() {
            Some(conn) => conn,
            None => SqliteConnection::connect_with(&self.options).await.op(op)?,
        };
        Ok(MutexGuard::map(slot, |slot| slot.insert(conn)))
    }

    /// Drops the connection; the next user opens a new one.
    pub(crate) async fn discard(&self) {
        self.slot.lock().await.take();
    }
}

fn connect_options(location: &str) -> Result<SqliteConnectOptions, StoreError> {
    let is_folder = !location.starts_with("sqlite:") && !location.contains("://");
    if is_folder {
        std::fs::create_dir_all(location).map_err(|e| StoreError::Io { op: "open", source: Arc::new(e) })?;
    }
    database_file(location)
}

/// The file that a location names, whether it is there or not.
fn database_file(location: &str) -> Result<SqliteConnectOptions, StoreError> {
    if location.starts_with("sqlite:") {
        return location.parse().op("open");
    }
    if location.contains("://") {
        return Err(StoreError::invalid("open", "only a directory or a sqlite: URL can be opened"));
    }
    Ok(SqliteConnectOptions::new().filename(Path::new(location).join("jiesu.db")))
}

fn migrator() -> Migrator {
    let migrations = MIGRATIONS.iter().map(|&(version, name, sql)| {
        Migration::new(version, Cow::Borrowed(name), MigrationType::Simple, sql.into_sql_str(), false)
    });
    Migrator::with_migrations(migrations.collect())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::{Commit, Jurisdiction, NewEvent, Target, TicketRow};

    fn job(body: String) -> Append {
        let row = TicketRow {
            state: "s".into(),
            kind: "k".into(),
            title: "t".into(),
            channel: "c".into(),
            urgent: false,
            confidential: false,
            lead: None,
            place: None,
            registered_at: Timestamp::UNIX_EPOCH,
            next_due: None,
            next_due_clock: None,
            next_due_unit: None,
            next_due_article: None,
            wake_at: None,
            overdue: false,
            supervised: false,
            provisional: false,
        };
        Append {
            jurisdiction: "bj".into(),
            target: Target::New { number_day: "d".into() },
            idempotency: None,
            build: Box::new(|n| Commit {
                ticket: n.serial.to_string(),
                at: Timestamp::UNIX_EPOCH,
                actor: "a".into(),
                events: vec![NewEvent { kind: "e".into(), payload: "{}".into() }],
                row,
                body,
                units: vec![],
                clocks: vec![],
                appeals: vec![],
                persons: vec![],
                outbox: vec![],
                terms: None,
            }),
        }
    }

    /// SQLite's own limit of pages stands in for the disk's. It belongs to the connection, so that the next job also
    /// shows that the connection is opened again: sqlx would otherwise refuse every later transaction.
    #[tokio::test]
    async fn a_full_disk_is_said_and_leaves_nothing_half_written() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path().to_str().unwrap(), StoreOptions::default()).await.unwrap();
        store.migrate().await.unwrap();
        let bj = Jurisdiction { jurisdiction: "bj".into(), name: "b".into(), parent: None };
        store.jurisdiction_put(&bj).await.unwrap();
        sqlx::query("PRAGMA max_page_count = 60").execute(&mut *store.write("test").await.unwrap()).await.unwrap();
        let big = format!("\"{}\"", "x".repeat(1 << 20));
        let (full, along) = tokio::join!(store.append(job(big)), store.append(job("{}".into())));
        assert!(matches!(full, Err(StoreError::Full { .. })), "{full:?}");
        assert!(matches!(along, Err(StoreError::Full { .. })), "one transaction, one fate: {along:?}");
        let after = store.append(job("{}".into())).await.unwrap();
        assert_eq!(after, Outcome::Done { ticket: "1".into(), version: 1, seq: 1 }, "no number was used up");
        assert_eq!(store.verify_chain("bj", |_, _| {}).await.unwrap().fault, None);
    }

    #[test]
    fn every_migration_file_is_embedded() {
        let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations");
        let mut files: Vec<_> =
            std::fs::read_dir(dir).unwrap().map(|f| f.unwrap().file_name().into_string().unwrap()).collect();
        files.sort();
        let embedded: Vec<_> = MIGRATIONS.iter().map(|(version, name, _)| format!("{version:04}_{name}.sql")).collect();
        assert_eq!(files, embedded);
    }

    #[test]
    fn only_files_and_sqlite_urls_are_opened() {
        assert!(matches!(connect_options("postgres://localhost/jiesu"), Err(StoreError::Invalid { .. })));
        assert!(connect_options("sqlite:///tmp/x.db").is_ok());
    }
}
