//! The store, in memory: journal, snapshot, idempotency keys and outbox of each ticket, all written in one step or not at all. It can be
//! broken on purpose, to show that the checks would see it.

use std::io::Write;

use jiesu_domain::{
    Actor,
    ticket::{Event, Meta, Outgoing, Standing, Ticket, evolve, outgoing},
};

use jiesu_lives::City;

use super::{
    check, oracle,
    server::{Decided, Request},
};

/// What is wrong with a store on purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flaw {
    None,
    /// Says done and has written nothing.
    LosesAppends,
    /// Does not remember which requests it has carried out.
    ForgetsKeys,
    /// Writes whatever version the decision was made on.
    IgnoresVersions,
    /// Writes the snapshot without the journal's last event.
    TearsWrites,
    /// Writes the events without some of what is to be sent.
    LosesLetters,
    /// Forgets that a letter was received and has it read again.
    ReadsLettersTwice,
}

/// Something to be sent, until its receipt is known.
#[derive(Debug)]
pub struct Letter {
    pub out: Outgoing,
    /// The sender knows that it arrived.
    pub done: bool,
    /// So often has it arrived.
    pub arrived: u32,
    /// So often has the appellant taken it for a new one.
    pub noticed: u32,
}

/// What a client was told: this request took the ticket to this version, with these events.
#[derive(Clone, Debug)]
pub struct Told {
    pub key: u64,
    /// Unknown where the first answer was lost and only the echo came.
    pub from: Option<u32>,
    pub to: u32,
    pub digest: Option<u64>,
}

/// A request that was carried out, as the store remembers it.
#[derive(Debug)]
struct Carried {
    key: u64,
    to: u32,
}

/// All about one ticket.
#[derive(Debug, Default)]
pub struct Row {
    pub ticket: Option<Ticket>,
    pub journal: Vec<(Meta, Event)>,
    carried: Vec<Carried>,
    pub outbox: Vec<Letter>,
    /// What the clients know, which is theirs and not the store's.
    pub told: Vec<Told>,
}

/// What is left of a ticket that is over.
#[derive(Debug)]
pub struct Sealed {
    pub standing: Standing,
    pub digest: u64,
    /// The appeals that came from tickets joined to it.
    pub came: Vec<String>,
}

pub enum Outcome {
    Done { from: u32, to: u32 },
    Replayed { to: u32 },
    Conflict,
}

impl Row {
    pub fn version(&self) -> u32 {
        self.ticket.as_ref().map_or(0, |t| t.version)
    }

    pub fn carried(&self, key: u64) -> Option<u32> {
        self.carried.iter().find(|c| c.key == key).map(|c| c.to)
    }

    /// Writes what was decided, if nobody was quicker and it was not written before. Each event is held against the rules on its way.
    pub fn append(&mut self, r: &Request, decided: Decided, city: &City, flaw: Flaw) -> Result<Outcome, String> {
        if let Some(to) = self.carried(r.key) {
            return Ok(Outcome::Replayed { to });
        }
        let from = self.version();
        if decided.version != from && flaw != Flaw::IgnoresVersions {
            return Ok(Outcome::Conflict);
        }
        let to = from + decided.events.len() as u32;
        if flaw == Flaw::LosesAppends && r.key.is_multiple_of(50) {
            return Ok(Outcome::Done { from, to });
        }
        let names: Vec<&str> = decided.events.iter().map(Event::name).collect();
        self.write(&r.actor, decided, city, flaw, r.key)
            .map_err(|fault| format!("{fault}\n     with {}", names.join(", ")))?;
        if flaw != Flaw::ForgetsKeys {
            self.carried.push(Carried { key: r.key, to });
        }
        Ok(Outcome::Done { from, to })
    }

    fn write(&mut self, actor: &Actor, decided: Decided, city: &City, flaw: Flaw, key: u64) -> Result<(), String> {
        let Decided { events, at, .. } = decided;
        let book = city.law(self.ticket.as_ref(), at);
        let scene = oracle::Scene { book, units: &city.units, actor, now: at };
        let before = check::Before::of(self.ticket.as_ref());
        let meta = Meta { at, by: actor.id.clone() };
        let torn = flaw == Flaw::TearsWrites && key.is_multiple_of(50);
        for (i, event) in events.iter().enumerate() {
            if let Some(ticket) = &self.ticket {
                oracle::allows(ticket, event, &scene).map_err(|fault| format!("{}: {fault}", event.name()))?;
            }
            if torn && i + 1 == events.len() {
                break;
            }
            self.ticket = Some(evolve(self.ticket.take(), &meta, event).map_err(|e| e.to_string())?);
        }
        let Some(ticket) = &self.ticket else { return Err("a ticket without a registration".into()) };
        before.still(ticket, &events)?;
        check::after(ticket, at, book)?;
        check::keeps_its_rulebook(ticket, &events, book)?;
        let letters = outgoing(ticket, &events, &city.ctx(Some(ticket), actor, at, None));
        check::letters(ticket, &letters, book)?;
        self.send(letters, flaw, key);
        self.journal.extend(events.into_iter().map(|event| (meta.clone(), event)));
        Ok(())
    }

    fn send(&mut self, letters: Vec<Outgoing>, flaw: Flaw, key: u64) {
        let letters = letters.into_iter().filter(|_| flaw != Flaw::LosesLetters || !key.is_multiple_of(5));
        self.outbox.extend(letters.map(|out| Letter { out, done: false, arrived: 0, noticed: 0 }));
    }
}

/// A number for events as they would be stored: FNV-1a over their JSON.
#[derive(Debug)]
pub struct Digest(pub u64);

impl Digest {
    pub fn new() -> Digest {
        Digest(0xcbf2_9ce4_8422_2325)
    }

    pub fn event(&mut self, event: &Event) {
        serde_json::to_writer(self, event).expect("an event is plain data");
    }
}

impl Write for &mut Digest {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0 = bytes.iter().fold(self.0, |h, b| (h ^ u64::from(*b)).wrapping_mul(0x100_0000_01b3));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
