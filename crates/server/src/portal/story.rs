//! What happened, told to one appellant from the journal: true, in plain words, and only what is theirs to know. Reasons that units give
//! each other, notes of staff, and whatever concerns another appellant are left out.

use jiesu_domain::{
    Instant,
    calendar::Day,
    clock::ClockKind,
    describe,
    rulebook::Rulebook,
    ticket::{Event, Finding, Imported, Reply, Stage, Ticket, Units, Verdict},
};

use crate::view::ground_name;

/// Told where no line of the ticket that they came from says it.
pub(super) const JOINED_HERE: &str = "您的诉求与同一事项的另一件并在一起办理。";

/// A line of the story.
#[derive(Debug)]
pub(super) struct Entry {
    /// For `datetime`.
    pub iso: String,
    pub at: String,
    pub text: String,
    /// Something said in somebody's own words: an answer, a reason, a comment.
    pub quote: Option<String>,
    /// A limit was missed.
    pub late: bool,
}

/// Tells the journal to the appellant of appeal `no`. `events` are in the order of the journal.
pub(super) fn story(
    ticket: &Ticket,
    no: u32,
    events: &[(Instant, Event)],
    book: &Rulebook,
    units: &Units,
    now: Instant,
) -> Vec<Entry> {
    let mut teller = Teller { ticket, no, events, book, units, lead: String::new() };
    let mut out = Vec::new();
    for (i, (at, event)) in events.iter().enumerate() {
        if let Event::Imported(history) = event {
            out.extend(teller.imported(history, now));
        } else if let Some(said) = teller.told(i, event) {
            out.push(entry(teller.moment(*at, event), said, now));
        }
        // What happens after they took it back is no longer theirs.
        if matches!(event, Event::AppealWithdrawn { appeal, .. } if *appeal == no) {
            break;
        }
    }
    out
}

/// Words, and what is quoted.
struct Said {
    text: String,
    quote: Option<String>,
    late: bool,
}

fn said(text: impl Into<String>) -> Option<Said> {
    Some(Said { text: text.into(), quote: None, late: false })
}

fn quoting(text: impl Into<String>, quote: &str) -> Option<Said> {
    let quote = Some(quote.trim().to_owned()).filter(|q| !q.is_empty());
    Some(Said { text: text.into(), quote, late: false })
}

fn missed(text: impl Into<String>) -> Option<Said> {
    Some(Said { text: text.into(), quote: None, late: true })
}

fn entry(at: Instant, said: Said, now: Instant) -> Entry {
    let full = describe::instant_words(at);
    let same_year = Day::of(at).date().year() == Day::of(now).date().year();
    let words = full.split_once('年').filter(|_| same_year).map_or(full.as_str(), |(_, rest)| rest).to_owned();
    Entry { iso: describe::shanghai(at), at: words, text: said.text, quote: said.quote, late: said.late }
}

struct Teller<'a> {
    ticket: &'a Ticket,
    no: u32,
    events: &'a [(Instant, Event)],
    book: &'a Rulebook,
    units: &'a Units,
    /// The lead at this point of the story.
    lead: String,
}

impl<'a> Teller<'a> {
    /// Nobody else's appeal hangs on the ticket, so that what is said of "the appellant" is said of this one.
    fn alone(&self) -> bool {
        self.ticket.appeals.len() == 1
    }

    fn list(&self, ids: &[String]) -> String {
        ids.iter().map(|u| self.unit(u)).collect::<Vec<_>>().join("、")
    }

    fn unit(&self, id: &str) -> String {
        self.units.get(id).map_or_else(|| id.to_owned(), |u| u.name.clone())
    }

    /// When it happened to the appellant: an imported appeal was received long before it was written down here.
    fn moment(&self, at: Instant, event: &Event) -> Instant {
        match event {
            Event::Registered(r) => r.appeal.received_at,
            _ => at,
        }
    }

    fn told(&mut self, i: usize, event: &'a Event) -> Option<Said> {
        match event {
            Event::ClockExpired { .. } | Event::ClockRecounted { .. } => self.of_clock(i, event),
            _ => self.of_intake(event).or_else(|| self.of_handling(i, event)).or_else(|| self.of_follow_up(i, event)),
        }
    }

