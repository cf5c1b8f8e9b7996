//! How good the knowledge base is: how much of it is right, kept up and used, each figure with its base (SR-22); and the samples by which
//! it is checked.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Query, State, rejection::QueryRejection},
    http::StatusCode,
};
use jiesu_domain::{Instant, Kind, access::Right, calendar::Day};
use jiesu_store::{By, Sample};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    auth::Signed,
    body::Body,
    knowledge::{bounds, unit_name},
    problem::{At, Problem},
};
use crate::app::App;

/// Which days are counted.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct FiguresQuery {
    /// The first day; left out: thirty days ago.
    #[param(value_type = Option<String>, format = Date)]
    pub from: Option<jiff::civil::Date>,
    /// The last day; left out: today.
    #[param(value_type = Option<String>, format = Date)]
    pub to: Option<jiff::civil::Date>,
}

/// A part of a whole. Without a base there is no rate.
#[derive(Debug, Serialize, ToSchema)]
pub struct Share {
    pub part: i64,
    pub base: i64,
    /// Per cent, to one decimal.
    pub percent: Option<f64>,
}

impl Share {
    fn of(part: i64, base: i64) -> Share {
        Share { part, base, percent: (base > 0).then(|| (part as f64 * 1000.0 / base as f64).round() / 10.0) }
    }
}

/// How a unit's entries stand.
#[derive(Debug, Serialize, ToSchema)]
pub struct UnitFigures {
    /// As a list's filter takes it.
    pub unit: String,
    pub unit_name: String,
    pub published: i64,
    pub stale: i64,
    pub unused: i64,
    pub review: i64,
    pub owed: i64,
    pub late: i64,
    pub wrong: i64,
    /// Conduct found on its entries (HY-23, QD-4).
    pub found: i64,
    /// Right of those looked at, in samples drawn in these days.
    pub accuracy: Share,
}

/// The figures of the knowledge base.
#[derive(Debug, Serialize, ToSchema)]
pub struct KnowledgeFigures {
    #[schema(format = Date)]
    pub from: String,
    #[schema(format = Date)]
    pub to: String,
    /// Answered on the line / registered (kinds that could be dispatched), both in these days.
    pub at_once: Share,
    /// Right / looked at, in samples drawn in these days.
    pub accuracy: Share,
    /// Drawn and not looked at yet: outside the base.
    pub unmarked: i64,
    /// Used for an answer at once.
    pub answered: i64,
    pub opened: i64,
    pub cited: i64,
    pub units: Vec<UnitFigures>,
}

/// A sample to draw.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewSample {
    /// What it is drawn with, e.g. `2026年5月`: the same word draws the same entries of the same list.
    pub word: String,
    pub size: usize,
    /// Of this unit alone.
    #[serde(default)]
    pub unit: Option<String>,
}

/// A sample.
#[derive(Debug, Serialize, ToSchema)]
pub struct SampleView {
    pub sample: i64,
    #[schema(value_type = String, format = DateTime)]
    pub at: Instant,
    pub by: String,
    pub word: String,
    /// Out of how many.
    pub entries: i64,
    pub drawn: i64,
    pub accuracy: Share,
}

/// An entry in a sample.
#[derive(Debug, Serialize, ToSchema)]
pub struct MarkView {
    pub entry: String,
    pub title: String,
    pub unit_name: String,
    /// The published version that was drawn.
    pub revision: i64,
    /// Absent: not looked at yet.
    pub right: Option<bool>,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub at: Option<Instant>,
    pub by: Option<String>,
}

/// A sample with its entries.
#[derive(Debug, Serialize, ToSchema)]
pub struct SampleEntries {
    pub sample: SampleView,
    pub entries: Vec<MarkView>,
}

fn sample_view(app: &App, sample: Sample) -> SampleView {
    SampleView {
        sample: sample.sample,
        at: sample.at,
        by: app.account_name(&sample.account),
        word: sample.word,
        entries: sample.entries,
        drawn: sample.drawn,
        accuracy: Share::of(sample.right, sample.marked),
    }
}

/// The days asked for, the last thirty without being told; from one day to and without another.
pub(super) fn days(app: &App, query: &FiguresQuery) -> Result<(Day, Day), Problem> {
    let today = Day::of(app.clock.now());
    let to = query.to.map_or(today, Day::from_date);
    let from = query.from.map_or(Day(to.0 - 29), Day::from_date);
    if from > to || to.0 - from.0 > 3660 || from.0 < 0 {
        return Err(Problem::bad_request("起止日期有误：开始不晚于结束，一次最多十年"));
    }
    Ok((from, to.next()))
}

/// Accuracy, upkeep and use, with their bases.
#[utoipa::path(get, path = "/api/v1/knowledge/figures", operation_id = "knowledge_figures", tag = "knowledge", params(FiguresQuery),
    responses((status = 200, body = KnowledgeFigures), (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem)))]
