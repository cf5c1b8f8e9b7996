//! The running year of one city: what happens next, in the order of the instants.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BinaryHeap},
};

use jiesu_domain::{
    Actor, Instant, Kind,
    calendar::Day,
    ticket::{Action, Command, Event, Stage, Standing, Ticket},
};

use jiesu_lives::{City, Load, Rng, after, city::hash, load, rng::mix};

use super::{
    check,
    city::{FROM, NOTICE, Scene, TO},
    server::{Answer, Request, What},
    store::{Flaw, Row, Sealed},
    stray::Stray,
    support::at,
};

/// Index of a ticket in its city.
pub type No = u32;

/// Something that happens at an instant.
pub enum Happening {
    /// The next appeal of the year.
    Arrives(No),
    /// Somebody whose turn it is does something, unless the ticket has changed since that was planned.
    Turn(No, u32),
    /// A clock runs out.
    Wakes(No),
    /// The outbox is looked at.
    Sends(No),
    /// An appellant answers a message or comes back by themselves.
    Answers(No, u32),
    /// Something that is not in the usual course.
    Strays(No, Stray),
    /// A client that got no answer asks again.
    Again(Box<Request>),
    /// A joining that was begun goes on.
    Joins(No, No),
    /// The holiday notice came out.
    Recounts(No),
    /// The ticket is over: everything is checked once more, and it is put away.
    Seals(No),
}

/// One ticket, and what is planned for it.
#[derive(Default)]
pub struct Case {
    pub number: String,
    pub row: Row,
    /// Counts the plans; only the last one holds.
    pub plan: u32,
    pub wakes: Option<Instant>,
    pub sealed: Option<Sealed>,
}

/// What was counted.
#[derive(Default)]
pub struct Stats {
    pub registered: u64,
    pub archived: u64,
    pub events: u64,
    pub by_event: BTreeMap<&'static str, u64>,
    /// Carried out and refused.
    pub actions: BTreeMap<Action, (u64, u64)>,
    pub surprises: BTreeMap<(Action, &'static str), u64>,
    pub crashes: u64,
    pub echoes: u64,
    pub conflicts: u64,
    pub double_clicks: u64,
    /// Of one ticket, at most.
    pub returns: usize,
    pub redos: u32,
    pub letters: u64,
    pub letters_twice: u64,
    pub open_at_end: BTreeMap<&'static str, u64>,
}

impl Stats {
    pub fn count<'e>(&mut self, events: impl Iterator<Item = &'e Event>) {
        for event in events {
            self.events += 1;
            *self.by_event.entry(event.name()).or_default() += 1;
        }
    }
}

pub struct World<'c> {
    pub city: &'c City,
    asleep: &'c [(Instant, Instant)],
    pub flaw: Flaw,
    pub rng: Rng,
    pub now: Instant,
    queue: BinaryHeap<Reverse<(Instant, u64, Later)>>,
    pushed: u64,
    keys: u64,
    pub cases: Vec<Case>,
    arrivals: Vec<Instant>,
    /// People err, machines die and messages are lost; some weeks after the year they stop, so that everything can come to its end.
    pub careless: bool,
    pub stats: Stats,
    pub current: No,
    pub last: Option<(String, Action)>,
}

/// A happening in the queue, where it is only its place that is compared.
struct Later(Happening);

