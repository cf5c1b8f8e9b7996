//! What must never be, said a second time and without `decide`: each event is held against the ticket before it and the rulebook. Random
//! lives, the model check and the simulated year all ask here, so that no order of commands gets round a rule.

use jiesu_domain::{
    Actor, Instant, Role, Rulebook,
    clock::{Clock, ClockKind, ClockStatus},
    rulebook::{Again, AtMost, ExtensionBy, Late, Pending, RateFrom, UnitKind},
    ticket::{Action, Event, Finding, LedgerState, Reply, Stage, Ticket, Units, Work},
    words::Contact,
};

/// Where an event happens.
pub struct Scene<'s> {
    pub book: &'s Rulebook,
    pub units: &'s Units,
    pub actor: &'s Actor,
    pub now: Instant,
}

type Verdict = Result<(), String>;

fn must(holds: bool, what: &str) -> Verdict {
    if holds { Ok(()) } else { Err(what.to_owned()) }
}

/// Whether this event may follow on this ticket.
pub fn allows(before: &Ticket, event: &Event, scene: &Scene<'_>) -> Verdict {
    must(
        !matches!(before.stage, Stage::Archived { .. })
            || matches!(event, Event::Held { .. } | Event::HoldLifted { .. }),
        "a file that is archived changes",
    )?;
    at_desk(before, event, scene)?;
    match work(before) {
        Some(work) => in_hand(before, work, event, scene)?,
        None => must(!needs_work(event), "handling without a dispatch")?,
    }
    afterwards(before, event, scene)?;
    clocks(before, event)
}

fn work(ticket: &Ticket) -> Option<&Work> {
    if let Stage::Working(work) = &ticket.stage { Some(work) } else { None }
}

fn needs_work(event: &Event) -> bool {
    matches!(
        event,
        Event::Signed { .. }
            | Event::ReturnAsked { .. }
            | Event::ReturnApproved { .. }
            | Event::ExtensionAsked { .. }
            | Event::ExtensionGranted { .. }
            | Event::ReplyDrafted { .. }
            | Event::ReplyAudited { .. }
            | Event::ClosureAsked(_)
            | Event::Closed(_)
            | Event::AssistDelivered { .. }
            | Event::Whistled { .. }
    )
}

fn at_desk(before: &Ticket, event: &Event, scene: &Scene<'_>) -> Verdict {
    let Event::Dispatched { lead, assists, call, bound, .. } = event else { return Ok(()) };
    let (book, units) = (scene.book, scene.units);
    let Stage::Registered(waiting) = &before.stage else {
        return Err("dispatched from elsewhere than the desk".into());
    };
    must(waiting.referral.is_none(), "dispatched while its acceptance is being judged")?;
    must(waiting.consultation.is_none(), "dispatched in the middle of a consultation")?;
    let kind = units.get(lead).map(|u| u.kind);
    must(kind.is_some_and(|k| !book.dispatch.never_lead.contains(&k) && k != UnitKind::Centre), "such a unit leads")?;
    must(units.get(lead).is_some_and(|u| u.active), "a unit that is gone leads")?;
    must(!assists.contains(lead), "the lead assists itself")?;
    if let Some(named) = &waiting.named
        && book.consultation.as_ref().is_some_and(|c| c.binding)
    {
        must(named.lead == *lead && *bound, "another unit than the consultation named")?;
    }
    if let Some(rule) = &book.approval {
        let needed = rule.when.iter().any(|m| {
            (!m.major || before.major.is_some())
                && (!m.difficult || before.difficult.is_some())
                && (!m.several_units || !assists.is_empty())
        });
        let approved = waiting.opinion.as_ref().is_some_and(|o| o.approved.is_some() && o.lead == *lead);
        must(!needed || approved, "dispatched without the leader's approval")?;
    }
    must(!before.urgent || !book.emergency.call_recorded || call.is_some(), "an emergency without a call")
}

fn in_hand(before: &Ticket, work: &Work, event: &Event, scene: &Scene<'_>) -> Verdict {
    let book = scene.book;
    match event {
        Event::ReturnAsked { .. } => returning(before, work, scene),
        Event::ReturnApproved { .. } => must(work.returning.is_some(), "a return nobody asked for"),
        Event::ExtensionAsked { days, .. } => extension_asked(before, work, *days, scene),
        Event::ExtensionGranted { .. } => {
            must(work.extension.is_some(), "an extension nobody asked for")?;
            let by_unit = scene.actor.role.of_unit();
            let notice = book.extension.iter().any(|r| r.by == ExtensionBy::Notice);
            must(!by_unit || notice, "a unit grants itself more time")
        }
        Event::ReplyAudited { .. } => audited(before, work, scene),
        Event::ClosureAsked(asked) => {
            must(matches!(work.reply, Reply::Audited { .. }), "closure before the reply")?;
            let ground = book.closure_ground.iter().find(|g| g.id == asked.ground);
            let ground = ground.ok_or("closed on a ground that is not there")?;
            must(!ground.long_term || work.long_term.is_some(), "a long matter without measures and date")?;
            must(!ground.explained || work.contacts.iter().any(|c| c.explained), "not explained")
        }
        Event::Closed(_) => {
            must(work.closing.is_some(), "closed without an application")?;
            must(!scene.actor.role.of_unit(), "a unit closes its own ticket")
        }
        Event::ContactRecorded { .. } => {
            let may =
                !before.confidential || book.confidential.unit_may_contact || scene.actor.role == Role::FollowUpClerk;
            must(may, "a unit speaks with an appellant it must not know")
        }
        _ => Ok(()),
    }
}

