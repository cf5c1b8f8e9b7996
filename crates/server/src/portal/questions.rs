//! Common questions: what units have opened to citizens, found in their own words. The words are a form's, so that no address carries them.

use std::sync::Arc;

use askama::Template;
use axum::{
    Form,
    extract::{Path, State, rejection::FormRejection},
    http::{HeaderMap, StatusCode},
    response::Response,
};
use jiesu_domain::knowledge::{Audience, File};
use serde::Deserialize;

use super::page::{Failure, Site, html, public_html};
use crate::{
    api::{files::sent, problem::Problem},
    app::{App, FileError},
    files::UploadError,
    limits::size_words,
};

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
    /// Address, name and size of each file that can be taken now.
    files: Vec<(String, String, String)>,
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

fn file_line(entry: &str, file: &File) -> (String, String, String) {
    (format!("/questions/{entry}/files/{}", file.file), file.name.clone(), size_words(file.size))
}

/// `GET /questions/{entry}/files/{file}`: a file of what citizens may read. Always to be saved.
pub(super) async fn file(
    State(app): State<Arc<App>>,
    Path((entry, file)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let row = app.open_knowledge_file(&entry, &file).await.map_err(|error| match error {
        FileError::Upload(UploadError::NotFound) => {
            Failure::new(StatusCode::NOT_FOUND, "没有这个文件", "它可能已经换成新的了，请回到常见问题重新查找")
        }
        error => Problem::from(error).into(),
    })?;
    let size = u64::try_from(row.size).unwrap_or_default();
    Ok(sent(&app, &row.content, Some(&row.name), &entry, &row.media, size, &headers).await?)
}

async fn page(app: &App, q: String) -> Result<QuestionsPage, Failure> {
    let audience = Audience::Public(app.clock.now());
    let mut answers = Vec::new();
    for card in app.search_knowledge(&audience, &q, SHOWN, None).await? {
        // Between the search and now it may have been taken back.
        let Some(content) = app.open_knowledge(&card.entry).await? else { continue };
        let lines = content.guide.iter().flat_map(jiesu_domain::knowledge::Guide::lines);
        let units = app.units();
        let ready = app.ready_knowledge_files(&card.entry, &content).await?;
        answers.push(Answer {
            lines: lines.filter(|(.., said)| !said.is_empty()).map(|(_, name, said)| (name, said.to_owned())).collect(),
            sources: content.sources.iter().map(|s| s.name.clone()).collect(),
            files: content
                .files
                .iter()
                .filter(|f| ready.contains(&f.file))
                .map(|f| file_line(&card.entry, f))
                .collect(),
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
