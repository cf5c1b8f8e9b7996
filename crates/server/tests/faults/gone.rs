//! PostgreSQL goes away and comes back. Whoever asks meanwhile is told so, in Chinese; afterwards everything works, and nobody has
//! restarted anything.

use std::{
    thread::sleep,
    time::{Duration, Instant},
};

use serde_json::json;

use crate::{
    client::Client,
    kit::{Centre, until},
    load::Crew,
    rng::{Rng, number},
};

#[test]
fn for_a_while_and_back() {
    let mut rng = Rng::from_env("gone::for_a_while_and_back");
    let gone = Duration::from_secs(number("GONE_SECONDS").unwrap_or(3));
    let centre = Centre::of_its_own();
    let mut server = centre.serve();
    let crew = Crew::new("gone", 4, &mut rng);
    let address = server.address.clone();
    crew.works(&[&address], || {
        sleep(Duration::from_millis(500));
        centre.cluster().down();
        let began = Instant::now();
        while began.elapsed() < gone {
            nothing_goes(&address);
        }
        centre.cluster().up();
        let done = crew.done();
        until("work goes on", || crew.done() > done + 10);
    });
    let refusals = crew.refusals.lock().unwrap().clone();
    println!("gone for {gone:?}: {} acknowledged, {refusals:?}", crew.done());
    assert!(!refusals.is_empty(), "somebody was told");
    assert!(server.child.try_wait().unwrap().is_none(), "the same process");
    crew.settles(&[&address]);
    crew.check(&centre);
    let answer = Client::new(false).get(&address, "seat", "/api/v1/tickets").unwrap();
    assert_eq!(answer.status, 200);
    // What was registered meanwhile is told to the appellants: the worker goes on as well.
    until("messages go out", || centre.number("SELECT COUNT(*) FROM outbox WHERE state = 'pending'") == 0);
}

/// Reading and writing say so before the client gives up.
fn nothing_goes(address: &str) {
    let client = Client::new(false);
    let read = client.get(address, "seat", "/api/v1/tickets").unwrap();
    read.unavailable();
    let body = json!({ "kind": "help", "title": "标题", "content": "内容", "channel": "phone" });
    client.post(address, "seat", "/api/v1/tickets", "gone-and-asked", &body).unwrap().unavailable();
    assert_eq!(client.get(address, "seat", "/healthz").unwrap().status, 200, "the process itself is well");
}
