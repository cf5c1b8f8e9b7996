//! Earlier tickets on the same matter: each process keeps the newest ones in memory, by what they say (`text::matter::Index`), and follows
//! the journal, so that what is found is never older than the request, whoever registered it. Who may see a ticket is asked of the ticket
//! itself, each time.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use jiesu_domain::{
    Actor, access, persons,
    ticket::{Stage, Ticket},
};
use jiesu_store::{OfAppellant, TicketWithBody};
use jiesu_text::matter::{Alike, Index, SAME_TEXT, titled};
use serde::{Deserialize, Serialize};
use tokio::sync::Mutex;
use utoipa::ToSchema;

use super::{App, ExecuteError, number_joined};

/// Tickets that are remembered: the newest. With two tables of how rare grams are these take some 60 MB (docs/text.md) of the 200 that a
/// process may have; a city of millions registers as many in a month, and what is older is found by its appellant and by search.
pub const REMEMBERED: u32 = 100_000;
/// Tickets read at once.
const PAGE: u32 = 50;
/// Candidates that are looked at for one question: those that the asker may not see are among them.
const LOOKED_AT: usize = 30;
/// After this long, building that could not go on is tried again.
const AGAIN: Duration = Duration::from_secs(5);

/// What an earlier ticket has to do with what is said now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Relation {
    /// The same text by the same person: it was sent again.
    Again,
    /// The same fact by the same person.
    SamePerson,
    /// The same fact by somebody else.
    OtherPerson,
    /// The same fact; by whom is not for the asker, or not known.
    SameFact,
}

impl Relation {
    /// As people read it.
    pub const fn zh(self) -> &'static str {
        match self {
            Relation::Again => "同一人重复提交",
            Relation::SamePerson => "同一人反映同一事实",
            Relation::OtherPerson => "他人反映同一事实",
            Relation::SameFact => "反映同一事实",
        }
    }
}

/// An earlier ticket that is perhaps on the same matter.
#[derive(Debug)]
pub struct Similar {
    pub found: TicketWithBody,
    pub ticket: Ticket,
    pub relation: Relation,
    /// 1 is the same text.
    pub alike: f32,
    /// Both name the same place.
    pub same_place: bool,
}

/// What was found, and whether all that is to be remembered was.
#[derive(Debug)]
pub struct Found {
    pub similar: Vec<Similar>,
    pub complete: bool,
}

/// What is said now, and by whom.
#[derive(Debug)]
pub struct Said<'a> {
    /// With the place where it names none ([`titled`]).
    pub title: &'a str,
    pub content: &'a str,
    /// As [`jiesu_store::Store::appellant`] gives them; each appellant's own.
    pub persons: Vec<Vec<u64>>,
    /// Not to be found: the ticket itself, and what is known already.
    pub besides: BTreeSet<String>,
}

/// The remembered tickets of one process.
#[derive(Debug, Default)]
pub struct Matters {
    known: Mutex<Known>,
    /// Somebody reads what was there before the start; until then nobody else does.
    building: AtomicBool,
}

/// Two halves: when the newer one is full, the older one goes. So what is remembered has a bound, and nothing is taken out one by one.
#[derive(Debug, Default)]
struct Known {
    /// Up to where the journal was followed; `None`: not begun.
    seq: Option<i64>,
    older: Half,
    newer: Half,
}

#[derive(Debug, Default)]
struct Half {
    index: Index,
    numbers: Vec<Box<str>>,
}

impl Half {
    fn alike<'h>(&'h self, said: &Said<'_>, person: u64) -> impl Iterator<Item = (&'h str, Alike)> {
        let found = self.index.alike(person, said.title, said.content).into_iter();
        found.filter_map(|alike| Some((&**self.numbers.get(alike.message as usize)?, alike)))
    }
}

/// Of a stored ticket, what it says.
#[derive(Deserialize)]
struct Words {
    title: String,
    content: String,
    place: Option<String>,
}

impl Known {
    fn add(&mut self, stored: &TicketWithBody, person: u64) {
        // What was erased says nothing any more, and is no earlier matter of anybody.
        let Ok(words) = serde_json::from_str::<Words>(&stored.body) else { return };
        if self.newer.numbers.len() >= REMEMBERED as usize / 2 {
            self.older = std::mem::take(&mut self.newer);
        }
        let title = titled(&words.title, words.place.as_deref());
        self.newer.index.add(person, &title, &words.content);
        self.newer.numbers.push(stored.head.ticket.as_str().into());
    }

