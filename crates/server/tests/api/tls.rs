//! TLS on the door, as a client sees it: which versions, which certificate, and what a browser is told.

use std::{
    net::{SocketAddr, TcpListener},
    path::PathBuf,
    sync::Arc,
    time::Duration,
};

use jiesu_channels::sms::FileSms;
use jiesu_server::{
    serve::{Tls, TlsFiles, serve},
    worker::{Sender, Sending},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    sync::oneshot,
    time::timeout,
};
use tokio_rustls::{
    TlsConnector,
    client::TlsStream,
    rustls::{
        ClientConfig, RootCertStore, SupportedProtocolVersion,
        crypto::ring,
        pki_types::{CertificateDer, ServerName, pem::PemObject},
        version::{TLS12, TLS13},
    },
};

use super::harness::Centre;

/// Longer than the slowest machine takes; only a failure waits for it.
const PATIENCE: Duration = Duration::from_secs(60);

fn fixture(name: &str) -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/api/certificates")).join(name)
}

/// A centre that listens with TLS; its certificate is in a folder where it can be changed.
struct Listening {
    address: SocketAddr,
    tls: Tls,
    files: TlsFiles,
    _centre: Centre,
    serving: tokio::task::JoinHandle<()>,
}

impl Drop for Listening {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

impl Listening {
    async fn start() -> Self {
        let centre = Centre::at("2026-04-30 09:00").await;
        centre.app.behind_tls();
        let dir = centre.db.dir();
        let files = TlsFiles { certificate: dir.join("tls.crt"), key: dir.join("tls.key") };
        let listening_with = |name: &str| install(&files, name);
        listening_with("one");
        let tls = Tls::new(files.clone()).unwrap();
        let sms = FileSms::open(&dir.join("sms.jsonl")).unwrap();
        let sender = Sender::new(Arc::new(sms), Sending::default());
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let (ready, heard) = oneshot::channel();
        let (app, own) = (centre.app.clone(), tls.clone());
        let serving = tokio::spawn(async move {
            serve(app, sender, listener, Some(own), |address| ready.send(address).unwrap()).await.unwrap();
        });
        Self { address: heard.await.unwrap(), tls, files, _centre: centre, serving }
    }

    /// Shakes hands with somebody who trusts this certificate alone.
    async fn shake(
        &self,
        trusted: &str,
        version: &'static SupportedProtocolVersion,
    ) -> std::io::Result<TlsStream<TcpStream>> {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_file(fixture(&format!("{trusted}.crt"))).unwrap()).unwrap();
        let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()));
        let config = config.with_protocol_versions(&[version]).unwrap();
        let config = config.with_root_certificates(roots).with_no_client_auth();
        let stream = TcpStream::connect(self.address).await?;
        let name = ServerName::try_from("localhost").unwrap();
        timeout(PATIENCE, TlsConnector::from(Arc::new(config)).connect(name, stream)).await.unwrap()
    }

    async fn get(&self, trusted: &str, path: &str) -> String {
        let mut stream = self.shake(trusted, &TLS13).await.unwrap();
        let request = format!("GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        timeout(PATIENCE, stream.read_to_end(&mut answer)).await.unwrap().unwrap();
        String::from_utf8_lossy(&answer).into_owned()
    }
}

fn install(files: &TlsFiles, name: &str) {
    std::fs::copy(fixture(&format!("{name}.crt")), &files.certificate).unwrap();
    std::fs::copy(fixture(&format!("{name}.key")), &files.key).unwrap();
    // Whatever the file system's clock can tell apart.
    let later = std::time::SystemTime::UNIX_EPOCH
        + Duration::from_secs(name.len() as u64 * 1000 + u64::from(name.as_bytes()[0]));
    std::fs::File::open(&files.certificate).unwrap().set_modified(later).unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn both_good_versions_are_spoken_and_no_other() {
    let centre = Listening::start().await;
    for version in [&TLS12, &TLS13] {
        let shaken = centre.shake("one", version).await.unwrap();
        assert_eq!(shaken.get_ref().1.protocol_version(), Some(version.version));
    }
    // The first words of TLS 1.1 (RFC 4346): an offer without extensions.
    let offer = [&[3, 2][..], &[7; 32], &[0], &[0, 2, 0xc0, 0x13], &[1, 0]].concat();
    let length = u8::try_from(offer.len()).unwrap();
    let hello = [&[22, 3, 1, 0, length + 4, 1, 0, 0, length][..], &offer].concat();
    let mut stream = TcpStream::connect(centre.address).await.unwrap();
    stream.write_all(&hello).await.unwrap();
    let mut answer = Vec::new();
    let _ = timeout(PATIENCE, stream.read_to_end(&mut answer)).await.unwrap();
    assert_eq!(answer.first(), Some(&21), "an alert and nothing else: {answer:?}");
    // Plain HTTP is no TLS.
    let mut stream = TcpStream::connect(centre.address).await.unwrap();
    stream.write_all(b"GET / HTTP/1.1\r\nhost: localhost\r\n\r\n").await.unwrap();
    let mut answer = Vec::new();
    let _ = timeout(PATIENCE, stream.read_to_end(&mut answer)).await.unwrap();
    assert!(!String::from_utf8_lossy(&answer).contains("HTTP/"), "{answer:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_says_nothing_holds_up_nobody() {
    let centre = Listening::start().await;
    let mut silent = Vec::new();
    for _ in 0..50 {
        silent.push(TcpStream::connect(centre.address).await.unwrap());
    }
    assert!(centre.get("one", "/healthz").await.starts_with("HTTP/1.1 200"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_certificate_is_taken_up_and_a_broken_one_is_not() {
    let centre = Listening::start().await;
    assert!(centre.shake("two", &TLS13).await.is_err(), "it shows the first one");
    install(&centre.files, "two");
    centre.tls.look();
    assert!(centre.shake("two", &TLS13).await.is_ok());
    assert!(centre.shake("one", &TLS13).await.is_err());
    // The key of another certificate, and no certificate at all.
    for (file, content) in [(&centre.files.key, "one.key"), (&centre.files.certificate, "README.md")] {
        std::fs::copy(fixture(content), file).unwrap();
        std::fs::File::open(file).unwrap().set_modified(std::time::SystemTime::UNIX_EPOCH).unwrap();
        centre.tls.look();
        assert!(centre.shake("two", &TLS13).await.is_ok(), "{content}");
        assert!(Tls::new(centre.files.clone()).is_err());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_browser_is_told_to_come_back_by_tls_only() {
    let centre = Listening::start().await;
    let answer = centre.get("one", "/").await;
    assert!(answer.contains("strict-transport-security: max-age=31536000\r\n"), "{answer}");
    let plain = Centre::at("2026-04-30 09:00").await.call(None, "GET", "/", None, &[]).await;
    assert!(
        !plain.headers.contains_key("strict-transport-security"),
        "nobody can promise it for a proxy that is not there"
    );
}
