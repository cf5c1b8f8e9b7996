//! What forms choose from: units, and what the rulebook offers. The catalogue is in `catalogue`.

use std::sync::Arc;

use axum::{Json, extract::State};
use jiesu_domain::{Kind, rulebook::UnitKind};
use jiesu_text::initials::initials;
use serde::Serialize;
use utoipa::ToSchema;

use super::{auth::Signed, problem::Problem};
use crate::{app::App, view::ReadingView};

/// A unit of the directory.
#[derive(Debug, Serialize, ToSchema)]
pub struct UnitView {
    pub id: String,
    pub name: String,
    pub kind: UnitKind,
    pub kind_name: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent: Option<String>,
    pub active: bool,
    /// Of each character of the name the letters that its pinyin may begin with, every reading counted: `["z", "cz", "q"]`.
    pub initials: Vec<String>,
}

/// The directory of units.
#[utoipa::path(get, path = "/api/v1/units", tag = "reference", responses((status = 200, body = Vec<UnitView>), (status = 401, body = Problem)))]
pub async fn units(State(app): State<Arc<App>>, _signed: Signed) -> Json<Vec<UnitView>> {
    let view = |(id, u): (&String, &jiesu_domain::ticket::UnitInfo)| UnitView {
        id: id.clone(),
        name: u.name.clone(),
        kind: u.kind,
        kind_name: u.kind.zh(),
        parent: u.parent.clone(),
        active: u.active,
        initials: initials(&u.name),
    };
    Json(app.units().iter().map(view).collect())
}

/// A choice of a form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Choice {
    pub code: String,
    pub name: String,
}

impl Choice {
    pub fn new(code: impl Into<String>, name: impl Into<String>) -> Choice {
        Choice { code: code.into(), name: name.into() }
    }
}

/// A class of what is not taken.
#[derive(Debug, Serialize, ToSchema)]
pub struct RefusalChoice {
    pub id: String,
    pub name: String,
    pub advice: String,
    pub article: String,
}

/// What no rule of the rulebook carries out, and why.
#[derive(Debug, Serialize, ToSchema)]
pub struct NotEncodedView {
    pub article: String,
    pub reason: String,
}

/// What the rulebook in force offers to forms, its readings, and what of the text it leaves out.
#[derive(Debug, Serialize, ToSchema)]
pub struct RulebookView {
    pub id: String,
    pub name: String,
    pub place: String,
    pub status: Option<String>,
    pub version: u32,
    pub scope: String,
    pub kinds: Vec<Choice>,
    pub refusals: Vec<RefusalChoice>,
    pub closure_grounds: Vec<Choice>,
    pub measures: Vec<Choice>,
    pub exempt_grounds: Vec<Choice>,
    pub supervise_grounds: Vec<Choice>,
    /// Emergency lines that can be called.
    pub lines: Vec<String>,
    pub emergency_matters: Vec<String>,
    pub emergency_kinds: Vec<Choice>,
    pub assume: Vec<ReadingView>,
    pub not_encoded: Vec<NotEncodedView>,
}

macro_rules! choices {
    ($list:expr) => {
        $list.into_iter().map(|w| Choice::new(w.code(), w.zh())).collect()
    };
}

/// Rules of the rulebook that are chosen from, by id and name.
macro_rules! named {
    ($list:expr) => {
        $list.iter().map(|r| Choice::new(r.id.clone(), r.name.clone())).collect()
    };
}

/// The rulebook in force.
#[utoipa::path(get, path = "/api/v1/rulebook", tag = "reference", responses((status = 200, body = RulebookView), (status = 401, body = Problem)))]
pub async fn rulebook(State(app): State<Arc<App>>, _signed: Signed) -> Json<RulebookView> {
    let book = app.rulebook();
    let head = &book.rulebook;
    Json(RulebookView {
        id: head.id.clone(),
        name: head.name.clone(),
        place: head.place.clone(),
        status: head.status.clone(),
        version: head.version,
        scope: book.accept.scope.clone(),
        kinds: choices!(
            book.accept.kinds.iter().copied().chain(Kind::ALL.iter().copied().filter(|k| !k.dispatchable()))
        ),
        refusals: book
            .refusal
            .iter()
            .map(|r| RefusalChoice {
                id: r.id.clone(),
                name: r.name.clone(),
                advice: r.advice.clone(),
                article: r.article.clone().unwrap_or_default(),
            })
            .collect(),
        closure_grounds: named!(book.closure_ground),
        measures: named!(book.measure),
        exempt_grounds: named!(book.exempt),
        supervise_grounds: named!(book.supervise),
        lines: book.emergency.lines.clone(),
        emergency_matters: book.emergency.matters.clone(),
        emergency_kinds: choices!(book.emergency.kinds.iter()),
        assume: book
            .assume
            .iter()
            .map(|a| ReadingView {
                id: a.id.clone(),
                question: a.question.clone(),
                answer: a.answer.clone(),
                like: a.like.clone(),
                default: a.default,
            })
            .collect(),
        not_encoded: book
            .not_encoded
            .iter()
            .map(|n| NotEncodedView { article: n.article.clone(), reason: n.reason.clone() })
            .collect(),
    })
}
