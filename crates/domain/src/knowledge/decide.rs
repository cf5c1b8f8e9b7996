//! Commands on an entry, judged: permitted, open now, and in form.

use super::{
    Act, Command, Content, Entry, ErrorState, Event, Found, Notice, Policy, Section, check_content, evolve, may, sees,
};
use crate::{
    Instant,
    calendar::Day,
    clock::{Clock, ClockKind, ClockStatus},
    limit,
    rulebook::Subject,
    ticket::{Ctx, Meta, Refusal},
};

const QUESTION_MOST: usize = 200;
const ANSWER_MOST: usize = 20_000;
const REASON_MOST: usize = 500;
/// Reports of errors that nobody has looked at yet.
const REPORTS_MOST: usize = 20;

/// Decides a command on an entry; `None` makes a new one.
///
/// # Errors
/// A [`Refusal`] that names its rule; nothing has changed then.
pub fn decide(entry: Option<&Entry>, command: &Command, ctx: &Ctx<'_>) -> Result<Vec<Event>, Refusal> {
    let act = command.act();
    match entry {
        Some(entry) => ready(entry, act, ctx)?,
        None => permit(act, ctx)?,
    }
    let mut d = Deciding { entry: entry.cloned(), ctx, events: Vec::new() };
    match command {
        Command::Ask { unit, question, urgent, reminded } => {
            let question = asked_of(unit, question, ctx)?;
            d.push(Event::Asked { unit: unit.clone(), question, urgent: *urgent, reminded: *reminded })?;
            let subject = Subject { urgent: *urgent, ..Subject::default() };
            d.start(ClockKind::Question, &subject, ctx.now)?;
            if *urgent {
                d.start(ClockKind::Knowledge, &subject, ctx.now)?;
            }
        }
        Command::Demand { unit, ticket, question } => {
            let question = asked_of(unit, question, ctx)?;
            let ticket = words("ticket", "工单编号", ticket, 1, 40)?;
            d.push(Event::Demanded { unit: unit.clone(), ticket, question })?;
        }
        Command::Submit { content, secrecy_checked, script } => {
            d.submit(content, *secrecy_checked, *script)?;
        }
        Command::Answer { text, secrecy_checked } => d.answer(text, *secrecy_checked)?,
        Command::Return { reason } => d.push(Event::Returned { reason: reason_of(reason)? })?,
        Command::Publish { note } => {
            let note = words("note", "审核意见", note, 0, REASON_MOST)?;
            d.publish(false, note)?;
            d.met(&[ClockKind::Knowledge])?;
        }
        Command::Withdraw { reason } => {
            d.push(Event::Withdrawn { reason: reason_of(reason)? })?;
            d.void_all()?;
        }
        Command::Renew {} => d.push(Event::Renewed)?,
        Command::ReportError { what } => {
            d.push(Event::ErrorReported { what: words("what", "哪里有误", what, 4, REASON_MOST)? })?;
        }
        Command::ConfirmError { no, note } => d.confirm(*no, note)?,
        Command::DismissError { no, reason } => {
            d.reported(*no)?;
            d.push(Event::ErrorDismissed { no: *no, reason: reason_of(reason)? })?;
        }
        Command::Check { sample, right, note } => d.check(*sample, *right, note)?,
        Command::TicketReplied { at } => {
            d.start(ClockKind::Knowledge, &Subject::default(), *at)?;
            d.expire()?;
        }
        Command::TimePassed => d.expire()?,
    }
    Ok(d.events)
}

fn permit(act: Act, ctx: &Ctx<'_>) -> Result<(), Refusal> {
    if may(ctx.actor.role, act) {
        return Ok(());
    }
    Err(Refusal::forbidden(format!("{}不能“{act}”", ctx.actor.role)))
}

