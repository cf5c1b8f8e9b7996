//! The embedded database is copied away while it runs, so that it can be restored as it stood at any second: a base, and from then on every
//! commit of its write-ahead log. (A server database has its own means for this: see docs/operating.md.)
//!
//! A folder of an archive holds a folder for each start of the program (a generation): `base.db`, the log's rounds `00000001.wal`,
//! `00000002.wal`, …, and `times`, a line each time that something was copied: when (microseconds), which round, how many bytes of it.
//!
//! The log is only ever folded into the database file here, under the writer's lock and after its end has been copied. If another program
//! does it behind our back, commits may be missing, and a new generation is begun.

mod restore;
mod wal;

use std::fs::{self, File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::sync::{mpsc, oneshot};

use crate::db::{Connection, query};
use crate::error::{Named, StoreError};
use crate::figures::WRITTEN;
use crate::store::{Store, WriteConnection};
use wal::{HEADER, Log};

pub use restore::{Restored, restore};

const OP: &str = "archive";

/// How an archive is kept.
#[derive(Debug, Clone)]
pub struct ArchiveOptions {
    /// Where: best another disk, or another machine's.
    pub folder: PathBuf,
    /// How long a commit may wait to be copied.
    pub every: Duration,
    /// The log is folded into the database when it is longer than this.
    pub round: u64,
    /// Generations that ended longer ago are removed.
    pub keep: Duration,
}

impl ArchiveOptions {
    /// Every second, rounds of 64 MB, 35 days.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self {
            folder: folder.into(),
            every: Duration::from_secs(1),
            round: 64 << 20,
            keep: Duration::from_secs(35 * 86_400),
        }
    }
}

/// An archive that is being kept.
#[derive(Debug)]
pub(crate) struct Archiver {
    orders: mpsc::Sender<oneshot::Sender<Result<(), StoreError>>>,
}

impl Archiver {
    async fn now(&self) -> Result<(), StoreError> {
        let (reply, done) = oneshot::channel();
        self.orders.send(reply).await.map_err(|_| StoreError::Closed { op: OP })?;
        done.await.map_err(|_| StoreError::Closed { op: OP })?
    }
}

impl Store {
    /// Begins to keep an archive of the embedded database, until the store is closed. The store must have been opened with
    /// [`crate::StoreOptions::archived`], so that nobody else folds its log. Returns when the base is there; while another process
    /// still keeps the archive, at once, and takes over when that one ends.
    pub async fn archive(&self, options: ArchiveOptions) -> Result<(), StoreError> {
        let Some(database) = self.file() else {
            return Err(StoreError::invalid(OP, "only the embedded database is archived by this program"));
        };
        let every = options.every;
        let mut keeper = Keeper::new(self.write_connection(), database, options)?;
        keeper.tick().await?;
        let (orders, mut queue) = mpsc::channel::<oneshot::Sender<Result<(), StoreError>>>(16);
        tokio::spawn(async move {
            loop {
                match tokio::time::timeout(every, queue.recv()).await {
                    Ok(None) => return,
                    Ok(Some(reply)) => drop(reply.send(keeper.tick().await)),
                    Err(_) => {
                        if let Err(error) = keeper.tick().await {
                            WRITTEN.unarchived.inc();
                            tracing::error!(%error, "commits could not be archived; trying again");
                        }
                    }
                }
            }
        });
        *self.archiver().lock().await = Some(Archiver { orders });
        Ok(())
    }

    /// Archives what has been committed up to now, if an archive is kept; returns when it is on disk.
    pub async fn archive_now(&self) -> Result<(), StoreError> {
        match &*self.archiver().lock().await {
            Some(archiver) => archiver.now().await,
            None => Ok(()),
        }
    }

    /// The last of it, before the store's end folds the log.
    pub(crate) async fn archive_end(&self) {
        if let Some(archiver) = self.archiver().lock().await.take()
            && let Err(error) = archiver.now().await
        {
            tracing::error!(%error, "the last commits could not be archived");
        }
    }
}

/// Copies the log of one database.
struct Keeper {
    write: Arc<WriteConnection>,
    database: PathBuf,
    log: PathBuf,
    options: ArchiveOptions,
    /// Held while this process keeps the archive.
    lock: File,
    /// The generation's folder, once there is one.
    folder: Option<PathBuf>,
    /// The round being copied: its number, what was read of it, how many bytes.
    round: u32,
    reading: Option<Log>,
    copied: u64,
    /// All that was copied has been folded, and nothing came after: the next writer may begin the log anew.
    folded: bool,
}

impl Keeper {
    fn new(write: Arc<WriteConnection>, database: PathBuf, options: ArchiveOptions) -> Result<Self, StoreError> {
        fs::create_dir_all(&options.folder).map_err(io)?;
        let mut log = database.clone().into_os_string();
        log.push("-wal");
        let lock = File::create(options.folder.join("lock")).map_err(io)?;
        Ok(Self {
            write,
            database,
            log: log.into(),
            options,
            lock,
            folder: None,
            round: 0,
            reading: None,
            copied: 0,
            folded: false,
        })
    }

