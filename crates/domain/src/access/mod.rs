//! Who may do what. The table is data that an auditor reads ([`permissions.toml`](../../permissions.toml), ADR 0011); whatever it does not
//! name is not allowed. Whether something is possible *now* is the ticket's business; whether this person may ever is decided here.

mod page;
mod table;

use std::collections::BTreeSet;

use crate::{
    Actor, Role,
    rulebook::CopyTo,
    ticket::{Action, Attached, FilePurpose, Stage, Ticket, UnitInfo, Units},
    words::words,
};

pub use page::page;
use table::built_in;
pub use table::{Never, Table};

words! {
    /// What can be done in the system besides commands on a ticket.
    Right, "权限" {
        /// Open an appellant's name and number, with a reason, logged.
        Reveal = "reveal" "查看诉求人信息",
        /// Open what an appellant sent in, without its name, logged.
        Material = "material" "查看诉求材料",
        ViewOutbox = "view-outbox" "查看短信记录",
        /// Take a list of tickets out as a workbook, with a reason, logged.
        Export = "export" "导出工单列表",
        /// With names, phones and addresses in it; never those of confidential tickets.
        ExportPersonal = "export-personal" "导出诉求人信息",
        /// What was taken out by whom and why.
        ViewExports = "view-exports" "查看导出清单",
        /// Who opened what of appellants in a month, and what of it is unusual.
        ReviewAccess = "review-access" "核查个人信息查阅情况",
        /// Read and export the audit journal.
        ReadAudit = "read-audit" "查阅审计日志",
        ProposeErasure = "propose-erasure" "提出到期销毁",
        ApproveErasure = "approve-erasure" "批准到期销毁",
        /// Unlock, reset passwords and second factors, end sessions, set the rules for log-ins.
        SecureLogIn = "secure-log-in" "管理登录安全",
        ManageKeys = "manage-keys" "管理接口密钥",
        /// Move the settable clock of a demo or test.
        SetClock = "set-clock" "调整演示时钟",
        /// Units, posts and who is missing.
        ViewOrganisation = "view-organisation" "查看组织机构",
        /// How many tickets the centres below this one have.
        ViewBelow = "view-below" "查看下级热线件数",
        /// Make units and accounts; an account has no power until a post is given.
        ManageOrganisation = "manage-organisation" "管理单位和账户",
        /// Shifts, who is down for them and who takes calls now.
        ViewDuty = "view-duty" "查看值班",
        /// Set the shifts and put people down for them.
        ManageDuty = "manage-duty" "排班",
        /// Be put down for shifts, and say whether one takes calls.
        TakeDuty = "take-duty" "值班",
        /// Give posts and take them back.
        GrantPosts = "grant-posts" "授予岗位",
        /// Find entries of the knowledge base that are published, use them, and say that one is wrong.
        SearchKnowledge = "search-knowledge" "查用知识",
        /// Enter and keep up what one's own unit provides.
        ProvideKnowledge = "provide-knowledge" "报送知识",
        /// Ask units, and ask for entries.
        AskKnowledge = "ask-knowledge" "向单位提问、要求录入知识",
        ReviewKnowledge = "review-knowledge" "审核发布知识",
        /// Judge reports of errors, draw and mark samples, read the figures.
        CheckKnowledge = "check-knowledge" "核查知识",
        /// See how good the proposals are that the program makes, and what people did with them.
        ViewProposals = "view-proposals" "查看登记提示的效果",
        /// Switch the proposals of a field on and off.
        ManageProposals = "manage-proposals" "启用、停用登记提示",
        /// Which matters move most people, over all tickets.
        ViewHotIssues = "view-hot-issues" "查看热点问题",
    }
}

