//! Beside the requests: wakes tickets whose time has come, counts anew when a calendar came out, and sends what waits in the outbox.
//! Everything here may run twice or in several processes: commands are decided again, an outbox entry is leased before it is sent.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use jiesu_channels::sms::{Sms, SmsError, SmsGateway};
use jiesu_domain::{
    Actor, Instant, Rulebook,
    ticket::{Command, render},
};
use jiesu_store::{AfterFailure, OutboxRow, StoreError};
use tokio::sync::watch;

use crate::app::{App, ExecuteError, WHICH};

/// How often the worker looks when nothing tells it to.
const PAUSE: Duration = Duration::from_millis(500);
/// Tickets and messages taken at once.
const BATCH: u32 = 100;
/// Version of the calendar by which open limits were last counted.
pub(crate) const CALENDAR_SETTING: &str = "calendar";
const LEASE_SECONDS: i64 = 60;
/// Attempts after which a message is given up.
const SEND_ATTEMPTS: i64 = 5;

/// Runs until `stop` changes. A pass that fails is logged and tried again; nothing is lost by it.
pub async fn run(app: Arc<App>, gateway: Arc<dyn SmsGateway>, mut stop: watch::Receiver<bool>) {
    let mut recounted = false;
    loop {
        match recount_once(&app, &mut recounted).await.and(pass(&app, gateway.as_ref()).await) {
            Ok(()) => {}
            Err(error) => tracing::error!(%error, "worker pass failed; trying again"),
        }
        tokio::select! {
            () = tokio::time::sleep(PAUSE) => {}
            _ = stop.changed() => return,
        }
    }
}

/// The calendar is read at the start, so one look is enough.
async fn recount_once(app: &App, done: &mut bool) -> Result<(), ExecuteError> {
    if !*done {
        recount(app).await?;
        *done = true;
    }
    Ok(())
}

/// One look at everything.
///
/// # Errors
/// The store failed; what was done until then stays done.
pub async fn pass(app: &App, gateway: &dyn SmsGateway) -> Result<(), ExecuteError> {
    app.complete_joins().await?;
    wake(app, app.clock.now()).await?;
    drain(app, gateway).await?;
    Ok(())
}

/// Moves a settable clock, stopping at each instant at which something falls due, so that what follows carries its own time and not
/// that of a leap over a week.
///
/// # Errors
/// The store failed; the clock stands where it failed.
pub async fn advance(app: &App, to: Instant) -> Result<(), ExecuteError> {
    while let Some(at) = next_wakeup(app).await?.filter(|at| *at <= to) {
        app.clock.set(at.max(app.clock.now()));
        if wake(app, app.clock.now()).await? == 0 {
            break;
        }
    }
    app.clock.set(to);
    wake(app, to).await?;
    Ok(())
}

async fn next_wakeup(app: &App) -> Result<Option<Instant>, ExecuteError> {
    let far = Instant::from_second(253_402_207_200).unwrap_or(Instant::MAX);
    let next = app.store.tickets_to_wake(&app.jurisdiction, far, 1).await?;
    Ok(next.first().and_then(|t| t.row.wake_at))
}

/// Wakes every ticket whose time has come; how many.
async fn wake(app: &App, now: Instant) -> Result<usize, ExecuteError> {
    let mut woken = 0;
    loop {
        let due = app.store.tickets_to_wake(&app.jurisdiction, now, BATCH).await?;
        if due.is_empty() {
            return Ok(woken);
        }
        let mut stuck = true;
        for ticket in &due {
            match app.execute(&Actor::system(), &ticket.ticket, &Command::TimePassed, None, None, None).await {
                Ok(done) => stuck &= done.version == ticket.version,
                // Somebody was quicker at this ticket: another worker, or a person. The next look sees how it stands.
                Err(ExecuteError::Conflict { .. }) => {}
                // One ticket that cannot be woken must not keep the others waiting.
                Err(error @ (ExecuteError::Refused(_) | ExecuteError::Unreadable { .. })) => {
                    tracing::error!(ticket = ticket.ticket, %error, "cannot wake ticket");
                }
                Err(error) => return Err(error),
            }
        }
        woken += due.len();
        if stuck {
            return Ok(woken);
        }
    }
}

