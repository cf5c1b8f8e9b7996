//! What people look at in a centre that is there: lists by many filters, first and deep pages, tickets, counts. Asked of a fresh server
//! process through HTTP, by one person after the other; beside it the bare rows of fifty tickets by their keys.
//!
//! With `bare` the one place outside `jiesu-store` with SQL: the yardstick.

use std::{
    collections::BTreeMap,
    fs::OpenOptions,
    io::Write,
    path::Path,
    time::{Duration, Instant as Stopwatch},
};

use jiesu_domain::{Actor, Role, access, ticket::Units};
use jiesu_store::{Account, By, ListFilter, Sort, Store, StoredTicket};
use sqlx::{AssertSqlSafe, Connection, PgConnection, SqliteConnection, sqlite::SqliteConnectOptions};

use super::{
    Anything, Numbers, grouped,
    server::{Client, Server, Times, sign_in},
};
use crate::{app::units_of, cli::online::open_store, config::Settings};

/// Times that each kind of page is asked for, if there is time; and before that, to warm up.
const ROUNDS: usize = 200;
const WARM: usize = 20;
/// Tickets from all over the centre whose numbers, words and places in the order are asked for.
const KNOWN: usize = 400;

/// What is measured of one database; a line of the growth's table.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Figures {
    pub(super) database: String,
    pub(super) tickets: i64,
    /// The slowest kind of list, p99, milliseconds.
    pub(super) list: f64,
    /// A ticket's page, p99, milliseconds.
    pub(super) page: f64,
    /// All counts of a dashboard, milliseconds.
    pub(super) counts: f64,
    /// Milliseconds.
    pub(super) start: f64,
    /// Resident at most, MB.
    pub(super) memory: u64,
}

impl Figures {
    pub(super) const HEAD: &str = "database,tickets,list_p99_ms,ticket_p99_ms,counts_ms,start_ms,memory_mb";

    pub(super) fn line(&self) -> String {
        let Figures { database, tickets, list, page, counts, start, memory } = self;
        format!("{database},{tickets},{list:.2},{page:.2},{counts:.1},{start:.0},{memory}")
    }
}

/// Who looks.
struct People {
    centre: String,
    /// A handler and the unit, then the person above most units and how many those are.
    unit: (String, String),
    above: (String, usize),
}

pub(super) async fn run(
    settings: &Settings,
    place: &str,
    seed: u64,
    time: Duration,
    csv: Option<&Path>,
) -> Result<(), Anything> {
    let location = settings.database.clone().unwrap_or_else(|| settings.data.to_string_lossy().into_owned());
    let store = open_store(settings).await.map_err(|e| e.to_string())?;
    store.migrate().await?;
    let mut numbers = Numbers(seed);
    let tickets = all(&store, place).await?;
    let known = known(&store, place, &mut numbers).await?;
    let people = people(&store, place).await?;
    let mut tokens = Vec::new();
    for account in [&people.centre, &people.unit.0, &people.above.0] {
        tokens.push(sign_in(&store, place, account).await?);
    }
    let database = if settings.database.is_some() { "PostgreSQL" } else { "SQLite" };
    println!("查看 reads：{database}，{} 件工单，种子 {seed}", grouped(tickets as f64));
    let server = Server::start(place, &settings.data, settings.database.as_deref(), Some(&settings.key_file))?;
    let (at_start, _) = server.memory();
    println!("  启动 {:.0} 毫秒；启动后常驻内存 {at_start} MB", server.took.as_secs_f64() * 1_000.0);
    let mut clients = Vec::new();
    for token in &tokens {
        clients.push(Client::new(&server.address, token)?);
    }
    let mut list = 0.0_f64;
    for (name, who, paths) in pages(&known, &people, &mut numbers) {
        let mut times = asked(&mut clients[who], &paths, time)?;
        println!("  {name}：{times}");
        list = list.max(times.share(0.99));
    }
    let paths: Vec<_> = known.iter().map(|t| format!("/api/v1/tickets/{}", t.ticket)).collect();
    let mut page = asked(&mut clients[0], &paths, time)?;
    println!("  工单页：{page}");
    println!("  对照：按主键直接读50行 {}", bare(&location, settings.database.is_none(), place, &known).await?);
    let counts = counts(&store, place, tickets).await?;
    let tabs = asked(&mut clients[0], &["/api/v1/tickets/counts".to_owned()], time)?;
    println!("  列表上的各状态件数（中心）：{tabs}");
    let (now, most) = server.memory();
    println!("  查看之后常驻内存 {now} MB，最多 {most} MB");
    for token in &tokens {
        store.session_delete(place, &crate::app::digest(token)).await?;
    }
    store.close().await?;
    let (page, start) = (page.share(0.99), server.took.as_secs_f64() * 1_000.0);
    let figures = Figures { database: database.into(), tickets, list, page, counts, start, memory: most };
    csv.map_or(Ok(()), |csv| note(csv, &figures))
}

