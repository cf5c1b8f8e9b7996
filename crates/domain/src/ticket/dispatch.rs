//! To the units: by catalogue or duty, lead and assists, copies, limits from the dispatch, signing.

use super::{
    Action, CopySent, Ctx, Dispatch, Event, Refusal, SpecialLimit, Stage, Ticket, consult,
    deciding::{Deciding, given, optional, text, unit_of, working},
    intake, supervision,
};
use crate::{
    Amount, Basis,
    catalogue::Entry,
    clock::{Clock, ClockKind},
    rulebook::{Cited, CopyRule, CopyTo, Start, Trigger, UnitKind},
};

const POINTS_MOST: usize = 50;
const APPROVAL_FIRST: &str = "须先提出拟办意见，报领导审定后派单";

pub(super) fn ready(ticket: &Ticket, action: Action, ctx: &Ctx<'_>) -> Result<(), Refusal> {
    if action == Action::Sign {
        let work = working(ticket)?;
        let unit = unit_of(ctx)?;
        let signed = if work.lead.unit == unit {
            work.lead.signed_at
        } else {
            let assist = work.assists.iter().find(|a| a.unit == unit);
            let assist = assist.ok_or_else(|| Refusal::not_now("not-ours", "工单没有派给本单位"))?;
            if assist.whistle.is_some() {
                return Err(Refusal::not_now("report-in-instead", "本单位是应请协办，请“报到”"));
            }
            assist.signed_at
        };
        return if signed.is_some() { Err(Refusal::not_now("already-signed", "本单位已签收")) } else { Ok(()) };
    }
    let book = ctx.rulebook;
    match &ticket.stage {
        Stage::Registered(w) => match (&w.referral, &w.consultation, &w.opinion) {
            (Some(r), ..) => {
                let message = format!("已逐级汇报，等待{}认定是否受理", r.to);
                Err(Refusal::rule("referral-pending", message, book, &book.referral))
            }
            (_, Some(_), _) => Err(consult::pending(ctx)),
            (_, _, Some(o)) if o.approved.is_none() => {
                Err(Refusal::not_now("approval-pending", "拟办意见正在报请审定，审定后派单"))
            }
            (_, _, None) => match consult::approval_needed(ticket, 1, ctx) {
                Some(rule) => Err(Refusal::rule("approval-first", APPROVAL_FIRST, book, rule)),
                None => Ok(()),
            },
            _ => Ok(()),
        },
        Stage::Working(_) => Err(Refusal::not_now("already-dispatched", "工单已派单；须先退单才能重新派单")),
        _ => Err(Refusal::not_now("past-intake", format!("工单现为“{}”，不能派单", ticket.state()))),
    }
}

pub(super) fn dispatch(d: &mut Deciding<'_>, to: &Dispatch) -> Result<(), Refusal> {
    let ctx = d.ctx;
    let book = ctx.rulebook;
    checked_units(ctx, &to.lead, &to.assists)?;
    as_named(d, &to.lead, &to.assists)?;
    as_approved(d, to)?;
    let new_facts = not_settled(d, to.new_facts.as_deref())?;
    let entry = entry(d, to)?;
    let call = to.call.as_ref().map(|c| intake::recorded(d, c)).transpose()?;
    if d.ticket()?.urgent && book.emergency.call_recorded && call.is_none() {
        let message = "突发事件工单须同时电话通知承办单位，请记录通话对象和情况";
        return Err(Refusal { field: Some("call"), ..Refusal::rule("emergency-call", message, book, &book.emergency) });
    }
    let special = special_limit(d, to, entry)?;
    let note = optional("note", "派单说明", &to.note, 2_000)?;
    let place = d.ticket()?.place.clone();
    let suggested = entry.and_then(|e| e.units_at(place.as_deref()).2).map(str::to_owned);
    let office = given("office", "建议承办机构", to.office.as_deref(), 100)?.or(suggested);
    let points = points(&to.points)?;
    let copies = copies(d, &to.lead)?;
    let bound = named(d.ticket()?).is_some();
    d.met(ClockKind::Dispatch, None)?;
    d.push(Event::Dispatched {
        lead: to.lead.clone(),
        assists: to.assists.clone(),
        note,
        rulebook: (book.rulebook.id.clone(), book.rulebook.version),
        call,
        catalogue: ctx.catalogue.map(|c| c.catalogue.version),
        entry: to.entry.clone(),
        office,
        points,
        bound,
        new_facts,
    })?;
    copies.into_iter().try_for_each(|copy| d.push(Event::Copied(copy)))?;
    start_limits(d, to, entry, special)?;
    for trigger in [Trigger::Persons, Trigger::Contacts, Trigger::Instruction, Trigger::Media] {
        supervision::found(d, trigger, None)?;
    }
    Ok(())
}

