//! The bulk path: fills a jurisdiction that has no ticket yet with whole lives, by the same plans and statements as the writer. It may
//! write a ticket's row once, as it stands at the end, because nobody reads before the end; the journal goes in order of time as always.
//!
//! Until the end the jurisdiction is marked as unfinished. A group that is on disk stays there, but its tickets are ahead of their journal:
//! what was broken off is thrown away and begun anew.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::Timestamp;

use super::plan::{Done, Known, Plan, Written, doc_counter, ticket_counter};
use super::settle;
use super::sql::{self, Asked};
use super::{Commit, NewEvent, NewOutbox};
use crate::chain::GENESIS;
use crate::db::{Dialect, query};
use crate::error::{Named, StoreError};
use crate::location::WRITERS_PAGES;
use crate::model::{AppealRow, PersonRow};
use crate::seal::{TicketKey, fresh_ticket_key};
use crate::store::Store;

const OP: &str = "fill";

/// The setting that marks a jurisdiction whose filling has not come to its end.
const UNFINISHED: &str = "filling";

/// A ticket as it stands at the end.
#[derive(Debug)]
pub struct Filled {
    /// The day whose counter its serial comes from.
    pub number_day: String,
    /// Version after its last event.
    pub version: i64,
    /// Ticket, time of its last event, row, body, units and terms. Nothing else of it is looked at.
    pub last: Commit,
}

/// Something that was done to a ticket.
#[derive(Debug)]
pub struct Lived {
    /// The ticket's number.
    pub ticket: String,
    /// Its version before.
    pub before: i64,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub actor: String,
    /// What followed.
    pub events: Vec<NewEvent>,
    /// The appeal that came with it.
    pub appeal: Option<AppealRow>,
    /// The person who came with it.
    pub person: Option<PersonRow>,
    /// Messages, each with how it went out, if it did.
    pub outbox: Vec<(NewOutbox, Option<Sent>)>,
}

/// A message that went out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    /// When.
    pub at: Timestamp,
    /// What the gateway said.
    pub result: String,
}

/// A filling: gives numbers and computes the chain, without touching the database.
pub struct Fill {
    jurisdiction: String,
    known: Known,
    /// The keys of tickets to which something is still done, and their version at the end.
    living: HashMap<String, (Arc<TicketKey>, i64)>,
}

/// What one transaction writes.
pub struct Group {
    plan: Plan,
    jurisdiction: String,
    /// The end of the chain on which it follows.
    head: (i64, String),
}

impl std::fmt::Debug for Fill {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Fill").field("jurisdiction", &self.jurisdiction).finish_non_exhaustive()
    }
}

impl std::fmt::Debug for Group {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Group").field("entries", &self.plan.journal.len()).finish_non_exhaustive()
    }
}

impl Fill {
    /// The next group: tickets in the order of their registration, each not after the first thing done to it; what was done in order of
    /// time.
    pub fn group(&mut self, tickets: Vec<Filled>, done: Vec<Lived>) -> Group {
        let jurisdiction = self.jurisdiction.clone();
        let dialect = self.known.dialect;
        let known = std::mem::replace(&mut self.known, Known::nothing(dialect));
        let head = known.heads.get(&jurisdiction).cloned().unwrap_or_else(|| (0, GENESIS.into()));
        let rings = known.rings.clone();
        let mut plan = Plan::new(known);
        for ticket in tickets {
            let (number, version) = (ticket.last.ticket.clone(), ticket.version);
            let key = plan.filled(&jurisdiction, ticket);
            self.living.insert(number, (key, version));
        }
        for lived in done {
            let known = self.living.get(&lived.ticket).map(|(key, _)| Arc::clone(key));
            let key = known.expect("a ticket comes no later than what is done to it");
            let (ticket, version) = (lived.ticket.clone(), lived.before + lived.events.len() as i64);
            plan.lived(&jurisdiction, lived, &key);
            if self.living.get(&ticket).is_some_and(|(_, last)| *last <= version) {
                self.living.remove(&ticket);
            }
        }
        // The next group goes on from where this one ends, with counters that it has not moved.
        self.known.heads = plan.known.heads.clone();
        self.known.rings = rings;
        self.known.counters =
            plan.known.counters.iter().map(|(key, (value, _))| (key.clone(), (*value, false))).collect();
        Group { plan, jurisdiction, head }
    }
}

impl Plan {
    fn filled(&mut self, jurisdiction: &str, ticket: Filled) -> Arc<TicketKey> {
        let Filled { number_day, version, mut last } = ticket;
        self.known.next(ticket_counter(jurisdiction, &number_day));
        let doc = self.known.next(doc_counter(self.known.dialect, jurisdiction));
        let terms = last.terms.take();
        let (key, secret) = fresh_ticket_key(self.data_key(jurisdiction), jurisdiction, &last.ticket);
        let key = Arc::new(key);
        self.tickets.push(Written {
            jurisdiction: jurisdiction.into(),
            version,
            doc,
            before: None,
            terms,
            key: Some(Arc::clone(&key)),
            secret: Some(secret),
            commit: last,
        });
        key
    }

