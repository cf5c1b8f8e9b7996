//! What should have followed from a step, held against what did.

use std::collections::BTreeMap;

use super::{
    run::Play,
    script::{DueText, Then, Who},
};
use crate::{
    Basis, Role,
    clock::{Clock, ClockKind, ClockStatus},
    describe,
    knowledge::{self, Audience},
    ticket::{ConductState, Ctx, Event, LedgerEntry, LedgerState, Rating, Refusal, Ticket, ready},
};

/// What differs so far.
struct Differences(Vec<String>);

impl Differences {
    fn expect(&mut self, what: &str, wanted: impl ToString, got: impl ToString) {
        let (wanted, got) = (wanted.to_string(), got.to_string());
        if wanted != got {
            self.0.push(format!("{what}：应为 {wanted}，实为 {got}"));
        }
    }

    fn expect_if(&mut self, what: &str, wanted: Option<impl ToString>, got: impl ToString) {
        if let Some(wanted) = wanted {
            self.expect(what, wanted, got);
        }
    }

    fn expect_yes(&mut self, what: &str, wanted: Option<bool>, got: bool) {
        self.expect_if(what, wanted.map(yes_no), yes_no(got));
    }

    fn contains(&mut self, what: &str, piece: &str, text: &str) {
        if !text.contains(piece) {
            self.0.push(format!("{what}：应含 {piece}，实为 {text}"));
        }
    }
}

fn yes_no(yes: bool) -> &'static str {
    if yes { "是" } else { "否" }
}

