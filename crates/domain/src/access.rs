//! Who may do what, as one exhaustive table (ADR 0002). Whether it is possible *now* is the ticket's business; whether this person may
//! ever is decided here. The whole matrix is a golden file (`tests/golden/role-matrix.txt`), reviewed like code.

use std::collections::BTreeSet;

use crate::{
    Actor, Role,
    rulebook::CopyTo,
    ticket::{Action, Attached, FilePurpose, Stage, Ticket, UnitInfo, Units},
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
        /// Unlock, reset passwords and second factors, end sessions, set the rules for log-ins.
        SecureLogIn = "secure-log-in" "管理登录安全",
        ManageKeys = "manage-keys" "管理接口密钥",
        /// Move the settable clock of a demo or test.
        SetClock = "set-clock" "调整演示时钟",
    }
}

/// Whether a role may ever carry out an action.
pub fn may(role: Role, action: Action) -> bool {
    use Action as A;
    use Role as R;
    match role {
        R::Seat => first_contact(action) || matches!(action, A::ReferUp | A::Refuse | A::AnswerAtOnce | A::Supplement),
        // Ticket work is not outsourced: these seats register and nothing more (国办函〔2025〕66号).
        R::OutsourcedSeat => matches!(action, A::Register),
        R::ShiftLeader => {
            intake(action) || matches!(action, A::Dispatch | A::ReferMalicious | A::RecordInstruction | A::Urge)
        }
        R::Dispatcher => {
            first_contact(action)
                || routing(action)
                || matches!(
                    action,
                    A::ReferUp | A::Refuse | A::Supplement | A::Urge | A::RecordInstruction | A::MarkMedia
                )
        }
        R::Reviewer => {
            review(action) || matches!(action, A::OpenReturn | A::VerifyRating | A::Consult | A::ConcludeConsultation)
        }
        // On confidential tickets the clerk speaks with the appellant in the unit's place (SR-23, QD-1.5).
        R::FollowUpClerk => matches!(
            action,
            A::FollowUp
                | A::VerifyRating
                | A::AttachAppeal
                | A::RecordContact
                | A::RelayReply
                | A::Withdraw
                | A::EndTracking
                | A::RecordMalicious
                | A::AttachFile
        ),
        R::Supervisor => supervision(action),
        R::CentreManager => {
            intake(action)
                || routing(action)
                || supervision(action)
                || review(action)
                || matches!(
                    action,
                    A::OpenReturn
                        | A::VerifyRating
                        | A::ReferMalicious
                        | A::DecideExclusion
                        | A::Archive
                        | A::Hold
                        | A::LiftHold
                )
        }
        R::Handler => unit(action),
        // The leader signs for what leaves the unit; everything a handler does, the leader may do too.
        R::UnitLeader => unit(action) || matches!(action, A::AuditReply | A::AppealExclusion),
        // They see and press below them, and change nothing (SR-9, BJ-b; HY-10).
        R::SuperiorUnit | R::DisciplineOffice => matches!(action, A::Urge),
        R::Leader => matches!(action, A::ReviewOpinion | A::RecordInstruction),
        R::Citizen => matches!(action, A::Register | A::Rate | A::RateByText | A::Withdraw | A::AttachFile),
        R::Platform => matches!(action, A::Register | A::RateByText | A::TakeBack | A::EndTransfer),
        R::System => action.of_system() || matches!(action, A::Register | A::RateByText),
        R::KnowledgeClerk | R::Analyst | R::DisciplineWatcher | R::SystemAdmin | R::SecurityAdmin | R::AuditAdmin => {
            false
        }
    }
}

/// What comes with an appeal.
fn first_contact(action: Action) -> bool {
    use Action as A;
    matches!(
        action,
        A::Register
            | A::AttachAppeal
            | A::LinkEarlier
            | A::MarkDifficult
            | A::MarkMajor
            | A::HandOver
            | A::JoinTo
            | A::Withdraw
            | A::RecordMalicious
            | A::ReportRisk
            | A::AttachFile
    )
}

fn intake(action: Action) -> bool {
    use Action as A;
    first_contact(action)
        || matches!(
            action,
            A::ReferUp
                | A::Accept
                | A::Refuse
                | A::AnswerAtOnce
                | A::Supplement
                | A::Transfer
                | A::TakeBack
                | A::EndTransfer
        )
}

