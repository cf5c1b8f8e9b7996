//! From a row to a ticket, by the map. Plain: the same row, map and instant give the same ticket.

mod history;
mod names;

use std::{collections::BTreeMap, path::Path};

use jiesu_domain::{Instant, Kind, ticket::Register, words::Contact};
use sm3::{Digest, Sm3};

use self::names::Names;
use super::{
    clean,
    map::{Choice, Map, Within, WordRule},
    read::{Cell, Row},
    time,
};
use crate::app::{Appellant, NewTicket};

pub use names::ShapeError;

/// The domain's limit of a title; a test holds that a title of this length is taken.
const TITLE_MOST: usize = 200;
/// A title made from the content.
const TITLE_FROM_CONTENT: usize = 30;
const ID_MOST: usize = 200;

/// A map laid on a table: every column it names is there.
#[derive(Debug)]
pub struct Shape {
    map: Map,
    at: BTreeMap<String, usize>,
    /// All columns with their places, by name: the order in which a row is hashed.
    sorted: Vec<(String, usize)>,
    names: Option<Names>,
}

/// A row as a ticket.
#[derive(Debug)]
pub struct Entry {
    pub row: u64,
    /// The source's number; empty if it has none.
    pub id: String,
    /// What tells the row again within its source.
    pub key: String,
    /// Of the whole row.
    pub digest: String,
    pub new: NewTicket,
    /// It is of a kind that is only recorded, and what the source did with it is left behind.
    pub history_left: bool,
}

/// A row that is not taken, and why; in Chinese, without a word of the row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reject {
    pub row: u64,
    pub id: String,
    pub reason: String,
}

impl Shape {
    /// Lays a map on a table. `folder` is the table's: the map's file of names stands beside it.
    ///
    /// # Errors
    /// A column is missing or there twice, or the names cannot be read.
    pub fn new(map: Map, columns: &[String], folder: &Path) -> Result<Shape, ShapeError> {
        let named = map.named();
        let mut missing: Vec<&str> = named.iter().copied().filter(|c| !columns.iter().any(|have| have == c)).collect();
        missing.dedup();
        if !missing.is_empty() {
            return Err(ShapeError::Missing { missing: quoted(&missing), have: columns.join("、") });
        }
        if let Some(twice) = named.iter().find(|c| columns.iter().filter(|have| have == *c).count() > 1) {
            return Err(ShapeError::Twice((*twice).to_owned()));
        }
        let names =
            map.history.as_ref().and_then(|h| h.units.as_ref()).map(|file| Names::load(folder, file)).transpose()?;
        let mut sorted: Vec<(String, usize)> = columns.iter().cloned().zip(0..).collect();
        sorted.sort();
        Ok(Shape { map, at: sorted.iter().cloned().collect(), sorted, names })
    }

    pub fn map(&self) -> &Map {
        &self.map
    }

    /// The ticket that a row is.
    ///
    /// # Errors
    /// Why it is none.
    pub fn entry(&self, row: &Row, now: Instant) -> Result<Entry, Reject> {
        let id = self.line(row, self.map.columns.id.as_deref());
        self.read(row, id.clone(), now).map_err(|reason| Reject {
            row: row.number,
            id: clean::cut(&id, ID_MOST),
            reason,
        })
    }

    fn read(&self, row: &Row, id: String, now: Instant) -> Result<Entry, String> {
        if id.chars().count() > ID_MOST {
            return Err(format!("编号过长，最多{ID_MOST}字"));
        }
        let c = &self.map.columns;
        let received = self.past(row, &c.received, "收到时间", now)?.ok_or("收到时间为空")?;
        let (title, content) = self.wording(row)?;
        let kind = self.kind(row, &title, &content)?;
        let channel = self.choice(row, &self.map.channel, "渠道")?;
        let history = self.history(row, received, now)?;
        let history_left = history.is_some() && !kind.dispatchable();
        if history_left && history.as_ref().is_some_and(|h| h.reply.is_some()) {
            return Err(format!("“{kind}”类只作记录，带不进答复；请在对照表中改定类别"));
        }
        let appellant = self.appellant(row);
        let digest = self.digest(row);
        let key = if id.is_empty() { format!("row:{digest}") } else { id.clone() };
        let optional = |column: &Option<String>| Some(self.line(row, column.as_deref())).filter(|s| !s.is_empty());
        let register = Register {
            kind,
            urgent: false,
            confidential: false,
            title,
            content,
            place: optional(&c.place),
            category: optional(&c.category),
            channel,
            // Who left no number cannot be asked by phone.
            follow_up_by: if appellant.phone.is_some() { Contact::Phone } else { Contact::Web },
            earlier: Vec::new(),
        };
        let source = Some((self.map.source.clone(), key.clone()));
        let history = history.filter(|_| !history_left);
        let new = NewTicket { register, appellant, received_at: Some(received), source, history };
        Ok(Entry { row: row.number, id, key, digest, new, history_left })
    }

