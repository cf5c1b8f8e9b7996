//! Hints on replies: asked for while a unit writes and when its leader audits, switched and counted by kind. Never a verdict, never a bar.

use std::sync::Arc;

use axum::{Json, extract::State, http::StatusCode};
use jiesu_domain::access::Right;
use jiesu_store::{HintCount, day};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    auth::Signed,
    body::Body,
    problem::{At, Problem},
};
use crate::app::{
    App,
    hints::{About, Outcome},
    tidy_number,
};

/// Days of which it is told what became of hints.
const COUNTED_DAYS: i64 = 90;

/// A reply as it is so far.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReplySoFar {
    pub text: String,
}

/// A sentence to look at.
#[derive(Debug, Serialize, ToSchema)]
pub struct HintView {
    pub about: About,
    /// In plain words.
    pub name: &'static str,
    /// Characters of the text: from, and without.
    pub from: usize,
    pub until: usize,
    /// The sentence itself.
    pub sentence: String,
}

/// A kind of hint: how often it was right, and what became of it.
#[derive(Debug, Serialize, ToSchema)]
pub struct HintKindView {
    pub about: About,
    pub name: &'static str,
    pub on: bool,
    /// Of real replies that were read by hand before it came here: so many were right, …
    pub right: u32,
    /// … of so many.
    pub read: u32,
    /// Replies of the last 90 days that were approved and sent with it.
    pub stood: i64,
    /// Drafts that were written anew without it.
    pub rewritten: i64,
    /// Replies taken back after they had been approved.
    pub reopened: i64,
}

/// What is switched.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HintSwitch {
    pub about: About,
    pub on: bool,
}

/// What to look at in a reply to this ticket. Nothing of it is kept.
#[utoipa::path(post, path = "/api/v1/tickets/{number}/hints", operation_id = "hints", tag = "hints",
    params(("number" = String, Path)), request_body = ReplySoFar,
    responses((status = 200, body = Vec<HintView>), (status = 400, body = Problem), (status = 401, body = Problem), (status = 404, body = Problem)))]
pub async fn of_reply(
    State(app): State<Arc<App>>,
    signed: Signed,
    At(number): At<String>,
    Body(reply): Body<ReplySoFar>,
) -> Result<Json<Vec<HintView>>, Problem> {
    let ticket = app.load(&tidy_number(&number), &signed.actor).await?;
    let found = app.hints(&signed.actor, &ticket, &reply.text).await?;
    let view = |hint: crate::app::hints::Hint| HintView {
        about: hint.about,
        name: hint.about.zh(),
        from: hint.from,
        until: hint.until,
        sentence: reply.text.chars().skip(hint.from).take(hint.until - hint.from).collect(),
    };
    Ok(Json(found.into_iter().map(view).collect()))
}

/// The kinds of hints, which are on, and what became of them in the last 90 days.
#[utoipa::path(get, path = "/api/v1/hints", operation_id = "hint_kinds", tag = "hints",
    responses((status = 200, body = Vec<HintKindView>), (status = 401, body = Problem), (status = 403, body = Problem)))]
pub async fn kinds(State(app): State<Arc<App>>, signed: Signed) -> Result<Json<Vec<HintKindView>>, Problem> {
    signed.need(Right::ViewProposals)?;
    let today = day(app.clock.now());
    let counted = app.store.hints_counted(&app.jurisdiction, today - COUNTED_DAYS + 1, today).await?;
    let off = app.hints_off().await?;
    let view = |about: &About| {
        let (right, read) = about.measured();
        let of = |outcome: Outcome| {
            let same = |c: &&HintCount| c.kind == about.code() && c.outcome == outcome.code();
            counted.iter().filter(same).map(|c| c.replies).sum()
        };
        HintKindView {
            about: *about,
            name: about.zh(),
            on: !off.contains(about),
            right,
            read,
            stood: of(Outcome::Stood),
            rewritten: of(Outcome::Rewritten),
            reopened: of(Outcome::Reopened),
        }
    };
    Ok(Json(About::ALL.iter().map(view).collect()))
}

/// Switches a kind of hint on or off, for everybody.
#[utoipa::path(put, path = "/api/v1/hints", operation_id = "switch_hint", tag = "hints", request_body = HintSwitch,
    responses((status = 204, description = "Switched"), (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem)))]
pub async fn switch(
    State(app): State<Arc<App>>,
    signed: Signed,
    Body(switch): Body<HintSwitch>,
) -> Result<StatusCode, Problem> {
    signed.need(Right::ManageProposals)?;
    app.switch_hints(&signed.actor, signed.from, switch.about, switch.on).await?;
    Ok(StatusCode::NO_CONTENT)
}
