//! The places of the repository: rulebook, catalogue and units of each, as its files have them.

use jiesu_domain::{Catalogue, Rulebook, rulebook::parse_toml, ticket::Units};
use serde::Deserialize;

use super::support::{read, root, rulebooks};

#[derive(Deserialize)]
struct UnitsFile {
    #[serde(rename = "units")]
    _head: toml::Value,
    unit: Units,
}

pub struct Place {
    pub book: Rulebook,
    pub catalogue: Option<Catalogue>,
    pub units: Units,
}

/// Every place whose rulebook is in the repository.
pub fn places() -> Vec<Place> {
    rulebooks().into_iter().map(place).collect()
}

fn place(book: Rulebook) -> Place {
    let id = book.rulebook.id.clone();
    let file = |what: &str| {
        let path = root().join(format!("rulebooks/{id}-{what}.toml"));
        path.exists().then(|| read(path))
    };
    let catalogue = file("catalogue").map(|text| Catalogue::parse(&id, &text).unwrap_or_else(|e| panic!("{e}")));
    let units = file("units").map(|text| parse_toml::<UnitsFile>(&id, &text).unwrap_or_else(|e| panic!("{e}")).unit);
    Place { book, catalogue, units: units.unwrap_or_default() }
}
