//! The files of the repository, instants as people write them, and a desk at which commands are given to one ticket.
#![allow(clippy::disallowed_methods, reason = "tests read the repository's files; the domain itself never does")]

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use jiesu_domain::{
    Actor, Calendar, Catalogue, Channel, Instant, Kind, Role, Rulebook,
    calendar::{Day, Notice},
    clock::{Clock, ClockKind},
    rulebook::{UnitKind, parse_toml},
    ticket::{
        Action, Call, Command, Ctx, Dispatch, Event, Finding, Meta, Rate, Refusal, Register, Standing, StateName,
        Ticket, UnitInfo, Units, decide, evolve, ready, register,
    },
    words::{Contact, Satisfaction},
};

/// The workspace's root.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

pub fn read(path: impl AsRef<Path>) -> String {
    let path = path.as_ref();
    std::fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// Files of a folder and the folders in it that end in `.toml`, in order.
pub fn toml_files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display())) {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(toml_files(&path));
        } else if path.extension().is_some_and(|e| e == "toml") {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// Compares with a file that is reviewed like code. `UPDATE_GOLDEN=1` writes it anew.
pub fn golden(name: &str, got: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name);
    if std::env::var("UPDATE_GOLDEN").is_ok_and(|v| v == "1") {
        std::fs::write(&path, got).unwrap();
    }
    let wanted = read(&path);
    for (n, (wanted, got)) in wanted.lines().zip(got.lines()).enumerate() {
        assert_eq!(
            wanted,
            got,
            "{name} line {}: if this is meant, run with UPDATE_GOLDEN=1 and review the diff",
            n + 1
        );
    }
    assert_eq!(wanted, got, "{name}: one is longer than the other; if this is meant, run with UPDATE_GOLDEN=1");
}

/// Compares with a document of the repository that is written by a test.
pub fn document(path: &str, got: &str) {
    let file = root().join(path);
    if std::env::var("UPDATE_GOLDEN").is_ok_and(|v| v == "1") {
        std::fs::write(&file, got).unwrap();
    }
    let now = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(now == got, "{path} is not what it should be; run with UPDATE_GOLDEN=1 and review the diff");
}

pub fn notices() -> Vec<Notice> {
    toml_files(&root().join("calendars"))
        .iter()
        .map(|f| parse_toml(&f.display().to_string(), &read(f)).unwrap())
        .collect()
}

pub fn calendar() -> Calendar {
    Calendar::new(&notices()).unwrap()
}

pub fn calendar_without(years: &[i16]) -> Calendar {
    let kept: Vec<Notice> = notices().into_iter().filter(|n| !years.contains(&n.year)).collect();
    Calendar::new(&kept).unwrap()
}

pub fn notice(toml: &str) -> Notice {
    parse_toml("notice", toml).unwrap()
}

pub fn shangrao_text() -> String {
    read(root().join("rulebooks/shangrao.toml"))
}

/// Shangrao's rulebook with some of its text replaced: what a centre might change.
pub fn shangrao_but(changes: &[(&str, &str)]) -> Rulebook {
    Rulebook::parse("shangrao.toml", &changed(changes)).unwrap_or_else(|e| panic!("{e}"))
}

/// The text with each piece, which must be there, replaced once.
pub fn changed(changes: &[(&str, &str)]) -> String {
    changes.iter().fold(shangrao_text(), |text, (from, to)| {
        assert!(text.contains(from), "not in the rulebook: {from}");
        text.replacen(from, to, 1)
    })
}

/// Every rulebook of the repository, and an invented one that uses everything.
pub fn rulebooks() -> Vec<Rulebook> {
    let is_book = |f: &PathBuf| {
        let name = f.file_name().unwrap().to_string_lossy().into_owned();
        !name.contains("-catalogue") && !name.contains("-units")
    };
    let invented = root().join("crates/domain/tests/data/xinghai.toml");
    let files = toml_files(&root().join("rulebooks")).into_iter().filter(is_book).chain([invented]);
    files.map(|f| Rulebook::parse(&f.display().to_string(), &read(&f)).unwrap_or_else(|e| panic!("{e}"))).collect()
}

pub fn shangrao() -> Rulebook {
    shangrao_but(&[])
}

/// `2026-04-30 09:00`, with seconds if need be; `24:00` is the end of the day.
pub fn at(s: &str) -> Instant {
    let (date, time) = s.split_once(' ').unwrap();
    let parts: Vec<i64> = time.split(':').map(|p| p.parse().unwrap()).collect();
    let second = parts[0] * 3600 + parts[1] * 60 + parts.get(2).copied().unwrap_or(0);
    Instant::from_second(Day::from_date(date.parse().unwrap()).start().as_second() + second).unwrap()
}

pub fn minutes(n: i64) -> jiff::SignedDuration {
    jiff::SignedDuration::from_mins(n)
}

pub const SECOND: jiff::SignedDuration = jiff::SignedDuration::from_secs(1);

