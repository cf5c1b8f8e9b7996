//! Logging in, step by step, and out. Each step that opens more gives a new token; a session that is not open yet opens nothing but the
//! next step and does not live long.

use std::sync::Arc;

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use jiesu_domain::{
    Role, access,
    access::Right,
    audit::ActKind,
    duty::{Presence, takes_duty},
    ticket::Action,
};
use jiesu_store::{Account, Credential, Session, StoreError};
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use zeroize::Zeroizing;

use super::{
    auth::{Held, Signed, Stranger, with_cookie},
    body::Body,
    clock::{ClockState, clock_state},
    oidc::{leave, without_token},
    problem::Problem,
};
use crate::{
    app::{Act, App, Told, Who, digest, random_token, unhex},
    login::{BY_ADDRESS, Key, Policy, Secret, Stage, matching_step, tidy_recovery},
};

/// For as long the next step can be taken.
const STEP_MINUTES: i64 = 10;

/// Log-in name and password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LogIn {
    pub login: String,
    #[schema(value_type = String)]
    pub password: Secret,
}

impl std::fmt::Debug for LogIn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("LogIn(…)")
    }
}

/// How far somebody has come.
#[derive(Debug, Serialize, ToSchema)]
pub struct LoggedIn {
    /// What is to be done next; `open`: nothing.
    pub stage: Stage,
    /// Who it is, once the session is open.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub me: Option<Me>,
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
    /// Which tickets this role sees at all: `all`, `nothing`, or another reach of the table of permissions.
    pub sees: &'static str,
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
        sees: access::sees_of(role).code(),
        rights,
        clock: clock_state(app),
    }
}

/// Signs in; the session is a cookie that no script can read. Where more is asked for, `stage` says what.
#[utoipa::path(post, path = "/api/v1/session", tag = "session", request_body = LogIn,
    responses((status = 200, body = LoggedIn), (status = 401, body = Problem), (status = 429, body = Problem)))]
pub async fn log_in(
    State(app): State<Arc<App>>,
    stranger: Stranger,
    Body(given): Body<LogIn>,
) -> Result<Response, Problem> {
    let (policy, login) = (app.log_in_policy().await?, given.login.trim());
    let left = knock(&app, login, &stranger, &policy).await?;
    let found = app.store.log_in(&app.jurisdiction, login).await?;
    let known = found.as_ref().map(|(account, _)| account.account.clone());
    let usable = found.filter(|(account, _)| account.active).and_then(|(a, credential)| Some((a, credential?)));
    let hash = usable.as_ref().map(|(_, credential)| credential.password_hash.clone());
    let compared = app.hashing.compare(given.password, hash).await;
    let Some((account, credential)) = usable.filter(|_| compared.matches) else {
        wrong(&app, known, "password", left, &stranger, &policy).await?;
        return Err(Problem {
            detail: "登录名或密码不对，请重新输入".into(), ..Problem::unauthenticated()
        });
    };
    welcome(&app, login, &stranger).await?;
    if let Some(anew) = compared.anew {
        app.store.password_rehash(&app.jurisdiction, &account.account, &credential.password_hash, &anew).await?;
    }
    let signed = Signed::of(account)?;
    let stage = Stage::next(&credential, policy.second(signed.actor.role), false, &policy, app.clock.wall());
    begun(&app, &signed, stage, &policy, &stranger).await
}

/// Counts an attempt before it is known how it ends; how many are left after it. A name that nobody has is counted and shut like any
/// other.
async fn knock(app: &App, login: &str, stranger: &Stranger, policy: &Policy) -> Result<i64, Problem> {
    let address = stranger.from.map(|from| (Key::LoginFrom(from), BY_ADDRESS));
    let mut left = 0;
    for (key, bearing) in address.into_iter().chain([(Key::Login(login), policy.bearing())]) {
        match app.attempt(key, bearing).await? {
            Err(minutes) => {
                refused(app, None, "shut", stranger).await;
                return Err(Problem::too_many(minutes));
            }
            Ok(n) => left = n,
        }
    }
    Ok(left)
}

/// An attempt was wrong: written down, and where it was the last one, that the name is shut. A name that nobody has is shut too.
async fn wrong(
    app: &App,
    account: Option<String>,
    why: &str,
    left: i64,
    stranger: &Stranger,
    policy: &Policy,
) -> Result<(), StoreError> {
    refused(app, account.clone(), why, stranger).await;
    if left > 0 {
        return Ok(());
    }
    let detail = json!({ "failures": policy.failures, "minutes": policy.shut_minutes });
    let account = account.unwrap_or_default();
    let mut deed = app.deed().await?;
    app.tell(&mut deed, &account, Told::Locked).await?;
    let act = Act::done(ActKind::AccountLocked, account).with(detail).from(stranger.from);
    app.done(deed, Who::System, act).await.map(drop)
}

