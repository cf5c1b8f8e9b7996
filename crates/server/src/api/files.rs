//! Files of a ticket. Sending in follows the core of the tus protocol 1.0 (`HEAD`, `PATCH`, `Upload-Offset`); its beginning and its end are
//! ours, because what is wanted travels in a body (names are personal) and attaching is a decision that can be refused.

use std::{future::poll_fn, pin::Pin, sync::Arc, time::Duration};

use axum::{
    Json,
    body::{Body as Content, HttpBody},
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use jiesu_domain::{audit::ActKind, ticket::FilePurpose};
use serde::{Deserialize, Serialize};
use serde_json::json;
use tokio::time::timeout;
use tokio_util::io::ReaderStream;
use utoipa::ToSchema;

use super::{
    auth::Signed,
    body::Body,
    problem::{At, Problem},
    tickets::page,
};
use crate::{
    app::{Act, App, FileError, Wanted, tidy_number},
    limits::size_words,
    view::TicketView,
};

const OFFSET: HeaderName = HeaderName::from_static("upload-offset");
const LENGTH: HeaderName = HeaderName::from_static("upload-length");
const TUS: HeaderName = HeaderName::from_static("tus-resumable");
const TUS_VERSION: HeaderValue = HeaderValue::from_static("1.0.0");
/// A connection that is silent for so long is taken for lost: the upload is let go, so that the next one can go on with it.
const PATIENCE: Duration = Duration::from_secs(20);

/// What is to be sent in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewFile {
    /// With its extension; kept beside the journal, never in it.
    pub name: String,
    pub purpose: FilePurpose,
    /// Bytes.
    pub size: u64,
    /// SM3 of the whole content, 64 hexadecimal digits in lower case. Who tells it is told if another content arrived.
    pub sm3: Option<String>,
}

impl std::fmt::Debug for NewFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewFile").field("size", &self.size).finish_non_exhaustive()
    }
}

/// An upload that has begun.
#[derive(Debug, Serialize, ToSchema)]
pub struct Begun {
    pub id: String,
    /// Where the pieces go.
    pub url: String,
    /// Most bytes of one piece.
    pub piece: u64,
}

/// Begins an upload to a ticket. Whatever can be refused before the content comes is refused here.
#[utoipa::path(post, path = "/api/v1/tickets/{number}/files", operation_id = "begin_upload", tag = "files", request_body = NewFile,
    params(("number" = String, Path)),
    responses((status = 201, body = Begun), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem),
        (status = 409, body = Problem), (status = 413, body = Problem), (status = 422, body = Problem)))]
pub async fn begin(
    State(app): State<Arc<App>>,
    signed: Signed,
    At(number): At<String>,
    Body(new): Body<NewFile>,
) -> Result<Response, Problem> {
    let wanted = Wanted { name: &new.name, purpose: new.purpose, size: new.size, sm3: new.sm3.as_deref() };
    let id = app.begin_upload(&signed.actor, &tidy_number(&number), wanted).await?;
    begun(&app, id)
}

/// The answer to who began an upload.
pub(super) fn begun(app: &App, id: String) -> Result<Response, Problem> {
    let url = format!("/api/v1/uploads/{id}");
    let begun = Begun { id, url: url.clone(), piece: app.limits().piece };
    let headers =
        [(header::LOCATION, HeaderValue::from_str(&url).map_err(|e| Problem::internal(&e))?), (TUS, TUS_VERSION)];
    Ok((StatusCode::CREATED, headers, Json(begun)).into_response())
}

/// Where an upload stands: `Upload-Offset` of `Upload-Length`. Asked after a break.
#[utoipa::path(head, path = "/api/v1/uploads/{id}", tag = "files", params(("id" = String, Path)),
    responses((status = 200), (status = 401), (status = 404)))]
pub async fn stands(State(app): State<Arc<App>>, signed: Signed, At(id): At<String>) -> Result<Response, Problem> {
    let (declared, offset) = app.files()?.uploads.look(&id, &signed.actor.id).map_err(FileError::from)?;
    let headers = [
        (OFFSET, HeaderValue::from(offset)),
        (LENGTH, declared.size.into()),
        (TUS, TUS_VERSION),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    Ok((StatusCode::OK, headers).into_response())
}

/// Sends a piece, from `Upload-Offset` on. What came before a break stays.
#[utoipa::path(patch, path = "/api/v1/uploads/{id}", operation_id = "send_piece", tag = "files",
    request_body(content = Vec<u8>, content_type = "application/offset+octet-stream"),
    params(("id" = String, Path), ("Upload-Offset" = u64, Header)),
    responses((status = 204), (status = 400, body = Problem), (status = 401, body = Problem), (status = 404, body = Problem),
        (status = 409, body = Problem), (status = 413, body = Problem)))]
