//! What a new version of a rulebook changes, in words.

use jiesu_domain::rulebook::{Change, ChangeKind, Rulebook, changes, labels};

use super::support::{rulebooks, shangrao, shangrao_but};

fn changed(edits: &[(&str, &str)]) -> Vec<Change> {
    changes(&shangrao(), &shangrao_but(edits))
}

fn texts(edits: &[(&str, &str)]) -> Vec<String> {
    changed(edits).into_iter().map(|c| c.text).collect()
}

#[test]
fn every_rulebook_is_the_same_as_itself() {
    for book in rulebooks() {
        assert_eq!(changes(&book, &book), [], "{}", book.rulebook.id);
    }
}

/// Two texts that share nothing are compared to the end, and every section, key and code has a Chinese name.
#[test]
fn any_two_are_compared_in_chinese() {
    let books = rulebooks();
    for (old, new) in books.iter().flat_map(|a| books.iter().map(move |b| (a, b))) {
        for change in changes(old, new).into_iter().filter(|c| !["assume", "not_encoded"].contains(&c.section.as_str()))
        {
            let own = [&old.rulebook, &new.rulebook].map(|h| h.id.as_str());
            let text = own.iter().fold(change.text.clone(), |text, id| text.replace(id, ""));
            let ids = |s: &str| old.rules().iter().chain(&new.rules()).any(|(_, r)| r.id() == s);
            let words: Vec<&str> = text.split(|c: char| !(c.is_ascii_lowercase() || c == '-' || c == '_')).collect();
            let known = [
                "place", "number", "code", "unit", "due", "days", "reply", "advice", "answer", "to", "result", "reason",
            ];
            for word in words.iter().filter(|w| w.len() > 1 && !known.contains(w)) {
                assert!(ids(word), "{word} in {}", change.text);
            }
        }
    }
}

#[test]
fn a_limit_that_changes_names_its_kinds() {
    let handle = "by_kind = { consultation = \"2 working days\", help = \"5 working days\", suggestion = \"5 working days\", \
                  opinion = \"5 working days\", complaint = \"10 working days\", report = \"10 working days\" }\narticle = \"第十四条\"\nassume  = [\"from-dispatch\"]";
    let one = handle.replace("complaint = \"10", "complaint = \"7");
    assert_eq!(texts(&[(handle, &one)]), ["办理时限（投诉）由10个工作日改为7个工作日（第十四条）"]);
    let both = one.replace("report = \"10", "report = \"7");
    assert_eq!(texts(&[(handle, &both)]), ["办理时限（投诉、举报）由10个工作日改为7个工作日（第十四条）"]);
    let apart =
        one.replace("report = \"10 working days\"", "report = \"240 hours\"").replace("help = \"5", "help = \"6");
    let wanted = [
        "办理时限（求助）由5个工作日改为6个工作日（第十四条）",
        "办理时限（投诉）由10个工作日改为7个工作日（第十四条）",
        "办理时限（举报）由10个工作日改为240小时（第十四条）",
    ];
    assert_eq!(texts(&[(handle, &apart)]), wanted);
    let emergency = (
        "by_kind = { help = \"5 working days\", report = \"10 working days\" }",
        "by_kind = { help = \"3 working days\", report = \"10 working days\" }",
    );
    assert_eq!(texts(&[emergency]), ["办理时限（突发事件工单；求助）由5个工作日改为3个工作日（第十四条）"]);
    let difficult = (
        "is      = \"15 working days\"\nwhen    = { contacts_at_least = 3, difficult = true }\nover    = [\"handle\", \"handle-emergency\"]",
        "is      = \"20 working days\"\nwhen    = { contacts_at_least = 3, difficult = true }\nover    = [\"handle-emergency\", \"handle\"]",
    );
    assert_eq!(
        texts(&[difficult]),
        ["办理时限（同一事项反映3次及以上，且疑难、复杂）由15个工作日改为20个工作日（第十四条）"]
    );
}

#[test]
fn conditions_lists_marks_and_numbers() {
    let when = (
        "when    = { contacts_at_least = 3, difficult = true }\nover    = [\"handle\", \"handle-emergency\"]",
        "when    = { contacts_at_least = 2, difficult = true }\nover    = [\"handle\", \"handle-emergency\"]",
    );
    assert_eq!(
        texts(&[when]),
        [
            "办理时限〔handle-difficult〕的适用情形由同一事项反映3次及以上，且疑难、复杂改为同一事项反映2次及以上，且疑难、复杂（第十四条）"
        ]
    );
    assert_eq!(
        texts(&[("\"火灾\", \"洪涝\", \"泥石流\"]", "\"火灾\", \"通讯\"]")]),
        ["突发事件工单：事项增加通讯，删去洪涝、泥石流（第十五条）"]
    );
    assert_eq!(texts(&[("\"水\", \"电\", \"气\"", "\"电\", \"水\", \"气\"")]), [""; 0], "an order that means nothing");
    assert_eq!(
        texts(&[(
            "levels  = [\"shift-leader\", \"centre-manager\"]",
            "levels  = [\"centre-manager\", \"shift-leader\"]"
        )]),
        ["逐级汇报：层级的顺序由值班长、中心主任改为中心主任、值班长（第十二条）"]
    );
    assert_eq!(
        texts(&[("unit_may_contact = false", "unit_may_contact = true")]),
        ["保密工单：“承办单位可以直接联系诉求人”由“否”改为“是”（第二十三条）"]
    );
    assert_eq!(
        texts(&[("at_most = \"original-limit\"", "at_most = 3")]),
        ["延期：每次最长由不超过原办理时限改为3个工作日（第十六条）"]
    );
    assert_eq!(
        texts(&[("attempts = 3", "attempts = 2")]),
        ["回访：未接通的，最多联系次数由3次改为2次（第七条（三）、第十三条（七））"]
    );
    assert_eq!(
        texts(&[("pending      = \"runs\"", "pending      = \"paused\"")]),
        ["退单：审核期间原时限由照常计算改为停止计算（第十三条（三））"]
    );
}

