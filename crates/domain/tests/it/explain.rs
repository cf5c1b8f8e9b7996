//! What people read: due instants, what is left, and why.

use jiesu_domain::{
    Kind,
    calendar::Day,
    clock::ClockKind,
    describe::{counting_lines, due_words, instant_words, left_words, sentence, shanghai, workdays_waited},
    limit::count_days,
    rulebook::MessageOn,
    ticket::{Command, Dispatch, SpecialLimit, outgoing, render},
};

use super::support::*;

fn why(desk: &Desk, kind: ClockKind) -> String {
    sentence(&desk.calendar, &desk.book, desk.clock(kind)).unwrap()
}

#[test]
fn a_deadline_says_why() {
    let desk = Desk::dispatched(Kind::Complaint, "2026-09-29 16:30"); // 周二
    assert_eq!(
        why(&desk, ClockKind::Handle),
        "自9月29日派发，次日起算，国庆节放假不计、10月10日补班计入，第10个工作日为10月19日24时；依据第十四条"
    );
    assert_eq!(why(&desk, ClockKind::Sign), "自9月29日派发，次日起算，第1个工作日为9月30日24时；依据第十四条");
    assert_eq!(why(&desk, ClockKind::Dispatch), "自9月29日受理起30分钟，至9月29日17时；依据第十四条");
}

#[test]
fn extensions_readings_other_laws_and_provisional_days_are_said() {
    let mut desk = Desk::signed(Kind::Help, "2026-11-16 09:00"); // 周一
    desk.ok("2026-11-17 09:00", ask_extension(3));
    desk.ok("2026-11-17 09:00", review_extension(true));
    assert_eq!(
        why(&desk, ClockKind::Handle),
        "自11月16日派发，次日起算，第5个工作日为11月23日24时；延期3个工作日（第十六条），至11月26日24时；依据第十四条"
    );
    assert_eq!(
        why(&desk, ClockKind::ExtensionReview),
        "自11月17日申请，次日起算，第1个工作日为11月18日24时；条文未规定，依我们的理解"
    );
    let mut desk = Desk::registered(Kind::Help, "2026-12-30 09:00"); // 周三
    let special = SpecialLimit { limit: "3 working days".parse().unwrap(), law: "某条例第三十条".into() };
    let (assists, note) = (Vec::new(), String::new());
    let dispatch =
        Dispatch { lead: "chengguan".into(), assists, note, special: Some(special), call: None, ..Dispatch::default() };
    desk.ok("2026-12-30 09:00", Command::Dispatch(dispatch));
    assert_eq!(
        why(&desk, ClockKind::Handle),
        "自12月30日派发，次日起算，第3个工作日为1月4日24时；依据某条例第三十条（第十四条从其规定）；涉及年份的放假通知尚未公布，为暂定"
    );
}

#[test]
fn the_counting_day_by_day() {
    let desk = Desk::dispatched(Kind::Consultation, "2026-10-09 09:00"); // 周五
    let clock = desk.clock(ClockKind::Handle);
    let days = count_days(&desk.calendar, desk.book.counting(), clock.from, clock.amount, &clock.pauses).unwrap();
    let lines = counting_lines(&days);
    assert_eq!(
        lines,
        [
            "2026-10-09 周五 起始日，不计入",
            "2026-10-10 周六 第1日（国庆节补班）",
            "2026-10-11 周日 周末，不计",
            "2026-10-12 周一 第2日"
        ]
    );
}

#[test]
fn instants() {
    assert_eq!(due_words(at("2026-05-11 24:00")), "5月11日24时");
    assert_eq!(due_words(at("2026-05-11 17:30")), "5月11日17时30分");
    assert_eq!(instant_words(at("2026-05-11 09:05")), "2026年5月11日 09:05");
    assert_eq!(shanghai(at("2026-12-31 24:00")), "2027-01-01T00:00:00+08:00");
    assert_eq!(Day::of_due(at("2026-05-11 24:00")).date().to_string(), "2026-05-11");
    assert_eq!(Day::of(at("2026-05-11 24:00")).date().to_string(), "2026-05-12");
}

#[test]
fn what_is_left() {
    let due = at("2026-05-11 24:00");
    for (now, words) in [
        ("2026-05-10 18:00", "还剩1天6小时"),
        ("2026-05-10 24:00", "还剩1天"),
        ("2026-05-11 22:30", "还剩1小时"),
        ("2026-05-11 23:15", "还剩45分钟"),
        ("2026-05-11 24:00", "已超期0分钟"),
        ("2026-05-12 03:00", "已超期3小时"),
    ] {
        assert_eq!(left_words(at(now), due), words);
    }
}

