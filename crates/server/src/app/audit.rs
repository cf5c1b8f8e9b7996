//! What is written down of everything that is done besides acts on tickets (these stand in the tickets' journal).
//!
//! What is done and its entry are one transaction ([`App::deed`], [`App::done`]): neither stands without the other. What is only looked at is written
//! before it is shown, and what takes longer than a transaction when it has come to its end. What was refused is written a moment later by a
//! task of its own, so that an answer takes as long whatever it refuses; repeats of it within a minute are counted and written as one, so
//! that a flood fills no disk.

use std::{
    collections::{BTreeMap, HashMap},
    net::IpAddr,
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use jiesu_domain::{
    Actor, Instant, Role,
    audit::{ActKind, Outcome},
};
use jiesu_store::{Deed, NewAudit, Store, StoreError};
use serde_json::{Value, json};
use tokio::{
    sync::{mpsc, oneshot},
    time::{Instant as Moment, sleep_until},
};

use super::App;
use crate::telemetry::figures;

/// Refused attempts that wait to be written; beyond that they are only counted.
const WAITING: usize = 1024;
/// Refused attempts of one account or address, of one kind, that are written one by one within [`FOLDED`].
const TOLD: u64 = 5;
/// How long repeats are counted before their number is written.
const FOLDED: Duration = Duration::from_secs(60);
/// Accounts and addresses whose repeats are counted apart; beyond that they are counted together.
const APART: usize = 1000;
/// Name of the setting with what the law was when the centre was opened last.
const LAW_SETTING: &str = "law";
/// Characters of a subject and of a reason.
const SUBJECT: usize = 200;
const REASON: usize = 500;

/// Who does it.
#[derive(Debug, Clone, Copy)]
pub enum Who<'a> {
    Signed(&'a Actor),
    /// Nobody is signed in, or not yet.
    Nobody,
    /// The worker.
    System,
    /// Somebody at the machine: `jiesu account add` and the like.
    CommandLine,
}

impl<'a> From<&'a Actor> for Who<'a> {
    fn from(actor: &'a Actor) -> Self {
        Who::Signed(actor)
    }
}

impl Who<'_> {
    fn id(self) -> String {
        match self {
            Who::Signed(actor) => actor.id.clone(),
            Who::Nobody => String::new(),
            Who::System => "system".into(),
            Who::CommandLine => format!("command-line:{}", rustix::process::getuid().as_raw()),
        }
    }

    fn role(self) -> &'static str {
        match self {
            Who::Signed(actor) => actor.role.code(),
            Who::System => Role::System.code(),
            Who::Nobody | Who::CommandLine => "",
        }
    }
}

/// What is done or tried.
#[derive(Debug, Clone)]
pub struct Act {
    pub kind: ActKind,
    /// A ticket's number, an account's id, a setting's name, an address of the API. Never a name or a number of a person.
    pub subject: String,
    pub outcome: Outcome,
    pub reason: Option<String>,
    /// Codes and counts, without personal data.
    pub detail: Value,
    pub from: Option<IpAddr>,
}

impl Act {
    /// Something that is done, or about to be shown.
    pub fn done(kind: ActKind, subject: impl Into<String>) -> Act {
        Act { kind, subject: subject.into(), outcome: Outcome::Done, reason: None, detail: json!({}), from: None }
    }

    /// Something that was refused.
    pub fn refused(kind: ActKind, subject: impl Into<String>) -> Act {
        Act { outcome: Outcome::Refused, ..Act::done(kind, subject) }
    }

    /// Something that takes longer than a transaction is about to begin; [`Act::ended`] follows.
    pub fn begun(&self) -> Act {
        Act { outcome: Outcome::Begun, ..self.clone() }
    }

    /// How it ended.
    pub fn ended(self, well: bool) -> Act {
        Act { outcome: if well { Outcome::Done } else { Outcome::Failed }, ..self }
    }

    pub fn because(self, reason: impl Into<String>) -> Act {
        Act { reason: Some(reason.into()), ..self }
    }

    pub fn with(self, detail: Value) -> Act {
        Act { detail, ..self }
    }