    fn lived(&mut self, jurisdiction: &str, lived: Lived, key: &TicketKey) {
        let Lived { ticket, before, at, actor, events, appeal, person, outbox } = lived;
        self.chain(jurisdiction, &Done { ticket: &ticket, before, at, actor: &actor, key: Some(key) }, events);
        for (new, sent) in outbox {
            self.send(jurisdiction, &ticket, Some(key), new, sent);
        }
        self.persons.extend(person.map(|p| ((jurisdiction.to_owned(), p.person.clone()), p)));
        self.appeals.extend(appeal.map(|a| (jurisdiction.to_owned(), ticket, a)));
    }
}

impl Store {
    /// Begins to fill a jurisdiction, and marks it as unfinished.
    pub async fn fill(&self, jurisdiction: &str) -> Result<Fill, StoreError> {
        let there: i64 = query("SELECT COUNT(*) FROM (SELECT 1 FROM journal WHERE jurisdiction = $1 LIMIT 1) AS x")
            .bind(jurisdiction)
            .scalar(self.read())
            .await
            .op(OP)?;
        if there > 0 {
            return Err(StoreError::invalid(OP, "only a jurisdiction without tickets can be filled"));
        }
        self.setting_put(jurisdiction, UNFINISHED, "1").await?;
        self.in_a_hurry(true).await?;
        let write = self.write_connection();
        let mut conn = write.lock(OP).await?;
        let mut tx = conn.begin().await.op(OP)?;
        let docs = doc_counter(tx.dialect(), jurisdiction);
        // SQLite numbers its full-text rows over all jurisdictions.
        let asked = Asked { jurisdictions: vec![jurisdiction.into()], counters: vec![docs], ..Asked::default() };
        let Known { counters, dialect, .. } = sql::known(&mut tx, asked).await.op(OP)?;
        let mut known = Known { counters, ..Known::nothing(dialect) };
        tx.rollback().await.op(OP)?;
        let ring = self.rings().load(self.read(), OP, jurisdiction).await?;
        known.rings.insert(jurisdiction.into(), ring);
        Ok(Fill { jurisdiction: jurisdiction.into(), known, living: HashMap::new() })
    }

    /// Writes a group. The groups of a filling are written in their order.
    pub async fn fill_write(&self, group: &Group) -> Result<(), StoreError> {
        let write = self.write_connection();
        let mut conn = write.lock(OP).await?;
        let mut tx = conn.begin().await.op(OP)?;
        sql::lock(&mut tx, std::slice::from_ref(&group.jurisdiction)).await.op(OP)?;
        let asked = Asked {
            jurisdictions: vec![group.jurisdiction.clone()],
            counters: vec![doc_counter(tx.dialect(), &group.jurisdiction)],
            ..Asked::default()
        };
        let there = sql::known(&mut tx, asked).await.op(OP)?;
        if there.heads.get(&group.jurisdiction) != Some(&group.head) {
            return Err(StoreError::invalid(OP, "somebody else writes to the jurisdiction that is being filled"));
        }
        sql::write(&mut tx, &group.plan).await.op(OP)?;
        tx.commit().await.op(OP)
    }

    /// The end: everything is on disk, and the jurisdiction is like any other.
    pub async fn fill_end(&self, jurisdiction: &str) -> Result<(), StoreError> {
        settle(self.dialect(), &mut self.write(OP).await?).await.op(OP)?;
        self.in_a_hurry(false).await?;
        self.setting_delete(jurisdiction, UNFINISHED).await
    }

    /// Whether a filling was broken off (or is still under way).
    pub async fn unfinished(&self, jurisdiction: &str) -> Result<bool, StoreError> {
        Ok(self.setting(jurisdiction, UNFINISHED).await?.is_some())
    }

    /// Whether commits go on without waiting for the disk, and SQLite keeps 64 MB of pages. A commit that waits brings everything before it
    /// there.
    async fn in_a_hurry(&self, hurry: bool) -> Result<(), StoreError> {
        let write = self.write_connection();
        let mut conn = write.lock(OP).await?;
        let sql = match (self.dialect() == Dialect::Sqlite, hurry) {
            (true, true) => "PRAGMA synchronous = NORMAL; PRAGMA cache_size = -65536".to_owned(),
            (true, false) => format!("PRAGMA synchronous = FULL; PRAGMA cache_size = {WRITERS_PAGES}"),
            (false, true) => "SET synchronous_commit = off".to_owned(),
            (false, false) => "SET synchronous_commit = on".to_owned(),
        };
        query(sql).execute(&mut *conn).await.op(OP).map(drop)
    }
}
