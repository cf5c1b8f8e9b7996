//! The newest tickets with given words, found from the newest days backwards: a word that a hundred thousand tickets have is looked for in
//! the last day first, and one that hardly any has in ever longer spans.

use super::terms::{LEVELS, Matching, among, day_of, days_of, span_word, start_of};
use super::{Counted, ListFilter, Sort, Wanted};
use crate::db::{all, query};
use crate::model::StoredTicket;
use crate::rows::{stored_ticket, us};
use crate::store::Store;

/// Spans of one length that are asked for at once.
const AT_ONCE: i64 = 4;

impl Store {
    /// A page of tickets with words, the newest first.
    pub(super) async fn searched(&self, mut page: Wanted<'_>) -> Result<Vec<StoredTicket>, sqlx::Error> {
        let Some((first, end)) = self.days(&page).await? else { return Ok(Vec::new()) };
        let narrowed = among(page.filter);
        let mut found = Vec::new();
        let wanted = page.rows;
        let mut walk = Walk { end, first, seen: 0, level: 0 };
        while let Some((level, from, until)) = walk.next(wanted, found.len() as i64) {
            let spans = (from..until).step_by(days_of(level) as usize).map(|day| span_word(level, day));
            let mut among = narrowed.clone();
            among.push(spans.collect());
            page.rows = wanted - found.len() as i64;
            let span = Some((start_of(from), start_of(until)));
            let query = page.among(self.dialect(), Matching::First, &among, span);
            let rows = query.once().fetch_all(self.read()).await?;
            found.extend(all(&rows, stored_ticket)?);
        }
        Ok(found)
    }

    /// Counts of the newest tickets with words, day by day until there are `most` of them.
    pub(super) async fn counted_search(
        &self,
        jurisdiction: &str,
        filter: &ListFilter,
        most: i64,
    ) -> Result<Counted, sqlx::Error> {
        let page = Wanted { jurisdiction, filter, sort: Sort::Newest, after: None, rows: most };
        let mut counted = Counted::default();
        let Some((first, end)) = self.days(&page).await? else { return Ok(counted) };
        let narrowed = among(filter);
        let mut walk = Walk { end, first, seen: 0, level: 0 };
        while let Some((level, from, until)) = walk.next(most, counted.total()) {
            let spans = (from..until).step_by(days_of(level) as usize).map(|day| span_word(level, day));
            let mut among = narrowed.clone();
            among.push(spans.collect());
            let query = page.counts(self.dialect(), &among, (start_of(from), start_of(until)));
            for row in query.once().fetch_all(self.read()).await? {
                counted.add(row.at(0)?, (row.at::<i64>(1)? == 1, row.at::<i64>(2)? == 1), row.at(3)?);
            }
        }
        counted.more = walk.end > walk.first;
        Ok(counted)
    }

    /// The first day of which tickets may be shown, and the day after the last; `None` if there is none.
    async fn days(&self, page: &Wanted<'_>) -> Result<Option<(i64, i64)>, sqlx::Error> {
        let end = |of: &str, order: &str| {
            format!(
                "(SELECT {of} FROM ticket WHERE jurisdiction = $1 ORDER BY registered_at {order}, ticket {order} LIMIT 1)"
            )
        };
        let sql = format!("SELECT {}, {}", end("registered_at", "ASC"), end("registered_at", "DESC"));
        let row = query(sql).bind(page.jurisdiction).fetch_optional(self.read()).await?;
        let Some((Some(first), Some(last))) =
            row.map(|row| Ok::<(Option<i64>, Option<i64>), sqlx::Error>((row.at(0)?, row.at(1)?))).transpose()?
        else {
            return Ok(None);
        };
        let first = page.filter.registered_from.map_or(first, |from| first.max(us(from)));
        let last = page.filter.registered_to.map_or(last, |to| last.min(us(to).saturating_sub(1)));
        let last = page.after.as_ref().map_or(last, |(at, _)| last.min(*at));
        Ok((first <= last).then(|| (day_of(first), day_of(last) + 1)))
    }
}

/// Where a search stands on its way back through the days.
struct Walk {
    /// All before this day is still to be looked at.
    end: i64,
    first: i64,
    /// Days looked at.
    seen: i64,
    /// Length of the spans before this step.
    level: u32,
}

impl Walk {
    /// The next days to look at: length of the spans, the first of them, the day after the last. None when `wanted` are `found`, or there
    /// are no more days.
    fn next(&mut self, wanted: i64, found: i64) -> Option<(u32, i64, i64)> {
        if found >= wanted || self.end <= self.first {
            return None;
        }
        if self.seen > 0 {
            // As many days as will do at the rate of those before, and half as many more.
            let days = if found == 0 { i64::MAX } else { (wanted - found).saturating_mul(self.seen) / found * 3 / 2 };
            let level = (0..LEVELS).rev().find(|level| days_of(*level) * AT_ONCE / 2 <= days).unwrap_or(0);
            self.level = level.min(self.level + 1);
        }
        // Behind each step a span of the next length ends, so that one may follow.
        let whole = days_of(self.level) * AT_ONCE;
        let from = (self.end - 1).div_euclid(whole) * whole;
        let until = std::mem::replace(&mut self.end, from);
        self.seen += until - from;
        Some((self.level, from, until))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every day is looked at once, from the last to the first, in whole spans that begin where spans do.
    #[test]
    fn the_days_are_walked_without_a_gap() {
        for (first, end) in [(20_000, 20_001), (19_871, 20_413), (-70, 3), (0, 100_000)] {
            for rate in [0.0, 0.01, 0.3, 5.0] {
                let mut walk = Walk { end, first, seen: 0, level: 0 };
                let (mut at, mut steps) = (end, 0);
                while let Some((level, from, until)) = walk.next(1_000_000, ((end - at) as f64 * rate) as i64) {
                    assert_eq!(until, at);
                    assert!(from < until && until - from <= days_of(level) * AT_ONCE);
                    assert_eq!(from.rem_euclid(days_of(level)), 0);
                    (at, steps) = (from, steps + 1);
                }
                assert!(at <= first);
                assert!(rate > 0.0 || steps <= 6 + (end - first) / days_of(LEVELS - 1), "{steps} steps for nothing");
            }
        }
    }

    #[test]
    fn what_is_found_ends_the_walk() {
        let mut walk = Walk { end: 20_413, first: 0, seen: 0, level: 0 };
        assert_eq!(walk.next(51, 0), Some((0, 20_412, 20_413)));
        assert_eq!(walk.next(51, 51), None);
    }
}
