//! The one door for writes: load, permit, decide, append. Everything that changes a ticket comes through here, whoever asks.

use std::{collections::BTreeSet, sync::Arc};

use jiesu_domain::{
    Actor, Instant, access,
    calendar::Day,
    ticket::{Action, Command, Event, Imported, Meta, Refusal, Register, Ticket, decide, evolve, outgoing, register},
};
use jiesu_store::{Append, Commit, Numbered, Outcome, StoreError, Target};
use tracing::Instrument;

use super::{
    App,
    appeals::{AppealRows, Appellant, Brings},
    hints::of_reply,
    joining::Join,
    number::ticket_number,
    others::{self, Standings},
    project,
};
use crate::telemetry::figures;

/// How often a command is decided anew when somebody else was quicker.
const ATTEMPTS: u32 = 8;
/// Stands for the number until the writer gives it.
const UNNUMBERED: &str = "";

/// A ticket to be registered.
#[derive(Debug, Clone)]
pub struct NewTicket {
    pub register: Register,
    pub appellant: Appellant,
    /// When it was received, if not now.
    pub received_at: Option<Instant>,
    /// Source and number there, for imports and platforms.
    pub source: Option<(String, String)>,
    /// What another system already did.
    pub history: Option<Imported>,
}

/// What was done.
#[derive(Debug, Clone)]
pub struct Executed {
    pub ticket: String,
    pub version: i64,
    /// The same request had been carried out before.
    pub replayed: bool,
    /// The query code of an appeal that came with this command.
    pub query_code: Option<String>,
}

/// A command that was not carried out. Nothing has changed.
#[derive(Debug, thiserror::Error)]
pub enum ExecuteError {
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// Also said of tickets that the actor may not see.
    #[error("没有这个工单")]
    NotFound,
    /// Somebody else changed the ticket since it was read.
    #[error("工单已被他人更新")]
    Conflict { current: i64 },
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("stored ticket is unreadable at line {line}, column {column}")]
    Unreadable { line: usize, column: usize },
}

impl ExecuteError {
    /// Where, and nothing more: the reader's own words quote what it read, and this goes to the log.
    pub(super) fn unreadable(e: &serde_json::Error) -> ExecuteError {
        ExecuteError::Unreadable { line: e.line(), column: e.column() }
    }
}

impl App {
    /// A ticket, if this actor may see it.
    ///
    /// # Errors
    /// Not there, not to be seen, or unreadable.
    pub async fn load(&self, number: &str, actor: &Actor) -> Result<Ticket, ExecuteError> {
        Ok(self.load_with_time(number, actor).await?.0)
    }

    /// The ticket, and the time for what happens to it next. Never before what happened last: another server's clock may be ahead of
    /// ours, or ours was put back.
    pub(super) async fn load_with_time(&self, number: &str, actor: &Actor) -> Result<(Ticket, Instant), ExecuteError> {
        let stored = self.store.ticket(&self.jurisdiction, number).await?.ok_or(ExecuteError::NotFound)?;
        let ticket: Ticket = serde_json::from_str(&stored.body).map_err(|e| ExecuteError::unreadable(&e))?;
        if !access::sees(actor, &ticket, &self.units()) {
            return Err(ExecuteError::NotFound);
        }
        Ok((ticket, self.clock.now().max(stored.head.updated_at)))
    }

    /// The units for which this person looks at a ticket.
    pub fn reach(&self, actor: &Actor) -> BTreeSet<String> {
        access::scope(actor, &self.units()).map(|(reach, _)| reach).unwrap_or_default()
    }

