//! What has been kept long enough, and who had what erased. It takes two people: one asks and says why, another one agrees and shows the
//! second factor once more. Both stand in the audit journal, which is the only record of what was asked.

use std::sync::Arc;

use axum::{Json, extract::State, http::StatusCode};
use jiesu_domain::{
    Instant, access,
    access::Right,
    audit::ActKind,
    ticket::{Why, two_people},
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::{
    auth::{Signed, Stranger},
    body::Body,
    problem::{At, Problem},
    reveal::stated,
    session::shown_again,
};
use crate::app::{ASKED_DAYS, Act, App, Asked, ExecuteError, Retention, ToErase, Who, tidy_number};

/// Tickets of one request; more by `jiesu erase`.
pub const MOST: usize = 200;

/// What is kept how long, what is due, what was asked.
#[derive(Debug, Serialize, ToSchema)]
pub struct Erasures {
    pub retention: Retention,
    /// What the law says at least.
    pub least: Retention,
    /// Where it says so for tickets.
    pub article: String,
    /// Numbers of tickets whose time is over, oldest first, at most 200.
    pub due: Vec<String>,
    /// There may be more.
    pub more: bool,
    /// What was asked in the last 30 days, newest first.
    pub asked: Vec<AskedView>,
    pub may_ask: bool,
}

/// A request that something be erased.
#[derive(Debug, Serialize, ToSchema)]
pub struct AskedView {
    pub id: i64,
    #[schema(value_type = String, format = DateTime)]
    pub at: Instant,
    pub by_name: String,
    pub reason: String,
    /// The tickets, or the one whose appellant is meant.
    pub tickets: Vec<String>,
    /// Which appellant of it; absent where whole tickets go.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub appeal: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answered_by_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub answered_at: Option<Instant>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agreed: Option<bool>,
    /// This person may answer it now.
    pub may_decide: bool,
}

fn view(app: &App, signed: &Signed, asked: Asked) -> AskedView {
    let may_decide = asked.answer.is_none()
        && two_people(&asked.by, &signed.actor.id).is_ok()
        && access::has(signed.actor.role, Right::ApproveErasure);
    let (tickets, appeal) = match asked.what {
        ToErase::Due(tickets) => (tickets, None),
        ToErase::Person { ticket, appeal } => (vec![ticket], Some(appeal)),
    };
    let (answered_by_name, answered_at, agreed) = match asked.answer {
        Some((by, at, agreed)) => (Some(app.account_name(&by)), Some(at), Some(agreed)),
        None => (None, None, None),
    };
    let (id, at, reason, by_name) = (asked.id, asked.at, asked.reason, app.account_name(&asked.by));
    AskedView { id, at, by_name, reason, tickets, appeal, answered_by_name, answered_at, agreed, may_decide }
}

/// One of the two rights.
fn concerned(signed: &Signed) -> Result<(), Problem> {
    signed.need(Right::ProposeErasure).or_else(|_| signed.need(Right::ApproveErasure))
}

/// What is kept how long, what is due for erasure, and what was asked.
#[utoipa::path(get, path = "/api/v1/privacy/erasures", operation_id = "erasures", tag = "privacy",
    responses((status = 200, body = Erasures), (status = 401, body = Problem), (status = 403, body = Problem)))]
pub async fn list(State(app): State<Arc<App>>, signed: Signed) -> Result<Json<Erasures>, Problem> {
    concerned(&signed)?;
    let rule = &app.rulebook().archive;
    let (due, more) = app.due_now(MOST).await?;
    let asked = app.erasures_asked().await?;
    Ok(Json(Erasures {
        retention: app.retention().await?,
        least: Retention::least(rule.recordings_years),
        article: app.rulebook().basis(rule).article,
        due,
        more,
        asked: asked.into_iter().map(|asked| view(&app, &signed, asked)).collect(),
        may_ask: access::has(signed.actor.role, Right::ProposeErasure),
    }))
}

/// What is to be erased, and why.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewErasure {
    /// What is known of an appellant of this ticket, which itself stays; without it every ticket that is due, 200 at once.
    #[serde(default)]
    pub ticket: Option<String>,
    /// Which appellant; the first.
    #[serde(default)]
    pub appeal: Option<u32>,
    /// 2 to 200 characters; stays readable for ever.
    pub note: String,
}

/// Asks that something be erased; nothing is, until somebody else agrees.
#[utoipa::path(post, path = "/api/v1/privacy/erasures", operation_id = "ask_erasure", tag = "privacy", request_body = NewErasure,
    responses((status = 201, body = AskedView), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem),
        (status = 422, body = Problem)))]
pub async fn ask(
    State(app): State<Arc<App>>,
    signed: Signed,
    Body(new): Body<NewErasure>,
) -> Result<(StatusCode, Json<AskedView>), Problem> {
    signed.need(Right::ProposeErasure)?;
    let of_one = new.ticket.as_deref().map(tidy_number).filter(|number| !number.is_empty());
    let reason = stated(if of_one.is_some() { "诉求人要求删除" } else { "保存期满" }, true, &new.note)?;
    let (what, subject, detail) = match of_one {
        Some(ticket) => {
            app.load(&ticket, &signed.actor).await?;
            let appeal = new.appeal.unwrap_or(1);
            let appeals = app.store.appeals(&app.jurisdiction, &ticket).await?;
            if !appeals.iter().any(|row| row.appeal == appeal.to_string()) {
                return Err(Problem::not_found(format!("工单没有第{appeal}位诉求人，请核对")));
            }
            (ToErase::Person { ticket: ticket.clone(), appeal }, ticket, json!({ "appeal": appeal }))
        }
        None => {
            let (due, _) = app.due_now(MOST).await?;
            if due.is_empty() {
                return Err(Problem::invalid("ticket", "现在没有保存期满可以销毁的工单"));
            }
            let detail = json!({ "tickets": due });
            (ToErase::Due(due), "due".to_owned(), detail)
        }
    };
    let act = Act::done(ActKind::ErasureAsked, subject).because(&reason).with(detail).from(signed.from);
    let id = app.audit(&signed.actor, act).await?;
    let asked = Asked { id, at: app.clock.now(), by: signed.actor.id.clone(), reason, what, answer: None };
    Ok((StatusCode::CREATED, Json(view(&app, &signed, asked))))
}

