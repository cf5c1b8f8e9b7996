//! The newest tickets with given words, found from the newest hours backwards: a word that a hundred thousand tickets have is looked for in the
//! last hours first, and one that hardly any has in ever longer spans. What the index gives is then looked at by the caller, as the index
//! knows pieces of the words and not their order. Where it knows that there are few, it is asked for all of them at once.

use super::terms::{LEVELS, Tier, among, due, hour_of, hours_of, span_word, start_of};
use super::{Counted, ListFilter, Page, Sort, Wanted, parse};
use crate::db::{Row, query};
use crate::error::{Named, StoreError};
use crate::model::{StoredTicket, TicketWithBody};
use crate::rows::us;
use crate::store::Store;
use crate::tickets::{columns, with_body};

/// Spans of one length that are asked for at once.
const AT_ONCE: i64 = 4;
/// Tickets that the first step is meant to be about.
const FIRST_STEP: i64 = 200;
/// Tickets that a step may find, if no more are wanted: it gathers and sorts all of them to give the newest.
const GATHERED: i64 = 256;
/// Tickets that are looked at for each that a page has room for. If so many do not fill it, or all but less than [`ASKED_LEAST`], the page is a
/// shorter one. Of real messages one of seventy is looked at in vain (docs/performance.md).
const LOOKED_AT_EACH: usize = 2;
/// Tickets that are asked for at least, and so many are opened at once.
const ASKED_LEAST: usize = 16;

/// A ticket that was found, with what the caller saw in it.
pub type Found<T> = (StoredTicket, T);

impl Store {
    /// One page of the tickets that have the filter's words in the index and in which `look` sees something; `cursor` is the `next` of the
    /// page before, of the same sort. `limit` is held to 1–100. A page may be shorter and yet have a `next`, where the index gave many in
    /// which nothing was seen.
    pub async fn search<T>(
        &self,
        jurisdiction: &str,
        filter: &ListFilter,
        sort: Sort,
        cursor: Option<&str>,
        limit: u32,
        look: impl Fn(&TicketWithBody) -> Option<T>,
    ) -> Result<Page<Found<T>>, StoreError> {
        const OP: &str = "search";
        let refused = || StoreError::invalid(OP, "not a cursor of this list");
        let after = cursor.map(|cursor| parse(sort, cursor).ok_or_else(refused)).transpose()?;
        if filter.units.as_ref().is_some_and(Vec::is_empty) {
            return Ok(Page { items: Vec::new(), next: None });
        }
        let limit = super::page_length(limit) as usize;
        let most = (limit * LOOKED_AT_EACH).max(2 * ASKED_LEAST);
        let mut looking = Looking { look, limit, most, looked: 0, found: Vec::new(), last: None };
        let (tier, after) = after.map_or((None, None), |(tier, at, ticket)| (Some(tier), Some((at, ticket))));
        let page = Wanted { jurisdiction, filter, sort, after, rows: 0, due: None };
        let all = match sort {
            Sort::MostUrgent => self.urgent(page, tier == Some(Tier::Rest), &mut looking).await?,
            Sort::Newest if filter.few => self.few(page, &mut looking).await?,
            Sort::Newest => self.newest(page, (Tier::All, Tier::All), &mut looking).await?,
            Sort::Best => {
                if tier != Some(Tier::Rest) {
                    let page = Wanted { after: page.after.clone(), ..page };
                    self.newest(page, (Tier::Title, Tier::Title), &mut looking).await?;
                }
                if looking.done() {
                    false
                } else {
                    let after = page.after.filter(|_| tier == Some(Tier::Rest));
                    self.newest(Wanted { after, ..page }, (Tier::Rest, Tier::Rest), &mut looking).await?
                }
            }
        };
        Ok(looking.page(all))
    }

