//! Where the files are, what each is, and one layer of them: the built-in ones, or a folder's.

use std::{
    collections::BTreeMap,
    io::ErrorKind,
    path::{Path, PathBuf},
};

use jiesu_domain::{
    Calendar, Catalogue, Rulebook,
    calendar::{CalendarError, Notice},
    rulebook::{RulebookError, RulebookErrors, line_of, parse_toml},
};
use rust_embed::RustEmbed;
use sm3::{Digest, Sm3};

use super::{LawError, UnitsFile};
use crate::app::hex;

#[derive(RustEmbed)]
#[folder = "../../rulebooks"]
struct BuiltInRulebooks;

#[derive(RustEmbed)]
#[folder = "../../calendars"]
struct BuiltInCalendars;

const RULEBOOKS: &str = "rulebooks";
const CALENDARS: &str = "calendars";

/// What a file of law is, by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    Rulebook,
    Catalogue,
    Units,
    Notice,
}

impl FileKind {
    /// `…-units.toml`, `…-catalogue.toml` and `…-catalogue-2.toml` by what their names end in, a notice by its year (`2026.toml`);
    /// everything else is a rulebook.
    pub fn of(path: &Path) -> FileKind {
        let stem = path.file_stem().map(|s| s.to_string_lossy()).unwrap_or_default();
        let catalogue =
            stem.split_once("-catalogue").is_some_and(|(_, which)| which.is_empty() || which.starts_with('-'));
        if stem.ends_with("-units") {
            FileKind::Units
        } else if catalogue {
            FileKind::Catalogue
        } else if stem.len() == 4 && stem.bytes().all(|b| b.is_ascii_digit()) {
            FileKind::Notice
        } else {
            FileKind::Rulebook
        }
    }
}

/// Reads a text file; the error is a Chinese sentence that names it.
///
/// # Errors
/// It is not there, may not be read, or is not UTF-8.
pub fn read_text(path: &Path) -> Result<String, String> {
    std::fs::read_to_string(path).map_err(|e| format!("{}：{}", path.display(), why_unreadable(&e)))
}

fn why_unreadable(e: &std::io::Error) -> String {
    match e.kind() {
        ErrorKind::NotFound => "文件不存在".into(),
        ErrorKind::PermissionDenied => "没有读取权限".into(),
        ErrorKind::IsADirectory => "是目录，不是文件".into(),
        ErrorKind::InvalidData => "不是 UTF-8 编码的文本，请另存为 UTF-8".into(),
        _ => format!("读取失败（{e}）"),
    }
}

/// Reads and checks one year's notice.
///
/// # Errors
/// It does not fit the format, or contradicts itself; with the line.
pub fn parse_notice(file: &str, text: &str) -> Result<Notice, RulebookError> {
    let notice: Notice = parse_toml(file, text)?;
    let Err(error) = Calendar::new(std::slice::from_ref(&notice)) else { return Ok(notice) };
    // The calendar knows no lines: the last place where the date is written is the one that contradicts.
    let date = match &error {
        CalendarError::Contradiction { date, .. } | CalendarError::OtherYear { date, .. } => date.to_string(),
        CalendarError::OutOfRange(date) => date.clone(),
        _ => String::new(),
    };
    let line = if date.is_empty() { None } else { text.lines().enumerate().filter(|(_, l)| l.contains(&date)).last() };
    Err(RulebookError { file: file.to_owned(), line: line.map_or(1, |(i, _)| i + 1), message: error.to_string() })
}

/// A version of a catalogue, so that it is not taken for one of a rulebook.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct CatalogueVersion(u32);

/// A value and the file it came from.
pub(super) struct Found<V> {
    file: String,
    /// SM3 of the text, in hex.
    digest: String,
    pub(super) value: V,
}

/// Digests of the texts of law: by place, and those that are everybody's.
#[derive(Clone, Debug, Default)]
pub(super) struct Digests {
    places: BTreeMap<String, BTreeMap<String, String>>,
    notices: BTreeMap<String, String>,
}

impl Digests {
    fn of(&mut self, place: &str) -> &mut BTreeMap<String, String> {
        self.places.entry(place.to_owned()).or_default()
    }

    pub(super) fn under(&self, place: &str) -> BTreeMap<String, String> {
        let mut all = self.notices.clone();
        all.extend(self.places.get(place).cloned().unwrap_or_default());
        all
    }
}

/// Files that stand side by side: none may say what another one says.
#[derive(Default)]
pub(super) struct Layer {
    pub(super) notices: BTreeMap<i16, Found<Notice>>,
    pub(super) books: BTreeMap<(String, u32), Found<Rulebook>>,
    pub(super) catalogues: BTreeMap<(String, CatalogueVersion), Found<Catalogue>>,
    pub(super) units: BTreeMap<String, Found<UnitsFile>>,
    faults: Vec<RulebookError>,
}

impl Layer {
    /// What is embedded in the binary.
    pub(super) fn built_in() -> Result<Layer, LawError> {
        let mut layer = Layer::default();
        for name in BuiltInRulebooks::iter() {
            layer.take_embedded(RULEBOOKS, &name, BuiltInRulebooks::get(&name))?;
        }
        for name in BuiltInCalendars::iter() {
            layer.take_embedded(CALENDARS, &name, BuiltInCalendars::get(&name))?;
        }
        layer.finish()
    }

    /// What stands in a folder's `rulebooks/` and `calendars/`.
    pub(super) fn of_folder(dir: &Path) -> Result<Layer, LawError> {
        let mut layer = Layer::default();
        for folder in [RULEBOOKS, CALENDARS] {
            for path in toml_files(&dir.join(folder))? {
                let text = read_text(&path).map_err(LawError::Read)?;
                layer.take(folder, &path.display().to_string(), &text);
            }
        }
        layer.finish()
    }

