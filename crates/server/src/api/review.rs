//! The centre's monthly look at who opened what of appellants. No personal data of an appellant is in it.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use axum::{
    Json,
    extract::{Query, State, rejection::QueryRejection},
};
use jiesu_domain::{Instant, Role, access::Right, calendar::Day, privacy::Unusual};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{audit::name, auth::Signed, problem::Problem};
use crate::{
    app::{Access, App},
    view::unit_name,
};

/// Accesses that are listed one by one, the unusual first; all are counted.
const LISTED: usize = 500;

/// Which month, and whose.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AccessQuery {
    /// `2026-04`; without it the one that is now.
    pub month: Option<String>,
    /// List only those of this account.
    pub who: Option<String>,
}

/// How often something was opened by somebody, or by all of a role or unit.
#[derive(Debug, Serialize, ToSchema)]
pub struct AccessCount {
    /// Account, role or unit.
    pub key: String,
    pub name: String,
    /// Of a person: role and unit.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub of: String,
    pub accesses: u32,
    /// Different tickets.
    pub tickets: u32,
    /// Accesses with something unusual.
    pub unusual: u32,
}

/// Why an access stands first.
#[derive(Debug, Serialize, ToSchema)]
pub struct UnusualView {
    pub code: Unusual,
    pub name: &'static str,
}

/// An access.
#[derive(Debug, Serialize, ToSchema)]
pub struct AccessItem {
    /// Position in the audit journal.
    pub seq: i64,
    #[schema(value_type = String, format = DateTime)]
    pub at: Instant,
    pub who: String,
    pub who_name: String,
    pub role_name: String,
    /// The ticket's number; empty for an export.
    pub ticket: String,
    /// `电话`, `附件`, `导出12件`.
    pub what: String,
    pub reason: String,
    pub unusual: Vec<UnusualView>,
}

/// A month of accesses to personal data.
#[derive(Debug, Serialize, ToSchema)]
pub struct AccessReview {
    /// `2026-04`.
    pub month: String,
    pub total: u32,
    pub unusual: u32,
    /// Those with the most that is unusual first.
    pub people: Vec<AccessCount>,
    pub roles: Vec<AccessCount>,
    pub units: Vec<AccessCount>,
    /// By hour of the day in China, 24 of them.
    pub hours: Vec<u32>,
    /// The unusual first, then the newest; at most 500.
    pub items: Vec<AccessItem>,
    /// There are more than are listed.
    pub more: bool,
}

/// Who opened what of appellants in a month, the unusual first.
#[utoipa::path(get, path = "/api/v1/privacy/accesses", operation_id = "accesses", tag = "privacy", params(AccessQuery),
    responses((status = 200, body = AccessReview), (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem)))]
pub async fn access(
    State(app): State<Arc<App>>,
    signed: Signed,
    query: Result<Query<AccessQuery>, QueryRejection>,
) -> Result<Json<AccessReview>, Problem> {
    let Query(query) = query?;
    signed.need(Right::ReviewAccess)?;
    let (month, from, to) = month(query.month.as_deref(), app.clock.now())?;
    let accesses = app.accesses(from, to).await?;
    let units = app.units();
    let accounts = app.store.accounts(&app.jurisdiction).await?;
    let unit_of: BTreeMap<String, String> = accounts.into_iter().filter_map(|a| Some((a.account, a.unit?))).collect();
    let unit = |a: &Access| unit_of.get(&a.who).cloned().unwrap_or_default();
    let centre = format!("{}12345", app.rulebook().rulebook.place);
    let named = |id: &str| if id.is_empty() { centre.clone() } else { unit_name(&units, id) };
    let people = counted(
        &accesses,
        |a| a.who.clone(),
        |a| (app.account_name(&a.who), format!("{} · {}", name(&a.role, Role::zh), named(&unit(a)))),
    );
    let mut hours = vec![0; 24];
    accesses.iter().for_each(|a| hours[a.hour()] += 1);
    let mut listed: Vec<&Access> =
        accesses.iter().filter(|a| query.who.as_ref().is_none_or(|who| *who == a.who)).collect();
    listed.sort_by_key(|a| (Reverse(a.unusual.len()), Reverse(a.seq)));
    let more = listed.len() > LISTED;
    listed.truncate(LISTED);
    Ok(Json(AccessReview {
        month,
        total: accesses.len() as u32,
        unusual: accesses.iter().filter(|a| !a.unusual.is_empty()).count() as u32,
        people,
        roles: counted(&accesses, |a| a.role.clone(), |a| (name(&a.role, Role::zh), String::new())),
        units: counted(&accesses, unit, |a| (named(&unit(a)), String::new())),
        hours,
        items: listed.into_iter().map(|a| item(&app, a)).collect(),
        more,
    }))
}

