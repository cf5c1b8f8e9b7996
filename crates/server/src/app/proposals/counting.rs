//! What came of proposals: counted by field, version and day, never with a text or a ticket. A process holds in memory what was decided and
//! every some seconds compares it with what is proposed for it, and adds the counts to the table; what a process that is killed has not
//! written yet is lost.

use std::collections::BTreeMap;

use jiesu_domain::{
    Actor, Kind,
    calendar::Day,
    ticket::{Command, Register},
};
use jiesu_store::{ProposalCount, StoreError};
use serde::Serialize;
use utoipa::ToSchema;

use super::{Asked, Field, Known, Proposal};
use crate::app::App;

/// What came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// It was proposed, and so it was decided.
    Same,
    /// It was proposed, and something else was decided.
    Other,
    /// It was proposed, and the field was left empty or unmarked.
    Left,
    /// Nothing was proposed, and something was decided.
    Silent,
    /// The unit that was proposed, and that it went to, gave it back.
    Returned,
}

impl Outcome {
    pub const ALL: [Outcome; 5] = [Outcome::Same, Outcome::Other, Outcome::Left, Outcome::Silent, Outcome::Returned];

    pub const fn code(self) -> &'static str {
        match self {
            Outcome::Same => "same",
            Outcome::Other => "other",
            Outcome::Left => "left",
            Outcome::Silent => "silent",
            Outcome::Returned => "returned",
        }
    }
}

/// How often what came of the proposals of a field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = ProposalTally)]
pub struct Tallied {
    pub field: Field,
    /// Of the model, a day such as 20261122; 0: by words or by the catalogue.
    pub version: i64,
    pub same: i64,
    pub other: i64,
    pub left: i64,
    pub silent: i64,
    pub returned: i64,
}

/// What people decided and nobody has held against the proposals yet, and counts that are not written yet: by day, field, version and
/// outcome.
#[derive(Debug, Default)]
pub(super) struct Counting {
    waiting: Vec<Decision>,
    counted: BTreeMap<(i64, Field, i64, Outcome), i64>,
}

/// So many wait at most: what comes on top of that within some seconds is not counted.
const WAITING_MOST: usize = 1_000;

/// What somebody decided about a text.
struct Decision {
    day: i64,
    title: String,
    content: String,
    kind: Kind,
    category: Option<String>,
    place: Option<String>,
    decided: Vec<(Field, Option<String>)>,
    /// The unit that gave it back.
    returned: Option<String>,
}

impl std::fmt::Debug for Decision {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Decision").field("day", &self.day).finish_non_exhaustive()
    }
}

impl App {
    /// Notes what a clerk registered, to be counted beside what is proposed for it: later, so that nobody waits for that.
    pub fn count_registered(&self, actor: &Actor, new: &Register) {
        if !actor.role.of_staff() {
            return;
        }
        let mark = |on: bool| on.then(|| "true".to_owned());
        let decided = vec![
            (Field::Kind, Some(new.kind.code().to_owned())),
            (Field::Category, new.category.clone()),
            (Field::Place, new.place.clone()),
            (Field::Urgent, mark(new.urgent)),
            (Field::Confidential, mark(new.confidential)),
        ];
        self.note(Decision {
            day: self.today(),
            title: new.title.clone(),
            content: new.content.clone(),
            kind: new.kind,
            category: new.category.clone(),
            place: new.place.clone(),
            decided,
            returned: None,
        });
    }

    /// Notes what a command decided about a ticket's unit, where it decides that: a dispatch, or a return that was granted.
    pub async fn count_decided(&self, actor: &Actor, number: &str, command: &Command) {
        let returned = matches!(command, Command::ReviewReturn { approve: true, .. });
        if !actor.role.of_staff() || !(returned || matches!(command, Command::Dispatch(_))) {
            return;
        }
        let ticket = match self.load(number, actor).await {
            Ok(ticket) => ticket,
            Err(error) => {
                tracing::warn!(%error, "what came of a proposal could not be counted");
                return;
            }
        };
        let lead = ticket.work().map(|work| work.lead.unit.clone()).filter(|_| !returned);
        let returned = ticket.returned_by.last().map(|r| r.unit.clone()).filter(|_| returned);
        self.note(Decision {
            day: self.today(),
            decided: lead.into_iter().map(|lead| (Field::Department, Some(lead))).collect(),
            returned,
            kind: ticket.kind,
            title: ticket.title,
            content: ticket.content,
            category: ticket.category,
            place: ticket.place,
        });
    }

    fn today(&self) -> i64 {
        i64::from(Day::of(self.clock.now()).0)
    }

    fn note(&self, decision: Decision) {
        let mut counting = self.proposals.counting();
        if counting.waiting.len() < WAITING_MOST {
            counting.waiting.push(decision);
        }
    }

