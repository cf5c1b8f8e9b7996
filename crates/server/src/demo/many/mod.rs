//! A demo centre of any size: simulated lives under the place's own rulebook, written by the store's bulk path in order of time.

mod rows;
mod stream;
#[cfg(test)]
mod tests;

use std::{error::Error, sync::Arc};

use jiesu_domain::{
    Calendar, Catalogue, Instant, Role, Rulebook,
    calendar::Day,
    ticket::{Ticket, Units},
};
use jiesu_lives::{Centre, Character, City, Load, city};
use jiesu_store::StoreError;

use super::{DemoAccount, accounts, put_accounts};
use crate::{
    app::{App, ticket_number},
    law::Law,
    worker::CALENDAR_SETTING,
};

/// How many tickets, and from which seed: the same seed on the same day is the same centre.
#[derive(Clone, Copy, Debug)]
pub struct Wanted {
    pub tickets: u64,
    pub seed: u64,
}

/// Measured: 19,200 on SQLite, 22,400 on PostgreSQL.
const BYTES_A_TICKET: u64 = 23_000;

impl Wanted {
    /// Bytes that the database will take, roughly.
    pub fn disk(self) -> u64 {
        self.tickets * BYTES_A_TICKET
    }

    /// Days over which they are spread: at least five a day where that gives weeks, and never more open ones than fit into memory.
    fn days(self) -> i32 {
        match self.tickets {
            n if n <= 200_000 => (n / 5).clamp(60, 365) as i32,
            n if n <= 1_000_000 => 730,
            _ => 5 * 365,
        }
    }
}

/// A place's law as its files have it.
struct OfPlace {
    law: Law,
    place: String,
}

impl jiesu_lives::Law for OfPlace {
    fn book(&self, ticket: Option<&Ticket>, now: Instant) -> &Rulebook {
        self.law.of_ticket(&self.place, ticket, Day::of(now).date()).expect("checked when the centre opened")
    }

    fn catalogue(&self, ticket: Option<&Ticket>, now: Instant) -> Option<&Catalogue> {
        self.law.catalogue_of_ticket(&self.place, ticket, Day::of(now).date())
    }

    fn calendar(&self, _: Instant) -> &Calendar {
        self.law.calendar()
    }
}

/// The centre whose lives are lived, until the application's now.
fn centre(app: &App, wanted: Wanted) -> Centre {
    let until = app.clock.now();
    // What is stored has no fractions of a second.
    let until = Instant::from_second(until.as_second()).unwrap_or(until);
    let from = Day(Day::of(until).0 - wanted.days()).start();
    let law = Box::new(OfPlace { law: app.law.clone(), place: app.jurisdiction.clone() });
    let city = City::new(law, app.units().as_ref().clone(), from, wanted.seed, &Character::ORDINARY);
    let load = Load::new(&city, from, until, wanted.tickets, wanted.seed);
    Centre { city, load, seed: wanted.seed, until, number: ticket_number }
}

/// Appeals made up for the first lesson of a demo.
const LESSON: u64 = 1_200;

/// Teaches the demo what it proposes: by its closed tickets where it has enough, else by made-up appeals. The day was taken on ([`App::first_day`]).
pub async fn teach(app: Arc<App>, day: Day) {
    let city = centre(&app, Wanted { tickets: LESSON, seed: 1 }).city;
    match app.first_lesson(day, &city, LESSON as usize).await {
        Ok(Some(report)) => tracing::info!(seconds = report.seconds, "the demo has learnt what it proposes"),
        Ok(None) => {}
        Err(error) => tracing::error!(%error, "the demo could not learn what it proposes"),
    }
}

/// Fills a jurisdiction without tickets. `progress` hears how many tickets are written.
///
/// # Errors
/// There are tickets already, the place has no units, or the store failed; what was written is then marked as unfinished.
pub async fn fill(app: &Arc<App>, wanted: Wanted, mut progress: impl FnMut(u64)) -> Result<(), Box<dyn Error>> {
    let j = &app.jurisdiction;
    let centre = Arc::new(centre(app, wanted));
    if centre.city.leads.is_empty() {
        return Err(format!("“{j}”没有单位名录，不能生成演示工单").into());
    }
    let filling = app.store.fill(j).await.map_err(|e| match e {
        StoreError::Invalid { .. } => "数据库里已有工单：--tickets 只用于空的数据库，请用 --data 换一个数据目录".into(),
        e => Box::<dyn Error>::from(e),
    })?;
    let mut all = accounts(j, &app.units());
    all.extend(
        staff(&app.units()).into_iter().filter(|s| !accounts(j, &app.units()).iter().any(|a| a.login == s.login)),
    );
    put_accounts(app, all).await?;
    let (send, mut groups) = tokio::sync::mpsc::channel(2);
    let lives = centre.clone();
    let lived = tokio::task::spawn_blocking(move || stream::groups(&lives, filling, &send));
    let mut written = 0;
    while let Some((tickets, group)) = groups.recv().await {
        app.store.fill_write(&group).await?;
        written += tickets;
        progress(written);
    }
    lived.await??;
    // Limits were counted by this calendar: nothing is to be counted anew.
    app.store.setting_put(j, CALENDAR_SETTING, app.law.calendar().version()).await?;
    app.store.fill_end(j).await?;
    app.reload().await?;
    Ok(())
}

/// Everybody who acts in the simulated lives, so that time lines name them.
fn staff(units: &Units) -> Vec<DemoAccount> {
    let of_centre = Role::ALL.iter().filter(|r| r.of_staff() && !r.of_unit());
    let mut all: Vec<DemoAccount> = of_centre
        .flat_map(|role| (0..city::CLERKS).map(move |n| (*role, n)))
        .map(|(role, n)| {
            let name = format!("{}{}号", role.zh(), n + 1);
            DemoAccount { login: city::clerk(role, n), name, role, unit: None }
        })
        .collect();
    for (id, unit) in units.iter().filter(|(_, u)| u.active) {
        all.extend(Role::ALL.iter().filter(|r| r.of_unit()).map(|role| DemoAccount {
            login: city::of_unit(*role, id),
            name: format!("{}{}", unit.name, role.zh()),
            role: *role,
            unit: Some(id.clone()),
        }));
    }
    all
}
