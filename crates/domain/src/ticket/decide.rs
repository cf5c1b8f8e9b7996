//! The one place where commands are judged: permit, ready, then the machine whose business it is.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{
    Action, Command, Event, FoldError, Meta, Refusal, RefusalKind, Register, Stage, Ticket, Work, closure, dispatch,
    extension, follow_up, handling, intake, returning, supervision, timers,
};
use crate::{
    Actor, Amount, Basis, Calendar, Instant, Rulebook, access,
    clock::{Clock, ClockKind, ClockStatus},
    limit,
    rulebook::{Cited, Subject, UnitKind},
};

/// A unit, as far as the law asks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UnitInfo {
    pub name: String,
    pub kind: UnitKind,
    #[serde(default)]
    pub parent: Option<String>,
    #[serde(default = "yes")]
    pub active: bool,
}

fn yes() -> bool {
    true
}

/// The units of a jurisdiction by id.
pub type Units = BTreeMap<String, UnitInfo>;

/// What a decision is made with: all of it is data, none of it ambient.
#[derive(Clone, Copy, Debug)]
pub struct Ctx<'a> {
    /// The rulebook that holds for this ticket: its own if it was dispatched, else the one in force.
    pub rulebook: &'a Rulebook,
    pub calendar: &'a Calendar,
    pub units: &'a Units,
    pub now: Instant,
    pub actor: &'a Actor,
}

impl Ctx<'_> {
    /// A unit's name, or its id where it is not known any more.
    pub fn unit_name<'s>(&'s self, id: &'s str) -> &'s str {
        self.units.get(id).map_or(id, |u| u.name.as_str())
    }
}

/// Decides a command on a ticket.
///
/// # Errors
/// A [`Refusal`] that names its rule; nothing has changed then.
pub fn decide(ticket: &Ticket, command: &Command, ctx: &Ctx<'_>) -> Result<Vec<Event>, Refusal> {
    let action = command.action();
    ready(ticket, action, ctx)?;
    let mut d = Deciding::new(Some(ticket.clone()), ctx);
    // The law does not wait for the worker: what time has brought by now comes first, and the command meets the ticket after it.
    if !matches!(command, Command::TimePassed | Command::Recount) {
        timers::expire(&mut d)?;
        if !d.events.is_empty() {
            ready(d.ticket()?, action, ctx)?;
        }
    }
    match command {
        Command::AttachAppeal { channel, follow_up_by, note } => {
            intake::attach(&mut d, *channel, *follow_up_by, note.as_deref())?
        }
        Command::MarkDifficult { reason } => intake::mark_difficult(&mut d, reason)?,
        Command::ReferUp { question } => intake::refer_up(&mut d, question)?,
        Command::Accept { note } => intake::accept(&mut d, note)?,
        Command::Refuse { class, explanation, help } => intake::refuse(&mut d, class, explanation, help)?,
        Command::AnswerAtOnce { answer, entry } => intake::answer(&mut d, answer, entry.as_deref())?,
        Command::HandOver { call, ends } => intake::hand_over(&mut d, call, *ends)?,
        Command::TakeHistory { history, .. } => intake::take_history(&mut d, history.as_ref())?,
        Command::Dispatch(to) => dispatch::dispatch(&mut d, to)?,
        Command::Sign {} => dispatch::sign(&mut d)?,
        Command::AskReturn { reason, basis, redirect } => {
            returning::ask(&mut d, reason, basis.as_deref(), redirect.as_deref())?
        }
        Command::OpenReturn { reason } => returning::open(&mut d, reason)?,
        Command::ReviewReturn { approve, note } => returning::review(&mut d, *approve, note)?,
        Command::AskExtension { days, reason } => extension::ask(&mut d, *days, reason)?,
        Command::ReviewExtension { approve, note } => extension::review(&mut d, *approve, note)?,
        Command::RecordContact { by, reached, explained, note } => {
            handling::contact(&mut d, *by, *reached, *explained, note)?
        }
        Command::DeliverAssist { text } => handling::deliver(&mut d, text)?,
        Command::DraftReply { text } => handling::draft(&mut d, text)?,
        Command::AuditReply { without_assists } => handling::audit(&mut d, without_assists.as_deref())?,
        Command::ReopenReply { reason } => handling::reopen(&mut d, reason)?,
        Command::AskClosure { ground, statement } => closure::ask(&mut d, *ground, statement)?,
        Command::ReviewClosure { approve, note } => closure::review(&mut d, *approve, note)?,
        Command::FollowUp { by, reached, note, rating } => {
            follow_up::attempt(&mut d, *by, *reached, note, rating.as_ref())?
        }
        Command::Rate(rate) => follow_up::rate(&mut d, rate, crate::words::Contact::Web)?,
        Command::VerifyRating { finding, exempt, reason } => follow_up::verify(&mut d, *finding, *exempt, reason)?,
        Command::Archive {} => follow_up::archive(&mut d)?,
        Command::ProposeSupervision { ground, note } => supervision::propose(&mut d, *ground, note)?,
        Command::OpenSupervision { no, fault } => supervision::open(&mut d, *no, fault)?,
        Command::DismissSupervision { no, reason } => supervision::dismiss(&mut d, *no, reason)?,
        Command::TakeMeasure { no, measure, notice, rectify_within } => {
            supervision::measure(&mut d, *no, *measure, notice, *rectify_within)?
        }
        Command::ReportRectification { no, text } => supervision::report(&mut d, *no, text)?,
        Command::EndSupervision { no, result } => supervision::end(&mut d, *no, result)?,
        Command::TimePassed => timers::time_passed(&mut d)?,
        Command::Recount => timers::recount(&mut d)?,
    }
    Ok(d.events)
}

