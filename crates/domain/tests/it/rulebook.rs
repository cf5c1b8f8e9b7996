//! A rulebook that is wrong says where and, in Chinese, what; one that is right answers each question once.

use jiesu_domain::{
    Rulebook,
    calendar::Notice,
    clock::ClockKind,
    rulebook::{Subject, parse_toml},
};

use super::support::*;

/// The text with a change, what is wrong with it, and on which line: the one where `on` first stands.
#[track_caller]
fn wrong(from: &str, to: &str, on: &str, says: &str) {
    let text = changed(&[(from, to)]);
    let found = text.find(on).unwrap_or_else(|| panic!("not in the text: {on}"));
    let wanted = 1 + text[..found].matches('\n').count();
    let errors = Rulebook::parse("某地.toml", &text).expect_err(says);
    let all = errors.to_string();
    let fits = errors.0.iter().any(|e| e.line == wanted && e.message.contains(says));
    assert!(fits, "wanted line {wanted}: …{says}…\ngot\n{all}");
    assert!(all.starts_with("某地.toml 第"), "{all}");
    // What stands outside of quotation marks is Chinese.
    let said: String = all.split('“').map(|part| part.split_once('”').map_or(part, |(_, said)| said)).collect();
    for word in ["expected", "invalid", "unknown", "missing", "found"] {
        assert!(!said.contains(word), "not Chinese: {all}");
    }
}

#[test]
fn shangraos_rulebook_is_right() {
    let book = shangrao();
    assert_eq!((book.rulebook.id.as_str(), book.rulebook.version), ("shangrao", 1));
    assert_eq!(book.rulebook.in_force.to_string(), "2022-01-01");
}

/// Every reading is used somewhere, or it would be shown beside nothing.
#[test]
fn no_reading_stands_alone() {
    let text = shangrao_text();
    for assume in &shangrao().assume {
        let id = format!("\"{}\"", assume.id);
        assert!(text.matches(&id).count() >= 2, "{id} is used by no rule");
    }
}

#[test]
fn the_toml_itself() {
    wrong("[redo]", "[redo", "[redo", "表名的“[”没有以“]”结束");
    wrong("[[exempt]]", "[[exempt]", "[[exempt]", "“[[”没有以“]]”结束");
    wrong("place     = \"上饶市\"", "place     = 上饶市", "place ", "文本没有加引号");
    wrong("place     = \"上饶市\"", "place     = \"上饶市", "place ", "引号没有结束");
    wrong("ledger_from = 2", "ledger_from 2", "ledger_from", "键后缺少“=”和值");
    wrong("ledger_from = 2", "ledger_from =", "ledger_from", "缺少值");
    wrong("ledger_from = 2", "ledger_from = 02", "ledger_from", "不能以0开头");
    wrong("ledger_from = 2", "ledger_from = 2 次", "ledger_from", "文本没有加引号");
    wrong("ledger_from = 2", "ledger_from = 2 article = 3", "ledger_from", "一行只写一项");
    wrong("ledger_from = 2", "从 = 2", "从 = 2", "中文键名须加引号");
    wrong("lead_waits = true", "lead_waits = 是", "lead_waits", "文本没有加引号");
    wrong("lead_waits = true", "lead_waits = yes", "lead_waits", "文本没有加引号");
    wrong("lead_waits = true", "lead_waits = True", "lead_waits", "应为 true 或 false");
    wrong("id        = \"shangrao\"", "id = \"a\"\nid = \"shangrao\"", "id = \"shangrao\"", "键重复");
    wrong("[accept]", "[rulebook] # 重", "[rulebook] # 重", "键重复");
    wrong("when    = { urgent = false }", "when    = { urgent false }", "{ urgent false }", "缺少“=”");
    wrong("levels  = [\"shift-leader\", ", "levels  = [\"shift-leader\" ", "levels", "缺少逗号");
    wrong(
        "text    = \"【{place}12345】您的诉求已登记",
        "text    = \"\\p【{place}12345】您的诉求已登记",
        "\\p",
        "文本中“\\”",
    );
}

