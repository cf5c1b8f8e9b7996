//! The figures of this process, all in one place. Names and what to make of them are in `docs/operating.md`; a test holds that list
//! against this one. They are counted whether somebody looks or not: that costs less than asking.

use std::{fmt, sync::LazyLock, time::Duration};

use jiesu_domain::{audit::ActKind, ticket::Action};
use jiesu_store::{Connections, WRITTEN, Waiting};
use prometheus_client::{
    encoding::text::encode,
    metrics::{counter::Counter, family::Family, gauge::Gauge, histogram::Histogram, info::Info},
    registry::Registry,
};

use super::process::Process;
use crate::app::{ExecuteError, Executed};

/// Seconds of a request: quick ones are told apart, and what somebody waits for.
const LATENCY: [f64; 13] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];

/// Names and values of a figure's labels. Values are words of the program: what came from outside cannot be one.
type Labels<const N: usize> = [(&'static str, &'static str); N];

/// By method, route and status.
type Requests = Family<Vec<(&'static str, String)>, Histogram, fn() -> Histogram>;

/// Attempts that are refused and may be an attack.
const REFUSED: [ActKind; 3] = [ActKind::LogInRefused, ActKind::Forbidden, ActKind::OutOfSight];

/// What is counted as it happens.
struct Counted {
    requests: Requests,
    commands: Family<Labels<2>, Counter>,
    messages: Family<Labels<1>, Counter>,
    refused: Family<Labels<1>, Counter>,
    lines: Family<Labels<1>, Counter>,
}

static COUNTED: LazyLock<Counted> = LazyLock::new(|| Counted {
    requests: Family::new_with_constructor(|| Histogram::new(LATENCY)),
    commands: Family::default(),
    messages: from_nought("outcome", ["sent", "retried", "given-up"]),
    refused: from_nought("kind", REFUSED.map(ActKind::code)),
    lines: from_nought("level", ["error", "warn"]),
});

/// What has not happened yet stands there as 0, so that its first time is seen to be one.
fn from_nought<const N: usize>(label: &'static str, values: [&'static str; N]) -> Family<Labels<1>, Counter> {
    let family = Family::<Labels<1>, Counter>::default();
    values.iter().for_each(|value| drop(family.get_or_create(&[(label, value)])));
    family
}

/// A request was answered (a stream: begun). `route` is the template, e.g. `/api/v1/tickets/{number}`, never the path.
pub fn request(method: &'static str, route: &str, status: u16, took: Duration) {
    let labels = vec![("method", method.to_owned()), ("route", route.to_owned()), ("status", status.to_string())];
    COUNTED.requests.get_or_create(&labels).observe(took.as_secs_f64());
}

/// A command was carried out, or not.
pub fn command(action: Action, result: &Result<Executed, ExecuteError>) {
    let outcome = match result {
        Ok(done) if done.replayed => "replayed",
        Ok(_) => "done",
        Err(ExecuteError::Refused(_)) => "refused",
        Err(ExecuteError::NotFound) => "not-found",
        Err(ExecuteError::Conflict { .. }) => "conflict",
        Err(ExecuteError::Store(_) | ExecuteError::Unreadable { .. }) => "failed",
    };
    COUNTED.commands.get_or_create(&[("command", action.code()), ("outcome", outcome)]).inc();
}

/// What became of an attempt to send a message.
pub fn message(outcome: &'static str) {
    COUNTED.messages.get_or_create(&[("outcome", outcome)]).inc();
}

/// An attempt was refused, and is in the audit journal.
pub fn refused(kind: ActKind) {
    COUNTED.refused.get_or_create(&[("kind", kind.code())]).inc();
}

/// A line was written to the log.
pub fn line(level: &'static str) {
    COUNTED.lines.get_or_create(&[("level", level)]).inc();
}

/// What is asked for at the moment that somebody looks.
#[derive(Debug)]
pub struct Moment {
    pub listeners: usize,
    pub connections: Connections,
    /// `None`: the database did not answer.
    pub database: Option<Database>,
    pub process: Option<Process>,
}

/// What the database knows.
#[derive(Debug)]
pub struct Database {
    pub waiting: Waiting,
    /// By how much the first waiting message and timer are late, in seconds; 0 if they are not.
    pub message_late: f64,
    pub timer_late: f64,
    pub journal: i64,
}

/// All figures as text (OpenMetrics 1.0).
///
/// # Errors
/// None that can be: text is written to memory.
pub fn text(moment: &Moment) -> Result<String, fmt::Error> {
    let mut registry = Registry::default();
    happened(&mut registry);
    stands(&mut registry, moment);
    if let Some(process) = &moment.process {
        process.register(&mut registry);
    }
    let mut text = String::new();
    encode(&mut text, &registry)?;
    Ok(text)
}

fn happened(to: &mut Registry) {
    let version = Info::new(vec![("version", env!("CARGO_PKG_VERSION"))]);
    to.register("jiesu_build", "The program that runs", version);
    to.register("jiesu_http_request_seconds", "Requests and how long they took", COUNTED.requests.clone());
    to.register("jiesu_commands", "Commands on tickets and what became of them", COUNTED.commands.clone());
    to.register("jiesu_commit_jobs", "Commands in each group that was committed", WRITTEN.jobs.clone());
    to.register("jiesu_commit_seconds", "How long each group commit took", WRITTEN.seconds.clone());
    to.register("jiesu_commits_failed", "Group commits that failed", WRITTEN.failed.clone());
    to.register("jiesu_archive_failures", "Times that commits could not be archived", WRITTEN.unarchived.clone());
    to.register("jiesu_messages", "Attempts to send a message and what became of them", COUNTED.messages.clone());
    to.register("jiesu_refused", "Attempts that were refused", COUNTED.refused.clone());
    to.register("jiesu_log_lines", "Lines of the log", COUNTED.lines.clone());
}

fn stands(to: &mut Registry, moment: &Moment) {
    number(to, "jiesu_listeners", "Screens that follow what changes", moment.listeners);
    let Connections { open, idle, most } = moment.connections;
    let connections = Family::<Labels<1>, Gauge>::default();
    connections.get_or_create(&[("state", "idle")]).set(idle.into());
    connections.get_or_create(&[("state", "used")]).set((open - idle).into());
    to.register("jiesu_database_connections", "Connections to the database, the writer's apart", connections);
    number(to, "jiesu_database_connections_most", "Most of them that there may be", most as usize);
    number(to, "jiesu_database_up", "1 if the database answered", usize::from(moment.database.is_some()));
    let Some(database) = &moment.database else { return };
    let count = |n: i64| usize::try_from(n).unwrap_or_default();
    number(to, "jiesu_journal_position", "Entries of the journal", count(database.journal));
    number(to, "jiesu_messages_waiting", "Messages to be sent, now or later", count(database.waiting.messages));
    seconds(to, "jiesu_messages_late_seconds", "By how much the first message is late", database.message_late);
    number(to, "jiesu_timers_due", "Tickets whose time has come", count(database.waiting.timers));
    seconds(to, "jiesu_timers_late_seconds", "By how much the first of them is late", database.timer_late);
}

pub(super) fn number(to: &mut Registry, name: &str, help: &str, value: usize) {
    let gauge = Gauge::<i64>::default();
    gauge.set(i64::try_from(value).unwrap_or(i64::MAX));
    to.register(name, help, gauge);
}

fn seconds(to: &mut Registry, name: &str, help: &str, value: f64) {
    let gauge = Gauge::<f64, std::sync::atomic::AtomicU64>::default();
    gauge.set(value);
    to.register(name, help, gauge);
}