fn named(ticket: &Ticket) -> Option<&super::Named> {
    if let Stage::Registered(waiting) = &ticket.stage { waiting.named.as_ref() } else { None }
}

/// What a consultation has named binds.
pub(super) fn as_named(d: &Deciding<'_>, lead: &str, assists: &[String]) -> Result<(), Refusal> {
    let Some(named) = named(d.ticket()?) else { return Ok(()) };
    let missing = named.assists.iter().find(|a| !assists.contains(a));
    let message = match missing {
        _ if named.lead != lead => format!("会商确定由{}承办，不能另派", d.ctx.unit_name(&named.lead)),
        Some(assist) => format!("会商确定由{}协办，不能遗漏", d.ctx.unit_name(assist)),
        None => return Ok(()),
    };
    match &d.ctx.rulebook.consultation {
        Some(rule) if rule.binding => {
            Err(Refusal { field: Some("lead"), ..Refusal::rule("as-consulted", message, d.ctx.rulebook, rule) })
        }
        _ => Ok(()),
    }
}

/// What a leader approved is what is dispatched; what needs approval is not dispatched without.
fn as_approved(d: &Deciding<'_>, to: &Dispatch) -> Result<(), Refusal> {
    let ticket = d.ticket()?;
    let Stage::Registered(waiting) = &ticket.stage else { return Ok(()) };
    let Some(rule) = &d.ctx.rulebook.approval else { return Ok(()) };
    match &waiting.opinion {
        Some(o) if o.lead != to.lead || !o.assists.iter().all(|a| to.assists.contains(a)) => {
            let message = format!("须按审定的拟办意见派给{}办理", d.ctx.unit_name(&o.lead));
            Err(Refusal { field: Some("lead"), ..Refusal::rule("as-approved", message, d.ctx.rulebook, rule) })
        }
        Some(_) => Ok(()),
        None => match consult::approval_needed(ticket, 1 + to.assists.len(), d.ctx) {
            Some(rule) => d.refuse("approval-first", APPROVAL_FIRST, rule),
            None => Ok(()),
        },
    }
}

/// The same fact and reason, settled before, are dispatched again only for something new.
fn not_settled(d: &Deciding<'_>, new_facts: Option<&str>) -> Result<Option<String>, Refusal> {
    let new_facts = given("new_facts", "新情况、新理由", new_facts, 2_000)?;
    let Some(rule) = &d.ctx.rulebook.settled else { return Ok(new_facts) };
    let settled = d.ticket()?.standing.iter().find(|(_, s)| s.settled.is_some());
    match (settled, &new_facts) {
        (Some((number, _)), None) => {
            let message = format!("同一事实和理由已由工单{number}定案，按定案意见答复；有新情况、新理由的请写明后派单");
            Err(Refusal { field: Some("new_facts"), ..Refusal::rule("settled-matter", message, d.ctx.rulebook, rule) })
        }
        _ => Ok(new_facts),
    }
}

