//! A statement with its values.

use std::borrow::Cow;
use std::fmt::Write;

use sqlx::postgres::{PgArguments, PgPool};
use sqlx::sqlite::{SqliteArguments, SqlitePool};
use sqlx::{Arguments, AssertSqlSafe, PgConnection, SqliteConnection};

use super::conn::On;
use super::row::{Column, Row};
use super::{count, in_time};

/// A value of one of the two types that the schema has, or a column of them, which only PostgreSQL takes.
#[derive(Debug, Clone)]
pub(crate) enum Value {
    Number(Option<i64>),
    Text(Option<String>),
    Numbers(Vec<Option<i64>>),
    Texts(Vec<Option<String>>),
}

impl Value {
    /// A column that begins with it.
    fn column(self) -> Value {
        match self {
            Value::Number(n) => Value::Numbers(vec![n]),
            Value::Text(text) => Value::Texts(vec![text]),
            column => column,
        }
    }

    /// The next value of a column.
    fn take(&mut self, next: Value) {
        match (self, next) {
            (Value::Numbers(all), Value::Number(n)) => all.push(n),
            (Value::Texts(all), Value::Text(text)) => all.push(text),
            _ => unreachable!("the same closure binds each row"),
        }
    }
}

impl From<i64> for Value {
    fn from(n: i64) -> Self {
        Self::Number(Some(n))
    }
}
impl From<Option<i64>> for Value {
    fn from(n: Option<i64>) -> Self {
        Self::Number(n)
    }
}
impl From<bool> for Value {
    fn from(flag: bool) -> Self {
        Self::Number(Some(i64::from(flag)))
    }
}
impl From<Option<bool>> for Value {
    fn from(flag: Option<bool>) -> Self {
        Self::Number(flag.map(i64::from))
    }
}
impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(Some(text.to_owned()))
    }
}
impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(Some(text))
    }
}
impl From<&String> for Value {
    fn from(text: &String) -> Self {
        Self::Text(Some(text.clone()))
    }
}
impl From<Option<&str>> for Value {
    fn from(text: Option<&str>) -> Self {
        Self::Text(text.map(str::to_owned))
    }
}
impl From<Option<String>> for Value {
    fn from(text: Option<String>) -> Self {
        Self::Text(text)
    }
}
impl From<&Option<String>> for Value {
    fn from(text: &Option<String>) -> Self {
        Self::Text(text.clone())
    }
}

/// A statement that is being written, and its values in the order of `$1`, `$2`, ….
#[derive(Debug)]
pub(crate) struct Query {
    text: Cow<'static, str>,
    values: Vec<Value>,
    kept: bool,
}

/// Begins a statement. Its text never holds what came from outside: values are bound.
pub(crate) fn query(text: impl Into<Cow<'static, str>>) -> Query {
    Query { text: text.into(), values: Vec::new(), kept: true }
}

impl Query {
    /// The value of the next `$n` of the text.
    pub(crate) fn bind(mut self, value: impl Into<Value>) -> Self {
        self.values.push(value.into());
        self
    }

    /// More text.
    pub(crate) fn push(&mut self, text: &str) -> &mut Self {
        self.text.to_mut().push_str(text);
        self
    }

    /// Writes the next `$n`, and its value.
    pub(crate) fn push_bind(&mut self, value: impl Into<Value>) -> &mut Self {
        self.values.push(value.into());
        let place = self.values.len();
        let _ = write!(self.text.to_mut(), "${place}"); // a String takes everything
        self
    }