/// A holiday notice came out or was amended since the last start: open limits are counted anew, each that moves by an event of its own.
/// May be interrupted; the next start goes through all of them again.
///
/// # Errors
/// The store failed.
pub async fn recount(app: &App) -> Result<(), ExecuteError> {
    let (store, j, version) = (&app.store, &app.jurisdiction, app.law.calendar().version());
    if store.setting(j, CALENDAR_SETTING).await?.as_deref() == Some(version) {
        return Ok(());
    }
    let mut after: Option<String> = None;
    loop {
        let chunk = store.tickets_stream(j, after.as_deref(), BATCH).await?;
        let Some(last) = chunk.last() else { break };
        after = Some(last.head.ticket.clone());
        for ticket in chunk.iter().filter(|t| t.head.row.wake_at.is_some() || t.head.row.next_due.is_some()) {
            match app.execute(&Actor::system(), &ticket.head.ticket, &Command::Recount, None, None, None).await {
                Err(error @ ExecuteError::Store(_)) => return Err(error),
                Err(error) => tracing::error!(ticket = ticket.head.ticket, %error, "cannot count anew"),
                Ok(_) => {}
            }
        }
    }
    store.setting_put(j, CALENDAR_SETTING, version).await?;
    Ok(())
}

/// A message with its text and where it goes: put together only now.
#[derive(Clone)]
pub struct Letter {
    pub phone: Option<String>,
    pub text: String,
    /// The query code in the text, for a viewer to hide.
    pub code: String,
    /// What it is about.
    pub label: String,
}

impl std::fmt::Debug for Letter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Letter(…)")
    }
}

/// Puts an outbox entry together with the person it is for.
///
/// # Errors
/// The store failed.
pub async fn letter(app: &App, row: &OutboxRow) -> Result<Letter, StoreError> {
    let mut values: BTreeMap<String, String> = serde_json::from_str(&row.payload).unwrap_or_default();
    let appeals = app.store.appeals(&app.jurisdiction, &row.ticket).await?;
    let appeal = appeals.into_iter().find(|a| Some(&a.appeal) == row.appeal.as_ref());
    let (mut phone, mut code) = (None, String::new());
    if let Some(appeal) = appeal {
        phone = app.store.person(&app.jurisdiction, &appeal.person).await?.and_then(|p| p.phone);
        code = appeal.query_code;
    }
    values.insert("code".into(), code.clone());
    // In the words of the version that holds for the ticket; what it does not have any more, in those in force.
    let own = app.rulebook_of_number(&row.ticket).await?;
    if row.kind == WHICH {
        let text = which(own, &values);
        return Ok(Letter { phone, text, code, label: "询问评价哪一件".into() });
    }
    let rule = [own, app.rulebook()].into_iter().find_map(|book| book.message.iter().find(|m| m.id == row.kind));
    let text = rule.map_or_else(String::new, |rule| render(rule, &values));
    let label = rule.map_or_else(|| row.kind.clone(), |rule| rule.on.zh().to_owned());
    Ok(Letter { phone, text, code, label })
}

/// Asks which of several tickets a rating was meant for.
fn which(book: &Rulebook, values: &BTreeMap<String, String>) -> String {
    let of = |key: &str| values.get(key).map_or("", String::as_str);
    let place = book.rulebook.place.trim_end_matches('市');
    format!(
        "【{place}12345】您有多件诉求等待评价：{}。请回复编号和数字，如“{} 1”（1满意 2基本满意 3不满意），或凭编号和查询码在网上评价。",
        of("numbers"),
        of("number"),
    )
}

/// Sends what is due. Nothing is held in a transaction while the gateway is spoken to.
async fn drain(app: &App, gateway: &dyn SmsGateway) -> Result<(), StoreError> {
    let (store, j) = (&app.store, &app.jurisdiction);
    loop {
        let now = app.clock.now();
        let until = later(now, LEASE_SECONDS);
        let leased = store.outbox_lease(j, now, until, BATCH).await?;
        if leased.is_empty() {
            return Ok(());
        }
        for row in &leased {
            let letter = letter(app, row).await?;
            let sent = match &letter.phone {
                None => Err(SmsError::GiveUp("诉求人没有留号码".into())),
                Some(to) => gateway.send(&Sms { id: row.id, to, text: &letter.text }),
            };
            match sent {
                Ok(receipt) => store.outbox_sent(j, row.id, row.attempts, now, Some(&receipt)).await?,
                Err(error) => {
                    store
                        .outbox_failed(j, row.id, row.attempts, now, &error.to_string(), after(&error, row, now))
                        .await?
                }
            };
        }
    }
}

fn after(error: &SmsError, row: &OutboxRow, now: Instant) -> AfterFailure {
    match error {
        SmsError::Retry(_) if row.attempts < SEND_ATTEMPTS => {
            AfterFailure::RetryAt(later(now, 30 << row.attempts.clamp(0, 10)))
        }
        _ => AfterFailure::GiveUp,
    }
}

fn later(at: Instant, seconds: i64) -> Instant {
    at.checked_add(jiff::SignedDuration::from_secs(seconds)).unwrap_or(at)
}