    /// The tiers: what is asked of the index, and what the cursors say of the page. Whether all of it was looked at.
    async fn newest<T, L: Fn(&TicketWithBody) -> Option<T>>(
        &self,
        page: Wanted<'_>,
        (tier, place): (Tier, Tier),
        looking: &mut Looking<T, L>,
    ) -> Result<bool, StoreError> {
        const OP: &str = "search";
        let (jurisdiction, sort) = (page.jurisdiction, page.sort);
        let page = Wanted { sort: Sort::Newest, ..page };
        let Some(mut back) = self.back(page, tier).await.op(OP)? else { return Ok(true) };
        let columns = columns();
        while !looking.done() {
            let found = looking.found.len();
            let rows = self.further(&mut back, &columns, looking).await.op(OP)?;
            if rows.is_empty() {
                return Ok(true);
            }
            back.given += rows.len() as i64;
            let cursor = |head: &StoredTicket| sort.cursor_in(place, us(head.row.registered_at), &head.ticket);
            if !self.look(jurisdiction, &rows, looking, cursor).await? {
                return Ok(false);
            }
            back.found += (looking.found.len() - found) as i64;
        }
        Ok(back.at_end())
    }

    /// Those of which something is due by their due times, then the others, the newest first. Whether all of it was looked at.
    async fn urgent<T, L: Fn(&TicketWithBody) -> Option<T>>(
        &self,
        page: Wanted<'_>,
        only_rest: bool,
        looking: &mut Looking<T, L>,
    ) -> Result<bool, StoreError> {
        if !only_rest {
            let page = Wanted { after: page.after.clone(), due: Some(true), ..page };
            self.few(page, looking).await?;
            if looking.done() {
                return Ok(false);
            }
        }
        let after = page.after.filter(|_| only_rest);
        let rest = Wanted { after, due: Some(false), ..page };
        if rest.filter.few {
            self.few(rest, looking).await
        } else {
            self.newest(rest, (Tier::All, Tier::Rest), looking).await
        }
    }

    /// Of what there is little, in any order: the index is asked for all of it at once. Whether all of it was looked at.
    async fn few<T, L: Fn(&TicketWithBody) -> Option<T>>(
        &self,
        page: Wanted<'_>,
        looking: &mut Looking<T, L>,
    ) -> Result<bool, StoreError> {
        const OP: &str = "search";
        let (columns, mut among, listed) = (columns(), among(page.filter), page.sort);
        among.extend((page.due == Some(true)).then(due));
        let sort = if page.due == Some(false) { Sort::Newest } else { listed };
        let mut page = Wanted { sort, ..page };
        while !looking.done() {
            page.rows = looking.asked(looking.looked == 0);
            let query = page.among(self.dialect(), &columns, Tier::All, &among, None);
            let rows = query.fetch_all(self.read()).await.op(OP)?;
            let mut last = None;
            let cursor = |head: &StoredTicket| {
                last = Some((page.spot(&head.row), head.ticket.clone()));
                listed.behind(head)
            };
            if !self.look(page.jurisdiction, &rows, looking, cursor).await? {
                return Ok(false);
            }
            if (rows.len() as i64) < page.rows {
                return Ok(true);
            }
            page.after = last;
        }
        Ok(false)
    }

    /// Opens these tickets one after the other until the page is done; whether all of them were looked at.
    async fn look<T, L: Fn(&TicketWithBody) -> Option<T>>(
        &self,
        jurisdiction: &str,
        mut rows: &[Row],
        looking: &mut Looking<T, L>,
        mut cursor: impl FnMut(&StoredTicket) -> String,
    ) -> Result<bool, StoreError> {
        while !rows.is_empty() {
            if looking.done() {
                return Ok(false);
            }
            let (these, others) = rows.split_at(rows.len().min(ASKED_LEAST));
            for ticket in self.rows_of(jurisdiction, these, with_body).await? {
                looking.at(ticket, &mut cursor);
            }
            rows = others;
        }
        Ok(true)
    }

    /// Counts of the newest tickets with words by the index alone, span by span until there are `most` of them.
    pub(super) async fn counted_search(
        &self,
        jurisdiction: &str,
        filter: &ListFilter,
        most: i64,
    ) -> Result<Counted, sqlx::Error> {
        let page = Wanted { jurisdiction, filter, sort: Sort::Newest, after: None, rows: most, due: None };
        let mut counted = Counted::default();
        let Some(mut back) = self.back(page, Tier::All).await? else { return Ok(counted) };
        while counted.total() < most
            && let Some((among, span)) = back.step(most)
        {
            let query = back.page.counts(self.dialect(), &among, span);
            for row in query.once().fetch_all(self.read()).await? {
                counted.add(row.at(0)?, (row.at::<i64>(1)? == 1, row.at::<i64>(2)? == 1), row.at(3)?);
            }
            (back.found, back.given) = (counted.total(), counted.total());
        }
        counted.more = back.walk.end > back.walk.first;
        Ok(counted)
    }

