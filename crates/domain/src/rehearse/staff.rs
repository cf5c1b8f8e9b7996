//! The people of a story: units, posts, who is missing, and who is down for duty. The rules are `organisation`'s, `duty`'s and the table of
//! permissions'; here is only what a story remembers.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use crate::{
    Actor, Role,
    access::{self, Right},
    calendar::Day,
    duty::{self, Shift},
    organisation::{Duties, Post, SeatKind, check_unit, clerk_elsewhere, has_a_post, may_grant, missing},
    rulebook::UnitKind,
    ticket::{Refusal, UnitInfo, Units},
    words::words,
};

words! {
    /// What is done to the organisation of a story.
    StaffAct, "组织操作" {
        PutUnit = "put-unit" "登记单位",
        GivePost = "give-post" "任职",
        EndPost = "end-post" "离任",
        PutDown = "put-down" "排班",
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PutUnit {
    unit: String,
    name: String,
    kind: UnitKind,
    #[serde(default)]
    parent: Option<String>,
    #[serde(default = "yes")]
    active: bool,
    #[serde(default)]
    office: Option<String>,
    /// Somebody who holds a post there.
    #[serde(default)]
    clerk: Option<String>,
    #[serde(default)]
    duty_phone: Option<String>,
}

fn yes() -> bool {
    true
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GivePost {
    account: String,
    role: Role,
    #[serde(default)]
    unit: Option<String>,
    #[serde(default)]
    seat: Option<SeatKind>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EndPost {
    account: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PutDown {
    shift: String,
    people: BTreeSet<String>,
}

/// Who holds what, and who is down for today's shifts.
#[derive(Default)]
pub(super) struct Staff {
    posts: BTreeMap<String, Post>,
    duties: BTreeMap<String, Duties>,
    down: BTreeMap<String, BTreeSet<String>>,
}

impl Staff {
    /// Does what the step says. The outer error is the scenario's own fault.
    pub(super) fn act(
        &mut self,
        act: StaffAct,
        with: &toml::Table,
        actor: &Actor,
        units: &mut Units,
    ) -> Result<Result<(), Refusal>, serde_json::Error> {
        let right = match act {
            StaffAct::PutUnit => Right::ManageOrganisation,
            StaffAct::GivePost | StaffAct::EndPost => Right::GrantPosts,
            StaffAct::PutDown => Right::ManageDuty,
        };
        if !access::has(actor.role, right) {
            return Ok(Err(Refusal::forbidden(format!("{}没有“{right}”的权限", actor.role))));
        }
        let with = serde_json::to_value(with)?;
        Ok(match act {
            StaffAct::PutUnit => self.put_unit(serde_json::from_value(with)?, units),
            StaffAct::GivePost => self.give_post(serde_json::from_value(with)?, actor, units),
            StaffAct::EndPost => self.end_post(&serde_json::from_value(with)?, actor),
            StaffAct::PutDown => self.put_down(serde_json::from_value(with)?),
        })
    }

    fn put_unit(&mut self, put: PutUnit, units: &mut Units) -> Result<(), Refusal> {
        let info = UnitInfo { name: put.name, kind: put.kind, parent: put.parent, active: put.active };
        check_unit(&put.unit, &info, units)?;
        let holds = |clerk: &String| self.posts.get(clerk).is_some_and(|p| p.unit.as_ref() == Some(&put.unit));
        if put.clerk.as_ref().is_some_and(|clerk| !holds(clerk)) {
            return Err(clerk_elsewhere());
        }
        let duties = Duties { office: put.office, clerk: put.clerk, duty_phone: put.duty_phone, division: None };
        self.duties.insert(put.unit.clone(), duties);
        units.insert(put.unit, info);
        Ok(())
    }

    fn give_post(&mut self, give: GivePost, actor: &Actor, units: &Units) -> Result<(), Refusal> {
        may_grant(actor, &give.account)?;
        let post = Post { role: give.role, unit: give.unit, seat: give.seat };
        post.check(units)?;
        if self.posts.contains_key(&give.account) {
            return Err(has_a_post());
        }
        self.posts.insert(give.account, post);
        Ok(())
    }

    fn end_post(&mut self, end: &EndPost, actor: &Actor) -> Result<(), Refusal> {
        may_grant(actor, &end.account)?;
        let gone = self.posts.remove(&end.account);
        gone.map(drop).ok_or_else(|| Refusal::not_now("no-post", "没有岗位可以收回"))
    }

    fn put_down(&mut self, put: PutDown) -> Result<(), Refusal> {
        let roles: Vec<Option<Role>> = put.people.iter().map(|who| self.posts.get(who).map(|p| p.role)).collect();
        duty::may_put_down((Day(0), Day(0)), (&put.shift, &duty::usual()), &roles)?;
        self.down.insert(put.shift, put.people);
        Ok(())
    }

    /// What a unit has to name and has not, in words; `None`: there is no such unit.
    pub(super) fn missing(&self, unit: &str, units: &Units) -> Option<Vec<&'static str>> {
        let info = units.get(unit)?;
        let held: Vec<_> = self.posts.values().filter(|p| p.unit.as_deref() == Some(unit)).map(|p| p.role).collect();
        let duties = self.duties.get(unit).cloned().unwrap_or_default();
        Some(missing(info, &duties, &held).iter().map(|m| m.zh()).collect())
    }

    /// How many people hold seats of a sort; an ordinary one where none was said.
    pub(super) fn seats(&self, sort: SeatKind) -> usize {
        let seats = self.posts.values().filter(|p| p.role == Role::Seat);
        seats.filter(|p| p.seat.unwrap_or(SeatKind::Ordinary) == sort).count()
    }

    /// When nobody is down, by the usual shifts, the day before like today.
    pub(super) fn gaps(&self) -> Vec<String> {
        let usual = duty::usual();
        let manned: Vec<&Shift> =
            usual.iter().filter(|s| self.down.get(&s.id).is_some_and(|people| !people.is_empty())).collect();
        duty::gaps(&manned, &manned).iter().map(|(from, until)| format!("{from}—{until}")).collect()
    }
}
