//! The figures after real use: what they are called, what they say, and that no label knows a person.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::Write,
    net::TcpStream,
};

use jiesu_server::api;
use jiesu_testkit::Kind;

use crate::{
    kit::{Centre, until},
    life::{MARKS, Screen, lived, marked, metrics},
};

/// `name{label="value",…} number`.
struct Sample {
    name: String,
    labels: BTreeMap<String, String>,
    value: f64,
}

fn samples(text: &str) -> Vec<Sample> {
    let sample = |line: &str| {
        let (head, value) = line.rsplit_once(' ').unwrap();
        let (name, labels) = head.split_once('{').map_or((head, ""), |(name, rest)| (name, rest.trim_end_matches('}')));
        let label = |pair: &str| {
            let (key, value) = pair.split_once('=').unwrap();
            (key.to_owned(), value.trim_matches('"').to_owned())
        };
        let labels = labels.split(',').filter(|pair| !pair.is_empty()).map(label).collect();
        Sample { name: name.to_owned(), labels, value: value.parse().unwrap_or(f64::INFINITY) }
    };
    text.lines().filter(|line| !line.starts_with('#')).map(sample).collect()
}

fn value(all: &[Sample], name: &str, labels: &[(&str, &str)]) -> f64 {
    let fits = |s: &&Sample| s.name == name && labels.iter().all(|(k, v)| s.labels.get(*k).is_some_and(|l| l == v));
    all.iter().filter(fits).map(|s| s.value).sum()
}

/// The names as they are asked for in Prometheus, by the `# TYPE` lines.
fn names(text: &str) -> BTreeSet<String> {
    let name = |line: &str| {
        let mut words = line.strip_prefix("# TYPE ")?.split(' ');
        let (name, kind) = (words.next()?, words.next()?);
        Some(match kind {
            "counter" => format!("{name}_total"),
            "info" => format!("{name}_info"),
            _ => name.to_owned(),
        })
    };
    text.lines().filter_map(name).collect()
}

/// Every figure that `docs/operating.md` explains: what stands between backticks at the begin of a row of its table.
fn documented() -> BTreeSet<String> {
    let text = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/operating.md")).unwrap();
    let rows = text.lines().filter(|line| line.starts_with("| `jiesu_") || line.starts_with("| `process_"));
    let cells = rows.map(|row| row.split('|').nth(1).unwrap().to_owned());
    let names = |cell: String| -> Vec<String> {
        cell.split('`').skip(1).step_by(2).map(|name| name.split('{').next().unwrap().to_owned()).collect()
    };
    cells.flat_map(names).collect()
}

/// What a label's value may be.
fn may_be(label: &str, value: &str) -> bool {
    match label {
        "method" => ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "other"].contains(&value),
        "route" => routes().contains(value),
        "status" => value.len() == 3 && value.parse::<u16>().is_ok(),
        "command" => jiesu_domain::ticket::Action::ALL.iter().any(|action| action.code() == value),
        "outcome" => ["done", "replayed", "refused", "not-found", "conflict", "failed", "sent", "retried", "given-up"]
            .contains(&value),
        "level" => ["error", "warn"].contains(&value),
        "kind" => ["log-in-refused", "forbidden", "out-of-sight"].contains(&value),
        "state" => ["idle", "used"].contains(&value),
        "version" => value == env!("CARGO_PKG_VERSION"),
        "le" => value == "+Inf" || value.parse::<f64>().is_ok(),
        _ => false,
    }
}

/// Templates, as they are written in the program.
fn routes() -> BTreeSet<String> {
    let document = serde_json::to_value(api::openapi()).unwrap();
    let api = document["paths"].as_object().unwrap().keys().cloned();
    let others = ["/", "/submit", "/progress", "/healthz", "/readyz", "none"].map(str::to_owned);
    api.chain(others).collect()
}

/// Somebody who listens, until it is dropped.
fn listener(address: &str) -> TcpStream {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.write_all(b"GET /api/v1/events HTTP/1.1\r\nhost: x\r\ncookie: jiesu_session=seat\r\n\r\n").unwrap();
    stream
}

#[test]
fn figures_say_what_happened_and_know_nobody() {
    let centre = Centre::new(Kind::chosen());
    let server = marked(&centre, &[]);
    let (screen, inside) = (Screen::new(&server.address), metrics(&server));
    let _listens = listener(&server.address);
    let numbers = lived(&screen);
    until("messages go out", || centre.number("SELECT COUNT(*) FROM outbox WHERE state = 'pending'") == 0);
    assert_eq!(screen.get("", "/metrics").status, 404, "not on the public address");
    let forbidden = |all: &[Sample]| value(all, "jiesu_refused_total", &[("kind", "forbidden")]);
    let before = forbidden(&samples(&Screen::new(&inside).get("", "/metrics").text));
    assert_eq!(screen.get("seat", "/api/v1/audit").status, 403);
    assert_eq!(screen.get("", "/readyz").status, 200);
    let text = Screen::new(&inside).get("", "/metrics").text;
    for known in MARKS.iter().copied().chain(numbers.iter().map(String::as_str)).chain(["seat", "chengguan"]) {
        let known_elsewhere = text.lines().find(|line| line.contains(known));
        assert_eq!(known_elsewhere, None, "{known}");
    }
    assert_eq!(names(&text), documented(), "left: offered, right: docs/operating.md");
    let all = samples(&text);
    for sample in &all {
        for (label, value) in &sample.labels {
            assert!(may_be(label, value), "{} has {label}=\"{value}\"", sample.name);
        }
    }
    assert_eq!(forbidden(&all), before + 1.0);
    let registered = [("command", "register"), ("outcome", "done")];
    assert_eq!(value(&all, "jiesu_commands_total", &registered), 2.0);
    assert_eq!(value(&all, "jiesu_commands_total", &[("command", "dispatch"), ("outcome", "refused")]), 2.0);
    let route = [("route", "/submit"), ("method", "POST"), ("status", "201")];
    assert_eq!(value(&all, "jiesu_http_request_seconds_count", &route), 1.0);
    let none = [("route", "none"), ("status", "404"), ("le", "+Inf")];
    assert!(value(&all, "jiesu_http_request_seconds_bucket", &none) >= 2.0);
    assert_eq!(value(&all, "jiesu_journal_position", &[]), centre.number("SELECT MAX(seq) FROM journal") as f64);
    let sent = centre.number("SELECT COUNT(*) FROM outbox WHERE state = 'sent'") as f64;
    assert!(sent > 0.0 && value(&all, "jiesu_messages_total", &[("outcome", "sent")]) == sent);
    assert_eq!(value(&all, "jiesu_messages_waiting", &[]), 0.0);
    assert_eq!(value(&all, "jiesu_timers_due", &[]), 0.0);
    assert_eq!(value(&all, "jiesu_listeners", &[]), 1.0);
    assert_eq!(value(&all, "jiesu_database_up", &[]), 1.0);
    let groups = value(&all, "jiesu_commit_jobs_count", &[]);
    assert!(groups > 0.0 && groups == value(&all, "jiesu_commit_seconds_count", &[]), "{groups}");
    assert!(value(&all, "process_resident_memory_bytes", &[]) > 1e6);
    assert!(value(&all, "process_cpu_seconds_total", &[]) > 0.0);
    assert!(value(&all, "process_max_fds", &[]) > value(&all, "process_open_fds", &[]));
    assert!(text.ends_with("# EOF\n"), "{text}");
}