    /// The way back from the last ticket that may be shown; `None` if there is none.
    async fn back<'a>(&self, page: Wanted<'a>, tier: Tier) -> Result<Option<Back<'a>>, sqlx::Error> {
        let last = page.filter.registered_to.map_or(i64::MAX, |to| us(to).saturating_sub(1));
        let last = page.after.as_ref().map_or(last, |(at, _)| last.min(*at));
        let spot = |of: &str, order: &str, nth: i64| {
            format!(
                "(SELECT registered_at FROM ticket WHERE jurisdiction = $1{of} \
                 ORDER BY registered_at {order}, ticket {order} LIMIT 1 OFFSET {nth})"
            )
        };
        let until = " AND registered_at <= $2";
        let spots =
            [spot(until, "ASC", 0), spot(until, "DESC", 0), spot(until, "DESC", FIRST_STEP), spot("", "DESC", 0)];
        let sql = format!("SELECT {}", spots.join(", "));
        let row = query(sql).bind(page.jurisdiction).bind(last).fetch_optional(self.read()).await?;
        let Some(row) = row else { return Ok(None) };
        let (Some(first), Some(last)) = (row.at::<Option<i64>>(0)?, row.at::<Option<i64>>(1)?) else { return Ok(None) };
        // As long as it took for so many tickets to come is about the length of the first step.
        let step = hour_of(last) - hour_of(row.at::<Option<i64>>(2)?.unwrap_or(first));
        let level = (0..LEVELS).rev().find(|level| hours_of(*level) * AT_ONCE <= step).unwrap_or(0);
        let newest = row.at::<Option<i64>>(3)?.unwrap_or(last);
        let hours = hour_of(newest) - hour_of(first) + 1;
        let first = page.filter.registered_from.map_or(first, |from| first.max(us(from)));
        if first > last {
            return Ok(None);
        }
        let walk = Walk { end: hour_of(last) + 1, first: hour_of(first), seen: 0, found: 0, level };
        Ok(Some(Back { page, tier, hours, walk, span: None, found: 0, given: 0 }))
    }

    /// The next tickets on the way back, the newest first; none at its end. The columns have `ticket` and `registered_at`.
    async fn further<T, L>(
        &self,
        back: &mut Back<'_>,
        columns: &str,
        looking: &Looking<T, L>,
    ) -> Result<Vec<Row>, sqlx::Error> {
        loop {
            let rows = looking.asked(back.walk.seen == 0);
            let Some((among, span)) = back.span.take().or_else(|| back.step(looking.missing() + back.found)) else {
                return Ok(Vec::new());
            };
            back.page.rows = rows;
            let query = back.page.among(self.dialect(), columns, back.tier, &among, Some(span));
            // Kept prepared, unlike other lists: in which order it looks is laid down in it, whatever the values, and to plan a step takes as
            // long as the step.
            let found = query.fetch_all(self.read()).await?;
            if let Some(last) = found.last() {
                back.page.after = Some((last.get("registered_at")?, last.get("ticket")?));
                // There may be more of them here.
                back.span = (found.len() as i64 == rows).then_some((among, span));
                return Ok(found);
            }
        }
    }
}

/// A page that is being filled with what is seen in the tickets.
struct Looking<T, L> {
    look: L,
    limit: usize,
    /// Tickets that are looked at, at most.
    most: usize,
    looked: usize,
    found: Vec<(Found<T>, String)>,
    /// Cursor of the last ticket that was looked at.
    last: Option<String>,
}

impl<T, L> Looking<T, L> {
    /// How many the page still has room for, and one more, which says that there is a next page.
    fn missing(&self) -> i64 {
        (self.limit + 1).saturating_sub(self.found.len()) as i64
    }