#[test]
fn rules_come_and_go_with_all_they_say() {
    let ground = "[[closure_ground]]\nid      = \"no-policy-basis\"\nname    = \"诉求无政策法规依据\"\narticle = \"第十三条（六）\"\n";
    let gone = changed(&[(ground, ""), ("closed_as = \"no-policy-basis\"\n", "")]);
    let said: Vec<(ChangeKind, &str)> = gone.iter().map(|c| (c.kind, c.text.as_str())).collect();
    assert_eq!(
        said,
        [
            (ChangeKind::Removed, "删除办结理由“诉求无政策法规依据”（第十三条（六））"),
            (
                ChangeKind::Changed,
                "不纳入考核“诉求事项确属没有政策、法律法规依…”：取消“仅限以此理由办结的”（原为办结理由“诉求无政策法规依据”）（第二十七条（二））"
            ),
        ]
    );
    let more = "[[supervise]]\nid = \"media\"\nname = \"媒体曝光\"\nfound_by = \"media\"\narticle = \"第十三条（五）\"\n\n[[measure]]\nid      = \"special-report\"";
    assert_eq!(
        texts(&[("[[measure]]\nid      = \"special-report\"", more)]),
        ["新增督办“媒体曝光”（第十三条（五））：系统可以发现：媒体曝光"]
    );
    assert_eq!(texts(&[("[raise]\nassume = [\"raise\"]\n", "")]), ["删除提级办理（条文未规定）"]);
    let limit = "[[limit]]\nid      = \"exclusion\"\nclock   = \"exclusion\"\nfrom    = \"request\"\nis      = \"3 working days\"\nassume  = [\"exclusion-procedure\"]\n";
    let section =
        "[exclusion]   # 申请、审核、一次申诉\narticle = \"第二十七条\"\nassume  = [\"exclusion-procedure\"]\n";
    let wanted = [
        "删除申请不纳入考核（第二十七条）",
        "删除不纳入考核审核时限（条文未规定），原规定为：起算：申请；期限：3个工作日",
    ];
    assert_eq!(texts(&[(limit, ""), (section, "")]), wanted);
}

#[test]
fn readings_messages_articles_and_the_head() {
    assert_eq!(
        texts(&[("answer   = \"每一级2小时\"", "answer   = \"每一级1小时\"")]),
        ["理解““及时”认定是多久？”由“每一级2小时”改为“每一级1小时”"]
    );
    assert_eq!(
        texts(&[("您的诉求（{number}）已办结。", "您好，您的诉求（{number}）已办结。")])[0].split('由').next(),
        Some("短信“办结时”：内容")
    );
    assert_eq!(
        texts(&[("[reply]\narticle = \"第十三条（四）\"", "[reply]\narticle = \"第十四条\"\nassume = [\"at-once\"]")]),
        ["答复依据的条文由第十三条（四）改为第十四条", "答复所依的理解增加““即时派发”“立即转办”是多久？”",]
    );
    let head = [
        ("version   = 1", "version   = 2"),
        ("in_force  = 2022-01-01", "in_force  = 2026-07-01"),
        ("status    = \"征求意见稿\"\n", ""),
        ("confirmed = 2026-11-21", "confirmed = 2026-12-01"),
    ];
    let wanted = [
        "版本由第1版改为第2版",
        "施行日期由2022年1月1日改为2026年7月1日",
        "取消文件状态（原为“征求意见稿”）",
        "最近核对日期由2026年11月21日改为2026年12月1日",
    ];
    assert_eq!(texts(&head), wanted);
}

#[test]
fn changes_stand_in_the_order_of_the_text() {
    let found = changed(&[
        ("recordings_years = 3", "recordings_years = 5"),  // 第十三条（九）
        ("is      = \"2 hours\"", "is      = \"1 hour\""), // 第十二条
        ("times   = 1\nat_most", "times   = 2\nat_most"),  // 第十六条
        ("version   = 1", "version   = 2"),
        ("start_day = \"left-out\"", "start_day = \"counted\""), // the text does not say
        ("answer   = \"告知\"", "answer   = \"不告知\""),
    ]);
    let sections: Vec<&str> = found.iter().map(|c| c.section.as_str()).collect();
    assert_eq!(sections, ["rulebook", "limit", "archive", "extension", "counting", "assume"]);
    assert_eq!(found[1].article, "第十二条");
    assert_eq!(found[4].text, "工作日的计算：起始日由不计入改为计入（条文未规定）");
    assert!(labels::section("counting") == "工作日的计算");
}

#[test]
fn what_is_not_encoded_is_compared_too() {
    let with = |more: &str| {
        let text = super::support::changed(&[]).split("[[not_encoded]]").next().unwrap().to_owned();
        Rulebook::parse("x", &format!("{text}\n{more}")).unwrap()
    };
    let entry =
        |article: &str, reason: &str| format!("[[not_encoded]]\narticle = \"{article}\"\nreason = \"{reason}\"\n");
    let (old, new) = (
        entry("第一条", "宗旨") + &entry("第三十条", "问责"),
        entry("第三十一条", "解释权") + &entry("第三十条", "问责形式"),
    );
    let texts: Vec<String> = changes(&with(&old), &with(&new)).into_iter().map(|c| c.text).collect();
    let wanted = [
        "未编入的条文删去第一条（原理由为“宗旨”）",
        "未编入第三十条的理由由“问责”改为“问责形式”",
        "未编入的条文增加第三十一条：解释权",
    ];
    assert_eq!(texts, wanted);
}
