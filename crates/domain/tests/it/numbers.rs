//! Every number of Shangrao's rulebook, at its limit and one past it. In time means strictly before the due instant: 24:00 is late.
//!
//! The weeks from 2026-11-16 周一 on have no holiday: 16-20, 23-27, 11-30 to 12-04, 12-07 to 12-11 are working days.

use jiesu_domain::{
    Actor, Kind, Role,
    clock::ClockKind,
    ticket::{Action, Command, Dispatch, Finding, StateName},
    words::Satisfaction,
};

use super::support::*;

const MONDAY: &str = "2026-11-16 09:00";

#[test]
fn signing_within_one_working_day() {
    for (when, late) in [("2026-11-17 23:59:59", false), ("2026-11-17 24:00", true)] {
        let mut desk = Desk::dispatched(Kind::Help, MONDAY);
        desk.due(ClockKind::Sign, "2026-11-17 24:00"); // 周二
        desk.ok(when, Command::Sign {});
        assert_eq!(desk.clock(ClockKind::Sign).late(at(when)), late, "{when}");
    }
}

#[test]
fn return_within_one_working_day_of_signing() {
    let mut desk = Desk::dispatched(Kind::Help, MONDAY);
    desk.ok("2026-11-18 10:00", Command::Sign {}); // 周三: the window runs from the signing, not from the dispatch
    desk.due(ClockKind::Return, "2026-11-19 24:00");
    let refusal = desk.refused("2026-11-19 24:00", ask_return(), "return-window-closed");
    assert_eq!(refusal.article(), Some("第十三条（三）"));
    desk.ok("2026-11-19 23:59:59", ask_return());
}

#[test]
fn handling_by_kind_from_the_dispatch() {
    for (kind, due) in [
        (Kind::Consultation, "2026-11-18 24:00"), // 2: 周三
        (Kind::Help, "2026-11-23 24:00"),         // 5: 周一
        (Kind::Suggestion, "2026-11-23 24:00"),   // 5
        (Kind::Opinion, "2026-11-23 24:00"),      // 5
        (Kind::Complaint, "2026-11-30 24:00"),    // 10: 周一
        (Kind::Report, "2026-11-30 24:00"),       // 10
    ] {
        let mut desk = Desk::dispatched(kind, MONDAY);
        desk.due(ClockKind::Handle, due);
        assert_eq!(desk.clock(ClockKind::Handle).basis.article, "第十四条");
        // Signing late moves nothing.
        desk.ok("2026-11-18 15:00", Command::Sign {});
        desk.due(ClockKind::Handle, due);
    }
}

/// On time is judged by the unit's application, not by the centre's review.
#[test]
fn closure_asked_in_the_last_second_is_on_time_and_at_24_is_late() {
    for (asked, late) in [("2026-11-23 23:59:59", false), ("2026-11-23 24:00", true)] {
        let mut desk = Desk::signed(Kind::Help, MONDAY);
        desk.ok(asked, draft("已修复"));
        desk.ok(asked, audit());
        desk.ok(asked, ask_closure());
        desk.ok("2026-11-24 10:00", review_closure(true));
        assert_eq!(desk.clock(ClockKind::Handle).late(at("2026-11-24 10:00")), late, "{asked}");
        assert_eq!(desk.ticket().supervision.len(), usize::from(late), "{asked}");
    }
}

#[test]
fn fifteen_days_need_the_third_contact_and_the_mark() {
    for (appeals, difficult, due) in [
        (1, true, "2026-11-30 24:00"),
        (2, true, "2026-11-30 24:00"),
        (3, false, "2026-11-30 24:00"),
        (3, true, "2026-12-07 24:00"), // 15: 周一
        (4, true, "2026-12-07 24:00"),
    ] {
        let mut desk = Desk::registered(Kind::Complaint, MONDAY);
        for _ in 1..appeals {
            desk.ok(MONDAY, attach());
        }
        if difficult {
            desk.ok(MONDAY, Command::MarkDifficult { reason: "涉及多个部门，成因复杂".into() });
        }
        desk.ok(MONDAY, to("chengguan"));
        assert_eq!(desk.ticket().contacts(), appeals);
        desk.due(ClockKind::Handle, due);
    }
}