/// Decides a registration; `number` is the new ticket's.
///
/// # Errors
/// A [`Refusal`] that names its rule.
pub fn register(
    register: &Register,
    number: &str,
    received_at: Option<Instant>,
    ctx: &Ctx<'_>,
) -> Result<Vec<Event>, Refusal> {
    permit(Action::Register, ctx)?;
    let mut d = Deciding::new(None, ctx);
    intake::register(&mut d, register, number, received_at.unwrap_or(ctx.now))?;
    Ok(d.events)
}

fn permit(action: Action, ctx: &Ctx<'_>) -> Result<(), Refusal> {
    if access::may(ctx.actor.role, action) {
        return Ok(());
    }
    Err(Refusal::forbidden(format!("{}不能“{}”", ctx.actor.role, action)))
}

/// Whether an action is open now to this actor, whatever its input will be.
///
/// # Errors
/// Why not.
pub fn ready(ticket: &Ticket, action: Action, ctx: &Ctx<'_>) -> Result<(), Refusal> {
    use Action as A;
    permit(action, ctx)?;
    if let Stage::Archived { .. } = ticket.stage
        && !matches!(action, A::TimePassed | A::Recount)
    {
        return Err(Refusal::not_now("archived", "工单已归档，不能再办理；有新情况请登记新的诉求"));
    }
    match action {
        A::Register => Err(Refusal::not_now("exists", "工单已登记")),
        A::AttachAppeal
        | A::MarkDifficult
        | A::ReferUp
        | A::Accept
        | A::Refuse
        | A::AnswerAtOnce
        | A::HandOver
        | A::TakeHistory => intake::ready(ticket, action, ctx),
        A::Dispatch | A::Sign => dispatch::ready(ticket, action, ctx),
        A::AskReturn | A::OpenReturn | A::ReviewReturn => returning::ready(ticket, action, ctx),
        A::AskExtension | A::ReviewExtension => extension::ready(ticket, action, ctx),
        A::RecordContact | A::DeliverAssist | A::DraftReply | A::AuditReply | A::ReopenReply => {
            handling::ready(ticket, action, ctx)
        }
        A::AskClosure | A::ReviewClosure => closure::ready(ticket, action, ctx),
        A::FollowUp | A::Rate | A::VerifyRating | A::Archive => follow_up::ready(ticket, action, ctx),
        A::ProposeSupervision
        | A::OpenSupervision
        | A::DismissSupervision
        | A::TakeMeasure
        | A::ReportRectification
        | A::EndSupervision => supervision::ready(ticket, action, ctx),
        A::TimePassed | A::Recount => Ok(()),
    }
}

/// An action as a screen shows it: open, or closed and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct ActionState {
    pub name: Action,
    /// In Chinese.
    pub label: &'static str,
    pub allowed: bool,
    /// Why not, in Chinese.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The article a closed action rests on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub article: Option<String>,
}

/// Every action this actor's role knows on this ticket. What the role may never do is left out.
pub fn actions(ticket: &Ticket, ctx: &Ctx<'_>) -> Vec<ActionState> {
    let known = Action::ALL
        .iter()
        .filter(|a| !matches!(a, Action::Register | Action::TimePassed | Action::Recount | Action::TakeHistory));
    known
        .filter_map(|action| match ready(ticket, *action, ctx) {
            Ok(()) => {
                Some(ActionState { name: *action, label: action.zh(), allowed: true, reason: None, article: None })
            }
            Err(refusal) if refusal.kind == RefusalKind::Forbidden => None,
            Err(refusal) => {
                let article = refusal.article().map(str::to_owned);
                Some(ActionState {
                    name: *action,
                    label: action.zh(),
                    allowed: false,
                    reason: Some(refusal.message),
                    article,
                })
            }
        })
        .collect()
}

/// A decision in the making: what has been decided so far is already folded in, so that each step sees the ones before it.
pub(super) struct Deciding<'a> {
    ticket: Option<Ticket>,
    pub(super) events: Vec<Event>,
    pub(super) ctx: &'a Ctx<'a>,
    meta: Meta,
}

impl<'a> Deciding<'a> {
    fn new(ticket: Option<Ticket>, ctx: &'a Ctx<'a>) -> Self {
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
        let t = self.ticket()?;
        Ok(Subject {
            kind: Some(t.kind),
            urgent: t.urgent,
            difficult: t.difficult.is_some(),
            contacts: t.contacts(),
            redo: t.work().is_some_and(|w| w.round > 1),
        })
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
