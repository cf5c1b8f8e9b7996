//! Every ticket of a database that is not archived, rehearsed under another version: read page by page, and nothing written.

use std::{collections::BTreeMap, error::Error, fmt::Write};

use jiesu_domain::{
    Actor, Instant, Rulebook,
    calendar::Day,
    describe,
    rehearse::under::{Difference, Effect, under},
    ticket::{Ctx, StateName, Ticket, Units},
};
use jiesu_store::{ListFilter, Store};

use crate::{
    app::units_of,
    cli::online::{CLOCK_SETTING, bar, block_on, open_to_read},
    clock::Clock,
    config::Settings,
    law::Law,
};

/// Tickets read at once.
const CHUNK: u32 = 200;

/// What is told of the tickets in the settings' database, if there is one.
pub(super) fn rehearse(
    law: &Law,
    settings: &Settings,
    old: &Rulebook,
    new: &Rulebook,
    limit: usize,
) -> Result<String, Box<dyn Error>> {
    block_on(async {
        let Some(store) = open_to_read(settings).await? else {
            let data = settings.data.display();
            return Ok(format!("\n{data} 中没有数据库，没有演练在办工单；用 --data 写明数据目录\n"));
        };
        let told = in_store(&store, law, settings, old, new, limit).await;
        store.close().await?;
        told
    })
}

async fn in_store(
    store: &Store,
    law: &Law,
    settings: &Settings,
    old: &Rulebook,
    new: &Rulebook,
    limit: usize,
) -> Result<String, Box<dyn Error>> {
    let place = new.rulebook.id.as_str();
    if !store.jurisdictions().await?.iter().any(|j| j.jurisdiction == place) {
        return Ok(format!("\n数据库中没有地区“{place}”，没有演练在办工单\n"));
    }
    let clock = Clock::new(settings.clock);
    if let Some(left) = store.setting(place, CLOCK_SETTING).await?.and_then(|s| s.parse().ok()) {
        clock.set(left);
    }
    let desk = Desk { law, old, new, units: &units_of(store, place).await?, now: clock.now() };
    let archived = StateName::Archived.code();
    let states = store.count_by_state(place, &ListFilter::default()).await?;
    let bar = bar(states.iter().filter(|(state, _)| state != archived).map(|(_, n)| n.unsigned_abs()).sum());
    bar.set_message("演练在办工单");
    let mut tally = Tally::new(limit);
    let mut after: Option<String> = None;
    loop {
        let chunk = store.tickets_stream_without(place, archived, after.as_deref(), CHUNK).await?;
        let Some(last) = chunk.last() else { break };
        after = Some(last.head.ticket.clone());
        for row in &chunk {
            let number = &row.head.ticket;
            // Where it breaks, and nothing of what stands there.
            let ticket: Ticket =
                serde_json::from_str(&row.body).map_err(|e| format!("工单{number}读不懂（第{}字节处）", e.column()))?;
            desk.one(&ticket, &mut tally);
        }
        bar.set_position(tally.all);
    }
    bar.finish_and_clear();
    Ok(tally.told(&desk))
}

/// What every ticket is rehearsed with.
struct Desk<'a> {
    law: &'a Law,
    old: &'a Rulebook,
    new: &'a Rulebook,
    units: &'a Units,
    now: Instant,
}