    fn take_embedded(
        &mut self,
        folder: &str,
        name: &str,
        file: Option<rust_embed::EmbeddedFile>,
    ) -> Result<(), LawError> {
        let shown = format!("内置 {folder}/{name}");
        let data = file.map(|f| f.data).unwrap_or_default();
        let text = std::str::from_utf8(&data).map_err(|_| LawError::Read(format!("{shown}：不是 UTF-8 编码的文本")))?;
        if name.ends_with(".toml") {
            self.take(folder, &shown, text);
        }
        Ok(())
    }

    fn take(&mut self, folder: &str, file: &str, text: &str) {
        let taken = match (folder, FileKind::of(Path::new(file))) {
            (CALENDARS, _) => parse_notice(file, text)
                .map_err(|e| RulebookErrors(vec![e]))
                .and_then(|n| put(&mut self.notices, n.year, file, (text, line_of(text, &at(&["year"]))), n)),
            (_, FileKind::Catalogue) => Catalogue::parse(file, text).and_then(|c| {
                let line = line_of(text, &at(&["catalogue", "version"]));
                let key = (c.catalogue.rulebook.clone(), CatalogueVersion(c.catalogue.version));
                put(&mut self.catalogues, key, file, (text, line), c)
            }),
            (_, FileKind::Units) => UnitsFile::parse(file, text).and_then(|u| {
                let line = line_of(text, &at(&["units", "rulebook"]));
                put(&mut self.units, u.units.rulebook.clone(), file, (text, line), u)
            }),
            _ => Rulebook::parse(file, text).and_then(|b| {
                let line = line_of(text, &at(&["rulebook", "version"]));
                put(&mut self.books, (b.rulebook.id.clone(), b.rulebook.version), file, (text, line), b)
            }),
        };
        if let Err(RulebookErrors(faults)) = taken {
            self.faults.extend(faults);
        }
    }

    fn finish(self) -> Result<Layer, LawError> {
        if self.faults.is_empty() { Ok(self) } else { Err(LawError::Files(RulebookErrors(self.faults))) }
    }

    /// Of each rulebook, catalogue, list of units and notice of a place, what it is and the digest of its text.
    pub(super) fn digests(&self) -> Digests {
        let mut all = Digests::default();
        for ((id, version), found) in &self.books {
            all.of(id).insert(format!("rulebook {version}"), found.digest.clone());
        }
        for ((id, CatalogueVersion(version)), found) in &self.catalogues {
            all.of(id).insert(format!("catalogue {version}"), found.digest.clone());
        }
        for (id, found) in &self.units {
            all.of(id).insert("units".into(), found.digest.clone());
        }
        all.notices = self.notices.iter().map(|(year, n)| (format!("notice {year}"), n.digest.clone())).collect();
        all
    }

    /// The other layer's files take the place of the same ones here.
    pub(super) fn put_before(&mut self, other: Layer) {
        self.notices.extend(other.notices);
        self.books.extend(other.books);
        self.catalogues.extend(other.catalogues);
        self.units.extend(other.units);
    }
}

fn at(path: &[&str]) -> Vec<String> {
    path.iter().map(|s| (*s).to_owned()).collect()
}

fn put<K: Ord + Shown, V>(
    map: &mut BTreeMap<K, Found<V>>,
    key: K,
    file: &str,
    (text, line): (&str, usize),
    value: V,
) -> Result<(), RulebookErrors> {
    if let Some(before) = map.get(&key) {
        let message = format!("{}与 {} 重复，只能保留其中一个文件", key.shown(), before.file);
        return Err(RulebookErrors(vec![RulebookError { file: file.to_owned(), line, message }]));
    }
    map.insert(key, Found { file: file.to_owned(), digest: hex(&Sm3::digest(text.as_bytes())), value });
    Ok(())
}

/// How a key is named in an error.
trait Shown {
    fn shown(&self) -> String;
}

impl Shown for i16 {
    fn shown(&self) -> String {
        format!("{self}年的放假通知")
    }
}

impl Shown for String {
    fn shown(&self) -> String {
        format!("“{self}”的单位名录")
    }
}

impl Shown for (String, u32) {
    fn shown(&self) -> String {
        format!("办法“{}”第{}版", self.0, self.1)
    }
}

impl Shown for (String, CatalogueVersion) {
    fn shown(&self) -> String {
        format!("“{}”派单目录第{}版", self.0, self.1.0)
    }
}

/// The TOML files of a folder, sorted; a folder that is not there has none.
fn toml_files(dir: &Path) -> Result<Vec<PathBuf>, LawError> {
    let unreadable = |e: std::io::Error| LawError::Read(format!("{}：{}", dir.display(), why_unreadable(&e)));
    let entries = match std::fs::read_dir(dir) {
        Ok(entries) => entries,
        Err(e) if e.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(e) => return Err(unreadable(e)),
    };
    let mut files = Vec::new();
    for entry in entries {
        let path = entry.map_err(unreadable)?.path();
        if path.extension().is_some_and(|e| e == "toml") && path.is_file() {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// Names of the embedded files, by folder.
#[cfg(test)]
pub(super) fn embedded_names() -> [(&'static str, Vec<String>); 2] {
    let sorted = |mut names: Vec<String>| {
        names.sort();
        names
    };
    let books = BuiltInRulebooks::iter().map(|n| n.into_owned()).collect();
    let years = BuiltInCalendars::iter().map(|n| n.into_owned()).collect();
    [(RULEBOOKS, sorted(books)), (CALENDARS, sorted(years))]
}
