//! The organisation: units with whom they have named and who is missing, accounts, posts, handovers. System administrators make units and
//! accounts without power, security administrators give posts; nobody gives themselves anything.

use std::{collections::BTreeMap, sync::Arc};

use axum::{Json, extract::State, http::StatusCode};
use jiesu_domain::{
    Instant, Role,
    access::{self, Right, Sees},
    organisation::{Duties, Missing, Post, SeatKind, missing},
    rulebook::UnitKind,
    ticket::UnitInfo,
};
use jiesu_store::{Account, Handover, HeldPost, UnitDuties};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    auth::Signed,
    body::Body,
    problem::{At, Problem},
    reference::Choice,
};
use crate::app::{App, Changing};

/// Longest reason, in characters.
const REASON_MOST: usize = 200;

/// Somebody who holds a post.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Person {
    pub account: String,
    pub name: String,
}

/// A unit with whom it has named.
#[derive(Debug, Serialize, ToSchema)]
pub struct OrganisedUnit {
    pub id: String,
    pub name: String,
    pub kind: UnitKind,
    pub kind_name: &'static str,
    pub parent: Option<String>,
    pub active: bool,
    /// The office that answers for the hotline's tickets.
    pub office: Option<String>,
    pub clerk: Option<Person>,
    pub duty_phone: Option<String>,
    /// Code of its administrative division.
    pub division: Option<String>,
    pub leaders: Vec<Person>,
    pub handlers: Vec<Person>,
    /// What it has to name and has not.
    pub missing: Vec<Missing>,
    pub missing_names: Vec<&'static str>,
}

/// The organisation as it stands.
#[derive(Debug, Serialize, ToSchema)]
pub struct Organisation {
    pub units: Vec<OrganisedUnit>,
    /// Units that lack somebody.
    pub lacking: usize,
    pub kinds: Vec<Choice>,
    /// Whether this person may change units.
    pub may_manage: bool,
}

/// Everything a unit is made of.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UnitForm {
    pub name: String,
    pub kind: UnitKind,
    #[serde(default)]
    pub parent: Option<String>,
    pub active: bool,
    #[serde(default)]
    pub office: Option<String>,
    /// Account of its knowledge clerk.
    #[serde(default)]
    pub clerk: Option<String>,
    #[serde(default)]
    pub duty_phone: Option<String>,
    #[serde(default)]
    pub division: Option<String>,
}

/// An account and what it may.
#[derive(Debug, Serialize, ToSchema)]
pub struct AccountView {
    pub account: String,
    pub login: String,
    pub name: String,
    pub active: bool,
    /// Absent: it has no post and can do nothing.
    pub post: Option<PostView>,
    /// Whether this person may give it a post or take it back.
    pub may_grant: bool,
}

/// A post that is or was held.
#[derive(Debug, Serialize, ToSchema)]
pub struct PostView {
    pub role: Role,
    pub role_name: &'static str,
    pub unit: Option<String>,
    pub unit_name: Option<String>,
    pub seat: Option<SeatKind>,
    pub seat_name: Option<&'static str>,
    /// Absent where it began before that was written down.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub from: Option<Instant>,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub until: Option<Instant>,
    pub given_by: Option<String>,
    pub ended_by: Option<String>,
}

/// A role to choose, with what it sees.
#[derive(Debug, Serialize, ToSchema)]
pub struct RoleChoice {
    pub role: Role,
    pub name: &'static str,
    pub sees: &'static str,
    pub of_unit: bool,
}

/// All accounts, and what can be chosen for them.
#[derive(Debug, Serialize, ToSchema)]
pub struct Accounts {
    pub accounts: Vec<AccountView>,
    pub roles: Vec<RoleChoice>,
    pub seats: Vec<Choice>,
    pub may_manage: bool,
    pub may_grant: bool,
}

/// A new account.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAccount {
    pub login: String,
    pub name: String,
}

/// What of an account can be changed.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AccountForm {
    pub name: String,
    pub active: bool,
}

/// A post to give, and why.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GivePost {
    pub post: Post,
    pub reason: String,
}

/// A post to take back: who takes over the open work, and why.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EndPost {
    /// Account of who takes over.
    #[serde(default)]
    pub to: Option<String>,
    pub reason: String,
}

/// What went over from one to another.
#[derive(Debug, Serialize, ToSchema)]
pub struct HandoverView {
    pub no: i64,
    pub unit: String,
    pub unit_name: String,
    pub from: String,
    pub to: String,
    #[schema(value_type = String, format = DateTime)]
    pub at: Instant,
    pub given_by: String,
    pub count: usize,
    /// Absent for who sees no tickets.
    pub tickets: Option<Vec<String>>,
}

/// What came of taking a post back.
#[derive(Debug, Serialize, ToSchema)]
pub struct PostEnded {
    pub account: AccountView,
    pub handover: Option<HandoverView>,
}

