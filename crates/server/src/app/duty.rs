//! Shifts, who is down for them, and who takes calls now. The rules are `jiesu_domain::duty`'s.

use std::collections::{BTreeMap, BTreeSet};

use jiesu_domain::{
    Actor, Instant, Role,
    audit::ActKind,
    calendar::Day,
    duty::{self, Presence, Shift, holds, lasted, may_put_down},
    ticket::Refusal,
};
use jiesu_store::{Stay, StoreError};
use jiff::SignedDuration;
use serde_json::json;

use super::{App, Changing, ExecuteError};

/// Name of the setting with the centre's shifts.
const SHIFTS: &str = "shifts";

/// Time that one account was on duty.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Worked {
    /// Shifts that it was down for.
    pub shifts: u32,
    pub present: SignedDuration,
    pub on_break: SignedDuration,
}

impl App {
    /// The centre's shifts; three of eight hours where nobody said otherwise.
    ///
    /// # Errors
    /// The store fails.
    pub async fn shifts(&self) -> Result<Vec<Shift>, StoreError> {
        let set = self.store.setting(&self.jurisdiction, SHIFTS).await?;
        Ok(set.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_else(duty::usual))
    }

    /// Sets the shifts. Who is down for one that is no more stays written down and is not shown.
    ///
    /// # Errors
    /// A centre cannot work by them.
    pub async fn set_shifts(&self, by: Changing<'_>, shifts: &[Shift]) -> Result<(), ExecuteError> {
        duty::check(shifts)?;
        let text = serde_json::to_string(shifts).map_err(|_| Refusal::input("shifts", "班次写不下来，请改写"))?;
        let mut deed = self.deed().await?;
        deed.setting_put(SHIFTS, &text).await?;
        self.done(deed, by.by, by.act(ActKind::SettingChanged, SHIFTS).with(json!({ "shifts": shifts }))).await?;
        Ok(())
    }

    /// Puts these people, and nobody else, down for a shift.
    ///
    /// # Errors
    /// The day is over or too far, there is no such shift, or somebody has no duty here.
    pub async fn put_down(
        &self,
        by: Changing<'_>,
        day: Day,
        shift: &str,
        people: &BTreeSet<String>,
    ) -> Result<(), ExecuteError> {
        let known = self.store.accounts(&self.jurisdiction).await?;
        let role = |id: &String| known.iter().find(|a| a.active && a.account == *id).and_then(|a| a.role.parse().ok());
        let roles: Vec<Option<Role>> = people.iter().map(role).collect();
        may_put_down((day, Day::of(self.clock.now())), (shift, &self.shifts().await?), &roles)?;
        let (date, count) = (day.date(), people.len());
        let detail = json!({ "day": date, "shift": shift, "people": count });
        let people: Vec<String> = people.iter().cloned().collect();
        let mut deed = self.deed().await?;
        deed.roster_put(day.0, shift, &people).await?;
        self.done(deed, by.by, by.act(ActKind::RosterChanged, &format!("{date} {shift}")).with(detail)).await?;
        Ok(())
    }

    /// What somebody is from now on.
    ///
    /// # Errors
    /// The store fails.
    pub async fn say_presence(&self, who: &Actor, state: Presence) -> Result<bool, StoreError> {
        self.store.presence_put(&self.jurisdiction, &who.id, state.code(), self.clock.now()).await
    }

    /// What everybody is who is on duty now.
    ///
    /// # Errors
    /// The store fails.
    pub async fn present(&self) -> Result<Vec<(String, Presence, Instant)>, StoreError> {
        let now = self.clock.now();
        let stays = self.store.presences(&self.jurisdiction).await?;
        Ok(stays.iter().filter_map(|stay| Some((stay.account.clone(), on_duty(stay, now)?, stay.from))).collect())
    }

    /// What each account worked in a span of days, both in: the figures for the yearly budget (QD-0).
    ///
    /// # Errors
    /// The store fails.
    pub async fn worked(&self, from: Day, to: Day) -> Result<BTreeMap<String, Worked>, StoreError> {
        let mut worked: BTreeMap<String, Worked> = BTreeMap::new();
        for down in self.store.roster(&self.jurisdiction, from.0, to.0).await? {
            worked.entry(down.account).or_default().shifts += 1;
        }
        let now = self.clock.now();
        for stay in self.store.stays(&self.jurisdiction, from.start(), to.end()).await? {
            let time = lasted(stay.from, stay.until, now);
            let one = worked.entry(stay.account).or_default();
            match stay.state.parse() {
                Ok(Presence::Present) => one.present += time,
                Ok(Presence::Break) => one.on_break += time,
                Ok(Presence::Off) | Err(_) => {}
            }
        }
        Ok(worked)
    }
}

/// The state that still holds; `None`: gone, or not heard of for longer than anybody works.
fn on_duty(stay: &Stay, now: Instant) -> Option<Presence> {
    let state = stay.state.parse().ok().filter(|state| *state != Presence::Off)?;
    holds(stay.from, now).then_some(state)
}
