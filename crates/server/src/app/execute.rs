//! The one door for writes: load, permit, decide, append. Everything that changes a ticket comes through here, whoever asks.

use std::{collections::BTreeSet, sync::Arc};

use jiesu_domain::{
    Actor, Instant, access,
    access::Right,
    calendar::Day,
    ticket::{Command, Event, Imported, Meta, Refusal, Register, Ticket, decide, evolve, outgoing, register},
};
use jiesu_store::{AppealRow, Append, Commit, NewOutbox, Numbered, Outcome, PersonRow, StoreError, Target};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{
    App,
    number::ticket_number,
    others::{self, Standings},
    project, secrets,
};

/// How often a command is decided anew when somebody else was quicker.
const ATTEMPTS: u32 = 8;
/// Length of a query code.
const CODE_DIGITS: usize = 8;
/// Stands for the number until the writer gives it.
const UNNUMBERED: &str = "";

/// Who appeals. Personal data: goes to the person table and nowhere else.
#[derive(Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Appellant {
    #[serde(default)]
    pub name: Option<String>,
    #[serde(default)]
    pub phone: Option<String>,
    #[serde(default)]
    pub email: Option<String>,
    #[serde(default)]
    pub address: Option<String>,
    /// Identity at the platform it came from.
    #[serde(skip)]
    pub external_id: Option<String>,
}

impl std::fmt::Debug for Appellant {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Appellant(…)")
    }
}

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
    fn unreadable(e: &serde_json::Error) -> ExecuteError {
        ExecuteError::Unreadable { line: e.line(), column: e.column() }
    }
}

impl App {
    /// A ticket, if this actor may see it.
    ///
    /// # Errors
    /// Not there, not to be seen, or unreadable.
    pub async fn load(&self, number: &str, actor: &Actor) -> Result<Ticket, ExecuteError> {
        let stored = self.store.ticket(&self.jurisdiction, number).await?.ok_or(ExecuteError::NotFound)?;
        let ticket: Ticket = serde_json::from_str(&stored.body).map_err(|e| ExecuteError::unreadable(&e))?;
        if self.sees(actor, &ticket) { Ok(ticket) } else { Err(ExecuteError::NotFound) }
    }

    /// The units whose tickets this person sees; the same for lists and for [`App::load`].
    pub fn reach(&self, actor: &Actor) -> BTreeSet<String> {
        let own = actor.unit.as_deref().filter(|_| access::has(actor.role, Right::ViewUnit));
        own.map_or_else(BTreeSet::new, |unit| access::reach(actor.role, unit, &self.units()))
    }

    fn sees(&self, actor: &Actor, ticket: &Ticket) -> bool {
        if access::has(actor.role, Right::ViewAll) || actor.role == jiesu_domain::Role::Citizen {
            return true;
        }
        let reach = self.reach(actor);
        reach.iter().any(|unit| ticket.concerns(unit))
    }