    /// `VALUES ($1, $2), ($3, $4)`, a bracket for each row.
    pub(crate) fn push_values<T>(
        &mut self,
        rows: impl IntoIterator<Item = T>,
        bind: impl Fn(&mut Tuple<'_>, T),
    ) -> &mut Self {
        for (i, row) in rows.into_iter().enumerate() {
            self.push(if i == 0 { "VALUES (" } else { ", (" });
            bind(&mut Tuple { query: self, first: true }, row);
            self.push(")");
        }
        self
    }

    /// The same rows as `SELECT * FROM unnest($1, $2)`, each parameter a column: a text that does not change with how many they are. For
    /// PostgreSQL.
    pub(crate) fn push_columns<T>(
        &mut self,
        rows: impl IntoIterator<Item = T>,
        bind: impl Fn(&mut Tuple<'_>, T),
    ) -> &mut Self {
        let mut columns: Vec<Value> = Vec::new();
        let mut one = query(String::new());
        for row in rows {
            one.text.to_mut().clear();
            bind(&mut Tuple { query: &mut one, first: true }, row);
            let values = one.values.drain(..);
            if columns.is_empty() {
                columns = values.map(Value::column).collect();
            } else {
                columns.iter_mut().zip(values).for_each(|(column, value)| column.take(value));
            }
        }
        self.push("SELECT * FROM unnest(").push_list(columns).push(")")
    }

    /// `$1, $2, $3`: a list for `IN (…)`.
    pub(crate) fn push_list<T: Into<Value>>(&mut self, values: impl IntoIterator<Item = T>) -> &mut Self {
        let mut list = Tuple { query: self, first: true };
        for value in values {
            list.bind(value);
        }
        self
    }

    /// Another statement's text and values behind its own.
    pub(crate) fn append(&mut self, other: Query) -> &mut Self {
        let mut values = other.values.into_iter();
        let mut rest = &*other.text;
        // Its parameters stand in their order, as `push_bind` writes them.
        while let Some((before, after)) = rest.split_once('$') {
            self.push(before);
            rest = after.trim_start_matches(|c: char| c.is_ascii_digit());
            if let Some(value) = values.next() {
                self.push_bind(value);
            }
        }
        self.push(rest)
    }

    /// Not to be kept prepared: its text hardly ever comes back, or is planned better with its values in sight.
    pub(crate) fn once(mut self) -> Self {
        self.kept = false;
        self
    }

    /// Keeps it prepared or not.
    pub(crate) fn kept(mut self, kept: bool) -> Self {
        self.kept = kept;
        self
    }

    /// All rows.
    pub(crate) async fn fetch_all<'c>(self, on: impl Into<On<'c>>) -> Result<Vec<Row>, sqlx::Error> {
        count();
        match on.into() {
            On::SqlitePool(pool) => self.all_sqlite(pool).await,
            On::Sqlite(conn) => self.all_sqlite(conn).await,
            On::PostgresPool(pool) => self.all_postgres(pool).await,
            On::Postgres(conn) => self.all_postgres(conn).await,
        }
    }

    /// The first row, if there is one.
    pub(crate) async fn fetch_optional<'c>(self, on: impl Into<On<'c>>) -> Result<Option<Row>, sqlx::Error> {
        Ok(self.fetch_all(on).await?.into_iter().next())
    }

