//! Master keys: outside the database. Here is the trait, and keys that lie in memory; files, the environment and devices are the caller's.

use std::fmt::{Debug, Formatter};

use sm3::{Digest, Sm3};
use zeroize::Zeroizing;

use super::KeyError;
use super::cipher::{Cipher, KEY, decode, encode};
use crate::chain::hex;

/// Wraps data keys. A device (HSM) implements it without ever giving its key away. Asked when a database is opened and when keys change, not
/// for each text.
pub trait MasterKeys: Debug + Send + Sync {
    /// The name of the key that wraps from now on.
    ///
    /// # Errors
    /// There is none, or the provider failed.
    fn current(&self) -> Result<String, KeyError>;

    /// Wraps a secret under the current key; its name and the text to be kept. `with` must be given again to unwrap.
    ///
    /// # Errors
    /// There is no key, or the provider failed.
    fn wrap(&self, with: &[u8], secret: &[u8]) -> Result<(String, String), KeyError>;

    /// A secret that the key of this name wrapped.
    ///
    /// # Errors
    /// It is not here, or what is stored was changed.
    fn unwrap(&self, id: &str, with: &[u8], wrapped: &str) -> Result<Zeroizing<Vec<u8>>, KeyError>;
}

/// Keys in memory: the first wraps, all unwrap.
#[derive(Clone)]
pub struct LocalKeys(Vec<(String, Cipher)>);

/// Names and nothing else.
impl Debug for LocalKeys {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.0.iter().map(|(id, _)| id)).finish()
    }
}

impl LocalKeys {
    /// Of 16 bytes each, the current one first.
    pub fn new<'k>(keys: impl IntoIterator<Item = &'k [u8; KEY]>) -> Self {
        Self(keys.into_iter().map(|key| (id(key), Cipher::new(key))).collect())
    }

    /// A new key.
    pub fn random() -> Box<Zeroizing<[u8; KEY]>> {
        super::cipher::random_key()
    }
}

/// What a key is called where it must be told from others: half of a digest, from which the key does not follow.
fn id(key: &[u8; KEY]) -> String {
    let mut sm3 = Sm3::new();
    sm3.update(b"jiesu master key");
    sm3.update(key);
    hex(&sm3.finalize()[..8])
}

impl MasterKeys for LocalKeys {
    fn current(&self) -> Result<String, KeyError> {
        self.0.first().map(|(id, _)| id.clone()).ok_or(KeyError::NoMaster)
    }

    fn wrap(&self, with: &[u8], secret: &[u8]) -> Result<(String, String), KeyError> {
        let (id, cipher) = self.0.first().ok_or(KeyError::NoMaster)?;
        Ok((id.clone(), encode(&cipher.seal(with, secret))))
    }

    fn unwrap(&self, id: &str, with: &[u8], wrapped: &str) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        let known = self.0.iter().find(|(known, _)| known == id);
        let (_, cipher) = known.ok_or_else(|| KeyError::OtherMaster { id: id.into() })?;
        cipher.open(with, &decode(wrapped)?).map(Zeroizing::new)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_unwrapped_by_the_key_that_wrapped_it() {
        let (old, new) = ([1; KEY], [2; KEY]);
        let (id, wrapped) = LocalKeys::new(&[old]).wrap(b"bj", b"secret").unwrap();
        let both = LocalKeys::new(&[new, old]);
        assert_eq!(**both.unwrap(&id, b"bj", &wrapped).unwrap(), *b"secret");
        assert_eq!(both.unwrap(&id, b"sh", &wrapped), Err(KeyError::Damaged));
        assert_ne!(both.current().unwrap(), id, "the first wraps");
        assert_eq!(LocalKeys::new(&[new]).unwrap(&id, b"bj", &wrapped), Err(KeyError::OtherMaster { id }));
        assert!(!format!("{both:?}").contains("01, 01"), "{both:?}");
    }
}
