//! What is said about the ledger, urgings, conduct and exclusions: about the entry that waits for it.

use jiesu_domain::{
    Amount,
    ticket::{Action, Command, ConductState, ExclusionState, LedgerEntry, LedgerState},
};

use super::{Said, Speaker};

fn in_ledger(entry: &LedgerEntry) -> bool {
    matches!(entry.state, LedgerState::Open { .. } | LedgerState::Measured { .. })
}

impl Speaker<'_> {
    pub(super) fn watching(&mut self, action: Action) -> Said {
        use Action as A;
        let said = match action {
            A::ProposeSupervision
            | A::OpenSupervision
            | A::DismissSupervision
            | A::TakeMeasure
            | A::EndSupervision
            | A::ReportRectification => self.in_ledger(action),
            A::Urge => Some(self.urge()),
            A::AnswerUrging => self.answer_urging(),
            A::RecordInstruction => Some(Command::RecordInstruction {
                from: "市领导".into(),
                text: "请认真核实，限期办结".into(),
            }),
            A::MarkMedia => {
                Some(Command::MarkMedia { outlet: "市电视台".into(), note: "民生栏目报道".into() })
            }
            _ => return Said::NotMine,
        };
        said.into()
    }

    fn in_ledger(&mut self, action: Action) -> Option<Command> {
        let (t, book) = (self.ticket, self.ctx.rulebook);
        let entry = |is: fn(&LedgerEntry) -> bool| t.supervision.iter().find(|e| is(e)).map(|e| e.no);
        let proposed = || entry(|e| e.state == LedgerState::Proposed);
        Some(match action {
            Action::ProposeSupervision if !book.supervise.is_empty() => {
                let ground = self.rng.pick(&book.supervise).id.clone();
                Command::ProposeSupervision { ground, note: "诉求人多次反映".into() }
            }
            Action::OpenSupervision => Command::OpenSupervision {
                no: proposed()?,
                fault: self.one(&["未按时办结", "办理不到位", "答复不实"]),
            },
            Action::DismissSupervision => {
                Command::DismissSupervision { no: proposed()?, reason: "有客观原因，不列入台账".into() }
            }
            Action::TakeMeasure if !book.measure.is_empty() => Command::TakeMeasure {
                no: entry(|e| matches!(e.state, LedgerState::Open { .. })).or_else(|| entry(in_ledger))?,
                measure: self.rng.pick(&book.measure).id.clone(),
                notice: "请限期整改并报告结果".into(),
                rectify_within: Amount::working_days(self.rng.between(1, 5) as u32),
            },
            Action::EndSupervision => Command::EndSupervision { no: entry(in_ledger)?, result: self.result() },
            Action::ReportRectification => {
                let own = self.ctx.actor.unit.as_deref();
                let owes = |e: &&LedgerEntry| {
                    e.unit.as_deref() == own && matches!(e.state, LedgerState::Measured { rectification: None, .. })
                };
                let no = t.supervision.iter().find(owes)?.no;
                Command::ReportRectification { no, text: format!("{}，已完成整改", self.result()) }
            }
            _ => return None,
        })
    }

    fn urge(&mut self) -> Command {
        let units = self.ticket.units();
        let centre = self.ctx.actor.unit.is_none();
        let unit = (centre && !units.is_empty()).then(|| (*self.rng.pick(&units)).to_owned());
        Command::Urge {
            unit, note: self.one(&["即将到期，请抓紧办理", "已超期，请说明情况", "诉求人来电催办"])
        }
    }

    fn answer_urging(&mut self) -> Option<Command> {
        let own = self.ctx.actor.unit.as_deref();
        let mine = self.ticket.urgings.iter().find(|u| Some(u.unit.as_str()) == own && u.answer.is_none())?;
        let text = self.one(&["正在办理，近日答复", "已安排人员到现场", "等待配件到货"]);
        Some(Command::AnswerUrging { no: mine.no, text })
    }

    pub(super) fn judging(&mut self, action: Action) -> Said {
        self.judged(action).into()
    }

    fn judged(&mut self, action: Action) -> Option<Command> {
        use Action as A;
        let (t, book) = (self.ticket, self.ctx.rulebook);
        let conduct = || t.conducts.iter().find(|c| c.state == ConductState::Found).map(|c| c.no);
        let exclusion = |state| t.exclusions.iter().find(|e| e.state == state).map(|e| e.no);
        let approve = self.rng.odds(5_000);
        Some(match action {
            A::RecordConduct if !book.conduct.is_empty() => {
                let conduct = self.rng.pick(&book.conduct).id.clone();
                Command::RecordConduct { conduct, unit: None, evidence: "回访录音与办理记录不符".into() }
            }
            A::ConfirmConduct => Command::ConfirmConduct { no: conduct()?, note: "属实，移交主管单位".into() },
            A::DismissConduct => Command::DismissConduct { no: conduct()?, reason: "有客观原因".into() },
            A::AskExclusion if !book.exempt.is_empty() => {
                let ground = self.rng.pick(&book.exempt).id.clone();
                let reason = "诉求超出政策规定".into();
                Command::AskExclusion { ground, reason, evidence: "政策文件与沟通记录".into() }
            }
            A::ReviewExclusion => {
                Command::ReviewExclusion { no: exclusion(ExclusionState::Asked)?, approve, note: self.note() }
            }
            A::AppealExclusion => {
                let no = exclusion(ExclusionState::Refused)?;
                Command::AppealExclusion { no, reason: "材料齐全，请复核".into() }
            }
            A::DecideExclusion => {
                Command::DecideExclusion { no: exclusion(ExclusionState::Appealed)?, approve, note: self.note() }
            }
            _ => return None,
        })
    }
}
