//! The tree of centres: what stands above this one, and how much is open at those below. Counts only: nobody sees a ticket of another centre.

use std::{collections::BTreeMap, sync::Arc};

use axum::{Json, extract::State};
use jiesu_domain::{access::Right, organisation::below, ticket::StateName};
use jiesu_store::{By, ListFilter, day};
use serde::Serialize;
use utoipa::ToSchema;

use super::{auth::Signed, problem::Problem};
use crate::app::App;

/// Days that the registrations are counted of, the running one included.
const DAYS: i64 = 30;

/// A centre and its counts.
#[derive(Debug, Serialize, ToSchema)]
pub struct CentreLine {
    pub centre: String,
    pub name: String,
    /// 0 for this one, 1 for those right under it, and so on.
    pub level: usize,
    /// The centre it stands under.
    pub under: Option<String>,
    /// Registered in the last 30 days.
    pub registered: i64,
    /// Of these, done with.
    pub closed: i64,
    /// Open, whenever they were registered.
    pub open: i64,
    /// Of the open ones, with a limit that has passed.
    pub overdue: i64,
}

/// Where this centre stands.
#[derive(Debug, Serialize, ToSchema)]
pub struct CentresView {
    /// Names of the centres above, the next one first.
    pub above: Vec<String>,
    /// This centre, and those below, each after the one it stands under.
    pub centres: Vec<CentreLine>,
    /// Days that `registered` and `closed` are of.
    pub days: i64,
}

/// The centres below this one, with their counts.
#[utoipa::path(get, path = "/api/v1/centres", operation_id = "centres", tag = "organisation",
    responses((status = 200, body = CentresView), (status = 401, body = Problem), (status = 403, body = Problem)))]
pub async fn list(State(app): State<Arc<App>>, signed: Signed) -> Result<Json<CentresView>, Problem> {
    signed.need(Right::ViewBelow)?;
    let all = app.centres().await?;
    let own = app.jurisdiction.as_str();
    let levels: BTreeMap<&str, usize> = below(own, &all).into_iter().collect();
    let mut centres = Vec::new();
    // Depth first, so that each stands after the one it is under.
    let mut left = vec![own];
    while let Some(id) = left.pop() {
        let Some(centre) = all.get(id) else { continue };
        let level = levels.get(id).copied().unwrap_or_default();
        centres.push(CentreLine { level, under: centre.under.clone(), ..counted(&app, id, &centre.name).await? });
        left.extend(all.iter().filter(|(_, c)| c.under.as_deref() == Some(id)).map(|(id, _)| id.as_str()).rev());
    }
    let mut above = Vec::new();
    let mut next = all.get(own).and_then(|c| c.under.as_deref());
    while let Some(centre) = next.and_then(|id| all.get(id)).filter(|_| above.len() < all.len()) {
        above.push(centre.name.clone());
        next = centre.under.as_deref();
    }
    Ok(Json(CentresView { above, centres, days: DAYS }))
}

async fn counted(app: &App, centre: &str, name: &str) -> Result<CentreLine, Problem> {
    let today = day(app.clock.now());
    let recent = app.store.tally(centre, today + 1 - DAYS, today + 1, By { state: true, ..By::default() }).await?;
    let in_work = |state: &str| state.parse().is_ok_and(StateName::is_in_work);
    let states = StateName::ALL.iter().filter(|s| s.is_in_work()).map(|s| s.code().to_owned()).collect();
    let open = ListFilter { states, ..ListFilter::default() };
    let late = ListFilter { overdue: Some(true), ..open.clone() };
    let sum = |counts: Vec<(String, i64)>| counts.iter().map(|(_, n)| n).sum();
    Ok(CentreLine {
        centre: centre.to_owned(),
        name: name.to_owned(),
        level: 0,
        under: None,
        registered: recent.iter().map(|s| s.tickets).sum(),
        closed: recent.iter().filter(|s| !in_work(&s.cell.state)).map(|s| s.tickets).sum(),
        open: sum(app.store.count_by_state(centre, &open).await?),
        overdue: sum(app.store.count_by_state(centre, &late).await?),
    })
}