/// Whether something can be done to an entry now, by this person: what a screen shows, and what [`decide`] asks first.
///
/// # Errors
/// Why not.
pub fn ready(entry: &Entry, act: Act, ctx: &Ctx<'_>) -> Result<(), Refusal> {
    permit(act, ctx)?;
    if !sees(ctx.actor, entry) {
        return Err(Refusal::forbidden("您无权查看这一条"));
    }
    let open = |yes: bool, rule, why: &str| if yes { Ok(()) } else { Err(Refusal::not_now(rule, why)) };
    let gone = entry.withdrawn.is_some();
    match act {
        Act::Ask | Act::Demand => open(false, "exists", "这一条已经登记"),
        Act::Submit => {
            own(entry, ctx)?;
            open(!gone, "withdrawn", "这一条已撤下，请另行报送一条")?;
            open(!entry.in_review() || script(entry), "in-review", "上一次报送还在审核；审核后再报送新的一版")
        }
        Act::Answer => {
            own(entry, ctx)?;
            let asked = entry.question.as_ref().is_some_and(|q| q.answer.is_none() && q.ticket.is_none());
            let waits = asked && entry.pending.is_none() && entry.current.is_none();
            open(!gone && waits, "not-asked", "没有等待答复的提问")
        }
        Act::Return => open(entry.in_review(), "not-in-review", "没有待审核的内容"),
        Act::Publish => {
            open(entry.in_review(), "not-in-review", "没有待审核的内容")?;
            if entry.pending.as_ref().is_some_and(|p| p.by == ctx.actor.id) {
                return Err(Refusal::forbidden("不能审核自己报送的内容，请由另一人审核"));
            }
            Ok(())
        }
        Act::Withdraw => {
            if ctx.actor.role.of_unit() {
                own(entry, ctx)?;
                let owes = entry.clocks.iter().any(|c| c.open() && c.kind != ClockKind::Correction);
                open(entry.current.is_some() && !owes, "still-owed", "还欠着答复、录入或正式文件，不能撤下；请先办理")?;
            }
            open(!gone, "withdrawn", "这一条已撤下")
        }
        Act::Renew => {
            own(entry, ctx)?;
            open(
                entry.live() && !entry.wrong(),
                "not-live",
                "只有已发布、没有待改错误的条目可以确认仍有效；否则请报送新的一版",
            )
        }
        Act::ReportError => {
            open(entry.live(), "not-live", "只有已发布的条目可以报错")?;
            let waiting = entry.errors.iter().filter(|e| e.state == ErrorState::Reported).count();
            open(waiting < REPORTS_MOST, "reported-enough", "这一条已有多人报错，正在核实，不必再报")
        }
        Act::ConfirmError | Act::DismissError => {
            let waits = entry.errors.iter().any(|e| e.state == ErrorState::Reported);
            open(waits && !gone, "not-reported", "没有待核实的报错")
        }
        Act::Check => {
            open(entry.current.is_some() && !gone, "not-live", "没有发布过的条目不能抽查")?;
            if entry.current.as_ref().is_some_and(|c| c.submitted_by == ctx.actor.id) {
                return Err(Refusal::forbidden("不能核对自己报送的内容，请由另一人核对"));
            }
            Ok(())
        }
        Act::TicketReplied => {
            let owed = entry.question.as_ref().is_some_and(|q| q.ticket.is_some());
            let begun = entry.clocks.iter().any(|c| c.kind == ClockKind::Knowledge);
            open(
                owed && !begun && entry.pending.is_none() && entry.current.is_none() && !gone,
                "not-owed",
                "没有待录入的知识",
            )
        }
        Act::TimePassed => Ok(()),
    }
}

/// Whether what waits for review is a script that is already said.
fn script(entry: &Entry) -> bool {
    entry.current.as_ref().is_some_and(|c| c.script)
}

/// Who provides it is responsible (SR-18): the unit itself, or the centre for what is the centre's.
fn own(entry: &Entry, ctx: &Ctx<'_>) -> Result<(), Refusal> {
    let acting = ctx.actor.unit.as_ref().filter(|_| ctx.actor.role.of_unit());
    if acting == entry.unit.as_ref() {
        return Ok(());
    }
    let whose = entry.unit.as_deref().map_or("热线中心", |unit| ctx.unit_name(unit));
    let message = format!("谁提供、谁负责：这一条由{whose}负责，请由其办理");
    match &ctx.rulebook.knowledge {
        Some(rule) => Err(Refusal::rule("not-the-provider", message, ctx.rulebook, rule)),
        None => Err(Refusal::forbidden(message)),
    }
}

fn words(field: &'static str, name: &str, said: &str, least: usize, most: usize) -> Result<String, Refusal> {
    let said = said.trim();
    let length = said.chars().count();
    if length < least {
        return Err(Refusal::input(field, format!("请填写{name}，至少{least}字")));
    }
    if length > most {
        return Err(Refusal::input(field, format!("{name}过长，最多{most}字")));
    }
    Ok(said.to_owned())
}

fn reason_of(reason: &str) -> Result<String, Refusal> {
    words("reason", "理由", reason, 2, REASON_MOST)
}

fn asked_of(unit: &str, question: &str, ctx: &Ctx<'_>) -> Result<String, Refusal> {
    if !ctx.units.get(unit).is_some_and(|u| u.active) {
        return Err(Refusal::input("unit", "没有这个单位，或单位已停用；请重新选择"));
    }
    words("question", "要问的问题", question, 4, QUESTION_MOST)
}

/// The events so far, and the entry as they leave it.
struct Deciding<'a, 'c> {
    entry: Option<Entry>,
    ctx: &'a Ctx<'c>,
    events: Vec<Event>,
}

