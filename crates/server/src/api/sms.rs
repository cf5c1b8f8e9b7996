//! Short messages that the gateway brings. It shows a secret of its own; nobody's session opens this.

use std::sync::Arc;

use axum::{
    Json,
    extract::{FromRequestParts, State},
    http::{header, request::Parts},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{body::Body, problem::Problem};
use crate::app::{App, Message};

const ID_MOST: usize = 100;

/// The gateway, by `Authorization: Bearer …`.
#[derive(Debug)]
pub struct Gateway;

impl FromRequestParts<Arc<App>> for Gateway {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Problem> {
        let shown = parts.headers.get(header::AUTHORIZATION).and_then(|v| v.to_str().ok());
        match shown.and_then(|v| v.strip_prefix("Bearer ")) {
            Some(secret) if app.is_gateway(secret.trim()) => Ok(Gateway),
            _ => Err(Problem {
                detail: "短信网关的密钥不对，或没有配置（sms_secret）".into(),
                ..Problem::unauthenticated()
            }),
        }
    }
}

/// A short message from an appellant.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct IncomingSms {
    pub from: String,
    pub text: String,
    /// The gateway's id; the same again changes nothing.
    pub id: String,
}

impl std::fmt::Debug for IncomingSms {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("IncomingSms(…)")
    }
}

/// What became of it.
#[derive(Debug, Serialize, ToSchema)]
pub struct TakenSms {
    /// `taken`, `asked-which` or `unmatched`.
    pub outcome: &'static str,
}

/// Takes a short message: the rating of the one ticket that waits for it.
#[utoipa::path(post, path = "/api/v1/sms/incoming", tag = "channels", request_body = IncomingSms,
    responses((status = 200, body = TakenSms), (status = 401, body = Problem), (status = 422, body = Problem)))]
pub async fn incoming(
    _gateway: Gateway,
    State(app): State<Arc<App>>,
    Body(sms): Body<IncomingSms>,
) -> Result<Json<TakenSms>, Problem> {
    let id = sms.id.trim();
    if id.is_empty() || id.chars().count() > ID_MOST {
        return Err(Problem::invalid("id", format!("消息编号应为1至{ID_MOST}个字符")));
    }
    let heard = app.hear(&Message { from: &sms.from, text: &sms.text, id }).await?;
    tracing::info!(outcome = heard.code(), "short message");
    Ok(Json(TakenSms { outcome: heard.code() }))
}