    /// Carries out a command. `expected` is the version the person saw; without it the command is decided on whatever is there.
    /// `with` brings the appellant of an appeal that is being attached. Joining a ticket to another takes its appellants there first.
    ///
    /// # Errors
    /// Refused, not found, changed meanwhile, or the store failed. Nothing has changed then.
    pub async fn execute(
        &self,
        actor: &Actor,
        number: &str,
        command: &Command,
        expected: Option<i64>,
        idempotency: Option<String>,
        with: Option<&Appellant>,
    ) -> Result<Executed, ExecuteError> {
        let carrying_out = async {
            if let Command::JoinTo { number: to, reason } = command {
                let join = Join { actor: actor.clone(), to: to.trim().to_owned(), reason: reason.clone() };
                return self.join(number, &join, expected, idempotency).await;
            }
            let brings = with.map_or(Brings::Nobody, Brings::Somebody);
            self.carry_out(actor, number, command, expected, idempotency, brings).await
        };
        seen(command.action(), carrying_out).await
    }

    /// One command on one ticket.
    pub(super) async fn carry_out(
        &self,
        actor: &Actor,
        number: &str,
        command: &Command,
        expected: Option<i64>,
        idempotency: Option<String>,
        brings: Brings<'_>,
    ) -> Result<Executed, ExecuteError> {
        let mut standing = self.standings(&others::named(command), actor).await?;
        for _ in 0..ATTEMPTS {
            let (ticket, now) = self.load_with_time(number, actor).await?;
            let version = i64::from(ticket.version);
            if expected.is_some_and(|e| e != version) {
                let conflict = ExecuteError::Conflict { current: version };
                return self.echo(actor, idempotency, number, version, conflict).await;
            }
            self.version_there(&ticket)?;
            let command = self.persons_counted(&ticket, command, &brings).await?;
            self.count_others(&ticket, &command, &brings, &mut standing).await?;
            let units = self.units();
            let ctx = self.ctx(Some(&ticket), &units, Some(&standing), actor, now);
            let events = match decide(&ticket, &command, &ctx) {
                Ok(events) => events,
                // Signing what is signed is refused, unless it is the echo of the click that signed it.
                Err(refusal) => return self.echo(actor, idempotency, number, version, refusal.into()).await,
            };
            if events.is_empty() {
                return Ok(Executed { ticket: number.to_owned(), version, replayed: false, query_code: None });
            }
            let (rows, code) = brings.rows(&events);
            let replying = events.iter().any(of_reply).then(|| ticket.clone());
            let commit = self.commit(Some(ticket), &events, actor, now, rows);
            let job = Append {
                jurisdiction: self.jurisdiction.clone(),
                target: Target::Existing { ticket: number.to_owned(), expected_version: version },
                idempotency: idempotency.clone().map(|key| (actor.id.clone(), key)),
                build: Box::new(move |_| commit),
            };
            match self.store.append(job).await? {
                Outcome::Done { ticket, version, .. } => {
                    self.live.grown();
                    self.ticket_happened(number, &events, now).await;
                    if let Some(before) = &replying {
                        self.count_hints(before, &events, now).await;
                    }
                    return Ok(Executed { ticket, version, replayed: false, query_code: code });
                }
                Outcome::Replayed { ticket, .. } if ticket != number => {
                    return Err(
                        Refusal::input("Idempotency-Key", "这个提交编号已用于另一工单，请刷新页面后再试").into()
                    );
                }
                Outcome::Replayed { ticket, version } => {
                    return Ok(Executed { ticket, version, replayed: true, query_code: None });
                }
                Outcome::NotFound => return Err(ExecuteError::NotFound),
                Outcome::Conflict { current_version } if expected.is_some() => {
                    return Err(ExecuteError::Conflict { current: current_version });
                }
                Outcome::Conflict { .. } => {}
            }
        }
        Err(ExecuteError::Conflict { current: 0 })
    }

    /// The version that a ticket was dispatched under must be there: nothing is decided under another one.
    fn version_there(&self, ticket: &Ticket) -> Result<(), Refusal> {
        let missing = ticket.rulebook.as_ref().filter(|(id, version)| self.law.book(id, *version).is_none());
        missing.map_or(Ok(()), |(id, version)| {
            let message = format!(
                "工单按办法“{id}”第{version}版派发，这一版的文件已不在；请系统管理员放回数据目录的 rulebooks/ 后重新启动"
            );
            Err(Refusal::not_now("version-missing", message))
        })
    }