/// Who shall handle it.
fn routing(action: Action) -> bool {
    use Action as A;
    matches!(
        action,
        A::Dispatch
            | A::Consult
            | A::ConcludeConsultation
            | A::SubmitOpinion
            | A::Raise
            | A::Transfer
            | A::TakeBack
            | A::EndTransfer
    )
}

fn review(action: Action) -> bool {
    use Action as A;
    matches!(action, A::ReviewReturn | A::ReviewExtension | A::ReviewClosure | A::ReviewSettlement | A::ReviewExclusion)
}

fn unit(action: Action) -> bool {
    use Action as A;
    matches!(
        action,
        A::Sign
            | A::AssignInside
            | A::Whistle
            | A::ReportIn
            | A::JudgeWhistle
            | A::AskReturn
            | A::AskExtension
            | A::DeclareLonger
            | A::RecordContact
            | A::AskSupplement
            | A::ReportUp
            | A::ReportProgress
            | A::DeliverAssist
            | A::DraftReply
            | A::ReopenReply
            | A::AskClosure
            | A::AskSettlement
            | A::AskExclusion
            | A::AnswerUrging
            | A::ReportRectification
            | A::AttachFile
    )
}

fn supervision(action: Action) -> bool {
    use Action as A;
    matches!(
        action,
        A::ProposeSupervision
            | A::OpenSupervision
            | A::DismissSupervision
            | A::TakeMeasure
            | A::EndSupervision
            | A::Urge
            | A::RecordInstruction
            | A::MarkMedia
            | A::RecordConduct
            | A::ConfirmConduct
            | A::DismissConduct
            | A::EndTracking
            | A::Raise
            | A::ReportRisk
    )
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

/// Whether this person may know who appeals: never a unit on a confidential ticket, never those without the right.
pub fn knows_appellant(actor: &Actor, ticket: &Ticket) -> bool {
    has(actor.role, Right::Reveal) && !(ticket.confidential && actor.role.of_unit())
}

/// Whether somebody who sees the ticket may know a file of it, its name included. What an appellant sends in shows who they are as surely as
/// a name does; evidence is between the centre and the unit that brings it.
pub fn knows_file(actor: &Actor, ticket: &Ticket, file: &Attached, units: &Units) -> bool {
    match file.purpose {
        // The appellants' page has no files: several of them may stand on one ticket.
        _ if actor.role == Role::Citizen => false,
        FilePurpose::Appeal | FilePurpose::Supplement => knows_appellant(actor, ticket),
        FilePurpose::Evidence => {
            scope(actor, units).is_none_or(|(reach, _)| file.unit.as_ref().is_some_and(|unit| reach.contains(unit)))
        }
        _ => true,
    }
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
        Right::SecureLogIn | Right::ManageKeys => role == R::SecurityAdmin,
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

/// The parts by which a unit's person sees a ticket: its discipline office the copies that were meant for it, everybody else what the
/// unit itself has to do with.
pub const fn parts_seen(role: Role) -> &'static [Part] {
    match role {
        Role::DisciplineOffice => &[Part::Discipline],
        Role::Handler | Role::UnitLeader | Role::SuperiorUnit => &[Part::Lead, Part::Assist, Part::Copy],
        _ => &[],
    }
}

/// The units and parts through which a person sees tickets; `None`: every ticket. A list is filtered by it, and [`sees`] is the same rule
/// for one ticket.
pub fn scope(actor: &Actor, units: &Units) -> Option<(BTreeSet<String>, &'static [Part])> {
    // An appellant comes with number and query code, which were checked before.
    if has(actor.role, Right::ViewAll) || actor.role == Role::Citizen {
        return None;
    }
    let own = actor.unit.as_deref().filter(|_| has(actor.role, Right::ViewUnit));
    let reach = own.map_or_else(BTreeSet::new, |unit| reach(actor.role, unit, units));
    Some((reach, parts_seen(actor.role)))
}

/// Whether a person sees a ticket at all.
pub fn sees(actor: &Actor, ticket: &Ticket, units: &Units) -> bool {
    // Another platform has no list here: it sees what was passed on to its name, while it has it.
    if actor.role == Role::Platform {
        return matches!(&ticket.stage, Stage::Transferred { to, .. } if Some(to) == actor.unit.as_ref());
    }
    let Some((reach, seen)) = scope(actor, units) else { return true };
    parts(ticket).iter().any(|(unit, part)| reach.contains(unit) && seen.contains(part))
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
