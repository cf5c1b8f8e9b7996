//! Files of a ticket: what may be sent in, from the upload to the journal, and what may be taken out again.

use std::path::Path;

use jiesu_domain::{
    Actor,
    access::{self, Known},
    ticket::{Action, AttachFile, Attached, Command, FileCheck, FilePurpose, Refusal, Ticket, ready},
};
use jiesu_store::{AttachmentRow, StoreError};

use super::{App, ExecuteError, appeals::Brings, execute::seen};
use crate::{
    files::{Declared, Files, Goal, Kind, Upload, UploadError, WrongKind, extension_allowed, kind_of, tidy_name},
    limits::{Limits, size_words},
};

/// How often a file is attached anew when somebody else changed the ticket meanwhile.
const ATTEMPTS: u32 = 8;

/// A file that was not taken, or not given out. Nothing has changed.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    #[error(transparent)]
    Execute(#[from] ExecuteError),
    #[error(transparent)]
    Upload(#[from] UploadError),
    #[error(transparent)]
    Kind(#[from] WrongKind),
    /// A limit was met: its name in [`Limits`], and what to do.
    #[error("limit {0}")]
    Limit(&'static str, String),
    /// It is being looked at, or was found infected.
    #[error("the file is {0}")]
    NotClean(FileCheck),
    #[error("no folder for files is set")]
    NotSetUp,
    #[error(transparent)]
    Io(#[from] std::io::Error),
}

/// The name stays out of logs.
impl std::fmt::Debug for Content<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Content").field("key", &self.key).field("size", &self.size).finish_non_exhaustive()
    }
}

impl From<StoreError> for FileError {
    fn from(error: StoreError) -> Self {
        FileError::Execute(error.into())
    }
}

impl From<Refusal> for FileError {
    fn from(refusal: Refusal) -> Self {
        FileError::Execute(refusal.into())
    }
}

/// What somebody wants to send in.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'a> {
    pub name: &'a str,
    pub purpose: FilePurpose,
    pub size: u64,
    pub sm3: Option<&'a str>,
}

/// A content that has come in whole, to be attached under a key of its own.
#[derive(Clone, Copy)]
pub struct Content<'a> {
    pub key: &'a str,
    pub path: &'a Path,
    pub name: &'a str,
    pub purpose: FilePurpose,
    pub kind: Kind,
    pub size: u64,
    pub sm3: &'a str,
}

/// The row of a file that is being attached; the journal gives its number.
pub(super) type NewFile = AttachmentRow;

impl App {
    /// Says where files are kept. Without it none are taken.
    pub fn keep_files(&self, files: Files) {
        let _ = self.files.set(files);
    }

    /// Sets the limits; whoever asks before gets the defaults.
    pub fn limit(&self, limits: Limits) {
        let _ = self.limits.set(limits);
    }

    pub fn limits(&self) -> &Limits {
        self.limits.get_or_init(Limits::default)
    }

    /// # Errors
    /// No folder is set.
    pub fn files(&self) -> Result<&Files, FileError> {
        self.files.get().ok_or(FileError::NotSetUp)
    }

    /// Begins an upload to a ticket; its id. Everything that can be said before the content comes is said now.
    ///
    /// # Errors
    /// This person may not, or a limit is met.
    pub async fn begin_upload(&self, actor: &Actor, number: &str, wanted: Wanted<'_>) -> Result<String, FileError> {
        let files = self.files()?;
        let ticket = self.load(number, actor).await?;
        let name = checked_name(wanted.name)?;
        let declared = AttachFile {
            purpose: wanted.purpose,
            media: "application/octet-stream".into(),
            size: wanted.size,
            // What is not known before is nobody's fault.
            sm3: wanted.sm3.map_or_else(|| "0".repeat(64), str::to_owned),
        };
        self.decidable(&ticket, actor, &declared)?;
        self.within(&ticket, wanted.size)?;
        self.one_more_upload(files, actor)?;
        Ok(files.uploads.create(&Declared {
            jurisdiction: self.jurisdiction.clone(),
            goal: Goal::Ticket { ticket: number.to_owned(), purpose: wanted.purpose },
            account: actor.id.clone(),
            name,
            size: wanted.size,
            sm3: wanted.sm3.map(str::to_owned),
        })?)
    }