pub async fn piece(
    State(app): State<Arc<App>>,
    signed: Signed,
    At(id): At<String>,
    request: Request,
) -> Result<Response, Problem> {
    let offset = offset(request.headers())?;
    let most = app.limits().piece;
    let too_large = || Problem::too_large("piece", format!("一段不能超过{}，请分成更小的段上传", size_words(most)));
    if length(request.headers()).is_some_and(|n| n > most) {
        return Err(too_large());
    }
    let mut upload = app.files()?.uploads.hold(&id, &signed.actor.id).map_err(FileError::from)?;
    upload.at(offset).map_err(FileError::from)?;
    let (mut body, mut taken) = (request.into_body(), Ok(()));
    // A break or a long silence ends the piece like its end does: what came stays, and the client asks where it stands.
    while let (Ok(()), Ok(Some(Ok(data)))) = (&taken, timeout(PATIENCE, next(&mut body)).await) {
        taken = if upload.offset + data.len() as u64 > offset + most {
            Err(too_large())
        } else {
            upload.write(&data).await.map_err(|e| FileError::from(e).into())
        };
    }
    let stood = upload.settle().await.map_err(FileError::from)?;
    taken?;
    Ok((StatusCode::NO_CONTENT, [(OFFSET, HeaderValue::from(stood)), (TUS, TUS_VERSION)]).into_response())
}

fn offset(headers: &HeaderMap) -> Result<u64, Problem> {
    let kind = headers.get(header::CONTENT_TYPE).is_some_and(|v| v == "application/offset+octet-stream");
    let version = headers.get(TUS).is_none_or(|v| v == TUS_VERSION);
    let offset = headers.get(OFFSET).and_then(|v| v.to_str().ok()?.parse().ok());
    offset
        .filter(|_| kind && version)
        .ok_or_else(|| Problem::bad_request("上传一段须写明 Upload-Offset，并以 application/offset+octet-stream 提交"))
}

fn length(headers: &HeaderMap) -> Option<u64> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// The next data of a body; what is not data (trailers) is passed over.
async fn next(body: &mut Content) -> Option<Result<axum::body::Bytes, axum::Error>> {
    loop {
        match poll_fn(|cx| Pin::new(&mut *body).poll_frame(cx)).await? {
            Err(e) => return Some(Err(e)),
            Ok(frame) => match frame.into_data() {
                Ok(data) => return Some(Ok(data)),
                Err(_) => continue,
            },
        }
    }
}

/// Gives an upload up.
#[utoipa::path(delete, path = "/api/v1/uploads/{id}", operation_id = "give_up_upload", tag = "files", params(("id" = String, Path)),
    responses((status = 204), (status = 401, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub async fn give_up(State(app): State<Arc<App>>, signed: Signed, At(id): At<String>) -> Result<StatusCode, Problem> {
    let files = app.files()?;
    let held = files.uploads.hold(&id, &signed.actor.id).map_err(FileError::from)?;
    files.uploads.remove(&held.id).map_err(FileError::from)?;
    Ok(StatusCode::NO_CONTENT)
}

/// Ends an upload: the content is looked at and attached. The same again after a lost answer changes nothing.
#[utoipa::path(post, path = "/api/v1/uploads/{id}/finish", operation_id = "finish_upload", tag = "files", params(("id" = String, Path)),
    responses((status = 200, body = TicketView), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem),
        (status = 409, body = Problem), (status = 413, body = Problem), (status = 422, body = Problem)))]
pub async fn finish(
    State(app): State<Arc<App>>,
    signed: Signed,
    At(id): At<String>,
) -> Result<Json<TicketView>, Problem> {
    let number = app.finish_upload(&signed.actor, &id).await?;
    page(&app, &signed.actor, &number).await.map(Json)
}

/// A file, or a part of it (`Range`). Always to be saved, never shown by the browser in our name.
#[utoipa::path(get, path = "/api/v1/tickets/{number}/files/{no}", operation_id = "file", tag = "files",
    params(("number" = String, Path), ("no" = u32, Path), ("Range" = Option<String>, Header)),
    responses((status = 200, content_type = "application/octet-stream", body = Vec<u8>), (status = 206), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem), (status = 416, body = Problem)))]
