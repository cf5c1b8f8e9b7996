//! The form of an appeal as it arrives: plain fields, or with files (`multipart/form-data`, as browsers send it without any script).
//! Files go to the disk piece by piece, into the folder of uploads; what is not attached in the end is removed with this value.

use std::sync::Arc;

use axum::{
    Form,
    extract::{
        FromRequest, Multipart, Request,
        multipart::{Field, MultipartError},
    },
    http::{HeaderMap, StatusCode, header},
};
use jiesu_domain::ticket::FilePurpose;
use serde::de::{DeserializeOwned, value::MapDeserializer};
use sm3::{Digest, Sm3};
use tokio::io::AsyncWriteExt;

use super::page::Failure;
use crate::{
    app::{App, Content, FileError, checked_name, hex},
    files::{Kind, WrongKind, kind_of},
    limits::{Limits, size_words},
};

/// Fields of text that a form may have.
const FIELDS_MOST: usize = 50;

/// A file that came with a form.
pub(super) struct Sent {
    pub name: String,
    pub sm3: String,
    size: u64,
    kind: Kind,
    path: tempfile::TempPath,
}

/// A form, its files, and what is wrong with them.
pub(super) struct Posted<T> {
    pub fields: T,
    pub files: Vec<Sent>,
    /// In Chinese, one for each file that was not taken.
    pub wrong: Vec<String>,
}

impl<T: DeserializeOwned> FromRequest<Arc<App>> for Posted<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, app: &Arc<App>) -> Result<Self, Failure> {
        if !multipart(request.headers()) {
            let Form(fields) = Form::from_request(request, app).await.map_err(|e| match e.status() {
                StatusCode::PAYLOAD_TOO_LARGE => too_large(app.limits().body),
                _ => Failure::unreadable(),
            })?;
            return Ok(Posted { fields, files: Vec::new(), wrong: Vec::new() });
        }
        let mut parts = Multipart::from_request(request, app).await.map_err(|_| Failure::unreadable())?;
        let mut read = Read { app, fields: Vec::new(), bytes: 0, files: Vec::new(), wrong: Vec::new() };
        while let Some(field) = parts.next_field().await.map_err(|e| broken(&e, app.limits()))? {
            read.field(field).await?;
        }
        let fields = T::deserialize(MapDeserializer::<_, serde::de::value::Error>::new(read.fields.into_iter()));
        let fields = fields.map_err(|_| Failure::unreadable())?;
        Ok(Posted { fields, files: read.files, wrong: read.wrong })
    }
}

fn multipart(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
    kind.trim_start().to_ascii_lowercase().starts_with("multipart/form-data")
}

fn too_large(most: u64) -> Failure {
    let detail =
        format!("一次提交不能超过{}。请返回上一页，减少文字或附件后再提交；所填内容一般还在", size_words(most));
    Failure::new(StatusCode::PAYLOAD_TOO_LARGE, "提交的内容过大", detail)
}

fn broken(error: &MultipartError, limits: &Limits) -> Failure {
    if error.status() == StatusCode::PAYLOAD_TOO_LARGE {
        too_large(limits.portal_body())
    } else {
        Failure::unreadable()
    }
}

/// A form while it is read.
struct Read<'a> {
    app: &'a App,
    fields: Vec<(String, String)>,
    /// Of all fields of text.
    bytes: u64,
    files: Vec<Sent>,
    wrong: Vec<String>,
}

impl Read<'_> {
    async fn field(&mut self, mut field: Field<'_>) -> Result<(), Failure> {
        let limits = self.app.limits();
        match field.file_name().map(str::to_owned) {
            // A chooser that nothing was chosen with sends an empty name.
            Some(name) if name.is_empty() => Ok(()),
            Some(name) => self.file(&mut field, &name).await,
            None => {
                let name = field.name().unwrap_or_default().to_owned();
                let mut value = Vec::new();
                while let Some(piece) = field.chunk().await.map_err(|e| broken(&e, limits))? {
                    self.bytes += piece.len() as u64;
                    if self.bytes > limits.body {
                        return Err(too_large(limits.body));
                    }
                    value.extend(piece);
                }
                if self.fields.len() >= FIELDS_MOST {
                    return Err(Failure::unreadable());
                }
                self.fields.push((name, String::from_utf8(value).map_err(|_| Failure::unreadable())?));
                Ok(())
            }
        }
    }

    async fn file(&mut self, field: &mut Field<'_>, name: &str) -> Result<(), Failure> {
        let limits = self.app.limits();
        if self.files.len() + self.wrong.len() >= limits.portal_files {
            let detail = format!("一次最多附{}个文件。请返回上一页重新选择", limits.portal_files);
            return Err(Failure::new(StatusCode::UNPROCESSABLE_ENTITY, "附件过多", detail));
        }
        let name = match checked_name(name) {
            Ok(name) => name,
            Err(FileError::Kind(wrong)) => return self.left_out(name, &wrong.to_string()),
            Err(_) => return self.left_out(name, "文件名应带有扩展名，如“现场照片.jpg”"),
        };
        match self.stored(field, &name).await? {
            Ok(sent) => self.files.push(sent),
            Err(why) => self.left_out(&name, &why)?,
        }
        Ok(())
    }

    fn left_out(&mut self, name: &str, why: &str) -> Result<(), Failure> {
        let name: String = name.chars().take(40).collect();
        self.wrong.push(format!("“{name}”没有附上：{why}"));
        Ok(())
    }

    /// Writes a file to the disk as it comes, and looks at it. Why not, in Chinese.
    async fn stored(&self, field: &mut Field<'_>, name: &str) -> Result<Result<Sent, String>, Failure> {
        let limits = self.app.limits();
        let (file, path) = self.app.files().and_then(|f| Ok(f.uploads.scratch()?)).map_err(failed)?.into_parts();
        let mut file = tokio::fs::File::from_std(file);
        let (mut sm3, mut size) = (Sm3::new(), 0);
        while let Some(piece) = field.chunk().await.map_err(|e| broken(&e, limits))? {
            size += piece.len() as u64;
            if size > limits.portal_file {
                let most = size_words(limits.portal_file);
                return Ok(Err(format!("单个文件不能超过{most}，请压缩后再附，或拨打12345说明情况")));
            }
            sm3.update(&piece);
            file.write_all(&piece).await.map_err(|e| failed(e.into()))?;
        }
        file.flush().await.map_err(|e| failed(e.into()))?;
        if size == 0 {
            return Ok(Err("文件是空的".into()));
        }
        let owned = name.to_owned();
        let looked = tokio::task::spawn_blocking(move || (kind_of(&path, &owned), path)).await;
        let (kind, path) = looked.map_err(|e| failed(std::io::Error::other(e).into()))?;
        Ok(match kind {
            Ok(kind) => Ok(Sent { name: name.to_owned(), sm3: hex(&sm3.finalize()), size, kind, path }),
            Err(WrongKind::Io(error)) => return Err(failed(error.into())),
            Err(wrong) => Err(wrong.to_string()),
        })
    }
}

fn failed(error: FileError) -> Failure {
    crate::api::problem::Problem::from(error).into()
}

impl Sent {
    /// As it is attached under a key of its own.
    pub fn content<'a>(&'a self, key: &'a str) -> Content<'a> {
        let (path, name, purpose) = (self.path.as_ref(), self.name.as_str(), FilePurpose::Appeal);
        Content { key, path, name, purpose, kind: self.kind, size: self.size, sm3: &self.sm3 }
    }
}