    /// How many are asked for: at first what the page has room for; then as many as may be looked at, as to ask once more for those of a long
    /// span costs more than their rows.
    fn asked(&self, first: bool) -> i64 {
        let left = (self.most - self.looked) as i64;
        if first { left.min(self.missing().max(ASKED_LEAST as i64)) } else { left }
    }
}

impl<T, L: Fn(&TicketWithBody) -> Option<T>> Looking<T, L> {
    fn done(&self) -> bool {
        self.found.len() > self.limit || self.looked + ASKED_LEAST > self.most
    }

    fn at(&mut self, ticket: TicketWithBody, mut cursor: impl FnMut(&StoredTicket) -> String) {
        let cursor = cursor(&ticket.head);
        self.looked += 1;
        self.last = Some(cursor.clone());
        if let Some(seen) = (self.look)(&ticket) {
            self.found.push(((ticket.head, seen), cursor));
        }
    }

    /// `all`: nothing is left to be looked at.
    fn page(mut self, all: bool) -> Page<Found<T>> {
        let next = if self.found.len() > self.limit {
            self.found.truncate(self.limit);
            self.found.last().map(|(_, cursor)| cursor.clone())
        } else {
            self.last.filter(|_| !all)
        };
        Page { items: self.found.into_iter().map(|(found, _)| found).collect(), next }
    }
}

/// Words of spans and units, and the microseconds of these spans.
type Step = (Vec<super::Any>, (i64, i64));

/// A way back through time.
struct Back<'a> {
    page: Wanted<'a>,
    tier: Tier,
    walk: Walk,
    /// The step of which there may be more.
    span: Option<Step>,
    /// Tickets that were found on the way.
    found: i64,
    /// Tickets that the index gave, those in which nothing was seen among them.
    given: i64,
    /// From the first of all tickets to the newest, wherever this way begins.
    hours: i64,
}

impl Back<'_> {
    /// There is no ticket behind those that were found.
    fn at_end(&self) -> bool {
        self.span.is_none() && self.walk.end <= self.walk.first
    }

    fn step(&mut self, wanted: i64) -> Option<Step> {
        let (level, from, until) = self.walk.next(wanted, self.found, self.given)?;
        let mut among = among(self.page.filter);
        // A step over most of the time is about what is rare: to leap over the rest costs more than to look at it.
        if (until - from.max(self.walk.first)) * 2 < self.hours {
            among.push((from..until).step_by(hours_of(level) as usize).map(|hour| span_word(level, hour)).collect());
        }
        Some((among, (start_of(from), start_of(until))))
    }
}

/// Where a search stands on its way back through the hours.
struct Walk {
    /// All before this hour is still to be looked at.
    end: i64,
    first: i64,
    /// Hours looked at.
    seen: i64,
    /// Tickets that had been found before the last step.
    found: i64,
    /// Length of the spans of the first step, then of the last.
    level: u32,
}

