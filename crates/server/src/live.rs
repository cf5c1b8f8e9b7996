//! What changes, as it changes: every process follows the journal, whoever wrote it, and tells those of its listeners who may see the
//! ticket. It also notices that units or accounts changed elsewhere.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use jiesu_domain::{
    Actor,
    access::{self, Part},
    ticket::Ticket,
};
use jiesu_store::Marks;
use tokio::sync::{Notify, broadcast, watch};

use crate::app::{App, OpenError};

/// How often the journal is looked at when nobody in this process says that it grew.
const PAUSE: Duration = Duration::from_millis(300);
/// Changes that a slow listener may be behind before it is told to ask for everything again.
const BEHIND: usize = 1_024;
/// Tickets whose last parts are remembered.
const REMEMBERED: usize = 50_000;

/// A ticket has changed.
#[derive(Debug)]
pub struct Change {
    pub ticket: String,
    /// Units and their parts in it, now and before: whoever no longer has to do with it must see it go.
    parts: BTreeSet<(String, Part)>,
}

impl Change {
    /// Whether this person may know.
    pub fn concerns(&self, app: &App, actor: &Actor) -> bool {
        let Some((reach, seen)) = access::scope(actor, &app.units()) else { return true };
        self.parts.iter().any(|(unit, part)| reach.contains(unit) && seen.contains(part))
    }
}

/// The listeners of one process.
#[derive(Debug)]
pub struct Live {
    changes: broadcast::Sender<Arc<Change>>,
    grown: Notify,
    ended: watch::Sender<bool>,
}

impl Default for Live {
    fn default() -> Live {
        Live { changes: broadcast::Sender::new(BEHIND), grown: Notify::new(), ended: watch::Sender::new(false) }
    }
}

impl Live {
    /// Something was written by this process.
    pub fn grown(&self) {
        self.grown.notify_one();
    }

    /// Hears every change from now on.
    pub fn listen(&self) -> broadcast::Receiver<Arc<Change>> {
        self.changes.subscribe()
    }

    /// Turns true when the process ends: a stream that goes on would keep it.
    pub fn ended(&self) -> watch::Receiver<bool> {
        self.ended.subscribe()
    }

    /// Ends all streams.
    pub fn end(&self) {
        self.ended.send_replace(true);
    }
}

/// Follows the journal from where it stood when the centre opened, until the end. What cannot be read is tried again.
pub async fn follow(app: Arc<App>) {
    let mut ended = app.live.ended();
    let mut follower = Follower { app: &app, marks: app.opened_at, known: BTreeMap::new() };
    loop {
        if let Err(error) = follower.look().await {
            tracing::warn!(%error, "the journal could not be followed; trying again");
        }
        tokio::select! {
            () = app.live.grown.notified() => {}
            () = tokio::time::sleep(PAUSE) => {}
            _ = ended.changed() => return,
        }
    }
}

struct Follower<'a> {
    app: &'a App,
    /// What is known of already.
    marks: Marks,
    /// The parts of tickets as they were told last.
    known: BTreeMap<String, BTreeSet<(String, Part)>>,
}

impl Follower<'_> {
    async fn look(&mut self) -> Result<(), OpenError> {
        let (store, j) = (&self.app.store, &self.app.jurisdiction);
        let now = store.marks(j).await?;
        let before = self.marks;
        if now.organisation != before.organisation {
            self.app.reload().await?;
        }
        // Nobody listens: nothing need be read.
        if now.seq > before.seq && self.app.live.changes.receiver_count() > 0 {
            for ticket in store.tickets_changed(j, before.seq, now.seq).await? {
                self.tell(ticket).await?;
            }
        }
        self.marks = now;
        Ok(())
    }

    async fn tell(&mut self, number: String) -> Result<(), OpenError> {
        let Some(stored) = self.app.store.ticket(&self.app.jurisdiction, &number).await? else { return Ok(()) };
        let Ok(ticket) = serde_json::from_str::<Ticket>(&stored.body) else { return Ok(()) };
        let now = access::parts(&ticket);
        if self.known.len() >= REMEMBERED {
            self.known.clear();
        }
        let before = self.known.insert(number.clone(), now.clone()).unwrap_or_default();
        let parts = now.union(&before).cloned().collect();
        let _ = self.app.live.changes.send(Arc::new(Change { ticket: number, parts })); // nobody listens any more: fine
        Ok(())
    }
}
