//! Traces as a collector gets them. With the feature `otel` alone: cargo nextest run -p jiesu-server --features otel --test observed traces

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex},
};

use jiesu_testkit::Kind;
use serde_json::json;

use crate::{
    kit::Centre,
    life::{MARKS, Screen, lived, marked},
};

/// Takes everything that is sent to `/v1/traces`, as it comes.
struct Collector {
    address: String,
    got: Arc<Mutex<Vec<u8>>>,
}

impl Collector {
    fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let got = Arc::new(Mutex::new(Vec::new()));
        let into = Arc::clone(&got);
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let into = Arc::clone(&into);
                std::thread::spawn(move || while take(&stream, &into).is_some() {});
            }
        });
        Self { address, got }
    }

    fn holds(&self, bytes: &[u8]) -> bool {
        self.got.lock().unwrap().windows(bytes.len()).any(|window| window == bytes)
    }
}

/// One request; `None` at the end.
fn take(mut stream: &TcpStream, into: &Mutex<Vec<u8>>) -> Option<()> {
    let mut reader = BufReader::new(stream);
    let (mut line, mut length) = (String::new(), 0);
    reader.read_line(&mut line).ok().filter(|n| *n > 0)?;
    assert!(line.starts_with("POST /v1/traces "), "{line}");
    while line != "\r\n" {
        line.clear();
        reader.read_line(&mut line).ok()?;
        if let Some(n) = line.to_lowercase().strip_prefix("content-length:") {
            length = n.trim().parse().unwrap();
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    into.lock().unwrap().extend(body);
    stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").ok()
}

#[test]
fn requests_and_their_commands_reach_the_collector_and_no_person_does() {
    let (centre, collector) = (Centre::new(Kind::Sqlite), Collector::new());
    // What is traced does not hang on what is logged.
    let quiet = [("JIESU_TRACES", collector.address.as_str()), ("JIESU_LOG", "warn"), ("JIESU_LOG_FORMAT", "text")];
    let mut server = marked(&centre, &quiet);
    let screen = Screen::new(&server.address);
    let number = lived(&screen).remove(0);
    let parent = [("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")];
    screen.ask("seat", "GET", &format!("/api/v1/tickets/{number}"), &parent, &[]).ok();
    screen.give("seat", &number, &json!({ "do": "sign" }));
    server.ask_to_stop();
    assert!(server.child.wait().unwrap().success(), "{}", server.said());
    let trace = 0x0af7_6519_16cd_43dd_8448_eb21_1c80_319c_u128.to_be_bytes();
    assert!(collector.holds(&trace), "the trace of whoever asked goes on");
    for known in ["jiesu", "/api/v1/tickets/{number}/commands", "draft-reply", "register", "time-passed"] {
        assert!(collector.holds(known.as_bytes()), "{known}");
    }
    for mark in MARKS {
        assert!(!collector.holds(mark.as_bytes()), "{mark} reached the collector");
    }
}

#[test]
fn a_collector_that_is_away_or_wrong_holds_nobody_up() {
    let centre = Centre::new(Kind::Sqlite);
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let mut server = marked(&centre, &[("JIESU_TRACES", &format!("http://{nobody}"))]);
    lived(&Screen::new(&server.address));
    server.ask_to_stop();
    assert!(server.child.wait().unwrap().success(), "{}", server.said());
    let output = centre.jiesu(&["serve"]).env("JIESU_TRACES", "ftp://nowhere").output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success() && said.contains("应写作 http://127.0.0.1:4318"), "{said}");
}
