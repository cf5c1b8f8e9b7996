//! The knowledge base: searched by everybody who answers, kept up by units, reviewed and checked by the centre.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Query, State, rejection::QueryRejection},
    http::StatusCode,
};
use jiesu_domain::{
    Instant,
    access::{self, Right},
    calendar::Day,
    knowledge::{Audience, Command, Entry, EntryState, Reminder, Section, sees},
};
use jiesu_store::{KnowledgeFilter, KnowledgeSort, StoredEntry};
use jiesu_text::search::Words;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    auth::Signed,
    body::Body,
    knowledge_files::{KnowledgeFileRules, file_rules},
    problem::{At, Problem},
    reference::Choice,
    tickets::SEARCH_MOST,
};
use crate::{
    app::{App, ExecuteError, knowledge::Card, tidy_number},
    view::knowledge::{EntryView, entry_view},
};

/// Hits of one search.
const HITS_MOST: usize = 50;
const HITS: usize = 20;
/// An entry that was published shorter ago is not yet called unused.
const UNUSED_DAYS: i64 = 30;

/// What is looked for: in the body, as a caller's words stand in no address.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct KnowledgeSearch {
    /// Words as people say them; empty: the newest.
    #[serde(default)]
    pub q: String,
    #[serde(default)]
    pub section: Option<Section>,
    /// At most so many, 1 to 50.
    #[serde(default)]
    pub most: Option<usize>,
}

/// An entry that was found.
#[derive(Debug, Serialize, ToSchema)]
pub struct KnowledgeHit {
    pub entry: String,
    pub title: String,
    /// How it begins.
    pub beginning: String,
    pub section: Section,
    pub section_name: &'static str,
    /// Who answers for it.
    pub unit_name: String,
    /// Told at once in an emergency, not reviewed yet.
    pub script: bool,
    /// An error was confirmed and is not corrected.
    pub wrong: bool,
    /// Not to be told to anybody before this day.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = Date)]
    pub not_before: Option<String>,
    #[schema(value_type = String, format = DateTime)]
    pub published_at: Instant,
}

/// Which list is wanted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum KnowledgeList {
    /// Everything one may open.
    #[default]
    All,
    /// What units owe, the most urgent first.
    Owed,
    /// What waits for its reviewer.
    Review,
    /// What was given back.
    Returned,
    /// On which a report of an error waits to be looked at.
    Reported,
    /// On which an error stands.
    Wrong,
    /// What nobody has confirmed for too long.
    Stale,
    /// What nobody has ever used.
    Unused,
    /// On which something is late.
    Late,
}

/// Which entries are wanted.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListQuery {
    #[serde(default)]
    #[param(inline)]
    pub list: KnowledgeList,
    /// Of this unit; `centre`: the centre's own.
    pub unit: Option<String>,
    pub section: Option<Section>,
    /// That this ticket's dispatch asked for.
    pub ticket: Option<String>,
    /// Words that must all occur, each in one piece, in what an entry says or is asked, in reports of errors, or in its number.
    pub q: Option<String>,
    pub cursor: Option<String>,
}

/// A line of a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct KnowledgeLine {
    pub entry: String,
    pub title: String,
    pub section: Section,
    pub section_name: &'static str,
    pub state: EntryState,
    pub state_name: &'static str,
    /// A next version waits for its reviewer.
    pub review: bool,
    pub unit_name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ticket: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub due: Option<Instant>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub due_name: Option<&'static str>,
    pub late: bool,
    pub wrong: bool,
    /// Somebody reported an error that nobody has looked at.
    pub reported: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub renewed_at: Option<Instant>,
    #[schema(value_type = String, format = DateTime)]
    pub updated_at: Instant,
}

/// A page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct KnowledgePage {
    pub items: Vec<KnowledgeLine>,
    pub next: Option<String>,
    pub total: i64,
}

/// What forms choose from.
#[derive(Debug, Serialize, ToSchema)]
pub struct KnowledgeChoices {
    pub sections: Vec<Choice>,
    /// How a unit can be told that a question waits for it.
    pub reminders: Vec<Choice>,
    /// After how long without a confirmation an entry is stale, in words.
    pub stale_after: Option<String>,
    /// What may go with a version.
    pub files: KnowledgeFileRules,
}

