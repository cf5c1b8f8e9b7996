//! Files of the knowledge base. Sending in is as for tickets (`/uploads/{id}`); a version names what was sent in when it is submitted.

use std::sync::Arc;

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::Response,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    auth::Signed,
    body::Body,
    files::{Begun, begun, sent},
    problem::{At, Problem},
};
use crate::{
    app::{App, EntryFile, ExecuteError, FileError},
    files,
    limits::size_words,
    view::knowledge::{EntryFileView, entry_file_view},
};

/// What may go with a version of an entry.
#[derive(Debug, Serialize, ToSchema)]
pub struct KnowledgeFileRules {
    /// Most files of a version.
    pub most: usize,
    /// What may be sent in, and how much of it, in words.
    pub words: String,
    /// Extensions for the browser's chooser.
    pub accept: String,
}

pub(super) fn file_rules(app: &App) -> KnowledgeFileRules {
    let limits = app.limits();
    KnowledgeFileRules {
        most: limits.files,
        words: format!(
            "可上传{}；单个不超过{}，一条最多{}个、合计不超过{}",
            files::ALLOWED,
            size_words(limits.file),
            limits.files,
            size_words(limits.files_size)
        ),
        accept: files::accept(),
    }
}

/// What is to be sent in for an entry.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewKnowledgeFile {
    /// With its extension.
    pub name: String,
    /// Bytes.
    pub size: u64,
    /// SM3 of the whole content, 64 hexadecimal digits in lower case. Who tells it is told if another content arrived.
    pub sm3: Option<String>,
}

impl std::fmt::Debug for NewKnowledgeFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewKnowledgeFile").field("size", &self.size).finish_non_exhaustive()
    }
}

fn problem(error: FileError) -> Problem {
    match error {
        // An entry that is not to be seen and a file that is not there are told alike.
        FileError::Execute(ExecuteError::NotFound) => FileError::Upload(files::UploadError::NotFound).into(),
        error => error.into(),
    }
}

/// Begins an upload for the knowledge base. Whatever can be refused before the content comes is refused here.
#[utoipa::path(post, path = "/api/v1/knowledge/files", operation_id = "begin_knowledge_upload", tag = "knowledge", request_body = NewKnowledgeFile,
    responses((status = 201, body = Begun), (status = 401, body = Problem), (status = 403, body = Problem), (status = 409, body = Problem),
        (status = 413, body = Problem), (status = 422, body = Problem)))]
pub async fn begin(
    State(app): State<Arc<App>>,
    signed: Signed,
    Body(new): Body<NewKnowledgeFile>,
) -> Result<Response, Problem> {
    let wanted = EntryFile { name: &new.name, size: new.size, sm3: new.sm3.as_deref() };
    let id = app.begin_knowledge_upload(&signed.actor, wanted).await?;
    begun(&app, id)
}

/// Ends an upload for the knowledge base: the content is looked at and kept. A version has it once it is submitted with the key; what is not
/// submitted is cleared away like an upload that nobody finishes. The same again after a lost answer changes nothing.
#[utoipa::path(post, path = "/api/v1/knowledge/files/{id}/finish", operation_id = "finish_knowledge_upload", tag = "knowledge",
    params(("id" = String, Path)),
    responses((status = 201, body = EntryFileView), (status = 401, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem),
        (status = 413, body = Problem), (status = 422, body = Problem)))]
pub async fn finish(
    State(app): State<Arc<App>>,
    signed: Signed,
    At(id): At<String>,
) -> Result<(StatusCode, Json<EntryFileView>), Problem> {
    let row = app.finish_knowledge_upload(&signed.actor, &id).await?;
    Ok((StatusCode::CREATED, Json(entry_file_view(&row))))
}

/// A file of an entry, or a part of it (`Range`): of what is said, for who finds the entry; of every version, for who works on it. Always to
/// be saved, never shown by the browser in our name.
#[utoipa::path(get, path = "/api/v1/knowledge/{entry}/files/{file}", operation_id = "knowledge_file", tag = "knowledge",
    params(("entry" = String, Path), ("file" = String, Path), ("Range" = Option<String>, Header)),
    responses((status = 200, content_type = "application/octet-stream", body = Vec<u8>), (status = 206), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem), (status = 416, body = Problem)))]
pub async fn download(
    State(app): State<Arc<App>>,
    signed: Signed,
    At((entry, file)): At<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let row = app.knowledge_file_of(&signed.actor, &entry, &file).await.map_err(problem)?;
    let size = u64::try_from(row.size).unwrap_or_default();
    sent(&app, &row.content, Some(&row.name), &entry, &row.media, size, &headers).await
}
