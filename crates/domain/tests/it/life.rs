//! Random lives: commands by anybody, in any order, at advancing times. Whatever happens, the ticket is what its journal says, the list of
//! actions tells the truth, somebody is responsible, and the worker comes to an end.

use jiesu_domain::{
    Actor, Amount, Channel, Instant, Kind, Role,
    clock::{ClockKind, ClockStatus},
    rulebook::{ClosureGround, ExemptGround, SuperviseGround, SupervisionMeasure},
    ticket::{
        Action, Command, Dispatch, Finding, Help, HelpKind, Imported, RefusalKind, Register, SpecialLimit, Stage,
        Ticket, actions, decide, fold, ready,
    },
    words::{Contact, Satisfaction},
};
use proptest::prelude::*;

use super::support::*;

/// One thing that happens: time goes on, then somebody does something.
#[derive(Clone, Copy, Debug)]
struct Happening {
    minutes: i64,
    /// Whether the worker was awake in between, as it should be.
    worker: bool,
    /// Mostly something that is open; sometimes anything by anybody.
    sensible: bool,
    what: usize,
    who: usize,
    input: usize,
}

fn happening() -> impl Strategy<Value = Happening> {
    let minutes = prop_oneof![6 => 0i64..60, 3 => 0i64..1_440, 1 => 0i64..10_000, 1 => Just(1_440)];
    let odds = (prop::bool::weighted(0.8), prop::bool::weighted(0.9));
    (minutes, odds, any::<usize>(), any::<usize>(), any::<usize>()).prop_map(
        |(minutes, (worker, sensible), what, who, input)| Happening { minutes, worker, sensible, what, who, input },
    )
}

/// Everybody: each role, and the unit's roles for a lead, an assist and a stranger.
fn everybody() -> Vec<Actor> {
    let mut all = Vec::new();
    for role in Role::ALL {
        if role.of_unit() {
            all.extend(["chengguan", "gongan", "shuiwu"].map(|unit| of_unit(*role, unit)));
            all.push(of_centre(*role)); // an account that was given no unit
        } else {
            all.push(of_centre(*role));
        }
    }
    all
}

