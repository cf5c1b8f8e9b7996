//! A ticket under another version of its rulebook: what would be due when, what could be done, what is not known there.

use jiesu_domain::{
    Actor, Amount, Kind, Role, Rulebook,
    clock::ClockKind,
    rehearse::under::{Difference, Effect, under},
    ticket::{Action, Command, Ctx, Dispatch, SpecialLimit},
};

use super::support::*;

/// What would be different for the desk's ticket at this instant.
fn differences(desk: &Desk, other: &Rulebook, when: &str) -> Vec<Difference> {
    let nobody = Actor::system();
    let own = desk.ctx(&nobody, at(when));
    under(desk.ticket(), &own, &Ctx { rulebook: other, ..own })
}

fn words(desk: &Desk, other: &Rulebook, when: &str) -> Vec<String> {
    let nobody = Actor::system();
    let ctx = desk.ctx(&nobody, at(when));
    differences(desk, other, when).iter().map(|d| d.words(&ctx)).collect()
}

fn due(desk: &Desk, other: &Rulebook, when: &str) -> Option<(String, Effect)> {
    differences(desk, other, when).into_iter().find_map(|d| match d {
        Difference::Due { kind: ClockKind::Handle, then, effect, .. } => {
            Some((then.map_or_else(String::new, jiesu_domain::describe::shanghai), effect))
        }
        _ => None,
    })
}

/// Complaints in `n` working days, whatever the conditions.
fn complaints_in(n: u32) -> Rulebook {
    let from = "complaint = \"10 working days\", report = \"10 working days\" }\narticle = \"第十四条\"\nassume  = [\"from-dispatch\"]";
    let to = from.replacen("complaint = \"10", &format!("complaint = \"{n}"), 1);
    shangrao_but(&[(from, &to)])
}

#[test]
fn under_its_own_version_nothing_is_different() {
    let book = shangrao();
    let mut desk = Desk::registered(Kind::Complaint, "2026-05-11 09:00");
    assert_eq!(differences(&desk, &book, "2026-05-11 09:10"), []);
    desk.ok("2026-05-11 09:20", to_with("chengguan", &["gongan"]));
    desk.ok("2026-05-11 09:30", Command::Sign {});
    assert_eq!(differences(&desk, &book, "2026-05-12 09:00"), []);
    desk.ok("2026-05-12 09:00", ask_extension(3));
    assert_eq!(differences(&desk, &book, "2026-05-12 09:00"), []);
    assert_eq!(differences(&desk, &book, "2026-06-30 09:00"), [], "overdue");
}

/// Dispatched on Monday 11 May 2026: ten working days end on Monday 25 May, seven on Wednesday 20 May.
#[test]
fn a_shorter_limit_is_earlier_and_to_the_second_overdue() {
    let (desk, book) = (Desk::signed(Kind::Complaint, "2026-05-11 09:00"), complaints_in(7));
    desk.due(ClockKind::Handle, "2026-05-25 24:00");
    let then = "2026-05-21T00:00:00+08:00".to_owned();
    assert_eq!(due(&desk, &book, "2026-05-20 23:59:59"), Some((then.clone(), Effect::Earlier)));
    assert_eq!(due(&desk, &book, "2026-05-20 24:00"), Some((then.clone(), Effect::NewlyOverdue)));
    assert_eq!(due(&desk, &book, "2026-05-25 23:59:59"), Some((then.clone(), Effect::NewlyOverdue)));
    assert_eq!(due(&desk, &book, "2026-05-25 24:00"), Some((then, Effect::Earlier)), "overdue either way");
    // What rests on the limit goes with it.
    let said = words(&desk, &book, "2026-05-21 09:00");
    assert_eq!(
        said,
        [
            "办理时限5月25日24时→5月20日24时（变为超期）",
            "不能“申请延期”（承办人、分管领导；第十六条）",
            "可以“提级办理”（派单员、督办员、中心主任）",
            "可以“提出督办”（督办员、中心主任）",
        ]
    );
}