    /// Counts what was decided since the last time, and adds it to the table; what fails is kept for the next time.
    ///
    /// # Errors
    /// The store failed.
    pub async fn write_proposal_counts(&self) -> Result<(), StoreError> {
        if !self.proposals.counting().waiting.is_empty() {
            let known = self.known_proposals().await?;
            let waiting = std::mem::take(&mut self.proposals.counting().waiting);
            for decision in waiting {
                let outcomes = self.outcomes(&known, &decision);
                let mut counting = self.proposals.counting();
                for (field, version, outcome) in outcomes {
                    *counting.counted.entry((decision.day, field, version, outcome)).or_default() += 1;
                }
            }
        }
        let counted = std::mem::take(&mut self.proposals.counting().counted);
        let row = |((day, field, version, outcome), times): (&(i64, Field, i64, Outcome), &i64)| ProposalCount {
            day: *day,
            field: field.code().into(),
            version: *version,
            outcome: outcome.code().into(),
            times: *times,
        };
        let rows: Vec<ProposalCount> = counted.iter().map(row).collect();
        let written = self.store.proposals_counted(&self.jurisdiction, &rows).await;
        if written.is_err() {
            let mut counting = self.proposals.counting();
            counted.into_iter().for_each(|(key, times)| *counting.counted.entry(key).or_default() += times);
        }
        written
    }

    fn outcomes(&self, known: &Known, decision: &Decision) -> Vec<(Field, i64, Outcome)> {
        let asked = Asked {
            title: &decision.title,
            content: &decision.content,
            kind: Some(decision.kind),
            category: decision.category.as_deref(),
            place: decision.place.as_deref(),
        };
        let proposals = self.proposed(known, &asked);
        let of = |field: Field| proposals.iter().find(|p| p.field == field);
        let on = decision.decided.iter().filter(|(field, _)| !known.off.contains(field));
        let decided = on.filter_map(|(field, decided)| {
            let proposal = of(*field);
            Some((*field, proposal.map_or(0, |p| p.version), outcome(proposal, decided.as_deref())?))
        });
        let back = of(Field::Department).filter(|p| Some(&p.value) == decision.returned.as_ref());
        decided.chain(back.map(|p| (Field::Department, p.version, Outcome::Returned))).collect()
    }

    /// What came of proposals from one day up to and without another, by field and version.
    ///
    /// # Errors
    /// The store failed.
    pub async fn proposal_tally(&self, from: Day, to: Day) -> Result<Vec<Tallied>, StoreError> {
        self.write_proposal_counts().await?;
        let counts = self.store.proposal_counts(&self.jurisdiction, (i64::from(from.0), i64::from(to.0))).await?;
        let mut tallied: BTreeMap<(Field, i64), Tallied> = BTreeMap::new();
        for count in counts {
            let Some(field) = Field::of(&count.field) else { continue };
            let version = count.version;
            let none = Tallied { field, version, same: 0, other: 0, left: 0, silent: 0, returned: 0 };
            let of = tallied.entry((field, version)).or_insert(none);
            match Outcome::ALL.into_iter().find(|o| o.code() == count.outcome) {
                Some(Outcome::Same) => of.same += count.times,
                Some(Outcome::Other) => of.other += count.times,
                Some(Outcome::Left) => of.left += count.times,
                Some(Outcome::Silent) => of.silent += count.times,
                Some(Outcome::Returned) => of.returned += count.times,
                None => {}
            }
        }
        Ok(tallied.into_values().collect())
    }
}

/// What came of it; `None`: nothing was proposed and nothing decided.
fn outcome(proposal: Option<&Proposal>, decided: Option<&str>) -> Option<Outcome> {
    let decided = decided.map(str::trim).filter(|text| !text.is_empty());
    match (proposal, decided) {
        (None, None) => None,
        (None, Some(_)) => Some(Outcome::Silent),
        (Some(_), None) => Some(Outcome::Left),
        (Some(proposal), Some(decided)) => Some(if agrees(proposal, decided) { Outcome::Same } else { Outcome::Other }),
    }
}

/// Whether what was decided says what was proposed, or more than it: a lower level of a category, a house number behind a place.
fn agrees(proposal: &Proposal, decided: &str) -> bool {
    match proposal.field {
        Field::Category => decided == proposal.value || decided.starts_with(&format!("{}/", proposal.value)),
        Field::Place => decided.starts_with(&proposal.value),
        _ => decided == proposal.value,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::proposals::making::bare;

    #[test]
    fn what_came_of_a_proposal() {
        let category = bare(Field::Category, "城市管理".into(), String::new(), Vec::new());
        for (proposed, decided, is) in [
            (None, None, None),
            (None, Some(" "), None),
            (None, Some("城市管理"), Some(Outcome::Silent)),
            (Some(&category), None, Some(Outcome::Left)),
            (Some(&category), Some("城市管理"), Some(Outcome::Same)),
            (Some(&category), Some("城市管理/路灯照明"), Some(Outcome::Same)),
            (Some(&category), Some("城市管理局"), Some(Outcome::Other)),
            (Some(&category), Some("教育"), Some(Outcome::Other)),
        ] {
            assert_eq!(outcome(proposed, decided), is, "{decided:?}");
        }
        let place = bare(Field::Place, "横峰县兴安街道".into(), String::new(), Vec::new());
        assert_eq!(outcome(Some(&place), Some("横峰县兴安街道北门12号")), Some(Outcome::Same));
        assert_eq!(outcome(Some(&place), Some("横峰县")), Some(Outcome::Other));
    }
}