    /// Carries out a command. `expected` is the version the person saw; without it the command is decided on whatever is there.
    /// `with` brings the appellant of an appeal that is being attached.
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
        let standing = self.standings(&others::named(command), actor).await?;
        for _ in 0..ATTEMPTS {
            let ticket = self.load(number, actor).await?;
            let version = i64::from(ticket.version);
            if expected.is_some_and(|e| e != version) {
                let conflict = ExecuteError::Conflict { current: version };
                return self.echo(actor, idempotency, number, version, conflict).await;
            }
            let units = self.units();
            let ctx = self.ctx(Some(&ticket), &units, Some(&standing), actor, self.clock.now());
            let events = match decide(&ticket, command, &ctx) {
                Ok(events) => events,
                // Signing what is signed is refused, unless it is the echo of the click that signed it.
                Err(refusal) => return self.echo(actor, idempotency, number, version, refusal.into()).await,
            };
            if events.is_empty() {
                return Ok(Executed { ticket: number.to_owned(), version, replayed: false, query_code: None });
            }
            let (appeal, code) = with.map(|a| self.appeal(a, &events)).unzip();
            let commit = self.commit(Some(ticket), &events, actor, ctx.now, appeal.into_iter().flatten().collect());
            let job = Append {
                jurisdiction: self.jurisdiction.clone(),
                target: Target::Existing { ticket: number.to_owned(), expected_version: version },
                idempotency: idempotency.clone().map(|key| (actor.id.clone(), key)),
                build: Box::new(move |_| commit),
            };
            match self.store.append(job).await? {
                Outcome::Done { ticket, version, .. } => {
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

    /// What cannot be carried out now may be the echo of a click that was: then its key is known for this ticket. Else the `error` stands.
    async fn echo(
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
                .await?
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
        let earlier: Vec<&str> = new.register.earlier.iter().map(|n| n.trim()).collect();
        let standing = self.standings(&earlier, actor).await?;
        let (job, code) = self.new_job(actor, new, idempotency, Some(&standing))?;
        let mut done = self.append_new(job).await?;
        done.query_code = if done.replayed {
            // The same click again: the same answer, code included.
            let appeals = self.store.appeals(&self.jurisdiction, &done.ticket).await?;
            appeals.into_iter().next().map(|a| a.query_code)
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
        let (job, _) = self.new_job(&actor, new, Some(key), None)?;
        self.append_new(job).await
    }

    async fn append_new(&self, job: Append) -> Result<Executed, ExecuteError> {
        match self.store.append(job).await? {
            Outcome::Done { ticket, version, .. } => {
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
        let (rows, code) = self.appeal(&new.appellant, &events);
        let rows = rows.map(|(appeal, person)| {
            let (source, source_id) = new.source.clone().unzip();
            (AppealRow { received_at: received, source, source_id, ..appeal }, person)
        });
        // Cutting the text takes longest and needs no number: not while the writer holds its transaction.
        let meta = Meta { at: now, by: actor.id.clone() };
        let terms = project::terms(&folded(None, &events, &meta), &events);
        let (app, actor, number_day) = (Arc::clone(self), actor.clone(), day.clone());
        let build = move |numbered: Numbered| {
            let number = ticket_number(&app.rulebook().rulebook.prefix, &day, numbered.serial);
            let events = numbered_events(events, &number);
            let ticket = folded(None, &events, &meta);
            let commit = app.rows(&ticket, &events, &actor, now, rows.into_iter().collect(), terms);
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

    /// Rows of the appeal that these events bring, with a fresh query code.
    fn appeal(&self, appellant: &Appellant, events: &[Event]) -> (Option<(AppealRow, PersonRow)>, String) {
        let code = secrets::random_digits(CODE_DIGITS);
        let appeal = events.iter().find_map(|e| match e {
            Event::Registered(r) => Some(&r.appeal),
            Event::AppealAttached { appeal } => Some(appeal),
            _ => None,
        });
        let tidy = |s: &Option<String>| s.as_deref().map(str::trim).filter(|s| !s.is_empty()).map(str::to_owned);
        let rows = appeal.map(|a| {
            let person = secrets::random_token()[..16].to_owned();
            let row = AppealRow {
                appeal: a.no.to_string(),
                person: person.clone(),
                channel: a.channel.code().into(),
                received_at: a.received_at,
                query_code: code.clone(),
                source: None,
                source_id: None,
            };
            let person = PersonRow {
                person,
                name: tidy(&appellant.name),
                phone: tidy(&appellant.phone).map(|p| jiesu_text::fold(&p).replace([' ', '-'], "")),
                email: tidy(&appellant.email),
                address: tidy(&appellant.address),
                external_id: tidy(&appellant.external_id),
                ..PersonRow::default()
            };
            (row, person)
        });
        (rows, code)
    }

    /// Folds the events and forms every row that changes with them.
    fn commit(
        &self,
        before: Option<Ticket>,
        events: &[Event],
        actor: &Actor,
        at: Instant,
        appeals: Vec<(AppealRow, PersonRow)>,
    ) -> Commit {
        let ticket = folded(before, events, &Meta { at, by: actor.id.clone() });
        let terms = project::terms(&ticket, events);
        self.rows(&ticket, events, actor, at, appeals, terms)
    }

    fn rows(
        &self,
        ticket: &Ticket,
        events: &[Event],
        actor: &Actor,
        at: Instant,
        appeals: Vec<(AppealRow, PersonRow)>,
        terms: Option<String>,
    ) -> Commit {
        let units = self.units();
        let messages = outgoing(ticket, events, &self.ctx(Some(ticket), &units, None, actor, at));
        let (appeals, persons) = appeals.into_iter().unzip();
        Commit {
            ticket: ticket.number.clone(),
            at,
            actor: actor.id.clone(),
            events: project::new_events(events),
            row: project::row(ticket),
            body: project::body(ticket),
            units: project::units(ticket),
            clocks: project::clocks(ticket),
            appeals,
            persons,
            outbox: messages
                .into_iter()
                .map(|m| NewOutbox {
                    appeal: Some(m.appeal.to_string()),
                    kind: m.template,
                    payload: serde_json::to_string(&m.values).expect("strings"),
                    next_at: at,
                })
                .collect(),
            terms,
        }
    }
}

/// The ticket after events that `decide` has just returned for it.
fn folded(before: Option<Ticket>, events: &[Event], meta: &Meta) -> Ticket {
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
