//! The dispatch catalogue: the version in force, all versions, and what one changes against another.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Query, State, rejection::QueryRejection},
};
use jiesu_domain::{
    Amount, Catalogue, Kind,
    calendar::Day,
    catalogue::{Change, Entry, Place, changes},
    ticket::Units,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{auth::Signed, problem::Problem};
use crate::app::App;

/// An entry of the dispatch catalogue in force today.
#[derive(Debug, Serialize, ToSchema)]
pub struct CatalogueView {
    /// The item's code, the same in every version.
    pub id: String,
    /// The version of the catalogue this entry is of.
    pub version: u32,
    /// The first day of that version.
    #[schema(format = Date)]
    pub in_force: String,
    pub matter: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<Kind>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub law: Option<String>,
    pub lead: String,
    pub lead_name: String,
    pub assists: Vec<String>,
    /// As a command takes it, e.g. `10 working days`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub limit: Option<Amount>,
    /// The limit of the assists, as a command takes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub assist_limit: Option<Amount>,
    /// The office of the lead that should handle it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub office: Option<String>,
    /// A department's matter: not to be sent down to a town or street.
    pub not_to_towns: bool,
    pub emergency: bool,
    /// Where other units handle it.
    pub by_place: Vec<PlaceView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// Who handles a matter in one place; what is left out is as everywhere.
#[derive(Debug, Serialize, ToSchema)]
pub struct PlaceView {
    /// A unit's id, or the name of a place.
    pub place: String,
    pub place_name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lead: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lead_name: Option<String>,
    /// In place of the entry's assists; empty = the entry's.
    pub assists: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub office: Option<String>,
}

impl CatalogueView {
    fn of(catalogue: &Catalogue, e: &Entry, units: &Units) -> CatalogueView {
        let place = |(key, there): (&String, &Place)| PlaceView {
            place: key.clone(),
            place_name: name(units, key),
            lead: there.lead.clone(),
            lead_name: there.lead.as_ref().map(|lead| name(units, lead)),
            assists: there.assists.clone(),
            office: there.office.clone(),
        };
        CatalogueView {
            id: e.id.clone(),
            version: catalogue.catalogue.version,
            in_force: catalogue.catalogue.in_force.to_string(),
            matter: e.matter.clone(),
            kind: e.kind,
            law: e.law.clone(),
            lead: e.lead.clone(),
            lead_name: name(units, &e.lead),
            assists: e.assists.clone(),
            limit: e.limit,
            assist_limit: e.assist_limit,
            office: e.office.clone(),
            not_to_towns: e.not_to_towns,
            emergency: e.emergency,
            by_place: e.by_place.iter().map(place).collect(),
            note: e.note.clone(),
        }
    }
}

fn name(units: &Units, id: &str) -> String {
    units.get(id).map_or_else(|| id.to_owned(), |u| u.name.clone())
}

/// The catalogue that a dispatch of today goes by.
fn in_force(app: &App) -> Option<&Catalogue> {
    app.law.catalogue_in_force(&app.jurisdiction, Day::of(app.clock.now()).date())
}

/// The dispatch catalogue in force today; empty where there is none.
#[utoipa::path(get, path = "/api/v1/catalogue", tag = "reference",
    responses((status = 200, body = Vec<CatalogueView>), (status = 401, body = Problem)))]
pub async fn catalogue(State(app): State<Arc<App>>, _signed: Signed) -> Json<Vec<CatalogueView>> {
    let units = app.units();
    let entries = |c: &Catalogue| c.entry.iter().map(|e| CatalogueView::of(c, e, &units)).collect();
    Json(in_force(&app).map(entries).unwrap_or_default())
}

/// One version of the dispatch catalogue.
#[derive(Debug, Serialize, ToSchema)]
pub struct CatalogueVersionView {
    pub version: u32,
    /// The first day of this version.
    #[schema(format = Date)]
    pub in_force: String,
    /// Whether it is the one that holds today.
    pub holds: bool,
    /// Written for a start, not issued by an authority.
    pub default: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// How many entries it has.
    pub entries: usize,
}

/// All versions of the dispatch catalogue, ascending.
#[utoipa::path(get, path = "/api/v1/catalogue/versions", operation_id = "catalogue_versions", tag = "reference",
    responses((status = 200, body = Vec<CatalogueVersionView>), (status = 401, body = Problem)))]
pub async fn versions(State(app): State<Arc<App>>, _signed: Signed) -> Json<Vec<CatalogueVersionView>> {
    let today = in_force(&app).map(|c| c.catalogue.version);
    let view = |c: &Catalogue| CatalogueVersionView {
        version: c.catalogue.version,
        in_force: c.catalogue.in_force.to_string(),
        holds: Some(c.catalogue.version) == today,
        default: c.catalogue.default,
        note: c.catalogue.note.clone(),
        entries: c.entry.len(),
    };
    Json(app.law.catalogues(&app.jurisdiction).iter().map(view).collect())
}

/// Which versions to compare.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ChangesQuery {
    /// The older version.
    pub from: u32,
    /// The newer version.
    pub to: u32,
}

/// What changes from one version of the dispatch catalogue to another, entry by entry, as sentences.
#[utoipa::path(get, path = "/api/v1/catalogue/changes", operation_id = "catalogue_changes", tag = "reference",
    params(ChangesQuery),
    responses((status = 200, body = Vec<Change>), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 404, body = Problem)))]
pub async fn changed(
    State(app): State<Arc<App>>,
    _signed: Signed,
    query: Result<Query<ChangesQuery>, QueryRejection>,
) -> Result<Json<Vec<Change>>, Problem> {
    let Query(q) = query?;
    let version = |n: u32| {
        let missing = || Problem::not_found(format!("派单目录没有第{n}版；请在各版中选择"));
        app.law.catalogue_version(&app.jurisdiction, n).ok_or_else(missing)
    };
    let units = app.units();
    Ok(Json(changes(version(q.from)?, version(q.to)?, |id| name(&units, id))))
}
