//! Proves that nothing was changed: the chains of both journals are whole and pass through every anchor, and folding the tickets' journal
//! gives every row that is kept of each ticket.

use std::collections::BTreeSet;

use jiesu_domain::ticket::{Event, Meta, Ticket, evolve};
use jiesu_store::{ChainReport, JournalEntry, Store, StoreError, WholeTicket};

use super::project;
use crate::evidence::{self, Held};

/// Tickets read at once.
const CHUNK: u32 = 200;
/// Faults told at most.
const TOLD: usize = 20;

/// The result.
#[derive(Debug)]
pub struct VerifyReport {
    pub chain: ChainReport,
    /// The audit journal.
    pub audit: ChainReport,
    /// The journal of the knowledge base.
    pub knowledge: ChainReport,
    pub anchors: Held,
    /// Tickets whose rows were compared.
    pub tickets: u64,
    /// What does not fit, ticket by ticket; at most 20 are told.
    pub faults: Vec<String>,
}

impl VerifyReport {
    pub fn holds(&self) -> bool {
        let chains = [&self.chain, &self.audit, &self.knowledge].iter().all(|chain| chain.fault.is_none());
        chains && self.anchors.faults.is_empty() && self.faults.is_empty()
    }
}

/// Verifies a jurisdiction. `progress` hears journal entries done and in all, then tickets done (in all = 0: not known).
///
/// # Errors
/// The store failed; what is found wrong is in the report.
pub async fn verify(
    store: &Store,
    jurisdiction: &str,
    mut progress: impl FnMut(u64, u64) + Send,
) -> Result<VerifyReport, StoreError> {
    let chain = store.verify_chain(jurisdiction, &mut progress).await?;
    let audit = store.verify_audit(jurisdiction, &mut progress).await?;
    let anchors = evidence::hold(store, jurisdiction).await?;
    let knowledge = store.verify_knowledge(jurisdiction).await?;
    let mut faults = super::knowledge_check::faults(store, jurisdiction).await?;
    faults.truncate(TOLD);
    for table in store.verify_indices().await? {
        faults.push(format!("数据文件中 {table} 表的索引与各行不一致"));
    }
    let mut report = VerifyReport { chain, audit, knowledge, anchors, tickets: 0, faults };
    let cells = store.tally_faults(jurisdiction).await?;
    if let Some(cell) = cells.first() {
        let unit = if cell.unit.is_empty() { "（未派）" } else { &cell.unit };
        let what = format!("{unit}、{}、{}等{}格", cell.kind, cell.state, cells.len());
        report.faults.push(format!("统计数与工单不符：{what}"));
    }
    for number in store.tickets_listed_otherwise(jurisdiction, TOLD as u32).await? {
        report.faults.push(format!("{number}：承办单位的列表各栏与工单不一致"));
    }
    let mut after: Option<String> = None;
    loop {
        let chunk = store.tickets_whole(jurisdiction, after.as_deref(), CHUNK).await?;
        let Some(last) = chunk.last() else { return Ok(report) };
        after = Some(last.head.ticket.clone());
        for whole in &chunk {
            report.tickets += 1;
            let faults = compare(whole);
            if report.faults.len() < TOLD {
                report.faults.extend(faults);
            }
        }
        progress(report.tickets, 0);
    }
}

/// The ticket as its journal tells it, or what cannot be understood of it.
fn fold(entries: &[JournalEntry]) -> Result<Option<Ticket>, String> {
    let mut ticket: Option<Ticket> = None;
    for entry in entries {
        let meta = Meta { at: entry.at, by: entry.actor.clone() };
        let event: Event = serde_json::from_str(entry.payload.as_deref().unwrap_or_default())
            .map_err(|e| format!("第{}条日志读不懂（第{}字节处）", entry.version, e.column()))?;
        let next = evolve(ticket, &meta, &event);
        ticket = Some(next.map_err(|e| format!("第{}条日志与工单不符（{e}）", entry.version))?);
    }
    Ok(ticket)
}

/// What is wrong with a ticket that was erased: its entries cannot be read any more, but for the one that says so. The chain over them was
/// checked before; what is left must be what that entry leaves.
fn erased(whole: &WholeTicket, journal: &[JournalEntry], body: &str) -> Vec<String> {
    let number = &whole.head.ticket;
    let event = journal.last().and_then(|e| serde_json::from_str::<Event>(e.payload.as_deref()?).ok());
    let Some(Event::Erased(why)) = event else {
        return vec![format!("{number}：日志的密钥不在了，却没有销毁的记录")];
    };
    let Ok(left) = serde_json::from_str::<Ticket>(body) else {
        return vec![format!("{number}：销毁后留下的内容读不懂")];
    };
    let mut faults = Vec::new();
    let mut check = |what: &str, same: bool| {
        if !same {
            faults.push(format!("{number}：销毁后的{what}与日志不一致"));
        }
    };
    check("记录", left.erased.as_ref() == Some(&why));
    check("版本", i64::from(left.version) == whole.head.version);
    check("内容", left.is_forgotten());
    check("列表各栏", project::row(&left) == whole.head.row);
    faults
}

/// What differs between a ticket's rows and its journal. Names columns, never their contents.
fn compare(whole: &WholeTicket) -> Vec<String> {
    let WholeTicket { head, body, journal, units, .. } = whole;
    let number = &head.ticket;
    let Some(body) = body else { return vec![format!("{number}：工单内容打不开，被改动过或移动过")] };
    let Some(journal) = journal else {
        return vec![format!("{number}：日志打不开，内容或密钥被改动过")];
    };
    if journal.iter().any(|entry| entry.payload.is_none()) {
        return erased(whole, journal, body);
    }
    let ticket = match fold(journal) {
        Ok(Some(ticket)) => ticket,
        Ok(None) => return vec![format!("{number}：没有日志")],
        Err(what) => return vec![format!("{number}：{what}")],
    };
    let mut faults = Vec::new();
    let mut check = |what: &str, same: bool| {
        if !same {
            faults.push(format!("{number}：{what}与日志推得的不一致"));
        }
    };
    check("版本", i64::from(ticket.version) == head.version);
    check("更新时间", journal.last().is_some_and(|last| last.at == head.updated_at));
    check("工单内容", project::body(&ticket) == *body);
    check("工单列表各栏", project::row(&ticket) == head.row);
    let units: BTreeSet<_> = units.iter().cloned().collect();
    check("承办单位", units == project::units(&ticket).into_iter().collect());
    check("附件", same_files(&ticket, whole));
    check("诉求", same_appeals(&ticket, whole));
    faults
}

/// Names and the virus scan's verdict stand in the rows alone.
fn same_files(ticket: &Ticket, whole: &WholeTicket) -> bool {
    let of_row = whole.files.iter().map(|r| (u32::try_from(r.file), &r.media, u64::try_from(r.size), &r.sm3));
    of_row.eq(ticket.files.iter().map(|f| (Ok(f.no), &f.media, Ok(f.size), &f.sm3)))
}

/// Who appealed, and their query codes, stand in the rows alone.
fn same_appeals(ticket: &Ticket, whole: &WholeTicket) -> bool {
    let micro = |at: jiesu_domain::Instant| at.as_microsecond();
    let of_rows: BTreeSet<_> = whole.appeals.iter().map(|(no, c, at)| (no.clone(), c.as_str(), micro(*at))).collect();
    let told = ticket.appeals.iter().map(|a| (a.no.to_string(), a.channel.code(), micro(a.received_at)));
    of_rows == told.collect()
}