impl Walk {
    /// The next hours to look at: length of the spans, the first of them, the hour after the last. `None` if there are no more.
    fn next(&mut self, wanted: i64, found: i64, given: i64) -> Option<(u32, i64, i64)> {
        if self.end <= self.first {
            return None;
        }
        let left = self.end - self.first;
        let mut hours = 0;
        if self.seen > 0 {
            let gained = found - std::mem::replace(&mut self.found, found);
            // Of what is rare as many hours as will not have too many, were there as many more as chance may have hidden: a few long steps
            // instead of many short ones. Three standard deviations of a count, and three where there was none.
            hours = GATHERED.max(wanted).saturating_mul(self.seen) / (given + 3 * given.isqrt() + 3);
            // No more than will do at the rate of those before, and half as many again. Where the last step found nothing, that rate says
            // nothing of what is before it.
            if gained > 0 {
                hours = hours.min((wanted - found).max(1).saturating_mul(self.seen) / found * 3 / 2);
            }
            self.level = (0..LEVELS).rev().find(|level| hours_of(*level) * AT_ONCE / 2 <= hours).unwrap_or(0);
        }
        // Behind each step a span of the next length ends, so that one may follow. What is left of such a span may be too short for a step.
        let whole = hours_of(self.level) * AT_ONCE;
        let mut from = (self.end - 1).div_euclid(whole) * whole;
        if self.end - from < whole / 2 {
            from -= whole;
        }
        // What would be left of all time is too short for a step as well. Spans longer than it takes would have words that every entry has.
        if left <= 2 * whole && (hours >= left || from - self.first <= whole / 2) {
            self.level = (0..self.level).find(|level| left <= hours_of(*level) * AT_ONCE * 2).unwrap_or(self.level);
            let span = hours_of(self.level);
            from = self.first.div_euclid(span) * span;
        }
        let until = std::mem::replace(&mut self.end, from);
        self.seen += until - from;
        Some((self.level, from, until))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every hour is looked at once, from the last to the first, in whole spans that begin where spans do.
    #[test]
    fn many_at_first_and_then_none_are_soon_at_the_end() {
        let (first, end) = (476_904, 489_912);
        let mut walk = Walk { end, first, seen: 0, found: 0, level: 0 };
        let mut steps = 0;
        while walk.next(51, 40, 40).is_some() {
            steps += 1;
        }
        assert!(steps <= 7, "{steps} steps");
    }

    /// Two years in which there is one every so many hours: a few steps, and none of them has too many to gather.
    #[test]
    fn what_is_rare_is_found_in_a_few_steps() {
        let (first, end) = (472_392, 489_912);
        for every in [20, 200, 2_000, 20_000] {
            let mut walk = Walk { end, first, seen: 0, found: 0, level: 0 };
            let (mut at, mut steps) = (end, 0);
            while let Some((_, from, until)) = walk.next(51, (end - at) / every, (end - at) / every) {
                assert!((until - from.max(first)) / every <= 2 * GATHERED, "{} hours at once", until - from);
                (at, steps) = (from, steps + 1);
                if (end - at) / every >= 51 {
                    break;
                }
            }
            assert!(steps <= 3, "one of {every} hours: {steps} steps");
        }
    }

    /// Among the first tickets of years a step may reach over all that is before it: words that many have are still asked for with its hours.
    #[test]
    fn hours_are_left_out_only_where_a_step_is_over_most_of_all_time() {
        let filter = ListFilter { terms: vec!["水".into()], ..ListFilter::default() };
        for (hours, asked_with_hours) in [(17_520, 1), (41, 1), (40, 0)] {
            let page =
                Wanted { jurisdiction: "x", filter: &filter, sort: Sort::Newest, after: None, rows: 51, due: None };
            let walk = Walk { end: 480_020, first: 480_000, seen: 0, found: 0, level: 2 };
            let mut back = Back { page, tier: Tier::All, walk, span: None, found: 0, given: 0, hours };
            let (among, span) = back.step(51).unwrap();
            assert_eq!(among.len(), asked_with_hours, "of {hours} hours");
            assert!(span.0 <= start_of(480_000) && span.1 == start_of(480_020));
        }
    }

    #[test]
    fn the_hours_are_walked_without_a_gap() {
        for (first, end) in [(480_000, 480_001), (476_904, 489_912), (-70, 3), (0, 2_400_000)] {
            for rate in [0.0, 0.01, 0.3, 5.0] {
                for level in [0, 3, LEVELS - 1] {
                    let mut walk = Walk { end, first, seen: 0, found: 0, level };
                    let (mut at, mut steps) = (end, 0);
                    let found = |at: i64| ((end - at) as f64 * rate) as i64;
                    while let Some((level, from, until)) = walk.next(1_000_000, found(at), found(at)) {
                        assert_eq!(until, at);
                        assert!(from < until && until - from <= hours_of(level) * (2 * AT_ONCE + 1));
                        assert_eq!(from.rem_euclid(hours_of(level)), 0);
                        (at, steps) = (from, steps + 1);
                    }
                    assert!(at <= first);
                    let long = hours_of(LEVELS - 1);
                    assert!(
                        rate > 0.0 || steps <= i64::from(LEVELS) + (end - first) / long,
                        "{steps} steps for nothing"
                    );
                }
            }
        }
    }
}
