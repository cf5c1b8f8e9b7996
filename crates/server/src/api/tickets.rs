//! Lists of tickets, one ticket, registration.

use std::{
    cmp::Reverse,
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use axum::{
    Json,
    extract::{Query, State, rejection::QueryRejection},
    http::{HeaderMap, StatusCode},
};
use jiesu_domain::{
    Actor, Instant, access,
    access::Sees,
    calendar::Day,
    rulebook::UnitKind,
    ticket::{Action, Register, Stage, StateName, Ticket, UnitInfo},
};
use jiesu_store::{Counted, ListFilter, OutboxFilter, Sort, TicketWithBody};
use jiesu_text::{
    initials::{Fit, fit, initials, letters_of},
    search::Words,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    auth::Signed,
    body::Body,
    commands::sound,
    problem::{At, Problem},
};
use crate::{
    app::{App, Appellant, NewTicket, is_ticket_number, number_joined, standing, tidy_number},
    view::{self, FoundView, Rows, TicketLine, TicketView, line, telling, ticket_view},
};

/// Filter, order and page of a list; all optional.
#[derive(Debug, Default, Deserialize, IntoParams, ToSchema)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListQuery {
    /// State codes, separated by commas.
    pub state: Option<String>,
    /// Kind codes, separated by commas.
    pub kind: Option<String>,
    /// Unit id of the lead.
    pub lead: Option<String>,
    pub urgent: Option<bool>,
    pub overdue: Option<bool>,
    pub supervised: Option<bool>,
    pub confidential: Option<bool>,
    pub channel: Option<String>,
    /// Words that must all occur, each in one piece (blanks and punctuation separate), or a ticket number.
    pub q: Option<String>,
    /// First day of registration, `2026-04-30`.
    pub from: Option<String>,
    /// Last day of registration.
    pub to: Option<String>,
    /// `urgency` (default without words): those of which something is due by their limits, then the others, the newest first; `newest` (default
    /// with words); or with words `best`: those that have them all in the title first.
    pub sort: Option<String>,
    pub cursor: Option<String>,
    /// 1 to 100, default 50.
    #[param(minimum = 0, maximum = 4_294_967_295u32, format = Int64)]
    pub limit: Option<u32>,
}

/// A page of tickets.
#[derive(Debug, Serialize, ToSchema)]
pub struct TicketPage {
    pub items: Vec<TicketLine>,
    /// Cursor of the next page; `null` at the end. The page of a search may be shorter than asked for and yet have a next one.
    pub next: Option<String>,
    /// Beside the first page of a search for Latin letters: whose names have these initials.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub meant: Vec<Meant>,
}

/// A unit or a place that may have been meant by the initials of its name.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Meant {
    /// To narrow the list by (`lead`); absent for a place, whose name is to be searched for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    pub name: String,
}

/// How many tickets of a state.
#[derive(Debug, Serialize, ToSchema)]
pub struct StateCount {
    pub state: StateName,
    pub state_name: &'static str,
    pub count: i64,
}

/// Numbers for the tabs.
#[derive(Debug, Serialize, ToSchema)]
pub struct Counts {
    pub total: i64,
    pub overdue: i64,
    pub supervised: i64,
    pub by_state: Vec<StateCount>,
    /// Beside a search: only the newest that have the words were counted, there are more.
    pub more: bool,
}

/// Beside a search, so many tickets are counted; the tabs then say that there are more.
const COUNTED_MOST: u32 = 1000;
/// Longest text that is searched for, in characters.
pub(super) const SEARCH_MOST: usize = 100;

/// What this person may see at all: the same scope as [`App::load`].
fn scope(app: &App, actor: &Actor) -> Result<ListFilter, Problem> {
    // Another platform sees one by one what was passed on to it, and has no list.
    if matches!(access::sees_of(actor.role), Sees::Nothing | Sees::Passed) {
        return Err(Problem::forbidden(format!("{}不能查看工单列表", actor.role)));
    }
    let Some((reach, parts)) = access::scope(actor, &app.units()) else { return Ok(ListFilter::default()) };
    let parts = parts.iter().map(|p| p.code().to_owned()).collect();
    Ok(ListFilter { units: Some(reach.into_iter().collect()), parts, ..ListFilter::default() })
}

fn words(q: &ListQuery) -> Words {
    Words::of(q.q.as_deref().unwrap_or_default())
}

