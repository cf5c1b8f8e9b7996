//! Who may do what, as one exhaustive table (ADR 0002). Whether it is possible *now* is the ticket's business; whether this person may
//! ever is decided here. The whole matrix is a golden file (`tests/golden/role-matrix.txt`), reviewed like code.

use std::collections::BTreeSet;

use crate::{
    Role,
    ticket::{Action, UnitInfo, Units},
    words::words,
};

words! {
    /// What can be done in the system besides commands on a ticket.
    Right, "权限" {
        /// Every ticket of the jurisdiction.
        ViewAll = "view-all" "查看全部工单",
        /// Tickets in which the own unit takes part.
        ViewUnit = "view-unit" "查看本单位工单",
        /// Open an appellant's name and number, with a reason, logged.
        Reveal = "reveal" "查看诉求人信息",
        ViewOutbox = "view-outbox" "查看短信记录",
        /// Move the settable clock of a demo or test.
        SetClock = "set-clock" "调整演示时钟",
    }
}

/// Whether a role may ever carry out an action.
pub fn may(role: Role, action: Action) -> bool {
    use Action as A;
    use Role as R;
    match role {
        R::Seat => matches!(
            action,
            A::Register | A::AttachAppeal | A::ReferUp | A::Refuse | A::AnswerAtOnce | A::HandOver | A::MarkDifficult
        ),
        // Ticket work is not outsourced: these seats register and nothing more (国办函〔2025〕66号).
        R::OutsourcedSeat => matches!(action, A::Register),
        R::ShiftLeader => intake(action) || matches!(action, A::Dispatch),
        R::Dispatcher => matches!(
            action,
            A::Register | A::AttachAppeal | A::MarkDifficult | A::HandOver | A::Dispatch | A::ReferUp | A::Refuse
        ),
        R::Reviewer => {
            matches!(action, A::OpenReturn | A::ReviewReturn | A::ReviewExtension | A::ReviewClosure | A::VerifyRating)
        }
        // On confidential tickets the clerk speaks with the appellant in the unit's place (SR-23).
        R::FollowUpClerk => matches!(action, A::FollowUp | A::VerifyRating | A::AttachAppeal | A::RecordContact),
        R::Supervisor => supervision(action),
        R::CentreManager => {
            intake(action)
                || supervision(action)
                || matches!(
                    action,
                    A::Dispatch
                        | A::OpenReturn
                        | A::ReviewReturn
                        | A::ReviewExtension
                        | A::ReviewClosure
                        | A::VerifyRating
                        | A::Archive
                )
        }
        R::Handler => unit(action),
        // The leader signs for what leaves the unit; everything a handler does, the leader may do too.
        R::UnitLeader => unit(action) || matches!(action, A::AuditReply),
        R::Citizen => matches!(action, A::Register | A::Rate),
        R::Platform => matches!(action, A::Register),
        R::System => matches!(action, A::TimePassed | A::Recount | A::TakeHistory | A::Register),
        R::KnowledgeClerk
        | R::Analyst
        | R::SuperiorUnit
        | R::DisciplineWatcher
        | R::Leader
        | R::SystemAdmin
        | R::SecurityAdmin
        | R::AuditAdmin => false,
    }
}

fn intake(action: Action) -> bool {
    use Action as A;
    matches!(
        action,
        A::Register
            | A::AttachAppeal
            | A::MarkDifficult
            | A::ReferUp
            | A::Accept
            | A::Refuse
            | A::AnswerAtOnce
            | A::HandOver
    )
}

fn unit(action: Action) -> bool {
    use Action as A;
    matches!(
        action,
        A::Sign
            | A::AskReturn
            | A::AskExtension
            | A::RecordContact
            | A::DeliverAssist
            | A::DraftReply
            | A::ReopenReply
            | A::AskClosure
            | A::ReportRectification
    )
}

fn supervision(action: Action) -> bool {
    use Action as A;
    matches!(
        action,
        A::ProposeSupervision | A::OpenSupervision | A::DismissSupervision | A::TakeMeasure | A::EndSupervision
    )
}

/// Whether a role holds a right.
pub fn has(role: Role, right: Right) -> bool {
    use Role as R;
    match right {
        Right::ViewAll => matches!(
            role,
            R::Seat
                | R::ShiftLeader
                | R::Dispatcher
                | R::Reviewer
                | R::FollowUpClerk
                | R::Supervisor
                | R::Analyst
                | R::CentreManager
                | R::DisciplineWatcher
                | R::Leader
                | R::System
        ),
        Right::ViewUnit => role.of_unit(),
        Right::Reveal => matches!(
            role,
            R::Seat | R::ShiftLeader | R::Dispatcher | R::FollowUpClerk | R::CentreManager | R::Handler | R::UnitLeader
        ),
        Right::ViewOutbox => matches!(role, R::ShiftLeader | R::CentreManager | R::SystemAdmin),
        Right::SetClock => !matches!(role, R::Citizen | R::Platform),
    }
}

/// The units whose tickets somebody of a unit sees: the own one, and for a superior unit all below it (SR-9).
pub fn reach(role: Role, unit: &str, units: &Units) -> BTreeSet<String> {
    let mut reach = BTreeSet::from([unit.to_owned()]);
    if role != Role::SuperiorUnit {
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

/// The whole matrix as text, one line a role: the golden file.
pub fn matrix() -> String {
    let mut out = String::new();
    for role in Role::ALL {
        let actions: Vec<&str> = Action::ALL.iter().filter(|a| may(*role, **a)).map(|a| a.code()).collect();
        let rights: Vec<&str> = Right::ALL.iter().filter(|r| has(*role, **r)).map(|r| r.code()).collect();
        out.push_str(&format!("{}\n  actions: {}\n  rights: {}\n", role.code(), actions.join(" "), rights.join(" ")));
    }
    out
}
