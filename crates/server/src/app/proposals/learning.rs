//! What the centre's own closed tickets teach, every night: kind and category as the centre last had them, department as the unit that
//! answered. The newest tickets are held out; a model is taken into use only if it is not worse on them than the one in use, and both
//! figures are kept. Of several processes one learns (`Store::learning_begin`). Confidential and erased tickets teach nothing.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant as Moment},
};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use jiesu_domain::{Instant, Kind, calendar::Day, ticket::Ticket};
use jiesu_store::{LearnedPart, Learning, StoreError};
use jiesu_text::{
    classify::{
        Sample,
        tree::{Tree, TreeError, joined, levels},
    },
    propose::Gazetteer,
};
use serde::{Deserialize, Serialize};
use tokio::sync::watch;
use utoipa::ToSchema;

use super::{
    Asked, Field, Hits, Known, LEAST, Measured,
    making::{entry_for, kind_by_words, place_by_words, read, with_form},
};
use crate::{app::App, aside::aside};

/// Tickets that are learnt from at most, the newest: more were hardly better and take longer and more memory in proportion.
pub const TICKETS_MOST: usize = 20_000;
/// One in so many is held out, the newest ones; at most so many.
const HELD_OUT: usize = 10;
const HELD_OUT_MOST: usize = 2_000;
/// Tickets read at once: requests wait for no more of them than that.
const PAGE: u32 = 50;
/// States in which a ticket has been decided on for good.
const STATES: [&str; 6] = ["closed", "checking", "concluded", "archived", "answered", "imported"];
/// Second of the day from which a night's learning may begin: half past two.
const FROM: i64 = 2 * 3_600 + 1_800;
/// Who began has so long; then another process begins anew.
pub(super) const LEASE: Duration = Duration::from_secs(3 * 3_600);
/// How often it is looked whether it is time.
const LOOK: Duration = Duration::from_secs(5);

/// A ticket as far as it teaches.
#[derive(Clone, Debug, Default)]
pub struct Taught {
    pub title: String,
    pub content: String,
    pub place: Option<String>,
    pub kind: Option<Kind>,
    pub category: Option<String>,
    /// The unit that answered.
    pub unit: Option<String>,
    pub urgent: bool,
}

/// How guesses did on the tickets that were held out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = HeldOutFigures)]
pub struct Figures {
    /// The likeliest guess of every ticket, however sure.
    pub first: Hits,
    /// Those that would have been proposed.
    pub proposed: Hits,
}

/// The model in use on the same tickets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = ProposalModelBefore)]
pub struct Before {
    pub version: i64,
    pub figures: Figures,
}

/// What came of a field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = NightOfField)]
pub struct Night {
    pub field: Field,
    /// Tickets that it was learnt from.
    pub tickets: u64,
    /// Whether the new model is in use from now on.
    pub adopted: bool,
    /// Why, or why not.
    pub why: Verdict,
    /// How the new one did; absent: there is none.
    pub new: Option<Figures>,
    /// How the one in use did; absent: there was none.
    pub before: Option<Before>,
    pub models: u64,
    pub bytes: u64,
}

/// Why a model is in use or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = LearningVerdict)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// The first one.
    First,
    /// Not worse than the one before.
    NotWorse,
    /// Worse: the one before stays.
    Worse,
    /// What it would propose is right too rarely, whatever it says of itself.
    Unsure,
    /// Tickets that the one before may have learnt from were erased: it goes whatever the figures say, and the new one, if there is one,
    /// takes its place.
    Erased,
    /// Too few tickets to learn from.
    Few,
}

impl Verdict {
    pub const fn zh(self) -> &'static str {
        match self {
            Verdict::First => "首个模型，已启用",
            Verdict::NotWorse => "不差于原模型，已启用",
            Verdict::Worse => "不如原模型，仍用原模型",
            Verdict::Unsure => "提出的正确率达不到门槛，没有启用",
            Verdict::Erased => "原模型学过的工单中有已销毁的，不再使用",
            Verdict::Few => "已办结的工单太少，没有学习",
        }
    }
}

