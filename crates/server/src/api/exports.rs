//! Lists that leave the system as a workbook, and the list of those that did. An export is numbered by its entry in the audit journal: there
//! is no other record of it that could say something else.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Query, State, rejection::QueryRejection},
    http::{HeaderMap, HeaderName, HeaderValue, header},
    response::{IntoResponse, Response},
};
use jiesu_domain::{Instant, Kind, Role, access::Right, audit::ActKind, privacy::ExportPurpose, ticket::StateName};
use jiesu_store::{AuditEntry, AuditFilter, ListFilter, PersonRow, Sort};
use rust_xlsxwriter::XlsxError;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::task::JoinError;
use utoipa::{IntoParams, ToSchema};

use super::{
    audit::name,
    auth::Signed,
    body::Body,
    problem::Problem,
    reveal::stated,
    tickets::{self, ListQuery, filter, numbered},
};
use crate::{
    app::{Act, App},
    export::{Appellants, Mark, WITHHELD, export_id, workbook},
    view::{TicketLine, unit_name},
};

/// Tickets of one export: more is several exports.
pub const MOST: usize = 10_000;
/// Tickets of one export with who appeals.
pub const MOST_PERSONAL: usize = 1_000;
/// The number of the export, beside the file.
const EXPORT_ID: HeaderName = HeaderName::from_static("x-export-id");
const SHEET: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// What is to be taken out, and why.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewExport {
    /// As the list is narrowed; order, page and its size say nothing here: the newest stand first.
    #[serde(default)]
    pub filter: ListQuery,
    pub purpose: ExportPurpose,
    /// 2 to 200 characters.
    pub note: String,
    /// With name, phone and address of who appeals; those of confidential tickets are left out for everybody.
    #[serde(default)]
    pub personal: bool,
}

/// Takes the tickets that this person may see and the filter finds out as a workbook. The export is written down before anything is given out.
#[utoipa::path(post, path = "/api/v1/exports", operation_id = "export_tickets", tag = "exports", request_body = NewExport,
    responses((status = 200, content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", body = Vec<u8>,
            headers(("x-export-id" = String, description = "Number of the export"))),
        (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem), (status = 422, body = Problem)))]
pub async fn export(
    State(app): State<Arc<App>>,
    signed: Signed,
    Body(wanted): Body<NewExport>,
) -> Result<Response, Problem> {
    signed.need(Right::Export)?;
    if wanted.personal {
        signed.need(Right::ExportPersonal)?;
    }
    let reason = stated(wanted.purpose.zh(), true, &wanted.note)?;
    let now = app.clock.now();
    let tickets = found(&app, &signed, &wanted, now).await?;
    let personal = if wanted.personal { Some(appellants(&app, &tickets).await?) } else { None };
    let detail = json!({
        "tickets": tickets.len(), "personal": wanted.personal, "purpose": wanted.purpose.code(), "filter": kept(&wanted.filter),
    });
    let act = Act::done(ActKind::Exported, "tickets").because(&reason).with(detail).from(signed.from);
    let id = export_id(app.audit(&signed.actor, act).await?);
    let mark = mark(&app, &signed, told(&app, &wanted.filter), id.clone(), now, reason);
    let book = tokio::task::spawn_blocking(move || workbook(&mark, &tickets, personal.as_deref())).await;
    given_out(&app, &signed, "tickets", &id, book).await
}

/// The answer with a workbook, and the number of its export.
pub(super) async fn given_out(
    app: &App,
    signed: &Signed,
    subject: &str,
    id: &str,
    book: Result<Result<Vec<u8>, XlsxError>, JoinError>,
) -> Result<Response, Problem> {
    let book = match book.map_err(|e| Problem::internal(&e)).and_then(|book| book.map_err(|e| Problem::internal(&e))) {
        Ok(book) => book,
        // The number was given out and stands in the journal: so does that nothing left under it.
        Err(problem) => {
            let act = Act::done(ActKind::Exported, subject).with(json!({ "export": id })).from(signed.from);
            app.audit(&signed.actor, act.ended(false)).await?;
            return Err(problem);
        }
    };
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(SHEET));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    let named = format!("attachment; filename=\"{id}.xlsx\"");
    headers.insert(header::CONTENT_DISPOSITION, HeaderValue::from_str(&named).map_err(|e| Problem::internal(&e))?);
    headers.insert(EXPORT_ID, HeaderValue::from_str(id).map_err(|e| Problem::internal(&e))?);
    Ok((headers, book).into_response())
}

