//! The one place where commands are judged: permit, ready, then the machine whose business it is.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{
    Action, Command, Event, Refusal, RefusalKind, Register, Stage, Standing, Ticket, attaching, closure, conduct,
    consult, deciding::Deciding, dispatch, extension, follow_up, handling, intake, leaving, pressing, reply, returning,
    settle, supervision, timers, whistle,
};
use crate::{Actor, Calendar, Instant, Rulebook, access, catalogue::Catalogue, rulebook::UnitKind};

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
        C::AttachFile(file) => attaching::attach(d, file),
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
    if ticket.erased.is_some() && !matches!(action, A::TimePassed | A::Recount) {
        return Err(Refusal::not_now("erased", "工单内容已按期限销毁，只留下统计所需的项目，不能再办理"));
    }
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
        A::AttachFile => attaching::ready(ticket, ctx),
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