/// "已等待 3 个工作日": working days that are over.
#[test]
fn working_days_waited() {
    let cal = calendar();
    let waited = |now: &str| workdays_waited(&cal, at("2026-11-16 09:00"), at(now)).unwrap(); // 周一
    assert_eq!(waited("2026-11-16 23:00"), 0);
    assert_eq!(waited("2026-11-17 23:00"), 0); // 周二 is not over
    assert_eq!(waited("2026-11-18 09:00"), 1);
    assert_eq!(waited("2026-11-22 09:00"), 4); // 周日: 17 to 20
}

#[test]
fn messages_have_no_gaps() {
    let mut desk = Desk::registered(Kind::Help, "2026-11-16 09:00");
    let mut texts = Vec::new();
    let mut say = |desk: &Desk, events: &[jiesu_domain::ticket::Event]| {
        let seat = of_centre(jiesu_domain::Role::Seat);
        for message in outgoing(desk.ticket(), events, &desk.ctx(&seat, at("2026-11-16 09:00"))) {
            let rule = desk.book.message.iter().find(|r| r.id == message.template).unwrap();
            texts.push((rule.on, render(rule, &message.values)));
        }
    };
    let registered = [desk.journal[0].1.clone()];
    say(&desk, &registered);
    for command in [
        to("chengguan"),
        Command::Sign {},
        ask_extension(2),
        review_extension(true),
        draft("已修复"),
        audit(),
        ask_closure(),
        review_closure(true),
        rate(jiesu_domain::words::Satisfaction::Unsatisfied),
        verify(jiesu_domain::ticket::Finding::UnitFault),
    ] {
        let events = desk.ok("2026-11-16 09:00", command);
        say(&desk, &events);
    }
    let wanted = [
        // The code is filled in when it is sent, so that it waits in no outbox.
        (
            MessageOn::Registered,
            "【上饶12345】您的诉求已登记，编号SR-20260101-000001-0，查询码。凭编号和查询码可查询办理进度。",
        ),
        (
            MessageOn::Dispatched,
            "【上饶12345】您的诉求（SR-20260101-000001-0）已受理，已派给城市管理局，应在11月23日24时前答复您。",
        ),
        (
            MessageOn::ExtensionGranted,
            "【上饶12345】您的诉求（SR-20260101-000001-0）因办理需要延期2个工作日，应在11月25日24时前答复您。",
        ),
        (MessageOn::ReplyAudited, "【上饶12345】城市管理局对您的诉求（SR-20260101-000001-0）答复如下：已修复"),
        (
            MessageOn::Closed,
            "【上饶12345】您的诉求（SR-20260101-000001-0）已办结。请回复数字评价：1满意 2基本满意 3不满意；也可凭编号和查询码在网上评价。",
        ),
        (
            MessageOn::Redo,
            "【上饶12345】您对诉求（SR-20260101-000001-0）的办理结果不满意，经核实已由城市管理局重新办理，应在11月23日24时前答复您。",
        ),
    ];
    assert_eq!(texts, wanted.map(|(on, text)| (on, text.to_owned())));
}

/// The same text is true whatever the rule counts in, also where later contacts would be counted otherwise.
#[test]
fn the_days_of_an_extension_are_sent_as_they_were_granted() {
    let calendar_days =
        ("times   = 1\nat_most = \"original-limit\"\n", "times   = 1\nat_most = 3\ndays    = \"calendar\"\n");
    for (changes, wanted) in
        [(&[][..], "延期2个工作日，应在11月25日24时前"), (&[calendar_days][..], "延期2日，应在11月25日24时前")]
    {
        let mut desk = Desk::with(shangrao_but(changes), calendar());
        desk.register(&form(Kind::Help), "2026-11-16 09:00").unwrap(); // 周一
        desk.ok("2026-11-16 09:00", to("chengguan"));
        desk.ok("2026-11-16 09:00", Command::Sign {});
        desk.ok("2026-11-16 09:00", ask_extension(2));
        let events = desk.ok("2026-11-16 09:00", review_extension(true));
        let reviewer = of_centre(jiesu_domain::Role::Reviewer);
        let sent = outgoing(desk.ticket(), &events, &desk.ctx(&reviewer, at("2026-11-16 09:00")));
        let rule = desk.book.message.iter().find(|r| r.on == MessageOn::ExtensionGranted).unwrap();
        let text = render(rule, &sent.iter().find(|m| m.template == rule.id).unwrap().values);
        assert!(text.contains(wanted), "{text}");
    }
}

