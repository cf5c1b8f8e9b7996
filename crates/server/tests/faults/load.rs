//! People at work, who remember what they were told was done, and ask again with the same key where they were told nothing.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Mutex, RwLock,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use serde_json::{Value, json};

use crate::{
    client::{Answer, Client},
    kit::Centre,
    rng::Rng,
};

/// What one wants done.
#[derive(Debug, Clone)]
struct Wish {
    key: String,
    who: &'static str,
    path: String,
    body: Value,
}

/// What one was told was done.
#[derive(Debug, Clone)]
struct Done {
    who: &'static str,
    key: String,
    ticket: String,
    /// Its version, where the answer was not a repeated one.
    version: Option<i64>,
}

/// One person.
struct Person {
    no: usize,
    rng: Rng,
    wishes: u64,
    /// Own tickets, and how many steps each has gone.
    tickets: Vec<(String, u64)>,
    /// Asked, and not answered.
    open: Option<Wish>,
    done: Vec<Done>,
}

/// All of them.
pub struct Crew {
    people: Vec<Mutex<Person>>,
    /// Where to ask.
    pub servers: RwLock<Vec<String>>,
    /// Answers that were not "done", by what they said.
    pub refusals: Mutex<BTreeMap<String, u64>>,
    acknowledged: AtomicUsize,
    /// Requests that got no answer at all.
    unanswered: AtomicUsize,
    stop: AtomicBool,
    /// Names of keys, so that two crews do not meet.
    name: &'static str,
}

/// How long one waits before asking again.
const BREATH: Duration = Duration::from_millis(20);

impl Crew {
    pub fn new(name: &'static str, people: usize, rng: &mut Rng) -> Self {
        let person = |no| {
            Mutex::new(Person {
                no,
                rng: Rng::new(rng.next()),
                wishes: 0,
                tickets: Vec::new(),
                open: None,
                done: Vec::new(),
            })
        };
        Self {
            people: (0..people).map(person).collect(),
            servers: RwLock::default(),
            refusals: Mutex::default(),
            acknowledged: AtomicUsize::new(0),
            unanswered: AtomicUsize::new(0),
            stop: AtomicBool::new(false),
            name,
        }
    }

    /// Everybody works on these servers while `meanwhile` happens. What is not answered then stays open, and is asked first next time.
    pub fn works<T>(&self, servers: &[&str], meanwhile: impl FnOnce() -> T) -> T {
        *self.servers.write().unwrap() = servers.iter().map(|s| (*s).to_owned()).collect();
        self.stop.store(false, Ordering::SeqCst);
        std::thread::scope(|scope| {
            for person in &self.people {
                scope.spawn(|| self.work(&mut person.lock().unwrap()));
            }
            // Whatever happens in there, nobody works for ever.
            let stop = StopAtEnd(&self.stop);
            let result = meanwhile();
            drop(stop);
            result
        })
    }

    /// Until what is open has been answered.
    pub fn settles(&self, servers: &[&str]) {
        self.works(servers, || std::thread::sleep(10 * BREATH));
        let open = self.people.iter().filter(|p| p.lock().unwrap().open.is_some()).count();
        assert_eq!(open, 0, "still not answered: {:?}", self.refusals.lock().unwrap());
    }

    /// Acknowledged so far.
    pub fn done(&self) -> usize {
        self.acknowledged.load(Ordering::SeqCst)
    }

    /// Requests so far that got no answer: refused, or cut off.
    pub fn unanswered(&self) -> usize {
        self.unanswered.load(Ordering::SeqCst)
    }

    fn work(&self, person: &mut Person) {
        let client = Client::new(true);
        while !self.stop.load(Ordering::SeqCst) {
            let wish = person.open.take().unwrap_or_else(|| person.wish(self.name));
            let servers = self.servers.read().unwrap().clone();
            let server = &servers[person.rng.below(servers.len() as u64) as usize];
            match client.post(server, wish.who, &wish.path, &wish.key, &wish.body) {
                Ok(answer) if answer.status < 300 => {
                    person.hears(wish, &answer);
                    self.acknowledged.fetch_add(1, Ordering::SeqCst);
                }
                Ok(answer) => {
                    answer.unavailable();
                    let said = answer.body["type"].to_string();
                    *self.refusals.lock().unwrap().entry(said).or_default() += 1;
                    person.open = Some(wish);
                    std::thread::sleep(BREATH);
                }
                Err(_) => {
                    self.unanswered.fetch_add(1, Ordering::SeqCst);
                    person.open = Some(wish);
                    std::thread::sleep(BREATH);
                }
            }
        }
    }

