//! How each proposal is made. The words go first where they say it plainly, then what the centre did before; for the department the
//! catalogue goes first. What was measured and is right too rarely is not proposed.

use std::collections::BTreeSet;

use jiesu_domain::{
    Kind,
    catalogue::{Catalogue, Entry},
};
use jiesu_text::{
    classify::tree::{Place, levels},
    propose::{self, Found, Sign},
};

use super::{Asked, Field, Known, LEAST, Learned, Proposal, Source, WordSpan};
use crate::app::App;

/// Characters that a model reads of a text: what matters is said before.
pub(super) const READ: usize = 600;

/// The beginning of a text that a model reads.
pub(super) fn read(text: &str) -> &str {
    text.char_indices().nth(READ).map_or(text, |(at, _)| &text[..at])
}

/// What a unit is learnt from and guessed by, besides the content: what was filled in by then.
pub(super) fn with_form(title: &str, category: Option<&str>, place: Option<&str>) -> String {
    [title, category.unwrap_or_default(), place.unwrap_or_default()].join("\n")
}

/// A catalogue's entry for what is asked: named by the category, or else by words of the text.
pub(super) fn entry_for<'c>(catalogue: &'c Catalogue, asked: &Asked<'_>) -> Option<(&'c Entry, bool)> {
    let category = asked.category.map(levels).and_then(|levels| levels.last().cloned());
    let fits = |e: &&Entry| e.kind.is_none() || asked.kind.is_none() || e.kind == asked.kind;
    let mut named = catalogue.entry.iter().filter(|e| category.as_deref() == Some(e.matter.as_str())).filter(fits);
    let named = named.clone().find(|e| e.kind.is_some() && e.kind == asked.kind).or_else(|| named.next());
    if let Some(entry) = named {
        return Some((entry, true));
    }
    let text = [asked.title, read(asked.content), category.as_deref().unwrap_or_default()].join("\n");
    catalogue.find(&text, asked.kind).into_iter().next().map(|entry| (entry, false))
}

/// A kind that a place's rulebook can record.
pub(super) fn takes(app: &App, kind: Kind) -> bool {
    !kind.dispatchable() || app.rulebook().accept.kinds.contains(&kind)
}

impl Known {
    fn learned(&self, field: Field) -> Option<&Learned> {
        self.learned.get(&field).map(|learned| &**learned)
    }

    /// Whether what rests on no model may be proposed, and how often it was right where that was measured.
    fn by_rule(&self, field: Field) -> Option<Option<f32>> {
        let measured = self.measured.get(&field).and_then(|share| share.measured());
        measured.is_none_or(|share| share >= LEAST).then_some(measured)
    }
}

impl App {
    pub(super) fn proposed(&self, known: &Known, asked: &Asked<'_>) -> Vec<Proposal> {
        let on = Field::ALL.into_iter().filter(|field| !known.off.contains(field));
        on.filter_map(|field| self.one(known, asked, field)).collect()
    }

    fn one(&self, known: &Known, asked: &Asked<'_>, field: Field) -> Option<Proposal> {
        match field {
            Field::Kind => self.kind(known, asked),
            Field::Category => learnt(known, Field::Category, asked.title, asked, |place| Some(place.label.clone())),
            Field::Place => place(known, asked),
            Field::Urgent => self.urgent(asked),
            Field::Confidential => confidential(asked),
            Field::Department => self.department(known, asked),
        }
    }

    fn kind(&self, known: &Known, asked: &Asked<'_>) -> Option<Proposal> {
        let named = |place: &Place| {
            place.label.parse::<Kind>().ok().filter(|kind| takes(self, *kind)).map(|k| k.zh().to_owned())
        };
        if let Some(proposal) = learnt(known, Field::Kind, asked.title, asked, named) {
            return Some(proposal);
        }
        let confidence = known.by_rule(Field::Kind)?;
        let (of, sign, kind) = kind_by_words(self, asked)?;
        let words = spans_of(|text| if of == text { sign.spans.clone() } else { Vec::new() });
        Some(Proposal { confidence, ..bare(Field::Kind, kind.code().into(), kind.zh().into(), words) })
    }

    /// Said aloud whatever its measure: an emergency that is missed costs more than a look.
    fn urgent(&self, asked: &Asked<'_>) -> Option<Proposal> {
        let emergency = &self.rulebook().emergency;
        if asked.kind.is_some_and(|kind| !emergency.kinds.contains(&kind)) {
            return None;
        }
        signed(Field::Urgent, asked, propose::urgent)
    }

    fn department(&self, known: &Known, asked: &Asked<'_>) -> Option<Proposal> {
        let units = self.units();
        let now = self.clock.now();
        let found = self.catalogue_of(None, now).and_then(|catalogue| entry_for(catalogue, asked));
        let by_catalogue = |(entry, named): (&Entry, bool)| {
            // What the category names is the centre's own word; what only looks alike has to have been right often enough.
            let confidence = if named { None } else { known.by_rule(Field::Department)? };
            let (lead, ..) = entry.units_at(asked.place);
            let unit = units.get(lead).filter(|unit| unit.active)?;
            let words = spans_of(|text| propose::spans(asked_text(asked, text), &[entry.matter.as_str()]));
            Some(Proposal {
                confidence,
                source: Source::Catalogue,
                source_name: Source::Catalogue.zh(),
                why: Some(format!("派单目录“{}”", entry.title())),
                entry: Some(entry.id.clone()),
                ..bare(Field::Department, lead.to_owned(), unit.name.clone(), words)
            })
        };
        let learnt = || {
            let form = with_form(asked.title, asked.category, asked.place);
            let named =
                |place: &Place| units.get(&place.label).filter(|unit| unit.active).map(|unit| unit.name.clone());
            learnt(known, Field::Department, &form, asked, named)
        };
        match found {
            Some((entry, true)) => by_catalogue((entry, true)).or_else(learnt),
            found => learnt().or_else(|| found.and_then(by_catalogue)),
        }
    }
}

