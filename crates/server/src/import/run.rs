//! The run: rows in, many registrations in flight, so that the writer's group commit takes them together; what comes back is counted.
//!
//! Each registration is handed to the writer in the order of the file, so that the numbers of a day follow it (unless the database was
//! busy and some had to be sent again). A run can be ended at any moment: what is in is in with its key, the next run goes on.

use std::{
    collections::HashMap,
    future::{Future, poll_fn},
    path::Path,
    pin::Pin,
    sync::Arc,
    task::Poll,
    time::Duration,
};

use jiesu_domain::{
    Actor, Instant,
    ticket::{Ctx, register},
};
use tokio::task::{JoinError, JoinSet, coop::unconstrained};

use super::{
    map::{Map, MapError},
    read::{Read1, ReadError, Table, Unreadable},
    rejects::{Rejects, RejectsError},
    shape::{Entry, Reject, Shape, ShapeError},
};
use crate::{
    app::{App, ExecuteError, Executed},
    law::Law,
};

/// Registrations under way at once. Enough to fill a group commit, far below the writer's queue, so that handing over never waits.
const IN_FLIGHT: usize = 256;
/// The first pause when the database is busy; each further one is twice as long, up to a second.
const PAUSE: Duration = Duration::from_millis(20);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);
/// Tries before the run gives up: some two minutes, as each waits for the lock by itself.
const TRIES: u32 = 24;

/// What became of the rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    pub read: u64,
    pub new: u64,
    /// Imported before, or the same row once more.
    pub known: u64,
    pub rejected: u64,
    /// Of `new`: of a kind that is only recorded, without what the source did with it.
    pub history_left: u64,
}

