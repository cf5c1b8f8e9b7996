//! Who may do what: the table is a file that is held complete here, reviewed like code, and rendered for auditors (ADR 0011).

use jiesu_domain::{
    Role,
    access::{self, Right, Sees, Table},
    ticket::Action,
};

use super::support::{document, golden};

/// The table as it is built in.
const TABLE: &str = include_str!("../../permissions.toml");

#[test]
fn the_matrix_is_the_reviewed_one() {
    golden("role-matrix.txt", &access::matrix());
}

#[test]
fn an_auditor_reads_what_the_program_goes_by() {
    document("docs/permissions.md", &access::page());
}

/// A damaged table is no table, and each fault is told with its line.
#[test]
fn nothing_may_be_missing_unknown_or_said_twice() {
    Table::parse("permissions.toml", TABLE).unwrap();
    let line = |of: &str| TABLE.lines().position(|l| l.contains(of)).unwrap() + 1;
    let register = r#"actions = ["register"]"#;
    let own_groups = r#"groups = ["register", "clock", "duty", "use-knowledge"]"#;
    for (from, to, at, told) in [
        (register, r#"actions = ["register", "fly"]"#, line(register), "fly"),
        (register, r#"actions = ["register", "withdraw"]"#, line(r#"actions = ["withdraw"]"#), "撤回诉求"),
        (register, "actions = []", line("id      = \"register\""), "没有任何操作"),
        (
            r#"rights  = ["view-outbox"]"#,
            r#"rights = ["reveal"]"#,
            line(r#"rights  = ["view-outbox"]"#),
            "查看诉求人信息",
        ),
        ("[role.analyst]", "[role.wizard]", line("[role.analyst]"), "wizard"),
        ("[role.analyst]", "[role.seat]", line("[role.analyst]"), "重复"),
        (own_groups, r#"groups = ["register", "magic"]"#, line(own_groups), "magic"),
        (own_groups, r#"groups = ["register", "register"]"#, line(own_groups), "两次"),
        ("basis  = \"中山第三十三条\"", "basis  = \"\"", line("basis  = \"中山第三十三条\""), "依据"),
        ("sees   = \"discipline\"", "sees   = \"all\"", line("sees   = \"discipline\""), "可见范围"),
        ("sees   = \"discipline\"", "sees   = \"some\"", line("sees   = \"discipline\""), "some"),
    ] {
        assert_eq!(TABLE.matches(from).count(), 1, "{from}");
        let wrong = Table::parse("permissions.toml", &TABLE.replace(from, to)).unwrap_err().to_string();
        assert!(wrong.contains(&format!("第{at}行：")) && wrong.contains(told), "{to}: {wrong}");
    }
    // What is gone from every group has no line of its own, but a name.
    let wrong = Table::parse("permissions.toml", &TABLE.replace("\"mark-major\", ", "")).unwrap_err().to_string();
    assert!(wrong.contains("mark-major"), "{wrong}");
}

/// A line that a role's entry draws holds against its own groups, whoever edits them.
#[test]
fn no_group_crosses_a_line_that_was_drawn() {
    for (from, to, told) in [
        (
            r#"groups = ["register", "clock", "duty", "use-knowledge"]"#,
            r#"groups = ["register", "withdraw", "clock", "duty", "use-knowledge"]"#,
            "撤回诉求",
        ),
        (
            r#"groups = ["material", "use-knowledge", "clock", "hot-issues"]"#,
            r#"groups = ["material", "urge", "clock"]"#,
            "催办",
        ),
        (
            r#"groups = ["material", "use-knowledge", "clock", "hot-issues"]"#,
            r#"groups = ["material", "reveal", "clock"]"#,
            "查看诉求人信息",
        ),
        (r#"groups = ["grant", "#, r#"groups = ["grant", "make-organisation", "#, "管理单位和账户"),
        (r#"groups = ["grant", "#, r#"groups = ["grant", "outbox", "#, "查看短信记录"),
        (
            r#"groups = ["handle", "assign-inside", "record-contact", "attach-file", "reveal", "use-knowledge", "provide-knowledge", "clock"]"#,
            r#"groups = ["handle", "assign-inside", "record-contact", "verify-rating", "attach-file", "reveal", "clock"]"#,
            "核实评价",
        ),
    ] {
        assert_eq!(TABLE.matches(from).count(), 1, "{from}");
        let wrong = Table::parse("permissions.toml", &TABLE.replace(from, to)).unwrap_err().to_string();
        assert!(wrong.contains("底线") || wrong.contains("立有"), "{wrong}");
        assert!(wrong.contains(told), "{to}: {wrong}");
    }
}

/// Principles that no review may trade away.
#[test]
fn who_may_never() {
    let never = |role: Role, actions: &[Action]| {
        actions.iter().for_each(|a| assert!(!access::may(role, *a), "{role} may “{a}”"));
    };
    // Ticket work is not outsourced (国办函〔2025〕66号).
    let not_register: Vec<Action> = Action::ALL.iter().copied().filter(|a| *a != Action::Register).collect();
    never(Role::OutsourcedSeat, &not_register);
    // Who watches changes nothing; administrators handle no ticket.
    for role in [Role::DisciplineWatcher, Role::Analyst, Role::SystemAdmin, Role::SecurityAdmin, Role::AuditAdmin] {
        never(role, Action::ALL);
    }
    assert_eq!(access::sees_of(Role::DisciplineWatcher), Sees::All);
    for role in [Role::SystemAdmin, Role::SecurityAdmin, Role::AuditAdmin] {
        assert!(access::sees_of(role) == Sees::Nothing && !access::has(role, Right::Reveal), "{role}");
    }
    // Nobody judges their own application.
    for role in [Role::Handler, Role::UnitLeader] {
        never(role, &[Action::ReviewReturn, Action::ReviewExtension, Action::ReviewClosure, Action::VerifyRating]);
    }
    // Time and history are the system's.
    for role in Role::ALL.iter().filter(|r| **r != Role::System) {
        never(*role, &[Action::TimePassed, Action::Recount, Action::TakeHistory]);
    }
}

/// Nothing can be asked for that nobody may do.
#[test]
fn every_action_is_somebodys() {
    for action in Action::ALL {
        assert!(Role::ALL.iter().any(|r| access::may(*r, *action)), "{action}");
    }
}
