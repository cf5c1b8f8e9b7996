//! Hot issues: now and then one process groups the tickets of the last weeks by matter, counts the persons of each, and keeps the numbers
//! (ADR 0018). What is kept has no text; titles are read off the tickets when somebody looks.

use std::{collections::BTreeMap, sync::Arc};

use jiesu_domain::{
    Instant,
    calendar::Day,
    persons,
    ticket::{Stage, Ticket},
};
use jiesu_store::{HotIssue, HotRun, OfAppellant, TicketWithBody};
use jiesu_text::matter::{Compared, Matter, heat, looked_at, titled};

use super::{
    App, ExecuteError,
    places::{Governing, Places},
};
use crate::aside::aside;

/// The spans that can be looked at, in days; the last one is the longest.
pub const SPANS: [i64; 3] = [7, 30, 90];
/// Tickets that are compared, the newest first: grouping them takes some seconds and some tens of megabytes (docs/text.md).
const COMPARED: usize = 20_000;
/// Issues that are kept of each span.
const KEPT: usize = 200;
/// Minutes after which they are looked for again.
const EVERY_MINUTES: i64 = 10;
/// Tickets read at once: requests wait for no more of them than that.
const PAGE: u32 = 50;

/// A ticket as far as it is counted.
struct Counted {
    number: String,
    /// With the place where it names none.
    title: String,
    /// As far as it is compared; nothing once it was.
    content: String,
    /// The units that govern the county and the street it names.
    governed_by: Governing,
    confidential: bool,
    /// It went on in another ticket.
    joined: bool,
    received_at: Instant,
    /// Tickets that a person found to be on the same matter.
    decided: Vec<String>,
    /// When each appeal was made that was made here, and by whom.
    contacts: Vec<(Instant, Vec<u64>)>,
}

impl Counted {
    /// Nothing of tickets that state no matter, or whose texts are gone.
    fn of(ticket: Ticket, appellants: &[OfAppellant], places: &Places) -> Option<Counted> {
        if !ticket.kind.dispatchable() || ticket.erased.is_some() {
            return None;
        }
        // An appeal that came with a joined ticket is counted there, where it was made.
        let made_here = |no: u32| ticket.appeals.iter().any(|a| a.no == no && a.from.is_none());
        let own = appellants.iter().filter(|a| a.ticket == ticket.number && made_here(a.appeal));
        let contacts = own.map(|a| (a.received_at, a.person.clone())).collect();
        let joined = match ticket.stage_in_archive() {
            Stage::Joined { number } => Some(number.clone()),
            _ => None,
        };
        let title = titled(&ticket.title, ticket.place.as_deref()).into_owned();
        Some(Counted {
            joined: joined.is_some(),
            decided: ticket.earlier.iter().cloned().chain(joined).collect(),
            received_at: ticket.appeals.first().map_or(ticket.registered_at, |a| a.received_at),
            governed_by: places.find([ticket.place.as_deref().unwrap_or_default(), &title, &ticket.content]),
            content: looked_at(&ticket.content).to_owned(),
            title,
            number: ticket.number,
            confidential: ticket.confidential,
            contacts,
        })
    }
}

/// Issues of one span, with what they are counted in.
struct Span {
    days: i64,
    first: Day,
}

impl App {
    /// Looks for hot issues, if it is time and no other process does. Whether it did.
    ///
    /// # Errors
    /// The store failed; the next time comes.
    pub async fn look_for_hot(&self, now: Instant) -> Result<bool, ExecuteError> {
        let since = now - jiff::SignedDuration::from_mins(EVERY_MINUTES);
        let not_yet = |run: HotRun| run.began_at > since && run.began_at <= now;
        if self.store.hot_run(&self.jurisdiction).await?.is_some_and(not_yet) {
            return Ok(false);
        }
        let _alone = self.big_work.lock().await;
        if !self.store.hot_begin(&self.jurisdiction, now, since).await? {
            return Ok(false);
        }
        let Some((tickets, left_out)) = self.to_compare(now).await? else {
            tracing::error!("tickets could not be read for hot issues");
            return Ok(false);
        };
        let compared = tickets.len() as i64;
        let Some(spans) = aside(move || all_spans(tickets, now)).await else { return Ok(false) };
        self.store.hot_put(&self.jurisdiction, now, (compared, left_out), &spans).await?;
        Ok(true)
    }

