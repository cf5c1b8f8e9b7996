//! A rulebook as a sheet that a legal office can hold against the regulation: every rule with its article, its parameters in words, a
//! worked example and our readings; what is not encoded and why; every limit at its boundary.
//!
//! Rules come from the file as written, so that a section added to the format is on the sheet without a change here. Nothing is
//! decided here: examples are counted by `jiesu-domain`.

mod docx;
mod examples;
mod html;

use jiesu_domain::{
    Calendar, Instant, Rulebook,
    calendar::{CalendarError, Day},
    describe,
    rulebook::{labels, line_of, parameters, source},
};
use toml::{Table, Value};

pub use docx::{DocxError, docx};
pub use html::html;
pub use jiesu_domain::rulebook::parameters::Parameter;

use examples::{Desk, STARTS};

/// A longer name is a parameter and not part of the rule's title.
const LONGEST_NAME: usize = 12;

/// In the place of an article, where only our reading carries the rule.
const NOT_SAID: &str = "条文未规定";

/// Everything on a sheet, in the order in which it is read.
#[derive(Clone, Debug)]
pub struct Sheet {
    /// `《…》（征求意见稿）`.
    pub title: String,
    pub head: Vec<Parameter>,
    pub rules: Vec<Row>,
    pub not_encoded: Vec<NotEncoded>,
    pub boundaries: Vec<Boundary>,
    /// From when the examples are counted.
    pub starts: Vec<String>,
    /// The day the file was last held against the text, as RFC 3339.
    pub confirmed: String,
}

/// One rule.
#[derive(Clone, Debug)]
pub struct Row {
    pub article: String,
    pub rule: String,
    /// Its name in the file, where it has one.
    pub id: String,
    pub parameters: Vec<Parameter>,
    pub examples: Vec<String>,
    pub readings: Vec<Reading>,
}

/// What we read where the text is silent.
#[derive(Clone, Debug)]
pub struct Reading {
    pub question: String,
    pub answer: String,
    pub like: Option<String>,
    pub default: bool,
}

/// A place of the text that no rule carries out.
#[derive(Clone, Debug)]
pub struct NotEncoded {
    pub article: String,
    pub reason: String,
}

/// A limit at its end.
#[derive(Clone, Debug)]
pub struct Boundary {
    pub limit: String,
    pub id: String,
    pub amount: String,
    pub from: String,
    pub last_in_time: String,
    pub first_late: String,
}

impl Sheet {
    /// The sheet of a rulebook and the text of its file.
    ///
    /// # Errors
    /// An example leaves the calendar.
    pub fn of(book: &Rulebook, text: &str, cal: &Calendar) -> Result<Sheet, CalendarError> {
        // A rulebook that was parsed from this text is TOML; an empty table only makes an empty sheet.
        let file: Table = toml::from_str(text).unwrap_or_default();
        let desk = Desk { book, cal };
        let rules = rules(&desk, text, &file)?;
        let not_encoded = not_encoded(&file);
        let confirmed = describe::shanghai(Day::from_date(book.rulebook.confirmed).start());
        Ok(Sheet {
            title: title(book),
            head: head(book, cal, &rules, &not_encoded),
            rules,
            not_encoded,
            boundaries: boundaries(&desk)?,
            confirmed,
            starts: STARTS
                .iter()
                .map(|s| format!("{}（{}）", describe::instant_words(*s), Day::of(*s).weekday_zh()))
                .collect(),
        })
    }
}

fn title(book: &Rulebook) -> String {
    let status = book.rulebook.status.as_ref().map_or_else(String::new, |s| format!("（{s}）"));
    format!("《{}》{status}", book.rulebook.name)
}

fn head(book: &Rulebook, cal: &Calendar, rules: &[Row], not_encoded: &[NotEncoded]) -> Vec<Parameter> {
    let head = &book.rulebook;
    let date = |d: jiff::civil::Date| format!("{}年{}月{}日", d.year(), d.month(), d.day());
    let silent = rules.iter().filter(|r| r.article == NOT_SAID).count();
    let defaults = book.assume.iter().filter(|a| a.default).count();
    let notice = cal.source(2026).map_or_else(|| "2026年放假通知尚未公布".to_owned(), |(title, _)| title.to_owned());
    [
        ("地方", head.place.clone()),
        ("状态", head.status.clone().unwrap_or_else(|| "现行".to_owned())),
        ("版本", format!("{} 第{}版", head.id, head.version)),
        ("施行", date(head.in_force)),
        ("最近核对", date(head.confirmed)),
        ("规则", format!("{}条，其中条文未规定的{silent}条", rules.len())),
        ("我们的理解", format!("{}条，其中默认值{defaults}条", book.assume.len())),
        ("未编入的条文", format!("{}处", not_encoded.len())),
        ("算例所用日历", notice),
    ]
    .into_iter()
    .map(|(label, value)| Parameter { label: label.to_owned(), value })
    .collect()
}