/// A command on an entry, with the version that the person saw.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct KnowledgeCommand {
    #[serde(default)]
    pub version: Option<i64>,
    pub command: Command,
}

pub(super) fn unit_name(app: &App, unit: Option<&str>) -> String {
    let Some(unit) = unit else { return "热线中心".into() };
    app.units().get(unit).map_or_else(|| unit.to_owned(), |u| u.name.clone())
}

/// What was not carried out, in the words of the knowledge base.
fn problem(app: &App, error: ExecuteError) -> Problem {
    match error {
        ExecuteError::NotFound => Problem::not_found("没有这一条知识，或您无权查看；请核对编号"),
        error => Problem::of(app, error),
    }
}

fn hit(app: &App, card: Card) -> KnowledgeHit {
    let today = Day::of(app.clock.now()).date();
    KnowledgeHit {
        unit_name: unit_name(app, card.unit.as_deref()),
        entry: card.entry,
        title: card.title,
        beginning: card.beginning,
        section: card.section,
        section_name: card.section.zh(),
        script: card.script,
        wrong: card.wrong,
        not_before: card.not_before.filter(|day| *day > today).map(|day| day.to_string()),
        published_at: card.published_at,
    }
}

fn line(app: &App, stored: StoredEntry) -> KnowledgeLine {
    let row = stored.row;
    let section = row.section.parse().unwrap_or(Section::Other);
    let state = row.state.parse().unwrap_or(EntryState::Withdrawn);
    KnowledgeLine {
        entry: stored.entry,
        title: row.title,
        section,
        section_name: section.zh(),
        state,
        state_name: state.zh(),
        review: row.review,
        unit_name: unit_name(app, row.unit.as_deref()),
        ticket: row.ticket,
        due: row.next_due,
        due_name: row.next_due_clock.and_then(|c| c.parse::<jiesu_domain::clock::ClockKind>().ok()).map(|c| c.zh()),
        late: row.overdue,
        wrong: row.wrong,
        reported: row.reported,
        renewed_at: row.renewed_at,
        updated_at: stored.updated_at,
    }
}

/// Published entries that answer what somebody says, the best first; only those that this person may find.
#[utoipa::path(post, path = "/api/v1/knowledge/search", operation_id = "search_knowledge", tag = "knowledge", request_body = KnowledgeSearch,
    responses((status = 200, body = Vec<KnowledgeHit>), (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem)))]
pub async fn search(
    State(app): State<Arc<App>>,
    signed: Signed,
    Body(query): Body<KnowledgeSearch>,
) -> Result<Json<Vec<KnowledgeHit>>, Problem> {
    signed.need(Right::SearchKnowledge)?;
    let audience = Audience::of(&signed.actor)
        .ok_or_else(|| Problem::forbidden("您的账户没有所属单位，不能查知识库；请联系系统管理员"))?;
    let most = query.most.unwrap_or(HITS).clamp(1, HITS_MOST);
    let found = app.search_knowledge(&audience, &query.q, most, query.section).await;
    let found = found.map_err(|e| problem(&app, e))?;
    Ok(Json(found.into_iter().map(|card| hit(&app, card)).collect()))
}

/// What the forms of the knowledge base choose from.
#[utoipa::path(get, path = "/api/v1/knowledge/choices", operation_id = "knowledge_choices", tag = "knowledge",
    responses((status = 200, body = KnowledgeChoices), (status = 401, body = Problem)))]
pub async fn choices(State(app): State<Arc<App>>, _signed: Signed) -> Json<KnowledgeChoices> {
    Json(KnowledgeChoices {
        sections: Section::ALL.iter().map(|s| Choice::new(s.code(), s.zh())).collect(),
        reminders: Reminder::ALL.iter().map(|r| Choice::new(r.code(), r.zh())).collect(),
        files: file_rules(&app),
        stale_after: app.rulebook().knowledge.as_ref().map(|k| k.stale_after.to_string()),
    })
}