/// The password was right.
async fn welcome(app: &App, login: &str, stranger: &Stranger) -> Result<(), StoreError> {
    app.attempt_was_right(Key::Login(login)).await?;
    if let Some(address) = stranger.from {
        app.attempt_was_right(Key::LoginFrom(address)).await?;
    }
    Ok(())
}

/// A log-in that was refused. A name that is nobody's is not written down: people type their password there.
pub(super) async fn refused(app: &App, account: Option<String>, why: &str, stranger: &Stranger) {
    let act = Act::refused(ActKind::LogInRefused, account.unwrap_or_default());
    // It is only sent on its way here, which cannot fail.
    let _ = app.audit(Who::Nobody, act.with(json!({ "why": why })).from(stranger.from)).await;
}

/// Begins a session and says how far it goes.
pub(super) async fn begun(
    app: &App,
    signed: &Signed,
    stage: Stage,
    policy: &Policy,
    stranger: &Stranger,
) -> Result<Response, Problem> {
    let me = (stage == Stage::Open).then(|| me(app, signed));
    let response = Json(LoggedIn { stage, me }).into_response();
    with_session(app, response, signed, stage, policy, stranger).await
}

/// Begins a session with an answer.
pub(super) async fn with_session(
    app: &App,
    response: Response,
    signed: &Signed,
    stage: Stage,
    policy: &Policy,
    stranger: &Stranger,
) -> Result<Response, Problem> {
    let (token, now) = (Secret::new(random_token()), app.clock.wall());
    let seconds = match stage {
        Stage::Open => i64::from(policy.absolute_hours) * 3600,
        _ => STEP_MINUTES * 60,
    };
    let session = Session {
        token_hash: digest(&token),
        account: signed.account.account.clone(),
        created_at: now,
        seen_at: now,
        expires_at: now.checked_add(SignedDuration::from_secs(seconds)).unwrap_or(now),
        stage: stage.code().into(),
        idle: SignedDuration::from_mins(policy.idle_minutes.into()),
        address: stranger.from.map(|from| from.to_string()).unwrap_or_default(),
        device: stranger.device.clone(),
    };
    let detail = if stage == Stage::Open { json!({}) } else { json!({ "next": stage.code() }) };
    let mut deed = app.deed().await?;
    deed.session_put(&session, policy.sessions).await?;
    let act = Act::done(ActKind::LogIn, &signed.actor.id).with(detail).from(stranger.from);
    app.done(deed, &signed.actor, act).await?;
    Ok(with_cookie(app, response, &token, seconds))
}

/// A code of the authenticator app, or one of the recovery codes.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SecondFactor {
    #[schema(value_type = String)]
    pub code: Secret,
}

impl std::fmt::Debug for SecondFactor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SecondFactor(…)")
    }
}

/// Shows the second factor. Each code is good once; a recovery code is used up.
#[utoipa::path(post, path = "/api/v1/session/second-factor", tag = "session", request_body = SecondFactor,
    responses((status = 200, body = LoggedIn), (status = 401, body = Problem), (status = 422, body = Problem), (status = 429, body = Problem)))]
pub async fn second_factor(
    State(app): State<Arc<App>>,
    held: Held,
    stranger: Stranger,
    Body(given): Body<SecondFactor>,
) -> Result<Response, Problem> {
    held.at(&[Stage::SecondFactor])?;
    let (policy, account) = (app.log_in_policy().await?, held.signed.account.account.clone());
    let key = Key::SecondFactor(&account);
    let left = app.attempt(key, policy.bearing()).await?.map_err(Problem::too_many)?;
    let credential = app.store.credential(&app.jurisdiction, &account).await?.ok_or_else(Problem::unauthenticated)?;
    if !shown(&app, &account, &credential, &given.code).await? {
        wrong(&app, Some(account), "second-factor", left, &stranger, &policy).await?;
        return Err(Problem::invalid(
            "code",
            "验证码不对或已经用过，请输入验证器上新的6位验证码，或一个没有用过的恢复码",
        ));
    }
    app.attempt_was_right(key).await?;
    let needed = policy.second(held.signed.actor.role);
    let stage = Stage::next(&credential, needed, true, &policy, app.clock.wall());
    app.store.session_delete(&app.jurisdiction, &held.session.token_hash).await?;
    begun(&app, &held.signed, stage, &policy, &stranger).await
}

