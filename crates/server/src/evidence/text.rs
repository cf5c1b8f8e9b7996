//! An anchor's text: nine lines that a person can read, an outsider can keep, and any program that knows SM2 and SM3 can check.
//!
//! ```text
//! jiesu-anchor 1
//! jurisdiction: shangrao
//! day: 2026-11-22
//! at: 2026-11-21T16:00:00.5Z
//! journal: 7875 5f1e…      position and hash of the last entry of the tickets' journal
//! audit: 230 90ab…         of the audit journal
//! before: 0000…            SM3 of the whole text of the anchor before, 64 zeros for the first
//! key: 04…                 the public key, uncompressed
//! signature: 3045…         SM2 with SM3 over all lines above, signer 1234567812345678, DER
//! ```

use jiesu_domain::Instant;
use jiesu_store::{Head, Heads, chain::GENESIS};

use super::key::{PublicKey, SigningKey};
use crate::app::digest;

const TITLE: &str = "jiesu-anchor 1";
const FIELDS: [&str; 8] = ["jurisdiction", "day", "at", "journal", "audit", "before", "key", "signature"];

/// What an anchor says.
#[derive(Debug, Clone, PartialEq)]
pub struct AnchorText {
    pub jurisdiction: String,
    pub day: String,
    pub at: Instant,
    pub heads: Heads,
    /// SM3 of the anchor before.
    pub before: String,
    pub key: PublicKey,
}

/// A text that is no anchor, or whose signature does not fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Damaged {
    #[error("不是存证文件，或内容不全、被改动过")]
    Form,
    #[error("签名与内容不符：内容或签名被改动过")]
    Signature,
}

impl AnchorText {
    /// Writes and signs one.
    pub fn sign(
        key: &SigningKey,
        jurisdiction: &str,
        day: &str,
        at: Instant,
        heads: &Heads,
        before: Option<&str>,
    ) -> String {
        let said = AnchorText {
            jurisdiction: jurisdiction.to_owned(),
            day: day.to_owned(),
            at,
            heads: heads.clone(),
            before: before.map_or_else(|| GENESIS.to_owned(), digest),
            key: key.public(),
        };
        let unsigned = said.unsigned();
        let signature = key.sign(&unsigned);
        format!("{unsigned}signature: {signature}\n")
    }

    /// Reads one and checks that it was signed with the key that it names. Whose key that is, is not asked here.
    ///
    /// # Errors
    /// It is none, or its signature does not fit.
    pub fn read(text: &str) -> Result<AnchorText, Damaged> {
        let mut lines = text.lines();
        if lines.next() != Some(TITLE) {
            return Err(Damaged::Form);
        }
        let values: Vec<&str> = FIELDS
            .iter()
            .map(|name| lines.next()?.strip_prefix(name)?.strip_prefix(": "))
            .collect::<Option<_>>()
            .ok_or(Damaged::Form)?;
        let said = AnchorText {
            jurisdiction: values[0].to_owned(),
            day: values[1].to_owned(),
            at: values[2].parse().map_err(|_| Damaged::Form)?,
            heads: Heads { journal: head(values[3])?, audit: head(values[4])? },
            before: values[5].to_owned(),
            key: PublicKey::of_point(values[6]).ok_or(Damaged::Form)?,
        };
        // Whatever could be written in two ways, or stands behind the end, is not what was signed.
        let unsigned = said.unsigned();
        if text != format!("{unsigned}signature: {}\n", values[7]) {
            return Err(Damaged::Form);
        }
        if said.key.signed(&unsigned, values[7]) { Ok(said) } else { Err(Damaged::Signature) }
    }

    fn unsigned(&self) -> String {
        let AnchorText { jurisdiction, day, at, heads: Heads { journal, audit }, before, key } = self;
        format!(
            "{TITLE}\njurisdiction: {jurisdiction}\nday: {day}\nat: {at}\njournal: {} {}\naudit: {} {}\nbefore: {before}\nkey: {}\n",
            journal.seq,
            journal.hash,
            audit.seq,
            audit.hash,
            key.point()
        )
    }
}

fn head(said: &str) -> Result<Head, Damaged> {
    let (seq, hash) = said.split_once(' ').ok_or(Damaged::Form)?;
    Ok(Head { seq: seq.parse().map_err(|_| Damaged::Form)?, hash: hash.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signed() -> String {
        let dir = tempfile::tempdir().unwrap();
        let key = SigningKey::make(&dir.path().join("k")).unwrap();
        let head = |seq| Head { seq, hash: GENESIS.into() };
        let heads = Heads { journal: head(7), audit: head(3) };
        AnchorText::sign(&key, "shangrao", "2026-11-22", "2026-11-21T16:00:00.5Z".parse().unwrap(), &heads, None)
    }

    #[test]
    fn what_was_signed_is_read_back() {
        let text = signed();
        let read = AnchorText::read(&text).unwrap();
        assert_eq!((read.jurisdiction.as_str(), read.day.as_str()), ("shangrao", "2026-11-22"));
        assert_eq!((read.heads.journal.seq, read.heads.audit.seq, read.before.as_str()), (7, 3, GENESIS));
        assert_eq!(text.lines().count(), 9);
    }

    #[test]
    fn any_changed_byte_is_found() {
        let text = signed();
        for at in 0..text.len() {
            for bit in [1, 32] {
                let mut bytes = text.clone().into_bytes();
                bytes[at] ^= bit;
                if let Ok(changed) = String::from_utf8(bytes) {
                    assert!(AnchorText::read(&changed).is_err(), "byte {at}: {changed}");
                }
            }
        }
        for other in
            ["", "jiesu-anchor 1\n", &text[..text.len() - 1], &format!("{text}more\n"), &text.replace('\n', "\r\n")]
        {
            assert!(AnchorText::read(other).is_err(), "{other}");
        }
    }

    /// Somebody without this program can check an anchor: OpenSSL 3 knows SM2 and SM3.
    #[test]
    fn openssl_finds_the_signature_right() {
        let run = |args: &[&str], dir: &std::path::Path| {
            std::process::Command::new("openssl").args(args).current_dir(dir).output()
        };
        let dir = tempfile::tempdir().unwrap();
        let key = SigningKey::make(&dir.path().join("k")).unwrap();
        match run(&["version"], dir.path()) {
            Ok(said) if String::from_utf8_lossy(&said.stdout).starts_with("OpenSSL 3") => {}
            other => return println!("skipped: no OpenSSL 3 here ({other:?})"),
        }
        let (text, signature) = ("甲\n", key.sign("甲\n"));
        let der: Vec<u8> =
            (0..signature.len()).step_by(2).map(|i| u8::from_str_radix(&signature[i..i + 2], 16).unwrap()).collect();
        std::fs::write(dir.path().join("text"), text).unwrap();
        std::fs::write(dir.path().join("signature"), der).unwrap();
        let check = [
            "pkeyutl",
            "-verify",
            "-pubin",
            "-inkey",
            "k.pub",
            "-rawin",
            "-digest",
            "sm3",
            "-in",
            "text",
            "-sigfile",
            "signature",
            "-pkeyopt",
            "distid:1234567812345678",
        ];
        let said = run(&check, dir.path()).unwrap();
        assert!(
            said.status.success(),
            "{}{}",
            String::from_utf8_lossy(&said.stdout),
            String::from_utf8_lossy(&said.stderr)
        );
        std::fs::write(dir.path().join("text"), "乙\n").unwrap();
        assert!(!run(&check, dir.path()).unwrap().status.success());
    }
}