fn returning(before: &Ticket, work: &Work, scene: &Scene<'_>) -> Verdict {
    let rule = &scene.book.returns;
    must(!work.bound, "gives back what a consultation gave it")?;
    must(work.round == 1, "gives back a redo")?;
    must(!matches!(work.reply, Reply::Audited { .. }), "gives back what it has answered")?;
    let opened = work.return_opened.is_some();
    must(work.returns_refused == 0 || opened || rule.again == Again::Free, "a second return that is barred")?;
    let of_lead = |c: &&Clock| {
        c.kind == ClockKind::Return && c.unit.as_deref() == Some(&work.lead.unit) && c.from >= work.dispatched_at
    };
    let window = before.clocks.iter().rev().find(of_lead);
    let open = window.is_some_and(|c| scene.now < c.due);
    must(open || opened, "returned after the window")?;
    must(rule.late != Late::Accepted || open || work.returns_refused > 0, "returned after it counted as accepted")
}

fn extension_asked(before: &Ticket, work: &Work, days: u32, scene: &Scene<'_>) -> Verdict {
    let subject = jiesu_domain::rulebook::Subject {
        kind: Some(before.kind),
        urgent: before.urgent,
        difficult: before.difficult.is_some(),
        contacts: before.contacts(),
        redo: work.round > 1,
    };
    let rule = scene.book.extension_for(&subject).ok_or("extended without a rule")?;
    must(work.extensions < rule.times, "extended more often than allowed")?;
    let clock = before.open_clock(ClockKind::Handle, None).ok_or("extended without a limit")?;
    must(!clock.passed(scene.now), "extended after expiry")?;
    match rule.at_most {
        AtMost::Days(most) => must(days <= most, "longer than allowed"),
        AtMost::OriginalLimit => must(days <= clock.amount.n.max(1), "longer than the original limit"),
    }
}

fn audited(before: &Ticket, work: &Work, scene: &Scene<'_>) -> Verdict {
    let book = scene.book;
    must(matches!(work.reply, Reply::Draft { .. }), "locks what was not drafted")?;
    must(scene.actor.role == Role::UnitLeader, "somebody else than the leader signs")?;
    let unit_speaks = !before.confidential || book.confidential.unit_may_contact;
    if let Some(rule) = book.contact.as_ref().filter(|r| r.before_reply && unit_speaks) {
        let now = || work.contacts.iter().filter(|c| c.at >= work.dispatched_at);
        let calls = now().filter(|c| c.by == Contact::Phone && !c.reached).count();
        must(now().any(|c| c.reached) || calls >= rule.calls as usize, "replied without a contact")?;
    }
    let waiting = book.dispatch.lead_waits && work.assists.iter().any(|a| a.result.is_none());
    let late = |unit: &str| {
        before
            .clocks
            .iter()
            .any(|c| c.kind == ClockKind::Assist && c.unit.as_deref() == Some(unit) && c.open() && scene.now >= c.due)
    };
    let all_late = work.assists.iter().filter(|a| a.result.is_none()).all(|a| late(&a.unit));
    must(!waiting || all_late, "replied before the assists")?;
    if book.reply.every_point {
        let answered = before.points.len() == work.answers.len() && work.answers.iter().all(|a| !a.is_empty());
        must(answered, "a point is not answered")?;
    }
    Ok(())
}

