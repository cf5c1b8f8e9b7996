//! From the workbook to what it changes. A post that somebody holds is not changed by a table: work has to be handed over.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    str::FromStr,
};

use jiesu_domain::{
    Role,
    organisation::{Duties, Post, SeatKind, check_unit},
    rulebook::UnitKind,
    ticket::{UnitInfo, Units},
};
use jiesu_store::Account;

use super::{Newcomer, PEOPLE, Plan, SHEETS, Standing, UNITS};
use crate::{
    app::{mobile, unit_rows},
    import::Book,
    workbook::{Cells, Row, Wrong, rows, yes_or_no},
};

/// Reads a workbook.
///
/// # Errors
/// All that is wrong, each with its sheet, row and column, in Chinese.
pub fn read(path: &Path, standing: &Standing) -> Result<Plan, Vec<String>> {
    let file = |message: String| vec![format!("{}：{message}", path.display())];
    let mut book = Book::open(path).map_err(file)?;
    let units = rows(&mut book, &UNITS).map_err(file)?;
    let people = rows(&mut book, &PEOPLE).map_err(file)?;
    if units.is_none() && people.is_none() {
        let there = book.sheets().join("、");
        return Err(file(format!("没有工作表“{}”或“{}”；文件中的工作表：{there}", UNITS.name, PEOPLE.name)));
    }
    let mut draft = Draft { standing, units: standing.units.clone(), named: Vec::new(), wrong: Vec::new() };
    let units = units.unwrap_or_default();
    units.iter().for_each(|row| draft.unit(row));
    let people = draft.people(&people.unwrap_or_default());
    draft.finish(&units, people)
}

struct Draft<'a> {
    standing: &'a Standing,
    /// Those that stand and those of the table.
    units: Units,
    /// Units of the table with what they have named, and the row of each.
    named: Vec<(String, Duties, usize)>,
    wrong: Vec<Wrong>,
}