pub async fn download(
    State(app): State<Arc<App>>,
    signed: Signed,
    At((number, no)): At<(String, u32)>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let number = tidy_number(&number);
    let (file, row) = app.file_of(&signed.actor, &number, no).await?;
    let answer =
        sent(&app, &row.content, row.name.as_deref(), &no.to_string(), &file.media, file.size, &headers).await?;
    // It is there and can be read: now it is written down that it goes out, and nothing of it goes out before.
    if file.purpose.of_appellant() {
        let act = Act::done(ActKind::FileRead, number).with(json!({ "file": no })).from(signed.from);
        app.audit(&signed.actor, act).await?;
    }
    Ok(answer)
}

/// A content, or the part of it that is asked for. `plain` stands in the place of its name for browsers that take no other letters.
pub(crate) async fn sent(
    app: &App,
    content: &str,
    name: Option<&str>,
    plain: &str,
    media: &str,
    size: u64,
    headers: &HeaderMap,
) -> Result<Response, Problem> {
    let asked = range(headers.get(header::RANGE).and_then(|v| v.to_str().ok()), size)?;
    let (from, to) = asked.unwrap_or((0, size));
    let reading = app.files()?.contents.read(content, from, to - from).await.map_err(FileError::from)?;
    let mut response = Content::from_stream(ReaderStream::with_capacity(reading, 64 * 1024)).into_response();
    let set = |response: &mut Response, name, value: String| {
        if let Ok(value) = HeaderValue::from_str(&value) {
            response.headers_mut().insert(name, value);
        }
    };
    set(&mut response, header::CONTENT_TYPE, media.to_owned());
    set(&mut response, header::CONTENT_DISPOSITION, disposition(name, plain));
    set(&mut response, header::CONTENT_LENGTH, (to - from).to_string());
    set(&mut response, header::ACCEPT_RANGES, "bytes".into());
    set(&mut response, header::CACHE_CONTROL, "private, no-store".into());
    if asked.is_some() {
        *response.status_mut() = StatusCode::PARTIAL_CONTENT;
        set(&mut response, header::CONTENT_RANGE, format!("bytes {from}-{}/{size}", to - 1));
    }
    Ok(response)
}

/// One range, as from and to (exclusive); `None`: the whole file. Several ranges at once are answered with the whole, as the RFC allows.
fn range(asked: Option<&str>, size: u64) -> Result<Option<(u64, u64)>, Problem> {
    let Some(spec) = asked.and_then(|a| a.strip_prefix("bytes=")).filter(|s| !s.contains(',')) else { return Ok(None) };
    let Some((from, to)) = spec.trim().split_once('-') else { return Ok(None) };
    let range = match (from.parse::<u64>(), to.parse::<u64>()) {
        (Ok(from), Ok(to)) if to < from => return Ok(None),
        (Ok(from), Ok(to)) => (from, size.min(to.saturating_add(1))),
        (Ok(from), Err(_)) if to.is_empty() => (from, size),
        (Err(_), Ok(last)) if from.is_empty() && last > 0 => (size.saturating_sub(last), size),
        _ => return Ok(None),
    };
    if range.0 >= size { Err(Problem::bad_range()) } else { Ok(Some(range)) }
}

/// `attachment` with a name that any browser takes, and the real one by RFC 6266.
pub fn disposition(name: Option<&str>, no: &str) -> String {
    let name = name.map_or_else(|| format!("附件{no}"), str::to_owned);
    let extension: String =
        name.rsplit_once('.').map_or("", |(_, e)| e).chars().filter(char::is_ascii_alphanumeric).collect();
    let mut encoded = String::new();
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_') {
            encoded.push(char::from(byte));
        } else {
            encoded += &format!("%{byte:02X}");
        }
    }
    format!("attachment; filename=\"file-{no}.{extension}\"; filename*=UTF-8''{encoded}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_at_their_limits() {
        let of = |asked| range(Some(asked), 10).ok().flatten();
        assert_eq!(of("bytes=0-4"), Some((0, 5)));
        assert_eq!(of("bytes=9-"), Some((9, 10)));
        assert_eq!(of("bytes=-3"), Some((7, 10)));
        assert_eq!(of("bytes=-30"), Some((0, 10)));
        assert_eq!(of("bytes=5-100"), Some((5, 10)));
        for whole in ["bytes=0-1,3-4", "bytes=x", "lines=0-1", "bytes=4-3", "bytes=-0"] {
            assert_eq!(of(whole), None, "{whole}");
        }
        assert!(range(Some("bytes=10-"), 10).is_err());
    }

    #[test]
    fn a_chinese_name_is_offered_safely() {
        let said = disposition(Some("现场\"1\";.jpg"), "3");
        let expected = "attachment; filename=\"file-3.jpg\"; filename*=UTF-8''%E7%8E%B0%E5%9C%BA%221%22%3B.jpg";
        assert_eq!(said, expected);
        assert!(HeaderValue::from_str(&said).is_ok());
    }
}