/// Shows the second factor once more: whoever finds an open screen destroys nothing.
///
/// # Errors
/// 403 where the account has none, 422 where the code is another or was used, 429 where too many were wrong.
pub(super) async fn shown_again(app: &App, signed: &Signed, code: &str, stranger: &Stranger) -> Result<(), Problem> {
    let (policy, account) = (app.log_in_policy().await?, signed.account.account.as_str());
    let credential = credential_of(app, &signed.account).await?;
    if credential.totp.is_none() {
        return Err(Problem::forbidden("这一操作须再次出示第二因素；请先在“我的账户”中设置验证器，再回来办理"));
    }
    let key = Key::SecondFactor(account);
    let left = app.attempt(key, policy.bearing()).await?.map_err(Problem::too_many)?;
    if !shown(app, account, &credential, code).await? {
        wrong(app, Some(account.to_owned()), "second-factor", left, stranger, &policy).await?;
        return Err(Problem::invalid("code", "验证码不对或已经用过，请输入验证器上新的6位验证码"));
    }
    app.attempt_was_right(key).await?;
    Ok(())
}

/// Whether this code is the second factor now; it is used up by that.
async fn shown(app: &App, account: &str, credential: &Credential, code: &str) -> Result<bool, StoreError> {
    if let Some(recovery) = tidy_recovery(code) {
        return app.store.recovery_use(&app.jurisdiction, account, &digest(&recovery)).await;
    }
    let secret = app.store.totp(&app.jurisdiction, account, credential).await?.map(Secret::new);
    let secret = secret.and_then(|secret| unhex(&secret)).map(Zeroizing::new);
    match secret.and_then(|secret| matching_step(&secret, code, app.clock.wall().as_second())) {
        Some(step) => app.store.totp_use(&app.jurisdiction, account, step).await,
        None => Ok(false),
    }
}

/// Who is signed in.
#[utoipa::path(get, path = "/api/v1/session", tag = "session", responses((status = 200, body = Me), (status = 401, body = Problem)))]
pub async fn who(State(app): State<Arc<App>>, signed: Signed) -> Json<Me> {
    Json(me(&app, &signed))
}

/// Who has logged out here and is still logged in at the identity service.
#[derive(Debug, Serialize, ToSchema)]
pub struct LoggedOut {
    /// Where the browser goes next, to log out there too; it comes back to our log-in.
    pub leave: String,
}

/// Signs out; who came by the identity service is told where to log out there.
#[utoipa::path(delete, path = "/api/v1/session", tag = "session",
    responses((status = 200, body = LoggedOut), (status = 204, description = "There is nothing else to log out of"), (status = 401, body = Problem)))]
pub async fn log_out(State(app): State<Arc<App>>, held: Held, headers: HeaderMap) -> Result<Response, Problem> {
    let actor = &held.signed.actor;
    let mut deed = app.deed().await?;
    if takes_duty(actor.role) {
        deed.presence_put(&actor.id, Presence::Off.code(), app.clock.now()).await?;
    }
    deed.session_delete(&held.session.token_hash).await?;
    app.done(deed, actor, Act::done(ActKind::LogOut, &actor.id).from(held.signed.from)).await?;
    let response = match leave(&app, &headers).await {
        Some(leave) => ([(header::CACHE_CONTROL, "no-store")], Json(LoggedOut { leave })).into_response(),
        None => StatusCode::NO_CONTENT.into_response(),
    };
    Ok(without_token(&app, with_cookie(&app, response, "", 0)))
}

/// The account's secrets as they stand, for who has a session of it.
pub(super) async fn credential_of(app: &App, account: &Account) -> Result<Credential, Problem> {
    let found = app.store.credential(&app.jurisdiction, &account.account).await?;
    found.ok_or_else(Problem::unauthenticated)
}

/// Compares with the account's password once more, counted like a log-in.
///
/// # Errors
/// 422 where it is another, 429 where the name is shut.
pub(super) async fn proven(
    app: &App,
    held: &Held,
    password: Secret,
    policy: &Policy,
    stranger: &Stranger,
) -> Result<Credential, Problem> {
    let account = &held.signed.account;
    let left = knock(app, &account.login, stranger, policy).await?;
    let credential = credential_of(app, account).await?;
    let compared = app.hashing.compare(password, Some(credential.password_hash.clone())).await;
    if !compared.matches {
        wrong(app, Some(account.account.clone()), "password", left, stranger, policy).await?;
        return Err(Problem::invalid("current", "现在的密码不对，请重新输入"));
    }
    welcome(app, &account.login, stranger).await?;
    Ok(credential)
}
