//! A month of accesses to personal data, counted and with the unusual first. It is told from the audit journal and the actors of the
//! tickets' journals alone: nothing in it says who appealed.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};

use jiesu_domain::{
    Instant,
    audit::ActKind,
    calendar::Day,
    privacy::{PersonField, Unusual},
};
use jiesu_store::{AuditEntry, StoreError};
use serde_json::Value;

use super::App;

/// What counts as one.
const KINDS: [ActKind; 3] = [ActKind::Revealed, ActKind::FileRead, ActKind::Exported];
/// Entries read at once, tickets asked about at once.
const ENTRIES: u32 = 2_000;
const TICKETS: usize = 500;
/// So many tickets of one person …
const MANY: usize = 10;
/// … within so many seconds are many in a row.
const ROW_SECONDS: i64 = 600;
/// Hours of the day that are night: from, and until.
const NIGHT: (i64, i64) = (22, 6);

/// One access.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Access {
    /// Position in the audit journal.
    pub seq: i64,
    pub at: Instant,
    pub who: String,
    pub role: String,
    /// The ticket's number; empty for an export.
    pub ticket: String,
    /// `电话`, `附件`, `导出12件`.
    pub what: String,
    pub reason: String,
    pub unusual: BTreeSet<Unusual>,
}

impl Access {
    /// `None`: an export without anything personal in it.
    fn of(AuditEntry { seq, entry, .. }: AuditEntry) -> Option<Access> {
        let detail: Value = serde_json::from_str(&entry.detail).unwrap_or_default();
        let (what, ticket) = match entry.kind.as_str() {
            "exported" if detail["personal"] != true => return None,
            "exported" => (format!("导出{}件", detail["tickets"]), String::new()),
            "file-read" => ("附件".to_owned(), entry.subject),
            _ => {
                let field = detail["field"].as_str().and_then(|code| code.parse::<PersonField>().ok());
                (field.map_or("全部信息", PersonField::zh).to_owned(), entry.subject)
            }
        };
        let (at, who, role, reason) = (entry.at, entry.who, entry.role, entry.reason);
        Some(Access { seq, at, who, role, ticket, what, reason, unusual: BTreeSet::new() })
    }

    /// The hour of the day in China, 0 to 23.
    pub fn hour(&self) -> usize {
        (Day::second_of_day(self.at) / 3600) as usize
    }
}

impl App {
    /// Every access to personal data from a time on and before another, in the order of the journal, each with what is unusual about it.
    ///
    /// # Errors
    /// The store failed.
    pub async fn accesses(&self, from: Instant, to: Instant) -> Result<Vec<Access>, StoreError> {
        let kinds = KINDS.map(ActKind::code);
        let (mut found, mut after) = (Vec::new(), 0);
        loop {
            let page = self.store.audit_of_kinds(&self.jurisdiction, &kinds, (from, to), after, ENTRIES).await?;
            let Some(last) = page.last() else { break };
            after = last.seq;
            found.extend(page.into_iter().filter_map(Access::of));
        }
        let tickets: BTreeSet<&String> = found.iter().map(|a| &a.ticket).filter(|t| !t.is_empty()).collect();
        let tickets: Vec<String> = tickets.into_iter().cloned().collect();
        let mut acted = BTreeSet::new();
        for some in tickets.chunks(TICKETS) {
            acted.extend(self.store.actors_of(&self.jurisdiction, some).await?);
        }
        judge(&mut found, &acted);
        Ok(found)
    }
}

/// Marks what is unusual. `acted`: who has an entry in the journal of which ticket, as pairs of ticket and account.
fn judge(accesses: &mut [Access], acted: &BTreeSet<(String, String)>) {
    for access in accesses.iter_mut() {
        let hour = access.hour() as i64;
        if hour >= NIGHT.0 || hour < NIGHT.1 {
            access.unusual.insert(Unusual::Night);
        }
        if !access.ticket.is_empty() && !acted.contains(&(access.ticket.clone(), access.who.clone())) {
            access.unusual.insert(Unusual::Unhandled);
        }
    }
    let mut of: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (n, access) in accesses.iter().enumerate().filter(|(_, access)| !access.ticket.is_empty()) {
        of.entry(access.who.clone()).or_default().push(n);
    }
    for of_one in of.into_values() {
        for n in in_a_row(accesses, of_one) {
            accesses[n].unusual.insert(Unusual::Many);
        }
    }
}

