//! What a group of jobs amounts to: conflicts sorted out in memory against what was read, numbers given, chain computed.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::panic::{AssertUnwindSafe, catch_unwind};

use jiff::Timestamp;

use super::batch::{OP, Pending, Work};
use super::fill::Sent;
use super::sql::{self, Asked, Key};
use super::{Commit, NewEvent, NewOutbox, Numbered, Outcome, Target};
use crate::chain::{GENESIS, Link};
use crate::db::{Dialect, Tx};
use crate::error::StoreError;
use crate::model::{PARTS, TicketRow};
use crate::rows::{due_order, us};

/// What the transaction read before it decides.
pub(super) struct Known {
    /// Last `seq` and `hash` of each jurisdiction that exists.
    pub(super) heads: HashMap<String, (i64, String)>,
    /// Ticket and version of each idempotency key already used.
    pub(super) keys: HashMap<(String, String, String), (String, i64)>,
    /// Each ticket that is there.
    pub(super) tickets: HashMap<Key, Stands>,
    /// Last number given out, and whether this group gave out more.
    pub(super) counters: BTreeMap<Key, (i64, bool)>,
    pub(super) dialect: Dialect,
}

/// How a ticket stands before a commit.
#[derive(Clone, Default)]
pub(super) struct Stands {
    pub(super) version: i64,
    /// Its row in the full-text index.
    pub(super) doc: i64,
    pub(super) listed: Listed,
    /// Its units with their parts, as the database has them.
    pub(super) parts: HashSet<(String, String)>,
}

/// What a unit's list is sorted and picked by; kept beside the unit's part too.
#[derive(Clone, Default, PartialEq, Eq)]
pub(super) struct Listed {
    pub(super) state: String,
    pub(super) due_order: i64,
    pub(super) registered_at: i64,
    pub(super) kind: String,
}

impl Listed {
    pub(super) fn of(row: &TicketRow) -> Self {
        Self {
            state: row.state.clone(),
            due_order: due_order(row),
            registered_at: us(row.registered_at),
            kind: row.kind.clone(),
        }
    }
}

/// The counter of full-text rows: SQLite numbers them over the whole database, PostgreSQL knows them by the ticket's key.
pub(super) fn doc_counter(dialect: Dialect, jurisdiction: &str) -> Key {
    let jurisdiction = if dialect == Dialect::Sqlite { "" } else { jurisdiction };
    (jurisdiction.into(), "doc".into())
}

/// The counter of a jurisdiction's outbox.
pub(super) fn outbox_counter(jurisdiction: &str) -> Key {
    (jurisdiction.into(), "outbox".into())
}

/// The counter of a day's tickets.
pub(super) fn ticket_counter(jurisdiction: &str, day: &str) -> Key {
    (jurisdiction.into(), format!("ticket:{day}"))
}

/// What a group needs to know before it decides.
pub(super) struct Wanted {
    jurisdictions: HashSet<String>,
    keys: Vec<(String, String, String)>,
    tickets: HashSet<Key>,
    counters: HashSet<Key>,
}

impl Wanted {
    pub(super) fn of(jobs: &[Pending], dialect: Dialect) -> Self {
        let mut wanted =
            Self { jurisdictions: HashSet::new(), keys: Vec::new(), tickets: HashSet::new(), counters: HashSet::new() };
        for job in jobs {
            if wanted.jurisdictions.insert(job.jurisdiction.clone()) {
                wanted.counters.insert(outbox_counter(&job.jurisdiction));
                wanted.counters.insert(doc_counter(dialect, &job.jurisdiction));
            }
            if let Some((scope, key)) = &job.idempotency {
                wanted.keys.push((job.jurisdiction.clone(), scope.clone(), key.clone()));
            }
            match &job.target {
                Target::Existing { ticket, .. } => wanted.tickets.insert((job.jurisdiction.clone(), ticket.clone())),
                Target::New { number_day } => wanted.counters.insert(ticket_counter(&job.jurisdiction, number_day)),
            };
        }
        wanted
    }

    /// Asks in one statement, after the lock that keeps others from the same chains.
    pub(super) async fn load(self, tx: &mut Tx<'_>) -> Result<Known, sqlx::Error> {
        let mut jurisdictions = Vec::from_iter(self.jurisdictions);
        jurisdictions.sort_unstable();
        sql::lock(tx, &jurisdictions).await?;
        let (tickets, counters) = (Vec::from_iter(self.tickets), Vec::from_iter(self.counters));
        sql::known(tx, Asked { jurisdictions, keys: self.keys, tickets, counters }).await
    }
}

impl Known {
    pub(super) fn nothing(dialect: Dialect) -> Self {
        let (heads, keys, tickets) = (HashMap::new(), HashMap::new(), HashMap::new());
        Self { heads, keys, tickets, counters: BTreeMap::new(), dialect }
    }

    fn last(&self, counter: &Key) -> i64 {
        self.counters.get(counter).map_or(0, |(value, _)| *value)
    }

