//! The door of the knowledge base: load, permit, decide, append; and what is searched, which each process keeps in memory.

use std::collections::BTreeMap;

use jiesu_domain::{
    Actor, Instant,
    audit::ActKind,
    knowledge::{Act as Does, Audience, Command, Content, Entry, Event, Sight, decide, evolve, sees},
    ticket::{self, Meta, Refusal},
};
use jiesu_store::{KnowledgeCommit, KnowledgeFilter, KnowledgeRow, NewEvent, Saved, Store, StoredEntry, Told};
use jiesu_text::{ranked::Ranked, search::plain};
use serde_json::json;
use tokio::sync::Mutex;

use super::{Act, App, ExecuteError, OpenError, knowledge_files};

/// How often a command is decided anew when somebody else was quicker.
const ATTEMPTS: u32 = 8;
/// Entries read at once.
pub(super) const PAGE: u32 = 200;
/// Characters of the beginning of an entry that a list of hits shows.
const BEGINNING: usize = 120;
/// Characters of a query that are looked at.
const QUERY_MOST: usize = 2000;

/// An entry of the knowledge base with its number.
#[derive(Clone, Debug)]
pub struct Known {
    pub entry: String,
    pub updated_at: Instant,
    pub state: Entry,
}

/// What is kept of a published entry beside the index.
#[derive(Clone, Debug)]
pub struct Card {
    pub entry: String,
    pub unit: Option<String>,
    pub section: jiesu_domain::knowledge::Section,
    pub title: String,
    /// How it begins.
    pub beginning: String,
    /// Only for the hotline's staff, until it was reviewed.
    pub script: bool,
    /// An error was confirmed.
    pub wrong: bool,
    /// Not to be told to anybody before this day.
    pub not_before: Option<jiff::civil::Date>,
    pub published_at: Instant,
    sight: Sight,
}

/// The published entries, as far as this process knows them.
#[derive(Debug, Default)]
pub struct Shelf {
    known: Mutex<Shelved>,
}

#[derive(Debug, Default)]
struct Shelved {
    /// Up to where the journal was followed.
    seq: i64,
    index: Ranked,
    cards: BTreeMap<String, Card>,
}

impl Shelved {
    fn put(&mut self, stored: &StoredEntry) -> Result<(), ExecuteError> {
        let state = entry_of(stored)?;
        let (Some(current), Some(sight)) = (&state.current, Sight::of(&state)) else {
            self.index.remove(&stored.entry);
            self.cards.remove(&stored.entry);
            return Ok(());
        };
        let content = &current.content;
        let title = format!("{} {}", content.title, content.words.join(" "));
        self.index.put(&stored.entry, &title, &content.body());
        let days = [content.effective_on, content.policy.as_ref().map(|p| p.public_on)];
        let card = Card {
            entry: stored.entry.clone(),
            unit: state.unit.clone(),
            section: content.section,
            title: content.title.clone(),
            beginning: content.text.chars().take(BEGINNING).collect(),
            script: current.script,
            wrong: state.wrong(),
            not_before: days.into_iter().flatten().max(),
            published_at: current.at,
            sight,
        };
        self.cards.insert(stored.entry.clone(), card);
        Ok(())
    }
}

pub(super) fn entry_of(stored: &StoredEntry) -> Result<Entry, ExecuteError> {
    serde_json::from_str(&stored.body).map_err(|e| ExecuteError::unreadable(&e))
}

/// What is listed of an entry.
pub(crate) fn row(entry: &Entry) -> KnowledgeRow {
    let due = entry.next_due();
    KnowledgeRow {
        unit: entry.unit.clone(),
        section: entry.section().code().into(),
        state: entry.state().code().into(),
        title: entry.title().to_owned(),
        ticket: entry.question.as_ref().and_then(|q| q.ticket.clone()),
        review: entry.in_review(),
        published_at: entry.current.as_ref().map(|c| c.at),
        renewed_at: entry.renewed_at,
        wake_at: entry.next_wakeup(),
        next_due: due.map(|c| c.due),
        next_due_clock: due.map(|c| c.kind.code().into()),
        overdue: entry.overdue(),
        wrong: entry.wrong(),
        reported: entry.reported(),
        found: entry.found.len() as i64,
        said: said(entry),
    }
}

/// Everything that an entry says and that was said about it, as the lists are searched: who lists it works on it.
fn said(entry: &Entry) -> String {
    let mut all = Vec::new();
    all.extend(
        entry.question.iter().flat_map(|q| [Some(q.text.clone()), q.ticket.clone(), q.answer.clone()]).flatten(),
    );
    let current = entry.current.iter().map(|c| &c.content);
    for content in current.chain(entry.pending.iter().map(|p| &p.content)) {
        all.extend([content.title.clone(), content.body(), content.words.join("\n")]);
    }
    all.extend(entry.pending.iter().filter_map(|p| p.returned.clone()));
    all.extend(entry.errors.iter().flat_map(|e| [e.what.clone(), e.note.clone()]));
    plain(&all.join("\n"))
}