words! {
    /// Which tickets a role sees.
    Sees, "可见范围" {
        All = "all" "全部工单",
        Unit = "unit" "本单位主办、协办或送达本单位的工单",
        Below = "below" "本单位及其下级单位的工单",
        Discipline = "discipline" "抄送本单位纪检的工单",
        Own = "own" "凭查询码的那一件工单",
        /// What was passed on to it, while it has it: one by one, there is no list.
        Passed = "passed" "转往本平台、尚由其办理的那一件工单",
        Nothing = "nothing" "不看工单",
    }
}

/// Whether a role may ever carry out an action.
pub fn may(role: Role, action: Action) -> bool {
    built_in().may(role, action)
}

/// Whether a role holds a right.
pub fn has(role: Role, right: Right) -> bool {
    built_in().has(role, right)
}

/// Which tickets a role sees.
pub fn sees_of(role: Role) -> Sees {
    built_in().sees(role)
}

/// Which files somebody who may attach any may attach: the centre and the appellant what the appeal rests on, a unit what its handling does.
pub fn may_attach(role: Role, purpose: FilePurpose) -> bool {
    if !may(role, Action::AttachFile) {
        return false;
    }
    match role {
        Role::Citizen => purpose.of_appellant(),
        role if role.of_unit() => purpose.of_unit(),
        _ => !purpose.of_unit(),
    }
}

/// Whether this person may know who appeals: never a unit on a confidential ticket, nor one that only got a copy; never those without
/// the right.
pub fn knows_appellant(actor: &Actor, ticket: &Ticket) -> bool {
    has(actor.role, Right::Reveal) && (!actor.role.of_unit() || (!ticket.confidential && handles(actor, ticket)))
}

/// Whether a role finds confidential tickets by words that stand in them. Who could would learn by trying names who appeals; they find
/// them by number, and in the list.
pub fn finds_confidential_by_words(role: Role) -> bool {
    !role.of_unit()
}

/// Whether the actor's unit leads or assists.
fn handles(actor: &Actor, ticket: &Ticket) -> bool {
    let own = |unit: &str| Some(unit) == actor.unit.as_deref();
    parts(ticket).iter().any(|(unit, part)| own(unit) && matches!(part, Part::Lead | Part::Assist))
}

/// How much of a file somebody knows who sees its ticket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Known {
    /// That there is one, and what for.
    Nothing,
    /// What it shows, not what its sender called it: people name files after themselves.
    Content,
    Whole,
}

/// How much of a file somebody who sees the ticket may know. What an appellant sends in shows who they are as surely as a name does, but a
/// reply cannot be judged without it: who judges and may not know the appellant gets the content, of a confidential ticket only what was
/// redacted. Evidence is between the centre and the unit that brings it.
pub fn knows_file(actor: &Actor, ticket: &Ticket, file: &Attached, units: &Units) -> Known {
    let whole = |yes: bool| if yes { Known::Whole } else { Known::Nothing };
    match file.purpose {
        // The appellants' page has no files: several of them may stand on one ticket.
        _ if actor.role == Role::Citizen => Known::Nothing,
        FilePurpose::Appeal | FilePurpose::Supplement if knows_appellant(actor, ticket) => Known::Whole,
        FilePurpose::Appeal | FilePurpose::Supplement if has(actor.role, Right::Material) && !ticket.confidential => {
            Known::Content
        }
        FilePurpose::Appeal | FilePurpose::Supplement => Known::Nothing,
        FilePurpose::Evidence => whole(
            scope(actor, units).is_none_or(|(reach, _)| file.unit.as_ref().is_some_and(|unit| reach.contains(unit))),
        ),
        _ => Known::Whole,
    }
}

/// The units whose tickets somebody of a unit sees: the own one, and for a superior unit all below it (SR-9).
pub fn reach(role: Role, unit: &str, units: &Units) -> BTreeSet<String> {
    let mut reach = BTreeSet::from([unit.to_owned()]);
    if sees_of(role) != Sees::Below {
        return reach;
    }
    loop {
        let below = |u: &&UnitInfo| u.parent.as_ref().is_some_and(|p| reach.contains(p));
        let found: Vec<String> =
            units.iter().filter(|(id, u)| below(u) && !reach.contains(*id)).map(|(id, _)| id.clone()).collect();
        if found.is_empty() {
            return reach;
        }
        reach.extend(found);
    }
}