/// What a night came to. No texts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    pub tickets: u64,
    pub held_out: u64,
    pub seconds: u64,
    /// Lists of tickets erased when it began.
    pub erasures: i64,
    /// Made up for a demo, not the centre's.
    #[serde(default)]
    pub made_up: bool,
    pub fields: Vec<Night>,
    /// How often words and catalogue were right.
    pub measured: Measured,
}

impl Report {
    /// Of a night that came to its end.
    pub fn of(learning: &Learning) -> Option<Report> {
        serde_json::from_str(learning.result.as_deref()?).ok()
    }

    /// How often what a field's new model proposed was right.
    pub(super) fn share(&self, field: Field) -> Option<f32> {
        self.fields.iter().find(|night| night.field == field)?.new?.proposed.measured()
    }
}

/// The version that a day's models have: 20261122.
pub fn version(day: Day) -> i64 {
    let date = day.date();
    i64::from(date.year()) * 10_000 + i64::from(date.month()) * 100 + i64::from(date.day())
}

/// Learns once a night until `stop` changes, and writes down every now and then what came of proposals.
pub async fn nightly(app: &Arc<App>, mut stop: watch::Receiver<bool>) {
    while !*stop.borrow() {
        if let Err(error) = app.write_proposal_counts().await {
            tracing::warn!(%error, "counts of proposals could not be written; trying again");
        }
        let now = app.clock.now();
        if Day::second_of_day(now) >= FROM
            && let Err(error) = tonight(app, now, stop.clone()).await
        {
            tracing::error!(%error, "the night's learning failed; its time runs out and it is tried again");
        }
        tokio::select! {
            () = tokio::time::sleep(LOOK) => {}
            _ = stop.wait_for(|stop| *stop) => {}
        }
    }
    if let Err(error) = app.write_proposal_counts().await {
        tracing::warn!(%error, "the last counts of proposals could not be written");
    }
}

async fn tonight(app: &Arc<App>, now: Instant, mut stop: watch::Receiver<bool>) -> Result<(), StoreError> {
    let (store, j, day) = (&app.store, &app.jurisdiction, Day::of(now));
    if store.learnings(j, 1).await?.first().is_some_and(|l| l.day >= i64::from(day.0) && l.done_at.is_some()) {
        return Ok(());
    }
    let _alone = tokio::select! {
        alone = app.big_work.lock() => alone,
        _ = stop.wait_for(|stop| *stop) => return Ok(()),
    };
    let wall = app.clock.wall();
    let until = wall.checked_add(LEASE).unwrap_or(wall);
    if !store.learning_begin(j, i64::from(day.0), wall, until).await? {
        return Ok(());
    }
    let taught = tokio::select! {
        taught = app.closed_tickets() => taught?,
        _ = stop.wait_for(|stop| *stop) => return Ok(()),
    };
    let report = app.learn(day, taught, false, stop).await?;
    if let Some(report) = report {
        let adopted = report.fields.iter().filter(|f| f.adopted).count();
        tracing::info!(tickets = report.tickets, seconds = report.seconds, adopted, "learnt from closed tickets");
    }
    Ok(())
}

impl App {
    /// Learns from these tickets, the newest first, and takes into use what is not worse. `None`: stopped before the end.
    ///
    /// # Errors
    /// The store failed; what was taken into use until then stays.
    pub async fn learn(
        self: &Arc<Self>,
        day: Day,
        taught: Vec<Taught>,
        made_up: bool,
        mut stop: watch::Receiver<bool>,
    ) -> Result<Option<Report>, StoreError> {
        let (store, j) = (&self.store, &self.jurisdiction);
        let begun = Moment::now();
        let erasures = store.erasures(j).await?;
        let before = self.known_proposals().await?;
        let nights = store.learnings(j, 1_000).await?;
        let reports: BTreeMap<i64, Report> =
            nights.iter().filter_map(|l| Some((version(Day(i32::try_from(l.day).ok()?)), Report::of(l)?))).collect();
        let lesson = Lesson { app: self.clone(), taught, before, go_on: Arc::new(AtomicBool::new(true)) };
        let go_on = lesson.go_on.clone();
        // A process that is to stop does not finish its lesson.
        let learnt = tokio::select! {
            learnt = aside(move || lesson.hold()) => learnt.flatten(),
            _ = stop.wait_for(|stop| *stop) => None,
        };
        let Some((mut report, trees)) = learnt else {
            go_on.store(false, Ordering::Relaxed);
            return Ok(None);
        };
        (report.erasures, report.made_up) = (erasures, made_up);
        for (night, tree) in report.fields.iter_mut().zip(trees) {
            let learnt_then = night.before.and_then(|before| reports.get(&before.version));
            let to_go = night.before.is_some() && learnt_then.is_none_or(|report| report.erasures < erasures);
            if to_go && !night.adopted {
                (night.why, night.adopted) = (Verdict::Erased, tree.is_some());
            }
            let parts = tree.as_ref().map(parts_of).unwrap_or_default();
            night.bytes = parts.iter().map(|part| part.body.len() as u64).sum();
            // Where too few are left to learn from, the one that has to go has no successor.
            if night.adopted || to_go {
                store.learned_put(j, night.field.code(), version(day), &parts).await?;
            }
        }
        report.seconds = begun.elapsed().as_secs();
        let result = serde_json::to_string(&report).unwrap_or_default();
        store.learning_done(j, i64::from(day.0), self.clock.now(), &result).await?;
        self.proposals.following.lock().await.at = None;
        Ok(Some(report))
    }