/// The catalogue's entry, and what it forbids; without one the dispatch says on which duty it rests.
fn entry<'c>(d: &Deciding<'c>, to: &Dispatch) -> Result<Option<&'c Entry>, Refusal> {
    let (ctx, book) = (d.ctx, d.ctx.rulebook);
    let note = to.note.trim();
    let Some(id) = to.entry.as_deref() else {
        if book.dispatch.duty_note && note.is_empty() {
            let message = "派单目录没有相应事项的，按法定职责派发：请在派单说明中写明职责依据";
            return Err(Refusal {
                field: Some("note"),
                ..Refusal::rule("say-the-duty", message, book, &book.dispatch)
            });
        }
        return Ok(None);
    };
    let Some(entry) = ctx.catalogue.and_then(|c| c.entry(id)) else {
        return Err(Refusal::input("entry", format!("派单目录中没有编号为“{id}”的事项")));
    };
    let ticket = d.ticket()?;
    if let Some(kind) = entry.kind.filter(|k| *k != ticket.kind) {
        return Err(Refusal::input("entry", format!("目录事项“{}”只适用于{kind}类诉求", entry.matter)));
    }
    if entry.not_to_towns && ctx.units.get(&to.lead).is_some_and(|u| u.kind == UnitKind::Town) {
        let message = format!("“{}”属部门职责，不得派给镇街", entry.matter);
        return Err(Refusal { field: Some("lead"), ..Refusal::rule("not-to-towns", message, book, &book.dispatch) });
    }
    let (lead, ..) = entry.units_at(ticket.place.as_deref());
    if lead != to.lead && note.is_empty() {
        let message = format!("目录确定由{}承办；改派其他单位的，请写明理由", ctx.unit_name(lead));
        return Err(Refusal { field: Some("note"), ..Refusal::rule("off-catalogue", message, book, &book.dispatch) });
    }
    Ok(Some(entry))
}

fn points(points: &[String]) -> Result<Vec<String>, Refusal> {
    if points.len() > POINTS_MOST {
        return Err(Refusal::input("points", format!("诉求要点最多{POINTS_MOST}项")));
    }
    points.iter().map(|p| text("points", "诉求要点", p, 500)).collect()
}

/// Who gets a copy with this lead, by the rules.
fn copies(d: &Deciding<'_>, lead: &str) -> Result<Vec<CopySent>, Refusal> {
    let (ctx, ticket) = (d.ctx, d.ticket()?);
    let Some(unit) = ctx.units.get(lead) else { return Ok(Vec::new()) };
    let applies = |rule: &&CopyRule| {
        (rule.kinds.is_empty() || rule.kinds.contains(&ticket.kind))
            && (rule.leads.is_empty() || rule.leads.contains(&unit.kind))
    };
    let copy = |rule: &CopyRule| {
        let to = match (rule.to, &unit.parent) {
            (CopyTo::Discipline, _) => lead.to_owned(),
            (CopyTo::Superior, Some(parent)) => parent.clone(),
            (CopyTo::Superior, None) => {
                let message = format!("{}没有登记上级单位，无法同时送达；请先补全单位名录", unit.name);
                let refusal = Refusal::rule("no-superior", message, ctx.rulebook, rule);
                return Err(Refusal { field: Some("lead"), ..refusal });
            }
        };
        Ok(CopySent { unit: to, to: rule.to, name: rule.name.clone(), basis: ctx.rulebook.basis(rule) })
    };
    ctx.rulebook.copy.iter().filter(applies).map(copy).collect()
}

/// A limit of another law, with the law named in its ground: given with the dispatch, or by the catalogue's entry.
fn special_limit(d: &Deciding<'_>, to: &Dispatch, entry: Option<&Entry>) -> Result<Option<(Amount, Basis)>, Refusal> {
    let book = d.ctx.rulebook;
    let of_entry = entry.and_then(|e| Some(SpecialLimit { limit: e.limit?, law: e.law.clone()? }));
    // Where the catalogue sets the limits anyway, an entry is no exception.
    let set_there = book.limit.iter().any(|r| r.clock == ClockKind::Handle && r.by_catalogue);
    let Some(special) = to.special.clone().or(of_entry.filter(|_| !set_there && book.special_law.is_some())) else {
        return Ok(None);
    };
    let Some(rule) = &book.special_law else {
        return Err(Refusal::input("special", "本办法没有规定可以另定时限"));
    };
    let law = text("special", "另定时限的依据", &special.law, 200)?;
    let mut basis = book.basis(rule);
    basis.readings.extend(book.counting.assume.iter().cloned());
    basis.law = Some(law);
    Ok(Some((special.limit, basis)))
}