impl Deciding<'_, '_> {
    fn push(&mut self, event: Event) -> Result<(), Refusal> {
        let meta = Meta { at: self.ctx.now, by: self.ctx.actor.id.clone() };
        let next = evolve(self.entry.take(), &meta, &event);
        self.entry = Some(next.map_err(|e| Refusal::not_now("misfit", e.to_string()))?);
        self.events.push(event);
        Ok(())
    }

    fn entry(&self) -> Result<&Entry, Refusal> {
        self.entry.as_ref().ok_or_else(|| Refusal::not_now("none", "没有这一条"))
    }

    /// Starts the clock for which this rulebook has a limit.
    fn start(&mut self, kind: ClockKind, subject: &Subject, from: Instant) -> Result<(), Refusal> {
        let ctx = self.ctx;
        let Some((rule, amount)) = ctx.rulebook.limit(kind, subject) else { return Ok(()) };
        let due = limit::due(ctx.calendar, ctx.rulebook.counting(), from, amount, &[])
            .map_err(|e| Refusal::not_now("out-of-calendar", e.to_string()))?;
        let entry = self.entry()?;
        let clock = Clock {
            id: entry.clocks.len() as u32 + 1,
            kind,
            unit: entry.unit.clone(),
            from,
            amount,
            due: due.at,
            provisional: due.provisional,
            calendar: ctx.calendar.version().to_owned(),
            basis: ctx.rulebook.limit_basis(rule, amount),
            status: ClockStatus::Running,
            expired: false,
            extensions: Vec::new(),
            pauses: Vec::new(),
        };
        self.push(Event::ClockStarted(clock))
    }

    fn met(&mut self, kinds: &[ClockKind]) -> Result<(), Refusal> {
        let open: Vec<u32> =
            self.entry()?.clocks.iter().filter(|c| c.open() && kinds.contains(&c.kind)).map(|c| c.id).collect();
        open.into_iter().try_for_each(|clock| self.push(Event::ClockMet { clock, at: self.ctx.now }))
    }

    fn void_all(&mut self) -> Result<(), Refusal> {
        let open: Vec<u32> = self.entry()?.clocks.iter().filter(|c| c.open()).map(|c| c.id).collect();
        open.into_iter().try_for_each(|clock| self.push(Event::ClockVoid { clock }))
    }

    fn checked_for_secrets(&self, said: bool) -> Result<(), Refusal> {
        if said {
            return Ok(());
        }
        let message = "报送前须由本单位作保密审查，并在表中确认内容和附件不涉密";
        match &self.ctx.rulebook.knowledge {
            Some(rule) => Err(Refusal::rule("secrecy-not-checked", message, self.ctx.rulebook, rule)),
            None => Err(Refusal { rule: "secrecy-not-checked", ..Refusal::input("secrecy_checked", message) }),
        }
    }

    fn submit(&mut self, content: &Content, secrecy_checked: bool, script: bool) -> Result<(), Refusal> {
        let content = check_content(content, self.ctx)?;
        self.checked_for_secrets(secrecy_checked)?;
        let unit = match &self.entry {
            Some(entry) => entry.unit.clone(),
            None => self.ctx.actor.unit.clone().filter(|_| self.ctx.actor.role.of_unit()),
        };
        let first = self.entry.as_ref().is_none_or(|e| e.notice.is_none() && e.current.is_none());
        let announced = content.policy.clone().filter(|p| !p.official);
        let notice = match &announced {
            Some(policy) if first => self.notice(policy)?,
            _ => None,
        };
        let official = content.policy.as_ref().is_none_or(|p| p.official);
        self.push(Event::Submitted { unit, content: Box::new(content), script, notice })?;
        self.met(&[ClockKind::Question, ClockKind::Knowledge, ClockKind::Correction])?;
        if official {
            self.met(&[ClockKind::PolicyText])?;
        } else if let Some(policy) = announced
            && self.entry()?.open_clock(ClockKind::PolicyText).is_none()
        {
            // Counted from the day before, so that the day of the publication is the one day of the limit.
            let from = Day(Day::from_date(policy.public_on).0 - 1).start();
            self.start(ClockKind::PolicyText, &Subject::default(), from)?;
        }
        if script { self.publish(true, String::new()) } else { Ok(()) }
    }

    /// Whether a new policy is announced within the days that the rulebook names.
    fn notice(&self, policy: &Policy) -> Result<Option<Notice>, Refusal> {
        let Some(rule) = &self.ctx.rulebook.knowledge else { return Ok(None) };
        let (Some(least), Some(most)) = (rule.announced_at_least, rule.announced_at_most) else { return Ok(None) };
        let (today, on) = (Day::of(self.ctx.now), Day::from_date(policy.public_on));
        // The N-th working day before the publication is the N-th counting backwards from the day before it.
        let (from, to) = (Day(today.0 - 1), Day(on.0 - 1));
        let days = if from < to {
            let between = self.ctx.calendar.workdays_between(from, to);
            between.map_err(|e| Refusal::not_now("out-of-calendar", e.to_string()))?
        } else {
            0
        };
        let in_time = (i64::from(least.n)..=i64::from(most.n)).contains(&days);
        Ok(Some(Notice { days, in_time, basis: self.ctx.rulebook.basis(rule) }))
    }

