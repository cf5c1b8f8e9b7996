//! Hot issues: the matters that move most people, by span of days and by place, down to their tickets.

use std::{collections::BTreeMap, sync::Arc};

use axum::{
    Json,
    extract::{Query, State, rejection::QueryRejection},
};
use jiesu_domain::{
    Instant,
    access::{self, Right},
    rulebook::Trigger,
    ticket::{Ticket, Units},
};
use jiesu_store::{HotIssue as Kept, TicketWithBody};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    auth::Signed,
    problem::{At, Problem},
};
use crate::{
    app::{App, hot::SPANS, tidy_number},
    view::{TicketLine, line, unit_name},
};

/// Issues of one page: nobody acts on more.
pub(super) const SHOWN: usize = 50;
/// Tickets of an issue that are listed, the newest.
const LISTED: usize = 200;
pub(super) const NO_PLACE: &str = "none";

/// Which issues are wanted.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct HotQuery {
    /// 7, 30 (if not said) or 90.
    pub days: Option<i64>,
    /// Unit that governs a county; `none`: issues of which no county is known.
    pub county: Option<String>,
    /// Unit that governs a street or town.
    pub street: Option<String>,
}

/// What a matter is that many persons brought.
#[derive(Debug, Serialize, ToSchema)]
pub struct HotIssue {
    /// Among all of the span.
    pub rank: i64,
    /// The ticket whose title stands for it.
    pub ticket: TicketLine,
    /// persons + √(contacts − persons), to a tenth.
    pub heat: f64,
    /// Distinct appellants, by phone or identity number.
    pub persons: i64,
    /// How often they came.
    pub contacts: i64,
    pub tickets: i64,
    #[schema(value_type = String, format = DateTime)]
    pub from: Instant,
    #[schema(value_type = String, format = DateTime)]
    pub until: Instant,
    /// As the tickets name it; absent where they name none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub county_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub street_name: Option<String>,
    /// Contacts of each day of the span, the oldest first.
    pub trend: Vec<i64>,
    /// So many persons are a ground of supervision, by this article.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ground: Option<Ground>,
}

/// Why a matter is to be supervised.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Ground {
    pub name: String,
    pub article: String,
    /// Persons from which on it holds.
    pub persons: u32,
    /// A ticket of the issue is under supervision, or proposed for it, on this ground.
    pub raised: bool,
}

/// A place, and how much is hot there.
#[derive(Debug, Serialize, ToSchema)]
pub struct HotPlace {
    /// The unit that governs it; `none`: not known.
    pub unit: String,
    pub name: String,
    pub issues: usize,
    pub persons: i64,
    /// Empty for a street.
    #[schema(no_recursion)]
    pub streets: Vec<HotPlace>,
}

/// The hot issues of a span.
#[derive(Debug, Serialize, ToSchema)]
pub struct HotPage {
    pub days: i64,
    pub spans: Vec<i64>,
    /// When they were looked for; absent before the first time.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub made_at: Option<Instant>,
    /// Tickets of the longest span that were compared.
    pub compared: i64,
    /// There were more tickets than are compared: the oldest are left out.
    pub left_out: bool,
    /// All places of the span, the one with most persons first.
    pub places: Vec<HotPlace>,
    /// The hottest first, at most 50.
    pub items: Vec<HotIssue>,
    /// How many there are with this place.
    pub total: usize,
}

/// One issue with its tickets.
#[derive(Debug, Serialize, ToSchema)]
pub struct HotTickets {
    pub issue: HotIssue,
    /// The newest first, at most 200.
    pub tickets: Vec<TicketLine>,
}

pub(super) fn days(asked: Option<i64>) -> Result<i64, Problem> {
    let days = asked.unwrap_or(30);
    if SPANS.contains(&days) { Ok(days) } else { Err(Problem::bad_request("days 应为 7、30 或 90")) }
}