fn item(app: &App, a: &Access) -> AccessItem {
    AccessItem {
        seq: a.seq,
        at: a.at,
        who: a.who.clone(),
        who_name: app.account_name(&a.who),
        role_name: name(&a.role, Role::zh),
        ticket: a.ticket.clone(),
        what: a.what.clone(),
        reason: a.reason.clone(),
        unusual: a.unusual.iter().map(|u| UnusualView { code: *u, name: u.zh() }).collect(),
    }
}

/// By some key: most unusual first, then most.
fn counted(
    accesses: &[Access],
    key: impl Fn(&Access) -> String,
    told: impl Fn(&Access) -> (String, String),
) -> Vec<AccessCount> {
    let mut of: BTreeMap<String, (AccessCount, BTreeSet<&str>)> = BTreeMap::new();
    for access in accesses {
        let key = key(access);
        let (count, tickets) = of.entry(key.clone()).or_insert_with(|| {
            let (name, of) = told(access);
            (AccessCount { key, name, of, accesses: 0, tickets: 0, unusual: 0 }, BTreeSet::new())
        });
        count.accesses += 1;
        count.unusual += u32::from(!access.unusual.is_empty());
        if !access.ticket.is_empty() {
            tickets.insert(&access.ticket);
        }
    }
    let mut counts: Vec<AccessCount> =
        of.into_values().map(|(count, tickets)| AccessCount { tickets: tickets.len() as u32, ..count }).collect();
    counts.sort_by_key(|c| (Reverse(c.unusual), Reverse(c.accesses)));
    counts
}

/// The month's name, its first moment, and the first one after it, in China.
fn month(asked: Option<&str>, now: Instant) -> Result<(String, Instant, Instant), Problem> {
    let wrong = || Problem::bad_request("月份应写作 2026-04");
    let first = match asked.filter(|m| !m.is_empty()) {
        Some(text) if text.len() == 7 => format!("{text}-01").parse::<Date>().map_err(|_| wrong())?,
        Some(_) => return Err(wrong()),
        None => Day::of(now).date().first_of_month(),
    };
    // Neither end may leave what instants can say.
    if !(1900..=9000).contains(&first.year()) {
        return Err(wrong());
    }
    let next = Day::from_date(first.last_of_month()).end();
    Ok((format!("{:04}-{:02}", first.year(), first.month()), Day::from_date(first).start(), next))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_is_chinas() {
        let now = "2026-04-30T16:00:00Z".parse().unwrap();
        let (name, from, to) = month(None, now).unwrap();
        assert_eq!(name, "2026-05", "midnight has passed in China");
        assert_eq!((from, to), ("2026-04-30T16:00:00Z".parse().unwrap(), "2026-05-31T16:00:00Z".parse().unwrap()));
        assert_eq!(month(Some("2026-12"), now).unwrap().2, "2026-12-31T16:00:00Z".parse().unwrap());
        for wrong in ["2026-13", "2026-4", "2026", "2026-04-01", "9999-12", "-001-04", "２０２６-04"] {
            assert!(month(Some(wrong), now).is_err(), "{wrong}");
        }
    }
}