#[test]
fn keys_and_types() {
    wrong(
        "ledger_from = 2",
        "ledger_form = 2",
        "ledger_form",
        "不认识的键“ledger_form”；此处可用：“ledger_from”、“article”、“assume”",
    );
    wrong("[redo]", "[reddo]", "[reddo]", "不认识的键“reddo”");
    wrong("place     = \"上饶市\"\n", "", "[rulebook]", "缺少键“place”");
    wrong("[reply]\narticle = \"第十三条（四）\"\n", "", "# 上饶市", "缺少键“reply”");
    wrong("version   = 1", "version   = \"1\"", "version ", "得到文本“1”，应为不小于0的整数");
    wrong("version   = 1", "version   = -1", "version ", "得到-1，应为不小于0的整数");
    wrong("version   = 1", "version   = 1.5", "version ", "得到1.5");
    wrong("lead_waits = true", "lead_waits = 1", "lead_waits", "得到1，应为“true”或“false”");
    wrong("place     = \"上饶市\"", "place     = 2022-01-01", "place ", "得到表或日期，应为文本");
    wrong("place     = \"上饶市\"", "place     = [\"上饶市\"]", "place ", "得到列表（[…]），应为文本");
    wrong(
        "kinds   = [\"consultation\"",
        "kinds   = [\"konsultation\"",
        "konsultation",
        "不认识的值“konsultation”；可用：“consultation”",
    );
    wrong(
        "start_day = \"left-out\"",
        "start_day = \"maybe\"",
        "maybe",
        "不认识的值“maybe”；可用：“left-out”、“counted”",
    );
    wrong("start_day = \"left-out\"", "start_day = 1", "start_day", "应为文本");
}

#[test]
fn dates() {
    for (date, says) in [
        ("2022-13-01", "日期不对"),
        ("\"2022-02-30\"", "“2022-02-30”不是日期"),
        ("\"明天\"", "“明天”不是日期"),
        ("2022-01-01T08:00:00", "不是日期；应写作 2022-01-01"),
        ("08:00:00", "不是日期"),
        ("5", "得到5，应为日期"),
        ("{ year = 2022 }", "不是日期"),
    ] {
        wrong("in_force  = 2022-01-01", &format!("in_force  = {date}"), "in_force", says);
    }
    let text = changed(&[("in_force  = 2022-01-01", "in_force  = \"2022-01-01\"")]);
    assert_eq!(Rulebook::parse("x", &text).unwrap().rulebook.in_force, shangrao().rulebook.in_force);
    // Calendars too.
    let notice = |off: &str| {
        let text =
            format!("year = 2026\ntitle = \"t\"\nsource = []\n[[holiday]]\nname = \"n\"\noff = [{off}]\nwork = []\n");
        parse_toml::<Notice>("2026.toml", &text)
    };
    assert!(notice("2026-05-01, \"2026-05-02\"").is_ok());
    let error = notice("\"2026-02-30\"").unwrap_err();
    assert_eq!((error.line, error.message.as_str()), (6, "“2026-02-30”不是日期；应写作 2022-01-01"));
}

#[test]
fn amounts() {
    for (amount, says) in [
        ("\"2 Stunden\"", "“2 Stunden”不是时限；应写作“2 working days”"),
        ("\"0 hours\"", "数目须在1至9999之间"),
        ("\"10000 hours\"", "数目须在1至9999之间"),
        ("2", "得到2，应为文本"),
    ] {
        let line = format!("is      = {amount} # 此处");
        wrong("is      = \"2 hours\"", &line, "# 此处", says);
    }
}

/// A rule without a source, and readings that are not there.
#[test]
fn sources() {
    let redo = "ledger_from = 2\narticle     = \"第十三条（七）\"\nassume      = [\"redo-limit\"]\n";
    wrong(redo, "ledger_from = 2\n", "[redo]", "规则没有出处：写明 article（条文），文本未规定的写明 assume（理解）");
    wrong(redo, "ledger_from = 2\narticle = \" \"\n", "[redo]", "规则没有出处");
    wrong(
        "is      = \"1 working day\"\narticle = \"第十四条\"",
        "is      = \"1 working day\" # 签收",
        "[[limit]]\nid      = \"sign\"",
        "规则没有出处",
    );
    wrong("[\"redo-limit\"]", "[\"redo-limit\", \"unheard-of\"]", "unheard-of", "“unheard-of”不在本办法的理解");
    wrong(
        "[\"count-days\", \"which-days\"]",
        "[\"count-days\", \"that-days\"]",
        "that-days",
        "“that-days”不在本办法的理解",
    );
    wrong("[reply]\narticle", "[reply]\nassume = [\"nowhere\"]\narticle", "nowhere", "“nowhere”不在本办法的理解");
}