pub fn units() -> Units {
    let unit =
        |id: &str, name: &str, kind| (id.to_owned(), UnitInfo { name: name.into(), kind, parent: None, active: true });
    let mut units = Units::from([
        unit("chengguan", "城市管理局", UnitKind::Department),
        unit("gongan", "公安局", UnitKind::Department),
        unit("shuiwu", "水务公司", UnitKind::Enterprise),
        unit("juweihui", "万寿社区居民委员会", UnitKind::Committee),
        unit("centre", "12345热线中心", UnitKind::Centre),
        unit("closed", "原工商局", UnitKind::Department),
    ]);
    units.get_mut("closed").unwrap().active = false;
    units
}

pub fn of_centre(role: Role) -> Actor {
    Actor { id: role.code().into(), role, unit: None }
}

pub fn of_unit(role: Role, unit: &str) -> Actor {
    Actor { id: format!("{}@{unit}", role.code()), role, unit: Some(unit.into()) }
}

/// One ticket on a desk: commands are given at instants, what follows is journalled and folded.
pub struct Desk {
    pub book: Rulebook,
    pub calendar: Calendar,
    pub units: Units,
    pub catalogue: Option<Catalogue>,
    pub standing: Option<BTreeMap<String, Standing>>,
    pub ticket: Option<Ticket>,
    pub journal: Vec<(Meta, Event)>,
}

/// Who acts by default for each command: the first role, from the lowest, whose work it is.
fn usual(action: Action, lead: &str) -> Actor {
    const FIRST: &[Role] = &[
        Role::Seat,
        Role::Dispatcher,
        Role::Reviewer,
        Role::FollowUpClerk,
        Role::Supervisor,
        Role::Citizen,
        Role::Handler,
        Role::UnitLeader,
        Role::ShiftLeader,
        Role::CentreManager,
        Role::Leader,
        Role::System,
    ];
    match action {
        Action::VerifyRating => of_centre(Role::FollowUpClerk),
        Action::RecordContact => of_unit(Role::Handler, lead),
        Action::Rate => Actor::citizen(),
        action => {
            let role = FIRST.iter().find(|r| jiesu_domain::access::may(**r, action)).expect("somebody may");
            if role.of_unit() { of_unit(*role, lead) } else { of_centre(*role) }
        }
    }
}

impl Desk {
    pub fn new() -> Desk {
        Desk::with(shangrao(), calendar())
    }

    pub fn with(book: Rulebook, calendar: Calendar) -> Desk {
        Desk { book, calendar, units: units(), catalogue: None, standing: None, ticket: None, journal: Vec::new() }
    }

    /// A ticket of this kind, registered by a seat.
    pub fn registered(kind: Kind, when: &str) -> Desk {
        let mut desk = Desk::new();
        desk.register(&form(kind), when).unwrap();
        desk
    }

    /// Registered and dispatched to 城市管理局 at the same instant.
    pub fn dispatched(kind: Kind, when: &str) -> Desk {
        let mut desk = Desk::registered(kind, when);
        desk.ok(when, to("chengguan"));
        desk
    }

    /// Dispatched and signed at the same instant.
    pub fn signed(kind: Kind, when: &str) -> Desk {
        let mut desk = Desk::dispatched(kind, when);
        desk.ok(when, Command::Sign {});
        desk
    }

    /// Signed, replied and closed at the same instant: the follow-up may begin.
    pub fn closed(kind: Kind, when: &str) -> Desk {
        let mut desk = Desk::signed(kind, when);
        desk.close(when);
        desk
    }

    pub fn ctx<'c>(&'c self, actor: &'c Actor, now: Instant) -> Ctx<'c> {
        Ctx {
            rulebook: &self.book,
            calendar: &self.calendar,
            catalogue: self.catalogue.as_ref(),
            units: &self.units,
            standing: self.standing.as_ref(),
            now,
            actor,
        }
    }

    pub fn register(&mut self, form: &Register, when: &str) -> Result<(), Refusal> {
        let seat = of_centre(Role::Seat);
        let events = register(form, "SR-20260101-000001-0", None, &self.ctx(&seat, at(when)))?;
        self.fold(&seat, at(when), events);
        Ok(())
    }

    pub fn ticket(&self) -> &Ticket {
        self.ticket.as_ref().expect("registered")
    }

    /// The command by an actor.
    pub fn by(&mut self, actor: &Actor, now: Instant, command: &Command) -> Result<Vec<Event>, Refusal> {
        let events = decide(self.ticket(), command, &self.ctx(actor, now))?;
        self.fold(actor, now, events.clone());
        Ok(events)
    }

    /// The command by whose work it usually is.
    pub fn try_at(&mut self, when: &str, command: Command) -> Result<Vec<Event>, Refusal> {
        let lead = self.ticket().units().first().map_or("", |u| *u).to_owned();
        self.by(&usual(command.action(), &lead), at(when), &command)
    }

    pub fn ok(&mut self, when: &str, command: Command) -> Vec<Event> {
        let action = command.action();
        self.try_at(when, command).unwrap_or_else(|r| panic!("{when} {action}: refused, {} ({})", r.message, r.rule))
    }

