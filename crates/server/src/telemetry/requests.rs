//! Every request gets a name, by which its lines in the log are found; it is counted, and said in the log if it went wrong.

use std::time::Instant;

use axum::{
    extract::{MatchedPath, Request},
    http::{HeaderName, HeaderValue, Method},
    middleware::Next,
    response::Response,
};
use tracing::{Instrument, Span, field};

use super::figures;
use crate::app::random_token;

/// Carries the name of a request in its answer.
pub const HEADER: HeaderName = HeaderName::from_static("x-request-id");
/// Letters of a name: enough that two of a day differ.
const LETTERS: usize = 16;

tokio::task_local! {
    static NAME: String;
}

/// The name of the request that is being answered, if one is. Always ours: a name from outside could hold anything.
pub fn request_id() -> Option<String> {
    NAME.try_with(Clone::clone).ok()
}

/// Middleware around everything else.
pub async fn named(request: Request, next: Next) -> Response {
    let name: String = random_token().chars().take(LETTERS).collect();
    let route = request.extensions().get::<MatchedPath>().cloned();
    let route = route.as_ref().map_or("none", MatchedPath::as_str);
    let method = known(request.method());
    // At the level that is never left out: every line must tell its request.
    let span = tracing::error_span!("request", id = name, method, route, status = field::Empty);
    #[cfg(feature = "otel")]
    super::otel::follows(&span, request.headers());
    let began = Instant::now();
    let answering = async {
        let answer = next.run(request).await;
        said(&answer, began);
        answer
    };
    let mut answer = NAME.scope(name.clone(), answering).instrument(span).await;
    figures::request(method, route, answer.status().as_u16(), began.elapsed());
    if let Ok(value) = HeaderValue::from_str(&name) {
        answer.headers_mut().insert(HEADER, value);
    }
    answer
}

/// A method that somebody made up must not become a label.
fn known(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}

/// One line; those that went well only if somebody asked for them.
fn said(answer: &Response, began: Instant) {
    let status = answer.status().as_u16();
    let ms = began.elapsed().as_millis() as u64;
    Span::current().record("status", status);
    match status {
        500.. => tracing::warn!(status, ms, "answered"),
        400.. => tracing::info!(status, ms, "answered"),
        _ => tracing::debug!(status, ms, "answered"),
    }
}