fn codes<T: std::str::FromStr<Err = impl std::fmt::Display>>(
    list: Option<&str>,
    code: fn(&T) -> &'static str,
) -> Result<Vec<String>, Problem> {
    let parse = |s: &str| s.parse().map(|w: T| code(&w).to_owned()).map_err(|e| Problem::bad_request(e.to_string()));
    list.unwrap_or_default().split(',').filter(|s| !s.is_empty()).map(parse).collect()
}

fn day(s: Option<&str>) -> Result<Option<Day>, Problem> {
    let parse = |s: &str| s.parse().map(Day::from_date).map_err(|_| Problem::bad_request("日期应写作 2026-04-30"));
    s.filter(|s| !s.is_empty()).map(parse).transpose()
}

pub(super) fn filter(app: &App, actor: &Actor, q: &ListQuery) -> Result<ListFilter, Problem> {
    let mut filter = scope(app, actor)?;
    if q.q.as_ref().is_some_and(|q| q.chars().count() > SEARCH_MOST) {
        return Err(Problem::over_limit("q", format!("查找内容最多{SEARCH_MOST}字，请写得短些")));
    }
    filter.states = codes(q.state.as_deref(), |s: &StateName| s.code())?;
    filter.kinds = codes(q.kind.as_deref(), |k: &jiesu_domain::Kind| k.code())?;
    filter.channel = codes(q.channel.as_deref(), |c: &jiesu_domain::Channel| c.code())?.into_iter().next();
    filter.lead = q.lead.clone().filter(|s| !s.is_empty());
    filter.urgent = q.urgent;
    filter.overdue = q.overdue;
    filter.supervised = q.supervised;
    filter.confidential = q.confidential;
    filter.terms = words(q).terms().into_iter().collect();
    let by_words = !filter.terms.is_empty() && !is_ticket_number(&tidy_number(q.q.as_deref().unwrap_or_default()));
    if by_words && !access::finds_confidential_by_words(actor.role) {
        match q.confidential {
            Some(true) => filter.units = Some(Vec::new()),
            _ => filter.confidential = Some(false),
        }
    }
    filter.registered_from = day(q.from.as_deref())?.map(Day::start);
    filter.registered_to = day(q.to.as_deref())?.map(Day::end);
    Ok(filter)
}

/// Rows of a page as asked for, 50 if nothing is.
///
/// # Errors
/// More than the limit, or none.
pub fn page_size(app: &App, asked: Option<u32>) -> Result<u32, Problem> {
    let most = app.limits().page;
    let size = asked.unwrap_or(50.min(most));
    if (1..=most).contains(&size) {
        return Ok(size);
    }
    Err(Problem::over_limit("page", format!("每页最少1条、最多{most}条，请用翻页查看更多")))
}

/// A page of the tickets this person may see.
#[utoipa::path(get, path = "/api/v1/tickets", operation_id = "tickets", tag = "tickets", params(ListQuery),
    responses((status = 200, body = TicketPage), (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem)))]
pub async fn list(
    State(app): State<Arc<App>>,
    signed: Signed,
    query: Result<Query<ListQuery>, QueryRejection>,
) -> Result<Json<TicketPage>, Problem> {
    let Query(q) = query?;
    let filter = filter(&app, &signed.actor, &q)?;
    let limit = page_size(&app, q.limit)?;
    let now = app.clock.now();
    if let Some(items) = numbered(&app, &signed.actor, &q, now).await? {
        return Ok(Json(TicketPage { items, next: None, meant: Vec::new() }));
    }
    let sort = match q.sort.as_deref() {
        // Words are looked for from the newest day backwards.
        None | Some("") if !filter.terms.is_empty() => Sort::Newest,
        None | Some("" | "urgency") => Sort::MostUrgent,
        Some("newest") => Sort::Newest,
        Some("best") => Sort::Best,
        Some(_) => return Err(Problem::bad_request("sort 应为 urgency、newest 或 best")),
    };
    let page = found(&app, &signed.actor, &q, &filter, sort, (q.cursor.as_deref(), limit), now).await?;
    let meant = if q.cursor.is_none() { meant(&app, &signed.actor, &q) } else { Vec::new() };
    Ok(Json(TicketPage { meant, ..page }))
}

