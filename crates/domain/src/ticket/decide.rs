//! The one place where commands are judged: permit, ready, then the machine whose business it is.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{
    Action, Command, Event, FoldError, Meta, Refusal, RefusalKind, Register, Stage, Standing, Ticket, Work, closure,
    conduct, consult, dispatch, extension, follow_up, handling, intake, leaving, pressing, reply, returning, settle,
    supervision, timers, whistle,
};
use crate::{
    Actor, Amount, Basis, Calendar, Instant, Rulebook, access,
    catalogue::Catalogue,
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
    /// The dispatch catalogue that holds for this ticket, likewise.
    pub catalogue: Option<&'a Catalogue>,
    pub units: &'a Units,
    /// How the other tickets stand that the command or the ticket names; `None` where nobody knows other tickets.
    pub standing: Option<&'a BTreeMap<String, Standing>>,
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
    carry_out(&mut d, command)?;
    Ok(d.events)
}

/// To the machine whose business it is.
fn carry_out(d: &mut Deciding<'_>, command: &Command) -> Result<(), Refusal> {
    use Command as C;
    match command {
        C::Dispatch(to) => dispatch::dispatch(d, to),
        C::Sign {} => dispatch::sign(d),
        C::AskReturn { reason, basis, redirect, leader_sheet } => {
            let (basis, redirect, leader_sheet) = (basis.as_deref(), redirect.as_deref(), leader_sheet.as_deref());
            returning::ask(d, &returning::Asked { reason, basis, redirect, leader_sheet })
        }
        C::OpenReturn { reason } => returning::open(d, reason),
        C::ReviewReturn { approve, note } => returning::review(d, *approve, note),
        C::AskExtension { days, reason, basis, told, force_majeure } => {
            let (days, basis, told, force_majeure) = (*days, basis.as_deref(), told.as_deref(), *force_majeure);
            extension::ask(d, &extension::Asked { days, reason, basis, told, force_majeure })
        }
        C::ReviewExtension { approve, note } => extension::review(d, *approve, note),
        C::DeclareLonger { reason } => extension::declare_longer(d, reason),
        C::RecordContact { by, reached, explained, note } => handling::contact(d, *by, *reached, *explained, note),
        C::AskSupplement { what } => handling::ask_supplement(d, what),
        C::Supplement { text } => handling::supplement(d, text),
        C::ReportUp { to, text } => handling::report_up(d, to, text),
        C::ReportProgress { text, reason } => handling::progress(d, text, reason),
        C::DeliverAssist { text, explanation } => handling::deliver(d, text, explanation.as_deref()),
        C::DraftReply { text, answers, long_term } => reply::draft(d, text, answers, long_term.as_ref()),
        C::AuditReply { without_assists } => reply::audit(d, without_assists.as_deref()),
        C::ReopenReply { reason } => reply::reopen(d, reason),
        C::RelayReply { by, reached, note } => reply::relay(d, *by, *reached, note),
        C::AskClosure { ground, statement } => closure::ask(d, ground, statement),
        C::ReviewClosure { approve, note } => closure::review(d, *approve, note),
        C::TimePassed => timers::time_passed(d),
        C::Recount => timers::recount(d),
        command => desk(d, command).unwrap_or_else(|| outcome(d, command)),
    }
}