/// The tickets, newest first; too many are none.
async fn found(app: &App, signed: &Signed, wanted: &NewExport, now: Instant) -> Result<Vec<TicketLine>, Problem> {
    let most = if wanted.personal { MOST_PERSONAL } else { MOST };
    let filter = filter(app, &signed.actor, &wanted.filter)?;
    if let Some(lines) = numbered(app, &signed.actor, &wanted.filter, now).await? {
        return Ok(lines);
    }
    let counted = count(app, &filter).await?;
    if counted > most as i64 {
        let detail = format!("一次最多导出{most}件，符合条件的有{counted}件；请缩小登记日期或其他条件，分几次导出");
        return Err(Problem::over_limit("export", detail));
    }
    let (mut found, mut cursor) = (Vec::new(), None::<String>);
    loop {
        let page = (cursor.as_deref(), 100);
        let page = tickets::found(app, &signed.actor, &wanted.filter, &filter, Sort::Newest, page, now).await?;
        found.extend(page.items);
        cursor = page.next;
        if cursor.is_none() || found.len() >= most {
            found.truncate(most);
            return Ok(found);
        }
    }
}

async fn count(app: &App, filter: &ListFilter) -> Result<i64, Problem> {
    let by_state = app.store.count_by_state(&app.jurisdiction, filter).await?;
    let wanted = by_state.iter().filter(|(state, _)| filter.states.is_empty() || filter.states.contains(state));
    Ok(wanted.map(|(_, n)| n).sum())
}

/// Who appeals on each ticket. Who asked for confidence stays in the system, whoever asks.
async fn appellants(app: &App, tickets: &[TicketLine]) -> Result<Vec<Appellants>, Problem> {
    let withheld = Appellants { name: WITHHELD.into(), phone: WITHHELD.into(), address: WITHHELD.into() };
    let open = tickets.iter().filter(|t| !t.confidential).map(|t| t.number.clone());
    let mut people = app.store.persons_of_tickets(&app.jurisdiction, &open.collect::<Vec<_>>()).await?;
    let of = |ticket: &TicketLine| {
        if ticket.confidential {
            return withheld.clone();
        }
        let people = people.remove(&ticket.number).unwrap_or_default();
        let joined = |field: fn(&PersonRow) -> &Option<String>| {
            people.iter().filter_map(|p| field(p).as_deref()).collect::<Vec<_>>().join("；")
        };
        Appellants { name: joined(|p| &p.name), phone: joined(|p| &p.phone), address: joined(|p| &p.address) }
    };
    Ok(tickets.iter().map(of).collect())
}

/// Who takes something out. `filter`: what it is narrowed by, in words.
pub(super) fn mark(app: &App, signed: &Signed, filter: Vec<String>, id: String, at: Instant, reason: String) -> Mark {
    let place = app.rulebook().rulebook.place.clone();
    let units = app.units();
    let unit = signed.actor.unit.as_ref().map(|unit| unit_name(&units, unit));
    Mark {
        id,
        unit: unit.unwrap_or_else(|| format!("{place}12345")),
        place,
        name: signed.account.name.clone(),
        login: signed.account.login.clone(),
        role: signed.actor.role.zh(),
        at,
        reason,
        filter,
    }
}

