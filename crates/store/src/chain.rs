//! The hash chains of the journal and of the audit journal, written so that an outsider can compute them again from the rows alone.
//!
//! Each jurisdiction has one chain of each. The entries of the journal have `seq` 1, 2, 3, … without a gap. For an entry with the columns
//! `jurisdiction, seq, ticket, version, at, actor, kind, payload`:
//!
//! * `prev` is the `hash` of the entry with `seq - 1`, and is not stored a second time; for `seq = 1` it is [`GENESIS`], 64 digits `0`.
//! * `hash` is SM3 (GB/T 32905-2016) over nine fields, `prev` and then the columns in the order above, written as 64 lower-case hex digits.
//! * Each field enters as its length in bytes (8 bytes, big-endian) followed by its bytes. Text columns enter as the
//!   UTF-8 bytes that are stored, `prev` as its 64 hex digits, and the numbers `seq`, `version` and `at`
//!   (microseconds since 1970-01-01T00:00:00Z) as decimal digits in ASCII with a leading `-` if negative.
//!
//! The audit journal is chained in the same way over `prev, jurisdiction, seq, at, who, role, kind, subject, outcome, reason, detail, origin`.
//! Where its old entries were pruned, `prev` of the first one that is left is the hash kept in `audit_pruned`.
//!
//! The lengths make the boundaries part of what is hashed, so text cannot be moved from one field to the next.

use sm3::{Digest, Sm3};

/// `prev` of the first entry of every chain.
pub const GENESIS: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// The hashed fields of one journal entry, as they are stored.
#[derive(Debug, Clone, Copy)]
pub struct Link<'a> {
    /// Hash of the entry before, 64 lower-case hex digits.
    pub prev: &'a str,
    /// The chain.
    pub jurisdiction: &'a str,
    /// Position in the chain, from 1.
    pub seq: i64,
    /// The ticket's number.
    pub ticket: &'a str,
    /// Position in the ticket's history, from 1.
    pub version: i64,
    /// Microseconds since the epoch.
    pub at: i64,
    /// Who did it.
    pub actor: &'a str,
    /// The kind of event.
    pub kind: &'a str,
    /// JSON as stored.
    pub payload: &'a str,
}

impl Link<'_> {
    /// The entry's hash, 64 lower-case hex digits.
    pub fn hash(&self) -> String {
        let (seq, version, at) = (self.seq.to_string(), self.version.to_string(), self.at.to_string());
        of_fields([self.prev, self.jurisdiction, &seq, self.ticket, &version, &at, self.actor, self.kind, self.payload])
    }
}

/// The hashed fields of one entry of the audit journal, as they are stored.
#[derive(Debug, Clone, Copy)]
pub struct AuditLink<'a> {
    /// Hash of the entry before, 64 lower-case hex digits.
    pub prev: &'a str,
    /// The chain.
    pub jurisdiction: &'a str,
    /// Position in the chain, from 1.
    pub seq: i64,
    /// Microseconds since the epoch.
    pub at: i64,
    /// The texts after `at`, in the order of the columns: who, role, kind, subject, outcome, reason, detail, origin.
    pub texts: [&'a str; 8],
}

impl AuditLink<'_> {
    /// The entry's hash, 64 lower-case hex digits.
    pub fn hash(&self) -> String {
        let (seq, at) = (self.seq.to_string(), self.at.to_string());
        of_fields([self.prev, self.jurisdiction, &seq, &at].into_iter().chain(self.texts))
    }
}

/// SM3 over fields, each with its length before it.
fn of_fields<'a>(fields: impl IntoIterator<Item = &'a str>) -> String {
    let mut sm3 = Sm3::new();
    for field in fields {
        sm3.update((field.len() as u64).to_be_bytes());
        sm3.update(field.as_bytes());
    }
    hex(&sm3.finalize())
}

/// Lower-case hex digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    bytes.iter().flat_map(|b| [DIGITS[usize::from(b >> 4)] as char, DIGITS[usize::from(b & 15)] as char]).collect()
}

/// The bytes of a string of hex digits in either case, or `None`.
pub(crate) fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits = text.as_bytes();
    if !digits.len().is_multiple_of(2) {
        return None;
    }
    let nibble = |d: u8| char::from(d).to_digit(16).map(|n| n as u8);
    digits.chunks_exact(2).map(|pair| Some((nibble(pair[0])? << 4) | nibble(pair[1])?)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sm3_is_the_standard_one() {
        // GB/T 32905-2016, example 1: "abc".
        assert_eq!(hex(&Sm3::digest(b"abc")), "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0");
    }

    #[test]
    fn moving_text_between_fields_changes_the_hash() {
        let link = Link {
            prev: GENESIS,
            jurisdiction: "bj",
            seq: 1,
            ticket: "t",
            version: 1,
            at: 0,
            actor: "ab",
            kind: "c",
            payload: "{}",
        };
        assert_ne!(link.hash(), Link { actor: "a", kind: "bc", ..link }.hash());
        assert_eq!(link.hash().len(), 64);
    }

    #[test]
    fn hex_round_trip() {
        let all: Vec<u8> = (0..=255).collect();
        assert_eq!(unhex(&hex(&all)), Some(all));
        assert_eq!(unhex("0"), None);
        assert_eq!(unhex("zz"), None);
    }
}
