//! Plays a scenario in memory: time passes between the steps as the worker would let it.

use std::collections::BTreeMap;

use super::{
    script::{Scenario, Step, Who},
    staff::{Staff, StaffAct},
};
use crate::{
    Actor, Calendar, Instant, Rulebook,
    calendar::Day,
    catalogue::Catalogue,
    clock::Clock,
    describe,
    knowledge::{self, Entry},
    rulebook::{UnitKind, in_chinese},
    ticket::{
        Action, Command, Ctx, Event, Meta, Outgoing, Refusal, Register, Standing, Ticket, UnitInfo, Units, decide,
        evolve, outgoing, register, render,
    },
};

/// What came of a scenario.
#[derive(Clone, Debug)]
pub struct Report {
    pub title: String,
    pub steps: Vec<StepReport>,
    /// Every kind of event that happened.
    pub events: std::collections::BTreeSet<&'static str>,
    /// Likewise, of an entry of the knowledge base.
    pub entry_events: std::collections::BTreeSet<&'static str>,
}

/// What came of a step.
#[derive(Clone, Debug)]
pub struct StepReport {
    /// `2026-04-30 周四 09:00  派单员 派单`.
    pub line: String,
    /// What followed, in words.
    pub outcome: String,
    /// What should have followed and did not; empty = all held.
    pub differs: Vec<String>,
}

impl Report {
    pub fn holds(&self) -> bool {
        self.steps.iter().all(|s| s.differs.is_empty())
    }
}

/// Plays it through to the end, also past what differs.
pub fn run(scenario: &Scenario, book: &Rulebook, calendar: &Calendar) -> Report {
    let mut units = standard_units();
    units.extend(scenario.units.clone());
    let catalogue = scenario.catalogue(&book.rulebook.id);
    let standing = (!scenario.earlier.is_empty()).then_some(&scenario.earlier);
    let mut play = Play {
        book,
        calendar,
        catalogue: catalogue.as_ref(),
        standing,
        units,
        ticket: None,
        entry: None,
        staff: Staff::default(),
        now: Instant::MIN,
        events: Vec::new(),
        entry_events: Vec::new(),
        sent: Vec::new(),
    };
    let mut events = std::collections::BTreeSet::new();
    let (mut entry_events, mut steps) = (std::collections::BTreeSet::new(), Vec::new());
    for step in &scenario.step {
        steps.push(play.step(step));
        events.extend(play.events.iter().map(Event::name));
        entry_events.extend(play.entry_events.iter().map(knowledge::Event::name));
    }
    Report { title: scenario.title.clone(), steps, events, entry_events }
}

/// Units that every scenario has.
fn standard_units() -> Units {
    let unit = |id: &str, name: &str, kind| {
        (id.to_owned(), UnitInfo { name: name.to_owned(), kind, parent: None, active: true })
    };
    Units::from([
        unit("chengguan", "城市管理局", UnitKind::Department),
        unit("gongan", "公安局", UnitKind::Department),
        unit("zhujian", "住房和城乡建设局", UnitKind::Department),
        unit("renshe", "人力资源和社会保障局", UnitKind::Department),
        unit("shuiwu", "水务公司", UnitKind::Enterprise),
        unit("jiedao", "东市街道办事处", UnitKind::Town),
        unit("juweihui", "万寿社区居民委员会", UnitKind::Committee),
        unit("centre", "12345热线中心", UnitKind::Centre),
    ])
}

pub(super) struct Play<'a> {
    pub(super) book: &'a Rulebook,
    calendar: &'a Calendar,
    catalogue: Option<&'a Catalogue>,
    /// How the other tickets stand that the story names.
    standing: Option<&'a BTreeMap<String, Standing>>,
    pub(super) units: Units,
    pub(super) ticket: Option<Ticket>,
    /// The story's entry of the knowledge base.
    pub(super) entry: Option<Entry>,
    pub(super) staff: Staff,
    /// Of the latest step.
    now: Instant,
    /// Of the current step.
    pub(super) events: Vec<Event>,
    pub(super) entry_events: Vec<knowledge::Event>,
    /// Template and text, of the current step.
    pub(super) sent: Vec<(String, String)>,
}