fn attach() -> Command {
    Command::AttachAppeal {
        channel: jiesu_domain::Channel::Phone,
        follow_up_by: jiesu_domain::words::Contact::Phone,
        note: None,
        same_as: None,
        from: None,
    }
}

#[test]
fn earlier_tickets_count_once_each() {
    let mut desk = Desk::new();
    let earlier =
        ["SR-20261001-000001-1", "SR-20261001-000001-1 ", " ", "SR-20261008-000007-3"].map(str::to_owned).to_vec();
    desk.register(&jiesu_domain::ticket::Register { earlier, ..form(Kind::Help) }, MONDAY).unwrap();
    assert_eq!(desk.ticket().contacts(), 3); // this one and two others
}

#[test]
fn the_third_contact_after_the_dispatch_moves_only_the_dispatch_that_follows() {
    let mut desk = Desk::signed(Kind::Complaint, MONDAY);
    desk.ok(MONDAY, attach());
    desk.ok(MONDAY, attach());
    desk.ok(MONDAY, Command::MarkDifficult { reason: "成因复杂".into() });
    desk.due(ClockKind::Handle, "2026-11-30 24:00");
    desk.ok("2026-11-16 10:00", ask_return());
    desk.ok("2026-11-17 10:00", review_return(true));
    desk.ok("2026-11-17 10:10", to("gongan"));
    desk.due(ClockKind::Handle, "2026-12-08 24:00"); // 15 working days from 周二
}

#[test]
fn an_extension_is_at_most_the_original_limit() {
    for (kind, most, due) in [
        (Kind::Consultation, 2, "2026-11-20 24:00"),
        (Kind::Help, 5, "2026-11-30 24:00"),
        (Kind::Complaint, 10, "2026-12-14 24:00"),
    ] {
        let mut desk = Desk::signed(kind, MONDAY);
        let refusal = desk.refused("2026-11-17 09:00", ask_extension(most + 1), "longer-than-original-limit");
        assert_eq!((refusal.article(), refusal.field), (Some("第十六条"), Some("days")));
        desk.refused("2026-11-17 09:00", ask_extension(0), "bad-input");
        desk.refused("2026-11-17 09:00", ask_extension(u32::MAX), "longer-than-original-limit");
        desk.ok("2026-11-17 09:00", ask_extension(most));
        desk.ok("2026-11-17 10:00", review_extension(true));
        desk.due(ClockKind::Handle, due);
        // Once.
        desk.refused("2026-11-17 11:00", ask_extension(1), "no-more-extensions");
    }
}

#[test]
fn an_extension_is_asked_before_expiry() {
    let mut desk = Desk::signed(Kind::Help, MONDAY);
    let refusal = desk.refused("2026-11-23 24:00", ask_extension(1), "after-expiry");
    assert_eq!(refusal.article(), Some("第十六条"));
    // The list of actions says so as well, though no worker has noted the expiry.
    let handler = of_unit(Role::Handler, "chengguan");
    assert!(!desk.open_to(&handler, Action::AskExtension, "2026-11-23 24:00"));
    assert!(desk.open_to(&handler, Action::AskExtension, "2026-11-23 23:59:59"));
    desk.ok("2026-11-23 23:59:59", ask_extension(1));
}

/// Asked in time, granted after the old due day: the new day counts from the old one, and what was proposed falls away.
#[test]
fn an_extension_granted_after_expiry_counts_from_the_old_due_day() {
    let mut desk = Desk::signed(Kind::Help, MONDAY);
    desk.ok("2026-11-23 23:00", ask_extension(2));
    desk.time_passes("2026-11-24 09:00");
    assert!(desk.ticket().overdue());
    desk.ok("2026-11-24 10:00", review_extension(true));
    desk.due(ClockKind::Handle, "2026-11-25 24:00");
    assert!(!desk.ticket().overdue() && desk.ticket().unsettled().is_none());
    assert_eq!(desk.clock(ClockKind::Handle).extensions[0].due_before, at("2026-11-23 24:00"));
    // Granted too late to help: it stays overdue, and the proposal stands.
    let mut desk = Desk::signed(Kind::Help, MONDAY);
    desk.ok("2026-11-23 23:00", ask_extension(2));
    desk.ok("2026-11-25 24:00", review_extension(true));
    assert!(desk.ticket().overdue() && desk.ticket().unsettled().is_some());
}