/// Those of one person's accesses that lie within a span with enough tickets in it.
fn in_a_row(accesses: &[Access], mut of_one: Vec<usize>) -> BTreeSet<usize> {
    of_one.sort_by_key(|n| (accesses[*n].at, accesses[*n].seq));
    let (mut span, mut tickets) = (VecDeque::new(), HashMap::<&str, usize>::new());
    let mut found = BTreeSet::new();
    for n in of_one {
        span.push_back(n);
        *tickets.entry(&accesses[n].ticket).or_default() += 1;
        while let Some(first) = span.front().copied()
            && accesses[n].at.as_second() - accesses[first].at.as_second() >= ROW_SECONDS
        {
            span.pop_front();
            let ticket = accesses[first].ticket.as_str();
            if let Some(times) = tickets.get_mut(ticket) {
                *times -= 1;
                if *times == 0 {
                    tickets.remove(ticket);
                }
            }
        }
        if tickets.len() >= MANY {
            found.extend(span.iter().copied());
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn access(seq: i64, time: &str, who: &str, ticket: &str) -> Access {
        let at = format!("2026-04-30T{time}+08:00").parse().unwrap();
        let (who, role, ticket) = (who.to_owned(), "seat".to_owned(), ticket.to_owned());
        Access { seq, at, who, role, ticket, what: "电话".into(), reason: "回访".into(), unusual: BTreeSet::new() }
    }

    fn judged(mut accesses: Vec<Access>) -> Vec<Vec<Unusual>> {
        let acted = accesses.iter().map(|a| (a.ticket.clone(), a.who.clone())).collect();
        judge(&mut accesses, &acted);
        accesses.into_iter().map(|a| a.unusual.into_iter().collect()).collect()
    }

    #[test]
    fn night_begins_at_ten_and_ends_at_six() {
        let times = ["21:59:59", "22:00:00", "00:00:00", "05:59:59", "06:00:00"];
        let accesses = times.iter().enumerate().map(|(n, t)| access(n as i64, t, "a", "T")).collect();
        let night: Vec<bool> = judged(accesses).iter().map(|u| u.contains(&Unusual::Night)).collect();
        assert_eq!(night, [false, true, true, true, false]);
    }

    #[test]
    fn ten_tickets_within_ten_minutes_are_many_and_nine_are_not() {
        let row = |tickets: usize, last: &str| {
            let mut all: Vec<Access> =
                (1..tickets).map(|n| access(n as i64, "09:00:00", "a", &format!("T{n}"))).collect();
            all.push(access(99, last, "a", "T99"));
            judged(all).iter().filter(|u| u.contains(&Unusual::Many)).count()
        };
        assert_eq!(row(9, "09:00:00"), 0);
        assert_eq!(row(10, "09:09:59"), 10);
        assert_eq!(row(10, "09:10:00"), 0, "ten minutes are over");
        // The fields of one ticket are one ticket; what others open is theirs.
        let fields = (0..30).map(|n| access(n, "09:00:00", "a", "T")).collect();
        assert!(judged(fields).iter().all(Vec::is_empty));
        let people = (0..30).map(|n| access(n, "09:00:00", &format!("p{}", n % 4), &format!("T{n}"))).collect();
        assert!(judged(people).iter().all(Vec::is_empty));
    }

    #[test]
    fn who_never_did_anything_on_a_ticket_is_told() {
        let mut accesses = vec![access(1, "09:00:00", "a", "T1"), access(2, "09:00:00", "b", "T1")];
        judge(&mut accesses, &BTreeSet::from([("T1".to_owned(), "a".to_owned())]));
        let unusual: Vec<Vec<Unusual>> = accesses.into_iter().map(|a| a.unusual.into_iter().collect()).collect();
        assert_eq!(unusual, [vec![], vec![Unusual::Unhandled]]);
    }
}
