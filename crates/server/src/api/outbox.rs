//! What was sent to appellants: the viewer of the message outbox.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Query, State, rejection::QueryRejection},
};
use jiesu_domain::{Instant, access::Right};
use jiesu_store::{OutboxFilter, OutboxState};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{auth::Signed, problem::Problem};
use crate::{app::App, view::mask_phone, worker};

/// Page of the outbox.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct OutboxQuery {
    pub cursor: Option<String>,
}

/// A message with its number masked and its query code hidden.
#[derive(Debug, Serialize, ToSchema)]
pub struct OutboxItem {
    pub id: i64,
    pub ticket: String,
    pub kind: String,
    pub label: String,
    pub to: String,
    pub text: String,
    /// `pending`, `sent` or `failed`.
    pub state: &'static str,
    pub state_name: &'static str,
    #[schema(value_type = String, format = DateTime)]
    pub at: Instant,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// A page of the outbox, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct OutboxPage {
    pub items: Vec<OutboxItem>,
    pub next: Option<String>,
}

/// Messages to appellants, newest first.
#[utoipa::path(get, path = "/api/v1/outbox", operation_id = "outbox", tag = "outbox", params(OutboxQuery),
    responses((status = 200, body = OutboxPage), (status = 401, body = Problem), (status = 403, body = Problem)))]
pub async fn list(
    State(app): State<Arc<App>>,
    signed: Signed,
    query: Result<Query<OutboxQuery>, QueryRejection>,
) -> Result<Json<OutboxPage>, Problem> {
    let Query(q) = query?;
    signed.need(Right::ViewOutbox)?;
    let page = app.store.outbox(&app.jurisdiction, &OutboxFilter::default(), q.cursor.as_deref(), 50).await;
    let page = page.map_err(Problem::of_page)?;
    let mut items = Vec::with_capacity(page.items.len());
    for row in page.items {
        let letter = worker::letter(&app, &row).await?;
        items.push(OutboxItem {
            id: row.id,
            ticket: row.ticket,
            kind: row.kind,
            label: letter.label,
            to: letter.phone.as_deref().map_or_else(|| "（没有号码）".to_owned(), mask_phone),
            text: if letter.code.is_empty() { letter.text } else { letter.text.replace(&letter.code, "********") },
            state: row.state.as_str(),
            state_name: match row.state {
                OutboxState::Pending => "待发送",
                OutboxState::Sent => "已发送",
                OutboxState::Failed => "未能发送",
            },
            at: row.done_at.unwrap_or(row.next_at),
            error: row.error,
        });
    }
    Ok(Json(OutboxPage { items, next: page.next }))
}
