//! Beside the requests: wakes tickets whose time has come, counts anew when a calendar came out, and sends what waits in the outbox.
//! Everything here may run twice or in several processes: commands are decided again, an outbox entry is leased before it is sent.
//! Waking, sending and looking at files are loops of their own: none waits for another, however slow a gateway or a virus scan is.

mod letter;
mod sending;
mod timers;

use std::{sync::Arc, time::Duration};

use jiesu_channels::sms::SmsGateway;
use tokio::sync::watch;

pub use letter::{Letter, letter};
pub use sending::{Sender, Sending};
pub(crate) use timers::CALENDAR_SETTING;
use timers::Stuck;
pub use timers::{advance, recount};

use crate::{
    app::{App, ExecuteError, proposals::learning::nightly, watch_files},
    evidence::Daily,
};

/// How often the worker looks when nothing tells it to.
const PAUSE: Duration = Duration::from_millis(500);
/// How often what is over is forgotten: sessions, failed log-ins.
const FORGET: Duration = Duration::from_secs(3600);

/// How often it is asked whether keys were changed.
const SELDOM: Duration = Duration::from_secs(5);

/// Rows of one step of sealing anew.
const RESEALED: u32 = 100;

/// Runs until `stop` changes; what is being sent then is waited for. A pass that fails is logged and tried again; nothing is lost by it.
pub async fn run(app: Arc<App>, sender: Arc<Sender>, stop: watch::Receiver<bool>) {
    let sealing = reseal(&app, stop.clone());
    let learning = nightly(&app, stop.clone());
    let hot = look_for_hot(&app, stop.clone());
    let files = watch_files(&app, stop.clone());
    tokio::join!(keep_time(&app, stop.clone()), sender.run(&app, stop), files, sealing, learning, hot);
}

/// Seals anew what stands under older keys, in steps so small that nobody waits for them.
async fn reseal(app: &App, mut stop: watch::Receiver<bool>) {
    while !*stop.borrow() {
        let pause = match app.store.reseal(&app.jurisdiction, RESEALED).await {
            Ok(true) => PAUSE / 10,
            Ok(false) => SELDOM,
            Err(error) => {
                tracing::error!(%error, "sealing anew failed; trying again");
                SELDOM
            }
        };
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            _ = stop.changed() => {}
        }
    }
}

/// Looks for hot issues when it is time: of several processes one does. A process that is to stop does not look to the end.
async fn look_for_hot(app: &App, mut stop: watch::Receiver<bool>) {
    while !*stop.borrow() {
        let looked = tokio::select! {
            looked = app.look_for_hot(app.clock.now()) => looked,
            _ = stop.wait_for(|stop| *stop) => return,
        };
        if let Err(error) = looked {
            tracing::error!(%error, "looking for hot issues failed; trying again later");
        }
        tokio::select! {
            () = tokio::time::sleep(SELDOM) => {}
            _ = stop.changed() => {}
        }
    }
}

async fn keep_time(app: &App, mut stop: watch::Receiver<bool>) {
    let (mut recounted, mut stuck, mut daily) = (false, Stuck::new(), Daily::default());
    let mut forget = tokio::time::interval(FORGET);
    while !*stop.borrow() {
        if let Err(error) = look(app, &mut recounted, &mut stuck).await {
            tracing::error!(%error, "looking for what is due failed; trying again");
        }
        daily.look(app).await;
        tokio::select! {
            () = tokio::time::sleep(PAUSE) => {}
            _ = forget.tick() => if let Err(error) = app.forget_log_ins().await {
                tracing::error!(%error, "what is over could not be forgotten; trying again later");
            },
            _ = stop.changed() => {}
        }
    }
}

/// The calendar is read at the start, so one recount is enough.
async fn look(app: &App, recounted: &mut bool, stuck: &mut Stuck) -> Result<(), ExecuteError> {
    if !*recounted {
        recount(app).await?;
        app.complete_knowledge().await?;
        *recounted = true;
    }
    app.complete_joins().await?;
    app.wake_knowledge(app.clock.now()).await?;
    timers::wake(app, app.clock.now(), stuck).await
}

/// One look at everything, until nothing is due.
///
/// # Errors
/// The store failed; what was done until then stays done.
pub async fn pass(app: &Arc<App>, gateway: Arc<dyn SmsGateway>) -> Result<(), ExecuteError> {
    app.complete_joins().await?;
    app.wake_knowledge(app.clock.now()).await?;
    timers::wake(app, app.clock.now(), &mut Stuck::new()).await?;
    Sender::new(gateway, Sending::default()).drain(app).await?;
    Ok(())
}
