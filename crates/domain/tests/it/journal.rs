//! The journal is kept for good: names and fields of events are a lasting format. One event of each kind stands in
//! `tests/golden/journal.jsonl`; a line may be added, none may change.

use jiesu_domain::{
    Amount, Basis, Channel, Instant, Kind, Role,
    clock::{Clock, ClockKind, ClockStatus, Extension},
    limit::Pause,
    rulebook::{ClosureGround, ExemptGround, SuperviseGround, SupervisionMeasure},
    ticket::{
        Answered, Appeal, ClosureRequest, Event, Finding, HandOver, Help, HelpKind, Imported, LedgerEntry, LedgerState,
        Meta, Refused, Registered, Verdict,
    },
    words::{Contact, Satisfaction},
};

use super::support::{at, golden, read};

fn then() -> Instant {
    at("2026-04-30 09:00")
}

fn words(s: &str) -> String {
    s.to_owned()
}

fn basis(law: Option<&str>) -> Basis {
    Basis {
        rulebook: words("shangrao"),
        version: 1,
        rule: words("handle"),
        article: words("第十四条"),
        readings: vec![words("count-days")],
        law: law.map(str::to_owned),
    }
}

fn clock() -> Clock {
    Clock {
        id: 3,
        kind: ClockKind::Handle,
        unit: Some(words("chengguan")),
        from: then(),
        amount: Amount::working_days(5),
        due: at("2026-05-11 24:00"),
        provisional: false,
        calendar: words("2018-2026#3e9a410e"),
        basis: basis(None),
        status: ClockStatus::Paused { since: then() },
        expired: false,
        extensions: vec![Extension { days: 2, due_before: at("2026-05-11 24:00"), basis: basis(None) }],
        pauses: vec![Pause { from: then(), to: at("2026-05-06 09:00") }],
    }
}

fn call() -> HandOver {
    HandOver { to: words("119"), at: then(), note: words("已出警") }
}

fn request() -> ClosureRequest {
    ClosureRequest { ground: ClosureGround::Done, statement: words("已修复"), at: then() }
}

fn appeal() -> Appeal {
    let note = Some(words("夜间更甚"));
    Appeal { no: 1, channel: Channel::Phone, received_at: then(), follow_up_by: Contact::Sms, note }
}

/// One of each kind. Adding a kind of event without adding it here does not compile (see `place`).
fn samples() -> Vec<Event> {
    let mut all = intake();
    all.extend(handling());
    all.extend(outcome());
    all.extend(clocks());
    all
}

fn intake() -> Vec<Event> {
    vec![
        Event::Registered(Box::new(Registered {
            number: words("SR-20260430-000001-2"),
            kind: Kind::Help,
            urgent: true,
            confidential: false,
            title: words("路灯不亮"),
            content: words("路口的路灯三天不亮"),
            place: Some(words("信州区")),
            category: None,
            appeal: appeal(),
            earlier: vec![words("SR-20260401-000009-1")],
        })),
        Event::AppealAttached { appeal: appeal() },
        Event::MarkedDifficult { reason: words("成因复杂") },
        Event::ReferredUp { to: Role::ShiftLeader, question: words("是否受理？") },
        Event::Accepted { note: words("受理") },
        Event::Refused(Refused {
            class: words("legal-procedure"),
            explanation: words("应通过诉讼解决"),
            help: Help { by: HelpKind::Contact, to: words("市中级人民法院") },
        }),
        Event::AnsweredAtOnce(Answered { answer: words("工作日九时至十七时"), entry: Some(words("K-12")) }),
        Event::HandedOver(call()),
        Event::PassedOn(call()),
        Event::Dispatched {
            lead: words("chengguan"),
            assists: vec![words("gongan")],
            note: words("请现场核实"),
            rulebook: (words("shangrao"), 1),
            call: Some(call()),
        },
    ]
}