#[test]
fn two_rules_on_one_question() {
    wrong(
        "over    = [\"handle\", \"handle-emergency\"]\n",
        "",
        "[[limit]]    # 来电3次",
        "规则“handle”与“handle-difficult”回答同一问题（办理时限），须用 over 写明",
    );
    wrong(
        "when    = { urgent = true }",
        "when    = { urgent = false }",
        "[[limit]]    # 立即转",
        "回答同一问题（派单时限）",
    );
    wrong(
        "over    = [\"handle\", \"handle-emergency\"]",
        "over    = [\"handel\"]",
        "handel",
        "over 所指的规则“handel”不存在",
    );
    wrong(
        "over    = [\"handle\", \"handle-emergency\"]",
        "over    = [\"handle-difficult\"] # 此处",
        "# 此处",
        "over 所指的规则“handle-difficult”不存在",
    );
    wrong(
        "over    = [\"handle\", \"handle-emergency\"]",
        "over    = [\"handle\", \"handle-emergency\", \"sign\"]",
        "\"sign\"]",
        "over 所指的规则“sign”不是“办理”时限",
    );
}

#[test]
fn questions_without_an_answer() {
    wrong(
        "id      = \"sign\"\nclock   = \"sign\"",
        "id      = \"sign\"\nclock   = \"assist\"",
        "[[limit]]",
        "没有规则回答：咨询类工单的“签收”时限",
    );
    wrong("help = \"5 working days\", ", "", "[[limit]]", "没有规则回答：求助类工单的“办理”时限");
    // Emergencies alone would have no limit for the dispatch.
    wrong(
        "when    = { urgent = true }",
        "when    = { urgent = true, difficult = true }",
        "[[limit]]",
        "没有规则回答：求助类突发事件工单的“派单”时限",
    );
    // Two rules that each go over the other leave none.
    let rules = "over    = [\"handle\"]";
    let text = changed(&[
        (rules, "over    = [\"handle\"]"),
        ("by_kind = { consultation", "over = [\"handle-difficult\"]\nby_kind = { consultation"),
    ]);
    let errors = Rulebook::parse("x", &text).unwrap_err().to_string();
    assert!(
        errors.contains("没有规则回答：咨询类工单的“办理”时限（handle、handle-difficult互以 over 取代）"),
        "{errors}"
    );
}

#[test]
fn rules_that_cannot_be() {
    wrong(
        "id      = \"return\"\nclock   = \"return\"\nfrom    = \"sign\"",
        "id      = \"return\"\nclock   = \"return\"\nfrom    = \"closure\"",
        "from    = \"closure\"",
        "“退单窗口”时限不能从这里起算",
    );
    wrong("is      = \"2 hours\"\n", "", "[[limit]]", "须写明 is 或 by_kind，且只写其一");
    wrong(
        "is      = \"2 hours\"\n",
        "is = \"2 hours\"\nby_kind = { help = \"1 hour\" }\n",
        "[[limit]]",
        "须写明 is 或 by_kind，且只写其一",
    );
    wrong("id      = \"sign\"", "id      = \"referral\" # 重", "# 重", "时限规则的 id “referral”重复");
    wrong(
        "id      = \"secret\"",
        "id      = \"no-basis\"",
        "id      = \"no-basis\"\nname    = \"确属",
        "不予受理情形的 id “no-basis”重复",
    );
    wrong("id       = \"which-days\"", "id       = \"count-days\" # 重", "# 重", "理解的 id “count-days”重复");
    wrong("id      = \"refusal-sms\"", "id      = \"acceptance-sms\" # 重", "# 重", "短信的 id “acceptance-sms”重复");
    wrong("id        = \"shangrao\"", "id        = \"上饶\"", "id        = ", "id 只用小写字母与连字符");
    wrong("prefix    = \"SR\"", "prefix    = \"sr\"", "prefix", "两个大写字母");
    wrong("version   = 1", "version   = 0", "version ", "version 从1起");
    wrong("attempts = 3", "attempts = 0", "attempts", "回访次数至少1次");
    wrong("ledger_from = 2", "ledger_from = 0", "ledger_from", "ledger_from 从1起");
    wrong("times        = 2\n", "", "[[supervise]]\nid           = \"unsatisfied\"", "须写明 times");
    wrong("times        = 2\n", "times        = 0 # 零\n", "# 零", "须写明 times（次数，从1起）");
    wrong("found_by     = \"unsatisfied\"\n", "", "times        = 2", "须与触发条件“found_by”同写");
    wrong("found_by     = \"unsatisfied\"", "found_by     = \"overdue\"", "times        = 2", "不计次数，请删去 times");
    wrong("id           = \"unsatisfied\"", "id           = \"overdue\" # 重", "# 重", "督办事由的 id “overdue”重复");
    wrong("closed_as = \"no-policy-basis\"", "closed_as = \"never\"", "\"never\"", "办结理由中没有“never”");
    wrong("id      = \"no-policy-basis\"", "id      = \"done\" # 重", "# 重", "办结理由的 id “done”重复");
    wrong("at_most = \"original-limit\"", "at_most = 0", "at_most", "at_most 应为天数");
    wrong("\"suggestion\", \"opinion\"]", "\"suggestion\", \"thanks\"]", "\"thanks\"]", "只作记录，不能列为受理类别");
    wrong(
        "kinds         = [\"help\", \"report\"]",
        "kinds         = [\"help\", \"criticism\"]",
        "\"criticism\"]",
        "“批评”不在受理类别之中",
    );
    wrong("[\"shift-leader\", \"centre-manager\"]", "[\"dispatcher\"]", "levels", "“派单员”没有认定受理的权限");
    wrong("[\"shift-leader\", \"centre-manager\"]", "[\"shift-leader\", \"shift-leader\"]", "levels", "列了两次");
    for time in ["25:00", "0:30", "17.30", "00:00", "24:01", "17:60", "+1:00"] {
        let line = format!("start_day = \"left-out\"\nend_of_day = \"{time}\"");
        wrong("start_day = \"left-out\"", &line, "end_of_day", "不是时刻");
    }
}

