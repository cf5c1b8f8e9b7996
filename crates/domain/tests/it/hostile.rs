//! What a hostile reader would try: the wrong order, twice, at the last instant, by the back door. Each test holds a rule of the text.

use jiesu_domain::{
    Actor, Amount, Kind, Role,
    clock::{ClockKind, ClockStatus},
    ticket::{
        Action, Command, Dispatch, Event, Finding, Help, HelpKind, Register, SpecialLimit, Stage, StateName, decide,
        evolve, outgoing,
    },
    words::{Contact, Satisfaction},
};

use super::support::*;

const MONDAY: &str = "2026-11-16 09:00";

#[test]
fn nothing_can_be_done_twice() {
    let mut desk = Desk::registered(Kind::Help, MONDAY);
    desk.ok(MONDAY, to("chengguan"));
    desk.refused(MONDAY, to("gongan"), "already-dispatched");
    desk.ok(MONDAY, Command::Sign {});
    desk.refused(MONDAY, Command::Sign {}, "already-signed");
    desk.ok(MONDAY, ask_extension(2));
    desk.refused(MONDAY, ask_extension(2), "extension-pending");
    desk.ok(MONDAY, review_extension(true));
    desk.refused(MONDAY, review_extension(true), "no-extension-asked");
    desk.ok(MONDAY, ask_return());
    desk.refused(MONDAY, ask_return(), "return-pending");
    desk.ok(MONDAY, review_return(false));
    desk.refused(MONDAY, review_return(false), "no-return-asked");
    desk.ok(MONDAY, draft("已修复"));
    desk.ok(MONDAY, audit());
    desk.refused(MONDAY, audit(), "reply-locked");
    desk.refused(MONDAY, draft("改一改"), "reply-locked");
    desk.ok(MONDAY, ask_closure());
    desk.refused(MONDAY, ask_closure(), "closure-pending");
    desk.ok(MONDAY, review_closure(true));
    desk.refused(MONDAY, review_closure(true), "not-in-hand");
    desk.ok(MONDAY, rate(Satisfaction::Satisfied));
    desk.refused(MONDAY, rate(Satisfaction::Unsatisfied), "already-rated");
    desk.ok(MONDAY, Command::Archive {});
    desk.refused(MONDAY, Command::Archive {}, "archived");
}

#[test]
fn the_wrong_order() {
    let mut desk = Desk::registered(Kind::Help, MONDAY);
    let handler = of_unit(Role::Handler, "chengguan");
    for command in [Command::Sign {}, ask_return(), ask_extension(1), draft("已修复"), ask_closure()] {
        assert_eq!(desk.by(&handler, at(MONDAY), &command).unwrap_err().rule, "not-dispatched");
    }
    desk.ok(MONDAY, to("chengguan"));
    for command in [ask_return(), ask_extension(1), draft("已修复"), ask_closure()] {
        desk.refused(MONDAY, command, "not-signed");
    }
    desk.refused(MONDAY, rate(Satisfaction::Satisfied), "not-closed");
    desk.ok(MONDAY, Command::Sign {});
    let refusal = desk.refused(MONDAY, ask_closure(), "reply-first");
    assert_eq!(refusal.article(), Some("第十三条（四）"));
    desk.ok(MONDAY, draft("已修复"));
    desk.refused(MONDAY, ask_closure(), "reply-first"); // a draft is no reply
    desk.refused(MONDAY, verify(Finding::UnitFault), "nothing-to-verify");
    desk.refused(MONDAY, Command::Archive {}, "not-concluded");
}

