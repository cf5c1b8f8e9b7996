//! Taking an appeal back: asked for on the page of its progress, with a reason, and confirmed on a page of its own
//! with a code that was sent to the appellant's phone.

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
use crate::{
    app::{App, ExecuteError},
    view::mask_phone,
};

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
    /// Where the code went that confirms it, as far as the appellant may be told; none: there is no mobile phone.
    sent_to: Option<String>,
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
    /// The code that was sent.
    #[serde(default)]
    sms: String,
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
            let errors = Errors::refused(&["reason"], &r);
            page(&app, StatusCode::UNPROCESSABLE_ENTITY, &mine, reason, None, errors)
        }
        (Err(r), _) => progress::told(&app, &mine, format!("现在不能撤回：{}。", r.message)).await,
        (Ok(_), None) => page(&app, StatusCode::OK, &mine, String::new(), None, Errors::default()),
        (Ok(_), Some(reason)) => {
            let phone = mobile(&app, &mine).await?;
            let asked = Asked { phone: phone.as_deref(), confirmed: !typed.confirmed.is_empty(), sms: &typed.sms };
            confirmed(&app, mine, reason, &asked).await
        }
    }
}

/// How far the confirmation has come.
struct Asked<'a> {
    phone: Option<&'a str>,
    confirmed: bool,
    sms: &'a str,
}

/// With a mobile phone, only whoever holds it takes an appeal back: it cannot be undone, and number and query code stand on paper.
async fn confirmed(app: &App, mine: Mine, reason: String, asked: &Asked<'_>) -> Result<Response, Failure> {
    let Some(phone) = asked.phone else {
        return match asked.confirmed {
            true => carry_out(app, mine, &reason).await,
            false => page(app, StatusCode::OK, &mine, reason, Some(None), Errors::default()),
        };
    };
    let (number, appeal) = (&mine.ticket.number, mine.appeal);
    let (status, errors) = if !asked.confirmed {
        match app.send_code(number, appeal, phone).await? {
            Ok(()) => (StatusCode::OK, Errors::default()),
            Err(minutes) => (
                StatusCode::TOO_MANY_REQUESTS,
                wrong(format!("验证码发送过于频繁，请{minutes}分钟后再试；刚才的验证码没有过期的仍可使用")),
            ),
        }
    } else if app.code_holds(number, appeal, asked.sms).await? {
        return carry_out(app, mine, &reason).await;
    } else {
        (StatusCode::UNPROCESSABLE_ENTITY, wrong("验证码不对或已过期，请核对最近一条短信；输错5次须重新发送".into()))
    };
    page(app, status, &mine, reason, Some(Some(mask_phone(phone))), errors)
}

fn wrong(message: String) -> Errors {
    Errors(vec![("sms", message)])
}

/// The appellant's mobile number; none: nothing can be sent there.
async fn mobile(app: &App, mine: &Mine) -> Result<Option<String>, Failure> {
    let rows = app.store.appeals(&app.jurisdiction, &mine.ticket.number).await?;
    let Some(row) = rows.into_iter().find(|row| row.appeal == mine.appeal.to_string()) else { return Ok(None) };
    let phone = app.store.person(&app.jurisdiction, &row.person).await?.and_then(|person| person.phone);
    Ok(phone.filter(|p| p.len() == 11 && p.starts_with('1') && p.bytes().all(|b| b.is_ascii_digit())))
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
    confirm: Option<Option<String>>,
    errors: Errors,
) -> Result<Response, Failure> {
    let (held, no) = mine.held();
    // The title is the first appellant's own words.
    let title = if no == 1 { held.title.clone() } else { "您反映的事项".to_owned() };
    let (number, code) = (held.number.clone(), mine.code.clone());
    let (confirm, sent_to) = (confirm.is_some(), confirm.flatten());
    html(
        status,
        &WithdrawPage { site: Site::of(app, "progress"), number, code, title, reason, confirm, sent_to, errors },
    )
}
