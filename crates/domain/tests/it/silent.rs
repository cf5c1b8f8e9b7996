//! Readings where the texts are silent, and values that other regulations have: each is data, and changing it changes what follows.

use jiesu_domain::{
    Actor, Calendar, Kind, Role,
    clock::{ClockKind, ClockStatus},
    ticket::{Action, Command, Event, LedgerState, StateName},
};

use super::support::*;

const MONDAY: &str = "2026-11-16 09:00";

fn dispatched(book: &[(&str, &str)], kind: Kind, when: &str) -> Desk {
    let mut desk = Desk::with(shangrao_but(book), calendar());
    desk.register(&form(kind), when).unwrap();
    desk.ok(when, to("chengguan"));
    desk
}

fn signed(book: &[(&str, &str)], kind: Kind, when: &str) -> Desk {
    let mut desk = dispatched(book, kind, when);
    desk.ok(when, Command::Sign {});
    desk
}

/// A desk whose calendar lacks the notice of 2026, with a signed ticket of 2026-09-29 周二.
fn provisional() -> Desk {
    let mut desk = Desk::with(shangrao(), calendar_without(&[2026]));
    desk.register(&form(Kind::Help), "2026-09-29 09:00").unwrap();
    desk.ok("2026-09-29 09:00", to("chengguan"));
    desk.ok("2026-09-29 09:00", Command::Sign {});
    desk
}

#[test]
fn a_notice_that_comes_out_is_an_event_of_its_own() {
    let mut desk = provisional();
    desk.due(ClockKind::Handle, "2026-10-06 24:00"); // 9/30, 10/1, 2, 5, 6 by weekdays
    assert!(desk.ticket().provisional());
    desk.calendar = calendar();
    desk.due(ClockKind::Handle, "2026-10-06 24:00"); // loading it changes nothing by itself
    let events = desk.ok("2026-09-30 09:00", Command::Recount);
    assert!(events.iter().all(|e| matches!(e, Event::ClockRecounted { .. })), "{events:?}");
    desk.due(ClockKind::Handle, "2026-10-12 24:00"); // 9/30, 10/8, 9, 10 (made up), 12
    assert!(!desk.ticket().provisional());
    assert_eq!(desk.clock(ClockKind::Handle).calendar, desk.calendar.version());
    assert!(desk.ok("2026-09-30 09:00", Command::Recount).is_empty(), "once is enough");
}

#[test]
fn who_was_overdue_only_by_weekdays_is_not() {
    let mut desk = provisional();
    desk.time_passes("2026-10-08 09:00");
    assert!(desk.ticket().overdue() && desk.ticket().unsettled().is_some());
    desk.calendar = calendar();
    desk.ok("2026-10-08 10:00", Command::Recount);
    assert!(!desk.ticket().overdue() && desk.ticket().unsettled().is_none());
    let LedgerState::Dismissed { reason } = &desk.ticket().supervision[0].state else { panic!("not dismissed") };
    assert!(reason.contains("放假通知"));
    assert_eq!(desk.ticket().next_wakeup(), Some(at("2026-10-12 24:00")));
}

/// A make-up day brings a due day forward; if it has passed by then, the recount says so at once.
#[test]
fn a_recount_may_also_shorten() {
    let mut desk = Desk::with(shangrao(), calendar_without(&[2026]));
    desk.register(&form(Kind::Consultation), "2026-10-09 09:00").unwrap(); // 周五 before a worked 周六
    desk.ok("2026-10-09 09:00", to("chengguan"));
    desk.ok("2026-10-09 09:00", Command::Sign {});
    desk.due(ClockKind::Handle, "2026-10-13 24:00");
    desk.calendar = calendar();
    desk.ok("2026-10-13 09:00", Command::Recount);
    desk.due(ClockKind::Handle, "2026-10-12 24:00");
    assert!(desk.ticket().overdue());
}

#[test]
fn a_recount_keeps_the_extension() {
    let mut desk = provisional();
    desk.ok("2026-09-29 10:00", ask_extension(2));
    desk.ok("2026-09-29 10:00", review_extension(true));
    desk.due(ClockKind::Handle, "2026-10-08 24:00"); // 10/7, 8 by weekdays
    desk.calendar = calendar();
    desk.ok("2026-09-30 09:00", Command::Recount);
    desk.due(ClockKind::Handle, "2026-10-14 24:00"); // 10/12, then 13, 14
}

