//! Errors by RFC 9457: every one says in Chinese what is wrong and what to do next. The table of codes is in `docs/api.md`.

use axum::{
    Json,
    extract::{FromRequestParts, Path, rejection::QueryRejection},
    http::{HeaderValue, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use jiesu_domain::{
    explain,
    ticket::{FileCheck, Refusal, RefusalKind},
};
use jiesu_store::StoreError;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    app::{App, ExecuteError, FileError},
    files::{UploadError, WrongKind},
    limits::{Limits, size_words},
    telemetry::request_id,
};

/// A problem document.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Problem {
    /// Stable name of the sort of problem, e.g. `/problems/refused`.
    #[serde(rename = "type")]
    pub kind: &'static str,
    pub title: &'static str,
    pub status: u16,
    /// What happened and what to do next.
    pub detail: String,
    /// The rule that refused, e.g. `longer-than-original-limit`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub article: Option<String>,
    /// What a rule refused, in one sentence that can be printed: what, the article, and in words each reading it rests on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// The field of the input that is wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// The limit that was met, by its name in the settings, e.g. `file`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<&'static str>,
    /// Bytes of an upload that have come, where the client stood elsewhere.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub offset: Option<u64>,
    /// Seconds after which it can be tried again; a header.
    #[serde(skip)]
    pub retry_after: Option<u64>,
    /// The ticket's version now, after a conflict.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<i64>,
    /// Name of the request, by which its lines in the log are found; also in the header `x-request-id`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request: Option<String>,
}

impl Problem {
    fn new(status: StatusCode, kind: &'static str, title: &'static str, detail: impl Into<String>) -> Problem {
        Problem {
            kind,
            title,
            status: status.as_u16(),
            detail: detail.into(),
            rule: None,
            article: None,
            why: None,
            field: None,
            limit: None,
            offset: None,
            retry_after: None,
            version: None,
            request: None,
        }
    }

    /// What was not carried out. A rule's refusal is explained in the words of the rulebook it rests on.
    pub fn of(app: &App, error: ExecuteError) -> Problem {
        let ExecuteError::Refused(refusal) = error else { return error.into() };
        let book = refusal.basis.as_ref().map(|basis| app.rulebook_behind(basis).unwrap_or_else(|| app.rulebook()));
        let why = book.map(|book| explain::refusal(&refusal, book));
        Problem { why, ..refusal.into() }
    }

    /// A page of a list that cannot be had: its cursor is none of ours, or the store failed.
    pub fn of_page(error: StoreError) -> Problem {
        if error.is_invalid() {
            return Problem::bad_request("翻页位置已失效，请从第一页重新查看");
        }
        error.into()
    }

    pub fn unauthenticated() -> Problem {
        Problem::new(
            StatusCode::UNAUTHORIZED,
            "/problems/unauthenticated",
            "尚未登录",
            "请先登录；登录已过期的请重新登录，已填写的内容不会丢失",
        )
    }

    pub fn forbidden(detail: impl Into<String>) -> Problem {
        Problem::new(StatusCode::FORBIDDEN, "/problems/forbidden", "没有权限", detail)
    }

    pub fn not_found(detail: impl Into<String>) -> Problem {
        Problem::new(StatusCode::NOT_FOUND, "/problems/not-found", "没有找到", detail)
    }

    pub fn no_such_method() -> Problem {
        let detail = "这个地址不能这样使用；请核对接口说明";
        Problem::new(StatusCode::METHOD_NOT_ALLOWED, "/problems/method-not-allowed", "用法不对", detail)
    }

    pub fn bad_request(detail: impl Into<String>) -> Problem {
        Problem::new(StatusCode::BAD_REQUEST, "/problems/bad-request", "请求有误", detail)
    }

