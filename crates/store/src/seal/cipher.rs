//! SM4-GCM, HMAC-SM3, and the text that comes out of them.

use aes_gcm::aead::{Aead, Payload};
use aes_gcm::{AesGcm, KeyInit};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use hmac::{Hmac, Mac};
use sm3::Sm3;
use sm4::Sm4;
use sm4::cipher::consts::U12;
use zeroize::{Zeroize, Zeroizing};

use super::{KeyError, pressed};

const NONCE: usize = 12;
/// Bytes of a key of SM4.
pub(super) const KEY: usize = 16;
/// Bytes of the key of the search digests.
pub(super) const FIND: usize = 32;
/// Bytes of a derived key.
pub(super) const DERIVED: usize = 32;
/// Bytes of a digest that are kept: enough that no two phones meet.
const FOUND: usize = 16;
/// What a text under a ticket's key begins with; no JSON does.
const OF_TICKET: char = '~';

/// Random bytes. The operating system always has some.
pub(super) fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the operating system gives random bytes");
    bytes
}

/// A new key, overwritten when it is dropped. It lies behind a pointer: what is moved leaves its bytes where it was.
pub(super) fn random_key<const N: usize>() -> Box<Zeroizing<[u8; N]>> {
    let mut key = Box::new(Zeroizing::new([0; N]));
    getrandom::fill(&mut key[..]).expect("the operating system gives random bytes");
    key
}

pub(super) fn encode(bytes: &[u8]) -> String {
    STANDARD_NO_PAD.encode(bytes)
}

pub(super) fn decode(text: &str) -> Result<Vec<u8>, KeyError> {
    STANDARD_NO_PAD.decode(text).map_err(|_| KeyError::Damaged)
}

/// SM4-GCM under one key, a fresh nonce for each text. What is computed from the key is overwritten when it is dropped.
#[derive(Clone)]
pub(super) struct Cipher(AesGcm<Sm4, U12>);

impl Cipher {
    pub(super) fn new(key: &[u8; KEY]) -> Self {
        // By reference: a copy would stay behind on the stack.
        Self(AesGcm::new_from_slice(key).expect("SM4 takes a key of 16 bytes"))
    }

    /// Nonce, text, tag.
    pub(super) fn seal(&self, with: &[u8], plain: &[u8]) -> Vec<u8> {
        let nonce: [u8; NONCE] = random();
        let mut out = nonce.to_vec();
        // Fails beyond 64 GB only.
        out.extend(self.0.encrypt(&nonce.into(), Payload { msg: plain, aad: with }).expect("a text fits into GCM"));
        out
    }

    pub(super) fn open(&self, with: &[u8], sealed: &[u8]) -> Result<Vec<u8>, KeyError> {
        let (nonce, text) = sealed.split_first_chunk::<NONCE>().ok_or(KeyError::Damaged)?;
        self.0.decrypt(&(*nonce).into(), Payload { msg: text, aad: with }).map_err(|_| KeyError::Damaged)
    }
}

/// Where a sealed text stands.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Spot<'a> {
    pub(crate) jurisdiction: &'a str,
    pub(crate) table: &'a str,
    /// The key columns after the jurisdiction.
    pub(crate) row: &'a [&'a str],
    pub(crate) column: &'a str,
}

impl Spot<'_> {
    /// Each part with its length, so that none can run into the next.
    fn bytes(&self, version: i64) -> Vec<u8> {
        let version = version.to_string();
        let mut bytes = Vec::with_capacity(96);
        let ends = [self.column, &version];
        for part in [self.jurisdiction, self.table].iter().chain(self.row).chain(&ends) {
            bytes.extend((part.len() as u32).to_be_bytes());
            bytes.extend(part.as_bytes());
        }
        bytes
    }
}

/// A jurisdiction's key of one version.
pub(crate) struct DataKey {
    pub(crate) version: i64,
    cipher: Cipher,
    find: Box<Zeroizing<[u8; FIND]>>,
}

impl DataKey {
    /// From the secret that the master key wraps: the key of SM4, then that of the digests.
    pub(super) fn new(version: i64, secret: &[u8]) -> Result<Self, KeyError> {
        let (key, find) = secret.split_first_chunk::<KEY>().ok_or(KeyError::Damaged)?;
        let mut kept = Box::new(Zeroizing::new([0; FIND]));
        if find.len() != FIND {
            return Err(KeyError::Damaged);
        }
        kept.copy_from_slice(find);
        Ok(Self { version, cipher: Cipher::new(key), find: kept })
    }

