//! Common questions: what units have opened to citizens, found in their own words. The words are a form's, so that no address carries them.

use std::sync::Arc;

use askama::Template;
use axum::{
    Form,
    extract::{State, rejection::FormRejection},
    http::StatusCode,
    response::Response,
};
use jiesu_domain::knowledge::Audience;
use serde::Deserialize;

use super::page::{Failure, Site, html, public_html};
use crate::app::App;

/// Answers on one page.
const SHOWN: usize = 10;

/// What somebody looks for.
#[derive(Default, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    q: String,
}

struct Answer {
    title: String,
    text: String,
    lines: Vec<(&'static str, String)>,
    sources: Vec<String>,
    unit: String,
    day: String,
}

#[derive(Template)]
#[template(path = "portal/questions.html")]
struct QuestionsPage {
    site: Site,
    q: String,
    answers: Vec<Answer>,
}

/// `GET /questions`: the newest.
pub(super) async fn newest(State(app): State<Arc<App>>) -> Result<Response, Failure> {
    public_html(&page(&app, String::new()).await?)
}

/// `POST /questions`
pub(super) async fn found(
    State(app): State<Arc<App>>,
    asked: Result<Form<Asked>, FormRejection>,
) -> Result<Response, Failure> {
    let Form(asked) = asked.map_err(|_| Failure::unreadable())?;
    html(StatusCode::OK, &page(&app, asked.q.trim().to_owned()).await?)
}

async fn page(app: &App, q: String) -> Result<QuestionsPage, Failure> {
    let audience = Audience::Public(app.clock.now());
    let mut answers = Vec::new();
    for card in app.search_knowledge(&audience, &q, SHOWN, None).await? {
        // Between the search and now it may have been taken back.
        let Some(content) = app.open_knowledge(&card.entry).await? else { continue };
        let lines = content.guide.iter().flat_map(jiesu_domain::knowledge::Guide::lines);
        let units = app.units();
        answers.push(Answer {
            lines: lines.filter(|(.., said)| !said.is_empty()).map(|(_, name, said)| (name, said.to_owned())).collect(),
            sources: content.sources.iter().map(|s| s.name.clone()).collect(),
            title: content.title,
            text: content.text,
            unit: card
                .unit
                .map_or_else(|| "12345热线中心".to_owned(), |u| units.get(&u).map_or(u, |info| info.name.clone())),
            day: jiesu_domain::calendar::Day::of(card.published_at).date().to_string(),
        });
    }
    Ok(QuestionsPage { site: Site::of(app, "questions"), q, answers })
}
