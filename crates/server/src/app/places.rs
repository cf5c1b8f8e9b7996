//! The divisions among a centre's units, found in texts by the names that people use for them.

use std::sync::Arc;

use jiesu_domain::{rulebook::UnitKind, ticket::Units};
use jiesu_text::propose::{Division, Gazetteer};

/// Characters of a text that are looked through: where it is, is said early.
const LOOKED_THROUGH: usize = 300;

/// The units that govern the county and the street or town that a text names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Governing {
    pub county: Option<String>,
    pub street: Option<String>,
}

/// The divisions of a jurisdiction.
#[derive(Debug)]
pub(super) struct Places {
    gazetteer: Gazetteer,
    units: Arc<Units>,
}

impl Places {
    pub fn of(units: Arc<Units>) -> Places {
        Places { gazetteer: gazetteer(&units), units }
    }

    /// What the first of these texts that names a place says.
    pub fn find(&self, texts: [&str; 3]) -> Governing {
        let start = |text: &str| text.chars().take(LOOKED_THROUGH).collect::<String>();
        let Some(found) = texts.into_iter().find_map(|text| self.gazetteer.find(&start(text))) else {
            return Governing::default();
        };
        let is_county = |unit: &String| self.units.get(unit).is_some_and(|u| u.kind == UnitKind::District);
        if is_county(&found.division) {
            return Governing { county: Some(found.division), street: None };
        }
        let above = self.units.get(&found.division).and_then(|unit| unit.parent.clone());
        Governing { county: above.filter(is_county), street: Some(found.division) }
    }
}

/// By the names of the units that govern them.
pub(super) fn gazetteer(units: &Units) -> Gazetteer {
    let is_division = |kind: UnitKind| matches!(kind, UnitKind::District | UnitKind::Town | UnitKind::Zone);
    let divisions = units.iter().filter(|(_, unit)| unit.active && is_division(unit.kind)).map(|(id, unit)| {
        let name = division_name(&unit.name);
        Division { key: id.clone(), aliases: aliases(name), name: name.to_owned(), above: unit.parent.clone() }
    });
    Gazetteer::new(divisions.collect())
}

/// What is governed, of what governs it.
fn division_name(unit: &str) -> &str {
    let ends = ["人民政府", "办事处", "管理委员会", "管委会"];
    ends.iter().find_map(|end| unit.trim().strip_suffix(end)).unwrap_or(unit.trim())
}

/// What zones are called for short.
fn aliases(name: &str) -> Vec<String> {
    let short = |long: &str, short: &str| name.contains(long).then(|| name.replace(long, short));
    [short("高新技术产业开发区", "高新区"), short("经济技术开发区", "经开区"), short("经济开发区", "经开区")]
        .into_iter()
        .flatten()
        .collect()
}

#[cfg(test)]
mod tests {
    use jiesu_domain::ticket::UnitInfo;

    use super::*;

    fn places() -> Places {
        let unit = |id: &str, name: &str, kind, parent: Option<&str>| {
            let info = UnitInfo { name: name.into(), kind, parent: parent.map(str::to_owned), active: true };
            (id.to_owned(), info)
        };
        Places::of(Arc::new(Units::from([
            unit("a", "甲山县人民政府", UnitKind::District, None),
            unit("b", "乙水区人民政府", UnitKind::District, None),
            unit("a1", "城关镇人民政府", UnitKind::Town, Some("a")),
            unit("b1", "城关镇人民政府", UnitKind::Town, Some("b")),
            unit("b2", "东市街道办事处", UnitKind::Town, Some("b")),
            unit("d", "东市街道管理局", UnitKind::Department, None),
        ])))
    }

    fn found(texts: [&str; 3]) -> (String, String) {
        let Governing { county, street } = places().find(texts);
        (county.unwrap_or_default(), street.unwrap_or_default())
    }

    #[test]
    fn a_street_implies_its_county_and_a_name_of_two_says_nothing_alone() {
        let is = |texts, county: &str, street: &str| assert_eq!(found(texts), (county.into(), street.into()));
        is(["东市街道五三大道", "", ""], "b", "b2");
        is(["", "乙水区城关镇停水", ""], "b", "b1");
        is(["", "甲山县城关镇停水", ""], "a", "a1");
        is(["城关镇", "停水", "昨天开始停水"], "", "");
        is(["甲山县", "东市街道停水", ""], "a", "");
        is(["", "停水", ""], "", "");
    }
}