    /// As an entry, where no centre is open: what a command does to a database.
    pub fn by_command(self, at: Instant) -> NewAudit {
        self.entry(Who::CommandLine, at)
    }

    pub fn from(self, from: Option<IpAddr>) -> Act {
        Act { from, ..self }
    }

    /// As the store takes it.
    pub(crate) fn entry(self, who: Who<'_>, at: Instant) -> NewAudit {
        let cut = |text: String, most: usize| match text.char_indices().nth(most) {
            Some((end, _)) => text[..end].to_owned(),
            None => text,
        };
        NewAudit {
            at,
            who: who.id(),
            role: who.role().into(),
            kind: self.kind.code().into(),
            subject: cut(self.subject, SUBJECT),
            outcome: self.outcome.code().into(),
            reason: cut(self.reason.unwrap_or_default(), REASON),
            detail: self.detail.to_string(),
            origin: self.from.map(|from| from.to_canonical().to_string()).unwrap_or_default(),
        }
    }
}

impl App {
    /// Begins something that is done here; [`App::done`] makes it stand.
    ///
    /// # Errors
    /// The store fails.
    pub async fn deed(&self) -> Result<Deed, StoreError> {
        self.store.deed(&self.jurisdiction).await
    }

    /// It is done: what the deed wrote and the entry that tells of it, both or neither. The entry's position.
    ///
    /// # Errors
    /// The store fails; nothing is done then.
    pub async fn done<'a>(&self, deed: Deed, who: impl Into<Who<'a>>, act: Act) -> Result<i64, StoreError> {
        deed.done(&act.entry(who.into(), self.clock.now())).await
    }

    /// Writes an act into the audit journal that changes nothing here: something is about to be shown, or was refused. What is to be shown is
    /// not shown if this fails. Returns the entry's position; 0 for what was refused, which is written a moment later
    /// ([`App::audit_settled`]).
    ///
    /// # Errors
    /// The store fails.
    pub async fn audit<'a>(&self, who: impl Into<Who<'a>>, act: Act) -> Result<i64, StoreError> {
        if act.outcome == Outcome::Refused {
            figures::refused(act.kind);
            self.refusals.tell(act.entry(who.into(), self.clock.now()));
            return Ok(0);
        }
        let entry = act.entry(who.into(), self.clock.now());
        self.store.audit_append(&self.jurisdiction, &[entry]).await
    }

    /// Notes in the audit journal what of the law is another than when this centre was opened last: rulebooks, catalogues, lists of units and
    /// notices are files, and whoever puts another one there changes what everybody must do.
    ///
    /// # Errors
    /// The store fails.
    pub async fn note_law(&self) -> Result<(), StoreError> {
        let now = self.law.texts(&self.jurisdiction);
        let before = self.store.setting(&self.jurisdiction, LAW_SETTING).await?;
        let before: Option<BTreeMap<String, String>> = before.and_then(|text| serde_json::from_str(&text).ok());
        if before.as_ref() == Some(&now) {
            return Ok(());
        }
        let before = before.unwrap_or_default();
        let changed: BTreeMap<_, _> = now.iter().filter(|(name, digest)| before.get(*name) != Some(digest)).collect();
        let gone: Vec<_> = before.keys().filter(|name| !now.contains_key(*name)).collect();
        let detail = json!({ "now": changed, "gone": gone });
        let mut deed = self.deed().await?;
        deed.setting_put(LAW_SETTING, &json!(now).to_string()).await?;
        self.done(deed, Who::System, Act::done(ActKind::LawChanged, "law").with(detail)).await.map(drop)
    }

    /// Waits until every refused attempt so far is written, with what was counted.
    pub async fn audit_settled(&self) {
        self.refusals.settled().await;
    }
}

/// The way to the task that writes what was refused.
#[derive(Debug)]
pub(super) struct Refusals {
    to: mpsc::Sender<Told>,
    /// What did not fit into the way; told with the next one.
    lost: std::sync::Arc<AtomicU64>,
}

#[derive(Debug)]
enum Told {
    Refused(NewAudit),
    Settle(oneshot::Sender<()>),
}

