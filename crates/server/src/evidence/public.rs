//! The anchors at a public address, for whoever wants to keep them. They tell how many entries there are and nothing of what they say.

use std::sync::Arc;

use axum::{
    Router,
    extract::{Path, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};

use crate::app::{App, digest};

const TEXT: &str = "text/plain; charset=utf-8";

/// `/anchors`: a line for each, its day and the SM3 of its text; `/anchors/latest` and `/anchors/2026-11-22`: the text.
pub fn router(app: Arc<App>) -> Router {
    Router::new().route("/anchors", get(list)).route("/anchors/{day}", get(one)).with_state(app)
}

async fn list(State(app): State<Arc<App>>) -> Response {
    match app.store.anchors(&app.jurisdiction).await {
        Ok(all) => {
            let lines: String = all.iter().map(|a| format!("{} {}\n", a.day, digest(&a.content))).collect();
            ([(header::CONTENT_TYPE, TEXT), (header::CACHE_CONTROL, "no-cache")], lines).into_response()
        }
        Err(error) => failed(&error),
    }
}

async fn one(State(app): State<Arc<App>>, Path(day): Path<String>) -> Response {
    let wanted = Some(day.as_str()).filter(|day| *day != "latest");
    match app.store.anchor(&app.jurisdiction, wanted).await {
        Ok(Some(anchor)) => {
            ([(header::CONTENT_TYPE, TEXT), (header::CACHE_CONTROL, "no-cache")], anchor.content).into_response()
        }
        Ok(None) => (StatusCode::NOT_FOUND, [(header::CONTENT_TYPE, TEXT)], "这一天没有存证\n").into_response(),
        Err(error) => failed(&error),
    }
}

fn failed(error: &dyn std::error::Error) -> Response {
    tracing::error!(%error, "anchors could not be read");
    let said = "暂时读不到存证，请稍后再试\n";
    (StatusCode::SERVICE_UNAVAILABLE, [(header::CONTENT_TYPE, TEXT)], said).into_response()
}