impl Draft<'_> {
    fn unit(&mut self, row: &Row) {
        let before = self.wrong.len();
        let mut cells = Cells { sheets: SHEETS, sheet: 0, row, wrong: &mut self.wrong };
        let id = cells.text("id");
        let unit = UnitInfo {
            name: cells.text("name"),
            kind: cells.parsed("kind", UnitKind::from_str).unwrap_or(UnitKind::Department),
            parent: cells.maybe("parent"),
            active: !cells.parsed("shut", yes_or_no).unwrap_or_default(),
        };
        let known = self.standing.units.get(&id);
        if !unit.active && known.is_none_or(|u| u.active) {
            cells.add("shut", "停用单位须在“组织机构”中办理：有人任职、有未归档工单的不能停用".into());
        }
        if cells.row.cells.get("kind").is_some_and(|c| c.as_ref().is_ok_and(String::is_empty)) {
            cells.add("kind", "没有填写".into());
        }
        let duties = Duties {
            office: cells.maybe("office"),
            clerk: cells.maybe("clerk"),
            duty_phone: cells.maybe("duty_phone"),
            division: cells.maybe("division"),
        };
        if self.named.iter().any(|(other, _, _)| *other == id) {
            cells.add("id", format!("编号“{id}”写了两次"));
        }
        if self.wrong.len() == before {
            let at = usize::try_from(row.number).unwrap_or_default();
            self.named.push((id.clone(), duties, at));
            self.units.insert(id, unit);
        }
    }

    /// By id or by name.
    fn id_of(&self, written: &str) -> String {
        if self.units.contains_key(written) {
            return written.to_owned();
        }
        let named = self.units.iter().find(|(_, u)| u.name.trim() == written);
        named.map_or_else(|| written.to_owned(), |(id, _)| id.clone())
    }

    fn people(&mut self, rows: &[Row]) -> Vec<Newcomer> {
        let (mut all, mut logins) = (Vec::new(), BTreeSet::new());
        for row in rows {
            let units: BTreeMap<String, String> =
                self.units.iter().map(|(id, u)| (u.name.trim().to_owned(), id.clone())).collect();
            let mut wrong = std::mem::take(&mut self.wrong);
            let before = wrong.len();
            let mut cells = Cells { sheets: SHEETS, sheet: 1, row, wrong: &mut wrong };
            let (login, name) = (cells.text("login"), cells.text("name"));
            let role = cells.parsed("role", Role::from_str);
            let unit = cells.maybe("unit").map(|u| units.get(&u).cloned().unwrap_or(u));
            let seat = cells.parsed("seat", SeatKind::from_str);
            if !logins.insert(login.clone()) {
                cells.add("login", format!("登录名“{login}”写了两次"));
            }
            let phone = cells.maybe("phone").filter(|typed| !typed.contains('*'));
            if phone.as_deref().is_some_and(|typed| mobile(typed).is_none()) {
                cells.add("phone", "请填写11位手机号码；留空或保留带*的，不作改动".into());
            }
            let phone = phone.as_deref().and_then(mobile);
            let post = role.map(|role| Post { role, unit, seat });
            if let Some(fault) = post.as_ref().and_then(|p| p.check(&self.units).err()) {
                cells.add(fault.field.unwrap_or("role"), fault.message);
            }
            let account = self.standing.accounts.iter().find(|a| a.login == login);
            let newcomer =
                self.newcomer(&mut cells, account, Newcomer { login, name, new: account.is_none(), post, phone });
            if wrong.len() == before {
                all.extend(newcomer);
            }
            self.wrong = wrong;
        }
        all
    }

    /// What is to be done for a row; nothing where it stands so already.
    fn newcomer(&self, cells: &mut Cells<'_>, account: Option<&Account>, mut row: Newcomer) -> Option<Newcomer> {
        let Some(account) = account else { return Some(row) };
        if account.name != row.name {
            cells.add("name", format!("这个登录名现为“{}”；改名请在“账户与岗位”中办理", account.name));
        }
        row.phone = row.phone.filter(|phone| self.standing.phones.get(&account.account) != Some(phone));
        let Some(post) = row.post.clone() else { return row.phone.is_some().then_some(row) };
        if account.role.is_empty() {
            return Some(row);
        }
        if (account.role.as_str(), &account.unit) != (post.role.code(), &post.unit) {
            let now = account.role.parse().map_or_else(|_| account.role.clone(), |r: Role| r.to_string());
            cells.add("role", format!("现任{now}；改任请在“账户与岗位”中收回后再授予，在办工单一并移交"));
        }
        row.post = None;
        row.phone.is_some().then_some(row)
    }

    fn finish(mut self, rows: &[Row], people: Vec<Newcomer>) -> Result<Plan, Vec<String>> {
        let mut named = std::mem::take(&mut self.named);
        for (id, duties, at) in &mut named {
            let parent = self.units.get(id).and_then(|u| u.parent.clone()).map(|p| self.id_of(&p));
            if let Some(unit) = self.units.get_mut(id) {
                unit.parent = parent;
            }
            let row = rows.iter().find(|r| usize::try_from(r.number).is_ok_and(|n| n == *at));
            let (Some(unit), Some(row)) = (self.units.get(id).cloned(), row) else { continue };
            let clerk = duties.clerk.as_deref().map(|login| self.clerk(login, id, &people));
            let mut cells = Cells { sheets: SHEETS, sheet: 0, row, wrong: &mut self.wrong };
            if let Err(fault) = check_unit(id, &unit, &self.units) {
                let key = fault.field.map_or("id", |f| if f == "unit" { "id" } else { f });
                cells.add(key, fault.message);
            }
            match clerk {
                Some(Err(message)) => cells.add("clerk", message),
                Some(Ok(account)) => duties.clerk = Some(account),
                None => {}
            }
        }
        if !self.wrong.is_empty() {
            self.wrong.sort();
            return Err(self.wrong.iter().map(|w| w.told(SHEETS)).collect());
        }
        let unit = |(id, duties, _): (String, Duties, usize)| {
            self.units.get(&id).map(|unit| unit_rows(&id, unit.clone(), duties))
        };
        let plan = Plan { units: named.into_iter().filter_map(unit).collect(), people };
        Ok(plan.changes(self.standing))
    }

    /// The account of a unit's knowledge clerk: somebody who holds a post there, or is given one by the table.
    fn clerk(&self, login: &str, unit: &str, people: &[Newcomer]) -> Result<String, String> {
        let there = self.standing.accounts.iter().find(|a| a.login == login);
        if there.is_some_and(|a| a.active && a.unit.as_deref() == Some(unit)) {
            return Ok(there.map_or_else(String::new, |a| a.account.clone()));
        }
        let comes =
            |p: &&Newcomer| p.login == login && p.post.as_ref().is_some_and(|p| p.unit.as_deref() == Some(unit));
        people.iter().find(comes).map(|p| p.login.clone()).ok_or_else(|| "须写在本单位任职的人员的登录名".into())
    }
}