/// Commands of the desk and of those who decide who handles it; `None`: not one of them.
fn desk(d: &mut Deciding<'_>, command: &Command) -> Option<Result<(), Refusal>> {
    use Command as C;
    Some(match command {
        C::AttachAppeal { channel, follow_up_by, note, same_as, from } => {
            let (note, from) = (note.as_deref(), from.as_deref());
            let further =
                intake::Further { channel: *channel, follow_up_by: *follow_up_by, note, same_as: *same_as, from };
            intake::attach(d, &further)
        }
        C::LinkEarlier { number, note } => intake::link_earlier(d, number, note),
        C::MarkDifficult { reason } => intake::mark_difficult(d, reason),
        C::MarkMajor { reason } => intake::mark_major(d, reason),
        C::ReferUp { question } => intake::refer_up(d, question),
        C::Accept { note } => intake::accept(d, note),
        C::Refuse { class, explanation, help } => intake::refuse(d, class, explanation, help),
        C::AnswerAtOnce { answer, entry, by_opinion_of } => {
            intake::answer(d, answer, entry.as_deref(), by_opinion_of.as_deref())
        }
        C::HandOver { call, ends } => intake::hand_over(d, call, *ends),
        C::JoinTo { number, reason } => intake::join_to(d, number, reason),
        C::TakeHistory { history, .. } => intake::take_history(d, history.as_ref()),
        C::Withdraw { appeal, reason } => leaving::withdraw(d, *appeal, reason),
        C::RecordMalicious { conduct, note, evidence } => leaving::record_malicious(d, conduct, note, evidence),
        C::ReferMalicious { no, to, note } => leaving::refer_malicious(d, *no, to, note),
        C::ReportRisk { to, text } => leaving::report_risk(d, to, text),
        C::Transfer { to, reason } => leaving::transfer(d, to, reason),
        C::TakeBack { reason } => leaving::take_back(d, reason),
        C::EndTransfer { result } => leaving::end_transfer(d, result),
        C::Consult { level, question } => consult::consult(d, level, question),
        C::ConcludeConsultation { lead, assists, opinion } => consult::conclude(d, lead, assists, opinion),
        C::SubmitOpinion { opinion, lead, assists } => consult::submit(d, opinion, lead, assists),
        C::ReviewOpinion { approve, note } => consult::review(d, *approve, note),
        C::AssignInside { office, handler } => whistle::assign_inside(d, office, handler),
        C::Whistle { units, matter } => whistle::whistle(d, units, matter),
        C::ReportIn {} => whistle::report_in(d),
        C::JudgeWhistle { unit, answered, note } => whistle::judge(d, unit, *answered, note),
        C::Raise { to, reason } => whistle::raise(d, to, reason),
        _ => return None,
    })
}

