//! The newest tickets with given words, found from the newest hours backwards: a word that a hundred thousand tickets have is looked for in the
//! last hours first, and one that hardly any has in ever longer spans. What the index gives is then looked at by the caller, as the index
//! knows pieces of the words and not their order. Where it knows that there are few, it is asked for all of them at once.

use super::terms::{LEVELS, Tier, among, hour_of, hours_of, span_word, start_of};
use super::{Counted, ListFilter, Page, Sort, Wanted, parse};
use crate::db::{Row, query};
use crate::error::{Named, StoreError};
use crate::model::{StoredTicket, TicketWithBody};
use crate::rows::{due_order, us};
use crate::store::Store;
use crate::tickets::{columns, with_body};

/// Spans of one length that are asked for at once.
const AT_ONCE: i64 = 4;
/// Tickets that the first step is meant to be about.
const FIRST_STEP: i64 = 200;
/// Tickets that are looked at for one page. If that many do not fill it, or all but less than [`ASKED_LEAST`], the page is a shorter one.
const LOOKED_AT_MOST: usize = 150;
/// Tickets that are asked for at once, at least.
const ASKED_LEAST: usize = 16;

/// A ticket that was found, with what the caller saw in it.
pub type Found<T> = (StoredTicket, T);

impl Store {
    /// One page of the tickets that have the filter's words in the index and in which `look` sees something; `cursor` is the `next` of the
    /// page before, of the same sort. `limit` is held to 1–100. A page may be shorter and yet have a `next`, where the index gave many in
    /// which nothing was seen. [`Sort::MostUrgent`] shows those of [`ListFilter::pressing`], and then those of [`ListFilter::resting`], the newest
    /// first; without either, all by their due times, which costs as much as there are.
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
        let mut looking =
            Looking { look, limit: super::page_length(limit) as usize, looked: 0, found: Vec::new(), last: None };
        let (tier, after) = after.map_or((None, None), |(tier, at, ticket)| (Some(tier), Some((at, ticket))));
        let page = Wanted { jurisdiction, filter, sort, after, rows: 0 };
        match sort {
            Sort::MostUrgent => self.urgent(page, tier == Some(Tier::Rest), &mut looking).await?,
            Sort::Newest if filter.resting.is_empty() && !filter.pressing.is_empty() => {
                self.few(page, &mut looking).await?;
            }
            Sort::Newest => self.newest(page, (Tier::All, Tier::All), &mut looking).await?,
            Sort::Best => {
                if tier != Some(Tier::Rest) {
                    let page = Wanted { after: page.after.clone(), ..page };
                    self.newest(page, (Tier::Title, Tier::Title), &mut looking).await?;
                }
                if !looking.done() {
                    let after = page.after.filter(|_| tier == Some(Tier::Rest));
                    self.newest(Wanted { after, ..page }, (Tier::Rest, Tier::Rest), &mut looking).await?;
                }
            }
        }
        Ok(looking.page())
    }

    /// The tiers: what is asked of the index, and what the cursors say of the page.
    async fn newest<T, L: Fn(&TicketWithBody) -> Option<T>>(
        &self,
        page: Wanted<'_>,
        (tier, place): (Tier, Tier),
        looking: &mut Looking<T, L>,
    ) -> Result<(), StoreError> {
        const OP: &str = "search";
        let (jurisdiction, sort) = (page.jurisdiction, page.sort);
        let page = Wanted { sort: Sort::Newest, ..page };
        let Some(mut back) = self.back(page, tier).await.op(OP)? else { return Ok(()) };
        let columns = columns();
        while !looking.done() {
            let found = looking.found.len();
            let wanted = looking.wanted(back.span.is_some());
            let rows = self.further(&mut back, &columns, wanted).await.op(OP)?;
            if rows.is_empty() {
                return Ok(());
            }
            for ticket in self.rows_of(jurisdiction, &rows, with_body).await? {
                looking.at(ticket, |head| sort.cursor_in(place, us(head.row.registered_at), &head.ticket));
            }
            back.found += (looking.found.len() - found) as i64;
        }
        Ok(())
    }

    /// Those that press by their due times, then the others, the newest first.
    async fn urgent<T, L: Fn(&TicketWithBody) -> Option<T>>(
        &self,
        page: Wanted<'_>,
        resting: bool,
        looking: &mut Looking<T, L>,
    ) -> Result<(), StoreError> {
        let filter = page.filter;
        if !resting && (!filter.pressing.is_empty() || filter.resting.is_empty()) {
            let pressing = filter.standing_also(&filter.pressing);
            self.few(Wanted { filter: &pressing, after: page.after.clone(), ..page }, looking).await?;
        }
        if looking.done() || filter.resting.is_empty() {
            return Ok(());
        }
        let rest = filter.standing_also(&filter.resting);
        let after = page.after.filter(|_| resting);
        self.newest(Wanted { filter: &rest, after, ..page }, (Tier::All, Tier::Rest), looking).await
    }

    /// Of what there is little, in any order: the index is asked for all of it at once.
    async fn few<T, L: Fn(&TicketWithBody) -> Option<T>>(
        &self,
        mut page: Wanted<'_>,
        looking: &mut Looking<T, L>,
    ) -> Result<(), StoreError> {
        const OP: &str = "search";
        let (columns, among) = (columns(), among(page.filter));
        while !looking.done() {
            page.rows = looking.wanted(looking.looked > 0);
            let query = page.among(self.dialect(), &columns, Tier::All, &among, None);
            let rows = query.fetch_all(self.read()).await.op(OP)?;
            for ticket in self.rows_of(page.jurisdiction, &rows, with_body).await? {
                let urgent = page.sort == Sort::MostUrgent;
                let at = if urgent { due_order(&ticket.head.row) } else { us(ticket.head.row.registered_at) };
                page.after = Some((at, ticket.head.ticket.clone()));
                looking.at(ticket, |head| page.sort.cursor(at, &head.ticket));
            }
            if (rows.len() as i64) < page.rows {
                return Ok(());
            }
        }
        Ok(())
    }

    /// Counts of the newest tickets with words by the index alone, span by span until there are `most` of them.
    pub(super) async fn counted_search(
        &self,
        jurisdiction: &str,
        filter: &ListFilter,
        most: i64,
    ) -> Result<Counted, sqlx::Error> {
        let page = Wanted { jurisdiction, filter, sort: Sort::Newest, after: None, rows: most };
        let mut counted = Counted::default();
        let Some(mut back) = self.back(page, Tier::All).await? else { return Ok(counted) };
        while counted.total() < most
            && let Some((among, span)) = back.step(most)
        {
            let query = back.page.counts(self.dialect(), &among, span);
            for row in query.once().fetch_all(self.read()).await? {
                counted.add(row.at(0)?, (row.at::<i64>(1)? == 1, row.at::<i64>(2)? == 1), row.at(3)?);
            }
            back.found = counted.total();
        }
        counted.more = back.walk.end > back.walk.first;
        Ok(counted)
    }

    /// The way back from the last ticket that may be shown; `None` if there is none.
    async fn back<'a>(&self, page: Wanted<'a>, tier: Tier) -> Result<Option<Back<'a>>, sqlx::Error> {
        let last = page.filter.registered_to.map_or(i64::MAX, |to| us(to).saturating_sub(1));
        let last = page.after.as_ref().map_or(last, |(at, _)| last.min(*at));
        let spot = |order: &str, nth: i64| {
            format!(
                "(SELECT registered_at FROM ticket WHERE jurisdiction = $1 AND registered_at <= $2 \
                 ORDER BY registered_at {order}, ticket {order} LIMIT 1 OFFSET {nth})"
            )
        };
        let sql = format!("SELECT {}, {}, {}", spot("ASC", 0), spot("DESC", 0), spot("DESC", FIRST_STEP));
        let row = query(sql).bind(page.jurisdiction).bind(last).fetch_optional(self.read()).await?;
        let Some(row) = row else { return Ok(None) };
        let (Some(first), Some(last)) = (row.at::<Option<i64>>(0)?, row.at::<Option<i64>>(1)?) else { return Ok(None) };
        // As long as it took for so many tickets to come is about the length of the first step.
        let step = hour_of(last) - hour_of(row.at::<Option<i64>>(2)?.unwrap_or(first));
        let level = (0..LEVELS).rev().find(|level| hours_of(*level) * AT_ONCE <= step).unwrap_or(0);
        let first = page.filter.registered_from.map_or(first, |from| first.max(us(from)));
        if first > last {
            return Ok(None);
        }
        let walk = Walk { end: hour_of(last) + 1, first: hour_of(first), seen: 0, found: 0, level };
        Ok(Some(Back { page, tier, hours: walk.end - walk.first, walk, span: None, found: 0 }))
    }

    /// The next tickets on the way back, the newest first, at most `rows`; none at its end. The columns have `ticket` and `registered_at`.
    async fn further(&self, back: &mut Back<'_>, columns: &str, rows: i64) -> Result<Vec<Row>, sqlx::Error> {
        back.page.rows = rows;
        loop {
            let Some((among, span)) = back.span.take().or_else(|| back.step(rows + back.found)) else {
                return Ok(Vec::new());
            };
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
    looked: usize,
    found: Vec<(Found<T>, String)>,
    /// Cursor of the last ticket that was looked at.
    last: Option<String>,
}

impl<T, L: Fn(&TicketWithBody) -> Option<T>> Looking<T, L> {
    /// How many are still asked for: one more than the page has, which says that there is a next page; and as many more as, to judge by those
    /// looked at, have nothing in them. To ask once more costs as much as to look at many: so never just a few, and twice as many if `again`,
    /// where so many of the same span were not enough.
    fn wanted(&self, again: bool) -> i64 {
        let left = self.limit + 1 - self.found.len();
        let in_vain = left * (self.looked - self.found.len()) / (self.found.len() + 1);
        let asked = (left + in_vain).max(ASKED_LEAST) * if again { 2 } else { 1 };
        asked.min(LOOKED_AT_MOST - self.looked) as i64
    }

    fn done(&self) -> bool {
        self.found.len() > self.limit || self.tired()
    }

    fn tired(&self) -> bool {
        self.looked + ASKED_LEAST > LOOKED_AT_MOST
    }

    fn at(&mut self, ticket: TicketWithBody, cursor: impl Fn(&StoredTicket) -> String) {
        let cursor = cursor(&ticket.head);
        self.looked += 1;
        self.last = Some(cursor.clone());
        if let Some(seen) = (self.look)(&ticket) {
            self.found.push(((ticket.head, seen), cursor));
        }
    }

    fn page(mut self) -> Page<Found<T>> {
        let tired = self.tired();
        let next = if self.found.len() > self.limit {
            self.found.truncate(self.limit);
            self.found.last().map(|(_, cursor)| cursor.clone())
        } else {
            self.last.filter(|_| tired)
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
    /// From the first ticket to the last.
    hours: i64,
}

impl Back<'_> {
    fn step(&mut self, wanted: i64) -> Option<Step> {
        let (level, from, until) = self.walk.next(wanted, self.found)?;
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
    /// Length of the spans before this step, or of the first.
    level: u32,
}

impl Walk {
    /// The next hours to look at: length of the spans, the first of them, the hour after the last. `None` if there are no more.
    fn next(&mut self, wanted: i64, found: i64) -> Option<(u32, i64, i64)> {
        if self.end <= self.first {
            return None;
        }
        if self.seen > 0 {
            let gained = found - std::mem::replace(&mut self.found, found);
            // As many hours as will do at the rate of those before, and half as many more. Where the last step found nothing, that rate
            // says nothing of what is before it.
            let hours =
                if gained == 0 { i64::MAX } else { (wanted - found).max(1).saturating_mul(self.seen) / found * 3 / 2 };
            let level = (0..LEVELS).rev().find(|level| hours_of(*level) * AT_ONCE / 2 <= hours).unwrap_or(0);
            // A word that none of so many tickets has is a rare one.
            self.level = level.min(self.level + if found == 0 { 2 } else { 1 });
        }
        // Behind each step a span of the next length ends, so that one may follow.
        let whole = hours_of(self.level) * AT_ONCE;
        let from = (self.end - 1).div_euclid(whole) * whole;
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
        while walk.next(51, 40).is_some() {
            steps += 1;
        }
        assert!(steps <= LEVELS as usize + 3, "{steps} steps");
    }

    #[test]
    fn the_hours_are_walked_without_a_gap() {
        for (first, end) in [(480_000, 480_001), (476_904, 489_912), (-70, 3), (0, 2_400_000)] {
            for rate in [0.0, 0.01, 0.3, 5.0] {
                for level in [0, 3, LEVELS - 1] {
                    let mut walk = Walk { end, first, seen: 0, found: 0, level };
                    let (mut at, mut steps) = (end, 0);
                    while let Some((level, from, until)) = walk.next(1_000_000, ((end - at) as f64 * rate) as i64) {
                        assert_eq!(until, at);
                        assert!(from < until && until - from <= hours_of(level) * AT_ONCE);
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