/// A template that slipped past the check is sent as it is, and nothing is sent twice.
#[test]
fn a_broken_template_is_not_doubled() {
    let mut book = shangrao();
    let rule = &mut book.message[0];
    rule.text = "甲{place}乙{".to_owned();
    let values = [("place".to_owned(), "上饶".to_owned())].into();
    assert_eq!(render(rule, &values), "甲上饶乙{");
}

/// Every refusal by a rule, every entry and every exclusion can be said with its article and its readings.
#[test]
fn refusals_and_entries_say_why() {
    use jiesu_domain::explain;
    let mut desk = Desk::signed(Kind::Help, "2026-11-16 09:00"); // 周一
    let refusal = desk.refused("2026-11-16 10:00", ask_extension(6), "longer-than-original-limit");
    assert_eq!(
        explain::refusal(&refusal, &desk.book),
        "不予办理：延期不得超过原办理时限5个工作日（最多5个工作日）；依据第十六条；我们的理解：延期怎样计算？\
         自原到期日的次日起计算N个工作日；N不超过原办理时限的工作日数；“原则上只能申请延期1次”怎样计算？\
         每次派发或重办各1次，以同意的为准；未获同意的不计，到期前可以补充理由再次申请"
    );
    desk.time_passes("2026-11-24 00:00");
    let entry = desk.ticket().supervision[0].clone();
    assert_eq!(
        explain::supervision(&entry, "城市管理局", &desk.book),
        "11月24日，城市管理局因“在规定时限内未办结”列为督办线索，待判断；依据第十三条（五）"
    );
}

/// What became of an application is said, not only what is counted.
#[test]
fn an_exclusion_says_what_became_of_it() {
    use jiesu_domain::{
        explain,
        ticket::{Exclusion, ExclusionState as S},
    };
    let desk = Desk::signed(Kind::Help, "2026-11-16 09:00"); // 周一
    let basis = jiesu_domain::Basis { readings: Vec::new(), ..desk.clock(ClockKind::Handle).basis.clone() };
    let says = |state, note: &str| {
        let exclusion = Exclusion {
            no: 1,
            ground: "force-majeure".into(),
            name: "不可抗力".into(),
            unit: "chengguan".into(),
            reason: "暴雨".into(),
            evidence: "气象证明".into(),
            basis: basis.clone(),
            state,
            note: note.into(),
            reviewed_by: None,
        };
        explain::exclusion(&exclusion, "城市管理局", &desk.book)
    };
    let asks = "城市管理局以“不可抗力”申请不纳入考核";
    assert_eq!(says(S::Asked, ""), format!("{asks}，待审核；依据第十四条"));
    assert_eq!(says(S::Approved, "属实"), format!("{asks}，已获同意（属实）；依据第十四条"));
    assert_eq!(says(S::Refused, "证据不足"), format!("{asks}，未获同意（证据不足）；依据第十四条"));
    assert_eq!(says(S::Appealed, "补充证据"), format!("{asks}，未获同意，已申诉，待裁定（补充证据）；依据第十四条"));
    assert_eq!(says(S::Final, ""), format!("{asks}，经申诉裁定，维持纳入考核；依据第十四条"));
}

/// A due instant that the catalogue set names the entry and its version; what no article says is said to be ours.
#[test]
fn where_a_limit_comes_from_is_said() {
    use jiesu_domain::explain::ground;
    let desk = Desk::dispatched(Kind::Complaint, "2026-09-29 16:30"); // 周二
    let basis = desk.clock(ClockKind::Handle).basis.clone();
    assert_eq!(ground(&basis), "依据第十四条");
    let set = jiesu_domain::Basis { catalogue: Some("派单目录第2版 CG-012".into()), ..basis.clone() };
    assert_eq!(ground(&set), "依据派单目录第2版 CG-012（第十四条）");
    let ours = jiesu_domain::Basis { article: String::new(), ..basis };
    assert_eq!(ground(&ours), "条文未规定，依我们的理解");
}
