//! The server, step by step: load, decide, append, answer. Between the steps it may die, somebody else may be quicker, and people click
//! twice; whoever got no answer asks again with the same key.

use std::collections::BTreeMap;

use jiesu_domain::{
    Actor, Instant,
    ticket::{Action, Command, Ctx, Event, Meta, Refusal, Register, Standing, decide, fold, register},
};

use jiesu_lives::after;

use super::{
    check::{self, must},
    store::{Digest, Outcome, Told},
    world::{Happening, No, World},
};

/// Tries of the server itself when somebody else was quicker.
const ATTEMPTS: usize = 8;

/// Something that somebody asks of a ticket.
#[derive(Clone, Debug)]
pub struct Request {
    pub no: No,
    pub actor: Actor,
    pub what: What,
    /// Of this click.
    pub key: u64,
    /// The version that the person saw.
    pub expected: Option<u32>,
    /// The truth, which the client does not know: it was written, and the answer was lost.
    pub written: bool,
}

#[derive(Clone, Debug)]
pub enum What {
    New(Box<Register>),
    /// From another system, with its history.
    Import(Box<Register>, Command),
    Command(Command),
}

/// What was decided, on which version and when.
pub struct Decided {
    pub version: u32,
    pub events: Vec<Event>,
    pub at: Instant,
}

pub enum Answer {
    Done,
    /// The same click had been carried out.
    Replayed,
    /// Decided, and nothing follows.
    Nothing,
    Refused(Refusal),
    /// The ticket is not what the person saw.
    Conflict,
    /// None: the server died, and the client will ask again.
    Silence,
}

