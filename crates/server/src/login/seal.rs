//! What lives for minutes and must give nothing away: a log-in at the identity service in a cookie, a code by text message on its way. SM4-GCM,
//! bound to what each is for. And digests under a key, for what could be guessed out of a plain one. The key comes from the store
//! (`Store::derived_key`), so that every process has the same and a back-up needs nothing more than the master key.

use aes_gcm::{
    AesGcm, KeyInit,
    aead::{Aead, Payload, consts::U12},
};
use hmac::{Hmac, Mac};
use sm3::Sm3;
use sm4::Sm4;
use zeroize::Zeroizing;

use crate::app::{hex, random_bytes, unhex};

/// Bytes of the key.
pub const KEY: usize = 32;
const NONCE: usize = 12;

/// A key, and what is done with it. `Debug` shows nothing.
pub struct Seal {
    cipher: AesGcm<Sm4, U12>,
    marks: Box<Zeroizing<[u8; 32]>>,
}

impl std::fmt::Debug for Seal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Seal(…)")
    }
}

impl Seal {
    pub fn of(key: &[u8; KEY]) -> Seal {
        let [seals, marks] = [b"seal", b"mark"].map(|purpose| Box::new(Zeroizing::new(mac(key, purpose))));
        let cipher = AesGcm::new_from_slice(&seals[..16]).expect("SM4 takes a key of 16 bytes");
        Seal { cipher, marks }
    }

    /// Seals a secret for one purpose: what is sealed for one cannot be opened for another.
    ///
    /// # Panics
    /// Never: a small secret is within what SM4-GCM takes.
    pub fn seal(&self, purpose: &str, secret: &[u8]) -> String {
        let nonce: [u8; NONCE] = random_bytes();
        let payload = Payload { msg: secret, aad: purpose.as_bytes() };
        let sealed = self.cipher.encrypt(&nonce.into(), payload).expect("a small secret can be sealed");
        hex(&nonce) + &hex(&sealed)
    }

    /// `None`: sealed for something else, with another key, or changed since.
    pub fn open(&self, purpose: &str, sealed: &str) -> Option<Vec<u8>> {
        let bytes = unhex(sealed)?;
        let (nonce, msg) = bytes.split_at_checked(NONCE)?;
        let nonce: [u8; NONCE] = nonce.try_into().ok()?;
        self.cipher.decrypt(&nonce.into(), Payload { msg, aad: purpose.as_bytes() }).ok()
    }

    /// A digest that nobody can compute without the key.
    pub fn mark(&self, text: &str) -> String {
        hex(&mac(&self.marks[..], text.as_bytes()))
    }
}

fn mac(key: &[u8], text: &[u8]) -> [u8; 32] {
    let mut mac = <Hmac<Sm3> as KeyInit>::new_from_slice(key).expect("HMAC takes a key of any length");
    mac.update(text);
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_opens_for_its_purpose_and_unchanged_only() {
        let (seal, other) = (Seal::of(&[1; KEY]), Seal::of(&[2; KEY]));
        let sealed = seal.seal("totp/a", b"secret");
        assert_eq!(seal.open("totp/a", &sealed).as_deref(), Some(&b"secret"[..]));
        assert_eq!(seal.open("totp/b", &sealed), None);
        assert_eq!(other.open("totp/a", &sealed), None);
        for place in [0, 24, sealed.len() - 1] {
            let mut changed = sealed.clone().into_bytes();
            changed[place] = if changed[place] == b'0' { b'1' } else { b'0' };
            assert_eq!(seal.open("totp/a", std::str::from_utf8(&changed).unwrap()), None, "{place}");
        }
        for broken in ["", "00", "zz", "é"] {
            assert_eq!(seal.open("totp/a", broken), None);
        }
        assert_ne!(sealed, seal.seal("totp/a", b"secret"));
        assert_eq!(seal.mark("a"), seal.mark("a"));
        assert_ne!(seal.mark("a"), other.mark("a"));
    }
}
