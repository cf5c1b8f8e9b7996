//! The journal as a story: one entry for each thing that people did or that time brought. Clock events are told by the clocks.

use jiesu_domain::{
    Instant,
    clock::ClockKind,
    describe,
    ticket::{Appeal, CopySent, Event, Named, Ticket, Units, Verdict},
    words::Satisfaction,
};
use serde::Serialize;
use utoipa::ToSchema;

use super::viewer::Viewer;
use crate::{app::number_joined, files};

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

/// Tells the journal to a viewer. `ticket` is the ticket as it stands, for the names of its clocks; `days` says days of an
/// extension with the sort they are counted in.
pub fn timeline(
    entries: impl IntoIterator<Item = (i64, Instant, String, Event)>,
    ticket: &Ticket,
    units: &Units,
    days: impl Fn(u32) -> String,
    viewer: &Viewer,
    name: impl Fn(&str) -> String,
) -> Vec<Moment> {
    let teller = Teller { ticket, units, days: &days };
    let mut out = Vec::new();
    for (version, at, by, event) in entries {
        if !viewer.may_read(&event, ticket) {
            continue;
        }
        if let Some((text, tone)) = teller.told(&viewer.told(event.clone())) {
            out.push(Moment { version, at, who: name(&by), label: event.zh(), text, tone });
        }
    }
    out
}

/// Words and their tone.
type Told = (String, &'static str);

fn plain(text: impl Into<String>) -> Option<Told> {
    Some((text.into(), "plain"))
}

fn good(text: impl Into<String>) -> Option<Told> {
    Some((text.into(), "good"))
}

fn bad(text: impl Into<String>) -> Option<Told> {
    Some((text.into(), "bad"))
}

fn quiet(text: impl Into<String>) -> Option<Told> {
    Some((text.into(), "quiet"))
}

/// Good news or bad.
fn either(is_good: bool, text: impl Into<String>) -> Option<Told> {
    if is_good { good(text) } else { bad(text) }
}

struct Teller<'a> {
    ticket: &'a Ticket,
    units: &'a Units,
    /// `5个工作日` or `15日`.
    days: &'a dyn Fn(u32) -> String,
}

