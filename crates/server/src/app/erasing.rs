//! What was kept long enough is destroyed: the ticket's key goes, with it everything that was written about it, and the contents of its files.

use jiesu_domain::{
    Actor,
    ticket::{Meta, Ticket, Why, erasable, erase},
};
use jiesu_store::{Append, Outcome, PersonRow, Target};

use super::{App, ExecuteError, FileError, appeals::AppealRows, execute::folded};

/// Tickets read at once.
const CHUNK: u32 = 200;

impl App {
    /// Numbers of the tickets whose time is over, in their order. `progress` hears how many were looked at.
    ///
    /// # Errors
    /// The store failed, or a ticket cannot be read.
    pub async fn due_for_erasure(&self, mut progress: impl FnMut(u64)) -> Result<Vec<String>, ExecuteError> {
        let (mut due, mut after, mut looked) = (Vec::new(), None::<String>, 0);
        loop {
            let chunk = self.store.tickets_stream(&self.jurisdiction, after.as_deref(), CHUNK).await?;
            let Some(last) = chunk.last() else { return Ok(due) };
            after = Some(last.head.ticket.clone());
            for row in &chunk {
                let ticket: Ticket = serde_json::from_str(&row.body).map_err(|e| ExecuteError::unreadable(&e))?;
                if self.may_erase(&ticket).is_ok() {
                    due.push(ticket.number);
                }
            }
            looked += chunk.len() as u64;
            progress(looked);
        }
    }

    fn may_erase(&self, ticket: &Ticket) -> Result<(), ExecuteError> {
        let (units, actor) = (self.units(), Actor::system());
        Ok(erasable(ticket, &self.ctx(Some(ticket), &units, None, &actor, self.clock.now()))?)
    }

    /// Erases what is known of an appellant; the ticket stays, and so does what they wrote in it. `false`: there is no such appellant.
    ///
    /// # Errors
    /// The store failed.
    pub async fn erase_person(&self, number: &str, appeal: u32) -> Result<bool, ExecuteError> {
        let appeals = self.store.appeals(&self.jurisdiction, number).await?;
        let Some(row) = appeals.into_iter().find(|row| row.appeal == appeal.to_string()) else { return Ok(false) };
        self.store.person_put(&self.jurisdiction, &PersonRow { person: row.person, ..PersonRow::default() }).await?;
        Ok(true)
    }

    /// The number of a new list of tickets that are erased together.
    ///
    /// # Errors
    /// The store failed.
    pub async fn erasure_list(&self) -> Result<i64, ExecuteError> {
        Ok(self.store.next_erasure(&self.jurisdiction).await?)
    }

    /// Erases a ticket of a list. Who proposed the list and who approved it was checked; the time and holds are looked at once more. One
    /// that was erased before is left as it is.
    ///
    /// # Errors
    /// It may not be erased, or the store failed.
    pub async fn erase(&self, number: &str, list: i64, why: &Why<'_>) -> Result<(), FileError> {
        let actor = Actor::system();
        let (ticket, now) = self.load_with_time(number, &actor).await?;
        let version = i64::from(ticket.version);
        if ticket.erased.is_none() {
            let units = self.units();
            let events = erase(&ticket, list, why, &self.ctx(Some(&ticket), &units, None, &actor, now))?;
            let left = folded(Some(ticket.clone()), &events, &Meta { at: now, by: actor.id.clone() });
            debug_assert!(left.is_forgotten());
            let commit = self.commit(Some(ticket), &events, &actor, now, AppealRows::default());
            let job = Append {
                jurisdiction: self.jurisdiction.clone(),
                target: Target::Existing { ticket: number.to_owned(), expected_version: version },
                idempotency: None,
                build: Box::new(move |_| commit),
            };
            match self.store.append(job).await? {
                Outcome::Done { .. } | Outcome::Replayed { .. } => self.live.grown(),
                Outcome::NotFound => return Err(ExecuteError::NotFound.into()),
                Outcome::Conflict { current_version } => {
                    return Err(ExecuteError::Conflict { current: current_version }.into());
                }
            }
        }
        // After the key, so that a run that was broken off finds what is left to do.
        if let Ok(files) = self.files() {
            for row in self.store.attachments(&self.jurisdiction, number).await? {
                files.contents.remove(&row.content).await?;
            }
        }
        Ok(())
    }
}
