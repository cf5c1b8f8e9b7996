//! Short messages that the gateway brings. It shows a key that is good for ratings by text; nobody's session opens this.

use std::sync::Arc;

use axum::{Json, extract::State};
use jiesu_domain::ticket::Action;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{auth::Signed, body::Body, problem::Problem};
use crate::app::{App, Message};

const ID_MOST: usize = 100;

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
    responses((status = 200, body = TakenSms), (status = 401, body = Problem), (status = 403, body = Problem), (status = 422, body = Problem)))]
pub async fn incoming(
    gateway: Signed,
    State(app): State<Arc<App>>,
    Body(sms): Body<IncomingSms>,
) -> Result<Json<TakenSms>, Problem> {
    if gateway.platform().is_none() {
        return Err(Problem::forbidden("只有短信网关的密钥可以推送来信"));
    }
    gateway.within(Action::RateByText)?;
    let id = sms.id.trim();
    if id.is_empty() || id.chars().count() > ID_MOST {
        return Err(Problem::invalid("id", format!("消息编号应为1至{ID_MOST}个字符")));
    }
    let heard = app.hear(&Message { from: &sms.from, text: &sms.text, id }).await?;
    tracing::info!(outcome = heard.code(), "short message");
    Ok(Json(TakenSms { outcome: heard.code() }))
}