    pub(super) fn next(&mut self, counter: Key) -> i64 {
        let entry = self.counters.entry(counter).or_insert((0, false));
        *entry = (entry.0 + 1, true);
        entry.0
    }
}

/// A journal row to be written.
pub(super) struct Entry {
    pub(super) jurisdiction: String,
    pub(super) seq: i64,
    pub(super) ticket: String,
    pub(super) version: i64,
    pub(super) at: i64,
    pub(super) actor: String,
    pub(super) kind: String,
    pub(super) payload: String,
    pub(super) hash: String,
}

/// The last state of a ticket in this group.
pub(super) struct Written {
    pub(super) jurisdiction: String,
    pub(super) version: i64,
    pub(super) doc: i64,
    /// How it stood before this group; `None` if it did not exist.
    pub(super) before: Option<Stands>,
    /// The last commit that gave terms.
    pub(super) terms: Option<String>,
    /// Without its events, appeals, persons, files and outbox, which are collected apart.
    pub(super) commit: Commit,
}

/// All rows of a group.
pub(super) struct Plan {
    pub(super) known: Known,
    pub(super) journal: Vec<Entry>,
    pub(super) tickets: Vec<Written>,
    position: HashMap<Key, usize>,
    pub(super) appeals: Vec<(String, String, crate::AppealRow)>,
    pub(super) persons: BTreeMap<Key, crate::PersonRow>,
    pub(super) attachments: Vec<(String, String, crate::AttachmentRow)>,
    pub(super) outbox: Vec<Letter>,
    pub(super) keys: Vec<(String, String, String, String, i64, i64)>,
}

/// A message to be written.
pub(super) struct Letter {
    pub(super) jurisdiction: String,
    pub(super) id: i64,
    pub(super) ticket: String,
    pub(super) new: NewOutbox,
    /// It went out already.
    pub(super) sent: Option<Sent>,
}

impl Plan {
    pub(super) fn new(known: Known) -> Self {
        Self {
            known,
            journal: Vec::new(),
            tickets: Vec::new(),
            position: HashMap::new(),
            appeals: Vec::new(),
            persons: BTreeMap::new(),
            attachments: Vec::new(),
            outbox: Vec::new(),
            keys: Vec::new(),
        }
    }

    /// Counters that moved, with their new values.
    pub(super) fn counters(&self) -> Vec<(&Key, i64)> {
        self.known.counters.iter().filter(|(_, (_, moved))| *moved).map(|(key, (value, _))| (key, *value)).collect()
    }

    /// Adds a job to the group, or answers why not. The answer holds only once the transaction has committed.
    pub(super) fn add(&mut self, job: &mut Pending) -> Result<Outcome, StoreError> {
        let jurisdiction = job.jurisdiction.clone();
        if !self.known.heads.contains_key(&jurisdiction) {
            return Err(StoreError::not_found(OP, format!("jurisdiction {jurisdiction}")));
        }
        let key = job.idempotency.clone().map(|(scope, key)| (jurisdiction.clone(), scope, key));
        if let Some((ticket, version)) = key.as_ref().and_then(|key| self.known.keys.get(key)) {
            return Ok(Outcome::Replayed { ticket: ticket.clone(), version: *version });
        }
        let (known, counter) = match &job.target {
            Target::Existing { ticket, expected_version } => {
                match self.known.tickets.get(&(jurisdiction.clone(), ticket.clone())) {
                    None => return Ok(Outcome::NotFound),
                    Some(stands) if stands.version != *expected_version => {
                        return Ok(Outcome::Conflict { current_version: stands.version });
                    }
                    Some(stands) => (Some(stands.clone()), None),
                }
            }
            Target::New { number_day } => (None, Some(ticket_counter(&jurisdiction, number_day))),
        };
        let serial = match &counter {
            None => 0,
            Some(counter) => u32::try_from(self.known.last(counter) + 1)
                .map_err(|_| StoreError::invalid(OP, "the day's serials are used up"))?,
        };
        let version = known.as_ref().map_or(0, |stands| stands.version);
        let commit = build(job, Numbered { serial, first_version: version + 1 })?;
        if counter.is_some() && self.known.tickets.contains_key(&(jurisdiction.clone(), commit.ticket.clone())) {
            return Err(StoreError::invalid(OP, "the number formed for a new ticket exists already"));
        }
        if let Some(counter) = counter {
            self.known.next(counter);
        }
        let docs = doc_counter(self.known.dialect, &jurisdiction);
        let doc = known.as_ref().map_or_else(|| self.known.next(docs), |stands| stands.doc);
        Ok(self.apply(jurisdiction, key, (version, doc), commit))
    }