/// Adds a line to the table of the growth.
fn note(csv: &Path, figures: &Figures) -> Result<(), Anything> {
    let mut file = OpenOptions::new().append(true).create(true).open(csv)?;
    if file.metadata()?.len() == 0 {
        writeln!(file, "{}", Figures::HEAD)?;
    }
    Ok(writeln!(file, "{}", figures.line())?)
}

async fn all(store: &Store, place: &str) -> Result<i64, Anything> {
    let sums = store.tally(place, i64::MIN, i64::MAX, By::default()).await?;
    let tickets = sums.first().map_or(0, |sum| sum.tickets);
    if tickets == 0 { Err("没有工单：请先运行 jiesu demo --tickets".into()) } else { Ok(tickets) }
}

/// Tickets from moments spread by chance over the centre's whole time.
async fn known(store: &Store, place: &str, numbers: &mut Numbers) -> Result<Vec<StoredTicket>, Anything> {
    let days = store.tally(place, i64::MIN, i64::MAX, By { day: true, ..By::default() }).await?;
    let (Some(first), Some(last)) = (days.first(), days.last()) else { return Err("没有工单".into()) };
    let span = (last.cell.day - first.cell.day + 1) as u64 * 86_400;
    let mut known = Vec::new();
    while known.len() < KNOWN {
        let at = jiff::Timestamp::from_second(first.cell.day * 86_400 + numbers.below(span) as i64)?;
        let cursor = Sort::Newest.cursor(at.as_microsecond(), "");
        let page = store.tickets(place, &ListFilter::default(), Sort::Newest, Some(&cursor), 8).await?;
        known.extend(page.items);
    }
    Ok(known)
}

async fn people(store: &Store, place: &str) -> Result<People, Anything> {
    let units: Units = units_of(store, place).await?;
    let accounts: Vec<Account> = store.accounts(place).await?.into_iter().filter(|a| a.active).collect();
    let reach = |a: &Account| {
        let role = a.role.parse::<Role>().ok()?;
        let actor = Actor { id: a.account.clone(), role, unit: a.unit.clone() };
        access::scope(&actor, &units).map(|(reach, _)| reach.len())
    };
    // The unit that has most to do.
    let mut work: BTreeMap<String, i64> = BTreeMap::new();
    for sum in store.tally(place, i64::MIN, i64::MAX, By { unit: true, ..By::default() }).await? {
        *work.entry(sum.cell.unit).or_default() += sum.tickets;
    }
    let of = |role: Role| accounts.iter().filter(move |a| a.role == role.code());
    let busy = |a: &&Account| a.unit.as_ref().and_then(|unit| work.get(unit)).copied().unwrap_or_default();
    let centre = of(Role::Dispatcher).next().ok_or("没有派单员账户")?;
    let unit = of(Role::Handler).max_by_key(busy).ok_or("没有承办人账户")?;
    let above = of(Role::SuperiorUnit).max_by_key(|a| (reach(a), a.account.clone())).unwrap_or(unit);
    Ok(People {
        centre: centre.account.clone(),
        unit: (unit.account.clone(), unit.unit.clone().unwrap_or_default()),
        above: (above.account.clone(), reach(above).unwrap_or_default()),
    })
}