/// A page of what the filter finds. With words in the query, each line says where they stand.
pub(super) async fn found(
    app: &App,
    actor: &Actor,
    q: &ListQuery,
    filter: &ListFilter,
    sort: Sort,
    (cursor, limit): (Option<&str>, u32),
    now: Instant,
) -> Result<TicketPage, Problem> {
    let (store, j) = (&app.store, app.jurisdiction.as_str());
    if filter.terms.is_empty() {
        let page = store.tickets(j, filter, sort, cursor, limit).await.map_err(Problem::of_page)?;
        return Ok(TicketPage {
            items: lines(app, actor, &page.items, now).await?,
            next: page.next,
            meant: Vec::new(),
        });
    }
    let words = words(q);
    let look = |ticket: &TicketWithBody| view::found(&words, ticket);
    let page = store
        .search(j, &standing::narrowed(filter.clone()), sort, cursor, limit, look)
        .await
        .map_err(Problem::of_page)?;
    let (rows, found): (Vec<_>, Vec<_>) = page.items.into_iter().unzip();
    let mut found: HashMap<String, FoundView> = rows.iter().map(|row| row.ticket.clone()).zip(found).collect();
    let mut items = lines(app, actor, &rows, now).await?;
    items.iter_mut().for_each(|line| line.found = found.remove(&line.number));
    Ok(TicketPage { items, next: page.next, meant: Vec::new() })
}

/// Units and places told beside a search.
const MEANT_MOST: usize = 6;

/// Whose names have the letters that are looked for as initials, the best first. For who sees all units' tickets.
fn meant(app: &App, actor: &Actor, q: &ListQuery) -> Vec<Meant> {
    let typed = q.q.as_deref().unwrap_or_default();
    if access::sees_of(actor.role) != Sees::All || letters_of(typed).is_none_or(|letters| letters.len() < 2) {
        return Vec::new();
    }
    let units = app.units();
    let active = units.iter().filter(|(_, unit)| unit.active && unit.kind != UnitKind::Centre);
    let mut all = Vec::new();
    for (id, unit) in active {
        all.push(Meant { unit: Some(id.clone()), name: unit.name.clone() });
        all.extend(place_of(unit).map(|name| Meant { unit: None, name }));
    }
    let mut fits: Vec<(Fit, Meant)> =
        all.into_iter().filter_map(|meant| Some((fit(&initials(&meant.name), typed)?, meant))).collect();
    fits.sort_by_key(|(fit, meant)| {
        (Reverse(*fit), meant.unit.is_some(), meant.name.chars().count(), meant.name.clone())
    });
    fits.dedup_by(|a, b| a.1 == b.1);
    fits.into_iter().map(|(_, meant)| meant).take(MEANT_MOST).collect()
}

/// The place that a unit is the government of, as people name it.
fn place_of(unit: &UnitInfo) -> Option<String> {
    const OFFICES: [(&str, &str); 6] = [
        ("人民政府", ""),
        ("街道办事处", "街道"),
        ("管理委员会", ""),
        ("管委会", ""),
        ("居民委员会", ""),
        ("村民委员会", ""),
    ];
    if !matches!(unit.kind, UnitKind::Town | UnitKind::District | UnitKind::Zone | UnitKind::Committee) {
        return None;
    }
    let place = |(office, instead): &(&str, &str)| Some(format!("{}{instead}", unit.name.strip_suffix(office)?));
    Some(OFFICES.iter().find_map(place).unwrap_or_else(|| unit.name.clone()))
}

/// Rows as lines of this person's list.
pub(super) async fn lines(
    app: &App,
    actor: &Actor,
    rows: &[jiesu_store::StoredTicket],
    now: Instant,
) -> Result<Vec<TicketLine>, Problem> {
    let units = app.units();
    let mut lines: Vec<TicketLine> =
        rows.iter().filter_map(|t| line(&t.ticket, t.version, &t.row, &units, now)).collect();
    let mut masked: Vec<&mut TicketLine> =
        lines.iter_mut().filter(|line| line.confidential && actor.role.of_unit()).collect();
    let numbers: Vec<String> = masked.iter().map(|line| line.number.clone()).collect();
    let people = app.store.persons_of_tickets(&app.jurisdiction, &numbers).await?;
    for line in &mut masked {
        let known: Vec<String> = people.get(&line.number).into_iter().flatten().flat_map(telling).collect();
        line.mask(&known);
    }
    Ok(lines)
}