#[test]
fn dispatch_at_once_is_thirty_minutes_and_five_for_an_emergency() {
    for (urgent, due) in [(false, "2026-11-16 09:30"), (true, "2026-11-16 09:05")] {
        for late in [false, true] {
            let mut desk = Desk::new();
            desk.register(&jiesu_domain::ticket::Register { urgent, ..form(Kind::Help) }, MONDAY).unwrap();
            desk.due(ClockKind::Dispatch, due);
            let now = if late { at(due) } else { at(due) - SECOND };
            let to =
                Command::Dispatch(Dispatch { lead: "shuiwu".into(), call: urgent.then(call), ..Dispatch::default() });
            desk.by(&of_centre(Role::Dispatcher), now, &to).unwrap();
            assert_eq!(desk.clock(ClockKind::Dispatch).late(now), late);
        }
    }
}

#[test]
fn a_referral_is_two_hours_at_each_level() {
    let mut desk = Desk::registered(Kind::Help, MONDAY);
    desk.ok("2026-11-16 09:10", refer_up());
    desk.due(ClockKind::Referral, "2026-11-16 11:10");
    let leader = of_centre(Role::ShiftLeader);
    desk.by(&leader, at("2026-11-16 11:00"), &refer_up()).unwrap();
    desk.due(ClockKind::Referral, "2026-11-16 13:00");
    let manager = of_centre(Role::CentreManager);
    let top = desk.by(&manager, at("2026-11-16 11:05"), &refer_up()).unwrap_err();
    assert_eq!((top.rule, top.article()), ("top-level", Some("第十二条")));
    desk.by(&manager, at("2026-11-16 13:00"), &Command::Accept { note: String::new() }).unwrap();
    assert!(desk.clock(ClockKind::Referral).late(at("2026-11-16 13:00")));
    // The thirty minutes begin with the answer: nobody could dispatch while it was awaited.
    desk.due(ClockKind::Dispatch, "2026-11-16 13:30");
    assert!(!desk.ticket().overdue());
}

fn refer_up() -> Command {
    Command::ReferUp { question: "是否属于政府职能范围？".into() }
}

#[test]
fn what_the_centre_owes() {
    let mut desk = Desk::signed(Kind::Complaint, MONDAY);
    desk.ok("2026-11-16 10:00", ask_return());
    desk.due(ClockKind::ReturnReview, "2026-11-17 24:00"); // 1
    desk.ok("2026-11-17 10:00", review_return(false));
    desk.ok("2026-11-17 11:00", ask_extension(3));
    desk.due(ClockKind::ExtensionReview, "2026-11-18 24:00"); // 1
    desk.ok("2026-11-18 10:00", review_extension(false));
    desk.ok("2026-11-18 11:00", draft("已办理"));
    desk.ok("2026-11-18 11:00", audit());
    desk.ok("2026-11-18 11:00", ask_closure());
    desk.due(ClockKind::ClosureReview, "2026-11-19 24:00"); // 1
    desk.ok("2026-11-19 10:00", review_closure(true));
    desk.due(ClockKind::FollowUp, "2026-11-26 24:00"); // 5 from 周四
    desk.ok("2026-11-20 10:00", rate(Satisfaction::Unsatisfied));
    desk.due(ClockKind::Verify, "2026-11-25 24:00"); // 3 from 周五
    desk.ok("2026-11-23 10:00", verify(Finding::NoFault));
    desk.due(ClockKind::Archive, "2026-11-24 24:00"); // 1 from 周一
    desk.time_passes("2026-11-24 23:59:59");
    desk.state(StateName::Concluded);
    desk.time_passes("2026-11-24 24:00");
    desk.state(StateName::Archived);
}

#[test]
fn the_third_attempt_without_an_answer_ends_the_follow_up() {
    let mut desk = Desk::closed(Kind::Help, MONDAY);
    desk.ok("2026-11-17 09:00", nobody_answers());
    desk.ok("2026-11-17 15:00", nobody_answers());
    desk.state(StateName::Closed);
    desk.ok("2026-11-18 09:00", nobody_answers());
    desk.state(StateName::Concluded);
    desk.refused("2026-11-18 10:00", rate(Satisfaction::Satisfied), "already-rated");
}

