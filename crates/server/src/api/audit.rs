//! The audit journal for the audit administrator, and for nobody else: to read and to export. There is no way to change it.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Query, State, rejection::QueryRejection},
    http::header,
    response::{IntoResponse, Response},
};
use jiesu_domain::{
    Instant, Role,
    access::Right,
    audit::{ActKind, Outcome},
};
use jiesu_store::{AuditEntry, AuditFilter};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::{IntoParams, ToSchema};

use super::{auth::Signed, body::Body, problem::Problem};
use crate::{
    app::{Act, App},
    workbook::harmless,
};

/// Entries of one export: more is two exports.
const EXPORT_MOST: usize = 50_000;
/// Characters of a reason at least.
const REASON_LEAST: usize = 2;

/// Which entries are wanted.
#[derive(Debug, Default, Deserialize, IntoParams, ToSchema)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AuditQuery {
    /// From this time on.
    #[param(value_type = Option<String>, format = DateTime)]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub from: Option<Instant>,
    /// Before this time.
    #[param(value_type = Option<String>, format = DateTime)]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub to: Option<Instant>,
    /// Of this account.
    pub who: Option<String>,
    pub kind: Option<ActKind>,
    /// On this ticket, account, setting or address of the API.
    pub subject: Option<String>,
    pub cursor: Option<String>,
}

impl AuditQuery {
    fn filter(&self) -> AuditFilter {
        let text = |t: &Option<String>| t.as_deref().map(str::trim).filter(|t| !t.is_empty()).map(str::to_owned);
        AuditFilter {
            from: self.from,
            to: self.to,
            who: text(&self.who),
            kind: self.kind.map(|k| k.code().to_owned()),
            subject: text(&self.subject),
        }
    }
}

/// An entry.
#[derive(Debug, Serialize, ToSchema)]
pub struct AuditItem {
    pub seq: i64,
    #[schema(value_type = String, format = DateTime)]
    pub at: Instant,
    /// The account; empty for somebody who is not signed in.
    pub who: String,
    pub who_name: String,
    pub role_name: String,
    pub kind: String,
    pub kind_name: String,
    pub subject: String,
    pub refused: bool,
    pub outcome_name: String,
    pub reason: String,
    /// Codes and counts.
    #[schema(value_type = Object)]
    pub detail: Value,
    /// The address it came from.
    pub origin: String,
    pub hash: String,
}

/// A kind of act: its code and its Chinese name.
#[derive(Debug, Serialize, ToSchema)]
pub struct AuditKind {
    pub code: &'static str,
    pub name: &'static str,
}

/// A page of the audit journal, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct AuditPage {
    pub items: Vec<AuditItem>,
    pub next: Option<String>,
    /// Every kind that there is, for the form.
    pub kinds: Vec<AuditKind>,
}

/// The Chinese name of a stored word; the word itself where a newer program wrote it.
pub(super) fn name<T: std::str::FromStr>(code: &str, zh: impl Fn(T) -> &'static str) -> String {
    code.parse().map_or_else(|_| code.to_owned(), |word| zh(word).to_owned())
}

fn item(app: &App, entry: AuditEntry) -> AuditItem {
    let AuditEntry { seq, entry: e, hash } = entry;
    AuditItem {
        seq,
        at: e.at,
        who_name: app.account_name(&e.who),
        role_name: name(&e.role, Role::zh),
        kind_name: name(&e.kind, ActKind::zh),
        refused: e.outcome == Outcome::Refused.code(),
        outcome_name: name(&e.outcome, Outcome::zh),
        detail: serde_json::from_str(&e.detail).unwrap_or_default(),
        who: e.who,
        kind: e.kind,
        subject: e.subject,
        reason: e.reason,
        origin: e.origin,
        hash,
    }
}