/// Writes the words of entries that an earlier program wrote without.
pub(super) async fn said_anew(store: &Store, jurisdiction: &str) -> Result<(), OpenError> {
    loop {
        let unsaid = store.knowledge_unsaid(jurisdiction, PAGE).await?;
        for stored in &unsaid {
            // An entry that cannot be read is found by no words; `verify` tells of it.
            let words = entry_of(stored).map_or_else(|_| " ".to_owned(), |entry| said(&entry));
            store.knowledge_say(jurisdiction, (&stored.entry, stored.version), &words).await?;
        }
        if unsaid.is_empty() {
            return Ok(());
        }
    }
}

impl App {
    /// An entry, if this actor may open it.
    ///
    /// # Errors
    /// Not there, not to be seen, or unreadable.
    pub async fn knowledge(&self, actor: &Actor, entry: &str) -> Result<Known, ExecuteError> {
        let stored = self.store.knowledge(&self.jurisdiction, entry).await?.ok_or(ExecuteError::NotFound)?;
        let state = entry_of(&stored)?;
        if !sees(actor, &state) {
            return Err(ExecuteError::NotFound);
        }
        Ok(Known { entry: stored.entry, updated_at: stored.updated_at, state })
    }

    /// Makes an entry: a question, a demand, or what a unit submits. Its number.
    ///
    /// # Errors
    /// Refused, or the store failed.
    pub async fn new_knowledge(&self, actor: &Actor, command: &Command) -> Result<String, ExecuteError> {
        let now = self.clock.now();
        let replied = match command {
            Command::Demand { unit, ticket, .. } => Some(self.demanded_of(actor, unit, ticket).await?),
            _ => None,
        };
        let command = &self.with_files(actor, None, command).await?;
        let units = self.units();
        let ctx = self.ctx(None, &units, None, actor, now);
        let events = decide(None, command, &ctx)?;
        let entry = match self.save(None, None, &events, actor, now, command).await? {
            Saved::Done { entry, .. } => entry,
            Saved::NoFile => return Err(knowledge_files::gone().into()),
            Saved::Conflict { .. } | Saved::Missing => return Err(ExecuteError::NotFound),
        };
        if replied == Some(true) {
            self.carry_out_knowledge(&Actor::system(), &entry, &Command::TicketReplied { at: now }, None).await?;
        }
        Ok(entry)
    }

    /// Whether the unit has replied to the ticket already, whose dispatch asks it for an entry.
    async fn demanded_of(&self, actor: &Actor, unit: &str, number: &str) -> Result<bool, ExecuteError> {
        let ticket = match self.load(number, actor).await {
            Err(ExecuteError::NotFound) => {
                return Err(Refusal::input("ticket", "没有这个工单，或您无权查看；请核对编号").into());
            }
            ticket => ticket?,
        };
        if !ticket.units().contains(&unit) {
            return Err(Refusal::input("unit", "只能要求这件工单的主办、协办单位录入").into());
        }
        let asked = KnowledgeFilter {
            ticket: Some(number.to_owned()),
            units: Some(vec![unit.to_owned()]),
            ..KnowledgeFilter::default()
        };
        if self.store.knowledge_count(&self.jurisdiction, &asked).await? > 0 {
            return Err(Refusal::not_now("demanded", "已要求这个单位就这件工单录入知识，不必重复").into());
        }
        Ok(self.replied_at(number).await?.is_some())
    }

    /// When a ticket's reply was audited last.
    async fn replied_at(&self, number: &str) -> Result<Option<Instant>, ExecuteError> {
        let journal = self.store.journal(&self.jurisdiction, number).await?;
        Ok(journal.iter().rev().find(|e| e.kind == "reply-audited").map(|e| e.at))
    }