    fn answer(&mut self, text: &str, secrecy_checked: bool) -> Result<(), Refusal> {
        let text = words("text", "答复", text, 2, ANSWER_MOST)?;
        let question = self.entry()?.question.clone();
        let question = question.ok_or_else(|| Refusal::not_now("not-asked", "没有等待答复的提问"))?;
        let mut title = question.text.trim_end_matches(['。', '，', '.', '！']).to_owned();
        if !title.ends_with(['？', '?']) {
            title.push('？');
        }
        let content = Content {
            section: Section::Daily,
            title,
            text: text.clone(),
            guide: None,
            sources: Vec::new(),
            files: Vec::new(),
            words: Vec::new(),
            open: !question.urgent,
            effective_on: None,
            expires_on: None,
            policy: None,
        };
        let content = check_content(&content, self.ctx)?;
        self.checked_for_secrets(secrecy_checked)?;
        self.push(Event::Answered { text })?;
        self.met(&[ClockKind::Question])?;
        let unit = self.entry()?.unit.clone();
        self.push(Event::Submitted { unit, content: Box::new(content), script: question.urgent, notice: None })?;
        // An urgent answer is said at once; the entry itself is still owed.
        if question.urgent { self.publish(true, String::new()) } else { Ok(()) }
    }

    fn publish(&mut self, script: bool, note: String) -> Result<(), Refusal> {
        let version = self.entry()?.current.as_ref().map_or(1, |c| c.version + 1);
        self.push(Event::Published { version, script, note })
    }

    fn reported(&self, no: u32) -> Result<(), Refusal> {
        let open = self.entry()?.errors.iter().any(|e| e.no == no && e.state == ErrorState::Reported);
        if open { Ok(()) } else { Err(Refusal::input("no", "没有这一条待核实的报错，请刷新后再试")) }
    }

    /// An error is found: the unit corrects it within the limit (ZS-34).
    fn confirm(&mut self, no: u32, note: &str) -> Result<(), Refusal> {
        self.reported(no)?;
        let note = words("note", "核实情况", note, 0, REASON_MOST)?;
        let found = self.found(|rule| rule.wrong.as_deref());
        self.push(Event::ErrorConfirmed { no, note, found })?;
        self.must_correct()
    }

    fn must_correct(&mut self) -> Result<(), Refusal> {
        if self.entry()?.open_clock(ClockKind::Correction).is_some() {
            return Ok(());
        }
        self.start(ClockKind::Correction, &Subject::default(), self.ctx.now)
    }

    fn check(&mut self, sample: i64, right: bool, note: &str) -> Result<(), Refusal> {
        let note = words("note", "抽查情况", note, if right { 0 } else { 4 }, REASON_MOST)?;
        if self.entry()?.checks.iter().any(|c| c.sample == sample) {
            return Err(Refusal::not_now("checked", "这一次抽查已经核对过这一条"));
        }
        self.push(Event::Checked { sample, right, note: note.clone() })?;
        if right {
            return Ok(());
        }
        // What a check finds wrong is an error that needs no second look.
        let no = self.entry()?.errors.len() as u32 + 1;
        self.push(Event::ErrorReported { what: note })?;
        let found = self.found(|rule| rule.wrong.as_deref());
        self.push(Event::ErrorConfirmed { no, note: "抽查发现".into(), found })?;
        self.must_correct()
    }

    fn found(&self, which: fn(&crate::rulebook::KnowledgeRule) -> Option<&str>) -> Option<Found> {
        let book = self.ctx.rulebook;
        // The centre does not hold itself to account here.
        self.entry.as_ref().and_then(|e| e.unit.as_ref())?;
        let id = book.knowledge.as_ref().and_then(which)?;
        let rule = book.conduct.iter().find(|rule| rule.id == id)?;
        Some(Found { conduct: rule.id.clone(), name: rule.name.clone(), basis: book.basis(rule) })
    }

    /// What time brings: limits that end, and the last day on which the entry holds.
    fn expire(&mut self) -> Result<(), Refusal> {
        let now = self.ctx.now;
        let ended: Vec<u32> =
            self.entry()?.clocks.iter().filter(|c| c.wakes_at().is_some_and(|at| at <= now)).map(|c| c.id).collect();
        for clock in ended {
            let found = self.found(|rule| rule.not_updated.as_deref());
            self.push(Event::ClockExpired { clock, found })?;
        }
        if self.entry()?.expires_at().is_some_and(|at| at <= now) {
            self.push(Event::Expired)?;
        }
        Ok(())
    }
}
