//! Beside the requests: files that wait are scanned, uploads that nobody finishes are thrown away. Both may run in several processes.

use std::time::{Duration, SystemTime};

use jiesu_domain::ticket::FileCheck;
use jiesu_store::{AttachmentRow, StoreError};
use tokio::sync::watch;

use super::{App, FileError};
use crate::files::{Files, Scanner, Verdict};

/// How often it is looked for files that wait.
const PAUSE: Duration = Duration::from_secs(1);
/// Looks between two clearings of stale uploads: some ten minutes.
const LOOKS: u32 = 600;
/// Files scanned at one look.
const BATCH: u32 = 20;

/// Runs until `stop` changes. What fails is logged and tried again.
pub async fn watch_files(app: &App, mut stop: watch::Receiver<bool>) {
    let Ok(files) = app.files() else { return };
    let mut looks = 0;
    loop {
        let mut pause = PAUSE;
        if let Err(error) = app.scan_files().await {
            tracing::warn!(%error, "files wait for their virus scan; trying again");
            pause *= 10;
        }
        if looks % LOOKS == 0 {
            let cleared = app.clear_uploads(files, wall_clock()).await;
            let _ = cleared.inspect_err(|error| tracing::error!(%error, "stale uploads could not be cleared"));
        }
        looks += 1;
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            _ = stop.changed() => return,
        }
    }
}

/// Files on a disk carry the machine's time, not that of a settable clock.
#[allow(clippy::disallowed_methods, reason = "compared with the times that the disk gave to files")]
fn wall_clock() -> SystemTime {
    SystemTime::now()
}

impl App {
    /// Scans what waits. Without a scan what waited from before is told to be unchecked.
    ///
    /// # Errors
    /// A scan could not be made; the others were.
    pub async fn scan_files(&self) -> Result<(), FileError> {
        let files = self.files()?;
        let waiting = self.store.attachments_in(&self.jurisdiction, FileCheck::Waiting.code(), BATCH).await?;
        let mut failed = Ok(());
        for (ticket, row) in waiting {
            let Some(scanner) = &files.scanner else {
                self.checked(&row, FileCheck::Unchecked).await?;
                continue;
            };
            match self.scan_one(files, scanner, &row).await {
                Ok(FileCheck::Infected) => tracing::warn!(ticket, file = row.file, "a file is infected"),
                Ok(_) => {}
                Err(error) => failed = Err(error),
            }
        }
        failed
    }

    async fn scan_one(&self, files: &Files, scanner: &Scanner, row: &AttachmentRow) -> Result<FileCheck, FileError> {
        let size = u64::try_from(row.size).unwrap_or_default();
        let content = files.contents.read(&row.content, 0, size).await?;
        let check = match scanner.scan(content).await? {
            Verdict::Clean => FileCheck::Clean,
            Verdict::Infected => FileCheck::Infected,
        };
        self.checked(row, check).await?;
        Ok(check)
    }

    async fn checked(&self, row: &AttachmentRow, check: FileCheck) -> Result<(), StoreError> {
        let (from, to) = (FileCheck::Waiting.code(), check.code());
        self.store.attachment_state(&self.jurisdiction, &row.content, from, to).await.map(drop)
    }

    /// Throws away uploads that nothing came to for the hours of the settings, with contents that were kept for them and never attached.
    /// How many.
    ///
    /// # Errors
    /// A folder cannot be read or cleared, or the store fails.
    pub async fn clear_uploads(&self, files: &Files, now: SystemTime) -> Result<usize, FileError> {
        let age = Duration::from_secs(u64::from(self.limits().upload_hours) * 3600);
        let stale = files.uploads.stale(age, now)?;
        for id in &stale {
            if self.store.attachment_by_content(&self.jurisdiction, id).await?.is_none() {
                files.contents.remove(id).await?;
            }
            files.uploads.remove(id)?;
        }
        Ok(stale.len())
    }
}
