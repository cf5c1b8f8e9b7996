//! Uploads in the making: two files each, `ID.json` (what was declared) and `ID.part` (what has come). The length of the part is the
//! offset, so nothing has to be remembered: after a lost connection or a killed server the client asks where it stands and goes on.
//! A lock on the part keeps two requests, also of two processes, from writing at once; it ends with the process that holds it.

use std::{
    fs::{File, OpenOptions},
    io::{self, Read, Write},
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use jiesu_domain::ticket::FilePurpose;
use serde::{Deserialize, Serialize};
use sm3::{Digest, Sm3};
use tokio::io::AsyncWriteExt;

use crate::app::{hex, random_token};

/// What a file is sent in for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Goal {
    Ticket {
        ticket: String,
        purpose: FilePurpose,
    },
    /// The knowledge base; which entry is said when it is submitted.
    Knowledge {},
}

/// What was said about a file before it came. `Debug` leaves the name out.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Declared {
    pub jurisdiction: String,
    #[serde(flatten)]
    pub goal: Goal,
    /// Whose upload it is; nobody else can go on with it.
    pub account: String,
    pub name: String,
    /// Bytes.
    pub size: u64,
    /// Where the sender knows it: then the content must have it.
    pub sm3: Option<String>,
}

impl std::fmt::Debug for Declared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Declared").field("goal", &self.goal).field("size", &self.size).finish_non_exhaustive()
    }
}

/// Why an upload does not go on.
#[derive(Debug, thiserror::Error)]
pub enum UploadError {
    #[error("there is no such upload")]
    NotFound,
    /// Another request writes to it.
    #[error("the upload is being written to")]
    Busy,
    #[error("the upload stands at {0}")]
    WrongOffset(u64),
    /// More came than was declared.
    #[error("more than declared")]
    TooMuch,
    /// The content is not the one declared. What came is thrown away.
    #[error("another content than declared")]
    WrongContent,
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// The folder of uploads.
#[derive(Debug)]
pub struct Uploads {
    folder: PathBuf,
}

/// An upload that this request alone may write to.
#[derive(Debug)]
pub struct Upload {
    pub id: String,
    pub declared: Declared,
    /// Bytes that have come.
    pub offset: u64,
    part: File,
    /// The same, to be written without stopping others.
    file: tokio::fs::File,
    path: PathBuf,
}

impl Uploads {
    /// # Errors
    /// The folder cannot be made.
    pub fn open(folder: &Path) -> io::Result<Uploads> {
        super::private_folder(folder)?;
        Ok(Uploads { folder: folder.to_owned() })
    }

    fn part(&self, id: &str) -> PathBuf {
        self.folder.join(format!("{id}.part"))
    }

    fn note(&self, id: &str) -> PathBuf {
        self.folder.join(format!("{id}.json"))
    }

    /// Begins an upload; its id.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn create(&self, declared: &Declared) -> io::Result<String> {
        let id = random_token()[..32].to_owned();
        OpenOptions::new().write(true).create_new(true).open(self.part(&id))?;
        self.write_note(&id, declared)?;
        Ok(id)
    }

    /// Under another name first: a note is there whole or not at all.
    fn write_note(&self, id: &str, declared: &Declared) -> io::Result<()> {
        let mut new = tempfile::NamedTempFile::new_in(&self.folder)?;
        new.write_all(&serde_json::to_vec(declared)?)?;
        new.persist(self.note(id)).map(drop).map_err(|e| e.error)
    }

    /// A file without a note, for what comes in one request. It goes with its value, or after a crash with the stale uploads.
    ///
    /// # Errors
    /// It cannot be made.
    pub fn scratch(&self) -> io::Result<tempfile::NamedTempFile> {
        tempfile::Builder::new().prefix("form-").suffix(".part").tempfile_in(&self.folder)
    }