/// The tickets that this person may see, with what stands in their lists.
pub(super) async fn tickets_of(
    app: &App,
    signed: &Signed,
    numbers: &[String],
) -> Result<BTreeMap<String, (TicketWithBody, Ticket)>, Problem> {
    let units = app.units();
    let found = app.store.tickets_named(&app.jurisdiction, numbers).await?;
    let read = found.into_iter().filter_map(|stored| {
        let ticket: Ticket = serde_json::from_str(&stored.body).ok()?;
        access::sees(&signed.actor, &ticket, &units).then(|| (ticket.number.clone(), (stored, ticket)))
    });
    Ok(read.collect())
}

/// What makes a matter of many persons a ground of supervision, in the rulebook in force.
fn ground(app: &App) -> Option<(String, Ground)> {
    let rule = app.rulebook().supervise.iter().find(|r| r.found_by == Some(Trigger::Persons))?;
    let (name, article) = (rule.name.clone(), rule.article.clone().unwrap_or_default());
    Some((rule.id.clone(), Ground { name, article, persons: rule.times?, raised: false }))
}

pub(super) fn issue(
    app: &App,
    kept: &Kept,
    known: &BTreeMap<String, (TicketWithBody, Ticket)>,
    units: &Units,
) -> Option<HotIssue> {
    let (stored, ticket) = known.get(&kept.ticket)?;
    let ground = ground(app).filter(|(_, g)| kept.persons >= i64::from(g.persons)).map(|(id, ground)| {
        let mut all = kept.tickets.iter().filter_map(|number| known.get(number));
        Ground { raised: all.any(|(_, t)| t.supervision.iter().any(|entry| entry.ground == id)), ..ground }
    });
    Some(HotIssue {
        rank: kept.rank,
        ticket: line(&kept.ticket, stored.head.version, &stored.head.row, units, app.clock.now())?,
        heat: (kept.heat as f64 / 100.0).round() / 10.0,
        persons: kept.persons,
        contacts: kept.contacts,
        tickets: kept.tickets.len() as i64,
        from: kept.from,
        until: kept.until,
        place: ticket.place.clone(),
        county_name: kept.county.as_deref().map(|unit| unit_name(units, unit)),
        street_name: kept.street.as_deref().map(|unit| unit_name(units, unit)),
        trend: kept.trend.clone(),
        ground,
    })
}

fn unit_of(unit: Option<&str>) -> &str {
    unit.unwrap_or(NO_PLACE)
}

fn places(all: &[Kept], units: &Units) -> Vec<HotPlace> {
    let name = |unit: &str| if unit == NO_PLACE { "地点不明".to_owned() } else { unit_name(units, unit) };
    let sum = |unit: &str, of: &[&Kept], streets| HotPlace {
        unit: unit.to_owned(),
        name: name(unit),
        issues: of.len(),
        persons: of.iter().map(|i| i.persons).sum(),
        streets,
    };
    let by = |of: &[&Kept], unit: fn(&Kept) -> Option<&str>| {
        let mut by: BTreeMap<String, Vec<Kept>> = BTreeMap::new();
        of.iter().for_each(|i| by.entry(unit_of(unit(i)).to_owned()).or_default().push((*i).clone()));
        by
    };
    let first = |places: &mut Vec<HotPlace>| {
        places.sort_by(|a, b| {
            (a.unit == NO_PLACE).cmp(&(b.unit == NO_PLACE)).then(b.persons.cmp(&a.persons)).then(a.unit.cmp(&b.unit))
        });
    };
    let all: Vec<&Kept> = all.iter().collect();
    let mut places: Vec<HotPlace> = by(&all, |i| i.county.as_deref())
        .into_iter()
        .map(|(county, of)| {
            let of: Vec<&Kept> = of.iter().collect();
            let streets = by(&of, |i| i.street.as_deref()).into_iter().filter(|(street, _)| street != NO_PLACE);
            let mut streets: Vec<HotPlace> =
                streets.map(|(street, of)| sum(&street, &of.iter().collect::<Vec<_>>(), Vec::new())).collect();
            first(&mut streets);
            sum(&county, &of, streets)
        })
        .collect();
    first(&mut places);
    places
}

