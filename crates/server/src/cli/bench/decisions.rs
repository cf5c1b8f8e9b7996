//! Decisions a second: a ticket's whole life from registration to the archive, each command decided and folded, on one core.

use std::{
    error::Error,
    hint::black_box,
    time::{Duration, Instant as Stopwatch},
};

use jiesu_domain::{
    Actor, Channel, Instant, Kind, Role, access,
    calendar::Day,
    rulebook::Rulebook,
    ticket::{
        Action, Command, Ctx, Dispatch, Event, Meta, Rate, Refusal, Register, Ticket, Units, decide, evolve, register,
    },
    words::{Contact, Satisfaction},
};
use jiff::{SignedDuration, civil::date};

use super::{grouped, some_book};
use crate::law::Law;

pub(super) fn run(law: &Law, time: Duration) -> Result<(), Box<dyn Error>> {
    let (book, units, life) = set_out(law)?;
    let (mut decisions, mut events, mut lives) = (0, 0, 0_u64);
    let began = Stopwatch::now();
    while lives == 0 || began.elapsed() < time {
        let lived = live(law, book, units, &life).map_err(|e| format!("工单走不到头：{e}"))?;
        decisions += life.len() as u64 + 1;
        events += u64::from(black_box(lived).version);
        lives += 1;
    }
    let seconds = began.elapsed().as_secs_f64();
    println!(
        "办理判断 decisions：每秒 {} 次（判断并折叠；{lives}个工单，每个{}条命令、{}个事件）",
        grouped(decisions as f64 / seconds),
        life.len() + 1,
        events / lives,
    );
    permissions(time);
    Ok(())
}

/// Whether a role may carry out an action, and which units it sees: what every request asks, and a list for each of its actions.
fn permissions(time: Duration) {
    let (mut asked, mut allowed) = (0_u64, 0_u64);
    let began = Stopwatch::now();
    while asked == 0 || began.elapsed() < time {
        for role in Role::ALL {
            for action in Action::ALL {
                allowed += u64::from(access::may(black_box(*role), black_box(*action)));
            }
        }
        asked += (Role::ALL.len() * Action::ALL.len()) as u64;
    }
    let each = began.elapsed().as_secs_f64() * 1e9 / asked as f64;
    println!(
        "权限判断 permissions：每次 {each:.1} 纳秒（角色×操作，{}次，其中许可{}）",
        grouped(asked as f64),
        grouped(allowed as f64)
    );
}

/// The rulebook, the units, and what is done under them.
type SetOut<'a> = (&'a Rulebook, &'a Units, Vec<(SignedDuration, Actor, Command)>);

fn set_out(law: &Law) -> Result<SetOut<'_>, Box<dyn Error>> {
    let book = some_book(law)?;
    let units = law.units(&book.rulebook.id);
    let lead = units
        .iter()
        .find(|(_, u)| u.active && u.kind == jiesu_domain::rulebook::UnitKind::Department)
        .map(|(id, _)| id.as_str())
        .ok_or("没有单位名录，不能演练工单")?;
    let ground = book.closure_ground.iter().find(|g| !g.long_term && !g.tracked).ok_or("办法没有办结理由")?;
    Ok((book, units, life(lead, &ground.id)))
}

/// A ticket that was lived to its end.
pub(super) fn archived(law: &Law) -> Result<Ticket, Box<dyn Error>> {
    let (book, units, life) = set_out(law)?;
    live(law, book, units, &life).map_err(|e| format!("工单走不到头：{e}").into())
}

/// Tickets at every step of a life, open and confidential, and the units.
pub(super) fn steps(law: &Law) -> Result<(Vec<Ticket>, &Units), Box<dyn Error>> {
    let (book, units, life) = set_out(law)?;
    let mut tickets = Vec::new();
    for steps in 0..=life.len() {
        let ticket = live(law, book, units, &life[..steps]).map_err(|e| format!("工单走不到第{steps}步：{e}"))?;
        tickets.push(Ticket { confidential: true, ..ticket.clone() });
        tickets.push(ticket);
    }
    Ok((tickets, units))
}

