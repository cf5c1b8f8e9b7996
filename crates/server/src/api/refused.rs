//! Every attempt of a signed-in person that was refused for want of a right, or that asked for what they may not see, is written down here:
//! no handler has to think of it. What is not there and what may not be seen are written alike, and after the answer, so that neither the
//! answer nor the time it takes tells which it was.

use std::sync::{Arc, OnceLock};

use axum::{
    extract::{Request, State},
    http::StatusCode,
    middleware::Next,
    response::Response,
};
use jiesu_domain::{Actor, audit::ActKind};
use serde_json::json;

use crate::{
    app::{Act, App, Who},
    rate,
};

/// Who is asking, told by the extractor to the layer around the handlers.
#[derive(Clone, Debug, Default)]
pub(super) struct Asking(Arc<OnceLock<Actor>>);

impl Asking {
    pub(super) fn is(&self, actor: &Actor) {
        let _ = self.0.set(actor.clone());
    }
}

/// The layer.
pub(super) async fn written_down(State(app): State<Arc<App>>, mut request: Request, next: Next) -> Response {
    let asking = Asking::default();
    request.extensions_mut().insert(asking.clone());
    let from = rate::origin(request.extensions());
    let (method, path) = (request.method().to_string(), request.uri().path().to_owned());
    let response = next.run(request).await;
    let kind = match response.status() {
        StatusCode::FORBIDDEN => ActKind::Forbidden,
        StatusCode::NOT_FOUND => ActKind::OutOfSight,
        _ => return response,
    };
    let who = asking.0.get();
    if kind == ActKind::Forbidden || who.is_some() {
        let act = Act::refused(kind, path).with(json!({ "method": method })).from(from);
        // A refused attempt is only sent on its way here, which cannot fail.
        let _ = app.audit(who.map_or(Who::Nobody, Who::Signed), act).await;
    }
    response
}