impl Teller<'_> {
    fn unit(&self, id: &str) -> String {
        self.units.get(id).map_or_else(|| id.to_owned(), |u| u.name.clone())
    }

    fn list(&self, ids: &[String]) -> String {
        ids.iter().map(|u| self.unit(u)).collect::<Vec<_>>().join("、")
    }

    /// Every event has its line here or, on purpose, none.
    fn told(&self, event: &Event) -> Option<Told> {
        use Event as E;
        match event {
            // ── intake ──
            E::Registered(r) => plain(format!("{}·{}", r.kind, r.appeal.channel)),
            E::AppealAttached { appeal } => plain(attached(appeal)),
            E::EarlierLinked { number, note, standing } => {
                let state = standing.as_ref().map_or_else(String::new, |s| format!("（{}）", s.state));
                plain(with(&format!("与{number}{state}为同一事项"), &[("", &filled(note))]))
            }
            E::MarkedDifficult { reason } | E::MarkedMajor { reason } => plain(reason),
            E::ReferredUp { to, question } => plain(format!("请{to}认定：{question}")),
            E::Accepted { note } => good(note),
            E::Refused(r) => bad(&r.explanation),
            E::AnsweredAtOnce(a) => {
                let by = a.by_opinion_of.as_ref().map(|n| format!("按{n}的定案意见"));
                good(with(&a.answer, &[("", &by), ("知识条目", &a.entry)]))
            }
            E::HandedOver(c) | E::PassedOn(c) => plain(format!("{}：{}", c.to, c.note)),
            E::JoinedTo { number, reason } => plain(format!("并入{number}：{reason}")),
            E::AppealWithdrawn { appeal, reason } => plain(format!("第{appeal}位诉求人：{reason}")),
            E::Withdrawn { reason } => quiet(reason),
            E::MaliciousRecorded(m) => bad(format!("{}：{}（证据：{}）", m.name, m.note, m.evidence.join("、"))),
            E::MaliciousReferred { no, to, note } => bad(format!("第{no}条移交{to}：{note}")),
            E::RiskReported(t) => bad(format!("报告{}：{}", t.who, t.text)),
            E::Transferred { to, reason } => plain(format!("{to}：{reason}")),
            E::TakenBack { reason } => plain(reason),
            E::TransferEnded { result } => good(result),
            E::Erased(e) => {
                quiet(format!("{}（销毁清单第{}号，依据{}，保存满{}年）", e.reason, e.list, e.basis.article, e.years))
            }

            // ── dispatch ──
            E::ConsultationAsked(c) => plain(format!("{}：{}", c.level, c.question)),
            E::ConsultationConcluded(named) => good(self.named(named)),
            E::OpinionSubmitted(o) => plain(format!("{}（{}）", o.text, self.to_units(&o.lead, &o.assists))),
            E::OpinionApproved { note } => good(note),
            E::OpinionRefused { reason } => bad(reason),
            E::Dispatched { lead, assists, note, entry, office, points, new_facts, .. } => {
                let points = Some(points.join("；")).filter(|p| !p.is_empty());
                let more = [
                    ("说明", &filled(note)),
                    ("目录事项", entry),
                    ("建议承办机构", office),
                    ("诉求要点", &points),
                    ("新情况", new_facts),
                ];
                plain(with(&self.to_units(lead, assists), &more))
            }
            E::Copied(copy) => plain(self.copied(copy)),
            E::Signed { unit } | E::ReportedIn { unit } => plain(self.unit(unit)),
            E::AssignedInside { unit, office, handler } => {
                plain(format!("{}：{office}{}", self.unit(unit), suffix(" ", handler)))
            }
            E::Whistled { by, units, matter } => plain(format!("{}请{}：{matter}", self.unit(by), self.list(units))),
            E::WhistleJudged { unit, answered, note } => {
                let answered_word = if *answered { "响应有效" } else { "响应不力" };
                either(*answered, format!("{}{answered_word}：{note}", self.unit(unit)))
            }
            E::Raised { from, to, reason, .. } => {
                plain(format!("{}主办改为{}：{reason}", self.unit(from), self.unit(to)))
            }

            // ── return and extension ──
            E::ReturnAsked { reason, basis, redirect, leader_sheet } => {
                let redirect = redirect.as_ref().map(|u| self.unit(u));
                let more = [("依据", basis), ("改派意见", &redirect), ("领导签署", leader_sheet)];
                plain(with(reason, &more))
            }
            E::DeemedAccepted { unit, .. } => quiet(format!("{}未在期限内退单", self.unit(unit))),
            E::ReturnOpened { reason } | E::ReplyReopened { reason } | E::Redone { reason } => plain(reason),
            E::ReturnApproved { note } => good(note),
            E::ReturnRefused { reason, .. }
            | E::ExtensionRefused { reason }
            | E::ClosureRefused { reason }
            | E::SettlementRefused { reason } => bad(reason),
            E::ExtensionAsked { days, reason, basis, told, force_majeure } => {
                let beyond = force_majeure.then(|| "因不可抗力".to_owned());
                plain(with(
                    &format!("{}：{reason}", (self.days)(*days)),
                    &[("依据", basis), ("已告知诉求人", told), ("", &beyond)],
                ))
            }
            E::ExtensionGranted { days, note, .. } => good(with(&(self.days)(*days), &[("", &filled(note))])),
            E::LongerDeclared { reason } => plain(reason),

            // ── handling, reply, closure ──
            E::ContactRecorded { by, reached, note, .. } | E::ReplyRelayed { by, reached, note } => {
                plain(format!("{by}{}：{note}", reached_word(*reached)))
            }
            E::SupplementAsked { unit, what } => plain(format!("{}：{what}", self.unit(unit))),
            E::Supplemented { text } => plain(text),
            E::ReportedUp { unit, to, text } => plain(format!("{}报请{to}：{text}", self.unit(unit))),
            E::ProgressReported { unit, text, reason } => {
                plain(format!("{}：{text}（不能按期办结：{reason}）", self.unit(unit)))
            }
            E::AssistDelivered { unit, text, explanation } => {
                plain(with(&format!("{}：{text}", self.unit(unit)), &[("逾期说明", explanation)]))
            }
            E::ReplyDrafted { text, answers, long_term } => {
                let answers = Some(answers.join("；")).filter(|a| !a.is_empty());
                let long_term = long_term.as_ref().map(|l| format!("{}，预计{}完成", l.measures, l.expected));
                quiet(with(text, &[("逐项答复", &answers), ("工作措施", &long_term)]))
            }
            E::ReplyAudited { text, without_assists, .. } => good(with(text, &[("", without_assists)])),
            E::ClosureAsked(r) => plain(format!("{}：{}", ground_name(&r.name, &r.ground), r.statement)),
            E::Closed(r) => good(ground_name(&r.name, &r.ground)),
            E::TrackingStarted => plain("办结后由热线中心跟踪督办"),
            E::TrackingEnded { solved, note } => {
                either(*solved, format!("{}：{note}", if *solved { "已解决" } else { "仍未解决" }))
            }

            // ── follow-up ──
            E::FollowUpTried { by, reached, note, appeal } => {
                plain(format!("{}{by}{} {note}", self.whose(*appeal), reached_word(*reached)))
            }
            E::Rated { result, attitude, solved, comment, appeal, .. } => {
                let text = rated(*result, *attitude, *solved, comment);
                either(result.is_satisfied(), format!("{}{text}", self.whose(*appeal)))
            }
            E::RatingKept { appeal, text } => quiet(format!("{}后续评价，不改变首次评价：{text}", self.whose(*appeal))),
            E::RatingUnclear { appeal, text } => {
                quiet(format!("{}短信不能认定为评价，再次询问：{text}", self.whose(*appeal)))
            }
            E::RatingVerified { verdict, appeal, .. } => plain(format!("{}{}", self.whose(*appeal), verified(verdict))),
            E::FollowUpEnded { rated, .. } => quiet(if *rated { "已评价" } else { "未评价" }),
            E::SettlementAsked(s) => plain(format!("{}：{}；定案意见：{}", s.ground, s.proof, s.opinion)),
            E::Settled(s) => good(&s.opinion),
            E::Archived => quiet(""),
            E::Held { reason } | E::HoldLifted { reason } => quiet(reason),
            E::FileAttached(f) => quiet(format!("附件{}：{}，{}", f.no, f.purpose, files::sort_of(&f.media))),
            E::Imported(h) => quiet(h.unit.clone().unwrap_or_default()),

            // ── supervision ──
            E::SupervisionProposed(e) => bad(with(&ground_name(&e.name, &e.ground), &[("", &filled(&e.note))])),
            E::SupervisionOpened { fault, .. } => bad(fault),
            E::SupervisionDismissed { reason, .. } => plain(reason),
            E::SupervisionMeasured { measure, name, notice, .. } => {
                bad(format!("{}：{notice}", ground_name(name, measure)))
            }
            E::RectificationReported { text, .. } | E::UrgingAnswered { text, .. } => plain(text),
            E::SupervisionEnded { result, .. } => good(result),
            E::Urged(u) => bad(format!("{}：{}", self.unit(&u.unit), u.note)),
            E::InstructionRecorded(t) => plain(format!("{}：{}", t.who, t.text)),
            E::MediaMarked { outlet, note } => bad(format!("{outlet}：{note}")),
            E::ConductFound(c) => {
                let unit = c.unit.as_deref().map_or_else(String::new, |u| format!("{}，", self.unit(u)));
                bad(format!("{unit}{}：{}", c.name, c.evidence))
            }
            E::ConductConfirmed { no, note } => bad(format!("第{no}条：{note}")),
            E::ConductDismissed { no, reason } => plain(format!("第{no}条：{reason}")),
            E::ExclusionAsked(e) => {
                plain(format!("{}，{}：{}（证据：{}）", self.unit(&e.unit), e.name, e.reason, e.evidence))
            }
            E::ExclusionReviewed { no, approved, note } => {
                let word = if *approved { "不纳入考核" } else { "不同意" };
                either(*approved, format!("第{no}件{word}：{note}"))
            }
            E::ExclusionAppealed { no, reason } => plain(format!("第{no}件：{reason}")),
            E::ExclusionDecided { no, approved, note } => {
                let word = if *approved { "不纳入考核" } else { "维持纳入考核" };
                either(*approved, format!("第{no}件{word}：{note}"))
            }

            // ── clocks: those whose end or change somebody must know ──
            E::ClockExpired { clock } => self.expired(*clock),
            E::ClockExtended { due, .. } => plain(format!("办理时限延至{}", describe::due_words(*due))),
            E::ClockLengthened { amount, due, .. } => {
                plain(format!("办理时限改为{amount}，至{}", describe::due_words(*due)))
            }
            E::ClockRecounted { due, .. } => plain(format!("放假通知已公布，到期为{}", describe::due_words(*due))),
            E::ClockStarted(_)
            | E::ClockMet { .. }
            | E::ClockVoid { .. }
            | E::ClockHeld { .. }
            | E::ClockReleased { .. }
            | E::ClockPaused { .. }
            | E::ClockResumed { .. } => None,
        }
    }

    fn to_units(&self, lead: &str, assists: &[String]) -> String {
        let assists = if assists.is_empty() { String::new() } else { format!("，协办 {}", self.list(assists)) };
        format!("主办 {}{assists}", self.unit(lead))
    }

    fn named(&self, named: &Named) -> String {
        format!("{}（{}）", named.opinion, self.to_units(&named.lead, &named.assists))
    }

    fn copied(&self, copy: &CopySent) -> String {
        use jiesu_domain::rulebook::CopyTo;
        match copy.to {
            CopyTo::Superior => self.unit(&copy.unit),
            CopyTo::Discipline => format!("{}纪检监察机构", self.unit(&copy.unit)),
        }
    }

    /// Which appellant, where there are several.
    fn whose(&self, appeal: u32) -> String {
        if self.ticket.appeals.len() > 1 { format!("第{appeal}位诉求人：") } else { String::new() }
    }

    /// A return window that closes is nobody's failure; the rest is told.
    fn expired(&self, id: u32) -> Option<Told> {
        let clock = self.ticket.clocks.iter().find(|c| c.id == id).filter(|c| c.kind != ClockKind::Archive)?;
        let tone = if clock.kind.is_duty() { "bad" } else { "quiet" };
        let whose = clock.unit.as_deref().map_or_else(|| "热线中心".to_owned(), |u| self.unit(u));
        Some((format!("{whose}{}（{}）", clock.kind, clock.amount), tone))
    }
}