/// An answer to what was asked.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Decision {
    pub agreed: bool,
    /// Who agrees shows the second factor once more.
    #[serde(default)]
    pub code: String,
    /// Why not; 2 to 200 characters.
    #[serde(default)]
    pub note: String,
}

impl std::fmt::Debug for Decision {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Decision").field("agreed", &self.agreed).finish_non_exhaustive()
    }
}

/// What came of it.
#[derive(Debug, Serialize, ToSchema)]
pub struct ErasureDone {
    /// Tickets or appellants that were erased; less than were asked for where a ticket is held by now.
    pub erased: usize,
}

/// Agrees, and erases; or does not agree. The answer is written down first; what it erases cannot be read again.
#[utoipa::path(post, path = "/api/v1/privacy/erasures/{id}/decision", operation_id = "decide_erasure", tag = "privacy",
    request_body = Decision, params(("id" = i64, Path)),
    responses((status = 200, body = ErasureDone), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem),
        (status = 422, body = Problem), (status = 429, body = Problem)))]
pub async fn decide(
    State(app): State<Arc<App>>,
    signed: Signed,
    stranger: Stranger,
    At(id): At<i64>,
    Body(decision): Body<Decision>,
) -> Result<Json<ErasureDone>, Problem> {
    signed.need(Right::ApproveErasure)?;
    let found = app.erasures_asked().await?.into_iter().find(|asked| asked.id == id && asked.answer.is_none());
    let gone = || Problem::not_found(format!("没有这项等待批准的销毁；提出满{ASKED_DAYS}天或已有答复的，须重新提出"));
    let asked = found.ok_or_else(gone)?;
    two_people(&asked.by, &signed.actor.id).map_err(ExecuteError::from)?;
    if !decision.agreed {
        let reason = stated("不同意", true, &decision.note)?;
        let act = Act::done(ActKind::ErasureRefused, id.to_string()).because(reason).with(json!({ "asked": id }));
        app.audit(&signed.actor, act.from(signed.from)).await?;
        return Ok(Json(ErasureDone { erased: 0 }));
    }
    shown_again(&app, &signed, &decision.code, &stranger).await?;
    carry_out(&app, &signed, &asked).await.map(|erased| Json(ErasureDone { erased }))
}

async fn carry_out(app: &App, signed: &Signed, asked: &Asked) -> Result<usize, Problem> {
    let (proposed_by, approved_by) = (asked.by.as_str(), signed.actor.id.as_str());
    let mut detail = json!({ "asked": asked.id, "proposed_by": proposed_by, "approved_by": approved_by });
    let done = |subject: String| Act::done(ActKind::Erased, subject).because(&asked.reason).from(signed.from);
    match &asked.what {
        ToErase::Person { ticket, appeal } => {
            detail["appeal"] = json!(appeal);
            let act = done(ticket.clone()).with(detail);
            Ok(usize::from(app.erase_person(ticket, *appeal, Who::Signed(&signed.actor), act).await?))
        }
        ToErase::Due(tickets) => {
            let list = app.erasure_list().await?;
            (detail["list"], detail["tickets"]) = (json!(list), json!(tickets.len()));
            let act = done(format!("list:{list}"));
            app.audit(&signed.actor, act.begun().with(detail.clone())).await?;
            let why = Why { reason: &asked.reason, proposed_by, approved_by };
            let mut erased = 0_usize;
            for number in tickets {
                match app.erase(number, list, &why).await {
                    Ok(()) => erased += 1,
                    // Somebody holds it by now, or its time is not over under another version of the rulebook: it stays.
                    Err(error) => tracing::warn!(error = %error, "a ticket of a list was not erased"),
                }
            }
            detail["erased"] = json!(erased);
            app.audit(&signed.actor, act.with(detail).ended(erased == tickets.len())).await?;
            Ok(erased)
        }
    }
}

/// Changes how long what is kept; what changed is written down.
#[utoipa::path(put, path = "/api/v1/privacy/retention", operation_id = "keep", tag = "privacy", request_body = Retention,
    responses((status = 200, body = Retention), (status = 401, body = Problem), (status = 403, body = Problem), (status = 422, body = Problem)))]
pub async fn keep(
    State(app): State<Arc<App>>,
    signed: Signed,
    Body(new): Body<Retention>,
) -> Result<Json<Retention>, Problem> {
    signed.need(Right::ProposeErasure)?;
    let years = app.rulebook().archive.recordings_years;
    new.check(years).map_err(|(field, detail)| Problem::invalid(field, detail))?;
    app.set_retention(&signed.actor, signed.from, &new).await?;
    Ok(Json(new))
}