impl Play<'_> {
    fn step(&mut self, step: &Step) -> StepReport {
        self.events.clear();
        self.entry_events.clear();
        self.sent.clear();
        let actor = step.who.as_ref().map_or_else(Actor::system, |w| w.0.clone());
        let mut differs = self.faults(step);
        if !differs.is_empty() {
            return StepReport { line: self.line(step), outcome: "没有执行".to_owned(), differs };
        }
        self.now = step.at.0;
        self.wake_until(step.at.0, &mut differs);
        let result = match (step.act, step.knowledge, step.organisation) {
            (Some(act), ..) => self.act(step, act, &actor),
            (None, Some(act), _) => self.act_on_entry(step, act, &actor),
            (None, None, Some(act)) => self.organise(step, act, &actor),
            (None, None, None) => Ok(Ok(())),
        };
        let result = result.unwrap_or_else(|fault| {
            differs.push(fault);
            Ok(())
        });
        let line = self.line(step);
        let outcome = self.outcome(&result);
        differs.extend(self.compare(&step.then, &result, &self.ctx(&actor, step.at.0)));
        StepReport { line, outcome, differs }
    }

    /// Slips of the pen that would otherwise look like refusals, or like nothing at all.
    fn faults(&self, step: &Step) -> Vec<String> {
        let mut faults = Vec::new();
        if step.at.0 < self.now {
            faults.push("时间早于上一步".to_owned());
        }
        let unknown = |unit: &str| (!self.units.contains_key(unit)).then(|| format!("没有编号为“{unit}”的单位"));
        if let Some(Who(actor)) = &step.who {
            match &actor.unit {
                None if actor.role.of_unit() => faults.push(format!("{}须写明单位，如“承办人@chengguan”", actor.role)),
                None => {}
                Some(unit) => faults.extend(unknown(unit)),
            }
        }
        faults.extend(step.then.due_of.keys().chain(&step.then.lead).filter_map(|u| unknown(u)));
        let said = [step.act.is_some(), step.knowledge.is_some(), step.organisation.is_some()];
        let acts = said.contains(&true);
        if acts && step.who.is_none() && step.act != Some(Action::Recount) {
            faults.push("须写明由谁（who）来做".to_owned());
        }
        if said.iter().filter(|said| **said).count() > 1 {
            faults.push("一步只做一件事：do、knowledge 与 organisation 只写其一".to_owned());
        }
        if !acts && (step.then.refused.is_some() || !step.with.is_empty()) {
            faults.push("没有写明做什么（do）".to_owned());
        }
        faults
    }

    /// The worker wakes the ticket at each instant it asked for, in order, up to and including `now`.
    fn wake_until(&mut self, now: Instant, differs: &mut Vec<String>) {
        for _ in 0..1_000 {
            let of_ticket = self.ticket.as_ref().and_then(Ticket::next_wakeup);
            let of_entry = self.entry.as_ref().and_then(Entry::next_wakeup);
            let Some(at) = of_ticket.into_iter().chain(of_entry).min().filter(|at| *at <= now) else { return };
            let passed = if of_ticket == Some(at) {
                self.command(&Command::TimePassed, &Actor::system(), at)
            } else {
                self.command_entry(&knowledge::Command::TimePassed, &Actor::system(), at)
            };
            if let Err(refusal) = passed {
                differs.push(format!("到时处理被拒绝：{}", refusal.message));
                return;
            }
        }
        differs.push("到时处理没有尽头".to_owned());
    }

    /// Does what the step says. The outer error is the scenario's own fault, not an outcome.
    fn act(&mut self, step: &Step, act: Action, actor: &Actor) -> Result<Result<(), Refusal>, String> {
        let bad = |e: serde_json::Error| format!("with 与“{act}”不符：{}", in_chinese(&e.to_string()));
        if act == Action::Register {
            let new: Register = serde_json::to_value(&step.with).and_then(serde_json::from_value).map_err(bad)?;
            return Ok(self.register(&new, actor, step.at.0));
        }
        if act == Action::Recount {
            return Ok(self.command(&Command::Recount, actor, step.at.0));
        }
        let mut value = serde_json::to_value(&step.with).map_err(bad)?;
        if let Some(object) = value.as_object_mut() {
            object.insert("do".to_owned(), act.code().into());
        }
        let command: Command = serde_json::from_value(value).map_err(bad)?;
        Ok(self.command(&command, actor, step.at.0))
    }

    /// The same for the story's entry.
    fn act_on_entry(&mut self, step: &Step, act: knowledge::Act, actor: &Actor) -> Result<Result<(), Refusal>, String> {
        let bad = |e: serde_json::Error| format!("with 与“{act}”不符：{}", in_chinese(&e.to_string()));
        let mut value = serde_json::to_value(&step.with).map_err(bad)?;
        if let Some(object) = value.as_object_mut() {
            object.insert("do".to_owned(), act.code().into());
        }
        let command: knowledge::Command = serde_json::from_value(value).map_err(bad)?;
        Ok(self.command_entry(&command, actor, step.at.0))
    }

    fn organise(&mut self, step: &Step, act: StaffAct, actor: &Actor) -> Result<Result<(), Refusal>, String> {
        let done = self.staff.act(act, &step.with, actor, &mut self.units);
        done.map_err(|e| format!("with 与“{act}”不符：{}", in_chinese(&e.to_string())))
    }

    fn command_entry(&mut self, command: &knowledge::Command, actor: &Actor, at: Instant) -> Result<(), Refusal> {
        let events = knowledge::decide(self.entry.as_ref(), command, &self.ctx(actor, at))?;
        let meta = Meta { at, by: actor.id.clone() };
        for event in &events {
            let next = knowledge::evolve(self.entry.take(), &meta, event);
            self.entry = Some(next.map_err(|e| Refusal::not_now("fold", e.to_string()))?);
        }
        self.entry_events.extend(events);
        Ok(())
    }

    /// The reply to a ticket whose dispatch asked for an entry starts the unit's time for it.
    fn replied(&mut self, at: Instant) -> Result<(), Refusal> {
        let waits = self.entry.as_ref().is_some_and(|e| e.question.as_ref().is_some_and(|q| q.ticket.is_some()));
        if !waits || !self.events.iter().any(|e| matches!(e, Event::ReplyAudited { .. })) {
            return Ok(());
        }
        match self.command_entry(&knowledge::Command::TicketReplied { at }, &Actor::system(), at) {
            // It was entered before, or the reply was audited once more.
            Err(refusal) if refusal.rule == "not-owed" => Ok(()),
            done => done,
        }
    }

    fn register(&mut self, new: &Register, actor: &Actor, at: Instant) -> Result<(), Refusal> {
        if self.ticket.is_some() {
            return Err(Refusal::not_now("exists", "工单已登记"));
        }
        let number = format!("{}-20260101-000001-0", self.book.rulebook.prefix);
        let events = register(new, &number, None, &self.ctx(actor, at))?;
        self.fold(actor, at, events)
    }

    fn command(&mut self, command: &Command, actor: &Actor, at: Instant) -> Result<(), Refusal> {
        let ticket = self.ticket.as_ref().ok_or_else(|| Refusal::not_now("none", "还没有登记工单"))?;
        let events = decide(ticket, command, &self.ctx(actor, at))?;
        self.fold(actor, at, events)
    }

    fn fold(&mut self, actor: &Actor, at: Instant, events: Vec<Event>) -> Result<(), Refusal> {
        let meta = Meta { at, by: actor.id.clone() };
        for event in &events {
            let next = evolve(self.ticket.take(), &meta, event).map_err(|e| Refusal::not_now("fold", e.to_string()))?;
            self.ticket = Some(next);
        }
        if let Some(ticket) = &self.ticket {
            let messages = outgoing(ticket, &events, &self.ctx(actor, at));
            let text = |m: &Outgoing| {
                self.book.message.iter().find(|r| r.id == m.template).map_or_else(String::new, |r| render(r, &m.values))
            };
            let sent: Vec<(String, String)> = messages.into_iter().map(|m| (m.template.clone(), text(&m))).collect();
            self.sent.extend(sent);
        }
        self.events.extend(events);
        self.replied(at)
    }

    fn ctx<'c>(&'c self, actor: &'c Actor, now: Instant) -> Ctx<'c> {
        Ctx {
            rulebook: self.book,
            calendar: self.calendar,
            catalogue: self.catalogue,
            units: &self.units,
            standing: self.standing,
            now,
            actor,
        }
    }

    fn line(&self, step: &Step) -> String {
        let day = Day::of(step.at.0);
        let second = Day::second_of_day(step.at.0);
        let who = step.who.as_ref().map_or_else(
            || "（时间过去）".to_owned(),
            |w| {
                let unit =
                    w.0.unit
                        .as_deref()
                        .map_or_else(String::new, |u| format!("@{}", self.units.get(u).map_or(u, |i| i.name.as_str())));
                format!("{}{unit}", w.0.role)
            },
        );
        let act = step.act.map(Action::zh).or(step.knowledge.map(knowledge::Act::zh));
        let act = act.or(step.organisation.map(StaffAct::zh)).unwrap_or_default();
        format!("{} {} {:02}:{:02}  {who} {act}", day.date(), day.weekday_zh(), second / 3600, second % 3600 / 60)
    }

    fn outcome(&self, result: &Result<(), Refusal>) -> String {
        if let Err(refusal) = result {
            let article = refusal.article().map_or_else(String::new, |a| format!("（{a}）"));
            return format!("不予办理：{}{article}", refusal.message);
        }
        if let (Some(entry), false) = (&self.entry, self.entry_events.is_empty()) {
            return format!("知识：{}{}", entry.state(), clocks(&entry.clocks));
        }
        let Some(ticket) = &self.ticket else { return String::new() };
        let templates: Vec<&str> = self.sent.iter().map(|(template, _)| template.as_str()).collect();
        let sent = if self.sent.is_empty() { String::new() } else { format!("；短信 {}", templates.join("、")) };
        format!("{}{}{sent}", ticket.state(), clocks(&ticket.clocks))
    }
}

fn clocks(all: &[Clock]) -> String {
    let open: Vec<String> = all
        .iter()
        .filter(|c| c.open())
        .map(|c| format!("{} {}{}", c.kind, describe::due_words(c.due), if c.expired { "（已过）" } else { "" }))
        .collect();
    if open.is_empty() { String::new() } else { format!("；{}", open.join(" · ")) }
}
