//! The closed vocabularies stand in the glossary as they stand in the code.
#![allow(clippy::disallowed_methods, reason = "a test reads and writes the document")]

use jiesu_domain::{access, audit, catalogue, clock, duty, organisation, rulebook, ticket, words};

use crate::support::root;

const BEGIN: &str = "<!-- begin -->\n";
const END: &str = "<!-- end -->";

macro_rules! listed {
    ($($type:path = $zh:literal),+ $(,)?) => {
        vec![$(($zh, stringify!($type), <$type>::ALL.iter().map(|w| (w.code(), w.zh())).collect::<Vec<_>>())),+]
    };
}

#[test]
fn the_glossary_lists_every_word_of_the_code() {
    let vocabularies = listed! {
        words::Kind = "诉求类别", words::Channel = "渠道", words::Role = "角色", words::Contact = "联系方式",
        words::Satisfaction = "满意度", ticket::StateName = "状态", ticket::Action = "操作", access::Right = "权限",
        clock::ClockKind = "时限", rulebook::UnitKind = "单位类别", rulebook::CopyTo = "抄送对象",
        rulebook::ReturnNeed = "退单材料", rulebook::Asked = "回访内容", rulebook::RateFrom = "可评价时间",
        rulebook::Trigger = "触发条件", rulebook::MessageOn = "短信时机", ticket::HelpKind = "帮助方式",
        ticket::Finding = "核实结论", ticket::ConductState = "问责情形状态", ticket::ExclusionState = "不纳入考核申请状态",
        catalogue::ChangeKind = "目录变动", ticket::FilePurpose = "附件用途", ticket::FileCheck = "查毒情况",
        access::Sees = "可见范围", access::Never = "底线", organisation::SeatKind = "坐席类别", organisation::Missing = "缺员",
        duty::Presence = "在岗状态",
        audit::ActKind = "审计事项", audit::Outcome = "审计结果",
    };
    let mut table = String::from("| 词表 | type | words |\n|---|---|---|\n");
    for (zh, name, words) in vocabularies {
        let words: Vec<String> = words.iter().map(|(code, zh)| format!("`{code}` {zh}")).collect();
        table += &format!("| {zh} | `{name}` | {} |\n", words.join(" · "));
    }
    let path = root().join("docs/glossary.md");
    let text = std::fs::read_to_string(&path).unwrap();
    let (before, rest) = text.split_once(BEGIN).expect("the glossary has its marks");
    let (now, after) = rest.split_once(END).expect("the glossary has its marks");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, format!("{before}{BEGIN}{table}{END}{after}")).unwrap();
        return;
    }
    assert!(now == table, "run: UPDATE_GOLDEN=1 cargo nextest run -p jiesu-domain glossary");
}
