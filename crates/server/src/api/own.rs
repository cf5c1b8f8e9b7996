//! What everybody looks after themselves: the own password, second factor and sessions.

use std::sync::Arc;

use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use jiesu_domain::{Instant, audit::ActKind};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use zeroize::Zeroizing;

use super::{
    auth::{Held, Stranger},
    body::Body,
    problem::{At, Problem},
    security::phone_typed,
    session::{LoggedIn, begun, credential_of, proven, with_session},
};
use crate::{
    app::{Act, App, Told, Who, digest, hex, unhex},
    login::{
        Offer, PASSWORD_MOST, RECOVERY_CODES, Secret, Stage, fits, matching_step, offer, recovery_code, strength,
        tidy_recovery,
    },
    view::mask_phone,
};

/// A new password, and the one that it replaces.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPassword {
    #[schema(value_type = String)]
    pub current: Secret,
    #[schema(value_type = String)]
    pub password: Secret,
}

impl std::fmt::Debug for NewPassword {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("NewPassword(…)")
    }
}

/// Changes the own password. Every other session of the account ends; this one goes on under a new token.
#[utoipa::path(put, path = "/api/v1/account/password", tag = "account", request_body = NewPassword,
    responses((status = 200, body = LoggedIn), (status = 401, body = Problem), (status = 422, body = Problem), (status = 429, body = Problem)))]
pub async fn password(
    State(app): State<Arc<App>>,
    held: Held,
    stranger: Stranger,
    Body(given): Body<NewPassword>,
) -> Result<Response, Problem> {
    held.at(&[Stage::Password, Stage::Open])?;
    let policy = app.log_in_policy().await?;
    let before = proven(&app, &held, given.current, &policy, &stranger).await?;
    let (signed, account) = (&held.signed, held.signed.account.account.as_str());
    fits(&policy, &given.password, &signed.account.login).map_err(|e| Problem::invalid("password", e))?;
    let mut past = app.store.passwords_past(&app.jurisdiction, account).await?;
    past.truncate(policy.password_past.saturating_sub(1) as usize);
    past.push(before.password_hash);
    if app.hashing.any(given.password.clone(), past).await {
        let detail = format!("不能使用最近{}次用过的密码，请换一个", policy.password_past);
        return Err(Problem::invalid("password", detail));
    }
    let hash = app.hashing.hash(given.password).await;
    let now = app.clock.wall();
    let mut deed = app.deed().await?;
    deed.password_put(account, &hash, now, false, policy.password_past).await?;
    deed.sessions_end(account).await?;
    app.tell(&mut deed, account, Told::PasswordChanged).await?;
    app.done(deed, &signed.actor, Act::done(ActKind::PasswordChanged, account).from(stranger.from)).await?;
    let credential = credential_of(&app, &signed.account).await?;
    let stage = Stage::next(&credential, policy.second(signed.actor.role), true, &policy, now);
    begun(&app, signed, stage, &policy, &stranger).await
}

/// A password that somebody is about to choose.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Considered {
    #[schema(value_type = String)]
    pub password: Secret,
}

impl std::fmt::Debug for Considered {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Considered(…)")
    }
}

/// How good a password would be.
#[derive(Debug, Serialize, ToSchema)]
pub struct Strength {
    /// From 0, guessed at once, to 4.
    pub strength: u8,
    /// The same in a word.
    pub strength_name: &'static str,
    /// What keeps it from being taken; absent if it would be, its likeness to earlier ones aside.
    pub problem: Option<String>,
}

/// How good a password would be, while it is typed. Nothing of it is kept.
#[utoipa::path(post, path = "/api/v1/account/password/strength", operation_id = "password_strength", tag = "account",
    request_body = Considered,
    responses((status = 200, body = Strength), (status = 401, body = Problem), (status = 422, body = Problem)))]
pub async fn consider(
    State(app): State<Arc<App>>,
    held: Held,
    Body(given): Body<Considered>,
) -> Result<Json<Strength>, Problem> {
    held.at(&[Stage::Password, Stage::Open])?;
    let (policy, login) = (app.log_in_policy().await?, &held.signed.account.login);
    let problem = fits(&policy, &given.password, login).err();
    // What is too long is not looked at any further.
    let strength = if given.password.chars().count() > PASSWORD_MOST { 0 } else { strength(&given.password, login) };
    let strength_name = ["很容易猜到", "容易猜到", "不够强", "强", "很强"][usize::from(strength.min(4))];
    Ok(Json(Strength { strength, strength_name, problem }))
}