/// 2020: the State Council prolonged Spring Festival when it had begun. Nothing was provisional, and everything moved.
#[test]
fn an_amended_notice_moves_what_was_certain() {
    let text = read(root().join("calendars/2020.toml"));
    let before = text
        .replace("\"2020-01-31\", \"2020-02-01\", \"2020-02-02\",", "")
        .replace("\"2020-01-19\", \"2020-02-03\"", "\"2020-01-19\", \"2020-02-01\"");
    let mut all: Vec<_> = notices().into_iter().filter(|n| n.year != 2020).collect();
    all.push(notice(&before));
    let mut desk = Desk::with(shangrao(), Calendar::new(&all).unwrap());
    desk.register(&form(Kind::Help), "2020-01-22 09:00").unwrap(); // 周三
    desk.ok("2020-01-22 09:00", to("chengguan"));
    desk.due(ClockKind::Handle, "2020-02-04 24:00"); // 1/23, 31, 2/1 (made up), 3, 4
    assert!(!desk.ticket().provisional());
    desk.calendar = calendar();
    desk.ok("2020-01-28 09:00", Command::Recount);
    desk.due(ClockKind::Handle, "2020-02-06 24:00"); // 1/23, 2/3, 4, 5, 6
    desk.due(ClockKind::Sign, "2020-01-23 24:00"); // what does not move is left alone
    assert_ne!(desk.clock(ClockKind::Sign).calendar, desk.clock(ClockKind::Handle).calendar);
    assert!(desk.ok("2020-01-28 09:00", Command::Recount).is_empty());
}

const PAUSED: &[(&str, &str)] = &[("pending      = \"runs\"", "pending = \"paused\"")];

/// Zhongshan: the review time never counts. A working day is consumed when its end passes while the clock runs.
#[test]
fn where_a_pending_return_stops_the_clock() {
    let mut desk = signed(PAUSED, Kind::Help, MONDAY); // due 周一 11-23
    desk.ok("2026-11-17 10:00", ask_return()); // 周二
    assert!(matches!(desk.clock(ClockKind::Handle).status, ClockStatus::Paused { .. }));
    desk.time_passes("2026-11-19 09:00");
    let late: Vec<ClockKind> = desk.ticket().clocks.iter().filter(|c| c.open() && c.expired).map(|c| c.kind).collect();
    assert_eq!(late, [ClockKind::ReturnReview], "the centre is late, the unit is not");
    desk.ok("2026-11-19 10:00", review_return(false)); // 周四: 周二 and 周三 ended in the review
    desk.due(ClockKind::Handle, "2026-11-25 24:00");
    assert_eq!(desk.clock(ClockKind::Handle).pauses.len(), 1);
}

#[test]
fn an_extension_asked_while_the_clock_stands_is_in_time_and_outlasts_the_pause() {
    let mut desk = signed(PAUSED, Kind::Consultation, MONDAY); // due 周三 11-18
    desk.ok("2026-11-17 10:00", ask_return());
    desk.ok("2026-11-19 10:00", ask_extension(2)); // 周四: by the stale due instant it would be too late
    desk.ok("2026-11-19 11:00", review_extension(true));
    desk.ok("2026-11-20 10:00", review_return(false)); // 周五: 周二, 周三, 周四 did not count
    desk.due(ClockKind::Handle, "2026-11-25 24:00"); // 20, 23 for the two days; 24, 25 for the extension
}

#[test]
fn the_assists_stand_still_with_the_lead() {
    let mut desk = Desk::with(shangrao_but(PAUSED), calendar());
    desk.register(&form(Kind::Help), MONDAY).unwrap();
    desk.ok(MONDAY, to_with("chengguan", &["gongan"]));
    desk.ok(MONDAY, Command::Sign {});
    desk.ok("2026-11-17 10:00", ask_return());
    desk.ok("2026-11-18 10:00", review_return(false));
    desk.due(ClockKind::Handle, "2026-11-24 24:00");
    desk.due(ClockKind::Assist, "2026-11-24 24:00");
}

#[test]
fn a_return_approved_out_of_a_pause_leaves_nothing_standing() {
    let mut desk = signed(PAUSED, Kind::Help, MONDAY);
    desk.ok("2026-11-17 10:00", ask_return());
    desk.ok("2026-11-18 10:00", review_return(true));
    let open: Vec<ClockKind> = desk.ticket().clocks.iter().filter(|c| c.open()).map(|c| c.kind).collect();
    assert_eq!(open, [ClockKind::Dispatch]);
}

/// Qidong: what is not returned in time counts as accepted, and nobody can open it again.
#[test]
fn where_a_missed_window_counts_as_acceptance() {
    let mut desk = signed(&[("\"refused-unless-opened\"", "\"accepted\"")], Kind::Help, MONDAY);
    let refusal = desk.refused("2026-11-18 09:00", ask_return(), "return-window-closed");
    assert!(refusal.message.contains("视为受理"));
    desk.refused("2026-11-18 09:00", Command::OpenReturn { reason: "特殊情况".into() }, "counts-as-accepted");
}