/// What is read for the views.
struct Read {
    accounts: Vec<Account>,
    posts: BTreeMap<String, HeldPost>,
    duties: BTreeMap<String, UnitDuties>,
}

async fn read(app: &App) -> Result<Read, Problem> {
    let (store, j) = (&app.store, &app.jurisdiction);
    Ok(Read {
        accounts: store.accounts(j).await?,
        posts: store.posts(j, None).await?.into_iter().map(|p| (p.account.clone(), p)).collect(),
        duties: store.unit_duties(j).await?.into_iter().map(|d| (d.unit.clone(), d)).collect(),
    })
}

fn unit_view(app: &App, id: &str, unit: &UnitInfo, read: &Read) -> OrganisedUnit {
    let of_unit = || read.accounts.iter().filter(|a| a.active && a.unit.as_deref() == Some(id));
    let holding = |role: Role| {
        let holders = of_unit().filter(|a| a.role == role.code());
        holders.map(|a| Person { account: a.account.clone(), name: a.name.clone() }).collect::<Vec<_>>()
    };
    let found = read.duties.get(id).cloned().unwrap_or_default();
    // A clerk who left is none.
    let clerk = found.clerk.filter(|clerk| of_unit().any(|a| a.account == *clerk));
    let duties = Duties { office: found.office, clerk, duty_phone: found.duty_phone, division: found.division };
    let held: Vec<Role> = of_unit().filter_map(|a| a.role.parse().ok()).collect();
    let lacks = missing(unit, &duties, &held);
    OrganisedUnit {
        id: id.to_owned(),
        name: unit.name.clone(),
        kind: unit.kind,
        kind_name: unit.kind.zh(),
        parent: unit.parent.clone(),
        active: unit.active,
        office: duties.office,
        clerk: duties.clerk.map(|account| Person { name: app.account_name(&account), account }),
        duty_phone: duties.duty_phone,
        division: duties.division,
        leaders: holding(Role::UnitLeader),
        handlers: holding(Role::Handler),
        missing_names: lacks.iter().map(|m| m.zh()).collect(),
        missing: lacks,
    }
}

fn post_view(app: &App, held: &HeldPost) -> Option<PostView> {
    let role: Role = held.role.parse().ok()?;
    let seat: Option<SeatKind> = held.seat.as_deref().and_then(|s| s.parse().ok());
    let name = |id: &str| Some(app.account_name(id)).filter(|_| !id.is_empty());
    Some(PostView {
        role,
        role_name: role.zh(),
        unit_name: held.unit.as_ref().map(|u| unit_name(app, u)),
        unit: held.unit.clone(),
        seat,
        seat_name: seat.map(SeatKind::zh),
        from: Some(held.from).filter(|from| *from > Instant::UNIX_EPOCH),
        until: held.until,
        given_by: name(&held.given_by),
        ended_by: held.ended_by.as_deref().and_then(name),
    })
}

fn unit_name(app: &App, id: &str) -> String {
    app.units().get(id).map_or_else(|| id.to_owned(), |u| u.name.clone())
}

fn account_view(app: &App, signed: &Signed, account: &Account, held: Option<&HeldPost>) -> AccountView {
    let now = HeldPost {
        account: account.account.clone(),
        role: account.role.clone(),
        unit: account.unit.clone(),
        seat: None,
        from: Instant::UNIX_EPOCH,
        until: None,
        given_by: String::new(),
        ended_by: None,
    };
    // What the account may now says its own row; since when, the post that was written down.
    let held = held.filter(|h| h.role == now.role && h.unit == now.unit).unwrap_or(&now);
    AccountView {
        account: account.account.clone(),
        login: account.login.clone(),
        name: account.name.clone(),
        active: account.active,
        post: post_view(app, held),
        may_grant: access::has(signed.actor.role, Right::GrantPosts) && account.account != signed.actor.id,
    }
}

async fn one_account(app: &App, signed: &Signed, id: &str) -> Result<AccountView, Problem> {
    let account = app.store.account(&app.jurisdiction, id).await?;
    let account = account.ok_or_else(|| Problem::not_found("没有这个账户；请刷新后重新选择"))?;
    let held = app.store.posts(&app.jurisdiction, Some(id)).await?;
    Ok(account_view(app, signed, &account, held.iter().find(|p| p.until.is_none())))
}

fn changing<'a>(signed: &'a Signed, reason: &'a str) -> Changing<'a> {
    Changing { by: &signed.actor, from: signed.from, reason: reason.trim() }
}

fn reasoned(reason: &str) -> Result<(), Problem> {
    let length = reason.trim().chars().count();
    if (2..=REASON_MOST).contains(&length) {
        return Ok(());
    }
    Err(Problem::invalid("reason", format!("请写明理由（如任免文号），2至{REASON_MOST}字，会写入审计日志")))
}