#[test]
fn a_longer_limit_is_later_or_no_longer_overdue() {
    let (mut desk, book) = (Desk::signed(Kind::Complaint, "2026-05-11 09:00"), complaints_in(12));
    let then = "2026-05-28T00:00:00+08:00".to_owned();
    assert_eq!(due(&desk, &book, "2026-05-25 23:59:59"), Some((then.clone(), Effect::Later)));
    desk.time_passes("2026-05-26 09:00");
    assert!(desk.ticket().overdue());
    assert_eq!(due(&desk, &book, "2026-05-26 09:00"), Some((then.clone(), Effect::NoLongerOverdue)));
    assert!(words(&desk, &book, "2026-05-26 09:00").contains(&"可以“申请延期”（承办人、分管领导）".to_owned()));
    assert_eq!(due(&desk, &book, "2026-05-28 00:00"), Some((then, Effect::Later)), "overdue either way");
}

#[test]
fn extensions_pauses_and_special_limits_are_kept() {
    let mut desk = Desk::signed(Kind::Complaint, "2026-05-11 09:00");
    desk.ok("2026-05-12 09:00", ask_extension(3));
    desk.ok("2026-05-12 10:00", review_extension(true));
    desk.due(ClockKind::Handle, "2026-05-28 24:00");
    let then = due(&desk, &complaints_in(7), "2026-05-12 11:00").unwrap();
    assert_eq!(then, ("2026-05-26T00:00:00+08:00".into(), Effect::Earlier), "seven days and three");

    let mut desk = Desk::registered(Kind::Complaint, "2026-05-11 09:00");
    let special = Some(SpecialLimit { limit: Amount::working_days(30), law: "某法第三十条".into() });
    desk.ok(
        "2026-05-11 09:00",
        Command::Dispatch(Dispatch { lead: "chengguan".into(), special, ..Dispatch::default() }),
    );
    assert_eq!(due(&desk, &complaints_in(7), "2026-05-12 09:00"), None);
    let without = shangrao_but(&[(
        "[special_law]   # 法律、法规、规章、规范性文件对办结时限有特别规定的，从其规定\narticle = \"第十四条\"",
        "",
    )]);
    assert_eq!(words(&desk, &without, "2026-05-12 09:00"), ["办理时限依特别规定另定，新版没有规定可以另定时限"]);
}

/// What was brought up or marked after the dispatch moves no limit that runs, under any version.
#[test]
fn the_case_is_the_one_it_was_when_the_limit_began() {
    let mut desk = Desk::signed(Kind::Complaint, "2026-05-11 09:00");
    for _ in 0..2 {
        let attach = Command::AttachAppeal {
            channel: jiesu_domain::Channel::Phone,
            follow_up_by: jiesu_domain::words::Contact::Phone,
            note: None,
            same_as: None,
            from: None,
        };
        desk.ok("2026-05-12 09:00", attach);
    }
    desk.ok("2026-05-12 09:00", Command::MarkDifficult { reason: "涉及多年".into() });
    assert_eq!(differences(&desk, &shangrao(), "2026-05-12 10:00"), []);
    let other = shangrao_but(&[("is      = \"15 working days\"", "is      = \"20 working days\"")]);
    assert_eq!(differences(&desk, &other, "2026-05-12 10:00"), [], "the difficult case's limit is not this one's");
    assert_eq!(due(&desk, &complaints_in(7), "2026-05-12 10:00").unwrap().1, Effect::Earlier);
}

#[test]
fn counting_and_the_start_of_the_window_move_what_they_move() {
    let desk = Desk::signed(Kind::Complaint, "2026-05-11 09:00");
    let counted = shangrao_but(&[("start_day = \"left-out\"", "start_day = \"counted\"")]);
    let said = words(&desk, &counted, "2026-05-11 10:00");
    assert!(said.contains(&"办理时限5月25日24时→5月22日24时（提前）".to_owned()), "{said:?}");
    assert!(said.contains(&"退单窗口5月12日24时→5月11日24时（提前）".to_owned()), "{said:?}");

    let mut desk = Desk::dispatched(Kind::Help, "2026-05-11 09:00");
    desk.ok("2026-05-12 09:00", Command::Sign {});
    let from_dispatch =
        shangrao_but(&[("clock   = \"return\"\nfrom    = \"sign\"", "clock   = \"return\"\nfrom    = \"dispatch\"")]);
    let said = words(&desk, &from_dispatch, "2026-05-12 10:00");
    assert_eq!(said, ["退单窗口5月13日24时→5月12日24时（提前）"], "a window that closes is no duty");
    let said = words(&desk, &from_dispatch, "2026-05-13 10:00");
    assert!(said.contains(&"不能“申请退单”（承办人、分管领导；第十三条（三））".to_owned()), "{said:?}");
}

