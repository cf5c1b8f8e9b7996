//! What was kept long enough is destroyed: the ticket's key goes, with it everything that was written about it, and the contents of its files.

use jiesu_domain::{
    Actor, Instant,
    audit::ActKind,
    calendar::Day,
    ticket::{ERASED_TITLE, Meta, Refusal, StateName, Ticket, Why, erasable, erase},
};
use jiesu_store::{Append, AuditEntry, Outcome, PersonRow, StoreError, Target};
use jiff::{SignedDuration, Span};
use serde_json::Value;

use super::{Act, App, ExecuteError, FileError, Who, appeals::AppealRows, execute::folded};

/// Tickets read at once.
const CHUNK: u32 = 200;
/// Tickets that are looked at for a list of those that are due.
const LOOKED: usize = 4_000;
/// For so many days somebody else can answer what was asked.
pub const ASKED_DAYS: i64 = 30;

/// A request that something be erased, and what became of it. It is told by the audit journal and stands nowhere else.
#[derive(Debug, Clone)]
pub struct Asked {
    /// Position in the audit journal.
    pub id: i64,
    pub at: Instant,
    pub by: String,
    pub reason: String,
    pub what: Wanted,
    /// Who answered, when, and whether they agreed.
    pub answer: Option<(String, Instant, bool)>,
}

/// What is to be erased.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    /// These tickets, whose time is over.
    Due(Vec<String>),
    /// What is known of an appellant.
    Person { ticket: String, appeal: u32 },
}

impl Asked {
    fn of(AuditEntry { seq, entry, .. }: AuditEntry) -> Option<Asked> {
        let detail: Value = serde_json::from_str(&entry.detail).ok()?;
        let what = match detail["appeal"].as_u64() {
            Some(appeal) => Wanted::Person { ticket: entry.subject, appeal: u32::try_from(appeal).ok()? },
            None => Wanted::Due(serde_json::from_value(detail["tickets"].clone()).ok()?),
        };
        Some(Asked { id: seq, at: entry.at, by: entry.who, reason: entry.reason, what, answer: None })
    }
}

impl App {
    /// Numbers of the tickets whose time is over, in their order. `progress` hears how many were looked at.
    ///
    /// # Errors
    /// The store failed, or a ticket cannot be read.
    pub async fn due_for_erasure(&self, mut progress: impl FnMut(u64)) -> Result<Vec<String>, ExecuteError> {
        let (mut due, mut after, mut looked) = (Vec::new(), None::<String>, 0);
        let years = self.retention().await?.ticket_years;
        loop {
            let chunk = self.store.tickets_stream(&self.jurisdiction, after.as_deref(), CHUNK).await?;
            let Some(last) = chunk.last() else { return Ok(due) };
            after = Some(last.head.ticket.clone());
            for row in &chunk {
                let ticket: Ticket = serde_json::from_str(&row.body).map_err(|e| ExecuteError::unreadable(&e))?;
                if self.may_erase(&ticket, years).is_ok() {
                    due.push(ticket.number);
                }
            }
            looked += chunk.len() as u64;
            progress(looked);
        }
    }

    /// Numbers of tickets whose time is over, oldest first, at most `most`; whether there may be more.
    ///
    /// # Errors
    /// The store failed, or a ticket cannot be read.
    pub async fn due_now(&self, most: usize) -> Result<(Vec<String>, bool), ExecuteError> {
        let years = self.retention().await?.ticket_years;
        let today = Day::of(self.clock.now()).date();
        let before = Day::from_date(today.saturating_sub(Span::new().years(i64::from(years)))).end();
        let (mut due, mut after, mut looked) = (Vec::new(), None, 0);
        let archived = StateName::Archived.code();
        loop {
            let (store, j) = (&self.store, &self.jurisdiction);
            let page =
                store.tickets_registered_before(j, archived, before, ERASED_TITLE, after.as_ref(), CHUNK).await?;
            let Some(last) = page.last().map(|t| (t.head.row.registered_at, t.head.ticket.clone())) else {
                return Ok((due, false));
            };
            for row in &page {
                let ticket: Ticket = serde_json::from_str(&row.body).map_err(|e| ExecuteError::unreadable(&e))?;
                if self.may_erase(&ticket, years).is_ok() {
                    if due.len() == most {
                        return Ok((due, true));
                    }
                    due.push(ticket.number);
                }
            }
            looked += page.len();
            if looked >= LOOKED {
                return Ok((due, true));
            }
            after = Some(last);
        }
    }

    /// What was asked for in the last days, newest first, each with its answer.
    ///
    /// # Errors
    /// The store failed.
    pub async fn erasures_asked(&self) -> Result<Vec<Asked>, StoreError> {
        let now = self.clock.now();
        let far = |duration| now.saturating_add(duration).unwrap_or(now);
        let span = (far(SignedDuration::from_hours(-24 * ASKED_DAYS)), far(SignedDuration::from_secs(1)));
        let kinds = [ActKind::ErasureAsked, ActKind::ErasureRefused, ActKind::Erased].map(ActKind::code);
        let (mut asked, mut after) = (Vec::<Asked>::new(), 0);
        loop {
            let page = self.store.audit_of_kinds(&self.jurisdiction, &kinds, span, after, 1_000).await?;
            let Some(last) = page.last() else { break };
            after = last.seq;
            for entry in page {
                if entry.entry.kind == ActKind::ErasureAsked.code() {
                    asked.extend(Asked::of(entry));
                    continue;
                }
                let detail: Value = serde_json::from_str(&entry.entry.detail).unwrap_or_default();
                let agreed = entry.entry.kind == ActKind::Erased.code();
                if let Some(of) = asked.iter_mut().find(|a| detail["asked"] == a.id) {
                    of.answer.get_or_insert((entry.entry.who, entry.entry.at, agreed));
                }
            }
        }
        asked.reverse();
        Ok(asked)
    }

    fn may_erase(&self, ticket: &Ticket, years: u32) -> Result<(), ExecuteError> {
        let (units, actor) = (self.units(), Actor::system());
        if !ticket.may_destroy(years, self.clock.now()) {
            return Err(Refusal::not_now("too-early", "本中心规定的保存期限未到").into());
        }
        Ok(erasable(ticket, &self.ctx(Some(ticket), &units, None, &actor, self.clock.now()))?)
    }

    /// Erases what is known of an appellant, and says so; the ticket stays, and so does what they wrote in it. `false`: there is no such
    /// appellant, and nothing was done.
    ///
    /// # Errors
    /// The store failed; nothing is erased then.
    pub async fn erase_person(&self, number: &str, appeal: u32, by: Who<'_>, act: Act) -> Result<bool, StoreError> {
        let appeals = self.store.appeals(&self.jurisdiction, number).await?;
        let Some(row) = appeals.into_iter().find(|row| row.appeal == appeal.to_string()) else { return Ok(false) };
        let mut deed = self.deed().await?;
        deed.person_put(&PersonRow { person: row.person, ..PersonRow::default() }).await?;
        self.done(deed, by, act).await?;
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