/// Whether an issue is at the place that is asked for.
pub(super) fn within(issue: &Kept, query: &HotQuery) -> bool {
    let at = |asked: &Option<String>, unit: Option<&str>| {
        asked.as_deref().filter(|asked| !asked.is_empty()).is_none_or(|asked| unit_of(unit) == asked)
    };
    at(&query.county, issue.county.as_deref()) && at(&query.street, issue.street.as_deref())
}

/// The hot issues of the last days, as they were last looked for.
#[utoipa::path(get, path = "/api/v1/hot", operation_id = "hot", tag = "matters", params(HotQuery),
    responses((status = 200, body = HotPage), (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem)))]
pub async fn list(
    State(app): State<Arc<App>>,
    signed: Signed,
    query: Result<Query<HotQuery>, QueryRejection>,
) -> Result<Json<HotPage>, Problem> {
    signed.need(Right::ViewHotIssues)?;
    let Query(query) = query?;
    let days = days(query.days)?;
    let run = app.store.hot_run(&app.jurisdiction).await?;
    let all = app.store.hot_issues(&app.jurisdiction, days).await?;
    let units = app.units();
    let places = places(&all, &units);
    let wanted: Vec<&Kept> = all.iter().filter(|i| within(i, &query)).collect();
    let shown = &wanted[..wanted.len().min(SHOWN)];
    let ground = ground(&app);
    let many = |i: &Kept| ground.as_ref().is_some_and(|(_, g)| i.persons >= i64::from(g.persons));
    let mut numbers: Vec<String> = shown.iter().map(|i| i.ticket.clone()).collect();
    numbers.extend(shown.iter().filter(|i| many(i)).flat_map(|i| i.tickets.iter().take(LISTED).cloned()));
    numbers.sort();
    numbers.dedup();
    let known = tickets_of(&app, &signed, &numbers).await?;
    Ok(Json(HotPage {
        days,
        spans: SPANS.to_vec(),
        made_at: run.and_then(|r| r.made_at),
        compared: run.map_or(0, |r| r.tickets),
        left_out: run.is_some_and(|r| r.left_out),
        places,
        items: shown.iter().filter_map(|kept| issue(&app, kept, &known, &units)).collect(),
        total: wanted.len(),
    }))
}

/// Which span.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct SpanQuery {
    /// 7, 30 (if not said) or 90.
    pub days: Option<i64>,
}

/// The hot issue that has this ticket, with its tickets.
#[utoipa::path(get, path = "/api/v1/hot/{number}", operation_id = "hot_issue", tag = "matters",
    params(("number" = String, Path), SpanQuery),
    responses((status = 200, body = HotTickets), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem)))]
pub async fn get(
    State(app): State<Arc<App>>,
    signed: Signed,
    At(number): At<String>,
    query: Result<Query<SpanQuery>, QueryRejection>,
) -> Result<Json<HotTickets>, Problem> {
    signed.need(Right::ViewHotIssues)?;
    let Query(query) = query?;
    let days = days(query.days)?;
    let number = tidy_number(&number);
    let all = app.store.hot_issues(&app.jurisdiction, days).await?;
    let gone = || Problem::not_found("这件工单现在不在热点问题中，热点问题可能刚刚更新；请返回列表");
    let kept = all.into_iter().find(|i| i.tickets.contains(&number)).ok_or_else(gone)?;
    let known = tickets_of(&app, &signed, &kept.tickets).await?;
    let units = app.units();
    let issue = issue(&app, &kept, &known, &units).ok_or_else(gone)?;
    let now = app.clock.now();
    let lines = known.values().filter_map(|(t, _)| line(&t.head.ticket, t.head.version, &t.head.row, &units, now));
    let mut tickets: Vec<TicketLine> = lines.collect();
    tickets.sort_by(|a, b| b.registered_at.cmp(&a.registered_at).then_with(|| b.number.cmp(&a.number)));
    tickets.truncate(LISTED);
    Ok(Json(HotTickets { issue, tickets }))
}