fn afterwards(before: &Ticket, event: &Event, scene: &Scene<'_>) -> Verdict {
    let book = scene.book;
    match event {
        Event::Rated { appeal, .. } => {
            let early = book.follow_up.from == RateFrom::Reply
                && work(before).is_some_and(|w| matches!(w.reply, Reply::Audited { .. }));
            let closed = matches!(before.stage, Stage::Closed(_) | Stage::Checking(_));
            must(closed || early, "rated before there is anything to rate")?;
            must(before.rating_now(*appeal).is_none(), "rated twice")?;
            must(before.appeals.iter().any(|a| a.no == *appeal && !a.withdrawn), "rated by nobody")
        }
        Event::RatingVerified { verdict, .. } => {
            must(matches!(before.stage, Stage::Checking(_)), "verified without a rating")?;
            let listed = match verdict.finding {
                Finding::UnitFault => book.redo_ground.iter().map(|g| &g.id).collect::<Vec<_>>(),
                Finding::NoFault => book.no_redo.iter().map(|g| &g.id).collect(),
                Finding::Exempt => Vec::new(),
            };
            let named = verdict.ground.as_ref();
            must(listed.is_empty() || named.is_some_and(|g| listed.contains(&g)), "no ground that the text lists")?;
            must((verdict.finding == Finding::Exempt) == verdict.exempt.is_some(), "exempt without a ground")
        }
        Event::Redone { .. } => {
            let fault =
                |r: &jiesu_domain::ticket::Rating| r.verdict.as_ref().is_some_and(|v| v.finding == Finding::UnitFault);
            must(before.ratings.iter().any(fault), "redone without a fault that was verified")
        }
        Event::Archived => {
            must(before.unsettled().is_none(), "archived with something unsettled")?;
            let open: Vec<ClockKind> = before.clocks.iter().filter(|c| c.open()).map(|c| c.kind).collect();
            must(open.is_empty(), &format!("archived with open clocks {open:?}"))
        }
        Event::SupervisionOpened { no, .. } => {
            let entry = before.supervision.iter().find(|e| e.no == *no).ok_or("an entry that is not there")?;
            must(entry.state == LedgerState::Proposed, "opened twice")?;
            let rule = book.supervise.iter().find(|r| r.id == entry.ground);
            let judged = rule.is_none_or(|r| !r.fault_needed) || scene.actor.role != Role::System;
            must(judged, "the machine found a fault")
        }
        Event::ConductConfirmed { .. } | Event::ConductDismissed { .. } | Event::SupervisionDismissed { .. } => Ok(()),
        Event::ExclusionDecided { no, .. } => {
            let asked = before.exclusions.iter().find(|e| e.no == *no).ok_or("an exclusion that is not there")?;
            must(asked.reviewed_by.as_deref() != Some(&scene.actor.id), "the reviewer decides the appeal")
        }
        _ => Ok(()),
    }
}

/// A clock once done stays done; a pause only takes time out, and moving on never brings a due instant nearer.
fn clocks(before: &Ticket, event: &Event) -> Verdict {
    let clock = |id: &u32| before.clocks.iter().find(|c| c.id == *id).ok_or("a clock that is not there");
    match event {
        Event::ClockMet { clock: id, .. } | Event::ClockVoid { clock: id } => must(clock(id)?.open(), "done twice"),
        Event::ClockPaused { clock: id } => must(clock(id)?.status == ClockStatus::Running, "paused while it stands"),
        Event::ClockResumed { clock: id, due, .. } => {
            must(matches!(clock(id)?.status, ClockStatus::Paused { .. }), "goes on without a pause")?;
            must(*due >= clock(id)?.due, "a pause made the limit shorter")
        }
        Event::ClockExtended { clock: id, due, .. } => must(*due > clock(id)?.due, "an extension made it shorter"),
        Event::ClockLengthened { clock: id, due, .. } => must(*due > clock(id)?.due, "a longer limit is shorter"),
        _ => Ok(()),
    }
}

/// Review time counts where the text says so, and only there.
pub fn pauses_only_by_rule(ticket: &Ticket, book: &Rulebook) -> Verdict {
    let may = book.returns.pending == Pending::Paused
        || book.supplement.as_ref().is_some_and(|s| s.pending == Pending::Paused);
    let paused = |c: &Clock| matches!(c.status, ClockStatus::Paused { .. }) || !c.pauses.is_empty();
    must(may || !ticket.clocks.iter().any(paused), "a clock stands that the text lets run")
}

/// Actions that bring a ticket nearer to its end, so that somebody who may do one is responsible for it.
pub fn moves(action: Action) -> bool {
    use Action as A;
    !action.of_system()
        && !matches!(
            action,
            A::Register
                | A::AttachAppeal
                | A::LinkEarlier
                | A::MarkDifficult
                | A::MarkMajor
                | A::HandOver
                | A::RecordContact
                | A::ProposeSupervision
                | A::OpenReturn
                | A::AskExtension
                | A::DeclareLonger
                | A::RecordMalicious
                | A::ReportRisk
                | A::AssignInside
                | A::Whistle
                | A::RateByText
                | A::Hold
                | A::LiftHold
                | A::Urge
                | A::RecordInstruction
                | A::MarkMedia
                | A::RecordConduct
                | A::AskExclusion
                | A::ReportUp
                | A::Supplement
                | A::Withdraw
        )
}