#[test]
fn the_second_unsatisfied_rating_goes_into_the_ledger_and_each_one_after() {
    let mut desk = Desk::closed(Kind::Help, MONDAY);
    for (redo, in_ledger) in [(1, 0), (2, 1), (3, 2)] {
        desk.redo("2026-11-16 10:00");
        assert_eq!(desk.ticket().redos, redo);
        assert_eq!(desk.ticket().supervision.len(), in_ledger, "after redo {redo}");
        desk.ok("2026-11-16 10:00", Command::Sign {});
        desk.close("2026-11-16 10:00");
    }
    assert!(desk.ticket().supervised());
}

#[test]
fn a_redo_has_the_whole_limit_anew_and_no_return() {
    let mut desk = Desk::closed(Kind::Help, MONDAY);
    desk.redo("2026-11-18 10:00"); // 周三
    desk.due(ClockKind::Sign, "2026-11-19 24:00");
    desk.due(ClockKind::Handle, "2026-11-25 24:00"); // 5
    assert!(desk.clock(ClockKind::Handle).basis.readings.contains(&"redo-limit".to_owned()));
    desk.ok("2026-11-18 11:00", Command::Sign {});
    assert!(desk.ticket().open_clock(ClockKind::Return, None).is_none(), "no window is shown that is not there");
    let refusal = desk.refused("2026-11-18 11:00", ask_return(), "redo-stays");
    assert_eq!(refusal.article(), Some("第十三条（七）"));
}

#[test]
fn emergencies_are_for_help_and_report_and_need_the_call() {
    for (kind, taken) in [
        (Kind::Help, true),
        (Kind::Report, true),
        (Kind::Complaint, false),
        (Kind::Consultation, false),
        (Kind::Suggestion, false),
        (Kind::Thanks, false),
    ] {
        let result = Desk::new().register(&jiesu_domain::ticket::Register { urgent: true, ..form(kind) }, MONDAY);
        assert_eq!(result.is_ok(), taken, "{kind}");
        if let Err(refusal) = result {
            assert_eq!((refusal.rule, refusal.article()), ("emergency-kind", Some("第十五条")));
        }
    }
    let mut desk = Desk::new();
    desk.register(&jiesu_domain::ticket::Register { urgent: true, ..form(Kind::Help) }, MONDAY).unwrap();
    let refusal = desk.refused("2026-11-16 09:02", to("shuiwu"), "emergency-call");
    assert_eq!(refusal.article(), Some("第十五条"));
}

#[test]
fn kinds_that_are_not_taken() {
    for kind in [Kind::Criticism, Kind::Efficacy] {
        let refusal = Desk::new().register(&form(kind), MONDAY).unwrap_err();
        assert_eq!((refusal.rule, refusal.article()), ("kind-not-taken", Some("第十条")));
    }
    for kind in [Kind::Thanks, Kind::Withdrawal, Kind::Harassment, Kind::Invalid] {
        let desk = Desk::registered(kind, MONDAY);
        desk.state(StateName::Answered);
        assert!(!desk.open_to(&of_centre(Role::Dispatcher), Action::Dispatch, MONDAY), "{kind}");
    }
}

#[test]
fn seven_classes_of_refusal() {
    let book = shangrao();
    assert_eq!(book.refusal.len(), 7);
    let numerals = ["一", "二", "三", "四", "五", "六", "七"];
    for (class, numeral) in book.refusal.iter().zip(numerals) {
        assert_eq!(class.article.as_deref(), Some(format!("第十一条（{numeral}）").as_str()));
    }
    assert_eq!(book.archive.recordings_years, 3);
}

#[test]
fn the_worker_notes_expiry_at_the_due_instant_and_not_before() {
    let mut desk = Desk::dispatched(Kind::Help, MONDAY);
    let wake = desk.ticket().next_wakeup().unwrap();
    assert_eq!(wake, at("2026-11-17 24:00"));
    assert!(desk.by(&Actor::system(), wake - SECOND, &Command::TimePassed).unwrap().is_empty());
    assert!(!desk.ticket().overdue());
    assert_eq!(desk.by(&Actor::system(), wake, &Command::TimePassed).unwrap().len(), 1);
    assert!(desk.ticket().overdue());
}