    /// The most alike first, each ticket once.
    fn alike(&self, said: &Said<'_>) -> Vec<(String, Alike)> {
        let person = said.persons.iter().flatten().next().copied().unwrap_or(u64::MAX);
        let both = self.newer.alike(said, person).chain(self.older.alike(said, person));
        let mut found: Vec<(String, Alike)> = both.map(|(number, alike)| (number.to_owned(), alike)).collect();
        found.retain(|(number, _)| !said.besides.contains(number));
        found.sort_by(|(_, a), (_, b)| b.alike.total_cmp(&a.alike));
        found.truncate(LOOKED_AT);
        found
    }
}

impl App {
    /// The earlier tickets that are perhaps on the same matter, as far as this person may see them: at most `most`, the same person's
    /// first. A unit is told nothing of confidential tickets: by what is alike it would learn what they say.
    ///
    /// # Errors
    /// The store failed.
    pub async fn similar(&self, actor: &Actor, said: &Said<'_>, most: usize) -> Result<Found, ExecuteError> {
        let (candidates, complete) = {
            let mut known = self.matters.known.lock().await;
            let complete = !self.matters.building.load(Ordering::Acquire);
            if complete {
                while !self.follow_matters(&mut known).await? {}
            }
            (known.alike(said), complete)
        };
        let similar = self.seen_of(actor, said, candidates, most).await?;
        Ok(Found { similar, complete })
    }

    async fn seen_of(
        &self,
        actor: &Actor,
        said: &Said<'_>,
        candidates: Vec<(String, Alike)>,
        most: usize,
    ) -> Result<Vec<Similar>, ExecuteError> {
        let mut alike: BTreeMap<String, Alike> = candidates.into_iter().collect();
        let mut found = self.read(&alike.keys().cloned().collect::<Vec<_>>()).await?;
        // What was joined goes on elsewhere: that one is the earlier ticket.
        let joined: Vec<(String, String)> =
            found.iter().filter_map(|(_, t)| Some((t.number.clone(), joined_to(t)?))).collect();
        let mut more = Vec::new();
        for (number, to) in joined {
            let Some(of) = alike.remove(&number) else { continue };
            found.retain(|(_, t)| t.number != number);
            if !said.besides.contains(&to) && !alike.contains_key(&to) {
                alike.insert(to.clone(), of);
                more.push(to);
            }
        }
        found.extend(self.read(&more).await?);
        let units = self.units();
        found.retain(|(_, t)| access::sees(actor, t, &units) && t.erased.is_none());
        found.retain(|(_, t)| !t.confidential || access::finds_confidential_by_words(actor.role));
        let numbers: Vec<String> = found.iter().map(|(_, t)| t.number.clone()).collect();
        let appellants = self.store.appellants(&self.jurisdiction, &numbers).await?;
        let similar = found.into_iter().filter_map(|(found, ticket)| {
            let of = alike.remove(&ticket.number)?;
            let relation = relation(actor, &ticket, said, &appellants, of.alike);
            Some(Similar { found, ticket, relation, alike: of.alike, same_place: of.same_place })
        });
        let mut similar: Vec<Similar> = similar.collect();
        similar.sort_by(|a, b| a.relation.cmp(&b.relation).then(b.alike.total_cmp(&a.alike)));
        similar.truncate(most);
        Ok(similar)
    }

    async fn read(&self, numbers: &[String]) -> Result<Vec<(TicketWithBody, Ticket)>, ExecuteError> {
        let found = self.store.tickets_named(&self.jurisdiction, numbers).await?;
        let ticket = |found: TicketWithBody| {
            let ticket = serde_json::from_str(&found.body).map_err(|e| ExecuteError::unreadable(&e))?;
            Ok((found, ticket))
        };
        found.into_iter().map(ticket).collect()
    }

