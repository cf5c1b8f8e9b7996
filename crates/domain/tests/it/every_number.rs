//! Every number of every rulebook, at its limit and one past it: limits to the second against a slow count of our own, counts by doing
//! the thing so often and once more. A number that is added to a rulebook is taken along by itself.

use jiesu_domain::{
    Instant, Kind, Role, Rulebook,
    calendar::Day,
    clock::ClockKind,
    limit::{Amount, EndOfDay, Measure},
    rulebook::{AtMost, ExtensionBy, ExtensionRule, Subject, Trigger},
    ticket::{Command, Dispatch, Refusal, Register},
    words::{Contact, Satisfaction},
};

use super::{sample, support::*};

const THURSDAY: &str = "2026-04-30 09:00"; // 周四，劳动节前

/// The due instant counted day by day, without the tables of the domain.
fn counted(book: &Rulebook, from: Instant, amount: Amount) -> Instant {
    let cal = calendar();
    let end = |day: Day| match book.counting().end_of_day {
        EndOfDay::Midnight => day.end(),
        EndOfDay::At(second) => day.start() + jiff::SignedDuration::from_secs(second),
        EndOfDay::SameClockTime => day.start() + jiff::SignedDuration::from_secs(Day::second_of_day(from)),
    };
    let hours = |n: i64| from + jiff::SignedDuration::from_hours(n);
    match amount.measure {
        Measure::Minutes => from + minutes(i64::from(amount.n)),
        Measure::Hours => hours(i64::from(amount.n)),
        Measure::CalendarDays => end(Day(Day::of(from).0 + amount.n as i32)),
        Measure::WorkingDays => {
            let (mut day, mut left) = (Day::of(from), amount.n);
            while left > 0 {
                day = day.next();
                left -= u32::from(cal.works(day).unwrap());
            }
            end(day)
        }
        // To the minute: enough for limits in whole hours from a whole minute.
        Measure::WorkingHours => {
            let (mut at, mut left) = (from, i64::from(amount.n) * 60);
            while left > 0 {
                left -= i64::from(cal.works(Day::of(at)).unwrap());
                at += minutes(1);
            }
            at
        }
    }
}

#[test]
fn every_limit_ends_to_the_second() {
    let mut tried = 0;
    for book in rulebooks() {
        for (rule, kind) in book.limit.iter().flat_map(|r| book.accept.kinds.iter().map(move |k| (r, *k))) {
            let Some(amount) = rule.is.or_else(|| rule.by_kind.get(&kind).copied()) else { continue };
            for from in [THURSDAY, "2026-09-30 17:45", "2026-10-01 10:00", "2026-02-13 23:59"] {
                let got = jiesu_domain::limit::due(&calendar(), book.counting(), at(from), amount, &[]).unwrap();
                let what = format!("{} {} {kind} {amount} from {from}", book.rulebook.id, rule.id);
                assert_eq!(got.at, counted(&book, at(from), amount), "{what}");
                tried += 1;
            }
        }
    }
    assert!(tried > 1_000, "{tried}");
}

/// In time is the last second before the due instant; late is the instant itself. By the ticket's own clock, for every rulebook.
#[test]
fn the_last_second_is_in_time_and_the_next_is_late() {
    for book in rulebooks() {
        for kind in book.accept.kinds.clone() {
            let desk = dispatched(&book, &form(kind));
            for clock_kind in [ClockKind::Sign, ClockKind::Handle] {
                let clock = desk.clock(clock_kind);
                let subject = Subject { kind: Some(kind), contacts: 1, ..Subject::default() };
                let (_, amount) = book.limit(clock_kind, &subject).unwrap();
                assert_eq!(clock.amount, amount, "{} {kind} {clock_kind}", book.rulebook.id);
                assert!(!clock.late(clock.due - SECOND) && clock.late(clock.due), "{} {clock_kind}", book.rulebook.id);
            }
        }
    }
}

fn desk(book: &Rulebook) -> Desk {
    let mut desk = Desk::with(book.clone(), calendar());
    desk.units = sample::units();
    desk
}

fn dispatched(book: &Rulebook, form: &Register) -> Desk {
    let mut desk = desk(book);
    desk.register(form, THURSDAY).unwrap();
    desk.ok(THURSDAY, plain_dispatch());
    desk
}

fn plain_dispatch() -> Command {
    Command::Dispatch(Dispatch {
        lead: "chengguan".into(),
        note: "按职责派发".into(),
        call: Some(call()),
        ..Dispatch::default()
    })
}

fn signed(book: &Rulebook, form: &Register) -> Desk {
    let mut desk = dispatched(book, form);
    desk.ok(THURSDAY, Command::Sign {});
    desk
}

