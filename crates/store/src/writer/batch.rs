//! Runs one group: begin, read, plan, write, commit, answer; and the slow path when a constraint refuses a row.

use std::time::{Duration, Instant};

use super::plan::{Plan, Wanted};
use super::{Append, Build, Commit, Outcome, Reply, Target, sql};
use crate::db::{Connection, query};
use crate::error::{Named, StoreError};
use crate::figures::WRITTEN;
use crate::seal::Rings;
use crate::store::WriteConnection;

pub(super) const OP: &str = "append";

/// A job with what is known of its commit so far.
pub(super) struct Pending {
    pub(super) jurisdiction: String,
    pub(super) target: Target,
    pub(super) idempotency: Option<(String, String)>,
    pub(super) work: Work,
}

/// `build` can be called once; a second attempt uses what it returned.
pub(super) enum Work {
    Ask(Build),
    /// The commit, and the serial its number was formed with.
    Ready(u32, Box<Commit>),
    /// It was called and gave nothing usable.
    Refused(StoreError),
}

impl Pending {
    pub(super) fn new(job: Append) -> Self {
        Self {
            jurisdiction: job.jurisdiction,
            target: job.target,
            idempotency: job.idempotency,
            work: Work::Ask(job.build),
        }
    }
}

type Answer = Result<Outcome, StoreError>;

/// Commits a group and answers each of its jobs.
pub(super) async fn commit(write: &WriteConnection, rings: &Rings, group: Vec<(Pending, Reply)>) {
    if group.is_empty() {
        return;
    }
    let (mut jobs, replies): (Vec<Pending>, Vec<Reply>) = group.into_iter().unzip();
    let answers = match attempt(write, rings, &mut jobs).await {
        Ok(answers) => answers,
        Err(StoreError::Constraint { source, .. }) if jobs.len() > 1 => {
            tracing::error!(jobs = jobs.len(), error = %source, "a constraint refused a group of commits; writing them one by one");
            one_by_one(write, rings, &mut jobs).await
        }
        Err(error) => jobs.iter().map(|_| Err(error.clone())).collect(),
    };
    for (reply, answer) in replies.into_iter().zip(answers) {
        let _ = reply.send(answer); // the caller went away: its commit stands
    }
}

async fn one_by_one(write: &WriteConnection, rings: &Rings, jobs: &mut [Pending]) -> Vec<Answer> {
    let mut answers = Vec::with_capacity(jobs.len());
    for job in jobs.chunks_mut(1) {
        let answer = attempt(write, rings, job).await.map(|mut answers| answers.pop());
        answers.push(match answer {
            Ok(Some(answer)) => answer,
            Ok(None) => Err(StoreError::Aborted { op: OP }), // cannot be: one job has one answer
            Err(error) => Err(error),
        });
    }
    answers
}

/// One transaction, counted.
async fn attempt(write: &WriteConnection, rings: &Rings, jobs: &mut [Pending]) -> Result<Vec<Answer>, StoreError> {
    let (began, count) = (Instant::now(), jobs.len());
    let result = tried(write, rings, jobs).await;
    match &result {
        Ok(_) => {
            WRITTEN.jobs.observe(count as f64);
            WRITTEN.seconds.observe(began.elapsed().as_secs_f64());
        }
        Err(_) => drop(WRITTEN.failed.inc()),
    }
    result
}

/// `Err` means that it was rolled back as a whole, but for [`StoreError::Unsure`].
async fn tried(write: &WriteConnection, rings: &Rings, jobs: &mut [Pending]) -> Result<Vec<Answer>, StoreError> {
    let result = {
        let mut conn = write.lock(OP).await?;
        transact(&mut conn, rings, jobs).await
    };
    match result {
        Ok(answers) => Ok(answers),
        Err(Failed::Before(error @ (StoreError::Constraint { .. } | StoreError::Key { .. }))) => Err(error),
        Err(Failed::Before(error)) => {
            write.discard().await;
            Err(error)
        }
        Err(Failed::Commit { error, answers, last }) => {
            write.discard().await;
            tracing::warn!(%error, "a commit was not answered; looking whether it was carried out");
            match stands(write, &last).await {
                Some(true) => Ok(answers),
                Some(false) => Err(error),
                None => Err(StoreError::Unsure { op: OP }),
            }
        }
    }
}

/// Where a transaction failed.
enum Failed {
    /// Nothing was written.
    Before(StoreError),
    /// In the commit itself: the database may have carried it out and died, or been cut off, before it said so.
    Commit { error: StoreError, answers: Vec<Answer>, last: Last },
}

/// The last entry that a group wrote. Its hash is over everything before it, so that nobody else's entry can pass for it.
struct Last {
    jurisdiction: String,
    seq: i64,
    hash: String,
}

async fn transact(conn: &mut Connection, rings: &Rings, jobs: &mut [Pending]) -> Result<Vec<Answer>, Failed> {
    let before = |error| Failed::Before(StoreError::from_sqlx(OP, error));
    let mut tx = conn.begin().await.map_err(before)?;
    let wanted = Wanted::of(jobs, tx.dialect());
    let mut known = wanted.load(&mut tx).await.map_err(before)?;
    known.unlock(&mut tx, rings).await.map_err(Failed::Before)?;
    let mut plan = Plan::new(known);
    let answers = jobs.iter_mut().map(|job| plan.add(job)).collect();
    let Some(last) = plan.journal.last() else {
        tx.rollback().await.map_err(before)?;
        return Ok(answers);
    };
    let last = Last { jurisdiction: last.jurisdiction.clone(), seq: last.seq, hash: last.hash.clone() };
    sql::write(&mut tx, &plan).await.map_err(before)?;
    match tx.commit().await {
        Ok(()) => Ok(answers),
        Err(error) => Err(Failed::Commit { error: StoreError::from_sqlx(OP, error), answers, last }),
    }
}

/// How long, and how often, a database that went away is asked whether it carried out a commit.
const LOOKING: Duration = Duration::from_secs(10);
const BETWEEN_LOOKS: Duration = Duration::from_millis(500);

/// Whether an entry stands in the journal; `None` if the database cannot be asked.
async fn stands(write: &WriteConnection, last: &Last) -> Option<bool> {
    let look = async {
        loop {
            match look_for(write, last).await {
                Ok(found) => return found,
                Err(_) => write.discard().await,
            }
            tokio::time::sleep(BETWEEN_LOOKS).await;
        }
    };
    let found = tokio::time::timeout(LOOKING, look).await.ok();
    if found.is_none() {
        write.discard().await; // it may have been given up in the middle of an answer
    }
    found
}

async fn look_for(write: &WriteConnection, last: &Last) -> Result<bool, StoreError> {
    let mut conn = write.lock(OP).await?;
    let mut tx = conn.begin().await.op(OP)?;
    // Waits for the transaction in question, should the database still be at it.
    sql::lock(&mut tx, std::slice::from_ref(&last.jurisdiction)).await.op(OP)?;
    let hash: Option<String> = query("SELECT hash FROM journal WHERE jurisdiction = $1 AND seq = $2")
        .bind(&last.jurisdiction)
        .bind(last.seq)
        .scalar_optional(&mut tx)
        .await
        .op(OP)?;
    tx.rollback().await.op(OP)?;
    Ok(hash.as_ref() == Some(&last.hash))
}
