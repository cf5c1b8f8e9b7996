//! What the security administrator looks after: who is shut out, passwords and second factors of others, sessions, the rules for log-ins.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use axum::{Json, extract::State, http::StatusCode};
use jiesu_domain::{Instant, Role, access::Right, audit::ActKind};
use jiesu_store::{Account, Deed, StoreError};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::{
    auth::Signed,
    body::Body,
    problem::{At, Problem},
};
use crate::{
    app::{Act, App, Told, Who, mobile},
    login::{Key, POLICY_SETTING, Policy, Secret, initial_password},
    view::mask_phone,
};

/// How an account logs in.
#[derive(Debug, Serialize, ToSchema)]
pub struct LogInStanding {
    pub account: String,
    pub login: String,
    pub name: String,
    pub role_name: String,
    pub active: bool,
    /// Shut out until then.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub shut_until: Option<Instant>,
    /// When the password was set; none: nobody can log in to it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub password_at: Option<Instant>,
    /// Somebody else gave it; it is changed at the next log-in.
    pub password_once: bool,
    pub second_factor: bool,
    pub second_factor_needed: bool,
    /// Linked to somebody at the identity service.
    pub identity: bool,
    /// Sessions that are open.
    pub sessions: i64,
    /// Where its owner hears of changes to it, masked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
}

/// How all accounts log in.
#[derive(Debug, Serialize, ToSchema)]
pub struct LogIns {
    pub items: Vec<LogInStanding>,
    /// Names that nobody has and that are shut all the same.
    pub unknown_shut: usize,
    /// There is an identity service that accounts can be linked to.
    pub identity_service: bool,
}

/// How all accounts log in, and who is shut out.
#[utoipa::path(get, path = "/api/v1/security/log-ins", tag = "security",
    responses((status = 200, body = LogIns), (status = 401, body = Problem), (status = 403, body = Problem)))]
pub async fn log_ins(State(app): State<Arc<App>>, signed: Signed) -> Result<Json<LogIns>, Problem> {
    signed.need(Right::SecureLogIn)?;
    let (policy, now) = (app.log_in_policy().await?, app.clock.wall());
    let mut shut: BTreeMap<String, Instant> =
        app.store.attempts_shut(&app.jurisdiction, now, policy.bearing()).await?.into_iter().collect();
    let linked = app.store.identities(&app.jurisdiction).await?;
    let linked: BTreeSet<&str> = linked.iter().map(|link| link.account.as_str()).collect();
    let phones = app.store.account_phones(&app.jurisdiction, None).await?;
    let mut items = Vec::new();
    for s in app.store.standings(&app.jurisdiction, now).await? {
        let role: Option<Role> = s.account.role.parse().ok();
        let until = keys(&s.account).into_iter().filter_map(|key| shut.remove(&app.attempt_key(key))).max();
        items.push(LogInStanding {
            shut_until: until,
            password_at: s.password_at,
            password_once: s.password_once,
            second_factor: s.second_factor,
            second_factor_needed: role.is_some_and(|role| policy.second(role)),
            identity: linked.contains(s.account.account.as_str()),
            sessions: s.sessions,
            phone: phones.get(&s.account.account).map(|phone| mask_phone(phone)),
            role_name: role.map_or_else(|| s.account.role.clone(), |role| role.zh().to_owned()),
            account: s.account.account,
            login: s.account.login,
            name: s.account.name,
            active: s.account.active,
        });
    }
    Ok(Json(LogIns { items, unknown_shut: shut.len(), identity_service: app.oidc().is_some() }))
}

/// By what an account may be shut out.
fn keys(account: &Account) -> [Key<'_>; 2] {
    [Key::Login(&account.login), Key::SecondFactor(&account.account)]
}

async fn forget_failures(app: &App, deed: &mut Deed, account: &Account) -> Result<(), StoreError> {
    for key in keys(account) {
        deed.attempt_forget(&app.attempt_key(key), true).await?;
    }
    Ok(())
}

pub(super) async fn account(app: &App, key: &str) -> Result<Account, Problem> {
    let found = app.store.account(&app.jurisdiction, key).await?;
    found.ok_or_else(|| Problem::not_found("没有这个账户；请刷新查看"))
}