/// The inputs tried for an action; at least one of them is good wherever the action is open.
fn inputs(action: Action) -> Vec<Command> {
    use Action as A;
    let text = || "情况属实".to_owned();
    let dispatch = |lead: &str, assists: &[&str], special, called: bool| {
        let assists = assists.iter().map(|a| (*a).to_owned()).collect();
        let note = String::new();
        Command::Dispatch(Dispatch { lead: lead.into(), assists, note, special, call: called.then(call) })
    };
    let law = || Some(SpecialLimit { limit: "20 days".parse().unwrap(), law: "某条例第三十条".into() });
    match action {
        A::Register | A::TakeHistory => {
            vec![Command::TakeHistory { received_at: at("2026-01-01 00:00"), history: Some(history()) }]
        }
        A::AttachAppeal => {
            vec![Command::AttachAppeal { channel: Channel::Web, follow_up_by: Contact::Sms, note: None }]
        }
        A::MarkDifficult => {
            vec![Command::MarkDifficult { reason: text() }, Command::MarkDifficult { reason: " ".into() }]
        }
        A::ReferUp => vec![Command::ReferUp { question: text() }],
        A::Accept => vec![Command::Accept { note: String::new() }],
        A::Refuse => {
            let refuse = |class: &str, by, to: &str| {
                let help = Help { by, to: to.into() };
                Command::Refuse { class: class.into(), explanation: text(), help }
            };
            vec![
                refuse("legal-procedure", HelpKind::Contact, "市中级人民法院立案庭"),
                refuse("no-basis", HelpKind::Explained, ""),
                refuse("nothing", HelpKind::Explained, ""),
                refuse("secret", HelpKind::Transferred, ""),
            ]
        }
        A::AnswerAtOnce => vec![Command::AnswerAtOnce { answer: text(), entry: None }],
        A::HandOver => [false, true].map(|ends| Command::HandOver { call: call(), ends }).to_vec(),
        A::Dispatch => vec![
            dispatch("chengguan", &[], None, true),
            dispatch("chengguan", &["gongan"], None, true),
            dispatch("gongan", &["chengguan", "shuiwu"], law(), true),
            dispatch("nobody", &[], None, true),
            dispatch("closed", &[], None, true),
            dispatch("chengguan", &["chengguan"], None, true),
            dispatch("centre", &[], None, false),
        ],
        A::Sign => vec![Command::Sign {}],
        A::AskReturn => {
            vec![ask_return(), Command::AskReturn { reason: text(), basis: None, redirect: Some(" ".into()) }]
        }
        A::OpenReturn => vec![Command::OpenReturn { reason: text() }],
        A::ReviewReturn => [true, false].map(review_return).to_vec(),
        A::AskExtension => [1, 5, 0, 300].map(ask_extension).to_vec(),
        A::ReviewExtension => [true, false].map(review_extension).to_vec(),
        A::RecordContact => [(true, true), (false, true), (true, false)]
            .map(|(reached, explained)| Command::RecordContact { by: Contact::Phone, reached, explained, note: text() })
            .to_vec(),
        A::DeliverAssist => vec![Command::DeliverAssist { text: text() }],
        A::DraftReply => vec![draft("已修复"), draft("")],
        A::AuditReply => vec![audit(), Command::AuditReply { without_assists: Some("协办单位逾期".into()) }],
        A::ReopenReply => vec![Command::ReopenReply { reason: text() }],
        A::AskClosure => {
            let ask = |ground| Command::AskClosure { ground, statement: text() };
            vec![ask(ClosureGround::Done), ask(ClosureGround::NoPolicyBasis), ask(ClosureGround::Explained)]
        }
        A::ReviewClosure => [true, false].map(review_closure).to_vec(),
        A::FollowUp => {
            let reached = |result| Command::FollowUp {
                by: Contact::Phone,
                reached: true,
                note: String::new(),
                rating: Some(rating(result)),
            };
            vec![nobody_answers(), reached(Satisfaction::Unsatisfied), reached(Satisfaction::Satisfied)]
        }
        A::Rate => Satisfaction::ALL.iter().copied().map(rate).collect(),
        A::VerifyRating => {
            let exempt = |ground| Command::VerifyRating { finding: Finding::Exempt, exempt: ground, reason: text() };
            vec![
                verify(Finding::UnitFault),
                verify(Finding::NoFault),
                exempt(Some(ExemptGround::SuggestionNotAdopted)),
                exempt(Some(ExemptGround::NoPolicyBasis)),
                exempt(None),
            ]
        }
        A::Archive => vec![Command::Archive {}],
        A::ProposeSupervision => {
            SuperviseGround::ALL.iter().map(|g| Command::ProposeSupervision { ground: *g, note: text() }).collect()
        }
        A::OpenSupervision => (1..=5).map(|no| Command::OpenSupervision { no, fault: text() }).collect(),
        A::DismissSupervision => (1..=5).map(|no| Command::DismissSupervision { no, reason: text() }).collect(),
        A::TakeMeasure => (1..=5)
            .map(|no| Command::TakeMeasure {
                no,
                measure: SupervisionMeasure::RectificationNotice,
                notice: text(),
                rectify_within: Amount::working_days(3),
            })
            .collect(),
        A::ReportRectification => (1..=5).map(|no| Command::ReportRectification { no, text: text() }).collect(),
        A::EndSupervision => (1..=5).map(|no| Command::EndSupervision { no, result: text() }).collect(),
        A::TimePassed => vec![Command::TimePassed],
        A::Recount => vec![Command::Recount],
    }
}

fn history() -> Imported {
    Imported {
        unit: Some("城管局".into()),
        assigned_at: None,
        deadline: None,
        reply: Some("已答复".into()),
        replied_at: None,
        satisfaction: None,
    }
}

