//! Duty: the shifts of a day and who is down for them, who takes calls now, and what was worked in a month.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use axum::{
    Json,
    extract::{Query, State, rejection::QueryRejection},
    http::StatusCode,
};
use jiesu_domain::{
    Instant, Role,
    access::{self, Right},
    calendar::Day,
    duty::{Presence, Shift, TimeOfDay, gaps, takes_duty},
    organisation::SeatKind,
};
use jiesu_store::{Account, OnRoster};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    auth::Signed,
    body::Body,
    problem::{At, Problem},
    reference::Choice,
};
use crate::app::{App, Changing};

/// Why a gap is shown.
const ROUND_THE_CLOCK: &str = "“7×24小时”人工服务：国办发〔2020〕53号，上饶第二条";

/// Somebody of the centre, with the post that says what they do.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OnDuty {
    pub account: String,
    pub name: String,
    pub role_name: &'static str,
    /// For seats.
    pub seat_name: Option<&'static str>,
}

/// A shift of the day.
#[derive(Debug, Serialize, ToSchema)]
pub struct ShiftView {
    pub id: String,
    pub name: String,
    pub from: TimeOfDay,
    pub until: TimeOfDay,
    pub people: Vec<OnDuty>,
}

/// Somebody who takes calls now, or will again in a moment.
#[derive(Debug, Serialize, ToSchema)]
pub struct Now {
    #[serde(flatten)]
    pub who: OnDuty,
    pub state: Presence,
    pub state_name: &'static str,
    #[schema(value_type = String, format = DateTime)]
    pub since: Instant,
}

/// A day's duty.
#[derive(Debug, Serialize, ToSchema)]
pub struct DutyDay {
    /// `2026-04-30`.
    pub day: String,
    pub shifts: Vec<ShiftView>,
    /// Times at which nobody is down, e.g. `00:00—08:00`.
    pub gaps: Vec<String>,
    /// Why there should be none.
    pub gaps_basis: &'static str,
    pub now: Vec<Now>,
    /// Who can be put down; empty for who may not do it.
    pub choices: Vec<OnDuty>,
    /// Whether this person may change shifts and put people down for this day.
    pub may_manage: bool,
}

/// Which day.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct DayQuery {
    /// `2026-04-30`; today if not said.
    pub day: Option<String>,
}

/// Who is down for a shift.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PutDown {
    /// Accounts; nobody else is.
    pub people: BTreeSet<String>,
}

/// The shifts of every day.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Shifts {
    pub shifts: Vec<Shift>,
}

/// What one is.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SayPresence {
    pub state: Presence,
}

/// One's own state.
#[derive(Debug, Serialize, ToSchema)]
pub struct OwnDuty {
    pub state: Presence,
    /// Absent while off duty.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub since: Option<Instant>,
    pub states: Vec<Choice>,
    /// Shifts that one is down for today, e.g. `早班 08:00—16:00`.
    pub today: Vec<String>,
}

/// Which month.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct MonthQuery {
    /// `2026-04`; the running one if not said.
    pub month: Option<String>,
}

/// What one person worked.
#[derive(Debug, Serialize, ToSchema)]
pub struct WorkedLine {
    #[serde(flatten)]
    pub who: OnDuty,
    pub shifts: u32,
    /// Minutes.
    pub present_minutes: i64,
    pub break_minutes: i64,
}

/// Posts of one sort: what a budget asks for (QD-0).
#[derive(Debug, Serialize, ToSchema)]
pub struct SeatFigures {
    pub role_name: &'static str,
    pub seat_name: Option<&'static str>,
    /// People who hold such a post now.
    pub people: usize,
    pub shifts: u32,
    pub present_minutes: i64,
}

/// A month's figures of seats and staff.
#[derive(Debug, Serialize, ToSchema)]
pub struct DutyFigures {
    /// `2026-04`.
    pub month: String,
    pub seats: Vec<SeatFigures>,
    pub people: Vec<WorkedLine>,
}

/// People of the centre who take duty, by account, with what they are.
struct People(BTreeMap<String, (Role, Option<SeatKind>, OnDuty)>);

impl People {
    async fn read(app: &App) -> Result<People, Problem> {
        let posts = app.store.posts(&app.jurisdiction, None).await?;
        let seats: BTreeMap<&str, SeatKind> =
            posts.iter().filter_map(|p| Some((p.account.as_str(), p.seat.as_deref()?.parse().ok()?))).collect();
        let fit = |a: Account| {
            let role: Role = a.role.parse().ok().filter(|role| a.active && takes_duty(*role))?;
            let seat = (role == Role::Seat).then(|| seats.get(a.account.as_str()).copied());
            let seat = seat.map(|kind| kind.unwrap_or(SeatKind::Ordinary));
            let who = OnDuty {
                account: a.account.clone(),
                name: a.name,
                role_name: role.zh(),
                seat_name: seat.map(SeatKind::zh),
            };
            Some((a.account, (role, seat, who)))
        };
        Ok(People(app.store.accounts(&app.jurisdiction).await?.into_iter().filter_map(fit).collect()))
    }

