//! Runs one group: begin, read, plan, write, commit, answer; and the slow path when a constraint refuses a row.

use sqlx::Connection;
use sqlx::sqlite::SqliteConnection;

use super::plan::{Plan, Wanted};
use super::{Append, Build, Commit, Outcome, Reply, Target, sql};
use crate::error::{Named, StoreError};
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
pub(super) async fn commit(write: &WriteConnection, group: Vec<(Pending, Reply)>) {
    if group.is_empty() {
        return;
    }
    let (mut jobs, replies): (Vec<Pending>, Vec<Reply>) = group.into_iter().unzip();
    let answers = match attempt(write, &mut jobs).await {
        Ok(answers) => answers,
        Err(StoreError::Constraint { source, .. }) if jobs.len() > 1 => {
            tracing::error!(jobs = jobs.len(), error = %source, "a constraint refused a group of commits; writing them one by one");
            one_by_one(write, &mut jobs).await
        }
        Err(error) => jobs.iter().map(|_| Err(error.clone())).collect(),
    };
    for (reply, answer) in replies.into_iter().zip(answers) {
        let _ = reply.send(answer); // the caller went away: its commit stands
    }
}

async fn one_by_one(write: &WriteConnection, jobs: &mut [Pending]) -> Vec<Answer> {
    let mut answers = Vec::with_capacity(jobs.len());
    for job in jobs.chunks_mut(1) {
        let answer = attempt(write, job).await.map(|mut answers| answers.pop());
        answers.push(match answer {
            Ok(Some(answer)) => answer,
            Ok(None) => Err(StoreError::Aborted { op: OP }), // cannot be: one job has one answer
            Err(error) => Err(error),
        });
    }
    answers
}

/// One transaction. `Err` means that it was rolled back as a whole.
async fn attempt(write: &WriteConnection, jobs: &mut [Pending]) -> Result<Vec<Answer>, StoreError> {
    let result = {
        let mut conn = write.lock(OP).await?;
        transact(&mut conn, jobs).await
    };
    if !matches!(result, Ok(_) | Err(StoreError::Constraint { .. })) {
        write.discard().await;
    }
    result
}

async fn transact(conn: &mut SqliteConnection, jobs: &mut [Pending]) -> Result<Vec<Answer>, StoreError> {
    let mut tx = conn.begin_with("BEGIN IMMEDIATE").await.op(OP)?;
    let wanted = Wanted::of(jobs);
    let mut plan = Plan::new(wanted.load(&mut tx).await.op(OP)?);
    let answers = jobs.iter_mut().map(|job| plan.add(job)).collect();
    if plan.is_empty() {
        tx.rollback().await.op(OP)?;
    } else {
        sql::write(&mut tx, &plan).await.op(OP)?;
        tx.commit().await.op(OP)?;
    }
    Ok(answers)
}
