//! Units, accounts and posts, and what goes over when a post ends. The rules are `jiesu_domain::organisation`'s; each change and its entry in the
//! audit journal are one transaction.

use std::net::IpAddr;

use jiesu_domain::{
    Actor, Instant, Role,
    audit::ActKind,
    organisation::{
        Centre, Centres, Duties, Post, check_centre, check_unit, clerk_elsewhere, has_a_post, last_security_admin,
        may_grant,
    },
    ticket::{Action, Command, Inside, Refusal, Stage, Ticket, UnitInfo, ready},
};
use jiesu_store::{Account, Ended, Handover, HeldPost, Jurisdiction, ListFilter, Sort, StoreError, Unit, UnitDuties};
use serde_json::json;

use super::{Act, App, ExecuteError, OpenError, Told, Who, appeals::Brings};
use crate::directory::{Newcomer, Plan};

/// The role of which one must be left: nobody else can give a post.
const KEEP: Role = Role::SecurityAdmin;
/// Tickets read at once.
const PAGE: u32 = 100;

/// Who changes the organisation, from where and why.
#[derive(Clone, Copy, Debug)]
pub struct Changing<'a> {
    pub by: &'a Actor,
    pub from: Option<IpAddr>,
    pub reason: &'a str,
}

impl Changing<'_> {
    pub(super) fn act(&self, kind: ActKind, subject: &str) -> Act {
        let act = Act::done(kind, subject).from(self.from);
        if self.reason.is_empty() { act } else { act.because(self.reason) }
    }
}

impl App {
    /// Makes a unit or changes it.
    ///
    /// # Errors
    /// It cannot stand so in the tree, or people and open work still belong to one that is to be shut.
    pub async fn put_unit(
        &self,
        by: Changing<'_>,
        id: &str,
        unit: UnitInfo,
        duties: Duties,
    ) -> Result<(), ExecuteError> {
        let units = self.units();
        check_unit(id, &unit, &units)?;
        if let Some(clerk) = &duties.clerk {
            let held = self.store.account(&self.jurisdiction, clerk).await?;
            if !held.is_some_and(|a| a.active && a.unit.as_deref() == Some(id)) {
                return Err(clerk_elsewhere().into());
            }
        }
        if !unit.active {
            self.may_shut(id).await?;
        }
        let known = if units.contains_key(id) { "changed" } else { "new" };
        let detail = json!({ "unit": known, "kind": unit.kind.code(), "parent": unit.parent, "active": unit.active });
        let mut deed = self.deed().await?;
        deed.units_named(&[unit_rows(id, unit, duties)]).await?;
        self.done(deed, by.by, by.act(ActKind::UnitsChanged, id).with(detail)).await?;
        self.reorganised().await
    }

    /// A unit with people, units or open work is not shut.
    async fn may_shut(&self, id: &str) -> Result<(), ExecuteError> {
        let people = self.store.accounts(&self.jurisdiction).await?;
        let people = people.iter().filter(|a| a.active && a.unit.as_deref() == Some(id)).count();
        let below = self.units().values().filter(|u| u.active && u.parent.as_deref() == Some(id)).count();
        let filter = ListFilter { units: Some(vec![id.to_owned()]), ..ListFilter::default() };
        let open = self.store.count_by_state(&self.jurisdiction, &filter).await?;
        let open: i64 = open.iter().filter(|(state, _)| state != "archived").map(|(_, n)| n).sum();
        if people == 0 && below == 0 && open == 0 {
            return Ok(());
        }
        let message =
            format!("单位还有{people}人任职、{below}个下级单位、{open}件未归档工单，不能停用；请先移交、调整");
        Err(Refusal::not_now("unit-in-use", message).into())
    }

    /// Makes an account, which can do nothing until a post is given to it.
    ///
    /// # Errors
    /// The log-in name is taken or cannot be one.
    pub async fn new_account(&self, by: Changing<'_>, login: &str, name: &str) -> Result<(), ExecuteError> {
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        if !(2..=40).contains(&login.len()) || !login.chars().all(plain) {
            return Err(Refusal::input("login", "登录名用字母、数字和“-”“_”“.”，2至40位").into());
        }
        let name = person_name(name)?;
        if self.store.account_by_login(&self.jurisdiction, login).await?.is_some() {
            return Err(taken().into());
        }
        let mut deed = self.deed().await?;
        if !deed.account_new(login, &name).await? {
            return Err(taken().into());
        }
        self.done(deed, by.by, by.act(ActKind::AccountCreated, login)).await?;
        self.reorganised().await
    }