impl Refusals {
    /// Must be called within a Tokio runtime. The task ends with the centre.
    pub(super) fn new(store: Store, jurisdiction: String) -> Refusals {
        let (to, from) = mpsc::channel(WAITING);
        let lost = std::sync::Arc::new(AtomicU64::new(0));
        let folding = Folding { store, jurisdiction, lost: lost.clone(), counted: HashMap::new(), next: None };
        tokio::spawn(folding.run(from));
        Refusals { to, lost }
    }

    fn tell(&self, entry: NewAudit) {
        if self.to.try_send(Told::Refused(entry)).is_err() {
            self.lost.fetch_add(1, Ordering::Relaxed);
        }
    }

    async fn settled(&self) {
        let (reply, done) = oneshot::channel();
        if self.to.send(Told::Settle(reply)).await.is_ok() {
            let _ = done.await;
        }
    }
}

/// Who and what repeats are counted by: account, address, kind. All empty: everybody else.
type Key = (String, String, String);

struct Folding {
    store: Store,
    jurisdiction: String,
    lost: std::sync::Arc<AtomicU64>,
    counted: HashMap<Key, Counted>,
    /// When what was counted is written.
    next: Option<Moment>,
}

struct Counted {
    times: u64,
    /// The last one of those that were only counted.
    last: Option<NewAudit>,
}

impl Folding {
    async fn run(mut self, mut from: mpsc::Receiver<Told>) {
        loop {
            let until = self.next.unwrap_or_else(|| Moment::now() + FOLDED);
            tokio::select! {
                told = from.recv() => match told {
                    None => break,
                    Some(Told::Refused(entry)) => self.refused(entry).await,
                    Some(Told::Settle(reply)) => {
                        self.write_counted().await;
                        let _ = reply.send(());
                    }
                },
                () = sleep_until(until) => self.write_counted().await,
            }
        }
        self.write_counted().await;
    }

    async fn refused(&mut self, entry: NewAudit) {
        self.next.get_or_insert_with(|| Moment::now() + FOLDED);
        let mut key = (entry.who.clone(), entry.origin.clone(), entry.kind.clone());
        if self.counted.len() >= APART && !self.counted.contains_key(&key) {
            key = Key::default();
        }
        let counted = self.counted.entry(key).or_insert(Counted { times: 0, last: None });
        counted.times += 1;
        if counted.times > TOLD {
            counted.last = Some(entry);
            return;
        }
        self.write(&[entry]).await;
    }

    /// One entry for each that repeated: the last of them, with how many there were.
    async fn write_counted(&mut self) {
        self.next = None;
        let mut entries: Vec<NewAudit> = std::mem::take(&mut self.counted).into_iter().filter_map(folded).collect();
        entries.sort_by(|a, b| (a.at, &a.who, &a.origin).cmp(&(b.at, &b.who, &b.origin)));
        if let Some(last) = entries.last_mut() {
            let lost = self.lost.swap(0, Ordering::Relaxed);
            last.detail = if lost == 0 { last.detail.clone() } else { more(&last.detail, "not-told", lost) };
        }
        for some in entries.chunks(500) {
            self.write(some).await;
        }
    }

    async fn write(&self, entries: &[NewAudit]) {
        if let Err(error) = self.store.audit_append(&self.jurisdiction, entries).await {
            tracing::error!(%error, entries = entries.len(), "refused attempts could not be written down");
        }
    }
}

fn folded((key, counted): (Key, Counted)) -> Option<NewAudit> {
    let last = counted.last?;
    let entry = NewAudit { detail: more(&last.detail, "repeats", counted.times - TOLD), ..last };
    // Of everybody else together no one is named.
    let all = NewAudit { who: String::new(), role: String::new(), origin: String::new(), ..entry.clone() };
    Some(if key == Key::default() { all } else { entry })
}

/// A detail with one number more.
fn more(detail: &str, name: &str, number: u64) -> String {
    let mut detail: serde_json::Map<String, Value> = serde_json::from_str(detail).unwrap_or_default();
    detail.insert(name.into(), number.into());
    Value::Object(detail).to_string()
}
