//! What time brings to tickets: due instants, and a holiday notice that came out.

use std::{collections::BTreeMap, time::Duration};

use jiesu_domain::{Actor, Instant, ticket::Command};

use crate::app::{App, ExecuteError};

/// Tickets taken at once.
const BATCH: u32 = 100;
/// How long a ticket that could not be woken is left alone.
const STUCK_PAUSE: Duration = Duration::from_secs(60);
/// Version of the calendar by which open limits were last counted.
pub(crate) const CALENDAR_SETTING: &str = "calendar";

/// Moves a settable clock, stopping at each instant at which something falls due, so that what follows carries its own time and not
/// that of a leap over a week.
///
/// # Errors
/// The store failed; the clock stands where it failed.
pub async fn advance(app: &App, to: Instant) -> Result<(), ExecuteError> {
    let mut stuck = Stuck::new();
    // An entry that cannot be woken is asked once at each instant, not for ever.
    let mut asked = None;
    loop {
        let of_tickets = next_wakeup(app, &stuck).await?.filter(|at| *at <= to);
        let of_entries = app.store.knowledge_next_wakeup(&app.jurisdiction).await?.filter(|at| *at <= to);
        let of_entries = of_entries.filter(|at| asked.is_none_or(|asked| asked < *at));
        let Some(at) = of_tickets.into_iter().chain(of_entries).min() else { break };
        app.clock.set(at.max(app.clock.now()));
        app.wake_knowledge(app.clock.now()).await?;
        asked = Some(app.clock.now());
        wake(app, app.clock.now(), &mut stuck).await?;
    }
    app.clock.set(to);
    app.wake_knowledge(to).await?;
    wake(app, to, &mut stuck).await?;
    Ok(())
}

/// When the next ticket is due that can be woken.
async fn next_wakeup(app: &App, stuck: &Stuck) -> Result<Option<Instant>, ExecuteError> {
    let far = Instant::from_second(253_402_207_200).unwrap_or(Instant::MAX);
    let mut last = None;
    loop {
        let next = app.store.tickets_to_wake(&app.jurisdiction, far, last.as_ref(), 1).await?;
        match next.into_iter().next() {
            Some(ticket) if stuck.contains_key(&ticket.ticket) => last = Some(ticket),
            ticket => return Ok(ticket.and_then(|t| t.row.wake_at)),
        }
    }
}

/// Tickets that could not be woken, and when: each is tried again, and complained of, once in a while and not at every look.
pub(super) type Stuck = BTreeMap<String, tokio::time::Instant>;

/// Wakes every ticket whose time has come.
pub(super) async fn wake(app: &App, now: Instant, stuck: &mut Stuck) -> Result<(), ExecuteError> {
    stuck.retain(|_, tried| tried.elapsed() < STUCK_PAUSE);
    // What was woken may be due once more by now.
    while wake_once(app, now, stuck).await? {}
    Ok(())
}

/// Goes through all that are due, once: one that cannot be woken must not keep those behind it waiting. Whether any was woken.
async fn wake_once(app: &App, now: Instant, stuck: &mut Stuck) -> Result<bool, ExecuteError> {
    let (mut moved, mut last) = (false, None);
    loop {
        let due = app.store.tickets_to_wake(&app.jurisdiction, now, last.as_ref(), BATCH).await?;
        for ticket in due.iter().filter(|t| !stuck.contains_key(&t.ticket)).collect::<Vec<_>>() {
            match app.execute(&Actor::system(), &ticket.ticket, &Command::TimePassed, None, None, None).await {
                Ok(done) if done.version != ticket.version => moved = true,
                Ok(_) => {
                    tracing::error!(ticket = ticket.ticket, "a ticket is due, and there is nothing to be done");
                    stuck.insert(ticket.ticket.clone(), tokio::time::Instant::now());
                }
                // Somebody was quicker at this ticket: another worker, or a person. The next look sees how it stands.
                Err(ExecuteError::Conflict { .. }) => {}
                Err(error @ (ExecuteError::Refused(_) | ExecuteError::Unreadable { .. })) => {
                    tracing::error!(ticket = ticket.ticket, %error, "cannot wake ticket");
                    stuck.insert(ticket.ticket.clone(), tokio::time::Instant::now());
                }
                Err(error) => return Err(error),
            }
        }
        last = due.into_iter().next_back();
        if last.is_none() {
            return Ok(moved);
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
