//! Supervision, exemption and the archive as a hostile reader would try them (13.5, 13.7, 13.9, 27).

use jiesu_domain::{
    Amount, Kind, Role,
    clock::ClockKind,
    ticket::{Command, Finding, LedgerState, Register, StateName},
    words::{Contact, Satisfaction},
};

use super::{oracle, sample, support::*};

const MONDAY: &str = "2026-11-16 09:00";

fn confidential(kind: Kind) -> Desk {
    let mut desk = Desk::new();
    desk.register(&Register { confidential: true, ..form(kind) }, MONDAY).unwrap();
    desk.ok(MONDAY, to("chengguan"));
    desk.ok(MONDAY, Command::Sign {});
    desk
}

#[test]
fn the_archive_waits_for_the_ledger() {
    let mut desk = Desk::signed(Kind::Help, MONDAY);
    desk.time_passes("2026-11-24 09:00"); // overdue: proposed
    desk.close("2026-11-24 10:00");
    desk.ok("2026-11-24 11:00", rate(Satisfaction::Satisfied));
    desk.refused("2026-11-24 12:00", Command::Archive {}, "supervision-proposed");
    desk.time_passes("2026-11-30 09:00");
    desk.state(StateName::Concluded); // not archived with a proposal that nobody has judged
    desk.ok("2026-11-30 10:00", Command::OpenSupervision { no: 1, fault: "未按时办结".into() });
    desk.refused("2026-11-30 11:00", Command::Archive {}, "under-supervision");
    desk.ok("2026-11-30 12:00", Command::EndSupervision { no: 1, result: "已约谈".into() });
    desk.due(ClockKind::Archive, "2026-12-01 24:00"); // anew from 周一
    desk.time_passes("2026-12-01 24:00");
    desk.state(StateName::Archived);
}

#[test]
fn a_dismissed_proposal_lets_the_archive_go_on() {
    let mut desk = Desk::signed(Kind::Help, MONDAY);
    desk.time_passes("2026-11-24 09:00");
    desk.close("2026-11-24 10:00");
    desk.ok("2026-11-24 11:00", rate(Satisfaction::Satisfied));
    desk.time_passes("2026-11-30 09:00");
    desk.ok("2026-11-30 10:00", Command::DismissSupervision { no: 1, reason: "暴雨停工所致".into() });
    desk.time_passes("2026-12-01 24:00");
    desk.state(StateName::Archived);
}

#[test]
fn archived_by_hand_no_clock_runs() {
    let mut desk = Desk::closed(Kind::Help, MONDAY);
    desk.ok(MONDAY, rate(Satisfaction::Satisfied));
    desk.ok("2026-11-16 10:00", Command::Archive {});
    assert!(desk.ticket().clocks.iter().all(|c| !c.open()));
    assert_eq!(desk.ticket().next_wakeup(), None);
}

fn measure(no: u32, measure: &str, days: u32) -> Command {
    let rectify_within = Amount::working_days(days);
    Command::TakeMeasure { no, measure: measure.into(), notice: "限期整改".into(), rectify_within }
}

/// Two entries, two limits: what happens to one does not touch the other.
#[test]
fn each_entry_of_the_ledger_has_its_own_limit() {
    let mut desk = Desk::signed(Kind::Help, MONDAY);
    desk.time_passes("2026-11-24 09:00");
    desk.ok("2026-11-24 09:00", Command::OpenSupervision { no: 1, fault: "超期".into() });
    desk.close("2026-11-24 10:00");
    desk.redo("2026-11-24 11:00");
    desk.ok("2026-11-24 11:00", Command::Sign {});
    desk.close("2026-11-24 12:00");
    desk.redo("2026-11-24 13:00"); // second unsatisfied rating: entry 2
    desk.ok("2026-11-24 14:00", measure(1, "rectification-notice", 3));
    desk.ok("2026-11-24 14:00", measure(2, "interview", 5));
    let due = |desk: &Desk| -> Vec<_> {
        let open = desk.ticket().clocks.iter().filter(|c| c.kind == ClockKind::Rectify && c.open());
        open.map(|c| c.due).collect()
    };
    assert_eq!(due(&desk), [at("2026-11-27 24:00"), at("2026-12-01 24:00")]);
    let report = |no| Command::ReportRectification { no, text: "已整改".into() };
    desk.ok("2026-11-25 09:00", report(1));
    assert_eq!(due(&desk), [at("2026-12-01 24:00")]);
    desk.refused("2026-11-25 09:00", report(1), "bad-input");
    desk.ok("2026-11-25 10:00", Command::EndSupervision { no: 1, result: "整改到位".into() });
    assert_eq!(due(&desk), [at("2026-12-01 24:00")]);
    desk.ok("2026-11-25 10:00", Command::EndSupervision { no: 2, result: "已约谈".into() });
    assert!(due(&desk).is_empty());
}

