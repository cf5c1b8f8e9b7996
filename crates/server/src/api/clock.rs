//! The centre's time, and moving it in a demo.

use std::sync::Arc;

use axum::{Json, extract::State};
use jiesu_domain::{
    Instant,
    access::Right,
    audit::ActKind,
    calendar::{Day, LAST_YEAR},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{auth::Signed, body::Body, problem::Problem};
use crate::app::{Act, App};

/// The centre's clock.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ClockState {
    #[schema(value_type = String, format = DateTime)]
    pub now: Instant,
    /// `real`, `fixed` or `scaled`.
    pub kind: &'static str,
    pub settable: bool,
}

pub fn clock_state(app: &App) -> ClockState {
    ClockState { now: app.clock.now(), kind: app.clock.kind(), settable: app.clock.settable() }
}

/// Where to move the clock.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetClock {
    #[schema(value_type = String, format = DateTime)]
    pub to: Instant,
}

/// The centre's time.
#[utoipa::path(get, path = "/api/v1/clock", operation_id = "clock", tag = "clock", responses((status = 200, body = ClockState), (status = 401, body = Problem)))]
pub async fn get(State(app): State<Arc<App>>, _signed: Signed) -> Json<ClockState> {
    Json(clock_state(&app))
}

/// Moves a settable clock forward; whatever falls due on the way has happened when this returns.
#[utoipa::path(post, path = "/api/v1/clock", operation_id = "set_clock", tag = "clock", request_body = SetClock,
    responses((status = 200, body = ClockState), (status = 401, body = Problem), (status = 403, body = Problem), (status = 422, body = Problem)))]
pub async fn set(
    State(app): State<Arc<App>>,
    signed: Signed,
    Body(to): Body<SetClock>,
) -> Result<Json<ClockState>, Problem> {
    signed.need(Right::SetClock)?;
    if !app.clock.settable() {
        return Err(Problem::forbidden("正式运行的时钟不能调整"));
    }
    if to.to < app.clock.now() {
        return Err(Problem::invalid("to", "时间只能向前"));
    }
    // Beyond what a calendar can ever know nothing could be done any more, and there is no way back.
    if Day::of(to.to).date().year() > LAST_YEAR {
        return Err(Problem::invalid("to", format!("时间最晚到{LAST_YEAR}年，请选早一些的时间")));
    }
    crate::worker::advance(&app, to.to).await.map_err(Problem::from)?;
    let mut deed = app.deed().await?;
    deed.setting_put(crate::cli::CLOCK_SETTING, &to.to.to_string()).await?;
    app.done(deed, &signed.actor, Act::done(ActKind::ClockSet, to.to.to_string()).from(signed.from)).await?;
    Ok(Json(clock_state(&app)))
}
