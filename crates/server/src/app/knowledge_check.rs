//! Whether the knowledge base is right: samples for people to look at, and what `verify` looks at by itself.

use std::collections::BTreeMap;

use jiesu_domain::{
    Actor,
    audit::ActKind,
    knowledge::{Entry, Event, File, drawn, evolve},
    ticket::{Meta, Refusal},
};
use jiesu_store::{KnowledgeFileRow, NamedBy, Sample, Store, StoreError};
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

/// Whether the rows of an entry's files are what its journal says of them, and say what names them.
fn same_files(entry: &Entry, published: &BTreeMap<String, File>, rows: &[KnowledgeFileRow]) -> bool {
    let pending = entry.pending.iter().flat_map(|p| &p.content.files).filter(|f| !published.contains_key(&f.file));
    let mut told: Vec<_> = published.values().map(|f| (f, NamedBy::Published)).collect();
    told.extend(pending.map(|f| (f, NamedBy::Pending)));
    let same = |(file, by): &(&File, NamedBy)| {
        let row = rows.iter().find(|row| row.content == file.file);
        row.is_some_and(|r| {
            let size = u64::try_from(r.size).is_ok_and(|size| size == file.size);
            r.by == *by && size && (&r.name, &r.media, &r.sm3) == (&file.name, &file.media, &file.sm3)
        })
    };
    told.iter().all(same) && rows.iter().filter(|r| r.by >= NamedBy::Pending).count() == told.len()
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
            let mut published = BTreeMap::new();
            let folded = journal.iter().try_fold(None, |entry, e| {
                let event: Event = serde_json::from_str(&e.payload).ok()?;
                let entry = evolve(entry, &Meta { at: e.at, by: e.actor.clone() }, &event).ok()?;
                published
                    .extend(entry.current.iter().flat_map(|c| &c.content.files).map(|f| (f.file.clone(), f.clone())));
                Some(Some(entry))
            });
            let folded = folded.flatten();
            let right = folded.as_ref().is_some_and(|folded| {
                let body = serde_json::to_string(folded).is_ok_and(|body| body == stored.body);
                let at = journal.last().is_some_and(|e| e.at == stored.updated_at);
                let mut row = row(folded);
                // Not written yet: the centre has not opened since it was upgraded.
                if stored.row.said.is_empty() {
                    row.said.clear();
                }
                body && at && row == stored.row
            });
            if let Some(folded) = &folded {
                let rows = store.knowledge_files(jurisdiction, &stored.entry).await?;
                if !same_files(folded, &published, &rows) {
                    faults.push(format!("知识条目{}：附件记录与日志不一致", stored.entry));
                }
            }
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
