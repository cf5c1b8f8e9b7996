//! Proves that nothing was changed: the chain of the journal is whole, and folding it gives every row that is kept of each ticket.

use std::collections::BTreeSet;

use jiesu_domain::ticket::{Attached, Event, Meta, Ticket, evolve};
use jiesu_store::{AttachmentRow, ChainReport, KeyError, Store, StoreError, TicketWithBody};

use super::project;

/// Tickets read at once.
const CHUNK: u32 = 200;
/// Faults told at most.
const TOLD: usize = 20;

/// The result.
#[derive(Debug)]
pub struct VerifyReport {
    pub chain: ChainReport,
    /// Tickets whose rows were compared.
    pub tickets: u64,
    /// What does not fit, ticket by ticket; at most 20 are told.
    pub faults: Vec<String>,
}

impl VerifyReport {
    pub fn holds(&self) -> bool {
        self.chain.fault.is_none() && self.faults.is_empty()
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
    let mut report = VerifyReport { chain, tickets: 0, faults: Vec::new() };
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
        let chunk = store.tickets_to_verify(jurisdiction, after.as_deref(), CHUNK).await?;
        let Some((last, _)) = chunk.last() else { return Ok(report) };
        after = Some(last.ticket.clone());
        for (head, body) in chunk {
            let number = head.ticket.clone();
            let faults = match body {
                None => vec![format!("{number}：工单内容打不开，被改动过或移动过")],
                Some(body) => match compare(store, jurisdiction, &TicketWithBody { head, body }).await {
                    Err(StoreError::Key { source: KeyError::Damaged, .. }) => {
                        vec![format!("{number}：日志或附件名打不开，内容或密钥被改动过")]
                    }
                    compared => compared?,
                },
            };
            report.tickets += 1;
            if report.faults.len() < TOLD {
                report.faults.extend(faults);
            }
        }
        progress(report.tickets, 0);
    }
}

/// What is wrong with a ticket that was erased: its entries cannot be read any more, but for the one that says so. The chain over them was
/// checked before; what is left must be what that entry leaves.
async fn erased(store: &Store, jurisdiction: &str, row: &TicketWithBody) -> Result<Vec<String>, StoreError> {
    let number = &row.head.ticket;
    let journal = store.journal(jurisdiction, number).await?;
    let last = journal.iter().rfind(|e| e.version <= row.head.version);
    let event = last.and_then(|e| serde_json::from_str::<Event>(e.payload.as_deref()?).ok());
    let Some(Event::Erased(why)) = event else {
        return Ok(vec![format!("{number}：日志的密钥不在了，却没有销毁的记录")]);
    };
    let Ok(left) = serde_json::from_str::<Ticket>(&row.body) else {
        return Ok(vec![format!("{number}：销毁后留下的内容读不懂")]);
    };
    let mut faults = Vec::new();
    let mut check = |what: &str, same: bool| {
        if !same {
            faults.push(format!("{number}：销毁后的{what}与日志不一致"));
        }
    };
    check("记录", left.erased.as_ref() == Some(&why));
    check("版本", i64::from(left.version) == row.head.version);
    check("内容", left.is_forgotten());
    check("列表各栏", project::row(&left) == row.head.row);
    Ok(faults)
}

/// Names and the virus scan's verdict stand in the rows alone.
fn same_files(ticket: &Ticket, rows: &[AttachmentRow]) -> bool {
    let of_row = |r: &AttachmentRow| (u32::try_from(r.file), r.media.clone(), u64::try_from(r.size), r.sm3.clone());
    let of_ticket = |f: &Attached| (Ok(f.no), f.media.clone(), Ok(f.size), f.sm3.clone());
    rows.iter().map(of_row).eq(ticket.files.iter().map(of_ticket))
}

/// What differs between a ticket's rows and its journal. Names columns, never their contents.
async fn compare(store: &Store, jurisdiction: &str, row: &TicketWithBody) -> Result<Vec<String>, StoreError> {
    let number = &row.head.ticket;
    let mut ticket: Option<Ticket> = None;
    for entry in store.journal(jurisdiction, number).await? {
        if entry.version > row.head.version {
            break; // appended since the row was read
        }
        let Some(payload) = entry.payload else { return erased(store, jurisdiction, row).await };
        let meta = Meta { at: entry.at, by: entry.actor.clone() };
        let event: Event = match serde_json::from_str(&payload) {
            Ok(event) => event,
            Err(e) => return Ok(vec![format!("{number}：第{}条日志读不懂（第{}字节处）", entry.version, e.column())]),
        };
        ticket = match evolve(ticket, &meta, &event) {
            Ok(ticket) => Some(ticket),
            Err(e) => return Ok(vec![format!("{number}：第{}条日志与工单不符（{e}）", entry.version)]),
        };
    }
    let Some(ticket) = ticket else { return Ok(vec![format!("{number}：没有日志")]) };
    let mut faults = Vec::new();
    let mut check = |what: &str, same: bool| {
        if !same {
            faults.push(format!("{number}：{what}与日志推得的不一致"));
        }
    };
    check("版本", i64::from(ticket.version) == row.head.version);
    check("工单内容", project::body(&ticket) == row.body);
    check("工单列表各栏", project::row(&ticket) == row.head.row);
    // Side tables are read after the row; a ticket that moved on meanwhile is left to the next run.
    if store.ticket(jurisdiction, number).await?.is_some_and(|now| now.head.version == row.head.version) {
        let sorted = |v: Vec<(String, String)>| v.into_iter().collect::<BTreeSet<_>>();
        check("承办单位", sorted(store.ticket_units(jurisdiction, number).await?) == sorted(project::units(&ticket)));
        if !ticket.files.is_empty() {
            check("附件", same_files(&ticket, &store.attachments(jurisdiction, number).await?));
        }
    }
    Ok(faults)
}