    /// Notes that a content which came in one request is about to be kept under this key. If nothing comes of it, the content is cleared
    /// away with the note like that of any upload.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn note_content(&self, key: &str, declared: &Declared) -> io::Result<()> {
        File::create(self.part(key))?;
        self.write_note(key, declared)
    }

    /// An upload as it stands, without holding it: what was declared, and the bytes that have come.
    ///
    /// # Errors
    /// It is not there, or not this account's.
    pub fn look(&self, id: &str, account: &str) -> Result<(Declared, u64), UploadError> {
        if id.len() != 32 || !id.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(UploadError::NotFound);
        }
        let declared = self.read(id)?;
        if declared.account != account {
            return Err(UploadError::NotFound);
        }
        Ok((declared, std::fs::metadata(self.part(id)).map_err(gone)?.len()))
    }

    fn read(&self, id: &str) -> Result<Declared, UploadError> {
        let note = std::fs::read(self.note(id)).map_err(gone)?;
        serde_json::from_slice(&note).map_err(|_| UploadError::NotFound)
    }

    /// An upload to write to or to finish.
    ///
    /// # Errors
    /// It is not there, not this account's, or another request holds it.
    pub fn hold(&self, id: &str, account: &str) -> Result<Upload, UploadError> {
        let (declared, _) = self.look(id, account)?;
        self.seize(id, declared)
    }

    /// An upload to which nothing came for so long, to be thrown away; `None` if it goes on after all.
    pub fn hold_stale(&self, id: &str, age: Duration, now: SystemTime) -> Option<Upload> {
        let held = self.seize(id, self.read(id).ok()?).ok()?;
        is_old(&held.path, age, now).then_some(held)
    }

    fn seize(&self, id: &str, declared: Declared) -> Result<Upload, UploadError> {
        let path = self.part(id);
        let part = OpenOptions::new().read(true).append(true).open(&path).map_err(gone)?;
        locked(&part)?;
        let offset = part.metadata()?.len();
        let file = tokio::fs::File::from_std(part.try_clone()?);
        Ok(Upload { id: id.to_owned(), declared, offset, part, file, path })
    }

    /// How many uploads an account has that are not finished.
    ///
    /// # Errors
    /// The folder cannot be read.
    pub fn unfinished(&self, account: &str) -> io::Result<usize> {
        Ok(self.ids()?.iter().filter(|id| self.read(id).is_ok_and(|d| d.account == account)).count())
    }

    fn ids(&self) -> io::Result<Vec<String>> {
        let mut ids = Vec::new();
        for entry in std::fs::read_dir(&self.folder)? {
            let name = entry?.file_name();
            ids.extend(name.to_str().and_then(|n| n.strip_suffix(".json")).map(str::to_owned));
        }
        Ok(ids)
    }

    /// Ids of uploads to which nothing came for so long. What has no note (a crash between the two files) is removed here.
    ///
    /// # Errors
    /// The folder cannot be read or cleared.
    pub fn stale(&self, age: Duration, now: SystemTime) -> io::Result<Vec<String>> {
        for entry in std::fs::read_dir(&self.folder)? {
            let path = entry?.path();
            let note = path.with_extension("json");
            if path.extension().is_some_and(|e| e != "json") && !note.exists() && is_old(&path, age, now) {
                let _ = std::fs::remove_file(path);
            }
        }
        Ok(self.ids()?.into_iter().filter(|id| is_old(&self.part(id), age, now)).collect())
    }

    /// Throws an upload away, or what is left of a finished one.
    ///
    /// # Errors
    /// A file is there and cannot be removed.
    pub fn remove(&self, id: &str) -> io::Result<()> {
        for path in [self.part(id), self.note(id)] {
            match std::fs::remove_file(path) {
                Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(e),
                _ => {}
            }
        }
        Ok(())
    }
}

impl Upload {
    /// Whether it stands where the client thinks.
    ///
    /// # Errors
    /// It stands elsewhere.
    pub fn at(&self, offset: u64) -> Result<(), UploadError> {
        if offset == self.offset { Ok(()) } else { Err(UploadError::WrongOffset(self.offset)) }
    }

    /// Writes what comes. What came before a break stays: the next request goes on there.
    ///
    /// # Errors
    /// More comes than was declared, or the disk fails.
    pub async fn write(&mut self, data: &[u8]) -> Result<(), UploadError> {
        if data.len() as u64 > self.declared.size - self.offset {
            return Err(UploadError::TooMuch);
        }
        self.file.write_all(data).await?;
        self.offset += data.len() as u64;
        Ok(())
    }

    /// Puts what has come on the disk; the offset.
    ///
    /// # Errors
    /// The disk fails.
    pub async fn settle(&mut self) -> Result<u64, UploadError> {
        self.file.flush().await?;
        self.file.sync_data().await?;
        Ok(self.offset)
    }

    /// The SM3 of the content, if all has come and is what was declared. A wrong content begins anew: nobody can tell which byte is wrong.
    ///
    /// # Errors
    /// Not all has come, or it is another content.
    pub fn whole(&self) -> Result<String, UploadError> {
        if self.offset < self.declared.size {
            return Err(UploadError::WrongOffset(self.offset));
        }
        let sm3 = sm3_of(&self.path)?;
        if self.declared.sm3.as_ref().is_none_or(|declared| *declared == sm3) {
            return Ok(sm3);
        }
        self.part.set_len(0)?;
        Err(UploadError::WrongContent)
    }