impl World<'_> {
    /// Asks, and perhaps clicks twice.
    pub fn ask(&mut self, request: Request) -> Result<Answer, String> {
        let twice = self.careless && self.rng.odds(200);
        let again = twice.then(|| request.clone());
        let answer = self.submit(request, true)?;
        if let (Some(again), Answer::Done | Answer::Replayed) = (again, &answer) {
            self.click_again(again)?;
        }
        Ok(answer)
    }

    /// The same click again is an echo and changes nothing; a second click is judged like any other.
    fn click_again(&mut self, mut again: Request) -> Result<(), String> {
        self.stats.double_clicks += 1;
        let no = again.no;
        if self.rng.odds(3_000) && !matches!(again.what, What::New(_) | What::Import(..)) {
            again.key = self.key();
            self.submit(again, false)?;
            return Ok(());
        }
        let before = self.case(no).row.journal.len();
        let answer = self.submit(again, false)?;
        must(matches!(answer, Answer::Replayed), || "a double click was not recognised".into())?;
        must(self.case(no).row.journal.len() == before, || "a double click was carried out twice".into())
    }

    /// One request through all steps.
    pub fn submit(&mut self, mut r: Request, eventful: bool) -> Result<Answer, String> {
        self.current = r.no;
        for _ in 0..ATTEMPTS {
            let decided = match self.decided(&r)? {
                Ok(decided) => decided,
                Err(answer) => return self.answered(&r, answer),
            };
            if eventful && self.dies() {
                return Ok(self.asks_again(r));
            }
            if eventful && self.careless && self.rng.odds(120) {
                self.somebody_is_quicker(r.no)?;
            }
            let digest = digest(&decided.events);
            let (city, flaw) = (self.city, self.flaw);
            match self.cases[r.no as usize].row.append(&r, decided, city, flaw)? {
                Outcome::Conflict if r.expected.is_some() => return self.answered(&r, Answer::Conflict),
                Outcome::Conflict => self.stats.conflicts += 1,
                Outcome::Replayed { to } => return self.echo(&r, to),
                Outcome::Done { from, to } => {
                    must(!r.written, || "what was written before its answer was lost is written twice".into())?;
                    let written = self.cases[r.no as usize].row.journal.get(from as usize..).unwrap_or_default();
                    self.stats.count(written.iter().map(|(_, event)| event));
                    self.samples(&r)?;
                    self.changed(r.no);
                    if eventful && self.dies() {
                        r.written = true;
                        return Ok(self.asks_again(r));
                    }
                    let told = Told { key: r.key, from: Some(from), to, digest: Some(digest) };
                    self.cases[r.no as usize].row.told.push(told);
                    return self.answered(&r, Answer::Done);
                }
            }
        }
        Err("decided eight times, and somebody was always quicker".into())
    }

    /// What is too dear for every step.
    fn samples(&self, r: &Request) -> Result<(), String> {
        let row = &self.case(r.no).row;
        if r.key.is_multiple_of(50) {
            check::is_its_journal(row)?;
        }
        match &row.ticket {
            Some(ticket) if r.key.is_multiple_of(500) => {
                check::stores(ticket)?;
                check::explains(ticket, self.now, self.city)
            }
            _ => Ok(()),
        }
    }

    /// What follows from a request, as the server sees it: events, or the answer at once.
    fn decided(&mut self, r: &Request) -> Result<Result<Decided, Answer>, String> {
        self.last = Some((r.actor.id.clone(), r.what.action()));
        let standing = self.standings(&r.what);
        let case = self.case(r.no);
        let ctx = self.city.ctx(case.row.ticket.as_ref(), &r.actor, self.now, Some(&standing));
        let version = case.row.version();
        let echo = || case.row.carried(r.key).map(|_| Answer::Replayed);
        if r.expected.is_some_and(|e| e != version) {
            return Ok(Err(echo().unwrap_or(Answer::Conflict)));
        }
        let events = match (&r.what, &case.row.ticket) {
            (What::Command(command), Some(ticket)) => decide(ticket, command, &ctx),
            (What::Command(_), None) => return Err("a command on a ticket that is not there".into()),
            (_, Some(_)) => return Ok(Err(echo().ok_or("registered twice")?)),
            (What::New(form), None) => register(form, &case.number, None, &ctx),
            (What::Import(form, history), None) => imported(form, history, &case.number, &ctx),
        };
        Ok(match events {
            Ok(events) if events.is_empty() => Err(echo().unwrap_or(Answer::Nothing)),
            Ok(events) => Ok(Decided { version, events, at: self.now }),
            // Signing what is signed is refused, unless it is the echo of the click that signed it.
            Err(refusal) => Err(echo().unwrap_or(Answer::Refused(refusal))),
        })
    }

    fn answered(&mut self, r: &Request, answer: Answer) -> Result<Answer, String> {
        if let Answer::Replayed = answer {
            let to = self.case(r.no).row.carried(r.key).ok_or("an echo of nothing")?;
            return self.echo(r, to);
        }
        must(!r.written, || format!("{}: what was written was not recognised when it came again", r.what.action()))?;
        let (done, refused) = self.stats.actions.entry(r.what.action()).or_default();
        match &answer {
            Answer::Done => *done += 1,
            Answer::Refused(_) => *refused += 1,
            Answer::Conflict => self.stats.conflicts += 1,
            _ => {}
        }
        Ok(answer)
    }

    /// The client hears that it was done; if its first answer was lost, only now.
    fn echo(&mut self, r: &Request, to: u32) -> Result<Answer, String> {
        self.stats.echoes += 1;
        let told = &mut self.cases[r.no as usize].row.told;
        if !told.iter().any(|t| t.key == r.key) {
            told.push(Told { key: r.key, from: None, to, digest: None });
        }
        Ok(Answer::Replayed)
    }

    fn dies(&mut self) -> bool {
        let dies = self.careless && self.rng.odds(60);
        self.stats.crashes += u64::from(dies);
        dies
    }

    fn asks_again(&mut self, request: Request) -> Answer {
        let wait = self.rng.between(3, 90);
        self.push(after(self.now, wait), Happening::Again(Box::new(request)));
        Answer::Silence
    }

    /// Two people act on the same version; the loser's decision is made anew.
    fn somebody_is_quicker(&mut self, no: No) -> Result<(), String> {
        if self.cases[no as usize].row.ticket.is_none() {
            return Ok(());
        }
        let request = self.next_act(no)?;
        match request {
            Some(other) => self.submit(other, false).map(|_| ()),
            None => Ok(()),
        }
    }

    /// How the tickets stand that a command names.
    fn standings(&self, what: &What) -> BTreeMap<String, Standing> {
        let named: Vec<&str> = match what {
            What::New(form) | What::Import(form, _) => form.earlier.iter().map(String::as_str).collect(),
            What::Command(Command::LinkEarlier { number, .. } | Command::JoinTo { number, .. }) => vec![number],
            // `<number>#<appeal>`: an appeal that comes with its ticket.
            What::Command(Command::AttachAppeal { from: Some(from), .. }) => from.split('#').take(1).collect(),
            What::Command(_) => Vec::new(),
        };
        let known = |number: &str| Some((number.to_owned(), self.standing(self.numbered(number)?)?));
        named.into_iter().filter_map(known).collect()
    }
}

impl What {
    pub fn action(&self) -> Action {
        match self {
            What::Command(command) => command.action(),
            _ => Action::Register,
        }
    }
}

/// Registered and closed with what another system did, in one step.
fn imported(form: &Register, history: &Command, number: &str, ctx: &Ctx<'_>) -> Result<Vec<Event>, Refusal> {
    let mut events = register(form, number, Some(ctx.now), ctx)?;
    let meta = Meta { at: ctx.now, by: ctx.actor.id.clone() };
    let ticket = fold(events.iter().map(|e| (&meta, e))).ok().flatten().expect("what register says folds");
    events.extend(decide(&ticket, history, ctx)?);
    Ok(events)
}

fn digest(events: &[Event]) -> u64 {
    let mut digest = Digest::new();
    events.iter().for_each(|event| digest.event(event));
    digest.0
}
