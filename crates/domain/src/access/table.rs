//! The permission table: read once from its file, held in bit sets. A table with anything missing, unknown or said twice is no table.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::LazyLock,
};

use serde::Deserialize;

use super::{Right, Sees};
use crate::{
    Role,
    rulebook::{RulebookError, RulebookErrors, line_of, parse_toml},
    ticket::Action,
    words::words,
};

const NAME: &str = "permissions.toml";
const TEXT: &str = include_str!("../../permissions.toml");

static BUILT_IN: LazyLock<Table> = LazyLock::new(|| Table::parse(NAME, TEXT).expect("a test reads the same text"));

// One bit for each.
const _: () = assert!(Action::ALL.len() <= 128 && Right::ALL.len() <= 64);

/// The table this program goes by.
pub(super) fn built_in() -> &'static Table {
    &BUILT_IN
}

words! {
    /// A line that no change of a role's groups may cross.
    Never, "底线" {
        OnlyRegister = "only-register" "除登记外不做任何操作",
        NoAction = "no-action" "不做任何操作",
        NoTicket = "no-ticket" "不看工单",
        NoAppellant = "no-appellant" "不看诉求人",
        NoOwnReview = "no-own-review" "不审核自己的申请",
        NoOtherAdmin = "no-other-admin" "不兼有其他管理员的权限",
    }
}

/// What belongs together, with the reason why it may be done at all.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Group {
    pub id: String,
    pub name: String,
    pub basis: String,
    #[serde(default)]
    pub actions: Vec<Action>,
    #[serde(default)]
    pub rights: Vec<Right>,
}

/// What a role sees and holds.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Entry {
    pub sees: Sees,
    pub groups: Vec<String>,
    pub basis: String,
    pub never: Vec<Never>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    group: Vec<Group>,
    role: BTreeMap<Role, Entry>,
}

#[derive(Clone, Copy, Debug)]
struct Held {
    sees: Sees,
    actions: u128,
    rights: u64,
}

/// Roles x actions x rights, and which tickets each role sees.
#[derive(Debug)]
pub struct Table {
    pub(super) groups: Vec<Group>,
    pub(super) roles: BTreeMap<Role, Entry>,
    held: [Held; Role::ALL.len()],
}

/// Where something is wrong, as a path into the file, and what.
type Fault = (Vec<String>, String);

impl Table {
    /// Reads a table. `file` is only named in errors.
    ///
    /// # Errors
    /// Everything that is wrong, each with its line.
    pub fn parse(file: &str, text: &str) -> Result<Table, RulebookErrors> {
        let File { group: groups, role: roles } = parse_toml(file, text).map_err(|e| RulebookErrors(vec![e]))?;
        let mut faults = twice(&groups);
        faults.extend(missing(&groups, &roles));
        faults.extend(roles.iter().flat_map(|(role, entry)| of_role(*role, entry, &groups)));
        let nothing = Held { sees: Sees::Nothing, actions: 0, rights: 0 };
        let mut table = Table { held: [nothing; Role::ALL.len()], groups, roles };
        table.fill();
        faults.extend(table.roles.iter().flat_map(|(role, entry)| table.crossed(*role, entry)));
        if faults.is_empty() {
            return Ok(table);
        }
        let error =
            |(path, message): Fault| RulebookError { file: file.to_owned(), line: line_of(text, &path), message };
        let mut errors: Vec<RulebookError> = faults.into_iter().map(error).collect();
        errors.sort_by_key(|e| e.line);
        Err(RulebookErrors(errors))
    }

    fn fill(&mut self) {
        for (role, entry) in &self.roles {
            let held = &mut self.held[*role as usize];
            held.sees = entry.sees;
            for group in self.groups.iter().filter(|g| entry.groups.contains(&g.id)) {
                group.actions.iter().for_each(|a| held.actions |= 1 << *a as u32);
                group.rights.iter().for_each(|r| held.rights |= 1 << *r as u32);
            }
        }
    }

    /// Whether a role may ever carry out an action.
    pub fn may(&self, role: Role, action: Action) -> bool {
        self.held[role as usize].actions & (1 << action as u32) != 0
    }

    /// Whether a role holds a right.
    pub fn has(&self, role: Role, right: Right) -> bool {
        self.held[role as usize].rights & (1 << right as u32) != 0
    }

    /// Which tickets a role sees.
    pub fn sees(&self, role: Role) -> Sees {
        self.held[role as usize].sees
    }

    /// The lines of a role that its groups cross.
    fn crossed(&self, role: Role, entry: &Entry) -> Vec<Fault> {
        let never = entry.never.iter().enumerate();
        let crossed = never.filter_map(|(n, line)| {
            let by = self.crosses(role, *line)?;
            let message = format!("{role}立有“{line}”，却有“{by}”；请收回，或先改这条底线");
            Some((path(&["role", role.code(), "never", &n.to_string()]), message))
        });
        crossed.collect()
    }

