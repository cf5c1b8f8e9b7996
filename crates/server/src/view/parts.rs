//! The parts of the ticket page: the appeals, the desk, the handling, the closure.

use jiesu_domain::{
    Actor, Instant, Role, access,
    ticket::{
        Appeal, Assigned, Assist, Attempt, Closed, ClosureRequest, Consultation, ContactRecord, ExtensionRequest,
        FollowUpEnd, LongTerm, Named, Opinion, Rating, Referral, Reply, ReturnRequest, Settlement, Stage, Ticket, Told,
        Waiting, Work,
    },
    words::Contact,
};
use jiesu_store::{AppealRow, PersonRow};
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::number_joined;

use super::{mask_address, mask_email, mask_id_number, mask_name, mask_phone, timeline::ground_name};

/// An appellant with everything hidden that need not be seen; empty where nothing was left. Each field is opened by a logged act of its own.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct MaskedAppellant {
    pub name: String,
    pub phone: String,
    pub email: String,
    pub address: String,
    pub id_number: String,
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
    /// The earlier appeal of this ticket by the same person.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub same_as: Option<u32>,
    /// The ticket it came from when that was joined to this one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    pub withdrawn: bool,
    /// First and last rating over the ticket's life; absent until there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_rating: Option<Rating>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub final_rating: Option<Rating>,
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
    pub closures_refused: u32,
    pub returns_refused: u32,
    /// Why the centre opened the return window that had closed.
    pub return_opened: Option<String>,
    /// Sub-office that the centre suggested.
    pub office: Option<String>,
    /// Named by a consultation: it cannot be given back.
    pub bound: bool,
    /// The disputed return is being decided by this consultation.
    pub consultation: Option<Consultation>,
    /// What the unit asked the desk to find out.
    pub supplement: Option<String>,
    /// Put before a higher level, waiting for its word.
    pub reported_up: Option<Told>,
    /// The longer limit was declared.
    pub longer: bool,
    /// To each point of the ticket, in its order.
    pub answers: Vec<String>,
    pub long_term: Option<LongTerm>,
    /// Attempts of the centre's clerk to give the reply in the unit's place.
    pub relayed: Vec<Attempt>,
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
    /// The ground in words.
    pub ground: String,
    pub statement: String,
    #[schema(value_type = String, format = DateTime)]
    pub at: Instant,
    pub attempts: Vec<Attempt>,
    pub end: Option<FollowUpEnd>,
    /// The centre goes on looking after it.
    pub tracking: bool,
    /// A unit asks that the matter be settled for good.
    pub settlement: Option<Settlement>,
}

/// What is settled or awaited while the ticket is at the desk.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
pub struct DeskView {
    pub referral: Option<Referral>,
    pub consultation: Option<Consultation>,
    /// Whom a consultation named, which binds the dispatch.
    pub named: Option<Named>,
    pub opinion: Option<Opinion>,
}

/// With another city or level.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TransferView {
    pub to: String,
    /// What came of it there.
    pub result: Option<String>,
}

/// Whether this viewer may know who appeals: never a unit on a confidential ticket, never those without the right.
pub fn may_know(actor: &Actor, ticket: &Ticket) -> bool {
    access::knows_appellant(actor, ticket)
}

pub(super) fn work_view(w: &Work, unit: &impl Fn(&str) -> String) -> WorkView {
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
        closures_refused: w.closures_refused,
        returns_refused: w.returns_refused,
        return_opened: w.return_opened.clone(),
        office: w.office.clone(),
        bound: w.bound,
        consultation: w.consultation.clone(),
        supplement: w.supplement.clone(),
        reported_up: w.reported_up.clone(),
        longer: w.longer,
        answers: w.answers.clone(),
        long_term: w.long_term.clone(),
        relayed: w.relayed.clone(),
    }
}

pub(super) fn appeal_view(
    appeal: &Appeal,
    ticket: &Ticket,
    rows: &[(AppealRow, Option<PersonRow>)],
    actor: &Actor,
) -> AppealView {
    let (first_rating, final_rating) =
        ticket.first_and_final(appeal.no).map(|(first, last)| (first.clone(), last.clone())).unzip();
    let person = rows.iter().find(|(row, _)| row.appeal == appeal.no.to_string()).and_then(|(_, p)| p.as_ref());
    let hidden = !may_know(actor, ticket) && actor.role != Role::Citizen;
    let masked = |s: &Option<String>, mask: fn(&str) -> String| s.as_deref().map_or_else(String::new, mask);
    AppealView {
        no: appeal.no,
        channel: appeal.channel,
        channel_name: appeal.channel.zh(),
        received_at: appeal.received_at,
        follow_up_by: appeal.follow_up_by,
        note: appeal.note.clone(),
        same_as: appeal.same_as,
        from: appeal.from.as_deref().map(|f| number_joined(f).to_owned()),
        withdrawn: appeal.withdrawn,
        first_rating,
        final_rating,
        appellant: person.filter(|_| !hidden).map(|p| MaskedAppellant {
            name: masked(&p.name, mask_name),
            phone: masked(&p.phone, mask_phone),
            email: masked(&p.email, mask_email),
            id_number: masked(&p.id_number, mask_id_number),
            address: masked(&p.address, mask_address),
        }),
    }
}

pub(super) fn closed_view(c: &Closed) -> ClosedView {
    ClosedView {
        ground: ground_name(&c.name, &c.ground),
        statement: c.statement.clone(),
        at: c.at,
        attempts: c.attempts.clone(),
        end: c.end,
        tracking: c.tracking,
        settlement: c.settlement.clone(),
    }
}

pub(super) fn desk_view(stage: &Stage) -> Option<DeskView> {
    let Stage::Registered(waiting) = stage else { return None };
    let Waiting { referral, consultation, named, opinion } = waiting.as_ref().clone();
    Some(DeskView { referral, consultation, named, opinion })
}