/// 督查专报、整改通知、督查建议、约谈提醒等方式: more than one if need be, and the last one sets the limit.
#[test]
fn a_second_measure_takes_the_place_of_the_first() {
    let mut desk = Desk::signed(Kind::Help, MONDAY);
    desk.time_passes("2026-11-24 09:00");
    desk.ok("2026-11-24 09:00", Command::OpenSupervision { no: 1, fault: "超期".into() });
    desk.ok("2026-11-24 10:00", measure(1, "rectification-notice", 1));
    desk.time_passes("2026-11-26 09:00");
    desk.ok("2026-11-26 09:00", measure(1, "interview", 2));
    let open: Vec<_> = desk.ticket().clocks.iter().filter(|c| c.kind == ClockKind::Rectify && c.open()).collect();
    assert_eq!((open.len(), open[0].due), (1, at("2026-11-30 24:00"))); // 周四 + 2
}

#[test]
fn a_unit_that_lost_the_ticket_still_owes_its_rectification() {
    let mut desk = Desk::signed(Kind::Help, MONDAY);
    desk.time_passes("2026-11-24 09:00");
    desk.ok("2026-11-24 09:00", Command::OpenSupervision { no: 1, fault: "超期".into() });
    desk.ok("2026-11-24 09:00", measure(1, "rectification-notice", 3));
    desk.ok("2026-11-24 10:00", Command::OpenReturn { reason: "职责调整".into() });
    desk.ok("2026-11-24 10:00", ask_return());
    desk.ok("2026-11-24 11:00", review_return(true));
    desk.ok("2026-11-24 11:00", to("gongan"));
    let report = Command::ReportRectification { no: 1, text: "已整改".into() };
    let stranger = desk.by(&of_unit(Role::Handler, "gongan"), at("2026-11-25 09:00"), &report).unwrap_err();
    assert_eq!(stranger.rule, "nothing-to-supervise");
    assert!(desk.ticket().concerns("chengguan") && !desk.ticket().units().contains(&"chengguan"));
    desk.by(&of_unit(Role::Handler, "chengguan"), at("2026-11-25 09:00"), &report).unwrap();
    assert!(matches!(desk.ticket().supervision[0].state, LedgerState::Measured { rectification: Some(_), .. }));
    // The unit that has it now is late by itself: an entry of its own.
    desk.time_passes("2026-12-02 09:00");
    assert_eq!(desk.ticket().supervision[1].unit.as_deref(), Some("gongan"));
}

#[test]
fn a_late_review_of_the_centre_is_no_ground_against_the_unit() {
    let mut desk = Desk::signed(Kind::Complaint, MONDAY);
    desk.ok(MONDAY, ask_extension(2));
    desk.time_passes("2026-11-19 09:00");
    assert!(desk.ticket().overdue(), "the review is late");
    let propose = |ground| Command::ProposeSupervision { ground, note: "群众多次来电".into() };
    let refusal = desk.refused("2026-11-19 09:00", propose("overdue".into()), "no-ground");
    assert_eq!(refusal.article(), Some("第十三条（五）"));
    assert_eq!(refusal.message, "工单没有超期；“不满意评价达到次数”未达2次");
    // Once the unit is late by itself, that ground is open and no other.
    desk.time_passes("2026-12-01 09:00");
    desk.ok("2026-12-01 09:00", Command::DismissSupervision { no: 1, reason: "延期申请尚未审核".into() });
    desk.refused("2026-12-01 09:00", propose("unsatisfied".into()), "not-often-enough");
    desk.refused("2026-12-01 09:00", propose("media".into()), "bad-input");
    desk.ok("2026-12-01 09:00", propose("overdue".into()));
}

