//! From the organisation to the workbook that [`super::read`] takes back.

use jiesu_domain::{Role, organisation::SeatKind, rulebook::UnitKind};
use rust_xlsxwriter::{DataValidation, Workbook, Worksheet, XlsxError};

use super::{PEOPLE, Standing, UNITS};
use crate::{
    view::mask_phone,
    workbook::{Sheet, table},
};

/// How many rows below the last one still offer their choices.
const SPARE: u32 = 500;

/// The bytes of a workbook with all units, and everybody who has an account in use; their phones masked, unless they are asked for (`phones`).
///
/// # Errors
/// A text is longer than a cell can hold; in Chinese.
pub fn workbook(standing: &Standing, phones: bool) -> Result<Vec<u8>, String> {
    whole(standing, phones).map_err(|e| format!("写不成 .xlsx 文件（{e}）"))
}

fn whole(standing: &Standing, phones: bool) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    let rows: Vec<Vec<String>> = standing.units.keys().map(|id| unit(id, standing)).collect();
    let last = rows.len() as u32 + SPARE;
    let sheet = table(&mut book, &UNITS, &rows)?;
    choices(sheet, &UNITS, "kind", last, &UnitKind::ALL.iter().map(|k| k.zh()).collect::<Vec<_>>())?;
    choices(sheet, &UNITS, "shut", last, &["是"])?;
    let people = standing.accounts.iter().filter(|a| a.active);
    let rows: Vec<Vec<String>> = people.map(|a| person(a, standing, phones)).collect();
    let last = rows.len() as u32 + SPARE;
    let sheet = table(&mut book, &PEOPLE, &rows)?;
    let roles = Role::ALL.iter().filter(|r| r.of_staff());
    choices(sheet, &PEOPLE, "role", last, &roles.map(|r| r.zh()).collect::<Vec<_>>())?;
    choices(sheet, &PEOPLE, "seat", last, &SeatKind::ALL.iter().map(|s| s.zh()).collect::<Vec<_>>())?;
    book.save_to_buffer()
}

fn choices(sheet: &mut Worksheet, of: &Sheet, key: &str, last: u32, words: &[&str]) -> Result<(), XlsxError> {
    let Some(at) = of.place(key) else { return Ok(()) };
    let list = DataValidation::new().allow_list_strings(words)?;
    sheet.add_data_validation(1, at as u16, last, at as u16, &list)?;
    Ok(())
}

fn unit(id: &str, standing: &Standing) -> Vec<String> {
    let unit = &standing.units[id];
    let duties = standing.duties.get(id).cloned().unwrap_or_default();
    let login = |account: &String| standing.accounts.iter().find(|a| a.account == *account).map(|a| a.login.clone());
    let cell = |key: &str| match key {
        "id" => Some(id.to_owned()),
        "name" => Some(unit.name.clone()),
        "kind" => Some(unit.kind.zh().to_owned()),
        "parent" => unit.parent.clone(),
        "office" => duties.office.clone(),
        "clerk" => duties.clerk.as_ref().and_then(login),
        "duty_phone" => duties.duty_phone.clone(),
        "division" => duties.division.clone(),
        _ => (!unit.active).then(|| "是".to_owned()),
    };
    UNITS.columns.iter().map(|c| cell(c.key).unwrap_or_default()).collect()
}

fn person(account: &jiesu_store::Account, standing: &Standing, phones: bool) -> Vec<String> {
    let role: Option<Role> = account.role.parse().ok();
    let seat = standing.posts.get(&account.account).and_then(|p| p.seat.as_ref()?.parse::<SeatKind>().ok());
    let phone = standing.phones.get(&account.account);
    let cell = |key: &str| match key {
        "login" => Some(account.login.clone()),
        "name" => Some(account.name.clone()),
        "role" => role.map(|r| r.zh().to_owned()),
        "unit" => account.unit.clone(),
        "phone" => phone.map(|phone| if phones { phone.clone() } else { mask_phone(phone) }),
        _ => seat.map(|s| s.zh().to_owned()),
    };
    PEOPLE.columns.iter().map(|c| cell(c.key).unwrap_or_default()).collect()
}