#[test]
fn strangers_and_wrong_roles() {
    let mut desk = Desk::signed(Kind::Help, MONDAY);
    let by = |desk: &mut Desk, who: Actor, command| desk.by(&who, at(MONDAY), &command).unwrap_err().rule;
    assert_eq!(by(&mut desk, of_unit(Role::Handler, "gongan"), Command::Sign {}), "not-ours");
    assert_eq!(by(&mut desk, of_unit(Role::Handler, "gongan"), draft("代为答复")), "not-the-lead");
    assert_eq!(by(&mut desk, of_centre(Role::Handler), draft("没有单位")), "not-permitted");
    assert_eq!(by(&mut desk, of_unit(Role::Handler, "chengguan"), review_extension(true)), "not-permitted");
    assert_eq!(by(&mut desk, of_unit(Role::Handler, "chengguan"), audit()), "not-permitted"); // the leader's
    for role in [Role::DisciplineWatcher, Role::Leader, Role::Analyst, Role::SystemAdmin, Role::OutsourcedSeat] {
        assert_eq!(by(&mut desk, of_centre(role), Command::MarkDifficult { reason: "x".into() }), "not-permitted");
    }
}

/// The worker may be late; the law is not.
#[test]
fn what_time_brought_is_noted_before_the_command() {
    let mut desk = Desk::signed(Kind::Help, MONDAY);
    desk.ok("2026-11-23 10:00", draft("已修复"));
    desk.ok("2026-11-23 10:00", audit());
    // No worker ran since; the unit applies when the day is over.
    let events = desk.ok("2026-11-23 24:00", ask_closure());
    let names: Vec<&str> = events.iter().map(Event::name).collect();
    assert_eq!(names, ["clock-expired", "supervision-proposed", "closure-asked", "clock-held", "clock-started"]);
    assert_eq!(desk.clock(ClockKind::Handle).status, ClockStatus::Held);
    assert!(desk.ticket().overdue() && desk.ticket().unsettled().is_some());
    // An archive whose time has come shuts the ticket though nobody has put it away yet.
    let mut desk = Desk::closed(Kind::Help, MONDAY);
    desk.ok(MONDAY, rate(Satisfaction::Satisfied));
    let supervisor = of_centre(Role::CentreManager);
    assert_eq!(desk.by(&supervisor, at("2026-11-18 00:00"), &Command::Archive {}).unwrap_err().rule, "archived");
}

#[test]
fn closure_asked_in_time_and_refused_after_expiry() {
    let mut desk = Desk::signed(Kind::Help, MONDAY);
    desk.ok("2026-11-23 17:00", draft("已修复"));
    desk.ok("2026-11-23 17:00", audit());
    desk.ok("2026-11-23 17:00", ask_closure());
    desk.time_passes("2026-11-24 10:00");
    assert!(!desk.ticket().overdue(), "nobody is late while the centre decides");
    desk.ok("2026-11-24 10:00", review_closure(false));
    assert!(desk.ticket().overdue(), "the old limit holds");
    desk.due(ClockKind::Handle, "2026-11-23 24:00");
    assert_eq!(desk.ticket().supervision[0].ground, "overdue");
    // And the later application is late for good.
    desk.ok("2026-11-24 11:00", ask_closure());
    desk.ok("2026-11-24 12:00", review_closure(true));
    assert!(desk.clock(ClockKind::Handle).late(at("2026-11-24 12:00")));
}

#[test]
fn closure_refused_before_expiry_leaves_the_limit_as_it_was() {
    let mut desk = Desk::signed(Kind::Help, MONDAY);
    desk.ok(MONDAY, draft("已修复"));
    desk.ok(MONDAY, audit());
    desk.ok(MONDAY, ask_closure());
    desk.refused(MONDAY, review_closure_without_reason(), "bad-input");
    desk.ok("2026-11-18 09:00", review_closure(false));
    desk.due(ClockKind::Handle, "2026-11-23 24:00");
    assert!(!desk.ticket().overdue());
    desk.state(StateName::Replied);
    desk.ok("2026-11-18 10:00", Command::ReopenReply { reason: "补充处理结果".into() });
    desk.state(StateName::InHand);
}

fn review_closure_without_reason() -> Command {
    Command::ReviewClosure { approve: false, note: "  ".into() }
}

#[test]
fn an_extension_request_falls_away_with_the_application_to_close() {
    let mut desk = Desk::signed(Kind::Help, MONDAY);
    desk.ok(MONDAY, ask_extension(3));
    desk.ok(MONDAY, draft("已修复"));
    desk.ok(MONDAY, audit());
    desk.ok(MONDAY, ask_closure());
    desk.refused(MONDAY, review_extension(true), "no-extension-asked");
    assert!(desk.ticket().open_clock(ClockKind::ExtensionReview, None).is_none());
    desk.ok(MONDAY, review_closure(false));
    desk.ok(MONDAY, ask_extension(3)); // it was not used up
}

