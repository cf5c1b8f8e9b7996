//! Where the appeal stands, in one sentence that names who has to do what by when; and the ground of that limit.

use jiesu_domain::{
    Calendar, Instant, Rulebook,
    calendar::Day,
    clock::{Clock, ClockKind},
    describe,
    limit::{self, Measure},
    ticket::{Appeal, Closed, LongTerm, Rating, Reply, Stage, StateName, Ticket, Units, Work},
};

use crate::view::ground_name;

/// What the page says on top.
pub(super) struct Standing {
    pub headline: String,
    /// `已等待 3 个工作日 · 还有 2 个工作日`; empty where nobody waits.
    pub waited: String,
    /// A limit was missed; says which and by how much.
    pub late: Option<String>,
    /// Further facts and what comes next.
    pub lines: Vec<String>,
    pub ground: Option<Ground>,
}

/// How a limit was counted.
pub(super) struct Ground {
    pub sentence: String,
    pub days: Vec<String>,
    /// Question and answer of each reading it rests on.
    pub readings: Vec<(String, String)>,
}

/// An answer in its author's words.
pub(super) struct Answer {
    pub by: String,
    pub at: Option<String>,
    pub text: String,
}

/// What a standing is made from.
pub(super) struct Facts<'a> {
    pub ticket: &'a Ticket,
    pub appeal: u32,
    pub book: &'a Rulebook,
    pub cal: &'a Calendar,
    pub units: &'a Units,
    pub now: Instant,
    /// The appeal waits for this appellant's rating.
    pub may_rate: bool,
    /// When the appeal came in, where it was joined to this ticket later.
    pub received: Option<Instant>,
}