    /// Carries out a command on an entry. `expected` is the version the person saw.
    ///
    /// # Errors
    /// Refused, not found, changed meanwhile, or the store failed. Nothing has changed then.
    pub async fn carry_out_knowledge(
        &self,
        actor: &Actor,
        entry: &str,
        command: &Command,
        expected: Option<i64>,
    ) -> Result<i64, ExecuteError> {
        for _ in 0..ATTEMPTS {
            let known = self.knowledge(actor, entry).await?;
            let version = known.state.version as i64;
            if expected.is_some_and(|expected| expected != version) {
                return Err(changed().into());
            }
            // Never before what happened last: another server's clock may be ahead of ours.
            let now = self.clock.now().max(known.updated_at);
            let command = &self.with_files(actor, Some((entry, &known.state)), command).await?;
            let units = self.units();
            let ctx = self.ctx(None, &units, None, actor, now);
            let events = decide(Some(&known.state), command, &ctx)?;
            if events.is_empty() {
                return Ok(version);
            }
            let saved = self.save(Some((entry, version)), Some(known.state), &events, actor, now, command).await?;
            match saved {
                Saved::Done { version, .. } => return Ok(version),
                Saved::Conflict { .. } if expected.is_some() => return Err(changed().into()),
                Saved::Conflict { .. } => {}
                Saved::NoFile => return Err(knowledge_files::gone().into()),
                // The entry is there; so it is not in that sample, or was marked meanwhile.
                Saved::Missing => {
                    return Err(Refusal::input("sample", "这一条不在这次抽查中，或已有人核对，请刷新").into());
                }
            }
        }
        Err(changed().into())
    }

    async fn save(
        &self,
        entry: Option<(&str, i64)>,
        before: Option<Entry>,
        events: &[Event],
        actor: &Actor,
        at: Instant,
        command: &Command,
    ) -> Result<Saved, ExecuteError> {
        let meta = Meta { at, by: actor.id.clone() };
        let files = before.as_ref().map_or_else(Default::default, Entry::files);
        let after = events.iter().try_fold(before, |entry, event| evolve(entry, &meta, event).map(Some));
        let after = after.ok().flatten().ok_or_else(|| Refusal::not_now("misfit", "内容与已有记录不符，请刷新"))?;
        let written = |event: &Event| NewEvent {
            kind: event.name().into(),
            payload: serde_json::to_string(event).unwrap_or_default(),
        };
        let commit = KnowledgeCommit {
            entry: entry.map(|(entry, version)| (entry.to_owned(), version)),
            at,
            actor: actor.id.clone(),
            events: events.iter().map(written).collect(),
            row: row(&after),
            files: knowledge_files::named(&files, &after),
            body: serde_json::to_string(&after).unwrap_or_default(),
            audit: told(actor, at, command),
            mark: match command {
                Command::Check { sample, right, .. } => Some((*sample, *right)),
                _ => None,
            },
        };
        Ok(self.store.knowledge_save(&self.jurisdiction, commit).await?)
    }

    /// The best entries for what somebody typed, at most `most`; without words the newest.
    ///
    /// # Errors
    /// The store failed.
    pub async fn search_knowledge(
        &self,
        audience: &Audience,
        query: &str,
        most: usize,
        section: Option<jiesu_domain::knowledge::Section>,
    ) -> Result<Vec<Card>, ExecuteError> {
        let query: String = query.chars().take(QUERY_MOST).collect();
        let mut known = self.shelf.known.lock().await;
        self.follow_knowledge(&mut known).await?;
        let may = |entry: &str| {
            known.cards.get(entry).is_some_and(|card| {
                section.is_none_or(|section| card.section == section) && audience.may_find(&card.sight)
            })
        };
        if query.trim().is_empty() {
            let mut newest: Vec<&Card> = known.cards.values().filter(|card| may(&card.entry)).collect();
            newest.sort_by(|a, b| b.published_at.cmp(&a.published_at).then_with(|| a.entry.cmp(&b.entry)));
            return Ok(newest.into_iter().take(most).cloned().collect());
        }
        let hits = known.index.search(&query, most, may);
        Ok(hits.into_iter().filter_map(|hit| known.cards.get(hit.key).cloned()).collect())
    }

    /// What an entry says to citizens now, if it does.
    ///
    /// # Errors
    /// The store failed, or the entry is unreadable.
    pub async fn open_knowledge(&self, entry: &str) -> Result<Option<Content>, ExecuteError> {
        let Some(stored) = self.store.knowledge(&self.jurisdiction, entry).await? else { return Ok(None) };
        let state = entry_of(&stored)?;
        let open = Audience::Public(self.clock.now()).finds(&state);
        Ok(state.current.filter(|_| open).map(|current| current.content))
    }

    /// Takes in what was written since, by whichever process: what is found is never older than the request.
    async fn follow_knowledge(&self, known: &mut Shelved) -> Result<(), ExecuteError> {
        let head = self.store.knowledge_head(&self.jurisdiction).await?;
        let mut last: Option<String> = None;
        while known.seq < head {
            let span = (known.seq, head);
            let changed = self.store.knowledge_changed(&self.jurisdiction, span, last.as_deref(), PAGE).await?;
            changed.iter().try_for_each(|stored| known.put(stored))?;
            match changed.last() {
                Some(stored) if changed.len() == PAGE as usize => last = Some(stored.entry.clone()),
                _ => known.seq = head,
            }
            tokio::task::yield_now().await;
        }
        Ok(())
    }

