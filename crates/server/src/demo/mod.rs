//! A demo centre: accounts for each role and sample tickets in every state, made by the same commands that people give, at times past.

mod anywhere;
mod knowledge;
mod many;
mod stories;

use std::{error::Error, sync::Arc};

use jiesu_channels::sms::SmsGateway;
use jiesu_domain::{Actor, Instant, Role, calendar::Day, ticket::Units};
use jiesu_store::{Account, StoreError};

use crate::{
    app::{App, NewTicket},
    config::ClockSetting,
    login::{Policy, hash_password},
    worker,
};
use stories::{Step, Story, Told};

pub use many::{Wanted, fill, teach};

/// The place whose stories are told at length; every other one gets a few plain tickets.
const AT_LENGTH: &str = "shangrao";
/// The password of every demo account.
pub const PASSWORD: &str = "jiesu-demo";

/// Units that have a handler and a leader in the demo.
const STAFFED: &[(&str, &str)] = &[
    ("chengguan", "城管局"),
    ("zhujian", "住建局"),
    ("renshe", "人社局"),
    ("gongan", "公安局"),
    ("shichang", "市场局"),
    ("shuiwu", "供水公司"),
    ("jiaotong", "交通局"),
];

/// A demo log-in, for the list that is printed.
#[derive(Debug, Clone)]
pub struct DemoAccount {
    pub login: String,
    pub name: String,
    pub role: Role,
    pub unit: Option<String>,
}

/// One account for each role of the centre, a handler and a leader for some units.
pub fn accounts(place: &str, units: &Units) -> Vec<DemoAccount> {
    let of_centre = Role::ALL.iter().filter(|r| r.of_staff() && !r.of_unit());
    let mut all: Vec<DemoAccount> = of_centre
        .map(|r| DemoAccount { login: r.code().into(), name: format!("演示{}", r.zh()), role: *r, unit: None })
        .collect();
    if place != AT_LENGTH {
        all.extend(anywhere::accounts(units));
        return all;
    }
    for (unit, short) in STAFFED {
        let account = |role: Role, suffix: &str| DemoAccount {
            login: format!("{unit}{suffix}"),
            name: format!("{short}{}", role.zh()),
            role,
            unit: Some((*unit).to_owned()),
        };
        all.push(account(Role::Handler, ""));
        all.push(account(Role::UnitLeader, "-leader"));
    }
    let district = Some("xinzhou".to_owned());
    all.push(DemoAccount {
        login: "discipline-office".into(),
        name: "城管局纪检联络员".into(),
        role: Role::DisciplineOffice,
        unit: Some("chengguan".to_owned()),
    });
    all.push(DemoAccount {
        login: "superior-unit".into(),
        name: "信州区督办联络员".into(),
        role: Role::SuperiorUnit,
        unit: district,
    });
    all
}

/// Makes the demo centre if it is not there yet.
///
/// # Errors
/// A story is wrong, or the store failed.
pub async fn seed(app: &Arc<App>, gateway: Arc<dyn SmsGateway>) -> Result<(), Box<dyn Error>> {
    if !app.store.accounts(&app.jurisdiction).await?.is_empty() {
        return Ok(());
    }
    app.set_log_in_policy(&Policy::of_demo()).await?;
    put_accounts(app, accounts(&app.jurisdiction, &app.units())).await?;
    app.reload().await?;
    tell(app, gateway).await?;
    knowledge::fill(app).await
}

/// Accounts with the demo's password.
async fn put_accounts(app: &App, accounts: Vec<DemoAccount>) -> Result<(), StoreError> {
    let (password_hash, now) = (hash_password(PASSWORD), app.clock.wall());
    for a in accounts {
        let role = a.role.code().into();
        let account =
            Account { account: a.login.clone(), login: a.login, name: a.name, role, unit: a.unit, active: true };
        app.store.account_put(&app.jurisdiction, &account).await?;
        app.store.password_put(&app.jurisdiction, &account.account, &password_hash, now, false, 0).await?;
        app.post_known(&account).await?;
    }
    Ok(())
}