    /// Whether this account may begin one more upload.
    pub(super) fn one_more_upload(&self, files: &Files, actor: &Actor) -> Result<(), FileError> {
        if files.uploads.unfinished(&actor.id)? < self.limits().uploads {
            return Ok(());
        }
        let detail = format!("您有{}个没有传完的附件，请先传完或取消后再传新的", self.limits().uploads);
        Err(FileError::Limit("uploads", detail))
    }

    /// Whether a file may be of this size.
    pub(super) fn not_too_large(&self, size: u64) -> Result<(), FileError> {
        let most = self.limits().file;
        if size <= most {
            return Ok(());
        }
        let most = size_words(most);
        Err(FileError::Limit("file", format!("单个附件不能超过{most}；请压缩图片、录像，或分成几个文件")))
    }

    /// What the virus scan says of a file that has just come.
    pub(super) fn unscanned(&self) -> FileCheck {
        let scanned = self.files.get().is_some_and(|f| f.scanner.is_some());
        if scanned { FileCheck::Waiting } else { FileCheck::Unchecked }
    }

    /// Whether the command would be carried out: nobody sends a film in for nothing.
    fn decidable(&self, ticket: &Ticket, actor: &Actor, file: &AttachFile) -> Result<(), Refusal> {
        let units = self.units();
        let ctx = self.ctx(Some(ticket), &units, None, actor, self.clock.now());
        ready(ticket, Action::AttachFile, &ctx)?;
        jiesu_domain::ticket::decide(ticket, &Command::AttachFile(file.clone()), &ctx).map(drop)
    }

    /// Whether a ticket can take one more file of this size.
    fn within(&self, ticket: &Ticket, size: u64) -> Result<(), FileError> {
        self.not_too_large(size)?;
        let limits = self.limits();
        if ticket.files.len() >= limits.files {
            let detail = format!("一件工单最多{}个附件；请合并成一个文件（如PDF）再上传", limits.files);
            return Err(FileError::Limit("files", detail));
        }
        let all: u64 = ticket.files.iter().map(|f| f.size).sum();
        if all + size > limits.files_size {
            let most = size_words(limits.files_size);
            let detail = format!("一件工单的附件合计不能超过{most}，已有{}；请压缩后再上传", size_words(all));
            return Err(FileError::Limit("files_size", detail));
        }
        Ok(())
    }

    /// Ends an upload: looks at the whole content, keeps it and writes it into the journal. Once more after a lost answer changes nothing.
    /// The ticket's number.
    ///
    /// # Errors
    /// Not all has come, it is another content than declared, or it is not taken. What is not taken is thrown away.
    pub async fn finish_upload(&self, actor: &Actor, id: &str) -> Result<String, FileError> {
        let files = self.files()?;
        let upload = match files.uploads.hold(id, &actor.id) {
            Err(UploadError::NotFound) => return self.finished_before(actor, id).await,
            held => held?,
        };
        // What was begun for the knowledge base is ended there.
        let Goal::Ticket { ticket, purpose } = upload.declared.goal.clone() else {
            return Err(UploadError::NotFound.into());
        };
        let (upload, sm3, kind) = looked_at(files, upload).await?;
        let d = &upload.declared;
        let (name, size) = (&d.name, d.size);
        let content = Content { key: id, path: upload.path(), name, purpose, kind, size, sm3: &sm3 };
        self.attach(actor, &ticket, content).await?;
        files.uploads.remove(id)?;
        Ok(ticket)
    }

    async fn finished_before(&self, actor: &Actor, id: &str) -> Result<String, FileError> {
        let known = self.store.attachment_by_content(&self.jurisdiction, id).await?;
        let own = known.filter(|(_, row)| row.account == actor.id);
        own.map(|(ticket, _)| ticket).ok_or_else(|| UploadError::NotFound.into())
    }

    /// Attaches a content that came in one request, under a key that the same request always has.
    ///
    /// # Errors
    /// As of an upload that is finished.
    pub async fn attach_at_once(&self, actor: &Actor, number: &str, content: Content<'_>) -> Result<(), FileError> {
        let uploads = &self.files()?.uploads;
        uploads.note_content(
            content.key,
            &Declared {
                jurisdiction: self.jurisdiction.clone(),
                goal: Goal::Ticket { ticket: number.to_owned(), purpose: content.purpose },
                account: actor.id.clone(),
                name: content.name.to_owned(),
                size: content.size,
                sm3: Some(content.sm3.to_owned()),
            },
        )?;
        self.attach(actor, number, content).await?;
        Ok(uploads.remove(content.key)?)
    }