pub async fn figures(
    State(app): State<Arc<App>>,
    signed: Signed,
    query: Result<Query<FiguresQuery>, QueryRejection>,
) -> Result<Json<KnowledgeFigures>, Problem> {
    let Query(query) = query?;
    signed.need(Right::CheckKnowledge)?;
    let (from, to) = days(&app, &query)?;
    let (store, j) = (&app.store, &app.jurisdiction);
    let span = (i64::from(from.0), i64::from(to.0));
    let kinds: Vec<&str> = Kind::ALL.iter().filter(|k| k.dispatchable()).map(|k| k.code()).collect();
    let by = By { kind: true, ..By::default() };
    let sums = store.tally(j, span.0, span.1, by).await?;
    let registered = sums.iter().filter(|s| kinds.contains(&s.cell.kind.as_str())).map(|s| s.tickets).sum();
    let at_once = store.answered_at_once(j, &kinds, (from.start(), to.start())).await?;
    let uses = store.knowledge_uses(j, None, span).await?;
    let used = |sort: &str| uses.iter().find(|u| u.sort == sort).map_or(0, |u| u.uses);
    let (mut by_unit, mut unmarked) = (std::collections::BTreeMap::<Option<String>, (i64, i64)>::new(), 0);
    for sample in store.knowledge_samples(j).await? {
        if !(from.start()..to.start()).contains(&sample.at) {
            continue;
        }
        unmarked += sample.drawn - sample.marked;
        for mark in store.knowledge_marks(j, sample.sample).await? {
            let (right, marked) = by_unit.entry(mark.unit).or_default();
            *marked += i64::from(mark.correct.is_some());
            *right += i64::from(mark.correct == Some(true));
        }
    }
    let (stale, unused) = bounds(&app);
    let units = store.knowledge_by_unit(j, stale, unused).await?;
    let accuracy = |unit: &Option<String>| by_unit.get(unit).copied().unwrap_or_default();
    let all = by_unit.values().fold((0, 0), |(right, marked), (r, m)| (right + r, marked + m));
    Ok(Json(KnowledgeFigures {
        from: from.date().to_string(),
        to: Day(to.0 - 1).date().to_string(),
        at_once: Share::of(at_once, registered),
        accuracy: Share::of(all.0, all.1),
        unmarked,
        answered: used("answered"),
        opened: used("opened"),
        cited: used("cited"),
        units: units
            .into_iter()
            .map(|u| {
                let (right, marked) = accuracy(&u.unit);
                UnitFigures {
                    unit_name: unit_name(&app, u.unit.as_deref()),
                    unit: u.unit.unwrap_or_else(|| "centre".into()),
                    published: u.published,
                    stale: u.stale,
                    unused: u.unused,
                    review: u.review,
                    owed: u.owed,
                    late: u.overdue,
                    wrong: u.wrong,
                    found: u.found,
                    accuracy: Share::of(right, marked),
                }
            })
            .collect(),
    }))
}

/// All samples, the newest first.
#[utoipa::path(get, path = "/api/v1/knowledge/samples", operation_id = "knowledge_samples", tag = "knowledge",
    responses((status = 200, body = Vec<SampleView>), (status = 401, body = Problem), (status = 403, body = Problem)))]
pub async fn samples(State(app): State<Arc<App>>, signed: Signed) -> Result<Json<Vec<SampleView>>, Problem> {
    signed.need(Right::CheckKnowledge)?;
    let samples = app.store.knowledge_samples(&app.jurisdiction).await?;
    Ok(Json(samples.into_iter().map(|s| sample_view(&app, s)).collect()))
}

/// Draws a sample of what is published.
#[utoipa::path(post, path = "/api/v1/knowledge/samples", operation_id = "draw_knowledge_sample", tag = "knowledge", request_body = NewSample,
    responses((status = 201, body = SampleEntries), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 409, body = Problem), (status = 422, body = Problem)))]
pub async fn draw(
    State(app): State<Arc<App>>,
    signed: Signed,
    Body(new): Body<NewSample>,
) -> Result<(StatusCode, Json<SampleEntries>), Problem> {
    signed.need(Right::CheckKnowledge)?;
    let unit = new.unit.as_deref().map(|u| if u == "centre" { "" } else { u });
    let sample = app.draw_sample(&signed.actor, &new.word, new.size, unit).await?;
    Ok((StatusCode::CREATED, Json(one(&app, sample).await.map_err(Problem::done_unseen)?)))
}

async fn one(app: &App, sample: i64) -> Result<SampleEntries, Problem> {
    let samples = app.store.knowledge_samples(&app.jurisdiction).await?;
    let found = samples.into_iter().find(|s| s.sample == sample);
    let found = found.ok_or_else(|| Problem::not_found("没有这次抽查，请刷新后重新选择"))?;
    let marks = app.store.knowledge_marks(&app.jurisdiction, sample).await?;
    let entries = marks
        .into_iter()
        .map(|mark| MarkView {
            entry: mark.entry,
            title: mark.title,
            unit_name: unit_name(app, mark.unit.as_deref()),
            revision: mark.revision,
            right: mark.correct,
            at: mark.at,
            by: mark.account.map(|account| app.account_name(&account)),
        })
        .collect();
    Ok(SampleEntries { sample: sample_view(app, found), entries })
}

/// A sample with its entries.
#[utoipa::path(get, path = "/api/v1/knowledge/samples/{sample}", operation_id = "knowledge_sample", tag = "knowledge",
    params(("sample" = i64, Path)),
    responses((status = 200, body = SampleEntries), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem)))]
pub async fn sample(
    State(app): State<Arc<App>>,
    signed: Signed,
    At(sample): At<i64>,
) -> Result<Json<SampleEntries>, Problem> {
    signed.need(Right::CheckKnowledge)?;
    one(&app, sample).await.map(Json)
}