    pub(crate) fn seal(&self, spot: &Spot<'_>, plain: &str) -> String {
        let sealed = self.cipher.seal(&spot.bytes(self.version), plain.as_bytes());
        format!("{}.{}", self.version, encode(&sealed))
    }

    /// What [`version`] found in the text must be this key's.
    pub(super) fn open(&self, spot: &Spot<'_>, sealed: &str) -> Result<String, KeyError> {
        let (_, text) = sealed.split_once('.').ok_or(KeyError::Damaged)?;
        let plain = self.cipher.open(&spot.bytes(self.version), &decode(text)?)?;
        String::from_utf8(plain).map_err(|_| KeyError::Damaged)
    }

    /// By what a value of one sort is found: the same for the same value, and nothing else can be told from it without the key.
    pub(crate) fn find(&self, sort: &str, tidy: &str) -> String {
        let mut mac = Hmac::<Sm3>::new_from_slice(&self.find[..]).expect("HMAC takes any key");
        mac.update(sort.as_bytes());
        mac.update(&[0]);
        mac.update(tidy.as_bytes());
        encode(&mac.finalize().into_bytes()[..FOUND])
    }

    /// A key for one purpose outside the store.
    pub(super) fn derived(&self, purpose: &str) -> Box<Zeroizing<[u8; DERIVED]>> {
        let mut mac = Hmac::<Sm3>::new_from_slice(&self.find[..]).expect("HMAC takes any key");
        // No sort of value begins like this, so that no digest in a column is ever half of a key.
        mac.update(b"\0derived\0");
        mac.update(purpose.as_bytes());
        let (mut derived, mut made) = (Box::new(Zeroizing::new([0; DERIVED])), mac.finalize().into_bytes());
        derived.copy_from_slice(&made);
        made.as_mut_slice().zeroize();
        derived
    }
}

/// Which data key a text was sealed by.
pub(super) fn version(sealed: &str) -> Result<i64, KeyError> {
    sealed.split_once('.').and_then(|(version, _)| version.parse().ok()).ok_or(KeyError::Damaged)
}

/// A ticket's own key.
#[derive(Clone)]
pub(crate) struct TicketKey(Cipher);

impl TicketKey {
    /// A new one, and the text to be sealed under the data key.
    pub(super) fn fresh() -> (Self, Zeroizing<String>) {
        let key = random_key::<KEY>();
        (Self(Cipher::new(&key)), Zeroizing::new(encode(&key[..])))
    }

    pub(super) fn read(secret: &str) -> Result<Self, KeyError> {
        let key = Zeroizing::new(decode(secret)?);
        let key = <&[u8; KEY]>::try_from(key.as_slice()).map_err(|_| KeyError::Damaged)?;
        Ok(Self(Cipher::new(key)))
    }

    pub(crate) fn seal(&self, spot: &Spot<'_>, plain: &str) -> String {
        let sealed = self.0.seal(&spot.bytes(0), &pressed::press(plain.as_bytes()));
        format!("{OF_TICKET}{}", encode(&sealed))
    }

    pub(super) fn open(&self, spot: &Spot<'_>, sealed: &str) -> Result<String, KeyError> {
        let text = sealed.strip_prefix(OF_TICKET).ok_or(KeyError::Damaged)?;
        let pressed = self.0.open(&spot.bytes(0), &decode(text)?)?;
        pressed::unpress(&pressed).and_then(|plain| String::from_utf8(plain).ok()).ok_or(KeyError::Damaged)
    }
}