/// Actions that bring a ticket nearer to its end, so that somebody who may do one is responsible for it.
fn moves(action: Action) -> bool {
    use Action as A;
    !matches!(
        action,
        A::Register
            | A::AttachAppeal
            | A::MarkDifficult
            | A::HandOver
            | A::RecordContact
            | A::ProposeSupervision
            | A::OpenReturn
            | A::AskExtension
            | A::TakeHistory
            | A::TimePassed
            | A::Recount
    )
}

/// Actions after which nothing much is left to happen.
fn ends(action: Action) -> bool {
    matches!(action, Action::Refuse | Action::AnswerAtOnce | Action::Archive | Action::ReferUp)
}

struct Life {
    desk: Desk,
    everybody: Vec<Actor>,
    now: Instant,
}

impl Life {
    fn new(form: &Register, start: Instant) -> Life {
        let mut desk = Desk::with(once::book().clone(), once::calendar().clone());
        let seat = of_centre(Role::Seat);
        let events =
            jiesu_domain::ticket::register(form, "SR-20260101-000001-0", None, &desk.ctx(&seat, start)).unwrap();
        desk.fold(&seat, start, events);
        Life { desk, everybody: everybody(), now: start }
    }

    fn open(&self) -> Vec<(&Actor, Action)> {
        let pairs = self.everybody.iter().flat_map(|who| Action::ALL.iter().map(move |a| (who, *a)));
        pairs.filter(|(who, a)| ready(self.desk.ticket(), *a, &self.desk.ctx(who, self.now)).is_ok()).collect()
    }

    fn happens(&mut self, h: Happening) -> Result<(), TestCaseError> {
        let until = self.now + minutes(h.minutes);
        if h.worker {
            self.worker_until(until)?;
        }
        self.now = until;
        let (who, action) = if h.sensible { self.something_sensible(h) } else { None }.unwrap_or_else(|| {
            let who = &self.everybody[h.who % self.everybody.len()];
            (who.clone(), Action::ALL[h.what % Action::ALL.len()])
        });
        let inputs = inputs(action);
        let command = &inputs[h.input % inputs.len()];
        // A refusal changes nothing: it has no events, and the ticket is only lent to `decide`.
        let _ = self.desk.by(&who, self.now, command);
        Ok(())
    }

    /// Something that is open. What moves the ticket on without ending it is likelier, or most lives would be short or idle.
    fn something_sensible(&self, h: Happening) -> Option<(Actor, Action)> {
        let open = self.open();
        let mut kinds: Vec<Action> = open.iter().map(|(_, a)| *a).collect();
        kinds.sort_unstable();
        kinds.dedup();
        let on: Vec<Action> = kinds.iter().copied().filter(|a| moves(*a) && !ends(*a)).collect();
        let from = if h.what.is_multiple_of(5) || on.is_empty() { &kinds } else { &on };
        let action = *from.get(h.what / 5 % from.len().max(1))?;
        let by: Vec<&Actor> = open.iter().filter(|(_, a)| *a == action).map(|(who, _)| *who).collect();
        Some((by[h.who % by.len()].clone(), action))
    }

    /// The worker wakes the ticket when it asked to be woken, and each waking does something.
    fn worker_until(&mut self, until: Instant) -> Result<(), TestCaseError> {
        while let Some(wake) = self.desk.ticket().next_wakeup().filter(|w| *w <= until) {
            let wake = wake.max(self.now);
            let events = self.desk.by(&Actor::system(), wake, &Command::TimePassed);
            prop_assert!(events.is_ok_and(|e| !e.is_empty()), "woken at {wake} for nothing: a busy loop");
            prop_assert!(self.desk.ticket().next_wakeup().is_none_or(|w| w > wake), "asks to be woken at {wake} again");
            self.now = wake;
        }
        Ok(())
    }

