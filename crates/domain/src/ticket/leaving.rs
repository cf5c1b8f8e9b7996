//! Ways off the desk that are no refusal: the appellant takes it back, another city or level takes it; and what is reported elsewhere.

use super::{
    Action, Ctx, Event, Malicious, Refusal, Stage, Ticket, Told,
    deciding::{Deciding, text},
    intake,
};
use crate::{
    clock::ClockKind,
    rulebook::{choices, chosen},
};

const NOTE_MOST: usize = intake::NOTE_MOST;

pub(super) fn ready(ticket: &Ticket, action: Action, ctx: &Ctx<'_>) -> Result<(), Refusal> {
    let book = ctx.rulebook;
    let unknown = |what: &str| Err(Refusal::not_now("not-in-this-rulebook", format!("本办法没有规定{what}")));
    match action {
        Action::Withdraw if book.withdrawal.is_none() => unknown("诉求撤回"),
        Action::Withdraw => match ticket.stage {
            Stage::Registered { .. } | Stage::Working(_) | Stage::Transferred { result: None, .. } => Ok(()),
            _ => Err(Refusal::not_now("too-late-to-withdraw", "工单已办结，不能再撤回")),
        },
        Action::RecordMalicious if book.malicious.is_empty() => unknown("恶意来电的处理"),
        Action::RecordMalicious => Ok(()),
        Action::ReferMalicious if !ticket.malicious.iter().any(|m| m.referred.is_none()) => {
            Err(Refusal::not_now("nothing-to-refer", "没有可移交的恶意来电记录"))
        }
        Action::ReferMalicious => Ok(()),
        Action::ReportRisk if book.risk.is_none() => unknown("风险报告"),
        Action::ReportRisk => Ok(()),
        Action::Transfer if book.transfer.is_none() => unknown("向其他地区或层级转办"),
        Action::Transfer => intake::at_desk(ticket, action, ctx),
        _ => match ticket.stage {
            Stage::Transferred { result: None, .. } => Ok(()),
            _ => Err(Refusal::not_now("not-transferred", "工单没有转往其他地区或层级")),
        },
    }
}

pub(super) fn withdraw(d: &mut Deciding<'_>, appeal: Option<u32>, reason: &str) -> Result<(), Refusal> {
    let reason = text("reason", "撤回的理由", reason, NOTE_MOST)?;
    let appeal = which_appeal(d.ticket()?, appeal)?;
    d.push(Event::AppealWithdrawn { appeal, reason: reason.clone() })?;
    if d.ticket()?.standing_appeals().next().is_some() {
        return Ok(());
    }
    // A rectification that was ordered is owed to the centre, not to the appellant.
    let open = d.ticket()?.clocks.iter().filter(|c| c.open() && c.kind != ClockKind::Rectify);
    let open: Vec<u32> = open.map(|c| c.id).collect();
    open.into_iter().try_for_each(|clock| d.void_clock(clock))?;
    d.push(Event::Withdrawn { reason })?;
    d.start(ClockKind::Archive, None)
}

/// The appeal meant: the named one, or the only one.
pub(super) fn which_appeal(ticket: &Ticket, named: Option<u32>) -> Result<u32, Refusal> {
    let standing: Vec<u32> = ticket.standing_appeals().map(|a| a.no).collect();
    match (named, standing.as_slice()) {
        (Some(no), all) if all.contains(&no) => Ok(no),
        (Some(_), _) => Err(Refusal::input("appeal", "本工单没有这一诉求，或已撤回")),
        (None, [only]) => Ok(*only),
        (None, _) => Err(Refusal::input("appeal", "本工单有多个诉求，请写明是哪一个")),
    }
}

pub(super) fn record_malicious(
    d: &mut Deciding<'_>,
    conduct: &str,
    note: &str,
    evidence: &[String],
) -> Result<(), Refusal> {
    let book = d.ctx.rulebook;
    let Some(rule) = chosen(&book.malicious, conduct) else {
        return Err(Refusal::input("conduct", format!("请选择情形：{}", choices(&book.malicious))));
    };
    let note = text("note", "情况说明", note, NOTE_MOST)?;
    let shown: Vec<String> = evidence.iter().map(|e| e.trim().to_owned()).filter(|e| !e.is_empty()).collect();
    if shown.is_empty() || shown.len() > 50 || shown.iter().any(|e| e.chars().count() > 500) {
        let message = "请列明证据（录音、通话记录、文字），1至50项，每项不超过500字";
        return Err(Refusal { field: Some("evidence"), ..Refusal::rule("evidence-needed", message, book, rule) });
    }
    if rule.after_reply && !d.ticket()?.standing.values().any(|s| s.replied && !s.open) {
        let message = "须先认定与已依法办结并书面答复的工单为同一事项";
        return d.refuse("not-replied-before", message, rule);
    }
    let no = d.ticket()?.malicious.len() as u32 + 1;
    let (conduct, name, basis) = (rule.id.clone(), rule.name.clone(), book.basis(rule));
    d.push(Event::MaliciousRecorded(Malicious { no, conduct, name, note, evidence: shown, basis, referred: None }))
}

pub(super) fn refer_malicious(d: &mut Deciding<'_>, no: u32, to: &str, note: &str) -> Result<(), Refusal> {
    let book = d.ctx.rulebook;
    let Some(record) = d.ticket()?.malicious.iter().find(|m| m.no == no && m.referred.is_none()) else {
        return Err(Refusal::input("no", "没有这一未移交的记录"));
    };
    let rule = book.malicious.iter().find(|m| m.id == record.conduct);
    if let Some(rule) = rule.filter(|r| !r.refer) {
        return d.refuse("only-recorded", "本办法只规定记录，没有规定移交", rule);
    }
    let to = text("to", "移交的公安机关", to, 100)?;
    let note = text("note", "移交说明", note, NOTE_MOST)?;
    d.push(Event::MaliciousReferred { no, to, note })
}

pub(super) fn report_risk(d: &mut Deciding<'_>, to: &str, what: &str) -> Result<(), Refusal> {
    let to = text("to", "报告对象", to, 100)?;
    let text = text("text", "风险情况", what, NOTE_MOST)?;
    d.push(Event::RiskReported(Told { who: to, text, at: d.ctx.now }))
}

pub(super) fn transfer(d: &mut Deciding<'_>, to: &str, reason: &str) -> Result<(), Refusal> {
    let to = text("to", "转往的热线或部门", to, 100)?;
    let reason = text("reason", "转办的理由", reason, NOTE_MOST)?;
    d.met(ClockKind::Dispatch, None)?;
    d.void(&[ClockKind::Referral, ClockKind::Consultation, ClockKind::Approval])?;
    d.push(Event::Transferred { to, reason })?;
    d.start(ClockKind::Transfer, None)
}

pub(super) fn take_back(d: &mut Deciding<'_>, reason: &str) -> Result<(), Refusal> {
    let reason = text("reason", "退回的理由", reason, NOTE_MOST)?;
    d.void(&[ClockKind::Transfer])?;
    d.push(Event::TakenBack { reason })?;
    d.start(ClockKind::Dispatch, None)
}

pub(super) fn end_transfer(d: &mut Deciding<'_>, result: &str) -> Result<(), Refusal> {
    let result = text("result", "对方的办理结果（将告知诉求人）", result, 5_000)?;
    d.met(ClockKind::Transfer, None)?;
    d.push(Event::TransferEnded { result })?;
    d.start(ClockKind::Archive, None)
}