/// The clocks that a dispatch starts, for the lead and each assist. What another law sets for the ticket holds for all who handle it.
fn start_limits(
    d: &mut Deciding<'_>,
    to: &Dispatch,
    entry: Option<&Entry>,
    special: Option<(Amount, Basis)>,
) -> Result<(), Refusal> {
    d.start(ClockKind::Sign, Some(&to.lead))?;
    if returns_from(d, Start::Dispatch) && !d.work()?.bound {
        d.start(ClockKind::Return, Some(&to.lead))?;
    }
    let units = std::iter::once((ClockKind::Handle, &to.lead)).chain(to.assists.iter().map(|a| (ClockKind::Assist, a)));
    for (kind, unit) in units {
        if kind == ClockKind::Assist {
            d.start(ClockKind::Sign, Some(unit))?;
        }
        let within = to.assists_within.filter(|_| kind == ClockKind::Assist);
        let chosen = within.map(|amount| {
            let mut basis = d.ctx.rulebook.basis(&d.ctx.rulebook.dispatch);
            basis.readings.extend(d.ctx.rulebook.counting.assume.iter().cloned());
            (amount, basis)
        });
        match chosen.or_else(|| special.clone()).or(by_catalogue(d, kind, entry)?) {
            Some((limit, basis)) => d.start_with(kind, Some(unit), limit, basis)?,
            None => d.start(kind, Some(unit))?,
        }
    }
    Ok(())
}

/// The limit that the catalogue's entry sets, where the rulebook leaves it to the catalogue.
fn by_catalogue(d: &Deciding<'_>, kind: ClockKind, entry: Option<&Entry>) -> Result<Option<(Amount, Basis)>, Refusal> {
    let (Some(entry), Some(catalogue)) = (entry, d.ctx.catalogue) else { return Ok(None) };
    let amount = if kind == ClockKind::Handle { entry.limit } else { entry.assist_limit.or(entry.limit) };
    let book = d.ctx.rulebook;
    let rule = book.limit(kind, &d.subject()?).map(|(rule, _)| rule).filter(|rule| rule.by_catalogue);
    Ok(rule.zip(amount).map(|(rule, amount)| {
        let mut basis = book.limit_basis(rule, amount);
        basis.catalogue = Some(format!("派单目录第{}版 {}", catalogue.catalogue.version, entry.id));
        (amount, basis)
    }))
}

/// The limit of the matter for who joins it after the dispatch: another law's, the catalogue's, or the rulebook's.
pub(super) fn whole_limit(d: &Deciding<'_>, kind: ClockKind) -> Result<Option<(Amount, Basis)>, Refusal> {
    let handling = |c: &&Clock| matches!(c.kind, ClockKind::Handle | ClockKind::Assist);
    let since = d.work()?.dispatched_at;
    let by_law = d.ticket()?.clocks.iter().rev().filter(handling).find(|c| c.from >= since && c.basis.law.is_some());
    if let Some(clock) = by_law {
        return Ok(Some((clock.amount, clock.basis.clone())));
    }
    let entry = d.work()?.entry.as_deref().and_then(|id| d.ctx.catalogue?.entry(id));
    if let Some(set) = by_catalogue(d, kind, entry)? {
        return Ok(Some(set));
    }
    let book = d.ctx.rulebook;
    Ok(book.limit(kind, &d.subject()?).map(|(rule, amount)| (amount, book.limit_basis(rule, amount))))
}

/// Whether the return window begins there (the text differs: Shangrao at signing, others at receipt).
fn returns_from(d: &Deciding<'_>, start: Start) -> bool {
    d.ctx.rulebook.limit.iter().any(|r| r.clock == ClockKind::Return && r.from == start)
}