/// A form that a rule's conditions hold for, where a ticket at its first dispatch can meet them.
fn form_for(book: &Rulebook, rule: &ExtensionRule) -> Option<Register> {
    let kinds = book.accept.kinds.iter().filter(|k| rule.when.kinds.is_empty() || rule.when.kinds.contains(k));
    let mut forms = kinds.flat_map(|k| [false, true].map(|urgent| Register { urgent, ..form(*k) }));
    forms.find(|f| {
        let subject = Subject { kind: Some(f.kind), urgent: f.urgent, contacts: 1, ..Subject::default() };
        let taken = !f.urgent || book.emergency.kinds.contains(&f.kind);
        taken && book.extension_for(&subject).is_some_and(|r| r.id == rule.id)
    })
}

fn extend(days: u32) -> Command {
    let said = || Some("已说明".to_owned());
    Command::AskExtension { days, reason: "客观原因".into(), basis: said(), told: said(), force_majeure: true }
}

#[test]
fn every_extension_so_long_and_so_often_and_no_more() {
    let mut tried = 0;
    for book in rulebooks() {
        for rule in &book.extension {
            let Some(form) = form_for(&book, rule) else { continue };
            let mut desk = signed(&book, &form);
            let what = format!("{} {}", book.rulebook.id, rule.id);
            if rule.times == 0 {
                refused(&mut desk, extend(1), "no-more-extensions", &what);
                continue;
            }
            let most = match rule.at_most {
                AtMost::Days(days) => days,
                AtMost::OriginalLimit => desk.clock(ClockKind::Handle).amount.n,
            };
            if most == 0 || desk.clock(ClockKind::Handle).amount.measure == Measure::Hours {
                continue;
            }
            for _ in 0..rule.times {
                let code = if rule.at_most == AtMost::OriginalLimit {
                    "longer-than-original-limit"
                } else {
                    "longer-than-allowed"
                };
                refused(&mut desk, extend(most + 1), code, &what);
                desk.ok(THURSDAY, extend(most));
                if rule.by == ExtensionBy::Review {
                    desk.ok(THURSDAY, review_extension(true));
                }
            }
            refused(&mut desk, extend(1), "no-more-extensions", &what);
            tried += 1;
        }
    }
    assert!(tried >= 6, "{tried}");
}

#[track_caller]
fn refused(desk: &mut Desk, command: Command, rule: &str, what: &str) {
    let got: Result<_, Refusal> = desk.try_at(THURSDAY, command);
    assert_eq!(got.map(|_| ()).unwrap_err().rule, rule, "{what}");
}

fn closed(book: &Rulebook, form: &Register) -> Desk {
    let mut desk = signed(book, form);
    finish(&mut desk);
    desk
}

fn finish(desk: &mut Desk) {
    let spoken =
        Command::RecordContact { by: Contact::Phone, reached: true, explained: true, note: "已联系".into() };
    desk.ok(THURSDAY, spoken);
    let measures =
        jiesu_domain::ticket::LongTerm { measures: "列入计划".into(), expected: jiff::civil::date(2099, 12, 31) };
    desk.ok(THURSDAY, Command::DraftReply { text: sample::good_reply(), answers: vec![], long_term: Some(measures) });
    desk.ok(THURSDAY, audit());
    let ground = desk.book.closure_ground[0].id.clone();
    desk.ok(THURSDAY, Command::AskClosure { ground, statement: "已办理".into() });
    desk.ok(THURSDAY, review_closure(true));
}

#[test]
fn every_number_of_attempts() {
    for book in rulebooks() {
        let mut desk = closed(&book, &form(book.accept.kinds[0]));
        for n in 1..=book.follow_up.attempts {
            assert!(desk.ticket().closed().is_some_and(|c| c.end.is_none()), "{} before attempt {n}", book.rulebook.id);
            desk.ok(THURSDAY, nobody_answers());
        }
        assert!(desk.ticket().closed().is_some_and(|c| c.end.is_some()), "{}", book.rulebook.id);
    }
}

#[test]
fn every_number_of_calls_before_writing() {
    for book in rulebooks() {
        let Some(rule) = book.contact.clone().filter(|r| r.before_reply) else { continue };
        let mut desk = signed(&book, &form(book.accept.kinds[0]));
        desk.ok(THURSDAY, Command::DraftReply { text: sample::good_reply(), answers: vec![], long_term: None });
        let in_vain =
            Command::RecordContact { by: Contact::Phone, reached: false, explained: false, note: "无人".into() };
        for n in 0..rule.calls {
            refused(&mut desk, audit(), "contact-first", &format!("{} after {n} calls", book.rulebook.id));
            desk.ok(THURSDAY, in_vain.clone());
        }
        desk.ok(THURSDAY, audit());
    }
}

fn unsatisfied(desk: &mut Desk) {
    desk.ok(THURSDAY, rate(Satisfaction::Unsatisfied));
    let ground = desk.book.redo_ground.first().map(|g| g.id.clone());
    desk.ok(
        THURSDAY,
        Command::VerifyRating {
            appeal: None,
            finding: jiesu_domain::ticket::Finding::UnitFault,
            ground,
            exempt: None,
            reason: "属实".into(),
        },
    );
}