    /// The tickets of the longest span, the newest first, and whether there were more than are compared. `None`: a thread broke off.
    async fn to_compare(&self, now: Instant) -> Result<Option<(Vec<Counted>, bool)>, ExecuteError> {
        let (store, j) = (&self.store, &self.jurisdiction);
        let since = first_day(now, SPANS[SPANS.len() - 1]).start();
        let places = Arc::new(Places::of(self.units()));
        let (mut all, mut behind) = (Vec::new(), None);
        loop {
            let page = store.tickets_registered_since(j, since, behind.as_ref(), PAGE).await?;
            let Some(last) = page.last() else { return Ok(Some((all, false))) };
            behind = Some((last.head.row.registered_at, last.head.ticket.clone()));
            let numbers: Vec<String> = page.iter().map(|t| t.head.ticket.clone()).collect();
            let appellants = store.appellants(j, &numbers).await?;
            let places = places.clone();
            let counted = tokio::task::spawn_blocking(move || counted(&page, &appellants, &places)).await;
            let Ok(counted) = counted else { return Ok(None) };
            all.extend(counted?);
            if all.len() >= COMPARED {
                all.truncate(COMPARED);
                return Ok(Some((all, true)));
            }
        }
    }
}

/// A page of tickets as far as they are counted: what else is in them does not stay in memory.
fn counted(page: &[TicketWithBody], appellants: &[OfAppellant], places: &Places) -> Result<Vec<Counted>, ExecuteError> {
    let mut counted = Vec::new();
    for stored in page {
        let ticket: Ticket = serde_json::from_str(&stored.body).map_err(|e| ExecuteError::unreadable(&e))?;
        counted.extend(Counted::of(ticket, appellants, places));
    }
    Ok(counted)
}

/// The first day of a span that ends today.
fn first_day(now: Instant, days: i64) -> Day {
    Day(Day::of(now).0 - (days as i32 - 1))
}

/// The tickets are grouped once: what is one matter over three months is one matter this week.
fn all_spans(mut tickets: Vec<Counted>, now: Instant) -> Vec<(i64, Vec<HotIssue>)> {
    let compared = Compared::of(tickets.iter().map(|t| (t.title.as_str(), t.content.as_str())));
    tickets.iter_mut().for_each(|t| t.content = String::new());
    let groups = groups(&tickets, compared);
    let spans = SPANS.into_iter().map(|days| Span { days, first: first_day(now, days) });
    spans.map(|span| (span.days, span.issues(&tickets, &groups))).collect()
}

impl Span {
    fn issues(&self, tickets: &[Counted], groups: &[Group]) -> Vec<HotIssue> {
        let mut issues: Vec<HotIssue> = groups.iter().filter_map(|group| self.issue(tickets, group)).collect();
        issues.sort_by(|a, b| {
            b.heat.cmp(&a.heat).then(b.persons.cmp(&a.persons)).then(a.from.cmp(&b.from)).then(a.ticket.cmp(&b.ticket))
        });
        issues.truncate(KEPT);
        (1..).zip(&mut issues).for_each(|(rank, issue)| issue.rank = rank);
        issues
    }

