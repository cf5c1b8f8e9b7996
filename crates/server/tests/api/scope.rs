//! Lists are filtered in SQL, one ticket is judged in Rust, the stream of events by what is remembered: over random trees of units and
//! random tickets all of them say the same of everybody.

use std::collections::{BTreeMap, BTreeSet};

use axum::{body::Body, http::Request};
use futures_util::{FutureExt, StreamExt};
use jiesu_domain::{
    Actor, Kind, Role, access,
    ticket::{Command, Dispatch, Register, Ticket},
    words::Contact,
};
use jiesu_server::{
    app::{Appellant, NewTicket, digest},
    live::follow,
};
use jiesu_store::{Account, Session, Unit};
use serde_json::{Value, json};
use tower::ServiceExt;

use super::{
    harness::{Centre, PLACE},
    visibility::COPIES,
};

const TICKETS: usize = 60;
const UNITS: usize = 14;
/// What is searched for: each title has some of them.
const WORDS: [&str; 4] = ["路灯", "井盖", "噪声", "停水"];

/// splitmix64, from a seed.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) % n as u64) as usize
    }

    fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }
}

fn unit_id(n: usize) -> String {
    format!("u{n:02}")
}

/// A tree as chance has it; half of the units hang in a chain, so that somebody has many below.
async fn tree(c: &Centre, dice: &mut Dice) {
    let unit = |n: usize, dice: &mut Dice| {
        let parent = match n {
            0 => None,
            _ if n < UNITS / 2 => Some(unit_id(n - 1)),
            _ => Some(dice.below(UNITS + 3)).filter(|p| *p < n).map(unit_id),
        };
        // A town's tickets go in copy to the unit above it.
        let kinds: &[&str] =
            if parent.is_some() { &["town", "department", "district"] } else { &["enterprise", "department"] };
        let kind = kinds[dice.below(kinds.len())].to_owned();
        Unit { unit: unit_id(n), name: format!("第{n}单位"), kind, parent, active: true }
    };
    let units: Vec<Unit> = (0..UNITS).map(|n| unit(n, dice)).collect();
    c.app.store.units_put(PLACE, &units).await.unwrap();
    c.app.reload().await.unwrap();
}

fn centre(role: Role) -> Actor {
    Actor { id: role.code().into(), role, unit: None }
}

/// A ticket that came to somebody or to nobody, perhaps back and to somebody else.
async fn ticket(c: &Centre, dice: &mut Dice) -> String {
    let words: Vec<&str> = WORDS.into_iter().filter(|_| dice.one_in(2)).collect();
    let kinds = [Kind::Help, Kind::Complaint, Kind::Report];
    let register = Register {
        kind: kinds[dice.below(kinds.len())],
        urgent: false,
        confidential: dice.one_in(4),
        title: format!("反映{}问题", words.join("和")),
        content: "请有关部门处理".into(),
        place: None,
        category: None,
        channel: jiesu_domain::Channel::Phone,
        follow_up_by: Contact::Phone,
        earlier: Vec::new(),
    };
    let appellant = Appellant { phone: Some("13900001234".into()), ..Appellant::default() };
    let new = NewTicket { register, appellant, received_at: None, source: None, history: None };
    let number = c.app.register(&centre(Role::Seat), &new, None).await.unwrap().ticket;
    if dice.one_in(5) {
        return number;
    }
    let lead = dispatch(c, &number, dice).await;
    if dice.one_in(3) {
        let handler = Actor { id: "handler".into(), role: Role::Handler, unit: Some(lead) };
        give(c, &handler, &number, json!({ "do": "sign" })).await;
        give(c, &handler, &number, json!({ "do": "ask-return", "reason": "不是我们的职责", "basis": "三定方案" }))
            .await;
        give(c, &centre(Role::Reviewer), &number, json!({ "do": "review-return", "approve": true, "note": "同意" }))
            .await;
        if dice.one_in(2) {
            dispatch(c, &number, dice).await;
        }
    }
    number
}

async fn dispatch(c: &Centre, number: &str, dice: &mut Dice) -> String {
    let (lead, mut assists) = (unit_id(dice.below(UNITS)), BTreeSet::new());
    for _ in 0..dice.below(3) {
        assists.insert(unit_id(dice.below(UNITS)));
    }
    assists.remove(&lead);
    let command = Dispatch {
        lead: lead.clone(),
        assists: assists.into_iter().collect(),
        entry: None,
        note: "按职责派发".into(),
        office: None,
        points: Vec::new(),
        assists_within: None,
        special: None,
        call: None,
        new_facts: None,
    };
    let done = c.app.execute(&centre(Role::Dispatcher), number, &Command::Dispatch(command), None, None, None).await;
    done.unwrap();
    lead
}

