//! Who is asking. A handler of the staff's API cannot be written without [`Signed`], so nothing is open by default.

use std::{
    net::IpAddr,
    sync::{Arc, LazyLock},
};

use axum::{
    extract::{FromRequestParts, State},
    http::{Extensions, HeaderMap, HeaderValue, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use jiesu_domain::{
    Actor, Role, access,
    access::{Right, Sees},
    audit::ActKind,
    ticket::Action,
};
use jiesu_store::{Account, Session, SignedIn, StoreError};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::{
    body::Body,
    clock::{ClockState, clock_state},
    problem::Problem,
    refused::Asking,
};
use crate::{
    app::{Act, App, Who, digest, hash_password, password_matches, random_token},
    rate,
};

pub(super) const COOKIE: &str = "jiesu_session";
/// A working day and its overtime.
const ABSOLUTE_SECONDS: i64 = 12 * 3600;
const IDLE_SECONDS: i64 = 2 * 3600;
/// A session that begins later than this from now was begun under a wrong clock; it would outlive its hours by as much.
const AHEAD_SECONDS: i64 = 600;
/// A session's last use is written down at most this often.
const TOUCH_SECONDS: i64 = 60;
/// Compared with when the log-in name is unknown, so that the answer takes as long.
static NOBODY: LazyLock<String> = LazyLock::new(|| hash_password(&random_token()));

/// A signed-in person.
#[derive(Debug, Clone)]
pub struct Signed {
    pub actor: Actor,
    pub account: Account,
    /// The address of the request.
    pub from: Option<IpAddr>,
}

impl Signed {
    /// An account with a role that staff have. A citizen's or the worker's role sees everything and is never logged in with.
    fn of(account: Account) -> Result<Signed, Problem> {
        let role = account.role.parse().ok().filter(|r: &Role| r.of_staff());
        let role = role.ok_or_else(|| Problem::forbidden("您的账户还没有岗位，不能登录；请联系安全管理员授予岗位"))?;
        let actor = Actor { id: account.account.clone(), role, unit: account.unit.clone() };
        Ok(Signed { actor, account, from: None })
    }

    /// Holds a right, or is told so.
    ///
    /// # Errors
    /// 403.
    pub fn need(&self, right: Right) -> Result<(), Problem> {
        if access::has(self.actor.role, right) {
            return Ok(());
        }
        Err(Problem::forbidden(format!("{}没有“{right}”的权限", self.actor.role)))
    }
}

impl FromRequestParts<Arc<App>> for Signed {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Problem> {
        let Ticking(hash) = Ticking::of(&parts.headers).ok_or_else(Problem::unauthenticated)?;
        let now = app.clock.wall();
        let found = live_session(app, &hash, now).await?.ok_or_else(Problem::unauthenticated)?;
        if now.as_second() - found.session.seen_at.as_second() > TOUCH_SECONDS {
            // Who only reads can go on where nothing can be written.
            let touched = app.store.session_touch(&app.jurisdiction, &hash, now, found.session.expires_at).await;
            if let Err(error) = touched {
                tracing::warn!(%error, "the use of a session could not be written down");
            }
        }
        rate::of_account(app, &found.account.account, &parts.extensions)?;
        let signed = Signed { from: rate::origin(&parts.extensions), ..Signed::of(found.account)? };
        if let Some(asking) = parts.extensions.get::<Asking>() {
            asking.is(&signed.actor);
        }
        Ok(signed)
    }
}

/// A session as a stream holds it: looked at now and then, and not kept alive by that.
#[derive(Debug)]
pub(super) struct Ticking(String);

impl Ticking {
    pub(super) fn of(headers: &HeaderMap) -> Option<Ticking> {
        cookie(headers).map(|token| Ticking(digest(token)))
    }

    /// Whose it is, if it still holds.
    pub(super) async fn holds(&self, app: &App) -> Result<Option<Signed>, StoreError> {
        let found = live_session(app, &self.0, app.clock.wall()).await?;
        Ok(found.and_then(|found| Signed::of(found.account).ok()))
    }
}

/// The session of a token's digest, unless it ended or nobody has used it for long. Sessions live by the wall clock: moving the demo's
/// clock must not sign anybody out.
async fn live_session(app: &App, hash: &str, now: jiff::Timestamp) -> Result<Option<SignedIn>, StoreError> {
    let idle = now.checked_sub(jiff::SignedDuration::from_secs(IDLE_SECONDS)).unwrap_or(now);
    let found = app.store.session(&app.jurisdiction, hash, now).await?;
    Ok(found.filter(|s| s.session.seen_at > idle && age(&s.session, now) >= -AHEAD_SECONDS))
}

/// Seconds since it began.
fn age(session: &Session, now: jiff::Timestamp) -> i64 {
    now.as_second() - session.created_at.as_second()
}

fn cookie(headers: &HeaderMap) -> Option<&str> {
    let all = headers.get_all(header::COOKIE).iter().filter_map(|v| v.to_str().ok());
    all.flat_map(|v| v.split(';')).find_map(|pair| pair.trim().strip_prefix(COOKIE)?.strip_prefix('='))
}

/// Log-in name and password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LogIn {
    pub login: String,
    pub password: String,
}

impl std::fmt::Debug for LogIn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("LogIn(…)")
    }
}

