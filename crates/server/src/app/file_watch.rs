//! Beside the requests: files that wait are scanned, uploads that nobody finishes are thrown away. Both may run in several processes.

use std::time::{Duration, SystemTime};

use jiesu_domain::ticket::FileCheck;
use jiesu_store::{AttachmentRow, KnowledgeFileRow};
use tokio::sync::watch;

use super::{App, FileError};
use crate::files::{Files, Scanner, Verdict};

/// How often it is looked for files that wait.
const PAUSE: Duration = Duration::from_secs(1);
/// The same while the scan cannot be asked.
const LONG_PAUSE: Duration = Duration::from_secs(10);
/// Between two clearings of stale uploads.
const CLEARING: Duration = Duration::from_secs(600);
/// Files read from the store at once.
const BATCH: u32 = 20;

/// Runs until `stop` changes; a scan under way is left, its file waits for the next process. What fails is logged and tried again.
pub async fn watch_files(app: &App, mut stop: watch::Receiver<bool>) {
    let Ok(files) = app.files() else { return };
    tokio::select! {
        ((), ()) = async { tokio::join!(scan(app), clear(app, files)) } => {}
        _ = stop.wait_for(|stop| *stop) => {}
    }
}

async fn scan(app: &App) {
    loop {
        let pause = match app.scan_files().await {
            Ok(0) => PAUSE,
            Ok(_) => LONG_PAUSE,
            Err(error) => {
                tracing::error!(%error, "looking for files that wait failed; trying again");
                LONG_PAUSE
            }
        };
        tokio::time::sleep(pause).await;
    }
}

async fn clear(app: &App, files: &Files) {
    loop {
        let cleared = app.clear_uploads(files, wall_clock()).await;
        let _ = cleared.inspect_err(|error| tracing::error!(%error, "stale uploads could not be cleared"));
        let cleared = app.clear_knowledge_files().await;
        let _ = cleared.inspect_err(|error| tracing::error!(%error, "files that no entry names could not be cleared"));
        tokio::time::sleep(CLEARING).await;
    }
}

/// Files on a disk carry the machine's time, not that of a settable clock.
#[allow(clippy::disallowed_methods, reason = "compared with the times that the disk gave to files")]
fn wall_clock() -> SystemTime {
    SystemTime::now()
}

impl App {
    /// Scans every file that waits, once. One that cannot be scanned stays shut and holds up no other; how many did. Where no scanner is
    /// set nothing is opened: another process may have one.
    ///
    /// # Errors
    /// The store failed.
    pub async fn scan_files(&self) -> Result<usize, FileError> {
        let files = self.files()?;
        let Some(scanner) = &files.scanner else { return Ok(0) };
        let (waiting, mut failed, mut after) = (FileCheck::Waiting.code(), 0, None);
        loop {
            let chunk = self.store.attachments_in(&self.jurisdiction, waiting, after.as_ref(), BATCH).await?;
            for (ticket, row) in &chunk {
                match self.scan_one(files, scanner, row).await {
                    Ok(FileCheck::Infected) => tracing::warn!(ticket, file = row.file, "a file is infected"),
                    Ok(_) => {}
                    Err(error) => {
                        failed += 1;
                        if failed == 1 {
                            tracing::warn!(ticket, file = row.file, %error, "a file cannot be scanned and stays shut");
                        }
                    }
                }
            }
            after = chunk.into_iter().last();
            if after.is_none() {
                break;
            }
        }
        let mut after = String::new();
        loop {
            let chunk = self.store.knowledge_files_stream(&self.jurisdiction, Some(waiting), &after, BATCH).await?;
            for row in &chunk {
                match self.scan_entry_file(files, scanner, row).await {
                    Ok(FileCheck::Infected) => {
                        tracing::warn!(file = row.content, "a file of the knowledge base is infected")
                    }
                    Ok(_) => {}
                    Err(error) => {
                        failed += 1;
                        if failed == 1 {
                            tracing::warn!(file = row.content, %error, "a file cannot be scanned and stays shut");
                        }
                    }
                }
            }
            match chunk.into_iter().last() {
                Some(last) => after = last.content,
                None => return Ok(failed),
            }
        }
    }

    async fn scan_one(&self, files: &Files, scanner: &Scanner, row: &AttachmentRow) -> Result<FileCheck, FileError> {
        let check = looked_through(files, scanner, &row.content, row.size).await?;
        let (from, to) = (FileCheck::Waiting.code(), check.code());
        self.store.attachment_state(&self.jurisdiction, &row.content, from, to).await?;
        Ok(check)
    }

    async fn scan_entry_file(
        &self,
        files: &Files,
        scanner: &Scanner,
        row: &KnowledgeFileRow,
    ) -> Result<FileCheck, FileError> {
        let check = looked_through(files, scanner, &row.content, row.size).await?;
        let (from, to) = (FileCheck::Waiting.code(), check.code());
        self.store.knowledge_file_state(&self.jurisdiction, &row.content, from, to).await?;
        Ok(check)
    }

    /// Throws away uploads that nothing came to for the hours of the settings, with contents that were kept for them and never attached.
    /// How many.
    ///
    /// # Errors
    /// A folder cannot be read or cleared, or the store fails.
    pub async fn clear_uploads(&self, files: &Files, now: SystemTime) -> Result<usize, FileError> {
        let age = Duration::from_secs(u64::from(self.limits().upload_hours) * 3600);
        let mut cleared = 0;
        for id in files.uploads.stale(age, now)? {
            // Held while it is cleared: nobody finishes it between the question and the removal.
            let Some(held) = files.uploads.hold_stale(&id, age, now) else { continue };
            let of_ticket = self.store.attachment_by_content(&self.jurisdiction, &held.id).await?.is_some();
            if !of_ticket && self.store.knowledge_file(&self.jurisdiction, &held.id).await?.is_none() {
                files.contents.remove(&id).await?;
            }
            files.uploads.remove(&id)?;
            cleared += 1;
        }
        Ok(cleared)
    }
}

/// What the scan says of a content.
async fn looked_through(files: &Files, scanner: &Scanner, content: &str, size: i64) -> Result<FileCheck, FileError> {
    let content = files.contents.read(content, 0, u64::try_from(size).unwrap_or_default()).await?;
    Ok(match scanner.scan(content).await? {
        Verdict::Clean => FileCheck::Clean,
        Verdict::Infected => FileCheck::Infected,
    })
}
