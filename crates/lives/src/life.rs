//! One ordinary life: what happens to a ticket from its registration to the archive, or until now. Lives do not wait for each other: where
//! one has to do with another, that one is lived once more as far as it is needed.

use std::collections::BTreeMap;

use jiesu_domain::{
    Actor, Channel, Instant, Role,
    ticket::{
        Action, Command, Event, Meta, Outgoing, Stage, Standing, Ticket, decide, evolve, outgoing, ready, register,
    },
};

use crate::{
    after,
    centre::{Centre, Tie},
    mood::{self, Mood},
    person::Person,
    rng::{Rng, mix},
    say, stray,
    stray::Stray,
    turns::{self, Temper, somebody},
};

/// Something that was done.
#[derive(Clone, Debug)]
pub struct Step {
    pub at: Instant,
    /// Account id of who did it.
    pub actor: String,
    pub events: Vec<Event>,
    /// Told to appellants because of it.
    pub messages: Vec<Outgoing>,
    /// The appellant of an appeal that came with it.
    pub brings: Option<Brings>,
}

/// Who comes with an appeal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Brings {
    /// The person's key.
    pub key: String,
    /// The query code they hold.
    pub code: String,
    /// `None`: the appellant of another ticket, who is written down there.
    pub person: Option<Person>,
    /// Of the appeal where it was first made.
    pub channel: Channel,
    pub received_at: Instant,
}

/// What is still ahead of a ticket, besides clocks and duties.
#[derive(Clone, Copy, Debug)]
enum Ahead {
    Registers,
    /// This other ticket is found to be the same, and its appellant is hung on this one.
    Takes(u64),
    /// This one is the same as that, and ends.
    Joins(u64),
    Strays(Stray),
    /// An appellant answers a message.
    Answers(u32),
    Wakes,
    Turn,
}

#[derive(Debug)]
pub struct Life<'c> {
    centre: &'c Centre,
    no: u64,
    rng: Rng,
    until: Instant,
    now: Instant,
    ticket: Option<Ticket>,
    ahead: Vec<(Instant, Ahead)>,
    turn: Option<Instant>,
    wakes: Option<Instant>,
    /// Commands that the rules refused: people err, and go on.
    pub refused: u32,
}

impl Iterator for Life<'_> {
    type Item = Step;

    fn next(&mut self) -> Option<Step> {
        loop {
            let (at, what) = self.soonest().filter(|(at, _)| *at <= self.until)?;
            self.now = self.now.max(at);
            if let Some(step) = self.happens(what) {
                return Some(step);
            }
        }
    }
}