    /// Title and content, neither of them empty and nothing of them lost.
    fn wording(&self, row: &Row) -> Result<(String, String), String> {
        let title = self.line(row, Some(&self.map.columns.title));
        let content = clean::text(&self.cell(row, &self.map.columns.content).text());
        match (title.is_empty(), content.is_empty()) {
            (true, true) => Err("标题和内容都为空".into()),
            (true, false) => Ok((clean::cut(&clean::line(&content), TITLE_FROM_CONTENT), content)),
            (false, true) if title.chars().count() <= TITLE_MOST => Ok((title.clone(), title)),
            (false, true) => Ok((clean::cut(&title, TITLE_MOST), title)),
            (false, false) if title.chars().count() <= TITLE_MOST => Ok((title, content)),
            (false, false) => Ok((clean::cut(&title, TITLE_MOST), format!("{title}\n\n{content}"))),
        }
    }

    fn kind(&self, row: &Row, title: &str, content: &str) -> Result<Kind, String> {
        let rule = &self.map.kind;
        let says = |w: &&WordRule| {
            let within = |text: &str| w.any.iter().any(|word| text.contains(word.as_str()));
            (w.within != Within::Content && within(title)) || (w.within != Within::Title && within(content))
        };
        if let Some(found) = rule.words.iter().find(says) {
            return Ok(found.kind);
        }
        let choice = Choice { column: rule.column.clone(), values: rule.values.clone(), default: rule.default };
        self.choice(row, &choice, "诉求类别")
    }

    /// A code that the map does not list fails loudly, unless the map has a default.
    fn choice<T: Copy>(&self, row: &Row, choice: &Choice<T>, what: &str) -> Result<T, String> {
        let listed = choice.column.as_ref().and_then(|c| choice.values.get(&self.line(row, Some(c))));
        listed.copied().or(choice.default).ok_or_else(|| format!("{what}的值不在对照表中"))
    }

    fn appellant(&self, row: &Row) -> Appellant {
        let p = &self.map.person;
        let given = |column: &Option<String>| Some(self.line(row, column.as_deref())).filter(|s| !s.is_empty());
        let platform = p.platform.as_ref().unwrap_or(&self.map.source);
        Appellant {
            name: given(&p.name),
            phone: given(&p.phone),
            email: given(&p.email),
            address: given(&p.address),
            // Ids of two platforms may look alike.
            external_id: given(&p.id).map(|id| format!("{platform}:{id}")),
            // Not taken over: what the matter needs is asked anew.
            id_number: None,
        }
    }

    /// A time that cannot be in the future; `None` for an empty cell.
    fn past(&self, row: &Row, column: &str, what: &str, now: Instant) -> Result<Option<Instant>, String> {
        match self.time(row, column, what)? {
            Some(at) if at > now => Err(format!("{what}晚于现在")),
            at => Ok(at),
        }
    }

    fn time(&self, row: &Row, column: &str, what: &str) -> Result<Option<Instant>, String> {
        let cell = self.cell(row, column);
        if cell.text().trim().is_empty() {
            return Ok(None);
        }
        match time::read(cell, &self.map.time.formats) {
            Some(at) if at < time::earliest() => Err(format!("{what}早于2000年")),
            Some(at) => Ok(Some(at)),
            None => Err(format!("{what}读不懂：不合对照表中的时间格式")),
        }
    }

    fn line(&self, row: &Row, column: Option<&str>) -> String {
        column.map_or_else(String::new, |column| clean::line(&self.cell(row, column).text()))
    }

    fn cell<'r>(&self, row: &'r Row, column: &str) -> &'r Cell {
        self.at.get(column).and_then(|at| row.cells.get(*at)).unwrap_or(&Cell::Empty)
    }

    /// SM3 over the filled cells with their columns: the order of the columns, and columns added empty, do not matter.
    fn digest(&self, row: &Row) -> String {
        let mut hash = Sm3::new();
        for (column, at) in &self.sorted {
            let value = row.cells.get(*at).map(Cell::text).unwrap_or_default();
            if !value.is_empty() {
                for part in [column, &value] {
                    hash.update((part.len() as u64).to_be_bytes());
                    hash.update(part);
                }
            }
        }
        hash.finalize().iter().map(|b| format!("{b:02x}")).collect()
    }
}

fn quoted(names: &[&str]) -> String {
    names.iter().map(|n| format!("“{n}”")).collect::<Vec<_>>().join("、")
}
