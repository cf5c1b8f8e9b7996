//! Who may do what: the whole matrix is a file, reviewed like code (ADR 0002).

use jiesu_domain::{
    Role,
    access::{self, Right},
    ticket::Action,
};

use super::support::golden;

#[test]
fn the_matrix_is_the_reviewed_one() {
    golden("role-matrix.txt", &access::matrix());
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
    assert!(access::has(Role::DisciplineWatcher, Right::ViewAll));
    for role in [Role::SystemAdmin, Role::SecurityAdmin, Role::AuditAdmin] {
        assert!(!access::has(role, Right::ViewAll) && !access::has(role, Right::Reveal), "{role}");
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