#[test]
fn message_texts() {
    let text = "text    = \"【{place}12345】您的诉求已登记";
    wrong(
        text,
        "text    = \"【{stadt}12345】您的诉求已登记",
        "{stadt}",
        "“{stadt}”在“登记”短信中不能使用；可用：place、number、code",
    );
    wrong(text, "text    = \"应在{due}前答复，您的诉求已登记", "{due}前答复，", "“{due}”在“登记”短信中不能使用");
    wrong(text, "text    = \"【{place 12345】您的诉求已登记", "{place 12345", "花括号不成对");
    wrong(text, "text    = \"【place}12345】您的诉求已登记", "place}12345", "花括号不成对");
    for sort in ["个工作日", "日", "天"] {
        let twice = format!("因办理需要延期{{days}}{sort}，");
        wrong("因办理需要延期{days}，", &twice, &format!("{{days}}{sort}"), "其后不要再写“个工作日”或“日”");
    }
}

#[test]
fn all_that_is_wrong_is_said_in_the_order_of_the_lines() {
    let text = changed(&[
        ("attempts = 3", "attempts = 0"),
        ("version   = 1", "version   = 0"),
        ("ledger_from = 2", "ledger_from = 0"),
    ]);
    let errors = Rulebook::parse("x", &text).unwrap_err();
    assert_eq!(errors.0.len(), 3);
    assert!(errors.0.is_sorted_by_key(|e| e.line));
}

/// Over every case that the conditions can tell apart, the answer is the text's.
#[test]
fn article_14_as_a_table() {
    let book = shangrao();
    for kind in book.accept.kinds.clone() {
        for (contacts, difficult) in [(1, false), (2, true), (3, false), (3, true), (9, true)] {
            for urgent in [false, true] {
                let subject = Subject { kind: Some(kind), urgent, difficult, contacts, redo: false };
                let days = match kind.zh() {
                    _ if contacts >= 3 && difficult => 15,
                    "咨询" => 2,
                    "求助" | "建议" | "意见" => 5,
                    "投诉" | "举报" => 10,
                    other => panic!("{other}"),
                };
                let (rule, amount) = book.limit(ClockKind::Handle, &subject).unwrap();
                assert_eq!(
                    (amount.n, rule.article.as_deref()),
                    (days, Some("第十四条")),
                    "{kind} {contacts} {difficult}"
                );
            }
        }
    }
}

#[test]
fn a_rulebook_written_out_as_json_is_read_back() {
    let json = serde_json::to_string(&shangrao()).unwrap();
    let back: Rulebook = serde_json::from_str(&json).unwrap();
    assert_eq!(serde_json::to_string(&back).unwrap(), json);
}