/// The kind that the title names, else the content, if the centre can record it.
pub(super) fn kind_by_words(app: &App, asked: &Asked<'_>) -> Option<(&'static str, Sign, Kind)> {
    let of = |text: &'static str| propose::kind(asked_text(asked, text)).map(|sign| (text, sign));
    let (text, sign) = of("title").or_else(|| of("content"))?;
    let kind: Kind = sign.code.parse().ok()?;
    takes(app, kind).then_some((text, sign, kind))
}

/// What a model says, if it is sure; `named` gives its name where it still means something.
fn learnt(
    known: &Known,
    field: Field,
    title: &str,
    asked: &Asked<'_>,
    named: impl Fn(&Place) -> Option<String>,
) -> Option<Proposal> {
    let Learned { version, tree, share } = known.learned(field)?;
    // A model that was taken into use although it is right too rarely, as one before had to go, is silent.
    if share.is_some_and(|share| share < LEAST) {
        return None;
    }
    let content = read(asked.content);
    let place = tree.place(title, content, LEAST)?;
    let label = named(&place)?;
    let words: BTreeSet<&str> = tree.reasons(asked.title, content, &place.label).into_iter().collect();
    let words: Vec<&str> = words.into_iter().collect();
    let words = spans_of(|text| propose::spans(asked_text(asked, text), &words));
    Some(Proposal {
        // It may be surer of itself than it has a right to be.
        confidence: Some(share.map_or(place.confidence, |share| share.min(place.confidence))),
        source: Source::Learned,
        source_name: Source::Learned.zh(),
        version: *version,
        ..bare(field, place.label, label, words)
    })
}

fn place(known: &Known, asked: &Asked<'_>) -> Option<Proposal> {
    let confidence = known.by_rule(Field::Place)?;
    let (text, found) = place_by_words(&known.gazetteer, asked)?;
    let words = found.spans.iter().map(|span| WordSpan { text, start: span.start, length: span.length }).collect();
    let written = found.written();
    let why = (!found.rest.is_empty()).then(|| format!("区划：{}", found.names.concat()));
    Some(Proposal { confidence, why, ..bare(Field::Place, written.clone(), written, words) })
}

/// The division that title or content name: the more exact of both, the title's where they are as exact.
pub(super) fn place_by_words(gazetteer: &propose::Gazetteer, asked: &Asked<'_>) -> Option<(&'static str, Found)> {
    let of = |text: &'static str| gazetteer.find(asked_text(asked, text)).map(|found| (text, found));
    let exact = |found: &Found| (found.names.len(), !found.rest.is_empty());
    match (of("title"), of("content")) {
        // Two places that do not lie in each other are none.
        (Some((_, a)), Some((_, b))) if a.names.first() != b.names.first() => None,
        (Some(a), Some(b)) => Some(if exact(&b.1) > exact(&a.1) { b } else { a }),
        (a, b) => a.or(b),
    }
}

fn confidential(asked: &Asked<'_>) -> Option<Proposal> {
    signed(Field::Confidential, asked, propose::confidential)
}

/// A mark that signs in the texts ask for.
fn signed(field: Field, asked: &Asked<'_>, signs: impl Fn(&str) -> Vec<Sign>) -> Option<Proposal> {
    let found: Vec<(&'static str, Sign)> = ["title", "content"]
        .into_iter()
        .flat_map(|t| signs(asked_text(asked, t)).into_iter().map(move |s| (t, s)))
        .collect();
    let (_, first) = found.first()?;
    let mut names: Vec<&str> = found.iter().map(|(_, sign)| sign.name).collect();
    names.dedup();
    let (label, basis) = (names.join("、"), first.basis);
    let words =
        spans_of(|text| found.iter().filter(|(of, _)| *of == text).flat_map(|(_, s)| s.spans.clone()).collect());
    Some(Proposal { why: Some(format!("依据：{basis}")), ..bare(field, "true".into(), label, words) })
}

/// A proposal by words, without a measure.
pub(super) fn bare(field: Field, value: String, label: String, words: Vec<WordSpan>) -> Proposal {
    Proposal {
        field,
        value,
        label,
        confidence: None,
        source: Source::Words,
        source_name: Source::Words.zh(),
        version: 0,
        why: None,
        entry: None,
        words,
    }
}

fn asked_text<'a>(asked: &Asked<'a>, text: &str) -> &'a str {
    if text == "title" { asked.title } else { asked.content }
}

fn spans_of(of: impl Fn(&'static str) -> Vec<propose::Span>) -> Vec<WordSpan> {
    let word =
        |text: &'static str| move |span: propose::Span| WordSpan { text, start: span.start, length: span.length };
    ["title", "content"].into_iter().flat_map(|text| of(text).into_iter().map(word(text))).collect()
}
