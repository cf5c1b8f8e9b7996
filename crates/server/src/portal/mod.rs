//! The citizen's portal: server-rendered, works without JavaScript.

use std::sync::Arc;

use axum::{
    Router,
    http::StatusCode,
    response::{Html, IntoResponse, Response},
};

use crate::app::App;

pub fn router(_app: Arc<App>) -> Router {
    Router::new()
}

pub fn not_found() -> Response {
    (StatusCode::NOT_FOUND, Html("没有这个页面")).into_response()
}