/// Whether a text stands under a ticket's key. What was written before tickets had one, and what says that a ticket was erased, is plain.
pub(crate) fn of_ticket(text: &str) -> bool {
    text.starts_with(OF_TICKET)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::chain::unhex;

    /// RFC 8998, appendix A.1.
    #[test]
    fn sm4_gcm_is_the_standard_one() {
        let bytes = |hex: &str| unhex(hex).unwrap();
        let key: [u8; KEY] = bytes("0123456789ABCDEFFEDCBA9876543210").try_into().unwrap();
        let nonce: [u8; NONCE] = bytes("00001234567800000000ABCD").try_into().unwrap();
        let with = bytes("FEEDFACEDEADBEEFFEEDFACEDEADBEEFABADDAD2");
        let plain = bytes(
            "AAAAAAAAAAAAAAAABBBBBBBBBBBBBBBBCCCCCCCCCCCCCCCCDDDDDDDDDDDDDDDDEEEEEEEEEEEEEEEEFFFFFFFFFFFFFFFFEEEEEEEEEEEEEEEEAAAAAAAAAAAAAAAA",
        );
        let sealed = bytes(
            "17F399F08C67D5EE19D0DC9969C4BB7D5FD46FD3756489069157B282BB200735D82710CA5C22F0CCFA7CBF93D496AC15A56834CBCF98C397B4024A2691233B8D\
             83DE3541E4C2B58177E065A9BF7B62EC",
        );
        let cipher = Cipher::new(&key);
        let done = cipher.0.encrypt(&nonce.into(), Payload { msg: &plain, aad: &with }).unwrap();
        assert_eq!(done, sealed);
        assert_eq!(cipher.open(&with, &[nonce.as_slice(), &sealed].concat()).unwrap(), plain);
    }

    /// That a key is overwritten when it is dropped cannot be looked at without `unsafe`: that it will be is in the types.
    #[test]
    fn keys_are_of_types_that_overwrite_themselves() {
        fn wiped<T: zeroize::ZeroizeOnDrop>(_: &T) {}
        wiped(&key(1).cipher.0);
        wiped(&*key(1).find);
        wiped(&TicketKey::fresh().0.0.0);
        wiped(&TicketKey::fresh().1);
        wiped(&*random_key::<KEY>());
        wiped(&*key(1).derived("log-in"));
    }

    fn key(version: i64) -> DataKey {
        DataKey::new(version, &[7; KEY + FIND]).unwrap()
    }

    const SPOT: Spot<'static> = Spot { jurisdiction: "bj", table: "person", row: &["p1"], column: "name" };

    #[test]
    fn a_text_opens_where_it_stood_and_nowhere_else() {
        let sealed = key(1).seal(&SPOT, "张三");
        assert_eq!(key(1).open(&SPOT, &sealed).unwrap(), "张三");
        assert_ne!(sealed, key(1).seal(&SPOT, "张三"), "no two look alike");
        for moved in [
            Spot { jurisdiction: "sh", ..SPOT },
            Spot { table: "persons", ..SPOT },
            Spot { row: &["p2"], ..SPOT },
            Spot { row: &["p", "1"], ..SPOT },
            Spot { column: "address", ..SPOT },
        ] {
            assert_eq!(key(1).open(&moved, &sealed), Err(KeyError::Damaged), "{moved:?}");
        }
        let relabelled = sealed.replacen("1.", "2.", 1);
        assert_eq!(key(2).open(&SPOT, &relabelled), Err(KeyError::Damaged), "the version belongs to it");
    }

    #[test]
    fn every_flipped_bit_is_noticed() {
        let sealed = decode(key(1).seal(&SPOT, "张三").split_once('.').unwrap().1).unwrap();
        for bit in 0..sealed.len() * 8 {
            let mut flipped = sealed.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(key(1).open(&SPOT, &format!("1.{}", encode(&flipped))), Err(KeyError::Damaged), "bit {bit}");
        }
        for broken in ["", "1", "1.", "1.AAAA", "x.AAAA", "张三", "1.!!!!"] {
            assert_eq!(key(1).open(&SPOT, broken), Err(KeyError::Damaged), "{broken}");
        }
    }

    #[test]
    fn a_value_is_found_by_itself_and_by_nothing_else() {
        let found = key(1).find("phone", "13800000000");
        assert_eq!(found, key(1).find("phone", "13800000000"));
        assert_ne!(found, key(1).find("phone", "13800000001"));
        assert_ne!(found, key(1).find("id", "13800000000"), "each sort apart");
        let other = DataKey::new(1, &[8; KEY + FIND]).unwrap();
        assert_ne!(found, other.find("phone", "13800000000"), "each key apart");
        // HMAC-SM3 of "phone\0" "1" under 32 bytes 07, by OpenSSL: openssl dgst -sm3 -mac HMAC -macopt hexkey:0707…
        assert_eq!(decode(&found).unwrap().len(), FOUND);
    }

    #[test]
    fn a_tickets_key_goes_through_its_secret() {
        let (fresh, secret) = TicketKey::fresh();
        let spot = Spot { jurisdiction: "bj", table: "journal", row: &["BJ-1", "1"], column: "payload" };
        for text in
            ["", "{}", "{\"event\":\"registered\",\"content\":\"楼上漏水，联系13800000000\"}", &"很长".repeat(9_000)]
        {
            let sealed = fresh.seal(&spot, text);
            assert!(of_ticket(&sealed) && !of_ticket(text));
            assert_eq!(TicketKey::read(&secret).unwrap().open(&spot, &sealed).unwrap(), text);
            assert_eq!(TicketKey::fresh().0.open(&spot, &sealed), Err(KeyError::Damaged));
        }
    }
}
