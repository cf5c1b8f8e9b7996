//! Which county and which street a text names: by the names of the units that govern them.

use jiesu_domain::{rulebook::UnitKind, ticket::Units};

/// Characters of a text that are looked through: where it is, is said early.
const LOOKED_THROUGH: usize = 300;
/// What a government is called besides its place.
const OFFICES: [&str; 6] = ["人民政府", "街道办事处", "办事处", "管理委员会", "管委会", "政府"];

/// The places of a jurisdiction, the longest names first.
#[derive(Debug, Default)]
pub(super) struct Places(Vec<Place>);

#[derive(Debug)]
struct Place {
    name: String,
    unit: String,
    kind: UnitKind,
    /// The county above a street.
    county: Option<String>,
}

/// The county and the street, as the units that govern them.
pub(super) type Found = (Option<String>, Option<String>);

impl Places {
    pub fn of(units: &Units) -> Places {
        let mut places = Vec::new();
        for (id, unit) in units.iter().filter(|(_, u)| u.active && governs(u.kind)) {
            let parent = unit.parent.as_ref().filter(|p| units.get(*p).is_some_and(|u| u.kind == UnitKind::District));
            let name = OFFICES.iter().find_map(|office| unit.name.strip_suffix(office)).unwrap_or(&unit.name);
            // 东市街道办事处 governs what people call 东市街道; its office begins like it.
            let name = if unit.name.ends_with("街道办事处") { format!("{name}街道") } else { name.to_owned() };
            let county = if unit.kind == UnitKind::District { Some(id.clone()) } else { parent.cloned() };
            if name.chars().count() > 1 {
                places.push(Place { name, unit: id.clone(), kind: unit.kind, county });
            }
        }
        places.sort_by(|a, b| b.name.len().cmp(&a.name.len()).then(a.unit.cmp(&b.unit)));
        Places(places)
    }

    /// What the first of these texts that names any place says. A name that several streets have says nothing, unless its county is
    /// named beside it.
    pub fn find(&self, texts: [&str; 3]) -> Found {
        for text in texts {
            let text: String = text.chars().take(LOOKED_THROUGH).collect();
            let named: Vec<&Place> = self.0.iter().filter(|p| text.contains(&p.name)).collect();
            let county = named.iter().find(|p| p.kind == UnitKind::District).and_then(|p| p.county.clone());
            let mut streets = named.iter().filter(|p| p.kind != UnitKind::District);
            let street = streets.clone().find(|s| county.is_some() && s.county == county).or_else(|| {
                let first = streets.next()?;
                streets.all(|other| other.name != first.name).then_some(first)
            });
            let street = street.filter(|s| county.is_none() || s.county.is_none() || s.county == county);
            if county.is_some() || street.is_some() {
                let above = street.and_then(|s| s.county.clone());
                return (county.or(above), street.map(|s| s.unit.clone()));
            }
        }
        (None, None)
    }
}

fn governs(kind: UnitKind) -> bool {
    matches!(kind, UnitKind::District | UnitKind::Town | UnitKind::Zone)
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
        Places::of(&Units::from([
            unit("a", "甲山县人民政府", UnitKind::District, None),
            unit("b", "乙水区人民政府", UnitKind::District, None),
            unit("a1", "城关镇人民政府", UnitKind::Town, Some("a")),
            unit("b1", "城关镇人民政府", UnitKind::Town, Some("b")),
            unit("b2", "东市街道办事处", UnitKind::Town, Some("b")),
            unit("d", "东市街道管理局", UnitKind::Department, None),
        ]))
    }

    fn found(texts: [&str; 3]) -> (String, String) {
        let (county, street) = places().find(texts);
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
