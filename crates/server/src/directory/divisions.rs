//! The official list of administrative divisions (`level,code,name,area_code,…`): districts and counties become units, and the streets and
//! towns below them. Names and codes are the state's; who answers there is what the workbook is for.

use std::{collections::BTreeSet, path::Path};

use jiesu_domain::{
    organisation::Duties,
    rulebook::UnitKind,
    ticket::{UnitInfo, Units},
};

use super::{Plan, Standing};
use crate::app::unit_rows;

/// One row of the list.
#[derive(Clone, Debug, serde::Deserialize)]
struct Division {
    level: String,
    code: String,
    name: String,
    #[serde(default)]
    area_code: String,
}

/// Reads the list into units: those that are there by name keep their id and what they have named, and learn their code.
///
/// # Errors
/// All that is wrong, each with its line.
pub fn divisions(path: &Path, standing: &Standing) -> Result<Plan, Vec<String>> {
    let file = |message: String| vec![format!("{}：{message}", path.display())];
    let mut reader = csv::Reader::from_path(path).map_err(|e| file(format!("打不开（{e}）")))?;
    let (mut all, mut wrong) = (Vec::new(), Vec::new());
    for (n, row) in reader.deserialize::<Division>().enumerate() {
        let line = n + 2; // the head is the first
        match row.map_err(|e| e.to_string()).and_then(checked) {
            Ok(division) => all.push((line, division)),
            Err(message) => wrong.push(format!("{} 第{line}行：{message}", path.display())),
        }
    }
    let areas: BTreeSet<&str> = all.iter().filter(|(_, d)| d.level == "area").map(|(_, d)| d.code.as_str()).collect();
    let mut codes = BTreeSet::new();
    for (line, d) in &all {
        if !codes.insert(&d.code) {
            wrong.push(format!("{} 第{line}行“code”：代码{}写了两次", path.display(), d.code));
        }
        if d.level == "street" && !areas.contains(d.area_code.as_str()) {
            wrong.push(format!("{} 第{line}行“area_code”：没有代码为{}的县区", path.display(), d.area_code));
        }
    }
    if !wrong.is_empty() {
        return Err(wrong);
    }
    if all.is_empty() {
        return Err(file("没有一个区划".into()));
    }
    let all: Vec<Division> = all.into_iter().map(|(_, d)| d).collect();
    Ok(planned(&all, standing))
}

fn checked(d: Division) -> Result<Division, String> {
    if !["city", "area", "street"].contains(&d.level.as_str()) {
        return Err(format!("“level”：“{}”不认识；可用 city、area、street", d.level));
    }
    if d.code.is_empty() || !d.code.bytes().all(|b| b.is_ascii_digit()) {
        return Err("“code”：代码须为数字".into());
    }
    if d.name.trim().is_empty() {
        return Err("“name”：没有填写".into());
    }
    Ok(d)
}

fn planned(all: &[Division], standing: &Standing) -> Plan {
    let cities: BTreeSet<&str> = all.iter().filter(|d| d.level == "city").map(|d| d.name.as_str()).collect();
    // A county's own list has no city, and a city without districts names itself in their place: that is the jurisdiction, no unit of it.
    let whole = |d: &Division| cities.is_empty() || cities.contains(d.name.as_str());
    let mut plan = Plan::default();
    for d in all.iter().filter(|d| d.level == "area" && !whole(d)) {
        plan.units.push(unit(d, &format!("{}人民政府", d.name), UnitKind::District, None, standing));
    }
    for d in all.iter().filter(|d| d.level == "street") {
        let above = plan.units.iter().find(|(_, duties)| duties.division.as_deref() == Some(&d.area_code));
        let parent = above.map(|(unit, _)| unit.unit.clone());
        let (mut name, kind) = government(&d.name);
        if all.iter().filter(|other| other.level == "street" && other.name == d.name).count() > 1 {
            // Two towns of one name are told apart by their counties.
            let area = all.iter().find(|a| a.level == "area" && a.code == d.area_code);
            name = format!("{}{name}", area.map_or("", |a| a.name.as_str()));
        }
        plan.units.push(unit(d, &name, kind, parent, standing));
    }
    plan.changes(standing)
}

/// What governs a street, a town or an area, by its kind as the name ends. What is none of these (a zone, a park, a farm) is called as it is.
fn government(name: &str) -> (String, UnitKind) {
    let of = |office: &str| (format!("{name}{office}"), UnitKind::Town);
    match name {
        n if n.ends_with("街道") || n.ends_with("地区") => of("办事处"),
        n if n.ends_with('镇') || n.ends_with('乡') => of("人民政府"),
        n => (n.to_owned(), UnitKind::Zone),
    }
}

fn unit(
    d: &Division,
    name: &str,
    kind: UnitKind,
    parent: Option<String>,
    standing: &Standing,
) -> (jiesu_store::Unit, jiesu_store::UnitDuties) {
    let there = known(d, name, &standing.units, standing);
    let id = there.map_or_else(|| d.code.clone(), |(id, _)| id.clone());
    let before = standing.duties.get(&id).cloned().unwrap_or_default();
    let duties = Duties {
        office: before.office,
        clerk: before.clerk,
        duty_phone: before.duty_phone,
        division: Some(d.code.clone()),
    };
    // What is there stands as it was put: its kind and its place in the tree are somebody's decision.
    let new = UnitInfo { name: name.to_owned(), kind, parent, active: true };
    unit_rows(&id, there.map_or(new, |(_, unit)| unit.clone()), duties)
}

/// The unit that a division is already: by its code, else by the name that no two divisions share.
fn known<'u>(d: &Division, name: &str, units: &'u Units, standing: &Standing) -> Option<(&'u String, &'u UnitInfo)> {
    let of_code = |id: &String| standing.duties.get(id).and_then(|u| u.division.as_deref()) == Some(&d.code);
    let by_code = units.iter().find(|(id, _)| of_code(id) || **id == d.code);
    let free = |id: &String| standing.duties.get(id).is_none_or(|u| u.division.is_none());
    by_code.or_else(|| units.iter().find(|(id, u)| free(id) && u.name.trim() == name))
}
