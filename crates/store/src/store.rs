//! Opening, migrating and closing the database; the read pool and the one write connection.

use std::borrow::Cow;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use sqlx::SqlSafeStr;
use sqlx::migrate::{MigrateError, Migration, MigrationType, Migrator};
use tokio::sync::{MappedMutexGuard, Mutex, MutexGuard, mpsc, oneshot};

use crate::archive::Archiver;
use crate::db::{Connection, Dialect, Held, On, Options, Pool, Tx, query};
use crate::error::{Named, StoreError};
use crate::seal::{LocalKeys, MasterKeys, Rings};
use crate::writer::{Append, Message, Outcome, Writer};
use crate::{audit, damage, location};

/// A migration: its number, its name, and its text on SQLite and on PostgreSQL.
type Step = (i64, &'static str, &'static str, &'static str);

macro_rules! both {
    ($file:literal) => {
        include_str!(concat!("../migrations/", $file))
    };
}

/// Embedded by hand, not by `sqlx::migrate!`: the macro would compile sqlx and SQLite a second time for the build host, and knows one
/// database. A test holds that every file of `migrations/` is here.
pub(crate) const MIGRATIONS: &[Step] = &[
    (1, "schema", both!("0001_schema.sql"), both!("0001_schema.sql")),
    (2, "terms and triggers", both!("0002_sqlite.sql"), both!("0002_postgres.sql")),
    (3, "parts", both!("0003_parts.sql"), both!("0003_parts.sql")),
    (4, "inbox", both!("0004_inbox.sql"), both!("0004_inbox.sql")),
    (5, "access counter", both!("0005_access_counter.sql"), both!("0005_access_counter.sql")),
    (6, "tally", both!("0006_tally.sql"), both!("0006_tally.sql")),
    (7, "lease", both!("0007_lease.sql"), both!("0007_lease.sql")),
    (8, "attachment", both!("0008_attachment.sql"), both!("0008_attachment.sql")),
    (9, "no lease", both!("0009_no_lease.sql"), both!("0009_no_lease.sql")),
    (10, "lean", both!("0010_lean.sql"), both!("0010_lean.sql")),
    (11, "kept by the database", both!("0011_sqlite.sql"), both!("0011_postgres.sql")),
    (12, "ranges", both!("0012_ranges.sql"), both!("0012_ranges.sql")),
    (13, "kinds", both!("0013_kinds.sql"), both!("0013_kinds.sql")),
    (14, "audit", both!("0014_sqlite.sql"), both!("0014_postgres.sql")),
    (15, "log-in", both!("0015_log_in.sql"), both!("0015_log_in.sql")),
    (16, "sealed", both!("0016_sealed.sql"), both!("0016_sealed.sql")),
    (17, "organisation", both!("0017_organisation.sql"), both!("0017_organisation.sql")),
    (NO_ACCESS_LOG, "no access log", both!("0019_no_access_log.sql"), both!("0019_no_access_log.sql")),
    (20, "knowledge", both!("0020_sqlite.sql"), both!("0020_postgres.sql")),
    (22, "duty", both!("0022_duty.sql"), both!("0022_duty.sql")),
    (23, "learned", both!("0023_learned.sql"), both!("0023_learned.sql")),
    (24, "matters", both!("0024_matters.sql"), both!("0024_matters.sql")),
    (25, "any substring", both!("0025_sqlite.sql"), both!("0025_postgres.sql")),
    (26, "told", both!("0026_told.sql"), both!("0026_told.sql")),
    (27, "files and lists of knowledge", both!("0027_knowledge.sql"), both!("0027_knowledge.sql")),
    (28, "tally in its key", both!("0028_sqlite.sql"), both!("0028_postgres.sql")),
    (29, "due", both!("0029_due.sql"), both!("0029_due.sql")),
];

/// What takes the old access record away. Before it, its rows are carried over, which SQL cannot do: it cannot chain them.
const NO_ACCESS_LOG: i64 = 19;

/// How the database is opened.
#[derive(Debug, Clone)]
pub struct StoreOptions {
    /// Connections to read from; on PostgreSQL also for single statements that write.
    pub readers: u32,
    /// Most jobs that one group commit takes.
    pub batch: usize,
    /// Jobs that may wait for the writer before [`Store::append`] itself waits.
    pub queue: usize,
    /// How long to wait for another process that holds the write lock, and for a free connection.
    pub busy_timeout: Duration,
    /// An archive is kept of the embedded database ([`Store::archive`]): only that folds the write-ahead log.
    pub archived: bool,
    /// What wraps the data keys. Without one nothing personal can be written or read; all else can.
    pub master: Option<Arc<dyn MasterKeys>>,
}

impl StoreOptions {
    /// The defaults, under one master key that lies in memory: for tests and benches.
    pub fn with_key(key: [u8; 16]) -> Self {
        Self { master: Some(Arc::new(LocalKeys::new(&[key]))), ..Self::default() }
    }
}

impl Default for StoreOptions {
    fn default() -> Self {
        Self {
            readers: 4,
            batch: 512,
            queue: 1024,
            busy_timeout: Duration::from_secs(5),
            archived: false,
            master: None,
        }
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
    pool: Pool,
    write: Arc<WriteConnection>,
    jobs: mpsc::Sender<Message>,
    archiver: Mutex<Option<Archiver>>,
    rings: Rings,
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store").field("database", &self.dialect()).finish_non_exhaustive()
    }
}

impl Store {
    /// Opens the database, and creates it where it is a file. `location` is a directory, in which the file is `jiesu.db`, a `sqlite:…`
    /// URL, or a `postgres://…` URL of a database that exists. Does not migrate. Must be called within a Tokio runtime, as it starts the
    /// writer task.
    pub async fn open(location: &str, options: StoreOptions) -> Result<Self, StoreError> {
        let connect = location::to_write(location, &options)?;
        let (write, pool) = connections(&connect, &options).await?;
        let (jobs, queue) = mpsc::channel(options.queue.max(1));
        let rings = Rings::new(options.master.clone());
        tokio::spawn(Writer::new(Arc::clone(&write), rings.clone(), options.batch.max(1)).run(queue));
        Ok(Self { inner: Arc::new(Inner { pool, write, jobs, archiver: Mutex::new(None), rings }) })
    }

    /// Version of the schema that this program reads and writes: that of its last migration.
    pub const SCHEMA: i64 = MIGRATIONS[MIGRATIONS.len() - 1].0;

    /// Opens a database that is there, to look at it and nothing else: no file is made, nothing is migrated, and every write fails with
    /// [`StoreError::Closed`]. It may be in use by another process.
    pub async fn open_read_only(location: &str, options: StoreOptions) -> Result<Self, StoreError> {
        let connect = location::to_read(location, &options)?;
        let pool = location::pool(connect.clone(), &options).await?;
        let write = Arc::new(WriteConnection { slot: Arc::default(), options: connect });
        let (jobs, _) = mpsc::channel(1); // closed at once: there is no writer
        let rings = Rings::new(options.master.clone());
        Ok(Self { inner: Arc::new(Inner { pool, write, jobs, archiver: Mutex::new(None), rings }) })
    }

    /// Applies the migrations that are missing. Safe to repeat. An applied migration whose text has changed, or one
    /// that this binary does not know, is an error.
    ///
    /// On PostgreSQL the role that works need not own the tables: it may not change them, and is told where that would be needed
    /// ([`StoreError::NotOwner`]).
    pub async fn migrate(&self) -> Result<(), StoreError> {
        if !self.inner.jobs.is_closed() && !self.owns().await? {
            let version = self.schema_version().await?;
            return if version == Self::SCHEMA { Ok(()) } else { Err(StoreError::NotOwner { op: "migrate", version }) };
        }
        self.migrate_by(MIGRATIONS).await?;
        self.seal_what_was_plain().await
    }

    async fn migrate_by(&self, steps: &[Step]) -> Result<(), StoreError> {
        const OP: &str = "migrate";
        if self.inner.jobs.is_closed() {
            return Err(StoreError::Closed { op: OP });
        }
        let mut conn = self.inner.write.lock(OP).await?;
        let mut done = migrate(&mut conn, steps).await;
        // Two processes that open a new database together see the same gap, and the slower one then finds the tables
        // there. sqlx takes no lock on SQLite; looking again shows what the other has applied.
        for _ in 0..10 {
            if !matches!(done, Err(MigrateError::Execute(_) | MigrateError::ExecuteMigration(..))) {
                break;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
            done = migrate(&mut conn, steps).await;
        }
        done.map_err(|e| StoreError::Migrate { op: OP, source: Arc::new(e) })
    }

    /// Version of the last applied migration, 0 for an empty database.
    pub async fn schema_version(&self) -> Result<i64, StoreError> {
        const OP: &str = "schema_version";
        let known = self.dialect().pick(
            "SELECT COUNT(*) FROM sqlite_master WHERE name = '_sqlx_migrations'",
            "SELECT COUNT(*) FROM pg_tables WHERE schemaname = current_schema() AND tablename = '_sqlx_migrations'",
        );
        let known: i64 = query(known).scalar(self.read()).await.op(OP)?;
        if known == 0 {
            return Ok(0);
        }
        query("SELECT COALESCE(MAX(version), 0) FROM _sqlx_migrations WHERE success").scalar(self.read()).await.op(OP)
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
        self.archive_end().await;
        self.inner.pool.close().await;
        match self.inner.write.slot.lock().await.take() {
            Some(conn) => conn.close().await.op("close"),
            None => Ok(()),
        }
    }

    pub(crate) fn read(&self) -> &Pool {
        &self.inner.pool
    }

    /// The embedded database's file.
    pub(crate) fn file(&self) -> Option<PathBuf> {
        match &self.inner.write.options {
            Options::Sqlite(options) => Some(options.get_filename().to_owned()),
            Options::Postgres(_) => None,
        }
    }

    pub(crate) fn rings(&self) -> &Rings {
        &self.inner.rings
    }

    pub(crate) fn archiver(&self) -> &Mutex<Option<Archiver>> {
        &self.inner.archiver
    }

    pub(crate) fn write_connection(&self) -> Arc<WriteConnection> {
        Arc::clone(&self.inner.write)
    }

    pub(crate) fn dialect(&self) -> Dialect {
        self.inner.pool.dialect()
    }

    /// A transaction that borrows nothing, for what takes several calls.
    pub(crate) async fn held(&self, op: &'static str) -> Result<Tx<'static>, StoreError> {
        if self.inner.jobs.is_closed() {
            return Err(StoreError::Closed { op });
        }
        match self.dialect() {
            Dialect::Sqlite => self.inner.write.held(op).await.map(Tx::Held),
            Dialect::Postgres => self.inner.pool.begin().await.op(op),
        }
    }

    /// For one statement that writes, or one small transaction. On SQLite callers queue fairly with the group commits for the one write
    /// connection; PostgreSQL takes them side by side.
    pub(crate) async fn write(&self, op: &'static str) -> Result<Write<'_>, StoreError> {
        if self.inner.jobs.is_closed() {
            return Err(StoreError::Closed { op });
        }
        Ok(match self.dialect() {
            Dialect::Sqlite => Write::One(self.inner.write.lock(op).await?),
            Dialect::Postgres => Write::Pool(&self.inner.pool),
        })
    }
}

/// Where a single statement is written.
pub(crate) enum Write<'s> {
    One(MappedMutexGuard<'s, Connection>),
    Pool(&'s Pool),
}

impl Write<'_> {
    pub(crate) async fn begin(&mut self) -> Result<Tx<'_>, sqlx::Error> {
        match self {
            Self::One(conn) => conn.begin().await,
            Self::Pool(pool) => pool.begin().await,
        }
    }
}

impl<'c> From<&'c mut Write<'_>> for On<'c> {
    fn from(write: &'c mut Write<'_>) -> Self {
        match write {
            Write::One(conn) => On::from(&mut **conn),
            Write::Pool(pool) => On::from(*pool),
        }
    }
}

/// The writer's connection. It is opened again after a failed transaction: SQLite rolls back by itself when the disk
/// is full, and sqlx would then believe for ever that it is still inside that transaction; a server may be gone and back.
pub(crate) struct WriteConnection {
    slot: Arc<Mutex<Option<Connection>>>,
    options: Options,
}

impl WriteConnection {
    pub(crate) async fn lock(&self, op: &'static str) -> Result<MappedMutexGuard<'_, Connection>, StoreError> {
        let mut slot = self.slot.lock().await;
        let conn = match slot.take() {
            Some(conn) => conn,
            None => Connection::open(&self.options).await.op(op)?,
        };
        Ok(MutexGuard::map(slot, |slot| slot.insert(conn)))
    }

    /// A transaction on it that borrows nothing; nobody else writes until it ends.
    async fn held(&self, op: &'static str) -> Result<Held, StoreError> {
        let mut slot = Arc::clone(&self.slot).lock_owned().await;
        if slot.is_none() {
            *slot = Some(Connection::open(&self.options).await.op(op)?);
        }
        Held::begin(slot).await.op(op)
    }

    /// Drops the connection; the next user opens a new one.
    pub(crate) async fn discard(&self) {
        self.slot.lock().await.take();
    }
}

/// The connection to write with and those to read from. Another process may be making the same file: turning a new one to WAL does not
/// wait for whoever is doing so, whatever the busy timeout says, and a look at tables that change meanwhile is refused.
async fn connections(connect: &Options, options: &StoreOptions) -> Result<(Arc<WriteConnection>, Pool), StoreError> {
    let mut tries = 1;
    loop {
        match look_and_connect(connect, options).await {
            Err(StoreError::Busy { .. }) if tries < OPEN_TRIES => tries += 1,
            done => return done,
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

async fn look_and_connect(
    connect: &Options,
    options: &StoreOptions,
) -> Result<(Arc<WriteConnection>, Pool), StoreError> {
    if let Options::Sqlite(file) = connect {
        damage::look_for(file.get_filename()).await?;
    }
    let write = Arc::new(WriteConnection { slot: Arc::default(), options: connect.clone() });
    drop(write.lock("open").await?); // creates the file before a reader looks for it
    let pool = location::pool(connect.clone(), options).await?;
    Ok((write, pool))
}

async fn migrate(conn: &mut Connection, steps: &[Step]) -> Result<(), MigrateError> {
    let carried = steps.iter().position(|(version, ..)| *version == NO_ACCESS_LOG);
    if let Some(until) = carried
        && applied(conn).await < NO_ACCESS_LOG
    {
        apply(conn, &steps[..until], true).await?;
        audit::carry_over(conn).await.map_err(MigrateError::Execute)?;
    }
    apply(conn, steps, false).await
}

/// Version of the last applied migration, 0 where it cannot be told: sqlx says then what is wrong.
async fn applied(conn: &mut Connection) -> i64 {
    query("SELECT COALESCE(MAX(version), 0) FROM _sqlx_migrations").scalar(conn).await.unwrap_or(0)
}

/// `part`: there may be later steps than these in the database already.
async fn apply(conn: &mut Connection, steps: &[Step], part: bool) -> Result<(), MigrateError> {
    match conn {
        Connection::Sqlite(conn) => migrator(Dialect::Sqlite, steps, part).run_direct(None, conn, false).await,
        Connection::Postgres(conn) => migrator(Dialect::Postgres, steps, part).run_direct(None, conn, false).await,
    }
}

fn migrator(dialect: Dialect, steps: &[Step], part: bool) -> Migrator {
    let migrations = steps.iter().map(|&(version, name, sqlite, postgres)| {
        let sql = dialect.pick(sqlite, postgres);
        Migration::new(version, Cow::Borrowed(name), MigrationType::Simple, sql.into_sql_str(), false)
    });
    let mut migrator = Migrator::with_migrations(migrations.collect());
    migrator.set_ignore_missing(part);
    migrator
}

#[cfg(test)]
mod migrated;

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
                appeals: vec![],
                persons: vec![],
                attachments: vec![],
                outbox: vec![],
                terms: None,
                forget: false,
            }),
        }
    }

    /// SQLite's own limit of pages stands in for the disk's. It belongs to the connection, so that the next job also
    /// shows that the connection is opened again: sqlx would otherwise refuse every later transaction.
    #[tokio::test]
    async fn a_full_disk_is_said_and_leaves_nothing_half_written() {
        let dir = tempfile::tempdir().unwrap();
        let store =
            Store::open(dir.path().to_str().unwrap(), StoreOptions::with_key(jiesu_testkit::MASTER)).await.unwrap();
        store.migrate().await.unwrap();
        let bj = Jurisdiction { jurisdiction: "bj".into(), name: "b".into(), parent: None };
        store.jurisdiction_put(&bj).await.unwrap();
        query("PRAGMA max_page_count = 60").execute(&mut store.write("test").await.unwrap()).await.unwrap();
        // Nothing that can be pressed.
        let mut seed = 1_u64;
        let mut letter = || {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            char::from(b'a' + ((seed >> 33) % 26) as u8)
        };
        let big = format!("\"{}\"", (0..1 << 20).map(|_| letter()).collect::<String>());
        let (full, along) = tokio::join!(store.append(job(big)), store.append(job("{}".into())));
        assert!(matches!(full, Err(StoreError::Full { .. })), "{full:?}");
        assert!(matches!(along, Err(StoreError::Full { .. })), "one transaction, one fate: {along:?}");
        let after = store.append(job("{}".into())).await.unwrap();
        assert_eq!(after, Outcome::Done { ticket: "1".into(), version: 1, seq: 1 }, "no number was used up");
        assert_eq!(store.verify_chain("bj", |_, _| {}).await.unwrap().fault, None);
    }

    #[test]
    fn every_migration_file_is_embedded() {
        let dir = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations");
        let files: Vec<String> =
            std::fs::read_dir(dir).unwrap().map(|f| std::fs::read_to_string(f.unwrap().path()).unwrap()).collect();
        for file in &files {
            assert!(MIGRATIONS.iter().any(|(.., sqlite, postgres)| file == sqlite || file == postgres), "{file}");
        }
        let versions: Vec<i64> = MIGRATIONS.iter().map(|(version, ..)| *version).collect();
        assert!(versions.is_sorted_by(|a, b| a < b), "in order: {versions:?}");
    }
}
