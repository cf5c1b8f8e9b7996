//! The ticket page.

use std::collections::{BTreeMap, BTreeSet};

use jiesu_domain::{
    Actor, Instant, Role,
    limit::Measure,
    ticket::{
        Action, Answered, CopySent, Event, HandOver, Imported, Malicious, Rating, Referral, Refused, Returned, Settled,
        Stage, Standing, Ticket, Told, Urging, actions, ready,
    },
};
use jiesu_store::{AppealRow, AttachmentRow, JournalEntry, OutboxRow, PersonRow};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    clocks::{ClockView, clock_view},
    entries::{ConductView, Entries, ExclusionView, LedgerView},
    files::{FileRules, FileView, file_rules, file_views},
    line::{TicketLine, line},
    parts::{AppealView, ClosedView, DeskView, TransferView, WorkView, appeal_view, closed_view, desk_view, work_view},
    timeline::{Moment, timeline},
    viewer::Viewer,
};
use crate::app::{App, WHICH, ticket_row};
use crate::login::ONE_TIME;

/// A message to an appellant, without the number it went to.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct MessageView {
    pub label: String,
    #[schema(value_type = String, format = DateTime)]
    pub at: Instant,
    /// `pending`, `sent` or `failed`.
    pub state: &'static str,
    pub state_name: &'static str,
}

/// Everything on the ticket page.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TicketView {
    #[serde(flatten)]
    pub line: TicketLine,
    pub content: String,
    pub category: Option<String>,
    pub appeals: Vec<AppealView>,
    pub earlier: Vec<String>,
    /// How those stood when they were confirmed; for the centre only.
    pub standing: BTreeMap<String, Standing>,
    pub difficult: Option<String>,
    /// Marked a major matter, with the reason.
    pub major: Option<String>,
    /// What the appeal asks, point by point.
    pub points: Vec<String>,
    /// Added by the desk on a unit's question.
    pub supplements: Vec<String>,
    /// Contacts on this matter, earlier tickets included.
    pub contacts: u32,
    /// Persons who brought it: calls of the same person count once.
    pub persons: u32,
    pub referral: Option<Referral>,
    pub refused: Option<Refused>,
    pub answered: Option<Answered>,
    pub history: Option<Imported>,
    /// What is awaited while it is at the desk.
    pub desk: Option<DeskView>,
    /// The ticket to which its appellants went.
    pub joined: Option<String>,
    /// Why it ended where everybody took their appeal back.
    pub withdrawn: Option<String>,
    pub transfer: Option<TransferView>,
    pub clocks: Vec<ClockView>,
    /// What an extension of it is counted in: `个工作日` or `日`.
    pub extension_unit: &'static str,
    pub work: Option<WorkView>,
    pub closed: Option<ClosedView>,
    pub ratings: Vec<Rating>,
    pub redos: u32,
    pub supervision: Vec<LedgerView>,
    pub handovers: Vec<HandOver>,
    pub returned_by: Vec<Returned>,
    /// Copies that went out with the dispatch.
    pub copies: Vec<CopySent>,
    pub urgings: Vec<Urging>,
    pub instructions: Vec<Told>,
    pub media: Vec<Told>,
    /// Conduct for which somebody may be held to account: all for the centre, its own for a unit.
    pub conducts: Vec<ConductView>,
    /// Applications to leave it out of an assessment: all for the centre, its own for a unit.
    pub exclusions: Vec<ExclusionView>,
    /// Conduct of callers; for the centre only.
    pub malicious: Vec<Malicious>,
    /// Risks reported upward; for the centre only.
    pub risks: Vec<Told>,
    /// The same fact and reason are answered from here.
    pub settled: Option<Settled>,
    /// Not to be destroyed, with the reason; for the centre only.
    pub hold: Option<String>,
    /// What the archive waits for, in words; for the centre only.
    pub unsettled: Option<&'static str>,
    /// What is attached; of what this person must not know only that it is there.
    pub files: Vec<FileView>,
    /// What this person may attach, if anything now.
    pub file_rules: Option<FileRules>,
    pub timeline: Vec<Moment>,
    pub messages: Vec<MessageView>,
    pub actions: Vec<jiesu_domain::ticket::ActionState>,
    /// Rulebook id and version this ticket is handled under.
    pub rulebook: String,
    pub rulebook_version: u32,
    /// Version of the dispatch catalogue, and the entry it was dispatched by last.
    pub catalogue_version: Option<u32>,
    pub catalogue_entry: Option<String>,
    #[schema(value_type = String, format = DateTime)]
    pub now: Instant,
}

/// Rows that belong to a ticket, read for its page.
#[derive(Debug)]
pub struct Rows {
    pub journal: Vec<JournalEntry>,
    pub appeals: Vec<(AppealRow, Option<PersonRow>)>,
    pub messages: Vec<OutboxRow>,
    pub files: Vec<AttachmentRow>,
    /// Other tickets that this one names and the viewer does not see.
    pub foreign: BTreeSet<String>,
}

