//! The law this process works under: rulebooks, holiday notices, default dispatch catalogues and unit lists, built in or the centre's own.
//!
//! Everything in `rulebooks/` and `calendars/` is embedded in the binary; a centre's files of the same names in its data folder go
//! before. No rule is judged here: this module only reads, checks and finds.

mod files;
mod units;

use std::{collections::BTreeMap, path::Path};

use jiesu_domain::{
    Calendar, Catalogue, Rulebook,
    calendar::{CalendarError, Notice},
    rulebook::RulebookErrors,
    ticket::{Ticket, Units},
};
use jiff::civil::Date;

pub use files::{FileKind, parse_notice, read_text};
pub use units::{UnitsFile, UnitsHead};

use files::{Digests, Layer};

static NO_UNITS: Units = Units::new();

/// All law in force, read once; share it behind an `Arc`.
#[derive(Clone, Debug)]
pub struct Law {
    notices: Vec<Notice>,
    calendar: Calendar,
    /// By id; versions ascending.
    books: BTreeMap<String, Vec<Rulebook>>,
    /// By id of the rulebook; versions ascending.
    catalogues: BTreeMap<String, Vec<Catalogue>>,
    units: BTreeMap<String, UnitsFile>,
    digests: Digests,
}

/// Law that cannot be used; in Chinese, naming file and line.
#[derive(Debug, thiserror::Error)]
pub enum LawError {
    /// A file or folder that cannot be read.
    #[error("{0}")]
    Read(String),
    #[error("{0}")]
    Files(#[from] RulebookErrors),
    #[error("放假通知：{0}")]
    Calendar(#[from] CalendarError),
}

impl Law {
    /// The built-in law, with what stands in `DIR/rulebooks` and `DIR/calendars` put before it: the same rulebook id and version, the
    /// same year, the same catalogue or unit list is replaced, anything else is added. Folders that are not there are no error.
    ///
    /// # Errors
    /// A file cannot be read, or is wrong; all that is wrong is told at once.
    pub fn load(dir: Option<&Path>) -> Result<Law, LawError> {
        let mut layer = Layer::built_in()?;
        if let Some(dir) = dir {
            layer.put_before(Layer::of_folder(dir)?);
        }
        let digests = layer.digests();
        let notices: Vec<Notice> = layer.notices.into_values().map(|found| found.value).collect();
        let calendar = Calendar::new(&notices)?;
        let mut books: BTreeMap<String, Vec<Rulebook>> = BTreeMap::new();
        for ((id, _), found) in layer.books {
            books.entry(id).or_default().push(found.value);
        }
        let mut catalogues: BTreeMap<String, Vec<Catalogue>> = BTreeMap::new();
        for ((id, _), found) in layer.catalogues {
            catalogues.entry(id).or_default().push(found.value);
        }
        let units = layer.units.into_iter().map(|(id, found)| (id, found.value)).collect();
        Ok(Law { notices, calendar, books, catalogues, units, digests })
    }

    /// What a centre of this place works under, e.g. `catalogue 2`, and the SM3 of each text: what changed from one day to the next is told
    /// by comparing.
    pub fn texts(&self, place: &str) -> BTreeMap<String, String> {
        self.digests.under(place)
    }

    /// Ids of the rulebooks, ascending.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.books.keys().map(String::as_str)
    }

    /// All versions of a rulebook, ascending; empty if there is none of that id.
    pub fn versions(&self, id: &str) -> &[Rulebook] {
        self.books.get(id).map_or(&[], Vec::as_slice)
    }

    /// One version of a rulebook.
    pub fn book(&self, id: &str, version: u32) -> Option<&Rulebook> {
        self.versions(id).iter().find(|b| b.rulebook.version == version)
    }

    /// The version in force on a day: the highest that has come into force; before the first of them, the lowest.
    pub fn in_force(&self, id: &str, day: Date) -> Option<&Rulebook> {
        let versions = self.versions(id);
        versions.iter().rev().find(|b| b.rulebook.in_force <= day).or(versions.first())
    }

    /// The version that holds for a ticket: its own once it was dispatched, else the one in force.
    pub fn of_ticket(&self, id: &str, ticket: Option<&Ticket>, day: Date) -> Option<&Rulebook> {
        let own = ticket.and_then(|t| t.rulebook.as_ref()).and_then(|(id, version)| self.book(id, *version));
        own.or_else(|| self.in_force(id, day))
    }

    /// The dispatch catalogue that holds for a ticket: the version it was dispatched under, else the one in force.
    pub fn catalogue_of_ticket(&self, id: &str, ticket: Option<&Ticket>, day: Date) -> Option<&Catalogue> {
        let own = ticket.and_then(|t| self.catalogue_version(&t.rulebook.as_ref()?.0, t.catalogue?));
        own.or_else(|| self.catalogue_in_force(id, day))
    }

    /// All versions of a rulebook's dispatch catalogue, ascending; empty if it has none.
    pub fn catalogues(&self, id: &str) -> &[Catalogue] {
        self.catalogues.get(id).map_or(&[], Vec::as_slice)
    }

    /// The newest version of the catalogue, in force or not yet.
    pub fn catalogue(&self, id: &str) -> Option<&Catalogue> {
        self.catalogues(id).last()
    }

    /// One version of the catalogue: what a ticket was dispatched under.
    pub fn catalogue_version(&self, id: &str, version: u32) -> Option<&Catalogue> {
        self.catalogues(id).iter().find(|c| c.catalogue.version == version)
    }

    /// The version in force on a day, by the same rule as [`Law::in_force`]: what is dispatched on that day goes by it.
    pub fn catalogue_in_force(&self, id: &str, day: Date) -> Option<&Catalogue> {
        let versions = self.catalogues(id);
        versions.iter().rev().find(|c| c.catalogue.in_force <= day).or(versions.first())
    }

    /// The unit list that comes with a rulebook, for demos and rehearsals; empty if there is none.
    pub fn units(&self, id: &str) -> &Units {
        self.units.get(id).map_or(&NO_UNITS, |u| &u.unit)
    }

    /// The merged calendar.
    pub fn calendar(&self) -> &Calendar {
        &self.calendar
    }

    /// The calendar as it would be if the notices of some years were not published yet.
    ///
    /// # Errors
    /// Never for notices that were loaded; kept because laying out a calendar can fail.
    pub fn calendar_without(&self, years: &[i16]) -> Result<Calendar, CalendarError> {
        let left: Vec<Notice> = self.notices.iter().filter(|n| !years.contains(&n.year)).cloned().collect();
        Calendar::new(&left)
    }

    /// What to say when there is no rulebook of an id.
    pub fn unknown(&self, id: &str) -> String {
        let known: Vec<&str> = self.ids().collect();
        format!("没有办法“{id}”；现有：{}", known.join("、"))
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn shangrao() -> String {
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../rulebooks/shangrao.toml")).unwrap()
    }

    fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = dir.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        dir
    }

    #[test]
    fn built_in_law_is_whole() {
        let law = Law::load(None).unwrap();
        assert!(law.ids().any(|id| id == "shangrao"));
        assert!((2018..=2026).all(|y| law.calendar().knows(y)));
        assert!(law.catalogue("shangrao").is_some_and(|c| c.entry.len() >= 20));
        assert!(law.units("shangrao").contains_key("chengguan"));
        assert!(law.units("nowhere").is_empty() && law.catalogue("nowhere").is_none());
        assert!(!law.calendar_without(&[2026]).unwrap().knows(2026));
    }

    /// Cargo does not notice a new file in an embedded folder; this does.
    #[test]
    fn every_file_is_embedded() {
        for (folder, embedded) in files::embedded_names() {
            let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(folder);
            let mut on_disk: Vec<String> =
                std::fs::read_dir(dir).unwrap().map(|f| f.unwrap().file_name().into_string().unwrap()).collect();
            on_disk.sort();
            assert_eq!(embedded, on_disk, "touch crates/server/src/law/files.rs to embed {folder} anew");
        }
    }

    #[test]
    fn every_catalogue_fits_its_units() {
        let law = Law::load(None).unwrap();
        for (id, versions) in &law.catalogues {
            for catalogue in versions {
                let faults = catalogue.faults_against(law.units(id), law.versions(id).last());
                assert!(faults.is_empty(), "{id}: {faults:?}");
            }
        }
    }

    #[test]
    fn the_version_in_force_holds() {
        let second =
            shangrao().replace("version   = 1", "version   = 2").replace("in_force  = 2022", "in_force  = 2025");
        let dir = folder(&[("rulebooks/shangrao-2.toml", &second)]);
        let law = Law::load(Some(dir.path())).unwrap();
        let on = |day| law.in_force("shangrao", day).map(|b| b.rulebook.version);
        assert_eq!(on(date(2021, 6, 1)), Some(1), "before the first: the lowest");
        assert_eq!(on(date(2024, 12, 31)), Some(1));
        assert_eq!(on(date(2025, 1, 1)), Some(2), "on the day itself");
        assert_eq!(law.book("shangrao", 2).map(|b| b.rulebook.version), Some(2));
        assert_eq!(law.book("shangrao", 3).map(|b| b.rulebook.version), None);
        assert_eq!(law.in_force("nowhere", date(2025, 1, 1)).map(|b| b.rulebook.version), None);
    }

    #[test]
    fn every_version_of_a_catalogue_is_kept() {
        let one = |version: u32, day: &str, lead: &str| {
            format!(
                "[catalogue]\nrulebook = \"shangrao\"\nversion = {version}\nin_force = {day}\n\
                 [[entry]]\nid = \"CG-1\"\nmatter = \"路灯\"\nlead = \"{lead}\"\n"
            )
        };
        let dir = folder(&[
            ("rulebooks/shangrao-catalogue-2.toml", &one(2, "2026-07-01", "zhujian")),
            ("rulebooks/shangrao-catalogue-own.toml", &one(1, "2020-01-01", "gongan")),
        ]);
        let law = Law::load(Some(dir.path())).unwrap();
        assert_eq!(law.catalogues("shangrao").len(), 2, "the same version is replaced, another is added");
        let lead = |c: Option<&Catalogue>| c.and_then(|c| c.entry("CG-1")).map(|e| e.lead.clone()).unwrap_or_default();
        assert_eq!(lead(law.catalogue_version("shangrao", 1)), "gongan");
        assert_eq!(lead(law.catalogue("shangrao")), "zhujian");
        let on = |day| lead(law.catalogue_in_force("shangrao", day));
        assert_eq!(on(date(2019, 12, 31)), "gongan", "before the first: the lowest");
        assert_eq!(on(date(2026, 6, 30)), "gongan");
        assert_eq!(on(date(2026, 7, 1)), "zhujian", "on the day itself");
        assert!(law.catalogue_version("shangrao", 3).is_none() && law.catalogue("nowhere").is_none());

        let dir = folder(&[
            ("rulebooks/a-catalogue.toml", &one(2, "2026-07-01", "zhujian")),
            ("rulebooks/b-catalogue.toml", &one(2, "2026-07-01", "gongan")),
        ]);
        let error = Law::load(Some(dir.path())).unwrap_err().to_string();
        assert!(
            error.contains("b-catalogue.toml 第3行：“shangrao”派单目录第2版与 ") && error.contains("重复"),
            "{error}"
        );
    }

    #[test]
    fn own_files_go_before() {
        let own = shangrao().replace("place     = \"上饶市\"", "place     = \"某市\"");
        let notice = "year = 2026\ntitle = \"改\"\nsource = [\"https://example.org\"]\n[[holiday]]\nname = \"试\"\n\
                      off = [\"2026-09-30\"]\nwork = []\n";
        let dir = folder(&[("rulebooks/own.toml", &own), ("calendars/2026.toml", notice)]);
        let law = Law::load(Some(dir.path())).unwrap();
        assert_eq!(law.versions("shangrao").len(), 1);
        assert_eq!(law.versions("shangrao")[0].rulebook.place, "某市");
        assert_eq!(law.calendar().source(2026).map(|(title, _)| title), Some("改"));
        assert!(law.calendar().knows(2025));
    }

    #[test]
    fn errors_name_file_and_line() {
        let twice = "year = 2030\ntitle = \"甲\"\nsource = []\n[[holiday]]\nname = \"试\"\noff = [\"2030-01-01\"]\n\
                     work = [\"2030-01-01\"]\n";
        let dir = folder(&[
            ("rulebooks/a.toml", &shangrao()),
            ("rulebooks/b.toml", &shangrao()),
            ("calendars/2030.toml", twice),
            ("calendars/2031.toml", "year = 2031\nname = \"x\"\n"),
        ]);
        let error = Law::load(Some(dir.path())).unwrap_err().to_string();
        assert!(error.contains("b.toml 第") && error.contains("a.toml"), "{error}");
        assert!(error.contains("2030.toml 第7行：") && error.contains("既列为放假又列为上班"), "{error}");
        assert!(error.contains("2031.toml 第2行：不认识的键“name”"), "{error}");
    }

    #[test]
    fn a_folder_without_law_is_fine() {
        let dir = folder(&[("jiesu.db", "")]);
        assert!(Law::load(Some(dir.path())).is_ok());
        assert!(Law::load(Some(&dir.path().join("not-there"))).is_ok());
    }
}