    /// What crosses a line, by its name.
    fn crosses(&self, role: Role, line: Never) -> Option<String> {
        let action = |out: fn(Action) -> bool| {
            Action::ALL.iter().find(|a| out(**a) && self.may(role, **a)).map(ToString::to_string)
        };
        let right = |out: fn(Right) -> bool| {
            Right::ALL.iter().find(|r| out(**r) && self.has(role, **r)).map(ToString::to_string)
        };
        match line {
            Never::OnlyRegister => action(|a| a != Action::Register),
            Never::NoAction => action(|_| true),
            Never::NoTicket => {
                let sees = self.sees(role);
                let seen = (sees != Sees::Nothing).then(|| sees.to_string());
                seen.or_else(|| right(sees_of_tickets))
            }
            Never::NoAppellant => right(|r| matches!(r, Right::Reveal | Right::ExportPersonal)),
            Never::NoOwnReview => action(|a| {
                use Action as A;
                matches!(
                    a,
                    A::ReviewReturn
                        | A::ReviewExtension
                        | A::ReviewClosure
                        | A::ReviewSettlement
                        | A::ReviewExclusion
                        | A::DecideExclusion
                        | A::VerifyRating
                )
            }),
            Never::NoOtherAdmin => {
                let admins = [Role::SystemAdmin, Role::SecurityAdmin, Role::AuditAdmin];
                let others = || admins.iter().filter(|r| **r != role);
                let shared = |r: Right| matches!(r, Right::ViewOrganisation | Right::SetClock | Right::ViewExports);
                let theirs = |r: &&Right| !shared(**r) && others().any(|other| self.has(*other, **r));
                Right::ALL.iter().filter(theirs).find(|r| self.has(role, **r)).map(ToString::to_string)
            }
        }
    }
}

/// Whoever has it learns something of what tickets say.
fn sees_of_tickets(right: Right) -> bool {
    matches!(
        right,
        Right::ViewOutbox
            | Right::Material
            | Right::Reveal
            | Right::Export
            | Right::ExportPersonal
            | Right::ViewHotIssues
    )
}

fn path(parts: &[&str]) -> Vec<String> {
    parts.iter().map(|p| (*p).to_owned()).collect()
}

/// A group, an action or a right that is said twice; a group of nothing; one without a ground.
fn twice(groups: &[Group]) -> Vec<Fault> {
    let (mut ids, mut actions, mut rights) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    let mut faults = Vec::new();
    for (n, group) in groups.iter().enumerate() {
        let n = n.to_string();
        let mut add = |key: &str, message: String| faults.push((path(&["group", &n, key]), message));
        if !ids.insert(&group.id) {
            add("id", format!("“{}”与前面的一组重名", group.id));
        }
        if group.basis.trim().is_empty() {
            add("basis", "没有写依据".into());
        }
        if group.actions.is_empty() && group.rights.is_empty() {
            add("id", format!("“{}”没有任何操作或权限", group.id));
        }
        group.actions.iter().filter(|a| !actions.insert(**a)).for_each(|a| add("actions", said_twice(a)));
        group.rights.iter().filter(|r| !rights.insert(**r)).for_each(|r| add("rights", said_twice(r)));
    }
    faults
}

fn said_twice(what: impl std::fmt::Display) -> String {
    format!("“{what}”已写在前面；一项只写在一组中")
}

/// What the program knows and the file does not name.
fn missing(groups: &[Group], roles: &BTreeMap<Role, Entry>) -> Vec<Fault> {
    let mut faults = Vec::new();
    let mut say = |what: String| faults.push((Vec::new(), what));
    for action in Action::ALL.iter().filter(|a| !groups.iter().any(|g| g.actions.contains(a))) {
        say(format!("操作“{action}”（{}）没有写在任何一组中", action.code()));
    }
    for right in Right::ALL.iter().filter(|r| !groups.iter().any(|g| g.rights.contains(r))) {
        say(format!("权限“{right}”（{}）没有写在任何一组中", right.code()));
    }
    for role in Role::ALL.iter().filter(|r| !roles.contains_key(r)) {
        say(format!("没有角色“{role}”（{}）", role.code()));
    }
    for group in groups.iter().filter(|g| !roles.values().any(|r| r.groups.contains(&g.id))) {
        say(format!("“{}”不属于任何角色", group.id));
    }
    faults
}

fn of_role(role: Role, entry: &Entry, groups: &[Group]) -> Vec<Fault> {
    let mut faults = Vec::new();
    let mut add = |key: &str, message: String| faults.push((path(&["role", role.code(), key]), message));
    let mut said = BTreeSet::new();
    for id in &entry.groups {
        if !said.insert(id) {
            add("groups", format!("“{id}”写了两次"));
        }
        if !groups.iter().any(|g| g.id == *id) {
            add("groups", format!("没有编号为“{id}”的一组"));
        }
    }
    if entry.basis.trim().is_empty() {
        add("basis", "没有写依据".into());
    }
    if role.of_unit() != matches!(entry.sees, Sees::Unit | Sees::Below | Sees::Discipline) {
        add("sees", format!("{role}的可见范围不能是“{}”", entry.sees));
    }
    faults
}