/// A kind of page, whose it is (centre, unit, above), and the addresses that are asked for in turn.
type Kind = (String, usize, Vec<String>);

fn pages(known: &[StoredTicket], people: &People, numbers: &mut Numbers) -> Vec<Kind> {
    let path = |query: String| format!("/api/v1/tickets?limit=50{query}");
    let mut of = |each: &dyn Fn(&StoredTicket) -> String| -> Vec<String> {
        (0..ROUNDS).map(|_| path(each(&known[numbers.below(known.len() as u64) as usize]))).collect()
    };
    let urgent = |t: &StoredTicket| Sort::MostUrgent.behind(t);
    let newest = |t: &StoredTicket| Sort::Newest.behind(t);
    let day = |t: &StoredTicket| t.row.registered_at.strftime("%Y-%m-%d").to_string();
    let word = |t: &StoredTicket| {
        let last = t.row.title.char_indices().rev().nth(3).map_or(0, |(at, _)| at);
        t.row.title[last..].to_owned()
    };
    let lead = |t: &StoredTicket| t.row.lead.clone().unwrap_or_else(|| people.unit.1.clone());
    let above = format!("上级（{}个单位）", people.above.1);
    let mut all: Vec<Kind> = Vec::new();
    let mut add = |name: &str, who: usize, paths: Vec<String>| all.push((name.to_owned(), who, paths));
    add("中心，最急的在前，第一页", 0, of(&|_| String::new()));
    add("中心，最急的在前，深处", 0, of(&|t| format!("&cursor={}", urgent(t))));
    add("中心，最新的在前，深处", 0, of(&|t| format!("&sort=newest&cursor={}", newest(t))));
    add(
        "中心，在办的状态",
        0,
        of(&|t| format!("&state={}", ["in-hand", "dispatched", "closed", "replied"][t.version as usize % 4])),
    );
    add("中心，某种状态，最新，深处", 0, of(&|t| format!("&state={}&sort=newest&cursor={}", t.row.state, newest(t))));
    add("中心，某类诉求，最急", 0, of(&|t| format!("&kind={}", t.row.kind)));
    add("中心，某类诉求，最新，深处", 0, of(&|t| format!("&kind={}&sort=newest&cursor={}", t.row.kind, newest(t))));
    add("中心，某承办单位，最急", 0, of(&|t| format!("&lead={}", lead(t))));
    add("中心，某承办单位，最新，深处", 0, of(&|t| format!("&lead={}&sort=newest&cursor={}", lead(t), newest(t))));
    add("中心，超期的，最新", 0, of(&|_| "&overdue=true&sort=newest".into()));
    add("中心，督办中的", 0, of(&|_| "&supervised=true".into()));
    add("中心，某日登记的，最急", 0, of(&|t| format!("&from={0}&to={0}", day(t))));
    add("中心，某日起登记的，最新", 0, of(&|t| format!("&to={}&sort=newest", day(t))));
    add("中心，某日起某类诉求，最急", 0, of(&|t| format!("&kind={}&from={}", t.row.kind, day(t))));
    add("中心，截至某日的，最急，深处", 0, of(&|t| format!("&to={}&cursor={}", day(t), urgent(t))));
    add("中心，全文检索", 0, of(&|t| format!("&q={}", encoded(&word(t)))));
    add("中心，全文检索，深处", 0, of(&|t| format!("&q={}&cursor={}", encoded(&word(t)), newest(t))));
    add("中心，全文检索，在办", 0, of(&|t| format!("&state=dispatched,in-hand&q={}", encoded(&word(t)))));
    add("中心，全文检索，最急", 0, of(&|t| format!("&sort=urgency&q={}", encoded(&word(t)))));
    add("中心，地点全文检索", 0, of(&|t| format!("&q={}", encoded(t.row.place.as_deref().unwrap_or(&t.row.title)))));
    add("承办单位，最急", 1, of(&|_| String::new()));
    add("承办单位，在办", 1, of(&|_| "&state=dispatched,in-hand".into()));
    add("承办单位，最新，深处", 1, of(&|t| format!("&sort=newest&cursor={}", newest(t))));
    add("承办单位，某类诉求", 1, of(&|t| format!("&kind={}", t.row.kind)));
    add(&format!("{above}，全文检索"), 2, of(&|t| format!("&q={}", encoded(&word(t)))));
    add("承办单位，全文检索", 1, of(&|t| format!("&q={}", encoded(&word(t)))));
    add(&format!("{above}，最急"), 2, of(&|_| String::new()));
    add(&format!("{above}，最急，深处"), 2, of(&|t| format!("&cursor={}", urgent(t))));
    add(&format!("{above}，在办，最新"), 2, of(&|_| "&state=dispatched,in-hand&sort=newest".into()));
    add(
        &format!("{above}，某类诉求，最新，深处"),
        2,
        of(&|t| format!("&kind={}&sort=newest&cursor={}", t.row.kind, newest(t))),
    );
    all
}