#[test]
fn a_refused_return_may_be_asked_again_while_the_window_is_open() {
    let mut desk = Desk::signed(Kind::Help, MONDAY); // window until 周二 24:00
    desk.ok("2026-11-16 10:00", ask_return());
    desk.ok("2026-11-16 11:00", review_return(false));
    desk.ok("2026-11-17 23:59:59", ask_return());
    desk.ok("2026-11-18 09:00", review_return(false));
    desk.refused("2026-11-18 10:00", ask_return(), "return-window-closed");
    desk.due(ClockKind::Handle, "2026-11-23 24:00"); // a pending return stops nothing here
}

#[test]
fn the_centre_opens_a_closed_window_once_and_with_a_reason() {
    let mut desk = Desk::signed(Kind::Help, MONDAY);
    let open = || Command::OpenReturn { reason: "职责调整文件今日方到".into() };
    desk.refused("2026-11-17 23:00", open(), "window-open");
    desk.refused("2026-11-18 09:00", Command::OpenReturn { reason: " ".into() }, "bad-input");
    desk.ok("2026-11-18 09:00", open());
    desk.refused("2026-11-18 09:00", open(), "nothing-to-open");
    desk.ok("2026-11-18 10:00", ask_return());
    desk.ok("2026-11-18 11:00", review_return(false));
    desk.refused("2026-11-18 12:00", ask_return(), "return-window-closed");
}

#[test]
fn a_return_needs_a_basis_or_a_redirect() {
    let mut desk = Desk::signed(Kind::Help, MONDAY);
    let ask = |basis: Option<&str>, redirect: Option<&str>| Command::AskReturn {
        reason: "不属本单位职责".into(),
        basis: basis.map(str::to_owned),
        redirect: redirect.map(str::to_owned),
        leader_sheet: None,
    };
    let refusal = desk.refused(MONDAY, ask(None, None), "return-needs");
    assert_eq!(refusal.article(), Some("第十三条（三）"));
    desk.refused(MONDAY, ask(Some(" "), Some("\n")), "return-needs");
    desk.ok(MONDAY, ask(None, Some("建议改派公安局")));
}

#[test]
fn returned_and_dispatched_again_everything_starts_anew() {
    let mut desk = Desk::registered(Kind::Help, MONDAY);
    desk.ok(MONDAY, to_with("chengguan", &["gongan"]));
    desk.ok(MONDAY, Command::Sign {});
    desk.ok("2026-11-17 10:00", ask_return());
    desk.ok("2026-11-17 11:00", review_return(true));
    desk.state(StateName::AwaitingRedispatch);
    let open: Vec<ClockKind> = desk.ticket().clocks.iter().filter(|c| c.open()).map(|c| c.kind).collect();
    assert_eq!(open, [ClockKind::Dispatch]);
    desk.due(ClockKind::Dispatch, "2026-11-17 11:30");
    desk.ok("2026-11-17 11:10", to("shuiwu"));
    desk.due(ClockKind::Handle, "2026-11-24 24:00"); // 5 working days from 周二
    assert!(desk.ticket().open_clock(ClockKind::Assist, None).is_none());
    // The first unit is a stranger now.
    let refusal = desk.by(&of_unit(Role::Handler, "chengguan"), at("2026-11-17 12:00"), &draft("已修复")).unwrap_err();
    assert_eq!(refusal.rule, "not-the-lead");
    assert_eq!(desk.ticket().returned_by[0].unit, "chengguan");
}