    /// Renames an account, and shuts or opens it.
    ///
    /// # Errors
    /// It is one's own, or the last security administrator's.
    pub async fn change_account(
        &self,
        by: Changing<'_>,
        id: &str,
        name: &str,
        active: bool,
    ) -> Result<(), ExecuteError> {
        let (account, name) = (self.account_there(id).await?, person_name(name)?);
        if by.by.id == id && !active {
            return Err(Refusal::forbidden("不能停用自己的账户，请由另一位系统管理员办理").into());
        }
        let detail = json!({ "renamed": account.name != name, "active": active });
        let mut deed = self.deed().await?;
        ended(deed.account_change(id, &name, active, KEEP.code()).await?)?;
        if account.active && !active {
            self.tell(&mut deed, id, Told::Shut).await?;
            // Who has left is not called any more.
            deed.phone_put(id, None).await?;
        }
        self.done(deed, by.by, by.act(ActKind::AccountChanged, id).with(detail)).await?;
        self.reorganised().await
    }

    /// Gives a post to an account that has none.
    ///
    /// # Errors
    /// It is one's own account, there can be no such post, or the account has one.
    pub async fn give_post(&self, by: Changing<'_>, id: &str, post: &Post) -> Result<(), ExecuteError> {
        may_grant(by.by, id)?;
        let account = self.account_there(id).await?;
        post.check(&self.units())?;
        if !account.role.is_empty() {
            return Err(has_a_post().into());
        }
        if !account.active {
            return Err(Refusal::not_now("shut", "账户已停用；请系统管理员先启用").into());
        }
        let detail = json!({ "role": post.role.code(), "unit": post.unit, "seat": post.seat.map(|s| s.code()) });
        let mut deed = self.deed().await?;
        if !deed.post_give(&held(id, post, self.clock.now(), &by.by.id)).await? {
            return Err(Refusal::not_now("has-a-post", "账户刚被他人更改，请刷新后再试").into());
        }
        self.tell(&mut deed, id, Told::PostChanged).await?;
        self.done(deed, by.by, by.act(ActKind::PostGiven, id).with(detail)).await?;
        self.reorganised().await
    }

    /// Takes a post back; open work that is assigned to its holder inside the unit goes over to somebody else of it. The handover, where
    /// there is somebody who takes over.
    ///
    /// # Errors
    /// It is one's own, the last security administrator's, or there is open work and nobody to take it.
    pub async fn end_post(
        &self,
        by: Changing<'_>,
        id: &str,
        to: Option<&str>,
    ) -> Result<Option<Handover>, ExecuteError> {
        may_grant(by.by, id)?;
        let account = self.account_there(id).await?;
        if account.role.is_empty() {
            return Err(Refusal::not_now("no-post", "这个账户没有岗位").into());
        }
        let handover = self.handover(by, &account, to).await?;
        let tickets = handover.as_ref().map_or(0, |h| h.tickets.len());
        let detail = json!({ "role": account.role, "unit": account.unit, "to": to, "tickets": tickets });
        let handover = match handover {
            // The sheet first: what was begun and broken off is on it, and the rest is on the next one.
            Some(sheet) => Some(self.carry_over(by, sheet, &account).await?),
            None => None,
        };
        let mut deed = self.deed().await?;
        ended(deed.post_end(id, self.clock.now(), &by.by.id, KEEP.code()).await?)?;
        self.tell(&mut deed, id, Told::PostChanged).await?;
        self.done(deed, by.by, by.act(ActKind::PostHandedOver, id).with(detail)).await?;
        self.reorganised().await?;
        Ok(handover)
    }

    /// What would go over, and to whom.
    async fn handover(
        &self,
        by: Changing<'_>,
        account: &Account,
        to: Option<&str>,
    ) -> Result<Option<Handover>, ExecuteError> {
        let Some(unit) = account.unit.clone().filter(|_| handles(account)) else {
            return match to {
                Some(_) => Err(Refusal::input("to", "只有承办单位的经办人移交在办工单；请不填接任人").into()),
                None => Ok(None),
            };
        };
        let tickets: Vec<String> = self.assigned(&unit, &account.name).await?.into_keys().collect();
        let Some(to) = to else {
            if tickets.is_empty() {
                return Ok(None);
            }
            let message = format!("还有{}件在办工单内部交办给此人，请选择接任人，一并移交", tickets.len());
            return Err(Refusal::input("to", message).into());
        };
        let next = self.store.account(&self.jurisdiction, to).await?;
        let next =
            next.filter(|a| a.active && a.account != account.account && a.unit.as_ref() == Some(&unit) && handles(a));
        let next = next.ok_or_else(|| Refusal::input("to", "接任人须是本单位在任的承办人或分管领导，不是本人"))?;
        Ok(Some(Handover {
            handover: 0,
            unit,
            from: account.account.clone(),
            to: next.account,
            at: self.clock.now(),
            given_by: by.by.id.clone(),
            tickets,
        }))
    }

