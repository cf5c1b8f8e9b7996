//! A scenario that cannot fail proves nothing: everything it can say is shown to differ when it is not so.

use jiesu_domain::rehearse::{self, Report};

use super::support::*;

const STORY: &str = r#"
title    = "求助件"
covers   = ["SR-14"]
rulebook = "shangrao"

[[step]]
at   = "2026-11-16 09:00"
who  = "话务员"
do   = "登记"
with = { kind = "求助", title = "路灯不亮", content = "路口路灯不亮", channel = "电话" }

[[step]]
at   = "2026-11-16 09:10"
who  = "派单员"
do   = "派单"
with = { lead = "chengguan", assists = ["gongan"] }
"#;

fn play(text: &str) -> Report {
    let scenario = rehearse::parse("story.toml", text).unwrap_or_else(|e| panic!("{e}"));
    rehearse::run(&scenario, &shangrao(), &calendar())
}

/// The differences of the last step when it says this of the outcome.
fn then(says: &str) -> Vec<String> {
    let report = play(&format!("{STORY}then = {{ {says} }}\n"));
    report.steps.last().unwrap().differs.clone()
}

#[test]
fn everything_said_is_looked_at() {
    for (so, not_so) in [
        ("state = \"dispatched\"", "state = \"已登记\""),
        ("due = { sign = \"2026-11-17 24:00\" }", "due = { sign = \"2026-11-18 24:00\" }"),
        ("due = { \"办理\" = \"2026-11-23 24:00\" }", "due = { handle = \"\" }"),
        ("due = { follow-up = \"\" }", "due = { follow-up = \"2026-11-17 24:00\" }"),
        (
            "due_of = { gongan = { assist = \"2026-11-23 24:00\" } }",
            "due_of = { gongan = { handle = \"2026-11-23 24:00\" } }",
        ),
        ("on_time = [\"dispatch\"]", "late = [\"dispatch\"]"),
        ("on_time = [\"handle\"]", "on_time = [\"follow-up\"]"),
        ("sends = [\"acceptance-sms\"]", "sends = []"),
        ("says = { acceptance-sms = \"已派给城市管理局\" }", "says = { acceptance-sms = \"已派给公安局\" }"),
        ("says = { acceptance-sms = \"11月23日24时\" }", "says = { refusal-sms = \"解释\" }"),
        ("article = \"第十四条\"", "article = \"第十六条\""),
        (
            "due = { handle = \"2026-11-23 24:00\" }, readings = [\"from-dispatch\"]",
            "due = { handle = \"2026-11-23 24:00\" }, readings = [\"redo-limit\"]",
        ),
        ("overdue = false", "overdue = true"),
        ("ledger = 0", "ledger = 1"),
        ("proposed = 0", "proposed = 1"),
        ("provisional = false", "provisional = true"),
        ("events = [\"dispatched\"]", "events = [\"signed\"]"),
        ("shut = [\"sign\"]", "open = [\"sign\"]"),
        ("lead = \"chengguan\"", "lead = \"gongan\""),
        ("contacts = 1", "contacts = 2"),
        ("round = 1", "round = 2"),
        ("unsatisfied = 0", "unsatisfied = 1"),
        ("returned = 0", "returned = 1"),
        ("", "refused = \"already-dispatched\""),
        ("", "reason = \"已派单\""),
        ("", "assessed = true"),
        ("", "law = \"某条例\""),
    ] {
        assert_eq!(then(so), Vec::<String>::new(), "{so}");
        assert_eq!(then(not_so).len(), 1, "{not_so}: {:?}", then(not_so));
    }
    assert_eq!(
        then("due = { sign = \"2026-11-18 24:00\" }"),
        ["签收时限：应为 2026-11-19T00:00:00+08:00，实为 2026-11-18T00:00:00+08:00"]
    );
}

/// The differences of a further step.
fn further(step: &str) -> Vec<String> {
    play(&format!("{STORY}\n[[step]]\n{step}\n")).steps.last().unwrap().differs.clone()
}

