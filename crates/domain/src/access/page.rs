//! The permission table as a page that an auditor reads: `docs/permissions.md`, written by a test.

use std::fmt::Write;

use super::{
    Right, Sees, sees_of,
    table::{Entry, Group, built_in},
};
use crate::Role;

const HEAD: &str = "\
# 权限表

本页由 `crates/domain/permissions.toml` 写出，请勿手改；测试逐字核对。程序只按该表判断，表外一律不许。决定与代价见
[ADR 0011](adr/0011-permissions-are-a-table.md)。

- **能看哪些工单**：下表“可见范围”。列表、查找、计数、推送、附件都用同一条件；看不到的工单与不存在的工单答复相同（[ADR 0006](adr/0006-scope-is-404.md)）。
- **保密工单**：承办单位的任何角色都看不到诉求人的姓名、电话、地址，以及诉求人所附文件的名称、类型、大小、摘要和内容。
- **送达本单位**（抄送、退回后仍须整改）的单位看得到工单，看不到诉求人；主办、协办单位可以查看，写明理由，逐次留痕。
- **外包坐席**登记后只得回执（单号、查询码），此后不能打开、查找任何工单，包括刚登记的。
- **审核员、督办员、监察**须核对诉求人提交的材料，可以打开其内容，不显示原文件名，逐次留痕；保密工单只看脱敏材料。
- **三员分立**：系统管理员登记单位、建立没有权限的账户；安全管理员授予、收回岗位；审计管理员查看审计记录。任何人不能给自己授权。
";

/// The whole page.
pub fn page() -> String {
    let table = built_in();
    let mut out = String::from(HEAD);
    out += "\n## 角色\n\n| 角色 | 代码 | 可见范围 | 底线 | 依据 |\n|---|---|---|---|---|\n";
    for (role, entry) in by_role() {
        let never: Vec<&str> = entry.never.iter().map(|n| n.zh()).collect();
        let (never, sees) = (if never.is_empty() { "—".into() } else { never.join("；") }, entry.sees.zh());
        let _ = writeln!(out, "| {role} | `{}` | {sees} | {never} | {} |", role.code(), entry.basis);
    }
    out += "\n## 各组操作与权限由谁持有\n\n| 组 | 操作、权限 | 依据 | 持有的角色 |\n|---|---|---|---|\n";
    for group in &table.groups {
        let what: Vec<&str> = group.actions.iter().map(|a| a.zh()).chain(group.rights.iter().map(|r| r.zh())).collect();
        let _ = writeln!(out, "| {} | {} | {} | {} |", group.name, what.join("、"), group.basis, holders(group));
    }
    out += "\n## 每个角色能做什么\n";
    for (role, entry) in by_role() {
        let _ = write!(out, "\n### {role}\n\n可见范围：{}。\n\n", entry.sees);
        out += &held(entry, &table.groups);
    }
    out + &watched()
}

/// In the order of the glossary.
fn by_role() -> impl Iterator<Item = (Role, &'static Entry)> {
    Role::ALL.iter().filter_map(|role| built_in().roles.get(role).map(|entry| (*role, entry)))
}

fn holders(group: &Group) -> String {
    let holders: Vec<&str> = by_role().filter(|(_, e)| e.groups.contains(&group.id)).map(|(r, _)| r.zh()).collect();
    holders.join("、")
}

fn held(entry: &Entry, groups: &[Group]) -> String {
    let of = |id: &String| groups.iter().find(|g| g.id == *id);
    let line = |g: &Group| {
        let what: Vec<&str> = g.actions.iter().map(|a| a.zh()).chain(g.rights.iter().map(|r| r.zh())).collect();
        format!("- {}：{}\n", g.name, what.join("、"))
    };
    entry.groups.iter().filter_map(of).map(line).collect()
}

/// Who can reach what an auditor asks about first.
fn watched() -> String {
    let who = |of: &dyn Fn(Role) -> bool| {
        let roles: Vec<&str> = Role::ALL.iter().filter(|r| r.of_staff() && of(**r)).map(|r| r.zh()).collect();
        roles.join("、")
    };
    let mut out = String::from("\n## 常问\n\n");
    let _ = writeln!(out, "- 看得到全部工单的：{}。", who(&|r| sees_of(r) == Sees::All));
    let _ = writeln!(out, "- 不看工单的：{}。", who(&|r| sees_of(r) == Sees::Nothing));
    let _ = writeln!(out, "- 能打开诉求人信息的：{}。", who(&|r| built_in().has(r, Right::Reveal)));
    let _ = writeln!(out, "- 只看不动的：{}。", who(&|r| sees_of(r) != Sees::Nothing && idle(r)));
    out
}

/// Nothing that they can do changes a ticket.
fn idle(role: Role) -> bool {
    !crate::ticket::Action::ALL.iter().any(|a| built_in().may(role, *a))
}
