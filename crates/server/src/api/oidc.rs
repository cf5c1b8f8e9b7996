//! Logging in by the province's identity service, where the settings name one. The browser is sent there and comes back with a code; what is
//! asked for here in between is kept, sealed, in a cookie of ten minutes.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Query, State, rejection::QueryRejection},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Redirect, Response},
};
use jiesu_domain::{access::Right, audit::ActKind};
use jiesu_store::Identity;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};

use super::{
    auth::{Signed, Stranger, cookie_named, set_cookie},
    body::Body,
    problem::{At, Problem},
    session::{refused, with_session},
};
use crate::{
    app::{Act, App, Told},
    login::{Flow, Oidc, OidcError, Stage},
};

/// Comes back from another site, so that it cannot be `Strict`.
const COOKIE: &str = "jiesu_oidc";
const SECONDS: i64 = 600;
const PURPOSE: &str = "oidc";
/// The token by which the service said who it is, sealed: whoever logs out here logs out there with it.
const TOKEN: &str = "jiesu_oidc_token";
const TOKEN_PURPOSE: &str = "oidc-token";
/// Longest value; browsers keep cookies of 4096 bytes with their names.
const TOKEN_MOST: usize = 3800;
const SUBJECT_MOST: usize = 255;

/// Ways to log in besides the password.
#[derive(Debug, Serialize, ToSchema)]
pub struct Services {
    /// What stands on the button of the identity service; none: there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// Whether one can log in by an identity service.
#[utoipa::path(get, path = "/api/v1/oidc", tag = "session", responses((status = 200, body = Services)))]
pub async fn services(State(app): State<Arc<App>>) -> Json<Services> {
    Json(Services { name: app.oidc().map(|oidc| oidc.name().to_owned()) })
}

fn service(app: &App) -> Result<Arc<Oidc>, Problem> {
    app.oidc().ok_or_else(|| Problem::not_found("没有配置统一身份认证，请用账号和密码登录"))
}

async fn asked<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, OidcError> + Send + 'static,
) -> Result<Result<T, OidcError>, Problem> {
    tokio::task::spawn_blocking(work).await.map_err(|e| Problem::internal(&e))
}

/// Sends the browser to the identity service.
#[utoipa::path(get, path = "/api/v1/oidc/start", tag = "session",
    responses((status = 303, description = "To the identity service, or back to the log-in"), (status = 404, body = Problem)))]
pub async fn start(State(app): State<Arc<App>>) -> Result<Response, Problem> {
    let (oidc, now) = (service(&app)?, app.clock.wall());
    match asked(move || oidc.begin(now, SECONDS)).await? {
        Ok((there, flow)) => {
            let kept = app.seal().seal(PURPOSE, json!(flow).to_string().as_bytes());
            Ok(set_cookie(&app, Redirect::to(&there).into_response(), COOKIE, &kept, "Lax", SECONDS))
        }
        Err(error) => {
            tracing::error!(%error, "the identity service cannot be used");
            Ok(back("away"))
        }
    }
}

/// Back to the log-in with a word for what went wrong.
fn back(why: &str) -> Response {
    Redirect::to(&format!("/console/login?failed={why}")).into_response()
}

/// What the service sends the browser back with.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Came {
    pub code: Option<String>,
    pub state: Option<String>,
}

/// Where the browser comes back to.
#[utoipa::path(get, path = "/api/v1/oidc/callback", tag = "session", params(Came),
    responses((status = 303, description = "To the console, or back to the log-in"), (status = 404, body = Problem)))]