/// Who does what, and how long after the step before.
fn life(lead: &str, ground: &str) -> Vec<(SignedDuration, Actor, Command)> {
    let hours = SignedDuration::from_hours;
    let centre = |role: Role| Actor { id: role.code().to_owned(), role, unit: None };
    let unit = |role: Role| Actor { unit: Some(lead.to_owned()), ..centre(role) };
    let said = |s: &str| s.to_owned();
    let to = Dispatch {
        lead: said(lead),
        assists: Vec::new(),
        entry: None,
        note: said("按法定职责派发"),
        office: None,
        points: Vec::new(),
        assists_within: None,
        special: None,
        call: None,
        new_facts: None,
    };
    let rate = Rate {
        appeal: None,
        result: Satisfaction::Satisfied,
        attitude: Some(Satisfaction::Satisfied),
        solved: Some(true),
        comment: String::new(),
    };
    vec![
        (SignedDuration::from_mins(5), centre(Role::Dispatcher), Command::Dispatch(to)),
        (hours(2), unit(Role::Handler), Command::Sign {}),
        (
            hours(1),
            unit(Role::Handler),
            Command::AskExtension {
                days: 3,
                reason: said("等待施工单位进场"),
                basis: None,
                told: None,
                force_majeure: false,
            },
        ),
        (hours(1), centre(Role::Reviewer), Command::ReviewExtension { approve: true, note: said("同意") }),
        (
            hours(20),
            unit(Role::Handler),
            Command::RecordContact {
                by: Contact::Phone,
                reached: true,
                explained: false,
                note: said("已联系诉求人，约定上门时间"),
            },
        ),
        (
            hours(20),
            unit(Role::Handler),
            Command::DraftReply {
                text: said("经现场核查，问题属实，已整改完毕。"),
                answers: Vec::new(),
                long_term: None,
            },
        ),
        (hours(1), unit(Role::UnitLeader), Command::AuditReply { without_assists: None }),
        (
            hours(1),
            unit(Role::Handler),
            Command::AskClosure { ground: ground.to_owned(), statement: said("已办理完毕并答复诉求人") },
        ),
        (hours(1), centre(Role::Reviewer), Command::ReviewClosure { approve: true, note: said("同意") }),
        (hours(4), Actor::citizen(), Command::Rate(rate)),
        // The archive clock runs for a working day; a week covers any holiday of the start below.
        (hours(24 * 7), Actor::system(), Command::TimePassed),
    ]
}

fn live(
    law: &Law,
    book: &Rulebook,
    units: &Units,
    life: &[(SignedDuration, Actor, Command)],
) -> Result<Ticket, Refusal> {
    // Monday, 2026-03-09, 09:00: three plain weeks follow.
    let mut now = Day::from_date(date(2026, 3, 9)).start() + SignedDuration::from_hours(9);
    let seat = Actor { id: "seat".into(), role: Role::Seat, unit: None };
    let ctx = |now: Instant, actor| Ctx {
        rulebook: book,
        calendar: law.calendar(),
        catalogue: None,
        units,
        standing: None,
        now,
        actor,
    };
    let events = register(&appeal(), "XX-20260309-000001-0", None, &ctx(now, &seat))?;
    let mut ticket = fold(None, events, now, &seat)?;
    for (later, actor, command) in life {
        now += *later;
        let events = decide(&ticket, command, &ctx(now, actor))?;
        ticket = fold(Some(ticket), events, now, actor)?;
    }
    Ok(ticket)
}

fn fold(ticket: Option<Ticket>, events: Vec<Event>, now: Instant, actor: &Actor) -> Result<Ticket, Refusal> {
    let meta = Meta { at: now, by: actor.id.clone() };
    let folded = events.iter().try_fold(ticket, |ticket, event| evolve(ticket, &meta, event).map(Some));
    folded
        .map_err(|e| Refusal::input("fold", e.to_string()))?
        .ok_or_else(|| Refusal::input("fold", "登记没有产生任何事件"))
}

fn appeal() -> Register {
    Register {
        kind: Kind::Complaint,
        urgent: false,
        confidential: false,
        title: "流动摊贩夜间占道".into(),
        content: "某路南段每晚有流动摊贩占道经营，油烟和噪声影响居民休息，请有关部门处理。".into(),
        place: Some("某路南段".into()),
        category: Some("占道经营".into()),
        channel: Channel::Phone,
        follow_up_by: Contact::Sms,
        earlier: Vec::new(),
    }
}