#[test]
fn the_same_unit_has_a_fresh_window_after_a_second_dispatch() {
    let open = || Command::OpenReturn { reason: "特殊情况".into() };
    let mut desk = Desk::signed(Kind::Help, MONDAY);
    desk.ok("2026-11-16 10:00", ask_return());
    desk.ok("2026-11-16 11:00", review_return(true));
    desk.ok("2026-11-16 11:10", to("chengguan")); // the first window would still be open, and is not this one's
    desk.refused("2026-11-16 12:00", open(), "nothing-to-open");
    let mut desk = Desk::signed(Kind::Help, MONDAY);
    desk.ok("2026-11-16 10:00", ask_return());
    desk.ok("2026-11-16 11:00", review_return(true));
    desk.ok("2026-11-18 11:00", to("chengguan")); // 周三, long after the first window
    desk.refused("2026-11-18 12:00", ask_return(), "not-signed");
    desk.ok("2026-11-18 12:00", Command::Sign {});
    desk.due(ClockKind::Return, "2026-11-19 24:00");
    desk.ok("2026-11-19 23:00", ask_return());
}

#[test]
fn a_returned_ticket_can_be_refused() {
    let mut desk = Desk::signed(Kind::Help, MONDAY);
    desk.ok(MONDAY, ask_return());
    desk.ok(MONDAY, review_return(true));
    let help = Help { by: HelpKind::Contact, to: "市仲裁委员会 0793-0000000".into() };
    desk.ok(MONDAY, Command::Refuse { class: "legal-procedure".into(), explanation: "应通过仲裁解决".into(), help });
    desk.state(StateName::Refused);
    desk.time_passes("2026-11-20 09:00");
    desk.state(StateName::Archived);
}

#[test]
fn no_return_once_the_appellant_has_the_reply() {
    let mut desk = Desk::signed(Kind::Help, MONDAY);
    desk.ok(MONDAY, draft("已修复"));
    desk.ok(MONDAY, audit());
    desk.refused(MONDAY, ask_return(), "already-replied");
}

#[test]
fn the_lead_waits_for_its_assists_unless_they_are_late_and_it_says_so() {
    let mut desk = Desk::registered(Kind::Help, MONDAY);
    desk.ok(MONDAY, to_with("chengguan", &["gongan", "shuiwu"]));
    desk.ok(MONDAY, Command::Sign {});
    let assist = of_unit(Role::Handler, "gongan");
    let deliver = Command::DeliverAssist { text: "已疏导交通".into(), explanation: None };
    assert_eq!(desk.by(&assist, at(MONDAY), &deliver).unwrap_err().rule, "not-signed");
    desk.by(&assist, at(MONDAY), &Command::Sign {}).unwrap();
    desk.by(&assist, at(MONDAY), &deliver).unwrap();
    assert_eq!(desk.by(&assist, at(MONDAY), &deliver).unwrap_err().rule, "already-delivered");
    desk.ok(MONDAY, draft("已修复"));
    let refusal = desk.refused("2026-11-23 23:59:59", audit(), "assists-first");
    assert!(refusal.message.contains("水务公司") && !refusal.message.contains("公安局"), "{}", refusal.message);
    // The other one is late: with an explanation the reply may go.
    desk.refused("2026-11-23 24:00", audit(), "assists-first");
    let without = |why: &str| Command::AuditReply { without_assists: Some(why.into()) };
    desk.refused("2026-11-23 24:00", without(" "), "bad-input");
    let events = desk.ok("2026-11-23 24:00", without("已两次催促"));
    let said = events.iter().find_map(|e| match e {
        Event::ReplyAudited { without_assists, .. } => without_assists.clone(),
        _ => None,
    });
    assert!(said.is_some_and(|s| s.contains("水务公司") && s.contains("已两次催促")));
    assert!(desk.ticket().work().unwrap().contacts.is_empty(), "that is no contact with the appellant");
}

