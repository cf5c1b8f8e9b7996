//! What time brings to tickets: due instants, and a holiday notice that came out.

use jiesu_domain::{Actor, Instant, ticket::Command};

use crate::app::{App, ExecuteError};

/// Tickets taken at once.
const BATCH: u32 = 100;
/// Version of the calendar by which open limits were last counted.
pub(crate) const CALENDAR_SETTING: &str = "calendar";

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
pub(super) async fn wake(app: &App, now: Instant) -> Result<usize, ExecuteError> {
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