    /// What of a matter lies in the span. What somebody brought alone and once is no issue.
    fn issue(&self, tickets: &[Counted], group: &Group) -> Option<HotIssue> {
        let since = self.first.start();
        let within = |t: &Counted| t.received_at >= since || t.contacts.iter().any(|(at, _)| *at >= since);
        let of: Vec<&Counted> = group.tickets.iter().map(|no| &tickets[*no]).filter(|t| within(t)).collect();
        let contacts = || of.iter().flat_map(|t| &t.contacts).filter(|(at, _)| *at >= since);
        let all = contacts().count();
        if all < 2 {
            return None;
        }
        let persons = persons::distinct(contacts().map(|(_, person)| person.as_slice()));
        let (from, until) = (contacts().map(|(at, _)| *at).min()?, contacts().map(|(at, _)| *at).max()?);
        let mut trend = vec![0; self.days as usize];
        for (at, _) in contacts() {
            // What was received while this is computed falls on the last day.
            let day = (Day::of(*at).0 - self.first.0).min(self.days as i32 - 1);
            trend[day as usize] += 1;
        }
        let mut numbers: Vec<String> = of.iter().map(|t| t.number.clone()).collect();
        numbers.sort();
        let Governing { county, street } = most_named(&of);
        Some(HotIssue {
            rank: 0,
            ticket: said_best(&of, &group.problem)?.number.clone(),
            heat: (heat(persons as u64, (all - persons) as u64) * 1000.0).round() as i64,
            persons: persons as i64,
            contacts: all as i64,
            tickets: numbers,
            from,
            until,
            county,
            street,
            trend,
        })
    }
}

/// Tickets on one matter.
struct Group {
    /// By their place among all.
    tickets: Vec<usize>,
    /// The title that says it best.
    problem: String,
}

/// The matters. What people decided to be one matter is one, however it is worded.
fn groups(tickets: &[Counted], compared: Compared) -> Vec<Group> {
    let at = |no: usize| tickets[no].received_at.as_microsecond();
    let mut found = compared.matters(at);
    drop(compared);
    let first = |m: &Matter| m.messages.first().map(|no| (at(*no), *no));
    found.sort_by(|a, b| b.messages.len().cmp(&a.messages.len()).then_with(|| first(a).cmp(&first(b))));
    let mut group_of = vec![0; tickets.len()];
    for (no, matter) in found.iter().enumerate() {
        matter.messages.iter().for_each(|m| group_of[*m] = no);
    }
    let by_number: BTreeMap<&str, usize> = tickets.iter().enumerate().map(|(n, t)| (t.number.as_str(), n)).collect();
    // One group for all that hang together, by the smallest number.
    let mut into: Vec<usize> = (0..found.len()).collect();
    for (no, ticket) in tickets.iter().enumerate() {
        for other in ticket.decided.iter().filter_map(|number| by_number.get(number.as_str())) {
            let (a, b) = (last(&into, group_of[no]), last(&into, group_of[*other]));
            into[a.max(b)] = a.min(b);
        }
    }
    let mut all: BTreeMap<usize, Group> = BTreeMap::new();
    for (no, matter) in found.into_iter().enumerate() {
        let new = Group { tickets: Vec::new(), problem: tickets[matter.says_best].title.trim().to_owned() };
        all.entry(last(&into, no)).or_insert(new).tickets.extend(matter.messages);
    }
    all.into_values().collect()
}

fn last(into: &[usize], mut group: usize) -> usize {
    while into[group] != group {
        group = into[group];
    }
    group
}

/// The ticket with that title, if it goes on; else the first that does. Confidential ones only where there is no other.
fn said_best<'a>(of: &[&'a Counted], problem: &str) -> Option<&'a Counted> {
    let goes_on = || of.iter().filter(|t| !t.joined && !t.confidential);
    let titled = goes_on().find(|t| t.title.trim() == problem);
    let open = || of.iter().find(|t| !t.joined);
    titled.or_else(|| goes_on().next()).or_else(open).or(of.first()).copied()
}

/// The place that most of the tickets name.
fn most_named(of: &[&Counted]) -> Governing {
    let county = most(of.iter().filter_map(|t| t.governed_by.county.as_ref()));
    let there = of.iter().filter(|t| t.governed_by.county == county);
    let street = most(there.filter_map(|t| t.governed_by.street.as_ref()));
    Governing { county, street }
}

fn most<'a>(units: impl Iterator<Item = &'a String>) -> Option<String> {
    let mut counts: BTreeMap<&String, usize> = BTreeMap::new();
    units.for_each(|unit| *counts.entry(unit).or_default() += 1);
    counts.into_iter().max_by_key(|(_, count)| *count).map(|(unit, _)| unit.clone())
}
