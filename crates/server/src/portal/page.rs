//! What all pages share: the frame, the errors of a form, and the page that says what went wrong.

use std::sync::LazyLock;

use askama::Template;
use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{Html, IntoResponse, Response},
};
use jiesu_domain::{Rulebook, ticket::Refusal};
use jiesu_store::StoreError;

use super::CSS;
use crate::{
    api::problem::Problem,
    app::{App, ExecuteError, digest},
};

/// Names the style sheet's contents, so that browsers may keep it for ever.
pub(super) fn css_version() -> &'static str {
    static VERSION: LazyLock<String> = LazyLock::new(|| digest(CSS)[..12].to_owned());
    &VERSION
}

/// The frame of a page.
pub(super) struct Site {
    pub name: String,
    pub css: &'static str,
    /// Name and version of the rulebook in force.
    pub law: String,
    /// Which entry of the navigation this is.
    pub here: &'static str,
}

impl Site {
    pub fn of(app: &App, here: &'static str) -> Site {
        let head = &app.rulebook().rulebook;
        let status = head.status.as_ref().map_or_else(String::new, |s| format!("（{s}）"));
        let law = format!("《{}》{status}", head.name);
        Site { name: format!("{}12345热线", head.place), css: css_version(), law, here }
    }

    /// Where no place is known: a page that does not exist.
    fn anywhere() -> Site {
        Site { name: "12345热线".into(), css: css_version(), law: String::new(), here: "" }
    }
}

/// Numbers to call in an emergency; those of digits only can be dialled from the page.
pub(super) struct Line {
    pub name: String,
    pub dial: bool,
}

pub(super) fn emergency_lines(book: &Rulebook) -> Vec<Line> {
    let line = |name: &String| Line { dial: name.bytes().all(|b| b.is_ascii_digit()), name: name.clone() };
    book.emergency.lines.iter().map(line).collect()
}

/// What is wrong with a form: a field by its id, or nothing for the form as a whole.
#[derive(Default)]
pub(super) struct Errors(pub Vec<(&'static str, String)>);

impl Errors {
    pub fn add(&mut self, field: &'static str, message: impl Into<String>) {
        self.0.push((field, message.into()));
    }

    pub fn of(&self, field: &str) -> Option<&str> {
        self.0.iter().find(|(f, _)| *f == field).map(|(_, m)| m.as_str())
    }

    pub fn any(&self) -> bool {
        !self.0.is_empty()
    }

    /// A refusal in its own words, with its article, at the field it speaks of if the form has it.
    pub fn refused(fields: &[&'static str], refusal: &Refusal) -> Errors {
        let article = refusal.article().map_or_else(String::new, |a| format!("（{a}）"));
        let field = fields.iter().find(|f| Some(**f) == refusal.field).copied().unwrap_or("");
        Errors(vec![(field, format!("{}{article}", refusal.message))])
    }
}

/// A page of text and forms.
pub(super) fn html(status: StatusCode, template: &impl Template) -> Result<Response, Failure> {
    let text = template.render().map_err(|e| Failure::from(Problem::internal(&e)))?;
    Ok((status, Html(text)).into_response())
}

/// A page that may be kept but must be asked for anew: nothing on it is personal.
pub(super) fn public_html(template: &impl Template) -> Result<Response, Failure> {
    let mut response = html(StatusCode::OK, template)?;
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    Ok(response)
}

#[derive(Template)]
#[template(path = "portal/failure.html")]
struct FailurePage {
    site: Site,
    title: &'static str,
    detail: String,
}

/// A request that came to nothing, told in words. Nothing has changed then.
pub(super) struct Failure {
    status: StatusCode,
    title: &'static str,
    detail: String,
}

impl Failure {
    pub fn new(status: StatusCode, title: &'static str, detail: impl Into<String>) -> Failure {
        Failure { status, title, detail: detail.into() }
    }

    /// A body that is no form of ours.
    pub fn unreadable() -> Failure {
        Failure::new(StatusCode::BAD_REQUEST, "没有收到完整的内容", "请返回上一页，再提交一次")
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let page = FailurePage { site: Site::anywhere(), title: self.title, detail: self.detail };
        match page.render() {
            Ok(text) => (self.status, Html(text)).into_response(),
            Err(error) => {
                tracing::error!(%error, "the page for errors cannot be rendered");
                (self.status, "系统出错，请拨打12345\n").into_response()
            }
        }
    }
}

impl From<Problem> for Failure {
    /// The staff's words ("refresh", "your administrator") say nothing to a citizen.
    fn from(problem: Problem) -> Failure {
        let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        if status.is_server_error() || status == StatusCode::CONFLICT {
            let detail = "刚才的操作没有保存。请稍后返回上一页再试一次，所填内容一般还在";
            return Failure::new(status, "系统暂时不能完成", detail);
        }
        Failure::new(status, problem.title, problem.detail)
    }
}

impl From<ExecuteError> for Failure {
    fn from(error: ExecuteError) -> Failure {
        Problem::from(error).into()
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Failure {
        Problem::from(error).into()
    }
}
