//! Commands on a ticket: the API's only way to change one.

use std::sync::Arc;

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use jiesu_domain::{Channel, audit::ActKind, ticket::Command, words::Contact};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::{
    auth::Signed,
    body::Body,
    problem::{At, Problem},
    tickets::{idempotency, may_register, page},
};
use crate::{
    app::{Act, App, Appellant, tidy_number, tidy_phone},
    view::{TicketLine, TicketView, line, may_know},
};

/// The version the person saw, from `If-Match: "7"`.
fn expected(headers: &HeaderMap) -> Result<Option<i64>, Problem> {
    let Some(value) = headers.get("if-match") else { return Ok(None) };
    let version = value.to_str().ok().and_then(|v| v.trim_matches('"').parse().ok());
    version.map(Some).ok_or_else(|| Problem::bad_request("If-Match 应为工单的版本号"))
}

/// Carries out a command.
#[utoipa::path(post, path = "/api/v1/tickets/{number}/commands", tag = "tickets", request_body = Command,
    params(("number" = String, Path), ("If-Match" = Option<String>, Header, description = "Version the person saw"),
        ("Idempotency-Key" = Option<String>, Header)),
    responses((status = 200, body = TicketView), (status = 204, description = "Done, and no longer to be seen"),
        (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem),
        (status = 422, body = Problem)))]
pub async fn command(
    State(app): State<Arc<App>>,
    signed: Signed,
    At(number): At<String>,
    headers: HeaderMap,
    Body(command): Body<Command>,
) -> Result<Response, Problem> {
    if let Command::AttachAppeal { .. } = command {
        return Err(Problem::bad_request("并入诉求请用 /appeals，须同时写明诉求人"));
    }
    if let Command::AttachFile(_) = command {
        return Err(Problem::bad_request("附件请用 /files 上传，文件须先经系统检查"));
    }
    signed.within(command.action())?;
    let number = tidy_number(&number);
    let command = tidied(command);
    app.execute(&signed.actor, &number, &command, expected(&headers)?, idempotency(&headers)?, None)
        .await
        .map_err(|e| Problem::of(&app, e))?;
    match page(&app, &signed.actor, &number).await {
        Ok(page) => Ok(Json(page).into_response()),
        // A platform gave it back, and has it no longer.
        Err(problem) if problem.status == 404 => Ok(StatusCode::NO_CONTENT.into_response()),
        Err(problem) => Err(problem.done_unseen()),
    }
}

/// Numbers of other tickets as people type them are put right.
fn tidied(mut command: Command) -> Command {
    match &mut command {
        Command::LinkEarlier { number, .. } | Command::JoinTo { number, .. } => *number = tidy_number(number),
        Command::AnswerAtOnce { by_opinion_of: Some(number), .. } => *number = tidy_number(number),
        _ => {}
    }
    command
}

/// A further appeal on the same matter.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAppeal {
    pub channel: Channel,
    pub follow_up_by: Contact,
    #[serde(default)]
    pub note: Option<String>,
    #[serde(default)]
    pub appellant: Appellant,
}

/// Hangs a further appeal on a ticket; its appellant is answered and asked like the first.
#[utoipa::path(post, path = "/api/v1/tickets/{number}/appeals", tag = "tickets", request_body = NewAppeal,
    params(("number" = String, Path), ("Idempotency-Key" = Option<String>, Header)),
    responses((status = 200, body = TicketView), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Problem), (status = 409, body = Problem), (status = 422, body = Problem)))]
pub async fn attach(
    State(app): State<Arc<App>>,
    signed: Signed,
    At(number): At<String>,
    headers: HeaderMap,
    Body(new): Body<NewAppeal>,
) -> Result<Json<TicketView>, Problem> {
    let number = tidy_number(&number);
    let command = Command::AttachAppeal {
        channel: new.channel,
        follow_up_by: new.follow_up_by,
        note: new.note,
        same_as: None,
        from: None,
    };
    app.execute(&signed.actor, &number, &command, None, idempotency(&headers)?, Some(&new.appellant))
        .await
        .map_err(|e| Problem::of(&app, e))?;
    page(&app, &signed.actor, &number).await.map(Json).map_err(Problem::done_unseen)
}

/// Why somebody must know.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Reason {
    pub reason: String,
}

/// An appellant in full.
#[derive(Serialize, ToSchema)]
pub struct OpenAppellant {
    pub name: Option<String>,
    pub phone: Option<String>,
    pub email: Option<String>,
    pub address: Option<String>,
}

impl std::fmt::Debug for OpenAppellant {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("OpenAppellant(…)")
    }
}

/// Opens who an appellant is. Written down with the reason before anything is shown.
#[utoipa::path(post, path = "/api/v1/tickets/{number}/appeals/{no}/reveal", tag = "tickets", request_body = Reason,
    params(("number" = String, Path), ("no" = u32, Path)),
    responses((status = 200, body = OpenAppellant), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Problem), (status = 422, body = Problem)))]
pub async fn reveal(
    State(app): State<Arc<App>>,
    signed: Signed,
    At((number, no)): At<(String, u32)>,
    Body(why): Body<Reason>,
) -> Result<Json<OpenAppellant>, Problem> {
    let number = tidy_number(&number);
    let ticket = app.load(&number, &signed.actor).await?;
    if !may_know(&signed.actor, &ticket) {
        return Err(Problem::forbidden("您无权查看这位诉求人的信息；保密工单由热线中心回访员联系"));
    }
    let reason = why.reason.trim().to_owned();
    if reason.chars().count() < 2 {
        return Err(Problem::invalid("reason", "请写明查看的理由，查看会留下记录"));
    }
    let appeals = app.store.appeals(&app.jurisdiction, &number).await?;
    let appeal =
        appeals.into_iter().find(|a| a.appeal == no.to_string()).ok_or_else(|| Problem::not_found("没有这位诉求人"))?;
    let act = Act::done(ActKind::Revealed, number).because(reason).with(json!({ "appeal": no })).from(signed.from);
    app.audit(&signed.actor, act).await?;
    let person = app.store.person(&app.jurisdiction, &appeal.person).await?.unwrap_or_default();
    Ok(Json(OpenAppellant { name: person.name, phone: person.phone, email: person.email, address: person.address }))
}

/// A number that calls. In the body, because addresses are logged.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Caller {
    pub phone: String,
}

impl std::fmt::Debug for Caller {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Caller(…)")
    }
}

/// What a caller brought before.
#[derive(Debug, Serialize, ToSchema)]
pub struct CallerHistory {
    pub tickets: Vec<TicketLine>,
}

/// The caller's earlier tickets, newest first.
#[utoipa::path(post, path = "/api/v1/callers", tag = "tickets", request_body = Caller,
    responses((status = 200, body = CallerHistory), (status = 401, body = Problem), (status = 403, body = Problem)))]
pub async fn caller(
    State(app): State<Arc<App>>,
    signed: Signed,
    Body(caller): Body<Caller>,
) -> Result<Json<CallerHistory>, Problem> {
    may_register(&signed.actor)?;
    let phone = tidy_phone(&caller.phone);
    if phone.len() < 5 {
        return Ok(Json(CallerHistory { tickets: Vec::new() }));
    }
    let rows = app.store.tickets_by_phone(&app.jurisdiction, &phone, 20).await?;
    let (units, now) = (app.units(), app.clock.now());
    Ok(Json(CallerHistory {
        tickets: rows.iter().filter_map(|t| line(&t.ticket, t.version, &t.row, &units, now)).collect(),
    }))
}