#[test]
fn what_the_system_proposed_cannot_be_proposed_again() {
    let mut desk = Desk::signed(Kind::Help, MONDAY);
    desk.time_passes("2026-11-24 09:00");
    let propose = Command::ProposeSupervision { ground: "overdue".into(), note: "超期".into() };
    desk.refused("2026-11-24 09:00", propose.clone(), "no-ground");
    desk.ok("2026-11-24 09:00", Command::DismissSupervision { no: 1, reason: "不可抗力".into() });
    desk.ok("2026-11-24 10:00", propose); // a person may see it otherwise, and says why
    assert_eq!(desk.ticket().supervision[1].note, "超期");
}

#[test]
fn exemptions_of_article_27() {
    let exempt = |ground| Command::VerifyRating {
        appeal: None,
        ground: None,
        finding: Finding::Exempt,
        exempt: Some(ground),
        reason: "核实".into(),
    };
    // A suggestion that was not adopted; of any other kind it does not hold.
    for (kind, holds) in [(Kind::Suggestion, true), (Kind::Opinion, false), (Kind::Complaint, false)] {
        let mut desk = Desk::closed(kind, MONDAY);
        desk.ok(MONDAY, rate(Satisfaction::Very));
        let by = desk.try_at(MONDAY, exempt("suggestion-not-adopted".into()));
        assert_eq!(by.is_ok(), holds, "{kind}");
        match by {
            Ok(_) => {
                assert!(!desk.ticket().ratings[0].verdict.as_ref().unwrap().assessed);
                assert_eq!(desk.ticket().unsatisfied(), 0);
                desk.state(StateName::Concluded);
            }
            Err(refusal) => assert_eq!(refusal.article(), Some("第二十七条（一）")),
        }
    }
    // Without policy basis: closed on that ground, and explained by the unit.
    for (ground, explained, holds) in
        [("no-policy-basis", true, true), ("no-policy-basis", false, false), ("done", true, false)]
    {
        let mut desk = Desk::signed(Kind::Help, MONDAY);
        desk.ok(
            MONDAY,
            Command::RecordContact { by: Contact::Phone, reached: true, explained, note: "电话沟通".into() },
        );
        desk.ok(MONDAY, draft("现行政策不支持，已作解释"));
        desk.ok(MONDAY, audit());
        desk.ok(MONDAY, Command::AskClosure { ground: ground.into(), statement: "依据某办法".into() });
        desk.ok(MONDAY, review_closure(true));
        desk.ok(MONDAY, rate(Satisfaction::Unsatisfied));
        let by = desk.try_at(MONDAY, exempt("no-policy-basis".into()));
        assert_eq!(by.is_ok(), holds, "{ground} {explained}");
        if let Err(refusal) = by {
            assert_eq!((refusal.rule, refusal.article()), ("exempt-not-met", Some("第二十七条（二）")));
        }
    }
}

/// Otherwise a unit would be held against a rating that article 27 takes out, only because the appellant asked for secrecy.
#[test]
fn on_a_confidential_ticket_the_clerk_explains_in_the_units_place() {
    let mut desk = confidential(Kind::Help);
    let explain =
        Command::RecordContact { by: Contact::Phone, reached: true, explained: true, note: "已解释政策".into() };
    let refusal = desk.refused(MONDAY, explain.clone(), "confidential");
    assert_eq!(refusal.article(), Some("第二十三条"));
    let clerk = of_centre(Role::FollowUpClerk);
    desk.by(&clerk, at(MONDAY), &explain).unwrap();
    assert_eq!(desk.ticket().work().unwrap().contacts[0].unit, "chengguan");
    // On any other ticket that is the unit's own work.
    let mut open = Desk::signed(Kind::Help, MONDAY);
    assert_eq!(open.by(&clerk, at(MONDAY), &explain).unwrap_err().rule, "unit-contacts");
}

