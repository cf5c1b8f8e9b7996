//! The citizen's portal: server-rendered pages and plain forms, no script, no account, no cookie.
//!
//! No rule is judged here, and nothing of other appellants, of staff or of quarrels between units is ever put on a page.
//! Personal data travels in the bodies of requests only: no address of the portal carries a number, a code, a name or a phone.

mod form;
mod home;
mod lookup;
mod page;
mod progress;
mod questions;
mod standing;
mod story;
mod submit;
mod withdraw;

use std::sync::Arc;

use axum::{
    Router,
    extract::{DefaultBodyLimit, RawQuery, Request},
    http::{HeaderValue, Method, StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::{get, post},
};

use tower_http::catch_panic::CatchPanicLayer;

use crate::{
    api::{self, problem::Problem},
    app::App,
};
use page::{Failure, css_version};

const CSS: &str = include_str!("portal.css");

/// The portal's routes.
pub fn router(app: Arc<App>) -> Router {
    let wrong_way = || async {
        Failure::new(StatusCode::METHOD_NOT_ALLOWED, "不能这样打开这个页面", "请从首页重新进入")
    };
    Router::new()
        .route("/", get(home::home).fallback(wrong_way))
        .route("/questions", get(questions::newest).post(questions::found).fallback(wrong_way))
        .route("/questions/{entry}/files/{file}", get(questions::file).fallback(wrong_way))
        .route("/about", get(home::about).fallback(wrong_way))
        .route(
            "/submit",
            get(submit::form)
                .post(submit::submit)
                .fallback(wrong_way)
                .layer(DefaultBodyLimit::max(usize::try_from(app.limits().portal_body()).unwrap_or(usize::MAX))),
        )
        .route("/progress", get(progress::ask).post(progress::show).fallback(wrong_way))
        // Who reloads or types the address after rating gets the form to ask for progress.
        .route("/rate", post(progress::rate).get(progress::ask).fallback(wrong_way))
        .route("/withdraw", post(withdraw::withdraw).get(progress::ask).fallback(wrong_way))
        .route("/portal.css", get(css))
        .layer(middleware::from_fn(guard))
        .layer(CatchPanicLayer::custom(|_panic: Box<dyn std::any::Any + Send>| {
            Failure::from(Problem::internal(&std::io::Error::other("a page panicked"))).into_response()
        }))
        .with_state(app)
}

/// The page for an address that does not exist.
pub fn not_found() -> Response {
    Failure::new(StatusCode::NOT_FOUND, "没有这个页面", "地址可能写错了，或页面已经移走").into_response()
}

/// The page for who asks too often.
pub fn too_often(seconds: u64) -> Response {
    let detail = format!(
        "您的网络地址在短时间内打开或提交的次数过多。请{seconds}秒后再试，已填写的内容一般还在；紧急情况请拨打12345"
    );
    let page = Failure::new(StatusCode::TOO_MANY_REQUESTS, "操作过于频繁", detail);
    ([(header::RETRY_AFTER, HeaderValue::from(seconds))], page).into_response()
}

/// Turns foreign forms away and keeps pages out of caches unless they say otherwise.
///
/// The pages set the referrer policy `same-origin`: with `no-referrer` browsers send `Origin: null` with our own forms.
async fn guard(request: Request, next: Next) -> Response {
    let changes = !matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    let mut response = if changes && api::foreign(request.headers()) {
        let detail = "这份表单不是从本网站的页面提交的，没有保存任何内容。请从首页重新填写";
        Failure::new(StatusCode::FORBIDDEN, "已拒绝提交", detail).into_response()
    } else {
        next.run(request).await
    };
    response.headers_mut().entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

async fn css(RawQuery(query): RawQuery) -> Response {
    let named = query.is_some_and(|q| q.strip_prefix("v=") == Some(css_version()));
    let cache = if named { "public, max-age=31536000, immutable" } else { "no-cache" };
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8"), (header::CACHE_CONTROL, cache)], CSS).into_response()
}
