//! What every machine decides with: the decision in the making, its clocks, and the questions they all ask.

use super::{Event, FoldError, Meta, Refusal, Stage, Ticket, Work, decide::Ctx, timers};
use crate::{
    Amount, Basis, Instant,
    clock::{Clock, ClockKind, ClockStatus},
    limit,
    rulebook::{Cited, Subject},
};

/// A decision in the making: what has been decided so far is already folded in, so that each step sees the ones before it.
pub(super) struct Deciding<'a> {
    ticket: Option<Ticket>,
    pub(super) events: Vec<Event>,
    pub(super) ctx: &'a Ctx<'a>,
    meta: Meta,
}

impl<'a> Deciding<'a> {
    pub(super) fn new(ticket: Option<Ticket>, ctx: &'a Ctx<'a>) -> Self {
        let meta = Meta { at: ctx.now, by: ctx.actor.id.clone() };
        Deciding { ticket, events: Vec::new(), ctx, meta }
    }

    /// The ticket as it now stands in this decision.
    pub(super) fn ticket(&self) -> Result<&Ticket, Refusal> {
        self.ticket.as_ref().ok_or_else(|| Refusal::not_now("none", "工单不存在"))
    }

    pub(super) fn work(&self) -> Result<&Work, Refusal> {
        working(self.ticket()?)
    }

    /// Adds an event and folds it in.
    pub(super) fn push(&mut self, event: Event) -> Result<(), Refusal> {
        let folded = super::evolve(self.ticket.take(), &self.meta, &event);
        self.ticket =
            Some(folded.map_err(|e: FoldError| Refusal::not_now("not-in-this-state", format!("此时不能进行（{e}）")))?);
        self.events.push(event);
        Ok(())
    }

    /// What limits depend on.
    pub(super) fn subject(&self) -> Result<Subject, Refusal> {
        self.ticket().map(subject)
    }

    /// The units' clocks stand still while somebody else decides.
    pub(super) fn pause(&mut self) -> Result<(), Refusal> {
        let theirs = |c: &&Clock| matches!(c.kind, ClockKind::Handle | ClockKind::Assist) && c.wakes_at().is_some();
        let open: Vec<u32> = self.ticket()?.clocks.iter().filter(theirs).map(|c| c.id).collect();
        open.into_iter().try_for_each(|clock| self.push(Event::ClockPaused { clock }))
    }

    /// Starts the clock that the rulebook sets for this, from now. Without a rule there is no clock.
    pub(super) fn start(&mut self, kind: ClockKind, unit: Option<&str>) -> Result<(), Refusal> {
        let subject = self.subject()?;
        let Some((rule, amount)) = self.ctx.rulebook.limit(kind, &subject) else { return Ok(()) };
        let basis = self.ctx.rulebook.limit_basis(rule, amount);
        self.start_with(kind, unit, amount, basis)
    }

    /// Starts a clock of a given length and ground.
    pub(super) fn start_with(
        &mut self,
        kind: ClockKind,
        unit: Option<&str>,
        amount: Amount,
        basis: Basis,
    ) -> Result<(), Refusal> {
        let ctx = self.ctx;
        let due = limit::due(ctx.calendar, ctx.rulebook.counting(), ctx.now, amount, &[]).map_err(out_of_calendar)?;
        let id = self.ticket()?.clocks.len() as u32 + 1;
        self.push(Event::ClockStarted(Clock {
            id,
            kind,
            unit: unit.map(str::to_owned),
            from: ctx.now,
            amount,
            due: due.at,
            provisional: due.provisional,
            calendar: ctx.calendar.version().to_owned(),
            basis,
            status: ClockStatus::Running,
            expired: false,
            extensions: Vec::new(),
            pauses: Vec::new(),
        }))
    }

    /// The duty was done now.
    pub(super) fn met(&mut self, kind: ClockKind, unit: Option<&str>) -> Result<(), Refusal> {
        self.met_at(kind, unit, self.ctx.now)
    }

    /// The duty was done at an earlier instant.
    pub(super) fn met_at(&mut self, kind: ClockKind, unit: Option<&str>, at: Instant) -> Result<(), Refusal> {
        match self.ticket()?.open_clock(kind, unit).map(|c| c.id) {
            Some(clock) => self.push(Event::ClockMet { clock, at }),
            None => Ok(()),
        }
    }

    /// A duty fell away.
    pub(super) fn void_clock(&mut self, id: u32) -> Result<(), Refusal> {
        let open = self.ticket()?.clocks.iter().any(|c| c.id == id && c.open());
        if open { self.push(Event::ClockVoid { clock: id }) } else { Ok(()) }
    }