/// Commands of those who ask afterwards, and of those who watch.
fn outcome(d: &mut Deciding<'_>, command: &Command) -> Result<(), Refusal> {
    use Command as C;
    match command {
        C::FollowUp { appeal, by, reached, note, rating } => {
            let rating = rating.as_ref();
            follow_up::attempt(d, &follow_up::Attempted { appeal: *appeal, by: *by, reached: *reached, note, rating })
        }
        C::Rate(rate) => follow_up::rate(d, rate, crate::words::Contact::Web),
        C::RateByText { appeal, text } => follow_up::rate_by_text(d, *appeal, text),
        C::VerifyRating { appeal, finding, ground, exempt, reason } => {
            let (ground, exempt) = (ground.as_deref(), exempt.as_deref());
            follow_up::verify(d, &follow_up::Found { appeal: *appeal, finding: *finding, ground, exempt, reason })
        }
        C::AskSettlement { ground, proof, opinion } => settle::ask(d, ground, proof, opinion),
        C::ReviewSettlement { approve, note } => settle::review(d, *approve, note),
        C::EndTracking { solved, note } => settle::end_tracking(d, *solved, note),
        C::Archive {} => follow_up::archive(d),
        C::Hold { reason } => follow_up::hold(d, reason, true),
        C::LiftHold { reason } => follow_up::hold(d, reason, false),
        C::ProposeSupervision { ground, note } => supervision::propose(d, ground, note),
        C::OpenSupervision { no, fault } => supervision::open(d, *no, fault),
        C::DismissSupervision { no, reason } => supervision::dismiss(d, *no, reason),
        C::TakeMeasure { no, measure, notice, rectify_within } => {
            supervision::measure(d, *no, measure, notice, *rectify_within)
        }
        C::ReportRectification { no, text } => supervision::report(d, *no, text),
        C::EndSupervision { no, result } => supervision::end(d, *no, result),
        C::Urge { unit, note } => pressing::urge(d, unit.as_deref(), note),
        C::AnswerUrging { no, text } => pressing::answer(d, *no, text),
        C::RecordInstruction { from, text } => pressing::instruct(d, from, text),
        C::MarkMedia { outlet, note } => pressing::media(d, outlet, note),
        C::RecordConduct { conduct, unit, evidence } => conduct::record(d, conduct, unit.as_deref(), evidence),
        C::ConfirmConduct { no, note } => conduct::judge(d, *no, true, note),
        C::DismissConduct { no, reason } => conduct::judge(d, *no, false, reason),
        C::AskExclusion { ground, reason, evidence } => conduct::ask_exclusion(d, ground, reason, evidence),
        C::ReviewExclusion { no, approve, note } => conduct::review_exclusion(d, *no, *approve, note),
        C::AppealExclusion { no, reason } => conduct::appeal_exclusion(d, *no, reason),
        C::DecideExclusion { no, approve, note } => conduct::decide_exclusion(d, *no, *approve, note),
        other => Err(Refusal::not_now("no-machine", format!("“{}”没有办理环节", other.action()))),
    }
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
        && !matches!(action, A::TimePassed | A::Recount | A::Hold | A::LiftHold)
    {
        return Err(Refusal::not_now("archived", "工单已归档，不能再办理；有新情况请登记新的诉求"));
    }
    match action {
        A::Register => Err(Refusal::not_now("exists", "工单已登记")),
        A::TimePassed | A::Recount => Ok(()),
        A::AttachAppeal
        | A::LinkEarlier
        | A::MarkDifficult
        | A::MarkMajor
        | A::ReferUp
        | A::Accept
        | A::Refuse
        | A::AnswerAtOnce
        | A::HandOver
        | A::JoinTo
        | A::TakeHistory => intake::ready(ticket, action, ctx),
        A::Withdraw
        | A::RecordMalicious
        | A::ReferMalicious
        | A::ReportRisk
        | A::Transfer
        | A::TakeBack
        | A::EndTransfer => leaving::ready(ticket, action, ctx),
        A::Consult | A::ConcludeConsultation | A::SubmitOpinion | A::ReviewOpinion => {
            consult::ready(ticket, action, ctx)
        }
        A::Dispatch | A::Sign => dispatch::ready(ticket, action, ctx),
        A::AssignInside | A::Whistle | A::ReportIn | A::JudgeWhistle | A::Raise => whistle::ready(ticket, action, ctx),
        A::AskReturn | A::OpenReturn | A::ReviewReturn => returning::ready(ticket, action, ctx),
        A::AskExtension | A::ReviewExtension | A::DeclareLonger => extension::ready(ticket, action, ctx),
        A::RecordContact | A::AskSupplement | A::Supplement | A::ReportUp | A::ReportProgress | A::DeliverAssist => {
            handling::ready(ticket, action, ctx)
        }
        A::DraftReply | A::AuditReply | A::ReopenReply | A::RelayReply => reply::ready(ticket, action, ctx),
        A::AskClosure | A::ReviewClosure => closure::ready(ticket, action, ctx),
        A::AskSettlement | A::ReviewSettlement | A::EndTracking => settle::ready(ticket, action, ctx),
        A::FollowUp | A::Rate | A::RateByText | A::VerifyRating | A::Archive | A::Hold | A::LiftHold => {
            follow_up::ready(ticket, action, ctx)
        }
        A::ProposeSupervision
        | A::OpenSupervision
        | A::DismissSupervision
        | A::TakeMeasure
        | A::ReportRectification
        | A::EndSupervision => supervision::ready(ticket, action, ctx),
        A::Urge | A::AnswerUrging | A::RecordInstruction | A::MarkMedia => pressing::ready(ticket, action, ctx),
        A::RecordConduct
        | A::ConfirmConduct
        | A::DismissConduct
        | A::AskExclusion
        | A::ReviewExclusion
        | A::AppealExclusion
        | A::DecideExclusion => conduct::ready(ticket, action, ctx),
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
    let known = Action::ALL.iter().filter(|a| **a != Action::Register && !a.of_system());
    known
        .filter_map(|action| match ready(ticket, *action, ctx) {
            Ok(()) => {
                Some(ActionState { name: *action, label: action.zh(), allowed: true, reason: None, article: None })
            }
            // What this role may never do, and what this rulebook does not know, is not there at all.
            Err(refusal) if refusal.kind == RefusalKind::Forbidden || refusal.rule == "not-in-this-rulebook" => None,
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