/// Every rule in the order of the articles; those that cite by headline as the file has them; last, those the text does not know.
fn rules(desk: &Desk<'_>, text: &str, file: &Table) -> Result<Vec<Row>, CalendarError> {
    let mut found: Vec<(Vec<String>, &Table)> = Vec::new();
    for (key, value) in file.iter().filter(|(k, _)| !["rulebook", "assume", "not_encoded"].contains(&k.as_str())) {
        collect(vec![key.clone()], value, &mut found);
    }
    let mut rows = Vec::new();
    for (path, rule) in found {
        let row = row(desk, &path, rule)?;
        let order = source::order(&row.article);
        let group = if row.article == NOT_SAID { 2 } else { u8::from(order.is_none()) };
        rows.push(((group, order.unwrap_or_default(), line_of(text, &path)), row));
    }
    rows.sort_by(|(a, _), (b, _)| a.cmp(b));
    Ok(rows.into_iter().map(|(_, row)| row).collect())
}

/// A section, each table of an array of them, and rules inside.
fn collect<'f>(path: Vec<String>, value: &'f Value, out: &mut Vec<(Vec<String>, &'f Table)>) {
    let below = |key: String| path.iter().cloned().chain([key]).collect::<Vec<_>>();
    match value {
        Value::Table(table) => {
            table.iter().filter(|(_, v)| parameters::is_rule(v)).for_each(|(k, v)| collect(below(k.clone()), v, out));
            out.push((path, table));
        }
        Value::Array(items) => items.iter().enumerate().for_each(|(i, item)| collect(below(i.to_string()), item, out)),
        _ => {}
    }
}

fn row(desk: &Desk<'_>, path: &[String], rule: &Table) -> Result<Row, CalendarError> {
    let section = path.first().map_or("", String::as_str);
    let said = |key: &str| rule.get(key).and_then(Value::as_str).unwrap_or_default().trim();
    let (name, named_by) = rule_name(section, rule);
    let inside: Vec<&str> =
        path.iter().skip(1).filter(|p| p.parse::<usize>().is_err()).map(|p| labels::section(p)).collect();
    let readings = rule.get("assume").and_then(Value::as_array).into_iter().flatten();
    Ok(Row {
        article: if said("article").is_empty() { NOT_SAID.to_owned() } else { said("article").to_owned() },
        rule: [&[name.as_str()][..], &inside].concat().join("："),
        id: said("id").to_owned(),
        parameters: parameters::parameters(section, rule, named_by),
        examples: desk.of(section, rule)?,
        readings: readings
            .filter_map(|id| desk.book.reading(id.as_str()?))
            .map(|a| Reading {
                question: a.question.clone(),
                answer: a.answer.clone(),
                like: a.like.clone(),
                default: a.default,
            })
            .collect(),
    })
}

/// What a rule is called, and the keys that are said by it.
fn rule_name(section: &str, rule: &Table) -> (String, &'static [&'static str]) {
    let label = labels::section(section);
    let said = |key: &str| rule.get(key).and_then(Value::as_str);
    let named = |key: &str| said(key).map(|code| labels::code(key, code).unwrap_or(code).to_owned());
    match section {
        "limit" => (format!("{}时限", named("clock").unwrap_or_default()), &["clock"]),
        "message" => (format!("{label}：{}时", named("on").unwrap_or_default()), &["on"]),
        _ => match (said("name").filter(|n| n.chars().count() <= LONGEST_NAME), named("ground")) {
            (Some(name), _) => (format!("{label}：{name}"), &["name"]),
            (None, Some(ground)) => (format!("{label}：{ground}"), &["ground"]),
            (None, None) => (label.to_owned(), &[]),
        },
    }
}

fn not_encoded(file: &Table) -> Vec<NotEncoded> {
    let (_, listed) = source::citations(file);
    let mut listed: Vec<NotEncoded> =
        listed.into_iter().map(|l| NotEncoded { article: l.article, reason: l.reason }).collect();
    listed.sort_by_key(|l| source::order(&l.article));
    listed
}

fn boundaries(desk: &Desk<'_>) -> Result<Vec<Boundary>, CalendarError> {
    let mut list = Vec::new();
    for rule in &desk.book.limit {
        for (kinds, amount) in examples::amounts(rule) {
            for from in STARTS {
                let due = desk.clock(rule, amount, from)?.due;
                let before = Instant::from_second(due.as_second() - 1).unwrap_or(due);
                list.push(Boundary {
                    limit: format!("{}时限", rule.clock),
                    id: rule.id.clone(),
                    amount: format!("{kinds}{amount}"),
                    from: describe::instant_words(from),
                    last_in_time: moment(before),
                    first_late: moment(due),
                });
            }
        }
    }
    Ok(list)
}

/// `2026年5月6日 23:59:59`.
fn moment(at: Instant) -> String {
    format!("{}:{:02}", describe::instant_words(at), Day::second_of_day(at) % 60)
}

#[cfg(test)]
mod tests;