pub fn ticket_view(app: &App, ticket: &Ticket, rows: &Rows, actor: &Actor) -> TicketView {
    let now = app.clock.now();
    let units = app.units();
    let ctx = app.ctx(Some(ticket), &units, None, actor, now);
    let unit = |id: &str| ctx.unit_name(id).to_owned();
    let viewer = Viewer::on(app, actor, ticket, &rows.foreign);
    let entries = Entries { app, ctx: &ctx, viewer: &viewer };
    let events = events(rows);
    let mut view = TicketView {
        line: line(&ticket.number, i64::from(ticket.version), &ticket_row(ticket), &units, now)
            .expect("a folded ticket speaks our own words"),
        content: ticket.content.clone(),
        category: ticket.category.clone(),
        appeals: ticket.appeals.iter().map(|a| appeal_view(&viewer.appeal(a), ticket, &rows.appeals, actor)).collect(),
        earlier: ticket.earlier.iter().filter(|n| viewer.knows(n)).cloned().collect(),
        standing: of_centre(&viewer, &ticket.standing),
        difficult: ticket.difficult.clone(),
        major: ticket.major.clone(),
        points: ticket.points.clone(),
        supplements: ticket.supplements.clone(),
        contacts: ticket.contacts(),
        persons: ticket.persons(),
        referral: None,
        refused: None,
        answered: None,
        history: None,
        desk: desk_view(ticket.stage_in_archive()),
        joined: None,
        withdrawn: None,
        transfer: None,
        clocks: ticket
            .clocks
            .iter()
            .filter(|c| viewer.clock(c, ticket))
            .map(|c| clock_view(c, ctx.rulebook, ctx.calendar, &units, now))
            .collect(),
        extension_unit: match ticket.extension_days(1, ctx.rulebook).measure {
            Measure::CalendarDays => "日",
            _ => "个工作日",
        },
        work: ticket.work().map(|w| work_view(w, &unit)),
        closed: ticket.closed().map(closed_view),
        ratings: ticket.ratings.clone(),
        redos: ticket.redos,
        supervision: entries.supervision(ticket),
        handovers: ticket.handovers.clone(),
        returned_by: ticket.returned_by.clone(),
        copies: ticket.copies.clone(),
        urgings: ticket.urgings.iter().filter(|u| viewer.urging(u)).cloned().collect(),
        instructions: ticket.instructions.clone(),
        media: ticket.media.clone(),
        conducts: entries.conducts(ticket),
        exclusions: entries.exclusions(ticket),
        malicious: of_centre(&viewer, &ticket.malicious),
        risks: of_centre(&viewer, &ticket.risks),
        settled: ticket.settled.clone(),
        hold: of_centre(&viewer, &ticket.hold),
        unsettled: ticket.unsettled().map(|(_, why)| why).filter(|_| viewer.of_centre()),
        catalogue_version: ticket.catalogue,
        catalogue_entry: ticket.work().and_then(|w| w.entry.clone()),
        files: file_views(app, actor, ticket, &rows.files),
        file_rules: ready(ticket, Action::AttachFile, &ctx).is_ok().then(|| file_rules(app, actor, ticket)),
        timeline: story(app, ticket, events, &viewer, actor),
        messages: rows.messages.iter().map(|m| message_view(m, ctx.rulebook)).collect(),
        actions: actions(ticket, &ctx),
        rulebook: ctx.rulebook.rulebook.id.clone(),
        rulebook_version: ctx.rulebook.rulebook.version,
        now,
    };
    view.referral = view.desk.as_ref().and_then(|d| d.referral.clone());
    match ticket.stage_in_archive() {
        Stage::Refused(r) => view.refused = Some(r.clone()),
        Stage::Answered(a) => view.answered = Some(viewer.answered(a)),
        Stage::Imported(h) => view.history = Some(h.clone()),
        Stage::Joined { number } => view.joined = Some(number.clone()).filter(|n| viewer.knows(n)),
        Stage::Withdrawn { reason } => view.withdrawn = Some(reason.clone()),
        Stage::Transferred { to, result } => {
            view.transfer = Some(TransferView { to: to.clone(), result: result.clone() });
        }
        _ => {}
    }
    view
}

/// What is shown to the centre only.
fn of_centre<T: Clone + Default>(viewer: &Viewer, value: &T) -> T {
    if viewer.of_centre() { value.clone() } else { T::default() }
}

/// Version, time, actor and event.
type Entry = (i64, Instant, String, Event);

/// The journal as far as it can be read; `verify` tells more of the rest.
fn events(rows: &Rows) -> Vec<Entry> {
    let event = |e: &JournalEntry| serde_json::from_str(e.payload.as_deref()?).ok();
    let read = |e: &JournalEntry| Some((e.version, e.at, e.actor.clone(), event(e)?));
    rows.journal.iter().filter_map(read).collect()
}

fn story(app: &App, ticket: &Ticket, events: Vec<Entry>, viewer: &Viewer, actor: &Actor) -> Vec<Moment> {
    let days = |n: u32| ticket.extension_days(n, app.rulebook_of(ticket)).to_string();
    // A unit need not know which seat took the call.
    let name = |id: &str| if actor.role == Role::Citizen { String::new() } else { app.account_name(id) };
    timeline(events, ticket, &app.units(), days, viewer, name)
}

fn message_view(m: &OutboxRow, book: &jiesu_domain::Rulebook) -> MessageView {
    let label = match book.message.iter().find(|r| r.id == m.kind) {
        Some(rule) => format!("{}短信", rule.on),
        None if m.kind == WHICH => "询问评价哪一件".into(),
        None if m.kind == ONE_TIME => "短信验证码".into(),
        None => m.kind.clone(),
    };
    let state_name = match m.state {
        jiesu_store::OutboxState::Pending => "待发送",
        jiesu_store::OutboxState::Sent => "已发送",
        jiesu_store::OutboxState::Failed => "未能发送",
    };
    MessageView { label, at: m.done_at.unwrap_or(m.next_at), state: m.state.as_str(), state_name }
}