    fn get(&self, app: &App, account: &str) -> OnDuty {
        let gone = || OnDuty {
            account: account.to_owned(),
            name: app.account_name(account),
            role_name: "已离任",
            seat_name: None,
        };
        self.0.get(account).map_or_else(gone, |(_, _, who)| who.clone())
    }
}

fn day_of(app: &App, text: Option<&str>) -> Result<Day, Problem> {
    match text.filter(|t| !t.is_empty()) {
        Some(text) => text.parse().map(Day::from_date).map_err(|_| Problem::bad_request("日期应写作 2026-04-30")),
        None => Ok(Day::of(app.clock.now())),
    }
}

async fn duty_day(app: &App, signed: &Signed, day: Day) -> Result<DutyDay, Problem> {
    let people = People::read(app).await?;
    let shifts = app.shifts().await?;
    let down = app.store.roster(&app.jurisdiction, day.0 - 1, day.0).await?;
    let on =
        |d: i32, shift: &Shift| down.iter().filter(|o| o.day == d && o.shift == shift.id).collect::<Vec<&OnRoster>>();
    let manned = |d: i32| shifts.iter().filter(|s| !on(d, s).is_empty()).collect::<Vec<&Shift>>();
    let gaps = gaps(&manned(day.0), &manned(day.0 - 1));
    let now = app.present().await?;
    let may_manage = access::has(signed.actor.role, Right::ManageDuty) && day >= Day::of(app.clock.now());
    let view = |shift: &Shift| ShiftView {
        id: shift.id.clone(),
        name: shift.name.clone(),
        from: shift.from,
        until: shift.until,
        people: on(day.0, shift).iter().map(|o| people.get(app, &o.account)).collect(),
    };
    Ok(DutyDay {
        day: day.date().to_string(),
        gaps: gaps.iter().map(|(from, until)| format!("{from}—{until}")).collect(),
        gaps_basis: ROUND_THE_CLOCK,
        now: now
            .into_iter()
            .map(|(account, state, since)| Now { who: people.get(app, &account), state, state_name: state.zh(), since })
            .collect(),
        choices: if may_manage { people.0.values().map(|(_, _, who)| who.clone()).collect() } else { Vec::new() },
        may_manage,
        shifts: shifts.iter().map(view).collect(),
    })
}

/// A day's shifts, who is down for them, when nobody is, and who takes calls now.
#[utoipa::path(get, path = "/api/v1/duty", operation_id = "duty", tag = "duty", params(DayQuery),
    responses((status = 200, body = DutyDay), (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem)))]
pub async fn duty(
    State(app): State<Arc<App>>,
    signed: Signed,
    query: Result<Query<DayQuery>, QueryRejection>,
) -> Result<Json<DutyDay>, Problem> {
    let Query(query) = query?;
    signed.need(Right::ViewDuty)?;
    let day = day_of(&app, query.day.as_deref())?;
    Ok(Json(duty_day(&app, &signed, day).await?))
}

fn changing(signed: &Signed) -> Changing<'_> {
    Changing { by: &signed.actor, from: signed.from, reason: "" }
}

/// Puts these people, and nobody else, down for a shift of a day.
#[utoipa::path(put, path = "/api/v1/duty/days/{day}/{shift}", operation_id = "put_down", tag = "duty",
    params(("day" = String, Path), ("shift" = String, Path)), request_body = PutDown,
    responses((status = 200, body = DutyDay), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 422, body = Problem)))]
pub async fn put_down(
    State(app): State<Arc<App>>,
    signed: Signed,
    At((day, shift)): At<(String, String)>,
    Body(put): Body<PutDown>,
) -> Result<Json<DutyDay>, Problem> {
    signed.need(Right::ManageDuty)?;
    let day = day_of(&app, Some(&day))?;
    app.put_down(changing(&signed), day, &shift, &put.people).await?;
    Ok(Json(duty_day(&app, &signed, day).await?))
}

/// Sets the shifts of every day.
#[utoipa::path(put, path = "/api/v1/duty/shifts", operation_id = "set_shifts", tag = "duty", request_body = Shifts,
    responses((status = 200, body = DutyDay), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 422, body = Problem)))]