/// How the own account is proven.
#[derive(Debug, Serialize, ToSchema)]
pub struct OwnSecurity {
    /// When the password was set.
    #[schema(value_type = String, format = DateTime)]
    pub password_at: Instant,
    /// When it must be changed at the latest.
    #[schema(value_type = String, format = DateTime)]
    pub password_until: Instant,
    pub second_factor: bool,
    /// The role needs a second factor: it can be set anew, and not be done without.
    pub second_factor_needed: bool,
    /// Recovery codes that were not used.
    pub recovery_left: i64,
    /// What a new password must be, in a sentence.
    pub password_rule: String,
    /// Where its owner hears of changes to it, masked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
}

/// How the own account is proven.
#[utoipa::path(get, path = "/api/v1/account", tag = "account",
    responses((status = 200, body = OwnSecurity), (status = 401, body = Problem)))]
pub async fn own(State(app): State<Arc<App>>, held: Held) -> Result<Json<OwnSecurity>, Problem> {
    held.at(&[Stage::Open, Stage::Password, Stage::Enrol])?;
    let (policy, account) = (app.log_in_policy().await?, &held.signed.account);
    let credential = credential_of(&app, account).await?;
    let days = jiff::SignedDuration::from_hours(i64::from(policy.password_days) * 24);
    let password_rule = format!(
        "至少{}个字符，大写字母、小写字母、数字、其他字符中至少{}种；不含登录名和容易猜到的词，没有连续4个相同或相邻的字符；不与最近{}次的相同。",
        policy.password_length, policy.password_classes, policy.password_past
    );
    let phone = app.store.account_phones(&app.jurisdiction, Some(&account.account)).await?.remove(&account.account);
    Ok(Json(OwnSecurity {
        phone: phone.as_deref().map(mask_phone),
        password_at: credential.password_at,
        password_until: credential.password_at.checked_add(days).unwrap_or(credential.password_at),
        second_factor: credential.totp.is_some(),
        second_factor_needed: policy.second(held.signed.actor.role),
        recovery_left: app.store.recovery_left(&app.jurisdiction, &account.account).await?,
        password_rule,
    }))
}

/// The password once more: whoever finds an open screen changes nothing here.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Proof {
    #[schema(value_type = String)]
    pub current: Secret,
}

impl std::fmt::Debug for Proof {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Proof(…)")
    }
}

/// Shows a new secret for an authenticator app, once. It counts when a code of it has been shown; until then the old one does.
#[utoipa::path(post, path = "/api/v1/account/second-factor", tag = "account", request_body = Proof,
    responses((status = 200, body = Offer), (status = 401, body = Problem), (status = 422, body = Problem), (status = 429, body = Problem)))]
pub async fn offered(
    State(app): State<Arc<App>>,
    held: Held,
    stranger: Stranger,
    Body(given): Body<Proof>,
) -> Result<Response, Problem> {
    held.at(&[Stage::Enrol, Stage::Open])?;
    let policy = app.log_in_policy().await?;
    proven(&app, &held, given.current, &policy, &stranger).await?;
    let account = &held.signed.account;
    let place = app.rulebook().rulebook.place.clone();
    let (secret, shown) = offer(&format!("{place}12345"), &account.login);
    app.store.totp_offer(&app.jurisdiction, &account.account, &hex(&secret)).await?;
    Ok(([("cache-control", "no-store")], Json(shown)).into_response())
}

/// The first code of the new secret.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FirstCode {
    pub code: String,
}

impl std::fmt::Debug for FirstCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("FirstCode(…)")
    }
}

/// What is kept at hand for when the device is lost; shown once.
#[derive(Serialize, ToSchema)]
pub struct SecondFactorSet {
    pub recovery_codes: Vec<String>,
    pub stage: Stage,
}

impl std::fmt::Debug for SecondFactorSet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SecondFactorSet(…)")
    }
}

/// The secret that was shown becomes the second factor. Every other session of the account ends.
#[utoipa::path(put, path = "/api/v1/account/second-factor", tag = "account", request_body = FirstCode,
    responses((status = 200, body = SecondFactorSet), (status = 401, body = Problem), (status = 422, body = Problem)))]
