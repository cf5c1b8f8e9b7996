//! What a search is held against: the same texts in a plain table, looked through by `LIKE`, on PostgreSQL with pg_trgm too, and the raw limit.
//! Like `bare`, with SQL of its own: a yardstick that went through the store would measure the store against itself.

use std::{path::Path, time::Instant as Stopwatch};

use sqlx::{AssertSqlSafe, Connection, PgConnection, SqliteConnection, sqlite::SqliteConnectOptions};

use super::{
    super::{Anything, commands::PLACE, grouped, server::Times},
    texts::Language,
};

/// Rows of one statement.
const ROWS: u64 = 200;
/// Longest single search, in milliseconds.
const PATIENCE: u64 = 30_000;
/// Rows of a page, and of the raw limit.
const PAGE: usize = 50;

/// A connection to either database.
pub(super) enum Plain {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

/// The same statement on either.
macro_rules! on_either {
    ($plain:expr, $sql:expr, $fetch:ident as $row:ty) => {
        match $plain {
            Plain::Sqlite(conn) => sqlx::query_as::<_, $row>(AssertSqlSafe($sql)).persistent(false).$fetch(conn).await,
            Plain::Postgres(conn) => {
                sqlx::query_as::<_, $row>(AssertSqlSafe($sql)).persistent(false).$fetch(conn).await
            }
        }
    };
}

impl Plain {
    pub(super) async fn sqlite(dir: &Path) -> Result<Plain, Anything> {
        let options = SqliteConnectOptions::new().filename(dir.join("jiesu.db")).pragma("cache_size", "-65536");
        Ok(Plain::Sqlite(SqliteConnection::connect_with(&options).await?))
    }

    pub(super) async fn postgres(url: &str) -> Result<Plain, Anything> {
        Ok(Plain::Postgres(PgConnection::connect(url).await?))
    }

    /// Takes the index of the words away, where the database can build it at once. The statement that builds it.
    pub(super) async fn drop_index(&mut self) -> Result<Option<String>, Anything> {
        let Plain::Postgres(conn) = self else { return Ok(None) };
        let sql =
            "SELECT indexdef FROM pg_indexes WHERE schemaname = current_schema() AND indexname = 'ticket_terms_terms'";
        let (index,): (String,) = sqlx::query_as(sql).fetch_one(conn).await?;
        self.run("DROP INDEX ticket_terms_terms; SET maintenance_work_mem = '512MB'").await?;
        Ok(Some(index))
    }

    pub(super) async fn run(&mut self, sql: &str) -> Result<(), Anything> {
        let sql = sqlx::raw_sql(AssertSqlSafe(sql.to_owned()));
        match self {
            Plain::Sqlite(conn) => sql.execute(conn).await.map(drop)?,
            Plain::Postgres(conn) => sql.execute(conn).await.map(drop)?,
        }
        Ok(())
    }

    pub(super) async fn number(&mut self, sql: &str) -> Result<i64, Anything> {
        let (number,): (i64,) = on_either!(self, format!("SELECT CAST(({sql}) AS BIGINT)"), fetch_one as (i64,))?;
        Ok(number)
    }

    /// Makes the plain table of the texts.
    pub(super) async fn fill(&mut self, language: &Language, documents: u64) -> Result<(), Anything> {
        self.run("CREATE TABLE plain (doc BIGINT NOT NULL PRIMARY KEY, text TEXT NOT NULL)").await?;
        self.run("BEGIN").await?;
        for chunk in (0..documents).step_by(ROWS as usize) {
            let row = |no: u64| {
                let texts = language.texts(no);
                format!("({no}, '{}\n{}\n{}\n{}')", texts.title, texts.content, texts.reply, texts.place)
            };
            let rows: Vec<String> = (chunk..documents.min(chunk + ROWS)).map(row).collect();
            self.run(&format!("INSERT INTO plain VALUES {}", rows.join(", "))).await?;
        }
        self.run("COMMIT").await
    }

    /// The newest tickets that have a text, by `LIKE`. How long that took, in milliseconds; longest patience where it was given up.
    pub(super) async fn like(&mut self, queries: &[String]) -> Result<Times, Anything> {
        if matches!(self, Plain::Postgres(_)) {
            self.run(&format!("SET statement_timeout = {PATIENCE}")).await?;
        }
        let mut times = Times::default();
        for query in queries {
            let like = |word: &str| format!("text LIKE '%{}%'", word.replace('\'', "''"));
            let all = query.split_whitespace().map(like).collect::<Vec<_>>().join(" AND ");
            let sql = format!("SELECT doc, text FROM plain WHERE {all} ORDER BY doc DESC LIMIT {}", PAGE + 1);
            let began = Stopwatch::now();
            match on_either!(self, sql, fetch_all as (i64, String)) {
                Ok(_) => {}
                // Cancelled: it took at least so long.
                Err(sqlx::Error::Database(e)) if e.code().as_deref() == Some("57014") => {}
                Err(e) => return Err(e.into()),
            }
            times.push(began.elapsed());
        }
        if matches!(self, Plain::Postgres(_)) {
            self.run("RESET statement_timeout").await?;
        }
        Ok(times)
    }

    /// Rows of fifty tickets by their keys, and nothing else.
    pub(super) async fn raw(&mut self, numbers: &[String]) -> Result<Times, Anything> {
        let mut times = Times::default();
        for n in 0..200 {
            let keys =
                (0..PAGE).map(|i| format!("'{}'", numbers[(n * PAGE + i * 7) % numbers.len()])).collect::<Vec<_>>();
            let columns = "ticket, version, state, kind, title, channel, lead, place, body";
            let sql = format!(
                "SELECT {columns} FROM ticket WHERE jurisdiction = '{PLACE}' AND ticket IN ({})",
                keys.join(", ")
            );
            let began = Stopwatch::now();
            match self {
                Plain::Sqlite(conn) => drop(sqlx::query(AssertSqlSafe(sql)).persistent(false).fetch_all(conn).await?),
                Plain::Postgres(conn) => drop(sqlx::query(AssertSqlSafe(sql)).persistent(false).fetch_all(conn).await?),
            }
            times.push(began.elapsed());
        }
        Ok(times)
    }

    /// Bytes of the index of the tickets' words, with what belongs to it.
    pub(super) async fn size(&mut self) -> Result<String, Anything> {
        let mb = |bytes: i64| grouped(bytes as f64 / 1e6);
        Ok(match self {
            Plain::Sqlite(_) => {
                let index = self.number("SELECT SUM(LENGTH(block)) FROM ticket_terms_data").await?;
                let sizes = self.number("SELECT SUM(LENGTH(sz)) FROM ticket_terms_docsize").await?;
                format!("{} MB，另有各文档长度 {} MB", mb(index), mb(sizes))
            }
            Plain::Postgres(_) => {
                let index = self.number("SELECT pg_relation_size('ticket_terms_terms')").await?;
                let table = self.number("SELECT pg_total_relation_size('ticket_terms')").await?;
                format!("{} MB，词表连同索引 {} MB", mb(index), mb(table))
            }
        })
    }
}
