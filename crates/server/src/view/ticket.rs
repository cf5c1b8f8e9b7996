//! The ticket page.

use jiesu_domain::{
    Actor, Instant, Role, access,
    access::Right,
    ticket::{
        Answered, Appeal, Assigned, Assist, Attempt, ClosureRequest, ContactRecord, ExtensionRequest, FollowUpEnd,
        HandOver, Imported, LedgerEntry, Rating, Referral, Refused, Reply, ReturnRequest, Returned, Stage, Ticket,
        actions,
    },
    words::Contact,
};
use jiesu_store::{AppealRow, JournalEntry, OutboxRow, PersonRow};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    clocks::{ClockView, clock_view},
    line::{TicketLine, line},
    mask_address, mask_name, mask_phone,
    timeline::{Moment, timeline},
};
use crate::app::{App, ticket_row};

/// An appellant with everything hidden that need not be seen. Opened by a logged act.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct MaskedAppellant {
    pub name: String,
    pub phone: String,
    pub address: String,
}

/// An appeal of the ticket.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AppealView {
    pub no: u32,
    pub channel: jiesu_domain::Channel,
    pub channel_name: &'static str,
    #[schema(value_type = String, format = DateTime)]
    pub received_at: Instant,
    pub follow_up_by: Contact,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Absent where this viewer must not know (a unit on a confidential ticket).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub appellant: Option<MaskedAppellant>,
}

/// The handling as it stands.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct WorkView {
    pub lead: Assigned,
    pub lead_name: String,
    pub assists: Vec<AssistView>,
    #[schema(value_type = String, format = DateTime)]
    pub dispatched_at: Instant,
    pub note: String,
    /// 1 = the first handling, 2 = the first redo, …
    pub round: u32,
    pub returning: Option<ReturnRequest>,
    pub extension: Option<ExtensionRequest>,
    pub extensions: u32,
    pub contacts: Vec<ContactRecord>,
    pub reply: Reply,
    pub closing: Option<ClosureRequest>,
}

/// An assisting unit with its name.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AssistView {
    pub name: String,
    #[serde(flatten)]
    pub assist: Assist,
}

/// The closure and the asking afterwards.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ClosedView {
    pub ground: &'static str,
    pub statement: String,
    #[schema(value_type = String, format = DateTime)]
    pub at: Instant,
    pub attempts: Vec<Attempt>,
    pub end: Option<FollowUpEnd>,
}

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
    pub difficult: Option<String>,
    /// Contacts on this matter, earlier tickets included.
    pub contacts: u32,
    pub referral: Option<Referral>,
    pub refused: Option<Refused>,
    pub answered: Option<Answered>,
    pub history: Option<Imported>,
    pub clocks: Vec<ClockView>,
    pub work: Option<WorkView>,
    pub closed: Option<ClosedView>,
    pub ratings: Vec<Rating>,
    pub redos: u32,
    pub supervision: Vec<LedgerEntry>,
    pub handovers: Vec<HandOver>,
    pub returned_by: Vec<Returned>,
    pub timeline: Vec<Moment>,
    pub messages: Vec<MessageView>,
    pub actions: Vec<jiesu_domain::ticket::ActionState>,
    /// Rulebook id and version this ticket is handled under.
    pub rulebook: String,
    pub rulebook_version: u32,
    #[schema(value_type = String, format = DateTime)]
    pub now: Instant,
}

/// Rows that belong to a ticket, read for its page.
#[derive(Debug)]
pub struct Rows {
    pub journal: Vec<JournalEntry>,
    pub appeals: Vec<(AppealRow, Option<PersonRow>)>,
    pub messages: Vec<OutboxRow>,
}

/// Whether this viewer may know who appeals: never a unit on a confidential ticket, never those without the right.
pub fn may_know(actor: &Actor, ticket: &Ticket) -> bool {
    access::has(actor.role, Right::Reveal) && !(ticket.confidential && actor.role.of_unit())
}

