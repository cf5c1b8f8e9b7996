//! A bucket of an S3-compatible store. Address, region and keys come from the environment (`AWS_ENDPOINT`, `AWS_REGION`,
//! `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_ALLOW_HTTP`), never from a file that is shown around.

use std::{io, path::Path, sync::Arc};

use object_store::{
    GetOptions, GetRange, ObjectStore, ObjectStoreExt, aws::AmazonS3Builder, buffered::BufWriter, path::Path as Key,
};
use tokio::io::AsyncWriteExt;
use tokio_util::io::StreamReader;

use super::Reading;

/// Contents under a prefix of a bucket.
#[derive(Clone, Debug)]
pub struct Bucket {
    store: Arc<dyn ObjectStore>,
    prefix: String,
}

impl Bucket {
    /// `s3://bucket/prefix`.
    ///
    /// # Errors
    /// The address is none, or the environment does not say enough.
    pub fn open(address: &str) -> io::Result<Bucket> {
        let rest = address.strip_prefix("s3://").ok_or_else(|| io::Error::other("should be s3://bucket/prefix"))?;
        let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        let store = AmazonS3Builder::from_env().with_bucket_name(bucket).build().map_err(io::Error::other)?;
        Ok(Bucket { store: Arc::new(store), prefix: prefix.trim_matches('/').to_owned() })
    }

    fn key(&self, key: &str) -> Key {
        Key::from_iter(self.prefix.split('/').filter(|p| !p.is_empty()).chain([&key[..2.min(key.len())], key]))
    }

    /// Sends a file in parts; it is there once the last of them is.
    pub(super) async fn put(&self, key: &str, from: &Path) -> io::Result<()> {
        let mut file = tokio::fs::File::open(from).await?;
        let mut writer = BufWriter::new(self.store.clone(), self.key(key));
        match tokio::io::copy(&mut file, &mut writer).await {
            Ok(_) => writer.shutdown().await,
            Err(error) => {
                let _ = writer.abort().await; // parts that are left behind cost only space
                Err(error)
            }
        }
    }

    pub(super) async fn read(&self, key: &str, from: u64, length: u64) -> io::Result<Reading> {
        if length == 0 {
            return Ok(Box::pin(io::Cursor::new(Vec::new())));
        }
        let to = from.checked_add(length).filter(|_| length < u64::MAX);
        let range = to.map_or(GetRange::Offset(from), |to| GetRange::Bounded(from..to));
        let options = GetOptions { range: Some(range), ..GetOptions::default() };
        let got = self.store.get_opts(&self.key(key), options).await?;
        let stream = got.into_stream();
        Ok(Box::pin(StreamReader::new(stream)))
    }

    pub(super) async fn remove(&self, key: &str) -> io::Result<()> {
        Ok(self.store.delete(&self.key(key)).await?)
    }
}

#[cfg(test)]
mod tests {
    use object_store::memory::InMemory;
    use sm3::{Digest, Sm3};
    use tokio::io::AsyncReadExt;

    use super::*;
    use crate::{app::hex, files::Contents};

    /// In memory, and in the bucket of a real server where `scripts/test-s3.sh` names one.
    #[tokio::test]
    async fn a_bucket_does_what_a_folder_does() {
        works(Bucket { store: Arc::new(InMemory::new()), prefix: "jiesu/files".into() }).await;
        match std::env::var("JIESU_TEST_S3") {
            Ok(address) => works(Bucket::open(&address).unwrap()).await,
            Err(_) => eprintln!("skipped: no JIESU_TEST_S3"),
        }
    }

    async fn works(bucket: Bucket) {
        let dir = tempfile::tempdir().unwrap();
        let from = dir.path().join("upload");
        // Larger than what is sent in one request.
        let content: Vec<u8> = (0..11 * 1024 * 1024_u32).map(|i| (i % 251) as u8).collect();
        std::fs::write(&from, &content).unwrap();
        bucket.put("abcd", &from).await.unwrap();
        bucket.put("abcd", &from).await.unwrap();
        let mut read = Vec::new();
        bucket.read("abcd", 5_000_000, 6_000_000).await.unwrap().read_to_end(&mut read).await.unwrap();
        assert!(read == content[5_000_000..11_000_000]);
        assert!(bucket.key("abcd").to_string().ends_with("files/ab/abcd"));
        let contents = Contents::Bucket(bucket.clone());
        assert_eq!(contents.digest("abcd").await.unwrap(), Some(hex(&Sm3::digest(&content))));
        contents.remove("abcd").await.unwrap();
        contents.remove("abcd").await.unwrap();
        assert_eq!(contents.digest("abcd").await.unwrap(), None);
        assert_eq!(bucket.read("abcd", 0, 1).await.err().unwrap().kind(), io::ErrorKind::NotFound);
    }
}