/// The audit journal, newest first.
#[utoipa::path(get, path = "/api/v1/audit", operation_id = "audit", tag = "audit", params(AuditQuery),
    responses((status = 200, body = AuditPage), (status = 401, body = Problem), (status = 403, body = Problem)))]
pub async fn list(
    State(app): State<Arc<App>>,
    signed: Signed,
    query: Result<Query<AuditQuery>, QueryRejection>,
) -> Result<Json<AuditPage>, Problem> {
    let Query(query) = query?;
    signed.need(Right::ReadAudit)?;
    let page = app.store.audit(&app.jurisdiction, &query.filter(), query.cursor.as_deref(), 50).await;
    let page = page.map_err(Problem::of_page)?;
    let kinds = ActKind::ALL.iter().map(|k| AuditKind { code: k.code(), name: k.zh() }).collect();
    Ok(Json(AuditPage { items: page.items.into_iter().map(|e| item(&app, e)).collect(), next: page.next, kinds }))
}

/// What is to be exported, and why.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AuditExport {
    #[serde(default)]
    pub filter: AuditQuery,
    pub reason: String,
}

/// Exports entries as a table (CSV), oldest first; the export itself is written down before anything is given out.
#[utoipa::path(post, path = "/api/v1/audit/export", operation_id = "export_audit", tag = "audit", request_body = AuditExport,
    responses((status = 200, content_type = "text/csv", body = String), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 422, body = Problem)))]
pub async fn export(
    State(app): State<Arc<App>>,
    signed: Signed,
    Body(wanted): Body<AuditExport>,
) -> Result<Response, Problem> {
    signed.need(Right::ReadAudit)?;
    let reason = wanted.reason.trim();
    if reason.chars().count() < REASON_LEAST {
        return Err(Problem::invalid("reason", "请写明导出的理由，导出会留下记录"));
    }
    let filter = wanted.filter.filter();
    let (mut entries, mut cursor) = (Vec::new(), None::<String>);
    loop {
        let page = app.store.audit(&app.jurisdiction, &filter, cursor.as_deref(), 100).await?;
        entries.extend(page.items);
        if entries.len() > EXPORT_MOST {
            let detail = format!("一次最多导出{EXPORT_MOST}条，请缩小时间范围分几次导出");
            return Err(Problem::over_limit("export", detail));
        }
        cursor = page.next;
        if cursor.is_none() {
            break;
        }
    }
    entries.reverse();
    let said = json!({
        "entries": entries.len(), "from": filter.from, "to": filter.to, "who": filter.who, "kind": filter.kind,
        "subject": filter.subject,
    });
    let act = Act::done(ActKind::Exported, "audit").because(reason).with(said).from(signed.from);
    let table = table(&app, entries).map_err(|e| Problem::internal(&e))?;
    app.audit(&signed.actor, act).await?;
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"audit.csv\""),
        (header::CACHE_CONTROL, "private, no-store"),
    ];
    Ok((headers, table).into_response())
}

fn table(app: &App, entries: Vec<AuditEntry>) -> Result<Vec<u8>, csv::Error> {
    // Excel takes a table without this mark for GBK.
    let mut out = csv::Writer::from_writer("\u{feff}".as_bytes().to_vec());
    out.write_record([
        "序号",
        "时间",
        "账户",
        "姓名",
        "角色",
        "事项",
        "对象",
        "结果",
        "理由",
        "详情",
        "来源地址",
        "哈希",
    ])?;
    for entry in entries {
        let detail = entry.entry.detail.clone();
        let e = item(app, entry);
        let (seq, at) = (e.seq.to_string(), e.at.to_string());
        let texts = [
            e.who,
            e.who_name,
            e.role_name,
            e.kind_name,
            e.subject,
            e.outcome_name,
            e.reason,
            detail,
            e.origin,
            e.hash,
        ];
        out.write_record([seq, at].into_iter().chain(texts.map(harmless)))?;
    }
    out.into_inner().map_err(|e| e.into_error().into())
}