    pub fn invalid(field: impl Into<String>, detail: impl Into<String>) -> Problem {
        let problem = Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "/problems/invalid-input", "填写有误", detail);
        Problem { field: Some(field.into()), ..problem }
    }

    pub fn too_many(minutes: i64) -> Problem {
        let detail = format!("失败次数过多，请{minutes}分钟后再试");
        Problem::new(StatusCode::TOO_MANY_REQUESTS, "/problems/too-many", "暂时不能再试", detail)
    }

    /// More was sent than a limit allows.
    pub fn too_large(limit: &'static str, detail: impl Into<String>) -> Problem {
        let problem = Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "/problems/too-large", "内容过大", detail);
        Problem { limit: Some(limit), ..problem }
    }

    /// The body of a request is too large.
    pub fn body_too_large(limits: &Limits) -> Problem {
        let most = size_words(limits.body);
        Problem::too_large("body", format!("一次提交不能超过{most}，请精简后再提交；文件请作为附件上传"))
    }

    /// A part of a file that is not there.
    pub fn bad_range() -> Problem {
        let detail = "要下载的部分超出文件长度，请重新下载";
        Problem::new(StatusCode::RANGE_NOT_SATISFIABLE, "/problems/bad-request", "请求有误", detail)
    }

    /// A number of things is over its limit.
    pub fn over_limit(limit: &'static str, detail: impl Into<String>) -> Problem {
        let problem = Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "/problems/over-limit", "超出限制", detail);
        Problem { limit: Some(limit), ..problem }
    }

    /// More requests than a limit allows; open again after so many seconds.
    pub fn too_often(limit: &'static str, seconds: u64) -> Problem {
        let detail = format!("操作过于频繁，请{seconds}秒后再试，已填写的内容不会丢失");
        let problem = Problem::new(StatusCode::TOO_MANY_REQUESTS, "/problems/too-often", "操作过于频繁", detail);
        Problem { limit: Some(limit), retry_after: Some(seconds), ..problem }
    }

    fn conflict(version: i64) -> Problem {
        let detail = "工单刚被他人更新，您的操作没有生效；请刷新查看最新情况后再决定，已填写的内容不会丢失";
        Problem {
            version: Some(version),
            ..Problem::new(StatusCode::CONFLICT, "/problems/changed-meanwhile", "工单已变化", detail)
        }
    }

    /// What was asked is done; only the page that shows it could not be read.
    pub fn done_unseen(self) -> Problem {
        if self.status < 500 {
            return self;
        }
        let detail = "已经保存，但暂时读不到最新内容；请稍后刷新查看，不必再次提交";
        Problem::new(StatusCode::SERVICE_UNAVAILABLE, "/problems/done-unseen", "已保存，暂时不能显示", detail)
    }

    /// This process should be given no work now.
    pub fn not_ready(reason: String) -> Problem {
        Problem::new(StatusCode::SERVICE_UNAVAILABLE, "/problems/not-ready", "尚未就绪", reason)
    }

    /// Something of ours failed. The cause goes to the log, never to the screen.
    pub fn internal(error: &dyn std::error::Error) -> Problem {
        tracing::error!(error = %error, "request failed");
        let detail = "系统暂时不能完成这一操作，没有保存任何更改；请稍后再试，仍不行请联系系统管理员";
        Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "/problems/internal", "系统出错", detail)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let retry_after = self.retry_after;
        let mut response = (status, Json(Problem { request: request_id(), ..self })).into_response();
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if let Some(seconds) = retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
        }
        response
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Problem {
        let (status, kind, title) = match refusal.kind {
            RefusalKind::Forbidden => (StatusCode::FORBIDDEN, "/problems/forbidden", "没有权限"),
            RefusalKind::NotNow => (StatusCode::CONFLICT, "/problems/not-now", "现在不能办理"),
            RefusalKind::Rule => (StatusCode::UNPROCESSABLE_ENTITY, "/problems/refused", "办法不允许"),
            RefusalKind::Input => (StatusCode::UNPROCESSABLE_ENTITY, "/problems/invalid-input", "填写有误"),
        };
        let article = refusal.article().map(str::to_owned);
        let field = refusal.field.map(str::to_owned);
        Problem { rule: Some(refusal.rule), article, field, ..Problem::new(status, kind, title, refusal.message) }
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Problem {
        if error.is_retryable() {
            tracing::warn!(error = %error, "store busy");
            let detail = "系统繁忙，没有保存任何更改；请稍后再试";
            return Problem::new(StatusCode::SERVICE_UNAVAILABLE, "/problems/busy", "系统繁忙", detail);
        }
        if let StoreError::Unsure { .. } | StoreError::Closed { .. } = error {
            tracing::error!(error = %error, "a commit that may stand or not");
            let detail = "数据库中断，不能确定是否已保存；请稍后重试，已保存的不会重复";
            return Problem::new(StatusCode::SERVICE_UNAVAILABLE, "/problems/unsure", "不能确定是否已保存", detail);
        }
        if let StoreError::ReadOnly { .. } | StoreError::Full { .. } = error {
            tracing::error!(error = %error, "nothing can be written");
            let detail = "系统暂时不能保存，没有保存任何更改；已有内容仍可查看，请联系系统管理员";
            return Problem::new(StatusCode::SERVICE_UNAVAILABLE, "/problems/read-only", "暂时不能保存", detail);
        }
        if error.is_invalid() {
            return Problem::bad_request("内容中有不能保存的字符，没有保存任何更改；请删去后再试");
        }
        Problem::internal(&error)
    }
}

