//! Progress and rating. Number and code come in the body each time; the answer is the page itself, so that nothing is left in an address,
//! a history or a cookie.

use std::sync::Arc;

use askama::Template;
use axum::{
    Form,
    extract::{State, rejection::FormRejection},
    http::StatusCode,
    response::Response,
};
use jiesu_domain::{
    Actor, Instant,
    clock::ClockKind,
    describe,
    rulebook::Subject,
    ticket::{Command, Ctx, Event, Rate, RefusalKind, Ticket, decide},
    words::Satisfaction,
};
use serde::Deserialize;

use super::{
    lookup::{self, Key, Mine, Missing, WRONG},
    page::{Errors, Failure, Site, html},
    standing::{Answer, Facts, Standing},
    story::{Entry, JOINED_HERE, story},
    withdraw,
};
use crate::{
    api::problem::Problem,
    app::{App, ExecuteError},
};

/// What stands in the form that asks for progress.
#[derive(Default)]
pub(super) struct Query {
    pub number: String,
    pub code: String,
}

#[derive(Template)]
#[template(path = "portal/query.html")]
struct QueryPage {
    site: Site,
    query: Query,
    errors: Errors,
}

#[derive(Template)]
#[template(path = "portal/progress.html")]
struct ProgressPage {
    site: Site,
    number: String,
    code: String,
    /// What this appellant wrote.
    own: Own,
    standing: Standing,
    answer: Option<Answer>,
    story: Vec<Entry>,
    /// The form, if it can be rated now.
    rating: Option<Rated>,
    /// It can be taken back now.
    may_withdraw: bool,
    /// What has just been done.
    notice: Option<String>,
    errors: Errors,
}

struct Own {
    kind: &'static str,
    title: String,
    content: String,
    place: String,
    confidential: bool,
    at: String,
}

/// A rating as typed.
#[derive(Default, Deserialize)]
pub(super) struct Rated {
    #[serde(default)]
    number: String,
    #[serde(default)]
    code: String,
    #[serde(default)]
    result: String,
    #[serde(default)]
    solved: String,
    #[serde(default)]
    comment: String,
}

impl Rated {
    /// The four answers, for the form.
    fn results(&self) -> &'static [Satisfaction] {
        Satisfaction::ALL
    }
}

/// `GET /progress`
pub(super) async fn ask(State(app): State<Arc<App>>) -> Result<Response, Failure> {
    asked(&app, StatusCode::OK, Query::default(), Errors::default())
}

fn asked(app: &App, status: StatusCode, query: Query, errors: Errors) -> Result<Response, Failure> {
    html(status, &QueryPage { site: Site::of(app, "progress"), query, errors })
}

/// `POST /progress`
pub(super) async fn show(
    State(app): State<Arc<App>>,
    from: lookup::From,
    key: Result<Form<Key>, FormRejection>,
) -> Result<Response, Failure> {
    let Ok(Form(key)) = key else { return Err(Failure::unreadable()) };
    match lookup::find(&app, &key, &from).await {
        Ok(mine) => page(&app, StatusCode::OK, &mine, Rated::default(), None, Errors::default()).await,
        Err(missing) => no_answer(&app, key, missing),
    }
}

pub(super) fn no_answer(app: &App, key: Key, missing: Missing) -> Result<Response, Failure> {
    match missing {
        Missing::Failed(failure) => Err(failure),
        Missing::Wrong => {
            let errors = Errors(vec![("number", WRONG.into())]);
            asked(app, StatusCode::NOT_FOUND, Query { number: key.number, code: key.code }, errors)
        }
    }
}

/// `POST /rate`
pub(super) async fn rate(
    State(app): State<Arc<App>>,
    from: lookup::From,
    rated: Result<Form<Rated>, FormRejection>,
) -> Result<Response, Failure> {
    let Ok(Form(rated)) = rated else { return Err(Failure::unreadable()) };
    let key = Key { number: rated.number.clone(), code: rated.code.clone() };
    let mine = match lookup::find(&app, &key, &from).await {
        Ok(mine) => mine,
        Err(missing) => return no_answer(&app, key, missing),
    };
    let Ok(result) = rated.result.parse::<Satisfaction>() else {
        let errors = Errors(vec![("result", "请先选择一项评价，再提交".into())]);
        return page(&app, StatusCode::UNPROCESSABLE_ENTITY, &mine, rated, None, errors).await;
    };
    let solved = match rated.solved.as_str() {
        "yes" => Some(true),
        "no" => Some(false),
        _ => None,
    };
    let comment = rated.comment.replace("\r\n", "\n");
    let command = Command::Rate(Rate { appeal: Some(mine.appeal), result, attitude: None, solved, comment });
    match app.execute(&Actor::citizen(), &mine.ticket.number, &command, None, None, None).await {
        Ok(_) => after_rating(&app, mine, result).await,
        Err(ExecuteError::Refused(r)) if r.kind == RefusalKind::NotNow => {
            let notice = not_now(&mine, r.rule, &r.message);
            told(&app, &mine, notice).await
        }
        Err(ExecuteError::Refused(r)) => {
            let errors = Errors::refused(&["comment"], &r);
            page(&app, StatusCode::UNPROCESSABLE_ENTITY, &mine, rated, None, errors).await
        }
        Err(error) => Err(error.into()),
    }
}

