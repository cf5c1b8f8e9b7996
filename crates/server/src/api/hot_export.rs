//! The hot issues of a page as a workbook: one sheet of issues, one with the tickets of each. Numbered and written down like any list that
//! leaves the system (ADR 0016).

use std::sync::Arc;

use axum::{extract::State, response::Response};
use jiesu_domain::{access::Right, audit::ActKind, privacy::ExportPurpose};
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

use super::{
    auth::Signed,
    body::Body,
    exports::{MOST, given_out, mark},
    hot::{HotIssue, HotQuery, NO_PLACE, SHOWN, days, issue, tickets_of, within},
    problem::Problem,
    reveal::stated,
};
use crate::{
    app::{Act, App},
    export::{Table, export_id, marked_book, moment},
    view::{TicketLine, line, unit_name},
};

/// Which issues are to be taken out, and why.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewHotExport {
    /// 7, 30 (if not said) or 90.
    pub days: Option<i64>,
    /// As the page is narrowed.
    pub county: Option<String>,
    pub street: Option<String>,
    pub purpose: ExportPurpose,
    /// 2 to 200 characters.
    pub note: String,
}

/// Takes the issues of a page out as a workbook, with the tickets of each that this person may see. The export is written down before anything
/// is given out.
#[utoipa::path(post, path = "/api/v1/hot/export", operation_id = "export_hot", tag = "exports", request_body = NewHotExport,
    responses((status = 200, content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", body = Vec<u8>,
            headers(("x-export-id" = String, description = "Number of the export"))),
        (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem), (status = 422, body = Problem)))]
pub async fn export(
    State(app): State<Arc<App>>,
    signed: Signed,
    Body(wanted): Body<NewHotExport>,
) -> Result<Response, Problem> {
    signed.need(Right::ViewHotIssues)?;
    signed.need(Right::Export)?;
    let reason = stated(wanted.purpose.zh(), true, &wanted.note)?;
    let days = days(wanted.days)?;
    let now = app.clock.now();
    let run = app.store.hot_run(&app.jurisdiction).await?;
    let query = HotQuery { days: Some(days), county: wanted.county, street: wanted.street };
    let mut all = app.store.hot_issues(&app.jurisdiction, days).await?;
    all.retain(|kept| within(kept, &query));
    all.truncate(SHOWN);
    let counted: usize = all.iter().map(|kept| kept.tickets.len()).sum();
    if counted > MOST {
        let detail = format!("一次最多导出{MOST}件工单，这些问题共有{counted}件；请缩短时间或按地点分几次导出");
        return Err(Problem::over_limit("export", detail));
    }
    let units = app.units();
    let (mut issues, mut tickets) = (Vec::new(), Vec::new());
    for kept in &all {
        let known = tickets_of(&app, &signed, &kept.tickets).await?;
        let Some(issue) = issue(&app, kept, &known, &units) else { continue };
        let lines = known.values().filter_map(|(t, _)| line(&t.head.ticket, t.head.version, &t.head.row, &units, now));
        tickets.extend(lines.map(|ticket| of_ticket(&issue, &ticket)));
        issues.push(of_issue(&issue));
    }
    let detail = json!({
        "issues": issues.len(), "tickets": tickets.len(), "personal": false, "purpose": wanted.purpose.code(),
        "filter": { "days": days, "county": query.county, "street": query.street },
    });
    let act = Act::done(ActKind::Exported, "hot").because(&reason).with(detail).from(signed.from);
    let id = export_id(app.audit(&signed.actor, act).await?);
    let place = |unit: &Option<String>| {
        let unit = unit.as_deref().filter(|unit| !unit.is_empty());
        unit.map(|unit| if unit == NO_PLACE { "地点不明".to_owned() } else { unit_name(&units, unit) })
    };
    let at = [place(&query.county), place(&query.street)].into_iter().flatten().collect::<Vec<_>>().join("、");
    let about = [
        ("范围", format!("近{days}天{}", if at.is_empty() { String::new() } else { format!("；地点：{at}") })),
        ("汇总时间", run.and_then(|run| run.made_at).map_or_else(|| "尚未汇总".to_owned(), moment)),
        ("问题数", issues.len().to_string()),
        ("工单数", tickets.len().to_string()),
        ("含诉求人信息", "否".to_owned()),
        ("说明", "热度＝反映的人数＋√同一人再次反映的次数；由文字比对得出，供研判参考".to_owned()),
    ];
    let mark = mark(&app, &signed, Vec::new(), id.clone(), now, reason);
    let tables = [
        Table { name: "热点问题", heads: ISSUE.to_vec(), rows: issues },
        Table { name: "涉及工单", heads: TICKET.to_vec(), rows: tickets },
    ];
    let book = tokio::task::spawn_blocking(move || marked_book(&mark, "热点问题", &about, &tables)).await;
    given_out(&app, &signed, "hot", &id, book).await
}

const ISSUE: [(&str, f64); 11] = [
    ("排名", 6.0),
    ("热度", 8.0),
    ("问题", 44.0),
    ("人数", 8.0),
    ("诉求次数", 10.0),
    ("工单数", 8.0),
    ("最早反映", 17.0),
    ("最近反映", 17.0),
    ("地点", 30.0),
    ("代表工单", 24.0),
    ("督办", 30.0),
];

fn of_issue(issue: &HotIssue) -> Vec<String> {
    let at = [&issue.county_name, &issue.street_name, &issue.place];
    let ground = issue.ground.as_ref().map(|g| {
        let how = if g.raised { "已列督办" } else { "应列督办" };
        format!("满{}人，{how}（{}）", g.persons, g.article)
    });
    vec![
        issue.rank.to_string(),
        format!("{:.1}", issue.heat),
        issue.ticket.title.clone(),
        issue.persons.to_string(),
        issue.contacts.to_string(),
        issue.tickets.to_string(),
        moment(issue.from),
        moment(issue.until),
        at.into_iter().flatten().cloned().collect::<Vec<_>>().join("，"),
        issue.ticket.number.clone(),
        ground.unwrap_or_default(),
    ]
}

const TICKET: [(&str, f64); 7] = [
    ("问题排名", 10.0),
    ("编号", 24.0),
    ("登记时间", 17.0),
    ("类别", 8.0),
    ("标题", 44.0),
    ("状态", 14.0),
    ("主办单位", 24.0),
];

fn of_ticket(issue: &HotIssue, ticket: &TicketLine) -> Vec<String> {
    vec![
        issue.rank.to_string(),
        ticket.number.clone(),
        moment(ticket.registered_at),
        ticket.kind_name.to_owned(),
        ticket.title.clone(),
        ticket.state_name.to_owned(),
        ticket.lead_name.clone().unwrap_or_default(),
    ]
}