pub async fn callback(
    State(app): State<Arc<App>>,
    stranger: Stranger,
    headers: HeaderMap,
    came: Result<Query<Came>, QueryRejection>,
) -> Result<Response, Problem> {
    let Query(came) = came?;
    let (oidc, now) = (service(&app)?, app.clock.wall());
    let flow = cookie_named(&headers, COOKIE).and_then(|kept| app.seal().open(PURPOSE, kept));
    let flow: Option<Flow> = flow.and_then(|kept| serde_json::from_slice(&kept).ok());
    let (Some(flow), Some(code)) = (flow, came.code) else { return Ok(back("again")) };
    if came.state.as_deref() != Some(&flow.state) || flow.until <= now.as_second() {
        return Ok(back("again"));
    }
    let issuer = oidc.issuer().to_owned();
    let (claims, id_token) = match asked(move || oidc.finish(&flow, &code, now)).await? {
        Ok(known) => known,
        Err(error) => {
            tracing::error!(%error, "a log-in by the identity service failed");
            refused(&app, None, "oidc", &stranger).await;
            return Ok(back("away"));
        }
    };
    let account = app.store.account_by_identity(&app.jurisdiction, &issuer, &claims.subject).await?;
    let Some(account) = account.filter(|account| account.active) else {
        refused(&app, None, "not-linked", &stranger).await;
        return Ok(back("not-linked"));
    };
    let (signed, policy) = (Signed::of(account)?, app.log_in_policy().await?);
    let credential = app.store.credential(&app.jurisdiction, &signed.account.account).await?;
    let needed = policy.second(signed.actor.role);
    let stage = match credential {
        // The password was not used: how old it is does not matter.
        Some(credential) if credential.totp.is_some() => Stage::SecondFactor,
        Some(_) if needed => Stage::Enrol,
        None if needed => return Ok(back("no-second-factor")),
        _ => Stage::Open,
    };
    let to = match stage {
        Stage::Open => "/console/".to_owned(),
        stage => format!("/console/login?stage={}", stage.code()),
    };
    let response = with_session(&app, Redirect::to(&to).into_response(), &signed, stage, &policy, &stranger).await?;
    let response = set_cookie(&app, response, COOKIE, "", "Lax", 0);
    let kept = app.seal().seal(TOKEN_PURPOSE, id_token.as_bytes());
    if kept.len() > TOKEN_MOST {
        tracing::warn!("the identity service's token is too long to keep; logging out here does not log out there");
        return Ok(response);
    }
    Ok(set_cookie(&app, response, TOKEN, &kept, "Strict", i64::from(policy.absolute_hours) * 3600))
}

/// Where the browser that logs out here goes to log out of the identity service too; `None`: it did not come from there, or the service knows no
/// logging out, or does not answer. Then one is logged out here alone.
pub(super) async fn leave(app: &App, headers: &HeaderMap) -> Option<String> {
    let kept = cookie_named(headers, TOKEN).and_then(|kept| app.seal().open(TOKEN_PURPOSE, kept))?;
    let (id_token, oidc) = (String::from_utf8(kept).ok()?, app.oidc()?);
    match asked(move || oidc.leave(&id_token)).await {
        Ok(Ok(there)) => there,
        Ok(Err(error)) => {
            tracing::warn!(%error, "somebody logged out here, and could not be sent to log out of the identity service");
            None
        }
        Err(_) => None,
    }
}

/// Forgets the service's token.
pub(super) fn without_token(app: &App, response: Response) -> Response {
    set_cookie(app, response, TOKEN, "", "Strict", 0)
}

/// Whom the identity service means.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Subject {
    /// As the service names the person for this system (`sub`).
    pub subject: String,
}

/// Links an account to somebody at the identity service.
#[utoipa::path(put, path = "/api/v1/security/log-ins/{account}/identity", tag = "security", params(("account" = String, Path)),
    request_body = Subject,
    responses((status = 204), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem), (status = 422, body = Problem)))]
pub async fn link(
    State(app): State<Arc<App>>,
    signed: Signed,
    At(key): At<String>,
    Body(given): Body<Subject>,
) -> Result<StatusCode, Problem> {
    signed.need(Right::SecureLogIn)?;
    let oidc = service(&app)?;
    let account = super::security::account(&app, &key).await?;
    let subject = given.subject.trim().to_owned();
    if subject.is_empty() || subject.len() > SUBJECT_MOST {
        return Err(Problem::invalid("subject", "请填写统一身份认证中的用户标识"));
    }
    let act = Act::done(ActKind::AccountChanged, &account.account).with(json!({ "identity": "linked" }));
    let link = Identity { issuer: oidc.issuer().into(), subject, account: account.account };
    let mut deed = app.deed().await?;
    match deed.identity_put(&link, app.clock.wall(), &signed.actor.id).await {
        Err(jiesu_store::StoreError::Constraint { .. }) => {
            return Err(Problem::invalid("subject", "这个用户标识已关联另一个账户，请先取消那里的关联"));
        }
        done => done?,
    }
    app.tell(&mut deed, &link.account, Told::IdentityLinked).await?;
    app.done(deed, &signed.actor, act.from(signed.from)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Takes the link away.
#[utoipa::path(delete, path = "/api/v1/security/log-ins/{account}/identity", tag = "security", params(("account" = String, Path)),
    responses((status = 204), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem)))]
pub async fn unlink(State(app): State<Arc<App>>, signed: Signed, At(key): At<String>) -> Result<StatusCode, Problem> {
    signed.need(Right::SecureLogIn)?;
    let account = super::security::account(&app, &key).await?;
    let act = Act::done(ActKind::AccountChanged, &account.account).with(json!({ "identity": "unlinked" }));
    let mut deed = app.deed().await?;
    if deed.identity_delete(&account.account).await? {
        app.tell(&mut deed, &account.account, Told::IdentityUnlinked).await?;
    }
    app.done(deed, &signed.actor, act.from(signed.from)).await?;
    Ok(StatusCode::NO_CONTENT)
}