    fn apply(
        &mut self,
        jurisdiction: String,
        key: Option<(String, String, String)>,
        (before, doc): (i64, i64),
        mut commit: Commit,
    ) -> Outcome {
        let ticket = commit.ticket.clone();
        let what = Done { ticket: &ticket, before, at: commit.at, actor: &commit.actor };
        let (version, seq) = self.chain(&jurisdiction, &what, std::mem::take(&mut commit.events));
        for new in commit.outbox.drain(..) {
            self.send(&jurisdiction, &ticket, new, None);
        }
        for person in commit.persons.drain(..) {
            self.persons.insert((jurisdiction.clone(), person.person.clone()), person);
        }
        self.appeals.extend(commit.appeals.drain(..).map(|appeal| (jurisdiction.clone(), ticket.clone(), appeal)));
        let files = commit.attachments.drain(..);
        self.attachments.extend(files.map(|file| (jurisdiction.clone(), ticket.clone(), file)));
        if let Some(key) = key {
            let (j, scope, name) = key.clone();
            self.keys.push((j, scope, name, ticket.clone(), version, us(commit.at)));
            self.known.keys.insert(key, (ticket.clone(), version));
        }
        let address = (jurisdiction.clone(), ticket.clone());
        let known = self.known.tickets.insert(address.clone(), Stands { version, doc, ..Stands::default() });
        let terms = commit.terms.take();
        match self.position.get(&address).and_then(|&at| self.tickets.get_mut(at)) {
            Some(written) => {
                written.version = version;
                written.terms = terms.or(written.terms.take());
                written.commit = commit;
            }
            None => {
                self.position.insert(address, self.tickets.len());
                self.tickets.push(Written { jurisdiction, version, doc, before: known, terms, commit });
            }
        }
        Outcome::Done { ticket, version, seq }
    }

    /// Gives a message its number.
    pub(super) fn send(&mut self, jurisdiction: &str, ticket: &str, new: NewOutbox, sent: Option<Sent>) {
        let id = self.known.next(outbox_counter(jurisdiction));
        self.outbox.push(Letter { jurisdiction: jurisdiction.into(), id, ticket: ticket.into(), new, sent });
    }

    /// Appends events to the jurisdiction's chain; returns the ticket's version and the last `seq`.
    pub(super) fn chain(&mut self, jurisdiction: &str, what: &Done<'_>, events: Vec<NewEvent>) -> (i64, i64) {
        let head = self.known.heads.entry(jurisdiction.into()).or_insert_with(|| (0, GENESIS.into()));
        let mut version = what.before;
        let at = us(what.at);
        for event in events {
            version += 1;
            let seq = head.0 + 1;
            let link = Link {
                prev: &head.1,
                jurisdiction,
                seq,
                ticket: what.ticket,
                version,
                at,
                actor: what.actor,
                kind: &event.kind,
                payload: &event.payload,
            };
            let hash = link.hash();
            *head = (seq, hash.clone());
            self.journal.push(Entry {
                jurisdiction: jurisdiction.into(),
                seq,
                ticket: what.ticket.into(),
                version,
                at,
                actor: what.actor.into(),
                kind: event.kind,
                payload: event.payload,
                hash,
            });
        }
        (version, head.0)
    }
}

/// What events are about.
pub(super) struct Done<'a> {
    pub(super) ticket: &'a str,
    /// The ticket's version before them.
    pub(super) before: i64,
    pub(super) at: Timestamp,
    pub(super) actor: &'a str,
}

/// The job's commit: asked for now, or what an earlier attempt got, if its number still fits.
fn build(job: &mut Pending, numbered: Numbered) -> Result<Commit, StoreError> {
    let work = std::mem::replace(&mut job.work, Work::Refused(StoreError::Aborted { op: OP }));
    job.work = match work {
        Work::Ask(ask) => {
            let built = catch_unwind(AssertUnwindSafe(|| ask(numbered)))
                .map_err(|_| StoreError::invalid(OP, "build panicked"))
                .and_then(|commit| check(&job.target, &commit).map(|()| commit));
            match built {
                Ok(commit) => Work::Ready(numbered.serial, Box::new(commit)),
                Err(error) => Work::Refused(error),
            }
        }
        work => work,
    };
    match &job.work {
        Work::Ready(serial, commit) if *serial == numbered.serial => Ok(commit.as_ref().clone()),
        Work::Refused(error) => Err(error.clone()),
        _ => Err(StoreError::Aborted { op: OP }),
    }
}

/// Refuses in memory what would otherwise undo the whole group, or stay in the journal for ever.
fn check(target: &Target, commit: &Commit) -> Result<(), StoreError> {
    let wrong = |what: &str| Err(StoreError::invalid(OP, what));
    if commit.ticket.is_empty() || matches!(target, Target::Existing { ticket, .. } if *ticket != commit.ticket) {
        return wrong("the commit is about another ticket than the job");
    }
    if commit.events.is_empty() || commit.events.iter().any(|e| e.kind.is_empty()) {
        return wrong("a commit needs at least one event, each with a kind");
    }
    let json = |text: &str| serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok();
    if !json(&commit.body)
        || !commit.events.iter().all(|e| json(&e.payload))
        || !commit.outbox.iter().all(|o| json(&o.payload))
    {
        return wrong("body, event payloads and outbox payloads must be JSON");
    }
    let mut units = HashSet::new();
    if !commit.units.iter().all(|unit| PARTS.contains(&unit.1.as_str()) && units.insert(unit)) {
        return wrong("a unit has an unknown part, or the same part twice");
    }
    Ok(())
}