impl Facts<'_> {
    fn unit(&self, id: &str) -> String {
        self.units.get(id).map_or_else(|| id.to_owned(), |u| u.name.clone())
    }

    fn own(&self) -> Option<&Appeal> {
        self.ticket.appeals.iter().find(|a| a.no == self.appeal)
    }

    fn withdrawn(&self) -> bool {
        self.own().is_some_and(|a| a.withdrawn)
    }

    /// What this appellant said of the reply that stands.
    fn rating(&self) -> Option<&Rating> {
        self.ticket.rating_now(self.appeal)
    }

    fn received(&self) -> Instant {
        self.received.or(self.own().map(|a| a.received_at)).unwrap_or(self.ticket.registered_at)
    }

    /// The limit by which somebody owes the appellant the next thing.
    fn clock(&self) -> Option<&Clock> {
        let kind = match self.ticket.state() {
            StateName::Registered | StateName::AwaitingRedispatch => ClockKind::Dispatch,
            StateName::Referred => ClockKind::Referral,
            StateName::Consulting | StateName::ReturnConsulting => ClockKind::Consultation,
            StateName::AwaitingApproval => ClockKind::Approval,
            StateName::Transferred => ClockKind::Transfer,
            StateName::Tracking => ClockKind::Track,
            // What is being verified is somebody's own rating.
            StateName::Checking if self.unverified() => ClockKind::Verify,
            _ => ClockKind::Handle,
        };
        self.ticket.open_clock(kind, None)
    }

    /// This appellant is unsatisfied and the centre has not verified it yet.
    fn unverified(&self) -> bool {
        self.rating().is_some_and(|r| !r.result.is_satisfied() && r.verdict.is_none())
    }

    pub fn standing(&self) -> Standing {
        if self.withdrawn() {
            let headline = "您已撤回诉求，热线中心不再就此联系您。".to_owned();
            let lines = vec!["以后有新情况，可以重新提交。".to_owned()];
            return Standing { headline, waited: String::new(), late: None, lines, ground: None };
        }
        let clock = self.clock();
        let waiting = matches!(self.ticket.stage, Stage::Registered(_) | Stage::Transferred { result: None, .. })
            || self.ticket.work().is_some_and(|w| self.ticket.closed().is_none() && !answered(w));
        let late = clock.filter(|c| c.late(self.now) && (waiting || c.kind == ClockKind::Verify));
        Standing {
            headline: self.headline(clock),
            waited: if waiting { self.waited(clock) } else { String::new() },
            late: late.map(|c| self.lateness(c)),
            lines: self.lines(clock, waiting),
            ground: clock.filter(|_| waiting).and_then(|c| self.ground(c)),
        }
    }

    fn headline(&self, clock: Option<&Clock>) -> String {
        let by =
            |verb: &str| clock.map_or_else(String::new, |c| format!("，应在{}前{verb}", describe::due_words(c.due)));
        match self.ticket.stage_in_archive() {
            Stage::Registered { .. } => match self.ticket.state() {
                StateName::Referred => format!("热线中心正在认定您的诉求是否属于受理范围{}。", by("认定")),
                StateName::AwaitingRedispatch => {
                    format!("原承办单位认为不属其职责，热线中心正在重新确定承办单位{}。", by("派出"))
                }
                StateName::Consulting => {
                    format!("热线中心正在会同有关方面研究由哪个部门办理{}。", by("定下"))
                }
                StateName::AwaitingApproval => format!("热线中心已提出办理意见，正在报请审定{}。", by("审定")),
                _ => format!("您的诉求已登记，热线中心正在确定由谁办理{}。", by("派出")),
            },
            Stage::Refused(_) => "您的诉求不属于本热线受理范围，没有受理。".into(),
            Stage::Answered(_) if self.ticket.kind.dispatchable() => "热线中心已经直接答复您。".into(),
            Stage::Answered(_) => "热线中心已经记录。".into(),
            Stage::PassedOn(call) => format!("情况紧急，热线中心已转给{}处理。", call.to),
            Stage::Working(work) => self.working(work, clock),
            Stage::Closed(closed) | Stage::Checking(closed) | Stage::Concluded(closed) => {
                self.closed(closed, &by("核实完"))
            }
            Stage::Joined { number } => format!("您的诉求与编号{number}反映的是同一事项，已并在一起办理。"),
            Stage::Withdrawn { .. } => "诉求已撤回，不再办理。".into(),
            Stage::Transferred { to, result: None } => format!("您的诉求已转{to}办理{}。", by("答复您")),
            Stage::Transferred { to, result: Some(_) } => format!("{to}已经有了办理结果。"),
            Stage::Imported(history) => match &history.unit {
                Some(unit) => format!("您的诉求已由{unit}办理。"),
                None => "您的诉求此前已办理。".into(),
            },
            Stage::Archived { .. } => "已归档。".into(),
        }
    }

    fn working(&self, work: &Work, clock: Option<&Clock>) -> String {
        let unit = self.unit(&work.lead.unit);
        if work.consultation.is_some() {
            return "热线中心正在会同有关方面研究由哪个部门办理。".into();
        }
        if let Reply::Audited { at, .. } = &work.reply {
            return format!("{unit}已在{}答复您。", day(*at));
        }
        let verb = if work.round > 1 { "已发回" } else { "已派给" };
        let again = if work.round > 1 { "重新办理" } else { "" };
        let sent = format!("您的诉求{verb}{unit}{again}（{}）", day(work.dispatched_at));
        match clock {
            Some(c) => format!("{sent}，对方应在{}前答复您。", describe::due_words(c.due)),
            None => format!("{sent}。"),
        }
    }

    /// After the closure: what this appellant said of it, or is asked; what others said is theirs.
    fn closed(&self, closed: &Closed, by: &str) -> String {
        let done = format!("已办结（{}）：{}", day(closed.at), ground_name(&closed.name, &closed.ground));
        match self.rating() {
            Some(_) if self.unverified() => format!("您对办理结果不满意，热线中心正在核实{by}。"),
            Some(r) if r.verdict.is_some() => "已办结，热线中心已核实您的评价。".into(),
            Some(r) => format!("{done}。您的评价：{}。", r.result),
            None if self.may_rate => format!("{done}。请您评价办理结果。"),
            None => format!("{done}。没有收到您的评价。"),
        }
    }

    /// Working days since the appeal came in, and those left; today is not over yet and counts as left.
    fn waited(&self, clock: Option<&Clock>) -> String {
        let days = describe::workdays_waited(self.cal, self.received(), self.now).unwrap_or(0);
        let waited = if Day::of(self.received()) == Day::of(self.now) {
            "今天登记".to_owned()
        } else {
            format!("已等待 {days} 个工作日")
        };
        let left = clock.filter(|c| c.kind == ClockKind::Handle && !c.late(self.now)).and_then(|c| {
            if c.amount.measure != Measure::WorkingDays {
                return Some(describe::left_words(self.now, c.due));
            }
            // Today still counts, unless it is the start day, which never did.
            let before = Day(Day::of(self.now).0 - 1).max(Day::of(c.from));
            self.cal.workdays_between(before, Day::of_due(c.due)).ok().map(|n| format!("还有 {n} 个工作日"))
        });
        left.map_or_else(|| waited.clone(), |left| format!("{waited} · {left}"))
    }

    fn lateness(&self, clock: &Clock) -> String {
        let verb = match clock.kind {
            ClockKind::Handle => "答复您",
            ClockKind::Verify => "核实完",
            ClockKind::Referral => "认定",
            ClockKind::Consultation => "定下由谁办理",
            ClockKind::Approval => "审定",
            ClockKind::Transfer => "办结",
            ClockKind::Track => "有结果",
            _ => "派出",
        };
        // The badge before it says that it is late; the headline says since when.
        let late = describe::left_words(self.now, clock.due);
        let late = late.strip_prefix("已超期").unwrap_or(&late);
        format!("{late}，还没有{verb}。您可以拨打12345催办。")
    }

    fn lines(&self, clock: Option<&Clock>, waiting: bool) -> Vec<String> {
        let mut lines = Vec::new();
        if let Some(work) = self.ticket.work().filter(|_| waiting) {
            lines.push(match work.lead.signed_at {
                Some(at) => format!("{}已在{}签收，正在办理。", self.unit(&work.lead.unit), day(at)),
                None => format!("{}还没有签收。", self.unit(&work.lead.unit)),
            });
        }
        for extension in clock.filter(|_| waiting).map_or(&[][..], |c| &c.extensions) {
            let before = describe::due_words(extension.due_before);
            let article = &extension.basis.article;
            lines.push(format!("已延期{}，原应在{before}前答复（{article}）。", extension.amount()));
        }
        if clock.is_some_and(|c| c.provisional) && waiting {
            lines.push("时限所在年份的放假通知还没有公布，日期暂按周一至周五计算，公布后可能调整。".into());
        }
        lines.extend(self.next());
        lines
    }

    /// What comes next.
    fn next(&self) -> Option<String> {
        let line = match self.ticket.stage_in_archive() {
            Stage::Refused(refused) => return Some(self.refused(refused)),
            Stage::Working(work) if work.closing.is_some() => {
                "承办单位已申请办结，热线中心正在审核；办结后您可以在这里评价。"
            }
            Stage::Working(work) if answered(work) => {
                "接下来由承办单位申请办结、热线中心审核；办结后您可以在这里评价。"
            }
            Stage::Checking(_) if self.unverified() => "核实后属承办单位责任的，会发回重新办理，并重新计算时限。",
            Stage::Closed(c) | Stage::Checking(c) | Stage::Concluded(c) if c.tracking => {
                "这件事还没有彻底解决，热线中心会继续跟踪督办，有结果再告诉您。"
            }
            _ => return None,
        };
        Some(line.into())
    }

    fn refused(&self, refused: &jiesu_domain::ticket::Refused) -> String {
        let class = self.book.refusal.iter().find(|c| c.id == refused.class);
        let article = class.and_then(|c| c.article.as_ref()).map_or_else(String::new, |a| format!("（{a}）"));
        let class = class.map_or_else(String::new, |c| format!("属于：{}{article}。", c.name));
        let to = if refused.help.to.is_empty() {
            String::new()
        } else {
            format!("{}：{}。", refused.help.by, refused.help.to)
        };
        format!("{class}{}。{to}", refused.explanation.trim_end_matches('。'))
    }

    fn ground(&self, clock: &Clock) -> Option<Ground> {
        let sentence = describe::sentence(self.cal, self.book, clock).ok()?;
        let days = limit::count_days(self.cal, self.book.counting(), clock.from, clock.amount, &clock.pauses);
        let ids = clock.basis.readings.iter().chain(clock.extensions.iter().flat_map(|e| &e.basis.readings));
        let mut readings: Vec<(String, String)> = Vec::new();
        for reading in ids.filter_map(|id| self.book.reading(id)) {
            let pair = (reading.question.clone(), reading.answer.clone());
            if !readings.contains(&pair) {
                readings.push(pair);
            }
        }
        Some(Ground { sentence, days: describe::counting_lines(&days.unwrap_or_default()), readings })
    }

    /// The answer that holds now.
    pub fn answer(&self) -> Option<Answer> {
        if self.withdrawn() {
            return None;
        }
        let when = |at: Instant| Some(describe::instant_words(at));
        match self.ticket.stage_in_archive() {
            Stage::Answered(a) if self.ticket.kind.dispatchable() => {
                Some(Answer { by: "热线中心".into(), at: None, text: a.answer.clone() })
            }
            Stage::Imported(h) => {
                let by = h.unit.clone().unwrap_or_else(|| "承办单位".into());
                h.reply.clone().map(|text| Answer { by, at: h.replied_at.and_then(when), text })
            }
            Stage::Transferred { to, result } => result.clone().map(|text| Answer { by: to.clone(), at: None, text }),
            _ => {
                let work = self.ticket.work()?;
                let Reply::Audited { text, at } = &work.reply else { return None };
                let text = std::iter::once(text.clone()).chain(self.points(work)).chain(later(work.long_term.as_ref()));
                let text = text.collect::<Vec<_>>().join("\n");
                Some(Answer { by: self.unit(&work.lead.unit), at: when(*at), text })
            }
        }
    }

    /// The answers to each point; the points are in the words of the first appellant.
    fn points(&self, work: &Work) -> Vec<String> {
        if self.appeal != 1 {
            return Vec::new();
        }
        let pairs = self.ticket.points.iter().zip(&work.answers).filter(|(_, answer)| !answer.is_empty());
        pairs.map(|(point, answer)| format!("{point}：{answer}")).collect()
    }
}

/// What is done about a matter that takes long, and until when.
fn later(long_term: Option<&LongTerm>) -> Option<String> {
    long_term.map(|l| format!("工作措施：{}。预计{}完成。", l.measures.trim_end_matches('。'), date(l.expected)))
}

fn date(day: jiff::civil::Date) -> String {
    format!("{}年{}月{}日", day.year(), day.month(), day.day())
}

fn answered(work: &Work) -> bool {
    matches!(work.reply, Reply::Audited { .. })
}

fn day(at: Instant) -> String {
    describe::date_words(Day::of(at))
}