    /// The first column of the first row, if there is one.
    pub(crate) async fn scalar_optional<'c, T: Column>(self, on: impl Into<On<'c>>) -> Result<Option<T>, sqlx::Error> {
        self.fetch_optional(on).await?.map(|row| row.at(0)).transpose()
    }

    /// The first column of the row that there always is.
    pub(crate) async fn scalar<'c, T: Column>(self, on: impl Into<On<'c>>) -> Result<T, sqlx::Error> {
        self.scalar_optional(on).await?.ok_or(sqlx::Error::RowNotFound)
    }

    /// Runs it; how many rows it changed.
    pub(crate) async fn execute<'c>(self, on: impl Into<On<'c>>) -> Result<u64, sqlx::Error> {
        count();
        match on.into() {
            On::SqlitePool(pool) => self.run_sqlite(pool).await,
            On::Sqlite(conn) => self.run_sqlite(conn).await,
            On::PostgresPool(pool) => self.run_postgres(pool).await,
            On::Postgres(conn) => self.run_postgres(conn).await,
        }
    }

    async fn all_sqlite<'c, E>(self, on: E) -> Result<Vec<Row>, sqlx::Error>
    where
        E: sqlx::Executor<'c, Database = sqlx::Sqlite>,
    {
        let kept = self.kept;
        let (text, values) = self.sqlite()?;
        let rows = sqlx::query_with(text, values).persistent(kept).fetch_all(on).await?;
        Ok(rows.into_iter().map(Row::Sqlite).collect())
    }

    async fn all_postgres<'c, E>(self, on: E) -> Result<Vec<Row>, sqlx::Error>
    where
        E: sqlx::Executor<'c, Database = sqlx::Postgres>,
    {
        let kept = self.kept;
        let (text, values) = self.postgres()?;
        let rows = in_time(sqlx::query_with(text, values).persistent(kept).fetch_all(on)).await?;
        Ok(rows.into_iter().map(Row::Postgres).collect())
    }

    async fn run_sqlite<'c, E>(self, on: E) -> Result<u64, sqlx::Error>
    where
        E: sqlx::Executor<'c, Database = sqlx::Sqlite>,
    {
        let kept = self.kept;
        let (text, values) = self.sqlite()?;
        Ok(sqlx::query_with(text, values).persistent(kept).execute(on).await?.rows_affected())
    }

    async fn run_postgres<'c, E>(self, on: E) -> Result<u64, sqlx::Error>
    where
        E: sqlx::Executor<'c, Database = sqlx::Postgres>,
    {
        let kept = self.kept;
        let (text, values) = self.postgres()?;
        let done = in_time(sqlx::query_with(text, values).persistent(kept).execute(on)).await?;
        Ok(done.rows_affected())
    }

    fn sqlite(self) -> Result<(AssertSqlSafe<String>, SqliteArguments), sqlx::Error> {
        let mut arguments = SqliteArguments::default();
        for value in self.values {
            let added = match value {
                Value::Number(n) => arguments.add(n),
                Value::Text(text) => arguments.add(text),
                Value::Numbers(_) | Value::Texts(_) => Err("SQLite has no columns of values".into()),
            };
            added.map_err(sqlx::Error::Encode)?;
        }
        Ok((AssertSqlSafe(unnamed(self.text)), arguments))
    }

    fn postgres(self) -> Result<(AssertSqlSafe<String>, PgArguments), sqlx::Error> {
        let mut arguments = PgArguments::default();
        for value in self.values {
            let added = match value {
                Value::Number(n) => arguments.add(n),
                Value::Text(text) => arguments.add(text),
                Value::Numbers(all) => arguments.add(all),
                Value::Texts(all) => arguments.add(all),
            };
            added.map_err(sqlx::Error::Encode)?;
        }
        Ok((AssertSqlSafe(self.text.into_owned()), arguments))
    }
}

/// The text with `?` for `$1, $2, …` where they stand in this order. SQLite looks for the name of each parameter in a list of all names:
/// a statement with ten thousand named ones takes a hundred times as long to bind as to run.
fn unnamed(text: Cow<'static, str>) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = &*text;
    for place in 1.. {
        let Some((before, after)) = rest.split_once('$') else { break };
        let digits = after.bytes().take_while(u8::is_ascii_digit).count();
        if after[..digits].parse() != Ok(place) {
            return text.into_owned();
        }
        plain.push_str(before);
        plain.push('?');
        rest = &after[digits..];
    }
    plain.push_str(rest);
    plain
}

/// One bracket of a `VALUES`.
pub(crate) struct Tuple<'q> {
    query: &'q mut Query,
    first: bool,
}

impl Tuple<'_> {
    /// The next value.
    pub(crate) fn bind(&mut self, value: impl Into<Value>) -> &mut Self {
        if !std::mem::take(&mut self.first) {
            self.query.push(", ");
        }
        self.query.push_bind(value);
        self
    }
}

impl<'c> From<&'c SqlitePool> for On<'c> {
    fn from(pool: &'c SqlitePool) -> Self {
        On::SqlitePool(pool)
    }
}
impl<'c> From<&'c PgPool> for On<'c> {
    fn from(pool: &'c PgPool) -> Self {
        On::PostgresPool(pool)
    }
}
impl<'c> From<&'c mut SqliteConnection> for On<'c> {
    fn from(conn: &'c mut SqliteConnection) -> Self {
        On::Sqlite(conn)
    }
}
impl<'c> From<&'c mut PgConnection> for On<'c> {
    fn from(conn: &'c mut PgConnection) -> Self {
        On::Postgres(conn)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_in_order_need_no_names() {
        assert_eq!(unnamed("a = $1 AND b IN ($2, $3)".into()), "a = ? AND b IN (?, ?)");
        assert_eq!(unnamed("nothing".into()), "nothing");
        for named in ["a = $2 AND b = $1", "a = $1 OR b = $1", "a = $name"] {
            assert_eq!(unnamed(named.into()), named);
        }
    }
}
