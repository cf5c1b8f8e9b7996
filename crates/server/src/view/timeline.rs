//! The journal as a story: one entry for each thing that people did or that time brought. Clock events are told by the clocks.

use jiesu_domain::{
    Instant,
    clock::ClockKind,
    describe,
    ticket::{Event, Ticket, Units},
};
use serde::Serialize;
use utoipa::ToSchema;

/// An entry of the time line.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Moment {
    /// Version of the ticket with this event.
    pub version: i64,
    #[schema(value_type = String, format = DateTime)]
    pub at: Instant,
    /// A name of staff, `系统` or `诉求人`.
    pub who: String,
    pub label: &'static str,
    pub text: String,
    /// `plain`, `good`, `bad` or `quiet`.
    pub tone: &'static str,
}

/// Tells the journal. `ticket` is the ticket as it stands, for the names of its clocks.
pub fn timeline(
    entries: impl IntoIterator<Item = (i64, Instant, String, Event)>,
    ticket: &Ticket,
    units: &Units,
    name: impl Fn(&str) -> String,
) -> Vec<Moment> {
    let mut out = Vec::new();
    for (version, at, by, event) in entries {
        if let Some((text, tone)) = told(&event, ticket, units) {
            out.push(Moment { version, at, who: name(&by), label: event.zh(), text, tone });
        }
    }
    out
}

fn told(event: &Event, ticket: &Ticket, units: &Units) -> Option<(String, &'static str)> {
    let unit = |id: &str| units.get(id).map_or_else(|| id.to_owned(), |u| u.name.clone());
    let list = |ids: &[String]| ids.iter().map(|u| unit(u)).collect::<Vec<_>>().join("、");
    Some(match event {
        Event::Registered(r) => (format!("{}·{}", r.kind, r.appeal.channel), "plain"),
        Event::AppealAttached { appeal } => (format!("第{}位诉求人·{}", appeal.no, appeal.channel), "plain"),
        Event::MarkedDifficult { reason } => (reason.clone(), "plain"),
        Event::ReferredUp { to, question } => (format!("请{to}认定：{question}"), "plain"),
        Event::Accepted { note } => (note.clone(), "good"),
        Event::Refused(r) => (r.explanation.clone(), "bad"),
        Event::AnsweredAtOnce(a) => (a.answer.clone(), "good"),
        Event::HandedOver(c) | Event::PassedOn(c) => (format!("{}：{}", c.to, c.note), "plain"),
        Event::Dispatched { lead, assists, note, .. } => (dispatched(&unit(lead), &list(assists), note), "plain"),
        Event::Signed { unit: u } => (unit(u), "plain"),
        Event::ReturnAsked { reason, basis, redirect } => {
            (with(reason, &[("依据", basis), ("改派意见", redirect)]), "plain")
        }
        Event::ReturnOpened { reason } | Event::ReplyReopened { reason } | Event::Redone { reason } => {
            (reason.clone(), "plain")
        }
        Event::ReturnApproved { note } => (note.clone(), "good"),
        Event::ReturnRefused { reason, .. } | Event::ExtensionRefused { reason } | Event::ClosureRefused { reason } => {
            (reason.clone(), "bad")
        }
        Event::ExtensionAsked { days, reason } => (format!("{days}个工作日：{reason}"), "plain"),
        Event::ExtensionGranted { days, note } => (format!("{days}个工作日：{note}"), "good"),
        Event::ContactRecorded { by, reached, note, .. } => {
            (format!("{by}{}：{note}", reached_word(*reached)), "plain")
        }
        Event::AssistDelivered { unit: u, text } => (format!("{}：{text}", unit(u)), "plain"),
        Event::ReplyDrafted { text } => (text.clone(), "quiet"),
        Event::ReplyAudited { text, .. } => (text.clone(), "good"),
        Event::ClosureAsked(r) => (format!("{}：{}", r.ground, r.statement), "plain"),
        Event::Closed(r) => (r.ground.zh().to_owned(), "good"),
        Event::FollowUpTried { by, reached, note } => (format!("{by}{} {note}", reached_word(*reached)), "plain"),
        Event::Rated { result, comment, .. } => {
            (format!("{result} {comment}"), if result.is_satisfied() { "good" } else { "bad" })
        }
        Event::RatingVerified { verdict, .. } => (verified(verdict), "plain"),
        Event::FollowUpEnded { rated, .. } => (if *rated { "已评价" } else { "未评价" }.to_owned(), "quiet"),
        Event::Archived => (String::new(), "quiet"),
        Event::Imported(h) => (h.unit.clone().unwrap_or_default(), "quiet"),
        Event::SupervisionProposed(e) => (e.ground.zh().to_owned(), "bad"),
        Event::SupervisionOpened { fault, .. } => (fault.clone(), "bad"),
        Event::SupervisionDismissed { reason, .. } => (reason.clone(), "plain"),
        Event::SupervisionMeasured { measure, notice, .. } => (format!("{measure}：{notice}"), "bad"),
        Event::RectificationReported { text, .. } => (text.clone(), "plain"),
        Event::SupervisionEnded { result, .. } => (result.clone(), "good"),
        Event::ClockExpired { clock } => return expired(ticket, *clock, unit),
        Event::ClockExtended { due, .. } => (format!("办理时限延至{}", describe::due_words(*due)), "plain"),
        Event::ClockRecounted { due, .. } => (format!("放假通知已公布，到期为{}", describe::due_words(*due)), "plain"),
        _ => return None,
    })
}

fn dispatched(lead: &str, assists: &str, note: &str) -> String {
    let assists = if assists.is_empty() { String::new() } else { format!("，协办 {assists}") };
    let note = if note.is_empty() { String::new() } else { format!("（{note}）") };
    format!("主办 {lead}{assists}{note}")
}

fn verified(verdict: &jiesu_domain::ticket::Verdict) -> String {
    let ground = verdict.exempt.map_or_else(String::new, |e| format!("（{e}）"));
    format!("{}{ground}：{}", verdict.finding, verdict.reason)
}

/// A return window that closes is nobody's failure; the rest is told.
fn expired(ticket: &Ticket, id: u32, unit: impl Fn(&str) -> String) -> Option<(String, &'static str)> {
    let clock = ticket.clocks.iter().find(|c| c.id == id).filter(|c| c.kind != ClockKind::Archive)?;
    let tone = if clock.kind.is_duty() { "bad" } else { "quiet" };
    let whose = clock.unit.as_deref().map_or_else(|| "热线中心".to_owned(), unit);
    Some((format!("{whose}{}（{}）", clock.kind, clock.amount), tone))
}

fn with(reason: &str, more: &[(&str, &Option<String>)]) -> String {
    let more: Vec<String> = more.iter().filter_map(|(k, v)| v.as_ref().map(|v| format!("{k}：{v}"))).collect();
    std::iter::once(reason.to_owned()).chain(more).collect::<Vec<_>>().join("；")
}

fn reached_word(reached: bool) -> &'static str {
    if reached { "已联系上" } else { "未接通" }
}
