//! An appeal that comes with a joined ticket was made there, not at the moment of the joining.

use std::collections::BTreeMap;

use jiesu_domain::{
    Channel, Kind,
    ticket::{Command, Event, StateName, Ticket},
    words::Contact,
};

use super::support::*;

const OTHER: &str = "SR-20260101-000002-9";

/// A ticket with two appeals, of 09:00 and 11:30 on the day before.
fn other() -> Ticket {
    let mut other = Desk::registered(Kind::Help, "2026-11-16 09:00");
    other.ok("2026-11-16 11:30", from(None));
    other.ticket().clone()
}

fn from(from: Option<&str>) -> Command {
    Command::AttachAppeal {
        channel: Channel::Phone,
        follow_up_by: Contact::Phone,
        note: None,
        same_as: None,
        from: from.map(str::to_owned),
    }
}

fn joins(desk: &mut Desk) {
    desk.standing = Some(BTreeMap::from([(OTHER.to_owned(), other().standing())]));
}

#[test]
fn an_appeal_that_comes_with_a_joined_ticket_keeps_the_instant_it_was_received_at() {
    let mut desk = Desk::registered(Kind::Help, "2026-11-10 09:00");
    joins(&mut desk);
    desk.ok("2026-11-17 10:00", from(Some(&format!("{OTHER}#2"))));
    desk.ok("2026-11-17 10:00", from(Some(&format!("{OTHER}#1"))));
    desk.ok("2026-11-17 10:00", from(None));
    let received: Vec<_> = desk.ticket().appeals.iter().map(|a| a.received_at).collect();
    let wanted = ["2026-11-10 09:00", "2026-11-16 11:30", "2026-11-16 09:00", "2026-11-17 10:00"].map(at);
    assert_eq!(received, wanted);
    // Joined again, it still says when it was made.
    assert_eq!(desk.ticket().standing().received, wanted);
}

#[test]
fn what_the_other_ticket_does_not_have_cannot_come_with_it() {
    let mut desk = Desk::registered(Kind::Help, "2026-11-10 09:00");
    joins(&mut desk);
    for none in [format!("{OTHER}#3"), format!("{OTHER}#0"), format!("{OTHER}#x"), "SR-20260101-000077-1#1".to_owned()]
    {
        let refusal = desk.refused("2026-11-17 10:00", from(Some(&none)), "bad-input");
        assert_eq!(refusal.field, Some("from"), "{none}");
    }
}

/// Needed while it is decided; the journal of a ticket that is linked is what it always was.
#[test]
fn the_journal_of_a_linked_ticket_does_not_repeat_the_instants() {
    let mut desk = Desk::registered(Kind::Help, "2026-11-10 09:00");
    joins(&mut desk);
    let events = desk.ok("2026-11-17 10:00", Command::LinkEarlier { number: OTHER.to_owned(), note: String::new() });
    let linked = |e: &Event| match e {
        Event::EarlierLinked { standing, .. } => standing.clone(),
        _ => None,
    };
    let standing = events.iter().find_map(linked).unwrap();
    assert_eq!((standing.state, standing.received.as_slice()), (StateName::Registered, &[][..]));
    assert!(!serde_json::to_string(&events).unwrap().contains("received"));
}