#[test]
fn where_a_refused_return_is_final() {
    let mut desk = signed(&[("again        = \"free\"", "again = \"never\"")], Kind::Help, MONDAY);
    desk.ok(MONDAY, ask_return());
    desk.ok(MONDAY, review_return(false));
    desk.refused(MONDAY, ask_return(), "no-second-return");
}

/// Heyuan, Qidong: the window runs from the receipt, so an unsigned ticket can be returned.
#[test]
fn where_the_window_runs_from_the_receipt() {
    let from_receipt = ("clock   = \"return\"\nfrom    = \"sign\"", "clock   = \"return\"\nfrom    = \"dispatch\"");
    let mut desk = dispatched(&[from_receipt], Kind::Help, MONDAY);
    desk.due(ClockKind::Return, "2026-11-17 24:00");
    desk.ok("2026-11-17 09:00", ask_return());
    desk.state(StateName::ReturnAsked);
}

#[test]
fn where_the_day_ends_with_the_office() {
    let office = ("start_day = \"left-out\"", "start_day = \"left-out\"\nend_of_day = \"17:30\"");
    let mut desk = signed(&[office], Kind::Help, MONDAY);
    desk.due(ClockKind::Handle, "2026-11-23 17:30");
    desk.refused("2026-11-23 17:30", ask_extension(1), "after-expiry");
    desk.ok("2026-11-23 17:29:59", ask_extension(1));
    desk.ok("2026-11-23 17:29:59", review_extension(true));
    desk.due(ClockKind::Handle, "2026-11-24 17:30");
}

/// Zhongshan 6: a committee may help, and not lead.
#[test]
fn where_a_kind_of_unit_cannot_lead() {
    let never = ("lead_waits = true", "lead_waits = true\nnever_lead = [\"committee\"]");
    let mut desk = Desk::with(shangrao_but(&[never]), calendar());
    desk.register(&form(Kind::Help), MONDAY).unwrap();
    let refusal = desk.refused(MONDAY, to("juweihui"), "never-lead");
    assert_eq!(refusal.field, Some("lead"));
    desk.ok(MONDAY, to_with("chengguan", &["juweihui"]));
}

#[test]
fn where_the_lead_does_not_wait() {
    let mut desk = Desk::with(shangrao_but(&[("lead_waits = true", "lead_waits = false")]), calendar());
    desk.register(&form(Kind::Help), MONDAY).unwrap();
    desk.ok(MONDAY, to_with("chengguan", &["gongan"]));
    desk.ok(MONDAY, Command::Sign {});
    desk.ok(MONDAY, draft("已修复"));
    desk.ok(MONDAY, audit());
}

#[test]
fn where_no_fault_is_needed_it_stands_in_the_ledger_at_once() {
    let rule = "found_by     = \"overdue\"\nfault_needed = true";
    let mut desk = signed(&[(rule, "found_by     = \"overdue\"\nfault_needed = false")], Kind::Help, MONDAY);
    desk.time_passes("2026-11-24 09:00");
    assert!(desk.ticket().supervised());
}

#[test]
fn where_two_extensions_are_allowed_each_counts_from_the_due_day_before() {
    let mut desk = signed(&[("times   = 1", "times   = 2")], Kind::Help, MONDAY);
    for due in ["2026-11-30 24:00", "2026-12-07 24:00"] {
        desk.ok("2026-11-17 09:00", ask_extension(5));
        desk.ok("2026-11-17 09:00", review_extension(true));
        desk.due(ClockKind::Handle, due);
    }
    desk.refused("2026-11-17 09:00", ask_extension(1), "no-more-extensions");
}

#[test]
fn where_the_unit_may_contact_the_appellant_of_a_confidential_ticket() {
    let book = shangrao_but(&[("unit_may_contact = false", "unit_may_contact = true")]);
    let mut desk = Desk::with(book, calendar());
    let form = jiesu_domain::ticket::Register { confidential: true, ..form(Kind::Help) };
    desk.register(&form, MONDAY).unwrap();
    desk.ok(MONDAY, to("chengguan"));
    desk.ok(MONDAY, Command::Sign {});
    assert!(desk.open_to(&of_unit(Role::Handler, "chengguan"), Action::RecordContact, MONDAY));
    assert!(!desk.open_to(&of_centre(Role::FollowUpClerk), Action::RecordContact, MONDAY));
    assert!(!desk.open_to(&Actor::citizen(), Action::RecordContact, MONDAY));
}
