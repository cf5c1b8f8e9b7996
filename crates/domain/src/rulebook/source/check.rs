//! Holding a rulebook's citations against the text: nothing cited that is not there, and nothing there that nobody looked at.

use toml::{Table, Value};

use super::{Place, Shape, Source};

/// A rule's citation and where in the file it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Citation {
    /// For [`super::super::line_of`].
    pub path: Vec<String>,
    pub article: String,
}

/// An entry of `[[not_encoded]]`: a place that no rule of the file carries out, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    pub article: String,
    pub reason: String,
}

/// How much a finding weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    Error,
    /// Worth a look, and no fault by itself.
    Note,
}

/// One thing found, and where in the rulebook it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    pub severity: Severity,
    /// For [`super::super::line_of`]; what is missing altogether points at `[[not_encoded]]`.
    pub path: Vec<String>,
    /// In Chinese.
    pub message: String,
}

/// What came of the check.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Checked {
    pub findings: Vec<Finding>,
    /// Places that must each be cited or listed.
    pub units: usize,
    /// Of these, cited themselves or in part.
    pub cited: usize,
    /// Of these, listed as not encoded and not cited.
    pub listed: usize,
}

impl Checked {
    pub fn errors(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|f| f.severity == Severity::Error)
    }

    pub fn notes(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|f| f.severity == Severity::Note)
    }
}

const NOT_ENCODED: &str = "not_encoded";

/// Every `article` of a rulebook's file, and its `[[not_encoded]]`. Works on the file as written, whatever sections it has.
pub fn citations(file: &Table) -> (Vec<Citation>, Vec<Listed>) {
    let mut cited = Vec::new();
    for (key, value) in file.iter().filter(|(key, _)| *key != NOT_ENCODED) {
        walk(value, &mut vec![key.clone()], &mut cited);
    }
    let entries = file.get(NOT_ENCODED).and_then(Value::as_array).into_iter().flatten();
    let text = |entry: &Value, key: &str| entry.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let listed = entries.map(|e| Listed { article: text(e, "article"), reason: text(e, "reason") }).collect();
    (cited, listed)
}

fn walk(value: &Value, path: &mut Vec<String>, out: &mut Vec<Citation>) {
    let mut below = |key: String, value: &Value| {
        path.push(key);
        match value {
            Value::String(article) if path.last().is_some_and(|k| k == "article") && !article.trim().is_empty() => {
                out.push(Citation { path: path.clone(), article: article.clone() });
            }
            value => walk(value, path, out),
        }
        path.pop();
    };
    match value {
        Value::Table(table) => table.iter().for_each(|(key, value)| below(key.clone(), value)),
        Value::Array(items) => items.iter().enumerate().for_each(|(i, item)| below(i.to_string(), item)),
        _ => {}
    }
}

/// Holds citations against the text.
///
/// A rule that cites an item covers its article as far as the question goes whether anybody looked at it; items beside it that nobody
/// names are told as notes. A rule that cites a whole article does not contradict an entry that says of one item that it is not encoded.
pub fn check(source: &Source, cited: &[Citation], not_encoded: &[Listed]) -> Checked {
    let mut check = Check { source, cited: Vec::new(), listed: Vec::new(), out: Checked::default() };
    if source.places().is_empty() {
        check.add(Severity::Error, &[], "没有从原文中认出条文、部分或小标题，请核对是不是办法的原文".to_owned());
        return check.out;
    }
    check.numbering();
    check.resolve(cited, not_encoded);
    check.contradictions(not_encoded);
    check.coverage();
    check.siblings();
    check.out
}

struct Check<'s> {
    source: &'s Source,
    cited: Vec<&'s Place>,
    /// With the index of the entry.
    listed: Vec<(usize, &'s Place)>,
    out: Checked,
}

impl<'s> Check<'s> {
    fn add(&mut self, severity: Severity, path: &[&str], message: String) {
        let path = path.iter().map(|s| (*s).to_owned()).collect();
        self.out.findings.push(Finding { severity, path, message });
    }

    /// A text with a hole may have lost a page.
    fn numbering(&mut self) {
        if self.source.shape == Shape::Headlines {
            return;
        }
        let tops: Vec<&Place> = self.source.places().iter().filter(|p| p.steps.len() == 1 && !p.is_paragraph).collect();
        let mut before = 0;
        for top in tops {
            let n = top.steps[0].n;
            if n != before + 1 {
                let message = format!("原文中“{}”之前缺{}处，请核对原文是否完整", top.name, n - before - 1);
                self.add(Severity::Note, &[], message);
            }
            before = n;
        }
    }