    fn check(&self) -> Result<(), TestCaseError> {
        let ticket = self.desk.ticket();
        self.is_its_journal()?;
        self.time_passes_once()?;
        // Everybody tries everything: dear, so only at every other version.
        if ticket.version.is_multiple_of(2) {
            self.actions_tell_the_truth()?;
        }
        for (i, clock) in ticket.clocks.iter().enumerate() {
            prop_assert_eq!(clock.id as usize, i + 1);
            prop_assert!(clock.due > clock.from);
            prop_assert!(clock.extensions.iter().all(|e| clock.due > e.due_before));
        }
        if let Stage::Archived { .. } = ticket.stage {
            let open: Vec<ClockKind> = ticket.clocks.iter().filter(|c| c.open()).map(|c| c.kind).collect();
            prop_assert!(open.is_empty(), "archived with open clocks {open:?}");
            prop_assert!(!ticket.unsettled(), "archived with an open entry of the ledger");
            return Ok(());
        }
        // At every moment a clock of somebody's duty (or the archive's) is open, and somebody can move the ticket on or it goes by itself.
        let clock = ticket.clocks.iter().any(|c| c.open() && c.kind != ClockKind::Return);
        prop_assert!(clock, "{}: no clock runs", ticket.state());
        let by_itself = ticket.open_clock(ClockKind::Archive, None).is_some_and(|c| !c.expired);
        let somebody = self.open().iter().any(|(_, action)| moves(*action));
        prop_assert!(by_itself || somebody, "{}: nobody can act", ticket.state());
        self.clocks_fit_the_stage()
    }

    /// Each stage has the one clock that says whose turn it is.
    fn clocks_fit_the_stage(&self) -> Result<(), TestCaseError> {
        let ticket = self.desk.ticket();
        let turn = match &ticket.stage {
            Stage::Registered { referral: None } => ClockKind::Dispatch,
            Stage::Registered { referral: Some(_) } => ClockKind::Referral,
            Stage::Working(_) => ClockKind::Handle,
            Stage::Closed(_) => ClockKind::FollowUp,
            Stage::Checking(_) => ClockKind::Verify,
            _ => ClockKind::Archive,
        };
        let turns = [
            ClockKind::Dispatch,
            ClockKind::Referral,
            ClockKind::Handle,
            ClockKind::FollowUp,
            ClockKind::Verify,
            ClockKind::Archive,
        ];
        for kind in turns {
            let open = ticket.clocks.iter().filter(|c| c.kind == kind && c.open()).count();
            prop_assert_eq!(open, usize::from(kind == turn), "{}: clock {}", ticket.state(), kind);
        }
        if let Some(work) = ticket.work().filter(|_| matches!(ticket.stage, Stage::Working(_))) {
            let reviews = [
                (ClockKind::ReturnReview, work.returning.is_some()),
                (ClockKind::ExtensionReview, work.extension.is_some()),
                (ClockKind::ClosureReview, work.closing.is_some()),
            ];
            for (kind, asked) in reviews {
                prop_assert_eq!(ticket.open_clock(kind, None).is_some(), asked, "{}: clock {}", ticket.state(), kind);
            }
            let held = ticket.clocks.iter().any(|c| c.status == ClockStatus::Held);
            prop_assert_eq!(held, work.closing.is_some());
        }
        Ok(())
    }

    fn is_its_journal(&self) -> Result<(), TestCaseError> {
        let ticket = self.desk.ticket();
        prop_assert_eq!(ticket.version as usize, self.desk.journal.len());
        let folded = fold(self.desk.journal.iter().map(|(m, e)| (m, e))).unwrap();
        prop_assert_eq!(folded.as_ref(), Some(ticket));
        let stored: Ticket = serde_json::from_str(&serde_json::to_string(ticket).unwrap()).unwrap();
        prop_assert_eq!(&stored, ticket);
        Ok(())
    }

    fn time_passes_once(&self) -> Result<(), TestCaseError> {
        let mut ticket = self.desk.ticket().clone();
        let system = Actor::system();
        let ctx = self.desk.ctx(&system, self.now);
        for event in decide(&ticket, &Command::TimePassed, &ctx).unwrap() {
            let meta = jiesu_domain::ticket::Meta { at: self.now, by: system.id.clone() };
            ticket = jiesu_domain::ticket::evolve(Some(ticket), &meta, &event).unwrap();
        }
        let again = decide(&ticket, &Command::TimePassed, &ctx).unwrap();
        prop_assert!(again.is_empty(), "a timer that fires twice does twice: {again:?}");
        prop_assert!(ticket.next_wakeup().is_none_or(|w| w > self.now));
        Ok(())
    }