/// Who is signed in and what they may do.
#[derive(Debug, Serialize, ToSchema)]
pub struct Me {
    pub account: String,
    pub login: String,
    pub name: String,
    pub role: Role,
    pub role_name: &'static str,
    pub unit: Option<String>,
    pub unit_name: Option<String>,
    /// The place whose centre this is.
    pub place: String,
    /// Which tickets this role sees.
    pub sees: Sees,
    /// Codes of the rights held, and `register` for those who may register.
    pub rights: Vec<&'static str>,
    pub clock: ClockState,
}

fn me(app: &App, signed: &Signed) -> Me {
    let role = signed.actor.role;
    let mut rights: Vec<&str> = Right::ALL.iter().filter(|r| access::has(role, **r)).map(|r| r.code()).collect();
    if access::may(role, Action::Register) {
        rights.push(Action::Register.code());
    }
    let units = app.units();
    Me {
        account: signed.account.account.clone(),
        login: signed.account.login.clone(),
        name: signed.account.name.clone(),
        role,
        role_name: role.zh(),
        unit_name: signed.actor.unit.as_ref().and_then(|u| units.get(u)).map(|u| u.name.clone()),
        unit: signed.actor.unit.clone(),
        place: app.rulebook().rulebook.place.clone(),
        sees: access::sees_of(role),
        rights,
        clock: clock_state(app),
    }
}

/// Signs in; the session is a cookie that no script can read.
#[utoipa::path(post, path = "/api/v1/session", tag = "session", request_body = LogIn,
    responses((status = 200, body = Me), (status = 401, body = Problem), (status = 429, body = Problem)))]
pub async fn log_in(
    State(app): State<Arc<App>>,
    extensions: Extensions,
    Body(given): Body<LogIn>,
) -> Result<Response, Problem> {
    let from = rate::origin(&extensions);
    let now = app.clock.wall();
    let key = given.login.trim().to_lowercase();
    if let Some(minutes) = app.logins.shut(&key, now) {
        refused(&app, None, "shut", from).await;
        return Err(Problem::too_many(minutes));
    }
    let account = app.store.account_by_login(&app.jurisdiction, given.login.trim()).await?.filter(|a| a.active);
    let hash = account.as_ref().map_or_else(|| NOBODY.clone(), |a| a.password_hash.clone());
    let password = given.password;
    let matches = tokio::task::spawn_blocking(move || password_matches(&password, &hash))
        .await
        .map_err(|e| Problem::internal(&e))?;
    let known = account.as_ref().map(|a| a.account.clone());
    let Some(account) = account.filter(|_| matches) else {
        app.logins.failed(&key, now);
        refused(&app, known, "password", from).await;
        return Err(Problem {
            detail: "登录名或密码不对，请重新输入".into(), ..Problem::unauthenticated()
        });
    };
    app.logins.succeeded(&key);
    let token = random_token();
    let expires_at = now.checked_add(jiff::SignedDuration::from_secs(ABSOLUTE_SECONDS)).unwrap_or(now);
    let session = Session {
        token_hash: digest(&token),
        account: account.account.clone(),
        created_at: now,
        seen_at: now,
        expires_at,
    };
    let signed = Signed::of(account)?;
    app.audit(&signed.actor, Act::done(ActKind::LogIn, &signed.actor.id).from(from)).await?;
    app.store.session_put(&app.jurisdiction, &session).await?;
    Ok(with_cookie(axum::Json(me(&app, &signed)).into_response(), &token, ABSOLUTE_SECONDS))
}

/// A log-in that was refused. A name that is nobody's is not written down: people type their password there.
async fn refused(app: &App, account: Option<String>, why: &str, from: Option<IpAddr>) {
    let act = Act::refused(ActKind::LogInRefused, account.unwrap_or_default()).with(json!({ "why": why })).from(from);
    // It is only sent on its way here, which cannot fail.
    let _ = app.audit(Who::Nobody, act).await;
}

/// Who is signed in.
#[utoipa::path(get, path = "/api/v1/session", tag = "session", responses((status = 200, body = Me), (status = 401, body = Problem)))]
pub async fn who(State(app): State<Arc<App>>, signed: Signed) -> axum::Json<Me> {
    axum::Json(me(&app, &signed))
}

/// Signs out.
#[utoipa::path(delete, path = "/api/v1/session", tag = "session", responses((status = 204), (status = 401, body = Problem)))]
pub async fn log_out(State(app): State<Arc<App>>, signed: Signed, headers: HeaderMap) -> Result<Response, Problem> {
    if let Some(token) = cookie(&headers) {
        app.audit(&signed.actor, Act::done(ActKind::LogOut, &signed.actor.id).from(signed.from)).await?;
        app.store.session_delete(&app.jurisdiction, &digest(token)).await?;
    }
    Ok(with_cookie(StatusCode::NO_CONTENT.into_response(), "", 0))
}

fn with_cookie(mut response: Response, token: &str, seconds: i64) -> Response {
    let cookie = format!("{COOKIE}={token}; Path=/; HttpOnly; SameSite=Strict; Max-Age={seconds}");
    if let Ok(value) = HeaderValue::from_str(&cookie) {
        response.headers_mut().insert(header::SET_COOKIE, value);
    }
    response
}
