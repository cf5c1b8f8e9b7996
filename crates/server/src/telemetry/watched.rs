//! What is offered on the address of its own (`metrics`): the figures, and health for who looks at the process from there. Not on the
//! public address: how much a centre has to do, and how it is doing, is not for everybody.

use std::sync::Arc;

use axum::{
    Router,
    extract::State,
    http::header,
    response::{IntoResponse, Response},
    routing::get,
};
use jiesu_domain::Instant;
use tokio::time::timeout;

use super::{
    figures::{self, Database, Moment},
    not_ready,
    process::Process,
    ready::PATIENCE,
};
use crate::{api::problem::Problem, app::App};

const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// `/healthz` and `/readyz`, wherever they are served.
pub fn health(app: Arc<App>) -> Router {
    Router::new().route("/healthz", get(|| async { "ok\n" })).route("/readyz", get(ready)).with_state(app)
}

/// Everything on that address.
pub fn watched(app: Arc<App>) -> Router {
    Router::new().route("/metrics", get(metrics)).with_state(app.clone()).merge(health(app))
}

async fn ready(State(app): State<Arc<App>>) -> Response {
    match not_ready(&app).await {
        None => "ok\n".into_response(),
        Some(reason) => Problem::not_ready(reason).into_response(),
    }
}

async fn metrics(State(app): State<Arc<App>>) -> Response {
    let moment = Moment {
        listeners: app.live.listeners(),
        connections: app.store.connections(),
        database: timeout(PATIENCE, database(&app)).await.ok().flatten(),
        process: Process::now(),
    };
    match figures::text(&moment) {
        Ok(text) => ([(header::CONTENT_TYPE, OPEN_METRICS)], text).into_response(),
        Err(error) => Problem::internal(&error).into_response(),
    }
}

async fn database(app: &App) -> Option<Database> {
    let now = app.clock.now();
    let waiting = app.store.waiting(&app.jurisdiction, now).await.ok()?;
    let late = |since: Option<Instant>| since.map_or(0.0, |at| now.duration_since(at).as_secs_f64().max(0.0));
    Some(Database {
        message_late: late(waiting.first_message),
        timer_late: late(waiting.first_timer),
        journal: app.store.marks(&app.jurisdiction).await.ok()?.seq,
        waiting,
    })
}