    /// What is shown as closed is refused whatever the input; what is shown as open is not refused for every input.
    fn actions_tell_the_truth(&self) -> Result<(), TestCaseError> {
        let ticket = self.desk.ticket();
        for who in &self.everybody {
            let ctx = self.desk.ctx(who, self.now);
            let shown = actions(ticket, &ctx);
            for action in Action::ALL.iter().filter(|a| !matches!(a, Action::Register)) {
                let outcomes: Vec<_> = inputs(*action).iter().map(|c| decide(ticket, c, &ctx)).collect();
                let open = ready(ticket, *action, &ctx);
                if open.is_err() {
                    prop_assert!(outcomes.iter().all(Result::is_err), "{action} is closed to {} and yet done", who.id);
                }
                if let Some(state) = shown.iter().find(|s| s.name == *action) {
                    prop_assert_eq!(state.allowed, open.is_ok());
                    prop_assert_eq!(state.reason.is_none(), state.allowed);
                } else if let Err(refusal) = &open {
                    let hidden = matches!(action, Action::TimePassed | Action::Recount | Action::TakeHistory);
                    prop_assert!(hidden || refusal.kind == RefusalKind::Forbidden);
                }
                // Unless time has brought something that the worker has not noted yet, and which decides first.
                if open.is_ok() && ticket.next_wakeup().is_none_or(|w| w > self.now) {
                    prop_assert!(
                        outcomes.iter().any(Result::is_ok),
                        "{action} is open to {} and every input refused",
                        who.id
                    );
                }
            }
        }
        Ok(())
    }
}

mod once {
    use std::sync::OnceLock;

    use jiesu_domain::{Calendar, Rulebook};

    pub fn book() -> &'static Rulebook {
        static BOOK: OnceLock<Rulebook> = OnceLock::new();
        BOOK.get_or_init(super::super::support::shangrao)
    }

    pub fn calendar() -> &'static Calendar {
        static CALENDAR: OnceLock<Calendar> = OnceLock::new();
        CALENDAR.get_or_init(super::super::support::calendar)
    }
}

fn any_form() -> impl Strategy<Value = Register> {
    let kind = prop_oneof![8 => prop::sample::select(&Kind::ALL[..6]), 1 => Just(Kind::Thanks)];
    (kind, any::<bool>(), any::<bool>()).prop_map(|(kind, urgent, confidential)| {
        let urgent = urgent && matches!(kind, Kind::Help | Kind::Report);
        Register { urgent, confidential, ..form(kind) }
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, max_shrink_iters: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn any_life(form in any_form(), start in 0i64..400_000, happenings in prop::collection::vec(happening(), 1..45)) {
        let mut life = Life::new(&form, at("2026-01-01 00:00") + minutes(start));
        life.check()?;
        for happening in happenings {
            life.happens(happening)?;
            life.check()?;
        }
    }
}

/// The random lives are worth something only if they get everywhere.
#[test]
fn random_lives_reach_every_state() {
    use proptest::{strategy::ValueTree, test_runner::TestRunner};
    let mut runner = TestRunner::deterministic();
    let mut seen = std::collections::BTreeSet::new();
    let mut redone = false;
    for _ in 0..300 {
        let form = any_form().new_tree(&mut runner).unwrap().current();
        let happenings = prop::collection::vec(happening(), 1..45).new_tree(&mut runner).unwrap().current();
        let mut life = Life::new(&form, at("2026-03-02 09:00"));
        for happening in happenings {
            life.happens(happening).unwrap();
            seen.insert(life.desk.ticket().state());
            redone |= life.desk.ticket().redos > 0;
        }
    }
    let missing: Vec<_> = jiesu_domain::ticket::StateName::ALL.iter().filter(|s| !seen.contains(s)).collect();
    // A history is archived in the same breath as it is taken over.
    assert_eq!(missing, [&jiesu_domain::ticket::StateName::Imported]);
    assert!(redone);
}