impl Play<'_> {
    /// What differs, in words; empty = all holds.
    pub(super) fn compare(&self, then: &Then, result: &Result<(), Refusal>, ctx: &Ctx<'_>) -> Vec<String> {
        let mut d = Differences(Vec::new());
        self.refusal(then, result, &mut d);
        self.basis(then, result, &mut d);
        self.messages(then, &mut d);
        self.entry(then, ctx, &mut d);
        self.staffed(then, &mut d);
        let then = &then.of_ticket();
        let Some(ticket) = &self.ticket else {
            if self.entry.is_none() && then.looks_at_ticket() {
                d.0.push("还没有登记工单".to_owned());
            }
            return d.0;
        };
        dues(then, ticket, ctx, &mut d);
        counts(then, ticket, &mut d);
        let years = ctx.rulebook.archive.recordings_years;
        d.expect_yes("可以销毁", then.destroyable, ticket.may_destroy(years, ctx.now));
        for (actions, open) in [(&then.open, true), (&then.shut, false)] {
            for action in actions {
                let is = ready(ticket, *action, ctx).is_ok();
                d.expect(&format!("可以“{action}”"), yes_no(open), yes_no(is));
            }
        }
        d.0
    }

    /// The people of the story.
    fn staffed(&self, then: &Then, d: &mut Differences) {
        for (unit, wanted) in &then.missing {
            match self.staff.missing(unit, &self.units) {
                Some(is) => d.expect(&format!("{unit}还缺"), wanted.join("、"), is.join("、")),
                None => d.0.push(format!("没有编号为“{unit}”的单位")),
            }
        }
        for (sort, wanted) in &then.seats {
            d.expect(&format!("{sort}人数"), wanted, self.staff.seats(*sort));
        }
        d.expect_if("没有排人的时段", then.gaps.as_ref().map(|g| g.join("、")), self.staff.gaps().join("、"));
    }

    /// The story's entry of the knowledge base.
    fn entry(&self, then: &Then, ctx: &Ctx<'_>, d: &mut Differences) {
        for name in &then.events {
            let of_entry = self.entry_events.iter().any(|e| e.name() == name);
            let found = of_entry || self.events.iter().any(|e| e.name() == name);
            d.expect(&format!("事件 {name}"), yes_no(true), yes_no(found));
        }
        let Some(entry) = &self.entry else {
            if then.looks_at_entry() {
                d.0.push("还没有登记知识条目".to_owned());
            }
            return;
        };
        d.expect_if("知识", then.entry, entry.state());
        let in_time = entry.notice.as_ref().map_or("没有预告", |n| yes_no(n.in_time));
        d.expect_if("按期预告", then.announced_in_time.map(yes_no), in_time);
        let said = entry.current.iter().flat_map(|c| &c.content.files).map(|f| f.name.as_str()).collect::<Vec<_>>();
        d.expect_if("附件", then.files.as_ref().map(|files| files.join("、")), said.join("、"));
        for (kind, due) in then.due.iter().filter(|(kind, _)| kind.of_knowledge()) {
            let is = entry.open_clock(*kind).map(|c| c.due);
            d.expect(&format!("{kind}时限"), due_words(due.0), due_words(is));
        }
        for (kinds, late) in [(&then.on_time, false), (&then.late, true)] {
            for kind in kinds.iter().filter(|kind| kind.of_knowledge()) {
                d.expect(&format!("{kind}"), if late { "逾期" } else { "按期" }, newest_is(&entry.clocks, *kind, ctx));
            }
        }
        for (who, finds) in [(&then.found_by, true), (&then.hidden_from, false)] {
            for Who(actor) in who {
                let audience = match actor.role {
                    Role::Citizen => Some(Audience::Public(ctx.now)),
                    _ => Audience::of(actor),
                };
                let is = audience.is_some_and(|audience| audience.finds(entry));
                d.expect(&format!("{}查得到", actor.role), yes_no(finds), yes_no(is));
            }
        }
        if self.ticket.is_none()
            && let Some(wanted) = &then.conducts
        {
            conducts(wanted, entry.found.iter().map(|f| f.conduct.as_str()).collect(), d);
        }
    }

    fn refusal(&self, then: &Then, result: &Result<(), Refusal>, d: &mut Differences) {
        match (&then.refused, result) {
            (None, Ok(())) => {}
            (None, Err(refusal)) => {
                d.0.push(format!("拒绝：应为 无，实为 {}（{}）", refusal.rule, refusal.message));
            }
            (Some(rule), Ok(())) => d.expect("拒绝", rule, "无"),
            (Some(rule), Err(refusal)) => d.expect("拒绝", rule, refusal.rule),
        }
        if let Some(piece) = &then.reason {
            d.contains("理由", piece, result.as_ref().err().map_or("（没有拒绝）", |r| r.message.as_str()));
        }
    }

    fn basis(&self, then: &Then, result: &Result<(), Refusal>, d: &mut Differences) {
        let of_entry = then
            .due
            .keys()
            .filter_map(|kind| self.entry.as_ref()?.clocks.iter().rev().find(|c| c.kind == *kind).map(|c| &c.basis));
        let looked_at: Vec<&Basis> = self.ticket.iter().flat_map(|t| looked_at(then, t)).chain(of_entry).collect();
        if let Some(article) = &then.article {
            let articles: Vec<&str> = match result {
                Err(refusal) => refusal.article().into_iter().collect(),
                Ok(()) if looked_at.is_empty() => {
                    let of_entry = self.entry_events.iter().filter_map(basis_of_entry);
                    self.events.iter().filter_map(basis_of).chain(of_entry).map(|b| b.article.as_str()).collect()
                }
                Ok(()) => looked_at.iter().map(|b| b.article.as_str()).collect(),
            };
            one_of("条文", article, &articles, d);
        }
        let readings: Vec<&str> = looked_at.iter().flat_map(|b| &b.readings).map(String::as_str).collect();
        then.readings.iter().for_each(|reading| one_of("理解", reading, &readings, d));
        if let Some(law) = &then.law {
            one_of("特别规定", law, &looked_at.iter().filter_map(|b| b.law.as_deref()).collect::<Vec<_>>(), d);
        }
    }

    fn messages(&self, then: &Then, d: &mut Differences) {
        let sorted = |mut v: Vec<&str>| {
            v.sort_unstable();
            if v.is_empty() { "无".to_owned() } else { v.join("、") }
        };
        let sent = sorted(self.sent.iter().map(|(template, _)| template.as_str()).collect());
        d.expect_if("短信", then.sends.as_ref().map(|s| sorted(s.iter().map(String::as_str).collect())), sent);
        for (template, piece) in &then.says {
            match self.sent.iter().find(|(t, _)| t == template) {
                Some((_, text)) => d.contains(&format!("短信 {template}"), piece, text),
                None => d.0.push(format!("短信 {template}：没有发送")),
            }
        }
    }
}

fn one_of(what: &str, wanted: &str, got: &[&str], d: &mut Differences) {
    if !got.contains(&wanted) {
        let got = if got.is_empty() { "无".to_owned() } else { got.join("、") };
        d.0.push(format!("{what}：应为 {wanted}，实为 {got}"));
    }
}

/// The grounds of the newest clocks of the kinds that the step looks at.
fn looked_at<'t>(then: &Then, ticket: &'t Ticket) -> Vec<&'t Basis> {
    let kinds = then.due.keys().map(|kind| (*kind, None));
    let of_units = then.due_of.iter().flat_map(|(unit, dues)| dues.keys().map(|kind| (*kind, Some(unit.as_str()))));
    let newest = |(kind, unit): (ClockKind, Option<&str>)| {
        ticket.clocks.iter().rev().find(|c| c.kind == kind && (unit.is_none() || c.unit.as_deref() == unit))
    };
    kinds.chain(of_units).filter_map(newest).map(newest_basis).collect()
}

fn newest_basis(clock: &Clock) -> &Basis {
    clock.extensions.last().map_or(&clock.basis, |e| &e.basis)
}