impl Desk<'_> {
    /// The version that holds for a ticket now; `None` if its file is gone.
    fn own(&self, ticket: &Ticket) -> Option<&Rulebook> {
        let head = &self.old.rulebook;
        match &ticket.rulebook {
            Some((id, version)) => {
                let given = (&head.id, head.version) == (id, *version);
                self.law.book(id, *version).or(given.then_some(self.old))
            }
            None => self.law.in_force(&head.id, Day::of(self.now).date()).or(Some(self.old)),
        }
    }

    fn one(&self, ticket: &Ticket, tally: &mut Tally) {
        tally.all += 1;
        let Some(own) = self.own(ticket) else {
            let (id, version) = ticket.rulebook.clone().unwrap_or_default();
            *tally.gone.entry(format!("{id} 第{version}版")).or_default() += 1;
            return;
        };
        let (id, today) = (own.rulebook.id.as_str(), Day::of(self.now).date());
        let catalogue = ticket.catalogue.and_then(|version| self.law.catalogue_version(id, version));
        let nobody = Actor::system();
        let ctx = Ctx {
            rulebook: own,
            calendar: self.law.calendar(),
            catalogue: catalogue.or_else(|| self.law.catalogue_in_force(id, today)),
            units: self.units,
            standing: None,
            now: self.now,
            actor: &nobody,
        };
        let found = under(ticket, &ctx, &Ctx { rulebook: self.new, ..ctx });
        tally.add(&ticket.number, &found, &ctx);
    }
}

/// Counts, and as many lines as are wanted.
struct Tally {
    limit: usize,
    all: u64,
    differ: u64,
    limits: BTreeMap<Effect, u64>,
    opens: u64,
    closes: u64,
    unknown: u64,
    /// Tickets by a version that is not there any more.
    gone: BTreeMap<String, u64>,
    lines: Vec<String>,
}

impl Tally {
    fn new(limit: usize) -> Tally {
        let (limits, gone, lines) = (BTreeMap::new(), BTreeMap::new(), Vec::new());
        Tally { limit, all: 0, differ: 0, limits, opens: 0, closes: 0, unknown: 0, gone, lines }
    }

    fn add(&mut self, number: &str, found: &[Difference], ctx: &Ctx<'_>) {
        if found.is_empty() {
            return;
        }
        self.differ += 1;
        for difference in found {
            if let Difference::Due { effect, .. } = difference {
                *self.limits.entry(*effect).or_default() += 1;
            }
        }
        let any = |is: fn(&Difference) -> bool| u64::from(found.iter().any(is));
        self.opens += any(|d| matches!(d, Difference::Action { opens: true, .. }));
        self.closes += any(|d| matches!(d, Difference::Action { opens: false, .. }));
        self.unknown += any(|d| matches!(d, Difference::Unknown(_)));
        if self.lines.len() < self.limit {
            let words: Vec<String> = found.iter().map(|d| d.words(ctx)).collect();
            self.lines.push(format!("  {number}  {}", words.join("；")));
        }
    }

    fn told(&self, desk: &Desk<'_>) -> String {
        let mut out = String::new();
        let version = desk.new.rulebook.version;
        let _ =
            writeln!(out, "\n演练：未归档的工单改按第{version}版（{}，数据库只读）", describe::instant_words(desk.now));
        let _ = writeln!(out, "在办工单仍按派发时的版本办理，以下只是演练");
        let same = self.all - self.differ - self.gone.values().sum::<u64>();
        let _ = writeln!(out, "未归档{}件：有变化{}件，没有变化{same}件", self.all, self.differ);
        if self.differ > 0 {
            let effects =
                Effect::ALL.iter().map(|e| format!("{e}{}处", self.limits.get(e).copied().unwrap_or_default()));
            let _ = writeln!(out, "  时限：{}", effects.collect::<Vec<_>>().join("，"));
            let _ = writeln!(out, "  操作：有新开放的{}件，有不能再做的{}件", self.opens, self.closes);
            let _ = writeln!(out, "  新版不能表达：{}件", self.unknown);
        }
        for (version, n) in &self.gone {
            let _ = writeln!(out, "  派发时的版本（{version}）已不在数据目录的 rulebooks/ 中，没有演练：{n}件");
        }
        if self.lines.is_empty() {
            return out;
        }
        let _ = writeln!(out, "逐件（编号最小的{}件）", self.lines.len());
        self.lines.iter().for_each(|line| out.extend([line, "\n"]));
        let left = self.differ - self.lines.len() as u64;
        if left > 0 {
            let _ = writeln!(out, "另有{left}件有变化，没有列出；用 --limit 写明要列出多少件");
        }
        out
    }
}
