//! The log at its most talkative.

use jiesu_testkit::Kind;
use serde_json::Value;

use crate::{
    kit::{Centre, Server, until},
    life::{MARKS, Screen, lived, marked},
};

/// Everything it said, to the last line.
fn ended(mut server: Server) -> String {
    server.ask_to_stop();
    assert!(server.child.wait().unwrap().success());
    until("the last line", || server.said().contains("closed"));
    server.said()
}

#[track_caller]
fn knows_nobody(log: &str) {
    for mark in MARKS {
        assert!(!log.contains(mark), "{mark} is in the log:\n{log}");
        // As another writer of JSON would have it.
        let escaped: String = mark.encode_utf16().map(|unit| format!("\\u{unit:04x}")).collect();
        assert!(!log.contains(&escaped), "{mark} is in the log");
    }
    assert!(!log.contains("gateway-secret"), "a secret is in the log");
}

#[test]
fn a_whole_life_leaves_no_personal_data_in_the_log() {
    for format in ["json", "text"] {
        let centre = Centre::new(Kind::chosen());
        let server = marked(&centre, &[("JIESU_LOG", "trace"), ("JIESU_LOG_FORMAT", format)]);
        lived(&Screen::new(&server.address));
        until("messages go out", || centre.number("SELECT COUNT(*) FROM outbox WHERE state = 'pending'") == 0);
        let phones = std::fs::read_to_string(centre.data().join("sms.jsonl")).unwrap();
        assert!(phones.contains("13912345678"), "the life left its marks where they belong");
        let log = ended(server);
        knows_nobody(&log);
        let talkative = log.contains("DEBUG") && log.contains("/api/v1/tickets/{number}/commands");
        assert!(talkative, "it says nothing of ordinary requests:\n{log}");
    }
}

#[test]
fn a_line_is_found_by_the_name_of_its_request() {
    let centre = Centre::new(Kind::Sqlite);
    let server = marked(&centre, &[]);
    let screen = Screen::new(&server.address);
    let answer = screen.get("seat", "/api/v1/tickets/SR-20260430-000099-9");
    assert_eq!(answer.status, 404);
    let problem: Value = serde_json::from_str(&answer.text).unwrap();
    assert_eq!(problem["request"], answer.request.as_str());
    let other = screen.get("seat", "/api/v1/tickets/SR-20260430-000099-9");
    assert_ne!(other.request, answer.request);
    let log = ended(server);
    let lines: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).expect(line)).collect();
    let found: Vec<&Value> = lines.iter().filter(|line| line["spans"][0]["id"] == answer.request.as_str()).collect();
    assert_eq!(found.len(), 1, "{log}");
    assert_eq!((&found[0]["status"], &found[0]["level"]), (&404.into(), &"INFO".into()));
    assert_eq!(found[0]["spans"][0]["route"], "/api/v1/tickets/{number}");
}

#[test]
fn a_level_or_format_that_is_none_is_refused() {
    let centre = Centre::new(Kind::Sqlite);
    for (variable, wrong) in [("JIESU_LOG", "loud"), ("JIESU_LOG_FORMAT", "xml")] {
        let output = centre.jiesu(&["serve"]).env(variable, wrong).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success() && said.contains(wrong) && said.contains("可用"), "{said}");
    }
}
