//! From an archive back to a database.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode};

use super::io;
use crate::db::{Connection, Options, query};
use crate::error::{Named, StoreError};

const OP: &str = "restore";

/// What was restored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restored {
    /// The database stands as at this instant: that of the last copy not after the one asked for.
    pub at: Timestamp,
}

/// One base and what followed it.
#[derive(Debug, Clone)]
pub(super) struct Generation {
    pub(super) folder: PathBuf,
    /// Microseconds.
    pub(super) began: i64,
    copies: Vec<Copy>,
}

/// A line of `times`.
#[derive(Debug, Clone, Copy)]
struct Copy {
    at: i64,
    round: u32,
    bytes: u64,
}

/// The generations of an archive that have a base, oldest first.
pub(super) fn generations(archive: &Path) -> std::io::Result<Vec<Generation>> {
    let mut all = Vec::new();
    for entry in fs::read_dir(archive)? {
        let folder = entry?.path();
        if !folder.join("base.db").is_file() {
            continue;
        }
        let times = fs::read_to_string(folder.join("times"))?;
        // The last line may be half written.
        let copies: Vec<Copy> = times.split_inclusive('\n').filter(|l| l.ends_with('\n')).filter_map(copy).collect();
        if let Some(first) = copies.first() {
            all.push(Generation { folder, began: first.at, copies });
        }
    }
    all.sort_by_key(|g| g.began);
    Ok(all)
}

fn copy(line: &str) -> Option<Copy> {
    let mut words = line.split_whitespace();
    let mut next = || words.next();
    Some(Copy { at: next()?.parse().ok()?, round: next()?.parse().ok()?, bytes: next()?.parse().ok()? })
}

/// Makes the database file `to` as it stood at an instant, or at the end of the archive. The archive is not changed, and nothing that is
/// there already is written over.
///
/// # Errors
/// `Invalid` if `to` exists or the archive does not reach back so far; `Io` if a file of the archive is missing or cannot be read.
pub async fn restore(archive: &Path, at: Option<Timestamp>, to: &Path) -> Result<Restored, StoreError> {
    if to.exists() {
        return Err(StoreError::invalid(OP, "there is a database already"));
    }
    let at = at.map_or(i64::MAX, |at| at.as_microsecond());
    let all = generations(archive).map_err(io)?;
    let generation = all.iter().rfind(|g| g.began <= at);
    let last = generation.and_then(|g| g.copies.iter().rfind(|c| c.at <= at));
    let (Some(generation), Some(last)) = (generation, last) else {
        return Err(StoreError::invalid(OP, "the archive does not reach back so far"));
    };
    let half = with_ending(to, ".half");
    fs::copy(generation.folder.join("base.db"), &half).map_err(io)?;
    for round in 1..=last.round {
        let name = generation.folder.join(format!("{round:08}.wal"));
        if round == last.round && last.bytes == 0 {
            break;
        }
        let mut log = fs::read(name).map_err(io)?;
        if round == last.round {
            log.truncate(usize::try_from(last.bytes).unwrap_or(usize::MAX));
        }
        fs::write(with_ending(&half, "-wal"), log).map_err(io)?;
        fold(&half).await?;
    }
    fs::rename(&half, to).map_err(io)?;
    let at = Timestamp::from_microsecond(last.at).map_err(|_| StoreError::invalid(OP, "a time that cannot be"))?;
    Ok(Restored { at })
}

/// Opening the file recovers the log, closing it folds it in.
async fn fold(file: &Path) -> Result<(), StoreError> {
    let options = SqliteConnectOptions::new().filename(file).journal_mode(SqliteJournalMode::Wal);
    let mut conn = Connection::open(&Options::Sqlite(options)).await.op(OP)?;
    let row = query("PRAGMA wal_checkpoint(TRUNCATE)").fetch_optional(&mut conn).await.op(OP)?;
    let whole = row.and_then(|row| row.at::<i64>(0).ok()) == Some(0);
    conn.close().await.op(OP)?;
    for ending in ["-wal", "-shm"] {
        match fs::remove_file(with_ending(file, ending)) {
            Err(e) if e.kind() != std::io::ErrorKind::NotFound => return Err(io(e)),
            _ => {}
        }
    }
    if whole {
        Ok(())
    } else {
        Err(StoreError::Io { op: OP, source: Arc::new(std::io::Error::other("log not folded")) })
    }
}

fn with_ending(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    name.into()
}