pub fn ticket_view(app: &App, ticket: &Ticket, rows: &Rows, actor: &Actor) -> TicketView {
    let now = app.clock.now();
    let units = app.units();
    let ctx = app.ctx(Some(ticket), &units, actor, now);
    let unit = |id: &str| ctx.unit_name(id).to_owned();
    let mut view = TicketView {
        line: line(&ticket.number, i64::from(ticket.version), &ticket_row(ticket), &units, now)
            .expect("a folded ticket speaks our own words"),
        content: ticket.content.clone(),
        category: ticket.category.clone(),
        appeals: ticket.appeals.iter().map(|a| appeal_view(a, ticket, rows, actor)).collect(),
        earlier: ticket.earlier.clone(),
        difficult: ticket.difficult.clone(),
        contacts: ticket.contacts(),
        referral: None,
        refused: None,
        answered: None,
        history: None,
        clocks: ticket.clocks.iter().map(|c| clock_view(c, ctx.rulebook, ctx.calendar, &units, now)).collect(),
        work: ticket.work().map(|w| work_view(w, &unit)),
        closed: ticket.closed().map(|c| ClosedView {
            ground: c.ground.zh(),
            statement: c.statement.clone(),
            at: c.at,
            attempts: c.attempts.clone(),
            end: c.end,
        }),
        ratings: ticket.ratings.clone(),
        redos: ticket.redos,
        supervision: ticket.supervision.clone(),
        handovers: ticket.handovers.clone(),
        returned_by: ticket.returned_by.clone(),
        timeline: story(app, ticket, rows, actor),
        messages: rows.messages.iter().map(|m| message_view(m, ctx.rulebook)).collect(),
        actions: actions(ticket, &ctx),
        rulebook: ctx.rulebook.rulebook.id.clone(),
        rulebook_version: ctx.rulebook.rulebook.version,
        now,
    };
    match ticket.stage_in_archive() {
        Stage::Registered { referral } => view.referral = referral.clone(),
        Stage::Refused(r) => view.refused = Some(r.clone()),
        Stage::Answered(a) => view.answered = Some(a.clone()),
        Stage::Imported(h) => view.history = Some(h.clone()),
        _ => {}
    }
    view
}

fn work_view(w: &jiesu_domain::ticket::Work, unit: &impl Fn(&str) -> String) -> WorkView {
    WorkView {
        lead: w.lead.clone(),
        lead_name: unit(&w.lead.unit),
        assists: w.assists.iter().map(|a| AssistView { name: unit(&a.unit), assist: a.clone() }).collect(),
        dispatched_at: w.dispatched_at,
        note: w.note.clone(),
        round: w.round,
        returning: w.returning.clone(),
        extension: w.extension.clone(),
        extensions: w.extensions,
        contacts: w.contacts.clone(),
        reply: w.reply.clone(),
        closing: w.closing.clone(),
    }
}

fn appeal_view(appeal: &Appeal, ticket: &Ticket, rows: &Rows, actor: &Actor) -> AppealView {
    let person = rows.appeals.iter().find(|(row, _)| row.appeal == appeal.no.to_string()).and_then(|(_, p)| p.as_ref());
    let hidden = !may_know(actor, ticket) && actor.role != Role::Citizen;
    let masked = |s: &Option<String>, mask: fn(&str) -> String| s.as_deref().map_or_else(String::new, mask);
    AppealView {
        no: appeal.no,
        channel: appeal.channel,
        channel_name: appeal.channel.zh(),
        received_at: appeal.received_at,
        follow_up_by: appeal.follow_up_by,
        note: appeal.note.clone(),
        appellant: person.filter(|_| !hidden).map(|p| MaskedAppellant {
            name: masked(&p.name, mask_name),
            phone: masked(&p.phone, mask_phone),
            address: masked(&p.address, mask_address),
        }),
    }
}

fn story(app: &App, ticket: &Ticket, rows: &Rows, actor: &Actor) -> Vec<Moment> {
    let units = app.units();
    let entries = rows
        .journal
        .iter()
        .filter_map(|e| Some((e.version, e.at, e.actor.clone(), serde_json::from_str(&e.payload).ok()?)));
    // A unit need not know which seat took the call.
    let name = |id: &str| if actor.role == Role::Citizen { String::new() } else { app.account_name(id) };
    timeline(entries, ticket, &units, name)
}

fn message_view(m: &OutboxRow, book: &jiesu_domain::Rulebook) -> MessageView {
    let label =
        book.message.iter().find(|r| r.id == m.kind).map_or_else(|| m.kind.clone(), |r| format!("{}短信", r.on));
    let state_name = match m.state {
        jiesu_store::OutboxState::Pending => "待发送",
        jiesu_store::OutboxState::Sent => "已发送",
        jiesu_store::OutboxState::Failed => "未能发送",
    };
    MessageView { label, at: m.done_at.unwrap_or(m.next_at), state: m.state.as_str(), state_name }
}
