//! Errors by RFC 9457: every one says in Chinese what is wrong and what to do next. The table of codes is in `docs/api.md`.

use axum::{
    Json,
    extract::{
        FromRequest, FromRequestParts, Path,
        rejection::{JsonRejection, QueryRejection},
    },
    http::{HeaderValue, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use jiesu_domain::{
    explain,
    ticket::{Refusal, RefusalKind},
};
use jiesu_store::StoreError;
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::{App, ExecuteError};

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
    /// The ticket's version now, after a conflict.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<i64>,
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
            version: None,
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

    pub fn too_large() -> Problem {
        Problem::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "/problems/too-large",
            "内容过大",
            "一次提交不能超过1MB，请精简后再提交",
        )
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
        let mut response = (status, Json(self)).into_response();
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
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

/// `Json` whose rejections are problems. Errors of the reader name a position and the expected word, never a value of the input.
#[derive(Debug)]
pub struct Body<T>(pub T);

impl<T: serde::de::DeserializeOwned, S: Send + Sync> FromRequest<S> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: axum::extract::Request, state: &S) -> Result<Self, Problem> {
        match Json::<T>::from_request(request, state).await {
            Ok(Json(value)) => Ok(Body(value)),
            Err(rejection) => Err(rejected(&rejection)),
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

fn rejected(rejection: &JsonRejection) -> Problem {
    match rejection {
        JsonRejection::JsonDataError(e) => {
            // The reader quotes words of the input ("unknown variant `…`"); only the field's path may be told.
            let text = e.body_text();
            let field = text.split_once(": ").and_then(|(_, rest)| rest.split_once(": ")).map_or("", |(path, _)| path);
            let field = if field.len() < 60 && field.is_ascii() { field } else { "" };
            Problem::invalid(field, "内容与要求不符：有缺少的项、多余的项或不认识的值，请核对后再提交")
        }
        JsonRejection::JsonSyntaxError(_) => Problem::bad_request("不是有效的 JSON"),
        JsonRejection::MissingJsonContentType(_) => Problem::bad_request("请求须以 application/json 提交"),
        JsonRejection::BytesRejection(e) if e.status() == StatusCode::PAYLOAD_TOO_LARGE => Problem::too_large(),
        _ => Problem::bad_request("读不到请求内容，请重试"),
    }
}

impl From<QueryRejection> for Problem {
    fn from(_: QueryRejection) -> Problem {
        Problem::bad_request("查询条件有误，请重新选择")
    }
}
