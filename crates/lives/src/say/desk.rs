//! The desk: what is answered, refused, passed on or dispatched, and to whom.

use jiesu_domain::{
    Amount,
    rulebook::{RefusalClass, UnitKind},
    ticket::{Action, Call, Command, Dispatch, Help, HelpKind, SpecialLimit, Stage, Waiting},
};

use super::{Said, Speaker};
use crate::matter;

impl Speaker<'_> {
    pub(super) fn at_desk(&mut self, action: Action) -> Said {
        use Action as A;
        let t = self.ticket;
        let said = match action {
            A::Dispatch => Some(Command::Dispatch(self.dispatch())),
            A::Refuse => self.refuse(),
            A::AnswerAtOnce => Some(self.answer()),
            A::HandOver => Some(Command::HandOver { call: self.call(), ends: self.rng.odds(2_500) }),
            A::LinkEarlier => self.near.take().map(|number| Command::LinkEarlier { number, note: self.note() }),
            A::JoinTo => self.near.take().map(|number| Command::JoinTo { number, reason: "反映同一问题".into() }),
            A::Withdraw => {
                let standing: Vec<u32> = t.standing_appeals().map(|a| a.no).collect();
                let reason =
                    self.one(&["问题已自行解决", "已与对方协商一致", "情况有变，不再反映", "重复反映，撤回其一"]);
                Some(Command::Withdraw { appeal: Some(*self.rng.pick(&standing)), reason })
            }
            A::ReferUp => Some(Command::ReferUp { question: "是否属于受理范围，请认定".into() }),
            A::Accept => Some(Command::Accept { note: "属于受理范围".into() }),
            A::MarkDifficult => Some(Command::MarkDifficult { reason: "涉及多个单位，历史遗留".into() }),
            A::MarkMajor => Some(Command::MarkMajor { reason: "涉及人数多，社会关注".into() }),
            _ => return self.passed_on(action),
        };
        said.into()
    }

    fn passed_on(&mut self, action: Action) -> Said {
        use Action as A;
        let book = self.ctx.rulebook;
        let said = match action {
            A::Transfer => {
                let known: Vec<&str> = book.transfer.iter().flat_map(|t| t.to.iter().map(String::as_str)).collect();
                let to = if known.is_empty() { "邻市12345" } else { self.rng.pick(&known) };
                Command::Transfer { to: to.into(), reason: "事项发生在其他地区".into() }
            }
            A::TakeBack => Command::TakeBack { reason: "对方认为应由本地办理".into() },
            A::EndTransfer => Command::EndTransfer { result: self.result() },
            A::ReportRisk => {
                Command::ReportRisk { to: "应急管理局".into(), text: "多人反映，可能引发聚集".into() }
            }
            A::RecordMalicious => {
                if book.malicious.is_empty() {
                    return Said::Nothing;
                }
                let conduct = self.rng.pick(&book.malicious).id.clone();
                let evidence = vec![format!("录音R-{}", self.rng.below(100_000))];
                Command::RecordMalicious { conduct, note: "通话中辱骂话务员".into(), evidence }
            }
            A::ReferMalicious => match self.ticket.malicious.iter().find(|m| m.referred.is_none()) {
                Some(m) => {
                    Command::ReferMalicious { no: m.no, to: "辖区派出所".into(), note: "附通话录音".into() }
                }
                None => return Said::Nothing,
            },
            A::Consult => {
                let levels: Vec<&String> = book.consultation.iter().flat_map(|c| &c.levels).collect();
                if levels.is_empty() {
                    return Said::Nothing;
                }
                let level = (*self.rng.pick(&levels)).clone();
                Command::Consult { level, question: "职责不清，请明确承办单位".into() }
            }
            A::ConcludeConsultation => self.conclude(),
            A::SubmitOpinion => {
                let Dispatch { lead, assists, .. } = self.dispatch();
                Command::SubmitOpinion { opinion: "建议按职责派发".into(), lead, assists }
            }
            A::ReviewOpinion => Command::ReviewOpinion { approve: self.rng.odds(8_500), note: self.note() },
            A::Raise if !self.city.superiors.is_empty() => {
                let to = self.rng.pick(&self.city.superiors).clone();
                Command::Raise { to, reason: "多次催办未办结".into() }
            }
            A::Raise => return Said::Nothing,
            _ => return Said::NotMine,
        };
        Some(said).into()
    }

    fn call(&mut self) -> Call {
        let to = self.one(&["城管局值班室", "供水公司调度中心", "110", "应急指挥中心"]);
        Call { to, note: "值班员已接听并记录".into() }
    }

    /// One whose business it is, or any other; after a return mostly the one that was named.
    fn lead(&mut self) -> String {
        let redirect = self.ticket.returned_by.last().and_then(|r| r.redirect.as_ref());
        let back = redirect.filter(|to| self.city.leads.contains(to));
        if let Some(to) = back
            && self.rng.odds(8_000)
        {
            return to.clone();
        }
        let whose = matter::of(self.ticket).map_or(&[][..], |m| self.city.whose(m));
        if !whose.is_empty() && self.rng.odds(7_500) {
            return self.rng.pick(whose).clone();
        }
        self.rng.pick(&self.city.leads).clone()
    }

    pub(super) fn assists(&mut self, lead: &str) -> Vec<String> {
        let mut assists = Vec::new();
        while assists.len() < 3 && self.rng.odds(1_200) {
            let assist = self.rng.pick(&self.city.leads);
            if assist != lead && !assists.contains(assist) {
                assists.push(assist.clone());
            }
        }
        assists
    }

    fn dispatch(&mut self) -> Dispatch {
        let waiting = match &self.ticket.stage {
            Stage::Registered(waiting) => Some(&**waiting),
            _ => None,
        };
        let note = self.one(&["按法定职责派发", "按三定方案派发", "按属地管理派发"]);
        let new_facts = self.ticket.standing.values().any(|s| s.settled.is_some()).then(|| "有新情况".to_owned());
        let call = self.ticket.urgent.then(|| self.call());
        let to = Dispatch { note, new_facts, call, ..Dispatch::default() };
        if let Some((lead, assists)) = waiting.and_then(settled_on) {
            return Dispatch { lead: lead.to_owned(), assists: assists.to_vec(), ..to };
        }
        let lead = self.lead();
        let to = if self.rng.odds(6_000) { self.by_catalogue(to, &lead) } else { to };
        let lead = if to.lead.is_empty() { lead } else { to.lead };
        let assists = if to.assists.is_empty() { self.assists(&lead) } else { to.assists };
        let several = self.rng.odds(900);
        let points =
            if several { vec![self.ticket.title.clone(), "要求赔偿损失".to_owned()] } else { Vec::new() };
        let special = (self.ctx.rulebook.special_law.is_some() && self.rng.odds(120))
            .then(|| SpecialLimit { limit: Amount::working_days(20), law: "某条例第三十条".into() });
        let within = (!assists.is_empty() && self.rng.odds(1_000)).then(|| Amount::working_days(3));
        Dispatch { lead, assists, points, special, assists_within: within, ..to }
    }

    /// As the catalogue says, if it has something of this unit's for this sort of appeal.
    fn by_catalogue(&mut self, to: Dispatch, lead: &str) -> Dispatch {
        let Some(catalogue) = self.ctx.catalogue else { return to };
        let place = self.ticket.place.as_deref();
        let mut its: Vec<_> = catalogue.entry.iter().filter(|e| e.units_at(place).0 == lead).collect();
        if its.is_empty() || self.rng.odds(1_500) {
            its = catalogue.entry.iter().collect();
        }
        if its.is_empty() {
            return to;
        }
        let entry = *self.rng.pick(&its);
        let (lead, assists, office) = entry.units_at(place);
        let known = |unit: &str| self.city.leads.iter().any(|u| u == unit);
        let town = self.city.units.get(lead).is_some_and(|u| u.kind == UnitKind::Town);
        if entry.kind.is_some_and(|k| k != self.ticket.kind) || !known(lead) || (town && entry.not_to_towns) {
            return to;
        }
        let assists = assists.into_iter().filter(|a| known(a)).map(str::to_owned).collect();
        let (entry, office) = (Some(entry.id.clone()), office.map(str::to_owned));
        Dispatch { lead: lead.to_owned(), assists, entry, office, ..to }
    }

    fn refuse(&mut self) -> Option<Command> {
        let t = self.ticket;
        let settled = t.standing.values().any(|s| s.settled.is_some());
        let fits = |c: &&RefusalClass| (!c.names_earlier || !t.earlier.is_empty()) && (!c.settled || settled);
        let classes: Vec<_> = self.ctx.rulebook.refusal.iter().filter(fits).collect();
        if classes.is_empty() {
            return None;
        }
        let class = *self.rng.pick(&classes);
        let by = class.help.first().copied().unwrap_or(HelpKind::Explained);
        let help = Help { by, to: "市中级人民法院立案庭".into() };
        Some(Command::Refuse { class: class.id.clone(), explanation: class.advice.clone(), help })
    }

    fn answer(&mut self) -> Command {
        let settled = self.ticket.standing.iter().find(|(_, s)| s.settled.is_some());
        let by_opinion_of = settled.map(|(number, _)| number.clone());
        let entry = Some(format!("ZS-{}", 1 + matter::of(self.ticket).unwrap_or(99)));
        Command::AnswerAtOnce { answer: format!("您好，{}。", self.result()), entry, by_opinion_of }
    }

    /// One of the two who keep sending it to each other gets it, or somebody else.
    fn conclude(&mut self) -> Command {
        let asking = self.ticket.work().map(|w| &w.lead.unit);
        let before = self.ticket.returned_by.iter().map(|r| &r.unit).chain(asking);
        let known: Vec<&String> = before.filter(|u| self.city.leads.contains(u)).collect();
        let lead = match known.as_slice() {
            [] => self.lead(),
            known if self.rng.odds(8_000) => (*self.rng.pick(known)).clone(),
            _ => self.lead(),
        };
        let assists = self.assists(&lead);
        Command::ConcludeConsultation { lead, assists, opinion: "经会商，由该单位主办".into() }
    }
}

/// To whom it must go: a consultation named them, or a leader approved it.
fn settled_on(waiting: &Waiting) -> Option<(&str, &[String])> {
    let named = waiting.named.as_ref().map(|n| (n.lead.as_str(), n.assists.as_slice()));
    named.or_else(|| waiting.opinion.as_ref().map(|o| (o.lead.as_str(), o.assists.as_slice())))
}
