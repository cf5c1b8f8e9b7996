//! What people write when they act: mostly what the rules ask for, now and then something that must be refused.

use jiesu_domain::{
    calendar::Day,
    rulebook::UnitKind,
    ticket::{
        Action, Command, Ctx, Dispatch, Finding, Help, LongTerm, Rate, SpecialLimit, Stage, Ticket, Waiting, Work,
    },
    words::{Contact, Satisfaction},
};

use super::{
    city::City,
    duties::to_ask,
    phone::Mood,
    rng::Rng,
    sample,
    support::{call, review_closure, review_extension, review_return},
};

pub struct Speaker<'s> {
    pub city: &'s City,
    pub rng: &'s mut Rng,
    pub ticket: &'s Ticket,
    pub ctx: &'s Ctx<'s>,
    /// Another ticket's number.
    pub near: Option<String>,
}

fn text() -> String {
    "情况属实".to_owned()
}

impl Speaker<'_> {
    /// The command for an action; `None`: nothing to say.
    pub fn say(&mut self, action: Action) -> Option<Command> {
        // Now and then somebody fills in the form without care.
        if self.rng.odds(100) && !matches!(action, Action::LinkEarlier | Action::JoinTo) {
            return Some(self.something(action));
        }
        let said = match self.at_desk(action)? {
            Some(command) => Some(command),
            None => match self.in_hand(action)? {
                Some(command) => Some(command),
                None => self.watching(action)?,
            },
        };
        Some(said.unwrap_or_else(|| self.something(action)))
    }

    /// The desk's; the inner `None`: another's.
    fn at_desk(&mut self, action: Action) -> Option<Option<Command>> {
        use Action as A;
        Some(Some(match action {
            A::Dispatch => Command::Dispatch(self.dispatch()),
            A::Refuse => self.refuse()?,
            A::AnswerAtOnce => self.answer(),
            A::HandOver => Command::HandOver { call: call(), ends: self.rng.odds(2_500) },
            A::LinkEarlier => Command::LinkEarlier { number: self.near.take()?, note: text() },
            A::JoinTo => Command::JoinTo { number: self.near.take()?, reason: text() },
            A::Withdraw => {
                let standing: Vec<u32> = self.ticket.standing_appeals().map(|a| a.no).collect();
                Command::Withdraw { appeal: Some(*self.rng.pick(&standing)), reason: text() }
            }
            A::ConcludeConsultation => self.conclude(),
            A::SubmitOpinion => {
                let Dispatch { lead, assists, .. } = self.dispatch();
                Command::SubmitOpinion { opinion: text(), lead, assists }
            }
            A::ReviewOpinion => Command::ReviewOpinion { approve: self.rng.odds(8_500), note: text() },
            A::Raise => Command::Raise { to: self.rng.pick(&self.city.superiors).clone(), reason: text() },
            _ => return Some(None),
        }))
    }

    /// The units', and of those who judge what they ask for; the inner `None`: another's.
    fn in_hand(&mut self, action: Action) -> Option<Option<Command>> {
        use Action as A;
        Some(Some(match action {
            A::Whistle => self.whistle(),
            A::AskReturn => self.ask_return(),
            A::ReviewReturn => {
                // The third time round somebody puts a stop to it.
                let tired = self.ticket.returned_by.len() > 2;
                review_return(self.rng.odds(if tired { 1_000 } else { 6_500 }))
            }
            A::ReviewExtension => review_extension(self.rng.odds(8_000)),
            A::ReviewClosure => review_closure(self.rng.odds(8_800)),
            A::RecordContact => {
                let reached = self.rng.odds(7_500);
                let explained = reached && self.rng.odds(6_000);
                Command::RecordContact { by: Contact::Phone, reached, explained, note: text() }
            }
            A::RelayReply => Command::RelayReply { by: Contact::Phone, reached: self.rng.odds(7_500), note: text() },
            A::DraftReply => self.reply(),
            A::AskClosure => self.ask_closure(self.ticket.work()?)?,
            A::FollowUp => self.follow_up()?,
            A::VerifyRating => self.verify(),
            A::AskSettlement => {
                let settles = self.city.book.no_redo.iter().find(|g| g.settles)?;
                Command::AskSettlement { ground: settles.id.clone(), proof: text(), opinion: text() }
            }
            A::DeliverAssist => Command::DeliverAssist { text: text(), explanation: Some(text()) },
            A::AuditReply => Command::AuditReply { without_assists: Some("协办单位逾期".into()) },
            A::JudgeWhistle => self.judge(self.ticket.work()?)?,
            _ => return Some(None),
        }))
    }

    /// One of the samples that are tried for this action.
    fn something(&mut self, action: Action) -> Command {
        let inputs = sample::inputs(action, self.ticket, self.ctx);
        self.rng.pick(&inputs).clone()
    }

    fn lead(&mut self) -> String {
        let redirect = self.ticket.returned_by.last().and_then(|r| r.redirect.as_ref());
        let back = redirect.filter(|to| self.city.leads.contains(to));
        match back {
            Some(to) if self.rng.odds(8_000) => to.clone(),
            _ => self.rng.pick(&self.city.leads).clone(),
        }
    }

    fn assists(&mut self, lead: &str) -> Vec<String> {
        let mut assists = Vec::new();
        while assists.len() < 3 && self.rng.odds(1_600) {
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
        let note = "按法定职责派发".to_owned();
        let new_facts = self.ticket.standing.values().any(|s| s.settled.is_some()).then(|| "有新情况".to_owned());
        let call = self.ticket.urgent.then(call);
        let to = Dispatch { note, new_facts, call, ..Dispatch::default() };
        if let Some((lead, assists)) = waiting.and_then(settled_on) {
            return Dispatch { lead: lead.to_owned(), assists: assists.to_vec(), ..to };
        }
        let to = if self.rng.odds(5_000) { self.by_catalogue(to) } else { to };
        let lead = if to.lead.is_empty() { self.lead() } else { to.lead };
        let assists = if to.assists.is_empty() { self.assists(&lead) } else { to.assists };
        let several = self.rng.odds(1_500);
        let points = if several { vec!["修路灯".to_owned(), "赔偿".to_owned()] } else { Vec::new() };
        let special = (self.city.book.special_law.is_some() && self.rng.odds(200)).then(|| SpecialLimit {
            limit: "20 working days".parse().expect("an amount"),
            law: "某条例第三十条".into(),
        });
        let within = (!assists.is_empty() && self.rng.odds(1_000)).then(|| jiesu_domain::Amount::working_days(3));
        Dispatch { lead, assists, points, special, assists_within: within, ..to }
    }

    /// As the catalogue says, if it has something for this sort of appeal.
    fn by_catalogue(&mut self, to: Dispatch) -> Dispatch {
        let Some(catalogue) = &self.city.catalogue else { return to };
        let entry = self.rng.pick(&catalogue.entry);
        let (lead, assists, office) = entry.units_at(self.ticket.place.as_deref());
        let known = |unit: &str| self.city.leads.iter().any(|u| u == unit);
        let town = self.city.units.get(lead).is_some_and(|u| u.kind == UnitKind::Town);
        if entry.kind.is_some_and(|k| k != self.ticket.kind) || !known(lead) || (town && entry.not_to_towns) {
            return to;
        }
        let assists = assists.into_iter().filter(|a| known(a)).map(str::to_owned).collect();
        Dispatch {
            lead: lead.to_owned(),
            assists,
            entry: Some(entry.id.clone()),
            office: office.map(str::to_owned),
            ..to
        }
    }

    fn refuse(&mut self) -> Option<Command> {
        let t = self.ticket;
        let settled = t.standing.values().any(|s| s.settled.is_some());
        let fits = |c: &&jiesu_domain::rulebook::RefusalClass| {
            (!c.names_earlier || !t.earlier.is_empty()) && (!c.settled || settled)
        };
        let classes: Vec<_> = self.city.book.refusal.iter().filter(fits).collect();
        if classes.is_empty() {
            return None;
        }
        let class = self.rng.pick(&classes);
        let by = class.help.first().copied().unwrap_or(jiesu_domain::ticket::HelpKind::Explained);
        let help = Help { by, to: "市中级人民法院立案庭".into() };
        Some(Command::Refuse { class: class.id.clone(), explanation: text(), help })
    }

    fn answer(&mut self) -> Command {
        let settled = self.ticket.standing.iter().find(|(_, s)| s.settled.is_some());
        let by_opinion_of = settled.map(|(number, _)| number.clone());
        Command::AnswerAtOnce { answer: text(), entry: Some("ZS-1".into()), by_opinion_of }
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
        Command::ConcludeConsultation { lead, assists, opinion: text() }
    }

    fn whistle(&mut self) -> Command {
        let unit = self.rng.pick(&self.city.leads).clone();
        let others = self.assists(&unit);
        let units: Vec<String> = std::iter::once(unit).chain(others).collect();
        Command::Whistle { units, matter: text() }
    }

    fn judge(&mut self, work: &Work) -> Option<Command> {
        let judged = |a: &&jiesu_domain::ticket::Assist| a.whistle.as_ref().is_some_and(|w| w.judged.is_none());
        let unit = work.assists.iter().find(judged)?.unit.clone();
        Some(Command::JudgeWhistle { unit, answered: self.rng.odds(8_000), note: text() })
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

    fn reply(&mut self) -> Command {
        let t = self.ticket;
        let excuse = !t.returned_by.is_empty() && self.rng.odds(1_000);
        let said = if excuse { "不属本单位职责范围内的事项。" } else { "" };
        let year = Day::of(self.ctx.now).date().year();
        let long_term =
            self.rng.odds(1_500).then(|| LongTerm {
                measures: "列入年度改造计划".into(),
                expected: jiff::civil::date(year + 1, 12, 31),
            });
        let answers = t.points.iter().map(|_| text()).collect();
        Command::DraftReply { text: said.to_owned() + &sample::good_reply(), answers, long_term }
    }

    /// On a ground whose conditions hold; which one is a matter of taste.
    fn ask_closure(&mut self, work: &Work) -> Option<Command> {
        let explained = work.contacts.iter().any(|c| c.explained);
        let holds = |g: &&jiesu_domain::rulebook::ClosureGround| {
            (!g.long_term || work.long_term.is_some()) && (!g.explained || explained)
        };
        let grounds: Vec<_> = self.city.book.closure_ground.iter().filter(holds).collect();
        let usual = *grounds.first()?;
        let ground = if self.rng.odds(7_000) { usual } else { self.rng.pick(&grounds) }.id.clone();
        Some(Command::AskClosure { ground, statement: text() })
    }

    fn follow_up(&mut self) -> Option<Command> {
        let no = *self.rng.pick(&to_ask(self.ticket, self.ctx.rulebook).collect::<Vec<_>>());
        let appeal = self.ticket.appeals.iter().find(|a| a.no == no)?;
        let tried = self.ticket.closed()?.attempts.iter().any(|a| a.appeal == no);
        let by = if tried || self.rng.odds(200) { Contact::Phone } else { appeal.follow_up_by };
        let mood = Mood::of(self.ticket, no);
        let reached = self.rng.odds(if mood == Mood::Away { 1_000 } else { 8_000 });
        let rating = (reached && self.rng.odds(8_500)).then(|| self.rate(no, mood));
        Some(Command::FollowUp { appeal: Some(no), by, reached, note: String::new(), rating })
    }

    pub fn rate(&mut self, no: u32, mood: Mood) -> Rate {
        let result = mood.rates(self.rng, self.ticket.redos);
        let attitude = Some(if result.is_satisfied() { Satisfaction::Satisfied } else { result });
        Rate { appeal: Some(no), result, attitude, solved: Some(result.is_satisfied()), comment: String::new() }
    }

    fn verify(&mut self) -> Command {
        let book = &self.city.book;
        let finding = match self.rng.below(10) {
            _ if self.ticket.redos > 3 => Finding::NoFault,
            0..=4 => Finding::UnitFault,
            5..=8 => Finding::NoFault,
            _ => Finding::Exempt,
        };
        let (mut ground, mut exempt) = (None, None);
        match finding {
            Finding::UnitFault if !book.redo_ground.is_empty() => {
                ground = Some(self.rng.pick(&book.redo_ground).id.clone());
            }
            Finding::NoFault if !book.no_redo.is_empty() => ground = Some(self.rng.pick(&book.no_redo).id.clone()),
            Finding::Exempt if !book.exempt.is_empty() => exempt = Some(self.rng.pick(&book.exempt).id.clone()),
            _ => {}
        }
        Command::VerifyRating { appeal: None, finding, ground, exempt, reason: text() }
    }
}

/// To whom it must go: a consultation named them, or a leader approved it.
fn settled_on(waiting: &Waiting) -> Option<(&str, &[String])> {
    let named = waiting.named.as_ref().map(|n| (n.lead.as_str(), n.assists.as_slice()));
    named.or_else(|| waiting.opinion.as_ref().map(|o| (o.lead.as_str(), o.assists.as_slice())))
}
