//! Streams of nothing: what is sent to `/tick/{text}` is heard by everybody who listens.

use std::{convert::Infallible, error::Error, net::Ipv4Addr, process::ExitCode};

use axum::{
    Router,
    extract::{Path, State},
    response::sse::{Event, KeepAlive, Sse},
    routing::{get, post},
};
use futures_util::{StreamExt, stream};
use tokio::sync::broadcast::{Sender, error::RecvError};

use crate::serve::as_many_files_as_granted;

pub(in crate::cli::bench) fn serve_nothing() -> Result<ExitCode, Box<dyn Error>> {
    as_many_files_as_granted();
    tokio::runtime::Runtime::new()?.block_on(async {
        let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        eprintln!("http://{}/", listener.local_addr()?);
        let router = Router::new()
            .route("/api/v1/events", get(events))
            .route("/tick/{text}", post(tick))
            .with_state(Sender::new(1_024));
        axum::serve(listener, router).await?;
        Ok(ExitCode::SUCCESS)
    })
}

async fn events(State(ticks): State<Sender<String>>) -> Sse<impl stream::Stream<Item = Result<Event, Infallible>>> {
    let first = stream::iter([Ok(Event::default().event("reset").data("all"))]);
    let later = stream::unfold(ticks.subscribe(), |mut ear| async move {
        loop {
            match ear.recv().await {
                Ok(text) => return Some((Ok(Event::default().event("ticket").data(text)), ear)),
                Err(RecvError::Lagged(_)) => {}
                Err(RecvError::Closed) => return None,
            }
        }
    });
    Sse::new(first.chain(later)).keep_alive(KeepAlive::default())
}

async fn tick(State(ticks): State<Sender<String>>, Path(text): Path<String>) -> &'static str {
    let _ = ticks.send(text); // nobody listens yet
    "null"
}