fn handling() -> Vec<Event> {
    let reason = || words("情况属实");
    vec![
        Event::Signed { unit: words("chengguan") },
        Event::ReturnAsked { reason: reason(), basis: Some(words("三定方案")), redirect: None },
        Event::ReturnOpened { reason: reason() },
        Event::ReturnApproved { note: words("同意") },
        Event::ReturnRefused { reason: reason(), basis: basis(None) },
        Event::ExtensionAsked { days: 2, reason: reason() },
        Event::ExtensionGranted { days: 2, note: words("同意") },
        Event::ExtensionRefused { reason: reason() },
        Event::ContactRecorded {
            by: Contact::Phone,
            reached: true,
            explained: true,
            note: words("已沟通"),
            unit: words("chengguan"),
        },
        Event::AssistDelivered { unit: words("gongan"), text: words("已配合") },
        Event::ReplyDrafted { text: words("已修复") },
        Event::ReplyAudited {
            unit: words("chengguan"),
            text: words("已修复"),
            without_assists: Some(words("公安局逾期")),
        },
        Event::ReplyReopened { reason: reason() },
        Event::ClosureAsked(request()),
        Event::ClosureRefused { reason: reason() },
        Event::Closed(request()),
    ]
}

fn outcome() -> Vec<Event> {
    let verdict = Verdict {
        finding: Finding::Exempt,
        exempt: Some(ExemptGround::SuggestionNotAdopted),
        reason: words("建议未采纳"),
        assessed: false,
    };
    let entry = LedgerEntry {
        no: 1,
        ground: SuperviseGround::Overdue,
        unit: Some(words("chengguan")),
        at: then(),
        basis: basis(None),
        note: words("多次来电"),
        state: LedgerState::Proposed,
    };
    let history = Imported {
        unit: Some(words("城管局")),
        assigned_at: Some(then()),
        deadline: None,
        reply: Some(words("已答复")),
        replied_at: Some(then()),
        satisfaction: Some(Satisfaction::Basically),
    };
    vec![
        Event::FollowUpTried { by: Contact::Phone, reached: false, note: words("无人接听") },
        Event::Rated {
            result: Satisfaction::Unsatisfied,
            attitude: Some(Satisfaction::Satisfied),
            solved: Some(false),
            comment: words("仍不亮"),
            by: Contact::Web,
        },
        Event::RatingVerified { verdict, basis: basis(None) },
        Event::Redone { reason: words("未修复") },
        Event::FollowUpEnded { finding: Some(Finding::NoFault), rated: true },
        Event::Archived,
        Event::Imported(history),
        Event::SupervisionProposed(entry),
        Event::SupervisionOpened { no: 1, fault: words("未按时办结") },
        Event::SupervisionDismissed { no: 1, reason: words("不可抗力") },
        Event::SupervisionMeasured {
            no: 1,
            measure: SupervisionMeasure::RectificationNotice,
            notice: words("限期整改"),
            clock: Some(9),
        },
        Event::RectificationReported { no: 1, text: words("已整改") },
        Event::SupervisionEnded { no: 1, result: words("销号") },
    ]
}

fn clocks() -> Vec<Event> {
    let (due, provisional) = (at("2026-05-12 24:00"), true);
    let extension = Extension { days: 1, due_before: at("2026-05-11 24:00"), basis: basis(None) };
    vec![
        Event::ClockStarted(Clock { basis: basis(Some("某条例第三十条")), ..clock() }),
        Event::ClockMet { clock: 3, at: then() },
        Event::ClockVoid { clock: 3 },
        Event::ClockHeld { clock: 3 },
        Event::ClockReleased { clock: 3 },
        Event::ClockPaused { clock: 3 },
        Event::ClockResumed { clock: 3, due, provisional },
        Event::ClockExtended { clock: 3, due, provisional, extension },
        Event::ClockExpired { clock: 3 },
        Event::ClockRecounted { clock: 3, due, provisional, calendar: words("2018-2027#0badcafe") },
    ]
}