/// The ground that an event carries.
fn basis_of(event: &Event) -> Option<&Basis> {
    match event {
        Event::ClockStarted(clock) => Some(&clock.basis),
        Event::ClockExtended { extension, .. } => Some(&extension.basis),
        Event::RatingVerified { basis, .. }
        | Event::ReturnRefused { basis, .. }
        | Event::DeemedAccepted { basis, .. }
        | Event::Raised { basis, .. }
        | Event::ClockLengthened { basis, .. } => Some(basis),
        Event::SupervisionProposed(entry) => Some(&entry.basis),
        Event::ConductFound(conduct) => Some(&conduct.basis),
        Event::ExclusionAsked(exclusion) => Some(&exclusion.basis),
        Event::Settled(settled) => Some(&settled.basis),
        Event::Copied(copy) => Some(&copy.basis),
        Event::ConsultationConcluded(named) => Some(&named.basis),
        Event::MaliciousRecorded(malicious) => Some(&malicious.basis),
        _ => None,
    }
}

fn basis_of_entry(event: &knowledge::Event) -> Option<&Basis> {
    use knowledge::Event as E;
    match event {
        E::ClockStarted(clock) => Some(&clock.basis),
        E::Submitted { notice, .. } => notice.as_ref().map(|n| &n.basis),
        E::ErrorConfirmed { found, .. } | E::ClockExpired { found, .. } => found.as_ref().map(|f| &f.basis),
        _ => None,
    }
}

fn due_words(due: Option<crate::Instant>) -> String {
    due.map_or_else(|| "无".to_owned(), describe::shanghai)
}

/// Whether the newest clock of a kind was or is in time.
fn newest_is(clocks: &[Clock], kind: ClockKind, ctx: &Ctx<'_>) -> &'static str {
    let newest = clocks.iter().rev().find(|c| c.kind == kind && !matches!(c.status, ClockStatus::Void { .. }));
    newest.map_or("没有这一时限", |c| if c.late(ctx.now) { "逾期" } else { "按期" })
}

fn conducts(wanted: &[String], mut ids: Vec<&str>, d: &mut Differences) {
    let mut wanted: Vec<&str> = wanted.iter().map(String::as_str).collect();
    ids.sort_unstable();
    wanted.sort_unstable();
    d.expect("问责情形", wanted.join("、"), ids.join("、"));
}

fn dues(then: &Then, ticket: &Ticket, ctx: &Ctx<'_>, d: &mut Differences) {
    let mut each = |dues: &BTreeMap<ClockKind, DueText>, unit: Option<&str>| {
        for (kind, due) in dues {
            let lead = ticket.units().first().and_then(|lead| ticket.open_clock(*kind, Some(lead)));
            let clock =
                if unit.is_some() { ticket.open_clock(*kind, unit) } else { lead.or(ticket.open_clock(*kind, None)) };
            let what = unit.map_or_else(|| format!("{kind}时限"), |u| format!("{}的{kind}时限", ctx.unit_name(u)));
            d.expect(&what, due_words(due.0), due_words(clock.map(|c| c.due)));
        }
    };
    each(&then.due, None);
    then.due_of.iter().for_each(|(unit, dues)| each(dues, Some(unit)));
    for (kinds, late) in [(&then.on_time, false), (&then.late, true)] {
        for kind in kinds {
            d.expect(&format!("{kind}"), if late { "逾期" } else { "按期" }, newest_is(&ticket.clocks, *kind, ctx));
        }
    }
}

fn counts(then: &Then, ticket: &Ticket, d: &mut Differences) {
    let entries =
        |is: fn(&LedgerState) -> bool| ticket.supervision.iter().filter(|e: &&LedgerEntry| is(&e.state)).count();
    let in_ledger = entries(|s| matches!(s, LedgerState::Open { .. } | LedgerState::Measured { .. }));
    d.expect_if("状态", then.state, ticket.state());
    d.expect_if("督办台账", then.ledger, in_ledger);
    d.expect_if("督办线索", then.proposed, entries(|s| *s == LedgerState::Proposed));
    d.expect_yes("超期", then.overdue, ticket.overdue());
    d.expect_yes("暂定", then.provisional, ticket.provisional());
    d.expect_if("主办单位", then.lead.as_ref(), ticket.units().first().unwrap_or(&"无"));
    d.expect_if("诉求次数", then.contacts, ticket.contacts());
    d.expect_if("第几次办理", then.round, ticket.work().map_or(0, |w| w.round));
    d.expect_if("不满意次数", then.unsatisfied, ticket.unsatisfied());
    d.expect_if("退单次数", then.returned, ticket.returned_by.len());
    if let Some(assessed) = then.assessed {
        let counts = |r: &Rating| match (&r.verdict, ticket.excluded()) {
            (None, false) => "未核实",
            _ => yes_no(ticket.assessed(r)),
        };
        d.expect("纳入考核", yes_no(assessed), ticket.ratings.last().map_or("未核实", counts));
    }
    d.expect_yes("定案", then.settled, ticket.settled.is_some());
    if let Some(wanted) = &then.conducts {
        let standing = ticket.conducts.iter().filter(|c| c.state != ConductState::Dismissed);
        conducts(wanted, standing.map(|c| c.conduct.as_str()).collect(), d);
    }
}