#[test]
fn another_law_holds_for_all_who_handle_and_for_the_redo() {
    let mut desk = Desk::registered(Kind::Help, MONDAY);
    let special = SpecialLimit { limit: Amount::working_days(20), law: "某条例第三十条".into() };
    let assists = vec!["gongan".to_owned()];
    let note = String::new();
    let with =
        Dispatch { lead: "chengguan".into(), assists, note, special: Some(special), call: None, ..Dispatch::default() };
    desk.ok(MONDAY, Command::Dispatch(with));
    desk.due(ClockKind::Handle, "2026-12-14 24:00");
    desk.due(ClockKind::Assist, "2026-12-14 24:00");
    let basis = &desk.clock(ClockKind::Assist).basis;
    assert_eq!((basis.article.as_str(), basis.law.as_deref()), ("第十四条", Some("某条例第三十条")));
    desk.ok(MONDAY, Command::Sign {});
    let assist = of_unit(Role::Handler, "gongan");
    desk.by(&assist, at(MONDAY), &Command::Sign {}).unwrap();
    desk.by(&assist, at(MONDAY), &Command::DeliverAssist { text: "已配合".into(), explanation: None }).unwrap();
    desk.close(MONDAY);
    desk.redo("2026-11-17 09:00");
    desk.due(ClockKind::Handle, "2026-12-15 24:00");
    assert_eq!(desk.clock(ClockKind::Handle).basis.law.as_deref(), Some("某条例第三十条"));
    // The extension may be as long as that limit.
    desk.ok("2026-11-17 09:00", Command::Sign {});
    desk.refused("2026-11-17 09:00", ask_extension(21), "longer-than-original-limit");
    desk.ok("2026-11-17 09:00", ask_extension(20));
}

/// "Not longer than the original limit" where that limit is not in working days.
#[test]
fn an_extension_of_a_limit_in_days_or_hours_fits_into_it() {
    for (limit, most) in
        [("7 days", 5), ("2 days", 2), ("24 hours", 1), ("20 hours", 0), ("90 minutes", 0), ("48 working hours", 2)]
    {
        let mut desk = Desk::registered(Kind::Help, MONDAY);
        let special = SpecialLimit { limit: limit.parse().unwrap(), law: "某条例".into() };
        let (assists, note) = (Vec::new(), String::new());
        let with = Dispatch {
            lead: "chengguan".into(),
            assists,
            note,
            special: Some(special),
            call: None,
            ..Dispatch::default()
        };
        desk.ok(MONDAY, Command::Dispatch(with));
        desk.ok(MONDAY, Command::Sign {});
        desk.refused(MONDAY, ask_extension(most + 1), "longer-than-original-limit");
        if most > 0 {
            desk.ok(MONDAY, ask_extension(most));
        }
    }
}

#[test]
fn an_emergency_line_that_takes_it_ends_it_only_before_the_dispatch() {
    let hand = |ends| Command::HandOver { call: call(), ends };
    let mut desk = Desk::new();
    desk.register(&Register { urgent: true, ..form(Kind::Help) }, MONDAY).unwrap();
    desk.ok(MONDAY, hand(false));
    assert_eq!(desk.ticket().handovers.len(), 1);
    desk.ok(MONDAY, hand(true));
    desk.state(StateName::PassedOn);
    let mut desk = Desk::dispatched(Kind::Help, MONDAY);
    desk.refused(MONDAY, hand(true), "already-dispatched");
    desk.ok(MONDAY, hand(false));
}

#[test]
fn whom_a_ticket_can_go_to() {
    let mut desk = Desk::registered(Kind::Help, MONDAY);
    for (lead, assists, rule) in [
        ("", &[][..], "name-a-lead"),
        ("nobody", &[], "bad-input"),
        ("closed", &[], "bad-input"),
        ("centre", &[], "bad-input"),
        ("chengguan", &["chengguan"], "bad-input"),
        ("chengguan", &["gongan", "gongan"], "bad-input"),
        ("chengguan", &["nobody"], "bad-input"),
    ] {
        desk.refused(MONDAY, to_with(lead, assists), rule);
    }
    desk.state(StateName::Registered);
    desk.ok(MONDAY, to_with("chengguan", &["juweihui"])); // Shangrao forbids no kind of unit
}