async fn give(c: &Centre, actor: &Actor, number: &str, command: Value) {
    let command: Command = serde_json::from_value(command).unwrap();
    c.app.execute(actor, number, &command, None, None, None).await.unwrap();
}

/// Somebody of every role, of a unit's for every unit, for none and for one that is not there; each with a session.
async fn everybody(c: &Centre) -> Vec<(Actor, String)> {
    let mut all = Vec::new();
    for role in Role::ALL.iter().filter(|r| r.of_staff()) {
        let units = (0..UNITS).map(|n| Some(unit_id(n))).chain([None, Some("nowhere".to_owned())]);
        let units: Vec<Option<String>> = if role.of_unit() { units.collect() } else { vec![None] };
        for unit in units {
            let id = format!("{}-{}", role.code(), unit.as_deref().unwrap_or("none"));
            let account = Account {
                account: id.clone(),
                login: id.clone(),
                name: id.clone(),
                role: role.code().into(),
                unit: unit.clone(),
                active: true,
            };
            c.app.store.account_put(PLACE, &account).await.unwrap();
            let now = c.app.clock.wall();
            let session = Session::open(digest(&id), id.clone(), now, 1);
            c.app.store.session_put(PLACE, &session, 1).await.unwrap();
            let cookie = format!("jiesu_session={id}");
            all.push((Actor { id, role: *role, unit }, cookie));
        }
    }
    all
}

struct World {
    c: Centre,
    tickets: BTreeMap<String, Ticket>,
    people: Vec<(Actor, String)>,
}

impl World {
    async fn of(seed: u64) -> World {
        let mut dice = Dice(seed);
        let c = Centre::under("2026-04-30 09:00", COPIES).await;
        tree(&c, &mut dice).await;
        let mut numbers = Vec::new();
        for _ in 0..TICKETS {
            numbers.push(ticket(&c, &mut dice).await);
        }
        // Some limits have run out by then, and some supervision has begun.
        c.until("2026-05-20 09:00").await;
        let mut tickets = BTreeMap::new();
        for number in numbers {
            let ticket = c.app.load(&number, &Actor::system()).await.unwrap();
            tickets.insert(number, ticket);
        }
        let people = everybody(&c).await;
        World { c, tickets, people }
    }

    /// What somebody sees by the decision on each ticket.
    fn seen(&self, actor: &Actor) -> BTreeSet<String> {
        let units = self.c.app.units();
        let seen = self.tickets.iter().filter(|(_, t)| access::sees(actor, t, &units));
        seen.map(|(number, _)| number.clone()).collect()
    }

    /// A question that narrows the list, and which tickets it is about.
    fn questions(&self) -> Vec<(String, BTreeSet<String>)> {
        let of = |query: &str, which: &dyn Fn(&Ticket) -> bool| {
            let found = self.tickets.iter().filter(|(_, t)| which(t)).map(|(n, _)| n.clone()).collect();
            (query.to_owned(), found)
        };
        let lead = |t: &Ticket, unit: &str| t.work().is_some_and(|w| w.lead.unit == unit);
        let encoded = |word: &str| word.bytes().map(|b| format!("%{b:02X}")).collect::<String>();
        vec![
            of("", &|_| true),
            of("kind=report", &|t| t.kind == Kind::Report),
            of("confidential=true", &|t| t.confidential),
            of("state=registered,dispatched", &|t| ["registered", "dispatched"].contains(&t.state().code())),
            of("lead=u03", &|t| lead(t, "u03")),
            of("lead=u03&kind=report", &|t| lead(t, "u03") && t.kind == Kind::Report),
            of("overdue=true", &|t| t.overdue()),
            of(&format!("q={}", encoded(WORDS[0])), &|t| t.title.contains(WORDS[0])),
            of(&format!("q={}&kind=help", encoded(WORDS[1])), &|t| t.title.contains(WORDS[1]) && t.kind == Kind::Help),
            of("from=2026-04-30&to=2026-04-30", &|_| true),
            of("from=2026-05-01", &|_| false),
        ]
    }

    async fn ask(&self, cookie: &str, path: &str) -> Value {
        let answer = self.c.call(None, "GET", path, None, &[("cookie", cookie)]).await;
        assert!(answer.status.is_success(), "{path}: {}", answer.text);
        answer.body
    }

