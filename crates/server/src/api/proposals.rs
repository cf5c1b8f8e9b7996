//! What the program proposes for an appeal, and what came of it.

use std::{collections::BTreeMap, sync::Arc};

use axum::{
    Json,
    extract::{Query, State, rejection::QueryRejection},
    http::StatusCode,
};
use jiesu_domain::{
    Instant, Kind,
    access::{self, Right},
    calendar::Day,
    ticket::Action,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    auth::Signed,
    body::Body,
    knowledge_figures::{FiguresQuery, days},
    problem::Problem,
};
use crate::app::{
    App,
    proposals::{Asked, Field, Hits, LEAST, Night, Proposal, Report, Tallied},
};

/// Nights that the page shows.
const NIGHTS: u32 = 30;

/// What proposals are asked for: what has been typed and chosen so far. It is in the body, as it may name people.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProposalsFor {
    #[serde(default)]
    pub title: String,
    #[serde(default)]
    pub content: String,
    #[serde(default)]
    pub kind: Option<Kind>,
    #[serde(default)]
    pub category: Option<String>,
    #[serde(default)]
    pub place: Option<String>,
}

/// What is proposed for an appeal, at most one for each field; a field of which nothing is sure enough has none. Nothing is stored.
#[utoipa::path(post, path = "/api/v1/proposals", operation_id = "proposals", tag = "tickets", request_body = ProposalsFor,
    responses((status = 200, body = Vec<Proposal>), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem)))]
pub async fn proposals(
    State(app): State<Arc<App>>,
    signed: Signed,
    Body(asked): Body<ProposalsFor>,
) -> Result<Json<Vec<Proposal>>, Problem> {
    let role = signed.actor.role;
    let at_desk = access::may(role, Action::Register) || access::may(role, Action::Dispatch);
    // Who appeals, or another platform, has its appeal read by a person of the centre.
    if !role.of_staff() || !at_desk || signed.platform().is_some() {
        return Err(Problem::forbidden(format!("{role}不登记、不派单，没有登记提示")));
    }
    let filled = |text: &'_ Option<String>| text.as_deref().map(str::trim).filter(|t| !t.is_empty()).map(str::to_owned);
    let (category, place) = (filled(&asked.category), filled(&asked.place));
    let asked = Asked {
        title: &asked.title,
        content: &asked.content,
        kind: asked.kind,
        category: category.as_deref(),
        place: place.as_deref(),
    };
    Ok(Json(app.propose(&asked).await?))
}

/// How a field stands.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProposalFieldView {
    pub field: Field,
    pub name: &'static str,
    pub on: bool,
    /// Learnt from closed tickets; the others follow from words.
    pub learnt: bool,
    /// Of the model in use, a day such as 20261122; absent: none.
    pub version: Option<i64>,
    /// How often words or the catalogue were right on the newest closed tickets; absent: not measured.
    pub measured: Option<Hits>,
    /// What people did, by version.
    pub counts: Vec<Tallied>,
}

/// What one field came to in a night.
#[derive(Debug, Serialize, ToSchema)]
pub struct NightField {
    #[serde(flatten)]
    pub night: Night,
    pub name: &'static str,
    pub verdict: &'static str,
}

/// A night's learning.
#[derive(Debug, Serialize, ToSchema)]
pub struct LearningNight {
    pub day: String,
    /// The version of what was learnt.
    pub version: i64,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub done_at: Option<Instant>,
    /// From so many closed tickets.
    pub tickets: u64,
    /// Of which the newest were held out to compare by.
    pub held_out: u64,
    pub seconds: u64,
    /// From appeals that were made up for a demo.
    pub made_up: bool,
    pub fields: Vec<NightField>,
}

/// What is proposed, how good it is, and what people did.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProposalFigures {
    pub from: String,
    pub to: String,
    /// Below this confidence nothing is proposed.
    pub least: f32,
    /// Whether this person may switch fields on and off.
    pub may_switch: bool,
    pub fields: Vec<ProposalFieldView>,
    pub nights: Vec<LearningNight>,
}

/// How good proposals are: each field's model and measure, what people did with them, and the nights of learning.
#[utoipa::path(get, path = "/api/v1/proposals/figures", operation_id = "proposal_figures", tag = "tickets", params(FiguresQuery),
    responses((status = 200, body = ProposalFigures), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem)))]
pub async fn figures(
    State(app): State<Arc<App>>,
    signed: Signed,
    query: Result<Query<FiguresQuery>, QueryRejection>,
) -> Result<Json<ProposalFigures>, Problem> {
    let Query(query) = query?;
    signed.need(Right::ViewProposals)?;
    let (from, to) = days(&app, &query)?;
    let (store, j) = (&app.store, &app.jurisdiction);
    let mut counts: BTreeMap<Field, Vec<Tallied>> = BTreeMap::new();
    for tallied in app.proposal_tally(from, to).await? {
        counts.entry(tallied.field).or_default().push(tallied);
    }
    let off = app.switched_off().await?;
    let versions: BTreeMap<String, i64> = store.learned_versions(j).await?.into_iter().collect();
    let learnings = store.learnings(j, NIGHTS).await?;
    let measured = learnings.iter().find_map(Report::of).map(|report| report.measured).unwrap_or_default();
    let field = |field: Field| ProposalFieldView {
        field,
        name: field.zh(),
        on: !off.contains(&field),
        learnt: Field::LEARNT.contains(&field),
        version: versions.get(field.code()).copied(),
        measured: measured.get(&field).copied(),
        counts: counts.remove(&field).unwrap_or_default(),
    };
    Ok(Json(ProposalFigures {
        from: from.date().to_string(),
        to: Day(to.0 - 1).date().to_string(),
        least: LEAST,
        may_switch: access::has(signed.actor.role, Right::ManageProposals),
        fields: Field::ALL.into_iter().map(field).collect(),
        nights: learnings.iter().map(night).collect(),
    }))
}

fn night(learning: &jiesu_store::Learning) -> LearningNight {
    let day = Day(i32::try_from(learning.day).unwrap_or_default());
    let report = Report::of(learning).unwrap_or_default();
    let of_field = |night: Night| NightField { name: night.field.zh(), verdict: night.why.zh(), night };
    LearningNight {
        day: day.date().to_string(),
        version: crate::app::proposals::learning::version(day),
        done_at: learning.done_at,
        tickets: report.tickets,
        held_out: report.held_out,
        seconds: report.seconds,
        made_up: report.made_up,
        fields: report.fields.into_iter().map(of_field).collect(),
    }
}

/// On or off.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SwitchProposals {
    pub field: Field,
    pub on: bool,
}

/// Switches the proposals of a field on or off, for everybody; it is written into the audit journal.
#[utoipa::path(put, path = "/api/v1/proposals/switches", operation_id = "switch_proposals", tag = "tickets", request_body = SwitchProposals,
    responses((status = 204), (status = 401, body = Problem), (status = 403, body = Problem)))]
pub async fn switch(
    State(app): State<Arc<App>>,
    signed: Signed,
    Body(switch): Body<SwitchProposals>,
) -> Result<StatusCode, Problem> {
    signed.need(Right::ManageProposals)?;
    app.switch_proposals((&signed.actor, signed.from), switch.field, switch.on).await?;
    Ok(StatusCode::NO_CONTENT)
}