/// The units whose entries somebody lists: their own, or every one. Who only searches lists nothing.
fn reach(signed: &Signed) -> Result<Option<Vec<String>>, Problem> {
    let actor = &signed.actor;
    if actor.role.of_unit() {
        signed.need(Right::ProvideKnowledge)?;
        return Ok(Some(actor.unit.iter().cloned().collect()));
    }
    let any = [Right::ProvideKnowledge, Right::AskKnowledge, Right::ReviewKnowledge, Right::CheckKnowledge];
    if any.iter().any(|right| access::has(actor.role, *right)) {
        return Ok(None);
    }
    Err(Problem::forbidden(format!("{}只能查用已发布的知识，不能翻阅各单位的清单", actor.role)))
}

/// Since when an entry must have been confirmed not to be stale, and published before when to be called unused.
pub(super) fn bounds(app: &App) -> (Instant, Instant) {
    let now = app.clock.now();
    let days_ago = |days: i64| Day((Day::of(now).0 - i32::try_from(days).unwrap_or(0)).max(0)).start();
    let stale = app.rulebook().knowledge.as_ref().map_or(365, |k| i64::from(k.stale_after.n));
    (days_ago(stale), days_ago(UNUSED_DAYS))
}

/// Entries by what has to be done with them: a unit's own, the centre's all.
#[utoipa::path(get, path = "/api/v1/knowledge", operation_id = "knowledge", tag = "knowledge", params(ListQuery),
    responses((status = 200, body = KnowledgePage), (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem)))]
pub async fn list(
    State(app): State<Arc<App>>,
    signed: Signed,
    query: Result<Query<ListQuery>, QueryRejection>,
) -> Result<Json<KnowledgePage>, Problem> {
    let Query(query) = query?;
    let wanted = query.unit.as_deref().map(|u| if u == "centre" { String::new() } else { u.to_owned() });
    let units = match (reach(&signed)?, wanted) {
        (None, wanted) => wanted.map(|unit| vec![unit]),
        (Some(own), None) => Some(own),
        (Some(own), Some(unit)) => Some(own.into_iter().filter(|o| *o == unit).collect()),
    };
    let q = query.q.as_deref().unwrap_or_default();
    if q.chars().count() > SEARCH_MOST {
        return Err(Problem::over_limit("q", format!("查找内容最多{SEARCH_MOST}字，请写得短些")));
    }
    let (stale, unused) = bounds(&app);
    use KnowledgeList as L;
    let filter = KnowledgeFilter {
        units,
        states: if query.list == L::Returned { vec!["returned".into()] } else { Vec::new() },
        sections: query.section.iter().map(|s| s.code().to_owned()).collect(),
        review: query.list == L::Review,
        overdue: query.list == L::Late,
        wrong: query.list == L::Wrong,
        reported: query.list == L::Reported,
        ticket: query.ticket.as_deref().map(tidy_number),
        stale_before: (query.list == L::Stale).then_some(stale),
        unused_before: (query.list == L::Unused).then_some(unused),
        sort: if query.list == L::Owed { KnowledgeSort::Due } else { KnowledgeSort::Changed },
        owed: query.list == L::Owed,
        words: Words::of(q).each().collect(),
    };
    let page = app.store.knowledge_list(&app.jurisdiction, &filter, query.cursor.as_deref(), 50).await;
    let page = page.map_err(Problem::of_page)?;
    let total = app.store.knowledge_count(&app.jurisdiction, &filter).await?;
    let items = page.items.into_iter().map(|stored| line(&app, stored)).collect();
    Ok(Json(KnowledgePage { items, next: page.next, total }))
}

/// Makes an entry: asks a unit, demands an entry for a ticket, or submits one. The other commands need an entry.
#[utoipa::path(post, path = "/api/v1/knowledge", operation_id = "new_knowledge", tag = "knowledge", request_body = Command,
    responses((status = 201, body = EntryView), (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 409, body = Problem), (status = 422, body = Problem)))]