/// Units that exist, work, and may be what they are meant to be.
pub(super) fn checked_units(ctx: &Ctx<'_>, lead: &str, assists: &[String]) -> Result<(), Refusal> {
    let book = ctx.rulebook;
    if lead.trim().is_empty() {
        return Err(Refusal::rule("name-a-lead", "请指定主办单位", book, &book.dispatch))
            .map_err(|r| Refusal { field: Some("lead"), ..r });
    }
    let unit = known_unit(ctx, "lead", lead)?;
    if book.dispatch.never_lead.contains(&unit.kind) {
        let message = format!("{}不能作为主办单位，可以协办", unit.kind);
        return Err(Refusal { field: Some("lead"), ..Refusal::rule("never-lead", message, book, &book.dispatch) });
    }
    for (i, assist) in assists.iter().enumerate() {
        known_unit(ctx, "assists", assist)?;
        if *assist == lead || assists[..i].contains(assist) {
            return Err(Refusal::input("assists", format!("{}列了两次", ctx.unit_name(assist))));
        }
    }
    Ok(())
}

pub(super) fn known_unit<'c>(ctx: &Ctx<'c>, field: &'static str, id: &str) -> Result<&'c super::UnitInfo, Refusal> {
    match ctx.units.get(id) {
        None => Err(Refusal::input(field, format!("没有编号为“{id}”的单位，请从名录中选择"))),
        Some(unit) if !unit.active => {
            Err(Refusal::input(field, format!("{}已停用，请选择承接其职责的单位", unit.name)))
        }
        Some(unit) if unit.kind == UnitKind::Centre => Err(Refusal::input(field, "热线中心不是承办单位")),
        Some(unit) => Ok(unit),
    }
}

pub(super) fn sign(d: &mut Deciding<'_>) -> Result<(), Refusal> {
    let unit = d.unit()?.to_owned();
    d.met(ClockKind::Sign, Some(&unit))?;
    d.push(Event::Signed { unit: unit.clone() })?;
    let work = d.work()?;
    // A redo goes back to the unit whose duty it was found to be: there is nothing to return.
    let first_lead = work.lead.unit == unit && work.round == 1 && !work.bound;
    if first_lead && returns_from(d, Start::Sign) {
        d.start(ClockKind::Return, Some(&unit))?;
    }
    Ok(())
}

/// What a redo starts anew for the same units: the whole limit of the matter, which may be another law's or the catalogue's.
pub(super) fn restart(d: &mut Deciding<'_>) -> Result<(), Refusal> {
    let book = d.ctx.rulebook;
    let units: Vec<String> = d.ticket()?.units().iter().map(|u| (*u).to_owned()).collect();
    for (i, unit) in units.iter().enumerate() {
        d.start(ClockKind::Sign, Some(unit))?;
        let kind = if i == 0 { ClockKind::Handle } else { ClockKind::Assist };
        let mut clocks = d.ticket()?.clocks.iter().rev();
        let last = clocks.find(|c| {
            matches!(c.kind, ClockKind::Handle | ClockKind::Assist) && c.unit.as_deref() == Some(unit.as_str())
        });
        let set_apart = last.filter(|c| c.basis.law.is_some() || c.basis.catalogue.is_some());
        let special = set_apart.map(|c| (c.amount, c.basis.clone()));
        let subject = d.subject()?;
        let rule = || book.limit(kind, &subject).map(|(rule, amount)| (amount, book.limit_basis(rule, amount)));
        if let Some((amount, mut basis)) = special.or_else(rule) {
            // That a redo has the whole limit anew is a reading of the redo rule.
            let readings = book.redo.readings().iter().filter(|r| !basis.readings.contains(*r)).cloned();
            let readings: Vec<String> = readings.collect();
            basis.readings.extend(readings);
            d.start_with(kind, Some(unit), amount, basis)?;
        }
    }
    Ok(())
}
