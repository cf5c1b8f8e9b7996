//! What a ticket stands on that another version does not have, so that it could not be as it is under it.

use crate::{
    rulebook::{Listed, Rulebook},
    ticket::{
        Closed, ConductState, Ctx, Exclusion, ExclusionState, LedgerEntry, LedgerState, Stage, Ticket, Waiting, Work,
        subject,
    },
};

/// Everything in words; names are those of the rulebook, never what a person wrote.
pub(super) fn of(ticket: &Ticket, other: &Ctx<'_>) -> Vec<String> {
    let mut found = Found { book: other.rulebook, list: Vec::new() };
    match &ticket.stage {
        Stage::Registered(waiting) => {
            found.taken(ticket);
            found.waiting(waiting);
        }
        Stage::Working(work) => {
            found.taken(ticket);
            found.work(ticket, work, other);
        }
        Stage::Closed(closed) | Stage::Checking(closed) | Stage::Concluded(closed) => {
            found.taken(ticket);
            found.closed(closed);
        }
        Stage::Transferred { result: None, .. } => {
            found.without("转其他地区", found.book.transfer.is_some());
        }
        Stage::Refused(refused) => found.listed("不予受理情形", &found.book.refusal, &refused.class),
        _ => {}
    }
    found.afterwards(ticket);
    found.list
}

struct Found<'b> {
    book: &'b Rulebook,
    list: Vec<String>,
}

impl Found<'_> {
    fn add(&mut self, what: impl Into<String>) {
        let what = what.into();
        if !self.list.contains(&what) {
            self.list.push(what);
        }
    }

    /// What is going on is a power or a duty that the other version does not know.
    fn without(&mut self, what: &str, known: bool) {
        if !known {
            self.add(format!("新版没有规定{what}"));
        }
    }

    fn listed<R: Listed>(&mut self, what: &str, list: &[R], id: &str) {
        if !list.iter().any(|rule| rule.id() == id) {
            self.add(format!("新版没有{what}“{id}”"));
        }
    }

    fn taken(&mut self, ticket: &Ticket) {
        if !self.book.accept.kinds.contains(&ticket.kind) {
            self.add(format!("新版不受理{}类诉求", ticket.kind));
        } else if ticket.urgent && !self.book.emergency.kinds.contains(&ticket.kind) {
            self.add(format!("新版的突发事件工单不含{}类", ticket.kind));
        }
    }

    fn waiting(&mut self, waiting: &Waiting) {
        if let Some(referral) = &waiting.referral
            && !self.book.referral.levels.contains(&referral.to)
        {
            self.add(format!("新版的逐级汇报不到{}", referral.to));
        }
        if waiting.consultation.is_some() || waiting.named.is_some() {
            self.without("派单前的会商", self.book.consultation.as_ref().is_some_and(|c| c.before_dispatch));
        }
        if waiting.opinion.is_some() {
            self.without("拟办意见的审定", self.book.approval.is_some());
        }
    }

    fn work(&mut self, ticket: &Ticket, work: &Work, other: &Ctx<'_>) {
        if let Some(lead) = other.units.get(&work.lead.unit)
            && self.book.dispatch.never_lead.contains(&lead.kind)
        {
            self.add(format!("新版的{}不能主办", lead.kind));
        }
        if work.consultation.is_some() {
            self.without("退单的会商", self.book.consultation.as_ref().is_some_and(|c| c.on_return));
        }
        if work.extension.is_some() {
            let rule = self.book.extension_for(&subject(ticket));
            self.without("这类工单的延期", rule.is_some_and(|rule| rule.times > 0));
        }
        if work.supplement.is_some() {
            self.without("补充核实", self.book.supplement.is_some());
        }
        if work.reported_up.is_some() {
            self.without("报请协调", self.book.report_up.is_some());
        }
        if work.assists.iter().any(|a| a.whistle.is_some()) {
            self.without("召集协同", self.book.whistle.is_some());
        }
        if let Some(closing) = &work.closing {
            self.listed("办结理由", &self.book.closure_ground, &closing.ground);
        }
    }

    fn closed(&mut self, closed: &Closed) {
        self.listed("办结理由", &self.book.closure_ground, &closed.ground);
        if let Some(settlement) = &closed.settlement {
            self.without("凭定案证明办结", self.book.settled.as_ref().is_some_and(|s| s.by_proof));
            self.listed("不再发回重办的情形", &self.book.no_redo, &settlement.ground);
        }
    }

    /// Supervision, conduct, exclusion and urging go on beside the handling.
    fn afterwards(&mut self, ticket: &Ticket) {
        let open = |e: &&LedgerEntry| !matches!(e.state, LedgerState::Ended { .. } | LedgerState::Dismissed { .. });
        for entry in ticket.supervision.iter().filter(open) {
            self.listed("督办情形", &self.book.supervise, &entry.ground);
            if let LedgerState::Measured { measure, .. } = &entry.state {
                self.listed("督办方式", &self.book.measure, measure);
            }
        }
        for conduct in ticket.conducts.iter().filter(|c| c.state == ConductState::Found) {
            self.listed("须记录的行为", &self.book.conduct, &conduct.conduct);
        }
        let asked = |e: &&Exclusion| matches!(e.state, ExclusionState::Asked | ExclusionState::Appealed);
        for exclusion in ticket.exclusions.iter().filter(asked) {
            self.without("申请不纳入考核", self.book.exclusion.is_some());
            self.listed("不纳入考核情形", &self.book.exempt, &exclusion.ground);
        }
        if ticket.urgings.iter().any(|u| u.answer.is_none()) {
            self.without("催办", self.book.urging.is_some());
        }
    }
}