#[test]
fn every_redo_that_goes_into_the_ledger() {
    for book in rulebooks() {
        // A dispute that is supervised by itself stands in the ledger before.
        let disputed = book.supervise.iter().any(|r| r.found_by == Some(Trigger::Disputed));
        let mut desk = closed(&book, &form(book.accept.kinds[0]));
        for n in 1..=book.redo.ledger_from + 1 {
            unsatisfied(&mut desk);
            let entered =
                desk.ticket().supervision.iter().any(|e| e.ground == "redo" || unsatisfied_ground(&book, &e.ground));
            assert!(disputed || entered == (n >= book.redo.ledger_from), "{} redo {n}", book.rulebook.id);
            desk.ok(THURSDAY, Command::Sign {});
            finish(&mut desk);
        }
    }
}

fn unsatisfied_ground(book: &Rulebook, id: &str) -> bool {
    book.supervise.iter().any(|r| r.id == id && r.found_by == Some(Trigger::Unsatisfied))
}

/// For each ground that counts: one less and nothing is found, so many and it is.
#[test]
fn every_trigger_that_counts() {
    let mut tried = std::collections::BTreeSet::new();
    for book in rulebooks() {
        let supervise = book.supervise.iter().filter_map(|r| Some((r.id.clone(), r.found_by?, r.times?)));
        let conduct = book.conduct.iter().filter_map(|r| Some((r.id.clone(), r.found_by?, r.times?)));
        for (id, trigger, times) in supervise.chain(conduct) {
            let Some(mut one_more) = counting(&book, trigger) else { continue };
            let mut desk = one_more.start(times);
            let found = |d: &Desk| {
                let t = d.ticket();
                t.supervision.iter().any(|e| e.ground == id) || t.conducts.iter().any(|c| c.conduct == id)
            };
            assert!(!found(&desk), "{} {id}: found one short of {times}", book.rulebook.id);
            one_more.again(&mut desk);
            assert!(found(&desk), "{} {id}: not found at {times}", book.rulebook.id);
            tried.insert(trigger);
        }
    }
    assert!(tried.len() >= 4, "{tried:?}");
}

/// How to do once more what a trigger counts.
struct Counting<'b> {
    book: &'b Rulebook,
    trigger: Trigger,
}

fn counting(book: &Rulebook, trigger: Trigger) -> Option<Counting<'_>> {
    let known = matches!(trigger, Trigger::Persons | Trigger::Contacts | Trigger::Redos | Trigger::Urgings);
    known.then_some(Counting { book, trigger })
}

impl Counting<'_> {
    /// A ticket on which it was done once less than `times`.
    fn start(&mut self, times: u32) -> Desk {
        let form = form(self.book.accept.kinds[0]);
        let mut desk = match self.trigger {
            Trigger::Redos => closed(self.book, &form),
            _ => dispatched(self.book, &form),
        };
        // The appeal itself is the first person and the first contact.
        let begun = u32::from(matches!(self.trigger, Trigger::Persons | Trigger::Contacts));
        for _ in begun..times - 1 {
            self.again(&mut desk);
        }
        desk
    }

    fn again(&mut self, desk: &mut Desk) {
        match self.trigger {
            Trigger::Persons | Trigger::Contacts => {
                let attach = Command::AttachAppeal {
                    channel: jiesu_domain::Channel::Phone,
                    follow_up_by: Contact::Phone,
                    note: None,
                    same_as: None,
                    from: None,
                };
                desk.ok(THURSDAY, attach);
            }
            Trigger::Redos => {
                if desk.ticket().closed().is_none() {
                    desk.ok(THURSDAY, Command::Sign {});
                    finish(desk);
                }
                unsatisfied(desk);
            }
            _ => {
                let now = desk.journal.last().map_or(at(THURSDAY), |(m, _)| m.at);
                let urge = Command::Urge { unit: None, note: "请答复".into() };
                desk.by(&of_centre(Role::Supervisor), now, &urge).unwrap();
                let due = desk.clock(ClockKind::Urging).due;
                let system = jiesu_domain::Actor::system();
                while let Some(wake) = desk.ticket().next_wakeup().filter(|w| *w <= due) {
                    desk.by(&system, wake.max(now), &Command::TimePassed).unwrap();
                }
            }
        }
    }
}

#[test]
fn recordings_are_kept_to_the_day() {
    for book in rulebooks() {
        let mut desk = desk(&book);
        desk.register(&form(Kind::Thanks), THURSDAY).unwrap();
        desk.time_passes("2026-12-31 24:00");
        let years = book.archive.recordings_years;
        let until = desk.ticket().keep_until(years).unwrap();
        assert!(!desk.ticket().may_destroy(years, until - SECOND) && desk.ticket().may_destroy(years, until));
        desk.ok("2026-12-31 24:00", Command::Hold { reason: "诉讼".into() });
        assert!(!desk.ticket().may_destroy(years, until), "{}: held", book.rulebook.id);
    }
}