    /// Holds what everybody remembers against what the database has.
    #[track_caller]
    pub fn check(&self, centre: &Centre) {
        let known = known(centre);
        for person in &self.people {
            for done in &person.lock().unwrap().done {
                let stands = known.get(&(done.who.to_owned(), done.key.clone()));
                let stands = stands.unwrap_or_else(|| panic!("acknowledged and lost: {done:?}"));
                assert_eq!(stands.0, done.ticket, "{done:?}");
                done.version.inspect(|version| assert_eq!(stands.1, *version, "{done:?}"));
            }
        }
        let made: BTreeSet<&String> =
            known.iter().filter(|((_, k), _)| k.contains("-new-")).map(|(_, t)| &t.0).collect();
        let keys = known.keys().filter(|(_, key)| key.contains("-new-")).count();
        let tickets = centre.rows("SELECT ticket FROM ticket ORDER BY ticket");
        assert_eq!(tickets.len(), keys, "tickets and the keys that made them");
        assert!(tickets.iter().eq(made), "each key made a ticket of its own");
        let contacts = known.keys().filter(|(_, key)| key.contains("-contact-")).count() as i64;
        assert_eq!(centre.number("SELECT COUNT(*) FROM journal WHERE kind = 'contact-recorded'"), contacts);
        assert_eq!(centre.number("SELECT COUNT(*) FROM appeal"), keys as i64);
        let highest = centre.rows(
            "SELECT t.ticket FROM ticket t WHERE t.version <> \
             (SELECT MAX(i.version) FROM idempotency i WHERE i.jurisdiction = t.jurisdiction AND i.ticket = t.ticket)",
        );
        assert!(highest.is_empty(), "versions that no key stands for: {highest:?}");
        let told = "SELECT COUNT(*) FROM (SELECT 1 AS one FROM outbox GROUP BY ticket, kind HAVING COUNT(*) > 1) x";
        assert_eq!(centre.number(told), 0, "a message stands in the outbox twice");
        centre.verify();
    }
}

struct StopAtEnd<'a>(&'a AtomicBool);

impl Drop for StopAtEnd<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

/// Keys that were carried out: ticket and version.
fn known(centre: &Centre) -> BTreeMap<(String, String), (String, i64)> {
    let rows = centre.rows("SELECT scope, key, ticket, CAST(version AS TEXT) FROM idempotency");
    rows.iter()
        .map(|row| {
            let parts: Vec<&str> = row.split('|').collect();
            ((parts[0].into(), parts[1].into()), (parts[2].into(), parts[3].parse().unwrap()))
        })
        .collect()
}

impl Person {
    /// A new ticket, or the next step of an own one.
    fn wish(&mut self, name: &str) -> Wish {
        self.wishes += 1;
        let key = |what: &str| format!("{name}-{}-{what}-{}", self.no, self.wishes);
        if self.tickets.is_empty() || self.rng.below(3) == 0 {
            let body = json!({
                "kind": "help", "title": format!("路灯不亮{}", self.wishes), "content": "小区门口路灯一周不亮", "channel": "phone",
                "appellant": { "name": "测试诉求人", "phone": format!("1390000{:04}", self.no) },
            });
            return Wish { key: key("new"), who: "seat", path: "/api/v1/tickets".into(), body };
        }
        let (ticket, steps) = &self.tickets[self.rng.below(self.tickets.len() as u64) as usize];
        let path = format!("/api/v1/tickets/{ticket}/commands");
        let contact = json!({ "do": "record-contact", "by": "phone", "reached": true, "note": "已联系" });
        match steps {
            0 => Wish {
                key: key("dispatch"),
                who: "dispatcher",
                path,
                body: json!({ "do": "dispatch", "lead": "chengguan" }),
            },
            1 => Wish { key: key("sign"), who: "chengguan", path, body: json!({ "do": "sign" }) },
            _ => Wish { key: key("contact"), who: "chengguan", path, body: contact },
        }
    }

    fn hears(&mut self, wish: Wish, answer: &Answer) {
        let ticket = answer.body["number"].as_str().unwrap().to_owned();
        match self.tickets.iter_mut().find(|(number, _)| *number == ticket) {
            Some((_, steps)) => *steps += 1,
            None => self.tickets.push((ticket.clone(), 0)),
        }
        let version = answer.body["version"].as_i64();
        self.done.push(Done { who: wish.who, key: wish.key, ticket, version });
    }
}
