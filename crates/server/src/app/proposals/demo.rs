//! A demo has no past: its first model is learnt from appeals that are made up like those of its simulated lives, and from sentences of ours
//! that say the same otherwise, by the same lesson.

use std::sync::Arc;

use jiesu_domain::calendar::Day;
use jiesu_lives::{City, matter};
use jiesu_store::StoreError;
use jiesu_text::classify::{self, tree::LEAST_SAMPLES};
use tokio::sync::watch;

use super::learning::{LEASE, Report, Taught};
use crate::app::App;

/// With so many closed tickets a demo learns from its own.
const OWN: usize = 5 * LEAST_SAMPLES;

/// What the labels of [`classify::demo`] are among the categories of the simulated lives; the others are spread over several there.
const SENTENCES: [(&str, &str); 7] = [
    ("水电气暖", "公共服务"),
    ("交通出行", "交通运输"),
    ("环境保护", "生态环境"),
    ("劳动社保", "人社"),
    ("住房物业", "住房城建"),
    ("市场监管", "市场监管"),
    ("城市管理", "城市管理"),
];

impl App {
    /// Takes the first lesson on, before the worker takes the night's: the day, or `None` where something was learnt before.
    ///
    /// # Errors
    /// The store failed.
    pub async fn first_day(&self) -> Result<Option<Day>, StoreError> {
        let (store, j) = (&self.store, &self.jurisdiction);
        let (day, wall) = (Day::of(self.clock.now()), self.clock.wall());
        let until = wall.checked_add(LEASE).unwrap_or(wall);
        let first = store.learnings(j, 1).await?.is_empty();
        Ok((first && store.learning_begin(j, i64::from(day.0), wall, until).await?).then_some(day))
    }

    /// The lesson of that day: from the closed tickets where there are enough, else from so many made-up appeals.
    ///
    /// # Errors
    /// The store failed.
    pub async fn first_lesson(
        self: &Arc<Self>,
        day: Day,
        city: &City,
        appeals: usize,
    ) -> Result<Option<Report>, StoreError> {
        let mut taught = self.closed_tickets().await?;
        let made_up = taught.len() < OWN;
        if made_up {
            taught = self.made_up(city, appeals);
        }
        let (_going_on, stop) = watch::channel(false);
        self.learn(day, taught, made_up, stop).await
    }

    /// The appeals first, as the newest are held out to compare by.
    fn made_up(&self, city: &City, appeals: usize) -> Vec<Taught> {
        let told = matter::sorted(city, self.clock.now(), appeals, 1).map(|sorted| Taught {
            title: sorted.told.title,
            content: sorted.told.content,
            place: sorted.told.place,
            // Which kind it is the lives decide by chance: nothing is to be learnt of that.
            kind: None,
            category: sorted.told.category,
            unit: sorted.unit,
            urgent: sorted.told.urgent,
        });
        let sentences = classify::demo().filter_map(|sample| {
            let (_, category) = SENTENCES.iter().find(|(label, _)| *label == sample.label)?;
            let category = Some((*category).to_owned());
            Some(Taught { content: sample.title.to_owned(), category, ..Taught::default() })
        });
        told.chain(sentences).collect()
    }
}
