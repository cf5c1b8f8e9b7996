//! The dispatch catalogue (派单目录, 中山第十五条): which unit leads on which matter, by what law, within what limit, and for a town the
//! office it should go to. It has versions: a ticket keeps the one it was dispatched under, so nothing here is ever changed in place.
//!
//! Who leads is the centre's own arrangement; this module reads it, checks it, and says what a new version changes. It dispatches
//! nothing. The format is documented in `docs/catalogue-format.md`.

mod changes;
mod check;

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Deserializer, Serialize, de};

pub use changes::{Change, ChangeKind, changes};
pub use check::Fault;

use crate::{
    Amount, Kind,
    rulebook::{RulebookErrors, parse_toml},
};

/// One version of a catalogue, as its TOML file says it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Catalogue {
    pub catalogue: Head,
    #[serde(default)]
    pub entry: Vec<Entry>,
}

/// Which catalogue this is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema), schema(as = CatalogueHead))]
#[serde(deny_unknown_fields)]
pub struct Head {
    /// Id of the rulebook it goes with.
    pub rulebook: String,
    /// From 1. A ticket keeps the version it was dispatched under.
    pub version: u32,
    /// The first day on which tickets are dispatched by it; left out = always.
    #[serde(default = "always", deserialize_with = "day")]
    #[cfg_attr(feature = "schema", schema(value_type = String, format = Date))]
    pub in_force: Date,
    /// Written by us for a start, not issued by an authority.
    #[serde(default, skip_serializing_if = "is_false")]
    pub default: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// One matter and who handles it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema), schema(as = CatalogueEntry))]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// The item's code, such as `CG-012`. It stays the same from version to version; what is compared and frozen goes by it.
    pub id: String,
    pub matter: String,
    /// Only for appeals of this kind; left out = for all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<Kind>,
    /// The law on which the duty, or the limit, rests.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub law: Option<String>,
    /// Unit id.
    pub lead: String,
    /// Unit ids.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub assists: Vec<String>,
    /// Goes before the rulebook's handling limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schema(value_type = Option<String>, example = "7 working days"))]
    pub limit: Option<Amount>,
    /// Goes before the rulebook's limit for assists.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schema(value_type = Option<String>, example = "3 working days"))]
    pub assist_limit: Option<Amount>,
    /// The office of the lead that should handle it (建议承办的镇街所属工作机构).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub office: Option<String>,
    /// A department's matter, which must not be sent down to a town or street.
    #[serde(default, skip_serializing_if = "is_false")]
    pub not_to_towns: bool,
    /// The matter is an emergency (突发事件).
    #[serde(default, skip_serializing_if = "is_false")]
    pub emergency: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Where other units handle it: by a unit's id (district, town) or a place's name. Last, so that the table ends the entry in TOML.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub by_place: BTreeMap<String, Place>,
}

/// Who handles a matter in one place; what is left out is as everywhere.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema), schema(as = CataloguePlace))]
#[serde(deny_unknown_fields)]
pub struct Place {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lead: Option<String>,
    /// In place of the entry's assists, not besides them; left out = the entry's.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub assists: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub office: Option<String>,
}

impl Catalogue {
    /// Reads a catalogue and checks what can be checked without the units. `file` is only named in errors.
    ///
    /// # Errors
    /// All that is wrong, with lines.
    pub fn parse(file: &str, text: &str) -> Result<Catalogue, RulebookErrors> {
        let catalogue: Catalogue = parse_toml(file, text).map_err(|e| RulebookErrors(vec![e]))?;
        let faults = check::errors(file, text, catalogue.faults());
        if faults.is_empty() { Ok(catalogue) } else { Err(RulebookErrors(faults)) }
    }

    /// The entry with this code.
    pub fn entry(&self, id: &str) -> Option<&Entry> {
        self.entry.iter().find(|e| e.id == id)
    }