/// What the list is narrowed by, in words.
fn told(app: &App, q: &ListQuery) -> Vec<String> {
    fn names<T: std::str::FromStr>(list: &str, zh: fn(T) -> &'static str) -> String {
        list.split(',').filter_map(|code| code.parse().ok().map(zh)).collect::<Vec<_>>().join("、")
    }
    let text =
        |name: &str, value: Option<String>| value.filter(|v| !v.is_empty()).map(|value| format!("{name}：{value}"));
    let flag = |name: &str, value: Option<bool>| value.map(|yes| format!("{}{name}", if yes { "" } else { "不是" }));
    let units = app.units();
    let unit = |id: &String| unit_name(&units, id);
    [
        text("状态", q.state.as_deref().map(|list| names(list, StateName::zh))),
        text("类别", q.kind.as_deref().map(|list| names(list, Kind::zh))),
        text("渠道", q.channel.as_deref().map(|list| names(list, jiesu_domain::Channel::zh))),
        text("主办单位", q.lead.as_ref().map(unit)),
        text("查找", q.q.clone()),
        text("登记自", q.from.clone()),
        text("登记至", q.to.clone()),
        flag("紧急", q.urgent),
        flag("超期", q.overdue),
        flag("督办", q.supervised),
        flag("保密", q.confidential),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// The filter as the journal keeps it: of the words that were looked for only that there were some, as people look for names.
fn kept(q: &ListQuery) -> Value {
    let all = json!({
        "state": q.state, "kind": q.kind, "channel": q.channel, "lead": q.lead, "from": q.from, "to": q.to, "urgent": q.urgent,
        "overdue": q.overdue, "supervised": q.supervised, "confidential": q.confidential,
        "words": q.q.as_deref().is_some_and(|q| !q.trim().is_empty()).then_some(true),
    });
    match all {
        Value::Object(fields) => fields.into_iter().filter(|(_, value)| !value.is_null()).collect(),
        other => other,
    }
}

/// Page of the list of exports.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ExportsQuery {
    pub cursor: Option<String>,
}

/// An export.
#[derive(Debug, Serialize, ToSchema)]
pub struct ExportItem {
    /// As it stands in the file.
    pub id: String,
    #[schema(value_type = String, format = DateTime)]
    pub at: Instant,
    pub who: String,
    pub who_name: String,
    pub role_name: String,
    /// `工单列表`, `审计日志`, `热点问题`; what else there is by its own word.
    pub what: String,
    pub reason: String,
    /// Rows that went out; absent where it was everything.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rows: Option<i64>,
    /// With names and numbers of appellants.
    pub personal: bool,
    /// The address it went to.
    pub origin: String,
}

/// A page of exports, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct ExportPage {
    pub items: Vec<ExportItem>,
    pub next: Option<String>,
}

/// What was taken out, newest first, as far back as the audit journal goes.
#[utoipa::path(get, path = "/api/v1/exports", operation_id = "exports", tag = "exports", params(ExportsQuery),
    responses((status = 200, body = ExportPage), (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem)))]
pub async fn list(
    State(app): State<Arc<App>>,
    signed: Signed,
    query: Result<Query<ExportsQuery>, QueryRejection>,
) -> Result<Json<ExportPage>, Problem> {
    let Query(query) = query?;
    signed.need(Right::ViewExports)?;
    let wanted = AuditFilter { kind: Some(ActKind::Exported.code().into()), ..AuditFilter::default() };
    let page =
        app.store.audit(&app.jurisdiction, &wanted, query.cursor.as_deref(), 50).await.map_err(Problem::of_page)?;
    Ok(Json(ExportPage { items: page.items.into_iter().map(|e| item(&app, e)).collect(), next: page.next }))
}

fn item(app: &App, AuditEntry { seq, entry, .. }: AuditEntry) -> ExportItem {
    let detail: Value = serde_json::from_str(&entry.detail).unwrap_or_default();
    ExportItem {
        id: export_id(seq),
        at: entry.at,
        who_name: app.account_name(&entry.who),
        role_name: name(&entry.role, Role::zh),
        what: match entry.subject.as_str() {
            "tickets" => "工单列表".into(),
            "audit" => "审计日志".into(),
            "hot" => "热点问题".into(),
            other => other.to_owned(),
        },
        rows: detail["tickets"].as_i64().or(detail["entries"].as_i64()),
        personal: detail["personal"] == true,
        who: entry.who,
        reason: entry.reason,
        origin: entry.origin,
    }
}