/// What was left empty on a form is not there.
fn filled(text: Option<String>, field: &'static str) -> Result<Option<String>, Problem> {
    let text = text.map(|t| t.trim().to_owned()).filter(|t| !t.is_empty());
    match text {
        Some(text) if text.chars().count() > 60 => Err(Problem::invalid(field, "最多60字，请写得短些")),
        text => Ok(text),
    }
}

/// Units as a tree (by `parent`), whom each has named, and who is missing.
#[utoipa::path(get, path = "/api/v1/organisation", operation_id = "organisation", tag = "organisation",
    responses((status = 200, body = Organisation), (status = 401, body = Problem), (status = 403, body = Problem)))]
pub async fn organisation(State(app): State<Arc<App>>, signed: Signed) -> Result<Json<Organisation>, Problem> {
    signed.need(Right::ViewOrganisation)?;
    let read = read(&app).await?;
    let units: Vec<OrganisedUnit> = app.units().iter().map(|(id, unit)| unit_view(&app, id, unit, &read)).collect();
    Ok(Json(Organisation {
        lacking: units.iter().filter(|u| !u.missing.is_empty()).count(),
        units,
        kinds: UnitKind::ALL.iter().map(|k| Choice::new(k.code(), k.zh())).collect(),
        may_manage: access::has(signed.actor.role, Right::ManageOrganisation),
    }))
}

/// Makes a unit or changes it.
#[utoipa::path(put, path = "/api/v1/organisation/units/{unit}", operation_id = "put_unit", tag = "organisation",
    params(("unit" = String, Path)), request_body = UnitForm,
    responses((status = 200, body = OrganisedUnit), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 409, body = Problem), (status = 422, body = Problem)))]
pub async fn put_unit(
    State(app): State<Arc<App>>,
    signed: Signed,
    At(id): At<String>,
    Body(form): Body<UnitForm>,
) -> Result<Json<OrganisedUnit>, Problem> {
    signed.need(Right::ManageOrganisation)?;
    let parent = filled(form.parent, "parent")?;
    let unit = UnitInfo { name: form.name.trim().to_owned(), kind: form.kind, parent, active: form.active };
    let duties = Duties {
        office: filled(form.office, "office")?,
        clerk: filled(form.clerk, "clerk")?,
        duty_phone: filled(form.duty_phone, "duty_phone")?,
        division: filled(form.division, "division")?,
    };
    app.put_unit(changing(&signed, ""), &id, unit, duties).await?;
    let units = app.units();
    let unit = units.get(&id).ok_or_else(|| Problem::not_found("没有这个单位；请刷新后重新选择"))?;
    Ok(Json(unit_view(&app, &id, unit, &read(&app).await?)))
}

/// Everybody who can log in, with the post each holds.
#[utoipa::path(get, path = "/api/v1/organisation/accounts", operation_id = "accounts", tag = "organisation",
    responses((status = 200, body = Accounts), (status = 401, body = Problem), (status = 403, body = Problem)))]
pub async fn accounts(State(app): State<Arc<App>>, signed: Signed) -> Result<Json<Accounts>, Problem> {
    signed.need(Right::ViewOrganisation)?;
    let read = read(&app).await?;
    let view = |a: &Account| account_view(&app, &signed, a, read.posts.get(&a.account));
    let choice = |role: &Role| RoleChoice {
        role: *role,
        name: role.zh(),
        sees: access::sees_of(*role).zh(),
        of_unit: role.of_unit(),
    };
    Ok(Json(Accounts {
        accounts: read.accounts.iter().map(view).collect(),
        roles: Role::ALL.iter().filter(|r| r.of_staff()).map(choice).collect(),
        seats: SeatKind::ALL.iter().map(|s| Choice::new(s.code(), s.zh())).collect(),
        may_manage: access::has(signed.actor.role, Right::ManageOrganisation),
        may_grant: access::has(signed.actor.role, Right::GrantPosts),
    }))
}

/// Makes an account. It can do nothing until a post is given to it.
#[utoipa::path(post, path = "/api/v1/organisation/accounts", operation_id = "new_account", tag = "organisation",
    request_body = NewAccount,
    responses((status = 201, body = AccountView), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 422, body = Problem)))]
pub async fn new_account(
    State(app): State<Arc<App>>,
    signed: Signed,
    Body(new): Body<NewAccount>,
) -> Result<(StatusCode, Json<AccountView>), Problem> {
    signed.need(Right::ManageOrganisation)?;
    app.new_account(changing(&signed, ""), new.login.trim(), &new.name).await?;
    Ok((StatusCode::CREATED, Json(one_account(&app, &signed, new.login.trim()).await?)))
}