    /// Entries whose matter occurs in a text, best first: a proposal for a person, never a decision. Entries for another kind than
    /// `kind` are left out; with no kind, all are asked.
    pub fn find(&self, text: &str, kind: Option<Kind>) -> Vec<&Entry> {
        let text = text.to_lowercase();
        let fits = |e: &&Entry| kind.is_none() || e.kind.is_none() || e.kind == kind;
        let mut found: Vec<(Likeness, &Entry)> = self
            .entry
            .iter()
            .filter(fits)
            .map(|e| (likeness(&e.matter, &text), e))
            .filter(|(like, _)| like.share >= LEAST)
            .collect();
        // An entry for just this kind says more than one for all; the sort keeps the file's order otherwise.
        found.sort_by_key(|(like, e)| std::cmp::Reverse((*like, e.kind.is_some() && e.kind == kind)));
        let best = found.first().map_or(0, |(like, _)| like.share);
        // What is far behind the best is noise.
        found.into_iter().filter(|(like, _)| like.share * 10 >= best * 6).map(|(_, e)| e).collect()
    }
}

/// How much of a matter occurs in a text: of its best word.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Likeness {
    /// Of a thousand.
    share: usize,
    /// How much that is: 水费 says more than 水.
    hits: usize,
}

/// About a third of a word must occur.
const LEAST: usize = 300;

/// By pairs of neighbouring characters: Chinese has no spaces, and people write 拖欠我三个月工资 for 拖欠工资.
fn likeness(matter: &str, text: &str) -> Likeness {
    let joins = |c: char| !c.is_alphanumeric() || "与和及".contains(c);
    let matter = matter.to_lowercase();
    matter.split(joins).map(|word| word_likeness(word, text)).max().unwrap_or_default()
}

fn word_likeness(word: &str, text: &str) -> Likeness {
    let starts: Vec<usize> = word.char_indices().map(|(at, _)| at).chain([word.len()]).collect();
    let pairs: Vec<&str> = starts.windows(3).map(|w| &word[w[0]..w[2]]).collect();
    let hits = pairs.iter().filter(|pair| text.contains(**pair)).count();
    match pairs.len() {
        // A word of one character has no pair: it is asked for as it stands.
        0 if !word.is_empty() && text.contains(word) => Likeness { share: 1000, hits: 0 },
        0 => Likeness::default(),
        of => Likeness { share: hits * 1000 / of, hits },
    }
}

impl Entry {
    /// Who handles the matter there: lead, assists and suggested office. `place` is a unit's id, or where the appeal says it is; the
    /// longest place that occurs in it holds. Where another unit leads, the entry's office does not go with it.
    pub fn units_at(&self, place: Option<&str>) -> (&str, Vec<&str>, Option<&str>) {
        let (lead, assists, office) = match place.and_then(|p| self.place(p)) {
            None => (&self.lead, &self.assists, self.office.as_deref()),
            Some(there) => {
                let lead = there.lead.as_ref().unwrap_or(&self.lead);
                let assists = if there.assists.is_empty() { &self.assists } else { &there.assists };
                let own = self.office.as_deref().filter(|_| *lead == self.lead);
                (lead, assists, there.office.as_deref().or(own))
            }
        };
        // Nobody assists himself: a town that leads at home may stand among the assists elsewhere.
        (lead, assists.iter().map(String::as_str).filter(|a| a != lead).collect(), office)
    }

    fn place(&self, place: &str) -> Option<&Place> {
        let place = place.trim();
        self.by_place.get(place).or_else(|| {
            // Ids are names for machines: only names of places are looked for in a text.
            let named = self.by_place.iter().filter(|(key, _)| !is_id(key) && place.contains(key.as_str()));
            named.max_by_key(|(key, _)| key.len()).map(|(_, there)| there)
        })
    }

    /// The matter, with its kind where it is only for one.
    pub fn title(&self) -> String {
        self.kind.map_or_else(|| self.matter.clone(), |kind| format!("{}（{kind}）", self.matter))
    }
}

/// Whether a key of `by_place` is meant as a unit's id.
fn is_id(key: &str) -> bool {
    key.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

fn is_false(flag: &bool) -> bool {
    !*flag
}

/// Before any ticket.
const fn always() -> Date {
    Date::constant(2000, 1, 1)
}

/// A date as TOML writes it, or as text.
fn day<'de, D: Deserializer<'de>>(d: D) -> Result<Date, D::Error> {
    let text = match toml::Value::deserialize(d)? {
        toml::Value::String(text) => text,
        toml::Value::Datetime(date) => date.to_string(),
        other => other.to_string(),
    };
    // A date and nothing after it.
    let date = if text.len() == 10 { text.parse().ok() } else { None };
    date.ok_or_else(|| de::Error::custom(format!("“{text}”不是日期；应写作 2022-01-01")))
}
