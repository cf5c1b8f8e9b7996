//! What a group of jobs amounts to: conflicts sorted out in memory against what was read, numbers given, chain computed.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use jiff::Timestamp;

use super::batch::{OP, Pending, Work};
use super::fill::Sent;
use super::sql::{self, Asked, Key};
use super::{Commit, NewEvent, NewOutbox, Numbered, Outcome, Target};
use crate::chain::{GENESIS, Link};
use crate::db::{Dialect, Tx};
use crate::error::StoreError;
use crate::model::{PARTS, TicketRow};
use crate::outbox::payload_spot;
use crate::rows::{due_order, us};
use crate::seal::{DataKey, KeyError, Ring, Rings, Spot, TicketKey, fresh_ticket_key};

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
    /// Version of each jurisdiction's newest data key.
    pub(super) newest: HashMap<String, i64>,
    /// The data keys of the jurisdictions that have some.
    pub(super) rings: HashMap<String, Arc<Ring>>,
}

/// How a ticket stands before a commit.
#[derive(Clone, Default)]
pub(super) struct Stands {
    pub(super) version: i64,
    /// Its row in the full-text index.
    pub(super) doc: i64,
    /// Its key as stored: empty once it was erased, `None` if it never had one.
    pub(super) secret: Option<String>,
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
        let (newest, rings) = (HashMap::new(), HashMap::new());
        Self { heads, keys, tickets, counters: BTreeMap::new(), dialect, newest, rings }
    }

    /// Takes the data keys to hand: those that are the newest in this transaction.
    pub(super) async fn unlock(&mut self, tx: &mut Tx<'_>, rings: &Rings) -> Result<(), StoreError> {
        for (jurisdiction, newest) in &self.newest {
            let ring = rings.at_least(&mut *tx, OP, jurisdiction, *newest).await?;
            self.rings.insert(jurisdiction.clone(), ring);
        }
        Ok(())
    }

    /// The data keys of a jurisdiction.
    ///
    /// # Errors
    /// It has none: it was made by a version that sealed nothing, and not migrated since.
    pub(super) fn ring(&self, jurisdiction: &str) -> Result<&Ring, StoreError> {
        let ring = self.rings.get(jurisdiction).map(|ring| &**ring);
        ring.ok_or(StoreError::Key { op: OP, source: KeyError::NoDataKey { version: 0 } })
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
    /// Under what its body goes; none: it was erased.
    pub(super) key: Option<Arc<TicketKey>>,
    /// Its key as it is to be stored, where that changes.
    pub(super) secret: Option<String>,
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
    /// The keys of tickets that were met.
    pub(super) sealing: HashMap<Key, Sealing>,
}

/// A ticket's key in this group.
#[derive(Clone)]
pub(super) struct Sealing {
    /// None: the ticket was erased.
    pub(super) key: Option<Arc<TicketKey>>,
    /// As it is to be stored, if it is new.
    pub(super) secret: Option<String>,
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
            sealing: HashMap::new(),
        }
    }

    /// The key of a ticket; a new one if it has none.
    pub(super) fn sealing(&mut self, jurisdiction: &str, ticket: &str) -> Result<Sealing, StoreError> {
        let address = (jurisdiction.to_owned(), ticket.to_owned());
        if let Some(known) = self.sealing.get(&address) {
            return Ok(known.clone());
        }
        let ring = self.known.ring(jurisdiction)?;
        let stored = self.known.tickets.get(&address).and_then(|stands| stands.secret.as_deref());
        let sealing = match stored.map(|secret| ring.ticket_key(ticket, secret)) {
            None => {
                let (key, secret) = fresh_ticket_key(ring.newest(), jurisdiction, ticket);
                Sealing { key: Some(Arc::new(key)), secret: Some(secret) }
            }
            Some(Ok(key)) => Sealing { key: Some(Arc::new(key)), secret: None },
            Some(Err(KeyError::Erased)) => Sealing { key: None, secret: None },
            Some(Err(source)) => return Err(StoreError::Key { op: OP, source }),
        };
        self.sealing.insert(address, sealing.clone());
        Ok(sealing)
    }

    /// The key that seals in a jurisdiction of the plan.
    pub(super) fn data_key(&self, jurisdiction: &str) -> &DataKey {
        self.known.ring(jurisdiction).expect("rows are planned where there are keys").newest()
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
        let sealing = if commit.forget {
            Sealing { key: None, secret: Some(String::new()) }
        } else {
            self.sealing(&jurisdiction, &commit.ticket)?
        };
        if let Some(counter) = counter {
            self.known.next(counter);
        }
        let docs = doc_counter(self.known.dialect, &jurisdiction);
        let doc = known.as_ref().map_or_else(|| self.known.next(docs), |stands| stands.doc);
        Ok(self.apply(jurisdiction, key, (version, doc), sealing, commit))
    }

    fn apply(
        &mut self,
        jurisdiction: String,
        key: Option<(String, String, String)>,
        (before, doc): (i64, i64),
        sealing: Sealing,
        mut commit: Commit,
    ) -> Outcome {
        let ticket = commit.ticket.clone();
        let address = (jurisdiction.clone(), ticket.clone());
        if commit.forget {
            self.sealing.insert(address.clone(), Sealing { key: None, secret: None });
        }
        let key_of_ticket = sealing.key.as_deref();
        let what = Done { ticket: &ticket, before, at: commit.at, actor: &commit.actor, key: key_of_ticket };
        let (version, seq) = self.chain(&jurisdiction, &what, std::mem::take(&mut commit.events));
        for new in commit.outbox.drain(..) {
            self.send(&jurisdiction, &ticket, key_of_ticket, new, None);
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
        let known = self.known.tickets.insert(address.clone(), Stands { version, doc, ..Stands::default() });
        let terms = commit.terms.take();
        match self.position.get(&address).and_then(|&at| self.tickets.get_mut(at)) {
            Some(written) => {
                written.version = version;
                written.terms = terms.or(written.terms.take());
                written.key = sealing.key;
                written.secret = sealing.secret.or(written.secret.take());
                written.commit = commit;
            }
            None => {
                self.position.insert(address, self.tickets.len());
                let Sealing { key, secret } = sealing;
                self.tickets.push(Written { jurisdiction, version, doc, before: known, terms, key, secret, commit });
            }
        }
        Outcome::Done { ticket, version, seq }
    }

    /// Gives a message its number.
    pub(super) fn send(
        &mut self,
        jurisdiction: &str,
        ticket: &str,
        key: Option<&TicketKey>,
        mut new: NewOutbox,
        sent: Option<Sent>,
    ) {
        let id = self.known.next(outbox_counter(jurisdiction));
        if let Some(key) = key {
            new.payload = key.seal(&payload_spot(jurisdiction, &[&id.to_string()]), &new.payload);
        }
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
            let place = version.to_string();
            let spot = Spot { jurisdiction, table: "journal", row: &[what.ticket, &place], column: "payload" };
            // The hash is over what is stored: whoever checks the chain needs no key, and it stays whole when a key goes.
            let payload = what.key.map_or(event.payload.clone(), |key| key.seal(&spot, &event.payload));
            let link = Link {
                prev: &head.1,
                jurisdiction,
                seq,
                ticket: what.ticket,
                version,
                at,
                actor: what.actor,
                kind: &event.kind,
                payload: &payload,
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
                payload,
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
    /// The ticket's key; none: what is said stays readable.
    pub(super) key: Option<&'a TicketKey>,
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
