//! The units at work, and the centre on what they ask for.

use jiesu_domain::{
    calendar::Day,
    clock::ClockKind,
    limit::Measure,
    rulebook::{AtMost, ClosureGround},
    ticket::{Action, Assist, Command, LongTerm, Reply, Work},
    words::Contact,
};

use super::{Said, Speaker, of_centre};
use crate::matter;

impl Speaker<'_> {
    pub(super) fn of_unit(&mut self, action: Action) -> Said {
        use Action as A;
        let said = match action {
            A::Sign => Some(Command::Sign {}),
            A::ReportIn => Some(Command::ReportIn {}),
            A::AssignInside => {
                let handler = matter::person(self.rng);
                Some(Command::AssignInside {
                    office: self.one(&["市政科", "法规科", "执法大队", "办公室"]), handler
                })
            }
            A::RecordContact => Some(self.contact()),
            A::DraftReply => Some(self.reply()),
            A::AuditReply => Some(Command::AuditReply { without_assists: Some("协办单位逾期".into()) }),
            A::ReopenReply => Some(Command::ReopenReply { reason: "答复内容需要更正".into() }),
            A::AskClosure => self.ticket.work().and_then(|work| self.ask_closure(work)),
            A::DeliverAssist => {
                let (text, explanation) = (self.result(), Some("已按协办要求完成".into()));
                Some(Command::DeliverAssist { text, explanation })
            }
            A::ReportProgress => {
                let text = self.one(&["已到现场，正在协调", "材料已备齐，等待审批", "已排入施工计划"]);
                Some(Command::ReportProgress { text, reason: "涉及单位较多".into() })
            }
            A::Whistle => Some(self.whistle()),
            A::JudgeWhistle => self.ticket.work().and_then(|work| self.judge(work)),
            _ => return self.asked(action),
        };
        said.into()
    }

    /// What the units ask for, and what the centre says to it.
    fn asked(&mut self, action: Action) -> Said {
        use Action as A;
        let said = match action {
            A::AskReturn => self.ask_return(),
            A::OpenReturn => Command::OpenReturn { reason: "情况特殊，准予再次申请".into() },
            A::ReviewReturn => {
                // The third time round somebody puts a stop to it.
                let tired = self.ticket.returned_by.len() > 2;
                let approve = self.rng.odds(if tired { 1_000 } else { 6_500 });
                Command::ReviewReturn { approve, note: self.note() }
            }
            A::AskExtension => self.ask_extension(),
            A::ReviewExtension => Command::ReviewExtension { approve: self.rng.odds(8_500), note: self.note() },
            A::DeclareLonger => Command::DeclareLonger { reason: "情况复杂，需要专业检测".into() },
            A::AskSupplement => Command::AskSupplement { what: "请补充具体位置和发生时间".into() },
            A::Supplement => Command::Supplement { text: "已向诉求人核实，补充具体楼栋和时间".into() },
            A::ReportUp => match self.ctx.rulebook.report_up.as_ref().filter(|r| !r.to.is_empty()) {
                Some(rule) => Command::ReportUp {
                    to: self.rng.pick(&rule.to).clone(),
                    text: "超出本单位协调能力，请予协调".into(),
                },
                None => return Said::Nothing,
            },
            A::RelayReply => {
                let reached = self.rng.odds(8_000);
                Command::RelayReply { by: Contact::Phone, reached, note: "已转告办理结果".into() }
            }
            A::ReviewClosure => Command::ReviewClosure { approve: self.rng.odds(9_200), note: self.note() },
            _ => return Said::NotMine,
        };
        Some(said).into()
    }

    fn contact(&mut self) -> Command {
        let reached = self.rng.odds(8_500);
        let explained = reached && self.rng.odds(6_000);
        let note = match (reached, of_centre(self.ctx.actor)) {
            (false, _) => "无人接听".to_owned(),
            (true, true) => "已代承办单位了解情况".to_owned(),
            (true, false) => self.one(&["已电话了解情况", "已约定上门时间", "已到现场见面核实", "已说明办理进度"]),
        };
        Command::RecordContact { by: Contact::Phone, reached, explained, note }
    }

    /// With what several texts ask for: plain, with the day and the phone of the contact.
    fn reply(&mut self) -> Command {
        let t = self.ticket;
        let excuse = !t.returned_by.is_empty() && self.rng.odds(300);
        let said = if excuse { "不属本单位职责范围内的事项。" } else { "" };
        let (result, today) = (self.result(), self.today());
        let subject = matter::of(t).map_or("有关", |m| matter::all()[m].subject.as_str());
        let phone = 2_000_000 + self.rng.below(6_000_000);
        let text = format!(
            "{said}您好！关于您反映的{subject}问题，经核查，办理情况为{result}。{today}通过0700{phone}电话联系您并告知处理结果。"
        );
        let year = Day::of(self.ctx.now).date().year();
        let long_term =
            self.rng.odds(700).then(|| LongTerm {
                measures: "列入年度改造计划".into(),
                expected: jiff::civil::date(year + 1, 12, 31),
            });
        let answers = t.points.iter().map(|_| result.clone()).collect();
        Command::DraftReply { text, answers, long_term }
    }

    /// On a ground whose conditions hold; which one is a matter of taste.
    fn ask_closure(&mut self, work: &Work) -> Option<Command> {
        let explained = work.contacts.iter().any(|c| c.explained);
        let holds = |g: &&ClosureGround| (!g.long_term || work.long_term.is_some()) && (!g.explained || explained);
        let grounds: Vec<_> = self.ctx.rulebook.closure_ground.iter().filter(holds).collect();
        let usual = *grounds.first()?;
        let ground = if self.rng.odds(8_000) { usual } else { self.rng.pick(&grounds) }.id.clone();
        let statement = match &work.reply {
            Reply::Audited { .. } => format!("{}，已答复诉求人", self.result()),
            _ => self.result(),
        };
        Some(Command::AskClosure { ground, statement })
    }

    fn ask_return(&mut self) -> Command {
        let own = self.ctx.actor.unit.as_deref().unwrap_or_default();
        let all = self.rng.odds(9_000);
        Command::AskReturn {
            reason: "不属本单位职责范围内的事项".into(),
            basis: all.then(|| "三定方案".to_owned()),
            redirect: Some(self.city.neighbour(own).to_owned()),
            leader_sheet: all.then(|| "签署意见.pdf".to_owned()),
        }
    }

    /// So long that it is mostly granted.
    fn ask_extension(&mut self) -> Command {
        let rule = self.ctx.rulebook.extension.first();
        let most = match rule.map(|r| &r.at_most) {
            Some(AtMost::Days(days)) => *days,
            _ => self.ticket.open_clock(ClockKind::Handle, None).map_or(1, |c| match c.amount.measure {
                Measure::WorkingDays | Measure::CalendarDays => c.amount.n,
                _ => 1,
            }),
        };
        let days = 1 + self.rng.below(most.div_ceil(2).clamp(1, 15) as usize) as u32;
        let reason = self.one(&["需要专业机构检测", "涉及多部门协调", "施工受天气影响", "当事人外出，无法核实"]);
        let told = Some("已向诉求人说明原因".into());
        Command::AskExtension { days, reason, basis: Some("情况复杂".into()), told, force_majeure: true }
    }

    fn whistle(&mut self) -> Command {
        let unit = self.rng.pick(&self.city.leads).clone();
        let others = self.assists(&unit);
        let units: Vec<String> = std::iter::once(unit).chain(others).collect();
        Command::Whistle { units, matter: "需要联合到现场处置".into() }
    }

    fn judge(&mut self, work: &Work) -> Option<Command> {
        let judged = |a: &&Assist| a.whistle.as_ref().is_some_and(|w| w.judged.is_none());
        let unit = work.assists.iter().find(judged)?.unit.clone();
        Some(Command::JudgeWhistle { unit, answered: self.rng.odds(8_000), note: "到场及时".into() })
    }
}