fn encoded(text: &str) -> String {
    text.bytes().map(|b| format!("%{b:02X}")).collect()
}

fn asked(client: &mut Client, paths: &[String], time: Duration) -> Result<Times, Anything> {
    for path in paths.iter().rev().cycle().take(WARM) {
        client.get(path)?;
    }
    let (began, mut times) = (Stopwatch::now(), Times::default());
    for path in paths.iter().cycle().take(ROUNDS) {
        times.push(client.get(path)?.0);
        if began.elapsed() > time {
            break;
        }
    }
    Ok(times)
}

/// All sums of a dashboard over the whole of the centre, held against a full count.
async fn counts(store: &Store, place: &str, tickets: i64) -> Result<f64, Anything> {
    // By unit, kind and state together, of which a screen adds up what it shows; and by day.
    let bys = [By { day: false, unit: true, kind: true, state: true }, By { day: true, ..By::default() }];
    let mut took = Vec::new();
    for _ in 0..3 {
        let began = Stopwatch::now();
        for by in bys {
            let sums = store.tally(place, i64::MIN, i64::MAX, by).await?;
            if sums.iter().map(|sum| sum.tickets).sum::<i64>() != tickets {
                return Err("统计数与工单总数不符".into());
            }
        }
        took.push(began.elapsed());
    }
    let most = took.into_iter().max().unwrap_or(Duration::ZERO).as_secs_f64() * 1_000.0;
    let began = Stopwatch::now();
    let faults = store.tally_faults(place).await?;
    let recount = began.elapsed().as_secs_f64();
    if !faults.is_empty() {
        return Err(format!("统计数有{}格与全部重数不符", faults.len()).into());
    }
    println!("  统计（按单位、类别、状态、日期，全部日期）{most:.1} 毫秒；与全部重数一致（重数 {recount:.1} 秒）");
    Ok(most)
}

/// The rows of fifty tickets by their keys, and nothing else.
async fn bare(location: &str, file: bool, place: &str, known: &[StoredTicket]) -> Result<Times, Anything> {
    let sql = |n: usize| {
        let keys = (0..50).map(|i| format!("'{}'", known[(n * 50 + i * 7) % known.len()].ticket));
        let keys = keys.collect::<Vec<_>>().join(", ");
        let columns = "ticket, version, state, kind, title, channel, lead, place, registered_at, next_due, updated_at";
        AssertSqlSafe(format!("SELECT {columns} FROM ticket WHERE jurisdiction = '{place}' AND ticket IN ({keys})"))
    };
    let mut times = Times::default();
    if file {
        let options = SqliteConnectOptions::new().filename(Path::new(location).join("jiesu.db")).read_only(true);
        let mut conn = SqliteConnection::connect_with(&options).await?;
        for n in 0..ROUNDS {
            let began = Stopwatch::now();
            sqlx::query(sql(n)).persistent(false).fetch_all(&mut conn).await?;
            times.push(began.elapsed());
        }
    } else {
        let mut conn = PgConnection::connect(location).await?;
        for n in 0..ROUNDS {
            let began = Stopwatch::now();
            sqlx::query(sql(n)).persistent(false).fetch_all(&mut conn).await?;
            times.push(began.elapsed());
        }
    }
    Ok(times)
}