    /// Begins a generation: the log folded, the file as it then stands copied. Nothing changes the file until the log is folded again,
    /// and that is only done by us.
    async fn generation(&mut self) -> Result<(), StoreError> {
        let began = now();
        let folder = self.options.folder.join(format!("g-{began:020}"));
        fs::create_dir_all(&folder).map_err(io)?;
        self.folder = Some(folder.clone());
        {
            let mut conn = self.write.lock(OP).await?;
            fold(&mut conn, "PRAGMA wal_checkpoint(TRUNCATE)").await?;
        }
        self.next_round();
        self.round = 1;
        let database = self.database.clone();
        let copy = move || -> std::io::Result<()> {
            let half = folder.join("base.half");
            fs::copy(&database, &half)?;
            File::open(&half)?.sync_all()?;
            fs::rename(&half, folder.join("base.db"))?;
            note(&folder, began, 1, 0)
        };
        tokio::task::spawn_blocking(copy).await.map_err(|_| StoreError::Aborted { op: OP })?.map_err(io)?;
        self.forget_old();
        Ok(())
    }

    fn next_round(&mut self) {
        self.round += 1;
        self.reading = None;
        self.copied = 0;
        self.folded = false;
    }

    /// Copies what was committed since the last look; folds the log when it has grown long.
    async fn tick(&mut self) -> Result<(), StoreError> {
        if self.folder.is_none() {
            return match self.lock.try_lock() {
                Ok(()) => self.generation().await,
                Err(fs::TryLockError::WouldBlock) => Ok(()),
                Err(fs::TryLockError::Error(e)) => Err(io(e)),
            };
        }
        if self.copy()? == Copied::AnotherLog {
            tracing::warn!("another program folded the log; beginning a new base of the archive");
            return self.generation().await;
        }
        if self.copied < self.options.round {
            return Ok(());
        }
        let write = Arc::clone(&self.write);
        let mut conn = write.lock(OP).await?;
        // Nobody writes now: this is the end of the round.
        if self.copy()? == Copied::AnotherLog {
            drop(conn);
            return self.generation().await;
        }
        // Waits for nobody: whoever still reads keeps the log from beginning anew, not the writers from writing.
        self.folded = fold(&mut conn, "PRAGMA wal_checkpoint(PASSIVE)").await?;
        Ok(())
    }

    fn copy(&mut self) -> Result<Copied, StoreError> {
        let at = now();
        let mut log = match File::open(&self.log) {
            Ok(log) => log,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(Copied::Nothing),
            Err(e) => return Err(io(e)),
        };
        let mut header = Vec::with_capacity(HEADER);
        (&mut log).take(HEADER as u64).read_to_end(&mut header).map_err(io)?;
        let found = Log::begin(&header);
        let same = matches!((&self.reading, &found), (Some(known), Some(found)) if known.salts == found.salts);
        if self.reading.is_some() && !same {
            if !self.folded {
                return Ok(Copied::AnotherLog);
            }
            self.next_round();
        }
        if self.reading.is_none() {
            let Some(found) = found else { return Ok(Copied::Nothing) };
            self.append(&header)?;
            self.reading = Some(found);
        }
        log.seek(SeekFrom::Start(self.copied)).map_err(io)?;
        let mut bytes = Vec::new();
        log.read_to_end(&mut bytes).map_err(io)?;
        let whole = self.reading.as_mut().map_or(0, |reading| reading.commits(&bytes));
        if whole == 0 {
            return Ok(Copied::Nothing);
        }
        self.folded = false;
        self.append(&bytes[..whole])?;
        note(self.folder(), at, self.round, self.copied).map_err(io)?;
        Ok(Copied::Some)
    }

    fn append(&mut self, bytes: &[u8]) -> Result<(), StoreError> {
        let path = self.folder().join(format!("{:08}.wal", self.round));
        let mut file = OpenOptions::new().create(true).append(true).open(path).map_err(io)?;
        // What an interrupted attempt left behind is written over by what belongs there.
        file.set_len(self.copied).map_err(io)?;
        file.write_all(bytes).and_then(|()| file.sync_data()).map_err(io)?;
        self.copied += bytes.len() as u64;
        Ok(())
    }

    fn folder(&self) -> &Path {
        self.folder.as_deref().unwrap_or(&self.options.folder)
    }

    /// Removes generations that nobody will want back: those that another one followed long ago.
    fn forget_old(&self) {
        let oldest = now() - i64::try_from(self.options.keep.as_micros()).unwrap_or(i64::MAX);
        let all = restore::generations(&self.options.folder).unwrap_or_default();
        for pair in all.windows(2) {
            if pair[1].began < oldest
                && let Err(error) = fs::remove_dir_all(&pair[0].folder)
            {
                tracing::warn!(%error, "an old generation of the archive could not be removed");
            }
        }
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Copied {
    Nothing,
    Some,
    /// The log is not the one that was being copied.
    AnotherLog,
}

/// Folds the log into the file; whether all of it.
async fn fold(conn: &mut Connection, how: &'static str) -> Result<bool, StoreError> {
    let Some(row) = query(how).once().fetch_optional(conn).await.op(OP)? else { return Ok(false) };
    let (frames, folded) = (row.at::<i64>(1).op(OP)?, row.at::<i64>(2).op(OP)?);
    Ok(frames == folded)
}

/// A line of `times`.
fn note(folder: &Path, at: i64, round: u32, bytes: u64) -> std::io::Result<()> {
    let mut times = OpenOptions::new().create(true).append(true).open(folder.join("times"))?;
    writeln!(times, "{at} {round} {bytes}")?;
    times.sync_data()
}

/// The machine's time, as the archive is about the machine and not about a settable clock.
#[expect(clippy::disallowed_methods, reason = "a set clock must not decide what is restored")]
fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_micros()).unwrap_or(i64::MAX)
}

fn io(error: std::io::Error) -> StoreError {
    StoreError::Io { op: OP, source: Arc::new(error) }
}
