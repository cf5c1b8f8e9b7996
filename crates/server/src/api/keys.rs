//! Keys of platforms and gateways, looked after by the security administrator. A key is shown once, when it is made.

use std::sync::Arc;

use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use jiesu_domain::{Instant, access::Right, audit::ActKind, ticket::Action};
use jiesu_store::ApiKey;
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::{
    auth::Signed,
    body::Body,
    problem::{At, Problem},
};
use crate::{
    app::{Act, App},
    login::NewKey,
};

const NAME_MOST: usize = 50;
/// Requests a minute of one key.
const RATE_MOST: u32 = 6_000;
/// Hours for which a key that was replaced is still good.
const OVERLAP_MOST: u32 = 30 * 24;

/// A key as it is listed.
#[derive(Debug, Serialize, ToSchema)]
pub struct KeyView {
    pub id: String,
    pub name: String,
    pub scopes: Vec<String>,
    pub rate: u32,
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Instant,
    pub created_by: String,
    #[schema(value_type = String, format = DateTime)]
    pub expires_at: Instant,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub used_at: Option<Instant>,
    /// It is over.
    pub ended: bool,
}

fn view(app: &App, key: ApiKey) -> KeyView {
    KeyView {
        ended: key.expires_at <= app.clock.wall(),
        created_by: app.account_name(&key.created_by),
        id: key.key_id,
        name: key.name,
        scopes: key.scopes,
        rate: key.rate,
        created_at: key.created_at,
        expires_at: key.expires_at,
        used_at: key.used_at,
    }
}

/// What a key can be good for.
#[derive(Debug, Serialize, ToSchema)]
pub struct Scope {
    pub code: Action,
    pub name: &'static str,
}

/// All keys, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct Keys {
    pub items: Vec<KeyView>,
    pub scopes: Vec<Scope>,
    /// Most days that a key lives.
    pub days_most: u32,
}

/// All keys, those that are over too.
#[utoipa::path(get, path = "/api/v1/security/keys", operation_id = "keys", tag = "security",
    responses((status = 200, body = Keys), (status = 401, body = Problem), (status = 403, body = Problem)))]
pub async fn list(State(app): State<Arc<App>>, signed: Signed) -> Result<Json<Keys>, Problem> {
    signed.need(Right::ManageKeys)?;
    let items = app.store.api_keys(&app.jurisdiction).await?.into_iter().map(|key| view(&app, key)).collect();
    let scopes = NewKey::possible().into_iter().map(|code| Scope { code, name: code.zh() }).collect();
    Ok(Json(Keys { items, scopes, days_most: app.log_in_policy().await?.key_days }))
}

/// What a key is to be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct KeyForm {
    /// The platform's name; tickets that are passed on to this name it sees.
    pub name: String,
    pub scopes: Vec<Action>,
    /// Requests a minute.
    pub rate: u32,
    /// Days until it ends.
    pub days: u32,
}

/// A key, shown this once.
#[derive(Serialize, ToSchema)]
pub struct MadeKey {
    /// To be shown as `Authorization: Bearer …`.
    pub secret: String,
    pub key: KeyView,
}

impl std::fmt::Debug for MadeKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MadeKey").field("key", &self.key).finish_non_exhaustive()
    }
}

/// Makes a key.
#[utoipa::path(post, path = "/api/v1/security/keys", operation_id = "make_key", tag = "security", request_body = KeyForm,
    responses((status = 201, body = MadeKey), (status = 401, body = Problem), (status = 403, body = Problem), (status = 422, body = Problem)))]
pub async fn make(State(app): State<Arc<App>>, signed: Signed, Body(form): Body<KeyForm>) -> Result<Response, Problem> {
    signed.need(Right::ManageKeys)?;
    let new = checked(&app, form).await?;
    let scopes: Vec<&str> = new.scopes.iter().map(|action| action.code()).collect();
    let detail = json!({ "scopes": scopes, "until": new.expires_at.to_string() });
    let mut deed = app.deed().await?;
    let (secret, key) = app.make_key_in(&mut deed, &new, &signed.actor).await?;
    app.done(deed, &signed.actor, Act::done(ActKind::KeyMade, &new.name).with(detail).from(signed.from)).await?;
    shown(&app, secret, key).await
}