#[test]
fn refusals_are_outcomes_and_must_be_said() {
    let again = "at = \"2026-11-16 10:00\"\nwho = \"派单员\"\ndo = \"派单\"\nwith = { lead = \"gongan\" }\n";
    let unsaid = further(again);
    assert_eq!(unsaid, ["拒绝：应为 无，实为 already-dispatched（工单已派单；须先退单才能重新派单）"]);
    assert!(
        further(&format!("{again}then = {{ refused = \"already-dispatched\", reason = \"须先退单\" }}")).is_empty()
    );
    assert_eq!(further(&format!("{again}then = {{ refused = \"past-intake\" }}")).len(), 1);
}

/// Slips of the pen are not outcomes: they are told as what they are, even if the step expects a refusal.
#[test]
fn slips_of_the_pen() {
    for (step, says) in [
        ("at = \"2026-11-16 08:00\"", "时间早于上一步"),
        ("at = \"2026-11-16 10:00\"\nwho = \"承办人@chengguang\"\ndo = \"签收\"", "没有编号为“chengguang”的单位"),
        (
            "at = \"2026-11-16 10:00\"\nwho = \"承办人\"\ndo = \"签收\"\nthen = { refused = \"not-permitted\" }",
            "承办人须写明单位",
        ),
        ("at = \"2026-11-16 10:00\"\ndo = \"签收\"", "须写明由谁"),
        ("at = \"2026-11-16 10:00\"\nthen = { refused = \"x\" }", "没有写明做什么"),
        (
            "at = \"2026-11-16 10:00\"\nwho = \"派单员\"\ndo = \"派单\"\nwith = { leed = \"x\" }\nthen = { refused = \"bad-input\" }",
            "不认识的键“leed”",
        ),
        ("at = \"2026-11-16 10:00\"\nthen = { due_of = { nobody = { sign = \"\" } } }", "没有编号为“nobody”的单位"),
    ] {
        let differs = further(step);
        assert!(differs.iter().any(|d| d.contains(says)), "{step}: {differs:?}");
    }
}

#[test]
fn a_file_that_cannot_be_read_says_on_which_line() {
    for (from, to, line, says) in [
        ("who  = \"话务员\"", "who  = \"话务\"", 8, "角色“话务”不认识"),
        ("\"2026-11-16 09:00\"", "\"2026-02-30 09:00\"", 7, "不是时间"),
        ("\"2026-11-16 09:00\"", "\"2026-11-16 25:00\"", 7, "不是时间"),
        ("\"2026-11-16 09:00\"", "\"昨天\"", 7, "不是时间"),
        ("do   = \"登记\"", "do   = \"登录\"", 9, "不认识的值“登录”"),
        ("who  = \"话务员\"", "wer  = \"话务员\"", 8, "不认识的键“wer”"),
        ("title    = \"求助件\"\n", "", 1, "缺少键“title”"),
    ] {
        assert!(STORY.contains(from));
        let error = rehearse::parse("story.toml", &STORY.replacen(from, to, 1)).unwrap_err();
        assert_eq!(error.line, line, "{error}");
        assert!(error.message.contains(says), "{error}");
    }
}

/// Between the steps the worker does what it would do: what was due is noted at its instant, up to and including the step's.
#[test]
fn time_passes_between_the_steps() {
    assert!(further("at = \"2026-11-17 23:59\"\nthen = { overdue = false }").is_empty());
    assert!(
        further(
            "at = \"2026-11-17 24:00\"\nthen = { overdue = true, events = [\"clock-expired\"], late = [\"sign\"] }"
        )
        .is_empty()
    );
}

#[test]
fn a_story_is_told_in_lines() {
    let report = play(STORY);
    assert!(report.holds());
    assert_eq!(report.steps[1].line, "2026-11-16 周一 09:10  派单员 派单");
    assert!(report.steps[1].outcome.starts_with("已派单待签收；签收 11月17日24时"), "{}", report.steps[1].outcome);
}

#[test]
fn nothing_can_follow_before_a_registration() {
    let only = STORY.split("[[step]]").next().unwrap();
    let text = format!("{only}[[step]]\nat = \"2026-11-16 09:00\"\nthen = {{ state = \"已登记\" }}\n");
    assert_eq!(play(&text).steps[0].differs, ["还没有登记工单"]);
}
