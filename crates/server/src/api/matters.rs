//! Which tickets are perhaps on one matter: proposals that a person accepts (by joining or confirming, with a reason in the journal) or
//! refuses.

use std::sync::Arc;

use axum::{Json, extract::State, http::StatusCode};
use jiesu_domain::{access, ticket::Action};
use jiesu_text::matter::titled;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    auth::Signed,
    body::Body,
    problem::{At, Problem},
    tickets::may_register,
};
use crate::{
    app::{
        App, ExecuteError,
        matters::{Found, Relation, Said, Similar},
        tidy_id_number, tidy_number, tidy_phone,
    },
    view::{TicketLine, line},
};

/// Proposals at once: a clerk on the phone reads no more.
const SHOWN: usize = 5;
/// Characters of a title and a text that are too few to be compared.
const LEAST: usize = 4;

/// What an appellant says, as far as it is written down. In the body, because addresses are logged.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SaidNow {
    #[serde(default)]
    pub title: String,
    #[serde(default)]
    pub content: String,
    #[serde(default)]
    pub place: Option<String>,
    #[serde(default)]
    pub phone: Option<String>,
    #[serde(default)]
    pub id_number: Option<String>,
}

impl std::fmt::Debug for SaidNow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SaidNow(…)")
    }
}

/// A ticket that is perhaps on the same matter.
#[derive(Debug, Serialize, ToSchema)]
pub struct SimilarTicket {
    pub ticket: TicketLine,
    pub relation: Relation,
    pub relation_name: &'static str,
    /// Percent; 100 is the same text.
    pub alike: u32,
    /// Both name the same place.
    pub same_place: bool,
    /// Persons on it so far.
    pub persons: u32,
    /// It takes further appeals.
    pub open: bool,
}

/// What was found.
#[derive(Debug, Serialize, ToSchema)]
pub struct SimilarTickets {
    pub items: Vec<SimilarTicket>,
    /// All that is to be remembered was looked through; not yet in the first minutes after a start.
    pub complete: bool,
}

/// Two tickets that are not one matter.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NotOneMatter {
    pub other: String,
}

fn view(app: &App, found: Found) -> SimilarTickets {
    let (units, now) = (app.units(), app.clock.now());
    let item = |s: Similar| {
        let (head, standing) = (&s.found.head, s.ticket.standing());
        Some(SimilarTicket {
            ticket: line(&head.ticket, head.version, &head.row, &units, now)?,
            relation: s.relation,
            relation_name: s.relation.zh(),
            alike: (s.alike * 100.0).round() as u32,
            same_place: s.same_place,
            persons: s.ticket.persons(),
            open: standing.open,
        })
    };
    SimilarTickets { items: found.similar.into_iter().filter_map(item).collect(), complete: found.complete }
}

/// Earlier tickets that are perhaps on the matter that is being told.
#[utoipa::path(post, path = "/api/v1/matters/similar", operation_id = "similar", tag = "matters", request_body = SaidNow,
    responses((status = 200, body = SimilarTickets), (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem)))]
pub async fn similar(
    State(app): State<Arc<App>>,
    signed: Signed,
    Body(said): Body<SaidNow>,
) -> Result<Json<SimilarTickets>, Problem> {
    may_register(&signed.actor)?;
    let (title, content) = (said.title.trim(), said.content.trim());
    if title.chars().count() + content.chars().count() < LEAST {
        return Ok(Json(SimilarTickets { items: Vec::new(), complete: true }));
    }
    let phone = said.phone.as_deref().map(tidy_phone).filter(|phone| phone.len() >= 5);
    let id_number = said.id_number.as_deref().map(tidy_id_number);
    let person = app.store.appellant(&app.jurisdiction, phone.as_deref(), id_number.as_deref()).await?;
    let persons = if person.is_empty() { Vec::new() } else { vec![person] };
    let title = titled(title, said.place.as_deref());
    let said = Said { title: &title, content, persons, besides: Default::default() };
    Ok(Json(view(&app, app.similar(&signed.actor, &said, SHOWN).await?)))
}

/// Tickets that are perhaps on the matter of this one, besides those of which it is known.
#[utoipa::path(get, path = "/api/v1/tickets/{number}/similar", operation_id = "similar_to", tag = "matters",
    params(("number" = String, Path)),
    responses((status = 200, body = SimilarTickets), (status = 401, body = Problem), (status = 404, body = Problem)))]
pub async fn similar_to(
    State(app): State<Arc<App>>,
    signed: Signed,
    At(number): At<String>,
) -> Result<Json<SimilarTickets>, Problem> {
    Ok(Json(view(&app, app.similar_to(&signed.actor, &tidy_number(&number), SHOWN).await?)))
}

/// Says that two tickets are not one matter: it is not proposed again.
#[utoipa::path(post, path = "/api/v1/tickets/{number}/not-one-matter", operation_id = "not_one_matter", tag = "matters",
    params(("number" = String, Path)), request_body = NotOneMatter,
    responses((status = 204, description = "Written down"), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem), (status = 422, body = Problem)))]
pub async fn not_one_matter(
    State(app): State<Arc<App>>,
    signed: Signed,
    At(number): At<String>,
    Body(not): Body<NotOneMatter>,
) -> Result<StatusCode, Problem> {
    if !access::may(signed.actor.role, Action::LinkEarlier) {
        return Err(Problem::forbidden(format!("{}不能认定是否同一事项", signed.actor.role)));
    }
    let one = app.load(&tidy_number(&number), &signed.actor).await?.number;
    let other = match app.load(&tidy_number(&not.other), &signed.actor).await {
        Err(ExecuteError::NotFound) => {
            return Err(Problem::invalid("other", "没有这个工单，或您无权查看；请核对编号"));
        }
        other => other?.number,
    };
    if one == other {
        return Err(Problem::invalid("other", "不能与本工单自身比较"));
    }
    let now = app.clock.now();
    app.store.not_one_matter_put(&app.jurisdiction, (&one, &other), now, &signed.actor.id).await?;
    Ok(StatusCode::NO_CONTENT)
}