/// Each stage has the one clock that says whose turn it is.
pub fn clocks_fit_the_stage(ticket: &Ticket) -> Verdict {
    let state = ticket.state();
    let open = |kind| ticket.clocks.iter().filter(|c| c.kind == kind && c.open()).count();
    let turn = match &ticket.stage {
        Stage::Registered(w) if w.referral.is_some() => ClockKind::Referral,
        Stage::Registered(w) if w.consultation.is_some() => ClockKind::Consultation,
        Stage::Registered(w) if w.opinion.as_ref().is_some_and(|o| o.approved.is_none()) => ClockKind::Approval,
        Stage::Registered(_) => ClockKind::Dispatch,
        Stage::Working(_) => ClockKind::Handle,
        Stage::Closed(_) => ClockKind::FollowUp,
        Stage::Checking(_) => ClockKind::Verify,
        Stage::Transferred { result: None, .. } => ClockKind::Transfer,
        _ => ClockKind::Archive,
    };
    let turns = [
        ClockKind::Dispatch,
        ClockKind::Referral,
        ClockKind::Approval,
        ClockKind::Handle,
        ClockKind::Verify,
        ClockKind::Transfer,
        ClockKind::Archive,
    ];
    let over = matches!(ticket.stage, Stage::Archived { .. });
    for kind in turns.into_iter().filter(|_| !over) {
        let wanted = usize::from(kind == turn);
        if open(kind) != wanted {
            return Err(format!("{state}: {} clocks {kind} open, not {wanted}", open(kind)));
        }
    }
    // While one rating is verified others may still be asked.
    let asking = matches!(ticket.stage, Stage::Closed(_) | Stage::Checking(_));
    let asked = open(ClockKind::FollowUp);
    let least = usize::from(matches!(ticket.stage, Stage::Closed(_)));
    must((least..=usize::from(asking)).contains(&asked), "the follow-up has a clock too many or none")?;
    let tracking = ticket.closed().is_some_and(|c| c.tracking);
    must(open(ClockKind::Track) == usize::from(tracking), "tracked without a clock, or the other way round")?;
    match &ticket.stage {
        Stage::Working(work) => requests_have_clocks(ticket, work),
        _ => Ok(()),
    }
}

/// What a unit has applied for has the clock of whoever decides it, and nothing else has.
fn requests_have_clocks(ticket: &Ticket, work: &Work) -> Verdict {
    let reviews = [
        (ClockKind::ReturnReview, work.returning.is_some() && work.consultation.is_none()),
        (ClockKind::Consultation, work.consultation.is_some()),
        (ClockKind::Supplement, work.supplement.is_some() && work.closing.is_none()),
        (ClockKind::ExtensionReview, work.extension.is_some()),
        (ClockKind::ClosureReview, work.closing.is_some()),
    ];
    for (kind, asked) in reviews {
        let open = ticket.open_clock(kind, None).is_some();
        if open != asked {
            return Err(format!("{}: clock {kind}: {open}, asked: {asked}", ticket.state()));
        }
    }
    let held = ticket.clocks.iter().any(|c| c.status == ClockStatus::Held);
    must(held == work.closing.is_some(), "a clock is held without an application to close, or the other way round")
}

/// A clock runs only for a unit whose duty it is: nobody is late with what somebody else has to do.
pub fn clocks_fit_the_units(ticket: &Ticket) -> Verdict {
    let work = work(ticket);
    let lead = |unit: &str| work.filter(|w| w.lead.unit == unit);
    let assist = |unit: &str| work.and_then(|w| w.assists.iter().find(|a| a.unit == unit));
    for clock in ticket.clocks.iter().filter(|c| c.open()) {
        let Some(unit) = clock.unit.as_deref() else { continue };
        let owed = match clock.kind {
            ClockKind::Handle | ClockKind::Return => lead(unit).is_some(),
            ClockKind::Sign => {
                let to_sign = assist(unit).is_some_and(|a| a.signed_at.is_none() && a.whistle.is_none());
                lead(unit).is_some_and(|w| w.lead.signed_at.is_none()) || to_sign
            }
            ClockKind::Assist => assist(unit).is_some_and(|a| a.result.is_none()),
            ClockKind::ReportIn => assist(unit).is_some_and(|a| a.signed_at.is_none() && a.whistle.is_some()),
            ClockKind::Urging => lead(unit).is_some() || assist(unit).is_some(),
            _ => true,
        };
        if !owed {
            return Err(format!("{}: clock {} runs for {unit}, who does not owe it", ticket.state(), clock.kind));
        }
        let twice = |c: &&Clock| c.open() && c.kind == clock.kind && c.unit == clock.unit;
        let one = matches!(clock.kind, ClockKind::Urging | ClockKind::Rectify);
        if !one && ticket.clocks.iter().filter(twice).count() > 1 {
            return Err(format!("{}: two clocks {} run for {unit}", ticket.state(), clock.kind));
        }
    }
    Ok(())
}
