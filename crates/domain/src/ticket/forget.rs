//! What is left of a ticket when its texts are destroyed: what is counted. Kind, units, times, ratings, how it went; nothing that anybody
//! wrote.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Ctx, Event, Refusal, Stage, Ticket};
use crate::{Basis, Instant, Role, rulebook::CopyTo, words::Satisfaction};

/// That a ticket was erased: on whose proposal, who approved it, why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Erased {
    /// Number of the list of tickets that were to be erased together.
    pub list: i64,
    /// On what ground; without personal data, as it stays readable for ever.
    pub reason: String,
    /// Account that proposed it.
    pub proposed_by: String,
    /// Account that approved it, another one.
    pub approved_by: String,
    /// Years that it had to be kept; they were over.
    pub years: u32,
    /// What says so.
    pub basis: Basis,
}

/// What stands instead of a title.
pub const ERASED_TITLE: &str = "（内容已按期限销毁）";

/// Decides the erasure of a ticket. Everything that people wrote goes with it; who proposes and who approves was checked before.
///
/// # Errors
/// It is not archived or not long enough, somebody holds it, or it was erased.
pub fn erase(ticket: &Ticket, list: i64, why: &Why<'_>, ctx: &Ctx<'_>) -> Result<Vec<Event>, Refusal> {
    erasable(ticket, ctx)?;
    two_people(why.proposed_by, why.approved_by)?;
    let book = ctx.rulebook;
    Ok(vec![Event::Erased(Erased {
        list,
        reason: why.reason.to_owned(),
        proposed_by: why.proposed_by.to_owned(),
        approved_by: why.approved_by.to_owned(),
        years: book.archive.recordings_years,
        basis: book.basis(&book.archive),
    })])
}

/// What is erased cannot be had back: nobody does it alone.
///
/// # Errors
/// They are the same person.
pub fn two_people(proposed_by: &str, approved_by: &str) -> Result<(), Refusal> {
    if proposed_by == approved_by {
        return Err(Refusal::forbidden("提出销毁的人不能自己批准；请由另一人批准"));
    }
    Ok(())
}

/// Who wants a ticket erased, and why.
#[derive(Clone, Copy, Debug)]
pub struct Why<'a> {
    pub reason: &'a str,
    pub proposed_by: &'a str,
    pub approved_by: &'a str,
}

/// Whether a ticket may be erased now.
///
/// # Errors
/// Why not.
pub fn erasable(ticket: &Ticket, ctx: &Ctx<'_>) -> Result<(), Refusal> {
    let rule = &ctx.rulebook.archive;
    if ticket.erased.is_some() {
        return Err(Refusal::not_now("erased", "内容已经销毁"));
    }
    if ticket.hold.is_some() {
        return Err(Refusal::not_now("held", "已限制销毁；解除限制后才能销毁"));
    }
    let Stage::Archived { .. } = ticket.stage else {
        return Err(Refusal::not_now("not-archived", "工单还没有归档，不能销毁"));
    };
    if !ticket.may_destroy(rule.recordings_years, ctx.now) {
        let message = format!("归档后至少保存{}年，期限未到", rule.recordings_years);
        return Err(Refusal::rule("too-early", message, ctx.rulebook, rule));
    }
    Ok(())
}

/// Fields whose strings are codes, numbers, times, or the rulebook's own words: they stay. Every other string goes; a field that is new is
/// a text until it is named here.
const KEPT: &[&str] = &[
    "amount",
    "article",
    "assigned_at",
    "assists",
    "at",
    "attitude",
    "by",
    "by_opinion_of",
    "calendar",
    "catalogue",
    "category",
    "channel",
    "class",
    "conduct",
    "deadline",
    "dispatched_at",
    "due",
    "due_before",
    "earlier",
    "end",
    "entry",
    "exempt",
    "expected",
    "finding",
    "follow_up_by",
    "from",
    "ground",
    "is",
    "kind",
    "law",
    "lead",
    "level",
    "measure",
    "name",
    "number",
    "office",
    "purpose",
    "readings",
    "received_at",
    "registered_at",
    "replied_at",
    "reviewed_by",
    "rule",
    "rulebook",
    "satisfaction",
    "signed_at",
    "since",
    "state",
    "unit",
];

impl Ticket {
    /// Whether nothing is left that people wrote.
    pub fn is_forgotten(&self) -> bool {
        self.forgotten() == *self
    }

    /// The ticket without anything that people wrote.
    pub(super) fn forgotten(&self) -> Ticket {
        let mut value = serde_json::to_value(self).expect("a ticket is plain data");
        clear(&mut value, "");
        let mut left: Ticket = serde_json::from_value(value).expect("what is left of a ticket is a ticket");
        left.title = ERASED_TITLE.into();
        left.place = None;
        // That it was erased, and on whose word, is the one thing to be read.
        left.erased.clone_from(&self.erased);
        left
    }
}

fn clear(value: &mut Value, under: &str) {
    match value {
        Value::String(text) if !stays(under, text) => text.clear(),
        Value::Array(items) => items.iter_mut().for_each(|item| clear(item, under)),
        Value::Object(fields) => fields.iter_mut().for_each(|(name, field)| clear(field, name)),
        _ => {}
    }
}

fn stays(under: &str, text: &str) -> bool {
    match under {
        // A text in one struct, a code or a time in another.
        "to" => text.parse::<Role>().is_ok() || text.parse::<CopyTo>().is_ok() || text.parse::<Instant>().is_ok(),
        "result" => text.parse::<Satisfaction>().is_ok(),
        // Of a file; what the media said has no slash and stands in `text`.
        "media" | "sm3" => text.is_ascii(),
        name => KEPT.contains(&name),
    }
}
