//! Commands on a ticket: the API's only way to change one.

use std::sync::Arc;

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use jiesu_domain::{Channel, privacy::is_id_number, ticket::Command, words::Contact};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    auth::Signed,
    body::Body,
    problem::{At, Problem},
    tickets::{idempotency, may_register, page},
};
use crate::{
    app::{App, Appellant, tidy_id_number, tidy_number, tidy_phone},
    view::{TicketLine, TicketView, line},
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
    let done = app
        .execute(&signed.actor, &number, &command, expected(&headers)?, idempotency(&headers)?, None)
        .await
        .map_err(|e| Problem::of(&app, e))?;
    if !done.replayed {
        app.count_decided(&signed.actor, &number, &command).await;
    }
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
    sound(&new.appellant)?;
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

/// # Errors
/// 422: an identity number that cannot be one.
pub(super) fn sound(appellant: &Appellant) -> Result<(), Problem> {
    if appellant.id_number_is_sound() {
        return Ok(());
    }
    Err(Problem::invalid("appellant.id_number", "身份证号码不对：应为18位，请与诉求人核对后重新填写，或留空"))
}

/// A number that calls, or an identity number that somebody shows. In the body, because addresses are logged.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Caller {
    #[serde(default)]
    pub phone: Option<String>,
    #[serde(default)]
    pub id_number: Option<String>,
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
    let phone = caller.phone.as_deref().map(tidy_phone).filter(|phone| phone.len() >= 5);
    let id_number = caller.id_number.as_deref().map(tidy_id_number).filter(|n| is_id_number(n));
    let rows = match (phone, id_number) {
        (Some(phone), _) => app.store.tickets_by_phone(&app.jurisdiction, &phone, 20).await?,
        (None, Some(number)) => app.store.tickets_by_id_number(&app.jurisdiction, &number, 20).await?,
        (None, None) => Vec::new(),
    };
    let (units, now) = (app.units(), app.clock.now());
    Ok(Json(CallerHistory {
        tickets: rows.iter().filter_map(|t| line(&t.ticket, t.version, &t.row, &units, now)).collect(),
    }))
}