/// A ground by its name; old journals know the id only.
pub(crate) fn ground_name(name: &str, id: &str) -> String {
    if name.is_empty() { id.to_owned() } else { name.to_owned() }
}

fn attached(appeal: &Appeal) -> String {
    let same = appeal.same_as.map(|no| format!("与第{no}位为同一人"));
    let from = appeal.from.as_ref().map(|n| format!("来自{}", number_joined(n)));
    with(&format!("第{}位诉求人·{}", appeal.no, appeal.channel), &[("", &same), ("", &from)])
}

fn rated(result: Satisfaction, attitude: Option<Satisfaction>, solved: Option<bool>, comment: &str) -> String {
    let attitude = attitude.map(|a| a.to_string());
    let solved = solved.map(|s| if s { "已解决" } else { "没有解决" }.to_owned());
    with(&result.to_string(), &[("服务态度", &attitude), ("", &solved), ("", &filled(comment))])
}

fn verified(verdict: &Verdict) -> String {
    let ground = verdict.exempt.as_ref().or(verdict.ground.as_ref());
    let ground = ground.map_or_else(String::new, |e| format!("（{e}）"));
    format!("{}{ground}：{}", verdict.finding, verdict.reason)
}

fn filled(text: &str) -> Option<String> {
    Some(text.trim().to_owned()).filter(|t| !t.is_empty())
}

fn suffix(before: &str, text: &str) -> String {
    if text.is_empty() { String::new() } else { format!("{before}{text}") }
}

/// The text, and after it what else was said, each with its label if it has one.
fn with(text: &str, more: &[(&str, &Option<String>)]) -> String {
    let labelled = |(k, v): &(&str, &Option<String>)| {
        v.as_ref().map(|v| if k.is_empty() { v.clone() } else { format!("{k}：{v}") })
    };
    std::iter::once(text.to_owned()).chain(more.iter().filter_map(labelled)).collect::<Vec<_>>().join("；")
}

fn reached_word(reached: bool) -> &'static str {
    if reached { "已联系上" } else { "未接通" }
}