    /// Counts a use; that it could not be counted holds nobody up.
    pub async fn knowledge_used(&self, entry: &str, sort: &str) {
        let now = self.clock.now();
        if let Err(error) = self.store.knowledge_used(&self.jurisdiction, entry, now, sort).await {
            tracing::warn!(%error, "the use of a knowledge entry could not be counted");
        }
    }

    /// What a ticket's events mean for the knowledge base: an entry was used for the answer, or a unit's time for one begins.
    pub(super) async fn ticket_happened(&self, number: &str, events: &[ticket::Event], at: Instant) {
        for event in events {
            match event {
                ticket::Event::AnsweredAtOnce(answered) => {
                    if let Some(entry) = &answered.entry {
                        self.knowledge_used(entry, "answered").await;
                    }
                }
                ticket::Event::ReplyAudited { .. } => {
                    if let Err(error) = self.replied(number, at).await {
                        tracing::error!(%error, "the time for an entry could not be begun; the next start does it");
                    }
                }
                _ => {}
            }
        }
    }

    /// The lead replies for all: what an assist was asked for it enters after the joint reply too.
    async fn replied(&self, number: &str, at: Instant) -> Result<(), ExecuteError> {
        let owed = KnowledgeFilter {
            ticket: Some(number.to_owned()),
            states: vec!["owed".into()],
            ..KnowledgeFilter::default()
        };
        let page = self.store.knowledge_list(&self.jurisdiction, &owed, None, 100).await?;
        for stored in page.items.iter().filter(|e| e.row.next_due.is_none()) {
            let command = Command::TicketReplied { at };
            match self.carry_out_knowledge(&Actor::system(), &stored.entry, &command, None).await {
                Err(ExecuteError::Refused(refusal)) if refusal.rule == "not-owed" => {}
                done => drop(done?),
            }
        }
        Ok(())
    }

    /// Begins the time for entries whose ticket was replied to while this could not be written: once, at the start.
    ///
    /// # Errors
    /// The store failed.
    pub async fn complete_knowledge(&self) -> Result<(), ExecuteError> {
        let owed = KnowledgeFilter { states: vec!["owed".into()], ..KnowledgeFilter::default() };
        let mut cursor: Option<String> = None;
        loop {
            let page = self.store.knowledge_list(&self.jurisdiction, &owed, cursor.as_deref(), 100).await?;
            for stored in page.items.iter().filter(|e| e.row.next_due.is_none()) {
                if let Some(ticket) = &stored.row.ticket
                    && let Some(at) = self.replied_at(ticket).await?
                {
                    self.replied(ticket, at).await?;
                }
            }
            cursor = page.next;
            if cursor.is_none() {
                return Ok(());
            }
        }
    }

    /// Lets time act on every entry whose time has come.
    ///
    /// # Errors
    /// The store failed.
    pub async fn wake_knowledge(&self, now: Instant) -> Result<(), ExecuteError> {
        loop {
            let due = self.store.knowledge_to_wake(&self.jurisdiction, now, PAGE).await?;
            let mut moved = false;
            for stored in &due {
                match self.carry_out_knowledge(&Actor::system(), &stored.entry, &Command::TimePassed, None).await {
                    Ok(version) => moved |= version != stored.version,
                    Err(error @ ExecuteError::Store(_)) => return Err(error),
                    Err(error) => tracing::error!(entry = stored.entry, %error, "cannot wake a knowledge entry"),
                }
            }
            if !moved {
                return Ok(());
            }
        }
    }
}

fn changed() -> Refusal {
    Refusal::not_now(
        "changed-meanwhile",
        "这一条刚被他人更新，您的操作没有生效；请刷新查看最新情况，已填写的内容不会丢失",
    )
}

/// What changes what people are told stands in the audit journal too, with the end of the knowledge base's chain: so the daily anchors
/// cover it.
fn told(actor: &Actor, at: Instant, command: &Command) -> Option<Told> {
    let act = command.act();
    let script = matches!(command, Command::Submit { script: true, .. });
    if !script && !matches!(act, Does::Publish | Does::Withdraw | Does::ConfirmError) {
        return None;
    }
    let actor = actor.clone();
    Some(Box::new(move |entry, head| {
        let detail = json!({ "act": act.code(), "seq": head.seq, "hash": head.hash });
        Act::done(ActKind::KnowledgeChanged, entry).with(detail).entry((&actor).into(), at)
    }))
}
