//! Makes the day's anchor soon after midnight in China, and lays every anchor out in the folder.

use std::{
    io::Write,
    path::Path,
    time::{Duration, Instant},
};

use jiesu_domain::{audit::ActKind, calendar::Day};
use jiesu_store::{Anchor, StoreError};

use super::{Evidence, text::AnchorText};
use crate::app::{Act, App, Who};

/// After something failed, it is tried again so much later.
const AGAIN: Duration = Duration::from_secs(60);

/// How far the anchors are, as one process knows.
#[derive(Debug, Default)]
pub struct Daily {
    /// The day that has its anchor, whoever made it, and lies in the folder.
    done: Option<String>,
    not_before: Option<Instant>,
}

impl Daily {
    /// One look: makes the day's anchor if it has none. What fails is said in the log and tried again a minute later.
    pub async fn look(&mut self, app: &App) {
        let Some(evidence) = app.evidence() else { return };
        let day = Day::of(app.clock.now()).date().to_string();
        if self.done.as_ref() == Some(&day) || self.not_before.is_some_and(|at| at > Instant::now()) {
            return;
        }
        match anchored(app, evidence, &day).await {
            Ok(()) => (self.done, self.not_before) = (Some(day), None),
            Err(error) => {
                tracing::error!(error, "the day's anchor could not be made or laid out; trying again in a minute");
                self.not_before = Some(Instant::now() + AGAIN);
            }
        }
    }
}

async fn anchored(app: &App, evidence: &Evidence, day: &str) -> Result<(), String> {
    let (store, place) = (&app.store, &app.jurisdiction);
    // As the database keeps it.
    let now = app.clock.now();
    let now = jiesu_domain::Instant::from_microsecond(now.as_microsecond()).unwrap_or(now);
    let entry = Act::done(ActKind::Anchored, day).entry(Who::System, now);
    let content = |heads: &_, before: Option<&Anchor>| {
        AnchorText::sign(&evidence.key, place, day, now, heads, before.map(|b| b.content.as_str()))
    };
    let words = |e: StoreError| e.to_string();
    if let Some(made) = store.anchor_make(place, day, &entry, content).await.map_err(words)? {
        tracing::info!(day = made.day, "anchored");
    }
    let Some(folder) = &evidence.folder else { return Ok(()) };
    for anchor in store.anchors(place).await.map_err(words)? {
        let name = format!("{place}-{}.anchor", anchor.day);
        lay_out(folder, &name, &anchor.content).map_err(|e| format!("{}: {e}", folder.display()))?;
    }
    Ok(())
}

/// Writes a file that is not there yet, whole or not at all. One that is there stays, whatever it says: it is older than any change.
fn lay_out(folder: &Path, name: &str, content: &str) -> std::io::Result<()> {
    let path = folder.join(name);
    if path.exists() {
        return Ok(());
    }
    std::fs::create_dir_all(folder)?;
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(content.as_bytes())?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    Ok(())
}
