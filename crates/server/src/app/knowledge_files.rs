//! Files of the knowledge base: from the upload to the version that has them, and who may take them out again.

use jiesu_domain::{
    Actor,
    knowledge::{Act, Audience, Command, Content, Entry, File, may, works_on},
    ticket::{FileCheck, Refusal},
};
use jiesu_store::{KnowledgeFileRow, NamedBy, NamedFiles};

use super::{App, ExecuteError, FileError, checked_name, files::looked_at};
use crate::{
    files::{Declared, Goal, UploadError},
    limits::size_words,
};

/// What somebody wants to send in for an entry.
#[derive(Clone, Copy)]
pub struct EntryFile<'a> {
    pub name: &'a str,
    /// Bytes.
    pub size: u64,
    /// Where the sender knows it.
    pub sm3: Option<&'a str>,
}

/// The name stays out of logs.
impl std::fmt::Debug for EntryFile<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EntryFile").field("size", &self.size).finish_non_exhaustive()
    }
}

impl App {
    /// Begins an upload for the knowledge base; its id. Which entry it goes with is said when that is submitted.
    ///
    /// # Errors
    /// This person submits nothing, or a limit is met.
    pub async fn begin_knowledge_upload(&self, actor: &Actor, wanted: EntryFile<'_>) -> Result<String, FileError> {
        let files = self.files()?;
        if !may(actor.role, Act::Submit) {
            return Err(Refusal::forbidden(format!("{}不能报送知识，也不能上传知识的附件", actor.role)).into());
        }
        let name = checked_name(wanted.name)?;
        if wanted.size == 0 {
            return Err(Refusal::input("size", "这是一个空文件，请重新选择").into());
        }
        let digest = |sm3: &str| sm3.len() == 64 && sm3.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        if wanted.sm3.is_some_and(|sm3| !digest(sm3)) {
            return Err(Refusal::input("sm3", "文件的 SM3 摘要应为64位小写十六进制").into());
        }
        self.not_too_large(wanted.size)?;
        self.one_more_upload(files, actor)?;
        let most = self.limits().files;
        let loose = self.store.knowledge_files_loose(&self.jurisdiction, &actor.id).await?;
        if usize::try_from(loose).unwrap_or(usize::MAX) >= most {
            let detail =
                format!("您已有{most}个上传后没有报送的附件，请先报送，或{}小时后再传", self.limits().upload_hours);
            return Err(FileError::Limit("files", detail));
        }
        Ok(files.uploads.create(&Declared {
            jurisdiction: self.jurisdiction.clone(),
            goal: Goal::Knowledge {},
            account: actor.id.clone(),
            name,
            size: wanted.size,
            sm3: wanted.sm3.map(str::to_owned),
        })?)
    }

    /// Ends an upload for the knowledge base: looks at the whole content and keeps it. Once more after a lost answer changes nothing.
    ///
    /// # Errors
    /// Not all has come, it is another content than declared, or it is not taken. What is not taken is thrown away.
    pub async fn finish_knowledge_upload(&self, actor: &Actor, id: &str) -> Result<KnowledgeFileRow, FileError> {
        let files = self.files()?;
        let upload = match files.uploads.hold(id, &actor.id) {
            Err(UploadError::NotFound) => {
                let known = self.store.knowledge_file(&self.jurisdiction, id).await?;
                return known.filter(|row| row.account == actor.id).ok_or_else(|| UploadError::NotFound.into());
            }
            held => held?,
        };
        // What was begun for a ticket is ended there.
        if upload.declared.goal != (Goal::Knowledge {}) {
            return Err(UploadError::NotFound.into());
        }
        let (upload, sm3, kind) = looked_at(files, upload).await?;
        files.contents.put(id, upload.path()).await?;
        let row = KnowledgeFileRow {
            content: id.to_owned(),
            entry: None,
            name: upload.declared.name.clone(),
            media: kind.media.to_owned(),
            size: i64::try_from(upload.declared.size).unwrap_or(i64::MAX),
            sm3,
            account: actor.id.clone(),
            at: self.clock.now(),
            state: self.unscanned().code().into(),
            by: NamedBy::Nothing,
        };
        self.store.knowledge_file_new(&self.jurisdiction, &row).await?;
        files.uploads.remove(id)?;
        Ok(row)
    }

    /// The command with what was uploaded in the place of what its sender says of files. Nothing infected is submitted, and nothing is
    /// published before it was scanned.
    ///
    /// # Errors
    /// A file is not there, is another's, was found infected or is being scanned; or they are too many.
    pub(super) async fn with_files(
        &self,
        actor: &Actor,
        known: Option<(&str, &Entry)>,
        command: &Command,
    ) -> Result<Command, ExecuteError> {
        match (command, known) {
            (Command::Submit { content, secrecy_checked, script }, known) if !content.files.is_empty() => {
                let entry = known.map(|(entry, _)| entry);
                let content = Box::new(Content {
                    files: self.own_files(actor, entry, &content.files).await?,
                    ..(**content).clone()
                });
                Ok(Command::Submit { content, secrecy_checked: *secrecy_checked, script: *script })
            }
            (Command::Publish { .. }, Some((entry, state))) => {
                let (pending, _) = state.files();
                let rows = if pending.is_empty() {
                    Vec::new()
                } else {
                    self.store.knowledge_files(&self.jurisdiction, entry).await?
                };
                for row in rows.iter().filter(|row| pending.contains(&row.content)) {
                    match row.state.parse().unwrap_or(FileCheck::Waiting) {
                        FileCheck::Clean | FileCheck::Unchecked => {}
                        FileCheck::Waiting => {
                            let message = format!("附件“{}”正在查毒，请稍后再发布", row.name);
                            return Err(Refusal::not_now("file-waiting", message).into());
                        }
                        FileCheck::Infected => {
                            let message = format!("附件“{}”查出病毒，不能发布；请退回修改", row.name);
                            return Err(Refusal::not_now("file-infected", message).into());
                        }
                    }
                }
                Ok(command.clone())
            }
            _ => Ok(command.clone()),
        }
    }