impl<'c> Life<'c> {
    /// The life of a centre's ticket, until now.
    pub fn new(centre: &'c Centre, no: u64) -> Life<'c> {
        Life::until(centre, no, centre.until)
    }

    pub(crate) fn until(centre: &'c Centre, no: u64, until: Instant) -> Life<'c> {
        let arrival = centre.load.arrival(no);
        Life {
            centre,
            no,
            rng: Rng::new(mix(centre.seed) ^ mix(no)),
            until,
            now: arrival,
            ticket: None,
            ahead: vec![(arrival, Ahead::Registers)],
            turn: None,
            wakes: None,
            refused: 0,
        }
    }

    pub fn ticket(&self) -> Option<&Ticket> {
        self.ticket.as_ref()
    }

    pub fn into_ticket(self) -> Option<Ticket> {
        self.ticket
    }

    /// What comes next; of the same instant what was planned first.
    fn soonest(&mut self) -> Option<(Instant, Ahead)> {
        let planned = self.ahead.iter().enumerate().min_by_key(|(i, (at, _))| (*at, *i)).map(|(i, (at, _))| (*at, i));
        let first = planned.map(|(at, _)| at);
        let of_itself = [(self.wakes, Ahead::Wakes), (self.turn, Ahead::Turn)];
        let own = of_itself.into_iter().filter_map(|(at, what)| Some((at?, what))).min_by_key(|(at, _)| *at);
        match own {
            Some((at, what)) if first.is_none_or(|first| at < first) => Some((at, what)),
            _ => planned.filter(|(at, _)| *at <= self.until).map(|(_, i)| self.ahead.remove(i)),
        }
    }

    fn happens(&mut self, what: Ahead) -> Option<Step> {
        match what {
            Ahead::Registers => self.registers(),
            Ahead::Takes(no) => self.takes(no),
            Ahead::Joins(to) => self.joins(to),
            Ahead::Strays(stray) => self.strays(stray),
            Ahead::Answers(appeal) => self.answers(appeal),
            Ahead::Wakes => {
                self.wakes = None;
                self.does(&Actor::system(), &Command::TimePassed, None, None)
            }
            Ahead::Turn => {
                let step = self.somebody_acts();
                if step.is_none() {
                    self.plan();
                }
                step
            }
        }
    }

    fn registers(&mut self) -> Option<Step> {
        let mut form = self.centre.form(self.no);
        let mut standing = BTreeMap::new();
        if let Tie::Refers(earlier) = self.centre.tie(self.no)
            && let Some((number, known)) = self.centre.standing(earlier, self.now)
        {
            form.earlier.push(number.clone());
            standing.insert(number, known);
        }
        let actor = match form.channel {
            Channel::Web | Channel::Wechat | Channel::App => Actor::citizen(),
            _ => somebody(Role::Seat, None, &mut self.rng),
        };
        let ctx = self.centre.city.ctx(None, &actor, self.now, Some(&standing));
        let events = register(&form, &self.centre.number(self.no), None, &ctx).ok()?;
        match self.centre.tie(self.no) {
            Tie::Joins(to) => self.ahead.push((after(self.centre.found_same(self.no), 1), Ahead::Joins(to))),
            _ => self.goes_on(),
        }
        self.ahead.extend(self.centre.joiners(self.no).map(|j| (self.centre.found_same(j), Ahead::Takes(j))));
        let brings = Some(self.brings(1, 1, form.channel));
        Some(self.happened(&actor, events, brings))
    }

    /// What will happen to it besides its course.
    fn goes_on(&mut self) {
        let strays = stray::drawn(stray::ORDINARY, &mut self.rng);
        self.ahead.extend(strays.into_iter().map(|(wait, stray)| (after(self.now, wait), Ahead::Strays(stray))));
    }

    /// The appellant of an appeal of this ticket; `like` is the appeal that the same person made before.
    fn brings(&self, appeal: u32, like: u32, channel: Channel) -> Brings {
        let (key, code) = self.key(self.no, appeal);
        let person = Some(self.centre.caller(self.no, like));
        Brings { key, code, person, channel, received_at: self.now }
    }

    /// Key of a person and their query code.
    fn key(&self, no: u64, appeal: u32) -> (String, String) {
        let drawn = mix(self.centre.seed ^ mix(no << 8 | u64::from(appeal)));
        (format!("{drawn:016x}"), format!("{:08}", mix(drawn) % 100_000_000))
    }

    fn takes(&mut self, no: u64) -> Option<Step> {
        let (standing, other) = (self.ticket.as_ref()?.standing(), self.centre.as_at(no, self.now)?);
        let number = self.ticket.as_ref()?.number.clone();
        let clerk = self.joiner(no);
        let standing = BTreeMap::from([(number.clone(), standing)]);
        let ctx = self.centre.city.ctx(Some(&other), &clerk, self.now, Some(&standing));
        let join = Command::JoinTo { number, reason: "反映同一问题".into() };
        decide(&other, &join, &ctx).ok()?;
        let appeal = other.standing_appeals().next()?;
        let (channel, follow_up_by) = (appeal.channel, appeal.follow_up_by);
        let from = Some(format!("{}#{}", other.number, appeal.no));
        let attach = Command::AttachAppeal { channel, follow_up_by, note: None, same_as: None, from };
        let (key, code) = self.key(no, 1);
        let brings = Brings { key, code, person: None, channel, received_at: appeal.received_at };
        self.does(&clerk, &attach, Some((other.number.clone(), other.standing())), Some(brings))
    }

    /// Who finds that a ticket is the same as another.
    fn joiner(&self, no: u64) -> Actor {
        somebody(Role::Dispatcher, None, &mut Rng::new(mix(self.centre.seed ^ no)))
    }

    /// Ends if its appellant was taken there; otherwise it goes on by itself.
    fn joins(&mut self, to: u64) -> Option<Step> {
        let there = self.centre.as_at(to, self.centre.found_same(self.no));
        let from = format!("{}#1", self.centre.number(self.no));
        let taken = there.filter(|t| t.appeals.iter().any(|a| a.from.as_ref() == Some(&from)));
        let step = taken.and_then(|there| {
            let join = Command::JoinTo { number: there.number.clone(), reason: "反映同一问题".into() };
            self.does(&self.joiner(self.no), &join, Some((there.number.clone(), there.standing())), None)
        });
        if step.is_none() {
            self.goes_on();
            self.plan();
        }
        step
    }

    fn strays(&mut self, stray: Stray) -> Option<Step> {
        let (city, ticket) = (&self.centre.city, self.ticket.as_ref()?);
        let (actor, command, like) = match stray {
            Stray::CallsAgain | Stray::OneMore => {
                let like = matches!(stray, Stray::CallsAgain).then_some(1);
                let (actor, command) = stray::another_call(ticket, like, &mut self.rng)?;
                (actor, command, like)
            }
            Stray::TakesBack => {
                let actor = stray::takes_back(&mut self.rng);
                let command = say::act(city, ticket, &actor, Action::Withdraw, self.now, None, &mut self.rng)?;
                (actor, command, None)
            }
            Stray::By(role, action) => {
                let actor = stray::someone(ticket, city, role, &mut self.rng);
                let command = say::act(city, ticket, &actor, action, self.now, None, &mut self.rng)?;
                (actor, command, None)
            }
        };
        let brings = match &command {
            Command::AttachAppeal { channel, .. } => {
                let appeal = ticket.appeals.len() as u32 + 1;
                Some(self.brings(appeal, like.unwrap_or(appeal), *channel))
            }
            _ => None,
        };
        self.does(&actor, &command, None, brings)
    }

    fn answers(&mut self, appeal: u32) -> Option<Step> {
        let ticket = self.ticket.as_ref()?;
        let mood = Mood::of(ticket, appeal);
        if mood == Mood::Away {
            return None;
        }
        let (actor, command) = if self.rng.odds(3_500) {
            mood::on_portal(ticket, appeal, mood, &mut self.rng)
        } else {
            mood::by_text(ticket, appeal, mood, 400, &mut self.rng)
        };
        let ctx = self.centre.city.ctx(Some(ticket), &actor, self.now, None);
        ready(ticket, command.action(), &ctx).ok()?;
        self.does(&actor, &command, None, None)
    }

    fn somebody_acts(&mut self) -> Option<Step> {
        let (city, ticket) = (&self.centre.city, self.ticket.as_ref()?);
        let (actor, action) = turns::whose(ticket, city, self.now, Temper::Ordinary, &mut self.rng)?;
        let command = say::act(city, ticket, &actor, action, self.now, None, &mut self.rng)?;
        self.does(&actor, &command, None, None)
    }

    /// A command carried out; `None`: refused, or nothing follows from it.
    fn does(
        &mut self,
        actor: &Actor,
        command: &Command,
        other: Option<(String, Standing)>,
        brings: Option<Brings>,
    ) -> Option<Step> {
        let standing = other.into_iter().collect();
        let ticket = self.ticket.as_ref()?;
        let ctx = self.centre.city.ctx(Some(ticket), actor, self.now, Some(&standing));
        match decide(ticket, command, &ctx) {
            Ok(events) if events.is_empty() => None,
            Ok(events) => Some(self.happened(actor, events, brings)),
            Err(_) => {
                self.refused += 1;
                None
            }
        }
    }

    fn happened(&mut self, actor: &Actor, events: Vec<Event>, brings: Option<Brings>) -> Step {
        let meta = Meta { at: self.now, by: actor.id.clone() };
        let folded = events.iter().try_fold(self.ticket.take(), |t, event| evolve(t, &meta, event).map(Some));
        let ticket = folded.ok().flatten().expect("what decide returns folds");
        let messages = outgoing(&ticket, &events, &self.centre.city.ctx(Some(&ticket), actor, self.now, None));
        self.ticket = Some(ticket);
        self.takes_notice(&messages);
        Step { at: self.now, actor: meta.by, events, messages, brings }
    }

    /// Clocks, people and appellants take notice of what has changed.
    fn takes_notice(&mut self, messages: &[Outgoing]) {
        let Some(ticket) = &self.ticket else { return };
        if matches!(ticket.stage, Stage::Archived { .. }) {
            self.ahead.clear();
        }
        let book = self.centre.city.law(Some(ticket), self.now);
        for message in messages {
            let on = book.message.iter().find(|rule| rule.id == message.template).map(|rule| rule.on);
            if on.is_some_and(|on| self.rng.odds(mood::answers(on, book))) {
                let at = after(self.now, self.rng.wait(20_000) + 30);
                self.ahead.push((at, Ahead::Answers(message.appeal)));
            }
        }
        let wakeup = ticket.next_wakeup();
        self.wakes = wakeup.map(|at| after(at.max(self.now), self.rng.between(0, 2)));
        self.plan();
    }

    /// When somebody acts next. A ticket that will be found to be the same as another waits for that.
    fn plan(&mut self) {
        let waits = self.ahead.iter().any(|(_, what)| matches!(what, Ahead::Joins(_)));
        let ticket = self.ticket.as_ref().filter(|_| !waits);
        self.turn = ticket.and_then(|t| turns::next(t, &self.centre.city, self.now, Temper::Ordinary, &mut self.rng));
    }
}