/// The one ticket whose number is looked for, where a number is; whatever else narrows the list says nothing then.
pub(super) async fn numbered(
    app: &App,
    actor: &Actor,
    q: &ListQuery,
    now: Instant,
) -> Result<Option<Vec<TicketLine>>, Problem> {
    let number = tidy_number(q.q.as_deref().unwrap_or_default());
    if !is_ticket_number(&number) {
        return Ok(None);
    }
    by_number(app, actor, &number, now).await.map(Some)
}

async fn by_number(app: &App, actor: &Actor, number: &str, now: Instant) -> Result<Vec<TicketLine>, Problem> {
    use crate::app::ExecuteError;
    match app.load(number, actor).await {
        Ok(_) => {
            let row = app.store.ticket(&app.jurisdiction, number).await?;
            lines(app, actor, &row.map(|r| r.head).into_iter().collect::<Vec<_>>(), now).await
        }
        Err(ExecuteError::NotFound) => Ok(Vec::new()),
        Err(e) => Err(e.into()),
    }
}

/// Counts over the same filter, for the tabs.
#[utoipa::path(get, path = "/api/v1/tickets/counts", tag = "tickets", params(ListQuery),
    responses((status = 200, body = Counts), (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem)))]
pub async fn counts(
    State(app): State<Arc<App>>,
    signed: Signed,
    query: Result<Query<ListQuery>, QueryRejection>,
) -> Result<Json<Counts>, Problem> {
    let Query(q) = query?;
    let base = filter(&app, &signed.actor, &q)?;
    let counted = counted(&app, base).await?;
    // In the order in which a ticket goes through them.
    let known = StateName::ALL.iter().filter_map(|state| Some((*state, *counted.by_state.get(state.code())?)));
    Ok(Json(Counts {
        total: counted.total(),
        overdue: counted.overdue,
        supervised: counted.supervised,
        by_state: known.map(|(state, count)| StateCount { state, state_name: state.zh(), count }).collect(),
        more: counted.more,
    }))
}

async fn counted(app: &App, base: ListFilter) -> Result<Counted, Problem> {
    let (store, j) = (&app.store, app.jurisdiction.as_str());
    if !base.terms.is_empty() {
        // The numbers are for choosing a state: whatever is asked for, all are counted.
        let narrowed = standing::narrowed(ListFilter { states: Vec::new(), ..base });
        return Ok(store.count_search(j, &narrowed, COUNTED_MOST).await?);
    }
    let sum = |counts: Vec<(String, i64)>| counts.iter().map(|(_, n)| n).sum::<i64>();
    let by_state = store.count_by_state(j, &base).await?.into_iter().collect();
    let overdue = sum(store.count_by_state(j, &ListFilter { overdue: Some(true), ..base.clone() }).await?);
    let supervised = sum(store.count_by_state(j, &ListFilter { supervised: Some(true), ..base }).await?);
    Ok(Counted { by_state, overdue, supervised, more: false })
}

/// A registration: the appeal, and who appeals.
#[derive(Debug, Deserialize, ToSchema)]
pub struct RegisterTicket {
    #[serde(flatten)]
    pub register: Register,
    #[serde(default)]
    pub appellant: Appellant,
    /// Its number with the platform that hands it in; of persons it is not kept.
    #[serde(default)]
    pub source_id: Option<String>,
}

/// The new ticket.
#[derive(Debug, Serialize, ToSchema)]
pub struct Registered {
    pub number: String,
    pub version: i64,
    /// For the appellant, to ask for progress with.
    pub query_code: String,
}

/// The idempotency key of a request, if it has one.
pub fn idempotency(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let Some(key) = headers.get("idempotency-key") else { return Ok(None) };
    let key = key.to_str().ok().filter(|k| (8..=100).contains(&k.len()));
    key.map(|k| Some(k.to_owned())).ok_or_else(|| Problem::bad_request("Idempotency-Key 应为8至100个字符"))
}

/// Registers an appeal as a ticket. The same `Idempotency-Key` again gives the same ticket.
#[utoipa::path(post, path = "/api/v1/tickets", tag = "tickets", request_body = RegisterTicket,
    params(("Idempotency-Key" = Option<String>, Header, description = "Made when the form opens; a double click makes one ticket")),
    responses((status = 201, body = Registered), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 409, body = Problem), (status = 422, body = Problem)))]
