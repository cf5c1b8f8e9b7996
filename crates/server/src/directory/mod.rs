//! The organisation as people keep it: a workbook of units and people that is written and read back, and the official list of administrative
//! divisions, out of which streets and towns become units. What may be is `jiesu_domain::organisation`'s to say.

mod divisions;
mod read;
mod write;

use std::collections::BTreeMap;

use jiesu_domain::{organisation::Post, ticket::Units};
use jiesu_store::{Account, HeldPost, Store, StoreError, Unit, UnitDuties};

use crate::{
    app::{OpenError, units_of},
    workbook::{Sheet, column},
};

pub use divisions::divisions;
pub use read::read;
pub use write::workbook;

/// One row a unit.
const UNITS: Sheet = Sheet {
    name: "单位",
    columns: &[
        column("编号", "id", true, 16.0),
        column("名称", "name", true, 28.0),
        column("类别", "kind", true, 22.0),
        column("上级单位", "parent", false, 24.0),
        column("责任科室", "office", false, 20.0),
        column("信息员", "clerk", false, 14.0),
        column("值守电话", "duty_phone", false, 16.0),
        column("行政区划代码", "division", false, 16.0),
        column("停用", "shut", false, 8.0),
    ],
};

/// One row a person.
const PEOPLE: Sheet = Sheet {
    name: "人员",
    columns: &[
        column("登录名", "login", true, 18.0),
        column("姓名", "name", true, 14.0),
        column("角色", "role", false, 14.0),
        column("单位", "unit", false, 28.0),
        column("坐席类别", "seat", false, 16.0),
        column("手机", "phone", false, 16.0),
    ],
};

/// The sheets that are read.
const SHEETS: &[&Sheet] = &[&UNITS, &PEOPLE];

/// The organisation as it is stored.
#[derive(Debug)]
pub struct Standing {
    pub units: Units,
    /// By unit.
    pub duties: BTreeMap<String, UnitDuties>,
    pub accounts: Vec<Account>,
    /// Held now, by account.
    pub posts: BTreeMap<String, HeldPost>,
    /// Where people hear of changes to their accounts, by account.
    pub phones: BTreeMap<String, String>,
}

impl Standing {
    /// Reads it.
    ///
    /// # Errors
    /// The store fails, or a unit is of a kind we do not know.
    pub async fn of(store: &Store, jurisdiction: &str) -> Result<Standing, OpenError> {
        let read = async || -> Result<_, StoreError> {
            Ok((
                store.unit_duties(jurisdiction).await?,
                store.accounts(jurisdiction).await?,
                store.posts(jurisdiction, None).await?,
                store.account_phones(jurisdiction, None).await?,
            ))
        };
        let (duties, accounts, posts, phones) = read().await?;
        Ok(Standing {
            units: units_of(store, jurisdiction).await?,
            duties: duties.into_iter().map(|d| (d.unit.clone(), d)).collect(),
            accounts,
            posts: posts.into_iter().map(|p| (p.account.clone(), p)).collect(),
            phones,
        })
    }
}

/// Somebody of the workbook who is not there yet, has no post yet, or has another phone.
#[derive(Clone, Debug, PartialEq)]
pub struct Newcomer {
    pub login: String,
    pub name: String,
    /// There is no such account.
    pub new: bool,
    pub post: Option<Post>,
    /// A number that does not stand there yet.
    pub phone: Option<String>,
}

/// What a file changes; all that is wrong was told before.
#[derive(Debug, Default)]
pub struct Plan {
    pub units: Vec<(Unit, UnitDuties)>,
    pub people: Vec<Newcomer>,
}

impl Plan {
    /// Keeps what differs from what stands.
    fn changes(mut self, standing: &Standing) -> Plan {
        let same = |(unit, duties): &(Unit, UnitDuties)| {
            let there = standing.units.get(&unit.unit);
            let unit_same = there.is_some_and(|u| {
                (u.name.as_str(), u.kind.code(), &u.parent, u.active)
                    == (unit.name.as_str(), unit.kind.as_str(), &unit.parent, unit.active)
            });
            unit_same && standing.duties.get(&unit.unit) == Some(duties)
        };
        self.units.retain(|unit| !same(unit));
        self
    }
}