pub async fn create(
    State(app): State<Arc<App>>,
    signed: Signed,
    Body(command): Body<Command>,
) -> Result<(StatusCode, Json<EntryView>), Problem> {
    let command = match command {
        Command::Demand { unit, ticket, question } => Command::Demand { unit, ticket: tidy_number(&ticket), question },
        command @ (Command::Ask { .. } | Command::Submit { .. }) => command,
        _ => return Err(Problem::bad_request("这一操作须在已有的条目上进行")),
    };
    let entry = app.new_knowledge(&signed.actor, &command).await.map_err(|e| problem(&app, e))?;
    let view = view(&app, &signed, &entry).await.map_err(Problem::done_unseen)?;
    Ok((StatusCode::CREATED, Json(view)))
}

async fn view(app: &App, signed: &Signed, entry: &str) -> Result<EntryView, Problem> {
    let known = app.knowledge(&signed.actor, entry).await.map_err(|e| problem(app, e))?;
    let journal = app.store.knowledge_events(&app.jurisdiction, entry).await?;
    let uses = app.store.knowledge_uses(&app.jurisdiction, Some(entry), (0, i64::MAX)).await?;
    let files = app.store.knowledge_files(&app.jurisdiction, entry).await?;
    Ok(entry_view(app, &signed.actor, known, &journal, uses, &files))
}

/// An entry with everything that is known of it to this person. Opening one that one does not work on is counted as a use.
#[utoipa::path(get, path = "/api/v1/knowledge/{entry}", operation_id = "knowledge_entry", tag = "knowledge",
    params(("entry" = String, Path)),
    responses((status = 200, body = EntryView), (status = 401, body = Problem), (status = 404, body = Problem)))]
pub async fn get(
    State(app): State<Arc<App>>,
    signed: Signed,
    At(entry): At<String>,
) -> Result<Json<EntryView>, Problem> {
    let view = view(&app, &signed, &entry).await?;
    let keeps = [Right::ProvideKnowledge, Right::ReviewKnowledge, Right::CheckKnowledge];
    if view.live && !keeps.iter().any(|right| access::has(signed.actor.role, *right)) {
        app.knowledge_used(&entry, "opened").await;
    }
    Ok(Json(view))
}

/// Carries out a command on an entry.
#[utoipa::path(post, path = "/api/v1/knowledge/{entry}/commands", operation_id = "knowledge_command", tag = "knowledge",
    params(("entry" = String, Path)), request_body = KnowledgeCommand,
    responses((status = 200, body = EntryView), (status = 204, description = "Done, and no longer to be seen"), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem), (status = 422, body = Problem)))]
pub async fn command(
    State(app): State<Arc<App>>,
    signed: Signed,
    At(entry): At<String>,
    Body(given): Body<KnowledgeCommand>,
) -> Result<Json<EntryView>, Problem> {
    let done = app.carry_out_knowledge(&signed.actor, &entry, &given.command, given.version).await;
    done.map_err(|e| problem(&app, e))?;
    view(&app, &signed, &entry).await.map(Json).map_err(Problem::done_unseen)
}

/// Somebody read this entry out to a caller or wrote it into a reply: counted as cited.
#[utoipa::path(post, path = "/api/v1/knowledge/{entry}/cited", operation_id = "knowledge_cited", tag = "knowledge",
    params(("entry" = String, Path)),
    responses((status = 204), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem)))]
pub async fn cited(State(app): State<Arc<App>>, signed: Signed, At(entry): At<String>) -> Result<StatusCode, Problem> {
    signed.need(Right::SearchKnowledge)?;
    let known = app.knowledge(&signed.actor, &entry).await.map_err(|e| problem(&app, e))?;
    if !finds(&signed, &known.state) {
        return Err(Problem::not_found("没有这一条知识，或尚未发布；请核对编号"));
    }
    app.knowledge_used(&entry, "cited").await;
    Ok(StatusCode::NO_CONTENT)
}

fn finds(signed: &Signed, entry: &Entry) -> bool {
    sees(&signed.actor, entry) && Audience::of(&signed.actor).is_some_and(|audience| audience.finds(entry))
}