    fn resolve(&mut self, cited: &[Citation], not_encoded: &[Listed]) {
        let source = self.source;
        for citation in cited {
            match source.find(&citation.article) {
                Ok(places) => self.cited.extend(places),
                Err(why) => self.out.findings.push(Finding {
                    severity: Severity::Error,
                    path: citation.path.clone(),
                    message: format!("引用的条文{why}"),
                }),
            }
        }
        for (i, entry) in not_encoded.iter().enumerate() {
            let at = i.to_string();
            match source.find(&entry.article) {
                Ok(places) => self.listed.extend(places.into_iter().map(|p| (i, p))),
                Err(why) => self.add(Severity::Error, &[NOT_ENCODED, &at, "article"], format!("未编入的条文{why}")),
            }
            if entry.reason.trim().is_empty() {
                let message = format!("“{}”未编入的理由（reason）为空", entry.article.trim());
                self.add(Severity::Error, &[NOT_ENCODED, &at, "reason"], message);
            }
        }
    }

    fn contradictions(&mut self, not_encoded: &[Listed]) {
        for i in 0..not_encoded.len() {
            let at = i.to_string();
            let mine: Vec<&Place> = self.listed.iter().filter(|(n, _)| *n == i).map(|(_, p)| *p).collect();
            for (n, place) in mine.iter().enumerate() {
                let earlier =
                    self.listed.iter().filter(|(n, _)| *n < i).map(|(_, p)| *p).chain(mine[..n].iter().copied());
                let twice = earlier.into_iter().find(|p| p.holds(place) || place.holds(p));
                if let Some(twice) = twice {
                    let also =
                        if twice == *place { String::new() } else { format!("（另一处为“{}”）", twice.name) };
                    let message = format!("“{}”列为未编入两次{also}", place.name);
                    self.add(Severity::Error, &[NOT_ENCODED, &at, "article"], message);
                }
                let cited = names(self.cited.iter().copied().filter(|c| place.holds(c)));
                if !cited.is_empty() {
                    let message = format!("“{}”列为未编入，但有规则引用了{cited}", place.name);
                    self.add(Severity::Error, &[NOT_ENCODED, &at, "article"], message);
                }
            }
        }
    }

    fn is_cited(&self, place: &Place) -> bool {
        self.cited.iter().any(|c| c.holds(place) || place.holds(c))
    }

    fn is_listed(&self, place: &Place) -> bool {
        self.listed.iter().any(|(_, l)| l.holds(place))
    }

    fn children(&self, parent: &Place) -> impl Iterator<Item = &'s Place> {
        self.source.places().iter().filter(move |p| p.is_child_of(parent))
    }

    fn coverage(&mut self) {
        let source = self.source;
        for unit in source.units() {
            self.out.units += 1;
            let (left, named): (Vec<&Place>, Vec<&Place>) = self.children(unit).partition(|c| !self.is_listed(c));
            if self.is_cited(unit) {
                self.out.cited += 1;
            } else if self.is_listed(unit) || (left.is_empty() && !named.is_empty()) {
                self.out.listed += 1;
            } else {
                let what = format!("第{}行“{}”（{}）", unit.line, unit.name, unit.snippet());
                let message = if named.is_empty() {
                    format!("原文{what}既没有规则引用，也没有列入 [[not_encoded]]")
                } else {
                    format!("原文{what}没有规则引用，[[not_encoded]] 也只列了其中一部分，缺{}", names(left))
                };
                self.add(Severity::Error, &[NOT_ENCODED], message);
            }
        }
    }

    /// Beside what is cited, what nobody looked at.
    fn siblings(&mut self) {
        let source = self.source;
        for parent in source.places() {
            let children: Vec<&Place> = self.children(parent).filter(|c| !c.unit).collect();
            if !children.iter().any(|c| self.cited.iter().any(|cited| c.holds(cited))) {
                continue;
            }
            let silent = names(children.into_iter().filter(|c| !self.is_cited(c) && !self.is_listed(c)));
            if !silent.is_empty() {
                let message = format!(
                    "{silent}既没有规则引用，也没有列入 [[not_encoded]]（“{}”的其他项有规则引用）",
                    parent.name
                );
                self.add(Severity::Note, &[NOT_ENCODED], message);
            }
        }
    }
}

/// `“第十三条（一）”、“第十三条（八）”`, each once.
fn names<'p>(places: impl IntoIterator<Item = &'p Place>) -> String {
    let mut names: Vec<String> = Vec::new();
    for place in places {
        let name = format!("“{}”", place.name);
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names.join("、")
}
