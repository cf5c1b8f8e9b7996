//! An entry of the knowledge base as its page shows it.

use jiesu_domain::{
    Actor, Instant,
    clock::Clock,
    knowledge::{
        Act, Audience, Checked, Content, Entry, EntryState, ErrorReport, ErrorState, Event, Found, Notice, Pending,
        Question, ready, works_on,
    },
    ticket::FileCheck,
};
use jiesu_store::{KnowledgeEvent, KnowledgeFileRow, NamedBy, Uses};
use serde::Serialize;
use utoipa::ToSchema;

use super::clocks::{ClockView, clock_view};
use crate::{
    app::{App, knowledge::Known},
    files,
    limits::size_words,
};

/// Something that can be done, or why not.
#[derive(Debug, Serialize, ToSchema)]
pub struct KnowledgeAction {
    #[serde(rename = "do")]
    pub act: Act,
    pub name: &'static str,
    pub allowed: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub article: Option<String>,
}

/// A version that was published.
#[derive(Debug, Serialize, ToSchema)]
pub struct VersionView {
    pub version: u32,
    pub content: Content,
    pub submitted_by: String,
    pub by: String,
    #[schema(value_type = String, format = DateTime)]
    pub at: Instant,
    pub script: bool,
}

/// A line of an entry's history.
#[derive(Debug, Serialize, ToSchema)]
pub struct HappenedView {
    #[schema(value_type = String, format = DateTime)]
    pub at: Instant,
    pub by: String,
    pub what: &'static str,
    /// What was said with it.
    pub note: String,
}

/// A report of an error.
#[derive(Debug, Serialize, ToSchema)]
pub struct ErrorView {
    pub no: u32,
    pub what: String,
    pub by: String,
    #[schema(value_type = String, format = DateTime)]
    pub at: Instant,
    pub state: ErrorState,
    pub state_name: &'static str,
    pub note: String,
}

/// How often it was used.
#[derive(Debug, Default, Serialize, ToSchema)]
pub struct UsesView {
    pub answered: i64,
    pub opened: i64,
    pub cited: i64,
}

/// A file of an entry's versions, as it is listed.
#[derive(Debug, Serialize, ToSchema)]
pub struct EntryFileView {
    /// Its key, by which a version names it.
    pub file: String,
    pub name: String,
    /// `PDF`, `Word文档`, …
    pub sort: &'static str,
    pub size: u64,
    /// `1.5MB`.
    pub size_words: String,
    /// SM3 of the content, as in the journal.
    pub sm3: String,
    pub check: FileCheck,
    pub check_name: &'static str,
    /// Whether it can be taken out now.
    pub open: bool,
}

pub fn entry_file_view(row: &KnowledgeFileRow) -> EntryFileView {
    let check: FileCheck = row.state.parse().unwrap_or(FileCheck::Waiting);
    let size = u64::try_from(row.size).unwrap_or_default();
    EntryFileView {
        file: row.content.clone(),
        name: row.name.clone(),
        sort: files::sort_of(&row.media),
        size,
        size_words: size_words(size),
        sm3: row.sm3.clone(),
        check,
        check_name: check.zh(),
        open: check.open(),
    }
}

/// An entry. What only those who work on it know is absent for who only finds it.
#[derive(Debug, Serialize, ToSchema)]
pub struct EntryView {
    pub entry: String,
    /// To be sent back with a command.
    pub version: u64,
    pub title: String,
    /// Absent: the centre's.
    pub unit: Option<String>,
    pub unit_name: String,
    pub state: EntryState,
    pub state_name: &'static str,
    /// Seats find it.
    pub live: bool,
    /// What is said now, with its number among the versions.
    pub current: Option<VersionView>,
    pub section_name: &'static str,
    pub wrong: bool,
    /// Citizens read it from this time on; absent: never.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub open_from: Option<Instant>,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub renewed_at: Option<Instant>,
    pub question: Option<Question>,
    pub pending: Option<Pending>,
    pub notice: Option<Notice>,
    pub clocks: Vec<ClockView>,
    pub errors: Vec<ErrorView>,
    pub checks: Vec<Checked>,
    pub found: Vec<Found>,
    /// Every version that was published, the newest first.
    pub versions: Vec<VersionView>,
    pub history: Vec<HappenedView>,
    pub uses: UsesView,
    /// Every file that a version shown here names.
    pub files: Vec<EntryFileView>,
    /// What in the version under review looks like somebody's own data, for the reviewer to look at.
    pub hints: Vec<String>,
    pub actions: Vec<KnowledgeAction>,
    #[schema(value_type = String, format = DateTime)]
    pub now: Instant,
}

