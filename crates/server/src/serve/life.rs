//! From the first connection to the last answer. Asked to stop, we let nobody in any more, finish what has begun, answer it, and close;
//! all of it within a bound.

use std::{
    net::{SocketAddr, TcpListener},
    sync::Arc,
    time::Duration,
};

use axum::{
    http::{HeaderValue, header},
    middleware::map_response,
    response::Response,
};
use tokio::{
    signal::unix::{self, Signal, SignalKind},
    sync::watch,
    task::JoinHandle,
    time::sleep,
};

use super::{
    door::{Door, Peer},
    router, systemd,
    tls::Tls,
};
use crate::{
    app::App,
    live,
    worker::{self, Sender},
};

/// After the door is shut, how long connections that are open may still begin a request. Each answer says that it is the last one on its
/// connection, so that those in use are left in order; only what stands idle longer is cut.
const LINGER: Duration = Duration::from_secs(1);
/// What has not ended by then is left: systemd would kill us later than this (`TimeoutStopSec`, 90 s).
const BOUND: Duration = Duration::from_secs(30);

/// Serves on `listener` until `SIGINT` or `SIGTERM`; requests under way are finished. `ready` hears the address. A second signal ends it
/// at once.
///
/// # Errors
/// The socket cannot be listened on.
pub async fn serve(
    app: Arc<App>,
    sender: Arc<Sender>,
    listener: TcpListener,
    tls: Option<Tls>,
    ready: impl FnOnce(SocketAddr),
) -> std::io::Result<()> {
    let signals = Signals::new()?;
    let (stop, stopping) = watch::channel(false);
    let door = Door::new(listener, tls.clone(), stopping.clone())?;
    let working = tokio::spawn(worker::run(app.clone(), sender, stopping.clone()));
    let following = tokio::spawn(live::follow(app.clone()));
    // What was there before is read beside the requests: nobody waits for it.
    let reading = tokio::spawn({
        let (app, stopping) = (app.clone(), stopping.clone());
        async move { app.build_matters(stopping).await }
    });
    ready(door.address());
    systemd::tell("READY=1");
    let last = stopping.clone();
    let router =
        router(app.clone()).layer(map_response(move |answer| std::future::ready(said(answer, *last.borrow()))));
    let make = router.into_make_service_with_connect_info::<Peer>();
    let serving = axum::serve(door, make).with_graceful_shutdown(lingered(stopping.clone()));
    let life = async {
        serving.into_future().await?;
        let _ = reading.await;
        close(&app, working, following).await;
        Ok(())
    };
    tokio::select! {
        done = life => done,
        () = followed(tls) => Ok(()), // never
        () = end(&app, stop, signals) => {
            tracing::warn!("what had not ended in time is left");
            Ok(())
        }
    }
}

/// Takes up new certificates for as long as we live.
async fn followed(tls: Option<Tls>) {
    match tls {
        Some(tls) => tls.follow().await,
        None => std::future::pending().await,
    }
}

/// Waits for the signal, says it, and waits until the bound is reached or somebody insists.
async fn end(app: &App, stop: watch::Sender<bool>, mut signals: Signals) {
    signals.next().await;
    tracing::info!("stopping: what has begun is finished");
    systemd::tell("STOPPING=1");
    let _ = stop.send(true);
    // Streams have no end of their own: they are ended, and whoever listened comes back to the next process.
    app.live.end();
    tokio::select! {
        () = sleep(BOUND) => {}
        () = signals.next() => {}
    }
}

/// When connections are told to end.
async fn lingered(mut stopping: watch::Receiver<bool>) {
    let _ = stopping.wait_for(|stopping| *stopping).await;
    sleep(LINGER).await;
}

/// The last answer on a connection says so.
fn said(mut answer: Response, last: bool) -> Response {
    if last {
        answer.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    answer
}

/// The worker settles what it is sending, and the store writes what it was given.
async fn close(app: &App, working: JoinHandle<()>, following: JoinHandle<()>) {
    let _ = working.await;
    let _ = following.await;
    app.audit_settled().await;
    match app.store.close().await {
        Ok(()) => tracing::info!("closed"),
        Err(error) => tracing::error!(%error, "closing the store"),
    }
}

/// The operating system asking for the end. Heard from when it is made: what comes before would end the process at once.
#[derive(Debug)]
pub struct Signals {
    interrupt: Signal,
    terminate: Signal,
}

impl Signals {
    /// Begins to listen.
    ///
    /// # Errors
    /// The operating system does not let us.
    pub fn new() -> std::io::Result<Signals> {
        Ok(Signals {
            interrupt: unix::signal(SignalKind::interrupt())?,
            terminate: unix::signal(SignalKind::terminate())?,
        })
    }

    /// Waits for the next one.
    pub async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}
