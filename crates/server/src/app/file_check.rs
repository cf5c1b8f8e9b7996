//! Whether what the database says of files is so: each content is there and is the one that was attached.

use jiesu_store::{AttachmentRow, Store};

use super::FileError;
use crate::files::Contents;

/// Rows read at once.
const CHUNK: u32 = 200;
/// Faults told at most.
const TOLD: usize = 20;

/// The result.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct FilesReport {
    /// Files that the database knows.
    pub files: u64,
    /// Of them, how many have no content.
    pub missing: u64,
    /// Of them, how many have another content than the one attached.
    pub changed: u64,
    /// Ticket and number of what is missing or changed; at most 20 are told.
    pub faults: Vec<String>,
}

impl FilesReport {
    pub fn holds(&self) -> bool {
        self.missing == 0 && self.changed == 0
    }
}

/// Reads every content of a jurisdiction and compares its digest with the one in its row, which `verify` compares with the journal.
/// `progress` hears files done.
///
/// # Errors
/// The store failed, or a content is there and cannot be read.
pub async fn check_files(
    store: &Store,
    jurisdiction: &str,
    contents: &Contents,
    mut progress: impl FnMut(u64) + Send,
) -> Result<FilesReport, FileError> {
    let (mut report, mut after) = (FilesReport::default(), None);
    loop {
        let chunk = store.attachments_stream(jurisdiction, after.as_ref(), CHUNK).await?;
        for (ticket, row) in &chunk {
            report.files += 1;
            report.of(ticket, row, contents.digest(&row.content).await?.as_deref());
            progress(report.files);
        }
        after = chunk.into_iter().last();
        if after.is_none() {
            return Ok(report);
        }
    }
}

impl FilesReport {
    fn of(&mut self, ticket: &str, row: &AttachmentRow, found: Option<&str>) {
        let what = match found {
            None => {
                self.missing += 1;
                "内容不在附件目录（或存储桶）中"
            }
            Some(sm3) if sm3 != row.sm3 => {
                self.changed += 1;
                "内容与上传时的摘要不同"
            }
            Some(_) => return,
        };
        if self.faults.len() < TOLD {
            self.faults.push(format!("{ticket} 附件{}：{what}", row.file));
        }
    }
}