pub async fn register(
    State(app): State<Arc<App>>,
    signed: Signed,
    headers: HeaderMap,
    Body(new): Body<RegisterTicket>,
) -> Result<(StatusCode, Json<Registered>), Problem> {
    signed.within(Action::Register)?;
    sound(&new.appellant)?;
    let key = idempotency(&headers)?.map(|k| (signed.actor.id.clone(), k));
    let earlier = new.register.earlier.iter().map(|n| tidy_number(n)).collect();
    let register = Register { earlier, ..new.register };
    let source = signed.platform().zip(new.source_id).map(|(name, id)| (name.to_owned(), id));
    let new = NewTicket { register, appellant: new.appellant, received_at: None, source, history: None };
    let done = app.register(&signed.actor, &new, key).await.map_err(|e| Problem::of(&app, e))?;
    if !done.replayed && signed.platform().is_none() {
        app.count_registered(&signed.actor, &new.register);
    }
    let made =
        Registered { number: done.ticket, version: done.version, query_code: done.query_code.unwrap_or_default() };
    Ok((StatusCode::CREATED, Json(made)))
}

/// Everything on the ticket page.
#[utoipa::path(get, path = "/api/v1/tickets/{number}", operation_id = "ticket", tag = "tickets", params(("number" = String, Path)),
    responses((status = 200, body = TicketView), (status = 401, body = Problem), (status = 404, body = Problem)))]
pub async fn get(
    State(app): State<Arc<App>>,
    signed: Signed,
    At(number): At<String>,
) -> Result<Json<TicketView>, Problem> {
    page(&app, &signed.actor, &number).await.map(Json)
}

/// The ticket page for this person. Roles without any right to see tickets get none.
pub async fn page(app: &App, actor: &Actor, number: &str) -> Result<TicketView, Problem> {
    let ticket = app.load(&tidy_number(number), actor).await?;
    let rows = rows(app, &ticket, actor).await?;
    Ok(ticket_view(app, &ticket, &rows, actor))
}

pub async fn rows(app: &App, ticket: &Ticket, actor: &Actor) -> Result<Rows, Problem> {
    let (store, j) = (&app.store, &app.jurisdiction);
    let mut appeals = Vec::new();
    for row in store.appeals(j, &ticket.number).await? {
        let person = store.person(j, &row.person).await?;
        appeals.push((row, person));
    }
    let of_ticket = OutboxFilter { ticket: Some(ticket.number.clone()), ..OutboxFilter::default() };
    let messages = store.outbox(j, &of_ticket, None, 100).await?.items;
    let files = if ticket.files.is_empty() { Vec::new() } else { store.attachments(j, &ticket.number).await? };
    let foreign = foreign(app, ticket, actor).await?;
    Ok(Rows { journal: store.journal(j, &ticket.number).await?, appeals, messages, files, foreign })
}

/// Tickets that this one names and this person does not see: their numbers are not told either.
async fn foreign(app: &App, ticket: &Ticket, actor: &Actor) -> Result<BTreeSet<String>, Problem> {
    use crate::app::ExecuteError;
    let mut foreign = BTreeSet::new();
    if access::scope(actor, &app.units()).is_none() {
        return Ok(foreign);
    }
    for number in named(ticket) {
        match app.load(number, actor).await {
            Ok(_) => {}
            Err(ExecuteError::NotFound) => {
                foreign.insert(number.to_owned());
            }
            Err(e) => return Err(e.into()),
        }
    }
    Ok(foreign)
}

/// The other tickets that a ticket names.
fn named(ticket: &Ticket) -> BTreeSet<&str> {
    let from = ticket.appeals.iter().filter_map(|a| a.from.as_deref()).map(number_joined);
    let went = match ticket.stage_in_archive() {
        Stage::Joined { number } => Some(number.as_str()),
        Stage::Answered(answered) => answered.by_opinion_of.as_deref(),
        _ => None,
    };
    ticket.earlier.iter().map(String::as_str).chain(from).chain(went).collect()
}

/// Whether this person may ask for a caller's history.
pub fn may_register(actor: &Actor) -> Result<(), Problem> {
    if access::may(actor.role, Action::Register) && access::sees_of(actor.role) == Sees::All {
        return Ok(());
    }
    Err(Problem::forbidden(format!("{}不能查询来电记录", actor.role)))
}