#[test]
fn actions_open_and_close_with_their_rules() {
    let mut desk = Desk::signed(Kind::Help, "2026-05-11 09:00");
    let when = "2026-05-11 10:00";
    let no_urging = [
        (
            "[urging]      # 主管部门履行管理职责，督促下级业务对口单位；对违反规定的及时预警\narticle = \"第五条、第九条（六）、第二十八条（二）\"\nassume  = [\"urging\"]\n",
            "",
        ),
        (
            "[[limit]]\nid      = \"urging\"\nclock   = \"urging\"\nfrom    = \"request\"\nis      = \"1 working day\"\narticle = \"第九条（六）\"\nassume  = [\"urging\"]\n",
            "",
        ),
    ];
    let other = shangrao_but(&no_urging);
    let [Difference::Action { action, opens, roles, .. }] = &differences(&desk, &other, when)[..] else { panic!() };
    assert_eq!((*action, *opens), (Action::Urge, false));
    assert!(roles.contains(&Role::Supervisor) && roles.contains(&Role::Dispatcher) && !roles.contains(&Role::Handler));
    desk.ok(when, Command::Urge { unit: None, note: "请尽快".into() });
    let said = words(&desk, &other, when);
    let wanted = ["城市管理局催办答复时限不再计时（现为5月12日24时）", "新版没有规定催办"];
    assert!(wanted.iter().all(|w| said.iter().any(|s| s == w)), "{said:?}");

    let more = "[supplement]\npending = \"runs\"\narticle = \"第十三条\"\n\n[[limit]]\nid = \"supplement\"\nclock = \"supplement\"\n\
                from = \"request\"\nis = \"1 working day\"\narticle = \"第十三条\"\n\n[archive]";
    let supplement = shangrao_but(&[("[archive]", more)]);
    let desk = Desk::signed(Kind::Help, "2026-05-11 09:00");
    assert_eq!(words(&desk, &supplement, when), ["可以“要求补充”（承办人、分管领导）"]);
}

#[test]
fn what_the_other_version_does_not_know_is_named() {
    let no_opinions = [("\"report\", \"suggestion\", \"opinion\"]", "\"report\", \"suggestion\"]")];
    let desk = Desk::registered(Kind::Opinion, "2026-05-11 09:00");
    assert_eq!(words(&desk, &shangrao_but(&no_opinions), "2026-05-11 09:10"), ["新版不受理意见类诉求"]);

    let other = ("id      = \"done\"\nname    = \"已办理完毕\"", "id      = \"finished\"\nname    = \"已办理完毕\"");
    let mut desk = Desk::signed(Kind::Help, "2026-05-11 09:00");
    desk.ok("2026-05-11 10:00", draft("已修好"));
    desk.ok("2026-05-11 10:00", audit());
    assert_eq!(words(&desk, &shangrao_but(&[other]), "2026-05-11 11:00"), [""; 0], "not closed on it yet");
    desk.ok("2026-05-11 11:00", ask_closure());
    assert_eq!(words(&desk, &shangrao_but(&[other]), "2026-05-11 12:00"), ["新版没有办结理由“done”"]);
    desk.ok("2026-05-11 12:00", review_closure(true));
    assert_eq!(words(&desk, &shangrao_but(&[other]), "2026-05-11 12:00"), ["新版没有办结理由“done”"]);

    let mut desk = Desk::registered(Kind::Help, "2026-05-11 09:00");
    desk.ok("2026-05-11 09:00", Command::ReferUp { question: "是否受理".into() });
    let manager = ("levels  = [\"shift-leader\", \"centre-manager\"]", "levels  = [\"centre-manager\"]");
    let said = words(&desk, &shangrao_but(&[manager]), "2026-05-11 09:10");
    assert!(said.contains(&"新版的逐级汇报不到值班长".to_owned()), "{said:?}");

    let never = ("[dispatch]      #", "[dispatch]\nnever_lead = [\"department\"] #");
    let desk = Desk::dispatched(Kind::Help, "2026-05-11 09:00");
    let said = words(&desk, &shangrao_but(&[never]), "2026-05-11 09:10");
    assert_eq!(said, ["新版的职能部门不能主办"]);
}

/// A due instant in another year says so.
#[test]
fn another_year_is_named() {
    let desk = Desk::signed(Kind::Complaint, "2025-12-29 09:00");
    let said = words(&desk, &complaints_in(2), "2025-12-29 10:00");
    assert_eq!(said[0], "办理时限2026年1月13日24时→12月31日24时（提前）");
}