    /// What is known of the files that a version is to have: those of its entry, and what its sender has uploaded.
    async fn own_files(&self, actor: &Actor, entry: Option<&str>, named: &[File]) -> Result<Vec<File>, ExecuteError> {
        let limits = self.limits();
        if named.len() > limits.files {
            let message = format!("一条知识最多{}个附件；请合并成一个文件（如PDF）再上传", limits.files);
            return Err(Refusal::input("files", message).into());
        }
        let mut files = Vec::with_capacity(named.len());
        for file in named {
            let row = self.store.knowledge_file(&self.jurisdiction, &file.file).await?;
            let own = row.filter(|row| match &row.entry {
                Some(of) => Some(of.as_str()) == entry && row.by >= NamedBy::Nothing,
                None => row.account == actor.id && row.by >= NamedBy::Nothing,
            });
            let row = own.ok_or_else(gone)?;
            if row.state == FileCheck::Infected.code() {
                return Err(Refusal::input("files", format!("附件“{}”查出病毒，请删去后再报送", row.name)).into());
            }
            let size = u64::try_from(row.size).unwrap_or_default();
            files.push(File { file: row.content, name: row.name, media: row.media, size, sm3: row.sm3 });
        }
        let all: u64 = files.iter().map(|file| file.size).sum();
        if all > limits.files_size {
            let message = format!("一条知识的附件合计不能超过{}；请压缩后再上传", size_words(limits.files_size));
            return Err(Refusal::input("files", message).into());
        }
        Ok(files)
    }

    /// A file that this person may take out: of what is said, to who finds the entry; of any version, to who works on it.
    ///
    /// # Errors
    /// Not there or not to be seen, both told alike; being scanned, or infected.
    pub async fn knowledge_file_of(
        &self,
        actor: &Actor,
        entry: &str,
        file: &str,
    ) -> Result<KnowledgeFileRow, FileError> {
        let known = self.knowledge(actor, entry).await?;
        let finds = Audience::of(actor).is_some_and(|audience| audience.finds(&known.state));
        let (_, said) = known.state.files();
        if works_on(actor, &known.state) || (finds && said.iter().any(|f| f == file)) {
            return self.named_file(entry, file).await;
        }
        Err(UploadError::NotFound.into())
    }

    /// A file of what an entry says to citizens now.
    ///
    /// # Errors
    /// Not there or not for citizens, both told alike; being scanned, or infected.
    pub async fn open_knowledge_file(&self, entry: &str, file: &str) -> Result<KnowledgeFileRow, FileError> {
        let content = self.open_knowledge(entry).await?;
        let said = content.is_some_and(|content| content.files.iter().any(|f| f.file == file));
        if said { self.named_file(entry, file).await } else { Err(UploadError::NotFound.into()) }
    }

    /// Of the files of what is said, the keys of those that can be taken out now.
    ///
    /// # Errors
    /// The store failed.
    pub async fn ready_knowledge_files(&self, entry: &str, content: &Content) -> Result<Vec<String>, ExecuteError> {
        if content.files.is_empty() {
            return Ok(Vec::new());
        }
        let rows = self.store.knowledge_files(&self.jurisdiction, entry).await?;
        let open = |row: &KnowledgeFileRow| row.state.parse().is_ok_and(FileCheck::open);
        Ok(rows.into_iter().filter(open).map(|row| row.content).collect())
    }

    async fn named_file(&self, entry: &str, file: &str) -> Result<KnowledgeFileRow, FileError> {
        let row = self.store.knowledge_file(&self.jurisdiction, file).await?;
        let row = row.filter(|row| row.entry.as_deref() == Some(entry) && row.by >= NamedBy::Pending);
        let row = row.ok_or(UploadError::NotFound)?;
        let check: FileCheck = row.state.parse().unwrap_or(FileCheck::Waiting);
        if check.open() { Ok(row) } else { Err(FileError::NotClean(check)) }
    }

    /// Removes files of the knowledge base that no version has named for the hours of the settings. How many.
    ///
    /// # Errors
    /// A content cannot be removed, or the store fails; what is left goes the next time.
    pub async fn clear_knowledge_files(&self) -> Result<usize, FileError> {
        let files = self.files()?;
        let hours = jiff::SignedDuration::from_hours(i64::from(self.limits().upload_hours));
        let before = self.clock.now().saturating_sub(hours).unwrap_or(jiff::Timestamp::MIN);
        let mut cleared = 0;
        loop {
            let gone = self.store.knowledge_files_to_remove(&self.jurisdiction, before, 100).await?;
            for file in &gone {
                files.contents.remove(file).await?;
                self.store.knowledge_file_gone(&self.jurisdiction, file).await?;
                cleared += 1;
            }
            if gone.is_empty() {
                return Ok(cleared);
            }
        }
    }
}

/// A file that a version names and that is not there to be named.
pub(super) fn gone() -> Refusal {
    Refusal::input("files", "有附件已不在（上传后没有报送的会被清除，他人上传的不能引用）；请删去后重新上传")
}

/// The files that the versions name after a change; `None` where no file is concerned.
pub(super) fn named(before: &(Vec<String>, Vec<String>), after: &Entry) -> Option<NamedFiles> {
    let (pending, published) = after.files();
    let none = before.0.is_empty() && pending.is_empty() && published.is_empty();
    (!none && (before.0 != pending || before.1 != published)).then_some(NamedFiles { pending, published })
}
