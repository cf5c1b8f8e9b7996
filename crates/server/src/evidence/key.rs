//! The key that anchors are signed with: SM2 (GB/T 32918.2), in a PEM file as OpenSSL reads it.

use std::{
    io::Write,
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
    path::Path,
};

use sm2::{
    SecretKey,
    dsa::{
        Signature, VerifyingKey,
        signature::{Signer, Verifier},
    },
    pkcs8::{DecodePublicKey, EncodePrivateKey, EncodePublicKey, LineEnding},
};

use crate::app::hex;

/// The name of the signer where nothing else was agreed (GM/T 0009-2012, 10).
const SIGNER: &str = "1234567812345678";
/// Nobody but the owner.
const MODE: u32 = 0o600;

/// A key that cannot be used, in words that say what to do.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    #[error("{path}：{source}")]
    Io { path: String, source: std::io::Error },
    #[error("{0} 已经存在；密钥不会被覆盖，请换一个文件名")]
    Exists(String),
    #[error("{0} 其他用户也能读；请运行 chmod 600 {0}，怀疑已被读过的，请另做一把密钥")]
    Open(String),
    #[error("{0} 不是 SM2 密钥（PEM）；密钥用 jiesu anchor key 生成")]
    Unreadable(String),
    #[error("系统的随机数取不到：{0}")]
    Random(getrandom::Error),
}

/// The private half. Never shown.
pub struct SigningKey(sm2::dsa::SigningKey);

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SigningKey({})", self.public().name())
    }
}

impl SigningKey {
    /// A new key in a new file that nobody else may read; the public half goes beside it, `.pub`.
    ///
    /// # Errors
    /// The file is there already, or cannot be written.
    pub fn make(path: &Path) -> Result<SigningKey, KeyError> {
        let secret = loop {
            let mut bytes = [0; 32];
            getrandom::fill(&mut bytes).map_err(KeyError::Random)?;
            // All but a vanishing part of the numbers are keys.
            if let Ok(secret) = SecretKey::from_slice(&bytes) {
                break secret;
            }
        };
        let name = path.display().to_string();
        let pem = secret.to_pkcs8_pem(LineEnding::LF).map_err(|_| KeyError::Unreadable(name.clone()))?;
        let key = SigningKey::of(&secret).ok_or_else(|| KeyError::Unreadable(name.clone()))?;
        let io = |source| KeyError::Io { path: name.clone(), source };
        let made = std::fs::OpenOptions::new().write(true).create_new(true).mode(MODE).open(path);
        let mut file = made.map_err(|e| match e.kind() {
            std::io::ErrorKind::AlreadyExists => KeyError::Exists(name.clone()),
            _ => io(e),
        })?;
        file.write_all(pem.as_bytes()).and_then(|()| file.sync_all()).map_err(io)?;
        std::fs::write(path.with_added_extension("pub"), key.public().to_pem()).map_err(io)?;
        Ok(key)
    }

    /// Reads it, unless others may read it too.
    ///
    /// # Errors
    /// It is not there, is open to others, or is no key.
    pub fn load(path: &Path) -> Result<SigningKey, KeyError> {
        let name = path.display().to_string();
        let io = |source| KeyError::Io { path: name.clone(), source };
        let mode = std::fs::metadata(path).map_err(io)?.permissions().mode();
        if mode & 0o077 != 0 {
            return Err(KeyError::Open(name));
        }
        let pem = std::fs::read_to_string(path).map_err(io)?;
        let secret = SecretKey::from_pem(&pem).ok();
        secret.as_ref().and_then(SigningKey::of).ok_or(KeyError::Unreadable(name))
    }

    fn of(secret: &SecretKey) -> Option<SigningKey> {
        sm2::dsa::SigningKey::new(SIGNER, secret).ok().map(SigningKey)
    }

    /// The half that everybody may have.
    pub fn public(&self) -> PublicKey {
        PublicKey(self.0.verifying_key().clone())
    }

    /// A signature in DER, as hex digits.
    pub fn sign(&self, text: &str) -> String {
        let signature: Signature = self.0.sign(text.as_bytes());
        hex(signature.to_der().as_ref())
    }
}

/// The public half.
#[derive(Debug, Clone)]
pub struct PublicKey(VerifyingKey);

impl PartialEq for PublicKey {
    fn eq(&self, other: &Self) -> bool {
        self.point() == other.point()
    }
}

impl PublicKey {
    /// Reads a PEM file.
    ///
    /// # Errors
    /// It is not there, or no SM2 public key.
    pub fn load(path: &Path) -> Result<PublicKey, KeyError> {
        let name = path.display().to_string();
        let pem = std::fs::read_to_string(path).map_err(|source| KeyError::Io { path: name.clone(), source })?;
        let key = sm2::PublicKey::from_public_key_pem(&pem).ok().and_then(|key| VerifyingKey::new(SIGNER, key).ok());
        key.map(PublicKey).ok_or(KeyError::Unreadable(name))
    }

    /// From the uncompressed point in hex digits, as an anchor names it.
    pub fn of_point(point: &str) -> Option<PublicKey> {
        VerifyingKey::from_sec1_bytes(SIGNER, &unhex(point)?).ok().map(PublicKey)
    }

    /// The uncompressed point, 130 hex digits.
    pub fn point(&self) -> String {
        hex(&self.0.to_sec1_bytes())
    }

    /// A short name for people: the first digits of the SM3 of the point.
    pub fn name(&self) -> String {
        crate::app::digest(&self.point())[..16].to_owned()
    }

    fn to_pem(&self) -> String {
        let key = sm2::PublicKey::from_affine(*self.0.as_affine()).ok();
        key.and_then(|key| key.to_public_key_pem(LineEnding::LF).ok()).unwrap_or_default()
    }

    /// Whether a signature (DER in hex digits) is of this text and by this key.
    pub fn signed(&self, text: &str, signature: &str) -> bool {
        let signature = unhex(signature).and_then(|der| Signature::from_der(&der).ok());
        signature.is_some_and(|signature| self.0.verify(text.as_bytes(), &signature).is_ok())
    }
}

/// The bytes of lower-case hex digits.
fn unhex(text: &str) -> Option<Vec<u8>> {
    if !text.len().is_multiple_of(2) || !text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')) {
        return None;
    }
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_for_its_owner_alone_and_is_never_overwritten() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("anchor.key");
        let made = SigningKey::make(&path).unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert!(matches!(SigningKey::make(&path), Err(KeyError::Exists(_))));
        assert_eq!(SigningKey::load(&path).unwrap().public(), made.public());
        assert_eq!(PublicKey::load(&dir.path().join("anchor.key.pub")).unwrap(), made.public());
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
        assert!(matches!(SigningKey::load(&path), Err(KeyError::Open(_))));
        assert!(!format!("{made:?}").contains(&std::fs::read_to_string(&path).unwrap()[30..60]));
    }

    #[test]
    fn a_signature_is_of_one_text_and_one_key() {
        let dir = tempfile::tempdir().unwrap();
        let (one, two) = (dir.path().join("1"), dir.path().join("2"));
        let (one, two) = (SigningKey::make(&one).unwrap(), SigningKey::make(&two).unwrap());
        let signature = one.sign("甲");
        assert!(one.public().signed("甲", &signature));
        assert!(!one.public().signed("乙", &signature) && !two.public().signed("甲", &signature));
        assert!(!one.public().signed("甲", "") && !one.public().signed("甲", &signature.to_uppercase()));
        assert_eq!(PublicKey::of_point(&one.public().point()).unwrap(), one.public());
    }
}