    /// The command must be refused under this rule.
    #[track_caller]
    pub fn refused(&mut self, when: &str, command: Command, rule: &str) -> Refusal {
        let action = command.action();
        match self.try_at(when, command) {
            Ok(events) => panic!("{when} {action}: must be refused ({rule}), but: {events:?}"),
            Err(refusal) => {
                assert_eq!(refusal.rule, rule, "{when} {action}: {}", refusal.message);
                refusal
            }
        }
    }

    pub fn time_passes(&mut self, until: &str) -> Vec<Event> {
        let mut all = Vec::new();
        while let Some(wake) = self.ticket().next_wakeup().filter(|w| *w <= at(until)) {
            all.extend(self.by(&Actor::system(), wake, &Command::TimePassed).unwrap());
        }
        all
    }

    /// Reply, application and review at one instant.
    pub fn close(&mut self, when: &str) {
        self.ok(when, draft("已办理完毕"));
        self.ok(when, audit());
        self.ok(when, ask_closure());
        self.ok(when, review_closure(true));
    }

    /// A rating that a person finds to be the unit's fault: back to work.
    pub fn redo(&mut self, when: &str) {
        self.ok(when, rate(Satisfaction::Unsatisfied));
        self.ok(when, verify(Finding::UnitFault));
    }

    pub fn fold(&mut self, actor: &Actor, now: Instant, events: Vec<Event>) {
        for event in events {
            let meta = Meta { at: now, by: actor.id.clone() };
            self.ticket = Some(evolve(self.ticket.take(), &meta, &event).expect("what decide says folds"));
            self.journal.push((meta, event));
        }
    }

    #[track_caller]
    pub fn state(&self, state: StateName) {
        assert_eq!(self.ticket().state(), state);
    }

    /// The newest clock of a kind, open or not.
    #[track_caller]
    pub fn clock(&self, kind: ClockKind) -> &Clock {
        self.ticket().clocks.iter().rev().find(|c| c.kind == kind).unwrap_or_else(|| panic!("no clock {kind}"))
    }

    #[track_caller]
    pub fn due(&self, kind: ClockKind, when: &str) {
        let due = self.clock(kind).due;
        assert_eq!(due, at(when), "{kind}: {} instead of {when}", jiesu_domain::describe::shanghai(due));
    }

    pub fn open_to(&self, actor: &Actor, action: Action, when: &str) -> bool {
        ready(self.ticket(), action, &self.ctx(actor, at(when))).is_ok()
    }
}

pub fn form(kind: Kind) -> Register {
    Register {
        kind,
        urgent: false,
        confidential: false,
        title: "路灯不亮".into(),
        content: "小区门口的路灯已经三天不亮，夜间出行不便。".into(),
        place: None,
        category: None,
        channel: Channel::Phone,
        follow_up_by: Contact::Phone,
        earlier: Vec::new(),
    }
}

pub fn to(lead: &str) -> Command {
    Command::Dispatch(Dispatch { lead: lead.into(), ..Dispatch::default() })
}

pub fn to_with(lead: &str, assists: &[&str]) -> Command {
    let assists = assists.iter().map(|a| (*a).to_owned()).collect();
    Command::Dispatch(Dispatch {
        lead: lead.into(),
        assists,
        note: String::new(),
        special: None,
        call: None,
        ..Dispatch::default()
    })
}

pub fn call() -> Call {
    Call { to: "水务公司值班室".into(), note: "值班员已接，立即派人".into() }
}

pub fn ask_return() -> Command {
    Command::AskReturn {
        reason: "不属本单位职责".into(),
        basis: Some("三定方案".into()),
        redirect: None,
        leader_sheet: None,
    }
}

pub fn review_return(approve: bool) -> Command {
    Command::ReviewReturn { approve, note: "已核对权责清单".into() }
}

pub fn ask_extension(days: u32) -> Command {
    Command::AskExtension {
        days, reason: "需等待施工单位进场".into(), basis: None, told: None, force_majeure: false
    }
}

pub fn review_extension(approve: bool) -> Command {
    Command::ReviewExtension { approve, note: "情况属实".into() }
}

pub fn draft(text: &str) -> Command {
    Command::DraftReply { text: text.into(), answers: Vec::new(), long_term: None }
}

pub fn audit() -> Command {
    Command::AuditReply { without_assists: None }
}

pub fn ask_closure() -> Command {
    Command::AskClosure { ground: "done".into(), statement: "已修复，现场照片存档".into() }
}

pub fn review_closure(approve: bool) -> Command {
    Command::ReviewClosure { approve, note: "答复内容不完整".into() }
}

pub fn rating(result: Satisfaction) -> Rate {
    Rate { appeal: None, result, attitude: None, solved: None, comment: String::new() }
}

pub fn rate(result: Satisfaction) -> Command {
    Command::Rate(rating(result))
}

pub fn verify(finding: Finding) -> Command {
    Command::VerifyRating { appeal: None, ground: None, finding, exempt: None, reason: "经核实".into() }
}

pub fn nobody_answers() -> Command {
    Command::FollowUp { appeal: None, by: Contact::Phone, reached: false, note: "无人接听".into(), rating: None }
}
