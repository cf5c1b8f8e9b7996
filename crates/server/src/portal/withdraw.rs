//! Taking an appeal back: asked for on the page of its progress, with a reason, and confirmed on a page of its own.

use std::sync::Arc;

use askama::Template;
use axum::{
    Form,
    extract::{State, rejection::FormRejection},
    http::StatusCode,
    response::Response,
};
use jiesu_domain::{
    Actor,
    ticket::{Command, Ctx, Ticket, decide},
};
use serde::Deserialize;

use super::{
    lookup::{self, Key, Mine},
    page::{Errors, Failure, Site, html},
    progress,
};
use crate::app::{App, ExecuteError};

/// Stands for a reason where it is only asked whether one could be given.
const SOME_REASON: &str = "不再需要";
const DONE: &str = "您已撤回诉求。";

#[derive(Template)]
#[template(path = "portal/withdraw.html")]
struct WithdrawPage {
    site: Site,
    number: String,
    code: String,
    title: String,
    reason: String,
    /// The reason is given; what is missing is the confirmation.
    confirm: bool,
    errors: Errors,
}

/// A withdrawal as typed: first nothing, then the reason, then the confirmation.
#[derive(Default, Deserialize)]
pub(super) struct Typed {
    #[serde(default)]
    number: String,
    #[serde(default)]
    code: String,
    #[serde(default)]
    reason: Option<String>,
    #[serde(default)]
    confirmed: String,
}

/// Whether this appellant can take the appeal back now.
pub(super) fn may(ticket: &Ticket, appeal: u32, ctx: &Ctx<'_>) -> bool {
    decide(ticket, &command(appeal, SOME_REASON), ctx).is_ok()
}

fn command(appeal: u32, reason: &str) -> Command {
    Command::Withdraw { appeal: Some(appeal), reason: reason.to_owned() }
}

/// `POST /withdraw`
pub(super) async fn withdraw(
    State(app): State<Arc<App>>,
    from: lookup::From,
    typed: Result<Form<Typed>, FormRejection>,
) -> Result<Response, Failure> {
    let Ok(Form(typed)) = typed else { return Err(Failure::unreadable()) };
    let key = Key { number: typed.number.clone(), code: typed.code.clone() };
    let mine = match lookup::find(&app, &key, &from).await {
        Ok(mine) => mine,
        Err(missing) => return progress::no_answer(&app, key, missing),
    };
    let (units, citizen, now) = (app.units(), Actor::citizen(), app.clock.now());
    let reason = typed.reason.as_deref().map(|r| r.replace("\r\n", "\n"));
    let tried = {
        let ctx = app.ctx(Some(&mine.ticket), &units, None, &citizen, now);
        decide(&mine.ticket, &command(mine.appeal, reason.as_deref().unwrap_or(SOME_REASON)), &ctx)
    };
    match (tried, reason) {
        // The echo of a second click, or a page left open.
        (Err(_), _) if withdrawn(&mine) => progress::told(&app, &mine, DONE.to_owned()).await,
        (Err(r), Some(reason)) if r.field == Some("reason") => {
            page(&app, StatusCode::UNPROCESSABLE_ENTITY, &mine, reason, false, Errors::refused(&["reason"], &r))
        }
        (Err(r), _) => progress::told(&app, &mine, format!("现在不能撤回：{}。", r.message)).await,
        (Ok(_), None) => page(&app, StatusCode::OK, &mine, String::new(), false, Errors::default()),
        (Ok(_), Some(reason)) if typed.confirmed.is_empty() => {
            page(&app, StatusCode::OK, &mine, reason, true, Errors::default())
        }
        (Ok(_), Some(reason)) => carry_out(&app, mine, &reason).await,
    }
}

fn withdrawn(mine: &Mine) -> bool {
    mine.ticket.appeals.iter().any(|a| a.no == mine.appeal && a.withdrawn)
}

async fn carry_out(app: &App, mine: Mine, reason: &str) -> Result<Response, Failure> {
    let command = command(mine.appeal, reason);
    match app.execute(&Actor::citizen(), &mine.ticket.number, &command, None, None, None).await {
        Ok(_) | Err(ExecuteError::Refused(_)) => {}
        Err(error) => return Err(error.into()),
    }
    let ticket = app.load(&mine.ticket.number, &Actor::citizen()).await?;
    let mine = Mine { ticket, ..mine };
    let notice =
        if withdrawn(&mine) { DONE } else { "没有撤回：情况刚有变化，请看下面的最新进度。" };
    progress::told(app, &mine, notice.to_owned()).await
}

fn page(
    app: &App,
    status: StatusCode,
    mine: &Mine,
    reason: String,
    confirm: bool,
    errors: Errors,
) -> Result<Response, Failure> {
    let (held, no) = mine.held();
    // The title is the first appellant's own words.
    let title = if no == 1 { held.title.clone() } else { "您反映的事项".to_owned() };
    let (number, code) = (held.number.clone(), mine.code.clone());
    html(status, &WithdrawPage { site: Site::of(app, "progress"), number, code, title, reason, confirm, errors })
}
