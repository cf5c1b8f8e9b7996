//! TLS on the door: 1.2 and 1.3, by rustls. A new certificate is taken up without a restart.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, PoisonError, RwLock},
    time::{Duration, SystemTime},
};

use tokio::{
    net::TcpStream,
    time::{sleep, timeout},
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        self, ServerConfig,
        client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
        crypto::ring,
        pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
        server::{ClientHello, ResolvesServerCert},
        sign::CertifiedKey,
        version::{TLS12, TLS13},
    },
    server::TlsStream,
};

/// How long a client may take for the handshake.
const HANDSHAKE: Duration = Duration::from_secs(10);
/// How often the files are looked at.
const LOOK: Duration = Duration::from_secs(5);

/// Where certificate and key are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsFiles {
    /// PEM, the server's certificate first, then those between it and the root.
    pub certificate: PathBuf,
    /// PEM.
    pub key: PathBuf,
}

/// A certificate that cannot be used, in words that say what to do.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    #[error("TLS 证书 {0} 读不出来（{1}）；应为 PEM，服务器证书在前，中间证书在后")]
    Certificate(String, String),
    #[error("TLS 私钥 {0} 读不出来（{1}）；应为 PEM")]
    Key(String, String),
    #[error("TLS 私钥与证书不是一对（{0}）；请核对设置 tls 的两个文件")]
    Pair(rustls::Error),
}

/// What a listener needs to speak TLS. Cheap to clone.
#[derive(Clone)]
pub struct Tls {
    acceptor: TlsAcceptor,
    current: Arc<Current>,
}

impl std::fmt::Debug for Tls {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Tls({})", self.current.files.certificate.display())
    }
}

impl Tls {
    /// Reads certificate and key.
    ///
    /// # Errors
    /// One of them cannot be read, or they do not belong together.
    pub fn new(files: TlsFiles) -> Result<Tls, TlsError> {
        let (key, stamp) = (load(&files)?, stamp(&files));
        let current = Arc::new(Current { files, shown: RwLock::new((Arc::new(key), stamp)) });
        let provider = Arc::new(ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider).with_protocol_versions(&[&TLS13, &TLS12]);
        let mut config = config.map_err(TlsError::Pair)?.with_no_client_auth().with_cert_resolver(current.clone());
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Tls { acceptor: TlsAcceptor::from(Arc::new(config)), current })
    }

    /// Shakes hands; `None` if that comes to nothing or takes too long.
    pub(super) async fn shake(&self, stream: TcpStream) -> Option<TlsStream<TcpStream>> {
        match timeout(HANDSHAKE, self.acceptor.accept(stream)).await {
            Ok(Ok(stream)) => Some(stream),
            // A scanner, a browser that does not know us, plain HTTP: nothing of ours.
            Ok(Err(error)) => {
                tracing::debug!(%error, "a handshake failed");
                None
            }
            Err(_) => None,
        }
    }

    /// Looks at the files again and again, and takes up what is new in them.
    pub(crate) async fn follow(&self) {
        loop {
            sleep(LOOK).await;
            self.look();
        }
    }

    /// Takes up a new certificate if the files have changed. One that cannot be used leaves the old one in place.
    pub fn look(&self) {
        let now = stamp(&self.current.files);
        if self.current.shown.read().unwrap_or_else(PoisonError::into_inner).1 == now {
            return;
        }
        let mut shown = self.current.shown.write().unwrap_or_else(PoisonError::into_inner);
        match load(&self.current.files) {
            Ok(key) => {
                tracing::info!("a new certificate is in use");
                *shown = (Arc::new(key), now);
            }
            Err(error) => {
                // Said once for each change of the files.
                shown.1 = now;
                tracing::error!(%error, "the new certificate cannot be used; the old one stays");
            }
        }
    }
}

/// Times of the last change, by which a new certificate is noticed.
type Stamp = [Option<SystemTime>; 2];

#[derive(Debug)]
struct Current {
    files: TlsFiles,
    shown: RwLock<(Arc<CertifiedKey>, Stamp)>,
}

impl ResolvesServerCert for Current {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.shown.read().unwrap_or_else(PoisonError::into_inner).0.clone())
    }
}

fn stamp(files: &TlsFiles) -> Stamp {
    [&files.certificate, &files.key].map(|path| std::fs::metadata(path).and_then(|m| m.modified()).ok())
}

fn load(files: &TlsFiles) -> Result<CertifiedKey, TlsError> {
    let shown = |path: &Path| path.display().to_string();
    let wrong = |e: String| TlsError::Certificate(shown(&files.certificate), e);
    let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_file_iter(&files.certificate)
        .and_then(Iterator::collect)
        .map_err(|e| wrong(e.to_string()))?;
    if chain.is_empty() {
        return Err(wrong("没有证书".into()));
    }
    let key = PrivateKeyDer::from_pem_file(&files.key).map_err(|e| TlsError::Key(shown(&files.key), e.to_string()))?;
    CertifiedKey::from_der(chain, key, &ring::default_provider()).map_err(TlsError::Pair)
}

/// Asks the process of this machine by TLS, and takes it for that if it shows the very certificate of the files: by which name it is asked does not
/// matter.
///
/// # Errors
/// It does not answer, or shows another certificate.
pub fn ask_own(files: &TlsFiles, mut stream: std::net::TcpStream, request: &str) -> std::io::Result<String> {
    use std::io::{Error, ErrorKind, Read, Write};
    let own = load(files).map_err(|e| Error::other(e.to_string()))?;
    let own = own.cert.first().cloned().ok_or_else(|| Error::other("no certificate"))?;
    let verifier = Arc::new(Own { certificate: own, provider: ring::default_provider() });
    let config = rustls::ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_protocol_versions(&[&TLS13, &TLS12])
        .map_err(Error::other)?
        .dangerous()
        .with_custom_certificate_verifier(verifier)
        .with_no_client_auth();
    let name = rustls::pki_types::ServerName::IpAddress(stream.peer_addr()?.ip().into());
    let mut connection = rustls::ClientConnection::new(Arc::new(config), name).map_err(Error::other)?;
    let mut tls = rustls::Stream::new(&mut connection, &mut stream);
    tls.write_all(request.as_bytes())?;
    let mut answer = Vec::new();
    match tls.read_to_end(&mut answer) {
        // It closes without a word of farewell; the answer is there.
        Err(e) if e.kind() == ErrorKind::UnexpectedEof && !answer.is_empty() => {}
        read => drop(read?),
    }
    String::from_utf8(answer).map_err(Error::other)
}

/// Takes one certificate and no other; its signatures are checked as ever.
#[derive(Debug)]
struct Own {
    certificate: CertificateDer<'static>,
    provider: rustls::crypto::CryptoProvider,
}

impl ServerCertVerifier for Own {
    fn verify_server_cert(
        &self,
        shown: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &rustls::pki_types::ServerName<'_>,
        _: &[u8],
        _: rustls::pki_types::UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        if shown.as_ref() == self.certificate.as_ref() {
            return Ok(ServerCertVerified::assertion());
        }
        Err(rustls::Error::InvalidCertificate(rustls::CertificateError::ApplicationVerificationFailure))
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &rustls::DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        rustls::crypto::verify_tls12_signature(message, cert, dss, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &rustls::DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        rustls::crypto::verify_tls13_signature(message, cert, dss, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<rustls::SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
