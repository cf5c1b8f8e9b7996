//! The thin layer over the two databases. Every column of the schema is BIGINT or TEXT, so that one kind of value goes in and one kind of
//! row comes out, and one text of SQL runs on SQLite and on PostgreSQL. Whatever cannot be one text asks [`Dialect`]; those places are
//! counted in the head of the crate, and a test counts them again.

mod conn;
mod query;
mod row;

pub(crate) use conn::{Connection, On, Options, Pool, Tx};
pub(crate) use query::{Query, Tuple, Value, query};
pub(crate) use row::{Row, all};

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