impl PartialEq for Later {
    fn eq(&self, _: &Later) -> bool {
        true
    }
}
impl Eq for Later {}
impl PartialOrd for Later {
    fn partial_cmp(&self, other: &Later) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Later {
    fn cmp(&self, _: &Later) -> std::cmp::Ordering {
        std::cmp::Ordering::Equal
    }
}

/// Everybody becomes careful this long after the year, and after the second time all must be over.
const CAREFUL: i64 = 60 * 86_400;
const OVER: i64 = 400 * 86_400;

impl<'c> World<'c> {
    pub fn new(scene: &'c Scene, tickets: usize, seed: u64, flaw: Flaw) -> World<'c> {
        let city = &scene.city;
        let rng = Rng::new(mix(seed) ^ mix(hash(city.id())));
        let load = Load::new(city, at(FROM), at(TO), tickets as u64, seed ^ hash(city.id()));
        let arrivals: Vec<Instant> = (0..load.tickets()).map(|no| load.arrival(no)).collect();
        let mut world = World {
            city,
            asleep: &scene.asleep,
            flaw,
            rng,
            now: Instant::MIN,
            queue: BinaryHeap::new(),
            pushed: 0,
            keys: 0,
            cases: Vec::with_capacity(tickets),
            arrivals,
            careless: true,
            stats: Stats::default(),
            current: 0,
            last: None,
        };
        if let Some(first) = world.arrivals.first() {
            world.push(*first, Happening::Arrives(0));
        }
        world
    }

    pub fn push(&mut self, at: Instant, what: Happening) {
        self.pushed += 1;
        self.queue.push(Reverse((at.max(self.now), self.pushed, Later(what))));
    }

    pub fn key(&mut self) -> u64 {
        self.keys += 1;
        self.keys
    }

    pub fn case(&self, no: No) -> &Case {
        &self.cases[no as usize]
    }

    /// The ticket, while it is there and not put away.
    pub fn ticket(&self, no: No) -> Option<&Ticket> {
        self.case(no).row.ticket.as_ref()
    }

    pub fn standing(&self, no: No) -> Option<Standing> {
        let case = self.cases.get(no as usize)?;
        case.sealed.as_ref().map(|s| s.standing.clone()).or_else(|| Some(case.row.ticket.as_ref()?.standing()))
    }

    /// The ticket of a number.
    pub fn numbered(&self, number: &str) -> Option<No> {
        let no: No = number.split('-').nth(2)?.parse().ok()?;
        self.cases.get(no as usize).filter(|c| c.number == number).map(|_| no)
    }

    /// The whole year, and on until nothing is left to happen.
    pub fn run(&mut self) -> Result<(), String> {
        let (careful, over) = (after(at(TO), CAREFUL), after(at(TO), OVER));
        let mut noticed = false;
        while let Some(Reverse((now, _, Later(what)))) = self.queue.pop() {
            if now > over {
                break;
            }
            self.now = now;
            if !noticed && now >= at(NOTICE) {
                noticed = true;
                self.notice();
            }
            self.careless = now < careful;
            self.happens(what)?;
        }
        self.end()
    }

    fn happens(&mut self, what: Happening) -> Result<(), String> {
        match what {
            Happening::Arrives(no) => self.arrives(no),
            Happening::Turn(no, plan) if self.case(no).plan == plan => self.turn(no),
            Happening::Turn(..) => Ok(()),
            Happening::Wakes(no) => self.wakes(no),
            Happening::Sends(no) => self.sends(no),
            Happening::Answers(no, appeal) => self.answers(no, appeal),
            Happening::Strays(no, stray) => self.strays(no, stray),
            Happening::Again(request) if self.case(request.no).sealed.is_some() => Ok(()),
            Happening::Again(request) => self.submit(*request, true).map(|_| ()),
            Happening::Joins(no, to) => self.joins(no, to),
            Happening::Recounts(no) => self.recounts(no),
            Happening::Seals(no) => self.seals(no),
        }
    }

    fn arrives(&mut self, no: No) -> Result<(), String> {
        if let Some(next) = self.arrivals.get(no as usize + 1) {
            self.push(*next, Happening::Arrives(no + 1));
        }
        let day = Day::of(self.now).date().strftime("%Y%m%d").to_string();
        let number = format!("{}-{day}-{no:06}-{}", self.city.law(None, self.now).rulebook.prefix, no % 10);
        self.cases.push(Case { number, ..Case::default() });
        let earlier = if self.rng.odds(900) { self.a_number_near(no).into_iter().collect() } else { Vec::new() };
        let mut form = Box::new(load::form(self.city, self.now, &mut self.rng, earlier));
        if self.rng.odds(100) {
            // Also what this rulebook does not take.
            form.kind = *self.rng.pick(Kind::ALL);
        }
        let import = form.kind.dispatchable() && self.rng.odds(50);
        let (actor, what) = if import {
            (Actor { id: "import".into(), ..Actor::system() }, What::Import(form, self.history()))
        } else {
            (self.clerk(jiesu_domain::Role::Seat), What::New(form))
        };
        let key = self.key();
        let answer = self.ask(Request { no, actor, what, key, expected: None, written: false })?;
        if let Answer::Done | Answer::Replayed | Answer::Silence = answer {
            self.stray_later(no);
        }
        Ok(())
    }

    fn history(&self) -> Command {
        use jiesu_domain::ticket::Imported;
        let reply = Some("已答复".to_owned());
        let history =
            Imported { unit: None, assigned_at: None, deadline: None, reply, replied_at: None, satisfaction: None };
        Command::TakeHistory { received_at: self.now, history: Some(history) }
    }

    /// Another ticket of about the same time, by number.
    pub fn a_number_near(&mut self, no: No) -> Option<String> {
        let back = 1 + self.rng.wait(60) as No;
        let near = self.cases.get(no.checked_sub(back)? as usize)?;
        Some(near.number.clone()).filter(|_| near.sealed.is_some() || near.row.ticket.is_some())
    }

    /// After every change: clocks, letters and people take notice.
    pub fn changed(&mut self, no: No) {
        let case = &mut self.cases[no as usize];
        let Some(ticket) = &case.row.ticket else { return };
        let (archived, new) = (matches!(ticket.stage, Stage::Archived { .. }), case.row.told.is_empty());
        let wake = ticket.next_wakeup().filter(|w| case.wakes.is_none_or(|at| *w < at));
        if case.row.outbox.iter().any(|l| l.arrived == 0) {
            let at = after(self.now, self.rng.between(1, 30));
            self.push(at, Happening::Sends(no));
        }
        if let Some(wake) = wake {
            self.wake_at(no, wake);
        }
        if archived {
            self.push(after(self.now, 3 * 86_400), Happening::Seals(no));
        } else {
            self.plan(no);
        }
        if new && no.is_multiple_of(97) {
            // Two workers may look at the same clock.
            self.push(after(self.now, 40 * 86_400), Happening::Wakes(no));
        }
    }

    /// The worker comes in time, a little late, or lay still.
    fn wake_at(&mut self, no: No, wake: Instant) {
        self.cases[no as usize].wakes = Some(wake);
        let late = match self.rng.below(100) {
            0..=89 => self.rng.between(0, 3),
            90..=98 => self.rng.between(4, 900),
            _ => self.rng.between(900, 40_000),
        };
        let at = after(wake, if self.careless { late } else { 0 });
        let nap = self.asleep.iter().find(|(from, to)| (from..to).contains(&&at));
        self.push(nap.map_or(at, |(_, to)| *to), Happening::Wakes(no));
    }

    fn wakes(&mut self, no: No) -> Result<(), String> {
        self.cases[no as usize].wakes = None;
        let Some(next) = self.ticket(no).and_then(Ticket::next_wakeup) else { return Ok(()) };
        if next > self.now {
            self.wake_at(no, next);
            return Ok(());
        }
        let version = self.case(no).row.version();
        let request = self.request(no, Actor::system(), Command::TimePassed);
        let answer = self.submit(request, true)?;
        // Unless somebody was quicker, and found what was due.
        let vain = matches!(answer, Answer::Nothing | Answer::Refused(_)) && self.case(no).row.version() == version;
        check::must(!vain, || "woken for nothing".into())?;
        if matches!(answer, Answer::Done) && self.rng.odds(500) {
            let twice = self.request(no, Actor::system(), Command::TimePassed);
            let answer = self.submit(twice, false)?;
            check::must(matches!(answer, Answer::Nothing), || "a clock ran out twice".into())?;
        }
        Ok(())
    }

    /// Every open ticket is counted anew, one after the other.
    fn notice(&mut self) {
        for no in 0..self.cases.len() as No {
            if self.ticket(no).is_some() {
                let wait = self.rng.between(0, 1_800);
                self.push(after(at(NOTICE), wait), Happening::Recounts(no));
            }
        }
    }

    fn recounts(&mut self, no: No) -> Result<(), String> {
        if self.ticket(no).is_none() {
            return Ok(());
        }
        let request = self.request(no, Actor::system(), Command::Recount);
        let answer = self.submit(request, true)?;
        check::must(!matches!(answer, Answer::Refused(_)), || "not to be counted anew".into())
    }

    /// Everything once more, and then only its number stays.
    fn seals(&mut self, no: No) -> Result<(), String> {
        self.current = no;
        let over = |t: &Ticket| matches!(t.stage, Stage::Archived { .. });
        if !self.ticket(no).is_some_and(over) {
            return Ok(());
        }
        if self.case(no).row.outbox.iter().any(|l| !l.done) {
            self.push(after(self.now, 86_400), Happening::Seals(no));
            return Ok(());
        }
        check::letters_arrived(&self.case(no).row)?;
        check::everybody_asked(&self.case(no).row, self.city.law(self.ticket(no), self.now))?;
        self.put_away(no)?;
        self.stats.archived += 1;
        Ok(())
    }

    /// The journal is what the ticket is and what everybody was told; its number and standing stay.
    fn put_away(&mut self, no: No) -> Result<(), String> {
        check::is_its_journal(&self.case(no).row)?;
        let Some(ticket) = self.ticket(no) else { return Err("no ticket".into()) };
        self.came_along(ticket)?;
        let (returns, redos) = (ticket.returned_by.len(), ticket.redos);
        let standing = ticket.standing();
        let came = ticket.appeals.iter().filter_map(|a| a.from.clone()).collect();
        let case = &mut self.cases[no as usize];
        let digest = check::as_told(&mut case.row)?;
        case.sealed = Some(Sealed { standing, digest, came });
        case.row = Row::default();
        self.stats.returns = self.stats.returns.max(returns);
        self.stats.redos = self.stats.redos.max(redos);
        Ok(())
    }

    /// Nothing happens any more: what is not over can still be acted on, and nothing has been lost on the way.
    fn end(&mut self) -> Result<(), String> {
        for no in 0..self.cases.len() as No {
            self.current = no;
            let case = self.case(no);
            let there = case.sealed.is_some() || case.row.ticket.is_some();
            if let Some(ticket) = &case.row.ticket {
                let state = ticket.state();
                let can = check::somebody_can_act(ticket, self.now, self.city);
                check::must(can, || format!("{state}: nobody can act"))?;
                *self.stats.open_at_end.entry(state.code()).or_default() += 1;
                self.put_away(no)?;
            }
            self.stats.registered += u64::from(there);
        }
        let open: u64 = self.stats.open_at_end.values().sum();
        check::must(self.stats.registered == self.stats.archived + open, || "tickets are lost".into())?;
        let heard = self.stats.by_event.get("registered").copied().unwrap_or(0);
        check::must(heard == self.stats.registered, || {
            format!("{heard} registrations, {} tickets", self.stats.registered)
        })
    }

    /// A number for the whole year: every journal, in order.
    pub fn digest(&self) -> u64 {
        let digests = self.cases.iter().map(|c| c.sealed.as_ref().map_or(0, |s| s.digest));
        digests.fold(0, |all, digest| mix(all ^ digest))
    }
}