    /// What cannot be carried out now may be the echo of a click that was: then its key is known for this ticket. Else the `error` stands.
    pub(super) async fn echo(
        &self,
        actor: &Actor,
        idempotency: Option<String>,
        number: &str,
        version: i64,
        error: ExecuteError,
    ) -> Result<Executed, ExecuteError> {
        if let Some(key) = idempotency
            && self
                .store
                .idempotent(&self.jurisdiction, &actor.id, &key)
                .await
                .map_err(unsure)?
                .is_some_and(|(ticket, _)| ticket == number)
        {
            return Ok(Executed { ticket: number.to_owned(), version, replayed: true, query_code: None });
        }
        Err(error)
    }

    /// Registers a ticket and gives it its number.
    ///
    /// # Errors
    /// Refused, or the store failed.
    pub async fn register(
        self: &Arc<Self>,
        actor: &Actor,
        new: &NewTicket,
        idempotency: Option<(String, String)>,
    ) -> Result<Executed, ExecuteError> {
        seen(Action::Register, self.register_new(actor, new, idempotency)).await
    }

    async fn register_new(
        self: &Arc<Self>,
        actor: &Actor,
        new: &NewTicket,
        idempotency: Option<(String, String)>,
    ) -> Result<Executed, ExecuteError> {
        let earlier: Vec<&str> = new.register.earlier.iter().map(|n| n.trim()).collect();
        let standing = self.standings(&earlier, actor).await?;
        let (job, code) = self.new_job(actor, new, idempotency, Some(&standing))?;
        let mut done = self.append_new(job).await?;
        done.query_code = if done.replayed {
            // The same click again: the same answer, code included. Not that of an older appeal that was joined here since.
            let appeals = self.store.appeals(&self.jurisdiction, &done.ticket).await.map_err(unsure)?;
            appeals.into_iter().find(|a| a.appeal == "1").map(|a| a.query_code)
        } else {
            Some(code)
        };
        Ok(done)
    }

    /// Takes over a ticket from another system, once for each key. Nobody is told: who appealed there was answered there.
    ///
    /// # Errors
    /// Refused, or the store failed.
    pub async fn take_over(self: &Arc<Self>, new: &NewTicket, key: (String, String)) -> Result<Executed, ExecuteError> {
        let actor = Actor { id: "import".into(), ..Actor::system() };
        let taking_over = async { self.append_new(self.new_job(&actor, new, Some(key), None)?.0).await };
        seen(Action::TakeHistory, taking_over).await
    }

    async fn append_new(&self, job: Append) -> Result<Executed, ExecuteError> {
        match self.store.append(job).await? {
            Outcome::Done { ticket, version, .. } => {
                self.live.grown();
                Ok(Executed { ticket, version, replayed: false, query_code: None })
            }
            Outcome::Replayed { ticket, version } => Ok(Executed { ticket, version, replayed: true, query_code: None }),
            Outcome::Conflict { current_version } => Err(ExecuteError::Conflict { current: current_version }),
            Outcome::NotFound => Err(ExecuteError::NotFound),
        }
    }

    /// What the writer needs for a new ticket, and the query code of its appeal. Without `standing` it is an import: other tickets are
    /// not known, and nobody is told.
    fn new_job(
        self: &Arc<Self>,
        actor: &Actor,
        new: &NewTicket,
        idempotency: Option<(String, String)>,
        standing: Option<&Standings>,
    ) -> Result<(Append, String), Refusal> {
        let now = self.clock.now();
        let events = self.decide_new(actor, new, standing, now)?;
        let told = standing.is_some();
        let received = new.received_at.unwrap_or(now);
        let day = Day::of(received).date().strftime("%Y%m%d").to_string();
        let (mut rows, code) = Brings::Somebody(&new.appellant).rows(&events);
        if let Some(row) = &mut rows.appeal {
            (row.source, row.source_id) = new.source.clone().unzip();
            row.received_at = received;
        }
        let code = code.unwrap_or_default();
        // Cutting the text takes longest and needs no number: not while the writer holds its transaction.
        let meta = Meta { at: now, by: actor.id.clone() };
        let terms = Some(project::all_terms(&folded(None, &events, &meta)));
        let (app, actor, number_day) = (Arc::clone(self), actor.clone(), day.clone());
        let build = move |numbered: Numbered| {
            let number = ticket_number(&app.rulebook_at(now).rulebook.prefix, &day, numbered.serial);
            let events = numbered_events(events, &number);
            let ticket = folded(None, &events, &meta);
            let commit = app.rows(&ticket, &events, &actor, now, rows, terms);
            if told { commit } else { Commit { outbox: Vec::new(), ..commit } }
        };
        let jurisdiction = self.jurisdiction.clone();
        Ok((Append { jurisdiction, target: Target::New { number_day }, idempotency, build: Box::new(build) }, code))
    }