/// Lets somebody in again who was shut out.
#[utoipa::path(delete, path = "/api/v1/security/log-ins/{account}/shut", tag = "security", params(("account" = String, Path)),
    responses((status = 204), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem)))]
pub async fn unlock(State(app): State<Arc<App>>, signed: Signed, At(key): At<String>) -> Result<StatusCode, Problem> {
    signed.need(Right::SecureLogIn)?;
    let account = account(&app, &key).await?;
    let mut deed = app.deed().await?;
    forget_failures(&app, &mut deed, &account).await?;
    app.done(deed, &signed.actor, Act::done(ActKind::AccountUnlocked, &account.account).from(signed.from)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A password for one log-in, shown once, to be handed over in person.
#[derive(Serialize, ToSchema)]
pub struct InitialPassword {
    #[schema(value_type = String)]
    pub password: Secret,
}

impl std::fmt::Debug for InitialPassword {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("InitialPassword(…)")
    }
}

/// Gives an account a new password that must be changed at the first log-in; its sessions end.
#[utoipa::path(post, path = "/api/v1/security/log-ins/{account}/password", tag = "security", params(("account" = String, Path)),
    responses((status = 200, body = InitialPassword), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem)))]
pub async fn reset_password(
    State(app): State<Arc<App>>,
    signed: Signed,
    At(key): At<String>,
) -> Result<Json<InitialPassword>, Problem> {
    signed.need(Right::SecureLogIn)?;
    let account = account(&app, &key).await?;
    let policy = app.log_in_policy().await?;
    let password = initial_password(&policy, &account.login);
    let hash = app.hashing.hash(password.clone()).await;
    let mut deed = app.deed().await?;
    deed.password_put(&account.account, &hash, app.clock.wall(), true, policy.password_past).await?;
    deed.sessions_end(&account.account).await?;
    forget_failures(&app, &mut deed, &account).await?;
    app.tell(&mut deed, &account.account, Told::PasswordReset).await?;
    let act = Act::done(ActKind::PasswordChanged, &account.account).with(json!({ "once": true })).from(signed.from);
    app.done(deed, &signed.actor, act).await?;
    Ok(Json(InitialPassword { password }))
}

/// Takes the second factor of an account away, because the device is lost: the next log-in sets up another one where the role needs it.
#[utoipa::path(delete, path = "/api/v1/security/log-ins/{account}/second-factor", tag = "security", params(("account" = String, Path)),
    responses((status = 204), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem)))]
pub async fn reset_second_factor(
    State(app): State<Arc<App>>,
    signed: Signed,
    At(key): At<String>,
) -> Result<StatusCode, Problem> {
    signed.need(Right::SecureLogIn)?;
    let account = account(&app, &key).await?;
    let mut deed = app.deed().await?;
    if deed.totp_clear(&account.account).await? {
        app.tell(&mut deed, &account.account, Told::SecondFactorTaken).await?;
    }
    deed.sessions_end(&account.account).await?;
    let act = Act::done(ActKind::SecondFactorSet, &account.account).with(json!({ "cleared": true })).from(signed.from);
    app.done(deed, &signed.actor, act).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Ends all sessions of an account.
#[utoipa::path(delete, path = "/api/v1/security/log-ins/{account}/sessions", tag = "security", params(("account" = String, Path)),
    responses((status = 204), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem)))]
pub async fn end_sessions(
    State(app): State<Arc<App>>,
    signed: Signed,
    At(key): At<String>,
) -> Result<StatusCode, Problem> {
    signed.need(Right::SecureLogIn)?;
    let account = account(&app, &key).await?;
    let mut deed = app.deed().await?;
    deed.sessions_end(&account.account).await?;
    if account.account != signed.actor.id {
        app.tell(&mut deed, &account.account, Told::SessionsEnded).await?;
    }
    let act = Act::done(ActKind::SessionRevoked, &account.account).with(json!({ "session": "all" })).from(signed.from);
    app.done(deed, &signed.actor, act).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Where somebody hears of changes to their account.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AccountPhone {
    /// A mobile number of eleven digits; empty: none.
    pub phone: String,
}

impl std::fmt::Debug for AccountPhone {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("AccountPhone(…)")
    }
}

