//! Plays a scenario in memory: time passes between the steps as the worker would let it.

use super::script::{Scenario, Step, Then};
use crate::{
    Actor, Calendar, Instant, Rulebook,
    calendar::Day,
    clock::ClockKind,
    describe,
    rulebook::UnitKind,
    ticket::{
        Action, Command, Ctx, Event, Meta, Refusal, Register, Ticket, UnitInfo, Units, decide, evolve, outgoing, ready,
        register,
    },
};

/// What came of a scenario.
#[derive(Clone, Debug)]
pub struct Report {
    pub title: String,
    pub steps: Vec<StepReport>,
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
    let mut play = Play { book, calendar, units, ticket: None, events: Vec::new(), sent: Vec::new() };
    let steps = scenario.step.iter().map(|step| play.step(step)).collect();
    Report { title: scenario.title.clone(), steps }
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

struct Play<'a> {
    book: &'a Rulebook,
    calendar: &'a Calendar,
    units: Units,
    ticket: Option<Ticket>,
    /// Of the current step.
    events: Vec<Event>,
    sent: Vec<String>,
}

impl Play<'_> {
    fn step(&mut self, step: &Step) -> StepReport {
        self.events.clear();
        self.sent.clear();
        let actor = step.who.as_ref().map_or_else(Actor::system, |w| w.0.clone());
        let mut differs = Vec::new();
        self.wake_until(step.at.0, &mut differs);
        let result = match step.act {
            None => Ok(()),
            Some(act) => self.act(step, act, &actor),
        };
        self.compare(&step.then, &result, &actor, step.at.0, &mut differs);
        StepReport { line: self.line(step), outcome: self.outcome(&result), differs }
    }

    /// The worker wakes the ticket at each instant it asked for, in order, up to and including `now`.
    fn wake_until(&mut self, now: Instant, differs: &mut Vec<String>) {
        for _ in 0..1_000 {
            let Some(at) = self.ticket.as_ref().and_then(Ticket::next_wakeup).filter(|at| *at <= now) else { return };
            if let Err(refusal) = self.command(&Command::TimePassed, &Actor::system(), at) {
                differs.push(format!("到时处理被拒绝：{}", refusal.message));
                return;
            }
        }
        differs.push("到时处理没有尽头".to_owned());
    }

    fn act(&mut self, step: &Step, act: Action, actor: &Actor) -> Result<(), Refusal> {
        let bad = |e: String| Refusal::input("with", format!("场景的 with 与命令不符：{e}"));
        if act == Action::Register {
            let new: Register =
                serde_json::to_value(&step.with).and_then(serde_json::from_value).map_err(|e| bad(e.to_string()))?;
            let ctx = self.ctx(actor, step.at.0);
            let events = register(&new, "SR-20260101-000001-0", None, &ctx)?;
            return self.fold(actor, step.at.0, events);
        }
        if act == Action::Recount {
            return self.command(&Command::Recount, actor, step.at.0);
        }
        let mut value = serde_json::to_value(&step.with).map_err(|e| bad(e.to_string()))?;
        if let Some(object) = value.as_object_mut() {
            object.insert("do".to_owned(), act.code().into());
        }
        let command: Command = serde_json::from_value(value).map_err(|e| bad(e.to_string()))?;
        self.command(&command, actor, step.at.0)
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
            self.sent.extend(messages.into_iter().map(|m| m.template));
        }
        self.events.extend(events);
        Ok(())
    }

    fn ctx<'c>(&'c self, actor: &'c Actor, now: Instant) -> Ctx<'c> {
        Ctx { rulebook: self.book, calendar: self.calendar, units: &self.units, now, actor }
    }

    fn compare(
        &self,
        then: &Then,
        result: &Result<(), Refusal>,
        actor: &Actor,
        now: Instant,
        differs: &mut Vec<String>,
    ) {
        let mut expect = |what: &str, wanted: String, got: String| {
            if wanted != got {
                differs.push(format!("{what}：应为 {wanted}，实为 {got}"));
            }
        };
        let refused = result.as_ref().err().map(|r| r.rule);
        expect(
            "拒绝",
            then.refused.clone().unwrap_or_else(|| "无".into()),
            refused.map_or_else(|| "无".into(), str::to_owned),
        );
        if let (None, Err(refusal)) = (&then.refused, result) {
            expect("理由", "无".into(), refusal.message.clone());
        }
        let Some(ticket) = &self.ticket else { return };
        if let Some(state) = then.state {
            expect("状态", state.zh().into(), ticket.state().zh().into());
        }
        for (kind, due) in &then.due {
            let wanted = due.and_then(|d| d.0).map_or_else(|| "无".into(), describe::shanghai);
            let got = ticket.open_clock(*kind, None).map_or_else(|| "无".into(), |c| describe::shanghai(c.due));
            expect(&format!("{kind}时限"), wanted, got);
        }
        if let Some(article) = &then.article {
            let got = match result {
                Err(refusal) => refusal.article().unwrap_or("无").to_owned(),
                Ok(()) => self.newest_article(then).unwrap_or_else(|| "无".into()),
            };
            expect("条文", article.clone(), got);
        }
        self.compare_rest(then, ticket, &mut expect);
        for (actions, open) in [(&then.open, true), (&then.shut, false)] {
            for action in actions {
                let is = ready(ticket, *action, &self.ctx(actor, now)).is_ok();
                expect(&format!("“{action}”"), yes_no(open), yes_no(is));
            }
        }
    }

    fn compare_rest(&self, then: &Then, ticket: &Ticket, expect: &mut impl FnMut(&str, String, String)) {
        if let Some(sends) = &then.sends {
            let sorted = |mut v: Vec<String>| {
                v.sort();
                v.join("、")
            };
            expect("短信", sorted(sends.clone()), sorted(self.sent.clone()));
        }
        let ledger = |open: bool| {
            let is_open = |e: &&crate::ticket::LedgerEntry| match e.state {
                crate::ticket::LedgerState::Proposed => !open,
                crate::ticket::LedgerState::Open { .. } | crate::ticket::LedgerState::Measured { .. } => open,
                _ => false,
            };
            ticket.supervision.iter().filter(is_open).count()
        };
        if let Some(n) = then.ledger {
            expect("督办台账", n.to_string(), ledger(true).to_string());
        }
        if let Some(n) = then.proposed {
            expect("督办线索", n.to_string(), ledger(false).to_string());
        }
        for (what, wanted, is) in
            [("超期", then.overdue, ticket.overdue()), ("暂定", then.provisional, ticket.provisional())]
        {
            if let Some(wanted) = wanted {
                expect(what, yes_no(wanted), yes_no(is));
            }
        }
        if let Some(assessed) = then.assessed {
            let is = ticket
                .ratings
                .last()
                .and_then(|r| r.verdict.as_ref())
                .map_or_else(|| "未核实".into(), |v| yes_no(v.assessed));
            expect("纳入考核", yes_no(assessed), is);
        }
        for name in &then.events {
            let found = self.events.iter().any(|e| e.name() == name);
            expect(&format!("事件 {name}"), yes_no(true), yes_no(found));
        }
    }

    /// Article of the newest clock among the kinds the step looks at, else of the newest one at all.
    fn newest_article(&self, then: &Then) -> Option<String> {
        let clocks = &self.ticket.as_ref()?.clocks;
        let wanted = |kind: ClockKind| then.due.is_empty() || then.due.contains_key(&kind);
        clocks
            .iter()
            .rev()
            .find(|c| wanted(c.kind))
            .map(|c| c.extensions.last().map_or(&c.basis, |e| &e.basis).article.clone())
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
        let act = step.act.map_or("", Action::zh);
        format!("{} {} {:02}:{:02}  {who} {act}", day.date(), day.weekday_zh(), second / 3600, second % 3600 / 60)
    }

    fn outcome(&self, result: &Result<(), Refusal>) -> String {
        if let Err(refusal) = result {
            let article = refusal.article().map_or_else(String::new, |a| format!("（{a}）"));
            return format!("不予办理：{}{article}", refusal.message);
        }
        let Some(ticket) = &self.ticket else { return String::new() };
        let clocks: Vec<String> = ticket
            .clocks
            .iter()
            .filter(|c| c.open())
            .map(|c| format!("{} {}{}", c.kind, describe::due_words(c.due), if c.expired { "（已过）" } else { "" }))
            .collect();
        let sent = if self.sent.is_empty() { String::new() } else { format!("；短信 {}", self.sent.join("、")) };
        format!("{}{}{}{sent}", ticket.state(), if clocks.is_empty() { "" } else { "；" }, clocks.join(" · "))
    }
}

fn yes_no(yes: bool) -> String {
    if yes { "是".into() } else { "否".into() }
}
