//! `jiesu-testkit`: databases for the tests, and nothing that a centre runs on. The same test runs on SQLite, in a temporary directory,
//! and on PostgreSQL, in a schema of its own of the temporary cluster that `scripts/test-postgres.sh` keeps.
#![allow(clippy::unwrap_used, reason = "a test says what it expects by failing")]

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

mod private;

pub use private::Cluster;
use sqlx::{AssertSqlSafe, Connection, PgConnection, Row, SqliteConnection};
use tempfile::TempDir;

/// The master key of every test, and the same for the environment of a process (`JIESU_MASTER_KEY`).
pub const MASTER: [u8; 16] = [7; 16];
/// [`MASTER`] in hex.
pub const MASTER_HEX: &str = "07070707070707070707070707070707";

/// Which database a test runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A file in a temporary directory.
    Sqlite,
    /// A schema of the temporary cluster.
    Postgres,
}

impl Kind {
    /// SQLite, or what `JIESU_TEST_DATABASE` says: for suites that are run as a whole on one and then on the other.
    pub fn chosen() -> Self {
        match std::env::var("JIESU_TEST_DATABASE").as_deref() {
            Ok("postgres") => Self::Postgres,
            Ok("sqlite") | Err(_) => Self::Sqlite,
            Ok(other) => panic!("JIESU_TEST_DATABASE is sqlite or postgres, not {other:?}"),
        }
    }
}

/// A fresh, empty database. What it holds goes when it is dropped.
#[derive(Debug)]
pub struct TestDb {
    /// Which one.
    pub kind: Kind,
    dir: TempDir,
    location: String,
}

impl TestDb {
    /// Makes one.
    pub async fn new(kind: Kind) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let location = match kind {
            Kind::Sqlite => dir.path().to_str().unwrap().to_owned(),
            Kind::Postgres => schema().await,
        };
        Self { kind, dir, location }
    }

    /// The empty database of a cluster that a test has for itself.
    pub fn on(cluster: &Cluster) -> Self {
        Self { kind: Kind::Postgres, dir: tempfile::tempdir().unwrap(), location: cluster.url().to_owned() }
    }

    /// A database that is there already, under another role.
    pub fn at(location: &str) -> Self {
        Self { kind: Kind::Postgres, dir: tempfile::tempdir().unwrap(), location: location.to_owned() }
    }

    /// What the store opens.
    pub fn location(&self) -> &str {
        &self.location
    }

    /// A temporary directory beside it; on SQLite the one that the file is in.
    pub fn dir(&self) -> &Path {
        self.dir.path()
    }

    /// The file, on SQLite.
    pub fn file(&self) -> PathBuf {
        assert_eq!(self.kind, Kind::Sqlite, "PostgreSQL has no file");
        self.dir.path().join("jiesu.db")
    }

    /// Runs statements behind the store's back, one after the other.
    ///
    /// # Errors
    /// What the database says.
    pub async fn run(&self, sql: &str) -> Result<u64, sqlx::Error> {
        let sql = sqlx::raw_sql(AssertSqlSafe(sql.to_owned()));
        Ok(match self.kind {
            Kind::Sqlite => sql.execute(&mut self.sqlite().await).await?.rows_affected(),
            Kind::Postgres => sql.execute(&mut self.postgres().await).await?.rows_affected(),
        })
    }

    /// The rows of a query, each column as text: `a|b`.
    pub async fn rows(&self, sql: &str) -> Vec<String> {
        let query = sqlx::raw_sql(AssertSqlSafe(sql.to_owned()));
        match self.kind {
            Kind::Sqlite => {
                let rows = query.fetch_all(&mut self.sqlite().await).await.unwrap();
                rows.iter().map(|row| line(row.len(), |i| row.try_get_unchecked(i))).collect()
            }
            Kind::Postgres => {
                let rows = query.fetch_all(&mut self.postgres().await).await.unwrap();
                rows.iter().map(|row| line(row.len(), |i| row.try_get_unchecked(i))).collect()
            }
        }
    }

    async fn sqlite(&self) -> SqliteConnection {
        let url = format!("sqlite://{}?mode=rwc", self.file().display());
        SqliteConnection::connect(&url).await.unwrap()
    }

    async fn postgres(&self) -> PgConnection {
        PgConnection::connect(&self.location).await.unwrap()
    }
}

fn line(columns: usize, get: impl Fn(usize) -> Result<Option<String>, sqlx::Error>) -> String {
    (0..columns).map(|i| get(i).unwrap().unwrap_or_default()).collect::<Vec<_>>().join("|")
}

/// Address of a schema that nobody else has.
async fn schema() -> String {
    static MADE: AtomicU32 = AtomicU32::new(0);
    let name = format!("t{}_{}", std::process::id(), MADE.fetch_add(1, Ordering::Relaxed));
    let cluster = cluster();
    let mut conn = PgConnection::connect(cluster).await.unwrap();
    // A process number may have been used before.
    let sql = format!("DROP SCHEMA IF EXISTS {name} CASCADE; CREATE SCHEMA {name}");
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut conn).await.unwrap();
    format!("{cluster}&options=-csearch_path%3D{name}")
}

/// Address of the temporary cluster, which is started if it is not running.
pub fn cluster() -> &'static str {
    static URL: OnceLock<String> = OnceLock::new();
    URL.get_or_init(|| script(&[]))
}

/// What `scripts/test-postgres.sh` prints.
fn script(args: &[&str]) -> String {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scripts/test-postgres.sh");
    let done = Command::new(&script).args(args).output().unwrap_or_else(|e| panic!("{}: {e}", script.display()));
    assert!(done.status.success(), "PostgreSQL {args:?}: {}", String::from_utf8_lossy(&done.stderr));
    String::from_utf8(done.stdout).unwrap().trim().to_owned()
}

/// The same tests on each database: `on_both! { name, other }` for functions `async fn name(kind: Kind)`.
#[macro_export]
macro_rules! on_both {
    ($($name:ident),* $(,)?) => { $(
        mod $name {
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                super::$name($crate::Kind::Sqlite).await;
            }
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                super::$name($crate::Kind::Postgres).await;
            }
        }
    )* };
}