pub async fn confirmed(
    State(app): State<Arc<App>>,
    held: Held,
    stranger: Stranger,
    Body(given): Body<FirstCode>,
) -> Result<Response, Problem> {
    held.at(&[Stage::Enrol, Stage::Open])?;
    let (policy, account) = (app.log_in_policy().await?, held.signed.account.account.as_str());
    let credential = credential_of(&app, &held.signed.account).await?;
    let none = || Problem::invalid("code", "二维码已失效，请重新获取");
    let offered = app.store.totp_new(&app.jurisdiction, account, &credential).await?;
    let secret = offered.map(Secret::new).and_then(|offered| unhex(&offered)).map(Zeroizing::new).ok_or_else(none)?;
    let step = matching_step(&secret, &given.code, app.clock.wall().as_second());
    let wrong = || Problem::invalid("code", "验证码不对：请输入验证器上现在显示的6位数字，并核对手机的时间");
    let step = step.ok_or_else(wrong)?;
    let codes: Vec<String> = (0..RECOVERY_CODES).map(|_| recovery_code()).collect();
    let kept: Vec<String> = codes.iter().filter_map(|c| tidy_recovery(c)).map(|c| digest(&c)).collect();
    let mut deed = app.deed().await?;
    if !deed.totp_confirm(account, &credential, step, &kept).await? {
        return Err(none());
    }
    deed.sessions_end(account).await?;
    app.tell(&mut deed, account, Told::SecondFactorSet).await?;
    app.done(deed, &held.signed.actor, Act::done(ActKind::SecondFactorSet, account).from(stranger.from)).await?;
    let answer = Json(SecondFactorSet { recovery_codes: codes, stage: Stage::Open }).into_response();
    with_session(&app, answer, &held.signed, Stage::Open, &policy, &stranger).await
}

/// Where one hears of changes to the own account, and the password once more.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OwnPhone {
    #[schema(value_type = String)]
    pub current: Secret,
    /// A mobile number of eleven digits; empty: none.
    pub phone: String,
}

impl std::fmt::Debug for OwnPhone {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("OwnPhone(…)")
    }
}

/// Sets where one hears of changes to the own account; the number before hears that it was changed.
#[utoipa::path(put, path = "/api/v1/account/phone", operation_id = "set_own_phone", tag = "account", request_body = OwnPhone,
    responses((status = 204), (status = 401, body = Problem), (status = 422, body = Problem), (status = 429, body = Problem)))]
pub async fn phone(
    State(app): State<Arc<App>>,
    held: Held,
    stranger: Stranger,
    Body(given): Body<OwnPhone>,
) -> Result<StatusCode, Problem> {
    held.at(&[Stage::Open])?;
    let phone = phone_typed(&given.phone)?;
    let policy = app.log_in_policy().await?;
    proven(&app, &held, given.current, &policy, &stranger).await?;
    let (by, account) = (Who::Signed(&held.signed.actor), &held.signed.account.account);
    app.set_phone(by, stranger.from, account, phone.as_deref()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A session as its owner knows it.
#[derive(Debug, Serialize, ToSchema)]
pub struct SessionView {
    pub id: String,
    /// The one that asks.
    pub current: bool,
    /// E.g. `Chrome · Windows`.
    pub device: String,
    pub address: String,
    #[schema(value_type = String, format = DateTime)]
    pub since: Instant,
    #[schema(value_type = String, format = DateTime)]
    pub used: Instant,
}

/// The own sessions that are open.
#[utoipa::path(get, path = "/api/v1/account/sessions", tag = "account",
    responses((status = 200, body = [SessionView]), (status = 401, body = Problem)))]
pub async fn sessions(State(app): State<Arc<App>>, held: Held) -> Result<Json<Vec<SessionView>>, Problem> {
    held.at(&[Stage::Open])?;
    let now = app.clock.wall();
    let found = app.store.sessions(&app.jurisdiction, &held.session.account, now).await?;
    let alive = found.into_iter().filter(|s| now.duration_since(s.seen_at) < s.idle && s.stage == Stage::Open.code());
    let view = alive.map(|s| SessionView {
        id: s.handle().to_owned(),
        current: s.token_hash == held.session.token_hash,
        since: s.created_at,
        used: s.seen_at,
        device: s.device,
        address: s.address,
    });
    Ok(Json(view.collect()))
}

/// Ends one of the own sessions.
#[utoipa::path(delete, path = "/api/v1/account/sessions/{id}", tag = "account", params(("id" = String, Path)),
    responses((status = 204), (status = 401, body = Problem), (status = 404, body = Problem)))]
pub async fn end_session(State(app): State<Arc<App>>, held: Held, At(id): At<String>) -> Result<StatusCode, Problem> {
    held.at(&[Stage::Open])?;
    let account = &held.session.account;
    let act = Act::done(ActKind::SessionRevoked, account).with(json!({ "session": "own" })).from(held.signed.from);
    let found = app.store.sessions(&app.jurisdiction, account, app.clock.wall()).await?;
    if !found.iter().any(|s| s.handle() == id) {
        return Err(Problem::not_found("这个登录已经结束；请刷新查看"));
    }
    let mut deed = app.deed().await?;
    deed.session_revoke(account, &id).await?;
    app.done(deed, &held.signed.actor, act).await?;
    Ok(StatusCode::NO_CONTENT)
}
