//! Connections, pools and transactions of either database.

use sqlx::postgres::{PgConnectOptions, PgPool};
use sqlx::sqlite::{SqliteConnectOptions, SqlitePool};
use sqlx::{Connection as _, PgConnection, Postgres, Sqlite, SqliteConnection, Transaction};
use tokio::sync::OwnedMutexGuard;

use super::{Dialect, in_time};
use crate::figures::Connections;

/// What a statement runs on.
pub(crate) enum On<'c> {
    SqlitePool(&'c SqlitePool),
    Sqlite(&'c mut SqliteConnection),
    PostgresPool(&'c PgPool),
    Postgres(&'c mut PgConnection),
}

/// Connections to read from; on PostgreSQL also those for single statements that write.
#[derive(Debug, Clone)]
pub(crate) enum Pool {
    Sqlite(SqlitePool),
    Postgres(PgPool),
}

impl Pool {
    pub(crate) fn dialect(&self) -> Dialect {
        match self {
            Self::Sqlite(_) => Dialect::Sqlite,
            Self::Postgres(_) => Dialect::Postgres,
        }
    }

    pub(crate) fn connections(&self) -> Connections {
        let (open, idle, most) = match self {
            Self::Sqlite(pool) => (pool.size(), pool.num_idle(), pool.options().get_max_connections()),
            Self::Postgres(pool) => (pool.size(), pool.num_idle(), pool.options().get_max_connections()),
        };
        Connections { open, idle: u32::try_from(idle).unwrap_or(u32::MAX).min(open), most }
    }

    pub(crate) async fn close(&self) {
        match self {
            Self::Sqlite(pool) => pool.close().await,
            Self::Postgres(pool) => pool.close().await,
        }
    }

    /// A transaction that reads one state of the database, whatever is written meanwhile.
    pub(crate) async fn snapshot(&self) -> Result<Tx<'static>, sqlx::Error> {
        const ONE_STATE: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
        Ok(match self {
            Self::Sqlite(pool) => Tx::Sqlite(pool.begin().await?),
            Self::Postgres(pool) => Tx::Postgres(pool.begin_with(ONE_STATE).await?),
        })
    }

    /// A transaction that writes.
    pub(crate) async fn begin(&self) -> Result<Tx<'static>, sqlx::Error> {
        Ok(match self {
            Self::Sqlite(pool) => Tx::Sqlite(pool.begin_with("BEGIN IMMEDIATE").await?),
            Self::Postgres(pool) => Tx::Postgres(pool.begin().await?),
        })
    }
}

impl<'c> From<&'c Pool> for On<'c> {
    fn from(pool: &'c Pool) -> Self {
        match pool {
            Pool::Sqlite(pool) => On::SqlitePool(pool),
            Pool::Postgres(pool) => On::PostgresPool(pool),
        }
    }
}

/// How a connection is made.
#[derive(Debug, Clone)]
pub(crate) enum Options {
    Sqlite(SqliteConnectOptions),
    Postgres(PgConnectOptions),
}

/// One connection.
#[derive(Debug)]
pub(crate) enum Connection {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

impl Connection {
    pub(crate) async fn open(options: &Options) -> Result<Self, sqlx::Error> {
        Ok(match options {
            Options::Sqlite(options) => Self::Sqlite(SqliteConnection::connect_with(options).await?),
            Options::Postgres(options) => Self::Postgres(in_time(PgConnection::connect_with(options)).await?),
        })
    }

    /// A transaction that writes: SQLite takes its one lock at once.
    pub(crate) async fn begin(&mut self) -> Result<Tx<'_>, sqlx::Error> {
        Ok(match self {
            Self::Sqlite(conn) => Tx::Sqlite(conn.begin_with("BEGIN IMMEDIATE").await?),
            Self::Postgres(conn) => Tx::Postgres(in_time(conn.begin()).await?),
        })
    }

    pub(crate) async fn close(self) -> Result<(), sqlx::Error> {
        match self {
            Self::Sqlite(conn) => conn.close().await,
            Self::Postgres(conn) => conn.close().await,
        }
    }
}