    /// All pages of a list, a few at a time.
    async fn listed(&self, cookie: &str, query: &str) -> Vec<String> {
        let (mut all, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = self.ask(cookie, &format!("/api/v1/tickets?{query}&limit=7{cursor}")).await;
            all.extend(page["items"].as_array().unwrap().iter().map(|t| t["number"].as_str().unwrap().to_owned()));
            match page["next"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => return all,
            }
        }
    }
}

async fn what_is_listed_is_what_is_seen(seed: u64) {
    let w = World::of(seed).await;
    let (mut some, mut none) = (0, 0);
    for (actor, cookie) in &w.people {
        let seen = w.seen(actor);
        if access::sees_of(actor.role) == access::Sees::Nothing {
            assert!(seen.is_empty(), "{actor:?}");
            for path in ["/api/v1/tickets", "/api/v1/tickets/counts"] {
                w.c.call(None, "GET", path, None, &[("cookie", cookie)]).await.problem(403);
            }
            continue;
        }
        if seen.is_empty() {
            none += 1
        } else {
            some += 1
        }
        for (query, about) in w.questions() {
            let wanted: BTreeSet<&String> = about.intersection(&seen).collect();
            for sort in ["urgency", "newest"] {
                let listed = w.listed(cookie, &format!("{query}&sort={sort}")).await;
                let once: BTreeSet<&String> = listed.iter().collect();
                assert_eq!(listed.len(), once.len(), "seed {seed} {actor:?} {query}: a ticket twice");
                assert_eq!(once, wanted, "seed {seed} {actor:?} {query} {sort}");
            }
            let counts = w.ask(cookie, &format!("/api/v1/tickets/counts?{query}")).await;
            let of_states: i64 =
                counts["by_state"].as_array().unwrap().iter().map(|s| s["count"].as_i64().unwrap()).sum();
            if !query.contains("overdue") {
                let total = counts["total"].as_i64().unwrap();
                // The numbers on the tabs are of every state.
                let tabs = if query.contains("state=") { seen.len() } else { wanted.len() };
                assert_eq!((total, of_states), (tabs as i64, tabs as i64), "seed {seed} {actor:?} {query}");
            }
        }
    }
    assert!(some > 20 && none > 3, "a world in which everybody sees something, or nobody anything: {some} {none}");
}

#[tokio::test]
async fn a_list_a_search_and_a_count_are_what_is_seen() {
    for seed in [1, 20_260_430] {
        what_is_listed_is_what_is_seen(seed).await;
    }
}

/// Whoever listens hears of what they see, when it changed, and of nothing else; a page opens for the same people.
#[tokio::test]
async fn what_is_heard_and_what_opens_is_what_is_seen() {
    let seed = 7;
    let w = World::of(seed).await;
    let mut ears = Vec::new();
    for (actor, cookie) in &w.people {
        let request = Request::get("/api/v1/events").header("cookie", cookie).body(Body::empty()).unwrap();
        let response = w.c.router.clone().oneshot(request).await.unwrap();
        assert_eq!(response.status(), 200, "{actor:?}");
        ears.push(response.into_body().into_data_stream());
    }
    // It begins where the journal stood when the centre opened: every ticket has changed since.
    tokio::spawn(follow(w.c.app.clone()));
    let mut heard = vec![BTreeSet::new(); ears.len()];
    let seat = w.people.iter().position(|(a, _)| a.role == Role::Seat).unwrap();
    // The centre's seat hears of all: when it has, every other ear holds what it will hear.
    while heard[seat].len() < w.tickets.len() {
        let bytes = ears[seat].next().await.unwrap().unwrap();
        heard[seat].extend(number(&bytes));
    }
    for (n, ear) in ears.iter_mut().enumerate().filter(|(n, _)| *n != seat) {
        loop {
            tokio::task::yield_now().await;
            let Some(event) = ear.next().now_or_never() else { break };
            heard[n].extend(number(&event.unwrap().unwrap()));
        }
    }
    for ((actor, cookie), heard) in w.people.iter().zip(heard) {
        let seen = w.seen(actor);
        assert_eq!(heard, seen, "seed {seed} {actor:?}");
        for number in w.tickets.keys().step_by(20) {
            let path = format!("/api/v1/tickets/{number}");
            let answer = w.c.call(None, "GET", &path, None, &[("cookie", cookie)]).await;
            let wanted = if seen.contains(number) { 200 } else { 404 };
            assert_eq!(answer.status, wanted, "seed {seed} {actor:?} {number}");
        }
    }
}

fn number(event: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(event).unwrap();
    text.strip_prefix("event: ticket\ndata: ").map(|number| number.trim().to_owned())
}
