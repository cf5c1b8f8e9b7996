//! What browsers are told about every answer: what it may load and run, who may frame or read it, and that they come back by TLS only.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, header},
    middleware::Next,
    response::Response,
};

use crate::app::{App, random_token};

/// Neither script nor style stands in a page; nothing comes from elsewhere; nobody puts our pages into theirs.
const CSP: &str = "default-src 'self'; img-src 'self' data:; object-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'";
/// A year, as browsers' own lists ask for.
const HSTS: &str = "max-age=31536000";
/// Where the console's page has the number that its styles show ([`with_nonce`]).
const PLACE: &str = "__NONCE__";
/// Letters of that number: 128 bits and more.
const LETTERS: usize = 32;

const ALWAYS: [(HeaderName, &str); 6] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (
        HeaderName::from_static("permissions-policy"),
        "camera=(), microphone=(), geolocation=(), payment=(), usb=(), serial=(), bluetooth=()",
    ),
];

/// The layer around everything.
pub(super) async fn layer(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let api = request.uri().path().starts_with("/api/");
    let mut answer = next.run(request).await;
    let headers = answer.headers_mut();
    for (name, value) in ALWAYS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    let unless_said = |headers: &mut HeaderMap, name: HeaderName, value| {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    };
    unless_said(headers, header::CONTENT_SECURITY_POLICY, CSP);
    if app.https() {
        unless_said(headers, header::STRICT_TRANSPORT_SECURITY, HSTS);
    }
    if api {
        // What the staff sees stays in no cache between.
        unless_said(headers, header::CACHE_CONTROL, "no-store");
    }
    answer
}

/// The console's page with a number that nobody can guess, and the policy that lets styles in that show it: antd makes its styles as it
/// runs. The number is another one each time.
pub(super) fn with_nonce(page: &[u8]) -> (Vec<u8>, HeaderValue) {
    let nonce: String = random_token().chars().take(LETTERS).collect();
    let page = String::from_utf8_lossy(page).replace(PLACE, &nonce).into_bytes();
    let policy = format!("{CSP}; style-src 'self' 'nonce-{nonce}'");
    (page, HeaderValue::from_str(&policy).unwrap_or(HeaderValue::from_static(CSP)))
}