    fn of_intake(&mut self, event: &Event) -> Option<Said> {
        match event {
            Event::Registered(r) if self.no == 1 => said(format!("您的诉求已登记（{}）。", r.appeal.channel)),
            Event::AppealAttached { appeal } if appeal.no == self.no && appeal.from.is_some() => said(JOINED_HERE),
            Event::AppealAttached { appeal } if appeal.no == self.no => {
                let text = format!("您的诉求已登记（{}），与同一事项一并办理。", appeal.channel);
                quoting(text, appeal.note.as_deref().unwrap_or_default())
            }
            Event::MarkedDifficult { .. } => said("热线中心把这一事项列为疑难、复杂事项。"),
            Event::MarkedMajor { .. } => said("热线中心把这一事项列为重大事项。"),
            Event::ReferredUp { .. } => said("热线中心正在认定这一事项是否属于受理范围。"),
            Event::Accepted { .. } => said("热线中心认定这一事项属于受理范围。"),
            Event::Refused(_) => said("热线中心没有受理，并说明了理由。"),
            Event::AnsweredAtOnce(_) if self.ticket.kind.dispatchable() => said("热线中心直接答复了您。"),
            Event::AnsweredAtOnce(_) => said("热线中心已记录。"),
            Event::HandedOver(call) => said(format!("热线中心已电话通知{}。", call.to)),
            Event::PassedOn(call) => said(format!("热线中心已转给{}处理。", call.to)),
            Event::JoinedTo { number, .. } => said(format!("与编号{number}并在一起办理。")),
            Event::AppealWithdrawn { appeal, reason } if *appeal == self.no => quoting("您撤回了诉求。", reason),
            Event::Transferred { to, .. } => {
                self.lead = to.clone();
                said(format!("已转{to}办理。"))
            }
            Event::TakenBack { .. } => said("对方没有接收，热线中心重新安排办理。"),
            // The result stands on top of the page.
            Event::TransferEnded { .. } => said(format!("{}有了办理结果。", self.lead)),
            Event::ConsultationAsked(_) => said("正在会同有关方面研究由哪个部门办理。"),
            Event::ConsultationConcluded(named) => said(format!("研究确定由{}办理。", self.unit(&named.lead))),
            Event::OpinionSubmitted(_) => said("热线中心提出了办理意见，报请审定。"),
            Event::OpinionApproved { .. } => said("办理意见已审定。"),
            _ => None,
        }
    }

    fn of_handling(&mut self, i: usize, event: &'a Event) -> Option<Said> {
        match event {
            Event::Dispatched { lead, assists, .. } => {
                self.lead = self.unit(lead);
                let with = if assists.is_empty() { String::new() } else { format!("，{}协办", self.list(assists)) };
                said(format!("已派给{}办理{with}{}。", self.lead, self.until(i)))
            }
            Event::Signed { unit } => said(format!("{}已签收。", self.unit(unit))),
            Event::Whistled { by, units, .. } => said(format!("{}请{}一同办理。", self.unit(by), self.list(units))),
            Event::ReportedIn { unit } => said(format!("{}已参加办理。", self.unit(unit))),
            Event::Raised { to, .. } => {
                self.lead = self.unit(to);
                said(format!("改由{}主办{}。", self.lead, self.until(i)))
            }
            // Why a unit thinks that it is not its duty is between it and the centre.
            Event::ReturnApproved { .. } => said("原承办单位认为不属其职责，正在重新确定承办单位。"),
            Event::ExtensionGranted { days, reason, .. } => {
                let more = self.ticket.extension_days(*days, self.book);
                let text = format!("办理时限延长{more}{}。", self.until(i));
                let reason = if reason.is_empty() { self.asked(i) } else { reason };
                quoting(text, &if reason.is_empty() { String::new() } else { format!("延期理由：{reason}") })
            }
            Event::LongerDeclared { reason } => {
                quoting(format!("承办单位声明延长办理{}。", self.until(i)), &format!("延长理由：{reason}"))
            }
            Event::ContactRecorded { by, reached, unit, .. } if self.alone() => {
                let who = if self.ticket.confidential { "热线中心".to_owned() } else { self.unit(unit) };
                said(format!("{who}通过{by}联系您，{}。", reached_words(*reached)))
            }
            Event::SupplementAsked { .. } => said("承办单位请热线中心向您了解更多情况。"),
            Event::Supplemented { .. } => said("情况已补充，继续办理。"),
            Event::ReportedUp { unit, to, .. } => said(format!("{}已报请{to}协调。", self.unit(unit))),
            Event::ReplyAudited { unit, text, .. } => {
                // The answer that holds stands on top of the page.
                let holds =
                    matches!(self.ticket.work().map(|w| &w.reply), Some(Reply::Audited { text: t, .. }) if t == text);
                quoting(format!("{}答复了您。", self.unit(unit)), if holds { "" } else { text })
            }
            Event::ReplyRelayed { by, reached, .. } if self.alone() => {
                said(format!("热线中心通过{by}向您转告答复，{}。", reached_words(*reached)))
            }
            Event::ReplyReopened { .. } => said("承办单位正在更正、补充上面的答复。"),
            Event::ClosureAsked(_) => said("承办单位申请办结，由热线中心审核。"),
            Event::ClosureRefused { .. } => said("热线中心审核后没有同意办结，要求继续办理。"),
            Event::Closed(request) => {
                said(format!("热线中心审核后办结：{}。", ground_name(&request.name, &request.ground)))
            }
            Event::SupervisionOpened { .. } => said("热线中心已将这件事的办理情况列入督办。"),
            Event::Urged(urging) => said(format!("已催促{}尽快办理。", self.unit(&urging.unit))),
            _ => None,
        }
    }

