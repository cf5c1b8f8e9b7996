//! A demo for a place without stories of its own: accounts for some of its units, and a few plain tickets of each kind it takes.

use jiesu_domain::{
    Channel, Kind, Role, Rulebook,
    rulebook::UnitKind,
    ticket::{Command, Dispatch, Register, Units},
    words::{Contact, Satisfaction},
};

use super::{
    DemoAccount,
    stories::{Step, Story},
};
use crate::app::Appellant;

/// Units that have a handler and a leader.
const STAFFED: usize = 5;

fn staffed(units: &Units) -> Vec<&str> {
    let departments = units.iter().filter(|(_, u)| u.active && u.kind == UnitKind::Department);
    departments.map(|(id, _)| id.as_str()).take(STAFFED).collect()
}

fn leader(unit: &str) -> String {
    format!("{unit}-leader")
}

/// Log-ins of units: a handler and a leader for some, one for a superior unit, one for a discipline office.
pub(super) fn accounts(units: &Units) -> Vec<DemoAccount> {
    let name = |unit: &str| units.get(unit).map_or_else(|| unit.to_owned(), |u| u.name.clone());
    let account = |login: String, unit: &str, role: Role| DemoAccount {
        login,
        name: format!("{}{}", name(unit), role.zh()),
        role,
        unit: Some(unit.to_owned()),
    };
    let staffed = staffed(units);
    let mut all = Vec::new();
    for unit in &staffed {
        all.push(account((*unit).to_owned(), unit, Role::Handler));
        all.push(account(leader(unit), unit, Role::UnitLeader));
    }
    if let Some(superior) = units.values().find_map(|u| u.parent.as_deref()) {
        all.push(account("superior-unit".into(), superior, Role::SuperiorUnit));
    }
    if let Some(first) = staffed.first() {
        all.push(account("discipline-office".into(), first, Role::DisciplineOffice));
    }
    all
}

/// A ticket of each kind that is taken, each a little further on than the one before.
pub(super) fn stories(book: &Rulebook, units: &Units) -> Vec<Story> {
    let staffed = staffed(units);
    let story = |(i, kind): (usize, &Kind)| Story {
        at: if i == 0 { "~12".into() } else { format!("-{} 09:{:02}", i.min(4), 10 + i) },
        who: "seat".into(),
        register: registration(*kind),
        appellant: Appellant { phone: Some(format!("1390000{:04}", 1000 + i)), ..Appellant::default() },
        step: match staffed.get(i % staffed.len().max(1)) {
            Some(unit) if i > 0 => handled(book, unit, i),
            _ => Vec::new(),
        },
    };
    book.accept.kinds.iter().enumerate().map(story).collect()
}

fn registration(kind: Kind) -> Register {
    let (title, content) = match kind {
        Kind::Consultation => ("办理居住证需要哪些材料", "刚搬到本地，想办居住证，需要带什么材料，能不能在网上办。"),
        Kind::Help => ("小区门口路灯不亮", "小区门口的路灯一周不亮，晚上老人小孩出行不安全，希望尽快修复。"),
        Kind::Complaint => ("楼下商铺夜间噪声扰民", "楼下商铺每天营业到凌晨，音响声很大，多次沟通无效。"),
        Kind::Report => ("有人占用消防通道", "小区消防通道长期被私家车和杂物占用，存在安全隐患。"),
        Kind::Suggestion => ("建议增设公交站点", "新建小区入住率已经很高，最近的公交站要走二十分钟，建议增设站点。"),
        Kind::Opinion => ("对停车收费的意见", "路边停车收费时段过长，希望有关部门研究调整。"),
        Kind::Criticism => ("窗口工作人员态度生硬", "办事窗口工作人员态度生硬，问三句答一句。"),
        Kind::Efficacy => ("申请长期没有答复", "提交的申请超过承诺时限一个月没有答复，也没有说明原因。"),
        Kind::Thanks | Kind::Withdrawal | Kind::Harassment | Kind::Invalid => ("来电记录", "来电记录。"),
    };
    Register {
        kind,
        urgent: false,
        confidential: false,
        title: title.into(),
        content: content.into(),
        place: None,
        category: None,
        channel: Channel::Phone,
        follow_up_by: Contact::Phone,
        earlier: Vec::new(),
    }
}

/// The first steps of a whole handling: three of them, then five, …
fn handled(book: &Rulebook, unit: &str, far: usize) -> Vec<Step> {
    let days = far.min(4);
    let at = |minutes: usize| format!("-{days} {:02}:{:02}", 10 + minutes / 60, minutes % 60);
    let step = |minutes: usize, who: &str, command: Command| Step {
        at: at(minutes),
        who: who.into(),
        command,
        appellant: None,
    };
    let said = |s: &str| s.to_owned();
    let to = Dispatch { lead: unit.to_owned(), note: said("属该部门法定职责"), ..Dispatch::default() };
    let contact = Command::RecordContact {
        by: Contact::Phone,
        reached: true,
        explained: true,
        note: said("已联系诉求人了解情况"),
    };
    // Plain, with day and phone of the contact: some texts ask for it.
    let text = said("您好，已于5月6日通过0700-12345678联系您，所反映的问题已经办理完毕。");
    let plain = book.closure_ground.iter().find(|g| !g.long_term && !g.tracked).map(|g| g.id.clone());
    let mut steps = vec![
        step(0, "dispatcher", Command::Dispatch(to)),
        step(5, unit, Command::Sign {}),
        step(30, unit, contact),
        step(60, unit, Command::DraftReply { text, answers: Vec::new(), long_term: None }),
        step(70, &leader(unit), Command::AuditReply { without_assists: None }),
    ];
    if let Some(ground) = plain {
        steps.push(step(80, unit, Command::AskClosure { ground, statement: said("已办理并答复诉求人") }));
        steps.push(step(90, "reviewer", Command::ReviewClosure { approve: true, note: said("同意") }));
        let result = Satisfaction::Satisfied;
        let rating =
            jiesu_domain::ticket::Rate { appeal: None, result, attitude: None, solved: Some(true), comment: said("") };
        steps.push(step(100, "citizen", Command::Rate(rating)));
    }
    steps.truncate(2 * far);
    steps
}
