//! The HTTP API under `/api/v1`. Conventions are in `docs/api.md`; `docs/openapi.json` is generated from here.

pub mod audit;
pub mod auth;
pub mod body;
pub mod catalogue;
mod centres;
pub mod clock;
pub mod commands;
mod document;
pub mod duty;
pub mod erasures;
pub mod exports;
pub mod files;
pub mod forms;
pub mod hints;
pub mod hot;
pub mod hot_export;
pub mod keys;
pub mod knowledge;
pub mod knowledge_figures;
pub mod knowledge_files;
pub mod live;
pub mod matters;
pub mod oidc;
pub mod organisation;
pub mod outbox;
pub mod own;
pub mod problem;
pub mod proposals;
pub mod reference;
mod refused;
pub mod reveal;
pub mod review;
pub mod security;
pub mod session;
pub mod sms;
pub mod tickets;

use std::sync::Arc;

use axum::{
    Router,
    extract::Request,
    http::{HeaderMap, HeaderName, Method, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
};
use utoipa::OpenApi;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::app::App;
use problem::Problem;

#[derive(OpenApi)]
#[openapi(
    info(title = "Jiesu 接诉", description = "Staff API of a 12345 hotline centre. Conventions: docs/api.md"),
    tags(
        (name = "session", description = "Logging in and out"),
        (name = "account", description = "The own password, second factor and sessions"),
        (name = "security", description = "What the security administrator looks after"),
        (name = "tickets", description = "Tickets and everything done to them"),
        (name = "files", description = "Attachments: upload that can be resumed, download"),
        (name = "duty", description = "Shifts, who is down for them, who takes calls now, what was worked"),
        (name = "organisation", description = "Units, accounts, posts, handovers"),
        (name = "knowledge", description = "What seats answer from: entries, questions to units, review, samples"),
        (name = "hints", description = "What an auditor may look at in a reply"),
        (name = "matters", description = "Which tickets are one matter, and which matters are hot"),
        (name = "reference", description = "What forms choose from"),
        (name = "outbox", description = "Messages to appellants"),
        (name = "audit", description = "What was done in the system besides acts on tickets"),
        (name = "exports", description = "Lists that leave the system, and which did"),
        (name = "privacy", description = "Who opened what of appellants; what is to be erased"),
        (name = "clock", description = "The centre's time"),
        (name = "channels", description = "What gateways bring"),
    )
)]
struct Api;

fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::with_openapi(Api::openapi())
        .routes(routes!(session::log_in, session::who, session::log_out))
        .routes(routes!(session::second_factor))
        .routes(routes!(oidc::services))
        .routes(routes!(oidc::start))
        .routes(routes!(oidc::callback))
        .routes(routes!(oidc::link, oidc::unlink))
        .routes(routes!(own::own))
        .routes(routes!(own::password))
        .routes(routes!(own::phone))
        .routes(routes!(own::consider))
        .routes(routes!(own::offered, own::confirmed))
        .routes(routes!(own::sessions))
        .routes(routes!(own::end_session))
        .routes(routes!(security::log_ins))
        .routes(routes!(security::unlock))
        .routes(routes!(security::reset_password))
        .routes(routes!(security::reset_second_factor))
        .routes(routes!(security::end_sessions))
        .routes(routes!(security::set_phone))
        .routes(routes!(security::policy, security::change_policy))
        .routes(routes!(keys::list, keys::make))
        .routes(routes!(keys::rotate))
        .routes(routes!(keys::revoke))
        .routes(routes!(tickets::list, tickets::register))
        .routes(routes!(tickets::counts))
        .routes(routes!(tickets::get))
        .routes(routes!(live::events))
        .routes(routes!(commands::command))
        .routes(routes!(commands::attach))
        .routes(routes!(reveal::reveal))
        .routes(routes!(commands::caller))
        .routes(routes!(proposals::proposals))
        .routes(routes!(proposals::figures))
        .routes(routes!(proposals::switch))
        .routes(routes!(files::begin))
        .routes(routes!(files::download))
        .routes(routes!(files::stands, files::piece, files::give_up))
        .routes(routes!(files::finish))
        .routes(routes!(duty::duty))
        .routes(routes!(duty::put_down))
        .routes(routes!(duty::set_shifts))
        .routes(routes!(duty::own, duty::say))
        .routes(routes!(duty::figures))
        .routes(routes!(centres::list))
        .routes(routes!(organisation::organisation))
        .routes(routes!(organisation::put_unit))
        .routes(routes!(organisation::accounts, organisation::new_account))
        .routes(routes!(organisation::put_account))
        .routes(routes!(organisation::posts))
        .routes(routes!(organisation::give_post))
        .routes(routes!(organisation::end_post))
        .routes(routes!(organisation::handovers))
        .routes(routes!(knowledge::list, knowledge::create))
        .routes(routes!(knowledge::search))
        .routes(routes!(knowledge::choices))
        .routes(routes!(knowledge_figures::figures))
        .routes(routes!(knowledge_figures::samples, knowledge_figures::draw))
        .routes(routes!(knowledge_figures::sample))
        .routes(routes!(knowledge::get))
        .routes(routes!(knowledge::command))
        .routes(routes!(knowledge::cited))
        .routes(routes!(knowledge_files::begin))
        .routes(routes!(knowledge_files::finish))
        .routes(routes!(knowledge_files::download))
        .routes(routes!(matters::similar))
        .routes(routes!(matters::similar_to))
        .routes(routes!(matters::not_one_matter))
        .routes(routes!(hints::of_reply))
        .routes(routes!(hints::kinds, hints::switch))
        .routes(routes!(hot::list))
        .routes(routes!(hot::get))
        .routes(routes!(hot_export::export))
        .routes(routes!(reference::units))
        .routes(routes!(catalogue::catalogue))
        .routes(routes!(catalogue::versions))
        .routes(routes!(catalogue::changed))
        .routes(routes!(reference::rulebook))
        .routes(routes!(forms::forms))
        .routes(routes!(outbox::list))
        .routes(routes!(audit::list))
        .routes(routes!(audit::export))
        .routes(routes!(exports::list, exports::export))
        .routes(routes!(review::access))
        .routes(routes!(erasures::list, erasures::ask))
        .routes(routes!(erasures::decide))
        .routes(routes!(erasures::keep))
        .routes(routes!(clock::get, clock::set))
        .routes(routes!(sms::incoming))
}

/// The OpenAPI document as committed in `docs/openapi.json`.
pub fn openapi() -> utoipa::openapi::OpenApi {
    document::complete(routes().to_openapi())
}

/// The API's routes, with what is unknown answered by a problem and foreign origins turned away.
pub fn router(app: Arc<App>) -> Router {
    let (router, _) = routes().split_for_parts();
    let router = router.method_not_allowed_fallback(async || Problem::no_such_method());
    router
        .layer(middleware::from_fn(same_origin))
        .layer(middleware::from_fn_with_state(app.clone(), refused::written_down))
        .with_state(app)
}

/// A page of another site cannot make a signed-in browser change anything: the cookie is `SameSite=Strict`, and what the browser says of
/// the page that sends must be ours.
async fn same_origin(request: Request, next: Next) -> Response {
    let changes = !matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    if changes && foreign(request.headers()) {
        return Problem::forbidden("请求来自其他网站，已拒绝").into_response();
    }
    next.run(request).await
}

/// Whether the browser says that another site's page sends this. `Sec-Fetch-Site`, which no page can set, is believed where it is there:
/// behind a proxy that rewrites `Host` the two names differ. Browsers leave it out on plain HTTP; then `Origin` must be our host. What says
/// neither is no browser, and has no cookie that a page could have it use.
pub(crate) fn foreign(headers: &HeaderMap) -> bool {
    let text = |name: HeaderName| headers.get(name).and_then(|v| v.to_str().ok());
    if let Some(site) = text(HeaderName::from_static("sec-fetch-site")) {
        return !matches!(site, "same-origin" | "none");
    }
    let Some(origin) = text(header::ORIGIN) else { return false };
    let host = origin.split_once("://").map(|(_, host)| host);
    host.is_none() || host != text(header::HOST)
}
