//! Whether what the database says of files is so: each content is there and is the one that was attached.

use jiesu_store::Store;

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
    /// Ticket and number, or entry and key, of what is missing or changed; at most 20 are told.
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
            let found = contents.digest(&row.content).await?;
            report.of(&format!("{ticket} 附件{}", row.file), &row.sm3, found.as_deref());
            progress(report.files);
        }
        after = chunk.into_iter().last();
        if after.is_none() {
            break;
        }
    }
    let mut after = String::new();
    loop {
        let chunk = store.knowledge_files_stream(jurisdiction, None, &after, CHUNK).await?;
        for row in &chunk {
            report.files += 1;
            let found = contents.digest(&row.content).await?;
            let of = row.entry.as_deref().unwrap_or("（未报送）");
            report.of(&format!("知识条目{of} 附件{}", row.content), &row.sm3, found.as_deref());
            progress(report.files);
        }
        match chunk.into_iter().last() {
            Some(last) => after = last.content,
            None => return Ok(report),
        }
    }
}

impl FilesReport {
    fn of(&mut self, which: &str, written: &str, found: Option<&str>) {
        let what = match found {
            None => {
                self.missing += 1;
                "内容不在附件目录（或存储桶）中"
            }
            Some(sm3) if sm3 != written => {
                self.changed += 1;
                "内容与上传时的摘要不同"
            }
            Some(_) => return,
        };
        if self.faults.len() < TOLD {
            self.faults.push(format!("{which}：{what}"));
        }
    }
}
