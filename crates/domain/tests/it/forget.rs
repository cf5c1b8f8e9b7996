//! Erasing a ticket: when it may be, and what is left of it.

use jiesu_domain::{
    Actor, Kind, Role,
    ticket::{Command, ERASED_TITLE, Erased, Event, FoldError, Meta, Refusal, StateName, Ticket, Why, erase, evolve},
    words::Satisfaction,
};

use super::support::*;

const WHY: Why<'static> = Why { reason: "保存期满", proposed_by: "manager", approved_by: "leader" };

/// A ticket as it is left, whatever its stage.
pub fn left_of(ticket: &Ticket) -> Result<Ticket, FoldError> {
    let erased = Erased {
        list: 1,
        reason: "保存期满".into(),
        proposed_by: "manager".into(),
        approved_by: "leader".into(),
        years: 3,
        basis: shangrao().basis(&shangrao().archive),
    };
    let meta = Meta { at: at("2030-01-01 09:00"), by: "system".into() };
    evolve(Some(ticket.clone()), &meta, &Event::Erased(erased))
}

/// Texts that the samples of the tests say; none of them may be left.
pub const SAID: [&str; 8] = ["情况属实", "您好", "路灯", "年度改造", "07342661234", "电话联系", "请尽快", "已修复"];

/// Closed, rated and put away on Monday 4 May 2026, or so.
fn archived() -> Desk {
    let mut desk = Desk::closed(Kind::Complaint, "2026-04-30 09:00");
    desk.ok("2026-05-06 09:00", rate(Satisfaction::Satisfied));
    desk.ok("2026-05-06 10:00", Command::Archive {});
    desk.state(StateName::Archived);
    desk
}

fn tried(desk: &Desk, when: &str) -> Result<Vec<Event>, Refusal> {
    erase(desk.ticket(), 7, &WHY, &desk.ctx(&Actor::system(), at(when)))
}

#[test]
fn three_years_after_the_archive_and_not_before() {
    let desk = archived();
    // Kept through Sunday 6 May 2029.
    let early = tried(&desk, "2029-05-06 23:59").unwrap_err();
    assert_eq!((early.rule, early.article()), ("too-early", Some("第十三条（九）")));
    let events = tried(&desk, "2029-05-07 00:00").unwrap();
    let [Event::Erased(erased)] = &events[..] else { panic!("{events:?}") };
    assert_eq!((erased.list, erased.years, erased.basis.article.as_str()), (7, 3, "第十三条（九）"));
    assert_eq!((erased.proposed_by.as_str(), erased.approved_by.as_str()), ("manager", "leader"));
}

#[test]
fn never_what_is_held_open_or_on_one_persons_word() {
    let mut desk = archived();
    let alone = Why { approved_by: "manager", ..WHY };
    let refused = erase(desk.ticket(), 7, &alone, &desk.ctx(&Actor::system(), at("2030-01-01 09:00"))).unwrap_err();
    assert!(refused.message.contains("另一人"), "{refused}");
    let manager = of_centre(Role::CentreManager);
    desk.by(&manager, at("2029-01-01 09:00"), &Command::Hold { reason: "诉讼未结".into() }).unwrap();
    assert_eq!(tried(&desk, "2030-01-01 09:00").unwrap_err().rule, "held");
    desk.by(&manager, at("2030-01-01 10:00"), &Command::LiftHold { reason: "诉讼已终结".into() }).unwrap();
    tried(&desk, "2030-01-01 11:00").unwrap();
    let open = Desk::closed(Kind::Complaint, "2026-04-30 09:00");
    assert_eq!(tried(&open, "2039-01-01 09:00").unwrap_err().rule, "not-archived");
}

#[test]
fn what_is_counted_stays_and_nothing_that_was_written() {
    let mut desk = archived();
    let before = desk.ticket().clone();
    let events = tried(&desk, "2030-01-01 09:00").unwrap();
    desk.fold(&Actor::system(), at("2030-01-01 09:00"), events);
    let left = desk.ticket().clone();
    assert_eq!(left.title, ERASED_TITLE);
    assert_eq!((left.content.as_str(), &left.place), ("", &None));
    assert_eq!((left.kind, &left.number, left.registered_at), (before.kind, &before.number, before.registered_at));
    assert_eq!(left.clocks, before.clocks, "how long everything took");
    assert_eq!(left.units(), before.units());
    assert_eq!(left.ratings.len(), 1);
    assert_eq!(left.ratings[0].result, Satisfaction::Satisfied);
    assert_eq!(left.state(), StateName::Archived);
    assert!(left.is_forgotten() && !before.is_forgotten());
    // Nobody does anything to it any more.
    assert_eq!(tried(&desk, "2030-01-02 09:00").unwrap_err().rule, "erased");
    let manager = of_centre(Role::CentreManager);
    let hold = desk.by(&manager, at("2030-01-02 09:00"), &Command::Hold { reason: "诉讼未结".into() });
    assert_eq!(hold.unwrap_err().rule, "erased");
}