async fn after_rating(app: &App, mine: Mine, result: Satisfaction) -> Result<Response, Failure> {
    let ticket = app.load(&mine.ticket.number, &Actor::citizen()).await?;
    let mut notice = format!("谢谢，您的评价已记录：{result}。");
    if !result.is_satisfied() {
        let subject = Subject { kind: Some(ticket.kind), ..Subject::default() };
        let within = app.rulebook_of(&ticket).limit(ClockKind::Verify, &subject);
        let within = within.map_or_else(String::new, |(_, amount)| format!("在{amount}内"));
        notice.push_str(&format!("热线中心会{within}核实，属承办单位责任的发回重新办理。"));
    }
    let mine = Mine { ticket, ..mine };
    told(app, &mine, notice).await
}

/// A second rating changes nothing: the echo of a double click, or a change of mind.
fn not_now(mine: &Mine, rule: &str, message: &str) -> String {
    let own = mine.ticket.ratings.iter().rev().find(|r| r.appeal == mine.appeal);
    match own.filter(|_| matches!(rule, "already-rated" | "archived")) {
        Some(rating) => format!("您已经评价过，评价为“{}”，以首次评价为准。有新情况请拨打12345。", rating.result),
        None => format!("现在不能评价：{message}。"),
    }
}

/// The page with something to tell first.
pub(super) async fn told(app: &App, mine: &Mine, notice: String) -> Result<Response, Failure> {
    page(app, StatusCode::OK, mine, Rated::default(), Some(notice), Errors::default()).await
}

async fn page(
    app: &App,
    status: StatusCode,
    mine: &Mine,
    rated: Rated,
    notice: Option<String>,
    errors: Errors,
) -> Result<Response, Failure> {
    let (ticket, now) = (&mine.ticket, app.clock.now());
    let (units, citizen) = (app.units(), Actor::citizen());
    let ctx = app.ctx(Some(ticket), &units, None, &citizen, now);
    let (held, no) = mine.held();
    let may_rate = may_rate(ticket, mine.appeal, &ctx);
    let facts = Facts {
        ticket,
        appeal: mine.appeal,
        book: ctx.rulebook,
        cal: ctx.calendar,
        units: &units,
        now,
        may_rate,
        received: mine.before.as_ref().map(|_| received(held, no)),
    };
    let told = |ticket, no, events: &[(Instant, Event)]| story(ticket, no, events, ctx.rulebook, &units, now);
    let mut story = told(ticket, mine.appeal, &journal(app, ticket).await?);
    if let Some((before, no)) = mine.before.as_deref() {
        story.retain(|entry| entry.text != JOINED_HERE);
        story.splice(0..0, told(before, *no, &journal(app, before).await?));
        story.sort_by(|a, b| a.iso.cmp(&b.iso));
    }
    let page = ProgressPage {
        site: Site::of(app, "progress"),
        number: held.number.clone(),
        code: mine.code.clone(),
        own: own(held, no),
        standing: facts.standing(),
        answer: facts.answer(),
        story,
        rating: may_rate.then_some(rated),
        may_withdraw: withdraw::may(ticket, mine.appeal, &ctx),
        notice,
        errors,
    };
    html(status, &page)
}

/// Whether this appellant, and not only somebody on the ticket, can rate now.
fn may_rate(ticket: &Ticket, appeal: u32, ctx: &Ctx<'_>) -> bool {
    let (appeal, result) = (Some(appeal), Satisfaction::Satisfied);
    let rate = Rate { appeal, result, attitude: None, solved: None, comment: String::new() };
    decide(ticket, &Command::Rate(rate), ctx).is_ok()
}

async fn journal(app: &App, ticket: &Ticket) -> Result<Vec<(Instant, Event)>, Failure> {
    let entries = app.store.journal(&app.jurisdiction, &ticket.number).await?;
    let read = entries.into_iter().filter_map(|e| Some(serde_json::from_str(&e.payload?).map(|event| (e.at, event))));
    read.collect::<Result<_, _>>().map_err(|e| Problem::internal(&e).into())
}

fn received(ticket: &Ticket, no: u32) -> Instant {
    ticket.appeals.iter().find(|a| a.no == no).map_or(ticket.registered_at, |a| a.received_at)
}

/// What this appellant wrote; the title and the text of a ticket are those of the first.
fn own(ticket: &Ticket, no: u32) -> Own {
    let appeal = ticket.appeals.iter().find(|a| a.no == no);
    let mut own = Own {
        kind: ticket.kind.zh(),
        title: "您反映的事项".into(),
        content: appeal.and_then(|a| a.note.clone()).unwrap_or_default(),
        place: String::new(),
        confidential: ticket.confidential,
        at: describe::instant_words(received(ticket, no)),
    };
    if no == 1 {
        own.title = ticket.title.clone();
        own.content = ticket.content.clone();
        own.place = ticket.place.clone().unwrap_or_default();
    }
    own
}
