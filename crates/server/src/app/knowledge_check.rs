//! Whether the knowledge base is right: samples for people to look at, and what `verify` looks at by itself.

use jiesu_domain::{
    Actor,
    audit::ActKind,
    knowledge::{Event, drawn, evolve},
    ticket::{Meta, Refusal},
};
use jiesu_store::{Sample, Store, StoreError};
use serde_json::json;

use super::{
    Act, App, ExecuteError,
    knowledge::{PAGE, entry_of, row},
};

/// Entries of a sample.
const SAMPLE_MOST: usize = 500;

impl App {
    /// Draws a sample of what is published, of one unit or of all. Its number.
    ///
    /// # Errors
    /// There is nothing to draw from, or the store failed.
    pub async fn draw_sample(
        &self,
        actor: &Actor,
        word: &str,
        size: usize,
        unit: Option<&str>,
    ) -> Result<i64, ExecuteError> {
        let word = word.trim();
        if word.is_empty() || word.chars().count() > 40 {
            return Err(Refusal::input(
                "word",
                "请写明抽查的期次，如“2026年5月”，最多40字；同一期次、同一批条目抽得同样的结果",
            )
            .into());
        }
        if !(1..=SAMPLE_MOST).contains(&size) {
            return Err(Refusal::input("size", format!("一次抽1至{SAMPLE_MOST}条")).into());
        }
        let published = self.store.knowledge_published(&self.jurisdiction, unit).await?;
        if published.is_empty() {
            return Err(Refusal::not_now("nothing-published", "没有已发布的条目可抽").into());
        }
        let chosen = drawn(published.iter().map(|e| e.entry.as_str()), word, size);
        let revision = |entry: &&str| -> Result<(String, i64), ExecuteError> {
            let stored = published.iter().find(|e| e.entry == **entry).ok_or(ExecuteError::NotFound)?;
            Ok(((*entry).to_owned(), i64::from(entry_of(stored)?.current.map_or(0, |c| c.version))))
        };
        let chosen = chosen.iter().map(revision).collect::<Result<Vec<_>, _>>()?;
        let now = self.clock.now();
        let entries = published.len() as i64;
        let sample = Sample {
            sample: 0,
            at: now,
            account: actor.id.clone(),
            word: word.to_owned(),
            entries,
            drawn: 0,
            marked: 0,
            right: 0,
        };
        let act = Act::done(ActKind::KnowledgeChanged, "抽查");
        let entry = act.with(json!({ "entries": entries, "drawn": chosen.len() })).entry(actor.into(), now);
        Ok(self.store.knowledge_sample_new(&self.jurisdiction, &sample, &chosen, &entry).await?)
    }
}

/// Whether each entry's row and body are what its journal folds to; what is not, in words.
///
/// # Errors
/// The store failed.
pub(super) async fn faults(store: &Store, jurisdiction: &str) -> Result<Vec<String>, StoreError> {
    let head = store.knowledge_head(jurisdiction).await?;
    let (mut last, mut faults): (Option<String>, Vec<String>) = (None, Vec::new());
    loop {
        let page = store.knowledge_changed(jurisdiction, (0, head), last.as_deref(), PAGE).await?;
        for stored in &page {
            let journal = store.knowledge_events(jurisdiction, &stored.entry).await?;
            let folded = journal.iter().try_fold(None, |entry, e| {
                let event: Event = serde_json::from_str(&e.payload).ok()?;
                evolve(entry, &Meta { at: e.at, by: e.actor.clone() }, &event).ok().map(Some)
            });
            let right = folded.flatten().is_some_and(|folded| {
                let body = serde_json::to_string(&folded).is_ok_and(|body| body == stored.body);
                let at = journal.last().is_some_and(|e| e.at == stored.updated_at);
                body && at && row(&folded) == stored.row
            });
            if !right {
                faults.push(format!("知识条目{}：各栏与日志推得的不一致", stored.entry));
            }
        }
        match page.last() {
            Some(stored) if page.len() == PAGE as usize => last = Some(stored.entry.clone()),
            _ => return Ok(faults),
        }
    }
}