/// The place of each kind among the samples: exhaustive, so that a new kind is asked for here by the compiler.
#[rustfmt::skip]
fn place(event: &Event) -> usize {
    match event {
        Event::Registered(_) => 0, Event::AppealAttached { .. } => 1, Event::MarkedDifficult { .. } => 2, Event::ReferredUp { .. } => 3,
        Event::Accepted { .. } => 4, Event::Refused(_) => 5, Event::AnsweredAtOnce(_) => 6, Event::HandedOver(_) => 7,
        Event::PassedOn(_) => 8, Event::Dispatched { .. } => 9, Event::Signed { .. } => 10, Event::ReturnAsked { .. } => 11,
        Event::ReturnOpened { .. } => 12, Event::ReturnApproved { .. } => 13, Event::ReturnRefused { .. } => 14,
        Event::ExtensionAsked { .. } => 15, Event::ExtensionGranted { .. } => 16, Event::ExtensionRefused { .. } => 17,
        Event::ContactRecorded { .. } => 18, Event::AssistDelivered { .. } => 19, Event::ReplyDrafted { .. } => 20,
        Event::ReplyAudited { .. } => 21, Event::ReplyReopened { .. } => 22, Event::ClosureAsked(_) => 23,
        Event::ClosureRefused { .. } => 24, Event::Closed(_) => 25, Event::FollowUpTried { .. } => 26, Event::Rated { .. } => 27,
        Event::RatingVerified { .. } => 28, Event::Redone { .. } => 29, Event::FollowUpEnded { .. } => 30, Event::Archived => 31,
        Event::Imported(_) => 32, Event::SupervisionProposed(_) => 33, Event::SupervisionOpened { .. } => 34,
        Event::SupervisionDismissed { .. } => 35, Event::SupervisionMeasured { .. } => 36, Event::RectificationReported { .. } => 37,
        Event::SupervisionEnded { .. } => 38, Event::ClockStarted(_) => 39, Event::ClockMet { .. } => 40, Event::ClockVoid { .. } => 41,
        Event::ClockHeld { .. } => 42, Event::ClockReleased { .. } => 43, Event::ClockPaused { .. } => 44,
        Event::ClockResumed { .. } => 45, Event::ClockExtended { .. } => 46, Event::ClockExpired { .. } => 47,
        Event::ClockRecounted { .. } => 48,
    }
}

const KINDS: usize = 49;

#[test]
fn one_event_of_each_kind_is_written_as_it_always_was() {
    let samples = samples();
    assert_eq!(samples.iter().map(place).collect::<Vec<_>>(), (0..KINDS).collect::<Vec<_>>());
    let lines: Vec<String> = samples.iter().map(|e| serde_json::to_string(e).unwrap()).collect();
    golden("journal.jsonl", &(lines.join("\n") + "\n"));
}

#[test]
fn what_was_written_is_read_back() {
    let golden = read(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/journal.jsonl"));
    let events: Vec<Event> = golden.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(events, samples());
    for (line, event) in golden.lines().zip(&events) {
        let name: serde_json::Value = serde_json::from_str(line).unwrap();
        assert_eq!(name["event"], event.name(), "the stored kind is the name that lists and rows use");
    }
}

/// Fields that came later may be missing in what was written before.
#[test]
fn older_lines_are_still_read() {
    for line in [
        r#"{"event":"reply-audited","unit":"chengguan","text":"已修复"}"#,
        r#"{"event":"supervision-measured","no":1,"measure":"interview","notice":"约谈"}"#,
        r#"{"event":"archived"}"#,
    ] {
        let event: Event = serde_json::from_str(line).unwrap_or_else(|e| panic!("{line}: {e}"));
        assert_eq!(serde_json::to_string(&event).unwrap(), line);
    }
}

#[test]
fn when_and_by_whom() {
    let meta = Meta { at: then(), by: words("u-17") };
    let json = r#"{"at":"2026-04-30T01:00:00Z","by":"u-17"}"#;
    assert_eq!(serde_json::to_string(&meta).unwrap(), json);
    assert_eq!(serde_json::from_str::<Meta>(json).unwrap(), meta);
}