    async fn carry_over(&self, by: Changing<'_>, sheet: Handover, from: &Account) -> Result<Handover, ExecuteError> {
        let handover = self.store.handover_put(&self.jurisdiction, &sheet).await?;
        let name = self.account_name(&sheet.to);
        let actor = over(&by.by.id, &sheet.unit);
        for (number, office) in self.assigned(&sheet.unit, &from.name).await? {
            let command = Command::AssignInside { office, handler: name.clone() };
            match self.carry_out(&actor, &number, &command, None, None, Brings::Nobody).await {
                // Meanwhile it left the unit's hands.
                Ok(_) | Err(ExecuteError::Refused(_)) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(Handover { handover, ..sheet })
    }

    /// Open tickets that a unit has assigned to somebody of this name inside, each with the office that it is assigned to.
    async fn assigned(
        &self,
        unit: &str,
        name: &str,
    ) -> Result<std::collections::BTreeMap<String, String>, ExecuteError> {
        let filter = ListFilter { units: Some(vec![unit.to_owned()]), ..ListFilter::default() };
        let (mut found, mut cursor) = (std::collections::BTreeMap::new(), None);
        let (units, actor) = (self.units(), over("system", unit));
        loop {
            let page =
                self.store.tickets(&self.jurisdiction, &filter, Sort::MostUrgent, cursor.as_deref(), PAGE).await?;
            for head in page.items.iter().filter(|t| t.row.state != "archived") {
                let ticket = self.load(&head.ticket, &Actor::system()).await?;
                let ctx = self.ctx(Some(&ticket), &units, None, &actor, self.clock.now());
                let inside = inside(&ticket, unit).filter(|i| i.handler.trim() == name.trim());
                if let Some(inside) = inside.filter(|_| ready(&ticket, Action::AssignInside, &ctx).is_ok()) {
                    found.insert(head.ticket.clone(), inside.office.clone());
                }
            }
            match page.next {
                Some(next) => cursor = Some(next),
                None => return Ok(found),
            }
        }
    }

    /// Carries out what a file changes, at the machine: units first, all or none, then people. What was broken off goes on with the same
    /// file again.
    ///
    /// # Errors
    /// The store fails.
    pub async fn take_directory(&self, plan: &Plan) -> Result<(), ExecuteError> {
        if !plan.units.is_empty() {
            let detail = json!({ "units": plan.units.len() });
            let mut deed = self.deed().await?;
            deed.units_named(&plan.units).await?;
            self.done(deed, Who::CommandLine, Act::done(ActKind::UnitsChanged, "").with(detail)).await?;
        }
        for person in &plan.people {
            self.take_person(person).await?;
        }
        self.reorganised().await
    }

    /// One row of the table. What stands there by now is left as it is.
    async fn take_person(&self, person: &Newcomer) -> Result<(), ExecuteError> {
        if person.new {
            let mut deed = self.deed().await?;
            if deed.account_new(&person.login, &person.name).await? {
                self.done(deed, Who::CommandLine, Act::done(ActKind::AccountCreated, &person.login)).await?;
            }
        }
        let account = self.store.account_by_login(&self.jurisdiction, &person.login).await?.map(|a| a.account);
        let Some(account) = account else { return Ok(()) };
        if let Some(post) = &person.post {
            let detail = json!({ "role": post.role.code(), "unit": post.unit });
            let mut deed = self.deed().await?;
            if deed.post_give(&held(&account, post, self.clock.now(), "")).await? {
                self.done(deed, Who::CommandLine, Act::done(ActKind::PostGiven, &account).with(detail)).await?;
            }
        }
        if let Some(phone) = &person.phone {
            self.set_phone(Who::CommandLine, None, &account, Some(phone)).await?;
        }
        Ok(())
    }

    /// Sets where the owner of an account hears of changes to it, or takes it away. The number before hears of it. `false`: it stands so.
    ///
    /// # Errors
    /// The store fails.
    pub async fn set_phone(
        &self,
        by: Who<'_>,
        from: Option<IpAddr>,
        account: &str,
        phone: Option<&str>,
    ) -> Result<bool, StoreError> {
        let before = self.store.account_phones(&self.jurisdiction, Some(account)).await?.remove(account);
        if before.as_deref() == phone {
            return Ok(false);
        }
        let what = match (&before, phone) {
            (None, _) => "set",
            (Some(_), Some(_)) => "changed",
            (Some(_), None) => "removed",
        };
        let mut deed = self.deed().await?;
        self.tell(&mut deed, account, Told::PhoneChanged).await?;
        deed.phone_put(account, phone).await?;
        let act = Act::done(ActKind::AccountChanged, account).with(json!({ "phone": what })).from(from);
        self.done(deed, by, act).await?;
        Ok(true)
    }

    /// The centres of this database.
    ///
    /// # Errors
    /// The store fails.
    pub async fn centres(&self) -> Result<Centres, StoreError> {
        let centre = |j: Jurisdiction| (j.jurisdiction, Centre { name: j.name, under: j.parent });
        Ok(self.store.jurisdictions().await?.into_iter().map(centre).collect())
    }

    /// Puts this centre under another, or under none: at the machine only, as it opens counts to another centre.
    ///
    /// # Errors
    /// It cannot stand there, or the store fails.
    pub async fn stand_under(&self, under: Option<&str>) -> Result<(), ExecuteError> {
        let centres = self.centres().await?;
        if let Some(under) = under {
            check_centre(&self.jurisdiction, under, &centres)?;
        }
        let Some(own) = centres.get(&self.jurisdiction) else { return Err(ExecuteError::NotFound) };
        let detail = json!({ "under": under, "before": own.under });
        let mut deed = self.deed().await?;
        deed.stand_under(under).await?;
        self.done(deed, Who::CommandLine, Act::done(ActKind::SettingChanged, "centre").with(detail)).await?;
        Ok(())
    }

    /// Writes down that an account holds what its row says from now on, where a centre is made.
    ///
    /// # Errors
    /// The store fails.
    pub async fn post_known(&self, account: &Account) -> Result<(), StoreError> {
        self.store.post_known(&self.jurisdiction, &self.post_as_it_stands(account)).await
    }

    /// What an account's row says, as a post that is held from now on.
    pub(crate) fn post_as_it_stands(&self, account: &Account) -> HeldPost {
        HeldPost {
            account: account.account.clone(),
            role: account.role.clone(),
            unit: account.unit.clone(),
            seat: None,
            from: self.clock.now(),
            until: None,
            given_by: String::new(),
            ended_by: None,
        }
    }

    async fn account_there(&self, id: &str) -> Result<Account, ExecuteError> {
        let account = self.store.account(&self.jurisdiction, id).await?;
        Ok(account.ok_or_else(|| Refusal::input("account", "没有这个账户；请刷新后重新选择"))?)
    }

    /// Units and names as they are now; other processes learn by themselves.
    async fn reorganised(&self) -> Result<(), ExecuteError> {
        match self.reload().await {
            Err(OpenError::Store(error)) => Err(error.into()),
            // Only words that were checked were written.
            _ => Ok(()),
        }
    }
}

fn held(account: &str, post: &Post, from: Instant, by: &str) -> HeldPost {
    HeldPost {
        account: account.to_owned(),
        role: post.role.code().into(),
        unit: post.unit.clone(),
        seat: post.seat.map(|s| s.code().into()),
        from,
        until: None,
        given_by: by.to_owned(),
        ended_by: None,
    }
}

/// Whether somebody does a unit's work on tickets.
fn handles(account: &Account) -> bool {
    [Role::Handler, Role::UnitLeader].iter().any(|r| r.code() == account.role)
}

/// Carries a unit's work over: the system does it, at the hand of whoever ends the post.
fn over(by: &str, unit: &str) -> Actor {
    Actor { id: by.to_owned(), role: Role::System, unit: Some(unit.to_owned()) }
}

/// Who does it inside a unit that has it in hand.
fn inside<'t>(ticket: &'t Ticket, unit: &str) -> Option<&'t Inside> {
    let Stage::Working(work) = &ticket.stage else { return None };
    let assist = work.assists.iter().find(|a| a.unit == unit).map(|a| &a.inside);
    let lead = (work.lead.unit == unit).then_some(&work.lead.inside);
    assist.or(lead)?.as_ref()
}

fn person_name(name: &str) -> Result<String, Refusal> {
    let name = name.trim();
    if name.is_empty() || name.chars().count() > 30 {
        return Err(Refusal::input("name", "请写明姓名，最多30字"));
    }
    Ok(name.to_owned())
}

fn taken() -> Refusal {
    Refusal::input("login", "已有这个登录名；请另用一个")
}

fn ended(done: Ended) -> Result<(), Refusal> {
    match done {
        Ended::Done => Ok(()),
        Ended::Nothing => Err(Refusal::not_now("changed", "账户刚被他人更改，请刷新后再试")),
        Ended::Last => Err(last_security_admin()),
    }
}

pub(crate) fn unit_rows(id: &str, unit: UnitInfo, duties: Duties) -> (Unit, UnitDuties) {
    let row = Unit {
        unit: id.to_owned(),
        name: unit.name.trim().to_owned(),
        kind: unit.kind.code().into(),
        parent: unit.parent,
        active: unit.active,
    };
    let Duties { office, clerk, duty_phone, division } = duties;
    (row, UnitDuties { unit: id.to_owned(), office, clerk, duty_phone, division })
}