#[test]
fn an_unsatisfied_rating_that_is_not_the_units_fault_ends_without_redo() {
    let mut desk = Desk::closed(Kind::Complaint, MONDAY);
    desk.ok(MONDAY, rate(Satisfaction::Unsatisfied));
    desk.state(StateName::Checking);
    desk.ok(MONDAY, verify(Finding::NoFault));
    desk.state(StateName::Concluded);
    assert!(desk.ticket().ratings[0].verdict.as_ref().unwrap().assessed, "only article 27 takes a rating out");
    assert_eq!((desk.ticket().redos, desk.ticket().supervision.len()), (0, 0));
}

#[test]
fn a_proposal_made_while_the_second_rating_is_verified_becomes_the_entry() {
    let mut desk = Desk::closed(Kind::Help, MONDAY);
    desk.redo(MONDAY);
    desk.ok(MONDAY, Command::Sign {});
    desk.close(MONDAY);
    desk.ok(MONDAY, rate(Satisfaction::Unsatisfied));
    desk.ok(MONDAY, Command::ProposeSupervision { ground: "unsatisfied".into(), note: "两次不满意".into() });
    desk.ok(MONDAY, verify(Finding::UnitFault));
    assert_eq!(desk.ticket().supervision.len(), 1);
    assert!(matches!(desk.ticket().supervision[0].state, LedgerState::Open { .. }));
}

/// More time for the redo does not undo that the first handling was late.
#[test]
fn an_extension_of_the_redo_leaves_the_old_proposal_standing() {
    let mut desk = Desk::signed(Kind::Help, MONDAY);
    desk.time_passes("2026-11-24 09:00");
    desk.close("2026-11-24 10:00");
    desk.redo("2026-11-24 11:00");
    desk.ok("2026-11-24 12:00", Command::Sign {});
    desk.ok("2026-11-24 12:00", ask_extension(2));
    desk.ok("2026-11-24 13:00", review_extension(true));
    assert_eq!(desk.ticket().supervision[0].state, LedgerState::Proposed);
}

/// Found by the simulated year: a ticket was archived while the clock of an urging still ran.
#[test]
fn an_urging_that_nobody_answered_ends_with_the_handling() {
    let urge = || Command::Urge { unit: None, note: "请抓紧办理".into() };
    let mut desk = Desk::signed(Kind::Help, MONDAY);
    desk.ok("2026-11-16 10:00", urge());
    desk.time_passes("2026-11-18 09:00"); // missed
    desk.ok("2026-11-18 10:00", urge());
    desk.close("2026-11-18 11:00");
    assert!(desk.ticket().open_clock(ClockKind::Urging, None).is_none());
    desk.ok("2026-11-18 12:00", rate(Satisfaction::Satisfied));
    desk.ok("2026-11-18 13:00", Command::Archive {});
    assert!(desk.ticket().clocks.iter().all(|c| !c.open()));

    let mut desk = Desk::signed(Kind::Help, MONDAY);
    desk.ok("2026-11-16 10:00", urge());
    desk.ok("2026-11-16 11:00", ask_return());
    desk.ok("2026-11-16 12:00", review_return(true));
    assert!(desk.ticket().open_clock(ClockKind::Urging, None).is_none(), "it has given the ticket back");
}

/// Found by the simulated year: the limit to report in went on for a unit that had become the lead, and could not be met.
#[test]
fn who_was_called_in_and_takes_the_lead_need_not_report_in() {
    let book = rulebooks().into_iter().find(|b| b.rulebook.id == "zhongshan").unwrap();
    let mut desk = Desk::with(book, calendar());
    desk.units = sample::units();
    desk.register(&form(Kind::Consultation), MONDAY).unwrap();
    desk.ok(
        MONDAY,
        Command::Dispatch(jiesu_domain::ticket::Dispatch {
            lead: "chengguan".into(),
            note: "按职责派发".into(),
            ..Default::default()
        }),
    );
    desk.ok(MONDAY, Command::Sign {});
    desk.time_passes("2026-11-19 09:00"); // overdue
    desk.ok("2026-11-19 10:00", Command::Whistle { units: vec!["zhengfu".into()], matter: "现场协调".into() });
    desk.ok("2026-11-19 11:00", Command::Raise { to: "zhengfu".into(), reason: "长期未解决".into() });
    assert!(desk.ticket().open_clock(ClockKind::ReportIn, None).is_none());
    oracle::clocks_fit_the_units(desk.ticket()).unwrap();
}
