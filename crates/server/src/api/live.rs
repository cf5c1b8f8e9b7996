//! Changes of tickets as server-sent events, so that a screen need not ask.

use std::{convert::Infallible, sync::Arc, time::Duration};

use axum::{
    extract::{FromRequestParts, State},
    http::{HeaderName, HeaderValue, request::Parts},
    response::{
        IntoResponse, Response,
        sse::{Event, KeepAlive, Sse},
    },
};
use futures_util::stream::{self, Stream};
use tokio::{
    sync::{broadcast, watch},
    time::{Instant, Interval},
};

use super::{
    auth::{Signed, Ticking},
    problem::Problem,
};
use crate::{app::App, live::Change};

/// A line now and then, so that nothing in between takes the connection for dead.
const KEEP_ALIVE: Duration = Duration::from_secs(25);
/// How often it is looked whether the session still holds.
const SESSION: Duration = Duration::from_secs(60);

/// Who listens, and the session by which they do.
#[derive(Debug)]
pub struct Listener {
    signed: Signed,
    session: Ticking,
}

impl FromRequestParts<Arc<App>> for Listener {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Problem> {
        let session = Ticking::of(app, &parts.headers).ok_or_else(Problem::unauthenticated)?;
        Ok(Listener { signed: Signed::from_request_parts(parts, app).await?, session })
    }
}

/// What changes, as it changes: `ticket` with the number of a ticket that this person may see or just saw for the last time, `reset`
/// when some may have been missed (ask for everything again), `end` when the session is over. Nothing else of the ticket is told: ask
/// for it. Listening does not keep a session alive.
#[utoipa::path(get, path = "/api/v1/events", tag = "tickets",
    responses((status = 200, description = "A stream of server-sent events", content_type = "text/event-stream", body = String),
        (status = 401, body = Problem)))]
pub async fn events(State(app): State<Arc<App>>, listener: Listener) -> Response {
    let changes = app.live.listen();
    let ended = app.live.ended();
    let check = tokio::time::interval_at(Instant::now() + SESSION, SESSION);
    let state = Listening { app, listener, changes, ended, check, began: false, over: false };
    let stream = Sse::new(told(state)).keep_alive(KeepAlive::new().interval(KEEP_ALIVE));
    // A proxy in front (nginx) would hold the events back until it has a page of them.
    let unbuffered = (HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no"));
    ([unbuffered], stream).into_response()
}

/// A browser drops events without data.
fn reset() -> Event {
    Event::default().event("reset").data("all")
}

struct Listening {
    app: Arc<App>,
    listener: Listener,
    changes: broadcast::Receiver<Arc<Change>>,
    ended: watch::Receiver<bool>,
    check: Interval,
    began: bool,
    over: bool,
}

fn told(state: Listening) -> impl Stream<Item = Result<Event, Infallible>> {
    stream::unfold(state, |mut state| async move {
        let event = state.next().await?;
        Some((Ok(event), state))
    })
}

impl Listening {
    async fn next(&mut self) -> Option<Event> {
        if self.over {
            return None;
        }
        if !self.began {
            self.began = true;
            return Some(reset()); // it may have been away for long
        }
        loop {
            tokio::select! {
                change = self.changes.recv() => match change {
                    Ok(change) if change.concerns(&self.app, &self.listener.signed.actor) => {
                        return Some(Event::default().event("ticket").data(&change.ticket));
                    }
                    Ok(_) => {}
                    Err(broadcast::error::RecvError::Lagged(_)) => return Some(reset()),
                    Err(broadcast::error::RecvError::Closed) => return None,
                },
                _ = self.check.tick() => match self.listener.session.holds(&self.app).await {
                    // A new role or unit holds from here on.
                    Ok(Some(signed)) => self.listener.signed = signed,
                    Ok(None) => {
                        self.over = true;
                        return Some(Event::default().event("end").data("session"));
                    }
                    // The database is away: that says nothing about the session.
                    Err(_) => {}
                },
                _ = self.ended.changed() => return None,
            }
        }
    }
}
