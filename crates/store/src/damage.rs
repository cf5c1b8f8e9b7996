//! Looks a database file over before it is opened for writing, and leaves it as it is: what is damaged is not to be made worse, and the
//! operator should hear of it at the start and not from the first clerk who meets the page.

use std::{io::Read, path::Path, sync::Arc};

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{Connection as _, Row as _, SqliteConnection};

use crate::error::{Named, StoreError};

const OP: &str = "open";
/// Larger files are not read through at the start, only `jiesu verify` does that: a start should take a second.
const READ_THROUGH_MOST: u64 = 64 << 20;
/// Length of the header, by SQLite's file format.
const HEADER: usize = 100;

/// Whether an existing file can be worked with.
pub(crate) async fn look_for(path: &Path) -> Result<(), StoreError> {
    let length = std::fs::metadata(path).map_or(0, |m| m.len());
    if length == 0 {
        return Ok(()); // will be made
    }
    let mut log = path.as_os_str().to_owned();
    log.push("-wal");
    let log = std::fs::metadata(&log).is_ok_and(|m| m.len() > 0);
    if !log && stated_length(path).is_some_and(|stated| stated > length) {
        return Err(damaged("the file is shorter than its header says"));
    }
    if length > READ_THROUGH_MOST {
        return Ok(());
    }
    // Without a log beside it nothing needs to be made to read it; what a log holds counts, and is looked through with it.
    let options = SqliteConnectOptions::new().filename(path).read_only(true).immutable(!log);
    let mut conn = SqliteConnection::connect_with(&options).await.op(OP)?;
    let row = sqlx::query("PRAGMA quick_check(1)").fetch_one(&mut conn).await.op(OP)?;
    let found: String = row.try_get(0).op(OP)?;
    conn.close().await.op(OP)?;
    if found == "ok" { Ok(()) } else { Err(damaged(&found)) }
}

/// Whether the text of the schema is text. The driver takes that for granted: it panics on a column's type that is none, and whoever waits
/// for its answer waits for ever.
pub(crate) async fn look_at_schema(options: &SqliteConnectOptions) -> Result<(), StoreError> {
    let mut conn = SqliteConnection::connect_with(options).await.op(OP)?;
    let rows = sqlx::query("SELECT CAST(sql AS BLOB) FROM sqlite_schema").fetch_all(&mut conn).await.op(OP)?;
    conn.close().await.op(OP)?;
    for row in rows {
        let text: Option<Vec<u8>> = row.try_get(0).op(OP)?;
        std::str::from_utf8(&text.unwrap_or_default()).map_err(|_| damaged("the text of the schema is not UTF-8"))?;
    }
    Ok(())
}

fn damaged(what: &str) -> StoreError {
    StoreError::Corrupt { op: OP, source: Arc::new(sqlx::Error::Protocol(what.to_owned())) }
}

/// Bytes that the header speaks of; `None` if it does not speak of them, or cannot be read: SQLite will say why.
fn stated_length(path: &Path) -> Option<u64> {
    let mut header = [0; HEADER];
    std::fs::File::open(path).ok()?.read_exact(&mut header).ok()?;
    let number =
        |at: usize| u64::from(u32::from_be_bytes([header[at], header[at + 1], header[at + 2], header[at + 3]]));
    let page = match u64::from(u16::from_be_bytes([header[16], header[17]])) {
        1 => 65536,
        page => page,
    };
    // The count is valid only if the last to write it was not an ancient version.
    (number(24) == number(92)).then(|| number(28) * page)
}
