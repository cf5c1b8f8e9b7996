//! Two processes on one PostgreSQL, their clocks hurrying through weeks: every timer and every message once.

use std::{collections::BTreeMap, fs, thread::sleep, time::Duration};

use jiesu_testkit::Kind;
use serde_json::Value;

use crate::{
    kit::{Centre, Server, until},
    load::Crew,
    rng::Rng,
};

/// A day in a second and a half.
const HURRY: &str = "60000x";

const PENDING: &str = "SELECT COUNT(*) FROM outbox WHERE state = 'pending'";

fn in_a_hurry(centre: &Centre) -> Server {
    let mut command = centre.jiesu(&["serve"]);
    command.env("JIESU_CLOCK", HURRY);
    Server::start(command)
}

#[test]
fn every_timer_and_every_message_once() {
    let mut rng = Rng::from_env("workers::every_timer_and_every_message_once");
    let centre = Centre::new(Kind::Postgres);
    let crew = Crew::new("before-the-weeks", 6, &mut rng);
    {
        let server = centre.serve();
        crew.works(&[&server.address], || sleep(Duration::from_millis(1500)));
        crew.settles(&[&server.address]);
        // What a server that is killed was just sending is nobody else's until its lease runs out.
        until("messages go out", || centre.number(PENDING) == 0);
    }
    crew.check(&centre);
    let tickets = centre.number("SELECT COUNT(*) FROM ticket");
    let (_one, _other) = (in_a_hurry(&centre), in_a_hurry(&centre));
    // Limits of working days run out: everything that was dispatched is late.
    let late = "SELECT COUNT(*) FROM ticket WHERE lead IS NOT NULL AND overdue = 0";
    until("limits run out", || centre.number(late) == 0);
    until("messages go out", || centre.number(PENDING) == 0);
    let by_system = centre.rows("SELECT ticket, kind, payload FROM journal WHERE actor = 'system'");
    let mut times: BTreeMap<&String, usize> = BTreeMap::new();
    by_system.iter().for_each(|entry| *times.entry(entry).or_default() += 1);
    let twice: Vec<_> = times.iter().filter(|(_, times)| **times > 1).collect();
    assert!(twice.is_empty(), "fired twice: {twice:?}");
    assert!(by_system.len() as i64 >= tickets / 2, "{} entries by timers, {tickets} tickets", by_system.len());
    let backwards = "SELECT COUNT(*) FROM journal a JOIN journal b ON a.jurisdiction = b.jurisdiction AND a.ticket = b.ticket \
         AND a.version + 1 = b.version WHERE b.at < a.at";
    assert_eq!(centre.number(backwards), 0);
    let mut delivered: BTreeMap<i64, usize> = BTreeMap::new();
    for line in fs::read_to_string(centre.data().join("sms.jsonl")).unwrap().lines() {
        let line: Value = serde_json::from_str(line).unwrap();
        *delivered.entry(line["id"].as_i64().unwrap()).or_default() += 1;
    }
    assert!(delivered.values().all(|times| *times == 1), "{delivered:?}");
    assert_eq!(delivered.len() as i64, centre.number("SELECT COUNT(*) FROM outbox WHERE state = 'sent'"));
    println!("{tickets} tickets, {} entries by timers, {} messages", by_system.len(), delivered.len());
    centre.verify();
}