    /// Keeps a content and attaches it to a ticket. Once for each key.
    ///
    /// # Errors
    /// Refused, a limit is met, or something failed; a content without its entry is cleared away with its upload.
    async fn attach(&self, actor: &Actor, number: &str, content: Content<'_>) -> Result<(), FileError> {
        let files = self.files()?;
        files.contents.put(content.key, content.path).await?;
        let command = Command::AttachFile(AttachFile {
            purpose: content.purpose,
            media: content.kind.media.to_owned(),
            size: content.size,
            sm3: content.sm3.to_owned(),
        });
        for _ in 0..ATTEMPTS {
            if self.store.attachment_by_content(&self.jurisdiction, content.key).await?.is_some() {
                return Ok(());
            }
            let ticket = self.load(number, actor).await?;
            self.within(&ticket, content.size)?;
            let row = self.row_of(actor, &content);
            // On the version that was looked at: two files that come together are counted one after the other.
            let version = Some(i64::from(ticket.version));
            let attaching = self.carry_out(actor, number, &command, version, None, Brings::File(&row));
            match seen(Action::AttachFile, attaching).await {
                Err(ExecuteError::Conflict { .. }) => {}
                done => return done.map(drop).map_err(FileError::from),
            }
        }
        Err(ExecuteError::Conflict { current: 0 }.into())
    }

    fn row_of(&self, actor: &Actor, content: &Content<'_>) -> NewFile {
        AttachmentRow {
            file: 0,
            content: content.key.to_owned(),
            name: Some(content.name.to_owned()),
            media: content.kind.media.to_owned(),
            size: i64::try_from(content.size).unwrap_or(i64::MAX),
            sm3: content.sm3.to_owned(),
            account: actor.id.clone(),
            at: self.clock.now(),
            state: self.unscanned().code().into(),
        }
    }

    /// A file that this person may take out: what the journal says of it, and its row. The row has no name where its sender's words are
    /// not this person's to know.
    ///
    /// # Errors
    /// Not there or not to be seen, both told alike; being looked at, or infected.
    pub async fn file_of(&self, actor: &Actor, number: &str, no: u32) -> Result<(Attached, AttachmentRow), FileError> {
        let ticket = self.load(number, actor).await?;
        let units = self.units();
        let file = ticket.files.iter().find(|f| f.no == no).ok_or(UploadError::NotFound)?.clone();
        let known = access::knows_file(actor, &ticket, &file, &units);
        if known == Known::Nothing {
            return Err(UploadError::NotFound.into());
        }
        let rows = self.store.attachments(&self.jurisdiction, number).await?;
        let mut row = rows.into_iter().find(|r| r.file == i64::from(no)).ok_or(UploadError::NotFound)?;
        if known == Known::Content {
            row.name = row.name.as_deref().map(|name| plain_name(&file, name));
        }
        let check: FileCheck = row.state.parse().unwrap_or(FileCheck::Waiting);
        if check.open() { Ok((file, row)) } else { Err(FileError::NotClean(check)) }
    }
}

/// What a file is called before those who may see what it shows and not what its sender called it.
pub fn plain_name(file: &Attached, name: &str) -> String {
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    format!("{}{}.{extension}", file.purpose, file.no)
}

/// An upload that has come in whole, with its digest and kind. What is not taken is thrown away.
pub(super) async fn looked_at(files: &Files, upload: Upload) -> Result<(Upload, String, Kind), FileError> {
    let looked = tokio::task::spawn_blocking(move || {
        let found = look(&upload);
        (upload, found)
    });
    let (upload, found) = looked.await.map_err(std::io::Error::other)?;
    if let Err(FileError::Kind(_)) = found {
        files.uploads.remove(&upload.id)?;
    }
    let (sm3, kind) = found?;
    Ok((upload, sm3, kind))
}

/// Digest and kind of a content that has come in whole.
fn look(upload: &Upload) -> Result<(String, Kind), FileError> {
    let sm3 = upload.whole()?;
    match kind_of(upload.path(), &upload.declared.name) {
        Err(WrongKind::Io(error)) => Err(error.into()),
        kind => Ok((sm3, kind?)),
    }
}

/// A name that may be kept, of a sort that is taken.
///
/// # Errors
/// Says what is wrong with it.
pub fn checked_name(name: &str) -> Result<String, FileError> {
    let tidy = tidy_name(name).ok_or_else(|| Refusal::input("name", "文件名应带有扩展名，如“现场照片.jpg”"))?;
    extension_allowed(&tidy)?;
    Ok(tidy)
}