pub fn entry_view(
    app: &App,
    actor: &Actor,
    known: Known,
    journal: &[KnowledgeEvent],
    uses: Vec<Uses>,
    files: &[KnowledgeFileRow],
) -> EntryView {
    let Known { entry: number, state: entry, .. } = known;
    let (units, now) = (app.units(), app.clock.now());
    let ctx = app.ctx(None, &units, None, actor, now);
    let works = works_on(actor, &entry);
    let (versions, history) = told(app, journal);
    let used = |sort: &str| uses.iter().find(|u| u.sort == sort).map_or(0, |u| u.uses);
    let clock = |c: &Clock| {
        let book = app.rulebook_behind(&c.basis).unwrap_or_else(|| app.rulebook());
        clock_view(c, book, app.law.calendar(), &units, now)
    };
    let (_, said) = entry.files();
    let finds = Audience::of(actor).is_some_and(|audience| audience.finds(&entry));
    let shown = |f: &&KnowledgeFileRow| {
        if works { f.by >= NamedBy::Pending } else { finds && said.contains(&f.content) }
    };
    let mut view = EntryView {
        files: files.iter().filter(shown).map(entry_file_view).collect(),
        entry: number,
        version: entry.version,
        title: entry.title().to_owned(),
        unit_name: entry.unit.as_ref().map_or_else(
            || "热线中心".to_owned(),
            |u| units.get(u).map_or_else(|| u.clone(), |info| info.name.clone()),
        ),
        unit: entry.unit.clone(),
        state: entry.state(),
        state_name: entry.state().zh(),
        live: entry.live(),
        current: versions.iter().find(|v| entry.current.as_ref().is_some_and(|c| c.version == v.version)).map(copied),
        section_name: entry.section().zh(),
        wrong: entry.wrong(),
        open_from: entry.open_from(),
        renewed_at: entry.renewed_at,
        question: entry.question.clone().filter(|_| works).map(|q| Question { by: app.account_name(&q.by), ..q }),
        pending: entry.pending.clone().filter(|_| works).map(|p| Pending { by: app.account_name(&p.by), ..p }),
        notice: entry.notice.clone().filter(|_| works),
        clocks: entry.clocks.iter().filter(|_| works).map(clock).collect(),
        errors: entry.errors.iter().filter(|_| works).map(|e| error_view(app, e)).collect(),
        checks: entry
            .checks
            .iter()
            .filter(|_| works)
            .map(|c| Checked { by: app.account_name(&c.by), ..c.clone() })
            .collect(),
        found: if works { entry.found.clone() } else { Vec::new() },
        versions: if works { versions } else { Vec::new() },
        history: if works { history } else { Vec::new() },
        uses: UsesView { answered: used("answered"), opened: used("opened"), cited: used("cited") },
        hints: Vec::new(),
        actions: Act::ALL.iter().filter_map(|act| action(&entry, *act, &ctx)).collect(),
        now,
    };
    if works {
        view.hints = entry.pending.as_ref().map_or_else(Vec::new, |p| hints(&p.content));
    }
    view
}

fn copied(version: &VersionView) -> VersionView {
    VersionView {
        version: version.version,
        content: version.content.clone(),
        submitted_by: version.submitted_by.clone(),
        by: version.by.clone(),
        at: version.at,
        script: version.script,
    }
}

/// What can be done from the page, or why not. What somebody's role never does is not spoken of.
fn action(entry: &Entry, act: Act, ctx: &jiesu_domain::ticket::Ctx<'_>) -> Option<KnowledgeAction> {
    let of_page = !matches!(act, Act::Ask | Act::Demand | Act::TicketReplied | Act::TimePassed);
    if !of_page || !jiesu_domain::knowledge::may(ctx.actor.role, act) {
        return None;
    }
    let refused = ready(entry, act, ctx).err();
    // What is another's to do is no action of theirs on this entry.
    if refused.as_ref().is_some_and(|r| r.rule == "not-the-provider") {
        return None;
    }
    Some(KnowledgeAction {
        act,
        name: act.zh(),
        allowed: refused.is_none(),
        article: refused.as_ref().and_then(|r| r.article().map(str::to_owned)),
        reason: refused.map(|r| r.message),
    })
}