/// The run cannot begin or go on. What is in stays in.
#[derive(Debug, thiserror::Error)]
pub enum Failed {
    #[error(transparent)]
    Map(#[from] MapError),
    #[error(transparent)]
    Read(#[from] ReadError),
    #[error(transparent)]
    Shape(#[from] ShapeError),
    #[error(transparent)]
    Rejects(#[from] RejectsError),
    #[error("{0}")]
    File(String),
    #[error("写入第{row}行时失败：{source}")]
    Store { row: u64, source: ExecuteError },
    #[error("登记任务中断：{0}")]
    Task(#[from] JoinError),
}

/// A table under its map, ready to be run.
#[derive(Debug)]
pub struct Source {
    pub table: Table,
    pub shape: Shape,
}

impl Source {
    /// Opens both and lays one on the other. Nothing is written yet.
    ///
    /// # Errors
    /// Either cannot be read, or they do not fit.
    pub fn open(file: &Path, map: &Path) -> Result<Source, Failed> {
        let map = Map::load(map)?;
        let table = Table::open(file, map.sheet.as_deref())?;
        let folder = file.parent().unwrap_or(Path::new(""));
        let shape = Shape::new(map, &table.columns, folder)?;
        Ok(Source { table, shape })
    }
}

/// What both kinds of run know.
struct Run<'a> {
    shape: Shape,
    scope: String,
    rejects: &'a mut Rejects,
    tally: Tally,
    /// First row and digest of each key of this run.
    seen: HashMap<String, (u64, String)>,
}

impl Run<'_> {
    /// The row as a ticket; `None` if it is none, which is noted.
    fn take(&mut self, row: Read1, now: Instant) -> Result<Option<Entry>, Failed> {
        self.tally.read += 1;
        let row = match row {
            Ok(row) => row,
            Err(Unreadable::Row { number, reason }) => {
                self.reject(&Reject { row: number, id: String::new(), reason })?;
                return Ok(None);
            }
            Err(Unreadable::File(what)) => return Err(Failed::File(what)),
        };
        match self.shape.entry(&row, now) {
            Ok(entry) => self.first_of_its_key(entry),
            Err(reject) => self.reject(&reject).map(|()| None),
        }
    }

    /// The same row twice is one message. Two rows with one id are two, and the second must not vanish as "known".
    fn first_of_its_key(&mut self, entry: Entry) -> Result<Option<Entry>, Failed> {
        match self.seen.get(&entry.key) {
            None => {
                self.seen.insert(entry.key.clone(), (entry.row, entry.digest.clone()));
                return Ok(Some(entry));
            }
            Some((_, digest)) if *digest == entry.digest => self.tally.known += 1,
            Some((first, _)) => {
                let reason = format!("编号与第{first}行相同，内容不同");
                self.reject(&Reject { row: entry.row, id: entry.id, reason })?;
            }
        }
        Ok(None)
    }

    fn reject(&mut self, reject: &Reject) -> Result<(), Failed> {
        self.tally.rejected += 1;
        Ok(self.rejects.push(reject.row, &reject.id, &reject.reason)?)
    }
}

/// Imports. `progress` hears how many rows are done.
///
/// # Errors
/// The store, the file or the list of rejects failed. What was handed to the writer until then is still written.
pub async fn import(
    app: &Arc<App>,
    source: Source,
    rejects: &mut Rejects,
    mut progress: impl FnMut(u64),
) -> Result<Tally, Failed> {
    let Source { table, shape } = source;
    let scope = format!("import:{}", shape.map().source);
    let mut run = Run { shape, scope, rejects, tally: Tally::default(), seen: HashMap::new() };
    let mut flying = JoinSet::new();
    for row in table.rows {
        if let Some(entry) = run.take(row, app.clock.now())? {
            let mut job = Box::pin(unconstrained(take_over(Arc::clone(app), entry, run.scope.clone())));
            // Begun here and not where a task happens to run: this hands it to the writer in the order of the file.
            match begin(job.as_mut()).await {
                Some(done) => run.settle(done)?,
                None => drop(flying.spawn(job)),
            }
        }
        if flying.len() >= IN_FLIGHT
            && let Some(done) = flying.join_next().await
        {
            run.settle(done?)?;
        }
        progress(run.tally.read - flying.len() as u64);
    }
    while let Some(done) = flying.join_next().await {
        run.settle(done?)?;
        progress(run.tally.read - flying.len() as u64);
    }
    Ok(run.tally)
}

async fn begin<F: Future>(mut job: Pin<&mut F>) -> Option<F::Output> {
    poll_fn(|cx| match job.as_mut().poll(cx) {
        Poll::Ready(done) => Poll::Ready(Some(done)),
        Poll::Pending => Poll::Ready(None),
    })
    .await
}

struct Done {
    row: u64,
    id: String,
    history_left: bool,
    result: Result<Executed, ExecuteError>,
}

/// Registers one, again and again while another process holds the database.
async fn take_over(app: Arc<App>, entry: Entry, scope: String) -> Done {
    let Entry { row, id, key, new, history_left, .. } = entry;
    let key = (scope, key);
    let mut pause = PAUSE;
    let mut tries = 1;
    loop {
        let result = app.take_over(&new, key.clone()).await;
        let again = matches!(&result, Err(ExecuteError::Store(e)) if e.is_retryable()) && tries < TRIES;
        if !again {
            return Done { row, id, history_left, result };
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
        tries += 1;
    }
}

impl Run<'_> {
    fn settle(&mut self, done: Done) -> Result<(), Failed> {
        match done.result {
            Ok(executed) if executed.replayed => self.tally.known += 1,
            Ok(_) => {
                self.tally.new += 1;
                self.tally.history_left += u64::from(done.history_left);
            }
            // What the rulebook refuses is a matter of the row; its words name the rule and nothing of the row.
            Err(ExecuteError::Refused(refusal)) => {
                self.reject(&Reject { row: done.row, id: done.id, reason: refusal.message })?;
            }
            Err(source) => return Err(Failed::Store { row: done.row, source }),
        }
        Ok(())
    }
}

/// Does everything but write: what would be registered, and what rejected.
///
/// # Errors
/// The file or the list of rejects failed, or the place has no rulebook.
pub fn rehearse(
    law: &Law,
    place: &str,
    now: Instant,
    source: Source,
    rejects: &mut Rejects,
    mut progress: impl FnMut(u64),
) -> Result<Tally, Failed> {
    let today = jiesu_domain::calendar::Day::of(now).date();
    let Some(rulebook) = law.in_force(place, today) else {
        let known: Vec<&str> = law.ids().collect();
        return Err(Failed::File(format!("没有“{place}”的办法；可用：{}", known.join("、"))));
    };
    let actor = Actor { id: "import".into(), ..Actor::system() };
    let ctx = Ctx {
        rulebook,
        calendar: law.calendar(),
        catalogue: law.catalogue_in_force(place, today),
        units: law.units(place),
        // An import knows no other tickets.
        standing: None,
        now,
        actor: &actor,
    };
    let Source { table, shape } = source;
    let mut run = Run { shape, scope: String::new(), rejects, tally: Tally::default(), seen: HashMap::new() };
    for row in table.rows {
        if let Some(entry) = run.take(row, now)? {
            match register(&entry.new.register, "", entry.new.received_at, &ctx) {
                Ok(_) => {
                    run.tally.new += 1;
                    run.tally.history_left += u64::from(entry.history_left);
                }
                Err(refusal) => run.reject(&Reject { row: entry.row, id: entry.id, reason: refusal.message })?,
            }
        }
        progress(run.tally.read);
    }
    Ok(run.tally)
}
