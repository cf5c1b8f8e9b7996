//! Who is asking. A handler of the staff's API cannot be written without [`Signed`] or [`Held`], so nothing is open by default.

use std::{convert::Infallible, net::IpAddr, sync::Arc};

use axum::{
    extract::FromRequestParts,
    http::{Extensions, HeaderMap, HeaderValue, header, request::Parts},
    response::Response,
};
use jiesu_domain::{Actor, Instant, Role, access, access::Right, ticket::Action};
use jiesu_store::{Account, ApiKey, Session, SignedIn, StoreError};

use super::{problem::Problem, refused::Asking};
use crate::{
    app::{App, digest, key_actor},
    login::{KEY_PREFIX, Stage},
    rate,
};

pub(super) const COOKIE: &str = "jiesu_session";
/// Over TLS the browser itself sees to it that no other host and no plain page set this cookie.
const HOST_COOKIE: &str = "__Host-jiesu_session";
/// Seconds since somebody last touched the keyboard, as our console says: its own polling keeps no session alive.
const IDLE: &str = "x-jiesu-idle";
/// A session that begins later than this from now was begun under a wrong clock; it would outlive its hours by as much.
const AHEAD_SECONDS: i64 = 600;
/// The last use of a session or key is written down at most this often.
const TOUCH_SECONDS: i64 = 60;

/// A signed-in person, or a platform with its key.
#[derive(Debug, Clone)]
pub struct Signed {
    pub actor: Actor,
    pub account: Account,
    /// The address of the request.
    pub from: Option<IpAddr>,
    /// What a platform's key is good for; `None`: a person, who may do what the role may.
    scopes: Option<Vec<Action>>,
}

impl Signed {
    /// An account with a role that staff have. A citizen's or the worker's role sees everything and is never logged in with.
    pub(super) fn of(account: Account) -> Result<Signed, Problem> {
        let role = account.role.parse().ok().filter(|r: &Role| r.of_staff());
        let role = role.ok_or_else(|| Problem::forbidden("您的账户还没有岗位，不能登录；请联系安全管理员授予岗位"))?;
        let actor = Actor { id: account.account.clone(), role, unit: account.unit.clone() };
        Ok(Signed { actor, account, from: None, scopes: None })
    }

    /// A platform acts under its own name, and sees what was passed on to that name.
    fn of_key(key: ApiKey) -> Signed {
        let id = key_actor(&key.key_id);
        let role = Role::Platform;
        let actor = Actor { id: id.clone(), role, unit: Some(key.name.clone()) };
        let (login, unit) = (String::new(), None);
        let account = Account { account: id, login, name: key.name, role: role.code().into(), unit, active: true };
        // A word that we do not know opens nothing.
        let scopes = key.scopes.iter().filter_map(|code| code.parse().ok()).collect();
        Signed { actor, account, from: None, scopes: Some(scopes) }
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

    /// Whether a key is good for this action. A person's role is asked elsewhere.
    ///
    /// # Errors
    /// 403.
    pub fn within(&self, action: Action) -> Result<(), Problem> {
        match &self.scopes {
            Some(scopes) if !scopes.contains(&action) => {
                Err(Problem::forbidden(format!("这把密钥没有“{action}”的权限，请联系热线中心的安全管理员")))
            }
            _ => Ok(()),
        }
    }

    /// The platform's name, where it is one.
    pub fn platform(&self) -> Option<&str> {
        self.scopes.as_ref().map(|_| self.account.name.as_str())
    }

    /// Told to the layer that writes refusals down.
    fn told(self, parts: &Parts) -> Signed {
        let signed = Signed { from: rate::origin(&parts.extensions), ..self };
        if let Some(asking) = parts.extensions.get::<Asking>() {
            asking.is(&signed.actor);
        }
        signed
    }
}

impl FromRequestParts<Arc<App>> for Signed {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Problem> {
        if let Some(key) = bearer(&parts.headers) {
            return by_key(app, &digest(key), parts).await;
        }
        let held = Held::from_request_parts(parts, app).await?;
        held.at(&[Stage::Open])?;
        Ok(held.signed)
    }
}

/// The key of a platform; anything else that is shown like one opens nothing, whatever cookie comes with it.
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let shown = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    shown.strip_prefix("Bearer ").map(str::trim)
}

async fn by_key(app: &App, hash: &str, parts: &Parts) -> Result<Signed, Problem> {
    let now = app.clock.wall();
    let found = app.store.api_key(&app.jurisdiction, hash, now).await?;
    let Some(key) = found else {
        let detail = format!("密钥不对或已到期；密钥以 {KEY_PREFIX} 开头，请向热线中心的安全管理员领取");
        return Err(Problem { detail, ..Problem::unauthenticated() });
    };
    rate::of_key(app, &key.key_id, key.rate, &parts.extensions)?;
    if key.used_at.is_none_or(|at| now.as_second() - at.as_second() > TOUCH_SECONDS)
        && let Err(error) = app.store.api_key_touch(&app.jurisdiction, &key.key_id, now).await
    {
        tracing::warn!(%error, "the use of a key could not be written down");
    }
    Ok(Signed::of_key(key).told(parts))
}