pub async fn set_shifts(
    State(app): State<Arc<App>>,
    signed: Signed,
    Body(set): Body<Shifts>,
) -> Result<Json<DutyDay>, Problem> {
    signed.need(Right::ManageDuty)?;
    app.set_shifts(changing(&signed), &set.shifts).await?;
    Ok(Json(duty_day(&app, &signed, Day::of(app.clock.now())).await?))
}

/// What one is oneself.
#[utoipa::path(get, path = "/api/v1/duty/own", operation_id = "own_duty", tag = "duty",
    responses((status = 200, body = OwnDuty), (status = 401, body = Problem), (status = 403, body = Problem)))]
pub async fn own(State(app): State<Arc<App>>, signed: Signed) -> Result<Json<OwnDuty>, Problem> {
    signed.need(Right::TakeDuty)?;
    let own = app.present().await?.into_iter().find(|(account, ..)| *account == signed.actor.id);
    let today = Day::of(app.clock.now());
    let down = app.store.roster(&app.jurisdiction, today.0, today.0).await?;
    let mine = |s: &Shift| down.iter().any(|o| o.shift == s.id && o.account == signed.actor.id);
    let shifts = app.shifts().await?;
    let told = shifts.iter().filter(|s| mine(s)).map(|s| format!("{} {}—{}", s.name, s.from, s.until));
    Ok(Json(OwnDuty {
        state: own.as_ref().map_or(Presence::Off, |(_, state, _)| *state),
        since: own.map(|(_, _, since)| since),
        states: Presence::ALL.iter().map(|p| Choice::new(p.code(), p.zh())).collect(),
        today: told.collect(),
    }))
}

/// Says whether one takes calls.
#[utoipa::path(put, path = "/api/v1/duty/own", operation_id = "say_presence", tag = "duty", request_body = SayPresence,
    responses((status = 204), (status = 401, body = Problem), (status = 403, body = Problem), (status = 422, body = Problem)))]
pub async fn say(
    State(app): State<Arc<App>>,
    signed: Signed,
    Body(said): Body<SayPresence>,
) -> Result<StatusCode, Problem> {
    signed.need(Right::TakeDuty)?;
    app.say_presence(&signed.actor, said.state).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The first and the last day of a month.
fn month_of(app: &App, text: Option<&str>) -> Result<(Day, Day), Problem> {
    let first = match text.filter(|t| !t.is_empty()) {
        Some(text) => {
            day_of(app, Some(&format!("{text}-01"))).map_err(|_| Problem::bad_request("月份应写作 2026-04"))?.date()
        }
        None => Day::of(app.clock.now()).date().first_of_month(),
    };
    Ok((Day::from_date(first), Day::from_date(first.last_of_month())))
}

/// Seats, people, shifts and hours of a month.
#[utoipa::path(get, path = "/api/v1/duty/figures", operation_id = "duty_figures", tag = "duty", params(MonthQuery),
    responses((status = 200, body = DutyFigures), (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem)))]
pub async fn figures(
    State(app): State<Arc<App>>,
    signed: Signed,
    query: Result<Query<MonthQuery>, QueryRejection>,
) -> Result<Json<DutyFigures>, Problem> {
    let Query(query) = query?;
    signed.need(Right::ViewDuty)?;
    let (from, to) = month_of(&app, query.month.as_deref())?;
    let people = People::read(&app).await?;
    let mut worked = app.worked(from, to).await?;
    let mut seats: BTreeMap<(Role, Option<SeatKind>), SeatFigures> = BTreeMap::new();
    let mut lines = Vec::new();
    for (account, (role, seat, who)) in &people.0 {
        let did = worked.remove(account).unwrap_or_default();
        let sort = seats.entry((*role, *seat)).or_insert_with(|| SeatFigures {
            role_name: role.zh(),
            seat_name: seat.map(SeatKind::zh),
            people: 0,
            shifts: 0,
            present_minutes: 0,
        });
        sort.people += 1;
        sort.shifts += did.shifts;
        sort.present_minutes += did.present.as_mins();
        lines.push(line(who.clone(), did));
    }
    // Who worked then and has left since.
    lines.extend(worked.into_iter().map(|(account, did)| line(people.get(&app, &account), did)));
    let month = from.date().strftime("%Y-%m").to_string();
    Ok(Json(DutyFigures { month, seats: seats.into_values().collect(), people: lines }))
}

fn line(who: OnDuty, did: crate::app::Worked) -> WorkedLine {
    WorkedLine {
        who,
        shifts: did.shifts,
        present_minutes: did.present.as_mins(),
        break_minutes: did.on_break.as_mins(),
    }
}