/// Renames an account, shuts it or opens it again.
#[utoipa::path(put, path = "/api/v1/organisation/accounts/{account}", operation_id = "put_account", tag = "organisation",
    params(("account" = String, Path)), request_body = AccountForm,
    responses((status = 200, body = AccountView), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 409, body = Problem), (status = 422, body = Problem)))]
pub async fn put_account(
    State(app): State<Arc<App>>,
    signed: Signed,
    At(id): At<String>,
    Body(form): Body<AccountForm>,
) -> Result<Json<AccountView>, Problem> {
    signed.need(Right::ManageOrganisation)?;
    app.change_account(changing(&signed, ""), &id, &form.name, form.active).await?;
    Ok(Json(one_account(&app, &signed, &id).await?))
}

/// Which posts an account holds and held, the last first.
#[utoipa::path(get, path = "/api/v1/organisation/accounts/{account}/posts", operation_id = "posts", tag = "organisation",
    params(("account" = String, Path)),
    responses((status = 200, body = Vec<PostView>), (status = 401, body = Problem), (status = 403, body = Problem)))]
pub async fn posts(
    State(app): State<Arc<App>>,
    signed: Signed,
    At(id): At<String>,
) -> Result<Json<Vec<PostView>>, Problem> {
    signed.need(Right::ViewOrganisation)?;
    let held = app.store.posts(&app.jurisdiction, Some(&id)).await?;
    Ok(Json(held.iter().filter_map(|h| post_view(&app, h)).collect()))
}

/// Gives a post to an account that has none. Nobody gives one to themselves.
#[utoipa::path(put, path = "/api/v1/organisation/accounts/{account}/post", operation_id = "give_post", tag = "organisation",
    params(("account" = String, Path)), request_body = GivePost,
    responses((status = 200, body = AccountView), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 409, body = Problem), (status = 422, body = Problem)))]
pub async fn give_post(
    State(app): State<Arc<App>>,
    signed: Signed,
    At(id): At<String>,
    Body(give): Body<GivePost>,
) -> Result<Json<AccountView>, Problem> {
    signed.need(Right::GrantPosts)?;
    reasoned(&give.reason)?;
    app.give_post(changing(&signed, &give.reason), &id, &give.post).await?;
    Ok(Json(one_account(&app, &signed, &id).await?))
}

/// Takes a post back; what its holder has in hand inside the unit goes over to `to`.
#[utoipa::path(post, path = "/api/v1/organisation/accounts/{account}/post/end", operation_id = "end_post", tag = "organisation",
    params(("account" = String, Path)), request_body = EndPost,
    responses((status = 200, body = PostEnded), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 409, body = Problem), (status = 422, body = Problem)))]
pub async fn end_post(
    State(app): State<Arc<App>>,
    signed: Signed,
    At(id): At<String>,
    Body(end): Body<EndPost>,
) -> Result<Json<PostEnded>, Problem> {
    signed.need(Right::GrantPosts)?;
    reasoned(&end.reason)?;
    let to = filled(end.to, "to")?;
    let handover = app.end_post(changing(&signed, &end.reason), &id, to.as_deref()).await?;
    let account = one_account(&app, &signed, &id).await?;
    Ok(Json(PostEnded { account, handover: handover.map(|h| handover_view(&app, &signed, h)) }))
}

fn handover_view(app: &App, signed: &Signed, h: Handover) -> HandoverView {
    HandoverView {
        no: h.handover,
        unit_name: unit_name(app, &h.unit),
        unit: h.unit,
        from: app.account_name(&h.from),
        to: app.account_name(&h.to),
        at: h.at,
        given_by: app.account_name(&h.given_by),
        count: h.tickets.len(),
        // Who gives posts sees no tickets, their numbers neither.
        tickets: (access::sees_of(signed.actor.role) != Sees::Nothing).then_some(h.tickets),
    }
}

/// The sheets of what went over when people changed: a unit's people see their own unit's, the centre all.
#[utoipa::path(get, path = "/api/v1/organisation/handovers", operation_id = "handovers", tag = "organisation",
    responses((status = 200, body = Vec<HandoverView>), (status = 401, body = Problem), (status = 403, body = Problem)))]
pub async fn handovers(State(app): State<Arc<App>>, signed: Signed) -> Result<Json<Vec<HandoverView>>, Problem> {
    let own = matches!(access::sees_of(signed.actor.role), Sees::Unit).then(|| signed.actor.unit.clone());
    let units = match own {
        Some(unit) => Some(unit.into_iter().collect::<Vec<String>>()),
        None => {
            signed.need(Right::ViewOrganisation)?;
            None
        }
    };
    let sheets = app.store.handovers(&app.jurisdiction, units.as_deref()).await?;
    Ok(Json(sheets.into_iter().map(|h| handover_view(&app, &signed, h)).collect()))
}
