//! Where contents are kept: a folder, or with the feature `s3` a bucket; by key.

use std::{
    io,
    path::{Path, PathBuf},
};

use sm3::{Digest, Sm3};
use tokio::io::{AsyncReadExt, AsyncSeekExt};

use crate::app::hex;

/// The file store.
#[derive(Debug)]
pub enum Contents {
    /// A folder of this machine: `ab/abcd…`.
    Local(PathBuf),
    /// A bucket, under a prefix.
    #[cfg(feature = "s3")]
    Bucket(super::bucket::Bucket),
}

/// A content to be read.
pub type Reading = std::pin::Pin<Box<dyn tokio::io::AsyncRead + Send>>;

impl Contents {
    /// Takes a content in from a file. Once more with the same key changes nothing: a content is the same for ever.
    ///
    /// # Errors
    /// It cannot be written; nothing is there under the key then.
    pub async fn put(&self, key: &str, from: &Path) -> io::Result<()> {
        match self {
            Contents::Local(folder) => {
                let (to, from) = (path(folder, key), from.to_owned());
                blocking(move || put_local(&to, &from)).await
            }
            #[cfg(feature = "s3")]
            Contents::Bucket(bucket) => bucket.put(key, from).await,
        }
    }

    /// A part of a content.
    ///
    /// # Errors
    /// It is not there, or cannot be read.
    pub async fn read(&self, key: &str, from: u64, length: u64) -> io::Result<Reading> {
        match self {
            Contents::Local(folder) => {
                let mut file = tokio::fs::File::open(path(folder, key)).await?;
                file.seek(io::SeekFrom::Start(from)).await?;
                Ok(Box::pin(file.take(length)))
            }
            #[cfg(feature = "s3")]
            Contents::Bucket(bucket) => bucket.read(key, from, length).await,
        }
    }

    /// SM3 of a content, read as a whole; `None` where there is none.
    ///
    /// # Errors
    /// It is there and cannot be read.
    pub async fn digest(&self, key: &str) -> io::Result<Option<String>> {
        let mut content = match self.read(key, 0, u64::MAX).await {
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
            content => content?,
        };
        let (mut sm3, mut buffer) = (Sm3::new(), vec![0; 256 * 1024]);
        loop {
            match content.read(&mut buffer).await? {
                0 => return Ok(Some(hex(&sm3.finalize()))),
                n => sm3.update(&buffer[..n]),
            }
        }
    }

    /// Removes a content; it is no error if there is none.
    ///
    /// # Errors
    /// It is there and cannot be removed.
    pub async fn remove(&self, key: &str) -> io::Result<()> {
        let removed = match self {
            Contents::Local(folder) => tokio::fs::remove_file(path(folder, key)).await,
            #[cfg(feature = "s3")]
            Contents::Bucket(bucket) => bucket.remove(key).await,
        };
        match removed {
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(()),
            done => done,
        }
    }
}

fn path(folder: &Path, key: &str) -> PathBuf {
    folder.join(&key[..2.min(key.len())]).join(key)
}

/// A second name for what has come, or a copy where that cannot be; on the disk before anybody is told.
fn put_local(to: &Path, from: &Path) -> io::Result<()> {
    let folder = to.parent().unwrap_or(to);
    super::private_folder(folder)?;
    match std::fs::hard_link(from, to) {
        Err(e) if e.kind() == io::ErrorKind::AlreadyExists => return Ok(()),
        Err(_) => {
            let new = to.with_extension("new");
            std::fs::copy(from, &new)?;
            std::fs::File::open(&new)?.sync_all()?;
            std::fs::rename(&new, to)?;
        }
        Ok(()) => std::fs::File::open(to)?.sync_all()?,
    }
    std::fs::File::open(folder)?.sync_all()
}

pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(io::Error::other)?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_content_is_read_in_parts_and_outlives_its_upload() {
        let dir = tempfile::tempdir().unwrap();
        let from = dir.path().join("upload");
        std::fs::write(&from, b"0123456789").unwrap();
        let contents = Contents::Local(dir.path().join("kept"));
        contents.put("abcd", &from).await.unwrap();
        contents.put("abcd", &from).await.unwrap();
        std::fs::remove_file(&from).unwrap();
        let mut text = String::new();
        contents.read("abcd", 3, 4).await.unwrap().read_to_string(&mut text).await.unwrap();
        assert_eq!(text, "3456");
        assert_eq!(contents.digest("abcd").await.unwrap(), Some(hex(&Sm3::digest(b"0123456789"))));
        assert_eq!(contents.digest("abce").await.unwrap(), None);
        contents.remove("abcd").await.unwrap();
        contents.remove("abcd").await.unwrap();
        assert!(contents.read("abcd", 0, 1).await.is_err());
    }
}