#[test]
fn words_without_end_are_refused_everywhere() {
    let long = "长".repeat(20_001);
    let mut desk = Desk::new();
    for wrong in [
        Register { content: long.clone(), ..form(Kind::Help) },
        Register { title: "长".repeat(201), ..form(Kind::Help) },
        Register { content: " \n".into(), ..form(Kind::Help) },
        Register { place: Some("长".repeat(201)), ..form(Kind::Help) },
        Register { earlier: (0..51).map(|n| n.to_string()).collect(), ..form(Kind::Help) },
    ] {
        assert_eq!(desk.register(&wrong, MONDAY).unwrap_err().rule, "bad-input");
    }
    desk.register(&Register { content: "长".repeat(20_000), ..form(Kind::Help) }, MONDAY).unwrap();
    desk.ok(MONDAY, to("chengguan"));
    desk.ok(MONDAY, Command::Sign {});
    for command in [
        draft(&"长".repeat(5_001)),
        Command::AskExtension { days: 1, reason: long.clone(), basis: None, told: None, force_majeure: false },
        Command::AskReturn {
            reason: "不属职责".into(), basis: Some(long.clone()), redirect: None, leader_sheet: None
        },
        Command::RecordContact { by: Contact::Phone, reached: true, explained: false, note: long.clone() },
    ] {
        desk.refused(MONDAY, command, "bad-input");
    }
}

#[test]
fn events_that_do_not_fit_are_refused_by_the_fold() {
    let desk = Desk::closed(Kind::Help, MONDAY);
    let meta = &desk.journal[0].0;
    let fits = |event: &Event| evolve(Some(desk.ticket().clone()), meta, event).is_ok();
    let first = desk.journal[0].1.clone();
    assert!(!fits(&first), "registered twice");
    for name in ["dispatched", "signed", "reply-drafted", "closure-asked", "closed"] {
        let event = desk.journal.iter().map(|(_, e)| e).find(|e| e.name() == name).unwrap();
        assert!(!fits(event), "{name} on a closed ticket");
    }
    assert!(!fits(&Event::ClockMet { clock: 99, at: meta.at }));
    assert!(!fits(&Event::SupervisionEnded { no: 1, result: String::new() }));
    assert!(evolve(None, meta, &desk.journal[1].1).is_err(), "begins without a registration");
}

#[test]
fn history_leaves_no_clock_behind() {
    let mut desk = Desk::registered(Kind::Help, MONDAY);
    desk.ok(MONDAY, Command::ReferUp { question: "是否受理？".into() });
    let history = jiesu_domain::ticket::Imported {
        unit: None,
        assigned_at: None,
        deadline: None,
        reply: Some("已答复".into()),
        replied_at: None,
        satisfaction: None,
    };
    desk.ok(MONDAY, Command::TakeHistory { received_at: at(MONDAY), history: Some(history) });
    desk.state(StateName::Archived);
    assert!(matches!(desk.ticket().stage_in_archive(), Stage::Imported(_)));
    assert!(desk.ticket().clocks.iter().all(|c| !c.open()));
}

/// Who calls after the dispatch is owed the acceptance message as well (第十四条).
#[test]
fn a_later_caller_is_told_what_the_first_one_was() {
    let mut desk = Desk::dispatched(Kind::Help, MONDAY);
    let attach = Command::AttachAppeal {
        channel: jiesu_domain::Channel::Phone,
        follow_up_by: Contact::Phone,
        note: None,
        same_as: None,
        from: None,
    };
    let events = desk.ok("2026-11-17 09:00", attach);
    let seat = of_centre(Role::Seat);
    let sent = outgoing(desk.ticket(), &events, &desk.ctx(&seat, at("2026-11-17 09:00")));
    let sent: Vec<(&str, u32)> = sent.iter().map(|m| (m.template.as_str(), m.appeal)).collect();
    assert_eq!(sent, [("registered-sms", 2), ("acceptance-sms", 2)]);
}

#[test]
fn limits_outside_the_calendar_are_a_refusal_and_not_a_panic() {
    let mut desk = Desk::registered(Kind::Help, "2099-12-31 09:00");
    desk.refused("2099-12-31 09:00", to("chengguan"), "out-of-calendar");
    assert!(decide(desk.ticket(), &Command::TimePassed, &desk.ctx(&Actor::system(), at("2099-12-31 23:00"))).is_ok());
    assert!(desk.open_to(&of_centre(Role::Dispatcher), Action::Dispatch, "2099-12-31 09:00"));
}
