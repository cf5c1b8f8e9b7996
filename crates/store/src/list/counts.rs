//! Counts of tickets: for the tabs of a list, and beside a search.

use std::collections::BTreeMap;

use super::terms::{Tier, among};
use super::{ListFilter, MOST_UNITS, any_of, conditions, equal, from, met, one_of, within};
use crate::db::{all, query};
use crate::error::{Named, StoreError};
use crate::store::Store;
use crate::tally::{begins_day, day};

impl Store {
    /// How many tickets of each state the filter finds, whatever states it names: the numbers on the tabs. By state.
    pub async fn count_by_state(
        &self,
        jurisdiction: &str,
        filter: &ListFilter,
    ) -> Result<Vec<(String, i64)>, StoreError> {
        const OP: &str = "count_by_state";
        if let Some(counted) = self.counted(jurisdiction, filter).await.op(OP)? {
            return Ok(counted);
        }
        let mut query = query("SELECT t.state, COUNT(*)");
        from(&mut query, self.dialect(), jurisdiction, filter, Tier::All, &among(filter));
        conditions(&mut query, filter);
        if filter.is_rare() {
            met(&mut query, filter);
        } else {
            within(&mut query, jurisdiction, filter);
        }
        query.push(" GROUP BY t.state ORDER BY t.state");
        let rows = query.once().fetch_all(self.read()).await.op(OP)?;
        all(&rows, |row| Ok((row.at(0)?, row.at(1)?))).op(OP)
    }
}

/// Numbers beside a search.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counted {
    /// Tickets by state.
    pub by_state: BTreeMap<String, i64>,
    /// Of these, overdue.
    pub overdue: i64,
    /// Of these, supervised.
    pub supervised: i64,
    /// Only the newest were counted; there may be more before them.
    pub more: bool,
}

impl Counted {
    pub(super) fn add(&mut self, state: String, (overdue, supervised): (bool, bool), tickets: i64) {
        *self.by_state.entry(state).or_default() += tickets;
        self.overdue += if overdue { tickets } else { 0 };
        self.supervised += if supervised { tickets } else { 0 };
    }

    /// All of them.
    pub fn total(&self) -> i64 {
        self.by_state.values().sum()
    }
}

impl Store {
    /// Counts of the tickets of a filter with words: the newest, span by span, until there are `most` of them or a few more. A word that a
    /// hundred thousand tickets have is not counted to its end at every search. Counted by the index: a ticket that has a long word's pairs
    /// apart is counted too.
    pub async fn count_search(
        &self,
        jurisdiction: &str,
        filter: &ListFilter,
        most: u32,
    ) -> Result<Counted, StoreError> {
        self.counted_search(jurisdiction, filter, i64::from(most)).await.op("count_search")
    }

    /// The same from the tally, where the filter asks for no more than that is kept by. Whole days are.
    async fn counted(
        &self,
        jurisdiction: &str,
        filter: &ListFilter,
    ) -> Result<Option<Vec<(String, i64)>>, sqlx::Error> {
        let kept = ListFilter {
            states: filter.states.clone(),
            kinds: filter.kinds.clone(),
            lead: filter.lead.clone(),
            registered_from: filter.registered_from.filter(|at| begins_day(*at)),
            registered_to: filter.registered_to.filter(|at| begins_day(*at)),
            ..ListFilter::default()
        };
        if *filter != kept {
            return self.counted_for_units(jurisdiction, filter).await;
        }
        let mut query = query("SELECT state, CAST(SUM(tickets) AS BIGINT) FROM tally WHERE jurisdiction = ");
        query.push_bind(jurisdiction);
        any_of(&mut query, " AND kind", &filter.kinds);
        equal(&mut query, " AND unit = ", filter.lead.as_deref());
        equal(&mut query, " AND day >= ", filter.registered_from.map(day));
        equal(&mut query, " AND day < ", filter.registered_to.map(day));
        query.push(" GROUP BY state ORDER BY state");
        let rows = query.once().fetch_all(self.read()).await?;
        all(&rows, |row| Ok((row.at(0)?, row.at(1)?))).map(Some)
    }
}

impl Store {
    /// The same from the parts of few units, where the filter asks for no more.
    async fn counted_for_units(
        &self,
        jurisdiction: &str,
        filter: &ListFilter,
    ) -> Result<Option<Vec<(String, i64)>>, sqlx::Error> {
        let ListFilter { states, units, parts, .. } = filter.clone();
        let Some(few) = units.clone().filter(|units| units.len() <= MOST_UNITS) else { return Ok(None) };
        if *filter != (ListFilter { states, units, parts, ..ListFilter::default() }) {
            return Ok(None);
        }
        let mut query = query("SELECT state, COUNT(DISTINCT ticket) FROM ticket_unit u WHERE u.jurisdiction = ");
        query.push_bind(jurisdiction);
        one_of(&mut query, " AND u.unit", &few);
        any_of(&mut query, " AND u.part", &filter.parts);
        query.push(" GROUP BY state ORDER BY state");
        let rows = query.once().fetch_all(self.read()).await?;
        all(&rows, |row| Ok((row.at(0)?, row.at(1)?))).map(Some)
    }
}
