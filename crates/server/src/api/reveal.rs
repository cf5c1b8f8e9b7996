//! Opening who an appellant is: one field at a time, for a stated purpose, written down before anything is shown.

use std::sync::Arc;

use axum::{Json, extract::State};
use jiesu_domain::{
    audit::ActKind,
    privacy::{OpenPurpose, PersonField},
};
use jiesu_store::PersonRow;
use jiesu_text::personal;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::{
    auth::Signed,
    body::Body,
    problem::{At, Problem},
};
use crate::{
    app::{Act, App, tidy_number},
    view::may_know,
};

/// Characters of a reason that somebody writes.
pub(super) const REASON_LEAST: usize = 2;
pub(super) const REASON_MOST: usize = 200;

/// Which field somebody must know, and for what.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Reveal {
    pub field: PersonField,
    pub purpose: OpenPurpose,
    /// What it is for; needed where the purpose is `other`. 2 to 200 characters.
    #[serde(default)]
    pub note: String,
}

/// A field in full.
#[derive(Serialize, ToSchema)]
pub struct Opened {
    pub field: PersonField,
    pub value: String,
}

impl std::fmt::Debug for Opened {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Opened").field("field", &self.field).finish_non_exhaustive()
    }
}

/// A purpose from a list and what was written beside it, as the journal keeps it: what is personal in it is masked there.
///
/// # Errors
/// Nothing was written where it must be, or too much.
pub(super) fn stated(purpose: &str, needs_note: bool, note: &str) -> Result<String, Problem> {
    let note = note.trim();
    let length = note.chars().count();
    if needs_note && length < REASON_LEAST || length > REASON_MOST {
        let detail = format!("请写明理由，{REASON_LEAST}至{REASON_MOST}个字；理由会留下记录，不要写个人信息");
        return Err(Problem::invalid("note", detail));
    }
    Ok(if note.is_empty() { purpose.to_owned() } else { format!("{purpose}：{}", personal::mask(note, &[])) })
}

/// Opens one field of who an appellant is. Written down with its purpose before it is shown; the entry names the field and never says it.
#[utoipa::path(post, path = "/api/v1/tickets/{number}/appeals/{no}/reveal", tag = "tickets", request_body = Reveal,
    params(("number" = String, Path), ("no" = u32, Path)),
    responses((status = 200, body = Opened), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Problem), (status = 422, body = Problem)))]
pub async fn reveal(
    State(app): State<Arc<App>>,
    signed: Signed,
    At((number, no)): At<(String, u32)>,
    Body(wanted): Body<Reveal>,
) -> Result<Json<Opened>, Problem> {
    let number = tidy_number(&number);
    let ticket = app.load(&number, &signed.actor).await?;
    if !may_know(&signed.actor, &ticket) {
        return Err(Problem::forbidden("您无权查看这位诉求人的信息；保密工单由热线中心回访员联系"));
    }
    let Reveal { field, purpose, note } = wanted;
    let reason = stated(purpose.zh(), purpose == OpenPurpose::Other, &note)?;
    let appeals = app.store.appeals(&app.jurisdiction, &number).await?;
    let appeal =
        appeals.into_iter().find(|a| a.appeal == no.to_string()).ok_or_else(|| Problem::not_found("没有这位诉求人"))?;
    let person = app.store.person(&app.jurisdiction, &appeal.person).await?.unwrap_or_default();
    let value = value(person, field).ok_or_else(|| Problem::not_found(format!("诉求人没有留下{field}")))?;
    let detail = json!({ "appeal": no, "field": field.code(), "purpose": purpose.code() });
    let act = Act::done(ActKind::Revealed, number).because(reason).with(detail).from(signed.from);
    app.audit(&signed.actor, act).await?;
    Ok(Json(Opened { field, value }))
}

fn value(person: PersonRow, field: PersonField) -> Option<String> {
    let value = match field {
        PersonField::Name => person.name,
        PersonField::Phone => person.phone,
        PersonField::Email => person.email,
        PersonField::Address => person.address,
        PersonField::IdNumber => person.id_number,
    };
    value.filter(|value| !value.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_is_neither_missing_nor_a_novel_nor_a_leak() {
        assert_eq!(stated("回访", false, " ").unwrap(), "回访");
        assert_eq!(stated("其他", true, "查档").unwrap(), "其他：查档");
        assert!(stated("其他", true, "查").is_err());
        assert!(stated("其他", true, &"查".repeat(REASON_MOST)).is_ok());
        assert!(stated("回访", false, &"查".repeat(REASON_MOST + 1)).is_err());
        let said = stated("其他", true, "打13900001234找王先生").unwrap();
        assert_eq!(said, "其他：打[电话]找[姓名]先生");
    }
}