    /// What concerns another appellant is not told.
    fn of_follow_up(&self, i: usize, event: &Event) -> Option<Said> {
        match event {
            Event::FollowUpTried { by, reached, appeal, .. } if *appeal == self.no => {
                said(format!("热线中心通过{by}回访您，{}。", reached_words(*reached)))
            }
            Event::Rated { result, comment, appeal, .. } if *appeal == self.no => {
                quoting(format!("您的评价：{result}。"), comment)
            }
            Event::RatingKept { appeal, .. } if *appeal == self.no => {
                said("又收到您的一条评价，已留存；以首次评价为准。")
            }
            Event::RatingUnclear { appeal, .. } if *appeal == self.no => said("没有看懂您发来的评价，已请您重新回复。"),
            Event::RatingVerified { verdict, appeal, .. } if *appeal == self.no => said(self.verified(verdict)),
            Event::Redone { .. } => said(format!("由{}重新办理{}。", self.lead, self.until(i))),
            Event::FollowUpEnded { .. } if self.in_vain(i) => said("多次回访没有接通，回访结束。"),
            Event::TrackingStarted => said("这件事还没有彻底解决，热线中心继续跟踪督办。"),
            Event::TrackingEnded { note, .. } => quoting("热线中心跟踪督办有了结果。", note),
            Event::Settled(_) => said("热线中心审核后，这一事项不再重新办理。"),
            Event::Archived if !matches!(self.ticket.stage_in_archive(), Stage::Imported(_)) => said("已归档。"),
            _ => None,
        }
    }

    /// This appellant was called since the last closure, and has not rated.
    fn in_vain(&self, i: usize) -> bool {
        let since = self.events[..i].iter().rev().take_while(|(_, e)| !matches!(e, Event::Closed(_)));
        let (mut called, mut rated) = (false, false);
        for (_, event) in since {
            match event {
                Event::FollowUpTried { appeal, .. } => called |= *appeal == self.no,
                Event::Rated { appeal, .. } => rated |= *appeal == self.no,
                _ => {}
            }
        }
        called && !rated
    }