fn error_view(app: &App, error: &ErrorReport) -> ErrorView {
    ErrorView {
        no: error.no,
        what: error.what.clone(),
        by: app.account_name(&error.by),
        at: error.at,
        state: error.state,
        state_name: match error.state {
            ErrorState::Reported => "待核实",
            ErrorState::Confirmed => "有误待改",
            ErrorState::Dismissed => "核实无误",
            ErrorState::Corrected => "已改正",
        },
        note: error.note.clone(),
    }
}

/// Every version and every line, the newest first.
fn told(app: &App, journal: &[KnowledgeEvent]) -> (Vec<VersionView>, Vec<HappenedView>) {
    let (mut versions, mut history, mut submitted) = (Vec::new(), Vec::new(), None);
    for line in journal {
        let Ok(event) = serde_json::from_str::<Event>(&line.payload) else { continue };
        let by = app.account_name(&line.actor);
        history.push(HappenedView { at: line.at, by: by.clone(), what: event.zh(), note: note(&event) });
        match event {
            Event::Submitted { content, .. } => submitted = Some((content, by)),
            Event::Published { version, script, .. } => {
                let Some((content, submitted_by)) = &submitted else { continue };
                versions.push(VersionView {
                    version,
                    content: (**content).clone(),
                    submitted_by: submitted_by.clone(),
                    by,
                    at: line.at,
                    script,
                });
            }
            _ => {}
        }
    }
    versions.reverse();
    history.reverse();
    (versions, history)
}

fn note(event: &Event) -> String {
    match event {
        Event::Asked { question, urgent, reminded, .. } => {
            let urgent = if *urgent { "（紧急）" } else { "" };
            let reminded = reminded.map_or_else(String::new, |r| format!("，已{r}提醒"));
            format!("{question}{urgent}{reminded}")
        }
        Event::Demanded { ticket, question, .. } => format!("{question}（工单{ticket}）"),
        Event::Submitted { content, script, notice, .. } => {
            let script = if *script { "（应答口径，即时可用）" } else { "" };
            let notice = notice.as_ref().map_or_else(String::new, |n| {
                let how = if n.in_time { "按期" } else { "不按期" };
                format!("，公布前{}个工作日报送，{how}", n.days)
            });
            format!("{}{script}{notice}", content.title)
        }
        Event::Answered { text } => text.chars().take(60).collect(),
        Event::Returned { reason } | Event::Withdrawn { reason } | Event::ErrorDismissed { reason, .. } => {
            reason.clone()
        }
        Event::Published { version, script, note } => {
            let sort = if *script { "（应答口径，待审核）" } else { "" };
            let note = if note.is_empty() { String::new() } else { format!("：{note}") };
            format!("第{version}版{sort}{note}")
        }
        Event::ErrorReported { what } => what.clone(),
        Event::ErrorConfirmed { note, found, .. } => {
            let found =
                found.as_ref().map_or_else(String::new, |f| format!("；线索：{}（{}）", f.name, f.basis.article));
            format!("{note}{found}")
        }
        Event::Checked { right, note, .. } => format!("{}{note}", if *right { "正确" } else { "有误：" }),
        Event::ClockStarted(clock) => {
            format!("{}：{}，至{}", clock.kind, clock.amount, jiesu_domain::describe::due_words(clock.due))
        }
        Event::ClockExpired { found, .. } => {
            found.as_ref().map_or_else(String::new, |f| format!("线索：{}（{}）", f.name, f.basis.article))
        }
        Event::Renewed | Event::Expired | Event::ClockMet { .. } | Event::ClockVoid { .. } => String::new(),
    }
}

/// What looks like the data of a person who holds no office: nothing of that belongs into what everybody is told.
fn hints(content: &Content) -> Vec<String> {
    use jiesu_text::personal::{Personal, find};
    let text = format!("{}\n{}", content.title, content.body());
    let found = find(&text, &[]);
    let sorts = [(Personal::IdNumber, "身份证号码"), (Personal::Card, "银行卡号"), (Personal::Plate, "车牌号码")];
    let told = sorts.into_iter().filter(|(sort, _)| found.iter().any(|f| f.what == *sort));
    told.map(|(_, name)| format!("内容中有像{name}的文字，请核对是否应当公开")).collect()
}