/// As what a unit has to do with a ticket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    Lead,
    Assist,
    /// It got a copy as the superior unit, or it gave the ticket back and still owes a rectification.
    Copy,
    /// Its own discipline office got a copy.
    Discipline,
}

impl Part {
    /// As stored.
    pub const fn code(self) -> &'static str {
        match self {
            Part::Lead => "lead",
            Part::Assist => "assist",
            Part::Copy => "copy",
            Part::Discipline => "discipline",
        }
    }
}

/// Every unit that has to do with a ticket, and as what.
pub fn parts(ticket: &Ticket) -> BTreeSet<(String, Part)> {
    let of = |unit: &str, part| (unit.to_owned(), part);
    let taking_part =
        ticket.units().into_iter().zip(std::iter::once(Part::Lead).chain(std::iter::repeat(Part::Assist)));
    let owing = ticket.owing().into_iter().map(|unit| (unit, Part::Copy));
    let copied = ticket.copies.iter().map(|c| match c.to {
        CopyTo::Superior => of(&c.unit, Part::Copy),
        CopyTo::Discipline => of(&c.unit, Part::Discipline),
    });
    taking_part.chain(owing).map(|(unit, part)| of(unit, part)).chain(copied).collect()
}

/// The parts by which somebody sees a ticket: a unit's discipline office the copies that were meant for it, everybody else of the unit
/// what the unit itself has to do with.
const fn parts_seen(sees: Sees) -> &'static [Part] {
    match sees {
        Sees::Discipline => &[Part::Discipline],
        Sees::Unit | Sees::Below => &[Part::Lead, Part::Assist, Part::Copy],
        Sees::All | Sees::Own | Sees::Passed | Sees::Nothing => &[],
    }
}

/// The units and parts through which a person sees tickets; `None`: every ticket. A list is filtered by it, and [`sees`] is the same rule
/// for one ticket; another platform has no list.
pub fn scope(actor: &Actor, units: &Units) -> Option<(BTreeSet<String>, &'static [Part])> {
    let sees = sees_of(actor.role);
    let own = match sees {
        // An appellant comes with number and query code, which were checked before.
        Sees::All | Sees::Own => return None,
        Sees::Passed | Sees::Nothing => None,
        Sees::Unit | Sees::Below | Sees::Discipline => actor.unit.as_deref(),
    };
    let reach = own.map_or_else(BTreeSet::new, |unit| reach(actor.role, unit, units));
    Some((reach, parts_seen(sees)))
}

/// Whether a person sees a ticket at all.
pub fn sees(actor: &Actor, ticket: &Ticket, units: &Units) -> bool {
    if sees_of(actor.role) == Sees::Passed {
        return matches!(&ticket.stage, Stage::Transferred { to, .. } if Some(to) == actor.unit.as_ref());
    }
    let Some((reach, seen)) = scope(actor, units) else { return true };
    parts(ticket).iter().any(|(unit, part)| reach.contains(unit) && seen.contains(part))
}

/// The whole matrix as text, three lines a role: the golden file.
pub fn matrix() -> String {
    let mut out = String::new();
    for role in Role::ALL {
        let actions: Vec<&str> = Action::ALL.iter().filter(|a| may(*role, **a)).map(|a| a.code()).collect();
        let rights: Vec<&str> = Right::ALL.iter().filter(|r| has(*role, **r)).map(|r| r.code()).collect();
        let (role, sees) = (role.code(), sees_of(*role).code());
        out += &format!("{role}\n  sees: {sees}\n  actions: {}\n  rights: {}\n", actions.join(" "), rights.join(" "));
    }
    out
}