    /// The newest closed tickets as far as they teach, the newest first.
    ///
    /// # Errors
    /// The store failed.
    pub async fn closed_tickets(&self) -> Result<Vec<Taught>, StoreError> {
        let mut taught = Vec::new();
        let mut last: Option<(Instant, String)> = None;
        while taught.len() < TICKETS_MOST {
            let before = last.as_ref().map(|(at, ticket)| (*at, ticket.as_str()));
            let page = self.store.tickets_to_learn(&self.jurisdiction, &STATES, before, PAGE).await?;
            let Some(oldest) = page.last() else { break };
            last = Some((oldest.head.row.registered_at, oldest.head.ticket.clone()));
            let of = |body: &str| serde_json::from_str::<Ticket>(body).ok().as_ref().and_then(taught_by);
            taught.extend(page.iter().filter_map(|row| of(&row.body)));
            tokio::task::yield_now().await;
        }
        taught.truncate(TICKETS_MOST);
        Ok(taught)
    }
}

fn parts_of(tree: &Tree) -> Vec<LearnedPart> {
    let part = |(part, bytes): (String, Vec<u8>)| LearnedPart { part, body: BASE64_STANDARD.encode(bytes) };
    tree.to_parts().into_iter().map(part).collect()
}

/// What a ticket teaches; `None`: nothing, or it must not.
fn taught_by(ticket: &Ticket) -> Option<Taught> {
    if ticket.confidential || ticket.erased.is_some() {
        return None;
    }
    Some(Taught {
        title: ticket.title.clone(),
        content: read(&ticket.content).to_owned(),
        place: ticket.place.clone(),
        kind: Some(ticket.kind),
        category: ticket.category.as_deref().map(|c| joined(&levels(c))).filter(|c| !c.is_empty()),
        unit: ticket.work().map(|work| work.lead.unit.clone()),
        urgent: ticket.urgent,
    })
}

impl Taught {
    fn asked(&self) -> Asked<'_> {
        Asked {
            title: &self.title,
            content: &self.content,
            kind: self.kind,
            category: self.category.as_deref(),
            place: self.place.as_deref(),
        }
    }

    /// What a field was, as a label.
    fn truth(&self, field: Field) -> Option<&str> {
        match field {
            Field::Kind => self.kind.map(Kind::code),
            Field::Category => self.category.as_deref(),
            Field::Department => self.unit.as_deref(),
            _ => None,
        }
    }

    /// What a field is guessed by.
    fn heading(&self, field: Field) -> String {
        match field {
            Field::Department => with_form(&self.title, self.category.as_deref(), self.place.as_deref()),
            _ => self.title.clone(),
        }
    }
}

/// A night's work, away from everybody else.
struct Lesson {
    app: Arc<App>,
    taught: Vec<Taught>,
    before: Arc<Known>,
    go_on: Arc<AtomicBool>,
}

type Learnt = (Report, Vec<Option<Tree>>);