/// What was typed as a mobile number; nothing where nothing was.
pub(super) fn phone_typed(typed: &str) -> Result<Option<String>, Problem> {
    if typed.trim().is_empty() {
        return Ok(None);
    }
    let wrong = || Problem::invalid("phone", "请填写11位手机号码，以1开头；不再接收通知的，请留空");
    mobile(typed).map(Some).ok_or_else(wrong)
}

/// Sets where the owner of an account hears of changes to it; the number before hears that it was changed.
#[utoipa::path(put, path = "/api/v1/security/log-ins/{account}/phone", operation_id = "set_account_phone", tag = "security",
    params(("account" = String, Path)), request_body = AccountPhone,
    responses((status = 204), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem), (status = 422, body = Problem)))]
pub async fn set_phone(
    State(app): State<Arc<App>>,
    signed: Signed,
    At(key): At<String>,
    Body(given): Body<AccountPhone>,
) -> Result<StatusCode, Problem> {
    signed.need(Right::SecureLogIn)?;
    let account = account(&app, &key).await?;
    let phone = phone_typed(&given.phone)?;
    app.set_phone(Who::Signed(&signed.actor), signed.from, &account.account, phone.as_deref()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The rules for log-ins, and whether they are weaker than a centre may have them.
#[derive(Debug, Serialize, ToSchema)]
pub struct PolicyView {
    pub policy: Policy,
    /// Only a demo's are.
    pub weak: bool,
    /// Roles that can be asked for a second factor.
    pub roles: Vec<RoleView>,
}

/// A role with its name.
#[derive(Debug, Serialize, ToSchema)]
pub struct RoleView {
    pub code: Role,
    pub name: &'static str,
}

fn policy_view(policy: Policy) -> Json<PolicyView> {
    let staff = Role::ALL.iter().filter(|role| role.of_staff());
    let roles = staff.map(|role| RoleView { code: *role, name: role.zh() }).collect();
    Json(PolicyView { weak: policy.weak(), policy, roles })
}

/// The rules for log-ins.
#[utoipa::path(get, path = "/api/v1/security/policy", tag = "security",
    responses((status = 200, body = PolicyView), (status = 401, body = Problem), (status = 403, body = Problem)))]
pub async fn policy(State(app): State<Arc<App>>, signed: Signed) -> Result<Json<PolicyView>, Problem> {
    signed.need(Right::SecureLogIn)?;
    Ok(policy_view(app.log_in_policy().await?))
}

/// Changes the rules for log-ins; what changed is written down.
#[utoipa::path(put, path = "/api/v1/security/policy", tag = "security", request_body = Policy,
    responses((status = 200, body = PolicyView), (status = 401, body = Problem), (status = 403, body = Problem), (status = 422, body = Problem)))]
pub async fn change_policy(
    State(app): State<Arc<App>>,
    signed: Signed,
    Body(mut new): Body<Policy>,
) -> Result<Json<PolicyView>, Problem> {
    signed.need(Right::SecureLogIn)?;
    new.second_factor.sort();
    new.second_factor.dedup();
    new.check().map_err(|(field, detail)| Problem::invalid(field, detail))?;
    let before = app.log_in_policy().await?;
    let act = Act::done(ActKind::SettingChanged, POLICY_SETTING).with(changes(&before, &new)).from(signed.from);
    let mut deed = app.deed().await?;
    deed.setting_put(POLICY_SETTING, &new.text()).await?;
    app.done(deed, &signed.actor, act).await?;
    Ok(policy_view(new))
}

/// Each field that changed, as it was and as it is.
fn changes(before: &Policy, after: &Policy) -> serde_json::Value {
    let (before, after) = (json!(before), json!(after));
    let fields = after.as_object().into_iter().flatten();
    let changed = fields.filter(|(field, value)| before[field.as_str()] != **value);
    changed.map(|(field, value)| (field.clone(), json!([before[field.as_str()], value]))).collect()
}