impl From<ExecuteError> for Problem {
    fn from(error: ExecuteError) -> Problem {
        match error {
            ExecuteError::Refused(refusal) => refusal.into(),
            ExecuteError::NotFound => Problem::not_found("没有这个工单，或您无权查看；请核对编号"),
            ExecuteError::Conflict { current } => Problem::conflict(current),
            ExecuteError::Store(error) => error.into(),
            error @ ExecuteError::Unreadable { .. } => Problem::internal(&error),
        }
    }
}

impl From<FileError> for Problem {
    fn from(error: FileError) -> Problem {
        match error {
            FileError::Execute(error) => error.into(),
            FileError::Upload(error) => of_upload(error),
            FileError::Kind(WrongKind::Io(error)) | FileError::Io(error) => of_disk(&error),
            FileError::Kind(wrong) => {
                Problem { field: Some("name".into()), ..Problem::over_limit("type", wrong.to_string()) }
            }
            FileError::Limit(limit @ ("file" | "files_size"), detail) => Problem::too_large(limit, detail),
            FileError::Limit(limit, detail) => Problem::over_limit(limit, detail),
            FileError::NotClean(FileCheck::Infected) => {
                Problem::forbidden("这个附件查出病毒，已隔离，不能下载；需要的，请上传人重新提供")
            }
            FileError::NotClean(_) => {
                let detail =
                    "附件正在查毒，查完才能下载，一般只要几秒；等了几分钟仍这样的，请联系系统管理员查看查毒服务";
                Problem::new(StatusCode::CONFLICT, "/problems/not-now", "现在不能办理", detail)
            }
            FileError::NotSetUp => Problem::internal(&error),
        }
    }
}

/// `Path` whose rejections are problems: an address that cannot be is nobody's.
#[derive(Debug)]
pub struct At<T>(pub T);

impl<T: serde::de::DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for At<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let path = Path::from_request_parts(parts, state).await;
        path.map(|Path(at)| At(at)).map_err(|_| Problem::not_found("没有这个地址；请核对编号"))
    }
}

fn of_upload(error: UploadError) -> Problem {
    let conflict =
        |detail: &str| Problem::new(StatusCode::CONFLICT, "/problems/upload-elsewhere", "上传位置不符", detail);
    match error {
        UploadError::NotFound => Problem::not_found("没有这个附件，或您无权查看；没有传完的附件一天后清除，请重新上传"),
        UploadError::Busy => conflict("这个附件正在由另一个请求上传，请稍后再试"),
        UploadError::WrongOffset(offset) => {
            Problem { offset: Some(offset), ..conflict("请从已收到的位置继续上传") }
        }
        UploadError::TooMuch => {
            Problem::too_large("declared", "收到的内容比申报的长，多出的没有保存；请重新选择文件上传")
        }
        UploadError::WrongContent => {
            Problem::invalid("sm3", "收到的内容与申报的摘要不一致，可能传输中出错或文件已改动；请重新上传")
        }
        UploadError::Io(error) => of_disk(&error),
    }
}

/// A file that could not be written or read.
fn of_disk(error: &std::io::Error) -> Problem {
    use std::io::ErrorKind as Kind;
    if !matches!(error.kind(), Kind::StorageFull | Kind::QuotaExceeded | Kind::ReadOnlyFilesystem) {
        return Problem::internal(error);
    }
    tracing::error!(%error, "no file can be written");
    let detail = "系统暂时不能保存附件，已收到的部分还在；已有内容仍可查看，请联系系统管理员，之后继续上传";
    Problem::new(StatusCode::SERVICE_UNAVAILABLE, "/problems/read-only", "暂时不能保存", detail)
}

impl From<QueryRejection> for Problem {
    fn from(_: QueryRejection) -> Problem {
        Problem::bad_request("查询条件有误，请重新选择")
    }
}