impl Lesson {
    /// `None`: stopped.
    fn hold(self) -> Option<Learnt> {
        let held = (self.taught.len() / HELD_OUT).min(HELD_OUT_MOST);
        let (held, known) = self.taught.split_at(held);
        let mut report = Report {
            tickets: self.taught.len() as u64,
            held_out: held.len() as u64,
            measured: self.measured(),
            ..Report::default()
        };
        let mut trees = Vec::new();
        for field in Field::LEARNT {
            let (night, tree) = self.field(field, held, known)?;
            report.fields.push(night);
            trees.push(tree);
        }
        Some((report, trees))
    }

    fn field(&self, field: Field, held: &[Taught], known: &[Taught]) -> Option<(Night, Option<Tree>)> {
        let lessons: Vec<(String, &Taught, &str)> =
            known.iter().filter_map(|t| Some((t.heading(field), t, t.truth(field)?))).collect();
        let samples: Vec<Sample<'_>> =
            lessons.iter().map(|(title, t, label)| Sample { title, detail: &t.content, label }).collect();
        let in_use = self.before.learned.get(&field);
        let before =
            in_use.map(|learned| Before { version: learned.version, figures: figures(&learned.tree, field, held) });
        let none = Night {
            field,
            tickets: samples.len() as u64,
            adopted: false,
            why: Verdict::Few,
            new: None,
            before,
            models: 0,
            bytes: 0,
        };
        let tree = match Tree::train(&samples, &|| self.go_on.load(Ordering::Relaxed)) {
            Ok(tree) => tree,
            Err(TreeError::Stopped) => return None,
            Err(TreeError::Few(_) | TreeError::Train(_)) => return Some((none, None)),
        };
        let new = figures(&tree, field, held);
        let worse = before.is_some_and(|before| new.first.right < before.figures.first.right);
        let unsure = new.proposed.measured().is_some_and(|share| share < LEAST);
        let why = match before {
            Some(_) if worse => Verdict::Worse,
            _ if unsure => Verdict::Unsure,
            None => Verdict::First,
            Some(_) => Verdict::NotWorse,
        };
        let adopted = matches!(why, Verdict::First | Verdict::NotWorse);
        let night = Night { adopted, why, new: Some(new), models: tree.models() as u64, ..none };
        Some((night, Some(tree)))
    }

    /// How often words and catalogue are right on the newest tickets. They learn nothing, so every ticket may be asked.
    fn measured(&self) -> Measured {
        let mut measured = Measured::new();
        for taught in self.taught.iter().take(HELD_OUT_MOST) {
            let asked = taught.asked();
            let mut count = |field: Field, right: bool| measured.entry(field).or_default().count(right);
            if let (Some((.., kind)), Some(is)) = (kind_by_words(&self.app, &asked), taught.kind) {
                count(Field::Kind, kind == is);
            }
            if let (Some(right), Some(_)) = (place_is_right(&self.before.gazetteer, &asked), &taught.place) {
                count(Field::Place, right);
            }
            let now = self.app.clock.now();
            // By the text alone: what the category names follows from the catalogue itself.
            let by_text = Asked { category: None, ..asked.clone() };
            let entry = self.app.catalogue_of(None, now).and_then(|catalogue| entry_for(catalogue, &by_text));
            if let (Some((entry, false)), Some(unit)) = (entry, &taught.unit) {
                count(Field::Department, entry.units_at(asked.place).0 == unit);
            }
        }
        measured
    }
}

/// Whether the division that the words name is in the place that was written down; `None`: they name none.
fn place_is_right(gazetteer: &Gazetteer, asked: &Asked<'_>) -> Option<bool> {
    let (_, found) = place_by_words(gazetteer, asked)?;
    let written = gazetteer.find(asked.place?)?;
    Some(written.names.starts_with(&found.names) || found.names.starts_with(&written.names))
}

fn figures(tree: &Tree, field: Field, held: &[Taught]) -> Figures {
    let mut figures = Figures::default();
    for taught in held {
        let Some(truth) = taught.truth(field) else { continue };
        let title = taught.heading(field);
        let right = |label: &str| truth == label || truth.starts_with(&format!("{label}/"));
        if let Some(place) = tree.place(&title, &taught.content, 0.0) {
            figures.first.count(truth == place.label);
        }
        if let Some(place) = tree.place(&title, &taught.content, LEAST) {
            figures.proposed.count(right(&place.label));
        }
    }
    figures
}