    /// The reason that the last application before this one gave: old journals keep it there only.
    fn asked(&self, i: usize) -> &'a str {
        let asked = |(_, e): &'a (Instant, Event)| match e {
            Event::ExtensionAsked { reason, .. } => Some(reason.as_str()),
            _ => None,
        };
        self.events[..i].iter().rev().find_map(asked).unwrap_or_default()
    }

    fn of_clock(&self, i: usize, event: &Event) -> Option<Said> {
        let clock = |id: u32| self.ticket.clocks.iter().find(|c| c.id == id);
        match event {
            Event::ClockExpired { clock: id } => {
                let clock = clock(*id)?;
                let unit = clock.unit.as_ref().map_or_else(|| "承办单位".to_owned(), |u| self.unit(u));
                let due = describe::due_words(self.due_then(i, *id).unwrap_or(clock.due));
                match clock.kind {
                    ClockKind::Dispatch => missed(format!("热线中心没有在{due}前派出。")),
                    ClockKind::Sign => missed(format!("{unit}没有在{due}前签收。")),
                    ClockKind::Transfer => missed(format!("{}没有在{due}前办结。", self.lead)),
                    ClockKind::Handle => missed(format!("{unit}没有在{due}前办结。")),
                    ClockKind::Verify if self.unsatisfied() => missed(format!("热线中心没有在{due}前核实完您的评价。")),
                    _ => None,
                }
            }
            Event::ClockRecounted { clock: id, due, .. } if clock(*id)?.kind == ClockKind::Handle => {
                said(format!("放假通知公布后重新计算，应在{}前答复您。", describe::due_words(*due)))
            }
            _ => None,
        }
    }

    /// The due instant of a clock as it stood at this point of the story; an extension granted later moved it on.
    fn due_then(&self, i: usize, id: u32) -> Option<Instant> {
        self.events[..i].iter().rev().find_map(|(_, e)| match e {
            Event::ClockStarted(c) if c.id == id => Some(c.due),
            Event::ClockExtended { clock, due, .. }
            | Event::ClockLengthened { clock, due, .. }
            | Event::ClockResumed { clock, due, .. }
            | Event::ClockRecounted { clock, due, .. }
                if *clock == id =>
            {
                Some(*due)
            }
            _ => None,
        })
    }

    /// `，应在5月11日24时前答复您`: the handling limit that the same command set.
    fn until(&self, i: usize) -> String {
        let (at, _) = self.events[i];
        let same =
            self.events[i + 1..].iter().take_while(|(then, e)| *then == at && !matches!(e, Event::Dispatched { .. }));
        let handle = |id: u32| self.ticket.clocks.iter().any(|c| c.id == id && c.kind == ClockKind::Handle);
        let due = same.into_iter().find_map(|(_, e)| match e {
            Event::ClockStarted(c) if c.kind == ClockKind::Handle => Some(c.due),
            Event::ClockExtended { clock, due, .. } | Event::ClockLengthened { clock, due, .. } if handle(*clock) => {
                Some(*due)
            }
            _ => None,
        });
        due.map_or_else(String::new, |due| format!("，应在{}前答复您", describe::due_words(due)))
    }

    /// What another system had done before.
    fn imported(&self, history: &Imported, now: Instant) -> Vec<Entry> {
        let unit = history.unit.as_deref().unwrap_or("承办单位");
        let sent = history.assigned_at.map(|at| (at, format!("已派给{unit}办理。")));
        let replied = history.replied_at.map(|at| (at, format!("{unit}答复了您。")));
        let told = |(at, text)| entry(at, Said { text, quote: None, late: false }, now);
        sent.into_iter().chain(replied).map(told).collect()
    }

    /// This appellant said at some time that it was not good: then the verification is of what they said.
    fn unsatisfied(&self) -> bool {
        self.ticket.ratings.iter().any(|r| r.appeal == self.no && !r.result.is_satisfied())
    }

    fn verified(&self, verdict: &Verdict) -> String {
        let named = |id: &String| self.book.exempt.iter().find(|e| &e.id == id).map(|e| e.name.as_str());
        match (verdict.finding, verdict.exempt.as_ref().and_then(named)) {
            (Finding::UnitFault, _) => "热线中心核实了您的评价，认定属承办单位责任。".into(),
            (_, Some(ground)) => format!("热线中心核实了您的评价：{ground}。"),
            _ => "热线中心核实了您的评价，认定不属承办单位责任。".into(),
        }
    }
}

fn reached_words(reached: bool) -> &'static str {
    if reached { "已联系上" } else { "没有接通" }
}
