//! One process: API, console, portal and worker on one address.

mod door;
mod files;
mod headers;
mod life;
mod systemd;
mod tls;

use std::sync::Arc;

use axum::{
    Router,
    extract::DefaultBodyLimit,
    http::{HeaderMap, StatusCode, Uri, header},
    middleware,
    response::{IntoResponse, Redirect, Response},
    routing::get,
};
use rust_embed::RustEmbed;
use tower_http::{
    catch_panic::CatchPanicLayer,
    compression::{CompressionLayer, DefaultPredicate, Predicate},
};

pub use door::{Door, Peer};
pub use files::as_many_files_as_granted;
pub use life::{Signals, serve};
pub use systemd::{handed_over, tell};
pub use tls::{Tls, TlsError, TlsFiles, ask_own};

use crate::{
    api::{self, problem::Problem},
    app::App,
    evidence, portal, rate, telemetry,
};

/// The console as built by `npm run build`.
#[derive(RustEmbed)]
#[folder = "../../web/dist"]
#[allow_missing = true]
struct Console;

/// Everything that is served.
pub fn router(app: Arc<App>) -> Router {
    let body_most = usize::try_from(app.limits().body).unwrap_or(usize::MAX);
    Router::new()
        .merge(api::router(app.clone()))
        .merge(portal::router(app.clone()))
        .route("/console", get(|| async { Redirect::permanent("/console/") }))
        .route("/console/", get(|| async { console("index.html") }))
        .route("/console/{*path}", get(console_file))
        .merge(evidence::router(app.clone()))
        .merge(telemetry::health(app.clone()))
        .fallback(unknown)
        .layer(middleware::from_fn_with_state(app.clone(), rate::by_address))
        .layer(DefaultBodyLimit::max(body_most))
        .layer(CompressionLayer::new().compress_when(DefaultPredicate::new().and(no_file)))
        .layer(CatchPanicLayer::custom(|_panic: Box<dyn std::any::Any + Send>| {
            tracing::error!("a handler panicked");
            Problem::internal(&std::io::Error::other("panic")).into_response()
        }))
        .layer(middleware::from_fn_with_state(app, headers::layer))
        .layer(middleware::from_fn(telemetry::named))
}

/// Files go out as they are: their length and their parts are told, and most are compressed already.
fn no_file(_: StatusCode, _: axum::http::Version, headers: &HeaderMap, _: &axum::http::Extensions) -> bool {
    !headers.contains_key(header::CONTENT_DISPOSITION)
}

async fn unknown(uri: Uri) -> Response {
    if uri.path().starts_with("/api/") {
        return Problem::not_found("没有这个接口").into_response();
    }
    portal::not_found()
}

async fn console_file(uri: Uri) -> Response {
    let path = uri.path().trim_start_matches("/console/");
    // Addresses of the console's own pages are all the one page.
    if Console::get(path).is_some() { console(path) } else { console("index.html") }
}

fn console(path: &str) -> Response {
    let Some(file) = Console::get(path) else {
        return (StatusCode::NOT_FOUND, "控制台尚未构建：请先在 web 目录运行 npm run build，再重新编译\n")
            .into_response();
    };
    let mime = file.metadata.mimetype().to_owned();
    let mime = if mime.starts_with("text/") { format!("{mime}; charset=utf-8") } else { mime };
    // Built files carry a hash in their names.
    if path == "index.html" {
        let (page, policy) = headers::with_nonce(&file.data);
        let said = [(header::CONTENT_TYPE, mime), (header::CACHE_CONTROL, "no-store".to_owned())];
        return (said, [(header::CONTENT_SECURITY_POLICY, policy)], page).into_response();
    }
    let cache = if path.starts_with("assets/") { "public, max-age=31536000, immutable" } else { "no-cache" };
    ([(header::CONTENT_TYPE, mime.as_str()), (header::CACHE_CONTROL, cache)], file.data).into_response()
}