impl<'c> From<&'c mut Connection> for On<'c> {
    fn from(conn: &'c mut Connection) -> Self {
        match conn {
            Connection::Sqlite(conn) => On::Sqlite(conn),
            Connection::Postgres(conn) => On::Postgres(conn),
        }
    }
}

/// A transaction; rolled back when it is dropped.
#[derive(Debug)]
pub(crate) enum Tx<'c> {
    Sqlite(Transaction<'c, Sqlite>),
    Postgres(Transaction<'c, Postgres>),
    /// Borrows nothing: it has the one connection that writes to a file for itself.
    Held(Held),
}

/// The one connection that writes to a file, inside a transaction. Whoever drops it gives it to the next one rolled back.
#[derive(Debug)]
pub(crate) struct Held {
    /// `None` once the transaction has ended.
    slot: Option<OwnedMutexGuard<Option<Connection>>>,
}

impl Held {
    /// Begins on the connection in this slot.
    pub(crate) async fn begin(mut slot: OwnedMutexGuard<Option<Connection>>) -> Result<Self, sqlx::Error> {
        match slot.as_mut() {
            Some(Connection::Sqlite(conn)) => sqlx::raw_sql("BEGIN IMMEDIATE").execute(conn).await?,
            _ => return Err(no_connection()),
        };
        Ok(Self { slot: Some(slot) })
    }

    fn conn(&mut self) -> &mut SqliteConnection {
        match self.slot.as_mut().and_then(|slot| slot.as_mut()) {
            Some(Connection::Sqlite(conn)) => conn,
            _ => unreachable!("it began on a connection to a file, and only ending takes that away"),
        }
    }

    async fn commit(mut self) -> Result<(), sqlx::Error> {
        sqlx::raw_sql("COMMIT").execute(self.conn()).await?;
        self.slot = None;
        Ok(())
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let Some(slot) = self.slot.take() else { return };
        match tokio::runtime::Handle::try_current() {
            Ok(runtime) => drop(runtime.spawn(rolled_back(slot))),
            // A connection that is closed has rolled back.
            Err(_) => drop({ slot }.take()),
        }
    }
}

/// Whoever waits for the connection gets it after this; one that cannot roll back is closed, and the next one opens another.
async fn rolled_back(mut slot: OwnedMutexGuard<Option<Connection>>) {
    let back = match slot.as_mut() {
        Some(Connection::Sqlite(conn)) => sqlx::raw_sql("ROLLBACK").execute(conn).await.is_ok(),
        _ => false,
    };
    if !back {
        slot.take();
    }
}

fn no_connection() -> sqlx::Error {
    sqlx::Error::Io(std::io::Error::from(std::io::ErrorKind::NotConnected))
}

impl Tx<'_> {
    pub(crate) fn dialect(&self) -> Dialect {
        match self {
            Self::Sqlite(_) | Self::Held(_) => Dialect::Sqlite,
            Self::Postgres(_) => Dialect::Postgres,
        }
    }

    pub(crate) async fn commit(self) -> Result<(), sqlx::Error> {
        match self {
            Self::Sqlite(tx) => tx.commit().await,
            Self::Postgres(tx) => in_time(tx.commit()).await,
            Self::Held(held) => held.commit().await,
        }
    }

    pub(crate) async fn rollback(self) -> Result<(), sqlx::Error> {
        match self {
            Self::Sqlite(tx) => tx.rollback().await,
            Self::Postgres(tx) => in_time(tx.rollback()).await,
            Self::Held(held) => {
                drop(held);
                Ok(())
            }
        }
    }
}

impl<'c> From<&'c mut Tx<'_>> for On<'c> {
    fn from(tx: &'c mut Tx<'_>) -> Self {
        match tx {
            Tx::Sqlite(tx) => On::Sqlite(&mut *tx),
            Tx::Postgres(tx) => On::Postgres(&mut *tx),
            Tx::Held(held) => On::Sqlite(held.conn()),
        }
    }
}