    /// Where the content is.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

fn is_old(path: &Path, age: Duration, now: SystemTime) -> bool {
    let changed = std::fs::metadata(path).and_then(|m| m.modified());
    changed.is_ok_and(|at| now.duration_since(at).is_ok_and(|gone| gone >= age))
}

fn locked(part: &File) -> Result<(), UploadError> {
    part.try_lock().map_err(|e| match e {
        std::fs::TryLockError::WouldBlock => UploadError::Busy,
        std::fs::TryLockError::Error(e) => UploadError::Io(e),
    })
}

fn gone(error: io::Error) -> UploadError {
    if error.kind() == io::ErrorKind::NotFound { UploadError::NotFound } else { UploadError::Io(error) }
}

/// SM3 of a file as hex.
fn sm3_of(path: &Path) -> io::Result<String> {
    let (mut file, mut sm3, mut buffer) = (File::open(path)?, Sm3::new(), vec![0; 256 * 1024]);
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(hex(&sm3.finalize())),
            n => sm3.update(&buffer[..n]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn declared(content: &[u8]) -> Declared {
        Declared {
            jurisdiction: "shangrao".into(),
            goal: Goal::Ticket { ticket: "SR-1".into(), purpose: FilePurpose::Appeal },
            account: "seat".into(),
            name: "照片.jpg".into(),
            size: content.len() as u64,
            sm3: Some(hex(&Sm3::digest(content))),
        }
    }

    /// What is on a disk when a new version starts can be gone on with.
    #[test]
    fn a_note_of_an_upload_reads_as_it_always_did() {
        let note = r#"{"jurisdiction":"sr","ticket":"SR-1","account":"seat","name":"a.png","purpose":"appeal","size":1,"sm3":null}"#;
        let read: Declared = serde_json::from_str(note).unwrap();
        assert_eq!(read.goal, Goal::Ticket { ticket: "SR-1".into(), purpose: FilePurpose::Appeal });
        let knowledge = Declared { goal: Goal::Knowledge {}, ..read };
        let again = serde_json::to_string(&knowledge).unwrap();
        assert_eq!(serde_json::from_str::<Declared>(&again).unwrap(), knowledge);
    }

    async fn send(upload: &mut Upload, pieces: &[&[u8]]) -> Result<u64, UploadError> {
        for piece in pieces {
            upload.write(piece).await?;
        }
        upload.settle().await
    }

    #[tokio::test]
    async fn it_goes_on_where_it_stopped_and_is_held_by_one() {
        let dir = tempfile::tempdir().unwrap();
        let uploads = Uploads::open(dir.path()).unwrap();
        let id = uploads.create(&declared(b"hello world")).unwrap();
        let mut first = uploads.hold(&id, "seat").unwrap();
        assert!(matches!(uploads.hold(&id, "seat"), Err(UploadError::Busy)));
        assert!(matches!(uploads.look(&id, "other"), Err(UploadError::NotFound)));
        assert_eq!(send(&mut first, &[b"hel", b"lo"]).await.unwrap(), 5);
        assert!(matches!(first.whole(), Err(UploadError::WrongOffset(5))));
        drop(first); // as a killed process would

        let again = Uploads::open(dir.path()).unwrap();
        assert_eq!(again.look(&id, "seat").unwrap().1, 5);
        let mut second = again.hold(&id, "seat").unwrap();
        assert!(matches!(second.at(4), Err(UploadError::WrongOffset(5))));
        second.at(5).unwrap();
        assert!(matches!(send(&mut second, &[b" world!"]).await, Err(UploadError::TooMuch)));
        assert_eq!(send(&mut second, &[b" world"]).await.unwrap(), 11);
        assert_eq!(Some(second.whole().unwrap()), declared(b"hello world").sm3);
    }

    #[tokio::test]
    async fn another_content_begins_anew() {
        let dir = tempfile::tempdir().unwrap();
        let uploads = Uploads::open(dir.path()).unwrap();
        let id = uploads.create(&declared(b"hello")).unwrap();
        let mut upload = uploads.hold(&id, "seat").unwrap();
        send(&mut upload, &[b"hallo"]).await.unwrap();
        assert!(matches!(upload.whole(), Err(UploadError::WrongContent)));
        drop(upload);
        assert_eq!(uploads.look(&id, "seat").unwrap().1, 0);
    }

    #[tokio::test]
    async fn what_nothing_came_to_for_a_day_is_stale_unless_it_is_held() {
        let dir = tempfile::tempdir().unwrap();
        let uploads = Uploads::open(dir.path()).unwrap();
        let id = uploads.create(&declared(b"hello")).unwrap();
        let day = Duration::from_secs(24 * 3600);
        let made = std::fs::metadata(uploads.part(&id)).unwrap().modified().unwrap();
        assert!(uploads.stale(day, made + day - Duration::from_secs(1)).unwrap().is_empty());
        assert_eq!(uploads.stale(day, made + day).unwrap(), std::slice::from_ref(&id));
        let held = uploads.hold(&id, "seat").unwrap();
        assert!(uploads.hold_stale(&id, day, made + day).is_none(), "somebody writes to it");
        drop(held);
        assert!(uploads.hold_stale(&id, day, made).is_none(), "something came to it meanwhile");
        assert!(uploads.hold_stale(&id, day, made + day).is_some());
        assert_eq!(uploads.unfinished("seat").unwrap(), 1);
        uploads.remove(&id).unwrap();
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
    }
}