/// A person's session, open or on the way there: for the steps of logging in, and for what concerns the own account alone.
#[derive(Debug, Clone)]
pub struct Held {
    pub signed: Signed,
    pub session: Session,
    stage: Stage,
}

impl Held {
    /// Only where somebody has come this far.
    ///
    /// # Errors
    /// 401: as if there were no session.
    pub fn at(&self, stages: &[Stage]) -> Result<Stage, Problem> {
        if stages.contains(&self.stage) {
            return Ok(self.stage);
        }
        Err(Problem::unauthenticated())
    }
}

impl FromRequestParts<Arc<App>> for Held {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Problem> {
        let Ticking(hash) = Ticking::of(app, &parts.headers).ok_or_else(Problem::unauthenticated)?;
        let now = app.clock.wall();
        let SignedIn { session, account } = live(app, &hash, now).await?.ok_or_else(Problem::unauthenticated)?;
        let stage = Stage::of(&session.stage).ok_or_else(Problem::unauthenticated)?;
        let used = used_at(&parts.headers, now);
        if used.as_second() > session.seen_at.as_second() + TOUCH_SECONDS {
            // Who only reads can go on where nothing can be written.
            let touched = app.store.session_touch(&app.jurisdiction, &hash, used, session.expires_at).await;
            if let Err(error) = touched {
                tracing::warn!(%error, "the use of a session could not be written down");
            }
        }
        rate::of_account(app, &account.account, &parts.extensions)?;
        Ok(Held { signed: Signed::of(account)?.told(parts), session, stage })
    }
}

/// When somebody last did something: now, unless the console says that nobody is there. A stream is asked for anew by the browser itself.
fn used_at(headers: &HeaderMap, now: Instant) -> Instant {
    if headers.get(header::ACCEPT).is_some_and(|accept| accept == "text/event-stream") {
        return Instant::MIN;
    }
    let idle = headers.get(IDLE).and_then(|v| v.to_str().ok()?.parse().ok()).unwrap_or(0u32);
    now.checked_sub(jiff::SignedDuration::from_secs(idle.into())).unwrap_or(now)
}

/// A session as a stream holds it: looked at now and then, and not kept alive by that.
#[derive(Debug)]
pub(super) struct Ticking(String);

impl Ticking {
    pub(super) fn of(app: &App, headers: &HeaderMap) -> Option<Ticking> {
        cookie(app, headers).map(|token| Ticking(digest(token)))
    }

    /// Whose it is, if it still holds.
    pub(super) async fn holds(&self, app: &App) -> Result<Option<Signed>, StoreError> {
        let found = live(app, &self.0, app.clock.wall()).await?;
        let open = found.filter(|found| Stage::of(&found.session.stage) == Some(Stage::Open));
        Ok(open.and_then(|found| Signed::of(found.account).ok()))
    }
}

/// The session of a token's digest, unless it ended or nobody has used it for long. Sessions live by the wall clock: moving the demo's
/// clock must not sign anybody out.
async fn live(app: &App, hash: &str, now: Instant) -> Result<Option<SignedIn>, StoreError> {
    let found = app.store.session(&app.jurisdiction, hash, now).await?;
    Ok(found.filter(|SignedIn { session, .. }| {
        let idle = now.duration_since(session.seen_at) >= session.idle;
        let ahead = session.created_at.as_second() - now.as_second() > AHEAD_SECONDS;
        !idle && !ahead
    }))
}

fn cookie_name(app: &App) -> &'static str {
    if app.https() { HOST_COOKIE } else { COOKIE }
}

fn cookie<'h>(app: &App, headers: &'h HeaderMap) -> Option<&'h str> {
    cookie_named(headers, cookie_name(app))
}

pub(super) fn cookie_named<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    let all = headers.get_all(header::COOKIE).iter().filter_map(|v| v.to_str().ok());
    all.flat_map(|v| v.split(';')).find_map(|pair| pair.trim().strip_prefix(name)?.strip_prefix('='))
}

/// Sets the session's cookie; an empty token takes it away.
pub(super) fn with_cookie(app: &App, response: Response, token: &str, seconds: i64) -> Response {
    set_cookie(app, response, cookie_name(app), token, "Strict", seconds)
}

/// Sets a cookie that no script can read, and over TLS no plain connection carries.
pub(super) fn set_cookie(
    app: &App,
    mut response: Response,
    name: &str,
    value: &str,
    same_site: &str,
    seconds: i64,
) -> Response {
    let secure = if app.https() { "; Secure" } else { "" };
    let cookie = format!("{name}={value}; Path=/; HttpOnly; SameSite={same_site}; Max-Age={seconds}{secure}");
    if let Ok(value) = HeaderValue::from_str(&cookie) {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
    response
}

/// Where a request that nobody is signed in with comes from, and with what.
#[derive(Debug)]
pub struct Stranger {
    pub from: Option<IpAddr>,
    pub device: String,
}

impl Stranger {
    pub(super) fn of(headers: &HeaderMap, extensions: &Extensions) -> Stranger {
        Stranger { from: rate::origin(extensions), device: crate::login::device(headers) }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Stranger {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Stranger::of(&parts.headers, &parts.extensions))
    }
}