async fn checked(app: &App, form: KeyForm) -> Result<NewKey, Problem> {
    let name = form.name.trim().to_owned();
    if name.is_empty() || name.chars().count() > NAME_MOST {
        return Err(Problem::invalid("name", format!("请填写平台名称，1至{NAME_MOST}个字")));
    }
    let mut scopes = form.scopes;
    scopes.sort();
    scopes.dedup();
    if scopes.is_empty() || !scopes.iter().all(|scope| NewKey::possible().contains(scope)) {
        return Err(Problem::invalid("scopes", "请至少选一项其他平台可以做的事"));
    }
    if !(1..=RATE_MOST).contains(&form.rate) {
        return Err(Problem::invalid("rate", format!("每分钟次数应为1至{RATE_MOST}")));
    }
    let expires_at = until(app, form.days).await?;
    Ok(NewKey { name, scopes, rate: form.rate, expires_at })
}

async fn until(app: &App, days: u32) -> Result<Instant, Problem> {
    let most = app.log_in_policy().await?.key_days;
    if !(1..=most).contains(&days) {
        return Err(Problem::invalid("days", format!("有效期应为1至{most}天")));
    }
    let now = app.clock.wall();
    Ok(now.checked_add(SignedDuration::from_hours(i64::from(days) * 24)).unwrap_or(now))
}

async fn shown(app: &App, secret: String, key: ApiKey) -> Result<Response, Problem> {
    // The platform's name stands in time lines from now on.
    app.reload().await.map_err(|e| Problem::internal(&e))?;
    let made = MadeKey { secret, key: view(app, key) };
    Ok((StatusCode::CREATED, [("cache-control", "no-store")], Json(made)).into_response())
}

/// How a key is replaced.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Rotation {
    /// Hours for which the old key is still good.
    pub overlap_hours: u32,
    /// Days until the new one ends.
    pub days: u32,
}

async fn found(app: &App, id: &str) -> Result<ApiKey, Problem> {
    let now = app.clock.wall();
    let keys = app.store.api_keys(&app.jurisdiction).await?;
    let found = keys.into_iter().find(|key| key.key_id == id && key.expires_at > now);
    found.ok_or_else(|| Problem::not_found("没有这把密钥，或已停用；请刷新查看"))
}

/// Replaces a key by a new one for the same platform and good for the same; the old one ends after the overlap.
#[utoipa::path(post, path = "/api/v1/security/keys/{id}/rotation", operation_id = "rotate_key", tag = "security", params(("id" = String, Path)), request_body = Rotation,
    responses((status = 201, body = MadeKey), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem), (status = 422, body = Problem)))]
pub async fn rotate(
    State(app): State<Arc<App>>,
    signed: Signed,
    At(id): At<String>,
    Body(rotation): Body<Rotation>,
) -> Result<Response, Problem> {
    signed.need(Right::ManageKeys)?;
    let old = found(&app, &id).await?;
    if rotation.overlap_hours > OVERLAP_MOST {
        return Err(Problem::invalid("overlap_hours", format!("新旧并用最多{OVERLAP_MOST}小时")));
    }
    let expires_at = until(&app, rotation.days).await?;
    let detail = json!({ "id": id, "overlap_hours": rotation.overlap_hours, "until": expires_at.to_string() });
    let overlap = SignedDuration::from_hours(rotation.overlap_hours.into());
    let mut deed = app.deed().await?;
    let (secret, key) = app.rotate_key(&mut deed, &old, expires_at, overlap, &signed.actor).await?;
    app.done(deed, &signed.actor, Act::done(ActKind::KeyRotated, &old.name).with(detail).from(signed.from)).await?;
    shown(&app, secret, key).await
}

/// Ends a key at once.
#[utoipa::path(delete, path = "/api/v1/security/keys/{id}", operation_id = "revoke_key", tag = "security", params(("id" = String, Path)),
    responses((status = 204), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem)))]
pub async fn revoke(State(app): State<Arc<App>>, signed: Signed, At(id): At<String>) -> Result<StatusCode, Problem> {
    signed.need(Right::ManageKeys)?;
    let key = found(&app, &id).await?;
    let act = Act::done(ActKind::KeyRevoked, &key.name).with(json!({ "id": id })).from(signed.from);
    let mut deed = app.deed().await?;
    deed.api_key_end(&id, app.clock.wall()).await?;
    app.done(deed, &signed.actor, act).await?;
    Ok(StatusCode::NO_CONTENT)
}