    /// The same for a ticket that is there: not itself, nor what is known to be, or not to be, its matter.
    ///
    /// # Errors
    /// Not there, not to be seen, or the store failed.
    pub async fn similar_to(&self, actor: &Actor, number: &str, most: usize) -> Result<Found, ExecuteError> {
        let ticket = self.load(number, actor).await?;
        if ticket.erased.is_some() || ticket.confidential && !access::finds_confidential_by_words(actor.role) {
            return Ok(Found { similar: Vec::new(), complete: true });
        }
        let refused = self.store.not_one_matter(&self.jurisdiction, &ticket.number).await?;
        let joined = ticket.appeals.iter().filter_map(|a| a.from.as_deref().map(number_joined).map(str::to_owned));
        let known = ticket.earlier.iter().cloned().chain(joined_to(&ticket));
        let mut besides: BTreeSet<String> = refused.into_iter().chain(joined).chain(known).collect();
        besides.insert(ticket.number.clone());
        let mut persons = Vec::new();
        // Of a ticket whose appellant is not for the asker, that would tell who it is, where they know the other one's.
        if access::knows_appellant(actor, &ticket) {
            let own = self.store.appellants(&self.jurisdiction, std::slice::from_ref(&ticket.number)).await?;
            persons.extend(own.into_iter().map(|a| a.person));
        }
        let title = titled(&ticket.title, ticket.place.as_deref());
        let said = Said { title: &title, content: &ticket.content, persons, besides };
        let mut found = self.similar(actor, &said, most + LOOKED_AT).await?;
        // A later ticket that was confirmed to be on this matter names it.
        found.similar.retain(|s| !s.ticket.earlier.contains(&ticket.number));
        found.similar.truncate(most);
        Ok(found)
    }

    /// Reads what was there before the start, in small steps: meanwhile questions are answered from what is there so far. Ends when all is
    /// read or `stop` turns true.
    pub async fn build_matters(&self, mut stop: tokio::sync::watch::Receiver<bool>) {
        self.matters.building.store(true, Ordering::Release);
        while !*stop.borrow() {
            let step = {
                let mut known = self.matters.known.lock().await;
                self.follow_matters(&mut known).await
            };
            match step {
                Ok(true) => break,
                Ok(false) => tokio::task::yield_now().await,
                Err(error) => {
                    tracing::warn!(%error, "the index of matters could not be built; trying again");
                    tokio::select! { () = tokio::time::sleep(AGAIN) => {}, _ = stop.changed() => {} }
                }
            }
        }
        self.matters.building.store(false, Ordering::Release);
    }

    /// Takes in the next tickets that were registered, by whichever process. Whether that was all.
    async fn follow_matters(&self, known: &mut Known) -> Result<bool, ExecuteError> {
        let (store, j) = (&self.store, &self.jurisdiction);
        let head = store.marks(j).await?.seq;
        let seq = match known.seq {
            Some(seq) => seq,
            None => store.begun_before_newest(j, REMEMBERED).await?,
        };
        if seq >= head {
            known.seq = Some(head);
            return Ok(true);
        }
        let begun = store.tickets_begun(j, (seq, head), PAGE).await?;
        let numbers: Vec<String> = begun.iter().map(|(_, ticket)| ticket.clone()).collect();
        let mut stored: BTreeMap<String, TicketWithBody> =
            store.tickets_named(j, &numbers).await?.into_iter().map(|t| (t.head.ticket.clone(), t)).collect();
        let appellants = store.appellants(j, &numbers).await?;
        for number in &numbers {
            let Some(stored) = stored.remove(number) else { continue };
            let person = appellants.iter().find(|a| a.ticket == *number).and_then(|a| a.person.first().copied());
            known.add(&stored, person.unwrap_or_default());
        }
        let all = begun.len() < PAGE as usize;
        known.seq = Some(if all { head } else { begun.last().map_or(head, |(seq, _)| *seq) });
        Ok(all)
    }
}

fn joined_to(ticket: &Ticket) -> Option<String> {
    match ticket.stage_in_archive() {
        Stage::Joined { number } => Some(number.clone()),
        _ => None,
    }
}

/// Whether it is the same person is told to who may know the appellant.
fn relation(actor: &Actor, ticket: &Ticket, said: &Said<'_>, appellants: &[OfAppellant], alike: f32) -> Relation {
    if said.persons.is_empty() || !access::knows_appellant(actor, ticket) {
        return Relation::SameFact;
    }
    let mut of_ticket = appellants.iter().filter(|a| a.ticket == ticket.number);
    let same = of_ticket.any(|a| said.persons.iter().any(|person| persons::same(person, &a.person)));
    match (same, alike >= SAME_TEXT) {
        (true, true) => Relation::Again,
        (true, false) => Relation::SamePerson,
        (false, _) => Relation::OtherPerson,
    }
}