    /// The duties fell away.
    pub(super) fn void(&mut self, kinds: &[ClockKind]) -> Result<(), Refusal> {
        let open: Vec<u32> =
            self.ticket()?.clocks.iter().filter(|c| c.open() && kinds.contains(&c.kind)).map(|c| c.id).collect();
        open.into_iter().try_for_each(|clock| self.push(Event::ClockVoid { clock }))
    }

    /// Nobody is late while somebody else decides.
    pub(super) fn hold(&mut self, kind: ClockKind) -> Result<(), Refusal> {
        match self.ticket()?.open_clock(kind, None).filter(|c| c.status == ClockStatus::Running).map(|c| c.id) {
            Some(clock) => self.push(Event::ClockHeld { clock }),
            None => Ok(()),
        }
    }

    /// Running again; if the due instant has passed meanwhile it expires at once.
    pub(super) fn release(&mut self, kind: ClockKind) -> Result<(), Refusal> {
        if let Some(clock) =
            self.ticket()?.open_clock(kind, None).filter(|c| c.status == ClockStatus::Held).map(|c| c.id)
        {
            self.push(Event::ClockReleased { clock })?;
            timers::expire(self)?;
        }
        Ok(())
    }

    /// The acting unit, which every unit's command needs.
    pub(super) fn unit(&self) -> Result<&'a str, Refusal> {
        unit_of(self.ctx)
    }

    /// Refuses under a rule, cited.
    pub(super) fn refuse<T>(
        &self,
        rule: &'static str,
        message: impl Into<String>,
        cited: &impl Cited,
    ) -> Result<T, Refusal> {
        Err(Refusal::rule(rule, message, self.ctx.rulebook, cited))
    }
}

/// What limits depend on.
pub(crate) fn subject(t: &Ticket) -> Subject {
    Subject {
        kind: Some(t.kind),
        urgent: t.urgent,
        difficult: t.difficult.is_some(),
        contacts: t.contacts(),
        redo: t.work().is_some_and(|w| w.round > 1),
    }
}

pub(super) fn out_of_calendar(e: crate::calendar::CalendarError) -> Refusal {
    Refusal::not_now("out-of-calendar", e.to_string())
}

/// The handling, while it goes on.
pub(super) fn working(ticket: &Ticket) -> Result<&Work, Refusal> {
    match &ticket.stage {
        Stage::Working(work) => Ok(work),
        Stage::Registered { .. } => Err(Refusal::not_now("not-dispatched", "工单尚未派单")),
        _ => Err(Refusal::not_now("not-in-hand", format!("工单现为“{}”，承办单位此时无事可办", ticket.state()))),
    }
}

pub(super) fn unit_of<'c>(ctx: &Ctx<'c>) -> Result<&'c str, Refusal> {
    ctx.actor.unit.as_deref().ok_or_else(|| Refusal::forbidden("您的账户没有所属单位，请联系系统管理员"))
}

/// The acting unit leads this ticket and has signed it.
pub(super) fn signed_lead<'t>(ticket: &'t Ticket, ctx: &Ctx<'_>) -> Result<&'t Work, Refusal> {
    let work = led_by(ticket, ctx)?;
    if work.lead.signed_at.is_none() {
        return Err(Refusal::not_now("not-signed", "请先签收工单"));
    }
    Ok(work)
}

/// The acting unit leads this ticket.
pub(super) fn led_by<'t>(ticket: &'t Ticket, ctx: &Ctx<'_>) -> Result<&'t Work, Refusal> {
    let work = working(ticket)?;
    if work.lead.unit != unit_of(ctx)? {
        return Err(Refusal::not_now("not-the-lead", "本单位不是主办单位"));
    }
    Ok(work)
}

/// Text that a person must have written: present, and not beyond `most` characters.
pub(super) fn text(field: &'static str, name: &str, value: &str, most: usize) -> Result<String, Refusal> {
    let value = value.trim();
    if value.is_empty() {
        return Err(Refusal::input(field, format!("请填写{name}")));
    }
    if value.chars().count() > most {
        return Err(Refusal::input(field, format!("{name}过长，最多{most}字")));
    }
    Ok(value.to_owned())
}

/// Text that may be left out: trimmed, and not beyond `most` characters.
pub(super) fn optional(field: &'static str, name: &str, value: &str, most: usize) -> Result<String, Refusal> {
    if value.trim().is_empty() { Ok(String::new()) } else { text(field, name, value, most) }
}

/// Like [`optional`]; blank is nothing.
pub(super) fn given(
    field: &'static str,
    name: &str,
    value: Option<&str>,
    most: usize,
) -> Result<Option<String>, Refusal> {
    let value = optional(field, name, value.unwrap_or_default(), most)?;
    Ok(Some(value).filter(|v| !v.is_empty()))
}