/// Plays the stories on a clock of their own, from some days ago until now.
async fn tell(app: &Arc<App>, gateway: Arc<dyn SmsGateway>) -> Result<(), Box<dyn Error>> {
    let now = app.clock.now();
    let stories = match app.jurisdiction.as_str() {
        AT_LENGTH => stories::load()?,
        _ => anywhere::stories(app.rulebook(), &app.units()),
    };
    let mut script: Vec<(Instant, usize, usize)> = Vec::new();
    for (s, story) in stories.iter().enumerate() {
        for (i, told) in story.told().enumerate() {
            script.push((instant(app, now, told.when())?, s, i));
        }
    }
    // What would still lie ahead at this time of day is left for the visitor to do.
    script.retain(|(at, ..)| *at <= now);
    script.sort();
    let Some((first, ..)) = script.first() else { return Ok(()) };
    let past = crate::clock::Clock::new(ClockSetting::Fixed(*first));
    let then = App::open(app.store.clone(), app.law.clone(), past, &app.jurisdiction).await?;
    let mut numbers: Vec<Option<String>> = vec![None; stories.len()];
    for (at, s, i) in script {
        worker::advance(&then, at).await?;
        play(&then, &stories[s], i, &mut numbers[s])
            .await
            .map_err(|e| format!("演示工单“{}”第{i}步：{e}", stories[s].register.title))?;
        worker::pass(&then, Arc::clone(&gateway)).await?;
    }
    worker::advance(&then, now).await?;
    worker::pass(&then, gateway).await?;
    Ok(())
}

async fn play(then: &Arc<App>, story: &Story, i: usize, number: &mut Option<String>) -> Result<(), Box<dyn Error>> {
    match story.told().nth(i) {
        Some(Told::Registration { who, .. }) => {
            let new = NewTicket {
                register: story.register.clone(),
                appellant: story.appellant.clone(),
                received_at: None,
                source: None,
                history: None,
            };
            *number = Some(then.register(&actor(then, who)?, &new, None).await?.ticket);
        }
        Some(Told::Step(step)) => {
            let Some(number) = number else { return Ok(()) };
            let with = step.appellant.as_ref();
            then.execute(&actor(then, &step.who)?, number, &step.command, None, None, with).await?;
        }
        None => {}
    }
    Ok(())
}

/// `dispatcher`, or `chengguan` for a unit's handler.
fn actor(app: &App, login: &str) -> Result<Actor, Box<dyn Error>> {
    if login == "citizen" {
        return Ok(Actor::citizen());
    }
    let mut known = accounts(&app.jurisdiction, &app.units()).into_iter();
    let account = known.find(|a| a.login == login).ok_or_else(|| format!("没有演示账户“{login}”"))?;
    Ok(Actor { id: account.login, role: account.role, unit: account.unit })
}

/// `-5 09:30`: the time of day on the fifth working day before today; `~20`: twenty minutes ago.
fn instant(app: &App, now: Instant, when: &str) -> Result<Instant, Box<dyn Error>> {
    let wrong = || format!("“{when}”不是演示时间");
    if let Some(minutes) = when.strip_prefix('~') {
        let minutes: i64 = minutes.parse().map_err(|_| wrong())?;
        return Ok(Instant::from_second(now.as_second() - minutes * 60)?);
    }
    let (days, time) = when.split_once(' ').ok_or_else(wrong)?;
    let mut back: u32 = days.trim_start_matches('-').parse().map_err(|_| wrong())?;
    let (h, m) = time.split_once(':').ok_or_else(wrong)?;
    let seconds = h.parse::<i64>().map_err(|_| wrong())? * 3600 + m.parse::<i64>().map_err(|_| wrong())? * 60;
    let calendar = app.law.calendar();
    let mut day = Day::of(now);
    while back > 0 || !calendar.works(day)? {
        if calendar.works(day)? {
            back -= 1;
        }
        day = Day(day.0 - 1);
    }
    Ok(Instant::from_second(day.start().as_second() + seconds)?)
}

/// Lines for the terminal: who can log in.
pub fn log_ins(place: &str, units: &Units) -> String {
    let mut out = String::new();
    for a in accounts(place, units) {
        out.push_str(&format!("    {:<20} {}\n", a.login, a.name));
    }
    out
}

impl Step {
    fn when(&self) -> &str {
        &self.at
    }
}