    fn decide_new(
        &self,
        actor: &Actor,
        new: &NewTicket,
        standing: Option<&Standings>,
        now: Instant,
    ) -> Result<Vec<Event>, Refusal> {
        let units = self.units();
        let ctx = self.ctx(None, &units, standing, actor, now);
        let mut events = register(&new.register, UNNUMBERED, new.received_at, &ctx)?;
        if new.history.is_some() {
            let ticket = folded(None, &events, &Meta { at: now, by: actor.id.clone() });
            let take =
                Command::TakeHistory { received_at: new.received_at.unwrap_or(now), history: new.history.clone() };
            events.extend(decide(&ticket, &take, &ctx)?);
        }
        Ok(events)
    }

    /// Folds the events and forms every row that changes with them.
    pub(super) fn commit(
        &self,
        before: Option<Ticket>,
        events: &[Event],
        actor: &Actor,
        at: Instant,
        rows: AppealRows,
    ) -> Commit {
        let known = before.as_ref().map(project::indexed).unwrap_or_default();
        let ticket = folded(before, events, &Meta { at, by: actor.id.clone() });
        let terms = project::terms(&known, &ticket);
        self.rows(&ticket, events, actor, at, rows, terms)
    }

    fn rows(
        &self,
        ticket: &Ticket,
        events: &[Event],
        actor: &Actor,
        at: Instant,
        rows: AppealRows,
        terms: Option<String>,
    ) -> Commit {
        let units = self.units();
        let messages = outgoing(ticket, events, &self.ctx(Some(ticket), &units, None, actor, at));
        Commit {
            ticket: ticket.number.clone(),
            at,
            actor: actor.id.clone(),
            events: project::new_events(events),
            row: project::row(ticket),
            body: project::body(ticket),
            units: project::units(ticket),
            appeals: rows.appeal.into_iter().collect(),
            persons: rows.person.into_iter().collect(),
            attachments: rows.file.into_iter().collect(),
            outbox: project::outbox(messages, at),
            terms,
            forget: events.iter().any(|e| matches!(e, Event::Erased(_))),
        }
    }
}

/// A command in the traces and the figures.
pub(super) async fn seen(
    action: Action,
    command: impl Future<Output = Result<Executed, ExecuteError>>,
) -> Result<Executed, ExecuteError> {
    let result = command.instrument(tracing::error_span!("command", command = action.code())).await;
    figures::command(action, &result);
    result
}

/// A repeated request that the database could not be asked about: perhaps it was carried out the first time.
fn unsure(error: StoreError) -> StoreError {
    if error.is_retryable() { StoreError::Unsure { op: "idempotent" } } else { error }
}

/// The ticket after events that `decide` has just returned for it.
pub(super) fn folded(before: Option<Ticket>, events: &[Event], meta: &Meta) -> Ticket {
    let fold = events.iter().try_fold(before, |ticket, event| evolve(ticket, meta, event).map(Some));
    fold.ok().flatten().expect("what decide returns folds")
}

fn numbered_events(mut events: Vec<Event>, number: &str) -> Vec<Event> {
    for event in &mut events {
        if let Event::Registered(r) = event {
            r.number = number.to_owned();
        }
    }
    events
}
